/* SPDX-License-Identifier: MIT */
#include "socket_events.h"

#include "correlate/socket_rows.h"

#define TCP 6
#define UDP 17

/* ---- handles ---- */

static void a_handle_finds_the_row_it_was_bound_to_last(void **context)
{
    (void)context;
    struct scene scene;
    open_scene(&scene);
    struct socket_table *table = scene.table;
    uint32_t first = socket_table_add(table, CORR_CLIENT, TCP, 1);
    uint32_t second = socket_table_add(table, CORR_CLIENT, TCP, 2);
    assert_int_equal(socket_table_find(table, ETW_HANDLE_TCB, 0x10), CORR_NO_ROW);
    socket_table_bind(table, ETW_HANDLE_TCB, 0x10, first);
    assert_int_equal(socket_table_find(table, ETW_HANDLE_TCB, 0x10), first);
    assert_int_equal(socket_table_find(table, ETW_HANDLE_LISTENER, 0x10), CORR_NO_ROW);
    socket_table_bind(table, ETW_HANDLE_TCB, 0x10, second);
    assert_int_equal(socket_table_find(table, ETW_HANDLE_TCB, 0x10), second);
    socket_table_unbind(table, ETW_HANDLE_TCB, 0x10);
    assert_int_equal(socket_table_find(table, ETW_HANDLE_TCB, 0x10), CORR_NO_ROW);
    close_scene(&scene);
}

static void many_handles_are_all_found(void **context)
{
    (void)context;
    struct scene scene;
    open_scene(&scene);
    for (uint64_t i = 1; i <= 20000; i++) {
        uint32_t row = socket_table_add(scene.table, CORR_CLIENT, TCP, (int64_t)i);
        socket_table_bind(scene.table, ETW_HANDLE_TCB, i << 4, row);
    }
    for (uint64_t i = 1; i <= 20000; i++) {
        assert_int_equal(socket_table_find(scene.table, ETW_HANDLE_TCB, i << 4), i - 1);
    }
    close_scene(&scene);
}

/* ---- ends ---- */

static uint32_t add_connection(struct scene *scene, uint16_t local_port, int64_t opened,
                               int64_t closed)
{
    const struct corr_endpoint local = end4("10.0.0.1", local_port);
    const struct corr_endpoint remote = end4("10.0.0.2", 443);
    uint32_t row = socket_table_add(scene->table, CORR_CLIENT, TCP, opened);
    socket_table_set_ends(scene->table, row, &local, &remote);
    if (closed != CORR_NEVER) {
        socket_table_close(scene->table, row, closed, CORR_CAUSE_UNKNOWN);
    }
    return row;
}

static void ends_find_the_life_that_is_not_over(void **context)
{
    (void)context;
    struct scene scene;
    open_scene(&scene);
    const struct corr_endpoint local = end4("10.0.0.1", 50000);
    const struct corr_endpoint other = end4("10.0.0.1", 50001);
    const struct corr_endpoint remote = end4("10.0.0.2", 443);
    uint32_t first = add_connection(&scene, 50000, 10, 20);
    uint32_t second = add_connection(&scene, 50000, 30, 40);
    struct socket_table *table = scene.table;
    assert_int_equal(socket_table_find_ends(table, TCP, &local, &remote, 15), second);
    assert_int_equal(socket_table_find_ends(table, TCP, &local, &remote, 40), second);
    assert_int_equal(socket_table_find_ends(table, TCP, &local, &remote, 41), CORR_NO_ROW);
    assert_int_equal(socket_table_find_ends(table, UDP, &local, &remote, 15), CORR_NO_ROW);
    assert_int_equal(socket_table_find_ends(table, TCP, &other, &remote, 15), CORR_NO_ROW);
    assert_int_equal(socket_table_find_ends(table, TCP, &remote, &local, 15), CORR_NO_ROW);
    socket_table_hide(table, second);
    assert_int_equal(socket_table_find_ends(table, TCP, &local, &remote, 15), first);
    socket_table_hide(table, first);
    assert_int_equal(socket_table_find_ends(table, TCP, &local, &remote, 15), CORR_NO_ROW);
    close_scene(&scene);
}

static void an_unknown_local_end_finds_the_newest_with_that_remote_end(void **context)
{
    (void)context;
    struct scene scene;
    open_scene(&scene);
    const struct corr_endpoint unknown = {.size = 0};
    const struct corr_endpoint port_only = {.port = 50000};
    struct corr_endpoint address_only = end4("10.0.0.1", 0);
    const struct corr_endpoint remote = end4("10.0.0.2", 443);
    uint32_t first = add_connection(&scene, 50000, 10, CORR_NEVER);
    uint32_t second = add_connection(&scene, 50001, 11, CORR_NEVER);
    struct socket_table *table = scene.table;
    assert_int_equal(socket_table_find_ends(table, TCP, &unknown, &remote, 20), second);
    assert_int_equal(socket_table_find_ends(table, TCP, &port_only, &remote, 20), first);
    assert_int_equal(socket_table_find_ends(table, TCP, &address_only, &remote, 20), second);
    address_only.bytes[3] = 9;
    assert_int_equal(socket_table_find_ends(table, TCP, &address_only, &remote, 20), CORR_NO_ROW);
    close_scene(&scene);
}

static void ends_that_change_are_found_by_the_new_ones_only(void **context)
{
    (void)context;
    struct scene scene;
    open_scene(&scene);
    const struct corr_endpoint old = end4("10.0.0.1", 50000);
    const struct corr_endpoint new = end4("10.0.0.1", 60000);
    const struct corr_endpoint remote = end4("10.0.0.2", 443);
    uint32_t older = add_connection(&scene, 50000, 10, CORR_NEVER);
    uint32_t middle = add_connection(&scene, 50000, 11, CORR_NEVER);
    uint32_t newer = add_connection(&scene, 50000, 12, CORR_NEVER);
    struct socket_table *table = scene.table;
    socket_table_set_ends(table, middle, &new, NULL);
    assert_int_equal(socket_table_find_ends(table, TCP, &new, &remote, 20), middle);
    assert_int_equal(socket_table_find_ends(table, TCP, &old, &remote, 20), newer);
    socket_table_set_ends(table, newer, &new, NULL);
    assert_int_equal(socket_table_find_ends(table, TCP, &new, &remote, 20), newer);
    assert_int_equal(socket_table_find_ends(table, TCP, &old, &remote, 20), older);
    close_scene(&scene);
}

static void a_bound_socket_is_found_by_its_address_before_any(void **context)
{
    (void)context;
    struct scene scene;
    open_scene(&scene);
    struct socket_table *table = scene.table;
    const struct corr_endpoint here = end4("10.0.0.1", 53);
    const struct corr_endpoint there = end4("10.0.0.9", 53);
    const struct corr_endpoint any = end4("0.0.0.0", 53);
    const struct corr_endpoint six = end6(0x2001, 9, 53);
    struct corr_endpoint any6 = end6(0, 0, 53);
    uint32_t wild = socket_table_add(table, CORR_DATAGRAM, UDP, 1);
    uint32_t exact = socket_table_add(table, CORR_DATAGRAM, UDP, 2);
    uint32_t wild6 = socket_table_add(table, CORR_DATAGRAM, UDP, 3);
    socket_table_set_ends(table, exact, &here, NULL);
    socket_table_set_ends(table, wild6, &any6, NULL);
    assert_int_equal(socket_table_find_bound(table, CORR_DATAGRAM, UDP, &here, 9), exact);
    assert_int_equal(socket_table_find_bound(table, CORR_DATAGRAM, UDP, &there, 9), CORR_NO_ROW);
    assert_int_equal(socket_table_find_bound(table, CORR_DATAGRAM, UDP, &six, 9), wild6);
    any6.is_dual = true;
    socket_table_set_ends(table, wild6, &any6, NULL);
    assert_int_equal(socket_table_find_bound(table, CORR_DATAGRAM, UDP, &there, 9), wild6);
    socket_table_set_ends(table, wild, &any, NULL);
    assert_int_equal(socket_table_find_bound(table, CORR_DATAGRAM, UDP, &there, 9), wild);
    assert_int_equal(socket_table_find_bound(table, CORR_LISTENER, UDP, &there, 9), CORR_NO_ROW);
    close_scene(&scene);
}

static void an_ipv4_address_is_the_same_in_both_forms(void **context)
{
    (void)context;
    struct etw_socket_address mapped = {
        .size = 16,
        .has_port = true,
        .port = 80,
        .bytes = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 1}};
    const struct corr_endpoint plain = end4("10.0.0.1", 80);
    const struct corr_endpoint found = corr_endpoint_of_event(&mapped);
    assert_end(&found, &plain);
    mapped.bytes[10] = 0;
    assert_int_equal(corr_endpoint_of_event(&mapped).size, 16);
    mapped.size = 7;
    assert_int_equal(corr_endpoint_of_event(&mapped).size, 0);
}

/* Every connection between the same ends, each over: looking must stay quick. */
static void ends_used_a_hundred_thousand_times_are_found_at_once(void **context)
{
    (void)context;
    struct scene scene;
    open_scene(&scene);
    const struct corr_endpoint local = end4("10.0.0.1", 50000);
    const struct corr_endpoint remote = end4("10.0.0.2", 443);
    for (int64_t i = 0; i < 100000; i++) {
        add_connection(&scene, 50000, i, i);
        assert_int_equal(socket_table_find_ends(scene.table, TCP, &local, &remote, i + 1),
                         CORR_NO_ROW);
    }
    close_scene(&scene);
}

/* ---- owners ---- */

static uint32_t add_owned(struct scene *scene)
{
    uint32_t row = add_connection(scene, 50000, 10, CORR_NEVER);
    socket_table_own(scene->table, row, CORR_RULE_CONNECTION_EVENT, 77, 0, 20, 1000);
    return row;
}

static void the_strongest_rule_comes_first_and_each_once(void **context)
{
    (void)context;
    struct scene scene;
    enum corr_rule rule;
    int64_t time;
    open_scene(&scene);
    uint32_t row = add_owned(&scene);
    socket_table_own(scene.table, row, CORR_RULE_ACCEPTED, 77, 0, 30, 2000);
    socket_table_own(scene.table, row, CORR_RULE_CONNECTION_EVENT, 77, 0, 40, 3000);
    socket_table_own(scene.table, row, CORR_RULE_RUNDOWN, 77, 5, 50, 4000);
    uint64_t start_key = 0;
    assert_int_equal(socket_table_pid(scene.table, row, &start_key, &time, &rule), 77);
    assert_int_equal(start_key, 5);
    assert_int_equal(time, 20); /* who had the pid then; later another may have it */
    assert_int_equal(rule, CORR_RULE_ACCEPTED);
    const struct corr_socket *shown = socket_table_get(scene.table, row);
    assert_int_equal(shown->evidence[0], corr_evidence_make(CORR_RULE_ACCEPTED, 2000));
    assert_int_equal(shown->evidence[1], corr_evidence_make(CORR_RULE_CONNECTION_EVENT, 1000));
    assert_int_equal(shown->evidence[2], corr_evidence_make(CORR_RULE_RUNDOWN, 4000));
    assert_int_equal(shown->evidence[3], 0);
    close_scene(&scene);
}

static void the_weakest_evidence_falls_off(void **context)
{
    (void)context;
    struct scene scene;
    open_scene(&scene);
    uint32_t row = add_owned(&scene);
    socket_table_note(scene.table, row, CORR_RULE_SAME_ADDRESS, 1);
    socket_table_note(scene.table, row, CORR_RULE_SAME_THREAD, 2);
    socket_table_note(scene.table, row, CORR_RULE_SAME_BYTES, 3);
    socket_table_own(scene.table, row, CORR_RULE_ENDPOINT_CREATED, 77, 0, 30, 4);
    const struct corr_socket *shown = socket_table_get(scene.table, row);
    assert_false(has_rule(shown, CORR_RULE_SAME_ADDRESS));
    assert_int_equal(corr_evidence_rule(shown->evidence[0]), CORR_RULE_ENDPOINT_CREATED);
    assert_int_equal(corr_evidence_rule(shown->evidence[3]), CORR_RULE_SAME_BYTES);
    close_scene(&scene);
}

static void a_contradiction_stays(void **context)
{
    (void)context;
    struct scene scene;
    open_scene(&scene);
    uint32_t row = add_owned(&scene);
    socket_table_own(scene.table, row, CORR_RULE_ENDPOINT_CREATED, 78, 0, 30, 2000);
    socket_table_own(scene.table, row, CORR_RULE_CONNECTION_EVENT, 77, 0, 40, 3000);
    assert_int_equal(socket_table_pid(scene.table, row, NULL, NULL, NULL), 0);
    finish_scene(&scene);
    assert_int_equal(owner_pid(&scene, 0), 0);
    assert_true(has_rule(&scene.rows[0], CORR_RULE_CONTRADICTION));
    assert_int_equal(scene.rows[0].flags & CORR_SOCKET_CONTRADICTED, CORR_SOCKET_CONTRADICTED);
    close_scene(&scene);
}

static void one_pid_with_two_start_keys_is_two_processes(void **context)
{
    (void)context;
    struct scene scene;
    open_scene(&scene);
    uint32_t row = add_connection(&scene, 50000, 10, CORR_NEVER);
    socket_table_own(scene.table, row, CORR_RULE_ACCEPTED, 77, 5, 20, 1);
    socket_table_own(scene.table, row, CORR_RULE_RUNDOWN, 77, 6, 30, 2);
    assert_int_equal(socket_table_pid(scene.table, row, NULL, NULL, NULL), 0);
    close_scene(&scene);
}

static void callers_that_differ_leave_no_owner_until_a_payload_tells(void **context)
{
    (void)context;
    struct scene scene;
    open_scene(&scene);
    uint32_t row = add_connection(&scene, 50000, 10, CORR_NEVER);
    socket_table_own(scene.table, row, CORR_RULE_CALLER, 77, 0, 20, 1);
    assert_int_equal(socket_table_pid(scene.table, row, NULL, NULL, NULL), 77);
    socket_table_own(scene.table, row, CORR_RULE_CALLER, 78, 0, 21, 2);
    assert_int_equal(socket_table_pid(scene.table, row, NULL, NULL, NULL), 0);
    socket_table_own(scene.table, row, CORR_RULE_CALLER, 77, 0, 22, 3);
    assert_int_equal(socket_table_pid(scene.table, row, NULL, NULL, NULL), 0);
    socket_table_own(scene.table, row, CORR_RULE_KERNEL_EVENT, 79, 0, 23, 4);
    assert_int_equal(socket_table_pid(scene.table, row, NULL, NULL, NULL), 79);
    assert_int_equal(socket_table_get(scene.table, row)->flags, 0);
    assert_false(has_rule(socket_table_get(scene.table, row), CORR_RULE_CALLER));
    close_scene(&scene);
}

static void pid_zero_owns_nothing(void **context)
{
    (void)context;
    struct scene scene;
    open_scene(&scene);
    uint32_t row = add_connection(&scene, 50000, 10, CORR_NEVER);
    socket_table_own(scene.table, row, CORR_RULE_ACCEPTED, 0, 0, 20, 1);
    assert_int_equal(socket_table_pid(scene.table, row, NULL, NULL, NULL), 0);
    assert_int_equal(socket_table_get(scene.table, row)->evidence[0], 0);
    close_scene(&scene);
}

static void loss_makes_what_rests_on_a_pointer_only_likely(void **context)
{
    (void)context;
    for (int has_loss = 0; has_loss < 2; has_loss++) {
        struct scene scene;
        open_scene(&scene);
        uint32_t row = add_connection(&scene, 50000, 10, CORR_NEVER);
        socket_table_own(scene.table, row, CORR_RULE_STACK_ENDPOINT, 77, 0, 20, 1);
        socket_table_note(scene.table, row, CORR_RULE_PORT_INHERITED, 2);
        row = add_connection(&scene, 50001, 10, CORR_NEVER);
        socket_table_own(scene.table, row, CORR_RULE_ACCEPTED, 78, 0, 20, 3);
        finish_scene_with(&scene, has_loss);
        assert_int_equal(scene.rows[0].confidence, has_loss ? CORR_LIKELY : CORR_STRONG);
        assert_int_equal(scene.rows[1].confidence, CORR_STRONG);
        close_scene(&scene);
    }
}

/* ---- life ---- */

static void the_first_close_counts_and_a_cause_replaces_unknown(void **context)
{
    (void)context;
    struct scene scene;
    open_scene(&scene);
    uint32_t row = add_connection(&scene, 50000, 10, CORR_NEVER);
    const struct corr_socket *shown = socket_table_get(scene.table, row);
    assert_int_equal(shown->cause, CORR_CAUSE_OPEN);
    socket_table_close(scene.table, row, 20, CORR_CAUSE_UNKNOWN);
    socket_table_close(scene.table, row, 30, CORR_CAUSE_TIMEOUT);
    socket_table_close(scene.table, row, 40, CORR_CAUSE_REFUSED);
    assert_int_equal(shown->closed, 20);
    assert_int_equal(shown->cause, CORR_CAUSE_TIMEOUT);
    close_scene(&scene);
}

static void ranges_widen_on_both_sides_and_around_zero(void **context)
{
    (void)context;
    struct scene scene;
    open_scene(&scene);
    uint32_t row = add_connection(&scene, 50000, 10, CORR_NEVER);
    const struct corr_socket *shown = socket_table_get(scene.table, row);
    assert_true(socket_table_widen_local(scene.table, row, 0xfffffff0, 0xfffffff8));
    assert_true(socket_table_widen_local(scene.table, row, 0xfffffffc, 0x10));
    assert_true(socket_table_widen_local(scene.table, row, 0xffffff00, 0xffffff01));
    assert_true(socket_table_widen_local(scene.table, row, 0xfffffff9, 0xfffffffa));
    assert_int_equal(shown->local_first, 0xffffff00);
    assert_int_equal(shown->local_next, 0x10);
    assert_false(socket_table_widen_local(scene.table, row, 0x80000000, 0x80000001));
    assert_int_equal(shown->local_next, 0x10);
    assert_int_equal(shown->flags, CORR_SOCKET_LOCAL_SEQUENCE);
    assert_true(socket_table_widen_remote(scene.table, row, 5, 5));
    assert_int_equal(shown->remote_next, 5);
    assert_int_equal(shown->flags, CORR_SOCKET_LOCAL_SEQUENCE | CORR_SOCKET_REMOTE_SEQUENCE);
    close_scene(&scene);
}

static void more_than_two_gibibytes_prove_nothing(void **context)
{
    (void)context;
    const uint32_t step = 1u << 29;
    struct scene scene;
    open_scene(&scene);
    uint32_t row = add_connection(&scene, 50000, 10, CORR_NEVER);
    const struct corr_socket *shown = socket_table_get(scene.table, row);
    for (uint32_t i = 0; i < 4; i++) {
        assert_true(socket_table_widen_local(scene.table, row, i * step, (i + 1) * step));
    }
    assert_int_equal(shown->flags & CORR_SOCKET_WRAPPED, 0);
    for (uint32_t i = 4; i < 20; i++) {
        assert_true(socket_table_widen_local(scene.table, row, i * step, (i + 1) * step));
        assert_int_equal(shown->local_next, (i + 1) * step);
    }
    assert_int_equal(shown->flags & CORR_SOCKET_WRAPPED, CORR_SOCKET_WRAPPED);
    close_scene(&scene);
}

static void the_best_source_of_bytes_counts(void **context)
{
    (void)context;
    struct scene scene;
    open_scene(&scene);
    uint32_t first = add_connection(&scene, 50000, 10, CORR_NEVER);
    uint32_t second = add_connection(&scene, 50001, 11, CORR_NEVER);
    add_connection(&scene, 50002, 12, CORR_NEVER);
    socket_table_add_bytes(scene.table, first, CORR_BYTES_KERNEL, true, 100);
    socket_table_add_bytes(scene.table, first, CORR_BYTES_STACK, true, 70);
    socket_table_add_bytes(scene.table, first, CORR_BYTES_STACK, true, 20);
    socket_table_add_bytes(scene.table, second, CORR_BYTES_KERNEL, false, 5);
    finish_scene(&scene);
    assert_int_equal(scene.rows[0].bytes_from, CORR_BYTES_STACK);
    assert_int_equal(scene.rows[0].bytes_sent, 90);
    assert_int_equal(scene.rows[1].bytes_from, CORR_BYTES_KERNEL);
    assert_int_equal(scene.rows[1].bytes_received, 5);
    assert_int_equal(scene.rows[2].bytes_from, CORR_BYTES_NONE);
    close_scene(&scene);
}

static void states_stay_with_their_row_in_order_of_time(void **context)
{
    (void)context;
    struct scene scene;
    struct corr_state_change changes[4];
    enum corr_tcp_state state;
    open_scene(&scene);
    struct socket_table *table = scene.table;
    uint32_t late = socket_table_add(table, CORR_CLIENT, TCP, 50);
    uint32_t early = socket_table_add(table, CORR_CLIENT, TCP, 40); /* sorted before it */
    uint32_t none = socket_table_add(table, CORR_CLIENT, TCP, 60);
    socket_table_add_state(table, late, -5, CORR_CLOSED, CORR_SYN_SENT);
    socket_table_add_state(table, early, 7, CORR_LISTEN, CORR_SYN_RECEIVED);
    socket_table_add_state(table, late, 8, CORR_SYN_SENT, CORR_ESTABLISHED);
    socket_table_add_state(table, none, 8, (enum corr_tcp_state)99, CORR_ESTABLISHED);
    finish_scene(&scene);
    assert_int_equal(socket_table_state_count(table, 0), 1);
    assert_int_equal(socket_table_state_count(table, 1), 2);
    assert_int_equal(socket_table_state_count(table, 2), 0);
    assert_int_equal(socket_table_state_count(table, 3), 0);
    assert_int_equal(socket_table_states(table, 1, changes, 1), 1);
    assert_int_equal(socket_table_states(table, 1, changes, 4), 2);
    assert_int_equal(changes[0].time, -5);
    assert_int_equal(changes[1].to, CORR_ESTABLISHED);
    assert_true(socket_table_state_at(table, 1, -6, &state));
    assert_int_equal(state, CORR_CLOSED);
    assert_true(socket_table_state_at(table, 1, 7, &state));
    assert_int_equal(state, CORR_SYN_SENT);
    assert_true(socket_table_state_at(table, 1, 8, &state));
    assert_int_equal(state, CORR_ESTABLISHED);
    assert_false(socket_table_state_at(table, 2, 7, &state));
    assert_false(socket_table_state_at(table, CORR_NO_ROW, 7, &state));
    close_scene(&scene);
}

/* ---- flows ---- */

static void a_flow_is_between_one_row_and_one_end(void **context)
{
    (void)context;
    struct scene scene;
    open_scene(&scene);
    const struct corr_endpoint peer = end4("10.0.0.2", 53);
    const struct corr_endpoint other = end4("10.0.0.2", 54);
    const struct corr_endpoint unknown = {.size = 0};
    uint32_t first = socket_table_add(scene.table, CORR_DATAGRAM, UDP, 20);
    uint32_t second = socket_table_add(scene.table, CORR_DATAGRAM, UDP, 10);
    const struct corr_endpoint local = end4("10.0.0.1", 5000);
    uint32_t stray = socket_table_add(scene.table, CORR_DATAGRAM, UDP, 30);
    socket_table_set_ends(scene.table, first, &local, NULL);
    socket_table_set_ends(scene.table, second, &local, NULL);
    socket_table_add_flow(scene.table, first, &peer);
    socket_table_add_flow(scene.table, first, &peer);
    socket_table_add_flow(scene.table, stray, &other);
    socket_table_add_flow(scene.table, first, &unknown);
    assert_true(socket_table_has_flow(scene.table, first, &peer));
    assert_false(socket_table_has_flow(scene.table, first, &other));
    assert_false(socket_table_has_flow(scene.table, second, &peer));
    finish_scene(&scene);
    assert_false(socket_table_has_flow(scene.table, 0, &peer)); /* the second comes first now */
    assert_true(socket_table_has_flow(scene.table, 1, &peer));
    assert_false(socket_table_has_flow(scene.table, 1, &unknown));
    assert_false(socket_table_has_flow(scene.table, 9, &peer));
    /* Without a local port nobody can say which packets are the third one's. */
    assert_false(socket_table_has_flow(scene.table, 2, &other));
    assert_true(socket_table_has_stray_flow(scene.table, &other));
    assert_false(socket_table_has_stray_flow(scene.table, &peer));
    close_scene(&scene);
}

/* ---- merging ---- */

static enum corr_role role_of_older(uint16_t local_port, uint16_t remote_port, uint16_t listening)
{
    struct scene scene;
    open_scene(&scene);
    const struct corr_endpoint local = end4("10.0.0.1", local_port);
    const struct corr_endpoint remote = end4("10.0.0.2", remote_port);
    const struct corr_endpoint any = end4("0.0.0.0", listening);
    uint32_t row = socket_table_add(scene.table, CORR_CLIENT, TCP, 1);
    socket_table_set_ends(scene.table, row, &local, &remote);
    scene.table->rows[row].shown.flags |= CORR_SOCKET_OLDER;
    uint32_t listener = socket_table_add(scene.table, CORR_LISTENER, TCP, 2);
    socket_table_set_ends(scene.table, listener, &any, NULL);
    finish_scene(&scene);
    size_t count = 0;
    enum corr_role role = socket_table_rows(scene.table, &count)[0].role;
    close_scene(&scene);
    return role;
}

static void ports_tell_who_opened_an_older_connection(void **context)
{
    (void)context;
    assert_int_equal(role_of_older(50000, 443, 8080), CORR_CLIENT);
    assert_int_equal(role_of_older(8080, 50000, 8080), CORR_SERVER);
    assert_int_equal(role_of_older(50000, 60000, 50000), CORR_SERVER);
    assert_int_equal(role_of_older(50000, 60000, 8080), CORR_CLIENT);
    assert_int_equal(role_of_older(3389, 24485, 8081), CORR_SERVER);
    assert_int_equal(role_of_older(10000, 8443, 8081), CORR_CLIENT);
}

static void merged_rows_are_one(void **context)
{
    (void)context;
    struct scene scene;
    open_scene(&scene);
    struct socket_table *table = scene.table;
    const struct corr_endpoint remote = end4("10.0.0.2", 443);
    const struct corr_endpoint peer = end4("10.0.0.3", 5);
    uint32_t application = socket_table_add(table, CORR_CLIENT, TCP, 5);
    socket_table_own(table, application, CORR_RULE_ENDPOINT_CREATED, 77, 9, 5, 50);
    socket_table_get(table, application)->application = 0xAFD;
    socket_table_bind(table, ETW_HANDLE_AFD_ENDPOINT, 0xAFD, application);
    socket_table_set_ends(table, application, NULL, &remote);
    socket_table_add_bytes(table, application, CORR_BYTES_APPLICATION, true, 13);
    for (uint16_t port = 1; port < 100; port++) {
        const struct corr_endpoint end = end4("10.0.0.9", port);
        socket_table_add_flow(table, application, &end);
    }
    uint32_t stack = add_connection(&scene, 50000, 10, 90);
    socket_table_get(table, stack)->handle = 0x7CB;
    socket_table_add_flow(table, stack, &peer);
    socket_table_add_state(table, stack, 20, CORR_SYN_SENT, CORR_ESTABLISHED);
    socket_table_note(table, stack, CORR_RULE_SAME_THREAD, 60);
    socket_table_merge(table, stack, application);
    socket_table_merge(table, stack, application); /* and not twice */
    assert_int_equal(socket_table_find(table, ETW_HANDLE_AFD_ENDPOINT, 0xAFD), stack);
    assert_int_equal(socket_table_resolve(table, application), stack);
    finish_scene(&scene);

    assert_int_equal(scene.rows[0].flags & CORR_SOCKET_HIDDEN, CORR_SOCKET_HIDDEN);
    assert_int_equal(scene.rows[0].id, 0);
    const struct corr_socket *shown = &scene.rows[1];
    assert_int_equal(shown->id, 1);
    assert_int_equal(shown->handle, 0x7CB);
    assert_int_equal(shown->application, 0xAFD);
    assert_int_equal(shown->opened, 10);
    assert_int_equal(shown->closed, 90);
    assert_int_equal(shown->bytes_sent, 13);
    assert_int_equal(shown->bytes_from, CORR_BYTES_APPLICATION);
    assert_int_equal(shown->evidence[0], corr_evidence_make(CORR_RULE_ENDPOINT_CREATED, 50));
    assert_int_equal(shown->evidence[1], corr_evidence_make(CORR_RULE_SAME_THREAD, 60));
    assert_int_equal(owner_pid(&scene, 1), 77);
    assert_int_equal(shown->confidence, CORR_STRONG);
    assert_true(socket_table_has_flow(table, 1, &peer));
    const struct corr_endpoint flow = end4("10.0.0.9", 99);
    assert_true(socket_table_has_flow(table, 1, &flow));
    assert_int_equal(socket_table_state_count(table, 1), 1);
    close_scene(&scene);
}

static void an_owner_that_comes_by_address_alone_is_likely(void **context)
{
    (void)context;
    struct scene scene;
    open_scene(&scene);
    uint32_t application = socket_table_add(scene.table, CORR_CLIENT, TCP, 5);
    socket_table_own(scene.table, application, CORR_RULE_ENDPOINT_CREATED, 77, 0, 5, 50);
    uint32_t stack = add_connection(&scene, 50000, 10, 90);
    socket_table_note(scene.table, stack, CORR_RULE_SAME_ADDRESS, 60);
    socket_table_merge(scene.table, stack, application);
    finish_scene(&scene);
    assert_int_equal(scene.rows[1].confidence, CORR_LIKELY);
    close_scene(&scene);
}

static void a_likely_owner_that_is_confirmed_is_strong(void **context)
{
    (void)context;
    struct scene scene;
    open_scene(&scene);
    uint32_t application = socket_table_add(scene.table, CORR_CLIENT, TCP, 5);
    socket_table_own(scene.table, application, CORR_RULE_ENDPOINT_CREATED, 77, 0, 5, 50);
    uint32_t stack = add_connection(&scene, 50000, 10, 90);
    socket_table_note(scene.table, stack, CORR_RULE_SAME_ADDRESS, 60);
    socket_table_merge(scene.table, stack, application);
    socket_table_own(scene.table, stack, CORR_RULE_CONNECTION_EVENT, 77, 0, 30, 70);
    finish_scene(&scene);
    assert_int_equal(scene.rows[1].confidence, CORR_STRONG);
    close_scene(&scene);
}

static void a_contradiction_moves_with_the_row(void **context)
{
    (void)context;
    struct scene scene;
    open_scene(&scene);
    uint32_t application = socket_table_add(scene.table, CORR_CLIENT, TCP, 5);
    socket_table_own(scene.table, application, CORR_RULE_ENDPOINT_CREATED, 78, 0, 5, 50);
    socket_table_own(scene.table, application, CORR_RULE_PROCESS_POINTER, 79, 0, 6, 51);
    uint32_t stack = add_owned(&scene);
    socket_table_merge(scene.table, stack, application);
    finish_scene(&scene);
    assert_int_equal(owner_pid(&scene, 1), 0);
    assert_int_equal(socket_table_contradictions(scene.table), 1);
    close_scene(&scene);
}

static void a_begin_that_the_stack_did_not_tell_is_the_earliest(void **context)
{
    (void)context;
    struct scene scene;
    open_scene(&scene);
    uint32_t application = socket_table_add(scene.table, CORR_CLIENT, TCP, 5);
    uint32_t kernel = add_connection(&scene, 50000, 10, 90);
    socket_table_merge(scene.table, kernel, application);
    assert_int_equal(socket_table_get(scene.table, kernel)->opened, 5);
    uint32_t older = socket_table_add(scene.table, CORR_CLIENT, TCP, 6);
    socket_table_get(scene.table, older)->opened = CORR_ALWAYS;
    socket_table_merge(scene.table, kernel, older);
    assert_int_equal(socket_table_get(scene.table, kernel)->opened, 5);
    close_scene(&scene);
}

static void merging_rows_with_different_owners_is_a_contradiction(void **context)
{
    (void)context;
    struct scene scene;
    open_scene(&scene);
    uint32_t application = socket_table_add(scene.table, CORR_CLIENT, TCP, 5);
    socket_table_own(scene.table, application, CORR_RULE_ENDPOINT_CREATED, 78, 0, 5, 50);
    uint32_t stack = add_owned(&scene);
    socket_table_merge(scene.table, stack, application);
    finish_scene(&scene);
    assert_int_equal(owner_pid(&scene, 1), 0);
    assert_int_equal(socket_table_contradictions(scene.table), 1);
    close_scene(&scene);
}

static void rows_merged_in_a_row_end_in_the_last(void **context)
{
    (void)context;
    struct scene scene;
    open_scene(&scene);
    const struct corr_endpoint peer = end4("10.0.0.3", 5);
    uint32_t before = socket_table_add(scene.table, CORR_DATAGRAM, UDP, 0);
    socket_table_bind(scene.table, ETW_HANDLE_UDP_ENDPOINT, 0x9, before);
    socket_table_add_flow(scene.table, before, &peer);
    for (int64_t i = 1; i < 1000; i++) {
        uint32_t next = socket_table_add(scene.table, CORR_DATAGRAM, UDP, i);
        socket_table_merge(scene.table, next, before);
        before = next;
    }
    assert_int_equal(socket_table_find(scene.table, ETW_HANDLE_UDP_ENDPOINT, 0x9), before);
    assert_true(socket_table_has_flow(scene.table, before, &peer));
    assert_int_equal(socket_table_first_seen(scene.table, before), 0);
    close_scene(&scene);
}

/* ---- the end ---- */

static void ids_follow_the_first_appearance_and_skip_rows_without_ends(void **context)
{
    (void)context;
    struct scene scene;
    open_scene(&scene);
    add_connection(&scene, 3, 30, CORR_NEVER);
    socket_table_add(scene.table, CORR_CLIENT, TCP, 20);
    add_connection(&scene, 1, 10, CORR_NEVER);
    add_connection(&scene, 2, 30, CORR_NEVER);
    finish_scene(&scene);
    assert_int_equal(scene.count, 4);
    assert_int_equal(scene.rows[0].local.port, 1);
    assert_int_equal(scene.rows[0].id, 1);
    assert_int_equal(scene.rows[1].id, 0);
    assert_int_equal(scene.rows[2].local.port, 3); /* equal times: as they were added */
    assert_int_equal(scene.rows[2].id, 2);
    assert_int_equal(scene.rows[3].id, 3);
    close_scene(&scene);
}

static void no_row_is_ignored_everywhere(void **context)
{
    (void)context;
    struct scene scene;
    open_scene(&scene);
    struct socket_table *table = scene.table;
    const struct corr_endpoint end = end4("10.0.0.1", 1);
    socket_table_set_ends(table, CORR_NO_ROW, &end, &end);
    socket_table_own(table, CORR_NO_ROW, CORR_RULE_ACCEPTED, 1, 0, 1, 1);
    socket_table_note(table, CORR_NO_ROW, CORR_RULE_SAME_THREAD, 1);
    socket_table_add_state(table, CORR_NO_ROW, 1, CORR_CLOSED, CORR_SYN_SENT);
    socket_table_close(table, CORR_NO_ROW, 1, CORR_CAUSE_UNKNOWN);
    socket_table_add_bytes(table, CORR_NO_ROW, CORR_BYTES_STACK, true, 1);
    socket_table_add_flow(table, CORR_NO_ROW, &end);
    socket_table_merge(table, CORR_NO_ROW, CORR_NO_ROW);
    socket_table_hide(table, CORR_NO_ROW);
    socket_table_bind(table, ETW_HANDLE_TCB, 1, CORR_NO_ROW);
    assert_false(socket_table_widen_local(table, CORR_NO_ROW, 1, 2));
    assert_null(socket_table_get(table, CORR_NO_ROW));
    assert_int_equal(socket_table_find(table, ETW_HANDLE_TCB, 1), CORR_NO_ROW);
    finish_scene(&scene);
    assert_int_equal(scene.count, 0);
    close_scene(&scene);
}

static void a_socket_takes_no_more_than_it_may(void **context)
{
    (void)context;
    assert_true(sizeof(struct corr_socket) <= 160);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_handle_finds_the_row_it_was_bound_to_last),
        cmocka_unit_test(many_handles_are_all_found),
        cmocka_unit_test(ends_find_the_life_that_is_not_over),
        cmocka_unit_test(an_unknown_local_end_finds_the_newest_with_that_remote_end),
        cmocka_unit_test(ends_that_change_are_found_by_the_new_ones_only),
        cmocka_unit_test(a_bound_socket_is_found_by_its_address_before_any),
        cmocka_unit_test(an_ipv4_address_is_the_same_in_both_forms),
        cmocka_unit_test(ends_used_a_hundred_thousand_times_are_found_at_once),
        cmocka_unit_test(the_strongest_rule_comes_first_and_each_once),
        cmocka_unit_test(the_weakest_evidence_falls_off),
        cmocka_unit_test(a_contradiction_stays),
        cmocka_unit_test(one_pid_with_two_start_keys_is_two_processes),
        cmocka_unit_test(callers_that_differ_leave_no_owner_until_a_payload_tells),
        cmocka_unit_test(pid_zero_owns_nothing),
        cmocka_unit_test(loss_makes_what_rests_on_a_pointer_only_likely),
        cmocka_unit_test(the_first_close_counts_and_a_cause_replaces_unknown),
        cmocka_unit_test(ranges_widen_on_both_sides_and_around_zero),
        cmocka_unit_test(more_than_two_gibibytes_prove_nothing),
        cmocka_unit_test(the_best_source_of_bytes_counts),
        cmocka_unit_test(states_stay_with_their_row_in_order_of_time),
        cmocka_unit_test(a_flow_is_between_one_row_and_one_end),
        cmocka_unit_test(ports_tell_who_opened_an_older_connection),
        cmocka_unit_test(merged_rows_are_one),
        cmocka_unit_test(an_owner_that_comes_by_address_alone_is_likely),
        cmocka_unit_test(a_likely_owner_that_is_confirmed_is_strong),
        cmocka_unit_test(a_contradiction_moves_with_the_row),
        cmocka_unit_test(a_begin_that_the_stack_did_not_tell_is_the_earliest),
        cmocka_unit_test(merging_rows_with_different_owners_is_a_contradiction),
        cmocka_unit_test(rows_merged_in_a_row_end_in_the_last),
        cmocka_unit_test(ids_follow_the_first_appearance_and_skip_rows_without_ends),
        cmocka_unit_test(no_row_is_ignored_everywhere),
        cmocka_unit_test(a_socket_takes_no_more_than_it_may),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
