/* SPDX-License-Identifier: MIT */
/*
 * smb_events.h - SMB messages and conditions from the events of the SMB client and server.
 *
 *     corr_smb_events_new(ledger, &sinks, &smb, &error);
 *     ... corr_smb_events_feed(smb, &event, &error) for every event in time order ...
 *     corr_smb_events_finish(smb, &error);
 *     corr_smb_events_free(smb);
 *
 * What an event does not say itself comes from those before it: which TCP connection it was
 * (smb_connections.h), which share, file and user its numbers stand for. The client's events name
 * no files but through a call of the same thread just before (ETW_SMB_ACCESS), which Windows 11
 * logs since 24H2: `file` of its messages is that call's.
 *
 * Memory: bounded, whatever the trace; what was told longest ago is forgotten first.
 */
#ifndef CORRELATE_SMB_EVENTS_H
#define CORRELATE_SMB_EVENTS_H

#include "correlate/ledger.h"
#include "correlate/smb_conditions.h"
#include "correlate/smb_message.h"
#include "correlate/smb_packet_bytes.h"

/* Each may be NULL: not wanted. */
struct corr_smb_event_sinks {
    corr_smb_sink *message;
    corr_smb_condition_sink *condition;
    corr_smb_bytes_sink *bytes; /* of the messages whose bytes the trace has in events */
    void *context;              /* of all three */
};

struct corr_smb_event_counts {
    /* Every event of the client, the server and SMB Direct is one of the six below. */
    uint64_t events;
    uint64_t messages;   /* requests and responses */
    uint64_t conditions; /* what is no message and was told */
    uint64_t bytes;      /* of messages, whole or in fragments */
    uint64_t learned;    /* names, states and calls that others are understood by */
    uint64_t noted;      /* nothing of it is in the model */
    uint64_t unread;     /* no table or no layout for it */
    uint64_t unplaced;   /* of the messages: on no connection of the ledger, and not on RDMA */
    uint64_t lost;       /* fragments without a beginning */
    uint64_t forgotten;  /* names that gave way to newer ones */
};

struct corr_smb_events;

/* `ledger` is borrowed and finished; `sinks` is copied. */
enum etw_status corr_smb_events_new(const struct corr_ledger *ledger,
                                    const struct corr_smb_event_sinks *sinks,
                                    struct corr_smb_events **out, struct etw_error *error);
void corr_smb_events_free(struct corr_smb_events *smb); /* NULL is allowed */
/* Takes all kinds of events. Sinks are called before it returns. */
enum etw_status corr_smb_events_feed(struct corr_smb_events *smb, const struct etw_event *event,
                                     struct etw_error *error);
/* Messages in fragments that have no end come out cut. */
enum etw_status corr_smb_events_finish(struct corr_smb_events *smb, struct etw_error *error);
void corr_smb_events_get_counts(const struct corr_smb_events *smb,
                                struct corr_smb_event_counts *counts);

#endif
