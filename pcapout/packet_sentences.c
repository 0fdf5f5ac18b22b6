/* SPDX-License-Identifier: MIT */
/*
 * packet_sentences.c - packets in words, and what is recorded beside them: their
 * headers, what is left to the adapter, how a Wi-Fi frame was received.
 */
#include "etw/packet_route.h"
#include "etw/trace.h"
#include "pcapout/offload_text.h"
#include "pcapout/route_text.h"
#include "pcapout/sentence_parts.h"

static const char *const link_names[] = {
    [ETW_LINK_UNKNOWN] = "",    [ETW_LINK_ETHERNET] = ", Ethernet",
    [ETW_LINK_RAW_IP] = ", IP", [ETW_LINK_IEEE80211] = ", Wi-Fi",
    [ETW_LINK_PPP] = ", PPP",
};

static const char *const direction_names[] = {
    [ETW_DIRECTION_UNKNOWN] = "", [ETW_DIRECTION_IN] = " in", [ETW_DIRECTION_OUT] = " out"};

static const char *packet_words(const struct etw_packet *packet)
{
    if (packet->is_start) {
        return packet->is_end ? "packet" : "first part of a packet";
    }
    return packet->is_end ? "last part of a packet" : "part of a packet";
}

static void add_place(struct text *to, const struct etw_packet *packet)
{
    sentence_add_number(to, ", component ", packet->component);
    sentence_add_number(to, " edge ", packet->edge);
    sentence_add_number(to, ", group ", packet->group);
    if (packet->count > 0) {
        sentence_add_number(to, " numbers up to ", packet->count);
    } else {
        sentence_add_number(to, " number ", packet->number);
    }
    if (packet->appearance != 0) {
        sentence_add_number(to, " appearance ", packet->appearance);
    }
}

static void add_drop(struct text *to, const struct etw_packet *packet)
{
    text_add(to, ", reason ");
    sentence_add_name_or_number(to, etw_drop_reason_name(packet->drop_reason), packet->drop_reason);
    text_add(to, ", at ");
    sentence_add_name_or_number(to, etw_drop_location_name(packet->drop_location),
                                packet->drop_location);
}

static void add_pktmon_packet(struct text *to, const struct etw_packet *packet)
{
    sentence_add_direction_tag(to, ", ", packet->direction_tag);
    if (packet->is_dropped || packet->drop_reason != 0) {
        add_drop(to, packet);
    }
    add_place(to, packet);
    sentence_add_number(to, ", filter ", packet->filter);
}

static void add_switch(struct text *to, struct bytes data)
{
    struct etw_switch_port port;
    uint32_t count = 0;
    if (etw_switch_source(&data, &port, &count)) {
        sentence_add_number(to, ", switch port ", port.id);
        sentence_add_text16(to, " of ", &port.nic);
        sentence_add_number(to, ", to ", count);
        text_add(to, count == 1 ? " port" : " ports");
    }
}

static void add_route(struct text *to, const struct etw_packet *packet)
{
    struct bytes data = packet->route_data;
    struct bytes domain, user;
    if (packet->route == ETW_ROUTE_SWITCH) {
        add_switch(to, data);
    } else if (packet->route == ETW_ROUTE_RAS && etw_ras_connection(&data, &domain, &user)) {
        sentence_add_text16(to, ", user ", &user);
        sentence_add_text16(to, ", routing domain ", &domain);
    }
}

bool out_packet_sentence(const struct etw_event *event, struct text *to)
{
    const struct etw_packet *packet = &event->u.packet;
    text_add(to, packet->is_dropped ? "dropped " : "");
    text_add(to, packet_words(packet));
    text_add(to, direction_names[packet->direction]);
    sentence_add_number(to, ", ", packet->data.size);
    if (packet->original_size > packet->data.size) {
        sentence_add_number(to, " of ", packet->original_size);
    }
    text_add(to, packet->data.size == 1 && packet->original_size <= 1 ? " byte" : " bytes");
    text_add(to, packet->is_cut ? ", cut" : "");
    text_add(to, link_names[packet->link]);
    if (packet->capture == ETW_CAPTURE_PKTMON) {
        add_pktmon_packet(to, packet);
    } else if (packet->capture == ETW_CAPTURE_NDIS) {
        sentence_add_number(to, ", interface ", packet->interface_index);
        sentence_add_number(to, ", layer ", packet->lower_index);
    }
    add_route(to, packet);
    return true;
}

bool out_reception_sentence(const struct etw_event *event, struct text *to)
{
    const struct etw_reception *reception = &event->u.reception;
    text_add(to, reception->is_readable ? "the next frame was received"
                                        : "what the driver says of the next frame is not known");
    out_reception_add(to, reception);
    sentence_add_number(to, ", interface ", reception->interface_index);
    sentence_add_number(to, ", layer ", reception->lower_index);
    return true;
}

bool out_headers_sentence(const struct etw_event *event, struct text *to)
{
    const struct etw_packet *packet = &event->u.packet;
    bool has_payload = packet->data.data;
    text_add(to, has_payload ? "payload" : "headers");
    text_add(to, packet->is_dropped ? " of a dropped packet" : " of a packet");
    text_add(to, direction_names[packet->direction]);
    sentence_add_direction_tag(to, ", ", packet->direction_tag);
    if (packet->is_dropped) {
        add_drop(to, packet);
    }
    sentence_add_number(to, ", component ", packet->component);
    sentence_add_number(to, " edge ", packet->edge);
    if (!has_payload) {
        sentence_add_number(to, ", group ", packet->group);
    }
    return true;
}

bool out_offload_sentence(const struct etw_event *event, struct text *to)
{
    const struct etw_packet *packet = &event->u.packet;
    text_add(to, packet->is_dropped ? "of a dropped packet" : "of a packet");
    text_add(to, direction_names[packet->direction]);
    text_add(to, ": ");
    out_offload_add_words(to, &packet->offload);
    text_add(to, out_offload_is_empty(&packet->offload) ? "nothing is left to the adapter" : "");
    sentence_add_direction_tag(to, ", ", packet->direction_tag);
    add_place(to, packet);
    return true;
}
