/* SPDX-License-Identifier: MIT */
/*
 * smb_packet_bytes.h - whole SMB messages from the events that carry their bytes: one event, or
 * fragments that belong together. Inside correlate only.
 *
 * Fragments of one message come from one thread, one after the other, in one direction; on the
 * thread of the idle process from one CPU. Those of several messages may alternate. What has no
 * further fragment for a second has no end.
 */
#ifndef CORRELATE_SMB_PACKET_BYTES_H
#define CORRELATE_SMB_PACKET_BYTES_H

#include "correlate/endpoints.h"
#include "correlate/smb_message.h"
#include "etw/base/error.h"
#include "etw/event.h"

/* Bytes of one message as they stand in events, above any encryption: from the protocol id on. */
struct corr_smb_bytes {
    enum corr_smb_source source;
    uint64_t number;         /* 1..n in the order in which messages began */
    int64_t time, last_time; /* of the first and last event */
    uint64_t offset;         /* of the first record */
    uint32_t fragments;      /* events it came in */
    bool is_readable;        /* it begins as SMB does */
    bool is_cut;             /* the end is missing */
    bool has_size;
    uint64_t size;              /* of the whole message; only with has_size: else nothing tells */
    uint64_t missing;           /* of these bytes, those that no event has */
    bool has_way, is_sent;      /* is_sent: by this machine; only with has_way */
    struct corr_endpoint peer;  /* size 0: not known */
    struct corr_endpoint local; /* size 0: not known; port 0: of one of several connections */
    uint32_t socket;            /* row of the ledger; CORR_NO_ROW: none, or one of several */
    uint32_t process;           /* row of its owner, or of that of all of several; CORR_NO_ROW */
    bool are_several;           /* it may be of any of several connections */
    uint32_t header_pid, header_tid;
    struct bytes data; /* borrowed until the sink returns */
};

/* Takes a message: false when there is no memory. Of one whose later fragments are still to come
 * it is called before, too, without bytes, so that its place in the order of times can be kept:
 * `is_whole` is false then. */
typedef bool corr_smb_bytes_sink(void *context, const struct corr_smb_bytes *bytes, bool is_whole);

struct smb_packet_bytes;

enum etw_status smb_packet_bytes_new(corr_smb_bytes_sink *sink, void *context,
                                     struct smb_packet_bytes **out, struct etw_error *error);
void smb_packet_bytes_free(struct smb_packet_bytes *bytes); /* NULL is allowed */

/* Ends what waits for its next fragment too long; to be called with the time of every event. */
enum etw_status smb_packet_bytes_pass(struct smb_packet_bytes *bytes, int64_t time,
                                      struct etw_error *error);
/* An event whose what is ETW_SMB_PACKET or ETW_SMB_FRAGMENT. */
enum etw_status smb_packet_bytes_feed(struct smb_packet_bytes *bytes, const struct etw_event *event,
                                      struct etw_error *error);
/* What has no end comes out cut, the oldest first. */
enum etw_status smb_packet_bytes_finish(struct smb_packet_bytes *bytes, struct etw_error *error);
/* Fragments whose beginning was never seen. */
uint64_t smb_packet_bytes_lost(const struct smb_packet_bytes *bytes);

#endif
