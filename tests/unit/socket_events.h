/* SPDX-License-Identifier: MIT */
/*
 * socket_events.h - made-up socket events for the tests of the histories, and the
 * table of sockets that they fill.
 *
 *     struct scene scene;
 *     open_scene(&scene);
 *     struct etw_event event;
 *     some_history_learn(history, next_event(&scene, &event, &(struct etw_socket){...}));
 *     finish_scene(&scene);
 *     ... scene.rows, scene.count, scene_process(&scene, row) ...
 *     close_scene(&scene);
 */
#ifndef TESTS_UNIT_SOCKET_EVENTS_H
#define TESTS_UNIT_SOCKET_EVENTS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "correlate/processes.h"
#include "correlate/socket_table.h"
#include "etw/event.h"

#define MICROSECOND INT64_C(10)
#define MILLISECOND INT64_C(10000)
#define SECOND      INT64_C(10000000)

/* Of struct etw_socket, to write events shorter. */
#define HANDLES(...) .handles = {__VA_ARGS__}
#define HANDLE(space_name, number)                                                                 \
    {                                                                                              \
        .space = ETW_HANDLE_##space_name, .value = (number)                                        \
    }

struct scene {
    struct socket_table *table;
    struct corr_processes *processes;
    const struct corr_socket *rows; /* once finished */
    size_t count;
    struct etw_record record; /* of the next event; the test sets ids and time */
};

static inline void open_scene(struct scene *scene)
{
    struct etw_error error;
    *scene = (struct scene){.record = {.time = SECOND, .offset = 1000}};
    assert_int_equal(socket_table_new(&scene->table, &error), ETW_OK);
    assert_int_equal(corr_processes_new(&scene->processes, &error), ETW_OK);
}

static inline void close_scene(struct scene *scene)
{
    socket_table_free(scene->table);
    corr_processes_free(scene->processes);
}

/* A millisecond later and a record further than the last one. */
static inline const struct etw_event *next_event(struct scene *scene, struct etw_event *event,
                                                 const struct etw_socket *socket)
{
    scene->record.time += MILLISECOND;
    scene->record.offset += 100;
    *event =
        (struct etw_event){.kind = ETW_EVENT_SOCKET, .record = &scene->record, .u.socket = *socket};
    return event;
}

static inline void finish_scene_with(struct scene *scene, bool has_loss)
{
    struct etw_error error;
    assert_false(socket_table_failed(scene->table));
    assert_int_equal(socket_table_mention(scene->table, scene->processes, &error), ETW_OK);
    assert_int_equal(corr_processes_finish(scene->processes, &error), ETW_OK);
    assert_int_equal(socket_table_finish(scene->table, scene->processes, has_loss, &error), ETW_OK);
    scene->rows = socket_table_rows(scene->table, &scene->count);
}

static inline void finish_scene(struct scene *scene)
{
    finish_scene_with(scene, false);
}

/* The pid of the row's owner; 0: none. */
static inline uint32_t owner_pid(const struct scene *scene, uint32_t row)
{
    uint32_t process = scene->rows[row].process;
    return process == CORR_NO_ROW ? 0 : corr_processes_get(scene->processes, process)->pid;
}

/* The row with this id. */
static inline uint32_t row_of_id(const struct scene *scene, uint32_t id)
{
    for (uint32_t row = 0; row < scene->count; row++) {
        if (scene->rows[row].id == id) {
            return row;
        }
    }
    fail_msg("no socket has the id %u", (unsigned)id);
    return CORR_NO_ROW;
}

/* "192.168.1.212" */
static inline struct etw_socket_address ipv4(const char *dotted, uint16_t port)
{
    struct etw_socket_address address = {.size = 4, .has_port = true, .port = port};
    for (size_t i = 0; i < 4; i++) {
        char *end = NULL;
        address.bytes[i] = (uint8_t)strtoul(dotted, &end, 10);
        dotted = end + 1;
    }
    return address;
}

/* Two bytes of the prefix and the last one: 2001::9 is (0x2001, 9). */
static inline struct etw_socket_address ipv6(uint16_t prefix, uint8_t last, uint16_t port)
{
    struct etw_socket_address address = {.size = 16, .has_port = true, .port = port};
    address.bytes[0] = (uint8_t)(prefix >> 8);
    address.bytes[1] = (uint8_t)prefix;
    address.bytes[15] = last;
    return address;
}

static inline struct corr_endpoint end4(const char *dotted, uint16_t port)
{
    struct etw_socket_address address = ipv4(dotted, port);
    return corr_endpoint_of_event(&address);
}

static inline struct corr_endpoint end6(uint16_t prefix, uint8_t last, uint16_t port)
{
    struct etw_socket_address address = ipv6(prefix, last, port);
    return corr_endpoint_of_event(&address);
}

static inline void assert_end(const struct corr_endpoint *found, const struct corr_endpoint *wanted)
{
    assert_int_equal(found->size, wanted->size);
    assert_int_equal(found->port, wanted->port);
    assert_memory_equal(found->bytes, wanted->bytes, wanted->size);
}

static inline bool has_rule(const struct corr_socket *socket, enum corr_rule rule)
{
    for (size_t i = 0; i < CORR_EVIDENCE_MAXIMUM; i++) {
        if (corr_evidence_rule(socket->evidence[i]) == rule) {
            return true;
        }
    }
    return false;
}

#endif
