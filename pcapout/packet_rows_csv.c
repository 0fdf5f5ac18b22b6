/* SPDX-License-Identifier: MIT */
/*
 * packet_rows_csv.c - packet rows as CSV. The columns are the members of the JSON
 * row under dotted names, those of owners included: a program that reads the
 * columns by number need not change when a trace has owners.
 */
#include <inttypes.h>

#include "pcapout/escape.h"
#include "pcapout/http_rows.h"
#include "pcapout/number_text.h"
#include "pcapout/offload_text.h"
#include "pcapout/packet_rows.h"
#include "pcapout/route_text.h"

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

static void add_offset(struct text *to, uint64_t place)
{
    add_number(to, etw_place_offset(place));
}

static void add_file(struct text *to, uint64_t place)
{
    add_number(to, etw_place_file(place));
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
    add_text(to, row->drop.reason);
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
    add_text(to, row->drop.location);
}

static void drop_component(const struct out_packet_rows *rows, struct text *to,
                           const struct packet_row *row)
{
    (void)rows;
    add_text(to, row->drop.component);
}

static bool has_radio(const struct packet_row *row, uint32_t member)
{
    return row->packet->has_reception && (row->packet->reception.has & member) != 0;
}

static void radio_frequency(const struct out_packet_rows *rows, struct text *to,
                            const struct packet_row *row)
{
    (void)rows;
    if (has_radio(row, ETW_HAS_FREQUENCY)) {
        add_number(to, row->packet->reception.frequency);
    }
}

static void radio_rate(const struct out_packet_rows *rows, struct text *to,
                       const struct packet_row *row)
{
    (void)rows;
    if (has_radio(row, ETW_HAS_RATE)) {
        add_number(to, (uint64_t)row->packet->reception.rate * OUT_KBIT_PER_RATE);
    }
}

static void radio_signal(const struct out_packet_rows *rows, struct text *to,
                         const struct packet_row *row)
{
    (void)rows;
    if (has_radio(row, ETW_HAS_SIGNAL)) {
        text_add_format(to, "%d", row->packet->reception.signal);
    }
}

/* NULL: the packet has no route of this kind. */
static const struct corr_route *route_of(const struct packet_row *row, enum etw_route kind)
{
    const struct corr_route *route = row->packet->route;
    return route && route->kind == kind ? route : NULL;
}

static void switch_port(const struct out_packet_rows *rows, struct text *to,
                        const struct packet_row *row)
{
    const struct corr_route *route = route_of(row, ETW_ROUTE_SWITCH);
    (void)rows;
    if (route) {
        add_number(to, route->from.id);
    }
}

static void switch_port_name(const struct out_packet_rows *rows, struct text *to,
                             const struct packet_row *row)
{
    const struct corr_route *route = route_of(row, ETW_ROUTE_SWITCH);
    (void)rows;
    add_text(to, route ? route->from.name : NULL);
}

static void switch_nic(const struct out_packet_rows *rows, struct text *to,
                       const struct packet_row *row)
{
    const struct corr_route *route = route_of(row, ETW_ROUTE_SWITCH);
    (void)rows;
    add_text(to, route ? route->from.nic : NULL);
}

static void switch_nic_type(const struct out_packet_rows *rows, struct text *to,
                            const struct packet_row *row)
{
    const struct corr_route *route = route_of(row, ETW_ROUTE_SWITCH);
    (void)rows;
    add_text(to, route ? route->from.nic_type : NULL);
}

static void add_ports(struct text *to, const struct packet_row *row,
                      void (*add)(struct text *to, const struct corr_route *route))
{
    const struct corr_route *route = route_of(row, ETW_ROUTE_SWITCH);
    struct text list = {.maximum = LIST_MAXIMUM};
    if (route) {
        add(&list, route);
        add_text(to, text_get(&list));
    }
    text_done(&list);
}

static void switch_to_ports(const struct out_packet_rows *rows, struct text *to,
                            const struct packet_row *row)
{
    (void)rows;
    add_ports(to, row, out_route_add_ports);
}

static void switch_to_nics(const struct out_packet_rows *rows, struct text *to,
                           const struct packet_row *row)
{
    (void)rows;
    add_ports(to, row, out_route_add_nics);
}

static void switch_vlan(const struct out_packet_rows *rows, struct text *to,
                        const struct packet_row *row)
{
    (void)rows;
    if (row->packet->vlan > 0) {
        add_number(to, row->packet->vlan);
    }
}

static void ras_user(const struct out_packet_rows *rows, struct text *to,
                     const struct packet_row *row)
{
    const struct corr_route *route = route_of(row, ETW_ROUTE_RAS);
    (void)rows;
    add_text(to, route ? route->user : NULL);
}

static void ras_routing_domain(const struct out_packet_rows *rows, struct text *to,
                               const struct packet_row *row)
{
    const struct corr_route *route = route_of(row, ETW_ROUTE_RAS);
    (void)rows;
    add_text(to, route ? route->routing_domain : NULL);
}

/* ---- what the adapter does ---- */

static void offload(const struct out_packet_rows *rows, struct text *to,
                    const struct packet_row *row)
{
    (void)rows;
    const char *names[OUT_OFFLOAD_MAXIMUM];
    size_t count = out_offload_names(&row->packet->offload, names);
    for (size_t i = 0; i < count; i++) {
        text_add(to, i > 0 ? ";" : "");
        text_add(to, names[i]);
    }
}

static void segment_size(const struct out_packet_rows *rows, struct text *to,
                         const struct packet_row *row)
{
    (void)rows;
    if (row->packet->offload.segment_size > 0) {
        add_number(to, row->packet->offload.segment_size);
    }
}

static void segments(const struct out_packet_rows *rows, struct text *to,
                     const struct packet_row *row)
{
    (void)rows;
    if (row->packet->offload.coalesced > 0) {
        add_number(to, row->packet->offload.coalesced);
    }
}

static void checksum(const struct out_packet_rows *rows, struct text *to,
                     const struct packet_row *row)
{
    (void)rows;
    add_text(to, out_offload_checksum(&row->packet->offload));
}

static void vlan(const struct out_packet_rows *rows, struct text *to, const struct packet_row *row)
{
    (void)rows;
    if (row->packet->offload.has_vlan) {
        add_number(to, row->packet->offload.vlan);
    }
}

static void priority(const struct out_packet_rows *rows, struct text *to,
                     const struct packet_row *row)
{
    (void)rows;
    if (row->packet->offload.has_vlan) {
        add_number(to, row->packet->offload.priority);
    }
}

static void hash(const struct out_packet_rows *rows, struct text *to, const struct packet_row *row)
{
    (void)rows;
    if (row->packet->offload.has_hash) {
        text_add_format(to, "0x%" PRIx32, row->packet->offload.hash);
    }
}

static void virtual_subnet(const struct out_packet_rows *rows, struct text *to,
                           const struct packet_row *row)
{
    (void)rows;
    if (row->packet->offload.virtual_subnet > 0) {
        add_number(to, row->packet->offload.virtual_subnet);
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
    {"radio.frequency_mhz", radio_frequency},
    {"radio.rate_kbps", radio_rate},
    {"radio.signal_dbm", radio_signal},
    {"switch.port", switch_port},
    {"switch.port_name", switch_port_name},
    {"switch.nic", switch_nic},
    {"switch.nic_type", switch_nic_type},
    {"switch.to.port", switch_to_ports},
    {"switch.to.nic", switch_to_nics},
    {"switch.vlan", switch_vlan},
    {"ras.user", ras_user},
    {"ras.routing_domain", ras_routing_domain},
    {"offload", offload},
    {"segment_size", segment_size},
    {"segments", segments},
    {"checksum", checksum},
    {"vlan", vlan},
    {"priority", priority},
    {"hash", hash},
    {"virtual_subnet", virtual_subnet},
    {"on_behalf_of.pid", behalf_pid},
    {"on_behalf_of.process", behalf_process},
    {"evidence.file", evidence_files}, /* the last: only where there are several files */
};
/* clang-format on */

static size_t column_count(const struct out_packet_rows *rows)
{
    return sizeof(columns) / sizeof(columns[0]) - !rows->options.has_files;
}

static void csv_begin(struct out_packet_rows *rows)
{
    for (size_t i = 0; i < column_count(rows); i++) {
        text_add(&rows->line, i > 0 ? "," : "");
        text_add(&rows->line, columns[i].name);
    }
    text_add(&rows->line, "\n");
}

static void csv_row(struct out_packet_rows *rows, const struct packet_row *row)
{
    for (size_t i = 0; i < column_count(rows); i++) {
        if (i > 0) {
            text_add_char(&rows->line, ',');
        }
        columns[i].add(rows, &rows->line, row);
    }
    text_add(&rows->line, "\n");
}

const struct row_format packet_rows_csv = {.begin = csv_begin, .row = csv_row};
