/* SPDX-License-Identifier: MIT */
/*
 * pcapng_set.h - everything into one pcapng file, or packets of each link type into one of their
 * own, because tools built on libpcap refuse a file with two.
 *
 *     out_pcapng_set_new(&sources, file, NULL, NULL, &set, &error);     one file
 *     out_pcapng_set_new(&sources, NULL, open, context, &set, &error);  files opened when needed
 *     out_pcapng_set_packet(set, &packet, &error) ...
 *     out_pcapng_set_finish(set, &error);
 *     out_pcapng_set_free(set);
 */
#ifndef PCAPOUT_PCAPNG_SET_H
#define PCAPOUT_PCAPNG_SET_H

#include "pcapout/pcapng.h"

struct out_pcapng_set;

/* Opens the file for one kind: "ethernet", "wifi", "ip", "ppp", "unknown" of packets, "events", or
 * "smb" of messages.
 * It stays the caller's. Called once for each kind. */
typedef enum etw_status out_pcapng_open(void *context, const char *kind, struct out_file **out,
                                        struct etw_error *error);

/* Borrowed for the life of the set. */
struct out_pcapng_sources {
    const struct corr_adapters *adapters;
    const struct out_section *section;
    const struct out_pcapng_options *options;
};

/* With `file` everything goes there, and it is begun at once; else `open` is asked. */
enum etw_status out_pcapng_set_new(const struct out_pcapng_sources *sources, struct out_file *file,
                                   out_pcapng_open *open, void *context,
                                   struct out_pcapng_set **out, struct etw_error *error);
enum etw_status out_pcapng_set_packet(struct out_pcapng_set *set, const struct corr_packet *packet,
                                      struct etw_error *error);
enum etw_status out_pcapng_set_event(struct out_pcapng_set *set,
                                     const struct out_pcapng_event *event, struct etw_error *error);
enum etw_status out_pcapng_set_keep_place(struct out_pcapng_set *set, uint64_t place,
                                          struct etw_error *error);
enum etw_status out_pcapng_set_leave_place(struct out_pcapng_set *set, uint64_t place,
                                           struct etw_error *error);
enum etw_status out_pcapng_set_message(struct out_pcapng_set *set,
                                       const struct out_pcapng_message *message,
                                       struct etw_error *error);
void out_pcapng_set_note_messages(struct out_pcapng_set *set, const char *note);
enum etw_status out_pcapng_set_finish(struct out_pcapng_set *set, struct etw_error *error);
void out_pcapng_set_free(struct out_pcapng_set *set); /* NULL is allowed */

/* True when one of the files has different link types. */
bool out_pcapng_set_has_mixed_links(const struct out_pcapng_set *set);

#endif
