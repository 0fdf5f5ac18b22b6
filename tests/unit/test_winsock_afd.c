/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/socket_payloads.h"

#define PROVIDER       "e53c6823-7bb8-44bb-90dc-3f86090d48a6"
#define COUNT_OF(rows) (sizeof(rows) / sizeof((rows)[0]))
#define PROCESS_VALUE  UINT64_C(0x893f92b0)

static const unsigned pointer_sizes[] = {4, 8};

static void begin(struct decoding *d, unsigned pointer_size)
{
    decoding_init(d, PROVIDER, RECORD_IS_MANIFEST);
    d->record.pointer_size = (uint8_t)pointer_size;
}

/* EnterExit, Location, Process, Endpoint */
static struct payload make_call(unsigned pointer_size, uint32_t enter_exit, uint32_t location)
{
    struct payload payload = {.size = 0};
    put_number(&payload, 4, enter_exit);
    put_number(&payload, 4, location);
    put_number(&payload, pointer_size, PROCESS_VALUE);
    put_number(&payload, pointer_size, ENDPOINT_VALUE);
    return payload;
}

static void a_new_socket_has_its_process(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(pointer_sizes); i++) {
        struct decoding d;
        struct payload payload = make_call(pointer_sizes[i], 0, 1006);
        put_number(&payload, 4, 2);
        put_number(&payload, 4, 1);
        put_number(&payload, 4, 6);
        put_number(&payload, pointer_sizes[i], 2704);
        put_number(&payload, 4, 0);
        begin(&d, pointer_sizes[i]);
        decoding_read(&d, 1000, payload.data, payload.size);
        const struct etw_socket *socket = &d.event.u.socket;
        assert_int_equal(d.event.kind, ETW_EVENT_SOCKET);
        check_kind(socket, ETW_LAYER_APPLICATION, ETW_ACTION_CREATE, ETW_PHASE_ENTER);
        check_handle(socket, 0, ETW_HANDLE_AFD_ENDPOINT, ENDPOINT_VALUE);
        check_handle(socket, 1, ETW_HANDLE_EPROCESS, PROCESS_VALUE);
        assert_int_equal(socket->pid, 2704);
        assert_int_equal(socket->protocol, 6);
        assert_int_equal(socket->family, 4);
        assert_int_equal(socket->location, 1006);
        assert_true(socket->is_header_pid_true);
        assert_int_equal(socket->has, ETW_HAS_PID | ETW_HAS_PROTOCOL | ETW_HAS_LOCATION);
        check_socket_truncations(&d, 1000, &payload);
        decoding_done(&d);
    }
}

static void enter_exit_is_the_phase(void **state)
{
    (void)state;
    static const struct {
        uint32_t enter_exit, location;
        enum etw_phase phase;
        bool has_status, is_header_pid_true;
    } cases[] = {
        {0, 3047, ETW_PHASE_ENTER, false, true},        {0, 3048, ETW_PHASE_ENTER, false, false},
        {1, 3047, ETW_PHASE_EXIT, true, false},         {2, 3047, ETW_PHASE_SINGLE, true, false},
        {3, 9000, ETW_PHASE_INDICATION, true, false},   {4, 0, ETW_PHASE_SINGLE, true, false},
        {0xFFFFFFFF, 0, ETW_PHASE_SINGLE, true, false},
    };
    struct decoding d;
    begin(&d, 8);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct payload payload = make_call(8, cases[i].enter_exit, cases[i].location);
        put_number(&payload, 4, 1);
        put_number(&payload, 8, 0x1000);
        put_number(&payload, 4, 13);
        put_number(&payload, 4, 0x103);
        decoding_read(&d, 1003, payload.data, payload.size);
        const struct etw_socket *socket = &d.event.u.socket;
        check_kind(socket, ETW_LAYER_APPLICATION, ETW_ACTION_SEND, cases[i].phase);
        assert_int_equal(socket->bytes, 13);
        assert_int_equal((socket->has & ETW_HAS_STATUS) != 0, cases[i].has_status);
        assert_int_equal(socket->is_header_pid_true, cases[i].is_header_pid_true);
        check_socket_truncations(&d, 1003, &payload);
    }
    decoding_done(&d);
}

static void a_bound_address_is_the_local_one(void **state)
{
    (void)state;
    struct decoding d;
    struct payload payload = make_call(8, 1, 7022);
    put_number(&payload, 4, 0);
    put_number(&payload, 4, 28);
    put_sockaddr6(&payload, 1, 13000);
    begin(&d, 8);
    decoding_read(&d, 1030, payload.data, payload.size);
    const struct etw_socket *socket = &d.event.u.socket;
    check_kind(socket, ETW_LAYER_APPLICATION, ETW_ACTION_BIND, ETW_PHASE_EXIT);
    check_address(&socket->local, 16, 1, 13000);
    assert_int_equal(socket->has, ETW_HAS_LOCAL | ETW_HAS_STATUS | ETW_HAS_LOCATION);
    check_socket_truncations(&d, 1030, &payload);
    decoding_done(&d);
}

static void an_accept_names_listener_process_and_new_socket(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(pointer_sizes); i++) {
        struct decoding d;
        struct payload payload = make_call(pointer_sizes[i], 0, 6010);
        put_number(&payload, pointer_sizes[i], 0);
        put_number(&payload, 4, 0);
        put_number(&payload, 4, 0);
        put_number(&payload, 4, 16);
        put_sockaddr4(&payload, 2, 55908);
        put_number(&payload, pointer_sizes[i], 0x892fb6d8);
        put_number(&payload, 4, 0);
        begin(&d, pointer_sizes[i]);
        decoding_read(&d, 1024, payload.data, payload.size);
        const struct etw_socket *socket = &d.event.u.socket;
        check_kind(socket, ETW_LAYER_APPLICATION, ETW_ACTION_ACCEPT, ETW_PHASE_ENTER);
        check_handle(socket, 0, ETW_HANDLE_AFD_ENDPOINT, ENDPOINT_VALUE);
        check_handle(socket, 1, ETW_HANDLE_EPROCESS, PROCESS_VALUE);
        check_handle(socket, 2, ETW_HANDLE_AFD_ACCEPT_ENDPOINT, 0x892fb6d8);
        check_address(&socket->remote, 4, 2, 55908);
        check_socket_truncations(&d, 1024, &payload);
        decoding_done(&d);
    }
}

static void an_old_transfer_has_its_address_in_parts(void **state)
{
    (void)state;
    struct decoding d;
    struct payload payload = {.size = 0};
    put_number(&payload, 8, PROCESS_VALUE);
    put_number(&payload, 8, ENDPOINT_VALUE);
    put_number(&payload, 4, 1);
    put_number(&payload, 4, 1);
    put_number(&payload, 8, 0x1000);
    put_number(&payload, 4, 48);
    put_bytes(&payload, "\xc0\0\2\2", 4);
    put_number(&payload, 2, 443);
    begin(&d, 8);
    decoding_read(&d, 21, payload.data, payload.size);
    const struct etw_socket *socket = &d.event.u.socket;
    check_handle(socket, 0, ETW_HANDLE_AFD_ENDPOINT, ENDPOINT_VALUE);
    check_address(&socket->remote, 4, 2, 443);
    assert_int_equal(socket->bytes, 48);
    check_socket_truncations(&d, 21, &payload);
    decoding_done(&d);
}

static void a_socket_without_a_protocol_has_the_usual_one_of_its_type(void **state)
{
    (void)state;
    static const struct {
        uint32_t family, type, asked;
        uint8_t protocol, ip_version;
    } cases[] = {
        {2, 1, 0, 6, 4}, {23, 2, 0, 17, 6}, {2, 3, 0, 0, 4},  {2, 1, 132, 132, 4},
        {1, 1, 0, 0, 0}, {34, 2, 0, 0, 0},  {32, 1, 3, 3, 0},
    };
    struct decoding d;
    begin(&d, 8);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct payload calls[2] = {{.size = 0}, make_call(8, 1, 1012)};
        put_number(&calls[0], 8, PROCESS_VALUE);
        put_number(&calls[0], 8, ENDPOINT_VALUE);
        for (size_t k = 0; k < 2; k++) {
            put_number(&calls[k], 4, cases[i].family);
            put_number(&calls[k], 4, cases[i].type);
            put_number(&calls[k], 4, cases[i].asked);
            put_number(&calls[k], 8, 2704);
            put_number(&calls[k], k == 1 ? 4 : 0, 0);
            uint16_t id = k == 1 ? 1000 : 1;
            decoding_read(&d, id, calls[k].data, calls[k].size);
            const struct etw_socket *socket = &d.event.u.socket;
            assert_int_equal(socket->protocol, cases[i].protocol);
            assert_int_equal(socket->family, cases[i].ip_version);
            assert_int_equal((socket->has & ETW_HAS_PROTOCOL) != 0, cases[i].protocol != 0);
        }
    }
    decoding_done(&d);
}

static void options_and_reasons_are_as_the_driver_numbers_them(void **state)
{
    (void)state;
    struct decoding d;
    struct payload payload = make_call(8, 1, 0);
    put_number(&payload, 4, 6);
    put_number(&payload, 4, 65536);
    put_number(&payload, 4, 0);
    begin(&d, 8);
    decoding_read(&d, 1035, payload.data, payload.size);
    const struct etw_socket *socket = &d.event.u.socket;
    check_kind(socket, ETW_LAYER_APPLICATION, ETW_ACTION_OPTION, ETW_PHASE_EXIT);
    assert_int_equal(socket->has, ETW_HAS_OPTION | ETW_HAS_STATUS | ETW_HAS_LOCATION);
    assert_int_equal(socket->option, 6);
    assert_int_equal(socket->option_value, 65536);

    /* the old id has no call around it */
    decoding_read(&d, 29, payload.data + 8, 24);
    assert_int_equal(socket->option, 6);
    assert_int_equal(socket->option_value, 65536);

    payload = make_call(8, 2, 8000);
    put_number(&payload, 4, 4);
    decoding_read(&d, 1032, payload.data, payload.size);
    check_kind(socket, ETW_LAYER_APPLICATION, ETW_ACTION_ABORT, ETW_PHASE_SINGLE);
    assert_int_equal(socket->has, ETW_HAS_REASON | ETW_HAS_LOCATION);
    assert_int_equal(socket->reason, 4);
    assert_false(socket->is_listener_missing);
    decoding_done(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_socket_has_its_process),
        cmocka_unit_test(enter_exit_is_the_phase),
        cmocka_unit_test(a_bound_address_is_the_local_one),
        cmocka_unit_test(an_accept_names_listener_process_and_new_socket),
        cmocka_unit_test(an_old_transfer_has_its_address_in_parts),
        cmocka_unit_test(a_socket_without_a_protocol_has_the_usual_one_of_its_type),
        cmocka_unit_test(options_and_reasons_are_as_the_driver_numbers_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
