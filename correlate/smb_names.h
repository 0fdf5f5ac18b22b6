/* SPDX-License-Identifier: MIT */
/*
 * smb_names.h - which share, file, server and user the numbers of SMB events stand for. Inside
 * correlate only.
 */
#ifndef CORRELATE_SMB_NAMES_H
#define CORRELATE_SMB_NAMES_H

#include "correlate/endpoints.h"
#include "correlate/smb_message.h"
#include "etw/base/error.h"
#include "etw/event.h"

struct smb_names;

enum etw_status smb_names_new(struct smb_names **out, struct etw_error *error);
void smb_names_free(struct smb_names *names); /* NULL is allowed */
/* Every event of the SMB client and server, in time order, before it is told further. */
enum etw_status smb_names_learn(struct smb_names *names, const struct etw_event *event,
                                struct etw_error *error);
/* What ends with the event is forgotten; after it was told. */
void smb_names_forget(struct smb_names *names, const struct etw_event *event);

/* What the event's numbers stand for; empty where nothing told. Valid until the next learn. */
struct smb_naming {
    struct bytes server, share, file, user;
    struct corr_endpoint remote; /* where the session leads; size 0: not known */
    int64_t waited_since;        /* ETW_SMB_CREDITS_GOT; with has_waited */
    bool has_waited;
    bool is_newly_full; /* ETW_SMB_WINDOW_STATE: all message ids are in use since this event */
};
void smb_names_find(struct smb_names *names, const struct etw_event *event,
                    struct smb_naming *naming);
uint64_t smb_names_forgotten(const struct smb_names *names);

#endif
