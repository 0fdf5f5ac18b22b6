/* SPDX-License-Identifier: MIT */
/*
 * tcp_events.h - the stack's TCP events, one function per sentence, for tests.
 */
#ifndef TESTS_UNIT_TCP_EVENTS_H
#define TESTS_UNIT_TCP_EVENTS_H

#include "correlate/tcp_history.h"
#include "socket_events.h"

struct tcp_scene {
    struct scene base;
    struct tcp_history *history;
    const char *local, *remote; /* of the connection that the test is about */
    uint16_t local_port, remote_port;
};

static inline void open_tcp_scene(struct tcp_scene *scene)
{
    struct etw_error error;
    *scene = (struct tcp_scene){.history = NULL};
    open_scene(&scene->base);
    assert_int_equal(tcp_history_new(scene->base.table, &scene->history, &error), ETW_OK);
}

static inline void finish_tcp_scene(struct tcp_scene *scene)
{
    tcp_history_finish(scene->history);
    finish_scene(&scene->base);
}

static inline void close_tcp_scene(struct tcp_scene *scene)
{
    tcp_history_free(scene->history);
    close_scene(&scene->base);
}

static inline uint32_t tell(struct tcp_scene *scene, const struct etw_socket *socket)
{
    struct etw_event event;
    struct etw_socket stack = *socket;
    stack.layer = ETW_LAYER_STACK;
    stack.protocol = 6;
    stack.has |= ETW_HAS_PROTOCOL;
    const struct etw_event *next = next_event(&scene->base, &event, &stack);
    assert_true(tcp_history_takes(next));
    return tcp_history_learn(scene->history, next);
}

/* With the ends of the scene's connection. */
static inline uint32_t tell_ends(struct tcp_scene *scene, const struct etw_socket *socket)
{
    struct etw_socket whole = *socket;
    whole.local = ipv4(scene->local, scene->local_port);
    whole.remote = ipv4(scene->remote, scene->remote_port);
    whole.has |= ETW_HAS_LOCAL | ETW_HAS_REMOTE;
    return tell(scene, &whole);
}

static inline void set_tuple(struct tcp_scene *scene, const char *local, uint16_t local_port,
                             const char *remote, uint16_t remote_port)
{
    scene->local = local;
    scene->local_port = local_port;
    scene->remote = remote;
    scene->remote_port = remote_port;
}

/* ---- connections ---- */

static inline uint32_t state(struct tcp_scene *scene, uint64_t tcb, uint32_t from, uint32_t to,
                             uint32_t next)
{
    return tell(scene, &(struct etw_socket){.action = ETW_ACTION_STATE,
                                            HANDLES(HANDLE(TCB, tcb)),
                                            .from = from,
                                            .to = to,
                                            .sequence = next,
                                            .has = ETW_HAS_FROM | ETW_HAS_TO | ETW_HAS_SEQUENCE});
}

/* An event that has a number and, when `bytes` is not NO_BYTES, bytes. */
#define NO_BYTES UINT64_MAX

static inline uint32_t segment(struct tcp_scene *scene, enum etw_action action,
                               enum etw_phase phase, uint64_t tcb, uint32_t sequence,
                               uint64_t bytes)
{
    bool has_bytes = bytes != NO_BYTES;
    return tell(scene,
                &(struct etw_socket){.action = action,
                                     .phase = phase,
                                     HANDLES(HANDLE(TCB, tcb)),
                                     .sequence = sequence,
                                     .bytes = has_bytes ? bytes : 0,
                                     .has = ETW_HAS_SEQUENCE | (has_bytes ? ETW_HAS_BYTES : 0u)});
}

static inline uint32_t sent(struct tcp_scene *scene, uint64_t tcb, uint32_t sequence,
                            uint64_t bytes)
{
    return segment(scene, ETW_ACTION_DATA_OUT, ETW_PHASE_SINGLE, tcb, sequence, bytes);
}

static inline uint32_t received(struct tcp_scene *scene, uint64_t tcb, uint32_t sequence,
                                uint64_t bytes)
{
    return segment(scene, ETW_ACTION_DATA_IN, ETW_PHASE_SINGLE, tcb, sequence, bytes);
}

/* The caller's process is `header_pid`. */
static inline uint32_t posted(struct tcp_scene *scene, uint64_t tcb, uint32_t header_pid,
                              uint32_t sequence, uint64_t bytes)
{
    scene->base.record.process_id = header_pid;
    return tell(scene, &(struct etw_socket){.action = ETW_ACTION_SEND,
                                            .phase = ETW_PHASE_ENTER,
                                            HANDLES(HANDLE(TCB, tcb)),
                                            .is_header_pid_true = true,
                                            .sequence = sequence,
                                            .bytes = bytes,
                                            .has = ETW_HAS_SEQUENCE | ETW_HAS_BYTES});
}

/* With ends, and pid and status unless they are 0. */
static inline uint32_t connection_event(struct tcp_scene *scene, enum etw_action action,
                                        enum etw_phase phase, uint64_t tcb, uint32_t pid,
                                        uint32_t status)
{
    return tell_ends(scene, &(struct etw_socket){.action = action,
                                                 .phase = phase,
                                                 HANDLES(HANDLE(TCB, tcb)),
                                                 .pid = pid,
                                                 .status = status,
                                                 .has = ETW_HAS_STATUS | (pid ? ETW_HAS_PID : 0u)});
}

/* With ends, state and count of retransmissions. */
static inline uint32_t tuple_event(struct tcp_scene *scene, enum etw_action action,
                                   enum etw_phase phase, uint64_t tcb, uint32_t to)
{
    return tell_ends(scene, &(struct etw_socket){.action = action,
                                                 .phase = phase,
                                                 HANDLES(HANDLE(TCB, tcb)),
                                                 .to = to,
                                                 .has = ETW_HAS_TO | ETW_HAS_COUNT});
}

static inline uint32_t connect_asked(struct tcp_scene *scene, uint64_t tcb, uint32_t header_pid)
{
    scene->base.record.process_id = header_pid;
    return tell_ends(scene, &(struct etw_socket){.action = ETW_ACTION_CONNECT,
                                                 .phase = ETW_PHASE_ENTER,
                                                 HANDLES(HANDLE(TCB, tcb)),
                                                 .is_header_pid_true = true,
                                                 .has = ETW_HAS_TO | ETW_HAS_COUNT});
}

static inline uint32_t accepted(struct tcp_scene *scene, uint64_t tcb, uint32_t pid)
{
    return connection_event(scene, ETW_ACTION_ACCEPT, ETW_PHASE_SINGLE, tcb, pid, 0);
}

static inline uint32_t rundown(struct tcp_scene *scene, uint64_t tcb, uint32_t pid, uint32_t to)
{
    return tell_ends(scene, &(struct etw_socket){.action = ETW_ACTION_STATE,
                                                 .phase = ETW_PHASE_RUNDOWN,
                                                 HANDLES(HANDLE(TCB, tcb)),
                                                 .to = to,
                                                 .pid = pid,
                                                 .has = ETW_HAS_TO | ETW_HAS_PID});
}

/* An event that only has the pointer. */
static inline uint32_t timer(struct tcp_scene *scene, uint64_t tcb)
{
    return tell(scene, &(struct etw_socket){.action = ETW_ACTION_TIMER,
                                            .phase = ETW_PHASE_ENTER,
                                            HANDLES(HANDLE(TCB, tcb))});
}

/* ---- endpoints, ports, listeners ---- */

/* In the context of its process, as what follows until another is set. */
static inline void endpoint_made(struct tcp_scene *scene, uint64_t endpoint, uint32_t pid)
{
    scene->base.record.process_id = pid;
    uint32_t row = tell(scene, &(struct etw_socket){.action = ETW_ACTION_CREATE,
                                                    HANDLES(HANDLE(TCP_ENDPOINT, endpoint)),
                                                    .pid = pid,
                                                    .has = ETW_HAS_STATUS | ETW_HAS_PID});
    assert_int_equal(row, CORR_NO_ROW);
}

/* Bound or closed, in the form that names no pointer. */
static inline void endpoint_event(struct tcp_scene *scene, enum etw_action action,
                                  const char *address, uint16_t port)
{
    uint32_t row = tell(scene, &(struct etw_socket){.action = action,
                                                    .local = ipv4(address, port),
                                                    .has = ETW_HAS_LOCAL | ETW_HAS_STATUS});
    assert_int_equal(row, CORR_NO_ROW);
}

/* `phase` ENTER: acquired, from `original` unless that is 0; EXIT: released. The record has the
 * process id that is set. */
static inline uint32_t port_event(struct tcp_scene *scene, enum etw_phase phase, uint64_t acquirer,
                                  uint64_t original, uint16_t port)
{
    struct etw_socket socket = {.action = ETW_ACTION_PORT,
                                .phase = phase,
                                HANDLES(HANDLE(PORT_ACQUIRER, acquirer)),
                                .local = {.has_port = true, .port = port},
                                .has = ETW_HAS_LOCAL};
    if (original) {
        socket.handles[1] = (struct etw_handle)HANDLE(ORIGINAL_ACQUIRER, original);
    }
    return tell(scene, &socket);
}

static inline uint32_t listener_event(struct tcp_scene *scene, enum etw_action action,
                                      uint64_t listener, const char *address, uint16_t port,
                                      uint32_t pid)
{
    return tell(scene, &(struct etw_socket){.action = action,
                                            HANDLES(HANDLE(LISTENER, listener)),
                                            .local = ipv4(address, port),
                                            .pid = pid,
                                            .has = ETW_HAS_LOCAL | ETW_HAS_STATUS |
                                                   (pid ? ETW_HAS_PID : 0u)});
}

/* ---- what came out ---- */

static inline const struct corr_socket *shown(const struct tcp_scene *scene, uint32_t id)
{
    return &scene->base.rows[row_of_id(&scene->base, id)];
}

/* How many rows have an id. */
static inline size_t shown_count(const struct tcp_scene *scene)
{
    size_t count = 0;
    for (size_t row = 0; row < scene->base.count; row++) {
        count += scene->base.rows[row].id != 0;
    }
    return count;
}

static inline void assert_owner(const struct tcp_scene *scene, uint32_t id, uint32_t pid)
{
    assert_int_equal(owner_pid(&scene->base, row_of_id(&scene->base, id)), pid);
}

static inline void assert_counts(const struct tcp_scene *scene, uint64_t missed_opens,
                                 uint64_t missed_closes)
{
    struct tcp_history_counts counts;
    tcp_history_get_counts(scene->history, &counts);
    assert_int_equal(counts.missed_opens, missed_opens);
    assert_int_equal(counts.missed_closes, missed_closes);
}

#endif
