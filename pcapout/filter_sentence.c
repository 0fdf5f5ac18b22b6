/* SPDX-License-Identifier: MIT */
/*
 * Numbers of rules and directives are those of the NDIS capture's manifest.
 * [documented: its maps; no trace with a rule has been seen]
 */
#include "pcapout/filter_sentence.h"

#include <string.h>

#include "etw/base/net_address.h"

#define COUNT_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

enum value_form { FORM_BYTES, FORM_NUMBER, FORM_MAC, FORM_IPV4, FORM_IPV6 };

static const struct {
    const char *name;
    enum value_form form;
} rules[] = {
    [2] = {"frame control", FORM_BYTES},
    [3] = {"multilayer", FORM_NUMBER},
    [4] = {"interface index", FORM_NUMBER},
    [6] = {"EtherType", FORM_BYTES},
    [7] = {"source MAC address", FORM_MAC},
    [8] = {"destination MAC address", FORM_MAC},
    [9] = {"any MAC address", FORM_MAC},
    [10] = {"source IPv4 address", FORM_IPV4},
    [11] = {"destination IPv4 address", FORM_IPV4},
    [12] = {"any IPv4 address", FORM_IPV4},
    [13] = {"source IPv6 address", FORM_IPV6},
    [14] = {"destination IPv6 address", FORM_IPV6},
    [15] = {"any IPv6 address", FORM_IPV6},
    [16] = {"IP protocol", FORM_NUMBER},
    [17] = {"packet truncation (bytes)", FORM_NUMBER},
    [18] = {"bytes at an offset from the MAC header", FORM_BYTES},
    [19] = {"bytes at an offset from the IP header", FORM_BYTES},
};

static const struct {
    uint8_t directive;
    const char *words;
} directives[] = {
    {0, " off "},
    {1, " at most "},
    {2, " at least "},
    {3, " is "},
    {4, " with mask "},
    {5, " is one of "},
    {6, " in the range "},
    {131, " is not "},
    {132, " not with mask "},
    {133, " is none of "},
    {134, " not in the range "},
};

static void add_bytes(struct text *to, const struct bytes *value)
{
    text_add(to, "0x");
    for (size_t i = 0; i < value->size; i++) {
        text_add_format(to, "%02x", value->data[i]);
    }
}

static void add_address(struct text *to, const uint8_t *bytes, size_t size)
{
    char text[64];
    char *end = size == 4   ? net_put_ipv4(text, bytes)
                : size == 6 ? net_put_mac(text, bytes)
                            : net_put_ipv6(text, bytes);
    text_add_bytes(to, text, (size_t)(end - text));
}

/* One or more addresses, as lists and ranges have them. */
static void add_addresses(struct text *to, const struct bytes *value, size_t size)
{
    if (value->size == 0 || value->size % size != 0) {
        add_bytes(to, value);
        return;
    }
    for (size_t at = 0; at < value->size; at += size) {
        text_add(to, at > 0 ? ", " : "");
        add_address(to, value->data + at, size);
    }
}

static void add_number(struct text *to, const struct bytes *value)
{
    uint64_t number = 0;
    if (value->size == 0 || value->size > 8) {
        add_bytes(to, value);
        return;
    }
    for (size_t i = value->size; i > 0; i--) {
        number = number << 8 | value->data[i - 1];
    }
    text_add_u64(to, number);
}

static void add_value(struct text *to, enum value_form form, const struct bytes *value)
{
    switch (form) {
    case FORM_MAC:
        add_addresses(to, value, 6);
        break;
    case FORM_IPV4:
        add_addresses(to, value, 4);
        break;
    case FORM_IPV6:
        add_addresses(to, value, 16);
        break;
    case FORM_NUMBER:
        add_number(to, value);
        break;
    default:
        add_bytes(to, value);
        break;
    }
}

static void add_rule(const struct etw_capture_filter *filter, struct text *to)
{
    const char *name = filter->rule < COUNT_OF(rules) ? rules[filter->rule].name : NULL;
    const char *words = NULL;
    for (size_t i = 0; i < COUNT_OF(directives); i++) {
        words = directives[i].directive == filter->directive ? directives[i].words : words;
    }
    if (name) {
        text_add(to, name);
    } else {
        text_add_format(to, "rule %u", filter->rule);
    }
    if (words) {
        text_add(to, words);
    } else {
        text_add_format(to, " directive %u ", filter->directive);
    }
    add_value(to, name ? rules[filter->rule].form : FORM_BYTES, &filter->value);
    text_add(to, filter->is_rejected ? " (the driver rejected it)" : "");
}

static bool is_zero(const uint8_t *data, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (data[i] != 0) {
            return false;
        }
    }
    return true;
}

/* A condition begins: a comma when another stands before it. */
static void begin(struct text *to, size_t start, const char *words)
{
    text_add(to, to->size > start ? ", " : "");
    text_add(to, words);
}

static void add_ends(const struct etw_capture_filter *filter, struct text *to, size_t start)
{
    for (size_t i = 0; i < 2; i++) {
        const struct bytes *mac = &filter->macs[i];
        if (mac->size == 6 && !is_zero(mac->data, 6)) {
            begin(to, start, "MAC ");
            add_address(to, mac->data, 6);
        }
    }
    for (size_t i = 0; i < 2; i++) {
        const struct etw_socket_address *address = &filter->addresses[i];
        if (address->size > 0 && !is_zero(address->bytes, address->size)) {
            begin(to, start, "address ");
            add_address(to, address->bytes, address->size);
        }
    }
    for (size_t i = 0; i < 2; i++) {
        if (filter->ports[i] > 0) {
            begin(to, start, "port ");
            text_add_u64(to, filter->ports[i]);
        }
    }
}

static void add_protocol(struct text *to, uint8_t protocol)
{
    static const struct {
        uint8_t protocol;
        const char *name;
    } names[] = {{1, "ICMP"}, {6, "TCP"}, {17, "UDP"}, {58, "ICMPv6"}};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (names[i].protocol == protocol) {
            text_add(to, names[i].name);
            return;
        }
    }
    text_add_format(to, "IP protocol %u", protocol);
}

void out_filter_add_text(const struct etw_capture_filter *filter, struct text *to)
{
    size_t start = to->size;
    if (filter->capture == ETW_CAPTURE_NDIS) {
        add_rule(filter, to);
        return;
    }
    if (filter->ether_type > 0) {
        begin(to, start, "EtherType ");
        text_add_format(to, "0x%04x", filter->ether_type);
    }
    if (filter->vlan > 0) {
        begin(to, start, "VLAN ");
        text_add_u64(to, filter->vlan);
    }
    if (filter->protocol > 0) {
        begin(to, start, "");
        add_protocol(to, filter->protocol);
    }
    if (filter->tcp_flags > 0) {
        begin(to, start, "TCP flags ");
        text_add_format(to, "0x%02x", filter->tcp_flags);
    }
    add_ends(filter, to, start);
    if (to->size == start) {
        text_add(to, "every packet");
    }
}
