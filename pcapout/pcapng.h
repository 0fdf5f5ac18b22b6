/* SPDX-License-Identifier: MIT */
/*
 * pcapng.h - attributed packets as a pcapng file
 * (draft-ietf-opsawg-pcapng; little-endian, times in 100 ns).
 *
 *     out_pcapng_new(file, adapters, &section, &options, &writer, &error);
 *     out_pcapng_packet(writer, &packet, &error) ...   interfaces are written on first use
 *     out_pcapng_finish(writer, &error);               statistics
 *     out_pcapng_free(writer);
 *
 * The owner of a packet stands in three places, because no single one shows in every
 * Wireshark: option 8 (its pid, thread 0), a process block with option 0x8001, and the
 * comment; with OUT_PROCESS_BLOCKS_PKTAP in a header before the packet instead of the block.
 * The process that a packet of SMB is for stands beside it, with option 0x8003.
 *
 * A packet's comment is one line of key=value pairs in this order: frame; pid, proc, conf,
 * via, state, conn; for_pid, for_proc (whom the owner acts for) and host; reason when nobody owns
 * it; where it shows what is judged of a socket, verdict and note; of dropped packets drop,
 * location, by (the component that dropped it); of packets in a virtual switch port, nic, to,
 * to_nics, vlan; of remote access user, routing_domain; what the adapter does: offload (of
 * checksum, lso, rsc), segment_size, segments, checksum, vlan, priority, hash, virtual_subnet;
 * with all appearances component, edge, appearance, group, number, filter. Of an SMB message from
 * events: those of the owner, then source, offset, file, fragments, peer, cut (bytes that are
 * missing, or "unknown"). A value with a blank, a
 * quote, `=` or anything invisible is a JSON string.
 */
#ifndef PCAPOUT_PCAPNG_H
#define PCAPOUT_PCAPNG_H

#include <stdbool.h>
#include <stdint.h>

#include "correlate/adapters.h"
#include "correlate/ledger.h"
#include "correlate/packets.h"
#include "correlate/smb_packet_bytes.h"
#include "etw/base/error.h"
#include "pcapout/output_file.h"
#include "pcapout/verdict_marks.h"

enum out_comments {
    OUT_COMMENTS_ALL,
    OUT_COMMENTS_FIRST, /* the first packet of each interface */
    OUT_COMMENTS_NONE
};

/* How the names of processes are written; see pcapng_processes.h. */
enum out_process_blocks {
    OUT_PROCESS_BLOCKS_DARWIN,
    OUT_PROCESS_BLOCKS_PIB,
    OUT_PROCESS_BLOCKS_PKTAP, /* no blocks: a header before each packet, see pktap.h */
    OUT_PROCESS_BLOCKS_NONE
};

struct out_pcapng_options {
    const struct corr_ledger *ledger; /* borrowed; NULL: nothing has an owner */
    enum out_process_blocks process_blocks;
    enum out_comments comments;
    bool all_appearances; /* one interface per component, edge and link type */
    bool keep_protected;  /* leave the Protected bit of plain 802.11 frames; else it is cleared
                           * and the interface's statistics say in how many */
    uint32_t snap_length; /* bytes of a packet that are written; 0: all */
    bool without_owners;  /* --owners none: no owner keys in comments */
    struct out_verdict_marks *verdicts; /* borrowed; NULL: none in comments */
};

/* What stands in the section header. Texts are UTF-8; NULL or "": left out. */
struct out_section {
    const char *hardware;
    const char *os;
    const char *application;
    const char *const *comments;
    size_t comment_count;
};

struct out_pcapng;

/* `file` and `adapters` are borrowed for the life of the writer. */
enum etw_status out_pcapng_new(struct out_file *file, const struct corr_adapters *adapters,
                               const struct out_section *section,
                               const struct out_pcapng_options *options, struct out_pcapng **out,
                               struct etw_error *error);
enum etw_status out_pcapng_packet(struct out_pcapng *writer, const struct corr_packet *packet,
                                  struct etw_error *error);
/* An event as a row between the packets, on an interface of its own. `message` and `provider` are
 * UTF-8, neither is empty. `process`: row of the ledger's processes that the event is about;
 * CORR_NO_ROW: not known. The caller keeps the order of times. */
struct out_pcapng_event {
    const struct etw_record *record;
    const char *message, *provider;
    uint32_t process;
};
enum etw_status out_pcapng_event(struct out_pcapng *writer, const struct out_pcapng_event *event,
                                 struct etw_error *error);
/* An SMB message from events, on another interface of its own: as LINKTYPE_WIRESHARK_UPPER_PDU (see
 * pcapng_messages.h), without frame number. `packet` is what smb_packet.h makes of `bytes`, with
 * `behalf` where that is known. Messages have their place among the packets when they begin, and
 * their bytes later: packets and events behind a place that is kept wait for it. With a place that
 * was not kept the message is written at once. */
#define OUT_PCAPNG_CAPTURED_MAXIMUM 262144u
/* Bytes of a message that are always written, if not cut by snap_length. */
#define OUT_PCAPNG_MESSAGE_MAXIMUM (OUT_PCAPNG_CAPTURED_MAXIMUM - 96u)
struct out_pcapng_message {
    const struct corr_smb_bytes *bytes;
    const struct corr_packet *packet;
    uint64_t place; /* 0: none was kept */
};
enum etw_status out_pcapng_keep_place(struct out_pcapng *writer, uint64_t place,
                                      struct etw_error *error);
/* No message comes for the place. */
enum etw_status out_pcapng_leave_place(struct out_pcapng *writer, uint64_t place,
                                       struct etw_error *error);
enum etw_status out_pcapng_message(struct out_pcapng *writer,
                                   const struct out_pcapng_message *message,
                                   struct etw_error *error);
/* What the statistics of the messages' interface say in words; copied. */
void out_pcapng_note_messages(struct out_pcapng *writer, const char *note);
enum etw_status out_pcapng_finish(struct out_pcapng *writer, struct etw_error *error);
void out_pcapng_free(struct out_pcapng *writer);

/* Different link types among the interfaces written: libpcap's tools refuse such a file. */
bool out_pcapng_has_mixed_links(const struct out_pcapng *writer);

#endif
