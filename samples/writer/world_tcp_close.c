/* SPDX-License-Identifier: MIT */
/*
 * world_tcp_close.c - how connections end.
 */
#include "world_kernel.h"
#include "world_listeners.h"
#include "world_tcp.h"

/* A port in TIME_WAIT; Windows waits longer, traces are shorter. */
#define TIME_WAIT (2 * WORLD_SECOND)

static int64_t think(const struct world_connection *connection)
{
    return chance_between(&connection->world->chance, 30, connection->round_trip + 20000);
}

/* ---- parts ---- */

static void log_fin_out(struct world_burst *burst, struct world_connection *connection,
                        enum world_state_number state)
{
    burst_log(burst, EVENT_DISCONNECT, NULL);
    connection_state(burst, connection, state);
    connection_send(burst, connection, TCP_FIN | TCP_ACK, connection->send_next, 0, "tcp-close");
    connection->send_next++;
    burst_set(burst, VALUE_SEND_NEXT, connection->send_next);
    kernel_log(burst, KERNEL_DISCONNECTED, connection->process, 0);
}

static void log_fin_in(struct world_burst *burst, struct world_connection *connection,
                       enum world_state_number state)
{
    connection_receive(burst, connection, TCP_FIN | TCP_ACK, connection->receive_next, 0,
                       "tcp-close");
    burst_log(burst, EVENT_RECEIVED,
              WITH({VALUE_BYTES, 1}, {VALUE_SEQUENCE, connection->receive_next}));
    connection->receive_next++;
    connection_state(burst, connection, state);
    if (connection->has_request) {
        connection->has_request = false;
        connection_afd_data(burst, connection, EVENT_AFD_RECEIVE, AFD_EXIT, 4123, 0);
    }
    burst_set(burst, VALUE_RECEIVE_NEXT, connection->receive_next);
    burst_log(burst, EVENT_DELIVERY_FIN, NULL);
    if (connection->is_socket_open) {
        connection_afd(burst, connection, EVENT_AFD_DISCONNECT, AFD_INDICATION, 12001);
    }
    connection_send(burst, connection, TCP_ACK, connection->send_next, 0, "tcp-close");
}

static void log_ack_in(struct world_burst *burst, struct world_connection *connection)
{
    connection->acknowledged = connection->send_next;
    connection_receive(burst, connection, TCP_ACK, connection->receive_next, 0, "tcp-close");
    burst_set(burst, VALUE_SEND_UNACKNOWLEDGED, connection->acknowledged);
    burst_log(burst, EVENT_RECEIVED,
              WITH({VALUE_BYTES, 0}, {VALUE_SEQUENCE, connection->receive_next}));
    burst_log(burst, EVENT_CUMULATIVE_ACK, WITH({VALUE_BYTES, 1}));
    burst_log(burst, EVENT_CUMULATIVE_ACK_1330, WITH({VALUE_BYTES, 1}));
}

static void log_release_of_port(struct world_burst *burst,
                                const struct world_connection *connection)
{
    if (connection->is_client) {
        burst_log(burst, EVENT_PORT_RELEASED,
                  WITH({VALUE_ACQUIRER, connection->tcb}, {VALUE_IS_WEAK, 1}));
    }
}

/* After a clean end Windows names it aborted all the same, and closes once more. */
void connection_log_clean_end(struct world_burst *burst, struct world_connection *connection)
{
    connection_status(burst, EVENT_DISCONNECTED, 0);
    connection_status(burst, EVENT_CLOSE, 0);
    connection_status(burst, EVENT_SHUTDOWN, STATUS_CONNECTION_ABORTED);
    connection_state(burst, connection, STATE_CLOSED);
    log_release_of_port(burst, connection);
    connection_free_tcb(burst, connection);
}

/* ---- after the end ---- */

static void step_free(void *object)
{
    struct world_connection *connection = object;
    connection_free(connection, connection->world->now + TIME_WAIT);
}

/* The last FIN comes again, TIME_WAIT answers it; no events. */
static void step_late_fin(void *object)
{
    struct world_connection *connection = object;
    struct world_burst burst;
    connection_interrupt(&burst, connection);
    connection_receive(&burst, connection, TCP_FIN | TCP_ACK, connection->receive_next - 1, 0,
                       "late-fin");
    connection_send(&burst, connection, TCP_ACK, connection->send_next, 0, "late-fin");
    connection_plan(connection, burst_end(&burst), step_free);
}

static void step_late_ack(void *object)
{
    struct world_connection *connection = object;
    struct world_burst burst;
    connection_interrupt(&burst, connection);
    connection_receive(&burst, connection, TCP_ACK, connection->receive_next, 0, "late-ack");
    connection_plan(connection, burst_end(&burst), step_free);
}

static void plan_free(struct world_connection *connection, int64_t at, void (*late)(void *object))
{
    struct world_chance *chance = &connection->world->chance;
    if (late && chance_percent(chance, 10)) {
        connection_plan(connection, at + chance_between(chance, 3000, 600 * WORLD_MILLISECOND),
                        late);
    } else {
        connection_plan(connection, at, step_free);
    }
}

/* ---- we close first ---- */

static void step_last_fin(void *object)
{
    struct world_connection *connection = object;
    struct world_burst burst;
    connection_interrupt(&burst, connection);
    log_fin_in(&burst, connection, STATE_TIME_WAIT);
    connection_log_clean_end(&burst, connection);
    plan_free(connection, burst_end(&burst), step_late_fin);
}

static void step_close_after_half(void *object)
{
    struct world_connection *connection = object;
    struct world_burst burst;
    connection_call(&burst, connection);
    connection_close_socket(&burst, connection);
    connection_plan(connection, burst_end(&burst), step_free);
}

static void step_last_fin_after_half(void *object)
{
    struct world_connection *connection = object;
    struct world_burst burst;
    connection_interrupt(&burst, connection);
    log_fin_in(&burst, connection, STATE_TIME_WAIT);
    connection_log_clean_end(&burst, connection);
    connection_plan(connection, burst_end(&burst) + think(connection), step_close_after_half);
}

/* We have shut down our half only, and the socket is still open for what comes. */
static void step_data_in_half(void *object)
{
    struct world_connection *connection = object;
    struct world_burst burst;
    size_t size = 40 + chance_below(&connection->world->chance, 1400);
    connection_interrupt(&burst, connection);
    connection_receive(&burst, connection, TCP_PSH | TCP_ACK, connection->receive_next, size,
                       "half-closed");
    burst_set(&burst, VALUE_BYTES, size);
    connection_afd_data(&burst, connection, EVENT_AFD_DATA_INDICATION, AFD_INDICATION, 9000, size);
    burst_log(&burst, EVENT_DELIVERY_INDICATED, WITH({VALUE_BUFFER_LENGTH, size}));
    burst_log(&burst, EVENT_RECEIVED, WITH({VALUE_SEQUENCE, connection->receive_next}));
    connection->receive_next += (uint32_t)size;
    connection_send(&burst, connection, TCP_ACK, connection->send_next, 0, "half-closed");
    bool is_more = connection->attempts++ < 4 && chance_percent(&connection->world->chance, 60);
    connection_plan(connection, burst_end(&burst) + think(connection),
                    is_more ? step_data_in_half : step_last_fin_after_half);
}

static void step_fin_acknowledged(void *object)
{
    struct world_connection *connection = object;
    struct world_burst burst;
    connection_interrupt(&burst, connection);
    log_ack_in(&burst, connection);
    connection_state(&burst, connection, STATE_FIN_WAIT2);
    connection->attempts = 0;
    connection_plan(connection, burst_end(&burst) + think(connection),
                    connection->is_socket_open ? step_data_in_half : step_last_fin);
}

/* Both FINs cross. */
static void step_closing_acknowledged(void *object)
{
    struct world_connection *connection = object;
    struct world_burst burst;
    connection_interrupt(&burst, connection);
    log_ack_in(&burst, connection);
    connection_state(&burst, connection, STATE_TIME_WAIT);
    connection_log_clean_end(&burst, connection);
    plan_free(connection, burst_end(&burst), NULL);
}

static void step_crossing_fin(void *object)
{
    struct world_connection *connection = object;
    struct world_burst burst;
    connection_interrupt(&burst, connection);
    log_fin_in(&burst, connection, STATE_CLOSING);
    connection_plan(connection, burst_end(&burst) + connection->round_trip / 4 + 50,
                    step_closing_acknowledged);
}

static void close_first(struct world_connection *connection)
{
    struct world_burst burst;
    connection_call(&burst, connection);
    log_fin_out(&burst, connection, STATE_FIN_WAIT1);
    if (connection->ending != ENDING_LOCAL_HALF) {
        connection_close_socket(&burst, connection);
    }
    bool is_crossing = connection->ending == ENDING_BOTH;
    connection_plan(connection,
                    burst_end(&burst) +
                        (is_crossing ? connection->round_trip / 3 : connection->round_trip),
                    is_crossing ? step_crossing_fin : step_fin_acknowledged);
}

/* ---- the other side closes first ---- */

static void step_last_ack(void *object)
{
    struct world_connection *connection = object;
    struct world_burst burst;
    connection_interrupt(&burst, connection);
    log_ack_in(&burst, connection);
    connection_state(&burst, connection, STATE_CLOSED);
    connection_log_clean_end(&burst, connection); /* from closed to closed once more */
    plan_free(connection, burst_end(&burst), step_late_ack);
}

static void step_close_second(void *object)
{
    struct world_connection *connection = object;
    struct world_burst burst;
    connection_call(&burst, connection);
    log_fin_out(&burst, connection, STATE_LAST_ACK);
    connection_close_socket(&burst, connection);
    connection_plan(connection, burst_end(&burst) + connection->round_trip, step_last_ack);
}

static void step_send_in_half(void *object)
{
    struct world_connection *connection = object;
    struct world_burst burst;
    size_t size = 40 + chance_below(&connection->world->chance, 1400);
    connection_call(&burst, connection);
    connection_afd_data(&burst, connection, EVENT_AFD_SEND, AFD_ENTER, 3047, size);
    burst_log(&burst, EVENT_SEND_POSTED, WITH({VALUE_BYTES, size}));
    connection_send(&burst, connection, TCP_PSH | TCP_ACK, connection->send_next, size,
                    "half-closed");
    connection->send_next += (uint32_t)size;
    connection_afd_data(&burst, connection, EVENT_AFD_SEND, AFD_EXIT, 3051, size);
    bool is_more = connection->attempts++ < 4 && chance_percent(&connection->world->chance, 60);
    connection_plan(connection, burst_end(&burst) + connection->round_trip + think(connection),
                    is_more ? step_send_in_half : step_close_second);
}

static void close_after_peer(struct world_connection *connection)
{
    struct world_burst burst;
    connection_interrupt(&burst, connection);
    log_fin_in(&burst, connection, STATE_CLOSE_WAIT);
    connection->attempts = 0;
    connection_plan(connection, burst_end(&burst) + think(connection),
                    connection->ending == ENDING_PEER_HALF ? step_send_in_half : step_close_second);
}

/* ---- resets ---- */

static void abort_connection(struct world_connection *connection)
{
    struct world_burst burst;
    connection_call(&burst, connection);
    burst_set(&burst, VALUE_REASON, 2);
    connection_afd(&burst, connection, EVENT_AFD_ABORT, AFD_ENTER, 8004);
    connection_status(&burst, EVENT_ABORT, 0);
    burst_log(&burst, EVENT_RESET_SENT, NULL);
    connection_send(&burst, connection, TCP_RST | TCP_ACK, connection->send_next, 0, "abort");
    connection_state(&burst, connection, STATE_CLOSED);
    connection_status(&burst, EVENT_SHUTDOWN, STATUS_CONNECTION_ABORTED);
    connection_status(&burst, EVENT_ABORTED, 0);
    log_release_of_port(&burst, connection);
    kernel_log(&burst, KERNEL_DISCONNECTED, connection->process, 0);
    connection_free_tcb(&burst, connection);
    connection_close_socket(&burst, connection);
    connection_plan(connection, burst_end(&burst), step_free);
}

static void step_after_reset(void *object)
{
    struct world_connection *connection = object;
    struct world_burst burst;
    connection_call(&burst, connection);
    connection_afd_data(&burst, connection, EVENT_AFD_RECEIVE, AFD_ENTER, 4115, 4096);
    burst_set(&burst, VALUE_STATUS, STATUS_CONNECTION_RESET);
    connection_afd_data(&burst, connection, EVENT_AFD_RECEIVE, AFD_EXIT, 4109, 0);
    burst_set(&burst, VALUE_STATUS, 0);
    connection_close_socket(&burst, connection);
    connection_plan(connection, burst_end(&burst), step_free);
}

static void log_reset_in(struct world_burst *burst, struct world_connection *connection)
{
    connection->acknowledged = connection->send_next;
    connection_receive(burst, connection, TCP_RST | TCP_ACK, connection->receive_next, 0,
                       "peer-reset");
    burst_log(burst, EVENT_RESET_RECEIVED, NULL);
    connection_status(burst, EVENT_SHUTDOWN, STATUS_CONNECTION_RESET);
    connection_state(burst, connection, STATE_CLOSED);
    log_release_of_port(burst, connection);
    connection_free_tcb(burst, connection);
}

static void reset_by_peer(struct world_connection *connection)
{
    struct world_burst burst;
    connection_interrupt(&burst, connection);
    log_reset_in(&burst, connection);
    burst_set(&burst, VALUE_REASON, 4);
    connection_afd(&burst, connection, EVENT_AFD_ABORT, AFD_INDICATION, 8016);
    connection_plan(connection, burst_end(&burst) + think(connection), step_after_reset);
}

/* Before there is a socket for it. */
void step_reset_before_accept(void *object)
{
    struct world_connection *connection = object;
    struct world_burst burst;
    connection_interrupt(&burst, connection);
    connection->has_afd = false;
    log_reset_in(&burst, connection);
    listener_let_go(connection->listener);
    connection->listener = NULL;
    connection_close_socket(&burst, connection);
    connection_plan(connection, burst_end(&burst), step_free);
}

/* ---- choice ---- */

void step_close(void *object)
{
    static void (*const ends[ENDING_COUNT])(struct world_connection * connection) = {
        [ENDING_LOCAL] = close_first,          [ENDING_LOCAL_HALF] = close_first,
        [ENDING_BOTH] = close_first,           [ENDING_PEER] = close_after_peer,
        [ENDING_PEER_HALF] = close_after_peer, [ENDING_ABORT] = abort_connection,
        [ENDING_RESET] = reset_by_peer};
    struct world_connection *connection = object;
    ends[connection->ending](connection);
}
