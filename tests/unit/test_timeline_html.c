/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "pcapout/escape.h"
#include "pcapout/timeline_page.h"
#include "pcapout/timeline_rows.h"

/* ---- JSON in an element ---- */

static void no_character_of_html_is_left_in_json(void **state)
{
    (void)state;
    static const struct {
        const char *json, *expected;
    } cases[] = {
        {"", ""},
        {"{\"a\":1}", "{\"a\":1}"},
        {"<", "\\u003c"},
        {"\"</script>\"", "\"\\u003c/script\\u003e\""},
        {"\"<!--<b>&amp;-->\"", "\"\\u003c!--\\u003cb\\u003e\\u0026amp;--\\u003e\""},
        {"\"a\\\\<\"", "\"a\\\\\\u003c\""},
        {"\"\xC3\xA9<\xE2\x82\xAC\"", "\"\xC3\xA9\\u003c\xE2\x82\xAC\""},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct text text = {0};
        text_add(&text, "<p>");
        text_add(&text, cases[i].json);
        out_escape_json_in_html(&text, 3);
        assert_memory_equal(text_get(&text), "<p>", 3);
        assert_string_equal(text_get(&text) + 3, cases[i].expected);
        assert_int_equal(text.size, strlen(text_get(&text)));
        text_done(&text);
    }
}

static void escaping_beyond_the_maximum_fails(void **state)
{
    (void)state;
    struct text text = {.maximum = 8};
    text_add(&text, "<<<");
    out_escape_json_in_html(&text, 0);
    assert_true(text.failed);
    text_done(&text);
}

/* ---- pages ---- */

struct page {
    struct corr_ledger *ledger;
    struct out_file *file;
    struct out_timeline_rows *rows;
};

static void begin_page(struct page *page)
{
    const struct corr_ledger_options ledger_options = {0};
    struct etw_error error;
    *page = (struct page){0};
    assert_int_equal(corr_ledger_new(&ledger_options, &page->ledger, &error), ETW_OK);
    assert_int_equal(corr_ledger_finish(page->ledger, &error), ETW_OK);
    assert_int_equal(out_file_open_memory(&page->file, &error), ETW_OK);
    const struct out_timeline_options options = {
        .is_html = true,
        .ledger = page->ledger,
        .title = "</script><b>\xE2\x80\xA8&.etl",
        .trace_json = "{\"file\":\"<i>.etl\"}",
    };
    assert_int_equal(out_timeline_rows_new(page->file, &options, &page->rows, &error), ETW_OK);
}

static void add_rows(struct page *page, size_t count)
{
    struct etw_error error;
    for (size_t i = 0; i < count; i++) {
        struct corr_step step = {.layer = CORR_STEP_WIRE,
                                 .what = CORR_STEP_PACKET,
                                 .count = 1,
                                 .frame = i + 1,
                                 .time = INT64_C(130021000000000000) + (int64_t)i};
        step.socket = step.process = CORR_NO_ROW;
        assert_int_equal(out_timeline_rows_step(page->rows, &step, &error), ETW_OK);
    }
}

/* The whole page as a string, to be freed. */
static char *end_page(struct page *page)
{
    struct etw_error error;
    size_t size = 0;
    assert_int_equal(out_timeline_rows_finish(page->rows, NULL, NULL, &error), ETW_OK);
    const uint8_t *bytes = out_file_get_memory(page->file, &size);
    char *text = malloc(size + 1);
    assert_non_null(text);
    memcpy(text, bytes, size);
    text[size] = '\0';
    assert_int_equal(strlen(text), size);
    out_timeline_rows_free(page->rows);
    out_file_abort(page->file);
    corr_ledger_free(page->ledger);
    return text;
}

/* Not by strstr: a sanitizer has it measure the whole text each time. */
static size_t count_of(const char *text, const char *part)
{
    size_t count = 0;
    for (const char *at = strchr(text, part[0]); at; at = strchr(at + 1, part[0])) {
        count += strncmp(at, part, strlen(part)) == 0;
    }
    return count;
}

static void names_of_the_trace_cannot_end_their_element(void **state)
{
    (void)state;
    struct page page;
    begin_page(&page);
    add_rows(&page, 2);
    char *text = end_page(&page);
    assert_non_null(strstr(text,
                           "id=\"data-trace\">{\"title\":\"\\u003c/script\\u003e\\u003cb\\u003e"
                           "\\u2028\\u0026.etl\",\"trace\":{\"file\":\"\\u003ci\\u003e.etl\"}}"
                           "</script>"));
    /* three elements of data and the script */
    assert_int_equal(count_of(text, "<script"), 4);
    assert_int_equal(count_of(text, "</script>"), 4);
    free(text);
}

static void a_page_without_rows_is_whole(void **state)
{
    (void)state;
    struct page page;
    begin_page(&page);
    char *text = end_page(&page);
    assert_memory_equal(text, "<!DOCTYPE html>", 15);
    assert_non_null(strstr(text, "id=\"data-rows\">[\n]</script>"));
    assert_non_null(strstr(text, "{\"rows\":0,\"rows_left_out\":0,\"connections_left_out\":0,"
                                 "\"sockets\":[\n],\"without_socket\":[\n]}</script>"));
    assert_string_equal(text + strlen(text) - 8, "</html>\n");
    free(text);
}

static void rows_beyond_the_limit_are_counted(void **state)
{
    (void)state;
    struct page page;
    begin_page(&page);
    add_rows(&page, TIMELINE_PAGE_ROWS + 3);
    char *text = end_page(&page);
    assert_int_equal(count_of(text, "\n{\"time\":"), TIMELINE_PAGE_ROWS);
    assert_non_null(strstr(text, "\"frame\":50000,"));
    assert_null(strstr(text, "\"frame\":50001,"));
    assert_non_null(strstr(text, "{\"rows\":50003,\"rows_left_out\":3,"));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_character_of_html_is_left_in_json),
        cmocka_unit_test(escaping_beyond_the_maximum_fails),
        cmocka_unit_test(names_of_the_trace_cannot_end_their_element),
        cmocka_unit_test(a_page_without_rows_is_whole),
        cmocka_unit_test(rows_beyond_the_limit_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
