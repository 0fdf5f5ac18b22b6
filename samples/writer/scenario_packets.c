/* SPDX-License-Identifier: MIT */
/*
 * scenario_packets.c - lines of a scenario that are packets, see scenario.h.
 */
#include "event_payload.h"
#include "scenario.h"

#include <stdlib.h>
#include <string.h>

enum { USUAL_INTERFACE = 11 };

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

static bool find_endpoint(const struct scenario *scenario, const char *text, struct endpoint *out)
{
    struct byte_block address = {0};
    bool is_good = value_socket_address(text, &address) && address.size == 16;
    if (is_good) {
        out->port = (uint16_t)(address.data[2] << 8 | address.data[3]);
        memcpy(out->ipv4, address.data + 4, 4);
        is_good = false;
    }
    for (size_t i = 0; i < scenario->host_count && address.size == 16; i++) {
        if (memcmp(scenario->hosts[i].ipv4, out->ipv4, 4) == 0) {
            memcpy(out->mac, scenario->hosts[i].mac, 6);
            is_good = true;
        }
    }
    block_done(&address);
    return is_good;
}

/* Flags are joined by plus signs: SYN+ACK. */
static bool parse_flags(const char *text, uint8_t *flags)
{
    static const struct {
        const char *name;
        uint8_t flag;
    } rows[] = {
        {"FIN", TCP_FIN}, {"SYN", TCP_SYN}, {"RST", TCP_RST}, {"PSH", TCP_PSH}, {"ACK", TCP_ACK}};
    *flags = 0;
    while (*text) {
        uint8_t found = 0;
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
            found |= strncmp(text, rows[i].name, 3) == 0 ? rows[i].flag : 0;
        }
        if (!found || (text[3] != '+' && text[3] != '\0')) {
            return false;
        }
        *flags |= found;
        text += text[3] ? 4 : 3;
    }
    return *flags != 0;
}

/* A number of the line, or `otherwise`. */
static int64_t number(struct scenario *scenario, const struct scenario_line *line, const char *name,
                      int64_t otherwise)
{
    const char *text = scenario_find(&scenario->text, line, name);
    uint64_t value = 0;
    if (text && !value_number(text, &value)) {
        (void)scenario_complain(&scenario->text, line, "not a number", name);
    }
    return text ? (int64_t)value : otherwise;
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

/* What the line says beside addresses and flags. */
static void parse_values(struct scenario *scenario, const struct scenario_line *line,
                         struct scenario_packet *packet, struct byte_block *data)
{
    packet->sequence = (uint32_t)number(scenario, line, "seq", 0);
    packet->acknowledgement = (uint32_t)number(scenario, line, "ack", 0);
    packet->window = (uint16_t)number(scenario, line, "win", 0);
    packet->maximum_segment = (uint16_t)number(scenario, line, "mss", 0);
    packet->window_scale = (int)number(scenario, line, "ws", -1);
    packet->can_sack = scenario_has(&scenario->text, line, "sack");
    packet->ip_id = (uint16_t)number(scenario, line, "id", 0);
    packet->time_to_live = (uint8_t)number(scenario, line, "ttl", 128);
    const char *text = scenario_find(&scenario->text, line, "data");
    if (text && !value_bytes(text, data)) {
        block_clear(data);
        block_bytes(data, text, strlen(text));
    }
    packet->data = data->data;
    packet->size = data->size;
}

/* A misspelt word must not go unnoticed. */
static bool check_words(struct scenario *scenario, const struct scenario_line *line)
{
    static const char *const known[] = {"seq", "ack", "win",  "mss",   "ws",  "id",
                                        "ttl", "sum", "data", "owner", "why", "if"};
    const struct scenario_word *words = scenario_words(&scenario->text, line);
    for (size_t i = 0; i < line->word_count; i++) {
        bool is_known = !words[i].value;
        for (size_t k = 0; k < sizeof(known) / sizeof(known[0]); k++) {
            is_known = is_known || strcmp(words[i].name, known[k]) == 0;
        }
        if (!is_known) {
            return scenario_complain(&scenario->text, line, "unknown word", words[i].name);
        }
    }
    return true;
}

bool scenario_play_packet(struct scenario *scenario, const struct scenario_line *line)
{
    const struct scenario_word *words = scenario_words(&scenario->text, line);
    struct scenario_packet packet = {.window_scale = -1};
    struct byte_block data = {0};
    bool is_out = strcmp(words[0].name, "out") == 0;
    bool is_udp = line->word_count > 4 && strcmp(words[4].name, "udp") == 0;
    if (line->word_count < 6 || !find_endpoint(scenario, words[1].name, &packet.from) ||
        !find_endpoint(scenario, words[3].name, &packet.to) ||
        (!is_udp && !parse_flags(words[5].name, &packet.flags))) {
        return scenario_complain(&scenario->text, line,
                                 "not a packet: ADDRESS > ADDRESS tcp FLAGS ...", NULL);
    }
    packet.protocol = is_udp ? IP_UDP : IP_TCP;
    packet.is_padded = !is_out;
    bool is_good = check_words(scenario, line) && parse_checksum(scenario, line, &packet.checksum);
    parse_values(scenario, line, &packet, &data);
    scenario_frame(&scenario->scene.frame, &packet);
    struct ndis_event event = {.cpu = line->cpu,
                               .at = line->at,
                               .process_id = line->process_id,
                               .thread_id = line->thread_id,
                               .pointer_size = scenario->pointer_size,
                               .direction = is_out ? DIRECTION_OUT : DIRECTION_IN,
                               .has_offload_words = scenario->build >= 17763,
                               .interface_index =
                                   (uint32_t)number(scenario, line, "if", USUAL_INTERFACE),
                               .data = scenario->scene.frame.data,
                               .size = scenario->scene.frame.size};
    (void)scene_ndis(&scenario->scene, &event);
    block_clear(&scenario->scene.frame);
    block_done(&data);
    return is_good && !scenario->text.problem[0];
}
