/* SPDX-License-Identifier: MIT */
#include <inttypes.h>

#include "cli/display.h"
#include "cli/info.h"
#include "etw/base/utc_time.h"

/* Rows of lists without --verbose. */
#define GAPS_SHOWN 5
#define CPUS_SHOWN 8

struct part {
    const struct cli_info *info;
    const struct cli_info_style *style;
    const struct etw_trace_header *header;
    struct text *out;
};

static void add_line(const struct part *part, const char *label, const struct text *line)
{
    text_add_format(part->out, "  %-*s", CLI_INFO_COLUMN - 2, label);
    display_add_wrapped(part->out, text_get(line), CLI_INFO_COLUMN, CLI_INFO_COLUMN,
                        part->style->width);
}

static void add_time(const struct part *part, int64_t time, struct text *line)
{
    char text[UTC_TEXT_SIZE];
    (void)utc_format(time, part->style->use_local_time ? part->header->bias_minutes : 0, text);
    text_add(line, text);
}

static void add_span(const struct part *part, int64_t from, int64_t to, struct text *line)
{
    if (from > 0 && to > 0) {
        text_add(line, ", between ");
        add_time(part, from, line);
        text_add(line, " and ");
        add_time(part, to, line);
    }
}

static size_t count_shown(const struct part *part, size_t count, size_t maximum)
{
    return part->style->is_verbose || count < maximum ? count : maximum;
}

static void add_rest(const struct part *part, uint64_t rest)
{
    struct text line = {.maximum = 128};
    if (rest > 0) {
        text_add_format(&line, "... and %" PRIu64 " more%s", rest,
                        part->style->is_verbose ? "" : " (--verbose lists them)");
        add_line(part, "", &line);
    }
    text_done(&line);
}

static void add_cpu(const struct part *part, const struct etw_cpu_losses *cpu)
{
    struct text line = {.maximum = 1024};
    text_add_format(&line, "CPU %u: ", cpu->cpu);
    if (cpu->buffers > 0) {
        text_add(&line, "events lost while ");
        display_add_count(&line, cpu->buffers, "buffer filled", "buffers filled");
        add_span(part, cpu->from, cpu->to, &line);
    }
    if (cpu->has_dropped) {
        text_add(&line, cpu->buffers > 0 ? "; " : "");
        text_add(&line, "events dropped, the last at ");
        text_add(&line, cpu->dropped > 0 ? "" : "a time that is not known");
    }
    if (cpu->has_dropped && cpu->dropped > 0) {
        add_time(part, cpu->dropped, &line);
    }
    add_line(part, "", &line);
    text_done(&line);
}

static void add_cpus(const struct part *part)
{
    const struct etw_losses *losses = part->info->losses;
    size_t shown = count_shown(part, losses->cpu_count, CPUS_SHOWN);
    for (size_t i = 0; i < shown; i++) {
        add_cpu(part, &losses->cpus[i]);
    }
    add_rest(part, losses->cpu_count - shown);
}

static void add_gaps(const struct part *part)
{
    const struct etw_losses *losses = part->info->losses;
    size_t shown = count_shown(part, (size_t)losses->gap_count, GAPS_SHOWN);
    shown = shown < ETW_GAPS_MAXIMUM ? shown : ETW_GAPS_MAXIMUM;
    for (size_t i = 0; i < shown; i++) {
        const struct etw_buffer_gap *gap = &losses->gaps[i];
        struct text line = {.maximum = 1024};
        text_add_format(&line, "%" PRIu64, gap->first);
        if (gap->count > 1) {
            text_add_format(&line, " to %" PRIu64, gap->first + gap->count - 1);
        }
        add_span(part, gap->from, gap->to, &line);
        add_line(part, "", &line);
        text_done(&line);
    }
    add_rest(part, losses->gap_count - shown);
}

/* Numbers that no buffer has: a loss only where the header does not say that there was none. */
static void add_numbers(const struct part *part)
{
    const struct etw_losses *losses = part->info->losses;
    bool is_loss =
        part->header->buffers_lost > 0 || part->info->reading->facts.header.is_unfinished;
    struct text line = {.maximum = 1024};
    char number[DISPLAY_COUNT_SIZE];
    if (losses->missing == 0) {
        return;
    }
    text_add_format(&line, "%s of ", display_count(losses->missing, number));
    text_add_format(&line, "%s are missing", display_count(losses->range, number));
    text_add(&line, is_loss ? "" : ", although no buffer was lost by the header");
    add_line(part, "buffer numbers", &line);
    text_done(&line);
    add_gaps(part);
}

void cli_info_add_losses(const struct cli_info *info, const struct cli_info_style *style,
                         struct text *out)
{
    const struct part part = {info, style, etw_trace_get_header(info->reading->trace), out};
    uint64_t notices = info->reading->facts.lost_notices;
    struct text line = {.maximum = 1024};
    display_add_count(&line, part.header->events_lost, "event", "events");
    text_add(&line, ", ");
    display_add_count(&line, part.header->buffers_lost, "buffer", "buffers");
    text_add(&line, " while recording");
    if (notices > 0) {
        text_add(&line, "; ");
        display_add_count(&line, notices, "notice of a loss", "notices of losses");
    }
    add_line(&part, "lost", &line);
    text_done(&line);
    add_cpus(&part);
    add_numbers(&part);
}
