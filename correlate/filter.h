/* SPDX-License-Identifier: MIT */
/*
 * filter.h - which packets the user wants. The same option repeated: any of
 * them; different options: all of them.
 */
#ifndef CORRELATE_FILTER_H
#define CORRELATE_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "correlate/packets.h"

struct corr_filter;

struct corr_filter *corr_filter_new(void); /* NULL: no memory */
void corr_filter_free(struct corr_filter *filter);

/* Each reads one option's value; ETW_OK, or an error whose text says what the
 * value should look like (status ETW_ERR_INPUT). */
enum etw_status corr_filter_add_host(struct corr_filter *filter, const char *value,
                                     struct etw_error *error); /* ADDR[/LEN] */
enum etw_status corr_filter_add_port(struct corr_filter *filter, const char *value,
                                     struct etw_error *error); /* N[-M] */
enum etw_status corr_filter_add_tuple(struct corr_filter *filter, const char *value,
                                      struct etw_error *error); /* A:P-B:Q, either order */
enum etw_status corr_filter_add_protocol(struct corr_filter *filter, const char *value,
                                         struct etw_error *error); /* tcp udp ... ip:N eth:0x88cc */
enum etw_status corr_filter_add_frames(struct corr_filter *filter, const char *value,
                                       struct etw_error *error); /* N[-M] */
enum etw_status corr_filter_add_capture(struct corr_filter *filter, enum etw_capture capture);
/* Both ends inclusive; INT64_MIN and INT64_MAX: open. FILETIME. */
void corr_filter_set_times(struct corr_filter *filter, int64_t from, int64_t to);

bool corr_filter_matches(const struct corr_filter *filter, const struct corr_packet *packet);

#endif
