/* SPDX-License-Identifier: MIT */
/*
 * process_sentences.c - processes and services in words, and what they ask for: names
 * and HTTP requests.
 */
#include "etw/fields.h"
#include "pcapout/owners.h"
#include "pcapout/sentence_parts.h"

/* ---- processes and services ---- */

static const char *process_words(const struct etw_process *process)
{
    if (process->phase == ETW_PHASE_RUNDOWN) {
        return process->is_end ? " has ended, its object is still there" : " is there already";
    }
    return process->is_end ? " ends" : " starts";
}

bool out_process_sentence(const struct etw_event *event, struct text *to)
{
    const struct etw_process *process = &event->u.process;
    const struct etw_record *record = event->record;
    uint32_t logged_by = record ? record->process_id : RECORD_NO_ID;
    sentence_add_number(to, "process ", process->pid);
    if (logged_by != RECORD_NO_ID && logged_by != process->pid &&
        logged_by != process->parent_pid) {
        sentence_add_number(to, " (logged by pid ", logged_by);
        text_add_char(to, ')');
    }
    text_add(to, process_words(process));
    sentence_add_value(to, ", ", process->is_image_utf16 ? ETW_FIELD_TEXT16 : ETW_FIELD_TEXT8,
                       &process->image);
    if (process->is_end) {
        text_add(to, ", exit status ");
        out_add_hex(to, process->exit_status);
    }
    if (process->parent_pid != 0) {
        sentence_add_number(to, ", parent ", process->parent_pid);
    }
    if (process->session == UINT32_MAX) {
        text_add(to, ", no session");
    } else if (process->parent_pid != 0 || process->session != 0) {
        sentence_add_number(to, ", session ", process->session);
    }
    sentence_add_value(to, ", user ", ETW_FIELD_SID, &process->sid);
    sentence_add_text16(to, ", command line ", &process->command_line);
    return true;
}

bool out_service_sentence(const struct etw_event *event, struct text *to)
{
    const struct etw_service *service = &event->u.service;
    text_add(to, "service");
    sentence_add_text16(to, " ", &service->name);
    text_add(to, " runs in ");
    text_add(to, service->pid == 0 ? "no process" : "process ");
    if (service->pid != 0) {
        text_add_u64(to, service->pid);
    }
    sentence_add_number(to, ", tag ", service->tag);
    return true;
}

/* ---- names ---- */

bool out_name_sentence(const struct etw_event *event, struct text *to)
{
    const struct etw_name *name = &event->u.name;
    const struct etw_field status = {.kind = ETW_FIELD_WIN32_ERROR, .number = name->status};
    const enum etw_field_kind kind = name->is_narrow ? ETW_FIELD_TEXT8 : ETW_FIELD_TEXT16;
    const struct bytes address = bytes_of(name->address.bytes, name->address.size);
    text_add(to, "name");
    sentence_add_value(to, " ", kind, &name->name);
    if (name->is_question) {
        text_add(to, " is asked for");
    } else if (name->status != 0) {
        text_add(to, " is not resolved: ");
        etw_field_format(&status, to);
    } else {
        bool has_result = name->results.size > 0 || address.size > 0;
        text_add(to, has_result ? " is" : " is answered");
        sentence_add_value(to, " ", kind, &name->results);
        sentence_add_value(to, " ", address.size == 4 ? ETW_FIELD_IPV4 : ETW_FIELD_IPV6, &address);
    }
    if (name->pid != 0) {
        text_add(to, ", ");
        out_add_pids(to, name->pid, event->record);
    }
    return true;
}

/* ---- HTTP ---- */

static const char *const http_words[] = {
    [ETW_HTTP_CONNECT] = "HTTP connection",
    [ETW_HTTP_CLOSE] = "HTTP connection ends",
    [ETW_HTTP_SERVER] = "HTTP requests are prepared",
    [ETW_HTTP_REQUEST] = "HTTP request",
    [ETW_HTTP_ASSIGN] = "HTTP request goes over a connection",
    [ETW_HTTP_DELIVER] = "HTTP request is put into a queue",
    [ETW_HTTP_RESPONSE] = "HTTP response",
    [ETW_HTTP_WITNESS] = "HTTP is served",
};

static void add_http_end(struct text *to, const char *before,
                         const struct etw_socket_address *address)
{
    struct corr_endpoint end = corr_endpoint_of_event(address);
    char text[OUT_SOCKET_END_SIZE];
    out_socket_end_format(&end, text);
    text_add(to, text[0] ? before : "");
    text_add(to, text);
}

static void add_http_handle(struct text *to, const char *before, uint64_t handle)
{
    if (handle != 0) {
        text_add(to, before);
        out_add_hex(to, handle);
    }
}

bool out_http_sentence(const struct etw_event *event, struct text *to)
{
    const struct etw_http *http = &event->u.http;
    text_add(to, http_words[http->action]);
    sentence_add_value(to, " ", ETW_FIELD_TEXT8, &http->method);
    sentence_add_value(to, " ", http->is_url_utf16 ? ETW_FIELD_TEXT16 : ETW_FIELD_TEXT8,
                       &http->url);
    if (http->status != 0) {
        sentence_add_number(to, " ", http->status);
    }
    sentence_add_value(to, ", host ", ETW_FIELD_TEXT8, &http->host);
    sentence_add_text16(to, ", queue ", &http->queue);
    add_http_end(to, " from ", &http->remote);
    sentence_add_text16(to, " to ", &http->target);
    add_http_end(to, " to ", &http->local);
    if (http->local_port != 0) {
        sentence_add_number(to, ", local port ", http->local_port);
    }
    if (http->pid != 0) {
        text_add(to, ", ");
        out_add_pids(to, http->pid, event->record);
    }
    add_http_handle(to, ", connection ", http->connection ? http->connection : http->connection_id);
    add_http_handle(to, ", request ", http->request_id ? http->request_id : http->request);
    return true;
}
