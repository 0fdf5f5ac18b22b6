/* SPDX-License-Identifier: MIT */
#include "pcapout/pktap.h"

#include <string.h>

#include "pcapout/escape.h"
#include "pcapout/pcapng_options.h"

#define RECORD_IS_PACKET    1u
#define INTERFACE_NAME_SIZE 24
#define PROCESS_NAME_SIZE   20
#define NOT_KNOWN           UINT32_MAX
#define DLT_RADIOTAP        127u

enum { FLAG_IN = 0x1, FLAG_OUT = 0x2, FLAG_HAS_SOCKET = 0x20 };
enum { FAMILY_IPV4 = 2, FAMILY_IPV6 = 30 }; /* numbers of macOS */

/* By enum etw_link: DLT numbers of macOS, which differ from those of link types for raw IP, and
 * IANA's types of interfaces. */
static const struct {
    uint32_t dlt;
    uint32_t interface_type;
} links[ETW_LINK_COUNT] = {
    [ETW_LINK_UNKNOWN] = {12, 1},     [ETW_LINK_ETHERNET] = {1, 6}, [ETW_LINK_RAW_IP] = {12, 1},
    [ETW_LINK_IEEE80211] = {105, 71}, [ETW_LINK_PPP] = {9, 23},
};

static uint32_t flags_of(const struct corr_packet *packet, const struct corr_process *process)
{
    uint32_t flags = packet->direction == ETW_DIRECTION_IN    ? FLAG_IN
                     : packet->direction == ETW_DIRECTION_OUT ? FLAG_OUT
                                                              : 0;
    return process ? flags | FLAG_HAS_SOCKET : flags;
}

static uint32_t family_of(const struct corr_packet *packet)
{
    switch (packet->layers.network) {
    case CORR_NETWORK_IPV4:
        return FAMILY_IPV4;
    case CORR_NETWORK_IPV6:
        return FAMILY_IPV6;
    default:
        return 0;
    }
}

/* A text with zeros behind it, at least one. */
static uint8_t *put_name(uint8_t *to, const char *name, size_t size)
{
    memset(to, 0, size);
    out_copy_cut((char *)to, size, name);
    return to + size;
}

uint8_t *pktap_put(uint8_t *to, const struct corr_packet *packet, uint32_t radiotap_size,
                   const char *interface, const struct corr_process *process,
                   const struct corr_process *behalf)
{
    to = store_u32(to, PKTAP_HEADER_SIZE);
    to = store_u32(to, RECORD_IS_PACKET);
    to = store_u32(to, radiotap_size > 0 ? DLT_RADIOTAP : links[packet->link].dlt);
    to = put_name(to, interface, INTERFACE_NAME_SIZE);
    to = store_u32(to, flags_of(packet, process));
    to = store_u32(to, family_of(packet));
    to = store_u32(to, packet->layers.link_size + radiotap_size);
    to = store_u32(to, 0);
    to = store_u32(to, process ? process->pid : NOT_KNOWN);
    to = put_name(to, process ? process->name : "", PROCESS_NAME_SIZE);
    to = store_u32(to, 0);
    to = store_u32(to, links[packet->link].interface_type | (packet->interface_index & UINT16_MAX)
                                                                << 16);
    to = store_u32(to, behalf ? behalf->pid : NOT_KNOWN);
    return put_name(to, behalf ? behalf->name : "", PROCESS_NAME_SIZE);
}
