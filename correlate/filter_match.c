/* SPDX-License-Identifier: MIT */
/*
 * filter_match.c - a packet or socket matches when every list of wishes that is not
 * empty has one that matches.
 */
#include <stdlib.h>
#include <string.h>

#include "correlate/filter_names.h"
#include "correlate/filter_wishes.h"
#include "correlate/http.h"
#include "correlate/ledger.h"

/* ---- what is meant, in a ledger ---- */

static bool is_in_range(const struct range *range, uint64_t value)
{
    return value >= range->from && value <= range->to;
}

static bool is_pid_meant(const struct corr_filter *filter, uint32_t pid)
{
    const struct wishes *pids = &filter->wishes[WISH_PID];
    for (size_t i = 0; i < pids->count; i++) {
        if (is_in_range(&pids->rows[i].u.range, pid)) {
            return true;
        }
    }
    return pids->count == 0;
}

static bool is_name_meant(const struct corr_filter *filter, const struct corr_process *process)
{
    const struct wishes *names = &filter->wishes[WISH_PROCESS];
    for (size_t i = 0; i < names->count; i++) {
        if (corr_process_is_meant(names->rows[i].u.name, process->name, process->path)) {
            return true;
        }
    }
    return names->count == 0;
}

static bool is_connection_meant(const struct corr_filter *filter, const struct corr_socket *socket)
{
    const struct wishes *connections = &filter->wishes[WISH_CONNECTION];
    for (size_t i = 0; i < connections->count; i++) {
        if (is_in_range(&connections->rows[i].u.range, socket->id)) {
            return true;
        }
    }
    return connections->count == 0;
}

static bool meant_init(struct meant *meant, size_t count)
{
    free(meant->bits);
    *meant = (struct meant){.bits = calloc(count / 8 + 1, 1), .count = count};
    return meant->bits != NULL;
}

static void meant_add(struct meant *meant, size_t row)
{
    if (row < meant->count) {
        meant->bits[row / 8] |= (uint8_t)(1u << row % 8);
    }
}

/* Rows that the ledger did not have, CORR_NO_ROW among them, are not meant. */
static bool meant_has(const struct meant *meant, uint32_t row)
{
    return meant->bits && row < meant->count && (meant->bits[row / 8] >> row % 8 & 1) != 0;
}

bool corr_filter_needs_ledger(const struct corr_filter *filter)
{
    return (filter->kinds & LEDGER_KINDS) != 0;
}

bool corr_filter_has_process(const struct corr_filter *filter)
{
    return (filter->kinds & OWNER_KINDS) != 0;
}

enum etw_status corr_filter_bind_rows(struct corr_filter *filter,
                                      const struct corr_process *processes, size_t process_count,
                                      const struct corr_socket *sockets, size_t socket_count,
                                      struct etw_error *error)
{
    if (!corr_filter_needs_ledger(filter)) {
        return ETW_OK;
    }
    if (!meant_init(&filter->processes, process_count) ||
        !meant_init(&filter->sockets, socket_count) ||
        !meant_init(&filter->answered_alone, socket_count) ||
        !meant_init(&filter->answered, socket_count + 1)) {
        filter->processes.count = filter->sockets.count = 0;
        filter->answered_alone.count = filter->answered.count = 0;
        return etw_fail_memory(error, "the filter");
    }
    for (size_t i = 0; i < process_count; i++) {
        if (is_pid_meant(filter, processes[i].pid) && is_name_meant(filter, &processes[i])) {
            meant_add(&filter->processes, i);
        }
    }
    for (size_t i = 0; i < socket_count; i++) {
        if (is_connection_meant(filter, &sockets[i])) {
            meant_add(&filter->sockets, i);
        }
    }
    return ETW_OK;
}

/* Where the kernel answers for other processes. */
static void bind_http(struct corr_filter *filter, const struct corr_ledger *ledger,
                      const struct corr_socket *sockets, size_t count)
{
    for (uint32_t row = 0; row < count; row++) {
        const struct corr_http *http = corr_ledger_http(ledger, row);
        for (uint8_t i = 0; http && i < http->worker_count; i++) {
            bool is_meant = meant_has(&filter->processes, http->workers[i].process);
            if (is_meant && sockets[row].id > 0) {
                meant_add(&filter->answered, sockets[row].id);
            }
            if (is_meant && corr_http_behalf(http)) {
                meant_add(&filter->answered_alone, row);
            }
        }
    }
}

enum etw_status corr_filter_bind(struct corr_filter *filter, const struct corr_ledger *ledger,
                                 struct etw_error *error)
{
    const struct corr_process *processes = NULL;
    const struct corr_socket *sockets = NULL;
    size_t process_count = corr_processes_list(corr_ledger_processes(ledger), &processes);
    size_t socket_count = corr_ledger_sockets(ledger, &sockets);
    enum etw_status status =
        corr_filter_bind_rows(filter, processes, process_count, sockets, socket_count, error);
    if (!status && corr_filter_has_process(filter)) {
        bind_http(filter, ledger, sockets, socket_count);
    }
    return status;
}

static bool is_owner_meant(const struct corr_filter *filter, uint32_t process)
{
    return !corr_filter_has_process(filter) || meant_has(&filter->processes, process);
}

/* Its owner, or the process that it is for. */
static bool is_anybody_meant(const struct corr_filter *filter, const struct corr_packet *packet)
{
    const struct corr_verdict *verdict = &packet->verdict;
    return is_owner_meant(filter, verdict->process) ||
           (packet->behalf ? meant_has(&filter->processes, packet->behalf->process)
                           : meant_has(&filter->answered_alone, verdict->socket));
}

/* ---- matching ---- */

static bool is_in_network(const struct host *host, const struct corr_address *address)
{
    size_t whole = host->bits / 8;
    unsigned rest = host->bits % 8;
    if (address->size != host->address.size ||
        memcmp(address->bytes, host->address.bytes, whole) != 0) {
        return false;
    }
    return rest == 0 || (address->bytes[whole] ^ host->address.bytes[whole]) >> (8 - rest) == 0;
}

static bool matches_host(const struct wish *wish, const struct corr_packet *packet)
{
    return is_in_network(&wish->u.host, &packet->layers.source) ||
           is_in_network(&wish->u.host, &packet->layers.destination);
}

static bool matches_port(const struct wish *wish, const struct corr_packet *packet)
{
    return packet->layers.has_ports &&
           (is_in_range(&wish->u.range, packet->layers.source_port) ||
            is_in_range(&wish->u.range, packet->layers.destination_port));
}

static bool is_endpoint(const struct tuple *tuple, int side, const struct corr_address *address,
                        uint16_t port)
{
    const struct corr_address *wanted = &tuple->addresses[side];
    return tuple->ports[side] == port && wanted->size == address->size &&
           memcmp(wanted->bytes, address->bytes, wanted->size) == 0;
}

static bool matches_tuple(const struct wish *wish, const struct corr_packet *packet)
{
    const struct tuple *tuple = &wish->u.tuple;
    const struct corr_layers *layers = &packet->layers;
    for (int side = 0; layers->has_ports && side < 2; side++) {
        if (is_endpoint(tuple, side, &layers->source, layers->source_port) &&
            is_endpoint(tuple, 1 - side, &layers->destination, layers->destination_port)) {
            return true;
        }
    }
    return false;
}

static bool matches_protocol(const struct wish *wish, const struct corr_packet *packet)
{
    const struct corr_layers *layers = &packet->layers;
    const struct protocol *protocol = &wish->u.protocol;
    bool is_ip = layers->network == CORR_NETWORK_IPV4 || layers->network == CORR_NETWORK_IPV6;
    switch (protocol->kind) {
    case PROTOCOL_IP:
        return is_ip && layers->ip_protocol == protocol->number;
    case PROTOCOL_NETWORK:
        return layers->network == (enum corr_network)protocol->number;
    case PROTOCOL_ANY_IP:
        return is_ip;
    case PROTOCOL_ETHER:
        return layers->ether_type == protocol->number;
    }
    return false;
}

static bool matches_frame(const struct wish *wish, const struct corr_packet *packet)
{
    return packet->frame != 0 && is_in_range(&wish->u.range, packet->frame);
}

static bool matches_capture(const struct wish *wish, const struct corr_packet *packet)
{
    return wish->u.capture == packet->capture || packet->capture == ETW_CAPTURE_NONE;
}

static bool (*const matchers[WISH_KIND_COUNT])(const struct wish *, const struct corr_packet *) = {
    [WISH_HOST] = matches_host,   [WISH_PORT] = matches_port,
    [WISH_TUPLE] = matches_tuple, [WISH_PROTOCOL] = matches_protocol,
    [WISH_FRAME] = matches_frame, [WISH_CAPTURE] = matches_capture,
};

static bool matches_any(const struct wishes *wishes, int kind, const struct corr_packet *packet)
{
    for (size_t i = 0; i < wishes->count; i++) {
        if (matchers[kind](&wishes->rows[i], packet)) {
            return true;
        }
    }
    return false;
}

/* Are all `kinds` that have wishes fulfilled? None of them is a LEDGER_KINDS. */
static bool matches_kinds(const struct corr_filter *filter, uint32_t kinds,
                          const struct corr_packet *packet)
{
    kinds &= filter->kinds;
    for (int kind = 0; kinds != 0; kind++, kinds >>= 1) {
        if ((kinds & 1) != 0 && !matches_any(&filter->wishes[kind], kind, packet)) {
            return false;
        }
    }
    return true;
}

bool corr_filter_matches_at_any_time(const struct corr_filter *filter,
                                     const struct corr_packet *packet)
{
    bool has_connection = (filter->kinds & 1u << WISH_CONNECTION) != 0;
    if (has_connection && !meant_has(&filter->sockets, packet->verdict.socket)) {
        return false;
    }
    return is_anybody_meant(filter, packet) &&
           matches_kinds(filter, ~(uint32_t)LEDGER_KINDS, packet);
}

bool corr_filter_matches(const struct corr_filter *filter, const struct corr_packet *packet)
{
    return packet->time >= filter->from && packet->time <= filter->to &&
           corr_filter_matches_at_any_time(filter, packet);
}

bool corr_filter_is_before(const struct corr_filter *filter, const struct corr_packet *packet)
{
    return packet->time < filter->from && corr_filter_matches_at_any_time(filter, packet);
}

/* ---- sockets: as a packet from their local to their remote end ---- */

static struct corr_address address_of(const struct corr_endpoint *endpoint)
{
    struct corr_address address = {.size = endpoint->size};
    memcpy(address.bytes, endpoint->bytes, sizeof(address.bytes));
    return address;
}

static void layers_of_socket(const struct corr_socket *socket, struct corr_layers *layers)
{
    uint8_t size = socket->local.size ? socket->local.size : socket->remote.size;
    *layers = (struct corr_layers){
        .network = size == 16 ? CORR_NETWORK_IPV6 : CORR_NETWORK_IPV4,
        .ether_type = size == 16 ? 0x86DD : 0x0800,
        .ip_protocol = socket->protocol,
        .has_ports = socket->role != CORR_RAW,
        .source_port = socket->local.port,
        .destination_port = socket->remote.port,
        .source = address_of(&socket->local),
        .destination = address_of(&socket->remote),
    };
}

bool corr_filter_matches_socket(const struct corr_filter *filter, const struct corr_socket *socket)
{
    const uint32_t others = LEDGER_KINDS | 1u << WISH_FRAME | 1u << WISH_CAPTURE;
    bool has_connection = (filter->kinds & 1u << WISH_CONNECTION) != 0;
    bool is_open = socket->opened <= filter->to && socket->closed >= filter->from;
    if (!is_open || (has_connection && !is_connection_meant(filter, socket)) ||
        (!is_owner_meant(filter, socket->process) && !meant_has(&filter->answered, socket->id))) {
        return false;
    }
    struct corr_packet packet = {.frame = 0};
    layers_of_socket(socket, &packet.layers);
    return matches_kinds(filter, ~others, &packet);
}
