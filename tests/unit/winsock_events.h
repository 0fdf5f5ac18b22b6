/* SPDX-License-Identifier: MIT */
/*
 * winsock_events.h - made-up events of both layers for the tests of what Winsock tells:
 * short ways to write them, and a stage on which all histories hear them.
 *
 *     struct stage stage;
 *     open_stage(&stage);
 *     stage.thread = 8;
 *     play(&stage, &(struct etw_socket){AFD(BIND, EXIT, 0x10, 0x20), LOCAL("10.0.0.1", 80)});
 *     finish_stage(&stage);
 *     ... stage.scene.rows ...
 *     close_stage(&stage);
 */
#ifndef TESTS_UNIT_WINSOCK_EVENTS_H
#define TESTS_UNIT_WINSOCK_EVENTS_H

#include "correlate/application_records.h"
#include "correlate/datagram_history.h"
#include "correlate/joins.h"
#include "correlate/tcp_history.h"
#include "tests/unit/socket_events.h"

/* Members of struct etw_socket. Those that follow set `has` themselves through HAS_... */
#define AFD(what, when, endpoint, process)                                                         \
    .layer = ETW_LAYER_APPLICATION, .action = ETW_ACTION_##what, .phase = ETW_PHASE_##when,        \
    HANDLES(HANDLE(AFD_ENDPOINT, endpoint), HANDLE(EPROCESS, process))
#define STACK(what, when, number_of_protocol, space, value_of_handle)                              \
    .layer = ETW_LAYER_STACK, .action = ETW_ACTION_##what, .phase = ETW_PHASE_##when,              \
    .protocol = (number_of_protocol), HANDLES(HANDLE(space, value_of_handle))
#define TCP(what, when, tcb)     STACK(what, when, 6, TCB, tcb)
#define UDP(what, endpoint)      STACK(what, SINGLE, 17, UDP_ENDPOINT, endpoint)
#define IPV4_SOCKET(of_protocol) .family = 4, .protocol = (of_protocol)
#define BOTH                     (ETW_HAS_LOCAL | ETW_HAS_REMOTE)
#define LOCAL(dotted, number)    .local = ipv4(dotted, number)
#define REMOTE(dotted, number)   .remote = ipv4(dotted, number)
#define IN_CONTEXT               .is_header_pid_true = true

struct stage {
    struct scene scene;
    struct tcp_history *tcp;
    struct datagram_history *datagrams;
    struct application_history *application;
    struct joins *joins;
    uint32_t thread, pid; /* of the headers of the events that follow */
    uint64_t joined, unjoined;
    struct application_history_counts counts;
};

static inline void open_stage(struct stage *stage)
{
    struct etw_error error;
    *stage = (struct stage){.thread = 8, .pid = 0};
    open_scene(&stage->scene);
    struct socket_table *table = stage->scene.table;
    assert_int_equal(tcp_history_new(table, &stage->tcp, &error), ETW_OK);
    assert_int_equal(datagram_history_new(table, &stage->datagrams, &error), ETW_OK);
    assert_int_equal(application_history_new(table, &stage->application, &error), ETW_OK);
    assert_int_equal(joins_new(table, stage->application, &stage->joins, &error), ETW_OK);
}

/* As the ledger does. Returns the row that the history found. */
static inline uint32_t play(struct stage *stage, const struct etw_socket *socket)
{
    struct etw_event event;
    uint32_t row = CORR_NO_ROW;
    next_event(&stage->scene, &event, socket);
    stage->scene.record.thread_id = stage->thread;
    stage->scene.record.process_id = stage->pid;
    if (socket->layer == ETW_LAYER_APPLICATION) {
        row = application_history_learn(stage->application, &event);
    } else if (tcp_history_takes(&event)) {
        row = tcp_history_learn(stage->tcp, &event);
    } else {
        row = datagram_history_learn(stage->datagrams, &event);
    }
    joins_learn(stage->joins, &event, row);
    return row;
}

static inline void finish_stage(struct stage *stage)
{
    joins_finish(stage->joins);
    application_history_finish(stage->application);
    tcp_history_finish(stage->tcp);
    joins_get_counts(stage->joins, &stage->joined, &stage->unjoined);
    application_history_get_counts(stage->application, &stage->counts);
    finish_scene(&stage->scene);
}

static inline void close_stage(struct stage *stage)
{
    joins_free(stage->joins);
    application_history_free(stage->application);
    datagram_history_free(stage->datagrams);
    tcp_history_free(stage->tcp);
    close_scene(&stage->scene);
}

/* Rows that have a number. */
static inline uint32_t shown_count(const struct stage *stage)
{
    uint32_t count = 0;
    for (size_t row = 0; row < stage->scene.count; row++) {
        count += stage->scene.rows[row].id != 0;
    }
    return count;
}

static inline const struct corr_socket *shown_row(const struct stage *stage, uint32_t id)
{
    return &stage->scene.rows[row_of_id(&stage->scene, id)];
}

static inline uint32_t shown_pid(const struct stage *stage, uint32_t id)
{
    return owner_pid(&stage->scene, row_of_id(&stage->scene, id));
}

/* ---- calls that most tests begin with ---- */

static inline void create_socket(struct stage *stage, uint64_t endpoint, uint64_t process,
                                 uint32_t pid, uint8_t protocol)
{
    play(stage, &(struct etw_socket){AFD(CREATE, ENTER, endpoint, process), IPV4_SOCKET(protocol),
                                     .has = ETW_HAS_PID | ETW_HAS_PROTOCOL, .pid = pid});
    play(stage, &(struct etw_socket){AFD(CREATE, EXIT, endpoint, process), .has = ETW_HAS_STATUS});
}

static inline void bind_socket(struct stage *stage, uint64_t endpoint, uint64_t process,
                               const char *dotted, uint16_t port)
{
    play(stage, &(struct etw_socket){AFD(BIND, ENTER, endpoint, process), .has = ETW_HAS_LOCAL,
                                     LOCAL(dotted, 0)});
    play(stage, &(struct etw_socket){AFD(BIND, EXIT, endpoint, process),
                                     .has = ETW_HAS_LOCAL | ETW_HAS_STATUS, LOCAL(dotted, port)});
}

static inline void enter_connect(struct stage *stage, uint64_t endpoint, uint64_t process,
                                 const char *dotted, uint16_t port)
{
    play(stage, &(struct etw_socket){AFD(CONNECT, ENTER, endpoint, process), .has = ETW_HAS_REMOTE,
                                     REMOTE(dotted, port)});
}

static inline void exit_connect(struct stage *stage, uint64_t endpoint, uint64_t process,
                                uint32_t status)
{
    play(stage, &(struct etw_socket){AFD(CONNECT, EXIT, endpoint, process), .has = ETW_HAS_STATUS,
                                     .status = status});
}

static inline void close_socket(struct stage *stage, uint64_t endpoint, uint64_t process)
{
    play(stage, &(struct etw_socket){AFD(CLEANUP, ENTER, endpoint, process)});
    play(stage, &(struct etw_socket){AFD(CLEANUP, EXIT, endpoint, process), .has = ETW_HAS_STATUS});
    play(stage, &(struct etw_socket){AFD(CLOSE, ENTER, endpoint, process)});
    play(stage, &(struct etw_socket){AFD(CLOSE, EXIT, endpoint, process), .has = ETW_HAS_STATUS});
}

#endif
