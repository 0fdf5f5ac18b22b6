/* SPDX-License-Identifier: MIT */
/*
 * smb_reader.h - the bytes that TCP carries in one direction, cut into SMB messages. Inside
 * correlate only.
 *
 * Before each message stands its size: a zero byte and 24 bits, big-endian (port 445), or the
 * header of the NetBIOS session service, which looks the same (port 139) but has other kinds of
 * packets, too. [documented: MS-SMB2 2.1, RFC 1002 4.3]
 */
#ifndef CORRELATE_SMB_READER_H
#define CORRELATE_SMB_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "correlate/smb_frames.h"
#include "correlate/smb_streams.h"

/* What all readers share. */
struct smb_reading {
    corr_smb_sink *sink;
    corr_smb_sink *bytes_sink; /* see corr_smb_streams_tell_bytes(); NULL: not wanted */
    void *context;
    struct corr_smb_stream_counts counts;
    size_t held; /* bytes of memory, of CORR_SMB_HELD_BYTES */
};

/* The packet that brought some bytes. */
struct smb_place {
    int64_t time;
    uint64_t frame, offset;
    uint32_t socket;
    uint32_t header_pid, header_tid;
    bool is_all_acknowledged; /* by the other end: what came before these bytes */
};

enum smb_reader_state {
    SMB_SEEKING, /* where a message begins is not known */
    SMB_FRAMING, /* in the size before a message, or in its sign */
    SMB_INSIDE,  /* in a message */
    SMB_PASSING  /* in a packet of the session service that is no message */
};

struct smb_reader {
    uint8_t state;  /* enum smb_reader_state */
    uint8_t framed; /* bytes of size and sign that were seen */
    bool is_response;
    bool is_cut;         /* bytes of the part are missing */
    uint64_t window;     /* the last eight bytes */
    uint64_t connection; /* its number */
    uint32_t left;       /* bytes to the end of the message */
    uint32_t done;       /* bytes of the part that went by, seen or not */
    struct smb_measure part;
    struct smb_chain chain;
    uint8_t *head; /* owned: the beginning of the part */
    size_t head_size, head_capacity;
    struct smb_place first, last; /* of the part */
    struct corr_smb_pause pause;  /* the same */
};

/* `is_at_start`: a message begins with the next byte. */
void smb_reader_init(struct smb_reader *reader, uint64_t connection, bool is_response,
                     bool is_at_start);
/* The next bytes. False: the sink returned so. */
bool smb_reader_take(struct smb_reading *reading, struct smb_reader *reader, const uint8_t *data,
                     size_t size, const struct smb_place *place);
/* `size` bytes of the stream are not in the trace. */
bool smb_reader_miss(struct smb_reading *reading, struct smb_reader *reader, uint64_t size);
/* Nothing more comes: gives the message that has only begun, and frees. */
bool smb_reader_end(struct smb_reading *reading, struct smb_reader *reader);
void smb_reader_free(struct smb_reading *reading, struct smb_reader *reader);

#endif
