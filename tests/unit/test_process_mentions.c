/* SPDX-License-Identifier: MIT */
#include "tests/unit/process_events.h"

#define PID 1504

static void a_bare_pid_gets_a_row_without_a_name(void **state)
{
    struct corr_processes *processes = *state;
    mention(processes, PID, 0, BEGIN + SECOND);
    mention(processes, PID, 0, BEGIN);
    assert_int_equal(finish(processes), 1);
    const struct corr_process *process = at(processes, PID, 0, BEGIN);
    assert_string_equal(process->name, "");
    assert_true(process->offset == UINT64_MAX);
    assert_true(process->started == CORR_ALWAYS);
    assert_int_equal(process->session, UINT32_MAX);
}

static void a_mention_changes_nothing_where_records_know_the_pid(void **state)
{
    struct corr_processes *processes = *state;
    mention(processes, PID, 0, BEGIN);
    classic_rundown(processes, BEGIN + 50 * SECOND, PID, "a.exe");
    classic_start(processes, BEGIN + SECOND, PID + 4, "b.exe");
    classic_end(processes, BEGIN + 2 * SECOND, PID + 4, "b.exe");
    mention(processes, PID + 4, 0, BEGIN + SECOND - MILLISECOND);
    mention(processes, PID + 4, 0, BEGIN + 40 * SECOND);
    assert_int_equal(finish(processes), 2);
    assert_string_equal(at(processes, PID, 0, BEGIN)->name, "a.exe");
    assert_string_equal(at(processes, PID + 4, 0, BEGIN + 40 * SECOND)->name, "b.exe");
}

static void a_mention_before_the_start_of_a_pid_is_another_process(void **state)
{
    struct corr_processes *processes = *state;
    classic_start(processes, BEGIN + 5 * SECOND, PID, "later.exe");
    mention(processes, PID, 0, BEGIN);
    assert_int_equal(finish(processes), 2);
    const struct corr_process *bare = at(processes, PID, 0, BEGIN);
    assert_string_equal(bare->name, "");
    assert_true(bare->ended == BEGIN + 5 * SECOND);
    assert_ptr_equal(bare, corr_processes_get(processes, 0)); /* it appeared first */
    assert_string_equal(at(processes, PID, 0, BEGIN + 5 * SECOND)->name, "later.exe");
}

#define BOOT (UINT64_C(0x2A) << 48)

static void a_start_key_finds_its_process_at_any_time(void **state)
{
    struct corr_processes *processes = *state;
    manifest_start(processes, BEGIN, PID, 77, "\\Device\\first.exe");
    manifest_start(processes, BEGIN + SECOND, PID, 78, "\\Device\\second.exe");
    mention(processes, PID, BOOT | 77, BEGIN + 2 * SECOND);
    assert_int_equal(finish(processes), 2);
    assert_string_equal(at(processes, PID, BOOT | 77, BEGIN + 9 * SECOND)->name, "first.exe");
    assert_string_equal(at(processes, PID, BOOT | 78, BEGIN)->name, "second.exe");
    assert_null(at(processes, PID, BOOT | 79, BEGIN + 9 * SECOND)); /* none of them */
    assert_null(at(processes, PID + 1, BOOT | 77, BEGIN));
}

static void a_process_without_key_takes_the_one_it_is_mentioned_with(void **state)
{
    struct corr_processes *processes = *state;
    classic_start(processes, BEGIN, PID, "first.exe");
    classic_end(processes, BEGIN + SECOND, PID, "first.exe");
    classic_start(processes, BEGIN + 2 * SECOND, PID, "second.exe");
    mention(processes, PID, BOOT | 78, BEGIN + 3 * SECOND);
    mention(processes, PID, BOOT | 77, BEGIN + 3 * SECOND); /* late */
    mention(processes, PID, BOOT | 77, BEGIN + SECOND / 2);
    assert_int_equal(finish(processes), 2);
    assert_string_equal(at(processes, PID, BOOT | 77, BEGIN + 3 * SECOND)->name, "first.exe");
    assert_string_equal(at(processes, PID, BOOT | 78, BEGIN + 3 * SECOND)->name, "second.exe");
}

static void keys_alone_show_that_a_pid_was_used_again(void **state)
{
    struct corr_processes *processes = *state;
    manifest_rundown(processes, BEGIN, PID, 77, BEGIN - SECOND, "\\Device\\known.exe");
    mention(processes, PID, BOOT | 80, BEGIN + 5 * SECOND);
    mention(processes, PID, BOOT | 60, BEGIN + 6 * SECOND);
    mention(processes, PID, 0, BEGIN + 7 * SECOND);
    assert_int_equal(finish(processes), 3);
    assert_string_equal(at(processes, PID, 0, BEGIN + 4 * SECOND)->name, "known.exe");
    const struct corr_process *newer = at(processes, PID, 0, BEGIN + 7 * SECOND);
    assert_string_equal(newer->name, "");
    assert_true(newer->start_key == (BOOT | 80));
    assert_true(at(processes, PID, 77, BEGIN)->ended == BEGIN + 5 * SECOND);
    const struct corr_process *older = at(processes, PID, BOOT | 60, BEGIN + 6 * SECOND);
    assert_true(older->start_key == (BOOT | 60));
    assert_true(older->ended <= BEGIN);
}

static void the_older_of_two_that_were_always_there_hides_none(void **state)
{
    struct corr_processes *processes = *state;
    classic_rundown(processes, BEGIN, PID, "known.exe");
    mention(processes, PID, BOOT | 80, BEGIN + SECOND);
    mention(processes, PID, BOOT | 60, BEGIN + 2 * SECOND);
    assert_int_equal(finish(processes), 2);
    assert_string_equal(at(processes, PID, 0, BEGIN + 3 * SECOND)->name, "known.exe");
    assert_string_equal(at(processes, PID, BOOT | 80, BEGIN)->name, "known.exe");
    assert_string_equal(at(processes, PID, BOOT | 60, BEGIN)->name, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_PROCESSES(a_bare_pid_gets_a_row_without_a_name),
        WITH_PROCESSES(a_mention_changes_nothing_where_records_know_the_pid),
        WITH_PROCESSES(a_mention_before_the_start_of_a_pid_is_another_process),
        WITH_PROCESSES(a_start_key_finds_its_process_at_any_time),
        WITH_PROCESSES(a_process_without_key_takes_the_one_it_is_mentioned_with),
        WITH_PROCESSES(keys_alone_show_that_a_pid_was_used_again),
        WITH_PROCESSES(the_older_of_two_that_were_always_there_hides_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
