/* SPDX-License-Identifier: MIT */
#include "pcapout/route_text.h"

#include "pcapout/escape.h"

void out_route_add_ports(struct text *to, const struct corr_route *route)
{
    for (size_t i = 0; i < route->to_count; i++) {
        text_add(to, i > 0 ? ";" : "");
        text_add_u64(to, route->to[i].id);
    }
}

void out_route_add_nics(struct text *to, const struct corr_route *route)
{
    for (size_t i = 0; i < route->to_count; i++) {
        text_add(to, i > 0 ? ";" : "");
        text_add(to, route->to[i].nic);
    }
}

/* ---- comments ---- */

/* An option of pcapng holds 65,535 bytes, and escapes make up to six of one. */
#define VALUE_SIZE 512

static void add_value(struct text *to, const char *key, const char *value)
{
    char cut[VALUE_SIZE];
    if (value[0]) {
        out_copy_cut(cut, sizeof(cut), value);
        text_add(to, key);
        out_escape_comment(to, cut);
    }
}

static void add_switch_keys(struct text *to, const struct corr_packet *packet)
{
    const struct corr_route *route = packet->route;
    struct text list = {.maximum = OUT_PORTS_MAXIMUM};
    text_add_format(to, " port=%lu", (unsigned long)route->from.id);
    add_value(to, " nic=", route->from.nic);
    if (route->to_count > 0) {
        out_route_add_ports(&list, route);
        add_value(to, " to=", text_get(&list));
        text_clear(&list);
        out_route_add_nics(&list, route);
        add_value(to, " to_nics=", text_get(&list));
    }
    if (packet->vlan > 0) {
        text_add_format(to, " vlan=%u", packet->vlan);
    }
    text_done(&list);
}

void out_route_add_comment(struct text *to, const struct corr_packet *packet)
{
    const struct corr_route *route = packet->route;
    if (route && route->kind == ETW_ROUTE_SWITCH) {
        add_switch_keys(to, packet);
    } else if (route && route->kind == ETW_ROUTE_RAS) {
        add_value(to, " user=", route->user);
        add_value(to, " routing_domain=", route->routing_domain);
    }
}

/* ---- rows ---- */

static void add_optional(struct json_writer *j, const char *name, const char *value)
{
    if (value[0]) {
        json_string(j, name, value);
    }
}

static void add_radio(struct json_writer *j, const struct etw_reception *reception)
{
    json_begin_object(j, "radio");
    if (reception->has & ETW_HAS_FREQUENCY) {
        json_u64(j, "frequency_mhz", reception->frequency);
    }
    if (reception->has & ETW_HAS_RATE) {
        json_u64(j, "rate_kbps", (uint64_t)reception->rate * OUT_KBIT_PER_RATE);
    }
    if (reception->has & ETW_HAS_SIGNAL) {
        json_i64(j, "signal_dbm", reception->signal);
    }
    if (reception->is_damaged) {
        json_bool(j, "damaged", true);
    }
    json_end_object(j);
}

static void add_port(struct json_writer *j, const struct corr_port *port)
{
    json_u64(j, "port", port->id);
    add_optional(j, "port_name", port->name);
    add_optional(j, "nic", port->nic);
    add_optional(j, "nic_type", port->nic_type);
}

static void add_switch(struct json_writer *j, const struct corr_packet *packet)
{
    const struct corr_route *route = packet->route;
    json_begin_object(j, "switch");
    add_port(j, &route->from);
    json_begin_array(j, "to");
    for (size_t i = 0; i < route->to_count; i++) {
        json_begin_object(j, NULL);
        add_port(j, &route->to[i]);
        json_end_object(j);
    }
    json_end_array(j);
    json_u64(j, "destinations", route->to_logged);
    if (packet->vlan > 0) {
        json_u64(j, "vlan", packet->vlan);
    }
    json_end_object(j);
}

void out_route_add_members(struct json_writer *j, const struct corr_packet *packet)
{
    const struct corr_route *route = packet->route;
    if (packet->has_reception) {
        add_radio(j, &packet->reception);
    }
    if (route && route->kind == ETW_ROUTE_SWITCH) {
        add_switch(j, packet);
    } else if (route && route->kind == ETW_ROUTE_RAS) {
        json_begin_object(j, "ras");
        add_optional(j, "user", route->user);
        add_optional(j, "routing_domain", route->routing_domain);
        json_end_object(j);
    }
}

/* ---- for people ---- */

void out_reception_add(struct text *to, const struct etw_reception *reception)
{
    if (reception->has & ETW_HAS_FREQUENCY) {
        text_add_format(to, " at %u MHz", reception->frequency);
    }
    if (reception->has & ETW_HAS_SIGNAL) {
        text_add_format(to, ", %d dBm", reception->signal);
    }
    if (reception->has & ETW_HAS_RATE) {
        text_add_format(to, ", %u.%u Mbit/s", reception->rate / 2u, reception->rate % 2u * 5);
    }
    text_add(to, reception->is_damaged ? ", damaged" : "");
}

static void add_plug(struct text *to, const struct corr_port *port)
{
    text_add_u64(to, port->id);
    if (port->nic[0]) {
        text_add_format(to, " (%s)", port->nic);
    }
}

static void add_switch_sentence(struct text *to, const struct corr_packet *packet)
{
    const struct corr_route *route = packet->route;
    text_add(to, "in a virtual switch from port ");
    add_plug(to, &route->from);
    for (size_t i = 0; i < route->to_count; i++) {
        text_add(to, i > 0 ? ", " : " to port ");
        add_plug(to, &route->to[i]);
    }
    if (route->to_logged > route->to_count) {
        text_add_format(to, " and %lu more", (unsigned long)(route->to_logged - route->to_count));
    }
    if (packet->vlan > 0) {
        text_add_format(to, "; VLAN %u", packet->vlan);
    }
}

void out_route_add_sentence(struct text *to, const struct corr_packet *packet)
{
    const struct corr_route *route = packet->route;
    if (packet->has_reception) {
        text_add(to, "received");
        out_reception_add(to, &packet->reception);
    } else if (route && route->kind == ETW_ROUTE_SWITCH) {
        add_switch_sentence(to, packet);
    } else if (route && route->kind == ETW_ROUTE_RAS) {
        text_add(to, "remote access");
        text_add(to, route->user[0] ? " of " : "");
        text_add(to, route->user);
    }
}
