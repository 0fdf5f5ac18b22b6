/* SPDX-License-Identifier: MIT */
/*
 * owner_rows_csv.c - owner rows as CSV: the members of the JSON row that are not lists
 * of objects, under dotted names.
 */
#include "etw/base/utc_time.h"
#include "pcapout/escape.h"
#include "pcapout/owner_rows_format.h"

typedef void add_value_function(struct owner_rows *rows, const struct owner_row *row);

static void owner_pid(struct owner_rows *rows, const struct owner_row *row)
{
    if (row->owner) {
        text_add_u64(&rows->line, row->owner->pid);
    }
}

static void owner_process(struct owner_rows *rows, const struct owner_row *row)
{
    out_escape_csv(&rows->line, row->owner ? row->owner->name : "");
}

static void owner_path(struct owner_rows *rows, const struct owner_row *row)
{
    out_escape_csv(&rows->line, row->owner ? row->owner->path : "");
}

static void reason(struct owner_rows *rows, const struct owner_row *row)
{
    text_add(&rows->line, corr_no_owner_name((enum corr_no_owner)row->group->reason));
}

static void candidate_pids(struct owner_rows *rows, const struct owner_row *row)
{
    const struct out_owner_group *group = row->group;
    for (size_t i = 0; i < group->candidate_count; i++) {
        const struct corr_process *process =
            corr_processes_get(corr_ledger_processes(rows->ledger), group->candidates[i]);
        text_add(&rows->line, i > 0 ? ";" : "");
        text_add_u64(&rows->line, process->pid);
    }
}

static void confidence(struct owner_rows *rows, const struct owner_row *row)
{
    text_add(&rows->line, corr_confidence_name(row->confidence));
}

static void protocol(struct owner_rows *rows, const struct owner_row *row)
{
    out_escape_csv(&rows->line, row->group->protocol);
}

static void local(struct owner_rows *rows, const struct owner_row *row)
{
    out_escape_csv(&rows->line, row->local);
}

static void remote(struct owner_rows *rows, const struct owner_row *row)
{
    out_escape_csv(&rows->line, row->remote);
}

static void connection(struct owner_rows *rows, const struct owner_row *row)
{
    if (row->socket && row->socket->id > 0) {
        text_add_u64(&rows->line, row->socket->id);
    }
}

static void packets(struct owner_rows *rows, const struct owner_row *row)
{
    text_add_u64(&rows->line, row->group->packets);
}

static void bytes(struct owner_rows *rows, const struct owner_row *row)
{
    text_add_u64(&rows->line, row->group->bytes);
}

static void packets_in(struct owner_rows *rows, const struct owner_row *row)
{
    text_add_u64(&rows->line, row->group->in);
}

static void packets_out(struct owner_rows *rows, const struct owner_row *row)
{
    text_add_u64(&rows->line, row->group->out);
}

static void add_time(struct owner_rows *rows, int64_t time)
{
    char text[UTC_TEXT_SIZE];
    text_add_bytes(&rows->line, text, (size_t)utc_format(time, 0, text));
}

static void first(struct owner_rows *rows, const struct owner_row *row)
{
    add_time(rows, row->group->first_time);
}

static void last(struct owner_rows *rows, const struct owner_row *row)
{
    add_time(rows, row->group->last_time);
}

static void frames(struct owner_rows *rows, const struct owner_row *row)
{
    for (size_t i = 0; i < row->group->frame_count; i++) {
        text_add(&rows->line, i > 0 ? ";" : "");
        text_add_u64(&rows->line, row->group->frames[i]);
    }
}

static void last_frame(struct owner_rows *rows, const struct owner_row *row)
{
    text_add_u64(&rows->line, row->group->last_frame);
}

static void header_pids(struct owner_rows *rows, const struct owner_row *row)
{
    for (size_t i = 0; i < row->group->claim_count; i++) {
        text_add(&rows->line, i > 0 ? ";" : "");
        text_add_u64(&rows->line, row->group->claims[i].pid);
    }
}

static const struct corr_process *behalf_at(const struct owner_rows *rows,
                                            const struct owner_row *row, size_t at)
{
    return corr_processes_get(corr_ledger_processes(rows->ledger),
                              row->group->behalves[at].behalf.process);
}

static void behalf_pids(struct owner_rows *rows, const struct owner_row *row)
{
    for (size_t i = 0; i < row->group->behalf_count; i++) {
        text_add(&rows->line, i > 0 ? ";" : "");
        text_add_u64(&rows->line, behalf_at(rows, row, i)->pid);
    }
}

static void behalf_processes(struct owner_rows *rows, const struct owner_row *row)
{
    text_clear(&rows->via);
    for (size_t i = 0; i < row->group->behalf_count; i++) {
        text_add(&rows->via, i > 0 ? ";" : "");
        text_add(&rows->via, behalf_at(rows, row, i)->name);
    }
    out_escape_csv(&rows->line, text_get(&rows->via));
}

static void via(struct owner_rows *rows, const struct owner_row *row)
{
    const struct corr_verdict verdict = {.rule = row->group->rule};
    if (row->owner) {
        text_clear(&rows->via);
        out_add_packet_chain(&rows->via, &verdict, row->socket, row->owner);
        out_escape_csv(&rows->line, text_get(&rows->via));
    }
}

static void rules(struct owner_rows *rows, const struct owner_row *row)
{
    const char *before = "";
    enum corr_rule rule = out_owner_group_rule(row->group, 1);
    if (rule == CORR_RULE_NONE) {
        return;
    }
    for (; rule != CORR_RULE_NONE; rule = out_owner_group_rule(row->group, rule + 1)) {
        text_add(&rows->line, before);
        text_add(&rows->line, corr_rule_name(rule));
        before = ";";
    }
    for (int i = 0; row->socket && i < CORR_EVIDENCE_MAXIMUM && row->socket->evidence[i]; i++) {
        text_add_char(&rows->line, ';');
        text_add(&rows->line, corr_rule_name(corr_evidence_rule(row->socket->evidence[i])));
    }
}

/* clang-format off */
static const struct {
    const char *name;
    add_value_function *add;
} columns[] = {
    {"owner.pid", owner_pid},
    {"owner.process", owner_process},
    {"owner.path", owner_path},
    {"reason", reason},
    {"candidates.pid", candidate_pids},
    {"confidence", confidence},
    {"protocol", protocol},
    {"local", local},
    {"remote", remote},
    {"connections", connection},
    {"packets", packets},
    {"bytes", bytes},
    {"packets_in", packets_in},
    {"packets_out", packets_out},
    {"first", first},
    {"last", last},
    {"frames", frames},
    {"last_frame", last_frame},
    {"header_pids.pid", header_pids},
    {"via", via},
    {"evidence.rule", rules},
    {"on_behalf_of.pid", behalf_pids},
    {"on_behalf_of.process", behalf_processes},
};
/* clang-format on */

#define COLUMN_COUNT (sizeof(columns) / sizeof(columns[0]))

static void csv_begin(struct owner_rows *rows)
{
    for (size_t i = 0; i < COLUMN_COUNT; i++) {
        text_add(&rows->line, i > 0 ? "," : "");
        text_add(&rows->line, columns[i].name);
    }
    text_add_char(&rows->line, '\n');
}

static void csv_row(struct owner_rows *rows, const struct owner_row *row)
{
    for (size_t i = 0; i < COLUMN_COUNT; i++) {
        text_add(&rows->line, i > 0 ? "," : "");
        columns[i].add(rows, row);
    }
    text_add_char(&rows->line, '\n');
}

const struct owner_rows_format owner_rows_csv = {.begin = csv_begin, .row = csv_row};
