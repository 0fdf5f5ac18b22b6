/* SPDX-License-Identifier: MIT */
#include "etw/base/guid.h"

/* Where each of the 16 bytes stands in the text form, in text order. */
static const uint8_t text_order[16] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};

static bool hyphen_follows(int byte_index)
{
    return byte_index == 3 || byte_index == 5 || byte_index == 7 || byte_index == 9;
}

void guid_format(const struct guid *guid, char text[GUID_TEXT_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    char *to = text;
    for (int i = 0; i < 16; i++) {
        uint8_t byte = guid->bytes[text_order[i]];
        *to++ = digits[byte >> 4];
        *to++ = digits[byte & 15];
        if (hyphen_follows(i)) {
            *to++ = '-';
        }
    }
    *to = '\0';
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool guid_parse(const char *text, struct guid *out)
{
    struct guid guid = {{0}};
    bool in_braces = *text == '{';
    text += in_braces;
    for (int i = 0; i < 16; i++) {
        int high = hex_digit(text[0]);
        int low = high < 0 ? -1 : hex_digit(text[1]);
        if (low < 0) {
            return false;
        }
        guid.bytes[text_order[i]] = (uint8_t)(high << 4 | low);
        text += 2;
        if (hyphen_follows(i) && *text++ != '-') {
            return false;
        }
    }
    if (in_braces && *text++ != '}') {
        return false;
    }
    if (*text != '\0') {
        return false;
    }
    *out = guid;
    return true;
}
