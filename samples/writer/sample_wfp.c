/* SPDX-License-Identifier: MIT */
/*
 * sample_wfp.c - what Message Analyzer recorded of the Windows Filtering Platform: packets
 * behind their IP headers, and the authorizations of their connections, which name processes.
 *
 *     4120  browser.exe asks the server over TCP
 *     1388  svchost.exe is asked over UDP and IPv6
 */
#include "samples.h"

#include "wfp_payloads.h"

enum { BROWSER = 4120, RESPONDER = 1388, IPV4_HEADER = 20, IPV6_HEADER = 40 };
enum { FLOW_BROWSER = 0x11, FLOW_RESPONDER = 0x12, ANSWER_SIZE = 3000, PART_SIZE = 2000 };
#define BROWSER_PATH   "\\device\\harddiskvolume2\\program files\\example\\browser.exe"
#define RESPONDER_PATH "\\device\\harddiskvolume2\\windows\\system32\\svchost.exe"

static const struct path out = {&host, &server}, in = {&server, &host};

static size_t add_event(struct scene *scene, int64_t at, uint16_t id, uint64_t keyword)
{
    struct etl_event event = {.provider = id < 2000 ? &guid_wfp : &guid_wfp_message,
                              .id = id,
                              .keyword = keyword,
                              .process_id = 4,
                              .payload = scene->payload.data,
                              .payload_size = scene->payload.size};
    size_t record = scene_event(scene, 0, at, &event);
    block_clear(&scene->payload);
    return record;
}

/* `size` is that of the packet with its IP header; behind it stands what was logged. */
static void note(struct scene *scene, size_t record, size_t size, enum scene_direction direction)
{
    struct truth_packet *packet = scene_note_packet(scene, record);
    if (packet) {
        packet->direction = direction;
        packet->link = LINK_IP;
        packet->captured = (uint32_t)size;
        packet->original = (uint32_t)size;
    }
    block_clear(&scene->frame);
}

static struct wfp_message message_of(const struct scene *scene, const struct path *path,
                                     size_t header)
{
    size_t size = scene->frame.size;
    return (struct wfp_message){.path = path,
                                .is_ipv6 = header == IPV6_HEADER,
                                .data = scene->frame.data + header,
                                .size = (uint16_t)(size > header ? size - header : 0)};
}

static void add_segment(struct scene *scene, int64_t at, bool is_out,
                        const struct tcp_segment *segment)
{
    const struct path *path = is_out ? &out : &in;
    frame_tcp4(&scene->frame, path, segment);
    struct wfp_message message = message_of(scene, path, IPV4_HEADER);
    message.protocol = IP_TCP;
    message.has_flow = true;
    message.flow = FLOW_BROWSER;
    payload_wfp_message(&scene->payload, &message);
    size_t record = add_event(scene, at, 60012, WFP_PACKET | (is_out ? WFP_SEND : WFP_RECEIVE));
    note(scene, record, scene->frame.size, is_out ? DIRECTION_OUT : DIRECTION_IN);
}

/* An answer that is too long for one event. */
static void add_long_answer(struct scene *scene, int64_t at)
{
    static const uint8_t data[ANSWER_SIZE];
    const struct tcp_segment segment = {.sequence = 5001,
                                        .acknowledgement = 1019,
                                        .flags = TCP_PSH | TCP_ACK,
                                        .window = 8192,
                                        .data = data,
                                        .size = sizeof(data)};
    struct byte_block whole = {0};
    frame_tcp4(&scene->frame, &in, &segment);
    struct wfp_message message = message_of(scene, &in, IPV4_HEADER);
    message.protocol = IP_TCP;
    message.has_flow = true;
    message.flow = FLOW_BROWSER;
    payload_wfp_message(&whole, &message);
    uint32_t rest = whole.size > PART_SIZE ? (uint32_t)(whole.size - PART_SIZE) : 0;
    payload_wfp_fragment(&scene->payload, 60012, 1, whole.data, PART_SIZE);
    size_t record = add_event(scene, at, 2000, WFP_PACKET | WFP_RECEIVE | WFP_START);
    payload_wfp_fragment(&scene->payload, 60012, 1, whole.data + PART_SIZE, rest);
    (void)add_event(scene, at + MICROSECONDS(3), 2000, WFP_PACKET | WFP_RECEIVE | WFP_END);
    block_done(&whole);
    note(scene, record, scene->frame.size, DIRECTION_IN);
}

static void add_connection(struct scene *scene)
{
    static const char request[] = "GET / HTTP/1.0\r\n\r\n";
    const struct wfp_authorization authorization = {.path = &out,
                                                    .direction = WFP_OUTBOUND,
                                                    .protocol = IP_TCP,
                                                    .flow = FLOW_BROWSER,
                                                    .process_id = BROWSER,
                                                    .process_path = BROWSER_PATH};
    const struct tcp_segment segments[] = {
        {.sequence = 1000, .flags = TCP_SYN, .window = 8192},
        {.sequence = 5000, .acknowledgement = 1001, .flags = TCP_SYN | TCP_ACK, .window = 8192},
        {.sequence = 1001,
         .acknowledgement = 5001,
         .flags = TCP_PSH | TCP_ACK,
         .window = 8192,
         .data = request,
         .size = sizeof(request) - 1},
    };
    payload_wfp_authorization(&scene->payload, &authorization);
    (void)add_event(scene, MILLISECONDS(10), 60031, WFP_PACKET);
    for (size_t i = 0; i < sizeof(segments) / sizeof(segments[0]); i++) {
        add_segment(scene, MILLISECONDS(11) + MILLISECONDS(20) * (int64_t)i, i != 1, &segments[i]);
    }
    add_long_answer(scene, MILLISECONDS(80));
}

/* Without keywords: only the addresses tell who sent. */
static void add_datagrams(struct scene *scene)
{
    struct endpoint asker = server, asked = host;
    asker.port = 50500;
    asked.port = 40000;
    const struct path question = {&asker, &asked}, answer = {&asked, &asker};
    const struct path *const paths[] = {&question, &answer};
    const struct wfp_authorization authorization = {.path = &question,
                                                    .is_ipv6 = true,
                                                    .direction = WFP_INBOUND,
                                                    .protocol = IP_UDP,
                                                    .flow = FLOW_RESPONDER,
                                                    .process_id = RESPONDER,
                                                    .process_path = RESPONDER_PATH};
    payload_wfp_authorization(&scene->payload, &authorization);
    (void)add_event(scene, MILLISECONDS(200), 60041, WFP_PACKET);
    for (size_t i = 0; i < 2; i++) {
        frame_udp6(&scene->frame, paths[i], "who is there", 12);
        struct wfp_message message = message_of(scene, paths[i], IPV6_HEADER);
        message.protocol = IP_UDP;
        payload_wfp_message(&scene->payload, &message);
        size_t record = add_event(scene, MILLISECONDS(201 + (int64_t)i), 60021, WFP_PACKET);
        note(scene, record, scene->frame.size, i == 0 ? DIRECTION_IN : DIRECTION_OUT);
    }
}

/* A ping, which belongs to no socket, and what the platform itself says of a drop. */
static void add_rest(struct scene *scene)
{
    struct endpoint peer = server, closed = host;
    peer.port = 51515;
    closed.port = 8081;
    const struct path refused = {&peer, &closed};
    frame_echo4(&scene->frame, &out, false, 1, 8);
    struct wfp_message message = message_of(scene, &out, IPV4_HEADER);
    message.protocol = IP_ICMP;
    payload_wfp_message(&scene->payload, &message);
    note(scene, add_event(scene, MILLISECONDS(300), 60011, WFP_PACKET | WFP_SEND),
         scene->frame.size, DIRECTION_OUT);
    payload_wfp_drop(&scene->payload, &refused, SCENE_START + MILLISECONDS(400), RESPONDER_PATH,
                     66012);
    (void)add_event(scene, MILLISECONDS(400), 1001, UINT64_C(0x10000000000));
}

void sample_wfp(struct scene *scene)
{
    block_utf16(&scene->payload, "wfpcapture.sys");
    block_u16(&scene->payload, 4);
    block_u16(&scene->payload, 0);
    (void)add_event(scene, 0, 10001, WFP_GLOBAL);
    add_connection(scene);
    add_datagrams(scene);
    add_rest(scene);
}
