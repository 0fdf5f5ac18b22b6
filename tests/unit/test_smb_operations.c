/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "correlate/smb_operations.h"

#define KEPT        16
#define MILLISECOND INT64_C(10000)
#define RESPONSE    CORR_SMB_IS_RESPONSE
#define NAME(text)  bytes_of(u##text, sizeof(u##text) - 2)

struct fixture {
    struct corr_smb_operations *operations;
    struct corr_smb_operation kept[KEPT];
    char files[KEPT][64];
    char shares[KEPT][64];
    size_t count;
};

static enum etw_status keep(void *context, const struct corr_smb_operation *operation,
                            struct etw_error *error)
{
    struct fixture *fixture = context;
    (void)error;
    if (fixture->count < KEPT) {
        const char *file = corr_smb_operations_text(fixture->operations, operation->file);
        const char *share = corr_smb_operations_text(fixture->operations, operation->share);
        fixture->kept[fixture->count] = *operation;
        strncpy(fixture->files[fixture->count], file, sizeof(fixture->files[0]) - 1);
        strncpy(fixture->shares[fixture->count], share, sizeof(fixture->shares[0]) - 1);
    }
    fixture->count++;
    return ETW_OK;
}

static int open_fixture(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    struct etw_error error;
    *state = fixture;
    return !fixture || corr_smb_operations_new(keep, fixture, &fixture->operations, &error);
}

static int close_fixture(void **state)
{
    struct fixture *fixture = *state;
    corr_smb_operations_free(fixture->operations);
    free(fixture);
    return 0;
}

static void take(struct fixture *fixture, struct corr_smb_message message)
{
    message.last_time = message.last_time ? message.last_time : message.time;
    assert_true(corr_smb_operations_take(fixture->operations, &message));
}

static void finish(struct fixture *fixture)
{
    struct etw_error error;
    assert_int_equal(corr_smb_operations_finish(fixture->operations, &error), ETW_OK);
}

/* A message at `milliseconds`; more members follow. */
#define MESSAGE(milliseconds, id, what, ...)                                                       \
    ((struct corr_smb_message){.time = (milliseconds)*MILLISECOND,                                 \
                               .command = CORR_SMB_##what,                                         \
                               .message_id = (id),                                                 \
                               __VA_ARGS__})

static void a_request_and_its_response_are_one_operation(void **state)
{
    struct fixture *fixture = *state;
    const uint32_t has = CORR_SMB_HAS_LENGTH | CORR_SMB_HAS_CREDITS;
    take(fixture, MESSAGE(10, 5, READ, .last_time = 10 * MILLISECOND + 7, .frame = 20,
                          .has = has | CORR_SMB_HAS_OFFSET, .length = 65536, .data_offset = 131072,
                          .credits = 64, .credit_charge = 1));
    take(fixture,
         MESSAGE(19, 5, READ, .last_time = 21 * MILLISECOND, .frame = 22, .last_frame = 40,
                 .has = has | RESPONSE | CORR_SMB_HAS_STATUS, .length = 65000, .credits = 32));
    finish(fixture);
    assert_int_equal(fixture->count, 1);
    const struct corr_smb_operation *read = &fixture->kept[0];
    assert_int_equal(read->number, 1);
    assert_true(read->has_request && read->has_response);
    assert_int_equal(read->asked, 65536);
    assert_int_equal(read->moved, 65000);
    assert_int_equal(read->data_offset, 131072);
    assert_int_equal(read->credits_asked, 64);
    assert_int_equal(read->credits_granted, 32);
    assert_int_equal(read->request_frame, 20);
    assert_int_equal(read->response_frame, 22);
    assert_int_equal(read->outstanding, 1);
    struct corr_smb_parts parts;
    corr_smb_operation_parts(read, &parts);
    assert_int_equal(parts.total, 11 * MILLISECOND);
    assert_int_equal(parts.request, 7);
    assert_int_equal(parts.wait, 9 * MILLISECOND - 7);
    assert_int_equal(parts.response, 2 * MILLISECOND);
    assert_int_equal(parts.client, -1);
    assert_int_equal(parts.server, -1);
}

static void what_several_sources_tell_is_one_operation(void **state)
{
    struct fixture *fixture = *state;
    take(fixture, MESSAGE(10, 5, READ, .source = CORR_SMB_CLIENT_EVENTS, .header_pid = 1234,
                          .is_header_pid_true = true, .offset = 500));
    take(fixture, MESSAGE(12, 5, READ, .frame = 20, .offset = 600));
    take(fixture, MESSAGE(19, 5, READ, .frame = 21, .has = RESPONSE, .offset = 700));
    take(fixture, MESSAGE(20, 5, READ, .source = CORR_SMB_CLIENT_EVENTS,
                          .has = RESPONSE | CORR_SMB_HAS_STATUS, .status = 0xC0000022u));
    finish(fixture);
    assert_int_equal(fixture->count, 1);
    const struct corr_smb_operation *read = &fixture->kept[0];
    assert_int_equal(read->asker_pid, 1234);
    assert_int_equal(read->request_frame, 20);
    assert_int_equal(read->request_offset, 500);
    assert_int_equal(read->response_offset, 700);
    assert_int_equal(read->status, 0xC0000022u);
    struct corr_smb_parts parts;
    corr_smb_operation_parts(read, &parts);
    assert_int_equal(parts.total, 10 * MILLISECOND);
    assert_int_equal(parts.client, 3 * MILLISECOND);
    assert_int_equal(parts.wait, 7 * MILLISECOND);
}

static void open_trees_and_files_have_their_names(void **state)
{
    struct fixture *fixture = *state;
    const struct corr_smb_file_id id = {.persistent = 1, .volatile_part = 9};
    const uint32_t tree = CORR_SMB_HAS_TREE;
    const uint32_t both = CORR_SMB_HAS_TREE | CORR_SMB_HAS_FILE_ID;
    take(fixture, MESSAGE(1, 1, TREE_CONNECT, .share = NAME("\\\\fs\\data")));
    take(fixture, MESSAGE(2, 1, TREE_CONNECT, .has = RESPONSE | tree, .tree_id = 4));
    take(fixture, MESSAGE(3, 2, CREATE, .has = tree, .tree_id = 4, .file = NAME("a\\b.txt")));
    take(fixture, MESSAGE(4, 2, CREATE, .has = RESPONSE | both, .tree_id = 4, .file_id = id));
    take(fixture, MESSAGE(5, 3, READ, .has = both, .tree_id = 4, .file_id = id));
    take(fixture, MESSAGE(6, 3, READ, .has = RESPONSE, .file_id = id));
    take(fixture, MESSAGE(7, 4, CLOSE, .has = both, .tree_id = 4, .file_id = id));
    take(fixture, MESSAGE(8, 4, CLOSE, .has = RESPONSE));
    take(fixture, MESSAGE(9, 5, READ, .has = both, .tree_id = 4, .file_id = id));
    /* another connection has ids of its own */
    take(fixture, MESSAGE(10, 6, READ, .socket = 8, .has = both, .tree_id = 4, .file_id = id));
    finish(fixture);
    assert_int_equal(fixture->count, 6);
    assert_string_equal(fixture->shares[0], "\\\\fs\\data");
    for (size_t i = 1; i < 4; i++) {
        assert_string_equal(fixture->files[i], "a\\b.txt");
        assert_string_equal(fixture->shares[i], "\\\\fs\\data");
    }
    assert_string_equal(fixture->files[4], "");
    assert_string_equal(fixture->shares[4], "\\\\fs\\data");
    assert_string_equal(fixture->shares[5], "");
}

static void what_failed_opens_nothing(void **state)
{
    struct fixture *fixture = *state;
    const struct corr_smb_file_id id = {.persistent = 1, .volatile_part = 9};
    take(fixture, MESSAGE(3, 2, CREATE, .file = NAME("x")));
    take(fixture, MESSAGE(4, 2, CREATE, .status = 0xC0000034u, .file_id = id,
                          .has = RESPONSE | CORR_SMB_HAS_STATUS | CORR_SMB_HAS_FILE_ID));
    take(fixture, MESSAGE(5, 3, READ, .has = CORR_SMB_HAS_FILE_ID, .file_id = id));
    finish(fixture);
    assert_string_equal(fixture->files[0], "x");
    assert_string_equal(fixture->files[1], "");
}

static void a_compound_is_about_one_file(void **state)
{
    struct fixture *fixture = *state;
    const struct corr_smb_file_id before = {.persistent = UINT64_MAX, .volatile_part = UINT64_MAX};
    take(fixture, MESSAGE(1, 1, CREATE, .has = CORR_SMB_HAS_TREE | CORR_SMB_HAS_SESSION,
                          .session_id = 77, .tree_id = 4, .file = NAME("f")));
    take(fixture, MESSAGE(1, 2, QUERY_INFO, .session_id = UINT64_MAX, .tree_id = UINT32_MAX,
                          .has = CORR_SMB_IS_RELATED | CORR_SMB_HAS_FILE_ID | CORR_SMB_HAS_TREE |
                                 CORR_SMB_HAS_SESSION,
                          .file_id = before));
    finish(fixture);
    assert_int_equal(fixture->count, 2);
    assert_string_equal(fixture->files[1], "f");
    assert_int_equal(fixture->kept[1].tree_id, 4);
    assert_int_equal(fixture->kept[1].session_id, 77);
}

static void an_interim_response_ends_nothing(void **state)
{
    struct fixture *fixture = *state;
    take(fixture, MESSAGE(1, 1, READ, .has = 0));
    take(fixture, MESSAGE(2, 1, READ, .has = RESPONSE | CORR_SMB_IS_INTERIM | CORR_SMB_HAS_STATUS,
                          .status = 0x103));
    take(fixture, MESSAGE(900, 1, READ, .has = RESPONSE | CORR_SMB_HAS_STATUS, .status = 0));
    finish(fixture);
    assert_int_equal(fixture->count, 1);
    assert_int_equal(fixture->kept[0].end, 900 * MILLISECOND);
    assert_int_equal(fixture->kept[0].status, 0);
}

static void requests_that_wait_are_counted(void **state)
{
    struct fixture *fixture = *state;
    for (uint64_t id = 1; id <= 3; id++) {
        take(fixture, MESSAGE(1, id, READ, .file = NAME("f")));
    }
    take(fixture, MESSAGE(1, 4, READ, .file = NAME("g")));
    take(fixture, MESSAGE(2, 1, READ, .has = RESPONSE));
    take(fixture, MESSAGE(2, 2, READ, .has = RESPONSE));
    take(fixture, MESSAGE(3, 5, READ, .file = NAME("f")));
    finish(fixture);
    assert_int_equal(fixture->count, 5);
    static const struct {
        uint64_t number;
        uint32_t outstanding, file_outstanding;
    } wanted[] = {{1, 1, 1}, {2, 2, 2}, {3, 3, 3}, {4, 4, 1}, {5, 3, 2}};
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(fixture->kept[i].number, wanted[i].number);
        assert_int_equal(fixture->kept[i].outstanding, wanted[i].outstanding);
        assert_int_equal(fixture->kept[i].file_outstanding, wanted[i].file_outstanding);
    }
    const struct corr_smb_totals *totals = corr_smb_operations_totals(fixture->operations);
    assert_int_equal(totals->without_response, 3);
    assert_int_equal(totals->without_request, 0);
}

static void an_id_that_is_used_again_is_another_operation(void **state)
{
    struct fixture *fixture = *state;
    take(fixture, MESSAGE(1, 1, READ, .has = 0));
    take(fixture, MESSAGE(2, 1, READ, .has = RESPONSE));
    take(fixture, MESSAGE(3, 1, WRITE, .has = 0));
    take(fixture, MESSAGE(4, 1, WRITE, .has = RESPONSE));
    take(fixture, MESSAGE(5, 1, WRITE, .has = RESPONSE));
    finish(fixture);
    assert_int_equal(fixture->count, 3);
    assert_int_equal(fixture->kept[0].command, CORR_SMB_READ);
    assert_int_equal(fixture->kept[1].command, CORR_SMB_WRITE);
    assert_false(fixture->kept[2].has_request);
    assert_int_equal(corr_smb_operations_totals(fixture->operations)->without_request, 1);
}

static void what_cannot_be_read_is_counted(void **state)
{
    struct fixture *fixture = *state;
    take(fixture, MESSAGE(1, 1, OTHER, .command_number = 0x47));
    take(fixture, MESSAGE(1, 0, OTHER, .kind = CORR_SMB_ENCRYPTED));
    take(fixture, MESSAGE(1, 0, OTHER, .kind = CORR_SMB_COMPRESSED));
    take(fixture, MESSAGE(1, 1, CANCEL, .has = 0));
    finish(fixture);
    assert_int_equal(fixture->count, 1);
    assert_int_equal(fixture->kept[0].command_number, 0x47);
    const struct corr_smb_totals *totals = corr_smb_operations_totals(fixture->operations);
    assert_int_equal(totals->messages, 4);
    assert_int_equal(totals->encrypted, 1);
    assert_int_equal(totals->compressed, 1);
    assert_int_equal(totals->unknown_commands, 1);
}

/* More requests than there is room for, of more connections than are counted. */
static void memory_is_bounded(void **state)
{
    struct fixture *fixture = *state;
    for (uint32_t i = 0; i < CORR_SMB_PENDING + 10; i++) {
        take(fixture, MESSAGE(1, i, READ, .socket = i));
    }
    assert_int_equal(fixture->count, 10);
    assert_int_equal(fixture->kept[0].message_id, 0);
    assert_int_equal(corr_smb_operations_totals(fixture->operations)->given_up, 10);
    finish(fixture);
    assert_int_equal(fixture->count, CORR_SMB_PENDING + 10);
}

static enum etw_status refuse(void *context, const struct corr_smb_operation *operation,
                              struct etw_error *error)
{
    (void)context, (void)operation;
    return etw_fail(error, ETW_ERR_OUTPUT, ETW_NO_OFFSET, "full");
}

static void a_sink_that_fails_ends_it(void **state)
{
    struct etw_error error = {.text = ""};
    struct corr_smb_operations *operations = NULL;
    (void)state;
    assert_int_equal(corr_smb_operations_new(refuse, NULL, &operations, &error), ETW_OK);
    struct corr_smb_message message = MESSAGE(1, 1, READ, .has = 0);
    assert_true(corr_smb_operations_take(operations, &message));
    assert_int_equal(corr_smb_operations_finish(operations, &error), ETW_ERR_OUTPUT);
    assert_string_equal(error.text, "full");
    assert_false(corr_smb_operations_take(operations, &message));
    corr_smb_operations_free(operations);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_fixture, close_fixture)
    const struct CMUnitTest tests[] = {
        TEST(a_request_and_its_response_are_one_operation),
        TEST(what_several_sources_tell_is_one_operation),
        TEST(open_trees_and_files_have_their_names),
        TEST(what_failed_opens_nothing),
        TEST(a_compound_is_about_one_file),
        TEST(an_interim_response_ends_nothing),
        TEST(requests_that_wait_are_counted),
        TEST(an_id_that_is_used_again_is_another_operation),
        TEST(what_cannot_be_read_is_counted),
        TEST(memory_is_bounded),
        cmocka_unit_test(a_sink_that_fails_ends_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
