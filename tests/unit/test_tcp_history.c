/* SPDX-License-Identifier: MIT */
#include "tcp_events.h"

/* ---- whole sequences ---- */

#define SERVER_TCB 0x8921DD28
#define SERVER_ISN 2428590241u
#define CLIENT_ISN 260959134u

/* A server on Windows 7: listens, accepts, answers 13 bytes, the peer closes. */
static void play_listening(struct tcp_scene *scene)
{
    set_tuple(scene, "192.168.1.212", 13000, "192.168.1.200", 55908);
    endpoint_made(scene, 0x89304008, 2704);
    port_event(scene, ETW_PHASE_ENTER, 0x89304008, 0, 13000);
    endpoint_event(scene, ETW_ACTION_BIND, "192.168.1.212", 13000);
    port_event(scene, ETW_PHASE_ENTER, 0x8A213398, 0x89304008, 13000);
    listener_event(scene, ETW_ACTION_LISTEN, 0x8A213398, "192.168.1.212", 13000, 2704);
    endpoint_event(scene, ETW_ACTION_CLOSE, "192.168.1.212", 13000);
}

static void play_accept(struct tcp_scene *scene)
{
    state(scene, SERVER_TCB, CORR_LISTEN, CORR_SYN_RECEIVED, 0);
    sent(scene, SERVER_TCB, SERVER_ISN, 1);
    received(scene, SERVER_TCB, CLIENT_ISN + 1, 0);
    state(scene, SERVER_TCB, CORR_SYN_RECEIVED, CORR_ESTABLISHED, SERVER_ISN + 1);
    accepted(scene, SERVER_TCB, 2704);
    endpoint_made(scene, 0x88BF7B08, 2704);
    endpoint_event(scene, ETW_ACTION_CLOSE, "0.0.0.0", 0);
}

static void play_echo(struct tcp_scene *scene)
{
    segment(scene, ETW_ACTION_DELIVERED, ETW_PHASE_INDICATION, SERVER_TCB, CLIENT_ISN + 1, 13);
    received(scene, SERVER_TCB, CLIENT_ISN + 1, 13);
    posted(scene, SERVER_TCB, 2704, SERVER_ISN + 1, 13);
    sent(scene, SERVER_TCB, SERVER_ISN + 1, 13);
    segment(scene, ETW_ACTION_RECEIVE, ETW_PHASE_ENTER, SERVER_TCB, CLIENT_ISN + 14, 256);
}

static void play_peer_close(struct tcp_scene *scene)
{
    received(scene, SERVER_TCB, CLIENT_ISN + 14, 1);
    state(scene, SERVER_TCB, CORR_ESTABLISHED, CORR_CLOSE_WAIT, SERVER_ISN + 14);
    segment(scene, ETW_ACTION_SHUTDOWN, ETW_PHASE_INDICATION, SERVER_TCB, CLIENT_ISN + 15,
            NO_BYTES);
    state(scene, SERVER_TCB, CORR_CLOSE_WAIT, CORR_LAST_ACK, SERVER_ISN + 14);
    sent(scene, SERVER_TCB, SERVER_ISN + 14, 1);
    received(scene, SERVER_TCB, CLIENT_ISN + 15, 0);
    state(scene, SERVER_TCB, CORR_LAST_ACK, CORR_CLOSED, SERVER_ISN + 15);
}

static void play_aftermath(struct tcp_scene *scene)
{
    connection_event(scene, ETW_ACTION_SHUTDOWN, ETW_PHASE_EXIT, SERVER_TCB, 0, 0);
    connection_event(scene, ETW_ACTION_CLOSE, ETW_PHASE_SINGLE, SERVER_TCB, 0, 0);
    connection_event(scene, ETW_ACTION_SHUTDOWN, ETW_PHASE_SINGLE, SERVER_TCB, 2704, 0xC0000241);
    state(scene, SERVER_TCB, CORR_CLOSED, CORR_CLOSED, SERVER_ISN + 15);
}

static void a_server_that_answers_is_one_listener_and_one_connection(void **context)
{
    (void)context;
    struct tcp_scene scene;
    open_tcp_scene(&scene);
    play_listening(&scene);
    play_accept(&scene);
    play_echo(&scene);
    play_peer_close(&scene);
    int64_t closed = scene.base.record.time;
    play_aftermath(&scene);
    finish_tcp_scene(&scene);

    assert_int_equal(shown_count(&scene), 2);
    const struct corr_socket *listener = shown(&scene, 1);
    assert_int_equal(listener->role, CORR_LISTENER);
    assert_int_equal(listener->closed, CORR_NEVER); /* only its endpoint was closed */
    assert_int_equal(listener->cause, CORR_CAUSE_OPEN);
    assert_end(&listener->local, &(struct corr_endpoint){{192, 168, 1, 212}, 13000, 4, false});
    assert_owner(&scene, 1, 2704);
    assert_true(has_rule(listener, CORR_RULE_STACK_ENDPOINT));
    assert_true(has_rule(listener, CORR_RULE_LISTENER));
    assert_true(has_rule(listener, CORR_RULE_PORT_INHERITED));

    const struct corr_socket *server = shown(&scene, 2);
    assert_int_equal(server->role, CORR_SERVER);
    assert_int_equal(server->closed, closed);
    assert_int_equal(server->cause, CORR_CAUSE_PEER_CLOSE);
    assert_int_equal(server->status, 0);
    assert_int_equal(server->flags & (CORR_SOCKET_OLDER | CORR_SOCKET_CONTRADICTED), 0);
    assert_int_equal(server->local_first, SERVER_ISN);
    assert_int_equal(server->local_next, SERVER_ISN + 15);
    assert_int_equal(server->remote_first, CLIENT_ISN);
    assert_int_equal(server->remote_next, CLIENT_ISN + 15);
    assert_int_equal(server->bytes_sent, 13);
    assert_int_equal(server->bytes_received, 13);
    assert_int_equal(server->bytes_from, CORR_BYTES_STACK);
    assert_int_equal(server->handle, SERVER_TCB);
    assert_owner(&scene, 2, 2704);
    assert_int_equal(server->confidence, CORR_STRONG);
    assert_true(has_rule(server, CORR_RULE_ACCEPTED));
    assert_counts(&scene, 0, 0);
    close_tcp_scene(&scene);
}

static void states_are_those_that_were_told_without_self_transitions(void **context)
{
    (void)context;
    struct tcp_scene scene;
    struct corr_state_change changes[8];
    enum corr_tcp_state now;
    open_tcp_scene(&scene);
    play_listening(&scene);
    play_accept(&scene);
    int64_t established = scene.base.record.time;
    play_echo(&scene);
    play_peer_close(&scene);
    play_aftermath(&scene);
    finish_tcp_scene(&scene);
    uint32_t row = row_of_id(&scene.base, 2);
    assert_int_equal(socket_table_states(scene.base.table, row, changes, 8), 5);
    assert_int_equal(changes[0].from, CORR_LISTEN);
    assert_int_equal(changes[0].to, CORR_SYN_RECEIVED);
    assert_int_equal(changes[4].from, CORR_LAST_ACK);
    assert_int_equal(changes[4].to, CORR_CLOSED);
    assert_true(socket_table_state_at(scene.base.table, row, changes[0].time - 1, &now));
    assert_int_equal(now, CORR_LISTEN);
    assert_true(socket_table_state_at(scene.base.table, row, established, &now));
    assert_int_equal(now, CORR_ESTABLISHED);
    close_tcp_scene(&scene);
}

#define EDGE_TCB 0x829C860
#define EDGE_ISN 2232090326u

/* A retransmitted SYN: the timer, the round and the attempt tell of it at one moment. */
static void play_syn_again(struct tcp_scene *scene)
{
    scene->base.record.time += 3 * SECOND;
    timer(scene, EDGE_TCB);
    scene->base.record.time -= MILLISECOND - 4 * MICROSECOND;
    segment(scene, ETW_ACTION_RETRANSMIT, ETW_PHASE_SINGLE, EDGE_TCB, EDGE_ISN, NO_BYTES);
    scene->base.record.time -= MILLISECOND - 4 * MICROSECOND;
    tuple_event(scene, ETW_ACTION_RETRANSMIT, ETW_PHASE_SINGLE, EDGE_TCB, CORR_SYN_SENT);
}

static void play_connect(struct tcp_scene *scene)
{
    set_tuple(scene, "192.168.1.1", 50357, "192.168.3.10", 5061);
    endpoint_made(scene, 0x82D19B0, 1504);
    port_event(scene, ETW_PHASE_ENTER, 0x82D19B0, 0, 50357);
    endpoint_event(scene, ETW_ACTION_BIND, "192.168.1.1", 50357);
    state(scene, EDGE_TCB, CORR_CLOSED, CORR_SYN_SENT, 0);
    port_event(scene, ETW_PHASE_ENTER, EDGE_TCB, 0x82D19B0, 50357);
    connect_asked(scene, EDGE_TCB, 1504);
    segment(scene, ETW_ACTION_SYN, ETW_PHASE_SINGLE, EDGE_TCB, EDGE_ISN, NO_BYTES);
    connection_event(scene, ETW_ACTION_CONNECT, ETW_PHASE_SINGLE, EDGE_TCB, 0, 0x103);
    segment(scene, ETW_ACTION_MEASURED, ETW_PHASE_ENTER, EDGE_TCB, EDGE_ISN, NO_BYTES);
}

static void a_connect_that_nobody_answers_times_out_after_its_retransmissions(void **context)
{
    (void)context;
    struct tcp_scene scene;
    open_tcp_scene(&scene);
    play_connect(&scene);
    int64_t begun = scene.base.record.time - 5 * MILLISECOND;
    play_syn_again(&scene);
    play_syn_again(&scene);
    scene.base.record.time += 12 * SECOND;
    connection_event(&scene, ETW_ACTION_TIMEOUT, ETW_PHASE_SINGLE, EDGE_TCB, 0, 0);
    connection_event(&scene, ETW_ACTION_SHUTDOWN, ETW_PHASE_SINGLE, EDGE_TCB, 1504, 0xC00000B5);
    state(&scene, EDGE_TCB, CORR_SYN_SENT, CORR_CLOSED, EDGE_ISN + 1);
    int64_t closed = scene.base.record.time;
    connection_event(&scene, ETW_ACTION_TIMEOUT, ETW_PHASE_SINGLE, EDGE_TCB, 0, 0xC00000B5);
    port_event(&scene, ETW_PHASE_EXIT, EDGE_TCB, 0, 50357);
    endpoint_event(&scene, ETW_ACTION_CLOSE, "192.168.1.1", 50357);
    port_event(&scene, ETW_PHASE_EXIT, 0x82D19B0, 0, 50357);
    finish_tcp_scene(&scene);

    assert_int_equal(shown_count(&scene), 1);
    const struct corr_socket *client = shown(&scene, 1);
    assert_int_equal(client->role, CORR_CLIENT);
    assert_int_equal(client->opened, begun);
    assert_int_equal(client->closed, closed);
    assert_int_equal(client->cause, CORR_CAUSE_TIMEOUT);
    assert_int_equal(client->status, 0xC00000B5);
    assert_int_equal(client->retransmits, 2);
    assert_int_equal(client->local_first, EDGE_ISN);
    assert_int_equal(client->local_next, EDGE_ISN + 1);
    assert_int_equal(client->flags & CORR_SOCKET_REMOTE_SEQUENCE, 0);
    assert_int_equal(client->bytes_from, CORR_BYTES_NONE);
    assert_owner(&scene, 1, 1504);
    assert_true(has_rule(client, CORR_RULE_STACK_ENDPOINT));
    assert_true(has_rule(client, CORR_RULE_PORT_INHERITED));
    assert_true(has_rule(client, CORR_RULE_CALLER));
    assert_counts(&scene, 0, 0);
    close_tcp_scene(&scene);
}

/* The server side of three SYNs that are each reset: a new TCB per SYN, ends and pid only at
 * the end. */
static void every_refused_syn_is_a_connection_of_its_own(void **context)
{
    (void)context;
    static const uint64_t tcbs[] = {0x11D4DCF0, 0xEDC7960};
    static const uint32_t numbers[] = {155953667, 157301184};
    struct tcp_scene scene;
    open_tcp_scene(&scene);
    set_tuple(&scene, "192.168.3.10", 5061, "192.168.1.1", 50357);
    for (size_t i = 0; i < 2; i++) {
        state(&scene, tcbs[i], CORR_LISTEN, CORR_SYN_RECEIVED, 0);
        segment(&scene, ETW_ACTION_MEASURED, ETW_PHASE_ENTER, tcbs[i], numbers[i], NO_BYTES);
        timer(&scene, tcbs[i]);
        tuple_event(&scene, ETW_ACTION_ABORT, ETW_PHASE_INDICATION, tcbs[i], CORR_SYN_RECEIVED);
        connection_event(&scene, ETW_ACTION_SHUTDOWN, ETW_PHASE_SINGLE, tcbs[i], 2640, 0xC000020D);
        state(&scene, tcbs[i], CORR_SYN_RECEIVED, CORR_CLOSED, numbers[i] + 1);
    }
    finish_tcp_scene(&scene);
    assert_int_equal(shown_count(&scene), 2);
    for (uint32_t i = 0; i < 2; i++) {
        const struct corr_socket *refused = shown(&scene, i + 1);
        assert_int_equal(refused->handle, tcbs[i]);
        assert_int_equal(refused->role, CORR_SERVER);
        assert_int_equal(refused->cause, CORR_CAUSE_PEER_RESET);
        assert_int_equal(refused->status, 0xC000020D);
        assert_int_equal(refused->local_first, numbers[i]);
        assert_int_equal(refused->local_next, numbers[i] + 1);
        assert_int_equal(refused->remote.port, 50357);
        assert_owner(&scene, i + 1, 2640);
        assert_true(has_rule(refused, CORR_RULE_CONNECTION_EVENT));
    }
    assert_counts(&scene, 0, 0);
    close_tcp_scene(&scene);
}

#define OUTLOOK_TCB 0x42E0AE0
#define OUTLOOK_ISN 2258039006u
#define PEER_NEXT   3786409003u /* what the events say of the SYN and ACK: one behind its number */

/* A client that closes first; every event states other addresses (somebody replaced them). */
static void play_outlook(struct tcp_scene *scene)
{
    state(scene, OUTLOOK_TCB, CORR_CLOSED, CORR_SYN_SENT, 0);
    set_tuple(scene, "10.0.0.1", 61581, "10.9.9.1", 135);
    connect_asked(scene, OUTLOOK_TCB, 5788);
    segment(scene, ETW_ACTION_SYN, ETW_PHASE_SINGLE, OUTLOOK_TCB, OUTLOOK_ISN, NO_BYTES);
    set_tuple(scene, "10.0.0.2", 61581, "10.9.9.2", 135);
    connection_event(scene, ETW_ACTION_CONNECT, ETW_PHASE_SINGLE, OUTLOOK_TCB, 0, 0);
    sent(scene, OUTLOOK_TCB, OUTLOOK_ISN, 1);
    state(scene, OUTLOOK_TCB, CORR_SYN_SENT, CORR_ESTABLISHED, OUTLOOK_ISN + 1);
    received(scene, OUTLOOK_TCB, PEER_NEXT, 1);
    set_tuple(scene, "10.0.0.3", 61581, "10.9.9.3", 135);
    connection_event(scene, ETW_ACTION_CONNECT, ETW_PHASE_EXIT, OUTLOOK_TCB, 5788, 0);
    segment(scene, ETW_ACTION_RECEIVE, ETW_PHASE_ENTER, OUTLOOK_TCB, PEER_NEXT, 1024);
    posted(scene, OUTLOOK_TCB, 5788, OUTLOOK_ISN + 1, 72);
    sent(scene, OUTLOOK_TCB, OUTLOOK_ISN + 1, 72);
    received(scene, OUTLOOK_TCB, PEER_NEXT, 24);
    state(scene, OUTLOOK_TCB, CORR_ESTABLISHED, CORR_FIN_WAIT_1, OUTLOOK_ISN + 73);
    sent(scene, OUTLOOK_TCB, OUTLOOK_ISN + 73, 1);
    received(scene, OUTLOOK_TCB, PEER_NEXT + 24, 1);
    state(scene, OUTLOOK_TCB, CORR_FIN_WAIT_1, CORR_CLOSING, OUTLOOK_ISN + 74);
    segment(scene, ETW_ACTION_SHUTDOWN, ETW_PHASE_INDICATION, OUTLOOK_TCB, PEER_NEXT + 25,
            NO_BYTES);
}

static void the_pointer_groups_a_connection_whose_addresses_were_replaced(void **context)
{
    (void)context;
    struct tcp_scene scene;
    struct tcp_history_counts counts;
    open_tcp_scene(&scene);
    play_outlook(&scene);
    finish_tcp_scene(&scene);
    assert_int_equal(shown_count(&scene), 1);
    const struct corr_socket *client = shown(&scene, 1);
    assert_end(&client->local, &(struct corr_endpoint){{10, 0, 0, 1}, 61581, 4, false});
    assert_int_equal(client->remote_first, PEER_NEXT - 1); /* the SYN and ACK itself */
    assert_int_equal(client->remote_next, PEER_NEXT + 25);
    assert_int_equal(client->bytes_sent, 72);
    assert_int_equal(client->bytes_received, 24);
    assert_int_equal(client->closed, CORR_NEVER);
    assert_int_equal(client->cause, CORR_CAUSE_OPEN);
    assert_owner(&scene, 1, 5788);
    assert_true(has_rule(client, CORR_RULE_CONNECTED));
    tcp_history_get_counts(scene.history, &counts);
    assert_int_equal(counts.odd_ends, 2);
    assert_int_equal(counts.missed_closes, 0);
    close_tcp_scene(&scene);
}

/* ---- older connections ---- */

static void a_rundown_after_live_events_only_adds(void **context)
{
    (void)context;
    struct tcp_scene scene;
    open_tcp_scene(&scene);
    set_tuple(&scene, "10.0.0.1", 50000, "10.0.0.2", 443);
    uint32_t first = sent(&scene, 0x1000, 5000, 100);
    uint32_t second = rundown(&scene, 0x1000, 77, CORR_ESTABLISHED);
    assert_int_equal(first, second);
    finish_tcp_scene(&scene);
    assert_int_equal(shown_count(&scene), 1);
    const struct corr_socket *older = shown(&scene, 1);
    assert_int_equal(older->opened, CORR_ALWAYS);
    assert_int_equal(older->flags & CORR_SOCKET_OLDER, CORR_SOCKET_OLDER);
    assert_int_equal(older->first_state, CORR_ESTABLISHED);
    assert_int_equal(older->local_first, 5000);
    assert_int_equal(older->local_next, 5100);
    assert_owner(&scene, 1, 77);
    assert_true(has_rule(older, CORR_RULE_RUNDOWN));
    assert_counts(&scene, 0, 0); /* it is older than the trace: nothing was missed */
    close_tcp_scene(&scene);
}

static void a_rundown_does_not_make_a_new_connection_an_older_one(void **context)
{
    (void)context;
    struct tcp_scene scene;
    open_tcp_scene(&scene);
    play_connect(&scene);
    state(&scene, EDGE_TCB, CORR_SYN_SENT, CORR_ESTABLISHED, EDGE_ISN + 1);
    rundown(&scene, EDGE_TCB, 1504, CORR_ESTABLISHED);
    finish_tcp_scene(&scene);
    assert_int_equal(shown_count(&scene), 1);
    assert_int_equal(shown(&scene, 1)->flags & CORR_SOCKET_OLDER, 0);
    assert_int_not_equal(shown(&scene, 1)->opened, CORR_ALWAYS);
    assert_true(has_rule(shown(&scene, 1), CORR_RULE_RUNDOWN));
    close_tcp_scene(&scene);
}

static void an_older_connection_began_after_the_last_one_between_its_ends(void **context)
{
    (void)context;
    struct tcp_scene scene;
    open_tcp_scene(&scene);
    set_tuple(&scene, "10.0.0.1", 50000, "10.0.0.2", 443);
    connect_asked(&scene, 0x1000, 77);
    state(&scene, 0x1000, CORR_ESTABLISHED, CORR_CLOSED, 900);
    int64_t closed = scene.base.record.time;
    rundown(&scene, 0x2000, 88, CORR_ESTABLISHED);
    finish_tcp_scene(&scene);
    assert_int_equal(shown_count(&scene), 2);
    assert_int_equal(shown(&scene, 2)->opened, closed);
    assert_owner(&scene, 1, 77);
    assert_owner(&scene, 2, 88);
    close_tcp_scene(&scene);
}

static void an_older_connection_at_a_listeners_port_is_a_server(void **context)
{
    (void)context;
    struct tcp_scene scene;
    open_tcp_scene(&scene);
    listener_event(&scene, ETW_ACTION_LISTEN, 0x500, "0.0.0.0", 445, 4);
    set_tuple(&scene, "10.0.0.1", 445, "10.0.0.2", 50000);
    rundown(&scene, 0x1000, 4, CORR_ESTABLISHED);
    set_tuple(&scene, "10.0.0.1", 50001, "10.0.0.2", 445);
    rundown(&scene, 0x2000, 4, CORR_ESTABLISHED);
    finish_tcp_scene(&scene);
    assert_int_equal(shown(&scene, 2)->role, CORR_SERVER);
    assert_int_equal(shown(&scene, 3)->role, CORR_CLIENT);
    close_tcp_scene(&scene);
}

/* ---- odd and hostile ---- */

static void rows_that_never_get_ends_have_no_id(void **context)
{
    (void)context;
    struct tcp_scene scene;
    open_tcp_scene(&scene);
    timer(&scene, 0x1000);
    sent(&scene, 0x2000, 1, 1);
    finish_tcp_scene(&scene);
    assert_int_equal(scene.base.count, 2);
    assert_int_equal(shown_count(&scene), 0);
    assert_int_equal(scene.base.rows[0].flags & CORR_SOCKET_HIDDEN, CORR_SOCKET_HIDDEN);
    close_tcp_scene(&scene);
}

static void events_without_a_pointer_find_the_connection_by_its_ends(void **context)
{
    (void)context;
    struct tcp_scene scene;
    open_tcp_scene(&scene);
    set_tuple(&scene, "10.0.0.1", 50000, "10.0.0.2", 443);
    const struct etw_socket note = {.action = ETW_ACTION_OTHER};
    assert_int_equal(tell_ends(&scene, &note), CORR_NO_ROW);
    uint32_t row = connect_asked(&scene, 0x1000, 77);
    assert_int_equal(tell_ends(&scene, &note), row);
    finish_tcp_scene(&scene);
    close_tcp_scene(&scene);
}

static void any_event_in_any_order_is_survived(void **context)
{
    (void)context;
    static const enum etw_action actions[] = {
        ETW_ACTION_CREATE,    ETW_ACTION_LISTEN,   ETW_ACTION_CONNECT,    ETW_ACTION_ACCEPT,
        ETW_ACTION_SEND,      ETW_ACTION_RECEIVE,  ETW_ACTION_SHUTDOWN,   ETW_ACTION_CLOSE,
        ETW_ACTION_ABORT,     ETW_ACTION_STATE,    ETW_ACTION_SYN,        ETW_ACTION_DATA_OUT,
        ETW_ACTION_DATA_IN,   ETW_ACTION_TIMER,    ETW_ACTION_RETRANSMIT, ETW_ACTION_DELIVERED,
        ETW_ACTION_REFUSED,   ETW_ACTION_TIMEOUT,  ETW_ACTION_FAILED,     ETW_ACTION_PORT,
        ETW_ACTION_INSPECTED, ETW_ACTION_MEASURED,
    };
    struct tcp_scene scene;
    uint32_t random = 12345;
    open_tcp_scene(&scene);
    for (int i = 0; i < 200000; i++) {
        random = random * 1664525 + 1013904223;
        uint32_t bits = random >> 8;
        struct etw_socket socket = {
            .action = actions[bits % (sizeof(actions) / sizeof(actions[0]))],
            .phase = (enum etw_phase)(bits >> 5 & 3),
            .handles = {{(enum etw_handle_space)(ETW_HANDLE_TCP_ENDPOINT + (bits >> 7) % 7),
                         0x100 + (bits >> 10 & 7)},
                        {ETW_HANDLE_ORIGINAL_ACQUIRER, 0x100 + (bits >> 13 & 7)}},
            .has = bits * 2654435761u,
            .local = ipv4("10.0.0.1", (uint16_t)(bits >> 9 & 3)),
            .remote = ipv4("10.0.0.2", (uint16_t)(bits >> 11 & 3)),
            .pid = bits >> 16 & 3,
            .sequence = random,
            .bytes = (uint64_t)random << (bits & 31),
            .from = bits >> 12 & 15,
            .to = bits >> 4 & 15,
            .is_header_pid_true = bits & 1,
        };
        scene.base.record.process_id = bits >> 3 & 3;
        tell(&scene, &socket);
    }
    finish_tcp_scene(&scene);
    for (size_t row = 0; row < scene.base.count; row++) {
        const struct corr_socket *socket = &scene.base.rows[row];
        assert_true(socket->opened <= socket->closed);
        assert_true(socket->id == 0 || socket->local.size > 0);
    }
    close_tcp_scene(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_server_that_answers_is_one_listener_and_one_connection),
        cmocka_unit_test(states_are_those_that_were_told_without_self_transitions),
        cmocka_unit_test(a_connect_that_nobody_answers_times_out_after_its_retransmissions),
        cmocka_unit_test(every_refused_syn_is_a_connection_of_its_own),
        cmocka_unit_test(the_pointer_groups_a_connection_whose_addresses_were_replaced),
        cmocka_unit_test(a_rundown_after_live_events_only_adds),
        cmocka_unit_test(a_rundown_does_not_make_a_new_connection_an_older_one),
        cmocka_unit_test(an_older_connection_began_after_the_last_one_between_its_ends),
        cmocka_unit_test(an_older_connection_at_a_listeners_port_is_a_server),
        cmocka_unit_test(rows_that_never_get_ends_have_no_id),
        cmocka_unit_test(events_without_a_pointer_find_the_connection_by_its_ends),
        cmocka_unit_test(any_event_in_any_order_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
