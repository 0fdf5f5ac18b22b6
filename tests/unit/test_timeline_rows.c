/* SPDX-License-Identifier: MIT */
/* Steps in each format, and on terminals of 80 and 160 columns. */
#include "pcapout/timeline_rows.h"
#include "tests/unit/owner_ledger.h"

struct fixture {
    struct owner_ledger owners;
    struct out_timeline_options options;
    struct out_file *file;
    struct out_timeline_rows *rows;
    char *output; /* owned; of the last writer */
};

static int set_up(void **state)
{
    static struct fixture fixture;
    fixture = (struct fixture){.output = NULL};
    owner_ledger_open(&fixture.owners);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    free(fixture->output);
    owner_ledger_close(&fixture->owners);
    return 0;
}

static void begin(struct fixture *fixture, enum out_format format, int width, bool is_top)
{
    fixture->options = (struct out_timeline_options){.format = format,
                                                     .width = width,
                                                     .is_top = is_top,
                                                     .ledger = fixture->owners.ledger,
                                                     .trace_json = "{\"file\":\"x.etl\"}"};
    assert_int_equal(out_file_open_memory(&fixture->file, NULL), ETW_OK);
    assert_int_equal(out_timeline_rows_new(fixture->file, &fixture->options, &fixture->rows, NULL),
                     ETW_OK);
}

static const char *finish(struct fixture *fixture)
{
    size_t size = 0;
    assert_int_equal(out_timeline_rows_finish(fixture->rows, NULL, NULL, NULL), ETW_OK);
    const uint8_t *data = out_file_get_memory(fixture->file, &size);
    free(fixture->output);
    fixture->output = calloc(1, size + 1);
    assert_non_null(fixture->output);
    memcpy(fixture->output, data, size);
    out_timeline_rows_free(fixture->rows);
    out_file_abort(fixture->file);
    return fixture->output;
}

static void add(struct fixture *fixture, const struct corr_step *step)
{
    assert_int_equal(out_timeline_rows_step(fixture->rows, step, NULL), ETW_OK);
}

/* A packet of the first connection, `after` the start. */
static struct corr_step segment(const struct fixture *fixture, int64_t after)
{
    return (struct corr_step){.time = SAMPLE_TIME + after,
                              .last_time = SAMPLE_TIME + after,
                              .layer = CORR_STEP_WIRE,
                              .what = CORR_STEP_DATA,
                              .has = CORR_STEP_HAS_BYTES | CORR_STEP_IS_INBOUND,
                              .socket = fixture->owners.first,
                              .process = fixture->owners.httpd,
                              .confidence = CORR_CERTAIN,
                              .count = 1,
                              .bytes = 13,
                              .frame = 4,
                              .last_frame = 4,
                              .protocol = "tcp"};
}

/* A call that waited and failed, of the process with the hostile name. */
static struct corr_step call(const struct fixture *fixture, int64_t after)
{
    struct corr_step step = {.time = SAMPLE_TIME + after,
                             .layer = CORR_STEP_APP,
                             .what = CORR_STEP_CONNECT,
                             .has = CORR_STEP_HAS_STATUS | CORR_STEP_HAS_DURATION |
                                    CORR_STEP_HAS_EVENT,
                             .socket = fixture->owners.second,
                             .process = fixture->owners.hostile,
                             .confidence = CORR_STRONG,
                             .count = 1,
                             .status = 0xC00000B5u,
                             .duration = 209986 * MILLISECOND / 10 + 7,
                             .provider = {.bytes = {1}},
                             .id = 1021,
                             .version = 1,
                             .offset = 4168,
                             .header_pid = 4,
                             .header_tid = RECORD_NO_ID};
    return step;
}

static struct corr_step orphan_drop(int64_t after)
{
    return (struct corr_step){.time = SAMPLE_TIME + after,
                              .layer = CORR_STEP_STACK,
                              .what = CORR_STEP_DROP,
                              .socket = CORR_NO_ROW,
                              .process = CORR_NO_ROW,
                              .count = 1};
}

static struct corr_step inferred(const struct fixture *fixture, int64_t after)
{
    struct corr_step step = segment(fixture, after);
    step.what = CORR_STEP_STATE;
    step.has = CORR_STEP_HAS_STATES | CORR_STEP_IS_INFERRED | CORR_STEP_IS_INBOUND;
    step.from = CORR_ESTABLISHED;
    step.to = CORR_CLOSE_WAIT;
    return step;
}

static void tell_all(struct fixture *fixture)
{
    const struct corr_step steps[] = {segment(fixture, 0), inferred(fixture, 0),
                                      orphan_drop(8 * MICROSECOND),
                                      call(fixture, 3003 * MILLISECOND)};
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        add(fixture, &steps[i]);
    }
}

/* ---- text ---- */

/* The first byte of a line that has the words. */
static const char *line_of(const char *text, const char *words)
{
    const char *at = strstr(text, words);
    if (!at) {
        fail_msg("\"%s\" is not in\n%s", words, text);
    }
    while (at > text && at[-1] != '\n') {
        at--;
    }
    return at;
}

static size_t column_of(const char *text, const char *words)
{
    return (size_t)(strstr(text, words) - line_of(text, words));
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

static void a_wide_terminal_has_a_column_for_the_owner(void **state)
{
    struct fixture *fixture = *state;
    begin(fixture, OUT_TEXT, 160, false);
    tell_all(fixture);
    const char *text = finish(fixture);
    assert_lines_shorter(text, 160);
    assert_int_equal(column_of(text, "13 bytes from"), column_of(text, "drops a packet"));
    assert_int_equal(column_of(text, "13 bytes from"), column_of(text, "connects to"));
    assert_true(column_of(text, "httpd.exe (900) ") < column_of(text, "13 bytes from"));
    assert_non_null(strstr(text, " +3.002992 "));
    assert_non_null(strstr(text, " 4 <- "));
}

static void a_narrow_terminal_breaks_lines_below_their_words(void **state)
{
    struct fixture *fixture = *state;
    begin(fixture, OUT_TEXT, 80, false);
    tell_all(fixture);
    const char *text = finish(fixture);
    assert_lines_shorter(text, 80);
    assert_int_equal(column_of(text, "13 bytes from"), column_of(text, "connects to"));
    assert_int_equal(column_of(text, "connects to"), column_of(text, "0xC00000B5"));
    assert_non_null(strstr(text, " +3.002s "));
    assert_non_null(strstr(text, "     +8us "));
    assert_null(strstr(text, "13 bytes from 10.0.0.2:5555  httpd"));
}

static void without_a_width_no_line_is_broken(void **state)
{
    struct fixture *fixture = *state;
    begin(fixture, OUT_TEXT, 0, false);
    tell_all(fixture);
    const char *text = finish(fixture);
    const char *line = line_of(text, "connects to");
    assert_true(strcspn(line, "\n") > 120);
}

static void a_state_is_not_shown_as_a_packet(void **state)
{
    struct fixture *fixture = *state;
    begin(fixture, OUT_TEXT, 160, false);
    tell_all(fixture);
    const char *line = line_of(finish(fixture), "CloseWait (inferred");
    const char *arrow = strstr(line, "<-");
    assert_true(!arrow || arrow > strchr(line, '\n'));
}

static void names_of_the_trace_cannot_command_the_terminal(void **state)
{
    struct fixture *fixture = *state;
    begin(fixture, OUT_TEXT, 160, false);
    tell_all(fixture);
    assert_null(strchr(finish(fixture), '\x1b'));
}

static void sockets_stand_behind_the_steps_with_their_states(void **state)
{
    struct fixture *fixture = *state;
    begin(fixture, OUT_TEXT, 160, false);
    tell_all(fixture);
    const char *text = finish(fixture);
    assert_non_null(strstr(text, "\n\n#1 server 10.0.0.1:80 <- 10.0.0.2:5555  httpd.exe (900)\n"
                                 "   states SynRcvd 1.0 ms, Established 2.0 ms, Closed\n"));
}

/* ---- csv ---- */

static const char *csv_line(const char *text, int number)
{
    for (; number > 0; number--) {
        text = strchr(text, '\n') + 1;
    }
    return text;
}

static size_t count_columns(const char *line)
{
    size_t columns = 1;
    bool is_quoted = false;
    for (; *line != '\n' || is_quoted; line++) {
        is_quoted = is_quoted != (*line == '"');
        columns += *line == ',' && !is_quoted;
    }
    return columns;
}

static void csv_quotes_what_would_end_a_cell(void **state)
{
    struct fixture *fixture = *state;
    begin(fixture, OUT_CSV, 0, false);
    tell_all(fixture);
    const char *text = finish(fixture);
    size_t columns = count_columns(text);
    for (int line = 1; line <= 4; line++) {
        assert_int_equal(count_columns(csv_line(text, line)), columns);
    }
    assert_non_null(strstr(text, "\"a b=\"\"c\"\""));
    assert_null(strstr(text, "\n\n"));
}

static void csv_of_the_sockets_has_columns_of_its_own(void **state)
{
    struct fixture *fixture = *state;
    begin(fixture, OUT_CSV, 0, true);
    assert_int_equal(out_timeline_rows_socket(fixture->rows, fixture->owners.first, NULL), ETW_OK);
    const char *text = finish(fixture);
    assert_ptr_equal(strstr(text, "id,protocol,role,local,"), text);
    assert_string_equal(csv_line(text, 1),
                        "1,tcp,server,10.0.0.1:80,10.0.0.2:5555,900,httpd.exe,,,strong,,\n");
}

/* ---- json ---- */

static void json_has_the_members_that_are_known(void **state)
{
    struct fixture *fixture = *state;
    begin(fixture, OUT_NDJSON, 0, false);
    tell_all(fixture);
    const char *text = finish(fixture);
    assert_non_null(strstr(text, "\"connection\":1,\"frame\":4,\"direction\":\"in\",\"owner\":{"));
    assert_non_null(strstr(text, "\"confidence\":\"certain\",\"bytes\":13}"));
    assert_non_null(strstr(text, "\"connection\":1,\"frame\":4,\"from\":\"Established\","
                                 "\"to\":\"CloseWait\",\"inferred\":true,\"owner\":"));
    assert_non_null(strstr(text, "\"owner\":null,\"reason\":\"unknown\"}\n"));
    assert_non_null(strstr(text, "\"status\":\"0xC00000B5 STATUS_IO_TIMEOUT\","
                                 "\"duration_us\":20998600.7,\"event\":{"));
    assert_non_null(strstr(text, "\"id\":1021,\"version\":1,\"offset\":4168,\"header_pid\":4}"));
    assert_null(strstr(text, "\"\",")); /* nothing is said by an empty text */
}

static void a_folded_row_says_its_count_and_its_end(void **state)
{
    struct fixture *fixture = *state;
    begin(fixture, OUT_NDJSON, 0, false);
    struct corr_step step = segment(fixture, 0);
    step.count = 214;
    step.last_time += SECOND;
    step.last_frame = 330;
    step.bytes = 2100000;
    add(fixture, &step);
    const char *text = finish(fixture);
    assert_non_null(strstr(text, "\"text\":\"214 data segments, 2.1 MB in, within 1.000 s\""));
    assert_non_null(strstr(text, "\"count\":214,\"last\":\""));
    assert_non_null(strstr(text, "\"last_frame\":330,"));
    assert_non_null(strstr(text, "\"bytes\":2100000}"));
}

static void a_document_lists_each_socket_once(void **state)
{
    struct fixture *fixture = *state;
    begin(fixture, OUT_JSON, 0, false);
    tell_all(fixture);
    const char *text = finish(fixture);
    const char *sockets = strstr(text, "\n],\n\"sockets\":[\n");
    assert_non_null(sockets);
    assert_ptr_equal(strstr(text, "{\"trace\":{\"file\":\"x.etl\"},\"timeline\":[\n{"), text);
    const char *first = strstr(sockets, "{\"id\":1,");
    assert_non_null(first);
    assert_null(strstr(first + 1, "{\"id\":1,"));
    assert_non_null(strstr(sockets, "\n],\n\"without_socket\":[\n]}\n"));
}

static void ndjson_lists_sockets_only_when_they_are_all_there_is(void **state)
{
    struct fixture *fixture = *state;
    begin(fixture, OUT_NDJSON, 0, false);
    tell_all(fixture);
    assert_null(strstr(finish(fixture), "{\"id\":1,"));
    begin(fixture, OUT_NDJSON, 0, true);
    assert_int_equal(out_timeline_rows_socket(fixture->rows, fixture->owners.first, NULL), ETW_OK);
    const char *text = finish(fixture);
    assert_ptr_equal(strstr(text, "{\"id\":1,\"protocol\":\"tcp\",\"role\":\"server\","), text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_wide_terminal_has_a_column_for_the_owner, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_narrow_terminal_breaks_lines_below_their_words, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(without_a_width_no_line_is_broken, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_state_is_not_shown_as_a_packet, set_up, tear_down),
        cmocka_unit_test_setup_teardown(names_of_the_trace_cannot_command_the_terminal, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(sockets_stand_behind_the_steps_with_their_states, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(csv_quotes_what_would_end_a_cell, set_up, tear_down),
        cmocka_unit_test_setup_teardown(csv_of_the_sockets_has_columns_of_its_own, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(json_has_the_members_that_are_known, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_folded_row_says_its_count_and_its_end, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_document_lists_each_socket_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(ndjson_lists_sockets_only_when_they_are_all_there_is,
                                        set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
