/* SPDX-License-Identifier: MIT */
/*
 * smb_askers.h - which process a packet of SMB is for. System (4) sends and receives the packets;
 * where the client logged a request in the context of another process, the packets that carry
 * bytes of the request or of its response are for that one: likely, no proof.
 *
 *     corr_smb_askers_new(ledger, &askers, &error);
 *     for events and packets in time order, each request's event before its packets:
 *         corr_smb_askers_event(askers, &event, &error);
 *         corr_smb_askers_packet(askers, &packet, &behalf, &error);
 *     corr_smb_askers_free(askers);
 *
 * Encrypted messages show no message id, and their packets are for nobody. A header that two
 * packets share is known with the second only.
 *
 * Memory: CORR_SMB_PENDING requests whose response was not there yet, the oldest forgotten first,
 * and what smb_streams.h and smb_events.h hold.
 */
#ifndef CORRELATE_SMB_ASKERS_H
#define CORRELATE_SMB_ASKERS_H

#include "correlate/http.h"
#include "correlate/ledger.h"
#include "correlate/packets.h"
#include "correlate/smb_packet_bytes.h"
#include "etw/base/error.h"

struct corr_smb_askers;

/* `ledger` is borrowed and finished. */
enum etw_status corr_smb_askers_new(const struct corr_ledger *ledger, struct corr_smb_askers **out,
                                    struct etw_error *error);
void corr_smb_askers_free(struct corr_smb_askers *askers); /* NULL is allowed */
/* Takes all kinds of events. */
enum etw_status corr_smb_askers_event(struct corr_smb_askers *askers, const struct etw_event *event,
                                      struct etw_error *error);
/* Takes all packets. `behalf` is valid until the next call; NULL: nobody is known, or the packet
 * has bytes for several processes. Sightings of one packet are for the same process. */
enum etw_status corr_smb_askers_packet(struct corr_smb_askers *askers,
                                       const struct corr_packet *packet,
                                       const struct corr_behalf **behalf, struct etw_error *error);
/* The same of a message whose bytes stand in events, encrypted on the wire or not. */
enum etw_status corr_smb_askers_bytes(struct corr_smb_askers *askers,
                                      const struct corr_smb_bytes *bytes,
                                      const struct corr_behalf **behalf, struct etw_error *error);

#endif
