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

/* ---- pointers and ends that are used again, events that are missing ---- */

static void a_pointer_that_connects_again_is_another_connection(void **context)
{
    (void)context;
    struct tcp_scene scene;
    open_tcp_scene(&scene);
    set_tuple(&scene, "10.0.0.1", 50000, "10.0.0.2", 443);
    state(&scene, 0x1000, CORR_CLOSED, CORR_SYN_SENT, 0);
    connect_asked(&scene, 0x1000, 77);
    state(&scene, 0x1000, CORR_SYN_SENT, CORR_CLOSED, 900);
    set_tuple(&scene, "10.0.0.1", 50001, "10.0.0.2", 443);
    state(&scene, 0x1000, CORR_CLOSED, CORR_SYN_SENT, 0);
    connect_asked(&scene, 0x1000, 88);
    finish_tcp_scene(&scene);
    assert_int_equal(shown_count(&scene), 2);
    assert_int_equal(shown(&scene, 1)->local.port, 50000);
    assert_int_equal(shown(&scene, 2)->local.port, 50001);
    assert_owner(&scene, 1, 77);
    assert_owner(&scene, 2, 88);
    assert_counts(&scene, 0, 0);
    close_tcp_scene(&scene);
}

static void a_lost_close_ends_when_the_pointer_is_used_again(void **context)
{
    (void)context;
    struct tcp_scene scene;
    open_tcp_scene(&scene);
    set_tuple(&scene, "10.0.0.1", 50000, "10.0.0.2", 443);
    connect_asked(&scene, 0x1000, 77);
    state(&scene, 0x1000, CORR_SYN_SENT, CORR_ESTABLISHED, 900);
    set_tuple(&scene, "10.0.0.1", 50001, "10.0.0.2", 443);
    state(&scene, 0x1000, CORR_CLOSED, CORR_SYN_SENT, 0);
    int64_t again = scene.base.record.time;
    connect_asked(&scene, 0x1000, 88);
    finish_tcp_scene(&scene);
    assert_int_equal(shown_count(&scene), 2);
    assert_int_equal(shown(&scene, 1)->closed, again);
    assert_int_equal(shown(&scene, 1)->cause, CORR_CAUSE_UNKNOWN);
    assert_owner(&scene, 1, 77);
    assert_owner(&scene, 2, 88);
    assert_counts(&scene, 0, 1);
    close_tcp_scene(&scene);
}

static void a_lost_close_ends_when_the_ends_are_used_again(void **context)
{
    (void)context;
    struct tcp_scene scene;
    open_tcp_scene(&scene);
    set_tuple(&scene, "10.0.0.1", 50000, "10.0.0.2", 443);
    connect_asked(&scene, 0x1000, 77);
    state(&scene, 0x1000, CORR_SYN_SENT, CORR_ESTABLISHED, 900);
    connect_asked(&scene, 0x2000, 88);
    finish_tcp_scene(&scene);
    assert_int_equal(shown(&scene, 1)->closed, shown(&scene, 2)->opened);
    assert_owner(&scene, 1, 77);
    assert_owner(&scene, 2, 88);
    assert_counts(&scene, 0, 1);
    close_tcp_scene(&scene);
}

static void other_ports_of_an_open_pointer_are_a_connection_whose_begin_was_lost(void **context)
{
    (void)context;
    struct tcp_scene scene;
    open_tcp_scene(&scene);
    set_tuple(&scene, "10.0.0.1", 50000, "10.0.0.2", 443);
    connect_asked(&scene, 0x1000, 77);
    set_tuple(&scene, "10.0.0.1", 50001, "10.0.0.2", 443);
    connection_event(&scene, ETW_ACTION_SHUTDOWN, ETW_PHASE_SINGLE, 0x1000, 88, 0);
    finish_tcp_scene(&scene);
    assert_int_equal(shown_count(&scene), 2);
    assert_owner(&scene, 1, 77);
    assert_owner(&scene, 2, 88);
    assert_int_equal(shown(&scene, 2)->flags & CORR_SOCKET_OLDER, CORR_SOCKET_OLDER);
    assert_counts(&scene, 1, 1);
    close_tcp_scene(&scene);
}

static void what_only_the_living_do_after_the_end_is_another_connection(void **context)
{
    (void)context;
    struct tcp_scene scene;
    open_tcp_scene(&scene);
    set_tuple(&scene, "10.0.0.1", 50000, "10.0.0.2", 443);
    uint32_t first = connect_asked(&scene, 0x1000, 77);
    assert_int_equal(state(&scene, 0x1000, CORR_ESTABLISHED, CORR_CLOSED, 900), first);
    assert_int_equal(timer(&scene, 0x1000), first);
    uint32_t second = posted(&scene, 0x1000, 88, 70000, 10);
    assert_int_not_equal(second, first);
    set_tuple(&scene, "10.0.0.1", 50001, "10.0.0.2", 443);
    assert_int_equal(connection_event(&scene, ETW_ACTION_SHUTDOWN, ETW_PHASE_SINGLE, 0x1000, 88, 0),
                     second);
    finish_tcp_scene(&scene);
    assert_owner(&scene, 1, 77);
    assert_owner(&scene, 2, 88);
    assert_counts(&scene, 1, 0);
    close_tcp_scene(&scene);
}

static void a_state_that_was_left_behind_is_another_connections(void **context)
{
    (void)context;
    struct tcp_scene scene;
    open_tcp_scene(&scene);
    set_tuple(&scene, "10.0.0.1", 50000, "10.0.0.2", 443);
    uint32_t first = connect_asked(&scene, 0x1000, 77);
    state(&scene, 0x1000, CORR_ESTABLISHED, CORR_FIN_WAIT_1, 900);
    uint32_t second = state(&scene, 0x1000, CORR_SYN_SENT, CORR_ESTABLISHED, 12);
    assert_int_not_equal(first, second);
    finish_tcp_scene(&scene);
    assert_counts(&scene, 1, 1);
    close_tcp_scene(&scene);
}

static void data_far_from_the_numbers_of_a_connection_are_anothers(void **context)
{
    (void)context;
    struct tcp_scene scene;
    open_tcp_scene(&scene);
    set_tuple(&scene, "10.0.0.1", 50000, "10.0.0.2", 443);
    uint32_t first = connect_asked(&scene, 0x1000, 77);
    assert_int_equal(sent(&scene, 0x1000, 1000, 500), first);
    assert_int_equal(sent(&scene, 0x1000, 0xfffffff0, 20), first); /* around zero, and near */
    assert_int_not_equal(sent(&scene, 0x1000, 0x80000000, 500), first);
    finish_tcp_scene(&scene);
    close_tcp_scene(&scene);
}

static void what_was_received_in_order_belongs_to_the_life_that_ended(void **context)
{
    (void)context;
    struct tcp_scene scene;
    open_tcp_scene(&scene);
    set_tuple(&scene, "10.0.0.1", 50000, "10.0.0.2", 443);
    uint32_t first = connect_asked(&scene, 0x1000, 77);
    received(&scene, 0x1000, 5000, 1);
    received(&scene, 0x1000, 5000, 100);
    state(&scene, 0x1000, CORR_ESTABLISHED, CORR_CLOSED, 900);
    assert_int_equal(received(&scene, 0x1000, 5100, 0), first);
    assert_int_equal(segment(&scene, ETW_ACTION_DELIVERED, ETW_PHASE_INDICATION, 0x1000, 5100, 0),
                     first);
    assert_int_not_equal(
        segment(&scene, ETW_ACTION_DELIVERED, ETW_PHASE_INDICATION, 0x1000, 9999, 0), first);
    finish_tcp_scene(&scene);
    assert_int_equal(shown(&scene, 1)->bytes_received, 100);
    close_tcp_scene(&scene);
}

static void a_reset_ends_a_connection_also_when_its_last_state_is_lost(void **context)
{
    (void)context;
    struct tcp_scene scene;
    open_tcp_scene(&scene);
    set_tuple(&scene, "10.0.0.1", 50000, "10.0.0.2", 443);
    connect_asked(&scene, 0x1000, 77);
    tuple_event(&scene, ETW_ACTION_ABORT, ETW_PHASE_INDICATION, 0x1000, CORR_ESTABLISHED);
    int64_t ended = scene.base.record.time;
    finish_tcp_scene(&scene);
    assert_int_equal(shown(&scene, 1)->closed, ended);
    assert_int_equal(shown(&scene, 1)->cause, CORR_CAUSE_PEER_RESET);
    close_tcp_scene(&scene);
}

static void a_time_wait_tuple_is_removed_by_its_ends(void **context)
{
    (void)context;
    struct tcp_scene scene;
    open_tcp_scene(&scene);
    set_tuple(&scene, "10.0.0.1", 50000, "10.0.0.2", 443);
    uint32_t first = connect_asked(&scene, 0x1000, 77);
    state(&scene, 0x1000, CORR_FIN_WAIT_2, CORR_TIME_WAIT, 900);
    int64_t ended = scene.base.record.time;
    assert_int_equal(
        tuple_event(&scene, ETW_ACTION_CLOSE, ETW_PHASE_SINGLE, 0x9999, CORR_TIME_WAIT), first);
    set_tuple(&scene, "10.0.0.1", 50001, "10.0.0.2", 443);
    assert_int_equal(
        tuple_event(&scene, ETW_ACTION_CLOSE, ETW_PHASE_SINGLE, 0x9998, CORR_TIME_WAIT),
        CORR_NO_ROW);
    finish_tcp_scene(&scene);
    assert_int_equal(shown_count(&scene), 1);
    assert_int_equal(shown(&scene, 1)->closed, ended);
    close_tcp_scene(&scene);
}

static void a_disconnect_is_complete_before_the_peer_is_done(void **context)
{
    (void)context;
    struct tcp_scene scene;
    open_tcp_scene(&scene);
    set_tuple(&scene, "10.0.0.1", 50000, "10.0.0.2", 443);
    uint32_t row = connect_asked(&scene, 0x1000, 77);
    state(&scene, 0x1000, CORR_ESTABLISHED, CORR_FIN_WAIT_1, 900);
    state(&scene, 0x1000, CORR_FIN_WAIT_1, CORR_FIN_WAIT_2, 901);
    connection_event(&scene, ETW_ACTION_SHUTDOWN, ETW_PHASE_EXIT, 0x1000, 77, 0);
    assert_int_equal(state(&scene, 0x1000, CORR_FIN_WAIT_2, CORR_TIME_WAIT, 901), row);
    int64_t ended = scene.base.record.time;
    finish_tcp_scene(&scene);
    assert_int_equal(shown_count(&scene), 1);
    assert_int_equal(shown(&scene, 1)->closed, ended);
    assert_int_equal(shown(&scene, 1)->cause, CORR_CAUSE_LOCAL_CLOSE);
    close_tcp_scene(&scene);
}

static void an_older_connection_began_after_the_last_one_of_its_pointer(void **context)
{
    (void)context;
    struct tcp_scene scene;
    open_tcp_scene(&scene);
    set_tuple(&scene, "10.0.0.1", 50000, "10.0.0.2", 443);
    connect_asked(&scene, 0x1000, 77);
    state(&scene, 0x1000, CORR_ESTABLISHED, CORR_CLOSED, 900);
    int64_t closed = scene.base.record.time;
    set_tuple(&scene, "10.0.0.1", 50001, "10.0.0.2", 443);
    rundown(&scene, 0x1000, 88, CORR_ESTABLISHED);
    finish_tcp_scene(&scene);
    assert_int_equal(shown_count(&scene), 2);
    assert_int_equal(shown(&scene, 2)->opened, closed);
    assert_owner(&scene, 2, 88);
    close_tcp_scene(&scene);
}

static void a_late_rundown_of_reused_ends_does_not_end_the_connection(void **context)
{
    (void)context;
    struct tcp_scene scene;
    open_tcp_scene(&scene);
    set_tuple(&scene, "10.0.0.1", 50000, "10.0.0.2", 443);
    uint32_t row = connect_asked(&scene, 0x2000, 88);
    rundown(&scene, 0x1000, 77, CORR_TIME_WAIT);
    assert_int_equal(tell_ends(&scene, &(struct etw_socket){.action = ETW_ACTION_OTHER}), row);
    finish_tcp_scene(&scene);
    assert_int_equal(shown(&scene, 1)->closed, CORR_NEVER);
    assert_int_not_equal(shown(&scene, 2)->closed, CORR_NEVER);
    assert_owner(&scene, 1, 88);
    assert_counts(&scene, 0, 0);
    close_tcp_scene(&scene);
}

static void a_connect_of_a_pointer_that_has_sent_data_is_another_connection(void **context)
{
    (void)context;
    struct tcp_scene scene;
    open_tcp_scene(&scene);
    set_tuple(&scene, "10.0.0.1", 50000, "10.0.0.2", 443);
    uint32_t first = posted(&scene, 0x1000, 77, 5000, 10);
    assert_int_not_equal(connect_asked(&scene, 0x1000, 88), first);
    finish_tcp_scene(&scene);
    assert_int_equal(shown_count(&scene), 1); /* the first never got ends */
    assert_owner(&scene, 1, 88);
    assert_counts(&scene, 1, 1);
    close_tcp_scene(&scene);
}

static void a_second_accept_of_a_pointer_is_another_connection(void **context)
{
    (void)context;
    struct tcp_scene scene;
    open_tcp_scene(&scene);
    set_tuple(&scene, "10.0.0.1", 80, "10.0.0.2", 50000);
    uint32_t first = accepted(&scene, 0x1000, 77);
    assert_int_not_equal(accepted(&scene, 0x1000, 78), first);
    finish_tcp_scene(&scene);
    assert_owner(&scene, 1, 77);
    assert_owner(&scene, 2, 78);
    assert_counts(&scene, 0, 1);
    close_tcp_scene(&scene);
}

static void an_address_that_is_chosen_late_is_taken_then(void **context)
{
    (void)context;
    struct tcp_scene scene;
    open_tcp_scene(&scene);
    set_tuple(&scene, "0.0.0.0", 50000, "10.0.0.2", 443);
    connect_asked(&scene, 0x1000, 77);
    set_tuple(&scene, "10.0.0.1", 50000, "10.0.0.2", 443);
    connection_event(&scene, ETW_ACTION_CONNECT, ETW_PHASE_EXIT, 0x1000, 77, 0);
    finish_tcp_scene(&scene);
    const struct corr_endpoint local = end4("10.0.0.1", 50000);
    assert_int_equal(shown_count(&scene), 1);
    assert_end(&shown(&scene, 1)->local, &local);
    close_tcp_scene(&scene);
}

static void what_comes_before_the_connect_does_not_make_it_older(void **context)
{
    (void)context;
    struct tcp_scene scene;
    open_tcp_scene(&scene);
    set_tuple(&scene, "10.0.0.1", 50000, "10.0.0.2", 443);
    timer(&scene, 0x1000);
    int64_t first = scene.base.record.time;
    connect_asked(&scene, 0x1000, 77);
    finish_tcp_scene(&scene);
    assert_int_equal(shown_count(&scene), 1);
    assert_int_equal(shown(&scene, 1)->opened, first);
    assert_int_equal(shown(&scene, 1)->flags & CORR_SOCKET_OLDER, 0);
    assert_counts(&scene, 0, 0);
    close_tcp_scene(&scene);
}

/* ---- numbers and causes ---- */

static void a_syn_and_ack_alone_is_no_byte(void **context)
{
    (void)context;
    struct tcp_scene scene;
    open_tcp_scene(&scene);
    set_tuple(&scene, "10.0.0.1", 50000, "10.0.0.2", 443);
    state(&scene, 0x1000, CORR_CLOSED, CORR_SYN_SENT, 0);
    connect_asked(&scene, 0x1000, 77);
    state(&scene, 0x1000, CORR_SYN_SENT, CORR_ESTABLISHED, 101);
    received(&scene, 0x1000, 5001, 1);
    finish_tcp_scene(&scene);
    assert_int_equal(shown(&scene, 1)->remote_first, 5000);
    assert_int_equal(shown(&scene, 1)->remote_next, 5001);
    assert_int_equal(shown(&scene, 1)->bytes_received, 0);
    assert_int_equal(shown(&scene, 1)->local_first, 100); /* the SYN's, of which no event told */
    assert_int_equal(shown(&scene, 1)->bytes_sent, 0);
    close_tcp_scene(&scene);
}

static void bytes_are_counted_without_the_calls_that_sent_them(void **context)
{
    (void)context;
    struct tcp_scene scene;
    open_tcp_scene(&scene);
    set_tuple(&scene, "10.0.0.1", 50000, "10.0.0.2", 443);
    state(&scene, 0x1000, CORR_CLOSED, CORR_SYN_SENT, 0);
    connect_asked(&scene, 0x1000, 77);
    state(&scene, 0x1000, CORR_SYN_SENT, CORR_ESTABLISHED, 101);
    sent(&scene, 0x1000, 101, 50);
    state(&scene, 0x1000, CORR_ESTABLISHED, CORR_FIN_WAIT_1, 151);
    sent(&scene, 0x1000, 151, 1);
    state(&scene, 0x1000, CORR_FIN_WAIT_1, CORR_FIN_WAIT_2, 152);
    finish_tcp_scene(&scene);
    assert_int_equal(shown(&scene, 1)->bytes_sent, 50);
    assert_int_equal(shown(&scene, 1)->local_next, 152);
    close_tcp_scene(&scene);
}

static void a_long_transfer_is_counted_by_its_calls_and_segments(void **context)
{
    (void)context;
    struct tcp_scene scene;
    open_tcp_scene(&scene);
    set_tuple(&scene, "10.0.0.1", 50000, "10.0.0.2", 443);
    const uint32_t step = 1u << 29;
    connect_asked(&scene, 0x1000, 77);
    for (uint32_t i = 0; i < 20; i++) {
        posted(&scene, 0x1000, 77, 1 + i * step, step);
        received(&scene, 0x1000, 1 + i * step, step);
    }
    finish_tcp_scene(&scene);
    assert_int_equal(shown_count(&scene), 1);
    assert_int_equal(shown(&scene, 1)->flags & CORR_SOCKET_WRAPPED, CORR_SOCKET_WRAPPED);
    assert_int_equal(shown(&scene, 1)->bytes_sent, 20 * (uint64_t)step);
    assert_int_equal(shown(&scene, 1)->bytes_received, 20 * (uint64_t)step);
    close_tcp_scene(&scene);
}

static void a_straggler_may_know_why_it_ended(void **context)
{
    (void)context;
    struct tcp_scene scene;
    open_tcp_scene(&scene);
    set_tuple(&scene, "10.0.0.1", 50000, "10.0.0.2", 443);
    connect_asked(&scene, 0x1000, 77);
    state(&scene, 0x1000, CORR_SYN_SENT, CORR_CLOSED, 101);
    int64_t closed = scene.base.record.time;
    connection_event(&scene, ETW_ACTION_FAILED, ETW_PHASE_SINGLE, 0x1000, 0, 0xC0000236);
    finish_tcp_scene(&scene);
    assert_int_equal(shown(&scene, 1)->closed, closed);
    assert_int_equal(shown(&scene, 1)->cause, CORR_CAUSE_REFUSED);
    assert_int_equal(shown(&scene, 1)->status, 0xC0000236);
    close_tcp_scene(&scene);
}

/* ---- owners ---- */

static void a_listener_that_came_later_owns_nothing(void **context)
{
    (void)context;
    struct tcp_scene scene;
    open_tcp_scene(&scene);
    set_tuple(&scene, "10.0.0.1", 80, "10.0.0.2", 50000);
    state(&scene, 0x1000, CORR_LISTEN, CORR_SYN_RECEIVED, 0);
    tuple_event(&scene, ETW_ACTION_ABORT, ETW_PHASE_INDICATION, 0x1000, CORR_SYN_RECEIVED);
    listener_event(&scene, ETW_ACTION_LISTEN, 0x500, "0.0.0.0", 80, 900);
    finish_tcp_scene(&scene);
    assert_owner(&scene, 1, 0);
    close_tcp_scene(&scene);
}

static void a_listener_does_not_own_connections_older_than_it(void **context)
{
    (void)context;
    struct tcp_scene scene;
    open_tcp_scene(&scene);
    listener_event(&scene, ETW_ACTION_LISTEN, 0x500, "0.0.0.0", 80, 900);
    set_tuple(&scene, "10.0.0.1", 80, "10.0.0.2", 50000);
    tuple_event(&scene, ETW_ACTION_OTHER, ETW_PHASE_SINGLE, 0x1000, CORR_ESTABLISHED);
    finish_tcp_scene(&scene);
    assert_int_equal(shown(&scene, 2)->role, CORR_SERVER);
    assert_owner(&scene, 2, 0);
    close_tcp_scene(&scene);
}

static void two_payload_pids_are_a_contradiction(void **context)
{
    (void)context;
    struct tcp_scene scene;
    open_tcp_scene(&scene);
    set_tuple(&scene, "10.0.0.1", 80, "10.0.0.2", 50000);
    accepted(&scene, 0x1000, 77);
    connection_event(&scene, ETW_ACTION_SHUTDOWN, ETW_PHASE_SINGLE, 0x1000, 78, 0);
    finish_tcp_scene(&scene);
    assert_owner(&scene, 1, 0);
    assert_int_equal(shown(&scene, 1)->flags & CORR_SOCKET_CONTRADICTED, CORR_SOCKET_CONTRADICTED);
    assert_int_equal(shown(&scene, 1)->confidence, CORR_NO_CONFIDENCE);
    assert_int_equal(socket_table_contradictions(scene.base.table), 1);
    close_tcp_scene(&scene);
}

static void a_header_counts_only_where_it_is_true(void **context)
{
    (void)context;
    struct tcp_scene scene;
    open_tcp_scene(&scene);
    set_tuple(&scene, "10.0.0.1", 50000, "10.0.0.2", 443);
    scene.base.record.process_id = 4;
    state(&scene, 0x1000, CORR_CLOSED, CORR_SYN_SENT, 0);
    tuple_event(&scene, ETW_ACTION_CREATE, ETW_PHASE_SINGLE, 0x1000, CORR_SYN_SENT);
    sent(&scene, 0x1000, 5, 1);
    finish_tcp_scene(&scene);
    assert_owner(&scene, 1, 0);
    close_tcp_scene(&scene);
}

static void a_payload_pid_replaces_the_callers(void **context)
{
    (void)context;
    struct tcp_scene scene;
    open_tcp_scene(&scene);
    set_tuple(&scene, "10.0.0.1", 50000, "10.0.0.2", 443);
    connect_asked(&scene, 0x1000, 4);
    connection_event(&scene, ETW_ACTION_CONNECT, ETW_PHASE_EXIT, 0x1000, 77, 0);
    posted(&scene, 0x1000, 4, 100, 10);
    finish_tcp_scene(&scene);
    assert_owner(&scene, 1, 77);
    assert_false(has_rule(shown(&scene, 1), CORR_RULE_CALLER));
    close_tcp_scene(&scene);
}

static void a_connection_nobody_accepted_belongs_to_the_listener(void **context)
{
    (void)context;
    struct tcp_scene scene;
    open_tcp_scene(&scene);
    listener_event(&scene, ETW_ACTION_LISTEN, 0x500, "0.0.0.0", 80, 900);
    set_tuple(&scene, "10.0.0.1", 80, "10.0.0.2", 50000);
    state(&scene, 0x1000, CORR_LISTEN, CORR_SYN_RECEIVED, 0);
    tuple_event(&scene, ETW_ACTION_ABORT, ETW_PHASE_INDICATION, 0x1000, CORR_SYN_RECEIVED);
    state(&scene, 0x1000, CORR_SYN_RECEIVED, CORR_CLOSED, 10);
    listener_event(&scene, ETW_ACTION_CLOSE, 0x500, "0.0.0.0", 80, 900);
    int64_t ended = scene.base.record.time;
    state(&scene, 0x2000, CORR_LISTEN, CORR_SYN_RECEIVED, 0);
    tuple_event(&scene, ETW_ACTION_ABORT, ETW_PHASE_INDICATION, 0x2000, CORR_SYN_RECEIVED);
    finish_tcp_scene(&scene);
    assert_int_equal(shown(&scene, 1)->closed, ended);
    assert_owner(&scene, 2, 900);
    assert_true(has_rule(shown(&scene, 2), CORR_RULE_LISTENER));
    assert_owner(&scene, 3, 0); /* the listener was gone */
    close_tcp_scene(&scene);
}

static void a_port_taken_from_an_endpoint_that_is_gone_gives_no_owner(void **context)
{
    (void)context;
    struct tcp_scene scene;
    open_tcp_scene(&scene);
    set_tuple(&scene, "10.0.0.1", 50000, "10.0.0.2", 443);
    endpoint_made(&scene, 0x700, 77);
    port_event(&scene, ETW_PHASE_EXIT, 0x700, 0, 40000); /* released: the endpoint is over */
    state(&scene, 0x1000, CORR_CLOSED, CORR_SYN_SENT, 0);
    port_event(&scene, ETW_PHASE_ENTER, 0x1000, 0x700, 50000);
    tuple_event(&scene, ETW_ACTION_CREATE, ETW_PHASE_SINGLE, 0x1000, CORR_SYN_SENT);
    finish_tcp_scene(&scene);
    assert_owner(&scene, 1, 0);
    close_tcp_scene(&scene);
}

static void a_port_taken_in_another_process_gives_no_owner(void **context)
{
    (void)context;
    struct tcp_scene scene;
    open_tcp_scene(&scene);
    set_tuple(&scene, "10.0.0.1", 50000, "10.0.0.2", 443);
    endpoint_made(&scene, 0x700, 77);
    scene.base.record.process_id = 78;
    state(&scene, 0x1000, CORR_CLOSED, CORR_SYN_SENT, 0);
    port_event(&scene, ETW_PHASE_ENTER, 0x1000, 0x700, 50000);
    tuple_event(&scene, ETW_ACTION_CREATE, ETW_PHASE_SINGLE, 0x1000, CORR_SYN_SENT);
    finish_tcp_scene(&scene);
    assert_owner(&scene, 1, 0);
    close_tcp_scene(&scene);
}

static void an_endpoint_has_one_heir(void **context)
{
    (void)context;
    struct tcp_scene scene;
    open_tcp_scene(&scene);
    endpoint_made(&scene, 0x700, 77);
    for (uint16_t i = 0; i < 2; i++) { /* the second time its creation is lost */
        set_tuple(&scene, "10.0.0.1", (uint16_t)(50000 + i), "10.0.0.2", 443);
        state(&scene, 0x1000 + i, CORR_CLOSED, CORR_SYN_SENT, 0);
        port_event(&scene, ETW_PHASE_ENTER, 0x1000 + i, 0x700, scene.local_port);
        tuple_event(&scene, ETW_ACTION_CREATE, ETW_PHASE_SINGLE, 0x1000 + i, CORR_SYN_SENT);
    }
    finish_tcp_scene(&scene);
    assert_owner(&scene, 1, 77);
    assert_owner(&scene, 2, 0);
    close_tcp_scene(&scene);
}

static void a_port_inherited_for_another_port_gives_no_owner(void **context)
{
    (void)context;
    struct tcp_scene scene;
    open_tcp_scene(&scene);
    set_tuple(&scene, "10.0.0.1", 50000, "10.0.0.2", 443);
    endpoint_made(&scene, 0x700, 77);
    port_event(&scene, ETW_PHASE_ENTER, 0x1000, 0x700, 50009);
    state(&scene, 0x1000, CORR_CLOSED, CORR_SYN_SENT, 0);
    tuple_event(&scene, ETW_ACTION_CREATE, ETW_PHASE_SINGLE, 0x1000, CORR_SYN_SENT);
    finish_tcp_scene(&scene);
    assert_owner(&scene, 1, 0);
    close_tcp_scene(&scene);
}

/* ---- listeners ---- */

static void a_listener_that_failed_is_none(void **context)
{
    (void)context;
    struct tcp_scene scene;
    open_tcp_scene(&scene);
    assert_int_equal(listener_event(&scene, ETW_ACTION_FAILED, 0x500, "0.0.0.0", 80, 900),
                     CORR_NO_ROW);
    finish_tcp_scene(&scene);
    assert_int_equal(scene.base.count, 0);
    close_tcp_scene(&scene);
}

static void a_listener_with_a_bad_status_is_none(void **context)
{
    (void)context;
    struct tcp_scene scene;
    open_tcp_scene(&scene);
    const struct etw_socket failed = {.action = ETW_ACTION_LISTEN,
                                      HANDLES(HANDLE(LISTENER, 0x500)),
                                      .local = ipv4("0.0.0.0", 80),
                                      .status = 0xC0000022,
                                      .has = ETW_HAS_LOCAL | ETW_HAS_STATUS};
    assert_int_equal(tell(&scene, &failed), CORR_NO_ROW);
    finish_tcp_scene(&scene);
    assert_int_equal(scene.base.count, 0);
    close_tcp_scene(&scene);
}

static void a_listener_that_closes_was_there_before(void **context)
{
    (void)context;
    struct tcp_scene scene;
    open_tcp_scene(&scene);
    listener_event(&scene, ETW_ACTION_CLOSE, 0x500, "0.0.0.0", 80, 900);
    finish_tcp_scene(&scene);
    assert_int_equal(shown_count(&scene), 1);
    assert_int_equal(shown(&scene, 1)->opened, CORR_ALWAYS);
    assert_int_equal(shown(&scene, 1)->closed, scene.base.record.time);
    assert_owner(&scene, 1, 900);
    close_tcp_scene(&scene);
}

static void a_listener_that_releases_its_port_is_over(void **context)
{
    (void)context;
    struct tcp_scene scene;
    open_tcp_scene(&scene);
    uint32_t row = listener_event(&scene, ETW_ACTION_LISTEN, 0x500, "0.0.0.0", 80, 900);
    assert_int_equal(port_event(&scene, ETW_PHASE_EXIT, 0x500, 0, 80), row);
    int64_t ended = scene.base.record.time;
    uint32_t again = listener_event(&scene, ETW_ACTION_LISTEN, 0x500, "0.0.0.0", 80, 901);
    assert_int_not_equal(again, row);
    finish_tcp_scene(&scene);
    assert_int_equal(shown(&scene, 1)->closed, ended);
    assert_owner(&scene, 1, 900);
    assert_owner(&scene, 2, 901);
    assert_counts(&scene, 0, 0);
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
        cmocka_unit_test(a_pointer_that_connects_again_is_another_connection),
        cmocka_unit_test(a_lost_close_ends_when_the_pointer_is_used_again),
        cmocka_unit_test(a_lost_close_ends_when_the_ends_are_used_again),
        cmocka_unit_test(other_ports_of_an_open_pointer_are_a_connection_whose_begin_was_lost),
        cmocka_unit_test(what_only_the_living_do_after_the_end_is_another_connection),
        cmocka_unit_test(a_state_that_was_left_behind_is_another_connections),
        cmocka_unit_test(data_far_from_the_numbers_of_a_connection_are_anothers),
        cmocka_unit_test(what_was_received_in_order_belongs_to_the_life_that_ended),
        cmocka_unit_test(a_reset_ends_a_connection_also_when_its_last_state_is_lost),
        cmocka_unit_test(a_time_wait_tuple_is_removed_by_its_ends),
        cmocka_unit_test(a_disconnect_is_complete_before_the_peer_is_done),
        cmocka_unit_test(two_payload_pids_are_a_contradiction),
        cmocka_unit_test(a_header_counts_only_where_it_is_true),
        cmocka_unit_test(a_payload_pid_replaces_the_callers),
        cmocka_unit_test(a_connection_nobody_accepted_belongs_to_the_listener),
        cmocka_unit_test(a_port_taken_from_an_endpoint_that_is_gone_gives_no_owner),
        cmocka_unit_test(a_port_taken_in_another_process_gives_no_owner),
        cmocka_unit_test(an_endpoint_has_one_heir),
        cmocka_unit_test(a_port_inherited_for_another_port_gives_no_owner),
        cmocka_unit_test(a_listener_that_failed_is_none),
        cmocka_unit_test(a_listener_that_closes_was_there_before),
        cmocka_unit_test(a_listener_that_releases_its_port_is_over),
        cmocka_unit_test(rows_that_never_get_ends_have_no_id),
        cmocka_unit_test(events_without_a_pointer_find_the_connection_by_its_ends),
        cmocka_unit_test(an_older_connection_began_after_the_last_one_of_its_pointer),
        cmocka_unit_test(a_late_rundown_of_reused_ends_does_not_end_the_connection),
        cmocka_unit_test(a_connect_of_a_pointer_that_has_sent_data_is_another_connection),
        cmocka_unit_test(a_second_accept_of_a_pointer_is_another_connection),
        cmocka_unit_test(an_address_that_is_chosen_late_is_taken_then),
        cmocka_unit_test(what_comes_before_the_connect_does_not_make_it_older),
        cmocka_unit_test(a_syn_and_ack_alone_is_no_byte),
        cmocka_unit_test(bytes_are_counted_without_the_calls_that_sent_them),
        cmocka_unit_test(a_long_transfer_is_counted_by_its_calls_and_segments),
        cmocka_unit_test(a_straggler_may_know_why_it_ended),
        cmocka_unit_test(a_listener_that_came_later_owns_nothing),
        cmocka_unit_test(a_listener_does_not_own_connections_older_than_it),
        cmocka_unit_test(a_listener_with_a_bad_status_is_none),
        cmocka_unit_test(any_event_in_any_order_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
