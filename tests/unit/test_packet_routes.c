/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "correlate/adapters.h"
#include "correlate/packet_routes.h"
#include "tests/unit/route_data.h"

static const struct corr_route *learn(struct corr_routes *routes, enum etw_route kind,
                                      const struct payload *payload)
{
    struct etw_error error;
    struct etw_packet packet = routed_packet(kind, payload);
    assert_int_equal(corr_routes_learn(routes, &packet, &error), ETW_OK);
    return corr_routes_find(routes, &packet);
}

static void a_route_has_its_ports(void **state)
{
    (void)state;
    struct corr_routes routes = {0};
    struct payload payload = switch_route(2);
    const struct corr_route *route = learn(&routes, ETW_ROUTE_SWITCH, &payload);
    assert_non_null(route);
    assert_int_equal(route->kind, ETW_ROUTE_SWITCH);
    assert_int_equal(route->from.id, 3);
    assert_string_equal(route->from.name, "port");
    assert_string_equal(route->from.nic, "web-01");
    assert_string_equal(route->from.nic_type, "Synthetic");
    assert_int_equal(route->to_logged, 2);
    assert_int_equal(route->to_count, 2);
    assert_int_equal(route->to[1].id, 101);
    assert_string_equal(route->to[1].name, "");
    assert_string_equal(route->to[1].nic, "b");
    corr_routes_done(&routes);
}

static void packets_of_one_way_share_a_route_and_of_one_port_a_source(void **state)
{
    (void)state;
    struct corr_routes routes = {0};
    struct payload one = switch_route(1), two = switch_route(2), other = switch_route(1);
    other.data[0] = 4; /* another port */
    const struct corr_route *first = learn(&routes, ETW_ROUTE_SWITCH, &one);
    const struct corr_route *second = learn(&routes, ETW_ROUTE_SWITCH, &two);
    const struct corr_route *third = learn(&routes, ETW_ROUTE_SWITCH, &other);
    assert_ptr_equal(learn(&routes, ETW_ROUTE_SWITCH, &one), first);
    assert_int_equal(routes.count, 3);
    assert_ptr_not_equal(first, second);
    assert_int_equal(first->source, second->source);
    assert_int_not_equal(first->source, third->source);
    corr_routes_done(&routes);
}

static void a_connection_has_its_user(void **state)
{
    (void)state;
    struct corr_routes routes = {0};
    struct payload alice = ras_route("{d}", "alice"), nobody = ras_route("", "");
    const struct corr_route *first = learn(&routes, ETW_ROUTE_RAS, &alice);
    const struct corr_route *second = learn(&routes, ETW_ROUTE_RAS, &nobody);
    assert_string_equal(first->user, "alice");
    assert_string_equal(first->routing_domain, "{d}");
    assert_string_equal(second->user, "");
    assert_int_not_equal(first->source, second->source);
    assert_int_equal(first->to_count, 0);
    corr_routes_done(&routes);
}

static void a_packet_without_route_or_never_learned_has_none(void **state)
{
    (void)state;
    struct corr_routes routes = {0};
    struct payload payload = switch_route(1);
    struct etw_packet packet = routed_packet(ETW_ROUTE_SWITCH, &payload);
    assert_null(corr_routes_find(&routes, &packet));
    assert_non_null(learn(&routes, ETW_ROUTE_SWITCH, &payload));
    packet.route = ETW_ROUTE_NONE;
    assert_null(corr_routes_find(&routes, &packet));
    packet.route = ETW_ROUTE_RAS; /* the same bytes of another kind */
    assert_null(corr_routes_find(&routes, &packet));
    corr_routes_done(&routes);
}

static void only_the_first_of_many_destinations_are_kept(void **state)
{
    (void)state;
    static const uint32_t counts[] = {0, 1, CORR_ROUTE_PORTS, CORR_ROUTE_PORTS + 1, 150};
    struct corr_routes routes = {0};
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        struct payload payload = switch_route(counts[i]);
        const struct corr_route *route = learn(&routes, ETW_ROUTE_SWITCH, &payload);
        assert_int_equal(route->to_logged, counts[i]);
        assert_int_equal(route->to_count,
                         counts[i] < CORR_ROUTE_PORTS ? counts[i] : CORR_ROUTE_PORTS);
    }
    corr_routes_done(&routes);
}

static void routes_without_end_are_counted_not_kept(void **state)
{
    (void)state;
    struct corr_routes routes = {0};
    enum { EXTRA = 5 };
    for (uint32_t i = 0; i < CORR_TABLE_MAXIMUM + EXTRA; i++) {
        struct payload payload = {.size = 0};
        put_port(&payload, i, "", "", "");
        put_number(&payload, 4, 0);
        const struct corr_route *route = learn(&routes, ETW_ROUTE_SWITCH, &payload);
        assert_int_equal(route != NULL, i < CORR_TABLE_MAXIMUM);
    }
    assert_int_equal(routes.ignored, EXTRA);
    corr_routes_done(&routes);
}

/* Names of 32,000 characters, each another one. */
static void the_bytes_of_all_routes_are_bounded(void **state)
{
    (void)state;
    enum { NAME_SIZE = 64000 };
    struct corr_routes routes = {0};
    uint8_t *data = malloc(NAME_SIZE + 4);
    assert_non_null(data);
    memset(data, 'x', NAME_SIZE);
    memset(data + NAME_SIZE, 0, 4); /* ends the first text, and is the second */
    struct etw_packet packet = {.route = ETW_ROUTE_RAS,
                                .route_data = bytes_of(data, NAME_SIZE + 4)};
    for (uint32_t i = 0; i < 400; i++) {
        data[0] = (uint8_t)(i % 250 + 1);
        data[2] = (uint8_t)(i / 250 + 1);
        assert_int_equal(corr_routes_learn(&routes, &packet, NULL), ETW_OK);
    }
    assert_true(routes.bytes <= CORR_ROUTES_BYTES);
    assert_int_equal(routes.count, CORR_ROUTES_BYTES / (NAME_SIZE + 4));
    assert_int_equal(routes.ignored, 400 - routes.count);
    corr_routes_done(&routes);
    free(data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_route_has_its_ports),
        cmocka_unit_test(packets_of_one_way_share_a_route_and_of_one_port_a_source),
        cmocka_unit_test(a_connection_has_its_user),
        cmocka_unit_test(a_packet_without_route_or_never_learned_has_none),
        cmocka_unit_test(only_the_first_of_many_destinations_are_kept),
        cmocka_unit_test(routes_without_end_are_counted_not_kept),
        cmocka_unit_test(the_bytes_of_all_routes_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
