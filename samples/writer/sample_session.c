/* SPDX-License-Identifier: MIT */
/*
 * sample_session.c - what `netsh trace start capture=yes` records while a browser
 * fetches one small page: ARP, a TCP connection with one retransmission, a UDP packet over
 * IPv6 and a ping.
 */
#include "samples.h"

#include <string.h>

const struct endpoint host = {.mac = {0x02, 0, 0, 0, 0, 0x0A},
                              .ipv4 = {192, 0, 2, 10},
                              .ipv6 = {0x20, 0x01, 0x0D, 0xB8, [15] = 0x10},
                              .port = 49731};
const struct endpoint gateway = {.mac = {0x02, 0, 0, 0, 0, 0x01},
                                 .ipv4 = {192, 0, 2, 1},
                                 .ipv6 = {0x20, 0x01, 0x0D, 0xB8, [15] = 0x01}};
const struct endpoint server = {.mac = {0x02, 0, 0, 0, 0, 0x01},
                                .ipv4 = {198, 51, 100, 20},
                                .ipv6 = {0x20, 0x01, 0x0D, 0xB8, [7] = 0x01, [15] = 0x20},
                                .port = 80};

/* The pids of the record headers are those of whatever thread was running. */
enum { PID_IDLE = 0, PID_SYSTEM = 4, PID_BROWSER = 4120, PID_OTHER = 1388 };

enum { SEGMENT = 1460, HOST_START = 1000000, SERVER_START = 7000000 };

static const char request[] = "GET /index.html HTTP/1.1\r\nHost: www.example.com\r\n"
                              "User-Agent: sample/1.0\r\nAccept: */*\r\n\r\n";
static const char response_head[] = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
                                    "Content-Length: 3300\r\nConnection: close\r\n\r\n";
enum { BODY_SIZE = 3300 };

/* One packet of the connection. Sequence numbers count from the first byte sent. */
struct step {
    int64_t at; /* microseconds */
    bool is_out;
    uint16_t cpu;
    uint32_t process_id;
    uint8_t flags;
    uint32_t sequence, acknowledgement;
    size_t first, size; /* of the request or response */
};

enum {
    REQUEST_SIZE = sizeof(request) - 1,
    RESPONSE_SIZE = sizeof(response_head) - 1 + BODY_SIZE,
    REST = RESPONSE_SIZE - 2 * SEGMENT,
    ASKED = 1 + REQUEST_SIZE,  /* acknowledges the whole request */
    GIVEN = 1 + RESPONSE_SIZE, /* acknowledges the whole response */
    OUT = 1,
    IN = 0
};

/* clang-format off */
static const struct step steps[] = {
    /* at      dir  cpu pid          flags              seq    ack    first size */
    {  20150, OUT, 0, PID_BROWSER, TCP_SYN,             0,     0,     0, 0},
    {  41862, IN,  1, PID_IDLE,    TCP_SYN | TCP_ACK,   0,     1,     0, 0},
    {  41877, OUT, 1, PID_IDLE,    TCP_ACK,             1,     1,     0, 0},
    {  42513, OUT, 0, PID_BROWSER, TCP_PSH | TCP_ACK,   1,     1,     0, REQUEST_SIZE},
    { 342731, OUT, 0, PID_SYSTEM,  TCP_PSH | TCP_ACK,   1,     1,     0, REQUEST_SIZE},
    { 364004, IN,  1, PID_SYSTEM,  TCP_ACK,             1,     ASKED, 0, 0},
    { 371240, IN,  1, PID_SYSTEM,  TCP_ACK,             1,     ASKED, 0, SEGMENT},
    { 371255, IN,  0, PID_OTHER,   TCP_ACK,             1 + SEGMENT, ASKED, SEGMENT, SEGMENT},
    { 371301, OUT, 0, PID_OTHER,   TCP_ACK,             ASKED, 1 + 2 * SEGMENT, 0, 0},
    { 371342, IN,  1, PID_IDLE,    TCP_PSH | TCP_ACK,   1 + 2 * SEGMENT, ASKED, 2 * SEGMENT, REST},
    { 371360, IN,  0, PID_SYSTEM,  TCP_FIN | TCP_ACK,   GIVEN, ASKED, 0, 0},
    { 371371, OUT, 0, PID_SYSTEM,  TCP_ACK,             ASKED, 1 + GIVEN, 0, 0},
    { 374820, OUT, 1, PID_BROWSER, TCP_FIN | TCP_ACK,   ASKED, 1 + GIVEN, 0, 0},
    { 396117, IN,  0, PID_IDLE,    TCP_ACK,             1 + GIVEN, 1 + ASKED, 0, 0},
};
/* clang-format on */

struct etl_options sample_session_options(void)
{
    struct etl_options options = scene_options();
    options.session_name = "NetTrace-Session";
    options.file_name = "C:\\traces\\NetTrace.etl";
    options.mode = ETL_MODE_SEQUENTIAL | ETL_MODE_ADD_HEADER | ETL_MODE_RELOGGED;
    options.buffer_size = 0x2000;
    options.frequency = 2338525;
    return options;
}

/* Hands the frame in `scene->frame` to the capture. */
static void capture(struct scene *scene, int64_t at, bool is_out, uint16_t cpu, uint32_t process_id)
{
    struct ndis_event event = {.cpu = cpu,
                               .at = MICROSECONDS(at),
                               .process_id = process_id,
                               .thread_id = process_id ? process_id + 8 : 0,
                               .direction = is_out ? DIRECTION_OUT : DIRECTION_IN,
                               .has_offload_words = true,
                               .interface_index = ETHERNET_INTERFACE,
                               .data = scene->frame.data,
                               .size = scene->frame.size};
    (void)scene_ndis(scene, &event);
    block_clear(&scene->frame);
}

static void add_arp(struct scene *scene)
{
    static const struct path question = {&host, &gateway}, answer = {&gateway, &host};
    frame_arp(&scene->frame, &question, false);
    capture(scene, 19021, true, 0, PID_SYSTEM);
    frame_arp(&scene->frame, &answer, true);
    capture(scene, 19790, false, 1, PID_IDLE);
}

static void make_response(char *response)
{
    memcpy(response, response_head, sizeof(response_head) - 1);
    for (size_t i = 0; i < BODY_SIZE; i++) {
        response[sizeof(response_head) - 1 + i] = "The quick brown fox. "[i % 21];
    }
}

static void add_connection(struct scene *scene)
{
    static const struct path out = {&host, &server}, in = {&server, &host};
    char response[RESPONSE_SIZE];
    make_response(response);
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        const struct step *step = &steps[i];
        const struct path *path = step->is_out ? &out : &in;
        struct tcp_segment segment = {
            .sequence = step->sequence + (step->is_out ? HOST_START : SERVER_START),
            .acknowledgement =
                step->flags & TCP_ACK
                    ? step->acknowledgement + (step->is_out ? SERVER_START : HOST_START)
                    : 0,
            .flags = step->flags,
            .window = 64240,
            .maximum_segment = step->flags & TCP_SYN ? SEGMENT : 0,
            .ip_id = (uint16_t)(0x3A00 + i),
            .data = (step->is_out ? request : response) + step->first,
            .size = step->size};
        frame_ethernet(&scene->frame, path, ETHER_IPV4);
        frame_tcp4(&scene->frame, path, &segment);
        capture(scene, step->at, step->is_out, step->cpu, step->process_id);
    }
}

static void add_udp_and_echo(struct scene *scene)
{
    static const char text[] = "one datagram over IPv6";
    static const struct path out = {&host, &server};
    static const struct path question = {&host, &gateway}, answer = {&gateway, &host};
    struct endpoint from = host, to = server;
    struct path path = {&from, &to};
    from.port = 50012;
    to.port = 5005;
    frame_ethernet(&scene->frame, &out, ETHER_IPV6);
    frame_udp6(&scene->frame, &path, text, sizeof(text) - 1);
    capture(scene, 420004, true, 1, PID_OTHER);

    frame_ethernet(&scene->frame, &question, ETHER_IPV4);
    frame_echo4(&scene->frame, &question, false, 1, 32);
    capture(scene, 455310, true, 0, PID_OTHER);
    frame_ethernet(&scene->frame, &answer, ETHER_IPV4);
    frame_echo4(&scene->frame, &answer, true, 1, 32);
    capture(scene, 455998, false, 1, PID_IDLE);
}

void sample_interfaces(struct scene *scene, uint16_t cpu, int64_t at)
{
    static const struct interface_row rows[] = {
        {.luid = UINT64_C(0x0006008001000000),
         .index = ETHERNET_INTERFACE,
         .guid = {0x11111111, 0x2222, 0x3333, {0x44, 0x44, 0, 0, 0, 0, 0, 5}},
         .alias = "Ethernet",
         .description = "Example Gigabit Adapter",
         .mac = {0x02, 0, 0, 0, 0, 0x0A},
         .mtu = 1500,
         .type = 6,
         .speed = 1000000000},
        {.luid = UINT64_C(0x0047008001000000),
         .index = WIFI_INTERFACE,
         .guid = {0x11111111, 0x2222, 0x3333, {0x44, 0x44, 0, 0, 0, 0, 0, 7}},
         .alias = "Wi-Fi",
         .description = "Example Wireless Adapter",
         .mac = {0x02, 0, 0, 0, 0, 0x0B},
         .mtu = 1500,
         .type = 71,
         .speed = 866700000}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        payload_interface_row(&scene->payload, &rows[i]);
        (void)scene_system_config(scene, cpu, at, 36);
    }
    payload_build_info(&scene->payload, SCENE_START - INT64_C(864000000000) * 300,
                       "19041.1.amd64fre.vb_release.191206-1406", "Windows 10 Pro");
    (void)scene_system_config(scene, cpu, at, 32);
}

void sample_session(struct scene *scene)
{
    /* Opcode 33: where Windows is installed. */
    block_utf16(&scene->payload, "C:\\Windows\\system32");
    block_utf16(&scene->payload, "C:\\Windows");
    (void)scene_system_config(scene, 0, MILLISECONDS(2), 33);
    add_arp(scene);
    add_connection(scene);
    add_udp_and_echo(scene);
    sample_interfaces(scene, 1, MICROSECONDS(455998));
}
