/* SPDX-License-Identifier: MIT */
/*
 * packet_columns_owner.c - the columns of who sent or received a packet, how that is known and
 * for whom it was done. Lists are joined with ";".
 */
#include "etw/base/utc_time.h"
#include "pcapout/http_rows.h"
#include "pcapout/owners.h"
#include "pcapout/packet_columns.h"

static const struct corr_processes *processes_of(const struct out_packet_rows *rows)
{
    return corr_ledger_processes(rows->options.ledger);
}

static void owner_pid(const struct out_packet_rows *rows, struct text *to,
                      const struct packet_row *row)
{
    (void)rows;
    if (row->owner) {
        packet_column_number(to, row->owner->pid);
    }
}

static void owner_process(const struct out_packet_rows *rows, struct text *to,
                          const struct packet_row *row)
{
    (void)rows;
    packet_column_text(to, row->owner ? row->owner->name : NULL);
}

static void owner_path(const struct out_packet_rows *rows, struct text *to,
                       const struct packet_row *row)
{
    (void)rows;
    packet_column_text(to, row->owner ? row->owner->path : NULL);
}

static void owner_started(const struct out_packet_rows *rows, struct text *to,
                          const struct packet_row *row)
{
    (void)rows;
    if (row->owner && row->owner->has_start) {
        char time[UTC_TEXT_SIZE];
        text_add_bytes(to, time, (size_t)utc_format(row->owner->started, 0, time));
    }
}

static void owner_services(const struct out_packet_rows *rows, struct text *to,
                           const struct packet_row *row)
{
    struct text list = {.maximum = PACKET_COLUMN_MAXIMUM};
    for (uint32_t i = 0; row->owner && i < row->owner->service_count; i++) {
        text_add(&list, i > 0 ? ";" : "");
        text_add(&list, corr_processes_service(processes_of(rows), row->owner, i));
    }
    packet_column_text(to, text_get(&list));
    text_done(&list);
}

static void owner_user(const struct out_packet_rows *rows, struct text *to,
                       const struct packet_row *row)
{
    (void)rows;
    packet_column_text(to, row->owner ? row->owner->user : NULL);
}

static void reason(const struct out_packet_rows *rows, struct text *to,
                   const struct packet_row *row)
{
    (void)rows;
    packet_column_text(to, row->reason);
}

static void candidate_pids(const struct out_packet_rows *rows, struct text *to,
                           const struct packet_row *row)
{
    for (size_t i = 0; i < row->candidate_count; i++) {
        text_add(to, i > 0 ? ";" : "");
        packet_column_number(to, corr_processes_get(processes_of(rows), row->candidates[i])->pid);
    }
}

static void candidate_names(const struct out_packet_rows *rows, struct text *to,
                            const struct packet_row *row)
{
    struct text list = {.maximum = PACKET_COLUMN_MAXIMUM};
    for (size_t i = 0; i < row->candidate_count; i++) {
        text_add(&list, i > 0 ? ";" : "");
        text_add(&list, corr_processes_get(processes_of(rows), row->candidates[i])->name);
    }
    packet_column_text(to, text_get(&list));
    text_done(&list);
}

static void confidence(const struct out_packet_rows *rows, struct text *to,
                       const struct packet_row *row)
{
    (void)rows;
    text_add(to, row->confidence);
}

static void via(const struct out_packet_rows *rows, struct text *to, const struct packet_row *row)
{
    (void)rows;
    struct text chain = {.maximum = PACKET_COLUMN_MAXIMUM};
    if (row->owner) {
        out_add_packet_chain(&chain, &row->packet->verdict, row->socket, row->owner);
        packet_column_text(to, text_get(&chain));
    }
    text_done(&chain);
}

static void evidence_rules(const struct out_packet_rows *rows, struct text *to,
                           const struct packet_row *row)
{
    (void)rows;
    enum corr_rule rule = (enum corr_rule)row->packet->verdict.rule;
    if (rule == CORR_RULE_NONE) {
        return;
    }
    text_add(to, corr_rule_name(rule));
    for (int i = 0; row->socket && i < CORR_EVIDENCE_MAXIMUM && row->socket->evidence[i]; i++) {
        text_add_char(to, ';');
        text_add(to, corr_rule_name(corr_evidence_rule(row->socket->evidence[i])));
    }
}

static void add_offset(struct text *to, uint64_t place)
{
    packet_column_number(to, etw_place_offset(place));
}

static void add_file(struct text *to, uint64_t place)
{
    packet_column_number(to, etw_place_file(place));
}

/* As many as there are rules; the packet's own is empty when no record is about it alone. */
static void add_places(struct text *to, const struct packet_row *row,
                       void (*add)(struct text *to, uint64_t place))
{
    uint64_t place = 0;
    if (row->packet->verdict.rule == CORR_RULE_NONE) {
        return;
    }
    if (corr_verdict_match(&row->packet->verdict, &place)) {
        add(to, place);
    }
    for (int i = 0; row->socket && i < CORR_EVIDENCE_MAXIMUM && row->socket->evidence[i]; i++) {
        text_add_char(to, ';');
        add(to, corr_evidence_offset(row->socket->evidence[i]));
    }
}

static void evidence_offsets(const struct out_packet_rows *rows, struct text *to,
                             const struct packet_row *row)
{
    (void)rows;
    add_places(to, row, add_offset);
}

static void evidence_files(const struct out_packet_rows *rows, struct text *to,
                           const struct packet_row *row)
{
    (void)rows;
    add_places(to, row, add_file);
}

static void connection(const struct out_packet_rows *rows, struct text *to,
                       const struct packet_row *row)
{
    (void)rows;
    if (row->socket && row->socket->id > 0) {
        packet_column_number(to, row->socket->id);
    }
}

static void header_pid(const struct out_packet_rows *rows, struct text *to,
                       const struct packet_row *row)
{
    (void)rows;
    if (row->packet->header_pid != RECORD_NO_ID) {
        packet_column_number(to, row->packet->header_pid);
    }
}

static const struct corr_process *behalf_of(const struct out_packet_rows *rows,
                                            const struct packet_row *row)
{
    const struct corr_ledger *ledger = rows->options.ledger;
    const struct corr_behalf *behalf = out_behalf_of(ledger, row->packet);
    return behalf ? corr_processes_get(corr_ledger_processes(ledger), behalf->process) : NULL;
}

static void behalf_pid(const struct out_packet_rows *rows, struct text *to,
                       const struct packet_row *row)
{
    const struct corr_process *process = behalf_of(rows, row);
    if (process) {
        text_add_u64(to, process->pid);
    }
}

static void behalf_process(const struct out_packet_rows *rows, struct text *to,
                           const struct packet_row *row)
{
    const struct corr_process *process = behalf_of(rows, row);
    packet_column_text(to, process ? process->name : NULL);
}

/* clang-format off */
static const struct packet_column owner_columns[] = {
    {"owner.pid", owner_pid},
    {"owner.process", owner_process},
    {"owner.path", owner_path},
    {"owner.started", owner_started},
    {"owner.services", owner_services},
    {"owner.user", owner_user},
    {"reason", reason},
    {"candidates.pid", candidate_pids},
    {"candidates.process", candidate_names},
    {"confidence", confidence},
    {"via", via},
    {"evidence.rule", evidence_rules},
    {"evidence.offset", evidence_offsets},
    {"connection", connection},
    {"header_pid", header_pid},
};

static const struct packet_column behalf_columns[] = {
    {"on_behalf_of.pid", behalf_pid},
    {"on_behalf_of.process", behalf_process},
};

static const struct packet_column file_columns[] = {
    {"evidence.file", evidence_files},
};
/* clang-format on */

const struct packet_columns packet_columns_owner = {
    .columns = owner_columns, .count = sizeof(owner_columns) / sizeof(owner_columns[0])};

const struct packet_columns packet_columns_behalf = {
    .columns = behalf_columns, .count = sizeof(behalf_columns) / sizeof(behalf_columns[0])};

const struct packet_columns packet_columns_files = {
    .columns = file_columns, .count = sizeof(file_columns) / sizeof(file_columns[0])};
