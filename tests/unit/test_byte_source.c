/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "etw/container/byte_source.h"

static const uint8_t content[100] = "the bytes of a file";

static void check_reads(const struct byte_source *source)
{
    assert_int_equal(source->size, sizeof(content));
    for (uint64_t offset = 0; offset < 110; offset++) {
        for (size_t size = 0; size < 110; size += 7) {
            uint8_t to[110];
            size_t got = 999;
            size_t left = offset < sizeof(content) ? sizeof(content) - (size_t)offset : 0;
            assert_int_equal(byte_source_read(source, offset, to, size, &got, NULL), ETW_OK);
            assert_int_equal(got, size < left ? size : left);
            if (got > 0) {
                assert_memory_equal(to, content + offset, got);
            }
        }
    }
    uint8_t to[1];
    size_t got = 999;
    assert_int_equal(byte_source_read(source, UINT64_MAX, to, 1, &got, NULL), ETW_OK);
    assert_int_equal(got, 0);
}

static void memory_is_read_up_to_its_end(void **state)
{
    (void)state;
    struct byte_source source;
    byte_source_open_memory(&source, content, sizeof(content));
    check_reads(&source);
    byte_source_close(&source);
}

static void a_file_is_read_like_memory(void **state)
{
    (void)state;
    static const char name[] = "test_byte_source.tmp";
    struct byte_source source;
    FILE *file = fopen(name, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(content, 1, sizeof(content), file), sizeof(content));
    assert_int_equal(fclose(file), 0);
    assert_int_equal(byte_source_open(&source, name, NULL), ETW_OK);
    check_reads(&source);
    byte_source_close(&source);
    assert_int_equal(remove(name), 0);
}

static void what_cannot_be_read_twice_is_refused(void **state)
{
    (void)state;
    static const char *const paths[] = {"no-such-file.etl", ".", ""};
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        struct byte_source source;
        struct etw_error error = {.status = ETW_OK};
        assert_int_equal(byte_source_open(&source, paths[i], &error), ETW_ERR_INPUT);
        assert_true(strlen(error.text) > 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_read_up_to_its_end),
        cmocka_unit_test(a_file_is_read_like_memory),
        cmocka_unit_test(what_cannot_be_read_twice_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
