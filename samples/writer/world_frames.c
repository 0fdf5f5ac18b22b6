/* SPDX-License-Identifier: MIT */
#include "world_frames.h"

#include "etl_payloads.h"
#include "etl_records.h"
#include "frames.h"
#include "world_output.h"

#include <string.h>

enum { ETHERNET_HEADER = 14, IPV4_HEADER = 20, UDP_HEADER = 8, CUT_SIZE = 128 };
enum { FRAGMENT_SIZE = 1480, BUILD_OFFLOAD_WORDS = 17763, MOST_DATA = 16384 };

struct world_truth truth_of(const struct world_process *owner, const char *kind)
{
    return (struct world_truth){.owner = owner, .kind = kind};
}

struct world_truth truth_of_nobody(const char *reason, const char *kind)
{
    return (struct world_truth){.reason = reason, .kind = kind};
}

const struct world_address *world_local_address(unsigned number)
{
    static const struct world_address addresses[WORLD_ADDRESSES] = {
        {.size = 4, .bytes = {192, 0, 2, 10}},
        {.size = 4, .bytes = {192, 0, 2, 11}},
        {.size = 16, .bytes = {0x20, 0x01, 0x0D, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10}}};
    return &addresses[number];
}

static bool is_ours(const struct world_address *address)
{
    for (unsigned i = 0; i < WORLD_ADDRESSES; i++) {
        const struct world_address *local = world_local_address(i);
        if (local->size == address->size &&
            memcmp(local->bytes, address->bytes, address->size) == 0) {
            return true;
        }
    }
    return false;
}

/* Hardware addresses: this host, groups by RFC 1112, hosts beside us by their last byte, and
 * the gateway for all others. */
static void put_mac(const struct world_address *address, uint8_t mac[6])
{
    static const uint8_t here[6] = {2, 0, 0, 0, 0, 0x0A}, gateway[6] = {2, 0, 0, 0, 0, 0x01};
    static const uint8_t beside[6] = {2, 0, 0, 0, 1, 0}, group[6] = {1, 0, 0x5E, 0, 0, 0};
    const uint8_t *bytes = address->bytes;
    bool is_beside = address->size == 4 && bytes[0] == 192 && bytes[1] == 0 && bytes[2] == 2;
    if (is_ours(address)) {
        memcpy(mac, here, 6);
    } else if (address->size == 4 && (bytes[0] == 255 || (is_beside && bytes[3] == 255))) {
        memset(mac, 0xFF, 6);
    } else if (address->size == 4 && bytes[0] >> 4 == 14) {
        memcpy(mac, group, 6);
        mac[3] = bytes[1] & 0x7F;
        mac[4] = bytes[2];
        mac[5] = bytes[3];
    } else if (is_beside) {
        memcpy(mac, beside, 6);
        mac[5] = bytes[3];
    } else {
        memcpy(mac, gateway, 6);
    }
}

static struct endpoint endpoint_of(const struct world_address *address)
{
    struct endpoint endpoint = {.port = address->port};
    put_mac(address, endpoint.mac);
    memcpy(address->size == 4 ? endpoint.ipv4 : endpoint.ipv6, address->bytes, address->size);
    return endpoint;
}

static void put_big_u16(uint8_t *at, unsigned value)
{
    at[0] = (uint8_t)(value >> 8 & 0xFF);
    at[1] = (uint8_t)(value & 0xFF);
}

/* Data of a stream, which repeat every PERIOD bytes: what is sent again is the same. */
static const uint8_t *stream_data(uint32_t sequence)
{
    enum { PERIOD = 4096 };
    static const char text[] = "the quick brown fox jumps over the lazy dog ";
    static uint8_t data[MOST_DATA + PERIOD];
    for (size_t i = 0; !data[sizeof(data) - 1] && i < sizeof(data); i++) {
        data[i] = (uint8_t)text[i % PERIOD % (sizeof(text) - 1)];
    }
    return data + sequence % PERIOD;
}

static bool is_port_of(const struct world_packet *packet, uint16_t port)
{
    return packet->source->port == port || packet->destination->port == port;
}

/* A question for the address of a.example, on ports where such things are said, and the answer
 * that there is none; else text. */
static const uint8_t *datagram_data(const struct world_packet *packet, uint32_t number)
{
    static uint8_t question[MOST_DATA] = {0x12, 0x34, 1,   0,   0,   1, 0,   0,   0,
                                          0,    0,    0,   1,   'a', 7, 'e', 'x', 'a',
                                          'm',  'p',  'l', 'e', 0,   0, 1,   0,   1};
    static const uint8_t nothing[MOST_DATA];
    static const uint16_t ports[] = {53, 137, 5353, 5355};
    for (size_t i = 0; i < sizeof(ports) / sizeof(ports[0]); i++) {
        if (is_port_of(packet, ports[i])) {
            bool is_answer = packet->source->port == ports[i] && ports[i] == 53;
            put_big_u16(question, is_answer ? packet->destination->port : packet->source->port);
            put_big_u16(question + 2, is_answer ? 0x8183 : 0x0100);
            return question;
        }
    }
    return is_port_of(packet, 138) ? nothing : stream_data(number);
}

/* ---- the event ---- */

static void log_frame(struct world_burst *burst, const struct world_packet *packet,
                      const uint8_t *frame, size_t size)
{
    struct world *world = burst->world;
    bool is_cut = size > CUT_SIZE && chance_percent(&world->chance, 4);
    struct ndis_fragment fragment = {.miniport_index = WORLD_INTERFACE,
                                     .lower_index = WORLD_INTERFACE,
                                     .data = frame,
                                     .size = is_cut ? CUT_SIZE : size,
                                     .has_offload_words = world->build >= BUILD_OFFLOAD_WORDS};
    block_clear(&world->payload);
    payload_ndis_fragment(&world->payload, &fragment);
    struct etl_event record = {
        .pointer_size = world->pointer_size,
        .provider = &guid_ndis_capture,
        .id = 1001,
        .channel = 16,
        .level = 4,
        .keyword = NDIS_CHANNEL | NDIS_PACKET | NDIS_PII | NDIS_ETHERNET | NDIS_START | NDIS_END |
                   (packet->is_out ? NDIS_SEND : NDIS_RECEIVE) | (is_cut ? NDIS_TRUNCATED : 0),
        .payload = world->payload.data,
        .payload_size = world->payload.size};
    if (burst->process) {
        world_header_pid(world, burst, &record.process_id, &record.thread_id);
    } else {
        record.process_id = burst->pid;
        record.thread_id = burst->tid;
    }
    block_clear(&world->record);
    etl_record_event(&world->record, &record);
    world->record.failed = world->record.failed || world->payload.failed;
    struct world_place place = {.at = burst_tick(burst), .cpu = burst->cpu, .ticks_at = 16};
    world_put(world, &place, &packet->truth);
    world->frame_number++;
}

static void log_whole_frame(struct world_burst *burst, const struct world_packet *packet)
{
    struct byte_block *frame = &burst->world->frame;
    if (frame->failed) {
        burst->world->failed = true;
    } else {
        log_frame(burst, packet, frame->data, frame->size);
    }
}

/* Begins a frame with its Ethernet header. */
static struct byte_block *begin_frame(struct world *world, const struct path *path, bool is_ipv6)
{
    block_clear(&world->frame);
    frame_ethernet(&world->frame, path, is_ipv6 ? ETHER_IPV6 : ETHER_IPV4);
    return &world->frame;
}

/* ---- packets ---- */

void packet_tcp(struct world_burst *burst, const struct world_packet *packet,
                const struct world_segment *segment)
{
    struct world *world = burst->world;
    bool is_ipv6 = packet->source->size == 16;
    struct endpoint from = endpoint_of(packet->source), to = endpoint_of(packet->destination);
    struct path path = {&from, &to};
    struct tcp_segment form = {.sequence = segment->sequence,
                               .acknowledgement = segment->acknowledgement,
                               .flags = segment->flags,
                               .window = segment->window,
                               .maximum_segment = segment->flags & TCP_SYN ? 1460 : 0,
                               .ip_id = (uint16_t)(world->frame_number & 0xFFFF),
                               .data = stream_data(segment->sequence),
                               .size = segment->size < MOST_DATA ? segment->size : MOST_DATA};
    struct byte_block *frame = begin_frame(world, &path, is_ipv6);
    (is_ipv6 ? frame_tcp6 : frame_tcp4)(frame, &path, &form);
    log_whole_frame(burst, packet);
}

/* Ones' complement sum of RFC 1071. */
static void put_sum(uint8_t *at, const uint8_t *data, size_t size)
{
    uint32_t sum = 0;
    put_big_u16(at, 0);
    for (size_t i = 0; i + 1 < size; i += 2) {
        sum += (uint32_t)data[i] << 8 | data[i + 1];
    }
    sum += size & 1 ? (uint32_t)data[size - 1] << 8 : 0;
    sum = (sum & 0xFFFF) + (sum >> 16);
    put_big_u16(at, ~(sum + (sum >> 16)) & 0xFFFF);
}

/* Cuts the datagram in `world->frame`. Offsets count 8 bytes; 0x2000: more follow. */
static void log_fragments(struct world_burst *burst, const struct world_packet *packet)
{
    struct byte_block *frame = &burst->world->frame;
    enum { HEADERS = ETHERNET_HEADER + IPV4_HEADER };
    uint8_t bytes[HEADERS + FRAGMENT_SIZE];
    struct world_packet part = *packet;
    if (frame->failed) {
        burst->world->failed = true;
        return;
    }
    size_t total = frame->size - HEADERS;
    memcpy(bytes, frame->data, HEADERS);
    for (size_t first = 0; first < total; first += FRAGMENT_SIZE) {
        size_t left = total - first, size = left < FRAGMENT_SIZE ? left : FRAGMENT_SIZE;
        memcpy(bytes + HEADERS, frame->data + HEADERS + first, size);
        put_big_u16(bytes + ETHERNET_HEADER + 2, (unsigned)(IPV4_HEADER + size));
        put_big_u16(bytes + ETHERNET_HEADER + 6,
                    (unsigned)(first / 8) | (size < left ? 0x2000u : 0));
        put_sum(bytes + ETHERNET_HEADER + 10, bytes + ETHERNET_HEADER, IPV4_HEADER);
        part.truth.kind = first ? "fragment" : packet->truth.kind;
        log_frame(burst, &part, bytes, HEADERS + size);
    }
}

void packet_udp(struct world_burst *burst, const struct world_packet *packet, size_t size)
{
    struct world *world = burst->world;
    bool is_ipv6 = packet->source->size == 16;
    struct endpoint from = endpoint_of(packet->source), to = endpoint_of(packet->destination);
    struct path path = {&from, &to};
    const uint8_t *data = datagram_data(packet, (uint32_t)world->frame_number);
    struct byte_block *frame = begin_frame(world, &path, is_ipv6);
    if (is_ipv6) {
        frame_udp6(frame, &path, data, size);
    } else {
        frame_udp4(frame, &path, (uint16_t)(world->frame_number & 0xFFFF), data, size);
    }
    if (!is_ipv6 && size + UDP_HEADER > FRAGMENT_SIZE) {
        log_fragments(burst, packet);
    } else {
        log_whole_frame(burst, packet);
    }
}

void packet_echo(struct world_burst *burst, const struct world_packet *packet, bool is_reply,
                 uint16_t sequence)
{
    struct endpoint from = endpoint_of(packet->source), to = endpoint_of(packet->destination);
    struct path path = {&from, &to};
    struct byte_block *frame = begin_frame(burst->world, &path, false);
    frame_echo4(frame, &path, is_reply, sequence, 32);
    log_whole_frame(burst, packet);
}

/* The quotation is the IPv4 header and the first 8 bytes behind it. */
void packet_unreachable(struct world_burst *burst, const struct world_packet *packet,
                        const struct world_address *unreachable)
{
    enum { QUOTED = IPV4_HEADER + UDP_HEADER, ICMP_HEADER = 8 };
    struct world *world = burst->world;
    struct endpoint asker = endpoint_of(packet->destination), peer = endpoint_of(unreachable);
    struct endpoint router = endpoint_of(packet->source);
    struct path asked = {&asker, &peer}, back = {&router, &asker};
    uint8_t quoted[QUOTED], *ip = NULL;
    block_clear(&world->frame);
    frame_udp4(&world->frame, &asked, (uint16_t)(world->frame_number & 0xFFFF), "?", 1);
    if (world->frame.failed) {
        world->failed = true;
        return;
    }
    memcpy(quoted, world->frame.data, QUOTED);
    /* An echo with as much behind its header; then the message becomes another one. */
    struct byte_block *frame = begin_frame(world, &back, false);
    frame_echo4(frame, &back, true, 0, QUOTED);
    if (!frame->failed) {
        ip = frame->data + ETHERNET_HEADER;
        memset(ip + IPV4_HEADER, 0, ICMP_HEADER);
        ip[IPV4_HEADER] = 3;     /* destination unreachable */
        ip[IPV4_HEADER + 1] = 3; /* port */
        memcpy(ip + IPV4_HEADER + ICMP_HEADER, quoted, QUOTED);
        put_sum(ip + IPV4_HEADER + 2, ip + IPV4_HEADER, ICMP_HEADER + QUOTED);
    }
    log_whole_frame(burst, packet);
}

void packet_arp(struct world_burst *burst, const struct world_packet *packet, bool is_reply)
{
    struct endpoint from = endpoint_of(packet->source), to = endpoint_of(packet->destination);
    struct path path = {&from, &to};
    block_clear(&burst->world->frame);
    frame_arp(&burst->world->frame, &path, is_reply);
    log_whole_frame(burst, packet);
}
