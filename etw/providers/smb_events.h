/* SPDX-License-Identifier: MIT */
/*
 * smb_events.h - what the providers of the SMB client and of the SMB server share.
 */
#ifndef ETW_PROVIDERS_SMB_EVENTS_H
#define ETW_PROVIDERS_SMB_EVENTS_H

#include "etw/providers/binding.h"

/* Which way the bytes of a packet or fragment went, which part of a message they are, and what
 * one that was sent, or received, is. By keywords, which both providers number alike. */
void smb_finish_packet(struct etw_event *event, enum etw_action sent, enum etw_action received);
/* The id says that it is about a connection by RDMA. */
void smb_finish_rdma(struct etw_event *event, const struct binding_raw *raw);

#endif
