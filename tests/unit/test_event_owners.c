/* SPDX-License-Identifier: MIT */
#include "cli/event_owners.h"
#include "cli/option_parser.h"
#include "cli/verbs.h"
#include "tests/unit/owner_ledger.h"

#define WORDS_MAXIMUM 8
#define WORD_SIZE     64

struct fixture {
    struct owner_ledger owners;
};

static int set_up(void **state)
{
    static struct fixture fixture;
    owner_ledger_open(&fixture.owners);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    owner_ledger_close(&fixture->owners);
    return 0;
}

/* The owners of a command line; NULL: none, or refused. */
static struct cli_event_owners *owners_of(const char *line, enum etw_status wanted)
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
    struct cli_event_owners *owners = NULL;
    struct etw_error error = {.status = ETW_OK};
    assert_int_equal(
        cli_arguments_parse(cli_verb_find("events"), count, pointers, &arguments, &error), ETW_OK);
    assert_int_equal(cli_event_owners_new(arguments, &owners, &error), wanted);
    cli_arguments_free(arguments);
    return owners;
}

enum subject {
    FIRST_CONNECTION,  /* of the first process 900, by its pointer */
    SECOND_CONNECTION, /* of the second */
    PROCESS_START,     /* of the first, by the payload */
    OTHER              /* nothing but the payload's pid, a moment after the second began */
};

static bool matches(const struct fixture *fixture, const char *line, enum subject subject,
                    uint32_t payload_pid)
{
    const struct owner_ledger *o = &fixture->owners;
    const struct corr_socket *rows = NULL;
    (void)corr_ledger_sockets(o->ledger, &rows);
    const int64_t times[] = {rows[o->first].opened, rows[o->second].opened,
                             SAMPLE_TIME - 10 * SECOND + MILLISECOND, o->record.time + SECOND};
    const struct etw_record record = {.time = times[subject]};
    struct etw_event event = {.record = &record};
    if (subject == FIRST_CONNECTION || subject == SECOND_CONNECTION) {
        event.kind = ETW_EVENT_SOCKET;
        event.u.socket = (struct etw_socket){HANDLES(HANDLE(TCB, 0x1000))};
    } else if (subject == PROCESS_START) {
        event.kind = ETW_EVENT_PROCESS;
        event.u.process.pid = payload_pid;
    }
    struct cli_event_owners *owners = owners_of(line, ETW_OK);
    assert_non_null(owners);
    assert_int_equal(cli_event_owners_bind(owners, o->ledger, NULL), ETW_OK);
    bool result = cli_event_owners_match(owners, &event, payload_pid);
    cli_event_owners_free(owners);
    return result;
}

static void events_match_by_the_owner_of_their_socket_else_by_the_payload(void **state)
{
    const struct fixture *fixture = *state;
    static const struct {
        const char *line;
        enum subject subject;
        uint32_t payload_pid;
        bool matches;
    } cases[] = {
        /* the owner decides, whatever the payload says */
        {"--pid 900", FIRST_CONNECTION, 0, true},
        {"--pid 900", FIRST_CONNECTION, 4, true},
        {"--pid 4", FIRST_CONNECTION, 4, false},
        {"--pid 4 --pid 900", FIRST_CONNECTION, 0, true},
        {"--process httpd", FIRST_CONNECTION, 0, true},
        {"--process httpd.exe", SECOND_CONNECTION, 0, false}, /* the same pid and pointer */
        {"--pid 900 --process httpd", SECOND_CONNECTION, 900, false},
        {"--pid 900 --process httpd", FIRST_CONNECTION, 0, true},
        {"--pid 901 --process httpd", FIRST_CONNECTION, 0, false},
        /* connections */
        {"--connection 1", FIRST_CONNECTION, 0, true},
        {"--connection 1", SECOND_CONNECTION, 0, false},
        {"--connection 3", SECOND_CONNECTION, 0, true},
        {"--connection 1 --pid 901", FIRST_CONNECTION, 0, false},
        {"--connection 1", OTHER, 900, false},
        /* the payload */
        {"--process httpd", PROCESS_START, 900, true},
        {"--pid 900", PROCESS_START, 900, true},
        {"--process httpd", OTHER, 900, false}, /* the pid is another's by then */
        {"--pid 900", OTHER, 900, true},
        {"--pid 12345", OTHER, 12345, true}, /* no other event names it */
        {"--pid 12345 --process *", OTHER, 12345, false},
        {"--pid 900", OTHER, 0, false},
        {"--pid 0", OTHER, 0, false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (matches(fixture, cases[i].line, cases[i].subject, cases[i].payload_pid) !=
            cases[i].matches) {
            fail_msg("case %zu: %s", i, cases[i].line);
        }
    }
}

static void without_an_option_there_is_nothing_to_match(void **state)
{
    (void)state;
    assert_null(owners_of("--port 80", ETW_OK));
    assert_null(owners_of("--pid x", ETW_ERR_INPUT));
    assert_null(owners_of("--connection x", ETW_ERR_INPUT));
    cli_event_owners_free(NULL);
}

static void until_they_are_bound_only_payloads_match(void **state)
{
    (void)state;
    const struct etw_record record = {.time = SAMPLE_TIME};
    const struct etw_event event = {.kind = ETW_EVENT_OTHER, .record = &record};
    struct cli_event_owners *owners = owners_of("--pid 900", ETW_OK);
    assert_true(cli_event_owners_match(owners, &event, 900));
    assert_false(cli_event_owners_match(owners, &event, 901));
    cli_event_owners_free(owners);
    owners = owners_of("--pid 900 --connection 1", ETW_OK);
    assert_false(cli_event_owners_match(owners, &event, 900));
    cli_event_owners_free(owners);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_match_by_the_owner_of_their_socket_else_by_the_payload),
        cmocka_unit_test(without_an_option_there_is_nothing_to_match),
        cmocka_unit_test(until_they_are_bound_only_payloads_match),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
