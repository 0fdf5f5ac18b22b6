/* SPDX-License-Identifier: MIT */
/*
 * filter_sentence.h - what a capture filter lets through, in words:
 *
 *     TCP, port 443, address 192.0.2.10
 *     any IPv4 address is 192.0.2.10
 */
#ifndef PCAPOUT_FILTER_SENTENCE_H
#define PCAPOUT_FILTER_SENTENCE_H

#include "etw/base/text.h"
#include "etw/event.h"

/* Appends it; the number and the name of the filter are not part of it. */
void out_filter_add_text(const struct etw_capture_filter *filter, struct text *to);

#endif
