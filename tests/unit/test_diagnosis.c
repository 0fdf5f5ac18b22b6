/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <string.h>

#include "cli/diagnosis.h"
#include "cli/facts.h"

#define MANY   1000
#define START  INT64_C(132000000000000000)
#define SECOND INT64_C(10000000)

/* Texts of one row; "" and false: nothing is missing. */
struct found {
    bool is_missing;
    char why[1024], command[1024];
};

static struct found find(const struct cli_facts *facts, const char *what)
{
    struct cli_diagnosis diagnosis;
    struct found found = {.is_missing = false};
    cli_diagnosis_init(&diagnosis, facts);
    for (size_t i = 0; i < diagnosis.count; i++) {
        const struct cli_missing *row = &diagnosis.rows[i];
        if (strcmp(row->what, what) == 0) {
            assert_false(found.is_missing); /* at most one for each */
            found.is_missing = true;
            memcpy(found.why, text_get(&row->why), row->why.size + 1);
            memcpy(found.command, text_get(&row->command), row->command.size);
        }
    }
    assert_int_equal(cli_diagnosis_find(&diagnosis, what) != NULL, found.is_missing);
    cli_diagnosis_done(&diagnosis);
    return found;
}

static void assert_why(const struct cli_facts *facts, const char *what, const char *part)
{
    struct found found = find(facts, what);
    if (!found.is_missing || !strstr(found.why, part)) {
        fail_msg("%s: \"%s\" without \"%s\"", what, found.why, part);
    }
}

static void the_reason_for_missing_packets_is_the_most_special_one(void **state)
{
    (void)state;
    static const struct {
        struct cli_facts facts;
        const char *part; /* of the reason */
        const char *tool; /* the command begins with it */
    } cases[] = {
        {{.by_class = {[RECORD_IS_MANIFEST] = MANY},
          .pktmon_provider_events = MANY,
          .points = 10,
          .filters = 2},
         "2 filters of the packet monitor were in force",
         "pktmon filter remove && pktmon start"},
        {{.by_class = {[RECORD_IS_MANIFEST] = MANY}, .pktmon_provider_events = MANY, .points = 10},
         "flow counters are 0",
         "pktmon start"},
        {{.by_class = {[RECORD_IS_MANIFEST] = MANY},
          .pktmon_provider_events = MANY,
          .points = 10,
          .points_nonzero = 3},
         "logged none",
         "pktmon start"},
        {{.by_class = {[RECORD_IS_MANIFEST] = MANY}, .pktmon_provider_events = MANY},
         "--capture",
         "pktmon start"},
        {{.by_class = {[RECORD_IS_MANIFEST] = MANY}, .ndis_provider_events = 4, .rules = 1},
         "1 capture rule was in force",
         "netsh trace start"},
        {{.by_class = {[RECORD_IS_MANIFEST] = MANY}, .ndis_provider_events = 4},
         "capture driver",
         "netsh trace start"},
        {{.by_class = {[RECORD_IS_KERNEL] = 2}, .is_damaged = true},
         "is damaged",
         "netsh trace start"},
        {{.by_class = {[RECORD_IS_KERNEL] = 2}, .header = {.is_unfinished = true}},
         "was not stopped",
         "netsh trace start"},
        {{.by_class = {[RECORD_IS_KERNEL] = 2}}, "nothing but its own header", "netsh trace start"},
        {{.by_class = {[RECORD_IS_KERNEL] = 4, [RECORD_IS_MESSAGE] = 22}},
         "only WPP messages",
         "netsh trace start"},
        {{.by_class = {[RECORD_IS_KERNEL] = 4, [RECORD_IS_MANIFEST] = 9}, .tracelogging_events = 9},
         "only TraceLogging",
         "netsh trace start"},
        {{.by_class = {[RECORD_IS_KERNEL] = MANY}, .header = {.is_kernel = true}},
         "the other session",
         "netsh trace start"},
        {{.by_class = {[RECORD_IS_KERNEL] = MANY, [RECORD_IS_CLASSIC] = MANY}},
         "kernel logger",
         "netsh trace start"},
        {{.by_class = {[RECORD_IS_MANIFEST] = MANY}, .has_socket_events = true},
         "has socket events",
         "netsh trace start"},
        {{.by_class = {[RECORD_IS_MANIFEST] = MANY}},
         "no provider of this trace",
         "netsh trace start"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct found found = find(&cases[i].facts, "packets");
        if (!strstr(found.why, cases[i].part)) {
            fail_msg("case %zu: \"%s\" without \"%s\"", i, found.why, cases[i].part);
        }
        assert_memory_equal(found.command, cases[i].tool, strlen(cases[i].tool));
        assert_non_null(strstr(found.command, "Microsoft-Windows-TCPIP"));
        assert_false(find(&cases[i].facts, "owners").is_missing);
        assert_false(find(&cases[i].facts, "filtered").is_missing);
    }
}

/* A trace that lacks nothing; each of the following tests takes something away. */
static struct cli_facts complete(void)
{
    return (struct cli_facts){.by_class = {[RECORD_IS_MANIFEST] = MANY},
                              .ndis_provider_events = 100,
                              .ndis_packet_events = 100,
                              .packets = 100,
                              .has_socket_events = true,
                              .socket_events = {[ETW_LAYER_APPLICATION] = 5, [ETW_LAYER_STACK] = 5},
                              .connection_rundowns = 1,
                              .process_changes = 1,
                              .process_rundowns = 1,
                              .names = 1,
                              .components = 1,
                              .header = {.os_build = 19045,
                                         .maximum_size = 512,
                                         .buffers_written = 10,
                                         .buffers = 10,
                                         .clock = ETW_CLOCK_QPC,
                                         .start = START,
                                         .first = START + SECOND / 100,
                                         .last = START + 100 * SECOND,
                                         .end = START + 101 * SECOND},
                              .first_number = 1,
                              .smallest_step = 1};
}

static void assert_lacks_only(const struct cli_facts *facts, const char *what, const char *part)
{
    struct cli_diagnosis diagnosis;
    cli_diagnosis_init(&diagnosis, facts);
    assert_int_equal(diagnosis.count, what ? 1 : 0);
    cli_diagnosis_done(&diagnosis);
    if (what) {
        assert_why(facts, what, part);
    }
}

static void a_complete_trace_lacks_nothing(void **state)
{
    (void)state;
    const struct cli_facts facts = complete();
    assert_lacks_only(&facts, NULL, NULL);
}

static void packets_without_socket_events_lack_owners(void **state)
{
    (void)state;
    struct cli_facts facts = complete();
    facts.has_socket_events = false;
    facts.socket_events[ETW_LAYER_APPLICATION] = facts.socket_events[ETW_LAYER_STACK] = 0;
    assert_lacks_only(&facts, "owners", "no socket events");
    facts.ndis_packet_events = facts.ndis_provider_events = 0;
    facts.pktmon_packet_events = facts.pktmon_provider_events = MANY;
    assert_lacks_only(&facts, "owners", "no socket events");
    struct found found = find(&facts, "owners");
    assert_memory_equal(found.command, "pktmon start", 12);
    assert_non_null(strstr(found.command, "Microsoft-Windows-Winsock-AFD"));
}

static void cut_packets_name_the_option_that_keeps_them_whole(void **state)
{
    (void)state;
    struct cli_facts facts = complete();
    facts.ndis_packet_events = facts.ndis_provider_events = 0;
    facts.pktmon_packet_events = facts.pktmon_provider_events = MANY;
    facts.truncated = 3;
    facts.cut_to = 128;
    assert_lacks_only(&facts, "packets", "3 of 100 packets were cut to 128 bytes");
    struct found found = find(&facts, "packets");
    assert_non_null(strstr(found.command, "--pkt-size 0"));
    /* The new trace shall have what this one has. */
    assert_non_null(strstr(found.command, "Microsoft-Windows-Kernel-Process"));
    assert_non_null(strstr(found.command, "Microsoft-Windows-DNS-Client"));
}

static void each_layer_of_sockets_is_missed_by_timelines(void **state)
{
    (void)state;
    struct cli_facts facts = complete();
    facts.socket_events[ETW_LAYER_APPLICATION] = 0;
    assert_lacks_only(&facts, "timelines", "Winsock-AFD");
    facts = complete();
    facts.socket_events[ETW_LAYER_STACK] = 0;
    assert_lacks_only(&facts, "timelines", "Microsoft-Windows-TCPIP");
    facts.socket_events[ETW_LAYER_APPLICATION] = 0;
    facts.socket_events[ETW_LAYER_KERNEL] = 1;
    assert_lacks_only(&facts, "timelines", "kernel's network events");
}

static void lists_of_what_was_there_before_are_missed(void **state)
{
    (void)state;
    struct cli_facts facts = complete();
    facts.connection_rundowns = 0;
    assert_lacks_only(&facts, "connections", "open before it");
    facts = complete();
    facts.process_rundowns = 0;
    assert_lacks_only(&facts, "processes", "those that ran before");
    assert_string_equal(find(&facts, "processes").command, "");
    facts.process_changes = 0;
    assert_lacks_only(&facts, "processes", "pids without names");
    assert_non_null(strstr(find(&facts, "processes").command, "Kernel-Process keywords=0x10"));
}

static void the_packet_monitor_has_to_describe_its_stack(void **state)
{
    (void)state;
    struct cli_facts facts = complete();
    facts.components = 0;
    assert_lacks_only(&facts, NULL, NULL);
    facts.pktmon_packet_events = facts.pktmon_provider_events = MANY;
    assert_lacks_only(&facts, "components", "did not describe");
}

static void names_and_smb_are_missed_where_windows_can_record_them(void **state)
{
    (void)state;
    struct cli_facts facts = complete();
    facts.names = 0;
    assert_lacks_only(&facts, "hosts", "DNS-Client");
    facts.header.os_build = 7601;
    assert_lacks_only(&facts, NULL, NULL);
    facts = complete();
    facts.smb = 7;
    assert_lacks_only(&facts, "smb", "7 packets are SMB");
    assert_non_null(strstr(find(&facts, "smb").command, "Microsoft-Windows-SMBServer"));
    facts.socket_events[ETW_LAYER_SMB_CLIENT] = 1;
    assert_lacks_only(&facts, NULL, NULL);
}

static void filters_in_force_are_told_with_packets_too(void **state)
{
    (void)state;
    struct cli_facts facts = complete();
    facts.rules = 2;
    assert_lacks_only(&facts, "filtered", "2 capture rules were in force");
    facts.rules = 0;
    facts.filters = 1;
    assert_lacks_only(&facts, "filtered", "1 filter of the packet monitor was in force");
}

static void losses_are_told_however_they_are_known(void **state)
{
    (void)state;
    struct cli_facts facts = complete();
    facts.header.events_lost = 41;
    assert_lacks_only(&facts, "events", "lost 41 events while");
    facts.header.buffers_lost = 1;
    assert_lacks_only(&facts, "events", "lost 41 events and 1 buffer while");
    facts = complete();
    facts.marked_buffers = 1;
    assert_lacks_only(&facts, "events", "lost events while");
    facts = complete();
    facts.lost_notices = 1;
    assert_lacks_only(&facts, "events", "lost events while");
    facts = complete();
    facts.missing_numbers = 2; /* no loss by itself */
    assert_lacks_only(&facts, NULL, NULL);
}

static void the_beginning_is_missed_in_a_file_that_went_round(void **state)
{
    (void)state;
    struct cli_facts facts = complete();
    facts.first_number = 5;
    assert_lacks_only(&facts, NULL, NULL); /* numbers alone say nothing */
    facts.header.mode = 0x2;
    assert_lacks_only(&facts, "beginning", "4 buffers were overwritten");
    assert_non_null(strstr(find(&facts, "beginning").command, " maxsize=2048 "));
    facts.header.mode = 0x8;
    assert_lacks_only(&facts, "beginning", "4 buffers stand in those before it");
    facts.first_number = 1;
    assert_lacks_only(&facts, "end", "later ones may stand beside it");
    facts.first_number = 5;
    assert_string_equal(find(&facts, "beginning").command, "");
}

static void a_full_file_that_begins_late_has_probably_gone_round(void **state)
{
    (void)state;
    struct cli_facts facts = complete();
    facts.header.first = START + 60 * SECOND;
    assert_lacks_only(&facts, NULL, NULL); /* nothing may have happened before */
    facts.header.bytes = (uint64_t)500 << 20;
    assert_lacks_only(&facts, "beginning", "probably overwritten");
    assert_why(&facts, "beginning", "1 min 0 s behind the start");
}

static void the_end_is_missed_when_nobody_stopped_the_session(void **state)
{
    (void)state;
    struct cli_facts facts = complete();
    facts.header.is_unfinished = true;
    facts.header.end = 0;
    facts.header.buffers_written = 1;
    assert_lacks_only(&facts, "end", "was not stopped");
    assert_string_equal(find(&facts, "end").command, "netsh trace stop");
    facts.ndis_provider_events = 0;
    facts.header.session_name = "Mine";
    assert_string_equal(find(&facts, "end").command, "logman stop \"Mine\" -ets");
    facts.header.is_private = true; /* its header never has an end */
    assert_lacks_only(&facts, NULL, NULL);
}

static void buffers_that_were_written_and_are_not_there_are_missed(void **state)
{
    (void)state;
    struct cli_facts facts = complete();
    facts.header.buffers = 7;
    assert_lacks_only(&facts, "end", "holds 7 of the 10 buffers");
    facts.header.mode = 0x2; /* a circular file holds what there is room for */
    assert_lacks_only(&facts, NULL, NULL);
}

static void clocks_that_measure_badly_are_told(void **state)
{
    (void)state;
    struct cli_facts facts = complete();
    facts.header.clock = ETW_CLOCK_CPU_CYCLES;
    facts.header.cpu_mhz = 2808;
    assert_lacks_only(&facts, "clock", "2808 MHz");
    facts.header.clock = ETW_CLOCK_SYSTEM_TIME;
    assert_lacks_only(&facts, NULL, NULL);
    facts.smallest_step = 156250;
    assert_lacks_only(&facts, "clock", "steps of 15.6 ms");
    facts = complete();
    facts.header.last = facts.header.end + 3 * SECOND;
    assert_lacks_only(&facts, "clock", "3.000 s behind the end");
    facts.header.mode = 0x10001; /* merging adds events behind the end */
    assert_lacks_only(&facts, NULL, NULL);
}

static void messages_need_symbols(void **state)
{
    (void)state;
    struct cli_facts facts = complete();
    facts.by_class[RECORD_IS_MESSAGE] = 1;
    assert_lacks_only(&facts, "messages", "1 WPP message can");
}

static void one_command_records_all_that_is_missing(void **state)
{
    (void)state;
    struct cli_facts facts = complete();
    facts.socket_events[ETW_LAYER_STACK] = 0;
    facts.names = 0;
    facts.process_changes = facts.process_rundowns = 0;
    struct found hosts = find(&facts, "hosts");
    assert_string_equal(hosts.command, find(&facts, "timelines").command);
    assert_string_equal(hosts.command, find(&facts, "processes").command);
    assert_string_equal(hosts.command,
                        "netsh trace start capture=yes report=disabled "
                        "provider=Microsoft-Windows-TCPIP level=5 "
                        "provider=Microsoft-Windows-Winsock-AFD "
                        "provider=Microsoft-Windows-Kernel-Process keywords=0x10 "
                        "provider=Microsoft-Windows-DNS-Client tracefile=C:\\trace.etl");
}

static void rules_for_one_thing_stand_together(void **state)
{
    (void)state;
    size_t different = 1;
    for (size_t i = 1; i < cli_rule_count; i++) {
        bool is_new = strcmp(cli_rules[i].what, cli_rules[i - 1].what) != 0;
        different += is_new;
        for (size_t earlier = 0; is_new && earlier < i; earlier++) {
            assert_string_not_equal(cli_rules[earlier].what, cli_rules[i].what);
        }
    }
    assert_true(different <= CLI_DIAGNOSIS_MAXIMUM);
}

static void every_reason_is_a_clause(void **state)
{
    (void)state;
    for (size_t i = 0; i < cli_rule_count; i++) {
        const char *why = cli_rules[i].why;
        assert_true(cli_rules[i].tell || strlen(why) > 20);
        assert_true(strlen(why) == 0 || why[strlen(why) - 1] != '.');
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_reason_for_missing_packets_is_the_most_special_one),
        cmocka_unit_test(a_complete_trace_lacks_nothing),
        cmocka_unit_test(packets_without_socket_events_lack_owners),
        cmocka_unit_test(cut_packets_name_the_option_that_keeps_them_whole),
        cmocka_unit_test(each_layer_of_sockets_is_missed_by_timelines),
        cmocka_unit_test(lists_of_what_was_there_before_are_missed),
        cmocka_unit_test(the_packet_monitor_has_to_describe_its_stack),
        cmocka_unit_test(names_and_smb_are_missed_where_windows_can_record_them),
        cmocka_unit_test(filters_in_force_are_told_with_packets_too),
        cmocka_unit_test(losses_are_told_however_they_are_known),
        cmocka_unit_test(the_beginning_is_missed_in_a_file_that_went_round),
        cmocka_unit_test(a_full_file_that_begins_late_has_probably_gone_round),
        cmocka_unit_test(the_end_is_missed_when_nobody_stopped_the_session),
        cmocka_unit_test(buffers_that_were_written_and_are_not_there_are_missed),
        cmocka_unit_test(clocks_that_measure_badly_are_told),
        cmocka_unit_test(messages_need_symbols),
        cmocka_unit_test(one_command_records_all_that_is_missing),
        cmocka_unit_test(rules_for_one_thing_stand_together),
        cmocka_unit_test(every_reason_is_a_clause),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
