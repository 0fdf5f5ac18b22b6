/* SPDX-License-Identifier: MIT */
#include "world_udp.h"

#include "frames.h"
#include "world_frames.h"
#include "world_processes.h"
#include "world_udp_socket.h"

#include <stdlib.h>

enum { PORT_NAMES = 53, PORT_NETBIOS = 137, PORT_SSDP = 1900, PORT_MDNS = 5353, PORT_LLMNR = 5355 };
enum { HOSTS = 100 };

/* ---- groups ---- */

static const struct group {
    uint8_t address[4];
    uint16_t port;
} groups[] = {{{239, 255, 255, 250}, PORT_SSDP},
              {{224, 0, 0, 251}, PORT_MDNS},
              {{224, 0, 0, 252}, PORT_LLMNR}};
enum { ONLY_GROUP = 2, GROUP_COUNT, MOST_RECEIVERS = 6 };

static struct world_address group_address(const struct group *group)
{
    struct world_address address =
        address_ipv4(group->address[0], group->address[1], group->address[2], group->address[3]);
    address.port = group->port;
    return address;
}

static struct world_address neighbour(struct world *world, uint16_t port)
{
    struct world_address address = address_ipv4(192, 0, 2, 100 + chance_below(&world->chance, 80));
    address.port = port;
    return address;
}

/* ---- which sockets a process has ---- */

static unsigned count_at_port(const struct world *world, uint16_t port)
{
    unsigned count = 0;
    for (size_t i = 0; i < world->socket_count; i++) {
        count += world->sockets[i]->bound.port == port;
    }
    return count;
}

static struct world_socket *new_for(struct world *world, struct world_process *process,
                                    enum world_socket_use use, uint16_t port)
{
    return socket_new(world, process, use, world_local_address(0), port);
}

/* A server that is bound to the first address, alone at its port; NULL: none. */
static const struct world_socket *lonely_server(const struct world *world)
{
    for (size_t i = 0; i < world->socket_count; i++) {
        const struct world_socket *socket = world->sockets[i];
        if (socket->use == USE_SERVER && socket->bound.bytes[3] == 10 &&
            count_at_port(world, socket->bound.port) == 1) {
            return socket;
        }
    }
    return NULL;
}

/* Some are bound to one address; another process may have the same port at the other. */
static struct world_socket *new_server(struct world *world, struct world_process *process)
{
    bool is_bound = chance_percent(&world->chance, 50);
    const struct world_socket *other = is_bound ? lonely_server(world) : NULL;
    uint16_t port = other ? other->bound.port
                          : (uint16_t)pool_take(&world->pools[POOL_SERVER_PORT], world->now);
    struct world_socket *socket = new_for(world, process, USE_SERVER, port);
    if (socket && is_bound) {
        socket->bound = address_with_port(world_local_address(other ? 1 : 0), port);
    }
    return socket;
}

/* Calls `found` for each socket that the roles ask for. */
static void for_each_role(struct world *world, struct world_process *process,
                          void (*found)(struct world_socket *socket))
{
    unsigned roles = process->program->roles;
    if (roles & ROLE_MULTICAST) {
        uint16_t port = groups[chance_below(&world->chance, 2)].port;
        if (count_at_port(world, port) < MOST_RECEIVERS) {
            found(new_for(world, process, USE_GROUP, port));
        }
    }
    if (roles & ROLE_ONLY_LISTENER) {
        found(new_for(world, process, USE_GROUP, groups[ONLY_GROUP].port));
    }
    if (roles & ROLE_DATAGRAM) {
        found(new_server(world, process));
    }
}

static void leave_older(struct world_socket *socket)
{
    (void)socket; /* it was opened before the trace */
}

static void log_new(struct world_socket *socket)
{
    struct world_burst burst;
    if (socket) {
        socket_call(&burst, socket, socket->world->now);
        socket_log_open(&burst, socket);
        (void)burst_end(&burst);
    }
}

void udp_begin(struct world *world)
{
    (void)new_for(world, process_system(world), USE_BROADCAST, PORT_NETBIOS);
    (void)new_for(world, process_system(world), USE_BROADCAST, PORT_NETBIOS + 1);
    for (size_t i = 0; i < world->process_count && !world->failed; i++) {
        for_each_role(world, world->processes[i], leave_older);
    }
}

void udp_open_for(struct world *world, struct world_process *process)
{
    for_each_role(world, process, log_new);
}

void sockets_close_of(struct world *world, struct world_process *process)
{
    for (size_t i = world->socket_count; i-- > 0;) {
        struct world_socket *socket = world->sockets[i];
        if (socket->process == process && socket->use != USE_BRIEF) {
            (void)socket_close(socket, world->now);
        }
    }
}

/* One that waits; NULL: none. `port` 0: any. */
static struct world_socket *pick(struct world *world, enum world_socket_use use, uint16_t port)
{
    size_t count = world->socket_count;
    size_t first = count ? chance_below(&world->chance, (unsigned)count) : 0;
    for (size_t i = 0; i < count; i++) {
        struct world_socket *socket = world->sockets[(first + i) % count];
        if (socket->use == use && (!port || socket->bound.port == port)) {
            return socket;
        }
    }
    return NULL;
}

/* ---- questions ---- */

static void close_action(void *object)
{
    struct world_socket *socket = object;
    (void)socket_close(socket, socket->world->now);
}

static void plan_close(struct world_socket *socket, int64_t at)
{
    world_plan(socket->world, at + chance_between(&socket->world->chance, 20, 2000), close_action,
               socket);
}

static void answer_action(void *object)
{
    struct world_socket *socket = object;
    struct world_burst burst;
    size_t size = 40 + chance_below(&socket->world->chance, 300);
    socket_interrupt(&burst, socket);
    socket_log_received(&burst, socket, size, "udp-question");
    int64_t at = burst_end(&burst) + chance_between(&socket->world->chance, 10, 500);
    socket_call(&burst, socket, at);
    socket_log_receive(&burst, socket, size);
    plan_close(socket, burst_end(&burst));
}

static void unreachable_action(void *object)
{
    struct world_socket *socket = object;
    struct world_packet packet = {.source = &socket->remote,
                                  .destination = &socket->local,
                                  .truth = truth_of(socket->process, "icmp-quote")};
    struct world_burst burst;
    socket_interrupt(&burst, socket);
    packet_unreachable(&burst, &packet, &socket->remote);
    plan_close(socket, burst_end(&burst));
}

static struct world_address name_server(struct world *world, bool is_ipv6)
{
    struct world_address address =
        is_ipv6 ? address_ipv6(3, 0x53)
                : address_ipv4(198, 51, 100, 253 + chance_below(&world->chance, 2));
    address.port = PORT_NAMES;
    return address;
}

static void use_up_job(struct world *world, struct world_process *process)
{
    if (process->jobs && --process->jobs == 0) {
        process_retire(world, process);
    }
}

void udp_ask(struct world *world)
{
    struct world_process *process = process_pick(world, ROLE_RESOLVER);
    bool is_ipv6 = chance_percent(&world->chance, world->options.ipv6_percent / 2);
    const struct world_address *local = world_local_address(is_ipv6 ? 2 : 0);
    struct world_socket *socket = process ? socket_new(world, process, USE_BRIEF, local, 0) : NULL;
    struct world_burst burst;
    if (!socket) {
        return;
    }
    socket->local = address_with_port(local, socket->bound.port);
    socket->remote = name_server(world, is_ipv6);
    socket_call(&burst, socket, world->now);
    socket_log_open(&burst, socket);
    socket_log_send(&burst, socket, 28 + chance_below(&world->chance, 40), "udp-question");
    int64_t at = burst_end(&burst) + chance_between(&world->chance, 5000, 300000);
    unsigned dice = chance_below(&world->chance, 100);
    use_up_job(world, process);
    if (dice < 90) {
        world_plan(world, at, answer_action, socket);
    } else if (dice < 95 && !is_ipv6) {
        world_plan(world, at, unreachable_action, socket);
    } else {
        world_plan(world, at + 2 * WORLD_SECOND, close_action, socket); /* no answer */
    }
}

/* ---- connected sockets ---- */

static void talk_action(void *object)
{
    struct world_socket *socket = object;
    struct world *world = socket->world;
    struct world_burst burst;
    size_t size = 60 + chance_below(&world->chance, 1200);
    socket_interrupt(&burst, socket);
    socket_log_received(&burst, socket, size, "udp-connected");
    int64_t at = burst_end(&burst) + chance_between(&world->chance, 10, 500);
    socket_call(&burst, socket, at);
    socket_log_receive(&burst, socket, size);
    if (socket->rounds-- == 0) {
        plan_close(socket, burst_end(&burst));
        return;
    }
    socket_log_send(&burst, socket, 60 + chance_below(&world->chance, 1200), "udp-connected");
    world_plan(world, burst_end(&burst) + chance_around(&world->chance, WORLD_SECOND / 10),
               talk_action, socket);
}

void udp_talk_connected(struct world *world)
{
    struct world_process *process = process_pick(world, ROLE_CLIENT);
    struct world_socket *socket =
        process ? socket_new(world, process, USE_BRIEF, world_local_address(0), 0) : NULL;
    struct world_burst burst;
    if (!socket) {
        return;
    }
    socket->rounds = chance_below(&world->chance, 8);
    socket->local = address_with_port(world_local_address(0), socket->bound.port);
    socket->remote = address_ipv4(198, 51, 100, 1 + chance_below(&world->chance, HOSTS));
    socket->remote.port = 443;
    socket_call(&burst, socket, world->now);
    socket_log_open(&burst, socket);
    socket_log_connect(&burst, socket);
    socket_log_send(&burst, socket, 1200, "udp-connected");
    use_up_job(world, process);
    world_plan(world, burst_end(&burst) + chance_between(&world->chance, 5000, 500000), talk_action,
               socket);
}

/* ---- servers ---- */

/* Small, or with luck so large that it comes in fragments. */
static size_t datagram_size(struct world *world)
{
    bool is_large = chance_percent(&world->chance, 4);
    return is_large ? 2000 + chance_below(&world->chance, 6500)
                    : 20 + chance_below(&world->chance, 1300);
}

void udp_serve(struct world *world)
{
    struct world_socket *socket = pick(world, USE_SERVER, 0);
    struct world_burst burst;
    if (!socket) {
        return;
    }
    size_t size = datagram_size(world);
    socket->local = address_with_port(world_local_address(chance_percent(&world->chance, 15)),
                                      socket->bound.port);
    if (!address_is_any(&socket->bound)) {
        socket->local = socket->bound;
    }
    socket->remote = address_ipv4(203, 0, 113, 1 + chance_below(&world->chance, HOSTS));
    socket->remote.port = (uint16_t)(50000 + chance_below(&world->chance, 400));
    socket_interrupt(&burst, socket);
    socket_log_received(&burst, socket, size, "udp-server");
    int64_t at = burst_end(&burst) + chance_between(&world->chance, 10, 800);
    socket_call(&burst, socket, at);
    socket_log_receive(&burst, socket, size);
    if (chance_percent(&world->chance, 80)) {
        socket_log_send(&burst, socket, datagram_size(world), "udp-server");
    }
    (void)burst_end(&burst);
}

/* ---- groups and broadcasts ---- */

static void add_candidate(struct world_truth *truth, uint32_t pid)
{
    for (unsigned i = 0; i < truth->candidate_count; i++) {
        if (truth->candidates[i] == pid) {
            return;
        }
    }
    if (truth->candidate_count < WORLD_CANDIDATES) {
        truth->candidates[truth->candidate_count++] = pid;
    }
}

/* Who gets what is sent to the group. */
static struct world_truth receivers_of(const struct world *world, uint16_t port)
{
    struct world_truth truth = truth_of_nobody("shared", "multicast-shared");
    const struct world_process *last = NULL;
    for (size_t i = 0; i < world->socket_count; i++) {
        const struct world_socket *socket = world->sockets[i];
        if (socket->use == USE_GROUP && socket->bound.port == port) {
            add_candidate(&truth, socket->process->pid);
            last = socket->process;
        }
    }
    if (truth.candidate_count == 0) {
        truth = truth_of_nobody("no-endpoint", "multicast-nobody");
    } else if (truth.candidate_count == 1) {
        truth = truth_of(last, "multicast-only");
    }
    return truth;
}

static void receive_group(struct world *world, const struct group *group)
{
    struct world_address local = group_address(group), remote = neighbour(world, group->port);
    struct world_packet packet = {
        .source = &remote, .destination = &local, .truth = receivers_of(world, group->port)};
    size_t size = 100 + chance_below(&world->chance, 300);
    struct world_burst burst;
    burst_interrupt(&burst, world, chance_below(&world->chance, WORLD_CPUS), world->now);
    packet_udp(&burst, &packet, size);
    for (size_t i = 0; i < world->socket_count; i++) {
        struct world_socket *socket = world->sockets[i];
        if (socket->use == USE_GROUP && socket->bound.port == group->port) {
            socket->local = local;
            socket->remote = remote;
            socket_log_delivery(&burst, socket, size);
        }
    }
    (void)burst_end(&burst);
}

static void send_group(struct world *world, const struct group *group)
{
    struct world_socket *socket = pick(world, USE_GROUP, group->port);
    struct world_burst burst;
    if (socket) {
        socket->local = address_with_port(world_local_address(0), group->port);
        socket->remote = group_address(group);
        socket_call(&burst, socket, world->now);
        socket_log_send(&burst, socket, 100 + chance_below(&world->chance, 200), "multicast-out");
        (void)burst_end(&burst);
    }
}

void udp_group(struct world *world)
{
    const struct group *group = &groups[chance_below(&world->chance, GROUP_COUNT)];
    (chance_percent(&world->chance, 65) ? receive_group : send_group)(world, group);
}

void udp_broadcast(struct world *world)
{
    uint16_t port = (uint16_t)(PORT_NETBIOS + chance_below(&world->chance, 2));
    struct world_socket *socket = pick(world, USE_BROADCAST, port);
    struct world_burst burst;
    if (!socket) {
        return;
    }
    socket->local = address_with_port(&(struct world_address){4, {192, 0, 2, 255}, 0}, port);
    socket->remote = neighbour(world, port);
    socket_interrupt(&burst, socket);
    socket_log_received(&burst, socket, 50 + chance_below(&world->chance, 180), "broadcast");
    (void)burst_end(&burst);
}

void udp_refuse(struct world *world)
{
    struct world_address local = *world_local_address(0), remote = neighbour(world, 40000);
    struct world_packet packet = {.source = &remote,
                                  .destination = &local,
                                  .truth = truth_of_nobody("no-endpoint", "udp-refused")};
    struct world_burst burst;
    local.port = (uint16_t)(30000 + chance_below(&world->chance, 10000));
    burst_interrupt(&burst, world, chance_below(&world->chance, WORLD_CPUS), world->now);
    burst_set(&burst, VALUE_LOCAL, POINTED(&local));
    burst_set(&burst, VALUE_REMOTE, POINTED(&remote));
    burst_set(&burst, VALUE_PROTOCOL, IP_UDP);
    burst_set(&burst, VALUE_FAMILY, 2);
    packet_udp(&burst, &packet, 20 + chance_below(&world->chance, 100));
    burst_log(&burst, EVENT_DROP, WITH({VALUE_REASON, 4}));
    (void)burst_end(&burst);
}

void udp_done(struct world *world)
{
    for (size_t i = 0; i < world->socket_count; i++) {
        free(world->sockets[i]);
    }
    free(world->sockets);
}
