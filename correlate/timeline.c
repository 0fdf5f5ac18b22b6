/* SPDX-License-Identifier: MIT */
#include "correlate/timeline.h"

#include <stdlib.h>
#include <string.h>

#include "correlate/end_pairs.h"
#include "correlate/event_steps.h"
#include "correlate/http_texts.h"
#include "correlate/packet_steps.h"
#include "correlate/smb_steps.h"
#include "correlate/smb_waiting.h"
#include "correlate/step_list.h"
#include "correlate/step_stories.h"
#include "correlate/tcp_machine.h"

/* Repetition ends when a socket is silent for this long. */
#define SILENCE (INT64_C(1) * 10000000)

/* Connections without socket whose states are inferred, at most. */
#define STRANGERS 4096

struct corr_timeline {
    const struct corr_ledger *ledger;  /* borrowed */
    const struct corr_socket *sockets; /* borrowed */
    size_t socket_count;
    struct corr_timeline_options options;
    corr_step_sink *sink;
    void *context;
    struct step_list list;
    struct step_stories stories; /* of sockets, behind them those of strangers */
    struct end_pairs strangers;  /* connections that only packets show */
    struct smb_waiting smb;      /* steps of messages that others may tell of */
    int64_t held_since;          /* packets of this time may still come */
    int64_t given;               /* time of the last step that was given on */
};

enum etw_status corr_timeline_new(const struct corr_ledger *ledger,
                                  const struct corr_timeline_options *options, corr_step_sink *sink,
                                  void *context, struct corr_timeline **out,
                                  struct etw_error *error)
{
    struct corr_timeline *timeline = calloc(1, sizeof(*timeline));
    if (!timeline) {
        return etw_fail_memory(error, "the timeline");
    }
    timeline->ledger = ledger;
    timeline->options = *options;
    timeline->sink = sink;
    timeline->context = context;
    timeline->held_since = INT64_MAX;
    timeline->given = INT64_MIN;
    timeline->socket_count = corr_ledger_sockets(ledger, &timeline->sockets);
    if (!step_stories_init(&timeline->stories, timeline->socket_count + STRANGERS)) {
        corr_timeline_free(timeline);
        return etw_fail_memory(error, "the timeline");
    }
    *out = timeline;
    return ETW_OK;
}

void corr_timeline_free(struct corr_timeline *timeline)
{
    if (timeline) {
        step_list_done(&timeline->list);
        step_stories_done(&timeline->stories);
        end_pairs_done(&timeline->strangers);
        free(timeline);
    }
}

/* ---- giving steps on ---- */

/* The stack tells of one retransmission by several events. */
#define SAME_RETRANSMISSION (INT64_C(1) * 10000)
/* So many steps, of other sockets too, lie between them at most. */
#define TOLD_WITHIN 64

static bool is_retransmission(const struct corr_step *step)
{
    return step->what == CORR_STEP_RETRANSMIT && step->layer == CORR_STEP_STACK;
}

static bool may_leave(const struct corr_timeline *timeline, const struct held_step *held,
                      int64_t now)
{
    if (held->is_open || held->is_waiting || held->step.time >= timeline->held_since ||
        (is_retransmission(&held->step) && now - held->step.time <= SAME_RETRANSMISSION)) {
        return false;
    }
    if (!held->is_bulk || held->step.socket == CORR_NO_ROW) {
        return true;
    }
    const struct step_story *story = step_stories_find(&timeline->stories, held->step.socket);
    return held->phase != story->phase || now - story->last_time > SILENCE;
}

static enum etw_status give_first(struct corr_timeline *timeline, struct etw_error *error)
{
    struct held_step *held = timeline->list.first;
    if (held->is_open) {
        held->step.has |= CORR_STEP_IS_PENDING;
        step_stories_forget_call(&timeline->stories, held);
    }
    if (held->is_waiting) {
        smb_waiting_forget(&timeline->smb, held);
    }
    if (held->is_bulk) {
        step_stories_forget_fold(&timeline->stories, held);
    }
    timeline->given = held->step.time;
    enum etw_status status = timeline->sink(timeline->context, &held->step, error);
    step_list_remove(&timeline->list, held);
    return status;
}

static enum etw_status drain(struct corr_timeline *timeline, int64_t now, struct etw_error *error)
{
    enum etw_status status = ETW_OK;
    smb_waiting_end_before(&timeline->smb, &timeline->stories, &timeline->list,
                           corr_time_shift(now, -SMB_WAITS));
    while (!status && timeline->list.first &&
           (timeline->list.count > CORR_STEPS_HELD ||
            may_leave(timeline, timeline->list.first, now))) {
        status = give_first(timeline, error);
    }
    return status;
}

/* ---- taking steps in ---- */

/* What is repeated so often that people want it as one line. */
static const bool is_bulk_what[CORR_STEP_WHAT_COUNT] = {
    [CORR_STEP_SEND] = true,      [CORR_STEP_RECV] = true,   [CORR_STEP_SENDTO] = true,
    [CORR_STEP_RECVFROM] = true,  [CORR_STEP_DATA] = true,   [CORR_STEP_ACK] = true,
    [CORR_STEP_DELIVERED] = true, [CORR_STEP_PACKET] = true,
};

static void fill_owner(const struct corr_timeline *timeline, struct corr_step *step)
{
    if (step->socket != CORR_NO_ROW && step->process == CORR_NO_ROW) {
        const struct corr_socket *socket = &timeline->sockets[step->socket];
        bool is_contradicted = (socket->flags & CORR_SOCKET_CONTRADICTED) != 0;
        step->process = is_contradicted ? CORR_NO_ROW : socket->process;
        step->confidence = socket->confidence;
        step->reason = is_contradicted ? CORR_AMBIGUOUS : CORR_UNKNOWN;
    }
    if (step->process != CORR_NO_ROW) {
        step->reason = CORR_OWNED;
    }
}

/* Messages of SMB go over the connection as its data do: they end the repetition of messages, and
 * segments go on. */
static void end_phase(struct corr_timeline *timeline, struct step_story *story,
                      const struct corr_step *step, bool is_bulk)
{
    bool is_silent = step->time - story->last_time > SILENCE;
    if (is_bulk && !is_silent) {
        return;
    }
    smb_waiting_end_phase(&timeline->smb, &timeline->stories, &timeline->list, step->socket);
    if (is_silent || step->layer != CORR_STEP_SMB) {
        step_story_end_phase(story);
    } else {
        step_story_end_messages(story);
    }
}

/* The step waits, alone or folded into an earlier one. `*out` (may be NULL): the held step. */
static enum etw_status add_step(struct corr_timeline *timeline, struct corr_step *step,
                                struct held_step **out, struct etw_error *error)
{
    bool is_bulk = (is_bulk_what[step->what] || smb_step_is_bulk(step)) &&
                   !timeline->options.is_verbose && step->socket != CORR_NO_ROW;
    fill_owner(timeline, step);
    struct step_story *story = NULL;
    if (step->socket != CORR_NO_ROW) {
        story = step_stories_get(&timeline->stories, step->socket);
        if (!story) {
            return etw_fail_memory(error, "the timeline");
        }
        end_phase(timeline, story, step, is_bulk);
        story->last_time = step->time;
    }
    struct held_step *held = step_list_add(&timeline->list, step);
    if (!held) {
        return etw_fail_memory(error, "the timeline");
    }
    if (is_bulk) {
        held->is_bulk = true;
        held->phase = story->phase;
    }
    if (out) {
        *out = held;
    }
    return ETW_OK;
}

/* ---- calls ---- */

static enum etw_status begin_call(struct corr_timeline *timeline, struct corr_step *step,
                                  const struct etw_socket *socket, struct etw_error *error)
{
    struct step_story *story = step_stories_get(&timeline->stories, step->socket);
    if (!story) {
        return etw_fail_memory(error, "the timeline");
    }
    /* Windows logs some calls twice on their way in. */
    if (step_story_is_within_call(story, step, socket)) {
        return ETW_OK;
    }
    struct held_step *held = NULL;
    enum etw_status status = add_step(timeline, step, &held, error);
    if (!status) {
        step_story_open_call(story, held, socket);
    }
    return status;
}

/* The end of a call: its step gets the result. An end whose begin is gone is a step of its own,
 * unless it only tells once more that the data went out. */
static enum etw_status end_call(struct corr_timeline *timeline, struct corr_step *step,
                                const struct etw_socket *socket, struct etw_error *error)
{
    struct step_story *story = step_stories_get(&timeline->stories, step->socket);
    if (!story) {
        return etw_fail_memory(error, "the timeline");
    }
    struct held_step *held = step_story_close_call(story, step, socket);
    if (!held) {
        if (socket->action == ETW_ACTION_SEND || socket->action == ETW_ACTION_SEND_TO) {
            return ETW_OK;
        }
        step->has |= CORR_STEP_IS_LATE_END;
        return add_step(timeline, step, NULL, error);
    }
    held->is_open = false;
    held->step.has |= CORR_STEP_HAS_DURATION;
    held->step.has |= step->has & (CORR_STEP_HAS_STATUS | CORR_STEP_HAS_REMOTE);
    held->step.duration = step->time - held->step.time;
    held->step.status = step->status;
    if (step->has & CORR_STEP_HAS_BYTES) {
        held->step.has |= CORR_STEP_HAS_BYTES;
        held->step.bytes = step->bytes;
    }
    if (step->local.size > 0) {
        held->step.local = step->local;
    }
    if (held->is_bulk) {
        step_story_fold(story, &timeline->list, held);
    }
    return ETW_OK;
}

static enum etw_status add_event(struct corr_timeline *timeline, struct corr_step *step,
                                 const struct etw_event *event, struct etw_error *error)
{
    const struct etw_socket *socket = &event->u.socket;
    bool is_call = event->kind == ETW_EVENT_SOCKET && socket->layer == ETW_LAYER_APPLICATION &&
                   step->socket != CORR_NO_ROW;
    if (is_call && socket->phase == ETW_PHASE_ENTER) {
        return begin_call(timeline, step, socket, error);
    }
    if (is_call && socket->phase == ETW_PHASE_EXIT) {
        return end_call(timeline, step, socket, error);
    }
    struct held_step *held = NULL;
    enum etw_status status = add_step(timeline, step, &held, error);
    if (held && held->is_bulk) {
        step_story_fold(step_stories_get(&timeline->stories, step->socket), &timeline->list, held);
    }
    return status;
}

/* A state that follows from the one before is checked; what does not follow is said. */
static void check_states(struct corr_step *step)
{
    bool has_states = (step->has & CORR_STEP_HAS_STATES) != 0;
    if (has_states &&
        !corr_tcp_is_possible((enum corr_tcp_state)step->from, (enum corr_tcp_state)step->to)) {
        step->has |= CORR_STEP_IS_IMPOSSIBLE;
    }
}

/* Windows puts a connection away with this status although it ended well.
 * [documented: ntstatus.h] */
#define STATUS_CONNECTION_ABORTED 0xC0000241u

static void mark_cleanup(const struct corr_timeline *timeline, struct corr_step *step)
{
    if (step->socket == CORR_NO_ROW || step->what != CORR_STEP_SHUTDOWN ||
        step->status != STATUS_CONNECTION_ABORTED) {
        return;
    }
    const struct corr_socket *socket = &timeline->sockets[step->socket];
    bool is_clean =
        socket->cause == CORR_CAUSE_LOCAL_CLOSE || socket->cause == CORR_CAUSE_PEER_CLOSE;
    if (is_clean && socket->closed <= step->time) {
        step->has |= CORR_STEP_IS_LATE_END;
    }
}

static bool is_retransmission_of(const struct corr_step *step, uint32_t socket)
{
    return is_retransmission(step) && step->socket == socket;
}

static bool is_told_again(const struct corr_timeline *timeline, const struct corr_step *step)
{
    struct held_step *held = is_retransmission(step) ? timeline->list.last : NULL;
    for (int i = 0;
         held && i < TOLD_WITHIN && step->time - held->step.time <= SAME_RETRANSMISSION &&
         !is_retransmission_of(&held->step, step->socket);
         i++) {
        held = held->previous;
    }
    if (!held || !is_retransmission_of(&held->step, step->socket) ||
        step->time - held->step.time > SAME_RETRANSMISSION) {
        return false;
    }
    if (step->has & CORR_STEP_HAS_NUMBER) {
        held->step.has |= CORR_STEP_HAS_NUMBER;
        held->step.number = step->number;
    }
    return true;
}

static bool is_self_change(const struct corr_step *step)
{
    return (step->has & CORR_STEP_HAS_STATES) && step->from == step->to &&
           (step->has & CORR_STEP_IS_INDICATION) == 0;
}

enum etw_status corr_timeline_event(struct corr_timeline *timeline, const struct etw_event *event,
                                    uint32_t socket, struct etw_error *error)
{
    struct corr_step step;
    if (!event_step_fill(event, timeline->options.is_verbose, &step)) {
        return ETW_OK;
    }
    step.socket = socket;
    if (event->kind == ETW_EVENT_PROCESS) {
        step.process =
            corr_processes_find(corr_ledger_processes(timeline->ledger), event->u.process.pid,
                                event->u.process.start_key, event->record->time);
    }
    check_states(&step);
    mark_cleanup(timeline, &step);
    bool says_nothing = is_self_change(&step) || is_told_again(timeline, &step);
    if (says_nothing && !timeline->options.is_verbose) {
        return ETW_OK;
    }
    enum etw_status status = add_event(timeline, &step, event, error);
    return status ? status : drain(timeline, step.time, error);
}

/* ---- HTTP ---- */

/* A server is asked and answers, a client asks and is answered. */
static enum etw_status add_http(struct corr_timeline *timeline, const struct etw_event *event,
                                const struct corr_http_note *note, bool is_response,
                                struct etw_error *error)
{
    struct corr_step step;
    event_step_begin(event, &step);
    step.socket = note->socket;
    step.layer = CORR_STEP_APP;
    step.what = is_response ? CORR_STEP_RESPONSE : CORR_STEP_REQUEST;
    step.has |= note->is_server != is_response ? CORR_STEP_IS_INBOUND : 0;
    http_copy_cut(step.request, sizeof(step.request), note->request, strlen(note->request));
    http_copy_cut(step.host, sizeof(step.host), note->host, strlen(note->host));
    if (is_response) {
        step.has |= note->status ? CORR_STEP_HAS_NUMBER : 0;
        step.number = note->status;
        step.has |= note->process != CORR_NO_ROW ? CORR_STEP_HAS_BEHALF : 0;
        step.behalf = note->process;
        step.behalf_confidence = note->confidence;
        step.behalf_offset = step.offset;
    }
    return add_step(timeline, &step, NULL, error);
}

enum etw_status corr_timeline_http(struct corr_timeline *timeline, const struct etw_event *event,
                                   const struct corr_http_note *note, struct etw_error *error)
{
    enum etw_status status = ETW_OK;
    if (note->has_request) {
        status = add_http(timeline, event, note, false, error);
    }
    if (!status && note->has_response) {
        status = add_http(timeline, event, note, true, error);
    }
    return status ? status : drain(timeline, event->record->time, error);
}

/* ---- SMB ---- */

enum etw_status corr_timeline_smb(struct corr_timeline *timeline, const struct etw_event *event,
                                  const struct corr_smb_news *news, int64_t now,
                                  struct etw_error *error)
{
    struct corr_step step;
    smb_step_fill(timeline->ledger, event, news, timeline->given, &step);
    if (!news->is_first) {
        struct held_step *same = smb_waiting_find(&timeline->smb, &step);
        if (same) {
            smb_step_complete(&same->step, &step);
        }
        return ETW_OK;
    }
    struct held_step *held = NULL;
    enum etw_status status = add_step(timeline, &step, &held, error);
    if (held) {
        smb_waiting_add(&timeline->smb, &timeline->stories, &timeline->list, held);
    }
    return status ? status : drain(timeline, now, error);
}

enum etw_status corr_timeline_smb_condition(struct corr_timeline *timeline,
                                            const struct etw_event *event,
                                            const struct corr_smb_condition *condition,
                                            struct corr_smb_operations *names,
                                            struct etw_error *error)
{
    struct corr_step step;
    struct held_step *held = NULL;
    if (!smb_step_fill_condition(event, condition, names, &step)) {
        return etw_fail_memory(error, "the timeline");
    }
    enum etw_status status = add_step(timeline, &step, &held, error);
    if (held && held->is_bulk) {
        step_story_fold(step_stories_get(&timeline->stories, step.socket), &timeline->list, held);
    }
    return status ? status : drain(timeline, step.time, error);
}

/* ---- packets ---- */

/* The states that packets show, where no event tells of states. What is dropped on its way in
 * changes none. False: there is nothing new. */
static bool infer_state(struct corr_timeline *timeline, const struct corr_packet *packet,
                        const struct corr_step *of, struct step_story *story,
                        struct corr_step *step)
{
    bool is_inbound = (of->has & CORR_STEP_IS_INBOUND) != 0;
    enum corr_tcp_state from = CORR_CLOSED;
    if (packet->drop.is_dropped && is_inbound) {
        return false;
    }
    bool has_changed =
        corr_tcp_machine_step(&story->machine, is_inbound, of->tcp_flags, of->sequence,
                              (uint32_t)of->bytes, of->acknowledged, &from);
    bool is_told =
        of->socket != CORR_NO_ROW && corr_ledger_state_count(timeline->ledger, of->socket) > 0;
    if (!has_changed || is_told) {
        return false;
    }
    *step = *of;
    step->what = CORR_STEP_STATE;
    step->has = CORR_STEP_HAS_STATES | CORR_STEP_IS_INFERRED | (of->has & CORR_STEP_IS_INBOUND);
    step->from = (uint8_t)from;
    step->to = story->machine.state;
    check_states(step);
    step_story_note_state(story, step);
    return true;
}

static enum etw_status add_packet(struct corr_timeline *timeline, struct corr_step *step,
                                  struct etw_error *error)
{
    struct held_step *held = NULL;
    enum etw_status status = add_step(timeline, step, &held, error);
    if (held && held->is_bulk) {
        step_story_fold(step_stories_get(&timeline->stories, step->socket), &timeline->list, held);
    }
    return status;
}

/* What packets of a connection have told so far, also when no socket is known of it. `*out` is
 * NULL for packets that show no states. */
static enum etw_status story_of(struct corr_timeline *timeline, const struct corr_packet *packet,
                                struct step_story **out, struct etw_error *error)
{
    uint32_t row = packet->verdict.socket;
    bool is_done = true;
    *out = NULL;
    if (packet->layers.has_tcp && row == CORR_NO_ROW) {
        uint32_t pair = END_PAIRS_NONE;
        is_done = end_pairs_take(&timeline->strangers, packet, STRANGERS, &pair);
        row = pair == END_PAIRS_NONE ? CORR_NO_ROW : (uint32_t)timeline->socket_count + pair;
    }
    if (is_done && packet->layers.has_tcp && row != CORR_NO_ROW) {
        *out = step_stories_get(&timeline->stories, row);
        is_done = *out != NULL;
    }
    return is_done ? ETW_OK : etw_fail_memory(error, "the timeline");
}

/* The packet, that it was dropped, and the state that it shows. */
static enum etw_status add_packet_steps(struct corr_timeline *timeline,
                                        const struct corr_packet *packet,
                                        const struct corr_step *step, struct step_story *story,
                                        struct etw_error *error)
{
    struct corr_step first = *step;
    struct corr_step drop, state;
    enum etw_status status = add_packet(timeline, &first, error);
    if (!status && packet_step_fill_drop(packet, step, &drop)) {
        status = add_step(timeline, &drop, NULL, error);
    }
    if (!status && story && infer_state(timeline, packet, step, story, &state)) {
        status = add_step(timeline, &state, NULL, error);
    }
    return status ? status : drain(timeline, step->time, error);
}

enum etw_status corr_timeline_packet(struct corr_timeline *timeline,
                                     const struct corr_packet *packet, bool is_shown,
                                     struct etw_error *error)
{
    struct corr_step step, state;
    struct step_story *story = NULL;
    packet_step_fill(packet, &step);
    enum etw_status status = story_of(timeline, packet, &story, error);
    if (status) {
        return status;
    }
    if (story) {
        step_story_mark_repeated(story, &step);
    }
    if (is_shown) {
        return add_packet_steps(timeline, packet, &step, story, error);
    }
    if (story) {
        (void)infer_state(timeline, packet, &step, story, &state);
    }
    return ETW_OK;
}

void corr_timeline_hold(struct corr_timeline *timeline, int64_t since)
{
    timeline->held_since = since;
}

enum etw_status corr_timeline_finish(struct corr_timeline *timeline, struct etw_error *error)
{
    enum etw_status status = ETW_OK;
    smb_waiting_end_before(&timeline->smb, &timeline->stories, &timeline->list, INT64_MAX);
    while (!status && timeline->list.first) {
        status = give_first(timeline, error);
    }
    return status;
}

size_t corr_timeline_states(const struct corr_timeline *timeline, uint32_t socket,
                            struct corr_state_change *changes, size_t maximum)
{
    size_t count = corr_ledger_states(timeline->ledger, socket, changes, maximum);
    if (count > 0 || !step_stories_has(&timeline->stories, socket)) {
        return count;
    }
    const struct step_story *story = step_stories_find(&timeline->stories, socket);
    for (; count < story->state_count && count < maximum; count++) {
        changes[count] = story->states[count];
    }
    return count;
}
