/* SPDX-License-Identifier: MIT */
/*
 * world_tcp_data.c - what established connections do: rounds of a request and its answer,
 * repetitions, keep-alive segments.
 */
#include "world_kernel.h"
#include "world_tcp.h"

enum { SEGMENT = 1460, RECEIVE_BUFFER = 16384, RTO_MS = 300 };

static void step_answer(void *object);
static void step_acknowledged(void *object);

/* Most are small. */
static size_t choose_size(struct world *world)
{
    unsigned dice = chance_below(&world->chance, 100);
    size_t size = 20 + chance_below(&world->chance, 480);
    if (dice >= 60) {
        size = 500 + chance_below(&world->chance, 2400);
    }
    return dice < 95 ? size : 3000 + chance_below(&world->chance, 6000);
}

/* ---- sending ---- */

static void send_segments(struct world_burst *burst, struct world_connection *connection,
                          size_t size)
{
    bool is_offloaded = size > SEGMENT && chance_percent(&connection->world->chance, 15);
    size_t most = is_offloaded ? size : SEGMENT;
    for (size_t done = 0, part = 0; done < size; done += part) {
        part = size - done < most ? size - done : most;
        uint8_t flags = done + part == size ? TCP_PSH | TCP_ACK : TCP_ACK;
        connection_send(burst, connection, flags, connection->send_next, part, "tcp-data");
        connection->send_next += (uint32_t)part;
    }
    burst_set(burst, VALUE_SEND_NEXT, connection->send_next);
}

/* An application sends; Winsock may log a buffered send twice on its way in and out. */
static void log_send(struct world_burst *burst, struct world_connection *connection, size_t size)
{
    connection_afd_data(burst, connection, EVENT_AFD_SEND, AFD_ENTER, 3047, size);
    if (chance_percent(&connection->world->chance, 30)) {
        connection_afd_data(burst, connection, EVENT_AFD_SEND, AFD_ENTER, 3056, size);
        connection->has_late_exit = true;
    }
    burst_log(burst, EVENT_SEND_POSTED, WITH({VALUE_BYTES, size}));
    burst_log(burst, EVENT_TIMER_STARTED, WITH({VALUE_WAIT, RTO_MS}));
    send_segments(burst, connection, size);
    connection_afd_data(burst, connection, EVENT_AFD_SEND, AFD_EXIT, 3051, size);
}

/* The other side acknowledges all that was sent, in the segment that comes next. Returns the
 * bytes that were not acknowledged before. */
static uint32_t acknowledge(struct world_connection *connection)
{
    uint32_t bytes = connection->send_next - connection->acknowledged;
    connection->acknowledged = connection->send_next;
    return bytes;
}

static void log_acknowledgement(struct world_burst *burst, struct world_connection *connection,
                                uint32_t bytes)
{
    if (!bytes) {
        return;
    }
    burst_set(burst, VALUE_SEND_UNACKNOWLEDGED, connection->acknowledged);
    burst_log(burst, EVENT_CUMULATIVE_ACK, WITH({VALUE_BYTES, bytes}));
    burst_log(burst, EVENT_CUMULATIVE_ACK_1330,
              WITH({VALUE_BYTES, bytes}, {VALUE_SEQUENCE, connection->acknowledged}));
    if (connection->has_late_exit) {
        connection->has_late_exit = false;
        connection_afd_data(burst, connection, EVENT_AFD_SEND, AFD_EXIT, 3024, bytes);
    }
}

/* ---- receiving ---- */

static void log_delivery(struct world_burst *burst, struct world_connection *connection,
                         size_t size)
{
    burst_set(burst, VALUE_BYTES, size);
    if (connection->has_request) {
        connection->has_request = false;
        burst_log(burst, EVENT_DELIVERY_SATISFIED, WITH({VALUE_BUFFER_LENGTH, RECEIVE_BUFFER}));
        burst_log(burst, EVENT_RECEIVED, WITH({VALUE_SEQUENCE, connection->receive_next}));
        connection_afd_data(burst, connection, EVENT_AFD_RECEIVE, AFD_EXIT, 4122, size);
    } else {
        connection_afd_data(burst, connection, EVENT_AFD_DATA_INDICATION, AFD_INDICATION, 9000,
                            size);
        burst_log(burst, EVENT_DELIVERY_INDICATED, WITH({VALUE_BUFFER_LENGTH, size}));
        burst_log(burst, EVENT_RECEIVED, WITH({VALUE_SEQUENCE, connection->receive_next}));
    }
}

/* The other side repeats a segment because our acknowledgement was late or lost. */
static void log_repeated(struct world_burst *burst, struct world_connection *connection,
                         size_t size)
{
    connection_receive(burst, connection, TCP_ACK | TCP_PSH,
                       connection->receive_next - (uint32_t)size, size, "tcp-received-again");
    connection_send(burst, connection, TCP_ACK, connection->send_next, 0, "tcp-ack");
}

/* Data arrive; every second segment is acknowledged, and the last. */
static void log_incoming(struct world_burst *burst, struct world_connection *connection,
                         size_t size)
{
    size_t part = 0;
    unsigned count = 0;
    uint32_t sent = acknowledge(connection);
    for (size_t done = 0; done < size; done += part) {
        part = size - done < SEGMENT ? size - done : SEGMENT;
        bool is_last = done + part == size;
        connection_receive(burst, connection, is_last ? TCP_PSH | TCP_ACK : TCP_ACK,
                           connection->receive_next, part, "tcp-data");
        log_acknowledgement(burst, connection, done ? 0 : sent);
        log_delivery(burst, connection, part);
        connection->receive_next += (uint32_t)part;
        burst_set(burst, VALUE_RECEIVE_NEXT, connection->receive_next);
        if (++count % 2 == 0 || is_last) {
            connection_send(burst, connection, TCP_ACK, connection->send_next, 0, "tcp-ack");
        }
    }
    if (chance_percent(&connection->world->chance, 2)) {
        log_repeated(burst, connection, part);
    }
}

/* The application takes what arrived, and often asks for more at once. */
static void log_receive(struct world_burst *burst, struct world_connection *connection, size_t size)
{
    connection_afd_data(burst, connection, EVENT_AFD_RECEIVE, AFD_ENTER, 4115, RECEIVE_BUFFER);
    connection_afd_data(burst, connection, EVENT_AFD_RECEIVE, AFD_EXIT, 4116, size);
    if (chance_percent(&connection->world->chance, 40)) {
        connection_afd_data(burst, connection, EVENT_AFD_RECEIVE, AFD_ENTER, 4107, RECEIVE_BUFFER);
        burst_log(burst, EVENT_RECEIVE_REQUEST, WITH({VALUE_BYTES, RECEIVE_BUFFER}));
        connection->has_request = true;
    }
}

/* ---- repetitions, keep-alive segments ---- */

static void step_keep_alive_answered(void *object)
{
    struct world_connection *connection = object;
    struct world_burst burst;
    connection_interrupt(&burst, connection);
    connection_receive(&burst, connection, TCP_ACK, connection->receive_next, 0, "tcp-keep-alive");
    connection_plan(connection, burst_end(&burst) + connection->pace / 4, step_round);
}

static void log_keep_alive(struct world_connection *connection)
{
    struct world_burst burst;
    connection_interrupt(&burst, connection);
    if (chance_percent(&connection->world->chance, 50)) {
        burst_log(&burst, EVENT_KEEP_ALIVE, NULL);
        connection_send(&burst, connection, TCP_ACK, connection->send_next - 1, 1,
                        "tcp-keep-alive");
        connection_plan(connection, burst_end(&burst) + connection->round_trip,
                        step_keep_alive_answered);
    } else {
        connection_receive(&burst, connection, TCP_ACK, connection->receive_next - 1, 1,
                           "tcp-keep-alive");
        connection_send(&burst, connection, TCP_ACK, connection->send_next, 0, "tcp-keep-alive");
        connection_plan(connection, burst_end(&burst) + connection->pace / 4, step_round);
    }
}

/* The last segment was lost, the timer sends it again. */
static void step_repeat(void *object)
{
    struct world_connection *connection = object;
    uint32_t left = connection->send_next - connection->acknowledged;
    uint32_t size = left < SEGMENT ? left : SEGMENT;
    struct world_burst burst;
    connection_interrupt(&burst, connection);
    burst_log(&burst, EVENT_TIMER_EXPIRED, NULL);
    burst_log(&burst, EVENT_ROUND, WITH({VALUE_ROUND, 1}));
    burst_log(&burst, EVENT_ROUND_1351, WITH({VALUE_ROUND, 1}));
    burst_log(&burst, EVENT_RETRANSMIT, WITH({VALUE_ROUND, 1}));
    connection_send(&burst, connection, TCP_PSH | TCP_ACK, connection->send_next - size, size,
                    "tcp-retransmit");
    kernel_log(&burst, KERNEL_REPEATED, connection->process, size);
    connection_plan(connection, burst_end(&burst) + connection->round_trip,
                    connection->is_client ? step_answer : step_acknowledged);
}

static void plan_answer(struct world_connection *connection, int64_t at)
{
    if (chance_percent(&connection->world->chance, 3)) {
        connection_plan(connection, at + RTO_MS * WORLD_MILLISECOND, step_repeat);
    } else {
        connection_plan(connection, at + connection->round_trip,
                        connection->is_client ? step_answer : step_acknowledged);
    }
}

/* ---- rounds ---- */

static void plan_next_round(struct world_connection *connection, int64_t at)
{
    connection_plan(connection, at + chance_around(&connection->world->chance, connection->pace),
                    step_round);
}

static void log_round_in(struct world_connection *connection, void (*next)(void *object))
{
    struct world_burst burst;
    size_t size = choose_size(connection->world);
    connection->untaken = connection->has_request ? 0 : size;
    connection_interrupt(&burst, connection);
    log_incoming(&burst, connection, size);
    connection_plan(connection,
                    burst_end(&burst) + chance_between(&connection->world->chance, 30, 4000), next);
}

static void step_take(void *object)
{
    struct world_connection *connection = object;
    struct world_burst burst;
    connection_call(&burst, connection);
    if (connection->untaken) {
        log_receive(&burst, connection, connection->untaken);
    }
    plan_next_round(connection, burst_end(&burst));
}

/* The other side's answer to what we asked. */
static void step_answer(void *object)
{
    log_round_in(object, step_take);
}

static void step_reply(void *object)
{
    struct world_connection *connection = object;
    struct world_burst burst;
    connection_call(&burst, connection);
    if (connection->untaken) {
        log_receive(&burst, connection, connection->untaken);
    }
    log_send(&burst, connection, choose_size(connection->world));
    plan_answer(connection, burst_end(&burst));
}

/* Our answer has arrived. */
static void step_acknowledged(void *object)
{
    struct world_connection *connection = object;
    struct world_burst burst;
    connection_interrupt(&burst, connection);
    uint32_t sent = acknowledge(connection);
    connection_receive(&burst, connection, TCP_ACK, connection->receive_next, 0, "tcp-ack");
    burst_log(&burst, EVENT_RECEIVED,
              WITH({VALUE_BYTES, 0}, {VALUE_SEQUENCE, connection->receive_next}));
    log_acknowledgement(&burst, connection, sent);
    plan_next_round(connection, burst_end(&burst));
}

void step_round(void *object)
{
    struct world_connection *connection = object;
    struct world_burst burst;
    const struct world_process *process = connection->process;
    bool is_wanted = !process->is_retiring || process->program->roles & ROLE_BRIEF;
    if (!connection->rounds || !is_wanted) {
        step_close(connection);
        return;
    }
    if (chance_percent(&connection->world->chance, 3)) {
        log_keep_alive(connection);
        return;
    }
    connection->rounds--;
    if (!connection->is_client) {
        log_round_in(connection, step_reply);
        return;
    }
    connection_call(&burst, connection);
    log_send(&burst, connection, choose_size(connection->world));
    plan_answer(connection, burst_end(&burst));
}
