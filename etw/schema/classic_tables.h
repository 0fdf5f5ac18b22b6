/* SPDX-License-Identifier: MIT */
/*
 * classic_tables.h - the form of the tables that classic_schemas.c looks up.
 *
 * To support a further event: a list of its properties and a row in its class's
 * table. A further class: a table, a struct classic_class here and in
 * classic_classes[].
 *
 * Names of events are those that Microsoft's tools show, names of properties those
 * of the MOF classes; fields without a name there have one of ours. [documented] is
 * Microsoft's documentation of these classes, [measured] real traces.
 */
#ifndef ETW_SCHEMA_CLASSIC_TABLES_H
#define ETW_SCHEMA_CLASSIC_TABLES_H

#include <stddef.h>

#include "etw/base/guid.h"
#include "etw/schema/event_schema.h"

struct classic_class {
    struct guid guid;
    const struct event_schema *events; /* ascending by id (the opcode), then version */
    size_t event_count;
};

extern const struct classic_class classic_process;
extern const struct classic_class classic_thread;
extern const struct classic_class classic_image;
extern const struct classic_class classic_tcpip;
extern const struct classic_class classic_udpip;
extern const struct classic_class classic_stack_walk;
extern const struct classic_class classic_system_config;
extern const struct classic_class classic_system_config_ex;
extern const struct classic_class classic_image_id;
extern const struct classic_class classic_event_trace;
extern const struct classic_class classic_lost_event;
extern const struct classic_class classic_event_metadata;
extern const struct classic_class classic_winsat;
extern const struct classic_class classic_disk_io;
extern const struct classic_class classic_file_io;
extern const struct classic_class classic_page_fault;
extern const struct classic_class classic_perf_info;

extern const struct classic_class *const classic_classes[];
extern const size_t classic_class_count;

#define COUNT_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

/* ---- a property; SIZE is a number as wide as a pointer ---- */

#define PROPERTY(name_, in, out)                                                                   \
    {                                                                                              \
        .name = (name_), .in_type = (in), .out_type = (out)                                        \
    }
#define SIZED(name_, in, out, size)                                                                \
    {                                                                                              \
        .name = (name_), .in_type = (in), .out_type = (out), .flags = PROPERTY_FIXED_LENGTH,       \
        .length = (size)                                                                           \
    }
#define OPTIONAL(name_, in, out)                                                                   \
    {                                                                                              \
        .name = (name_), .in_type = (in), .out_type = (out), .flags = PROPERTY_IS_OPTIONAL         \
    }
/* As many as property number `from` says. */
#define COUNTED(name_, in, from)                                                                   \
    {                                                                                              \
        .name = (name_), .in_type = (in), .flags = PROPERTY_COUNT_FROM, .count = (from)            \
    }
#define MAPPED(name_, in, map_)                                                                    \
    {                                                                                              \
        .name = (name_), .in_type = (in), .map = &(map_)                                           \
    }

#define U8(name)             PROPERTY(name, IN_UINT8, OUT_DEFAULT)
#define U16(name)            PROPERTY(name, IN_UINT16, OUT_DEFAULT)
#define U32(name)            PROPERTY(name, IN_UINT32, OUT_DEFAULT)
#define U64(name)            PROPERTY(name, IN_UINT64, OUT_DEFAULT)
#define I8(name)             PROPERTY(name, IN_INT8, OUT_DEFAULT)
#define I16(name)            PROPERTY(name, IN_INT16, OUT_DEFAULT)
#define I32(name)            PROPERTY(name, IN_INT32, OUT_DEFAULT)
#define I64(name)            PROPERTY(name, IN_INT64, OUT_DEFAULT)
#define HEX8(name)           PROPERTY(name, IN_UINT8, OUT_HEXINT8)
#define HEX32(name)          PROPERTY(name, IN_UINT32, OUT_HEXINT32)
#define HEX64(name)          PROPERTY(name, IN_UINT64, OUT_HEXINT64)
#define POINTER(name)        PROPERTY(name, IN_POINTER, OUT_DEFAULT)
#define SIZE(name)           PROPERTY(name, IN_SIZET, OUT_UNSIGNED)
#define PID(name)            PROPERTY(name, IN_UINT32, OUT_PID)
#define TID(name)            PROPERTY(name, IN_UINT32, OUT_TID)
#define PORT(name)           PROPERTY(name, IN_UINT16, OUT_PORT)
#define IPV4(name)           PROPERTY(name, IN_UINT32, OUT_IPV4)
#define IPV6(name)           SIZED(name, IN_BINARY, OUT_IPV6, 16)
#define GUID(name)           PROPERTY(name, IN_GUID, OUT_DEFAULT)
#define FILETIME(name)       PROPERTY(name, IN_FILETIME, OUT_DEFAULT)
#define USER_SID(name)       PROPERTY(name, IN_WBEM_SID, OUT_DEFAULT)
#define TEXT8(name)          PROPERTY(name, IN_ANSI_STRING, OUT_DEFAULT)
#define TEXT16(name)         PROPERTY(name, IN_UNICODE_STRING, OUT_DEFAULT)
#define CHARS16(name, count) SIZED(name, IN_UNICODE_STRING, OUT_DEFAULT, count)
#define BYTES(name, size)    SIZED(name, IN_BINARY, OUT_HEXBINARY, size)
/* The last one: all that is left, which may be nothing. */
#define BYTES_REST(name)         OPTIONAL(name, IN_BINARY, OUT_HEXBINARY)
#define PACKED_TEXT16_REST(name) OPTIONAL(name, IN_BINARY, OUT_PACKED_TEXT16)

/* ---- an event: members of its event_schema ---- */

/* A whole list of properties, or the first ones of the list of a newer version. */
#define ALL_OF(list)          (list), COUNT_OF(list)
#define FIRST_OF(list, count) (list), (count)
#define NOTHING               NULL, 0

#define CLASSIC_EVENT(class_name, opcode, version_, name, ...)                                     \
    .id = (opcode), .version = (version_), .is_classic = true, .source = ETW_SCHEMA_BUILT_IN,      \
    .provider_name = (class_name), .event_name = (name), CLASSIC_PROPERTIES(__VA_ARGS__)
#define CLASSIC_PROPERTIES(...) CLASSIC_PROPERTIES_OF(__VA_ARGS__)
#define CLASSIC_PROPERTIES_OF(list, count)                                                         \
    .properties = (list), .property_count = (count), .top_level_count = (count)

#endif
