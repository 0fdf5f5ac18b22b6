/* SPDX-License-Identifier: MIT */
/*
 * packet_layers.c - link layers: Ethernet with VLAN tags, LLC and PPPoE, 802.11,
 * PPP, raw IP; and which of them the bytes are.
 *
 * To add a link type: its reader and a line in corr_layers_read().
 */
#include "correlate/packet_layers.h"

#include <stddef.h>
#include <string.h>

#include "correlate/network_layers.h"

enum {
    MAC_SIZE = 6,
    LENGTH_MAXIMUM = 1500, /* an 802.3 length; larger values from 0x600 on are EtherTypes */
    ETHER_TYPE_MINIMUM = 0x600,
    SNAP_SIZE = 8,
    ETHER_TYPE_PPPOE = 0x8864, /* session */
    PPPOE_HEADER = 6,          /* u8 version and type, u8 code, u16 session, u16 length */
    PPP_IPV4 = 0x0021,
    PPP_IPV6 = 0x0057
};

static void set_mac(struct corr_address *address, const uint8_t *bytes)
{
    address->size = MAC_SIZE;
    memcpy(address->bytes, bytes, MAC_SIZE);
}

/* ---- what more than one link carries ---- */

/*
 * PPP                                              [documented: RFC 1661, RFC 1662]
 *   FF 03, may be left out; u16 protocol, or its second byte alone: that one is odd
 */
static void read_ppp(struct bytes *b, struct corr_layers *layers)
{
    if (bytes_left(b) >= 2 && load_be16(b->data + b->position) == 0xFF03) {
        bytes_skip(b, 2);
    }
    uint32_t protocol = bytes_u8(b);
    if ((protocol & 1) == 0) {
        protocol = protocol << 8 | bytes_u8(b);
    }
    if (b->failed) {
        return;
    }
    layers->link_size = (uint32_t)b->position;
    if (protocol == PPP_IPV4) {
        corr_network_read(CORR_ETHER_IPV4, b, layers);
    } else if (protocol == PPP_IPV6) {
        corr_network_read(CORR_ETHER_IPV6, b, layers);
    }
}

static void read_ether_type(uint16_t type, struct bytes *b, struct corr_layers *layers)
{
    layers->ether_type = type;
    layers->link_size = (uint32_t)b->position;
    if (type == ETHER_TYPE_PPPOE) {
        bytes_skip(b, PPPOE_HEADER);
        read_ppp(b, layers);
    } else {
        corr_network_read(type, b, layers);
    }
}

static bool is_snap(const uint8_t *llc)
{
    return llc[0] == 0xAA && llc[1] == 0xAA && llc[2] == 0x03;
}

/*
 * LLC with SNAP                                    [documented: IEEE 802, RFC 1042]
 *   0  AA AA 03    3  organisation: 00 00 00, or 00 00 F8 for bridged    6  u16  EtherType
 * Any other LLC is left as what the link carries.
 */
static void read_llc(struct bytes *b, struct corr_layers *layers)
{
    size_t left = bytes_left(b);
    const uint8_t *llc = b->data + b->position;
    if (left < SNAP_SIZE || !is_snap(llc) || llc[3] != 0 || llc[4] != 0 ||
        (llc[5] != 0 && llc[5] != 0xF8)) {
        return;
    }
    bytes_skip(b, SNAP_SIZE);
    read_ether_type(load_be16(llc + 6), b, layers);
}

/* ---- Ethernet, raw IP ---- */

static bool is_vlan_tag(uint16_t ether_type)
{
    return ether_type == 0x8100 || ether_type == 0x88A8 || ether_type == 0x9100;
}

static void read_ethernet(struct bytes *b, struct corr_layers *layers)
{
    const uint8_t *header = bytes_take(b, 14);
    if (!header) {
        return;
    }
    set_mac(&layers->destination_mac, header);
    set_mac(&layers->source_mac, header + MAC_SIZE);
    uint16_t type = load_be16(header + 12);
    while (is_vlan_tag(type)) {
        const uint8_t *tag = bytes_take(b, 4);
        if (!tag) {
            return;
        }
        type = load_be16(tag + 2);
    }
    layers->link_size = (uint32_t)b->position;
    if (type >= ETHER_TYPE_MINIMUM) {
        read_ether_type(type, b, layers);
    } else if (type <= LENGTH_MAXIMUM) {
        read_llc(b, layers);
    }
}

static void read_raw_ip(struct bytes *b, struct corr_layers *layers)
{
    layers->link_size = 0;
    if (b->size > 0) {
        corr_network_read(b->data[0] >> 4 == 6 ? CORR_ETHER_IPV6 : CORR_ETHER_IPV4, b, layers);
    }
}

/* ---- 802.11 ---- */

enum {
    WIFI_HEADER = 24,
    WIFI_TYPE_DATA = 2,
    WIFI_SUBTYPE_QOS = 8,
    WIFI_SUBTYPE_NULL = 4, /* no body */
    WIFI_TO_DS = 0x01,
    WIFI_FROM_DS = 0x02,
    WIFI_PROTECTED = 0x40,
    WIFI_ORDER = 0x80,
    WIFI_HT_CONTROL = 4,
    WIFI_AMSDU = 0x80, /* of the QoS control's first byte */
    SUBFRAME_HEADER = 14
};

/* Which of the four addresses are destination and source, by the two DS bits. */
static const struct {
    uint8_t destination, source; /* offsets in the header */
} wifi_addresses[4] = {{4, 10}, {16, 10}, {4, 16}, {16, 24}};

static bool is_snap_at(const struct bytes *b, size_t offset)
{
    return bytes_left(b) >= offset + 3 && is_snap(b->data + b->position + offset);
}

/*
 * First subframe of an A-MSDU                      [documented: IEEE 802.11, 9.3.2.2]
 *   0  destination    6  source    12  u16, big-endian  length of the body that follows
 * Who takes a frame apart may leave its bit set: then the LLC stands where the
 * subframe would begin, and this is not called.
 */
static void read_subframe(struct bytes *b, struct corr_layers *layers)
{
    const uint8_t *header = bytes_take(b, SUBFRAME_HEADER);
    if (!header) {
        return;
    }
    size_t length = load_be16(header + 12);
    set_mac(&layers->destination_mac, header);
    set_mac(&layers->source_mac, header + MAC_SIZE);
    layers->link_size = (uint32_t)b->position;
    struct bytes body = bytes_of(b->data, b->size);
    body.position = b->position;
    if (length < bytes_left(b)) {
        body.size = b->position + length;
    }
    read_llc(&body, layers);
}

static void read_wifi_body(struct bytes *b, bool may_be_amsdu, struct corr_layers *layers)
{
    layers->link_size = (uint32_t)b->position;
    if (is_snap_at(b, 0)) {
        bool is_protected = b->data[1] & WIFI_PROTECTED;
        layers->is_protected_plain = is_protected;
        read_llc(b, layers);
    } else if (may_be_amsdu && is_snap_at(b, SUBFRAME_HEADER)) {
        read_subframe(b, layers);
    }
}

/*
 * 802.11 header                                    [documented: IEEE 802.11, 9.2]
 *   0  u2 version 0, u2 type, u4 subtype    1  flags    4, 10, 16  addresses 1 to 3
 *   22 u4 fragment, u12 sequence            24 address 4 with both DS bits
 *   then u16 QoS control (QoS data), u32 HT control (QoS data with Order), body
 */
static void read_wifi_data(struct bytes *b, struct corr_layers *layers)
{
    const uint8_t *header = b->data;
    uint8_t subtype = header[0] >> 4;
    uint8_t flags = header[1];
    uint8_t ds = flags & (WIFI_TO_DS | WIFI_FROM_DS);
    bytes_skip(b, ds == (WIFI_TO_DS | WIFI_FROM_DS) ? MAC_SIZE : 0);
    if (b->failed) {
        return;
    }
    set_mac(&layers->destination_mac, header + wifi_addresses[ds].destination);
    set_mac(&layers->source_mac, header + wifi_addresses[ds].source);
    bool is_amsdu = false;
    if (subtype & WIFI_SUBTYPE_QOS) {
        const uint8_t *qos = bytes_take(b, 2);
        is_amsdu = qos && qos[0] & WIFI_AMSDU;
        bytes_skip(b, flags & WIFI_ORDER ? WIFI_HT_CONTROL : 0);
    }
    bool is_later_fragment = (header[22] & 0xF) != 0;
    if (!b->failed && !(subtype & WIFI_SUBTYPE_NULL) && !is_later_fragment) {
        read_wifi_body(b, is_amsdu, layers);
    }
}

static void read_wifi(struct bytes *b, struct corr_layers *layers)
{
    const uint8_t *header = bytes_take(b, WIFI_HEADER);
    if (!header || (header[0] & 3) != 0) {
        return;
    }
    if ((header[0] >> 2 & 3) == WIFI_TYPE_DATA) {
        read_wifi_data(b, layers);
        return;
    }
    set_mac(&layers->destination_mac, header + 4);
    set_mac(&layers->source_mac, header + 10);
}

/* ---- all ---- */

/* A broadcast to a subnet has an address like any other: its MAC tells. A group MAC with
 * a single IP address does not: balanced clusters have them. */
static enum corr_cast cast_of_mac(const struct corr_layers *layers)
{
    const uint8_t *mac = layers->destination_mac.bytes;
    bool is_ip = layers->network == CORR_NETWORK_IPV4 || layers->network == CORR_NETWORK_IPV6;
    if (load_be32(mac) == UINT32_MAX && load_be16(mac + 4) == UINT16_MAX) {
        return CORR_BROADCAST;
    }
    return !is_ip && mac[0] & 1 ? CORR_MULTICAST : CORR_UNICAST;
}

/* All but the quoted flow. In pieces, as compilers fill small ones in line and hand
 * larger ones to an instruction that takes longer to start than all of this. */
static void clear(struct corr_layers *layers)
{
    static const struct corr_address none;
    memset(layers, 0, offsetof(struct corr_layers, source));
    layers->source = none;
    layers->destination = none;
    layers->source_mac = none;
    layers->destination_mac = none;
}

void corr_layers_read(enum etw_link link, const uint8_t *frame, size_t size,
                      struct corr_layers *layers)
{
    size_t readable = size < UINT32_MAX ? size : UINT32_MAX;
    struct bytes b = bytes_of(frame, frame ? readable : 0);
    clear(layers);
    layers->link_size = (uint32_t)b.size;
    layers->network_offset = (uint32_t)b.size;
    /* Called for every packet: direct calls, which the compiler can join. */
    if (link == ETW_LINK_ETHERNET) {
        read_ethernet(&b, layers);
    } else if (link == ETW_LINK_RAW_IP) {
        read_raw_ip(&b, layers);
    } else if (link == ETW_LINK_IEEE80211) {
        read_wifi(&b, layers);
    } else if (link == ETW_LINK_PPP) {
        read_ppp(&b, layers);
    }
    if (layers->network == CORR_NETWORK_NONE) {
        layers->source = layers->source_mac;
        layers->destination = layers->destination_mac;
    }
    if (layers->cast == CORR_UNICAST) {
        layers->cast = cast_of_mac(layers);
    }
}

void corr_layers_set_original(struct corr_layers *layers, uint32_t original)
{
    if (!layers->is_payload_by_frame) {
        return;
    }
    uint32_t offset = layers->payload_offset;
    layers->payload_size = original > offset ? original - offset : 0;
    if (layers->has_tcp) {
        layers->tcp_length = layers->payload_size;
    }
}

/* ---- which link the bytes are ---- */

/* EtherTypes that make a frame likely to be Ethernet although its payload cannot
 * be checked: MPLS, PPPoE, EAPOL, MACsec, LLDP, PTP, 802.11 mobility. */
static const uint16_t known_ether_types[] = {0x8847, 0x8848, 0x8863, 0x8864, 0x888E,
                                             0x88E5, 0x88CC, 0x88F7, 0x890D};

static bool is_known_ether_type(uint16_t ether_type)
{
    for (size_t i = 0; i < sizeof(known_ether_types) / sizeof(known_ether_types[0]); i++) {
        if (known_ether_types[i] == ether_type) {
            return true;
        }
    }
    return false;
}

/* Management and control frames carry nothing that could be checked. */
static bool may_be_wifi_management(const uint8_t *frame, size_t size)
{
    return size >= 2 && (frame[0] & 3) == 0 && (frame[0] >> 2 & 3) < WIFI_TYPE_DATA &&
           (frame[1] & (WIFI_TO_DS | WIFI_FROM_DS)) == 0;
}

/* Protocols of PPP that carry no IP: compressed and multilink packets, and those that
 * negotiate (LCP, PAP, CHAP, EAP, link quality, callback, and for IP, IPv6, compression,
 * encryption).                                              [documented: IANA, PPP numbers] */
static const uint16_t known_ppp_protocols[] = {0x002D, 0x002F, 0x003D, 0x00FB, 0x00FD, 0x8021,
                                               0x8053, 0x8057, 0x80FB, 0x80FD, 0xC021, 0xC023,
                                               0xC025, 0xC029, 0xC223, 0xC227};

static bool is_known_ppp_protocol(uint16_t protocol)
{
    for (size_t i = 0; i < sizeof(known_ppp_protocols) / sizeof(known_ppp_protocols[0]); i++) {
        if (known_ppp_protocols[i] == protocol) {
            return true;
        }
    }
    return false;
}

/* u16 protocol, u8 code, u8 identifier, u16 length from the code on: the first bytes of a
 * MAC address may look like a protocol, but hardly all of this. */
static bool is_negotiation(const uint8_t *frame, size_t size)
{
    if (size < 6 || load_be16(frame) < 0x8000) {
        return false;
    }
    uint16_t length = load_be16(frame + 4);
    return frame[2] >= 1 && frame[2] <= 15 && length >= 4 && length <= size - 2;
}

static bool is_ppp(const uint8_t *frame, size_t size)
{
    struct corr_layers layers;
    corr_layers_read(ETW_LINK_PPP, frame, size, &layers);
    if (layers.network != CORR_NETWORK_NONE) {
        return true;
    }
    bool has_address = size >= 4 && load_be16(frame) == 0xFF03;
    if (has_address) {
        return is_known_ppp_protocol(load_be16(frame + 2));
    }
    return is_negotiation(frame, size) && is_known_ppp_protocol(load_be16(frame));
}

/* What NdisWan logs: its own Ethernet frames, unless the bytes are PPP or IP for sure. */
static enum etw_link wide_area_link(const uint8_t *frame, size_t size)
{
    struct corr_layers ethernet, raw;
    corr_layers_read(ETW_LINK_ETHERNET, frame, size, &ethernet);
    if (ethernet.network != CORR_NETWORK_NONE) {
        return ETW_LINK_ETHERNET;
    }
    if (is_ppp(frame, size)) {
        return ETW_LINK_PPP;
    }
    corr_layers_read(ETW_LINK_RAW_IP, frame, size, &raw);
    return raw.network != CORR_NETWORK_NONE ? ETW_LINK_RAW_IP : ETW_LINK_ETHERNET;
}

enum etw_link corr_link_by_bytes(enum etw_link claimed, const uint8_t *frame, size_t size)
{
    if (claimed == ETW_LINK_ETHERNET || !frame || size == 0) {
        return claimed;
    }
    if (claimed == ETW_LINK_PPP) {
        return wide_area_link(frame, size);
    }
    struct corr_layers wifi, raw, ethernet;
    corr_layers_read(ETW_LINK_IEEE80211, frame, size, &wifi);
    if (claimed == ETW_LINK_IEEE80211 && wifi.ether_type != 0) {
        return claimed;
    }
    corr_layers_read(ETW_LINK_RAW_IP, frame, size, &raw);
    if (claimed == ETW_LINK_RAW_IP && raw.network != CORR_NETWORK_NONE) {
        return claimed;
    }
    corr_layers_read(ETW_LINK_ETHERNET, frame, size, &ethernet);
    if (ethernet.network != CORR_NETWORK_NONE) {
        return ETW_LINK_ETHERNET;
    }
    if (wifi.ether_type != 0) {
        return ETW_LINK_IEEE80211;
    }
    if (raw.network != CORR_NETWORK_NONE && raw.stated_size >= size) {
        return ETW_LINK_RAW_IP;
    }
    if (is_known_ether_type(ethernet.ether_type) && !may_be_wifi_management(frame, size)) {
        return ETW_LINK_ETHERNET;
    }
    return claimed;
}
