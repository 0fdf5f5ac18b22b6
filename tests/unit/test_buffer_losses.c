/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "etw/losses.h"
#include "etw/trace.h"
#include "tests/support/etl_builder.h"

#define NUMBER_AT 0x18u
#define FLAGS_AT  0x34u

/* A data buffer with this number, two events, flags beside the usual ones. */
static void add_buffer(struct etl_builder *b, uint64_t number, uint16_t cpu, int64_t ticks,
                       uint8_t flags)
{
    etl_open_buffer(b, cpu);
    (void)etl_add_event(b, ticks, 24, 1);
    (void)etl_add_event(b, ticks + 50, 24, 2);
    etl_close_buffer(b);
    put_le64(b->data + b->buffer_at + NUMBER_AT, number);
    b->data[b->buffer_at + FLAGS_AT] |= flags;
}

static struct etw_losses *read_losses(struct etl_builder *b)
{
    struct etw_trace *trace = NULL;
    struct etw_losses *losses = NULL;
    struct etw_error error;
    assert_int_equal(etw_trace_open_memory(b->data, b->size, NULL, &trace, &error), ETW_OK);
    assert_int_equal(etw_trace_index(trace, NULL, NULL, &error), ETW_OK);
    assert_int_equal(etw_trace_read_losses(trace, &losses, &error), ETW_OK);
    etw_trace_close(trace);
    etl_done(b);
    return losses;
}

static struct etl_builder begin(void)
{
    struct etl_builder b = {.buffer_size = 1024};
    etl_add_header(&b);
    return b;
}

static void numbers_without_gap_lose_nothing(void **state)
{
    (void)state;
    struct etl_builder b = begin();
    add_buffer(&b, 2, 1, 100, 0); /* file order is not the order of numbers */
    add_buffer(&b, 1, 0, 200, 0);
    add_buffer(&b, 3, 0, 300, 0);
    struct etw_losses *losses = read_losses(&b);
    assert_int_equal(losses->numbered, 3);
    assert_int_equal(losses->first_number, 1);
    assert_int_equal(losses->last_number, 3);
    assert_int_equal(losses->missing, 0);
    assert_int_equal(losses->gap_count, 0);
    assert_int_equal(losses->cpu_count, 0);
    etw_losses_free(losses);
}

static void a_gap_lies_between_its_neighbours_in_time(void **state)
{
    (void)state;
    struct etl_builder b = begin();
    add_buffer(&b, 5, 0, 100, 0);
    add_buffer(&b, 9, 1, 700, 0);
    add_buffer(&b, 11, 1, 900, 0);
    struct etw_losses *losses = read_losses(&b);
    assert_int_equal(losses->first_number, 5);
    assert_int_equal(losses->missing, 4);
    assert_int_equal(losses->gap_count, 2);
    assert_int_equal(losses->gaps[0].first, 6);
    assert_int_equal(losses->gaps[0].count, 3);
    assert_int_equal(losses->gaps[0].from, ETL_START_TIME + 100);
    assert_int_equal(losses->gaps[0].to, ETL_START_TIME + 700);
    assert_int_equal(losses->gaps[1].first, 10);
    assert_int_equal(losses->gaps[1].count, 1);
    etw_losses_free(losses);
}

static void more_gaps_than_are_kept_are_counted(void **state)
{
    (void)state;
    struct etl_builder b = begin();
    for (uint64_t i = 0; i < ETW_GAPS_MAXIMUM + 11; i++) {
        add_buffer(&b, 1 + 2 * i, 0, (int64_t)(100 * i), 0);
    }
    struct etw_losses *losses = read_losses(&b);
    assert_int_equal(losses->gap_count, ETW_GAPS_MAXIMUM + 10);
    assert_int_equal(losses->missing, ETW_GAPS_MAXIMUM + 10);
    assert_int_equal(losses->gaps[ETW_GAPS_MAXIMUM - 1].first, 2 * ETW_GAPS_MAXIMUM);
    etw_losses_free(losses);
}

/* Stale or damaged numbers make no losses of millions of buffers. */
static void senseless_numbers_make_no_gap(void **state)
{
    (void)state;
    struct etl_builder b = begin();
    add_buffer(&b, 1, 0, 100, 0);
    add_buffer(&b, UINT64_MAX - 3, 0, 200, 0);
    struct etw_losses *losses = read_losses(&b);
    assert_int_equal(losses->missing, 0);
    assert_int_equal(losses->gap_count, 0);
    etw_losses_free(losses);
}

static void equal_numbers_are_no_gap(void **state)
{
    (void)state;
    struct etl_builder b = begin();
    add_buffer(&b, 4, 0, 100, 0);
    add_buffer(&b, 4, 1, 200, 0);
    struct etw_losses *losses = read_losses(&b);
    assert_int_equal(losses->missing, 0);
    etw_losses_free(losses);
}

static void marked_buffers_tell_cpu_and_time(void **state)
{
    (void)state;
    struct etl_builder b = begin();
    add_buffer(&b, 1, 0, 100, 0);
    add_buffer(&b, 2, 3, 400, 0x02);
    add_buffer(&b, 3, 3, 300, 0x04);
    add_buffer(&b, 4, 1, 500, 0x02);
    struct etw_losses *losses = read_losses(&b);
    assert_int_equal(losses->cpu_count, 2);
    assert_int_equal(losses->cpus[0].cpu, 1);
    assert_int_equal(losses->cpus[0].buffers, 1);
    assert_int_equal(losses->cpus[1].cpu, 3);
    assert_int_equal(losses->cpus[1].buffers, 2);
    assert_int_equal(losses->cpus[1].from, ETL_START_TIME + 300);
    assert_int_equal(losses->cpus[1].to, ETL_START_TIME + 450);
    assert_false(losses->cpus[1].has_dropped);
    etw_losses_free(losses);
}

/* A trace whose header has the last drops of four CPUs, the last two cut off. */
static struct etw_losses *read_dropped(uint64_t first, uint64_t second, uint64_t boot)
{
    struct etl_builder b = {.buffer_size = 1024};
    etl_add_header(&b);
    uint32_t fill = (uint32_t)(0x48 + 0x20 + 0x118 + 8);
    uint8_t *record = b.data + fill;
    put_le16(record, 2);
    record[2] = RECORD_PERFINFO64;
    record[3] = 0xC0;
    put_le16(record + 4, 0x10 + 8 + 16);
    record[6] = 0x52;
    record[7] = 0;
    put_le64(record + 8, 7);
    put_le32(record + 0x10, 4);
    put_le32(record + 0x14, 0);
    put_le64(record + 0x18, first);
    put_le64(record + 0x20, second);
    put_le64(b.data + 0x48 + 0x20 + 0xF8, boot);
    put_le32(b.data + 0x04, fill + 40);
    put_le32(b.data + 0x30, fill + 40);
    add_buffer(&b, 1, 0, 100, 0);
    return read_losses(&b);
}

static void the_last_drop_of_a_cpu_has_a_time_where_its_unit_shows(void **state)
{
    (void)state;
    struct etw_losses *losses = read_dropped(0, (uint64_t)ETL_START_TIME + 900, ETL_START_TIME);
    assert_int_equal(losses->cpu_count, 1);
    assert_int_equal(losses->cpus[0].cpu, 1);
    assert_true(losses->cpus[0].has_dropped);
    assert_int_equal(losses->cpus[0].dropped, ETL_START_TIME + 900);
    etw_losses_free(losses);
    losses = read_dropped(800, 0, ETL_START_TIME); /* in the session's clock */
    assert_int_equal(losses->cpu_count, 1);
    assert_int_equal(losses->cpus[0].cpu, 0);
    assert_int_equal(losses->cpus[0].dropped, ETL_START_TIME + 800);
    etw_losses_free(losses);
}

static void a_drop_in_no_known_unit_has_no_time(void **state)
{
    (void)state;
    struct etw_losses *losses = read_dropped(UINT64_C(1) << 62, 0, ETL_START_TIME);
    assert_int_equal(losses->cpu_count, 1);
    assert_true(losses->cpus[0].has_dropped);
    assert_int_equal(losses->cpus[0].dropped, 0);
    etw_losses_free(losses);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_without_gap_lose_nothing),
        cmocka_unit_test(a_gap_lies_between_its_neighbours_in_time),
        cmocka_unit_test(more_gaps_than_are_kept_are_counted),
        cmocka_unit_test(senseless_numbers_make_no_gap),
        cmocka_unit_test(equal_numbers_are_no_gap),
        cmocka_unit_test(marked_buffers_tell_cpu_and_time),
        cmocka_unit_test(the_last_drop_of_a_cpu_has_a_time_where_its_unit_shows),
        cmocka_unit_test(a_drop_in_no_known_unit_has_no_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
