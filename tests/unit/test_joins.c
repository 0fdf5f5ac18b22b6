/* SPDX-License-Identifier: MIT */
#include "correlate/joins.h"

#include "tests/unit/winsock_events.h"

#define TCP_PROTOCOL 6
#define UDP_PROTOCOL 17
#define IO_TIMEOUT   0xC00000B5u
#define ABORTED      0xC0000241u

/* ---- the printed trace of a server ---- */

#define LISTENING      0x8A28E2D8u
#define ACCEPTED       0x892FB6D8u
#define SERVER         0x893F92B0u
#define STACK_LISTENER 0x8A213398u
#define TCB_NUMBER     0x8921DD28u
#define ENDS           LOCAL("192.168.1.212", 13000), REMOTE("192.168.1.200", 55908)

static void begin_call(struct stage *stage, uint32_t thread, uint32_t pid)
{
    stage->thread = thread;
    stage->pid = pid;
}

static void open_listener(struct stage *stage)
{
    begin_call(stage, 100, 2704);
    play(stage,
         &(struct etw_socket){AFD(CREATE, ENTER, LISTENING, SERVER), IPV4_SOCKET(6), IN_CONTEXT,
                              .has = ETW_HAS_PID | ETW_HAS_PROTOCOL, .pid = 2704});
    play(stage, &(struct etw_socket){STACK(CREATE, SINGLE, 6, TCP_ENDPOINT, 0x89304008),
                                     .has = ETW_HAS_PID, .pid = 2704});
    play(stage, &(struct etw_socket){AFD(CREATE, EXIT, LISTENING, SERVER)});
    bind_socket(stage, LISTENING, SERVER, "192.168.1.212", 13000);
    play(stage, &(struct etw_socket){AFD(LISTEN, ENTER, LISTENING, SERVER), IN_CONTEXT});
    play(stage, &(struct etw_socket){STACK(LISTEN, SINGLE, 6, LISTENER, STACK_LISTENER),
                                     .has = ETW_HAS_LOCAL, LOCAL("192.168.1.212", 13000)});
    play(stage, &(struct etw_socket){AFD(LISTEN, EXIT, LISTENING, SERVER), .has = ETW_HAS_STATUS});
}

static void change_state(struct stage *stage, uint32_t from, uint32_t to)
{
    play(stage, &(struct etw_socket){TCP(STATE, SINGLE, TCB_NUMBER),
                                     .has = ETW_HAS_FROM | ETW_HAS_TO, .from = from, .to = to});
}

/* The peer's SYN, all of it on an idle processor. */
static void receive_connection(struct stage *stage)
{
    begin_call(stage, 0, 0);
    change_state(stage, CORR_LISTEN, CORR_SYN_RECEIVED);
    change_state(stage, CORR_SYN_RECEIVED, CORR_ESTABLISHED);
    play(stage, &(struct etw_socket){AFD(CONNECT, INDICATION, LISTENING, SERVER),
                                     .has = ETW_HAS_REMOTE, REMOTE("192.168.1.200", 55908)});
    play(stage, &(struct etw_socket){AFD(WAIT, EXIT, LISTENING, SERVER), .has = ETW_HAS_STATUS});
    play(stage, &(struct etw_socket){TCP(ACCEPT, SINGLE, TCB_NUMBER), .has = BOTH, ENDS});
}

static void accept_socket(struct stage *stage, uint64_t endpoint)
{
    begin_call(stage, 100, 2704);
    play(stage,
         &(struct etw_socket){AFD(CREATE, ENTER, endpoint, SERVER), IPV4_SOCKET(6), IN_CONTEXT,
                              .has = ETW_HAS_PID | ETW_HAS_PROTOCOL, .pid = 2704});
    play(stage, &(struct etw_socket){AFD(CREATE, EXIT, endpoint, SERVER)});
    play(stage,
         &(struct etw_socket){.layer = ETW_LAYER_APPLICATION,
                              .action = ETW_ACTION_ACCEPT,
                              .phase = ETW_PHASE_ENTER,
                              HANDLES(HANDLE(AFD_ENDPOINT, LISTENING), HANDLE(EPROCESS, SERVER),
                                      HANDLE(AFD_ACCEPT_ENDPOINT, endpoint)),
                              .has = ETW_HAS_REMOTE,
                              REMOTE("192.168.1.200", 55908)});
    play(stage, &(struct etw_socket){AFD(ACCEPT, EXIT, LISTENING, SERVER), .has = ETW_HAS_STATUS});
}

static void send_13(struct stage *stage)
{
    const uint32_t enters[] = {3047, 3056};
    for (size_t i = 0; i < 2; i++) {
        play(stage, &(struct etw_socket){AFD(SEND, ENTER, ACCEPTED, SERVER), IN_CONTEXT,
                                         .has = ETW_HAS_BYTES | ETW_HAS_LOCATION, .bytes = 13,
                                         .location = enters[i]});
    }
    play(stage,
         &(struct etw_socket){TCP(SEND, ENTER, TCB_NUMBER), .has = ETW_HAS_BYTES | ETW_HAS_SEQUENCE,
                              .bytes = 13, .sequence = 2428590242});
    play(stage, &(struct etw_socket){AFD(SEND, EXIT, ACCEPTED, SERVER),
                                     .has = ETW_HAS_BYTES | ETW_HAS_STATUS | ETW_HAS_LOCATION,
                                     .bytes = 13, .location = 3051});
}

static void end_connection(struct stage *stage)
{
    begin_call(stage, 0, 0);
    change_state(stage, CORR_ESTABLISHED, CORR_CLOSE_WAIT);
    play(stage, &(struct etw_socket){AFD(SHUTDOWN, INDICATION, ACCEPTED, SERVER)});
    play(stage, &(struct etw_socket){AFD(SEND, EXIT, ACCEPTED, SERVER),
                                     .has = ETW_HAS_BYTES | ETW_HAS_STATUS | ETW_HAS_LOCATION,
                                     .bytes = 13, .location = 3024});
    begin_call(stage, 100, 2704);
    change_state(stage, CORR_CLOSE_WAIT, CORR_LAST_ACK);
    close_socket(stage, ACCEPTED, SERVER);
    begin_call(stage, 0, 0);
    change_state(stage, CORR_LAST_ACK, CORR_CLOSED);
    play(stage, &(struct etw_socket){TCP(SHUTDOWN, EXIT, TCB_NUMBER), .has = BOTH, ENDS});
    play(stage, &(struct etw_socket){TCP(CLOSE, SINGLE, TCB_NUMBER), .has = BOTH, ENDS});
    play(stage, &(struct etw_socket){TCP(ABORT, ENTER, TCB_NUMBER),
                                     .has = BOTH | ETW_HAS_STATUS | ETW_HAS_PID, ENDS,
                                     .status = ABORTED, .pid = 2704});
}

static void test_a_server_is_one_socket_in_both_layers(void **state)
{
    (void)state;
    struct stage stage;
    open_stage(&stage);
    open_listener(&stage);
    receive_connection(&stage);
    accept_socket(&stage, ACCEPTED);
    play(&stage, &(struct etw_socket){AFD(RECEIVE, ENTER, ACCEPTED, SERVER), IN_CONTEXT,
                                      .has = ETW_HAS_BYTES, .bytes = 256});
    play(&stage, &(struct etw_socket){AFD(RECEIVE, EXIT, ACCEPTED, SERVER),
                                      .has = ETW_HAS_BYTES | ETW_HAS_STATUS, .bytes = 13});
    send_13(&stage);
    end_connection(&stage);
    finish_stage(&stage);

    assert_int_equal(shown_count(&stage), 2);
    assert_int_equal(stage.joined, 2);
    assert_int_equal(stage.unjoined, 0);
    const struct corr_socket *listener = shown_row(&stage, 1);
    const struct corr_socket *server = shown_row(&stage, 2);
    assert_int_equal(listener->role, CORR_LISTENER);
    assert_int_equal(listener->handle, STACK_LISTENER);
    assert_int_equal(listener->application, LISTENING);
    assert_true(has_rule(listener, CORR_RULE_SAME_THREAD));
    assert_int_equal(shown_pid(&stage, 1), 2704);
    assert_int_equal(server->role, CORR_SERVER);
    assert_int_equal(server->handle, TCB_NUMBER);
    assert_int_equal(server->application, ACCEPTED);
    assert_true(has_rule(server, CORR_RULE_ENDPOINT_CREATED));
    assert_true(has_rule(server, CORR_RULE_ACCEPT_SOCKET));
    assert_true(has_rule(server, CORR_RULE_LISTENER));
    assert_int_equal(shown_pid(&stage, 2), 2704);
    assert_int_equal(server->bytes_sent, 13);
    assert_int_equal(server->bytes_received, 13);
    assert_int_equal(server->bytes_from, CORR_BYTES_APPLICATION);
    close_stage(&stage);
}

/* AcceptEx has its socket ready: Winsock tells of it before the stack does. */
static void test_an_accept_that_was_posted_is_joined(void **state)
{
    (void)state;
    struct stage stage;
    open_stage(&stage);
    open_listener(&stage);
    create_socket(&stage, ACCEPTED, SERVER, 2704, TCP_PROTOCOL);
    begin_call(&stage, 0, 0);
    change_state(&stage, CORR_LISTEN, CORR_SYN_RECEIVED);
    play(&stage,
         &(struct etw_socket){.layer = ETW_LAYER_APPLICATION,
                              .action = ETW_ACTION_ACCEPT,
                              .phase = ETW_PHASE_EXIT,
                              HANDLES(HANDLE(AFD_ENDPOINT, LISTENING), HANDLE(EPROCESS, SERVER),
                                      HANDLE(AFD_ACCEPT_ENDPOINT, ACCEPTED)),
                              .has = ETW_HAS_REMOTE | ETW_HAS_STATUS,
                              REMOTE("192.168.1.200", 55908)});
    play(&stage, &(struct etw_socket){TCP(ACCEPT, SINGLE, TCB_NUMBER), .has = BOTH, ENDS});
    finish_stage(&stage);
    assert_int_equal(shown_count(&stage), 2);
    assert_int_equal(shown_row(&stage, 2)->application, ACCEPTED);
    assert_int_equal(shown_row(&stage, 2)->handle, TCB_NUMBER);
    assert_int_equal(shown_pid(&stage, 2), 2704);
    close_stage(&stage);
}

/* ---- the printed trace of a client ---- */

#define CLIENT_SOCKET  0x7A05010u
#define CLIENT_PROCESS 0x7AE3060u
#define CLIENT_TCB     0x829C860u
#define CLIENT_ENDS    LOCAL("192.168.1.1", 50357), REMOTE("192.168.3.10", 5061)

static void connect_client(struct stage *stage, uint32_t stack_thread, const char *peer)
{
    begin_call(stage, 7, 1504);
    create_socket(stage, CLIENT_SOCKET, CLIENT_PROCESS, 1504, TCP_PROTOCOL);
    bind_socket(stage, CLIENT_SOCKET, CLIENT_PROCESS, "192.168.1.1", 50357);
    enter_connect(stage, CLIENT_SOCKET, CLIENT_PROCESS, peer, 5061);
    stage->thread = stack_thread;
    play(stage,
         &(struct etw_socket){TCP(STATE, SINGLE, CLIENT_TCB), .has = ETW_HAS_FROM | ETW_HAS_TO,
                              .from = CORR_CLOSED, .to = CORR_SYN_SENT});
    play(stage, &(struct etw_socket){TCP(CONNECT, ENTER, CLIENT_TCB), IN_CONTEXT, .has = BOTH,
                                     CLIENT_ENDS});
    play(stage, &(struct etw_socket){TCP(SYN, SINGLE, CLIENT_TCB), IN_CONTEXT,
                                     .has = ETW_HAS_SEQUENCE, .sequence = 2232090326});
    stage->thread = 7;
}

static void fail_client(struct stage *stage)
{
    begin_call(stage, 0, 0);
    play(stage, &(struct etw_socket){TCP(TIMEOUT, SINGLE, CLIENT_TCB), .has = BOTH, CLIENT_ENDS});
    play(stage,
         &(struct etw_socket){TCP(STATE, SINGLE, CLIENT_TCB), .has = ETW_HAS_FROM | ETW_HAS_TO,
                              .from = CORR_SYN_SENT, .to = CORR_CLOSED});
    begin_call(stage, 7, 1504);
    exit_connect(stage, CLIENT_SOCKET, CLIENT_PROCESS, IO_TIMEOUT);
    close_socket(stage, CLIENT_SOCKET, CLIENT_PROCESS);
}

static void test_a_client_is_joined_by_its_call(void **state)
{
    (void)state;
    struct stage stage;
    open_stage(&stage);
    connect_client(&stage, 7, "192.168.3.10");
    fail_client(&stage);
    finish_stage(&stage);

    assert_int_equal(shown_count(&stage), 1);
    const struct corr_socket *client = shown_row(&stage, 1);
    assert_int_equal(client->handle, CLIENT_TCB);
    assert_int_equal(client->application, CLIENT_SOCKET);
    assert_int_equal(client->role, CORR_CLIENT);
    assert_true(has_rule(client, CORR_RULE_SAME_THREAD));
    assert_true(has_rule(client, CORR_RULE_ENDPOINT_CREATED));
    assert_int_equal(shown_pid(&stage, 1), 1504);
    assert_int_equal(client->confidence, CORR_STRONG);
    assert_int_equal(client->cause, CORR_CAUSE_TIMEOUT);
    assert_int_equal(client->status, IO_TIMEOUT);
    close_stage(&stage);
}

static void test_equal_addresses_join_what_threads_do_not(void **state)
{
    (void)state;
    struct stage stage;
    open_stage(&stage);
    connect_client(&stage, 99, "192.168.3.10");
    finish_stage(&stage);
    assert_int_equal(shown_count(&stage), 1);
    const struct corr_socket *client = shown_row(&stage, 1);
    assert_int_equal(client->handle, CLIENT_TCB);
    assert_int_equal(client->application, CLIENT_SOCKET);
    assert_true(has_rule(client, CORR_RULE_SAME_ADDRESS));
    assert_int_equal(shown_pid(&stage, 1), 1504);
    close_stage(&stage);
}

/* An interrupt on the thread tells of another connection. */
static void test_another_remote_end_is_not_joined(void **state)
{
    (void)state;
    struct stage stage;
    open_stage(&stage);
    connect_client(&stage, 7, "192.168.3.11");
    finish_stage(&stage);
    assert_int_equal(shown_count(&stage), 2);
    for (uint32_t id = 1; id <= 2; id++) {
        const struct corr_socket *row = shown_row(&stage, id);
        assert_true(row->handle == 0 || row->application == 0);
        assert_int_equal(row->remote.bytes[3], row->handle != 0 ? 10 : 11);
    }
    close_stage(&stage);
}

/* A call whose return was lost does not stay open for ever. */
static void test_an_old_call_joins_nothing(void **state)
{
    (void)state;
    struct stage stage;
    open_stage(&stage);
    begin_call(&stage, 7, 1504);
    create_socket(&stage, 1, 2, 1504, TCP_PROTOCOL);
    enter_connect(&stage, 1, 2, "192.168.3.10", 5061);
    stage.scene.record.time += 5 * SECOND;
    play(&stage, &(struct etw_socket){TCP(CONNECT, ENTER, CLIENT_TCB), .has = BOTH, CLIENT_ENDS});
    finish_stage(&stage);
    for (uint32_t id = 1; id <= shown_count(&stage); id++) {
        assert_false(has_rule(shown_row(&stage, id), CORR_RULE_SAME_THREAD));
    }
    close_stage(&stage);
}

/* ---- connections that are older than the trace ---- */

static void list_older(struct stage *stage, uint32_t tcb, uint16_t port, uint32_t pid)
{
    begin_call(stage, 50, 999);
    struct etw_socket older = {TCP(STATE, RUNDOWN, tcb), .has = BOTH | ETW_HAS_TO,
                               .to = CORR_ESTABLISHED, LOCAL("10.0.0.1", port),
                               REMOTE("10.0.0.9", 80)};
    if (pid != 0) {
        older.has |= ETW_HAS_PID;
        older.pid = pid;
    }
    play(stage, &older);
}

static void send_older(struct stage *stage, uint64_t endpoint, uint32_t tcb, uint64_t bytes)
{
    begin_call(stage, 7, 30);
    play(stage, &(struct etw_socket){AFD(SEND, ENTER, endpoint, 2), IN_CONTEXT,
                                     .has = ETW_HAS_BYTES, .bytes = bytes});
    play(stage, &(struct etw_socket){TCP(SEND, ENTER, tcb), IN_CONTEXT, .has = ETW_HAS_BYTES,
                                     .bytes = 77});
    play(stage, &(struct etw_socket){AFD(SEND, EXIT, endpoint, 2),
                                     .has = ETW_HAS_BYTES | ETW_HAS_STATUS, .bytes = bytes});
}

static void test_an_older_connection_is_joined_by_bytes_and_pid(void **state)
{
    (void)state;
    struct stage stage;
    open_stage(&stage);
    list_older(&stage, 0x100, 5000, 30);
    send_older(&stage, 1, 0x100, 77);
    finish_stage(&stage);
    assert_int_equal(shown_count(&stage), 1);
    assert_int_equal(shown_row(&stage, 1)->application, 1);
    assert_int_equal(shown_row(&stage, 1)->bytes_sent, 77);
    assert_true(has_rule(shown_row(&stage, 1), CORR_RULE_SAME_BYTES));
    assert_int_equal(shown_pid(&stage, 1), 30);
    close_stage(&stage);
}

static void test_bytes_alone_must_agree_twice(void **state)
{
    (void)state;
    struct stage stage;
    open_stage(&stage);
    list_older(&stage, 0x100, 5000, 0);
    send_older(&stage, 1, 0x100, 77);
    assert_int_equal(application_records_get(stage.application, 0)->row, CORR_NO_ROW);
    send_older(&stage, 1, 0x100, 77);
    assert_int_not_equal(application_records_get(stage.application, 0)->row, CORR_NO_ROW);
    finish_stage(&stage);
    assert_int_equal(shown_row(&stage, 1)->application, 1);
    close_stage(&stage);
}

static void test_other_bytes_or_another_pid_join_nothing(void **state)
{
    (void)state;
    struct stage stage;
    open_stage(&stage);
    list_older(&stage, 0x100, 5000, 30);
    list_older(&stage, 0x200, 5001, 40);
    send_older(&stage, 1, 0x100, 78);
    send_older(&stage, 5, 0x200, 77);
    send_older(&stage, 5, 0x200, 77);
    finish_stage(&stage);
    assert_int_equal(shown_row(&stage, 1)->application, 0);
    assert_int_equal(shown_row(&stage, 2)->application, 0);
    assert_int_equal(shown_pid(&stage, 2), 40);
    close_stage(&stage);
}

/* ---- datagrams ---- */

static void test_a_datagram_socket_is_joined_when_it_is_made(void **state)
{
    (void)state;
    struct stage stage;
    open_stage(&stage);
    begin_call(&stage, 7, 10);
    play(&stage, &(struct etw_socket){AFD(CREATE, ENTER, 1, 2), IPV4_SOCKET(UDP_PROTOCOL),
                                      .has = ETW_HAS_PID | ETW_HAS_PROTOCOL, .pid = 10});
    play(&stage, &(struct etw_socket){UDP(CREATE, 0xE0), .has = ETW_HAS_PID, .pid = 10});
    play(&stage, &(struct etw_socket){AFD(CREATE, EXIT, 1, 2)});
    bind_socket(&stage, 1, 2, "0.0.0.0", 5353);
    play(&stage,
         &(struct etw_socket){UDP(BIND, 0xE0), .has = ETW_HAS_LOCAL, LOCAL("0.0.0.0", 5353)});
    finish_stage(&stage);
    assert_int_equal(shown_count(&stage), 1);
    assert_int_equal(shown_row(&stage, 1)->handle, 0xE0);
    assert_int_equal(shown_row(&stage, 1)->application, 1);
    assert_int_equal(shown_row(&stage, 1)->local.port, 5353);
    assert_true(has_rule(shown_row(&stage, 1), CORR_RULE_SAME_THREAD));
    assert_int_equal(shown_pid(&stage, 1), 10);
    close_stage(&stage);
}

static void send_datagram(struct stage *stage, const char *stack_remote)
{
    play(stage,
         &(struct etw_socket){AFD(SEND_TO, ENTER, 1, 2), .has = ETW_HAS_REMOTE | ETW_HAS_BYTES,
                              .bytes = 8, REMOTE("172.23.98.97", 2762)});
    play(stage, &(struct etw_socket){UDP(SEND_TO, 0xE0), .has = BOTH | ETW_HAS_BYTES, .bytes = 8,
                                     LOCAL("10.1.1.1", 36003), REMOTE(stack_remote, 2762)});
    play(stage, &(struct etw_socket){AFD(SEND_TO, EXIT, 1, 2),
                                     .has = ETW_HAS_STATUS | ETW_HAS_BYTES, .bytes = 8});
}

/* Older Windows tells of datagrams only. */
static void test_a_datagram_socket_is_joined_when_it_sends(void **state)
{
    (void)state;
    struct stage stage;
    open_stage(&stage);
    begin_call(&stage, 7, 2136);
    create_socket(&stage, 1, 2, 2136, UDP_PROTOCOL);
    bind_socket(&stage, 1, 2, "0.0.0.0", 36003);
    send_datagram(&stage, "172.23.98.97");
    finish_stage(&stage);
    assert_int_equal(shown_count(&stage), 1);
    const struct corr_socket *socket = shown_row(&stage, 1);
    assert_int_equal(socket->handle, 0xE0);
    assert_int_equal(socket->application, 1);
    assert_true(has_rule(socket, CORR_RULE_SAME_BYTES));
    assert_int_equal(shown_pid(&stage, 1), 2136);
    assert_int_equal(socket->bytes_sent, 8);
    close_stage(&stage);
}

static void test_a_datagram_to_elsewhere_joins_nothing_at_once(void **state)
{
    (void)state;
    struct stage stage;
    open_stage(&stage);
    begin_call(&stage, 7, 2136);
    create_socket(&stage, 1, 2, 2136, UDP_PROTOCOL);
    send_datagram(&stage, "172.23.98.98");
    finish_stage(&stage);
    for (uint32_t id = 1; id <= shown_count(&stage); id++) {
        assert_false(has_rule(shown_row(&stage, id), CORR_RULE_SAME_BYTES));
    }
    close_stage(&stage);
}

/* The ends of the stack's event stand in the other order. */
static void test_a_received_datagram_joins(void **state)
{
    (void)state;
    struct stage stage;
    open_stage(&stage);
    begin_call(&stage, 7, 10);
    create_socket(&stage, 1, 2, 10, UDP_PROTOCOL);
    bind_socket(&stage, 1, 2, "0.0.0.0", 5000);
    play(&stage, &(struct etw_socket){UDP(SEND_TO, 0xE0), .has = BOTH, LOCAL("10.0.0.1", 5000),
                                      REMOTE("10.0.0.8", 53)});
    begin_call(&stage, 0, 0);
    play(&stage,
         &(struct etw_socket){UDP(RECEIVE_FROM, 0xE0), .has = BOTH | ETW_HAS_BYTES, .bytes = 40,
                              LOCAL("10.0.0.9", 53), REMOTE("10.0.0.1", 5000)});
    play(&stage, &(struct etw_socket){AFD(RECEIVE_FROM, EXIT, 1, 2),
                                      .has = ETW_HAS_REMOTE | ETW_HAS_BYTES | ETW_HAS_STATUS,
                                      .bytes = 40, REMOTE("10.0.0.9", 53)});
    assert_int_equal(application_records_get(stage.application, 0)->flags & APPLICATION_OWN_ROW, 0);
    finish_stage(&stage);
    assert_int_equal(shown_count(&stage), 1);
    assert_int_equal(shown_row(&stage, 1)->application, 1);
    close_stage(&stage);
}

/* Its port is not known; process and peer say which it is. */
static void test_an_older_datagram_socket_is_joined_by_its_peer(void **state)
{
    (void)state;
    struct stage stage;
    open_stage(&stage);
    for (uint32_t i = 0; i < 2; i++) {
        play(&stage, &(struct etw_socket){UDP(SEND_TO, 0xE0 + i), .has = BOTH | ETW_HAS_PID,
                                          .pid = 10, LOCAL("10.0.0.1", (uint16_t)(5000 + i)),
                                          REMOTE("10.0.0.8", (uint16_t)(53 + i))});
    }
    play(&stage,
         &(struct etw_socket){AFD(SEND_TO, ENTER, 1, 2), .has = ETW_HAS_REMOTE | ETW_HAS_BYTES,
                              .bytes = 8, REMOTE("10.0.0.8", 54)});
    create_socket(&stage, 5, 2, 10, TCP_PROTOCOL);
    finish_stage(&stage);
    assert_int_equal(shown_count(&stage), 2);
    assert_int_equal(shown_row(&stage, 1)->application, 0);
    assert_int_equal(shown_row(&stage, 2)->application, 1);
    assert_int_equal(shown_row(&stage, 2)->handle, 0xE1);
    close_stage(&stage);
}

/* Two sockets of one process, or of two, could be the row: nobody can tell. */
static void test_what_fits_twice_is_not_joined(void **state)
{
    (void)state;
    struct stage stage;
    open_stage(&stage);
    begin_call(&stage, 7, 10);
    for (uint64_t endpoint = 1; endpoint <= 2; endpoint++) {
        create_socket(&stage, endpoint, 2 + endpoint, 10 * (uint32_t)endpoint, UDP_PROTOCOL);
        bind_socket(&stage, endpoint, 2 + endpoint, "0.0.0.0", 5353);
    }
    begin_call(&stage, 9, 0);
    play(&stage, &(struct etw_socket){UDP(SEND_TO, 0xE0), .has = BOTH, LOCAL("10.0.0.1", 5353),
                                      REMOTE("10.0.0.8", 53)});
    finish_stage(&stage);
    assert_int_equal(shown_count(&stage), 3);
    assert_int_equal(shown_row(&stage, 3)->handle, 0xE0);
    assert_int_equal(shown_row(&stage, 3)->application, 0);
    assert_int_equal(shown_pid(&stage, 1), 10);
    assert_int_equal(shown_pid(&stage, 2), 20);
    assert_int_equal(shown_pid(&stage, 3), 0);
    assert_int_equal(stage.unjoined, 2);
    close_stage(&stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_server_is_one_socket_in_both_layers),
        cmocka_unit_test(test_an_accept_that_was_posted_is_joined),
        cmocka_unit_test(test_a_client_is_joined_by_its_call),
        cmocka_unit_test(test_equal_addresses_join_what_threads_do_not),
        cmocka_unit_test(test_another_remote_end_is_not_joined),
        cmocka_unit_test(test_an_old_call_joins_nothing),
        cmocka_unit_test(test_an_older_connection_is_joined_by_bytes_and_pid),
        cmocka_unit_test(test_bytes_alone_must_agree_twice),
        cmocka_unit_test(test_other_bytes_or_another_pid_join_nothing),
        cmocka_unit_test(test_a_datagram_socket_is_joined_when_it_is_made),
        cmocka_unit_test(test_a_datagram_socket_is_joined_when_it_sends),
        cmocka_unit_test(test_a_datagram_to_elsewhere_joins_nothing_at_once),
        cmocka_unit_test(test_a_received_datagram_joins),
        cmocka_unit_test(test_an_older_datagram_socket_is_joined_by_its_peer),
        cmocka_unit_test(test_what_fits_twice_is_not_joined),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
