/* SPDX-License-Identifier: MIT */
/* Whose an SMB message from events is, by the connections of the ledger to its peer. */
#include "correlate/filter.h"
#include "correlate/smb_events.h"
#include "correlate/smb_packet.h"
#include "tests/unit/owner_ledger.h"

struct seen {
    struct corr_smb_bytes last;
    size_t count;
};

static bool take(void *context, const struct corr_smb_bytes *bytes, bool is_whole)
{
    struct seen *seen = context;
    if (is_whole) {
        seen->last = *bytes;
        seen->count++;
    }
    return true;
}

/* A client's connection to 10.0.0.9:445. */
static void tell_connect(struct owner_ledger *o, uint64_t tcb, uint32_t pid, uint16_t port)
{
    const uint32_t has = ETW_HAS_LOCAL | ETW_HAS_REMOTE | ETW_HAS_PID | ETW_HAS_PROTOCOL;
    const struct etw_socket socket = {.layer = ETW_LAYER_STACK,
                                      .action = ETW_ACTION_CONNECT,
                                      HANDLES(HANDLE(TCB, tcb)),
                                      .protocol = 6,
                                      .pid = pid,
                                      .local = ipv4("10.0.0.1", port),
                                      .remote = ipv4("10.0.0.9", 445),
                                      .has = has};
    tell_owner(o, &(struct etw_event){.kind = ETW_EVENT_SOCKET, .u.socket = socket});
}

/* The packet that a message sent to 10.0.0.9 becomes, with this many connections to it, of one
 * process or, `are_of_two`, of two. */
static struct corr_packet place(unsigned connections, bool are_of_two)
{
    struct owner_ledger owners;
    struct corr_packet packet;
    struct seen seen = {.count = 0};
    struct corr_smb_events *smb = NULL;
    const struct corr_smb_event_sinks sinks = {.bytes = take, .context = &seen};
    owner_ledger_begin(&owners);
    for (unsigned i = 0; i < connections; i++) {
        tell_connect(&owners, 0x9000 + 0x100 * i, are_of_two && i > 0 ? 902 : 901,
                     (uint16_t)(50001 + i));
    }
    owners.record.time += SECOND;
    const struct etw_record record = owners.record;
    owner_ledger_finish(&owners);
    assert_int_equal(corr_smb_events_new(owners.ledger, &sinks, &smb, NULL), ETW_OK);
    const struct etw_event event = {
        .kind = ETW_EVENT_SOCKET,
        .record = &record,
        .u.smb = {.socket = {.layer = ETW_LAYER_SMB_CLIENT, .remote = ipv4("10.0.0.9", 445)},
                  .what = ETW_SMB_PACKET,
                  .is_start = true,
                  .is_end = true,
                  .has_way = true,
                  .is_sent = true,
                  .data = bytes_of("\xfeSMB", 4)}};
    assert_int_equal(corr_smb_events_feed(smb, &event, NULL), ETW_OK);
    assert_int_equal(seen.count, 1);
    corr_smb_packet_of(owners.ledger, &seen.last, &packet);
    corr_smb_events_free(smb);
    owner_ledger_close(&owners);
    return packet;
}

static void one_connection_is_it_and_its_owner_likely(void **state)
{
    (void)state;
    struct corr_packet packet = place(1, false);
    assert_int_equal(packet.direction, ETW_DIRECTION_OUT);
    assert_memory_equal(packet.layers.source.bytes, "\x0a\0\0\1", 4);
    assert_memory_equal(packet.layers.destination.bytes, "\x0a\0\0\x09", 4);
    assert_int_equal(packet.layers.source_port, 50001);
    assert_int_equal(packet.layers.destination_port, 445);
    assert_int_not_equal(packet.verdict.socket, CORR_NO_ROW);
    assert_int_not_equal(packet.verdict.process, CORR_NO_ROW);
    assert_int_equal(packet.verdict.confidence, CORR_LIKELY);
    assert_int_equal(packet.frame, 0);
}

/* As SMB Multichannel has it. */
static void of_several_connections_only_what_they_share_is_known(void **state)
{
    (void)state;
    struct corr_packet packet = place(3, false);
    assert_memory_equal(packet.layers.source.bytes, "\x0a\0\0\1", 4);
    assert_int_equal(packet.layers.source_port, 0);
    assert_int_equal(packet.verdict.socket, CORR_NO_ROW);
    assert_int_not_equal(packet.verdict.process, CORR_NO_ROW);
    assert_int_equal(packet.verdict.confidence, CORR_LIKELY);
    packet = place(2, true);
    assert_int_equal(packet.verdict.process, CORR_NO_ROW);
    assert_int_equal(packet.verdict.reason, CORR_AMBIGUOUS);
}

static void without_connection_nothing_is_made_up(void **state)
{
    (void)state;
    struct corr_packet packet = place(0, false);
    assert_int_equal(packet.layers.source.size, 0);
    assert_int_equal(packet.layers.source_port, 0);
    assert_int_equal(packet.layers.destination.size, 4);
    assert_int_equal(packet.verdict.process, CORR_NO_ROW);
    assert_int_equal(packet.verdict.reason, CORR_UNKNOWN);
}

/* More than are looked at may hide another owner. */
static void too_many_connections_have_nothing_in_common(void **state)
{
    (void)state;
    struct corr_packet packet = place(300, false);
    assert_int_equal(packet.layers.source.size, 0);
    assert_int_equal(packet.verdict.process, CORR_NO_ROW);
    assert_int_equal(packet.verdict.reason, CORR_AMBIGUOUS);
}

static bool matches(enum etw_status (*add)(struct corr_filter *, const char *, struct etw_error *),
                    const char *value, const struct corr_packet *packet)
{
    struct corr_filter *filter = corr_filter_new();
    struct etw_error error;
    assert_int_equal(add(filter, value, &error), ETW_OK);
    bool is_match = corr_filter_matches(filter, packet);
    corr_filter_free(filter);
    return is_match;
}

static void filters_take_messages_like_packets_but_for_frames(void **state)
{
    (void)state;
    struct corr_packet packet = place(1, false);
    assert_true(matches(corr_filter_add_host, "10.0.0.9", &packet));
    assert_false(matches(corr_filter_add_host, "10.0.0.7", &packet));
    assert_true(matches(corr_filter_add_port, "50001", &packet));
    assert_true(matches(corr_filter_add_tuple, "10.0.0.9:445-10.0.0.1:50001", &packet));
    assert_true(matches(corr_filter_add_protocol, "tcp", &packet));
    assert_false(matches(corr_filter_add_protocol, "udp", &packet));
    assert_false(matches(corr_filter_add_frames, "1-9", &packet));
    struct corr_filter *filter = corr_filter_new();
    assert_int_equal(corr_filter_add_capture(filter, ETW_CAPTURE_PKTMON), ETW_OK);
    assert_true(corr_filter_matches(filter, &packet));
    corr_filter_free(filter);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_connection_is_it_and_its_owner_likely),
        cmocka_unit_test(of_several_connections_only_what_they_share_is_known),
        cmocka_unit_test(without_connection_nothing_is_made_up),
        cmocka_unit_test(too_many_connections_have_nothing_in_common),
        cmocka_unit_test(filters_take_messages_like_packets_but_for_frames),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
