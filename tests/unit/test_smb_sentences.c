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

static void assert_says_of(struct corr_step step, const char *path, const char *new_name,
                           const char *expected)
{
    struct text text = {.maximum = 0};
    step.layer = CORR_STEP_SMB;
    step.count = step.count > 0 ? step.count : 1;
    const struct out_smb_step_names names = {.path = path,
                                             .new_name = new_name,
                                             .share = "",
                                             .file = "",
                                             .server = "",
                                             .user = "",
                                             .client = ""};
    out_add_smb_sentence(&text, &step, &names);
    assert_string_equal(text_get(&text), expected);
    text_done(&text);
}

static void assert_says(struct corr_step step, const char *path, const char *expected)
{
    assert_says_of(step, path, "", expected);
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
                " after 1.0 ms: 0xC0000022 STATUS_ACCESS_DENIED");
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

static void renames_and_control_codes_are_told(void **state)
{
    (void)state;
    const uint32_t has_code = CORR_STEP_HAS_CONTROL_CODE;
    assert_says_of(REQUEST(SET_INFO, .has = 0), PATH, "new\\name",
                   "asks to rename " PATH " to new\\name");
    assert_says_of(RESPONSE(SET_INFO, .duration = MILLISECOND, .has = DONE), PATH, "new",
                   "answers the rename of " PATH " after 1.0 ms");
    assert_says_of(REQUEST(OTHER, .command_number = 7), PATH, "y", "asks to rename " PATH " to y");
    assert_says(REQUEST(IOCTL, .control_code = 0x0011C017, .has = has_code), PATH,
                "asks to send FSCTL_PIPE_TRANSCEIVE to " PATH);
    assert_says(REQUEST(IOCTL, .control_code = 0x1234, .has = has_code), "",
                "asks to send control code 0x00001234 to a file");
    assert_says(REQUEST(IOCTL, .has = 0), PATH, "asks to send a control code to " PATH);
    assert_says(RESPONSE(IOCTL, .control_code = 0x0011C017, .duration = MILLISECOND,
                         .has = DONE | has_code),
                PATH, "answers the FSCTL_PIPE_TRANSCEIVE of " PATH " after 1.0 ms");
}

static void conditions_are_told(void **state)
{
    (void)state;
    struct corr_step step = {.what = CORR_STEP_CONDITION,
                             .socket = CORR_NO_ROW,
                             .condition = {.kind = CORR_SMB_CONNECT_FAILED, .reason = 3},
                             .remote = {.size = 4, .port = 445, .bytes = {192, 0, 2, 1}},
                             .has = CORR_STEP_HAS_REMOTE | CORR_STEP_HAS_STATUS,
                             .status = 0xC00000B5u};
    assert_says(step, "",
                "connect failed, at 192.0.2.1:445 (IPsec failed): 0xC00000B5 "
                "STATUS_IO_TIMEOUT");
    step.socket = 0; /* whose ends are known */
    step.has = CORR_STEP_HAS_REMOTE;
    assert_says(step, "", "connect failed (IPsec failed)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_say_what_is_asked_for),
        cmocka_unit_test(responses_say_what_came_of_it),
        cmocka_unit_test(repetition_is_counted),
        cmocka_unit_test(renames_and_control_codes_are_told),
        cmocka_unit_test(conditions_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
