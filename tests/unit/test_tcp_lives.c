/* SPDX-License-Identifier: MIT */
#include "tcp_events.h"

/* ---- pointers and ends that are used again, events that are missing ---- */

static void a_pointer_that_connects_again_is_another_connection(void **context)
{
    (void)context;
    struct tcp_scene scene;
    open_tcp_scene(&scene);
    set_tuple(&scene, "10.0.0.1", 50000, "10.0.0.2", 443);
    state(&scene, 0x1000, CORR_CLOSED, CORR_SYN_SENT, 0);
    connect_asked(&scene, 0x1000, 77);
    state(&scene, 0x1000, CORR_SYN_SENT, CORR_CLOSED, 900);
    set_tuple(&scene, "10.0.0.1", 50001, "10.0.0.2", 443);
    state(&scene, 0x1000, CORR_CLOSED, CORR_SYN_SENT, 0);
    connect_asked(&scene, 0x1000, 88);
    finish_tcp_scene(&scene);
    assert_int_equal(shown_count(&scene), 2);
    assert_int_equal(shown(&scene, 1)->local.port, 50000);
    assert_int_equal(shown(&scene, 2)->local.port, 50001);
    assert_owner(&scene, 1, 77);
    assert_owner(&scene, 2, 88);
    assert_counts(&scene, 0, 0);
    close_tcp_scene(&scene);
}

static void a_lost_close_ends_when_the_pointer_is_used_again(void **context)
{
    (void)context;
    struct tcp_scene scene;
    open_tcp_scene(&scene);
    set_tuple(&scene, "10.0.0.1", 50000, "10.0.0.2", 443);
    connect_asked(&scene, 0x1000, 77);
    state(&scene, 0x1000, CORR_SYN_SENT, CORR_ESTABLISHED, 900);
    set_tuple(&scene, "10.0.0.1", 50001, "10.0.0.2", 443);
    state(&scene, 0x1000, CORR_CLOSED, CORR_SYN_SENT, 0);
    int64_t again = scene.base.record.time;
    connect_asked(&scene, 0x1000, 88);
    finish_tcp_scene(&scene);
    assert_int_equal(shown_count(&scene), 2);
    assert_int_equal(shown(&scene, 1)->closed, again);
    assert_int_equal(shown(&scene, 1)->cause, CORR_CAUSE_UNKNOWN);
    assert_owner(&scene, 1, 77);
    assert_owner(&scene, 2, 88);
    assert_counts(&scene, 0, 1);
    close_tcp_scene(&scene);
}

static void a_lost_close_ends_when_the_ends_are_used_again(void **context)
{
    (void)context;
    struct tcp_scene scene;
    open_tcp_scene(&scene);
    set_tuple(&scene, "10.0.0.1", 50000, "10.0.0.2", 443);
    connect_asked(&scene, 0x1000, 77);
    state(&scene, 0x1000, CORR_SYN_SENT, CORR_ESTABLISHED, 900);
    connect_asked(&scene, 0x2000, 88);
    finish_tcp_scene(&scene);
    assert_int_equal(shown(&scene, 1)->closed, shown(&scene, 2)->opened);
    assert_owner(&scene, 1, 77);
    assert_owner(&scene, 2, 88);
    assert_counts(&scene, 0, 1);
    close_tcp_scene(&scene);
}

static void other_ports_of_an_open_pointer_are_a_connection_whose_begin_was_lost(void **context)
{
    (void)context;
    struct tcp_scene scene;
    open_tcp_scene(&scene);
    set_tuple(&scene, "10.0.0.1", 50000, "10.0.0.2", 443);
    connect_asked(&scene, 0x1000, 77);
    set_tuple(&scene, "10.0.0.1", 50001, "10.0.0.2", 443);
    connection_event(&scene, ETW_ACTION_SHUTDOWN, ETW_PHASE_SINGLE, 0x1000, 88, 0);
    finish_tcp_scene(&scene);
    assert_int_equal(shown_count(&scene), 2);
    assert_owner(&scene, 1, 77);
    assert_owner(&scene, 2, 88);
    assert_int_equal(shown(&scene, 2)->flags & CORR_SOCKET_OLDER, CORR_SOCKET_OLDER);
    assert_counts(&scene, 1, 1);
    close_tcp_scene(&scene);
}

static void what_only_the_living_do_after_the_end_is_another_connection(void **context)
{
    (void)context;
    struct tcp_scene scene;
    open_tcp_scene(&scene);
    set_tuple(&scene, "10.0.0.1", 50000, "10.0.0.2", 443);
    uint32_t first = connect_asked(&scene, 0x1000, 77);
    assert_int_equal(state(&scene, 0x1000, CORR_ESTABLISHED, CORR_CLOSED, 900), first);
    assert_int_equal(timer(&scene, 0x1000), first);
    uint32_t second = posted(&scene, 0x1000, 88, 70000, 10);
    assert_int_not_equal(second, first);
    set_tuple(&scene, "10.0.0.1", 50001, "10.0.0.2", 443);
    assert_int_equal(connection_event(&scene, ETW_ACTION_SHUTDOWN, ETW_PHASE_SINGLE, 0x1000, 88, 0),
                     second);
    finish_tcp_scene(&scene);
    assert_owner(&scene, 1, 77);
    assert_owner(&scene, 2, 88);
    assert_counts(&scene, 1, 0);
    close_tcp_scene(&scene);
}

static void a_state_that_was_left_behind_is_another_connections(void **context)
{
    (void)context;
    struct tcp_scene scene;
    open_tcp_scene(&scene);
    set_tuple(&scene, "10.0.0.1", 50000, "10.0.0.2", 443);
    uint32_t first = connect_asked(&scene, 0x1000, 77);
    state(&scene, 0x1000, CORR_ESTABLISHED, CORR_FIN_WAIT_1, 900);
    uint32_t second = state(&scene, 0x1000, CORR_SYN_SENT, CORR_ESTABLISHED, 12);
    assert_int_not_equal(first, second);
    finish_tcp_scene(&scene);
    assert_counts(&scene, 1, 1);
    close_tcp_scene(&scene);
}

static void data_far_from_the_numbers_of_a_connection_are_anothers(void **context)
{
    (void)context;
    struct tcp_scene scene;
    open_tcp_scene(&scene);
    set_tuple(&scene, "10.0.0.1", 50000, "10.0.0.2", 443);
    uint32_t first = connect_asked(&scene, 0x1000, 77);
    assert_int_equal(sent(&scene, 0x1000, 1000, 500), first);
    assert_int_equal(sent(&scene, 0x1000, 0xfffffff0, 20), first); /* around zero, and near */
    assert_int_not_equal(sent(&scene, 0x1000, 0x80000000, 500), first);
    finish_tcp_scene(&scene);
    close_tcp_scene(&scene);
}

static void what_was_received_in_order_belongs_to_the_life_that_ended(void **context)
{
    (void)context;
    struct tcp_scene scene;
    open_tcp_scene(&scene);
    set_tuple(&scene, "10.0.0.1", 50000, "10.0.0.2", 443);
    uint32_t first = connect_asked(&scene, 0x1000, 77);
    received(&scene, 0x1000, 5000, 1);
    received(&scene, 0x1000, 5000, 100);
    state(&scene, 0x1000, CORR_ESTABLISHED, CORR_CLOSED, 900);
    assert_int_equal(received(&scene, 0x1000, 5100, 0), first);
    assert_int_equal(segment(&scene, ETW_ACTION_DELIVERED, ETW_PHASE_INDICATION, 0x1000, 5100, 0),
                     first);
    assert_int_not_equal(
        segment(&scene, ETW_ACTION_DELIVERED, ETW_PHASE_INDICATION, 0x1000, 9999, 0), first);
    finish_tcp_scene(&scene);
    assert_int_equal(shown(&scene, 1)->bytes_received, 100);
    close_tcp_scene(&scene);
}

static void a_reset_ends_a_connection_also_when_its_last_state_is_lost(void **context)
{
    (void)context;
    struct tcp_scene scene;
    open_tcp_scene(&scene);
    set_tuple(&scene, "10.0.0.1", 50000, "10.0.0.2", 443);
    connect_asked(&scene, 0x1000, 77);
    tuple_event(&scene, ETW_ACTION_ABORT, ETW_PHASE_INDICATION, 0x1000, CORR_ESTABLISHED);
    int64_t ended = scene.base.record.time;
    finish_tcp_scene(&scene);
    assert_int_equal(shown(&scene, 1)->closed, ended);
    assert_int_equal(shown(&scene, 1)->cause, CORR_CAUSE_PEER_RESET);
    close_tcp_scene(&scene);
}

static void a_time_wait_tuple_is_removed_by_its_ends(void **context)
{
    (void)context;
    struct tcp_scene scene;
    open_tcp_scene(&scene);
    set_tuple(&scene, "10.0.0.1", 50000, "10.0.0.2", 443);
    uint32_t first = connect_asked(&scene, 0x1000, 77);
    state(&scene, 0x1000, CORR_FIN_WAIT_2, CORR_TIME_WAIT, 900);
    int64_t ended = scene.base.record.time;
    assert_int_equal(
        tuple_event(&scene, ETW_ACTION_CLOSE, ETW_PHASE_SINGLE, 0x9999, CORR_TIME_WAIT), first);
    set_tuple(&scene, "10.0.0.1", 50001, "10.0.0.2", 443);
    assert_int_equal(
        tuple_event(&scene, ETW_ACTION_CLOSE, ETW_PHASE_SINGLE, 0x9998, CORR_TIME_WAIT),
        CORR_NO_ROW);
    finish_tcp_scene(&scene);
    assert_int_equal(shown_count(&scene), 1);
    assert_int_equal(shown(&scene, 1)->closed, ended);
    close_tcp_scene(&scene);
}

static void a_disconnect_is_complete_before_the_peer_is_done(void **context)
{
    (void)context;
    struct tcp_scene scene;
    open_tcp_scene(&scene);
    set_tuple(&scene, "10.0.0.1", 50000, "10.0.0.2", 443);
    uint32_t row = connect_asked(&scene, 0x1000, 77);
    state(&scene, 0x1000, CORR_ESTABLISHED, CORR_FIN_WAIT_1, 900);
    state(&scene, 0x1000, CORR_FIN_WAIT_1, CORR_FIN_WAIT_2, 901);
    connection_event(&scene, ETW_ACTION_SHUTDOWN, ETW_PHASE_EXIT, 0x1000, 77, 0);
    assert_int_equal(state(&scene, 0x1000, CORR_FIN_WAIT_2, CORR_TIME_WAIT, 901), row);
    int64_t ended = scene.base.record.time;
    finish_tcp_scene(&scene);
    assert_int_equal(shown_count(&scene), 1);
    assert_int_equal(shown(&scene, 1)->closed, ended);
    assert_int_equal(shown(&scene, 1)->cause, CORR_CAUSE_LOCAL_CLOSE);
    close_tcp_scene(&scene);
}

static void an_older_connection_began_after_the_last_one_of_its_pointer(void **context)
{
    (void)context;
    struct tcp_scene scene;
    open_tcp_scene(&scene);
    set_tuple(&scene, "10.0.0.1", 50000, "10.0.0.2", 443);
    connect_asked(&scene, 0x1000, 77);
    state(&scene, 0x1000, CORR_ESTABLISHED, CORR_CLOSED, 900);
    int64_t closed = scene.base.record.time;
    set_tuple(&scene, "10.0.0.1", 50001, "10.0.0.2", 443);
    rundown(&scene, 0x1000, 88, CORR_ESTABLISHED);
    finish_tcp_scene(&scene);
    assert_int_equal(shown_count(&scene), 2);
    assert_int_equal(shown(&scene, 2)->opened, closed);
    assert_owner(&scene, 2, 88);
    close_tcp_scene(&scene);
}

static void a_late_rundown_of_reused_ends_does_not_end_the_connection(void **context)
{
    (void)context;
    struct tcp_scene scene;
    open_tcp_scene(&scene);
    set_tuple(&scene, "10.0.0.1", 50000, "10.0.0.2", 443);
    uint32_t row = connect_asked(&scene, 0x2000, 88);
    rundown(&scene, 0x1000, 77, CORR_TIME_WAIT);
    assert_int_equal(tell_ends(&scene, &(struct etw_socket){.action = ETW_ACTION_OTHER}), row);
    finish_tcp_scene(&scene);
    assert_int_equal(shown(&scene, 1)->closed, CORR_NEVER);
    assert_int_not_equal(shown(&scene, 2)->closed, CORR_NEVER);
    assert_owner(&scene, 1, 88);
    assert_counts(&scene, 0, 0);
    close_tcp_scene(&scene);
}

static void a_connect_of_a_pointer_that_has_sent_data_is_another_connection(void **context)
{
    (void)context;
    struct tcp_scene scene;
    open_tcp_scene(&scene);
    set_tuple(&scene, "10.0.0.1", 50000, "10.0.0.2", 443);
    uint32_t first = posted(&scene, 0x1000, 77, 5000, 10);
    assert_int_not_equal(connect_asked(&scene, 0x1000, 88), first);
    finish_tcp_scene(&scene);
    assert_int_equal(shown_count(&scene), 1); /* the first never got ends */
    assert_owner(&scene, 1, 88);
    assert_counts(&scene, 1, 1);
    close_tcp_scene(&scene);
}

static void a_second_accept_of_a_pointer_is_another_connection(void **context)
{
    (void)context;
    struct tcp_scene scene;
    open_tcp_scene(&scene);
    set_tuple(&scene, "10.0.0.1", 80, "10.0.0.2", 50000);
    uint32_t first = accepted(&scene, 0x1000, 77);
    assert_int_not_equal(accepted(&scene, 0x1000, 78), first);
    finish_tcp_scene(&scene);
    assert_owner(&scene, 1, 77);
    assert_owner(&scene, 2, 78);
    assert_counts(&scene, 0, 1);
    close_tcp_scene(&scene);
}

static void an_address_that_is_chosen_late_is_taken_then(void **context)
{
    (void)context;
    struct tcp_scene scene;
    open_tcp_scene(&scene);
    set_tuple(&scene, "0.0.0.0", 50000, "10.0.0.2", 443);
    connect_asked(&scene, 0x1000, 77);
    set_tuple(&scene, "10.0.0.1", 50000, "10.0.0.2", 443);
    connection_event(&scene, ETW_ACTION_CONNECT, ETW_PHASE_EXIT, 0x1000, 77, 0);
    finish_tcp_scene(&scene);
    const struct corr_endpoint local = end4("10.0.0.1", 50000);
    assert_int_equal(shown_count(&scene), 1);
    assert_end(&shown(&scene, 1)->local, &local);
    close_tcp_scene(&scene);
}

static void what_comes_before_the_connect_does_not_make_it_older(void **context)
{
    (void)context;
    struct tcp_scene scene;
    open_tcp_scene(&scene);
    set_tuple(&scene, "10.0.0.1", 50000, "10.0.0.2", 443);
    timer(&scene, 0x1000);
    int64_t first = scene.base.record.time;
    connect_asked(&scene, 0x1000, 77);
    finish_tcp_scene(&scene);
    assert_int_equal(shown_count(&scene), 1);
    assert_int_equal(shown(&scene, 1)->opened, first);
    assert_int_equal(shown(&scene, 1)->flags & CORR_SOCKET_OLDER, 0);
    assert_counts(&scene, 0, 0);
    close_tcp_scene(&scene);
}

/* ---- numbers and causes ---- */

static void a_syn_and_ack_alone_is_no_byte(void **context)
{
    (void)context;
    struct tcp_scene scene;
    open_tcp_scene(&scene);
    set_tuple(&scene, "10.0.0.1", 50000, "10.0.0.2", 443);
    state(&scene, 0x1000, CORR_CLOSED, CORR_SYN_SENT, 0);
    connect_asked(&scene, 0x1000, 77);
    state(&scene, 0x1000, CORR_SYN_SENT, CORR_ESTABLISHED, 101);
    received(&scene, 0x1000, 5001, 1);
    finish_tcp_scene(&scene);
    assert_int_equal(shown(&scene, 1)->remote_first, 5000);
    assert_int_equal(shown(&scene, 1)->remote_next, 5001);
    assert_int_equal(shown(&scene, 1)->bytes_received, 0);
    assert_int_equal(shown(&scene, 1)->local_first, 100); /* the SYN's, of which no event told */
    assert_int_equal(shown(&scene, 1)->bytes_sent, 0);
    close_tcp_scene(&scene);
}

static void bytes_are_counted_without_the_calls_that_sent_them(void **context)
{
    (void)context;
    struct tcp_scene scene;
    open_tcp_scene(&scene);
    set_tuple(&scene, "10.0.0.1", 50000, "10.0.0.2", 443);
    state(&scene, 0x1000, CORR_CLOSED, CORR_SYN_SENT, 0);
    connect_asked(&scene, 0x1000, 77);
    state(&scene, 0x1000, CORR_SYN_SENT, CORR_ESTABLISHED, 101);
    sent(&scene, 0x1000, 101, 50);
    state(&scene, 0x1000, CORR_ESTABLISHED, CORR_FIN_WAIT_1, 151);
    sent(&scene, 0x1000, 151, 1);
    state(&scene, 0x1000, CORR_FIN_WAIT_1, CORR_FIN_WAIT_2, 152);
    finish_tcp_scene(&scene);
    assert_int_equal(shown(&scene, 1)->bytes_sent, 50);
    assert_int_equal(shown(&scene, 1)->local_next, 152);
    close_tcp_scene(&scene);
}

static void a_long_transfer_is_counted_by_its_calls_and_segments(void **context)
{
    (void)context;
    struct tcp_scene scene;
    open_tcp_scene(&scene);
    set_tuple(&scene, "10.0.0.1", 50000, "10.0.0.2", 443);
    const uint32_t step = 1u << 29;
    connect_asked(&scene, 0x1000, 77);
    for (uint32_t i = 0; i < 20; i++) {
        posted(&scene, 0x1000, 77, 1 + i * step, step);
        received(&scene, 0x1000, 1 + i * step, step);
    }
    finish_tcp_scene(&scene);
    assert_int_equal(shown_count(&scene), 1);
    assert_int_equal(shown(&scene, 1)->flags & CORR_SOCKET_WRAPPED, CORR_SOCKET_WRAPPED);
    assert_int_equal(shown(&scene, 1)->bytes_sent, 20 * (uint64_t)step);
    assert_int_equal(shown(&scene, 1)->bytes_received, 20 * (uint64_t)step);
    close_tcp_scene(&scene);
}

static void a_straggler_may_know_why_it_ended(void **context)
{
    (void)context;
    struct tcp_scene scene;
    open_tcp_scene(&scene);
    set_tuple(&scene, "10.0.0.1", 50000, "10.0.0.2", 443);
    connect_asked(&scene, 0x1000, 77);
    state(&scene, 0x1000, CORR_SYN_SENT, CORR_CLOSED, 101);
    int64_t closed = scene.base.record.time;
    connection_event(&scene, ETW_ACTION_FAILED, ETW_PHASE_SINGLE, 0x1000, 0, 0xC0000236);
    finish_tcp_scene(&scene);
    assert_int_equal(shown(&scene, 1)->closed, closed);
    assert_int_equal(shown(&scene, 1)->cause, CORR_CAUSE_REFUSED);
    assert_int_equal(shown(&scene, 1)->status, 0xC0000236);
    close_tcp_scene(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pointer_that_connects_again_is_another_connection),
        cmocka_unit_test(a_lost_close_ends_when_the_pointer_is_used_again),
        cmocka_unit_test(a_lost_close_ends_when_the_ends_are_used_again),
        cmocka_unit_test(other_ports_of_an_open_pointer_are_a_connection_whose_begin_was_lost),
        cmocka_unit_test(what_only_the_living_do_after_the_end_is_another_connection),
        cmocka_unit_test(a_state_that_was_left_behind_is_another_connections),
        cmocka_unit_test(data_far_from_the_numbers_of_a_connection_are_anothers),
        cmocka_unit_test(what_was_received_in_order_belongs_to_the_life_that_ended),
        cmocka_unit_test(a_reset_ends_a_connection_also_when_its_last_state_is_lost),
        cmocka_unit_test(a_time_wait_tuple_is_removed_by_its_ends),
        cmocka_unit_test(a_disconnect_is_complete_before_the_peer_is_done),
        cmocka_unit_test(an_older_connection_began_after_the_last_one_of_its_pointer),
        cmocka_unit_test(a_late_rundown_of_reused_ends_does_not_end_the_connection),
        cmocka_unit_test(a_connect_of_a_pointer_that_has_sent_data_is_another_connection),
        cmocka_unit_test(a_second_accept_of_a_pointer_is_another_connection),
        cmocka_unit_test(an_address_that_is_chosen_late_is_taken_then),
        cmocka_unit_test(what_comes_before_the_connect_does_not_make_it_older),
        cmocka_unit_test(a_syn_and_ack_alone_is_no_byte),
        cmocka_unit_test(bytes_are_counted_without_the_calls_that_sent_them),
        cmocka_unit_test(a_long_transfer_is_counted_by_its_calls_and_segments),
        cmocka_unit_test(a_straggler_may_know_why_it_ended),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
