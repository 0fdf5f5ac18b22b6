/* SPDX-License-Identifier: MIT */
/*
 * world_tcp_open.c - how connections come about, and how attempts fail.
 */
#include "world_kernel.h"
#include "world_listeners.h"
#include "world_processes.h"
#include "world_tcp.h"

#include <string.h>

enum { SYN_WAIT_MS = 3000, MOST_SYNS = 3, LAST_STEP_WAIT = 20000, HOSTS = 120, MOST_OLDER = 500 };

/* ---- who connects where ---- */

static struct world_address local_address(struct world *world, bool is_ipv6)
{
    return *world_local_address(is_ipv6 ? 2 : chance_percent(&world->chance, 90) ? 0 : 1);
}

static struct world_address remote_server(struct world *world, bool is_ipv6)
{
    static const uint16_t ports[] = {443, 443, 443, 80, 80, 8080, 5061, 1433, 993, 8443};
    unsigned host = 1 + chance_below(&world->chance, HOSTS);
    struct world_address address =
        is_ipv6 ? address_ipv6(1, host) : address_ipv4(198, 51, 100, host);
    address.port = ports[chance_below(&world->chance, sizeof(ports) / sizeof(ports[0]))];
    return address;
}

static struct world_address remote_client(struct world *world, bool is_ipv6)
{
    unsigned host = 1 + chance_below(&world->chance, HOSTS);
    struct world_address address =
        is_ipv6 ? address_ipv6(2, host) : address_ipv4(203, 0, 113, host);
    address.port = (uint16_t)(49152 + chance_below(&world->chance, 16000));
    return address;
}

/* A tuple that was used before, when it is free again; NULL: none. */
static const struct world_tuple *used_tuple(struct world *world, unsigned list)
{
    unsigned count = world->recent_count[list];
    count = count < WORLD_RECENT ? count : WORLD_RECENT;
    struct world_tuple *tuple =
        count ? &world->recent[list][chance_below(&world->chance, count)] : NULL;
    if (!tuple || tuple->closed_at > world->now || tuple->closed_at == 0) {
        return NULL;
    }
    tuple->closed_at = 0; /* only once */
    return tuple;
}

static bool is_same_end(const struct world_address *a, const struct world_address *b)
{
    return a->size == b->size && a->port == b->port && memcmp(a->bytes, b->bytes, a->size) == 0;
}

static bool is_in_use(const struct world *world, const struct world_connection *self)
{
    for (size_t i = 0; i < world->connection_count; i++) {
        const struct world_connection *other = world->connections[i];
        if (other != self && is_same_end(&other->remote, &self->remote) &&
            is_same_end(&other->local, &self->local)) {
            return true;
        }
    }
    return false;
}

/* Where the port was used last; NULL: forgotten. */
static const struct world_tuple *last_use(const struct world *world, uint16_t port)
{
    unsigned count = world->recent_count[0];
    for (unsigned i = 1; i <= count && i <= WORLD_RECENT; i++) {
        const struct world_tuple *tuple = &world->recent[0][(count - i) % WORLD_RECENT];
        if (tuple->local.port == port) {
            return tuple;
        }
    }
    return NULL;
}

/* A port that has been used before now and then meets its old remote again. */
static void choose_client_ends(struct world_connection *connection)
{
    struct world *world = connection->world;
    bool is_ipv6 = chance_percent(&world->chance, world->options.ipv6_percent);
    connection->local = local_address(world, is_ipv6);
    connection->local.port = (uint16_t)pool_take(&world->pools[POOL_TCP_PORT], world->now);
    connection->remote = remote_server(world, is_ipv6);
    connection->has_port = true;
    const struct world_tuple *old = last_use(world, connection->local.port);
    if (old && chance_percent(&world->chance, 20)) {
        connection->local = old->local;
        connection->remote = old->remote;
        connection->is_recycled = true;
    }
}

/* ---- connect ---- */

static void step_established(void *object);
static void step_refused(void *object);
static void step_syn_again(void *object);

void connection_log_socket(struct world_burst *burst, struct world_connection *connection)
{
    struct world *world = connection->world;
    connection->afd_endpoint = pool_take(&world->pools[POOL_AFD_ENDPOINT], world->now);
    connection->endpoint = pool_take(&world->pools[POOL_ENDPOINT], world->now);
    connection->is_socket_open = connection->has_afd = true;
    connection->process->sockets++;
    connection_values(burst, connection);
    socket_create_stream(burst, connection->afd_endpoint, connection->endpoint,
                         connection->local.size == 16 ? 23 : 2);
}

void connection_log_bind(struct world_burst *burst, const struct world_connection *connection)
{
    struct world_address asked = address_any(&connection->local, 0);
    struct world_address bound = address_any(&connection->local, connection->local.port);
    burst_set(burst, VALUE_ADDRESS, POINTED(&asked));
    socket_afd(burst, EVENT_AFD_BIND, AFD_ENTER, 7010);
    burst_log(burst, EVENT_PORT, WITH({VALUE_ACQUIRER, connection->endpoint}));
    burst_log(burst, EVENT_BOUND, WITH({VALUE_LOCAL, POINTED(&bound)}));
    burst_set(burst, VALUE_ADDRESS, POINTED(&bound));
    socket_afd(burst, EVENT_AFD_BIND, AFD_EXIT, 7022);
    burst_set(burst, VALUE_ADDRESS, POINTED(&connection->remote));
}

void connection_log_connect(struct world_burst *burst, struct world_connection *connection)
{
    struct world *world = connection->world;
    burst_log(burst, EVENT_AFD_OPTION,
              WITH({VALUE_ENTER_EXIT, AFD_OPTION}, {VALUE_LOCATION, 11002}, {VALUE_OPTION, 2},
                   {VALUE_OPTION_VALUE, 1}));
    socket_afd(burst, EVENT_AFD_CONNECT, AFD_ENTER, 5023);
    connection->tcb = pool_take(&world->pools[POOL_TCB], world->now);
    burst_set(burst, VALUE_TCB, connection->tcb);
    burst_set(burst, VALUE_SEND_NEXT, 0);
    connection_state(burst, connection, STATE_SYN_SENT);
    burst_log(burst, EVENT_PORT_WEAK,
              WITH({VALUE_ACQUIRER, connection->tcb},
                   {VALUE_ORIGINAL_ACQUIRER, connection->endpoint}, {VALUE_IS_WEAK, 1}));
    burst_log(burst, EVENT_CONNECT, NULL);
    burst_log(burst, EVENT_CONNECT_INSPECTED, NULL);
    burst_log(burst, EVENT_SYN, WITH({VALUE_SEND_NEXT, connection->first}));
    burst_log(burst, EVENT_CONNECT_PROCEEDING, WITH({VALUE_PID, 0}, {VALUE_START_KEY, 0}));
}

static void log_syn(struct world_burst *burst, struct world_connection *connection)
{
    burst_log(burst, EVENT_RTT_STARTED, WITH({VALUE_SEQUENCE, connection->first}));
    burst_log(burst, EVENT_TIMER_STARTED,
              WITH({VALUE_WAIT, (uint64_t)SYN_WAIT_MS << connection->attempts}));
    connection_send(burst, connection, TCP_SYN, connection->first, 0,
                    connection->attempts ? "syn-again" : "connect");
    connection->attempts++;
    connection->send_next = connection->first + 1;
}

void tcp_open_client(struct world *world)
{
    struct world_process *process = process_pick(world, ROLE_CLIENT);
    struct world_connection *connection = process ? connection_new(world, process) : NULL;
    struct world_burst burst;
    if (!connection) {
        return;
    }
    if (process->jobs && --process->jobs == 0) {
        process->is_retiring = true;
    }
    connection->is_client = true;
    choose_client_ends(connection);
    connection_choose_life(connection);
    connection_call(&burst, connection);
    connection_log_socket(&burst, connection);
    connection_log_bind(&burst, connection);
    connection_log_connect(&burst, connection);
    log_syn(&burst, connection);
    int64_t at = burst_end(&burst);
    unsigned dice = chance_below(&world->chance, 100);
    if (dice < 3) {
        connection_plan(connection, at + SYN_WAIT_MS * WORLD_MILLISECOND, step_syn_again);
    } else {
        connection_plan(connection, at + connection->round_trip,
                        dice < 8 ? step_refused : step_established);
    }
}

static void step_established(void *object)
{
    struct world_connection *connection = object;
    struct world_burst burst;
    connection_interrupt(&burst, connection);
    connection->acknowledged = connection->first + 1;
    connection_receive(&burst, connection, TCP_SYN | TCP_ACK, connection->receive_next, 0,
                       "connect");
    connection->receive_next++;
    connection_values(&burst, connection);
    burst_log(&burst, EVENT_SLOW_PATH, WITH({VALUE_REASON, 16}));
    connection_state(&burst, connection, STATE_ESTABLISHED);
    burst_log(&burst, EVENT_RECEIVED,
              WITH({VALUE_BYTES, 1}, {VALUE_SEQUENCE, connection->receive_next}));
    burst_log(&burst, EVENT_CONNECT_COMPLETE, NULL);
    kernel_log(&burst, KERNEL_CONNECTED, connection->process, 0);
    connection_afd(&burst, connection, EVENT_AFD_CONNECTED, AFD_EXIT, 5024);
    connection_send(&burst, connection, TCP_ACK, connection->send_next, 0, "connect");
    connection_plan(connection, burst_end(&burst) + connection->pace / 8, step_round);
}

/* ---- attempts that fail ---- */

static void step_give_up(void *object)
{
    struct world_connection *connection = object;
    struct world_burst burst;
    connection_call(&burst, connection);
    connection_close_socket(&burst, connection);
    connection_free(connection, burst_end(&burst) + WORLD_SECOND);
}

/* What the stack logs when it gives up; the application hears of it. */
static void log_failure(struct world_burst *burst, struct world_connection *connection,
                        uint32_t status)
{
    connection_status(burst, EVENT_SHUTDOWN, status);
    connection_state(burst, connection, STATE_CLOSED);
    connection_status(burst, EVENT_CONNECT_FAILED, status);
    burst_log(burst, EVENT_PORT_RELEASED,
              WITH({VALUE_ACQUIRER, connection->tcb}, {VALUE_IS_WEAK, 1}));
    burst_set(burst, VALUE_STATUS, status);
    connection_afd(burst, connection, EVENT_AFD_CONNECTED, AFD_EXIT, 5024);
    burst_set(burst, VALUE_STATUS, 0);
    connection_free_tcb(burst, connection);
}

static void log_syn_again(struct world_burst *burst, struct world_connection *connection)
{
    burst_log(burst, EVENT_ROUND, WITH({VALUE_ROUND, connection->attempts}));
    burst_log(burst, EVENT_ROUND_1351, WITH({VALUE_ROUND, connection->attempts}));
    burst_log(burst, EVENT_CONNECT_AGAIN, WITH({VALUE_ROUND, connection->attempts}));
    burst_log(burst, EVENT_RTT_CANCELLED, NULL);
    log_syn(burst, connection);
}

static void step_syn_again(void *object)
{
    struct world_connection *connection = object;
    struct world_burst burst;
    connection_interrupt(&burst, connection);
    burst_log(&burst, EVENT_TIMER_EXPIRED, NULL);
    if (connection->attempts == MOST_SYNS) {
        burst_log(&burst, EVENT_RTO_TIMEOUT, NULL);
        log_failure(&burst, connection, STATUS_IO_TIMEOUT);
        connection_plan(connection, burst_end(&burst) + LAST_STEP_WAIT, step_give_up);
        return;
    }
    log_syn_again(&burst, connection);
    connection_plan(connection,
                    burst_end(&burst) +
                        ((int64_t)SYN_WAIT_MS << (connection->attempts - 1)) * WORLD_MILLISECOND,
                    step_syn_again);
}

static void step_syn_after_refusal(void *object)
{
    struct world_connection *connection = object;
    struct world_burst burst;
    connection_interrupt(&burst, connection);
    log_syn_again(&burst, connection);
    connection_plan(connection, burst_end(&burst) + connection->round_trip, step_refused);
}

/* The other host answers with a reset; Windows tries twice more, half a second apart. */
static void step_refused(void *object)
{
    struct world_connection *connection = object;
    struct world_burst burst;
    connection_interrupt(&burst, connection);
    connection->acknowledged = connection->first + 1;
    connection_receive(&burst, connection, TCP_RST | TCP_ACK, 0, 0, "connect-refused");
    burst_log(&burst, EVENT_SLOW_PATH, WITH({VALUE_REASON, 16}));
    if (connection->attempts < MOST_SYNS) {
        connection_plan(connection, burst_end(&burst) + WORLD_SECOND / 2, step_syn_after_refusal);
        return;
    }
    burst_log(&burst, EVENT_CONNECT_RESET, NULL);
    log_failure(&burst, connection, STATUS_CONNECTION_REFUSED);
    connection_plan(connection, burst_end(&burst) + LAST_STEP_WAIT, step_give_up);
}

/* ---- accept ---- */

/* The thread that accepts makes the socket first. */
void connection_log_accept(struct world_burst *burst, struct world_connection *connection)
{
    struct world *world = connection->world;
    const struct world_listener *listener = connection->listener;
    struct world_address none = address_any(&connection->local, 0);
    connection->afd_endpoint = pool_take(&world->pools[POOL_AFD_ENDPOINT], world->now);
    uint64_t endpoint = pool_take(&world->pools[POOL_ENDPOINT], world->now);
    socket_create_stream(burst, connection->afd_endpoint, endpoint,
                         connection->local.size == 16 ? 23 : 2);
    burst_set(burst, VALUE_AFD_ENDPOINT, listener->afd_endpoint);
    burst_set(burst, VALUE_ACCEPT_ENDPOINT, connection->afd_endpoint);
    socket_afd(burst, EVENT_AFD_ACCEPT, AFD_ENTER, 6010);
    burst_log(burst, EVENT_ENDPOINT_CLOSED,
              WITH({VALUE_LOCAL, POINTED(&none)}, {VALUE_ENDPOINT, endpoint}));
    socket_afd(burst, EVENT_AFD_ACCEPTED, AFD_EXIT, 6011);
    socket_afd(burst, EVENT_AFD_WAIT, AFD_ENTER, 6216);
    if (!pool_give(&world->pools[POOL_ENDPOINT], endpoint, burst->at)) {
        world->failed = true;
    }
}

static void step_accept(void *object)
{
    struct world_connection *connection = object;
    struct world_burst burst;
    connection_call(&burst, connection);
    if (!connection->afd_endpoint) {
        connection_log_accept(&burst, connection);
    }
    if (connection->listener->uses_accept_ex && !connection->listener->ready) {
        listener_make_ready(&burst, connection->listener);
    }
    listener_let_go(connection->listener);
    connection->listener = NULL;
    connection_plan(connection, burst_end(&burst) + connection->pace / 8, step_round);
}

/* A connection that AcceptEx waited for has its socket at once. */
static void log_accept_ex(struct world_burst *burst, struct world_connection *connection)
{
    struct world_listener *listener = connection->listener;
    if (listener->ready) {
        connection->afd_endpoint = listener->ready;
        listener->ready = 0;
        burst_set(burst, VALUE_ACCEPT_ENDPOINT, connection->afd_endpoint);
        connection_afd(burst, connection, EVENT_AFD_ACCEPT_EX, AFD_EXIT, 6101);
    }
}

static void step_handshake(void *object)
{
    struct world_connection *connection = object;
    struct world_listener *listener = connection->listener;
    struct world_burst burst;
    connection_interrupt(&burst, connection);
    connection->acknowledged = connection->first + 1;
    connection_receive(&burst, connection, TCP_ACK, connection->receive_next, 0, "accept");
    connection_values(&burst, connection);
    burst_set(&burst, VALUE_AFD_ENDPOINT, listener->afd_endpoint);
    burst_log(&burst, EVENT_RECEIVED,
              WITH({VALUE_BYTES, 0}, {VALUE_SEQUENCE, connection->receive_next}));
    connection_state(&burst, connection, STATE_ESTABLISHED);
    connection_afd(&burst, connection, EVENT_AFD_CONNECT_INDICATION, AFD_INDICATION, 6501);
    if (listener->uses_accept_ex) {
        log_accept_ex(&burst, connection);
    } else {
        connection_afd(&burst, connection, EVENT_AFD_WAIT, AFD_EXIT, 6220);
    }
    burst_log(&burst, EVENT_ACCEPTED, NULL);
    kernel_log(&burst, KERNEL_ACCEPTED, connection->process, 0);
    int64_t at = burst_end(&burst);
    if (connection->has_afd) {
        int64_t wait = chance_between(&connection->world->chance, 50, 8000);
        connection_plan(connection, at + wait, step_accept);
    } else {
        listener_let_go(listener);
        connection->listener = NULL;
        connection_plan(connection, at + connection->pace / 8, step_round);
    }
}

static void choose_server_ends(struct world_connection *connection)
{
    struct world *world = connection->world;
    const struct world_listener *listener = connection->listener;
    bool is_ipv6 = listener->local.size == 16;
    const struct world_tuple *old = chance_percent(&world->chance, 6) ? used_tuple(world, 1) : NULL;
    connection->local = local_address(world, is_ipv6);
    if (!address_is_any(&listener->local)) {
        connection->local = listener->local;
    }
    connection->local.port = listener->local.port;
    connection->remote = remote_client(world, is_ipv6);
    if (old && is_same_end(&old->local, &connection->local)) {
        connection->remote = old->remote;
        connection->is_recycled = true;
    }
    while (is_in_use(world, connection)) {
        connection->remote = remote_client(world, is_ipv6);
        connection->is_recycled = false;
    }
}

void tcp_open_server(struct world *world)
{
    struct world_listener *listener = listener_pick(world);
    struct world_connection *connection =
        listener ? connection_new(world, listener->process) : NULL;
    struct world_burst burst;
    if (!connection) {
        return;
    }
    connection->listener = listener;
    listener->pending++;
    connection->is_socket_open = true;
    connection->process->sockets++;
    connection->has_afd = listener->has_afd;
    connection->state = STATE_LISTEN;
    choose_server_ends(connection);
    connection_choose_life(connection);
    connection->tcb = pool_take(&world->pools[POOL_TCB], world->now);
    connection_interrupt(&burst, connection);
    connection_receive(&burst, connection, TCP_SYN, connection->receive_next, 0, "accept");
    connection->receive_next++;
    burst_set(&burst, VALUE_SEND_NEXT, 0);
    burst_log(&burst, EVENT_SLOW_PATH, WITH({VALUE_REASON, 16}));
    connection_state(&burst, connection, STATE_SYN_RECEIVED);
    burst_log(&burst, EVENT_RTT_STARTED, WITH({VALUE_SEQUENCE, connection->first}));
    burst_log(&burst, EVENT_TIMER_STARTED, WITH({VALUE_WAIT, SYN_WAIT_MS}));
    connection_send(&burst, connection, TCP_SYN | TCP_ACK, connection->first, 0, "accept");
    connection->send_next = connection->first + 1;
    connection_plan(connection, burst_end(&burst) + connection->round_trip,
                    chance_percent(&world->chance, 3) ? step_reset_before_accept : step_handshake);
}

/* ---- nobody listens ---- */

/* A port where nobody listens, or somebody at the other address only. */
static void choose_closed_port(struct world *world, struct world_address *local)
{
    const struct world_listener *bound =
        chance_percent(&world->chance, 50) ? listener_pick_bound(world) : NULL;
    if (bound) {
        bool is_first = bound->local.bytes[3] == world_local_address(0)->bytes[3];
        *local = address_with_port(world_local_address(is_first ? 1 : 0), bound->local.port);
        return;
    }
    do {
        local->port = (uint16_t)(20 + chance_below(&world->chance, 10000));
    } while (listener_has_port(world, local->port));
}

void tcp_refuse(struct world *world)
{
    struct world_address local = local_address(world, false), remote = remote_client(world, false);
    struct world_truth truth = truth_of_nobody("no-endpoint", "refused-in");
    uint32_t first = (uint32_t)chance_next(&world->chance);
    struct world_segment syn = {.flags = TCP_SYN, .sequence = first, .window = 8192};
    struct world_segment reset = {.flags = TCP_RST | TCP_ACK, .acknowledgement = first + 1};
    struct world_burst burst;
    choose_closed_port(world, &local);
    burst_interrupt(&burst, world, chance_below(&world->chance, WORLD_CPUS), world->now);
    burst_set(&burst, VALUE_LOCAL, POINTED(&local));
    burst_set(&burst, VALUE_REMOTE, POINTED(&remote));
    burst_set(&burst, VALUE_PROTOCOL, IP_TCP);
    burst_set(&burst, VALUE_FAMILY, 2);
    burst_set(&burst, VALUE_IP_PROTOCOL, 4);
    packet_tcp(&burst, &(struct world_packet){false, &remote, &local, truth}, &syn);
    burst_log(&burst, EVENT_SLOW_PATH, WITH({VALUE_REASON, 16}));
    burst_log(&burst, EVENT_DROP, WITH({VALUE_REASON, 4}));
    packet_tcp(&burst, &(struct world_packet){true, &local, &remote, truth}, &reset);
    (void)burst_end(&burst);
}

/* ---- there already ---- */

static void make_older(struct world_connection *connection, struct world_listener *listener)
{
    struct world *world = connection->world;
    connection->is_older = connection->is_socket_open = true;
    connection->is_client = !listener;
    connection->has_afd = connection->process->pid != PID_SYSTEM;
    connection->listener = listener;
    (listener ? choose_server_ends : choose_client_ends)(connection);
    connection->listener = NULL;
    connection->process->sockets++;
    connection->afd_endpoint =
        connection->has_afd ? pool_take(&world->pools[POOL_AFD_ENDPOINT], 0) : 0;
    connection->endpoint = listener ? 0 : pool_take(&world->pools[POOL_ENDPOINT], 0);
    connection->tcb = pool_take(&world->pools[POOL_TCB], 0);
    connection->state = STATE_ESTABLISHED;
    connection->send_next += 1 + (uint32_t)(chance_next(&world->chance) >> 44);
    connection->acknowledged = connection->send_next;
    connection_choose_life(connection);
}

void tcp_begin_older(struct world *world)
{
    unsigned count = world->options.connections / 12;
    count = count < MOST_OLDER ? count : MOST_OLDER;
    for (unsigned i = 0; i < count && !world->failed; i++) {
        struct world_listener *listener =
            chance_percent(&world->chance, 40) ? listener_pick(world) : NULL;
        struct world_process *process =
            listener ? listener->process : process_pick(world, ROLE_CLIENT);
        struct world_connection *connection = process ? connection_new(world, process) : NULL;
        if (connection) {
            make_older(connection, listener);
            int64_t at = chance_between(&world->chance, WORLD_MILLISECOND, 2 * WORLD_SECOND);
            connection_plan(connection, at, step_round);
        }
    }
}
