/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "cli/event_filter.h"
#include "cli/event_stats.h"
#include "cli/option_parser.h"
#include "cli/verbs.h"
#include "etw/trace.h"
#include "tests/support/etl_builder.h"

#define WORDS_MAXIMUM 12
#define WORD_SIZE     64

static const uint8_t tcpip_guid[16] = {0xEE, 0xE2, 0x07, 0x2F, 0xDB, 0x15, 0xF1, 0x40,
                                       0x90, 0xEF, 0x9D, 0x7B, 0xA2, 0x82, 0x18, 0x8A};

static const uint8_t local[] = {2, 0, 0xC4, 0xB5, 192, 0, 2, 10, 0, 0, 0, 0, 0, 0, 0, 0};
static const uint8_t remote[] = {2, 0, 0x01, 0xBB, 198, 51, 100, 7, 0, 0, 0, 0, 0, 0, 0, 0};
static const uint8_t remote6[28] = {23, 0,    0x01, 0xBB, 0,    0,       0,
                                    0,  0x20, 0x01, 0x0D, 0xB8, [23] = 1};

struct fixture {
    struct etl_builder builder;
    struct etw_trace *trace;
};

static int set_up(void **state)
{
    static struct fixture fixture;
    fixture = (struct fixture){.builder = {.buffer_size = 1024}};
    etl_add_header(&fixture.builder);
    if (etw_trace_open_memory(fixture.builder.data, fixture.builder.size, NULL, &fixture.trace,
                              NULL) ||
        etw_trace_index(fixture.trace, NULL, NULL, NULL)) {
        return -1;
    }
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    etw_trace_close(fixture->trace);
    etl_done(&fixture->builder);
    return 0;
}

/* The filter of a command line; NULL: refused. */
static struct cli_event_filter *filter_of(const struct fixture *fixture, const char *line)
{
    static char words[WORDS_MAXIMUM][WORD_SIZE];
    char *pointers[WORDS_MAXIMUM];
    int count = 0;
    while (*line) {
        size_t size = strcspn(line, " ");
        assert_true(count < WORDS_MAXIMUM && size < WORD_SIZE);
        memcpy(words[count], line, size);
        words[count][size] = '\0';
        pointers[count] = words[count];
        count++;
        line += size + (line[size] == ' ');
    }
    struct cli_arguments *arguments = NULL;
    struct cli_event_filter *filter = NULL;
    struct etw_error error = {.status = ETW_OK};
    assert_int_equal(
        cli_arguments_parse(cli_verb_find("events"), count, pointers, &arguments, &error), ETW_OK);
    if (cli_event_filter_new(arguments, fixture->trace, &filter, &error)) {
        assert_int_equal(error.status, ETW_ERR_INPUT);
        assert_true(strlen(error.text) > 20);
        filter = NULL;
    }
    cli_arguments_free(arguments);
    return filter;
}

static bool takes_header(const struct fixture *fixture, const char *line,
                         const struct etw_record *record)
{
    struct cli_event_filter *filter = filter_of(fixture, line);
    assert_non_null(filter);
    bool takes = cli_event_filter_takes_header(filter, record);
    cli_event_filter_free(filter);
    return takes;
}

static void the_header_decides_provider_id_and_process(void **state)
{
    const struct fixture *fixture = *state;
    struct etw_record record = {.class_of = RECORD_IS_MANIFEST,
                                .id = 1051,
                                .process_id = 4,
                                .time = ETL_START_TIME,
                                .provider = tcpip_guid};
    static const struct {
        const char *line;
        bool takes;
    } cases[] = {
        {"", true},
        {"--provider Microsoft-Windows-TCPIP", true},
        {"--provider {2F07E2EE-15DB-40F1-90EF-9D7BA282188A}", true},
        {"--provider Microsoft-Windows-PktMon", false},
        {"--provider Microsoft-Windows-PktMon --provider microsoft-windows-tcpip", true},
        {"--id 1051", true},
        {"--id 1052", false},
        {"--id 1-9 --id 1000-1100", true},
        {"--header-pid 4", true},
        {"--header-pid 5", false},
        {"--id 1051 --header-pid 5", false},
        {"--from 0 --to 0", true},
        {"--from 0.0000001", false},
        {"--to 1", true},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(takes_header(fixture, cases[i].line, &record), cases[i].takes);
    }
    record.class_of = RECORD_IS_KERNEL; /* has no id */
    assert_false(takes_header(fixture, "--id 1051", &record));
    record.process_id = RECORD_NO_ID;
    assert_false(takes_header(fixture, "--header-pid 4294967295", &record));
}

static void values_that_cannot_be_read_are_refused(void **state)
{
    const struct fixture *fixture = *state;
    static const char *const lines[] = {
        "--id 70000",         "--id x",       "--pid notepad.exe", "--header-pid 5-4",
        "--host nowhere",     "--port http",  "--tuple 1.2.3.4",   "--proto arp",
        "--proto eth:0x88cc", "--proto ipv6", "--from noon",       "--provider No-Such-Provider"};
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        assert_null(filter_of(fixture, lines[i]));
    }
}

/* ---- payloads ---- */

static struct etw_field number(const char *name, enum etw_field_kind kind, uint64_t value)
{
    return (struct etw_field){.name = name, .kind = kind, .width = 4, .number = value};
}

static struct etw_field address(const char *name, enum etw_field_kind kind, const uint8_t *bytes,
                                size_t size)
{
    return (struct etw_field){.name = name, .kind = kind, .bytes = {.data = bytes, .size = size}};
}

#define FIELDS_MAXIMUM 8

struct payload {
    const char *event;
    struct etw_field fields[FIELDS_MAXIMUM];
};

static bool takes_payload(const struct fixture *fixture, const char *line,
                          const struct payload *payload)
{
    struct cli_event_filter *filter = filter_of(fixture, line);
    assert_non_null(filter);
    assert_true(cli_event_filter_wants_fields(filter));
    bool takes = false;
    const struct etw_record record = {.time = ETL_START_TIME};
    const struct etw_event event = {.kind = ETW_EVENT_OTHER, .record = &record};
    /* twice, because the second event must not see the first one's fields */
    for (int round = 0; round < 2; round++) {
        const struct etw_fields_visitor *visitor = cli_event_filter_visitor(filter);
        for (size_t i = 0; i < FIELDS_MAXIMUM && payload->fields[i].name; i++) {
            visitor->value(visitor->context, &payload->fields[i]);
        }
        struct etw_fields_result result = {.event_name = payload->event};
        takes = cli_event_filter_takes_fields(filter, &event, &result);
    }
    cli_event_filter_free(filter);
    return takes;
}

static void a_process_is_found_by_the_names_that_fields_have_for_it(void **state)
{
    const struct fixture *fixture = *state;
    static const char *const names[] = {"ProcessId", "ProcessID", "PID", "Pid", "ClientPID"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct payload payload = {.fields = {number(names[i], ETW_FIELD_UNSIGNED, 1504)}};
        assert_true(takes_payload(fixture, "--pid 1504", &payload));
        assert_true(takes_payload(fixture, "--pid 1 --pid 1504", &payload));
        assert_false(takes_payload(fixture, "--pid 1505", &payload));
    }
    struct payload parent = {.fields = {number("ParentProcessID", ETW_FIELD_UNSIGNED, 1504)}};
    assert_false(takes_payload(fixture, "--pid 1504", &parent));
}

static void sockaddrs_are_endpoints(void **state)
{
    const struct fixture *fixture = *state;
    const struct payload payload = {
        .event = "TcpRequestConnect",
        .fields = {address("LocalAddress", ETW_FIELD_SOCKADDR, local, sizeof(local)),
                   address("RemoteAddress", ETW_FIELD_SOCKADDR, remote, sizeof(remote))}};
    static const struct {
        const char *line;
        bool takes;
    } cases[] = {
        {"--host 192.0.2.10", true},
        {"--host 198.51.100.0/24 --port 443", true},
        {"--host 203.0.113.1", false},
        {"--port 50000-51000", true},
        {"--port 80", false},
        {"--tuple 198.51.100.7:443-192.0.2.10:50357", true},
        {"--tuple 198.51.100.7:443-192.0.2.10:50358", false},
        {"--proto tcp --port 443", true},
        {"--proto udp", false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(takes_payload(fixture, cases[i].line, &payload), cases[i].takes);
    }
    const struct payload ipv6 = {
        .fields = {address("Address", ETW_FIELD_SOCKADDR, remote6, sizeof(remote6))}};
    assert_true(takes_payload(fixture, "--host 2001:db8::/32 --port 443", &ipv6));
    const struct payload cut = {.fields = {address("Address", ETW_FIELD_SOCKADDR, remote6, 20)}};
    assert_false(takes_payload(fixture, "--host ::/0", &cut));
}

static void addresses_and_ports_of_their_own_belong_together_in_order(void **state)
{
    const struct fixture *fixture = *state;
    const struct payload payload = {.event = "KERNEL_NETWORK_TASK_TCPIPData",
                                    .fields = {address("daddr", ETW_FIELD_IPV4, remote + 4, 4),
                                               address("saddr", ETW_FIELD_IPV4, local + 4, 4),
                                               number("dport", ETW_FIELD_PORT, 443),
                                               number("sport", ETW_FIELD_PORT, 50357)}};
    assert_true(takes_payload(fixture, "--tuple 192.0.2.10:50357-198.51.100.7:443", &payload));
    assert_false(takes_payload(fixture, "--tuple 192.0.2.10:443-198.51.100.7:50357", &payload));
    assert_true(takes_payload(fixture, "--proto tcp", &payload));
    const struct payload port_alone = {.fields = {number("Port", ETW_FIELD_PORT, 443)}};
    assert_true(takes_payload(fixture, "--port 443", &port_alone));
    assert_false(takes_payload(fixture, "--port 0", &port_alone));
}

static void the_protocol_is_a_field_or_in_the_name(void **state)
{
    const struct fixture *fixture = *state;
    const struct payload udp = {.event = "TcpipSendSlowPath",
                                .fields = {number("IPTransportProtocol", ETW_FIELD_MAP, 17)}};
    assert_true(takes_payload(fixture, "--proto udp", &udp));
    assert_false(takes_payload(fixture, "--proto tcp", &udp));
    const struct payload by_name = {.event = "UdpEndpointSendMessages"};
    assert_true(takes_payload(fixture, "--proto udp", &by_name));
    const struct payload module = {.event = "TcpipRouteLookup"};
    assert_false(takes_payload(fixture, "--proto tcp", &module));
    const struct payload many = {.event = "TcpRequestConnect"};
    assert_true(takes_payload(fixture, "--proto icmp --proto tcp", &many));
}

/* ---- statistics ---- */

static void statistics_count_kinds_and_sort_them(void **state)
{
    (void)state;
    struct cli_event_stats *stats = NULL;
    assert_int_equal(cli_event_stats_new(&stats, NULL), ETW_OK);
    struct etw_record record = {.class_of = RECORD_IS_MANIFEST, .id = 1051, .provider = tcpip_guid};
    struct etw_fields_result result = {.source = ETW_SCHEMA_BUILT_IN,
                                       .provider_name = "Microsoft-Windows-TCPIP",
                                       .event_name = "TcpTcbStateChange"};
    static const uint16_t ids[] = {1051, 1002, 1051, 1002, 7};
    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        record.id = ids[i];
        result.decoded = i == 3 ? ETW_DECODED_PARTLY : ETW_DECODED_WHOLLY;
        result.why = i == 3 ? "cut" : NULL;
        assert_int_equal(cli_event_stats_add(stats, &record, &result, NULL), ETW_OK);
    }
    /* TraceLogging: one id, told apart by name; a provider before the other one */
    record.id = 0;
    result = (struct etw_fields_result){
        .source = ETW_SCHEMA_TRACELOGGING, .provider_name = "A-Provider", .event_name = "Second"};
    assert_int_equal(cli_event_stats_add(stats, &record, &result, NULL), ETW_OK);
    result.event_name = "First";
    assert_int_equal(cli_event_stats_add(stats, &record, &result, NULL), ETW_OK);

    size_t count = 0;
    const struct cli_event_kind *kinds = cli_event_stats_kinds(stats, &count);
    assert_int_equal(count, 5);
    assert_string_equal(kinds[0].name, "First");
    assert_string_equal(kinds[1].name, "Second");
    assert_int_equal(kinds[2].id, 7);
    assert_int_equal(kinds[3].id, 1002);
    assert_int_equal(kinds[3].events[ETW_DECODED_WHOLLY], 1);
    assert_int_equal(kinds[3].events[ETW_DECODED_PARTLY], 1);
    assert_string_equal(kinds[3].why, "cut");
    assert_int_equal(kinds[4].events[ETW_DECODED_WHOLLY], 2);
    assert_null(kinds[4].why);
    cli_event_stats_free(stats);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_header_decides_provider_id_and_process),
        cmocka_unit_test(values_that_cannot_be_read_are_refused),
        cmocka_unit_test(a_process_is_found_by_the_names_that_fields_have_for_it),
        cmocka_unit_test(sockaddrs_are_endpoints),
        cmocka_unit_test(addresses_and_ports_of_their_own_belong_together_in_order),
        cmocka_unit_test(the_protocol_is_a_field_or_in_the_name),
        cmocka_unit_test(statistics_count_kinds_and_sort_them),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
