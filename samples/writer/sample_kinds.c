/* SPDX-License-Identifier: MIT */
/*
 * sample_kinds.c - one small trace for each further kind of packet: Wi-Fi frames with what
 * the driver says of their reception, packets in a virtual switch, packets of remote access
 * connections, and all of them in one.
 */
#include "samples.h"
#include "scene_kinds.h"

#include <string.h>

enum { SECOND_WIFI_INTERFACE = 8, SWITCH_INTERFACE = 21 };

static struct ndis_event event_at(int64_t microseconds, uint16_t cpu,
                                  enum scene_direction direction)
{
    return (struct ndis_event){.cpu = cpu,
                               .at = MICROSECONDS(microseconds),
                               .process_id = 4,
                               .thread_id = 100u + cpu,
                               .direction = direction,
                               .has_offload_words = true};
}

/* Hands `scene->frame` over as the data of `event`. */
static void take_frame(struct scene *scene, struct ndis_event *event)
{
    event->data = scene->frame.data;
    event->size = scene->frame.size;
}

/* ---- Wi-Fi ---- */

static struct ndis_event wifi_event(int64_t microseconds, uint32_t interface_index,
                                    enum scene_direction direction)
{
    struct ndis_event event = event_at(microseconds, 0, direction);
    event.link = LINK_WIFI;
    event.interface_index = interface_index;
    return event;
}

static void write_frame(struct scene *scene, struct ndis_event *event)
{
    take_frame(scene, event);
    (void)scene_ndis(scene, event);
    block_clear(&scene->frame);
}

/* Beacon of the network "example" from the access point of frame_wifi(). */
static void make_beacon(struct scene *scene)
{
    static const uint8_t header[] = {0x80, 0,    0,    0, 0xFF, 0xFF, 0xFF, 0xFF,
                                     0xFF, 0xFF, 0x02, 0, 0,    0,    0x0A, 0x01,
                                     0x02, 0,    0,    0, 0x0A, 0x01, 0x20, 0x00};
    block_bytes(&scene->frame, header, sizeof(header));
    block_u64(&scene->frame, UINT64_C(1234567890)); /* its clock */
    block_u16(&scene->frame, 100);                  /* interval */
    block_u16(&scene->frame, 0x0011);               /* network with privacy */
    block_u8(&scene->frame, 0);                     /* element: name */
    block_u8(&scene->frame, 7);
    block_bytes(&scene->frame, "example", 7);
}

static void make_datagram(struct scene *scene, bool is_out, const char *text)
{
    static const struct path out = {&host, &server}, in = {&server, &host};
    const struct path *path = is_out ? &out : &in;
    frame_wifi(&scene->frame, path, is_out, true, ETHER_IPV4);
    frame_udp4(&scene->frame, path, 1, text, strlen(text));
}

/* Two adapters on one CPU: what is said of both frames stands before both of them. */
static void add_interleaved(struct scene *scene)
{
    static const struct reception fast = {.frequency = 5180, .signal = -51, .rate = 108};
    static const struct reception slow = {.frequency = 2437, .signal = -74, .rate = 11};
    struct ndis_event first = wifi_event(3000, WIFI_INTERFACE, DIRECTION_IN);
    struct ndis_event second = wifi_event(3001, SECOND_WIFI_INTERFACE, DIRECTION_IN);
    (void)scene_reception(scene, &first, &fast);
    (void)scene_reception(scene, &second, &slow);
    first.at = MICROSECONDS(3002);
    make_datagram(scene, false, "of the first adapter");
    write_frame(scene, &first);
    second.at = MICROSECONDS(3003);
    make_datagram(scene, false, "of the second adapter");
    write_frame(scene, &second);
}

static void add_in_parts(struct scene *scene)
{
    static const struct reception reception = {.frequency = 5180, .signal = -60, .rate = 72};
    struct ndis_event event = wifi_event(5000, WIFI_INTERFACE, DIRECTION_IN);
    (void)scene_reception(scene, &event, &reception);
    make_datagram(scene, false, "in two parts");
    size_t whole = scene->frame.size, part = 40;
    event.data = scene->frame.data;
    event.size = part;
    event.is_not_end = true;
    size_t packet = scene_ndis(scene, &event);
    event.at += MICROSECONDS(1);
    event.data += part;
    event.size = whole - part;
    event.is_not_start = true;
    event.is_not_end = false;
    scene_ndis_more(scene, packet, &event);
    block_clear(&scene->frame);
}

void sample_wifi(struct scene *scene)
{
    static const struct reception beacon = {
        .flags = 4, .frequency = 5180, .signal = -48, .rate = 12, .timestamp = 1234567999};
    static const struct reception damaged = {.flags = 3, .frequency = 5180, .signal = -88};
    struct ndis_event event = wifi_event(1000, WIFI_INTERFACE, DIRECTION_IN);
    (void)scene_reception(scene, &event, &beacon);
    make_beacon(scene);
    write_frame(scene, &event);
    event = wifi_event(2000, WIFI_INTERFACE, DIRECTION_OUT);
    make_datagram(scene, true, "sent");
    write_frame(scene, &event);
    add_interleaved(scene);
    event = wifi_event(4000, WIFI_INTERFACE, DIRECTION_IN); /* nothing is said of it */
    make_datagram(scene, false, "received");
    write_frame(scene, &event);
    add_in_parts(scene);
    event = wifi_event(6000, WIFI_INTERFACE, DIRECTION_IN);
    (void)scene_reception(scene, &event, &beacon); /* its frame was lost */
    event.at = MICROSECONDS(7000);
    (void)scene_reception(scene, &event, &damaged);
    make_beacon(scene);
    write_frame(scene, &event);
    sample_interfaces(scene, 1, MICROSECONDS(7000));
}

/* ---- virtual switch ---- */

static const struct switch_port external = {1, "8A3B1C02-0001", "Ethernet", "External"};
static const struct switch_port own = {2, "8A3B1C02-0002", "vEthernet (Lab)", "Internal"};
static const struct switch_port web = {3, "8A3B1C02-0003", "web-01", "Synthetic"};
static const struct switch_port database = {4, "8A3B1C02-0004", "db-01", "Synthetic"};

static const struct endpoint web_end = {
    .mac = {0x02, 0, 0, 0, 0, 0x31}, .ipv4 = {192, 0, 2, 31}, .port = 50100};
static const struct endpoint database_end = {
    .mac = {0x02, 0, 0, 0, 0, 0x32}, .ipv4 = {192, 0, 2, 32}, .port = 1433};

static void write_switched(struct scene *scene, struct ndis_event *event,
                           const struct switched *switched)
{
    event->interface_index = SWITCH_INTERFACE;
    take_frame(scene, event);
    (void)scene_switched(scene, event, switched);
    block_clear(&scene->frame);
}

static void add_question(struct scene *scene)
{
    static const struct path path = {&web_end, &database_end};
    struct switch_port everybody[] = {external, own, database};
    struct switched flood = {.from = web, .to = everybody, .to_count = 3, .vlan = 20};
    struct ndis_event event = event_at(1000, 0, DIRECTION_IN);
    frame_arp(&scene->frame, &path, false);
    write_switched(scene, &event, &flood);
}

static void add_handshake(struct scene *scene)
{
    static const struct path out = {&web_end, &database_end}, in = {&database_end, &web_end};
    struct switched there = {.from = web, .to = &database, .to_count = 1, .vlan = 20};
    struct switched back = {.from = database, .to = &web, .to_count = 1, .vlan = 20};
    struct tcp_segment syn = {.sequence = 100, .flags = TCP_SYN, .window = 64240};
    struct tcp_segment answer = {
        .sequence = 900, .acknowledgement = 101, .flags = TCP_SYN | TCP_ACK, .window = 64240};
    struct ndis_event event = event_at(2000, 0, DIRECTION_IN);
    frame_ethernet(&scene->frame, &out, ETHER_IPV4);
    frame_tcp4(&scene->frame, &out, &syn);
    write_switched(scene, &event, &there);
    event = event_at(2300, 1, DIRECTION_IN);
    frame_ethernet(&scene->frame, &in, ETHER_IPV4);
    frame_tcp4(&scene->frame, &in, &answer);
    write_switched(scene, &event, &back);
}

/* Two packets in two events each, of two ports in turn, on one CPU and thread. */
static void add_switched_parts(struct scene *scene)
{
    static const struct path paths[2] = {{&web_end, &database_end}, {&database_end, &web_end}};
    const struct switched ways[2] = {{.from = web, .to = &database, .to_count = 1},
                                     {.from = database, .to = &web, .to_count = 1}};
    struct byte_block frames[2] = {{0}, {0}};
    size_t packets[2] = {0, 0};
    for (unsigned i = 0; i < 2; i++) {
        frame_ethernet(&frames[i], &paths[i], ETHER_IPV4);
        frame_udp4(&frames[i], &paths[i], (uint16_t)i, "data in two events, two ports in turn", 37);
    }
    for (unsigned step = 0; step < 4; step++) {
        unsigned i = step & 1;
        size_t half = frames[i].size / 2;
        struct ndis_event event = event_at(3000 + (int64_t)step, 0, DIRECTION_IN);
        event.interface_index = SWITCH_INTERFACE;
        event.is_not_start = step > 1;
        event.is_not_end = step < 2;
        event.data = frames[i].data + (step > 1 ? half : 0);
        event.size = step > 1 ? frames[i].size - half : half;
        if (step < 2) {
            packets[i] = scene_switched(scene, &event, &ways[i]);
        } else {
            scene_switched_more(scene, packets[i], &event, &ways[i]);
        }
    }
    block_done(&frames[0]);
    block_done(&frames[1]);
}

/* From outside, first at the adapter, then at the port behind it. */
static void add_from_outside(struct scene *scene)
{
    static const struct path in = {&server, &web_end};
    struct switched inside = {.from = external, .to = &web, .to_count = 1};
    struct ndis_event event = event_at(4000, 0, DIRECTION_IN);
    frame_ethernet(&scene->frame, &in, ETHER_IPV4);
    frame_udp4(&scene->frame, &in, 7, "from outside", 12);
    event.interface_index = ETHERNET_INTERFACE;
    take_frame(scene, &event);
    (void)scene_ndis(scene, &event);
    event = event_at(4005, 0, DIRECTION_IN);
    write_switched(scene, &event, &inside);
}

void sample_vmswitch(struct scene *scene)
{
    add_question(scene);
    add_handshake(scene);
    add_switched_parts(scene);
    add_from_outside(scene);
    sample_interfaces(scene, 1, MICROSECONDS(5000));
}

/* ---- remote access ---- */

static void write_ras(struct scene *scene, int64_t microseconds, bool is_out, enum scene_link link,
                      const char *user)
{
    struct ras_event event = {.at = MICROSECONDS(microseconds),
                              .direction = is_out ? DIRECTION_OUT : DIRECTION_IN,
                              .link = link,
                              .routing_domain = "{00000000-0000-0000-0000-000000000000}",
                              .user = user,
                              .data = scene->frame.data,
                              .size = scene->frame.size};
    (void)scene_ras(scene, &event);
    block_clear(&scene->frame);
}

/* PPP: address and control, protocol, then code, identifier, length, one option. */
static void make_ppp_request(struct scene *scene, unsigned protocol, const uint8_t *option,
                             unsigned size)
{
    const uint8_t head[] = {0xFF, 0x03, (uint8_t)(protocol >> 8), (uint8_t)protocol, 0x01,
                            0x01, 0x00, (uint8_t)(size + 4)};
    block_bytes(&scene->frame, head, sizeof(head));
    block_bytes(&scene->frame, option, size);
}

static void add_ppp(struct scene *scene)
{
    static const uint8_t receive_unit[] = {0x01, 0x04, 0x05, 0xDC};
    static const uint8_t address[] = {0x03, 0x06, 192, 0, 2, 77};
    static const uint8_t is_ipv4[] = {0xFF, 0x03, 0x00, 0x21};
    static const struct path in = {&server, &host};
    make_ppp_request(scene, 0xC021, receive_unit, sizeof(receive_unit));
    write_ras(scene, 1000, false, LINK_PPP, "EXAMPLE\\bob");
    make_ppp_request(scene, 0x8021, address, sizeof(address));
    write_ras(scene, 1500, true, LINK_PPP, "EXAMPLE\\bob");
    block_bytes(&scene->frame, is_ipv4, sizeof(is_ipv4));
    frame_udp4(&scene->frame, &in, 9, "inside PPP", 10);
    write_ras(scene, 2000, false, LINK_PPP, "EXAMPLE\\bob");
}

void sample_ras(struct scene *scene)
{
    static const struct path out = {&host, &server}, in = {&server, &host};
    add_ppp(scene);
    frame_ethernet(&scene->frame, &out, ETHER_IPV4);
    frame_udp4(&scene->frame, &out, 10, "an Ethernet frame of NdisWan", 28);
    write_ras(scene, 3000, true, LINK_ETHERNET, "EXAMPLE\\alice");
    frame_ethernet(&scene->frame, &in, ETHER_IPV6);
    frame_udp6(&scene->frame, &in, "and its answer", 14);
    write_ras(scene, 3500, false, LINK_ETHERNET, "EXAMPLE\\alice");
    frame_udp4(&scene->frame, &out, 11, "IP alone", 8);
    write_ras(scene, 4000, true, LINK_IP, "");
    sample_interfaces(scene, 1, MICROSECONDS(5000));
}

/* ---- all of them ---- */

static void add_monitored(struct scene *scene, int64_t microseconds)
{
    make_udp_frame(scene, true, 1, 30);
    struct pktmon_sighting sighting = {.group = 1,
                                       .number = 1,
                                       .appearance = 1,
                                       .direction = PKTMON_TX,
                                       .packet_type = PKTMON_ETHERNET,
                                       .component = 9,
                                       .edge = 1,
                                       .original_size = (uint16_t)scene->frame.size,
                                       .data = scene->frame.data,
                                       .size = (uint16_t)scene->frame.size};
    payload_pktmon_sighting(&scene->payload, &sighting);
    struct etl_event event = {.provider = &guid_pktmon,
                              .id = 160,
                              .keyword = PKTMON_KEYWORD_PACKET,
                              .payload = scene->payload.data,
                              .payload_size = scene->payload.size};
    size_t record = scene_event(scene, 1, MICROSECONDS(microseconds), &event);
    struct truth_packet *packet = scene_note_packet(scene, record);
    if (packet) {
        packet->direction = DIRECTION_OUT;
        packet->captured = (uint32_t)scene->frame.size;
        packet->original = (uint32_t)scene->frame.size;
        packet->sightings = 1;
    }
    block_clear(&scene->payload);
    block_clear(&scene->frame);
}

void sample_mixed(struct scene *scene)
{
    static const struct path in = {&server, &host};
    static const struct reception reception = {.frequency = 5955, .signal = -55, .rate = 240};
    add_question(scene);
    struct ndis_event event = wifi_event(1200, WIFI_INTERFACE, DIRECTION_IN);
    (void)scene_reception(scene, &event, &reception);
    make_datagram(scene, false, "over the air");
    write_frame(scene, &event);
    add_ppp(scene);
    add_monitored(scene, 2500);
    event = event_at(2600, 0, DIRECTION_IN);
    event.link = LINK_IP;
    event.interface_index = WWAN_INTERFACE;
    frame_udp4(&scene->frame, &in, 12, "mobile", 6);
    write_frame(scene, &event);
    add_from_outside(scene);
    sample_interfaces(scene, 1, MICROSECONDS(5000));
}

struct etl_options sample_kinds_options(void)
{
    struct etl_options options = scene_options();
    options.session_name = "NetTrace-Session";
    options.file_name = "C:\\traces\\NetTrace.etl";
    options.buffer_size = 0x1000;
    return options;
}
