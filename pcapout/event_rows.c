/* SPDX-License-Identifier: MIT */
#include "pcapout/event_rows.h"

#include <stdlib.h>
#include <string.h>

#include "etw/event_properties.h"
#include "pcapout/event_rows_format.h"
#include "pcapout/event_sentences.h"

static const struct event_row_format *const formats[] = {
    [OUT_TEXT] = &event_rows_text,
    [OUT_NDJSON] = &event_rows_ndjson,
    [OUT_JSON] = &event_rows_json,
    [OUT_CSV] = &event_rows_csv,
};

void event_add_hex(struct text *to, const struct bytes *payload)
{
    static const char digits[] = "0123456789abcdef";
    char *at = text_reserve(to, payload->size * 2);
    if (!at) {
        return;
    }
    for (size_t i = 0; i < payload->size; i++) {
        *at++ = digits[payload->data[i] >> 4];
        *at++ = digits[payload->data[i] & 15];
    }
    *at = '\0';
    to->size += payload->size * 2;
}

static const char *guid_text_of(struct out_event_rows *rows, const uint8_t *provider)
{
    if (!provider) {
        return NULL;
    }
    struct guid_text *known = &rows->guids[(provider[0] ^ provider[5] ^ provider[11]) % GUID_TEXTS];
    if (!known->is_used || memcmp(known->guid.bytes, provider, sizeof(known->guid.bytes)) != 0) {
        memcpy(known->guid.bytes, provider, sizeof(known->guid.bytes));
        guid_format(&known->guid, known->text);
        known->is_used = true;
    }
    return known->text;
}

static const char *text_or_null(const char *text)
{
    return text && text[0] ? text : NULL;
}

static void fill_row(struct out_event_rows *rows, const struct etw_record *record,
                     const struct etw_fields_result *result, bool fits, struct event_row *row)
{
    enum record_class class_of = record->class_of;
    bool is_manifest = class_of == RECORD_IS_MANIFEST;
    *row = (struct event_row){
        .record = record,
        .result = result,
        .provider = text_or_null(result->provider_name),
        .guid = guid_text_of(rows, record->provider),
        .name = text_or_null(result->event_name),
        .sentence = text_or_null(text_get(&rows->sentence)),
        .undecoded = result->decoded == ETW_DECODED_WHOLLY ? NULL : result->why,
        .has_id = is_manifest || class_of == RECORD_IS_MESSAGE,
        .has_level = is_manifest || class_of == RECORD_IS_CLASSIC,
        .has_keywords = is_manifest,
        .has_raw = result->decoded == ETW_DECODED_NOT || !fits,
    };
    if (!fits) {
        row->undecoded = "its fields are too many to be printed";
    } else if (row->has_raw && !row->undecoded) {
        row->undecoded = "not decoded";
    }
    if (rows->options.with_schema && result->source != ETW_SCHEMA_NONE) {
        row->schema = etw_schema_source_name(result->source);
        row->schema_name = text_or_null(result->schema_name);
    }
}

/* Moves what was added to the line to the output. */
static enum etw_status write_line(struct out_event_rows *rows, struct etw_error *error)
{
    if (rows->line.failed) {
        return etw_fail_memory(error, "a row of the output");
    }
    enum etw_status status = out_file_write(rows->file, rows->line.data, rows->line.size, error);
    text_clear(&rows->line);
    return status;
}

/* ---- fields behind a sentence ---- */

static void take_value(void *context, const struct etw_field *field)
{
    struct out_event_rows *rows = context;
    if (rows->depth > 0 || !etw_event_has_property(rows->event, field->name)) {
        rows->fields.visitor.value(rows->fields.visitor.context, field);
    }
}

static void begin_struct(void *context, const char *name)
{
    struct out_event_rows *rows = context;
    rows->depth++;
    rows->fields.visitor.begin_struct(rows->fields.visitor.context, name);
}

static void end_struct(void *context)
{
    struct out_event_rows *rows = context;
    rows->depth--;
    rows->fields.visitor.end_struct(rows->fields.visitor.context);
}

static void begin_array(void *context, const char *name, size_t count)
{
    struct out_event_rows *rows = context;
    rows->depth++;
    rows->fields.visitor.begin_array(rows->fields.visitor.context, name, count);
}

static void end_array(void *context)
{
    struct out_event_rows *rows = context;
    rows->depth--;
    rows->fields.visitor.end_array(rows->fields.visitor.context);
}

void out_event_rows_set_event(struct out_event_rows *rows, const struct etw_event *event)
{
    text_clear(&rows->sentence);
    rows->event = NULL;
    if (rows->options.format == OUT_TEXT && out_event_sentence(event, &rows->sentence)) {
        rows->event = event;
    }
}

/* ---- the writer ---- */

enum etw_status out_event_rows_new(struct out_file *file,
                                   const struct out_event_rows_options *options,
                                   struct out_event_rows **out, struct etw_error *error)
{
    struct out_event_rows *rows = calloc(1, sizeof(*rows));
    if (!rows) {
        return etw_fail_memory(error, "the rows");
    }
    rows->file = file;
    rows->options = *options;
    rows->format = formats[options->format];
    rows->last_day = INT64_MIN;
    out_fields_init(&rows->fields, rows->format->fields_style);
    rows->visitor = (struct etw_fields_visitor){.context = rows,
                                                .value = take_value,
                                                .begin_struct = begin_struct,
                                                .end_struct = end_struct,
                                                .begin_array = begin_array,
                                                .end_array = end_array};
    if (rows->format->begin) {
        rows->format->begin(rows);
    }
    enum etw_status status = write_line(rows, error);
    if (status) {
        out_event_rows_free(rows);
        return status;
    }
    *out = rows;
    return ETW_OK;
}

const struct etw_fields_visitor *out_event_rows_visitor(struct out_event_rows *rows)
{
    out_fields_clear(&rows->fields);
    rows->depth = 0;
    return rows->event ? &rows->visitor : &rows->fields.visitor;
}

enum etw_status out_event_rows_event(struct out_event_rows *rows, const struct etw_record *record,
                                     const struct etw_fields_result *result,
                                     struct etw_error *error)
{
    struct event_row row;
    bool fits = out_fields_finish(&rows->fields);
    fill_row(rows, record, result, fits, &row);
    rows->format->row(rows, &row);
    rows->count++;
    rows->event = NULL;
    rows->line.failed = rows->line.failed || rows->sentence.failed;
    text_clear(&rows->sentence);
    return write_line(rows, error);
}

enum etw_status out_event_rows_finish(struct out_event_rows *rows, struct etw_error *error)
{
    if (rows->format->end) {
        rows->format->end(rows);
    }
    enum etw_status status = write_line(rows, error);
    return status ? status : out_file_status(rows->file, error);
}

void out_event_rows_free(struct out_event_rows *rows)
{
    if (rows) {
        out_fields_done(&rows->fields);
        text_done(&rows->sentence);
        text_done(&rows->line);
        text_done(&rows->scratch);
        free(rows);
    }
}
