/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "correlate/connection_begins.h"
#include "sample_packets.h"

#define SECOND INT64_C(10000000)

/* The SYN of sample_packets.h: 192.0.2.10:50357 > 198.51.100.7:443. */
#define LOCAL_PORT  50357
#define OTHER_PORT  443
#define OFFSET_SEQ  38
#define OFFSET_FLAG 47

static const struct corr_endpoint remote = {.bytes = {198, 51, 100, 7}, .port = 443, .size = 4};
static const struct corr_endpoint client = {.bytes = {192, 0, 2, 10}, .port = 50357, .size = 4};

static struct connection_begins *new_begins(void)
{
    struct connection_begins *begins = NULL;
    struct etw_error error;
    assert_int_equal(connection_begins_new(&begins, &error), ETW_OK);
    return begins;
}

static void see(struct connection_begins *begins, int64_t time, enum etw_direction direction,
                uint8_t flags, uint8_t sequence)
{
    uint8_t frame[sizeof(sample_syn)];
    struct etw_error error;
    memcpy(frame, sample_syn, sizeof(frame));
    frame[OFFSET_SEQ] = sequence;
    frame[OFFSET_FLAG] = flags;
    const struct etw_record record = {.time = time};
    const struct etw_event event = {.kind = ETW_EVENT_PACKET,
                                    .record = &record,
                                    .u.packet = {.link = ETW_LINK_ETHERNET,
                                                 .direction = direction,
                                                 .data = bytes_of(frame, sizeof(frame)),
                                                 .is_start = true,
                                                 .is_end = true}};
    assert_int_equal(connection_begins_learn(begins, &event, &error), ETW_OK);
}

static void a_syn_with_a_new_number_begins_a_connection(void **state)
{
    (void)state;
    struct connection_begins *begins = new_begins();
    int64_t time = 0;
    see(begins, 10 * SECOND, ETW_DIRECTION_OUT, CORR_TCP_SYN, 1);
    see(begins, 13 * SECOND, ETW_DIRECTION_OUT, CORR_TCP_SYN, 1); /* sent again */
    see(begins, 20 * SECOND, ETW_DIRECTION_OUT, CORR_TCP_ACK, 9);
    see(begins, 40 * SECOND, ETW_DIRECTION_OUT, CORR_TCP_SYN, 2);
    connection_begins_finish(begins);

    assert_true(connection_begins_last(begins, LOCAL_PORT, &remote, 0, 30 * SECOND, &time));
    assert_int_equal(time, 10 * SECOND);
    assert_true(connection_begins_last(begins, LOCAL_PORT, &remote, 0, 40 * SECOND, &time));
    assert_int_equal(time, 40 * SECOND);
    assert_true(
        connection_begins_first(begins, LOCAL_PORT, &remote, 10 * SECOND + 1, INT64_MAX, &time));
    assert_int_equal(time, 40 * SECOND);
    assert_true(connection_begins_first(begins, LOCAL_PORT, &remote, INT64_MIN, INT64_MAX, &time));
    assert_int_equal(time, 10 * SECOND);
    assert_false(
        connection_begins_first(begins, LOCAL_PORT, &remote, 41 * SECOND, INT64_MAX, &time));
    assert_false(connection_begins_last(begins, LOCAL_PORT, &remote, 0, 9 * SECOND, &time));
    assert_false(
        connection_begins_last(begins, LOCAL_PORT, &remote, 11 * SECOND, 39 * SECOND, &time));
    connection_begins_free(begins);
}

static void the_local_port_is_that_of_this_machine(void **state)
{
    (void)state;
    struct connection_begins *begins = new_begins();
    int64_t time = 0;
    see(begins, SECOND, ETW_DIRECTION_IN, CORR_TCP_SYN, 1);
    connection_begins_finish(begins);
    assert_true(connection_begins_last(begins, OTHER_PORT, &client, 0, INT64_MAX, &time));
    assert_false(connection_begins_last(begins, LOCAL_PORT, &remote, 0, INT64_MAX, &time));
    connection_begins_free(begins);
}

static void without_a_direction_either_end_may_be_local(void **state)
{
    (void)state;
    struct connection_begins *begins = new_begins();
    int64_t time = 0;
    see(begins, SECOND, ETW_DIRECTION_UNKNOWN, CORR_TCP_SYN, 1);
    connection_begins_finish(begins);
    assert_true(connection_begins_last(begins, OTHER_PORT, &client, 0, INT64_MAX, &time));
    assert_true(connection_begins_last(begins, LOCAL_PORT, &remote, 0, INT64_MAX, &time));
    connection_begins_free(begins);
}

static void other_ends_are_other_connections(void **state)
{
    (void)state;
    struct connection_begins *begins = new_begins();
    struct corr_endpoint other = remote;
    int64_t time = 0;
    see(begins, SECOND, ETW_DIRECTION_OUT, CORR_TCP_SYN, 1);
    connection_begins_finish(begins);
    other.port++;
    assert_false(connection_begins_last(begins, LOCAL_PORT, &other, 0, INT64_MAX, &time));
    assert_false(connection_begins_last(begins, LOCAL_PORT + 1, &remote, 0, INT64_MAX, &time));
    connection_begins_free(begins);
}

static void nothing_was_seen(void **state)
{
    (void)state;
    struct connection_begins *begins = new_begins();
    int64_t time = 0;
    connection_begins_finish(begins);
    assert_false(connection_begins_first(begins, LOCAL_PORT, &remote, 0, INT64_MAX, &time));
    assert_false(connection_begins_last(begins, LOCAL_PORT, &remote, 0, INT64_MAX, &time));
    connection_begins_free(begins);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_syn_with_a_new_number_begins_a_connection),
        cmocka_unit_test(the_local_port_is_that_of_this_machine),
        cmocka_unit_test(without_a_direction_either_end_may_be_local),
        cmocka_unit_test(other_ends_are_other_connections),
        cmocka_unit_test(nothing_was_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
