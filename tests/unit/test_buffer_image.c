/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "etw/container/buffer_image.h"
#include "etw/container/record_walk.h"
#include "other_compression.h"
#include "tests/support/etl_builder.h"

/* Loads the buffer that fills `b`, as if the scan had given it `size` bytes. */
static void load(const struct etl_builder *b, uint32_t size, struct buffer_image *image)
{
    struct byte_source source;
    struct buffer_loader loader = {.source = &source};
    byte_source_open_memory(&source, b->data, b->size);
    *image = (struct buffer_image){.place = {.size = size}};
    assert_int_equal(buffer_image_load(&loader, image, NULL), ETW_OK);
    buffer_loader_done(&loader);
}

static struct etl_builder make_buffer(bool is_packed)
{
    struct etl_builder b = {.buffer_size = 1024};
    etl_open_buffer(&b, 6);
    etl_add_event(&b, 1, 100, 1);
    etl_add_event(&b, 2, 100, 2);
    if (is_packed) {
        etl_close_packed(&b);
    } else {
        etl_close_buffer(&b);
    }
    return b;
}

#define FILL (0x48u + 2 * 0xB8)

static void a_packed_buffer_has_the_same_image_as_a_plain_one(void **state)
{
    (void)state;
    static const struct findings none;
    struct buffer_image images[2];
    for (int is_packed = 0; is_packed < 2; is_packed++) {
        struct etl_builder b = make_buffer(is_packed);
        struct buffer_image *image = &images[is_packed];
        load(&b, (uint32_t)b.size, image);
        assert_int_equal(image->fill, FILL);
        assert_int_equal(image->cpu, 6);
        assert_int_equal(image->is_compressed, is_packed);
        assert_memory_equal(&image->findings, &none, sizeof(none));
        etl_done(&b);
    }
    assert_memory_equal(images[0].data + 0x48, images[1].data + 0x48, FILL - 0x48);
    buffer_image_done(&images[0]);
    buffer_image_done(&images[1]);
}

static void a_cut_plain_buffer_keeps_what_is_there(void **state)
{
    (void)state;
    struct etl_builder b = make_buffer(false);
    for (uint32_t size = 0x48; size <= 1024; size++) {
        struct buffer_image image;
        load(&b, size, &image);
        assert_int_equal(image.fill, size < FILL ? size : FILL);
        assert_memory_equal(image.data, b.data, image.fill);
        buffer_image_done(&image);
    }
    etl_done(&b);
}

static void a_cut_packed_buffer_keeps_what_could_be_unpacked(void **state)
{
    (void)state;
    struct etl_builder b = make_buffer(true);
    for (uint32_t size = 0x48; size < b.size; size++) {
        struct buffer_image image;
        load(&b, size, &image);
        assert_true(image.fill < FILL);
        assert_true(image.fill >= 0x48 && image.fill + size / 8 + 12 >= size);
        assert_int_equal(image.findings.kinds[FINDING_COMPRESSED_DATA_DAMAGED].count, 1);
        buffer_image_done(&image);
    }
    etl_done(&b);
}

static void a_damaged_size_field_does_not_hide_records(void **state)
{
    (void)state;
    static const uint32_t sizes[] = {0, 0x47, 0x48, 0x100, 1025, 1u << 30, UINT32_MAX};
    struct etl_builder b = make_buffer(false);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct buffer_image image;
        put_le32(b.data, sizes[i]);
        load(&b, 1024, &image);
        assert_int_equal(image.fill, FILL);
        buffer_image_done(&image);
    }
    etl_done(&b);
}

static void bytes_left_over_behind_the_packed_data_are_noticed(void **state)
{
    (void)state;
    for (size_t extra = 0; extra < 20; extra++) {
        struct etl_builder b = make_buffer(true);
        struct buffer_image image;
        etl_add_fill(&b, 0xFF, extra);
        load(&b, (uint32_t)b.size, &image);
        assert_int_equal(image.fill, FILL);
        /* An unused flag word may stand there; Windows writes it now and then. */
        assert_int_equal(image.findings.kinds[FINDING_COMPRESSED_DATA_DAMAGED].count, extra > 4);
        buffer_image_done(&image);
        etl_done(&b);
    }
}

/* The same buffer, its records packed by another method. */
static struct etl_builder make_buffer_by(uint32_t state, bool (*compress)(struct byte_block *,
                                                                          const uint8_t *, size_t))
{
    struct etl_builder b = make_buffer(true);
    struct etl_builder plain = make_buffer(false);
    struct byte_block packed = {0};
    assert_true(compress(&packed, plain.data + 0x48, FILL - 0x48));
    b.size = 0x48;
    for (size_t i = 0; i < packed.size; i++) {
        etl_add_fill(&b, packed.data[i], 1);
    }
    put_le32(b.data, (uint32_t)b.size);
    put_le32(b.data + 0x2C, state);
    block_done(&packed);
    etl_done(&plain);
    return b;
}

static const struct {
    uint32_t state;
    bool (*compress)(struct byte_block *, const uint8_t *, size_t);
} other_methods[] = {{2, lznt1_compress}, {4, xpress_huffman_compress}};

static void every_method_gives_the_image_whatever_the_header_states(void **state)
{
    (void)state;
    static const struct findings none;
    struct etl_builder plain = make_buffer(false);
    for (uint32_t stated = 0; stated < 6; stated++) {
        for (size_t i = 0; i < 3; i++) {
            struct buffer_image image;
            struct etl_builder b =
                i < 2 ? make_buffer_by(stated, other_methods[i].compress) : make_buffer(true);
            put_le32(b.data + 0x2C, stated);
            load(&b, (uint32_t)b.size, &image);
            assert_int_equal(image.fill, FILL);
            assert_memory_equal(image.data + 0x48, plain.data + 0x48, FILL - 0x48);
            assert_memory_equal(&image.findings, &none, sizeof(none));
            buffer_image_done(&image);
            etl_done(&b);
        }
    }
    etl_done(&plain);
}

static void a_cut_buffer_of_another_method_keeps_its_beginning(void **state)
{
    (void)state;
    struct etl_builder plain = make_buffer(false);
    for (size_t i = 0; i < 2; i++) {
        struct etl_builder b = make_buffer_by(other_methods[i].state, other_methods[i].compress);
        uint32_t longest = 0;
        for (uint32_t size = 0x48; size + 4 < b.size; size++) {
            struct buffer_image image;
            load(&b, size, &image);
            assert_in_range(image.fill, 0x48, FILL - 1);
            assert_memory_equal(image.data + 0x48, plain.data + 0x48, image.fill - 0x48);
            assert_int_equal(image.findings.kinds[FINDING_COMPRESSED_DATA_DAMAGED].count, 1);
            longest = image.fill > longest ? image.fill : longest;
            buffer_image_done(&image);
        }
        assert_true(longest > 0x48 + 0xB8);
        etl_done(&b);
    }
    etl_done(&plain);
}

static void data_of_no_known_method_give_nothing_and_are_noticed(void **state)
{
    (void)state;
    for (uint32_t stated = 0; stated < 6; stated++) {
        struct etl_builder b = make_buffer(true);
        struct buffer_image image;
        put_le32(b.data + 0x2C, stated);
        memset(b.data + 0x48, 0xFF, b.size - 0x48);
        load(&b, (uint32_t)b.size, &image);
        assert_int_equal(image.findings.kinds[FINDING_COMPRESSED_DATA_DAMAGED].count, 1);
        assert_int_equal(image.fill, 0x48);
        buffer_image_done(&image);
        etl_done(&b);
    }
}

static void a_file_that_became_shorter_is_noticed(void **state)
{
    (void)state;
    struct etl_builder b = make_buffer(false);
    for (size_t left = 0; left < 0x48; left++) {
        struct buffer_image image;
        b.size = left;
        load(&b, 1024, &image);
        assert_int_equal(image.fill, 0x48);
        assert_int_equal(image.findings.kinds[FINDING_READ_CHANGED].count, 1);
        buffer_image_done(&image);
    }
    etl_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_packed_buffer_has_the_same_image_as_a_plain_one),
        cmocka_unit_test(a_cut_plain_buffer_keeps_what_is_there),
        cmocka_unit_test(a_cut_packed_buffer_keeps_what_could_be_unpacked),
        cmocka_unit_test(a_damaged_size_field_does_not_hide_records),
        cmocka_unit_test(bytes_left_over_behind_the_packed_data_are_noticed),
        cmocka_unit_test(every_method_gives_the_image_whatever_the_header_states),
        cmocka_unit_test(a_cut_buffer_of_another_method_keeps_its_beginning),
        cmocka_unit_test(data_of_no_known_method_give_nothing_and_are_noticed),
        cmocka_unit_test(a_file_that_became_shorter_is_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
