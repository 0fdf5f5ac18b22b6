/* SPDX-License-Identifier: MIT */
/*
 * payload_walk.h - what payload.c (fields, structs, arrays) and payload_sizes.c (how
 * many bytes a value takes) share: one payload on its way through its schema.
 */
#ifndef ETW_SCHEMA_PAYLOAD_WALK_H
#define ETW_SCHEMA_PAYLOAD_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "etw/base/bytes.h"
#include "etw/schema/event_schema.h"
#include "etw/schema/property_types.h"

/* Of a property that was not read yet, or is no number. */
#define NO_NUMBER UINT64_MAX

extern const char payload_why_cut[];
extern const char payload_why_no_number[];

struct payload_walk {
    const struct event_schema *schema;
    const struct etw_fields_visitor *visitor;
    struct bytes rest; /* never failed: what does not fit is asked before it is taken */
    const char *why;   /* NULL as long as nothing is wrong */
    uint32_t budget;   /* elements that may still come */
    uint16_t last_required;
    uint8_t pointer_size;
    bool is_trial; /* only to see whether the rest of the payload fits */
    bool was_tried;
    uint64_t numbers[SCHEMA_PROPERTIES_MAXIMUM]; /* last value of each property */
};

/* Where in the schema a value stands. */
struct payload_place {
    const char *name;
    uint16_t index;
    bool is_last; /* nothing has to follow it */
    bool is_top;  /* outside structs and arrays */
};

/* Ends the walk for this reason; always false. */
static inline bool payload_stop(struct payload_walk *walk, const char *why)
{
    walk->why = why;
    return false;
}

/* The next `size` bytes; false: stopped, for there are fewer. Member by member: a copy
 * of what was just written costs more than all the rest. */
static inline bool payload_take(struct payload_walk *walk, uint64_t size, struct bytes *value)
{
    if (size > bytes_left(&walk->rest)) {
        return payload_stop(walk, payload_why_cut);
    }
    value->data = bytes_take(&walk->rest, (size_t)size);
    value->size = (size_t)size;
    value->position = 0;
    value->failed = false;
    return true;
}

/* Takes one value of a type that has no constant size; false: stopped. */
bool payload_take_sized(struct payload_walk *walk, const struct payload_place *place,
                        enum property_size rule, struct bytes *value);

/* Cuts a text whose size is known where it ends; `width` of a character is 1 or 2. In
 * a field of constant size a NUL ends it and garbage may follow; a size that was
 * counted for this text is taken by its word, except that some writers count the NUL. */
void payload_end_text(struct bytes *text, size_t width, bool is_constant_size);

/* Reads the top-level properties from this one on; false: stopped. */
bool payload_read_top_level(struct payload_walk *walk, uint16_t first);

#endif
