/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/payload_writer.h"

#define PROVIDER "2ed6006e-4729-4609-b423-3ee7bcd678ef"

#define START UINT64_C(0x40000000)
#define END   UINT64_C(0x80000000)
#define SEND  UINT64_C(0x100000000)
#define RECV  UINT64_C(0x200000000)

static struct payload make_fragment(uint32_t stated_size, size_t size)
{
    struct payload payload = {.size = 0};
    put_number(&payload, 4, 12);
    put_number(&payload, 4, 15);
    put_number(&payload, 4, stated_size);
    for (size_t i = 0; i < size; i++) {
        put_number(&payload, 1, 0x40 + i);
    }
    return payload;
}

static void a_fragment_is_a_packet_of_its_interface(void **state)
{
    (void)state;
    struct decoding d;
    struct payload payload = make_fragment(6, 6);
    decoding_init(&d, PROVIDER, RECORD_IS_MANIFEST);
    decoding_read(&d, 1001, payload.data, payload.size);
    assert_int_equal(d.event.kind, ETW_EVENT_PACKET);
    assert_false(d.event.is_incomplete);
    assert_int_equal(d.event.u.packet.capture, ETW_CAPTURE_NDIS);
    assert_int_equal(d.event.u.packet.interface_index, 12);
    assert_int_equal(d.event.u.packet.lower_index, 15);
    assert_int_equal(d.event.u.packet.original_size, 0);
    assert_int_equal(d.event.u.packet.data.size, 6);
    assert_memory_equal(d.event.u.packet.data.data, "@ABCDE", 6);
    assert_false(d.event.u.packet.is_dropped);
    decoding_done(&d);
}

static void the_keywords_say_link_direction_and_place(void **state)
{
    (void)state;
    static const struct {
        uint64_t keywords;
        enum etw_link link;
        enum etw_direction direction;
        bool is_start, is_end, is_cut;
    } cases[] = {
        {START | END | SEND | 1, ETW_LINK_ETHERNET, ETW_DIRECTION_OUT, true, true, false},
        {START | END | RECV, ETW_LINK_ETHERNET, ETW_DIRECTION_IN, true, true, false},
        {UINT64_C(0x80000601C0010000), ETW_LINK_IEEE80211, ETW_DIRECTION_OUT, true, true, false},
        {START | RECV | 0x200, ETW_LINK_RAW_IP, ETW_DIRECTION_IN, true, false, false},
        {END | RECV | 0x10200, ETW_LINK_IEEE80211, ETW_DIRECTION_IN, false, true, false},
        {SEND | 0x2000001, ETW_LINK_ETHERNET, ETW_DIRECTION_OUT, false, false, true},
        {START | END, ETW_LINK_ETHERNET, ETW_DIRECTION_UNKNOWN, true, true, false},
        {SEND | RECV, ETW_LINK_ETHERNET, ETW_DIRECTION_UNKNOWN, false, false, false},
    };
    struct decoding d;
    struct payload payload = make_fragment(1, 1);
    decoding_init(&d, PROVIDER, RECORD_IS_MANIFEST);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        d.record.keywords = cases[i].keywords;
        decoding_read(&d, 1001, payload.data, payload.size);
        assert_int_equal(d.event.u.packet.link, cases[i].link);
        assert_int_equal(d.event.u.packet.direction, cases[i].direction);
        assert_int_equal(d.event.u.packet.is_start, cases[i].is_start);
        assert_int_equal(d.event.u.packet.is_end, cases[i].is_end);
        assert_int_equal(d.event.u.packet.is_cut, cases[i].is_cut);
    }
    decoding_done(&d);
}

static void a_stated_size_beyond_the_payload_gives_what_is_there(void **state)
{
    (void)state;
    static const uint32_t sizes[] = {5, 1514, 0x7fffffff, UINT32_MAX};
    struct decoding d;
    decoding_init(&d, PROVIDER, RECORD_IS_MANIFEST);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct payload payload = make_fragment(sizes[i], 4);
        decoding_read(&d, 1001, payload.data, payload.size);
        assert_true(d.event.is_incomplete);
        assert_int_equal(d.event.u.packet.data.size, 4);
        assert_int_equal(d.event.u.packet.interface_index, 12);
    }
    decoding_done(&d);
}

static void bytes_behind_the_fragment_do_not_belong_to_it(void **state)
{
    (void)state;
    struct decoding d;
    struct payload payload = make_fragment(4, 4 + 16 + 3); /* two trailing u64 and more */
    decoding_init(&d, PROVIDER, RECORD_IS_MANIFEST);
    decoding_read(&d, 1001, payload.data, payload.size);
    assert_false(d.event.is_incomplete);
    assert_int_equal(d.event.u.packet.data.size, 4);
    decoding_done(&d);
}

static void every_truncation_of_a_fragment_is_noticed(void **state)
{
    (void)state;
    struct decoding d;
    struct payload payload = make_fragment(4, 4 + 16);
    decoding_init(&d, PROVIDER, RECORD_IS_MANIFEST);
    check_truncations(&d, 1001, &payload, 16, ETW_EVENT_PACKET);
    decoding_done(&d);
}

static struct payload make_rule(uint8_t rule, uint8_t directive)
{
    struct payload payload = {.size = 0};
    put_number(&payload, 1, rule);
    put_number(&payload, 1, directive);
    put_number(&payload, 2, 4);
    put_number(&payload, 4, 0x0A0200C0);
    return payload;
}

static void a_rule_keeps_packets_out_unless_it_is_about_their_form(void **state)
{
    (void)state;
    static const struct {
        uint16_t event;
        uint8_t rule, directive;
        bool is_selective, is_rejected;
    } cases[] = {{1016, 12, 3, true, false},  {1016, 4, 3, true, false},
                 {1016, 17, 3, false, false}, {1016, 3, 3, false, false},
                 {1016, 12, 0, false, false}, {2003, 12, 3, false, true}};
    static const uint8_t value[] = {192, 0, 2, 10};
    struct decoding d;
    decoding_init(&d, PROVIDER, RECORD_IS_MANIFEST);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct payload payload = make_rule(cases[i].rule, cases[i].directive);
        decoding_read(&d, cases[i].event, payload.data, payload.size);
        const struct etw_capture_filter *filter = &d.event.u.filter;
        assert_int_equal(d.event.kind, ETW_EVENT_CAPTURE_FILTER);
        assert_int_equal(filter->capture, ETW_CAPTURE_NDIS);
        assert_int_equal(filter->rule, cases[i].rule);
        assert_int_equal(filter->directive, cases[i].directive);
        assert_int_equal(filter->is_selective, cases[i].is_selective);
        assert_int_equal(filter->is_rejected, cases[i].is_rejected);
        assert_int_equal(filter->value.size, 4);
        assert_memory_equal(filter->value.data, value, 4);
    }
    decoding_done(&d);
}

static void metadata_and_state_events_are_no_packets(void **state)
{
    (void)state;
    struct decoding d;
    struct payload payload = make_fragment(4, 4);
    decoding_init(&d, PROVIDER, RECORD_IS_MANIFEST);
    decoding_read(&d, 1002, payload.data, payload.size);
    assert_int_equal(d.event.kind, ETW_EVENT_RECEPTION);
    assert_false(d.event.u.reception.is_readable); /* four bytes are no such structure */
    decoding_read(&d, 5000, payload.data, 0);
    assert_int_equal(d.event.kind, ETW_EVENT_OTHER);
    decoding_done(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fragment_is_a_packet_of_its_interface),
        cmocka_unit_test(the_keywords_say_link_direction_and_place),
        cmocka_unit_test(a_stated_size_beyond_the_payload_gives_what_is_there),
        cmocka_unit_test(bytes_behind_the_fragment_do_not_belong_to_it),
        cmocka_unit_test(every_truncation_of_a_fragment_is_noticed),
        cmocka_unit_test(a_rule_keeps_packets_out_unless_it_is_about_their_form),
        cmocka_unit_test(metadata_and_state_events_are_no_packets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
