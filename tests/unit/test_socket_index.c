/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "correlate/filter_values.h"
#include "correlate/socket_index.h"
#include "tests/support/random.h"

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

static struct corr_socket socket_of(enum corr_role role, const char *local, const char *remote,
                                    int64_t opened, int64_t closed)
{
    return (struct corr_socket){.role = (uint8_t)role,
                                .protocol = role == CORR_DATAGRAM ? 17 : 6,
                                .local = end_of(local),
                                .remote = end_of(remote),
                                .opened = opened,
                                .closed = closed};
}

/* The rows that a walk gives, as digits. */
static const char *walked(const struct socket_index *index, struct socket_span span, int64_t from,
                          int64_t to)
{
    static char text[64];
    size_t count = 0;
    struct socket_walk walk = socket_walk_begin(index, span, from, to);
    for (uint32_t row = socket_walk_next(index, &walk); row != CORR_NO_ROW;
         row = socket_walk_next(index, &walk)) {
        assert_true(row < 10 && count < sizeof(text) - 1);
        text[count++] = (char)('0' + row);
    }
    text[count] = '\0';
    return text;
}

static const char *all(const struct socket_index *index, struct socket_span span)
{
    return walked(index, span, CORR_ALWAYS, CORR_NEVER);
}

static void each_kind_of_socket_is_found_by_its_ends(void **state)
{
    (void)state;
    const struct corr_socket rows[] = {
        socket_of(CORR_CLIENT, "192.0.2.1:50000", "198.51.100.7:443", 1, 9),
        socket_of(CORR_SERVER, "[2001:db8::1]:80", "[2001:db8::2]:5", 1, 9),
        socket_of(CORR_CLIENT, "0.0.0.0:50001", "198.51.100.7:443", 1, 9),
        socket_of(CORR_CLIENT, "", "198.51.100.7:443", 1, 9),
        socket_of(CORR_LISTENER, "0.0.0.0:80", "", 1, 9),
        socket_of(CORR_DATAGRAM, "192.0.2.1:80", "", 1, 9),
        socket_of(CORR_DATAGRAM, "[::]:80", "", 2, 9),
        {.role = CORR_RAW, .protocol = 1, .opened = 1, .closed = 9},
        {.role = CORR_DATAGRAM, .protocol = 17, .opened = 1, .closed = 9}, /* bound to nothing */
    };
    struct socket_index *index = NULL;
    assert_int_equal(socket_index_new(rows, 9, &index, NULL), ETW_OK);
    const struct corr_endpoint peer = end_of("198.51.100.7:443");
    const struct corr_endpoint here = end_of("192.0.2.1:50000");
    const struct corr_endpoint ipv6 = end_of("[2001:db8::1]:80");
    const struct corr_endpoint far6 = end_of("[2001:db8::2]:5");
    assert_string_equal(all(index, socket_index_connection(index, &here, &peer)), "0");
    assert_string_equal(all(index, socket_index_connection(index, &peer, &here)), "");
    assert_string_equal(all(index, socket_index_connection(index, &ipv6, &far6)), "1");
    assert_string_equal(all(index, socket_index_port_only(index, 50001, &peer)), "2");
    assert_string_equal(all(index, socket_index_port_only(index, 50000, &peer)), "");
    assert_string_equal(all(index, socket_index_port_only(index, 0, &peer)), "");
    assert_string_equal(all(index, socket_index_remote_only(index, &peer)), "3");
    assert_string_equal(all(index, socket_index_listeners(index, 80)), "4");
    assert_string_equal(all(index, socket_index_datagrams(index, 17, 80)), "65");
    assert_string_equal(all(index, socket_index_datagrams(index, 6, 80)), "");
    assert_string_equal(all(index, socket_index_datagrams(index, 17, 81)), "");
    assert_string_equal(all(index, socket_index_raw(index, 1)), "7");
    assert_string_equal(all(index, socket_index_raw(index, 2)), "");
    socket_index_free(index);
}

static void hidden_rows_are_left_out_and_no_rows_are_fine(void **state)
{
    (void)state;
    struct corr_socket row = socket_of(CORR_LISTENER, "0.0.0.0:80", "", 1, 9);
    row.flags = CORR_SOCKET_HIDDEN;
    struct socket_index *index = NULL;
    assert_int_equal(socket_index_new(&row, 1, &index, NULL), ETW_OK);
    assert_true(socket_span_is_empty(socket_index_listeners(index, 80)));
    socket_index_free(index);
    assert_int_equal(socket_index_new(NULL, 0, &index, NULL), ETW_OK);
    assert_true(socket_span_is_empty(socket_index_listeners(index, 80)));
    socket_index_free(index);
    socket_index_free(NULL);
}

static void a_walk_gives_what_was_open_the_last_opened_first(void **state)
{
    (void)state;
    struct corr_socket rows[] = {
        socket_of(CORR_LISTENER, "0.0.0.0:80", "", 10, 20),
        socket_of(CORR_LISTENER, "0.0.0.0:80", "", 15, CORR_NEVER),
        socket_of(CORR_LISTENER, "0.0.0.0:80", "", 30, 40),
        socket_of(CORR_LISTENER, "0.0.0.0:80", "", 35, 36),
    };
    rows[3].flags = CORR_SOCKET_OLDER; /* perhaps there since ever */
    struct socket_index *index = NULL;
    assert_int_equal(socket_index_new(rows, 4, &index, NULL), ETW_OK);
    struct socket_span span = socket_index_listeners(index, 80);
    assert_string_equal(walked(index, span, 18, 18), "103");
    assert_string_equal(walked(index, span, 10, 10), "03");
    assert_string_equal(walked(index, span, 20, 20), "103");
    assert_string_equal(walked(index, span, 21, 29), "13");
    assert_string_equal(walked(index, span, 37, 50), "21");
    assert_string_equal(walked(index, span, 5, 9), "3");
    socket_index_free(index);
}

#define MANY 70000u

/* Few are open at a time, and blocks of closed ones are stepped over: the same rows as by
 * looking at each. */
static void long_lists_give_the_same_rows_as_looking_at_each(void **state)
{
    (void)state;
    struct corr_socket *rows = calloc(MANY, sizeof(*rows));
    assert_non_null(rows);
    uint64_t seed = 3;
    for (uint32_t i = 0; i < MANY; i++) {
        const char *port = i % 3 == 0 ? "0.0.0.0:80" : "0.0.0.0:81";
        int64_t life = (int64_t)random_below(&seed, i % 1000 == 5 ? MANY : 40);
        rows[i] = socket_of(CORR_LISTENER, port, "", i, i + life);
    }
    struct socket_index *index = NULL;
    assert_int_equal(socket_index_new(rows, MANY, &index, NULL), ETW_OK);
    for (int i = 0; i < 60; i++) {
        int64_t from = (int64_t)random_below(&seed, MANY);
        int64_t to = from + (int64_t)random_below(&seed, 20);
        struct socket_walk walk =
            socket_walk_begin(index, socket_index_listeners(index, 80), from, to);
        for (uint32_t row = MANY; row > 0; row--) {
            const struct corr_socket *socket = &rows[row - 1];
            if (socket->local.port == 80 && socket->opened <= to && socket->closed >= from) {
                assert_int_equal(socket_walk_next(index, &walk), row - 1);
            }
        }
        assert_int_equal(socket_walk_next(index, &walk), CORR_NO_ROW);
        assert_int_equal(socket_walk_next(index, &walk), CORR_NO_ROW);
    }
    socket_index_free(index);
    free(rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_of_socket_is_found_by_its_ends),
        cmocka_unit_test(hidden_rows_are_left_out_and_no_rows_are_fine),
        cmocka_unit_test(a_walk_gives_what_was_open_the_last_opened_first),
        cmocka_unit_test(long_lists_give_the_same_rows_as_looking_at_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
