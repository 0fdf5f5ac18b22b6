/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "pcapout/escape.h"
#include "pcapout/json_writer.h"

static void members_and_elements_are_separated_by_commas(void **state)
{
    (void)state;
    struct text text = {0};
    struct json_writer j = json_writer_of(&text);
    json_begin_object(&j, NULL);
    json_u64(&j, "frame", UINT64_MAX);
    json_i64(&j, "bias", -60);
    json_i64(&j, "least", INT64_MIN);
    json_i64(&j, "zero", 0);
    json_begin_array(&j, "list");
    json_u64(&j, NULL, 1);
    json_begin_object(&j, NULL);
    json_end_object(&j);
    json_string(&j, NULL, "x");
    json_end_array(&j);
    json_bool(&j, "yes", true);
    json_null(&j, "owner");
    json_raw(&j, "raw", "{\"a\":1}");
    json_begin_array(&j, "empty");
    json_end_array(&j);
    json_end_object(&j);
    assert_string_equal(text_get(&text),
                        "{\"frame\":18446744073709551615,\"bias\":-60,"
                        "\"least\":-9223372036854775808,\"zero\":0,\"list\":[1,{},\"x\"],"
                        "\"yes\":true,\"owner\":null,\"raw\":{\"a\":1},\"empty\":[]}");
    text_done(&text);
}

struct escape_case {
    const char *value, *expected;
};

static void check_escapes(void (*escape)(struct text *, const char *),
                          const struct escape_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct text text = {0};
        escape(&text, cases[i].value);
        assert_string_equal(text_get(&text), cases[i].expected);
        text_done(&text);
    }
}

#define CHECK(escape, cases) check_escapes(escape, cases, sizeof(cases) / sizeof((cases)[0]))

static void json_strings_are_always_valid(void **state)
{
    (void)state;
    static const struct escape_case cases[] = {
        {"", ""},
        {"plain name", "plain name"},
        {"\"quoted\" back\\slash", "\\\"quoted\\\" back\\\\slash"},
        {"\b\f\n\r\t", "\\b\\f\\n\\r\\t"},
        {"\x01\x1b[31m\x7f", "\\u0001\\u001b[31m\\u007f"},
        {"caf\xC3\xA9 \xF0\x9F\x98\x80", "caf\xC3\xA9 \xF0\x9F\x98\x80"},
        {"\xE2\x80\xAE", "\\u202e"},            /* right-to-left override */
        {"\xC2\x9B", "\\u009b"},                /* C1 control sequence introducer */
        {"\xF3\xA0\x81\x81", "\\udb40\\udc41"}, /* a tag character */
        {"\xED\xA0\x80!", "\\ud800!"},          /* lone surrogate, WTF-8 */
        {"\xED\xB0\x80", "\\udc00"},            /* the other half */
        {"\xFF\xFE", "\xEF\xBF\xBD\xEF\xBF\xBD"},
        {"\xC3", "\xEF\xBF\xBD"},                 /* cut at the end */
        {"\xC0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD"}, /* overlong */
        {"\xE0\x80\xAF", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
        {"\xF4\x90\x80\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
    };
    CHECK(out_escape_json, cases);
}

static void csv_fields_are_quoted_where_needed(void **state)
{
    (void)state;
    static const struct escape_case cases[] = {
        {"", ""},
        {"plain name", "plain name"},
        {"a,b", "\"a,b\""},
        {"say \"x\"", "\"say \"\"x\"\"\""},
        {"two\nlines", "\"two\nlines\""},
        {"\xED\xA0\x80", "\xEF\xBF\xBD"},
    };
    CHECK(out_escape_csv, cases);
}

static void comment_values_become_json_strings_where_needed(void **state)
{
    (void)state;
    static const struct escape_case cases[] = {
        {"INET_EndpointNotFound", "INET_EndpointNotFound"},
        {"caf\xC3\xA9", "caf\xC3\xA9"},
        {"back\\slash", "back\\slash"},
        {"", "\"\""},
        {"two words", "\"two words\""},
        {"a=b", "\"a=b\""},
        {"a\"b", "\"a\\\"b\""},
        {"a\nb", "\"a\\nb\""},
        {"\xE2\x80\xAE", "\"\\u202e\""},
        {"\xFF", "\"\xEF\xBF\xBD\""},
    };
    CHECK(out_escape_comment, cases);
}

static void terminals_get_no_controls_and_no_more_than_fits(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        size_t columns;
        const char *expected;
        size_t used;
    } cases[] = {
        {"plain", 10, "plain", 5},
        {"plain", 5, "plain", 5},
        {"plain", 4, "pla~", 4},
        {"plain", 1, "~", 1},
        {"plain", 0, "", 0},
        {"", 0, "", 0},
        {"\x1b[2J", SIZE_MAX, "\\x1b[2J", 7},
        {"a\x1b", 4, "a~", 2}, /* an escape is not cut in two */
        {"a\xE2\x80\xAE", SIZE_MAX, "a\\u{202e}", 9},
        {"\xED\xA0\x80", SIZE_MAX, "\\u{d800}", 8},
        {"\xFF", SIZE_MAX, "\\xff", 4},
        {"\xE6\xBC\xA2\xE5\xAD\x97", 4, "\xE6\xBC\xA2\xE5\xAD\x97", 4}, /* wide characters */
        {"\xE6\xBC\xA2\xE5\xAD\x97", 3, "\xE6\xBC\xA2~", 3},
        {"e\xCC\x81", 1, "e\xCC\x81", 1}, /* a combining mark takes no column */
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct text text = {0};
        text_add(&text, "");
        assert_int_equal(out_escape_terminal(&text, cases[i].value, cases[i].columns),
                         cases[i].used);
        assert_string_equal(text_get(&text), cases[i].expected);
        text_done(&text);
    }
}

static void clean_names_are_cut_between_characters(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        size_t maximum;
        bool keep_lines;
        const char *expected;
    } cases[] = {
        {"Ethernet", 8, false, "Ethernet"},
        {"Ethernet", 5, false, "Ether"},
        {"caf\xC3\xA9", 4, false, "caf"},
        {"a\nb", 10, true, "a\nb"},
        {"a\nb", 10, false,
         "a\xEF\xBF\xBD"
         "b"},
        {"a\x1b", 10, true, "a\xEF\xBF\xBD"},
        {"\xED\xA0\x80", 10, false, "\xEF\xBF\xBD"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct text text = {0};
        out_clean_utf8(&text, cases[i].value, cases[i].maximum, cases[i].keep_lines);
        assert_string_equal(text_get(&text), cases[i].expected);
        text_done(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_and_elements_are_separated_by_commas),
        cmocka_unit_test(json_strings_are_always_valid),
        cmocka_unit_test(csv_fields_are_quoted_where_needed),
        cmocka_unit_test(comment_values_become_json_strings_where_needed),
        cmocka_unit_test(terminals_get_no_controls_and_no_more_than_fits),
        cmocka_unit_test(clean_names_are_cut_between_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
