/* SPDX-License-Identifier: MIT */
/*
 * process_events.h - made-up process and service events for the tests of the process
 * history.
 */
#ifndef TESTS_UNIT_PROCESS_EVENTS_H
#define TESTS_UNIT_PROCESS_EVENTS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "correlate/processes.h"

#define MILLISECOND INT64_C(10000)
#define SECOND      INT64_C(10000000)
#define BEGIN       (INT64_C(130000000000) * SECOND / 10000) /* of the made-up trace */

static inline int make_processes(void **state)
{
    struct corr_processes *processes = NULL;
    struct etw_error error;
    assert_int_equal(corr_processes_new(&processes, &error), ETW_OK);
    *state = processes;
    return 0;
}

static inline int free_processes(void **state)
{
    corr_processes_free(*state);
    return 0;
}

#define WITH_PROCESSES(test) cmocka_unit_test_setup_teardown(test, make_processes, free_processes)

/* ASCII as UTF-16LE, in memory of exactly its size; overwritten by the sixth call after. */
static inline struct bytes wide(const char *text)
{
    static uint8_t *buffers[6];
    static size_t next;
    size_t size = strlen(text);
    next = (next + 1) % 6;
    free(buffers[next]);
    buffers[next] = malloc(size > 0 ? 2 * size : 1);
    assert_non_null(buffers[next]);
    for (size_t i = 0; i < size; i++) {
        buffers[next][2 * i] = (uint8_t)text[i];
        buffers[next][2 * i + 1] = 0;
    }
    return bytes_of(buffers[next], 2 * size);
}

static inline struct bytes narrow(const char *text)
{
    return bytes_of(text, strlen(text));
}

static inline void learn_process(struct corr_processes *processes, int64_t time,
                                 const struct etw_process *process)
{
    static uint64_t offset = 1000;
    struct etw_error error;
    struct etw_record record = {.time = time, .offset = offset++};
    struct etw_event event = {.kind = ETW_EVENT_PROCESS, .record = &record, .u.process = *process};
    assert_int_equal(corr_processes_learn(processes, &event, &error), ETW_OK);
}

/* What classic records say: no time of creation, an ANSI file name. */
static inline void learn_classic(struct corr_processes *processes, int64_t time,
                                 enum etw_phase phase, bool is_end, uint32_t pid, const char *name)
{
    const struct etw_process process = {
        .phase = phase, .is_end = is_end, .pid = pid, .image = narrow(name)};
    learn_process(processes, time, &process);
}

static inline void classic_start(struct corr_processes *processes, int64_t time, uint32_t pid,
                                 const char *name)
{
    learn_classic(processes, time, ETW_PHASE_SINGLE, false, pid, name);
}

static inline void classic_end(struct corr_processes *processes, int64_t time, uint32_t pid,
                               const char *name)
{
    learn_classic(processes, time, ETW_PHASE_SINGLE, true, pid, name);
}

static inline void classic_rundown(struct corr_processes *processes, int64_t time, uint32_t pid,
                                   const char *name)
{
    learn_classic(processes, time, ETW_PHASE_RUNDOWN, false, pid, name);
}

/* What the manifest's events say. */
static inline void learn_manifest(struct corr_processes *processes, int64_t time,
                                  enum etw_phase phase, uint32_t pid, uint64_t key, int64_t created,
                                  const char *path)
{
    const struct etw_process process = {.phase = phase,
                                        .pid = pid,
                                        .start_key = key,
                                        .create_time = created,
                                        .image = wide(path),
                                        .is_image_utf16 = true};
    learn_process(processes, time, &process);
}

static inline void manifest_start(struct corr_processes *processes, int64_t time, uint32_t pid,
                                  uint64_t key, const char *path)
{
    learn_manifest(processes, time, ETW_PHASE_SINGLE, pid, key, time - 10, path);
}

static inline void manifest_rundown(struct corr_processes *processes, int64_t time, uint32_t pid,
                                    uint64_t key, int64_t created, const char *path)
{
    learn_manifest(processes, time, ETW_PHASE_RUNDOWN, pid, key, created, path);
}

static inline void manifest_end(struct corr_processes *processes, int64_t time, uint32_t pid,
                                uint64_t key, int64_t created, int64_t exited)
{
    const struct etw_process process = {.phase = ETW_PHASE_SINGLE,
                                        .is_end = true,
                                        .pid = pid,
                                        .start_key = key,
                                        .create_time = created,
                                        .exit_time = exited,
                                        .image = narrow("short.exe")};
    learn_process(processes, time, &process);
}

static inline void learn_service(struct corr_processes *processes, int64_t time, uint32_t pid,
                                 const char *name)
{
    struct etw_error error;
    struct etw_record record = {.time = time};
    struct etw_event event = {.kind = ETW_EVENT_SERVICE,
                              .record = &record,
                              .u.service = {.pid = pid, .name = wide(name)}};
    assert_int_equal(corr_processes_learn(processes, &event, &error), ETW_OK);
}

static inline void mention(struct corr_processes *processes, uint32_t pid, uint64_t key,
                           int64_t time)
{
    struct etw_error error;
    assert_int_equal(corr_processes_mention(processes, pid, key, time, &error), ETW_OK);
}

static inline size_t finish(struct corr_processes *processes)
{
    struct etw_error error;
    const struct corr_process *rows = NULL;
    assert_int_equal(corr_processes_finish(processes, &error), ETW_OK);
    return corr_processes_list(processes, &rows);
}

/* The process found, or NULL. */
static inline const struct corr_process *at(const struct corr_processes *processes, uint32_t pid,
                                            uint64_t key, int64_t time)
{
    uint32_t row = corr_processes_find(processes, pid, key, time);
    return row == CORR_NO_ROW ? NULL : corr_processes_get(processes, row);
}

#endif
