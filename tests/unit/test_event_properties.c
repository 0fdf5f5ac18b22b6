/* SPDX-License-Identifier: MIT */
/*
 * What a row has of an event besides its sentence.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "etw/event_properties.h"
#include "etw/providers/binding.h"
#include "pcapout/event_rows.h"

#define COUNT_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

static struct etw_event socket_event(const struct etw_record *record, struct etw_socket socket)
{
    return (struct etw_event){.kind = ETW_EVENT_SOCKET, .record = record, .u.socket = socket};
}

static void properties_of_the_model_are_known(void **state)
{
    (void)state;
    struct etw_record tcpip = {
        .class_of = RECORD_IS_MANIFEST, .id = 1017, .provider = tcpip_provider.guid.bytes};
    struct etw_event event =
        socket_event(&tcpip, (struct etw_socket){.has = ETW_HAS_LOCAL | ETW_HAS_REMOTE |
                                                        ETW_HAS_START_KEY | ETW_HAS_STATUS});
    static const char *const said[] = {"LocalAddress", "LocalAddressLength", "RemoteAddress",
                                       "Status", "Tcb"};
    /* pid 0 is none, keys are not said, and what has no role cannot be */
    static const char *const unsaid[] = {
        "ProcessId", "ProcessStartKey", "Compartment", "StatusLength", "Local", "Length", "",
        "tcb"};
    for (size_t i = 0; i < COUNT_OF(said); i++) {
        assert_true(etw_event_has_property(&event, said[i]));
    }
    for (size_t i = 0; i < COUNT_OF(unsaid); i++) {
        assert_false(etw_event_has_property(&event, unsaid[i]));
    }
    /* a timer is said when it is known, reasons and families are not */
    tcpip.id = 1064;
    assert_false(etw_event_has_property(&event, "TimerType"));
    event.u.socket.has |= ETW_HAS_TIMER | ETW_HAS_REASON;
    assert_true(etw_event_has_property(&event, "TimerType"));
    tcpip.id = 1214;
    assert_false(etw_event_has_property(&event, "Reason"));
    assert_false(etw_event_has_property(&event, "AddressFamily"));
    tcpip.id = 65000;
    assert_false(etw_event_has_property(&event, "Tcb"));
    event.kind = ETW_EVENT_OTHER;
    assert_false(etw_event_has_property(&event, "Tcb"));
}

/* ---- rows ---- */

static void give_number(const struct etw_fields_visitor *visitor, const char *name, uint64_t value)
{
    struct etw_field field = {
        .name = name, .kind = ETW_FIELD_UNSIGNED, .width = 4, .number = value};
    visitor->value(visitor->context, &field);
}

/* SndNxt and Tcb are in the model, the others are not; a part of a struct never is. */
static void give_fields(const struct etw_fields_visitor *visitor)
{
    give_number(visitor, "SndNxt", 7);
    give_number(visitor, "Tcb", 1);
    give_number(visitor, "Compartment", 1);
    visitor->begin_struct(visitor->context, "More");
    give_number(visitor, "Tcb", 2);
    visitor->end_struct(visitor->context);
    visitor->begin_array(visitor->context, "List", 1);
    give_number(visitor, NULL, 3);
    visitor->end_array(visitor->context);
}

/* The row without its time; the caller frees it. */
static char *write_row(enum out_format format, int width, const struct etw_event *event)
{
    const struct out_event_rows_options options = {
        .format = format, .width = width, .trace_json = "{}"};
    const struct etw_fields_result result = {.source = ETW_SCHEMA_BUILT_IN,
                                             .provider_name = "Microsoft-Windows-TCPIP",
                                             .event_name = "TcpTcbStateChange"};
    struct out_file *file = NULL;
    struct out_event_rows *rows = NULL;
    assert_int_equal(out_file_open_memory(&file, NULL), ETW_OK);
    assert_int_equal(out_event_rows_new(file, &options, &rows, NULL), ETW_OK);
    /* twice: the second row must not have the sentence of the first */
    out_event_rows_set_event(rows, event);
    give_fields(out_event_rows_visitor(rows));
    assert_int_equal(out_event_rows_event(rows, event->record, &result, NULL), ETW_OK);
    give_fields(out_event_rows_visitor(rows));
    assert_int_equal(out_event_rows_event(rows, event->record, &result, NULL), ETW_OK);
    assert_int_equal(out_event_rows_finish(rows, NULL), ETW_OK);
    size_t size = 0;
    const uint8_t *data = out_file_get_memory(file, &size);
    char *output = calloc(1, size + 1);
    assert_non_null(output);
    memcpy(output, data, size);
    out_event_rows_free(rows);
    out_file_abort(file);
    return output;
}

#define ALL_WORDS "SndNxt=7 Tcb=1 Compartment=1 More={Tcb=2} List=[3]"

static void a_row_has_the_sentence_and_the_fields_that_are_not_in_it(void **state)
{
    (void)state;
    struct etw_record tcpip = {.class_of = RECORD_IS_MANIFEST,
                               .id = 1051,
                               .process_id = 4,
                               .provider = tcpip_provider.guid.bytes};
    struct etw_event event = socket_event(
        &tcpip, (struct etw_socket){.layer = ETW_LAYER_STACK,
                                    .action = ETW_ACTION_STATE,
                                    .handles = {{ETW_HANDLE_TCB, 0x8921dd28}},
                                    .has = ETW_HAS_FROM | ETW_HAS_TO | ETW_HAS_SEQUENCE,
                                    .to = 2,
                                    .sequence = 7});
    static const struct {
        int width;
        const char *text;
    } rows[] = {
        {0, "TCPIP              TcpTcbStateChange        connection goes from Closed to SynSent, "
            "next sequence 7, tcb 0x8921dd28 | Compartment=1 More={Tcb=2} List=[3]\n"},
        {120, "4:0         TCPIP          connection goes from Closed to SynSent, next sequence 7, "
              "tcb 0x8921dd28 ~\n"},
        {80, "4:0       connection goes from Closed to SynSent, next sequenc~\n"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char *output = write_row(OUT_TEXT, rows[i].width, &event);
        if (!strstr(output, rows[i].text)) {
            fail_msg("'%s' is not in\n%s", rows[i].text, output);
        }
        assert_true(rows[i].width > 0 || strstr(output, " " ALL_WORDS "\n"));
        free(output);
    }
    char *output = write_row(OUT_NDJSON, 0, &event);
    assert_null(strstr(output, "SynSent"));
    assert_non_null(strstr(output, "{\"SndNxt\":7,\"Tcb\":1,\"Compartment\":1,"));
    free(output);
}

static void hidden_characters_in_a_sentence_are_made_visible(void **state)
{
    (void)state;
    static const uint8_t image[] = "a\x1b[2J\n\xe2\x80\xae"
                                   "b.exe";
    struct etw_record process = {.class_of = RECORD_IS_MANIFEST, .id = 1, .process_id = 4};
    const struct etw_event event = {
        .kind = ETW_EVENT_PROCESS,
        .record = &process,
        .u.process = {.pid = 4, .image = {.data = image, .size = sizeof(image) - 1}}};
    char *output = write_row(OUT_TEXT, 0, &event);
    assert_non_null(strstr(output, "process 4 starts, a\\x1b[2J"));
    assert_null(strchr(output, '\x1b'));
    assert_null(strstr(output, "\xe2\x80\xae"));
    free(output);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(properties_of_the_model_are_known),
        cmocka_unit_test(a_row_has_the_sentence_and_the_fields_that_are_not_in_it),
        cmocka_unit_test(hidden_characters_in_a_sentence_are_made_visible),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
