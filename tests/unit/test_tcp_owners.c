/* SPDX-License-Identifier: MIT */
#include "tcp_events.h"

/* ---- owners ---- */

static void a_listener_that_came_later_owns_nothing(void **context)
{
    (void)context;
    struct tcp_scene scene;
    open_tcp_scene(&scene);
    set_tuple(&scene, "10.0.0.1", 80, "10.0.0.2", 50000);
    state(&scene, 0x1000, CORR_LISTEN, CORR_SYN_RECEIVED, 0);
    tuple_event(&scene, ETW_ACTION_ABORT, ETW_PHASE_INDICATION, 0x1000, CORR_SYN_RECEIVED);
    listener_event(&scene, ETW_ACTION_LISTEN, 0x500, "0.0.0.0", 80, 900);
    finish_tcp_scene(&scene);
    assert_owner(&scene, 1, 0);
    close_tcp_scene(&scene);
}

static void a_listener_does_not_own_connections_older_than_it(void **context)
{
    (void)context;
    struct tcp_scene scene;
    open_tcp_scene(&scene);
    listener_event(&scene, ETW_ACTION_LISTEN, 0x500, "0.0.0.0", 80, 900);
    set_tuple(&scene, "10.0.0.1", 80, "10.0.0.2", 50000);
    tuple_event(&scene, ETW_ACTION_OTHER, ETW_PHASE_SINGLE, 0x1000, CORR_ESTABLISHED);
    finish_tcp_scene(&scene);
    assert_int_equal(shown(&scene, 2)->role, CORR_SERVER);
    assert_owner(&scene, 2, 0);
    close_tcp_scene(&scene);
}

static void two_payload_pids_are_a_contradiction(void **context)
{
    (void)context;
    struct tcp_scene scene;
    open_tcp_scene(&scene);
    set_tuple(&scene, "10.0.0.1", 80, "10.0.0.2", 50000);
    accepted(&scene, 0x1000, 77);
    connection_event(&scene, ETW_ACTION_SHUTDOWN, ETW_PHASE_SINGLE, 0x1000, 78, 0);
    finish_tcp_scene(&scene);
    assert_owner(&scene, 1, 0);
    assert_int_equal(shown(&scene, 1)->flags & CORR_SOCKET_CONTRADICTED, CORR_SOCKET_CONTRADICTED);
    assert_int_equal(shown(&scene, 1)->confidence, CORR_NO_CONFIDENCE);
    assert_int_equal(socket_table_contradictions(scene.base.table), 1);
    close_tcp_scene(&scene);
}

static void a_header_counts_only_where_it_is_true(void **context)
{
    (void)context;
    struct tcp_scene scene;
    open_tcp_scene(&scene);
    set_tuple(&scene, "10.0.0.1", 50000, "10.0.0.2", 443);
    scene.base.record.process_id = 4;
    state(&scene, 0x1000, CORR_CLOSED, CORR_SYN_SENT, 0);
    tuple_event(&scene, ETW_ACTION_CREATE, ETW_PHASE_SINGLE, 0x1000, CORR_SYN_SENT);
    sent(&scene, 0x1000, 5, 1);
    finish_tcp_scene(&scene);
    assert_owner(&scene, 1, 0);
    close_tcp_scene(&scene);
}

static void a_payload_pid_replaces_the_callers(void **context)
{
    (void)context;
    struct tcp_scene scene;
    open_tcp_scene(&scene);
    set_tuple(&scene, "10.0.0.1", 50000, "10.0.0.2", 443);
    connect_asked(&scene, 0x1000, 4);
    connection_event(&scene, ETW_ACTION_CONNECT, ETW_PHASE_EXIT, 0x1000, 77, 0);
    posted(&scene, 0x1000, 4, 100, 10);
    finish_tcp_scene(&scene);
    assert_owner(&scene, 1, 77);
    assert_false(has_rule(shown(&scene, 1), CORR_RULE_CALLER));
    close_tcp_scene(&scene);
}

static void a_connection_nobody_accepted_belongs_to_the_listener(void **context)
{
    (void)context;
    struct tcp_scene scene;
    open_tcp_scene(&scene);
    listener_event(&scene, ETW_ACTION_LISTEN, 0x500, "0.0.0.0", 80, 900);
    set_tuple(&scene, "10.0.0.1", 80, "10.0.0.2", 50000);
    state(&scene, 0x1000, CORR_LISTEN, CORR_SYN_RECEIVED, 0);
    tuple_event(&scene, ETW_ACTION_ABORT, ETW_PHASE_INDICATION, 0x1000, CORR_SYN_RECEIVED);
    state(&scene, 0x1000, CORR_SYN_RECEIVED, CORR_CLOSED, 10);
    listener_event(&scene, ETW_ACTION_CLOSE, 0x500, "0.0.0.0", 80, 900);
    int64_t ended = scene.base.record.time;
    state(&scene, 0x2000, CORR_LISTEN, CORR_SYN_RECEIVED, 0);
    tuple_event(&scene, ETW_ACTION_ABORT, ETW_PHASE_INDICATION, 0x2000, CORR_SYN_RECEIVED);
    finish_tcp_scene(&scene);
    assert_int_equal(shown(&scene, 1)->closed, ended);
    assert_owner(&scene, 2, 900);
    assert_true(has_rule(shown(&scene, 2), CORR_RULE_LISTENER));
    assert_owner(&scene, 3, 0); /* the listener was gone */
    close_tcp_scene(&scene);
}

static void a_port_taken_from_an_endpoint_that_is_gone_gives_no_owner(void **context)
{
    (void)context;
    struct tcp_scene scene;
    open_tcp_scene(&scene);
    set_tuple(&scene, "10.0.0.1", 50000, "10.0.0.2", 443);
    endpoint_made(&scene, 0x700, 77);
    port_event(&scene, ETW_PHASE_EXIT, 0x700, 0, 40000); /* released: the endpoint is over */
    state(&scene, 0x1000, CORR_CLOSED, CORR_SYN_SENT, 0);
    port_event(&scene, ETW_PHASE_ENTER, 0x1000, 0x700, 50000);
    tuple_event(&scene, ETW_ACTION_CREATE, ETW_PHASE_SINGLE, 0x1000, CORR_SYN_SENT);
    finish_tcp_scene(&scene);
    assert_owner(&scene, 1, 0);
    close_tcp_scene(&scene);
}

static void a_port_taken_in_another_process_gives_no_owner(void **context)
{
    (void)context;
    struct tcp_scene scene;
    open_tcp_scene(&scene);
    set_tuple(&scene, "10.0.0.1", 50000, "10.0.0.2", 443);
    endpoint_made(&scene, 0x700, 77);
    scene.base.record.process_id = 78;
    state(&scene, 0x1000, CORR_CLOSED, CORR_SYN_SENT, 0);
    port_event(&scene, ETW_PHASE_ENTER, 0x1000, 0x700, 50000);
    tuple_event(&scene, ETW_ACTION_CREATE, ETW_PHASE_SINGLE, 0x1000, CORR_SYN_SENT);
    finish_tcp_scene(&scene);
    assert_owner(&scene, 1, 0);
    close_tcp_scene(&scene);
}

static void an_endpoint_has_one_heir(void **context)
{
    (void)context;
    struct tcp_scene scene;
    open_tcp_scene(&scene);
    endpoint_made(&scene, 0x700, 77);
    for (uint16_t i = 0; i < 2; i++) { /* the second time its creation is lost */
        set_tuple(&scene, "10.0.0.1", (uint16_t)(50000 + i), "10.0.0.2", 443);
        state(&scene, 0x1000 + i, CORR_CLOSED, CORR_SYN_SENT, 0);
        port_event(&scene, ETW_PHASE_ENTER, 0x1000 + i, 0x700, scene.local_port);
        tuple_event(&scene, ETW_ACTION_CREATE, ETW_PHASE_SINGLE, 0x1000 + i, CORR_SYN_SENT);
    }
    finish_tcp_scene(&scene);
    assert_owner(&scene, 1, 77);
    assert_owner(&scene, 2, 0);
    close_tcp_scene(&scene);
}

static void a_port_inherited_for_another_port_gives_no_owner(void **context)
{
    (void)context;
    struct tcp_scene scene;
    open_tcp_scene(&scene);
    set_tuple(&scene, "10.0.0.1", 50000, "10.0.0.2", 443);
    endpoint_made(&scene, 0x700, 77);
    port_event(&scene, ETW_PHASE_ENTER, 0x1000, 0x700, 50009);
    state(&scene, 0x1000, CORR_CLOSED, CORR_SYN_SENT, 0);
    tuple_event(&scene, ETW_ACTION_CREATE, ETW_PHASE_SINGLE, 0x1000, CORR_SYN_SENT);
    finish_tcp_scene(&scene);
    assert_owner(&scene, 1, 0);
    close_tcp_scene(&scene);
}

/* ---- listeners ---- */

static void a_listener_that_failed_is_none(void **context)
{
    (void)context;
    struct tcp_scene scene;
    open_tcp_scene(&scene);
    assert_int_equal(listener_event(&scene, ETW_ACTION_FAILED, 0x500, "0.0.0.0", 80, 900),
                     CORR_NO_ROW);
    finish_tcp_scene(&scene);
    assert_int_equal(scene.base.count, 0);
    close_tcp_scene(&scene);
}

static void a_listener_with_a_bad_status_is_none(void **context)
{
    (void)context;
    struct tcp_scene scene;
    open_tcp_scene(&scene);
    const struct etw_socket failed = {.action = ETW_ACTION_LISTEN,
                                      HANDLES(HANDLE(LISTENER, 0x500)),
                                      .local = ipv4("0.0.0.0", 80),
                                      .status = 0xC0000022,
                                      .has = ETW_HAS_LOCAL | ETW_HAS_STATUS};
    assert_int_equal(tell(&scene, &failed), CORR_NO_ROW);
    finish_tcp_scene(&scene);
    assert_int_equal(scene.base.count, 0);
    close_tcp_scene(&scene);
}

static void a_listener_that_closes_was_there_before(void **context)
{
    (void)context;
    struct tcp_scene scene;
    open_tcp_scene(&scene);
    listener_event(&scene, ETW_ACTION_CLOSE, 0x500, "0.0.0.0", 80, 900);
    finish_tcp_scene(&scene);
    assert_int_equal(shown_count(&scene), 1);
    assert_int_equal(shown(&scene, 1)->opened, CORR_ALWAYS);
    assert_int_equal(shown(&scene, 1)->closed, scene.base.record.time);
    assert_owner(&scene, 1, 900);
    close_tcp_scene(&scene);
}

static void a_listener_that_releases_its_port_is_over(void **context)
{
    (void)context;
    struct tcp_scene scene;
    open_tcp_scene(&scene);
    uint32_t row = listener_event(&scene, ETW_ACTION_LISTEN, 0x500, "0.0.0.0", 80, 900);
    assert_int_equal(port_event(&scene, ETW_PHASE_EXIT, 0x500, 0, 80), row);
    int64_t ended = scene.base.record.time;
    uint32_t again = listener_event(&scene, ETW_ACTION_LISTEN, 0x500, "0.0.0.0", 80, 901);
    assert_int_not_equal(again, row);
    finish_tcp_scene(&scene);
    assert_int_equal(shown(&scene, 1)->closed, ended);
    assert_owner(&scene, 1, 900);
    assert_owner(&scene, 2, 901);
    assert_counts(&scene, 0, 0);
    close_tcp_scene(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_payload_pids_are_a_contradiction),
        cmocka_unit_test(a_header_counts_only_where_it_is_true),
        cmocka_unit_test(a_payload_pid_replaces_the_callers),
        cmocka_unit_test(a_connection_nobody_accepted_belongs_to_the_listener),
        cmocka_unit_test(a_port_taken_from_an_endpoint_that_is_gone_gives_no_owner),
        cmocka_unit_test(a_port_taken_in_another_process_gives_no_owner),
        cmocka_unit_test(an_endpoint_has_one_heir),
        cmocka_unit_test(a_port_inherited_for_another_port_gives_no_owner),
        cmocka_unit_test(a_listener_that_failed_is_none),
        cmocka_unit_test(a_listener_that_closes_was_there_before),
        cmocka_unit_test(a_listener_that_releases_its_port_is_over),
        cmocka_unit_test(a_listener_that_came_later_owns_nothing),
        cmocka_unit_test(a_listener_does_not_own_connections_older_than_it),
        cmocka_unit_test(a_listener_with_a_bad_status_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
