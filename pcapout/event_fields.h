/* SPDX-License-Identifier: MIT */
/*
 * event_fields.h - the fields of one event as text: members of a JSON object for
 * programs, or name=value words for people. It is a visitor of etw/fields.h.
 *
 *     out_fields_clear(&fields);
 *     etw_trace_read_fields(trace, record, &fields.visitor, &result);
 *     ... fields.text: {"OldState":"SynSent","Tcb":"0x8921dd28"} ...
 *
 * Nothing is allocated per event once the buffers have grown. A name that occurs
 * again in the same struct gets #2, #3 behind it.
 */
#ifndef PCAPOUT_EVENT_FIELDS_H
#define PCAPOUT_EVENT_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "etw/base/text.h"
#include "etw/fields.h"

enum out_fields_style { OUT_FIELDS_JSON, OUT_FIELDS_WORDS };

/* Deeper structs are replaced by a sentence. Real events have at most 3 levels. */
#define OUT_FIELDS_DEPTH 24

#define OUT_FIELDS_BUCKETS 64

/* A name as it stands in the text. */
struct out_field_name {
    size_t at;
    uint32_t size;
    uint32_t next; /* the name before it in the same bucket */
    uint32_t uses; /* how often the event has it */
};

struct out_fields_level {
    bool is_array;
    bool has_members;
    size_t first_name; /* of this level, in `names` */
    uint64_t used;     /* which buckets are valid, so that none needs to be cleared */
    uint32_t heads[OUT_FIELDS_BUCKETS];
};

struct out_fields {
    struct etw_fields_visitor visitor;
    enum out_fields_style style;
    struct text text;
    struct text scratch;          /* of one value that needs escapes */
    struct out_field_name *names; /* owned */
    size_t name_count, name_capacity;
    unsigned depth;
    unsigned depth_left_out; /* how deep in what is left out */
    struct out_fields_level levels[OUT_FIELDS_DEPTH];
};

/* `fields` must not move afterwards: the visitor points to it. */
void out_fields_init(struct out_fields *fields, enum out_fields_style style);
void out_fields_done(struct out_fields *fields);
/* Ready for the next event. */
void out_fields_clear(struct out_fields *fields);
/* Ends the text. False: it does not fit into memory. */
bool out_fields_finish(struct out_fields *fields);

#define OUT_HEX_TEXT_SIZE 19 /* 0x, 16 digits and the NUL */
/* 0x and lower-case digits without leading zeros, somewhere in `text`. */
const char *out_hex_text(uint64_t value, char text[OUT_HEX_TEXT_SIZE]);

#endif
