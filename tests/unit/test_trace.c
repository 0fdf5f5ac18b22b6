/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "etw/trace.h"
#include "tests/support/etl_builder.h"
#include "tests/support/random.h"

/* A trace of `buffers` buffers on four CPUs with some records nobody knows. */
static struct etl_builder make_trace(unsigned buffers, bool is_packed, uint64_t seed)
{
    struct etl_builder b = {.buffer_size = 2048};
    int64_t cpu_ticks[4] = {0};
    etl_add_header(&b);
    for (unsigned i = 0; i < buffers; i++) {
        uint16_t cpu = (uint16_t)random_below(&seed, 4);
        etl_open_buffer(&b, cpu);
        for (int e = 0; e < 10; e++) {
            cpu_ticks[cpu] += (int64_t)random_below(&seed, 50);
            etl_add_event(&b, cpu_ticks[cpu], random_below(&seed, 80), (uint16_t)e);
        }
        if (i % 5 == 0) {
            etl_add_record(&b, RECORD_WNODE, 24);
        }
        if (is_packed) {
            etl_close_packed(&b);
        } else {
            etl_close_buffer(&b);
        }
    }
    return b;
}

struct reading {
    uint64_t count, sum;
    int64_t last;
    bool is_ordered;
};

static struct reading read_all(struct etw_trace *trace)
{
    struct reading reading = {.is_ordered = true, .last = INT64_MIN};
    const struct etw_record *record = NULL;
    assert_int_equal(etw_trace_rewind(trace, NULL), ETW_OK);
    while (etw_trace_next_record(trace, &record, NULL) == ETW_OK) {
        reading.count++;
        reading.sum = reading.sum * 31 + record->offset;
        reading.is_ordered = reading.is_ordered && record->time >= reading.last;
        reading.last = record->time;
    }
    return reading;
}

static struct etw_trace *open_trace(const struct etl_builder *b, const struct etw_options *options)
{
    struct etw_trace *trace = NULL;
    struct etw_error error = {.status = ETW_OK};
    if (etw_trace_open_memory(b->data, b->size, options, &trace, &error) != ETW_OK) {
        fail_msg("%s", error.text);
    }
    return trace;
}

static void check_sums(struct etw_trace *trace)
{
    const struct etw_totals *totals = etw_trace_get_totals(trace);
    const struct finding *kinds = etw_trace_get_findings(trace)->kinds;
    const struct etw_provider_row *rows = NULL;
    uint64_t by_kind = 0;
    uint64_t by_provider = 0;
    for (int kind = 0; kind < RECORD_KIND_COUNT; kind++) {
        by_kind += totals->by_kind[kind];
    }
    for (size_t i = etw_trace_get_providers(trace, &rows); i > 0; i--) {
        by_provider += rows[i - 1].events;
    }
    assert_int_equal(by_kind, totals->records_delivered);
    assert_int_equal(by_provider, totals->records_delivered);
    assert_int_equal(totals->records_found, totals->records_delivered +
                                                kinds[FINDING_RECORD_DAMAGED].count +
                                                kinds[FINDING_RECORD_UNKNOWN_KIND].count);
}

static void every_record_is_found_counted_and_delivered_in_time_order(void **state)
{
    (void)state;
    for (int variant = 0; variant < 4; variant++) {
        struct etl_builder b = make_trace(50, variant & 1, 3);
        struct etw_options options = {.thread_threshold = variant & 2 ? 1 : UINT64_MAX};
        struct etw_trace *trace = open_trace(&b, &options);
        assert_int_equal(etw_trace_index(trace, NULL, NULL, NULL), ETW_OK);
        const struct etw_totals *totals = etw_trace_get_totals(trace);
        assert_int_equal(totals->buffers, 51);
        assert_int_equal(totals->compressed, variant & 1 ? 50 : 0);
        assert_int_equal(totals->records_delivered, 501);
        assert_int_equal(totals->records_found, 511);
        assert_int_equal(totals->file_size, b.size);
        assert_false(findings_has_damage(etw_trace_get_findings(trace)));
        check_sums(trace);
        struct reading first = read_all(trace);
        struct reading second = read_all(trace);
        assert_int_equal(first.count, 501);
        assert_true(first.is_ordered);
        assert_int_equal(second.count, first.count);
        assert_true(second.sum == first.sum);
        etw_trace_close(trace);
        etl_done(&b);
    }
}

static void reading_without_an_index_makes_one(void **state)
{
    (void)state;
    struct etl_builder b = make_trace(5, false, 1);
    struct etw_trace *trace = open_trace(&b, NULL);
    struct etw_event event;
    unsigned count = 0;
    while (etw_trace_next(trace, &event, NULL) == ETW_OK) {
        assert_non_null(event.record);
        count++;
    }
    assert_int_equal(count, 51);
    assert_int_equal(etw_trace_get_totals(trace)->records_delivered, 51);
    etw_trace_close(trace);
    etl_done(&b);
}

static void the_header_and_the_times_are_known(void **state)
{
    (void)state;
    struct etl_builder b = {.buffer_size = 1024};
    etl_add_header(&b);
    etl_open_buffer(&b, 0);
    etl_add_event(&b, 250, 8, 1);
    etl_add_event(&b, 1000, 8, 2);
    etl_close_buffer(&b);
    struct etw_trace *trace = open_trace(&b, NULL);
    assert_int_equal(etw_trace_index(trace, NULL, NULL, NULL), ETW_OK);
    const struct etw_trace_header *header = etw_trace_get_header(trace);
    assert_int_equal(header->buffer_size, 1024);
    assert_int_equal(header->os_build, 19045);
    assert_int_equal(header->clock, ETW_CLOCK_QPC);
    assert_true(header->start_time == ETL_START_TIME);
    const struct etw_totals *totals = etw_trace_get_totals(trace);
    assert_true(totals->first_time == ETL_START_TIME + 250);
    assert_true(totals->last_time == ETL_START_TIME + 1000);
    assert_false(totals->is_unfinished);
    etw_trace_close(trace);
    etl_done(&b);
}

static void check_damaged(const uint8_t *data, size_t size)
{
    struct etw_trace *trace = NULL;
    struct etw_error error = {.status = ETW_OK};
    struct etw_options options = {.buffer_memory = 1, .thread_threshold = UINT64_MAX};
    enum etw_status status = etw_trace_open_memory(data, size, &options, &trace, &error);
    if (status != ETW_OK) {
        assert_true(status == ETW_ERR_NOT_ETL || status == ETW_ERR_UNSUPPORTED);
        assert_true(error.text[0] != '\0');
        assert_null(trace);
        return;
    }
    assert_int_equal(etw_trace_index(trace, NULL, NULL, &error), ETW_OK);
    check_sums(trace);
    assert_int_equal(read_all(trace).count, etw_trace_get_totals(trace)->records_delivered);
    etw_trace_close(trace);
}

static void every_cut_of_a_trace_is_read_as_far_as_it_goes(void **state)
{
    (void)state;
    for (int is_packed = 0; is_packed < 2; is_packed++) {
        struct etl_builder b = make_trace(4, is_packed, 7);
        for (size_t size = 0; size < b.size; size += size < 3000 ? 1 : 7) {
            uint8_t *exact = test_malloc(size + 1);
            memcpy(exact + 1, b.data, size);
            check_damaged(exact + 1, size);
            test_free(exact);
        }
        etl_done(&b);
    }
}

static void random_damage_never_breaks_the_sums(void **state)
{
    (void)state;
    uint64_t seed = 11;
    for (int round = 0; round < 3000; round++) {
        struct etl_builder b = make_trace(3, round % 2, 7);
        for (size_t i = 1 + random_below(&seed, 4); i > 0; i--) {
            b.data[random_below(&seed, b.size)] = (uint8_t)random_next(&seed);
        }
        check_damaged(b.data, b.size);
        etl_done(&b);
    }
}

static enum etw_status refuse(void *context, const struct etw_event *event, struct etw_error *error)
{
    (void)event;
    ++*(unsigned *)context;
    return etw_fail(error, ETW_ERR_LIMIT, 5, "enough");
}

/* A packet monitor event, which is the first that a learner would see. */
static void an_error_of_the_learner_ends_the_reading(void **state)
{
    (void)state;
    static const uint8_t pktmon[16] = {0xd9, 0x80, 0x4f, 0x4d, 0xbd, 0xc8, 0x73, 0x4d,
                                       0xbb, 0x5b, 0x19, 0xc9, 0x04, 0x02, 0xc5, 0xac};
    for (int use_thread = 0; use_thread < 2; use_thread++) {
        struct etl_builder b = {.buffer_size = 1024};
        struct etw_options options = {.thread_threshold = use_thread ? 1 : UINT64_MAX};
        struct etw_error error = {.status = ETW_OK};
        unsigned calls = 0;
        etl_add_header(&b);
        for (int i = 0; i < 20; i++) {
            etl_open_buffer(&b, 0);
            size_t at = etl_add_event(&b, 1, 100, 160);
            memcpy(b.data + at + 0x18, pktmon, sizeof(pktmon));
            etl_close_buffer(&b);
        }
        struct etw_trace *trace = open_trace(&b, &options);
        enum etw_status status = etw_trace_index(trace, refuse, &calls, &error);
        assert_int_equal(calls, 1);
        assert_int_equal(status, ETW_ERR_LIMIT);
        assert_string_equal(error.text, "enough");
        etw_trace_close(trace);
        etl_done(&b);
    }
}

/* Offset of buffer `number` of the file, by the sizes they state. */
static size_t buffer_offset(const struct etl_builder *b, unsigned number)
{
    size_t offset = 0;
    for (unsigned i = 0; i < number; i++) {
        offset += load_u32(b->data + offset);
    }
    return offset;
}

static void a_packed_buffer_that_claims_the_next_ones_does_not_swallow_them(void **state)
{
    (void)state;
    for (unsigned swallowed = 1; swallowed < 5; swallowed++) {
        struct etl_builder b = make_trace(8, true, 7);
        struct etw_trace *sound = open_trace(&b, NULL);
        struct reading expected = read_all(sound);
        etw_trace_close(sound);
        size_t from = buffer_offset(&b, 2);
        size_t to = buffer_offset(&b, 3 + swallowed);
        put_le32(b.data + from, (uint32_t)(to - from));
        struct etw_trace *trace = open_trace(&b, NULL);
        struct reading reading = read_all(trace);
        assert_int_equal(reading.count, expected.count);
        assert_int_equal(reading.sum, expected.sum);
        const struct findings *findings = etw_trace_get_findings(trace);
        assert_int_equal(findings->kinds[FINDING_BUFFER_DAMAGED].count, 1);
        assert_int_equal(findings->kinds[FINDING_COMPRESSED_DATA_DAMAGED].count, 0);
        etw_trace_close(trace);
        etl_done(&b);
    }
}

static void a_missing_file_is_an_error_of_the_input(void **state)
{
    (void)state;
    struct etw_trace *trace = NULL;
    struct etw_error error = {.status = ETW_OK};
    assert_int_equal(etw_trace_open("no-such-trace.etl", NULL, &trace, &error), ETW_ERR_INPUT);
    assert_null(trace);
    assert_true(error.text[0] != '\0');
    etw_trace_close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_record_is_found_counted_and_delivered_in_time_order),
        cmocka_unit_test(reading_without_an_index_makes_one),
        cmocka_unit_test(the_header_and_the_times_are_known),
        cmocka_unit_test(every_cut_of_a_trace_is_read_as_far_as_it_goes),
        cmocka_unit_test(random_damage_never_breaks_the_sums),
        cmocka_unit_test(an_error_of_the_learner_ends_the_reading),
        cmocka_unit_test(a_packed_buffer_that_claims_the_next_ones_does_not_swallow_them),
        cmocka_unit_test(a_missing_file_is_an_error_of_the_input),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
