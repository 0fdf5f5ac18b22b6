/* SPDX-License-Identifier: MIT */
/*
 * socket_sentences.c - socket events in words: the phrase of the event, filled in,
 * then every value that the phrase did not use.
 */
#include <string.h>

#include "etw/base/net_address.h"
#include "etw/fields.h"
#include "pcapout/event_sentences.h"
#include "pcapout/sentence_parts.h"
#include "pcapout/socket_phrases.h"

#define COUNT_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

#define IP_TCP 6
#define IP_UDP 17

struct sentence {
    struct text *to;
    const struct etw_socket *socket;
    uint32_t said; /* enum etw_socket_member */
};

/* ---- names ---- */

/* As the stack numbers them, in all Windows versions. [documented: TCPIP's map] */
static const char *const states[] = {
    "Closed",   "Listen",    "SynSent", "SynRcvd", "Established", "FinWait1",
    "FinWait2", "CloseWait", "Closing", "LastAck", "TimeWait",
};

const char *out_tcp_state_name(uint32_t state)
{
    return state < COUNT_OF(states) ? states[state] : NULL;
}

static const struct {
    uint8_t protocol;
    const char *name;
} protocols[] = {
    {1, "ICMP"}, {2, "IGMP"}, {IP_TCP, "TCP"}, {IP_UDP, "UDP"},
    {47, "GRE"}, {50, "ESP"}, {51, "AH"},      {58, "ICMPv6"},
};

/* What a handle is called, and what the thing it names is. EPROCESS and the rest
 * are never what an event is about. */
static const struct {
    const char *label;
    const char *thing;
} handle_names[ETW_HANDLE_SPACE_COUNT] = {
    [ETW_HANDLE_AFD_ENDPOINT] = {"endpoint", "socket"},
    [ETW_HANDLE_AFD_ACCEPT_ENDPOINT] = {"new endpoint", "socket"},
    [ETW_HANDLE_EPROCESS] = {"process", NULL},
    [ETW_HANDLE_TCP_ENDPOINT] = {"endpoint", "endpoint"},
    [ETW_HANDLE_LISTENER] = {"listener", "listener"},
    [ETW_HANDLE_TCB] = {"tcb", "connection"},
    [ETW_HANDLE_UDP_ENDPOINT] = {"endpoint", "endpoint"},
    [ETW_HANDLE_RAW_ENDPOINT] = {"endpoint", "raw endpoint"},
    [ETW_HANDLE_PORT_ACQUIRER] = {"by", "socket"},
    [ETW_HANDLE_ORIGINAL_ACQUIRER] = {"from", NULL},
    [ETW_HANDLE_DELIVERY] = {"delivery", NULL},
    [ETW_HANDLE_REQUEST] = {"request", NULL},
};

/* ---- values ---- */

static bool has_address(const struct sentence *s, enum etw_socket_member member)
{
    return (s->socket->has & (uint32_t)member) != 0;
}

/* 192.0.2.1:80, [2001:db8::1]:80, an address alone, or "port 80". */
static void add_address(struct text *to, const struct etw_socket_address *address)
{
    char text[NET_ADDRESS_TEXT_SIZE];
    bool is_ipv6 = address->size == 16;
    if (address->size == 0) {
        text_add(to, "port ");
    } else {
        char *end =
            is_ipv6 ? net_put_ipv6(text, address->bytes) : net_put_ipv4(text, address->bytes);
        bool is_bracketed = is_ipv6 && address->has_port;
        text_add(to, is_bracketed ? "[" : "");
        text_add_bytes(to, text, (size_t)(end - text));
        text_add(to, is_bracketed ? "]" : "");
        text_add(to, address->has_port ? ":" : "");
    }
    if (address->has_port) {
        text_add_u64(to, address->port);
    } else if (address->size == 0) {
        text_add_char(to, '?');
    }
}

static void add_protocol(struct text *to, uint8_t protocol)
{
    for (size_t i = 0; i < COUNT_OF(protocols); i++) {
        if (protocols[i].protocol == protocol) {
            text_add(to, protocols[i].name);
            return;
        }
    }
    text_add(to, "IP protocol ");
    text_add_u64(to, protocol);
}

static void add_state(struct text *to, uint32_t state)
{
    const char *name = out_tcp_state_name(state);
    if (name) {
        text_add(to, name);
    } else {
        text_add_u64(to, state);
    }
}

static void add_counted(struct text *to, uint64_t count, const char *one)
{
    text_add_u64(to, count);
    text_add_char(to, ' ');
    text_add(to, one);
    text_add(to, count == 1 ? "" : "s");
}

/* Without a handle, what the event is about follows from its addresses. */
static const char *thing_of(const struct etw_socket *socket)
{
    const char *thing = handle_names[socket->handles[0].space].thing;
    bool is_tcp = socket->protocol == IP_TCP;
    if (thing) {
        return thing;
    }
    if (socket->action == ETW_ACTION_DROP ||
        (socket->protocol && !is_tcp && socket->protocol != IP_UDP)) {
        return socket->protocol ? NULL : "traffic";
    }
    if (is_tcp && (socket->has & ETW_HAS_REMOTE) != 0) {
        return "connection";
    }
    return is_tcp && (socket->has & ETW_HAS_LOCAL) != 0 ? "endpoint" : "socket";
}

static void add_subject(struct sentence *s)
{
    const struct etw_socket *socket = s->socket;
    const char *thing = thing_of(socket);
    if ((socket->has & ETW_HAS_PROTOCOL) != 0) {
        add_protocol(s->to, socket->protocol);
        text_add(s->to, thing ? " " : "");
        s->said |= ETW_HAS_PROTOCOL;
    }
    text_add(s->to, thing ? thing : "");
    if (has_address(s, ETW_HAS_LOCAL) && socket->local.size > 0) {
        text_add_char(s->to, ' ');
        add_address(s->to, &socket->local);
        s->said |= ETW_HAS_LOCAL;
        if (has_address(s, ETW_HAS_REMOTE)) {
            text_add(s->to, " -> ");
            add_address(s->to, &socket->remote);
            s->said |= ETW_HAS_REMOTE;
        }
    }
}

static void add_local(struct sentence *s)
{
    add_address(s->to, &s->socket->local);
}

static void add_remote(struct sentence *s)
{
    add_address(s->to, &s->socket->remote);
}

static void add_port(struct sentence *s)
{
    text_add_u64(s->to, s->socket->local.port);
}

static void add_protocol_value(struct sentence *s)
{
    add_protocol(s->to, s->socket->protocol);
}

static void add_from(struct sentence *s)
{
    add_state(s->to, s->socket->from);
}

static void add_to(struct sentence *s)
{
    add_state(s->to, s->socket->to);
}

static void add_bytes(struct sentence *s)
{
    add_counted(s->to, s->socket->bytes, "byte");
}

static void add_sequence(struct sentence *s)
{
    text_add_u64(s->to, s->socket->sequence);
}

static void add_status_value(struct sentence *s)
{
    out_add_status(s->to, s->socket->status);
}

static void add_count(struct sentence *s)
{
    text_add_u64(s->to, s->socket->count);
}

static void add_packets(struct sentence *s)
{
    add_counted(s->to, s->socket->count, "packet");
}

static void add_datagrams(struct sentence *s)
{
    add_counted(s->to, s->socket->count, "datagram");
}

static void add_message(struct sentence *s)
{
    text_add_u64(s->to, s->socket->message_id);
}

static void add_timer(struct sentence *s)
{
    static const char *const timers[] = {
        [ETW_TIMER_UNKNOWN] = "unknown",
        [ETW_TIMER_RETRANSMIT] = "retransmission",
        [ETW_TIMER_CONNECT] = "connect",
        [ETW_TIMER_DELAYED_ACK] = "delayed ACK",
        [ETW_TIMER_PUSH] = "push",
        [ETW_TIMER_KEEP_ALIVE] = "keep-alive",
        [ETW_TIMER_PACING] = "pacing",
        [ETW_TIMER_DISCONNECT] = "disconnect",
        [ETW_TIMER_SILLY_WINDOW] = "silly window",
        [ETW_TIMER_REASSEMBLY_RATE] = "reassembly rate",
        [ETW_TIMER_SYN_VALIDATION] = "SYN validation",
    };
    text_add(s->to, timers[s->socket->timer < COUNT_OF(timers) ? s->socket->timer : 0]);
}

static const struct phrase_value {
    const char *name;
    uint32_t has; /* 0: always there */
    void (*add)(struct sentence *s);
} values[] = {
    {"subject", 0, add_subject},
    {"local", ETW_HAS_LOCAL, add_local},
    {"remote", ETW_HAS_REMOTE, add_remote},
    {"port", ETW_HAS_LOCAL, add_port},
    {"protocol", ETW_HAS_PROTOCOL, add_protocol_value},
    {"from", ETW_HAS_FROM, add_from},
    {"to", ETW_HAS_TO, add_to},
    {"bytes", ETW_HAS_BYTES, add_bytes},
    {"sequence", ETW_HAS_SEQUENCE, add_sequence},
    {"status", ETW_HAS_STATUS, add_status_value},
    {"count", ETW_HAS_COUNT, add_count},
    {"packets", ETW_HAS_COUNT, add_packets},
    {"datagrams", ETW_HAS_COUNT, add_datagrams},
    {"message", ETW_HAS_MESSAGE, add_message},
    {"timer", ETW_HAS_TIMER, add_timer},
};

/* ---- phrases ---- */

/* `name` ends at a brace. For every event many are looked up, and a call costs more than the
 * letters that are compared. */
static const struct phrase_value *find_value(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(values); i++) {
        const char *of = values[i].name;
        const char *at = name;
        while (*of != '\0' && *of == *at) {
            of++;
            at++;
        }
        if (*of == '\0' && *at == '}') {
            return &values[i];
        }
    }
    return NULL;
}

/* Appends the phrase up to `end`. False: a value of it is not there. */
static bool add_phrase_part(struct sentence *s, const char *at, const char *end)
{
    while (at < end) {
        const char *plain = at;
        while (at < end && *at != '{') {
            at++;
        }
        text_add_bytes(s->to, plain, (size_t)(at - plain));
        if (at == end) {
            break;
        }
        const struct phrase_value *value = find_value(at + 1);
        if (!value || (value->has && (s->socket->has & value->has) == 0)) {
            return false;
        }
        value->add(s);
        s->said |= value->has;
        at = strchr(at, '}') + 1;
    }
    return true;
}

static void cut_to(struct text *to, size_t size)
{
    if (to->size > size) {
        to->size = size;
        to->data[size] = '\0';
    }
}

static void add_phrase(struct sentence *s, const char *phrase)
{
    while (*phrase) {
        bool is_optional = *phrase == '[';
        const char *end = is_optional ? strchr(phrase, ']') : phrase + strcspn(phrase, "[");
        struct sentence before = *s;
        size_t size = s->to->size;
        if (!add_phrase_part(s, phrase + is_optional, end)) {
            cut_to(s->to, size);
            *s = before;
        }
        phrase = end + is_optional;
    }
}

/* ---- the rest ---- */

/* In this order; a value that was said is not said again. */
static const char rest_bytes[] = ", {bytes}";
static const char *const rest[] = {
    ", {local} -> {remote}",
    ", local {local}",
    ", remote {remote}",
    ", {protocol}",
    ", was {from}",
    ", state {to}",
    rest_bytes,
    ", sequence {sequence}",
    ", {status}",
    ", message {message}",
};

static bool is_said(const struct sentence *s, const char *phrase)
{
    for (const char *at = strchr(phrase, '{'); at; at = strchr(at + 1, '{')) {
        const struct phrase_value *value = find_value(at + 1);
        if (value && (s->said & value->has) != 0) {
            return true;
        }
    }
    return false;
}

/* A number of bytes that no phrase asks for says nothing when it is 0. */
static bool is_empty(const struct sentence *s, const char *phrase)
{
    return s->socket->bytes == 0 && phrase == rest_bytes;
}

static void add_rest(struct sentence *s)
{
    for (size_t i = 0; i < COUNT_OF(rest); i++) {
        struct sentence before = *s;
        size_t size = s->to->size;
        bool is_needed = !is_said(s, rest[i]) && !is_empty(s, rest[i]);
        if (is_needed && !add_phrase_part(s, rest[i], rest[i] + strlen(rest[i]))) {
            cut_to(s->to, size);
            *s = before;
        }
    }
    const struct etw_socket *socket = s->socket;
    if ((socket->has & ~s->said & ETW_HAS_COUNT) != 0) {
        bool is_tcp = socket->layer == ETW_LAYER_STACK && socket->protocol == IP_TCP;
        text_add(s->to, is_tcp ? ", retransmissions " : ", count ");
        text_add_u64(s->to, socket->count);
    }
}

static void add_handles(struct text *to, const struct etw_socket *socket)
{
    for (size_t i = 0; i < ETW_HANDLES_MAXIMUM; i++) {
        const struct etw_handle *handle = &socket->handles[i];
        if (handle->space < ETW_HANDLE_SPACE_COUNT && handle_names[handle->space].label) {
            text_add(to, ", ");
            text_add(to, handle_names[handle->space].label);
            text_add_char(to, ' ');
            out_add_hex(to, handle->value);
        }
    }
}

/* The payload's process; without one, the header's where that is known to be true. */
static void add_owner(struct text *to, const struct etw_event *event)
{
    const struct etw_socket *socket = &event->u.socket;
    const struct etw_record *record = event->record;
    bool has_header = record && record->process_id != RECORD_NO_ID && record->process_id != 0;
    if ((socket->has & ETW_HAS_PID) != 0) {
        text_add(to, ", ");
        out_add_pids(to, socket->pid, socket->is_header_pid_true ? NULL : record);
    } else if (socket->is_header_pid_true && has_header) {
        text_add(to, ", pid ");
        text_add_u64(to, record->process_id);
    }
}

bool out_socket_sentence(const struct etw_event *event, struct text *to)
{
    const struct etw_socket *socket = &event->u.socket;
    const char *phrase = socket_phrase_find(socket->layer, socket->action, socket->phase);
    if (!phrase || socket->handles[0].space >= ETW_HANDLE_SPACE_COUNT) {
        return false;
    }
    struct sentence s = {.to = to, .socket = socket};
    add_phrase(&s, phrase);
    add_rest(&s);
    add_owner(to, event);
    add_handles(to, socket);
    return true;
}
