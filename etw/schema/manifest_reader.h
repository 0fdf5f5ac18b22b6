/* SPDX-License-Identifier: MIT */
/*
 * manifest_reader.h - what the parts of the manifest reader share: manifest_xml.c
 * makes the tree, manifest_events.c reads providers and events, manifest_templates.c
 * their fields and maps.
 */
#ifndef ETW_SCHEMA_MANIFEST_READER_H
#define ETW_SCHEMA_MANIFEST_READER_H

#include "etw/schema/manifest_tree.h"
#include "etw/schema/schema_store.h"

struct manifest_reader {
    struct schema_store *store;
    struct schema_arena *arena; /* the store's */
    enum etw_schema_source source;
    const char *origin; /* NULL: none */
    const char *place;  /* stands in front of errors */
    struct etw_error *error;
    enum etw_status status;                /* of the first failure */
    struct manifest_index strings;         /* of all string tables, the preferred culture first */
    struct manifest_index templates, maps; /* of the provider being read */
};

/* The fields of a template, ready to be shared by the schemas of its events. */
struct manifest_template {
    const struct schema_property *properties;
    uint16_t property_count, top_level_count;
};

/* Adds the schemas of all providers of the tree; reader->status says how it went. */
void manifest_read_events(struct manifest_reader *reader, const struct manifest_element *root);

/* Compiled at the first use. NULL: it is wrong or there is none, and the reader has failed. */
const struct manifest_template *manifest_template_find(struct manifest_reader *reader,
                                                       const struct manifest_element *user,
                                                       const char *name);

/* ---- for all parts ---- */

/* Notes a failure at the element's line; returns false. */
bool manifest_fail(struct manifest_reader *reader, const struct manifest_element *element,
                   const char *format, ...) ETW_PRINTF(3, 4);
bool manifest_fail_memory(struct manifest_reader *reader);
/* The text of a message attribute in the store's arena; NULL: there is none. */
const char *manifest_message(struct manifest_reader *reader,
                             const struct manifest_element *element);
/* Decimal, or hexadecimal with 0x; false: something else, or too large. */
bool manifest_number(const char *text, uint64_t maximum, uint64_t *out);

#endif
