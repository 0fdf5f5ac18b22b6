/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "etw/trace.h"
#include "tests/unit/socket_payloads.h"

#define COUNT_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

/* Both providers log the same events: by id, and by class and opcode. */
#define MANIFEST "7dd42a49-5329-4832-8dfd-43d979153a88"
#define TCPIP    "9a280ac0-c8e0-11d1-84e2-00c04fb998a2"
#define UDPIP    "bf3a50c5-a9c9-4988-a005-2df0b7c80f80"

static const struct origin {
    const char *guid;
    enum record_class class_of;
    uint16_t id, id6; /* of IPv4 and IPv6 events */
    uint8_t version;
    bool is_swapped; /* the source is the remote end */
    bool has_times;
    enum etw_action action;
    uint8_t protocol;
} origins[] = {
    {MANIFEST, RECORD_IS_MANIFEST, 10, 26, 0, false, true, ETW_ACTION_DATA_OUT, 6},
    {MANIFEST, RECORD_IS_MANIFEST, 11, 27, 0, false, false, ETW_ACTION_DATA_IN, 6},
    {MANIFEST, RECORD_IS_MANIFEST, 13, 29, 0, false, false, ETW_ACTION_CLOSE, 6},
    {MANIFEST, RECORD_IS_MANIFEST, 14, 30, 0, false, false, ETW_ACTION_RETRANSMIT, 6},
    {MANIFEST, RECORD_IS_MANIFEST, 42, 58, 0, false, false, ETW_ACTION_SEND_TO, 17},
    {MANIFEST, RECORD_IS_MANIFEST, 43, 59, 0, true, false, ETW_ACTION_RECEIVE_FROM, 17},
    {TCPIP, RECORD_IS_KERNEL, 10, 26, 2, false, true, ETW_ACTION_DATA_OUT, 6},
    {TCPIP, RECORD_IS_KERNEL, 11, 27, 2, false, false, ETW_ACTION_DATA_IN, 6},
    {TCPIP, RECORD_IS_CLASSIC, 13, 29, 2, false, false, ETW_ACTION_CLOSE, 6},
    {UDPIP, RECORD_IS_KERNEL, 10, 26, 2, false, false, ETW_ACTION_SEND_TO, 17},
    {UDPIP, RECORD_IS_KERNEL, 11, 27, 2, true, false, ETW_ACTION_RECEIVE_FROM, 17},
};

static void put_ip(struct payload *to, size_t size, uint8_t last)
{
    uint8_t ip[16] = {size == 4 ? 192 : 0x20};
    ip[size - 1] = last;
    put_bytes(to, ip, size);
}

/* Source 192.0.0.1:50357, destination 192.0.0.2:443. */
static struct payload make_data(const struct origin *origin, size_t address_size,
                                unsigned pointer_size)
{
    struct payload payload = {.size = 0};
    put_number(&payload, 4, 1504);
    put_number(&payload, 4, 96);
    put_ip(&payload, address_size, 2);
    put_ip(&payload, address_size, 1);
    put_bytes(&payload, "\x01\xbb\xc4\xb5", 4);
    if (origin->has_times) {
        put_number(&payload, 8, UINT64_MAX);
    }
    put_number(&payload, 4, 2232090326u);
    put_number(&payload, pointer_size, 0);
    return payload;
}

static void check_data(const struct origin *origin, size_t address_size, unsigned pointer_size)
{
    struct decoding d;
    struct payload payload = make_data(origin, address_size, pointer_size);
    uint16_t id = address_size == 4 ? origin->id : origin->id6;
    decoding_init(&d, origin->guid, origin->class_of);
    d.record.version = origin->version;
    d.record.pointer_size = (uint8_t)pointer_size;
    decoding_read(&d, id, payload.data, payload.size);
    const struct etw_socket *socket = &d.event.u.socket;
    assert_int_equal(d.event.kind, ETW_EVENT_SOCKET);
    assert_false(d.event.is_incomplete);
    check_kind(socket, ETW_LAYER_KERNEL, origin->action, ETW_PHASE_SINGLE);
    const struct etw_socket_address *source = origin->is_swapped ? &socket->remote : &socket->local;
    const struct etw_socket_address *other = origin->is_swapped ? &socket->local : &socket->remote;
    check_address(source, address_size, 1, 50357);
    check_address(other, address_size, 2, 443);
    assert_int_equal(socket->pid, 1504);
    assert_int_equal(socket->bytes, 96);
    assert_int_equal(socket->sequence, 2232090326u);
    assert_int_equal(socket->protocol, origin->protocol);
    assert_int_equal(socket->has, ETW_HAS_LOCAL | ETW_HAS_REMOTE | ETW_HAS_PID | ETW_HAS_BYTES |
                                      ETW_HAS_SEQUENCE | ETW_HAS_PROTOCOL);
    assert_int_equal(socket->handles[0].space, ETW_HANDLE_NONE);
    if (origin->class_of != RECORD_IS_CLASSIC) { /* there a cut one may look like 32 bit */
        check_socket_truncations(&d, id, &payload);
    }
    decoding_done(&d);
}

static void data_events_have_pid_and_both_ends(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(origins); i++) {
        for (unsigned pointer_size = 4; pointer_size <= 8; pointer_size += 4) {
            check_data(&origins[i], 4, pointer_size);
            check_data(&origins[i], 16, pointer_size);
        }
    }
}

static void a_failure_says_only_its_protocol(void **state)
{
    (void)state;
    struct decoding d;
    decoding_init(&d, MANIFEST, RECORD_IS_MANIFEST);
    decoding_read(&d, 17, "\x06\0\x05\0", 4);
    check_kind(&d.event.u.socket, ETW_LAYER_KERNEL, ETW_ACTION_FAILED, ETW_PHASE_SINGLE);
    assert_int_equal(d.event.u.socket.protocol, 6);
    assert_int_equal(d.event.u.socket.has, ETW_HAS_PROTOCOL);
    decoding_done(&d);
}

/* Of one real trace: socket events by action, in all of which the payload says the
 * process and both ends. */
static const struct real_count {
    const char *trace;
    enum etw_action action;
    unsigned count;
} real_counts[] = {
    {"kernel-network-win7", ETW_ACTION_DATA_OUT, 601},
    {"kernel-network-win7", ETW_ACTION_DATA_IN, 8102},
    {"kernel-network-win7", ETW_ACTION_CLOSE, 2},
    {"kernel-network-win7", ETW_ACTION_SEND_TO, 8},
    {"kernel-network-win7", ETW_ACTION_RECEIVE_FROM, 210},
    {"kernel-logger-win8-wow64", ETW_ACTION_DATA_OUT, 234},
    {"kernel-logger-win8-wow64", ETW_ACTION_DATA_IN, 242},
    {"kernel-logger-win8-wow64", ETW_ACTION_ACCEPT, 1},
    {"kernel-logger-win8-wow64", ETW_ACTION_CLOSE, 1},
    {"kernel-logger-win8-wow64", ETW_ACTION_SEND_TO, 28},
    {"kernel-logger-win8-wow64", ETW_ACTION_RECEIVE_FROM, 20},
};

/* False: the trace is not there. */
static bool count_actions(const char *name, unsigned counts[ETW_ACTION_COUNT])
{
    const uint32_t all = ETW_HAS_LOCAL | ETW_HAS_REMOTE | ETW_HAS_PID | ETW_HAS_BYTES;
    char path[1024];
    struct etw_trace *trace = NULL;
    struct etw_event event;
    memset(counts, 0, ETW_ACTION_COUNT * sizeof(counts[0]));
    (void)snprintf(path, sizeof(path), "%s/%s.etl", REAL_TRACES, name);
    if (etw_trace_open(path, NULL, &trace, NULL) != ETW_OK) {
        return false;
    }
    assert_int_equal(etw_trace_index(trace, NULL, NULL, NULL), ETW_OK);
    assert_int_equal(etw_trace_rewind(trace, NULL), ETW_OK);
    while (etw_trace_next(trace, &event, NULL) == ETW_OK) {
        if (event.kind == ETW_EVENT_SOCKET) {
            assert_false(event.is_incomplete);
            assert_int_equal(event.u.socket.has & all, all);
            counts[event.u.socket.action]++;
        }
    }
    etw_trace_close(trace);
    return true;
}

static void events_of_real_traces_say_pid_and_ends(void **state)
{
    (void)state;
    unsigned counts[ETW_ACTION_COUNT];
    for (size_t i = 0; i < COUNT_OF(real_counts); i++) {
        if (!count_actions(real_counts[i].trace, counts)) {
            (void)printf("SKIP: no %s.etl in %s\n", real_counts[i].trace, REAL_TRACES);
            skip();
        }
        assert_int_equal(counts[real_counts[i].action], real_counts[i].count);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(data_events_have_pid_and_both_ends),
        cmocka_unit_test(a_failure_says_only_its_protocol),
        cmocka_unit_test(events_of_real_traces_say_pid_and_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
