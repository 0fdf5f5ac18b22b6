/* SPDX-License-Identifier: MIT */
/*
 * bench_attribution.c - what finding the owner of a packet costs, without reading a
 * trace. One line per case: name, sockets, ns of processor time per packet.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "correlate/attribution_rules.h"

#define PACKETS 8000000u

/* Of the processor: other work on the machine does not count. */
static double seconds_used(void)
{
    return (double)clock() / CLOCKS_PER_SEC;
}

static bool has_no_flow(const void *context, uint32_t row, const struct corr_endpoint *remote)
{
    (void)context;
    (void)row;
    (void)remote;
    return false;
}

static bool is_not_missing(const void *context, uint8_t protocol, const struct corr_endpoint *local,
                           const struct corr_endpoint *remote, int64_t time)
{
    (void)protocol;
    (void)local;
    (void)time;
    return has_no_flow(context, 0, remote);
}

static bool is_local(const void *context, const uint8_t *bytes, uint8_t size)
{
    (void)context;
    return size == 4 && bytes[0] == 10;
}

static bool is_complete(const void *context, uint8_t size)
{
    (void)context;
    return size == 4;
}

/* Socket `number` is bound to its own port and talks to its own remote end. */
static struct corr_endpoint local_of(uint32_t number)
{
    return (struct corr_endpoint){
        .bytes = {10, 0, (uint8_t)(number >> 16), 1}, .size = 4, .port = (uint16_t)number};
}

static struct corr_endpoint remote_of(uint32_t number)
{
    return (struct corr_endpoint){
        .bytes = {198, 51, (uint8_t)(number >> 8), (uint8_t)number}, .size = 4, .port = 443};
}

static struct corr_socket socket_of(uint32_t number, enum corr_role role)
{
    return (struct corr_socket){
        .local = local_of(number),
        .remote = remote_of(number),
        .opened = CORR_ALWAYS,
        .closed = CORR_NEVER,
        .process = number % 100,
        .id = number,
        .local_first = 1000,
        .local_next = 900000,
        .remote_first = 5000,
        .remote_next = 900000,
        .role = (uint8_t)role,
        .protocol = role == CORR_DATAGRAM ? PROTOCOL_UDP : PROTOCOL_TCP,
        .confidence = CORR_STRONG,
        .flags = CORR_SOCKET_LOCAL_SEQUENCE | CORR_SOCKET_REMOTE_SEQUENCE,
    };
}

static struct corr_layers packet_of(uint32_t number, uint8_t protocol)
{
    struct corr_endpoint local = local_of(number);
    struct corr_endpoint remote = remote_of(number);
    struct corr_layers layers = {.network = CORR_NETWORK_IPV4,
                                 .ip_protocol = protocol,
                                 .has_ports = true,
                                 .has_tcp = protocol == PROTOCOL_TCP,
                                 .tcp_flags = CORR_TCP_ACK,
                                 .tcp_seq = 5000,
                                 .tcp_ack = 6000,
                                 .source_port = local.port,
                                 .destination_port = remote.port,
                                 .source.size = 4,
                                 .destination.size = 4};
    memcpy(layers.source.bytes, local.bytes, 4);
    memcpy(layers.destination.bytes, remote.bytes, 4);
    return layers;
}

static bool has_no_stray_flow(const void *context, const struct corr_endpoint *remote)
{
    (void)context, (void)remote;
    return false;
}

static void bench(const char *name, uint32_t sockets, enum corr_role role, uint32_t first,
                  uint8_t protocol)
{
    struct corr_socket *rows = calloc(sockets, sizeof(*rows));
    struct corr_attribution *attribution = NULL;
    struct attribution_view view = {
        .rows = rows,
        .count = sockets,
        .options = {.has_socket_events = true},
        .has_flow = has_no_flow,
        .has_stray_flow = has_no_stray_flow,
        .is_missing = is_not_missing,
        .is_local = is_local,
        .is_complete = is_complete,
    };
    for (uint32_t i = 0; rows && i < sockets; i++) {
        rows[i] = socket_of(i, role);
    }
    double begun = seconds_used();
    if (!rows || attribution_new_of(&view, &attribution, NULL)) {
        exit(1);
    }
    double built = seconds_used();
    struct corr_layers layers[64];
    uint32_t owned = 0;
    for (uint32_t i = 0; i < 64; i++) {
        layers[i] = packet_of(first + i * 7919 % sockets, protocol);
    }
    double start = seconds_used();
    for (uint32_t i = 0; i < PACKETS; i++) {
        struct corr_verdict verdict;
        corr_attribute(attribution, &layers[i % 64], ETW_DIRECTION_OUT, i, &verdict);
        owned += verdict.reason == CORR_OWNED;
    }
    double seconds = seconds_used() - start;
    (void)printf("%-28s %8u sockets %8.1f ms to build %7.1f ns a packet, %3.0f %% owned\n", name,
                 sockets, (built - begun) * 1e3, seconds * 1e9 / PACKETS, owned * 100.0 / PACKETS);
    corr_attribution_free(attribution);
    free(rows);
}

int main(void)
{
    bench("tcp, few", 100, CORR_CLIENT, 0, PROTOCOL_TCP);
    bench("tcp, many", 1000000, CORR_CLIENT, 0, PROTOCOL_TCP);
    bench("tcp, not known", 100, CORR_CLIENT, 200, PROTOCOL_TCP);
    bench("udp", 10000, CORR_DATAGRAM, 0, PROTOCOL_UDP);
    bench("icmp", 100, CORR_CLIENT, 0, PROTOCOL_ICMP);
    return 0;
}
