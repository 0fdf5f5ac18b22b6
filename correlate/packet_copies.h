/* SPDX-License-Identifier: MIT */
/*
 * packet_copies.h - which sightings of the packet monitor are one packet.
 *
 * A point is (component, edge, direction tag); drops are reported beside the flow,
 * so that a drop and a passage at one point may be one packet. Two sightings at
 * one point are two packets. Sightings that the monitor counted (appearance not 0)
 * belong together by group and number, the others by their bytes, direction and
 * time. The k-th packet at one point is the k-th at the next: a sighting joins the
 * oldest open group that fits and has not been at its point.
 */
#ifndef CORRELATE_PACKET_COPIES_H
#define CORRELATE_PACKET_COPIES_H

#include "correlate/packet_queue.h"
#include "etw/base/hash_index.h"

/* A group takes no sighting this long after its last. By number: real traces need
 * 0.14 ms from first to last; packet schedulers may hold a packet far longer. A
 * longer window holds back more bytes: 100 ms of a million sightings a second are
 * half of CORR_HELD_BYTES. */
#define CORR_NUMBERED_WINDOW UINT64_C(1000000) /* 100 ms in 100 ns */
#define CORR_BYTES_WINDOW    UINT64_C(10000)   /* 1 ms */

/* Sightings of one packet at most; real stacks show up to 14. */
#define CORR_COPIES_MAXIMUM 256

/* Pointers to sightings are good for reading while the group is open; afterwards
 * sightings leave the queue one by one. */
struct corr_group {
    uint64_t key;
    struct corr_held *first, *last; /* its sightings, borrowed from the queue */
    struct corr_held *chosen;       /* the one to write */
    struct corr_held *longest;      /* the one with most bytes behind the link header */
    struct corr_drop drop;          /* by the first that was a drop */
    uint32_t interface_index;       /* the adder's, CORR_NO_INTERFACE at first */
    uint64_t frame;                 /* 0: not numbered yet */
    uint64_t points;                /* one bit per hash of a point that saw it */
    int64_t last_time;
    uint32_t count;                    /* sightings */
    uint32_t held;                     /* of them still in the queue */
    uint32_t older_same, newer_same;   /* open groups of equal key, rows + 1 */
    uint32_t newest_same;              /* in the oldest of them only */
    uint32_t older_touch, newer_touch; /* open groups by last sighting, rows + 1 */
    uint8_t window;                    /* which list and window */
    bool is_open;
    bool has_offload;
    struct etw_offload offload; /* of the first sighting that has one; valid with has_offload */
};

enum { CORR_WINDOW_NUMBERED, CORR_WINDOW_BYTES, CORR_WINDOW_COUNT };

/* Zero-initialised is empty and valid. */
struct corr_copies {
    struct corr_group *groups; /* owned; rows */
    size_t group_count, group_capacity;
    uint32_t free_row;                                             /* rows + 1; 0: none */
    uint32_t oldest[CORR_WINDOW_COUNT], newest[CORR_WINDOW_COUNT]; /* rows + 1; 0: none */
    struct hash_index index; /* by key, only the oldest open group of each */
    uint32_t shortest_cut;   /* bytes of the shortest sighting that was cut; 0: none */
};

/* Joins a sighting that was just added to the queue with an open group, or opens
 * one. `layers` are the sighting's. */
enum etw_status corr_copies_add(struct corr_copies *copies, struct corr_held *held,
                                const struct corr_layers *layers, struct etw_error *error);
/* Closes the groups that no further sighting can join. */
void corr_copies_expire(struct corr_copies *copies, int64_t now);
void corr_copies_close(struct corr_copies *copies, uint32_t row);
/* One of the group's sightings has left the queue. */
void corr_copies_release(struct corr_copies *copies, uint32_t row);
void corr_copies_done(struct corr_copies *copies);

#endif
