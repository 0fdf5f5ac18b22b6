/* SPDX-License-Identifier: MIT */
/*
 * smb_streams.h - SMB messages from packets: what TCP carries to and from ports 445 and 139, put
 * together and cut into messages.
 *
 *     corr_smb_streams_new(sink, context, &streams, &error);
 *     for packets in time order: corr_smb_streams_packet(streams, &packet, &error);
 *     corr_smb_streams_finish(streams, &error);
 *     corr_smb_streams_free(streams);
 *
 * The messages of one direction come in the order of the stream, each when its last byte is there.
 * Bytes that the trace does not have (cut by a snap length, lost while recording) leave messages
 * that are CORR_SMB_IS_CUT; where a message begins is known again from the lengths, or from the
 * next sign of one. Packets seen twice count once.
 *
 * Memory is bounded: CORR_SMB_STREAMS connections at a time, CORR_SMB_HELD_BYTES for segments that
 * came before others and for the beginnings of messages. The data of reads and writes are
 * counted, not kept.
 */
#ifndef CORRELATE_SMB_STREAMS_H
#define CORRELATE_SMB_STREAMS_H

#include "correlate/packets.h"
#include "correlate/smb_message.h"
#include "etw/base/error.h"

/* When there are more, the one without packets for the longest time is ended. */
#define CORR_SMB_STREAMS    4096u
#define CORR_SMB_HELD_BYTES (64u << 20)

struct corr_smb_stream_counts {
    uint64_t connections;
    uint64_t messages;      /* given to the sink */
    uint64_t cut;           /* of these, not whole */
    uint64_t unknown;       /* of these, with a command that has no name here */
    uint64_t encrypted;     /* of these */
    uint64_t compressed;    /* of these */
    uint64_t session;       /* packets of the NetBIOS session service that are no messages */
    uint64_t skipped_bytes; /* seen, and part of no message whose beginning was found */
    uint64_t missing_bytes; /* sent, as sequence numbers say, and not in the trace */
    uint64_t ended_early;   /* connections, for want of room */
};

struct corr_smb_streams;

enum etw_status corr_smb_streams_new(corr_smb_sink *sink, void *context,
                                     struct corr_smb_streams **out, struct etw_error *error);
/* `sink`, with the same context, also gets the messages that each packet has bytes of, once the
 * header of a message is there: `frame`, `time`, `offset` and `socket` are those of the packet, and
 * members behind the header may be missing. Before the first packet. */
void corr_smb_streams_tell_bytes(struct corr_smb_streams *streams, corr_smb_sink *sink);
/* Packets that are none of SMB are left alone. */
enum etw_status corr_smb_streams_packet(struct corr_smb_streams *streams,
                                        const struct corr_packet *packet, struct etw_error *error);
/* Gives what was waiting for bytes that never came. */
enum etw_status corr_smb_streams_finish(struct corr_smb_streams *streams, struct etw_error *error);
const struct corr_smb_stream_counts *
corr_smb_streams_counts(const struct corr_smb_streams *streams);
void corr_smb_streams_free(struct corr_smb_streams *streams);

#endif
