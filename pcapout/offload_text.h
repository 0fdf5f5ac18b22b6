/* SPDX-License-Identifier: MIT */
/*
 * offload_text.h - what adapters do to packets, in the words of comments and rows.
 */
#ifndef PCAPOUT_OFFLOAD_TEXT_H
#define PCAPOUT_OFFLOAD_TEXT_H

#include <stddef.h>

#include "etw/base/text.h"
#include "etw/event.h"

#define OUT_OFFLOAD_MAXIMUM 3

/* Nothing is known of this packet. */
bool out_offload_is_empty(const struct etw_offload *offload);
/* The work that an adapter does or has done: checksum, lso, rsc. Returns how many. */
size_t out_offload_names(const struct etw_offload *offload, const char *names[OUT_OFFLOAD_MAXIMUM]);
/* What the adapter found of the checksums of a received packet: verified, failed; or NULL. */
const char *out_offload_checksum(const struct etw_offload *offload);
/* Adds " key=value" for everything that is known, in the order of pcapng.h. */
void out_offload_add_comment(struct text *to, const struct etw_offload *offload);
/* The same in words for people; "" when nothing is known. */
void out_offload_add_words(struct text *to, const struct etw_offload *offload);

/* epb_flags, bits 9 to 11: the checksum in the frame is not ready, it was found valid, the
 * adapter cuts the segment. */
uint32_t out_offload_flags(const struct etw_offload *offload);

#endif
