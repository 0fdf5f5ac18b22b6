/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "etw/trace.h"
#include "etw/trace_fields.h"
#include "tests/unit/metadata_writer.h"

struct fields_test {
    struct schema_store *schemas;
    struct provider_counts providers;
    struct etw_fields_result result;
    uint64_t last_number;
};

static void keep_number(void *context, const struct etw_field *field)
{
    struct fields_test *t = context;
    t->last_number = field->number;
}

static struct fields_test begin(void)
{
    static const struct schema_property number = {.name = "Number", .in_type = IN_UINT16};
    const struct event_schema schema = {.provider = info_provider,
                                        .id = 7,
                                        .version = 2,
                                        .source = ETW_SCHEMA_MANIFEST,
                                        .origin = "example.man",
                                        .event_name = "Counted",
                                        .provider_name = "Example",
                                        .properties = &number,
                                        .property_count = 1,
                                        .top_level_count = 1};
    struct fields_test t = {.schemas = NULL};
    assert_int_equal(schema_store_new(&t.schemas, NULL), ETW_OK);
    assert_true(schema_store_add(t.schemas, &schema));
    return t;
}

static void done(struct fields_test *t)
{
    schema_store_free(t->schemas);
    provider_counts_done(&t->providers);
}

/* A manifest event with a payload of three bytes. */
static void read_event(struct fields_test *t, uint16_t id, uint8_t version)
{
    static const uint8_t payload[] = {0x34, 0x12, 0xFF};
    const struct etw_record record = {.class_of = RECORD_IS_MANIFEST,
                                      .pointer_size = 8,
                                      .provider = info_provider.bytes,
                                      .id = id,
                                      .version = version,
                                      .payload = bytes_of(payload, sizeof(payload))};
    const struct etw_fields_visitor visitor = {.context = t, .value = keep_number};
    assert_non_null(provider_counts_of(&t->providers, &record));
    trace_fields_read(t->schemas, &t->providers, &record, &visitor, &t->result);
}

static void a_known_event_is_read_by_its_schema(void **state)
{
    (void)state;
    struct fields_test t = begin();
    read_event(&t, 7, 2);
    assert_int_equal(t.last_number, 0x1234);
    assert_int_equal(t.result.decoded, ETW_DECODED_WHOLLY);
    assert_null(t.result.why);
    assert_int_equal(t.result.source, ETW_SCHEMA_MANIFEST);
    assert_string_equal(t.result.schema_name, "example.man");
    assert_string_equal(t.result.event_name, "Counted");
    assert_string_equal(t.result.provider_name, "Example");
    assert_false(t.result.is_other_version);
    assert_int_equal(t.result.unread, 1);
    done(&t);
}

static void another_version_is_marked(void **state)
{
    (void)state;
    struct fields_test t = begin();
    read_event(&t, 7, 3);
    assert_int_equal(t.last_number, 0x1234);
    assert_true(t.result.is_other_version);
    done(&t);
}

static void an_unknown_event_says_why_and_keeps_its_bytes(void **state)
{
    (void)state;
    struct fields_test t = begin();
    read_event(&t, 8, 2);
    assert_int_equal(t.result.decoded, ETW_DECODED_NOT);
    assert_int_equal(t.result.source, ETW_SCHEMA_NONE);
    assert_non_null(t.result.why);
    assert_int_equal(t.result.unread, 3);
    done(&t);
}

static void providers_get_the_name_that_the_trace_knows(void **state)
{
    (void)state;
    struct fields_test t = begin();
    read_event(&t, 8, 2);
    assert_null(t.result.provider_name);
    trace_fields_name_providers(t.schemas, &t.providers);
    assert_string_equal(t.providers.rows[0].name, "Example");
    read_event(&t, 8, 2);
    assert_string_equal(t.result.provider_name, "Example");
    done(&t);
}

/* ---- real traces ---- */

/* Records that nobody describes; all others are read to their end. */
static const struct {
    const char *trace;
    unsigned undescribed; /* the rest are WPP messages and .NET's private events */
} real_traces[] = {
    {"events-lost-3", 0},
    {"image-v0-32bit", 0},
    {"kernel-logger-win8-wow64", 521},
    {"kernel-network-win7", 0},
    {"kernel-process-win7", 0},
    {"merged-two-sessions", 0},
    {"netsh-win10-19044", 0},
    {"pktmon-server2022-20348", 0},
    {"pktmon-win10-19042", 0},
    {"pktmon-win11-22621-empty", 0},
    {"pktmon-win11-26200", 0},
    {"private-logger-wpp-1", 0},
    {"private-logger-wpp-2", 22},
    {"private-logger-wpp-3", 0},
    {"process-v1-32bit", 0},
    {"process-v2-64bit", 0},
    {"process-v3-32bit", 0},
    {"smallest-32bit-compressed", 1},
    {"tiny", 0},
    {"tracelogging-single", 0},
    {"tracelogging-types", 0},
};

static unsigned count_undescribed(struct etw_trace *trace, const char *name)
{
    const struct etw_fields_visitor visitor = {.context = NULL};
    const struct etw_record *record;
    unsigned undescribed = 0;
    while (etw_trace_next_record(trace, &record, NULL) == ETW_OK) {
        struct etw_fields_result result;
        etw_trace_read_fields(trace, record, &visitor, &result);
        if (result.decoded == ETW_DECODED_PARTLY) {
            fail_msg("%s: %s: %s", name, result.event_name ? result.event_name : "?", result.why);
        }
        undescribed += result.decoded == ETW_DECODED_NOT;
    }
    return undescribed;
}

static void real_traces_are_read_to_the_end_of_every_described_record(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(real_traces) / sizeof(real_traces[0]); i++) {
        char path[1024];
        struct etw_trace *trace = NULL;
        (void)snprintf(path, sizeof(path), "%s/%s.etl", REAL_TRACES, real_traces[i].trace);
        if (etw_trace_open(path, NULL, &trace, NULL) != ETW_OK) {
            (void)printf("SKIP: no %s\n", path);
            skip();
        }
        assert_int_equal(etw_trace_index(trace, NULL, NULL, NULL), ETW_OK);
        unsigned undescribed = count_undescribed(trace, real_traces[i].trace);
        if (undescribed != real_traces[i].undescribed) {
            fail_msg("%s: %u", real_traces[i].trace, undescribed);
        }
        etw_trace_close(trace);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_known_event_is_read_by_its_schema),
        cmocka_unit_test(another_version_is_marked),
        cmocka_unit_test(an_unknown_event_says_why_and_keeps_its_bytes),
        cmocka_unit_test(providers_get_the_name_that_the_trace_knows),
        cmocka_unit_test(real_traces_are_read_to_the_end_of_every_described_record),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
