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

/* ---- several lives ---- */

static void sequence_numbers_tell_lives_of_the_same_ends_apart(void **state)
{
    (void)state;
    struct world world = world_new();
    uint32_t first = add_socket(&world, CORR_CLIENT, HERE, PEER, 3, 1, 10);
    uint32_t second = add_socket(&world, CORR_CLIENT, HERE, PEER, 4, 10.5, 20);
    set_local_range(&world, first, 1000, 2000);
    set_remote_range(&world, first, 5000, 6000);
    set_local_range(&world, second, 900000000, 900001000);
    set_remote_range(&world, second, 800000000, 800001000);
    expect_owner(ask_for(&world, segment(HERE, PEER, ACK, 1500, 5500), OUT, 5), first, 3,
                 CORR_CERTAIN, CORR_RULE_SEQUENCE);
    expect_owner(ask_for(&world, segment(HERE, PEER, SYN, 900000000, 0), OUT, 10.51), second, 4,
                 CORR_CERTAIN, CORR_RULE_SEQUENCE);
    /* A FIN of the first that comes late, while the second is open. */
    expect_owner(ask_for(&world, segment(PEER, HERE, ACK | FIN, 5999, 2000), IN, 11), first, 3,
                 CORR_CERTAIN, CORR_RULE_SEQUENCE);
    expect_owner(ask_for(&world, segment(PEER, HERE, ACK, 800000500, 900000500), IN, 11), second, 4,
                 CORR_CERTAIN, CORR_RULE_SEQUENCE);
    /* Long after its end it is still told by its numbers. */
    expect_owner(ask_for(&world, segment(PEER, HERE, ACK | FIN, 5999, 2000), IN, 600), first, 3,
                 CORR_STRONG, CORR_RULE_SEQUENCE);
    world_done(&world);
}

static void where_numbers_say_nothing_lives_of_two_processes_are_a_tie(void **state)
{
    (void)state;
    struct world world = world_new();
    uint32_t first = add_socket(&world, CORR_CLIENT, HERE, PEER, 3, 1, 10);
    uint32_t second = add_socket(&world, CORR_CLIENT, HERE, PEER, 4, 12, 20);
    struct corr_layers received = segment(PEER, HERE, ACK, 1, 2);
    uint32_t processes[CORR_CANDIDATES_MAXIMUM];
    expect_nobody(ask_for(&world, received, IN, 13), CORR_AMBIGUOUS, CORR_RULE_SEVERAL);
    assert_int_equal(corr_candidates(world.attribution, &received, IN, at(13), processes,
                                     CORR_CANDIDATES_MAXIMUM),
                     2);
    assert_int_equal(processes[0], 3);
    assert_int_equal(processes[1], 4);
    assert_int_equal(corr_candidates(world.attribution, &received, IN, at(13), processes, 1), 1);
    /* What is closed sends nothing but resets. */
    expect_owner(ask_for(&world, segment(HERE, PEER, ACK, 1, 2), OUT, 13), second, 4, CORR_STRONG,
                 CORR_RULE_TUPLE);
    expect_nobody(ask_for(&world, segment(HERE, PEER, RST, 1, 2), OUT, 13), CORR_AMBIGUOUS,
                  CORR_RULE_SEVERAL);
    expect_owner(ask_for(&world, segment(PEER, HERE, ACK, 1, 2), IN, 5), first, 3, CORR_STRONG,
                 CORR_RULE_TUPLE);
    assert_int_equal(corr_candidates(world.attribution, &received, IN, at(5), processes, 8), 0);
    world_done(&world);
}

/* The next life cannot be meant before it begins; the last one not alone after the next
 * has begun, because then only time would speak for it. */
static void time_rules_out_but_never_decides(void **state)
{
    (void)state;
    struct world world = world_new();
    uint32_t first = add_socket(&world, CORR_CLIENT, HERE, PEER, 3, 1, 10);
    uint32_t second = add_socket(&world, CORR_CLIENT, HERE, PEER, 4, 10.5, 20);
    struct corr_layers received = segment(PEER, HERE, ACK, 77, 0x90000000);
    expect_owner(ask_for(&world, received, IN, 9), first, 3, CORR_STRONG, CORR_RULE_TUPLE);
    set_local_range(&world, second, 1000, 2000);
    expect_nobody(ask_for(&world, received, IN, 13), CORR_UNKNOWN, CORR_RULE_NONE);
    world_done(&world);
}

static void lives_of_one_process_are_that_process(void **state)
{
    (void)state;
    struct world world = world_new();
    (void)add_socket(&world, CORR_CLIENT, HERE, PEER, 3, 1, 10);
    (void)add_socket(&world, CORR_CLIENT, HERE, PEER, 3, 12, 20);
    expect_owner(ask_for(&world, segment(PEER, HERE, ACK, 1, 2), IN, 13), CORR_NO_ROW, 3,
                 CORR_STRONG, CORR_RULE_TUPLE);
    world_done(&world);
}

/* A client repeats its SYN after each reset: the same number, a new connection each time.
 * Numbers and times are those of a real case, seconds after 700. */
static void each_repeated_syn_begins_its_own_life(void **state)
{
    (void)state;
    static const char edge[] = "192.168.1.1:50357";
    static const char front[] = "192.168.3.10:5061";
    struct world world = world_new();
    static const struct {
        double syn, opened, answer, reset, closed;
        uint32_t isn;
    } tries[] = {
        {27.4974204, 27.4975, 27.4975478, 27.4980222, 27.4981, 154470907},
        {30.5001959, 30.5002968, 30.5003515, 30.5007007, 30.5007432, 155953667},
        {36.4983502, 36.4984630, 36.4985345, 36.4987452, 36.4987706, 157301184},
    };
    for (uint32_t i = 0; i < 3; i++) {
        uint32_t row =
            add_socket(&world, CORR_SERVER, front, edge, i, tries[i].opened, tries[i].closed);
        set_local_range(&world, row, tries[i].isn, tries[i].isn + 1);
        set_remote_range(&world, row, 2232090326, 2232090327);
    }
    for (uint32_t i = 0; i < 3; i++) {
        struct corr_layers syn = segment(edge, front, SYN, 2232090326, 2948578651);
        expect_owner(ask_for(&world, syn, IN, tries[i].syn), i, i, CORR_CERTAIN,
                     CORR_RULE_SEQUENCE);
        expect_owner(ask_for(&world, segment(front, edge, SYN | ACK, tries[i].isn, 2232090327), OUT,
                             tries[i].answer),
                     i, i, CORR_CERTAIN, CORR_RULE_SEQUENCE);
        expect_owner(ask_for(&world, segment(edge, front, RST | ACK, 2232090327, tries[i].isn + 1),
                             IN, tries[i].reset),
                     i, i, CORR_CERTAIN, CORR_RULE_SEQUENCE);
    }
    world_done(&world);
}

static void a_syn_never_belongs_to_a_life_that_has_ended(void **state)
{
    (void)state;
    struct world world = world_new();
    uint32_t listener = add_socket(&world, CORR_LISTENER, "0.0.0.0:13000", "", 9, 0, FOREVER);
    uint32_t row = add_socket(&world, CORR_SERVER, SERVER, CLIENT, 2, 1, 2);
    set_remote_range(&world, row, 700, 900);
    expect_owner(ask_for(&world, segment(CLIENT, SERVER, SYN, 700, 0), IN, 1.5), row, 2,
                 CORR_CERTAIN, CORR_RULE_SEQUENCE);
    expect_owner(ask_for(&world, segment(CLIENT, SERVER, SYN, 700, 0), IN, 4), listener, 9,
                 CORR_STRONG, CORR_RULE_LISTENER_PORT);
    /* Nor does one with a number from the middle. */
    expect_owner(ask_for(&world, segment(CLIENT, SERVER, SYN, 800, 0), IN, 1.5), listener, 9,
                 CORR_STRONG, CORR_RULE_LISTENER_PORT);
    world_done(&world);
}

static void a_refused_syn_is_nobodys_though_the_next_one_is_taken(void **state)
{
    (void)state;
    struct world world = world_new();
    uint32_t row = add_socket(&world, CORR_SERVER, SERVER, CLIENT, 2, 1.5, FOREVER);
    add_missing(&world, PROTOCOL_TCP, SERVER, CLIENT, 1.0001);
    expect_nobody(ask_for(&world, segment(CLIENT, SERVER, SYN, 700, 0), IN, 1), CORR_NO_ENDPOINT,
                  CORR_RULE_ENDPOINT_MISSING);
    expect_owner(ask_for(&world, segment(CLIENT, SERVER, SYN, 700, 0), IN, 1.4999), row, 2,
                 CORR_STRONG, CORR_RULE_TUPLE);
    world_done(&world);
}

/* The first SYN was lost inside; the repeated one began the connection. */
static void a_syn_before_the_one_that_was_taken_is_less_sure(void **state)
{
    (void)state;
    struct world world = world_new();
    uint32_t row = add_socket(&world, CORR_SERVER, SERVER, CLIENT, 2, 2, FOREVER);
    (void)add_socket(&world, CORR_SERVER, SERVER, CLIENT, 5, 2.9, FOREVER);
    set_remote_range(&world, row, 700, 701);
    set_remote_range(&world, row + 1, 700, 701);
    struct corr_layers syn = segment(CLIENT, SERVER, SYN, 700, 0);
    expect_owner(ask_for(&world, syn, IN, 1), row, 2, CORR_STRONG, CORR_RULE_SEQUENCE);
    expect_owner(ask_for(&world, syn, IN, 1.999), row, 2, CORR_CERTAIN, CORR_RULE_SEQUENCE);
    expect_nobody(ask_for(&world, syn, IN, -2), CORR_UNKNOWN, CORR_RULE_NONE);
    world_done(&world);
}

/* However often a pair of ends was used, a packet is found its life. */
static void many_lives_do_not_hide_the_right_one(void **state)
{
    (void)state;
    struct world world = world_new();
    for (uint32_t i = 0; i < WORLD_ROWS; i++) {
        uint32_t row = add_socket(&world, CORR_CLIENT, HERE, PEER, i, i * 300.0, i * 300.0 + 100);
        set_local_range(&world, row, i * 44000000, i * 44000000 + 1000);
    }
    for (uint32_t i = 0; i < WORLD_ROWS; i++) {
        expect_owner(
            ask_for(&world, segment(HERE, PEER, ACK, i * 44000000 + 500, 2), OUT, i * 300.0 + 50),
            i, i, CORR_CERTAIN, CORR_RULE_SEQUENCE);
    }
    world_done(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sequence_numbers_tell_lives_of_the_same_ends_apart),
        cmocka_unit_test(where_numbers_say_nothing_lives_of_two_processes_are_a_tie),
        cmocka_unit_test(time_rules_out_but_never_decides),
        cmocka_unit_test(lives_of_one_process_are_that_process),
        cmocka_unit_test(each_repeated_syn_begins_its_own_life),
        cmocka_unit_test(a_syn_never_belongs_to_a_life_that_has_ended),
        cmocka_unit_test(a_refused_syn_is_nobodys_though_the_next_one_is_taken),
        cmocka_unit_test(a_syn_before_the_one_that_was_taken_is_less_sure),
        cmocka_unit_test(many_lives_do_not_hide_the_right_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
