/* SPDX-License-Identifier: MIT */
/*
 * filter.h - which packets and sockets the user wants. The same option repeated: any
 * of them; different options: all of them.
 */
#ifndef CORRELATE_FILTER_H
#define CORRELATE_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "correlate/packets.h"
#include "correlate/sockets.h"

struct corr_filter;
struct corr_ledger;

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
/* The process id of the owner, or of the process on whose behalf it sends and receives. */
enum etw_status corr_filter_add_pid(struct corr_filter *filter, const char *value,
                                    struct etw_error *error);
/* Its file name, with or without .exe, or its full path; `*` and `?` (filter_names.h
 * says more). */
enum etw_status corr_filter_add_process(struct corr_filter *filter, const char *value,
                                        struct etw_error *error);
enum etw_status corr_filter_add_connection(struct corr_filter *filter, const char *value,
                                           struct etw_error *error); /* id of a socket */
enum etw_status corr_filter_add_capture(struct corr_filter *filter, enum etw_capture capture);
/* Both ends inclusive; INT64_MIN and INT64_MAX: open. FILETIME. */
void corr_filter_set_times(struct corr_filter *filter, int64_t from, int64_t to);

/* Pids, processes and connections are those of a ledger: without it nothing matches a
 * filter that has one of them. */
bool corr_filter_needs_ledger(const struct corr_filter *filter);
/* True when a process is asked for: packets should then say whom they are for. */
bool corr_filter_has_process(const struct corr_filter *filter);
/* To be called when the ledger is finished and everything was added; copies what it needs. */
enum etw_status corr_filter_bind(struct corr_filter *filter, const struct corr_ledger *ledger,
                                 struct etw_error *error);
/* The same, of the rows of a ledger. */
enum etw_status corr_filter_bind_rows(struct corr_filter *filter,
                                      const struct corr_process *processes, size_t process_count,
                                      const struct corr_socket *sockets, size_t socket_count,
                                      struct etw_error *error);

/* By the packet's verdict, where owner or connection is asked for: a packet whose owner is
 * one of several has none. Its `behalf` counts as much as its owner. What is no packet
 * (ETW_CAPTURE_NONE) is of every capture and has no frame. */
bool corr_filter_matches(const struct corr_filter *filter, const struct corr_packet *packet);
/* The same without its wishes of time. */
bool corr_filter_matches_at_any_time(const struct corr_filter *filter,
                                     const struct corr_packet *packet);
/* True when only the time that it comes too early for keeps the packet from matching. */
bool corr_filter_is_before(const struct corr_filter *filter, const struct corr_packet *packet);
/* A socket of the same ledger. Times mean that it was open at one of them; frames and
 * captures are of packets and say nothing here. */
bool corr_filter_matches_socket(const struct corr_filter *filter, const struct corr_socket *socket);

#endif
