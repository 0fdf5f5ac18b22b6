/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "etw/schema/event_source.h"
#include "tests/unit/metadata_writer.h"

struct pieces {
    struct event_sources sources;
    uint32_t process_id;
    uint8_t version; /* changes the XML */
    char *xml;
    size_t size;
};

/* Piece `number` of `count` is the text "<number>". */
static struct payload make_piece(const struct pieces *p, uint16_t count, uint16_t number)
{
    struct payload piece = {.size = 0};
    put_bytes(&piece, "\x01\x02\x03\x5B", 4);
    put_number(&piece, 2, count);
    put_number(&piece, 2, number);
    put_number(&piece, 1, '<');
    put_number(&piece, 1, (uint64_t)'0' + number + p->version);
    put_number(&piece, 1, '>');
    return piece;
}

static enum event_source_result take(struct pieces *p, const struct payload *piece, size_t size)
{
    struct bytes bytes = exact_bytes(piece->data, size);
    struct etw_record record = {.class_of = RECORD_IS_MANIFEST,
                                .provider = info_provider.bytes,
                                .id = EVENT_SOURCE_ID,
                                .opcode = 0xFE,
                                .version = 1,
                                .process_id = p->process_id,
                                .payload = bytes};
    enum event_source_result result = event_sources_take(&p->sources, &record, &p->xml, &p->size);
    free_bytes(&bytes);
    return result;
}

static enum event_source_result take_piece(struct pieces *p, uint16_t count, uint16_t number)
{
    struct payload piece = make_piece(p, count, number);
    return take(p, &piece, piece.size);
}

static void check_xml(struct pieces *p, const char *expected)
{
    assert_non_null(p->xml);
    assert_int_equal(p->size, strlen(expected));
    assert_string_equal(p->xml, expected);
    free(p->xml);
    p->xml = NULL;
}

static void pieces_are_joined_by_number(void **state)
{
    (void)state;
    struct pieces p = {.process_id = 1};
    assert_int_equal(take_piece(&p, 3, 2), EVENT_SOURCE_MORE);
    assert_int_equal(take_piece(&p, 3, 0), EVENT_SOURCE_MORE);
    assert_int_equal(take_piece(&p, 3, 0), EVENT_SOURCE_NOTHING);
    assert_int_equal(take_piece(&p, 3, 1), EVENT_SOURCE_WHOLE);
    check_xml(&p, "<0><1><2>");
    assert_int_equal(p.sources.waiting, 0);
    assert_int_equal(take_piece(&p, 3, 1), EVENT_SOURCE_NOTHING);
    event_sources_done(&p.sources);
}

static void pieces_of_processes_are_kept_apart(void **state)
{
    (void)state;
    struct pieces p = {.process_id = 1};
    assert_int_equal(take_piece(&p, 2, 0), EVENT_SOURCE_MORE);
    p.process_id = 2;
    p.version = 5;
    assert_int_equal(take_piece(&p, 2, 1), EVENT_SOURCE_MORE);
    assert_int_equal(take_piece(&p, 2, 0), EVENT_SOURCE_WHOLE);
    check_xml(&p, "<5><6>");
    event_sources_done(&p.sources);
}

static void the_same_manifest_is_handed_over_once(void **state)
{
    (void)state;
    struct pieces p = {.process_id = 1};
    assert_int_equal(take_piece(&p, 1, 0), EVENT_SOURCE_WHOLE);
    check_xml(&p, "<0>");
    p.process_id = 2;
    assert_int_equal(take_piece(&p, 1, 0), EVENT_SOURCE_NOTHING);
    p.process_id = 3;
    p.version = 1;
    assert_int_equal(take_piece(&p, 1, 0), EVENT_SOURCE_WHOLE);
    check_xml(&p, "<1>");
    event_sources_done(&p.sources);
}

static void what_contradicts_itself_is_refused(void **state)
{
    (void)state;
    struct pieces p = {.process_id = 1};
    assert_int_equal(take_piece(&p, 0, 0), EVENT_SOURCE_UNSOUND);
    assert_int_equal(take_piece(&p, 2, 2), EVENT_SOURCE_UNSOUND);
    assert_int_equal(take_piece(&p, UINT16_MAX, 0), EVENT_SOURCE_UNSOUND);
    assert_int_equal(take_piece(&p, 2, 0), EVENT_SOURCE_MORE);
    assert_int_equal(take_piece(&p, 3, 1), EVENT_SOURCE_UNSOUND);
    event_sources_done(&p.sources);
}

static void every_truncation_of_the_head_is_noticed(void **state)
{
    (void)state;
    struct pieces p = {.process_id = 1};
    struct payload piece = make_piece(&p, 2, 0);
    for (size_t size = 0; size < 8; size++) {
        assert_int_equal(take(&p, &piece, size),
                         size < 4 ? EVENT_SOURCE_NOTHING : EVENT_SOURCE_UNSOUND);
    }
    assert_int_equal(take(&p, &piece, 8), EVENT_SOURCE_MORE);
    event_sources_done(&p.sources);
}

static void other_events_of_that_id_are_left_alone(void **state)
{
    (void)state;
    struct pieces p = {.process_id = 1};
    struct payload piece = make_piece(&p, 1, 0);
    piece.data[3] = 0x5C;
    assert_int_equal(take(&p, &piece, piece.size), EVENT_SOURCE_NOTHING);
    piece = make_piece(&p, 1, 0);
    piece.data[0] = 2;
    assert_int_equal(take(&p, &piece, piece.size), EVENT_SOURCE_NOTHING);
    event_sources_done(&p.sources);
}

static void memory_is_bounded(void **state)
{
    (void)state;
    struct pieces p = {.process_id = 0};
    static struct payload piece;
    piece = make_piece(&p, 1024, 0);
    enum event_source_result result = EVENT_SOURCE_MORE;
    while (result == EVENT_SOURCE_MORE && p.process_id < 2 * EVENT_SOURCES_MAXIMUM) {
        p.process_id++;
        result = take(&p, &piece, piece.size);
        assert_true(p.sources.waiting <= EVENT_SOURCE_MEMORY);
    }
    assert_int_equal(result, EVENT_SOURCE_NO_ROOM);
    event_sources_done(&p.sources);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_are_joined_by_number),
        cmocka_unit_test(pieces_of_processes_are_kept_apart),
        cmocka_unit_test(the_same_manifest_is_handed_over_once),
        cmocka_unit_test(what_contradicts_itself_is_refused),
        cmocka_unit_test(every_truncation_of_the_head_is_noticed),
        cmocka_unit_test(other_events_of_that_id_are_left_alone),
        cmocka_unit_test(memory_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
