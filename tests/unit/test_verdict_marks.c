/* SPDX-License-Identifier: MIT */
#include "pcapout/verdict_marks.h"

#include "judge_story.h"

static const char *marks_of(struct out_verdict_marks *marks, uint64_t frame, struct text *to)
{
    text_clear(to);
    bool has_marks = out_verdict_marks_add(marks, frame, to);
    assert_int_equal(has_marks, to->size > 0);
    return text_get(to);
}

static struct out_verdict_marks *new_marks(const struct story *story)
{
    struct out_verdict_marks *marks = NULL;
    struct etw_error error;
    assert_int_equal(out_verdict_marks_new(story->ledger, story->judge, &marks, &error), ETW_OK);
    return marks;
}

/* Every packet's marks are those of the judgements that name it. */
static void a_verdict_stands_at_the_packet_that_shows_it(void **state)
{
    (void)state;
    struct story story;
    struct text text = {.maximum = 256};
    open_story(&story);
    tell_connect(&story);
    at(&story, 0.1);
    show(&story, OUT, SYN, 1000, 0, 0);
    at(&story, 5);
    show(&story, IN, RST | ACK, 0, 0, 1001);
    tell_state(&story, CORR_SYN_SENT, CORR_CLOSED);
    judge_story(&story);
    const struct corr_judgement *end = find_judgement(&story, CORR_JUDGE_REFUSED_BY_PEER);
    assert_non_null(end);
    assert_in_range(end->frame, 2, 3);
    struct out_verdict_marks *marks = new_marks(&story);
    for (uint64_t frame = 1; frame <= 4; frame++) {
        const char *expected = frame == end->frame ? " verdict=refused-by-peer" : "";
        assert_string_equal(marks_of(marks, frame, &text), expected);
        assert_string_equal(marks_of(marks, frame, &text), expected); /* another sighting of it */
    }
    out_verdict_marks_free(marks);
    text_done(&text);
    close_story(&story);
}

static void packets_without_socket_have_verdicts_too(void **state)
{
    (void)state;
    struct story story;
    struct text text = {.maximum = 256};
    open_story(&story);
    show(&story, IN, SYN, 1000, 0, 0);
    at(&story, 0.05);
    show(&story, OUT, RST | ACK, 0, 0, 1001);
    judge_story(&story);
    assert_int_equal(corr_judge_orphans(story.judge), 1);
    struct out_verdict_marks *marks = new_marks(&story);
    assert_string_equal(marks_of(marks, 1, &text), "");
    assert_string_equal(marks_of(marks, 2, &text), " verdict=no-listener");
    out_verdict_marks_free(marks);
    text_done(&text);
    close_story(&story);
}

static void what_goes_on_well_has_no_marks(void **state)
{
    (void)state;
    struct story story;
    struct text text = {.maximum = 256};
    open_story(&story);
    shake_hands(&story, 0, 20);
    judge_story(&story);
    struct out_verdict_marks *marks = new_marks(&story);
    for (uint64_t frame = 1; frame <= 4; frame++) {
        assert_string_equal(marks_of(marks, frame, &text), "");
    }
    out_verdict_marks_free(marks);
    text_done(&text);
    close_story(&story);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_verdict_stands_at_the_packet_that_shows_it),
        cmocka_unit_test(packets_without_socket_have_verdicts_too),
        cmocka_unit_test(what_goes_on_well_has_no_marks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
