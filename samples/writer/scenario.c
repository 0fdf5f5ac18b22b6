/* SPDX-License-Identifier: MIT */
#include "scenario.h"

#include "event_metadata.h"

#include <stdlib.h>
#include <string.h>

bool scenario_is_played(const struct scenario *scenario, const struct scenario_line *line)
{
    const char *kind = scenario_words(&scenario->text, line)[0].name;
    return line->is_event && !(scenario->without && strcmp(kind, scenario->without) == 0);
}

/* ---- lines about the trace ---- */

/* The n-th word behind the key word; "" when there is none. */
static const char *argument(const struct scenario *scenario, const struct scenario_line *line,
                            size_t n)
{
    return n < line->word_count ? scenario_words(&scenario->text, line)[n].name : "";
}

static bool set_title(struct scenario *scenario, const struct scenario_line *line)
{
    scenario->title = scenario_find(&scenario->text, line, "title");
    return scenario->title != NULL;
}

static bool set_windows(struct scenario *scenario, const struct scenario_line *line)
{
    unsigned major = 0, minor = 0;
    const char *text = argument(scenario, line, 1);
    if (!scenario_take_number(&text, '.', &major) || !scenario_take_number(&text, '.', &minor) ||
        !scenario_take_number(&text, '\0', &scenario->build)) {
        return false;
    }
    scenario->options.os_major = (uint8_t)major;
    scenario->options.os_minor = (uint8_t)minor;
    scenario->options.os_build = scenario->build;
    scenario->options.is_windows7 = scenario->build < 9200;
    return true;
}

static bool set_bits(struct scenario *scenario, const struct scenario_line *line)
{
    scenario->pointer_size = (unsigned)strtoul(argument(scenario, line, 1), NULL, 10) / 8;
    scenario->options.pointer_size = scenario->pointer_size;
    return scenario->pointer_size == 4 || scenario->pointer_size == 8;
}

static bool set_cpus(struct scenario *scenario, const struct scenario_line *line)
{
    scenario->options.cpu_count = (uint16_t)strtoul(argument(scenario, line, 1), NULL, 10);
    return scenario->options.cpu_count != 0;
}

static bool set_buffer(struct scenario *scenario, const struct scenario_line *line)
{
    scenario->options.buffer_size = (uint32_t)strtoul(argument(scenario, line, 1), NULL, 10);
    return scenario->options.buffer_size >= 1024 && scenario->options.buffer_size % 8 == 0;
}

static bool set_clock(struct scenario *scenario, const struct scenario_line *line)
{
    bool is_system = strcmp(argument(scenario, line, 1), "system") == 0;
    scenario->options.clock = is_system ? ETL_CLOCK_SYSTEM : ETL_CLOCK_QPC;
    scenario->options.frequency = strtoll(argument(scenario, line, 2), NULL, 10);
    return is_system || scenario->options.frequency > 0;
}

static bool set_start(struct scenario *scenario, const struct scenario_line *line)
{
    if (!scenario_parse_time(argument(scenario, line, 1), &scenario->options.start_time)) {
        return false;
    }
    scenario->options.boot_time = scenario->options.start_time - INT64_C(36000000000);
    return true;
}

static bool set_session(struct scenario *scenario, const struct scenario_line *line)
{
    scenario->options.session_name = argument(scenario, line, 1);
    return true;
}

static bool set_zone(struct scenario *scenario, const struct scenario_line *line)
{
    uint64_t bias = 0;
    bool is_good = value_number(argument(scenario, line, 1), &bias);
    scenario->options.zone = (struct etl_time_zone){.bias = (int32_t)(int64_t)bias,
                                                    .standard_name = "@tzres.dll,-262",
                                                    .daylight_name = "@tzres.dll,-261"};
    return is_good;
}

static bool set_compressed(struct scenario *scenario, const struct scenario_line *line)
{
    (void)line;
    scenario->options.mode |= ETL_MODE_COMPRESSED;
    return true;
}

static bool set_metadata(struct scenario *scenario, const struct scenario_line *line)
{
    (void)line;
    scenario->has_metadata = true;
    return true;
}

static bool set_without(struct scenario *scenario, const struct scenario_line *line)
{
    scenario->without = argument(scenario, line, 1);
    return true;
}

static bool add_host(struct scenario *scenario, const struct scenario_line *line)
{
    if (scenario->host_count == MOST_HOSTS) {
        return false;
    }
    struct scenario_host *host = &scenario->hosts[scenario->host_count++];
    return value_ipv4(argument(scenario, line, 1), host->ipv4) &&
           scenario_parse_mac(argument(scenario, line, 2), host->mac);
}

/* Only the truth has connections. */
static bool pass_connection(struct scenario *scenario, const struct scenario_line *line)
{
    return scenario_find(&scenario->text, line, "states") &&
           scenario_find(&scenario->text, line, "close");
}

/* ---- events ---- */

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

/* A schema has the time of the first event it is for, and stands behind all of them. */
static void add_metadata(struct scenario *scenario)
{
    struct scene *scene = &scenario->scene;
    for (size_t i = 0; scenario->has_metadata && i < scenario->schema_count; i++) {
        const struct scenario_schema *schema = &scenario->schemas[i];
        metadata_of_event(&scene->payload, schema->layout);
        struct etl_classic record = {.pointer_size = scenario->pointer_size,
                                     .opcode = EVENT_METADATA_SCHEMA,
                                     .ticks = scene_ticks(scene, schema->at),
                                     .class_guid = &guid_event_metadata,
                                     .payload = scene->payload.data,
                                     .payload_size = scene->payload.size};
        etl_record_classic(&scene->record, &record);
        (void)scene_add(scene, 0, schema->at);
        block_clear(&scene->payload);
    }
}

/* The layout of an event line: ID[.VERSION] NAME; the name is there for people, and right. */
static const struct event_layout *
find_layout(struct scenario *scenario, const struct scenario_line *line, const char *provider)
{
    unsigned id = 0, version = 0;
    const char *text = argument(scenario, line, 1), *name = argument(scenario, line, 2);
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

static bool play_event(struct scenario *scenario, const struct scenario_line *line,
                       const char *provider)
{
    const struct scenario_word *words = scenario_words(&scenario->text, line);
    struct event_value values[MOST_VALUES];
    size_t count = 0;
    const struct event_layout *layout = find_layout(scenario, line, provider);
    if (!layout) {
        return false;
    }
    for (size_t i = 3; i < line->word_count; i++) {
        if (!words[i].value || count == MOST_VALUES) {
            return scenario_complain(&scenario->text, line, "a field without value", words[i].name);
        }
        values[count++] = (struct event_value){words[i].name, words[i].value};
    }
    const char *wrong = NULL;
    struct scene *scene = &scenario->scene;
    if (!payload_event(&scene->payload, layout, scenario->pointer_size, values, count, &wrong)) {
        return scenario_complain(&scenario->text, line, "no such field, or its value does not fit",
                                 wrong);
    }
    note_schema(scenario, layout, line->at);
    bool is_windows7 = scenario->options.is_windows7;
    struct etl_event event = {.pointer_size = scenario->pointer_size,
                              .thread_id = line->thread_id,
                              .process_id = line->process_id,
                              .provider = &event_layout_get_provider(layout)->guid,
                              .id = layout->id,
                              .version = layout->version,
                              .level = is_windows7 ? layout->level_windows7 : layout->level,
                              .opcode = layout->opcode,
                              .task = layout->task,
                              .keyword = is_windows7 ? layout->keyword_windows7 : layout->keyword,
                              .payload = scene->payload.data,
                              .payload_size = scene->payload.size};
    (void)scene_event(scene, line->cpu, line->at, &event);
    block_clear(&scene->payload);
    return true;
}

static bool play_tcpip(struct scenario *scenario, const struct scenario_line *line)
{
    return play_event(scenario, line, "Microsoft-Windows-TCPIP");
}

static bool play_afd(struct scenario *scenario, const struct scenario_line *line)
{
    return play_event(scenario, line, "Microsoft-Windows-Winsock-AFD");
}

static bool play_ndis(struct scenario *scenario, const struct scenario_line *line)
{
    return play_event(scenario, line, "Microsoft-Windows-NDIS-PacketCapture");
}

static bool play_kernel_process(struct scenario *scenario, const struct scenario_line *line)
{
    return play_event(scenario, line, "Microsoft-Windows-Kernel-Process");
}

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

/* Classic Process record of the kernel, version 3 (Windows 7) or 4:
 *   pointer key, u32 pid, u32 parent, u32 session, i32 exit status, pointer page directory,
 *   [4: u32 flags], SID, text image, UTF-16 command line, [4: UTF-16 package, application]
 * A SID is u32 0, or two pointers of a TOKEN_USER and the SID. */
static bool play_process(struct scenario *scenario, const struct scenario_line *line)
{
    static const char *const names[] = {"", "Start", "End", "DCStart", "DCEnd"};
    struct byte_block *payload = &scenario->scene.payload;
    unsigned size = scenario->pointer_size;
    bool is_newer = !scenario->options.is_windows7;
    unsigned opcode = 4;
    while (opcode && strcmp(argument(scenario, line, 1), names[opcode]) != 0) {
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
    struct etl_system record = {.pointer_size = size,
                                .version = is_newer ? 4 : 3,
                                .hook = (uint16_t)(0x0300 + opcode),
                                .thread_id = line->thread_id,
                                .process_id = line->process_id,
                                .ticks = scene_ticks(&scenario->scene, line->at),
                                .payload = payload->data,
                                .payload_size = payload->size};
    etl_record_system(&scenario->scene.record, &record);
    (void)scene_add(&scenario->scene, line->cpu, line->at);
    block_clear(payload);
    return true;
}

static bool play_interface(struct scenario *scenario, const struct scenario_line *line)
{
    struct byte_block *payload = &scenario->scene.payload;
    struct interface_row row = {.luid = UINT64_C(0x0006000000000000) |
                                        number(scenario, line, "index") << 24,
                                .index = (uint32_t)number(scenario, line, "index"),
                                .alias = word(scenario, line, "alias"),
                                .description = word(scenario, line, "description"),
                                .mtu = 1500,
                                .type = 6,
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

/* ---- the whole ---- */

struct line_kind {
    const char *name;
    bool is_event;
    bool (*run)(struct scenario *scenario, const struct scenario_line *line);
};

static const struct line_kind kinds[] = {
    {"title", false, set_title},        {"windows", false, set_windows},
    {"bits", false, set_bits},          {"cpus", false, set_cpus},
    {"buffer", false, set_buffer},      {"clock", false, set_clock},
    {"start", false, set_start},        {"session", false, set_session},
    {"zone", false, set_zone},          {"compressed", false, set_compressed},
    {"metadata", false, set_metadata},  {"without", false, set_without},
    {"host", false, add_host},          {"connection", false, pass_connection},
    {"TCPIP", true, play_tcpip},        {"AFD", true, play_afd},
    {"NDIS", true, play_ndis},          {"KERNEL-PROCESS", true, play_kernel_process},
    {"in", true, scenario_play_packet}, {"out", true, scenario_play_packet},
    {"process", true, play_process},    {"interface", true, play_interface}};

static bool run_line(struct scenario *scenario, const struct scenario_line *line)
{
    const char *name = scenario_words(&scenario->text, line)[0].name;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (kinds[i].is_event == line->is_event && strcmp(kinds[i].name, name) == 0) {
            return kinds[i].run(scenario, line) ||
                   scenario_complain(&scenario->text, line, "wrong values", name);
        }
    }
    return scenario_complain(&scenario->text, line, "unknown", name);
}

static bool play_line(struct scenario *scenario, const struct scenario_line *line)
{
    if (line->at < scenario->last_at || line->cpu >= scenario->options.cpu_count) {
        return scenario_complain(&scenario->text, line, "out of time order, or no such CPU", NULL);
    }
    scenario->last_at = line->at;
    if (!run_line(scenario, line)) {
        return false;
    }
    return !scenario->scene.failed ||
           scenario_complain(&scenario->text, line, "the record does not fit", NULL);
}

static bool play(struct scenario *scenario)
{
    bool is_good = true;
    for (size_t i = 0; i < scenario->text.line_count && is_good; i++) {
        const struct scenario_line *line = &scenario->text.lines[i];
        is_good = !scenario_is_played(scenario, line) || play_line(scenario, line);
    }
    add_metadata(scenario);
    return is_good;
}

bool scenario_make(struct scenario *scenario, const char *path)
{
    *scenario = (struct scenario){.options = scene_options(), .pointer_size = 8, .build = 19045};
    bool is_good = scenario_text_read(&scenario->text, path);
    for (size_t i = 0; i < scenario->text.line_count && is_good; i++) {
        const struct scenario_line *line = &scenario->text.lines[i];
        is_good = line->is_event || run_line(scenario, line);
    }
    is_good = is_good && scene_open(&scenario->scene, &scenario->options, NULL) && play(scenario) &&
              scene_finish(&scenario->scene);
    if (!is_good) {
        struct scenario_line line = {.file = path};
        (void)scenario_complain(&scenario->text, &line, "cannot be made", NULL);
    }
    return is_good;
}

void scenario_done(struct scenario *scenario)
{
    scene_done(&scenario->scene);
    scenario_text_done(&scenario->text);
}
