/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/interface_filter.h"
#include "cli/option_parser.h"
#include "cli/verbs.h"
#include "etw/trace.h"

/* A trace of one interface, number 0, called Ethernet. */
#define TRACE SAMPLES "/pktmon-drop.etl"

struct fixture {
    struct etw_trace *trace;
    struct cli_reading reading;
    struct cli_arguments *arguments;
    struct cli_interface_filter *filter;
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    *state = fixture;
    return !fixture || etw_trace_open(TRACE, NULL, &fixture->trace, NULL) ||
           cli_reading_init(&fixture->reading, fixture->trace, NULL);
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    cli_interface_filter_free(fixture->filter);
    cli_arguments_free(fixture->arguments);
    cli_reading_done(&fixture->reading);
    etw_trace_close(fixture->trace);
    free(fixture);
    return 0;
}

/* `--interface` once for each value that is not NULL. */
static enum etw_status begin(struct fixture *fixture, const char *first, const char *second,
                             struct etw_error *error)
{
    static char trace[] = TRACE;
    static char options[2][60];
    const char *values[] = {first, second};
    char *words[3] = {trace};
    int count = 1;
    for (int i = 0; i < 2 && values[i]; i++) {
        (void)snprintf(options[i], sizeof(options[i]), "--interface=%s", values[i]);
        words[count++] = options[i];
    }
    assert_int_equal(
        cli_arguments_parse(cli_verb_find("packets"), count, words, &fixture->arguments, error),
        ETW_OK);
    return cli_interface_filter_new(fixture->arguments, &fixture->reading, &fixture->filter, error);
}

struct counts {
    struct cli_interface_filter *filter;
    unsigned matching, all;
};

static enum etw_status count(void *context, const struct corr_packet *packet,
                             struct etw_error *error)
{
    struct counts *counts = context;
    (void)error;
    counts->all++;
    counts->matching += cli_interface_filter_matches(counts->filter, packet);
    return ETW_OK;
}

static void check_matching(struct fixture *fixture, bool all_appearances, unsigned packets,
                           unsigned matching)
{
    struct counts counts = {.filter = fixture->filter};
    assert_int_equal(cli_reading_packets(&fixture->reading, all_appearances, count, &counts, NULL),
                     ETW_OK);
    assert_int_equal(counts.all, packets);
    assert_int_equal(counts.matching, matching);
}

static void without_the_option_there_is_no_filter(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(begin(fixture, NULL, NULL, NULL), ETW_OK);
    assert_null(fixture->filter);
}

static void interfaces_are_meant_by_name_in_either_case(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(begin(fixture, "eTHERNET", NULL, NULL), ETW_OK);
    check_matching(fixture, false, 9, 9);
}

/* One sighting is of the same adapter above its link layer: another interface of this name. */
static void a_number_means_one_link_type_and_a_name_all(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(begin(fixture, "0", NULL, NULL), ETW_OK);
    check_matching(fixture, false, 9, 9);
    check_matching(fixture, true, 37, 36);
    cli_interface_filter_free(fixture->filter);
    cli_arguments_free(fixture->arguments);
    fixture->filter = NULL;
    assert_int_equal(begin(fixture, "Ethernet", NULL, NULL), ETW_OK);
    check_matching(fixture, true, 37, 37);
}

static void an_interface_that_is_not_there_is_refused_and_the_others_named(void **state)
{
    struct fixture *fixture = *state;
    struct etw_error error = {.status = ETW_OK};
    assert_int_equal(begin(fixture, "0", "Ethernet 2", &error), ETW_ERR_INPUT);
    assert_non_null(strstr(error.text, "\"Ethernet 2\""));
    assert_non_null(strstr(error.text, "0 \"Ethernet\""));
    assert_null(fixture->filter);
}

static void findings_are_counted_once(void **state)
{
    struct fixture *fixture = *state;
    const struct findings before = *etw_trace_get_findings(fixture->trace);
    assert_int_equal(begin(fixture, "0", NULL, NULL), ETW_OK);
    assert_memory_equal(etw_trace_get_findings(fixture->trace), &before, sizeof(before));
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(without_the_option_there_is_no_filter),
        CASE(interfaces_are_meant_by_name_in_either_case),
        CASE(a_number_means_one_link_type_and_a_name_all),
        CASE(an_interface_that_is_not_there_is_refused_and_the_others_named),
        CASE(findings_are_counted_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
