/* SPDX-License-Identifier: MIT */
#include "world_listeners.h"

#include "frames.h"
#include "world_frames.h"
#include "world_processes.h"

#include <stdlib.h>

/* ---- events that streams share ---- */

void socket_afd(struct world_burst *burst, enum world_event event, enum afd_phase phase,
                unsigned location)
{
    burst_log(burst, event, WITH({VALUE_ENTER_EXIT, phase}, {VALUE_LOCATION, location}));
}

void socket_create_stream(struct world_burst *burst, uint64_t afd_endpoint, uint64_t endpoint,
                          unsigned family)
{
    struct world_address none = {.size = family == 2 ? 4 : 16};
    burst_set(burst, VALUE_AFD_ENDPOINT, afd_endpoint);
    burst_set(burst, VALUE_ENDPOINT, endpoint);
    burst_set(burst, VALUE_FAMILY, family);
    burst_log(burst, EVENT_AFD_CREATE,
              WITH({VALUE_ENTER_EXIT, AFD_ENTER}, {VALUE_LOCATION, 1006}, {VALUE_SOCKET_TYPE, 1},
                   {VALUE_PROTOCOL, IP_TCP}));
    burst_log(burst, EVENT_ENDPOINT_COMPLETE, WITH({VALUE_LOCAL, POINTED(&none)}));
    burst_log(burst, EVENT_ENDPOINT_CREATED, NULL);
    burst_log(burst, EVENT_AFD_CREATE,
              WITH({VALUE_ENTER_EXIT, AFD_EXIT}, {VALUE_LOCATION, 1013}, {VALUE_FAMILY, 0},
                   {VALUE_PROTOCOL, 0}));
}

/* ---- list ---- */

static struct world_listener *new_listener(struct world *world)
{
    for (size_t i = 0; i < world->listener_count; i++) {
        if (!world->listeners[i]->process) {
            return world->listeners[i];
        }
    }
    if (world->listener_count == world->listener_capacity) {
        size_t capacity = world->listener_capacity ? world->listener_capacity * 2 : 32;
        struct world_listener **grown =
            realloc(world->listeners, capacity * sizeof(struct world_listener *));
        if (!grown) {
            world->failed = true;
            return NULL;
        }
        world->listeners = grown;
        world->listener_capacity = capacity;
    }
    struct world_listener *listener = calloc(1, sizeof(*listener));
    if (!listener) {
        world->failed = true;
        return NULL;
    }
    world->listeners[world->listener_count++] = listener;
    return listener;
}

bool listener_has_port(const struct world *world, uint16_t port)
{
    for (size_t i = 0; i < world->listener_count; i++) {
        if (world->listeners[i]->process && world->listeners[i]->local.port == port) {
            return true;
        }
    }
    return false;
}

struct world_listener *listener_pick(struct world *world)
{
    size_t count = world->listener_count;
    size_t first = count ? chance_below(&world->chance, (unsigned)count) : 0;
    for (size_t i = 0; i < count; i++) {
        struct world_listener *listener = world->listeners[(first + i) % count];
        if (listener->process && !listener->is_closing) {
            return listener;
        }
    }
    return NULL;
}

struct world_listener *listener_pick_bound(struct world *world)
{
    struct world_listener *listener = listener_pick(world);
    return listener && !address_is_any(&listener->local) ? listener : NULL;
}

static struct world_listener *add(struct world *world, struct world_process *process, uint16_t port,
                                  bool is_ipv6)
{
    struct world_listener *listener = new_listener(world);
    if (!listener) {
        return NULL;
    }
    *listener = (struct world_listener){.process = process,
                                        .has_afd = process->pid != PID_SYSTEM,
                                        .local = {.size = is_ipv6 ? 16 : 4, .port = port}};
    process_hold(process);
    process->sockets++;
    listener->listener = pool_take(&world->pools[POOL_ENDPOINT], world->now);
    if (listener->has_afd) {
        listener->afd_endpoint = pool_take(&world->pools[POOL_AFD_ENDPOINT], world->now);
        listener->uses_accept_ex = chance_percent(&world->chance, 40);
        if (!is_ipv6 && chance_percent(&world->chance, 25)) {
            listener->local =
                address_with_port(world_local_address(chance_below(&world->chance, 2)), port);
        }
    }
    return listener;
}

/* ---- open ---- */

static uint16_t free_port(struct world *world)
{
    return (uint16_t)pool_take(&world->pools[POOL_SERVER_PORT], world->now);
}

void listeners_begin(struct world *world)
{
    static const uint16_t system_ports[] = {445, 80, 5357, 8530};
    uint16_t service_port = 49664, port = 0;
    for (size_t i = 0; i < sizeof(system_ports) / sizeof(system_ports[0]); i++) {
        (void)add(world, process_system(world), system_ports[i], i == 2);
    }
    size_t count = world->process_count;
    for (size_t i = 0; i < count && !world->failed; i++) {
        struct world_process *process = world->processes[i];
        if (!(process->program->roles & ROLE_SERVER)) {
            continue;
        }
        bool is_service = process->program->roles & ROLE_FOR_EVER;
        port = is_service ? service_port++ : free_port(world);
        struct world_listener *listener =
            add(world, process, port, chance_percent(&world->chance, 25));
        if (listener && listener->uses_accept_ex) {
            listener->ready = pool_take(&world->pools[POOL_AFD_ENDPOINT], 0);
        }
    }
}

void listener_make_ready(struct world_burst *burst, struct world_listener *listener)
{
    struct world *world = burst->world;
    uint64_t endpoint = pool_take(&world->pools[POOL_ENDPOINT], world->now);
    struct world_address none = address_any(&listener->local, 0);
    listener->ready = pool_take(&world->pools[POOL_AFD_ENDPOINT], world->now);
    socket_create_stream(burst, listener->ready, endpoint, listener->local.size == 16 ? 23 : 2);
    burst_log(burst, EVENT_ENDPOINT_CLOSED, WITH({VALUE_LOCAL, POINTED(&none)}));
    if (!pool_give(&world->pools[POOL_ENDPOINT], endpoint, burst->at)) {
        world->failed = true;
    }
}

static void log_listen(struct world_burst *burst, const struct world_listener *listener,
                       uint64_t endpoint)
{
    burst_set(burst, VALUE_LOCAL, POINTED(&listener->local));
    burst_set(burst, VALUE_ADDRESS, POINTED(&listener->local));
    burst_set(burst, VALUE_PORT, listener->local.port);
    burst_set(burst, VALUE_LISTENER, listener->listener);
    socket_afd(burst, EVENT_AFD_BIND, AFD_ENTER, 7010);
    burst_log(burst, EVENT_PORT, WITH({VALUE_ACQUIRER, endpoint}));
    burst_log(burst, EVENT_BOUND, NULL);
    socket_afd(burst, EVENT_AFD_BIND, AFD_EXIT, 7022);
    burst_set(burst, VALUE_BACKLOG, 200);
    socket_afd(burst, EVENT_AFD_LISTEN, AFD_ENTER, 13006);
    burst_log(burst, EVENT_PORT_REPLACED,
              WITH({VALUE_ACQUIRER, listener->listener}, {VALUE_ORIGINAL_ACQUIRER, endpoint}));
    burst_log(burst, EVENT_LISTENER, NULL);
    socket_afd(burst, EVENT_AFD_LISTEN, AFD_EXIT, 13012);
    burst_set(burst, VALUE_BACKLOG, 0);
    burst_log(burst, EVENT_ENDPOINT_CLOSED, NULL);
}

void listener_open(struct world *world, struct world_process *process)
{
    bool is_ipv6 = chance_percent(&world->chance, 25);
    struct world_listener *listener = add(world, process, free_port(world), is_ipv6);
    struct world_burst burst;
    if (!listener) {
        return;
    }
    uint64_t endpoint = pool_take(&world->pools[POOL_ENDPOINT], world->now);
    burst_in_process(&burst, world, process, 0, world->now);
    socket_create_stream(&burst, listener->afd_endpoint, endpoint, is_ipv6 ? 23 : 2);
    log_listen(&burst, listener, endpoint);
    if (listener->uses_accept_ex) {
        listener_make_ready(&burst, listener);
    } else {
        socket_afd(&burst, EVENT_AFD_WAIT, AFD_ENTER, 6216);
    }
    int64_t at = burst_end(&burst);
    world->failed = !pool_give(&world->pools[POOL_ENDPOINT], endpoint, at) || world->failed;
}

/* ---- close ---- */

static void log_close(struct world_burst *burst)
{
    socket_afd(burst, EVENT_AFD_CLEANUP, AFD_ENTER, 2002);
    socket_afd(burst, EVENT_AFD_CLEANUP, AFD_EXIT, 2003);
    socket_afd(burst, EVENT_AFD_CLOSE, AFD_ENTER, 2000);
    socket_afd(burst, EVENT_AFD_CLOSE, AFD_EXIT, 2001);
}

static void close_listener(struct world *world, struct world_listener *listener)
{
    struct world_process *process = listener->process;
    struct world_burst burst;
    burst_in_process(&burst, world, process, 0, world->now);
    burst_set(&burst, VALUE_LOCAL, POINTED(&listener->local));
    burst_set(&burst, VALUE_PORT, listener->local.port);
    burst_set(&burst, VALUE_FAMILY, listener->local.size == 16 ? 23 : 2);
    burst_set(&burst, VALUE_LISTENER, listener->listener);
    if (listener->ready) {
        burst_set(&burst, VALUE_AFD_ENDPOINT, listener->ready);
        log_close(&burst);
    }
    burst_set(&burst, VALUE_AFD_ENDPOINT, listener->afd_endpoint);
    burst_log(&burst, EVENT_LISTENER_UNBOUND, NULL);
    burst_log(&burst, EVENT_PORT_RELEASED, WITH({VALUE_ACQUIRER, listener->listener}));
    log_close(&burst);
    int64_t at = burst_end(&burst);
    world->failed =
        (listener->ready && !pool_give(&world->pools[POOL_AFD_ENDPOINT], listener->ready, at)) ||
        !pool_give(&world->pools[POOL_AFD_ENDPOINT], listener->afd_endpoint, at) ||
        !pool_give(&world->pools[POOL_ENDPOINT], listener->listener, at) || world->failed;
    listener->process = NULL;
    process_socket_closed(world, process, at);
    process_release(process);
}

/* Handshakes come to their end first. */
static void close_unless_pending(struct world *world, struct world_listener *listener)
{
    listener->is_closing = true;
    if (!listener->pending) {
        close_listener(world, listener);
    }
}

void listener_let_go(struct world_listener *listener)
{
    struct world *world = listener->process->world;
    listener->pending--;
    if (listener->is_closing) {
        close_unless_pending(world, listener);
    }
}

void listeners_close_of(struct world *world, struct world_process *process)
{
    for (size_t i = 0; i < world->listener_count; i++) {
        if (world->listeners[i]->process == process) {
            close_unless_pending(world, world->listeners[i]);
        }
    }
}

void listeners_done(struct world *world)
{
    for (size_t i = 0; i < world->listener_count; i++) {
        free(world->listeners[i]);
    }
    free(world->listeners);
}
