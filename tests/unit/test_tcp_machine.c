/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "correlate/packet_layers.h"
#include "correlate/tcp_machine.h"

#define IN  true
#define OUT false
#define SYN CORR_TCP_SYN
#define ACK CORR_TCP_ACK
#define FIN CORR_TCP_FIN
#define RST CORR_TCP_RST

struct step {
    bool is_inbound;
    uint8_t flags;
    uint32_t sequence, length, acknowledged;
    enum corr_tcp_state state; /* after it */
};

static void play(const struct step *steps, size_t count)
{
    struct corr_tcp_machine machine = {.state = CORR_CLOSED};
    for (size_t i = 0; i < count; i++) {
        enum corr_tcp_state before = (enum corr_tcp_state)machine.state;
        bool was_known = machine.is_known;
        enum corr_tcp_state from = CORR_STATE_COUNT;
        bool has_changed =
            corr_tcp_machine_step(&machine, steps[i].is_inbound, steps[i].flags, steps[i].sequence,
                                  steps[i].length, steps[i].acknowledged, &from);
        assert_int_equal(machine.state, steps[i].state);
        if (has_changed) {
            assert_int_equal(from, before);
        }
        bool is_knock = steps[i].state == CORR_LISTEN ||
                        (before == CORR_LISTEN && steps[i].state == CORR_CLOSED);
        bool may_change = (was_known || (steps[i].flags & SYN) != 0) && !is_knock;
        assert_int_equal(has_changed, may_change && steps[i].state != before);
    }
}

#define PLAY(...)                                                                                  \
    do {                                                                                           \
        const struct step steps[] = {__VA_ARGS__};                                                 \
        play(steps, sizeof(steps) / sizeof(steps[0]));                                             \
    } while (0)

static void a_client_that_closes_first(void **state)
{
    (void)state;
    PLAY({OUT, SYN, 100, 0, 0, CORR_SYN_SENT}, {OUT, SYN, 100, 0, 0, CORR_SYN_SENT},
         {IN, SYN | ACK, 500, 0, 101, CORR_ESTABLISHED}, {OUT, ACK, 101, 0, 501, CORR_ESTABLISHED},
         {OUT, ACK, 101, 20, 501, CORR_ESTABLISHED}, {IN, ACK, 501, 30, 121, CORR_ESTABLISHED},
         {OUT, FIN | ACK, 121, 0, 531, CORR_FIN_WAIT_1}, {IN, ACK, 531, 0, 121, CORR_FIN_WAIT_1},
         {IN, ACK, 531, 0, 122, CORR_FIN_WAIT_2}, {IN, FIN | ACK, 531, 0, 122, CORR_TIME_WAIT},
         {OUT, ACK, 122, 0, 532, CORR_TIME_WAIT});
}

static void a_server_whose_peer_closes_first(void **state)
{
    (void)state;
    PLAY({IN, SYN, 100, 0, 0, CORR_LISTEN}, {OUT, SYN | ACK, 500, 0, 101, CORR_SYN_RECEIVED},
         {IN, ACK, 101, 0, 501, CORR_ESTABLISHED}, {IN, FIN | ACK, 101, 0, 501, CORR_CLOSE_WAIT},
         {OUT, ACK, 501, 0, 102, CORR_CLOSE_WAIT}, {OUT, FIN | ACK, 501, 0, 102, CORR_LAST_ACK},
         {IN, ACK, 102, 0, 502, CORR_CLOSED});
}

static void both_close_at_once(void **state)
{
    (void)state;
    PLAY({OUT, SYN, 100, 0, 0, CORR_SYN_SENT}, {IN, SYN | ACK, 500, 0, 101, CORR_ESTABLISHED},
         {OUT, FIN | ACK, 101, 0, 501, CORR_FIN_WAIT_1}, {IN, FIN | ACK, 501, 0, 101, CORR_CLOSING},
         {IN, ACK, 502, 0, 102, CORR_TIME_WAIT});
}

static void a_fin_that_acknowledges_ours_ends_it_at_once(void **state)
{
    (void)state;
    PLAY({OUT, SYN, 100, 0, 0, CORR_SYN_SENT}, {IN, SYN | ACK, 500, 0, 101, CORR_ESTABLISHED},
         {OUT, FIN | ACK, 101, 0, 501, CORR_FIN_WAIT_1},
         {IN, FIN | ACK, 501, 0, 102, CORR_TIME_WAIT});
}

static void a_reset_closes_from_every_state(void **state)
{
    (void)state;
    PLAY({OUT, SYN, 100, 0, 0, CORR_SYN_SENT}, {IN, RST | ACK, 0, 0, 101, CORR_CLOSED});
    PLAY({IN, SYN, 100, 0, 0, CORR_LISTEN}, {IN, RST, 101, 0, 0, CORR_CLOSED},
         {IN, ACK, 101, 0, 501, CORR_CLOSED});
}

static void an_older_connection_shows_its_state_without_a_change(void **state)
{
    (void)state;
    struct corr_tcp_machine machine = {.state = CORR_CLOSED};
    enum corr_tcp_state from = CORR_CLOSED;
    assert_false(corr_tcp_machine_step(&machine, IN, ACK, 700, 10, 50, &from));
    assert_int_equal(machine.state, CORR_ESTABLISHED);
    assert_true(corr_tcp_machine_step(&machine, IN, FIN | ACK, 710, 0, 50, &from));
    assert_int_equal(from, CORR_ESTABLISHED);
    assert_int_equal(machine.state, CORR_CLOSE_WAIT);
}

static enum corr_tcp_state state_left_by(bool is_inbound, uint8_t flags)
{
    struct corr_tcp_machine machine = {.state = CORR_CLOSED};
    enum corr_tcp_state from = CORR_TIME_WAIT;
    assert_true(corr_tcp_machine_step(&machine, is_inbound, flags, 100, 0, 0, &from));
    assert_true(corr_tcp_is_possible(from, (enum corr_tcp_state)machine.state));
    return from;
}

static void a_begin_comes_from_the_state_of_its_side(void **state)
{
    (void)state;
    assert_int_equal(state_left_by(OUT, SYN), CORR_CLOSED);
    assert_int_equal(state_left_by(OUT, SYN | ACK), CORR_LISTEN);  /* their SYN was not captured */
    assert_int_equal(state_left_by(IN, SYN | ACK), CORR_SYN_SENT); /* nor was ours */
}

static void a_knock_shows_no_state_until_it_is_answered(void **state)
{
    (void)state;
    PLAY({IN, SYN, 100, 0, 0, CORR_LISTEN}, {OUT, RST | ACK, 0, 0, 101, CORR_CLOSED});
    /* our answer was not captured */
    struct corr_tcp_machine machine = {.state = CORR_CLOSED};
    enum corr_tcp_state from = CORR_CLOSED;
    assert_false(corr_tcp_machine_step(&machine, IN, SYN, 100, 0, 0, &from));
    assert_true(corr_tcp_machine_step(&machine, IN, ACK, 101, 0, 501, &from));
    assert_int_equal(from, CORR_SYN_RECEIVED);
    assert_int_equal(machine.state, CORR_ESTABLISHED);
}

static void sequence_numbers_may_wrap(void **state)
{
    (void)state;
    PLAY({OUT, SYN, 0xFFFFFFFE, 0, 0, CORR_SYN_SENT},
         {IN, SYN | ACK, 500, 0, 0xFFFFFFFF, CORR_ESTABLISHED},
         {OUT, FIN | ACK, 0xFFFFFFFF, 5, 501, CORR_FIN_WAIT_1},
         {IN, ACK, 501, 0, 4, CORR_FIN_WAIT_1}, {IN, ACK, 501, 0, 5, CORR_FIN_WAIT_2});
}

static void only_transitions_of_the_standard_are_possible(void **state)
{
    (void)state;
    assert_true(corr_tcp_is_possible(CORR_CLOSED, CORR_SYN_SENT));
    assert_true(corr_tcp_is_possible(CORR_LISTEN, CORR_SYN_RECEIVED));
    assert_true(corr_tcp_is_possible(CORR_ESTABLISHED, CORR_CLOSED));
    assert_true(corr_tcp_is_possible(CORR_CLOSED, CORR_CLOSED));
    assert_true(corr_tcp_is_possible(CORR_FIN_WAIT_1, CORR_TIME_WAIT));
    assert_false(corr_tcp_is_possible(CORR_CLOSED, CORR_ESTABLISHED));
    assert_false(corr_tcp_is_possible(CORR_SYN_SENT, CORR_CLOSE_WAIT));
    assert_false(corr_tcp_is_possible(CORR_TIME_WAIT, CORR_ESTABLISHED));
    assert_false(corr_tcp_is_possible(CORR_LAST_ACK, CORR_FIN_WAIT_1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_client_that_closes_first),
        cmocka_unit_test(a_server_whose_peer_closes_first),
        cmocka_unit_test(both_close_at_once),
        cmocka_unit_test(a_fin_that_acknowledges_ours_ends_it_at_once),
        cmocka_unit_test(a_reset_closes_from_every_state),
        cmocka_unit_test(an_older_connection_shows_its_state_without_a_change),
        cmocka_unit_test(a_begin_comes_from_the_state_of_its_side),
        cmocka_unit_test(a_knock_shows_no_state_until_it_is_answered),
        cmocka_unit_test(sequence_numbers_may_wrap),
        cmocka_unit_test(only_transitions_of_the_standard_are_possible),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
