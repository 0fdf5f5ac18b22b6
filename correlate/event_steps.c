/* SPDX-License-Identifier: MIT */
/*
 * event_steps.c - the rows say what an action of a layer is in a timeline. To show a
 * further action: a row.
 */
#include "correlate/event_steps.h"

#include <string.h>

/* Any phase. */
#define EVERY_PHASE 0xFF

struct step_row {
    uint8_t layer;  /* enum etw_layer */
    uint8_t action; /* enum etw_action */
    uint8_t phase;  /* enum etw_phase, or EVERY_PHASE */
    uint8_t what;   /* enum corr_step_what */
    uint16_t has;   /* enum corr_step_member, besides what the event states */
    bool is_detail; /* only when verbose */
};

#define APP(action, phase, what, has)                                                              \
    {                                                                                              \
        ETW_LAYER_APPLICATION, ETW_ACTION_##action, phase, CORR_STEP_##what, has, false            \
    }
#define STACK(action, phase, what, has)                                                            \
    {                                                                                              \
        ETW_LAYER_STACK, ETW_ACTION_##action, phase, CORR_STEP_##what, has, false                  \
    }
#define DETAIL(action, phase, what, has)                                                           \
    {                                                                                              \
        ETW_LAYER_STACK, ETW_ACTION_##action, phase, CORR_STEP_##what, has, true                   \
    }
#define KERNEL(action, what, has)                                                                  \
    {                                                                                              \
        ETW_LAYER_KERNEL, ETW_ACTION_##action, EVERY_PHASE, CORR_STEP_##what, has, false           \
    }

#define TOLD    CORR_STEP_IS_INDICATION
#define INBOUND CORR_STEP_IS_INBOUND

/* The first row that fits counts. */
static const struct step_row rows[] = {
    APP(CREATE, EVERY_PHASE, CREATE, 0),
    APP(BIND, EVERY_PHASE, BIND, 0),
    APP(LISTEN, EVERY_PHASE, LISTEN, 0),
    APP(CONNECT, ETW_PHASE_INDICATION, ACCEPT, TOLD),
    APP(CONNECT, EVERY_PHASE, CONNECT, 0),
    APP(ACCEPT, EVERY_PHASE, ACCEPT, 0),
    APP(SEND, EVERY_PHASE, SEND, 0),
    APP(RECEIVE, ETW_PHASE_INDICATION, DELIVERED, TOLD | INBOUND),
    APP(RECEIVE, EVERY_PHASE, RECV, INBOUND),
    APP(SEND_TO, EVERY_PHASE, SENDTO, 0),
    APP(RECEIVE_FROM, ETW_PHASE_INDICATION, DELIVERED, TOLD | INBOUND),
    APP(RECEIVE_FROM, EVERY_PHASE, RECVFROM, INBOUND),
    APP(SHUTDOWN, ETW_PHASE_INDICATION, SHUTDOWN, TOLD | INBOUND),
    APP(SHUTDOWN, EVERY_PHASE, SHUTDOWN, 0),
    APP(CLOSE, EVERY_PHASE, CLOSE, 0),
    APP(ABORT, EVERY_PHASE, ABORT, 0),
    APP(OPTION, EVERY_PHASE, OPTION, 0),
    APP(DROP, EVERY_PHASE, DROP, INBOUND),

    STACK(STATE, EVERY_PHASE, STATE, 0),
    STACK(CONNECT, ETW_PHASE_EXIT, CONNECT, TOLD),
    DETAIL(CONNECT, EVERY_PHASE, CONNECT, 0),
    STACK(ACCEPT, EVERY_PHASE, ACCEPT, 0),
    STACK(LISTEN, EVERY_PHASE, LISTEN, 0),
    DETAIL(CREATE, EVERY_PHASE, CREATE, 0),
    DETAIL(BIND, EVERY_PHASE, BIND, 0),
    DETAIL(PORT, EVERY_PHASE, BIND, 0),
    DETAIL(SYN, EVERY_PHASE, SYN, 0),
    DETAIL(SEND, EVERY_PHASE, SEND, 0),
    STACK(DATA_OUT, EVERY_PHASE, DATA, 0),
    STACK(DATA_IN, EVERY_PHASE, DATA, INBOUND),
    STACK(RETRANSMIT, EVERY_PHASE, RETRANSMIT, 0),
    STACK(TIMER, ETW_PHASE_INDICATION, TIMER, 0),
    DETAIL(TIMER, ETW_PHASE_ENTER, TIMER, CORR_STEP_IS_PENDING),
    DETAIL(TIMER, ETW_PHASE_EXIT, TIMER, CORR_STEP_IS_STOP),
    DETAIL(RECEIVE, EVERY_PHASE, RECV, INBOUND),
    STACK(DELIVERED, EVERY_PHASE, DELIVERED, INBOUND),
    STACK(SHUTDOWN, ETW_PHASE_INDICATION, SHUTDOWN, TOLD | INBOUND),
    STACK(SHUTDOWN, EVERY_PHASE, SHUTDOWN, 0),
    DETAIL(CLOSE, EVERY_PHASE, CLOSE, 0),
    STACK(ABORT, ETW_PHASE_INDICATION, ABORT, TOLD | INBOUND),
    STACK(ABORT, EVERY_PHASE, ABORT, 0),
    STACK(REFUSED, EVERY_PHASE, CONNECT, TOLD | INBOUND),
    STACK(TIMEOUT, EVERY_PHASE, ABORT, TOLD),
    STACK(FAILED, EVERY_PHASE, ABORT, 0),
    STACK(DROP, EVERY_PHASE, DROP, 0),
    STACK(SEND_TO, EVERY_PHASE, SENDTO, 0),
    STACK(RECEIVE_FROM, EVERY_PHASE, RECVFROM, INBOUND),

    KERNEL(CONNECT, CONNECT, TOLD),
    KERNEL(ACCEPT, ACCEPT, TOLD),
    KERNEL(DATA_OUT, DATA, 0),
    KERNEL(DATA_IN, DATA, INBOUND),
    KERNEL(DELIVERED, DELIVERED, INBOUND),
    KERNEL(SEND_TO, SENDTO, 0),
    KERNEL(RECEIVE_FROM, RECVFROM, INBOUND),
    KERNEL(CLOSE, SHUTDOWN, 0),
    KERNEL(FAILED, ABORT, 0),
    KERNEL(RETRANSMIT, RETRANSMIT, 0),
};

#define ROW_COUNT (sizeof(rows) / sizeof(rows[0]))

static const struct step_row *find_row(const struct etw_socket *socket)
{
    for (size_t i = 0; i < ROW_COUNT; i++) {
        const struct step_row *row = &rows[i];
        if (row->layer == socket->layer && row->action == socket->action &&
            (row->phase == EVERY_PHASE || row->phase == socket->phase)) {
            return row;
        }
    }
    return NULL;
}

/* Which members of the event are members of the step. */
static const struct {
    uint32_t event; /* enum etw_socket_member */
    uint16_t step;  /* enum corr_step_member */
} members[] = {
    {ETW_HAS_STATUS, CORR_STEP_HAS_STATUS}, {ETW_HAS_BYTES, CORR_STEP_HAS_BYTES},
    {ETW_HAS_REMOTE, CORR_STEP_HAS_REMOTE}, {ETW_HAS_TIMER, CORR_STEP_HAS_NUMBER},
    {ETW_HAS_REASON, CORR_STEP_HAS_NUMBER}, {ETW_HAS_OPTION, CORR_STEP_HAS_NUMBER},
    {ETW_HAS_COUNT, CORR_STEP_HAS_NUMBER},
};

static uint32_t number_of(const struct etw_socket *socket)
{
    if (socket->has & ETW_HAS_TIMER) {
        return (uint32_t)socket->timer;
    }
    if (socket->has & ETW_HAS_REASON) {
        return socket->reason;
    }
    return socket->has & ETW_HAS_OPTION ? socket->option : socket->count;
}

/* A rundown has one state: the one that it was in already. */
static void fill_states(const struct etw_socket *socket, struct corr_step *step)
{
    bool is_rundown = socket->phase == ETW_PHASE_RUNDOWN;
    uint32_t from = is_rundown ? socket->to : socket->from;
    if (socket->action != ETW_ACTION_STATE || (socket->has & ETW_HAS_TO) == 0 ||
        socket->to >= CORR_STATE_COUNT || from >= CORR_STATE_COUNT) {
        return;
    }
    step->has |= CORR_STEP_HAS_STATES;
    step->has |= is_rundown ? CORR_STEP_IS_INDICATION : 0;
    step->from = (uint8_t)from;
    step->to = (uint8_t)socket->to;
}

static void fill_members(const struct etw_socket *socket, struct corr_step *step)
{
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        step->has |= socket->has & members[i].event ? members[i].step : 0;
    }
    fill_states(socket, step);
    step->status = socket->status;
    step->bytes = socket->has & ETW_HAS_BYTES ? socket->bytes : 0;
    step->number = number_of(socket);
    step->value = socket->option_value;
    step->sequence = socket->sequence;
    step->local = corr_endpoint_of_event(&socket->local);
    step->remote = corr_endpoint_of_event(&socket->remote);
}

static void fill_event(const struct etw_record *record, struct corr_step *step)
{
    step->time = step->last_time = record->time;
    step->has |= CORR_STEP_HAS_EVENT;
    if (record->provider) {
        memcpy(step->provider.bytes, record->provider, sizeof(step->provider.bytes));
    }
    step->id = record->class_of == RECORD_IS_MANIFEST ? record->id : record->opcode;
    step->version = record->version;
    step->offset = record->offset;
    step->header_pid = record->process_id;
    step->header_tid = record->thread_id;
}

static bool fill_process(const struct etw_process *process, struct corr_step *step)
{
    if (process->phase == ETW_PHASE_RUNDOWN) {
        return false;
    }
    step->layer = CORR_STEP_PROCESS;
    step->what = process->is_end ? CORR_STEP_EXIT : CORR_STEP_START;
    step->has |= process->is_end ? CORR_STEP_HAS_NUMBER : 0;
    step->number = process->exit_status;
    return true;
}

static bool fill_socket(const struct etw_socket *socket, bool is_verbose, struct corr_step *step)
{
    const struct step_row *row = find_row(socket);
    if (!row || (row->is_detail && !is_verbose)) {
        return false;
    }
    step->layer = socket->layer == ETW_LAYER_APPLICATION ? CORR_STEP_APP : CORR_STEP_STACK;
    step->what = row->what;
    step->has |= row->has;
    fill_members(socket, step);
    return true;
}

void event_step_begin(const struct etw_event *event, struct corr_step *step)
{
    *step = (struct corr_step){.socket = CORR_NO_ROW, .process = CORR_NO_ROW, .count = 1};
    fill_event(event->record, step);
}

bool event_step_fill(const struct etw_event *event, bool is_verbose, struct corr_step *step)
{
    event_step_begin(event, step);
    if (event->kind == ETW_EVENT_PROCESS) {
        return fill_process(&event->u.process, step);
    }
    return event->kind == ETW_EVENT_SOCKET && fill_socket(&event->u.socket, is_verbose, step);
}
