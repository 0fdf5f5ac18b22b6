/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "etw/container/record_kinds.h"
#include "etw/container/record_walk.h"
#include "tests/support/etl_builder.h"
#include "tests/support/random.h"

#define COUNT 12u

/* The records of one buffer, as they stand behind its header. */
struct body {
    struct etl_builder b;
    uint32_t places[COUNT + 1]; /* the end of the last one included */
};

static struct body make_body(void)
{
    struct body body = {.b = {.buffer_size = 0}};
    for (uint16_t i = 0; i < COUNT; i++) {
        body.places[i] = (uint32_t)etl_add_event(&body.b, 100 + i, (i * 37u) % 90, i);
    }
    body.places[COUNT] = (uint32_t)body.b.size;
    return body;
}

struct outcome {
    unsigned events[COUNT];
    uint64_t delivered;
    struct findings findings;
};

static struct record_walk walk_of(const uint8_t *data, size_t size, struct findings *findings)
{
    return (struct record_walk){
        .data = data, .end = (uint32_t)size, .fill = (uint32_t)size, .findings = findings};
}

static struct outcome walk_body(const uint8_t *data, size_t size)
{
    struct outcome outcome = {.delivered = 0};
    struct record_walk walk = walk_of(data, size, &outcome.findings);
    struct etw_record record;
    while (record_walk_next(&walk, &record) == WALK_RECORD) {
        assert_true(record.offset + record.size <= size);
        outcome.delivered++;
        if (record.id < COUNT) {
            outcome.events[record.id]++;
        }
    }
    assert_int_equal(record_walk_next(&walk, &record), WALK_END); /* and it stays there */
    return outcome;
}

static void sound_records_come_with_their_places_and_times(void **state)
{
    (void)state;
    struct body body = make_body();
    struct findings findings = {0};
    struct etw_record record;
    struct record_walk walk = walk_of(body.b.data, body.b.size, &findings);
    walk.cpu = 3;
    walk.buffer_offset = 1000000;
    for (uint16_t i = 0; i < COUNT; i++) {
        assert_int_equal(record_walk_next(&walk, &record), WALK_RECORD);
        assert_int_equal(record.id, i);
        assert_int_equal(record.offset, 1000000 + body.places[i]);
        assert_int_equal(record.ticks, 100 + i);
        assert_int_equal(record.cpu, 3);
        assert_int_equal(record.payload.size, (i * 37u) % 90);
        assert_ptr_equal(record.payload.data, body.b.data + body.places[i] + 0x50);
    }
    assert_int_equal(record_walk_next(&walk, &record), WALK_END);
    assert_false(findings_has_damage(&findings));
    etl_done(&body.b);
}

/* A wrong size that leads exactly to a later record cannot be told from a right one. */
static bool is_deceiving(const struct body *body, unsigned damaged, uint32_t size)
{
    uint32_t next = body->places[damaged] + ((size + 7u) & ~7u);
    for (unsigned i = damaged + 2; i <= COUNT; i++) {
        if (next == body->places[i]) {
            return true;
        }
    }
    return false;
}

static void a_damaged_size_costs_one_record_at_most(void **state)
{
    (void)state;
    struct body body = make_body();
    for (unsigned damaged = 0; damaged < COUNT; damaged++) {
        uint8_t *record = body.b.data + body.places[damaged];
        uint16_t before = load_u16(record);
        for (uint32_t size = 0; size <= UINT16_MAX; size += size < 2000 ? 1 : 251) {
            put_le16(record, (uint16_t)size);
            struct outcome outcome = walk_body(body.b.data, body.b.size);
            for (unsigned i = 0; i < COUNT && !is_deceiving(&body, damaged, size); i++) {
                if (outcome.events[i] != 1 && i != damaged) {
                    fail_msg("record %u with size %u loses record %u", damaged, size, i);
                }
            }
        }
        put_le16(record, before);
    }
    etl_done(&body.b);
}

static void a_damaged_marker_costs_one_record(void **state)
{
    (void)state;
    static const uint32_t markers[] = {0,          UINT32_MAX, 0xC0160068,
                                       0xC0000068, 0x80130068, 0x90130068};
    struct body body = make_body();
    for (unsigned i = 0; i < COUNT * sizeof(markers) / sizeof(markers[0]); i++) {
        unsigned damaged = i % COUNT;
        uint8_t *record = body.b.data + body.places[damaged];
        uint32_t before = load_u32(record);
        put_le32(record, markers[i / COUNT]);
        struct outcome outcome = walk_body(body.b.data, body.b.size);
        put_le32(record, before);
        /* The end marker at the last record is no damage: nothing follows. */
        bool is_end = markers[i / COUNT] == UINT32_MAX && damaged == COUNT - 1;
        assert_int_equal(outcome.delivered, COUNT - 1);
        assert_int_equal(outcome.events[damaged], 0);
        assert_int_equal(outcome.findings.kinds[FINDING_RECORD_DAMAGED].count, !is_end);
        if (!is_end) {
            const struct finding *finding = &outcome.findings.kinds[FINDING_RECORD_DAMAGED];
            assert_int_equal(finding->first_offset, body.places[damaged]);
            assert_int_equal(finding->bytes, body.places[damaged + 1] - body.places[damaged]);
        }
    }
    etl_done(&body.b);
}

static void one_wrong_byte_anywhere_never_leads_outside(void **state)
{
    (void)state;
    struct body body = make_body();
    uint8_t *exact = test_malloc(body.b.size);
    memcpy(exact, body.b.data, body.b.size);
    for (size_t at = 0; at < body.b.size; at++) {
        for (unsigned change = 1; change < 256; change = change * 2 + 1) {
            exact[at] ^= (uint8_t)change;
            struct outcome outcome = walk_body(exact, body.b.size);
            assert_true(outcome.delivered <= COUNT);
            exact[at] ^= (uint8_t)change;
        }
    }
    test_free(exact);
    etl_done(&body.b);
}

static void every_cut_delivers_the_records_before_it(void **state)
{
    (void)state;
    struct body body = make_body();
    for (size_t size = 0; size <= body.b.size; size++) {
        unsigned whole = 0;
        uint8_t *exact = test_malloc(size + 1); /* the last `size` bytes are used */
        memcpy(exact + 1, body.b.data, size);
        struct outcome outcome = walk_body(exact + 1, size);
        for (; whole < COUNT && body.places[whole + 1] <= size; whole++) {
            assert_int_equal(outcome.events[whole], 1);
        }
        test_free(exact);
    }
    etl_done(&body.b);
}

static void a_fill_that_is_not_aligned_ends_after_the_last_record(void **state)
{
    (void)state;
    struct etl_builder b = {.buffer_size = 0};
    etl_add_event(&b, 1, 8, 0);
    size_t last = etl_add_event(&b, 2, 10, 1);
    struct outcome outcome = walk_body(b.data, last + 0x50 + 10); /* without its padding */
    assert_int_equal(outcome.delivered, 2);
    assert_false(findings_has_damage(&outcome.findings));
    etl_done(&b);
}

static void the_end_marker_ends_the_walk(void **state)
{
    (void)state;
    struct body body = make_body();
    for (size_t filling = 8; filling < 100; filling += 4) {
        size_t size = body.b.size;
        etl_add_fill(&body.b, 0xFF, filling);
        struct outcome outcome = walk_body(body.b.data, body.b.size);
        assert_int_equal(outcome.delivered, COUNT);
        assert_false(findings_has_damage(&outcome.findings));
        body.b.size = size;
    }
    etl_done(&body.b);
}

static void kinds_without_a_known_layout_are_counted(void **state)
{
    (void)state;
    static const enum record_kind unknown[] = {RECORD_TIMED, RECORD_ERROR, RECORD_WNODE,
                                               RECORD_ULONG32_TIME};
    struct etl_builder b = {.buffer_size = 0};
    for (uint16_t i = 0; i < 4; i++) {
        etl_add_event(&b, i, 8, i);
        etl_add_record(&b, unknown[i], (uint16_t)(16 + 3 * i));
    }
    struct outcome outcome = walk_body(b.data, b.size);
    assert_int_equal(outcome.delivered, 4);
    assert_int_equal(outcome.findings.kinds[FINDING_RECORD_UNKNOWN_KIND].count, 4);
    assert_int_equal(outcome.findings.kinds[FINDING_RECORD_UNKNOWN_KIND].bytes, 16 + 19 + 22 + 25);
    assert_int_equal(outcome.findings.kinds[FINDING_RECORD_DAMAGED].count, 0);
    etl_done(&b);
}

static void a_record_without_a_time_has_that_of_the_one_before(void **state)
{
    (void)state;
    struct etl_builder b = {.buffer_size = 0};
    struct etw_record record;
    etl_add_record(&b, RECORD_MESSAGE, 16);
    etl_add_event(&b, 77, 0, 0);
    etl_add_record(&b, RECORD_MESSAGE, 16);
    struct record_walk walk = walk_of(b.data, b.size, NULL);
    walk.ticks = 5;
    assert_int_equal(record_walk_next(&walk, &record), WALK_RECORD);
    assert_int_equal(record.ticks, 5);
    assert_int_equal(record_walk_next(&walk, &record), WALK_RECORD);
    assert_int_equal(record_walk_next(&walk, &record), WALK_RECORD);
    assert_int_equal(record.ticks, 77);
    etl_done(&b);
}

/* ---- a large buffer of which only a part is in memory ---- */

struct long_outcome {
    uint64_t delivered, sum;
};

static void note(struct long_outcome *outcome, const struct etw_record *record)
{
    outcome->delivered++;
    outcome->sum = outcome->sum * 31 + record->offset + record->id + (uint64_t)record->ticks;
}

static struct long_outcome walk_whole(const uint8_t *data, uint32_t size)
{
    struct long_outcome outcome = {0};
    struct record_walk walk = walk_of(data, size, NULL);
    struct etw_record record;
    while (record_walk_next(&walk, &record) == WALK_RECORD) {
        note(&outcome, &record);
    }
    return outcome;
}

static struct long_outcome walk_pieces(const uint8_t *data, uint32_t size, uint32_t piece)
{
    struct long_outcome outcome = {0};
    struct record_walk walk = {.data = data, .fill = size};
    struct etw_record record;
    enum walk_step step;
    uint8_t *held = test_malloc(piece);
    unsigned loads = 0;
    while ((step = record_walk_next(&walk, &record)) != WALK_END) {
        if (step == WALK_RECORD) {
            note(&outcome, &record);
            continue;
        }
        uint32_t left = size - walk.position;
        uint32_t count = left < piece ? left : piece;
        memcpy(held, data + walk.position, count);
        walk.data = held;
        walk.base = walk.position;
        walk.end = walk.position + count;
        assert_true(++loads <= 2 + size / (WALK_LOOKAHEAD / 4));
    }
    test_free(held);
    return outcome;
}

static void damage_at_random(struct etl_builder *b, uint64_t *seed)
{
    size_t at = random_below(seed, b->size);
    size_t left = b->size - at;
    size_t stretch = 1 + random_below(seed, random_below(seed, 2) ? 16 : 1000000);
    stretch = stretch < left ? stretch : left;
    switch (random_below(seed, 3)) {
    case 0:
        memset(b->data + at, 0, stretch);
        break;
    case 1:
        memset(b->data + at, 0xFF, stretch);
        break;
    default:
        for (size_t i = 0; i < stretch; i++) {
            b->data[at + i] = (uint8_t)random_next(seed);
        }
    }
}

static void a_walk_in_pieces_gives_what_a_walk_of_the_whole_gives(void **state)
{
    (void)state;
    for (uint64_t round = 1; round <= 60; round++) {
        uint64_t seed = round;
        struct etl_builder b = {.buffer_size = 0};
        size_t largest = random_below(&seed, 3) ? 200 : 65000;
        while (b.size < 3000000) {
            etl_add_event(&b, (int64_t)b.size, random_below(&seed, largest), (uint16_t)round);
        }
        for (size_t i = random_below(&seed, 6); i > 0; i--) {
            damage_at_random(&b, &seed);
        }
        struct long_outcome whole = walk_whole(b.data, (uint32_t)b.size);
        uint32_t piece = WALK_LOOKAHEAD + 8 * (uint32_t)random_below(&seed, 30000);
        struct long_outcome pieces = walk_pieces(b.data, (uint32_t)b.size, piece);
        assert_int_equal(pieces.delivered, whole.delivered);
        assert_true(pieces.sum == whole.sum);
        etl_done(&b);
    }
}

static void hostile_bodies_are_walked_in_a_moment(void **state)
{
    (void)state;
    static const uint32_t patterns[][2] = {
        {0xC0020002, 0x00000008}, /* records of an impossible size */
        {0xC0020002, 0x0000FFFF}, /* records that end behind the next */
        {0xC0020002, 0x00001230}, /* and not where one begins */
        {0xB0000008, 0xB0000009}, /* smallest records */
        {0xB0000008, 0xFFFFFFFF}, {0xFFFFFFFF, 0xFFFFFFFF}, {0x00000000, 0x00000000},
    };
    const size_t size = (size_t)16 << 20;
    uint8_t *data = test_malloc(size);
    for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
        for (size_t gap = 8; gap <= 72; gap += 32) {
            struct record_walk walk = walk_of(data, size, NULL);
            struct etw_record record;
            memset(data, 0, size);
            for (size_t at = 0; at + gap <= size; at += gap) {
                put_le32(data + at, patterns[i][0]);
                put_le32(data + at + 4, patterns[i][1]);
            }
            clock_t begin = clock();
            while (record_walk_next(&walk, &record) == WALK_RECORD) {
            }
            double seconds = (double)(clock() - begin) / CLOCKS_PER_SEC;
            if (seconds > 2.0) {
                fail_msg("pattern %zu, every %zu bytes: %.2f s", i, gap, seconds);
            }
        }
    }
    test_free(data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sound_records_come_with_their_places_and_times),
        cmocka_unit_test(a_damaged_size_costs_one_record_at_most),
        cmocka_unit_test(a_damaged_marker_costs_one_record),
        cmocka_unit_test(one_wrong_byte_anywhere_never_leads_outside),
        cmocka_unit_test(every_cut_delivers_the_records_before_it),
        cmocka_unit_test(a_fill_that_is_not_aligned_ends_after_the_last_record),
        cmocka_unit_test(the_end_marker_ends_the_walk),
        cmocka_unit_test(kinds_without_a_known_layout_are_counted),
        cmocka_unit_test(a_record_without_a_time_has_that_of_the_one_before),
        cmocka_unit_test(a_walk_in_pieces_gives_what_a_walk_of_the_whole_gives),
        cmocka_unit_test(hostile_bodies_are_walked_in_a_moment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
