/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/display.h"
#include "cli/info.h"
#include "cli/info_files.h"
#include "cli/losses.h"
#include "cli/names.h"
#include "etw/base/utc_time.h"
#include "pcapout/filter_sentence.h"

#define VALUE_COLUMN CLI_INFO_COLUMN
/* Rows of long lists without --verbose. */
#define PROVIDERS_SHOWN  20
#define POINTS_SHOWN     5
#define INTERFACES_SHOWN 20
#define FILTERS_SHOWN    8

struct page {
    const struct cli_info *info;
    const struct cli_info_style *style;
    const struct etw_trace_header *header;
    const struct etw_totals *totals;
    const struct cli_facts *facts;
    struct text *out;
};

static void add_heading(const struct page *page, const char *heading)
{
    const char *bold = page->style->use_colour ? "\033[1m" : "";
    const char *plain = page->style->use_colour ? "\033[0m" : "";
    text_add_format(page->out, "%s%s%s%s\n", page->out->size > 0 ? "\n" : "", bold, heading, plain);
}

/* The label of a line; the value follows. */
static struct text *add_label(const struct page *page, const char *label)
{
    text_add_format(page->out, "  %-*s", VALUE_COLUMN - 2, label);
    return page->out;
}

static void add_wrapped_value(const struct page *page, const char *label, const char *value)
{
    (void)add_label(page, label);
    display_add_wrapped(page->out, value, VALUE_COLUMN, VALUE_COLUMN, page->style->width);
}

static void add_safe_value(const struct page *page, const char *label, const char *value)
{
    if (value[0]) {
        display_add_safe(add_label(page, label), value);
        text_add_char(page->out, '\n');
    }
}

static const char *time_text(const struct page *page, int64_t time, char text[UTC_TEXT_SIZE])
{
    int bias = page->style->use_local_time ? page->header->bias_minutes : 0;
    (void)utc_format(time, bias, text);
    return text;
}

static void add_time(const struct page *page, const char *label, int64_t time)
{
    char text[UTC_TEXT_SIZE];
    if (time > 0) {
        text_add_format(add_label(page, label), "%s\n", time_text(page, time, text));
    }
}

/* What is left of a list that is cut without --verbose. */
static void add_rest(const struct page *page, uint64_t rest)
{
    if (rest > 0) {
        text_add_format(add_label(page, ""), "... and %" PRIu64 " more%s\n", rest,
                        page->style->is_verbose ? "" : " (--verbose lists them)");
    }
}

static size_t shown_of(const struct page *page, size_t count, size_t maximum)
{
    return page->style->is_verbose || count < maximum ? count : maximum;
}

static void add_number(const struct page *page, const char *label, uint64_t number,
                       const char *singular, const char *plural)
{
    display_add_count(add_label(page, label), number, singular, plural);
    text_add_char(page->out, '\n');
}

/* A 32-bit program controlled the session of a 64-bit Windows. */
static bool has_larger_records(const struct page *page)
{
    const uint64_t *by_kind = page->totals->by_kind;
    return page->header->pointer_size == 4 &&
           by_kind[RECORD_SYSTEM64] + by_kind[RECORD_COMPACT64] + by_kind[RECORD_FULL64] +
                   by_kind[RECORD_PERFINFO64] + by_kind[RECORD_EVENT64] >
               0;
}

static void add_file(const struct page *page)
{
    const struct etw_trace_header *header = page->header;
    add_heading(page, "File");
    if (!cli_info_has_files(page->info)) {
        add_safe_value(page, "name", page->info->file_name);
    }
    display_add_count(add_label(page, "size"), page->totals->file_size, "byte", "bytes");
    text_add(page->out, ", ");
    display_add_count(page->out, page->totals->buffers, "buffer", "buffers");
    if (page->totals->compressed > 0) {
        text_add_format(page->out, " (%" PRIu64 " compressed)", page->totals->compressed);
    }
    text_add_format(page->out, "\n  %-*slayout %u.%u, %u-bit header%s\n", VALUE_COLUMN - 2,
                    "format", header->layout_major, header->layout_minor, header->pointer_size * 8u,
                    has_larger_records(page) ? " of a 32-bit program over 64-bit records" : "");

    add_heading(page, "Recorded by");
    cli_info_add_windows(header, add_label(page, "system"));
    text_add_format(page->out, " (%u.%u.%" PRIu32 "), ", header->os_major, header->os_minor,
                    header->os_build);
    display_add_count(page->out, header->cpu_count, "CPU", "CPUs");
    text_add_char(page->out, '\n');
    add_safe_value(page, "product", text_get(&page->info->reading->product));
    add_safe_value(page, "build", text_get(&page->info->reading->build_lab));
    add_safe_value(page, "computer", text_get(&page->info->reading->computer));
    add_safe_value(page, "domain", text_get(&page->info->reading->domain));
    if (cli_info_has_files(page->info)) {
        return;
    }
    add_safe_value(page, "session", header->session_name);
    add_safe_value(page, "recorded to", header->file_name);
}

/* Where there are several: what the headers say each for itself. */
static void add_files(const struct page *page)
{
    add_heading(page, "Files");
    cli_info_files_text(page->info, page->style, VALUE_COLUMN, page->out);
}

static void add_mode(const struct page *page)
{
    const char *names[CLI_MODE_BITS];
    size_t count = cli_mode_names(page->header->mode, names);
    struct text mode = {.maximum = 1024};
    for (size_t i = 0; i < count; i++) {
        text_add_format(&mode, "%s, ", names[i]);
    }
    text_add_format(&mode, "0x%08" PRIx32, page->header->mode);
    add_wrapped_value(page, "mode", text_get(&mode));
    text_done(&mode);
    if (page->totals->is_unfinished) {
        add_wrapped_value(page, "finished",
                          "no, the session did not write its end: it was not stopped in an "
                          "orderly way, or is a private logger");
    }
}

/* The step that was measured says more than the one the header states. */
static void add_clock(const struct page *page)
{
    const struct etw_trace_header *header = page->header;
    int64_t step = page->info->times.smallest_step;
    text_add(add_label(page, "clock"), cli_clock_name(header->clock));
    if (header->clock == ETW_CLOCK_QPC) {
        char number[DISPLAY_COUNT_SIZE];
        text_add_format(page->out, ", %s ticks per second",
                        display_count((uint64_t)header->frequency, number));
    } else if (header->clock == ETW_CLOCK_CPU_CYCLES) {
        text_add_format(page->out, ", %" PRIu32 " MHz", header->cpu_mhz);
    }
    if (header->clock != ETW_CLOCK_QPC && step > 0) {
        text_add(page->out, ", in steps of ");
        display_add_step(page->out, step);
        text_add(page->out, " or more");
    }
    text_add_char(page->out, '\n');
}

static void add_pauses(const struct page *page)
{
    const struct cli_event_times *times = &page->info->times;
    for (size_t i = 0; i < times->pause_count; i++) {
        const struct cli_pause *pause = &times->pauses[i];
        char text[UTC_TEXT_SIZE];
        text_add(add_label(page, i == 0 ? "pauses" : ""), "no event for ");
        display_add_duration(page->out, pause->to - pause->from);
        text_add_format(page->out, " from %s\n", time_text(page, pause->from, text));
    }
}

static void add_times(const struct page *page)
{
    const struct etw_trace_header *header = page->header;
    add_heading(page,
                page->style->use_local_time ? "Times (time zone of the trace)" : "Times (UTC)");
    add_clock(page);
    add_time(page, "boot", header->boot_time);
    add_time(page, "session start", header->start_time);
    add_time(page, "session end", header->end_time);
    add_time(page, "first event", page->totals->first_time);
    add_time(page, "last event", page->totals->last_time);
    if (page->totals->first_time > 0) {
        display_add_duration(add_label(page, "duration"),
                             page->totals->last_time - page->totals->first_time);
        text_add_char(page->out, '\n');
    }
    add_pauses(page);
}

static void add_findings(const struct page *page)
{
    const struct findings *findings = etw_trace_get_findings(page->info->reading->trace);
    for (int kind = 0; kind < FINDING_KIND_COUNT; kind++) {
        if (findings->kinds[kind].count > 0) {
            struct text line = {.maximum = 1024};
            text_add_format(&line, "%s: ", finding_descriptions[kind].sentence);
            cli_finding_format(page->info->reading->trace, (enum finding_kind)kind, &line);
            bool is_damage = finding_descriptions[kind].class_of != FINDING_IS_NOTE;
            add_wrapped_value(page, is_damage ? "left out" : "note", text_get(&line));
            text_done(&line);
        }
    }
}

static void add_records(const struct page *page)
{
    const struct etw_totals *totals = page->totals;
    struct text line = {.maximum = 4096};
    char number[DISPLAY_COUNT_SIZE];
    add_heading(page, "Records");
    text_add_format(&line, "%s, ", display_count(totals->records_found, number));
    if (totals->records_delivered == totals->records_found) {
        text_add(&line, "all of them readable");
    } else {
        text_add_format(&line, "%s readable", display_count(totals->records_delivered, number));
    }
    add_wrapped_value(page, "found", text_get(&line));
    text_clear(&line);
    for (int kind = 0; kind < RECORD_KIND_COUNT; kind++) {
        if (totals->by_kind[kind] > 0) {
            text_add_format(&line, "%s%s %s", line.size > 0 ? ", " : "",
                            record_kind_name((enum record_kind)kind),
                            display_count(totals->by_kind[kind], number));
        }
    }
    add_wrapped_value(page, "by kind", text_get(&line));
    text_done(&line);
    cli_info_add_losses(page->info, page->style, page->out);
    add_findings(page);
}

static void add_providers(const struct page *page)
{
    const struct cli_info *info = page->info;
    size_t shown = info->provider_count;
    if (!page->style->is_verbose && shown > PROVIDERS_SHOWN) {
        shown = PROVIDERS_SHOWN;
    }
    add_heading(page, "Providers (events)");
    for (size_t i = 0; i < shown; i++) {
        const struct etw_provider_row *row = &info->providers[i];
        char number[DISPLAY_COUNT_SIZE];
        char guid[GUID_TEXT_SIZE];
        guid_format(&row->guid, guid);
        text_add_format(page->out, "  %*s  ", VALUE_COLUMN - 4, display_count(row->events, number));
        display_add_safe(page->out, row->name ? row->name : guid);
        text_add_char(page->out, '\n');
    }
    if (shown < info->provider_count) {
        text_add_format(page->out, "  %*s  and %zu more (--verbose lists them)\n", VALUE_COLUMN - 4,
                        "...", info->provider_count - shown);
    }
}

static void add_interfaces(const struct page *page)
{
    const struct out_interface *rows = NULL;
    size_t count = out_interfaces_list(page->info->interfaces, &rows);
    size_t shown = page->style->is_verbose || count <= INTERFACES_SHOWN ? count : INTERFACES_SHOWN;
    for (size_t i = 0; i < shown; i++) {
        char label[24];
        (void)snprintf(label, sizeof(label), "interface %" PRIu32, rows[i].number);
        display_add_safe(add_label(page, label), rows[i].name);
        text_add_format(page->out, " (%s): ", cli_link_name(rows[i].link));
        display_add_count(page->out, rows[i].packets, "packet", "packets");
        text_add(page->out, ", ");
        display_add_count(page->out, rows[i].bytes, "byte", "bytes");
        text_add_char(page->out, '\n');
        if (rows[i].description[0] && strcmp(rows[i].description, rows[i].name) != 0) {
            add_safe_value(page, "", rows[i].description);
        }
    }
    if (shown < count) {
        text_add_format(add_label(page, "..."), "and %zu more (--verbose lists them)\n",
                        count - shown);
    }
}

/* Points where the packet monitor counted something else than the trace holds. */
static void add_different_points(const struct page *page)
{
    const struct corr_point *points = NULL;
    size_t count = corr_adapters_points(page->info->reading->adapters, &points);
    size_t different = 0;
    for (size_t i = 0; i < count; i++) {
        if (!points[i].has_counter || points[i].counted == points[i].seen) {
            continue;
        }
        different++;
        if (different > POINTS_SHOWN && !page->style->is_verbose) {
            continue;
        }
        const char *direction = etw_direction_tag_name(points[i].direction_tag);
        text_add_format(add_label(page, ""),
                        "component %u, edge %u, %s: %" PRIu64 " counted, %" PRIu64
                        " in the trace\n",
                        points[i].component, points[i].edge, direction ? direction : "?",
                        points[i].counted, points[i].seen);
    }
    if (different > POINTS_SHOWN && !page->style->is_verbose) {
        text_add_format(add_label(page, ""), "... and %zu more (--verbose lists them)\n",
                        different - POINTS_SHOWN);
    }
}

static void add_flow_counters(const struct page *page)
{
    const struct cli_facts *facts = page->facts;
    struct text line = {.maximum = 1024};
    if (facts->points == 0) {
        return;
    }
    if (facts->points_nonzero == 0) {
        text_add(&line, facts->filters > 0 ? "all are 0: nothing passed the filters"
                                           : "all are 0: no traffic passed");
    } else if (facts->points == facts->points_equal) {
        text_add_format(&line, "equal to the sightings at all %" PRIu64 " points", facts->points);
    } else {
        text_add_format(&line, "differ from the sightings at %" PRIu64 " of %" PRIu64 " points",
                        facts->points - facts->points_equal, facts->points);
    }
    add_wrapped_value(page, "flow counters", text_get(&line));
    text_done(&line);
    if (facts->points_nonzero > 0) {
        add_different_points(page);
    }
}

/* "12 packets, 3 of them dropped": of them there is no frame. */
static void add_frameless(const struct page *page, const char *label, uint64_t count,
                          uint64_t dropped)
{
    if (count > 0) {
        display_add_count(add_label(page, label), count, "packet", "packets");
        text_add_format(page->out, ", %" PRIu64 " dropped; not written, see events\n", dropped);
    }
}

static void add_filters(const struct page *page)
{
    const struct corr_capture_filters *filters = &page->info->reading->filters;
    size_t shown = shown_of(page, filters->count, FILTERS_SHOWN);
    for (size_t i = 0; i < shown; i++) {
        const struct etw_capture_filter *filter = &filters->rows[i];
        struct text line = {.maximum = 4096};
        char label[24] = "capture rule";
        if (filter->capture == ETW_CAPTURE_PKTMON) {
            (void)snprintf(label, sizeof(label), "filter %u", filter->id);
        }
        text_add_utf16(&line, filter->name.data, filter->name.size);
        text_add(&line, line.size > 0 ? ": " : "");
        out_filter_add_text(filter, &line);
        add_safe_value(page, label, text_get(&line));
        text_done(&line);
    }
    add_rest(page, filters->total - shown);
}

static void add_packets(const struct page *page)
{
    const struct cli_facts *facts = page->facts;
    char number[DISPLAY_COUNT_SIZE];
    add_heading(page, "Packets");
    display_add_count(add_label(page, "total"), facts->packets, "packet", "packets");
    if (facts->sightings > facts->packets) {
        text_add_format(page->out, ", seen %s times on their way through the stack",
                        display_count(facts->sightings, number));
    }
    text_add_char(page->out, '\n');
    if (facts->packets > 0) {
        text_add_format(add_label(page, "direction"), "%" PRIu64 " in, %" PRIu64 " out",
                        facts->by_direction[ETW_DIRECTION_IN],
                        facts->by_direction[ETW_DIRECTION_OUT]);
        if (facts->by_direction[ETW_DIRECTION_UNKNOWN] > 0) {
            text_add_format(page->out, ", %" PRIu64 " unknown",
                            facts->by_direction[ETW_DIRECTION_UNKNOWN]);
        }
        text_add_char(page->out, '\n');
    }
    if (facts->dropped > 0) {
        add_number(page, "dropped", facts->dropped, "packet", "packets");
    }
    if (facts->truncated > 0) {
        add_number(page, "truncated", facts->truncated, "packet", "packets");
    }
    if (facts->radio > 0) {
        add_number(page, "radio data", facts->radio, "frame", "frames");
    }
    if (facts->switched > 0) {
        add_number(page, "in switches", facts->switched, "packet", "packets");
    }
    if (facts->ras_packet_events > 0) {
        add_number(page, "remote access", facts->ras_packet_events, "packet", "packets");
    }
    if (facts->offloaded > 0) {
        display_add_count(add_label(page, "offloaded"), facts->offloaded, "packet", "packets");
        text_add(page->out, " whose checksums were left to the adapter\n");
    }
    if (facts->offload_records > 0) {
        display_add_count(add_label(page, "beside them"), facts->offload_records, "record",
                          "records");
        text_add(page->out, " of checksums, VLAN, hash\n");
    }
    add_frameless(page, "headers only", facts->headers, facts->headers_dropped);
    add_frameless(page, "payload only", facts->payloads, facts->payloads_dropped);
    add_interfaces(page);
    add_filters(page);
    add_flow_counters(page);
}

/* A command is never broken: it is there to be copied. */
static void add_command(const struct page *page, const struct text *command)
{
    text_add(page->out, "    ");
    display_add_safe(page->out, text_get(command));
    text_add_char(page->out, '\n');
}

/* What is to be recorded again takes one command, which stands at the end. */
static void add_missing(const struct page *page)
{
    const struct cli_diagnosis *missing = &page->info->missing;
    const struct text *recording = NULL;
    if (missing->count == 0) {
        return;
    }
    add_heading(page, "Missing");
    for (size_t i = 0; i < missing->count; i++) {
        const struct cli_missing *row = &missing->rows[i];
        add_wrapped_value(page, row->what, text_get(&row->why));
        if (row->is_recording) {
            recording = &row->command;
        } else if (row->command.size > 0) {
            add_command(page, &row->command);
        }
    }
    if (recording) {
        bool is_netsh = strncmp(text_get(recording), "netsh", 5) == 0;
        text_add_format(page->out, "\n  To record all of it (until %s):\n",
                        is_netsh ? "netsh trace stop" : "pktmon stop");
        add_command(page, recording);
    }
}

void cli_info_add_text(const struct cli_info *info, const struct cli_info_style *style,
                       struct text *out)
{
    const struct page page = {
        .info = info,
        .style = style,
        .header = etw_trace_get_header(info->reading->trace),
        .totals = etw_trace_get_totals(info->reading->trace),
        .facts = &info->reading->facts,
        .out = out,
    };
    add_file(&page);
    (cli_info_has_files(info) ? add_files : add_mode)(&page);
    add_times(&page);
    add_records(&page);
    add_providers(&page);
    add_packets(&page);
    add_missing(&page);
}
