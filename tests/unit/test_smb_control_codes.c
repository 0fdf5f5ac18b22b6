/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pcapout/smb_control_codes.h"

/* Numbers of MS-SMB2 2.2.31 and MS-FSCC 2.3: the first, the last, and some between. */
static void codes_have_their_names(void **state)
{
    (void)state;
    assert_string_equal(out_smb_control_name(0x00060194), "FSCTL_DFS_GET_REFERRALS");
    assert_string_equal(out_smb_control_name(0x00090073), "FSCTL_GET_RETRIEVAL_POINTERS");
    assert_string_equal(out_smb_control_name(0x0011C017), "FSCTL_PIPE_TRANSCEIVE");
    assert_string_equal(out_smb_control_name(0x00140204), "FSCTL_VALIDATE_NEGOTIATE_INFO");
    assert_string_equal(out_smb_control_name(0x001440F2), "FSCTL_SRV_COPYCHUNK");
    assert_string_equal(out_smb_control_name(0x001480F2), "FSCTL_SRV_COPYCHUNK_WRITE");
    assert_null(out_smb_control_name(0));
    assert_null(out_smb_control_name(0x001480F3));
    assert_null(out_smb_control_name(UINT32_MAX));
}

static void a_code_without_name_is_its_number(void **state)
{
    (void)state;
    struct text text = {.maximum = 0};
    out_add_smb_control_code(&text, 0x00140204);
    text_add(&text, ", ");
    out_add_smb_control_code(&text, 0x12345);
    assert_string_equal(text_get(&text), "0x00140204 FSCTL_VALIDATE_NEGOTIATE_INFO, 0x00012345");
    text_done(&text);
}

/* A search by halves finds every row only when they are sorted. */
static void every_name_is_found(void **state)
{
    (void)state;
    size_t count = 0;
    for (uint32_t code = 0x00060000; code < 0x00150000; code++) {
        count += out_smb_control_name(code) != NULL;
    }
    assert_int_equal(count, 45);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codes_have_their_names),
        cmocka_unit_test(a_code_without_name_is_its_number),
        cmocka_unit_test(every_name_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
