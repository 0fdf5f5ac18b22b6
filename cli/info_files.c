/* SPDX-License-Identifier: MIT */
/* Member names and their meaning: docs/schemas/info.schema.json. */
#include "cli/info_files.h"

#include <inttypes.h>
#include <stdio.h>

#include "cli/display.h"
#include "cli/names.h"
#include "cli/output.h"
#include "etw/base/utc_time.h"

/* Of a long series without --verbose. */
#define FILES_SHOWN 10u

bool cli_info_has_files(const struct cli_info *info)
{
    const struct etw_trace_file *files = NULL;
    return etw_trace_get_files(info->reading->trace, &files) > 1;
}

/* ---- JSON ---- */

static void add_time(struct json_writer *j, const char *name, int64_t time)
{
    char text[UTC_TEXT_SIZE];
    if (time > 0) {
        (void)utc_format(time, 0, text);
        json_string(j, name, text);
    }
}

static void add_session(struct json_writer *j, const struct etw_trace_header *header)
{
    const char *names[CLI_MODE_BITS];
    size_t count = cli_mode_names(header->mode, names);
    char value[16];
    (void)snprintf(value, sizeof(value), "0x%08" PRIx32, header->mode);
    json_begin_object(j, "session");
    if (header->session_name[0]) {
        json_string(j, "name", header->session_name);
    }
    if (header->file_name[0]) {
        json_string(j, "file_name", header->file_name);
    }
    json_begin_object(j, "mode");
    json_string(j, "value", value);
    json_begin_array(j, "names");
    for (size_t i = 0; i < count; i++) {
        json_string(j, NULL, names[i]);
    }
    json_end_array(j);
    json_end_object(j);
    json_u64(j, "buffer_size", header->buffer_size);
    json_bool(j, "finished", header->end_time != 0);
    json_end_object(j);
}

static void add_file(struct json_writer *j, const struct etw_trace_file *file)
{
    const struct etw_trace_header *header = &file->header;
    char layout[16];
    (void)snprintf(layout, sizeof(layout), "%u.%u", header->layout_major, header->layout_minor);
    json_begin_object(j, NULL);
    json_string(j, "name", cli_base_name(file->path));
    json_u64(j, "size", file->size);
    json_string(j, "layout", layout);
    json_u64(j, "build", header->os_build);
    json_u64(j, "cpus", header->cpu_count);
    json_u64(j, "pointer_size", header->pointer_size);
    add_session(j, header);
    json_begin_object(j, "times");
    add_time(j, "start", header->start_time);
    add_time(j, "end", header->end_time);
    add_time(j, "first", file->first_time);
    add_time(j, "last", file->last_time);
    json_end_object(j);
    json_u64(j, "buffers", file->buffers);
    json_u64(j, "records", file->records);
    json_begin_object(j, "lost");
    json_u64(j, "events", header->events_lost);
    json_u64(j, "buffers", header->buffers_lost);
    json_end_object(j);
    json_end_object(j);
}

void cli_info_files_json(const struct cli_info *info, struct json_writer *j)
{
    const struct etw_trace_file *files = NULL;
    size_t count = etw_trace_get_files(info->reading->trace, &files);
    if (count < 2) {
        return;
    }
    json_begin_array(j, "files");
    for (size_t i = 0; i < count; i++) {
        add_file(j, &files[i]);
    }
    json_end_array(j);
}

/* ---- text ---- */

static void add_line(const struct text *line, const struct cli_info_style *style, size_t column,
                     struct text *out)
{
    text_add_format(out, "%*s", (int)column, "");
    display_add_wrapped(out, text_get(line), column, column, style->width);
}

static void add_counts(const struct etw_trace_file *file, struct text *line)
{
    display_add_count(line, file->size, "byte", "bytes");
    text_add(line, ", ");
    display_add_count(line, file->buffers, "buffer", "buffers");
    text_add(line, ", ");
    display_add_count(line, file->records, "record", "records");
    if (file->header.events_lost > 0) {
        text_add(line, ", ");
        display_add_count(line, file->header.events_lost, "event lost", "events lost");
    }
    if (file->header.buffers_lost > 0) {
        text_add(line, ", ");
        display_add_count(line, file->header.buffers_lost, "buffer lost", "buffers lost");
    }
}

static void add_mode(const struct etw_trace_header *header, struct text *line)
{
    const char *names[CLI_MODE_BITS];
    size_t count = cli_mode_names(header->mode, names);
    if (header->session_name[0]) {
        display_add_safe(line, header->session_name);
        text_add(line, ": ");
    }
    for (size_t i = 0; i < count; i++) {
        text_add_format(line, "%s, ", names[i]);
    }
    text_add_format(line, "0x%08" PRIx32, header->mode);
}

static void add_times(const struct etw_trace_header *header, const struct cli_info_style *style,
                      struct text *line)
{
    char text[UTC_TEXT_SIZE];
    int bias = style->use_local_time ? header->bias_minutes : 0;
    (void)utc_format(header->start_time, bias, text);
    text_add(line, text);
    if (header->end_time > 0) {
        (void)utc_format(header->end_time, bias, text);
        text_add_format(line, " to %s", text);
    } else {
        text_add(line, ", not finished");
    }
}

void cli_info_files_text(const struct cli_info *info, const struct cli_info_style *style,
                         size_t column, struct text *out)
{
    const struct etw_trace_file *files = NULL;
    size_t count = etw_trace_get_files(info->reading->trace, &files);
    struct text line = {.maximum = 8192};
    size_t shown = style->is_verbose || count <= FILES_SHOWN ? count : FILES_SHOWN;
    for (size_t i = 0; i < shown; i++) {
        text_add_format(out, "  %-*zu", (int)column - 2, i + 1);
        display_add_safe(out, cli_base_name(files[i].path));
        text_add_char(out, '\n');
        add_counts(&files[i], &line);
        add_line(&line, style, column, out);
        text_clear(&line);
        add_mode(&files[i].header, &line);
        add_line(&line, style, column, out);
        text_clear(&line);
        add_times(&files[i].header, style, &line);
        add_line(&line, style, column, out);
        text_clear(&line);
    }
    if (shown < count) {
        text_add_format(out, "%*sand %zu more; --verbose lists them\n", (int)column, "",
                        count - shown);
    }
    text_done(&line);
}
