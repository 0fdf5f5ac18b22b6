/* SPDX-License-Identifier: MIT */
/*
 * schema_of_bytes.h - a sound schema made of any bytes, for tests that want schemas
 * nobody would write.
 */
#ifndef TESTS_SUPPORT_SCHEMA_OF_BYTES_H
#define TESTS_SUPPORT_SCHEMA_OF_BYTES_H

#include "etw/base/bytes.h"
#include "etw/schema/event_schema.h"

#define SCHEMA_OF_BYTES_MOST 48

struct schema_of_bytes {
    struct event_schema schema; /* points to the properties below */
    struct schema_property properties[SCHEMA_OF_BYTES_MOST];
    unsigned pointer_size;
};

/* Takes the schema off the bytes; what is left is a payload for it. False: the bytes
 * make no sound schema. */
bool schema_of_bytes(struct bytes *b, struct schema_of_bytes *out);

#endif
