/* SPDX-License-Identifier: MIT */
#include "tests/unit/process_events.h"

#include <stdio.h>

#include "etw/trace.h"

#define PID 1504

#define RUNDOWN_PATH "\\Device\\HarddiskVolume2\\Program Files\\RTCSrv.exe"

static void the_list_of_a_classic_rundown_was_always_there(void **state)
{
    struct corr_processes *processes = *state;
    classic_rundown(processes, BEGIN, PID, "tcpserver.exe");
    classic_rundown(processes, BEGIN + SECOND, PID, "tcpserver.exe");
    assert_int_equal(finish(processes), 1);
    const struct corr_process *process = at(processes, PID, 0, BEGIN - 100 * SECOND);
    assert_non_null(process);
    assert_string_equal(process->name, "tcpserver.exe");
    assert_string_equal(process->path, "");
    assert_int_equal(process->offset, 1000);
    assert_false(process->has_start);
    assert_true(process->started == CORR_ALWAYS);
    assert_true(process->ended == CORR_NEVER);
    assert_null(at(processes, PID + 1, 0, BEGIN));
}

static void start_end_and_both_rundowns_tell_of_one_process(void **state)
{
    struct corr_processes *processes = *state;
    classic_start(processes, BEGIN + SECOND, PID, "client.exe");
    classic_rundown(processes, BEGIN + SECOND + MILLISECOND, PID, "client.exe");
    classic_end(processes, BEGIN + 5 * SECOND, PID, "client.exe");
    classic_rundown(processes, BEGIN + 5 * SECOND + MILLISECOND, PID, "client.exe");
    assert_int_equal(finish(processes), 1);
    const struct corr_process *process = at(processes, PID, 0, BEGIN + 2 * SECOND);
    assert_true(process->has_start);
    assert_true(process->started == BEGIN + SECOND);
    assert_true(process->ended == BEGIN + 5 * SECOND);
}

static void a_pid_that_is_used_again_is_two_processes(void **state)
{
    struct corr_processes *processes = *state;
    classic_rundown(processes, BEGIN, PID, "first.exe");
    classic_end(processes, BEGIN + 5 * SECOND, PID, "first.exe");
    classic_start(processes, BEGIN + 8 * SECOND, PID, "second.exe");
    classic_rundown(processes, BEGIN + 20 * SECOND, PID, "second.exe");
    assert_int_equal(finish(processes), 2);
    assert_string_equal(at(processes, PID, 0, BEGIN)->name, "first.exe");
    assert_string_equal(at(processes, PID, 0, BEGIN + 7 * SECOND)->name, "first.exe"); /* late */
    assert_string_equal(at(processes, PID, 0, BEGIN + 8 * SECOND - 5 * MILLISECOND)->name,
                        "second.exe"); /* a little early */
    assert_string_equal(at(processes, PID, 0, BEGIN + 8 * SECOND - 11 * MILLISECOND)->name,
                        "first.exe");
    assert_string_equal(at(processes, PID, 0, BEGIN + 99 * SECOND)->name, "second.exe");
}

static void a_start_ends_whose_end_was_lost(void **state)
{
    struct corr_processes *processes = *state;
    classic_start(processes, BEGIN, PID, "first.exe");
    classic_start(processes, BEGIN + SECOND / 2, PID, "second.exe");
    assert_int_equal(finish(processes), 2);
    const struct corr_process *first = at(processes, PID, 0, BEGIN);
    assert_string_equal(first->name, "first.exe");
    assert_true(first->ended == BEGIN + SECOND / 2);
    assert_string_equal(at(processes, PID, 0, BEGIN + SECOND / 2)->name, "second.exe");
}

static void a_process_after_an_end_whose_start_was_lost_is_another(void **state)
{
    struct corr_processes *processes = *state;
    classic_rundown(processes, BEGIN, PID, "first.exe");
    classic_end(processes, BEGIN + 5 * SECOND, PID, "first.exe");
    classic_rundown(processes, BEGIN + 50 * SECOND, PID, "second.exe");
    classic_end(processes, BEGIN + 60 * SECOND, PID, "second.exe");
    classic_end(processes, BEGIN + 70 * SECOND, PID, "third.exe");
    assert_int_equal(finish(processes), 3);
    assert_string_equal(at(processes, PID, 0, BEGIN + 5 * SECOND + SECOND / 2)->name, "first.exe");
    const struct corr_process *second = at(processes, PID, 0, BEGIN + 40 * SECOND);
    assert_string_equal(second->name, "second.exe");
    assert_false(second->has_start);
    assert_string_equal(at(processes, PID, 0, BEGIN + 69 * SECOND)->name, "third.exe");
}

static void what_has_ended_but_is_still_listed_is_the_same_object(void **state)
{
    struct corr_processes *processes = *state;
    struct etw_process process = {.phase = ETW_PHASE_SINGLE,
                                  .pid = PID,
                                  .unique_key = 0x893f92b0,
                                  .image = narrow("zombie.exe")};
    learn_process(processes, BEGIN, &process);
    process.is_end = true;
    learn_process(processes, BEGIN + SECOND, &process);
    process.phase = ETW_PHASE_RUNDOWN; /* defunct */
    learn_process(processes, BEGIN + 50 * SECOND, &process);
    process.is_end = false; /* listed like the others */
    learn_process(processes, BEGIN + 51 * SECOND, &process);
    assert_int_equal(finish(processes), 1);
    assert_true(at(processes, PID, 0, BEGIN)->ended == BEGIN + SECOND);
    assert_int_equal(at(processes, PID, 0, BEGIN)->unique_key, 0x893f92b0);
}

static void another_process_object_is_another_process(void **state)
{
    struct corr_processes *processes = *state;
    struct etw_process process = {.phase = ETW_PHASE_RUNDOWN,
                                  .pid = PID,
                                  .unique_key = 0x893f92b0,
                                  .image = narrow("first.exe")};
    learn_process(processes, BEGIN, &process);
    process.unique_key = 0x99999990;
    process.image = narrow("second.exe");
    learn_process(processes, BEGIN + 30 * SECOND, &process);
    assert_int_equal(finish(processes), 2);
    assert_string_equal(at(processes, PID, 0, BEGIN + 29 * SECOND)->name, "first.exe");
    assert_string_equal(at(processes, PID, 0, BEGIN + 30 * SECOND)->name, "second.exe");
}

static void a_rundown_with_times_states_the_start(void **state)
{
    struct corr_processes *processes = *state;
    manifest_rundown(processes, BEGIN, PID, 77, BEGIN - 1000 * SECOND, RUNDOWN_PATH);
    manifest_rundown(processes, BEGIN, PID + 4, 78, BEGIN + 500 * SECOND, RUNDOWN_PATH);
    assert_int_equal(finish(processes), 2);
    const struct corr_process *process = at(processes, PID, 0, BEGIN);
    assert_true(process->has_start);
    assert_true(process->started == BEGIN - 1000 * SECOND);
    assert_string_equal(process->name, "RTCSrv.exe");
    assert_string_equal(process->path, RUNDOWN_PATH);
    assert_int_equal(process->start_key, 77);
    assert_null(at(processes, PID, 0, BEGIN - 1001 * SECOND));
    assert_false(at(processes, PID + 4, 0, BEGIN)->has_start); /* after it was listed: no time */
}

static void two_sources_tell_of_one_process_and_the_richer_text_wins(void **state)
{
    struct corr_processes *processes = *state;
    static const uint8_t sid[] = {1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 0x20, 2, 0, 0};
    struct etw_process classic = {.phase = ETW_PHASE_SINGLE,
                                  .pid = PID,
                                  .parent_pid = 700,
                                  .session = 1,
                                  .image = narrow("RTCSrv.exe"),
                                  .command_line = wide("RTCSrv.exe -x"),
                                  .sid = bytes_of(sid, sizeof(sid))};
    learn_process(processes, BEGIN, &classic);
    manifest_start(processes, BEGIN + 20, PID, 77, RUNDOWN_PATH);
    manifest_end(processes, BEGIN + SECOND, PID, 77, BEGIN + 10, BEGIN + SECOND - 100);
    classic.is_end = true;
    classic.command_line = wide("");
    learn_process(processes, BEGIN + SECOND + 30, &classic);
    assert_int_equal(finish(processes), 1);
    const struct corr_process *process = at(processes, PID, 0, BEGIN + 10);
    assert_true(process->started == BEGIN + 10);
    assert_true(process->ended == BEGIN + SECOND - 100);
    assert_string_equal(process->name, "RTCSrv.exe");
    assert_string_equal(process->path, RUNDOWN_PATH);
    assert_string_equal(process->command_line, "RTCSrv.exe -x");
    assert_string_equal(process->user, "S-1-5-32-544");
    assert_int_equal(process->parent_pid, 700);
    assert_int_equal(process->session, 1);
}

static void short_lives_told_by_two_sources_stay_apart(void **state)
{
    struct corr_processes *processes = *state;
    for (int64_t i = 0; i < 5; i++) {
        int64_t time = BEGIN + i * 300 * MILLISECOND;
        classic_start(processes, time, PID, "short.exe");
        manifest_start(processes, time + 20, PID, 0, "\\Device\\short.exe");
        classic_end(processes, time + 100 * MILLISECOND, PID, "short.exe");
        manifest_end(processes, time + 100 * MILLISECOND + 10, PID, 0, time + 10,
                     time + 100 * MILLISECOND);
    }
    assert_int_equal(finish(processes), 5);
    for (uint32_t row = 0; row < 5; row++) {
        const struct corr_process *process = corr_processes_get(processes, row);
        assert_true(process->started == BEGIN + row * 300 * MILLISECOND + 10);
        assert_true(process->ended == process->started - 10 + 100 * MILLISECOND);
        assert_string_equal(process->path, "\\Device\\short.exe");
    }
}

static void another_time_of_creation_is_another_process(void **state)
{
    struct corr_processes *processes = *state;
    manifest_rundown(processes, BEGIN, PID, 0, BEGIN - SECOND, "\\Device\\first.exe");
    manifest_end(processes, BEGIN + SECOND, PID, 0, BEGIN - SECOND / 2, BEGIN + SECOND);
    assert_int_equal(finish(processes), 2);
    assert_string_equal(at(processes, PID, 0, BEGIN - SECOND)->name, "first.exe");
    assert_string_equal(at(processes, PID, 0, BEGIN)->name, "short.exe");
}

static void an_end_that_comes_late_is_the_predecessors(void **state)
{
    struct corr_processes *processes = *state;
    manifest_start(processes, BEGIN, PID, 0, "\\Device\\first.exe");
    manifest_start(processes, BEGIN + 2 * SECOND, PID, 0, "\\Device\\second.exe");
    manifest_end(processes, BEGIN + 3 * SECOND, PID, 0, BEGIN - 10, BEGIN + SECOND);
    assert_int_equal(finish(processes), 2);
    assert_true(at(processes, PID, 0, BEGIN)->ended <= BEGIN + 2 * SECOND);
    assert_true(at(processes, PID, 0, BEGIN + 3 * SECOND)->ended == CORR_NEVER);
}

static void a_clock_that_was_set_moves_no_start(void **state)
{
    struct corr_processes *processes = *state;
    learn_manifest(processes, BEGIN, ETW_PHASE_SINGLE, PID, 0, BEGIN - 3600 * SECOND,
                   "\\Device\\a.exe");
    manifest_end(processes, BEGIN + SECOND, PID, 0, BEGIN - 3600 * SECOND, BEGIN - 3599 * SECOND);
    assert_int_equal(finish(processes), 1);
    assert_true(corr_processes_get(processes, 0)->started == BEGIN);
    assert_true(corr_processes_get(processes, 0)->ended == BEGIN + SECOND);
}

static void names_beyond_ascii_in_an_unknown_code_page_give_way(void **state)
{
    struct corr_processes *processes = *state;
    classic_rundown(processes, BEGIN, PID, "M\xFCller.exe");
    classic_rundown(processes, BEGIN, PID + 4, "M\xFCller.exe");
    struct etw_process process = {
        .phase = ETW_PHASE_RUNDOWN, .pid = PID + 4, .is_image_utf16 = true};
    static const uint8_t utf16[] = {'M', 0, 0xFC, 0, 'r', 0};
    process.image = bytes_of(utf16, sizeof(utf16));
    learn_process(processes, BEGIN, &process);
    classic_rundown(processes, BEGIN, PID + 4, "M\xFCller.exe");
    (void)finish(processes);
    assert_string_equal(at(processes, PID, 0, BEGIN)->name, "M\xEF\xBF\xBDller.exe");
    assert_string_equal(at(processes, PID + 4, 0, BEGIN)->name, "M\xC3\xBCr");
}

static void texts_are_bounded_and_cut_between_characters(void **state)
{
    struct corr_processes *processes = *state;
    static uint8_t pairs[65534];
    pairs[0] = 'x'; /* so that the cut falls into a pair */
    for (size_t i = 2; i + 4 <= sizeof(pairs); i += 4) {
        static const uint8_t pair[4] = {0x3D, 0xD8, 0x00, 0xDE}; /* U+1F600 */
        memcpy(pairs + i, pair, sizeof(pair));
    }
    struct etw_process process = {.phase = ETW_PHASE_RUNDOWN,
                                  .pid = PID,
                                  .image = narrow("a.exe"),
                                  .command_line = bytes_of(pairs, sizeof(pairs))};
    learn_process(processes, BEGIN, &process);
    (void)finish(processes);
    const char *text = at(processes, PID, 0, BEGIN)->command_line;
    assert_int_equal(strlen(text), 1 + 4 * (32768 / 4 - 1));
    assert_string_equal(text + strlen(text) - 4, "\xF0\x9F\x98\x80");
}

static void a_sid_that_is_none_is_not_taken(void **state)
{
    struct corr_processes *processes = *state;
    uint8_t sid[] = {1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 0x20, 2, 0, 0};
    struct etw_process process = {
        .phase = ETW_PHASE_RUNDOWN, .pid = PID, .image = narrow("a.exe"), .sid = narrow("")};
    for (size_t size = 0; size < sizeof(sid); size++) {
        process.sid = bytes_of(sid, size);
        learn_process(processes, BEGIN, &process);
    }
    sid[0] = 2;
    process.sid = bytes_of(sid, sizeof(sid));
    learn_process(processes, BEGIN, &process);
    (void)finish(processes);
    assert_string_equal(at(processes, PID, 0, BEGIN)->user, "");
}

static void idle_and_system_have_names_and_idle_owns_nothing(void **state)
{
    struct corr_processes *processes = *state;
    struct etw_process cut = {.phase = ETW_PHASE_RUNDOWN};
    learn_process(processes, BEGIN, &cut);
    mention(processes, 0, 0, BEGIN);
    mention(processes, 4, 0, BEGIN);
    assert_int_equal(finish(processes), 1);
    assert_string_equal(at(processes, 4, 0, BEGIN)->name, "System");
    assert_true(at(processes, 4, 0, BEGIN)->offset == UINT64_MAX);
    assert_null(at(processes, 0, 0, BEGIN));
}

static void the_record_of_idle_is_kept(void **state)
{
    struct corr_processes *processes = *state;
    classic_rundown(processes, BEGIN, 0, "Idle");
    assert_int_equal(finish(processes), 1);
    assert_string_equal(corr_processes_get(processes, 0)->name, "Idle");
    assert_null(at(processes, 0, 0, BEGIN));
}

/* ---- services ---- */

static void services_belong_to_the_process_that_ran_then(void **state)
{
    struct corr_processes *processes = *state;
    learn_service(processes, BEGIN, 900, "Dnscache");
    classic_rundown(processes, BEGIN, PID, "other.exe");
    classic_rundown(processes, BEGIN, 900, "svchost.exe");
    learn_service(processes, BEGIN, PID, "RpcSs");
    learn_service(processes, BEGIN, 900, "NlaSvc");
    learn_service(processes, BEGIN + 9 * SECOND, 900, "Dnscache");
    learn_service(processes, BEGIN, 0, "Stopped");
    classic_end(processes, BEGIN + 10 * SECOND, 900, "svchost.exe");
    classic_start(processes, BEGIN + 20 * SECOND, 900, "svchost.exe");
    learn_service(processes, BEGIN + 30 * SECOND, 900, "Dnscache");
    mention(processes, 8888, 0, BEGIN - SECOND); /* moves all rows */
    assert_int_equal(finish(processes), 4);
    const struct corr_process *first = at(processes, 900, 0, BEGIN);
    assert_int_equal(first->service_count, 2);
    assert_string_equal(corr_processes_service(processes, first, 0), "Dnscache");
    assert_string_equal(corr_processes_service(processes, first, 1), "NlaSvc");
    const struct corr_process *second = at(processes, 900, 0, BEGIN + 30 * SECOND);
    assert_int_equal(second->service_count, 1);
    assert_string_equal(corr_processes_service(processes, second, 0), "Dnscache");
    assert_int_equal(at(processes, PID, 0, BEGIN)->service_count, 1);
    assert_int_equal(at(processes, 8888, 0, BEGIN)->service_count, 0);
}

/* ---- order, size, hostile times ---- */

static void rows_are_in_order_of_first_appearance(void **state)
{
    struct corr_processes *processes = *state;
    const uint32_t count = 500;
    for (uint32_t i = 0; i < count; i++) {
        classic_rundown(processes, BEGIN + SECOND, 1000 + i, "a.exe");
        learn_service(processes, BEGIN + SECOND, 1000 + i, i % 2 ? "Odd" : "Even");
    }
    for (uint32_t i = 0; i < count; i += 3) { /* backwards, each with a key */
        mention(processes, 1000 + i, BEGIN + i, BEGIN - i);
        mention(processes, 5000 + i, 0, BEGIN + i);
    }
    size_t total = finish(processes);
    assert_int_equal(total, count + (count + 2) / 3);
    uint32_t row = 0;
    for (uint32_t i = (count - 1) / 3 * 3 + 3; i > 0; i -= 3, row++) {
        assert_int_equal(corr_processes_get(processes, row)->pid, 1000 + i - 3);
    }
    for (uint32_t i = 0; i < count; i += 3, row++) {
        assert_int_equal(corr_processes_get(processes, row)->pid, 5000 + i);
    }
    for (uint32_t i = 0; i < count; i++) {
        const struct corr_process *process = at(processes, 1000 + i, 0, BEGIN);
        assert_int_equal(process->service_count, 1);
        assert_string_equal(corr_processes_service(processes, process, 0), i % 2 ? "Odd" : "Even");
        assert_ptr_equal(at(processes, 1000 + i, i % 3 ? 0 : BEGIN + i, 0), process);
        row += i % 3 ? corr_processes_get(processes, row)->pid == 1000 + i : 0;
    }
    assert_int_equal(row, total);
}

static void rows_cost_what_the_design_allows(void **state)
{
    (void)state;
    assert_true(sizeof(struct corr_process) <= 160);
}

static void a_million_lives_of_one_pid_are_told_apart_in_no_time(void **state)
{
    struct corr_processes *processes = *state;
    const uint32_t lives = 1000000;
    for (uint32_t i = 0; i < lives; i++) {
        classic_start(processes, BEGIN + i * MILLISECOND, PID, "a.exe");
    }
    assert_int_equal(finish(processes), lives);
    for (uint32_t i = 0; i < lives; i += 1000) {
        assert_int_equal(corr_processes_find(processes, PID, 0, BEGIN + i * MILLISECOND + 1), i);
    }
}

static void times_beyond_reason_do_no_harm(void **state)
{
    struct corr_processes *processes = *state;
    static const int64_t times[] = {INT64_MIN, INT64_MIN + 1, -1, 0, 1, INT64_MAX - 1, INT64_MAX};
    const size_t count = sizeof(times) / sizeof(times[0]);
    for (size_t i = 0; i < count * count * count * 4; i++) {
        const struct etw_process process = {
            .phase = i % 2 ? ETW_PHASE_RUNDOWN : ETW_PHASE_SINGLE,
            .is_end = i / 2 % 2,
            .pid = PID,
            .image = narrow("a.exe"),
            .create_time = times[i / 4 % count],
            .exit_time = times[i / 4 / count % count],
        };
        learn_process(processes, times[i / 4 / count / count], &process);
        mention(processes, PID, i, times[i % count]);
    }
    assert_in_range(finish(processes), 1, 8 * count * count * count);
    for (size_t i = 0; i < count; i++) {
        (void)corr_processes_find(processes, PID, i, times[i]);
        (void)corr_processes_find(processes, PID, 0, times[i]);
    }
}

/* ---- real traces ---- */

static void learn_trace(struct corr_processes *processes, const char *name)
{
    char path[1024];
    struct etw_trace *trace = NULL;
    struct etw_event event;
    struct etw_error error;
    (void)snprintf(path, sizeof(path), "%s/%s.etl", REAL_TRACES, name);
    if (etw_trace_open(path, NULL, &trace, NULL) != ETW_OK) {
        (void)printf("SKIP: no %s\n", path);
        skip();
    }
    assert_int_equal(etw_trace_index(trace, NULL, NULL, NULL), ETW_OK);
    assert_int_equal(etw_trace_rewind(trace, NULL), ETW_OK);
    while (etw_trace_next(trace, &event, NULL) == ETW_OK) {
        assert_int_equal(corr_processes_learn(processes, &event, &error), ETW_OK);
    }
    etw_trace_close(trace);
}

static void a_real_kernel_trace_names_every_process_once(void **state)
{
    struct corr_processes *processes = *state;
    learn_trace(processes, "kernel-logger-win8-wow64");
    const struct corr_process *rows = NULL;
    (void)finish(processes);
    size_t count = corr_processes_list(processes, &rows);
    size_t listed_twice = 0;
    for (size_t i = 0; i < count; i++) {
        assert_true(rows[i].name[0] != '\0');
        for (size_t j = 0; j < i; j++) {
            listed_twice += rows[i].pid == rows[j].pid;
        }
    }
    assert_int_equal(count, 38);
    assert_int_equal(listed_twice, 0);
}

static void a_real_trace_of_the_manifests_provider_has_starts(void **state)
{
    struct corr_processes *processes = *state;
    const struct corr_process *rows = NULL;
    learn_trace(processes, "kernel-process-win7");
    assert_int_equal(finish(processes), 6); /* 8 events: two have both ends in it */
    (void)corr_processes_list(processes, &rows);
    for (size_t i = 0; i < 6; i++) {
        assert_true(rows[i].has_start);
        assert_true(rows[i].started < rows[i].ended);
        assert_true(rows[i].name[0] != '\0');
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_PROCESSES(the_list_of_a_classic_rundown_was_always_there),
        WITH_PROCESSES(start_end_and_both_rundowns_tell_of_one_process),
        WITH_PROCESSES(a_pid_that_is_used_again_is_two_processes),
        WITH_PROCESSES(a_start_ends_whose_end_was_lost),
        WITH_PROCESSES(a_process_after_an_end_whose_start_was_lost_is_another),
        WITH_PROCESSES(what_has_ended_but_is_still_listed_is_the_same_object),
        WITH_PROCESSES(another_process_object_is_another_process),
        WITH_PROCESSES(a_rundown_with_times_states_the_start),
        WITH_PROCESSES(two_sources_tell_of_one_process_and_the_richer_text_wins),
        WITH_PROCESSES(short_lives_told_by_two_sources_stay_apart),
        WITH_PROCESSES(another_time_of_creation_is_another_process),
        WITH_PROCESSES(an_end_that_comes_late_is_the_predecessors),
        WITH_PROCESSES(a_clock_that_was_set_moves_no_start),
        WITH_PROCESSES(names_beyond_ascii_in_an_unknown_code_page_give_way),
        WITH_PROCESSES(texts_are_bounded_and_cut_between_characters),
        WITH_PROCESSES(a_sid_that_is_none_is_not_taken),
        WITH_PROCESSES(idle_and_system_have_names_and_idle_owns_nothing),
        WITH_PROCESSES(the_record_of_idle_is_kept),
        WITH_PROCESSES(services_belong_to_the_process_that_ran_then),
        WITH_PROCESSES(rows_are_in_order_of_first_appearance),
        WITH_PROCESSES(rows_cost_what_the_design_allows),
        WITH_PROCESSES(a_million_lives_of_one_pid_are_told_apart_in_no_time),
        WITH_PROCESSES(times_beyond_reason_do_no_harm),
        WITH_PROCESSES(a_real_kernel_trace_names_every_process_once),
        WITH_PROCESSES(a_real_trace_of_the_manifests_provider_has_starts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
