/* SPDX-License-Identifier: MIT */
/*
 * packet_comments.h - what a pcapng file says of a packet in words: its comment, whose keys
 * pcapng.h lists, and the verdict options of a dropped one. Of the owner: owner_comments.h.
 */
#ifndef PCAPOUT_PACKET_COMMENTS_H
#define PCAPOUT_PACKET_COMMENTS_H

#include "correlate/adapters.h"
#include "correlate/packets.h"
#include "correlate/smb_packet_bytes.h"
#include "etw/base/bytes.h"
#include "etw/base/error.h"
#include "pcapout/pcapng.h"

struct packet_comments;

/* `adapters` is borrowed, and so is what `options` point to; they are copied. */
enum etw_status packet_comments_new(const struct corr_adapters *adapters,
                                    const struct out_pcapng_options *options,
                                    struct packet_comments **out, struct etw_error *error);
void packet_comments_free(struct packet_comments *comments); /* NULL is allowed */

/* What follows frame=N, " pid=2704 proc=tcpserver.exe ..."; may be empty. Borrowed until it is
 * called again; see packet_comments_status. */
struct bytes packet_comments_get(struct packet_comments *comments,
                                 const struct corr_packet *packet);
/* The whole comment of an SMB message from events: what owner_comments.h says, then source, offset
 * and file of the first event, fragments, peer where the message has no addresses, cut. `bytes` is
 * what `message` was made of. Borrowed in the same way. */
struct bytes packet_comments_of_message(struct packet_comments *comments,
                                        const struct corr_smb_bytes *bytes,
                                        const struct corr_packet *message);
/* Whole pcapng options; none when the packet was not dropped. Borrowed in the same way. */
struct bytes packet_comments_verdict(struct packet_comments *comments,
                                     const struct corr_packet *packet);

/* Fails when there was no memory for the last comment or verdict: it is cut then. */
enum etw_status packet_comments_status(const struct packet_comments *comments,
                                       struct etw_error *error);
/* The same of what was said of owners in all packets; slow, for the end of the file. */
enum etw_status packet_comments_finish(const struct packet_comments *comments,
                                       struct etw_error *error);

#endif
