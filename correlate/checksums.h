/* SPDX-License-Identifier: MIT */
/*
 * checksums.h - are the checksums in a frame right, and what does a sent frame prove about
 * the work that is left to the adapter?
 */
#ifndef CORRELATE_CHECKSUMS_H
#define CORRELATE_CHECKSUMS_H

#include "correlate/packets.h"

/* Of TCP and UDP over IP: true when the whole segment or datagram was captured and has a
 * checksum; `*is_right`: that one. */
bool corr_checksum(const struct corr_packet *packet, bool *is_right);

/* enum etw_offload_flag, of a sent frame: ETW_OFFLOAD_CHECKSUM when a checksum in it is
 * wrong, ETW_OFFLOAD_SEGMENTS when TCP follows an IP header that states no length. */
uint8_t corr_offload_proven(const struct corr_packet *packet);

#endif
