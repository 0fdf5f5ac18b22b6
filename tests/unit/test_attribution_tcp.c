/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/attribution_world.h"

#define SERVER "192.0.2.1:13000"
#define CLIENT "192.0.2.200:55908"
#define PEER   "198.51.100.7:443"
#define HERE   "192.0.2.1:50357"

/* ---- one connection ---- */

struct situation {
    int flags;
    uint32_t seq, ack;
    bool is_inbound;
    double time;
};

/* An accepted connection from its first SYN to its last ACK. The events begin after the SYN
 * and end before the last ACK is seen. */
static void every_packet_of_a_connection_is_the_acceptors(void **state)
{
    (void)state;
    static const struct situation packets[] = {
        {SYN, 260959134, 0, true, 0.9999},        {SYN | ACK, 2428590241, 260959135, false, 1.1},
        {ACK, 260959135, 2428590242, true, 1.2},  {ACK, 260959135, 2428590242, true, 1.3},
        {ACK, 2428590242, 260959148, false, 1.4}, {ACK | FIN, 260959148, 2428590255, true, 1.5},
        {ACK, 2428590255, 260959149, false, 1.6}, {ACK | FIN, 2428590255, 260959149, false, 1.7},
        {ACK, 260959149, 2428590256, true, 1.9},  {ACK | FIN, 260959148, 2428590256, true, 3.0},
    };
    struct world world = world_new();
    uint32_t listener = add_socket(&world, CORR_LISTENER, "0.0.0.0:13000", "", 9, 0, FOREVER);
    uint32_t row = add_socket(&world, CORR_SERVER, SERVER, CLIENT, 2, 1.0, 1.8);
    set_local_range(&world, row, 2428590241, 2428590256);
    set_remote_range(&world, row, 260959134, 260959149);
    assert_int_not_equal(listener, row);
    for (size_t i = 0; i < sizeof(packets) / sizeof(packets[0]); i++) {
        const struct situation *p = &packets[i];
        struct corr_verdict verdict =
            ask_for(&world,
                    segment(p->is_inbound ? CLIENT : SERVER, p->is_inbound ? SERVER : CLIENT,
                            p->flags, p->seq, p->ack),
                    p->is_inbound ? IN : OUT, p->time);
        expect_owner(verdict, row, 2, CORR_CERTAIN, CORR_RULE_SEQUENCE);
        assert_int_equal(verdict.is_inbound, p->is_inbound);
    }
    world_done(&world);
}

/* Events may tell of a received SYN-ACK by the number after its own. */
static void a_handshake_counts_when_events_begin_after_it(void **state)
{
    (void)state;
    struct world world = world_new();
    uint32_t row = add_socket(&world, CORR_CLIENT, HERE, PEER, 3, 1, FOREVER);
    set_local_range(&world, row, 100, 101);
    set_remote_range(&world, row, 501, 501);
    expect_owner(ask_for(&world, segment(HERE, PEER, SYN, 100, 0), OUT, 1.001), row, 3,
                 CORR_CERTAIN, CORR_RULE_SEQUENCE);
    expect_owner(ask_for(&world, segment(PEER, HERE, SYN | ACK, 500, 101), IN, 1.01), row, 3,
                 CORR_CERTAIN, CORR_RULE_SEQUENCE);
    world_done(&world);
}

static void a_keep_alive_and_a_window_probe_belong_to_the_connection(void **state)
{
    (void)state;
    struct world world = world_new();
    uint32_t row = add_socket(&world, CORR_CLIENT, HERE, PEER, 3, OLDER, FOREVER);
    set_local_range(&world, row, 5000, 5000);
    set_remote_range(&world, row, 7000, 7000);
    expect_owner(ask_for(&world, segment(HERE, PEER, ACK, 4999, 7000), OUT, 9), row, 3,
                 CORR_CERTAIN, CORR_RULE_SEQUENCE);
    expect_owner(ask_for(&world, segment(PEER, HERE, ACK, 6999, 5000), IN, 9), row, 3, CORR_CERTAIN,
                 CORR_RULE_SEQUENCE);
    world_done(&world);
}

static void
numbers_just_before_the_first_known_one_are_plausible_where_more_went_before(void **state)
{
    (void)state;
    struct world world = world_new();
    uint32_t whole = add_socket(&world, CORR_CLIENT, HERE, PEER, 3, 1, FOREVER);
    uint32_t older = add_socket(&world, CORR_CLIENT, "192.0.2.1:50358", PEER, 4, OLDER, FOREVER);
    set_local_range(&world, whole, 5000, 6000);
    set_local_range(&world, older, 5000, 6000);
    expect_owner(ask_for(&world, segment(HERE, PEER, ACK, 4999, 9), OUT, 2), whole, 3, CORR_CERTAIN,
                 CORR_RULE_SEQUENCE);
    expect_nobody(ask_for(&world, segment(HERE, PEER, ACK, 4000, 9), OUT, 2), CORR_UNKNOWN,
                  CORR_RULE_NONE);
    expect_owner(ask_for(&world, segment("192.0.2.1:50358", PEER, ACK, 4000, 9), OUT, 2), older, 4,
                 CORR_STRONG, CORR_RULE_TUPLE);
    world_done(&world);
}

/* Who injects a reset knows the sequence number, and may guess the other. */
static void a_reset_counts_by_its_sequence_number(void **state)
{
    (void)state;
    struct world world = world_new();
    uint32_t row = add_socket(&world, CORR_CLIENT, HERE, PEER, 3, 1, FOREVER);
    set_local_range(&world, row, 1000, 2000);
    set_remote_range(&world, row, 5000, 6000);
    expect_owner(ask_for(&world, segment(PEER, HERE, RST | ACK, 5500, 0x90000000), IN, 2), row, 3,
                 CORR_CERTAIN, CORR_RULE_SEQUENCE);
    expect_nobody(ask_for(&world, segment(PEER, HERE, ACK, 5500, 0x90000000), IN, 2), CORR_UNKNOWN,
                  CORR_RULE_NONE);
    world_done(&world);
}

static void a_late_packet_with_a_far_number_is_less_sure(void **state)
{
    (void)state;
    struct world world = world_new();
    uint32_t row = add_socket(&world, CORR_CLIENT, HERE, PEER, 3, 1, 5);
    set_local_range(&world, row, 1000, 1001);
    set_remote_range(&world, row, 5000, 6000);
    struct corr_layers far = segment(PEER, HERE, ACK, 5500, 1001 + (100u << 20));
    expect_owner(ask_for(&world, far, IN, 4), row, 3, CORR_CERTAIN, CORR_RULE_SEQUENCE);
    expect_owner(ask_for(&world, far, IN, 8), row, 3, CORR_STRONG, CORR_RULE_TUPLE);
    expect_nobody(ask_for(&world, far, IN, 600), CORR_UNKNOWN, CORR_RULE_NONE);
    world_done(&world);
}

static void without_numbers_the_ends_are_strong_evidence(void **state)
{
    (void)state;
    struct world world = world_new();
    uint32_t row = add_socket(&world, CORR_CLIENT, HERE, PEER, 3, 1, 5);
    expect_owner(ask_for(&world, segment(HERE, PEER, ACK, 77, 88), OUT, 2), row, 3, CORR_STRONG,
                 CORR_RULE_TUPLE);
    expect_owner(ask_for(&world, segment(PEER, HERE, SYN | ACK, 77, 88), IN, 0.5), row, 3,
                 CORR_STRONG, CORR_RULE_TUPLE);
    expect_nobody(ask_for(&world, segment(PEER, HERE, ACK, 77, 88), IN, -3), CORR_UNKNOWN,
                  CORR_RULE_NONE);
    /* TIME_WAIT is over after 240 s. */
    expect_owner(ask_for(&world, segment(PEER, HERE, ACK, 77, 88), IN, 244), row, 3, CORR_STRONG,
                 CORR_RULE_TUPLE);
    expect_nobody(ask_for(&world, segment(PEER, HERE, ACK, 77, 88), IN, 246), CORR_UNKNOWN,
                  CORR_RULE_NONE);
    world_done(&world);
}

/* Where packets showed when the ends were used anew, a life has sharp bounds. */
static void a_life_with_exact_bounds_has_no_packets_beyond_them(void **state)
{
    (void)state;
    struct world world = world_new();
    uint32_t first = add_socket(&world, CORR_CLIENT, HERE, PEER, 3, 1, 5);
    uint32_t second = add_socket(&world, CORR_CLIENT, HERE, PEER, 4, 5.001, 9);
    world.rows[first].lingers = 0;
    world.rows[second].flags |= CORR_SOCKET_EXACT;
    struct corr_layers received = segment(PEER, HERE, ACK, 77, 88);
    expect_owner(ask_for(&world, received, IN, 4.999), first, 3, CORR_STRONG, CORR_RULE_TUPLE);
    expect_owner(ask_for(&world, received, IN, 5.001), second, 4, CORR_STRONG, CORR_RULE_TUPLE);
    expect_nobody(ask_for(&world, received, IN, 5.0005), CORR_UNKNOWN, CORR_RULE_NONE);
    world_done(&world);
}

static void data_without_events_is_strong_and_far_numbers_are_anothers(void **state)
{
    (void)state;
    struct world world = world_new();
    uint32_t row = add_socket(&world, CORR_CLIENT, HERE, PEER, 3, 1, FOREVER);
    set_local_range(&world, row, 1000, 1001);
    expect_owner(ask_for(&world, segment(HERE, PEER, ACK, 1001 + 60000, 9), OUT, 2), row, 3,
                 CORR_STRONG, CORR_RULE_TUPLE);
    expect_owner(ask_for(&world, segment(HERE, PEER, ACK, 1001 + (100u << 20), 9), OUT, 2), row, 3,
                 CORR_STRONG, CORR_RULE_TUPLE);
    expect_nobody(ask_for(&world, segment(HERE, PEER, ACK, 1001 + (2u << 30), 9), OUT, 2),
                  CORR_UNKNOWN, CORR_RULE_NONE);
    expect_nobody(ask_for(&world, segment(HERE, PEER, ACK, 900, 9), OUT, 2), CORR_UNKNOWN,
                  CORR_RULE_NONE);
    world_done(&world);
}

static void a_long_connection_proves_nothing_by_its_numbers(void **state)
{
    (void)state;
    struct world world = world_new();
    uint32_t row = add_socket(&world, CORR_CLIENT, HERE, PEER, 3, 1, FOREVER);
    set_local_range(&world, row, 1000, 900);
    world.rows[row].flags |= CORR_SOCKET_WRAPPED;
    expect_owner(ask_for(&world, segment(HERE, PEER, ACK, 5000, 9), OUT, 2), row, 3, CORR_STRONG,
                 CORR_RULE_TUPLE);
    world_done(&world);
}

static void numbers_go_on_over_their_end(void **state)
{
    (void)state;
    struct world world = world_new();
    uint32_t row = add_socket(&world, CORR_CLIENT, HERE, PEER, 3, 1, FOREVER);
    set_local_range(&world, row, UINT32_MAX - 10, 40);
    expect_owner(ask_for(&world, segment(HERE, PEER, ACK, 3, 9), OUT, 2), row, 3, CORR_CERTAIN,
                 CORR_RULE_SEQUENCE);
    expect_nobody(ask_for(&world, segment(HERE, PEER, ACK, UINT32_MAX - 100, 9), OUT, 2),
                  CORR_UNKNOWN, CORR_RULE_NONE);
    world_done(&world);
}

/* ---- how sure the process is ---- */

static void loss_inference_and_callers_make_less_of_it(void **state)
{
    (void)state;
    static const struct {
        bool has_loss;
        enum corr_confidence of_row;
        enum corr_rule evidence;
        enum corr_confidence expected;
    } cases[] = {
        {false, CORR_STRONG, CORR_RULE_ENDPOINT_CREATED, CORR_CERTAIN},
        {true, CORR_STRONG, CORR_RULE_ENDPOINT_CREATED, CORR_STRONG},
        {false, CORR_LIKELY, CORR_RULE_ENDPOINT_CREATED, CORR_LIKELY},
        {false, CORR_STRONG, CORR_RULE_KERNEL_EVENT, CORR_STRONG},
        {false, CORR_STRONG, CORR_RULE_CALLER, CORR_STRONG},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct world world = world_new();
        world.options.has_loss = cases[i].has_loss;
        uint32_t row = add_socket(&world, CORR_CLIENT, HERE, PEER, 3, 1, FOREVER);
        set_local_range(&world, row, 100, 200);
        world.rows[row].confidence = (uint8_t)cases[i].of_row;
        world.rows[row].evidence[0] = corr_evidence_make(cases[i].evidence, 1);
        expect_owner(ask_for(&world, segment(HERE, PEER, ACK, 150, 9), OUT, 2), row, 3,
                     cases[i].expected, CORR_RULE_SEQUENCE);
        world_done(&world);
    }
}

static void contradicted_and_unowned_connections_have_no_owner(void **state)
{
    (void)state;
    struct world world = world_new();
    uint32_t torn = add_socket(&world, CORR_CLIENT, HERE, PEER, 3, 1, FOREVER);
    uint32_t bare = add_socket(&world, CORR_CLIENT, "192.0.2.1:50358", PEER, CORR_NO_ROW, 1, 9);
    world.rows[torn].flags |= CORR_SOCKET_CONTRADICTED;
    struct corr_verdict verdict = ask_for(&world, segment(HERE, PEER, ACK, 1, 2), OUT, 2);
    expect_nobody(verdict, CORR_AMBIGUOUS, CORR_RULE_CONTRADICTION);
    assert_int_equal(verdict.socket, torn);
    verdict = ask_for(&world, segment("192.0.2.1:50358", PEER, ACK, 1, 2), OUT, 2);
    expect_nobody(verdict, CORR_UNKNOWN, CORR_RULE_TUPLE);
    assert_int_equal(verdict.socket, bare);
    world_done(&world);
}

/* ---- which end is ours ---- */

static void two_local_ends_have_a_socket_each(void **state)
{
    (void)state;
    static const char a[] = "127.0.0.1:50000";
    static const char b[] = "127.0.0.1:80";
    struct world world = world_new();
    uint32_t client = add_socket(&world, CORR_CLIENT, a, b, 3, 1, 9);
    uint32_t server = add_socket(&world, CORR_SERVER, b, a, 4, 1, 9);
    struct corr_layers sent = segment(a, b, ACK, 1, 2);
    expect_owner(ask_for(&world, sent, OUT, 2), client, 3, CORR_STRONG, CORR_RULE_TUPLE);
    expect_owner(ask_for(&world, sent, IN, 2), server, 4, CORR_STRONG, CORR_RULE_TUPLE);
    expect_owner(ask_for(&world, sent, ETW_DIRECTION_UNKNOWN, 2), client, 3, CORR_STRONG,
                 CORR_RULE_TUPLE);
    expect_owner(ask_for(&world, segment(b, a, ACK, 1, 2), ETW_DIRECTION_UNKNOWN, 2), server, 4,
                 CORR_STRONG, CORR_RULE_TUPLE);
    world_done(&world);
}

static void a_direction_that_contradicts_the_only_known_end_is_turned(void **state)
{
    (void)state;
    struct world world = world_new();
    uint32_t row = add_socket(&world, CORR_CLIENT, HERE, PEER, 3, 1, 9);
    struct corr_verdict verdict = ask_for(&world, segment(HERE, PEER, ACK, 1, 2), IN, 2);
    expect_owner(verdict, row, 3, CORR_STRONG, CORR_RULE_TUPLE);
    assert_int_equal(verdict.is_inbound, 0);
    verdict = ask_for(&world, segment(PEER, HERE, ACK, 1, 2), ETW_DIRECTION_UNKNOWN, 2);
    expect_owner(verdict, row, 3, CORR_STRONG, CORR_RULE_TUPLE);
    assert_int_equal(verdict.is_inbound, 1);
    world_done(&world);
}

/* ---- ends that are known in part ---- */

static void a_connection_without_local_port_is_likely_when_it_is_the_only_one(void **state)
{
    (void)state;
    struct world world = world_new();
    uint32_t alone = add_socket(&world, CORR_CLIENT, "", PEER, 3, 1, 9);
    (void)add_socket(&world, CORR_CLIENT, "", "198.51.100.8:443", 3, 1, 9);
    (void)add_socket(&world, CORR_CLIENT, "", "198.51.100.8:443", 4, 1, 9);
    expect_owner(ask_for(&world, segment(HERE, PEER, ACK, 1, 2), OUT, 2), alone, 3, CORR_LIKELY,
                 CORR_RULE_TUPLE);
    expect_nobody(ask_for(&world, segment(HERE, PEER, ACK, 1, 2), OUT, 10), CORR_UNKNOWN,
                  CORR_RULE_NONE);
    expect_nobody(ask_for(&world, segment(HERE, "198.51.100.8:443", ACK, 1, 2), OUT, 2),
                  CORR_UNKNOWN, CORR_RULE_NONE);
    world_done(&world);
}

static void a_connection_without_local_address_is_found_by_its_port(void **state)
{
    (void)state;
    struct world world = world_new();
    uint32_t row = add_socket(&world, CORR_CLIENT, "0.0.0.0:50357", PEER, 3, 1, 9);
    expect_owner(ask_for(&world, segment(HERE, PEER, ACK, 1, 2), OUT, 2), row, 3, CORR_STRONG,
                 CORR_RULE_TUPLE);
    expect_nobody(ask_for(&world, segment("192.0.2.1:50358", PEER, ACK, 1, 2), OUT, 2),
                  CORR_UNKNOWN, CORR_RULE_NONE);
    world_done(&world);
}

/* ---- no connection ---- */

/* A SYN, the stack's word that nobody listens, a reset: a real case. */
static void a_port_without_listener_is_nobodys(void **state)
{
    (void)state;
    static const char here[] = "10.7.3.187:3389";
    static const char there[] = "10.0.107.58:59210";
    struct world world = world_new();
    (void)add_socket(&world, CORR_LISTENER, "0.0.0.0:3389", "", 9, 0, 50);
    add_missing(&world, PROTOCOL_TCP, here, there, 111.1142562);
    expect_nobody(ask_for(&world, segment(there, here, SYN, 2885139468, 0), IN, 111.1142353),
                  CORR_NO_ENDPOINT, CORR_RULE_ENDPOINT_MISSING);
    expect_nobody(ask_for(&world, segment(here, there, RST | ACK, 0, 2885139469), OUT, 111.1142853),
                  CORR_NO_ENDPOINT, CORR_RULE_STACK_RESET);
    /* The word counts more than a listener that seems to be open. */
    expect_nobody(ask_for(&world, segment(there, here, ACK, 5, 6), IN, 111.2), CORR_NO_ENDPOINT,
                  CORR_RULE_ENDPOINT_MISSING);
    expect_nobody(ask_for(&world, segment(here, there, RST, 6, 0), OUT, 111.2), CORR_NO_ENDPOINT,
                  CORR_RULE_STACK_RESET);
    world_done(&world);
}

static void a_plain_reset_is_the_stacks_even_beside_a_listener(void **state)
{
    (void)state;
    struct world world = world_new();
    (void)add_socket(&world, CORR_LISTENER, "0.0.0.0:13000", "", 9, 0, FOREVER);
    expect_nobody(ask_for(&world, segment(SERVER, CLIENT, RST | ACK, 0, 701), OUT, 1),
                  CORR_NO_ENDPOINT, CORR_RULE_STACK_RESET);
    expect_nobody(ask_for(&world, segment(SERVER, CLIENT, RST, 700, 0), OUT, 1), CORR_UNKNOWN,
                  CORR_RULE_NONE);
    world_done(&world);
}

/* A reset for a stranger while a connection of the same ends is known. */
static void a_plain_reset_is_not_the_connections(void **state)
{
    (void)state;
    struct world world = world_new();
    uint32_t row = add_socket(&world, CORR_SERVER, SERVER, CLIENT, 2, 1, 5);
    expect_nobody(ask_for(&world, segment(SERVER, CLIENT, RST | ACK, 0, 701), OUT, 2),
                  CORR_NO_ENDPOINT, CORR_RULE_STACK_RESET);
    /* Inbound it is the refusal that a connect gets. */
    expect_owner(ask_for(&world, segment(CLIENT, SERVER, RST | ACK, 0, 701), IN, 2), row, 2,
                 CORR_STRONG, CORR_RULE_TUPLE);
    world_done(&world);
}

static void the_most_exact_listener_gets_a_connection_attempt(void **state)
{
    (void)state;
    struct world world = world_new();
    uint32_t any = add_socket(&world, CORR_LISTENER, "0.0.0.0:80", "", 3, 0, FOREVER);
    uint32_t exact = add_socket(&world, CORR_LISTENER, "192.0.2.1:80", "", 4, 0, 9);
    uint32_t dual = add_socket(&world, CORR_LISTENER, "[::]:81", "", 5, 0, FOREVER);
    uint32_t ipv6 = add_socket(&world, CORR_LISTENER, "[::]:82", "", 6, 0, FOREVER);
    world.rows[dual].local.is_dual = true;
    expect_owner(ask_for(&world, segment(CLIENT, "192.0.2.1:80", SYN, 1, 0), IN, 2), exact, 4,
                 CORR_STRONG, CORR_RULE_LISTENER_PORT);
    expect_owner(ask_for(&world, segment(CLIENT, "192.0.2.1:80", SYN, 1, 0), IN, 10), any, 3,
                 CORR_STRONG, CORR_RULE_LISTENER_PORT);
    expect_owner(ask_for(&world, segment("192.0.2.9:80", CLIENT, SYN | ACK, 1, 2), OUT, 2), any, 3,
                 CORR_STRONG, CORR_RULE_LISTENER_PORT);
    expect_owner(ask_for(&world, segment(CLIENT, "192.0.2.1:81", SYN, 1, 0), IN, 2), dual, 5,
                 CORR_STRONG, CORR_RULE_LISTENER_PORT);
    expect_nobody(ask_for(&world, segment(CLIENT, "192.0.2.1:82", SYN, 1, 0), IN, 2), CORR_UNKNOWN,
                  CORR_RULE_NONE);
    expect_owner(ask_for(&world, segment("[2001:db8::2]:5", "[2001:db8::1]:82", SYN, 1, 0), IN, 2),
                 ipv6, 6, CORR_STRONG, CORR_RULE_LISTENER_PORT);
    /* Our own SYN to such a port of another machine is not the listener's. */
    expect_nobody(ask_for(&world, segment("192.0.2.1:80", CLIENT, SYN, 1, 0), OUT, 2), CORR_UNKNOWN,
                  CORR_RULE_NONE);
    world_done(&world);
}

static void listeners_of_two_processes_are_a_tie(void **state)
{
    (void)state;
    struct world world = world_new();
    (void)add_socket(&world, CORR_LISTENER, "0.0.0.0:80", "", 3, 0, FOREVER);
    (void)add_socket(&world, CORR_LISTENER, "0.0.0.0:80", "", 4, 0, FOREVER);
    expect_nobody(ask_for(&world, segment(CLIENT, "192.0.2.1:80", SYN, 1, 0), IN, 2),
                  CORR_AMBIGUOUS, CORR_RULE_SEVERAL);
    world_done(&world);
}

static void a_connection_older_than_the_trace_is_likely_its_old_listeners(void **state)
{
    (void)state;
    struct world world = world_new();
    (void)add_socket(&world, CORR_LISTENER, "0.0.0.0:80", "", 3, OLDER, FOREVER);
    (void)add_socket(&world, CORR_LISTENER, "0.0.0.0:81", "", 4, 0, FOREVER);
    expect_owner(ask_for(&world, segment(CLIENT, "192.0.2.1:80", ACK, 1, 2), IN, 2), CORR_NO_ROW, 3,
                 CORR_LIKELY, CORR_RULE_LOCAL_PORT);
    expect_nobody(ask_for(&world, segment(CLIENT, "192.0.2.1:81", ACK, 1, 2), IN, 2), CORR_UNKNOWN,
                  CORR_RULE_NONE);
    expect_nobody(ask_for(&world, segment("192.0.2.1:80", CLIENT, RST, 1, 2), OUT, 2), CORR_UNKNOWN,
                  CORR_RULE_NONE);
    world_done(&world);
}

static void a_packet_that_no_life_of_its_ends_fits_is_not_the_listeners(void **state)
{
    (void)state;
    struct world world = world_new();
    (void)add_socket(&world, CORR_LISTENER, "0.0.0.0:13000", "", 9, OLDER, FOREVER);
    uint32_t row = add_socket(&world, CORR_SERVER, SERVER, CLIENT, 2, 1, FOREVER);
    set_remote_range(&world, row, 1000, 2000);
    expect_nobody(ask_for(&world, segment(CLIENT, SERVER, ACK, 0x90000000, 2), IN, 2), CORR_UNKNOWN,
                  CORR_RULE_NONE);
    world_done(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_packet_of_a_connection_is_the_acceptors),
        cmocka_unit_test(a_handshake_counts_when_events_begin_after_it),
        cmocka_unit_test(a_keep_alive_and_a_window_probe_belong_to_the_connection),
        cmocka_unit_test(without_numbers_the_ends_are_strong_evidence),
        cmocka_unit_test(a_life_with_exact_bounds_has_no_packets_beyond_them),
        cmocka_unit_test(data_without_events_is_strong_and_far_numbers_are_anothers),
        cmocka_unit_test(
            numbers_just_before_the_first_known_one_are_plausible_where_more_went_before),
        cmocka_unit_test(a_reset_counts_by_its_sequence_number),
        cmocka_unit_test(a_late_packet_with_a_far_number_is_less_sure),
        cmocka_unit_test(a_long_connection_proves_nothing_by_its_numbers),
        cmocka_unit_test(numbers_go_on_over_their_end),
        cmocka_unit_test(loss_inference_and_callers_make_less_of_it),
        cmocka_unit_test(contradicted_and_unowned_connections_have_no_owner),
        cmocka_unit_test(two_local_ends_have_a_socket_each),
        cmocka_unit_test(a_direction_that_contradicts_the_only_known_end_is_turned),
        cmocka_unit_test(a_connection_without_local_port_is_likely_when_it_is_the_only_one),
        cmocka_unit_test(a_connection_without_local_address_is_found_by_its_port),
        cmocka_unit_test(a_port_without_listener_is_nobodys),
        cmocka_unit_test(a_plain_reset_is_the_stacks_even_beside_a_listener),
        cmocka_unit_test(a_plain_reset_is_not_the_connections),
        cmocka_unit_test(the_most_exact_listener_gets_a_connection_attempt),
        cmocka_unit_test(listeners_of_two_processes_are_a_tie),
        cmocka_unit_test(a_connection_older_than_the_trace_is_likely_its_old_listeners),
        cmocka_unit_test(a_packet_that_no_life_of_its_ends_fits_is_not_the_listeners),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
