/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "etw/container/file_signature.h"

static const struct wrong_case {
    const char *bytes;
    size_t size;
    const char *said; /* part of the sentence */
} wrong_cases[] = {
    {"", 0, "empty"},
    {"\x0a\x0d\x0d\x0a\x1c\0\0\0", 8, "pcapng"},
    {"\xd4\xc3\xb2\xa1\x02\0\x04\0", 8, "pcap capture"},
    {"\xa1\xb2\xc3\xd4\0\x02\0\x04", 8, "pcap capture"},
    {"\x4d\x3c\xb2\xa1\x02\0\x04\0", 8, "pcap capture"},
    {"\xa1\xb2\x3c\x4d\0\x02\0\x04", 8, "pcap capture"},
    {"GMBU\0\x02\0\0", 8, "Network Monitor"},
    {"MSCF\0\0\0\0", 8, "cabinet"},
    {"ElfFile\0\0\0", 10, "event log (.evtx)"},
    {"\x30\0\0\0LfLe\x01\0\0\0", 12, "old event log"},
    {"PK\x03\x04\x14\0", 6, "zip"},
    {"\x1f\x8b\x08\0", 4, "gzip"},
    {"7z\xbc\xaf\x27\x1c\0\x04", 8, "7-Zip"},
    {"\xfd"
     "7zXZ\0\0",
     7, "xz"},
    {"\x28\xb5\x2f\xfd\x04", 5, "zstd"},
    {"Rar!\x1a\x07\x01\0", 8, "rar"},
    {"MZ\x90\0\x03\0", 6, "Windows program"},
    {"\x7f"
     "ELF\x02\x01",
     6, "program"},
    {"<?xml version=\"1.0\"?>", 21, "XML"},
    {"\xef\xbb\xbf<?xml version=\"1.0\"?>", 24, "XML"},
    {"<Events xmlns=", 14, "tracerpt"},
    {"<!DOCTYPE html>", 15, "page for a browser"},
    {"<html><head>", 12, "page for a browser"},
    {"\xff\xfeT\0r\0a\0", 8, "UTF-16"},
    {"PAGEDU64\x0f\0", 10, "memory dump"},
    {"MDMP\x93\xa7\0\0", 8, "memory dump"},
    {"SQLite format 3\0", 16, "SQLite"},
    {"just some words\r\n\tand more\n", 27, "text file"},
    {"\xc3\xa4 text in UTF-8", 16, "text file"},
    {"\0\0\0\0\0\0\0\0", 8, "zeros"},
    {"\x01\x02\x03\x04", 4, "does not begin with a buffer header"},
    {"\xff", 1, ""},
};

static void every_kind_of_wrong_file_is_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(wrong_cases) / sizeof(wrong_cases[0]); i++) {
        const struct wrong_case *row = &wrong_cases[i];
        struct etw_error error = {.status = ETW_OK};
        uint8_t *exact = test_malloc(row->size + 1);
        memcpy(exact + 1, row->bytes, row->size);
        enum etw_status status = file_signature_refuse(exact + 1, row->size, &error);
        if (status != ETW_ERR_NOT_ETL || error.status != status || !strstr(error.text, row->said)) {
            fail_msg("case %zu: %s", i, error.text);
        }
        size_t length = strlen(error.text);
        assert_true(length > 0 && error.text[length - 1] != '.'); /* the caller ends it */
        test_free(exact);
    }
}

static void every_truncation_of_a_signature_is_still_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(wrong_cases) / sizeof(wrong_cases[0]); i++) {
        for (size_t size = 0; size < wrong_cases[i].size; size++) {
            struct etw_error error = {.status = ETW_OK};
            uint8_t *exact = test_malloc(size + 1);
            memcpy(exact + 1, wrong_cases[i].bytes, size);
            assert_int_equal(file_signature_refuse(exact + 1, size, &error), ETW_ERR_NOT_ETL);
            test_free(exact);
        }
    }
}

static void a_trace_of_windows_xp_is_not_supported_and_said_to_be_so(void **state)
{
    (void)state;
    uint8_t data[0x100] = {0};
    struct etw_error error = {.status = ETW_OK};
    data[0x48 + 3] = 0xC0;
    data[0x48 + 0x24] = 5;
    assert_int_equal(file_signature_refuse(data, sizeof(data), &error), ETW_ERR_UNSUPPORTED);
    assert_non_null(strstr(error.text, "before Windows Vista"));
    for (size_t size = 1; size < 0x70; size++) {
        assert_int_equal(file_signature_refuse(data, size, NULL), ETW_ERR_NOT_ETL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_wrong_file_is_named),
        cmocka_unit_test(every_truncation_of_a_signature_is_still_refused),
        cmocka_unit_test(a_trace_of_windows_xp_is_not_supported_and_said_to_be_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
