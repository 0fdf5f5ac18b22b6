/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/attribution_world.h"

#define HERE  "192.0.2.1:36003"
#define THERE "198.51.100.97:2762"
#define GROUP "239.255.255.250:1900"

static struct corr_layers to_many(const char *source, const char *destination, enum corr_cast cast)
{
    struct corr_layers layers = datagram(source, destination, 100);
    layers.cast = cast;
    return layers;
}

/* ---- sent ---- */

static void the_only_socket_of_the_port_sent_it(void **state)
{
    (void)state;
    struct world world = world_new();
    uint32_t any = add_socket(&world, CORR_DATAGRAM, "0.0.0.0:36003", "", 3, 1, 9);
    uint32_t exact = add_socket(&world, CORR_DATAGRAM, "192.0.2.1:36004", "", 4, OLDER, FOREVER);
    uint32_t dual = add_socket(&world, CORR_DATAGRAM, "[::]:36005", "", 5, 1, FOREVER);
    world.rows[dual].local.is_dual = true;
    expect_owner(ask_for(&world, datagram(HERE, THERE, 8), OUT, 2), any, 3, CORR_STRONG,
                 CORR_RULE_LOCAL_PORT);
    expect_owner(ask_for(&world, datagram("192.0.2.1:36004", THERE, 8), OUT, 2), exact, 4,
                 CORR_STRONG, CORR_RULE_LOCAL_PORT);
    expect_owner(ask_for(&world, datagram("192.0.2.1:36005", THERE, 8), OUT, 2), dual, 5,
                 CORR_STRONG, CORR_RULE_LOCAL_PORT);
    expect_nobody(ask_for(&world, datagram("192.0.2.2:36004", THERE, 8), OUT, 2), CORR_UNKNOWN,
                  CORR_RULE_NONE);
    expect_nobody(ask_for(&world, datagram("192.0.2.1:36006", THERE, 8), OUT, 2), CORR_UNKNOWN,
                  CORR_RULE_NONE);
    world_done(&world);
}

static void a_datagram_may_leave_shortly_after_its_socket(void **state)
{
    (void)state;
    struct world world = world_new();
    uint32_t row = add_socket(&world, CORR_DATAGRAM, "0.0.0.0:36003", "", 3, 1, 9);
    expect_owner(ask_for(&world, datagram(HERE, THERE, 8), OUT, 0.997), row, 3, CORR_STRONG,
                 CORR_RULE_LOCAL_PORT);
    expect_owner(ask_for(&world, datagram(HERE, THERE, 8), OUT, 9.9), row, 3, CORR_STRONG,
                 CORR_RULE_LOCAL_PORT);
    expect_nobody(ask_for(&world, datagram(HERE, THERE, 8), OUT, 0.9), CORR_UNKNOWN,
                  CORR_RULE_NONE);
    expect_nobody(ask_for(&world, datagram(HERE, THERE, 8), OUT, 10.1), CORR_UNKNOWN,
                  CORR_RULE_NONE);
    /* What it got then, it hardly read. */
    expect_owner(ask_for(&world, datagram(THERE, HERE, 8), IN, 9.9), row, 3, CORR_LIKELY,
                 CORR_RULE_LOCAL_PORT);
    world_done(&world);
}

static void of_several_the_one_that_talks_to_the_remote_end_sent_it(void **state)
{
    (void)state;
    struct world world = world_new();
    uint32_t first = add_socket(&world, CORR_DATAGRAM, "0.0.0.0:36003", "", 3, 1, FOREVER);
    uint32_t second = add_socket(&world, CORR_DATAGRAM, "192.0.2.1:36003", "", 4, 1, FOREVER);
    expect_nobody(ask_for(&world, datagram(HERE, THERE, 8), OUT, 2), CORR_AMBIGUOUS,
                  CORR_RULE_SEVERAL);
    add_flow(&world, first, THERE);
    expect_owner(ask_for(&world, datagram(HERE, THERE, 8), OUT, 2), first, 3, CORR_STRONG,
                 CORR_RULE_TUPLE);
    add_flow(&world, second, THERE);
    struct corr_layers sent = datagram(HERE, THERE, 8);
    expect_nobody(ask_for(&world, sent, OUT, 2), CORR_AMBIGUOUS, CORR_RULE_SEVERAL);
    uint32_t processes[2];
    assert_int_equal(corr_candidates(world.attribution, &sent, OUT, at(2), processes, 2), 2);
    assert_int_equal(processes[0], 3);
    assert_int_equal(processes[1], 4);
    world_done(&world);
}

static void several_sockets_of_one_process_are_that_process(void **state)
{
    (void)state;
    struct world world = world_new();
    (void)add_socket(&world, CORR_DATAGRAM, "0.0.0.0:36003", "", 3, 1, FOREVER);
    (void)add_socket(&world, CORR_DATAGRAM, "0.0.0.0:36003", "", 3, 1, FOREVER);
    expect_owner(ask_for(&world, datagram(HERE, THERE, 8), OUT, 2), CORR_NO_ROW, 3, CORR_STRONG,
                 CORR_RULE_LOCAL_PORT);
    assert_false(corr_attribution_may_await(world.attribution));
    world_done(&world);
}

/* ---- events about this very datagram ---- */

/* Where they stand: not near the packet, nor in its file. */
#define EVENT_FILE   2047u
#define EVENT_OFFSET UINT64_C(0x3F00001000)

static void note(struct world *world, enum etw_action action, struct etw_handle handle,
                 const char *local, const char *remote, uint64_t bytes, double time)
{
    struct corr_endpoint ends[2] = {end_of(local), end_of(remote)};
    const struct etw_record record = {.time = at(time),
                                      .offset = etw_place_make(EVENT_FILE, EVENT_OFFSET)};
    struct etw_event event = {.kind = ETW_EVENT_SOCKET, .record = &record};
    struct etw_socket *socket = &event.u.socket;
    socket->action = action;
    socket->phase = ETW_PHASE_SINGLE;
    socket->has = ETW_HAS_REMOTE | ETW_HAS_BYTES | (*local ? ETW_HAS_LOCAL : 0);
    socket->handles[0] = handle;
    socket->bytes = bytes;
    struct etw_socket_address *addresses[2] = {&socket->local, &socket->remote};
    for (int i = 0; i < 2; i++) {
        addresses[i]->size = ends[i].size;
        addresses[i]->port = ends[i].port;
        addresses[i]->has_port = ends[i].port != 0;
        memcpy(addresses[i]->bytes, ends[i].bytes, sizeof(ends[i].bytes));
    }
    corr_attribution_note(world_attribution(world), &event);
}

static void note_send(struct world *world, enum etw_handle_space space, uint64_t handle,
                      const char *local, const char *remote, uint64_t bytes, double time)
{
    note(world, ETW_ACTION_SEND_TO, (struct etw_handle){space, handle}, local, remote, bytes, time);
}

static void note_receive(struct world *world, uint64_t handle, const char *local,
                         const char *remote, uint64_t bytes, double time)
{
    note(world, ETW_ACTION_RECEIVE_FROM, (struct etw_handle){ETW_HANDLE_UDP_ENDPOINT, handle},
         local, remote, bytes, time);
}

static void an_event_about_the_datagram_makes_it_certain(void **state)
{
    (void)state;
    struct world world = world_new();
    uint32_t first = add_socket(&world, CORR_DATAGRAM, "0.0.0.0:36003", "", 3, 1, FOREVER);
    uint32_t second = add_socket(&world, CORR_DATAGRAM, "0.0.0.0:36003", "", 4, 1, FOREVER);
    world.rows[first].handle = 0xA0;
    world.rows[second].handle = 0xB0;
    world.rows[second].application = 0xC0;
    world.options.has_loss = true; /* an event about the packet itself outweighs it */
    note_send(&world, ETW_HANDLE_UDP_ENDPOINT, 0xB0, HERE, THERE, 8, 2);
    struct corr_verdict verdict = ask_for(&world, datagram(HERE, THERE, 8), OUT, 2.0005);
    expect_owner(verdict, second, 4, CORR_CERTAIN, CORR_RULE_DATA_EVENT);
    uint64_t place = 0;
    assert_true(corr_verdict_match(&verdict, &place));
    assert_true(place == etw_place_make(EVENT_FILE, EVENT_OFFSET));
    note_send(&world, ETW_HANDLE_AFD_ENDPOINT, 0xC0, "", THERE, 9, 3);
    verdict = ask_for(&world, datagram(HERE, THERE, 9), OUT, 3.0001);
    expect_owner(verdict, second, 4, CORR_CERTAIN, CORR_RULE_DATA_EVENT);
    world_done(&world);
}

static void an_event_about_another_datagram_says_nothing(void **state)
{
    (void)state;
    struct world world = world_new();
    uint32_t row = add_socket(&world, CORR_DATAGRAM, "0.0.0.0:36003", "", 3, 1, FOREVER);
    uint32_t other = add_socket(&world, CORR_DATAGRAM, "0.0.0.0:36009", "", 4, 1, FOREVER);
    world.rows[row].handle = 0xA0;
    world.rows[other].handle = 0xB0;
    static const struct {
        const char *local, *remote;
        uint64_t handle, bytes;
        double time;
    } events[] = {
        {HERE, THERE, 0xA0, 8, 1.9985},           /* too early */
        {HERE, THERE, 0xA0, 8, 2.0001},           /* later than the packet */
        {HERE, THERE, 0xA0, 7, 2},                /* other size */
        {HERE, "198.51.100.97:2763", 0xA0, 8, 2}, /* other remote end */
        {"192.0.2.1:36009", THERE, 0xB0, 8, 2},   /* other local end */
        {"192.0.2.7:36003", THERE, 0xB0, 8, 2},   /* other socket */
    };
    for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
        note_send(&world, ETW_HANDLE_UDP_ENDPOINT, events[i].handle, events[i].local,
                  events[i].remote, events[i].bytes, events[i].time);
        struct corr_verdict verdict = ask_for(&world, datagram(HERE, THERE, 8), OUT, 2);
        expect_owner(verdict, row, 3, CORR_STRONG, CORR_RULE_LOCAL_PORT);
        uint64_t place = 0;
        assert_false(corr_verdict_match(&verdict, &place));
        world_done(&world);
    }
}

static void two_sockets_that_sent_the_same_are_a_tie(void **state)
{
    (void)state;
    struct world world = world_new();
    uint32_t first = add_socket(&world, CORR_DATAGRAM, "0.0.0.0:36003", "", 3, 1, FOREVER);
    uint32_t second = add_socket(&world, CORR_DATAGRAM, "0.0.0.0:36003", "", 4, 1, FOREVER);
    world.rows[first].handle = 0xA0;
    world.rows[second].handle = 0xB0;
    note_send(&world, ETW_HANDLE_UDP_ENDPOINT, 0xA0, HERE, THERE, 8, 2);
    note_send(&world, ETW_HANDLE_UDP_ENDPOINT, 0xB0, HERE, THERE, 8, 2.0001);
    expect_nobody(ask_for(&world, datagram(HERE, THERE, 8), OUT, 2.0002), CORR_AMBIGUOUS,
                  CORR_RULE_SEVERAL);
    world_done(&world);
}

/* Of two sockets that share a port one gets the datagram, and its event follows. */
static void a_received_datagram_is_told_by_the_event_that_follows(void **state)
{
    (void)state;
    struct world world = world_new();
    uint32_t first = add_socket(&world, CORR_DATAGRAM, "0.0.0.0:36003", "", 3, 1, FOREVER);
    uint32_t second = add_socket(&world, CORR_DATAGRAM, "0.0.0.0:36003", "", 4, 1, FOREVER);
    world.rows[first].handle = 0xA0;
    world.rows[second].handle = 0xB0;
    struct corr_layers received = datagram(THERE, HERE, 8);
    struct corr_layers sent = datagram(HERE, THERE, 8);
    assert_true(corr_attribution_may_await(world_attribution(&world)));
    assert_true(corr_attribution_awaits(world.attribution, &received, IN, at(2)));
    assert_false(corr_attribution_awaits(world.attribution, &sent, OUT, at(2)));
    note_send(&world, ETW_HANDLE_UDP_ENDPOINT, 0xA0, HERE, THERE, 8, 2.0001);
    note_receive(&world, 0xA0, HERE, THERE, 8, 1.9999); /* another, before it */
    assert_true(corr_attribution_awaits(world.attribution, &received, IN, at(2)));
    note_receive(&world, 0xB0, HERE, THERE, 8, 2.0005);
    expect_owner(ask_for(&world, received, IN, 2), second, 4, CORR_CERTAIN, CORR_RULE_DATA_EVENT);
    assert_false(corr_attribution_awaits(world.attribution, &received, IN, at(2)));
    /* Without the event in time it stays a tie; so does what many get. */
    expect_nobody(ask_for(&world, received, IN, 2.1), CORR_AMBIGUOUS, CORR_RULE_SEVERAL);
    received.cast = CORR_MULTICAST;
    add_flow(&world, first, THERE);
    add_flow(&world, second, THERE);
    expect_nobody(ask_for(&world, received, IN, 2), CORR_SHARED, CORR_RULE_SEVERAL);
    assert_false(corr_attribution_awaits(world.attribution, &received, IN, at(2)));
    world_done(&world);
}

/* ---- received ---- */

static void who_talks_to_the_sender_gets_it_then_who_is_bound_most_exactly(void **state)
{
    (void)state;
    struct world world = world_new();
    uint32_t any = add_socket(&world, CORR_DATAGRAM, "0.0.0.0:36003", "", 3, 1, FOREVER);
    uint32_t exact = add_socket(&world, CORR_DATAGRAM, "192.0.2.1:36003", "", 4, 1, FOREVER);
    expect_owner(ask_for(&world, datagram(THERE, HERE, 8), IN, 2), exact, 4, CORR_STRONG,
                 CORR_RULE_LOCAL_PORT);
    expect_owner(ask_for(&world, datagram(THERE, "192.0.2.2:36003", 8), IN, 2), any, 3, CORR_STRONG,
                 CORR_RULE_LOCAL_PORT);
    add_flow(&world, any, THERE);
    expect_owner(ask_for(&world, datagram(THERE, HERE, 8), IN, 2), any, 3, CORR_STRONG,
                 CORR_RULE_TUPLE);
    world_done(&world);
}

static void a_connected_socket_gets_what_its_peer_sends(void **state)
{
    (void)state;
    struct world world = world_new();
    uint32_t server = add_socket(&world, CORR_DATAGRAM, HERE, "", 3, 1, FOREVER);
    uint32_t connected = add_socket(&world, CORR_DATAGRAM, HERE, THERE, 4, 1, FOREVER);
    expect_owner(ask_for(&world, datagram(THERE, HERE, 8), IN, 2), connected, 4, CORR_STRONG,
                 CORR_RULE_TUPLE);
    add_flow(&world, server, "198.51.100.98:1");
    expect_owner(ask_for(&world, datagram("198.51.100.98:1", HERE, 8), IN, 2), server, 3,
                 CORR_STRONG, CORR_RULE_TUPLE);
    world_done(&world);
}

static void two_sockets_with_the_same_claim_are_a_tie(void **state)
{
    (void)state;
    struct world world = world_new();
    (void)add_socket(&world, CORR_DATAGRAM, "0.0.0.0:36003", "", 3, 1, FOREVER);
    (void)add_socket(&world, CORR_DATAGRAM, "0.0.0.0:36003", "", 4, 1, FOREVER);
    expect_nobody(ask_for(&world, datagram(THERE, HERE, 8), IN, 2), CORR_AMBIGUOUS,
                  CORR_RULE_SEVERAL);
    world_done(&world);
}

static void nobody_owns_it_when_the_stack_says_so(void **state)
{
    (void)state;
    struct world world = world_new();
    uint32_t row = add_socket(&world, CORR_DATAGRAM, "0.0.0.0:36004", "", 3, 1, FOREVER);
    add_missing(&world, PROTOCOL_UDP, HERE, THERE, 2);
    expect_nobody(ask_for(&world, datagram(THERE, HERE, 8), IN, 2), CORR_NO_ENDPOINT,
                  CORR_RULE_ENDPOINT_MISSING);
    expect_nobody(ask_for(&world, datagram(THERE, HERE, 8), IN, 4), CORR_UNKNOWN, CORR_RULE_NONE);
    /* A socket that is open, but connected to others. */
    add_missing(&world, PROTOCOL_UDP, "192.0.2.1:36004", THERE, 2);
    expect_nobody(ask_for(&world, datagram(THERE, "192.0.2.1:36004", 8), IN, 2), CORR_NO_ENDPOINT,
                  CORR_RULE_ENDPOINT_MISSING);
    add_flow(&world, row, THERE);
    expect_owner(ask_for(&world, datagram(THERE, "192.0.2.1:36004", 8), IN, 2), row, 3, CORR_STRONG,
                 CORR_RULE_LOCAL_PORT);
    world_done(&world);
}

/* ---- broadcast and multicast ---- */

static void what_many_may_get_is_its_only_receivers_or_shared(void **state)
{
    (void)state;
    struct world world = world_new();
    uint32_t alone = add_socket(&world, CORR_DATAGRAM, "192.0.2.1:138", "", 2, 1, FOREVER);
    uint32_t first = add_socket(&world, CORR_DATAGRAM, "0.0.0.0:1900", "", 3, 1, FOREVER);
    uint32_t second = add_socket(&world, CORR_DATAGRAM, "192.0.2.1:1900", "", 4, 1, FOREVER);
    add_flow(&world, alone, THERE);
    expect_owner(ask_for(&world, to_many(THERE, "192.0.2.255:138", CORR_BROADCAST), IN, 2), alone,
                 2, CORR_LIKELY, CORR_RULE_ONLY_RECEIVER);
    /* Being bound to the port is not being in the group. */
    struct corr_layers received = to_many(THERE, GROUP, CORR_MULTICAST);
    expect_nobody(ask_for(&world, received, IN, 2), CORR_UNKNOWN, CORR_RULE_NONE);
    add_flow(&world, first, THERE);
    add_flow(&world, second, THERE);
    expect_nobody(ask_for(&world, received, IN, 2), CORR_SHARED, CORR_RULE_SEVERAL);
    uint32_t processes[CORR_CANDIDATES_MAXIMUM];
    assert_int_equal(corr_candidates(world.attribution, &received, IN, at(2), processes, 8), 2);
    assert_int_equal(processes[0], 3);
    assert_int_equal(processes[1], 4);
    received = to_many("203.0.113.77:1900", GROUP, CORR_MULTICAST);
    add_flow(&world, second, "203.0.113.77:1900");
    expect_owner(ask_for(&world, received, IN, 2), second, 4, CORR_LIKELY, CORR_RULE_ONLY_RECEIVER);
    /* Sent, it is the sender's as any other. */
    expect_owner(ask_for(&world, to_many("192.0.2.9:1900", GROUP, CORR_MULTICAST), OUT, 2), first,
                 3, CORR_STRONG, CORR_RULE_LOCAL_PORT);
    expect_nobody(ask_for(&world, to_many(THERE, "239.255.255.250:1901", CORR_MULTICAST), IN, 2),
                  CORR_UNKNOWN, CORR_RULE_NONE);
    world_done(&world);
}

static void sockets_of_the_other_family_get_nothing(void **state)
{
    (void)state;
    struct world world = world_new();
    (void)add_socket(&world, CORR_DATAGRAM, "[::]:1900", "", 3, 1, FOREVER);
    (void)add_socket(&world, CORR_DATAGRAM, "[2001:db8::1]:36003", "", 3, 1, FOREVER);
    expect_nobody(ask_for(&world, to_many(THERE, GROUP, CORR_MULTICAST), IN, 2), CORR_UNKNOWN,
                  CORR_RULE_NONE);
    expect_nobody(ask_for(&world, datagram(THERE, HERE, 8), IN, 2), CORR_UNKNOWN, CORR_RULE_NONE);
    world_done(&world);
}

/* ---- direction ---- */

static void a_well_known_remote_port_is_not_taken_for_a_local_one(void **state)
{
    (void)state;
    struct world world = world_new();
    (void)add_socket(&world, CORR_DATAGRAM, "0.0.0.0:53", "", 3, 1, FOREVER);
    uint32_t client = add_socket(&world, CORR_DATAGRAM, "0.0.0.0:36003", "", 4, 1, FOREVER);
    struct corr_layers reply = datagram("198.51.100.97:53", HERE, 8);
    struct corr_layers stray = datagram("198.51.100.97:53", "192.0.2.1:999", 8);
    /* Nothing says which end is local: both fit. */
    expect_nobody(ask_for(&world, reply, ETW_DIRECTION_UNKNOWN, 2), CORR_UNKNOWN, CORR_RULE_NONE);
    expect_nobody(ask_for(&world, stray, IN, 2), CORR_UNKNOWN, CORR_RULE_NONE);
    add_address(&world, "192.0.2.1:0");
    expect_owner(ask_for(&world, reply, ETW_DIRECTION_UNKNOWN, 2), client, 4, CORR_STRONG,
                 CORR_RULE_LOCAL_PORT);
    expect_nobody(ask_for(&world, stray, ETW_DIRECTION_UNKNOWN, 2), CORR_UNKNOWN, CORR_RULE_NONE);
    /* A copy that a virtual switch shows the other way. */
    struct corr_verdict verdict = ask_for(&world, reply, OUT, 2);
    expect_owner(verdict, client, 4, CORR_STRONG, CORR_RULE_LOCAL_PORT);
    assert_int_equal(verdict.is_inbound, 1);
    world_done(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_only_socket_of_the_port_sent_it),
        cmocka_unit_test(a_datagram_may_leave_shortly_after_its_socket),
        cmocka_unit_test(of_several_the_one_that_talks_to_the_remote_end_sent_it),
        cmocka_unit_test(several_sockets_of_one_process_are_that_process),
        cmocka_unit_test(an_event_about_the_datagram_makes_it_certain),
        cmocka_unit_test(an_event_about_another_datagram_says_nothing),
        cmocka_unit_test(two_sockets_that_sent_the_same_are_a_tie),
        cmocka_unit_test(a_received_datagram_is_told_by_the_event_that_follows),
        cmocka_unit_test(who_talks_to_the_sender_gets_it_then_who_is_bound_most_exactly),
        cmocka_unit_test(a_connected_socket_gets_what_its_peer_sends),
        cmocka_unit_test(two_sockets_with_the_same_claim_are_a_tie),
        cmocka_unit_test(nobody_owns_it_when_the_stack_says_so),
        cmocka_unit_test(what_many_may_get_is_its_only_receivers_or_shared),
        cmocka_unit_test(sockets_of_the_other_family_get_nothing),
        cmocka_unit_test(a_well_known_remote_port_is_not_taken_for_a_local_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
