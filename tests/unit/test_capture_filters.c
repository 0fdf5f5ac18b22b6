/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "correlate/capture_filters.h"

static const uint8_t name[] = {'w', 0, 'e', 0, 'b', 0};

static struct etw_event make(enum etw_capture capture, uint16_t id)
{
    struct etw_event event = {.kind = ETW_EVENT_CAPTURE_FILTER};
    event.u.filter = (struct etw_capture_filter){.capture = capture,
                                                 .id = id,
                                                 .name = bytes_of(name, sizeof(name)),
                                                 .protocol = 6,
                                                 .ports = {443},
                                                 .is_selective = true};
    return event;
}

static void learn(struct corr_capture_filters *filters, const struct etw_event *event)
{
    assert_int_equal(corr_capture_filters_learn(filters, event, NULL), ETW_OK);
}

static void a_filter_is_kept_with_its_bytes(void **state)
{
    (void)state;
    struct corr_capture_filters filters = {.count = 0};
    uint8_t borrowed[sizeof(name)];
    struct etw_event event = make(ETW_CAPTURE_PKTMON, 1);
    memcpy(borrowed, name, sizeof(name));
    event.u.filter.name = bytes_of(borrowed, sizeof(borrowed));
    learn(&filters, &event);
    memset(borrowed, 0xEE, sizeof(borrowed));
    assert_int_equal(filters.count, 1);
    assert_int_equal(filters.rows[0].name.size, sizeof(name));
    assert_memory_equal(filters.rows[0].name.data, name, sizeof(name));
    assert_int_equal(filters.rows[0].ports[0], 443);
    corr_capture_filters_done(&filters);
}

/* The monitor may write its filters more than once; a trace may be merged. */
static void equal_filters_count_once(void **state)
{
    (void)state;
    struct corr_capture_filters filters = {.count = 0};
    struct etw_event event = make(ETW_CAPTURE_PKTMON, 1);
    learn(&filters, &event);
    learn(&filters, &event);
    event.u.filter.ports[1] = 80;
    learn(&filters, &event);
    event.u.filter.addresses[0] = (struct etw_socket_address){.size = 4, .bytes = {192, 0, 2, 1}};
    learn(&filters, &event);
    event.u.filter.name.size = 4;
    learn(&filters, &event);
    assert_int_equal(filters.count, 4);
    assert_int_equal(filters.total, 4);
    corr_capture_filters_done(&filters);
}

static void only_what_keeps_packets_out_is_counted(void **state)
{
    (void)state;
    struct corr_capture_filters filters = {.count = 0};
    struct etw_event monitor = make(ETW_CAPTURE_PKTMON, 1);
    struct etw_event rule = make(ETW_CAPTURE_NDIS, 0);
    learn(&filters, &monitor);
    learn(&filters, &rule);
    rule.u.filter.is_selective = false;
    rule.u.filter.rule = 17;
    learn(&filters, &rule);
    assert_int_equal(filters.count, 3);
    assert_int_equal(corr_capture_filters_count(&filters, ETW_CAPTURE_PKTMON), 1);
    assert_int_equal(corr_capture_filters_count(&filters, ETW_CAPTURE_NDIS), 1);
    corr_capture_filters_done(&filters);
}

static void other_and_cut_events_are_ignored(void **state)
{
    (void)state;
    struct corr_capture_filters filters = {.count = 0};
    struct etw_event event = make(ETW_CAPTURE_PKTMON, 1);
    event.is_incomplete = true;
    learn(&filters, &event);
    event = (struct etw_event){.kind = ETW_EVENT_NOTED};
    learn(&filters, &event);
    assert_int_equal(filters.count, 0);
    assert_int_equal(filters.total, 0);
}

static void more_filters_than_there_is_room_for_are_counted(void **state)
{
    (void)state;
    struct corr_capture_filters filters = {.count = 0};
    for (uint16_t id = 0; id < CORR_FILTERS_MAXIMUM + 5; id++) {
        struct etw_event event = make(ETW_CAPTURE_PKTMON, id);
        learn(&filters, &event);
    }
    assert_int_equal(filters.count, CORR_FILTERS_MAXIMUM);
    assert_int_equal(filters.total, CORR_FILTERS_MAXIMUM + 5);
    corr_capture_filters_done(&filters);
}

static void long_names_and_values_are_cut(void **state)
{
    (void)state;
    static uint8_t longest[CORR_FILTER_BYTES + 100];
    struct corr_capture_filters filters = {.count = 0};
    struct etw_event event = make(ETW_CAPTURE_NDIS, 0);
    event.u.filter.value = bytes_of(longest, sizeof(longest));
    learn(&filters, &event);
    learn(&filters, &event); /* and is known again */
    assert_int_equal(filters.count, 1);
    assert_int_equal(filters.rows[0].value.size, CORR_FILTER_BYTES);
    corr_capture_filters_done(&filters);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_filter_is_kept_with_its_bytes),
        cmocka_unit_test(equal_filters_count_once),
        cmocka_unit_test(only_what_keeps_packets_out_is_counted),
        cmocka_unit_test(other_and_cut_events_are_ignored),
        cmocka_unit_test(more_filters_than_there_is_room_for_are_counted),
        cmocka_unit_test(long_names_and_values_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
