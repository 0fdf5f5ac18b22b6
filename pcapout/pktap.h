/* SPDX-License-Identifier: MIT */
/*
 * pktap.h - the header that macOS puts before captured packets (LINKTYPE_PKTAP, 258): every
 * Wireshark and tcpdump since 2013 shows the process in it, also those that know no process blocks.
 *
 *   0   u32 size of this header, 108       52  i32 process, -1: not known
 *   4   u32 1: a packet follows            56  char[20] its name
 *   8   u32 DLT of the packet              76  u32 service class, 0
 *   12  char[24] interface                 80  u16 interface type (IANA), u16 its number
 *   36  u32 flags: 1 in, 2 out, 0x20       84  i32 process on whose behalf, -1
 *       there is a socket                  88  char[20] its name
 *   40  u32 protocol family                                    [documented: bsd/net/pktap.h]
 *   44  u32 bytes before the network header, u32 bytes behind the packet
 */
#ifndef PCAPOUT_PKTAP_H
#define PCAPOUT_PKTAP_H

#include <stdint.h>

#include "correlate/packets.h"
#include "correlate/processes.h"

#define PKTAP_LINK_TYPE   258u
#define PKTAP_HEADER_SIZE 108u

/* Writes the header and returns where the packet goes, or the radiotap header of so many bytes
 * before it. `process` NULL: no owner; `behalf` NULL: the owner acts for nobody that is known. */
uint8_t *pktap_put(uint8_t *to, const struct corr_packet *packet, uint32_t radiotap_size,
                   const char *interface, const struct corr_process *process,
                   const struct corr_process *behalf);

#endif
