/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pcapout/smb_condition_text.h"

#define MILLISECOND INT64_C(10000)
#define SECOND      (1000 * MILLISECOND)
#define UTF16(text) ((struct bytes){.data = (const uint8_t *)u##text, .size = sizeof(u##text) - 2})

#define NAMELESS .server = "", .share = "", .file = "", .user = "", .client = "", .command = ""

static void assert_says(const struct out_smb_condition *condition, const char *expected)
{
    struct text text = {.maximum = 0};
    out_add_smb_condition(&text, condition);
    assert_string_equal(text_get(&text), expected);
    text_done(&text);
}

static void a_condition_alone_is_its_name(void **state)
{
    (void)state;
    assert_says(&(struct out_smb_condition){.kind = CORR_SMB_RECONNECTING, NAMELESS},
                "reconnecting");
    assert_says(&(struct out_smb_condition){.kind = CORR_SMB_CREDITS_USED_UP, NAMELESS},
                "credits used up");
}

static void names_and_status_follow(void **state)
{
    (void)state;
    struct out_smb_condition condition = {.kind = CORR_SMB_SESSION_REFUSED, NAMELESS};
    condition.server = "fs";
    condition.user = "anna";
    condition.status = 0xC000006Du;
    assert_says(&condition,
                "session refused, server fs, user anna: 0xC000006D STATUS_LOGON_FAILURE");
    condition.share = "\\\\fs\\data";
    condition.file = "a\\b.txt";
    condition.user = "";
    condition.status = 0;
    assert_says(&condition, "session refused, \\\\fs\\data\\a\\b.txt");
    condition.command = "read";
    condition.server = "f";
    assert_says(&condition, "session refused, read of \\\\fs\\data\\a\\b.txt, server f");
}

static void the_other_end_is_told_when_nothing_else_names_it(void **state)
{
    (void)state;
    struct out_smb_condition condition = {
        .kind = CORR_SMB_DISCONNECTED,
        NAMELESS,
        .is_of_server = true,
        .remote = {.size = 4, .port = 50000, .bytes = {192, 0, 2, 1}}};
    assert_says(&condition, "disconnected, from 192.0.2.1:50000");
    condition.client = "192.0.2.1";
    assert_says(&condition, "disconnected, client 192.0.2.1");
}

static void times_and_numbers_are_told(void **state)
{
    (void)state;
    struct out_smb_condition condition = {.kind = CORR_SMB_SLOW,
                                          NAMELESS,
                                          .has_duration = true,
                                          .duration = 12 * SECOND,
                                          .threshold = SECOND,
                                          .retries = 1};
    assert_says(&condition, "slow, after 12.000 s (threshold 1.000 s), 1 retry");
    condition = (struct out_smb_condition){.kind = CORR_SMB_CREDITS_WAITED,
                                           NAMELESS,
                                           .window_size = 12,
                                           .window_limit = 16,
                                           .has_duration = true,
                                           .duration = 350 * MILLISECOND};
    assert_says(&condition, "credits waited, for 350.0 ms, 12 of 16 in use");
    condition.count = 7;
    condition.span = 2 * SECOND;
    assert_says(&condition,
                "credits waited, 7 times within 2.000 s, the longest 350.0 ms, 12 of 16 in use");
}

static void a_reason_is_told_when_it_says_more(void **state)
{
    (void)state;
    struct out_smb_condition condition = {.kind = CORR_SMB_CONNECT_FAILED, NAMELESS, .reason = 4};
    assert_says(&condition, "connect failed");
    condition.reason = 3;
    assert_says(&condition, "connect failed (IPsec failed)");
    condition.reason = 101;
    assert_says(&condition, "connect failed (reason 101)");
    condition.is_of_server = true;
    condition.reason = 2;
    assert_says(&condition, "connect failed (it was idle)");
    condition.reason = 3;
    assert_says(&condition, "connect failed (reason 3)");
    assert_string_equal(out_smb_reason(false, 0), "");
    assert_null(out_smb_reason(true, UINT32_MAX));
}

static void what_an_event_told_is_taken(void **state)
{
    (void)state;
    const struct corr_smb_condition from = {.kind = CORR_SMB_OPEN_FAILED,
                                            .source = CORR_SMB_SERVER_EVENTS,
                                            .has = CORR_SMB_HAS_STATUS,
                                            .status = 0xC0000022u,
                                            .reason = 9,
                                            .has_command = true,
                                            .command = CORR_SMB_CREATE,
                                            .server = UTF16("fs"),
                                            .share = UTF16("\\\\fs\\data"),
                                            .file = UTF16("x"),
                                            .user = UTF16("EXAMPLE\\anna"),
                                            .client = UTF16("192.0.2.1"),
                                            .retries = 2,
                                            .threshold = 5};
    struct text texts = {.maximum = 0};
    struct out_smb_condition condition;
    out_smb_condition_of(&from, &texts, &condition);
    assert_string_equal(condition.server, "fs");
    assert_string_equal(condition.share, "\\\\fs\\data");
    assert_string_equal(condition.file, "x");
    assert_string_equal(condition.user, "EXAMPLE\\anna");
    assert_string_equal(condition.client, "192.0.2.1");
    assert_string_equal(condition.command, "create");
    assert_int_equal(condition.status, 0xC0000022u);
    assert_int_equal(condition.reason, 9);
    assert_int_equal(condition.retries, 2);
    assert_int_equal(condition.threshold, 5);
    assert_true(condition.is_of_server);
    struct corr_smb_condition without = from;
    without.has = 0;
    without.has_command = false;
    without.file = (struct bytes){.data = NULL};
    out_smb_condition_of(&without, &texts, &condition);
    assert_int_equal(condition.status, 0);
    assert_string_equal(condition.command, "");
    assert_string_equal(condition.file, "");
    assert_string_equal(condition.user, "EXAMPLE\\anna");
    text_done(&texts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_condition_alone_is_its_name),
        cmocka_unit_test(names_and_status_follow),
        cmocka_unit_test(the_other_end_is_told_when_nothing_else_names_it),
        cmocka_unit_test(times_and_numbers_are_told),
        cmocka_unit_test(a_reason_is_told_when_it_says_more),
        cmocka_unit_test(what_an_event_told_is_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
