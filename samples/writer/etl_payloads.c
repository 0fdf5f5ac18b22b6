/* SPDX-License-Identifier: MIT */
#include "etl_payloads.h"

/* clang-format off */
const struct etl_guid guid_ndis_capture =
    {0x2ED6006E, 0x4729, 0x4609, {0xB4, 0x23, 0x3E, 0xE7, 0xBC, 0xD6, 0x78, 0xEF}};
const struct etl_guid guid_pktmon =
    {0x4D4F80D9, 0xC8BD, 0x4D73, {0xBB, 0x5B, 0x19, 0xC9, 0x04, 0x02, 0xC5, 0xAC}};
const struct etl_guid guid_tcpip =
    {0x2F07E2EE, 0x15DB, 0x40F1, {0x90, 0xEF, 0x9D, 0x7B, 0xA2, 0x82, 0x18, 0x8A}};
const struct etl_guid guid_system_config_ex =
    {0x9B79EE91, 0xB5FD, 0x41C0, {0xA2, 0x43, 0x42, 0x48, 0xE2, 0x66, 0xE9, 0xD0}};
/* clang-format on */

void payload_ndis_fragment(struct byte_block *out, const struct ndis_fragment *fragment)
{
    block_u32(out, fragment->miniport_index);
    block_u32(out, fragment->lower_index);
    block_u32(out, (uint32_t)fragment->size);
    block_bytes(out, fragment->data, fragment->size);
    if (fragment->has_offload_words) {
        block_u64(out, 0); /* GftFlowEntryId */
        block_u64(out, 0); /* GftOffloadInformation */
    }
}

void payload_pktmon_sighting(struct byte_block *out, const struct pktmon_sighting *sighting)
{
    block_u64(out, sighting->group);
    block_u16(out, sighting->number);
    block_u16(out, sighting->appearance);
    block_u16(out, sighting->direction);
    block_u16(out, sighting->packet_type);
    block_u16(out, sighting->component);
    block_u16(out, sighting->edge);
    block_u16(out, sighting->filter);
    block_u32(out, sighting->drop_reason);
    block_u32(out, sighting->drop_location);
    block_u16(out, sighting->original_size);
    block_u16(out, sighting->size);
    block_bytes(out, sighting->data, sighting->size);
}

void payload_pktmon_component(struct byte_block *out, uint16_t id, uint16_t type, const char *name,
                              const char *description)
{
    block_u16(out, id);
    block_u16(out, type);
    block_utf16(out, name);
    block_utf16(out, description);
}

void payload_pktmon_number(struct byte_block *out, uint16_t component, uint16_t property,
                           uint32_t value)
{
    block_u16(out, component);
    block_u16(out, property);
    block_u32(out, value);
}

void payload_pktmon_medium(struct byte_block *out, uint16_t component, uint16_t medium)
{
    block_u16(out, component);
    block_u16(out, PKTMON_MEDIUM);
    block_u16(out, medium);
}

void payload_pktmon_address(struct byte_block *out, uint16_t component, const uint8_t *address,
                            size_t size)
{
    block_u16(out, component);
    block_u16(out, PKTMON_IP_ADDRESS);
    block_bytes(out, address, size);
}

void payload_pktmon_mac(struct byte_block *out, uint16_t component, const uint8_t mac[6])
{
    block_u16(out, component);
    block_u16(out, PKTMON_PHYSICAL_ADDRESS);
    block_u32(out, 6);
    block_bytes(out, mac, 6);
}

void payload_pktmon_ether_type(struct byte_block *out, uint16_t component, uint16_t ether_type)
{
    block_u16(out, component);
    block_u16(out, PKTMON_ETHER_TYPE);
    block_u8(out, ether_type >> 8);
    block_u8(out, ether_type & 0xFF);
}

void payload_pktmon_counters(struct byte_block *out, const struct pktmon_counters *counters)
{
    block_u16(out, counters->component);
    if (counters->edge_name) {
        block_utf16(out, counters->edge_name);
        block_u16(out, counters->edge);
    }
    block_u16(out, counters->direction_in);
    block_u64(out, counters->packets_in);
    block_u64(out, counters->bytes_in);
    block_u16(out, counters->direction_out);
    block_u64(out, counters->packets_out);
    block_u64(out, counters->bytes_out);
}

/*
 * MIB_IF_ROW2 (netioapi.h)
 *      0 u64 luid          8 u32 index       12 guid           28 WCHAR[257] alias
 *    542 WCHAR[257] description            1056 u32 length of the address
 *   1060 u8[32] address   1092 u8[32] permanent address       1124 u32 mtu
 *   1128 u32 type         1132 tunnel  1136 media  1140 physical medium  1144 access
 *   1148 direction        1152 u8 flags   1156 oper status     1160 admin status
 *   1164 media connect    1168 guid network  1184 connection type
 *   1192 u64 transmit speed   1200 u64 receive speed   1208 18 counters
 */
void payload_interface_row(struct byte_block *out, const struct interface_row *row)
{
    size_t start = out->size;
    block_u64(out, row->luid);
    block_u32(out, row->index);
    block_guid(out, &row->guid);
    block_utf16_field(out, row->alias, 257);
    block_utf16_field(out, row->description, 257);
    block_u32(out, sizeof(row->mac));
    for (unsigned copy = 0; copy < 2; copy++) {
        block_bytes(out, row->mac, sizeof(row->mac));
        block_fill(out, 0, 32 - sizeof(row->mac));
    }
    block_u32(out, row->mtu);
    block_u32(out, row->type);
    block_u32(out, 0);                        /* no tunnel */
    block_u32(out, 0);                        /* NdisMedium802_3 */
    block_u32(out, row->type == 71 ? 9 : 14); /* physical medium: 802.11, 802.3 */
    block_u32(out, 2);                        /* broadcast */
    block_u32(out, 0);                        /* both directions */
    block_u32(out, 0x05);                     /* hardware, with connector */
    block_u32(out, 1);                        /* up */
    block_u32(out, 1);                        /* up */
    block_u32(out, 1);                        /* connected */
    block_fill(out, 0, 16);                   /* network */
    block_u32(out, 1);                        /* dedicated */
    block_fill(out, 0, 4);
    block_u64(out, row->speed);
    block_u64(out, row->speed);
    if (!out->failed) {
        block_fill(out, 0, INTERFACE_ROW_SIZE - (out->size - start));
    }
}

void payload_build_info(struct byte_block *out, int64_t install_time, const char *build_lab,
                        const char *product)
{
    block_i64(out, install_time);
    block_utf16(out, build_lab);
    block_utf16(out, product);
}
