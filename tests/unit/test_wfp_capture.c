/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/payload_writer.h"

#define PROVIDER       "c22d1b14-c242-49de-9f17-1d76b8b9c458"
#define COUNT_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

static const uint8_t source4[4] = {192, 0, 2, 10};
static const uint8_t destination4[4] = {198, 51, 100, 7};
static const uint8_t source6[16] = {0x20, 1, 0x0D, 0xB8, [15] = 1};
static const uint8_t destination6[16] = {0x20, 1, 0x0D, 0xB8, [15] = 2};

static void put_addresses(struct payload *to, bool is_ipv6)
{
    if (is_ipv6) {
        put_bytes(to, source6, sizeof(source6));
        put_bytes(to, destination6, sizeof(destination6));
    } else {
        put_bytes(to, source4, sizeof(source4));
        put_bytes(to, destination4, sizeof(destination4));
    }
}

static void a_message_says_its_form(void **state)
{
    (void)state;
    static const struct {
        uint16_t id;
        bool is_ipv6, has_flow;
        uint8_t prefix_size;
    } cases[] = {{60011, false, false, 11},
                 {60012, false, true, 19},
                 {60021, true, false, 35},
                 {60022, true, true, 43}};
    struct decoding d;
    decoding_init(&d, PROVIDER, RECORD_IS_MANIFEST);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct payload payload = {.size = 0};
        put_addresses(&payload, cases[i].is_ipv6);
        put_number(&payload, 1, 17);
        if (cases[i].has_flow) {
            put_number(&payload, 8, 77);
        }
        put_number(&payload, 2, 4);
        put_bytes(&payload, "data", 4);
        decoding_read(&d, cases[i].id, payload.data, payload.size);
        const struct etw_packet *packet = &d.event.u.packet;
        assert_int_equal(d.event.kind, ETW_EVENT_PACKET);
        assert_false(d.event.is_incomplete);
        assert_int_equal(packet->capture, ETW_CAPTURE_WFP);
        assert_int_equal(packet->link, ETW_LINK_UNKNOWN);
        assert_true(packet->is_start && packet->is_end);
        assert_int_equal(packet->bare.address_size, cases[i].is_ipv6 ? 16 : 4);
        assert_int_equal(packet->bare.prefix_size, cases[i].prefix_size);
        assert_int_equal(packet->data.size, cases[i].prefix_size + 4);
        decoding_read(&d, cases[i].id, payload.data, payload.size - 1);
        assert_true(d.event.is_incomplete);
    }
    decoding_done(&d);
}

static void keywords_say_the_direction(void **state)
{
    (void)state;
    static const struct {
        uint64_t keywords;
        enum etw_direction direction;
    } cases[] = {{0x100000000, ETW_DIRECTION_OUT},
                 {0x200000000, ETW_DIRECTION_IN},
                 {0x300000000, ETW_DIRECTION_UNKNOWN},
                 {0x60000000000, ETW_DIRECTION_UNKNOWN}};
    struct decoding d;
    struct payload payload = {.size = 0};
    put_addresses(&payload, false);
    put_number(&payload, 3, 6);
    decoding_init(&d, PROVIDER, RECORD_IS_MANIFEST);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        d.record.keywords = cases[i].keywords;
        decoding_read(&d, 60011, payload.data, payload.size);
        assert_int_equal(d.event.u.packet.direction, cases[i].direction);
    }
    decoding_done(&d);
}

static void fragments_say_which_message_they_are_of(void **state)
{
    (void)state;
    struct decoding d;
    struct payload payload = {.size = 0};
    put_number(&payload, 2, 60022);
    put_number(&payload, 4, 9);
    put_number(&payload, 4, 3);
    put_bytes(&payload, "abc", 3);
    decoding_init(&d, PROVIDER, RECORD_IS_MANIFEST);
    d.record.keywords = 0x40000000;
    decoding_read(&d, 2000, payload.data, payload.size);
    assert_int_equal(d.event.kind, ETW_EVENT_PACKET);
    assert_true(d.event.u.packet.is_start);
    assert_false(d.event.u.packet.is_end);
    assert_int_equal(d.event.u.packet.bare.prefix_size, 43);
    assert_int_equal(d.event.u.packet.interface_index, 9);
    assert_int_equal(d.event.u.packet.data.size, 3);
    payload.data[0]++; /* of an event that is no message */
    decoding_read(&d, 2000, payload.data, payload.size);
    assert_int_equal(d.event.kind, ETW_EVENT_NOTED);
    decoding_done(&d);
}

static struct payload make_authorization(bool is_ipv6, uint8_t direction, uint8_t protocol)
{
    struct payload payload = {.size = 0};
    put_addresses(&payload, is_ipv6);
    put_number(&payload, 2, 50357);
    put_number(&payload, 2, 443);
    put_number(&payload, 8, 0x6008000000000);
    put_number(&payload, 1, direction);
    put_number(&payload, 1, protocol);
    put_number(&payload, 8, 77);
    put_number(&payload, 8, 4120);
    put_number(&payload, 2, 12);
    put_text(&payload, "\\x\\ab");
    return payload;
}

static void an_authorization_names_both_ends_and_the_process(void **state)
{
    (void)state;
    struct decoding d;
    decoding_init(&d, PROVIDER, RECORD_IS_MANIFEST);
    for (int is_in = 0; is_in < 2; is_in++) {
        struct payload payload = make_authorization(is_in, (uint8_t)is_in, is_in ? 17 : 6);
        decoding_read(&d, is_in ? 60041 : 60031, payload.data, payload.size);
        const struct etw_socket *socket = &d.event.u.socket;
        assert_int_equal(d.event.kind, ETW_EVENT_SOCKET);
        assert_int_equal(socket->layer, ETW_LAYER_KERNEL);
        assert_int_equal(socket->action, ETW_ACTION_INSPECTED);
        assert_int_equal(socket->phase, is_in ? ETW_PHASE_INDICATION : ETW_PHASE_SINGLE);
        assert_int_equal(socket->protocol, is_in ? 17 : 6);
        assert_int_equal(socket->pid, 4120);
        assert_int_equal(socket->local.port, is_in ? 443 : 50357);
        assert_int_equal(socket->remote.port, is_in ? 50357 : 443);
        assert_int_equal(socket->local.size, is_in ? 16 : 4);
        assert_memory_equal(socket->remote.bytes, is_in ? source6 : destination4,
                            socket->remote.size);
        assert_true(text_is(socket->image, "\\x\\ab"));
    }
    decoding_done(&d);
}

static void protocols_without_ports_name_no_socket(void **state)
{
    (void)state;
    struct decoding d;
    struct payload payload = make_authorization(false, 0, 1);
    decoding_init(&d, PROVIDER, RECORD_IS_MANIFEST);
    decoding_read(&d, 60031, payload.data, payload.size);
    assert_int_equal(d.event.kind, ETW_EVENT_NOTED);
    for (size_t size = 0; size < payload.size; size++) {
        decoding_read(&d, 60031, payload.data, size);
    }
    decoding_done(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_says_its_form),
        cmocka_unit_test(keywords_say_the_direction),
        cmocka_unit_test(fragments_say_which_message_they_are_of),
        cmocka_unit_test(an_authorization_names_both_ends_and_the_process),
        cmocka_unit_test(protocols_without_ports_name_no_socket),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
