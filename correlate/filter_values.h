/* SPDX-License-Identifier: MIT */
/*
 * filter_values.h - the values of filter options, read from text.
 */
#ifndef CORRELATE_FILTER_VALUES_H
#define CORRELATE_FILTER_VALUES_H

#include "correlate/packet_layers.h"

/* All of them read `size` characters, which must be the value and nothing else.
 * False: they are not one; `*out` is untouched then. */
bool corr_parse_number(const char *text, size_t size, uint64_t maximum, uint64_t *out);
/* N or N-M with N <= M. */
bool corr_parse_range(const char *text, uint64_t maximum, uint64_t *from, uint64_t *to);
/* Dotted IPv4, or IPv6 in any of its written forms. */
bool corr_parse_address(const char *text, size_t size, struct corr_address *out);
/* 192.0.2.1:443 or [2001:db8::1]:443 */
bool corr_parse_endpoint(const char *text, size_t size, struct corr_address *address,
                         uint16_t *port);

#endif
