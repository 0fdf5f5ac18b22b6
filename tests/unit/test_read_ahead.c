/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "etw/container/read_ahead.h"

/* Makes `count` numbered images, then ends with `end`. */
struct maker {
    unsigned made, count;
    enum etw_status end;
};

static enum etw_status make(void *context, struct buffer_image *image, struct etw_error *error)
{
    struct maker *maker = context;
    if (maker->made == maker->count) {
        return maker->end == ETW_END ? ETW_END
                                     : etw_fail(error, maker->end, 77, "made %u", maker->made);
    }
    if (!image->data) {
        image->data = malloc(16);
        image->capacity = 16;
    }
    memset(image->data, (int)(maker->made & 0xFF), 16);
    image->fill = maker->made++;
    return ETW_OK;
}

static void images_arrive_in_order_and_keep_their_bytes(void **state)
{
    (void)state;
    for (unsigned depth = 0; depth <= READ_AHEAD_MAXIMUM + 1; depth++) {
        for (int use_thread = 0; use_thread < 2; use_thread++) {
            struct maker maker = {.count = 300, .end = ETW_END};
            struct read_ahead *ahead = NULL;
            struct buffer_image image = {0};
            assert_int_equal(read_ahead_start(make, &maker, depth, use_thread, &ahead, NULL),
                             ETW_OK);
            for (unsigned i = 0; i < 300; i++) {
                assert_int_equal(read_ahead_take(ahead, &image, NULL), ETW_OK);
                assert_int_equal(image.fill, i);
                assert_int_equal(image.data[15], i & 0xFF);
            }
            assert_int_equal(read_ahead_take(ahead, &image, NULL), ETW_END);
            assert_int_equal(read_ahead_take(ahead, &image, NULL), ETW_END);
            read_ahead_stop(ahead);
            buffer_image_done(&image);
        }
    }
}

static void an_error_comes_after_the_images_before_it_with_its_text(void **state)
{
    (void)state;
    for (int use_thread = 0; use_thread < 2; use_thread++) {
        struct maker maker = {.count = 5, .end = ETW_ERR_INPUT};
        struct read_ahead *ahead = NULL;
        struct buffer_image image = {0};
        struct etw_error error = {.status = ETW_OK};
        assert_int_equal(read_ahead_start(make, &maker, 3, use_thread, &ahead, NULL), ETW_OK);
        for (unsigned i = 0; i < 5; i++) {
            assert_int_equal(read_ahead_take(ahead, &image, &error), ETW_OK);
        }
        assert_int_equal(read_ahead_take(ahead, &image, &error), ETW_ERR_INPUT);
        assert_int_equal(error.status, ETW_ERR_INPUT);
        assert_int_equal(error.offset, 77);
        assert_string_equal(error.text, "made 5");
        assert_int_equal(read_ahead_take(ahead, &image, NULL), ETW_ERR_INPUT);
        read_ahead_stop(ahead);
        buffer_image_done(&image);
    }
}

static void it_can_be_stopped_at_any_point(void **state)
{
    (void)state;
    for (unsigned taken = 0; taken < 40; taken++) {
        for (int use_thread = 0; use_thread < 2; use_thread++) {
            struct maker maker = {.count = 1000000, .end = ETW_END};
            struct read_ahead *ahead = NULL;
            struct buffer_image image = {0};
            assert_int_equal(read_ahead_start(make, &maker, 4, use_thread, &ahead, NULL), ETW_OK);
            for (unsigned i = 0; i < taken; i++) {
                assert_int_equal(read_ahead_take(ahead, &image, NULL), ETW_OK);
            }
            read_ahead_stop(ahead);
            buffer_image_done(&image);
        }
    }
    read_ahead_stop(NULL);
}

static void no_more_is_made_ahead_than_asked_for(void **state)
{
    (void)state;
    struct maker maker = {.count = 1000, .end = ETW_END};
    struct read_ahead *ahead = NULL;
    struct buffer_image image = {0};
    assert_int_equal(read_ahead_start(make, &maker, 4, true, &ahead, NULL), ETW_OK);
    for (unsigned i = 0; i < 100; i++) {
        assert_int_equal(read_ahead_take(ahead, &image, NULL), ETW_OK);
    }
    read_ahead_stop(ahead); /* only now may the counter be looked at */
    assert_true(maker.made <= 105);
    buffer_image_done(&image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(images_arrive_in_order_and_keep_their_bytes),
        cmocka_unit_test(an_error_comes_after_the_images_before_it_with_its_text),
        cmocka_unit_test(it_can_be_stopped_at_any_point),
        cmocka_unit_test(no_more_is_made_ahead_than_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
