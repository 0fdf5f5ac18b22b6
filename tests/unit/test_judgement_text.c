/* SPDX-License-Identifier: MIT */
/* Sentences of made-up judgements, and what is said about sample traces whose stories are known. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "cli/reading.h"
#include "correlate/event_sockets.h"
#include "pcapout/judgement_text.h"

#define MS(milliseconds) ((int64_t)((milliseconds)*10000))

/* ---- sentences ---- */

static void judgements_are_worded_with_their_numbers(void **state)
{
    static const struct {
        struct corr_judgement judgement;
        const char *text;
    } rows[] = {
        {{.rule = CORR_JUDGE_CONNECT_TIMEOUT,
          .status = 0xC00000B5,
          .numbers = {3, MS(20998.3), MS(20998.6), MS(3003.3), MS(5998.2), MS(11996.8)}},
         "no answer to 3 SYNs within 20.998 s (again at +3.003, +9.002 s; waits 3.0 + 6.0 + 12.0 "
         "s); "
         "connect() returned 0xC00000B5 STATUS_IO_TIMEOUT = WSAETIMEDOUT 10060 after 20.9986 s; "
         "one "
         "trace cannot tell whether the peer received them"},
        {{.rule = CORR_JUDGE_CONNECT_TIMEOUT, .numbers = {1, -1, -1}},
         "no answer to 1 SYN up to the end of the trace; one trace cannot tell whether the peer "
         "received them"},
        {{.rule = CORR_JUDGE_REFUSED_BY_PEER, .numbers = {1, MS(42), -1}},
         "a RST answered the SYN after 42.0 ms; the peer's stack or a device before it said no"},
        {{.rule = CORR_JUDGE_NO_LISTENER, .numbers = {1, 500, 1}},
         "nobody listens on port 3389: the local TCP/IP stack answered the SYN with a RST, 50.0 us "
         "later; the stack's own drop event says so"},
        {{.rule = CORR_JUDGE_FOREIGN_RESET,
          .numbers = {CORR_DOUBT_HOP_LIMIT | CORR_DOUBT_MAC, 254, 120, 122, 0x000F8F112233,
                      0x020000000101, CORR_SYN_RECEIVED, MS(0.4745)}},
         "reset in SynRcvd by a RST that does not look like the peer's packets: hop limit 254, the "
         "peer's other packets had 120 to 122; from MAC 00:0f:8f:11:22:33, the others from "
         "02:00:00:00:01:01; it came 474.5 us after our last packet; a device on the way may have "
         "sent it: a trace of the peer tells"},
        {{.rule = CORR_JUDGE_LOCAL_ABORT, .numbers = {7, MS(1500), 305}},
         "aborted by this side after 1.500 s: unread data at the disconnect; 305 bytes had not "
         "been "
         "received"},
        {{.rule = CORR_JUDGE_LOCAL_ABORT, .numbers = {99, -1, 0}},
         "aborted by this side: Winsock's reason 99"},
        {{.rule = CORR_JUDGE_ONE_SIDED_CLOSE, .numbers = {0, MS(30000), 0}},
         "closed by the peer only: the application has not closed its side for 30.000 s"},
        {{.rule = CORR_JUDGE_CLEAN_CLOSE, .numbers = {1, MS(37.6), 72, 24, MS(0.15), -1}},
         "connected after 37.6 ms, 72 bytes out, 24 bytes in, closed by this side first 150.0 us "
         "after the last data"},
        {{.rule = CORR_JUDGE_RETRANSMISSIONS, .numbers = {2, 1, 1000, 1499}},
         "2 retransmissions by this side, 1 segment again from the peer, bytes 1000-1499; one "
         "trace "
         "cannot tell where the first copies went"},
        {{.rule = CORR_JUDGE_DROPPED_HERE, .numbers = {3, 1, 999999}},
         "3 packets from the peer and 1 packet to the peer were dropped on this machine, the first "
         "for reason 999999"},
        {{.rule = CORR_JUDGE_DROPPED_HERE, .numbers = {0, 1, 999999}},
         "1 packet to the peer was dropped on this machine, reason 999999"},
        {{.rule = CORR_JUDGE_LADDER, .numbers = {13, 218, -1, -1, CORR_STATION_STACK, 1}},
         "last data received, 13 bytes: captured, +21.8 us at the stack, not seen further up"},
        {{.rule = CORR_JUDGE_LADDER, .numbers = {13, 218, -1, -1, CORR_STATION_STACK, 0}},
         "last data received, 13 bytes: captured, +21.8 us at the stack"},
    };
    const struct corr_socket socket = {.local = {.size = 4, .port = 3389}};
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct text text = {.maximum = 4096};
        out_add_judgement(&text, &rows[i].judgement, &socket);
        assert_string_equal(text_get(&text), rows[i].text);
        text_done(&text);
    }
}

/* Whatever the numbers are; unknown ones leave no gaps behind. */
static void every_rule_has_words(void **state)
{
    const struct corr_socket socket = {.local = {.size = 4, .port = 80}};
    (void)state;
    for (int rule = 0; rule < CORR_JUDGE_COUNT; rule++) {
        for (int64_t number = -1; number < 2; number++) {
            struct corr_judgement judgement = {.rule = (enum corr_judgement_rule)rule};
            struct text text = {.maximum = 4096};
            for (int i = 0; i < CORR_JUDGEMENT_NUMBERS; i++) {
                judgement.numbers[i] = number;
            }
            out_add_judgement(&text, &judgement, &socket);
            assert_true(text.size > 10);
            assert_false(text.failed);
            assert_null(strstr(text_get(&text), "  "));
            assert_null(strchr(text_get(&text), '\n'));
            text_done(&text);
        }
    }
}

/* ---- sample traces ---- */

struct sample {
    struct etw_trace *trace;
    struct cli_reading reading;
    struct corr_event_sockets *index;
    struct corr_judge *judge;
};

static enum etw_status take_packet(void *context, const struct corr_packet *packet,
                                   struct etw_error *error)
{
    return corr_judge_packet(((struct sample *)context)->judge, packet, error);
}

static enum etw_status take_event(void *context, const struct etw_event *event, int64_t held_since,
                                  struct etw_error *error)
{
    struct sample *sample = context;
    (void)held_since;
    return corr_judge_event(sample->judge, event, corr_event_sockets_find(sample->index, event),
                            error);
}

static void open_sample(struct sample *sample, const char *path)
{
    struct etw_error error;
    assert_int_equal(etw_trace_open(path, NULL, &sample->trace, &error), ETW_OK);
    assert_int_equal(cli_reading_init(&sample->reading, sample->trace, &error), ETW_OK);
    assert_int_equal(cli_reading_learn(&sample->reading, &error), ETW_OK);
    const struct corr_ledger *ledger = sample->reading.ledger;
    assert_int_equal(corr_event_sockets_new(ledger, &sample->index, &error), ETW_OK);
    assert_int_equal(corr_judge_new(ledger, &sample->judge, &error), ETW_OK);
    assert_int_equal(cli_reading_packets_and_events(&sample->reading, false, take_packet,
                                                    take_event, sample, &error),
                     ETW_OK);
    corr_judge_finish(sample->judge);
}

static void close_sample(struct sample *sample)
{
    corr_judge_free(sample->judge);
    corr_event_sockets_free(sample->index);
    cli_reading_done(&sample->reading);
    etw_trace_close(sample->trace);
}

/* How the first connection ended; for ends without socket, when there is none. */
static void expect_end(const char *path, enum corr_judgement_rule rule, const char *const *parts)
{
    struct sample sample;
    struct corr_judgement judgements[CORR_JUDGE_COUNT];
    const struct corr_socket *rows = NULL;
    struct corr_socket orphan;
    size_t found = 0;
    open_sample(&sample, path);
    size_t count = corr_ledger_sockets(sample.reading.ledger, &rows);
    const struct corr_socket *socket = NULL;
    for (uint32_t row = 0; row < count && found == 0; row++) {
        socket = &rows[row];
        found = corr_judge_list(sample.judge, row, judgements);
    }
    if (found == 0) {
        assert_int_equal(corr_judge_orphans(sample.judge), 1);
        found = corr_judge_orphan(sample.judge, 0, &orphan, judgements);
        socket = &orphan;
    }
    assert_true(found > 0);
    assert_string_equal(corr_judgement_name(judgements[0].rule), corr_judgement_name(rule));
    struct text text = {.maximum = 4096};
    out_add_judgement(&text, &judgements[0], socket);
    for (size_t i = 0; parts[i]; i++) {
        if (!strstr(text_get(&text), parts[i])) {
            fail_msg("%s: \"%s\" is not in \"%s\"", path, parts[i], text_get(&text));
        }
    }
    text_done(&text);
    close_sample(&sample);
}

#define PARTS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void sample_traces_are_judged_as_their_analysts_did(void **state)
{
    (void)state;
    expect_end(SAMPLES "/edge-syn-timeout.etl", CORR_JUDGE_CONNECT_TIMEOUT,
               PARTS("3 SYNs within 20.998 s", "+3.003, +9.002 s", "3.0 + 6.0 + 12.0 s",
                     "0xC00000B5 STATUS_IO_TIMEOUT = WSAETIMEDOUT 10060 after 20.9986 s"));
    expect_end(SAMPLES "/rdp-no-listener.etl", CORR_JUDGE_NO_LISTENER,
               PARTS("port 3389", "local TCP/IP stack", "50.0 us later", "drop event"));
    expect_end(
        SAMPLES "/frontend-reset.etl", CORR_JUDGE_FOREIGN_RESET,
        PARTS("in SynRcvd", "hop limit 254", "had 126", "474.4 us after", "trace of the peer"));
    expect_end(SAMPLES "/tcpserver.etl", CORR_JUDGE_CLEAN_CLOSE,
               PARTS("13 bytes out, 13 bytes in", "closed by the peer first"));
    expect_end(SAMPLES "/outlook-directaccess.etl", CORR_JUDGE_CLEAN_CLOSE,
               PARTS("connected after 37.6 ms", "72 bytes out, 24 bytes in",
                     "closed by this side first 149.8 us after the last data"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(judgements_are_worded_with_their_numbers),
        cmocka_unit_test(every_rule_has_words),
        cmocka_unit_test(sample_traces_are_judged_as_their_analysts_did),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
