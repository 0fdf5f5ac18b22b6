/* SPDX-License-Identifier: MIT */
/*
 * Addresses of the machine, from the stack and from the kernel logger, and names that
 * were resolved.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/payload_writer.h"

#define TCPIP          "2f07e2ee-15db-40f1-90ef-9d7ba282188a"
#define SYSTEM_CONFIG  "01853a65-418f-4f36-aefc-dc0f1d2fd235"
#define DNS_CLIENT     "1c95126e-7eea-49a9-a3fe-a378b03ddb4d"
#define COUNT_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

static const uint8_t ipv4[4] = {192, 0, 2, 1};
static const uint8_t ipv6[16] = {0x20, 1, 0x0d, 0xb8, [15] = 1};

/* Both forms of an address, as the stack logs them. */
struct forms {
    uint32_t protocol;
    uint8_t ipv4[4];
    uint32_t size; /* of the second form */
    uint8_t ipv6[16];
};

static void put_forms(struct payload *to, const struct forms *forms, bool is_rundown)
{
    if (is_rundown) {
        put_number(to, 4, forms->protocol);
        put_bytes(to, forms->ipv4, 4);
        put_number(to, 4, forms->size);
    } else {
        put_number(to, 4, forms->size);
        put_bytes(to, forms->ipv4, 4);
    }
    put_bytes(to, forms->ipv6, forms->size);
    put_number(to, 4, forms->protocol); /* behind a rundown: the medium */
}

static struct payload make_rundown(const struct forms *forms)
{
    struct payload payload = {.size = 0};
    put_number(&payload, 4, 12);
    put_number(&payload, 8, 1000000000);
    put_forms(&payload, forms, true);
    return payload;
}

static struct payload make_change(const struct forms *forms)
{
    struct payload payload = {.size = 0};
    put_number(&payload, 4, 12);
    put_bytes(&payload, "IPv4", 5);
    put_number(&payload, 4, 4);
    put_number(&payload, 4, 6);
    put_bytes(&payload, "\2\0\0\0\0\1", 6);
    put_forms(&payload, forms, false);
    return payload;
}

static void check_host_address(const struct etw_event *event, const uint8_t *bytes, size_t size)
{
    const struct etw_host_address *address = &event->u.address;
    assert_int_equal(event->kind, ETW_EVENT_ADDRESS);
    assert_false(event->is_incomplete);
    assert_int_equal(address->interface_index, 12);
    assert_int_equal(address->address.size, size);
    assert_memory_equal(address->address.bytes, bytes, size);
    assert_false(address->address.has_port);
    assert_int_equal(address->list.size, 0);
}

static void the_stack_tells_which_addresses_there_are(void **state)
{
    (void)state;
    static const struct {
        struct forms forms;
        const uint8_t *bytes;
        size_t size;
    } cases[] = {
        {{4, {192, 0, 2, 1}, 0, {0}}, ipv4, 4},
        {{4, {192, 0, 2, 1}, 4, {9, 9, 9, 9}}, ipv4, 4},
        {{4, {0}, 4, {192, 0, 2, 1}}, ipv4, 4},
        {{4, {192, 0, 2, 1}, 16, {9}}, ipv4, 4},
        {{6, {9, 9, 9, 9}, 16, {0x20, 1, 0x0d, 0xb8, [15] = 1}}, ipv6, 16},
        {{6, {0}, 16, {0x20, 1, 0x0d, 0xb8, [15] = 1}}, ipv6, 16},
        {{6, {192, 0, 2, 1}, 0, {0}}, ipv6, 0},
        {{4, {0}, 0, {0}}, ipv4, 0},
        {{6, {0}, 16, {0}}, ipv6, 0},
    };
    static const struct {
        uint16_t id;
        bool is_gone;
    } ids[] = {{1202, false}, {1203, false}, {1114, false},
               {1127, false}, {1128, true},  {1115, true}};
    struct decoding d;
    decoding_init(&d, TCPIP, RECORD_IS_MANIFEST);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        for (size_t k = 0; k < COUNT_OF(ids); k++) {
            struct payload payload =
                k < 2 ? make_rundown(&cases[i].forms) : make_change(&cases[i].forms);
            decoding_read(&d, ids[k].id, payload.data, payload.size);
            check_host_address(&d.event, cases[i].bytes, cases[i].size);
            assert_int_equal(d.event.u.address.is_gone, ids[k].is_gone);
            for (size_t size = 0; size < payload.size; size++) {
                decoding_read(&d, ids[k].id, payload.data, size);
                assert_int_equal(d.event.kind, ETW_EVENT_ADDRESS);
            }
        }
    }
    decoding_done(&d);
}

static void a_network_card_has_a_list_of_addresses(void **state)
{
    (void)state;
    struct decoding d;
    struct payload payload = {.size = 0};
    put_bytes(&payload, "\2\0\0\0\0\1\0\0", 8);
    put_number(&payload, 4, 6);
    put_number(&payload, 4, 12);
    put_number(&payload, 4, 12);
    put_text(&payload, "Example adapter");
    put_text(&payload, "2001:db8::1;192.0.2.1");
    put_text(&payload, "");
    decoding_init(&d, SYSTEM_CONFIG, RECORD_IS_CLASSIC);
    d.record.version = 2;
    decoding_read(&d, 13, payload.data, payload.size);
    const struct etw_host_address *address = &d.event.u.address;
    assert_int_equal(d.event.kind, ETW_EVENT_ADDRESS);
    assert_int_equal(address->interface_index, 12);
    assert_int_equal(address->address.size, 0);
    assert_true(text_is(address->list, "2001:db8::1;192.0.2.1"));
    assert_false(address->is_gone);
    decoding_done(&d);
}

/* Name, then what is said of the query, then status, results and client. */
static struct payload make_answer(size_t before, uint8_t version, uint32_t error,
                                  const char *results)
{
    struct payload payload = {.size = 0};
    put_text(&payload, "www.example.com");
    for (size_t i = 0; i < before; i++) {
        put_number(&payload, 4, i == 0 ? 28 : 0);
    }
    put_number(&payload, 4, error);
    if (results) {
        put_text(&payload, results);
    }
    put_number(&payload, version > 0 ? 4 : 0, 1504);
    put_number(&payload, version > 1 ? 8 : 0, 0x1234);
    return payload;
}

static void an_answer_has_its_name_and_results(void **state)
{
    (void)state;
    static const struct {
        uint16_t id;
        uint8_t last_version;
        size_t before; /* numbers between name and status */
        const char *results;
    } cases[] = {
        {3008, 0, 3, "2001:db8::1;192.0.2.1;"},
        {3013, 2, 0, "192.0.2.1;"},
        {3018, 2, 3, "::ffff:192.0.2.1;"},
        {3020, 2, 3, "type: 5 host.example.com;192.0.2.1;"},
    };
    struct decoding d;
    decoding_init(&d, DNS_CLIENT, RECORD_IS_MANIFEST);
    const struct etw_name *name = &d.event.u.name;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        for (uint8_t version = 0; version <= cases[i].last_version; version++) {
            struct payload payload = make_answer(cases[i].before, version, 0, cases[i].results);
            d.record.version = version;
            decoding_read(&d, cases[i].id, payload.data, payload.size);
            assert_int_equal(d.event.kind, ETW_EVENT_NAME);
            assert_false(d.event.is_incomplete);
            assert_true(text_is(name->name, "www.example.com"));
            assert_true(text_is(name->results, cases[i].results));
            assert_int_equal(name->status, 0);
            assert_int_equal(name->pid, version > 0 ? 1504 : 0);
            assert_false(name->is_question);
            for (size_t size = 0; size < payload.size; size++) {
                decoding_read(&d, cases[i].id, payload.data, size);
                assert_true(name->name.size == 0 || text_is(name->name, "www.example.com"));
                /* the last text of a payload needs no NUL */
                assert_true(name->results.size == 0 || version == 0 ||
                            text_is(name->results, cases[i].results));
            }
        }
    }
    decoding_done(&d);
}

static void a_failed_answer_has_its_error(void **state)
{
    (void)state;
    struct decoding d;
    struct payload payload = make_answer(3, 1, 9003, "");
    decoding_init(&d, DNS_CLIENT, RECORD_IS_MANIFEST);
    d.record.version = 1;
    decoding_read(&d, 3020, payload.data, payload.size);
    assert_int_equal(d.event.u.name.status, 9003);
    assert_int_equal(d.event.u.name.results.size, 0);

    struct payload response = {.size = 0};
    put_text(&response, "www.example.com");
    put_number(&response, 4, 1);
    put_text(&response, "192.0.2.53");
    put_number(&response, 4, 9003);
    put_number(&response, 4, 1504);
    decoding_read(&d, 3011, response.data, response.size);
    assert_int_equal(d.event.u.name.status, 9003);
    assert_int_equal(d.event.u.name.pid, 1504);
    assert_int_equal(d.event.u.name.results.size, 0);
    decoding_done(&d);
}

static void a_question_is_no_answer(void **state)
{
    (void)state;
    struct decoding d;
    struct payload payload = {.size = 0};
    put_text(&payload, "www.example.com");
    put_number(&payload, 4, 28);
    put_number(&payload, 8, 0);
    put_text(&payload, "192.0.2.53");
    put_number(&payload, 8, 0);
    put_number(&payload, 8, 12);
    decoding_init(&d, DNS_CLIENT, RECORD_IS_MANIFEST);
    decoding_read(&d, 3006, payload.data, payload.size);
    assert_int_equal(d.event.kind, ETW_EVENT_NAME);
    assert_true(d.event.u.name.is_question);
    assert_true(text_is(d.event.u.name.name, "www.example.com"));
    assert_int_equal(d.event.u.name.results.size, 0);
    decoding_done(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_stack_tells_which_addresses_there_are),
        cmocka_unit_test(a_network_card_has_a_list_of_addresses),
        cmocka_unit_test(an_answer_has_its_name_and_results),
        cmocka_unit_test(a_failed_answer_has_its_error),
        cmocka_unit_test(a_question_is_no_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
