/* SPDX-License-Identifier: MIT */
#include "world_udp_socket.h"

#include "frames.h"
#include "world_frames.h"
#include "world_kernel.h"
#include "world_listeners.h"
#include "world_processes.h"

#include <stdlib.h>

enum { RECEIVE_BUFFER = 65536 };

static bool add_to_list(struct world *world, struct world_socket *socket)
{
    if (world->socket_count == world->socket_capacity) {
        size_t capacity = world->socket_capacity ? world->socket_capacity * 2 : 64;
        struct world_socket **grown =
            realloc(world->sockets, capacity * sizeof(struct world_socket *));
        if (!grown) {
            return false;
        }
        world->sockets = grown;
        world->socket_capacity = capacity;
    }
    socket->place = world->socket_count;
    world->sockets[world->socket_count++] = socket;
    return true;
}

struct world_socket *socket_new(struct world *world, struct world_process *process,
                                enum world_socket_use use, const struct world_address *any,
                                uint16_t port)
{
    struct world_socket *socket = calloc(1, sizeof(*socket));
    if (!socket || !add_to_list(world, socket)) {
        free(socket);
        world->failed = true;
        return NULL;
    }
    socket->world = world;
    socket->process = process;
    process_hold(process);
    process->sockets++;
    socket->use = use;
    socket->has_port = !port;
    port = port ? port : (uint16_t)pool_take(&world->pools[POOL_UDP_PORT], world->now);
    socket->bound = address_any(any, port);
    socket->has_afd = process->pid != PID_SYSTEM;
    socket->endpoint = pool_take(&world->pools[POOL_UDP_ENDPOINT], world->now);
    socket->afd_endpoint =
        socket->has_afd ? pool_take(&world->pools[POOL_AFD_ENDPOINT], world->now) : 0;
    return socket;
}

void socket_values(struct world_burst *burst, const struct world_socket *socket)
{
    burst_set_owner(burst, socket->process);
    burst_set(burst, VALUE_LOCAL, POINTED(&socket->local));
    burst_set(burst, VALUE_REMOTE, POINTED(&socket->remote));
    burst_set(burst, VALUE_ADDRESS, POINTED(&socket->remote));
    burst_set(burst, VALUE_ENDPOINT, socket->endpoint);
    burst_set(burst, VALUE_AFD_ENDPOINT, socket->afd_endpoint);
    burst_set(burst, VALUE_BUFFER, socket->afd_endpoint + 0x1700);
    burst_set(burst, VALUE_FAMILY, socket->bound.size == 16 ? 23 : 2);
    burst_set(burst, VALUE_PORT, socket->bound.port);
}

void socket_call(struct world_burst *burst, struct world_socket *socket, int64_t at)
{
    struct world *world = socket->world;
    burst_in_process(burst, world, socket->process, 3, at);
    socket_values(burst, socket);
}

void socket_interrupt(struct world_burst *burst, struct world_socket *socket)
{
    struct world *world = socket->world;
    burst_interrupt(burst, world, chance_below(&world->chance, WORLD_CPUS), world->now);
    socket_values(burst, socket);
}

static void log_afd(struct world_burst *burst, const struct world_socket *socket,
                    enum world_event event, enum afd_phase phase, unsigned location)
{
    if (socket->has_afd) {
        socket_afd(burst, event, phase, location);
    }
}

static void log_data(struct world_burst *burst, const struct world_socket *socket,
                     enum world_event event, enum afd_phase phase, size_t size)
{
    static const struct {
        enum world_event event, connected;
        unsigned enter, exit;
    } rows[] = {{EVENT_AFD_SEND_TO, EVENT_AFD_SEND, 3100, 3201},
                {EVENT_AFD_RECEIVE_FROM, EVENT_AFD_RECEIVE, 4200, 4201}};
    unsigned row = event == EVENT_AFD_SEND_TO ? 0 : 1;
    burst_set(burst, VALUE_BUFFER_LENGTH, size);
    log_afd(burst, socket, socket->is_connected ? rows[row].connected : rows[row].event, phase,
            phase == AFD_ENTER ? rows[row].enter : rows[row].exit);
    burst_set(burst, VALUE_BUFFER_LENGTH, 0);
}

void socket_log_open(struct world_burst *burst, struct world_socket *socket)
{
    struct world_address asked = address_any(&socket->bound, 0);
    if (socket->has_afd) {
        burst_log(burst, EVENT_AFD_CREATE,
                  WITH({VALUE_ENTER_EXIT, AFD_ENTER}, {VALUE_LOCATION, 1006},
                       {VALUE_SOCKET_TYPE, 2}, {VALUE_PROTOCOL, IP_UDP}));
    }
    burst_log(burst, EVENT_UDP_CREATED, NULL);
    if (socket->has_afd) {
        burst_log(burst, EVENT_AFD_CREATE,
                  WITH({VALUE_ENTER_EXIT, AFD_EXIT}, {VALUE_LOCATION, 1013}, {VALUE_FAMILY, 0}));
    }
    burst_set(burst, VALUE_ADDRESS, POINTED(socket->has_port ? &asked : &socket->bound));
    log_afd(burst, socket, EVENT_AFD_BIND, AFD_ENTER, 7010);
    burst_log(burst, EVENT_UDP_BOUND, WITH({VALUE_LOCAL, POINTED(&socket->bound)}));
    burst_set(burst, VALUE_ADDRESS, POINTED(&socket->bound));
    log_afd(burst, socket, EVENT_AFD_BIND, AFD_EXIT, 7022);
    burst_set(burst, VALUE_ADDRESS, POINTED(&socket->remote));
}

void socket_log_connect(struct world_burst *burst, struct world_socket *socket)
{
    socket->is_connected = true;
    log_afd(burst, socket, EVENT_AFD_CONNECT, AFD_ENTER, 5502);
    log_afd(burst, socket, EVENT_AFD_CONNECTED, AFD_EXIT, 5504);
}

void socket_log_send(struct world_burst *burst, struct world_socket *socket, size_t size,
                     const char *kind)
{
    struct world_packet packet = {.is_out = true,
                                  .source = &socket->local,
                                  .destination = &socket->remote,
                                  .truth = truth_of(socket->process, kind)};
    log_data(burst, socket, EVENT_AFD_SEND_TO, AFD_ENTER, size);
    burst_log(burst, EVENT_UDP_SENT, WITH({VALUE_BYTES, size}));
    packet_udp(burst, &packet, size);
    kernel_log(burst, KERNEL_DATAGRAM_SENT, socket->process, size);
    log_data(burst, socket, EVENT_AFD_SEND_TO, AFD_EXIT, size);
}

/* One in ten names the ends the other way round. */
void socket_log_delivery(struct world_burst *burst, struct world_socket *socket, size_t size)
{
    socket_values(burst, socket);
    burst_set(burst, VALUE_BYTES, size);
    if (chance_percent(&socket->world->chance, 10)) {
        burst_log(
            burst, EVENT_UDP_RECEIVED,
            WITH({VALUE_LOCAL, POINTED(&socket->remote)}, {VALUE_REMOTE, POINTED(&socket->local)}));
    } else {
        burst_log(burst, EVENT_UDP_RECEIVED, NULL);
    }
    kernel_log(burst, KERNEL_DATAGRAM_RECEIVED, socket->process, size);
    burst_set(burst, VALUE_BUFFER_LENGTH, size);
    if (socket->has_receive) { /* on this thread, in the middle of nowhere */
        log_afd(burst, socket, socket->is_connected ? EVENT_AFD_RECEIVE : EVENT_AFD_RECEIVE_FROM,
                AFD_EXIT, 4052);
    } else {
        log_afd(burst, socket, EVENT_AFD_DATAGRAM_INDICATION, AFD_INDICATION, 9002);
    }
    burst_set(burst, VALUE_BUFFER_LENGTH, 0);
}

void socket_log_received(struct world_burst *burst, struct world_socket *socket, size_t size,
                         const char *kind)
{
    struct world_packet packet = {.source = &socket->remote,
                                  .destination = &socket->local,
                                  .truth = truth_of(socket->process, kind)};
    packet_udp(burst, &packet, size);
    socket_log_delivery(burst, socket, size);
}

void socket_log_receive(struct world_burst *burst, struct world_socket *socket, size_t size)
{
    if (!socket->has_receive) {
        log_data(burst, socket, EVENT_AFD_RECEIVE_FROM, AFD_ENTER, RECEIVE_BUFFER);
        log_data(burst, socket, EVENT_AFD_RECEIVE_FROM, AFD_EXIT, size);
    }
    socket->has_receive = chance_percent(&socket->world->chance, 50);
    if (socket->has_receive) { /* and waits for the next */
        log_data(burst, socket, EVENT_AFD_RECEIVE_FROM, AFD_ENTER, RECEIVE_BUFFER);
    }
}

/* Two servers have one port, each at an address of its own. */
static bool is_port_shared(const struct world_socket *socket)
{
    const struct world *world = socket->world;
    for (size_t i = 0; i < world->socket_count; i++) {
        if (world->sockets[i] != socket && world->sockets[i]->use == USE_SERVER &&
            world->sockets[i]->bound.port == socket->bound.port) {
            return true;
        }
    }
    return false;
}

/* Its numbers may be used again. */
static void give_back(const struct world_socket *socket, int64_t at)
{
    struct world *world = socket->world;
    struct world_pool *pools = world->pools;
    enum world_pool_name ports = socket->use == USE_SERVER ? POOL_SERVER_PORT : POOL_UDP_PORT;
    bool has_port = socket->has_port || (socket->use == USE_SERVER && !is_port_shared(socket));
    if ((socket->has_afd && !pool_give(&pools[POOL_AFD_ENDPOINT], socket->afd_endpoint, at)) ||
        !pool_give(&pools[POOL_UDP_ENDPOINT], socket->endpoint, at) ||
        (has_port && !pool_give(&pools[ports], socket->bound.port, at + WORLD_SECOND))) {
        world->failed = true;
    }
}

int64_t socket_close(struct world_socket *socket, int64_t at)
{
    struct world *world = socket->world;
    struct world_process *process = socket->process;
    struct world_burst burst;
    socket_call(&burst, socket, at);
    log_afd(&burst, socket, EVENT_AFD_CLEANUP, AFD_ENTER, 2002);
    burst_log(&burst, EVENT_UDP_CLOSED, WITH({VALUE_LOCAL, POINTED(&socket->bound)}));
    log_afd(&burst, socket, EVENT_AFD_CLEANUP, AFD_EXIT, 2003);
    log_afd(&burst, socket, EVENT_AFD_CLOSE, AFD_ENTER, 2000);
    log_afd(&burst, socket, EVENT_AFD_CLOSE, AFD_EXIT, 2001);
    at = burst_end(&burst);
    give_back(socket, at);
    struct world_socket *last = world->sockets[--world->socket_count];
    world->sockets[socket->place] = last;
    last->place = socket->place;
    free(socket);
    process_socket_closed(world, process, at);
    process_release(process);
    return at;
}
