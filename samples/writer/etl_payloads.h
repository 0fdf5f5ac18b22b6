/* SPDX-License-Identifier: MIT */
/*
 * etl_payloads.h - payloads of the events that packet traces are made of: the NDIS
 * capture filter, the packet monitor, and the rows about the machine that merging adds.
 *
 * Every function appends to `out`. Payloads are packed; numbers are little-endian
 * unless a comment says otherwise.
 */
#ifndef SAMPLES_WRITER_ETL_PAYLOADS_H
#define SAMPLES_WRITER_ETL_PAYLOADS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "byte_block.h"

/* Providers and event classes. */
extern const struct etl_guid guid_ndis_capture;     /* Microsoft-Windows-NDIS-PacketCapture */
extern const struct etl_guid guid_pktmon;           /* Microsoft-Windows-PktMon */
extern const struct etl_guid guid_tcpip;            /* Microsoft-Windows-TCPIP */
extern const struct etl_guid guid_system_config_ex; /* SystemConfigEx, added by merging */

/* ---- NDIS capture, event 1001 ---- */

/* Keyword bits. */
#define NDIS_ETHERNET  UINT64_C(0x0000000000000001)
#define NDIS_WWAN      UINT64_C(0x0000000000000200)
#define NDIS_WIFI      UINT64_C(0x0000000000010000)
#define NDIS_TRUNCATED UINT64_C(0x0000000002000000)
#define NDIS_START     UINT64_C(0x0000000040000000)
#define NDIS_END       UINT64_C(0x0000000080000000)
#define NDIS_SEND      UINT64_C(0x0000000100000000)
#define NDIS_RECEIVE   UINT64_C(0x0000000200000000)
#define NDIS_PII       UINT64_C(0x0000020000000000)
#define NDIS_PACKET    UINT64_C(0x0000040000000000)
#define NDIS_CHANNEL   UINT64_C(0x8000000000000000)

struct ndis_fragment {
    uint32_t miniport_index, lower_index;
    const uint8_t *data;
    size_t size;
    bool has_offload_words; /* two u64 behind the data, Windows 10 1809 and later */
};
void payload_ndis_fragment(struct byte_block *out, const struct ndis_fragment *fragment);

/* ---- packet monitor ---- */

enum pktmon_direction {
    PKTMON_IN = 1,
    PKTMON_OUT,
    PKTMON_RX,
    PKTMON_TX,
    PKTMON_INGRESS,
    PKTMON_EGRESS
};
enum pktmon_packet_type { PKTMON_ETHERNET = 1, PKTMON_WIFI = 2, PKTMON_IP = 3 };
enum pktmon_property {
    PKTMON_INTERFACE_INDEX = 1,
    PKTMON_MINIPORT_INDEX = 2,
    PKTMON_LOWER_INDEX = 3,
    PKTMON_MEDIUM = 5,
    PKTMON_PHYSICAL_ADDRESS = 6,
    PKTMON_ETHER_TYPE = 7,
    PKTMON_IP_ADDRESS = 13
};
#define PKTMON_KEYWORD_PACKET UINT64_C(0x10)
#define PKTMON_KEYWORD_CONFIG UINT64_C(0x2)

/* Events 160 (seen) and 170 (dropped). */
struct pktmon_sighting {
    uint64_t group; /* CPU index in the upper 16 bits */
    uint16_t number;
    uint16_t appearance; /* 0 on Windows 11 */
    uint16_t direction;
    uint16_t packet_type;
    uint16_t component, edge, filter;
    uint32_t drop_reason, drop_location;
    uint16_t original_size;
    const uint8_t *data;
    uint16_t size;
};
void payload_pktmon_sighting(struct byte_block *out, const struct pktmon_sighting *sighting);

/* Event 20. */
void payload_pktmon_component(struct byte_block *out, uint16_t id, uint16_t type, const char *name,
                              const char *description);
/* Event 30: a number. */
void payload_pktmon_number(struct byte_block *out, uint16_t component, uint16_t property,
                           uint32_t value);
/* Event 60: the medium (0 Ethernet, 16 Wi-Fi, 19 mobile broadband). */
void payload_pktmon_medium(struct byte_block *out, uint16_t component, uint16_t medium);
/* Events 65 (4 bytes) and 66 (16 bytes). */
void payload_pktmon_address(struct byte_block *out, uint16_t component, const uint8_t *address,
                            size_t size);
/* Event 70: a hardware address. */
void payload_pktmon_mac(struct byte_block *out, uint16_t component, const uint8_t mac[6]);
/* Event 75: EtherType, big-endian. */
void payload_pktmon_ether_type(struct byte_block *out, uint16_t component, uint16_t ether_type);

/* Events 80 (drops; no edge) and 90 (flow). */
struct pktmon_counters {
    uint16_t component;
    const char *edge_name; /* NULL: event 80 */
    uint16_t edge;
    uint16_t direction_in, direction_out;
    uint64_t packets_in, bytes_in, packets_out, bytes_out;
};
void payload_pktmon_counters(struct byte_block *out, const struct pktmon_counters *counters);

/* ---- SystemConfigEx ---- */

/* Opcode 36: a MIB_IF_ROW2 in its 64-bit layout, 1352 bytes. */
struct interface_row {
    uint64_t luid;
    uint32_t index;
    struct etl_guid guid;
    const char *alias, *description; /* UTF-8 */
    uint8_t mac[6];
    uint32_t mtu, type; /* type: 6 Ethernet, 71 Wi-Fi, 243 WWAN */
    uint64_t speed;     /* bits per second */
};
enum { INTERFACE_ROW_SIZE = 1352 };
void payload_interface_row(struct byte_block *out, const struct interface_row *row);

/* Opcode 32: FILETIME of the installation, build laboratory, product. */
void payload_build_info(struct byte_block *out, int64_t install_time, const char *build_lab,
                        const char *product);

#endif
