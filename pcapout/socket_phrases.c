/* SPDX-License-Identifier: MIT */
#include "pcapout/socket_phrases.h"

#include <stddef.h>

#define PHASE_COUNT (ETW_PHASE_RUNDOWN + 1)

/* A phase without words of its own has those of ETW_PHASE_SINGLE. */
typedef const char *phrase_table[ETW_ACTION_COUNT][PHASE_COUNT];

/* clang-format off */
#define SINGLE     [ETW_PHASE_SINGLE]
#define ENTER      [ETW_PHASE_ENTER]
#define EXIT       [ETW_PHASE_EXIT]
#define INDICATION [ETW_PHASE_INDICATION]
#define RUNDOWN    [ETW_PHASE_RUNDOWN]

/* The application calls, and is told. */
static const phrase_table application = {
    [ETW_ACTION_CREATE] = {
        SINGLE = "creates a[ {protocol}] socket",
        ENTER = "asks for a[ {protocol}] socket",
        EXIT = "socket returns[ {status}][ for {protocol}]"},
    [ETW_ACTION_BIND] = {
        SINGLE = "binds a socket[ to {local}]",
        ENTER = "asks to bind[ to {local}]",
        EXIT = "bind[ to {local}] returns[ {status}]"},
    [ETW_ACTION_LISTEN] = {
        SINGLE = "listens[, backlog {count}]",
        ENTER = "asks to listen[, backlog {count}]",
        EXIT = "listen returns[ {status}][, backlog {count}]"},
    [ETW_ACTION_CONNECT] = {
        SINGLE = "connects[ to {remote}]",
        ENTER = "asks to connect[ to {remote}]",
        EXIT = "connect[ to {remote}] returns[ {status}]",
        INDICATION = "is told of a connection[ from {remote}]"},
    [ETW_ACTION_ACCEPT] = {
        SINGLE = "accepts a connection[ from {remote}]",
        ENTER = "asks to accept a connection[ from {remote}]",
        EXIT = "accept[ of {remote}] returns[ {status}]"},
    [ETW_ACTION_SEND] = {
        SINGLE = "sends[ {bytes}]",
        ENTER = "asks to send[ {bytes}]",
        EXIT = "send[ of {bytes}] returns[ {status}]",
        INDICATION = "is told of a send[ of {bytes}]"},
    [ETW_ACTION_RECEIVE] = {
        SINGLE = "receives[ {bytes}]",
        ENTER = "asks to receive[ up to {bytes}]",
        EXIT = "receive[ of {bytes}] returns[ {status}]",
        INDICATION = "is told of data that came[, {bytes}]"},
    [ETW_ACTION_SEND_TO] = {
        SINGLE = "sends a datagram[ of {bytes}][ to {remote}]",
        ENTER = "asks to send a datagram[ of {bytes}][ to {remote}]",
        EXIT = "sending a datagram[ of {bytes}][ to {remote}] returns[ {status}]"},
    [ETW_ACTION_RECEIVE_FROM] = {
        SINGLE = "receives a datagram[ of {bytes}][ from {remote}]",
        ENTER = "asks to receive a datagram[ of up to {bytes}][ from {remote}]",
        EXIT = "receiving a datagram[ of {bytes}][ from {remote}] returns[ {status}]",
        INDICATION = "is told of a datagram that came[, {bytes}][, from {remote}]"},
    [ETW_ACTION_SHUTDOWN] = {
        SINGLE = "disconnects",
        ENTER = "asks to disconnect",
        EXIT = "disconnect returns[ {status}]",
        INDICATION = "is told that the peer sends no more"},
    [ETW_ACTION_CLOSE] = {
        SINGLE = "closes a socket",
        ENTER = "asks to close a socket",
        EXIT = "close returns[ {status}]"},
    [ETW_ACTION_ABORT] = {SINGLE = "the connection of a socket is aborted"},
    [ETW_ACTION_OPTION] = {
        SINGLE = "socket option[ gives {status}]",
        ENTER = "asks for a socket option",
        EXIT = "socket option returns[ {status}]"},
    [ETW_ACTION_DROP] = {SINGLE = "a datagram[ of {bytes}][ from {remote}] is dropped"},
    [ETW_ACTION_CLEANUP] = {
        SINGLE = "closes the last handle of a socket",
        EXIT = "closing the last handle returns[ {status}]"},
    [ETW_ACTION_WAIT] = {
        SINGLE = "waits for a connection",
        ENTER = "asks to wait for a connection",
        EXIT = "waiting for a connection returns[ {status}]"},
};

/* TCPIP and the kernel's own events: what happens to a socket or connection. */
static const phrase_table stack = {
    [ETW_ACTION_CREATE] = {SINGLE = "{subject} is created"},
    [ETW_ACTION_BIND] = {SINGLE = "{subject} is bound"},
    [ETW_ACTION_LISTEN] = {SINGLE = "{subject} listens"},
    [ETW_ACTION_CONNECT] = {
        SINGLE = "{subject} is connecting",
        ENTER = "{subject} is asked to connect",
        EXIT = "{subject} has connected"},
    [ETW_ACTION_ACCEPT] = {SINGLE = "{subject} is accepted"},
    [ETW_ACTION_SEND] = {
        SINGLE = "{subject} sends[ {bytes}][ from sequence {sequence}]",
        ENTER = "{subject} is asked to send[ {bytes}][ from sequence {sequence}]",
        EXIT = "{subject} is done with sending[ {bytes}][, next sequence {sequence}]",
        INDICATION = "{subject} has sent[ {bytes}][, next sequence {sequence}]"},
    [ETW_ACTION_RECEIVE] = {
        SINGLE = "{subject} receives[ {bytes}][, next sequence {sequence}]",
        ENTER = "{subject} is asked for data[, {bytes}][, next sequence {sequence}]"},
    [ETW_ACTION_SEND_TO] = {SINGLE = "{subject} sends[ {bytes}][ in {datagrams}]"},
    [ETW_ACTION_RECEIVE_FROM] = {SINGLE = "{subject} receives[ {bytes}][ in {datagrams}]"},
    [ETW_ACTION_SHUTDOWN] = {
        SINGLE = "{subject} is shut down[, {bytes}]",
        ENTER = "{subject} is asked to disconnect[, {bytes}]",
        EXIT = "{subject} has disconnected",
        INDICATION = "{subject} tells its owner of the peer's FIN[, next sequence {sequence}]"},
    [ETW_ACTION_CLOSE] = {SINGLE = "{subject} is closed"},
    [ETW_ACTION_ABORT] = {
        SINGLE = "{subject} is aborted",
        ENTER = "{subject} is asked to abort",
        EXIT = "{subject} has aborted",
        INDICATION = "{subject} is ended by the peer"},
    [ETW_ACTION_OPTION] = {SINGLE = "{subject} gets an option"},
    [ETW_ACTION_STATE] = {
        SINGLE = "{subject} goes[ from {from}][ to {to}][, next sequence {sequence}]",
        RUNDOWN = "{subject} is there already[, state {to}]"},
    [ETW_ACTION_SYN] = {SINGLE = "{subject} sends a SYN[ with sequence {sequence}]"},
    [ETW_ACTION_DATA_OUT] = {SINGLE = "{subject} sends[ {bytes}][ from sequence {sequence}]"},
    [ETW_ACTION_DATA_IN] = {SINGLE = "{subject} receives[ {bytes}][ from sequence {sequence}]"},
    [ETW_ACTION_RETRANSMIT] = {
        SINGLE = "{subject} sends again[, {bytes}][ from sequence {sequence}]"
                 "[, retransmission {count}]"},
    [ETW_ACTION_TIMER] = {
        SINGLE = "{subject}:[ {timer}] timer",
        ENTER = "{subject} starts its[ {timer}] timer",
        EXIT = "{subject} stops its[ {timer}] timer",
        INDICATION = "the[ {timer}] timer of {subject} runs out"},
    [ETW_ACTION_DELIVERED] = {
        SINGLE = "{subject} hands its owner[ {bytes}][, next sequence {sequence}]",
        INDICATION = "{subject} offers its owner[ {bytes}][, next sequence {sequence}]"},
    [ETW_ACTION_REFUSED] = {SINGLE = "{subject} is refused"},
    [ETW_ACTION_TIMEOUT] = {SINGLE = "{subject} times out"},
    [ETW_ACTION_FAILED] = {SINGLE = "{subject} fails[: {status}]"},
    [ETW_ACTION_DROP] = {SINGLE = "data of {subject} is dropped[, {bytes}][, {packets}]"},
    [ETW_ACTION_PORT] = {
        SINGLE = "{subject}: port[ {port}]",
        ENTER = "a port for {subject}[: {port}]",
        EXIT = "{subject} gives up a port[: {port}]"},
    [ETW_ACTION_INSPECTED] = {SINGLE = "{subject} is judged by filters[: {status}]"},
    [ETW_ACTION_ACKED] = {SINGLE = "the peer of {subject} acknowledges[ {bytes}]"},
    [ETW_ACTION_MEASURED] = {
        SINGLE = "the round trip of {subject} is measured[ by sequence {sequence}]",
        ENTER = "the round trip of {subject} begins to be measured[ by sequence {sequence}]",
        EXIT = "the round trip of {subject} has been measured[ by sequence {sequence}]"},
};

static const phrase_table kernel = {
    [ETW_ACTION_CONNECT] = {SINGLE = "{subject} connects"},
    [ETW_ACTION_CLOSE] = {SINGLE = "{subject} disconnects"},
};

static const phrase_table smb_client = {
    [ETW_ACTION_CONNECT] = {
        SINGLE = "SMB client connects[ to {remote}]",
        ENTER = "SMB client asks to connect[ to {remote}]",
        EXIT = "SMB client's connect[ to {remote}] returns[ {status}]"},
    [ETW_ACTION_SEND] = {
        SINGLE = "SMB client sends[ {bytes}]",
        ENTER = "SMB client asks to send[ {bytes}]",
        EXIT = "SMB client's send[ of {bytes}] returns[ {status}]"},
    [ETW_ACTION_RECEIVE] = {
        SINGLE = "SMB client receives[ {bytes}]",
        ENTER = "SMB client asks to receive[ {bytes}]",
        EXIT = "SMB client's receive[ of {bytes}] returns[ {status}]"},
    [ETW_ACTION_REQUEST] = {SINGLE = "SMB client sends a request[, message {message}][, {bytes}]"},
    [ETW_ACTION_RESPONSE] = {SINGLE = "SMB client gets a response[, message {message}][, {bytes}]"},
    [ETW_ACTION_CLOSE] = {
        SINGLE = "SMB client closes a connection[ to {remote}]",
        INDICATION = "SMB client is told that a connection[ to {remote}] has ended"},
    [ETW_ACTION_TIMEOUT] = {SINGLE = "SMB client has no response in time[, message {message}]"},
    [ETW_ACTION_FAILED] = {SINGLE = "SMB client tells of a failure[: {status}]"},
};

static const phrase_table smb_server = {
    [ETW_ACTION_ACCEPT] = {SINGLE = "SMB server accepts a connection[ from {remote}]"},
    [ETW_ACTION_REQUEST] = {SINGLE = "SMB server gets a request[, message {message}][, {bytes}]"},
    [ETW_ACTION_RESPONSE] = {
        SINGLE = "SMB server sends a response[, message {message}][, {bytes}]"},
    [ETW_ACTION_CLOSE] = {
        SINGLE = "SMB server ends a connection[ from {remote}]",
        INDICATION = "SMB server is told that a connection[ from {remote}] has ended"},
    [ETW_ACTION_FAILED] = {SINGLE = "SMB server tells of a failure[: {status}]"},
};

static const phrase_table smb_direct = {
    [ETW_ACTION_CONNECT] = {
        ENTER = "SMB Direct begins to connect[ to {remote}]",
        EXIT = "SMB Direct is connected[ to {remote}]"},
    [ETW_ACTION_ACCEPT] = {
        INDICATION = "SMB Direct is asked for a connection[ from {remote}]",
        ENTER = "SMB Direct begins to accept a connection[ from {remote}]",
        EXIT = "SMB Direct has accepted a connection[ from {remote}]"},
    [ETW_ACTION_CLOSE] = {
        SINGLE = "SMB Direct ends its connection[ to {remote}]",
        ENTER = "SMB Direct begins to end its connection[ to {remote}]",
        EXIT = "SMB Direct has ended its connection[ to {remote}]",
        INDICATION = "SMB Direct is told that its connection[ to {remote}] has ended"},
    [ETW_ACTION_TIMEOUT] = {SINGLE = "SMB Direct has waited for too long[ for {remote}]"},
    [ETW_ACTION_FAILED] = {SINGLE = "SMB Direct tells of a failure[ with {remote}][: {status}]"},
};
/* clang-format on */

/* What a layer has no words for, the stack may have: NULL where it has not. */
static const struct {
    const phrase_table *own;
    const phrase_table *otherwise;
} layers[] = {
    [ETW_LAYER_APPLICATION] = {&application, NULL}, [ETW_LAYER_STACK] = {&stack, NULL},
    [ETW_LAYER_KERNEL] = {&kernel, &stack},         [ETW_LAYER_SMB_CLIENT] = {&smb_client, NULL},
    [ETW_LAYER_SMB_SERVER] = {&smb_server, NULL},   [ETW_LAYER_SMB_DIRECT] = {&smb_direct, NULL},
};

static const char *phrase_in(const phrase_table *table, enum etw_action action,
                             enum etw_phase phase)
{
    if (!table) {
        return NULL;
    }
    const char *phrase = (*table)[action][phase];
    return phrase ? phrase : (*table)[action][ETW_PHASE_SINGLE];
}

const char *socket_phrase_find(enum etw_layer layer, enum etw_action action, enum etw_phase phase)
{
    if ((size_t)layer >= sizeof(layers) / sizeof(layers[0]) || action >= ETW_ACTION_COUNT ||
        phase >= PHASE_COUNT) {
        return NULL;
    }
    const char *phrase = phrase_in(layers[layer].own, action, phase);
    return phrase ? phrase : phrase_in(layers[layer].otherwise, action, phase);
}
