/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "pcapout/output_file.h"

/* In the working directory, which is the build's. */
#define NAME  "test_gzip_stream.gz"
#define LARGE ((size_t)5 * 1024 * 1024 + 77)

static int remove_file(void **state)
{
    (void)state;
    (void)remove(NAME);
    return 0;
}

static uint8_t *make_pattern(size_t size)
{
    uint8_t *data = malloc(size + 1);
    assert_non_null(data);
    uint32_t value = 1;
    for (size_t i = 0; i < size; i++) {
        value = value * 1664525 + 1013904223;
        data[i] = (uint8_t)(value >> 29); /* packs to less than half */
    }
    return data;
}

/* In parts of this size. */
static void write_parts(const uint8_t *data, size_t size, size_t part)
{
    struct out_file *file = NULL;
    assert_int_equal(out_file_open_gzip(NAME, true, &file, NULL), ETW_OK);
    for (size_t at = 0; at < size; at += part) {
        size_t now = size - at < part ? size - at : part;
        assert_int_equal(out_file_write(file, data + at, now, NULL), ETW_OK);
    }
    assert_int_equal(out_file_size(file), size);
    assert_int_equal(out_file_commit(file, NULL), ETW_OK);
}

/* By zlib's reader of files, which looks at the checksum, too. */
static void check_content(const uint8_t *expected, size_t size)
{
    uint8_t *content = malloc(size + 1);
    gzFile file = gzopen(NAME, "rb");
    assert_non_null(content);
    assert_non_null(file);
    assert_int_equal(gzread(file, content, (unsigned)size + 1), size);
    assert_false(gzdirect(file));
    assert_int_equal(gzclose(file), Z_OK);
    assert_memory_equal(content, expected, size);
    free(content);
}

static size_t file_size(void)
{
    FILE *file = fopen(NAME, "rb");
    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    long size = ftell(file);
    (void)fclose(file);
    return (size_t)size;
}

static void what_was_written_is_unpacked(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, 1000, (1u << 20) - 1, 1u << 20, LARGE};
    uint8_t *data = make_pattern(LARGE);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        write_parts(data, sizes[i], 65537);
        check_content(data, sizes[i]);
        assert_true(file_size() <= sizes[i] / 2 + 100);
    }
    free(data);
}

static void the_header_tells_no_name_and_no_time(void **state)
{
    (void)state;
    static const uint8_t wanted[10] = {0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255};
    uint8_t header[sizeof(wanted)];
    write_parts((const uint8_t *)"rows", 4, 4);
    FILE *file = fopen(NAME, "rb");
    assert_non_null(file);
    assert_int_equal(fread(header, 1, sizeof(header), file), sizeof(header));
    (void)fclose(file);
    assert_memory_equal(header, wanted, sizeof(wanted));
}

static void a_file_appears_only_when_complete(void **state)
{
    (void)state;
    struct out_file *file = NULL;
    uint8_t *data = make_pattern(LARGE);
    assert_int_equal(out_file_open_gzip(NAME, false, &file, NULL), ETW_OK);
    assert_int_equal(out_file_write(file, data, LARGE, NULL), ETW_OK);
    out_file_abort(file);
    assert_null(fopen(NAME, "rb"));
    free(data);
}

static void what_flush_hands_over_is_in_the_file(void **state)
{
    (void)state;
    struct out_file *file = NULL;
    assert_int_equal(out_file_open_gzip(NAME, false, &file, NULL), ETW_OK);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(out_file_write(file, "row\n", 4, NULL), ETW_OK);
        assert_int_equal(out_file_flush(file, NULL), ETW_OK);
    }
    assert_int_equal(out_file_commit(file, NULL), ETW_OK);
    check_content((const uint8_t *)"row\nrow\nrow\n", 12);
}

static void a_full_disk_is_noticed_at_the_latest_at_the_end(void **state)
{
    (void)state;
    struct out_file *file = NULL;
    struct etw_error error = {.status = ETW_OK};
    FILE *full = fopen("/dev/full", "wb");
    if (!full) {
        skip();
    }
    (void)fclose(full);
    assert_int_equal(out_file_open_gzip("/dev/full", false, &file, NULL), ETW_OK);
    assert_int_equal(out_file_write(file, "rows", 4, NULL), ETW_OK);
    assert_int_equal(out_file_commit(file, &error), ETW_ERR_OUTPUT);
    assert_non_null(strstr(error.text, "/dev/full"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(what_was_written_is_unpacked, remove_file),
        cmocka_unit_test_teardown(the_header_tells_no_name_and_no_time, remove_file),
        cmocka_unit_test_setup_teardown(a_file_appears_only_when_complete, remove_file,
                                        remove_file),
        cmocka_unit_test_setup_teardown(what_flush_hands_over_is_in_the_file, remove_file,
                                        remove_file),
        cmocka_unit_test(a_full_disk_is_noticed_at_the_latest_at_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
