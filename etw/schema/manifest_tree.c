/* SPDX-License-Identifier: MIT */
#include "etw/schema/manifest_tree.h"

#include <stdlib.h>

#include "etw/base/array.h"

const char *manifest_attribute(const struct manifest_element *element, const char *name)
{
    for (size_t i = 0; i < element->attribute_count; i++) {
        if (strcmp(element->attributes[i].name, name) == 0) {
            return element->attributes[i].value;
        }
    }
    return NULL;
}

size_t manifest_count_children(const struct manifest_element *element)
{
    size_t count = 0;
    for (const struct manifest_element *child = element->first_child; child; child = child->next) {
        count++;
    }
    return count;
}

bool manifest_walk(const struct manifest_element *element, const char *name, manifest_visit *visit,
                   void *context)
{
    /* The elements whose children are being looked at. */
    const struct manifest_element *path[MANIFEST_DEPTH_MAXIMUM];
    size_t depth = 0;
    const struct manifest_element *at = element->first_child;
    while (at || depth > 0) {
        if (!at) {
            at = path[--depth]->next;
        } else if (manifest_is(at, name)) {
            if (!visit(context, at)) {
                return false;
            }
            at = at->next;
        } else if (at->first_child && depth < MANIFEST_DEPTH_MAXIMUM) {
            path[depth++] = at;
            at = at->first_child;
        } else {
            at = at->next;
        }
    }
    return true;
}

/* ---- things by name ---- */

bool manifest_index_add(struct manifest_index *index, const char *name,
                        const struct manifest_element *element)
{
    void *rows = index->rows;
    if (!array_grow(&rows, &index->capacity, index->count + 1, sizeof(*index->rows))) {
        return false;
    }
    index->rows = rows;
    index->rows[index->count] = (struct manifest_named){name, element, NULL, index->count};
    index->count++;
    index->is_sorted = false;
    return true;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(((const struct manifest_named *)a)->name,
                  ((const struct manifest_named *)b)->name);
}

static int compare_rows(const void *a, const void *b)
{
    int names = compare_names(a, b);
    size_t first = ((const struct manifest_named *)a)->order;
    size_t second = ((const struct manifest_named *)b)->order;
    return names != 0 ? names : (first > second) - (first < second);
}

static void sort_rows(struct manifest_index *index)
{
    qsort(index->rows, index->count, sizeof(*index->rows), compare_rows);
    size_t kept = 1;
    for (size_t i = 1; i < index->count; i++) {
        if (compare_names(&index->rows[i], &index->rows[kept - 1]) != 0) {
            index->rows[kept++] = index->rows[i];
        }
    }
    index->count = kept;
    index->is_sorted = true;
}

struct manifest_named *manifest_index_find(struct manifest_index *index, const char *name)
{
    if (index->count == 0) {
        return NULL;
    }
    if (!index->is_sorted) {
        sort_rows(index);
    }
    struct manifest_named wanted = {.name = name};
    return bsearch(&wanted, index->rows, index->count, sizeof(wanted), compare_names);
}

void manifest_index_done(struct manifest_index *index)
{
    free(index->rows);
    *index = (struct manifest_index){0};
}
