/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "correlate/filter.h"
#include "correlate/filter_values.h"
#include "correlate/http.h"

#define COUNT_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

typedef enum etw_status add_function(struct corr_filter *filter, const char *value,
                                     struct etw_error *error);

/* ---- owners ---- */

static const struct corr_process processes[] = {
    {.pid = 4, .name = "System", .path = ""},
    {.pid = 1504, .name = "RTCSrv.exe", .path = "\\Device\\HarddiskVolume2\\RTCSrv.exe"},
    {.pid = 2704, .name = "tcpserver.exe", .path = ""},
    {.pid = 1504, .name = "notepad.exe", .path = ""}, /* the pid was given away again */
};

static struct corr_endpoint end_of(const char *text)
{
    struct corr_address address = {0};
    struct corr_endpoint end = {0};
    if (*text) {
        assert_true(corr_parse_endpoint(text, strlen(text), &address, &end.port));
        memcpy(end.bytes, address.bytes, sizeof(end.bytes));
        end.size = address.size;
    }
    return end;
}

static void make_sockets(struct corr_socket sockets[3])
{
    sockets[0] = (struct corr_socket){.id = 1,
                                      .process = 1,
                                      .protocol = 6,
                                      .role = CORR_CLIENT,
                                      .local = end_of("192.168.1.1:50357"),
                                      .remote = end_of("192.168.3.10:5061"),
                                      .opened = 100,
                                      .closed = 200};
    sockets[1] = (struct corr_socket){.process = CORR_NO_ROW, .flags = CORR_SOCKET_HIDDEN};
    sockets[2] = (struct corr_socket){.id = 2,
                                      .process = CORR_NO_ROW,
                                      .protocol = 17,
                                      .role = CORR_DATAGRAM,
                                      .local = end_of("[2001:db8::1]:53"),
                                      .opened = CORR_ALWAYS,
                                      .closed = CORR_NEVER};
}

static struct corr_filter *new_filter(add_function *add, const char *value)
{
    struct corr_filter *filter = corr_filter_new();
    assert_non_null(filter);
    assert_int_equal(add(filter, value, NULL), ETW_OK);
    return filter;
}

static void bind(struct corr_filter *filter, const struct corr_socket sockets[3])
{
    assert_int_equal(
        corr_filter_bind_rows(filter, processes, COUNT_OF(processes), sockets, 3, NULL), ETW_OK);
}

static bool matches(const struct corr_filter *filter, uint32_t process, uint32_t socket)
{
    const struct corr_packet packet = {.verdict = {.process = process, .socket = socket}};
    return corr_filter_matches(filter, &packet);
}

static void packets_are_chosen_by_their_owner(void **state)
{
    (void)state;
    static const struct {
        add_function *add;
        const char *value;
        const char *matches; /* of each process, then of none */
    } cases[] = {
        {corr_filter_add_pid, "2704", "--x--"},     {corr_filter_add_pid, "1504", "-x-x-"},
        {corr_filter_add_pid, "7", "-----"},        {corr_filter_add_pid, "4294967295", "-----"},
        {corr_filter_add_process, "rtc*", "-x---"}, {corr_filter_add_process, "system", "x----"},
        {corr_filter_add_process, "*", "xxxx-"},
    };
    struct corr_socket sockets[3];
    make_sockets(sockets);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct corr_filter *filter = new_filter(cases[i].add, cases[i].value);
        assert_true(corr_filter_needs_ledger(filter));
        assert_false(matches(filter, 0, 0)); /* not yet known */
        bind(filter, sockets);
        for (uint32_t k = 0; k <= COUNT_OF(processes); k++) {
            bool is_wanted = cases[i].matches[k] == 'x';
            assert_int_equal(matches(filter, k < COUNT_OF(processes) ? k : CORR_NO_ROW, 0),
                             is_wanted);
        }
        corr_filter_free(filter);
    }
}

static void packets_are_also_chosen_by_whom_they_are_for(void **state)
{
    (void)state;
    struct corr_socket sockets[3];
    make_sockets(sockets);
    const struct corr_behalf behalf = {.process = 2, .pid = 2704};
    struct corr_packet packet = {.verdict = {.process = 0, .socket = 0}};
    struct corr_filter *filter = new_filter(corr_filter_add_process, "tcpserver");
    assert_true(corr_filter_has_process(filter));
    bind(filter, sockets);
    assert_false(corr_filter_matches(filter, &packet));
    packet.behalf = &behalf;
    assert_true(corr_filter_matches(filter, &packet));
    corr_filter_free(filter);
    filter = new_filter(corr_filter_add_pid, "4"); /* the owner counts as before */
    bind(filter, sockets);
    assert_true(corr_filter_matches(filter, &packet));
    corr_filter_free(filter);
    filter = new_filter(corr_filter_add_pid, "1504");
    bind(filter, sockets);
    assert_false(corr_filter_matches(filter, &packet));
    corr_filter_free(filter);
    filter = new_filter(corr_filter_add_connection, "1");
    assert_false(corr_filter_has_process(filter));
    corr_filter_free(filter);
}

static void pid_and_name_together_mean_one_process(void **state)
{
    (void)state;
    struct corr_socket sockets[3];
    make_sockets(sockets);
    struct corr_filter *filter = new_filter(corr_filter_add_pid, "1504");
    assert_int_equal(corr_filter_add_pid(filter, "2704", NULL), ETW_OK);
    assert_int_equal(corr_filter_add_process(filter, "notepad", NULL), ETW_OK);
    assert_int_equal(corr_filter_add_process(filter, "wordpad", NULL), ETW_OK);
    bind(filter, sockets);
    bind(filter, sockets); /* again does no harm */
    assert_false(matches(filter, 1, 0));
    assert_false(matches(filter, 2, 0));
    assert_true(matches(filter, 3, 0));
    corr_filter_free(filter);
}

static void packets_are_chosen_by_their_connection(void **state)
{
    (void)state;
    struct corr_socket sockets[3];
    make_sockets(sockets);
    struct corr_filter *filter = new_filter(corr_filter_add_connection, "2");
    bind(filter, sockets);
    assert_false(matches(filter, 1, 0));
    assert_false(matches(filter, 1, 1));
    assert_true(matches(filter, CORR_NO_ROW, 2));
    assert_false(matches(filter, 1, CORR_NO_ROW));
    corr_filter_free(filter);
}

static void without_owner_wishes_no_ledger_is_needed(void **state)
{
    (void)state;
    struct corr_filter *filter = new_filter(corr_filter_add_port, "53");
    assert_false(corr_filter_needs_ledger(filter));
    corr_filter_free(filter);
}

static void values_that_are_none_are_refused(void **state)
{
    (void)state;
    static const struct {
        add_function *add;
        const char *value;
    } cases[] = {
        {corr_filter_add_pid, ""},
        {corr_filter_add_pid, "0x10"},
        {corr_filter_add_pid, "-1"},
        {corr_filter_add_pid, "4294967296"},
        {corr_filter_add_process, ""},
        {corr_filter_add_connection, "0"},
        {corr_filter_add_connection, "x"},
        {corr_filter_add_connection, ""},
        {corr_filter_add_connection, "99999999999"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct corr_filter *filter = corr_filter_new();
        struct etw_error error = {.text = ""};
        assert_int_equal(cases[i].add(filter, cases[i].value, &error), ETW_ERR_INPUT);
        assert_non_null(strstr(error.text, cases[i].value));
        assert_false(corr_filter_needs_ledger(filter));
        corr_filter_free(filter);
    }
}

/* ---- sockets ---- */

static void sockets_are_chosen_as_their_packets_are(void **state)
{
    (void)state;
    static const struct {
        add_function *add;
        const char *value;
        bool first, last; /* of the sockets above */
    } cases[] = {
        {corr_filter_add_host, "192.168.3.0/24", true, false},
        {corr_filter_add_host, "2001:db8::1", false, true},
        {corr_filter_add_port, "5061", true, false},
        {corr_filter_add_port, "50357", true, false},
        {corr_filter_add_port, "53", false, true},
        {corr_filter_add_tuple, "192.168.3.10:5061-192.168.1.1:50357", true, false},
        {corr_filter_add_tuple, "192.168.3.10:5060-192.168.1.1:50357", false, false},
        {corr_filter_add_protocol, "tcp", true, false},
        {corr_filter_add_protocol, "udp", false, true},
        {corr_filter_add_protocol, "ipv6", false, true},
        {corr_filter_add_protocol, "ip", true, true},
        {corr_filter_add_protocol, "arp", false, false},
        {corr_filter_add_protocol, "eth:0x0800", true, false},
        {corr_filter_add_pid, "1504", true, false},
        {corr_filter_add_process, "rtcsrv", true, false},
        {corr_filter_add_process, "tcpserver", false, false},
        {corr_filter_add_connection, "1", true, false},
        {corr_filter_add_connection, "2", false, true},
        {corr_filter_add_frames, "12", true, true}, /* says nothing of sockets */
    };
    struct corr_socket sockets[3];
    make_sockets(sockets);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct corr_filter *filter = new_filter(cases[i].add, cases[i].value);
        bind(filter, sockets);
        if (corr_filter_matches_socket(filter, &sockets[0]) != cases[i].first ||
            corr_filter_matches_socket(filter, &sockets[2]) != cases[i].last) {
            fail_msg("%s", cases[i].value);
        }
        corr_filter_free(filter);
    }
}

static void sockets_match_times_at_which_they_were_open(void **state)
{
    (void)state;
    static const struct {
        int64_t from, to;
        bool is_open;
    } cases[] = {{INT64_MIN, INT64_MAX, true}, {INT64_MIN, 99, false},
                 {INT64_MIN, 100, true},       {120, 130, true},
                 {200, INT64_MAX, true},       {201, INT64_MAX, false}};
    struct corr_socket sockets[3];
    make_sockets(sockets);
    struct corr_filter *filter = corr_filter_new();
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        corr_filter_set_times(filter, cases[i].from, cases[i].to);
        assert_int_equal(corr_filter_matches_socket(filter, &sockets[0]), cases[i].is_open);
        assert_true(corr_filter_matches_socket(filter, &sockets[2]));
    }
    corr_filter_free(filter);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packets_are_chosen_by_their_owner),
        cmocka_unit_test(packets_are_also_chosen_by_whom_they_are_for),
        cmocka_unit_test(pid_and_name_together_mean_one_process),
        cmocka_unit_test(packets_are_chosen_by_their_connection),
        cmocka_unit_test(without_owner_wishes_no_ledger_is_needed),
        cmocka_unit_test(values_that_are_none_are_refused),
        cmocka_unit_test(sockets_are_chosen_as_their_packets_are),
        cmocka_unit_test(sockets_match_times_at_which_they_were_open),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
