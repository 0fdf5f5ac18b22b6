/* SPDX-License-Identifier: MIT */
/*
 * attribution_world.h - a small ledger, written by hand, and packets for tests of
 * attribution. Ends are texts: "192.0.2.1:443", "[2001:db8::1]:443", port 0 and ""
 * for not known. Times are seconds.
 */
#ifndef TESTS_UNIT_ATTRIBUTION_WORLD_H
#define TESTS_UNIT_ATTRIBUTION_WORLD_H

#include <string.h>

#include "correlate/attribution_rules.h"
#include "correlate/filter_values.h"

#define WORLD_ROWS 96
#define FOREVER    1e9 /* closed: it was not */
#define OLDER      (-1e9)

enum { FIN = CORR_TCP_FIN, SYN = CORR_TCP_SYN, RST = CORR_TCP_RST, ACK = CORR_TCP_ACK };

struct world_pair {
    uint8_t protocol;
    uint32_t row;
    struct corr_endpoint local, remote;
    int64_t time;
};

struct world {
    struct corr_socket rows[WORLD_ROWS];
    size_t count;
    struct corr_ledger_options options;
    struct world_pair flows[8], missing[8];
    size_t flow_count, missing_count;
    struct corr_endpoint addresses[4];
    size_t address_count;
    bool is_complete;
    struct corr_attribution *attribution; /* made at the first question */
};

static inline int64_t at(double seconds)
{
    if (seconds == FOREVER || seconds == OLDER) {
        return seconds == FOREVER ? CORR_NEVER : CORR_ALWAYS;
    }
    /* Of a day in 2013. */
    return INT64_C(130021000000000000) + (int64_t)(seconds * 1e7 + (seconds < 0 ? -0.5 : 0.5));
}

static inline struct corr_endpoint end_of(const char *text)
{
    struct corr_address address = {0};
    struct corr_endpoint end = {0};
    if (*text) {
        assert_true(corr_parse_endpoint(text, strlen(text), &address, &end.port));
        memcpy(end.bytes, address.bytes, sizeof(end.bytes));
        end.size = address.size;
    }
    return end;
}

static inline struct world world_new(void)
{
    return (struct world){.options = {.has_socket_events = true}};
}

/* ---- the ledger ---- */

/* A socket whose process is known by a payload; returns its row. */
static inline uint32_t add_socket(struct world *world, enum corr_role role, const char *local,
                                  const char *remote, uint32_t process, double opened,
                                  double closed)
{
    assert_true(world->count < WORLD_ROWS && !world->attribution);
    struct corr_socket *row = &world->rows[world->count];
    *row = (struct corr_socket){
        .local = end_of(local),
        .remote = end_of(remote),
        .opened = at(opened),
        .closed = at(closed),
        .process = process,
        .id = (uint32_t)world->count + 1,
        .protocol = role == CORR_DATAGRAM ? PROTOCOL_UDP : PROTOCOL_TCP,
        .role = (uint8_t)role,
        .lingers = 240, /* TIME_WAIT */
        .confidence = process == CORR_NO_ROW ? CORR_NO_CONFIDENCE : CORR_STRONG,
        .flags = opened == OLDER ? CORR_SOCKET_OLDER : 0,
    };
    row->evidence[0] = corr_evidence_make(CORR_RULE_ENDPOINT_CREATED, 1000 + world->count);
    return (uint32_t)world->count++;
}

static inline void set_local_range(struct world *world, uint32_t row, uint32_t first, uint32_t next)
{
    world->rows[row].local_first = first;
    world->rows[row].local_next = next;
    world->rows[row].flags |= CORR_SOCKET_LOCAL_SEQUENCE;
}

static inline void set_remote_range(struct world *world, uint32_t row, uint32_t first,
                                    uint32_t next)
{
    world->rows[row].remote_first = first;
    world->rows[row].remote_next = next;
    world->rows[row].flags |= CORR_SOCKET_REMOTE_SEQUENCE;
}

static inline void add_flow(struct world *world, uint32_t row, const char *remote)
{
    world->flows[world->flow_count++] = (struct world_pair){.row = row, .remote = end_of(remote)};
}

static inline void add_missing(struct world *world, uint8_t protocol, const char *local,
                               const char *remote, double time)
{
    world->missing[world->missing_count++] = (struct world_pair){
        .protocol = protocol, .local = end_of(local), .remote = end_of(remote), .time = at(time)};
}

/* Port 0 in the text. */
static inline void add_address(struct world *world, const char *address)
{
    world->addresses[world->address_count++] = end_of(address);
}

/* ---- its answers ---- */

static inline bool world_has_flow(const void *context, uint32_t row,
                                  const struct corr_endpoint *remote)
{
    const struct world *world = context;
    for (size_t i = 0; i < world->flow_count; i++) {
        if (world->flows[i].row == row && corr_endpoint_equal(&world->flows[i].remote, remote)) {
            return true;
        }
    }
    return false;
}

static inline bool world_is_missing(const void *context, uint8_t protocol,
                                    const struct corr_endpoint *local,
                                    const struct corr_endpoint *remote, int64_t time)
{
    const struct world *world = context;
    for (size_t i = 0; i < world->missing_count; i++) {
        const struct world_pair *pair = &world->missing[i];
        int64_t apart = time - pair->time;
        if (pair->protocol == protocol && corr_endpoint_equal(&pair->local, local) &&
            corr_endpoint_equal(&pair->remote, remote) && apart <= TICKS_A_SECOND &&
            apart >= -TICKS_A_SECOND) {
            return true;
        }
    }
    return false;
}

static inline bool world_is_local(const void *context, const uint8_t *bytes, uint8_t size)
{
    const struct world *world = context;
    for (size_t i = 0; i < world->address_count; i++) {
        if (world->addresses[i].size == size &&
            memcmp(world->addresses[i].bytes, bytes, size) == 0) {
            return true;
        }
    }
    return size == 4 && bytes[0] == 127;
}

static inline bool world_is_complete(const void *context, uint8_t size)
{
    (void)size;
    return ((const struct world *)context)->is_complete;
}

static inline bool world_has_stray_flow(const void *context, const struct corr_endpoint *remote)
{
    (void)context, (void)remote;
    return false;
}

static inline struct corr_attribution *world_attribution(struct world *world)
{
    if (!world->attribution) {
        const struct attribution_view view = {
            .rows = world->rows,
            .count = world->count,
            .options = world->options,
            .context = world,
            .has_flow = world_has_flow,
            .has_stray_flow = world_has_stray_flow,
            .is_missing = world_is_missing,
            .is_local = world_is_local,
            .is_complete = world_is_complete,
        };
        assert_int_equal(attribution_new_of(&view, &world->attribution, NULL), ETW_OK);
    }
    return world->attribution;
}

static inline void world_done(struct world *world)
{
    corr_attribution_free(world->attribution);
    world->attribution = NULL;
}

/* ---- packets ---- */

static inline struct corr_address address_of_end(const struct corr_endpoint *end)
{
    struct corr_address address = {.size = end->size};
    memcpy(address.bytes, end->bytes, sizeof(address.bytes));
    return address;
}

static inline struct corr_layers packet_between(uint8_t protocol, const char *source,
                                                const char *destination)
{
    struct corr_endpoint from = end_of(source);
    struct corr_endpoint to = end_of(destination);
    return (struct corr_layers){
        .network = from.size == 16 ? CORR_NETWORK_IPV6 : CORR_NETWORK_IPV4,
        .ether_type = from.size == 16 ? 0x86DD : 0x0800,
        .ip_protocol = protocol,
        .has_ports = protocol == PROTOCOL_TCP || protocol == PROTOCOL_UDP,
        .source_port = from.port,
        .destination_port = to.port,
        .source = address_of_end(&from),
        .destination = address_of_end(&to),
    };
}

static inline struct corr_layers segment(const char *source, const char *destination, int flags,
                                         uint32_t seq, uint32_t ack)
{
    struct corr_layers layers = packet_between(PROTOCOL_TCP, source, destination);
    layers.has_tcp = true;
    layers.tcp_flags = (uint8_t)flags;
    layers.tcp_seq = seq;
    layers.tcp_ack = ack;
    return layers;
}

static inline struct corr_layers datagram(const char *source, const char *destination,
                                          uint32_t size)
{
    struct corr_layers layers = packet_between(PROTOCOL_UDP, source, destination);
    layers.payload_size = size;
    return layers;
}

static inline struct corr_verdict ask_for(struct world *world, struct corr_layers layers,
                                          enum etw_direction direction, double time)
{
    struct corr_verdict verdict;
    memset(&verdict, 0xEE, sizeof(verdict));
    corr_attribute(world_attribution(world), &layers, direction, at(time), &verdict);
    return verdict;
}

#define IN  ETW_DIRECTION_IN
#define OUT ETW_DIRECTION_OUT

static inline void expect_owner(struct corr_verdict verdict, uint32_t socket, uint32_t process,
                                enum corr_confidence confidence, enum corr_rule rule)
{
    assert_int_equal(verdict.reason, CORR_OWNED);
    assert_int_equal(verdict.process, process);
    assert_int_equal(verdict.socket, socket);
    assert_string_equal(corr_rule_name((enum corr_rule)verdict.rule), corr_rule_name(rule));
    assert_string_equal(corr_confidence_name((enum corr_confidence)verdict.confidence),
                        corr_confidence_name(confidence));
}

static inline void expect_nobody(struct corr_verdict verdict, enum corr_no_owner reason,
                                 enum corr_rule rule)
{
    assert_string_equal(corr_no_owner_name((enum corr_no_owner)verdict.reason),
                        corr_no_owner_name(reason));
    assert_int_equal(verdict.process, CORR_NO_ROW);
    assert_int_equal(verdict.confidence, CORR_NO_CONFIDENCE);
    assert_string_equal(corr_rule_name((enum corr_rule)verdict.rule), corr_rule_name(rule));
}

#endif
