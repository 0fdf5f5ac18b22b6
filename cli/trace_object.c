/* SPDX-License-Identifier: MIT */
#include "cli/trace_object.h"

#include "cli/output.h"
#include "cli/session.h"
#include "etw/base/utc_time.h"
#include "pcapout/json_writer.h"

/* Where there are several: in the order in which rows number them, from 1. */
static void add_files(struct json_writer *j, const struct etw_trace *trace)
{
    const struct etw_trace_file *files = NULL;
    size_t count = etw_trace_get_files(trace, &files);
    if (count < 2) {
        return;
    }
    json_begin_array(j, "files");
    for (size_t i = 0; i < count; i++) {
        json_string(j, NULL, cli_base_name(files[i].path));
    }
    json_end_array(j);
}

void cli_trace_object_format(const struct cli_session *session, struct text *out)
{
    const struct etw_trace_header *header = etw_trace_get_header(session->trace);
    const struct {
        const char *name;
        int64_t time;
    } times[] = {{"start", header->start_time}, {"end", header->end_time}};
    struct json_writer j = json_writer_of(out);
    json_begin_object(&j, NULL);
    json_string(&j, "file", text_get(&session->name));
    add_files(&j, session->trace);
    for (int i = 0; i < 2; i++) {
        char text[UTC_TEXT_SIZE];
        if (times[i].time > 0) {
            (void)utc_format(times[i].time, 0, text);
            json_string(&j, times[i].name, text);
        }
    }
    json_u64(&j, "events_lost", header->events_lost);
    json_u64(&j, "buffers_lost", header->buffers_lost);
    json_end_object(&j);
}
