/* SPDX-License-Identifier: MIT */
#include "pcapout/owners.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "etw/base/net_address.h"
#include "etw/base/utc_time.h"
#include "pcapout/escape.h"
#include "pcapout/event_sentences.h"
#include "pcapout/places.h"

const struct corr_process *out_owner_of(const struct corr_ledger *ledger,
                                        const struct corr_verdict *verdict)
{
    if (!ledger || verdict->process == CORR_NO_ROW) {
        return NULL;
    }
    return corr_processes_get(corr_ledger_processes(ledger), verdict->process);
}

const struct corr_socket *out_socket_of(const struct corr_ledger *ledger,
                                        const struct corr_verdict *verdict)
{
    const struct corr_socket *rows = NULL;
    if (!ledger || verdict->socket == CORR_NO_ROW) {
        return NULL;
    }
    size_t count = corr_ledger_sockets(ledger, &rows);
    return verdict->socket < count ? &rows[verdict->socket] : NULL;
}

void out_process_format(const struct corr_process *process, char text[OUT_PROCESS_TEXT_SIZE])
{
    char name[OUT_PROCESS_TEXT_SIZE - 16];
    out_copy_cut(name, sizeof(name), process->name);
    (void)snprintf(text, OUT_PROCESS_TEXT_SIZE, name[0] ? "%s (%" PRIu32 ")" : "%spid %" PRIu32,
                   name, process->pid);
}

/* ---- chains ---- */

static const char *const handle_names[] = {
    [CORR_CLIENT] = "tcb",        [CORR_SERVER] = "tcb",       [CORR_LISTENER] = "listener",
    [CORR_DATAGRAM] = "endpoint", [CORR_RAW] = "raw endpoint",
};

/* What the last link says in front of the pid. */
static const char *pid_words(const struct corr_socket *socket)
{
    switch (corr_evidence_rule(socket->evidence[0])) {
    case CORR_RULE_KERNEL_EVENT:
        return "kernel event <- pid";
    case CORR_RULE_RUNDOWN:
        return "rundown <- pid";
    case CORR_RULE_CALLER:
        return "header <- pid";
    default:
        return "pid";
    }
}

void out_add_socket_chain(struct text *to, const struct corr_socket *socket,
                          const struct corr_process *process)
{
    if (socket && socket->handle) {
        text_add_format(to, "%s 0x%" PRIx64 " <- ", handle_names[socket->role], socket->handle);
    }
    if (socket && socket->application) {
        text_add_format(to, "socket 0x%" PRIx64 " <- ", socket->application);
    }
    text_add_format(to, "%s %" PRIu32, socket ? pid_words(socket) : "pid", process->pid);
}

static const struct {
    enum corr_rule rule;
    const char *words;
} packet_links[] = {
    {CORR_RULE_FRAGMENT, "first fragment <- "},
    {CORR_RULE_QUOTED, "quoted packet <- "},
    {CORR_RULE_LISTENER_PORT, "attempt <- "},
};

void out_add_packet_chain(struct text *to, const struct corr_verdict *verdict,
                          const struct corr_socket *socket, const struct corr_process *process)
{
    for (size_t i = 0; i < sizeof(packet_links) / sizeof(packet_links[0]); i++) {
        if (packet_links[i].rule == (enum corr_rule)verdict->rule) {
            text_add(to, packet_links[i].words);
        }
    }
    out_add_socket_chain(to, socket, process);
}

/* ---- JSON ---- */

static void add_known(struct json_writer *j, const char *name, const char *value)
{
    if (value[0]) {
        json_string(j, name, value);
    }
}

void out_json_process(struct json_writer *j, const char *name,
                      const struct corr_processes *processes, const struct corr_process *process)
{
    json_begin_object(j, name);
    json_u64(j, "pid", process->pid);
    add_known(j, "process", process->name);
    add_known(j, "path", process->path);
    if (process->has_start) {
        char time[UTC_TEXT_SIZE];
        (void)utc_format(process->started, 0, time);
        json_string(j, "started", time);
    }
    if (process->service_count > 0) {
        json_begin_array(j, "services");
        for (uint32_t i = 0; i < process->service_count; i++) {
            json_string(j, NULL, corr_processes_service(processes, process, i));
        }
        json_end_array(j);
    }
    add_known(j, "user", process->user);
    json_end_object(j);
}

void out_json_evidence(struct json_writer *j, const struct corr_socket *socket)
{
    for (int i = 0; i < CORR_EVIDENCE_MAXIMUM && socket->evidence[i] != 0; i++) {
        json_begin_object(j, NULL);
        json_string(j, "rule", corr_rule_name(corr_evidence_rule(socket->evidence[i])));
        out_json_place(j, corr_evidence_offset(socket->evidence[i]));
        json_end_object(j);
    }
}

/* ---- words ---- */

static const char *const role_names[] = {
    [CORR_CLIENT] = "client",     [CORR_SERVER] = "server", [CORR_LISTENER] = "listener",
    [CORR_DATAGRAM] = "datagram", [CORR_RAW] = "raw",
};

static const char *const cause_names[] = {
    [CORR_CAUSE_OPEN] = "open",
    [CORR_CAUSE_UNKNOWN] = "unknown",
    [CORR_CAUSE_LOCAL_CLOSE] = "local-close",
    [CORR_CAUSE_PEER_CLOSE] = "peer-close",
    [CORR_CAUSE_LOCAL_ABORT] = "local-abort",
    [CORR_CAUSE_PEER_RESET] = "peer-reset",
    [CORR_CAUSE_REFUSED] = "refused",
    [CORR_CAUSE_TIMEOUT] = "timeout",
    [CORR_CAUSE_NO_LISTENER] = "no-listener",
};

static const char *const bytes_from_names[] = {
    [CORR_BYTES_NONE] = "",         [CORR_BYTES_APPLICATION] = "afd", [CORR_BYTES_STACK] = "tcpip",
    [CORR_BYTES_KERNEL] = "kernel", [CORR_BYTES_PACKETS] = "packets",
};

const char *out_state_name(enum corr_tcp_state state)
{
    const char *name = out_tcp_state_name(state);
    return name ? name : "";
}

const char *out_role_name(enum corr_role role)
{
    return role_names[role];
}

const char *out_cause_name(enum corr_cause cause)
{
    return cause_names[cause];
}

const char *out_bytes_from_name(enum corr_bytes_from from)
{
    return bytes_from_names[from];
}

void out_socket_end_format(const struct corr_endpoint *end, char text[OUT_SOCKET_END_SIZE])
{
    char *at = text;
    bool has_brackets = end->size == 16 && end->port > 0;
    if (has_brackets) {
        *at++ = '[';
    }
    if (end->size == 4) {
        at = net_put_ipv4(at, end->bytes);
    } else if (end->size == 16) {
        at = net_put_ipv6(at, end->bytes);
    } else if (end->port > 0) {
        *at++ = '*';
    }
    if (has_brackets) {
        *at++ = ']';
    }
    if (end->port > 0) {
        *at++ = ':';
        at = net_put_decimal(at, end->port);
    }
    *at = '\0';
}
