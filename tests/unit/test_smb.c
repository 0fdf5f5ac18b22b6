/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/socket_payloads.h"

#define CLIENT  "988c59c5-0a1c-45b6-a555-0c62276e327d"
#define SERVER  "d48ce617-33a2-4bc3-a5c7-11aa4f29619e"
#define SEND    UINT64_C(0x100000000)
#define RECEIVE UINT64_C(0x200000000)

static void a_client_connects_by_address_and_connection(void **state)
{
    (void)state;
    for (unsigned pointer_size = 4; pointer_size <= 8; pointer_size += 4) {
        struct decoding d;
        struct payload payload = {.size = 0};
        put_number(&payload, 4, 16);
        put_sockaddr4(&payload, 2, 445);
        put_number(&payload, pointer_size, ENDPOINT_VALUE);
        put_number(&payload, pointer_size, 0x77);
        decoding_init(&d, CLIENT, RECORD_IS_MANIFEST);
        d.record.pointer_size = (uint8_t)pointer_size;
        decoding_read(&d, 30203, payload.data, payload.size);
        const struct etw_socket *socket = &d.event.u.socket;
        assert_int_equal(d.event.kind, ETW_EVENT_SOCKET);
        check_kind(socket, ETW_LAYER_SMB_CLIENT, ETW_ACTION_CONNECT, ETW_PHASE_ENTER);
        check_handle(socket, 0, ETW_HANDLE_SMB_CONNECTION, ENDPOINT_VALUE);
        check_address(&socket->remote, 4, 2, 445);
        check_socket_truncations(&d, 30203, &payload);
        decoding_done(&d);
    }
}

static void a_response_to_the_client_has_its_message(void **state)
{
    (void)state;
    struct decoding d;
    struct payload payload = {.size = 0};
    put_bytes(&payload, "Create", 7);
    put_number(&payload, 8, 42);
    put_number(&payload, 8, 9);
    put_number(&payload, 8, 7);
    put_number(&payload, 4, 1);
    put_number(&payload, 2, 3);
    put_number(&payload, 4, 0xC0000034);
    put_number(&payload, 8, ENDPOINT_VALUE);
    decoding_init(&d, CLIENT, RECORD_IS_MANIFEST);
    decoding_read(&d, 30407, payload.data, payload.size);
    const struct etw_socket *socket = &d.event.u.socket;
    check_kind(socket, ETW_LAYER_SMB_CLIENT, ETW_ACTION_RESPONSE, ETW_PHASE_SINGLE);
    check_handle(socket, 0, ETW_HANDLE_SMB_CONNECTION, ENDPOINT_VALUE);
    assert_int_equal(socket->message_id, 42);
    assert_int_equal(socket->status, 0xC0000034);
    assert_int_equal(socket->session_id, 7);
    assert_int_equal(socket->tree_id, 1);
    assert_int_equal(socket->has, ETW_HAS_MESSAGE | ETW_HAS_STATUS | ETW_HAS_SESSION |
                                      ETW_HAS_TREE | ETW_HAS_COMMAND | ETW_HAS_CREDITS);
    assert_int_equal(socket->command, 5);
    assert_int_equal(d.event.u.smb.what, ETW_SMB_RESPONSE);
    assert_int_equal(d.event.u.smb.async_id, 9);
    assert_int_equal(d.event.u.smb.credits, 3);
    check_socket_truncations(&d, 30407, &payload);
    decoding_done(&d);
}

/* No table of facts says how Windows spells its commands. */
static void a_command_is_known_however_it_is_written(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int command; /* -1: not known */
    } cases[] = {
        {"Read", 8},
        {"Query directory", 14},
        {"SMB2_QUERY_DIRECTORY", 14},
        {"Smb2 Write", 9},
        {"Create, Close", 5},
        {"8", 8},
        {"Oplock break", 18},
        {"", -1},
        {"Frobnicate", -1},
        {"sessionsetupXX", -1},
        {"99999999999", -1},
        {"SMB", -1},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct decoding d;
        struct payload payload = {.size = 0};
        put_number(&payload, 4, 1);
        put_bytes(&payload, cases[i].text, strlen(cases[i].text) + 1);
        put_number(&payload, 8, 42);
        put_number(&payload, 8, 7);
        put_number(&payload, 4, 1);
        put_number(&payload, 2, 1);
        put_number(&payload, 2, 33);
        put_number(&payload, 4, 117);
        put_number(&payload, 8, ENDPOINT_VALUE);
        decoding_init(&d, CLIENT, RECORD_IS_MANIFEST);
        decoding_read(&d, 30406, payload.data, payload.size);
        const struct etw_smb *smb = &d.event.u.smb;
        assert_int_equal(smb->what, ETW_SMB_REQUEST);
        assert_int_equal(smb->socket.bytes, 117);
        assert_int_equal(smb->credit_charge, 1);
        assert_int_equal(smb->credits, 33);
        assert_int_equal(!!(smb->socket.has & ETW_HAS_COMMAND), cases[i].command >= 0);
        assert_true(cases[i].command < 0 || smb->socket.command == cases[i].command);
        assert_int_equal(smb->command_text.size, strlen(cases[i].text));
        decoding_done(&d);
    }
}

/* Server name, remote and local address with one length for both. */
static void a_failure_may_have_one_length_for_two_addresses(void **state)
{
    (void)state;
    struct decoding d;
    struct payload payload = {.size = 0};
    put_number(&payload, 4, 3);
    put_number(&payload, 4, 0xC00000B5);
    put_number(&payload, 2, 2);
    put_bytes(&payload, "a\0b\0", 4);
    put_number(&payload, 4, 16);
    put_sockaddr4(&payload, 2, 445);
    put_sockaddr4(&payload, 1, 50357);
    put_number(&payload, 2, 0);
    put_number(&payload, 4, 1);
    decoding_init(&d, CLIENT, RECORD_IS_MANIFEST);
    d.record.version = 2;
    decoding_read(&d, 30803, payload.data, payload.size);
    const struct etw_socket *socket = &d.event.u.socket;
    check_address(&socket->remote, 4, 2, 445);
    check_address(&socket->local, 4, 1, 50357);
    assert_int_equal(socket->status, 0xC00000B5);
    check_socket_truncations(&d, 30803, &payload);
    decoding_done(&d);
}

static void a_connection_of_the_server_is_known_by_its_guid(void **state)
{
    (void)state;
    struct decoding d;
    struct payload payload = {.size = 0};
    put_bytes(&payload, "\1\0\0\0\0\0\0\0\x10\0\0\0\0\0\0\0", 16);
    put_number(&payload, 4, 16);
    put_sockaddr4(&payload, 2, 50357);
    put_number(&payload, 4, 0);
    decoding_init(&d, SERVER, RECORD_IS_MANIFEST);
    decoding_read(&d, 500, payload.data, payload.size);
    const struct etw_socket *socket = &d.event.u.socket;
    check_kind(socket, ETW_LAYER_SMB_SERVER, ETW_ACTION_ACCEPT, ETW_PHASE_SINGLE);
    check_handle(socket, 0, ETW_HANDLE_SMB_CONNECTION, 0x11);
    check_address(&socket->remote, 4, 2, 50357);
    check_socket_truncations(&d, 500, &payload);
    decoding_done(&d);
}

/* The list of dialects stands before the GUID of the connection. */
static void a_negotiate_request_has_its_connection(void **state)
{
    (void)state;
    for (unsigned count = 0; count < 5; count++) {
        struct decoding d;
        struct payload payload = {.size = 0};
        put_number(&payload, 8, 0);
        put_number(&payload, 4, 0xfeff);
        put_number(&payload, 4, 0);
        put_number(&payload, 8, 42);
        put_number(&payload, 8, 42);
        put_number(&payload, 2, 0);
        put_number(&payload, 2, 1);
        put_number(&payload, 4, 0);
        put_number(&payload, 2, 1);
        put_number(&payload, 4, 0x7f);
        put_number(&payload, 2, count);
        for (unsigned i = 0; i < count; i++) {
            put_number(&payload, 2, 0x300 + i);
        }
        put_bytes(&payload, "CLIENT-GUID-----", 16);
        put_bytes(&payload, "\1\0\0\0\0\0\0\0\x10\0\0\0\0\0\0\0", 16);
        decoding_init(&d, SERVER, RECORD_IS_MANIFEST);
        d.record.version = 2;
        decoding_read(&d, 1, payload.data, payload.size);
        check_handle(&d.event.u.socket, 0, ETW_HANDLE_SMB_CONNECTION, 0x11);
        assert_int_equal(d.event.u.smb.connection_guid.bytes[8], 0x10);
        assert_int_equal(d.event.u.socket.message_id, 42);
        check_socket_truncations(&d, 1, &payload);
        decoding_done(&d);
    }
}

static struct payload make_response(bool is_new)
{
    struct payload payload = {.size = 0};
    put_number(&payload, 8, 7);
    put_number(&payload, 4, 0xfeff);
    put_number(&payload, 4, 1);
    put_number(&payload, 8, 42);
    put_number(&payload, 8, 0);
    put_number(&payload, 2, 13);
    put_number(&payload, 2, 1);
    put_number(&payload, 4, 1);
    put_number(&payload, 4, 0xC0000022);
    payload.size += is_new ? 4 : 0; /* Srv2Instance */
    for (uint64_t i = 1; i <= 7; i++) {
        put_number(&payload, 4, 1000 + i); /* hits, then cycles or time */
        put_number(&payload, 8, i);
    }
    if (is_new) {
        put_number(&payload, 8, 100);
    }
    put_bytes(&payload, "\1\0\0\0\0\0\0\0\x10\0\0\0\0\0\0\0", 16);
    return payload;
}

static void check_times(const struct etw_smb_times *times, bool is_new)
{
    assert_int_equal(times->process, 1);
    assert_int_equal(times->queue, 2);
    assert_int_equal(times->file_system_fast, 3);
    assert_int_equal(times->file_system_slow, 4);
    assert_int_equal(times->transport_fast, 5);
    assert_int_equal(times->transport_slow, 6);
    assert_int_equal(times->security, 7);
    assert_int_equal(times->total, is_new ? 100 : 0);
}

/* The build that recorded, and else the size of the payload, decides where the GUID of
 * a response stands. */
static void a_response_of_the_server_follows_build_and_size(void **state)
{
    (void)state;
    static const struct {
        uint32_t build;
        bool is_new[2]; /* one after the other */
    } cases[] = {{19041, {false, true}}, {26100, {true, false}}, {0, {false, true}}};
    for (size_t i = 0; i < 2 * sizeof(cases) / sizeof(cases[0]); i++) {
        struct decoding d;
        struct payload payloads[] = {make_response(cases[i / 2].is_new[0]),
                                     make_response(cases[i / 2].is_new[1])};
        decoding_init(&d, SERVER, RECORD_IS_MANIFEST);
        schema_store_set_build(d.schemas, cases[i / 2].build);
        d.record.version = 2;
        for (size_t k = i % 2; k < 4; k++) {
            decoding_read(&d, 106, payloads[k % 2].data, payloads[k % 2].size);
            bool is_new = cases[i / 2].is_new[k % 2];
            const struct etw_socket *socket = &d.event.u.socket;
            check_kind(socket, ETW_LAYER_SMB_SERVER, ETW_ACTION_RESPONSE, ETW_PHASE_SINGLE);
            assert_int_equal(socket->message_id, 42);
            assert_int_equal(socket->session_id, 7);
            assert_int_equal(socket->tree_id, 1);
            assert_int_equal(socket->command, 13);
            assert_int_equal(socket->status, 0xC0000022);
            assert_int_equal(socket->has, ETW_HAS_MESSAGE | ETW_HAS_STATUS | ETW_HAS_SESSION |
                                              ETW_HAS_TREE | ETW_HAS_COMMAND | ETW_HAS_CREDITS |
                                              ETW_HAS_TIMES |
                                              (is_new ? 0 : (uint32_t)ETW_HAS_CYCLES));
            check_times(&d.event.u.smb.times, is_new);
            check_handle(socket, 0, ETW_HANDLE_SMB_CONNECTION, 0x11);
            assert_false(d.event.is_incomplete);
        }
        decoding_done(&d);
    }
}

static void the_keywords_say_which_way_a_message_went(void **state)
{
    (void)state;
    static const struct {
        const char *guid;
        uint64_t keywords;
        enum etw_action action;
    } cases[] = {
        {CLIENT, SEND, ETW_ACTION_REQUEST},    {CLIENT, RECEIVE, ETW_ACTION_RESPONSE},
        {CLIENT, 0, ETW_ACTION_OTHER},         {SERVER, SEND, ETW_ACTION_RESPONSE},
        {SERVER, RECEIVE, ETW_ACTION_REQUEST}, {SERVER, SEND | RECEIVE, ETW_ACTION_OTHER},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct decoding d;
        struct payload payload = {.size = 0};
        put_number(&payload, 4, 1);
        put_number(&payload, 4, 16);
        put_sockaddr4(&payload, 2, 445);
        put_number(&payload, 4, 100);
        decoding_init(&d, cases[i].guid, RECORD_IS_MANIFEST);
        d.record.keywords = cases[i].keywords;
        decoding_read(&d, 40000, payload.data, payload.size);
        assert_int_equal(d.event.u.socket.action, cases[i].action);
        assert_int_equal(d.event.u.socket.bytes, 100);
        check_address(&d.event.u.socket.remote, 4, 2, 445);
        decoding_done(&d);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_client_connects_by_address_and_connection),
        cmocka_unit_test(a_response_to_the_client_has_its_message),
        cmocka_unit_test(a_command_is_known_however_it_is_written),
        cmocka_unit_test(a_failure_may_have_one_length_for_two_addresses),
        cmocka_unit_test(a_connection_of_the_server_is_known_by_its_guid),
        cmocka_unit_test(a_negotiate_request_has_its_connection),
        cmocka_unit_test(a_response_of_the_server_follows_build_and_size),
        cmocka_unit_test(the_keywords_say_which_way_a_message_went),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
