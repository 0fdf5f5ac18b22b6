/* SPDX-License-Identifier: MIT */
#include "pcapout/socket_traffic.h"
#include "tests/unit/owner_ledger.h"

struct fixture {
    struct owner_ledger owners;
    struct out_socket_traffic *traffic;
};

static int set_up(void **state)
{
    static struct fixture fixture;
    owner_ledger_open(&fixture.owners);
    assert_int_equal(out_socket_traffic_new(fixture.owners.ledger, &fixture.traffic, NULL), ETW_OK);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    out_socket_traffic_free(fixture->traffic);
    owner_ledger_close(&fixture->owners);
    return 0;
}

/* A segment of the first connection. */
static void add_segment(struct fixture *fixture, bool is_inbound, unsigned flags, uint32_t sequence,
                        uint32_t length)
{
    struct corr_packet packet =
        owned_packet(&fixture->owners, fixture->owners.first, CORR_RULE_TUPLE, CORR_STRONG);
    packet.verdict.is_inbound = is_inbound;
    packet.layers.has_tcp = true;
    packet.layers.tcp_flags = (uint8_t)flags;
    packet.layers.tcp_seq = sequence;
    packet.layers.tcp_length = length;
    out_socket_traffic_add(fixture->traffic, &packet);
}

static const struct out_traffic *first(const struct fixture *fixture)
{
    return out_socket_traffic_get(fixture->traffic, fixture->owners.first);
}

static void retransmitted_bytes_count_once(void **state)
{
    struct fixture *fixture = *state;
    add_segment(fixture, false, CORR_TCP_SYN, 1000, 0);
    add_segment(fixture, true, CORR_TCP_SYN | CORR_TCP_ACK, 9000, 0);
    add_segment(fixture, false, CORR_TCP_ACK, 1001, 100);
    add_segment(fixture, false, CORR_TCP_ACK, 1001, 100); /* again */
    add_segment(fixture, false, CORR_TCP_ACK, 1051, 100); /* half of it */
    add_segment(fixture, true, CORR_TCP_ACK, 9001, 7);
    add_segment(fixture, false, CORR_TCP_ACK | CORR_TCP_FIN, 1151, 0);
    assert_int_equal(first(fixture)->bytes_sent, 150);
    assert_int_equal(first(fixture)->bytes_received, 7);
    assert_int_equal(first(fixture)->packets_sent, 5);
    assert_int_equal(first(fixture)->packets_received, 2);
}

static void counting_goes_on_where_sequence_numbers_wrap(void **state)
{
    struct fixture *fixture = *state;
    add_segment(fixture, false, CORR_TCP_SYN, UINT32_MAX - 9, 0);
    add_segment(fixture, false, CORR_TCP_ACK, UINT32_MAX - 8, 20);
    add_segment(fixture, false, CORR_TCP_ACK, 11, 5);
    add_segment(fixture, false, CORR_TCP_ACK, UINT32_MAX - 8, 20);
    assert_int_equal(first(fixture)->bytes_sent, 25);
}

static void a_connection_seen_from_its_middle_counts_from_there(void **state)
{
    struct fixture *fixture = *state;
    add_segment(fixture, true, CORR_TCP_ACK, 500000, 1460);
    add_segment(fixture, true, CORR_TCP_ACK, 503000, 1460); /* one between was not captured */
    assert_int_equal(first(fixture)->bytes_received, 2920);
    assert_int_equal(first(fixture)->bytes_sent, 0);
}

static void a_keep_alive_carries_nothing_new(void **state)
{
    struct fixture *fixture = *state;
    add_segment(fixture, false, CORR_TCP_ACK, 1001, 10);
    add_segment(fixture, false, CORR_TCP_ACK, 1010, 1);
    add_segment(fixture, false, CORR_TCP_ACK, 1010, 1);
    assert_int_equal(first(fixture)->bytes_sent, 10);
}

static void datagrams_count_their_payload_and_fragments_only_as_packets(void **state)
{
    struct fixture *fixture = *state;
    struct corr_packet packet =
        owned_packet(&fixture->owners, fixture->owners.datagram, CORR_RULE_TUPLE, CORR_STRONG);
    packet.layers = (struct corr_layers){.ip_protocol = 17, .payload_size = 30};
    out_socket_traffic_add(fixture->traffic, &packet);
    out_socket_traffic_add(fixture->traffic, &packet);
    packet.layers.is_fragment = true;
    out_socket_traffic_add(fixture->traffic, &packet);
    const struct out_traffic *traffic =
        out_socket_traffic_get(fixture->traffic, fixture->owners.datagram);
    assert_int_equal(traffic->packets_sent, 3);
    assert_int_equal(traffic->bytes_sent, 60);
    assert_int_equal(first(fixture)->packets_sent, 0);
}

static void packets_without_socket_change_nothing(void **state)
{
    struct fixture *fixture = *state;
    struct corr_packet packet = ownerless_packet(CORR_UNKNOWN, CORR_RULE_NONE);
    out_socket_traffic_add(fixture->traffic, &packet);
    assert_int_equal(first(fixture)->packets_sent, 0);
    out_socket_traffic_free(NULL);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(retransmitted_bytes_count_once),
        CASE(counting_goes_on_where_sequence_numbers_wrap),
        CASE(a_connection_seen_from_its_middle_counts_from_there),
        CASE(a_keep_alive_carries_nothing_new),
        CASE(datagrams_count_their_payload_and_fragments_only_as_packets),
        CASE(packets_without_socket_change_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
