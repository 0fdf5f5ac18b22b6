/* SPDX-License-Identifier: MIT */
/*
 * owner_ledger.h - a small finished ledger for the tests of what is written about
 * owners, and packets with verdicts about it.
 *
 *   process  900  httpd.exe, ended and its pid given to
 *   process  900  C:\Program Files\a b="c"\x1b.exe
 *   process  901  named by no record
 *   socket        tcp server 10.0.0.1:80 <- 10.0.0.2:5555 of the first 900
 *   socket        udp 10.0.0.1:5000 of 901
 *   socket        tcp server 10.0.0.1:80 <- 10.0.0.2:6666 of the second 900
 *   socket        tcp server 10.0.0.1:80 <- 10.0.0.2:7777 of the same
 */
#ifndef TESTS_UNIT_OWNER_LEDGER_H
#define TESTS_UNIT_OWNER_LEDGER_H

#include "correlate/ledger.h"
#include "tests/unit/sample_packets.h"
#include "tests/unit/socket_events.h"

#define HOSTILE_NAME "C:\\Program Files\\a b=\"c\"\x1b.exe"

struct owner_ledger {
    struct corr_ledger *ledger;
    struct etw_record record;                /* of the last event */
    uint32_t first, datagram, second, third; /* rows of sockets */
    uint32_t httpd, nameless, hostile;       /* rows of processes */
};

static inline void tell_owner(struct owner_ledger *o, const struct etw_event *event)
{
    struct etw_error error;
    struct etw_event next = *event;
    o->record.time += MILLISECOND;
    o->record.offset += 100;
    next.record = &o->record;
    assert_int_equal(corr_ledger_learn(o->ledger, &next, &error), ETW_OK);
}

static inline void tell_process(struct owner_ledger *o, uint32_t pid, const char *image,
                                bool is_end)
{
    tell_owner(o, &(struct etw_event){.kind = ETW_EVENT_PROCESS,
                                      .u.process = {.phase = ETW_PHASE_SINGLE,
                                                    .is_end = is_end,
                                                    .pid = pid,
                                                    .parent_pid = 77,
                                                    .create_time = is_end ? 0 : o->record.time,
                                                    .image = bytes_of(image, strlen(image))}});
}

static inline void tell_state(struct owner_ledger *o, uint64_t tcb, uint32_t from, uint32_t to)
{
    const struct etw_socket socket = {.layer = ETW_LAYER_STACK,
                                      .action = ETW_ACTION_STATE,
                                      HANDLES(HANDLE(TCB, tcb)),
                                      .protocol = 6,
                                      .from = from,
                                      .to = to,
                                      .has = ETW_HAS_FROM | ETW_HAS_TO | ETW_HAS_PROTOCOL};
    tell_owner(o, &(struct etw_event){.kind = ETW_EVENT_SOCKET, .u.socket = socket});
}

static inline void tell_accept(struct owner_ledger *o, uint64_t tcb, uint32_t pid, uint16_t port)
{
    const uint32_t has = ETW_HAS_LOCAL | ETW_HAS_REMOTE | ETW_HAS_PID | ETW_HAS_PROTOCOL;
    const struct etw_socket socket = {.layer = ETW_LAYER_STACK,
                                      .action = ETW_ACTION_ACCEPT,
                                      HANDLES(HANDLE(TCB, tcb)),
                                      .protocol = 6,
                                      .pid = pid,
                                      .local = ipv4("10.0.0.1", 80),
                                      .remote = ipv4("10.0.0.2", port),
                                      .has = has};
    tell_owner(o, &(struct etw_event){.kind = ETW_EVENT_SOCKET, .u.socket = socket});
}

static inline void tell_datagram(struct owner_ledger *o, uint64_t endpoint, uint32_t pid)
{
    const uint32_t has =
        ETW_HAS_LOCAL | ETW_HAS_REMOTE | ETW_HAS_PID | ETW_HAS_BYTES | ETW_HAS_PROTOCOL;
    const struct etw_socket socket = {.layer = ETW_LAYER_STACK,
                                      .action = ETW_ACTION_SEND_TO,
                                      HANDLES(HANDLE(UDP_ENDPOINT, endpoint)),
                                      .protocol = 17,
                                      .pid = pid,
                                      .bytes = 40,
                                      .local = ipv4("10.0.0.1", 5000),
                                      .remote = ipv4("10.0.0.2", 53),
                                      .has = has};
    tell_owner(o, &(struct etw_event){.kind = ETW_EVENT_SOCKET, .u.socket = socket});
}

/* A resolver's answer. */
static inline void tell_name(struct owner_ledger *o, const char16_t *name, const char16_t *results)
{
    const struct etw_name answer = {.name = sample_utf16(name), .results = sample_utf16(results)};
    tell_owner(o, &(struct etw_event){.kind = ETW_EVENT_NAME, .u.name = answer});
}

static inline void find_owner_rows(struct owner_ledger *o)
{
    const struct corr_socket *rows = NULL;
    size_t count = corr_ledger_sockets(o->ledger, &rows);
    for (uint32_t row = 0; row < count; row++) {
        if (rows[row].remote.port == 5555) {
            o->first = row;
        } else if (rows[row].remote.port == 6666) {
            o->second = row;
        } else if (rows[row].remote.port == 7777) {
            o->third = row;
        } else if (rows[row].protocol == 17) {
            o->datagram = row;
        }
    }
    o->httpd = rows[o->first].process;
    o->hostile = rows[o->second].process;
    o->nameless = rows[o->datagram].process;
    assert_true(o->httpd != CORR_NO_ROW && o->hostile != CORR_NO_ROW && o->nameless != CORR_NO_ROW);
    assert_int_not_equal(o->httpd, o->hostile);
}

static inline void owner_ledger_begin(struct owner_ledger *o)
{
    struct etw_error error;
    const struct corr_ledger_options options = {.has_socket_events = true};
    *o = (struct owner_ledger){
        .record = {.time = SAMPLE_TIME - 10 * SECOND, .offset = 1000, .thread_id = 7}};
    assert_int_equal(corr_ledger_new(&options, &o->ledger, &error), ETW_OK);
    tell_process(o, 900, "httpd.exe", false);
    tell_state(o, 0x1000, CORR_LISTEN, CORR_SYN_RECEIVED);
    tell_state(o, 0x1000, CORR_SYN_RECEIVED, CORR_ESTABLISHED);
    tell_accept(o, 0x1000, 900, 5555);
    tell_state(o, 0x1000, CORR_ESTABLISHED, CORR_CLOSED);
    tell_process(o, 900, "httpd.exe", true);
    tell_datagram(o, 0x2000, 901);
    tell_process(o, 900, HOSTILE_NAME, false);
    tell_accept(o, 0x1000, 900, 6666);
    tell_accept(o, 0x3000, 900, 7777);
}

static inline void owner_ledger_finish(struct owner_ledger *o)
{
    struct etw_error error;
    assert_int_equal(corr_ledger_finish(o->ledger, &error), ETW_OK);
    find_owner_rows(o);
}

static inline void owner_ledger_open(struct owner_ledger *o)
{
    owner_ledger_begin(o);
    owner_ledger_finish(o);
}

static inline void owner_ledger_close(struct owner_ledger *o)
{
    corr_ledger_free(o->ledger);
}

/* A packet that belongs to the socket. */
static inline struct corr_packet owned_packet(const struct owner_ledger *o, uint32_t socket,
                                              enum corr_rule rule, enum corr_confidence confidence)
{
    const struct corr_socket *rows = NULL;
    (void)corr_ledger_sockets(o->ledger, &rows);
    struct corr_packet packet = sample_packet(sample_syn, sizeof(sample_syn));
    packet.verdict = (struct corr_verdict){.socket = socket,
                                           .process = rows[socket].process,
                                           .rule = (uint8_t)rule,
                                           .confidence = confidence & 3u};
    return packet;
}

/* One that nobody owns. */
static inline struct corr_packet ownerless_packet(enum corr_no_owner reason, enum corr_rule rule)
{
    struct corr_packet packet = sample_packet(sample_arp, sizeof(sample_arp));
    packet.verdict = (struct corr_verdict){.socket = CORR_NO_ROW,
                                           .process = CORR_NO_ROW,
                                           .rule = (uint8_t)rule,
                                           .reason = reason & 15u};
    return packet;
}

#endif
