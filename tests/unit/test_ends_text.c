/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pcapout/ends_text.h"

static void long_ends_keep_network_and_port(void **state)
{
    (void)state;
    static const struct {
        const char *end;
        size_t room;
        const char *text;
    } cases[] = {
        {"10.0.0.1:80", 11, "10.0.0.1:80"},
        {"10.0.0.1:80", 10, "10.0.~1:80"},
        {"10.0.0.1:80", 5, "10~80"},
        {"10.0.0.1:80", 1, "~"},
        {"", 0, ""},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct text text = {.maximum = 0};
        size_t used = out_add_end(&text, cases[i].end, cases[i].room);
        assert_string_equal(text_get(&text), cases[i].text);
        assert_int_equal(used, text.size);
        text_done(&text);
    }
}

static void the_shorter_end_leaves_its_room(void **state)
{
    (void)state;
    static const struct {
        const char *left, *right;
        size_t room;
        const char *text;
    } cases[] = {
        {"10.0.0.1:80", "10.0.0.2:81", 25, "10.0.0.1:80 > 10.0.0.2:81"},
        {"[2001:db8::1]:50000", "*", 16, "[2001:~50000 > *"},
        {"*", "[2001:db8::1]:50000", 16, "* > [2001:~50000"},
        {"10.0.0.1:80", "10.0.0.2:81", 13, "10~80 > 10~81"},
        {"10.0.0.1:80", "10.0.0.2:81", 0, "~ > ~"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct text text = {.maximum = 0};
        size_t used = out_add_ends(&text, cases[i].left, " > ", cases[i].right, cases[i].room);
        assert_string_equal(text_get(&text), cases[i].text);
        assert_int_equal(used, text.size);
        text_done(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(long_ends_keep_network_and_port),
        cmocka_unit_test(the_shorter_end_leaves_its_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
