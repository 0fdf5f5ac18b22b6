/* SPDX-License-Identifier: MIT */
/*
 * What the events of the SMB client say of messages and of what went wrong, over samples whose
 * story is known; and events at random.
 */
#include "tests/unit/smb_story.h"

#include "tests/support/random.h"

/* Requests of a command by a process, and how many of them were unanswered at one time. */
struct reads {
    unsigned count, open, most;
};

static void count_read(const struct told *told, size_t at, uint32_t pid, struct reads *reads)
{
    const struct message *message = &told->messages[at];
    if (message->from.command != CORR_SMB_READ) {
        return;
    }
    if (!is_response(message)) {
        if (message->from.header_pid == pid) {
            reads->count++;
            reads->open++;
            reads->most = reads->open > reads->most ? reads->open : reads->most;
        }
        return;
    }
    for (size_t i = 0; i < at; i++) {
        const struct message *request = &told->messages[i];
        if (!is_response(request) && request->from.message_id == message->from.message_id) {
            reads->open -= request->from.header_pid == pid;
        }
    }
}

static void each_program_is_known_by_the_requests_it_made(void **state)
{
    (void)state;
    struct told *told = read_sample("smb-read");
    struct reads ccmexec = {0};
    struct reads xcopy = {0};
    for (size_t i = 0; i < told->message_count; i++) {
        const struct corr_smb_message *message = &told->messages[i].from;
        bool is_program = message->header_pid == 2288 || message->header_pid == 5120;
        assert_int_equal(message->source, CORR_SMB_CLIENT_EVENTS);
        assert_int_equal(message->is_header_pid_true, is_program);
        count_read(told, i, 2288, &ccmexec);
        count_read(told, i, 5120, &xcopy);
    }
    assert_int_equal(told->message_count, 100);
    assert_int_equal(ccmexec.count, 8);
    assert_int_equal(ccmexec.most, 2);
    assert_int_equal(xcopy.count, 32);
    assert_int_equal(xcopy.most, 16);
    assert_int_equal(ccmexec.open + xcopy.open, 0);
    forget(told);
}

static void messages_are_on_the_connection_of_system(void **state)
{
    (void)state;
    struct told *told = read_sample("smb-read");
    for (size_t i = 0; i < told->message_count; i++) {
        const struct corr_smb_message *message = &told->messages[i].from;
        const struct corr_socket *socket = socket_of(told, message->socket);
        assert_int_equal(socket->local.port, 49711);
        assert_int_equal(socket->remote.port, 445);
        assert_int_equal(message->connection, 1);
        assert_true((message->has & CORR_SMB_HAS_STATUS) || !is_response(&told->messages[i]));
    }
    assert_int_equal(told->counts.unplaced, 0);
    assert_int_equal(told->messages[0].from.command, CORR_SMB_NEGOTIATE);
    assert_int_equal(told->messages[0].from.size, 108);
    assert_int_equal(told->messages[3].from.status, 0xC0000016);
    assert_int_equal(told->messages[7].from.tree_id, 5);
    forget(told);
}

/* Of a connection that was there before the trace nothing says where it leads; the bytes that
 * the stack is given on the same thread do, or that there is no other way to a file server. */
static void a_connection_that_nobody_saw_begin_is_found(void **state)
{
    (void)state;
    struct told *told = read_sample_without("smb-read", ETW_SMB_CONNECT);
    assert_int_equal(told->message_count, 100);
    assert_int_equal(told->counts.unplaced, 0);
    forget(told);
    told = read_sample_without("smb-failing", ETW_SMB_CONNECT);
    for (size_t i = 0; i < told->message_count; i++) {
        const struct corr_smb_message *message = &told->messages[i].from;
        bool is_later = message->time > find_condition(told, CORR_SMB_RECONNECTING)->from.time;
        if (is_response(&told->messages[i])) {
            assert_int_equal(socket_of(told, message->socket)->local.port,
                             is_later ? 50733 : 50710);
        }
    }
    assert_int_equal(told->counts.unplaced, 1); /* the first request, before it is sent */
    forget(told);
}

static void what_failed_is_told_with_its_names(void **state)
{
    (void)state;
    struct told *told = read_sample("smb-failing");
    static const struct {
        enum corr_smb_condition_kind kind;
        uint32_t status;
        const char *server, *share, *user;
        uint16_t local_port; /* of its connection; 0: it has none */
    } expected[] = {
        {CORR_SMB_NAME_FAILED, 0xC00000BE, "gone.example", "", "", 0},
        {CORR_SMB_CONNECT_FAILED, 0xC00000B5, "", "", "", 0},
        {CORR_SMB_CONNECT_FAILED, 0xC00000B5, "silent.example", "", "", 0},
        {CORR_SMB_SESSION_REFUSED, 0xC000006D, "files.example", "", "bert", 0},
        {CORR_SMB_SESSION_ESTABLISHED, 0, "files.example", "", "", 50710},
        {CORR_SMB_TREE_REFUSED, 0xC00000CC, "", "\\\\files.example\\nosuch", "", 50710},
        {CORR_SMB_TREE_ESTABLISHED, 0, "files.example", "\\\\files.example\\team", "", 50710},
        {CORR_SMB_CREDITS_USED_UP, 0, "files.example", "", "", 50710},
        {CORR_SMB_CREDITS_BLOCKED, 0, "files.example", "", "", 50710},
        {CORR_SMB_CREDITS_WAITED, 0, "files.example", "", "", 50710},
        {CORR_SMB_SIGNING_FAILED, 0xC000A000, "files.example", "\\\\files.example\\team", "",
         50710},
        {CORR_SMB_DISCONNECTED, 0xC000020C, "files.example", "", "", 50710},
        {CORR_SMB_SESSION_LOST, 0xC000020C, "files.example", "", "", 50710},
        {CORR_SMB_TREE_LOST, 0xC000020C, "", "\\\\files.example\\team", "", 50710},
        {CORR_SMB_RECONNECTING, 0, "", "", "", 0},
        {CORR_SMB_SESSION_ESTABLISHED, 0, "files.example", "", "", 50733},
        {CORR_SMB_SESSION_RECOVERED, 0, "files.example", "", "", 50733},
        {CORR_SMB_TREE_ESTABLISHED, 0, "files.example", "\\\\files.example\\team", "", 50733},
        {CORR_SMB_EXCHANGE_EXPIRED, 0xC00000B5, "files.example", "\\\\files.example\\team", "",
         50733},
    };
    assert_int_equal(told->condition_count, sizeof(expected) / sizeof(expected[0]));
    for (size_t i = 0; i < told->condition_count; i++) {
        const struct condition *condition = &told->conditions[i];
        assert_string_equal(corr_smb_condition_name(condition->from.kind),
                            corr_smb_condition_name(expected[i].kind));
        assert_int_equal(condition->from.status, expected[i].status);
        assert_string_equal(condition->server, expected[i].server);
        assert_string_equal(condition->share, expected[i].share);
        assert_string_equal(condition->user, expected[i].user);
        assert_int_equal(condition->from.socket == CORR_NO_ROW, expected[i].local_port == 0);
        if (expected[i].local_port) {
            assert_int_equal(socket_of(told, condition->from.socket)->local.port,
                             expected[i].local_port);
        }
    }
    forget(told);
}

static void waits_and_numbers_of_conditions_are_told(void **state)
{
    (void)state;
    struct told *told = read_sample("smb-failing");
    const struct corr_smb_condition *waited = &find_condition(told, CORR_SMB_CREDITS_WAITED)->from;
    assert_true(waited->has_duration);
    assert_int_equal(waited->duration, 3500000);
    const struct corr_smb_condition *full = &find_condition(told, CORR_SMB_CREDITS_USED_UP)->from;
    assert_int_equal(full->window_size, 16);
    assert_int_equal(full->window_limit, 16);
    const struct corr_smb_condition *expired =
        &find_condition(told, CORR_SMB_EXCHANGE_EXPIRED)->from;
    assert_true(expired->has_message && expired->has_command && expired->has_duration);
    assert_int_equal(expired->message_id, 4);
    assert_int_equal(expired->command, CORR_SMB_READ);
    assert_int_equal(expired->duration, INT64_C(600000000));
    const struct corr_smb_condition *lost = &find_condition(told, CORR_SMB_DISCONNECTED)->from;
    assert_int_equal(lost->reason, 7);
    forget(told);
}

/* The same pointer names another connection after the loss, with another number. */
static void a_connection_that_is_made_again_is_another(void **state)
{
    (void)state;
    struct told *told = read_sample("smb-failing");
    for (size_t i = 0; i < told->message_count; i++) {
        const struct corr_smb_message *message = &told->messages[i].from;
        bool is_later = message->time > find_condition(told, CORR_SMB_RECONNECTING)->from.time;
        assert_int_equal(socket_of(told, message->socket)->local.port, is_later ? 50733 : 50710);
        assert_int_equal(message->connection, is_later ? 3 : 2);
    }
    assert_true(told->message_count > 20);
    forget(told);
}

/* A call before it on the same thread names the file of a request; its share, the session did. */
/* Both lead to one address and port; the requests were made by RDMA. */
static void what_rdma_carries_is_on_no_connection_of_tcp(void **state)
{
    (void)state;
    struct told *told = read_sample("smb-rdma");
    assert_int_equal(told->message_count, 4);
    for (size_t i = 0; i < told->message_count; i++) {
        assert_int_equal(told->messages[i].from.socket, CORR_NO_ROW);
    }
    assert_int_equal(told->counts.unplaced, 0);
    const struct condition *made = find_condition(told, CORR_SMB_CONNECTED);
    assert_int_equal(made->from.transport, ETW_SMB_OVER_RDMA);
    assert_int_equal(made->from.local.port, 56010);
    const struct condition *failed = find_condition(told, CORR_SMB_CONNECT_FAILED);
    assert_int_equal(failed->from.status, 0xC0000236u);
    assert_int_equal(failed->from.local.port, 56022);
    assert_int_equal(find_condition(told, CORR_SMB_TRANSFER_FAILED)->from.status, 0xC0000241u);
    assert_string_equal(find_condition(told, CORR_SMB_RDMA_FALLBACK)->server, "store.example");
    for (size_t i = 0; i < told->condition_count; i++) {
        assert_int_equal(told->conditions[i].from.socket, CORR_NO_ROW);
    }
    forget(told);
}

static void a_call_on_the_thread_names_the_file(void **state)
{
    (void)state;
    struct told *told = read_sample("smb-failing");
    unsigned named = 0;
    for (size_t i = 0; i < told->message_count; i++) {
        const struct message *message = &told->messages[i];
        bool is_about_file =
            message->from.command == CORR_SMB_CREATE || message->from.command == CORR_SMB_READ;
        if (is_about_file) {
            assert_string_equal(message->share, "\\\\files.example\\team");
            assert_string_equal(message->file, is_response(message) ? "" : "plans\\next.docx");
            named += !is_response(message);
        } else {
            assert_string_equal(message->file, "");
        }
    }
    assert_int_equal(named, 3);
    forget(told);
}

/* ---- hostile ---- */

static struct guid random_guid(uint64_t *seed)
{
    return (struct guid){{(uint8_t)random_below(seed, 4)}};
}

static struct bytes random_text(uint64_t *seed)
{
    static const uint8_t text[64] = "\\\0\\\0a\0\\\0b\0*\0c\0\\\0\\\0d\0e\0f\0g\0\\\0";
    return bytes_of(text + random_below(seed, 8), random_below(seed, 48));
}

static void make_event(uint64_t *seed, struct etw_event *event, struct etw_record *record)
{
    struct etw_smb *smb = &event->u.smb;
    record->time = random_below(seed, 50) == 0 ? (int64_t)random_next(seed)
                                               : record->time + (int64_t)random_below(seed, 100);
    record->thread_id = (uint32_t)random_below(seed, 5);
    record->process_id = (uint32_t)random_below(seed, 9);
    memset(smb, 0, sizeof(*smb));
    event->kind = ETW_EVENT_SOCKET;
    event->record = record;
    event->is_incomplete = random_below(seed, 9) == 0;
    smb->socket.layer = (enum etw_layer)random_below(seed, 5);
    smb->socket.action = (enum etw_action)random_below(seed, ETW_ACTION_COUNT);
    smb->socket.has = (uint32_t)random_next(seed) & 0x7ffffff;
    smb->socket.handles[0] = (struct etw_handle){
        random_below(seed, 2) ? ETW_HANDLE_SMB_CONNECTION : ETW_HANDLE_TCB, random_below(seed, 6)};
    smb->socket.remote = (struct etw_socket_address){
        .size = random_below(seed, 2) ? 4 : 16, .has_port = true, .port = 445};
    smb->socket.command = (uint16_t)random_below(seed, 30);
    smb->socket.message_id = random_below(seed, 20);
    smb->socket.session_id = random_below(seed, 4);
    smb->socket.tree_id = (uint32_t)random_below(seed, 4);
    smb->socket.bytes = random_below(seed, 300);
    smb->socket.status = random_below(seed, 3) ? 0 : (uint32_t)random_next(seed);
    smb->what = (enum etw_smb_what)random_below(seed, ETW_SMB_WHAT_COUNT);
    smb->flags = (uint32_t)random_below(seed, 16);
    smb->object = random_below(seed, 4);
    smb->function = (uint32_t)random_below(seed, 25);
    smb->old_state = (uint16_t)random_below(seed, 10);
    smb->new_state = (uint16_t)random_below(seed, 10);
    smb->window_size = (uint32_t)random_below(seed, 4);
    smb->window_limit = (uint32_t)random_below(seed, 4);
    smb->duration = random_next(seed);
    smb->threshold = random_next(seed);
    smb->connection_guid = random_guid(seed);
    smb->session_guid = random_guid(seed);
    smb->tree_guid = random_guid(seed);
    smb->file_guid = random_guid(seed);
    smb->server = random_text(seed);
    smb->scope = random_text(seed);
    smb->share = random_text(seed);
    smb->file = random_text(seed);
    smb->user = random_text(seed);
    smb->domain = random_text(seed);
    smb->data = random_text(seed);
    smb->is_start = random_below(seed, 2);
    smb->is_end = random_below(seed, 2);
}

/* Borrowed texts are looked at, so that the sanitizer sees what is no longer there. */
static size_t count_ones(const struct bytes *text)
{
    size_t count = 0;
    for (size_t i = 0; i < text->size; i++) {
        count += text->data[i] == 1;
    }
    return count;
}

static bool look_at_message(void *context, const struct corr_smb_message *message)
{
    *(size_t *)context +=
        count_ones(&message->share) + count_ones(&message->file) + count_ones(&message->user) + 1;
    return true;
}

static bool look_at_condition(void *context, const struct corr_smb_condition *condition)
{
    assert_true(condition->kind < CORR_SMB_CONDITION_COUNT);
    assert_true(condition->duration >= 0);
    *(size_t *)context += count_ones(&condition->share) + count_ones(&condition->file) +
                          count_ones(&condition->user) + count_ones(&condition->server) + 1;
    return true;
}

static bool look_at_bytes(void *context, const struct corr_smb_bytes *bytes, bool is_whole)
{
    *(size_t *)context += is_whole ? count_ones(&bytes->data) + 1 : 1;
    return true;
}

static void any_events_are_survived(void **state)
{
    (void)state;
    struct told *story = read_sample("smb-failing");
    size_t seen = 0;
    const struct corr_smb_event_sinks sinks = {look_at_message, look_at_condition, look_at_bytes,
                                               &seen};
    struct corr_smb_events *smb = NULL;
    struct etw_record record = {.time = story->messages[0].from.time};
    uint64_t seed = 11;
    assert_int_equal(corr_smb_events_new(story->ledger, &sinks, &smb, NULL), ETW_OK);
    for (int i = 0; i < 200000; i++) {
        struct etw_event event;
        make_event(&seed, &event, &record);
        assert_int_equal(corr_smb_events_feed(smb, &event, NULL), ETW_OK);
    }
    assert_int_equal(corr_smb_events_finish(smb, NULL), ETW_OK);
    assert_true(seen > 10000);
    corr_smb_events_free(smb);
    forget(story);
}

static bool refuse_message(void *context, const struct corr_smb_message *message)
{
    (void)context;
    (void)message;
    return false;
}

static void a_sink_without_memory_ends_it(void **state)
{
    (void)state;
    struct told *story = read_sample("smb-failing");
    const struct corr_smb_event_sinks sinks = {.message = refuse_message};
    struct corr_smb_events *smb = NULL;
    struct etw_record record = {.time = 1};
    struct etw_error error;
    struct etw_event event = {
        .kind = ETW_EVENT_SOCKET,
        .record = &record,
        .u.smb = {.socket = {.layer = ETW_LAYER_SMB_CLIENT}, .what = ETW_SMB_REQUEST}};
    assert_int_equal(corr_smb_events_new(story->ledger, &sinks, &smb, &error), ETW_OK);
    assert_true(corr_smb_events_feed(smb, &event, &error) < 0);
    corr_smb_events_free(smb);
    forget(story);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_program_is_known_by_the_requests_it_made),
        cmocka_unit_test(messages_are_on_the_connection_of_system),
        cmocka_unit_test(a_connection_that_nobody_saw_begin_is_found),
        cmocka_unit_test(what_failed_is_told_with_its_names),
        cmocka_unit_test(waits_and_numbers_of_conditions_are_told),
        cmocka_unit_test(a_connection_that_is_made_again_is_another),
        cmocka_unit_test(what_rdma_carries_is_on_no_connection_of_tcp),
        cmocka_unit_test(a_call_on_the_thread_names_the_file),
        cmocka_unit_test(any_events_are_survived),
        cmocka_unit_test(a_sink_without_memory_ends_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
