/* SPDX-License-Identifier: MIT */
#include "world_tcp.h"

#include "world_kernel.h"
#include "world_listeners.h"
#include "world_processes.h"

#include <stdlib.h>

/* ---- list ---- */

static bool add_to_list(struct world *world, struct world_connection *connection)
{
    if (world->connection_count == world->connection_capacity) {
        size_t capacity = world->connection_capacity ? world->connection_capacity * 2 : 256;
        struct world_connection **grown =
            realloc(world->connections, capacity * sizeof(struct world_connection *));
        if (!grown) {
            return false;
        }
        world->connections = grown;
        world->connection_capacity = capacity;
    }
    connection->place = world->connection_count;
    world->connections[world->connection_count++] = connection;
    return true;
}

struct world_connection *connection_new(struct world *world, struct world_process *process)
{
    struct world_connection *connection = calloc(1, sizeof(*connection));
    if (!connection || !add_to_list(world, connection)) {
        free(connection);
        world->failed = true;
        return NULL;
    }
    connection->world = world;
    connection->process = process;
    process_hold(process);
    connection->first = (uint32_t)chance_next(&world->chance);
    connection->send_next = connection->acknowledged = connection->first;
    connection->receive_next = (uint32_t)chance_next(&world->chance);
    connection->cpu = chance_below(&world->chance, world->options.cpus);
    connection->thread = chance_below(&world->chance, WORLD_THREADS);
    connection->round_trip = chance_between(&world->chance, 2000, 4000);
    connection->round_trip += chance_around(&world->chance, 150000);
    return connection;
}

static void remember_tuple(const struct world_connection *connection, int64_t at)
{
    struct world *world = connection->world;
    unsigned list = connection->is_client ? 0 : 1;
    if (connection->local.size == 4 && connection->local.bytes[0] == 127) {
        return; /* loopback stays off the wire */
    }
    unsigned place = world->recent_count[list]++ % WORLD_RECENT;
    world->recent[list][place] = (struct world_tuple){connection->local, connection->remote, at};
}

void connection_free(struct world_connection *connection, int64_t at)
{
    struct world *world = connection->world;
    struct world_connection *last = world->connections[--world->connection_count];
    world->connections[connection->place] = last;
    last->place = connection->place;
    remember_tuple(connection, at);
    if (connection->has_port &&
        !pool_give(&world->pools[POOL_TCP_PORT], connection->local.port, at)) {
        world->failed = true;
    }
    process_release(connection->process);
    free(connection);
}

void connection_plan(struct world_connection *connection, int64_t at, void (*step)(void *object))
{
    world_plan(connection->world, at, step, connection);
}

/* ---- bursts ---- */

void connection_values(struct world_burst *burst, const struct world_connection *connection)
{
    burst_set_owner(burst, connection->process);
    burst_set(burst, VALUE_LOCAL, POINTED(&connection->local));
    burst_set(burst, VALUE_REMOTE, POINTED(&connection->remote));
    burst_set(burst, VALUE_ADDRESS, POINTED(&connection->remote));
    burst_set(burst, VALUE_FAMILY, connection->local.size == 16 ? 23 : 2);
    burst_set(burst, VALUE_PROTOCOL, IP_TCP);
    burst_set(burst, VALUE_IP_PROTOCOL, connection->local.size == 16 ? 41 : 4);
    burst_set(burst, VALUE_PORT, connection->local.port);
    burst_set(burst, VALUE_TCB, connection->tcb);
    burst_set(burst, VALUE_DELIVERY, connection->tcb + 0xF8);
    burst_set(burst, VALUE_REQUEST, connection->tcb + 0x600020);
    burst_set(burst, VALUE_NBL, connection->tcb + 0x40001B40);
    burst_set(burst, VALUE_BUFFER, connection->afd_endpoint + 0x2300);
    burst_set(burst, VALUE_ENDPOINT, connection->endpoint);
    burst_set(burst, VALUE_AFD_ENDPOINT, connection->afd_endpoint);
    burst_set(burst, VALUE_NEW_STATE, connection->state);
    burst_set(burst, VALUE_SEND_NEXT, connection->send_next);
    burst_set(burst, VALUE_SEND_UNACKNOWLEDGED, connection->acknowledged);
    burst_set(burst, VALUE_RECEIVE_NEXT, connection->receive_next);
}

void connection_call(struct world_burst *burst, struct world_connection *connection)
{
    burst_in_process(burst, connection->world, connection->process, connection->thread,
                     connection->world->now);
    connection_values(burst, connection);
}

void connection_interrupt(struct world_burst *burst, struct world_connection *connection)
{
    burst_interrupt(burst, connection->world, connection->cpu, connection->world->now);
    connection_values(burst, connection);
}

void connection_state(struct world_burst *burst, struct world_connection *connection,
                      enum world_state_number state)
{
    burst_log(burst, EVENT_STATE,
              WITH({VALUE_OLD_STATE, connection->state}, {VALUE_NEW_STATE, state}));
    connection->state = (uint8_t)state;
    burst_set(burst, VALUE_NEW_STATE, state);
}

void connection_status(struct world_burst *burst, enum world_event event, uint32_t status)
{
    burst_log(burst, event, WITH({VALUE_STATUS, status}));
}

void connection_afd(struct world_burst *burst, const struct world_connection *connection,
                    enum world_event event, enum afd_phase phase, unsigned location)
{
    if (connection->has_afd) {
        socket_afd(burst, event, phase, location);
    }
}

void connection_afd_data(struct world_burst *burst, const struct world_connection *connection,
                         enum world_event event, enum afd_phase phase, unsigned location,
                         size_t bytes)
{
    burst_set(burst, VALUE_BUFFER_LENGTH, bytes);
    connection_afd(burst, connection, event, phase, location);
    burst_set(burst, VALUE_BUFFER_LENGTH, 0);
}

/* ---- segments ---- */

static const char *kind_of(const struct world_connection *connection, const char *kind)
{
    if (connection->is_older) {
        return "older-connection";
    }
    if (connection->process->has_ended) {
        return "after-exit";
    }
    return connection->is_recycled ? "tuple-reused" : kind;
}

void connection_send(struct world_burst *burst, struct world_connection *connection, uint8_t flags,
                     uint32_t sequence, size_t size, const char *kind)
{
    bool has_ack = flags & TCP_ACK;
    size_t bytes = size + (flags & (TCP_SYN | TCP_FIN) ? 1 : 0);
    struct world_packet packet = {.is_out = true,
                                  .source = &connection->local,
                                  .destination = &connection->remote,
                                  .truth =
                                      truth_of(connection->process, kind_of(connection, kind))};
    struct world_segment segment = {.flags = flags,
                                    .sequence = sequence,
                                    .acknowledgement = has_ack ? connection->receive_next : 0,
                                    .size = size,
                                    .window = flags & TCP_RST ? 0 : 64240};
    if ((int32_t)(sequence + (uint32_t)bytes - connection->send_next) > 0) { /* not again */
        const struct world_setting settings[] = {
            {VALUE_BYTES, bytes}, {VALUE_SEQUENCE, sequence}, {VALUE_NONE, 0}};
        burst_log(burst, EVENT_SENT, settings);
        burst_log(burst, EVENT_SENT_1332, settings);
    }
    packet_tcp(burst, &packet, &segment);
    if (size) {
        kernel_log(burst, KERNEL_SENT, connection->process, size);
    }
}

void connection_receive(struct world_burst *burst, struct world_connection *connection,
                        uint8_t flags, uint32_t sequence, size_t size, const char *kind)
{
    struct world_packet packet = {.source = &connection->remote,
                                  .destination = &connection->local,
                                  .truth =
                                      truth_of(connection->process, kind_of(connection, kind))};
    struct world_segment segment = {.flags = flags,
                                    .sequence = sequence,
                                    .acknowledgement =
                                        flags & TCP_ACK ? connection->acknowledged : 0,
                                    .size = size,
                                    .window = flags & TCP_RST ? 0 : 65160};
    packet_tcp(burst, &packet, &segment);
    if (size) {
        kernel_log(burst, KERNEL_RECEIVED, connection->process, size);
    }
}

/* ---- ends ---- */

void connection_close_socket(struct world_burst *burst, struct world_connection *connection)
{
    struct world *world = connection->world;
    bool has_endpoint = connection->is_client && connection->endpoint;
    struct world_address any = address_any(&connection->local, connection->local.port);
    connection_afd(burst, connection, EVENT_AFD_CLEANUP, AFD_ENTER, 2002);
    if (has_endpoint) {
        burst_log(burst, EVENT_ENDPOINT_CLOSED, WITH({VALUE_LOCAL, POINTED(&any)}));
        burst_log(burst, EVENT_PORT_RELEASED, WITH({VALUE_ACQUIRER, connection->endpoint}));
    }
    connection_afd(burst, connection, EVENT_AFD_CLEANUP, AFD_EXIT, 2003);
    connection_afd(burst, connection, EVENT_AFD_CLOSE, AFD_ENTER, 2000);
    connection_afd(burst, connection, EVENT_AFD_CLOSE, AFD_EXIT, 2001);
    connection->is_socket_open = false;
    if (connection->afd_endpoint &&
        !pool_give(&world->pools[POOL_AFD_ENDPOINT], connection->afd_endpoint, burst->at)) {
        world->failed = true;
    }
    if (has_endpoint && !pool_give(&world->pools[POOL_ENDPOINT], connection->endpoint, burst->at)) {
        world->failed = true;
    }
    connection->afd_endpoint = connection->endpoint = 0;
    connection->has_request = connection->has_late_exit = false;
    process_socket_closed(world, connection->process, burst->at);
}

void connection_free_tcb(struct world_burst *burst, struct world_connection *connection)
{
    struct world *world = connection->world;
    if (!pool_give(&world->pools[POOL_TCB], connection->tcb, burst->at)) {
        world->failed = true;
    }
    connection->state = STATE_CLOSED;
}

static enum world_ending choose_ending(struct world *world)
{
    static const uint8_t percents[ENDING_COUNT] = {
        [ENDING_LOCAL] = 38,    [ENDING_LOCAL_HALF] = 6, [ENDING_BOTH] = 4, [ENDING_PEER] = 32,
        [ENDING_PEER_HALF] = 6, [ENDING_ABORT] = 6,      [ENDING_RESET] = 8};
    unsigned dice = chance_below(&world->chance, 100), ending = 0;
    while (ending + 1 < ENDING_COUNT && dice >= percents[ending]) {
        dice -= percents[ending++];
    }
    return (enum world_ending)ending;
}

/* The packets that are still wanted are shared out among the connections still to come. */
void connection_choose_life(struct world_connection *connection)
{
    enum { PACKETS_OF_ROUND = 6, OTHER_PACKETS = 8, MANY_CONNECTIONS = 16000 };
    struct world *world = connection->world;
    const struct world_options *options = &world->options;
    uint64_t wanted =
        options->packets - (world->packets < options->packets ? world->packets : options->packets);
    int64_t to_come = (int64_t)options->connections - (int64_t)world->connections_started;
    to_come = to_come < 1 ? 1 : to_come;
    int64_t share = (int64_t)wanted * 80 / 100 / to_come;
    int64_t most = (int64_t)options->packets * 4 / options->connections + 40;
    share = share > most ? most : share;
    int64_t rounds = share > OTHER_PACKETS ? (share - OTHER_PACKETS) / PACKETS_OF_ROUND : 0;
    connection->rounds = (unsigned)(chance_around(&world->chance, rounds * 1024) / 1024);
    int64_t dice = chance_between(&world->chance, 1, 1000);
    int64_t longest = world->length;
    if (options->connections > MANY_CONNECTIONS) { /* not all at once */
        longest = longest * MANY_CONNECTIONS / options->connections;
    }
    int64_t life = longest * dice / 1000 * dice / 1000 * dice / 1000 + WORLD_SECOND / 20;
    connection->pace = life / ((int64_t)connection->rounds + 1);
    connection->ending = choose_ending(world);
}

/* ---- from outside ---- */

void tcp_rundown(struct world *world)
{
    struct world_burst burst;
    struct world_process *tool = process_pick(world, ROLE_FOR_EVER);
    burst_in_process(&burst, world, tool, 2, world->now);
    for (size_t i = 0; i < world->connection_count; i++) {
        const struct world_connection *connection = world->connections[i];
        if (connection->state != STATE_CLOSED && connection->tcb) {
            connection_values(&burst, connection);
            burst_log(&burst, EVENT_CONNECTION_RUNDOWN, NULL);
        }
    }
    (void)burst_end(&burst);
}

void tcp_done(struct world *world)
{
    for (size_t i = 0; i < world->connection_count; i++) {
        free(world->connections[i]);
    }
    free(world->connections);
}
