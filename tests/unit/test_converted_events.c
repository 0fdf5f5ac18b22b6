/* SPDX-License-Identifier: MIT */
/* Events between the packets of a pcapng file stand in the order of their times, also where
 * packets are held back until their later sightings have come. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/conversion.h"
#include "tests/unit/pcapng_blocks.h"

#define LINK_TYPE_ETW      290
#define INTERFACES_MAXIMUM 64

static const char *const traces[] = {
    "tcpserver.etl",      "dns-then-connect.etl", "udp-flood.etl", "nobody.etl",
    "kernel-network.etl", "lost-events.etl",      "upload.etl",    "pktmon-drop.etl",
};

/* What the rows of a file are, in their order. */
struct rows {
    size_t packets, events, changes; /* changes: from packets to events and back */
    bool is_in_order;
};

static struct rows read_rows(const struct out_file *file)
{
    struct rows rows = {.is_in_order = true};
    bool is_event_link[INTERFACES_MAXIMUM] = {false};
    size_t interfaces = 0;
    uint64_t last = 0;
    bool was_event = false;
    size_t size = 0;
    const uint8_t *data = out_file_get_memory(file, &size);
    for (size_t at = 0; at + 12 <= size; at += load_u32(data + at + 4)) {
        const uint8_t *body = data + at + 8;
        uint32_t type = load_u32(data + at);
        if (type == BLOCK_INTERFACE) {
            assert_true(interfaces < INTERFACES_MAXIMUM);
            is_event_link[interfaces++] = load_u16(body) == LINK_TYPE_ETW;
        } else if (type == BLOCK_PACKET) {
            uint64_t time = (uint64_t)load_u32(body + 4) << 32 | load_u32(body + 8);
            bool is_event = is_event_link[load_u32(body)];
            rows.is_in_order = rows.is_in_order && time >= last;
            rows.changes += is_event != was_event;
            rows.events += is_event;
            rows.packets += !is_event;
            was_event = is_event;
            last = time;
        }
    }
    return rows;
}

static struct rows convert(const char *name, enum cli_events events, bool all_appearances,
                           struct cli_summary *summary)
{
    char path[1024];
    struct etw_trace *trace = NULL;
    struct cli_reading reading;
    struct out_file *file = NULL;
    struct etw_error error;
    const struct cli_convert_options options = {
        .file_name = name, .events = events, .all_appearances = all_appearances};
    (void)snprintf(path, sizeof(path), "%s/%s", SAMPLES, name);
    assert_int_equal(etw_trace_open(path, NULL, &trace, &error), ETW_OK);
    assert_int_equal(cli_reading_init(&reading, trace, &error), ETW_OK);
    assert_int_equal(out_file_open_memory(&file, &error), ETW_OK);
    assert_int_equal(cli_convert(&reading, &options, file, summary, &error), ETW_OK);
    struct rows rows = read_rows(file);
    out_file_abort(file);
    cli_reading_done(&reading);
    etw_trace_close(trace);
    return rows;
}

static void rows_are_in_the_order_of_their_times(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(traces) / sizeof(traces[0]); i++) {
        for (int all_appearances = 0; all_appearances < 2; all_appearances++) {
            for (int events = CLI_EVENTS_BOUND; events <= CLI_EVENTS_ALL; events++) {
                struct cli_summary summary;
                struct rows rows =
                    convert(traces[i], (enum cli_events)events, all_appearances == 1, &summary);
                if (!rows.is_in_order) {
                    fail_msg("%s: rows are not in order", traces[i]);
                }
                assert_int_equal(rows.packets, summary.written);
                assert_int_equal(rows.events, summary.events);
            }
        }
    }
}

static void events_stand_between_the_packets(void **state)
{
    (void)state;
    struct cli_summary summary;
    struct rows rows = convert("tcpserver.etl", CLI_EVENTS_BOUND, false, &summary);
    assert_int_equal(rows.packets, 9);
    assert_true(rows.events > 50);
    assert_true(rows.changes >= 9);
    assert_true(summary.has_mixed_links);
}

static void all_events_are_more_than_the_bound_ones(void **state)
{
    (void)state;
    struct cli_summary summary;
    struct rows bound = convert("pktmon-drop.etl", CLI_EVENTS_BOUND, false, &summary);
    struct rows all = convert("pktmon-drop.etl", CLI_EVENTS_ALL, false, &summary);
    assert_int_equal(bound.packets, all.packets);
    assert_int_equal(bound.events, 0);
    assert_true(all.events > 10);
}

static void without_the_option_there_are_none(void **state)
{
    (void)state;
    struct cli_summary summary;
    struct rows rows = convert("tcpserver.etl", CLI_EVENTS_NONE, false, &summary);
    assert_int_equal(rows.events, 0);
    assert_int_equal(summary.events, 0);
    assert_false(summary.has_mixed_links);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_in_the_order_of_their_times),
        cmocka_unit_test(events_stand_between_the_packets),
        cmocka_unit_test(all_events_are_more_than_the_bound_ones),
        cmocka_unit_test(without_the_option_there_are_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
