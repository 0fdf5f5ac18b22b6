/* SPDX-License-Identifier: MIT */
/*
 * filter.c - reads the values of filter options.
 */
#include "correlate/filter.h"

#include <stdlib.h>
#include <string.h>

#include "correlate/filter_values.h"
#include "correlate/filter_wishes.h"
#include "etw/base/array.h"

struct corr_filter *corr_filter_new(void)
{
    struct corr_filter *filter = calloc(1, sizeof(*filter));
    if (filter) {
        corr_filter_set_times(filter, INT64_MIN, INT64_MAX);
    }
    return filter;
}

void corr_filter_free(struct corr_filter *filter)
{
    if (!filter) {
        return;
    }
    for (size_t i = 0; i < filter->wishes[WISH_PROCESS].count; i++) {
        free(filter->wishes[WISH_PROCESS].rows[i].u.name);
    }
    for (int i = 0; i < WISH_KIND_COUNT; i++) {
        free(filter->wishes[i].rows);
    }
    free(filter->processes.bits);
    free(filter->sockets.bits);
    free(filter->answered_alone.bits);
    free(filter->answered.bits);
    free(filter);
}

/* ---- values ---- */

static enum etw_status add_wish(struct corr_filter *filter, enum wish_kind kind,
                                const struct wish *wish, struct etw_error *error)
{
    struct wishes *wishes = &filter->wishes[kind];
    void *rows = wishes->rows;
    bool is_grown = array_grow(&rows, &wishes->capacity, wishes->count + 1, sizeof(*wish));
    wishes->rows = rows;
    if (!is_grown) {
        return etw_fail_memory(error, "the filter");
    }
    wishes->rows[wishes->count++] = *wish;
    filter->kinds |= 1u << kind;
    return ETW_OK;
}

enum etw_status corr_filter_add_host(struct corr_filter *filter, const char *value,
                                     struct etw_error *error)
{
    const char *slash = strchr(value, '/');
    size_t size = slash ? (size_t)(slash - value) : strlen(value);
    struct wish wish = {0};
    struct host *host = &wish.u.host;
    if (!corr_parse_address(value, size, &host->address)) {
        return etw_fail(error, ETW_ERR_INPUT, ETW_NO_OFFSET,
                        "\"%s\" is not a host: give an IP address, as in 192.0.2.1 or "
                        "2001:db8::1, or a network, as in 192.0.2.0/24",
                        value);
    }
    uint64_t bits = (uint64_t)host->address.size * 8;
    if (slash && !corr_parse_number(slash + 1, strlen(slash + 1), bits, &bits)) {
        return etw_fail(error, ETW_ERR_INPUT, ETW_NO_OFFSET,
                        "\"%s\" is not a network: the length after / is a number from 0 to %d",
                        value, host->address.size * 8);
    }
    host->bits = (uint8_t)bits;
    return add_wish(filter, WISH_HOST, &wish, error);
}

enum etw_status corr_filter_add_port(struct corr_filter *filter, const char *value,
                                     struct etw_error *error)
{
    struct wish wish = {0};
    if (!corr_parse_range(value, UINT16_MAX, &wish.u.range.from, &wish.u.range.to)) {
        return etw_fail(error, ETW_ERR_INPUT, ETW_NO_OFFSET,
                        "\"%s\" is not a port: give a number from 0 to 65535, as in 443, or a "
                        "range from low to high, as in 5000-5999",
                        value);
    }
    return add_wish(filter, WISH_PORT, &wish, error);
}

enum etw_status corr_filter_add_tuple(struct corr_filter *filter, const char *value,
                                      struct etw_error *error)
{
    const char *hyphen = strchr(value, '-');
    struct wish wish = {0};
    struct tuple *tuple = &wish.u.tuple;
    if (!hyphen ||
        !corr_parse_endpoint(value, (size_t)(hyphen - value), &tuple->addresses[0],
                             &tuple->ports[0]) ||
        !corr_parse_endpoint(hyphen + 1, strlen(hyphen + 1), &tuple->addresses[1],
                             &tuple->ports[1])) {
        return etw_fail(error, ETW_ERR_INPUT, ETW_NO_OFFSET,
                        "\"%s\" is not a pair of endpoints: give address:port twice, as in "
                        "192.0.2.1:50000-198.51.100.7:443 or "
                        "[2001:db8::1]:50000-[2001:db8::2]:443",
                        value);
    }
    if (tuple->addresses[0].size != tuple->addresses[1].size) {
        return etw_fail(error, ETW_ERR_INPUT, ETW_NO_OFFSET,
                        "\"%s\" mixes IPv4 and IPv6: both ends of a connection are of one kind",
                        value);
    }
    return add_wish(filter, WISH_TUPLE, &wish, error);
}

static const struct {
    char name[8];
    struct protocol protocol;
} protocols[] = {
    {"tcp", {PROTOCOL_IP, 6}},
    {"udp", {PROTOCOL_IP, 17}},
    {"icmp", {PROTOCOL_IP, 1}},
    {"icmpv6", {PROTOCOL_IP, 58}},
    {"igmp", {PROTOCOL_IP, 2}},
    {"esp", {PROTOCOL_IP, 50}},
    {"ah", {PROTOCOL_IP, 51}},
    {"gre", {PROTOCOL_IP, 47}},
    {"arp", {PROTOCOL_NETWORK, CORR_NETWORK_ARP}},
    {"ipv4", {PROTOCOL_NETWORK, CORR_NETWORK_IPV4}},
    {"ipv6", {PROTOCOL_NETWORK, CORR_NETWORK_IPV6}},
    {"ip", {PROTOCOL_ANY_IP, 0}},
};

static char lower(char c)
{
    if (c >= 'A' && c <= 'Z') {
        return (char)(c - 'A' + 'a');
    }
    return c;
}

/* Is `text` the name, in either case? With a `name` that ends in ':' the text may
 * go on behind it. */
static bool has_name(const char *text, const char *name)
{
    size_t size = strlen(name);
    for (size_t i = 0; i < size; i++) {
        if (lower(text[i]) != name[i]) {
            return false;
        }
    }
    return name[size - 1] == ':' || text[size] == '\0';
}

static bool parse_hexadecimal(const char *text, uint64_t maximum, uint64_t *out)
{
    static const char digits[] = "0123456789abcdef";
    uint64_t value = 0;
    if (text[0] != '0' || lower(text[1]) != 'x' || text[2] == '\0') {
        return false;
    }
    for (const char *c = text + 2; *c; c++) {
        const char *digit = strchr(digits, lower(*c));
        if (!digit) {
            return false;
        }
        value = value << 4 | (uint64_t)(digit - digits);
        if (value > maximum) {
            return false;
        }
    }
    *out = value;
    return true;
}

static bool parse_protocol(const char *value, struct protocol *out)
{
    for (size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++) {
        if (has_name(value, protocols[i].name)) {
            *out = protocols[i].protocol;
            return true;
        }
    }
    uint64_t number = 0;
    if (has_name(value, "ip:") &&
        corr_parse_number(value + 3, strlen(value + 3), UINT8_MAX, &number)) {
        *out = (struct protocol){PROTOCOL_IP, (uint16_t)number};
        return true;
    }
    if (has_name(value, "eth:") && parse_hexadecimal(value + 4, UINT16_MAX, &number)) {
        *out = (struct protocol){PROTOCOL_ETHER, (uint16_t)number};
        return true;
    }
    return false;
}

enum etw_status corr_filter_add_protocol(struct corr_filter *filter, const char *value,
                                         struct etw_error *error)
{
    struct wish wish = {0};
    if (!parse_protocol(value, &wish.u.protocol)) {
        return etw_fail(error, ETW_ERR_INPUT, ETW_NO_OFFSET,
                        "\"%s\" is not a protocol: give tcp, udp, icmp, icmpv6, igmp, esp, ah, "
                        "gre, arp, ip, ipv4, ipv6, an IP protocol number, as in ip:89, or an "
                        "EtherType, as in eth:0x88cc",
                        value);
    }
    return add_wish(filter, WISH_PROTOCOL, &wish, error);
}

enum etw_status corr_filter_add_frames(struct corr_filter *filter, const char *value,
                                       struct etw_error *error)
{
    struct wish wish = {0};
    struct range *range = &wish.u.range;
    if (!corr_parse_range(value, UINT64_MAX, &range->from, &range->to) || range->from == 0) {
        return etw_fail(error, ETW_ERR_INPUT, ETW_NO_OFFSET,
                        "\"%s\" is not a frame: give its number from 1, as in 12, or a range "
                        "from low to high, as in 12-20",
                        value);
    }
    return add_wish(filter, WISH_FRAME, &wish, error);
}

enum etw_status corr_filter_add_pid(struct corr_filter *filter, const char *value,
                                    struct etw_error *error)
{
    struct wish wish = {0};
    if (!corr_parse_number(value, strlen(value), UINT32_MAX, &wish.u.range.from)) {
        return etw_fail(error, ETW_ERR_INPUT, ETW_NO_OFFSET,
                        "\"%s\" is not a process id: give a decimal number, as in 1504", value);
    }
    wish.u.range.to = wish.u.range.from;
    return add_wish(filter, WISH_PID, &wish, error);
}

enum etw_status corr_filter_add_process(struct corr_filter *filter, const char *value,
                                        struct etw_error *error)
{
    if (*value == '\0') {
        return etw_fail(error, ETW_ERR_INPUT, ETW_NO_OFFSET,
                        "\"\" is not a process: give its file name, as in svchost.exe or svc*, or "
                        "its full path");
    }
    size_t size = strlen(value) + 1;
    char *name = malloc(size);
    if (!name) {
        return etw_fail_memory(error, "the filter");
    }
    struct wish wish = {0};
    enum etw_status status = add_wish(filter, WISH_PROCESS, &wish, error);
    if (status) {
        free(name);
        return status;
    }
    memcpy(name, value, size);
    struct wishes *wishes = &filter->wishes[WISH_PROCESS];
    wishes->rows[wishes->count - 1].u.name = name;
    return ETW_OK;
}

enum etw_status corr_filter_add_connection(struct corr_filter *filter, const char *value,
                                           struct etw_error *error)
{
    struct wish wish = {0};
    struct range *range = &wish.u.range;
    if (!corr_parse_number(value, strlen(value), UINT32_MAX, &range->from) || range->from == 0) {
        return etw_fail(error, ETW_ERR_INPUT, ETW_NO_OFFSET,
                        "\"%s\" is not a connection: give its number from 1, as in 3", value);
    }
    range->to = range->from;
    return add_wish(filter, WISH_CONNECTION, &wish, error);
}

enum etw_status corr_filter_add_capture(struct corr_filter *filter, enum etw_capture capture)
{
    struct wish wish = {.u.capture = capture};
    return add_wish(filter, WISH_CAPTURE, &wish, NULL);
}

void corr_filter_set_times(struct corr_filter *filter, int64_t from, int64_t to)
{
    filter->from = from;
    filter->to = to;
}
