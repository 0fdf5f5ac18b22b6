/* SPDX-License-Identifier: MIT */
#include "pcapout/http_rows.h"

#include <inttypes.h>

#include "correlate/attribution.h"
#include "pcapout/places.h"

static void add_known(struct json_writer *j, const char *name, const char *value)
{
    if (value[0]) {
        json_string(j, name, value);
    }
}

void out_json_behalf_element(struct json_writer *j, const struct corr_processes *processes,
                             const struct corr_behalf *behalf, uint64_t packets)
{
    const struct corr_process *process = corr_processes_get(processes, behalf->process);
    json_begin_object(j, NULL);
    json_u64(j, "pid", process->pid);
    add_known(j, "process", process->name);
    add_known(j, "path", process->path);
    json_string(j, "confidence", corr_confidence_name((enum corr_confidence)behalf->confidence));
    json_begin_array(j, "evidence");
    json_begin_object(j, NULL);
    json_string(j, "rule", corr_rule_name((enum corr_rule)behalf->rule));
    out_json_place(j, behalf->offset);
    json_end_object(j);
    json_end_array(j);
    if (packets > 0) {
        json_u64(j, "packets", packets);
    }
    json_end_object(j);
}

void out_json_behalf(struct json_writer *j, const struct corr_processes *processes,
                     const struct corr_behalf *behalf)
{
    json_begin_array(j, "on_behalf_of");
    out_json_behalf_element(j, processes, behalf, 0);
    json_end_array(j);
}

void out_json_http(struct json_writer *j, const struct corr_processes *processes,
                   const struct corr_http *http)
{
    if (!http) {
        return;
    }
    json_begin_object(j, "http");
    add_known(j, "host", http->host);
    add_known(j, "request", http->request);
    if (http->status > 0) {
        json_u64(j, "status", http->status);
    }
    json_u64(j, "requests", http->requests);
    add_known(j, "queue", http->queue);
    json_end_object(j);
    if (http->worker_count > 0) {
        json_begin_array(j, "on_behalf_of");
        for (uint8_t i = 0; i < http->worker_count; i++) {
            out_json_behalf_element(j, processes, &http->workers[i], 0);
        }
        json_end_array(j);
    }
}

const struct corr_behalf *out_behalf_of(const struct corr_ledger *ledger,
                                        const struct corr_packet *packet)
{
    uint32_t socket = packet->verdict.socket;
    if (packet->behalf) {
        return packet->behalf;
    }
    return ledger && socket != CORR_NO_ROW ? corr_http_behalf(corr_ledger_http(ledger, socket))
                                           : NULL;
}

void out_add_http(struct text *to, const struct corr_http *http)
{
    text_add(to, http->request[0] ? http->request : "HTTP");
    if (http->host[0]) {
        text_add(to, http->request[0] ? " of " : " to ");
        text_add(to, http->host);
    }
    if (http->requests > 1) {
        text_add_format(to, ", %" PRIu32 " requests", http->requests);
    }
}
