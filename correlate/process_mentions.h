/* SPDX-License-Identifier: MIT */
/*
 * process_mentions.h - pids that other events name, until the processes are known. Inside
 * correlate only.
 */
#ifndef CORRELATE_PROCESS_MENTIONS_H
#define CORRELATE_PROCESS_MENTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "etw/base/hash_index.h"

/* The first mention of a pid with this start key. */
struct process_mention {
    int64_t time;
    uint64_t key; /* 0: without one */
    uint32_t pid;
};

/* Zero-initialised is empty and valid. */
struct process_mentions {
    struct process_mention *rows; /* owned */
    size_t count, capacity;
    struct hash_index index; /* of (pid, key) */
};

/* In any order of times. False: no memory. */
bool process_mentions_add(struct process_mentions *mentions, const struct process_mention *mention);
/* By pid, then time. Nothing is added afterwards. */
void process_mentions_sort(struct process_mentions *mentions);
void process_mentions_done(struct process_mentions *mentions);

#endif
