/* SPDX-License-Identifier: MIT */
/*
 * wfp_capture.c - Microsoft-Pef-WFP-MessageProvider: what the Windows Filtering Platform
 * sees, as Message Analyzer recorded it. Packets begin behind the IP header; a connection's
 * authorization names its process.
 *
 * [documented: manifest, Wireshark; no real trace at hand]
 */
#include "etw/providers/binding.h"

#define COUNT_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

#define KEYWORD_START   UINT64_C(0x40000000)
#define KEYWORD_END     UINT64_C(0x80000000)
#define KEYWORD_SEND    UINT64_C(0x100000000)
#define KEYWORD_RECEIVE UINT64_C(0x200000000)

enum { DIRECTION_INBOUND = 1, IP_TCP = 6, IP_UDP = 17 }; /* FWP_DIRECTION; IP protocols */

/*
 * A message: source and destination (4 or 16 bytes each), u8 protocol, u64 flow where the
 * form has it, u16 length, the bytes behind the IP header.
 */
static const struct form {
    uint16_t id;
    struct etw_bare_transport bare;
} forms[] = {
    {60011, {.address_size = 4, .prefix_size = 11}},
    {60012, {.address_size = 4, .prefix_size = 19}},
    {60021, {.address_size = 16, .prefix_size = 35}},
    {60022, {.address_size = 16, .prefix_size = 43}},
};

static bool set_form(struct etw_packet *packet, uint16_t id)
{
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        if (forms[i].id == id) {
            packet->bare = forms[i].bare;
            return true;
        }
    }
    return false;
}

static void set_capture(struct etw_event *event)
{
    struct etw_packet *packet = &event->u.packet;
    bool is_sent = event->record->keywords & KEYWORD_SEND;
    bool is_received = event->record->keywords & KEYWORD_RECEIVE;
    packet->capture = ETW_CAPTURE_WFP;
    if (is_sent != is_received) {
        packet->direction = is_sent ? ETW_DIRECTION_OUT : ETW_DIRECTION_IN;
    }
}

/* The packet is the whole payload, so that one cut into fragments reads the same. */
static void finish_message(struct etw_event *event, const struct binding_raw *raw)
{
    (void)raw;
    struct etw_packet *packet = &event->u.packet;
    (void)set_form(packet, event->record->id);
    set_capture(event);
    packet->data = event->record->payload;
    packet->is_start = true;
    packet->is_end = true;
}

/* A part of the payload of an event that was too long for one; `number` is its id. The
 * fragments of one have a number in common. */
static void finish_fragment(struct etw_event *event, const struct binding_raw *raw)
{
    (void)raw;
    struct etw_packet *packet = &event->u.packet;
    if (!set_form(packet, packet->number)) {
        event->kind = ETW_EVENT_NOTED;
        return;
    }
    set_capture(event);
    packet->lower_index = packet->number;
    packet->is_start = event->record->keywords & KEYWORD_START;
    packet->is_end = event->record->keywords & KEYWORD_END;
}

/* Which end is the local one follows from the direction; protocols without ports name no
 * socket. */
static void finish_authorization(struct etw_event *event, const struct binding_raw *raw)
{
    struct etw_socket *socket = &event->u.socket;
    bool is_in = raw->path_direction == DIRECTION_INBOUND;
    if (socket->protocol != IP_TCP && socket->protocol != IP_UDP) {
        event->kind = ETW_EVENT_NOTED;
        return;
    }
    socket->phase = is_in ? ETW_PHASE_INDICATION : ETW_PHASE_SINGLE;
    struct bytes *image = &socket->image; /* without the NUL that may end it */
    if (image->size >= 2 && load_u16(image->data + image->size - 2) == 0) {
        image->size -= 2;
    }
    if (is_in) {
        struct etw_socket_address source = socket->local;
        socket->local = socket->remote;
        socket->remote = source;
    }
}

/* clang-format off */
#define MESSAGE(id) {id, ETW_EVENT_PACKET, finish_message,                                        \
    ROLES({ROLE_PACKET_DATA, "MessageFrame"}), NO_SOCKET}
#define AUTHORIZATION(id) {id, ETW_EVENT_SOCKET, finish_authorization,                            \
    ROLES({ROLE_SOCKET_LOCAL_IP, "SourceAddress"}, {ROLE_SOCKET_REMOTE_IP, "DestinationAddress"},      \
     {ROLE_SOCKET_LOCAL_PORT, "SourcePort"}, {ROLE_SOCKET_REMOTE_PORT, "DestinationPort"},        \
     {ROLE_RAW_PATH_DIRECTION, "Direction"}, {ROLE_SOCKET_PROTOCOL, "Protocol"},                  \
     {ROLE_SOCKET_PID, "ProcessId"}, {ROLE_SOCKET_IMAGE, "ProcessPath"}),                                                             \
    {ETW_LAYER_KERNEL, ETW_ACTION_INSPECTED, ETW_PHASE_SINGLE, 0, false}}

static const struct event_binding events[] = {
    {2000, ETW_EVENT_PACKET, finish_fragment,
     ROLES({ROLE_PACKET_NUMBER, "FragmentEventId"}, {ROLE_PACKET_INTERFACE, "GroupId"},
      {ROLE_PACKET_DATA, "Payload"}), NO_SOCKET},
    MESSAGE(60011),
    MESSAGE(60012),
    MESSAGE(60021),
    MESSAGE(60022),
    AUTHORIZATION(60031),
    AUTHORIZATION(60041),
};
/* clang-format on */

const struct provider_binding wfp_capture_provider = {
    .guid = GUID_OF(0xc22d1b14, 0xc242, 0x49de, 0x9f, 0x17, 0x1d, 0x76, 0xb8, 0xb9, 0xc4, 0x58),
    .events = events,
    .event_count = COUNT_OF(events),
};
