/* SPDX-License-Identifier: MIT */
/* step_names.c - what layers and kinds of steps are called in rows. */
#include "correlate/timeline.h"

static const char *const layer_names[] = {
    [CORR_STEP_APP] = "app", [CORR_STEP_STACK] = "stack",     [CORR_STEP_WIRE] = "wire",
    [CORR_STEP_SMB] = "smb", [CORR_STEP_PROCESS] = "process",
};

static const char *const what_names[CORR_STEP_WHAT_COUNT] = {
    [CORR_STEP_CREATE] = "create",
    [CORR_STEP_BIND] = "bind",
    [CORR_STEP_LISTEN] = "listen",
    [CORR_STEP_CONNECT] = "connect",
    [CORR_STEP_ACCEPT] = "accept",
    [CORR_STEP_SEND] = "send",
    [CORR_STEP_RECV] = "recv",
    [CORR_STEP_SENDTO] = "sendto",
    [CORR_STEP_RECVFROM] = "recvfrom",
    [CORR_STEP_SHUTDOWN] = "shutdown",
    [CORR_STEP_CLOSE] = "close",
    [CORR_STEP_ABORT] = "abort",
    [CORR_STEP_OPTION] = "option",
    [CORR_STEP_STATE] = "state",
    [CORR_STEP_SYN] = "syn",
    [CORR_STEP_SYNACK] = "synack",
    [CORR_STEP_ACK] = "ack",
    [CORR_STEP_DATA] = "data",
    [CORR_STEP_RETRANSMIT] = "retransmit",
    [CORR_STEP_TIMER] = "timer",
    [CORR_STEP_DELIVERED] = "delivered",
    [CORR_STEP_FIN] = "fin",
    [CORR_STEP_RST] = "rst",
    [CORR_STEP_DROP] = "drop",
    [CORR_STEP_PACKET] = "packet",
    [CORR_STEP_REQUEST] = "request",
    [CORR_STEP_RESPONSE] = "response",
    [CORR_STEP_CONDITION] = "condition",
    [CORR_STEP_START] = "start",
    [CORR_STEP_EXIT] = "exit",
};

const char *corr_step_layer_name(enum corr_step_layer layer)
{
    return layer_names[layer];
}

const char *corr_step_what_name(enum corr_step_what what)
{
    return what_names[what];
}
