/* SPDX-License-Identifier: MIT */
#include "pcapout/packet_story.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "etw/base/utc_time.h"
#include "etw/provider_names.h"
#include "pcapout/escape.h"
#include "pcapout/event_sentences.h"
#include "pcapout/http_rows.h"
#include "pcapout/names.h"
#include "pcapout/offload_text.h"
#include "pcapout/owner_rows.h"
#include "pcapout/owners.h"
#include "pcapout/places.h"
#include "pcapout/route_text.h"
#include "pcapout/wrapped_lines.h"

#define STEPS_MAXIMUM  (CORR_EVIDENCE_MAXIMUM + 1)
#define INDENT         "            "
#define INDENT_SIZE    (sizeof(INDENT) - 1)
#define INDENT_RECORD  (INDENT_SIZE + 2)
#define HEADING_FORMAT "%-12s"
#define SENTENCE_SIZE  2048

/* A record that the story rests on. */
struct step {
    enum corr_rule rule;
    uint64_t offset;
    bool is_found;
    int64_t time;
    struct text text; /* "Microsoft-Windows-TCPIP 1017: ..." */
};

struct out_story {
    const struct corr_ledger *ledger; /* borrowed */
    struct corr_packet packet;        /* a copy without its bytes */
    struct corr_behalf asker;         /* packet.behalf points here when there is one */
    uint32_t candidates[CORR_CANDIDATES_MAXIMUM];
    size_t candidate_count;
    struct step steps[STEPS_MAXIMUM];
    size_t step_count;
};

static void add_step(struct out_story *story, enum corr_rule rule, uint64_t offset)
{
    struct step *step = &story->steps[story->step_count++];
    step->rule = rule;
    step->offset = offset;
    step->text.maximum = SENTENCE_SIZE;
}

enum etw_status out_story_new(const struct corr_ledger *ledger, const struct corr_packet *packet,
                              struct out_story **out, struct etw_error *error)
{
    struct out_story *story = calloc(1, sizeof(*story));
    if (!story) {
        return etw_fail_memory(error, "the story of a packet");
    }
    uint64_t offset = 0;
    story->ledger = ledger;
    story->packet = *packet;
    story->packet.data = NULL;
    if (packet->behalf) {
        story->asker = *packet->behalf;
        story->packet.behalf = &story->asker;
    }
    if (packet->attribution) {
        story->candidate_count =
            corr_candidates(packet->attribution, &packet->layers, packet->direction, packet->time,
                            story->candidates, CORR_CANDIDATES_MAXIMUM);
    }
    if (corr_verdict_match(&packet->verdict, &offset)) {
        add_step(story, CORR_RULE_DATA_EVENT, offset);
    }
    const struct corr_socket *socket = out_socket_of(ledger, &packet->verdict);
    for (int i = 0; socket && i < CORR_EVIDENCE_MAXIMUM && socket->evidence[i] != 0; i++) {
        add_step(story, corr_evidence_rule(socket->evidence[i]),
                 corr_evidence_offset(socket->evidence[i]));
    }
    *out = story;
    return ETW_OK;
}

void out_story_free(struct out_story *story)
{
    if (story) {
        for (size_t i = 0; i < story->step_count; i++) {
            text_done(&story->steps[i].text);
        }
        free(story);
    }
}

/* ---- the events it rests on ---- */

static void add_event_name(struct text *to, const struct etw_record *record)
{
    struct guid guid;
    const char *name = NULL;
    if (record->provider) {
        memcpy(guid.bytes, record->provider, sizeof(guid.bytes));
        name = etw_provider_name(&guid);
    }
    bool has_id = record->class_of == RECORD_IS_MANIFEST;
    text_add_format(to, "%s %u", name ? name : "provider not known",
                    has_id ? record->id : record->opcode);
}

void out_story_event(struct out_story *story, const struct etw_event *event)
{
    const struct etw_record *record = event->record;
    for (size_t i = 0; i < story->step_count; i++) {
        struct step *step = &story->steps[i];
        if (step->offset != record->offset || step->is_found) {
            continue;
        }
        step->is_found = true;
        step->time = record->time;
        add_event_name(&step->text, record);
        size_t size = step->text.size;
        text_add(&step->text, ": ");
        if (!out_event_sentence(event, &step->text) && !step->text.failed) {
            step->text.size = size;
            step->text.data[size] = '\0';
        }
    }
}

/* ---- writing ---- */

struct story_text {
    const struct out_story *story;
    const struct out_rows_options *options;
    struct text line;
    size_t start; /* of the line that is being written */
};

/* `indent`: of what does not fit. */
static void end_line(struct story_text *out, size_t indent)
{
    out_wrap_line(&out->line, out->start, out->options->width, indent);
    text_add_char(&out->line, '\n');
    out->start = out->line.size;
}

static void add_heading(struct story_text *out, const char *heading)
{
    text_add(&out->line, out->options->use_colour ? "\x1b[1m" : "");
    text_add_format(&out->line, HEADING_FORMAT, heading);
    text_add(&out->line, out->options->use_colour ? "\x1b[0m" : "");
}

static void add_safe(struct story_text *out, const char *text)
{
    (void)out_escape_terminal(&out->line, text, SIZE_MAX);
}

static void add_time(struct story_text *out, int64_t time)
{
    char text[UTC_TEXT_SIZE];
    (void)utc_format(time, out->options->use_local_time ? out->options->bias_minutes : 0, text);
    text_add(&out->line, text);
}

static const char *const directions[] = {
    [ETW_DIRECTION_UNKNOWN] = "direction not known",
    [ETW_DIRECTION_IN] = "received",
    [ETW_DIRECTION_OUT] = "sent",
};

static void add_packet(struct story_text *out)
{
    const struct corr_packet *packet = &out->story->packet;
    char protocol[CORR_PROTOCOL_TEXT_SIZE];
    char source[CORR_ENDPOINT_TEXT_SIZE];
    char destination[CORR_ENDPOINT_TEXT_SIZE];
    corr_protocol_format(&packet->layers, protocol);
    corr_endpoint_format(&packet->layers, true, source);
    corr_endpoint_format(&packet->layers, false, destination);
    add_heading(out, "Packet");
    text_add_format(&out->line, "frame %" PRIu64 ", ", packet->frame);
    add_time(out, packet->time);
    text_add_format(&out->line, ", %s, %" PRIu32 " bytes", directions[packet->direction],
                    out_original_size(packet));
    end_line(out, INDENT_SIZE);
    bool has_ends = source[0] || destination[0];
    text_add_format(&out->line, INDENT "%s%s%s%s%s", protocol, has_ends ? " " : "", source,
                    has_ends ? " > " : "", destination);
    end_line(out, INDENT_SIZE);
    if (packet->layers.has_tcp) {
        text_add_format(&out->line,
                        INDENT "sequence %" PRIu32 ", acknowledges %" PRIu32 ", %" PRIu32
                               " bytes of payload",
                        packet->layers.tcp_seq, packet->layers.tcp_ack, packet->layers.tcp_length);
        end_line(out, INDENT_SIZE);
    }
    if (!out_offload_is_empty(&packet->offload)) {
        text_add(&out->line, INDENT "offload: ");
        out_offload_add_words(&out->line, &packet->offload);
        end_line(out, INDENT_SIZE);
    }
}

static void add_process(struct story_text *out, const struct corr_process *process)
{
    char name[OUT_PROCESS_TEXT_SIZE];
    out_process_format(process, name);
    add_safe(out, name);
}

static void add_detail(struct story_text *out, const char *before, const char *text)
{
    if (text[0]) {
        text_add_format(&out->line, INDENT "%s", before);
        add_safe(out, text);
        end_line(out, INDENT_SIZE);
    }
}

/* What was said of its reception, or where it passed a virtual switch. */
static void add_route(struct story_text *out)
{
    struct text sentence = {.maximum = SENTENCE_SIZE};
    out_route_add_sentence(&sentence, &out->story->packet);
    add_detail(out, "", text_get(&sentence));
    text_done(&sentence);
}

static void add_owner(struct story_text *out)
{
    const struct out_story *story = out->story;
    const struct corr_verdict *verdict = &story->packet.verdict;
    const struct corr_process *owner = out_owner_of(story->ledger, verdict);
    add_heading(out, "Owner");
    if (!owner) {
        enum corr_no_owner reason = (enum corr_no_owner)verdict->reason;
        text_add_format(&out->line, "none, %s: %s", corr_no_owner_name(reason),
                        out_reason_sentence(reason));
        end_line(out, INDENT_SIZE);
        return;
    }
    add_process(out, owner);
    text_add_format(&out->line, ", %s",
                    corr_confidence_name((enum corr_confidence)verdict->confidence));
    end_line(out, INDENT_SIZE);
    add_detail(out, "", owner->path);
    add_detail(out, "command line ", owner->command_line);
    add_detail(out, "user ", owner->user);
}

static void add_behalf(struct story_text *out, const struct corr_behalf *behalf)
{
    const struct corr_processes *processes = corr_ledger_processes(out->story->ledger);
    add_heading(out, "For");
    add_process(out, corr_processes_get(processes, behalf->process));
    text_add_format(&out->line, ", %s: %s (record at %" PRIu64 ")",
                    corr_confidence_name((enum corr_confidence)behalf->confidence),
                    corr_rule_sentence((enum corr_rule)behalf->rule), behalf->offset);
    end_line(out, INDENT_SIZE);
}

/* The kernel asks or answers for a process, or the host that the connection is to. */
static void add_behalves(struct story_text *out)
{
    const struct out_story *story = out->story;
    uint32_t row = story->packet.verdict.socket;
    const struct corr_http *http =
        story->ledger && row != CORR_NO_ROW ? corr_ledger_http(story->ledger, row) : NULL;
    if (story->packet.behalf) {
        add_behalf(out, story->packet.behalf);
    }
    for (uint8_t i = 0; http && i < http->worker_count; i++) {
        add_behalf(out, &http->workers[i]);
    }
    if (http) {
        struct text said = {.maximum = 2 * CORR_HTTP_LINE};
        add_heading(out, "HTTP");
        out_add_http(&said, http);
        add_safe(out, text_get(&said));
        text_done(&said);
        end_line(out, INDENT_SIZE);
    }
}

static void add_candidates(struct story_text *out)
{
    const struct out_story *story = out->story;
    if (story->candidate_count == 0) {
        return;
    }
    add_heading(out, "Candidates");
    for (size_t i = 0; i < story->candidate_count; i++) {
        text_add(&out->line, i > 0 ? ", " : "");
        add_process(out,
                    corr_processes_get(corr_ledger_processes(story->ledger), story->candidates[i]));
    }
    end_line(out, INDENT_SIZE);
}

static void add_socket(struct story_text *out)
{
    const struct out_story *story = out->story;
    const struct corr_verdict *verdict = &story->packet.verdict;
    const struct corr_socket *socket = out_socket_of(story->ledger, verdict);
    enum corr_tcp_state state;
    if (!socket) {
        return;
    }
    add_heading(out, "Connection");
    text_add_format(&out->line, "#%" PRIu32 ", %s", socket->id,
                    out_role_name((enum corr_role)socket->role));
    if (corr_ledger_state_at(story->ledger, verdict->socket, story->packet.time, &state)) {
        text_add_format(&out->line, ", in state %s at that time", out_state_name(state));
    }
    end_line(out, INDENT_SIZE);
}

static void add_step_lines(struct story_text *out, const struct step *step)
{
    text_add_format(&out->line, INDENT "%s", corr_rule_sentence(step->rule));
    end_line(out, INDENT_SIZE);
    text_add(&out->line, INDENT "  record at ");
    out_add_place(&out->line, step->offset);
    if (step->is_found) {
        text_add(&out->line, ", ");
        add_time(out, step->time);
        end_line(out, INDENT_RECORD);
        text_add(&out->line, INDENT "  ");
        add_safe(out, text_get(&step->text));
    }
    end_line(out, INDENT_RECORD);
}

static void add_why(struct story_text *out)
{
    const struct out_story *story = out->story;
    enum corr_rule rule = (enum corr_rule)story->packet.verdict.rule;
    add_heading(out, "Why");
    text_add(&out->line, rule == CORR_RULE_NONE ? "no rule applies" : corr_rule_sentence(rule));
    end_line(out, INDENT_SIZE);
    for (size_t i = 0; i < story->step_count; i++) {
        add_step_lines(out, &story->steps[i]);
    }
}

static void add_header_claim(struct story_text *out)
{
    const struct corr_packet *packet = &out->story->packet;
    const struct corr_process *owner = out_owner_of(out->story->ledger, &packet->verdict);
    add_heading(out, "Header");
    text_add(&out->line, "the record of the packet stands at ");
    out_add_place(&out->line, packet->offset);
    text_add(&out->line, "; ");
    if (packet->header_pid == RECORD_NO_ID) {
        text_add(&out->line, "its header names no process");
        end_line(out, INDENT_SIZE);
        return;
    }
    text_add_format(&out->line, "its header names pid %" PRIu32 "%s", packet->header_pid,
                    packet->header_pid == 0 ? " (idle)" : "");
    bool is_owner = owner && owner->pid == packet->header_pid;
    text_add(&out->line, is_owner ? ", by chance the owner" : ", the thread that happened to run");
    end_line(out, INDENT_SIZE);
}

enum etw_status out_story_write(const struct out_story *story, struct out_file *file,
                                const struct out_rows_options *options, struct etw_error *error)
{
    struct story_text out = {.story = story, .options = options};
    add_packet(&out);
    add_route(&out);
    add_owner(&out);
    add_behalves(&out);
    add_candidates(&out);
    add_socket(&out);
    add_why(&out);
    add_header_claim(&out);
    enum etw_status status = out.line.failed
                                 ? etw_fail_memory(error, "the story of a packet")
                                 : out_file_write(file, out.line.data, out.line.size, error);
    text_done(&out.line);
    return status ? status : out_file_status(file, error);
}
