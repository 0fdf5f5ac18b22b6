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

static void add_value(struct text *to, const char *key, const char *value)
{
    if (value[0]) {
        text_add(to, key);
        out_escape_comment(to, value);
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
