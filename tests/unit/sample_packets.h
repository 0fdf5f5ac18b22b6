/* SPDX-License-Identifier: MIT */
/*
 * sample_packets.h - adapters, components and packets for the tests of the
 * writers. Addresses are those kept for documentation.
 */
#ifndef TESTS_UNIT_SAMPLE_PACKETS_H
#define TESTS_UNIT_SAMPLE_PACKETS_H

#include <string.h>
#include <uchar.h>

#include "correlate/adapters.h"
#include "correlate/packets.h"
#include "etw/base/utc_time.h"

/* 2026-03-02T08:00:00.0012345Z */
#define SAMPLE_TIME (INT64_C(134169120000012345))

/* Ethernet, IPv4, TCP: 192.0.2.10:50357 > 198.51.100.7:443, SYN, 66 bytes. */
static const uint8_t sample_syn[66] = {
    0x02, 0,    0,    0,    0,    0x02, 0x02, 0,    0,    0,    0,    0x01, 0x08, 0x00, /* Ethernet
                                                                                         */
    0x45, 0,    0,    52,   0,    1,    0x40, 0,    128,  6,    0,    0,    192,  0,    2,    10,
    198,  51,   100,  7, /* IPv4 */
    0xC4, 0xB5, 0x01, 0xBB, 0x85, 0x0B, 0x0E, 0x16, 0,    0,    0,    0,    0x80, 0x02, 0xFA, 0xF0,
    0,    0,    0,    0,    0x02, 0x04, 0x05, 0xB4, 0x01, 0x03, 0x03, 0x08, 0x01, 0x01, 0x04, 0x02,
};

/* A broadcast ARP request: who has 192.0.2.10, tell 192.0.2.1. */
static const uint8_t sample_arp[42] = {
    0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x02, 0, 0,    0, 0,   0x09, 0x08, 0x06,
    0,    1,    8,    0,    6,    4,    0,    1, 0x02, 0, 0,   0,    0,    0x09,
    192,  0,    2,    1,    0,    0,    0,    0, 0,    0, 192, 0,    2,    10,
};

/* Ethernet, IPv6, UDP: [2001:db8::53]:53 > [2001:db8::10]:61000. */
static const uint8_t sample_udp6[62] = {
    0x33, 0x33, 0, 0, 0,  1,    0x02, 0,    0,    0,    0, 0x09, 0x86, 0xDD, 0x60, 0,
    0,    0,    0, 8, 17, 64,   0x20, 0x01, 0x0D, 0xB8, 0, 0,    0,    0,    0,    0,
    0,    0,    0, 0, 0,  0x53, 0x20, 0x01, 0x0D, 0xB8, 0, 0,    0,    0,    0,    0,
    0,    0,    0, 0, 0,  0x10, 0,    53,   0xEE, 0x48, 0, 8,    0,    0,
};

/* 802.11 data frame, marked Protected, whose body is plain LLC. */
static const uint8_t sample_wifi[34] = {
    0x08, 0x41, 0, 0, 0x02, 0, 0, 0,    0,    0x01, 0x02, 0, 0, 0,    0,    0x02, 0x02,
    0,    0,    0, 0, 0x03, 0, 0, 0xAA, 0xAA, 3,    0,    0, 0, 0x08, 0x00, 0x45, 0,
};

static inline struct bytes sample_utf16(const char16_t *text)
{
    size_t count = 0;
    while (text[count]) {
        count++;
    }
    return bytes_of(text, count * 2);
}

static inline void sample_adapter(struct corr_adapters *adapters, uint32_t index, uint32_t type,
                                  const char16_t *alias, const char16_t *description)
{
    static const uint8_t mac[6] = {0x02, 0, 0, 0, 0, 0x01};
    struct etw_event event = {.kind = ETW_EVENT_INTERFACE};
    event.u.interface.index = index;
    event.u.interface.type = type;
    event.u.interface.alias = sample_utf16(alias);
    event.u.interface.description = sample_utf16(description);
    event.u.interface.mac = bytes_of(mac, sizeof(mac));
    event.u.interface.speed = 1000000000;
    (void)corr_adapters_learn(adapters, &event, NULL);
}

static inline void sample_component(struct corr_adapters *adapters, uint16_t id, uint16_t type,
                                    const char16_t *name, uint32_t miniport_index)
{
    struct etw_event event = {.kind = ETW_EVENT_COMPONENT};
    event.u.component.id = id;
    event.u.component.type = type;
    event.u.component.name = sample_utf16(name);
    event.u.component.description = bytes_of(NULL, 0);
    (void)corr_adapters_learn(adapters, &event, NULL);
    if (miniport_index != CORR_NO_INTERFACE) {
        event = (struct etw_event){.kind = ETW_EVENT_COMPONENT_FACT};
        event.u.fact.component = id;
        event.u.fact.kind = ETW_FACT_MINIPORT_INDEX;
        event.u.fact.number = miniport_index;
        (void)corr_adapters_learn(adapters, &event, NULL);
    }
}

static inline struct corr_packet sample_packet(const uint8_t *data, size_t size)
{
    struct corr_packet packet = {
        .frame = 1,
        .time = SAMPLE_TIME,
        .capture = ETW_CAPTURE_NDIS,
        .link = ETW_LINK_ETHERNET,
        .direction = ETW_DIRECTION_OUT,
        .data = data,
        .captured = (uint32_t)size,
        .original = (uint32_t)size,
        .interface_index = 12,
        .header_pid = RECORD_NO_ID,
        .header_tid = RECORD_NO_ID,
        .appearances = 1,
        .verdict = {.socket = CORR_NO_ROW, .process = CORR_NO_ROW, .reason = CORR_NO_EVENTS}};
    corr_layers_read(packet.link, data, size, &packet.layers);
    return packet;
}

/* The same as a sighting by the packet monitor. */
static inline struct corr_packet sample_sighting(const uint8_t *data, size_t size,
                                                 uint16_t component, uint16_t edge)
{
    struct corr_packet packet = sample_packet(data, size);
    packet.capture = ETW_CAPTURE_PKTMON;
    packet.component = component;
    packet.edge = edge;
    packet.appearances = 13;
    packet.appearance = 2;
    packet.group = 281474976710657;
    packet.number = 1;
    packet.filter = 3;
    return packet;
}

#endif
