/* SPDX-License-Identifier: MIT */
/* Entry: a schema (support/schema_of_bytes.c), then a payload. Holds: every value lies
 * in the payload, structs and arrays end as often as they begin, there are no more
 * elements than promised, and every value can be written as text. */
#include <stdint.h>
#include <stdlib.h>

#include "etw/schema/payload.h"
#include "support/schema_of_bytes.h"

#define FORMATTED_MOST 2000 /* values of one payload; more only cost time */

struct witness {
    const uint8_t *begin;
    const uint8_t *end;
    size_t values;
    size_t depth;
    struct text text;
};

static void see_value(void *context, const struct etw_field *field)
{
    struct witness *witness = context;
    const struct bytes *bytes = &field->bytes;
    if (bytes->size > 0 &&
        (bytes->data < witness->begin || bytes->data + bytes->size > witness->end)) {
        abort();
    }
    if (++witness->values <= FORMATTED_MOST) {
        text_clear(&witness->text);
        etw_field_format(field, &witness->text);
        (void)etw_field_is_json_number(field);
    }
}

static void see_begin_struct(void *context, const char *name)
{
    (void)name;
    ((struct witness *)context)->depth++;
}

static void see_begin_array(void *context, const char *name, size_t count)
{
    (void)count;
    see_begin_struct(context, name);
}

static void see_end(void *context)
{
    struct witness *witness = context;
    if (witness->depth-- == 0) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes b = bytes_of(data, size);
    struct schema_of_bytes made;
    if (!schema_of_bytes(&b, &made)) {
        return 0;
    }
    struct bytes payload = bytes_rest(&b);
    struct witness witness = {.begin = payload.data, .end = payload.data + payload.size};
    struct etw_fields_visitor visitor = {.context = &witness,
                                         .value = see_value,
                                         .begin_struct = see_begin_struct,
                                         .end_struct = see_end,
                                         .begin_array = see_begin_array,
                                         .end_array = see_end};
    struct payload_end end = payload_read(&made.schema, &payload, made.pointer_size, &visitor);
    if (end.unread > payload.size || (end.why == NULL) != (end.decoded == ETW_DECODED_WHOLLY) ||
        witness.depth != 0 || witness.values > PAYLOAD_ELEMENTS_MAXIMUM) {
        abort();
    }
    text_done(&witness.text);
    return 0;
}
