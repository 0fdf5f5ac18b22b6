/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "etw/base/net_address.h"

#define COUNT_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

static void ipv6_addresses_are_written_as_rfc_5952_wants(void **state)
{
    (void)state;
    static const struct {
        uint8_t bytes[16];
        const char *text;
    } rows[] = {
        {{0}, "::"},
        {{[15] = 1}, "::1"},
        {{0x20, 0x01, 0x0D, 0xB8, [15] = 1}, "2001:db8::1"},
        {{0xFE, 0x80}, "fe80::"},
        {{0x20, 0x01, 0x0D, 0xB8, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1}, "2001:db8:0:1::1"},
        {{0x20, 0x01, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1}, "2001:0:1::1:0:1"},
        {{0, 1, 0, 0, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7}, "1:0:2:3:4:5:6:7"},
        {{[10] = 0xFF, 0xFF, 255, 255, 255, 255}, "::ffff:255.255.255.255"},
        {{0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
          0xFE},
         "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char text[NET_ADDRESS_TEXT_SIZE];
        *net_put_ipv6(text, rows[i].bytes) = '\0';
        assert_string_equal(text, rows[i].text);
        assert_true(strlen(text) < sizeof(text));
    }
}

static void the_other_ones_are_written_plainly(void **state)
{
    (void)state;
    const uint8_t bytes[6] = {0, 127, 10, 255, 0xAB, 0x0C};
    char text[NET_ADDRESS_TEXT_SIZE];
    *net_put_ipv4(text, bytes) = '\0';
    assert_string_equal(text, "0.127.10.255");
    *net_put_mac(text, bytes) = '\0';
    assert_string_equal(text, "00:7f:0a:ff:ab:0c");
    *net_put_decimal(text, 0) = '\0';
    assert_string_equal(text, "0");
    *net_put_decimal(text, UINT32_MAX) = '\0';
    assert_string_equal(text, "4294967295");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ipv6_addresses_are_written_as_rfc_5952_wants),
        cmocka_unit_test(the_other_ones_are_written_plainly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
