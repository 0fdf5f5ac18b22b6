/* SPDX-License-Identifier: MIT */
#include "pcapout/event_rows_format.h"
#include "pcapout/json_writer.h"
#include "pcapout/places.h"

static void add_optional(struct json_writer *j, const char *name, const char *value)
{
    if (value) {
        json_string(j, name, value);
    }
}

static void add_identity(struct json_writer *j, const struct event_row *row)
{
    const struct etw_record *record = row->record;
    char time[UTC_TEXT_SIZE];
    (void)utc_format(record->time, 0, time);
    json_string(j, "time", time);
    add_optional(j, "provider", row->provider);
    add_optional(j, "provider_guid", row->guid);
    if (row->has_id) {
        json_u64(j, "id", record->id);
    }
    json_u64(j, "version", record->version);
    add_optional(j, "name", row->name);
}

static void add_context(struct json_writer *j, const struct event_row *row)
{
    const struct etw_record *record = row->record;
    char keywords[OUT_HEX_TEXT_SIZE];
    if (row->has_level) {
        json_u64(j, "level", record->level);
    }
    json_u64(j, "opcode", record->opcode);
    if (row->has_keywords) {
        json_string(j, "keywords", out_hex_text(record->keywords, keywords));
    }
    if (record->process_id != RECORD_NO_ID) {
        json_u64(j, "header_pid", record->process_id);
    }
    if (record->thread_id != RECORD_NO_ID) {
        json_u64(j, "header_tid", record->thread_id);
    }
    json_u64(j, "cpu", record->cpu);
    out_json_place(j, record->offset);
}

static void add_payload(struct json_writer *j, const struct out_fields *fields,
                        const struct event_row *row)
{
    struct text *to = j->to;
    if (row->has_raw) {
        text_add(to, ",\"raw\":\"");
        event_add_hex(to, &row->record->payload);
        text_add_char(to, '"');
    } else {
        text_add(to, ",\"fields\":");
        text_add_bytes(to, fields->text.data, fields->text.size);
    }
    add_optional(j, "undecoded", row->undecoded);
    if (row->schema) {
        json_begin_object(j, "schema");
        json_string(j, "source", row->schema);
        add_optional(j, "name", row->schema_name);
        if (row->result->is_other_version) {
            json_bool(j, "other_version", true);
        }
        json_end_object(j);
    }
}

static void add_row(struct out_event_rows *rows, const struct event_row *row)
{
    struct json_writer j = json_writer_of(&rows->line);
    json_begin_object(&j, NULL);
    add_identity(&j, row);
    add_context(&j, row);
    add_payload(&j, &rows->fields, row);
    json_end_object(&j);
}

static void ndjson_row(struct out_event_rows *rows, const struct event_row *row)
{
    add_row(rows, row);
    text_add_char(&rows->line, '\n');
}

/* One row a line, so that the document can also be read by eye and by line tools. */
static void json_begin(struct out_event_rows *rows)
{
    const char *trace = rows->options.trace_json;
    text_add(&rows->line, "{\"trace\":");
    text_add(&rows->line, trace ? trace : "{}");
    text_add(&rows->line, ",\"events\":[");
}

static void json_row(struct out_event_rows *rows, const struct event_row *row)
{
    text_add(&rows->line, rows->count > 0 ? ",\n" : "\n");
    add_row(rows, row);
}

static void json_end(struct out_event_rows *rows)
{
    text_add(&rows->line, "\n]}\n");
}

const struct event_row_format event_rows_ndjson = {.fields_style = OUT_FIELDS_JSON,
                                                   .row = ndjson_row};
const struct event_row_format event_rows_json = {
    .fields_style = OUT_FIELDS_JSON, .begin = json_begin, .row = json_row, .end = json_end};
