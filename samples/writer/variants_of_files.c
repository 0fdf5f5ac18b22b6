/* SPDX-License-Identifier: MIT */
/*
 * variants_of_files.c - one trace for each form of the container.
 *
 * To add one: a row at the end; functions for its options and content where those that
 * are there do not fit.
 */
#include "samples.h"

#include <string.h>

/* ---- contents ---- */

static void forty_packets(struct scene *scene)
{
    add_packets(scene, 40, MILLISECONDS(1), MICROSECONDS(150));
}

static void two_hundred_packets(struct scene *scene)
{
    add_packets(scene, 200, MILLISECONDS(1), MICROSECONDS(150));
}

static void nothing(struct scene *scene)
{
    (void)scene;
}

static void plain_events(struct scene *scene)
{
    for (unsigned i = 0; i < 100; i++) {
        (void)add_plain_event(scene, (uint16_t)(i & 1), MICROSECONDS(40) * i, 10 + i);
    }
}

/* CPU 1 logs one event at the start; its buffer goes to the file last. */
static void idle_cpu(struct scene *scene)
{
    (void)add_plain_event(scene, 1, MICROSECONDS(1), 40);
    for (unsigned i = 0; i < 300; i++) {
        make_udp_frame(scene, true, (uint16_t)i, 100);
        struct ndis_event event = {.at = MILLISECONDS(1) + MICROSECONDS(90) * i,
                                   .direction = DIRECTION_OUT,
                                   .data = scene->frame.data,
                                   .size = scene->frame.size};
        (void)scene_ndis(scene, &event);
        block_clear(&scene->frame);
    }
}

/* Every buffer is filled to its last byte. */
static void full_buffers(struct scene *scene)
{
    for (unsigned i = 0; i < 12; i++) {
        uint16_t cpu = i & 1;
        size_t room = etl_writer_get_room(scene->writer, cpu);
        size_t size = i % 4 < 2 ? 1000 : room - 80;
        (void)add_plain_event(scene, cpu, MILLISECONDS(i + 1), size);
    }
}

static void add_with_stray(struct scene *scene, const uint8_t *stray, size_t size)
{
    add_packets(scene, 20, MILLISECONDS(1), MICROSECONDS(100));
    if (!etl_writer_flush(scene->writer, 0) || !etl_writer_add_stray(scene->writer, stray, size)) {
        scene->failed = true;
    }
    add_packets(scene, 20, MILLISECONDS(10), MICROSECONDS(100));
}

static void garbage_between(struct scene *scene, size_t size)
{
    uint8_t garbage[0x2000];
    uint32_t state = 1;
    for (size_t i = 0; i < sizeof(garbage); i++) {
        state = state * 1103515245 + 12345;
        garbage[i] = (uint8_t)(state >> 16 & 0xFF);
    }
    add_with_stray(scene, garbage, size);
}

static void garbage_of_a_buffer(struct scene *scene)
{
    garbage_between(scene, 0x2000);
}

static void garbage_of_odd_size(struct scene *scene)
{
    garbage_between(scene, 1003);
}

static void zero_page(struct scene *scene)
{
    static const uint8_t zeros[0x1000];
    add_with_stray(scene, zeros, sizeof(zeros));
}

static void random_bytes(struct scene *scene)
{
    uint32_t state = 99;
    for (unsigned i = 0; i < 60; i++) {
        make_udp_frame(scene, true, (uint16_t)i, 600);
        for (size_t k = 42; !scene->frame.failed && k < scene->frame.size; k++) {
            state = state * 1664525 + 1013904223;
            scene->frame.data[k] = (uint8_t)(state >> 24);
        }
        struct ndis_event event = {.at = MILLISECONDS(1) + MICROSECONDS(90) * i,
                                   .direction = DIRECTION_OUT,
                                   .data = scene->frame.data,
                                   .size = scene->frame.size};
        (void)scene_ndis(scene, &event);
        block_clear(&scene->frame);
    }
}

/* Matches of every length class: runs of one byte, and equal records that follow each
 * other for more than 65,538 bytes. */
static void long_matches(struct scene *scene)
{
    static const size_t runs[] = {3, 9, 10, 24, 25, 26, 279, 280, 281, 300, 5000, 40000};
    int64_t at = MILLISECONDS(1);
    for (size_t i = 0; i < sizeof(runs) / sizeof(runs[0]); i++) {
        static const struct etl_guid guid = {0xC0FFEE01, 1, 2, {3, 4, 5, 6, 7, 8, 9, 10}};
        block_u32(&scene->payload, (uint32_t)(0x01020304 * (i + 1)));
        block_fill(&scene->payload, (unsigned)(0x40 + i), runs[i]);
        struct etl_event event = {.provider = &guid,
                                  .id = 7,
                                  .payload = scene->payload.data,
                                  .payload_size = scene->payload.size};
        (void)scene_event(scene, 0, at + (int64_t)i, &event);
        block_clear(&scene->payload);
    }
    for (unsigned i = 0; i < 300; i++) {
        (void)add_plain_event(scene, 0, at + 1000, 432);
    }
}

static void equal_times(struct scene *scene)
{
    add_packets(scene, 30, MILLISECONDS(5), 0);
}

/* Merged files hold events from before the session began. */
static void before_start(struct scene *scene)
{
    add_packets(scene, 20, -MILLISECONDS(3), MICROSECONDS(211));
}

/* A merged file keeps the file header records of its sources; only the first counts. */
static void second_header(struct scene *scene)
{
    uint8_t old_header[0x118] = {0};
    put_u32(old_header, 0x10000);
    put_u64(old_header + 0xF8 + 8, 3000000);          /* another frequency */
    put_u64(old_header + 0x100 + 8, SCENE_START / 2); /* another start */
    put_u32(old_header + 0x110, ETL_CLOCK_SYSTEM);
    struct etl_system record = {.pointer_size = 8,
                                .version = 2,
                                .ticks = scene_ticks(scene, 0),
                                .payload = old_header,
                                .payload_size = sizeof(old_header)};
    etl_record_system(&scene->record, &record);
    (void)scene_add(scene, 0, 0);
    forty_packets(scene);
}

static void high_cpu_numbers(struct scene *scene)
{
    static const uint16_t cpus[] = {0, 255, 256, 300, 399};
    for (unsigned i = 0; i < 25; i++) {
        (void)add_plain_event(scene, cpus[i % 5], MICROSECONDS(70) * i, 30);
    }
}

/* ---- damage ---- */

static void cut(struct scene *scene, uint64_t missing)
{
    scene_cut(scene, scene->image.size - missing);
}

/* In the middle of the last buffer's records. */
static void cut_last_buffer(struct scene *scene)
{
    cut(scene, scene->options.buffer_size - 0x48 - 1500);
}

static void cut_compressed_buffer(struct scene *scene)
{
    cut(scene, 300);
}

static void cut_buffer_header(struct scene *scene)
{
    cut(scene, scene->options.buffer_size - 0x20);
}

static size_t last_record_of_first_buffer(const struct scene *scene)
{
    size_t last = 0;
    for (size_t i = 0; i < scene->record_count; i++) {
        if (scene->records[i].place.sequence == scene->records[0].place.sequence) {
            last = i;
        }
    }
    return last;
}

static void size_zero(struct scene *scene)
{
    static const uint8_t zeros[2];
    scene_spoil(scene, last_record_of_first_buffer(scene), 0, zeros, sizeof(zeros));
}

static void size_too_large(struct scene *scene)
{
    static const uint8_t most[2] = {0xFF, 0xFF};
    scene_spoil(scene, last_record_of_first_buffer(scene), 0, most, sizeof(most));
}

/* The records behind it in the buffer are whole. */
static void bad_marker_inside(struct scene *scene)
{
    static const uint8_t marker[4] = {0x12, 0x34, 0x56, 0x78};
    scene_spoil(scene, 4, 0, marker, sizeof(marker));
}

/* ---- options ---- */

/* clang-format off */
#define OPTIONS(name, ...) \
    static void name(struct etl_options *options) \
    { \
        __VA_ARGS__ \
    }

OPTIONS(circular, options->mode = ETL_MODE_CIRCULAR; options->circular_buffers = 4;)
OPTIONS(circular_large, options->mode = ETL_MODE_CIRCULAR; options->circular_buffers = 40;)
OPTIONS(relogged, options->mode = 0x10001; options->session_name = "Relogger";)
OPTIONS(unfinished, options->is_unfinished = true;)
OPTIONS(unfinished_compressed, options->is_unfinished = true; options->mode = 0x04010001;)
OPTIONS(preallocated, options->mode = 0x21; options->preallocated_size = 100000;)
OPTIONS(one_list, options->mode = 0x10000001; options->cpu_count = 4;)
OPTIONS(header32, options->pointer_size = 4;)
OPTIONS(compressed, options->mode = 0x04010001;)
OPTIONS(compressed_kernel, options->mode = 0x04000001;)
OPTIONS(lznt1, options->mode = 0x04010001; options->algorithm = ETL_LZNT1;)
OPTIONS(huffman, options->mode = 0x04010001; options->algorithm = ETL_XPRESS_HUFFMAN;)
OPTIONS(wrong_state, options->mode = 0x04010001; options->state = ETL_XPRESS_HUFFMAN;)
OPTIONS(large_compressed, options->mode = 0x04010001; options->buffer_size = 0x100000;)
OPTIONS(clock_system, options->clock = ETL_CLOCK_SYSTEM;)
OPTIONS(clock_cycles, options->clock = ETL_CLOCK_CYCLES; options->frequency = 0;)
OPTIONS(odd_frequency, options->frequency = 2338525;)
OPTIONS(four_hundred_cpus, options->cpu_count = 400;)
OPTIONS(losses, options->events_lost = 41; options->buffers_lost = 2;)
OPTIONS(new_file, options->mode = 0x9; options->sequence_base = 907;)
OPTIONS(no_names, options->session_name = ""; options->file_name = "";)
OPTIONS(windows7, options->is_windows7 = true; options->mode = 0; options->os_major = 6;
        options->os_minor = 1; options->os_build = 7601; options->frequency = 2109960;)
OPTIONS(unaligned, windows7(options); options->mode = 0x10001; options->file_name = "a.etl";
        options->has_unaligned_header_fill = true;)
OPTIONS(private_logger, options->mode = 0x20802; options->clock = ETL_CLOCK_SYSTEM;
        options->pointer_size = 4; options->buffer_size = 0x1000; options->cpu_count = 4;)

static const struct variant rows[] = {
    {"plain", "two CPUs, four buffers", NULL, forty_packets, NULL},
    {"empty", "the header buffer only", NULL, nothing, NULL},
    {"no-packets", "events of an unknown provider", NULL, plain_events, NULL},
    {"no-names", "empty session and file name", no_names, forty_packets, NULL},
    {"losses", "41 events and 2 buffers lost", losses, forty_packets, NULL},
    {"circular-wrapped", "the oldest buffers overwritten", circular, two_hundred_packets, NULL},
    {"circular-not-wrapped", "circular, still in order", circular_large, forty_packets, NULL},
    {"new-file", "one of a row of files: sequence numbers go on", new_file, forty_packets, NULL},
    {"relogged", "mode 0x10001", relogged, forty_packets, NULL},
    {"private-logger", "written by a process: EndTime 0", private_logger, forty_packets, NULL},
    {"unfinished", "never stopped, last buffer cut", unfinished, forty_packets, cut_last_buffer},
    {"unfinished-compressed", "last buffer cut inside its compressed data", unfinished_compressed, forty_packets, cut_compressed_buffer},
    {"cut-in-buffer-header", "the file ends inside a buffer header", NULL, forty_packets, cut_buffer_header},
    {"preallocated", "zeros up to 100,000 bytes", preallocated, forty_packets, NULL},
    {"one-buffer-list", "no buffers per CPU", one_list, forty_packets, NULL},
    {"full-buffers", "no end mark: records up to the last byte", NULL, full_buffers, NULL},
    {"idle-cpu", "an early event in the last buffer", NULL, idle_cpu, NULL},
    {"many-cpus", "CPU numbers above 255", four_hundred_cpus, high_cpu_numbers, NULL},
    {"garbage-buffer", "a buffer's size of garbage between buffers", NULL, garbage_of_a_buffer, NULL},
    {"garbage-odd", "1,003 bytes of garbage between buffers", NULL, garbage_of_odd_size, NULL},
    {"zero-page", "4,096 zero bytes between buffers", NULL, zero_page, NULL},
    {"record-size-zero", "the last record of a buffer", NULL, forty_packets, size_zero},
    {"record-size-large", "the last record of a buffer runs past it", NULL, forty_packets, size_too_large},
    {"record-marker-bad", "a record inside a buffer; those behind it are whole", NULL, forty_packets, bad_marker_inside},
    {"windows7", "8-bit CPU numbers, SavedOffset 0", windows7, forty_packets, NULL},
    {"windows7-unaligned-header", "the header buffer's fill is no multiple of 8", unaligned, forty_packets, NULL},
    {"header32", "32-bit file header over 64-bit records", header32, forty_packets, NULL},
    {"compressed", "XPRESS, relogged", compressed, two_hundred_packets, NULL},
    {"compressed-kernel", "XPRESS, not relogged", compressed_kernel, two_hundred_packets, NULL},
    {"compressed-stored", "buffers that do not shrink are stored", compressed, random_bytes, NULL},
    {"compressed-long-matches", "every form of match length", large_compressed, long_matches, NULL},
    {"compressed-lznt1", "State 2", lznt1, two_hundred_packets, NULL},
    {"compressed-huffman", "State 4", huffman, two_hundred_packets, NULL},
    {"compressed-wrong-state", "State 4, but plain XPRESS", wrong_state, two_hundred_packets, NULL},
    {"clock-qpc", "2,338,525 ticks per second", odd_frequency, forty_packets, NULL},
    {"clock-system", "FILETIME stamps", clock_system, forty_packets, NULL},
    {"clock-cycles", "2,808 ticks per microsecond", clock_cycles, forty_packets, NULL},
    {"equal-times", "all time stamps are equal", NULL, equal_times, NULL},
    {"before-start", "events from before the file header's time stamp", NULL, before_start, NULL},
    {"second-header", "a second file header record with another clock", NULL, second_header, NULL},
};
/* clang-format on */

const struct variant_list variants_of_files = {rows, sizeof(rows) / sizeof(rows[0])};
