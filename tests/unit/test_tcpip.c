/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/socket_payloads.h"

#define PROVIDER       "2f07e2ee-15db-40f1-90ef-9d7ba282188a"
#define COUNT_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

static const unsigned pointer_sizes[] = {4, 8};

static void begin(struct decoding *d, unsigned pointer_size, uint8_t version)
{
    decoding_init(d, PROVIDER, RECORD_IS_MANIFEST);
    d->record.pointer_size = (uint8_t)pointer_size;
    d->record.version = version;
}

/* What connect attempts, accepts and closes have in common. */
static struct payload make_connection(unsigned pointer_size, uint32_t status, uint32_t pid)
{
    struct payload payload = {.size = 0};
    put_pair4(&payload);
    put_number(&payload, 4, status);
    put_number(&payload, 4, pid);
    put_number(&payload, 4, 1);
    put_number(&payload, pointer_size, TCB_VALUE);
    return payload;
}

static void an_accept_fills_every_member(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(pointer_sizes); i++) {
        struct decoding d;
        struct payload payload = make_connection(pointer_sizes[i], 0, 2704);
        begin(&d, pointer_sizes[i], 0);
        decoding_read(&d, 1017, payload.data, payload.size);
        const struct etw_socket *socket = &d.event.u.socket;
        assert_int_equal(d.event.kind, ETW_EVENT_SOCKET);
        assert_false(d.event.is_incomplete);
        check_kind(socket, ETW_LAYER_STACK, ETW_ACTION_ACCEPT, ETW_PHASE_SINGLE);
        check_handle(socket, 0, ETW_HANDLE_TCB, TCB_VALUE);
        assert_int_equal(socket->handles[1].space, ETW_HANDLE_NONE);
        check_address(&socket->local, 4, 1, 50357);
        check_address(&socket->remote, 4, 2, 443);
        assert_int_equal(socket->pid, 2704);
        assert_int_equal(socket->status, 0);
        assert_int_equal(socket->protocol, 6);
        assert_false(socket->is_header_pid_true);
        assert_int_equal(socket->has, ETW_HAS_LOCAL | ETW_HAS_REMOTE | ETW_HAS_PID |
                                          ETW_HAS_STATUS | ETW_HAS_PROTOCOL);
        check_socket_truncations(&d, 1017, &payload);
        decoding_done(&d);
    }
}

static void version_1_adds_the_start_key(void **state)
{
    (void)state;
    struct decoding d;
    struct payload payload = make_connection(8, 0, 2704);
    put_number(&payload, 8, UINT64_C(0x0001000000000abc));
    begin(&d, 8, 1);
    decoding_read(&d, 1033, payload.data, payload.size);
    const struct etw_socket *socket = &d.event.u.socket;
    check_kind(socket, ETW_LAYER_STACK, ETW_ACTION_CONNECT, ETW_PHASE_EXIT);
    assert_true(socket->has & ETW_HAS_START_KEY);
    assert_int_equal(socket->start_key, UINT64_C(0x0001000000000abc));
    check_socket_truncations(&d, 1033, &payload);
    decoding_done(&d);
}

static void a_pid_of_0_is_not_stated(void **state)
{
    (void)state;
    struct decoding d;
    struct payload payload = make_connection(8, 0, 0);
    begin(&d, 8, 0);
    decoding_read(&d, 1031, payload.data, payload.size);
    assert_int_equal(d.event.u.socket.has & ETW_HAS_PID, 0);
    assert_true(d.event.u.socket.is_header_pid_true);
    decoding_done(&d);
}

static void the_status_of_a_failure_tells_its_kind(void **state)
{
    (void)state;
    static const struct {
        uint32_t status;
        enum etw_action action;
    } cases[] = {
        {0xC0000236, ETW_ACTION_REFUSED}, {0xC000020D, ETW_ACTION_REFUSED},
        {0xC00000B5, ETW_ACTION_TIMEOUT}, {0xC000023C, ETW_ACTION_FAILED},
        {0, ETW_ACTION_FAILED},
    };
    struct decoding d;
    begin(&d, 8, 0);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct payload payload = make_connection(8, cases[i].status, 7);
        decoding_read(&d, 1034, payload.data, payload.size);
        assert_int_equal(d.event.u.socket.action, cases[i].action);
        assert_int_equal(d.event.u.socket.status, cases[i].status);
    }
    decoding_read(&d, 1034, "", 0);
    assert_int_equal(d.event.u.socket.action, ETW_ACTION_FAILED);
    assert_true(d.event.is_incomplete);
    decoding_done(&d);
}

static void a_connect_request_has_ipv6_addresses(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(pointer_sizes); i++) {
        struct decoding d;
        struct payload payload = {.size = 0};
        put_number(&payload, pointer_sizes[i], TCB_VALUE);
        put_pair6(&payload);
        put_number(&payload, 4, 2);
        put_number(&payload, 4, 3);
        begin(&d, pointer_sizes[i], 0);
        decoding_read(&d, 1002, payload.data, payload.size);
        const struct etw_socket *socket = &d.event.u.socket;
        check_kind(socket, ETW_LAYER_STACK, ETW_ACTION_CONNECT, ETW_PHASE_ENTER);
        check_handle(socket, 0, ETW_HANDLE_TCB, TCB_VALUE);
        check_address(&socket->local, 16, 1, 50357);
        check_address(&socket->remote, 16, 2, 443);
        assert_int_equal(socket->to, 2);
        assert_int_equal(socket->count, 3);
        assert_true(socket->is_header_pid_true);
        check_socket_truncations(&d, 1002, &payload);
        decoding_done(&d);
    }
}

static void an_address_of_length_0_is_none(void **state)
{
    (void)state;
    struct decoding d;
    struct payload payload = {.size = 0};
    put_number(&payload, 8, TCB_VALUE);
    put_number(&payload, 4, 0);
    put_number(&payload, 4, 16);
    put_sockaddr4(&payload, 2, 443);
    put_number(&payload, 4, 2);
    put_number(&payload, 4, 0);
    begin(&d, 8, 0);
    decoding_read(&d, 1002, payload.data, payload.size);
    const struct etw_socket *socket = &d.event.u.socket;
    assert_false(d.event.is_incomplete);
    assert_int_equal(socket->has & ETW_HAS_LOCAL, 0);
    assert_int_equal(socket->local.size, 0);
    check_address(&socket->remote, 4, 2, 443);
    decoding_done(&d);
}

static void a_family_that_nobody_knows_is_no_address(void **state)
{
    (void)state;
    struct decoding d;
    struct payload payload = make_connection(8, 0, 7);
    payload.data[4] = 99;
    begin(&d, 8, 0);
    decoding_read(&d, 1017, payload.data, payload.size);
    assert_int_equal(d.event.u.socket.has & (ETW_HAS_LOCAL | ETW_HAS_REMOTE), ETW_HAS_REMOTE);
    decoding_done(&d);
}

static void a_state_change_has_both_states(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(pointer_sizes); i++) {
        struct decoding d;
        struct payload payload = {.size = 0};
        put_number(&payload, 4, 3);
        put_number(&payload, 4, 4);
        put_number(&payload, 4, 2428590242u);
        put_number(&payload, pointer_sizes[i], TCB_VALUE);
        begin(&d, pointer_sizes[i], 0);
        decoding_read(&d, 1051, payload.data, payload.size);
        const struct etw_socket *socket = &d.event.u.socket;
        check_kind(socket, ETW_LAYER_STACK, ETW_ACTION_STATE, ETW_PHASE_SINGLE);
        check_handle(socket, 0, ETW_HANDLE_TCB, TCB_VALUE);
        assert_int_equal(socket->from, 3);
        assert_int_equal(socket->to, 4);
        assert_int_equal(socket->sequence, 2428590242u);
        check_socket_truncations(&d, 1051, &payload);
        decoding_done(&d);
    }
}

static void a_text_in_the_middle_moves_what_follows(void **state)
{
    (void)state;
    struct decoding d;
    struct payload payload = {.size = 0};
    put_number(&payload, 8, TCB_VALUE);
    put_text(&payload, "posted");
    put_number(&payload, 4, 13);
    put_number(&payload, 4, 2428590242u);
    begin(&d, 8, 0);
    decoding_read(&d, 1159, payload.data, payload.size);
    const struct etw_socket *socket = &d.event.u.socket;
    check_kind(socket, ETW_LAYER_STACK, ETW_ACTION_SEND, ETW_PHASE_ENTER);
    assert_int_equal(socket->bytes, 13);
    assert_int_equal(socket->sequence, 2428590242u);
    assert_true(socket->is_header_pid_true);
    check_socket_truncations(&d, 1159, &payload);
    decoding_done(&d);
}

static void a_delivery_has_three_handles(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(pointer_sizes); i++) {
        unsigned pointer_size = pointer_sizes[i];
        struct decoding d;
        struct payload payload = {.size = 0};
        put_number(&payload, pointer_size, TCB_VALUE);
        put_number(&payload, pointer_size, 0x100);
        put_number(&payload, pointer_size, 0x200);
        put_number(&payload, pointer_size, 13);
        put_number(&payload, 4, 0);
        put_number(&payload, pointer_size, 256);
        put_number(&payload, 4, 0);
        put_number(&payload, 4, 0);
        put_number(&payload, 4, 1);
        put_number(&payload, 4, 260959135);
        begin(&d, pointer_size, 0);
        decoding_read(&d, 1158, payload.data, payload.size);
        const struct etw_socket *socket = &d.event.u.socket;
        check_handle(socket, 0, ETW_HANDLE_TCB, TCB_VALUE);
        check_handle(socket, 1, ETW_HANDLE_DELIVERY, 0x100);
        check_handle(socket, 2, ETW_HANDLE_REQUEST, 0x200);
        assert_int_equal(socket->bytes, 13);
        assert_int_equal(socket->sequence, 260959135);
        check_socket_truncations(&d, 1158, &payload);
        decoding_done(&d);
    }
}

static void a_port_names_its_acquirer_and_whose_it_was(void **state)
{
    (void)state;
    struct decoding d;
    struct payload payload = {.size = 0};
    put_number(&payload, 4, 0x8a213398);
    put_number(&payload, 2, 13000);
    put_number(&payload, 4, 0);
    put_number(&payload, 4, 0x89304008);
    begin(&d, 4, 0);
    decoding_read(&d, 1194, payload.data, payload.size);
    const struct etw_socket *socket = &d.event.u.socket;
    check_kind(socket, ETW_LAYER_STACK, ETW_ACTION_PORT, ETW_PHASE_ENTER);
    check_handle(socket, 0, ETW_HANDLE_PORT_ACQUIRER, 0x8a213398);
    check_handle(socket, 1, ETW_HANDLE_ORIGINAL_ACQUIRER, 0x89304008);
    assert_true(socket->has & ETW_HAS_LOCAL);
    assert_int_equal(socket->local.size, 0);
    assert_true(socket->local.has_port);
    check_socket_truncations(&d, 1194, &payload);
    decoding_done(&d);
}

static void a_datagram_has_its_endpoint_and_both_ends(void **state)
{
    (void)state;
    struct decoding d;
    struct payload payload = {.size = 0};
    put_number(&payload, 8, ENDPOINT_VALUE);
    put_number(&payload, 4, 2);
    put_number(&payload, 4, 96);
    put_pair4(&payload);
    put_number(&payload, 4, 1234);
    begin(&d, 8, 0);
    decoding_read(&d, 1170, payload.data, payload.size);
    const struct etw_socket *socket = &d.event.u.socket;
    check_kind(socket, ETW_LAYER_STACK, ETW_ACTION_RECEIVE_FROM, ETW_PHASE_SINGLE);
    check_handle(socket, 0, ETW_HANDLE_UDP_ENDPOINT, ENDPOINT_VALUE);
    check_address(&socket->remote, 4, 2, 443);
    assert_int_equal(socket->count, 2);
    assert_int_equal(socket->bytes, 96);
    assert_int_equal(socket->pid, 1234);
    assert_int_equal(socket->protocol, 17);
    check_socket_truncations(&d, 1170, &payload);
    decoding_done(&d);
}

/* A drop by the network layer: only versions that say the direction tell the ends. */
static struct payload make_drop(uint8_t version, uint32_t direction)
{
    struct payload payload = {.size = 0};
    put_number(&payload, 4, 17);
    put_number(&payload, 4, 2);
    put_bytes(&payload, "\xc0\0\2\1\xc0\0\2\2", 8);
    put_number(&payload, 4, 0);
    put_number(&payload, 4, 0);
    put_number(&payload, 4, 9);
    put_number(&payload, 4, 5);
    put_number(&payload, 4, 4);
    if (version > 0) {
        put_pair4(&payload);
        put_number(&payload, 4, 12);
        put_number(&payload, 4, direction);
    }
    return payload;
}

static void a_dropped_packet_has_ends_when_its_direction_is_known(void **state)
{
    (void)state;
    struct decoding d;
    begin(&d, 8, 1);
    struct payload sent = make_drop(1, 0);
    decoding_read(&d, 1215, sent.data, sent.size);
    const struct etw_socket *socket = &d.event.u.socket;
    assert_int_equal(socket->action, ETW_ACTION_DROP);
    assert_int_equal(socket->protocol, 17);
    assert_int_equal(socket->count, 5);
    assert_int_equal(socket->local.bytes[3], 1);
    assert_int_equal(socket->remote.bytes[3], 2);
    struct payload received = make_drop(1, 1);
    decoding_read(&d, 1215, received.data, received.size);
    assert_int_equal(socket->local.bytes[3], 2);
    assert_int_equal(socket->remote.bytes[3], 1);
    assert_int_equal(socket->has & (ETW_HAS_LOCAL | ETW_HAS_REMOTE),
                     ETW_HAS_LOCAL | ETW_HAS_REMOTE);
    d.record.version = 0;
    struct payload old = make_drop(0, 0);
    decoding_read(&d, 1215, old.data, old.size);
    assert_int_equal(socket->has & (ETW_HAS_LOCAL | ETW_HAS_REMOTE), 0);
    assert_false(d.event.is_incomplete);
    decoding_done(&d);
}

static void only_drops_without_a_receiver_miss_a_listener(void **state)
{
    (void)state;
    static const struct {
        uint8_t version;
        uint32_t direction, reason;
        bool is_missing;
    } cases[] = {
        {1, 1, 4, true},  {1, 1, 3, true}, {1, 0, 4, false}, {1, 1, 9, false},
        {1, 1, 2, false}, {0, 0, 4, true}, {0, 0, 9, false},
    };
    struct decoding d;
    begin(&d, 8, 0);
    const struct etw_socket *socket = &d.event.u.socket;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct payload payload = make_drop(cases[i].version, cases[i].direction);
        payload.data[24] = (uint8_t)cases[i].reason;
        d.record.version = cases[i].version;
        decoding_read(&d, 1215, payload.data, payload.size);
        assert_int_equal(socket->family, 4);
        assert_int_equal(socket->reason, cases[i].reason);
        assert_true(socket->has & ETW_HAS_REASON);
        assert_int_equal(socket->is_listener_missing, cases[i].is_missing);
        decoding_read(&d, 1215, payload.data, 24); /* before the reason */
        assert_false(socket->is_listener_missing);
        assert_false(socket->has & ETW_HAS_REASON);
    }
    decoding_done(&d);
}

static void a_segment_for_no_endpoint_misses_a_listener(void **state)
{
    (void)state;
    struct decoding d;
    begin(&d, 8, 0);
    for (uint32_t reason = 0; reason < 33; reason++) {
        struct payload payload = {.size = 0};
        put_number(&payload, 4, 6);
        put_number(&payload, 4, 2);
        put_pair4(&payload);
        put_number(&payload, 4, reason);
        put_number(&payload, 4, 1);
        decoding_read(&d, 1214, payload.data, payload.size);
        const struct etw_socket *socket = &d.event.u.socket;
        check_kind(socket, ETW_LAYER_STACK, ETW_ACTION_DROP, ETW_PHASE_SINGLE);
        assert_int_equal(socket->reason, reason);
        assert_int_equal(socket->is_listener_missing, reason == 4);
        check_socket_truncations(&d, 1214, &payload);
    }
    decoding_done(&d);
}

/* Windows put one more timer in between. */
static void timers_are_told_apart_in_every_windows(void **state)
{
    (void)state;
    static const struct {
        uint32_t build, number;
        enum etw_timer timer;
    } cases[] = {
        {7601, 0, ETW_TIMER_RETRANSMIT},
        {26100, 0, ETW_TIMER_RETRANSMIT},
        {7601, 4, ETW_TIMER_KEEP_ALIVE},
        {26100, 4, ETW_TIMER_KEEP_ALIVE},
        {14393, 5, ETW_TIMER_DISCONNECT},
        {15063, 5, ETW_TIMER_PACING},
        {14393, 8, ETW_TIMER_SYN_VALIDATION},
        {15063, 8, ETW_TIMER_REASSEMBLY_RATE},
        {14393, 9, ETW_TIMER_UNKNOWN},
        {15063, 9, ETW_TIMER_SYN_VALIDATION},
        {0, 5, ETW_TIMER_PACING},
        {0, 10, ETW_TIMER_UNKNOWN},
        {7601, UINT32_MAX, ETW_TIMER_UNKNOWN},
    };
    static const enum etw_phase phases[] = {ETW_PHASE_ENTER, ETW_PHASE_EXIT, ETW_PHASE_INDICATION};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct decoding d;
        struct payload payload = {.size = 0};
        put_number(&payload, 8, TCB_VALUE);
        put_number(&payload, 4, cases[i].number);
        put_number(&payload, 4, 300);
        begin(&d, 8, 0);
        schema_store_set_build(d.schemas, cases[i].build);
        for (uint16_t id = 1064; id <= 1066; id++) {
            decoding_read(&d, id, payload.data, payload.size);
            const struct etw_socket *socket = &d.event.u.socket;
            check_kind(socket, ETW_LAYER_STACK, ETW_ACTION_TIMER, phases[id - 1064]);
            assert_int_equal(socket->timer, cases[i].timer);
            assert_int_equal((socket->has & ETW_HAS_TIMER) != 0,
                             cases[i].timer != ETW_TIMER_UNKNOWN);
        }
        decoding_read(&d, 1064, payload.data, 8);
        assert_false(d.event.u.socket.has & ETW_HAS_TIMER);
        decoding_done(&d);
    }
}

static void timeouts_name_their_timer_and_rejections_are_told_apart(void **state)
{
    (void)state;
    static const struct {
        uint16_t id;
        enum etw_action action;
        enum etw_timer timer;
        bool is_rejected;
    } cases[] = {
        {1045, ETW_ACTION_TIMEOUT, ETW_TIMER_CONNECT, false},
        {1046, ETW_ACTION_TIMEOUT, ETW_TIMER_RETRANSMIT, false},
        {1047, ETW_ACTION_TIMEOUT, ETW_TIMER_KEEP_ALIVE, false},
        {1048, ETW_ACTION_TIMEOUT, ETW_TIMER_DISCONNECT, false},
        {1200, ETW_ACTION_TIMEOUT, ETW_TIMER_UNKNOWN, false},
        {1201, ETW_ACTION_TIMEOUT, ETW_TIMER_DISCONNECT, false},
        {1016, ETW_ACTION_FAILED, ETW_TIMER_UNKNOWN, true},
        {1014, ETW_ACTION_FAILED, ETW_TIMER_UNKNOWN, false},
    };
    struct decoding d;
    begin(&d, 8, 0);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct payload payload = make_connection(8, 0, 7);
        decoding_read(&d, cases[i].id, payload.data, payload.size);
        const struct etw_socket *socket = &d.event.u.socket;
        check_kind(socket, ETW_LAYER_STACK, cases[i].action, ETW_PHASE_SINGLE);
        assert_int_equal(socket->timer, cases[i].timer);
        assert_int_equal((socket->has & ETW_HAS_TIMER) != 0, cases[i].timer != ETW_TIMER_UNKNOWN);
        assert_int_equal(socket->is_rejected, cases[i].is_rejected);
    }
    decoding_done(&d);
}

static void a_port_may_be_held_by_another(void **state)
{
    (void)state;
    static const struct {
        uint16_t id;
        uint32_t weak_reference;
        bool is_weak;
    } cases[] = {
        {1191, 0, false}, {1191, 1, true}, {1192, 0, true},  {1192, 1, true},
        {1193, 0, false}, {1194, 1, true}, {1194, 0, false}, {1195, 0, true},
    };
    struct decoding d;
    begin(&d, 8, 0);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct payload payload = {.size = 0};
        put_number(&payload, 8, 0x8a213398);
        put_number(&payload, 2, 13000);
        put_number(&payload, 4, cases[i].weak_reference);
        put_number(&payload, 8, 0x89304008);
        decoding_read(&d, cases[i].id, payload.data, payload.size);
        assert_int_equal(d.event.u.socket.is_weak, cases[i].is_weak);
    }
    decoding_done(&d);
}

static void aborts_have_the_reason_of_their_version(void **state)
{
    (void)state;
    struct decoding d;
    struct payload payload = make_connection(8, 0xC000020D, 2704);
    put_number(&payload, 8, 5);
    begin(&d, 8, 1);
    decoding_read(&d, 1468, payload.data, payload.size);
    const struct etw_socket *socket = &d.event.u.socket;
    assert_false(socket->has & ETW_HAS_REASON);
    assert_int_equal(socket->start_key, 5);
    put_number(&payload, 4, 12);
    d.record.version = 2;
    decoding_read(&d, 1468, payload.data, payload.size);
    check_kind(socket, ETW_LAYER_STACK, ETW_ACTION_ABORT, ETW_PHASE_SINGLE);
    assert_true(socket->has & ETW_HAS_REASON);
    assert_int_equal(socket->reason, 12);
    check_socket_truncations(&d, 1468, &payload);
    decoding_done(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_accept_fills_every_member),
        cmocka_unit_test(version_1_adds_the_start_key),
        cmocka_unit_test(a_pid_of_0_is_not_stated),
        cmocka_unit_test(the_status_of_a_failure_tells_its_kind),
        cmocka_unit_test(a_connect_request_has_ipv6_addresses),
        cmocka_unit_test(an_address_of_length_0_is_none),
        cmocka_unit_test(a_family_that_nobody_knows_is_no_address),
        cmocka_unit_test(a_state_change_has_both_states),
        cmocka_unit_test(a_text_in_the_middle_moves_what_follows),
        cmocka_unit_test(a_delivery_has_three_handles),
        cmocka_unit_test(a_port_names_its_acquirer_and_whose_it_was),
        cmocka_unit_test(a_datagram_has_its_endpoint_and_both_ends),
        cmocka_unit_test(a_dropped_packet_has_ends_when_its_direction_is_known),
        cmocka_unit_test(only_drops_without_a_receiver_miss_a_listener),
        cmocka_unit_test(a_segment_for_no_endpoint_misses_a_listener),
        cmocka_unit_test(timers_are_told_apart_in_every_windows),
        cmocka_unit_test(timeouts_name_their_timer_and_rejections_are_told_apart),
        cmocka_unit_test(a_port_may_be_held_by_another),
        cmocka_unit_test(aborts_have_the_reason_of_their_version),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
