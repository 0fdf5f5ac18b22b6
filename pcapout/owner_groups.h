/* SPDX-License-Identifier: MIT */
/*
 * owner_groups.h - packets summed up by owner and connection: what `who` prints.
 *
 *     out_owner_groups_new(ledger, &groups, &error);
 *     out_owner_groups_add(groups, &packet, &error) ...
 *     out_owner_groups_list(groups, &rows);
 *     out_owner_groups_free(groups);
 *
 * Memory grows with the number of sockets that have packets, not with the packets.
 */
#ifndef PCAPOUT_OWNER_GROUPS_H
#define PCAPOUT_OWNER_GROUPS_H

#include "correlate/http.h"
#include "correlate/ledger.h"
#include "correlate/packets.h"
#include "etw/base/error.h"

/* Frames that are named one by one; further ones are only counted. */
#define OUT_GROUP_FRAMES 16
/* Other processes in the record headers that are told apart. */
#define OUT_GROUP_HEADERS 4

struct out_header_claim {
    uint32_t pid;
    uint32_t frame_count; /* at most OUT_GROUP_FRAMES */
    uint64_t packets;
    uint64_t frames[OUT_GROUP_FRAMES];
};

/* Processes that the owner sends and receives for that are told apart. */
#define OUT_GROUP_BEHALVES 4

struct out_group_behalf {
    struct corr_behalf behalf; /* of the first of them */
    uint64_t packets;
};

struct out_owner_group {
    uint32_t process;    /* row; CORR_NO_ROW: no owner */
    uint32_t socket;     /* row; CORR_NO_ROW: none */
    uint8_t reason;      /* enum corr_no_owner */
    uint8_t rule;        /* of its first packet */
    uint64_t rules;      /* of all its packets: bits by enum corr_rule */
    uint8_t ip_protocol; /* of its first packet; with no network layer 0 */
    uint64_t packets, bytes, in, out;
    uint64_t by_confidence[CORR_CERTAIN + 1];
    int64_t first_time, last_time;
    uint64_t first_frame, last_frame;
    size_t frame_count; /* at most OUT_GROUP_FRAMES */
    uint64_t frames[OUT_GROUP_FRAMES];
    size_t candidate_count;
    uint32_t candidates[CORR_CANDIDATES_MAXIMUM]; /* rows of processes */
    /* Header pids that are not the owner's; at most OUT_GROUP_HEADERS, the groups own them. */
    size_t claim_count;
    struct out_header_claim *claims;
    uint64_t other_claims; /* packets with still other pids */
    /* Whom the packets are for, where that is known; at most OUT_GROUP_BEHALVES, the groups own
     * them. */
    size_t behalf_count;
    struct out_group_behalf *behalves;
    uint64_t other_behalves; /* packets for still others */
    char protocol[CORR_PROTOCOL_TEXT_SIZE];
    uint32_t protocol_key; /* what the groups tell it by */
};

struct out_owner_groups;

/* The first packet rule of `rules` from `from` on; CORR_RULE_NONE: no more. They stand in the order
 * of their weight. */
enum corr_rule out_owner_group_rule(const struct out_owner_group *group, unsigned from);

/* `ledger` is borrowed; NULL: nothing has an owner. */
enum etw_status out_owner_groups_new(const struct corr_ledger *ledger,
                                     struct out_owner_groups **out, struct etw_error *error);
void out_owner_groups_free(struct out_owner_groups *groups); /* NULL is allowed */
enum etw_status out_owner_groups_add(struct out_owner_groups *groups,
                                     const struct corr_packet *packet, struct etw_error *error);
/* In the order in which people read them: owners by their first packet, each with its groups by
 * theirs; then packets without owner, in the same way by reason. Sorts; adding more afterwards is
 * not allowed. */
size_t out_owner_groups_list(struct out_owner_groups *groups, const struct out_owner_group **rows);

#endif
