/* SPDX-License-Identifier: MIT */
/*
 * names.h - what a packet's numbers are called in every output: the component,
 * and why and where a packet was dropped.
 */
#ifndef PCAPOUT_NAMES_H
#define PCAPOUT_NAMES_H

#include <stdint.h>

#include "correlate/adapters.h"
#include "correlate/packets.h"
#include "pcapout/json_writer.h"

#define OUT_NAME_SIZE 32

/* Borrowed from the table, else "component:12" written to `text`. */
const char *out_component_name(const struct corr_adapters *adapters, uint16_t id,
                               char text[OUT_NAME_SIZE]);
/* Static, else the number in `text`: decimal as pktmon's own lists have it. */
const char *out_drop_reason(const struct corr_drop *drop, char text[OUT_NAME_SIZE]);
/* Static, else 0xe000451b in `text`. */
const char *out_drop_location(const struct corr_drop *drop, char text[OUT_NAME_SIZE]);

/* Why, where and by whom a packet was dropped; texts are in `*_text` or static or the table's, so
 * it must not be copied. */
struct out_drop_names {
    const char *reason; /* NULL: the number has no name */
    const char *location;
    const char *component;
    char location_text[OUT_NAME_SIZE];
    char component_text[OUT_NAME_SIZE];
};

void out_drop_names_find(const struct corr_adapters *adapters, const struct corr_drop *drop,
                         struct out_drop_names *names);
/* "drop":{"reason":...,"code":...,"location":...,"component":...} */
void out_json_drop(struct json_writer *j, const struct corr_drop *drop,
                   const struct out_drop_names *names);

/* Bytes on the wire; never less than what was captured. */
static inline uint32_t out_original_size(const struct corr_packet *packet)
{
    return packet->original > packet->captured ? packet->original : packet->captured;
}

#endif
