/* SPDX-License-Identifier: MIT */
/*
 * packet_rows_csv.c - packet rows as CSV. The columns are the members of the JSON
 * row under dotted names, those of owners included: a program that reads the
 * columns by number need not change when a trace has owners.
 */
#include "pcapout/escape.h"
#include "pcapout/http_rows.h"
#include "pcapout/number_text.h"
#include "pcapout/packet_rows.h"

/* Bytes of a list in one field. */
#define LIST_MAXIMUM 8192

/* Adds the value of one column, or nothing where the row has none. */
typedef void add_value_function(const struct out_packet_rows *rows, struct text *to,
                                const struct packet_row *row);

static void add_number(struct text *to, uint64_t value)
{
    char digits[NUMBER_TEXT_SIZE];
    text_add_bytes(to, digits, number_text(value, digits));
}

static void add_text(struct text *to, const char *value)
{
    if (value) {
        out_escape_csv(to, value);
    }
}

static void frame(const struct out_packet_rows *rows, struct text *to, const struct packet_row *row)
{
    (void)rows;
    add_number(to, row->packet->frame);
}

static void time_of(const struct out_packet_rows *rows, struct text *to,
                    const struct packet_row *row)
{
    (void)rows;
    char time[UTC_TEXT_SIZE];
    text_add_bytes(to, time, (size_t)utc_format(row->packet->time, 0, time));
}

static void interface_name(const struct out_packet_rows *rows, struct text *to,
                           const struct packet_row *row)
{
    (void)rows;
    add_text(to, row->interface);
}

static void direction(const struct out_packet_rows *rows, struct text *to,
                      const struct packet_row *row)
{
    (void)rows;
    add_text(to, row->direction);
}

static void length(const struct out_packet_rows *rows, struct text *to,
                   const struct packet_row *row)
{
    (void)rows;
    add_number(to, row->length);
}

static void captured(const struct out_packet_rows *rows, struct text *to,
                     const struct packet_row *row)
{
    (void)rows;
    add_number(to, row->packet->captured);
}

static void protocol(const struct out_packet_rows *rows, struct text *to,
                     const struct packet_row *row)
{
    (void)rows;
    add_text(to, row->protocol);
}

static void source(const struct out_packet_rows *rows, struct text *to,
                   const struct packet_row *row)
{
    (void)rows;
    add_text(to, row->source);
}

static void destination(const struct out_packet_rows *rows, struct text *to,
                        const struct packet_row *row)
{
    (void)rows;
    add_text(to, row->destination);
}

static void tcp_flags(const struct out_packet_rows *rows, struct text *to,
                      const struct packet_row *row)
{
    (void)rows;
    add_text(to, row->tcp_flags);
}

static void tcp_seq(const struct out_packet_rows *rows, struct text *to,
                    const struct packet_row *row)
{
    (void)rows;
    if (row->packet->layers.has_tcp) {
        add_number(to, row->packet->layers.tcp_seq);
    }
}

static void tcp_ack(const struct out_packet_rows *rows, struct text *to,
                    const struct packet_row *row)
{
    (void)rows;
    if (row->packet->layers.has_tcp) {
        add_number(to, row->packet->layers.tcp_ack);
    }
}

static void tcp_length(const struct out_packet_rows *rows, struct text *to,
                       const struct packet_row *row)
{
    (void)rows;
    if (row->packet->layers.has_tcp) {
        add_number(to, row->packet->layers.tcp_length);
    }
}

static void reason(const struct out_packet_rows *rows, struct text *to,
                   const struct packet_row *row)
{
    (void)rows;
    add_text(to, row->reason);
}

/* ---- owners; lists are joined with ";" ---- */

static const struct corr_processes *processes_of(const struct out_packet_rows *rows)
{
    return corr_ledger_processes(rows->options.ledger);
}

static void owner_pid(const struct out_packet_rows *rows, struct text *to,
                      const struct packet_row *row)
{
    (void)rows;
    if (row->owner) {
        add_number(to, row->owner->pid);
    }
}

static void owner_process(const struct out_packet_rows *rows, struct text *to,
                          const struct packet_row *row)
{
    (void)rows;
    add_text(to, row->owner ? row->owner->name : NULL);
}

static void owner_path(const struct out_packet_rows *rows, struct text *to,
                       const struct packet_row *row)
{
    (void)rows;
    add_text(to, row->owner ? row->owner->path : NULL);
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
    struct text list = {.maximum = LIST_MAXIMUM};
    for (uint32_t i = 0; row->owner && i < row->owner->service_count; i++) {
        text_add(&list, i > 0 ? ";" : "");
        text_add(&list, corr_processes_service(processes_of(rows), row->owner, i));
    }
    add_text(to, text_get(&list));
    text_done(&list);
}

static void owner_user(const struct out_packet_rows *rows, struct text *to,
                       const struct packet_row *row)
{
    (void)rows;
    add_text(to, row->owner ? row->owner->user : NULL);
}

static void candidate_pids(const struct out_packet_rows *rows, struct text *to,
                           const struct packet_row *row)
{
    for (size_t i = 0; i < row->candidate_count; i++) {
        text_add(to, i > 0 ? ";" : "");
        add_number(to, corr_processes_get(processes_of(rows), row->candidates[i])->pid);
    }
}

static void candidate_names(const struct out_packet_rows *rows, struct text *to,
                            const struct packet_row *row)
{
    struct text list = {.maximum = LIST_MAXIMUM};
    for (size_t i = 0; i < row->candidate_count; i++) {
        text_add(&list, i > 0 ? ";" : "");
        text_add(&list, corr_processes_get(processes_of(rows), row->candidates[i])->name);
    }
    add_text(to, text_get(&list));
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
    struct text chain = {.maximum = LIST_MAXIMUM};
    if (row->owner) {
        out_add_packet_chain(&chain, &row->packet->verdict, row->socket, row->owner);
        add_text(to, text_get(&chain));
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

/* As many as there are rules; the packet's own is empty when no record is about it alone. */
static void evidence_offsets(const struct out_packet_rows *rows, struct text *to,
                             const struct packet_row *row)
{
    (void)rows;
    uint64_t offset = 0;
    if (row->packet->verdict.rule == CORR_RULE_NONE) {
        return;
    }
    if (out_matched_offset(row->packet, &offset)) {
        add_number(to, offset);
    }
    for (int i = 0; row->socket && i < CORR_EVIDENCE_MAXIMUM && row->socket->evidence[i]; i++) {
        text_add_char(to, ';');
        add_number(to, corr_evidence_offset(row->socket->evidence[i]));
    }
}

static void connection(const struct out_packet_rows *rows, struct text *to,
                       const struct packet_row *row)
{
    (void)rows;
    if (row->socket && row->socket->id > 0) {
        add_number(to, row->socket->id);
    }
}

static void header_pid(const struct out_packet_rows *rows, struct text *to,
                       const struct packet_row *row)
{
    (void)rows;
    if (row->packet->header_pid != RECORD_NO_ID) {
        add_number(to, row->packet->header_pid);
    }
}

static void appearances(const struct out_packet_rows *rows, struct text *to,
                        const struct packet_row *row)
{
    (void)rows;
    if (row->component) {
        add_number(to, row->packet->appearances);
    }
}

static void component(const struct out_packet_rows *rows, struct text *to,
                      const struct packet_row *row)
{
    (void)rows;
    add_text(to, row->component);
}

static void edge(const struct out_packet_rows *rows, struct text *to, const struct packet_row *row)
{
    (void)rows;
    if (row->component) {
        add_number(to, row->packet->edge);
    }
}

static void appearance(const struct out_packet_rows *rows, struct text *to,
                       const struct packet_row *row)
{
    (void)rows;
    if (row->is_sighting) {
        add_number(to, row->packet->appearance);
    }
}

static void group(const struct out_packet_rows *rows, struct text *to, const struct packet_row *row)
{
    (void)rows;
    if (row->is_sighting) {
        add_number(to, row->packet->group);
    }
}

static void number(const struct out_packet_rows *rows, struct text *to,
                   const struct packet_row *row)
{
    (void)rows;
    if (row->is_sighting) {
        add_number(to, row->packet->number);
    }
}

static void filter(const struct out_packet_rows *rows, struct text *to,
                   const struct packet_row *row)
{
    (void)rows;
    if (row->is_sighting) {
        add_number(to, row->packet->filter);
    }
}

static void drop_reason(const struct out_packet_rows *rows, struct text *to,
                        const struct packet_row *row)
{
    (void)rows;
    add_text(to, row->drop_reason);
}

static void drop_code(const struct out_packet_rows *rows, struct text *to,
                      const struct packet_row *row)
{
    (void)rows;
    if (row->packet->drop.is_dropped) {
        add_number(to, row->packet->drop.reason);
    }
}

static void drop_location(const struct out_packet_rows *rows, struct text *to,
                          const struct packet_row *row)
{
    (void)rows;
    add_text(to, row->drop_location);
}

static void drop_component(const struct out_packet_rows *rows, struct text *to,
                           const struct packet_row *row)
{
    (void)rows;
    add_text(to, row->drop_component);
}

static const struct corr_process *behalf_of(const struct out_packet_rows *rows,
                                            const struct packet_row *row)
{
    const struct corr_ledger *ledger = rows->options.ledger;
    const struct corr_behalf *behalf = out_behalf_of(ledger, row->packet->verdict.socket);
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
    out_escape_csv(to, process ? process->name : "");
}

struct csv_column {
    const char *name;
    add_value_function *add;
};

/* clang-format off */
static const struct csv_column columns[] = {
    {"frame", frame},
    {"time", time_of},
    {"interface", interface_name},
    {"direction", direction},
    {"length", length},
    {"captured", captured},
    {"protocol", protocol},
    {"source", source},
    {"destination", destination},
    {"tcp.flags", tcp_flags},
    {"tcp.seq", tcp_seq},
    {"tcp.ack", tcp_ack},
    {"tcp.length", tcp_length},
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
    {"appearances", appearances},
    {"component", component},
    {"edge", edge},
    {"appearance", appearance},
    {"group", group},
    {"number", number},
    {"filter", filter},
    {"drop.reason", drop_reason},
    {"drop.code", drop_code},
    {"drop.location", drop_location},
    {"drop.component", drop_component},
    {"on_behalf_of.pid", behalf_pid},
    {"on_behalf_of.process", behalf_process},
};
/* clang-format on */

#define COLUMN_COUNT (sizeof(columns) / sizeof(columns[0]))

static void csv_begin(struct out_packet_rows *rows)
{
    for (size_t i = 0; i < COLUMN_COUNT; i++) {
        text_add(&rows->line, i > 0 ? "," : "");
        text_add(&rows->line, columns[i].name);
    }
    text_add(&rows->line, "\n");
}

static void csv_row(struct out_packet_rows *rows, const struct packet_row *row)
{
    for (size_t i = 0; i < COLUMN_COUNT; i++) {
        if (i > 0) {
            text_add_char(&rows->line, ',');
        }
        columns[i].add(rows, &rows->line, row);
    }
    text_add(&rows->line, "\n");
}

const struct row_format packet_rows_csv = {.begin = csv_begin, .row = csv_row};
