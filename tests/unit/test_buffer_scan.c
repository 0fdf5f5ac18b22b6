/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <time.h>

#include "etw/container/buffer_image.h"
#include "etw/container/buffer_scan.h"
#include "etw/container/record_walk.h"
#include "tests/support/etl_builder.h"
#include "tests/support/random.h"

#define SESSION_SIZE  1024u
#define BUFFER_COUNT  5u /* of data buffers */
#define EVENTS_EACH   4u
#define EVENT_COUNT   (BUFFER_COUNT * EVENTS_EACH)
#define PLACE_MAXIMUM 64

/* What comes out of a file: buffers, and how often each numbered event. */
struct outcome {
    struct buffer_place places[PLACE_MAXIMUM];
    size_t count;
    unsigned events[EVENT_COUNT];
    struct findings findings;
};

static void read_events(const struct byte_source *source, const struct buffer_place *place,
                        struct outcome *outcome)
{
    struct buffer_loader loader = {.source = source};
    struct buffer_image image = {.place = *place};
    struct etw_record record;
    assert_int_equal(buffer_image_load(&loader, &image, NULL), ETW_OK);
    findings_merge(&outcome->findings, &image.findings);
    struct record_walk walk = {.data = image.data,
                               .end = image.fill,
                               .fill = image.fill,
                               .position = BUFFER_HEADER_SIZE,
                               .buffer_offset = place->offset,
                               .findings = &outcome->findings};
    while (record_walk_next(&walk, &record) == WALK_RECORD) {
        if (record.class_of == RECORD_IS_MANIFEST && record.id < EVENT_COUNT) {
            outcome->events[record.id]++;
        }
    }
    buffer_image_done(&image);
    buffer_loader_done(&loader);
}

static void scan_file(const uint8_t *data, size_t size, struct outcome *outcome)
{
    struct byte_source source;
    struct buffer_scan scan;
    struct buffer_place place;
    uint64_t end = 0;
    *outcome = (struct outcome){0};
    byte_source_open_memory(&source, data, size);
    buffer_scan_init(&scan, &source, SESSION_SIZE);
    while (buffer_scan_next(&scan, &place, &outcome->findings, NULL) == ETW_OK) {
        assert_true(place.offset >= end && place.size > 0 && place.offset + place.size <= size);
        end = place.offset + place.size;
        read_events(&source, &place, outcome);
        if (outcome->count < PLACE_MAXIMUM) {
            outcome->places[outcome->count++] = place;
        }
    }
}

struct file {
    struct etl_builder b;
    size_t buffers[BUFFER_COUNT + 1]; /* offsets; the header buffer is 0 */
};

static void add_data_buffer(struct etl_builder *b, unsigned index, bool is_packed)
{
    etl_open_buffer(b, (uint16_t)(index % 2));
    for (unsigned i = 0; i < EVENTS_EACH; i++) {
        unsigned number = index * EVENTS_EACH + i;
        etl_add_event(b, 1000 + number, 24 + number, (uint16_t)number);
    }
    if (is_packed) {
        etl_close_packed(b);
    } else {
        etl_close_buffer(b);
    }
}

static struct file make_file(bool is_packed)
{
    struct file file = {.b = {.buffer_size = SESSION_SIZE}};
    etl_add_header(&file.b);
    for (unsigned i = 0; i < BUFFER_COUNT; i++) {
        file.buffers[i + 1] = file.b.size;
        add_data_buffer(&file.b, i, is_packed);
    }
    return file;
}

static bool all_arrived(const struct outcome *outcome, unsigned first, unsigned count)
{
    for (unsigned i = first; i < first + count; i++) {
        if (outcome->events[i] != 1) {
            return false;
        }
    }
    return true;
}

/* All events but those of data buffer `but`. */
static bool others_arrived(const struct outcome *outcome, unsigned but)
{
    return all_arrived(outcome, 0, but * EVENTS_EACH) &&
           all_arrived(outcome, (but + 1) * EVENTS_EACH, EVENT_COUNT - (but + 1) * EVENTS_EACH);
}

static void a_sound_file_gives_its_buffers_and_no_findings(void **state)
{
    (void)state;
    static const struct findings none;
    for (int is_packed = 0; is_packed < 2; is_packed++) {
        struct file file = make_file(is_packed);
        struct outcome outcome;
        scan_file(file.b.data, file.b.size, &outcome);
        assert_int_equal(outcome.count, BUFFER_COUNT + 1);
        for (size_t i = 0; i < outcome.count; i++) {
            assert_int_equal(outcome.places[i].offset, file.buffers[i]);
            assert_false(outcome.places[i].is_size_uncertain);
        }
        assert_true(all_arrived(&outcome, 0, EVENT_COUNT));
        assert_memory_equal(&outcome.findings, &none, sizeof(none));
        etl_done(&file.b);
    }
}

static void a_damaged_buffer_size_costs_no_record(void **state)
{
    (void)state;
    static const uint32_t sizes[] = {0,
                                     1,
                                     0x47,
                                     0x48,
                                     0x50,
                                     0x100,
                                     SESSION_SIZE - 8,
                                     SESSION_SIZE + 1,
                                     SESSION_SIZE + 8,
                                     2 * SESSION_SIZE,
                                     3 * SESSION_SIZE,
                                     5 * SESSION_SIZE,
                                     1u << 20,
                                     BUFFER_SIZE_MAXIMUM,
                                     BUFFER_SIZE_MAXIMUM + 1,
                                     UINT32_MAX};
    for (int is_packed = 0; is_packed < 2; is_packed++) {
        struct file file = make_file(is_packed);
        for (unsigned i = 0; i < BUFFER_COUNT * sizeof(sizes) / sizeof(sizes[0]); i++) {
            unsigned damaged = i % BUFFER_COUNT;
            uint32_t size = sizes[i / BUFFER_COUNT];
            uint8_t *at = file.b.data + file.buffers[damaged + 1];
            uint32_t before = load_u32(at);
            struct outcome outcome;
            put_le32(at, size);
            scan_file(file.b.data, file.b.size, &outcome);
            if (!all_arrived(&outcome, 0, EVENT_COUNT) || !findings_has_damage(&outcome.findings)) {
                fail_msg("packed %d, buffer %u with size %u", is_packed, damaged, size);
            }
            put_le32(at, before);
        }
        etl_done(&file.b);
    }
}

static void one_wrong_byte_in_a_buffer_header_costs_that_buffer_at_most(void **state)
{
    (void)state;
    static const uint8_t changes[] = {0x01, 0x04, 0x10, 0x40, 0x80, 0xFF, 0x55};
    for (int is_packed = 0; is_packed < 2; is_packed++) {
        struct file file = make_file(is_packed);
        for (size_t i = 0; i < BUFFER_HEADER_SIZE * sizeof(changes); i++) {
            unsigned damaged = (unsigned)(i % BUFFER_COUNT);
            size_t at = i / sizeof(changes);
            uint8_t *byte = file.b.data + file.buffers[damaged + 1] + at;
            struct outcome outcome;
            *byte ^= changes[i % sizeof(changes)];
            scan_file(file.b.data, file.b.size, &outcome);
            if (!others_arrived(&outcome, damaged)) {
                fail_msg("packed %d, buffer %u, byte %zu ^ %02x", is_packed, damaged, at,
                         changes[i % sizeof(changes)]);
            }
            *byte ^= changes[i % sizeof(changes)];
        }
        etl_done(&file.b);
    }
}

static void garbage_between_buffers_is_passed_over(void **state)
{
    (void)state;
    uint64_t seed = 5;
    for (size_t garbage = 1; garbage <= 1000; garbage += 1 + garbage / 16) {
        for (int kind = 0; kind < 6; kind++) {
            bool is_packed = kind % 2;
            struct etl_builder b = {.buffer_size = SESSION_SIZE};
            struct outcome outcome;
            etl_add_header(&b);
            for (unsigned i = 0; i < BUFFER_COUNT; i++) {
                add_data_buffer(&b, i, is_packed);
                uint8_t *to = etl_extend(&b, garbage); /* kind 0, 1: zeros */
                for (size_t g = 0; kind >= 2 && g < garbage; g++) {
                    to[g] = kind < 4 ? 0xFF : (uint8_t)random_next(&seed);
                }
            }
            scan_file(b.data, b.size, &outcome);
            if (!all_arrived(&outcome, 0, EVENT_COUNT) || !findings_has_damage(&outcome.findings)) {
                fail_msg("%zu bytes of kind %d", garbage, kind);
            }
            etl_done(&b);
        }
    }
}

static void a_cut_file_gives_everything_before_the_cut(void **state)
{
    (void)state;
    for (int is_packed = 0; is_packed < 2; is_packed++) {
        struct file file = make_file(is_packed);
        for (size_t size = 0; size < file.b.size; size++) {
            unsigned whole = 0;
            struct outcome outcome;
            uint8_t *exact = test_malloc(size + 1);
            memcpy(exact + 1, file.b.data, size);
            scan_file(exact + 1, size, &outcome);
            while (whole < BUFFER_COUNT &&
                   (whole + 1 < BUFFER_COUNT ? file.buffers[whole + 2] : file.b.size) <= size) {
                whole++;
            }
            if (!all_arrived(&outcome, 0, whole * EVENTS_EACH)) {
                fail_msg("packed %d, cut at %zu", is_packed, size);
            }
            size_t begun = file.buffers[whole + 1] < size ? file.buffers[whole + 1] : size;
            /* One byte more is the zero that a size of 1024 begins with. */
            bool is_between = size <= begun + 1 || whole == BUFFER_COUNT;
            if (size >= SESSION_SIZE && !is_between) {
                assert_true(findings_has_damage(&outcome.findings));
            }
            test_free(exact);
        }
        etl_done(&file.b);
    }
}

static void records_before_a_cut_are_read_from_the_cut_buffer(void **state)
{
    (void)state;
    struct file file = make_file(false);
    size_t last = file.buffers[BUFFER_COUNT];
    struct outcome outcome;
    /* The first two events of the last buffer: 0x50 + 24 + 16 and one more byte. */
    scan_file(file.b.data, last + BUFFER_HEADER_SIZE + 2 * 0x80, &outcome);
    assert_true(all_arrived(&outcome, 0, EVENT_COUNT - 2));
    assert_int_equal(outcome.findings.kinds[FINDING_BUFFER_CUT].count, 1);
    etl_done(&file.b);
}

static void zeros_to_the_end_are_room_that_was_never_used(void **state)
{
    (void)state;
    static const size_t tails[] = {1, 71, 72, 512, 8192, 8193, 200000};
    static const struct findings none;
    for (int is_packed = 0; is_packed < 2; is_packed++) {
        for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
            struct file file = make_file(is_packed);
            struct outcome outcome;
            (void)etl_extend(&file.b, tails[i]);
            scan_file(file.b.data, file.b.size, &outcome);
            assert_int_equal(outcome.count, BUFFER_COUNT + 1);
            assert_true(all_arrived(&outcome, 0, EVENT_COUNT));
            assert_memory_equal(&outcome.findings, &none, sizeof(none));
            etl_done(&file.b);
        }
    }
}

static void a_page_of_zeros_costs_what_it_covers(void **state)
{
    (void)state;
    for (int is_packed = 0; is_packed < 2; is_packed++) {
        struct file file = make_file(is_packed);
        struct outcome outcome;
        memset(file.b.data + file.buffers[3], 0, file.buffers[4] - file.buffers[3]);
        scan_file(file.b.data, file.b.size, &outcome);
        assert_true(others_arrived(&outcome, 2));
        assert_int_equal(outcome.findings.kinds[FINDING_GARBAGE].count, 1);
        assert_int_equal(outcome.findings.kinds[FINDING_GARBAGE].first_offset, file.buffers[3]);
        etl_done(&file.b);
    }
}

/* Compressed sessions store a buffer plain, and shorter, when packing does not
 * pay. At a session's distance there may be anything: zeros, the end of the file. */
static void a_short_plain_buffer_does_not_swallow_the_next(void **state)
{
    (void)state;
    for (size_t tail = 0; tail < 3000; tail += 8) {
        struct etl_builder b = {.buffer_size = 480};
        struct outcome outcome;
        etl_add_header(&b);
        for (unsigned i = 0; i < BUFFER_COUNT; i++) {
            etl_open_buffer(&b, 0);
            size_t event = etl_add_event(&b, 1000, 500, (uint16_t)i);
            memset(b.data + event + 0x50, 0, 500);
            etl_close_buffer(&b);
        }
        (void)etl_extend(&b, tail);
        scan_file(b.data, b.size, &outcome);
        assert_int_equal(outcome.count, BUFFER_COUNT + 1);
        assert_true(all_arrived(&outcome, 0, BUFFER_COUNT));
        etl_done(&b);
    }
}

/* A buffer header that contradicts nothing, `size` bytes further another one. */
static void put_fake(uint8_t *at, uint32_t size, uint32_t fill)
{
    put_le32(at, size);
    put_le32(at + 0x04, fill);
    put_le32(at + 0x30, fill);
    put_le16(at + 0x34, fill > size ? BUFFER_COMPRESSED : 0);
}

static const struct fake_case {
    const char *name;
    uint32_t size, fill, distance;
    uint8_t between;
} fake_cases[] = {
    {"back to back", 0x48, 0x48, 0x48, 0},
    {"each claims 16 MB", 16u << 20, 0x48, 0x48, 0},
    {"each is said to unpack to 16 MB", 0x48, 16u << 20, 0x48, 0},
    {"zeros between", 0x48, 0x48, 0xA0, 0},
    {"more zeros between", 0x48, 0x48, 0x400, 0},
    {"garbage between", 0x48, 0x48, 0xA0, 0x77},
    {"sizes that miss", 0x49, 0x48, 0x60, 0x77},
    {"one contradiction each", 0x48, 0x49, 0x48, 0},
    {"one contradiction and zeros", 0x48, 0x49, 0xA0, 0},
    {"two contradictions each", 0x10, 0x47, 0x48, 0},
    {"nearly a header everywhere", 0x01010101, 0x01010101, 8, 1},
};

static void four_megabytes_of_fake_headers_take_less_than_a_second(void **state)
{
    (void)state;
    const size_t size = (size_t)4 << 20;
    uint8_t *data = test_malloc(size);
    for (size_t i = 0; i < sizeof(fake_cases) / sizeof(fake_cases[0]); i++) {
        const struct fake_case *row = &fake_cases[i];
        struct byte_source source;
        struct buffer_scan scan;
        struct buffer_place place;
        struct findings findings = {0};
        memset(data, row->between, size);
        for (size_t at = 0; at + 0x48 <= size; at += row->distance) {
            put_fake(data + at, row->size, row->fill);
        }
        clock_t begin = clock();
        byte_source_open_memory(&source, data, size);
        buffer_scan_init(&scan, &source, SESSION_SIZE);
        while (buffer_scan_next(&scan, &place, &findings, NULL) == ETW_OK) {
        }
        double seconds = (double)(clock() - begin) / CLOCKS_PER_SEC;
        if (seconds > 1.0) {
            fail_msg("%s: %.2f s", row->name, seconds);
        }
    }
    test_free(data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sound_file_gives_its_buffers_and_no_findings),
        cmocka_unit_test(a_damaged_buffer_size_costs_no_record),
        cmocka_unit_test(one_wrong_byte_in_a_buffer_header_costs_that_buffer_at_most),
        cmocka_unit_test(garbage_between_buffers_is_passed_over),
        cmocka_unit_test(a_cut_file_gives_everything_before_the_cut),
        cmocka_unit_test(records_before_a_cut_are_read_from_the_cut_buffer),
        cmocka_unit_test(zeros_to_the_end_are_room_that_was_never_used),
        cmocka_unit_test(a_page_of_zeros_costs_what_it_covers),
        cmocka_unit_test(a_short_plain_buffer_does_not_swallow_the_next),
        cmocka_unit_test(four_megabytes_of_fake_headers_take_less_than_a_second),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
