/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "correlate/endpoints.h"

static const struct etw_socket_address ipv4 = {
    .size = 4, .has_port = true, .port = 80, .bytes = {10, 0, 0, 1}};
static const struct etw_socket_address mapped = {
    .size = 16,
    .has_port = true,
    .port = 80,
    .bytes = {[10] = 0xff, [11] = 0xff, [12] = 10, [15] = 1}};

static void a_mapped_address_is_the_one_of_the_packets(void **state)
{
    (void)state;
    struct corr_endpoint of_ipv4 = corr_endpoint_of_event(&ipv4);
    struct corr_endpoint of_mapped = corr_endpoint_of_event(&mapped);
    struct corr_endpoint of_packet =
        corr_endpoint_of_packet(&(struct corr_address){.size = 4, .bytes = {10, 0, 0, 1}}, 80);
    assert_memory_equal(&of_ipv4, &of_mapped, sizeof(of_ipv4));
    assert_memory_equal(&of_ipv4, &of_packet, sizeof(of_ipv4));
}

static void what_is_not_said_is_not_known(void **state)
{
    (void)state;
    struct corr_endpoint end = corr_endpoint_of_event(
        &(struct etw_socket_address){.size = 4, .port = 80, .bytes = {10, 0, 0, 1}});
    assert_int_equal(end.port, 0);
    end = corr_endpoint_of_event(&(struct etw_socket_address){.size = 7, .bytes = {1}});
    assert_int_equal(end.size, 0);
    end = corr_endpoint_of_packet(&(struct corr_address){.size = 6, .bytes = {2}}, 0);
    assert_int_equal(end.size, 0);
    assert_false(corr_endpoint_is_any(&end));
}

static void any_is_all_zero(void **state)
{
    (void)state;
    struct corr_endpoint end = {.size = 16};
    assert_true(corr_endpoint_is_any(&end));
    end.bytes[15] = 1;
    assert_false(corr_endpoint_is_any(&end));
}

static void ends_are_equal_by_address_and_port(void **state)
{
    (void)state;
    struct corr_endpoint a = corr_endpoint_of_event(&ipv4);
    struct corr_endpoint b = a;
    assert_true(corr_endpoint_equal(&a, &b));
    b.port++;
    assert_false(corr_endpoint_equal(&a, &b));
    assert_true(corr_endpoint_same_address(&a, &b));
    b.size = 16;
    assert_false(corr_endpoint_same_address(&a, &b));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mapped_address_is_the_one_of_the_packets),
        cmocka_unit_test(what_is_not_said_is_not_known),
        cmocka_unit_test(any_is_all_zero),
        cmocka_unit_test(ends_are_equal_by_address_and_port),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
