/* SPDX-License-Identifier: MIT */
/*
 * fields.h - every field of an event's payload, by its schema, whoever logged it.
 *
 *     struct etw_fields_visitor visitor = {.context = &mine, .value = print_value, ...};
 *     struct etw_fields_result result;
 *     etw_trace_read_fields(trace, record, &visitor, &result);
 *
 * The visitor is called in the order of the payload: values one by one, structs
 * and arrays with a begin and an end around their parts. Nothing is allocated per
 * event; everything handed over is borrowed until the callback returns.
 */
#ifndef ETW_FIELDS_H
#define ETW_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "etw/base/bytes.h"
#include "etw/base/guid.h"
#include "etw/base/text.h"
#include "etw/record.h"

/* What a value is for the reader; how wide it was stored does not matter. */
enum etw_field_kind {
    ETW_FIELD_UNSIGNED,    /* number */
    ETW_FIELD_SIGNED,      /* number, as int64_t */
    ETW_FIELD_HEX,         /* number; shown as 0x... */
    ETW_FIELD_POINTER,     /* number; shown as 0x... */
    ETW_FIELD_BOOLEAN,     /* number: 0 or not */
    ETW_FIELD_FLOAT,       /* real */
    ETW_FIELD_TEXT16,      /* bytes: UTF-16LE without its NUL */
    ETW_FIELD_TEXT8,       /* bytes: ANSI or UTF-8 without its NUL */
    ETW_FIELD_BINARY,      /* bytes */
    ETW_FIELD_GUID,        /* bytes: 16 */
    ETW_FIELD_SID,         /* bytes: a whole SID */
    ETW_FIELD_FILETIME,    /* number */
    ETW_FIELD_SYSTEMTIME,  /* bytes: 16 */
    ETW_FIELD_IPV4,        /* bytes: 4, network order */
    ETW_FIELD_IPV6,        /* bytes: 16, network order */
    ETW_FIELD_SOCKADDR,    /* bytes: a SOCKADDR as stored; empty: none */
    ETW_FIELD_PORT,        /* number, host order */
    ETW_FIELD_NTSTATUS,    /* number */
    ETW_FIELD_WIN32_ERROR, /* number */
    ETW_FIELD_HRESULT,     /* number */
    ETW_FIELD_MAP,         /* number; map */
    ETW_FIELD_BITMAP,      /* number; map */
    ETW_FIELD_PACKED_TEXT, /* bytes: LZNT1 of UTF-16LE */
    ETW_FIELD_KIND_COUNT
};

struct etw_map_entry {
    uint32_t value;
    const char *text; /* UTF-8, trimmed */
};

struct etw_map {
    const char *name;
    bool is_bitmap;
    const struct etw_map_entry *entries; /* ascending by value */
    size_t entry_count;
};

struct etw_field {
    const char *name; /* UTF-8; NULL for the elements of an array */
    enum etw_field_kind kind;
    uint8_t width; /* bytes it took, for numbers */
    uint64_t number;
    double real;
    struct bytes bytes;
    const struct etw_map *map; /* kinds MAP and BITMAP only */
};

/* All functions may be NULL. `name` is NULL inside an array. */
struct etw_fields_visitor {
    void *context;
    void (*value)(void *context, const struct etw_field *field);
    void (*begin_struct)(void *context, const char *name);
    void (*end_struct)(void *context);
    void (*begin_array)(void *context, const char *name, size_t count);
    void (*end_array)(void *context);
};

/* Where a schema came from, most trusted first. */
enum etw_schema_source {
    ETW_SCHEMA_NONE,
    ETW_SCHEMA_EMBEDDED,     /* EventMetadata records of this trace */
    ETW_SCHEMA_TRACELOGGING, /* in the event itself */
    ETW_SCHEMA_EVENTSOURCE,  /* a .NET EventSource manifest in this trace */
    ETW_SCHEMA_MANIFEST,     /* --manifest FILE */
    ETW_SCHEMA_BUILT_IN,
    ETW_SCHEMA_STRING_ONLY, /* the payload is one text (EventWriteString) */
    ETW_SCHEMA_SOURCE_COUNT
};

enum etw_decoded {
    ETW_DECODED_WHOLLY, /* to the last byte, or to bytes that newer versions appended */
    ETW_DECODED_PARTLY, /* the payload ended early, or a type is not known */
    ETW_DECODED_NOT
};

struct etw_fields_result {
    enum etw_decoded decoded;
    const char *why; /* static; NULL when decoded wholly */
    enum etw_schema_source source;
    const char *schema_name;   /* "Microsoft-Windows-TCPIP@17134", file name, ...; may be NULL */
    bool is_other_version;     /* the schema is of another event version: its known prefix */
    const char *provider_name; /* UTF-8; NULL: not known */
    const char *event_name;    /* UTF-8; NULL: not known */
    const char *message;       /* template with %1..%n; NULL */
    size_t unread;             /* payload bytes behind the last field */
};

/* ---- values as text ---- */

/* Appends the value as a person or a program wants it, without quotes: maps by
 * name, bitmaps as A|B|0x10, addresses as 192.0.2.1:443 and [2001:db8::1]:443,
 * GUIDs lower case, SIDs as S-1-..., times RFC 3339, statuses as
 * 0xc00000b5 STATUS_IO_TIMEOUT (upper-case hexadecimal digits there), binary as hexadecimal, packed
 * texts unpacked. */
void etw_field_format(const struct etw_field *field, struct text *out);
/* True when a program should get it as a JSON number: plain integers, floats. */
bool etw_field_is_json_number(const struct etw_field *field);

/* Name of a status code; NULL: not known. */
const char *etw_ntstatus_name(uint32_t status);
const char *etw_win32_error_name(uint32_t error);
const char *etw_hresult_name(uint32_t result);
/* The Winsock error an application sees for this NTSTATUS, by name and number;
 * NULL: there is none of its own. */
const char *etw_winsock_name_of_ntstatus(uint32_t status, uint32_t *number);

const char *etw_schema_source_name(enum etw_schema_source source);

#endif
