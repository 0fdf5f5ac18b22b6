/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "etw/base/guid.h"

static const struct guid known =
    GUID_OF(0x2ed6006e, 0x4729, 0x4609, 0xb4, 0x23, 0x3e, 0xe7, 0xbc, 0xd6, 0x78, 0xef);
static const char known_text[] = "2ed6006e-4729-4609-b423-3ee7bcd678ef";

static void a_constant_is_stored_in_windows_order(void **state)
{
    (void)state;
    const uint8_t expected[16] = {0x6e, 0x00, 0xd6, 0x2e, 0x29, 0x47, 0x09, 0x46,
                                  0xb4, 0x23, 0x3e, 0xe7, 0xbc, 0xd6, 0x78, 0xef};
    assert_memory_equal(known.bytes, expected, 16);
}

static void the_text_form_is_the_usual_one(void **state)
{
    (void)state;
    char text[GUID_TEXT_SIZE];
    guid_format(&known, text);
    assert_string_equal(text, known_text);
}

static void upper_case_and_braces_are_read(void **state)
{
    (void)state;
    static const char *const forms[] = {known_text, "2ED6006E-4729-4609-B423-3EE7BCD678EF",
                                        "{2ed6006e-4729-4609-b423-3ee7bcd678ef}",
                                        "{2ED6006E-4729-4609-b423-3EE7BCD678EF}"};
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        struct guid guid = {{0}};
        assert_true(guid_parse(forms[i], &guid));
        assert_true(guid_equal(&guid, &known));
    }
}

static void what_is_no_guid_is_refused_and_changes_nothing(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",
        "{",
        "{}",
        "2ed6006e-4729-4609-b423-3ee7bcd678e",
        "2ed6006e-4729-4609-b423-3ee7bcd678eff",
        "2ed6006e-4729-4609-b423-3ee7bcd678eg",
        "2ed6006e4729-4609-b423-3ee7bcd678ef",
        "2ed6006e-4729-4609-b4233ee7bcd678ef",
        "2ed6006e--729-4609-b423-3ee7bcd678ef",
        "{2ed6006e-4729-4609-b423-3ee7bcd678ef",
        "2ed6006e-4729-4609-b423-3ee7bcd678ef}",
        "{2ed6006e-4729-4609-b423-3ee7bcd678ef} ",
        " 2ed6006e-4729-4609-b423-3ee7bcd678ef",
        ("\x12"
         "ed6006e-4729-4609-b423-3ee7bcd678ef"),
    };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct guid guid = known;
        if (guid_parse(wrong[i], &guid) || !guid_equal(&guid, &known)) {
            fail_msg("accepted: %s", wrong[i]);
        }
    }
}

static void every_truncation_of_the_text_is_refused(void **state)
{
    (void)state;
    for (size_t size = 0; size < strlen(known_text); size++) {
        char cut[GUID_TEXT_SIZE];
        struct guid guid;
        (void)snprintf(cut, sizeof(cut), "%.*s", (int)size, known_text);
        assert_false(guid_parse(cut, &guid));
    }
}

static void every_byte_survives_the_way_to_text_and_back(void **state)
{
    (void)state;
    for (int i = 0; i < 16; i++) {
        for (int value = 0; value < 256; value++) {
            struct guid guid = known;
            struct guid back = {{0}};
            char text[GUID_TEXT_SIZE];
            guid.bytes[i] = (uint8_t)value;
            guid_format(&guid, text);
            assert_true(guid_parse(text, &back));
            assert_true(guid_equal(&guid, &back));
        }
    }
}

static void a_cut_guid_reads_as_zero(void **state)
{
    (void)state;
    struct guid zero = {{0}};
    struct bytes b = bytes_of(known.bytes, 15);
    struct guid guid = bytes_guid(&b);
    assert_true(b.failed);
    assert_true(guid_equal(&guid, &zero));
    b = bytes_of(known.bytes, 16);
    guid = bytes_guid(&b);
    assert_false(b.failed);
    assert_true(guid_equal(&guid, &known));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_constant_is_stored_in_windows_order),
        cmocka_unit_test(the_text_form_is_the_usual_one),
        cmocka_unit_test(upper_case_and_braces_are_read),
        cmocka_unit_test(what_is_no_guid_is_refused_and_changes_nothing),
        cmocka_unit_test(every_truncation_of_the_text_is_refused),
        cmocka_unit_test(every_byte_survives_the_way_to_text_and_back),
        cmocka_unit_test(a_cut_guid_reads_as_zero),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
