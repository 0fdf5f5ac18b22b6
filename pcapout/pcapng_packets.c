/* SPDX-License-Identifier: MIT */
#include "pcapout/pcapng_packets.h"

#include <string.h>

#include "pcapout/names.h"
#include "pcapout/number_text.h"
#include "pcapout/offload_text.h"
#include "pcapout/pcapng_blocks.h"
#include "pcapout/pcapng_options.h"
#include "pcapout/pktap.h"

#define BLOCK_PACKET 6u

/* epb_flags: bits 0-1 direction (1 in, 2 out, as enum etw_direction numbers them),
 * bits 2-4 reception (1 unicast, 2 multicast, 3 broadcast) by the receiver's MAC,
 * bits 9-11 what the adapter does (out_offload_flags). */
static uint32_t packet_flags(const struct corr_packet *packet)
{
    static const uint8_t everyone[6] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
    const struct corr_address *mac = &packet->layers.destination_mac;
    uint32_t reception = 0;
    if (mac->size == 6) {
        bool is_everyone = memcmp(mac->bytes, everyone, sizeof(everyone)) == 0;
        reception = is_everyone ? 3 : 1 + (uint32_t)(mac->bytes[0] & 1);
    }
    return (uint32_t)packet->direction | reception << 2 | out_offload_flags(&packet->offload);
}

/*
 * Enhanced Packet Block                                       [documented: draft 4.3]
 *   0x00  u32  type 6            0x0C  u32  time, upper half   0x14  u32  captured
 *   0x04  u32  total length      0x10  u32  time, lower half   0x18  u32  original
 *   0x08  u32  interface         0x1C  data, padding, options, u32 total length
 */
#define PACKET_HEADER_SIZE 28
#define FIXED_OPTIONS_SIZE (8 + 12 + 12 + 8 + 8) /* flags, packet id, process, two blocks */
#define PACKET_END_SIZE    8                     /* end of options, total length */
#define COMMENT_START      "frame="
#define COMMENT_START_SIZE (sizeof(COMMENT_START) - 1)

static uint8_t *put_header(uint8_t *to, const struct pcapng_packet *parts)
{
    const struct corr_packet *packet = parts->packet;
    uint64_t ticks = pcapng_ticks(packet->time);
    to = store_u32(to, BLOCK_PACKET);
    to = store_u32(to, 0); /* the length, known at the end */
    to = store_u32(to, parts->interface->number);
    to = store_u32(to, (uint32_t)(ticks >> 32));
    to = store_u32(to, (uint32_t)ticks);
    to = store_u32(to, parts->captured + parts->before);
    return store_u32(to, out_original_size(packet) + parts->before);
}

static uint8_t *put_data(uint8_t *to, const struct pcapng_packet *parts)
{
    if (parts->before > parts->radiotap_size) {
        to = pktap_put(to, parts->packet, parts->radiotap_size, parts->interface->name,
                       parts->process, parts->behalf);
    }
    memcpy(to, parts->radiotap, parts->radiotap_size);
    to += parts->radiotap_size;
    if (parts->captured > 0) {
        memcpy(to, parts->packet->data, parts->captured);
    }
    if (parts->is_unprotected) {
        to[1] &= (uint8_t)~0x40u; /* Protected, in the second byte of frame control */
    }
    to += parts->captured;
    size_t padding = pad4(parts->before + parts->captured);
    for (size_t i = 0; i < padding; i++) {
        *to++ = 0;
    }
    return to;
}

static uint8_t *put_comment(uint8_t *to, const struct pcapng_packet *parts)
{
    uint8_t *start = to + 4;
    memcpy(start, COMMENT_START, COMMENT_START_SIZE);
    uint8_t *at = start + COMMENT_START_SIZE;
    at += number_text(parts->packet->frame, (char *)at);
    if (parts->comment.size > 0) {
        memcpy(at, parts->comment.data, parts->comment.size);
        at += parts->comment.size;
    }
    size_t size = (size_t)(at - start);
    (void)store_u32(to, (uint32_t)PCAPNG_OPTION_COMMENT | (uint32_t)size << 16);
    size_t padding = pad4(size);
    for (size_t i = 0; i < padding; i++) {
        *at++ = 0;
    }
    return at;
}

/* Process and thread; the thread is not known. */
static uint8_t *put_process(uint8_t *to, const struct pcapng_packet *parts)
{
    to = store_u32(to, (uint32_t)PCAPNG_PACKET_PROCESS | 8u << 16);
    to = store_u32(store_u32(to, parts->process->pid), 0);
    if (!parts->has_process_block) {
        return to;
    }
    to = store_u32(to, (uint32_t)PCAPNG_PACKET_DARWIN_PROCESS | 4u << 16);
    to = store_u32(to, parts->process_block);
    if (!parts->behalf) {
        return to;
    }
    to = store_u32(to, (uint32_t)PCAPNG_PACKET_DARWIN_EFFECTIVE | 4u << 16);
    return store_u32(to, parts->behalf_block);
}

static uint8_t *put_options(uint8_t *to, const struct pcapng_packet *parts)
{
    to = store_u32(to, (uint32_t)PCAPNG_PACKET_FLAGS | 4u << 16);
    to = store_u32(to, packet_flags(parts->packet));
    to = store_u32(to, (uint32_t)PCAPNG_PACKET_ID | 8u << 16);
    to = store_u64(to, parts->packet->frame);
    if (parts->verdict.size > 0) {
        memcpy(to, parts->verdict.data, parts->verdict.size);
        to += parts->verdict.size;
    }
    if (parts->process) {
        to = put_process(to, parts);
    }
    return parts->has_comment ? put_comment(to, parts) : to;
}

size_t pcapng_packet_most(const struct pcapng_packet *parts)
{
    return PACKET_HEADER_SIZE + parts->before + parts->captured + 3 + FIXED_OPTIONS_SIZE +
           parts->verdict.size + 4 + COMMENT_START_SIZE + NUMBER_TEXT_SIZE + parts->comment.size +
           3 + PACKET_END_SIZE;
}

size_t pcapng_packet_put(uint8_t *start, const struct pcapng_packet *parts)
{
    uint8_t *at = put_options(put_data(put_header(start, parts), parts), parts);
    at = store_u32(at, PCAPNG_OPTION_END);
    uint32_t size = (uint32_t)(at - start) + 4;
    (void)store_u32(at, size);
    (void)store_u32(start + 4, size);
    return size;
}

/* ---- events as packets ---- */

static void add_event_options(struct text *block, const struct pcapng_packet *parts)
{
    uint8_t options[FIXED_OPTIONS_SIZE];
    if (parts->process) {
        uint8_t *end = put_process(options, parts);
        text_add_bytes(block, options, (size_t)(end - options));
    }
}

void pcapng_event_block(struct text *block, const struct pcapng_packet *parts, int64_t time,
                        const struct bytes *event)
{
    uint64_t ticks = pcapng_ticks(time);
    uint32_t size = (uint32_t)event->size;
    pcapng_begin_block(block, BLOCK_PACKET);
    pcapng_add_u32(block, parts->interface->number);
    pcapng_add_u32(block, (uint32_t)(ticks >> 32));
    pcapng_add_u32(block, (uint32_t)ticks);
    pcapng_add_u32(block, size);
    pcapng_add_u32(block, size);
    text_add_bytes(block, event->data, size); /* a multiple of four */
    add_event_options(block, parts);
    pcapng_end_block(block);
}

/* ---- SMB messages ---- */

void pcapng_message_block(struct text *block, const struct pcapng_packet *parts,
                          const struct bytes *tags)
{
    static const uint8_t zeros[4];
    const struct corr_packet *message = parts->packet;
    uint64_t ticks = pcapng_ticks(message->time);
    uint32_t before = (uint32_t)tags->size;
    uint32_t original = out_original_size(message);
    uint8_t flags[4];
    pcapng_begin_block(block, BLOCK_PACKET);
    pcapng_add_u32(block, parts->interface->number);
    pcapng_add_u32(block, (uint32_t)(ticks >> 32));
    pcapng_add_u32(block, (uint32_t)ticks);
    pcapng_add_u32(block, before + parts->captured);
    pcapng_add_u32(block, original < UINT32_MAX - before ? original + before : UINT32_MAX);
    text_add_bytes(block, tags->data, before); /* a multiple of four */
    text_add_bytes(block, message->data, parts->captured);
    text_add_bytes(block, zeros, pad4(parts->captured));
    (void)store_u32(flags, (uint32_t)message->direction);
    pcapng_add_bytes(block, PCAPNG_PACKET_FLAGS, flags, sizeof(flags));
    add_event_options(block, parts);
    if (parts->has_comment) {
        pcapng_add_bytes(block, PCAPNG_OPTION_COMMENT, parts->comment.data, parts->comment.size);
    }
    pcapng_end_block(block);
}
