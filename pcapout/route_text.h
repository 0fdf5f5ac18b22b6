/* SPDX-License-Identifier: MIT */
/*
 * route_text.h - where a packet passed a virtual switch and whose remote access connection
 * it belongs to, in comments and rows. A packet of neither adds nothing.
 */
#ifndef PCAPOUT_ROUTE_TEXT_H
#define PCAPOUT_ROUTE_TEXT_H

#include "correlate/packet_routes.h"
#include "correlate/packets.h"
#include "etw/base/text.h"
#include "pcapout/json_writer.h"

/* What the rate of a Wi-Fi frame counts. */
#define OUT_KBIT_PER_RATE 500
/* Bytes of a list of ports or their adapters. */
#define OUT_PORTS_MAXIMUM 4096

/* Keys of a packet's comment: port, nic, to, to_nics, vlan; user, routing_domain. */
void out_route_add_comment(struct text *to, const struct corr_packet *packet);
/* Members of a row: "radio" of a Wi-Fi frame, "switch", "ras". */
void out_route_add_members(struct json_writer *j, const struct corr_packet *packet);
/* For people: "received at 5180 MHz, -51 dBm", "from port 3 (web-01) to port 4 (db-01)". */
void out_route_add_sentence(struct text *to, const struct corr_packet *packet);
/* "at 5180 MHz, -51 dBm, 54.0 Mbit/s, damaged" with a blank before it; what is not stated is
 * left out. */
void out_reception_add(struct text *to, const struct etw_reception *reception);
/* The ports that it goes to, "4;7", and what is plugged in there. */
void out_route_add_ports(struct text *to, const struct corr_route *route);
void out_route_add_nics(struct text *to, const struct corr_route *route);

#endif
