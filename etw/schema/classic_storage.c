/* SPDX-License-Identifier: MIT */
/*
 * classic_storage.c - disks, file names, page faults and samples: not this program's
 * subject, but kernel loggers write them beside what is.
 */
#include "etw/schema/classic_tables.h"

/* clang-format off */

/* ---- DiskIo [documented; sizes of v3 measured]; v3 appends the thread ---- */

static const struct schema_property disk_transfer[] = {
    U32("DiskNumber"), HEX32("IrpFlags"), U32("TransferSize"), U32("Reserved"),
    U64("ByteOffset"), POINTER("FileObject"), POINTER("Irp"), U64("HighResResponseTime"),
    TID("IssuingThreadId"),
};
static const struct schema_property disk_init[] = {POINTER("Irp"), TID("IssuingThreadId")};
static const struct schema_property disk_flush[] = {
    U32("DiskNumber"), HEX32("IrpFlags"), U64("HighResResponseTime"), POINTER("Irp"),
    TID("IssuingThreadId"),
};

#define DISK_GUID                                                                                  \
    GUID_OF(0x3d6fa8d4, 0xfe05, 0x11d0, 0x9d, 0xda, 0x00, 0xc0, 0x4f, 0xd7, 0xba, 0x7c)
#define DISK(...) {.provider = DISK_GUID, CLASSIC_EVENT("DiskIo", __VA_ARGS__)}
#define DISK_BOTH_VERSIONS(opcode, name, list)                                                     \
    DISK(opcode, 2, name, FIRST_OF(list, COUNT_OF(list) - 1)), DISK(opcode, 3, name, ALL_OF(list))

static const struct event_schema disk_events[] = {
    DISK_BOTH_VERSIONS(10, "Read", disk_transfer),
    DISK_BOTH_VERSIONS(11, "Write", disk_transfer),
    DISK_BOTH_VERSIONS(12, "ReadInit", disk_init),
    DISK_BOTH_VERSIONS(13, "WriteInit", disk_init),
    DISK_BOTH_VERSIONS(14, "FlushBuffers", disk_flush),
    DISK_BOTH_VERSIONS(15, "FlushInit", disk_init),
};

const struct classic_class classic_disk_io = {DISK_GUID, disk_events, COUNT_OF(disk_events)};

/* ---- FileIo: names only [documented; measured] ---- */

static const struct schema_property file_name[] = {POINTER("FileObject"), TEXT16("FileName")};

#define FILE_GUID                                                                                  \
    GUID_OF(0x90cbdc39, 0x4a3e, 0x11d1, 0x84, 0xf4, 0x00, 0x00, 0xf8, 0x04, 0x64, 0xe3)
#define NAME_OF(...) {.provider = FILE_GUID, CLASSIC_EVENT("FileIo", __VA_ARGS__)}

static const struct event_schema file_events[] = {
    NAME_OF(0, 2, "Name", ALL_OF(file_name)),
    NAME_OF(32, 2, "FileCreate", ALL_OF(file_name)),
    NAME_OF(35, 2, "FileDelete", ALL_OF(file_name)),
    NAME_OF(36, 2, "FileRundown", ALL_OF(file_name)),
};

const struct classic_class classic_file_io = {FILE_GUID, file_events, COUNT_OF(file_events)};

/* ---- PageFault: hard faults only [documented; size measured] ---- */

static const struct schema_property hard_fault[] = {
    U64("InitialTime"), U64("ReadOffset"), POINTER("VirtualAddress"), POINTER("FileObject"),
    TID("TThreadId"), U32("ByteCount"),
};

#define FAULT_GUID                                                                                 \
    GUID_OF(0x3d6fa8d3, 0xfe05, 0x11d0, 0x9d, 0xda, 0x00, 0xc0, 0x4f, 0xd7, 0xba, 0x7c)

static const struct event_schema fault_events[] = {
    {.provider = FAULT_GUID, CLASSIC_EVENT("PageFault", 32, 2, "HardFault", ALL_OF(hard_fault))},
};

const struct classic_class classic_page_fault = {FAULT_GUID, fault_events,
                                                 COUNT_OF(fault_events)};

/* ---- PerfInfo: samples, and marks that people set [measured] ---- */

static const struct schema_property mark[] = {TEXT8("Text")};
static const struct schema_property sample[] = {
    POINTER("InstructionPointer"), TID("ThreadId"), U16("Count"), U16("Reserved"),
};
static const struct schema_property collection[] = {
    U32("Source"), U32("NewInterval"), U32("OldInterval"), TEXT16("SourceName"),
};

#define PERF_GUID                                                                                  \
    GUID_OF(0xce1dbfb4, 0x137e, 0x4da6, 0x87, 0xb0, 0x3f, 0x59, 0xaa, 0x10, 0x2c, 0xbc)
#define PERF(...) {.provider = PERF_GUID, CLASSIC_EVENT("PerfInfo", __VA_ARGS__)}

static const struct event_schema perf_events[] = {
    PERF(34, 0, "Mark", ALL_OF(mark)),
    PERF(46, 2, "Sample", ALL_OF(sample)),
    PERF(73, 3, "CollectionStart", ALL_OF(collection)),
    PERF(74, 3, "CollectionEnd", ALL_OF(collection)),
};

const struct classic_class classic_perf_info = {PERF_GUID, perf_events, COUNT_OF(perf_events)};
/* clang-format on */
