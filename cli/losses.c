/* SPDX-License-Identifier: MIT */
#include "cli/losses.h"

#include <inttypes.h>

#include "cli/display.h"
#include "cli/messages.h"
#include "cli/output.h"
#include "etw/base/text.h"
#include "etw/trace.h"

static void add_file(const struct etw_trace *trace, unsigned number, struct text *out)
{
    const struct etw_trace_file *files = NULL;
    size_t count = etw_trace_get_files(trace, &files);
    if (number > 0 && number <= count) {
        text_add_format(out, " of %s", cli_base_name(files[number - 1].path));
    }
}

void cli_finding_format(struct etw_trace *trace, enum finding_kind kind, struct text *out)
{
    const struct finding *finding = &etw_trace_get_findings(trace)->kinds[kind];
    display_add_count(out, finding->count, "time", "times");
    if (finding->bytes > 0) {
        text_add(out, ", ");
        display_add_count(out, finding->bytes, "byte", "bytes");
    }
    /* Notes about the trace as a whole have no place and say 0. */
    if (finding->first_offset > 0 || finding_descriptions[kind].class_of != FINDING_IS_NOTE) {
        text_add_format(out, ", %sat offset %" PRIu64, finding->count > 1 ? "first " : "",
                        etw_place_offset(finding->first_offset));
        add_file(trace, etw_place_file(finding->first_offset), out);
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
            cli_finding_format(trace, (enum finding_kind)kind, &line);
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
