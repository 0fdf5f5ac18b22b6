/* SPDX-License-Identifier: MIT */
/*
 * event_stats_write.c - the table of `events --stats` in each format.
 */
#include <inttypes.h>
#include <string.h>

#include "cli/display.h"
#include "cli/event_stats.h"
#include "pcapout/escape.h"
#include "pcapout/json_writer.h"

static uint64_t count_events(const struct cli_event_kind *kind)
{
    return kind->events[ETW_DECODED_WHOLLY] + kind->events[ETW_DECODED_PARTLY] +
           kind->events[ETW_DECODED_NOT];
}

static bool has_id(const struct cli_event_kind *kind)
{
    return kind->class_of == RECORD_IS_MANIFEST || kind->class_of == RECORD_IS_MESSAGE;
}

/* ---- text ---- */

static void add_count(struct text *to, uint64_t count)
{
    char number[DISPLAY_COUNT_SIZE];
    text_add_format(to, "%10s ", count > 0 ? display_count(count, number) : "-");
}

static bool is_same_provider(const struct cli_event_kind *a, const struct cli_event_kind *b)
{
    return a->has_guid == b->has_guid && guid_equal(&a->guid, &b->guid) &&
           a->class_of == b->class_of;
}

static void add_heading(struct text *to, const struct cli_event_kind *kind)
{
    char guid[GUID_TEXT_SIZE] = "no provider";
    if (kind->has_guid) {
        guid_format(&kind->guid, guid);
    }
    if (kind->provider) {
        (void)out_escape_terminal(to, kind->provider, SIZE_MAX);
        text_add_format(to, " %s\n", guid);
    } else {
        text_add_format(to, "%s\n", guid);
    }
}

static void add_schema(struct text *to, const struct cli_event_kind *kind)
{
    if (kind->source != ETW_SCHEMA_NONE) {
        text_add_format(to, " [%s", etw_schema_source_name(kind->source));
        if (kind->schema_name) {
            text_add_char(to, ' ');
            (void)out_escape_terminal(to, kind->schema_name, SIZE_MAX);
        }
        text_add_char(to, ']');
    }
    if (kind->why) {
        text_add_format(to, " (%s)", kind->why);
    }
}

static void add_text_row(struct text *to, const struct cli_event_kind *kind,
                         const struct cli_event_kind *before)
{
    if (!before || !is_same_provider(kind, before)) {
        text_add(to, before ? "\n" : "");
        add_heading(to, kind);
        text_add_format(to, "%10s %10s %10s %10s %7s %3s  %s\n", "events", "wholly", "partly",
                        "not", has_id(kind) ? "id" : "opcode", "ver", "name [layout] (why not)");
    }
    add_count(to, count_events(kind));
    for (int how = ETW_DECODED_WHOLLY; how <= ETW_DECODED_NOT; how++) {
        add_count(to, kind->events[how]);
    }
    text_add_format(to, "%7u %3u  ", kind->id, kind->version);
    (void)out_escape_terminal(to, kind->name ? kind->name : "-", SIZE_MAX);
    add_schema(to, kind);
    text_add_char(to, '\n');
}

/* ---- for programs ---- */

static void add_optional(struct json_writer *j, const char *name, const char *value)
{
    if (value) {
        json_string(j, name, value);
    }
}

static void add_json_row(struct text *to, const struct cli_event_kind *kind)
{
    struct json_writer j = json_writer_of(to);
    char guid[GUID_TEXT_SIZE];
    json_begin_object(&j, NULL);
    add_optional(&j, "provider", kind->provider);
    if (kind->has_guid) {
        guid_format(&kind->guid, guid);
        json_string(&j, "provider_guid", guid);
    }
    json_u64(&j, has_id(kind) ? "id" : "opcode", kind->id);
    json_u64(&j, "version", kind->version);
    add_optional(&j, "name", kind->name);
    json_u64(&j, "events", count_events(kind));
    json_u64(&j, "decoded", kind->events[ETW_DECODED_WHOLLY]);
    json_u64(&j, "partly", kind->events[ETW_DECODED_PARTLY]);
    json_u64(&j, "undecoded", kind->events[ETW_DECODED_NOT]);
    add_optional(&j, "why", kind->why);
    if (kind->source != ETW_SCHEMA_NONE) {
        json_begin_object(&j, "schema");
        json_string(&j, "source", etw_schema_source_name(kind->source));
        add_optional(&j, "name", kind->schema_name);
        json_end_object(&j);
    }
    json_end_object(&j);
}

static const char csv_header[] = "provider,provider_guid,id,opcode,version,name,events,decoded,"
                                 "partly,undecoded,why,schema.source,schema.name\n";

static void add_cell(struct text *to, const char *value)
{
    if (value) {
        out_escape_csv(to, value);
    }
    text_add_char(to, ',');
}

static void add_csv_row(struct text *to, const struct cli_event_kind *kind)
{
    char guid[GUID_TEXT_SIZE] = "";
    if (kind->has_guid) {
        guid_format(&kind->guid, guid);
    }
    add_cell(to, kind->provider);
    add_cell(to, guid);
    text_add_format(to, has_id(kind) ? "%u,," : ",%u,", kind->id);
    text_add_format(to, "%u,", kind->version);
    add_cell(to, kind->name);
    text_add_format(to, "%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",", count_events(kind),
                    kind->events[ETW_DECODED_WHOLLY], kind->events[ETW_DECODED_PARTLY],
                    kind->events[ETW_DECODED_NOT]);
    add_cell(to, kind->why);
    bool has_schema = kind->source != ETW_SCHEMA_NONE;
    add_cell(to, has_schema ? etw_schema_source_name(kind->source) : NULL);
    out_escape_csv(to, kind->schema_name ? kind->schema_name : "");
    text_add_char(to, '\n');
}

/* ---- all of it ---- */

static void add_begin(struct text *to, enum out_format format, const char *trace_json)
{
    if (format == OUT_CSV) {
        text_add(to, csv_header);
    } else if (format == OUT_JSON) {
        text_add(to, "{\"trace\":");
        text_add(to, trace_json);
        text_add(to, ",\"statistics\":[");
    }
}

static void add_row(struct text *to, enum out_format format, const struct cli_event_kind *kind,
                    const struct cli_event_kind *before)
{
    switch (format) {
    case OUT_TEXT:
        add_text_row(to, kind, before);
        break;
    case OUT_CSV:
        add_csv_row(to, kind);
        break;
    case OUT_JSON:
        text_add(to, before ? ",\n" : "\n");
        add_json_row(to, kind);
        break;
    case OUT_NDJSON:
        add_json_row(to, kind);
        text_add_char(to, '\n');
        break;
    }
}

enum etw_status cli_event_stats_write(struct cli_event_stats *stats, enum out_format format,
                                      const char *trace_json, struct out_file *file,
                                      struct etw_error *error)
{
    size_t count = 0;
    const struct cli_event_kind *kinds = cli_event_stats_kinds(stats, &count);
    struct text text = {.maximum = 0};
    enum etw_status status = ETW_OK;
    add_begin(&text, format, trace_json);
    for (size_t i = 0; !status && i < count; i++) {
        add_row(&text, format, &kinds[i], i > 0 ? &kinds[i - 1] : NULL);
        status = text.failed ? etw_fail_memory(error, "the statistics")
                             : out_file_write(file, text.data, text.size, error);
        text_clear(&text);
    }
    if (!status) {
        text_add(&text, format == OUT_JSON ? "\n]}\n" : "");
        status = out_file_write(file, text_get(&text), text.size, error);
    }
    text_done(&text);
    return status;
}
