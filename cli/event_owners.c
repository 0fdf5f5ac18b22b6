/* SPDX-License-Identifier: MIT */
#include "cli/event_owners.h"

#include <stdlib.h>
#include <string.h>

#include "cli/option_parser.h"
#include "correlate/event_sockets.h"
#include "correlate/filter.h"

struct cli_event_owners {
    struct corr_filter *processes;      /* --pid, --process; NULL: neither is given */
    struct corr_filter *connections;    /* --connection; NULL: not given */
    const struct corr_ledger *ledger;   /* borrowed; NULL until bound */
    struct corr_event_sockets *sockets; /* owned */
    bool has_names;                     /* --process is given */
    uint32_t *pids;                     /* of --pid; owned */
    size_t pid_count;
};

static enum etw_status add_values(
    struct corr_filter **filter, const struct cli_arguments *arguments, enum cli_option_id option,
    enum etw_status (*add)(struct corr_filter *filter, const char *value, struct etw_error *error),
    struct etw_error *error)
{
    enum etw_status status = ETW_OK;
    const char *value;
    for (size_t n = 0; !status && (value = cli_arguments_value(arguments, option, n)); n++) {
        if (!*filter && !(*filter = corr_filter_new())) {
            return etw_fail_memory(error, "the filter");
        }
        status = add(*filter, value, error);
    }
    return status;
}

static size_t count_values(const struct cli_arguments *arguments, enum cli_option_id option)
{
    size_t count = 0;
    while (cli_arguments_value(arguments, option, count)) {
        count++;
    }
    return count;
}

/* The filter has accepted all of them, so they are numbers. */
static enum etw_status keep_pids(struct cli_event_owners *owners,
                                 const struct cli_arguments *arguments, struct etw_error *error)
{
    size_t count = count_values(arguments, CLI_OPTION_PID);
    owners->pids = malloc((count + 1) * sizeof(*owners->pids));
    if (!owners->pids) {
        return etw_fail_memory(error, "the filter");
    }
    for (; owners->pid_count < count; owners->pid_count++) {
        const char *value = cli_arguments_value(arguments, CLI_OPTION_PID, owners->pid_count);
        owners->pids[owners->pid_count] = (uint32_t)strtoul(value, NULL, 10);
    }
    return ETW_OK;
}

static enum etw_status add_options(struct cli_event_owners *owners,
                                   const struct cli_arguments *arguments, struct etw_error *error)
{
    enum etw_status status =
        add_values(&owners->processes, arguments, CLI_OPTION_PID, corr_filter_add_pid, error);
    if (!status) {
        status = add_values(&owners->processes, arguments, CLI_OPTION_PROCESS,
                            corr_filter_add_process, error);
    }
    if (!status) {
        status = add_values(&owners->connections, arguments, CLI_OPTION_CONNECTION,
                            corr_filter_add_connection, error);
    }
    return status ? status : keep_pids(owners, arguments, error);
}

enum etw_status cli_event_owners_new(const struct cli_arguments *arguments,
                                     struct cli_event_owners **out, struct etw_error *error)
{
    *out = NULL;
    bool is_given = cli_arguments_has(arguments, CLI_OPTION_PID) ||
                    cli_arguments_has(arguments, CLI_OPTION_PROCESS) ||
                    cli_arguments_has(arguments, CLI_OPTION_CONNECTION);
    if (!is_given) {
        return ETW_OK;
    }
    struct cli_event_owners *owners = calloc(1, sizeof(*owners));
    if (!owners) {
        return etw_fail_memory(error, "the filter");
    }
    owners->has_names = cli_arguments_has(arguments, CLI_OPTION_PROCESS);
    enum etw_status status = add_options(owners, arguments, error);
    if (status) {
        cli_event_owners_free(owners);
        return status;
    }
    *out = owners;
    return ETW_OK;
}

void cli_event_owners_free(struct cli_event_owners *owners)
{
    if (owners) {
        corr_filter_free(owners->processes);
        corr_filter_free(owners->connections);
        corr_event_sockets_free(owners->sockets);
        free(owners->pids);
        free(owners);
    }
}

enum etw_status cli_event_owners_bind(struct cli_event_owners *owners,
                                      const struct corr_ledger *ledger, struct etw_error *error)
{
    enum etw_status status = corr_event_sockets_new(ledger, &owners->sockets, error);
    if (!status && owners->processes) {
        status = corr_filter_bind(owners->processes, ledger, error);
    }
    if (!status && owners->connections) {
        status = corr_filter_bind(owners->connections, ledger, error);
    }
    owners->ledger = ledger;
    return status;
}

/* ---- matching ---- */

static bool is_wanted_pid(const struct cli_event_owners *owners, uint32_t pid)
{
    for (size_t i = 0; pid != 0 && i < owners->pid_count; i++) {
        if (owners->pids[i] == pid) {
            return true;
        }
    }
    return false;
}

static uint32_t owner_of_socket(const struct cli_event_owners *owners, uint32_t socket)
{
    const struct corr_socket *rows = NULL;
    size_t count = corr_ledger_sockets(owners->ledger, &rows);
    bool has_owner = socket < count && (rows[socket].flags & CORR_SOCKET_CONTRADICTED) == 0;
    return has_owner ? rows[socket].process : CORR_NO_ROW;
}

/* The process that a model event names, with what tells it from others of the same pid. */
static uint32_t process_named(const struct cli_event_owners *owners, const struct etw_event *event,
                              uint32_t payload_pid)
{
    uint64_t start_key = 0;
    if (event->kind == ETW_EVENT_PROCESS && event->u.process.pid == payload_pid) {
        start_key = event->u.process.start_key;
    } else if (event->kind == ETW_EVENT_SOCKET && (event->u.socket.has & ETW_HAS_START_KEY) != 0 &&
               event->u.socket.pid == payload_pid) {
        start_key = event->u.socket.start_key;
    }
    return corr_processes_find(corr_ledger_processes(owners->ledger), payload_pid, start_key,
                               event->record->time);
}

bool cli_event_owners_match(const struct cli_event_owners *owners, const struct etw_event *event,
                            uint32_t payload_pid)
{
    bool has_pid = !owners->has_names && is_wanted_pid(owners, payload_pid);
    if (!owners->ledger) {
        return has_pid && !owners->connections;
    }
    struct corr_packet packet = {
        .verdict = {.socket = corr_event_sockets_find(owners->sockets, event)}};
    packet.verdict.process = owner_of_socket(owners, packet.verdict.socket);
    if (owners->connections && !corr_filter_matches(owners->connections, &packet)) {
        return false;
    }
    if (packet.verdict.process == CORR_NO_ROW) {
        packet.verdict.process = process_named(owners, event, payload_pid);
    }
    packet.verdict.socket = CORR_NO_ROW; /* its owner is asked for, not whom that works for */
    if (!owners->processes || corr_filter_matches(owners->processes, &packet)) {
        return true;
    }
    return packet.verdict.process == CORR_NO_ROW && has_pid;
}
