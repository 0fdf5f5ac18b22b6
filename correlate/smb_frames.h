/* SPDX-License-Identifier: MIT */
/*
 * smb_frames.h - SMB messages from their bytes: SMB 2 and 3 with compounds, SMB1 with chained
 * (AndX) commands, and what SMB3 leaves readable of encrypted and compressed ones. Inside
 * correlate only.
 *
 * The bytes begin with the protocol's sign (FE, FF, FD or FC and 'SMB'); the length that TCP has
 * before it is not part of them. Nothing is allocated, and nothing behind the bytes is read.
 *
 * A *part* of a message is what has a header of its own: the whole of it, or one of several
 * compounded ones. smb_streams.c reads part by part, so that it never holds the data between.
 */
#ifndef CORRELATE_SMB_FRAMES_H
#define CORRELATE_SMB_FRAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "correlate/smb_message.h"
#include "etw/base/bytes.h"

/* Bytes of a part that are enough to measure it, and all that most parts need. */
#define SMB_PART_START 160u
/* More of a part is never wanted: a path of 32,767 characters behind a header fits. */
#define SMB_PART_MAXIMUM 66000u

/* What a part takes over from the one before it. Zeroed: it is the first. */
struct smb_chain {
    bool has_previous;
    uint64_t session_id;
    uint32_t tree_id;
};

struct smb_measure {
    uint32_t size;   /* to the next part, or to the end of the message */
    uint32_t wanted; /* of these, the first that smb_part_read() looks at */
};

/* True: four bytes that SMB messages begin with. */
bool smb_is_sign(const uint8_t sign[4]);

/* `start`: what is there of a part, up to SMB_PART_START bytes; `left`: bytes from its beginning
 * to the end of the message on the wire. */
struct smb_measure smb_part_measure(struct bytes start, uint32_t left);

/* Gives the messages of one part to the sink: one, or with SMB1 one for each chained command, with
 * the same message id. `part` has what is there of it; less than what is wanted of `size` bytes
 * makes it CORR_SMB_IS_CUT, and without a whole header there is no message. Members that bytes do
 * not tell (times, frames, source, connection) are those of `given`; so are its CORR_SMB_IS_CUT,
 * and CORR_SMB_IS_RESPONSE for what has no flag of its own because it is encrypted. False: what
 * the sink returned. */
bool smb_part_read(struct bytes part, uint32_t size, struct smb_chain *chain,
                   const struct corr_smb_message *given, corr_smb_sink *sink, void *context);

/* The same for one message with all its parts. `given->size`: of the message on the wire when
 * `message` is only its beginning; 0: it is whole. */
bool smb_frames_read(struct bytes message, const struct corr_smb_message *given,
                     corr_smb_sink *sink, void *context);

#endif
