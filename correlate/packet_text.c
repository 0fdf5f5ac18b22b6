/* SPDX-License-Identifier: MIT */
/*
 * packet_text.c - addresses, endpoints and protocols of a packet as text.
 */
#include "correlate/packet_layers.h"

#include <stdio.h>
#include <string.h>

static char *put_text(char *to, const char *text)
{
    while (*text) {
        *to++ = *text++;
    }
    return to;
}

static char *put_decimal(char *to, uint32_t value)
{
    char digits[10];
    size_t count = 0;
    do {
        digits[count++] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    while (count > 0) {
        *to++ = digits[--count];
    }
    return to;
}

static const char hexadecimal[] = "0123456789abcdef";

/* Without leading zeros. */
static char *put_hexadecimal(char *to, uint16_t value)
{
    for (int shift = 12; shift >= 0; shift -= 4) {
        if (value >> shift || shift == 0) {
            *to++ = hexadecimal[value >> shift & 0xF];
        }
    }
    return to;
}

static char *put_ipv4(char *to, const uint8_t *bytes)
{
    for (int i = 0; i < 4; i++) {
        if (i > 0) {
            *to++ = '.';
        }
        to = put_decimal(to, bytes[i]);
    }
    return to;
}

static char *put_mac(char *to, const uint8_t *bytes)
{
    for (int i = 0; i < 6; i++) {
        if (i > 0) {
            *to++ = ':';
        }
        *to++ = hexadecimal[bytes[i] >> 4];
        *to++ = hexadecimal[bytes[i] & 0xF];
    }
    return to;
}

/* The run of groups that "::" stands for: the longest of at least two zero groups,
 * the first of equals (RFC 5952, 4.2). */
static void find_zero_run(const uint16_t groups[8], int *first, int *count)
{
    *first = 8;
    *count = 1;
    for (int i = 0; i < 8;) {
        int end = i;
        while (end < 8 && groups[end] == 0) {
            end++;
        }
        if (end - i > *count) {
            *first = i;
            *count = end - i;
        }
        i = end + 1;
    }
}

static char *put_ipv6(char *to, const uint8_t *bytes)
{
    static const uint8_t mapped[12] = {[10] = 0xFF, [11] = 0xFF};
    if (memcmp(bytes, mapped, sizeof(mapped)) == 0) {
        return put_ipv4(put_text(to, "::ffff:"), bytes + 12);
    }
    uint16_t groups[8];
    for (int i = 0; i < 8; i++) {
        groups[i] = load_be16(bytes + 2 * i);
    }
    int first = 0;
    int count = 0;
    find_zero_run(groups, &first, &count);
    for (int i = 0; i < 8; i++) {
        if (i == first) {
            *to++ = ':';
            *to++ = ':';
            i += count - 1;
            continue;
        }
        if (i > 0 && i != first + count) {
            *to++ = ':';
        }
        to = put_hexadecimal(to, groups[i]);
    }
    return to;
}

static char *put_address(char *to, const struct corr_address *address)
{
    switch (address->size) {
    case 4:
        return put_ipv4(to, address->bytes);
    case 6:
        return put_mac(to, address->bytes);
    case 16:
        return put_ipv6(to, address->bytes);
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
        to = put_decimal(to, is_source ? layers->source_port : layers->destination_port);
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
    *put_decimal(put_text(text, "ip:"), protocol) = '\0';
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
