/* SPDX-License-Identifier: MIT */
/*
 * thread_calls.h - what each thread did last: the socket call that it is in, and what
 * the layers told of on it outside of calls. Of bounded size: a thread that comes
 * later takes the place of another one.
 */
#ifndef CORRELATE_THREAD_CALLS_H
#define CORRELATE_THREAD_CALLS_H

#include <stdbool.h>
#include <stdint.h>

#include "correlate/sockets.h"
#include "etw/event.h"

/* What happened, with whatever of it is known. */
struct thread_note {
    int64_t time;
    uint64_t bytes;             /* 0: not stated */
    struct corr_endpoint local; /* size 0: not stated */
    struct corr_endpoint remote;
    uint32_t subject; /* record of Winsock's or row of the sockets; CORR_NO_ROW: nothing */
    uint8_t action;   /* enum etw_action */
};

struct thread_calls {
    uint64_t thread;               /* 0: nobody's */
    struct thread_note call;       /* it is in this call of a record */
    struct thread_note indication; /* the transport told a listening record of a peer */
    struct thread_note accept;     /* accept() named this record */
    struct thread_note stack;      /* the stack accepted or received for this row */
};

struct thread_table;

struct thread_table *thread_table_new(void);
void thread_table_free(struct thread_table *table); /* NULL is allowed */
/* The place of the thread that logged the record. NULL: the record does not say. */
struct thread_calls *thread_table_at(struct thread_table *table, const struct etw_record *record);

struct thread_note thread_note_of(const struct etw_event *event, uint32_t subject);
/* The note is there, of this action, and of the same moment as `time`: a call whose return was
 * lost does not stay open. */
bool thread_note_is(const struct thread_note *note, enum etw_action action, int64_t time);
void thread_note_clear(struct thread_note *note);

#endif
