/* SPDX-License-Identifier: MIT */
#include "pcapout/smb_groups.h"
#include "tests/unit/smb_told.h"

#define NOT_FOUND 0xC0000034u

static struct out_smb_groups *sum_up(struct smb_story *story, enum out_smb_by by)
{
    struct out_smb_groups *groups = NULL;
    struct etw_error error;
    assert_int_equal(
        out_smb_groups_new(by, story->owners.ledger, story->operations, &groups, &error), ETW_OK);
    for (size_t i = 0; i < story->count; i++) {
        assert_int_equal(out_smb_groups_add(groups, &story->kept[i], &error), ETW_OK);
    }
    return groups;
}

static void tell(struct smb_story *story)
{
    smb_open_file(story);
    smb_ask(story, 10, 3, CORR_SMB_READ, 65536);
    smb_ask(story, 11, 4, CORR_SMB_READ, 4096);
    smb_answer(story, 20, 3, CORR_SMB_READ, 65536, 0);
    smb_answer(story, 21, 4, CORR_SMB_READ, 100, 0);
    smb_ask(story, 30, 5, CORR_SMB_WRITE, 512);
    smb_answer(story, 60, 5, CORR_SMB_WRITE, 512, 0);
    smb_ask(story, 70, 6, CORR_SMB_READ, 4096);
    smb_answer(story, 71, 6, CORR_SMB_READ, 0, 0xC0000011u); /* the end of the file */
    smb_ask(story, 80, 7, CORR_SMB_QUERY_INFO, 0);
    smb_answer(story, 81, 7, CORR_SMB_QUERY_INFO, 0, NOT_FOUND);
    smb_ask(story, 90, 8, CORR_SMB_CHANGE_NOTIFY, 0);
    smb_answer(story, 9000, 8, CORR_SMB_CHANGE_NOTIFY, 0, 0);
    smb_ask(story, 9001, 9, CORR_SMB_READ, 4096);
    smb_story_finish(story);
}

static void a_file_has_its_sums(void **state)
{
    struct smb_story story;
    const struct out_smb_group *rows = NULL;
    (void)state;
    smb_story_open(&story);
    tell(&story);
    struct out_smb_groups *groups = sum_up(&story, OUT_SMB_BY_FILE);
    assert_int_equal(out_smb_groups_list(groups, false, &rows), 2);
    const struct out_smb_group *file = &rows[0];
    assert_string_equal(corr_smb_operations_text(story.operations, file->file), "a\\b.txt");
    assert_string_equal(corr_smb_operations_text(story.operations, file->share), "\\\\fs\\data");
    assert_string_equal(file->server, "fs");
    assert_int_equal(file->operations, 8);
    assert_int_equal(file->commands[CORR_SMB_READ], 4);
    assert_int_equal(file->bytes_read, 65636);
    assert_int_equal(file->bytes_written, 512);
    assert_int_equal(file->read_operations, 2);
    assert_int_equal(file->least_size, 512);
    assert_int_equal(file->greatest_size, 65536);
    assert_int_equal(file->outstanding, 2);
    assert_int_equal(file->failed, 1);
    assert_int_equal(file->statuses[0].status, NOT_FOUND);
    assert_int_equal(file->without_response, 1);
    assert_int_equal(file->process, story.owners.httpd);
    assert_false(file->is_hint);
    /* what waits by design is not slow */
    assert_int_equal(file->total.count, 6);
    assert_int_equal(file->total.greatest, 30 * MILLISECOND);
    assert_int_equal(rows[1].operations, 1);
    assert_int_equal(rows[1].commands[CORR_SMB_TREE_CONNECT], 1);
    out_smb_groups_free(groups);
    smb_story_close(&story);
}

static void an_answer_has_stopped_when_it_did_for_most_of_its_time(void **state)
{
    (void)state;
    struct corr_smb_operation operation = {.has_request = true,
                                           .has_response = true,
                                           .begin = 0,
                                           .end = 30 * MILLISECOND,
                                           .response_size = 1000,
                                           .pause = {16 * MILLISECOND, 900, false}};
    assert_true(out_smb_is_paused(&operation));
    operation.pause.duration = 15 * MILLISECOND;
    assert_false(out_smb_is_paused(&operation));
    operation.end = 10 * MILLISECOND;
    operation.pause.duration = 9 * MILLISECOND; /* too short to matter */
    assert_false(out_smb_is_paused(&operation));
    operation.pause.duration = 10 * MILLISECOND;
    assert_true(out_smb_is_paused(&operation));
    operation.response_size = 0; /* a chained command of SMB1 has no bytes of its own */
    assert_false(out_smb_is_paused(&operation));
}

static void shares_servers_and_processes_have_theirs(void **state)
{
    struct smb_story story;
    const struct out_smb_group *rows = NULL;
    (void)state;
    smb_story_open(&story);
    tell(&story);
    for (int by = OUT_SMB_BY_SHARE; by <= OUT_SMB_BY_PROCESS; by++) {
        struct out_smb_groups *groups = sum_up(&story, (enum out_smb_by)by);
        assert_int_equal(out_smb_groups_list(groups, false, &rows), 1);
        assert_int_equal(rows[0].operations, 9);
        assert_string_equal(rows[0].server, "fs");
        assert_int_equal(rows[0].share > 0, by == OUT_SMB_BY_SHARE);
        out_smb_groups_free(groups);
    }
    smb_story_close(&story);
}

/* Two programs on one connection: the events hint who asked. */
static void who_asked_is_told_by_the_context_of_the_request(void **state)
{
    struct smb_story story;
    const struct out_smb_group *rows = NULL;
    (void)state;
    smb_story_open(&story);
    struct corr_smb_message message = smb_message(&story, 1, 1, CORR_SMB_READ);
    message.source = CORR_SMB_CLIENT_EVENTS;
    message.header_pid = 901;
    message.is_header_pid_true = true;
    smb_take(&story, &message);
    smb_ask(&story, 2, 2, CORR_SMB_READ, 10);
    smb_story_finish(&story);
    bool is_hint = false;
    assert_int_equal(out_smb_asker(story.owners.ledger, &story.kept[0], &is_hint),
                     story.owners.nameless);
    assert_true(is_hint);
    struct out_smb_groups *groups = sum_up(&story, OUT_SMB_BY_PROCESS);
    assert_int_equal(out_smb_groups_list(groups, false, &rows), 2);
    assert_int_equal(rows[0].process, story.owners.nameless);
    assert_true(rows[0].is_hint);
    assert_int_equal(rows[1].process, story.owners.httpd);
    assert_false(rows[1].is_hint);
    out_smb_groups_free(groups);
    groups = sum_up(&story, OUT_SMB_BY_FILE);
    assert_int_equal(out_smb_groups_list(groups, false, &rows), 1);
    assert_true(rows[0].has_processes);
    assert_false(rows[0].is_hint);
    out_smb_groups_free(groups);
    smb_story_close(&story);
}

/* Without a share the server is the end with its port, and 10.0.0.1:80 has not. */
static void without_a_share_the_address_is_the_server(void **state)
{
    struct smb_story story;
    const struct out_smb_group *rows = NULL;
    (void)state;
    smb_story_open(&story);
    smb_ask(&story, 1, 1, CORR_SMB_NEGOTIATE, 0);
    smb_story_finish(&story);
    struct out_smb_groups *groups = sum_up(&story, OUT_SMB_BY_SERVER);
    assert_int_equal(out_smb_groups_list(groups, false, &rows), 1);
    assert_string_equal(rows[0].server, "10.0.0.2");
    out_smb_groups_free(groups);
    smb_story_close(&story);
}

static void more_groups_than_there_is_room_for_are_summed_up(void **state)
{
    struct smb_story story;
    const struct out_smb_group *rows = NULL;
    struct etw_error error;
    (void)state;
    smb_story_open(&story);
    smb_ask(&story, 1, 1, CORR_SMB_READ, 10);
    smb_answer(&story, 2, 1, CORR_SMB_READ, 10, 0);
    smb_story_finish(&story);
    struct out_smb_groups *groups = NULL;
    assert_int_equal(
        out_smb_groups_new(OUT_SMB_BY_FILE, story.owners.ledger, story.operations, &groups, &error),
        ETW_OK);
    struct corr_smb_operation operation = story.kept[0];
    for (uint32_t i = 0; i < OUT_SMB_GROUPS + 5; i++) {
        operation.file = 0;
        operation.share = 0;
        operation.begin = story.kept[0].begin + i;
        operation.tree_id = i;
        /* names beyond the known ones are never looked at for a group by file */
        operation.file = i == 0 ? 0 : 0x40000000u + i;
        assert_int_equal(out_smb_groups_add(groups, &operation, &error), ETW_OK);
    }
    size_t count = out_smb_groups_list(groups, true, &rows);
    assert_int_equal(count, OUT_SMB_GROUPS + 1);
    assert_true(rows[count - 1].is_rest);
    assert_int_equal(rows[count - 1].operations, 5);
    out_smb_groups_free(groups);
    smb_story_close(&story);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_has_its_sums),
        cmocka_unit_test(an_answer_has_stopped_when_it_did_for_most_of_its_time),
        cmocka_unit_test(shares_servers_and_processes_have_theirs),
        cmocka_unit_test(who_asked_is_told_by_the_context_of_the_request),
        cmocka_unit_test(without_a_share_the_address_is_the_server),
        cmocka_unit_test(more_groups_than_there_is_room_for_are_summed_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
