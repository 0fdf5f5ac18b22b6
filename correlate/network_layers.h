/* SPDX-License-Identifier: MIT */
/*
 * network_layers.h - IP, ARP, TCP, UDP and ICMP headers, for packet_layers.c.
 */
#ifndef CORRELATE_NETWORK_LAYERS_H
#define CORRELATE_NETWORK_LAYERS_H

#include "correlate/packet_layers.h"

enum { CORR_ETHER_IPV4 = 0x0800, CORR_ETHER_ARP = 0x0806, CORR_ETHER_IPV6 = 0x86DD };

/* `b` stands at the network header, and anywhere behind it afterwards. A header that is cut
 * or is not what `ether_type` says leaves the network layer out. */
void corr_network_read(uint16_t ether_type, struct bytes *b, struct corr_layers *layers);

#endif
