/* SPDX-License-Identifier: MIT */
/* Entry: pieces of 48 bytes, each an event of HTTP, of a socket or of a name. Holds: what is known
 * of a connection names its own socket and processes that are there, its texts end in their room, a
 * second pass finds the same sockets. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "correlate/http_notes.h"
#include "etw/base/bytes.h"

enum { PIECE = 48, PIECES = 1024 };

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

static struct etw_socket_address read_end(struct bytes *b)
{
    uint8_t kind = bytes_u8(b);
    struct etw_socket_address end = {.size = kind % 3 == 0 ? 0 : 4, .has_port = true};
    end.bytes[3] = (uint8_t)(kind % 4);
    end.port = (uint16_t)(bytes_u8(b) % 8);
    return end;
}

static struct etw_event read_http(struct bytes *b)
{
    struct etw_event event = {.kind = ETW_EVENT_HTTP};
    struct etw_http *http = &event.u.http;
    http->layer = bytes_u8(b) % (ETW_HTTP_WININET + 1);
    http->action = bytes_u8(b) % (ETW_HTTP_WITNESS + 1);
    http->is_url_utf16 = bytes_u8(b) % 2 == 0;
    http->connection = bytes_u8(b) % 8;
    http->request = bytes_u8(b) % 8;
    http->connection_id = bytes_u8(b) % 8;
    http->request_id = bytes_u8(b) % 8;
    http->parent = bytes_u8(b) % 4;
    http->local = read_end(b);
    http->remote = read_end(b);
    http->local_port = bytes_u16(b);
    http->status = bytes_u16(b);
    http->pid = bytes_u8(b);
    http->method = bytes_sub(b, bytes_u8(b) % 8);
    http->url = bytes_sub(b, bytes_u8(b) % 16);
    http->host = http->url;
    http->headers = http->connection % 2 ? http->url : http->method;
    http->queue = http->method;
    http->target = http->url;
    return event;
}

static struct etw_event read_socket(struct bytes *b)
{
    struct etw_event event = {.kind = ETW_EVENT_SOCKET};
    struct etw_socket *socket = &event.u.socket;
    *socket = (struct etw_socket){
        .layer = ETW_LAYER_STACK,
        .action = bytes_u8(b) % ETW_ACTION_COUNT,
        .handles = {{ETW_HANDLE_TCB, bytes_u8(b) % 8}},
        .is_header_pid_true = bytes_u8(b) % 2 == 0,
        .pid = bytes_u8(b),
        .local = read_end(b),
        .remote = read_end(b),
        .protocol = 6,
        .has = ETW_HAS_LOCAL | ETW_HAS_REMOTE | ETW_HAS_PROTOCOL | ETW_HAS_PID,
    };
    return event;
}

static struct etw_event read_name(struct bytes *b)
{
    struct etw_event event = {.kind = ETW_EVENT_NAME};
    struct etw_name *name = &event.u.name;
    name->pid = bytes_u8(b);
    name->is_header_pid_true = bytes_u8(b) % 2 == 0;
    name->is_narrow = bytes_u8(b) % 2 == 0;
    name->address = read_end(b);
    name->name = bytes_sub(b, bytes_u8(b) % 8);
    name->results = bytes_sub(b, bytes_u8(b) % 24);
    return event;
}

/* The first time the ledger learns, the second time requests are told. */
static void tell(struct bytes b, struct corr_ledger *ledger, struct corr_http_notes *notes,
                 size_t count)
{
    int64_t time = INT64_C(130021000000000000);
    for (uint64_t piece = 1; piece <= PIECES && bytes_left(&b) > 0; piece++) {
        struct bytes part = bytes_sub(&b, bytes_left(&b) < PIECE ? bytes_left(&b) : PIECE);
        uint8_t kind = bytes_u8(&part);
        time += (int64_t)bytes_u16(&part) << (kind % 24);
        struct etw_record record = {.time = time,
                                    .offset = piece,
                                    .process_id = bytes_u8(&part) % 8,
                                    .thread_id = bytes_u8(&part) % 16};
        struct etw_event event = kind % 8 == 7   ? read_name(&part)
                                 : kind % 4 == 3 ? read_socket(&part)
                                                 : read_http(&part);
        event.record = &record;
        if (notes) {
            struct corr_http_note note;
            require(corr_http_notes_take(notes, &event, &note, NULL) == ETW_OK);
            require(note.socket == CORR_NO_ROW || note.socket < count);
            require(note.socket == CORR_NO_ROW || note.has_request || note.has_response);
        } else {
            require(corr_ledger_learn(ledger, &event, NULL) == ETW_OK);
        }
    }
}

static void check(const struct corr_ledger *ledger, size_t count)
{
    const struct corr_process *processes = NULL;
    size_t process_count = corr_processes_list(corr_ledger_processes(ledger), &processes);
    for (uint32_t row = 0; row < count; row++) {
        const struct corr_http *http = corr_ledger_http(ledger, row);
        if (!http) {
            continue;
        }
        require(http->socket == row && http->worker_count <= CORR_HTTP_WORKERS);
        require(strlen(http->request) < CORR_HTTP_LINE && strlen(http->host) < CORR_HTTP_HOST);
        for (uint8_t i = 0; i < http->worker_count; i++) {
            require(http->workers[i].process < process_count && http->workers[i].answers > 0);
            require(http->workers[i].pid != 0 && http->workers[i].pid != 4);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct corr_ledger_options options = {.has_socket_events = true};
    struct corr_ledger *ledger = NULL;
    struct corr_http_notes *notes = NULL;
    const struct corr_socket *rows = NULL;
    require(corr_ledger_new(&options, &ledger, NULL) == ETW_OK);
    tell(bytes_of(data, size), ledger, NULL, 0);
    require(corr_ledger_finish(ledger, NULL) == ETW_OK);
    size_t count = corr_ledger_sockets(ledger, &rows);
    check(ledger, count);
    require(corr_http_notes_new(ledger, &notes, NULL) == ETW_OK);
    tell(bytes_of(data, size), ledger, notes, count);
    corr_http_notes_free(notes);
    corr_ledger_free(ledger);
    return 0;
}
