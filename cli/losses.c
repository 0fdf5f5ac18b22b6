/* SPDX-License-Identifier: MIT */
#include "cli/losses.h"

#include <inttypes.h>

#include "cli/display.h"
#include "cli/messages.h"
#include "etw/base/text.h"
#include "etw/trace.h"

void cli_finding_format(const struct findings *findings, enum finding_kind kind, struct text *out)
{
    const struct finding *finding = &findings->kinds[kind];
    display_add_count(out, finding->count, "time", "times");
    if (finding->bytes > 0) {
        text_add(out, ", ");
        display_add_count(out, finding->bytes, "byte", "bytes");
    }
    /* Notes about the trace as a whole have no place and say 0. */
    if (finding->first_offset > 0 || finding_descriptions[kind].class_of != FINDING_IS_NOTE) {
        text_add_format(out, ", %sat offset %" PRIu64, finding->count > 1 ? "first " : "",
                        finding->first_offset);
    }
}

void cli_say_losses(struct etw_trace *trace)
{
    const struct etw_trace_header *header = etw_trace_get_header(trace);
    const struct findings *findings = etw_trace_get_findings(trace);
    struct text line = {.maximum = 1024};
    if (header->events_lost > 0) {
        display_add_count(&line, header->events_lost, "event", "events");
    }
    if (header->buffers_lost > 0) {
        text_add(&line, line.size > 0 ? " and " : "");
        display_add_count(&line, header->buffers_lost, "buffer", "buffers");
    }
    if (line.size > 0) {
        cli_say("the recorder lost %s while it ran, so packets may be missing", text_get(&line));
    }
    for (int kind = 0; kind < FINDING_KIND_COUNT; kind++) {
        if (findings->kinds[kind].count > 0) {
            text_clear(&line);
            cli_finding_format(findings, (enum finding_kind)kind, &line);
            bool is_note = finding_descriptions[kind].class_of == FINDING_IS_NOTE;
            cli_say("%s%s (%s)", is_note ? "" : "left out: ", finding_descriptions[kind].sentence,
                    text_get(&line));
        }
    }
    text_done(&line);
}

enum cli_exit cli_exit_of(struct etw_trace *trace)
{
    return findings_has_damage(etw_trace_get_findings(trace)) ? CLI_DAMAGED : CLI_DONE;
}
