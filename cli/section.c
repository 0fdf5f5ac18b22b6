/* SPDX-License-Identifier: MIT */
#include "cli/section.h"

#include <inttypes.h>
#include <stdbool.h>

#include "cli/help.h"
#include "cli/losses.h"
#include "cli/names.h"
#include "cli/reading.h"
#include "etw/base/utc_time.h"
#include "etw/trace.h"
#include "pcapout/escape.h"

/* More of a name is cut off. */
#define NAME_MAXIMUM 512

static struct text *add_comment(struct cli_section *section)
{
    return &section->comments[section->comment_count++];
}

static void describe_session(struct cli_section *section, const struct cli_reading *reading,
                             const char *file_name)
{
    const struct etw_trace_header *header = etw_trace_get_header(reading->trace);
    char time[UTC_TEXT_SIZE];
    text_add_format(add_comment(section), "converted from %s", file_name);
    if (header->boot_time > 0) {
        (void)utc_format(header->boot_time, 0, time);
        text_add_format(add_comment(section), "boot time %s", time);
    }
    struct text *clock = add_comment(section);
    text_add_format(clock, "clock %s", cli_clock_name(header->clock));
    if (header->clock == ETW_CLOCK_QPC) {
        text_add_format(clock, ", %" PRId64 " ticks per second", header->frequency);
    }
    if (reading->computer.size > 0) {
        struct text *machine = add_comment(section);
        text_add(machine, "recorded on ");
        out_clean_utf8(machine, text_get(&reading->computer), NAME_MAXIMUM, false);
        text_add(machine, reading->domain.size > 0 ? ", domain " : "");
        out_clean_utf8(machine, text_get(&reading->domain), NAME_MAXIMUM, false);
    }
    text_add_format(add_comment(section),
                    "lost while recording: %" PRIu32 " events, %" PRIu32 " buffers",
                    header->events_lost, header->buffers_lost);
}

static void describe_damage(struct cli_section *section, struct etw_trace *trace)
{
    const struct findings *findings = etw_trace_get_findings(trace);
    for (int kind = 0; kind < FINDING_KIND_COUNT; kind++) {
        if (findings->kinds[kind].count > 0) {
            struct text *comment = add_comment(section);
            text_add_format(comment, "%s: ", finding_descriptions[kind].name);
            cli_finding_format(trace, (enum finding_kind)kind, comment);
        }
    }
}

enum etw_status cli_section_init(struct cli_section *section, const struct cli_reading *reading,
                                 const char *file_name, uint64_t unprotected,
                                 struct etw_error *error)
{
    const struct etw_trace_header *header = etw_trace_get_header(reading->trace);
    *section = (struct cli_section){.comment_count = 0};
    describe_session(section, reading, file_name);
    describe_damage(section, reading->trace);
    if (unprotected > 0) {
        text_add_format(add_comment(section),
                        "Protected bit cleared in %" PRIu64
                        " Wi-Fi frames, which Windows had logged decrypted",
                        unprotected);
    }
    text_add_format(&section->os, "Windows %u.%u.%" PRIu32, header->os_major, header->os_minor,
                    header->os_build);
    if (reading->product.size > 0) {
        text_add(&section->os, ", ");
        out_clean_utf8(&section->os, text_get(&reading->product), NAME_MAXIMUM, false);
    }
    text_add_format(&section->hardware, "%" PRIu32 " CPU%s", header->cpu_count,
                    header->cpu_count == 1 ? "" : "s");
    if (header->cpu_mhz > 0) {
        text_add_format(&section->hardware, ", %" PRIu32 " MHz", header->cpu_mhz);
    }
    bool has_failed = section->os.failed || section->hardware.failed;
    for (size_t i = 0; i < section->comment_count; i++) {
        has_failed = has_failed || section->comments[i].failed;
        section->comment_texts[i] = text_get(&section->comments[i]);
    }
    section->section = (struct out_section){
        .hardware = text_get(&section->hardware),
        .os = text_get(&section->os),
        .application = cli_version,
        .comments = section->comment_texts,
        .comment_count = section->comment_count,
    };
    return has_failed ? etw_fail_memory(error, "the description of the trace") : ETW_OK;
}

void cli_section_done(struct cli_section *section)
{
    for (size_t i = 0; i < section->comment_count; i++) {
        text_done(&section->comments[i]);
    }
    text_done(&section->hardware);
    text_done(&section->os);
}
