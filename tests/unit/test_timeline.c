/* SPDX-License-Identifier: MIT */
#include "correlate/timeline.h"

#include "socket_events.h"

#define STEPS_MAXIMUM 256

/* A ledger with one connection (row `connection`, TCB 1, AFD endpoint 2) of process 40, and the
 * steps of a timeline over it. */
struct story {
    struct corr_ledger *ledger;
    struct corr_timeline *timeline;
    struct etw_record record;
    uint32_t connection;
    uint64_t frame;
    struct corr_step steps[STEPS_MAXIMUM];
    size_t count;
};

static enum etw_status keep(void *context, const struct corr_step *step, struct etw_error *error)
{
    struct story *story = context;
    (void)error;
    if (story->count < STEPS_MAXIMUM) {
        story->steps[story->count] = *step; /* the first ones are looked at */
    }
    story->count++;
    return ETW_OK;
}

static void learn(struct story *story, const struct etw_socket *socket)
{
    struct etw_error error;
    const struct etw_event event = {
        .kind = ETW_EVENT_SOCKET, .record = &story->record, .u.socket = *socket};
    story->record.time += MILLISECOND;
    story->record.offset += 100;
    assert_int_equal(corr_ledger_learn(story->ledger, &event, &error), ETW_OK);
}

static const struct etw_socket accepted = {
    .layer = ETW_LAYER_STACK,
    .action = ETW_ACTION_ACCEPT,
    .handles = {{ETW_HANDLE_TCB, 1}},
    .protocol = 6,
    .pid = 40,
    .local = {.size = 4, .has_port = true, .port = 80, .bytes = {10, 0, 0, 1}},
    .remote = {.size = 4, .has_port = true, .port = 5000, .bytes = {10, 0, 0, 2}},
    .has = ETW_HAS_LOCAL | ETW_HAS_REMOTE | ETW_HAS_PID | ETW_HAS_PROTOCOL};

static struct etw_socket state_change(uint32_t from, uint32_t to)
{
    return (struct etw_socket){.layer = ETW_LAYER_STACK,
                               .action = ETW_ACTION_STATE,
                               .handles = {{ETW_HANDLE_TCB, 1}},
                               .protocol = 6,
                               .from = from,
                               .to = to,
                               .has = ETW_HAS_FROM | ETW_HAS_TO | ETW_HAS_PROTOCOL};
}

static uint32_t find_connection(const struct corr_ledger *ledger)
{
    const struct corr_socket *rows = NULL;
    size_t count = corr_ledger_sockets(ledger, &rows);
    for (uint32_t row = 0; row < count; row++) {
        if (rows[row].id != 0 && rows[row].role == CORR_SERVER) {
            return row;
        }
    }
    fail_msg("the ledger has no connection");
    return CORR_NO_ROW;
}

static struct story *open_story(bool has_states, bool is_verbose)
{
    struct etw_error error;
    struct story *story = calloc(1, sizeof(*story));
    assert_non_null(story);
    story->record = (struct etw_record){.time = SECOND, .offset = 1000, .thread_id = 7};
    const struct corr_ledger_options options = {.has_socket_events = true};
    assert_int_equal(corr_ledger_new(&options, &story->ledger, &error), ETW_OK);
    learn(story, &accepted);
    if (has_states) {
        const struct etw_socket change = state_change(CORR_SYN_RECEIVED, CORR_ESTABLISHED);
        learn(story, &change);
    }
    assert_int_equal(corr_ledger_finish(story->ledger, &error), ETW_OK);
    story->connection = find_connection(story->ledger);
    const struct corr_timeline_options timeline_options = {.is_verbose = is_verbose};
    assert_int_equal(
        corr_timeline_new(story->ledger, &timeline_options, keep, story, &story->timeline, &error),
        ETW_OK);
    return story;
}

static void close_story(struct story *story)
{
    corr_timeline_free(story->timeline);
    corr_ledger_free(story->ledger);
    free(story);
}

static void finish_story(struct story *story)
{
    struct etw_error error;
    assert_int_equal(corr_timeline_finish(story->timeline, &error), ETW_OK);
}

/* The next event of the connection, `after` later than the one before. */
static void tell(struct story *story, int64_t after, const struct etw_socket *socket)
{
    struct etw_error error;
    const struct etw_event event = {
        .kind = ETW_EVENT_SOCKET, .record = &story->record, .u.socket = *socket};
    story->record.time += after;
    story->record.offset += 100;
    assert_int_equal(corr_timeline_event(story->timeline, &event, story->connection, &error),
                     ETW_OK);
}

static void call(struct story *story, int64_t after, enum etw_action action, enum etw_phase phase,
                 uint64_t bytes)
{
    tell(story, after,
         &(struct etw_socket){.layer = ETW_LAYER_APPLICATION,
                              .action = action,
                              .phase = phase,
                              .bytes = bytes,
                              .has = ETW_HAS_BYTES |
                                     (phase == ETW_PHASE_EXIT ? (uint32_t)ETW_HAS_STATUS : 0)});
}

static void give_packet(struct story *story, struct corr_packet *next)
{
    struct etw_error error;
    assert_int_equal(corr_timeline_packet(story->timeline, next, true, &error), ETW_OK);
}

static void packet(struct story *story, int64_t after, bool is_inbound, uint8_t flags,
                   uint32_t sequence, uint32_t length)
{
    story->record.time += after;
    struct corr_packet next = {
        .frame = ++story->frame,
        .time = story->record.time,
        .direction = is_inbound ? ETW_DIRECTION_IN : ETW_DIRECTION_OUT,
        .layers = {.has_tcp = true,
                   .has_ports = true,
                   .ip_protocol = 6,
                   .tcp_flags = flags,
                   .tcp_seq = sequence,
                   .tcp_length = length},
        .verdict = {.socket = story->connection, .process = 0, .is_inbound = is_inbound}};
    give_packet(story, &next);
}

/* A packet of ours that no socket has, from `port` to 10.0.0.2:443. */
static void strange_packet(struct story *story, uint16_t port, uint8_t flags, uint32_t sequence)
{
    struct corr_packet next = {
        .frame = ++story->frame,
        .time = story->record.time += MILLISECOND,
        .direction = ETW_DIRECTION_OUT,
        .layers = {.has_tcp = true,
                   .has_ports = true,
                   .ip_protocol = 6,
                   .source = {.bytes = {10, 0, 0, 1}, .size = 4},
                   .destination = {.bytes = {10, 0, 0, 2}, .size = 4},
                   .source_port = port,
                   .destination_port = 443,
                   .tcp_flags = flags,
                   .tcp_seq = sequence},
        .verdict = {.socket = CORR_NO_ROW, .process = CORR_NO_ROW, .reason = CORR_NO_EVENTS}};
    give_packet(story, &next);
}

/* ---- drops and directions ---- */

static struct corr_packet stranger(struct story *story, enum etw_direction direction, uint8_t flags)
{
    bool is_in = direction == ETW_DIRECTION_IN;
    return (struct corr_packet){
        .frame = ++story->frame,
        .time = story->record.time += MILLISECOND,
        .direction = direction,
        .layers = {.has_tcp = true,
                   .has_ports = true,
                   .ip_protocol = 6,
                   .source = {.bytes = {10, 0, 0, is_in ? 2 : 1}, .size = 4},
                   .destination = {.bytes = {10, 0, 0, is_in ? 1 : 2}, .size = 4},
                   .source_port = is_in ? 443 : 50000,
                   .destination_port = is_in ? 50000 : 443,
                   .tcp_flags = flags},
        .verdict = {.socket = CORR_NO_ROW, .process = CORR_NO_ROW, .reason = CORR_NO_EVENTS}};
}

static void a_dropped_packet_says_so_and_changes_no_state(void **state)
{
    (void)state;
    struct story *story = open_story(true, false);
    struct corr_packet syn = stranger(story, ETW_DIRECTION_OUT, CORR_TCP_SYN);
    give_packet(story, &syn);
    struct corr_packet answer = stranger(story, ETW_DIRECTION_IN, CORR_TCP_SYN | CORR_TCP_ACK);
    answer.drop = (struct corr_drop){.is_dropped = true, .reason = 7, .component = 12};
    give_packet(story, &answer);
    finish_story(story);
    assert_int_equal(story->count, 4);
    assert_int_equal(story->steps[1].to, CORR_SYN_SENT);
    assert_int_equal(story->steps[2].what, CORR_STEP_SYNACK);
    assert_false(story->steps[2].drop.is_dropped);
    const struct corr_step *drop = &story->steps[3];
    assert_int_equal(drop->what, CORR_STEP_DROP);
    assert_int_equal(drop->layer, CORR_STEP_WIRE);
    assert_int_equal(drop->frame, answer.frame);
    assert_true(drop->has & CORR_STEP_IS_INBOUND);
    assert_int_equal(drop->drop.reason, 7);
    assert_int_equal(drop->drop.component, 12);
    close_story(story);
}

static void what_we_sent_changes_the_state_even_when_it_is_dropped(void **state)
{
    (void)state;
    struct story *story = open_story(true, false);
    struct corr_packet syn = stranger(story, ETW_DIRECTION_OUT, CORR_TCP_SYN);
    syn.drop.is_dropped = true;
    give_packet(story, &syn);
    finish_story(story);
    assert_int_equal(story->count, 3);
    assert_int_equal(story->steps[1].what, CORR_STEP_DROP);
    assert_int_equal(story->steps[2].to, CORR_SYN_SENT);
    close_story(story);
}

static void what_is_not_shown_still_counts(void **state)
{
    (void)state;
    struct story *story = open_story(true, false);
    struct etw_error error;
    struct corr_packet syn = stranger(story, ETW_DIRECTION_OUT, CORR_TCP_SYN);
    assert_int_equal(corr_timeline_packet(story->timeline, &syn, false, &error), ETW_OK);
    syn = stranger(story, ETW_DIRECTION_OUT, CORR_TCP_SYN);
    give_packet(story, &syn);
    finish_story(story);
    assert_int_equal(story->count, 1);
    assert_int_equal(story->steps[0].what, CORR_STEP_RETRANSMIT);
    assert_int_equal(story->steps[0].number, 1);
    close_story(story);
}

static void without_a_direction_none_is_said(void **state)
{
    (void)state;
    struct story *story = open_story(true, false);
    struct corr_packet packet = stranger(story, ETW_DIRECTION_UNKNOWN, CORR_TCP_SYN);
    give_packet(story, &packet);
    packet.verdict.socket = story->connection;
    packet.verdict.is_inbound = true;
    give_packet(story, &packet);
    finish_story(story);
    assert_true(story->steps[0].has & CORR_STEP_IS_UNDIRECTED);
    assert_int_equal(story->steps[0].local.port, 50000);
    assert_false(story->steps[1].has & CORR_STEP_IS_UNDIRECTED);
    assert_true(story->steps[1].has & CORR_STEP_IS_INBOUND);
    close_story(story);
}

/* ---- calls ---- */

static void a_call_is_one_step_with_its_duration_and_result(void **state)
{
    (void)state;
    struct story *story = open_story(true, false);
    call(story, MILLISECOND, ETW_ACTION_RECEIVE, ETW_PHASE_ENTER, 256);
    call(story, 3 * MILLISECOND, ETW_ACTION_RECEIVE, ETW_PHASE_EXIT, 13);
    finish_story(story);
    assert_int_equal(story->count, 1);
    const struct corr_step *step = &story->steps[0];
    assert_int_equal(step->layer, CORR_STEP_APP);
    assert_int_equal(step->what, CORR_STEP_RECV);
    assert_true(step->has & CORR_STEP_HAS_DURATION);
    assert_int_equal(step->duration, 3 * MILLISECOND);
    assert_int_equal(step->bytes, 13);
    assert_false(step->has & CORR_STEP_IS_PENDING);
    close_story(story);
}

static void a_call_that_does_not_end_says_so(void **state)
{
    (void)state;
    struct story *story = open_story(true, false);
    call(story, MILLISECOND, ETW_ACTION_RECEIVE, ETW_PHASE_ENTER, 256);
    finish_story(story);
    assert_int_equal(story->count, 1);
    assert_true(story->steps[0].has & CORR_STEP_IS_PENDING);
    assert_false(story->steps[0].has & CORR_STEP_HAS_DURATION);
    close_story(story);
}

static void a_send_that_is_logged_four_times_counts_once(void **state)
{
    (void)state;
    struct story *story = open_story(true, false);
    call(story, MILLISECOND, ETW_ACTION_SEND, ETW_PHASE_ENTER, 13);
    call(story, MICROSECOND, ETW_ACTION_SEND, ETW_PHASE_ENTER, 13);
    call(story, MICROSECOND, ETW_ACTION_SEND, ETW_PHASE_EXIT, 13);
    call(story, 9 * MILLISECOND, ETW_ACTION_SEND, ETW_PHASE_EXIT, 13);
    finish_story(story);
    assert_int_equal(story->count, 1);
    assert_int_equal(story->steps[0].bytes, 13);
    assert_int_equal(story->steps[0].duration, 2 * MICROSECOND);
    close_story(story);
}

static void the_end_of_a_call_from_before_is_a_step(void **state)
{
    (void)state;
    struct story *story = open_story(true, false);
    call(story, MILLISECOND, ETW_ACTION_RECEIVE, ETW_PHASE_EXIT, 5);
    finish_story(story);
    assert_int_equal(story->count, 1);
    assert_true(story->steps[0].has & CORR_STEP_IS_LATE_END);
    close_story(story);
}

static void calls_of_other_threads_stay_apart(void **state)
{
    (void)state;
    struct story *story = open_story(true, false);
    call(story, MILLISECOND, ETW_ACTION_RECEIVE, ETW_PHASE_ENTER, 100);
    story->record.thread_id = 8;
    call(story, MILLISECOND, ETW_ACTION_RECEIVE, ETW_PHASE_ENTER, 200);
    call(story, MILLISECOND, ETW_ACTION_RECEIVE, ETW_PHASE_EXIT, 20);
    story->record.thread_id = 7;
    call(story, MILLISECOND, ETW_ACTION_RECEIVE, ETW_PHASE_EXIT, 10);
    finish_story(story);
    assert_int_equal(story->count, 2);
    assert_int_equal(story->steps[0].bytes, 10);
    assert_int_equal(story->steps[1].bytes, 20);
    close_story(story);
}

/* ---- folding ---- */

static void repetition_is_one_step(void **state)
{
    (void)state;
    struct story *story = open_story(true, false);
    for (uint32_t i = 0; i < 10; i++) {
        packet(story, MILLISECOND, true, CORR_TCP_ACK, 1000 + 100 * i, 100);
    }
    finish_story(story);
    assert_int_equal(story->count, 1);
    assert_int_equal(story->steps[0].count, 10);
    assert_int_equal(story->steps[0].bytes, 1000);
    assert_int_equal(story->steps[0].frame, 1);
    assert_int_equal(story->steps[0].last_frame, 10);
    assert_int_equal(story->steps[0].last_time - story->steps[0].time, 9 * MILLISECOND);
    close_story(story);
}

static void three_of_a_kind_stay_three_steps(void **state)
{
    (void)state;
    struct story *story = open_story(true, false);
    for (uint32_t i = 0; i < 3; i++) {
        packet(story, MILLISECOND, true, CORR_TCP_ACK, 1000 + 100 * i, 100);
    }
    finish_story(story);
    assert_int_equal(story->count, 3);
    close_story(story);
}

static void a_state_change_or_silence_ends_a_repetition(void **state)
{
    (void)state;
    struct story *story = open_story(true, false);
    const struct etw_socket change = state_change(CORR_ESTABLISHED, CORR_CLOSE_WAIT);
    for (uint32_t i = 0; i < 5; i++) {
        packet(story, MILLISECOND, true, CORR_TCP_ACK, 1000 + 100 * i, 100);
    }
    tell(story, MILLISECOND, &change);
    for (uint32_t i = 5; i < 10; i++) {
        packet(story, MILLISECOND, true, CORR_TCP_ACK, 1000 + 100 * i, 100);
    }
    packet(story, 2 * SECOND, true, CORR_TCP_ACK, 2000, 100);
    finish_story(story);
    assert_int_equal(story->count, 4);
    assert_int_equal(story->steps[0].count, 5);
    assert_int_equal(story->steps[1].what, CORR_STEP_STATE);
    assert_int_equal(story->steps[2].count, 5);
    assert_int_equal(story->steps[3].count, 1);
    close_story(story);
}

static void nothing_is_folded_when_everything_is_wanted(void **state)
{
    (void)state;
    struct story *story = open_story(true, true);
    for (uint32_t i = 0; i < 10; i++) {
        packet(story, MILLISECOND, true, CORR_TCP_ACK, 1000 + 100 * i, 100);
    }
    finish_story(story);
    assert_int_equal(story->count, 10);
    close_story(story);
}

/* ---- packets and states ---- */

static void a_syn_again_is_a_retransmission_with_its_number(void **state)
{
    (void)state;
    struct story *story = open_story(true, false);
    packet(story, MILLISECOND, false, CORR_TCP_SYN, 100, 0);
    packet(story, 3 * SECOND, false, CORR_TCP_SYN, 100, 0);
    packet(story, 6 * SECOND, false, CORR_TCP_SYN, 100, 0);
    packet(story, 6 * SECOND, false, CORR_TCP_SYN, 999, 0);
    finish_story(story);
    assert_int_equal(story->count, 4);
    assert_int_equal(story->steps[0].what, CORR_STEP_SYN);
    assert_int_equal(story->steps[1].what, CORR_STEP_RETRANSMIT);
    assert_int_equal(story->steps[1].number, 1);
    assert_int_equal(story->steps[2].number, 2);
    assert_int_equal(story->steps[3].what, CORR_STEP_SYN);
    close_story(story);
}

static void bytes_seen_before_are_a_retransmission(void **state)
{
    (void)state;
    struct story *story = open_story(true, false);
    packet(story, MILLISECOND, false, CORR_TCP_ACK, 100, 50);
    packet(story, MILLISECOND, true, CORR_TCP_ACK, 100, 50);
    packet(story, MILLISECOND, false, CORR_TCP_ACK, 100, 50);
    finish_story(story);
    assert_int_equal(story->steps[0].what, CORR_STEP_DATA);
    assert_int_equal(story->steps[1].what, CORR_STEP_DATA);
    assert_int_equal(story->steps[2].what, CORR_STEP_RETRANSMIT);
    close_story(story);
}

static void packets_show_states_where_no_event_does(void **state)
{
    (void)state;
    struct story *story = open_story(false, false);
    packet(story, MILLISECOND, true, CORR_TCP_SYN, 100, 0);
    packet(story, MILLISECOND, false, CORR_TCP_SYN | CORR_TCP_ACK, 500, 0);
    packet(story, MILLISECOND, true, CORR_TCP_ACK, 101, 0);
    finish_story(story);
    assert_int_equal(story->count, 5);
    assert_int_equal(story->steps[2].what, CORR_STEP_STATE); /* the answer shows it */
    assert_true(story->steps[2].has & CORR_STEP_IS_INFERRED);
    assert_int_equal(story->steps[2].from, CORR_LISTEN);
    assert_int_equal(story->steps[2].to, CORR_SYN_RECEIVED);
    assert_int_equal(story->steps[4].to, CORR_ESTABLISHED);
    close_story(story);

    story = open_story(true, false);
    packet(story, MILLISECOND, true, CORR_TCP_SYN, 100, 0);
    finish_story(story);
    assert_int_equal(story->count, 1); /* events tell of its states */
    close_story(story);
}

static void packets_without_socket_show_states_by_their_ends(void **state)
{
    (void)state;
    struct story *story = open_story(false, false);
    strange_packet(story, 50000, CORR_TCP_SYN, 100);
    strange_packet(story, 50001, CORR_TCP_SYN, 100); /* another connection */
    strange_packet(story, 50000, CORR_TCP_SYN, 100); /* the first one again */
    finish_story(story);
    assert_int_equal(story->count, 5);
    static const uint8_t kinds[] = {CORR_STEP_SYN, CORR_STEP_STATE, CORR_STEP_SYN, CORR_STEP_STATE,
                                    CORR_STEP_RETRANSMIT};
    for (size_t i = 0; i < story->count; i++) {
        assert_int_equal(story->steps[i].what, kinds[i]);
        assert_int_equal(story->steps[i].socket, CORR_NO_ROW);
        assert_int_equal(story->steps[i].process, CORR_NO_ROW);
    }
    assert_int_equal(story->steps[1].to, CORR_SYN_SENT);
    close_story(story);
}

static void an_impossible_transition_is_marked(void **state)
{
    (void)state;
    struct story *story = open_story(true, false);
    const struct etw_socket changes[] = {state_change(CORR_TIME_WAIT, CORR_ESTABLISHED),
                                         state_change(CORR_ESTABLISHED, CORR_FIN_WAIT_1),
                                         state_change(CORR_CLOSED, CORR_CLOSED)};
    for (size_t i = 0; i < 3; i++) {
        tell(story, MILLISECOND, &changes[i]);
    }
    finish_story(story);
    assert_int_equal(story->count, 2); /* the last one says nothing */
    assert_true(story->steps[0].has & CORR_STEP_IS_IMPOSSIBLE);
    assert_false(story->steps[1].has & CORR_STEP_IS_IMPOSSIBLE);
    close_story(story);
}

static void packets_that_were_held_back_find_their_place(void **state)
{
    (void)state;
    struct story *story = open_story(true, false);
    const struct etw_socket change = state_change(CORR_ESTABLISHED, CORR_CLOSE_WAIT);
    int64_t begin = story->record.time;
    corr_timeline_hold(story->timeline, begin + MILLISECOND);
    tell(story, 2 * MILLISECOND, &change);
    assert_int_equal(story->count, 0);
    corr_timeline_hold(story->timeline, INT64_MAX);
    packet(story, -MILLISECOND, true, CORR_TCP_FIN | CORR_TCP_ACK, 100, 0);
    finish_story(story);
    assert_int_equal(story->count, 2);
    assert_int_equal(story->steps[0].what, CORR_STEP_FIN);
    assert_int_equal(story->steps[1].what, CORR_STEP_STATE);
    close_story(story);
}

static void owners_come_from_the_socket(void **state)
{
    (void)state;
    struct story *story = open_story(true, false);
    call(story, MILLISECOND, ETW_ACTION_CLOSE, ETW_PHASE_SINGLE, 0);
    finish_story(story);
    const struct corr_process *owner =
        corr_processes_get(corr_ledger_processes(story->ledger), story->steps[0].process);
    assert_int_equal(owner->pid, 40);
    assert_int_equal(story->steps[0].reason, CORR_OWNED);
    close_story(story);
}

static void more_than_can_be_held_is_given_in_parts(void **state)
{
    (void)state;
    struct story *story = open_story(true, false);
    const struct etw_socket listen = {
        .layer = ETW_LAYER_APPLICATION, .action = ETW_ACTION_OPTION, .phase = ETW_PHASE_SINGLE};
    call(story, MILLISECOND, ETW_ACTION_RECEIVE, ETW_PHASE_ENTER, 256);
    for (uint32_t i = 0; i < CORR_STEPS_HELD + 10; i++) {
        tell(story, MICROSECOND, &listen);
    }
    assert_true(story->count > 0);
    assert_int_equal(story->steps[0].what, CORR_STEP_RECV);
    assert_true(story->steps[0].has & CORR_STEP_IS_PENDING);
    finish_story(story);
    assert_int_equal(story->count, CORR_STEPS_HELD + 11);
    close_story(story);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_dropped_packet_says_so_and_changes_no_state),
        cmocka_unit_test(what_we_sent_changes_the_state_even_when_it_is_dropped),
        cmocka_unit_test(what_is_not_shown_still_counts),
        cmocka_unit_test(without_a_direction_none_is_said),
        cmocka_unit_test(a_call_is_one_step_with_its_duration_and_result),
        cmocka_unit_test(a_call_that_does_not_end_says_so),
        cmocka_unit_test(a_send_that_is_logged_four_times_counts_once),
        cmocka_unit_test(the_end_of_a_call_from_before_is_a_step),
        cmocka_unit_test(calls_of_other_threads_stay_apart),
        cmocka_unit_test(repetition_is_one_step),
        cmocka_unit_test(three_of_a_kind_stay_three_steps),
        cmocka_unit_test(a_state_change_or_silence_ends_a_repetition),
        cmocka_unit_test(nothing_is_folded_when_everything_is_wanted),
        cmocka_unit_test(a_syn_again_is_a_retransmission_with_its_number),
        cmocka_unit_test(bytes_seen_before_are_a_retransmission),
        cmocka_unit_test(packets_show_states_where_no_event_does),
        cmocka_unit_test(packets_without_socket_show_states_by_their_ends),
        cmocka_unit_test(an_impossible_transition_is_marked),
        cmocka_unit_test(packets_that_were_held_back_find_their_place),
        cmocka_unit_test(owners_come_from_the_socket),
        cmocka_unit_test(more_than_can_be_held_is_given_in_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
