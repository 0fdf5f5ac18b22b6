/* SPDX-License-Identifier: MIT */
#include "correlate/smb_askers.h"

#include <stdlib.h>

#include "correlate/attribution.h"
#include "correlate/smb_events.h"
#include "correlate/smb_frames.h"
#include "correlate/smb_pending.h"
#include "correlate/smb_streams.h"

/* Packets whose other sightings may still come; a power of two. */
#define RECENT_COUNT 1024u

struct recent {
    uint64_t frame; /* 0: none */
    struct corr_behalf behalf;
    bool is_known; /* `behalf` is for this packet */
    bool are_several;
};

struct corr_smb_askers {
    const struct corr_processes *processes; /* borrowed */
    struct corr_smb_events *events;         /* owned */
    struct corr_smb_streams *streams;       /* owned */
    struct smb_pending pending;             /* requests that a process asked for */
    struct recent recent[RECENT_COUNT];     /* by the number of the packet */
    struct recent told;                     /* the message of corr_smb_askers_bytes() */
};

static bool is_readable(const struct corr_smb_message *message)
{
    return message->socket != CORR_NO_ROW && message->kind == CORR_SMB_2;
}

static uint32_t find(const struct corr_smb_askers *askers, const struct corr_smb_message *message)
{
    return smb_pending_find(&askers->pending, message->socket, message->message_id);
}

static void forget(struct corr_smb_askers *askers, const struct corr_smb_message *message)
{
    uint32_t row = find(askers, message);
    if (row != SMB_NO_ROW) {
        smb_pending_remove(&askers->pending, row);
    }
}

/* ---- requests ---- */

static bool add_request(struct corr_smb_askers *askers, const struct corr_smb_message *message)
{
    struct smb_pending *pending = &askers->pending;
    if (smb_pending_is_full(pending)) {
        smb_pending_remove(pending, pending->lists[SMB_WAITING].first);
    }
    uint32_t row = smb_pending_add(pending, message->socket, message->message_id, message);
    if (row == SMB_NO_ROW) {
        return false;
    }
    struct corr_smb_operation *operation = &pending->entries[row].operation;
    operation->begin = message->time;
    operation->asker_pid = message->header_pid;
    operation->asker_offset = message->offset;
    return true;
}

/* What the client's events tell. */
static bool take_told(void *context, const struct corr_smb_message *message)
{
    struct corr_smb_askers *askers = context;
    bool is_request = message->source == CORR_SMB_CLIENT_EVENTS &&
                      (message->has & CORR_SMB_IS_RESPONSE) == 0 && is_readable(message) &&
                      message->command != CORR_SMB_CANCEL; /* it has the id of another request */
    if (!is_request) {
        return true;
    }
    forget(askers, message); /* of an earlier session: the ids began anew */
    return !message->is_header_pid_true || add_request(askers, message);
}

/* ---- packets ---- */

static struct recent *recent_of(struct corr_smb_askers *askers, uint64_t frame)
{
    return &askers->recent[frame % RECENT_COUNT];
}

static void note_asker(const struct corr_smb_askers *askers, struct recent *recent,
                       const struct corr_smb_operation *operation)
{
    uint32_t process =
        corr_processes_find(askers->processes, operation->asker_pid, 0, operation->begin);
    if (process == CORR_NO_ROW) {
        return;
    }
    recent->are_several |= recent->is_known && recent->behalf.process != process;
    if (!recent->is_known) {
        recent->is_known = true;
        recent->behalf = (struct corr_behalf){.process = process,
                                              .pid = operation->asker_pid,
                                              .confidence = CORR_LIKELY,
                                              .rule = CORR_RULE_ASKED,
                                              .offset = operation->asker_offset};
    }
}

/* A packet has bytes of the message. Bytes of earlier packets, which waited for this one, are not
 * its own. */
static bool take_bytes(void *context, const struct corr_smb_message *message)
{
    struct corr_smb_askers *askers = context;
    struct recent *recent = recent_of(askers, message->frame);
    uint32_t row = is_readable(message) ? find(askers, message) : SMB_NO_ROW;
    if (row != SMB_NO_ROW && recent->frame == message->frame) {
        note_asker(askers, recent, &askers->pending.entries[row].operation);
    }
    return true;
}

/* A message has ended. */
static bool take_whole(void *context, const struct corr_smb_message *message)
{
    struct corr_smb_askers *askers = context;
    bool is_answer = (message->has & CORR_SMB_IS_RESPONSE) != 0 &&
                     (message->has & CORR_SMB_IS_INTERIM) == 0 && is_readable(message);
    if (is_answer) {
        forget(askers, message);
    }
    return true;
}

/* ---- messages in events ---- */

static bool take_told_bytes(void *context, const struct corr_smb_message *message)
{
    struct corr_smb_askers *askers = context;
    uint32_t row = is_readable(message) ? find(askers, message) : SMB_NO_ROW;
    if (row != SMB_NO_ROW) {
        note_asker(askers, &askers->told, &askers->pending.entries[row].operation);
    }
    return take_whole(context, message);
}

enum etw_status corr_smb_askers_bytes(struct corr_smb_askers *askers,
                                      const struct corr_smb_bytes *bytes,
                                      const struct corr_behalf **behalf, struct etw_error *error)
{
    struct recent *told = &askers->told;
    const struct corr_smb_message given = {
        .source = bytes->source,
        .has = bytes->is_cut ? CORR_SMB_IS_CUT : 0,
        .time = bytes->time,
        .last_time = bytes->last_time,
        .offset = bytes->offset,
        .socket = bytes->socket,
        .size = bytes->has_size && bytes->size <= UINT32_MAX ? (uint32_t)bytes->size : 0,
    };
    *told = (struct recent){.frame = 0};
    if (!smb_frames_read(bytes->data, &given, take_told_bytes, askers)) {
        return etw_fail_memory(error, "the processes behind SMB");
    }
    *behalf = told->is_known && !told->are_several ? &told->behalf : NULL;
    return ETW_OK;
}

/* ---- the whole ---- */

enum etw_status corr_smb_askers_new(const struct corr_ledger *ledger, struct corr_smb_askers **out,
                                    struct etw_error *error)
{
    struct corr_smb_askers *askers = calloc(1, sizeof(*askers));
    if (!askers) {
        return etw_fail_memory(error, "the processes behind SMB");
    }
    const struct corr_smb_event_sinks sinks = {.message = take_told, .context = askers};
    askers->processes = corr_ledger_processes(ledger);
    smb_pending_init(&askers->pending);
    enum etw_status status = corr_smb_events_new(ledger, &sinks, &askers->events, error);
    if (!status) {
        status = corr_smb_streams_new(take_whole, askers, &askers->streams, error);
    }
    if (status) {
        corr_smb_askers_free(askers);
        return status;
    }
    corr_smb_streams_tell_bytes(askers->streams, take_bytes);
    *out = askers;
    return ETW_OK;
}

void corr_smb_askers_free(struct corr_smb_askers *askers)
{
    if (askers) {
        corr_smb_events_free(askers->events);
        corr_smb_streams_free(askers->streams);
        smb_pending_done(&askers->pending);
        free(askers);
    }
}

enum etw_status corr_smb_askers_event(struct corr_smb_askers *askers, const struct etw_event *event,
                                      struct etw_error *error)
{
    return corr_smb_events_feed(askers->events, event, error);
}

enum etw_status corr_smb_askers_packet(struct corr_smb_askers *askers,
                                       const struct corr_packet *packet,
                                       const struct corr_behalf **behalf, struct etw_error *error)
{
    struct recent *recent = recent_of(askers, packet->frame);
    if (recent->frame != packet->frame) {
        *recent = (struct recent){.frame = packet->frame};
    }
    enum etw_status status = corr_smb_streams_packet(askers->streams, packet, error);
    *behalf = recent->is_known && !recent->are_several ? &recent->behalf : NULL;
    return status;
}
