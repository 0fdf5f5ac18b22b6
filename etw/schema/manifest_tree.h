/* SPDX-License-Identifier: MIT */
/*
 * manifest_tree.h - a manifest as a tree of elements, without its texts: manifests
 * keep everything in attributes.
 */
#ifndef ETW_SCHEMA_MANIFEST_TREE_H
#define ETW_SCHEMA_MANIFEST_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Real manifests have 7 levels, more only by structs in structs. */
#define MANIFEST_DEPTH_MAXIMUM 32

struct manifest_attribute {
    const char *name; /* without namespace */
    const char *value;
};

struct manifest_element {
    const char *name; /* without namespace */
    const struct manifest_attribute *attributes;
    size_t attribute_count;
    struct manifest_element *first_child, *last_child, *next; /* NULL: none */
    uint32_t line;
};

static inline bool manifest_is(const struct manifest_element *element, const char *name)
{
    return strcmp(element->name, name) == 0;
}

/* NULL: there is no such attribute. */
const char *manifest_attribute(const struct manifest_element *element, const char *name);
size_t manifest_count_children(const struct manifest_element *element);

/* Called for each element of this name below `element`, but not for those inside of
 * one that was found. False ends the walk. */
typedef bool manifest_visit(void *context, const struct manifest_element *element);
bool manifest_walk(const struct manifest_element *element, const char *name, manifest_visit *visit,
                   void *context);

/* Things by name. The first one of a name counts. */
struct manifest_named {
    const char *name;
    const struct manifest_element *element;
    const void *value; /* the user's, NULL at first */
    size_t order;
};

/* Zero-initialised is empty and valid. */
struct manifest_index {
    struct manifest_named *rows; /* owned */
    size_t count, capacity;
    bool is_sorted;
};

/* Keeps both pointers. False: no memory. */
bool manifest_index_add(struct manifest_index *index, const char *name,
                        const struct manifest_element *element);
/* NULL: there is none. */
struct manifest_named *manifest_index_find(struct manifest_index *index, const char *name);
void manifest_index_done(struct manifest_index *index);

#endif
