/* SPDX-License-Identifier: MIT */
/*
 * smb_packet.h - an SMB message whose bytes stand in events, with what is known of its connection
 * in the form of a packet, so that filters and texts about owners take it like one. It has no
 * frame number, no link and no capture.
 */
#ifndef CORRELATE_SMB_PACKET_H
#define CORRELATE_SMB_PACKET_H

#include "correlate/ledger.h"
#include "correlate/packets.h"
#include "correlate/smb_packet_bytes.h"

/* Addresses are those of source and destination where the way is known, else the local end and the
 * peer; what is not known of them has size and port 0. An owner is strong where the events say both
 * address and port of a client, and likely where the server's address leads to the connection.
 * `data` is borrowed from the message. */
void corr_smb_packet_of(const struct corr_ledger *ledger, const struct corr_smb_bytes *bytes,
                        struct corr_packet *packet);

#endif
