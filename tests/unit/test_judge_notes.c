/* SPDX-License-Identifier: MIT */
#include "judge_story.h"

/* ---- notes ---- */

static void healthy_traffic_has_no_notes(void **state)
{
    (void)state;
    struct story story;
    open_story(&story);
    shake_hands(&story, 0, 20);
    uint32_t sent = 1001;
    uint32_t received = 5001;
    for (int i = 0; i < 10; i++) {
        at(&story, 100 + i * 400);
        show(&story, OUT, ACK, sent, 300, received);
        sent += 300;
        at(&story, 121 + i * 400);
        show(&story, IN, ACK, received, 1200, sent);
        received += 1200;
        at(&story, 170 + i * 400);
        show(&story, OUT, ACK, sent, 0, received);
    }
    at(&story, 30000); /* a keep-alive and its answer */
    show(&story, OUT, ACK, sent - 1, 1, received);
    at(&story, 30020);
    show(&story, IN, ACK, received, 0, sent);
    at(&story, 60000); /* the next question, long after: a client may */
    show(&story, OUT, ACK, sent, 300, received);
    at(&story, 60020);
    show(&story, IN, ACK, received, 20, sent + 300);
    judge_story(&story);
    get_end(&story, CORR_JUDGE_STILL_OPEN);
    assert_int_equal(story.judgement_count, 1);
    assert_int_equal(corr_judge_severity(story.judge, story.socket), 0);
    close_story(&story);
}

static void retransmissions_have_their_range_and_copies_are_none(void **state)
{
    (void)state;
    struct story story;
    open_story(&story);
    shake_hands(&story, 0, 20);
    at(&story, 100);
    show(&story, OUT, ACK, 1001, 1000, 5001);
    uint16_t id = show(&story, OUT, ACK, 2001, 500, 5001)->ip_id;
    show(&story, OUT, ACK, 2001, 500, 5001)->ip_id = id; /* the capture saw it twice */
    at(&story, 400);
    show(&story, OUT, ACK, 2001, 500, 5001);
    at(&story, 1000);
    show(&story, OUT, ACK, 2001, 500, 5001);
    judge_story(&story);
    const struct corr_judgement *found = get_judgement(&story, CORR_JUDGE_RETRANSMISSIONS);
    assert_int_equal(found->numbers[0], 2);
    assert_int_equal(found->numbers[1], 0);
    assert_int_equal(found->numbers[2], 1000);
    assert_int_equal(found->numbers[3], 1499);
    assert_false(found->is_trouble); /* two are nothing special */
    close_story(&story);
}

static void segments_that_overtake_each_other_are_not_sent_again(void **state)
{
    (void)state;
    struct story story;
    open_story(&story);
    shake_hands(&story, 0, 20);
    at(&story, 100);
    show(&story, IN, ACK, 5501, 500, 1001);
    at(&story, 100.4);
    show(&story, IN, ACK, 5001, 500, 1001);
    judge_story(&story);
    assert_null(find_judgement(&story, CORR_JUDGE_RETRANSMISSIONS));
    close_story(&story);
}

static void a_window_that_stays_zero_is_said_with_its_side(void **state)
{
    (void)state;
    for (int is_ours = 0; is_ours < 2; is_ours++) {
        struct story story;
        open_story(&story);
        shake_hands(&story, 0, 20);
        at(&story, 100);
        show(&story, is_ours ? OUT : IN, ACK, is_ours ? 1001 : 5001, 0, 0)->tcp_window = 0;
        at(&story, 900);
        show(&story, is_ours ? OUT : IN, ACK, is_ours ? 1001 : 5001, 0, 0);
        judge_story(&story);
        const struct corr_judgement *found = get_judgement(&story, CORR_JUDGE_ZERO_WINDOW);
        assert_int_equal(found->numbers[0], is_ours);
        assert_int_equal(found->numbers[1], 1);
        assert_int_equal(found->numbers[2], MS(800));
        assert_true(found->is_trouble);
        close_story(&story);
    }
}

static void small_segments_that_wait_for_late_acknowledgements_are_counted(void **state)
{
    (void)state;
    struct story story;
    open_story(&story);
    shake_hands(&story, 0, 1);
    uint32_t sent = 1001;
    for (int i = 0; i < 3; i++) {
        at(&story, 1000 + i * 1000);
        show(&story, OUT, ACK, sent, 100, 5001);
        at(&story, 1200 + i * 1000);
        show(&story, IN, ACK, 5001, 0, sent + 100);
        at(&story, 1200.3 + i * 1000);
        show(&story, OUT, ACK, sent + 100, 200, 5001);
        at(&story, 1202 + i * 1000);
        show(&story, IN, ACK, 5001, 0, sent + 300);
        sent += 300;
    }
    judge_story(&story);
    const struct corr_judgement *found = get_judgement(&story, CORR_JUDGE_DELAYED_ACK);
    assert_int_equal(found->numbers[0], 3);
    assert_int_equal(found->numbers[1], MS(600));
    close_story(&story);
}

static void a_peer_far_away_is_not_late(void **state)
{
    (void)state;
    struct story story;
    open_story(&story);
    shake_hands(&story, 0, 190);
    uint32_t sent = 1001;
    for (int i = 0; i < 3; i++) {
        at(&story, 1000 + i * 1000);
        show(&story, OUT, ACK, sent, 100, 5001);
        at(&story, 1200 + i * 1000);
        show(&story, IN, ACK, 5001, 0, sent + 100);
        at(&story, 1200.3 + i * 1000);
        show(&story, OUT, ACK, sent + 100, 200, 5001);
        sent += 300;
    }
    judge_story(&story);
    assert_null(find_judgement(&story, CORR_JUDGE_DELAYED_ACK));
    close_story(&story);
}

static void who_owed_an_answer_was_silent(void **state)
{
    (void)state;
    for (int is_acknowledged = 0; is_acknowledged < 2; is_acknowledged++) {
        struct story story;
        open_story(&story);
        shake_hands(&story, 0, 20);
        at(&story, 100);
        show(&story, OUT, ACK, 1001, 100, 5001);
        if (is_acknowledged) {
            at(&story, 120);
            show(&story, IN, ACK, 5001, 0, 1101);
        }
        at(&story, 11300);
        show(&story, IN, ACK, 5001, 50, 1101);
        judge_story(&story);
        const struct corr_judgement *found = get_judgement(&story, CORR_JUDGE_SILENCE);
        assert_int_equal(found->numbers[0], MS(11200));
        assert_int_equal(found->numbers[1], 1);
        assert_int_equal(found->numbers[2], !is_acknowledged);
        assert_int_equal(found->is_trouble, !is_acknowledged);
        close_story(&story);
    }
}

static void data_that_nobody_receives_wait(void **state)
{
    (void)state;
    for (int is_received = 0; is_received < 2; is_received++) {
        struct story story;
        open_story(&story);
        connect_by_calls(&story);
        at(&story, 100);
        call(&story, ETW_ACTION_RECEIVE, ETW_PHASE_INDICATION, 500);
        at(&story, 2600);
        if (is_received) {
            call(&story, ETW_ACTION_RECEIVE, ETW_PHASE_ENTER, 4096);
            call(&story, ETW_ACTION_RECEIVE, ETW_PHASE_EXIT, 500);
        } else {
            call(&story, ETW_ACTION_SEND, ETW_PHASE_ENTER, 1);
        }
        judge_story(&story);
        const struct corr_judgement *found = get_judgement(&story, CORR_JUDGE_SLOW_RECEIVER);
        assert_int_equal(found->numbers[0], MS(2500));
        assert_int_equal(found->numbers[1], 500);
        assert_int_equal(found->numbers[2], !is_received);
        close_story(&story);
    }
}

static void a_receive_that_waits_for_data_is_not_slow(void **state)
{
    (void)state;
    struct story story;
    open_story(&story);
    connect_by_calls(&story);
    call(&story, ETW_ACTION_RECEIVE, ETW_PHASE_ENTER, 4096);
    at(&story, 9000);
    call(&story, ETW_ACTION_RECEIVE, ETW_PHASE_EXIT, 500);
    at(&story, 19000);
    call(&story, ETW_ACTION_SEND, ETW_PHASE_ENTER, 1);
    judge_story(&story);
    assert_null(find_judgement(&story, CORR_JUDGE_SLOW_RECEIVER));
    close_story(&story);
}

static void received_data_are_followed_up_the_ladder(void **state)
{
    (void)state;
    struct story story;
    open_story(&story);
    shake_hands(&story, 0, 20);
    at(&story, 100);
    show(&story, IN, ACK, 5001, 13, 1001);
    at(&story, 100.02);
    struct etw_socket *taken = tell(&story, ETW_ACTION_DATA_IN, ETW_PHASE_SINGLE, 0);
    taken->bytes = 13;
    taken->sequence = 5001;
    taken->has = ETW_HAS_BYTES | ETW_HAS_SEQUENCE | ETW_HAS_PROTOCOL;
    judge_story(&story);
    const struct corr_judgement *found = get_judgement(&story, CORR_JUDGE_LADDER);
    const int64_t numbers[] = {13, MS(0.02), -1, -1, CORR_STATION_STACK, 0, 0, 0};
    assert_memory_equal(found->numbers, numbers, sizeof(numbers));
    close_story(&story);
}

static void segments_that_the_adapter_cuts_are_no_errors(void **state)
{
    (void)state;
    struct story story;
    open_story(&story);
    shake_hands(&story, 0, 20);
    at(&story, 100);
    show(&story, OUT, ACK, 1001, 2580, 5001)->is_payload_by_frame = true;
    judge_story(&story);
    const struct corr_judgement *found = get_judgement(&story, CORR_JUDGE_OFFLOADED_SEGMENTATION);
    assert_int_equal(found->numbers[0], 1);
    assert_int_equal(found->numbers[1], 2580);
    assert_false(found->is_trouble);
    close_story(&story);
}

/* A whole frame; its checksum is right, or is the sum that an adapter completes. */
static void set_frame(struct story *story, uint8_t frame[54], enum etw_direction direction,
                      bool is_right)
{
    struct corr_layers *layers = show(story, direction, ACK, 0x64, 0, 0xC8);
    struct corr_packet *packet = &story->items[story->count - 1].packet;
    memset(frame, 0, 54);
    const uint8_t tcp[] = {0, 0, 0, 0, 0, 0, 0, 0x64, 0, 0, 0, 0xC8, 0x50, 0x10, 2, 0};
    memcpy(frame + 34, tcp, sizeof(tcp));
    frame[34] = (uint8_t)(layers->source_port >> 8);
    frame[35] = (uint8_t)layers->source_port;
    frame[36] = (uint8_t)(layers->destination_port >> 8);
    frame[37] = (uint8_t)layers->destination_port;
    uint32_t sum = 6 + 20 + 0x0A00 * 2 + 1 + 2;
    uint32_t partial = sum;
    for (int i = 34; i < 54; i += 2) {
        sum += (uint32_t)frame[i] << 8 | frame[i + 1];
    }
    uint32_t field = is_right ? ~(sum % 0xFFFF) : partial;
    frame[50] = (uint8_t)(field >> 8);
    frame[51] = (uint8_t)field;
    layers->network_offset = 14;
    layers->payload_offset = layers->stated_size = 54;
    packet->data = frame;
    packet->captured = packet->original = 54;
}

static void wrong_checksums_are_offload_on_the_way_out_and_trouble_on_the_way_in(void **state)
{
    (void)state;
    for (int is_in = 0; is_in < 2; is_in++) {
        struct story story;
        uint8_t right[54];
        uint8_t wrong[54];
        open_story(&story);
        shake_hands(&story, 0, 20);
        set_frame(&story, right, is_in ? IN : OUT, true);
        set_frame(&story, wrong, is_in ? IN : OUT, false);
        judge_story(&story);
        const struct corr_judgement *found = get_judgement(
            &story, is_in ? CORR_JUDGE_BAD_CHECKSUMS : CORR_JUDGE_OFFLOADED_CHECKSUMS);
        assert_int_equal(found->numbers[0], 1);
        assert_int_equal(found->numbers[1], 2);
        assert_int_equal(found->is_trouble, is_in);
        assert_null(find_judgement(&story, is_in ? CORR_JUDGE_OFFLOADED_CHECKSUMS
                                                 : CORR_JUDGE_BAD_CHECKSUMS));
        close_story(&story);
    }
}

static void drop_last(struct story *story, uint32_t reason)
{
    story->items[story->count - 1].packet.drop =
        (struct corr_drop){.is_dropped = true, .reason = reason};
}

/* SYN-ACKs come, and the stack never gets them. */
static void answers_that_are_dropped_here_are_no_answers(void **state)
{
    struct story story;
    (void)state;
    open_story(&story);
    tell_connect(&story);
    for (int retry = 0; retry < 3; retry++) {
        at(&story, retry * 3000);
        show(&story, OUT, SYN, 1000, 0, 0);
        at(&story, retry * 3000 + 20);
        show(&story, IN, SYN | ACK, 5000, 0, 1001);
        drop_last(&story, (uint32_t)(7 + retry));
    }
    at(&story, 21000);
    tell_timeout(&story, ETW_TIMER_CONNECT);
    judge_story(&story);
    (void)get_end(&story, CORR_JUDGE_CONNECT_TIMEOUT);
    const struct corr_judgement *found = get_judgement(&story, CORR_JUDGE_DROPPED_HERE);
    assert_int_equal(found->numbers[0], 3);
    assert_int_equal(found->numbers[1], 0);
    assert_int_equal(found->numbers[2], 7);
    assert_int_equal(found->frame, 3);
    assert_true(found->is_trouble);
    close_story(&story);
}

static void what_is_dropped_on_its_way_out_was_sent(void **state)
{
    struct story story;
    (void)state;
    open_story(&story);
    shake_hands(&story, 0, 20);
    at(&story, 100);
    show(&story, OUT, ACK, 1001, 500, 5001);
    drop_last(&story, 7);
    at(&story, 400);
    show(&story, OUT, ACK, 1001, 500, 5001);
    judge_story(&story);
    const struct corr_judgement *found = get_judgement(&story, CORR_JUDGE_DROPPED_HERE);
    assert_int_equal(found->numbers[0], 0);
    assert_int_equal(found->numbers[1], 1);
    assert_int_equal(get_judgement(&story, CORR_JUDGE_RETRANSMISSIONS)->numbers[0], 1);
    close_story(&story);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(healthy_traffic_has_no_notes),
        cmocka_unit_test(retransmissions_have_their_range_and_copies_are_none),
        cmocka_unit_test(segments_that_overtake_each_other_are_not_sent_again),
        cmocka_unit_test(a_window_that_stays_zero_is_said_with_its_side),
        cmocka_unit_test(small_segments_that_wait_for_late_acknowledgements_are_counted),
        cmocka_unit_test(a_peer_far_away_is_not_late),
        cmocka_unit_test(who_owed_an_answer_was_silent),
        cmocka_unit_test(data_that_nobody_receives_wait),
        cmocka_unit_test(a_receive_that_waits_for_data_is_not_slow),
        cmocka_unit_test(received_data_are_followed_up_the_ladder),
        cmocka_unit_test(segments_that_the_adapter_cuts_are_no_errors),
        cmocka_unit_test(wrong_checksums_are_offload_on_the_way_out_and_trouble_on_the_way_in),
        cmocka_unit_test(answers_that_are_dropped_here_are_no_answers),
        cmocka_unit_test(what_is_dropped_on_its_way_out_was_sent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
