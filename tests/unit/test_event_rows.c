/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "pcapout/event_fields.h"
#include "pcapout/event_rows.h"

static const uint8_t tcpip_guid[16] = {0xEE, 0xE2, 0x07, 0x2F, 0xDB, 0x15, 0xF1, 0x40,
                                       0x90, 0xEF, 0x9D, 0x7B, 0xA2, 0x82, 0x18, 0x8A};
static const uint8_t payload[] = {0x00, 0xFF, 0x10};

/* 2026-03-02T08:00:00.0012345Z */
#define SAMPLE_TIME INT64_C(134169120000012345)

static struct etw_record sample_record(void)
{
    return (struct etw_record){.class_of = RECORD_IS_MANIFEST,
                               .id = 1051,
                               .level = 4,
                               .cpu = 1,
                               .process_id = 0,
                               .thread_id = 8,
                               .keywords = 0x8000000200000080,
                               .time = SAMPLE_TIME,
                               .provider = tcpip_guid,
                               .payload = {.data = payload, .size = sizeof(payload)},
                               .offset = 123700};
}

static struct etw_fields_result sample_result(void)
{
    return (struct etw_fields_result){.source = ETW_SCHEMA_BUILT_IN,
                                      .schema_name = "Microsoft-Windows-TCPIP@17134",
                                      .provider_name = "Microsoft-Windows-TCPIP",
                                      .event_name = "TcpTcbStateChange"};
}

static struct etw_field text8(const char *name, const char *value)
{
    return (struct etw_field){.name = name,
                              .kind = ETW_FIELD_TEXT8,
                              .bytes = {.data = (const uint8_t *)value, .size = strlen(value)}};
}

static struct etw_field number(const char *name, enum etw_field_kind kind, uint64_t value)
{
    return (struct etw_field){.name = name, .kind = kind, .width = 8, .number = value};
}

static void give(const struct etw_fields_visitor *visitor, struct etw_field field)
{
    visitor->value(visitor->context, &field);
}

static void give_state_change(const struct etw_fields_visitor *visitor)
{
    give(visitor, text8("OldState", "SynSent"));
    give(visitor, text8("NewState", "Established"));
    give(visitor, number("SndNxt", ETW_FIELD_UNSIGNED, 2428590242));
    give(visitor, number("Tcb", ETW_FIELD_POINTER, 0x8921dd28));
}

static void give_nothing(const struct etw_fields_visitor *visitor)
{
    (void)visitor;
}

typedef void give_function(const struct etw_fields_visitor *visitor);

/* ---- fields ---- */

static char fields_text[4096];

static const char *fields_as(enum out_fields_style style, give_function *give_fields)
{
    static struct out_fields fields;
    out_fields_init(&fields, style);
    /* twice, because the second event must not see the first one's names */
    for (int i = 0; i < 2; i++) {
        out_fields_clear(&fields);
        give_fields(&fields.visitor);
        assert_true(out_fields_finish(&fields));
    }
    assert_true(fields.text.size < sizeof(fields_text));
    memcpy(fields_text, text_get(&fields.text), fields.text.size + 1);
    out_fields_done(&fields);
    return fields_text;
}

static void give_numbers(const struct etw_fields_visitor *visitor)
{
    give(visitor, number("largest", ETW_FIELD_UNSIGNED, UINT64_MAX));
    give(visitor, number("least", ETW_FIELD_SIGNED, (uint64_t)INT64_MIN));
    give(visitor, number("zero", ETW_FIELD_HEX, 0));
    give(visitor, number("yes", ETW_FIELD_BOOLEAN, 1));
    give(visitor, number("port", ETW_FIELD_PORT, 443));
    struct etw_field real = {.name = "real", .kind = ETW_FIELD_FLOAT, .width = 8, .real = 0.5};
    give(visitor, real);
}

static void numbers_are_json_numbers_of_any_size(void **state)
{
    (void)state;
    assert_string_equal(fields_as(OUT_FIELDS_JSON, give_numbers),
                        "{\"largest\":18446744073709551615,\"least\":-9223372036854775808,"
                        "\"zero\":\"0x0\",\"yes\":true,\"port\":443,\"real\":0.5}");
    assert_string_equal(fields_as(OUT_FIELDS_WORDS, give_numbers),
                        "largest=18446744073709551615 least=-9223372036854775808 zero=0x0 "
                        "yes=true port=443 real=0.5");
}

static void give_infinity(const struct etw_fields_visitor *visitor)
{
    static const double values[] = {1e308 * 10, -1e308 * 10};
    for (int i = 0; i < 2; i++) {
        struct etw_field real = {
            .name = "r", .kind = ETW_FIELD_FLOAT, .width = 8, .real = values[i]};
        give(visitor, real);
    }
}

static void what_json_has_no_number_for_is_a_string(void **state)
{
    (void)state;
    assert_string_equal(fields_as(OUT_FIELDS_JSON, give_infinity),
                        "{\"r\":\"inf\",\"r#2\":\"-inf\"}");
}

static void give_same_names(const struct etw_fields_visitor *visitor)
{
    const char *const names[] = {"a", "a#3", "a", "a", "b", "a", "b"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        give(visitor, number(names[i], ETW_FIELD_UNSIGNED, i));
    }
    visitor->begin_struct(visitor->context, "a");
    give(visitor, number("a", ETW_FIELD_UNSIGNED, 7));
    visitor->end_struct(visitor->context);
    give(visitor, number("a", ETW_FIELD_UNSIGNED, 8));
}

static void a_name_that_comes_again_gets_a_number(void **state)
{
    (void)state;
    assert_string_equal(fields_as(OUT_FIELDS_JSON, give_same_names),
                        "{\"a\":0,\"a#3\":1,\"a#2\":2,\"a#4\":3,\"b\":4,\"a#5\":5,\"b#2\":6,"
                        "\"a#6\":{\"a\":7},\"a#7\":8}");
}

static void give_nested(const struct etw_fields_visitor *visitor)
{
    visitor->begin_array(visitor->context, "list", 3);
    for (uint64_t i = 0; i < 3; i++) {
        give(visitor, number(NULL, ETW_FIELD_UNSIGNED, i));
    }
    visitor->end_array(visitor->context);
    visitor->begin_array(visitor->context, "empty", 0);
    visitor->end_array(visitor->context);
    visitor->begin_array(visitor->context, "structs", 2);
    for (uint64_t i = 0; i < 2; i++) {
        visitor->begin_struct(visitor->context, NULL);
        give(visitor, number("x", ETW_FIELD_UNSIGNED, i));
        give(visitor, text8("y", "two words"));
        visitor->end_struct(visitor->context);
    }
    visitor->end_array(visitor->context);
    give(visitor, number("last", ETW_FIELD_UNSIGNED, 9));
}

static void structs_are_objects_and_arrays_are_lists(void **state)
{
    (void)state;
    assert_string_equal(fields_as(OUT_FIELDS_JSON, give_nested),
                        "{\"list\":[0,1,2],\"empty\":[],\"structs\":[{\"x\":0,\"y\":\"two words\"},"
                        "{\"x\":1,\"y\":\"two words\"}],\"last\":9}");
    assert_string_equal(fields_as(OUT_FIELDS_WORDS, give_nested),
                        "list=[0 1 2] empty=[] structs=[{x=0 y=\"two words\"} "
                        "{x=1 y=\"two words\"}] last=9");
}

static void give_cut_struct(const struct etw_fields_visitor *visitor)
{
    visitor->begin_array(visitor->context, "structs", 2);
    visitor->begin_struct(visitor->context, NULL);
    give(visitor, number("x", ETW_FIELD_UNSIGNED, 1));
}

static void what_a_cut_payload_leaves_open_is_closed(void **state)
{
    (void)state;
    assert_string_equal(fields_as(OUT_FIELDS_JSON, give_cut_struct), "{\"structs\":[{\"x\":1}]}");
}

static void give_bottomless(const struct etw_fields_visitor *visitor)
{
    for (int i = 0; i < 100; i++) {
        visitor->begin_struct(visitor->context, "s");
        give(visitor, number("v", ETW_FIELD_UNSIGNED, 1));
    }
    for (int i = 0; i < 100; i++) {
        visitor->end_struct(visitor->context);
    }
    give(visitor, number("after", ETW_FIELD_UNSIGNED, 2));
}

static void structs_without_end_are_cut(void **state)
{
    (void)state;
    const char *text = fields_as(OUT_FIELDS_JSON, give_bottomless);
    assert_non_null(strstr(text, "\"s\":\"nested too deeply\"}"));
    assert_non_null(strstr(text, "},\"after\":2}"));
    int depth = 0;
    for (const char *c = text; *c; c++) {
        depth += (*c == '{') - (*c == '}');
        assert_true(depth >= 0 && depth <= OUT_FIELDS_DEPTH);
    }
    assert_int_equal(depth, 0);
}

static void give_hostile(const struct etw_fields_visitor *visitor)
{
    static const uint8_t with_nul[] = {'a', 0, 'b'};
    static const uint8_t lone_surrogate[] = {'x', 0, 0x00, 0xD8, 'y', 0};
    give(visitor, text8("na\"me", "\x1B[2J\n"));
    give(visitor, text8("two words=", "say \"hi\""));
    give(visitor, text8("empty", ""));
    struct etw_field nul = {.name = "nul", .kind = ETW_FIELD_TEXT8, .bytes = {with_nul, 3, 0, 0}};
    struct etw_field lone = {
        .name = "lone", .kind = ETW_FIELD_TEXT16, .bytes = {lone_surrogate, 6, 0, 0}};
    give(visitor, nul);
    give(visitor, lone);
}

static void hostile_names_and_values_are_data(void **state)
{
    (void)state;
    assert_string_equal(fields_as(OUT_FIELDS_JSON, give_hostile),
                        "{\"na\\\"me\":\"\\u001b[2J\\n\",\"two words=\":\"say \\\"hi\\\"\","
                        "\"empty\":\"\",\"nul\":\"a\\u0000b\",\"lone\":\"x\\ud800y\"}");
    assert_string_equal(fields_as(OUT_FIELDS_WORDS, give_hostile),
                        "na\"me=\x1B[2J\n two_words_=\"say \\\"hi\\\"\" empty=\"\" nul=a\\x00b "
                        "lone=x\xED\xA0\x80y");
}

/* ---- rows ---- */

static char *output; /* owned; of the last write_rows() */

static int forget_output(void **state)
{
    (void)state;
    free(output);
    output = NULL;
    return 0;
}

static const char *write_row(struct out_event_rows_options options, const struct etw_record *record,
                             const struct etw_fields_result *result, give_function *give_fields)
{
    struct out_file *file = NULL;
    struct out_event_rows *rows = NULL;
    assert_int_equal(out_file_open_memory(&file, NULL), ETW_OK);
    assert_int_equal(out_event_rows_new(file, &options, &rows, NULL), ETW_OK);
    give_fields(out_event_rows_visitor(rows));
    assert_int_equal(out_event_rows_event(rows, record, result, NULL), ETW_OK);
    assert_int_equal(out_event_rows_finish(rows, NULL), ETW_OK);
    size_t size = 0;
    const uint8_t *data = out_file_get_memory(file, &size);
    free(output);
    output = calloc(1, size + 1);
    assert_non_null(output);
    memcpy(output, data, size);
    out_event_rows_free(rows);
    out_file_abort(file);
    return output;
}

static const char *write_as(enum out_format format, const struct etw_record *record,
                            const struct etw_fields_result *result, give_function *give_fields)
{
    struct out_event_rows_options options = {.format = format, .trace_json = "{\"file\":\"x\"}"};
    return write_row(options, record, result, give_fields);
}

/* clang-format off */
#define STATE_CHANGE \
    "{\"time\":\"2026-03-02T08:00:00.0012345Z\",\"provider\":\"Microsoft-Windows-TCPIP\"," \
    "\"provider_guid\":\"2f07e2ee-15db-40f1-90ef-9d7ba282188a\",\"id\":1051,\"version\":0," \
    "\"name\":\"TcpTcbStateChange\",\"level\":4,\"opcode\":0," \
    "\"keywords\":\"0x8000000200000080\",\"header_pid\":0,\"header_tid\":8,\"cpu\":1," \
    "\"offset\":123700,\"fields\":{\"OldState\":\"SynSent\",\"NewState\":\"Established\"," \
    "\"SndNxt\":2428590242,\"Tcb\":\"0x8921dd28\"}}"
/* clang-format on */

static void a_row_has_the_members_of_the_schema_in_order(void **state)
{
    (void)state;
    struct etw_record record = sample_record();
    struct etw_fields_result result = sample_result();
    assert_string_equal(write_as(OUT_NDJSON, &record, &result, give_state_change),
                        STATE_CHANGE "\n");
    assert_string_equal(write_as(OUT_JSON, &record, &result, give_state_change),
                        "{\"trace\":{\"file\":\"x\"},\"events\":[\n" STATE_CHANGE "\n]}\n");
}

static void an_event_without_schema_is_its_bytes_and_why(void **state)
{
    (void)state;
    struct etw_record record = sample_record();
    struct etw_fields_result result = {.decoded = ETW_DECODED_NOT, .why = "no schema"};
    assert_string_equal(write_as(OUT_NDJSON, &record, &result, give_nothing),
                        "{\"time\":\"2026-03-02T08:00:00.0012345Z\","
                        "\"provider_guid\":\"2f07e2ee-15db-40f1-90ef-9d7ba282188a\",\"id\":1051,"
                        "\"version\":0,\"level\":4,\"opcode\":0,"
                        "\"keywords\":\"0x8000000200000080\",\"header_pid\":0,\"header_tid\":8,"
                        "\"cpu\":1,\"offset\":123700,\"raw\":\"00ff10\","
                        "\"undecoded\":\"no schema\"}\n");
}

static void a_payload_decoded_in_part_has_both_fields_and_why(void **state)
{
    (void)state;
    struct etw_record record = sample_record();
    struct etw_fields_result result = sample_result();
    result.decoded = ETW_DECODED_PARTLY;
    result.why = "the payload ends early";
    const char *text = write_as(OUT_NDJSON, &record, &result, give_state_change);
    assert_non_null(strstr(text, "\"Tcb\":\"0x8921dd28\"},\"undecoded\":\"the payload ends early"));
    assert_null(strstr(text, "\"raw\""));
}

static void classic_and_kernel_events_have_no_id(void **state)
{
    (void)state;
    struct etw_record record = sample_record();
    struct etw_fields_result result = sample_result();
    record.class_of = RECORD_IS_KERNEL;
    record.opcode = 11;
    record.version = 2;
    record.process_id = RECORD_NO_ID;
    record.thread_id = RECORD_NO_ID;
    const char *text = write_as(OUT_NDJSON, &record, &result, give_nothing);
    assert_non_null(strstr(text, "\"version\":2,\"name\":\"TcpTcbStateChange\",\"opcode\":11,"
                                 "\"cpu\":1,\"offset\":123700,\"fields\":{}}"));
    assert_null(strstr(text, "\"id\""));
}

static void the_schema_is_said_when_asked_for(void **state)
{
    (void)state;
    struct etw_record record = sample_record();
    struct etw_fields_result result = sample_result();
    struct out_event_rows_options options = {.format = OUT_NDJSON, .with_schema = true};
    assert_non_null(strstr(write_row(options, &record, &result, give_state_change),
                           ",\"schema\":{\"source\":\"built-in\","
                           "\"name\":\"Microsoft-Windows-TCPIP@17134\"}}"));
    result.is_other_version = true;
    assert_non_null(strstr(write_row(options, &record, &result, give_state_change),
                           "\"other_version\":true}}"));
    options.format = OUT_TEXT;
    assert_non_null(
        strstr(write_row(options, &record, &result, give_state_change),
               " Tcb=0x8921dd28 [built-in Microsoft-Windows-TCPIP@17134, another version]\n"));
}

static void csv_has_the_fields_as_json_in_one_cell(void **state)
{
    (void)state;
    struct etw_record record = sample_record();
    struct etw_fields_result result = sample_result();
    const char *text = write_as(OUT_CSV, &record, &result, give_state_change);
    assert_string_equal(
        text, "time,provider,provider_guid,id,version,name,level,opcode,keywords,header_pid,"
              "header_tid,cpu,offset,fields,raw,undecoded,schema.source,schema.name\n"
              "2026-03-02T08:00:00.0012345Z,Microsoft-Windows-TCPIP,"
              "2f07e2ee-15db-40f1-90ef-9d7ba282188a,1051,0,TcpTcbStateChange,4,0,"
              "0x8000000200000080,0,8,1,123700,"
              "\"{\"\"OldState\"\":\"\"SynSent\"\",\"\"NewState\"\":\"\"Established\"\","
              "\"\"SndNxt\"\":2428590242,\"\"Tcb\"\":\"\"0x8921dd28\"\"}\",,,,\n");
}

static void text_is_whole_without_a_width_and_cut_with_one(void **state)
{
    (void)state;
    struct etw_record record = sample_record();
    struct etw_fields_result result = sample_result();
    struct out_event_rows_options options = {.format = OUT_TEXT};
    const char *text = write_row(options, &record, &result, give_state_change);
    assert_string_equal(
        strchr(text, '\n'),
        "\n2026-03-02 08:00:00.0012345   1 0:8         TCPIP              TcpTcbStateChange      "
        "  OldState=SynSent NewState=Established SndNxt=2428590242 Tcb=0x8921dd28\n");
    options.width = 80;
    text = write_row(options, &record, &result, give_state_change);
    assert_string_equal(
        text, "time         cpu pid:tid   provider event fields\n"
              "2026-03-02 UTC\n"
              "08:00:00.001   1 0:8       TCPIP TcpTcbStateChange OldState=SynSent NewState=Es~\n");
    options.width = 120;
    text = write_row(options, &record, &result, give_hostile);
    const char *row = strstr(text, "08:00");
    assert_non_null(row);
    assert_non_null(strstr(row, "na\"me=\\x1b[2J\\x0a two_words_="));
    assert_int_equal(strlen(row), 121);
    assert_null(strchr(text, '\x1B'));
}

static void text_is_in_the_zone_of_the_trace_on_request(void **state)
{
    (void)state;
    struct etw_record record = sample_record();
    struct etw_fields_result result = sample_result();
    struct out_event_rows_options options = {
        .format = OUT_TEXT, .width = 80, .use_local_time = true, .bias_minutes = -60};
    const char *text = write_row(options, &record, &result, give_state_change);
    assert_non_null(strstr(text, "2026-03-02 UTC+01:00\n09:00:00.001 "));
}

static void colours_are_only_there_when_wanted(void **state)
{
    (void)state;
    struct etw_record record = sample_record();
    struct etw_fields_result result = sample_result();
    struct out_event_rows_options options = {.format = OUT_TEXT, .width = 80, .use_colour = true};
    const char *text = write_row(options, &record, &result, give_state_change);
    assert_non_null(strstr(text, "\x1b[32m08:00:00.001 "));
    assert_non_null(strstr(text, "~\x1b[0m\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_json_numbers_of_any_size),
        cmocka_unit_test(what_json_has_no_number_for_is_a_string),
        cmocka_unit_test(a_name_that_comes_again_gets_a_number),
        cmocka_unit_test(structs_are_objects_and_arrays_are_lists),
        cmocka_unit_test(what_a_cut_payload_leaves_open_is_closed),
        cmocka_unit_test(structs_without_end_are_cut),
        cmocka_unit_test(hostile_names_and_values_are_data),
        cmocka_unit_test_teardown(a_row_has_the_members_of_the_schema_in_order, forget_output),
        cmocka_unit_test_teardown(an_event_without_schema_is_its_bytes_and_why, forget_output),
        cmocka_unit_test_teardown(a_payload_decoded_in_part_has_both_fields_and_why, forget_output),
        cmocka_unit_test_teardown(classic_and_kernel_events_have_no_id, forget_output),
        cmocka_unit_test_teardown(the_schema_is_said_when_asked_for, forget_output),
        cmocka_unit_test_teardown(csv_has_the_fields_as_json_in_one_cell, forget_output),
        cmocka_unit_test_teardown(text_is_whole_without_a_width_and_cut_with_one, forget_output),
        cmocka_unit_test_teardown(text_is_in_the_zone_of_the_trace_on_request, forget_output),
        cmocka_unit_test_teardown(colours_are_only_there_when_wanted, forget_output),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
