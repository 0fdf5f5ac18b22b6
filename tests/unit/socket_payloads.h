/* SPDX-License-Identifier: MIT */
/*
 * socket_payloads.h - parts of payloads of socket events, and what the tests of
 * their provider tables look at.
 */
#ifndef TESTS_UNIT_SOCKET_PAYLOADS_H
#define TESTS_UNIT_SOCKET_PAYLOADS_H

#include "tests/unit/payload_writer.h"

#define TCB_VALUE      UINT64_C(0x8921dd28)
#define ENDPOINT_VALUE UINT64_C(0x8a28e2d8)

/* 192.0.2.LAST */
static inline void put_sockaddr4(struct payload *to, uint8_t last, uint16_t port)
{
    const uint8_t sockaddr[16] = {2, 0, (uint8_t)(port >> 8), (uint8_t)port, 192, 0, 2, last};
    put_bytes(to, sockaddr, sizeof(sockaddr));
}

/* 2001:db8::LAST */
static inline void put_sockaddr6(struct payload *to, uint8_t last, uint16_t port)
{
    const uint8_t sockaddr[28] = {
        23, 0, (uint8_t)(port >> 8), (uint8_t)port, 1, 2, 3, 4, 0x20, 1, 0x0d, 0xb8, [23] = last};
    put_bytes(to, sockaddr, sizeof(sockaddr));
}

/* Local 192.0.2.1:50357, remote 192.0.2.2:443, each behind its length. */
static inline void put_pair4(struct payload *to)
{
    put_number(to, 4, 16);
    put_sockaddr4(to, 1, 50357);
    put_number(to, 4, 16);
    put_sockaddr4(to, 2, 443);
}

static inline void put_pair6(struct payload *to)
{
    put_number(to, 4, 28);
    put_sockaddr6(to, 1, 50357);
    put_number(to, 4, 28);
    put_sockaddr6(to, 2, 443);
}

/* The last byte says which. */
static inline void check_address(const struct etw_socket_address *address, size_t size,
                                 uint8_t last, uint16_t port)
{
    assert_int_equal(address->size, size);
    assert_int_equal(address->bytes[0], size == 4 ? 192 : 0x20);
    assert_int_equal(address->bytes[size - 1], last);
    assert_true(address->has_port);
    assert_int_equal(address->port, port);
}

static inline void check_handle(const struct etw_socket *socket, size_t at,
                                enum etw_handle_space space, uint64_t value)
{
    assert_int_equal(socket->handles[at].space, space);
    assert_int_equal(socket->handles[at].value, value);
}

static inline void check_kind(const struct etw_socket *socket, enum etw_layer layer,
                              enum etw_action action, enum etw_phase phase)
{
    assert_int_equal(socket->layer, layer);
    assert_int_equal(socket->action, action);
    assert_int_equal(socket->phase, phase);
}

static inline bool has_handle(const struct etw_socket *socket, const struct etw_handle *handle)
{
    bool is_there = handle->space == ETW_HANDLE_NONE;
    for (size_t i = 0; i < ETW_HANDLES_MAXIMUM; i++) {
        is_there = is_there || (socket->handles[i].space == handle->space &&
                                socket->handles[i].value == handle->value);
    }
    return is_there;
}

/* Every truncation says a part of what the whole payload says, and nothing else. */
static inline void check_socket_truncations(struct decoding *d, uint16_t id,
                                            const struct payload *payload)
{
    decoding_read(d, id, payload->data, payload->size);
    const struct etw_socket whole = d->event.u.socket;
    assert_false(d->event.is_incomplete);
    uint32_t before = 0;
    for (size_t size = 0; size <= payload->size; size++) {
        decoding_read(d, id, payload->data, size);
        const struct etw_socket *part = &d->event.u.socket;
        assert_int_equal(d->event.kind, ETW_EVENT_SOCKET);
        assert_int_equal(part->has & ~whole.has & ~(uint32_t)ETW_HAS_STATUS, 0);
        assert_int_equal(before & ~part->has & ~(uint32_t)ETW_HAS_STATUS, 0);
        before = part->has;
        assert_true((part->has & ETW_HAS_PID) == 0 || part->pid == whole.pid);
        assert_true((part->has & ETW_HAS_BYTES) == 0 || part->bytes == whole.bytes);
        assert_true((part->has & ETW_HAS_STATUS) == 0 || part->status == whole.status);
        assert_true((part->has & ETW_HAS_SEQUENCE) == 0 || part->sequence == whole.sequence);
        assert_true((part->has & ETW_HAS_START_KEY) == 0 || part->start_key == whole.start_key);
        if (part->has & ETW_HAS_REMOTE) {
            assert_true(part->remote.size == 0 || part->remote.size == whole.remote.size);
            assert_memory_equal(part->remote.bytes, whole.remote.bytes, part->remote.size);
        }
        for (size_t i = 0; i < ETW_HANDLES_MAXIMUM; i++) {
            assert_true(has_handle(&whole, &part->handles[i]));
        }
    }
}

#endif
