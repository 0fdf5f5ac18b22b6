/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "etw/provider_counts.h"
#include "tests/support/etl_builder.h"
#include "tests/support/random.h"

static struct etw_provider_row *count(struct provider_counts *counts, const uint8_t *guid)
{
    struct etw_record record = {.class_of = RECORD_IS_MANIFEST, .provider = guid};
    struct etw_provider_row *row = provider_counts_of(counts, &record);
    if (row) {
        row->events++;
    }
    return row;
}

static void rows_come_in_order_of_first_appearance(void **state)
{
    (void)state;
    uint64_t seed = 1;
    static uint64_t expected[1000];
    struct provider_counts counts = {0};
    for (uint32_t i = 0; i < 1000; i++) {
        uint8_t guid[16] = {0xAA};
        put_le32(guid + 4, i);
        assert_non_null(count(&counts, guid));
        expected[i] = 1;
    }
    for (int i = 0; i < 100000; i++) {
        uint8_t guid[16] = {0xAA};
        uint32_t number = (uint32_t)random_below(&seed, 1000);
        put_le32(guid + 4, number);
        assert_non_null(count(&counts, guid));
        expected[number]++;
    }
    assert_int_equal(counts.count, 1000);
    for (uint32_t i = 0; i < 1000; i++) {
        assert_int_equal(load_u32(counts.rows[i].guid.bytes + 4), i);
        assert_int_equal(counts.rows[i].events, expected[i]);
        const struct guid guid = counts.rows[i].guid;
        assert_ptr_equal(provider_counts_find(&counts, &guid), &counts.rows[i]);
    }
    provider_counts_done(&counts);
}

static void records_without_a_provider_share_a_row(void **state)
{
    (void)state;
    static const struct guid zero;
    struct provider_counts counts = {0};
    assert_null(provider_counts_find(&counts, &zero));
    assert_non_null(count(&counts, NULL));
    assert_non_null(count(&counts, NULL));
    assert_int_equal(counts.count, 1);
    assert_int_equal(provider_counts_find(&counts, &zero)->events, 2);
    provider_counts_done(&counts);
}

static void known_providers_have_their_names(void **state)
{
    (void)state;
    static const struct guid ndis =
        GUID_OF(0x2ed6006e, 0x4729, 0x4609, 0xb4, 0x23, 0x3e, 0xe7, 0xbc, 0xd6, 0x78, 0xef);
    struct provider_counts counts = {0};
    assert_string_equal(count(&counts, ndis.bytes)->name, "Microsoft-Windows-NDIS-PacketCapture");
    const uint8_t unknown[16] = {1};
    assert_null(count(&counts, unknown)->name);
    provider_counts_done(&counts);
}

static void invented_providers_are_bounded(void **state)
{
    (void)state;
    struct provider_counts counts = {0};
    for (uint32_t i = 0; i < PROVIDER_COUNT_MAXIMUM + 100; i++) {
        uint8_t guid[16] = {0};
        put_le32(guid, i + 1);
        assert_int_equal(count(&counts, guid) != NULL, i < PROVIDER_COUNT_MAXIMUM);
    }
    const uint8_t first[16] = {1};
    assert_non_null(count(&counts, first)); /* those that are known go on */
    assert_int_equal(counts.count, PROVIDER_COUNT_MAXIMUM);
    provider_counts_done(&counts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_come_in_order_of_first_appearance),
        cmocka_unit_test(records_without_a_provider_share_a_row),
        cmocka_unit_test(known_providers_have_their_names),
        cmocka_unit_test(invented_providers_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
