/* SPDX-License-Identifier: MIT */
/*
 * schema_fit.h - which of the layouts that one event has in different versions of
 * Windows a payload was written with.
 */
#ifndef ETW_SCHEMA_SCHEMA_FIT_H
#define ETW_SCHEMA_SCHEMA_FIT_H

#include "etw/base/bytes.h"
#include "etw/schema/event_schema.h"

/* The layout of `schema`'s event that ends where the payload ends; else the first one
 * whose fields are all there; else the likeliest. A schema without other layouts comes
 * back at once. */
const struct event_schema *schema_fit(const struct event_schema *schema,
                                      const struct bytes *payload, unsigned pointer_size);

/* True when both read the same bytes as fields of the same sizes, whatever their names. */
bool schema_has_same_layout(const struct event_schema *a, const struct event_schema *b);

#endif
