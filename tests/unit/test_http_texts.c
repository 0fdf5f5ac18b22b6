/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "correlate/http_texts.h"

#define COUNT_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

static struct bytes of_text(const char *text)
{
    return bytes_of(text, strlen(text));
}

static struct http_texts ask(const char *method, const char *url)
{
    struct http_texts texts = {.line = ""};
    struct bytes first = of_text(method);
    struct bytes second = of_text(url);
    assert_true(http_set_request(&texts, &first, &second, false));
    return texts;
}

static void a_request_is_its_method_and_path_and_its_host_stands_apart(void **state)
{
    (void)state;
    static const struct {
        const char *method, *url, *line, *host;
    } cases[] = {
        {"GET", "http://www.example.com:80/a?b=c", "GET /a?b=c", "www.example.com"},
        {"POST", "https://www.example.com:443/", "POST /", "www.example.com"},
        {"GET", "http://www.example.com:443/", "GET /", "www.example.com:443"},
        {"GET", "http://www.example.com", "GET /", "www.example.com"},
        {"GET", "http://[2001:db8::1]:80/x", "GET /x", "[2001:db8::1]"},
        {"GET", "http://a.example?q", "GET ?q", "a.example"},
        {"GET", "/only/a/path", "GET /only/a/path", ""},
        {"GET", "path?u=http://b.example/", "GET path?u=http://b.example/", ""},
        {"", "http://a.example/x", "/x", "a.example"},
        {"GET", "", "GET /", ""},
        {"", "://", "/", ""},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct http_texts texts = ask(cases[i].method, cases[i].url);
        assert_string_equal(texts.line, cases[i].line);
        assert_string_equal(texts.host, cases[i].host);
    }
}

static void wide_urls_become_utf8(void **state)
{
    (void)state;
    static const uint8_t url[] = {'/', 0, 0xE4, 0, 'x', 0};
    struct http_texts texts = {.line = ""};
    struct bytes method = of_text("GET");
    struct bytes wide = bytes_of(url, sizeof(url));
    assert_true(http_set_request(&texts, &method, &wide, true));
    assert_string_equal(texts.line, "GET /\xC3\xA4x");
}

static void headers_say_what_the_request_does_not(void **state)
{
    (void)state;
    struct http_texts texts = {.line = ""};
    struct bytes headers =
        of_text("GET /x y HTTP/1.1\r\nAccept: */*\r\nhOsT:  www.example.com\r\nHost: other\r\n");
    http_add_headers(&texts, &headers);
    assert_string_equal(texts.line, "GET /x y");
    assert_string_equal(texts.host, "www.example.com");
    struct bytes others = of_text("PUT /z HTTP/1.1\r\nHost: b.example\r\n\r\n");
    http_add_headers(&texts, &others);
    assert_string_equal(texts.line, "GET /x y");
    assert_string_equal(texts.host, "www.example.com");
}

static void what_is_no_request_line_is_none(void **state)
{
    (void)state;
    static const char *const cases[] = {"",     "GET",      "GET /x", "GET /x FTP/1.1", "HTTP/1.1",
                                        " HTT", "\r\nHost", "Host: ", "host:"};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct http_texts texts = {.line = ""};
        struct bytes headers = of_text(cases[i]);
        http_add_headers(&texts, &headers);
        assert_string_equal(texts.line, "");
        assert_string_equal(texts.host, "");
    }
}

static void a_status_line_has_its_number(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        uint32_t status;
    } cases[] = {
        {"HTTP/1.1 200 OK\r\n", 200},
        {"HTTP/2 404", 404},
        {"HTTP/1.0 999", 999},
        {"HTTP/1.1 099", 0},
        {"HTTP/1.1 2x0", 0},
        {"HTTP/1.1 20", 0},
        {"HTTP/1.1", 0},
        {"GET / HTTP/1.1", 0},
        {"", 0},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct bytes headers = of_text(cases[i].line);
        assert_int_equal(http_status_of(&headers), cases[i].status);
    }
}

/* Copies of exactly the size, so that a sanitizer sees one byte too many. */
static void every_cut_of_the_headers_is_harmless(void **state)
{
    (void)state;
    static const char whole[] = "GET /x HTTP/1.1\r\nHost: www.example.com\r\n\r\n";
    for (size_t size = 0; size < sizeof(whole); size++) {
        struct http_texts texts = {.line = ""};
        char *copy = malloc(size ? size : 1);
        assert_non_null(copy);
        memcpy(copy, whole, size);
        struct bytes headers = bytes_of(copy, size);
        http_add_headers(&texts, &headers);
        (void)http_status_of(&headers);
        assert_true(texts.line[0] == '\0' || strcmp(texts.line, "GET /x") == 0);
        free(copy);
    }
}

static void long_texts_end_in_dots_and_whole_characters(void **state)
{
    (void)state;
    char url[CORR_HTTP_LINE * 3];
    for (size_t offset = 0; offset < 3; offset++) {
        memset(url, 'a', offset);
        for (size_t i = offset; i + 1 < sizeof(url); i++) {
            url[i] = (i - offset) % 2 ? '\xA4' : '\xC3';
        }
        url[sizeof(url) - 1] = '\0';
        struct http_texts texts = ask("GET", url);
        size_t size = strlen(texts.line);
        assert_true(size < CORR_HTTP_LINE && size > CORR_HTTP_LINE - 8);
        assert_string_equal(texts.line + size - 3, "...");
        assert_int_equal((uint8_t)texts.line[size - 4], 0xA4);
    }
    char exact[8];
    http_copy_cut(exact, sizeof(exact), "1234567", 7);
    assert_string_equal(exact, "1234567");
    http_copy_cut(exact, sizeof(exact), "12345678", 8);
    assert_string_equal(exact, "1234...");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_is_its_method_and_path_and_its_host_stands_apart),
        cmocka_unit_test(wide_urls_become_utf8),
        cmocka_unit_test(headers_say_what_the_request_does_not),
        cmocka_unit_test(what_is_no_request_line_is_none),
        cmocka_unit_test(a_status_line_has_its_number),
        cmocka_unit_test(every_cut_of_the_headers_is_harmless),
        cmocka_unit_test(long_texts_end_in_dots_and_whole_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
