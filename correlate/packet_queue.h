/* SPDX-License-Identifier: MIT */
/*
 * packet_queue.h - sightings held back, in order of arrival, until it is known
 * which of them are one packet. First in, first out; places never move.
 */
#ifndef CORRELATE_PACKET_QUEUE_H
#define CORRELATE_PACKET_QUEUE_H

#include "correlate/packets.h"

/* A packet's bytes at most; far above the largest that an adapter cuts itself. */
#define CORR_PACKET_MAXIMUM (256u << 10)

/* What one packet event says, apart from its joining with others. */
struct corr_sighting {
    int64_t time;
    uint64_t offset;
    const uint8_t *data;
    uint32_t captured;
    uint32_t original; /* as the recorder states it; 0: it does not */
    enum etw_capture capture;
    enum etw_link link; /* by its bytes */
    enum etw_direction direction;
    uint32_t interface_index; /* NDIS */
    uint32_t header_pid, header_tid;
    uint32_t drop_reason, drop_location;
    uint64_t group;
    uint16_t number, appearance, direction_tag, component, edge, filter;
    uint16_t cpu;
    bool is_dropped;
    bool is_incomplete;
    bool has_reception;
    uint16_t vlan;
    struct etw_reception reception;
    const struct corr_route *route; /* borrowed from the adapters; NULL: none */
    struct etw_offload offload;     /* all 0 where nothing was recorded */
    struct etw_bare_transport bare; /* the data are not a frame yet */
};

static inline struct corr_drop corr_sighting_drop(const struct corr_sighting *sighting)
{
    if (!sighting->is_dropped) {
        return (struct corr_drop){0};
    }
    return (struct corr_drop){
        .is_dropped = true,
        .reason = sighting->drop_reason,
        .location = sighting->drop_location,
        .component = sighting->component,
    };
}

enum corr_held_kind {
    CORR_HELD_ALONE, /* a packet of its own */
    CORR_HELD_RUN,   /* a packet whose last fragment has not come */
    CORR_HELD_COPY   /* one of the sightings of a group */
};

struct corr_held {
    struct corr_sighting sighting; /* its data are owned */
    struct corr_held *next;        /* in order of arrival */
    struct corr_held *next_copy;   /* of the same group, in order of arrival */
    uint8_t *buffer;               /* owned; NULL: the data stand behind this struct */
    size_t buffer_size;
    uint64_t frame;       /* CORR_HELD_ALONE: its number, 0 before it has one */
    uint32_t row;         /* of its group or run */
    uint32_t link_size;   /* copies are compared from here on */
    uint32_t offload_row; /* of packet_offloads.h, rows + 1; 0: none */
    uint8_t offload_rank; /* how sure it is that the offload is this one's; 0: there is none */
    enum corr_held_kind kind;
};

struct corr_chunk;

/* Zero-initialised is empty and valid. */
struct corr_queue {
    struct corr_held *first, *last;
    struct corr_chunk *first_chunk, *last_chunk; /* owned */
    struct corr_chunk *spare;                    /* owned; one is kept for reuse */
    size_t bytes;                                /* held now: places, data and buffers */
};

/* Copies the sighting with its data, at most CORR_PACKET_MAXIMUM, to the end. NULL: no memory. */
struct corr_held *corr_queue_add(struct corr_queue *queue, const struct corr_sighting *sighting);
/* Forgets the first sighting. */
void corr_queue_release(struct corr_queue *queue);
void corr_queue_done(struct corr_queue *queue);

#endif
