/* SPDX-License-Identifier: MIT */
/*
 * world_tcp_loopback.c - connections of this host with itself: both ends have their events, and
 * no packet passes an adapter.
 */
#include "world_kernel.h"
#include "world_listeners.h"
#include "world_processes.h"
#include "world_tcp.h"

/* Both ends of one connection. */
struct pair {
    struct world_connection *client, *server;
    int64_t at; /* of the next burst */
};

static void begin_call(struct world_burst *burst, const struct pair *pair,
                       struct world_connection *connection)
{
    burst_in_process(burst, connection->world, connection->process, connection->thread,
                     pair->at + chance_between(&connection->world->chance, 20, 400));
    connection_values(burst, connection);
}

static void begin_interrupt(struct world_burst *burst, const struct pair *pair,
                            const struct world_connection *connection)
{
    burst_interrupt(burst, connection->world, connection->cpu, pair->at);
    connection_values(burst, connection);
}

static void log_sent(struct world_burst *burst, struct world_connection *connection, size_t bytes)
{
    const struct world_setting settings[] = {
        {VALUE_BYTES, bytes}, {VALUE_SEQUENCE, connection->send_next}, {VALUE_NONE, 0}};
    burst_log(burst, EVENT_SENT, settings);
    burst_log(burst, EVENT_SENT_1332, settings);
    connection->send_next += (uint32_t)bytes;
    connection->acknowledged = connection->send_next;
    connection_values(burst, connection);
}

static void log_received(struct world_burst *burst, struct world_connection *connection,
                         size_t bytes)
{
    burst_log(burst, EVENT_RECEIVED,
              WITH({VALUE_BYTES, bytes}, {VALUE_SEQUENCE, connection->receive_next}));
    connection->receive_next += (uint32_t)bytes;
    connection_values(burst, connection);
}

static void handshake(struct pair *pair)
{
    struct world_connection *client = pair->client, *server = pair->server;
    struct world_burst burst;
    begin_call(&burst, pair, client);
    connection_log_socket(&burst, client);
    connection_log_bind(&burst, client);
    connection_log_connect(&burst, client);
    log_sent(&burst, client, 1);
    pair->at = burst_end(&burst);
    begin_interrupt(&burst, pair, server);
    burst_set(&burst, VALUE_SEND_NEXT, 0);
    connection_state(&burst, server, STATE_SYN_RECEIVED);
    log_sent(&burst, server, 1);
    connection_values(&burst, client);
    connection_state(&burst, client, STATE_ESTABLISHED);
    log_received(&burst, client, 1);
    burst_log(&burst, EVENT_CONNECT_COMPLETE, NULL);
    kernel_log(&burst, KERNEL_CONNECTED, client->process, 0);
    connection_afd(&burst, client, EVENT_AFD_CONNECTED, AFD_EXIT, 5024);
    connection_values(&burst, server);
    burst_set(&burst, VALUE_AFD_ENDPOINT, server->listener->afd_endpoint);
    log_received(&burst, server, 0);
    connection_state(&burst, server, STATE_ESTABLISHED);
    burst_set(&burst, VALUE_AFD_ENDPOINT, server->listener->afd_endpoint);
    connection_afd(&burst, server, EVENT_AFD_CONNECT_INDICATION, AFD_INDICATION, 6501);
    connection_afd(&burst, server, EVENT_AFD_WAIT, AFD_EXIT, 6220);
    burst_log(&burst, EVENT_ACCEPTED, NULL);
    kernel_log(&burst, KERNEL_ACCEPTED, server->process, 0);
    pair->at = burst_end(&burst);
    begin_call(&burst, pair, server);
    connection_log_accept(&burst, server);
    pair->at = burst_end(&burst);
}

static void send_once(struct pair *pair, struct world_connection *from, struct world_connection *to)
{
    size_t size = 20 + chance_below(&from->world->chance, 1400);
    struct world_burst burst;
    begin_call(&burst, pair, from);
    connection_afd_data(&burst, from, EVENT_AFD_SEND, AFD_ENTER, 3047, size);
    burst_log(&burst, EVENT_SEND_POSTED, WITH({VALUE_BYTES, size}));
    log_sent(&burst, from, size);
    kernel_log(&burst, KERNEL_SENT, from->process, size);
    connection_afd_data(&burst, from, EVENT_AFD_SEND, AFD_EXIT, 3051, size);
    pair->at = burst_end(&burst);
    begin_interrupt(&burst, pair, to);
    connection_afd_data(&burst, to, EVENT_AFD_DATA_INDICATION, AFD_INDICATION, 9000, size);
    burst_log(&burst, EVENT_DELIVERY_INDICATED,
              WITH({VALUE_BYTES, size}, {VALUE_BUFFER_LENGTH, size}));
    log_received(&burst, to, size);
    kernel_log(&burst, KERNEL_RECEIVED, to->process, size);
    pair->at = burst_end(&burst);
    begin_call(&burst, pair, to);
    connection_afd_data(&burst, to, EVENT_AFD_RECEIVE, AFD_ENTER, 4115, 16384);
    connection_afd_data(&burst, to, EVENT_AFD_RECEIVE, AFD_EXIT, 4116, size);
    pair->at = burst_end(&burst);
}

static void log_fin(struct world_burst *burst, struct world_connection *connection,
                    enum world_state_number state)
{
    burst_log(burst, EVENT_DISCONNECT, NULL);
    connection_state(burst, connection, state);
    log_sent(burst, connection, 1);
    kernel_log(burst, KERNEL_DISCONNECTED, connection->process, 0);
    connection_close_socket(burst, connection);
}

static void close_both(struct pair *pair)
{
    struct world_connection *client = pair->client, *server = pair->server;
    struct world_burst burst;
    begin_call(&burst, pair, client);
    log_fin(&burst, client, STATE_FIN_WAIT1);
    pair->at = burst_end(&burst);
    begin_interrupt(&burst, pair, server);
    log_received(&burst, server, 1);
    connection_state(&burst, server, STATE_CLOSE_WAIT);
    burst_log(&burst, EVENT_DELIVERY_FIN, NULL);
    connection_afd(&burst, server, EVENT_AFD_DISCONNECT, AFD_INDICATION, 12001);
    connection_values(&burst, client);
    log_received(&burst, client, 0);
    connection_state(&burst, client, STATE_FIN_WAIT2);
    pair->at = burst_end(&burst);
    begin_call(&burst, pair, server);
    log_fin(&burst, server, STATE_LAST_ACK);
    pair->at = burst_end(&burst);
    begin_interrupt(&burst, pair, client);
    log_received(&burst, client, 1);
    connection_state(&burst, client, STATE_TIME_WAIT);
    connection_log_clean_end(&burst, client);
    connection_values(&burst, server);
    log_received(&burst, server, 0);
    connection_state(&burst, server, STATE_CLOSED);
    connection_log_clean_end(&burst, server);
    pair->at = burst_end(&burst);
}

static void join(struct pair *pair, struct world_listener *listener)
{
    struct world_connection *client = pair->client, *server = pair->server;
    struct world *world = client->world;
    client->is_client = client->has_port = true;
    client->local = address_ipv4(127, 0, 0, 1);
    client->local.port = (uint16_t)pool_take(&world->pools[POOL_TCP_PORT], world->now);
    client->remote = address_ipv4(127, 0, 0, 1);
    client->remote.port = listener->local.port;
    client->receive_next = server->first;
    server->local = client->remote;
    server->remote = client->local;
    server->receive_next = client->first + 1;
    server->listener = listener;
    server->has_afd = server->is_socket_open = true;
    server->process->sockets++;
    server->state = STATE_LISTEN;
    server->tcb = pool_take(&world->pools[POOL_TCB], world->now);
}

void tcp_talk_loopback(struct world *world)
{
    struct world_listener *listener = listener_pick(world);
    struct world_process *process = process_pick(world, ROLE_CLIENT);
    bool is_fit = listener && process && listener->has_afd && !listener->uses_accept_ex &&
                  listener->local.size == 4 && address_is_any(&listener->local) &&
                  process != listener->process;
    struct world_connection *client = is_fit ? connection_new(world, process) : NULL;
    struct world_connection *server = client ? connection_new(world, listener->process) : NULL;
    if (!server) {
        return;
    }
    struct pair pair = {client, server, world->now};
    join(&pair, listener);
    handshake(&pair);
    for (unsigned i = 1 + chance_below(&world->chance, 6); i; i--) {
        send_once(&pair, client, server);
        send_once(&pair, server, client);
    }
    close_both(&pair);
    server->listener = NULL;
    connection_free(client, pair.at + WORLD_SECOND);
    connection_free(server, pair.at);
}
