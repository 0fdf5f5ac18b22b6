/* SPDX-License-Identifier: MIT */
#include "monitor_payloads.h"

/* Where and when; DropReason and DropLocation included. `number`: PktNumber or PktCount. */
static void put_place(struct byte_block *out, const struct pktmon_sighting *sighting,
                      uint16_t number)
{
    block_u64(out, sighting->group);
    block_u16(out, number);
    block_u16(out, sighting->appearance);
    block_u16(out, sighting->direction);
    block_u16(out, sighting->packet_type);
    block_u16(out, sighting->component);
    block_u16(out, sighting->edge);
    block_u16(out, sighting->filter);
    block_u32(out, sighting->drop_reason);
    block_u32(out, sighting->drop_location);
}

void payload_pktmon_words(struct byte_block *out, const struct pktmon_sighting *sighting,
                          uint16_t count, const struct pktmon_words *words)
{
    put_place(out, sighting, count);
    block_u64(out, words->checksum);
    block_u64(out, words->large_send);
    block_u64(out, words->ieee8021q);
    block_u64(out, words->hash_info);
    block_u64(out, words->hash_value);
    block_u64(out, words->virtual_subnet);
    block_u64(out, words->coalesced);
    block_u64(out, 0); /* NrtNameResolutionId */
    block_u64(out, 0); /* TcpSendOffloadsSupplementalInfo */
    block_u64(out, 0); /* SwitchForwardingDetail */
    block_u64(out, 0); /* GftOffloadInfo */
    block_u64(out, 0); /* GftFlowEntryId */
}

void payload_pktmon_headers4(struct byte_block *out, const struct pktmon_sighting *sighting,
                             const struct path *path, uint8_t tcp_flags)
{
    block_bytes(out, path->to->mac, sizeof(path->to->mac));
    block_bytes(out, path->from->mac, sizeof(path->from->mac));
    block_u16(out, ETHER_IPV4);
    block_u16(out, 0); /* VlanId */
    block_bytes(out, path->to->ipv4, sizeof(path->to->ipv4));
    block_bytes(out, path->from->ipv4, sizeof(path->from->ipv4));
    block_u8(out, IP_TCP);
    block_u16(out, path->to->port);
    block_u16(out, path->from->port);
    block_u8(out, tcp_flags);
    put_place(out, sighting, 1);
}

void payload_pktmon_payload6(struct byte_block *out, const struct pktmon_sighting *sighting,
                             const struct path *path)
{
    block_u16(out, sighting->direction);
    block_u16(out, sighting->packet_type);
    block_u16(out, sighting->component);
    block_u16(out, sighting->edge);
    block_u16(out, sighting->filter);
    block_u32(out, sighting->drop_reason);
    block_u32(out, sighting->drop_location);
    block_bytes(out, path->to->ipv6, sizeof(path->to->ipv6));
    block_bytes(out, path->from->ipv6, sizeof(path->from->ipv6));
    block_u8(out, IP_UDP);
    block_u16(out, path->to->port);
    block_u16(out, path->from->port);
    block_u16(out, sighting->original_size);
    block_u16(out, sighting->size);
    block_bytes(out, sighting->data, sighting->size);
}

void payload_pktmon_context(struct byte_block *out, const struct pktmon_sighting *sighting,
                            uint64_t context)
{
    put_place(out, sighting, sighting->number);
    block_u16(out, 1); /* Type */
    block_u64(out, context);
}
