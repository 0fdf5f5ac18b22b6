/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "correlate/name_history.h"

static const uint8_t first4[4] = {192, 0, 2, 1};
static const uint8_t mapped_first4[16] = {[10] = 0xFF, 0xFF, 192, 0, 2, 1};
static const uint8_t second4[4] = {192, 0, 2, 2};
static const uint8_t first6[16] = {0x20, 0x01, 0x0D, 0xB8, [15] = 1};

static int make_names(void **state)
{
    struct corr_name_history *names = NULL;
    struct etw_error error;
    assert_int_equal(corr_name_history_new(&names, &error), ETW_OK);
    *state = names;
    return 0;
}

static int free_names(void **state)
{
    corr_name_history_free(*state);
    return 0;
}

/* ASCII as UTF-16LE, in memory of exactly its size. */
static struct bytes widen(const char *text)
{
    size_t size = strlen(text);
    uint8_t *utf16 = calloc(2, size > 0 ? size : 1);
    assert_non_null(utf16);
    for (size_t i = 0; i < size; i++) {
        utf16[2 * i] = (uint8_t)text[i];
    }
    return bytes_of(utf16, 2 * size);
}

static void release(struct bytes *utf16)
{
    void *owned = NULL;
    memcpy(&owned, &utf16->data, sizeof(owned));
    free(owned);
}

static void learn(void **state, int64_t time, const struct etw_name *stated, const char *name,
                  const char *results)
{
    struct etw_error error;
    struct etw_record record = {.time = time};
    struct etw_event event = {.kind = ETW_EVENT_NAME, .record = &record, .u.name = *stated};
    event.u.name.name = widen(name);
    event.u.name.results = widen(results);
    assert_int_equal(corr_name_history_learn(*state, &event, &error), ETW_OK);
    release(&event.u.name.name);
    release(&event.u.name.results);
}

static void answer(void **state, int64_t time, const char *name, const char *results)
{
    const struct etw_name stated = {.pid = 0};
    learn(state, time, &stated, name, results);
}

static const char *name_of(void **state, const uint8_t *address, uint8_t size, int64_t time)
{
    const char *name = corr_name_history_find(*state, address, size, 0, time);
    return name ? name : "";
}

static size_t count(void **state)
{
    const struct corr_name *rows = NULL;
    return corr_name_history_list(*state, &rows);
}

static void every_address_of_an_answer_has_the_name_that_was_asked_for(void **state)
{
    answer(state, 10, "www.example.com",
           "type:  5 www.example.net;::ffff:192.0.2.1;2001:db8::1; 192.0.2.2;");
    const struct corr_name *rows = NULL;
    assert_int_equal(corr_name_history_list(*state, &rows), 3);
    assert_int_equal(rows[0].size, 4);
    assert_memory_equal(rows[0].address, first4, 4);
    assert_int_equal(rows[1].size, 16);
    assert_memory_equal(rows[1].address, first6, 16);
    assert_int_equal(rows[0].time, 10);
    assert_string_equal(rows[2].name, "www.example.com");
    assert_string_equal(name_of(state, first4, 4, 10), "www.example.com");
    assert_string_equal(name_of(state, mapped_first4, 16, 11), "www.example.com");
    assert_string_equal(name_of(state, second4, 4, INT64_MAX), "www.example.com");
    assert_string_equal(name_of(state, first6, 16, 11), "www.example.com");
    assert_string_equal(name_of(state, first4, 4, 9), ""); /* not yet */
    assert_string_equal(name_of(state, first4, 5, 11), "");
}

static void a_pair_is_listed_once_and_the_latest_name_holds(void **state)
{
    answer(state, 10, "a.example.", "192.0.2.1;");
    answer(state, 20, "b.example", "192.0.2.1");
    answer(state, 30, "a.example", "192.0.2.1");
    answer(state, 40, "a.example", "192.0.2.1;192.0.2.1");
    assert_int_equal(count(state), 2);
    assert_string_equal(name_of(state, first4, 4, 15), "a.example");
    assert_string_equal(name_of(state, first4, 4, 25), "b.example");
    assert_string_equal(name_of(state, first4, 4, 35), "a.example");
    answer(state, 50, "c.example", "192.0.2.1"); /* after a search */
    assert_string_equal(name_of(state, first4, 4, 50), "c.example");
}

static void questions_failures_and_other_answers_say_nothing(void **state)
{
    const struct etw_name question = {.is_question = true};
    const struct etw_name failed = {.status = 9003};
    learn(state, 1, &question, "q.example", "192.0.2.1");
    learn(state, 2, &failed, "f.example", "192.0.2.1");
    answer(state, 3, "n.example", "");
    answer(state, 4, "", "192.0.2.1");
    answer(state, 5, "t.example", "type: 12 host.example;");
    struct etw_event other = {.kind = ETW_EVENT_OTHER};
    assert_int_equal(corr_name_history_learn(*state, &other, NULL), ETW_OK);
    assert_int_equal(count(state), 0);
    assert_string_equal(name_of(state, first4, 4, 100), "");
}

static void what_looks_like_an_address_only_nearly_is_none(void **state)
{
    static const char *const texts[] = {
        "192.0.2",   "192.0.2.256",        "192.0.2.1.5", "192.0.2.1x",
        "1e2.0.2.1", "2001:db8:::1",       "2001:db8",    ":::",
        "12345::",   "::ffff:192.0.2",     "192.0.2.1:x", "[::1]",
        "fe80::1%3", "1:2:3:4:5:6:7:8:9;",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        answer(state, 1, "a.example", texts[i]);
    }
    assert_int_equal(count(state), 0);
}

static void winsock_writes_addresses_with_ports(void **state)
{
    answer(state, 1, "www.example.com", "192.0.2.1:443;[2001:db8::1]:0;");
    assert_int_equal(count(state), 2);
    assert_string_equal(name_of(state, first4, 4, 1), "www.example.com");
    assert_string_equal(name_of(state, first6, 16, 1), "www.example.com");
}

static void names_of_bytes_and_addresses_of_their_own_count_too(void **state)
{
    struct etw_error error;
    struct etw_record record = {.time = 5};
    struct etw_event event = {.kind = ETW_EVENT_NAME,
                              .record = &record,
                              .u.name = {.is_narrow = true,
                                         .name = bytes_of("narrow.example", 14),
                                         .results = bytes_of("192.0.2.1", 9)}};
    assert_int_equal(corr_name_history_learn(*state, &event, &error), ETW_OK);
    assert_string_equal(name_of(state, first4, 4, 5), "narrow.example");
    event.u.name.results = bytes_of(NULL, 0);
    assert_int_equal(corr_name_history_learn(*state, &event, &error), ETW_OK);
    assert_int_equal(count(state), 1);
    event.u.name.address = (struct etw_socket_address){.size = 4};
    memcpy(event.u.name.address.bytes, second4, 4);
    assert_int_equal(corr_name_history_learn(*state, &event, &error), ETW_OK);
    assert_int_equal(count(state), 2);
    assert_string_equal(name_of(state, second4, 4, 5), "narrow.example");
}

/* Several hosts may share an address. */
static void a_process_is_given_the_name_that_it_asked_for(void **state)
{
    const struct etw_name first = {.pid = 7};
    const struct etw_name second = {.pid = 9};
    learn(state, 1, &first, "a.example", "192.0.2.1");
    learn(state, 2, &second, "b.example", "192.0.2.1");
    learn(state, 3, &first, "c.example", "192.0.2.1");
    assert_string_equal(corr_name_history_find(*state, first4, 4, 7, 2), "a.example");
    assert_string_equal(corr_name_history_find(*state, first4, 4, 9, 5), "b.example");
    assert_string_equal(corr_name_history_find(*state, first4, 4, 7, 5), "c.example");
    assert_string_equal(corr_name_history_find(*state, first4, 4, 8, 5), "c.example");
    assert_string_equal(corr_name_history_find(*state, first4, 4, 0, 5), "c.example");
    assert_null(corr_name_history_find(*state, first4, 4, 9, 0));
}

static void the_header_counts_where_the_program_itself_logs(void **state)
{
    struct etw_error error;
    struct etw_record record = {.time = 5, .process_id = 7};
    struct etw_event event = {.kind = ETW_EVENT_NAME,
                              .record = &record,
                              .u.name = {.is_narrow = true,
                                         .is_header_pid_true = true,
                                         .name = bytes_of("a.example", 9),
                                         .results = bytes_of("192.0.2.1", 9)}};
    assert_int_equal(corr_name_history_learn(*state, &event, &error), ETW_OK);
    record.process_id = 9;
    event.u.name.is_header_pid_true = false;
    event.u.name.name = bytes_of("b.example", 9);
    assert_int_equal(corr_name_history_learn(*state, &event, &error), ETW_OK);
    assert_string_equal(corr_name_history_find(*state, first4, 4, 7, 5), "a.example");
    assert_string_equal(corr_name_history_find(*state, first4, 4, 9, 5), "b.example");
}

static void long_and_odd_names_do_no_harm(void **state)
{
    static char name[5000];
    memset(name, 'a', sizeof(name) - 1);
    answer(state, 1, name, "192.0.2.1");
    assert_int_equal(strlen(name_of(state, first4, 4, 1)), 512);
    answer(state, 2, ".", "192.0.2.2");
    assert_string_equal(name_of(state, second4, 4, 2), ".");
}

static void the_table_is_bounded(void **state)
{
    for (uint32_t i = 0; i < CORR_NAMES_MAXIMUM + 100; i++) {
        char results[64];
        (void)snprintf(results, sizeof(results), "10.%u.%u.%u", i >> 16, i >> 8 & 0xFF, i & 0xFF);
        answer(state, i, "a.example", results);
    }
    assert_int_equal(count(state), CORR_NAMES_MAXIMUM);
    answer(state, 1000000, "new.example", "192.0.2.1");
    assert_string_equal(name_of(state, first4, 4, INT64_MAX), "");
    static const uint8_t kept[4] = {10, 0, 1, 0};
    assert_string_equal(name_of(state, kept, 4, INT64_MAX), "a.example");
    for (int64_t i = 0; i < 10; i++) { /* known pairs are still looked at */
        answer(state, 1000001 + i, "a.example", "10.0.1.0");
    }
    assert_int_equal(count(state), CORR_NAMES_MAXIMUM);
}

static void an_answer_that_repeats_another_takes_no_room(void **state)
{
    for (int64_t i = 0; i < CORR_NAMES_MAXIMUM + 10; i++) {
        answer(state, i, "a.example", "192.0.2.1");
    }
    answer(state, 100000, "b.example", "192.0.2.1");
    assert_string_equal(name_of(state, first4, 4, 100000), "b.example");
}

int main(void)
{
#define WITH_NAMES(test) cmocka_unit_test_setup_teardown(test, make_names, free_names)
    const struct CMUnitTest tests[] = {
        WITH_NAMES(every_address_of_an_answer_has_the_name_that_was_asked_for),
        WITH_NAMES(a_pair_is_listed_once_and_the_latest_name_holds),
        WITH_NAMES(questions_failures_and_other_answers_say_nothing),
        WITH_NAMES(what_looks_like_an_address_only_nearly_is_none),
        WITH_NAMES(winsock_writes_addresses_with_ports),
        WITH_NAMES(names_of_bytes_and_addresses_of_their_own_count_too),
        WITH_NAMES(a_process_is_given_the_name_that_it_asked_for),
        WITH_NAMES(the_header_counts_where_the_program_itself_logs),
        WITH_NAMES(long_and_odd_names_do_no_harm),
        WITH_NAMES(the_table_is_bounded),
        WITH_NAMES(an_answer_that_repeats_another_takes_no_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
