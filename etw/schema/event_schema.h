/* SPDX-License-Identifier: MIT */
/*
 * event_schema.h - the schema of one event as it was found, whatever its form:
 * TRACE_EVENT_INFO in the trace, TraceLogging metadata, a manifest. All forms
 * become this one; decoding knows only this one.
 *
 * Schemas, their texts and maps live in the arena of the store that owns them and
 * never move.
 */
#ifndef ETW_SCHEMA_EVENT_SCHEMA_H
#define ETW_SCHEMA_EVENT_SCHEMA_H

#include <stdbool.h>
#include <stdint.h>

#include "etw/base/guid.h"
#include "etw/fields.h"

/* TDH in-types, by their own numbers [documented: tdh.h]. TraceLogging uses the same. */
enum schema_in_type {
    IN_NULL = 0,
    IN_UNICODE_STRING = 1,
    IN_ANSI_STRING = 2,
    IN_INT8 = 3,
    IN_UINT8 = 4,
    IN_INT16 = 5,
    IN_UINT16 = 6,
    IN_INT32 = 7,
    IN_UINT32 = 8,
    IN_INT64 = 9,
    IN_UINT64 = 10,
    IN_FLOAT = 11,
    IN_DOUBLE = 12,
    IN_BOOLEAN = 13, /* 4 bytes */
    IN_BINARY = 14,
    IN_GUID = 15,
    IN_POINTER = 16,
    IN_FILETIME = 17,
    IN_SYSTEMTIME = 18,
    IN_SID = 19,
    IN_HEXINT32 = 20,
    IN_HEXINT64 = 21,
    IN_MANIFEST_COUNTED_STRING = 22,
    IN_MANIFEST_COUNTED_ANSI_STRING = 23,
    IN_STRUCT = 24, /* TraceLogging */
    IN_MANIFEST_COUNTED_BINARY = 25,
    IN_COUNTED_STRING = 300,
    IN_COUNTED_ANSI_STRING = 301,
    IN_REVERSED_COUNTED_STRING = 302,
    IN_REVERSED_COUNTED_ANSI_STRING = 303,
    IN_NON_NULL_TERMINATED_STRING = 304,
    IN_NON_NULL_TERMINATED_ANSI_STRING = 305,
    IN_UNICODE_CHAR = 306,
    IN_ANSI_CHAR = 307,
    IN_SIZET = 308,
    IN_HEXDUMP = 309,
    IN_WBEM_SID = 310
};

/* TDH out-types, by their own numbers. TraceLogging's differ and are translated. */
enum schema_out_type {
    OUT_DEFAULT = 0,
    OUT_STRING = 1,
    OUT_DATETIME = 2,
    OUT_BOOLEAN = 13,
    OUT_GUID = 14,
    OUT_HEXBINARY = 15,
    OUT_HEXINT8 = 16,
    OUT_HEXINT16 = 17,
    OUT_HEXINT32 = 18,
    OUT_HEXINT64 = 19,
    OUT_PID = 20,
    OUT_TID = 21,
    OUT_PORT = 22, /* u16, big-endian in memory */
    OUT_IPV4 = 23,
    OUT_IPV6 = 24,
    OUT_SOCKETADDRESS = 25,
    OUT_CIMDATETIME = 26,
    OUT_ETWTIME = 27,
    OUT_XML = 28,
    OUT_ERRORCODE = 29,
    OUT_WIN32ERROR = 30,
    OUT_NTSTATUS = 31,
    OUT_HRESULT = 32,
    OUT_CULTURE_INSENSITIVE_DATETIME = 33,
    OUT_JSON = 34,
    OUT_UTF8 = 35,
    OUT_PKCS7 = 36,
    OUT_CODE_POINTER = 37,
    OUT_DATETIME_UTC = 38,
    /* Of our own, beyond Windows' numbers. */
    OUT_SIGNED = 1000, /* TraceLogging */
    OUT_UNSIGNED = 1001,
    OUT_HEX = 1002,          /* of whatever width */
    OUT_PACKED_TEXT16 = 1003 /* of binary data: LZNT1 of a UTF-16 text */
};

enum schema_property_flag {
    PROPERTY_IS_STRUCT = 0x1,
    PROPERTY_LENGTH_FROM = 0x2,   /* `length` is the number of the property that has it */
    PROPERTY_COUNT_FROM = 0x4,    /* `count` is the number of the property that has it */
    PROPERTY_FIXED_LENGTH = 0x10, /* `length` counts even when it is 0 */
    PROPERTY_FIXED_COUNT = 0x20,  /* an array even when `count` is 1 */
    PROPERTY_COUNTED = 0x100,     /* u16 count before the elements (TraceLogging) */
    PROPERTY_IS_OPTIONAL = 0x200  /* newer versions append it under the same version */
};

struct schema_property {
    const char *name;      /* UTF-8 */
    uint16_t in_type;      /* enum schema_in_type */
    uint16_t out_type;     /* enum schema_out_type */
    uint16_t flags;        /* enum schema_property_flag */
    uint16_t count;        /* elements: fixed number, or property number; 0 or 1: one */
    uint16_t length;       /* characters of IN_UNICODE_STRING, bytes of ANSI and BINARY */
    uint16_t first_member; /* PROPERTY_IS_STRUCT: number of its first member */
    uint16_t member_count;
    const struct etw_map *map; /* NULL: none */
};

#define SCHEMA_PROPERTIES_MAXIMUM 1024
#define SCHEMA_DEPTH_MAXIMUM      8

struct event_schema {
    struct guid provider; /* of classic events: their class */
    uint16_t id;          /* of classic events: the opcode */
    uint8_t version;
    bool is_classic;
    enum etw_schema_source source;
    const char *origin;        /* "Microsoft-Windows-TCPIP@17134", a file name; NULL */
    const char *provider_name; /* NULL: not known */
    const char *event_name;    /* task name or event name; NULL: not known */
    const char *message;       /* NULL: none */
    const struct schema_property *properties; /* struct members behind the top-level ones */
    uint16_t property_count;
    uint16_t top_level_count;
    /* Windows versions that log other fields under the same event version: all of them,
     * the likeliest first. NULL: there is this one alone. Set by the store. */
    const struct event_schema *first_layout;
    struct event_schema *next_layout;
};

/* True when numbers, counts, lengths and struct members stay inside the schema,
 * refer backwards only, and structs do not contain themselves. Every schema from
 * outside passes this before it is used. */
bool event_schema_is_sound(const struct event_schema *schema);

#endif
