/* SPDX-License-Identifier: MIT */
/* Packets of virtual switches (1003) and of remote access (5001, 5002), as decoded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "etw/packet_route.h"
#include "tests/unit/route_data.h"

#define NDIS "2ed6006e-4729-4609-b423-3ee7bcd678ef"
#define RAS  "d84521f7-2235-4237-a7c0-14e3a9676286"

#define START   UINT64_C(0x40000000)
#define END     UINT64_C(0x80000000)
#define RECEIVE UINT64_C(0x200000000)

enum { FRAME_SIZE = 6, VLAN_WORD = 4, WORDS = 12 };

/* `count` is what the event states; the ports themselves are `ports`. */
static struct payload make_switched(uint32_t count, uint32_t ports, uint32_t frame_size,
                                    unsigned pointer_size)
{
    struct payload payload = {.size = 0};
    put_number(&payload, 4, 12);
    put_number(&payload, 4, 15);
    struct payload route = switch_route(ports);
    size_t start = payload.size;
    put_bytes(&payload, route.data, route.size);
    struct payload source = switch_route(0);
    payload.size = start + source.size - 4;
    put_number(&payload, 4, count);
    payload.size = start + route.size;
    put_number(&payload, 4, frame_size);
    put_bytes(&payload, "@ABCDE", FRAME_SIZE);
    put_number(&payload, 4, WORDS * pointer_size);
    for (unsigned i = 0; i < WORDS; i++) {
        put_number(&payload, pointer_size, i == VLAN_WORD ? 20u << 4 | 3 : 0x5555);
    }
    return payload;
}

static void a_switched_packet_has_its_ports_bytes_and_tag(void **state)
{
    (void)state;
    for (unsigned pointer_size = 4; pointer_size <= 8; pointer_size += 4) {
        struct decoding d;
        struct payload payload = make_switched(2, 2, FRAME_SIZE, pointer_size);
        decoding_init(&d, NDIS, RECORD_IS_MANIFEST);
        d.record.keywords = START | END | RECEIVE;
        d.record.pointer_size = (uint8_t)pointer_size;
        decoding_read(&d, 1003, payload.data, payload.size);
        const struct etw_packet *packet = &d.event.u.packet;
        assert_int_equal(d.event.kind, ETW_EVENT_PACKET);
        assert_false(d.event.is_incomplete);
        assert_int_equal(packet->capture, ETW_CAPTURE_NDIS);
        assert_int_equal(packet->link, ETW_LINK_ETHERNET);
        assert_int_equal(packet->direction, ETW_DIRECTION_IN);
        assert_true(packet->is_start && packet->is_end);
        assert_int_equal(packet->interface_index, 12);
        assert_int_equal(packet->lower_index, 15);
        assert_int_equal(packet->vlan, 20);
        assert_int_equal(packet->data.size, FRAME_SIZE);
        assert_memory_equal(packet->data.data, "@ABCDE", FRAME_SIZE);
        assert_int_equal(packet->route, ETW_ROUTE_SWITCH);
        struct bytes data = packet->route_data;
        struct etw_switch_port port;
        uint32_t count = 0;
        assert_true(etw_switch_source(&data, &port, &count));
        assert_int_equal(port.id, 3);
        assert_true(text_is(port.nic, "web-01"));
        assert_true(text_is(port.nic_type, "Synthetic"));
        assert_int_equal(count, 2);
        assert_true(etw_switch_port_next(&data, &port));
        assert_true(etw_switch_port_next(&data, &port));
        assert_int_equal(port.id, 101);
        assert_true(text_is(port.nic, "b"));
        assert_false(etw_switch_port_next(&data, &port));
        decoding_done(&d);
    }
}

static void every_truncation_of_a_switched_packet_is_noticed(void **state)
{
    (void)state;
    struct decoding d;
    struct payload payload = make_switched(2, 2, FRAME_SIZE, 8);
    decoding_init(&d, NDIS, RECORD_IS_MANIFEST);
    check_truncations(&d, 1003, &payload, payload.size, ETW_EVENT_PACKET);
    decoding_done(&d);
}

static void counts_and_sizes_that_lie_are_bounded(void **state)
{
    (void)state;
    static const struct {
        uint32_t count, frame_size;
        bool has_route;
        size_t size; /* of the packet */
    } cases[] = {
        {UINT32_MAX, FRAME_SIZE, false, 0},
        {200, FRAME_SIZE, false, 0},
        {2, UINT32_MAX, true, FRAME_SIZE + 4 + 8 * WORDS},
        {2, 5000, true, FRAME_SIZE + 4 + 8 * WORDS},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct decoding d;
        struct payload payload = make_switched(cases[i].count, 2, cases[i].frame_size, 8);
        decoding_init(&d, NDIS, RECORD_IS_MANIFEST);
        decoding_read(&d, 1003, payload.data, payload.size);
        assert_true(d.event.is_incomplete);
        assert_int_equal(d.event.u.packet.route != ETW_ROUTE_NONE, cases[i].has_route);
        assert_int_equal(d.event.u.packet.data.size, cases[i].size);
        assert_int_equal(d.event.u.packet.vlan, 0);
        decoding_done(&d);
    }
}

static struct payload make_ras(const char *user, uint32_t frame_size)
{
    struct payload payload = ras_route("{domain}", user);
    put_number(&payload, 4, frame_size);
    put_bytes(&payload, "@ABCDE", FRAME_SIZE);
    return payload;
}

static void a_remote_access_packet_has_its_user_and_direction(void **state)
{
    (void)state;
    static const struct {
        uint16_t id;
        enum etw_direction direction;
        const char *user;
    } cases[] = {{5001, ETW_DIRECTION_OUT, "alice"}, {5002, ETW_DIRECTION_IN, ""}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct decoding d;
        struct payload payload = make_ras(cases[i].user, FRAME_SIZE);
        decoding_init(&d, RAS, RECORD_IS_MANIFEST);
        decoding_read(&d, cases[i].id, payload.data, payload.size);
        const struct etw_packet *packet = &d.event.u.packet;
        assert_int_equal(d.event.kind, ETW_EVENT_PACKET);
        assert_false(d.event.is_incomplete);
        assert_int_equal(packet->capture, ETW_CAPTURE_RAS);
        assert_int_equal(packet->direction, cases[i].direction);
        assert_true(packet->is_start && packet->is_end); /* whatever the keywords say */
        assert_int_equal(packet->data.size, FRAME_SIZE);
        assert_int_equal(packet->route, ETW_ROUTE_RAS);
        struct bytes data = packet->route_data;
        struct bytes domain, user;
        assert_true(etw_ras_connection(&data, &domain, &user));
        assert_true(text_is(domain, "{domain}"));
        assert_true(text_is(user, cases[i].user));
        assert_int_equal(bytes_left(&data), 0);
        decoding_done(&d);
    }
}

static void every_truncation_of_a_remote_access_packet_is_noticed(void **state)
{
    (void)state;
    struct decoding d;
    struct payload payload = make_ras("alice", FRAME_SIZE);
    decoding_init(&d, RAS, RECORD_IS_MANIFEST);
    check_truncations(&d, 5001, &payload, payload.size, ETW_EVENT_PACKET);
    decoding_read(&d, 5001, payload.data, 10); /* in the first text */
    assert_int_equal(d.event.u.packet.route, ETW_ROUTE_NONE);
    payload = make_ras("alice", UINT32_MAX);
    decoding_read(&d, 5001, payload.data, payload.size);
    assert_true(d.event.is_incomplete);
    assert_int_equal(d.event.u.packet.data.size, FRAME_SIZE);
    decoding_done(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_switched_packet_has_its_ports_bytes_and_tag),
        cmocka_unit_test(every_truncation_of_a_switched_packet_is_noticed),
        cmocka_unit_test(counts_and_sizes_that_lie_are_bounded),
        cmocka_unit_test(a_remote_access_packet_has_its_user_and_direction),
        cmocka_unit_test(every_truncation_of_a_remote_access_packet_is_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
