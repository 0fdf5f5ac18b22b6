/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/payload_writer.h"

#define PROVIDER       "4d4f80d9-c8bd-4d73-bb5b-19c90402c5ac"
#define COUNT_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

struct sighting {
    uint16_t direction_tag, packet_type, original_size, logged_size;
};

static struct payload make_packet(struct sighting s, size_t size)
{
    struct payload payload = {.size = 0};
    put_number(&payload, 8, UINT64_C(0x0003000000000102));
    put_number(&payload, 2, 7);  /* PktNumber */
    put_number(&payload, 2, 11); /* AppearanceCount */
    put_number(&payload, 2, s.direction_tag);
    put_number(&payload, 2, s.packet_type);
    put_number(&payload, 2, 39); /* ComponentId */
    put_number(&payload, 2, 2);  /* EdgeId */
    put_number(&payload, 2, 5);  /* FilterId */
    put_number(&payload, 4, 1204);
    put_number(&payload, 4, 0xE0004601);
    put_number(&payload, 2, s.original_size);
    put_number(&payload, 2, s.logged_size);
    for (size_t i = 0; i < size; i++) {
        put_number(&payload, 1, 0x40 + i);
    }
    return payload;
}

static void a_sighting_fills_every_member(void **state)
{
    (void)state;
    struct decoding d;
    struct payload payload = make_packet((struct sighting){1, 1, 60, 4}, 4);
    decoding_init(&d, PROVIDER, RECORD_IS_MANIFEST);
    decoding_read(&d, 160, payload.data, payload.size);
    const struct etw_packet *packet = &d.event.u.packet;
    assert_int_equal(d.event.kind, ETW_EVENT_PACKET);
    assert_false(d.event.is_incomplete);
    assert_int_equal(packet->capture, ETW_CAPTURE_PKTMON);
    assert_int_equal(packet->link, ETW_LINK_ETHERNET);
    assert_int_equal(packet->direction, ETW_DIRECTION_IN);
    assert_int_equal(packet->data.size, 4);
    assert_memory_equal(packet->data.data, "@ABC", 4);
    assert_int_equal(packet->original_size, 60);
    assert_true(packet->is_start && packet->is_end && packet->is_cut);
    assert_false(packet->is_dropped);
    assert_int_equal(packet->group, UINT64_C(0x0003000000000102));
    assert_int_equal(packet->number, 7);
    assert_int_equal(packet->appearance, 11);
    assert_int_equal(packet->direction_tag, 1);
    assert_int_equal(packet->component, 39);
    assert_int_equal(packet->edge, 2);
    assert_int_equal(packet->filter, 5);
    assert_int_equal(packet->drop_reason, 1204);
    assert_int_equal(packet->drop_location, 0xE0004601);
    decoding_done(&d);
}

struct words {
    uint16_t direction_tag;
    uint64_t checksum, large_send, vlan, hash_info, hash, subnet, coalesced;
};

static struct payload make_offload(const struct words *words, size_t pointer_size)
{
    struct payload payload = {.size = 0};
    put_number(&payload, 8, UINT64_C(0x0003000000000102));
    put_number(&payload, 2, 7);  /* PktCount */
    put_number(&payload, 2, 11); /* AppearanceCount */
    put_number(&payload, 2, words->direction_tag);
    put_number(&payload, 2, 1);
    put_number(&payload, 2, 39); /* ComponentId */
    put_number(&payload, 2, 2);  /* EdgeId */
    put_number(&payload, 2, 5);
    put_number(&payload, 4, 0);
    put_number(&payload, 4, 0);
    put_number(&payload, pointer_size, words->checksum);
    put_number(&payload, pointer_size, words->large_send);
    put_number(&payload, pointer_size, words->vlan);
    put_number(&payload, pointer_size, words->hash_info);
    put_number(&payload, pointer_size, words->hash);
    put_number(&payload, pointer_size, words->subnet);
    put_number(&payload, pointer_size, words->coalesced);
    put_number(&payload, pointer_size, 0);
    put_number(&payload, pointer_size, 0);
    for (int i = 0; i < 3; i++) {
        put_number(&payload, 8, 0);
    }
    return payload;
}

static const struct {
    struct words words;
    struct etw_offload offload;
} offloads[] = {
    {{4, 0, 0, 0, 0, 0, 0, 0}, {0}},
    {{4, 0x03, 0, 0, 0, 0, 0, 0}, {0}}, /* IPv4 and IPv6, nothing to compute */
    {{4, 0x04, 0, 0, 0, 0, 0, 0}, {.flags = ETW_OFFLOAD_CHECKSUM}},
    {{2, 0x08, 0, 0, 0, 0, 0, 0}, {.flags = ETW_OFFLOAD_CHECKSUM}},
    {{6, 0x10, 0, 0, 0, 0, 0, 0}, {.flags = ETW_OFFLOAD_CHECKSUM}},
    {{4, 0, 0x622005B4, 0, 0, 0, 0, 0}, /* 1460 bytes, TCP at 34, version 2 of IPv4 */
     {.flags = ETW_OFFLOAD_CHECKSUM | ETW_OFFLOAD_SEGMENTS, .segment_size = 1460}},
    {{4, 0, 0, 0, 0, 0, 0, 3}, {0}}, /* of received packets only */
    {{3, 0x28, 0, 0, 0, 0, 0, 0}, {.flags = ETW_OFFLOAD_VERIFIED}},
    {{1, 0x10, 0, 0, 0, 0, 0, 0}, {.flags = ETW_OFFLOAD_VERIFIED}},
    {{5, 0x29, 0, 0, 0, 0, 0, 0}, {.flags = ETW_OFFLOAD_FAILED}},
    {{3, 0x40, 0, 0, 0, 0, 0, 0}, {0}}, /* loopback */
    {{3, 0xA8, 0x5B4, 0, 0, 0, 0, 0x20003},
     {.flags = ETW_OFFLOAD_CHECKSUM | ETW_OFFLOAD_COALESCED | ETW_OFFLOAD_VERIFIED,
      .coalesced = 3}},
    {{0, 0xFF, 0x5B4, 0x0643, 0x201, 0xDEADBEEF, 0xFF001389, 9},
     {.has_vlan = true,
      .vlan = 100,
      .priority = 3,
      .has_hash = true,
      .hash = 0xDEADBEEF,
      .virtual_subnet = 5001}},
};

static void the_words_of_ndis_mean_what_the_direction_says(void **state)
{
    (void)state;
    struct decoding d;
    decoding_init(&d, PROVIDER, RECORD_IS_MANIFEST);
    for (size_t i = 0; i < 2 * COUNT_OF(offloads); i++) {
        const struct etw_offload *expected = &offloads[i / 2].offload;
        d.record.pointer_size = i % 2 ? 4 : 8;
        struct payload payload = make_offload(&offloads[i / 2].words, d.record.pointer_size);
        decoding_read(&d, i % 2 ? 190 : 180, payload.data, payload.size);
        const struct etw_packet *packet = &d.event.u.packet;
        assert_int_equal(d.event.kind, ETW_EVENT_PACKET_OFFLOAD);
        assert_false(d.event.is_incomplete);
        assert_int_equal(packet->is_dropped, i % 2);
        assert_int_equal(packet->group, UINT64_C(0x0003000000000102));
        assert_int_equal(packet->count, 7);
        assert_int_equal(packet->appearance, 11);
        assert_int_equal(packet->component, 39);
        assert_int_equal(packet->edge, 2);
        assert_int_equal(packet->offload.flags, expected->flags);
        assert_int_equal(packet->offload.segment_size, expected->segment_size);
        assert_int_equal(packet->offload.coalesced, expected->coalesced);
        assert_int_equal(packet->offload.has_vlan, expected->has_vlan);
        assert_int_equal(packet->offload.vlan, expected->vlan);
        assert_int_equal(packet->offload.priority, expected->priority);
        assert_int_equal(packet->offload.has_hash, expected->has_hash);
        assert_true(packet->offload.hash == expected->hash);
        assert_int_equal(packet->offload.virtual_subnet, expected->virtual_subnet);
        decoding_read(&d, 180, payload.data, 40);
        assert_true(d.event.is_incomplete);
    }
    decoding_done(&d);
}

static void only_drop_events_are_drops(void **state)
{
    (void)state;
    struct decoding d;
    struct payload payload = make_packet((struct sighting){2, 3, 4, 4}, 4);
    decoding_init(&d, PROVIDER, RECORD_IS_MANIFEST);
    decoding_read(&d, 160, payload.data, payload.size);
    assert_false(d.event.u.packet.is_dropped);
    decoding_read(&d, 170, payload.data, payload.size);
    assert_true(d.event.u.packet.is_dropped);
    assert_int_equal(d.event.u.packet.link, ETW_LINK_RAW_IP);
    decoding_read(&d, 240, payload.data, payload.size);
    assert_true(d.event.u.packet.is_dropped);
    decoding_done(&d);
}

static void tags_say_the_direction_and_types_the_link(void **state)
{
    (void)state;
    static const enum etw_direction directions[] = {
        ETW_DIRECTION_UNKNOWN, ETW_DIRECTION_IN, ETW_DIRECTION_OUT, ETW_DIRECTION_IN,
        ETW_DIRECTION_OUT,     ETW_DIRECTION_IN, ETW_DIRECTION_OUT, ETW_DIRECTION_UNKNOWN};
    static const enum etw_link links[] = {ETW_LINK_UNKNOWN, ETW_LINK_ETHERNET, ETW_LINK_IEEE80211,
                                          ETW_LINK_RAW_IP,  ETW_LINK_UNKNOWN,  ETW_LINK_UNKNOWN,
                                          ETW_LINK_UNKNOWN, ETW_LINK_UNKNOWN};
    struct decoding d;
    decoding_init(&d, PROVIDER, RECORD_IS_MANIFEST);
    for (unsigned i = 0; i < COUNT_OF(links); i++) {
        struct payload payload = make_packet((struct sighting){(uint16_t)i, (uint16_t)i, 1, 1}, 1);
        decoding_read(&d, 160, payload.data, payload.size);
        assert_int_equal(d.event.u.packet.direction, directions[i]);
        assert_int_equal(d.event.u.packet.link, links[i]);
    }
    struct payload payload = make_packet((struct sighting){0xffff, 0xffff, 1, 1}, 1);
    decoding_read(&d, 160, payload.data, payload.size);
    assert_int_equal(d.event.u.packet.direction, ETW_DIRECTION_UNKNOWN);
    assert_int_equal(d.event.u.packet.link, ETW_LINK_UNKNOWN);
    decoding_done(&d);
}

static void the_sizes_say_what_was_cut(void **state)
{
    (void)state;
    static const struct {
        uint16_t original, logged;
        size_t there;
        uint32_t expected_original;
        size_t expected_size;
        bool is_cut, is_incomplete;
    } cases[] = {
        {10, 10, 10, 10, 10, false, false}, /* whole */
        {1500, 10, 10, 1500, 10, true, false},
        {10, 10, 12, 10, 10, false, false}, /* bytes behind the packet */
        {10, 10, 6, 10, 6, false, true},    /* the record was cut, not the packet */
        {4, 10, 10, 0, 10, false, false},   /* a size that wrapped at 64 KB */
        {0, 0, 0, 0, 0, false, false},
    };
    struct decoding d;
    decoding_init(&d, PROVIDER, RECORD_IS_MANIFEST);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct payload payload = make_packet(
            (struct sighting){1, 1, cases[i].original, cases[i].logged}, cases[i].there);
        decoding_read(&d, 160, payload.data, payload.size);
        assert_int_equal(d.event.u.packet.original_size, cases[i].expected_original);
        assert_int_equal(d.event.u.packet.data.size, cases[i].expected_size);
        assert_int_equal(d.event.u.packet.is_cut, cases[i].is_cut);
        assert_int_equal(d.event.is_incomplete, cases[i].is_incomplete);
    }
    decoding_done(&d);
}

static void a_component_has_name_and_description(void **state)
{
    (void)state;
    struct decoding d;
    struct payload payload = {.size = 0};
    put_number(&payload, 2, 39);
    put_number(&payload, 2, 2);
    put_text(&payload, "e1000");
    put_text(&payload, "Example adapter");
    decoding_init(&d, PROVIDER, RECORD_IS_MANIFEST);
    decoding_read(&d, 20, payload.data, payload.size);
    assert_int_equal(d.event.kind, ETW_EVENT_COMPONENT);
    assert_int_equal(d.event.u.component.id, 39);
    assert_int_equal(d.event.u.component.type, 2);
    assert_true(text_is(d.event.u.component.name, "e1000"));
    assert_true(text_is(d.event.u.component.description, "Example adapter"));
    check_truncations(&d, 20, &payload, 4 + 12, ETW_EVENT_COMPONENT);
    decoding_done(&d);
}

static void facts_are_known_by_event_and_property(void **state)
{
    (void)state;
    static const struct {
        uint16_t id, property;
        size_t value_size; /* the value is 1, 2, 3 ... */
        enum etw_component_fact_kind kind;
    } cases[] = {
        {30, 1, 4, ETW_FACT_INTERFACE_INDEX}, {30, 2, 4, ETW_FACT_MINIPORT_INDEX},
        {50, 3, 4, ETW_FACT_LOWER_INDEX},     {60, 5, 2, ETW_FACT_MEDIUM},
        {65, 13, 4, ETW_FACT_IPV4},           {66, 13, 16, ETW_FACT_IPV6},
        {30, 8, 4, ETW_FACT_OTHER},           {30, 6, 4, ETW_FACT_OTHER},
        {65, 1, 4, ETW_FACT_OTHER},           {50, 0xffff, 4, ETW_FACT_OTHER},
    };
    static const uint8_t value[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
    struct decoding d;
    decoding_init(&d, PROVIDER, RECORD_IS_MANIFEST);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct payload payload = {.size = 0};
        bool is_number = cases[i].id <= 60;
        put_number(&payload, 2, 39);
        put_number(&payload, 2, cases[i].property);
        put_bytes(&payload, value, cases[i].value_size);
        decoding_read(&d, cases[i].id, payload.data, payload.size);
        const struct etw_component_fact *fact = &d.event.u.fact;
        assert_int_equal(d.event.kind, ETW_EVENT_COMPONENT_FACT);
        assert_int_equal(fact->component, 39);
        assert_int_equal(fact->kind, cases[i].kind);
        assert_int_equal(fact->number, !is_number                 ? 0
                                       : cases[i].value_size == 2 ? 0x0201
                                                                  : 0x04030201);
        assert_int_equal(fact->bytes.size, is_number ? 0 : cases[i].value_size);
        check_truncations(&d, cases[i].id, &payload, payload.size, ETW_EVENT_COMPONENT_FACT);
        decoding_read(&d, cases[i].id, payload.data, payload.size - 1);
        assert_int_equal(d.event.u.fact.kind, ETW_FACT_OTHER); /* no index 0 out of nothing */
    }
    decoding_done(&d);
}

static void a_hardware_address_is_a_fact_of_its_stated_size(void **state)
{
    (void)state;
    struct decoding d;
    struct payload payload = {.size = 0};
    put_number(&payload, 2, 39);
    put_number(&payload, 2, 6);
    put_number(&payload, 4, 6);
    put_bytes(&payload, "\x02\x00\x00\x00\x00\x01\xff\xff", 8);
    decoding_init(&d, PROVIDER, RECORD_IS_MANIFEST);
    decoding_read(&d, 70, payload.data, payload.size);
    assert_int_equal(d.event.u.fact.kind, ETW_FACT_MAC);
    assert_int_equal(d.event.u.fact.bytes.size, 6);
    assert_memory_equal(d.event.u.fact.bytes.data, "\x02\x00\x00\x00\x00\x01", 6);
    check_truncations(&d, 70, &payload, 14, ETW_EVENT_COMPONENT_FACT);
    decoding_done(&d);
}

static void put_counters(struct payload *payload)
{
    put_number(payload, 2, 1);
    put_number(payload, 8, 100);
    put_number(payload, 8, UINT64_C(0x1122334455));
    put_number(payload, 2, 2);
    put_number(payload, 8, 200);
    put_number(payload, 8, 20000);
}

static void check_counters(const struct etw_counters *counters)
{
    assert_int_equal(counters->component, 39);
    assert_int_equal(counters->in.direction_tag, 1);
    assert_int_equal(counters->in.packets, 100);
    assert_int_equal(counters->in.bytes, UINT64_C(0x1122334455));
    assert_int_equal(counters->out.direction_tag, 2);
    assert_int_equal(counters->out.packets, 200);
    assert_int_equal(counters->out.bytes, 20000);
}

static void drop_counters_have_both_directions(void **state)
{
    (void)state;
    struct decoding d;
    struct payload payload = {.size = 0};
    put_number(&payload, 2, 39);
    put_counters(&payload);
    decoding_init(&d, PROVIDER, RECORD_IS_MANIFEST);
    decoding_read(&d, 80, payload.data, payload.size);
    assert_int_equal(d.event.kind, ETW_EVENT_DROP_COUNTERS);
    check_counters(&d.event.u.counters);
    assert_int_equal(d.event.u.counters.edge, 0);
    assert_int_equal(d.event.u.counters.edge_name.size, 0);
    check_truncations(&d, 80, &payload, payload.size, ETW_EVENT_DROP_COUNTERS);
    decoding_done(&d);
}

static void flow_counters_name_their_edge(void **state)
{
    (void)state;
    struct decoding d;
    struct payload payload = {.size = 0};
    put_number(&payload, 2, 39);
    put_text(&payload, "Upper");
    put_number(&payload, 2, 4);
    put_counters(&payload);
    decoding_init(&d, PROVIDER, RECORD_IS_MANIFEST);
    decoding_read(&d, 90, payload.data, payload.size);
    assert_int_equal(d.event.kind, ETW_EVENT_FLOW_COUNTERS);
    check_counters(&d.event.u.counters);
    assert_int_equal(d.event.u.counters.edge, 4);
    assert_true(text_is(d.event.u.counters.edge_name, "Upper"));
    check_truncations(&d, 90, &payload, payload.size, ETW_EVENT_FLOW_COUNTERS);
    decoding_done(&d);
}

/* "web": TCP, port 443, between two ends. */
static struct payload make_filter(size_t address_size)
{
    static const uint16_t name[] = {'w', 'e', 'b', 0};
    struct payload payload = {.size = 0};
    put_number(&payload, 2, 3); /* FilterId */
    for (size_t i = 0; i < COUNT_OF(name); i++) {
        put_number(&payload, 2, name[i]);
    }
    put_number(&payload, 6, UINT64_C(0x0A0000000002)); /* a hardware address */
    put_number(&payload, 6, 0);
    put_number(&payload, 2, 0x0800);
    put_number(&payload, 2, 7); /* VLAN */
    for (size_t i = 0; i < 2 * address_size; i++) {
        put_number(&payload, 1, i < address_size ? i + 1 : 0);
    }
    put_number(&payload, 1, 6);
    put_number(&payload, 2, 443);
    put_number(&payload, 2, 0);
    put_number(&payload, 1, 2);
    return payload;
}

static void a_filter_says_what_it_lets_through(void **state)
{
    (void)state;
    static const uint8_t mac[] = {2, 0, 0, 0, 0, 0x0A};
    static const size_t sizes[] = {4, 16};
    static const uint16_t ids[] = {100, 110};
    struct decoding d;
    decoding_init(&d, PROVIDER, RECORD_IS_MANIFEST);
    for (size_t i = 0; i < COUNT_OF(ids); i++) {
        struct payload payload = make_filter(sizes[i]);
        decoding_read(&d, ids[i], payload.data, payload.size);
        const struct etw_capture_filter *filter = &d.event.u.filter;
        assert_int_equal(d.event.kind, ETW_EVENT_CAPTURE_FILTER);
        assert_false(d.event.is_incomplete);
        assert_int_equal(filter->capture, ETW_CAPTURE_PKTMON);
        assert_true(filter->is_selective);
        assert_int_equal(filter->id, 3);
        assert_true(text_is(filter->name, "web"));
        assert_int_equal(filter->macs[0].size, 6);
        assert_memory_equal(filter->macs[0].data, mac, 6);
        assert_int_equal(filter->ether_type, 0x0800);
        assert_int_equal(filter->vlan, 7);
        assert_int_equal(filter->addresses[0].size, sizes[i]);
        assert_int_equal(filter->addresses[0].bytes[3], 4);
        assert_int_equal(filter->protocol, 6);
        assert_int_equal(filter->ports[0], 443);
        assert_int_equal(filter->ports[1], 0);
        assert_int_equal(filter->tcp_flags, 2);
        check_truncations(&d, ids[i], &payload, payload.size, ETW_EVENT_CAPTURE_FILTER);
    }
    decoding_done(&d);
}

static void every_truncation_of_a_sighting_is_noticed(void **state)
{
    (void)state;
    static const uint16_t ids[] = {160, 170, 240};
    struct decoding d;
    struct payload payload = make_packet((struct sighting){1, 1, 6, 6}, 9);
    decoding_init(&d, PROVIDER, RECORD_IS_MANIFEST);
    for (size_t i = 0; i < COUNT_OF(ids); i++) {
        check_truncations(&d, ids[i], &payload, 40, ETW_EVENT_PACKET);
    }
    decoding_done(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sighting_fills_every_member),
        cmocka_unit_test(the_words_of_ndis_mean_what_the_direction_says),
        cmocka_unit_test(only_drop_events_are_drops),
        cmocka_unit_test(tags_say_the_direction_and_types_the_link),
        cmocka_unit_test(the_sizes_say_what_was_cut),
        cmocka_unit_test(a_component_has_name_and_description),
        cmocka_unit_test(facts_are_known_by_event_and_property),
        cmocka_unit_test(a_hardware_address_is_a_fact_of_its_stated_size),
        cmocka_unit_test(drop_counters_have_both_directions),
        cmocka_unit_test(flow_counters_name_their_edge),
        cmocka_unit_test(a_filter_says_what_it_lets_through),
        cmocka_unit_test(every_truncation_of_a_sighting_is_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
