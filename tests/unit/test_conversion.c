/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <string.h>

#include "cli/conversion.h"
#include "cli/info.h"
#include "etw/trace.h"
#include "pcapout/output_file.h"
#include "tests/support/etl_builder.h"

static const uint8_t pcapng_start[] = {0x0a, 0x0d, 0x0d, 0x0a};

/* Two buffers of events that no table knows. */
static void build(struct etl_builder *b)
{
    *b = (struct etl_builder){.buffer_size = 1024};
    etl_add_header(b);
    for (uint16_t cpu = 0; cpu < 2; cpu++) {
        etl_open_buffer(b, cpu);
        (void)etl_add_event(b, 100 + cpu, 24, 1);
        (void)etl_add_event(b, 200 + cpu, 24, 2);
        etl_close_buffer(b);
    }
}

/* Like memmem(), which is not everywhere. */
static bool holds(const uint8_t *data, size_t size, const char *text)
{
    size_t length = strlen(text);
    for (size_t i = 0; i + length <= size; i++) {
        if (memcmp(data + i, text, length) == 0) {
            return true;
        }
    }
    return false;
}

/* Converts from memory to memory; the caller ends `*file`. */
static struct cli_summary convert(const struct etl_builder *b, struct out_file **file,
                                  struct cli_facts *facts)
{
    struct etw_trace *trace = NULL;
    struct cli_reading reading;
    struct etw_error error;
    struct cli_summary summary;
    const struct cli_convert_options options = {.file_name = "made.etl"};
    assert_int_equal(etw_trace_open_memory(b->data, b->size, NULL, &trace, &error), ETW_OK);
    assert_int_equal(cli_reading_init(&reading, trace, &error), ETW_OK);
    assert_int_equal(out_file_open_memory(file, &error), ETW_OK);
    assert_int_equal(cli_convert(&reading, &options, *file, &summary, &error), ETW_OK);
    *facts = reading.facts;
    cli_reading_done(&reading);
    etw_trace_close(trace);
    return summary;
}

static void a_trace_without_packets_becomes_a_valid_section(void **state)
{
    (void)state;
    struct etl_builder b;
    struct out_file *file = NULL;
    struct cli_facts facts;
    size_t size = 0;
    build(&b);
    struct cli_summary summary = convert(&b, &file, &facts);
    const uint8_t *data = out_file_get_memory(file, &size);
    assert_int_equal(summary.written, 0);
    assert_int_equal(summary.interfaces, 0);
    assert_false(summary.has_mixed_links);
    assert_int_equal(facts.packets, 0);
    assert_true(size >= 28);
    assert_memory_equal(data, pcapng_start, sizeof(pcapng_start));
    assert_true(holds(data, size, "converted from made.etl"));
    assert_true(holds(data, size, "lost while recording: "));
    assert_true(holds(data, size, "etwtrail "));
    out_file_abort(file);
    etl_done(&b);
}

static void the_same_trace_gives_the_same_bytes(void **state)
{
    (void)state;
    struct etl_builder b;
    struct out_file *files[2] = {NULL, NULL};
    const uint8_t *data[2];
    size_t sizes[2] = {0, 0};
    struct cli_facts facts;
    build(&b);
    for (int i = 0; i < 2; i++) {
        (void)convert(&b, &files[i], &facts);
        data[i] = out_file_get_memory(files[i], &sizes[i]);
    }
    assert_int_equal(sizes[0], sizes[1]);
    assert_memory_equal(data[0], data[1], sizes[0]);
    out_file_abort(files[0]);
    out_file_abort(files[1]);
    etl_done(&b);
}

static void damage_is_told_in_the_section_comment(void **state)
{
    (void)state;
    struct etl_builder b;
    struct out_file *file = NULL;
    struct cli_facts facts;
    size_t size = 0;
    build(&b);
    b.size -= 900; /* inside the last buffer */
    (void)convert(&b, &file, &facts);
    const uint8_t *data = out_file_get_memory(file, &size);
    assert_true(holds(data, size, "buffer-cut: 1 time"));
    out_file_abort(file);
    etl_done(&b);
}

static void info_says_what_is_missing_in_text_and_in_json(void **state)
{
    (void)state;
    struct etl_builder b;
    struct etw_trace *trace = NULL;
    struct cli_reading reading;
    struct cli_info info;
    struct etw_error error;
    struct text text = {.maximum = 0};
    struct text json = {.maximum = 0};
    const struct cli_info_style style = {.width = 80};
    build(&b);
    assert_int_equal(etw_trace_open_memory(b.data, b.size, NULL, &trace, &error), ETW_OK);
    assert_int_equal(cli_reading_init(&reading, trace, &error), ETW_OK);
    assert_int_equal(cli_info_init(&info, &reading, "made.etl", &error), ETW_OK);
    cli_info_add_text(&info, &style, &text);
    cli_info_add_json(&info, &json);
    assert_non_null(strstr(text_get(&text), "netsh trace start capture=yes"));
    assert_non_null(strstr(text_get(&json), "\"missing\":[{\"what\":\"packets\""));
    assert_non_null(strstr(text_get(&json), "\"found\":5,\"delivered\":5"));
    cli_info_done(&info);
    cli_reading_done(&reading);
    etw_trace_close(trace);
    text_done(&text);
    text_done(&json);
    etl_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_trace_without_packets_becomes_a_valid_section),
        cmocka_unit_test(the_same_trace_gives_the_same_bytes),
        cmocka_unit_test(damage_is_told_in_the_section_comment),
        cmocka_unit_test(info_says_what_is_missing_in_text_and_in_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
