/* SPDX-License-Identifier: MIT */
/*
 * ndis_capture.c - Microsoft-Windows-NDIS-PacketCapture: the packets of
 * `netsh trace start capture=yes`.
 */
#include "etw/providers/binding.h"

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
    {1016, ETW_EVENT_CAPTURE_FILTER, finish_rule, rule, NO_SOCKET},
    {2003, ETW_EVENT_CAPTURE_FILTER, finish_rejected_rule, rule, NO_SOCKET},
};
/* clang-format on */

const struct provider_binding ndis_capture_provider = {
    .guid = GUID_OF(0x2ed6006e, 0x4729, 0x4609, 0xb4, 0x23, 0x3e, 0xe7, 0xbc, 0xd6, 0x78, 0xef),
    .events = events,
    .event_count = sizeof(events) / sizeof(events[0]),
};
