/* SPDX-License-Identifier: MIT */
/*
 * judge_events.c - what events show of a socket: a table per layer from action to the
 * function that takes it.
 */
#include "correlate/judge_observations.h"

/* [documented: ntstatus.h] */
#define STATUS_PENDING                0x00000103u
#define STATUS_ADDRESS_ALREADY_EXISTS 0xC000020Au
#define STATUS_TOO_MANY_ADDRESSES     0xC0000209u

/* Up to three events tell of one retransmission. */
#define SAME_RETRANSMISSION (10 * JUDGE_MILLISECOND)

typedef void take_event(struct judge_scene *scene, const struct etw_event *event);

static bool states(const struct etw_socket *socket, uint32_t members)
{
    return (socket->has & members) == members;
}

static bool has_failed(const struct etw_socket *socket)
{
    return states(socket, ETW_HAS_STATUS) && socket->status != 0 &&
           socket->status != STATUS_PENDING;
}

static void set_once(int64_t *time, int64_t now)
{
    if (*time == JUDGE_NEVER) {
        *time = now;
    }
}

/* ---- the application ---- */

/* A port for the asking is refused only when none is left. */
static void note_port(struct judge_observation *o, const struct etw_socket *socket, bool is_any)
{
    uint32_t status = has_failed(socket) ? socket->status : 0;
    if (status == STATUS_TOO_MANY_ADDRESSES ||
        (is_any && status == STATUS_ADDRESS_ALREADY_EXISTS)) {
        o->signs |= JUDGE_NO_PORT;
        o->status = status;
    }
}

static void app_bind(struct judge_scene *scene, const struct etw_event *event)
{
    const struct etw_socket *socket = &event->u.socket;
    struct judge_observation *o = scene->observation;
    if (socket->phase == ETW_PHASE_ENTER) {
        bool is_any = states(socket, ETW_HAS_LOCAL) && socket->local.port == 0;
        o->signs |= is_any ? JUDGE_ASKED_ANY_PORT : 0;
    } else {
        note_port(o, socket, judge_has(o, JUDGE_ASKED_ANY_PORT));
        o->failed_time = judge_has(o, JUDGE_NO_PORT) ? scene->time : o->failed_time;
    }
}

/* An indication is about the connection that comes, not about the socket. */
static void app_connect(struct judge_scene *scene, const struct etw_event *event)
{
    const struct etw_socket *socket = &event->u.socket;
    struct judge_observation *o = scene->observation;
    if (socket->phase == ETW_PHASE_ENTER) {
        if (o->connect_end != JUDGE_NEVER) { /* another attempt */
            o->connect_begin = o->connect_end = JUDGE_NEVER;
            o->signs &= ~(uint32_t)JUDGE_HAS_CONNECT_STATUS;
        }
        set_once(&o->connect_begin, scene->time);
        o->signs |= JUDGE_IS_CLIENT;
    } else if (socket->phase == ETW_PHASE_EXIT && states(socket, ETW_HAS_STATUS) &&
               socket->status != STATUS_PENDING) {
        o->connect_end = scene->time;
        o->connect_status = socket->status;
        o->signs |= JUDGE_HAS_CONNECT_STATUS | JUDGE_IS_CLIENT;
        note_port(o, socket, false);
        if (socket->status == 0) {
            set_once(&o->established_time, scene->time);
        } else {
            o->failed_offset = event->record->offset;
        }
    }
}

static void note_waited(struct judge_scene *scene)
{
    struct judge_observation *o = scene->observation;
    int64_t waited = judge_between(o->waiting_since, scene->time);
    /* less is the usual scheduling of threads, see judge_notes.c */
    if (waited >= JUDGE_SECOND / 10) {
        struct judge_trouble *trouble = judge_trouble_get(scene);
        if (trouble && waited > trouble->slow_longest) {
            trouble->slow_longest = waited;
            trouble->slow_unread = o->unread;
        }
    }
}

static void end_wait(struct judge_scene *scene)
{
    if (scene->observation->waiting_since != JUDGE_NEVER) {
        note_waited(scene);
        scene->observation->waiting_since = JUDGE_NEVER;
    }
}

static void take_returned(struct judge_scene *scene, const struct etw_socket *socket)
{
    struct judge_observation *o = scene->observation;
    o->receives = (uint8_t)(o->receives - (o->receives > 0));
    if (has_failed(socket) || !states(socket, ETW_HAS_BYTES) || socket->bytes == 0) {
        return;
    }
    o->returned_time = scene->time;
    o->unread = socket->bytes < o->unread ? o->unread - (uint32_t)socket->bytes : 0;
    if (o->unread > 0 && o->receives == 0) {
        o->waiting_since = scene->time;
    }
}

static void app_receive(struct judge_scene *scene, const struct etw_event *event)
{
    const struct etw_socket *socket = &event->u.socket;
    struct judge_observation *o = scene->observation;
    if (socket->phase == ETW_PHASE_ENTER) {
        end_wait(scene);
        o->receives = (uint8_t)(o->receives + (o->receives < UINT8_MAX));
    } else if (socket->phase == ETW_PHASE_EXIT) {
        take_returned(scene, socket);
    } else if (socket->phase == ETW_PHASE_INDICATION && socket->bytes > 0) {
        uint64_t unread = (uint64_t)o->unread + socket->bytes;
        o->unread = unread < socket->bytes || unread > UINT32_MAX ? UINT32_MAX : (uint32_t)unread;
        o->indicated_time = scene->time;
        if (o->receives == 0) {
            set_once(&o->waiting_since, scene->time);
        }
    }
}

static void app_shutdown(struct judge_scene *scene, const struct etw_event *event)
{
    if (event->u.socket.phase == ETW_PHASE_INDICATION) {
        set_once(&scene->observation->fin_time[JUDGE_IN], scene->time);
    }
}

/* Reason 4: the stack has told of a reset. [documented: Winsock-AFD's value map] */
#define ABORT_BY_STACK 4

static void app_abort(struct judge_scene *scene, const struct etw_event *event)
{
    const struct etw_socket *socket = &event->u.socket;
    struct judge_observation *o = scene->observation;
    bool is_stack = states(socket, ETW_HAS_REASON) && socket->reason == ABORT_BY_STACK;
    if (judge_is_any(o, JUDGE_RESET_IN | JUDGE_HAS_ABORT_REASON) || is_stack) {
        return;
    }
    o->signs |= JUDGE_ABORTED;
    set_once(&o->failed_time, scene->time);
    if (states(socket, ETW_HAS_REASON) && socket->reason <= UINT8_MAX) {
        o->signs |= JUDGE_HAS_ABORT_REASON;
        o->abort_reason = (uint8_t)socket->reason;
        o->failed_offset = event->record->offset;
    }
}

static void app_close(struct judge_scene *scene, const struct etw_event *event)
{
    (void)event;
    struct judge_observation *o = scene->observation;
    end_wait(scene);
    o->signs |= JUDGE_IS_CLOSED;
}

/* ---- the stack ---- */

/* By the state entered: whose FIN it means. */
static const struct {
    bool is_fin;
    uint8_t way;
} fins[CORR_STATE_COUNT] = {
    [CORR_FIN_WAIT_1] = {true, JUDGE_OUT}, [CORR_CLOSE_WAIT] = {true, JUDGE_IN},
    [CORR_CLOSING] = {true, JUDGE_IN},     [CORR_LAST_ACK] = {true, JUDGE_OUT},
    [CORR_TIME_WAIT] = {true, JUDGE_IN},
};

static void stack_state(struct judge_scene *scene, const struct etw_event *event)
{
    const struct etw_socket *socket = &event->u.socket;
    struct judge_observation *o = scene->observation;
    uint32_t to = socket->to;
    if (!states(socket, ETW_HAS_TO) || to >= CORR_STATE_COUNT) {
        return;
    }
    if (socket->phase == ETW_PHASE_RUNDOWN) {
        o->signs |= o->syn_count == 0 && to >= CORR_ESTABLISHED ? JUDGE_IS_OLDER : 0;
    } else if (to == CORR_SYN_SENT || to == CORR_SYN_RECEIVED) {
        o->signs |= to == CORR_SYN_SENT ? JUDGE_IS_CLIENT : JUDGE_IS_SERVER;
        judge_note_syn(o, scene->time, false);
    } else if (to == CORR_ESTABLISHED) {
        set_once(&o->established_time, scene->time);
    } else if (fins[to].is_fin) {
        set_once(&o->fin_time[fins[to].way], scene->time);
    }
    if (to == CORR_CLOSED && states(socket, ETW_HAS_FROM) && socket->from != CORR_CLOSED &&
        socket->from < CORR_STATE_COUNT) {
        o->last_state = (uint8_t)socket->from;
    }
    o->state = (uint8_t)to;
}

/* Nearer to the SYN than the state change before it. */
static void stack_syn(struct judge_scene *scene, const struct etw_event *event)
{
    (void)event;
    struct judge_observation *o = scene->observation;
    o->signs |= JUDGE_IS_CLIENT;
    judge_note_syn(o, scene->time, !judge_has(o, JUDGE_HAS_PACKETS));
}

static void stack_connect(struct judge_scene *scene, const struct etw_event *event)
{
    const struct etw_socket *socket = &event->u.socket;
    struct judge_observation *o = scene->observation;
    o->signs |= JUDGE_IS_CLIENT;
    if (socket->phase == ETW_PHASE_EXIT && !has_failed(socket)) {
        set_once(&o->established_time, scene->time);
    }
}

static void stack_accept(struct judge_scene *scene, const struct etw_event *event)
{
    (void)event;
    scene->observation->signs |= JUDGE_IS_SERVER;
    set_once(&scene->observation->established_time, scene->time);
}

/* Packets show retransmissions with their range; where there are packets they count. */
static void stack_retransmit(struct judge_scene *scene, const struct etw_event *event)
{
    const struct etw_socket *socket = &event->u.socket;
    struct judge_observation *o = scene->observation;
    bool is_syn = o->established_time == JUDGE_NEVER && judge_has(o, JUDGE_IS_CLIENT);
    if (is_syn) {
        judge_note_syn(o, scene->time, false);
    }
    if (is_syn || judge_has(o, JUDGE_HAS_PACKETS)) {
        return;
    }
    struct judge_trouble *trouble = judge_trouble_get(scene);
    bool is_same = trouble && trouble->retransmits[JUDGE_OUT] > 0 &&
                   corr_time_is_near(trouble->retransmit_time, scene->time, SAME_RETRANSMISSION);
    if (!trouble || is_same) {
        return;
    }
    bool has_range = states(socket, ETW_HAS_SEQUENCE | ETW_HAS_BYTES) && socket->bytes > 0;
    if (has_range && trouble->high[JUDGE_OUT] == 0) {
        trouble->low[JUDGE_OUT] = socket->sequence;
        trouble->high[JUDGE_OUT] = socket->sequence + (uint32_t)socket->bytes;
    }
    trouble->retransmits[JUDGE_OUT]++;
    trouble->retransmit_time = scene->time;
}

/* SYN and FIN are logged as a byte: they are the first and the last number of their side. */
static bool is_flag(const struct corr_socket *socket, const struct etw_socket *said,
                    bool is_inbound)
{
    int known = is_inbound ? CORR_SOCKET_REMOTE_SEQUENCE : CORR_SOCKET_LOCAL_SEQUENCE;
    if (!socket || (socket->flags & known) == 0 || said->bytes != 1) {
        return false;
    }
    uint32_t first = is_inbound ? socket->remote_first : socket->local_first;
    uint32_t next = is_inbound ? socket->remote_next : socket->local_next;
    return said->sequence == first || said->sequence + 1 == next;
}

static void stack_data_out(struct judge_scene *scene, const struct etw_event *event)
{
    struct judge_observation *o = scene->observation;
    const struct etw_socket *socket = &event->u.socket;
    if (socket->bytes > 0 && o->established_time != JUDGE_NEVER &&
        o->fin_time[JUDGE_OUT] == JUDGE_NEVER && !is_flag(scene->socket, socket, false)) {
        o->data_time[JUDGE_OUT] = scene->time;
    }
}

static void reach(int64_t *station, const struct judge_scene *scene)
{
    if (*station < scene->observation->captured_time || *station == JUDGE_NEVER) {
        *station = scene->time;
    }
}

static void stack_data_in(struct judge_scene *scene, const struct etw_event *event)
{
    struct judge_observation *o = scene->observation;
    if (event->u.socket.bytes == 0 || is_flag(scene->socket, &event->u.socket, true)) {
        return;
    }
    reach(&o->taken_time, scene);
    if (o->fin_time[JUDGE_IN] == JUDGE_NEVER && o->established_time != JUDGE_NEVER) {
        o->data_time[JUDGE_IN] = scene->time;
    }
}

static void stack_delivered(struct judge_scene *scene, const struct etw_event *event)
{
    if (event->u.socket.bytes > 0) {
        reach(&scene->observation->indicated_time, scene);
    }
}

static void stack_shutdown(struct judge_scene *scene, const struct etw_event *event)
{
    const struct etw_socket *socket = &event->u.socket;
    struct judge_observation *o = scene->observation;
    if (socket->phase == ETW_PHASE_INDICATION) {
        set_once(&o->fin_time[JUDGE_IN], scene->time);
    } else if (socket->phase == ETW_PHASE_SINGLE && has_failed(socket) && o->status == 0) {
        o->status = socket->status;
    }
}

static void fail(struct judge_scene *scene, const struct etw_event *event, uint32_t sign)
{
    const struct etw_socket *socket = &event->u.socket;
    struct judge_observation *o = scene->observation;
    if (!judge_is_any(o, JUDGE_TIMED_OUT | JUDGE_REFUSED | JUDGE_FAILED | JUDGE_ABORTED |
                             JUDGE_RESET_IN)) {
        o->failed_time = scene->time;
        o->failed_offset = event->record->offset;
    }
    o->signs |= sign;
    if (has_failed(socket) && o->status == 0) {
        o->status = socket->status;
    }
}

static void stack_abort(struct judge_scene *scene, const struct etw_event *event)
{
    bool is_peer = event->u.socket.phase == ETW_PHASE_INDICATION;
    struct judge_observation *o = scene->observation;
    if (is_peer && !judge_has(o, JUDGE_RESET_IN)) {
        o->reset_time = scene->time;
    }
    fail(scene, event, is_peer ? JUDGE_RESET_IN : JUDGE_ABORTED);
}

static void stack_refused(struct judge_scene *scene, const struct etw_event *event)
{
    fail(scene, event, JUDGE_REFUSED | JUDGE_IS_CLIENT);
}

static void stack_timeout(struct judge_scene *scene, const struct etw_event *event)
{
    const struct etw_socket *socket = &event->u.socket;
    fail(scene, event, JUDGE_TIMED_OUT);
    scene->observation->timer =
        (uint8_t)(states(socket, ETW_HAS_TIMER) ? socket->timer : ETW_TIMER_UNKNOWN);
}

/* Failures with a byte count are those of one transfer. */
static void stack_failed(struct judge_scene *scene, const struct etw_event *event)
{
    const struct etw_socket *socket = &event->u.socket;
    if (!states(socket, ETW_HAS_BYTES)) {
        fail(scene, event, socket->is_rejected ? JUDGE_REJECTED : JUDGE_FAILED);
        note_port(scene->observation, socket, judge_has(scene->observation, JUDGE_ASKED_ANY_PORT));
    }
}

/* ---- the kernel's own events ---- */

static void kernel_open(struct judge_scene *scene, const struct etw_event *event)
{
    scene->observation->signs |=
        event->u.socket.action == ETW_ACTION_CONNECT ? JUDGE_IS_CLIENT : JUDGE_IS_SERVER;
    set_once(&scene->observation->established_time, scene->time);
}

static void kernel_close(struct judge_scene *scene, const struct etw_event *event)
{
    (void)event;
    scene->observation->signs |= JUDGE_IS_CLOSED;
}

/* ---- the tables ---- */

static take_event *const application[ETW_ACTION_COUNT] = {
    [ETW_ACTION_BIND] = app_bind,       [ETW_ACTION_CONNECT] = app_connect,
    [ETW_ACTION_RECEIVE] = app_receive, [ETW_ACTION_SHUTDOWN] = app_shutdown,
    [ETW_ACTION_ABORT] = app_abort,     [ETW_ACTION_CLEANUP] = app_close,
    [ETW_ACTION_CLOSE] = app_close,
};

static take_event *const stack[ETW_ACTION_COUNT] = {
    [ETW_ACTION_STATE] = stack_state,           [ETW_ACTION_SYN] = stack_syn,
    [ETW_ACTION_CONNECT] = stack_connect,       [ETW_ACTION_ACCEPT] = stack_accept,
    [ETW_ACTION_RETRANSMIT] = stack_retransmit, [ETW_ACTION_DATA_OUT] = stack_data_out,
    [ETW_ACTION_DATA_IN] = stack_data_in,       [ETW_ACTION_DELIVERED] = stack_delivered,
    [ETW_ACTION_SHUTDOWN] = stack_shutdown,     [ETW_ACTION_ABORT] = stack_abort,
    [ETW_ACTION_REFUSED] = stack_refused,       [ETW_ACTION_TIMEOUT] = stack_timeout,
    [ETW_ACTION_FAILED] = stack_failed,
};

static take_event *const kernel[ETW_ACTION_COUNT] = {
    [ETW_ACTION_CONNECT] = kernel_open,
    [ETW_ACTION_ACCEPT] = kernel_open,
    [ETW_ACTION_CLOSE] = kernel_close,
    [ETW_ACTION_SHUTDOWN] = kernel_close,
};

static take_event *const *const layers[] = {
    [ETW_LAYER_APPLICATION] = application,
    [ETW_LAYER_STACK] = stack,
    [ETW_LAYER_KERNEL] = kernel,
};

void judge_take_event(struct judge_scene *scene, const struct etw_event *event)
{
    const struct etw_socket *socket = &event->u.socket;
    bool is_known = (size_t)socket->layer < sizeof(layers) / sizeof(layers[0]) &&
                    socket->action < ETW_ACTION_COUNT;
    take_event *take = is_known ? layers[socket->layer][socket->action] : NULL;
    if (take) {
        take(scene, event);
    }
}
