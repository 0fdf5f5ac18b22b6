/* SPDX-License-Identifier: MIT */
/*
 * owner_rows_text.c - who, for people: one block per owner, in it one per connection with
 * what it rests on; then the packets without owner, by reason.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "etw/base/utc_time.h"
#include "pcapout/escape.h"
#include "pcapout/owner_rows_format.h"
#include "pcapout/places.h"
#include "pcapout/wrapped_lines.h"

#define COLOUR_END   "\x1b[0m"
#define COLOUR_OWNER "\x1b[1m"
#define COLOUR_NONE  "\x1b[33m"
#define COLOUR_FAINT "\x1b[2m"

/* Where the text of lines begins, and of their continuations. */
#define INDENT_HEAD   2
#define INDENT_SOCKET 5
#define INDENT_WHY    10

/* Ends the line that begins at `start`. */
static void end_line(struct owner_rows *rows, size_t start, size_t indent)
{
    out_wrap_line(&rows->line, start, rows->options->width, indent);
    text_add_char(&rows->line, '\n');
}

static void add_coloured(struct owner_rows *rows, const char *colour, const char *text)
{
    bool is_coloured = rows->options->use_colour;
    text_add(&rows->line, is_coloured ? colour : "");
    (void)out_escape_terminal(&rows->line, text, SIZE_MAX);
    text_add(&rows->line, is_coloured ? COLOUR_END : "");
}

static void add_count(struct text *to, uint64_t count, const char *one, const char *many)
{
    text_add_format(to, "%" PRIu64 " %s", count, count == 1 ? one : many);
}

/* "1-5, 7, 9 and 3 more" */
static void add_frames(struct text *to, const uint64_t *frames, size_t count, uint64_t total)
{
    for (size_t i = 0; i < count;) {
        size_t end = i + 1;
        while (end < count && frames[end] == frames[end - 1] + 1) {
            end++;
        }
        text_add_format(to, "%s%" PRIu64, i > 0 ? ", " : "", frames[i]);
        if (end - i > 1) {
            text_add_format(to, "%s%" PRIu64, end - i > 2 ? "-" : ", ", frames[end - 1]);
        }
        i = end;
    }
    if (total > count) {
        text_add_format(to, " and %" PRIu64 " more", total - count);
    }
}

static void add_time(struct owner_rows *rows, int64_t time)
{
    char text[UTC_TEXT_SIZE];
    int bias = rows->options->use_local_time ? rows->options->bias_minutes : 0;
    (void)utc_format(time, bias, text);
    text_add_bytes(&rows->line, text + 11, 15); /* to the microsecond */
}

/* ---- one connection ---- */

static const char *const arrows[] = {
    [CORR_CLIENT] = " -> ", [CORR_SERVER] = " <- ", [CORR_DATAGRAM] = " <> ", [CORR_RAW] = " <> "};

static void add_socket_line(struct owner_rows *rows, const struct owner_row *row)
{
    struct text *to = &rows->line;
    const struct corr_socket *socket = row->socket;
    size_t start = to->size;
    text_add(to, "  ");
    if (!socket) {
        (void)out_escape_terminal(to, row->group->protocol, SIZE_MAX);
        end_line(rows, start, INDENT_SOCKET);
        return;
    }
    if (socket->id > 0) {
        text_add_format(to, "#%" PRIu32 " ", socket->id);
    }
    text_add_format(to, "%s %s ", row->group->protocol,
                    out_role_name((enum corr_role)socket->role));
    text_add(to, row->local[0] ? row->local : "*");
    if (row->remote[0]) {
        text_add(to, arrows[socket->role] ? arrows[socket->role] : " ");
        text_add(to, row->remote);
    }
    end_line(rows, start, INDENT_SOCKET);
}

/* "certain", or "22 certain, 2 strong" */
static void add_confidences(struct text *to, const uint64_t *by_confidence, uint64_t packets)
{
    const char *before = "";
    for (int i = CORR_CERTAIN; i >= CORR_LIKELY; i--) {
        const char *name = corr_confidence_name((enum corr_confidence)i);
        if (by_confidence[i] == packets) {
            text_add(to, name);
        } else if (by_confidence[i] > 0) {
            text_add_format(to, "%s%" PRIu64 " %s", before, by_confidence[i], name);
            before = ", ";
        }
    }
}

static void add_traffic_line(struct owner_rows *rows, const struct owner_row *row)
{
    struct text *to = &rows->line;
    const struct out_owner_group *group = row->group;
    size_t start = to->size;
    text_add(to, "     ");
    add_count(to, group->packets, "packet", "packets");
    text_add_format(to, " (%" PRIu64 " in, %" PRIu64 " out), ", group->in, group->out);
    add_count(to, group->bytes, "byte", "bytes");
    text_add(to, ", ");
    add_time(rows, group->first_time);
    if (group->packets > 1) {
        text_add(to, " to ");
        add_time(rows, group->last_time);
    }
    end_line(rows, start, INDENT_SOCKET);
}

/* "292 for xcopy.exe (5120) ?, 99 for explorer.exe (2288) ?" */
static void add_behalves_line(struct owner_rows *rows, const struct owner_row *row)
{
    const struct out_owner_group *group = row->group;
    struct text *to = &rows->line;
    size_t start = to->size;
    for (size_t i = 0; i < group->behalf_count; i++) {
        const struct out_group_behalf *behalf = &group->behalves[i];
        char name[OUT_PROCESS_TEXT_SIZE];
        out_process_format(
            corr_processes_get(corr_ledger_processes(rows->ledger), behalf->behalf.process), name);
        text_add_format(to, "%s%" PRIu64 " for ", i > 0 ? ", " : "     ", behalf->packets);
        (void)out_escape_terminal(to, name, SIZE_MAX);
        text_add(to, behalf->behalf.confidence == CORR_LIKELY ? " ?" : "");
    }
    if (group->other_behalves > 0) {
        text_add_format(to, ", %" PRIu64 " for others", group->other_behalves);
    }
    if (group->behalf_count > 0) {
        end_line(rows, start, INDENT_SOCKET);
    }
}

static void add_frames_line(struct owner_rows *rows, const struct owner_row *row)
{
    struct text *to = &rows->line;
    const struct out_owner_group *group = row->group;
    size_t start = to->size;
    text_add(to, "     ");
    if (row->owner) {
        add_confidences(to, group->by_confidence, group->packets);
        text_add(to, ": ");
    }
    text_add(to, group->packets == 1 ? "frame " : "frames ");
    add_frames(to, group->frames, group->frame_count, group->packets);
    end_line(rows, start, INDENT_SOCKET);
}

static void add_reason_line(struct owner_rows *rows, const char *word, const char *sentence,
                            uint64_t offset, bool has_offset)
{
    struct text *to = &rows->line;
    size_t start = to->size;
    text_add_format(to, "     %-4s %s", word, sentence);
    if (has_offset) {
        struct text place = {.maximum = 64};
        text_add(&place, "  (record at ");
        out_add_place(&place, offset);
        text_add_char(&place, ')');
        add_coloured(rows, COLOUR_FAINT, text_get(&place));
        text_done(&place);
    }
    end_line(rows, start, INDENT_WHY);
}

/* True when the row rests on the same rules as the one before. */
static bool has_same_rules(const struct owner_rows *rows, const struct owner_row *row)
{
    const struct owner_row *before = &rows->last;
    if (!before->socket || !row->socket || before->group->rules != row->group->rules ||
        before->owner != row->owner) {
        return false;
    }
    for (int i = 0; i < CORR_EVIDENCE_MAXIMUM; i++) {
        if (corr_evidence_rule(before->socket->evidence[i]) !=
            corr_evidence_rule(row->socket->evidence[i])) {
            return false;
        }
    }
    return row->socket->evidence[0] != 0;
}

/* "as above (records at 5208, 7344)" */
static void add_same_line(struct owner_rows *rows, const struct owner_row *row)
{
    struct text *to = &rows->line;
    const corr_evidence *evidence = row->socket->evidence;
    size_t start = to->size;
    bool has_one = evidence[1] == 0;
    text_add(to, has_one ? "     why  as above  (record at " : "     why  as above  (records at ");
    for (int i = 0; i < CORR_EVIDENCE_MAXIMUM && evidence[i] != 0; i++) {
        text_add(to, i > 0 ? ", " : "");
        out_add_place(to, corr_evidence_offset(evidence[i]));
    }
    text_add_char(to, ')');
    end_line(rows, start, INDENT_WHY);
}

/* What the packets were matched by, then what names the process of the socket. */
static void add_evidence_lines(struct owner_rows *rows, const struct owner_row *row)
{
    const char *word = "why";
    enum corr_rule rule = out_owner_group_rule(row->group, 1);
    for (; rule != CORR_RULE_NONE; rule = out_owner_group_rule(row->group, rule + 1)) {
        add_reason_line(rows, word, corr_rule_sentence(rule), 0, false);
        word = "";
    }
    for (int i = 0; row->socket && i < CORR_EVIDENCE_MAXIMUM && row->socket->evidence[i]; i++) {
        corr_evidence evidence = row->socket->evidence[i];
        add_reason_line(rows, word, corr_rule_sentence(corr_evidence_rule(evidence)),
                        corr_evidence_offset(evidence), true);
        word = "";
    }
}

static void add_chain_line(struct owner_rows *rows, const struct owner_row *row)
{
    if (row->owner) {
        const struct corr_verdict verdict = {.rule = row->group->rule};
        text_clear(&rows->via);
        out_add_packet_chain(&rows->via, &verdict, row->socket, row->owner);
        add_reason_line(rows, "via", text_get(&rows->via), 0, false);
    }
}

/* "pid 0 (idle) in frames 1-3, 6", or with more frames than were kept "pid 4 in 390 packets" */
static void add_claim(struct text *to, const struct out_header_claim *claim)
{
    text_add_format(to, "pid %" PRIu32 "%s in ", claim->pid, claim->pid == 0 ? " (idle)" : "");
    if (claim->packets > claim->frame_count) {
        add_count(to, claim->packets, "packet", "packets");
        return;
    }
    text_add(to, claim->packets == 1 ? "frame " : "frames ");
    add_frames(to, claim->frames, claim->frame_count, claim->packets);
}

/* The record headers name whatever thread was running; said, so that nobody is misled. */
static void add_claims_line(struct owner_rows *rows, const struct owner_row *row)
{
    struct text *to = &rows->line;
    const struct out_owner_group *group = row->group;
    size_t start = to->size;
    if (group->claim_count == 0) {
        return;
    }
    text_add(to, "     the record headers name ");
    for (size_t i = 0; i < group->claim_count; i++) {
        text_add(to, i > 0 ? "; " : "");
        add_claim(to, &group->claims[i]);
    }
    if (group->other_claims > 0) {
        text_add(to, "; others in ");
        add_count(to, group->other_claims, "packet", "packets");
    }
    end_line(rows, start, INDENT_SOCKET);
}

/* ---- heads ---- */

static void add_owner_head(struct owner_rows *rows, const struct owner_row *row)
{
    char name[OUT_PROCESS_TEXT_SIZE];
    struct text *to = &rows->line;
    size_t start = to->size;
    out_process_format(row->owner, name);
    add_coloured(rows, COLOUR_OWNER, name);
    for (uint32_t i = 0; i < row->owner->service_count; i++) {
        text_add(to, i > 0 ? ", " : "  ");
        (void)out_escape_terminal(
            to, corr_processes_service(corr_ledger_processes(rows->ledger), row->owner, i),
            SIZE_MAX);
    }
    end_line(rows, start, INDENT_HEAD);
    if (row->owner->path[0] && strcmp(row->owner->path, row->owner->name) != 0) {
        start = to->size;
        text_add(to, "  ");
        (void)out_escape_terminal(to, row->owner->path, SIZE_MAX);
        end_line(rows, start, INDENT_HEAD);
    }
}

static void add_ownerless_head(struct owner_rows *rows, const struct owner_row *row)
{
    enum corr_no_owner reason = (enum corr_no_owner)row->group->reason;
    struct text *to = &rows->line;
    size_t start = to->size;
    char text[32];
    (void)snprintf(text, sizeof(text), "no owner, %s", corr_no_owner_name(reason));
    add_coloured(rows, COLOUR_NONE, text);
    text_add_format(to, ": %s", out_reason_sentence(reason));
    end_line(rows, start, INDENT_HEAD);
}

static void add_candidates(struct owner_rows *rows, const struct owner_row *row)
{
    struct text *to = &rows->line;
    size_t start = to->size;
    for (size_t i = 0; i < row->group->candidate_count; i++) {
        char name[OUT_PROCESS_TEXT_SIZE];
        out_process_format(
            corr_processes_get(corr_ledger_processes(rows->ledger), row->group->candidates[i]),
            name);
        text_add(to, i > 0 ? ", " : "     candidates: ");
        (void)out_escape_terminal(to, name, SIZE_MAX);
    }
    if (row->group->candidate_count > 0) {
        end_line(rows, start, INDENT_SOCKET);
    }
}

/* ---- the format ---- */

static void text_row(struct owner_rows *rows, const struct owner_row *row)
{
    const struct out_owner_group *before = rows->last.group;
    bool is_new = !before || row->group->process != before->process ||
                  (!row->owner && row->group->reason != before->reason);
    if (is_new) {
        text_add(&rows->line, rows->count > 0 ? "\n" : "");
        if (row->owner) {
            add_owner_head(rows, row);
        } else {
            add_ownerless_head(rows, row);
        }
    }
    add_socket_line(rows, row);
    add_traffic_line(rows, row);
    add_behalves_line(rows, row);
    add_frames_line(rows, row);
    add_candidates(rows, row);
    (has_same_rules(rows, row) ? add_same_line : add_evidence_lines)(rows, row);
    add_chain_line(rows, row);
    add_claims_line(rows, row);
}

static void text_end(struct owner_rows *rows)
{
    struct text *to = &rows->line;
    if (rows->packets == 0) {
        return;
    }
    text_add_format(to, "\n%" PRIu64 " of ", rows->owned);
    add_count(to, rows->packets, "packet", "packets");
    text_add(to, " attributed");
    if (rows->owned > 0) {
        text_add(to, ": ");
        add_confidences(to, rows->by_confidence, rows->packets);
    }
    text_add_char(to, '\n');
}

const struct owner_rows_format owner_rows_text = {.row = text_row, .end = text_end};
