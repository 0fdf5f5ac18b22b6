/* SPDX-License-Identifier: MIT */
/*
 * layout_of_schema.h - the schema of an event as a layout, for the reader of model
 * events, which is the fast one.
 */
#ifndef ETW_SCHEMA_LAYOUT_OF_SCHEMA_H
#define ETW_SCHEMA_LAYOUT_OF_SCHEMA_H

#include "etw/schema/event_schema.h"
#include "etw/schema/layout.h"

/*
 * Writes the schema's leading simple properties to `fields`, which has room for
 * LAYOUT_FIELDS_MAXIMUM, and a layout that refers to them. A struct, an array of other
 * than small numbers or a type that no layout has ends it; so does a length that stands behind
 * its field. Names are borrowed from the schema.
 */
void layout_of_schema(const struct event_schema *schema, struct layout_field *fields,
                      struct layout *layout);

#endif
