/* SPDX-License-Identifier: MIT */
#include "correlate/application_history.h"

#include "tests/unit/winsock_events.h"

#define TCP_PROTOCOL 6
#define UDP_PROTOCOL 17
#define IO_TIMEOUT   0xC00000B5u
#define REFUSED      0xC0000236u

/* The server of the printed trace: its listening socket, its process. */
#define LISTENING 0x8A28E2D8u
#define ACCEPTED  0x892FB6D8u
#define SERVER    0x893F92B0u

static void test_a_record_is_small(void **state)
{
    (void)state;
    assert_true(sizeof(struct application_record) <= 128);
}

/* One send enters twice and returns twice; the second return counts nothing. */
static void send_and_receive_13(struct stage *stage, uint64_t endpoint, uint64_t process)
{
    const uint32_t locations[] = {3047, 3056, 3051, 3024};
    play(stage, &(struct etw_socket){AFD(RECEIVE, INDICATION, endpoint, process),
                                     .has = ETW_HAS_BYTES, .bytes = 13});
    play(stage, &(struct etw_socket){AFD(RECEIVE, ENTER, endpoint, process), .has = ETW_HAS_BYTES,
                                     .bytes = 256});
    play(stage, &(struct etw_socket){AFD(RECEIVE, EXIT, endpoint, process),
                                     .has = ETW_HAS_BYTES | ETW_HAS_STATUS, .bytes = 13});
    for (size_t i = 0; i < 4; i++) {
        struct etw_socket send = {AFD(SEND, ENTER, endpoint, process),
                                  .has = ETW_HAS_BYTES | ETW_HAS_LOCATION, .bytes = 13,
                                  .location = locations[i]};
        if (i >= 2) {
            send.phase = ETW_PHASE_EXIT;
            send.has |= ETW_HAS_STATUS;
        }
        play(stage, &send);
    }
}

static void listen_at_13000(struct stage *stage)
{
    create_socket(stage, LISTENING, SERVER, 2704, TCP_PROTOCOL);
    bind_socket(stage, LISTENING, SERVER, "192.168.1.212", 13000);
    play(stage, &(struct etw_socket){AFD(LISTEN, ENTER, LISTENING, SERVER)});
    play(stage, &(struct etw_socket){AFD(LISTEN, EXIT, LISTENING, SERVER), .has = ETW_HAS_STATUS});
}

static void accept_client(struct stage *stage)
{
    play(stage, &(struct etw_socket){AFD(CONNECT, INDICATION, LISTENING, SERVER),
                                     .has = ETW_HAS_REMOTE, REMOTE("192.168.1.200", 55908)});
    create_socket(stage, ACCEPTED, SERVER, 2704, TCP_PROTOCOL);
    play(stage,
         &(struct etw_socket){.layer = ETW_LAYER_APPLICATION,
                              .action = ETW_ACTION_ACCEPT,
                              .phase = ETW_PHASE_ENTER,
                              HANDLES(HANDLE(AFD_ENDPOINT, LISTENING), HANDLE(EPROCESS, SERVER),
                                      HANDLE(AFD_ACCEPT_ENDPOINT, ACCEPTED)),
                              .has = ETW_HAS_REMOTE,
                              REMOTE("192.168.1.200", 55908)});
    play(stage, &(struct etw_socket){AFD(ACCEPT, EXIT, LISTENING, SERVER), .has = ETW_HAS_STATUS});
}

static void test_a_server_is_told_by_winsock_alone(void **state)
{
    (void)state;
    struct stage stage;
    open_stage(&stage);
    listen_at_13000(&stage);
    accept_client(&stage);
    send_and_receive_13(&stage, ACCEPTED, SERVER);
    play(&stage, &(struct etw_socket){AFD(SHUTDOWN, INDICATION, ACCEPTED, SERVER)});
    close_socket(&stage, ACCEPTED, SERVER);
    finish_stage(&stage);

    assert_int_equal(shown_count(&stage), 2);
    const struct corr_socket *listener = shown_row(&stage, 1);
    const struct corr_socket *server = shown_row(&stage, 2);
    struct corr_endpoint local = end4("192.168.1.212", 13000);
    struct corr_endpoint remote = end4("192.168.1.200", 55908);
    assert_int_equal(listener->role, CORR_LISTENER);
    assert_end(&listener->local, &local);
    assert_true(listener->closed == CORR_NEVER);
    assert_int_equal(shown_pid(&stage, 1), 2704);
    assert_int_equal(server->role, CORR_SERVER);
    assert_end(&server->local, &local);
    assert_end(&server->remote, &remote);
    assert_int_equal(server->application, ACCEPTED);
    assert_int_equal(shown_pid(&stage, 2), 2704);
    assert_true(has_rule(server, CORR_RULE_ENDPOINT_CREATED));
    assert_int_equal(server->cause, CORR_CAUSE_PEER_CLOSE);
    assert_true(server->closed != CORR_NEVER);
    close_stage(&stage);
}

static void test_every_byte_counts_once(void **state)
{
    (void)state;
    struct stage stage;
    open_stage(&stage);
    listen_at_13000(&stage);
    accept_client(&stage);
    send_and_receive_13(&stage, ACCEPTED, SERVER);
    finish_stage(&stage);
    const struct corr_socket *server = shown_row(&stage, 2);
    assert_int_equal(server->bytes_sent, 13);
    assert_int_equal(server->bytes_received, 13);
    assert_int_equal(server->bytes_from, CORR_BYTES_APPLICATION);
    close_stage(&stage);
}

/* A listener of both kinds of addresses accepts from an IPv4 peer. */
static void test_an_accepted_connection_has_ends_of_one_kind(void **state)
{
    (void)state;
    struct stage stage;
    struct corr_endpoint local = end4("0.0.0.0", 80);
    open_stage(&stage);
    create_socket(&stage, LISTENING, SERVER, 2704, TCP_PROTOCOL);
    play(&stage, &(struct etw_socket){AFD(BIND, EXIT, LISTENING, SERVER), .has = ETW_HAS_LOCAL,
                                      .local = ipv6(0, 0, 80)});
    play(&stage, &(struct etw_socket){AFD(LISTEN, ENTER, LISTENING, SERVER)});
    accept_client(&stage);
    finish_stage(&stage);
    assert_true(shown_row(&stage, 1)->local.is_dual);
    assert_end(&shown_row(&stage, 2)->local, &local);
    assert_false(shown_row(&stage, 2)->local.is_dual);
    close_stage(&stage);
}

/* What is under way or has failed moved nothing. */
static void test_only_success_counts_bytes(void **state)
{
    (void)state;
    const uint32_t statuses[] = {0x103, 0xC000020D};
    struct stage stage;
    open_stage(&stage);
    create_socket(&stage, 1, 2, 10, TCP_PROTOCOL);
    enter_connect(&stage, 1, 2, "10.0.0.9", 80);
    for (size_t i = 0; i < 2; i++) {
        play(&stage,
             &(struct etw_socket){AFD(SEND, EXIT, 1, 2), .has = ETW_HAS_BYTES | ETW_HAS_STATUS,
                                  .bytes = 100, .status = statuses[i]});
    }
    finish_stage(&stage);
    assert_int_equal(shown_row(&stage, 1)->bytes_sent, 0);
    close_stage(&stage);
}

static void test_a_connect_that_times_out_says_so(void **state)
{
    (void)state;
    struct stage stage;
    open_stage(&stage);
    create_socket(&stage, 0x7A05010, 0x7AE3060, 1504, TCP_PROTOCOL);
    bind_socket(&stage, 0x7A05010, 0x7AE3060, "192.168.1.1", 50357);
    enter_connect(&stage, 0x7A05010, 0x7AE3060, "192.168.3.10", 5061);
    exit_connect(&stage, 0x7A05010, 0x7AE3060, IO_TIMEOUT);
    close_socket(&stage, 0x7A05010, 0x7AE3060);
    finish_stage(&stage);

    assert_int_equal(shown_count(&stage), 1);
    const struct corr_socket *client = shown_row(&stage, 1);
    struct corr_endpoint local = end4("192.168.1.1", 50357);
    struct corr_endpoint remote = end4("192.168.3.10", 5061);
    assert_int_equal(client->role, CORR_CLIENT);
    assert_end(&client->local, &local);
    assert_end(&client->remote, &remote);
    assert_int_equal(client->cause, CORR_CAUSE_TIMEOUT);
    assert_int_equal(client->status, IO_TIMEOUT);
    assert_int_equal(shown_pid(&stage, 1), 1504);
    close_stage(&stage);
}

/* The return of a bind is lost: what was asked for counts, unless it was refused. */
static void test_a_bind_without_return_tells_its_end(void **state)
{
    (void)state;
    struct stage stage;
    struct corr_endpoint local = end4("10.0.0.1", 8080);
    open_stage(&stage);
    for (uint64_t endpoint = 1; endpoint <= 2; endpoint++) {
        create_socket(&stage, endpoint, 2, 10, TCP_PROTOCOL);
        play(&stage, &(struct etw_socket){AFD(BIND, ENTER, endpoint, 2), .has = ETW_HAS_LOCAL,
                                          LOCAL("10.0.0.1", 8080)});
    }
    play(&stage, &(struct etw_socket){AFD(BIND, EXIT, 2, 2), .has = ETW_HAS_LOCAL | ETW_HAS_STATUS,
                                      LOCAL("10.0.0.1", 8080), .status = 0xC000020A});
    play(&stage, &(struct etw_socket){AFD(LISTEN, ENTER, 1, 2)});
    play(&stage, &(struct etw_socket){AFD(LISTEN, ENTER, 2, 2)});
    finish_stage(&stage);
    assert_int_equal(shown_count(&stage), 1);
    assert_int_equal(shown_row(&stage, 1)->application, 1);
    assert_end(&shown_row(&stage, 1)->local, &local);
    close_stage(&stage);
}

/* A call that would block has no result yet. */
static void test_a_connect_that_is_under_way_has_not_failed(void **state)
{
    (void)state;
    struct stage stage;
    open_stage(&stage);
    create_socket(&stage, 1, 2, 10, TCP_PROTOCOL);
    enter_connect(&stage, 1, 2, "10.0.0.9", 80);
    exit_connect(&stage, 1, 2, 0x103);
    finish_stage(&stage);
    assert_int_equal(shown_row(&stage, 1)->cause, CORR_CAUSE_OPEN);
    assert_int_equal(shown_row(&stage, 1)->status, 0);
    close_stage(&stage);
}

static void test_a_second_try_is_a_socket_of_its_own(void **state)
{
    (void)state;
    struct stage stage;
    open_stage(&stage);
    create_socket(&stage, 1, 2, 10, TCP_PROTOCOL);
    enter_connect(&stage, 1, 2, "10.0.0.9", 80);
    exit_connect(&stage, 1, 2, REFUSED);
    enter_connect(&stage, 1, 2, "10.0.0.9", 80);
    exit_connect(&stage, 1, 2, 0);
    send_and_receive_13(&stage, 1, 2);
    finish_stage(&stage);

    assert_int_equal(shown_count(&stage), 2);
    assert_int_equal(shown_row(&stage, 1)->cause, CORR_CAUSE_REFUSED);
    assert_int_equal(shown_row(&stage, 1)->bytes_sent, 0);
    assert_int_equal(shown_row(&stage, 2)->cause, CORR_CAUSE_OPEN);
    assert_int_equal(shown_row(&stage, 2)->bytes_sent, 13);
    assert_int_equal(shown_pid(&stage, 2), 10);
    close_stage(&stage);
}

static void test_a_pointer_is_used_again(void **state)
{
    (void)state;
    struct stage stage;
    open_stage(&stage);
    create_socket(&stage, 1, 2, 10, TCP_PROTOCOL);
    enter_connect(&stage, 1, 2, "10.0.0.9", 80);
    close_socket(&stage, 1, 2);
    create_socket(&stage, 1, 3, 20, TCP_PROTOCOL);
    enter_connect(&stage, 1, 3, "10.0.0.9", 80);
    finish_stage(&stage);

    assert_int_equal(shown_count(&stage), 2);
    assert_int_equal(shown_pid(&stage, 1), 10);
    assert_int_equal(shown_pid(&stage, 2), 20);
    assert_true(shown_row(&stage, 1)->closed <= shown_row(&stage, 2)->opened);
    assert_int_equal(stage.counts.missed_closes, 0);
    close_stage(&stage);
}

/* The completion of a receive comes after the close; it is not another socket. */
static void test_a_late_return_begins_nothing(void **state)
{
    (void)state;
    struct stage stage;
    open_stage(&stage);
    create_socket(&stage, 1, 2, 10, TCP_PROTOCOL);
    enter_connect(&stage, 1, 2, "10.0.0.9", 80);
    close_socket(&stage, 1, 2);
    play(&stage,
         &(struct etw_socket){AFD(RECEIVE, EXIT, 1, 2), .has = ETW_HAS_BYTES | ETW_HAS_STATUS,
                              .bytes = 0, .status = 0xC0000120});
    finish_stage(&stage);
    assert_int_equal(stage.counts.missed_opens, 0);
    assert_int_equal(shown_count(&stage), 1);
    close_stage(&stage);
}

static void test_a_call_after_the_close_is_of_another_socket(void **state)
{
    (void)state;
    struct stage stage;
    open_stage(&stage);
    create_socket(&stage, 1, 2, 10, TCP_PROTOCOL);
    enter_connect(&stage, 1, 2, "10.0.0.9", 80);
    close_socket(&stage, 1, 2);
    /* Lost: the create of the next one. */
    enter_connect(&stage, 1, 2, "10.0.0.9", 80);
    send_and_receive_13(&stage, 1, 2);
    finish_stage(&stage);
    assert_int_equal(shown_count(&stage), 2);
    assert_int_equal(shown_row(&stage, 1)->bytes_sent, 0);
    assert_int_equal(shown_row(&stage, 2)->bytes_sent, 13);
    assert_int_equal(stage.counts.missed_opens, 1);
    assert_int_equal(stage.counts.missed_closes, 0);
    close_stage(&stage);
}

static void test_a_lost_create_is_seen_by_another_process_pointer(void **state)
{
    (void)state;
    struct stage stage;
    open_stage(&stage);
    create_socket(&stage, 1, 2, 10, TCP_PROTOCOL);
    enter_connect(&stage, 1, 2, "10.0.0.9", 80);
    /* Lost: the close, and the create by the process at 3. */
    enter_connect(&stage, 1, 3, "10.0.0.8", 443);
    send_and_receive_13(&stage, 1, 3);
    finish_stage(&stage);

    assert_int_equal(shown_count(&stage), 2);
    assert_int_equal(shown_pid(&stage, 1), 10);
    assert_int_equal(shown_pid(&stage, 2), 0);
    assert_true((shown_row(&stage, 2)->flags & CORR_SOCKET_OLDER) != 0);
    assert_int_equal(stage.counts.missed_opens, 1);
    assert_int_equal(stage.counts.missed_closes, 1);
    close_stage(&stage);
}

static void test_a_lost_close_is_seen_by_the_next_create(void **state)
{
    (void)state;
    struct stage stage;
    open_stage(&stage);
    create_socket(&stage, 1, 2, 10, TCP_PROTOCOL);
    enter_connect(&stage, 1, 2, "10.0.0.9", 80);
    create_socket(&stage, 1, 2, 10, TCP_PROTOCOL);
    enter_connect(&stage, 1, 2, "10.0.0.9", 80);
    finish_stage(&stage);
    assert_int_equal(shown_count(&stage), 2);
    assert_true(shown_row(&stage, 1)->closed != CORR_NEVER);
    assert_true(shown_row(&stage, 2)->closed == CORR_NEVER);
    assert_int_equal(stage.counts.missed_closes, 1);
    close_stage(&stage);
}

static void test_an_older_socket_gets_the_pid_of_its_process_pointer(void **state)
{
    (void)state;
    struct stage stage;
    open_stage(&stage);
    enter_connect(&stage, 1, 2, "10.0.0.9", 80);
    create_socket(&stage, 5, 2, 10, TCP_PROTOCOL); /* later, and another socket */
    finish_stage(&stage);
    assert_int_equal(shown_count(&stage), 0); /* nothing says yet that it is TCP's */
    close_stage(&stage);

    open_stage(&stage);
    enter_connect(&stage, 1, 2, "10.0.0.9", 80);
    send_and_receive_13(&stage, 1, 2);
    create_socket(&stage, 5, 2, 10, TCP_PROTOCOL);
    finish_stage(&stage);
    assert_int_equal(shown_count(&stage), 1);
    assert_int_equal(shown_pid(&stage, 1), 10);
    assert_true(has_rule(shown_row(&stage, 1), CORR_RULE_PROCESS_POINTER));
    assert_true(shown_row(&stage, 1)->opened == CORR_ALWAYS);
    close_stage(&stage);
}

static void call_in_context(struct stage *stage, uint64_t endpoint, uint64_t process, uint32_t pid)
{
    stage->pid = pid;
    play(stage, &(struct etw_socket){AFD(SEND, ENTER, endpoint, process), IN_CONTEXT,
                                     .has = ETW_HAS_BYTES, .bytes = 1});
    stage->pid = 0;
}

static void test_the_caller_is_the_owner_when_nothing_else_tells(void **state)
{
    (void)state;
    struct stage stage;
    open_stage(&stage);
    enter_connect(&stage, 1, 2, "10.0.0.9", 80);
    call_in_context(&stage, 1, 2, 30);
    finish_stage(&stage);
    assert_int_equal(shown_pid(&stage, 1), 30);
    assert_true(has_rule(shown_row(&stage, 1), CORR_RULE_CALLER));
    close_stage(&stage);
}

static void test_two_callers_leave_no_owner(void **state)
{
    (void)state;
    struct stage stage;
    open_stage(&stage);
    enter_connect(&stage, 1, 2, "10.0.0.9", 80);
    call_in_context(&stage, 1, 2, 30);
    call_in_context(&stage, 1, 2, 40);
    finish_stage(&stage);
    assert_int_equal(shown_pid(&stage, 1), 0);
    close_stage(&stage);
}

/* The header of a call disagrees with what the pointer meant: another process has it now. */
static void test_a_process_pointer_is_used_again(void **state)
{
    (void)state;
    struct stage stage;
    open_stage(&stage);
    create_socket(&stage, 1, 2, 10, TCP_PROTOCOL);
    enter_connect(&stage, 1, 2, "10.0.0.9", 80);
    close_socket(&stage, 1, 2);
    enter_connect(&stage, 5, 2, "10.0.0.8", 80);
    call_in_context(&stage, 5, 2, 20);
    enter_connect(&stage, 6, 2, "10.0.0.7", 80);
    play(&stage, &(struct etw_socket){AFD(SEND, ENTER, 6, 2), .has = ETW_HAS_BYTES, .bytes = 1});
    finish_stage(&stage);

    assert_int_equal(shown_count(&stage), 3);
    assert_int_equal(shown_pid(&stage, 1), 10);
    assert_int_equal(shown_pid(&stage, 2), 20);
    assert_int_equal(shown_pid(&stage, 3), 0); /* nobody called it, and the pointer is doubtful */
    close_stage(&stage);
}

/* A socket that its creator gave to another process is still the creator's. */
static void test_a_shared_socket_stays_with_its_creator(void **state)
{
    (void)state;
    struct stage stage;
    open_stage(&stage);
    create_socket(&stage, 1, 2, 10, TCP_PROTOCOL);
    enter_connect(&stage, 1, 2, "10.0.0.9", 80);
    for (uint32_t i = 0; i < 1000; i++) {
        call_in_context(&stage, 1, 2, i % 2 == 0 ? 20 : 10);
    }
    assert_true(stage.application->processes.count < 4);
    finish_stage(&stage);
    assert_int_equal(shown_count(&stage), 1);
    assert_int_equal(shown_pid(&stage, 1), 10);
    close_stage(&stage);
}

static void test_the_end_of_a_process_ends_its_pointer(void **state)
{
    (void)state;
    struct stage stage;
    open_stage(&stage);
    create_socket(&stage, 1, 2, 10, TCP_PROTOCOL);
    enter_connect(&stage, 1, 2, "10.0.0.9", 80);
    application_history_process_ended(stage.application, 10);
    close_socket(&stage, 1, 2); /* the system closes what is left after the end */
    enter_connect(&stage, 5, 2, "10.0.0.8", 80);
    play(&stage, &(struct etw_socket){AFD(SEND, ENTER, 5, 2), .has = ETW_HAS_BYTES, .bytes = 1});
    finish_stage(&stage);
    assert_int_equal(shown_count(&stage), 2);
    assert_int_equal(shown_pid(&stage, 1), 10);
    assert_int_equal(shown_pid(&stage, 2), 0);
    close_stage(&stage);
}

static void test_a_datagram_socket_is_told_by_winsock_alone(void **state)
{
    (void)state;
    struct stage stage;
    open_stage(&stage);
    create_socket(&stage, 1, 2, 10, UDP_PROTOCOL);
    bind_socket(&stage, 1, 2, "0.0.0.0", 36003);
    play(&stage,
         &(struct etw_socket){AFD(SEND_TO, ENTER, 1, 2), .has = ETW_HAS_REMOTE | ETW_HAS_BYTES,
                              .bytes = 8, REMOTE("172.23.98.97", 2762)});
    play(&stage, &(struct etw_socket){AFD(SEND_TO, EXIT, 1, 2),
                                      .has = ETW_HAS_STATUS | ETW_HAS_BYTES, .bytes = 8});
    play(&stage, &(struct etw_socket){AFD(RECEIVE_FROM, EXIT, 1, 2),
                                      .has = ETW_HAS_REMOTE | ETW_HAS_BYTES | ETW_HAS_STATUS,
                                      .bytes = 5, REMOTE("172.23.98.98", 2762)});
    close_socket(&stage, 1, 2);
    finish_stage(&stage);

    assert_int_equal(shown_count(&stage), 1);
    const struct corr_socket *socket = shown_row(&stage, 1);
    uint32_t row = row_of_id(&stage.scene, 1);
    struct corr_endpoint local = end4("0.0.0.0", 36003);
    struct corr_endpoint peers[] = {end4("172.23.98.97", 2762), end4("172.23.98.98", 2762),
                                    end4("172.23.98.99", 2762)};
    assert_int_equal(socket->role, CORR_DATAGRAM);
    assert_int_equal(socket->protocol, UDP_PROTOCOL);
    assert_end(&socket->local, &local);
    assert_int_equal(socket->remote.size, 0);
    assert_true(socket_table_has_flow(stage.scene.table, row, &peers[0]));
    assert_true(socket_table_has_flow(stage.scene.table, row, &peers[1]));
    assert_false(socket_table_has_flow(stage.scene.table, row, &peers[2]));
    assert_int_equal(socket->bytes_sent, 8);
    assert_int_equal(socket->bytes_received, 5);
    assert_int_equal(shown_pid(&stage, 1), 10);
    assert_true(socket->closed != CORR_NEVER);
    close_stage(&stage);
}

static void test_what_is_not_ip_has_no_row(void **state)
{
    (void)state;
    struct stage stage;
    open_stage(&stage);
    play(&stage, &(struct etw_socket){AFD(CREATE, ENTER, 1, 2), .has = ETW_HAS_PID, .pid = 10});
    play(&stage, &(struct etw_socket){AFD(CREATE, EXIT, 1, 2), .has = ETW_HAS_STATUS});
    bind_socket(&stage, 1, 2, "0.0.0.0", 9);
    enter_connect(&stage, 1, 2, "10.0.0.9", 80);
    finish_stage(&stage);
    assert_int_equal(shown_count(&stage), 0);
    close_stage(&stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_record_is_small),
        cmocka_unit_test(test_a_server_is_told_by_winsock_alone),
        cmocka_unit_test(test_every_byte_counts_once),
        cmocka_unit_test(test_an_accepted_connection_has_ends_of_one_kind),
        cmocka_unit_test(test_only_success_counts_bytes),
        cmocka_unit_test(test_a_connect_that_times_out_says_so),
        cmocka_unit_test(test_a_bind_without_return_tells_its_end),
        cmocka_unit_test(test_a_connect_that_is_under_way_has_not_failed),
        cmocka_unit_test(test_a_second_try_is_a_socket_of_its_own),
        cmocka_unit_test(test_a_pointer_is_used_again),
        cmocka_unit_test(test_a_late_return_begins_nothing),
        cmocka_unit_test(test_a_call_after_the_close_is_of_another_socket),
        cmocka_unit_test(test_a_lost_create_is_seen_by_another_process_pointer),
        cmocka_unit_test(test_a_lost_close_is_seen_by_the_next_create),
        cmocka_unit_test(test_an_older_socket_gets_the_pid_of_its_process_pointer),
        cmocka_unit_test(test_the_caller_is_the_owner_when_nothing_else_tells),
        cmocka_unit_test(test_two_callers_leave_no_owner),
        cmocka_unit_test(test_a_process_pointer_is_used_again),
        cmocka_unit_test(test_a_shared_socket_stays_with_its_creator),
        cmocka_unit_test(test_the_end_of_a_process_ends_its_pointer),
        cmocka_unit_test(test_a_datagram_socket_is_told_by_winsock_alone),
        cmocka_unit_test(test_what_is_not_ip_has_no_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
