/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "etw/fields.h"
#include "etw/status_codes.h"

static void check_table(const struct status_code *codes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        assert_true(i == 0 || codes[i - 1].value < codes[i].value);
        assert_true(strlen(codes[i].name) > 3);
        for (size_t k = 0; k < i; k++) {
            assert_string_not_equal(codes[k].name, codes[i].name);
        }
    }
}

static void tables_ascend_without_duplicates(void **state)
{
    (void)state;
    check_table(ntstatus_codes, ntstatus_code_count);
    check_table(win32_error_codes, win32_error_code_count);
    check_table(hresult_codes, hresult_code_count);
    for (size_t i = 1; i < winsock_code_count; i++) {
        assert_true(winsock_codes[i - 1].status < winsock_codes[i].status);
    }
}

static void there_are_at_least_400_codes(void **state)
{
    (void)state;
    assert_true(ntstatus_code_count + win32_error_code_count + hresult_code_count >= 400);
    assert_true(ntstatus_code_count >= 200);
    assert_true(win32_error_code_count >= 200);
    assert_true(hresult_code_count >= 100);
}

static void every_code_is_found_by_its_value(void **state)
{
    (void)state;
    for (size_t i = 0; i < ntstatus_code_count; i++) {
        assert_ptr_equal(etw_ntstatus_name(ntstatus_codes[i].value), ntstatus_codes[i].name);
    }
    for (size_t i = 0; i < win32_error_code_count; i++) {
        assert_ptr_equal(etw_win32_error_name(win32_error_codes[i].value),
                         win32_error_codes[i].name);
    }
    for (size_t i = 0; i < hresult_code_count; i++) {
        assert_ptr_equal(etw_hresult_name(hresult_codes[i].value), hresult_codes[i].name);
    }
}

static void codes_have_their_names(void **state)
{
    (void)state;
    static const struct {
        const char *(*find)(uint32_t);
        uint32_t value;
        const char *name;
    } rows[] = {
        {etw_ntstatus_name, 0, "STATUS_SUCCESS"},
        {etw_ntstatus_name, 0x00000102, "STATUS_TIMEOUT"},
        {etw_ntstatus_name, 0x00000103, "STATUS_PENDING"},
        {etw_ntstatus_name, 0xC00000B5, "STATUS_IO_TIMEOUT"},
        {etw_ntstatus_name, 0xC0000236, "STATUS_CONNECTION_REFUSED"},
        {etw_ntstatus_name, 0xC000006D, "STATUS_LOGON_FAILURE"},
        {etw_ntstatus_name, 0xC000A012, "STATUS_HOPLIMIT_EXCEEDED"},
        {etw_win32_error_name, 0, "ERROR_SUCCESS"},
        {etw_win32_error_name, 5, "ERROR_ACCESS_DENIED"},
        {etw_win32_error_name, 53, "ERROR_BAD_NETPATH"},
        {etw_win32_error_name, 64, "ERROR_NETNAME_DELETED"},
        {etw_win32_error_name, 997, "ERROR_IO_PENDING"},
        {etw_win32_error_name, 1722, "RPC_S_SERVER_UNAVAILABLE"},
        {etw_win32_error_name, 9003, "DNS_ERROR_RCODE_NAME_ERROR"},
        {etw_win32_error_name, 10060, "WSAETIMEDOUT"},
        {etw_win32_error_name, 12002, "ERROR_WINHTTP_TIMEOUT"},
        {etw_hresult_name, 0, "S_OK"},
        {etw_hresult_name, 0x80070005, "E_ACCESSDENIED"},
        {etw_hresult_name, 0x80090325, "SEC_E_UNTRUSTED_ROOT"},
        {etw_hresult_name, 0x800B0109, "CERT_E_UNTRUSTEDROOT"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_string_equal(rows[i].find(rows[i].value), rows[i].name);
    }
}

static void codes_within_codes_have_the_name_of_the_inner_one(void **state)
{
    (void)state;
    assert_string_equal(etw_hresult_name(0x8007274C), "WSAETIMEDOUT");
    assert_string_equal(etw_hresult_name(0xD00000B5), "STATUS_IO_TIMEOUT");
    assert_string_equal(etw_ntstatus_name(0xC007274C), "WSAETIMEDOUT");
}

static void unknown_codes_have_no_name(void **state)
{
    (void)state;
    assert_null(etw_ntstatus_name(0xDEADBEEF));
    assert_null(etw_ntstatus_name(UINT32_MAX));
    assert_null(etw_win32_error_name(0xC00000B5));
    assert_null(etw_win32_error_name(65535));
    assert_null(etw_hresult_name(0x8007FFFF));
    assert_null(etw_hresult_name(UINT32_MAX));
}

static void the_stack_s_statuses_have_winsock_errors(void **state)
{
    (void)state;
    static const struct {
        uint32_t status, number;
        const char *name;
    } rows[] = {
        {0xC00000B5, 10060, "WSAETIMEDOUT"},    {0xC0000236, 10061, "WSAECONNREFUSED"},
        {0xC000020D, 10054, "WSAECONNRESET"},   {0xC0000241, 10053, "WSAECONNABORTED"},
        {0xC000023D, 10065, "WSAEHOSTUNREACH"}, {0xC0000120, 995, "ERROR_OPERATION_ABORTED"},
    };
    uint32_t number = 0;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_string_equal(etw_winsock_name_of_ntstatus(rows[i].status, &number), rows[i].name);
        assert_int_equal(number, rows[i].number);
    }
    for (size_t i = 0; i < winsock_code_count; i++) {
        assert_non_null(etw_winsock_name_of_ntstatus(winsock_codes[i].status, &number));
        assert_non_null(etw_ntstatus_name(winsock_codes[i].status));
    }
    number = 77;
    assert_null(etw_winsock_name_of_ntstatus(0, &number));
    assert_int_equal(number, 77);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_ascend_without_duplicates),
        cmocka_unit_test(there_are_at_least_400_codes),
        cmocka_unit_test(every_code_is_found_by_its_value),
        cmocka_unit_test(codes_have_their_names),
        cmocka_unit_test(codes_within_codes_have_the_name_of_the_inner_one),
        cmocka_unit_test(unknown_codes_have_no_name),
        cmocka_unit_test(the_stack_s_statuses_have_winsock_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
