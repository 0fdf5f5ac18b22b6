/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pcapout/step_sentences.h"

#define MILLISECOND INT64_C(10000)
#define PATH        "\\\\fs\\data\\x"
#define DONE        CORR_STEP_HAS_DURATION
#define FROM_SERVER (CORR_STEP_IS_INBOUND | CORR_STEP_HAS_DURATION)

static void assert_says(struct corr_step step, const char *path, const char *expected)
{
    struct text text = {.maximum = 0};
    step.layer = CORR_STEP_SMB;
    step.count = step.count > 0 ? step.count : 1;
    out_add_smb_sentence(&text, &step, path);
    assert_string_equal(text_get(&text), expected);
    text_done(&text);
}

#define REQUEST(name, ...)                                                                         \
    ((struct corr_step){.what = CORR_STEP_REQUEST, .command = CORR_SMB_##name, __VA_ARGS__})
#define RESPONSE(name, ...)                                                                        \
    ((struct corr_step){.what = CORR_STEP_RESPONSE, .command = CORR_SMB_##name, __VA_ARGS__})

static void requests_say_what_is_asked_for(void **state)
{
    (void)state;
    assert_says(REQUEST(READ, .bytes = 65536, .data_offset = 131072, .has = CORR_STEP_HAS_OFFSET),
                PATH, "asks to read 65536 bytes at 131072 of " PATH);
    assert_says(REQUEST(WRITE, .bytes = 1), PATH, "asks to write 1 byte of " PATH);
    assert_says(REQUEST(CREATE, .has = CORR_STEP_IS_INBOUND), PATH,
                "the client asks to open " PATH);
    assert_says(REQUEST(CREATE, .has = CORR_STEP_IS_UNDIRECTED), "",
                "the client asks to open a file");
    assert_says(REQUEST(TREE_CONNECT, .has = 0), "", "asks to connect to a share");
    assert_says(REQUEST(LOGOFF, .has = 0), PATH, "asks to log off");
    assert_says(REQUEST(OTHER, .command_number = 0x07, .other_name = "rename"), PATH,
                "asks for rename on " PATH);
    assert_says(REQUEST(OTHER, .other_name = "transaction", .call = "NetShareEnum"), PATH,
                "asks for NetShareEnum on " PATH);
    assert_says(REQUEST(OTHER, .command_number = 0x2f), PATH, "asks for command 0x2f on " PATH);
}

static void responses_say_what_came_of_it(void **state)
{
    (void)state;
    assert_says(RESPONSE(READ, .bytes = 65536, .duration = 89 * MILLISECOND / 10,
                         .has = FROM_SERVER | CORR_STEP_HAS_BYTES),
                PATH, "the server answers with 65536 bytes after 8.9 ms");
    assert_says(
        RESPONSE(WRITE, .bytes = 10, .duration = MILLISECOND, .has = DONE | CORR_STEP_HAS_BYTES),
        PATH, "answers that it wrote 10 bytes after 1.0 ms");
    assert_says(RESPONSE(CREATE, .duration = MILLISECOND, .status = 0xC0000022u,
                         .has = FROM_SERVER | CORR_STEP_HAS_STATUS),
                PATH,
                "the server answers the create of " PATH
                " after 1.0 ms: 0xC0000022 STATUS_ACCESS_DENIED = WSAEACCES 10013");
    assert_says(RESPONSE(CREATE, .duration = MILLISECOND, .status = 0x00020001u,
                         .has = FROM_SERVER | CORR_STEP_HAS_STATUS),
                PATH,
                "the server answers the create of " PATH " after 1.0 ms: 0x00020001 ERRBADFILE");
    assert_says(RESPONSE(CLOSE, .has = 0), "", "answers the close; the request is not here");
    assert_says(RESPONSE(OPLOCK_BREAK, .has = CORR_STEP_IS_INBOUND), PATH,
                "the server tells that an oplock breaks, of " PATH);
}

static void repetition_is_counted(void **state)
{
    (void)state;
    assert_says(REQUEST(READ, .count = 14, .bytes = 91750, .last_time = 120 * MILLISECOND), PATH,
                "asks for 14 reads, 91750 bytes of " PATH ", within 120.0 ms");
    assert_says(RESPONSE(WRITE, .count = 4, .bytes = 400, .last_time = 2 * MILLISECOND,
                         .has = CORR_STEP_IS_INBOUND),
                "", "the server answers 4 writes, 400 bytes, within 2.0 ms");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_say_what_is_asked_for),
        cmocka_unit_test(responses_say_what_came_of_it),
        cmocka_unit_test(repetition_is_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
