/* SPDX-License-Identifier: MIT */
#include "pcapout/owner_groups.h"
#include "tests/unit/owner_ledger.h"

struct fixture {
    struct owner_ledger owners;
    struct out_owner_groups *groups;
};

static int set_up(void **state)
{
    static struct fixture fixture;
    owner_ledger_open(&fixture.owners);
    assert_int_equal(out_owner_groups_new(fixture.owners.ledger, &fixture.groups, NULL), ETW_OK);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    out_owner_groups_free(fixture->groups);
    owner_ledger_close(&fixture->owners);
    return 0;
}

static void add(struct fixture *fixture, struct corr_packet packet, uint64_t frame)
{
    packet.frame = frame;
    packet.time = SAMPLE_TIME + (int64_t)frame;
    assert_int_equal(out_owner_groups_add(fixture->groups, &packet, NULL), ETW_OK);
}

static void add_owned(struct fixture *fixture, uint32_t socket, uint64_t frame)
{
    add(fixture, owned_packet(&fixture->owners, socket, CORR_RULE_TUPLE, CORR_STRONG), frame);
}

static void add_ownerless(struct fixture *fixture, enum corr_no_owner reason, uint64_t frame)
{
    add(fixture, ownerless_packet(reason, CORR_RULE_NONE), frame);
}

/* Owners by their first frame, their sockets by theirs; behind them the reasons. */
static void groups_stand_in_the_order_of_their_owners_first_packets(void **state)
{
    struct fixture *fixture = *state;
    const struct owner_ledger *o = &fixture->owners;
    const struct out_owner_group *rows = NULL;
    add_ownerless(fixture, CORR_NO_SOCKET, 1);
    add_owned(fixture, o->datagram, 2);
    add_ownerless(fixture, CORR_UNKNOWN, 3);
    add_owned(fixture, o->first, 4);
    add_owned(fixture, o->datagram, 5);
    add_owned(fixture, o->second, 6);
    struct corr_packet udp = sample_packet(sample_udp6, sizeof(sample_udp6));
    udp.verdict.reason = CORR_NO_SOCKET; /* the same reason, another protocol */
    add(fixture, udp, 7);
    assert_int_equal(out_owner_groups_list(fixture->groups, &rows), 6);
    assert_int_equal(rows[0].socket, o->datagram);
    assert_int_equal(rows[0].packets, 2);
    assert_int_equal(rows[0].first_frame, 2);
    assert_int_equal(rows[0].last_frame, 5);
    assert_int_equal(rows[0].last_time - rows[0].first_time, 3);
    assert_int_equal(rows[1].process, o->httpd);
    assert_int_equal(rows[2].process, o->hostile);
    assert_int_equal(rows[3].reason, CORR_NO_SOCKET);
    assert_string_equal(rows[3].protocol, "arp");
    assert_int_equal(rows[4].reason, CORR_NO_SOCKET);
    assert_string_equal(rows[4].protocol, "udp");
    assert_int_equal(rows[5].reason, CORR_UNKNOWN);
}

static void one_process_has_a_group_per_socket_and_per_reason(void **state)
{
    struct fixture *fixture = *state;
    const struct owner_ledger *o = &fixture->owners;
    const struct out_owner_group *rows = NULL;
    struct corr_packet packet = owned_packet(o, o->first, CORR_RULE_SEQUENCE, CORR_CERTAIN);
    packet.direction = ETW_DIRECTION_IN;
    add(fixture, packet, 1);
    packet.direction = ETW_DIRECTION_OUT;
    packet.verdict.confidence = CORR_STRONG;
    packet.verdict.rule = CORR_RULE_TUPLE;
    packet.original = 1500;
    add(fixture, packet, 2);
    packet.verdict.socket = CORR_NO_ROW; /* by its process alone */
    add(fixture, packet, 3);
    assert_int_equal(out_owner_groups_list(fixture->groups, &rows), 2);
    assert_int_equal(rows[0].in, 1);
    assert_int_equal(rows[0].out, 1);
    assert_int_equal(rows[0].bytes, 66 + 1500);
    assert_int_equal(rows[0].by_confidence[CORR_CERTAIN], 1);
    assert_int_equal(rows[0].by_confidence[CORR_STRONG], 1);
    assert_int_equal(rows[0].rule, CORR_RULE_SEQUENCE);
    assert_int_equal(out_owner_group_rule(&rows[0], 1), CORR_RULE_SEQUENCE);
    assert_int_equal(out_owner_group_rule(&rows[0], CORR_RULE_SEQUENCE + 1), CORR_RULE_TUPLE);
    assert_int_equal(out_owner_group_rule(&rows[0], CORR_RULE_TUPLE + 1), CORR_RULE_NONE);
    assert_int_equal(rows[1].socket, CORR_NO_ROW);
}

static void frames_beyond_the_first_are_only_counted(void **state)
{
    struct fixture *fixture = *state;
    const struct out_owner_group *rows = NULL;
    for (uint64_t frame = 1; frame <= OUT_GROUP_FRAMES + 3; frame++) {
        add_owned(fixture, fixture->owners.first, 10 * frame);
    }
    assert_int_equal(out_owner_groups_list(fixture->groups, &rows), 1);
    assert_int_equal(rows[0].packets, OUT_GROUP_FRAMES + 3);
    assert_int_equal(rows[0].frame_count, OUT_GROUP_FRAMES);
    assert_int_equal(rows[0].frames[0], 10);
    assert_int_equal(rows[0].frames[OUT_GROUP_FRAMES - 1], 10 * OUT_GROUP_FRAMES);
    assert_int_equal(rows[0].last_frame, 10 * (OUT_GROUP_FRAMES + 3));
}

static void only_other_pids_in_record_headers_are_claims(void **state)
{
    struct fixture *fixture = *state;
    const struct owner_ledger *o = &fixture->owners;
    const struct out_owner_group *rows = NULL;
    static const uint32_t pids[] = {900, 0, 4, RECORD_NO_ID, 0, 5, 6, 7, 8, 4};
    struct corr_packet packet = owned_packet(o, o->first, CORR_RULE_TUPLE, CORR_STRONG);
    for (uint64_t i = 0; i < sizeof(pids) / sizeof(pids[0]); i++) {
        packet.header_pid = pids[i];
        add(fixture, packet, i + 1);
    }
    struct corr_packet ownerless = ownerless_packet(CORR_NO_SOCKET, CORR_RULE_PROTOCOL);
    ownerless.header_pid = 4;
    add(fixture, ownerless, 20);
    assert_int_equal(out_owner_groups_list(fixture->groups, &rows), 2);
    assert_int_equal(rows[0].claim_count, OUT_GROUP_HEADERS);
    assert_int_equal(rows[0].claims[0].pid, 0);
    assert_int_equal(rows[0].claims[0].packets, 2);
    assert_int_equal(rows[0].claims[0].frames[1], 5);
    assert_int_equal(rows[0].claims[1].pid, 4);
    assert_int_equal(rows[0].claims[1].frames[1], 10);
    assert_int_equal(rows[0].claims[2].pid, 5);
    assert_int_equal(rows[0].claims[3].pid, 6);
    assert_int_equal(rows[0].other_claims, 2); /* 7 and 8 */
    assert_int_equal(rows[1].claim_count, 0);
}

static void without_a_ledger_everything_is_of_nobody(void **state)
{
    (void)state;
    struct out_owner_groups *groups = NULL;
    const struct out_owner_group *rows = NULL;
    struct corr_packet packet = sample_packet(sample_syn, sizeof(sample_syn));
    assert_int_equal(out_owner_groups_new(NULL, &groups, NULL), ETW_OK);
    assert_int_equal(out_owner_groups_list(groups, &rows), 0);
    out_owner_groups_free(groups);
    assert_int_equal(out_owner_groups_new(NULL, &groups, NULL), ETW_OK);
    assert_int_equal(out_owner_groups_add(groups, &packet, NULL), ETW_OK);
    assert_int_equal(out_owner_groups_list(groups, &rows), 1);
    assert_int_equal(rows[0].reason, CORR_NO_EVENTS);
    assert_string_equal(rows[0].protocol, "tcp");
    out_owner_groups_free(groups);
    out_owner_groups_free(NULL);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(groups_stand_in_the_order_of_their_owners_first_packets),
        CASE(one_process_has_a_group_per_socket_and_per_reason),
        CASE(frames_beyond_the_first_are_only_counted),
        CASE(only_other_pids_in_record_headers_are_claims),
        CASE(without_a_ledger_everything_is_of_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
