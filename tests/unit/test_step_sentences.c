/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "etw/event.h"
#include "pcapout/step_sentences.h"

#define MILLISECOND        INT64_C(10000)
#define SECOND             INT64_C(10000000)
#define IO_TIMEOUT         0xC00000B5u
#define CONNECTION_ABORTED 0xC0000241u

static const struct corr_endpoint here = {.size = 4, .port = 50357, .bytes = {192, 0, 2, 1}};
static const struct corr_endpoint there = {.size = 4, .port = 443, .bytes = {192, 0, 2, 9}};

/* Bytes 1000 to 1100 went out and 5000 to 5040 came in, SYN and FIN counted. */
static struct corr_socket connection(enum corr_role role)
{
    return (struct corr_socket){.local = here,
                                .remote = there,
                                .role = (uint8_t)role,
                                .local_first = 1000,
                                .local_next = 1101,
                                .remote_first = 5000,
                                .remote_next = 5041,
                                .flags = CORR_SOCKET_LOCAL_SEQUENCE | CORR_SOCKET_REMOTE_SEQUENCE};
}

static void assert_says(const struct corr_step *step, const struct corr_socket *socket,
                        const char *expected)
{
    struct text text = {.maximum = 0};
    out_add_step_sentence(&text, step, socket);
    assert_string_equal(text_get(&text), expected);
    text_done(&text);
}

struct saying {
    struct corr_step step;
    const char *text;
};

static void assert_all_say(const struct saying *sayings, size_t count)
{
    const struct corr_socket client = connection(CORR_CLIENT);
    for (size_t i = 0; i < count; i++) {
        assert_says(&sayings[i].step, &client, sayings[i].text);
    }
}

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
#define APP(name, ...)                                                                             \
    {                                                                                              \
        .layer = CORR_STEP_APP, .what = CORR_STEP_##name, .count = 1, __VA_ARGS__                  \
    }
#define STACK(name, ...)                                                                           \
    {                                                                                              \
        .layer = CORR_STEP_STACK, .what = CORR_STEP_##name, .count = 1, __VA_ARGS__                \
    }
#define WIRE(name, ...)                                                                            \
    {                                                                                              \
        .layer = CORR_STEP_WIRE, .what = CORR_STEP_##name, .count = 1, __VA_ARGS__                 \
    }

static void a_call_says_its_result_and_how_long_it_took(void **state)
{
    (void)state;
    const uint16_t ended = CORR_STEP_HAS_STATUS | CORR_STEP_HAS_DURATION;
    const struct saying sayings[] = {
        {APP(CONNECT, .has = ended, .status = IO_TIMEOUT, .duration = 209986 * MILLISECOND / 10),
         "connects to 192.0.2.9:443; returned 0xC00000B5 STATUS_IO_TIMEOUT = WSAETIMEDOUT 10060 "
         "after 20.999 s"},
        {APP(CONNECT, .has = ended, .duration = 9000), "connects to 192.0.2.9:443"},
        {APP(CONNECT, .has = CORR_STEP_IS_PENDING),
         "connects to 192.0.2.9:443; the end of the call is not here"},
        {APP(SEND, .has = ended, .bytes = 13), "sends 13 bytes"},
        {APP(RECV, .has = ended, .bytes = 1, .duration = 12 * MILLISECOND),
         "waits 12.0 ms, then receives 1 byte"},
        {APP(RECV, .has = ended, .duration = 2514 * MILLISECOND / 10),
         "waits 251.4 ms, then receives 0 bytes: the peer has closed"},
        {APP(RECV, .has = CORR_STEP_IS_PENDING),
         "waits to receive; the end of the call is not here"},
        {APP(ABORT, .has = CORR_STEP_HAS_NUMBER, .number = 4),
         "Winsock aborts the connection: the stack reported a reset"},
        {APP(ABORT, .has = CORR_STEP_HAS_NUMBER, .number = 4444),
         "Winsock aborts the connection: reason 4444"},
    };
    assert_all_say(sayings, COUNT_OF(sayings));
}

static void a_folded_step_says_how_many_how_much_and_how_long(void **state)
{
    (void)state;
    const int64_t last = 830 * MILLISECOND;
    const uint32_t in = CORR_STEP_HAS_BYTES | CORR_STEP_IS_INBOUND;
    const struct corr_step data = {.layer = CORR_STEP_WIRE,
                                   .what = CORR_STEP_DATA,
                                   .count = 214,
                                   .has = in,
                                   .bytes = 2100000,
                                   .last_time = last};
    const struct corr_step acks = {.layer = CORR_STEP_WIRE,
                                   .what = CORR_STEP_ACK,
                                   .count = 5,
                                   .has = CORR_STEP_HAS_BYTES,
                                   .last_time = last};
    const struct corr_step sends = {.layer = CORR_STEP_APP,
                                    .what = CORR_STEP_SEND,
                                    .count = 6,
                                    .has = CORR_STEP_HAS_BYTES,
                                    .bytes = 99999,
                                    .last_time = 12 * SECOND};
    assert_says(&data, NULL, "214 data segments, 2.1 MB in, within 830.0 ms");
    assert_says(&acks, NULL, "5 ACKs out, within 830.0 ms");
    assert_says(&sends, NULL, "6 sends, 99999 bytes out, within 12.000 s");
}

static void one_byte_of_the_stack_is_a_syn_or_a_fin_by_its_number(void **state)
{
    (void)state;
    const uint32_t in = CORR_STEP_IS_INBOUND;
    const struct corr_socket client = connection(CORR_CLIENT);
    const struct corr_socket server = connection(CORR_SERVER);
    struct corr_step step = STACK(DATA, .bytes = 1, .sequence = 1000);
    assert_says(&step, &client, "gives out SYN");
    assert_says(&step, &server, "gives out SYN, ACK");
    step.sequence = 1100;
    assert_says(&step, &client, "gives out FIN");
    step.sequence = 1050;
    assert_says(&step, &client, "gives out 1 byte");
    step.has = in;
    step.sequence = 5001; /* Windows numbers what it received from behind the SYN on */
    assert_says(&step, &client, "takes in SYN, ACK");
    assert_says(&step, &server, "takes in 1 byte");
    step.sequence = 5040;
    assert_says(&step, &server, "takes in FIN");
    step.bytes = 0;
    assert_says(&step, &client, "takes in an ACK");
}

static void without_data_the_first_byte_may_be_either(void **state)
{
    (void)state;
    struct corr_socket socket = connection(CORR_CLIENT);
    struct corr_step step = STACK(DATA, .bytes = 1, .sequence = 5001, .has = CORR_STEP_IS_INBOUND);
    socket.remote_next = 5002;
    assert_says(&step, &socket, "takes in SYN, ACK or FIN");
    socket.role = CORR_SERVER;
    assert_says(&step, &socket, "takes in FIN");
    socket.flags = 0; /* no number is known */
    assert_says(&step, &socket, "takes in 1 byte");
    assert_says(&step, NULL, "takes in 1 byte");
}

static void the_end_of_a_connection_is_called_what_it_is(void **state)
{
    (void)state;
    const uint16_t told = CORR_STEP_IS_INDICATION;
    const struct saying sayings[] = {
        {STACK(SHUTDOWN, .has = CORR_STEP_HAS_STATUS | CORR_STEP_IS_LATE_END,
               .status = CONNECTION_ABORTED),
         "puts the connection away, which had a clean end: STATUS_CONNECTION_ABORTED is usual "
         "then"},
        {STACK(SHUTDOWN, .has = CORR_STEP_HAS_STATUS, .status = CONNECTION_ABORTED),
         "ends the connection: 0xC0000241 STATUS_CONNECTION_ABORTED = WSAECONNABORTED 10053"},
        {STACK(SHUTDOWN, .has = told | CORR_STEP_IS_INBOUND), "tells the socket of the peer's FIN"},
        {STACK(ABORT, .has = told | CORR_STEP_IS_INBOUND), "the peer's RST ends the connection"},
        {STACK(ABORT, .has = told | CORR_STEP_HAS_NUMBER, .number = ETW_TIMER_RETRANSMIT),
         "gives up: the retransmission timer ran out for good"},
        {STACK(ABORT, .has = told), "gives up, no answer in time"},
        {STACK(ABORT, .has = told | CORR_STEP_HAS_STATUS, .status = IO_TIMEOUT),
         "the attempt failed: 0xC00000B5 STATUS_IO_TIMEOUT = WSAETIMEDOUT 10060"},
        {STACK(ABORT, .has = 0), "aborts the connection"},
    };
    assert_all_say(sayings, COUNT_OF(sayings));
}

static void states_say_when_they_are_inferred_or_impossible(void **state)
{
    (void)state;
    const uint16_t has = CORR_STEP_HAS_STATES;
    const struct saying sayings[] = {
        {STACK(STATE, .has = has, .from = CORR_LISTEN, .to = CORR_SYN_RECEIVED),
         "Listen -> SynRcvd"},
        {STACK(STATE, .has = has | CORR_STEP_IS_INDICATION, .from = CORR_ESTABLISHED,
               .to = CORR_ESTABLISHED),
         "was there already, in state Established"},
        {WIRE(STATE, .has = has | CORR_STEP_IS_INFERRED | CORR_STEP_IS_IMPOSSIBLE,
              .from = CORR_CLOSED, .to = CORR_ESTABLISHED),
         "Closed -> Established (inferred from packets) - not a transition of RFC 793"},
    };
    assert_all_say(sayings, COUNT_OF(sayings));
}

static void timers_say_what_became_of_them(void **state)
{
    (void)state;
    const uint16_t has = CORR_STEP_HAS_NUMBER;
    const struct saying sayings[] = {
        {STACK(TIMER, .has = has, .number = ETW_TIMER_RETRANSMIT),
         "the retransmission timer expires"},
        {STACK(TIMER, .has = has | CORR_STEP_IS_PENDING, .number = ETW_TIMER_KEEP_ALIVE),
         "the keep-alive timer starts"},
        {STACK(TIMER, .has = CORR_STEP_IS_STOP), "a timer is stopped"},
        {STACK(TIMER, .has = has, .number = 4000000000u), "a timer expires"},
    };
    assert_all_say(sayings, COUNT_OF(sayings));
}

static void notes_of_the_stack_have_words_too(void **state)
{
    (void)state;
    const uint32_t in = CORR_STEP_IS_INBOUND;
    const struct saying sayings[] = {
        {STACK(CREATE, .local = here), "makes the endpoint 192.0.2.1:50357"},
        {STACK(BIND, .local = here), "settles the local end 192.0.2.1:50357"},
        {STACK(SYN, .sequence = 2232090326u), "numbers its bytes from 2232090326 on"},
        {STACK(SEND, .bytes = 4380), "is asked to send 4380 bytes"},
        {STACK(RECV, .has = in, .bytes = 256), "is asked to receive up to 256 bytes"},
        {STACK(CLOSE, .has = CORR_STEP_HAS_STATUS), "closes"},
    };
    assert_all_say(sayings, COUNT_OF(sayings));
}

static void packets_say_their_other_end_and_both_without_a_socket(void **state)
{
    (void)state;
    const uint32_t in = CORR_STEP_IS_INBOUND | CORR_STEP_HAS_REMOTE;
    const struct corr_socket client = connection(CORR_CLIENT);
    struct corr_step step = WIRE(SYN, .has = in, .local = here, .remote = there);
    assert_says(&step, &client, "SYN from 192.0.2.9:443");
    assert_says(&step, NULL, "SYN from 192.0.2.9:443 to 192.0.2.1:50357");
    step.has = CORR_STEP_HAS_REMOTE;
    step.what = CORR_STEP_RETRANSMIT;
    step.tcp_flags = CORR_TCP_SYN;
    step.number = 2;
    assert_says(&step, &client, "SYN again, retry 2 to 192.0.2.9:443");
    step.tcp_flags = CORR_TCP_ACK;
    step.bytes = 500;
    assert_says(&step, &client, "500 bytes again to 192.0.2.9:443");
}

static void protocols_without_ports_are_called_by_their_name(void **state)
{
    (void)state;
    const struct saying sayings[] = {
        {WIRE(PACKET, .protocol = "arp", .has = CORR_STEP_HAS_REMOTE, .remote = {.size = 0}),
         "ARP"},
        {WIRE(PACKET, .protocol = "icmpv6"), "ICMPv6 to 192.0.2.9:443"},
        {WIRE(PACKET, .protocol = "ip:89"), "ip:89 to 192.0.2.9:443"},
        {WIRE(PACKET, .protocol = "udp", .bytes = 40), "40 bytes to 192.0.2.9:443"},
        {WIRE(PACKET, .protocol = "udp", .has = CORR_STEP_IS_FRAGMENT), "a further fragment"},
    };
    assert_all_say(sayings, COUNT_OF(sayings));
}

static void every_step_of_every_layer_has_words(void **state)
{
    (void)state;
    for (int layer = CORR_STEP_APP; layer <= CORR_STEP_PROCESS; layer++) {
        for (int what = 0; what < CORR_STEP_WHAT_COUNT; what++) {
            const struct corr_step step = {
                .layer = (uint8_t)layer, .what = (uint8_t)what, .count = 1};
            struct text text = {.maximum = 0};
            out_add_step_sentence(&text, &step, NULL);
            assert_true(text.size > 0);
            text_done(&text);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_says_its_result_and_how_long_it_took),
        cmocka_unit_test(a_folded_step_says_how_many_how_much_and_how_long),
        cmocka_unit_test(one_byte_of_the_stack_is_a_syn_or_a_fin_by_its_number),
        cmocka_unit_test(without_data_the_first_byte_may_be_either),
        cmocka_unit_test(the_end_of_a_connection_is_called_what_it_is),
        cmocka_unit_test(states_say_when_they_are_inferred_or_impossible),
        cmocka_unit_test(timers_say_what_became_of_them),
        cmocka_unit_test(notes_of_the_stack_have_words_too),
        cmocka_unit_test(packets_say_their_other_end_and_both_without_a_socket),
        cmocka_unit_test(protocols_without_ports_are_called_by_their_name),
        cmocka_unit_test(every_step_of_every_layer_has_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
