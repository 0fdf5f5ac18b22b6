/* SPDX-License-Identifier: MIT */
/*
 * http_tracker.c - HTTP.sys tells of a request by two names, its object (what is asked)
 * and its number (over which connection, and the answer); its delivery into a queue joins
 * them. Clients have one handle per request.
 *
 * To follow a further action: its function and its row in `takers`.
 */
#include "correlate/http_tracker.h"

#include <stdlib.h>
#include <string.h>

#include "correlate/filter_values.h"
#include "correlate/http_ring.h"
#include "etw/base/text.h"

/* Places, each: what is under way at a time is far less. */
#define REQUESTS    4096
#define CONNECTIONS 16384
#define THREADS     64 /* that are about to connect */

#define PID_SYSTEM 4 /* the kernel: it answers for nobody */

/* What a handle is of; behind it the layer's number. */
enum space { SPACE_REQUEST, SPACE_REQUEST_ID, SPACE_CONNECTION, SPACE_CONNECTION_ID, SPACE_SERVER };
#define SPACES 8u

struct request {
    struct http_texts texts;
    uint32_t connection;
    bool is_told, is_answered;
};

/* A thread that WebIO logged a connect of: its next connect on the stack has the ends. */
struct thread {
    uint32_t pid, tid;
    uint32_t connection;
};

struct http_tracker {
    bool is_ready; /* there was an HTTP event: the rest is there */
    uint32_t connection_count;
    struct http_ring request_ring, connection_ring;
    struct request *requests; /* owned; by place */
    uint32_t *connections;    /* owned; by place: number of the connection */
    struct thread threads[THREADS];
    struct http_texts host; /* of a new connection */
};

struct http_tracker *http_tracker_new(void)
{
    return calloc(1, sizeof(struct http_tracker));
}

void http_tracker_free(struct http_tracker *tracker)
{
    if (tracker) {
        http_ring_done(&tracker->request_ring);
        http_ring_done(&tracker->connection_ring);
        free(tracker->requests);
        free(tracker->connections);
        free(tracker);
    }
}

static bool make_ready(struct http_tracker *tracker)
{
    if (tracker->is_ready) {
        return true;
    }
    tracker->requests = calloc(REQUESTS, sizeof(*tracker->requests));
    tracker->connections = calloc(CONNECTIONS, sizeof(*tracker->connections));
    tracker->is_ready = http_ring_init(&tracker->request_ring, REQUESTS) &&
                        http_ring_init(&tracker->connection_ring, CONNECTIONS) &&
                        tracker->requests && tracker->connections;
    return tracker->is_ready;
}

/* ---- handles ---- */

static struct http_key key_of(const struct etw_event *event, enum space space, uint64_t value)
{
    const struct etw_http *http = &event->u.http;
    return (struct http_key){.value = value,
                             .pid = http->layer == ETW_HTTP_SYS ? 0 : event->record->process_id,
                             .space = (uint32_t)http->layer * SPACES + (uint32_t)space};
}

static struct request *find_request(const struct http_tracker *tracker,
                                    const struct etw_event *event, enum space space, uint64_t value)
{
    const struct http_key key = key_of(event, space, value);
    uint32_t place = value ? http_ring_find(&tracker->request_ring, &key) : HTTP_NO_PLACE;
    return place == HTTP_NO_PLACE ? NULL : &tracker->requests[place];
}

static void reset_request(struct request *request)
{
    memset(request, 0, sizeof(*request));
    request->connection = HTTP_NO_CONNECTION;
}

/* NULL: no memory, or no handle. */
static struct request *take_request(struct http_tracker *tracker, const struct etw_event *event,
                                    enum space space, uint64_t value)
{
    const struct http_key key = key_of(event, space, value);
    bool is_new = false;
    uint32_t place = value ? http_ring_take(&tracker->request_ring, &key, &is_new) : HTTP_NO_PLACE;
    if (place == HTTP_NO_PLACE) {
        return NULL;
    }
    if (is_new) {
        reset_request(&tracker->requests[place]);
    }
    return &tracker->requests[place];
}

static uint32_t find_connection(const struct http_tracker *tracker, const struct etw_event *event,
                                enum space space, uint64_t value)
{
    const struct http_key key = key_of(event, space, value);
    uint32_t place = value ? http_ring_find(&tracker->connection_ring, &key) : HTTP_NO_PLACE;
    return place == HTTP_NO_PLACE ? HTTP_NO_CONNECTION : tracker->connections[place];
}

/* From now on the handle means this connection. */
static void name_connection(struct http_tracker *tracker, const struct etw_event *event,
                            enum space space, uint64_t value, uint32_t connection)
{
    const struct http_key key = key_of(event, space, value);
    bool is_new = false;
    uint32_t place =
        value ? http_ring_take(&tracker->connection_ring, &key, &is_new) : HTTP_NO_PLACE;
    if (place != HTTP_NO_PLACE) {
        tracker->connections[place] = connection;
    }
}

/* ---- what is told ---- */

static void begin_connection(struct http_tracker *tracker, const struct etw_event *event,
                             struct http_told *told)
{
    const struct etw_http *http = &event->u.http;
    if (tracker->connection_count >= CORR_HTTP_MAXIMUM) {
        return;
    }
    told->connection = tracker->connection_count++;
    told->is_new = true;
    told->local = corr_endpoint_of_event(&http->local);
    told->remote = corr_endpoint_of_event(&http->remote);
    told->local_port = (uint16_t)http->local_port;
}

/* A request is told once, as soon as it is known and where it goes. */
static void tell_request(struct request *request, struct http_told *told)
{
    if (!request->is_told && request->connection != HTTP_NO_CONNECTION &&
        request->texts.line[0] != '\0') {
        request->is_told = true;
        told->has_request = true;
        told->connection = request->connection;
        told->texts = &request->texts;
    }
}

/* ---- connections ---- */

static struct thread *thread_of(struct http_tracker *tracker, const struct etw_record *record)
{
    return &tracker->threads[(record->thread_id / 4) % THREADS];
}

/* "192.0.2.1:443" */
static bool take_target(const struct bytes *target, struct corr_endpoint *remote)
{
    struct text text = {0};
    struct corr_address address = {0};
    uint16_t port = 0;
    text_add_utf16(&text, target->data, target->size < 128 ? target->size : 128);
    bool is_done = !text.failed;
    if (corr_parse_endpoint(text_get(&text), strlen(text_get(&text)), &address, &port)) {
        *remote = corr_endpoint_of_packet(&address, port);
    }
    text_done(&text);
    return is_done;
}

static bool take_connect(struct http_tracker *tracker, const struct etw_event *event,
                         struct http_told *told)
{
    const struct etw_http *http = &event->u.http;
    begin_connection(tracker, event, told);
    name_connection(tracker, event, SPACE_CONNECTION, http->connection, told->connection);
    memset(&tracker->host, 0, sizeof(tracker->host));
    told->texts = &tracker->host;
    if (http->layer == ETW_HTTP_WEBIO) {
        *thread_of(tracker, event->record) = (struct thread){.pid = event->record->process_id,
                                                             .tid = event->record->thread_id,
                                                             .connection = told->connection};
    }
    return http_copy_text(tracker->host.host, CORR_HTTP_HOST, &http->host, false) &&
           (http->target.size == 0 || take_target(&http->target, &told->remote));
}

static bool take_close(struct http_tracker *tracker, const struct etw_event *event,
                       struct http_told *told)
{
    (void)told;
    name_connection(tracker, event, SPACE_CONNECTION, event->u.http.connection, HTTP_NO_CONNECTION);
    return true;
}

/* ---- requests ---- */

static bool take_server(struct http_tracker *tracker, const struct etw_event *event,
                        struct http_told *told)
{
    (void)told;
    struct request *server = take_request(tracker, event, SPACE_SERVER, event->u.http.parent);
    return !server ||
           http_copy_text(server->texts.host, CORR_HTTP_HOST, &event->u.http.host, false);
}

/* Headers add to a request that is known already; anything else begins one. */
static bool take_asked(struct http_tracker *tracker, const struct etw_event *event,
                       struct http_told *told)
{
    const struct etw_http *http = &event->u.http;
    struct request *request = take_request(tracker, event, SPACE_REQUEST, http->request);
    if (!request) {
        return true;
    }
    bool is_done = true;
    if (http->headers.size > 0) {
        http_add_headers(&request->texts, &http->headers);
    } else {
        reset_request(request);
        is_done = http_set_request(&request->texts, &http->method, &http->url, http->is_url_utf16);
    }
    const struct request *server = find_request(tracker, event, SPACE_SERVER, http->parent);
    if (server && request->texts.host[0] == '\0') {
        memcpy(request->texts.host, server->texts.host, sizeof(request->texts.host));
    }
    tell_request(request, told);
    return is_done;
}

/* The connection of an event of HTTP.sys, which may be older than the trace. */
static uint32_t connection_of_number(struct http_tracker *tracker, const struct etw_event *event,
                                     struct http_told *told)
{
    const struct etw_http *http = &event->u.http;
    uint32_t connection = find_connection(tracker, event, SPACE_CONNECTION, http->connection);
    if (connection == HTTP_NO_CONNECTION) {
        connection = find_connection(tracker, event, SPACE_CONNECTION_ID, http->connection_id);
    }
    if (connection == HTTP_NO_CONNECTION && http->remote.size > 0) {
        begin_connection(tracker, event, told);
        connection = told->connection;
    }
    if (connection != HTTP_NO_CONNECTION) {
        name_connection(tracker, event, SPACE_CONNECTION_ID, http->connection_id, connection);
    }
    return connection;
}

static struct request *request_of_number(struct http_tracker *tracker,
                                         const struct etw_event *event)
{
    return take_request(tracker, event, SPACE_REQUEST_ID, event->u.http.request_id);
}

static bool take_assign(struct http_tracker *tracker, const struct etw_event *event,
                        struct http_told *told)
{
    const struct etw_http *http = &event->u.http;
    bool is_server = http->layer == ETW_HTTP_SYS;
    struct request *request = is_server
                                  ? request_of_number(tracker, event)
                                  : take_request(tracker, event, SPACE_REQUEST, http->request);
    uint32_t connection = is_server
                              ? connection_of_number(tracker, event, told)
                              : find_connection(tracker, event, SPACE_CONNECTION, http->connection);
    if (!request) {
        return true;
    }
    if (is_server && request->is_answered) {
        reset_request(request);
    }
    if (connection != HTTP_NO_CONNECTION) {
        request->connection = connection;
    }
    tell_request(request, told);
    return true;
}

/* What the object was asked belongs to the number. */
static bool join_names(struct http_tracker *tracker, const struct etw_event *event,
                       struct request *request)
{
    const struct etw_http *http = &event->u.http;
    const struct request *object = find_request(tracker, event, SPACE_REQUEST, http->request);
    if (request->texts.line[0] == '\0' && object) {
        request->texts = object->texts;
    } else if (request->texts.line[0] == '\0' && http->url.size > 0) {
        return http_set_request(&request->texts, &http->method, &http->url, http->is_url_utf16);
    }
    return true;
}

static bool take_deliver(struct http_tracker *tracker, const struct etw_event *event,
                         struct http_told *told)
{
    struct request *request = request_of_number(tracker, event);
    if (!request) {
        return true;
    }
    bool is_done =
        join_names(tracker, event, request) &&
        http_copy_text(request->texts.queue, CORR_HTTP_QUEUE, &event->u.http.queue, true);
    tell_request(request, told);
    return is_done;
}

/* Who logged an answer sent it; 0: the kernel itself, or nobody knows. */
static uint32_t process_of(const struct etw_record *record)
{
    bool is_nobody = record->process_id == PID_SYSTEM || record->process_id == RECORD_NO_ID;
    return is_nobody ? 0 : record->process_id;
}

/* Of an answer that is told twice the first counts. */
static bool take_response(struct http_tracker *tracker, const struct etw_event *event,
                          struct http_told *told)
{
    const struct etw_http *http = &event->u.http;
    bool is_server = http->layer == ETW_HTTP_SYS;
    struct request *request = is_server
                                  ? request_of_number(tracker, event)
                                  : find_request(tracker, event, SPACE_REQUEST, http->request);
    if (!request || request->is_answered) {
        return true;
    }
    if (is_server && request->connection == HTTP_NO_CONNECTION) {
        request->connection = connection_of_number(tracker, event, told);
    }
    bool is_done = !is_server || join_names(tracker, event, request);
    tell_request(request, told);
    if (request->connection == HTTP_NO_CONNECTION) {
        return is_done;
    }
    request->is_answered = true;
    told->has_response = true;
    told->connection = request->connection;
    told->texts = &request->texts;
    told->status = http->status ? http->status : http_status_of(&http->headers);
    told->pid = is_server && http->request == 0 ? process_of(event->record) : told->pid;
    return is_done;
}

static bool take_witness(struct http_tracker *tracker, const struct etw_event *event,
                         struct http_told *told)
{
    (void)tracker;
    told->witness = event->u.http.pid;
    return true;
}

static bool (*const takers[])(struct http_tracker *tracker, const struct etw_event *event,
                              struct http_told *told) = {
    [ETW_HTTP_CONNECT] = take_connect,   [ETW_HTTP_CLOSE] = take_close,
    [ETW_HTTP_SERVER] = take_server,     [ETW_HTTP_REQUEST] = take_asked,
    [ETW_HTTP_ASSIGN] = take_assign,     [ETW_HTTP_DELIVER] = take_deliver,
    [ETW_HTTP_RESPONSE] = take_response, [ETW_HTTP_WITNESS] = take_witness,
};

/* ---- the ends of a client's connection ---- */

static void take_ends(struct http_tracker *tracker, const struct etw_event *event,
                      struct http_told *told)
{
    const struct etw_socket *socket = &event->u.socket;
    const uint32_t both = ETW_HAS_LOCAL | ETW_HAS_REMOTE;
    struct thread *thread = thread_of(tracker, event->record);
    bool is_its = socket->action == ETW_ACTION_CONNECT && (socket->has & both) == both &&
                  socket->is_header_pid_true && thread->tid == event->record->thread_id &&
                  thread->pid == event->record->process_id && thread->tid != 0;
    if (is_its) {
        told->connection = thread->connection;
        told->local = corr_endpoint_of_event(&socket->local);
        told->remote = corr_endpoint_of_event(&socket->remote);
        *thread = (struct thread){.tid = 0};
    }
}

bool http_tracker_take(struct http_tracker *tracker, const struct etw_event *event,
                       struct http_told *told)
{
    *told = (struct http_told){.connection = HTTP_NO_CONNECTION};
    if (event->kind == ETW_EVENT_SOCKET && tracker->is_ready) {
        take_ends(tracker, event, told);
    }
    if (event->kind != ETW_EVENT_HTTP) {
        return true;
    }
    told->is_server = event->u.http.layer == ETW_HTTP_SYS;
    told->pid = told->is_server ? 0 : event->record->process_id;
    return make_ready(tracker) && takers[event->u.http.action](tracker, event, told);
}
