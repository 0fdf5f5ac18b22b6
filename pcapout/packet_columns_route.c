/* SPDX-License-Identifier: MIT */
/*
 * packet_columns_route.c - the columns of the ways that only some packets take: the radio of
 * Wi-Fi frames, the virtual switch, a remote access connection.
 */
#include "pcapout/packet_columns.h"
#include "pcapout/route_text.h"

static bool has_radio(const struct packet_row *row, uint32_t member)
{
    return row->packet->has_reception && (row->packet->reception.has & member) != 0;
}

static void radio_frequency(const struct out_packet_rows *rows, struct text *to,
                            const struct packet_row *row)
{
    (void)rows;
    if (has_radio(row, ETW_HAS_FREQUENCY)) {
        packet_column_number(to, row->packet->reception.frequency);
    }
}

static void radio_rate(const struct out_packet_rows *rows, struct text *to,
                       const struct packet_row *row)
{
    (void)rows;
    if (has_radio(row, ETW_HAS_RATE)) {
        packet_column_number(to, (uint64_t)row->packet->reception.rate * OUT_KBIT_PER_RATE);
    }
}

static void radio_signal(const struct out_packet_rows *rows, struct text *to,
                         const struct packet_row *row)
{
    (void)rows;
    if (has_radio(row, ETW_HAS_SIGNAL)) {
        text_add_format(to, "%d", row->packet->reception.signal);
    }
}

/* NULL: the packet has no route of this kind. */
static const struct corr_route *route_of(const struct packet_row *row, enum etw_route kind)
{
    const struct corr_route *route = row->packet->route;
    return route && route->kind == kind ? route : NULL;
}

static void switch_port(const struct out_packet_rows *rows, struct text *to,
                        const struct packet_row *row)
{
    const struct corr_route *route = route_of(row, ETW_ROUTE_SWITCH);
    (void)rows;
    if (route) {
        packet_column_number(to, route->from.id);
    }
}

static void switch_port_name(const struct out_packet_rows *rows, struct text *to,
                             const struct packet_row *row)
{
    const struct corr_route *route = route_of(row, ETW_ROUTE_SWITCH);
    (void)rows;
    packet_column_text(to, route ? route->from.name : NULL);
}

static void switch_nic(const struct out_packet_rows *rows, struct text *to,
                       const struct packet_row *row)
{
    const struct corr_route *route = route_of(row, ETW_ROUTE_SWITCH);
    (void)rows;
    packet_column_text(to, route ? route->from.nic : NULL);
}

static void switch_nic_type(const struct out_packet_rows *rows, struct text *to,
                            const struct packet_row *row)
{
    const struct corr_route *route = route_of(row, ETW_ROUTE_SWITCH);
    (void)rows;
    packet_column_text(to, route ? route->from.nic_type : NULL);
}

static void add_ports(struct text *to, const struct packet_row *row,
                      void (*add)(struct text *to, const struct corr_route *route))
{
    const struct corr_route *route = route_of(row, ETW_ROUTE_SWITCH);
    struct text list = {.maximum = PACKET_COLUMN_MAXIMUM};
    if (route) {
        add(&list, route);
        packet_column_text(to, text_get(&list));
    }
    text_done(&list);
}

static void switch_to_ports(const struct out_packet_rows *rows, struct text *to,
                            const struct packet_row *row)
{
    (void)rows;
    add_ports(to, row, out_route_add_ports);
}

static void switch_to_nics(const struct out_packet_rows *rows, struct text *to,
                           const struct packet_row *row)
{
    (void)rows;
    add_ports(to, row, out_route_add_nics);
}

static void switch_vlan(const struct out_packet_rows *rows, struct text *to,
                        const struct packet_row *row)
{
    (void)rows;
    if (row->packet->vlan > 0) {
        packet_column_number(to, row->packet->vlan);
    }
}

static void ras_user(const struct out_packet_rows *rows, struct text *to,
                     const struct packet_row *row)
{
    const struct corr_route *route = route_of(row, ETW_ROUTE_RAS);
    (void)rows;
    packet_column_text(to, route ? route->user : NULL);
}

static void ras_routing_domain(const struct out_packet_rows *rows, struct text *to,
                               const struct packet_row *row)
{
    const struct corr_route *route = route_of(row, ETW_ROUTE_RAS);
    (void)rows;
    packet_column_text(to, route ? route->routing_domain : NULL);
}

/* clang-format off */
static const struct packet_column route_columns[] = {
    {"radio.frequency_mhz", radio_frequency},
    {"radio.rate_kbps", radio_rate},
    {"radio.signal_dbm", radio_signal},
    {"switch.port", switch_port},
    {"switch.port_name", switch_port_name},
    {"switch.nic", switch_nic},
    {"switch.nic_type", switch_nic_type},
    {"switch.to.port", switch_to_ports},
    {"switch.to.nic", switch_to_nics},
    {"switch.vlan", switch_vlan},
    {"ras.user", ras_user},
    {"ras.routing_domain", ras_routing_domain},
};
/* clang-format on */

const struct packet_columns packet_columns_route = {
    .columns = route_columns, .count = sizeof(route_columns) / sizeof(route_columns[0])};
