/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "correlate/refusals.h"

/* 192.0.2.1:8443 to 198.51.100.7:40022, [RST, ACK], number 0, over raw IP. */
static const uint8_t reset[40] = {0x45, 0, 0, 40, 0,    1,    0,   0, 128,  6,    0,    0,
                                  192,  0, 2, 1,  198,  51,   100, 7, 0x20, 0xFB, 0x9C, 0x56,
                                  0,    0, 0, 0,  0x2E, 0x50, 8,   9, 0x50, 0x14};

enum { SEQUENCE = 27, FLAGS = 33 };

static const struct etw_record record = {.time = 77, .offset = 5};

static struct etw_event event_of(const uint8_t frame[40], enum etw_direction direction)
{
    return (struct etw_event){
        .kind = ETW_EVENT_PACKET,
        .record = &record,
        .u.packet = {.capture = ETW_CAPTURE_NDIS,
                     .link = ETW_LINK_RAW_IP,
                     .direction = direction,
                     .is_start = true,
                     .is_end = true,
                     .data = {.data = frame, .size = 40}},
    };
}

static void a_reset_that_answers_a_stranger_says_that_nobody_listens(void **state)
{
    (void)state;
    const struct etw_event event = event_of(reset, ETW_DIRECTION_OUT);
    struct etw_event refusal;
    assert_true(refusal_of_packet(&event, &refusal));
    const struct etw_socket *socket = &refusal.u.socket;
    assert_int_equal(refusal.kind, ETW_EVENT_SOCKET);
    assert_ptr_equal(refusal.record, &record);
    assert_true(socket->is_listener_missing);
    assert_int_equal(socket->protocol, 6);
    assert_int_equal(socket->local.port, 8443);
    assert_int_equal(socket->remote.port, 40022);
    assert_int_equal(socket->local.size, 4);
    assert_memory_equal(socket->local.bytes, reset + 12, 4);
    assert_memory_equal(socket->remote.bytes, reset + 16, 4);
}

static void other_packets_say_nothing(void **state)
{
    (void)state;
    struct etw_event refusal;
    uint8_t frame[40];
    struct etw_event event = event_of(reset, ETW_DIRECTION_IN);
    assert_false(refusal_of_packet(&event, &refusal));
    event = event_of(reset, ETW_DIRECTION_OUT);
    event.kind = ETW_EVENT_SOCKET;
    assert_false(refusal_of_packet(&event, &refusal));
    event = event_of(frame, ETW_DIRECTION_OUT);
    memcpy(frame, reset, sizeof(frame));
    frame[SEQUENCE] = 1; /* of a connection */
    assert_false(refusal_of_packet(&event, &refusal));
    memcpy(frame, reset, sizeof(frame));
    frame[FLAGS] = 0x04; /* without ACK */
    assert_false(refusal_of_packet(&event, &refusal));
    memcpy(frame, reset, sizeof(frame));
    for (size_t size = 0; size < 34; size++) {
        event.u.packet.data.size = size;
        assert_false(refusal_of_packet(&event, &refusal));
    }
    event.u.packet.data.size = sizeof(frame);
    event.u.packet.is_start = false; /* later part of a frame */
    assert_false(refusal_of_packet(&event, &refusal));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reset_that_answers_a_stranger_says_that_nobody_listens),
        cmocka_unit_test(other_packets_say_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
