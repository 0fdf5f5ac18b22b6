/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/payload_writer.h"

#define PROVIDER "9b79ee91-b5fd-41c0-a243-4248e266e9d0"

/* MIB_IF_ROW2, by the offsets of the Windows headers. */
static struct payload make_interface(uint32_t mac_size)
{
    struct payload payload = {.size = 0};
    put_number(&payload, 8, UINT64_C(0x0006008000000000));
    put_number(&payload, 4, 12);
    put_bytes(&payload, "0123456789abcdef", 16);
    put_text(&payload, "Ethernet");
    payload.size = 542;
    put_text(&payload, "Example adapter");
    payload.size = 1056;
    put_number(&payload, 4, mac_size);
    put_bytes(&payload, "\x02\x00\x00\x00\x00\x01", 6);
    payload.size = 1128;
    put_number(&payload, 4, 6);
    payload.size = 1192;
    put_number(&payload, 8, 1000000000);
    payload.size = 1352;
    return payload;
}

static void an_interface_row_fills_every_member(void **state)
{
    (void)state;
    struct decoding d;
    struct payload payload = make_interface(6);
    decoding_init(&d, PROVIDER, RECORD_IS_CLASSIC);
    decoding_read(&d, 36, payload.data, payload.size);
    const struct etw_interface *interface = &d.event.u.interface;
    assert_int_equal(d.event.kind, ETW_EVENT_INTERFACE);
    assert_false(d.event.is_incomplete);
    assert_int_equal(interface->index, 12);
    assert_int_equal(interface->type, 6);
    assert_memory_equal(interface->guid.bytes, "0123456789abcdef", 16);
    assert_true(text_is(interface->alias, "Ethernet"));
    assert_true(text_is(interface->description, "Example adapter"));
    assert_int_equal(interface->mac.size, 6);
    assert_memory_equal(interface->mac.data, "\x02\x00\x00\x00\x00\x01", 6);
    assert_int_equal(interface->speed, 1000000000);
    decoding_done(&d);
}

static void the_row_is_the_same_on_32_bit_windows(void **state)
{
    (void)state;
    struct decoding d;
    struct payload payload = make_interface(6);
    decoding_init(&d, PROVIDER, RECORD_IS_CLASSIC);
    d.record.pointer_size = 4;
    decoding_read(&d, 36, payload.data, payload.size);
    assert_false(d.event.is_incomplete);
    assert_int_equal(d.event.u.interface.speed, 1000000000);
    decoding_done(&d);
}

static void a_hardware_address_has_0_to_32_bytes(void **state)
{
    (void)state;
    static const uint32_t sizes[][2] = {{0, 0}, {8, 8}, {32, 32}, {33, 0}, {UINT32_MAX, 0}};
    struct decoding d;
    decoding_init(&d, PROVIDER, RECORD_IS_CLASSIC);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct payload payload = make_interface(sizes[i][0]);
        decoding_read(&d, 36, payload.data, payload.size);
        assert_int_equal(d.event.u.interface.mac.size, sizes[i][1]);
    }
    decoding_done(&d);
}

static void a_name_without_nul_fills_its_room(void **state)
{
    (void)state;
    struct decoding d;
    struct payload payload = make_interface(6);
    memset(payload.data + 28, 'x', 514);
    decoding_init(&d, PROVIDER, RECORD_IS_CLASSIC);
    decoding_read(&d, 36, payload.data, payload.size);
    assert_int_equal(d.event.u.interface.alias.size, 514);
    assert_true(text_is(d.event.u.interface.description, "Example adapter"));
    decoding_done(&d);
}

static void every_truncation_of_an_interface_row_is_noticed(void **state)
{
    (void)state;
    struct decoding d;
    struct payload payload = make_interface(6);
    decoding_init(&d, PROVIDER, RECORD_IS_CLASSIC);
    check_truncations(&d, 36, &payload, 1352, ETW_EVENT_INTERFACE);
    decoding_done(&d);
}

static void a_build_has_its_lab_and_product(void **state)
{
    (void)state;
    struct decoding d;
    struct payload payload = {.size = 0};
    put_number(&payload, 8, UINT64_C(0x01d00000000000aa));
    put_text(&payload, "19041.1.example");
    put_text(&payload, "Windows 10 Pro");
    decoding_init(&d, PROVIDER, RECORD_IS_CLASSIC);
    decoding_read(&d, 32, payload.data, payload.size);
    assert_int_equal(d.event.kind, ETW_EVENT_SYSTEM_BUILD);
    assert_true(text_is(d.event.u.build.build_lab, "19041.1.example"));
    assert_true(text_is(d.event.u.build.product, "Windows 10 Pro"));
    check_truncations(&d, 32, &payload, 8 + 32, ETW_EVENT_SYSTEM_BUILD);
    decoding_read(&d, 32, payload.data, payload.size - 2); /* without the last NUL */
    assert_true(text_is(d.event.u.build.product, "Windows 10 Pro"));
    decoding_done(&d);
}

#define SYSTEM_CONFIG "01853a65-418f-4f36-aefc-dc0f1d2fd235"
#define NAMES_END     (20 + 512 + 268)

static void a_machine_has_its_name_and_domain(void **state)
{
    (void)state;
    struct decoding d;
    struct payload payload = {.size = 20};
    put_text(&payload, "WEB01");
    payload.size = 20 + 512;
    put_text(&payload, "corp.example.com");
    payload.size = NAMES_END;
    put_number(&payload, 8, 1);
    decoding_init(&d, SYSTEM_CONFIG, RECORD_IS_KERNEL);
    for (uint8_t version = 2; version <= 3; version++) {
        d.record.version = version;
        decoding_read(&d, 10, payload.data, payload.size);
        assert_int_equal(d.event.kind, ETW_EVENT_SYSTEM_BUILD);
        assert_true(text_is(d.event.u.build.computer, "WEB01"));
        assert_true(text_is(d.event.u.build.domain, "corp.example.com"));
        assert_int_equal(d.event.u.build.product.size, 0);
        check_truncations(&d, 10, &payload, NAMES_END, ETW_EVENT_SYSTEM_BUILD);
    }
    decoding_done(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_interface_row_fills_every_member),
        cmocka_unit_test(the_row_is_the_same_on_32_bit_windows),
        cmocka_unit_test(a_hardware_address_has_0_to_32_bytes),
        cmocka_unit_test(a_name_without_nul_fills_its_room),
        cmocka_unit_test(every_truncation_of_an_interface_row_is_noticed),
        cmocka_unit_test(a_build_has_its_lab_and_product),
        cmocka_unit_test(a_machine_has_its_name_and_domain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
