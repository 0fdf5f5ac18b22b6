/* SPDX-License-Identifier: MIT */
/*
 * classic_process.c - processes, threads and images, as the kernel logger has them.
 */
#include "etw/schema/classic_tables.h"

/* clang-format off */

/* ---- Process ---- */

/* [documented: "Process" classes; bits measured] */
static const struct etw_map_entry process_flag_entries[] = {
    {1, "PackageId"}, {2, "Wow64"}, {4, "Protected"}, {8, "Packaged"},
};
static const struct etw_map process_flags = {
    "ProcessFlags", true, process_flag_entries, COUNT_OF(process_flag_entries)};

/* [documented] Windows 2000 */
static const struct schema_property process_v0[] = {
    PROPERTY("ProcessId", IN_POINTER, OUT_PID), PROPERTY("ParentId", IN_POINTER, OUT_PID),
    USER_SID("UserSID"), TEXT8("ImageFileName"),
};

/* [documented; measured with made events] Windows XP. An exit status is a program's
 * own number more often than an NTSTATUS, so it gets no name. */
static const struct schema_property process_v1[] = {
    POINTER("PageDirectoryBase"), PID("ProcessId"), PID("ParentId"), U32("SessionId"),
    HEX32("ExitStatus"), USER_SID("UserSID"), TEXT8("ImageFileName"),
};

/* [documented; measured with made events] Vista */
static const struct schema_property process_v2[] = {
    POINTER("UniqueProcessKey"), PID("ProcessId"), PID("ParentId"), U32("SessionId"),
    HEX32("ExitStatus"), USER_SID("UserSID"), TEXT8("ImageFileName"), TEXT16("CommandLine"),
};

/* [measured] Windows 7 */
static const struct schema_property process_v3[] = {
    POINTER("UniqueProcessKey"), PID("ProcessId"), PID("ParentId"), U32("SessionId"),
    HEX32("ExitStatus"), POINTER("DirectoryTableBase"), USER_SID("UserSID"),
    TEXT8("ImageFileName"), TEXT16("CommandLine"),
};

/* [measured] v4: Windows 8. v5: Windows 10, of Defunct alone, with the time of the
 * process's end. */
static const struct schema_property process_v5[] = {
    POINTER("UniqueProcessKey"), PID("ProcessId"), PID("ParentId"), U32("SessionId"),
    HEX32("ExitStatus"), POINTER("DirectoryTableBase"), MAPPED("Flags", IN_UINT32, process_flags),
    USER_SID("UserSID"), TEXT8("ImageFileName"), TEXT16("CommandLine"),
    TEXT16("PackageFullName"), TEXT16("ApplicationId"), FILETIME("ExitTime"),
};
#define PROCESS_V4_COUNT 12

/* [measured] */
static const struct schema_property process_terminate[] = {PID("ProcessId")};

/* [documented; size measured] */
static const struct schema_property process_counters[] = {
    PID("ProcessId"), U32("PageFaultCount"), U32("HandleCount"), U32("Reserved"),
    SIZE("PeakVirtualSize"), SIZE("PeakWorkingSetSize"), SIZE("PeakPagefileUsage"),
    SIZE("QuotaPeakPagedPoolUsage"), SIZE("QuotaPeakNonPagedPoolUsage"), SIZE("VirtualSize"),
    SIZE("WorkingSetSize"), SIZE("PagefileUsage"), SIZE("QuotaPagedPoolUsage"),
    SIZE("QuotaNonPagedPoolUsage"), SIZE("PrivatePageCount"),
};

#define PROCESS_GUID                                                                               \
    GUID_OF(0x3d6fa8d0, 0xfe05, 0x11d0, 0x9d, 0xda, 0x00, 0xc0, 0x4f, 0xd7, 0xba, 0x7c)
#define PROCESS(...) {.provider = PROCESS_GUID, CLASSIC_EVENT("Process", __VA_ARGS__)}
#define PROCESS_EVERY_VERSION(opcode, name)                                                        \
    PROCESS(opcode, 0, name, ALL_OF(process_v0)),                                                  \
    PROCESS(opcode, 1, name, ALL_OF(process_v1)),                                                  \
    PROCESS(opcode, 2, name, ALL_OF(process_v2)),                                                  \
    PROCESS(opcode, 3, name, ALL_OF(process_v3)),                                                  \
    PROCESS(opcode, 4, name, FIRST_OF(process_v5, PROCESS_V4_COUNT))

static const struct event_schema process_events[] = {
    PROCESS_EVERY_VERSION(1, "Start"),
    PROCESS_EVERY_VERSION(2, "Stop"),
    PROCESS_EVERY_VERSION(3, "DCStart"),
    PROCESS_EVERY_VERSION(4, "DCStop"),
    PROCESS(11, 2, "Terminate", ALL_OF(process_terminate)),
    PROCESS(32, 2, "PerfCtr", ALL_OF(process_counters)),
    PROCESS(33, 2, "PerfCtrRundown", ALL_OF(process_counters)),
    PROCESS(39, 2, "Defunct", ALL_OF(process_v2)),
    PROCESS(39, 3, "Defunct", ALL_OF(process_v3)),
    PROCESS(39, 4, "Defunct", FIRST_OF(process_v5, PROCESS_V4_COUNT)),
    PROCESS(39, 5, "Defunct", ALL_OF(process_v5)),
};

const struct classic_class classic_process = {PROCESS_GUID, process_events,
                                              COUNT_OF(process_events)};

/* ---- Thread ---- */

/* [documented] The thread first, in no other version. */
static const struct schema_property thread_v0[] = {TID("TThreadId"), PID("ProcessId")};

/* [documented] The end of a thread has the two numbers alone. */
static const struct schema_property thread_v1[] = {
    PID("ProcessId"), TID("TThreadId"), POINTER("StackBase"), POINTER("StackLimit"),
    POINTER("UserStackBase"), POINTER("UserStackLimit"), POINTER("StartAddr"),
    POINTER("Win32StartAddr"), I8("WaitMode"),
};
#define THREAD_V1_END_COUNT 2

/* [documented] */
static const struct schema_property thread_v2[] = {
    PID("ProcessId"), TID("TThreadId"), POINTER("StackBase"), POINTER("StackLimit"),
    POINTER("UserStackBase"), POINTER("UserStackLimit"), POINTER("StartAddr"),
    POINTER("Win32StartAddr"), POINTER("TebBase"), U32("SubProcessTag"),
};

/* [measured] The name since Windows 10, under the same version. */
static const struct schema_property thread_v3[] = {
    PID("ProcessId"), TID("TThreadId"), POINTER("StackBase"), POINTER("StackLimit"),
    POINTER("UserStackBase"), POINTER("UserStackLimit"), POINTER("Affinity"),
    POINTER("Win32StartAddr"), POINTER("TebBase"), U32("SubProcessTag"), U8("BasePriority"),
    U8("PagePriority"), U8("IoPriority"), HEX8("ThreadFlags"),
    OPTIONAL("ThreadName", IN_UNICODE_STRING, OUT_DEFAULT),
};

/* [documented: PerfView; size measured] */
static const struct schema_property thread_set_name[] = {
    PID("ProcessId"), TID("TThreadId"), TEXT16("ThreadName"),
};

#define THREAD_GUID                                                                                \
    GUID_OF(0x3d6fa8d1, 0xfe05, 0x11d0, 0x9d, 0xda, 0x00, 0xc0, 0x4f, 0xd7, 0xba, 0x7c)
#define THREAD(...) {.provider = THREAD_GUID, CLASSIC_EVENT("Thread", __VA_ARGS__)}
#define THREAD_EVERY_VERSION(opcode, name, count_v1)                                               \
    THREAD(opcode, 0, name, ALL_OF(thread_v0)),                                                    \
    THREAD(opcode, 1, name, FIRST_OF(thread_v1, count_v1)),                                        \
    THREAD(opcode, 2, name, ALL_OF(thread_v2)),                                                    \
    THREAD(opcode, 3, name, ALL_OF(thread_v3))

static const struct event_schema thread_events[] = {
    THREAD_EVERY_VERSION(1, "Start", COUNT_OF(thread_v1)),
    THREAD_EVERY_VERSION(2, "Stop", THREAD_V1_END_COUNT),
    THREAD_EVERY_VERSION(3, "DCStart", COUNT_OF(thread_v1)),
    THREAD_EVERY_VERSION(4, "DCStop", THREAD_V1_END_COUNT),
    THREAD(72, 2, "SetName", ALL_OF(thread_set_name)),
};

const struct classic_class classic_thread = {THREAD_GUID, thread_events, COUNT_OF(thread_events)};

/* ---- Image ---- */

/* [measured with made events] */
static const struct schema_property image_v0[] = {
    POINTER("ImageBase"), U32("ImageSize"), TEXT16("FileName"),
};

/* [documented] */
static const struct schema_property image_v1[] = {
    POINTER("ImageBase"), SIZE("ImageSize"), PID("ProcessId"), TEXT16("FileName"),
};

/* [measured] */
static const struct schema_property image_v2[] = {
    POINTER("ImageBase"), SIZE("ImageSize"), PID("ProcessId"), HEX32("ImageChecksum"),
    HEX32("TimeDateStamp"), U32("Reserved0"), POINTER("DefaultBase"), U32("Reserved1"),
    U32("Reserved2"), U32("Reserved3"), U32("Reserved4"), TEXT16("FileName"),
};

/* [measured] */
static const struct schema_property image_v3[] = {
    POINTER("ImageBase"), SIZE("ImageSize"), PID("ProcessId"), HEX32("ImageChecksum"),
    HEX32("TimeDateStamp"), U8("SignatureLevel"), U8("SignatureType"), U16("Reserved0"),
    POINTER("DefaultBase"), U32("Reserved1"), U32("Reserved2"), U32("Reserved3"),
    U32("Reserved4"), TEXT16("FileName"),
};

/* [measured] */
static const struct schema_property image_address[] = {POINTER("ImageBase")};

#define IMAGE_GUID                                                                                 \
    GUID_OF(0x2cb15d1d, 0x5fc1, 0x11d2, 0xab, 0xe1, 0x00, 0xa0, 0xc9, 0x11, 0xf5, 0x18)
#define IMAGE(...) {.provider = IMAGE_GUID, CLASSIC_EVENT("Image", __VA_ARGS__)}
#define IMAGE_EVERY_VERSION(opcode, name)                                                          \
    IMAGE(opcode, 0, name, ALL_OF(image_v0)),                                                      \
    IMAGE(opcode, 1, name, ALL_OF(image_v1)),                                                      \
    IMAGE(opcode, 2, name, ALL_OF(image_v2)),                                                      \
    IMAGE(opcode, 3, name, ALL_OF(image_v3))

static const struct event_schema image_events[] = {
    IMAGE_EVERY_VERSION(2, "Unload"),
    IMAGE_EVERY_VERSION(3, "DCStart"),
    IMAGE_EVERY_VERSION(4, "DCStop"),
    IMAGE_EVERY_VERSION(10, "Load"),
    IMAGE(33, 2, "KernelBase", ALL_OF(image_address)),
    IMAGE(34, 2, "HypercallPage", ALL_OF(image_address)),
};

const struct classic_class classic_image = {IMAGE_GUID, image_events, COUNT_OF(image_events)};

/* ---- StackWalk ---- */

/* [measured] Stacks are addresses up to the end of the payload; their number
 * stands nowhere, so they are bytes here. */
static const struct schema_property stack_walk[] = {
    U64("EventTimeStamp"), PID("StackProcess"), TID("StackThread"), BYTES_REST("Stack"),
};
static const struct schema_property stack_of_key[] = {POINTER("StackKey"), BYTES_REST("Stack")};
static const struct schema_property stack_key[] = {
    U64("EventTimeStamp"), PID("StackProcess"), TID("StackThread"), POINTER("StackKey"),
};

#define STACK_GUID                                                                                 \
    GUID_OF(0xdef2fe46, 0x7bd6, 0x4b80, 0xbd, 0x94, 0xf5, 0x7f, 0xe2, 0x0d, 0x0c, 0xe3)
#define STACK(...) {.provider = STACK_GUID, CLASSIC_EVENT("StackWalk", __VA_ARGS__)}

static const struct event_schema stack_events[] = {
    STACK(32, 2, "Stack", ALL_OF(stack_walk)),
    STACK(34, 2, "KeyCreate", ALL_OF(stack_of_key)),
    STACK(35, 2, "KeyDelete", ALL_OF(stack_of_key)),
    STACK(36, 2, "KeyRundown", ALL_OF(stack_of_key)),
    STACK(37, 2, "StackKeyKernel", ALL_OF(stack_key)),
    STACK(38, 2, "StackKeyUser", ALL_OF(stack_key)),
};

const struct classic_class classic_stack_walk = {STACK_GUID, stack_events,
                                                 COUNT_OF(stack_events)};
/* clang-format on */
