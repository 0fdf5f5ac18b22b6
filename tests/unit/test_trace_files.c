/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "etw/trace.h"
#include "tests/support/etl_builder.h"
#include "tests/support/random.h"

#define FILES_MAXIMUM 4
/* Where the header event's fields stand in a file of the builder. */
#define FIELDS     (0x48u + 0x20u)
#define BOOT_TIME  (FIELDS + 0xF8)
#define FREQUENCY  (FIELDS + 0x100)
#define START_TIME (FIELDS + 0x108)
#define CLOCK      (FIELDS + 0x110)
#define LOST       (FIELDS + 0x30)

/* Files of one boot, begun one second after the other. */
struct recording {
    struct etl_builder files[FILES_MAXIMUM];
    struct etw_input inputs[FILES_MAXIMUM];
    size_t count;
};

static void begin(struct recording *recording, size_t count)
{
    static const char *const names[] = {"a.etl", "b.etl", "c.etl", "d.etl"};
    *recording = (struct recording){.count = count};
    for (size_t i = 0; i < count; i++) {
        struct etl_builder *b = &recording->files[i];
        b->buffer_size = 2048;
        etl_add_header(b);
        put_le64(b->data + BOOT_TIME, (uint64_t)ETL_START_TIME - 1);
        put_le64(b->data + START_TIME, (uint64_t)ETL_START_TIME + i * 10000000);
        put_le64(b->data + 0x48 + 0x10, i * 10000000); /* the ticks of that time */
        recording->inputs[i].path = names[i];
    }
}

static void finish(struct recording *recording)
{
    for (size_t i = 0; i < recording->count; i++) {
        recording->inputs[i].data = recording->files[i].data;
        recording->inputs[i].size = recording->files[i].size;
    }
}

static void end(struct recording *recording)
{
    for (size_t i = 0; i < recording->count; i++) {
        etl_done(&recording->files[i]);
    }
}

/* Buffers of three CPUs, whose times lie over each other, in any of the files. */
static void add_buffers(struct recording *recording, unsigned count, uint64_t seed)
{
    int64_t cpu_ticks[3] = {0};
    uint16_t number = 0;
    for (unsigned i = 0; i < count; i++) {
        uint16_t cpu = (uint16_t)random_below(&seed, 3);
        struct etl_builder *b = &recording->files[random_below(&seed, recording->count)];
        etl_open_buffer(b, cpu);
        for (int e = 0; e < 8; e++) {
            cpu_ticks[cpu] += (int64_t)random_below(&seed, 40);
            etl_add_event(b, cpu_ticks[cpu], random_below(&seed, 80), number++);
        }
        if (random_below(&seed, 2)) {
            etl_close_packed(b);
        } else {
            etl_close_buffer(b);
        }
    }
}

static struct etw_trace *open_recording(struct recording *recording,
                                        const struct etw_options *options)
{
    struct etw_trace *trace = NULL;
    struct etw_error error = {.status = ETW_OK};
    finish(recording);
    if (etw_trace_open_inputs(recording->inputs, recording->count, options, &trace, &error)) {
        fail_msg("%s", error.text);
    }
    return trace;
}

struct reading {
    uint64_t count, sum;
};

/* Fails when the order is not: by time, then by place. */
static struct reading read_all(struct etw_trace *trace, size_t files)
{
    struct reading reading = {0};
    const struct etw_record *record = NULL;
    int64_t time = INT64_MIN;
    uint64_t buffer = 0;
    assert_int_equal(etw_trace_rewind(trace, NULL), ETW_OK);
    while (etw_trace_next_record(trace, &record, NULL) == ETW_OK) {
        assert_true(record->time > time || (record->time == time && record->offset > buffer));
        assert_in_range(etw_place_file(record->offset), 1, files);
        time = record->time;
        buffer = record->offset;
        reading.count++;
        reading.sum = reading.sum * 31 + record->id * 7u + (uint64_t)record->time;
    }
    return reading;
}

static void files_are_merged_in_one_time_order(void **state)
{
    (void)state;
    static const struct etw_options options[] = {
        {.thread_threshold = UINT64_MAX},
        {.thread_threshold = 1},
        {.thread_threshold = 1, .buffer_memory = 3000}, /* piece by piece, and parked */
    };
    for (uint64_t seed = 1; seed < 30; seed++) {
        struct reading first = {0};
        for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
            struct recording recording;
            begin(&recording, 1 + seed % FILES_MAXIMUM);
            if (recording.count == 1) {
                end(&recording);
                continue;
            }
            add_buffers(&recording, 40, seed);
            struct etw_trace *trace = open_recording(&recording, &options[i]);
            struct reading reading = read_all(trace, recording.count);
            assert_int_equal(reading.count, 40 * 8 + recording.count);
            assert_int_equal(reading.count, etw_trace_get_totals(trace)->records_delivered);
            first = i == 0 ? reading : first;
            assert_int_equal(reading.sum, first.sum);
            etw_trace_close(trace);
            end(&recording);
        }
    }
}

/* The files have one event of the same time each; the order in which they are named is none. */
static void equal_times_come_in_order_of_the_starts(void **state)
{
    (void)state;
    for (unsigned turn = 0; turn < 3; turn++) {
        struct recording recording;
        struct etw_trace *trace = NULL;
        const struct etw_record *record = NULL;
        begin(&recording, 3);
        for (uint16_t i = 0; i < 3; i++) {
            etl_open_buffer(&recording.files[i], 0);
            etl_add_event(&recording.files[i], 90000000, 8u + i, i);
            etl_close_buffer(&recording.files[i]);
        }
        finish(&recording);
        struct etw_input inputs[3];
        for (unsigned i = 0; i < 3; i++) {
            inputs[(i + turn) % 3] = recording.inputs[i];
        }
        assert_int_equal(etw_trace_open_inputs(inputs, 3, NULL, &trace, NULL), ETW_OK);
        uint16_t next = 0;
        while (etw_trace_next_record(trace, &record, NULL) == ETW_OK) {
            if (record->class_of == RECORD_IS_MANIFEST) {
                assert_int_equal(record->id, next++);
                assert_int_equal(record->time, ETL_START_TIME + 90000000);
            }
        }
        assert_int_equal(next, 3);
        etw_trace_close(trace);
        end(&recording);
    }
}

static void check_refused(struct recording *recording, const char *part)
{
    struct etw_trace *trace = NULL;
    struct etw_error error = {.status = ETW_OK};
    finish(recording);
    enum etw_status status =
        etw_trace_open_inputs(recording->inputs, recording->count, NULL, &trace, &error);
    if (status == ETW_OK) {
        status = etw_trace_index(trace, NULL, NULL, &error);
    }
    assert_int_equal(status, ETW_ERR_INPUT);
    if (!strstr(error.text, part)) {
        fail_msg("\"%s\" does not hold \"%s\"", error.text, part);
    }
    etw_trace_close(trace);
}

static void what_must_agree_is_compared(void **state)
{
    (void)state;
    static const struct {
        size_t at;
        uint32_t value;
        const char *part;
    } cases[] = {
        {BOOT_TIME, 12345, "the start of the computer is "},
        {FREQUENCY, 3000000, "clock frequency is 10000000 ticks per second in a.etl, but 3000000"},
        {CLOCK, 2, "the clock is performance counter in a.etl, but system time in b.etl"},
        {FIELDS + 0x08, 22000, "the Windows version is 10.0.19045 in a.etl, but 10.0.22000 in"},
        {FIELDS + 0x0C, 8, "the number of processors is 4 in a.etl, but 8 in b.etl"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct recording recording;
        begin(&recording, 2);
        put_le32(recording.files[1].data + cases[i].at, cases[i].value);
        check_refused(&recording, cases[i].part);
        end(&recording);
    }
}

static void a_start_that_nobody_knows_agrees_with_none(void **state)
{
    (void)state;
    struct recording recording;
    begin(&recording, 2);
    put_le64(recording.files[0].data + BOOT_TIME, 0);
    put_le64(recording.files[1].data + BOOT_TIME, 0);
    check_refused(&recording, "the start of the computer is not known in a.etl, but not known in");
    end(&recording);
}

/* The first says a version that programs are told; the others contradict each other. */
static void later_files_are_compared_with_each_other(void **state)
{
    (void)state;
    struct recording recording;
    begin(&recording, 3);
    uint8_t *first = recording.files[0].data + FIELDS;
    first[4] = 6;
    first[5] = 2;
    put_le32(first + 8, 9200);
    put_le32(recording.files[2].data + FIELDS + 8, 22000);
    check_refused(&recording, "10.0.19045 in b.etl, but 10.0.22000 in c.etl");
    put_le32(recording.files[2].data + FIELDS + 8, 19045);
    struct etw_trace *trace = open_recording(&recording, NULL);
    assert_int_equal(etw_trace_get_header(trace)->os_build, 19045);
    etw_trace_close(trace);
    end(&recording);
}

static void the_headers_become_one(void **state)
{
    (void)state;
    struct recording recording;
    const struct etw_trace_file *files = NULL;
    begin(&recording, 3);
    put_le32(recording.files[0].data + LOST, 5);
    put_le32(recording.files[2].data + LOST, 6);
    put_le64(recording.files[1].data + FIELDS + 0x10, (uint64_t)ETL_START_TIME + 900000000);
    struct etw_trace *trace = open_recording(&recording, NULL);
    const struct etw_trace_header *header = etw_trace_get_header(trace);
    assert_int_equal(header->start_time, ETL_START_TIME);
    assert_int_equal(header->end_time, ETL_START_TIME + 900000000);
    assert_int_equal(header->events_lost, 11);
    assert_false(etw_trace_get_totals(trace)->is_unfinished);
    assert_int_equal(etw_trace_get_files(trace, &files), 3);
    assert_string_equal(files[2].path, "c.etl");
    assert_int_equal(files[2].header.events_lost, 6);
    etw_trace_close(trace);
    put_le64(recording.files[2].data + FIELDS + 0x10, 0);
    trace = open_recording(&recording, NULL);
    assert_int_equal(etw_trace_get_header(trace)->end_time, 0);
    assert_true(etw_trace_get_totals(trace)->is_unfinished);
    etw_trace_close(trace);
    end(&recording);
}

static void damage_names_its_file(void **state)
{
    (void)state;
    struct recording recording;
    begin(&recording, 2);
    add_buffers(&recording, 10, 3);
    recording.files[1].size -= 5;
    struct etw_trace *trace = open_recording(&recording, NULL);
    assert_int_equal(etw_trace_index(trace, NULL, NULL, NULL), ETW_OK);
    const struct findings *findings = etw_trace_get_findings(trace);
    bool has_damage = false;
    for (int kind = 0; kind < FINDING_KIND_COUNT; kind++) {
        if (findings->kinds[kind].count > 0) {
            has_damage = true;
            assert_int_equal(etw_place_file(findings->kinds[kind].first_offset), 2);
            assert_in_range(etw_place_offset(findings->kinds[kind].first_offset), 2048,
                            recording.files[1].size);
        }
    }
    assert_true(has_damage);
    etw_trace_close(trace);
    end(&recording);
}

/* ---- copies ---- */

static void add_events(struct etl_builder *b, unsigned from, unsigned to, unsigned per_buffer)
{
    for (unsigned number = from; number < to; number++) {
        if ((number - from) % per_buffer == 0) {
            etl_open_buffer(b, 0);
        }
        etl_add_event(b, (int64_t)number * 100, 40, (uint16_t)number);
        if ((number - from) % per_buffer == per_buffer - 1 || number + 1 == to) {
            etl_close_buffer(b);
        }
    }
}

static void copies_and_parts_are_refused(void **state)
{
    (void)state;
    static const struct {
        unsigned from[2], to[2], per_buffer[2];
        bool is_refused;
    } cases[] = {
        {{0, 0}, {40, 40}, {8, 8}, true},     /* the same buffers */
        {{0, 0}, {40, 80}, {8, 8}, true},     /* the file as it was, and later */
        {{0, 32}, {40, 80}, {8, 8}, true},    /* one buffer of a ring was kept twice */
        {{0, 0}, {40, 40}, {8, 5}, true},     /* other buffers, the same events */
        {{0, 10}, {100, 60}, {8, 7}, true},   /* a part in other buffers */
        {{0, 40}, {40, 80}, {8, 8}, false},   /* one after the other */
        {{0, 39}, {40, 80}, {8, 7}, false},   /* one event of many in common */
        {{0, 100}, {40, 110}, {8, 5}, false}, /* with a gap */
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct recording recording;
        begin(&recording, 2);
        for (int n = 0; n < 2; n++) {
            add_events(&recording.files[n], cases[i].from[n], cases[i].to[n],
                       cases[i].per_buffer[n]);
        }
        if (cases[i].is_refused) {
            check_refused(&recording, "hold the same events");
        } else {
            struct etw_trace *trace = open_recording(&recording, NULL);
            assert_int_equal(etw_trace_index(trace, NULL, NULL, NULL), ETW_OK);
            etw_trace_close(trace);
        }
        end(&recording);
    }
}

/* Files of a series, of which the sequence numbers of the buffers go on. */
static void a_file_missing_between_two_of_a_series_is_noticed(void **state)
{
    (void)state;
    static const struct {
        uint32_t mode;
        uint64_t first_of_second;
        uint16_t logger_id;
        unsigned gaps;
    } cases[] = {
        {0x9, 3, 7, 0}, {0x9, 2, 7, 0}, /* an idle CPU's buffer comes late */
        {0x9, 4, 7, 1}, {0x9, 400, 7, 1}, {0x1, 400, 7, 0}, {0x9, 400, 8, 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct recording recording;
        begin(&recording, 2);
        for (unsigned n = 0; n < 4; n++) {
            struct etl_builder *b = &recording.files[n / 2];
            put_le32(b->data + FIELDS + 0x20, cases[i].mode);
            etl_open_buffer(b, 0);
            etl_add_event(b, 1000 + n, 8, (uint16_t)n);
            etl_close_buffer(b);
            uint64_t sequence = n < 2 ? n + 1u : cases[i].first_of_second + n - 2;
            put_le64(b->data + b->buffer_at + 0x18, sequence);
            put_le16(b->data + b->buffer_at + 0x2A, n < 2 ? 7 : cases[i].logger_id);
        }
        struct etw_trace *trace = open_recording(&recording, NULL);
        assert_int_equal(etw_trace_index(trace, NULL, NULL, NULL), ETW_OK);
        const struct findings *findings = etw_trace_get_findings(trace);
        assert_int_equal(findings->kinds[FINDING_SERIES_GAP].count, cases[i].gaps);
        assert_false(findings_has_damage(findings));
        etw_trace_close(trace);
        end(&recording);
    }
}

static void names_are_compared_before_anything_is_read(void **state)
{
    (void)state;
    struct recording recording;
    begin(&recording, 3);
    recording.inputs[2].path = "a.etl";
    put_le64(recording.files[2].data + START_TIME, (uint64_t)ETL_START_TIME);
    check_refused(&recording, "a.etl was named twice");
    end(&recording);
}

static void errors_name_the_file(void **state)
{
    (void)state;
    struct recording recording;
    begin(&recording, 2);
    recording.files[1].data[0x48] = 99;
    recording.files[1].data[0x4A] = 99;
    struct etw_trace *trace = NULL;
    struct etw_error error = {.status = ETW_OK};
    finish(&recording);
    assert_int_equal(etw_trace_open_inputs(recording.inputs, 2, NULL, &trace, &error),
                     ETW_ERR_NOT_ETL);
    assert_non_null(strstr(error.text, "b.etl: "));
    assert_int_equal(
        etw_trace_open_inputs(recording.inputs, ETW_FILES_MAXIMUM + 1, NULL, &trace, &error),
        ETW_ERR_LIMIT);
    assert_null(trace);
    end(&recording);
}

static void a_place_is_an_offset_and_a_file(void **state)
{
    (void)state;
    uint64_t offset = (UINT64_C(1) << ETW_FILE_SHIFT) - 1;
    uint64_t place = etw_place_make(ETW_FILES_MAXIMUM, offset);
    assert_int_equal(etw_place_file(place), ETW_FILES_MAXIMUM);
    assert_true(etw_place_offset(place) == offset);
    assert_true(place < UINT64_C(1) << 56);
    assert_true(etw_place_make(0, 4711) == 4711);
    assert_int_equal(etw_place_file(4711), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_are_merged_in_one_time_order),
        cmocka_unit_test(equal_times_come_in_order_of_the_starts),
        cmocka_unit_test(what_must_agree_is_compared),
        cmocka_unit_test(a_start_that_nobody_knows_agrees_with_none),
        cmocka_unit_test(later_files_are_compared_with_each_other),
        cmocka_unit_test(the_headers_become_one),
        cmocka_unit_test(damage_names_its_file),
        cmocka_unit_test(copies_and_parts_are_refused),
        cmocka_unit_test(a_file_missing_between_two_of_a_series_is_noticed),
        cmocka_unit_test(names_are_compared_before_anything_is_read),
        cmocka_unit_test(errors_name_the_file),
        cmocka_unit_test(a_place_is_an_offset_and_a_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
