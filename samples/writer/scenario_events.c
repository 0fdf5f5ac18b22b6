/* SPDX-License-Identifier: MIT */
/*
 * scenario_events.c - lines of a scenario that are events of a provider, see scenario.h.
 *
 * To add a provider: its layouts in the writer's table, a row here and one in scenario.c.
 */
#include "event_metadata.h"
#include "scenario.h"

#include <inttypes.h>
#include <string.h>

enum { MOST_MAPS = 1024 }; /* more than the writer's table has */

static const struct {
    const char *word, *provider;
} providers[] = {{"TCPIP", "Microsoft-Windows-TCPIP"},
                 {"AFD", "Microsoft-Windows-Winsock-AFD"},
                 {"NDIS", "Microsoft-Windows-NDIS-PacketCapture"},
                 {"KERNEL-PROCESS", "Microsoft-Windows-Kernel-Process"},
                 {"KERNEL-NETWORK", "Microsoft-Windows-Kernel-Network"},
                 {"DNS-CLIENT", "Microsoft-Windows-DNS-Client"},
                 {"SMB-CLIENT", "Microsoft-Windows-SMBClient"},
                 {"SMB-SERVER", "Microsoft-Windows-SMBServer"},
                 {"SMB-DIRECT", "Microsoft-Windows-SMBDirect"},
                 {"NAME-RESOLUTION", "Microsoft-Windows-Winsock-NameResolution"},
                 {"HTTP", "Microsoft-Windows-HttpService"},
                 {"WEBIO", "Microsoft-Windows-WebIO"}};

static const char *find_provider(const char *word)
{
    size_t i = 0;
    while (i + 1 < sizeof(providers) / sizeof(providers[0]) &&
           strcmp(providers[i].word, word) != 0) {
        i++;
    }
    return providers[i].provider;
}

static void note_schema(struct scenario *scenario, const struct event_layout *layout, int64_t at)
{
    size_t i = 0;
    while (i < scenario->schema_count && scenario->schemas[i].layout != layout) {
        i++;
    }
    if (i == scenario->schema_count && i < MOST_SCHEMAS) {
        scenario->schemas[scenario->schema_count++] = (struct scenario_schema){layout, at};
    }
}

/* The payload of the scene becomes one record of the kind. */
static void add_metadata(struct scenario *scenario, uint8_t opcode, int64_t at)
{
    struct scene *scene = &scenario->scene;
    struct etl_classic record = {.pointer_size = scenario->pointer_size,
                                 .opcode = opcode,
                                 .ticks = scene_ticks(scene, at),
                                 .class_guid = &guid_event_metadata,
                                 .payload = scene->payload.data,
                                 .payload_size = scene->payload.size};
    etl_record_classic(&scene->record, &record);
    (void)scene_add(scene, 0, at);
    block_clear(&scene->payload);
}

/* The maps of one schema's fields, each of them once in the file. */
static void play_maps(struct scenario *scenario, const struct scenario_schema *schema,
                      bool is_written[MOST_MAPS])
{
    const struct event_field *fields = event_layout_get_fields(schema->layout);
    for (unsigned i = 0; i < schema->layout->field_count; i++) {
        const struct event_map *map = event_map_find(schema->layout, &fields[i], scenario->build);
        size_t number = map ? (size_t)(map - event_maps) : MOST_MAPS;
        if (number < MOST_MAPS && !is_written[number]) {
            is_written[number] = true;
            metadata_of_map(&scenario->scene.payload, map);
            add_metadata(scenario, EVENT_METADATA_VALUE_MAP, schema->at);
        }
    }
}

/* A schema has the time of the first event it is for, and stands behind all of them. */
void scenario_play_metadata(struct scenario *scenario)
{
    bool is_written[MOST_MAPS] = {false};
    for (size_t i = 0; scenario->has_metadata && i < scenario->schema_count; i++) {
        const struct scenario_schema *schema = &scenario->schemas[i];
        metadata_of_event(&scenario->scene.payload, schema->layout);
        add_metadata(scenario, EVENT_METADATA_SCHEMA, schema->at);
        play_maps(scenario, schema, is_written);
    }
}

/* The layout of an event line: ID[.VERSION] NAME; the name is there for people, and right. */
static const struct event_layout *
find_layout(struct scenario *scenario, const struct scenario_line *line, const char *provider)
{
    unsigned id = 0, version = 0;
    const char *text = scenario_argument(scenario, line, 1);
    const char *name = scenario_argument(scenario, line, 2);
    bool has_version = strchr(text, '.') != NULL;
    if (!scenario_take_number(&text, has_version ? '.' : '\0', &id) ||
        (has_version && !scenario_take_number(&text, '\0', &version))) {
        (void)scenario_complain(&scenario->text, line, "not PROVIDER ID NAME FIELD=VALUE...", NULL);
        return NULL;
    }
    const struct event_layout *layout = event_layout_find(provider, id, version, scenario->build);
    if (!layout || strcmp(layout->name, name) != 0) {
        (void)scenario_complain(&scenario->text, line, "no such event", name);
        return NULL;
    }
    return layout;
}

/* ---- values that the layouts do not have like this ---- */

struct value_texts {
    char rows[MOST_VALUES][40];
};

/* @1.5: a time of the trace. */
static const char *write_time(const struct scenario *scenario, const char *text, char *out,
                              size_t size)
{
    int64_t at = 0;
    if (!scenario_parse_seconds(text + 1, &at)) {
        return text;
    }
    (void)snprintf(out, size, "%" PRId64, scenario->options.start_time + at);
    return out;
}

/* Bytes as they lie in memory, which the layout has as a number or as bytes. */
static const char *write_address(const char *text, char *out, size_t size)
{
    struct endpoint address;
    bool is_ipv6 = false;
    if (!scenario_parse_address(text, &address, &is_ipv6)) {
        return text;
    }
    if (!is_ipv6) {
        const uint8_t *bytes = address.ipv4;
        (void)snprintf(out, size, "0x%02x%02x%02x%02x", bytes[3], bytes[2], bytes[1], bytes[0]);
        return out;
    }
    size_t at = (size_t)snprintf(out, size, "hex:");
    for (unsigned i = 0; i < 16 && at < size; i++) {
        at += (size_t)snprintf(out + at, size - at, "%02x", address.ipv6[i]);
    }
    return out;
}

/* Big-endian, in a number that is not. */
static const char *write_port(const char *text, char *out, size_t size)
{
    uint64_t port = 0;
    if (!value_number(text, &port) || port > 0xFFFF) {
        return text;
    }
    (void)snprintf(out, size, "%u", (unsigned)((port & 0xFF) << 8 | port >> 8));
    return out;
}

/* Kernel-Network's manifest calls addresses and ports plain numbers, and so do some of TCPIP. */
static const char *translate(const struct scenario *scenario, const struct scenario_word *word,
                             bool is_kernel_network, char *out, size_t size)
{
    bool is_address = strcmp(word->name, "daddr") == 0 || strcmp(word->name, "saddr") == 0;
    bool is_port = strcmp(word->name, "dport") == 0 || strcmp(word->name, "sport") == 0;
    if (word->value[0] == '@') {
        return write_time(scenario, word->value, out, size);
    }
    if ((is_kernel_network && is_address) || strcmp(word->name, "IPv4Address") == 0) {
        return write_address(word->value, out, size);
    }
    return is_kernel_network && is_port ? write_port(word->value, out, size) : word->value;
}

/* The payload of an event line. */
static bool put_payload(struct scenario *scenario, const struct scenario_line *line,
                        const struct event_layout *layout)
{
    const struct scenario_word *words = scenario_words(&scenario->text, line);
    bool is_kernel_network = strcmp(words[0].name, "KERNEL-NETWORK") == 0;
    struct event_value values[MOST_VALUES];
    struct value_texts texts;
    size_t count = 0;
    for (size_t i = 3; i < line->word_count; i++) {
        if (!words[i].value || count == MOST_VALUES) {
            return scenario_complain(&scenario->text, line, "a field without value", words[i].name);
        }
        if (strcmp(words[i].name, "keywords") == 0) {
            continue; /* of the header */
        }
        char *text = texts.rows[count];
        values[count++] =
            (struct event_value){words[i].name, translate(scenario, &words[i], is_kernel_network,
                                                          text, sizeof(texts.rows[0]))};
    }
    const char *wrong = NULL;
    return payload_event(&scenario->scene.payload, layout, scenario->pointer_size, values, count,
                         &wrong) ||
           scenario_complain(&scenario->text, line, "no such field, or its value does not fit",
                             wrong);
}

bool scenario_play_event(struct scenario *scenario, const struct scenario_line *line)
{
    const struct event_layout *layout =
        find_layout(scenario, line, find_provider(scenario_argument(scenario, line, 0)));
    if (!layout || !put_payload(scenario, line, layout)) {
        return false;
    }
    struct scene *scene = &scenario->scene;
    note_schema(scenario, layout, line->at);
    bool is_windows7 = scenario->options.is_windows7;
    uint64_t keywords = (uint64_t)scenario_number(
        scenario, line, "keywords",
        (int64_t)(is_windows7 ? layout->keyword_windows7 : layout->keyword));
    struct etl_event event = {.pointer_size = scenario->pointer_size,
                              .thread_id = line->thread_id,
                              .process_id = line->process_id,
                              .provider = &event_layout_get_provider(layout)->guid,
                              .id = layout->id,
                              .version = layout->version,
                              .level = is_windows7 ? layout->level_windows7 : layout->level,
                              .opcode = layout->opcode,
                              .task = layout->task,
                              .keyword = keywords,
                              .payload = scene->payload.data,
                              .payload_size = scene->payload.size};
    (void)scene_event(scene, line->cpu, line->at, &event);
    block_clear(&scene->payload);
    return true;
}
