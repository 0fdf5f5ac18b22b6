/* SPDX-License-Identifier: MIT */
/*
 * wfp_frames.h - a packet of the Windows Filtering Platform, which comes without IP header,
 * gets one: of the addresses, the protocol and the length that were recorded. Nothing else in
 * it is a fact: the hop limit is 64, everything else 0.
 */
#ifndef CORRELATE_WFP_FRAMES_H
#define CORRELATE_WFP_FRAMES_H

#include <stddef.h>
#include <stdint.h>

#include "etw/base/bytes.h"
#include "etw/event.h"

/* Bytes that a frame may be longer than its record at most. */
#define CORR_WFP_ROOM 16

/* Writes the frame to `out`, which has room for data.size + CORR_WFP_ROOM bytes and may be
 * data.data. Returns its size; 0: the record ends before the transport's bytes do begin.
 * `*original` is the size it had when it was recorded. */
size_t corr_wfp_frame(const struct etw_bare_transport *form, struct bytes data, uint8_t *out,
                      uint32_t *original);

#endif
