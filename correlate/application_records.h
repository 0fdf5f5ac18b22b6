/* SPDX-License-Identifier: MIT */
/*
 * application_records.h - the records of application_history.h, for the files that
 * learn them, join them and make rows of them. Nobody else includes it.
 */
#ifndef CORRELATE_APPLICATION_RECORDS_H
#define CORRELATE_APPLICATION_RECORDS_H

#include "correlate/application_history.h"
#include "correlate/process_pointers.h"
#include "correlate/socket_table.h"
#include "etw/base/hash_index.h"

/* What a socket is used for, as far as its calls show. */
enum application_use {
    APPLICATION_UNKNOWN,
    APPLICATION_CLIENT,
    APPLICATION_SERVER,
    APPLICATION_LISTENER,
    APPLICATION_DATAGRAM, /* any protocol but TCP */
    APPLICATION_NOT_IP
};

enum application_flag {
    APPLICATION_CREATED = 0x1,  /* its begin was seen, and the pid that it states */
    APPLICATION_CREATING = 0x2, /* the call that creates it has not returned */
    APPLICATION_CLOSED = 0x4,   /* the endpoint is gone */
    APPLICATION_CALLED = 0x8,   /* a caller was the process that the pointer stands for */
    APPLICATION_SHARED = 0x10,  /* and then there was another caller */
    APPLICATION_OWN_ROW = 0x20, /* its row is not the stack's */
    APPLICATION_SEVERAL = 0x40, /* datagrams from or to more than one remote end */
    APPLICATION_REUSED = 0x80,  /* a later use of the endpoint of another record */
    APPLICATION_LIKELY = 0x100, /* only addresses say that its row is its own */
    APPLICATION_HIDDEN = 0x200  /* the stack tells of it, in a row that cannot be told */
};

/* 128 bytes at most. */
struct application_record {
    uint64_t endpoint;
    int64_t first_seen, closed; /* CORR_NEVER */
    uint64_t offset;            /* of its first event */
    uint64_t bytes_sent, bytes_received;
    struct corr_endpoint local, remote;
    uint32_t life;      /* of its process pointer */
    uint32_t row;       /* of the sockets; CORR_NO_ROW: none yet */
    uint32_t candidate; /* a row that one call agreed with; CORR_NO_ROW: none */
    uint32_t status;    /* NTSTATUS of a connect that failed; 0: none */
    uint16_t flags;     /* enum application_flag */
    uint8_t protocol;   /* 0: not known */
    uint8_t use;        /* enum application_use */
    uint8_t cause;      /* enum corr_cause */
};

struct application_history {
    struct socket_table *table;         /* borrowed */
    struct application_record *records; /* owned */
    size_t count, capacity;
    struct hash_index index; /* the last record of each endpoint */
    struct process_pointers processes;
    struct application_history_counts counts;
};

/* ---- application_records.c ---- */

/* The record that events of this endpoint are about now, or were about last. CORR_NO_ROW: none. */
uint32_t application_records_find(const struct application_history *history, uint64_t endpoint);
/* The record of the endpoint that the event is about. */
uint32_t application_records_of(const struct application_history *history,
                                const struct etw_event *event);
/* NULL: no such record. Valid until the next begin. */
struct application_record *application_records_get(const struct application_history *history,
                                                   uint32_t number);
/* A new record of the endpoint, which events are about from now on. CORR_NO_ROW: no memory. */
uint32_t application_records_begin(struct application_history *history, uint64_t endpoint,
                                   uint32_t life, const struct etw_event *event);
/* The pid of its process and the rule that names it. 0: not known, or in doubt. */
uint32_t application_records_pid(const struct application_history *history, uint32_t number,
                                 enum corr_rule *rule, uint64_t *offset);

/* The record ended at the latest now, if it has not been seen to end. */
void application_records_end(struct application_history *history, uint32_t number, int64_t time);

/* 0: the event has no such handle. */
uint64_t application_records_handle(const struct etw_socket *socket, enum etw_handle_space space);
/* The status that the event states; 0: none, or success. */
uint32_t application_records_status(const struct etw_socket *socket);
bool application_records_has_failed(const struct etw_socket *socket);
/* The call has returned and has done something. */
bool application_records_is_done(const struct etw_socket *socket);

/* ---- application_actions.c ---- */

/* What the event says about the record that it is about. */
void application_actions_take(struct application_history *history, uint32_t number,
                              const struct etw_event *event);

/* ---- application_rows.c ---- */

/* A row for a datagram socket that has none yet, once it has an address. */
void application_rows_show_datagrams(struct application_history *history, uint32_t number);
/* True when nothing that is known of the two contradicts that they are one socket. */
bool application_rows_agree(const struct application_history *history, uint32_t number,
                            uint32_t row);
/* The record is the stack's row, as `rule` found at the record `offset` of the trace. False:
 * they contradict each other, or one of them is another's. */
bool application_rows_join(struct application_history *history, uint32_t number, uint32_t row,
                           enum corr_rule rule, uint64_t offset);
/* The pid does not contradict the owner of the row; `*is_equal`: both are known, and not only
 * because the same thread called. */
bool application_rows_pids_agree(const struct application_history *history, uint32_t number,
                                 uint32_t row, bool *is_equal);
/* There is a row of the stack for it, but nobody can tell which. */
void application_rows_hide(struct application_history *history, uint32_t number);
/* Writes to the table what is not there yet; makes a row if there is none and the record has an
 * address. */
void application_rows_settle(struct application_history *history, uint32_t number);

#endif
