/* SPDX-License-Identifier: MIT */
#include "correlate/step_stories.h"

#include <stdlib.h>
#include <string.h>

#include "correlate/packet_layers.h"
#include "correlate/smb_steps.h"

bool step_stories_init(struct step_stories *stories, size_t socket_count)
{
    stories->count = socket_count;
    stories->rows = calloc(socket_count + 1, sizeof(struct step_story *));
    return stories->rows != NULL;
}

void step_stories_done(struct step_stories *stories)
{
    for (size_t i = 0; stories->rows && i < stories->count; i++) {
        free(stories->rows[i]);
    }
    free(stories->rows);
    stories->rows = NULL;
}

struct step_story *step_stories_get(struct step_stories *stories, uint32_t socket)
{
    if (!stories->rows[socket]) {
        stories->rows[socket] = calloc(1, sizeof(struct step_story));
    }
    return stories->rows[socket];
}

bool step_stories_has(const struct step_stories *stories, uint32_t socket)
{
    return socket < stories->count && stories->rows[socket] != NULL;
}

const struct step_story *step_stories_find(const struct step_stories *stories, uint32_t socket)
{
    return stories->rows[socket];
}

/* ---- calls ---- */

void step_stories_forget_call(struct step_stories *stories, const struct held_step *held)
{
    struct step_story *story = stories->rows[held->step.socket];
    for (size_t i = 0; story && i < STORY_CALLS; i++) {
        if (story->calls[i].held == held) {
            story->calls[i].held = NULL;
        }
    }
}

bool step_story_is_within_call(const struct step_story *story, const struct corr_step *step,
                               const struct etw_socket *socket)
{
    for (size_t i = 0; i < STORY_CALLS; i++) {
        const struct open_call *call = &story->calls[i];
        if (call->held && call->thread == step->header_tid && call->action == socket->action &&
            call->bytes == socket->bytes) {
            return true;
        }
    }
    return false;
}

static struct open_call *free_call(struct step_story *story)
{
    struct open_call *oldest = &story->calls[0];
    for (size_t i = 0; i < STORY_CALLS; i++) {
        struct open_call *call = &story->calls[i];
        if (!call->held) {
            return call;
        }
        if (call->held->step.time < oldest->held->step.time) {
            oldest = call;
        }
    }
    oldest->held->is_open = false;
    oldest->held->step.has |= CORR_STEP_IS_PENDING;
    return oldest;
}

void step_story_open_call(struct step_story *story, struct held_step *held,
                          const struct etw_socket *socket)
{
    struct open_call *call = free_call(story);
    *call = (struct open_call){.held = held,
                               .thread = held->step.header_tid,
                               .action = (uint8_t)socket->action,
                               .bytes = socket->bytes};
    held->is_open = true;
}

struct held_step *step_story_close_call(struct step_story *story, const struct corr_step *step,
                                        const struct etw_socket *socket)
{
    struct open_call *found = NULL;
    for (size_t i = 0; i < STORY_CALLS; i++) {
        struct open_call *call = &story->calls[i];
        if (!call->held || call->action != socket->action) {
            continue;
        }
        if (call->thread == step->header_tid) {
            found = call;
            break;
        }
        if (!found || call->held->step.time < found->held->step.time) {
            found = call;
        }
    }
    if (!found) {
        return NULL;
    }
    struct held_step *held = found->held;
    found->held = NULL;
    return held;
}

/* ---- folding ---- */

/* Bulk steps of three layers, both ways; 0 is of what is never folded. */
static const uint8_t class_of_what[CORR_STEP_WHAT_COUNT] = {
    [CORR_STEP_SEND] = 1,      [CORR_STEP_RECV] = 1, [CORR_STEP_SENDTO] = 1,
    [CORR_STEP_RECVFROM] = 1,  [CORR_STEP_DATA] = 1, [CORR_STEP_PACKET] = 1,
    [CORR_STEP_DELIVERED] = 2, [CORR_STEP_ACK] = 2,
};

/* Behind those of the three layers: reads and writes of SMB, requests and responses; then what is
 * told of its credits. */
#define SMB_CLASSES    18
#define CREDIT_CLASSES 22
_Static_assert(CREDIT_CLASSES + CORR_SMB_CREDITS_WAITED - CORR_SMB_CREDITS_BLOCKED + 1 ==
                   STORY_CLASSES,
               "a class for each");

static size_t class_of(const struct corr_step *step)
{
    if (step->what == CORR_STEP_CONDITION) {
        return CREDIT_CLASSES + (size_t)step->condition.kind - CORR_SMB_CREDITS_BLOCKED;
    }
    if (step->layer == CORR_STEP_SMB) {
        return SMB_CLASSES + (size_t)(step->command == CORR_SMB_WRITE) * 2 +
               (step->what == CORR_STEP_RESPONSE);
    }
    size_t direction = (step->has & CORR_STEP_IS_INBOUND) != 0;
    return (size_t)step->layer * 6 + class_of_what[step->what] * 2u + direction;
}

void step_story_end_phase(struct step_story *story)
{
    story->phase++;
    memset(story->counts, 0, sizeof(story->counts));
}

void step_story_end_messages(struct step_story *story)
{
    memset(story->counts + SMB_CLASSES, 0,
           sizeof(story->counts[0]) * (STORY_CLASSES - SMB_CLASSES));
}

void step_stories_forget_fold(struct step_stories *stories, const struct held_step *held)
{
    struct step_story *story = stories->rows[held->step.socket];
    if (story && held->phase == story->phase) {
        step_story_end_phase(story);
    }
}

/* Of waits the longest one is told; durations of others mean nothing together. */
static void merge_durations(struct corr_step *into, const struct corr_step *from)
{
    if (into->what != CORR_STEP_CONDITION) {
        into->has &= ~(uint32_t)(CORR_STEP_HAS_DURATION | CORR_STEP_HAS_STATUS);
    } else if (from->duration > into->duration) {
        into->has |= CORR_STEP_HAS_DURATION;
        into->duration = from->duration;
    }
}

static void merge(struct held_step *into, const struct held_step *from)
{
    into->step.count += from->step.count;
    into->step.bytes += from->step.bytes;
    into->step.last_time = from->step.last_time;
    into->step.last_frame = from->step.last_frame;
    merge_durations(&into->step, &from->step);
}

void step_story_fold(struct step_story *story, struct step_list *list, struct held_step *held)
{
    if (held->phase != story->phase) {
        return;
    }
    size_t class = class_of(&held->step);
    struct held_step **members = story->members[class];
    if (story->counts[class] > 0 && !smb_step_is_alike(&members[0]->step, &held->step)) {
        story->counts[class] = 0;
    }
    uint32_t count = story->counts[class]++;
    if (count < FOLDED_FROM - 1) {
        members[count] = held;
        return;
    }
    if (count == FOLDED_FROM - 1) {
        for (size_t i = 1; i < FOLDED_FROM - 1; i++) {
            merge(members[0], members[i]);
            step_list_remove(list, members[i]);
        }
    }
    merge(members[0], held);
    step_list_remove(list, held);
}

/* ---- packets ---- */

static void mark_syn(struct step_story *story, size_t direction, struct corr_step *step)
{
    bool is_same = story->has_next[direction] && story->next[direction] == step->sequence + 1;
    story->syns[direction] = is_same ? story->syns[direction] + 1 : 1;
    story->has_next[direction] = true;
    story->next[direction] = step->sequence + 1;
    if (is_same) {
        step->has |= CORR_STEP_HAS_NUMBER;
        step->number = story->syns[direction] - 1;
        step->what = CORR_STEP_RETRANSMIT;
    }
}

void step_story_note_state(struct step_story *story, const struct corr_step *step)
{
    if (story->state_count < STORY_STATES) {
        story->states[story->state_count++] =
            (struct corr_state_change){.time = step->time, .from = step->from, .to = step->to};
    }
}

void step_story_mark_repeated(struct step_story *story, struct corr_step *step)
{
    size_t direction = (step->has & CORR_STEP_IS_INBOUND) != 0;
    if (step->tcp_flags & CORR_TCP_RST) {
        return;
    }
    if (step->tcp_flags & CORR_TCP_SYN) {
        mark_syn(story, direction, step);
        return;
    }
    uint32_t end = step->sequence + (uint32_t)step->bytes + ((step->tcp_flags & CORR_TCP_FIN) != 0);
    bool is_seen = story->has_next[direction] && (int32_t)(end - story->next[direction]) <= 0;
    if (is_seen && end != step->sequence && step->bytes > 1) {
        step->what = CORR_STEP_RETRANSMIT;
    }
    if (!is_seen) {
        story->has_next[direction] = true;
        story->next[direction] = end;
    }
}
