/* SPDX-License-Identifier: MIT */
#include "correlate/missing_endpoints.h"
#include "socket_events.h"

#define TCP 6

static void drop(struct missing_endpoints *missing, int64_t time, uint16_t local_port,
                 uint16_t remote_port, bool is_missing)
{
    struct etw_error error;
    const struct etw_record record = {.time = time};
    const struct etw_event event = {
        .kind = ETW_EVENT_SOCKET,
        .record = &record,
        .u.socket = {.layer = ETW_LAYER_STACK,
                     .action = ETW_ACTION_DROP,
                     .protocol = TCP,
                     .local = ipv4("10.0.0.1", local_port),
                     .remote = ipv4("10.0.0.2", remote_port),
                     .has = ETW_HAS_LOCAL | ETW_HAS_REMOTE | ETW_HAS_PROTOCOL,
                     .is_listener_missing = is_missing},
    };
    assert_int_equal(missing_endpoints_learn(missing, &event, &error), ETW_OK);
}

static bool is_missing(const struct missing_endpoints *missing, int64_t time, uint16_t local_port,
                       uint16_t remote_port)
{
    const struct corr_endpoint local = end4("10.0.0.1", local_port);
    const struct corr_endpoint remote = end4("10.0.0.2", remote_port);
    return missing_endpoints_has(missing, TCP, &local, &remote, time);
}

static int make_missing(void **state)
{
    struct missing_endpoints *missing = NULL;
    struct etw_error error;
    assert_int_equal(missing_endpoints_new(&missing, &error), ETW_OK);
    *state = missing;
    return 0;
}

static int free_missing(void **state)
{
    missing_endpoints_free(*state);
    return 0;
}

static void nobody_listens_near_the_time_it_was_said(void **state)
{
    struct missing_endpoints *missing = *state;
    drop(missing, 100 * SECOND, 80, 5000, true);
    drop(missing, 100 * SECOND, 81, 5000, false);
    missing_endpoints_finish(missing);
    assert_true(is_missing(missing, 100 * SECOND, 80, 5000));
    assert_true(is_missing(missing, 99 * SECOND, 80, 5000));
    assert_true(is_missing(missing, 101 * SECOND, 80, 5000));
    assert_false(is_missing(missing, 99 * SECOND - 1, 80, 5000));
    assert_false(is_missing(missing, 101 * SECOND + 1, 80, 5000));
    assert_false(is_missing(missing, 100 * SECOND, 81, 5000));
    assert_false(is_missing(missing, 100 * SECOND, 80, 5001));
    assert_false(is_missing(missing, 100 * SECOND, 5000, 80));
}

static void a_time_in_between_is_not_near_any_of_two(void **state)
{
    struct missing_endpoints *missing = *state;
    for (int64_t time = 10; time < 20; time++) { /* one period */
        drop(missing, time * SECOND, 80, 5000, true);
    }
    drop(missing, 90 * SECOND, 80, 5000, true);
    drop(missing, 90 * SECOND, 70, 5000, true);
    missing_endpoints_finish(missing);
    assert_true(is_missing(missing, 15 * SECOND + 7, 80, 5000));
    assert_false(is_missing(missing, 50 * SECOND, 80, 5000));
    assert_true(is_missing(missing, 90 * SECOND, 80, 5000));
    assert_false(is_missing(missing, 15 * SECOND, 70, 5000));
}

static void an_event_without_ports_counts_for_all(void **state)
{
    struct missing_endpoints *missing = *state;
    drop(missing, 10 * SECOND, 0, 0, true);
    missing_endpoints_finish(missing);
    assert_true(is_missing(missing, 10 * SECOND, 80, 5000));
    assert_false(is_missing(missing, 20 * SECOND, 80, 5000));
}

static void a_scan_of_every_port_is_remembered_and_more_is_not(void **state)
{
    struct missing_endpoints *missing = *state;
    for (uint32_t i = 0; i < MISSING_ENDPOINTS_MAXIMUM + 1000; i++) {
        drop(missing, (int64_t)i, (uint16_t)i, (uint16_t)(1 + (i >> 16)), true);
    }
    missing_endpoints_finish(missing);
    assert_true(is_missing(missing, 0, 0, 1));
    assert_true(is_missing(missing, 5, 65535, 1));
    assert_true(is_missing(missing, 5, 65535, 4));
    assert_false(is_missing(missing, 5, 7, 5));
}

static void times_at_the_ends_of_time_are_survived(void **state)
{
    struct missing_endpoints *missing = *state;
    drop(missing, INT64_MIN, 80, 5000, true);
    drop(missing, INT64_MAX, 80, 5000, true);
    missing_endpoints_finish(missing);
    assert_true(is_missing(missing, INT64_MIN, 80, 5000));
    assert_true(is_missing(missing, INT64_MAX, 80, 5000));
    assert_false(is_missing(missing, 0, 80, 5000));
}

#define WITH_MISSING(test) cmocka_unit_test_setup_teardown(test, make_missing, free_missing)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_MISSING(nobody_listens_near_the_time_it_was_said),
        WITH_MISSING(a_time_in_between_is_not_near_any_of_two),
        WITH_MISSING(an_event_without_ports_counts_for_all),
        WITH_MISSING(a_scan_of_every_port_is_remembered_and_more_is_not),
        WITH_MISSING(times_at_the_ends_of_time_are_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
