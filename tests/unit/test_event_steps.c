/* SPDX-License-Identifier: MIT */
/* One event as one step; how calls are paired is in test_timeline.c. */
#include "correlate/event_steps.h"

#include "socket_events.h"

static struct etw_record record = {
    .time = SECOND, .offset = 4168, .id = 1051, .version = 2, .process_id = 0, .thread_id = 8};

static bool fill(const struct etw_socket *socket, bool is_verbose, struct corr_step *step)
{
    const struct etw_event event = {
        .kind = ETW_EVENT_SOCKET, .record = &record, .u.socket = *socket};
    record.class_of = RECORD_IS_MANIFEST;
    return event_step_fill(&event, is_verbose, step);
}

static void a_step_keeps_the_place_of_its_event(void **state)
{
    (void)state;
    struct corr_step step;
    assert_true(
        fill(&(struct etw_socket){.layer = ETW_LAYER_APPLICATION, .action = ETW_ACTION_CREATE},
             false, &step));
    assert_int_equal(step.layer, CORR_STEP_APP);
    assert_int_equal(step.what, CORR_STEP_CREATE);
    assert_int_equal(step.time, SECOND);
    assert_int_equal(step.last_time, SECOND);
    assert_int_equal(step.count, 1);
    assert_int_equal(step.offset, 4168);
    assert_int_equal(step.id, 1051);
    assert_int_equal(step.version, 2);
    assert_int_equal(step.header_pid, 0);
    assert_int_equal(step.header_tid, 8);
    assert_int_equal(step.socket, CORR_NO_ROW);
    assert_int_equal(step.process, CORR_NO_ROW);
    assert_true(step.has & CORR_STEP_HAS_EVENT);
}

static void a_classic_event_is_named_by_its_opcode(void **state)
{
    (void)state;
    struct corr_step step;
    const struct etw_record classic = {
        .time = SECOND, .class_of = RECORD_IS_CLASSIC, .id = 7, .opcode = 12};
    const struct etw_event event = {
        .kind = ETW_EVENT_SOCKET,
        .record = &classic,
        .u.socket = {.layer = ETW_LAYER_KERNEL, .action = ETW_ACTION_CONNECT}};
    assert_true(event_step_fill(&event, false, &step));
    assert_int_equal(step.id, 12);
    assert_int_equal(step.layer, CORR_STEP_STACK);
    assert_true(step.has & CORR_STEP_IS_INDICATION);
}

static void what_winsock_indicates_is_told_not_called(void **state)
{
    (void)state;
    static const struct {
        enum etw_action action;
        enum etw_phase phase;
        enum corr_step_what what;
        uint16_t has;
    } cases[] = {
        {ETW_ACTION_CONNECT, ETW_PHASE_INDICATION, CORR_STEP_ACCEPT, CORR_STEP_IS_INDICATION},
        {ETW_ACTION_CONNECT, ETW_PHASE_ENTER, CORR_STEP_CONNECT, 0},
        {ETW_ACTION_RECEIVE, ETW_PHASE_INDICATION, CORR_STEP_DELIVERED,
         CORR_STEP_IS_INDICATION | CORR_STEP_IS_INBOUND},
        {ETW_ACTION_RECEIVE, ETW_PHASE_ENTER, CORR_STEP_RECV, CORR_STEP_IS_INBOUND},
        {ETW_ACTION_SHUTDOWN, ETW_PHASE_INDICATION, CORR_STEP_SHUTDOWN,
         CORR_STEP_IS_INDICATION | CORR_STEP_IS_INBOUND},
        {ETW_ACTION_SEND, ETW_PHASE_EXIT, CORR_STEP_SEND, 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct corr_step step;
        const struct etw_socket socket = {
            .layer = ETW_LAYER_APPLICATION, .action = cases[i].action, .phase = cases[i].phase};
        assert_true(fill(&socket, false, &step));
        assert_int_equal(step.what, cases[i].what);
        assert_int_equal(step.has & (CORR_STEP_IS_INDICATION | CORR_STEP_IS_INBOUND), cases[i].has);
    }
}

static void notes_of_the_stack_are_steps_only_when_everything_is_wanted(void **state)
{
    (void)state;
    struct corr_step step;
    const struct etw_socket port = {.layer = ETW_LAYER_STACK, .action = ETW_ACTION_PORT};
    const struct etw_socket started = {.layer = ETW_LAYER_STACK,
                                       .action = ETW_ACTION_TIMER,
                                       .phase = ETW_PHASE_ENTER,
                                       .timer = ETW_TIMER_RETRANSMIT,
                                       .has = ETW_HAS_TIMER};
    assert_false(fill(&port, false, &step));
    assert_true(fill(&port, true, &step));
    assert_int_equal(step.what, CORR_STEP_BIND);
    assert_false(fill(&started, false, &step));
    assert_true(fill(&started, true, &step));
    assert_true(step.has & CORR_STEP_IS_PENDING);
    assert_int_equal(step.number, ETW_TIMER_RETRANSMIT);
}

static void a_step_has_the_members_that_the_event_states(void **state)
{
    (void)state;
    struct corr_step step;
    const struct etw_socket ended = {.layer = ETW_LAYER_STACK,
                                     .action = ETW_ACTION_SHUTDOWN,
                                     .status = 0xC000020Du,
                                     .bytes = 77,
                                     .remote = ipv4("192.0.2.9", 443),
                                     .has = ETW_HAS_STATUS | ETW_HAS_REMOTE};
    assert_true(fill(&ended, false, &step));
    assert_true(step.has & CORR_STEP_HAS_STATUS);
    assert_int_equal(step.status, 0xC000020Du);
    assert_true(step.has & CORR_STEP_HAS_REMOTE);
    assert_int_equal(step.remote.port, 443);
    assert_int_equal(step.remote.size, 4);
    assert_false(step.has & CORR_STEP_HAS_BYTES);
    assert_int_equal(step.bytes, 0); /* not stated: 77 is nothing */
}

static void a_state_beyond_the_known_ones_is_no_transition(void **state)
{
    (void)state;
    struct corr_step step;
    struct etw_socket change = {.layer = ETW_LAYER_STACK,
                                .action = ETW_ACTION_STATE,
                                .from = CORR_LISTEN,
                                .to = CORR_SYN_RECEIVED,
                                .has = ETW_HAS_FROM | ETW_HAS_TO};
    assert_true(fill(&change, false, &step));
    assert_true(step.has & CORR_STEP_HAS_STATES);
    assert_int_equal(step.from, CORR_LISTEN);
    assert_int_equal(step.to, CORR_SYN_RECEIVED);
    change.to = CORR_STATE_COUNT;
    assert_true(fill(&change, false, &step));
    assert_false(step.has & CORR_STEP_HAS_STATES);
    change.to = CORR_ESTABLISHED;
    change.phase = ETW_PHASE_RUNDOWN; /* it was in this state already */
    assert_true(fill(&change, false, &step));
    assert_int_equal(step.from, CORR_ESTABLISHED);
    assert_true(step.has & CORR_STEP_IS_INDICATION);
}

static void a_process_starts_and_ends_but_a_rundown_is_neither(void **state)
{
    (void)state;
    struct corr_step step;
    struct etw_event event = {.kind = ETW_EVENT_PROCESS,
                              .record = &record,
                              .u.process = {.phase = ETW_PHASE_SINGLE, .pid = 40}};
    assert_true(event_step_fill(&event, false, &step));
    assert_int_equal(step.layer, CORR_STEP_PROCESS);
    assert_int_equal(step.what, CORR_STEP_START);
    event.u.process.is_end = true;
    event.u.process.exit_status = 3;
    assert_true(event_step_fill(&event, false, &step));
    assert_int_equal(step.what, CORR_STEP_EXIT);
    assert_int_equal(step.number, 3);
    event.u.process.phase = ETW_PHASE_RUNDOWN;
    assert_false(event_step_fill(&event, false, &step));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_step_keeps_the_place_of_its_event),
        cmocka_unit_test(a_classic_event_is_named_by_its_opcode),
        cmocka_unit_test(what_winsock_indicates_is_told_not_called),
        cmocka_unit_test(notes_of_the_stack_are_steps_only_when_everything_is_wanted),
        cmocka_unit_test(a_step_has_the_members_that_the_event_states),
        cmocka_unit_test(a_state_beyond_the_known_ones_is_no_transition),
        cmocka_unit_test(a_process_starts_and_ends_but_a_rundown_is_neither),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
