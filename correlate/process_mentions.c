/* SPDX-License-Identifier: MIT */
#include "correlate/process_mentions.h"

#include <stdlib.h>

#include "correlate/process_facts.h"
#include "etw/base/array.h"

static struct process_mention *find_mention(const struct process_mentions *mentions,
                                            const struct process_mention *mention, uint64_t hash)
{
    uint32_t at = 0;
    for (uint32_t row = hash_index_first(&mentions->index, hash, &at); row != HASH_INDEX_NONE;
         row = hash_index_next(&mentions->index, hash, &at)) {
        struct process_mention *known = &mentions->rows[row];
        if (known->pid == mention->pid &&
            (known->key & PROCESS_KEY_MASK) == (mention->key & PROCESS_KEY_MASK)) {
            return known;
        }
    }
    return NULL;
}

bool process_mentions_add(struct process_mentions *mentions, const struct process_mention *mention)
{
    uint64_t parts[2] = {mention->pid, mention->key & PROCESS_KEY_MASK};
    uint64_t hash = hash_bytes(parts, sizeof(parts));
    struct process_mention *known = find_mention(mentions, mention, hash);
    if (known) {
        known->time = mention->time < known->time ? mention->time : known->time;
        return true;
    }
    void *rows = mentions->rows;
    bool has_room =
        array_grow(&rows, &mentions->capacity, mentions->count + 1, sizeof(*mentions->rows));
    mentions->rows = rows;
    if (!has_room || !hash_index_add(&mentions->index, hash, (uint32_t)mentions->count)) {
        return false;
    }
    mentions->rows[mentions->count++] = *mention;
    return true;
}

static int compare_mentions(const void *a, const void *b)
{
    const struct process_mention *left = a;
    const struct process_mention *right = b;
    if (left->pid != right->pid) {
        return left->pid < right->pid ? -1 : 1;
    }
    if (left->time != right->time) {
        return left->time < right->time ? -1 : 1;
    }
    return (left->key > right->key) - (left->key < right->key);
}

void process_mentions_sort(struct process_mentions *mentions)
{
    hash_index_done(&mentions->index);
    if (mentions->count > 1) {
        qsort(mentions->rows, mentions->count, sizeof(*mentions->rows), compare_mentions);
    }
}

void process_mentions_done(struct process_mentions *mentions)
{
    hash_index_done(&mentions->index);
    free(mentions->rows);
    *mentions = (struct process_mentions){0};
}
