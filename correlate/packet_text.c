/* SPDX-License-Identifier: MIT */
/*
 * packet_text.c - addresses, endpoints and protocols of a packet as text.
 */
#include "correlate/packet_layers.h"

#include <stdio.h>
#include <string.h>

#include "etw/base/net_address.h"

static char *put_text(char *to, const char *text)
{
    while (*text) {
        *to++ = *text++;
    }
    return to;
}

static char *put_address(char *to, const struct corr_address *address)
{
    switch (address->size) {
    case 4:
        return net_put_ipv4(to, address->bytes);
    case 6:
        return net_put_mac(to, address->bytes);
    case 16:
        return net_put_ipv6(to, address->bytes);
    default:
        return to;
    }
}

void corr_address_format(const struct corr_address *address, char text[CORR_ENDPOINT_TEXT_SIZE])
{
    *put_address(text, address) = '\0';
}

void corr_endpoint_format(const struct corr_layers *layers, bool is_source,
                          char text[CORR_ENDPOINT_TEXT_SIZE])
{
    const struct corr_address *address = is_source ? &layers->source : &layers->destination;
    bool has_brackets = layers->has_ports && address->size == 16;
    char *to = text;
    if (has_brackets) {
        *to++ = '[';
    }
    to = put_address(to, address);
    if (has_brackets) {
        *to++ = ']';
    }
    if (layers->has_ports) {
        *to++ = ':';
        to = net_put_decimal(to, is_source ? layers->source_port : layers->destination_port);
    }
    *to = '\0';
}

static const struct {
    uint8_t protocol;
    char name[8];
} protocols[] = {
    {1, "icmp"}, {2, "igmp"}, {6, "tcp"}, {17, "udp"},
    {47, "gre"}, {50, "esp"}, {51, "ah"}, {58, "icmpv6"},
};

static void format_ip_protocol(uint8_t protocol, char text[CORR_PROTOCOL_TEXT_SIZE])
{
    for (size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++) {
        if (protocols[i].protocol == protocol) {
            memcpy(text, protocols[i].name, sizeof(protocols[i].name));
            return;
        }
    }
    *net_put_decimal(put_text(text, "ip:"), protocol) = '\0';
}

void corr_protocol_format(const struct corr_layers *layers, char text[CORR_PROTOCOL_TEXT_SIZE])
{
    if (layers->network == CORR_NETWORK_ARP) {
        memcpy(text, "arp", 4);
    } else if (layers->network != CORR_NETWORK_NONE) {
        format_ip_protocol(layers->ip_protocol, text);
    } else {
        (void)snprintf(text, CORR_PROTOCOL_TEXT_SIZE, "eth:0x%04x", layers->ether_type);
    }
}
