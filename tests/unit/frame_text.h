/* SPDX-License-Identifier: MIT */
/*
 * frame_text.h - frames for tests, put together of pieces in hexadecimal.
 */
#ifndef TESTS_UNIT_FRAME_TEXT_H
#define TESTS_UNIT_FRAME_TEXT_H

#include <stdlib.h>
#include <string.h>

#include "correlate/packet_layers.h"

#define COUNT_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

#define MACS       "020000000002 020000000001 "
#define IPV4_TCP   "4500 0030 1234 4000 40 06 0000 c0000201 c6336407 "
#define IPV4_UDP   "4500 0020 1234 0000 40 11 0000 c0000201 c6336407 "
#define IPV6_HEAD  "20010db8000000000000000000000001 20010db8000000000000000000000002 "
#define TCP_HEADER "c350 01bb 00000064 000000c8 5018 2000 0000 0000 "
#define UDP_HEADER "c350 0035 000c 0000 "
#define EIGHT      "0001020304050607 "
#define SNAP_IPV4  "aaaa03 000000 0800 "
#define ARP_BODY   "0001 0800 06 04 0001 020000000001 c0000201 000000000000 c0000202 "

struct frame {
    uint8_t bytes[256];
    size_t size;
};

static inline struct frame frame_of(const char *hexadecimal)
{
    struct frame frame = {.size = 0};
    for (const char *c = hexadecimal; *c; c += c[0] == ' ' ? 1 : 2) {
        if (*c != ' ') {
            char digits[3] = {c[0], c[1], 0};
            assert_true(frame.size < sizeof(frame.bytes));
            frame.bytes[frame.size++] = (uint8_t)strtoul(digits, NULL, 16);
        }
    }
    return frame;
}

/* From a block of exactly `size` bytes, so that a sanitizer sees one byte too many,
 * into memory that is not clear: what the reader leaves out would show. */
static inline void read_exactly(enum etw_link link, const uint8_t *bytes, size_t size,
                                struct corr_layers *layers)
{
    uint8_t *block = malloc(size ? size : 1);
    assert_non_null(block);
    memcpy(block, bytes, size);
    memset(layers, 0xA5, sizeof(*layers));
    corr_layers_read(link, block, size, layers);
    (void)corr_link_by_bytes(ETW_LINK_IEEE80211, block, size);
    (void)corr_link_by_bytes(ETW_LINK_RAW_IP, block, size);
    (void)corr_link_by_bytes(ETW_LINK_UNKNOWN, block, size);
    free(block);
}

static inline void read_text(enum etw_link link, const char *hexadecimal,
                             struct corr_layers *layers)
{
    struct frame frame = frame_of(hexadecimal);
    read_exactly(link, frame.bytes, frame.size, layers);
}

#endif
