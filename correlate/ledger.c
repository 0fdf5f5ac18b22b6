/* SPDX-License-Identifier: MIT */
/*
 * ledger.c - gives every event to the histories it concerns, and puts together what
 * they learned.
 *
 * To add a history: a member, its row in `new_parts` and `free`, its call in
 * `learn_socket` or `corr_ledger_learn`, its place in `finish_histories`.
 */
#include "correlate/ledger.h"

#include <stdlib.h>

#include "correlate/application_history.h"
#include "correlate/connection_begins.h"
#include "correlate/datagram_history.h"
#include "correlate/event_sockets.h"
#include "correlate/http_history.h"
#include "correlate/joins.h"
#include "correlate/kernel_flows.h"
#include "correlate/missing_endpoints.h"
#include "correlate/refusals.h"
#include "correlate/socket_table.h"
#include "correlate/tcp_history.h"

struct corr_ledger {
    struct corr_ledger_options options;
    struct corr_ledger_counts counts;
    /* All owned. The histories are gone when learning is over. */
    struct corr_processes *processes;
    struct corr_local_addresses *addresses;
    struct corr_name_history *names;
    struct missing_endpoints *missing;
    struct connection_begins *begins; /* NULL once finished */
    struct socket_table *sockets;
    struct tcp_history *tcp;
    struct datagram_history *datagrams;
    struct application_history *application;
    struct kernel_flows *kernel;
    struct joins *joins;
    struct http_history *http; /* read-only once finished */
};

static enum etw_status new_histories(struct corr_ledger *ledger, struct etw_error *error)
{
    enum etw_status status = socket_table_new(&ledger->sockets, error);
    if (!status) {
        status = tcp_history_new(ledger->sockets, &ledger->tcp, error);
    }
    if (!status) {
        status = datagram_history_new(ledger->sockets, &ledger->datagrams, error);
    }
    if (!status) {
        status = application_history_new(ledger->sockets, &ledger->application, error);
    }
    if (!status) {
        status = kernel_flows_new(ledger->sockets, &ledger->kernel, error);
    }
    if (!status) {
        status = joins_new(ledger->sockets, ledger->application, &ledger->joins, error);
    }
    return status;
}

static enum etw_status new_parts(struct corr_ledger *ledger, struct etw_error *error)
{
    enum etw_status status = corr_processes_new(&ledger->processes, error);
    if (!status) {
        status = corr_local_addresses_new(&ledger->addresses, error);
    }
    if (!status) {
        status = corr_name_history_new(&ledger->names, error);
    }
    if (!status) {
        status = missing_endpoints_new(&ledger->missing, error);
    }
    if (!status) {
        status = connection_begins_new(&ledger->begins, error);
    }
    if (!status) {
        status = http_history_new(&ledger->http, error);
    }
    return status ? status : new_histories(ledger, error);
}

enum etw_status corr_ledger_new(const struct corr_ledger_options *options, struct corr_ledger **out,
                                struct etw_error *error)
{
    struct corr_ledger *ledger = calloc(1, sizeof(*ledger));
    if (!ledger) {
        return etw_fail_memory(error, "the ledger");
    }
    ledger->options = *options;
    enum etw_status status = new_parts(ledger, error);
    if (status) {
        corr_ledger_free(ledger);
        return status;
    }
    *out = ledger;
    return ETW_OK;
}

static void free_histories(struct corr_ledger *ledger)
{
    joins_free(ledger->joins);
    kernel_flows_free(ledger->kernel);
    application_history_free(ledger->application);
    datagram_history_free(ledger->datagrams);
    tcp_history_free(ledger->tcp);
    ledger->joins = NULL;
    ledger->kernel = NULL;
    ledger->application = NULL;
    ledger->datagrams = NULL;
    ledger->tcp = NULL;
}

void corr_ledger_free(struct corr_ledger *ledger)
{
    if (!ledger) {
        return;
    }
    free_histories(ledger);
    socket_table_free(ledger->sockets);
    missing_endpoints_free(ledger->missing);
    connection_begins_free(ledger->begins);
    http_history_free(ledger->http);
    corr_name_history_free(ledger->names);
    corr_local_addresses_free(ledger->addresses);
    corr_processes_free(ledger->processes);
    free(ledger);
}

/* ---- learning ---- */

/* The row that the history of its layer found. */
static uint32_t learn_layer(struct corr_ledger *ledger, const struct etw_event *event)
{
    switch (event->u.socket.layer) {
    case ETW_LAYER_APPLICATION:
        return application_history_learn(ledger->application, event);
    case ETW_LAYER_KERNEL:
        return kernel_flows_learn(ledger->kernel, event);
    case ETW_LAYER_STACK:
        return tcp_history_takes(event) ? tcp_history_learn(ledger->tcp, event)
                                        : datagram_history_learn(ledger->datagrams, event);
    default:
        return CORR_NO_ROW;
    }
}

/* The stack also tells of what becomes a socket later, and of packets that have none. */
static bool is_about_socket(const struct etw_socket *socket)
{
    const uint32_t ends = ETW_HAS_LOCAL | ETW_HAS_REMOTE;
    switch (socket->handles[0].space) {
    case ETW_HANDLE_TCB:
    case ETW_HANDLE_LISTENER:
    case ETW_HANDLE_UDP_ENDPOINT:
    case ETW_HANDLE_RAW_ENDPOINT:
        return true;
    default:
        return (socket->has & ends) == ends && socket->local.has_port && socket->remote.has_port &&
               !socket->is_listener_missing;
    }
}

/* The event names the process with its path: it was there. */
static enum etw_status learn_image(struct corr_ledger *ledger, const struct etw_event *event,
                                   struct etw_error *error)
{
    const struct etw_socket *socket = &event->u.socket;
    struct etw_event process = {.kind = ETW_EVENT_PROCESS, .record = event->record};
    process.u.process = (struct etw_process){.phase = ETW_PHASE_RUNDOWN,
                                             .pid = socket->pid,
                                             .session = UINT32_MAX,
                                             .image = socket->image,
                                             .is_image_utf16 = true};
    bool is_named = (socket->has & ETW_HAS_PID) != 0 && socket->image.size > 0;
    return is_named ? corr_processes_learn(ledger->processes, &process, error) : ETW_OK;
}

static enum etw_status learn_socket(struct corr_ledger *ledger, const struct etw_event *event,
                                    struct etw_error *error)
{
    if (corr_event_is_smb(event)) {
        return ETW_OK;
    }
    uint32_t row = learn_layer(ledger, event);
    socket_table_see(ledger->sockets, row, event->record->time);
    joins_learn(ledger->joins, event, row);
    ledger->counts.events++;
    ledger->counts.unplaced += row == CORR_NO_ROW &&
                               event->u.socket.layer != ETW_LAYER_APPLICATION &&
                               is_about_socket(&event->u.socket);
    if (socket_table_failed(ledger->sockets)) {
        return etw_fail_memory(error, "the sockets");
    }
    enum etw_status status = missing_endpoints_learn(ledger->missing, event, error);
    status = status ? status : learn_image(ledger, event, error);
    return status ? status : corr_local_addresses_learn(ledger->addresses, event, error);
}

/* Where no event says that nobody listens, the stack's answer says it. */
static enum etw_status learn_packet(struct corr_ledger *ledger, const struct etw_event *event,
                                    struct etw_error *error)
{
    struct etw_event refusal;
    enum etw_status status = connection_begins_learn(ledger->begins, event, error);
    if (!status && refusal_of_packet(event, &refusal)) {
        status = missing_endpoints_learn(ledger->missing, &refusal, error);
    }
    return status;
}

static enum etw_status learn_event(struct corr_ledger *ledger, const struct etw_event *event,
                                   struct etw_error *error)
{
    switch (event->kind) {
    case ETW_EVENT_SOCKET:
        return learn_socket(ledger, event, error);
    case ETW_EVENT_PROCESS:
        if (event->u.process.is_end && event->u.process.phase == ETW_PHASE_SINGLE) {
            application_history_process_ended(ledger->application, event->u.process.pid);
        }
        return corr_processes_learn(ledger->processes, event, error);
    case ETW_EVENT_SERVICE:
        return corr_processes_learn(ledger->processes, event, error);
    case ETW_EVENT_ADDRESS:
    case ETW_EVENT_COMPONENT_FACT:
        return corr_local_addresses_learn(ledger->addresses, event, error);
    case ETW_EVENT_PACKET:
        return learn_packet(ledger, event, error);
    case ETW_EVENT_NAME:
        return corr_name_history_learn(ledger->names, event, error);
    default:
        return ETW_OK;
    }
}

enum etw_status corr_ledger_learn(struct corr_ledger *ledger, const struct etw_event *event,
                                  struct etw_error *error)
{
    enum etw_status status = learn_event(ledger, event, error);
    return status ? status : http_history_learn(ledger->http, event, error);
}

/* ---- finishing ---- */

static void finish_histories(struct corr_ledger *ledger)
{
    struct tcp_history_counts tcp;
    struct datagram_history_counts datagrams;
    struct application_history_counts application;
    joins_finish(ledger->joins);
    application_history_finish(ledger->application);
    tcp_history_finish(ledger->tcp);
    kernel_flows_finish(ledger->kernel);
    missing_endpoints_finish(ledger->missing);
    tcp_history_get_counts(ledger->tcp, &tcp);
    datagram_history_get_counts(ledger->datagrams, &datagrams);
    application_history_get_counts(ledger->application, &application);
    joins_get_counts(ledger->joins, &ledger->counts.joins, &ledger->counts.unjoined);
    ledger->counts.unplaced += application.unplaced;
    ledger->counts.missed_opens =
        tcp.missed_opens + datagrams.missed_opens + application.missed_opens;
    ledger->counts.missed_closes =
        tcp.missed_closes + datagrams.missed_closes + application.missed_closes;
    ledger->counts.contradictions = socket_table_contradictions(ledger->sockets);
}

static enum etw_status finish_http(struct corr_ledger *ledger, struct etw_error *error)
{
    const struct corr_socket *sockets = NULL;
    size_t count = corr_ledger_sockets(ledger, &sockets);
    return http_history_finish(ledger->http, sockets, count, ledger->processes, error);
}

enum etw_status corr_ledger_finish(struct corr_ledger *ledger, struct etw_error *error)
{
    finish_histories(ledger);
    free_histories(ledger);
    connection_begins_finish(ledger->begins);
    socket_table_bound_lives(ledger->sockets, ledger->begins, ledger->options.has_loss);
    connection_begins_free(ledger->begins);
    ledger->begins = NULL;
    enum etw_status status = socket_table_mention(ledger->sockets, ledger->processes, error);
    if (!status) {
        status = http_history_mention(ledger->http, ledger->processes, error);
    }
    if (!status) {
        status = corr_processes_finish(ledger->processes, error);
    }
    if (!status) {
        status = socket_table_finish(ledger->sockets, ledger->processes, ledger->options.has_loss,
                                     error);
    }
    return status ? status : finish_http(ledger, error);
}

/* ---- looking ---- */

size_t corr_ledger_sockets(const struct corr_ledger *ledger, const struct corr_socket **rows)
{
    size_t count = 0;
    *rows = socket_table_rows(ledger->sockets, &count);
    return count;
}

size_t corr_ledger_states(const struct corr_ledger *ledger, uint32_t socket,
                          struct corr_state_change *changes, size_t maximum)
{
    return socket_table_states(ledger->sockets, socket, changes, maximum);
}

size_t corr_ledger_state_count(const struct corr_ledger *ledger, uint32_t socket)
{
    return socket_table_state_count(ledger->sockets, socket);
}

bool corr_ledger_state_at(const struct corr_ledger *ledger, uint32_t socket, int64_t time,
                          enum corr_tcp_state *state)
{
    return socket_table_state_at(ledger->sockets, socket, time, state);
}

bool corr_ledger_has_flow(const struct corr_ledger *ledger, uint32_t socket,
                          const struct corr_endpoint *remote)
{
    return socket_table_has_flow(ledger->sockets, socket, remote);
}

bool corr_ledger_has_stray_flow(const struct corr_ledger *ledger,
                                const struct corr_endpoint *remote)
{
    return socket_table_has_stray_flow(ledger->sockets, remote);
}

bool corr_ledger_is_missing(const struct corr_ledger *ledger, uint8_t protocol,
                            const struct corr_endpoint *local, const struct corr_endpoint *remote,
                            int64_t time)
{
    return missing_endpoints_has(ledger->missing, protocol, local, remote, time);
}

const struct corr_processes *corr_ledger_processes(const struct corr_ledger *ledger)
{
    return ledger->processes;
}

const struct corr_local_addresses *corr_ledger_addresses(const struct corr_ledger *ledger)
{
    return ledger->addresses;
}

const struct corr_name_history *corr_ledger_names(const struct corr_ledger *ledger)
{
    return ledger->names;
}

const struct corr_http *corr_ledger_http(const struct corr_ledger *ledger, uint32_t socket)
{
    return http_history_find(ledger->http, socket);
}

uint32_t corr_ledger_http_socket(const struct corr_ledger *ledger, uint32_t connection)
{
    return http_history_socket(ledger->http, connection);
}

const struct corr_ledger_options *corr_ledger_get_options(const struct corr_ledger *ledger)
{
    return &ledger->options;
}

void corr_ledger_get_counts(const struct corr_ledger *ledger, struct corr_ledger_counts *counts)
{
    *counts = ledger->counts;
}
