/* SPDX-License-Identifier: MIT */
/*
 * interfaces.h - the interfaces that packets were seen on: one per adapter and
 * link type, or per component, edge and link type when every sighting is
 * written; of packets in a virtual switch per source port, of remote access per connection.
 * Numbered in order of first use, named for people.
 */
#ifndef PCAPOUT_INTERFACES_H
#define PCAPOUT_INTERFACES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "correlate/adapters.h"
#include "correlate/packets.h"

struct out_interface {
    uint32_t number; /* 0.. in order of first use */
    enum etw_link link;
    uint32_t interface_index; /* Windows' index; CORR_NO_INTERFACE */
    uint16_t component;       /* with all appearances, and where the index is not known; else 0 */
    uint16_t edge;            /* with all appearances; else 0 */
    bool is_pktmon;
    bool is_radiotap; /* 802.11 frames stand behind radiotap headers */
    bool is_events;   /* no network: events stand there as packets */
    bool is_messages; /* likewise SMB messages from events */
    char name[160];   /* alias, else description, else eth:12, wifi:, wwan:, vnic:, ras:, wfp: */
    char description[320]; /* "" when there is none */
    struct corr_address mac;
    uint64_t speed;
    /* counted by the user of the table */
    uint64_t packets, bytes, dropped;
    uint64_t unprotected; /* frames whose Protected bit was cleared in the output */
    int64_t first_time, last_time;
};

struct out_interfaces;

enum etw_status out_interfaces_new(const struct corr_adapters *adapters, bool all_appearances,
                                   struct out_interfaces **out, struct etw_error *error);
void out_interfaces_free(struct out_interfaces *interfaces);

/* The row of this packet's interface, made on first use (`*is_new`, may be NULL).
 * NULL: no memory. The pointer stays valid until the next call. */
struct out_interface *out_interfaces_of(struct out_interfaces *interfaces,
                                        const struct corr_packet *packet, bool *is_new);
/* The row that events stand on. The same rules. */
struct out_interface *out_interfaces_of_events(struct out_interfaces *interfaces, bool *is_new);
/* Likewise of SMB messages. */
struct out_interface *out_interfaces_of_messages(struct out_interfaces *interfaces, bool *is_new);
size_t out_interfaces_list(const struct out_interfaces *interfaces,
                           const struct out_interface **rows);

#endif
