/* SPDX-License-Identifier: MIT */
#include "pcapout/pcapng_blocks.h"

#include <inttypes.h>
#include <stdio.h>

#include "etw/base/utc_time.h"
#include "pcapout/pcapng_messages.h"
#include "pcapout/pcapng_options.h"
#include "pcapout/pktap.h"
#include "pcapout/radiotap.h"

/* draft-ietf-opsawg-pcapng, section 4 */
#define BLOCK_SECTION      0x0A0D0D0Au
#define BLOCK_INTERFACE    1u
#define BLOCK_STATISTICS   5u
#define BYTE_ORDER_MAGIC   0x1A2B3C4Du
#define VERSION_1_0        1u /* u16 major, u16 minor */
#define LINK_TYPE_ETW      290u
#define LINK_TYPE_RADIOTAP 127u

/* By enum etw_link; numbers of the LINKTYPE_ registry of tcpdump.org. What is
 * not known is best opened as raw IP, which looks at the version nibble. */
static const uint16_t link_types[] = {
    [ETW_LINK_UNKNOWN] = 101,   [ETW_LINK_ETHERNET] = 1, [ETW_LINK_RAW_IP] = 101,
    [ETW_LINK_IEEE80211] = 105, [ETW_LINK_PPP] = 9,
};

uint64_t pcapng_ticks(int64_t time)
{
    return time > UTC_UNIX_EPOCH ? (uint64_t)(time - UTC_UNIX_EPOCH) : 0;
}

void pcapng_section_header(struct text *block, const struct out_section *section)
{
    pcapng_begin_block(block, BLOCK_SECTION);
    pcapng_add_u32(block, BYTE_ORDER_MAGIC);
    pcapng_add_u32(block, VERSION_1_0);
    pcapng_add_u32(block, UINT32_MAX); /* section length: not stated */
    pcapng_add_u32(block, UINT32_MAX);
    pcapng_add_text(block, PCAPNG_SECTION_HARDWARE, section->hardware);
    pcapng_add_text(block, PCAPNG_SECTION_OS, section->os);
    pcapng_add_text(block, PCAPNG_SECTION_APPLICATION, section->application);
    for (size_t i = 0; i < section->comment_count; i++) {
        pcapng_add_text(block, PCAPNG_OPTION_COMMENT, section->comments[i]);
    }
    pcapng_end_block(block);
}

static uint32_t link_type_of(const struct out_interface *interface,
                             const struct pcapng_capture *capture)
{
    if (interface->is_events || interface->is_messages) {
        return interface->is_events ? LINK_TYPE_ETW : PCAPNG_MESSAGE_LINK_TYPE;
    }
    if (capture->is_pktap) {
        return PKTAP_LINK_TYPE;
    }
    return interface->is_radiotap ? LINK_TYPE_RADIOTAP : link_types[interface->link];
}

/* 0: no limit. */
static uint32_t snap_length_of(const struct out_interface *interface,
                               const struct pcapng_capture *capture)
{
    if (interface->is_events || capture->snap_length == 0) {
        return 0;
    }
    if (interface->is_messages) {
        return capture->snap_length + PCAPNG_MESSAGE_TAGS_MAXIMUM;
    }
    return capture->snap_length + (capture->is_pktap ? PKTAP_HEADER_SIZE : 0) +
           (interface->is_radiotap ? RADIOTAP_MAXIMUM_SIZE : 0);
}

void pcapng_interface(struct text *block, const struct out_interface *interface,
                      const struct pcapng_capture *capture)
{
    static const uint8_t resolution = PCAPNG_RESOLUTION;
    pcapng_begin_block(block, BLOCK_INTERFACE);
    pcapng_add_u32(block, link_type_of(interface, capture)); /* and u16 reserved */
    pcapng_add_u32(block, snap_length_of(interface, capture));
    pcapng_add_text(block, PCAPNG_INTERFACE_NAME, interface->name);
    pcapng_add_text(block, PCAPNG_INTERFACE_DESCRIPTION, interface->description);
    if (interface->mac.size == 6) {
        pcapng_add_bytes(block, PCAPNG_INTERFACE_MAC, interface->mac.bytes, 6);
    }
    if (interface->speed > 0) {
        pcapng_add_u64(block, PCAPNG_INTERFACE_SPEED, interface->speed);
    }
    pcapng_add_bytes(block, PCAPNG_INTERFACE_RESOLUTION, &resolution, sizeof(resolution));
    pcapng_end_block(block);
}

void pcapng_statistics_block(struct text *block, const struct pcapng_statistics *statistics)
{
    const struct out_interface *interface = statistics->interface;
    uint64_t last = pcapng_ticks(interface->last_time);
    pcapng_begin_block(block, BLOCK_STATISTICS);
    pcapng_add_u32(block, interface->number);
    pcapng_add_u32(block, (uint32_t)(last >> 32));
    pcapng_add_u32(block, (uint32_t)last);
    if (interface->unprotected > 0) {
        char comment[96];
        (void)snprintf(comment, sizeof(comment),
                       "Protected bit cleared in %" PRIu64 " frames that are not encrypted here",
                       interface->unprotected);
        pcapng_add_text(block, PCAPNG_OPTION_COMMENT, comment);
    }
    pcapng_add_text(block, PCAPNG_OPTION_COMMENT, statistics->comment);
    pcapng_add_time(block, PCAPNG_STATISTICS_START, pcapng_ticks(interface->first_time));
    pcapng_add_time(block, PCAPNG_STATISTICS_END, last);
    pcapng_add_u64(block, PCAPNG_STATISTICS_RECEIVED, interface->packets);
    if (statistics->dropped_by_os > 0) {
        pcapng_add_u64(block, PCAPNG_STATISTICS_DROPPED_BY_OS, statistics->dropped_by_os);
    }
    pcapng_end_block(block);
}
