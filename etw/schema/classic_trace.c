/* SPDX-License-Identifier: MIT */
/*
 * classic_trace.c - events about the trace itself: its header, its beginning and end,
 * its losses, and what merging adds about images and schemas.
 */
#include "etw/schema/classic_tables.h"

/* clang-format off */

/* ---- EventTrace ---- */

/*
 * TRACE_LOGFILE_HEADER [documented: evntrace.h; measured]. The first LoggerName and
 * LogFileName are pointers without a meaning in a file, the texts follow at the end.
 * The two dates of the time zone are rules (fifth Sunday of October), not days, so
 * they stay the eight numbers of a SYSTEMTIME.
 */
#define DATE_RULE(name_)                                                                           \
    {.name = (name_), .in_type = IN_UINT16, .flags = PROPERTY_FIXED_COUNT, .count = 8}
#define HEADER_COUNT    24
#define TIME_ZONE_COUNT 7
static const struct schema_property header[] = {
    U32("BufferSize"), HEX32("Version"), U32("ProviderVersion"), U32("NumberOfProcessors"),
    FILETIME("EndTime"), U32("TimerResolution"), U32("MaxFileSize"), HEX32("LogFileMode"),
    U32("BuffersWritten"), U32("StartBuffers"), U32("PointerSize"), U32("EventsLost"),
    U32("CPUSpeed"), POINTER("LoggerName"), POINTER("LogFileName"),
    {.name = "TimeZoneInformation", .flags = PROPERTY_IS_STRUCT, .first_member = HEADER_COUNT,
     .member_count = TIME_ZONE_COUNT},
    U32("Padding"), FILETIME("BootTime"), I64("PerfFreq"), FILETIME("StartTime"),
    U32("ReservedFlags"), U32("BuffersLost"), TEXT16("SessionNameString"),
    TEXT16("LogFileNameString"),
    /* members of TimeZoneInformation */
    I32("Bias"), CHARS16("StandardName", 32), DATE_RULE("StandardDate"), I32("StandardBias"),
    CHARS16("DaylightName", 32), DATE_RULE("DaylightDate"), I32("DaylightBias"),
};

/* [measured] The session's group masks and the version of the kernel's events. */
static const struct schema_property extension[] = {
    HEX32("GroupMask1"), HEX32("GroupMask2"), HEX32("GroupMask3"), HEX32("GroupMask4"),
    HEX32("GroupMask5"), HEX32("GroupMask6"), HEX32("GroupMask7"), HEX32("GroupMask8"),
    U32("KernelEventVersion"),
};

/* [measured] The file of debugging information that belongs to a private logger's module. */
static const struct schema_property module_debug_id[] = {
    GUID("GuidSig"), U32("Age"), TEXT8("PdbFileName"),
};
static const struct schema_property build_lab[] = {TEXT8("BuildLab")};
/* [documented: names of hooks only] */
static const struct schema_property binary_path[] = {TEXT16("ProviderBinaryPath")};
/* [measured] All zero wherever it was seen. */
static const struct schema_property partition[] = {BYTES("PartitionInformation", 48)};
/* [measured] One time per CPU. */
static const struct schema_property last_dropped[] = {
    U32("NumberOfProcessors"), U32("Padding"), COUNTED("LastDroppedTimes", IN_UINT64, 0),
};

#define TRACE_GUID                                                                                 \
    GUID_OF(0x68fdd900, 0x4a3e, 0x11d1, 0x84, 0xf4, 0x00, 0x00, 0xf8, 0x04, 0x64, 0xe3)
#define TRACE(...) {.provider = TRACE_GUID, CLASSIC_EVENT("EventTrace", __VA_ARGS__)}
#define HEADER(version_)                                                                           \
    {.provider = TRACE_GUID, .id = 0, .version = (version_), .is_classic = true,                   \
     .source = ETW_SCHEMA_BUILT_IN, .provider_name = "EventTrace", .event_name = "Header",         \
     .properties = header, .property_count = COUNT_OF(header), .top_level_count = HEADER_COUNT}

/* Private loggers write version 0 of the header. */
static const struct event_schema trace_events[] = {
    HEADER(0),
    HEADER(2),
    TRACE(5, 2, "Extension", ALL_OF(extension)),
    TRACE(8, 2, "RundownComplete", NOTHING),
    TRACE(32, 2, "EndExtension", ALL_OF(extension)),
    TRACE(64, 2, "DbgIdRSDS", ALL_OF(module_debug_id)),
    TRACE(66, 2, "BuildLab", ALL_OF(build_lab)),
    TRACE(67, 2, "ProviderBinaryPath", ALL_OF(binary_path)),
    TRACE(80, 2, "PartitionInfo", ALL_OF(partition)),
    TRACE(82, 2, "LastDroppedTimes", ALL_OF(last_dropped)),
};

const struct classic_class classic_event_trace = {TRACE_GUID, trace_events,
                                                  COUNT_OF(trace_events)};

/* ---- what was lost: only real-time sessions log it [documented] ---- */

#define LOST_GUID                                                                                  \
    GUID_OF(0x6a399ae0, 0x4bc6, 0x4de9, 0x87, 0x0b, 0x36, 0x57, 0xf8, 0x94, 0x7e, 0x7e)
#define LOST(...) {.provider = LOST_GUID, CLASSIC_EVENT("LostEvent", __VA_ARGS__)}

static const struct event_schema lost_events[] = {
    LOST(32, 0, "RTLostEvent", NOTHING),
    LOST(33, 0, "RTLostBuffer", NOTHING),
    LOST(34, 0, "RTLostFile", NOTHING),
};

const struct classic_class classic_lost_event = {LOST_GUID, lost_events, COUNT_OF(lost_events)};

/* ---- EventMetadata: schemas; what they say is schema_in_trace.c's matter [measured] ---- */

static const struct schema_property event_info[] = {
    GUID("ProviderGuid"), GUID("EventGuid"), BYTES_REST("EventInfo"),
};
static const struct schema_property event_map_info[] = {
    GUID("ProviderGuid"), BYTES_REST("EventMapInfo"),
};

#define METADATA_GUID                                                                              \
    GUID_OF(0xbbccf6c1, 0x6cd1, 0x48c4, 0x80, 0xff, 0x83, 0x94, 0x82, 0xe3, 0x76, 0x71)
#define METADATA(...) {.provider = METADATA_GUID, CLASSIC_EVENT("EventMetadata", __VA_ARGS__)}

static const struct event_schema metadata_events[] = {
    METADATA(32, 0, "EventInfo", ALL_OF(event_info)),
    METADATA(33, 0, "EventMapInfo", ALL_OF(event_map_info)),
};

const struct classic_class classic_event_metadata = {METADATA_GUID, metadata_events,
                                                     COUNT_OF(metadata_events)};

/* ---- ImageID: what identifies an image and its debugging information ---- */

/* [documented: PerfView; measured] */
static const struct schema_property image_id[] = {
    POINTER("ImageBase"), SIZE("ImageSize"), PID("ProcessId"), HEX32("TimeDateStamp"),
    TEXT16("OriginalFileName"),
};
static const struct schema_property debug_id[] = {
    POINTER("ImageBase"), PID("ProcessId"), GUID("GuidSig"), U32("Age"), TEXT8("PdbFileName"),
};
static const struct schema_property no_debug_id[] = {POINTER("ImageBase"), PID("ProcessId")};
/* [guessed] No file was seen. */
static const struct schema_property deterministic[] = {
    POINTER("ImageBase"), PID("ProcessId"), BYTES_REST("Data"),
};
/* [measured] */
static const struct schema_property file_version[] = {
    U32("ImageSize"), HEX32("TimeDateStamp"), TEXT16("OrigFileName"), TEXT16("FileDescription"),
    TEXT16("FileVersion"), TEXT16("BinFileVersion"), TEXT16("VerLanguage"),
    TEXT16("ProductName"), TEXT16("CompanyName"), TEXT16("ProductVersion"), TEXT16("FileId"),
    TEXT16("ProgramId"),
};

#define IMAGE_ID_GUID                                                                              \
    GUID_OF(0xb3e675d7, 0x2554, 0x4f18, 0x83, 0x0b, 0x27, 0x62, 0x73, 0x25, 0x60, 0xde)
#define IMAGE_ID(...) {.provider = IMAGE_ID_GUID, CLASSIC_EVENT("ImageID", __VA_ARGS__)}

static const struct event_schema image_id_events[] = {
    IMAGE_ID(0, 2, "Info", ALL_OF(image_id)),
    IMAGE_ID(32, 2, "None", ALL_OF(no_debug_id)),
    IMAGE_ID(36, 2, "DbgID_RSDS", ALL_OF(debug_id)),
    IMAGE_ID(37, 2, "DbgID_ILRSDS", ALL_OF(debug_id)),
    IMAGE_ID(38, 2, "DbgID_PPDB", ALL_OF(debug_id)),
    IMAGE_ID(40, 2, "DbgID_Deterministic", ALL_OF(deterministic)),
    IMAGE_ID(64, 0, "FileVersion", ALL_OF(file_version)),
};

const struct classic_class classic_image_id = {IMAGE_ID_GUID, image_id_events,
                                               COUNT_OF(image_id_events)};
/* clang-format on */
