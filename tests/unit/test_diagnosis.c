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

#define MANY 1000

/* The rule for `what`; NULL: nothing is missing. */
static const struct cli_rule *find(const struct cli_facts *facts, const char *what)
{
    const struct cli_rule *rules[CLI_DIAGNOSIS_MAXIMUM];
    size_t count = cli_diagnose(facts, rules);
    const struct cli_rule *found = NULL;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(rules[i]->what, what) == 0) {
            assert_null(found); /* at most one for each */
            found = rules[i];
        }
    }
    return found;
}

static void the_reason_for_missing_packets_is_the_most_special_one(void **state)
{
    (void)state;
    static const struct {
        struct cli_facts facts;
        const char *part; /* of the reason */
        const char *tool; /* the command begins with it */
    } cases[] = {
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
        {{.by_class = {[RECORD_IS_MANIFEST] = MANY}, .ndis_provider_events = 4},
         "capture driver",
         "netsh trace start"},
        {{.by_class = {[RECORD_IS_KERNEL] = 2}, .is_damaged = true},
         "is damaged",
         "netsh trace start"},
        {{.by_class = {[RECORD_IS_KERNEL] = 2}}, "nothing but its own header", "netsh trace start"},
        {{.by_class = {[RECORD_IS_KERNEL] = 4, [RECORD_IS_MESSAGE] = 22}},
         "only WPP messages",
         "netsh trace start"},
        {{.by_class = {[RECORD_IS_KERNEL] = 4, [RECORD_IS_MANIFEST] = 9}, .tracelogging_events = 9},
         "only TraceLogging",
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
        const struct cli_rule *rule = find(&cases[i].facts, "packets");
        assert_non_null(rule);
        if (!strstr(rule->why, cases[i].part)) {
            fail_msg("case %zu: \"%s\" without \"%s\"", i, rule->why, cases[i].part);
        }
        assert_memory_equal(rule->command, cases[i].tool, strlen(cases[i].tool));
        assert_null(find(&cases[i].facts, "owners"));
    }
}

static void a_complete_trace_lacks_nothing(void **state)
{
    (void)state;
    const struct cli_facts facts = {.by_class = {[RECORD_IS_MANIFEST] = MANY},
                                    .ndis_provider_events = 100,
                                    .ndis_packet_events = 100,
                                    .packets = 100,
                                    .has_socket_events = true};
    const struct cli_rule *rules[CLI_DIAGNOSIS_MAXIMUM];
    assert_int_equal(cli_diagnose(&facts, rules), 0);
}

static void packets_without_socket_events_lack_owners(void **state)
{
    (void)state;
    struct cli_facts facts = {.by_class = {[RECORD_IS_MANIFEST] = MANY},
                              .pktmon_provider_events = MANY,
                              .pktmon_packet_events = 100,
                              .packets = 20};
    const struct cli_rule *rule = find(&facts, "owners");
    assert_non_null(rule);
    assert_non_null(strstr(rule->command, "pktmon start"));
    assert_non_null(strstr(rule->command, "Microsoft-Windows-Winsock-AFD"));
    assert_null(find(&facts, "packets"));
    facts.has_socket_events = true;
    assert_null(find(&facts, "owners"));
}

static void cut_packets_name_the_option_that_keeps_them_whole(void **state)
{
    (void)state;
    const struct cli_facts facts = {.by_class = {[RECORD_IS_MANIFEST] = MANY},
                                    .pktmon_provider_events = MANY,
                                    .pktmon_packet_events = 100,
                                    .packets = 20,
                                    .truncated = 1};
    const struct cli_rule *rule = find(&facts, "packets");
    assert_non_null(rule);
    assert_non_null(strstr(rule->command, "--pkt-size 0"));
}

static void rules_for_one_thing_stand_together(void **state)
{
    (void)state;
    for (size_t i = 1; i < cli_rule_count; i++) {
        bool is_new = strcmp(cli_rules[i].what, cli_rules[i - 1].what) != 0;
        for (size_t earlier = 0; is_new && earlier < i; earlier++) {
            assert_string_not_equal(cli_rules[earlier].what, cli_rules[i].what);
        }
    }
}

static void every_command_records_into_an_etl_file(void **state)
{
    (void)state;
    for (size_t i = 0; i < cli_rule_count; i++) {
        assert_true(strlen(cli_rules[i].why) > 20);
        assert_true(cli_rules[i].why[strlen(cli_rules[i].why) - 1] != '.');
        if (cli_rules[i].command) {
            assert_non_null(strstr(cli_rules[i].command, ".etl"));
            assert_non_null(strstr(cli_rules[i].command, "capture"));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_reason_for_missing_packets_is_the_most_special_one),
        cmocka_unit_test(a_complete_trace_lacks_nothing),
        cmocka_unit_test(packets_without_socket_events_lack_owners),
        cmocka_unit_test(cut_packets_name_the_option_that_keeps_them_whole),
        cmocka_unit_test(rules_for_one_thing_stand_together),
        cmocka_unit_test(every_command_records_into_an_etl_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
