/* SPDX-License-Identifier: MIT */
#include "correlate/timeline.h"

#include "socket_events.h"

#define STEPS_MAXIMUM 512
#define NAME(text)    bytes_of(u##text, sizeof(u##text) - 2)
#define RESPONSE      CORR_SMB_IS_RESPONSE
#define NOT_FOUND     0xC0000034u

/* A ledger with one connection of a client, process 4, and the steps of a timeline over it. */
struct story {
    struct corr_ledger *ledger;
    struct corr_timeline *timeline;
    struct corr_smb_operations *operations;
    const struct etw_event *event; /* that tells; NULL: packets do */
    uint32_t connection;
    struct corr_step steps[STEPS_MAXIMUM];
    size_t count;
};

static enum etw_status keep(void *context, const struct corr_step *step, struct etw_error *error)
{
    struct story *story = context;
    (void)error;
    assert_true(story->count < STEPS_MAXIMUM);
    assert_true(story->count == 0 || story->steps[story->count - 1].time <= step->time);
    story->steps[story->count++] = *step;
    return ETW_OK;
}

static enum etw_status take_news(void *context, const struct corr_smb_news *news,
                                 struct etw_error *error)
{
    struct story *story = context;
    return corr_timeline_smb(story->timeline, story->event, news, news->message->last_time, error);
}

static void learn_connection(struct corr_ledger *ledger)
{
    struct etw_error error;
    const struct etw_record record = {.time = SECOND, .offset = 1000, .process_id = 6000};
    const struct etw_event process = {
        .kind = ETW_EVENT_PROCESS, .record = &record, .u.process = {.pid = 6000}};
    const struct etw_event connect = {
        .kind = ETW_EVENT_SOCKET,
        .record = &record,
        .u.socket = {.layer = ETW_LAYER_STACK,
                     .action = ETW_ACTION_CONNECT,
                     .handles = {{ETW_HANDLE_TCB, 1}},
                     .protocol = 6,
                     .pid = 4,
                     .local = {.size = 4, .has_port = true, .port = 50000, .bytes = {10, 0, 0, 1}},
                     .remote = {.size = 4, .has_port = true, .port = 445, .bytes = {10, 0, 0, 2}},
                     .has = ETW_HAS_LOCAL | ETW_HAS_REMOTE | ETW_HAS_PID | ETW_HAS_PROTOCOL}};
    assert_int_equal(corr_ledger_learn(ledger, &process, &error), ETW_OK);
    assert_int_equal(corr_ledger_learn(ledger, &connect, &error), ETW_OK);
    assert_int_equal(corr_ledger_finish(ledger, &error), ETW_OK);
}

static uint32_t find_client(const struct corr_ledger *ledger)
{
    const struct corr_socket *rows = NULL;
    size_t count = corr_ledger_sockets(ledger, &rows);
    for (uint32_t row = 0; row < count; row++) {
        if (rows[row].id != 0 && rows[row].role == CORR_CLIENT) {
            return row;
        }
    }
    fail_msg("the ledger has no connection");
    return CORR_NO_ROW;
}

static struct story *open_story(bool is_verbose)
{
    struct etw_error error;
    struct story *story = calloc(1, sizeof(*story));
    assert_non_null(story);
    const struct corr_ledger_options ledger_options = {.has_socket_events = true};
    const struct corr_timeline_options options = {.is_verbose = is_verbose};
    assert_int_equal(corr_ledger_new(&ledger_options, &story->ledger, &error), ETW_OK);
    learn_connection(story->ledger);
    story->connection = find_client(story->ledger);
    assert_int_equal(
        corr_timeline_new(story->ledger, &options, keep, story, &story->timeline, &error), ETW_OK);
    assert_int_equal(corr_smb_operations_new(NULL, NULL, &story->operations, &error), ETW_OK);
    corr_smb_operations_set_news(story->operations, take_news, story);
    return story;
}

static void finish_story(struct story *story)
{
    struct etw_error error;
    assert_int_equal(corr_smb_operations_finish(story->operations, &error), ETW_OK);
    assert_int_equal(corr_timeline_finish(story->timeline, &error), ETW_OK);
}

static void close_story(struct story *story)
{
    corr_timeline_free(story->timeline);
    corr_smb_operations_free(story->operations);
    corr_ledger_free(story->ledger);
    free(story);
}

/* A message that `milliseconds` say when it was complete; more members follow. */
#define MESSAGE(milliseconds, number, what, ...)                                                   \
    ((struct corr_smb_message){.kind = CORR_SMB_2,                                                 \
                               .time = SECOND + (milliseconds)*MILLISECOND,                        \
                               .last_time = SECOND + (milliseconds)*MILLISECOND,                   \
                               .command = CORR_SMB_##what,                                         \
                               .message_id = (number),                                             \
                               __VA_ARGS__})

static void take(struct story *story, struct corr_smb_message message)
{
    message.socket = story->connection;
    assert_true(corr_smb_operations_take(story->operations, &message));
}

static void take_event(struct story *story, struct corr_smb_message message)
{
    const struct etw_record record = {.time = message.time,
                                      .offset = 5000,
                                      .process_id = 6000,
                                      .class_of = RECORD_IS_MANIFEST,
                                      .id = 30406};
    const struct etw_event event = {.kind = ETW_EVENT_SOCKET, .record = &record};
    message.source = CORR_SMB_CLIENT_EVENTS;
    message.offset = record.offset;
    message.header_pid = 6000;
    message.is_header_pid_true = (message.has & RESPONSE) == 0;
    story->event = &event;
    take(story, message);
    story->event = NULL;
}

static void read_of(struct story *story, int64_t at, uint64_t number, struct bytes file)
{
    take(story, MESSAGE(at, number, READ, .length = 1000, .data_offset = number * 1000,
                        .has = CORR_SMB_HAS_LENGTH | CORR_SMB_HAS_OFFSET, .file = file,
                        .frame = number, .last_frame = number));
}

/* ---- what is told ---- */

static void a_request_and_its_response_are_two_steps(void **state)
{
    (void)state;
    struct story *story = open_story(false);
    read_of(story, 10, 1, NAME("x"));
    take(story, MESSAGE(18, 1, READ, .length = 900, .has = RESPONSE | CORR_SMB_HAS_LENGTH,
                        .frame = 2, .last_frame = 4));
    finish_story(story);
    const struct corr_step *request = &story->steps[0];
    const struct corr_step *response = &story->steps[1];
    assert_int_equal(story->count, 2);
    assert_int_equal(request->layer, CORR_STEP_SMB);
    assert_int_equal(request->what, CORR_STEP_REQUEST);
    assert_int_equal(request->bytes, 1000);
    assert_true(request->has & CORR_STEP_HAS_OFFSET);
    assert_int_equal(request->data_offset, 1000);
    assert_int_equal(request->frame, 1);
    assert_false(request->has & (CORR_STEP_HAS_DURATION | CORR_STEP_IS_INBOUND));
    assert_string_equal(corr_smb_operations_text(story->operations, request->file), "x");
    assert_int_equal(response->what, CORR_STEP_RESPONSE);
    assert_int_equal(response->bytes, 900);
    assert_int_equal(response->duration, 8 * MILLISECOND);
    assert_int_equal(response->frame, 4);
    assert_true(response->has & CORR_STEP_IS_INBOUND);
    assert_int_equal(response->reason, CORR_OWNED);
    close_story(story);
}

static void two_sources_make_one_step_with_what_both_say(void **state)
{
    (void)state;
    struct story *story = open_story(false);
    take_event(story, MESSAGE(10, 1, CREATE, .has = 0));
    take(story, MESSAGE(11, 1, CREATE, .file = NAME("y"), .frame = 7, .last_frame = 7));
    take(story, MESSAGE(19, 1, CREATE, .has = RESPONSE, .frame = 8, .last_frame = 8));
    take_event(story, MESSAGE(20, 1, CREATE, .has = RESPONSE));
    finish_story(story);
    const struct corr_step *request = &story->steps[0];
    assert_int_equal(story->count, 2);
    assert_int_equal(request->time, SECOND + 10 * MILLISECOND);
    assert_int_equal(request->frame, 7);
    assert_true(request->has & CORR_STEP_HAS_EVENT);
    assert_int_equal(request->id, 30406);
    assert_string_equal(corr_smb_operations_text(story->operations, request->file), "y");
    assert_true(request->has & CORR_STEP_HAS_BEHALF);
    assert_int_equal(corr_processes_get(corr_ledger_processes(story->ledger), request->behalf)->pid,
                     6000);
    assert_int_equal(request->behalf_confidence, CORR_LIKELY);
    assert_int_equal(story->steps[1].time, SECOND + 19 * MILLISECOND);
    assert_int_equal(story->steps[1].duration, 10 * MILLISECOND);
    assert_true(story->steps[1].has & CORR_STEP_HAS_EVENT);
    assert_true(story->steps[1].has & CORR_STEP_HAS_BEHALF);
    close_story(story);
}

static void a_failure_keeps_its_status(void **state)
{
    (void)state;
    struct story *story = open_story(false);
    read_of(story, 10, 1, NAME("x"));
    take(story, MESSAGE(11, 1, READ, .status = NOT_FOUND, .has = RESPONSE | CORR_SMB_HAS_STATUS));
    finish_story(story);
    assert_int_equal(story->count, 2);
    assert_true(story->steps[1].has & CORR_STEP_HAS_STATUS);
    assert_int_equal(story->steps[1].status, NOT_FOUND);
    assert_false(story->steps[1].has & CORR_STEP_HAS_BYTES);
    close_story(story);
}

static void a_response_without_request_has_no_duration(void **state)
{
    (void)state;
    struct story *story = open_story(false);
    take(story, MESSAGE(10, 1, CLOSE, .has = RESPONSE | CORR_SMB_HAS_STATUS));
    finish_story(story);
    assert_int_equal(story->count, 1);
    assert_false(story->steps[0].has & CORR_STEP_HAS_DURATION);
    close_story(story);
}

/* ---- repetition ---- */

static void reads_of_one_file_are_one_step(void **state)
{
    (void)state;
    struct story *story = open_story(false);
    for (uint64_t number = 1; number <= 5; number++) {
        read_of(story, (int64_t)number * 200, number, NAME("x"));
    }
    finish_story(story);
    assert_int_equal(story->count, 1);
    assert_int_equal(story->steps[0].count, 5);
    assert_int_equal(story->steps[0].bytes, 5000);
    assert_int_equal(story->steps[0].data_offset, 1000);
    assert_int_equal(story->steps[0].last_frame, 5);
    assert_int_equal(story->steps[0].last_time, SECOND + 1000 * MILLISECOND);
    close_story(story);
}

static void reads_of_several_files_stay_apart(void **state)
{
    (void)state;
    struct story *story = open_story(false);
    for (uint64_t number = 1; number <= 6; number++) {
        read_of(story, (int64_t)number, number, number % 2 ? NAME("x") : NAME("y"));
    }
    finish_story(story);
    assert_int_equal(story->count, 6);
    close_story(story);
}

static void another_request_ends_a_repetition(void **state)
{
    (void)state;
    struct story *story = open_story(false);
    for (uint64_t number = 1; number <= 8; number++) {
        if (number == 5) {
            take(story, MESSAGE(5, 100, CLOSE, .file = NAME("x")));
        }
        read_of(story, (int64_t)number, number, NAME("x"));
    }
    finish_story(story);
    assert_int_equal(story->count, 3);
    assert_int_equal(story->steps[0].count, 4);
    assert_int_equal(story->steps[1].command, CORR_SMB_CLOSE);
    assert_int_equal(story->steps[2].count, 4);
    close_story(story);
}

static void nothing_is_folded_when_everything_is_wanted(void **state)
{
    (void)state;
    struct story *story = open_story(true);
    for (uint64_t number = 1; number <= 5; number++) {
        read_of(story, (int64_t)number, number, NAME("x"));
    }
    finish_story(story);
    assert_int_equal(story->count, 5);
    close_story(story);
}

/* ---- conditions ---- */

/* What the client tells `milliseconds` after the connection began. */
static void tell(struct story *story, int64_t milliseconds, struct corr_smb_condition condition)
{
    struct etw_error error;
    const struct etw_record record = {.time = SECOND + milliseconds * MILLISECOND,
                                      .offset = 7000,
                                      .process_id = 4,
                                      .class_of = RECORD_IS_MANIFEST,
                                      .id = 31001};
    const struct etw_event event = {.kind = ETW_EVENT_SOCKET, .record = &record};
    condition.source = CORR_SMB_CLIENT_EVENTS;
    condition.time = record.time;
    assert_int_equal(
        corr_timeline_smb_condition(story->timeline, &event, &condition, story->operations, &error),
        ETW_OK);
}

static void a_condition_is_a_step_with_what_it_names(void **state)
{
    (void)state;
    struct story *story = open_story(false);
    tell(story, 5,
         (struct corr_smb_condition){.kind = CORR_SMB_SESSION_REFUSED,
                                     .socket = story->connection,
                                     .has = CORR_SMB_HAS_STATUS,
                                     .status = 0xC000006Du,
                                     .reason = 11,
                                     .has_command = true,
                                     .command = CORR_SMB_SESSION_SETUP,
                                     .has_message = true,
                                     .message_id = 3,
                                     .server = NAME("fs"),
                                     .user = NAME("anna"),
                                     .share = NAME("s"),
                                     .file = NAME("f"),
                                     .client = NAME("c"),
                                     .has_duration = true,
                                     .duration = 7,
                                     .threshold = 6,
                                     .remote = {.size = 4, .port = 445}});
    finish_story(story);
    const struct corr_step *step = &story->steps[0];
    const struct corr_step_condition *condition = &step->condition;
    assert_int_equal(story->count, 1);
    assert_int_equal(step->layer, CORR_STEP_SMB);
    assert_int_equal(step->what, CORR_STEP_CONDITION);
    assert_int_equal(step->time, SECOND + 5 * MILLISECOND);
    assert_int_equal(step->reason, CORR_OWNED);
    assert_int_equal(step->status, 0xC000006Du);
    assert_int_equal(step->duration, 7);
    assert_int_equal(step->command, CORR_SMB_SESSION_SETUP);
    assert_int_equal(step->id, 31001);
    assert_true(step->has & CORR_STEP_HAS_REMOTE);
    assert_int_equal(condition->kind, CORR_SMB_SESSION_REFUSED);
    assert_int_equal(condition->reason, 11);
    assert_int_equal(condition->threshold, 6);
    assert_int_equal(condition->message_id, 3);
    assert_string_equal(corr_smb_operations_text(story->operations, condition->server), "fs");
    assert_string_equal(corr_smb_operations_text(story->operations, condition->user), "anna");
    assert_string_equal(corr_smb_operations_text(story->operations, condition->client), "c");
    assert_string_equal(corr_smb_operations_text(story->operations, step->share), "s");
    assert_string_equal(corr_smb_operations_text(story->operations, step->file), "f");
    close_story(story);
}

static void a_condition_without_connection_has_no_owner(void **state)
{
    (void)state;
    struct story *story = open_story(false);
    tell(story, 5,
         (struct corr_smb_condition){.kind = CORR_SMB_NAME_FAILED, .socket = CORR_NO_ROW});
    finish_story(story);
    assert_int_equal(story->count, 1);
    assert_int_equal(story->steps[0].process, CORR_NO_ROW);
    assert_int_equal(story->steps[0].socket, CORR_NO_ROW);
    close_story(story);
}

static void waiting_for_credits_is_one_step_and_reads_go_on(void **state)
{
    (void)state;
    struct story *story = open_story(false);
    for (int64_t number = 1; number <= 5; number++) {
        read_of(story, number * 10, (uint64_t)number, NAME("x"));
        tell(story, number * 10 + 1,
             (struct corr_smb_condition){.kind = CORR_SMB_CREDITS_WAITED,
                                         .socket = story->connection,
                                         .has_duration = true,
                                         .duration = number == 3 ? 900 : 100});
    }
    finish_story(story);
    assert_int_equal(story->count, 2);
    assert_int_equal(story->steps[0].what, CORR_STEP_REQUEST);
    assert_int_equal(story->steps[0].count, 5);
    assert_int_equal(story->steps[1].what, CORR_STEP_CONDITION);
    assert_int_equal(story->steps[1].count, 5);
    assert_int_equal(story->steps[1].duration, 900);
    assert_true(story->steps[1].has & CORR_STEP_HAS_DURATION);
    close_story(story);
}

static void a_trouble_ends_a_repetition(void **state)
{
    (void)state;
    struct story *story = open_story(false);
    for (int64_t number = 1; number <= 8; number++) {
        if (number == 5) {
            tell(story, 45,
                 (struct corr_smb_condition){.kind = CORR_SMB_SIGNING_FAILED,
                                             .socket = story->connection});
        }
        read_of(story, number * 10, (uint64_t)number, NAME("x"));
    }
    finish_story(story);
    assert_int_equal(story->count, 3);
    assert_int_equal(story->steps[0].count, 4);
    assert_int_equal(story->steps[1].what, CORR_STEP_CONDITION);
    assert_int_equal(story->steps[2].count, 4);
    close_story(story);
}

static void renames_and_control_codes_are_kept(void **state)
{
    (void)state;
    struct story *story = open_story(false);
    take(story, MESSAGE(1, 1, SET_INFO, .file = NAME("x"), .new_name = NAME("y")));
    take(story, MESSAGE(2, 1, SET_INFO, .has = RESPONSE));
    take(story, MESSAGE(3, 2, IOCTL, .control_code = 0x11C017, .has = CORR_SMB_HAS_CONTROL_CODE));
    finish_story(story);
    assert_int_equal(story->count, 3);
    for (size_t i = 0; i < 2; i++) {
        assert_string_equal(corr_smb_operations_text(story->operations, story->steps[i].new_name),
                            "y");
    }
    assert_false(story->steps[1].has & CORR_STEP_HAS_CONTROL_CODE);
    assert_true(story->steps[2].has & CORR_STEP_HAS_CONTROL_CODE);
    assert_int_equal(story->steps[2].control_code, 0x11C017);
    assert_int_equal(story->steps[2].new_name, 0);
    close_story(story);
}

/* ---- waiting ---- */

static void a_step_leaves_when_it_has_waited(void **state)
{
    (void)state;
    struct story *story = open_story(false);
    take(story, MESSAGE(10, 1, CREATE, .file = NAME("x")));
    take(story, MESSAGE(109, 2, CREATE, .file = NAME("y")));
    assert_int_equal(story->count, 0);
    take(story, MESSAGE(111, 3, CREATE, .file = NAME("z")));
    assert_int_equal(story->count, 1);
    finish_story(story);
    assert_int_equal(story->count, 3);
    close_story(story);
}

/* keep() checks that no step is before the one before it. */
static void a_message_complete_late_stands_where_it_may(void **state)
{
    (void)state;
    struct story *story = open_story(false);
    take(story, MESSAGE(100, 1, CREATE, .has = 0));
    take(story, MESSAGE(300, 2, CREATE, .has = 0));
    assert_int_equal(story->count, 1);
    struct corr_smb_message late = MESSAGE(50, 3, CREATE, .has = 0);
    late.last_time = SECOND + 299 * MILLISECOND;
    take(story, late);
    finish_story(story);
    assert_int_equal(story->count, 3);
    assert_int_equal(story->steps[1].time, SECOND + 299 * MILLISECOND);
    close_story(story);
}

static void more_than_can_wait_is_not_lost(void **state)
{
    (void)state;
    struct story *story = open_story(false);
    for (uint64_t number = 1; number <= 300; number++) {
        take(story, MESSAGE(10, number, CREATE, .has = 0));
    }
    finish_story(story);
    assert_int_equal(story->count, 300);
    close_story(story);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_and_its_response_are_two_steps),
        cmocka_unit_test(two_sources_make_one_step_with_what_both_say),
        cmocka_unit_test(a_failure_keeps_its_status),
        cmocka_unit_test(a_response_without_request_has_no_duration),
        cmocka_unit_test(reads_of_one_file_are_one_step),
        cmocka_unit_test(reads_of_several_files_stay_apart),
        cmocka_unit_test(another_request_ends_a_repetition),
        cmocka_unit_test(nothing_is_folded_when_everything_is_wanted),
        cmocka_unit_test(a_condition_is_a_step_with_what_it_names),
        cmocka_unit_test(a_condition_without_connection_has_no_owner),
        cmocka_unit_test(waiting_for_credits_is_one_step_and_reads_go_on),
        cmocka_unit_test(a_trouble_ends_a_repetition),
        cmocka_unit_test(renames_and_control_codes_are_kept),
        cmocka_unit_test(a_step_leaves_when_it_has_waited),
        cmocka_unit_test(a_message_complete_late_stands_where_it_may),
        cmocka_unit_test(more_than_can_wait_is_not_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
