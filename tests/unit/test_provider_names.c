/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "etw/provider_names.h"
#include "etw/providers/provider_names_table.h"

static struct guid parse(const char *text)
{
    struct guid guid;
    assert_true(guid_parse(text, &guid));
    return guid;
}

static void the_table_ascends_without_duplicates(void **state)
{
    (void)state;
    assert_true(provider_names_count > 900);
    for (size_t i = 1; i < provider_names_count; i++) {
        assert_true(memcmp(provider_names_table[i - 1].guid.bytes,
                           provider_names_table[i].guid.bytes, sizeof(struct guid)) < 0);
    }
}

static void names_are_printable_and_trimmed(void **state)
{
    (void)state;
    for (size_t i = 0; i < provider_names_count; i++) {
        const char *name = provider_names_table[i].name;
        size_t size = strlen(name);
        assert_true(size > 0 && name[0] != ' ' && name[size - 1] != ' ');
        for (size_t k = 0; k < size; k++) {
            assert_true(name[k] >= ' ' && name[k] <= '~');
        }
    }
}

static void every_row_is_found_by_its_guid_and_its_name(void **state)
{
    (void)state;
    for (size_t i = 0; i < provider_names_count; i++) {
        const struct provider_name_row *row = &provider_names_table[i];
        struct guid found;
        assert_string_equal(etw_provider_name(&row->guid), row->name);
        assert_true(etw_provider_find(row->name, &found));
        assert_string_equal(etw_provider_name(&found), row->name); /* a few share a name */
    }
}

static void well_known_names_are_right(void **state)
{
    (void)state;
    static const char *const expected[][2] = {
        {"2ed6006e-4729-4609-b423-3ee7bcd678ef", "Microsoft-Windows-NDIS-PacketCapture"},
        {"4d4f80d9-c8bd-4d73-bb5b-19c90402c5ac", "Microsoft-Windows-PktMon"},
        {"2f07e2ee-15db-40f1-90ef-9d7ba282188a", "Microsoft-Windows-TCPIP"},
        {"e53c6823-7bb8-44bb-90dc-3f86090d48a6", "Microsoft-Windows-Winsock-AFD"},
        {"68fdd900-4a3e-11d1-84f4-0000f80464e3", "EventTrace"},
        {"3d6fa8d0-fe05-11d0-9dda-00c04fd7ba7c", "Process"},
        {"9a280ac0-c8e0-11d1-84e2-00c04fb998a2", "TcpIp"},
        {"9b79ee91-b5fd-41c0-a243-4248e266e9d0", "SystemConfigEx"},
        {"bbccf6c1-6cd1-48c4-80ff-839482e37671", "EventMetadata"},
    };
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
        struct guid guid = parse(expected[i][0]);
        assert_string_equal(etw_provider_name(&guid), expected[i][1]);
    }
}

static void names_are_found_in_any_case(void **state)
{
    (void)state;
    struct guid expected = parse("4d4f80d9-c8bd-4d73-bb5b-19c90402c5ac");
    struct guid found;
    assert_true(etw_provider_find("MICROSOFT-windows-pktMON", &found));
    assert_true(guid_equal(&found, &expected));
}

static void the_unknown_is_not_found(void **state)
{
    (void)state;
    struct guid nobody = parse("00000000-0000-0000-0000-000000000000");
    struct guid untouched = nobody;
    assert_null(etw_provider_name(&nobody));
    assert_false(etw_provider_find("Microsoft-Windows-PktMo", &untouched));
    assert_false(etw_provider_find("Microsoft-Windows-PktMon2", &untouched));
    assert_false(etw_provider_find("", &untouched));
    assert_true(guid_equal(&untouched, &nobody));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_ascends_without_duplicates),
        cmocka_unit_test(names_are_printable_and_trimmed),
        cmocka_unit_test(every_row_is_found_by_its_guid_and_its_name),
        cmocka_unit_test(well_known_names_are_right),
        cmocka_unit_test(names_are_found_in_any_case),
        cmocka_unit_test(the_unknown_is_not_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
