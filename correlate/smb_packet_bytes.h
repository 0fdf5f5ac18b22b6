/* SPDX-License-Identifier: MIT */
/*
 * smb_packet_bytes.h - whole SMB messages from the events that carry their bytes: one event, or
 * fragments that belong together. Inside correlate only.
 *
 * Fragments of one message come from one thread, one after the other, in one direction; on the
 * thread of the idle process from one CPU. Those of several messages may alternate.
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
    int64_t time, last_time;   /* of the first and last event */
    uint64_t offset;           /* of the first record */
    uint32_t fragments;        /* events it came in */
    bool is_cut;               /* the end is missing */
    bool has_way, is_sent;     /* is_sent: by this machine; only with has_way */
    struct corr_endpoint peer; /* size 0: not known */
    uint32_t socket;           /* row of the ledger; CORR_NO_ROW: none */
    uint32_t header_pid, header_tid;
    struct bytes data; /* borrowed until the sink returns */
};

/* False: no memory. */
typedef bool corr_smb_bytes_sink(void *context, const struct corr_smb_bytes *bytes);

struct smb_packet_bytes;

enum etw_status smb_packet_bytes_new(corr_smb_bytes_sink *sink, void *context,
                                     struct smb_packet_bytes **out, struct etw_error *error);
void smb_packet_bytes_free(struct smb_packet_bytes *bytes); /* NULL is allowed */

/* An event whose what is ETW_SMB_PACKET or ETW_SMB_FRAGMENT. */
enum etw_status smb_packet_bytes_feed(struct smb_packet_bytes *bytes, const struct etw_event *event,
                                      struct etw_error *error);
/* What has no end comes out cut, the oldest first. */
enum etw_status smb_packet_bytes_finish(struct smb_packet_bytes *bytes, struct etw_error *error);
/* Fragments whose beginning was never seen. */
uint64_t smb_packet_bytes_lost(const struct smb_packet_bytes *bytes);

#endif
