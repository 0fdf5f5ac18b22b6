/* SPDX-License-Identifier: MIT */
/*
 * packet_offloads.h - what Windows keeps beside the bytes of a packet (checksums and
 * segmentation left to the adapter, VLAN, hash), brought to the sighting it was logged of.
 *
 * Such a record and its sighting share group, component, edge and appearance; which of the
 * two comes first is not known. The record counts the packets of its group: it is about all
 * up to that number, and the record of the very number counts more. What waits
 * for its sighting longer than CORR_NUMBERED_WINDOW, or is more than CORR_OFFLOADS_MAXIMUM,
 * is counted as FINDING_OFFLOAD_WITHOUT_PACKET and forgotten.
 */
#ifndef CORRELATE_PACKET_OFFLOADS_H
#define CORRELATE_PACKET_OFFLOADS_H

#include "correlate/packet_copies.h"

#define CORR_OFFLOADS_MAXIMUM 65536

struct corr_offload_row;

/* Zero-initialised with the two pointers set is valid. */
struct corr_offloads {
    struct corr_copies *copies;    /* borrowed */
    struct findings *findings;     /* borrowed */
    struct corr_offload_row *rows; /* owned */
    size_t row_count, row_capacity;
    size_t waiting;          /* records */
    uint32_t free_row;       /* rows + 1; 0: none */
    uint32_t oldest, newest; /* records by arrival, rows + 1; 0: none */
    struct hash_index index; /* by place, the first row of each */
};

/* A sighting that was just added to the queue, and its group. */
enum etw_status corr_offloads_add_sighting(struct corr_offloads *offloads, struct corr_held *held,
                                           struct etw_error *error);
/* The sighting is about to leave the queue. */
void corr_offloads_release(struct corr_offloads *offloads, const struct corr_held *held);
/* Of ETW_EVENT_PACKET_OFFLOAD. */
enum etw_status corr_offloads_add_record(struct corr_offloads *offloads,
                                         const struct etw_event *event, struct etw_error *error);
void corr_offloads_expire(struct corr_offloads *offloads, int64_t now);
/* No sighting comes any more. */
void corr_offloads_finish(struct corr_offloads *offloads);
void corr_offloads_done(struct corr_offloads *offloads);

#endif
