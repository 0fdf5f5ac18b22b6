/* SPDX-License-Identifier: MIT */
/*
 * ndis_capture.c - Microsoft-Windows-NDIS-PacketCapture: the packets of
 * `netsh trace start capture=yes`.
 */
#include "etw/packet_route.h"
#include "etw/providers/binding.h"
#include "etw/providers/wifi_reception.h"

/* What the payload does not say stands in the keywords of each event.
 * [documented: manifest; measured: one Windows 10 19044 trace, 802.11, sent] */
#define KEYWORD_RAW_IP    UINT64_C(0x200) /* mobile broadband */
#define KEYWORD_80211     UINT64_C(0x10000)
#define KEYWORD_TRUNCATED UINT64_C(0x2000000)
#define KEYWORD_START     UINT64_C(0x40000000)
#define KEYWORD_END       UINT64_C(0x80000000)
#define KEYWORD_SEND      UINT64_C(0x100000000)
#define KEYWORD_RECEIVE   UINT64_C(0x200000000)

static enum etw_link find_link(uint64_t keywords)
{
    if (keywords & KEYWORD_80211) {
        return ETW_LINK_IEEE80211;
    }
    return keywords & KEYWORD_RAW_IP ? ETW_LINK_RAW_IP : ETW_LINK_ETHERNET;
}

static enum etw_direction find_direction(uint64_t keywords)
{
    bool is_sent = keywords & KEYWORD_SEND;
    bool is_received = keywords & KEYWORD_RECEIVE;
    if (is_sent == is_received) {
        return ETW_DIRECTION_UNKNOWN;
    }
    return is_sent ? ETW_DIRECTION_OUT : ETW_DIRECTION_IN;
}

/*
 * Windows 7 and 8 log a packet in several events when its buffers are scattered:
 * the first has the start bit, the last the end bit, those between have neither.
 * Since Windows 8.1 every packet is one event with both. An event without both is
 * therefore a middle part, never a packet: taken for one, it would put a frame
 * of the middle of some payload into the output.
 */
static void finish_fragment(struct etw_event *event, const struct binding_raw *raw)
{
    (void)raw;
    struct etw_packet *packet = &event->u.packet;
    uint64_t keywords = event->record->keywords;
    packet->capture = ETW_CAPTURE_NDIS;
    packet->link = find_link(keywords);
    packet->direction = find_direction(keywords);
    packet->is_start = keywords & KEYWORD_START;
    packet->is_end = keywords & KEYWORD_END;
    packet->is_cut = keywords & KEYWORD_TRUNCATED;
}

static void finish_reception(struct etw_event *event, const struct binding_raw *raw)
{
    wifi_reception_read(raw->bytes, &event->u.reception);
}

/* The tag of the packet: NET_BUFFER_LIST information is an array of words as wide as a
 * pointer, of which the fifth is u3 priority, u1 format, u12 VLAN. [documented: ndis.h] */
#define WORD_OF_VLAN 4

static uint16_t read_vlan(struct bytes words, unsigned pointer_size)
{
    bytes_skip(&words, (size_t)WORD_OF_VLAN * pointer_size);
    return (uint16_t)(bytes_pointer(&words, pointer_size) >> 4 & 0xFFF);
}

/* What follows the ports: u32 size, frame, u32 size, words about it. */
static void read_switched(struct bytes *rest, struct etw_event *event)
{
    struct etw_packet *packet = &event->u.packet;
    size_t size = bytes_u32(rest);
    if (size > bytes_left(rest)) {
        event->is_incomplete = true;
        size = bytes_left(rest);
    }
    const uint8_t *frame = bytes_take(rest, size);
    bytes_set(&packet->data, frame, frame ? size : 0);
    struct bytes words = bytes_sub(rest, bytes_u32(rest));
    packet->vlan = read_vlan(words, event->record->pointer_size);
    event->is_incomplete = event->is_incomplete || rest->failed;
}

/*
 * A packet at a port of a virtual switch: the ports it came from and goes to, its bytes,
 * NET_BUFFER_LIST information. The number of ports is known only by walking over them.
 * [documented: manifest; the members of a port: public readers]
 */
static void finish_switched(struct etw_event *event, const struct binding_raw *raw)
{
    struct etw_packet *packet = &event->u.packet;
    struct bytes rest = raw->bytes;
    struct etw_switch_port port;
    uint32_t count = 0;
    finish_fragment(event, raw);
    bool is_whole = etw_switch_source(&rest, &port, &count);
    for (uint32_t i = 0; i < count && is_whole; i++) {
        is_whole = etw_switch_port_next(&rest, &port);
    }
    if (!is_whole) {
        event->is_incomplete = true;
        return;
    }
    packet->route = ETW_ROUTE_SWITCH;
    bytes_set(&packet->route_data, rest.data, rest.position);
    read_switched(&rest, event);
}

/* Rules that say what of a packet is kept, and at which layers, but not which packets.
 * [documented: the manifest's map] */
enum { RULE_MULTILAYER = 3, RULE_TRUNCATE = 17, DIRECTIVE_OFF = 0 };

static void finish_rule(struct etw_event *event, const struct binding_raw *raw)
{
    (void)raw;
    struct etw_capture_filter *filter = &event->u.filter;
    filter->capture = ETW_CAPTURE_NDIS;
    filter->is_selective = filter->rule != RULE_MULTILAYER && filter->rule != RULE_TRUNCATE &&
                           filter->directive != DIRECTIVE_OFF;
}

static void finish_rejected_rule(struct etw_event *event, const struct binding_raw *raw)
{
    finish_rule(event, raw);
    event->u.filter.is_rejected = true;
    event->u.filter.is_selective = false;
}

/* clang-format off */
static const struct role_binding rule[] = {
    {ROLE_FILTER_RULE, "RuleId"}, {ROLE_FILTER_DIRECTIVE, "Directive"},
    {ROLE_FILTER_VALUE, "Value"}, {ROLE_NONE, NULL}};

static const struct event_binding events[] = {
    {1001, ETW_EVENT_PACKET, finish_fragment,
     ROLES({ROLE_PACKET_INTERFACE, "MiniportIfIndex"}, {ROLE_PACKET_LOWER, "LowerIfIndex"},
      {ROLE_PACKET_DATA, "Fragment"}), NO_SOCKET},
    {1002, ETW_EVENT_RECEPTION, finish_reception,
     ROLES({ROLE_RECEPTION_INTERFACE, "MiniportIfIndex"}, {ROLE_RECEPTION_LOWER, "LowerIfIndex"},
      {ROLE_RAW_BYTES, "Metadata"}), NO_SOCKET},
    {1003, ETW_EVENT_PACKET, finish_switched,
     ROLES({ROLE_PACKET_INTERFACE, "MiniportIfIndex"}, {ROLE_PACKET_LOWER, "LowerIfIndex"},
      {ROLE_RAW_REST, "SourcePortId"}, {ROLE_PACKET_DATA, "Fragment"}), NO_SOCKET},
    {1016, ETW_EVENT_CAPTURE_FILTER, finish_rule, rule, NO_SOCKET},
    {2003, ETW_EVENT_CAPTURE_FILTER, finish_rejected_rule, rule, NO_SOCKET},
};
/* clang-format on */

const struct provider_binding ndis_capture_provider = {
    .guid = GUID_OF(0x2ed6006e, 0x4729, 0x4609, 0xb4, 0x23, 0x3e, 0xe7, 0xbc, 0xd6, 0x78, 0xef),
    .events = events,
    .event_count = sizeof(events) / sizeof(events[0]),
};
