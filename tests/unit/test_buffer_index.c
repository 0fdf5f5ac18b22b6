/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "etw/container/buffer_index.h"
#include "tests/support/random.h"

static void rows_are_sorted_by_first_time_then_place(void **state)
{
    (void)state;
    uint64_t seed = 1;
    struct buffer_index index = {0};
    for (int i = 0; i < 5000; i++) {
        int64_t first = (int64_t)random_below(&seed, 500) - 250;
        struct buffer_row row = {.offset = random_next(&seed),
                                 .first_ticks = first,
                                 .last_ticks = first + (int64_t)random_below(&seed, 100),
                                 .fill = random_below(&seed, 1000) & 0x1FFFFFFF};
        assert_int_equal(buffer_index_add(&index, &row, NULL), ETW_OK);
    }
    assert_int_equal(buffer_index_finish(&index, NULL), ETW_OK);
    assert_int_equal(index.count, 5000);
    for (size_t i = 1; i < index.count; i++) {
        const struct buffer_row *before = &index.rows[i - 1];
        const struct buffer_row *row = &index.rows[i];
        assert_true(before->first_ticks < row->first_ticks ||
                    (before->first_ticks == row->first_ticks && before->offset < row->offset));
    }
    buffer_index_done(&index);
}

/* The overlap at the moment at which row `at` opens, counted one by one. */
static void count_open(const struct buffer_index *index, size_t at, uint32_t *count,
                       uint64_t *bytes)
{
    *count = 0;
    *bytes = 0;
    for (size_t i = 0; i <= at; i++) {
        if (index->rows[i].last_ticks >= index->rows[at].first_ticks) {
            *count += 1;
            *bytes += index->rows[i].fill;
        }
    }
}

static void the_overlap_is_what_counting_gives(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed < 60; seed++) {
        uint64_t numbers = seed;
        struct buffer_index index = {0};
        uint32_t overlap = 0;
        uint64_t overlap_bytes = 0;
        size_t length = 1 + random_below(&numbers, 300);
        for (size_t i = random_below(&numbers, 200); i > 0; i--) {
            int64_t first = (int64_t)random_below(&numbers, 1000);
            struct buffer_row row = {.offset = i,
                                     .first_ticks = first,
                                     .last_ticks = first + (int64_t)random_below(&numbers, length),
                                     .fill = random_below(&numbers, 1 << 24) & 0x1FFFFFFF};
            assert_int_equal(buffer_index_add(&index, &row, NULL), ETW_OK);
        }
        assert_int_equal(buffer_index_finish(&index, NULL), ETW_OK);
        for (size_t i = 0; i < index.count; i++) {
            uint32_t count = 0;
            uint64_t bytes = 0;
            count_open(&index, i, &count, &bytes);
            overlap = count > overlap ? count : overlap;
            overlap_bytes = bytes > overlap_bytes ? bytes : overlap_bytes;
        }
        assert_int_equal(index.overlap, overlap);
        assert_true(index.overlap_bytes == overlap_bytes);
        buffer_index_done(&index);
    }
}

static void the_largest_buffer_is_known(void **state)
{
    (void)state;
    static const uint32_t fills[] = {0x48, 0x1000048, 0x100};
    struct buffer_index index = {0};
    for (size_t i = 0; i < 3; i++) {
        struct buffer_row row = {.offset = i, .fill = fills[i] & 0x1FFFFFFF};
        assert_int_equal(buffer_index_add(&index, &row, NULL), ETW_OK);
    }
    assert_int_equal(index.largest_fill, 0x1000048);
    buffer_index_done(&index);
    assert_null(index.rows);
}

static void a_row_takes_32_bytes(void **state)
{
    (void)state;
    assert_int_equal(sizeof(struct buffer_row), 32);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_sorted_by_first_time_then_place),
        cmocka_unit_test(the_overlap_is_what_counting_gives),
        cmocka_unit_test(the_largest_buffer_is_known),
        cmocka_unit_test(a_row_takes_32_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
