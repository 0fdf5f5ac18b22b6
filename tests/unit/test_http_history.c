/* SPDX-License-Identifier: MIT */
/*
 * What a ledger learns of HTTP: over which socket it goes, and on whose behalf the
 * kernel answers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "correlate/http_notes.h"
#include "tests/support/random.h"
#include "tests/unit/socket_events.h"

#define WORKER   4711u
#define OTHER    4801u
#define CLIENT   5210u
#define SERVER   "192.0.2.80"
#define PEER     "198.51.100.20"
#define BACKEND  "203.0.113.90"
#define TEXT(s)  bytes_of(s, sizeof(s) - 1)
#define UTF16(s) bytes_of(s, sizeof(s) - 1) /* of a literal with its zeros */

struct story {
    struct corr_ledger *ledger;
    struct etw_record record; /* of the next event */
};

static int open_story(void **state)
{
    static struct story story;
    struct etw_error error;
    const struct corr_ledger_options options = {.has_socket_events = true};
    story = (struct story){.record = {.time = 1000 * SECOND, .process_id = 4, .thread_id = 8}};
    assert_int_equal(corr_ledger_new(&options, &story.ledger, &error), ETW_OK);
    *state = &story;
    return 0;
}

static int close_story(void **state)
{
    struct story *story = *state;
    corr_ledger_free(story->ledger);
    return 0;
}

static void tell(struct story *story, struct etw_event event)
{
    struct etw_error error;
    story->record.time += MILLISECOND;
    story->record.offset += 100;
    event.record = &story->record;
    assert_int_equal(corr_ledger_learn(story->ledger, &event, &error), ETW_OK);
}

static void tell_http(struct story *story, uint32_t pid, struct etw_http http)
{
    story->record.process_id = pid;
    tell(story, (struct etw_event){.kind = ETW_EVENT_HTTP, .u.http = http});
}

/* A connection on the stack: System's when it is accepted. */
static void tell_connection(struct story *story, uint64_t tcb, uint32_t pid, bool is_client,
                            const char *peer, uint16_t port)
{
    const uint32_t has = ETW_HAS_LOCAL | ETW_HAS_REMOTE | ETW_HAS_PROTOCOL;
    struct etw_socket socket = {.layer = ETW_LAYER_STACK,
                                .action = is_client ? ETW_ACTION_CONNECT : ETW_ACTION_ACCEPT,
                                .phase = is_client ? ETW_PHASE_ENTER : ETW_PHASE_SINGLE,
                                HANDLES(HANDLE(TCB, tcb)),
                                .protocol = 6,
                                .pid = is_client ? 0 : pid,
                                .is_header_pid_true = is_client,
                                .local = ipv4(SERVER, is_client ? port : 80),
                                .remote = ipv4(peer, is_client ? 8080 : port),
                                .has = has | (is_client ? 0 : ETW_HAS_PID)};
    story->record.process_id = pid;
    tell(story, (struct etw_event){.kind = ETW_EVENT_SOCKET, .u.socket = socket});
}

static struct etw_http server_event(enum etw_http_action action)
{
    return (struct etw_http){.layer = ETW_HTTP_SYS, .action = action, .is_url_utf16 = true};
}

static void tell_server_connection(struct story *story, uint64_t object, uint16_t port)
{
    struct etw_http http = server_event(ETW_HTTP_CONNECT);
    http.connection = object;
    http.local = ipv4(SERVER, 80);
    http.remote = ipv4(PEER, port);
    tell_http(story, 4, http);
}

/* What HTTP.sys logs until the request waits in its queue. */
static void tell_request(struct story *story, uint64_t object, uint64_t request)
{
    struct etw_http http = server_event(ETW_HTTP_ASSIGN);
    http.connection = object;
    http.connection_id = object + 1;
    http.request_id = request;
    tell_http(story, 4, http);
    http = server_event(ETW_HTTP_REQUEST);
    http.request = 0x77;
    http.method = TEXT("GET");
    http.url = UTF16("h\0t\0t\0p\0:\0/\0/\0a\0/\0x\0");
    tell_http(story, 4, http);
    http = server_event(ETW_HTTP_DELIVER);
    http.request = 0x77;
    http.request_id = request;
    http.queue = UTF16("P\0");
    tell_http(story, 4, http);
}

static void tell_response(struct story *story, uint64_t request, uint32_t pid, uint32_t status)
{
    struct etw_http http = server_event(ETW_HTTP_RESPONSE);
    http.request_id = request;
    http.status = status;
    tell_http(story, pid, http);
}

static const struct corr_http *finish(struct story *story, uint16_t peer_port)
{
    struct etw_error error;
    const struct corr_socket *rows = NULL;
    assert_int_equal(corr_ledger_finish(story->ledger, &error), ETW_OK);
    size_t count = corr_ledger_sockets(story->ledger, &rows);
    for (uint32_t row = 0; row < count; row++) {
        if (rows[row].remote.port == peer_port || rows[row].local.port == peer_port) {
            return corr_ledger_http(story->ledger, row);
        }
    }
    return NULL;
}

/* ---- HTTP.sys ---- */

static void two_answers_of_one_process_are_strong(void **state)
{
    struct story *story = *state;
    tell_connection(story, 0x1000, 4, false, PEER, 5555);
    tell_server_connection(story, 0xA0, 5555);
    tell_request(story, 0xA0, 21);
    tell_response(story, 21, WORKER, 200);
    uint64_t offset = story->record.offset;
    tell_request(story, 0xA0, 22);
    tell_response(story, 22, WORKER, 404);
    const struct corr_http *http = finish(story, 5555);
    assert_non_null(http);
    assert_string_equal(http->host, "a");
    assert_string_equal(http->request, "GET /x");
    assert_string_equal(http->queue, "P");
    assert_int_equal(http->requests, 2);
    assert_int_equal(http->status, 200);
    const struct corr_behalf *behalf = corr_http_behalf(http);
    assert_non_null(behalf);
    assert_int_equal(behalf->pid, WORKER);
    assert_int_equal(behalf->answers, 2);
    assert_int_equal(behalf->confidence, CORR_STRONG);
    assert_int_equal(behalf->offset, offset);
}

static void the_owner_of_the_connection_stays(void **state)
{
    struct story *story = *state;
    const struct corr_socket *rows = NULL;
    tell_connection(story, 0x1000, 4, false, PEER, 5555);
    tell_server_connection(story, 0xA0, 5555);
    tell_request(story, 0xA0, 21);
    tell_response(story, 21, WORKER, 200);
    const struct corr_http *http = finish(story, 5555);
    const struct corr_processes *processes = corr_ledger_processes(story->ledger);
    (void)corr_ledger_sockets(story->ledger, &rows);
    assert_int_equal(corr_processes_get(processes, rows[http->socket].process)->pid, 4);
}

static void one_answer_is_likely(void **state)
{
    struct story *story = *state;
    tell_connection(story, 0x1000, 4, false, PEER, 5555);
    tell_server_connection(story, 0xA0, 5555);
    tell_request(story, 0xA0, 21);
    tell_response(story, 21, WORKER, 200);
    tell_response(story, 21, WORKER, 200); /* told twice: one answer */
    const struct corr_behalf *behalf = corr_http_behalf(finish(story, 5555));
    assert_non_null(behalf);
    assert_int_equal(behalf->answers, 1);
    assert_int_equal(behalf->confidence, CORR_LIKELY);
}

static void a_payload_that_names_the_process_confirms_one_answer(void **state)
{
    struct story *story = *state;
    tell_connection(story, 0x1000, 4, false, PEER, 5555);
    tell_server_connection(story, 0xA0, 5555);
    tell_request(story, 0xA0, 21);
    tell_response(story, 21, WORKER, 500);
    struct etw_http witness = server_event(ETW_HTTP_WITNESS);
    witness.pid = WORKER;
    tell_http(story, 0, witness);
    const struct corr_behalf *behalf = corr_http_behalf(finish(story, 5555));
    assert_non_null(behalf);
    assert_int_equal(behalf->confidence, CORR_STRONG);
}

static void two_processes_are_listed_and_none_is_the_only_one(void **state)
{
    struct story *story = *state;
    tell_connection(story, 0x1000, 4, false, PEER, 5555);
    tell_server_connection(story, 0xA0, 5555);
    tell_request(story, 0xA0, 21);
    tell_response(story, 21, WORKER, 200);
    tell_request(story, 0xA0, 22);
    tell_response(story, 22, OTHER, 200);
    const struct corr_http *http = finish(story, 5555);
    assert_int_equal(http->worker_count, 2);
    assert_int_equal(http->workers[0].pid, WORKER);
    assert_int_equal(http->workers[1].pid, OTHER);
    assert_null(corr_http_behalf(http));
}

static void the_kernel_answers_for_nobody(void **state)
{
    static const uint32_t pids[] = {0, 4, RECORD_NO_ID};
    struct story *story = *state;
    tell_connection(story, 0x1000, 4, false, PEER, 5555);
    tell_server_connection(story, 0xA0, 5555);
    for (uint64_t i = 0; i < sizeof(pids) / sizeof(pids[0]); i++) {
        tell_request(story, 0xA0, 21 + i);
        tell_response(story, 21 + i, pids[i], 200);
    }
    /* from the cache, in whatever thread */
    tell_request(story, 0xA0, 30);
    struct etw_http cached = server_event(ETW_HTTP_RESPONSE);
    cached.request = 0x77;
    cached.request_id = 30;
    tell_http(story, WORKER, cached);
    const struct corr_http *http = finish(story, 5555);
    assert_int_equal(http->requests, 4);
    assert_int_equal(http->worker_count, 0);
}

static void a_connection_older_than_the_trace_is_found_by_its_peer(void **state)
{
    struct story *story = *state;
    tell_connection(story, 0x1000, 4, false, PEER, 5555);
    struct etw_http http = server_event(ETW_HTTP_ASSIGN);
    http.connection_id = 0xB1;
    http.request_id = 21;
    http.remote = ipv4(PEER, 5555);
    tell_http(story, 4, http);
    tell_response(story, 21, WORKER, 200);
    const struct corr_behalf *behalf = corr_http_behalf(finish(story, 5555));
    assert_non_null(behalf);
    assert_int_equal(behalf->pid, WORKER);
}

static void an_answer_without_a_connection_says_nothing(void **state)
{
    struct story *story = *state;
    tell_connection(story, 0x1000, 4, false, PEER, 5555);
    tell_response(story, 21, WORKER, 200);
    assert_null(finish(story, 5555));
}

static void a_request_object_that_is_used_again_asks_anew(void **state)
{
    struct story *story = *state;
    tell_connection(story, 0x1000, 4, false, PEER, 5555);
    tell_connection(story, 0x2000, 4, false, PEER, 6666);
    tell_server_connection(story, 0xA0, 5555);
    tell_server_connection(story, 0xB0, 6666);
    tell_request(story, 0xA0, 21);
    tell_response(story, 21, WORKER, 200);
    tell_request(story, 0xB0, 22);
    tell_response(story, 22, OTHER, 200);
    const struct corr_http *http = finish(story, 6666);
    assert_int_equal(http->requests, 1);
    assert_int_equal(corr_http_behalf(http)->pid, OTHER);
}

/* ---- clients ---- */

static void tell_webio(struct story *story, bool has_target)
{
    struct etw_http http = {.layer = ETW_HTTP_WEBIO, .action = ETW_HTTP_REQUEST, .request = 0x10};
    http.method = TEXT("GET");
    http.url = TEXT("http://stock.example:8080/items");
    tell_http(story, CLIENT, http);
    http =
        (struct etw_http){.layer = ETW_HTTP_WEBIO, .action = ETW_HTTP_CONNECT, .connection = 0x20};
    if (has_target) {
        http.target =
            UTF16("2\0000\0003\0.\0000\0.\0001\0001\0003\0.\0009\0000\0:\0008\0000\0008\0000\0");
    }
    tell_http(story, CLIENT, http);
}

static void tell_webio_assignment(struct story *story)
{
    tell_http(story, CLIENT,
              (struct etw_http){.layer = ETW_HTTP_WEBIO,
                                .action = ETW_HTTP_ASSIGN,
                                .request = 0x10,
                                .connection = 0x20});
    tell_http(story, CLIENT,
              (struct etw_http){.layer = ETW_HTTP_WEBIO,
                                .action = ETW_HTTP_RESPONSE,
                                .request = 0x10,
                                .headers = TEXT("HTTP/1.1 200 OK")});
}

static void check_client(const struct corr_http *http)
{
    assert_non_null(http);
    assert_string_equal(http->host, "stock.example:8080");
    assert_string_equal(http->request, "GET /items");
    assert_int_equal(http->requests, 1);
    assert_int_equal(http->status, 200);
    assert_int_equal(http->worker_count, 0);
}

static void the_next_connect_of_the_thread_is_that_of_webio(void **state)
{
    struct story *story = *state;
    tell_webio(story, false);
    tell_connection(story, 0x1000, CLIENT, true, BACKEND, 49800);
    tell_connection(story, 0x2000, CLIENT, true, BACKEND, 49801);
    tell_webio_assignment(story);
    check_client(finish(story, 49800));
}

static void another_thread_connects_for_itself(void **state)
{
    struct story *story = *state;
    tell_webio(story, false);
    story->record.thread_id = 12;
    tell_connection(story, 0x1000, CLIENT, true, BACKEND, 49800);
    tell_webio_assignment(story);
    assert_null(finish(story, 49800));
}

static void the_address_in_the_event_finds_the_connection_when_it_is_the_only_one(void **state)
{
    struct story *story = *state;
    tell_webio(story, true);
    story->record.thread_id = 12;
    tell_connection(story, 0x1000, CLIENT, true, BACKEND, 49800);
    tell_webio_assignment(story);
    check_client(finish(story, 49800));
}

static void two_connections_to_one_address_are_a_tie(void **state)
{
    struct story *story = *state;
    tell_webio(story, true);
    story->record.thread_id = 12;
    tell_connection(story, 0x1000, CLIENT, true, BACKEND, 49800);
    tell_connection(story, 0x2000, CLIENT, true, BACKEND, 49801);
    tell_webio_assignment(story);
    assert_null(finish(story, 49800));
}

static void wininet_names_the_local_port(void **state)
{
    struct story *story = *state;
    struct etw_http http = {.layer = ETW_HTTP_WININET};
    http.action = ETW_HTTP_SERVER;
    http.parent = 0xC1;
    http.host = TEXT("stock.example:8080");
    tell_http(story, CLIENT, http);
    http = (struct etw_http){.layer = ETW_HTTP_WININET,
                             .action = ETW_HTTP_REQUEST,
                             .parent = 0xC1,
                             .request = 0xC2,
                             .method = TEXT("GET"),
                             .url = TEXT("/items")};
    tell_http(story, CLIENT, http);
    tell_connection(story, 0x1000, CLIENT, true, BACKEND, 49800);
    http = (struct etw_http){.layer = ETW_HTTP_WININET,
                             .action = ETW_HTTP_CONNECT,
                             .connection = 0xC3,
                             .host = TEXT("stock.example:8080"),
                             .local_port = 49800};
    tell_http(story, CLIENT, http);
    http = (struct etw_http){
        .layer = ETW_HTTP_WININET, .action = ETW_HTTP_ASSIGN, .request = 0xC2, .connection = 0xC3};
    tell_http(story, CLIENT, http);
    http.action = ETW_HTTP_RESPONSE;
    http.status = 200;
    tell_http(story, CLIENT, http);
    check_client(finish(story, 49800));
}

static void handles_of_another_process_are_others(void **state)
{
    struct story *story = *state;
    tell_webio(story, false);
    tell_connection(story, 0x1000, CLIENT, true, BACKEND, 49800);
    tell_http(story, CLIENT + 4,
              (struct etw_http){.layer = ETW_HTTP_WEBIO,
                                .action = ETW_HTTP_ASSIGN,
                                .request = 0x10,
                                .connection = 0x20});
    assert_null(finish(story, 49800));
}

/* ---- a second pass ---- */

static void the_second_pass_finds_the_sockets_again(void **state)
{
    struct story *story = *state;
    struct etw_error error;
    struct corr_http_notes *notes = NULL;
    struct corr_http_note note;
    tell_connection(story, 0x1000, 4, false, PEER, 5555);
    tell_server_connection(story, 0xA0, 5555);
    tell_request(story, 0xA0, 21);
    tell_response(story, 21, WORKER, 200);
    const struct corr_http *http = finish(story, 5555);
    assert_int_equal(corr_http_notes_new(story->ledger, &notes, &error), ETW_OK);
    struct etw_record record = {.process_id = WORKER, .time = story->record.time};
    struct etw_event event = {.kind = ETW_EVENT_HTTP, .record = &record};
    event.u.http = server_event(ETW_HTTP_CONNECT);
    event.u.http.connection = 0xA0;
    assert_int_equal(corr_http_notes_take(notes, &event, &note, &error), ETW_OK);
    assert_int_equal(note.socket, CORR_NO_ROW);
    event.u.http = server_event(ETW_HTTP_ASSIGN);
    event.u.http.connection = 0xA0;
    event.u.http.request_id = 21;
    assert_int_equal(corr_http_notes_take(notes, &event, &note, &error), ETW_OK);
    event.u.http = server_event(ETW_HTTP_RESPONSE);
    event.u.http.request_id = 21;
    event.u.http.status = 200;
    assert_int_equal(corr_http_notes_take(notes, &event, &note, &error), ETW_OK);
    assert_int_equal(note.socket, http->socket);
    assert_true(note.has_response && note.is_server);
    assert_int_equal(note.status, 200);
    assert_int_equal(note.process, http->workers[0].process);
    corr_http_notes_free(notes);
}

/* ---- hostile ---- */

static void any_events_in_any_order_do_no_harm(void **state)
{
    struct story *story = *state;
    uint64_t seed = 20261121;
    const struct bytes texts[] = {
        TEXT("GET"), TEXT("http://a.example:1/x"), TEXT("\xff\xc3"), TEXT("HTTP/1.1 200"), {0}};
    for (int i = 0; i < 40000; i++) {
        struct etw_http http = {
            .layer = (enum etw_http_layer)random_below(&seed, 3),
            .action = (enum etw_http_action)random_below(&seed, ETW_HTTP_WITNESS + 1),
            .is_url_utf16 = random_below(&seed, 2) != 0,
            .connection = random_below(&seed, 50),
            .request = random_below(&seed, 50),
            .connection_id = random_below(&seed, 50),
            .request_id = random_below(&seed, 50),
            .parent = random_below(&seed, 5),
            .status = (uint32_t)random_below(&seed, 700),
            .pid = (uint32_t)random_below(&seed, 10000),
            .local_port = (uint32_t)random_next(&seed),
        };
        http.method = texts[random_below(&seed, 5)];
        http.url = texts[random_below(&seed, 5)];
        http.headers = texts[random_below(&seed, 5)];
        http.host = texts[random_below(&seed, 5)];
        http.target = texts[random_below(&seed, 5)];
        if (random_below(&seed, 2)) {
            http.remote = ipv4(PEER, (uint16_t)random_below(&seed, 20));
        }
        story->record.thread_id = (uint32_t)random_below(&seed, 300);
        tell_http(story, (uint32_t)random_below(&seed, 40), http);
        if (i % 100 == 0) {
            tell_connection(story, 0x1000 + (uint64_t)i, CLIENT, i % 200 == 0, PEER,
                            (uint16_t)random_below(&seed, 20));
        }
    }
    (void)finish(story, 1);
}

int main(void)
{
#define WITH_STORY(test) cmocka_unit_test_setup_teardown(test, open_story, close_story)
    const struct CMUnitTest tests[] = {
        WITH_STORY(two_answers_of_one_process_are_strong),
        WITH_STORY(the_owner_of_the_connection_stays),
        WITH_STORY(one_answer_is_likely),
        WITH_STORY(a_payload_that_names_the_process_confirms_one_answer),
        WITH_STORY(two_processes_are_listed_and_none_is_the_only_one),
        WITH_STORY(the_kernel_answers_for_nobody),
        WITH_STORY(a_connection_older_than_the_trace_is_found_by_its_peer),
        WITH_STORY(an_answer_without_a_connection_says_nothing),
        WITH_STORY(a_request_object_that_is_used_again_asks_anew),
        WITH_STORY(the_next_connect_of_the_thread_is_that_of_webio),
        WITH_STORY(another_thread_connects_for_itself),
        WITH_STORY(the_address_in_the_event_finds_the_connection_when_it_is_the_only_one),
        WITH_STORY(two_connections_to_one_address_are_a_tie),
        WITH_STORY(wininet_names_the_local_port),
        WITH_STORY(handles_of_another_process_are_others),
        WITH_STORY(the_second_pass_finds_the_sockets_again),
        WITH_STORY(any_events_in_any_order_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
