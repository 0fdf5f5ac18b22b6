/* SPDX-License-Identifier: MIT */
/* The same as test_smb_events.c of the SMB server's events. */
#include "tests/unit/smb_story.h"

static void check_server_messages(const struct told *told, bool is_new)
{
    static const struct {
        uint8_t command;
        bool is_response;
        uint32_t status;
        const char *share, *file, *user;
    } expected[] = {
        {CORR_SMB_NEGOTIATE, false, 0, "", "", ""},
        {CORR_SMB_NEGOTIATE, true, 0, "", "", ""},
        {CORR_SMB_SESSION_SETUP, false, 0, "", "", ""},
        {CORR_SMB_SESSION_SETUP, true, 0xC0000016, "", "", ""},
        {CORR_SMB_SESSION_SETUP, false, 0, "", "", ""},
        {CORR_SMB_SESSION_SETUP, true, 0, "", "", "EXAMPLE\\anna"},
        {CORR_SMB_TREE_CONNECT, false, 0, "\\\\files.example\\packages", "", "EXAMPLE\\anna"},
        {CORR_SMB_TREE_CONNECT, true, 0, "\\\\files.example\\packages", "", "EXAMPLE\\anna"},
        {CORR_SMB_CREATE, false, 0, "\\\\files.example\\packages", "TEST\\report.docx",
         "EXAMPLE\\anna"},
        {CORR_SMB_CREATE, true, 0, "\\\\files.example\\packages", "TEST\\report.docx",
         "EXAMPLE\\anna"},
        {CORR_SMB_READ, false, 0, "\\\\files.example\\packages", "TEST\\report.docx",
         "EXAMPLE\\anna"},
        {CORR_SMB_READ, true, 0, "\\\\files.example\\packages", "TEST\\report.docx",
         "EXAMPLE\\anna"},
        {CORR_SMB_READ, false, 0, "\\\\files.example\\packages", "TEST\\report.docx",
         "EXAMPLE\\anna"},
        {CORR_SMB_READ, true, 0, "\\\\files.example\\packages", "TEST\\report.docx",
         "EXAMPLE\\anna"},
        {CORR_SMB_WRITE, false, 0, "\\\\files.example\\packages", "TEST\\report.docx",
         "EXAMPLE\\anna"},
        {CORR_SMB_WRITE, true, 0, "\\\\files.example\\packages", "TEST\\report.docx",
         "EXAMPLE\\anna"},
        {CORR_SMB_CLOSE, false, 0, "\\\\files.example\\packages", "TEST\\report.docx",
         "EXAMPLE\\anna"},
        {CORR_SMB_CLOSE, true, 0, "\\\\files.example\\packages", "TEST\\report.docx",
         "EXAMPLE\\anna"},
        {CORR_SMB_CREATE, false, 0, "\\\\files.example\\packages", "TEST\\missing.txt",
         "EXAMPLE\\anna"},
        {CORR_SMB_CREATE, true, 0xC0000034, "\\\\files.example\\packages", "TEST\\missing.txt",
         "EXAMPLE\\anna"},
        {CORR_SMB_TREE_DISCONNECT, false, 0, "\\\\files.example\\packages", "", "EXAMPLE\\anna"},
        {CORR_SMB_TREE_DISCONNECT, true, 0, "\\\\files.example\\packages", "", "EXAMPLE\\anna"},
        {CORR_SMB_LOGOFF, false, 0, "", "", "EXAMPLE\\anna"},
        {CORR_SMB_LOGOFF, true, 0, "", "", "EXAMPLE\\anna"},
    };
    assert_int_equal(told->message_count, sizeof(expected) / sizeof(expected[0]));
    for (size_t i = 0; i < told->message_count; i++) {
        const struct message *message = &told->messages[i];
        assert_int_equal(message->from.source, CORR_SMB_SERVER_EVENTS);
        assert_int_equal(message->from.command, expected[i].command);
        assert_int_equal(is_response(message), expected[i].is_response);
        assert_int_equal(message->from.status, expected[i].status);
        assert_int_equal(message->from.message_id, i / 2);
        assert_string_equal(message->share, expected[i].share);
        assert_string_equal(message->file, expected[i].file);
        assert_string_equal(message->user, expected[i].user);
        assert_int_equal(socket_of(told, message->from.socket)->remote.port, 52100);
        assert_false(message->from.is_header_pid_true);
        assert_int_equal(!!(message->from.has & CORR_SMB_HAS_TIMES), expected[i].is_response);
        assert_int_equal(message->from.times.are_cycles, expected[i].is_response && !is_new);
    }
}

static void check_slow_read(const struct told *told, bool is_new)
{
    const struct corr_smb_message *request = &told->messages[12].from;
    const struct corr_smb_message *response = &told->messages[13].from;
    assert_int_equal(request->length, 8192);
    assert_int_equal(request->data_offset, 8192);
    assert_int_equal(response->length, 8192);
    assert_int_equal(response->times.queue, 700);
    assert_int_equal(response->times.process, 2300);
    assert_int_equal(response->times.file_system, 12004000);
    assert_int_equal(response->times.send, 1100);
    assert_int_equal(response->times.total, is_new ? 12009000 : 0);
    const struct condition *slow = find_condition(told, CORR_SMB_SLOW);
    assert_string_equal(slow->file, "TEST\\report.docx");
    assert_int_equal(slow->from.duration, 12000000);
    assert_int_equal(slow->from.threshold, 10000000);
    assert_int_equal(slow->from.command, CORR_SMB_READ);
    assert_string_equal(find_condition(told, CORR_SMB_SESSION_REFUSED)->user, "bert");
    assert_int_equal(told->messages[1].from.dialect, 0x302);
}

static void the_server_names_share_file_and_user_of_a_request(void **state)
{
    (void)state;
    static const char *const names[] = {"smb-server", "smb-server-2025"};
    for (size_t i = 0; i < 2; i++) {
        struct told *told = read_sample(names[i]);
        check_server_messages(told, i == 1);
        check_slow_read(told, i == 1);
        forget(told);
    }
}

static void bytes_of_messages_come_whole(void **state)
{
    (void)state;
    struct told *told = read_sample("smb-server");
    assert_int_equal(told->bytes_count, 2);
    for (size_t i = 0; i < 2; i++) {
        const struct corr_smb_bytes *bytes = &told->bytes[i];
        assert_memory_equal(told->first[i], "\xfeSMB", 4);
        assert_int_equal(bytes->peer.port, 52100);
        assert_int_equal(socket_of(told, bytes->socket)->remote.port, 52100);
        assert_false(bytes->is_cut);
        assert_true(bytes->has_way);
    }
    assert_false(told->bytes[0].is_sent);
    assert_int_equal(told->bytes[0].data.size, 108);
    assert_true(told->bytes[1].is_sent);
    assert_int_equal(told->bytes[1].fragments, 3);
    assert_int_equal(told->bytes[1].data.size, 128);
    assert_int_equal(told->first[1][12], CORR_SMB_READ);
    assert_int_equal(told->counts.lost, 0);
    forget(told);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_server_names_share_file_and_user_of_a_request),
        cmocka_unit_test(bytes_of_messages_come_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
