/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "etw/providers/binding.h"
#include "pcapout/event_sentences.h"

#define COUNT_OF(rows) (sizeof(rows) / sizeof((rows)[0]))
#define UTF16(literal)                                                                             \
    {                                                                                              \
        .data = (const uint8_t *)(literal), .size = sizeof(literal) - 1                            \
    }
#define BYTES(literal) UTF16(literal)

#define ALL_MEMBERS 0x7FFFFu

static struct etw_record record = {.class_of = RECORD_IS_MANIFEST, .process_id = 4};
static struct text sentence;

/* NULL: there are no words for it. */
static const char *say(const struct etw_event *event)
{
    text_clear(&sentence);
    return out_event_sentence(event, &sentence) ? text_get(&sentence) : NULL;
}

static struct etw_event socket_event(struct etw_socket socket)
{
    return (struct etw_event){.kind = ETW_EVENT_SOCKET, .record = &record, .u.socket = socket};
}

static const char *say_socket(struct etw_socket socket)
{
    struct etw_event event = socket_event(socket);
    return say(&event);
}

#define LOCAL4                                                                                     \
    {                                                                                              \
        4, true, 49731,                                                                            \
        {                                                                                          \
            192, 0, 2, 1                                                                           \
        }                                                                                          \
    }
#define REMOTE4                                                                                    \
    {                                                                                              \
        4, true, 80,                                                                               \
        {                                                                                          \
            198, 51, 100, 20                                                                       \
        }                                                                                          \
    }
#define LOCAL6                                                                                     \
    {                                                                                              \
        16, true, 50357,                                                                           \
        {                                                                                          \
            0x20, 1, 0x0d, 0xb8, [15] = 1                                                          \
        }                                                                                          \
    }
#define TCB                                                                                        \
    {                                                                                              \
        {                                                                                          \
            ETW_HANDLE_TCB, 0x8921dd28                                                             \
        }                                                                                          \
    }
#define AFD                                                                                        \
    {                                                                                              \
        {ETW_HANDLE_AFD_ENDPOINT, 0x8a28e2d8},                                                     \
        {                                                                                          \
            ETW_HANDLE_EPROCESS, 0x893f92b0                                                        \
        }                                                                                          \
    }
#define PAIR (ETW_HAS_LOCAL | ETW_HAS_REMOTE)

/* ---- every row of the provider tables ---- */

static void check_reads_well(const char *text, const char *what)
{
    static const char *const bad[] = {"{", "}", "  ", " ,", ",,", " )", "( ", "[ ", " ]", "(null)"};
    if (!text || text[0] == '\0') {
        fail_msg("no words: %s", what);
        return;
    }
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        if (strstr(text, bad[i])) {
            fail_msg("%s: '%s' in '%s'", what, bad[i], text);
        }
    }
    char last = text[strlen(text) - 1];
    if (last == ' ' || last == ',' || last == ':' || last == '.' || text[0] == ' ') {
        fail_msg("%s: '%s'", what, text);
    }
}

static void check_row(const struct event_binding *row, enum etw_phase phase)
{
    char what[64];
    (void)snprintf(what, sizeof(what), "id %u action %u phase %u", row->id, row->socket.action,
                   (unsigned)phase);
    struct etw_socket socket = {.layer = (enum etw_layer)row->socket.layer,
                                .action = (enum etw_action)row->socket.action,
                                .phase = phase};
    check_reads_well(say_socket(socket), what);
    socket.has = ETW_HAS_PROTOCOL;
    socket.protocol = row->socket.protocol ? row->socket.protocol : 6;
    check_reads_well(say_socket(socket), what);
    struct etw_socket full = {.layer = socket.layer,
                              .action = socket.action,
                              .phase = phase,
                              .has = ALL_MEMBERS,
                              .handles = TCB,
                              .local = LOCAL4,
                              .remote = REMOTE4,
                              .pid = 880,
                              .bytes = 13,
                              .status = 0xC00000B5,
                              .from = 2,
                              .to = 4,
                              .protocol = socket.protocol};
    check_reads_well(say_socket(full), what);
    const char *values[] = {"192.0.2.1:49731",
                            "198.51.100.20:80",
                            "13 bytes",
                            "Established",
                            "0xC00000B5 STATUS_IO_TIMEOUT = WSAETIMEDOUT 10060",
                            "pid 880 (logged by pid 4)",
                            "tcb 0x8921dd28"};
    for (size_t i = row->socket.action == ETW_ACTION_PORT ? 1 : 0; i < COUNT_OF(values); i++) {
        if (!strstr(text_get(&sentence), values[i])) {
            fail_msg("%s: '%s' is not in '%s'", what, values[i], text_get(&sentence));
        }
    }
    /* One member at a time: whatever is not there, the rest reads well. */
    for (unsigned bit = 0; bit < 19; bit++) {
        full.has = ALL_MEMBERS & ~(1u << bit);
        check_reads_well(say_socket(full), what);
        full.has = 1u << bit;
        check_reads_well(say_socket(full), what);
    }
}

static void every_row_of_every_provider_has_a_sentence(void **state)
{
    (void)state;
    size_t checked = 0;
    for (size_t i = 0; i < provider_list_count; i++) {
        for (size_t k = 0; k < provider_list[i]->event_count; k++) {
            const struct event_binding *row = &provider_list[i]->events[k];
            if (row->kind != ETW_EVENT_SOCKET || row->socket.action == ETW_ACTION_OTHER) {
                continue;
            }
            check_row(row, (enum etw_phase)row->socket.phase);
            if (row->socket.layer == ETW_LAYER_APPLICATION) {
                check_row(row, ETW_PHASE_ENTER); /* the payload says which it is */
                check_row(row, ETW_PHASE_EXIT);
                check_row(row, ETW_PHASE_INDICATION);
            }
            checked++;
        }
    }
    assert_true(checked > 200);
}

static void results_of_finish_functions_have_sentences(void **state)
{
    (void)state;
    static const struct etw_socket sockets[] = {
        {.layer = ETW_LAYER_STACK, .action = ETW_ACTION_REFUSED},
        {.layer = ETW_LAYER_STACK, .action = ETW_ACTION_TIMEOUT},
        {.layer = ETW_LAYER_SMB_CLIENT, .action = ETW_ACTION_REQUEST},
        {.layer = ETW_LAYER_SMB_CLIENT, .action = ETW_ACTION_RESPONSE},
        {.layer = ETW_LAYER_SMB_SERVER, .action = ETW_ACTION_REQUEST},
        {.layer = ETW_LAYER_SMB_SERVER, .action = ETW_ACTION_RESPONSE},
    };
    for (size_t i = 0; i < COUNT_OF(sockets); i++) {
        check_reads_well(say_socket(sockets[i]), "set by the provider's code");
    }
}

static void what_the_model_cannot_name_has_no_sentence(void **state)
{
    (void)state;
    for (unsigned layer = ETW_LAYER_APPLICATION; layer <= ETW_LAYER_SMB_SERVER; layer++) {
        assert_null(say_socket((struct etw_socket){.layer = (enum etw_layer)layer}));
    }
    assert_null(say(&(struct etw_event){.kind = ETW_EVENT_OTHER}));
    assert_null(say(&(struct etw_event){.kind = ETW_EVENT_COMPONENT_FACT}));
    assert_null(say(&(struct etw_event){.kind = ETW_EVENT_SYSTEM_BUILD}));
    assert_int_equal(sentence.size, 0);
}

/* ---- wording ---- */

static const struct {
    struct etw_socket socket;
    const char *text;
} socket_rows[] = {
    {{.layer = ETW_LAYER_STACK,
      .action = ETW_ACTION_STATE,
      .handles = TCB,
      .has = ETW_HAS_FROM | ETW_HAS_TO | ETW_HAS_SEQUENCE | ETW_HAS_PROTOCOL,
      .protocol = 6,
      .from = 3,
      .to = 4,
      .sequence = 2428590242},
     "TCP connection goes from SynRcvd to Established, next sequence 2428590242, "
     "tcb 0x8921dd28"},
    {{.layer = ETW_LAYER_STACK,
      .action = ETW_ACTION_STATE,
      .phase = ETW_PHASE_RUNDOWN,
      .has = PAIR | ETW_HAS_TO | ETW_HAS_PROTOCOL | ETW_HAS_PID,
      .protocol = 6,
      .pid = 4,
      .local = LOCAL6,
      .remote = REMOTE4,
      .to = 11,
      .handles = TCB},
     "TCP connection [2001:db8::1]:50357 -> 198.51.100.20:80 is there already, state 11, "
     "pid 4, tcb 0x8921dd28"},
    {{.layer = ETW_LAYER_STACK,
      .action = ETW_ACTION_ACCEPT,
      .handles = TCB,
      .has = PAIR | ETW_HAS_PID | ETW_HAS_STATUS | ETW_HAS_PROTOCOL,
      .protocol = 6,
      .pid = 2704,
      .local = LOCAL4,
      .remote = REMOTE4},
     "TCP connection 192.0.2.1:49731 -> 198.51.100.20:80 is accepted, STATUS_SUCCESS, "
     "pid 2704 (logged by pid 4), tcb 0x8921dd28"},
    {{.layer = ETW_LAYER_STACK,
      .action = ETW_ACTION_TIMEOUT,
      .handles = TCB,
      .has = PAIR | ETW_HAS_STATUS | ETW_HAS_PROTOCOL,
      .protocol = 6,
      .status = 0xC00000B5,
      .local = LOCAL4,
      .remote = REMOTE4},
     "TCP connection 192.0.2.1:49731 -> 198.51.100.20:80 times out, "
     "0xC00000B5 STATUS_IO_TIMEOUT = WSAETIMEDOUT 10060, tcb 0x8921dd28"},
    {{.layer = ETW_LAYER_STACK,
      .action = ETW_ACTION_PORT,
      .phase = ETW_PHASE_ENTER,
      .handles = {{ETW_HANDLE_PORT_ACQUIRER, 0x10}, {ETW_HANDLE_ORIGINAL_ACQUIRER, 0x20}},
      .has = ETW_HAS_LOCAL | ETW_HAS_PROTOCOL,
      .protocol = 6,
      .local = {.has_port = true, .port = 13000}},
     "a port for TCP socket: 13000, by 0x10, from 0x20"},
    {{.layer = ETW_LAYER_STACK,
      .action = ETW_ACTION_SYN,
      .is_header_pid_true = true,
      .handles = TCB,
      .has = ETW_HAS_SEQUENCE | ETW_HAS_PROTOCOL,
      .protocol = 6,
      .sequence = 7},
     "TCP connection sends a SYN with sequence 7, pid 4, tcb 0x8921dd28"},
    {{.layer = ETW_LAYER_STACK,
      .action = ETW_ACTION_DROP,
      .has = PAIR | ETW_HAS_COUNT | ETW_HAS_PROTOCOL,
      .protocol = 6,
      .count = 1,
      .local = LOCAL4,
      .remote = REMOTE4},
     "data of TCP 192.0.2.1:49731 -> 198.51.100.20:80 is dropped, 1 packet"},
    {{.layer = ETW_LAYER_STACK,
      .action = ETW_ACTION_RETRANSMIT,
      .handles = TCB,
      .has = PAIR | ETW_HAS_COUNT | ETW_HAS_TO | ETW_HAS_PROTOCOL,
      .protocol = 6,
      .count = 2,
      .to = 2,
      .local = LOCAL4,
      .remote = REMOTE4},
     "TCP connection 192.0.2.1:49731 -> 198.51.100.20:80 sends again, retransmission 2, "
     "state SynSent, tcb 0x8921dd28"},
    {{.layer = ETW_LAYER_APPLICATION,
      .action = ETW_ACTION_CONNECT,
      .phase = ETW_PHASE_ENTER,
      .has = ETW_HAS_REMOTE,
      .remote = REMOTE4,
      .handles = AFD,
      .is_header_pid_true = true},
     "asks to connect to 198.51.100.20:80, pid 4, endpoint 0x8a28e2d8, process 0x893f92b0"},
    {{.layer = ETW_LAYER_APPLICATION,
      .action = ETW_ACTION_CONNECT,
      .phase = ETW_PHASE_EXIT,
      .has = ETW_HAS_STATUS,
      .status = 0xC00000B5,
      .handles = AFD},
     "connect returns 0xC00000B5 STATUS_IO_TIMEOUT = WSAETIMEDOUT 10060, "
     "endpoint 0x8a28e2d8, process 0x893f92b0"},
    {{.layer = ETW_LAYER_APPLICATION,
      .action = ETW_ACTION_CONNECT,
      .phase = ETW_PHASE_INDICATION,
      .has = ETW_HAS_REMOTE,
      .remote = REMOTE4},
     "is told of a connection from 198.51.100.20:80"},
    {{.layer = ETW_LAYER_APPLICATION,
      .action = ETW_ACTION_RECEIVE,
      .phase = ETW_PHASE_EXIT,
      .has = ETW_HAS_STATUS | ETW_HAS_BYTES},
     "receive of 0 bytes returns STATUS_SUCCESS"},
    {{.layer = ETW_LAYER_KERNEL,
      .action = ETW_ACTION_SEND_TO,
      .has = PAIR | ETW_HAS_BYTES | ETW_HAS_PID | ETW_HAS_PROTOCOL,
      .protocol = 17,
      .bytes = 1,
      .pid = 2136,
      .local = LOCAL4,
      .remote = REMOTE4},
     "UDP socket 192.0.2.1:49731 -> 198.51.100.20:80 sends 1 byte, "
     "pid 2136 (logged by pid 4)"},
    {{.layer = ETW_LAYER_APPLICATION,
      .action = ETW_ACTION_CLEANUP,
      .phase = ETW_PHASE_ENTER,
      .handles = AFD,
      .has = ETW_HAS_LOCATION},
     "closes the last handle of a socket, endpoint 0x8a28e2d8, process 0x893f92b0"},
    {{.layer = ETW_LAYER_APPLICATION,
      .action = ETW_ACTION_WAIT,
      .phase = ETW_PHASE_EXIT,
      .has = ETW_HAS_STATUS},
     "waiting for a connection returns STATUS_SUCCESS"},
    {{.layer = ETW_LAYER_STACK,
      .action = ETW_ACTION_INSPECTED,
      .handles = TCB,
      .has = ETW_HAS_STATUS | ETW_HAS_PROTOCOL,
      .protocol = 6},
     "TCP connection is judged by filters: STATUS_SUCCESS, tcb 0x8921dd28"},
    {{.layer = ETW_LAYER_STACK,
      .action = ETW_ACTION_ACKED,
      .handles = TCB,
      .has = ETW_HAS_BYTES | ETW_HAS_SEQUENCE | ETW_HAS_PROTOCOL,
      .protocol = 6,
      .bytes = 13,
      .sequence = 7},
     "the peer of TCP connection acknowledges 13 bytes, sequence 7, tcb 0x8921dd28"},
    {{.layer = ETW_LAYER_STACK,
      .action = ETW_ACTION_MEASURED,
      .phase = ETW_PHASE_ENTER,
      .handles = TCB,
      .has = ETW_HAS_SEQUENCE | ETW_HAS_PROTOCOL,
      .protocol = 6,
      .sequence = 7},
     "the round trip of TCP connection begins to be measured by sequence 7, tcb 0x8921dd28"},
    {{.layer = ETW_LAYER_STACK,
      .action = ETW_ACTION_TIMER,
      .phase = ETW_PHASE_INDICATION,
      .handles = TCB,
      .has = ETW_HAS_TIMER | ETW_HAS_PROTOCOL,
      .protocol = 6,
      .timer = ETW_TIMER_RETRANSMIT},
     "the retransmission timer of TCP connection runs out, tcb 0x8921dd28"},
    {{.layer = ETW_LAYER_SMB_CLIENT,
      .action = ETW_ACTION_RESPONSE,
      .has = ETW_HAS_MESSAGE | ETW_HAS_STATUS,
      .message_id = 9,
      .status = 0x12345678},
     "SMB client gets a response, message 9, 0x12345678"},
};

static void socket_events_are_told_in_words(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(socket_rows); i++) {
        assert_string_equal(say_socket(socket_rows[i].socket), socket_rows[i].text);
    }
}

static void states_have_the_words_of_rfc_793(void **state)
{
    (void)state;
    assert_string_equal(out_tcp_state_name(0), "Closed");
    assert_string_equal(out_tcp_state_name(4), "Established");
    assert_string_equal(out_tcp_state_name(10), "TimeWait");
    assert_null(out_tcp_state_name(11));
}

static const uint8_t sid[] = {1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0};
static const uint8_t frame[60];
static const uint8_t mac[] = {0, 0x50, 0x56, 0x33, 0x22, 0x11};

static const struct {
    struct etw_event event;
    const char *text;
} other_rows[] = {
    {{.kind = ETW_EVENT_PROCESS,
      .record = &record,
      .u.process = {.pid = 5864,
                    .parent_pid = 4,
                    .session = 1,
                    .image = BYTES("a.exe"),
                    .sid = {.data = sid, .size = sizeof(sid)}}},
     "process 5864 starts, a.exe, parent 4, session 1, user S-1-5-18"},
    {{.kind = ETW_EVENT_PROCESS,
      .record = &record,
      .u.process = {.pid = 7, .is_end = true, .exit_status = 1}},
     "process 7 (logged by pid 4) ends, exit status 0x1"},
    {{.kind = ETW_EVENT_PROCESS,
      .u.process = {.pid = 4, .phase = ETW_PHASE_RUNDOWN, .session = UINT32_MAX}},
     "process 4 is there already, no session"},
    {{.kind = ETW_EVENT_SERVICE, .u.service = {.pid = 8, .tag = 3, .name = UTF16("D\0n\0s\0")}},
     "service Dns runs in process 8, tag 3"},
    {{.kind = ETW_EVENT_SERVICE, .u.service = {.tag = 3}}, "service runs in no process, tag 3"},
    {{.kind = ETW_EVENT_PACKET,
      .u.packet = {.data = {.data = frame, .size = 60},
                   .original_size = 1514,
                   .is_cut = true,
                   .is_start = true,
                   .is_end = true,
                   .link = ETW_LINK_ETHERNET,
                   .direction = ETW_DIRECTION_IN,
                   .interface_index = 12,
                   .lower_index = 3}},
     "packet in, 60 of 1514 bytes, cut, Ethernet, interface 12, layer 3"},
    {{.kind = ETW_EVENT_COMPONENT_FACT,
      .u.fact = {.component = 9,
                 .kind = ETW_FACT_MAC,
                 .bytes = {.data = mac, .size = sizeof(mac)}}},
     "component 9 has MAC address 00:50:56:33:22:11"},
    {{.kind = ETW_EVENT_COMPONENT_FACT,
      .u.fact = {.component = 9, .kind = ETW_FACT_MEDIUM, .number = 16}},
     "component 9 has medium Wi-Fi"},
    {{.kind = ETW_EVENT_FLOW_COUNTERS,
      .u.counters = {.component = 9,
                     .edge = 1,
                     .edge_name = UTF16("L\0"),
                     .in = {3, 1, 60},
                     .out = {4, 2, 1}}},
     "component 9 edge 1 L counted: Rx 1 packet of 60 bytes, Tx 2 packets of 1 byte"},
    {{.kind = ETW_EVENT_ADDRESS,
      .u.address = {.interface_index = 12, .address = {.size = 4, .bytes = {192, 0, 2, 1}}}},
     "interface 12 has the address 192.0.2.1"},
    {{.kind = ETW_EVENT_ADDRESS,
      .u.address = {.interface_index = 12,
                    .address = {.size = 16, .bytes = {0x20, 1, 0x0d, 0xb8, [15] = 1}},
                    .is_gone = true}},
     "interface 12 no longer has the address 2001:db8::1"},
    {{.kind = ETW_EVENT_ADDRESS, .u.address = {.interface_index = 3, .list = UTF16("a\0;\0b\0")}},
     "interface 3 has the addresses a;b"},
    {{.kind = ETW_EVENT_ADDRESS, .u.address = {.interface_index = 3}},
     "interface 3 has no address"},
    {{.kind = ETW_EVENT_NAME, .u.name = {.is_question = true, .name = UTF16("a\0"), .pid = 7}},
     "name a is asked for, pid 7"},
    {{.kind = ETW_EVENT_NAME, .u.name = {.name = UTF16("a\0"), .results = UTF16("1\0;\0")}},
     "name a is 1;"},
    {{.kind = ETW_EVENT_NAME, .u.name = {.name = UTF16("a\0")}}, "name a is answered"},
    {{.kind = ETW_EVENT_NAME, .u.name = {.name = UTF16("a\0"), .status = 1460}},
     "name a is not resolved: 1460 ERROR_TIMEOUT"},
    {{.kind = ETW_EVENT_RECEPTION,
      .u.reception = {.interface_index = 7,
                      .lower_index = 8,
                      .has = ETW_HAS_FREQUENCY | ETW_HAS_RATE | ETW_HAS_SIGNAL,
                      .frequency = 2437,
                      .rate = 11,
                      .signal = -74,
                      .is_readable = true,
                      .is_damaged = true}},
     "the next frame was received at 2437 MHz, -74 dBm, 5.5 Mbit/s, damaged, interface 7, layer 8"},
    {{.kind = ETW_EVENT_RECEPTION},
     "what the driver says of the next frame is not known, interface 0, layer 0"},
    {{.kind = ETW_EVENT_PACKET,
      .u.packet = {.capture = ETW_CAPTURE_NDIS,
                   .link = ETW_LINK_ETHERNET,
                   .direction = ETW_DIRECTION_IN,
                   .data = {.data = frame, .size = 60},
                   .is_start = true,
                   .is_end = true,
                   .interface_index = 21,
                   .lower_index = 21,
                   .route = ETW_ROUTE_SWITCH,
                   .route_data = BYTES("\3\0\0\0p\0\0\0v\0m\0\0\0\0\0\1\0\0\0")}},
     "packet in, 60 bytes, Ethernet, interface 21, layer 21, switch port 3 of vm, to 1 port"},
    {{.kind = ETW_EVENT_PACKET,
      .u.packet = {.capture = ETW_CAPTURE_RAS,
                   .link = ETW_LINK_PPP,
                   .direction = ETW_DIRECTION_OUT,
                   .data = {.data = frame, .size = 60},
                   .is_start = true,
                   .is_end = true,
                   .route = ETW_ROUTE_RAS,
                   .route_data = BYTES("d\0\0\0b\0o\0b\0\0\0")}},
     "packet out, 60 bytes, PPP, user bob, routing domain d"},
    {{.kind = ETW_EVENT_SYSTEM_BUILD, .u.build = {.build_lab = UTF16("7\0")}},
     "recorded by build 7"},
    {{.kind = ETW_EVENT_SYSTEM_BUILD,
      .u.build = {.computer = UTF16("A\0"), .domain = UTF16("b\0")}},
     "recorded on A of b"},
    {{.kind = ETW_EVENT_HTTP,
      .u.http = {.action = ETW_HTTP_RESPONSE, .status = 200, .request_id = 0x21}},
     "HTTP response 200, request 0x21"},
};

static void other_kinds_are_told_in_words(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(other_rows); i++) {
        assert_string_equal(say(&other_rows[i].event), other_rows[i].text);
    }
}

static void kinds_without_any_value_read_well(void **state)
{
    (void)state;
    for (unsigned kind = ETW_EVENT_PACKET; kind < ETW_EVENT_KIND_COUNT; kind++) {
        const struct etw_event event = {.kind = (enum etw_event_kind)kind};
        if (kind != ETW_EVENT_COMPONENT_FACT && kind != ETW_EVENT_SYSTEM_BUILD &&
            kind != ETW_EVENT_SOCKET && kind != ETW_EVENT_NOTED) {
            check_reads_well(say(&event), "an empty event");
        }
    }
}

static void values_that_were_cut_off_are_not_told(void **state)
{
    (void)state;
    for (unsigned kind = ETW_EVENT_PACKET; kind < ETW_EVENT_KIND_COUNT; kind++) {
        const struct etw_event event = {.kind = (enum etw_event_kind)kind, .is_incomplete = true};
        assert_true(!say(&event) || kind == ETW_EVENT_SOCKET);
    }
}

static void texts_of_the_trace_cannot_pass_for_our_words(void **state)
{
    (void)state;
    static const struct {
        struct bytes image;
        const char *text;
    } rows[] = {
        {BYTES("a.exe, pid 4"), "process 7 starts, \"a.exe, pid 4\""},
        {BYTES("a\" | b=\"c"), "process 7 starts, \"a\\\" | b=\\\"c\""},
        {BYTES("a\0b"), "process 7 starts, \"a\\x00b\""},
        {BYTES("\""), "process 7 starts, \"\\\"\""},
        {BYTES("\\Device\\a.exe"), "process 7 starts, \\Device\\a.exe"},
        /* hidden characters are the matter of the row */
        {BYTES("a\x1b[2J"), "process 7 starts, a\x1b[2J"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct etw_event event = {.kind = ETW_EVENT_PROCESS,
                                        .u.process = {.pid = 7, .image = rows[i].image}};
        assert_string_equal(say(&event), rows[i].text);
    }
}

static int clean_up(void **state)
{
    (void)state;
    text_done(&sentence);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_of_every_provider_has_a_sentence),
        cmocka_unit_test(results_of_finish_functions_have_sentences),
        cmocka_unit_test(what_the_model_cannot_name_has_no_sentence),
        cmocka_unit_test(socket_events_are_told_in_words),
        cmocka_unit_test(states_have_the_words_of_rfc_793),
        cmocka_unit_test(other_kinds_are_told_in_words),
        cmocka_unit_test(kinds_without_any_value_read_well),
        cmocka_unit_test(values_that_were_cut_off_are_not_told),
        cmocka_unit_test(texts_of_the_trace_cannot_pass_for_our_words),
    };
    return cmocka_run_group_tests(tests, NULL, clean_up);
}
