/* SPDX-License-Identifier: MIT */
/*
 * scenario_packets.c - lines of a scenario that are packets, see scenario.h.
 */
#include "event_payload.h"
#include "scenario.h"

#include <stdlib.h>
#include <string.h>

enum { USUAL_INTERFACE = 11, MAC_SIZE = 6, ETHERNET_SIZE = 14 };

/* ---- addresses ---- */

bool scenario_parse_mac(const char *text, uint8_t mac[6])
{
    for (unsigned i = 0; i < 6; i++) {
        char *end = NULL;
        unsigned long value = strtoul(text, &end, 16);
        if (end != text + 2 || *end != (i < 5 ? '-' : '\0')) {
            return false;
        }
        mac[i] = (uint8_t)value;
        text = end + 1;
    }
    return true;
}

bool scenario_parse_address(const char *text, struct endpoint *out, bool *is_ipv6)
{
    char with_port[64] = "";
    struct byte_block address = {0};
    bool is_bare_ipv6 = *text != '[' && strchr(text, ':') != strrchr(text, ':');
    bool is_bare = is_bare_ipv6 || !strchr(text, ':');
    int size = snprintf(with_port, sizeof(with_port), "%s%s%s%s", is_bare_ipv6 ? "[" : "", text,
                        is_bare_ipv6 ? "]" : "", is_bare ? ":0" : "");
    bool is_good = size > 0 && (size_t)size < sizeof(with_port) &&
                   value_socket_address(with_port, &address) && !address.failed;
    if (is_good) {
        *out = (struct endpoint){.port = (uint16_t)(address.data[2] << 8 | address.data[3])};
        *is_ipv6 = address.size == 28;
        memcpy(*is_ipv6 ? out->ipv6 : out->ipv4, address.data + (*is_ipv6 ? 8 : 4),
               *is_ipv6 ? 16 : 4);
    }
    block_done(&address);
    return is_good;
}

/* Multicast and broadcast have hardware addresses of their own (RFC 1112, RFC 2464). */
static bool set_group_mac(struct endpoint *at, bool is_ipv6)
{
    static const uint8_t everybody[4] = {255, 255, 255, 255};
    const uint8_t *ipv4 = at->ipv4, *ipv6 = at->ipv6;
    if (is_ipv6 && ipv6[0] == 0xFF) {
        const uint8_t mac[] = {0x33, 0x33, ipv6[12], ipv6[13], ipv6[14], ipv6[15]};
        memcpy(at->mac, mac, MAC_SIZE);
        return true;
    }
    if (!is_ipv6 && ipv4[0] >> 4 == 14) {
        const uint8_t mac[] = {0x01, 0, 0x5E, ipv4[1] & 0x7F, ipv4[2], ipv4[3]};
        memcpy(at->mac, mac, MAC_SIZE);
        return true;
    }
    if (!is_ipv6 && memcmp(ipv4, everybody, sizeof(everybody)) == 0) {
        memset(at->mac, 0xFF, MAC_SIZE);
        return true;
    }
    return false;
}

static bool is_same_address(const struct scenario_host *host, const struct endpoint *at,
                            bool is_ipv6)
{
    return host->is_ipv6 == is_ipv6 && memcmp(host->at.ipv4, at->ipv4, sizeof(at->ipv4)) == 0 &&
           memcmp(host->at.ipv6, at->ipv6, sizeof(at->ipv6)) == 0;
}

/* With the hardware address that packets to and from it have. */
static bool find_endpoint(const struct scenario *scenario, const char *text, struct endpoint *out,
                          bool *is_ipv6)
{
    if (!scenario_parse_address(text, out, is_ipv6)) {
        return false;
    }
    for (size_t i = 0; i < scenario->host_count; i++) {
        if (is_same_address(&scenario->hosts[i], out, *is_ipv6)) {
            memcpy(out->mac, scenario->hosts[i].at.mac, MAC_SIZE);
            return true;
        }
    }
    if (set_group_mac(out, *is_ipv6)) {
        return true;
    }
    memcpy(out->mac, scenario->gateway, MAC_SIZE);
    return scenario->has_gateway;
}

/* ---- what a packet is ---- */

/* Flags are joined by plus signs: SYN+ACK. */
static bool set_flags(const char *text, struct scenario_packet *packet)
{
    static const struct {
        const char *name;
        uint8_t flag;
    } rows[] = {
        {"FIN", TCP_FIN}, {"SYN", TCP_SYN}, {"RST", TCP_RST}, {"PSH", TCP_PSH}, {"ACK", TCP_ACK}};
    while (*text) {
        uint8_t found = 0;
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
            found |= strncmp(text, rows[i].name, 3) == 0 ? rows[i].flag : 0;
        }
        if (!found || (text[3] != '+' && text[3] != '\0')) {
            return false;
        }
        packet->flags |= found;
        text += text[3] ? 4 : 3;
    }
    return packet->flags != 0;
}

static bool set_udp(const char *text, struct scenario_packet *packet)
{
    (void)text;
    packet->protocol = IP_UDP;
    return true;
}

static bool set_icmp_type(const char *text, struct scenario_packet *packet)
{
    static const struct {
        const char *name;
        uint8_t type, type_v6;
    } rows[] = {{"echo-request", 8, 128},
                {"echo-reply", 0, 129},
                {"unreachable", 3, 1},
                {"time-exceeded", 11, 3}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (strcmp(text, rows[i].name) == 0) {
            packet->icmp_type = packet->is_ipv6 ? rows[i].type_v6 : rows[i].type;
            return true;
        }
    }
    return false;
}

static bool set_icmp(const char *text, struct scenario_packet *packet)
{
    packet->protocol = IP_ICMP;
    return !packet->is_ipv6 && set_icmp_type(text, packet);
}

static bool set_icmpv6(const char *text, struct scenario_packet *packet)
{
    packet->protocol = IP_ICMPV6;
    return packet->is_ipv6 && set_icmp_type(text, packet);
}

static bool set_arp(const char *text, struct scenario_packet *packet)
{
    packet->is_arp = true;
    packet->is_arp_reply = strcmp(text, "reply") == 0;
    return !packet->is_ipv6 && (packet->is_arp_reply || strcmp(text, "request") == 0);
}

/* ADDRESS > ADDRESS PROTOCOL KIND */
static bool parse_front(const struct scenario *scenario, const struct scenario_line *line,
                        struct scenario_packet *packet)
{
    static const struct {
        const char *name;
        bool (*set)(const char *text, struct scenario_packet *packet);
    } rows[] = {{"tcp", set_flags},
                {"udp", set_udp},
                {"icmp", set_icmp},
                {"icmpv6", set_icmpv6},
                {"arp", set_arp}};
    bool is_ipv6 = false;
    if (line->word_count < 6 ||
        !find_endpoint(scenario, scenario_argument(scenario, line, 1), &packet->from,
                       &packet->is_ipv6) ||
        !find_endpoint(scenario, scenario_argument(scenario, line, 3), &packet->to, &is_ipv6) ||
        is_ipv6 != packet->is_ipv6) {
        return false;
    }
    packet->protocol = IP_TCP;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (strcmp(scenario_argument(scenario, line, 4), rows[i].name) == 0) {
            return rows[i].set(scenario_argument(scenario, line, 5), packet);
        }
    }
    return false;
}

static bool parse_checksum(struct scenario *scenario, const struct scenario_line *line,
                           enum scenario_checksum *checksum)
{
    static const char *const names[] = {"right", "partial", "zero"};
    const char *text = scenario_find(&scenario->text, line, "sum");
    for (unsigned i = 0; text && i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(text, names[i]) == 0) {
            *checksum = (enum scenario_checksum)i;
            return true;
        }
    }
    return !text || scenario_complain(&scenario->text, line, "not a kind of checksum", text);
}

/* mac: of another machine than the one that has the address. */
static bool parse_sender(struct scenario *scenario, const struct scenario_line *line,
                         struct scenario_packet *packet)
{
    const char *text = scenario_find(&scenario->text, line, "mac");
    return !text || scenario_parse_mac(text, packet->from.mac) ||
           scenario_complain(&scenario->text, line, "not a hardware address", text);
}

/* What the line says beside addresses, kind and data. */
static void parse_values(struct scenario *scenario, const struct scenario_line *line,
                         struct scenario_packet *packet)
{
    packet->sequence = (uint32_t)scenario_number(scenario, line, "seq", 0);
    packet->acknowledgement = (uint32_t)scenario_number(scenario, line, "ack", 0);
    packet->window = (uint16_t)scenario_number(scenario, line, "win", 0);
    packet->maximum_segment = (uint16_t)scenario_number(scenario, line, "mss", 0);
    packet->window_scale = (int)scenario_number(scenario, line, "ws", -1);
    packet->can_sack = scenario_has(&scenario->text, line, "sack");
    packet->icmp_code = (uint8_t)scenario_number(scenario, line, "code", 0);
    packet->echo_sequence = (uint16_t)scenario_number(scenario, line, "sequence", 0);
    packet->ip_id = (uint16_t)scenario_number(scenario, line, "id", 0);
    packet->time_to_live = (uint8_t)scenario_number(scenario, line, "ttl", 128);
    packet->is_fragment = scenario_find(&scenario->text, line, "fragment") != NULL;
    packet->fragment_offset = (uint16_t)scenario_number(scenario, line, "fragment", 0);
    packet->has_no_length = scenario_number(scenario, line, "total", 1) == 0;
    packet->is_raw = scenario_has(&scenario->text, line, "raw");
    packet->is_padded = strcmp(scenario_argument(scenario, line, 0), "in") == 0;
    (void)parse_checksum(scenario, line, &packet->checksum);
    (void)parse_sender(scenario, line, packet);
}

static void put_data(struct scenario *scenario, const struct scenario_line *line,
                     struct byte_block *data)
{
    int64_t size = scenario_number(scenario, line, "size", 0);
    const char *text = scenario_find(&scenario->text, line, "data");
    if (text && !value_bytes(text, data)) {
        block_clear(data);
        block_bytes(data, text, strlen(text));
    }
    for (int64_t i = 0; i < size && i <= 0xFFFF; i++) {
        block_u8(data, 'a' + (unsigned)(i % 23));
    }
    int64_t zeros = scenario_number(scenario, line, "zeros", 0);
    if (zeros > 0 && zeros <= 0xFFFF) {
        block_fill(data, 0, (size_t)zeros);
    }
}

/* ---- packets that quote another one ---- */

static const struct scenario_line *find_packet(const struct scenario *scenario, int64_t number)
{
    for (size_t i = 0; i < scenario->text.line_count; i++) {
        const struct scenario_line *line = &scenario->text.lines[i];
        number -= scenario_is_packet(scenario, line);
        if (number == 0) {
            return line;
        }
    }
    return NULL;
}

/* The IP header of the quoted packet and the eight bytes behind it. */
static bool put_quotation(struct scenario *scenario, const struct scenario_line *line,
                          struct byte_block *out)
{
    int64_t number = scenario_number(scenario, line, "quotes", 0);
    const struct scenario_line *quoted = number > 0 ? find_packet(scenario, number) : NULL;
    struct scenario_packet packet = {0};
    struct byte_block frame = {0}, data = {0};
    if (!quoted || !parse_front(scenario, quoted, &packet)) {
        return scenario_complain(&scenario->text, line, "no such packet", "quotes");
    }
    parse_values(scenario, quoted, &packet);
    put_data(scenario, quoted, &data);
    packet.data = data.data;
    packet.size = data.size;
    scenario_frame(&frame, &packet);
    size_t start = packet.is_raw ? 0 : ETHERNET_SIZE;
    size_t size = (packet.is_ipv6 ? 40 : 20) + 8;
    if (!frame.failed && frame.size >= start + size) {
        block_bytes(out, frame.data + start, size);
    }
    block_done(&frame);
    block_done(&data);
    return true;
}

/* ---- the line ---- */

/* A misspelt word must not go unnoticed. */
static bool check_words(struct scenario *scenario, const struct scenario_line *line)
{
    static const char *const known[] = {
        "seq",   "ack",     "win",      "mss",        "ws",  "id",       "ttl",   "sum",
        "data",  "size",    "code",     "if",         "why", "fragment", "total", "quotes",
        "owner", "process", "sequence", "candidates", "mac", "zeros"};
    static const char *const alone[] = {"sack", "raw"};
    const struct scenario_word *words = scenario_words(&scenario->text, line);
    for (size_t i = 6; i < line->word_count; i++) {
        bool has_value = words[i].value != NULL, is_known = false;
        const char *const *list = has_value ? known : alone;
        size_t count = has_value ? sizeof(known) / sizeof(known[0]) : 2;
        for (size_t k = 0; k < count; k++) {
            is_known = is_known || strcmp(words[i].name, list[k]) == 0;
        }
        if (!is_known) {
            return scenario_complain(&scenario->text, line, "unknown word", words[i].name);
        }
    }
    return true;
}

static void add_packet(struct scenario *scenario, const struct scenario_line *line,
                       const struct scenario_packet *packet)
{
    bool is_out = strcmp(scenario_argument(scenario, line, 0), "out") == 0;
    scenario_frame(&scenario->scene.frame, packet);
    struct ndis_event event = {.cpu = line->cpu,
                               .at = line->at,
                               .process_id = line->process_id,
                               .thread_id = line->thread_id,
                               .pointer_size = scenario->pointer_size,
                               .direction = is_out ? DIRECTION_OUT : DIRECTION_IN,
                               .link = packet->is_raw ? LINK_IP : LINK_ETHERNET,
                               .has_offload_words = scenario->build >= 17763,
                               .interface_index =
                                   (uint32_t)scenario_number(scenario, line, "if", USUAL_INTERFACE),
                               .data = scenario->scene.frame.data,
                               .size = scenario->scene.frame.size};
    (void)scene_ndis(&scenario->scene, &event);
    block_clear(&scenario->scene.frame);
}

bool scenario_play_packet(struct scenario *scenario, const struct scenario_line *line)
{
    struct scenario_packet packet = {0};
    struct byte_block data = {0};
    if (!parse_front(scenario, line, &packet)) {
        return scenario_complain(&scenario->text, line,
                                 "not a packet: ADDRESS > ADDRESS tcp FLAGS ...", NULL);
    }
    bool is_good = check_words(scenario, line) && scenario_check_owner(scenario, line);
    parse_values(scenario, line, &packet);
    put_data(scenario, line, &data);
    if (is_good && scenario_find(&scenario->text, line, "quotes")) {
        is_good = put_quotation(scenario, line, &data);
    }
    packet.data = data.data;
    packet.size = data.size;
    if (is_good) {
        add_packet(scenario, line, &packet);
    }
    block_done(&data);
    return is_good && !scenario->text.problem[0];
}
