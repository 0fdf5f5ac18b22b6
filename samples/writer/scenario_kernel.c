/* SPDX-License-Identifier: MIT */
/*
 * scenario_kernel.c - lines of a scenario that are records of the kernel logger (processes, TcpIp,
 * UdpIp) and interface rows, see scenario.h.
 */
#include "scenario.h"

#include <string.h>

static uint64_t number(const struct scenario *scenario, const struct scenario_line *line,
                       const char *name)
{
    const char *text = scenario_find(&scenario->text, line, name);
    uint64_t value = 0;
    return text && value_number(text, &value) ? value : 0;
}

static const char *word(const struct scenario *scenario, const struct scenario_line *line,
                        const char *name)
{
    const char *text = scenario_find(&scenario->text, line, name);
    return text ? text : "";
}

/* Writes the payload as a record with the header of the line. */
static void add_system(struct scenario *scenario, const struct scenario_line *line, unsigned hook,
                       unsigned version)
{
    struct scene *scene = &scenario->scene;
    struct etl_system record = {.pointer_size = scenario->pointer_size,
                                .version = (uint16_t)version,
                                .hook = (uint16_t)hook,
                                .thread_id = line->thread_id,
                                .process_id = line->process_id,
                                .ticks = scene_ticks(scene, line->at),
                                .payload = scene->payload.data,
                                .payload_size = scene->payload.size};
    etl_record_system(&scene->record, &record);
    (void)scene_add(scene, line->cpu, line->at);
    block_clear(&scene->payload);
}

/* ---- processes ---- */

/* Version 3 (Windows 7) or 4:
 *   pointer key, u32 pid, u32 parent, u32 session, i32 exit status, pointer page directory,
 *   [4: u32 flags], SID, text image, UTF-16 command line, [4: UTF-16 package, application]
 * A SID is u32 0, or two pointers of a TOKEN_USER and the SID. */
bool scenario_play_process(struct scenario *scenario, const struct scenario_line *line)
{
    static const char *const names[] = {"", "Start", "End", "DCStart", "DCEnd"};
    struct byte_block *payload = &scenario->scene.payload;
    unsigned size = scenario->pointer_size;
    bool is_newer = !scenario->options.is_windows7;
    unsigned opcode = 4;
    while (opcode && strcmp(scenario_argument(scenario, line, 1), names[opcode]) != 0) {
        opcode--;
    }
    block_pointer(payload, number(scenario, line, "key"), size);
    block_u32(payload, (uint32_t)number(scenario, line, "pid"));
    block_u32(payload, (uint32_t)number(scenario, line, "parent"));
    block_u32(payload, (uint32_t)number(scenario, line, "session"));
    block_u32(payload, opcode == 2 ? (uint32_t)number(scenario, line, "exit") : 0x103);
    block_pointer(payload, number(scenario, line, "directory"), size);
    if (is_newer) {
        block_u32(payload, 0);
    }
    const char *sid = scenario_find(&scenario->text, line, "sid");
    if (sid) {
        block_pointer(payload, UINT64_C(0x8A000008), size);
        block_pointer(payload, 0, size);
    } else {
        block_u32(payload, 0);
    }
    if (!opcode || (sid && !value_sid(sid, payload))) {
        return scenario_complain(&scenario->text, line, "not a process line", sid);
    }
    block_text(payload, word(scenario, line, "image"));
    block_utf16(payload, word(scenario, line, "command"));
    block_fill(payload, 0, is_newer ? 4 : 0);
    add_system(scenario, line, 0x0300 + opcode, is_newer ? 4 : 3);
    return true;
}

/* ---- TcpIp and UdpIp ---- */

enum field_form { NUMBER_U16, NUMBER_U32, POINTER, ADDRESS, PORT };

struct field {
    const char *name;
    enum field_form form;
};

enum { MOST_FIELDS = 16 };

#define PAIR                                                                                       \
    {"daddr", ADDRESS}, {"saddr", ADDRESS}, {"dport", PORT},                                       \
    {                                                                                              \
        "sport", PORT                                                                              \
    }
#define FRONT {"PID", NUMBER_U32}, {"size", NUMBER_U32}, PAIR
#define TIMES                                                                                      \
    {"startime", NUMBER_U32},                                                                      \
    {                                                                                              \
        "endtime", NUMBER_U32                                                                      \
    }
#define OPTIONS                                                                                    \
    {"mss", NUMBER_U16}, {"sackopt", NUMBER_U16}, {"tsopt", NUMBER_U16}, {"wsopt", NUMBER_U16},    \
        {"rcvwin", NUMBER_U32}, {"rcvwinscale", NUMBER_U16},                                       \
    {                                                                                              \
        "sndwinscale", NUMBER_U16                                                                  \
    }
#define END_V1                                                                                     \
    {"connid", POINTER},                                                                           \
    {                                                                                              \
        "seqnum", NUMBER_U32                                                                       \
    }
#define END_V2                                                                                     \
    {"seqnum", NUMBER_U32},                                                                        \
    {                                                                                              \
        "connid", POINTER                                                                          \
    }

/* What the payload of an event of a version is; fields end with one that has no name. */
static const struct field tcp_v0[MOST_FIELDS] = {PAIR, {"size", NUMBER_U32}, {"PID", NUMBER_U32}};
static const struct field plain_v1[MOST_FIELDS] = {FRONT, END_V1};
static const struct field send_v1[MOST_FIELDS] = {FRONT, TIMES, END_V1};
static const struct field open_v1[MOST_FIELDS] = {FRONT, OPTIONS, END_V1};
static const struct field fail_v1[MOST_FIELDS] = {{"Proto", NUMBER_U32}};
static const struct field plain_v2[MOST_FIELDS] = {FRONT, END_V2};
static const struct field send_v2[MOST_FIELDS] = {FRONT, TIMES, END_V2};
static const struct field open_v2[MOST_FIELDS] = {FRONT, OPTIONS, END_V2};
static const struct field fail_v2[MOST_FIELDS] = {{"Proto", NUMBER_U16},
                                                  {"FailureCode", NUMBER_U16}};
static const struct field udp_v0[MOST_FIELDS] = {
    {"context", POINTER}, {"saddr", ADDRESS}, {"sport", PORT},      {"size", NUMBER_U16},
    {"daddr", ADDRESS},   {"dport", PORT},    {"dsize", NUMBER_U16}};
static const struct field udp_v1[MOST_FIELDS] = {FRONT};

/* The forms of an event by version; NULL: that version did not have it. Those for IPv6 came with
 * version 2, their opcodes are 16 more. */
struct network_event {
    const char *class, *name;
    unsigned group, opcode;
    const struct field *versions[3];
};

static const struct network_event network_events[] = {
    {"TcpIp", "Send", 6, 10, {tcp_v0, send_v1, send_v2}},
    {"TcpIp", "Recv", 6, 11, {tcp_v0, plain_v1, plain_v2}},
    {"TcpIp", "Connect", 6, 12, {tcp_v0, open_v1, open_v2}},
    {"TcpIp", "Disconnect", 6, 13, {tcp_v0, plain_v1, plain_v2}},
    {"TcpIp", "Retransmit", 6, 14, {tcp_v0, plain_v1, plain_v2}},
    {"TcpIp", "Accept", 6, 15, {tcp_v0, open_v1, open_v2}},
    {"TcpIp", "Reconnect", 6, 16, {NULL, plain_v1, plain_v2}},
    {"TcpIp", "Fail", 6, 17, {NULL, fail_v1, fail_v2}},
    {"TcpIp", "TCPCopy", 6, 18, {NULL, plain_v1, plain_v2}},
    {"UdpIp", "Send", 8, 10, {udp_v0, udp_v1, plain_v2}},
    {"UdpIp", "Recv", 8, 11, {udp_v0, udp_v1, plain_v2}},
    {"UdpIp", "Fail", 8, 17, {NULL, NULL, fail_v2}}};

/* `is_ipv6`: the name ends in IPV6. NULL: no such event. */
static const struct network_event *find_network_event(const char *class, const char *name,
                                                      bool *is_ipv6)
{
    for (size_t i = 0; i < sizeof(network_events) / sizeof(network_events[0]); i++) {
        const struct network_event *event = &network_events[i];
        size_t length = strlen(event->name);
        if (strcmp(event->class, class) == 0 && strncmp(event->name, name, length) == 0) {
            *is_ipv6 = strcmp(name + length, "IPV6") == 0;
            return *is_ipv6 || name[length] == '\0' ? event : NULL;
        }
    }
    return NULL;
}

static bool put_address(struct byte_block *out, const char *text, bool is_ipv6)
{
    struct endpoint address = {0};
    bool is_found = is_ipv6;
    if (text && (!scenario_parse_address(text, &address, &is_found) || is_found != is_ipv6)) {
        return false;
    }
    block_bytes(out, is_ipv6 ? address.ipv6 : address.ipv4, is_ipv6 ? 16 : 4);
    return true;
}

static bool put_field(struct byte_block *out, const struct field *field, const char *text,
                      bool is_ipv6, unsigned pointer_size)
{
    static const uint64_t largest[] = {0xFFFF, 0xFFFFFFFF, UINT64_MAX, 0, 0xFFFF};
    uint64_t value = 0;
    if (field->form == ADDRESS) {
        return put_address(out, text, is_ipv6);
    }
    if (text && (!value_number(text, &value) || value > largest[field->form])) {
        return false;
    }
    if (field->form == PORT) {
        block_u8(out, (unsigned)(value >> 8));
        block_u8(out, (unsigned)value & 0xFF);
    } else if (field->form == POINTER) {
        block_pointer(out, value, pointer_size);
    } else if (field->form == NUMBER_U16) {
        block_u16(out, (unsigned)value);
    } else {
        block_u32(out, (uint32_t)value);
    }
    return true;
}

/* A misspelt word must not go unnoticed. */
static const char *find_unknown(const struct scenario *scenario, const struct scenario_line *line,
                                const struct field *fields)
{
    const struct scenario_word *words = scenario_words(&scenario->text, line);
    for (size_t i = 2; i < line->word_count; i++) {
        bool is_known = strcmp(words[i].name, words[i].value ? "version" : "system") == 0;
        for (size_t k = 0; fields[k].name && !is_known; k++) {
            is_known = words[i].value && strcmp(words[i].name, fields[k].name) == 0;
        }
        if (!is_known) {
            return words[i].name;
        }
    }
    return NULL;
}

/* These records have neither process nor thread in their header. */
static void add_perfinfo(struct scenario *scenario, const struct scenario_line *line, unsigned hook,
                         unsigned version)
{
    struct scene *scene = &scenario->scene;
    struct etl_perfinfo record = {.pointer_size = scenario->pointer_size,
                                  .version = (uint8_t)version,
                                  .hook = (uint16_t)hook,
                                  .ticks = scene_ticks(scene, line->at),
                                  .payload = scene->payload.data,
                                  .payload_size = scene->payload.size};
    etl_record_perfinfo(&scene->record, &record);
    (void)scene_add(scene, line->cpu, line->at);
    block_clear(&scene->payload);
}

bool scenario_play_network(struct scenario *scenario, const struct scenario_line *line)
{
    enum { WINDOWS_VISTA = 6000, WINDOWS_XP = 2600 };
    int usual = (scenario->build >= WINDOWS_XP) + (scenario->build >= WINDOWS_VISTA);
    uint64_t version = (uint64_t)scenario_number(scenario, line, "version", usual);
    bool is_ipv6 = false;
    const char *name = scenario_argument(scenario, line, 1);
    const struct network_event *event =
        find_network_event(scenario_argument(scenario, line, 0), name, &is_ipv6);
    const struct field *fields = event && version < 3 ? event->versions[version] : NULL;
    if (!fields || (is_ipv6 && version < 2)) {
        return scenario_complain(&scenario->text, line, "no such event", name);
    }
    const char *wrong = find_unknown(scenario, line, fields);
    for (size_t i = 0; fields[i].name && !wrong; i++) {
        const char *text = scenario_find(&scenario->text, line, fields[i].name);
        if (!put_field(&scenario->scene.payload, &fields[i], text, is_ipv6,
                       scenario->pointer_size)) {
            wrong = fields[i].name;
        }
    }
    if (wrong) {
        return scenario_complain(&scenario->text, line, "no such field, or its value does not fit",
                                 wrong);
    }
    unsigned hook = event->group << 8 | (event->opcode + (is_ipv6 ? 16 : 0));
    bool has_thread = scenario_has(&scenario->text, line, "system");
    (has_thread ? add_system : add_perfinfo)(scenario, line, hook, (unsigned)version);
    return true;
}

/* ---- interfaces ---- */

bool scenario_play_interface(struct scenario *scenario, const struct scenario_line *line)
{
    enum { TYPE_ETHERNET = 6 };
    struct byte_block *payload = &scenario->scene.payload;
    uint32_t type = (uint32_t)scenario_number(scenario, line, "type", TYPE_ETHERNET);
    struct interface_row row = {.luid = (uint64_t)type << 48 | number(scenario, line, "index")
                                                                   << 24,
                                .index = (uint32_t)number(scenario, line, "index"),
                                .alias = word(scenario, line, "alias"),
                                .description = word(scenario, line, "description"),
                                .mtu = 1500,
                                .type = type,
                                .speed = 1000000000};
    if (!scenario_parse_mac(word(scenario, line, "mac"), row.mac)) {
        return scenario_complain(&scenario->text, line, "not a hardware address", "mac");
    }
    payload_interface_row(payload, &row);
    struct etl_classic record = {.pointer_size = scenario->pointer_size,
                                 .opcode = 36,
                                 .process_id = line->process_id,
                                 .thread_id = line->thread_id,
                                 .ticks = scene_ticks(&scenario->scene, line->at),
                                 .class_guid = &guid_system_config_ex,
                                 .payload = payload->data,
                                 .payload_size = payload->size};
    etl_record_classic(&scenario->scene.record, &record);
    (void)scene_add(&scenario->scene, line->cpu, line->at);
    block_clear(payload);
    return true;
}
