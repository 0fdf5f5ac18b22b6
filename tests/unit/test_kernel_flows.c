/* SPDX-License-Identifier: MIT */
#include "correlate/kernel_flows.h"
#include "socket_events.h"
#include "tcp_events.h"

struct kernel_scene {
    struct tcp_scene tcp;
    struct kernel_flows *flows;
};

static void open_kernel_scene(struct kernel_scene *scene)
{
    struct etw_error error;
    open_tcp_scene(&scene->tcp);
    assert_int_equal(kernel_flows_new(scene->tcp.base.table, &scene->flows, &error), ETW_OK);
}

static void finish_kernel_scene(struct kernel_scene *scene)
{
    tcp_history_finish(scene->tcp.history);
    kernel_flows_finish(scene->flows);
    finish_scene(&scene->tcp.base);
}

static void close_kernel_scene(struct kernel_scene *scene)
{
    kernel_flows_free(scene->flows);
    close_tcp_scene(&scene->tcp);
}

static uint32_t kernel(struct kernel_scene *scene, enum etw_action action, uint8_t protocol,
                       uint32_t pid, uint64_t bytes, const struct etw_socket_address *local,
                       const struct etw_socket_address *remote)
{
    struct etw_event event;
    const struct etw_socket socket = {
        .layer = ETW_LAYER_KERNEL,
        .action = action,
        .protocol = protocol,
        .pid = pid,
        .bytes = bytes,
        .local = *local,
        .remote = *remote,
        .has = ETW_HAS_PROTOCOL | ETW_HAS_BYTES | ETW_HAS_LOCAL | ETW_HAS_REMOTE |
               (pid ? ETW_HAS_PID : 0u),
    };
    return kernel_flows_learn(scene->flows, next_event(&scene->tcp.base, &event, &socket));
}

/* About the connection of the scene. */
static uint32_t kernel_tcp(struct kernel_scene *scene, enum etw_action action, uint32_t pid,
                           uint64_t bytes)
{
    const struct etw_socket_address local = ipv4(scene->tcp.local, scene->tcp.local_port);
    const struct etw_socket_address remote = ipv4(scene->tcp.remote, scene->tcp.remote_port);
    return kernel(scene, action, 6, pid, bytes, &local, &remote);
}

static uint32_t kernel_udp(struct kernel_scene *scene, enum etw_action action, uint32_t pid,
                           uint64_t bytes, const char *local, uint16_t port, const char *remote)
{
    const struct etw_socket_address here = ipv4(local, port);
    const struct etw_socket_address there = ipv4(remote, 9000);
    return kernel(scene, action, 17, pid, bytes, &here, &there);
}

/* ---- alone ---- */

static void kernel_events_alone_make_a_connection_with_owner_and_bytes(void **context)
{
    (void)context;
    struct kernel_scene scene;
    open_kernel_scene(&scene);
    set_tuple(&scene.tcp, "10.0.0.1", 50000, "10.0.0.2", 443);
    kernel_tcp(&scene, ETW_ACTION_CONNECT, 77, 0);
    int64_t begun = scene.tcp.base.record.time;
    kernel_tcp(&scene, ETW_ACTION_DATA_OUT, 77, 100);
    kernel_tcp(&scene, ETW_ACTION_DATA_IN, 77, 3000);
    kernel_tcp(&scene, ETW_ACTION_DELIVERED, 77, 3000); /* the same bytes again */
    kernel_tcp(&scene, ETW_ACTION_DATA_IN, 77, 4000);
    kernel_tcp(&scene, ETW_ACTION_RETRANSMIT, 77, 100);
    kernel_tcp(&scene, ETW_ACTION_CLOSE, 77, 0);
    finish_kernel_scene(&scene);
    assert_int_equal(shown_count(&scene.tcp), 1);
    const struct corr_socket *client = shown(&scene.tcp, 1);
    assert_int_equal(client->role, CORR_CLIENT);
    assert_int_equal(client->opened, begun);
    assert_int_equal(client->closed, scene.tcp.base.record.time);
    assert_int_equal(client->bytes_sent, 100);
    assert_int_equal(client->bytes_received, 7000);
    assert_int_equal(client->bytes_from, CORR_BYTES_KERNEL);
    assert_int_equal(client->retransmits, 1);
    assert_owner(&scene.tcp, 1, 77);
    assert_true(has_rule(client, CORR_RULE_KERNEL_EVENT));
    assert_int_equal(client->confidence, CORR_STRONG);
    close_kernel_scene(&scene);
}

static void data_without_a_connect_are_of_an_older_connection(void **context)
{
    (void)context;
    struct kernel_scene scene;
    open_kernel_scene(&scene);
    set_tuple(&scene.tcp, "10.0.0.1", 50000, "10.0.0.2", 443);
    kernel_tcp(&scene, ETW_ACTION_DATA_IN, 77, 10);
    finish_kernel_scene(&scene);
    assert_int_equal(shown(&scene.tcp, 1)->opened, CORR_ALWAYS);
    assert_int_equal(shown(&scene.tcp, 1)->closed, CORR_NEVER);
    assert_int_equal(shown(&scene.tcp, 1)->flags & CORR_SOCKET_OLDER, CORR_SOCKET_OLDER);
    close_kernel_scene(&scene);
}

static void a_connect_between_known_ends_is_another_connection(void **context)
{
    (void)context;
    struct kernel_scene scene;
    open_kernel_scene(&scene);
    set_tuple(&scene.tcp, "10.0.0.1", 50000, "10.0.0.2", 443);
    kernel_tcp(&scene, ETW_ACTION_CONNECT, 77, 0);
    kernel_tcp(&scene, ETW_ACTION_CLOSE, 77, 0);
    int64_t ended = scene.tcp.base.record.time;
    uint32_t first = kernel_tcp(&scene, ETW_ACTION_DATA_IN, 77, 5); /* a straggler */
    assert_int_not_equal(kernel_tcp(&scene, ETW_ACTION_CONNECT, 78, 0), first);
    finish_kernel_scene(&scene);
    assert_int_equal(shown_count(&scene.tcp), 2);
    assert_int_equal(shown(&scene.tcp, 1)->closed, ended);
    assert_int_equal(shown(&scene.tcp, 1)->bytes_received, 5);
    assert_owner(&scene.tcp, 1, 77);
    assert_owner(&scene.tcp, 2, 78);
    close_kernel_scene(&scene);
}

static void an_end_that_nobody_told_of_is_at_the_last_event(void **context)
{
    (void)context;
    struct kernel_scene scene;
    open_kernel_scene(&scene);
    set_tuple(&scene.tcp, "10.0.0.1", 50000, "10.0.0.2", 443);
    kernel_tcp(&scene, ETW_ACTION_CONNECT, 77, 0);
    kernel_tcp(&scene, ETW_ACTION_DATA_OUT, 77, 5);
    int64_t last = scene.tcp.base.record.time;
    kernel_tcp(&scene, ETW_ACTION_CONNECT, 78, 0);
    finish_kernel_scene(&scene);
    assert_int_equal(shown_count(&scene.tcp), 2);
    assert_int_equal(shown(&scene.tcp, 1)->closed, last);
    assert_int_equal(shown(&scene.tcp, 1)->cause, CORR_CAUSE_UNKNOWN);
    close_kernel_scene(&scene);
}

/* ---- beside the stack ---- */

static void the_stacks_connection_gets_owner_and_bytes(void **context)
{
    (void)context;
    struct kernel_scene scene;
    open_kernel_scene(&scene);
    set_tuple(&scene.tcp, "10.0.0.1", 50000, "10.0.0.2", 443);
    state(&scene.tcp, 0x1000, CORR_CLOSED, CORR_SYN_SENT, 0);
    uint32_t row =
        tuple_event(&scene.tcp, ETW_ACTION_CREATE, ETW_PHASE_SINGLE, 0x1000, CORR_SYN_SENT);
    assert_int_equal(kernel_tcp(&scene, ETW_ACTION_CONNECT, 77, 0), row);
    assert_int_equal(kernel_tcp(&scene, ETW_ACTION_DATA_OUT, 77, 100), row);
    state(&scene.tcp, 0x1000, CORR_SYN_SENT, CORR_CLOSED, 0);
    scene.tcp.base.record.time += SECOND; /* the kernel's clock is late */
    assert_int_equal(kernel_tcp(&scene, ETW_ACTION_DATA_IN, 77, 50), row);
    finish_kernel_scene(&scene);
    assert_int_equal(shown_count(&scene.tcp), 1);
    assert_owner(&scene.tcp, 1, 77);
    assert_int_equal(shown(&scene.tcp, 1)->bytes_from, CORR_BYTES_KERNEL);
    assert_int_equal(shown(&scene.tcp, 1)->bytes_received, 50);
    close_kernel_scene(&scene);
}

static void a_kernel_event_that_names_another_process_contradicts(void **context)
{
    (void)context;
    struct kernel_scene scene;
    open_kernel_scene(&scene);
    set_tuple(&scene.tcp, "10.0.0.1", 80, "10.0.0.2", 50000);
    accepted(&scene.tcp, 0x1000, 77);
    kernel_tcp(&scene, ETW_ACTION_DATA_IN, 78, 10);
    finish_kernel_scene(&scene);
    assert_owner(&scene.tcp, 1, 0);
    assert_int_equal(shown(&scene.tcp, 1)->flags & CORR_SOCKET_CONTRADICTED,
                     CORR_SOCKET_CONTRADICTED);
    close_kernel_scene(&scene);
}

static void another_process_after_the_end_is_another_connection(void **context)
{
    (void)context;
    struct kernel_scene scene;
    open_kernel_scene(&scene);
    set_tuple(&scene.tcp, "10.0.0.1", 50000, "10.0.0.2", 443);
    uint32_t row = connect_asked(&scene.tcp, 0x1000, 77);
    state(&scene.tcp, 0x1000, CORR_SYN_SENT, CORR_CLOSED, 0);
    assert_int_equal(kernel_tcp(&scene, ETW_ACTION_DATA_IN, 77, 50), row);
    assert_int_not_equal(kernel_tcp(&scene, ETW_ACTION_DATA_IN, 78, 50), row);
    finish_kernel_scene(&scene);
    assert_int_equal(shown_count(&scene.tcp), 2);
    assert_owner(&scene.tcp, 1, 77);
    assert_owner(&scene.tcp, 2, 78);
    close_kernel_scene(&scene);
}

static void a_connect_long_after_the_begin_of_what_is_over_is_another_connection(void **context)
{
    (void)context;
    struct kernel_scene scene;
    open_kernel_scene(&scene);
    set_tuple(&scene.tcp, "10.0.0.1", 50000, "10.0.0.2", 443);
    uint32_t row = connect_asked(&scene.tcp, 0x1000, 77);
    assert_int_equal(kernel_tcp(&scene, ETW_ACTION_CONNECT, 77, 0), row);
    scene.tcp.base.record.time += 60 * SECOND;
    state(&scene.tcp, 0x1000, CORR_SYN_SENT, CORR_CLOSED, 0);
    assert_int_not_equal(kernel_tcp(&scene, ETW_ACTION_CONNECT, 77, 0), row);
    finish_kernel_scene(&scene);
    assert_int_equal(shown_count(&scene.tcp), 2);
    close_kernel_scene(&scene);
}

static void a_connect_told_by_two_recorders_is_one_connection(void **context)
{
    (void)context;
    struct kernel_scene scene;
    open_kernel_scene(&scene);
    set_tuple(&scene.tcp, "10.0.0.1", 50000, "10.0.0.2", 443);
    scene.tcp.base.record.class_of = RECORD_IS_MANIFEST;
    uint32_t row = kernel_tcp(&scene, ETW_ACTION_CONNECT, 77, 0);
    scene.tcp.base.record.class_of = RECORD_IS_CLASSIC;
    assert_int_equal(kernel_tcp(&scene, ETW_ACTION_CONNECT, 77, 0), row);
    finish_kernel_scene(&scene);
    close_kernel_scene(&scene);
}

static void a_connection_whose_ends_the_stack_tells_late_is_one(void **context)
{
    (void)context;
    struct kernel_scene scene;
    open_kernel_scene(&scene);
    set_tuple(&scene.tcp, "10.0.0.1", 50000, "10.0.0.2", 443);
    kernel_tcp(&scene, ETW_ACTION_DATA_IN, 77, 10);
    kernel_tcp(&scene, ETW_ACTION_RETRANSMIT, 77, 10);
    rundown(&scene.tcp, 0x1000, 77, CORR_ESTABLISHED);
    kernel_tcp(&scene, ETW_ACTION_DATA_IN, 77, 20);
    finish_kernel_scene(&scene);
    assert_int_equal(shown_count(&scene.tcp), 1);
    assert_int_equal(shown(&scene.tcp, 1)->handle, 0x1000);
    assert_int_equal(shown(&scene.tcp, 1)->bytes_received, 30);
    assert_int_equal(shown(&scene.tcp, 1)->retransmits, 0); /* the stack tells of its own */
    assert_true(has_rule(shown(&scene.tcp, 1), CORR_RULE_RUNDOWN));
    close_kernel_scene(&scene);
}

/* ---- datagrams ---- */

static void a_datagram_socket_is_one_row_with_many_flows(void **context)
{
    (void)context;
    struct kernel_scene scene;
    open_kernel_scene(&scene);
    uint32_t row = kernel_udp(&scene, ETW_ACTION_SEND_TO, 77, 10, "10.0.0.1", 5000, "10.0.0.2");
    assert_int_equal(
        kernel_udp(&scene, ETW_ACTION_RECEIVE_FROM, 77, 90, "10.0.0.1", 5000, "10.0.0.3"), row);
    finish_kernel_scene(&scene);
    assert_int_equal(shown_count(&scene.tcp), 1);
    const struct corr_socket *socket = shown(&scene.tcp, 1);
    assert_int_equal(socket->role, CORR_DATAGRAM);
    assert_int_equal(socket->local.port, 5000);
    assert_int_equal(socket->remote.size, 0);
    assert_int_equal(socket->opened, CORR_ALWAYS);
    assert_int_equal(socket->bytes_sent, 10);
    assert_int_equal(socket->bytes_received, 90);
    assert_owner(&scene.tcp, 1, 77);
    const struct corr_endpoint first = end4("10.0.0.2", 9000);
    const struct corr_endpoint second = end4("10.0.0.3", 9000);
    const struct corr_endpoint third = end4("10.0.0.4", 9000);
    assert_true(socket_table_has_flow(scene.tcp.base.table, 0, &first));
    assert_true(socket_table_has_flow(scene.tcp.base.table, 0, &second));
    assert_false(socket_table_has_flow(scene.tcp.base.table, 0, &third));
    close_kernel_scene(&scene);
}

static void processes_that_share_a_port_have_a_row_each(void **context)
{
    (void)context;
    struct kernel_scene scene;
    open_kernel_scene(&scene);
    uint32_t one =
        kernel_udp(&scene, ETW_ACTION_RECEIVE_FROM, 77, 10, "224.0.0.251", 5353, "10.0.0.2");
    uint32_t two =
        kernel_udp(&scene, ETW_ACTION_RECEIVE_FROM, 78, 10, "224.0.0.251", 5353, "10.0.0.2");
    assert_int_not_equal(one, two);
    assert_int_equal(
        kernel_udp(&scene, ETW_ACTION_RECEIVE_FROM, 77, 10, "224.0.0.251", 5353, "10.0.0.2"), one);
    finish_kernel_scene(&scene);
    assert_int_equal(shown_count(&scene.tcp), 2);
    assert_true(corr_endpoint_is_any(&shown(&scene.tcp, 1)->local));
    assert_owner(&scene.tcp, 1, 77);
    assert_owner(&scene.tcp, 2, 78);
    close_kernel_scene(&scene);
}

static void a_port_that_another_process_uses_is_over_for_the_first(void **context)
{
    (void)context;
    struct kernel_scene scene;
    open_kernel_scene(&scene);
    kernel_udp(&scene, ETW_ACTION_SEND_TO, 77, 10, "10.0.0.1", 50000, "10.0.0.2");
    kernel_udp(&scene, ETW_ACTION_RECEIVE_FROM, 77, 10, "10.0.0.1", 50000, "10.0.0.2");
    int64_t last = scene.tcp.base.record.time;
    scene.tcp.base.record.time += 60 * SECOND;
    kernel_udp(&scene, ETW_ACTION_SEND_TO, 78, 10, "10.0.0.1", 50000, "10.0.0.2");
    finish_kernel_scene(&scene);
    assert_int_equal(shown_count(&scene.tcp), 2);
    assert_int_equal(shown(&scene.tcp, 1)->closed, last);
    assert_int_equal(shown(&scene.tcp, 2)->opened, last + 1);
    assert_int_equal(shown(&scene.tcp, 2)->closed, CORR_NEVER);
    close_kernel_scene(&scene);
}

static void a_port_that_two_processes_take_turns_with_is_shared(void **context)
{
    (void)context;
    struct kernel_scene scene;
    open_kernel_scene(&scene);
    for (int i = 0; i < 3; i++) {
        kernel_udp(&scene, ETW_ACTION_SEND_TO, 77, 10, "10.0.0.1", 50000, "10.0.0.2");
        kernel_udp(&scene, ETW_ACTION_SEND_TO, 78, 10, "10.0.0.1", 50000, "10.0.0.2");
    }
    finish_kernel_scene(&scene);
    assert_int_equal(shown_count(&scene.tcp), 2);
    assert_int_equal(shown(&scene.tcp, 1)->closed, CORR_NEVER);
    assert_int_equal(shown(&scene.tcp, 2)->closed, CORR_NEVER);
    close_kernel_scene(&scene);
}

static void a_datagram_socket_of_the_stack_is_used(void **context)
{
    (void)context;
    struct kernel_scene scene;
    open_kernel_scene(&scene);
    struct socket_table *table = scene.tcp.base.table;
    const struct corr_endpoint any = end4("0.0.0.0", 5000);
    uint32_t row = socket_table_add(table, CORR_DATAGRAM, 17, SECOND);
    socket_table_get(table, row)->handle = 0x0d9;
    socket_table_set_ends(table, row, &any, NULL);
    socket_table_own(table, row, CORR_RULE_DATAGRAM, 77, 0, SECOND, 1);
    assert_int_equal(kernel_udp(&scene, ETW_ACTION_SEND_TO, 77, 10, "10.0.0.1", 5000, "10.0.0.2"),
                     row);
    assert_int_not_equal(
        kernel_udp(&scene, ETW_ACTION_SEND_TO, 78, 10, "10.0.0.1", 5000, "10.0.0.2"), row);
    finish_kernel_scene(&scene);
    assert_owner(&scene.tcp, 1, 77);
    assert_owner(&scene.tcp, 2, 78);
    close_kernel_scene(&scene);
}

static void who_sends_from_an_address_is_the_one_bound_to_any(void **context)
{
    (void)context;
    struct kernel_scene scene;
    open_kernel_scene(&scene);
    uint32_t one =
        kernel_udp(&scene, ETW_ACTION_RECEIVE_FROM, 77, 10, "224.0.0.251", 5353, "10.0.0.2");
    kernel_udp(&scene, ETW_ACTION_RECEIVE_FROM, 78, 10, "224.0.0.251", 5353, "10.0.0.2");
    assert_int_equal(
        kernel_udp(&scene, ETW_ACTION_SEND_TO, 77, 10, "10.0.0.1", 5353, "224.0.0.251"), one);
    finish_kernel_scene(&scene);
    assert_int_equal(shown_count(&scene.tcp), 2);
    close_kernel_scene(&scene);
}

static void one_transfer_told_by_two_recorders_counts_once(void **context)
{
    (void)context;
    struct kernel_scene scene;
    open_kernel_scene(&scene);
    set_tuple(&scene.tcp, "10.0.0.1", 50000, "10.0.0.2", 443);
    for (int i = 0; i < 3; i++) {
        scene.tcp.base.record.class_of = RECORD_IS_MANIFEST;
        kernel_tcp(&scene, ETW_ACTION_DATA_IN, 77, 10);
        scene.tcp.base.record.class_of = RECORD_IS_CLASSIC;
        kernel_tcp(&scene, ETW_ACTION_DATA_IN, 77, 10);
    }
    finish_kernel_scene(&scene);
    assert_int_equal(shown(&scene.tcp, 1)->bytes_received, 30);
    close_kernel_scene(&scene);
}

/* Windows 7 calls it received; the source is known as an address of this machine. */
static void an_ipv6_datagram_from_here_was_sent(void **context)
{
    (void)context;
    const struct etw_socket_address here = ipv6(0x2001, 1, 500);
    const struct etw_socket_address there = ipv6(0x2001, 2, 500);
    struct kernel_scene scene;
    open_kernel_scene(&scene);
    kernel(&scene, ETW_ACTION_DATA_IN, 6, 77, 1, &here, &there); /* a connection tells where */
    kernel(&scene, ETW_ACTION_RECEIVE_FROM, 17, 78, 40, &there, &here);
    kernel(&scene, ETW_ACTION_RECEIVE_FROM, 17, 78, 50, &here, &there);
    kernel(&scene, ETW_ACTION_RECEIVE_FROM, 17, 78, 60, &here, &here);
    finish_kernel_scene(&scene);
    assert_int_equal(shown_count(&scene.tcp), 2);
    const struct corr_socket *socket = shown(&scene.tcp, 2);
    const struct corr_endpoint local = corr_endpoint_of_event(&here);
    const struct corr_endpoint remote = corr_endpoint_of_event(&there);
    assert_end(&socket->local, &local);
    assert_int_equal(socket->bytes_sent, 40);
    assert_int_equal(socket->bytes_received, 110);
    assert_true(socket_table_has_flow(scene.tcp.base.table, 1, &remote));
    close_kernel_scene(&scene);
}

static void events_without_ends_are_about_nothing(void **context)
{
    (void)context;
    struct kernel_scene scene;
    open_kernel_scene(&scene);
    struct etw_event event;
    const struct etw_socket failed = {.layer = ETW_LAYER_KERNEL,
                                      .action = ETW_ACTION_FAILED,
                                      .protocol = 6,
                                      .has = ETW_HAS_PROTOCOL};
    const struct etw_event *next = next_event(&scene.tcp.base, &event, &failed);
    assert_int_equal(kernel_flows_learn(scene.flows, next), CORR_NO_ROW);
    finish_kernel_scene(&scene);
    assert_int_equal(scene.tcp.base.count, 0);
    close_kernel_scene(&scene);
}

static void times_at_the_ends_of_time_are_survived(void **context)
{
    (void)context;
    static const int64_t times[] = {INT64_MIN, INT64_MIN + 1, 0, INT64_MAX - 2 * MILLISECOND};
    struct kernel_scene scene;
    open_kernel_scene(&scene);
    set_tuple(&scene.tcp, "10.0.0.1", 50000, "10.0.0.2", 443);
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        scene.tcp.base.record.time = times[i];
        kernel_tcp(&scene, ETW_ACTION_DATA_IN, 77, 10);
        kernel_udp(&scene, ETW_ACTION_SEND_TO, 77, 10, "10.0.0.1", 5000, "10.0.0.2");
    }
    finish_kernel_scene(&scene);
    close_kernel_scene(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kernel_events_alone_make_a_connection_with_owner_and_bytes),
        cmocka_unit_test(data_without_a_connect_are_of_an_older_connection),
        cmocka_unit_test(a_connect_between_known_ends_is_another_connection),
        cmocka_unit_test(an_end_that_nobody_told_of_is_at_the_last_event),
        cmocka_unit_test(the_stacks_connection_gets_owner_and_bytes),
        cmocka_unit_test(a_kernel_event_that_names_another_process_contradicts),
        cmocka_unit_test(another_process_after_the_end_is_another_connection),
        cmocka_unit_test(a_connect_long_after_the_begin_of_what_is_over_is_another_connection),
        cmocka_unit_test(a_connect_told_by_two_recorders_is_one_connection),
        cmocka_unit_test(a_connection_whose_ends_the_stack_tells_late_is_one),
        cmocka_unit_test(a_datagram_socket_is_one_row_with_many_flows),
        cmocka_unit_test(processes_that_share_a_port_have_a_row_each),
        cmocka_unit_test(a_port_that_another_process_uses_is_over_for_the_first),
        cmocka_unit_test(a_port_that_two_processes_take_turns_with_is_shared),
        cmocka_unit_test(a_datagram_socket_of_the_stack_is_used),
        cmocka_unit_test(who_sends_from_an_address_is_the_one_bound_to_any),
        cmocka_unit_test(one_transfer_told_by_two_recorders_counts_once),
        cmocka_unit_test(an_ipv6_datagram_from_here_was_sent),
        cmocka_unit_test(events_without_ends_are_about_nothing),
        cmocka_unit_test(times_at_the_ends_of_time_are_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
