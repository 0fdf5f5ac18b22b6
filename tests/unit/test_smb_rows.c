/* SPDX-License-Identifier: MIT */
#include "pcapout/smb_rows.h"
#include "tests/unit/smb_told.h"

#include <stdlib.h>
#include <string.h>

struct fixture {
    struct smb_story story;
    struct out_file *file;
    struct out_smb_rows *rows;
    struct corr_smb_stream_counts streams;
    char *output; /* owned */
};

static int open_fixture(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    *state = fixture;
    smb_story_open(&fixture->story);
    struct smb_story *story = &fixture->story;
    smb_open_file(story);
    smb_ask(story, 10, 3, CORR_SMB_READ, 65536);
    smb_ask(story, 11, 4, CORR_SMB_READ, 4096);
    smb_answer(story, 20, 3, CORR_SMB_READ, 65536, 0);
    smb_answer(story, 21, 4, CORR_SMB_READ, 100, 0);
    smb_ask(story, 30, 5, CORR_SMB_QUERY_INFO, 0);
    smb_answer(story, 31, 5, CORR_SMB_QUERY_INFO, 0, 0xC0000034u);
    struct corr_smb_message message = smb_message(story, 40, 6, CORR_SMB_OTHER);
    message.command_number = 0x47;
    message.source = CORR_SMB_CLIENT_EVENTS;
    message.header_pid = 901;
    message.is_header_pid_true = true;
    smb_take(story, &message);
    smb_story_finish(story);
    return 0;
}

static int close_fixture(void **state)
{
    struct fixture *fixture = *state;
    free(fixture->output);
    smb_story_close(&fixture->story);
    free(fixture);
    return 0;
}

static void begin(struct fixture *fixture, enum out_format format, int width, bool has_operations)
{
    const struct out_smb_options options = {.rows = {.format = format,
                                                     .width = width,
                                                     .ledger = fixture->story.owners.ledger,
                                                     .trace_json = "{\"file\":\"x.etl\"}"},
                                            .operations = fixture->story.operations,
                                            .by = OUT_SMB_BY_FILE,
                                            .has_operations = has_operations};
    assert_int_equal(out_file_open_memory(&fixture->file, NULL), ETW_OK);
    assert_int_equal(out_smb_rows_new(fixture->file, &options, &fixture->rows, NULL), ETW_OK);
}

static const char *finish(struct fixture *fixture)
{
    size_t size = 0;
    const struct out_smb_seen seen = {.totals =
                                          *corr_smb_operations_totals(fixture->story.operations),
                                      .streams = fixture->streams};
    assert_int_equal(out_smb_rows_finish(fixture->rows, &seen, NULL), ETW_OK);
    const uint8_t *data = out_file_get_memory(fixture->file, &size);
    free(fixture->output);
    fixture->output = calloc(1, size + 1);
    assert_non_null(fixture->output);
    memcpy(fixture->output, data, size);
    out_smb_rows_free(fixture->rows);
    out_file_abort(fixture->file);
    return fixture->output;
}

static const char *groups_as(struct fixture *fixture, enum out_format format, int width)
{
    struct out_smb_groups *groups = NULL;
    const struct out_smb_group *rows = NULL;
    struct smb_story *story = &fixture->story;
    struct etw_error error;
    begin(fixture, format, width, false);
    assert_int_equal(out_smb_groups_new(OUT_SMB_BY_FILE, story->owners.ledger, story->operations,
                                        &groups, &error),
                     ETW_OK);
    for (size_t i = 0; i < story->count; i++) {
        assert_int_equal(out_smb_groups_add(groups, &story->kept[i], &error), ETW_OK);
    }
    size_t count = out_smb_groups_list(groups, false, &rows);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(out_smb_rows_group(fixture->rows, &rows[i], &error), ETW_OK);
    }
    const char *text = finish(fixture);
    out_smb_groups_free(groups);
    return text;
}

static const char *operations_as(struct fixture *fixture, enum out_format format, int width)
{
    begin(fixture, format, width, true);
    for (size_t i = 0; i < fixture->story.count; i++) {
        assert_int_equal(out_smb_rows_operation(fixture->rows, &fixture->story.kept[i], NULL),
                         ETW_OK);
    }
    return finish(fixture);
}

static void assert_has(const char *text, const char *part)
{
    if (!strstr(text, part)) {
        fail_msg("\"%s\" is not in\n%s", part, text);
    }
}

static void assert_lines_shorter(const char *text, size_t width)
{
    while (*text) {
        size_t size = strcspn(text, "\n");
        if (size >= width) {
            fail_msg("%zu columns: %.*s", size, (int)size, text);
        }
        text += size + (text[size] == '\n');
    }
}

static void people_read_blocks_of_files(void **state)
{
    const char *text = groups_as(*state, OUT_TEXT, 160);
    assert_has(text, "\\\\fs\\data\\a\\b.txt  several processes\n");
    assert_has(text, "   5 operations: 1 create, 2 read, 1 query-info, 1 other; up to 2 "
                     "outstanding\n");
    assert_has(text, "   65636 bytes read by 2 operations, asked for 4096 to 65536 at once; ");
    assert_has(text, "   took 1.0 ms in the median, 95 % within 10.0 ms, 10.0 ms at most; mean "
                     "5.5 ms");
    assert_has(text, "   1 failed: 0xC0000034 STATUS_OBJECT_NAME_NOT_FOUND (1); 1 without "
                     "response\n");
    assert_has(text, "\\\\fs\\data  httpd.exe (900)\n   1 operation: 1 tree-connect\n");
    assert_has(text, "\n1 request without response, 1 unknown command\n");
    assert_lines_shorter(groups_as(*state, OUT_TEXT, 80), 80);
}

static void people_read_lines_of_operations(void **state)
{
    const char *text = operations_as(*state, OUT_TEXT, 160);
    assert_has(text, " read                65536    10.0 ms  \\\\fs\\data\\a\\b.txt\n");
    assert_has(text, " query-info                    1.0 ms  \\\\fs\\data\\a\\b.txt\n"
                     "                     failed: 0xC0000034 STATUS_OBJECT_NAME_NOT_FOUND\n");
    assert_has(text, " 0x47                       no answer  \\\\fs\\data\\a\\b.txt\n"
                     "                     for pid 901 ?\n");
    assert_lines_shorter(operations_as(*state, OUT_TEXT, 80), 80);
}

static void of_long_paths_the_end_is_shown(void **state)
{
    struct fixture *fixture = *state;
    struct corr_smb_message message = smb_message(&fixture->story, 50, 7, CORR_SMB_CREATE);
    static const char16_t path[] =
        u"letters\\\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4.txt";
    message.file = bytes_of(path, sizeof(path) - 2);
    begin(fixture, OUT_TEXT, 80, true);
    struct corr_smb_operation operation = fixture->story.kept[1];
    assert_int_equal(out_smb_rows_operation(fixture->rows, &operation, NULL), ETW_OK);
    assert_has(finish(fixture), "\\\\fs\\data\\a\\b.txt\n");
    begin(fixture, OUT_TEXT, 80, true);
    assert_true(corr_smb_operations_take(fixture->story.operations, &message));
    smb_story_finish(&fixture->story);
    operation = fixture->story.kept[fixture->story.count - 1];
    assert_int_equal(out_smb_rows_operation(fixture->rows, &operation, NULL), ETW_OK);
    assert_has(finish(fixture),
               "  ~ters\\\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4.txt\n");
}

static void programs_read_objects(void **state)
{
    const char *text = groups_as(*state, OUT_NDJSON, 0);
    assert_has(text, "{\"by\":\"file\",\"server\":\"fs\",\"share\":\"\\\\\\\\fs\\\\data\","
                     "\"file\":\"a\\\\b.txt\",\"operations\":5,\"commands\":{\"create\":1,");
    assert_has(text, "\"statuses\":[{\"status\":\"0xC0000034 STATUS_OBJECT_NAME_NOT_FOUND\","
                     "\"count\":1}]");
    assert_has(text, "\"duration_us\":{\"count\":4,\"mean\":5500.0,\"least\":1000.0,");
    text = groups_as(*state, OUT_JSON, 0);
    assert_has(text, "{\"trace\":{\"file\":\"x.etl\"},\"groups\":[\n{\"by\":");
    assert_has(text, "\n],\n\"conditions\":[\n],\n\"totals\":{\"conditions_left_out\":0,"
                     "\"messages\":11,\"operations\":6,\"without_response\":1,");
    text = operations_as(*state, OUT_NDJSON, 0);
    assert_has(text, "\"message_id\":3,\"session_id\":\"0x77\",\"tree_id\":\"0x4\",");
    assert_has(text, "\"asked\":65536,\"moved\":65536,\"has_request\":true,");
    assert_has(text, "\"command\":\"0x47\"");
    assert_has(text, "\"on_behalf_of\":[{\"pid\":901,\"confidence\":\"likely\",\"evidence\":[{"
                     "\"rule\":\"asked\",");
}

static const char *condition_as(struct fixture *fixture, enum out_format format,
                                enum corr_smb_condition_kind kind)
{
    const struct corr_smb_condition condition = {.kind = kind,
                                                 .time = SAMPLE_TIME,
                                                 .has = CORR_SMB_HAS_STATUS,
                                                 .status = 0xC00000CCu,
                                                 .offset = 4711,
                                                 .share = bytes_of(u"\\\\fs\\x", 12)};
    begin(fixture, format, 80, false);
    assert_int_equal(out_smb_rows_condition(fixture->rows, &condition, NULL), ETW_OK);
    return finish(fixture);
}

static void what_is_no_operation_stands_behind_the_rows(void **state)
{
    assert_has(condition_as(*state, OUT_TEXT, CORR_SMB_TREE_REFUSED),
               "   08:00:00.001 tree refused, \\\\fs\\x: 0xC00000CC STATUS_BAD_NETWORK_NAME\n");
    assert_null(strstr(condition_as(*state, OUT_TEXT, CORR_SMB_TREE_ESTABLISHED), "\\\\fs"));
    assert_has(condition_as(*state, OUT_JSON, CORR_SMB_TREE_REFUSED),
               "\"what\":\"tree-refused\",\"status\":\"0xC00000CC STATUS_BAD_NETWORK_NAME\","
               "\"share\":\"\\\\\\\\fs\\\\x\",\"event\":{\"offset\":4711}}\n],\n\"totals\"");
    assert_string_equal(condition_as(*state, OUT_NDJSON, CORR_SMB_TREE_REFUSED), "");
}

static void what_is_missing_is_said(void **state)
{
    struct fixture *fixture = *state;
    fixture->streams = (struct corr_smb_stream_counts){.cut = 2, .missing_bytes = 1};
    assert_has(groups_as(fixture, OUT_TEXT, 160),
               "\n1 request without response, 1 unknown command, 2 messages of which bytes are "
               "missing, 1 byte sent that is not in the trace\n");
    assert_has(groups_as(fixture, OUT_JSON, 0), "\"cut\":2,\"missing_bytes\":1,");
    const struct out_smb_seen nothing = {.totals = {.messages = 3, .operations = 2}};
    struct text text = {.maximum = 0};
    out_smb_add_untold(&nothing, &text);
    assert_int_equal(text.size, 0);
    text_done(&text);
}

static void counters_of_the_server_are_as_logged(void **state)
{
    struct fixture *fixture = *state;
    struct corr_smb_operation operation = fixture->story.kept[2];
    operation.has |= CORR_SMB_HAS_TIMES;
    operation.server = (struct corr_smb_times){.queue = 1, .file_system = 900, .are_cycles = true};
    begin(fixture, OUT_NDJSON, 0, true);
    assert_int_equal(out_smb_rows_operation(fixture->rows, &operation, NULL), ETW_OK);
    assert_has(finish(fixture),
               "\"server_counters\":{\"queue\":1,\"process\":0,\"file_system\":900,"
               "\"send\":0,\"security\":0,\"unit\":\"cycles\"}");
}

/* Commas that are not in quotes. */
static size_t columns_of(const char *line)
{
    size_t count = 1;
    for (bool is_quoted = false; *line && *line != '\n'; line++) {
        is_quoted = *line == '"' ? !is_quoted : is_quoted;
        count += *line == ',' && !is_quoted;
    }
    return count;
}

/* A share is asked for, and a read of a file is answered in pieces, by SMB1. */
static void tell_smb1(struct smb_story *story)
{
    struct corr_smb_message message = smb_message(story, 100, 7, CORR_SMB_OTHER);
    message.kind = CORR_SMB_1;
    message.command_number = 0x25;
    message.call = 104;
    message.has |= CORR_SMB_HAS_CALL;
    smb_take(story, &message);
    message.time = message.last_time = message.time + MILLISECOND;
    message.status = 0x00050001; /* no access */
    message.has |= CORR_SMB_IS_RESPONSE | CORR_SMB_HAS_STATUS;
    smb_take(story, &message);
    smb_ask(story, 200, 8, CORR_SMB_READ, 61440);
    message = smb_message(story, 201, 8, CORR_SMB_READ);
    message.kind = CORR_SMB_1;
    message.last_time = message.time + 400 * MILLISECOND;
    message.size = 61500;
    message.length = 61440;
    message.pause = (struct corr_smb_pause){390 * MILLISECOND, 61148, true};
    message.has |= CORR_SMB_IS_RESPONSE | CORR_SMB_HAS_STATUS | CORR_SMB_HAS_LENGTH;
    smb_take(story, &message);
    assert_int_equal(corr_smb_operations_finish(story->operations, NULL), ETW_OK);
}

static void smb1_has_errors_and_calls_of_its_own(void **state)
{
    struct fixture *fixture = *state;
    tell_smb1(&fixture->story);
    const char *text = operations_as(fixture, OUT_TEXT, 160);
    assert_has(text,
               " transaction                   1.0 ms  \\\\fs\\data\\a\\b.txt NetServerEnum2\n"
               "                     failed: 0x00050001 ERRNOACCESS\n");
    text = operations_as(fixture, OUT_NDJSON, 0);
    assert_has(text, "\"command\":\"transaction\"");
    assert_has(text, "\"call\":\"NetServerEnum2\"");
    assert_has(text, "\"status\":\"0x00050001 ERRNOACCESS\"");
    text = groups_as(fixture, OUT_TEXT, 160);
    assert_has(text, "0x00050001 ERRNOACCESS (1)");
    assert_has(text, "1 unknown command\n"); /* the fixture's, not this one */
}

static void an_answer_that_stopped_is_shown(void **state)
{
    struct fixture *fixture = *state;
    tell_smb1(&fixture->story);
    const char *text = operations_as(fixture, OUT_TEXT, 160);
    assert_has(text, "stopped for 390.0 ms before the last 352 bytes; the client had acknowledged "
                     "what had come: the server or the network was slow\n");
    text = operations_as(fixture, OUT_NDJSON, 0);
    assert_has(text, "\"pause\":{\"duration_us\":390000.0,\"before_bytes\":61148,"
                     "\"left_bytes\":352,\"acknowledged\":true}");
    text = groups_as(fixture, OUT_TEXT, 200);
    assert_has(text, "   1 answer stopped on the way, for 390.0 ms, before the last 352 bytes; the "
                     "client had acknowledged what had come: the server or the network was slow\n");
    text = groups_as(fixture, OUT_NDJSON, 0);
    assert_has(text, "\"pauses\":{\"count\":1,\"longest_us\":390000.0,\"left_bytes\":352,"
                     "\"acknowledged\":1}");
}

static void every_line_of_csv_has_all_columns(void **state)
{
    for (int has_operations = 0; has_operations < 2; has_operations++) {
        const char *text =
            has_operations ? operations_as(*state, OUT_CSV, 0) : groups_as(*state, OUT_CSV, 0);
        size_t wanted = columns_of(text);
        size_t lines = 0;
        for (const char *line = text; *line; line = strchr(line, '\n') + 1, lines++) {
            assert_int_equal(columns_of(line), wanted);
        }
        assert_int_equal(lines, has_operations ? 7 : 3);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_fixture, close_fixture)
    const struct CMUnitTest tests[] = {
        TEST(people_read_blocks_of_files),
        TEST(people_read_lines_of_operations),
        TEST(of_long_paths_the_end_is_shown),
        TEST(programs_read_objects),
        TEST(what_is_no_operation_stands_behind_the_rows),
        TEST(what_is_missing_is_said),
        TEST(counters_of_the_server_are_as_logged),
        TEST(smb1_has_errors_and_calls_of_its_own),
        TEST(an_answer_that_stopped_is_shown),
        TEST(every_line_of_csv_has_all_columns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
