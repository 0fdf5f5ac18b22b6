/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "correlate/local_addresses.h"

#define TCP 6
#define UDP 17

static const uint8_t host4[4] = {192, 0, 2, 1};
static const uint8_t mapped_host4[16] = {[10] = 0xFF, 0xFF, 192, 0, 2, 1};
static const uint8_t peer4[4] = {198, 51, 100, 7};
static const uint8_t host6[16] = {0x20, 0x01, 0x0D, 0xB8, [15] = 1};
static const uint8_t link6[16] = {0xFE, 0x80, [15] = 9};

static int make_set(void **state)
{
    struct corr_local_addresses *addresses = NULL;
    struct etw_error error;
    assert_int_equal(corr_local_addresses_new(&addresses, &error), ETW_OK);
    *state = addresses;
    return 0;
}

static int free_set(void **state)
{
    corr_local_addresses_free(*state);
    return 0;
}

static void learn(struct corr_local_addresses *addresses, const struct etw_event *event)
{
    struct etw_error error;
    assert_int_equal(corr_local_addresses_learn(addresses, event, &error), ETW_OK);
}

static void learn_address(struct corr_local_addresses *addresses, const uint8_t *bytes,
                          uint8_t size, bool is_gone)
{
    struct etw_event event = {.kind = ETW_EVENT_ADDRESS, .u.address.is_gone = is_gone};
    event.u.address.address.size = size;
    memcpy(event.u.address.address.bytes, bytes, size);
    learn(addresses, &event);
}

/* ASCII as UTF-16LE, in memory of exactly its size. */
static void learn_list(struct corr_local_addresses *addresses, const char *text)
{
    size_t size = strlen(text);
    uint8_t *utf16 = calloc(2, size);
    assert_non_null(utf16);
    for (size_t i = 0; i < size; i++) {
        utf16[2 * i] = (uint8_t)text[i];
    }
    struct etw_event event = {.kind = ETW_EVENT_ADDRESS,
                              .u.address.list = bytes_of(utf16, 2 * size)};
    learn(addresses, &event);
    free(utf16);
}

static void learn_socket(struct corr_local_addresses *addresses, enum etw_action action,
                         uint8_t protocol, const uint8_t *bytes, uint8_t size)
{
    struct etw_event event = {
        .kind = ETW_EVENT_SOCKET,
        .u.socket = {.action = action,
                     .has = ETW_HAS_LOCAL | ETW_HAS_PROTOCOL,
                     .protocol = protocol,
                     .local.size = size},
    };
    memcpy(event.u.socket.local.bytes, bytes, size);
    learn(addresses, &event);
}

static bool has(void **state, const uint8_t *bytes, uint8_t size)
{
    return corr_local_addresses_has(*state, bytes, size);
}

static bool is_complete(void **state, uint8_t size)
{
    return corr_local_addresses_is_complete(*state, size);
}

static void nothing_but_loopback_is_local_at_first(void **state)
{
    static const uint8_t loopback4[4] = {127, 3, 2, 1};
    static const uint8_t loopback6[16] = {[15] = 1};
    static const uint8_t mapped[16] = {[10] = 0xFF, 0xFF, 127, 0, 0, 1};
    assert_true(has(state, loopback4, 4));
    assert_true(has(state, loopback6, 16));
    assert_true(has(state, mapped, 16));
    assert_false(has(state, host4, 4));
    assert_false(has(state, host6, 16));
    assert_false(has(state, host6, 6));
    assert_false(is_complete(state, 4));
    assert_false(is_complete(state, 16));
}

static void an_address_event_lists_its_family_only(void **state)
{
    learn_address(*state, host4, 4, false);
    assert_true(has(state, host4, 4));
    assert_true(has(state, mapped_host4, 16));
    assert_false(has(state, peer4, 4));
    assert_true(is_complete(state, 4));
    assert_false(is_complete(state, 16));
    learn_address(*state, host6, 16, false);
    assert_true(has(state, host6, 16));
    assert_true(is_complete(state, 16));
}

static void a_mapped_address_is_an_ipv4_address(void **state)
{
    learn_address(*state, mapped_host4, 16, false);
    assert_true(has(state, host4, 4));
    assert_true(is_complete(state, 4));
    assert_false(is_complete(state, 16));
}

static void what_was_removed_was_local_and_what_is_anothers_never_was(void **state)
{
    learn_address(*state, host4, 4, false);
    learn_address(*state, host4, 4, true);
    learn_address(*state, peer4, 4, true);
    learn_address(*state, host6, 16, true);
    assert_true(has(state, host4, 4));
    assert_false(has(state, peer4, 4));
    assert_false(is_complete(state, 16));
}

static void addresses_for_any_for_all_and_for_groups_are_not_taken(void **state)
{
    static const uint8_t any4[4] = {0};
    static const uint8_t all4[4] = {255, 255, 255, 255};
    static const uint8_t group4[4] = {239, 255, 255, 250};
    static const uint8_t any6[16] = {0};
    static const uint8_t group6[16] = {0xFF, 0x02, [15] = 1};
    static const uint8_t loopback4[4] = {127, 0, 0, 1};
    static const uint8_t *const four[] = {any4, all4, group4, loopback4};
    for (size_t i = 0; i < 4; i++) {
        learn_address(*state, four[i], 4, false);
        learn_socket(*state, ETW_ACTION_BIND, UDP, four[i], 4);
        assert_int_equal(has(state, four[i], 4), four[i] == loopback4);
    }
    learn_address(*state, any6, 16, false);
    learn_address(*state, group6, 16, false);
    learn_address(*state, any4, 0, false);
    assert_false(has(state, any6, 16));
    assert_false(has(state, group6, 16));
    assert_false(is_complete(state, 4));
    assert_false(is_complete(state, 16));
}

static void a_list_in_text_is_read(void **state)
{
    learn_list(*state, "fe80::9%12;192.0.2.1; 2001:db8::1;nonsense;;1.2.3;999.1.1.1");
    assert_true(has(state, link6, 16));
    assert_true(has(state, host4, 4));
    assert_true(has(state, host6, 16));
    assert_true(is_complete(state, 4));
    assert_true(is_complete(state, 16));
}

static void a_list_of_nothing_lists_nothing(void **state)
{
    learn_list(*state, ";;no;");
    assert_false(is_complete(state, 4));
    assert_false(is_complete(state, 16));
}

static void components_of_the_packet_monitor_list_addresses(void **state)
{
    struct etw_event event = {
        .kind = ETW_EVENT_COMPONENT_FACT,
        .u.fact = {.kind = ETW_FACT_IPV4, .bytes = bytes_of(host4, sizeof(host4))},
    };
    learn(*state, &event);
    event.u.fact.kind = ETW_FACT_MAC;
    event.u.fact.bytes = bytes_of(peer4, sizeof(peer4));
    learn(*state, &event);
    event.u.fact.kind = ETW_FACT_IPV6;
    event.u.fact.bytes = bytes_of(host6, 7);
    learn(*state, &event);
    assert_true(has(state, host4, 4));
    assert_false(has(state, peer4, 4));
    assert_true(is_complete(state, 4));
    assert_false(is_complete(state, 16));
}

static void sockets_add_their_local_end_and_complete_nothing(void **state)
{
    learn_socket(*state, ETW_ACTION_CONNECT, TCP, host4, 4);
    learn_socket(*state, ETW_ACTION_DATA_IN, TCP, host6, 16);
    assert_true(has(state, host4, 4));
    assert_true(has(state, host6, 16));
    assert_false(is_complete(state, 4));
    assert_false(is_complete(state, 16));
    struct etw_event event = {.kind = ETW_EVENT_SOCKET};
    event.u.socket.local.size = 4;
    memcpy(event.u.socket.local.bytes, peer4, 4);
    learn(*state, &event); /* it does not state a local end */
    assert_false(has(state, peer4, 4));
}

static void ends_of_received_datagrams_and_of_drops_are_not_trusted(void **state)
{
    learn_socket(*state, ETW_ACTION_DELIVERED, UDP, peer4, 4);
    learn_socket(*state, ETW_ACTION_RECEIVE_FROM, UDP, peer4, 4);
    learn_socket(*state, ETW_ACTION_DROP, TCP, peer4, 4);
    assert_false(has(state, peer4, 4));
    learn_socket(*state, ETW_ACTION_SEND_TO, UDP, host4, 4);
    assert_true(has(state, host4, 4));
}

static void a_set_that_is_full_is_complete_no_longer(void **state)
{
    uint8_t address[4] = {10, 0, 0, 0};
    for (uint32_t i = 0; i < CORR_LOCAL_ADDRESSES_MAXIMUM; i++) {
        address[1] = (uint8_t)(i >> 16);
        address[2] = (uint8_t)(i >> 8);
        address[3] = (uint8_t)i;
        learn_address(*state, address, 4, false);
    }
    assert_true(is_complete(state, 4));
    learn_address(*state, host4, 4, false);
    assert_false(is_complete(state, 4));
    assert_false(has(state, host4, 4));
    assert_true(has(state, address, 4));
}

int main(void)
{
#define WITH_SET(test) cmocka_unit_test_setup_teardown(test, make_set, free_set)
    const struct CMUnitTest tests[] = {
        WITH_SET(nothing_but_loopback_is_local_at_first),
        WITH_SET(an_address_event_lists_its_family_only),
        WITH_SET(a_mapped_address_is_an_ipv4_address),
        WITH_SET(what_was_removed_was_local_and_what_is_anothers_never_was),
        WITH_SET(addresses_for_any_for_all_and_for_groups_are_not_taken),
        WITH_SET(a_list_in_text_is_read),
        WITH_SET(a_list_of_nothing_lists_nothing),
        WITH_SET(components_of_the_packet_monitor_list_addresses),
        WITH_SET(sockets_add_their_local_end_and_complete_nothing),
        WITH_SET(ends_of_received_datagrams_and_of_drops_are_not_trusted),
        WITH_SET(a_set_that_is_full_is_complete_no_longer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
