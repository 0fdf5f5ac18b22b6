/* SPDX-License-Identifier: MIT */
#include "judge_story.h"

#define STATUS_IO_TIMEOUT         0xC00000B5u
#define STATUS_TOO_MANY_ADDRESSES 0xC0000209u
#define STATUS_CONNECTION_RESET   0xC000020Du
#define STATUS_CONNECTION_REFUSED 0xC0000236u
#define STATUS_CONNECTION_ABORTED 0xC0000241u
#define STATUS_CANCELLED          0xC0000120u

/* ---- how attempts end ---- */

/* An event and a packet tell of each SYN. */
static void tell_three_syns(struct story *story)
{
    at(story, 0);
    tell_connect(story);
    tell_state(story, CORR_CLOSED, CORR_SYN_SENT);
    at(story, 0.2);
    show(story, OUT, SYN, 1000, 0, 0);
    at(story, 3003);
    tell(story, ETW_ACTION_RETRANSMIT, ETW_PHASE_SINGLE, 0);
    at(story, 3003.2);
    show(story, OUT, SYN, 1000, 0, 0);
    at(story, 9001);
    tell(story, ETW_ACTION_RETRANSMIT, ETW_PHASE_SINGLE, 0);
    at(story, 9001.2);
    show(story, OUT, SYN, 1000, 0, 0);
}

static void syns_without_an_answer_time_out_with_their_schedule(void **state)
{
    (void)state;
    struct story story;
    open_story(&story);
    tell_three_syns(&story);
    at(&story, 21000.2);
    tell_timeout(&story, ETW_TIMER_RETRANSMIT);
    tell(&story, ETW_ACTION_SHUTDOWN, ETW_PHASE_SINGLE, STATUS_IO_TIMEOUT);
    tell_state(&story, CORR_SYN_SENT, CORR_CLOSED);
    judge_story(&story);
    const struct corr_judgement *found = get_end(&story, CORR_JUDGE_CONNECT_TIMEOUT);
    const int64_t numbers[] = {3, MS(21000), -1, MS(3003), MS(5998), MS(11999), 0, 0};
    assert_memory_equal(found->numbers, numbers, sizeof(numbers));
    assert_int_equal(found->status, STATUS_IO_TIMEOUT);
    assert_int_equal(found->frame, 3);
    assert_true(found->is_trouble);
    assert_int_equal(corr_judge_severity(story.judge, story.socket), 3);
    close_story(&story);
}

static void syns_still_without_an_answer_are_said_so_far(void **state)
{
    (void)state;
    struct story story;
    open_story(&story);
    tell_three_syns(&story);
    judge_story(&story);
    const struct corr_judgement *found = get_end(&story, CORR_JUDGE_CONNECT_TIMEOUT);
    assert_int_equal(found->numbers[0], 3);
    assert_int_equal(found->numbers[1], -1);
    close_story(&story);
}

/* A single SYN at the end of a trace may still be answered. */
static void a_syn_that_just_left_is_no_trouble(void **state)
{
    (void)state;
    struct story story;
    open_story(&story);
    at(&story, 0);
    tell_connect(&story);
    tell_state(&story, CORR_CLOSED, CORR_SYN_SENT);
    show(&story, OUT, SYN, 1000, 0, 0);
    at(&story, 900);
    tell(&story, ETW_ACTION_MEASURED, ETW_PHASE_ENTER, 0);
    judge_story(&story);
    assert_false(get_end(&story, CORR_JUDGE_STILL_OPEN)->is_trouble);
    assert_int_equal(corr_judge_severity(story.judge, story.socket), 0);
    close_story(&story);
}

static void a_rst_that_answers_the_syn_refuses(void **state)
{
    (void)state;
    struct story story;
    open_story(&story);
    at(&story, 0);
    tell_connect(&story);
    tell_state(&story, CORR_CLOSED, CORR_SYN_SENT);
    show(&story, OUT, SYN, 1000, 0, 0);
    at(&story, 42);
    show(&story, IN, RST | ACK, 0, 0, 1001);
    tell(&story, ETW_ACTION_REFUSED, ETW_PHASE_SINGLE, STATUS_CONNECTION_REFUSED);
    tell_state(&story, CORR_SYN_SENT, CORR_CLOSED);
    judge_story(&story);
    const struct corr_judgement *found = get_end(&story, CORR_JUDGE_REFUSED_BY_PEER);
    assert_int_equal(found->numbers[0], 1);
    assert_int_equal(found->numbers[1], MS(42));
    assert_int_equal(found->status, STATUS_CONNECTION_REFUSED);
    assert_int_equal(found->frame, 4);
    close_story(&story);
}

static void what_the_application_got_from_connect_is_the_status(void **state)
{
    static const struct {
        uint32_t status;
        enum corr_judgement_rule rule;
    } rows[] = {{STATUS_IO_TIMEOUT, CORR_JUDGE_CONNECT_TIMEOUT},
                {STATUS_CONNECTION_REFUSED, CORR_JUDGE_REFUSED_BY_PEER},
                {STATUS_TOO_MANY_ADDRESSES, CORR_JUDGE_PORT_EXHAUSTION},
                {STATUS_CANCELLED, CORR_JUDGE_CONNECT_FAILED}};
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct story story;
        open_story(&story);
        open_socket(&story);
        call(&story, ETW_ACTION_CONNECT, ETW_PHASE_ENTER, 0);
        at(&story, 1500);
        struct etw_socket *exit = call(&story, ETW_ACTION_CONNECT, ETW_PHASE_EXIT, 0);
        exit->status = rows[i].status;
        exit->has |= ETW_HAS_STATUS;
        judge_story(&story);
        const struct corr_judgement *found = get_end(&story, rows[i].rule);
        assert_int_equal(found->status, rows[i].status);
        close_story(&story);
    }
}

/* ---- resets ---- */

static void tell_reset(struct story *story)
{
    tell(story, ETW_ACTION_ABORT, ETW_PHASE_INDICATION, 0);
    tell(story, ETW_ACTION_SHUTDOWN, ETW_PHASE_SINGLE, STATUS_CONNECTION_RESET);
    tell_state(story, CORR_ESTABLISHED, CORR_CLOSED);
}

static void a_rst_like_the_peers_packets_is_the_peers(void **state)
{
    (void)state;
    struct story story;
    open_story(&story);
    shake_hands(&story, 0, 20);
    at(&story, 100);
    show(&story, IN, ACK, 5001, 50, 1001);
    at(&story, 150);
    show(&story, IN, RST | ACK, 5051, 0, 1001);
    tell_reset(&story);
    judge_story(&story);
    const struct corr_judgement *found = get_end(&story, CORR_JUDGE_RESET_BY_PEER);
    assert_int_equal(found->numbers[0], CORR_ESTABLISHED);
    assert_int_equal(found->numbers[1], MS(150));
    assert_int_equal(found->numbers[2], MS(50));
    assert_int_equal(found->numbers[3], 0);
    assert_true(found->is_trouble);
    close_story(&story);
}

static void a_rst_from_elsewhere_is_doubted(void **state)
{
    static const struct {
        uint8_t hop_limit, mac;
        unsigned doubts;
    } rows[] = {
        {57, 9, 0},
        {58, 9, 0}, /* a route that changed */
        {254, 9, CORR_DOUBT_HOP_LIMIT},
        {57, 8, CORR_DOUBT_MAC},
        {64, 8, CORR_DOUBT_HOP_LIMIT | CORR_DOUBT_MAC},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct story story;
        open_story(&story);
        shake_hands(&story, 0, 20);
        at(&story, 150);
        struct corr_layers *reset = show(&story, IN, RST | ACK, 5001, 0, 1001);
        reset->hop_limit = rows[i].hop_limit;
        reset->source_mac.bytes[5] = rows[i].mac;
        tell_reset(&story);
        judge_story(&story);
        if (rows[i].doubts) {
            assert_int_equal(get_end(&story, CORR_JUDGE_FOREIGN_RESET)->numbers[0], rows[i].doubts);
            assert_int_equal(story.judgements[0].numbers[1], rows[i].hop_limit);
            assert_int_equal(story.judgements[0].numbers[2], 57);
            assert_int_equal(story.judgements[0].numbers[5], INT64_C(0x020000000009));
        } else {
            get_end(&story, CORR_JUDGE_RESET_BY_PEER);
        }
        close_story(&story);
    }
}

/* The peer is 20 ms away: nothing that left 1 ms ago can be acknowledged by it. */
static void a_rst_that_comes_too_fast_is_doubted(void **state)
{
    (void)state;
    struct story story;
    open_story(&story);
    shake_hands(&story, 0, 20);
    at(&story, 100);
    show(&story, OUT, ACK, 1001, 70, 5001);
    at(&story, 101);
    show(&story, IN, RST | ACK, 5001, 0, 1071);
    tell_reset(&story);
    judge_story(&story);
    assert_int_equal(get_end(&story, CORR_JUDGE_FOREIGN_RESET)->numbers[0], CORR_DOUBT_TOO_FAST);
    close_story(&story);
}

/* Alone it proves nothing, so it is said beside what does. */
static void an_identification_out_of_order_supports_other_doubts(void **state)
{
    (void)state;
    for (int is_counting = 0; is_counting < 2; is_counting++) {
        struct story story;
        open_story(&story);
        shake_hands(&story, 0, 20);
        for (int i = 0; i < 3; i++) {
            at(&story, 100 + i * 100);
            show(&story, IN, ACK, 5001 + (uint32_t)i * 50, 50, 1001)->ip_id =
                (uint16_t)(is_counting ? 600 + i : 600 + i * 20011);
        }
        at(&story, 450);
        struct corr_layers *reset = show(&story, IN, RST | ACK, 5151, 0, 1001);
        reset->ip_id = 50541;
        reset->hop_limit = 254;
        tell_reset(&story);
        judge_story(&story);
        assert_int_equal(get_end(&story, CORR_JUDGE_FOREIGN_RESET)->numbers[0],
                         CORR_DOUBT_HOP_LIMIT | (is_counting ? CORR_DOUBT_IP_ID : 0));
        close_story(&story);
    }
}

static void a_connection_that_the_stack_aborts_has_no_reason(void **state)
{
    (void)state;
    struct story story;
    open_story(&story);
    shake_hands(&story, 0, 20);
    at(&story, 400);
    tell(&story, ETW_ACTION_ABORT, ETW_PHASE_ENTER, 0);
    show(&story, OUT, RST | ACK, 1001, 0, 5001);
    tell_state(&story, CORR_ESTABLISHED, CORR_CLOSED);
    judge_story(&story);
    const struct corr_judgement *found = get_end(&story, CORR_JUDGE_LOCAL_ABORT);
    assert_int_equal(found->numbers[0], -1);
    assert_int_equal(found->numbers[1], MS(400));
    close_story(&story);
}

/* 4: the stack told Winsock of a reset, which is no abort of this side. */
static void winsocks_reason_of_an_abort_is_kept(void **state)
{
    (void)state;
    for (uint32_t reason = 2; reason <= 4; reason += 2) {
        struct story story;
        open_story(&story);
        connect_by_calls(&story);
        at(&story, 100);
        call(&story, ETW_ACTION_RECEIVE, ETW_PHASE_INDICATION, 305);
        at(&story, 200);
        struct etw_socket *abort = call(&story, ETW_ACTION_ABORT, ETW_PHASE_SINGLE, 0);
        abort->reason = reason;
        abort->has |= ETW_HAS_REASON;
        judge_story(&story);
        if (reason == 2) {
            const struct corr_judgement *found = get_end(&story, CORR_JUDGE_LOCAL_ABORT);
            assert_int_equal(found->numbers[0], 2);
            assert_int_equal(found->numbers[2], 305);
        } else {
            assert_null(find_judgement(&story, CORR_JUDGE_LOCAL_ABORT));
        }
        close_story(&story);
    }
}

/* ---- other ends ---- */

static void close_cleanly(struct story *story)
{
    at(story, 300);
    tell_state(story, CORR_ESTABLISHED, CORR_FIN_WAIT_1);
    show(story, OUT, FIN | ACK, 1001, 0, 5001);
    at(story, 320);
    show(story, IN, FIN | ACK, 5001, 0, 1002);
    tell_state(story, CORR_FIN_WAIT_1, CORR_TIME_WAIT);
    show(story, OUT, ACK, 1002, 0, 5002);
}

/* Windows calls it aborted when it throws away what ended well; late resets mean as little. */
static void what_comes_after_a_clean_end_is_no_error(void **state)
{
    (void)state;
    struct story story;
    open_story(&story);
    shake_hands(&story, 0, 20);
    close_cleanly(&story);
    at(&story, 330);
    tell(&story, ETW_ACTION_SHUTDOWN, ETW_PHASE_SINGLE, STATUS_CONNECTION_ABORTED);
    tell_state(&story, CORR_TIME_WAIT, CORR_CLOSED);
    show(&story, IN, RST, 5002, 0, 0);
    judge_story(&story);
    const struct corr_judgement *found = get_end(&story, CORR_JUDGE_CLEAN_CLOSE);
    assert_int_equal(found->numbers[0], 1);
    assert_int_equal(found->numbers[1], MS(20));
    assert_false(found->is_trouble);
    assert_int_equal(corr_judge_severity(story.judge, story.socket), 0);
    close_story(&story);
}

static void timers_name_the_timeout(void **state)
{
    static const struct {
        enum etw_timer timer;
        enum corr_judgement_rule rule;
    } rows[] = {{ETW_TIMER_KEEP_ALIVE, CORR_JUDGE_KEEP_ALIVE_TIMEOUT},
                {ETW_TIMER_RETRANSMIT, CORR_JUDGE_RETRANSMIT_TIMEOUT}};
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct story story;
        open_story(&story);
        shake_hands(&story, 0, 20);
        at(&story, 9020);
        tell_timeout(&story, rows[i].timer);
        show(&story, OUT, RST | ACK, 1001, 0, 5001); /* by the way */
        judge_story(&story);
        assert_int_equal(get_end(&story, rows[i].rule)->numbers[1], MS(9000));
        close_story(&story);
    }
}

static void a_connection_that_only_one_side_closes_is_said_after_a_while(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct story story;
        open_story(&story);
        shake_hands(&story, 0, 20);
        at(&story, 100);
        show(&story, IN, FIN | ACK, 5001, 0, 1001);
        tell_state(&story, CORR_ESTABLISHED, CORR_CLOSE_WAIT);
        at(&story, i ? 30100 : 2000);
        tell(&story, ETW_ACTION_MEASURED, ETW_PHASE_ENTER, 0);
        judge_story(&story);
        if (i) {
            const struct corr_judgement *found = get_end(&story, CORR_JUDGE_ONE_SIDED_CLOSE);
            assert_int_equal(found->numbers[0], 0);
            assert_int_equal(found->numbers[1], MS(30000));
        } else {
            get_end(&story, CORR_JUDGE_STILL_OPEN);
        }
        close_story(&story);
    }
}

static void a_handshake_that_stays_half_is_half_open(void **state)
{
    (void)state;
    struct story story;
    open_story(&story);
    at(&story, 0);
    show(&story, IN, SYN, 5000, 0, 0);
    tell_state(&story, CORR_LISTEN, CORR_SYN_RECEIVED);
    show(&story, OUT, SYN | ACK, 1000, 0, 5001);
    at(&story, 3000);
    show(&story, OUT, SYN | ACK, 1000, 0, 5001);
    at(&story, 9000);
    tell(&story, ETW_ACTION_MEASURED, ETW_PHASE_ENTER, 0);
    judge_story(&story);
    const struct corr_judgement *found = get_end(&story, CORR_JUDGE_HALF_OPEN);
    assert_int_equal(found->numbers[0], 2);
    assert_int_equal(found->numbers[1], MS(9000));
    close_story(&story);
}

static void a_connection_that_the_listener_rejects_is_said(void **state)
{
    (void)state;
    struct story story;
    open_story(&story);
    at(&story, 0);
    show(&story, IN, SYN, 5000, 0, 0);
    tell_state(&story, CORR_LISTEN, CORR_SYN_RECEIVED);
    at(&story, 2);
    tell(&story, ETW_ACTION_FAILED, ETW_PHASE_SINGLE, STATUS_CONNECTION_REFUSED)->is_rejected =
        true;
    judge_story(&story);
    assert_int_equal(get_end(&story, CORR_JUDGE_BACKLOG_FULL)->numbers[0], MS(2));
    close_story(&story);
}

/* ---- packets of no socket ---- */

static void a_port_that_nobody_listens_on_is_judged_by_its_packets(void **state)
{
    (void)state;
    for (int is_said = 0; is_said < 2; is_said++) {
        struct story story;
        struct corr_socket socket;
        struct corr_judgement judgements[CORR_JUDGE_COUNT];
        open_story(&story);
        at(&story, 0);
        show(&story, IN, SYN, 5000, 0, 0);
        if (is_said) {
            struct etw_socket *drop = tell(&story, ETW_ACTION_DROP, ETW_PHASE_SINGLE, 0);
            drop->handles[0] = (struct etw_handle){.space = ETW_HANDLE_NONE};
            drop->is_listener_missing = true;
            drop->has = ETW_HAS_LOCAL | ETW_HAS_REMOTE | ETW_HAS_PROTOCOL;
        }
        at(&story, 0.05);
        show(&story, OUT, RST | ACK, 0, 0, 5001);
        judge_story(&story);
        assert_int_equal(corr_judge_orphans(story.judge), 1);
        assert_int_equal(corr_judge_orphan(story.judge, 0, &socket, judgements), 1);
        assert_int_equal(judgements[0].rule, CORR_JUDGE_NO_LISTENER);
        assert_int_equal(judgements[0].numbers[0], 1);
        assert_int_equal(judgements[0].numbers[1], MS(0.05));
        assert_int_equal(judgements[0].numbers[2], is_said);
        assert_int_equal(socket.local.port, 50000);
        assert_int_equal(socket.remote.port, 443);
        assert_int_equal(socket.role, CORR_SERVER);
        close_story(&story);
    }
}

static void pairs_of_ends_are_bounded(void **state)
{
    (void)state;
    struct story story;
    struct etw_error error;
    open_story(&story);
    show(&story, IN, SYN, 5000, 0, 0);
    judge_story(&story);
    struct corr_packet packet = story.items[0].packet;
    for (uint32_t i = 0; i < 2 * CORR_JUDGE_ORPHANS; i++) {
        packet.layers.source_port = (uint16_t)(1000 + i);
        assert_int_equal(corr_judge_packet(story.judge, &packet, &error), ETW_OK);
    }
    assert_int_equal(corr_judge_orphans(story.judge), CORR_JUDGE_ORPHANS);
    close_story(&story);
}

/* ---- names ---- */

static void every_rule_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (int i = 0; i < CORR_JUDGE_COUNT; i++) {
        const char *name = corr_judgement_name((enum corr_judgement_rule)i);
        assert_true(strlen(name) > 0);
        for (int other = 0; other < i; other++) {
            assert_string_not_equal(name, corr_judgement_name((enum corr_judgement_rule)other));
        }
    }
    assert_string_equal(corr_judgement_name(CORR_JUDGE_CONNECT_TIMEOUT), "connect-timeout");
    assert_string_equal(corr_judgement_name(CORR_JUDGE_COUNT), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(syns_without_an_answer_time_out_with_their_schedule),
        cmocka_unit_test(syns_still_without_an_answer_are_said_so_far),
        cmocka_unit_test(a_syn_that_just_left_is_no_trouble),
        cmocka_unit_test(a_rst_that_answers_the_syn_refuses),
        cmocka_unit_test(what_the_application_got_from_connect_is_the_status),
        cmocka_unit_test(a_rst_like_the_peers_packets_is_the_peers),
        cmocka_unit_test(a_rst_from_elsewhere_is_doubted),
        cmocka_unit_test(a_rst_that_comes_too_fast_is_doubted),
        cmocka_unit_test(an_identification_out_of_order_supports_other_doubts),
        cmocka_unit_test(a_connection_that_the_stack_aborts_has_no_reason),
        cmocka_unit_test(winsocks_reason_of_an_abort_is_kept),
        cmocka_unit_test(what_comes_after_a_clean_end_is_no_error),
        cmocka_unit_test(timers_name_the_timeout),
        cmocka_unit_test(a_connection_that_only_one_side_closes_is_said_after_a_while),
        cmocka_unit_test(a_handshake_that_stays_half_is_half_open),
        cmocka_unit_test(a_connection_that_the_listener_rejects_is_said),
        cmocka_unit_test(a_port_that_nobody_listens_on_is_judged_by_its_packets),
        cmocka_unit_test(pairs_of_ends_are_bounded),
        cmocka_unit_test(every_rule_has_a_name_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
