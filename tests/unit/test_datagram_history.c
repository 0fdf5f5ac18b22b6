/* SPDX-License-Identifier: MIT */
#include "correlate/datagram_history.h"

#include "tests/unit/winsock_events.h"

#define ENDPOINT 0xFA80E0u
#define ICMP     1

static void send_from(struct stage *stage, const char *local, uint16_t port, uint32_t pid)
{
    struct etw_socket sent = {UDP(SEND_TO, ENDPOINT), .has = BOTH | ETW_HAS_BYTES, .bytes = 8,
                              LOCAL(local, port), REMOTE("172.23.98.97", 2762)};
    if (pid != 0) {
        sent.has |= ETW_HAS_PID;
        sent.pid = pid;
    }
    play(stage, &sent);
}

static void receive(struct stage *stage, struct etw_socket_address local,
                    struct etw_socket_address remote)
{
    play(stage, &(struct etw_socket){UDP(RECEIVE_FROM, ENDPOINT), .has = BOTH | ETW_HAS_BYTES,
                                     .bytes = 5, .local = local, .remote = remote});
}

static void create_for(struct stage *stage, uint32_t pid)
{
    play(stage, &(struct etw_socket){UDP(CREATE, ENDPOINT), .has = ETW_HAS_PID | ETW_HAS_STATUS,
                                     .pid = pid});
}

static void bind_to(struct stage *stage, struct etw_socket_address local)
{
    play(stage, &(struct etw_socket){UDP(BIND, ENDPOINT), .has = ETW_HAS_LOCAL | ETW_HAS_STATUS,
                                     .local = local});
}

static void close_at(struct stage *stage, uint16_t port)
{
    stage->pid = 10;
    play(stage, &(struct etw_socket){UDP(CLOSE, ENDPOINT), .has = ETW_HAS_LOCAL, IN_CONTEXT,
                                     LOCAL("0.0.0.0", port)});
    stage->pid = 0;
}

static void assert_flow(const struct stage *stage, uint32_t id, const char *dotted, uint16_t port,
                        bool is_wanted)
{
    struct corr_endpoint remote = end4(dotted, port);
    uint32_t row = row_of_id(&stage->scene, id);
    assert_int_equal(socket_table_has_flow(stage->scene.table, row, &remote), is_wanted);
}

static void assert_local(const struct stage *stage, uint32_t id, struct corr_endpoint wanted)
{
    assert_end(&shown_row(stage, id)->local, &wanted);
}

static void test_newer_windows_tells_of_a_whole_life(void **state)
{
    (void)state;
    struct stage stage;
    open_stage(&stage);
    create_for(&stage, 10);
    bind_to(&stage, ipv4("0.0.0.0", 36003));
    send_from(&stage, "10.1.1.1", 36003, 10);
    receive(&stage, ipv4("10.1.1.1", 36003), ipv4("172.23.98.98", 2762));
    close_at(&stage, 36003);
    finish_stage(&stage);

    assert_int_equal(shown_count(&stage), 1);
    const struct corr_socket *socket = shown_row(&stage, 1);
    assert_int_equal(socket->role, CORR_DATAGRAM);
    assert_int_equal(socket->protocol, 17);
    assert_int_equal(socket->handle, ENDPOINT);
    assert_local(&stage, 1, end4("0.0.0.0", 36003));
    assert_int_equal(socket->remote.size, 0);
    assert_int_equal(shown_pid(&stage, 1), 10);
    assert_true(has_rule(socket, CORR_RULE_STACK_ENDPOINT));
    assert_int_equal(socket->bytes_sent, 8);
    assert_int_equal(socket->bytes_received, 5);
    assert_int_equal(socket->bytes_from, CORR_BYTES_STACK);
    assert_int_equal(socket->cause, CORR_CAUSE_LOCAL_CLOSE);
    assert_true(socket->opened != CORR_ALWAYS && socket->closed != CORR_NEVER);
    assert_flow(&stage, 1, "172.23.98.97", 2762, true);
    assert_flow(&stage, 1, "172.23.98.98", 2762, true);
    assert_flow(&stage, 1, "172.23.98.98", 2763, false);
    close_stage(&stage);
}

static void test_older_windows_tells_of_datagrams_only(void **state)
{
    (void)state;
    struct stage stage;
    open_stage(&stage);
    send_from(&stage, "10.1.1.1", 36003, 2136);
    send_from(&stage, "10.1.1.1", 36003, 2136);
    finish_stage(&stage);
    assert_int_equal(shown_count(&stage), 1);
    const struct corr_socket *socket = shown_row(&stage, 1);
    assert_true((socket->flags & CORR_SOCKET_OLDER) != 0);
    assert_true(socket->opened == CORR_ALWAYS);
    assert_local(&stage, 1, end4("10.1.1.1", 36003));
    assert_int_equal(shown_pid(&stage, 1), 2136);
    assert_true(has_rule(socket, CORR_RULE_DATAGRAM));
    assert_int_equal(socket->bytes_sent, 16);
    close_stage(&stage);
}

static void test_several_local_addresses_are_any_address(void **state)
{
    (void)state;
    struct stage stage;
    open_stage(&stage);
    send_from(&stage, "10.1.1.1", 36003, 2136);
    send_from(&stage, "10.1.2.1", 36003, 2136);
    finish_stage(&stage);
    assert_int_equal(shown_count(&stage), 1);
    assert_local(&stage, 1, end4("0.0.0.0", 36003));
    close_stage(&stage);
}

static void test_a_bound_end_stays(void **state)
{
    (void)state;
    struct stage stage;
    open_stage(&stage);
    create_for(&stage, 10);
    bind_to(&stage, ipv4("10.1.1.1", 5353));
    receive(&stage, ipv4("224.0.0.251", 5353), ipv4("10.1.1.9", 5353));
    finish_stage(&stage);
    assert_int_equal(shown_count(&stage), 1);
    assert_local(&stage, 1, end4("10.1.1.1", 5353));
    assert_flow(&stage, 1, "10.1.1.9", 5353, true);
    close_stage(&stage);
}

/* Nobody has a multicast address: the endpoint is bound to the port. */
static void test_a_multicast_address_is_no_local_end(void **state)
{
    (void)state;
    struct stage stage;
    open_stage(&stage);
    receive(&stage, ipv4("224.0.0.251", 5353), ipv4("10.1.1.9", 5353));
    finish_stage(&stage);
    assert_local(&stage, 1, end4("0.0.0.0", 5353));
    close_stage(&stage);
}

static void test_another_port_is_another_life(void **state)
{
    (void)state;
    struct stage stage;
    open_stage(&stage);
    send_from(&stage, "10.1.1.1", 36003, 2136);
    send_from(&stage, "10.1.1.1", 36004, 2136);
    finish_stage(&stage);
    assert_int_equal(shown_count(&stage), 2);
    assert_true(shown_row(&stage, 1)->closed <= shown_row(&stage, 2)->opened);
    assert_int_equal(shown_row(&stage, 1)->bytes_sent, 8);
    assert_local(&stage, 2, end4("10.1.1.1", 36004));
    close_stage(&stage);
}

static void test_another_pid_is_another_life_where_closes_are_not_told(void **state)
{
    (void)state;
    struct stage stage;
    open_stage(&stage);
    send_from(&stage, "10.1.1.1", 36003, 2136);
    send_from(&stage, "10.1.1.1", 36003, 40);
    finish_stage(&stage);
    assert_int_equal(shown_count(&stage), 2);
    assert_int_equal(shown_pid(&stage, 1), 2136);
    assert_int_equal(shown_pid(&stage, 2), 40);
    close_stage(&stage);
}

/* Lives do not come back: two processes have the endpoint, and nobody knows whose it is. */
static void test_pids_that_alternate_make_no_more_lives(void **state)
{
    (void)state;
    struct stage stage;
    open_stage(&stage);
    for (uint32_t i = 0; i < 1000; i++) {
        send_from(&stage, "10.1.1.1", 36003, i % 2 == 0 ? 10 : 20);
    }
    finish_stage(&stage);
    assert_int_equal(shown_count(&stage), 2);
    assert_int_equal(shown_pid(&stage, 2), 0);
    assert_true((shown_row(&stage, 2)->flags & CORR_SOCKET_CONTRADICTED) != 0);
    close_stage(&stage);
}

static void test_another_pid_contradicts_where_closes_are_told(void **state)
{
    (void)state;
    struct stage stage;
    open_stage(&stage);
    create_for(&stage, 10);
    bind_to(&stage, ipv4("0.0.0.0", 36003));
    send_from(&stage, "10.1.1.1", 36003, 20);
    finish_stage(&stage);
    assert_int_equal(shown_count(&stage), 1);
    assert_int_equal(shown_pid(&stage, 1), 0);
    close_stage(&stage);
}

static void test_a_pointer_is_used_again(void **state)
{
    (void)state;
    struct stage stage;
    struct datagram_history_counts counts;
    open_stage(&stage);
    create_for(&stage, 10);
    bind_to(&stage, ipv4("0.0.0.0", 36003));
    close_at(&stage, 36003);
    create_for(&stage, 20);
    bind_to(&stage, ipv4("0.0.0.0", 36003));
    create_for(&stage, 30); /* its close before was lost */
    bind_to(&stage, ipv4("0.0.0.0", 36009));
    datagram_history_get_counts(stage.datagrams, &counts);
    finish_stage(&stage);
    assert_int_equal(shown_count(&stage), 3);
    assert_int_equal(shown_pid(&stage, 1), 10);
    assert_int_equal(shown_pid(&stage, 2), 20);
    assert_int_equal(shown_pid(&stage, 3), 30);
    assert_true(shown_row(&stage, 2)->closed <= shown_row(&stage, 3)->opened);
    assert_int_equal(counts.missed_closes, 1);
    assert_int_equal(counts.missed_opens, 0);
    close_stage(&stage);
}

static void test_a_late_datagram_belongs_to_the_closed_endpoint(void **state)
{
    (void)state;
    struct stage stage;
    open_stage(&stage);
    create_for(&stage, 10);
    bind_to(&stage, ipv4("0.0.0.0", 36003));
    close_at(&stage, 36003);
    receive(&stage, ipv4("10.1.1.1", 36003), ipv4("172.23.98.98", 2762));
    finish_stage(&stage);
    assert_int_equal(shown_count(&stage), 1);
    assert_int_equal(shown_row(&stage, 1)->bytes_received, 5);
    close_stage(&stage);
}

static void test_an_endpoint_whose_create_was_lost_has_a_row(void **state)
{
    (void)state;
    struct stage stage;
    open_stage(&stage);
    create_for(&stage, 10);
    bind_to(&stage, ipv4("0.0.0.0", 36003));
    close_at(&stage, 36003);
    bind_to(&stage, ipv4("0.0.0.0", 36004));
    finish_stage(&stage);
    assert_int_equal(shown_count(&stage), 2);
    assert_true(shown_row(&stage, 2)->opened == shown_row(&stage, 1)->closed);
    assert_int_equal(shown_pid(&stage, 2), 0);
    close_stage(&stage);
}

static void test_ends_in_the_other_order_are_put_right(void **state)
{
    (void)state;
    struct stage stage;
    open_stage(&stage);
    send_from(&stage, "10.1.1.1", 36003, 10);
    receive(&stage, ipv4("172.23.98.98", 2762), ipv4("10.1.1.1", 36003));
    finish_stage(&stage);
    assert_int_equal(shown_count(&stage), 1);
    assert_local(&stage, 1, end4("10.1.1.1", 36003));
    assert_flow(&stage, 1, "172.23.98.98", 2762, true);
    assert_flow(&stage, 1, "10.1.1.1", 36003, false);
    close_stage(&stage);
}

/* What was learned from such an event is corrected by the first datagram sent. */
static void test_a_wrong_first_end_is_corrected(void **state)
{
    (void)state;
    struct stage stage;
    open_stage(&stage);
    receive(&stage, ipv4("172.23.98.98", 2762), ipv4("10.1.1.1", 36003));
    receive(&stage, ipv4("172.23.98.98", 2762), ipv4("10.1.1.1", 36003));
    send_from(&stage, "10.1.1.1", 36003, 10);
    finish_stage(&stage);
    assert_int_equal(shown_count(&stage), 1);
    assert_local(&stage, 1, end4("10.1.1.1", 36003));
    assert_int_equal(shown_pid(&stage, 1), 10);
    close_stage(&stage);
}

static struct etw_socket_address mapped(const char *dotted, uint16_t port)
{
    struct etw_socket_address narrow = ipv4(dotted, port);
    struct etw_socket_address address = {.size = 16, .has_port = true, .port = port};
    address.bytes[10] = 0xff;
    address.bytes[11] = 0xff;
    memcpy(address.bytes + 12, narrow.bytes, 4);
    return address;
}

static void test_an_ipv6_endpoint_of_any_address_takes_ipv4(void **state)
{
    (void)state;
    struct stage stage;
    open_stage(&stage);
    create_for(&stage, 10);
    bind_to(&stage, ipv6(0, 0, 5000));
    receive(&stage, mapped("10.1.1.1", 5000), mapped("10.1.1.9", 53));
    finish_stage(&stage);
    assert_int_equal(shown_count(&stage), 1);
    assert_local(&stage, 1, end6(0, 0, 5000));
    assert_true(shown_row(&stage, 1)->local.is_dual);
    assert_flow(&stage, 1, "10.1.1.9", 53, true);
    close_stage(&stage);

    open_stage(&stage);
    receive(&stage, mapped("10.1.1.1", 5000), mapped("10.1.1.9", 53));
    finish_stage(&stage);
    assert_local(&stage, 1, end6(0, 0, 5000));
    assert_true(shown_row(&stage, 1)->local.is_dual);
    close_stage(&stage);
}

static void test_what_failed_says_nothing(void **state)
{
    (void)state;
    struct stage stage;
    open_stage(&stage);
    play(&stage, &(struct etw_socket){UDP(CREATE, ENDPOINT), .has = ETW_HAS_PID | ETW_HAS_STATUS,
                                      .pid = 10, .status = 0xC000009A});
    play(&stage, &(struct etw_socket){UDP(BIND, ENDPOINT), .has = ETW_HAS_LOCAL | ETW_HAS_STATUS,
                                      LOCAL("0.0.0.0", 53), .status = 0xC0000207});
    assert_int_equal(play(&stage, &(struct etw_socket){UDP(FAILED, 0x77), .has = ETW_HAS_LOCAL,
                                                       LOCAL("0.0.0.0", 53)}),
                     CORR_NO_ROW);
    finish_stage(&stage);
    assert_int_equal(shown_count(&stage), 0);
    close_stage(&stage);
}

static void test_a_raw_endpoint_has_its_protocol(void **state)
{
    (void)state;
    struct stage stage;
    open_stage(&stage);
    play(&stage, &(struct etw_socket){STACK(CREATE, SINGLE, ICMP, RAW_ENDPOINT, ENDPOINT),
                                      .has = ETW_HAS_PID | ETW_HAS_PROTOCOL, .pid = 10});
    play(&stage, &(struct etw_socket){STACK(BIND, SINGLE, ICMP, RAW_ENDPOINT, ENDPOINT),
                                      .has = ETW_HAS_LOCAL, LOCAL("10.1.1.1", 1)});
    play(&stage, &(struct etw_socket){STACK(SEND_TO, SINGLE, ICMP, RAW_ENDPOINT, ENDPOINT),
                                      .has = BOTH, LOCAL("10.1.1.1", 0), REMOTE("10.1.1.9", 0)});
    finish_stage(&stage);
    assert_int_equal(shown_count(&stage), 1);
    assert_int_equal(shown_row(&stage, 1)->role, CORR_RAW);
    assert_int_equal(shown_row(&stage, 1)->protocol, ICMP);
    assert_local(&stage, 1, end4("10.1.1.1", 0));
    assert_int_equal(shown_pid(&stage, 1), 10);
    assert_flow(&stage, 1, "10.1.1.9", 0, true);
    close_stage(&stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_newer_windows_tells_of_a_whole_life),
        cmocka_unit_test(test_older_windows_tells_of_datagrams_only),
        cmocka_unit_test(test_several_local_addresses_are_any_address),
        cmocka_unit_test(test_a_bound_end_stays),
        cmocka_unit_test(test_a_multicast_address_is_no_local_end),
        cmocka_unit_test(test_another_port_is_another_life),
        cmocka_unit_test(test_another_pid_is_another_life_where_closes_are_not_told),
        cmocka_unit_test(test_pids_that_alternate_make_no_more_lives),
        cmocka_unit_test(test_another_pid_contradicts_where_closes_are_told),
        cmocka_unit_test(test_a_pointer_is_used_again),
        cmocka_unit_test(test_a_late_datagram_belongs_to_the_closed_endpoint),
        cmocka_unit_test(test_an_endpoint_whose_create_was_lost_has_a_row),
        cmocka_unit_test(test_ends_in_the_other_order_are_put_right),
        cmocka_unit_test(test_a_wrong_first_end_is_corrected),
        cmocka_unit_test(test_an_ipv6_endpoint_of_any_address_takes_ipv4),
        cmocka_unit_test(test_what_failed_says_nothing),
        cmocka_unit_test(test_a_raw_endpoint_has_its_protocol),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
