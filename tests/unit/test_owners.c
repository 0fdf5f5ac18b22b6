/* SPDX-License-Identifier: MIT */
#include "pcapout/owners.h"
#include "tests/unit/owner_ledger.h"

static void ends_are_written_as_far_as_they_are_known(void **state)
{
    (void)state;
    const struct {
        struct corr_endpoint end;
        const char *text;
    } cases[] = {
        {end4("192.0.2.1", 443), "192.0.2.1:443"},
        {end4("0.0.0.0", 53), "0.0.0.0:53"},
        {end4("192.0.2.1", 0), "192.0.2.1"},
        {end6(0x2001, 1, 443), "[2001::1]:443"},
        {end6(0x2001, 1, 0), "2001::1"},
        {{.port = 8080}, "*:8080"},
        {{.port = 0}, ""},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[OUT_SOCKET_END_SIZE];
        out_socket_end_format(&cases[i].end, text);
        assert_string_equal(text, cases[i].text);
    }
}

static void a_process_is_its_name_and_its_pid(void **state)
{
    (void)state;
    char long_name[400];
    char text[OUT_PROCESS_TEXT_SIZE];
    memset(long_name, 'x', sizeof(long_name) - 1);
    long_name[sizeof(long_name) - 1] = '\0';
    out_process_format(&(struct corr_process){.pid = 2704, .name = "a.exe"}, text);
    assert_string_equal(text, "a.exe (2704)");
    out_process_format(&(struct corr_process){.pid = 2704, .name = ""}, text);
    assert_string_equal(text, "pid 2704");
    out_process_format(&(struct corr_process){.pid = UINT32_MAX, .name = long_name}, text);
    assert_string_equal(text + strlen(text) - strlen("x (4294967295)"), "x (4294967295)");
}

/* The chain says what it knows, from the stack's object to the process. */
static void chains_name_every_link_that_is_known(void **state)
{
    (void)state;
    const struct corr_process process = {.pid = 1504, .name = ""};
    const struct {
        struct corr_socket socket;
        const char *text;
    } cases[] = {
        {{.role = CORR_CLIENT, .handle = 0x10, .application = 0x20},
         "tcb 0x10 <- socket 0x20 <- pid 1504"},
        {{.role = CORR_LISTENER, .handle = 0x10}, "listener 0x10 <- pid 1504"},
        {{.role = CORR_DATAGRAM, .handle = 0x10}, "endpoint 0x10 <- pid 1504"},
        {{.role = CORR_RAW, .handle = 0x10}, "raw endpoint 0x10 <- pid 1504"},
        {{.role = CORR_SERVER, .application = 0x20}, "socket 0x20 <- pid 1504"},
        {{.role = CORR_CLIENT, .evidence = {corr_evidence_make(CORR_RULE_KERNEL_EVENT, 1)}},
         "kernel event <- pid 1504"},
        {{.role = CORR_CLIENT,
          .handle = 0x10,
          .evidence = {corr_evidence_make(CORR_RULE_RUNDOWN, 1)}},
         "tcb 0x10 <- rundown <- pid 1504"},
        {{.role = CORR_CLIENT,
          .handle = 0x10,
          .evidence = {corr_evidence_make(CORR_RULE_CALLER, 1)}},
         "tcb 0x10 <- header <- pid 1504"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct text text = {.maximum = 0};
        out_add_socket_chain(&text, &cases[i].socket, &process);
        assert_string_equal(text_get(&text), cases[i].text);
        text_done(&text);
    }
    struct text text = {.maximum = 0};
    out_add_socket_chain(&text, NULL, &process);
    assert_string_equal(text_get(&text), "pid 1504");
    text_done(&text);
}

static void rows_are_looked_up_without_fear(void **state)
{
    (void)state;
    struct owner_ledger owners;
    owner_ledger_open(&owners);
    struct corr_verdict verdict = {.socket = owners.first, .process = owners.httpd};
    assert_string_equal(out_owner_of(owners.ledger, &verdict)->name, "httpd.exe");
    assert_int_equal(out_socket_of(owners.ledger, &verdict)->remote.port, 5555);
    assert_null(out_owner_of(NULL, &verdict));
    assert_null(out_socket_of(NULL, &verdict));
    verdict = (struct corr_verdict){.socket = CORR_NO_ROW, .process = CORR_NO_ROW};
    assert_null(out_owner_of(owners.ledger, &verdict));
    assert_null(out_socket_of(owners.ledger, &verdict));
    verdict.socket = 1000000;
    assert_null(out_socket_of(owners.ledger, &verdict));
    owner_ledger_close(&owners);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ends_are_written_as_far_as_they_are_known),
        cmocka_unit_test(a_process_is_its_name_and_its_pid),
        cmocka_unit_test(chains_name_every_link_that_is_known),
        cmocka_unit_test(rows_are_looked_up_without_fear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
