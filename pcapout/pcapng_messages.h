/* SPDX-License-Identifier: MIT */
/*
 * pcapng_messages.h - what stands before an SMB message in a packet of
 * LINKTYPE_WIRESHARK_UPPER_PDU (252): which dissector reads it, and whose it is as far as that is
 * known. No headers are made that were never on the wire.
 *
 *   u16 tag  u16 bytes of the value  value, padded to four bytes; big-endian
 *   13 name of a heuristic dissector  20 21 IPv4 source, destination  22 23 IPv6
 *   24 u32 port type (2: TCP)  25 26 u32 source, destination port  0 end
 *                                            [documented: Wireshark's exported_pdu_tlvs.h]
 *
 * Wireshark 4.0 knows SMB2 by the name of its heuristic dissector alone. The length counts the
 * padding, as Wireshark writes it. [measured]
 */
#ifndef PCAPOUT_PCAPNG_MESSAGES_H
#define PCAPOUT_PCAPNG_MESSAGES_H

#include <stddef.h>
#include <stdint.h>

#include "correlate/packets.h"
#include "etw/base/text.h"

#define PCAPNG_MESSAGE_LINK_TYPE    252u
#define PCAPNG_MESSAGE_TAGS_MAXIMUM 96u

/* `message` as correlate/smb_packet.h makes it. Returns how many bytes. Addresses are left out when
 * the way is not known: neither end is the source. */
size_t pcapng_message_tags(const struct corr_packet *message,
                           uint8_t tags[PCAPNG_MESSAGE_TAGS_MAXIMUM]);

#endif
