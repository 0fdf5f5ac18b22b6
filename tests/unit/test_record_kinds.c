/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "etw/container/extended_items.h"
#include "etw/container/record_kinds.h"
#include "tests/support/etl_builder.h"
#include "tests/support/random.h"

static const enum record_kind readable[] = {
    RECORD_SYSTEM32, RECORD_SYSTEM64,   RECORD_COMPACT32,  RECORD_COMPACT64, RECORD_FULL32,
    RECORD_FULL64,   RECORD_INSTANCE32, RECORD_INSTANCE64, RECORD_MESSAGE,   RECORD_PERFINFO32,
    RECORD_EVENT32,  RECORD_EVENT64,    RECORD_PERFINFO64};
#define READABLE_COUNT (sizeof(readable) / sizeof(readable[0]))

/* Bytes whose value is their place, with the marker and size of `kind`. */
static size_t make_record(uint8_t *to, enum record_kind kind, uint16_t size)
{
    struct etl_builder b = {.buffer_size = 0};
    (void)etl_add_record(&b, kind, size);
    for (unsigned i = 0; i < size; i++) {
        bool is_fixed = b.data[i] != 0 || i == 2 || i == 3 || (i < 8 && kind == RECORD_MESSAGE);
        to[i] = is_fixed ? b.data[i] : (uint8_t)i;
    }
    to[0] = b.data[0]; /* versions and sizes stay what they were */
    to[1] = b.data[1];
    to[4] = b.data[4];
    to[5] = b.data[5];
    etl_done(&b);
    return size;
}

static struct etw_record read_record(const uint8_t *data, uint32_t size, bool *is_read)
{
    struct etw_record record = {
        .thread_id = RECORD_NO_ID, .process_id = RECORD_NO_ID, .ticks = RECORD_NO_TIME};
    enum record_kind kind = record_kind_of_marker(load_u32(data));
    assert_true(kind != 0);
    record.pointer_size = record_kind_rows[kind].pointer_size;
    *is_read = record_kind_rows[kind].read(data, size, &record);
    return record;
}

/* Where the fields stand that all tests of a kind need, by the number in the byte. */
static const struct layout_case {
    enum record_kind kind;
    uint8_t thread_at, ticks_at, provider_at, payload_at, pointer_size; /* 0: none */
} layout_cases[] = {
    {RECORD_SYSTEM32, 0x08, 0x10, 0, 0x20, 4},      {RECORD_SYSTEM64, 0x08, 0x10, 0, 0x20, 8},
    {RECORD_COMPACT32, 0x08, 0x10, 0, 0x18, 4},     {RECORD_COMPACT64, 0x08, 0x10, 0, 0x18, 8},
    {RECORD_PERFINFO32, 0, 0x08, 0, 0x10, 4},       {RECORD_PERFINFO64, 0, 0x08, 0, 0x10, 8},
    {RECORD_FULL32, 0x08, 0x10, 0x18, 0x30, 4},     {RECORD_FULL64, 0x08, 0x10, 0x18, 0x30, 8},
    {RECORD_INSTANCE32, 0x08, 0x10, 0x18, 0x48, 4}, {RECORD_INSTANCE64, 0x08, 0x10, 0x18, 0x48, 8},
    {RECORD_EVENT32, 0x08, 0x10, 0x18, 0x50, 4},    {RECORD_EVENT64, 0x08, 0x10, 0x18, 0x50, 8},
};

static void every_kind_has_its_fields_where_they_belong(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(layout_cases) / sizeof(layout_cases[0]); i++) {
        const struct layout_case *row = &layout_cases[i];
        uint8_t data[0x70];
        bool is_read = false;
        size_t size = make_record(data, row->kind, sizeof(data));
        put_le16(data + (record_kind_rows[row->kind].size_at ? 0 : 4), 0); /* version or flags */
        struct etw_record record = read_record(data, (uint32_t)size, &is_read);
        assert_true(is_read);
        assert_int_equal(record.pointer_size, row->pointer_size);
        assert_ptr_equal(record.payload.data, data + row->payload_at);
        assert_int_equal(record.payload.size, sizeof(data) - row->payload_at);
        assert_true((uint64_t)record.ticks == load_u64(data + row->ticks_at));
        uint32_t thread = row->thread_at ? load_u32(data + row->thread_at) : RECORD_NO_ID;
        uint32_t process = row->thread_at ? load_u32(data + row->thread_at + 4) : RECORD_NO_ID;
        assert_int_equal(record.thread_id, thread);
        assert_int_equal(record.process_id, process);
        if (row->provider_at) {
            assert_ptr_equal(record.provider, data + row->provider_at);
        }
    }
}

static void an_event_has_its_descriptor(void **state)
{
    (void)state;
    uint8_t data[0x58];
    bool is_read = false;
    size_t size = make_record(data, RECORD_EVENT64, sizeof(data));
    put_le16(data + 4, 0x0010);
    struct etw_record record = read_record(data, (uint32_t)size, &is_read);
    assert_true(is_read);
    assert_int_equal(record.flags, 0x0010);
    assert_int_equal(record.id, 0x2928);
    assert_int_equal(record.version, 0x2A);
    assert_int_equal(record.channel, 0x2B);
    assert_int_equal(record.level, 0x2C);
    assert_int_equal(record.opcode, 0x2D);
    assert_int_equal(record.task, 0x2F2E);
    assert_true(record.keywords == UINT64_C(0x3736353433323130));
}

static void classic_and_kernel_records_have_opcode_and_version(void **state)
{
    (void)state;
    uint8_t data[0x50];
    bool is_read = false;
    size_t size = make_record(data, RECORD_FULL64, sizeof(data));
    data[4] = 11;
    data[5] = 4;
    put_le16(data + 6, 0x0103);
    struct etw_record record = read_record(data, (uint32_t)size, &is_read);
    assert_int_equal(record.opcode, 11);
    assert_int_equal(record.level, 4);
    assert_int_equal(record.version, 3);
    size = make_record(data, RECORD_SYSTEM64, sizeof(data));
    put_le16(data, 4);
    data[6] = 0x0A;
    data[7] = 0x06;
    record = read_record(data, (uint32_t)size, &is_read);
    assert_int_equal(record.opcode, 0x0A);
    assert_int_equal(record.group, 0x06);
    assert_int_equal(record.version, 4);
    /* TcpIp: 9a280ac0-c8e0-11d1-84e2-00c04fb998a2 */
    const uint8_t tcpip[16] = {0xc0, 0x0a, 0x28, 0x9a, 0xe0, 0xc8, 0xd1, 0x11,
                               0x84, 0xe2, 0x00, 0xc0, 0x4f, 0xb9, 0x98, 0xa2};
    assert_memory_equal(record.provider, tcpip, sizeof(tcpip));
}

static void a_record_smaller_than_its_header_is_none(void **state)
{
    (void)state;
    for (size_t i = 0; i < READABLE_COUNT; i++) {
        const struct record_kind_row *row = &record_kind_rows[readable[i]];
        uint8_t data[0x60];
        enum record_kind kind;
        (void)make_record(data, readable[i], sizeof(data));
        for (size_t size = 0; size < sizeof(data); size++) {
            put_le16(data + row->size_at, (uint16_t)size);
            assert_int_equal(record_size(data, sizeof(data), &kind),
                             size < row->header_size ? 0 : size);
        }
        put_le16(data + row->size_at, row->header_size);
        for (size_t left = 8; left < row->header_size; left++) {
            assert_int_equal(record_size(data, left, &kind), 0);
        }
    }
}

static void every_size_from_the_header_on_stays_inside_the_record(void **state)
{
    (void)state;
    for (size_t i = 0; i < READABLE_COUNT; i++) {
        uint32_t smallest = record_kind_rows[readable[i]].header_size;
        for (uint32_t size = smallest; size < 0x70; size++) {
            uint8_t bytes[0x70];
            bool is_read = false;
            (void)make_record(bytes, readable[i], (uint16_t)size);
            for (unsigned flags = 0; flags < 256; flags++) {
                uint8_t *exact = test_malloc(size); /* a read behind it is seen */
                memcpy(exact, bytes, size);
                exact[readable[i] == RECORD_MESSAGE ? 6 : 5] = (uint8_t)flags;
                if (record_kind_rows[readable[i]].size_at == 4) {
                    exact[1] = (uint8_t)flags;
                }
                struct etw_record record = read_record(exact, size, &is_read);
                assert_true(!is_read || record.payload.data + record.payload.size <= exact + size);
                test_free(exact);
            }
        }
    }
}

static void counters_before_the_payload_are_left_out_of_it(void **state)
{
    (void)state;
    static const enum record_kind kinds[] = {RECORD_SYSTEM64, RECORD_COMPACT64, RECORD_PERFINFO64};
    for (size_t k = 0; k < 3; k++) {
        uint32_t header_size = record_kind_rows[kinds[k]].header_size;
        for (uint32_t bits = 0; bits < 256; bits++) {
            uint32_t extra = 8 * ((bits & 7) + (bits >> 7));
            uint8_t data[0x80];
            bool is_read = false;
            uint32_t size = header_size + 30;
            (void)make_record(data, kinds[k], (uint16_t)size);
            put_le16(data, (uint16_t)(bits << 8 | 5));
            struct etw_record record = read_record(data, size, &is_read);
            assert_int_equal(is_read, extra <= 30);
            if (is_read) {
                assert_int_equal(record.version, 5);
                assert_ptr_equal(record.payload.data, data + header_size + extra);
                assert_int_equal(record.payload.size, 30 - extra);
            }
        }
    }
}

static void message_parts_follow_their_flags(void **state)
{
    (void)state;
    for (unsigned flags = 0; flags < 256; flags++) {
        uint8_t data[0x60] = {0};
        bool is_read = false;
        size_t at = 8;
        (void)make_record(data, RECORD_MESSAGE, sizeof(data));
        put_le16(data + 4, 1234);
        put_le16(data + 6, (uint16_t)flags);
        at += flags & 0x01 ? 4 : 0;
        const uint8_t *guid = (flags & 0x06) == 0x02 ? data + at : NULL;
        at += flags & 0x04 ? 4 : flags & 0x02 ? 16 : 0;
        int64_t ticks = flags & 0x18 ? (int64_t)load_u64(data + at) : RECORD_NO_TIME;
        at += flags & 0x18 ? 8 : 0;
        uint32_t thread = flags & 0x20 ? load_u32(data + at) : RECORD_NO_ID;
        uint32_t process = flags & 0x20 ? load_u32(data + at + 4) : RECORD_NO_ID;
        at += flags & 0x20 ? 8 : 0;
        struct etw_record record = read_record(data, sizeof(data), &is_read);
        assert_true(is_read);
        assert_int_equal(record.id, 1234);
        assert_ptr_equal(record.provider, guid);
        assert_true(record.ticks == ticks);
        assert_int_equal(record.thread_id, thread);
        assert_int_equal(record.process_id, process);
        assert_int_equal(record.pointer_size, flags & 0x40 ? 4 : 8);
        assert_ptr_equal(record.payload.data, data + at);
        for (uint32_t size = 8; size < at; size++) {
            (void)read_record(data, size, &is_read);
            assert_false(is_read);
        }
    }
}

static void only_known_markers_are_records(void **state)
{
    (void)state;
    for (uint32_t top = 0; top < 0x10000; top++) {
        enum record_kind kind = record_kind_of_marker(top << 16 | 0x50);
        uint32_t number = top & 0xFF;
        enum record_kind expected = (enum record_kind)0;
        if (top >> 8 == 0xC0 && ((number >= 1 && number <= 4) || (number >= 10 && number <= 21)) &&
            number != 15) {
            expected = (enum record_kind)number;
        } else if (top == 0x9000) {
            expected = RECORD_MESSAGE;
        } else if (top >> 8 == 0xB0) {
            expected = RECORD_ULONG32_TIME;
        }
        assert_int_equal(kind, expected);
    }
}

static void every_kind_has_a_name(void **state)
{
    (void)state;
    for (size_t i = 0; i < READABLE_COUNT; i++) {
        assert_non_null(record_kind_name(readable[i]));
    }
}

/* ---- extended items ---- */

static size_t add_item(uint8_t *to, uint16_t type, uint16_t data_size, bool has_next)
{
    size_t total = 8 + ((data_size + 7u) & ~7u);
    put_le16(to, (uint16_t)total);
    put_le16(to + 2, type);
    put_le16(to + 4, has_next);
    put_le16(to + 6, data_size);
    memset(to + 8, type, total - 8);
    return total;
}

/* All orders of four kinds of item, and all shorter lists. */
static void items_are_found_in_any_order_and_the_payload_behind_them(void **state)
{
    (void)state;
    static const uint16_t types[4] = {1, 6, 11, 12};
    static const uint16_t sizes[4] = {16, 40, 33, 1};
    for (unsigned order = 1; order < 5 * 5 * 5 * 5; order++) {
        uint8_t data[0x50 + 400];
        unsigned list[4];
        unsigned count = 0;
        size_t size = 0x50;
        bool is_read = false;
        for (unsigned rest = order; rest > 0 && rest % 5 > 0; rest /= 5) {
            list[count++] = rest % 5 - 1;
        }
        (void)make_record(data, RECORD_EVENT64, 0x50);
        put_le16(data + 4, count > 0);
        for (unsigned i = 0; i < count; i++) {
            size += add_item(data + size, types[list[i]], sizes[list[i]], i + 1 < count);
        }
        memcpy(data + size, "payload", 7);
        struct etw_record record = read_record(data, (uint32_t)size + 7, &is_read);
        struct extended_item item;
        assert_true(is_read);
        assert_int_equal(record.payload.size, 7);
        assert_memory_equal(record.payload.data, "payload", 7);
        for (unsigned i = 0; i < count; i++) {
            assert_true(extended_items_next(&record.extended, &item));
            assert_int_equal(item.type, types[list[i]]);
            assert_int_equal(item.data.size, sizes[list[i]]);
            assert_int_equal(item.data.data[0], item.type);
        }
        assert_false(extended_items_next(&record.extended, &item));
    }
}

static const struct hostile_case {
    const char *name;
    uint16_t total, linkage, data_size;
} hostile_cases[] = {
    {"total 0", 0, 0, 0},
    {"total 7", 7, 0, 0},
    {"total 0, linked", 0, 1, 0},
    {"total behind the end", 0x100, 0, 0},
    {"total largest", 0xFFFF, 0, 0},
    {"data larger than total", 16, 0, 9},
    {"data largest", 16, 0, 0xFFFF},
    {"always linked", 8, 1, 0},
};

static void hostile_items_make_a_damaged_record(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(hostile_cases) / sizeof(hostile_cases[0]); i++) {
        uint8_t data[0x50 + 64];
        bool is_read = true;
        (void)make_record(data, RECORD_EVENT64, sizeof(data));
        put_le16(data + 4, 1);
        for (size_t at = 0x50; at + 8 <= sizeof(data); at += 8) {
            put_le16(data + at, hostile_cases[i].total);
            put_le16(data + at + 4, hostile_cases[i].linkage);
            put_le16(data + at + 6, hostile_cases[i].data_size);
        }
        (void)read_record(data, sizeof(data), &is_read);
        if (is_read) {
            fail_msg("accepted: %s", hostile_cases[i].name);
        }
    }
}

static void every_truncation_of_the_items_is_noticed(void **state)
{
    (void)state;
    uint8_t data[0x50 + 100];
    size_t size = 0x50;
    bool is_read = true;
    (void)make_record(data, RECORD_EVENT32, 0x50);
    put_le16(data + 4, 1);
    size += add_item(data + size, 6, 24, true);
    size += add_item(data + size, 12, 5, false);
    for (size_t cut = 0x50; cut < size; cut++) {
        (void)read_record(data, (uint32_t)cut, &is_read);
        assert_false(is_read);
    }
    (void)read_record(data, (uint32_t)size, &is_read);
    assert_true(is_read);
}

static void random_items_never_lead_outside(void **state)
{
    (void)state;
    uint64_t seed = 8;
    for (int round = 0; round < 50000; round++) {
        size_t size = random_below(&seed, 80);
        uint8_t *exact = test_malloc(size + 1);
        for (size_t i = 0; i < size; i++) {
            exact[i + 1] = (uint8_t)random_below(&seed, i % 2 ? 2 : 32);
        }
        struct bytes b = bytes_of(exact + 1, size);
        struct bytes items = extended_items_take(&b);
        struct extended_item item;
        while (!items.failed && extended_items_next(&items, &item)) {
            assert_true(item.data.data + item.data.size <= exact + 1 + size);
        }
        /* Also on bytes that were not looked at before. */
        items = bytes_of(exact + 1, size);
        while (extended_items_next(&items, &item)) {
            assert_true(item.data.data + item.data.size <= exact + 1 + size);
        }
        test_free(exact);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_has_its_fields_where_they_belong),
        cmocka_unit_test(an_event_has_its_descriptor),
        cmocka_unit_test(classic_and_kernel_records_have_opcode_and_version),
        cmocka_unit_test(a_record_smaller_than_its_header_is_none),
        cmocka_unit_test(every_size_from_the_header_on_stays_inside_the_record),
        cmocka_unit_test(counters_before_the_payload_are_left_out_of_it),
        cmocka_unit_test(message_parts_follow_their_flags),
        cmocka_unit_test(only_known_markers_are_records),
        cmocka_unit_test(every_kind_has_a_name),
        cmocka_unit_test(items_are_found_in_any_order_and_the_payload_behind_them),
        cmocka_unit_test(hostile_items_make_a_damaged_record),
        cmocka_unit_test(every_truncation_of_the_items_is_noticed),
        cmocka_unit_test(random_items_never_lead_outside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
