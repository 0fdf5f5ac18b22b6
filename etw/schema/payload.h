/* SPDX-License-Identifier: MIT */
/*
 * payload.h - walk a payload by its schema.
 */
#ifndef ETW_SCHEMA_PAYLOAD_H
#define ETW_SCHEMA_PAYLOAD_H

#include "etw/base/bytes.h"
#include "etw/fields.h"
#include "etw/schema/event_schema.h"

struct payload_end {
    enum etw_decoded decoded;
    const char *why; /* static; NULL when decoded wholly */
    size_t unread;   /* bytes behind the last field */
};

/* Calls the visitor for each field; stops where the payload stops. `pointer_size`
 * is the record's. The schema is sound. Cost is bounded by the payload's size: at
 * most PAYLOAD_ELEMENTS_MAXIMUM elements, however large the counts claim to be. */
#define PAYLOAD_ELEMENTS_MAXIMUM 65536u
struct payload_end payload_read(const struct event_schema *schema, const struct bytes *payload,
                                unsigned pointer_size, const struct etw_fields_visitor *visitor);

#endif
