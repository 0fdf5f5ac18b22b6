/* SPDX-License-Identifier: MIT */
/*
 * pcapng_blocks.h - the blocks of a pcapng file that are not packets, each
 * collected whole in `block`, which the caller then writes.
 */
#ifndef PCAPOUT_PCAPNG_BLOCKS_H
#define PCAPOUT_PCAPNG_BLOCKS_H

#include <stdbool.h>
#include <stdint.h>

#include "etw/base/text.h"
#include "pcapout/interfaces.h"
#include "pcapout/pcapng.h"

/* What a reader needs to know of the times: 10^-7 s, since 1970. */
#define PCAPNG_RESOLUTION 7
/* Times before 1970 cannot be said. */
uint64_t pcapng_ticks(int64_t time);

void pcapng_section_header(struct text *block, const struct out_section *section);

/* What all interfaces of packets in a file have in common. */
struct pcapng_capture {
    bool is_pktap;        /* every packet has a header that says of which link it is */
    uint32_t snap_length; /* of packets, without that header; 0: no limit */
};
void pcapng_interface(struct text *block, const struct out_interface *interface,
                      const struct pcapng_capture *capture);

struct pcapng_statistics {
    const struct out_interface *interface;
    uint64_t dropped_by_os; /* 0: not known */
    const char *comment;    /* NULL: none */
};
void pcapng_statistics_block(struct text *block, const struct pcapng_statistics *statistics);

#endif
