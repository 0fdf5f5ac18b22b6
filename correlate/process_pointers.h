/* SPDX-License-Identifier: MIT */
/*
 * process_pointers.h - the kernel's process pointer, which every event of Winsock has,
 * and the pid it stands for. Windows uses these pointers again: a pointer has lives,
 * and a socket keeps the one that it was seen with.
 */
#ifndef CORRELATE_PROCESS_POINTERS_H
#define CORRELATE_PROCESS_POINTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "correlate/processes.h"
#include "etw/base/hash_index.h"

struct process_pointer {
    uint64_t pointer;
    uint64_t offset; /* of the record that named the pid */
    uint32_t pid;    /* 0: not known */
    uint32_t older;  /* the life before of the same pid; CORR_NO_ROW: none */
    bool is_stated;  /* by a payload; else it is the pid of a caller */
    bool is_over;    /* the process ended, or the pointer stands for another one now */
};

/* Zero-initialised is empty and valid. */
struct process_pointers {
    struct process_pointer *lives; /* owned */
    size_t count, capacity;
    struct hash_index by_pointer; /* lives that are not over */
    struct hash_index by_pid;     /* the newest of each pid */
};

void process_pointers_done(struct process_pointers *pointers);

/* The life of the pointer now; a new one when there is none. CORR_NO_ROW: no memory. */
uint32_t process_pointers_now(struct process_pointers *pointers, uint64_t pointer);
/* The same when this pid has it now. Another pid ends the life before. `is_stated`: by a
 * payload. */
uint32_t process_pointers_name(struct process_pointers *pointers, uint64_t pointer, uint32_t pid,
                               bool is_stated, uint64_t offset);
/* Whose pointer it is became doubtful: what comes next is another life. */
void process_pointers_drop(struct process_pointers *pointers, uint32_t life);
/* No event after this is of the process that has this pid. */
void process_pointers_end(struct process_pointers *pointers, uint32_t pid);

#endif
