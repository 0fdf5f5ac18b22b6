/* SPDX-License-Identifier: MIT */
#include "etw/base/net_address.h"

#include <string.h>

#include "etw/base/bytes.h"

char *net_put_decimal(char *to, uint32_t value)
{
    char digits[10];
    size_t count = 0;
    do {
        digits[count++] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    while (count > 0) {
        *to++ = digits[--count];
    }
    return to;
}

static const char hexadecimal[] = "0123456789abcdef";

/* Without leading zeros. */
static char *put_hexadecimal(char *to, uint16_t value)
{
    for (int shift = 12; shift >= 0; shift -= 4) {
        if (value >> shift || shift == 0) {
            *to++ = hexadecimal[value >> shift & 0xF];
        }
    }
    return to;
}

char *net_put_ipv4(char *to, const uint8_t bytes[4])
{
    for (int i = 0; i < 4; i++) {
        if (i > 0) {
            *to++ = '.';
        }
        to = net_put_decimal(to, bytes[i]);
    }
    return to;
}

char *net_put_mac(char *to, const uint8_t bytes[6])
{
    for (int i = 0; i < 6; i++) {
        if (i > 0) {
            *to++ = ':';
        }
        *to++ = hexadecimal[bytes[i] >> 4];
        *to++ = hexadecimal[bytes[i] & 0xF];
    }
    return to;
}

/* The run of groups that "::" stands for: the longest of at least two zero groups,
 * the first of equals (RFC 5952, 4.2). */
static void find_zero_run(const uint16_t groups[8], int *first, int *count)
{
    *first = 8;
    *count = 1;
    for (int i = 0; i < 8;) {
        int end = i;
        while (end < 8 && groups[end] == 0) {
            end++;
        }
        if (end - i > *count) {
            *first = i;
            *count = end - i;
        }
        i = end + 1;
    }
}

char *net_put_ipv6(char *to, const uint8_t bytes[16])
{
    static const uint8_t mapped[12] = {[10] = 0xFF, [11] = 0xFF};
    if (memcmp(bytes, mapped, sizeof(mapped)) == 0) {
        static const char prefix[7] = {':', ':', 'f', 'f', 'f', 'f', ':'};
        memcpy(to, prefix, sizeof(prefix));
        return net_put_ipv4(to + sizeof(prefix), bytes + 12);
    }
    uint16_t groups[8];
    for (int i = 0; i < 8; i++) {
        groups[i] = load_be16(bytes + 2 * i);
    }
    int first = 0;
    int count = 0;
    find_zero_run(groups, &first, &count);
    for (int i = 0; i < 8; i++) {
        if (i == first) {
            *to++ = ':';
            *to++ = ':';
            i += count - 1;
            continue;
        }
        if (i > 0 && i != first + count) {
            *to++ = ':';
        }
        to = put_hexadecimal(to, groups[i]);
    }
    return to;
}
