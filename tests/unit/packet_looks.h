/* SPDX-License-Identifier: MIT */
/*
 * packet_looks.h - sightings of the packet monitor in short form, for tables.
 */
#ifndef TESTS_UNIT_PACKET_LOOKS_H
#define TESTS_UNIT_PACKET_LOOKS_H

#include "tests/unit/packet_events.h"

#define COUNT_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

#define IN  ETW_DIRECTION_IN
#define OUT ETW_DIRECTION_OUT

/* One sighting. `content` chooses the bytes behind the link header: equal contents
 * are equal bytes. */
struct look {
    int64_t time;
    uint16_t component;
    enum etw_direction direction;
    enum etw_link link;
    uint8_t content;
    uint16_t captured; /* 0: all */
    uint64_t group;    /* with appearance 1; 0: not counted */
    bool is_dropped;
};

#define PACKET_SIZE 200 /* from the IP header on */

/* A frame of one link type that carries an IPv4 datagram; returns its size. */
static inline size_t make_frame(enum etw_link link, uint8_t content, uint8_t frame[300])
{
    static const uint8_t ethernet[14] = {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x08, 0x00};
    static const uint8_t wifi[34] = {
        0x88, 0x01, [5] = 0xaa, [10] = 0x02, [16] = 0x02, [26] = 0xaa, 0xaa,
        0x03, 0,    0,          0,           0x08,        0x00};
    static const uint8_t ip[20] = {0x45, 0, 0,   PACKET_SIZE, 0, 0, 0,   0, 64, 17,
                                   0,    0, 192, 0,           2, 1, 192, 0, 2,  2};
    size_t size = 0;
    if (link == ETW_LINK_ETHERNET) {
        memcpy(frame, ethernet, sizeof(ethernet));
        size = sizeof(ethernet);
    } else if (link == ETW_LINK_IEEE80211) {
        memcpy(frame, wifi, sizeof(wifi));
        size = sizeof(wifi);
    }
    memset(frame + size, content, PACKET_SIZE);
    memcpy(frame + size, ip, sizeof(ip));
    return size + PACKET_SIZE;
}

static inline void feed_look(struct stage *stage, const struct look *look)
{
    uint8_t frame[300];
    size_t size = make_frame(look->link, look->content, frame);
    struct etw_packet packet = {
        .capture = ETW_CAPTURE_PKTMON,
        .link = look->link,
        .direction = look->direction,
        .data = bytes_of(frame, look->captured ? look->captured : size),
        .original_size = (uint32_t)size,
        .is_start = true,
        .is_end = true,
        .is_dropped = look->is_dropped,
        .drop_reason = look->is_dropped ? 7 : 0,
        .drop_location = look->is_dropped ? 8 : 0,
        .group = look->group,
        .number = 1,
        .appearance = look->group != 0,
        .direction_tag = look->direction == IN ? 3 : 4,
        .component = look->component,
        .edge = 1,
    };
    feed_packet(stage, look->time, 1, 0, &packet);
}

#define ETH  ETW_LINK_ETHERNET
#define RAW  ETW_LINK_RAW_IP
#define WIFI ETW_LINK_IEEE80211
#define US   MICROSECOND
#define MS   MILLISECOND

#endif
