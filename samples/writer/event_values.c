/* SPDX-License-Identifier: MIT */
/*
 * event_values.c - texts of values, see event_payload.h.
 */
#include "event_payload.h"

#include <stdlib.h>
#include <string.h>

enum { FAMILY_IPV4 = 2, FAMILY_IPV6 = 23, GROUPS = 8 };

bool value_number(const char *text, uint64_t *number)
{
    bool is_negative = *text == '-';
    const char *digits = text + (is_negative ? 1 : 0);
    char *end = NULL;
    if (*digits < '0' || *digits > '9') {
        return false;
    }
    uint64_t value = strtoull(digits, &end, digits[0] == '0' && digits[1] == 'x' ? 16 : 10);
    if (*end != '\0' && *end != '(') {
        return false;
    }
    *number = is_negative ? (uint64_t)0 - value : value;
    return true;
}

/* Digits up to `most`; moves `text` behind them. */
static bool take_number(const char **text, unsigned base, unsigned most, unsigned *number)
{
    char *end = NULL;
    unsigned long value = strtoul(*text, &end, (int)base);
    if (end == *text || **text == '-' || **text == '+' || **text == ' ' || value > most) {
        return false;
    }
    *number = (unsigned)value;
    *text = end;
    return true;
}

static bool take_ipv4(const char **text, uint8_t address[4])
{
    for (unsigned i = 0; i < 4; i++) {
        unsigned part = 0;
        if ((i && *(*text)++ != '.') || !take_number(text, 10, 255, &part)) {
            return false;
        }
        address[i] = (uint8_t)part;
    }
    return true;
}

bool value_ipv4(const char *text, uint8_t address[4])
{
    return take_ipv4(&text, address) && *text == '\0';
}

/* Groups of four digits, one :: for as many zero groups as are missing. */
static bool take_ipv6(const char **text, uint8_t address[16])
{
    uint8_t groups[GROUPS][2] = {{0}};
    unsigned count = 0, gap = GROUPS;
    while (**text && **text != ']' && count < GROUPS) {
        if ((*text)[0] == ':' && (*text)[1] == ':') {
            gap = count;
            *text += 2;
            continue;
        }
        *text += **text == ':';
        unsigned group = 0;
        if (!take_number(text, 16, 0xFFFF, &group)) {
            return false;
        }
        groups[count][0] = (uint8_t)(group >> 8);
        groups[count++][1] = (uint8_t)(group & 0xFF);
    }
    if (gap == GROUPS && count < GROUPS) {
        return false;
    }
    memset(address, 0, 16);
    for (unsigned i = 0; i < count; i++) {
        memcpy(address + (size_t)2 * (i < gap ? i : i + GROUPS - count), groups[i], 2);
    }
    return true;
}

bool value_socket_address(const char *text, struct byte_block *out)
{
    uint8_t address[16] = {0};
    unsigned port = 0;
    bool is_ipv6 = *text == '[';
    text += is_ipv6;
    if (!(is_ipv6 ? take_ipv6(&text, address) && *text++ == ']' : take_ipv4(&text, address)) ||
        *text++ != ':' || !take_number(&text, 10, 0xFFFF, &port) || *text) {
        return false;
    }
    block_u16(out, is_ipv6 ? FAMILY_IPV6 : FAMILY_IPV4);
    block_u8(out, port >> 8);
    block_u8(out, port);
    if (is_ipv6) {
        block_u32(out, 0); /* flow */
        block_bytes(out, address, 16);
        block_u32(out, 0); /* scope */
    } else {
        block_bytes(out, address, 4);
        block_fill(out, 0, 8);
    }
    return true;
}

bool value_sid(const char *text, struct byte_block *out)
{
    unsigned authority = 0, parts[15], count = 0;
    if (strncmp(text, "S-1-", 4) != 0) {
        return false;
    }
    text += 4;
    if (!take_number(&text, 10, 255, &authority)) {
        return false;
    }
    while (*text == '-' && count < 15) {
        text++;
        if (!take_number(&text, 10, UINT32_MAX, &parts[count++])) {
            return false;
        }
    }
    block_u8(out, 1);
    block_u8(out, count);
    block_fill(out, 0, 5);
    block_u8(out, authority);
    for (unsigned i = 0; i < count; i++) {
        block_u32(out, parts[i]);
    }
    return *text == '\0' && count;
}

bool value_bytes(const char *text, struct byte_block *out)
{
    if (strncmp(text, "hex:", 4) != 0) {
        return false;
    }
    for (text += 4; text[0] && text[1]; text += 2) {
        char digits[3] = {text[0], text[1], '\0'}, *end = NULL;
        unsigned long value = strtoul(digits, &end, 16);
        if (*end) {
            return false;
        }
        block_u8(out, (unsigned)value);
    }
    return *text == '\0';
}
