/* SPDX-License-Identifier: MIT */
/*
 * pcapng_blocks.h - finds blocks and options in a pcapng file that was written to
 * memory. The draft alone is its source, not the writer.
 */
#ifndef TESTS_UNIT_PCAPNG_BLOCKS_H
#define TESTS_UNIT_PCAPNG_BLOCKS_H

#include "etw/base/bytes.h"
#include "pcapout/output_file.h"

enum {
    BLOCK_SECTION = 0x0A0D0D0A,
    BLOCK_INTERFACE = 1,
    BLOCK_NAMES = 4,
    BLOCK_STATISTICS = 5,
    BLOCK_PACKET = 6,
    BLOCK_CUSTOM = 0xBAD
};
#define BLOCK_DARWIN_PROCESS 0x80000001u

/* The body of the block with this number among those of its type; its lengths are checked.
 * failed: there is none. `place`: its number among all blocks; may be NULL. */
static inline struct bytes block_of(const struct out_file *file, uint32_t type, unsigned number,
                                    unsigned *place)
{
    size_t size = 0;
    const uint8_t *data = out_file_get_memory(file, &size);
    struct bytes all = bytes_of(data, size);
    for (unsigned i = 0; bytes_left(&all) > 0; i++) {
        uint32_t found = bytes_u32(&all);
        uint32_t length = bytes_u32(&all);
        assert_int_equal(length % 4, 0);
        struct bytes body = bytes_sub(&all, length - 12);
        assert_int_equal(bytes_u32(&all), length);
        assert_false(all.failed);
        if (found == type && number-- == 0) {
            if (place) {
                *place = i;
            }
            return body;
        }
    }
    return (struct bytes){.failed = true};
}

/* The value of an option of a block whose options begin at `start`; failed: there is none. */
static inline struct bytes option_of(struct bytes block, size_t start, unsigned code)
{
    bytes_seek(&block, start);
    while (bytes_left(&block) > 0) {
        unsigned found = bytes_u16(&block);
        size_t length = bytes_u16(&block);
        struct bytes value = bytes_sub(&block, length);
        bytes_skip(&block, (4 - length % 4) % 4);
        assert_false(block.failed);
        if (found == 0) {
            assert_int_equal(bytes_left(&block), 0);
            break;
        }
        if (found == code) {
            return value;
        }
    }
    return (struct bytes){.failed = true};
}

/* The same of the n-th packet block. */
static inline struct bytes packet_option_of(const struct out_file *file, unsigned packet,
                                            unsigned code)
{
    struct bytes block = block_of(file, BLOCK_PACKET, packet, NULL);
    assert_false(block.failed);
    size_t captured = load_u32(block.data + 12);
    return option_of(block, 20 + (captured + 3) / 4 * 4, code);
}

#endif
