/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "etw/container/logfile_header.h"
#include "tests/support/etl_builder.h"
#include "tests/support/random.h"

#define RECORD_AT 0x48u
#define HEADER_AT 0x68u

/* Where fields stand, in the 32-bit and the 64-bit form. */
static const struct form {
    unsigned pointer_size;
    enum record_kind kind;
    size_t zone_at, boot_at, frequency_at, start_at, clock_at, lost_at, names_at;
} forms[] = {
    {4, RECORD_SYSTEM32, 0x40, 0xF0, 0xF8, 0x100, 0x108, 0x10C, 0x110},
    {8, RECORD_SYSTEM64, 0x48, 0xF8, 0x100, 0x108, 0x110, 0x114, 0x118},
};

static void put_utf16(uint8_t *at, const char *ascii)
{
    for (; *ascii; ascii++, at += 2) {
        put_le16(at, (uint16_t)*ascii);
    }
}

/* A header buffer in which every field has a value of its own. */
static struct etl_builder make_header(const struct form *form)
{
    struct etl_builder b = {.buffer_size = 2048};
    etl_open_buffer(&b, 0);
    uint16_t size = (uint16_t)(0x20 + form->names_at + 2 * 6 + 2 * 8);
    size_t at = etl_add_record(&b, form->kind, size);
    uint8_t *record = b.data + at;
    uint8_t *h = record + 0x20;
    put_le64(record + 0x10, 0x1122334455667788);
    put_le32(h, 2048);
    h[4] = 10;
    h[5] = 1;
    h[6] = 2;
    h[7] = 5;
    for (uint32_t i = 0; i < 2; i++) { /* build, processors */
        put_le32(h + 0x08 + 4 * i, 101 + i);
    }
    put_le64(h + 0x10, 0x01D7000000000001);
    for (uint32_t i = 0; i < 4; i++) { /* resolution, file size, mode, buffers written */
        put_le32(h + 0x18 + 4 * i, 103 + i);
    }
    put_le32(h + 0x2C, form->pointer_size);
    put_le32(h + 0x30, 107);
    put_le32(h + 0x34, 108);
    put_le32(h + form->zone_at, (uint32_t)-60);
    put_le64(h + form->boot_at, 0x01D7000000000002);
    put_le64(h + form->frequency_at, 2338525);
    put_le64(h + form->start_at, 0x01D7000000000003);
    put_le32(h + form->clock_at, 1);
    put_le32(h + form->lost_at, 109);
    put_utf16(h + form->names_at, "trace");
    put_utf16(h + form->names_at + 12, "out.etl");
    etl_close_buffer(&b);
    put_le16(b.data + 0x36, 4);
    return b;
}

static void both_forms_are_read_field_by_field(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct etl_builder b = make_header(&forms[i]);
        struct etw_trace_header header;
        bool is_damaged = true;
        assert_int_equal(logfile_header_read(b.data, b.size, &header, &is_damaged, NULL), ETW_OK);
        assert_false(is_damaged);
        assert_int_equal(header.pointer_size, forms[i].pointer_size);
        assert_true(header.start_ticks == 0x1122334455667788);
        assert_int_equal(header.buffer_size, 2048);
        assert_int_equal(header.os_major, 10);
        assert_int_equal(header.os_minor, 1);
        assert_int_equal(header.layout_major, 2);
        assert_int_equal(header.layout_minor, 5);
        assert_int_equal(header.os_build, 101);
        assert_int_equal(header.cpu_count, 102);
        assert_true(header.end_time == 0x01D7000000000001);
        assert_int_equal(header.timer_resolution, 103);
        assert_int_equal(header.maximum_file_size, 104);
        assert_int_equal(header.mode, 105);
        assert_int_equal(header.buffers_written, 106);
        assert_int_equal(header.events_lost, 107);
        assert_int_equal(header.cpu_mhz, 108);
        assert_true(header.boot_time == 0x01D7000000000002);
        assert_true(header.frequency == 2338525);
        assert_true(header.start_time == 0x01D7000000000003);
        assert_int_equal(header.clock_logged, 1);
        assert_int_equal(header.buffers_lost, 109);
        assert_int_equal(header.bias_minutes, -60);
        assert_string_equal(header.session_name, "trace");
        assert_string_equal(header.file_name, "out.etl");
        etl_done(&b);
    }
}

static void every_cut_is_refused_or_said_to_be_damaged(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct etl_builder b = make_header(&forms[i]);
        size_t record_end = RECORD_AT + load_u16(b.data + RECORD_AT + 4);
        for (size_t size = 0; size < b.size; size++) {
            struct etw_trace_header header;
            struct etw_error error = {.status = ETW_OK};
            bool is_damaged = false;
            uint8_t *exact = test_malloc(size + 1);
            memcpy(exact + 1, b.data, size);
            enum etw_status status =
                logfile_header_read(exact + 1, size, &header, &is_damaged, &error);
            assert_true(status == ETW_OK || status == ETW_ERR_NOT_ETL);
            assert_true(status != ETW_OK || is_damaged == (size < record_end));
            assert_true(status == ETW_OK || size < HEADER_AT + 0x110);
            test_free(exact);
        }
        etl_done(&b);
    }
}

static void names_too_long_are_cut_and_closed(void **state)
{
    (void)state;
    struct etl_builder b = {.buffer_size = 0};
    struct etw_trace_header header;
    bool is_damaged = false;
    etl_open_buffer(&b, 0);
    size_t record_at = etl_add_record(&b, RECORD_SYSTEM64, 0x20 + 0x118 + 6000);
    uint8_t *record = b.data + record_at;
    put_le32(record + 0x20 + 0x2C, 8);
    for (size_t at = 0; at < 6000; at += 2) {
        put_le16(record + 0x20 + 0x118 + at, at == 3000 ? 0 : 0x20AC); /* three bytes each */
    }
    etl_close_buffer(&b);
    put_le16(b.data + 0x36, 4);
    assert_int_equal(logfile_header_read(b.data, b.size, &header, &is_damaged, NULL), ETW_OK);
    assert_int_equal(strlen(header.session_name), 510); /* 170 whole characters */
    assert_int_equal(strlen(header.file_name), 1023);
    etl_done(&b);
}

static void another_first_record_is_no_trace(void **state)
{
    (void)state;
    struct etl_builder b = make_header(&forms[1]);
    struct etw_trace_header header;
    bool is_damaged = false;
    put_le16(b.data + RECORD_AT + 6, 0x0303);
    assert_int_equal(logfile_header_read(b.data, b.size, &header, &is_damaged, NULL),
                     ETW_ERR_NOT_ETL);
    put_le16(b.data + RECORD_AT + 6, 0);
    b.data[RECORD_AT + 2] = 19;
    assert_int_equal(logfile_header_read(b.data, b.size, &header, &is_damaged, NULL),
                     ETW_ERR_NOT_ETL);
    etl_done(&b);
}

static void one_damaged_byte_of_the_buffer_header_is_survived(void **state)
{
    (void)state;
    struct etl_builder b = make_header(&forms[1]);
    for (size_t at = 0; at < RECORD_AT; at++) {
        for (unsigned change = 1; change < 256; change++) {
            struct etw_trace_header header;
            bool is_damaged = false;
            b.data[at] ^= (uint8_t)change;
            assert_int_equal(logfile_header_read(b.data, b.size, &header, &is_damaged, NULL),
                             ETW_OK);
            assert_int_equal(header.os_build, 101);
            b.data[at] ^= (uint8_t)change;
        }
    }
    etl_done(&b);
}

static void random_bytes_never_lead_outside(void **state)
{
    (void)state;
    uint64_t seed = 6;
    for (int round = 0; round < 5000; round++) {
        struct etl_builder b = make_header(&forms[round % 2]);
        struct etw_trace_header header;
        bool is_damaged = false;
        size_t size = 0x178 + random_below(&seed, 300);
        uint8_t *exact = test_malloc(size);
        memcpy(exact, b.data, size);
        for (size_t i = random_below(&seed, 100); i > 0; i--) {
            exact[RECORD_AT + random_below(&seed, size - RECORD_AT)] = (uint8_t)random_next(&seed);
        }
        if (logfile_header_read(exact, size, &header, &is_damaged, NULL) == ETW_OK) {
            assert_true(strlen(header.session_name) < sizeof(header.session_name));
            assert_true(strlen(header.file_name) < sizeof(header.file_name));
            assert_true(header.pointer_size == 4 || header.pointer_size == 8);
        }
        test_free(exact);
        etl_done(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_forms_are_read_field_by_field),
        cmocka_unit_test(every_cut_is_refused_or_said_to_be_damaged),
        cmocka_unit_test(names_too_long_are_cut_and_closed),
        cmocka_unit_test(another_first_record_is_no_trace),
        cmocka_unit_test(one_damaged_byte_of_the_buffer_header_is_survived),
        cmocka_unit_test(random_bytes_never_lead_outside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
