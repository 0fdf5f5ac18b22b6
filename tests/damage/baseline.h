/* SPDX-License-Identifier: MIT */
/*
 * baseline.h - every record of an undamaged trace, to hold against what is
 * delivered of a damaged copy of it.
 */
#ifndef TESTS_DAMAGE_BASELINE_H
#define TESTS_DAMAGE_BASELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "etw/base/hash_index.h"
#include "etw/record.h"

struct baseline_buffer {
    uint64_t begin, end; /* in the file */
    bool is_compressed;
};

struct baseline_record {
    uint64_t offset; /* as struct etw_record has it */
    uint32_t size;
    uint32_t buffer;      /* number of its buffer */
    uint64_t content;     /* hash of everything the record says */
    uint32_t seen_in_run; /* number of the run that delivered it last */
};

struct baseline {
    const uint8_t *data; /* borrowed: the undamaged file */
    size_t size;
    struct baseline_buffer *buffers;
    size_t buffer_count, buffer_capacity;
    struct baseline_record *records;
    size_t record_count, record_capacity;
    struct hash_index by_content;
};

/* What was done to the copy. */
struct damage {
    size_t prefix;   /* bytes that are left; SIZE_MAX: all */
    size_t position; /* of the changed byte; SIZE_MAX: none */
    uint8_t value;   /* its new value */
};

bool baseline_read(struct baseline *baseline, const uint8_t *data, size_t size);
void baseline_done(struct baseline *baseline);

void baseline_see(struct baseline *baseline, const struct etw_record *record, uint32_t run);
/* The first record that lies wholly before or after the damage and was not seen
 * in this run; NULL: none is missing. */
const struct baseline_record *baseline_missing(const struct baseline *baseline,
                                               const struct damage *damage, uint32_t run);

#endif
