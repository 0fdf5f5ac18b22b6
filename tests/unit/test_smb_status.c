/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "correlate/smb_operations.h"

#define DOS(class, code) ((uint32_t)(code) << 16 | (class))

static void errors_of_dos_are_told_from_ntstatus(void **state)
{
    (void)state;
    assert_true(corr_smb_is_dos_error(DOS(1, 2)));
    assert_true(corr_smb_is_dos_error(DOS(2, 0xFFFF)));
    assert_true(corr_smb_is_dos_error(DOS(0xFF, 1)));
    assert_false(corr_smb_is_dos_error(0));
    assert_false(corr_smb_is_dos_error(0x103)); /* STATUS_PENDING, whose low byte is a class */
    assert_false(corr_smb_is_dos_error(0xC0000022u));
    assert_false(corr_smb_is_dos_error(0x80000005u));
    assert_false(corr_smb_is_dos_error(DOS(4, 2)));
}

static void errors_of_dos_have_names_by_class(void **state)
{
    (void)state;
    assert_string_equal(corr_smb_dos_error_name(DOS(1, 2)), "ERRBADFILE");
    assert_string_equal(corr_smb_dos_error_name(DOS(2, 2)), "ERRBADPW");
    assert_string_equal(corr_smb_dos_error_name(DOS(2, 5)), "ERRINVTID");
    assert_string_equal(corr_smb_dos_error_name(DOS(3, 39)), "ERRDISKFULL");
    assert_null(corr_smb_dos_error_name(DOS(1, 9999)));
}

static void what_only_ends_something_has_not_failed(void **state)
{
    (void)state;
    assert_true(corr_smb_is_failure(0xC0000022u));
    assert_true(corr_smb_is_failure(DOS(1, 5)));
    assert_true(corr_smb_is_failure(DOS(2, 91)));
    static const uint32_t fine[] = {0,           0x103,      0x80000006u, 0xC0000011u,
                                    0xC0000016u, DOS(1, 18), DOS(1, 38),  DOS(1, 234)};
    for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++) {
        assert_false(corr_smb_is_failure(fine[i]));
    }
}

static void commands_that_smb1_alone_has_are_known(void **state)
{
    (void)state;
    struct corr_smb_message message = {
        .kind = CORR_SMB_1, .command = CORR_SMB_OTHER, .command_number = 0x07};
    assert_true(corr_smb_is_known(&message));
    assert_string_equal(corr_smb1_command_name(0x07), "rename");
    message.command_number = 0x18;
    assert_false(corr_smb_is_known(&message));
    message.command = CORR_SMB_READ;
    assert_true(corr_smb_is_known(&message));
    message = (struct corr_smb_message){
        .kind = CORR_SMB_2, .command = CORR_SMB_OTHER, .command_number = 0x07};
    assert_false(corr_smb_is_known(&message));
    message.kind = CORR_SMB_ENCRYPTED;
    assert_true(corr_smb_is_known(&message)); /* counted as such */
}

static void calls_of_remote_administration_have_names(void **state)
{
    (void)state;
    assert_string_equal(corr_smb_call_name(104), "NetServerEnum2");
    assert_string_equal(corr_smb_call_name(0), "NetShareEnum");
    assert_null(corr_smb_call_name(1000));
}

static void an_operation_has_the_name_that_its_dialect_has(void **state)
{
    (void)state;
    struct corr_smb_operation operation = {
        .kind = CORR_SMB_1, .command = CORR_SMB_OTHER, .command_number = 0x25};
    assert_string_equal(corr_smb_operation_command(&operation), "transaction");
    operation.kind = CORR_SMB_2;
    assert_null(corr_smb_operation_command(&operation));
    operation.command = CORR_SMB_CREATE;
    assert_string_equal(corr_smb_operation_command(&operation), "create");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(errors_of_dos_are_told_from_ntstatus),
        cmocka_unit_test(errors_of_dos_have_names_by_class),
        cmocka_unit_test(what_only_ends_something_has_not_failed),
        cmocka_unit_test(commands_that_smb1_alone_has_are_known),
        cmocka_unit_test(calls_of_remote_administration_have_names),
        cmocka_unit_test(an_operation_has_the_name_that_its_dialect_has),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
