/* SPDX-License-Identifier: MIT */
#include "pcapout/owner_groups.h"

#include <stdlib.h>
#include <string.h>

#include "etw/base/array.h"
#include "etw/base/hash_index.h"
#include "pcapout/http_rows.h"
#include "pcapout/names.h"
#include "pcapout/owners.h"

_Static_assert(CORR_RULE_COUNT <= 64, "rules are bits of struct out_owner_group.rules");

struct out_owner_groups {
    const struct corr_ledger *ledger; /* borrowed */
    struct out_owner_group *rows;     /* owned, as their claims */
    size_t count, capacity;
    struct hash_index index;
};

#define IS_IP  0x10000u /* no ether type has these bits */
#define IS_ARP 0x20000u

/* What makes a group. No padding: it is hashed as bytes. */
struct group_key {
    uint32_t process, socket;
    uint32_t reason;
    uint32_t protocol; /* without a socket; equal ones have equal texts */
    uint32_t candidates[CORR_CANDIDATES_MAXIMUM];
};

enum etw_status out_owner_groups_new(const struct corr_ledger *ledger,
                                     struct out_owner_groups **out, struct etw_error *error)
{
    struct out_owner_groups *groups = calloc(1, sizeof(*groups));
    if (!groups) {
        return etw_fail_memory(error, "the owners of packets");
    }
    groups->ledger = ledger;
    *out = groups;
    return ETW_OK;
}

void out_owner_groups_free(struct out_owner_groups *groups)
{
    if (groups) {
        for (size_t i = 0; i < groups->count; i++) {
            free(groups->rows[i].claims);
            free(groups->rows[i].behalves);
        }
        free(groups->rows);
        hash_index_done(&groups->index);
        free(groups);
    }
}

/* ---- finding the group of a packet ---- */

/* What corr_protocol_format() makes a text of, as a number. */
static uint32_t protocol_of(const struct corr_layers *layers)
{
    switch (layers->network) {
    case CORR_NETWORK_IPV4:
    case CORR_NETWORK_IPV6:
        return IS_IP | layers->ip_protocol;
    case CORR_NETWORK_ARP:
        return IS_ARP;
    default:
        return layers->ether_type;
    }
}

static void fill_key(const struct corr_packet *packet, struct group_key *key)
{
    const struct corr_verdict *verdict = &packet->verdict;
    memset(key, 0, sizeof(*key));
    key->process = verdict->process;
    key->socket = verdict->socket;
    key->reason = verdict->reason;
    bool has_candidates = verdict->reason == CORR_SHARED || verdict->reason == CORR_AMBIGUOUS;
    if (has_candidates && packet->attribution) {
        size_t count = corr_candidates(packet->attribution, &packet->layers, packet->direction,
                                       packet->time, key->candidates, CORR_CANDIDATES_MAXIMUM);
        for (size_t i = 0; i < count; i++) {
            key->candidates[i]++; /* 0: none */
        }
    }
    key->protocol = verdict->socket == CORR_NO_ROW ? protocol_of(&packet->layers) : 0;
}

static bool is_group_of(const struct out_owner_group *group, const struct group_key *key)
{
    if (group->process != key->process || group->socket != key->socket ||
        group->reason != key->reason) {
        return false;
    }
    for (size_t i = 0; i < CORR_CANDIDATES_MAXIMUM; i++) {
        uint32_t candidate = i < group->candidate_count ? group->candidates[i] + 1 : 0;
        if (candidate != key->candidates[i]) {
            return false;
        }
    }
    return key->socket != CORR_NO_ROW || group->protocol_key == key->protocol;
}

static void begin_group(struct out_owner_group *group, const struct group_key *key,
                        const struct corr_packet *packet)
{
    *group = (struct out_owner_group){.process = key->process,
                                      .socket = key->socket,
                                      .reason = (uint8_t)key->reason,
                                      .rule = packet->verdict.rule,
                                      .ip_protocol = packet->layers.ip_protocol,
                                      .protocol_key = key->protocol,
                                      .first_time = packet->time,
                                      .first_frame = packet->frame};
    corr_protocol_format(&packet->layers, group->protocol);
    while (group->candidate_count < CORR_CANDIDATES_MAXIMUM &&
           key->candidates[group->candidate_count] > 0) {
        group->candidates[group->candidate_count] = key->candidates[group->candidate_count] - 1;
        group->candidate_count++;
    }
}

static struct out_owner_group *find_group(struct out_owner_groups *groups,
                                          const struct corr_packet *packet)
{
    struct group_key key;
    fill_key(packet, &key);
    uint64_t hash = hash_bytes(&key, sizeof(key));
    uint32_t at = 0;
    for (uint32_t row = hash_index_first(&groups->index, hash, &at); row != HASH_INDEX_NONE;
         row = hash_index_next(&groups->index, hash, &at)) {
        if (is_group_of(&groups->rows[row], &key)) {
            return &groups->rows[row];
        }
    }
    if (!array_grow((void **)&groups->rows, &groups->capacity, groups->count + 1,
                    sizeof(*groups->rows)) ||
        !hash_index_add(&groups->index, hash, (uint32_t)groups->count)) {
        return NULL;
    }
    struct out_owner_group *group = &groups->rows[groups->count++];
    begin_group(group, &key, packet);
    return group;
}

/* ---- counting ---- */

static struct out_header_claim *find_claim(const struct out_owner_group *group, uint32_t pid)
{
    for (size_t i = 0; i < group->claim_count; i++) {
        if (group->claims[i].pid == pid) {
            return &group->claims[i];
        }
    }
    return NULL;
}

/* NULL: no memory. Most groups have one or two. */
static struct out_header_claim *add_claim(struct out_owner_group *group, uint32_t pid)
{
    struct out_header_claim *claims =
        realloc(group->claims, (group->claim_count + 1) * sizeof(*claims));
    if (!claims) {
        return NULL;
    }
    group->claims = claims;
    claims[group->claim_count] = (struct out_header_claim){.pid = pid};
    return &claims[group->claim_count++];
}

/* False: no memory. */
static bool count_claim(struct out_owner_group *group, const struct corr_packet *packet)
{
    struct out_header_claim *claim = find_claim(group, packet->header_pid);
    if (!claim && group->claim_count == OUT_GROUP_HEADERS) {
        group->other_claims++;
        return true;
    }
    if (!claim) {
        claim = add_claim(group, packet->header_pid);
    }
    if (!claim) {
        return false;
    }
    claim->packets++;
    if (claim->frame_count < OUT_GROUP_FRAMES) {
        claim->frames[claim->frame_count++] = packet->frame;
    }
    return true;
}

/* False: no memory. */
static bool count_behalf(struct out_owner_group *group, const struct corr_behalf *behalf)
{
    size_t at = 0;
    while (at < group->behalf_count && group->behalves[at].behalf.process != behalf->process) {
        at++;
    }
    if (at == OUT_GROUP_BEHALVES) {
        group->other_behalves++;
        return true;
    }
    if (at == group->behalf_count) {
        struct out_group_behalf *behalves = realloc(group->behalves, (at + 1) * sizeof(*behalves));
        if (!behalves) {
            return false;
        }
        group->behalves = behalves;
        behalves[at] = (struct out_group_behalf){.behalf = *behalf};
        group->behalf_count++;
    }
    group->behalves[at].packets++;
    return true;
}

enum corr_rule out_owner_group_rule(const struct out_owner_group *group, unsigned from)
{
    for (unsigned rule = from; rule < CORR_RULE_COUNT; rule++) {
        if ((group->rules >> rule & 1) != 0) {
            return (enum corr_rule)rule;
        }
    }
    return CORR_RULE_NONE;
}

enum etw_status out_owner_groups_add(struct out_owner_groups *groups,
                                     const struct corr_packet *packet, struct etw_error *error)
{
    struct out_owner_group *group = find_group(groups, packet);
    if (!group) {
        return etw_fail_memory(error, "the owners of packets");
    }
    group->packets++;
    group->bytes += out_original_size(packet);
    group->in += packet->direction == ETW_DIRECTION_IN;
    group->out += packet->direction == ETW_DIRECTION_OUT;
    group->by_confidence[packet->verdict.confidence]++;
    group->rules |= UINT64_C(1) << packet->verdict.rule;
    group->last_time = packet->time;
    group->last_frame = packet->frame;
    if (group->frame_count < OUT_GROUP_FRAMES) {
        group->frames[group->frame_count++] = packet->frame;
    }
    const struct corr_process *owner = out_owner_of(groups->ledger, &packet->verdict);
    const struct corr_behalf *behalf = owner ? out_behalf_of(groups->ledger, packet) : NULL;
    bool is_claimed =
        owner && packet->header_pid != RECORD_NO_ID && packet->header_pid != owner->pid;
    bool is_counted =
        (!is_claimed || count_claim(group, packet)) && (!behalf || count_behalf(group, behalf));
    return is_counted ? ETW_OK : etw_fail_memory(error, "the owners of packets");
}

/* ---- order ---- */

/* What a group is sorted by, so that no comparison needs the tables. */
struct group_order {
    bool is_ownerless;
    uint64_t first_of_all; /* the first frame of the owner, or without one of the reason */
    uint64_t first;
    size_t row;
};

static int compare_orders(const void *left, const void *right)
{
    const struct group_order *a = left;
    const struct group_order *b = right;
    if (a->is_ownerless != b->is_ownerless) {
        return a->is_ownerless ? 1 : -1;
    }
    if (a->first_of_all != b->first_of_all) {
        return a->first_of_all < b->first_of_all ? -1 : 1;
    }
    return a->first < b->first ? -1 : a->first > b->first;
}

/* Where the first frame of a group's owner or reason stands in the list: owners by row of the
 * processes, behind reasons. */
static size_t place_of(const struct out_owner_group *group)
{
    return group->process != CORR_NO_ROW ? CORR_NO_OWNER_COUNT + (size_t)group->process
                                         : group->reason;
}

/* The first frames of all reasons and owners. */
static uint64_t *first_frames_of(const struct out_owner_groups *groups)
{
    const struct corr_process *rows = NULL;
    size_t count =
        groups->ledger ? corr_processes_list(corr_ledger_processes(groups->ledger), &rows) : 0;
    count += CORR_NO_OWNER_COUNT;
    uint64_t *frames = malloc(count * sizeof(*frames));
    for (size_t i = 0; frames && i < count; i++) {
        frames[i] = UINT64_MAX;
    }
    for (size_t i = 0; frames && i < groups->count; i++) {
        const struct out_owner_group *group = &groups->rows[i];
        uint64_t *first = &frames[place_of(group)];
        *first = group->first_frame < *first ? group->first_frame : *first;
    }
    return frames;
}

/* Moves the rows to where `orders` wants them, in place: groups are large. */
static void move_groups(struct out_owner_group *rows, struct group_order *orders, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (orders[i].row == i) {
            continue;
        }
        struct out_owner_group first = rows[i];
        size_t to = i;
        while (orders[to].row != i) {
            size_t from = orders[to].row;
            rows[to] = rows[from];
            orders[to].row = to;
            to = from;
        }
        rows[to] = first;
        orders[to].row = to;
    }
}

static void sort_groups(struct out_owner_groups *groups, const uint64_t *first_frames,
                        struct group_order *orders)
{
    for (size_t i = 0; i < groups->count; i++) {
        const struct out_owner_group *group = &groups->rows[i];
        orders[i] = (struct group_order){group->process == CORR_NO_ROW,
                                         first_frames[place_of(group)], group->first_frame, i};
    }
    qsort(orders, groups->count, sizeof(*orders), compare_orders);
    move_groups(groups->rows, orders, groups->count);
}

/* Without memory for sorting they stay in order of their first packets. */
size_t out_owner_groups_list(struct out_owner_groups *groups, const struct out_owner_group **rows)
{
    uint64_t *first_frames = first_frames_of(groups);
    struct group_order *orders = malloc((groups->count + 1) * sizeof(*orders));
    if (first_frames && orders) {
        sort_groups(groups, first_frames, orders);
    }
    free(first_frames);
    free(orders);
    *rows = groups->rows;
    return groups->count;
}
