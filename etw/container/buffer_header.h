/* SPDX-License-Identifier: MIT */
/*
 * buffer_header.h - WMI_BUFFER_HEADER, the 0x48 bytes before every buffer of a
 * trace, and the question whether some bytes are one.
 */
#ifndef ETW_CONTAINER_BUFFER_HEADER_H
#define ETW_CONTAINER_BUFFER_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BUFFER_HEADER_SIZE 0x48u
/* Sessions may ask for 16 MiB at most; a little more is let pass. */
#define BUFFER_SIZE_MAXIMUM ((16u << 20) + 0x10000u)
/* The header and the first record's first words: what plausibility looks at. */
#define BUFFER_PEEK_SIZE 0x58u

enum buffer_flag {
    BUFFER_FLUSH_MARKER = 0x01,
    BUFFER_EVENTS_LOST = 0x02,
    BUFFER_LOST = 0x04,
    BUFFER_HAS_CPU_INDEX = 0x20,
    BUFFER_COMPRESSED = 0x40,
    BUFFER_KNOWN_FLAGS = 0x7F
};

#define BUFFER_TYPE_HEADER  4
#define BUFFER_TYPE_MAXIMUM 7

struct buffer_header {
    uint32_t size; /* in the file, this header included */
    uint32_t saved_offset;
    uint32_t offset; /* bytes used when unpacked, this header included */
    uint32_t state;
    uint64_t sequence; /* unique in a session */
    uint16_t cpu;
    uint16_t logger_id; /* of the session; 0 when relogged */
    uint16_t flags;
    uint16_t type;
    uint32_t reference_count;
    bool is_compressed; /* by what stands behind the header, not by the flag alone */
};

/* Reads the header; `size` is at least BUFFER_HEADER_SIZE. With some bytes more it
 * also sees whether the flag for compression tells the truth. */
struct buffer_header buffer_header_read(const uint8_t *data, size_t size);

/* How many things in these bytes contradict a buffer that starts here; 0: it is
 * one. `size` may be smaller than BUFFER_PEEK_SIZE at the end of the file. */
unsigned buffer_header_contradictions(const uint8_t *data, size_t size);

/* Used bytes of the unpacked buffer by the larger of the two fields that say it. */
uint32_t buffer_header_fill(const struct buffer_header *header);

#endif
