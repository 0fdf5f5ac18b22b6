/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "etw/container/buffer_header.h"
#include "etw/container/time_order.h"
#include "tests/support/etl_builder.h"
#include "tests/support/random.h"

/* What should come out: every record, to be sorted by a plain sort. */
struct expected {
    int64_t ticks;
    uint64_t buffer, position;
};

struct scene {
    struct etl_builder b;
    struct buffer_index index;
    struct expected *records;
    size_t count, capacity;
};

enum shape {
    SHAPE_PER_CPU,   /* times grow along each CPU's buffers, which interleave */
    SHAPE_EQUAL,     /* few different times */
    SHAPE_SHUFFLED,  /* buffers in any order, as in a circular file */
    SHAPE_DISORDERED /* times in any order inside a buffer */
};

static void expect(struct scene *scene, const struct expected *record)
{
    if (scene->count == scene->capacity) {
        scene->capacity = scene->capacity ? scene->capacity * 2 : 1024;
        scene->records = realloc(scene->records, scene->capacity * sizeof(*scene->records));
        assert_non_null(scene->records);
    }
    scene->records[scene->count++] = *record;
}

static int64_t next_ticks(enum shape shape, int64_t ticks, uint64_t *seed)
{
    switch (shape) {
    case SHAPE_DISORDERED:
        return (int64_t)random_below(seed, 5000);
    case SHAPE_EQUAL:
        return ticks + (random_below(seed, 40) == 0);
    case SHAPE_PER_CPU:
    case SHAPE_SHUFFLED:
    default:
        return ticks + (int64_t)random_below(seed, 9);
    }
}

/* One buffer of at least `fill` bytes; returns its last time. */
static int64_t add_buffer(struct scene *scene, enum shape shape, int64_t ticks, size_t fill,
                          bool is_packed, uint64_t *seed)
{
    struct etl_builder *b = &scene->b;
    size_t begin = b->size;
    struct buffer_row row = {.offset = begin, .first_ticks = INT64_MAX, .last_ticks = INT64_MIN};
    int64_t before = INT64_MIN;
    size_t largest = fill / 20 < 65000 ? fill / 20 + 40 : 65000;
    etl_open_buffer(b, (uint16_t)random_below(seed, 4));
    while (b->size - begin < fill) {
        ticks = next_ticks(shape, ticks, seed);
        size_t at = etl_add_event(b, ticks, random_below(seed, largest), 1);
        expect(scene, &(struct expected){ticks, begin, at - begin});
        row.is_disordered = row.is_disordered || ticks < before;
        row.first_ticks = ticks < row.first_ticks ? ticks : row.first_ticks;
        row.last_ticks = ticks > row.last_ticks ? ticks : row.last_ticks;
        before = ticks;
    }
    row.fill = (b->size - begin) & 0x1FFFFFFF;
    if (is_packed) {
        etl_close_packed(b);
    } else {
        etl_close_buffer(b);
    }
    row.size = (uint32_t)(b->size - begin);
    assert_int_equal(buffer_index_add(&scene->index, &row, NULL), ETW_OK);
    return ticks;
}

static int compare_expected(const void *a, const void *b)
{
    const struct expected *left = a;
    const struct expected *right = b;
    if (left->ticks != right->ticks) {
        return left->ticks < right->ticks ? -1 : 1;
    }
    if (left->buffer != right->buffer) {
        return left->buffer < right->buffer ? -1 : 1;
    }
    return left->position < right->position ? -1 : left->position > right->position;
}

static struct scene make_scene(enum shape shape, unsigned buffers, size_t fill, uint64_t seed)
{
    struct scene scene = {.b = {.buffer_size = 0}};
    int64_t cpu_ticks[4] = {0};
    for (unsigned i = 0; i < buffers; i++) {
        size_t cpu = random_below(&seed, 4);
        int64_t begin =
            shape == SHAPE_SHUFFLED ? (int64_t)random_below(&seed, 20000) : cpu_ticks[cpu];
        size_t wanted = fill / 2 + random_below(&seed, fill);
        cpu_ticks[cpu] = add_buffer(&scene, shape, begin, wanted, i % 3 == 1, &seed);
    }
    assert_int_equal(buffer_index_finish(&scene.index, NULL), ETW_OK);
    qsort(scene.records, scene.count, sizeof(*scene.records), compare_expected);
    return scene;
}

static void drop_scene(struct scene *scene)
{
    etl_done(&scene->b);
    buffer_index_done(&scene->index);
    free(scene->records);
}

static void compare_order(const struct scene *scene, uint64_t memory, bool use_thread)
{
    struct byte_source source;
    struct time_order *order = NULL;
    struct etw_record *record = NULL;
    struct time_order_options options = {.memory = memory, .use_thread = use_thread};
    byte_source_open_memory(&source, scene->b.data, scene->b.size);
    assert_int_equal(time_order_new(&source, &scene->index, &options, &order, NULL), ETW_OK);
    for (size_t i = 0; i < scene->count; i++) {
        const struct expected *expected = &scene->records[i];
        assert_int_equal(time_order_next(order, &record, NULL), ETW_OK);
        if (record->offset != expected->buffer + expected->position ||
            record->ticks != expected->ticks) {
            fail_msg("record %zu of %zu: at %llu instead of %llu", i, scene->count,
                     (unsigned long long)record->offset,
                     (unsigned long long)(expected->buffer + expected->position));
        }
    }
    assert_int_equal(time_order_next(order, &record, NULL), ETW_END);
    assert_true(time_order_share(order) == 1.0);
    time_order_free(order);
}

static void the_order_is_that_of_a_stable_sort(void **state)
{
    (void)state;
    for (uint64_t round = 1; round <= 40; round++) {
        for (int shape = SHAPE_PER_CPU; shape <= SHAPE_DISORDERED; shape++) {
            struct scene scene =
                make_scene((enum shape)shape, 1 + (unsigned)(round % 30), 3000, round);
            compare_order(&scene, UINT64_MAX, round % 2);
            drop_scene(&scene);
        }
    }
}

static void little_memory_changes_nothing_in_the_order(void **state)
{
    (void)state;
    for (uint64_t round = 1; round <= 2; round++) {
        for (int shape = SHAPE_PER_CPU; shape <= SHAPE_DISORDERED; shape++) {
            struct scene scene = make_scene((enum shape)shape, 7, 1500000, round);
            assert_true(scene.index.largest_fill > 1000000);
            compare_order(&scene, 1, round % 2); /* one buffer at a time */
            compare_order(&scene, scene.index.overlap_bytes - 1, round % 2); /* in pieces */
            drop_scene(&scene);
            scene = make_scene((enum shape)shape, 30, 3000, round);
            compare_order(&scene, 1, round % 2);
            drop_scene(&scene);
        }
    }
}

static void a_trace_without_buffers_ends_at_once(void **state)
{
    (void)state;
    struct scene scene = {.b = {.buffer_size = 0}};
    assert_int_equal(buffer_index_finish(&scene.index, NULL), ETW_OK);
    compare_order(&scene, 1, false);
    compare_order(&scene, 1, true);
}

static void reading_may_be_given_up_in_the_middle(void **state)
{
    (void)state;
    struct scene scene = make_scene(SHAPE_DISORDERED, 30, 3000, 5);
    for (size_t count = 0; count < scene.count; count += 1 + count / 2) {
        struct byte_source source;
        struct time_order *order = NULL;
        struct etw_record *record = NULL;
        struct time_order_options options = {.memory = 1, .use_thread = count % 2};
        byte_source_open_memory(&source, scene.b.data, scene.b.size);
        assert_int_equal(time_order_new(&source, &scene.index, &options, &order, NULL), ETW_OK);
        for (size_t i = 0; i < count; i++) {
            assert_int_equal(time_order_next(order, &record, NULL), ETW_OK);
        }
        time_order_free(order);
    }
    time_order_free(NULL);
    drop_scene(&scene);
}

static void a_file_that_became_shorter_gives_what_is_left(void **state)
{
    (void)state;
    for (int is_large = 0; is_large < 2; is_large++) {
        struct scene scene = make_scene(SHAPE_PER_CPU, 6, is_large ? 1500000 : 3000, 9);
        for (size_t part = 0; part < 12; part++) {
            struct byte_source source;
            struct time_order *order = NULL;
            struct etw_record *record = NULL;
            size_t count = 0;
            struct time_order_options options = {.memory = 1};
            byte_source_open_memory(&source, scene.b.data, scene.b.size / 12 * part);
            assert_int_equal(time_order_new(&source, &scene.index, &options, &order, NULL), ETW_OK);
            while (time_order_next(order, &record, NULL) == ETW_OK) {
                count++;
            }
            assert_true(count < scene.count);
            time_order_free(order);
        }
        drop_scene(&scene);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_order_is_that_of_a_stable_sort),
        cmocka_unit_test(little_memory_changes_nothing_in_the_order),
        cmocka_unit_test(a_trace_without_buffers_ends_at_once),
        cmocka_unit_test(reading_may_be_given_up_in_the_middle),
        cmocka_unit_test(a_file_that_became_shorter_gives_what_is_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
