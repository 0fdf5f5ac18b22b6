/* SPDX-License-Identifier: MIT */
/* Member names and their meaning: docs/schemas/info.schema.json. */
#include <inttypes.h>
#include <stdio.h>

#include "cli/info.h"
#include "cli/info_files.h"
#include "cli/names.h"
#include "etw/base/utc_time.h"
#include "pcapout/filter_sentence.h"
#include "pcapout/json_writer.h"
#include "pcapout/places.h"

static void add_optional(struct json_writer *j, const char *name, const char *value)
{
    if (value && value[0]) {
        json_string(j, name, value);
    }
}

static void add_time(struct json_writer *j, const char *name, int64_t time)
{
    char text[UTC_TEXT_SIZE];
    if (time > 0) {
        (void)utc_format(time, 0, text);
        json_string(j, name, text);
    }
}

static void add_file(struct json_writer *j, const struct cli_info *info)
{
    const struct etw_trace_header *header = etw_trace_get_header(info->reading->trace);
    char layout[16];
    (void)snprintf(layout, sizeof(layout), "%u.%u", header->layout_major, header->layout_minor);
    json_begin_object(j, "file");
    json_string(j, "name", info->file_name);
    json_u64(j, "size", etw_trace_get_totals(info->reading->trace)->file_size);
    json_string(j, "layout", layout);
    json_end_object(j);
}

static void add_system(struct json_writer *j, const struct cli_info *info)
{
    const struct etw_trace_header *header = etw_trace_get_header(info->reading->trace);
    char version[16];
    struct text os = {.maximum = 256};
    cli_info_add_windows(header, &os);
    (void)snprintf(version, sizeof(version), "%u.%u", header->os_major, header->os_minor);
    json_begin_object(j, "system");
    json_string(j, "os", text_get(&os));
    json_string(j, "version", version);
    json_u64(j, "build", header->os_build);
    json_u64(j, "cpus", header->cpu_count);
    json_u64(j, "pointer_size", header->pointer_size);
    add_optional(j, "product", text_get(&info->reading->product));
    add_optional(j, "build_lab", text_get(&info->reading->build_lab));
    add_optional(j, "computer", text_get(&info->reading->computer));
    add_optional(j, "domain", text_get(&info->reading->domain));
    json_end_object(j);
    text_done(&os);
}

static void add_session(struct json_writer *j, const struct cli_info *info)
{
    const struct etw_trace_header *header = etw_trace_get_header(info->reading->trace);
    const char *names[CLI_MODE_BITS];
    size_t count = cli_mode_names(header->mode, names);
    char value[16];
    (void)snprintf(value, sizeof(value), "0x%08" PRIx32, header->mode);
    json_begin_object(j, "session");
    add_optional(j, "name", header->session_name);
    add_optional(j, "file_name", header->file_name);
    json_begin_object(j, "mode");
    json_string(j, "value", value);
    json_begin_array(j, "names");
    for (size_t i = 0; i < count; i++) {
        json_string(j, NULL, names[i]);
    }
    json_end_array(j);
    json_end_object(j);
    json_u64(j, "buffer_size", header->buffer_size);
    json_bool(j, "finished", !etw_trace_get_totals(info->reading->trace)->is_unfinished);
    json_end_object(j);
}

static void add_clock_and_times(struct json_writer *j, const struct cli_info *info)
{
    const struct etw_trace_header *header = etw_trace_get_header(info->reading->trace);
    const struct etw_totals *totals = etw_trace_get_totals(info->reading->trace);
    json_begin_object(j, "clock");
    json_string(j, "kind", cli_clock_name(header->clock));
    if (header->clock == ETW_CLOCK_QPC && header->frequency > 0) {
        json_u64(j, "frequency", (uint64_t)header->frequency);
    }
    if (info->times.smallest_step > 0) {
        json_u64(j, "smallest_step_ns", (uint64_t)info->times.smallest_step * 100);
    }
    json_end_object(j);
    json_begin_object(j, "times");
    add_time(j, "boot", header->boot_time);
    add_time(j, "start", header->start_time);
    add_time(j, "end", header->end_time);
    add_time(j, "first", totals->first_time);
    add_time(j, "last", totals->last_time);
    json_i64(j, "time_zone_bias", header->bias_minutes);
    json_begin_array(j, "pauses");
    for (size_t i = 0; i < info->times.pause_count; i++) {
        json_begin_object(j, NULL);
        add_time(j, "from", info->times.pauses[i].from);
        add_time(j, "to", info->times.pauses[i].to);
        json_end_object(j);
    }
    json_end_array(j);
    json_end_object(j);
}

static void add_records(struct json_writer *j, const struct cli_info *info)
{
    const struct etw_totals *totals = etw_trace_get_totals(info->reading->trace);
    const struct findings *findings = etw_trace_get_findings(info->reading->trace);
    json_begin_object(j, "buffers");
    json_u64(j, "total", totals->buffers);
    json_u64(j, "compressed", totals->compressed);
    json_end_object(j);
    json_begin_object(j, "records");
    json_u64(j, "found", totals->records_found);
    json_u64(j, "delivered", totals->records_delivered);
    json_begin_object(j, "by_kind");
    for (int kind = 0; kind < RECORD_KIND_COUNT; kind++) {
        if (totals->by_kind[kind] > 0) {
            json_u64(j, record_kind_name((enum record_kind)kind), totals->by_kind[kind]);
        }
    }
    json_end_object(j);
    json_begin_array(j, "skipped");
    for (int kind = 0; kind < FINDING_KIND_COUNT; kind++) {
        enum finding_class class_of = finding_descriptions[kind].class_of;
        bool is_record = class_of == FINDING_IS_SKIPPED || class_of == FINDING_IS_UNREAD;
        if (is_record && findings->kinds[kind].count > 0) {
            json_begin_object(j, NULL);
            json_string(j, "reason", finding_descriptions[kind].name);
            json_u64(j, "count", findings->kinds[kind].count);
            out_json_place(j, findings->kinds[kind].first_offset);
            json_end_object(j);
        }
    }
    json_end_array(j);
    json_end_object(j);
}

static void add_numbers(struct json_writer *j, const struct etw_losses *losses)
{
    json_begin_object(j, "numbers");
    json_u64(j, "first", losses->first_number);
    json_u64(j, "last", losses->last_number);
    json_u64(j, "missing", losses->missing);
    json_begin_array(j, "gaps");
    for (uint64_t i = 0; i < losses->gap_count && i < ETW_GAPS_MAXIMUM; i++) {
        json_begin_object(j, NULL);
        json_u64(j, "first", losses->gaps[i].first);
        json_u64(j, "count", losses->gaps[i].count);
        add_time(j, "from", losses->gaps[i].from);
        add_time(j, "to", losses->gaps[i].to);
        json_end_object(j);
    }
    json_end_array(j);
    json_end_object(j);
}

static void add_lost(struct json_writer *j, const struct cli_info *info)
{
    const struct etw_trace_header *header = etw_trace_get_header(info->reading->trace);
    const struct etw_losses *losses = info->losses;
    json_begin_object(j, "lost");
    json_u64(j, "events", header->events_lost);
    json_u64(j, "buffers", header->buffers_lost);
    json_u64(j, "notices", info->reading->facts.lost_notices);
    json_begin_array(j, "cpus");
    for (size_t i = 0; i < losses->cpu_count; i++) {
        const struct etw_cpu_losses *cpu = &losses->cpus[i];
        json_begin_object(j, NULL);
        json_u64(j, "cpu", cpu->cpu);
        json_u64(j, "buffers", cpu->buffers);
        add_time(j, "from", cpu->from);
        add_time(j, "to", cpu->to);
        json_bool(j, "dropped", cpu->has_dropped);
        add_time(j, "last", cpu->dropped);
        json_end_object(j);
    }
    json_end_array(j);
    if (losses->numbered > 0) {
        add_numbers(j, losses);
    }
    json_end_object(j);
}

static void add_filters(struct json_writer *j, const struct cli_info *info)
{
    const struct corr_capture_filters *filters = &info->reading->filters;
    json_begin_array(j, "filters");
    for (size_t i = 0; i < filters->count; i++) {
        const struct etw_capture_filter *filter = &filters->rows[i];
        struct text text = {.maximum = 4096};
        bool is_pktmon = filter->capture == ETW_CAPTURE_PKTMON;
        json_begin_object(j, NULL);
        json_string(j, "capture", is_pktmon ? "pktmon" : "ndis");
        if (is_pktmon) {
            json_u64(j, "id", filter->id);
        }
        text_add_utf16(&text, filter->name.data, filter->name.size);
        add_optional(j, "name", text_get(&text));
        text_clear(&text);
        out_filter_add_text(filter, &text);
        json_string(j, "text", text_get(&text));
        json_end_object(j);
        text_done(&text);
    }
    json_end_array(j);
}

static void add_providers(struct json_writer *j, const struct cli_info *info)
{
    json_begin_array(j, "providers");
    for (size_t i = 0; i < info->provider_count; i++) {
        const struct etw_provider_row *row = &info->providers[i];
        char guid[GUID_TEXT_SIZE];
        guid_format(&row->guid, guid);
        json_begin_object(j, NULL);
        json_string(j, "guid", guid);
        add_optional(j, "name", row->name);
        json_string(j, "class", cli_class_name(row->class_of));
        json_u64(j, "events", row->events);
        json_u64(j, "decoded", row->decoded);
        json_end_object(j);
    }
    json_end_array(j);
}

static void add_interfaces(struct json_writer *j, const struct cli_info *info)
{
    const struct out_interface *rows = NULL;
    size_t count = out_interfaces_list(info->interfaces, &rows);
    json_begin_array(j, "interfaces");
    for (size_t i = 0; i < count; i++) {
        char mac[CORR_ENDPOINT_TEXT_SIZE];
        corr_address_format(&rows[i].mac, mac);
        json_begin_object(j, NULL);
        json_u64(j, "number", rows[i].number);
        json_string(j, "name", rows[i].name);
        add_optional(j, "description", rows[i].description);
        if (rows[i].interface_index != CORR_NO_INTERFACE) {
            json_u64(j, "index", rows[i].interface_index);
        }
        add_optional(j, "mac", mac);
        json_string(j, "link", cli_link_name(rows[i].link));
        json_u64(j, "packets", rows[i].packets);
        json_u64(j, "bytes", rows[i].bytes);
        json_end_object(j);
    }
    json_end_array(j);
}

/* Of what few traces hold. */
static void add_if_any(struct json_writer *j, const char *name, uint64_t count)
{
    if (count > 0) {
        json_u64(j, name, count);
    }
}

static void add_packets(struct json_writer *j, const struct cli_facts *facts)
{
    json_begin_object(j, "packets");
    json_u64(j, "total", facts->packets);
    json_u64(j, "sightings", facts->sightings);
    json_u64(j, "dropped", facts->dropped);
    json_u64(j, "truncated", facts->truncated);
    json_u64(j, "in", facts->by_direction[ETW_DIRECTION_IN]);
    json_u64(j, "out", facts->by_direction[ETW_DIRECTION_OUT]);
    json_u64(j, "unknown", facts->by_direction[ETW_DIRECTION_UNKNOWN]);
    add_if_any(j, "radio", facts->radio);
    add_if_any(j, "switched", facts->switched);
    add_if_any(j, "ras", facts->ras_packet_events);
    add_if_any(j, "offloaded", facts->offloaded);
    add_if_any(j, "offload_records", facts->offload_records);
    add_if_any(j, "headers", facts->headers);
    add_if_any(j, "headers_dropped", facts->headers_dropped);
    add_if_any(j, "payloads", facts->payloads);
    add_if_any(j, "payloads_dropped", facts->payloads_dropped);
    json_end_object(j);
    json_begin_object(j, "flow_counters");
    json_u64(j, "points", facts->points);
    json_u64(j, "equal", facts->points_equal);
    json_u64(j, "different", facts->points - facts->points_equal);
    json_end_object(j);
}

static void add_findings(struct json_writer *j, const struct cli_info *info)
{
    const struct findings *findings = etw_trace_get_findings(info->reading->trace);
    json_begin_array(j, "findings");
    for (int kind = 0; kind < FINDING_KIND_COUNT; kind++) {
        const struct finding *finding = &findings->kinds[kind];
        if (finding->count > 0) {
            json_begin_object(j, NULL);
            json_string(j, "name", finding_descriptions[kind].name);
            json_u64(j, "count", finding->count);
            json_u64(j, "bytes", finding->bytes);
            out_json_place(j, finding->first_offset);
            json_end_object(j);
        }
    }
    json_end_array(j);
    json_begin_array(j, "missing");
    for (size_t i = 0; i < info->missing.count; i++) {
        const struct cli_missing *missing = &info->missing.rows[i];
        json_begin_object(j, NULL);
        json_string(j, "what", missing->what);
        json_string(j, "why", text_get(&missing->why));
        add_optional(j, "command", text_get(&missing->command));
        json_end_object(j);
    }
    json_end_array(j);
}

void cli_info_add_json(const struct cli_info *info, struct text *out)
{
    struct json_writer j = json_writer_of(out);
    json_begin_object(&j, NULL);
    add_file(&j, info);
    cli_info_files_json(info, &j);
    add_system(&j, info);
    add_session(&j, info);
    add_clock_and_times(&j, info);
    add_records(&j, info);
    add_lost(&j, info);
    add_providers(&j, info);
    add_interfaces(&j, info);
    add_packets(&j, &info->reading->facts);
    add_filters(&j, info);
    /* No process is known before socket and process events are read. */
    json_u64(&j, "processes", 0);
    add_findings(&j, info);
    json_end_object(&j);
    text_add_char(out, '\n');
}
