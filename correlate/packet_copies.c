/* SPDX-License-Identifier: MIT */
#include "correlate/packet_copies.h"

#include <stdlib.h>
#include <string.h>

#include "etw/base/array.h"

enum {
    /* Open groups of equal key that are tried: above what one packet repeated at
     * line rate leaves open within 1 ms. Doubt means two packets. */
    TRIED_MAXIMUM = 128,
    /* Bytes behind the link header that the key is made of: IPv6 and ports and
     * sequence. Less where the monitor cut shorter. */
    KEY_MAXIMUM = 48,
    KEY_MINIMUM = 20,
    KEY_UNKNOWN_NETWORK = 16, /* Ethernet pads short frames, 802.11 does not */
    ARP_SIZE = 28,
    LINK_HEADER_MAXIMUM = 44 /* 802.11 with four addresses, QoS, HT control, SNAP */
};

static const uint64_t windows[CORR_WINDOW_COUNT] = {
    [CORR_WINDOW_NUMBERED] = CORR_NUMBERED_WINDOW,
    [CORR_WINDOW_BYTES] = CORR_BYTES_WINDOW,
};

static struct corr_group *group_at(const struct corr_copies *copies, uint32_t link)
{
    return link ? &copies->groups[link - 1] : NULL;
}

static uint32_t link_of(const struct corr_copies *copies, const struct corr_group *group)
{
    return (uint32_t)(group - copies->groups) + 1;
}

/* ---- keys ---- */

/* How many bytes behind the link header make the key: all sightings of a packet
 * have as many, whatever their link headers, cuts and padding. 0: too few. */
static size_t key_size(const struct corr_copies *copies, const struct corr_held *held,
                       const struct corr_layers *layers)
{
    size_t size = held->sighting.captured - held->link_size;
    if (layers->network == CORR_NETWORK_NONE) {
        return size >= KEY_UNKNOWN_NETWORK ? KEY_UNKNOWN_NETWORK : 0;
    }
    size_t limit = KEY_MAXIMUM;
    uint32_t cut = copies->shortest_cut;
    if (cut != 0 && cut < KEY_MAXIMUM + LINK_HEADER_MAXIMUM) {
        limit = cut < KEY_MINIMUM + LINK_HEADER_MAXIMUM ? KEY_MINIMUM : cut - LINK_HEADER_MAXIMUM;
    }
    size_t stated = layers->stated_size ? layers->stated_size - layers->network_offset : limit;
    stated = layers->network == CORR_NETWORK_ARP ? ARP_SIZE : stated;
    limit = stated < limit ? stated : limit;
    return size < limit ? size : limit;
}

struct key {
    uint64_t words[2 + KEY_MAXIMUM / 8];
};

/* False: the sighting has too few bytes to be recognised elsewhere. */
static bool make_key(const struct corr_copies *copies, const struct corr_held *held,
                     const struct corr_layers *layers, uint64_t *out)
{
    const struct corr_sighting *sighting = &held->sighting;
    struct key key = {{0}};
    if (sighting->appearance != 0) {
        key.words[0] = UINT64_C(1) << 32 | sighting->number;
        key.words[1] = sighting->group;
        *out = hash_bytes(&key, 2 * sizeof(key.words[0]));
        return true;
    }
    size_t size = key_size(copies, held, layers);
    if (size == 0) {
        return false;
    }
    key.words[0] = (uint64_t)sighting->direction;
    key.words[1] = layers->network == CORR_NETWORK_NONE ? layers->ether_type : 0;
    memcpy(key.words + 2, sighting->data + held->link_size, size);
    *out = hash_bytes(&key, sizeof(key));
    return true;
}

/* ---- does it fit ---- */

static bool is_same_point(const struct corr_sighting *a, const struct corr_sighting *b)
{
    return a->component == b->component && a->edge == b->edge &&
           a->direction_tag == b->direction_tag && a->is_dropped == b->is_dropped;
}

static uint64_t point_bit(const struct corr_sighting *sighting)
{
    uint32_t mixed = (uint32_t)sighting->component * 31u + (uint32_t)sighting->edge * 7u +
                     (uint32_t)sighting->direction_tag * 3u + sighting->is_dropped;
    return UINT64_C(1) << (mixed & 63);
}

static bool has_point(const struct corr_group *group, const struct corr_sighting *sighting)
{
    if (!(group->points & point_bit(sighting))) {
        return false;
    }
    for (const struct corr_held *copy = group->first; copy; copy = copy->next_copy) {
        if (is_same_point(&copy->sighting, sighting)) {
            return true;
        }
    }
    return false;
}

static bool has_equal_bytes(const struct corr_held *a, const struct corr_held *b)
{
    size_t left = a->sighting.captured - a->link_size;
    size_t right = b->sighting.captured - b->link_size;
    return memcmp(a->sighting.data + a->link_size, b->sighting.data + b->link_size,
                  left < right ? left : right) == 0;
}

static bool fits(const struct corr_group *group, const struct corr_held *held)
{
    const struct corr_sighting *first = &group->first->sighting;
    const struct corr_sighting *sighting = &held->sighting;
    if (group->count >= CORR_COPIES_MAXIMUM || has_point(group, sighting)) {
        return false;
    }
    if (group->window == CORR_WINDOW_NUMBERED) {
        return first->group == sighting->group && first->number == sighting->number;
    }
    return first->direction == sighting->direction && has_equal_bytes(group->longest, held);
}

/* ---- lists of open groups ---- */

static void unlink_touch(struct corr_copies *copies, const struct corr_group *group)
{
    struct corr_group *older = group_at(copies, group->older_touch);
    struct corr_group *newer = group_at(copies, group->newer_touch);
    *(older ? &older->newer_touch : &copies->oldest[group->window]) = group->newer_touch;
    *(newer ? &newer->older_touch : &copies->newest[group->window]) = group->older_touch;
}

static void link_newest(struct corr_copies *copies, struct corr_group *group)
{
    uint32_t link = link_of(copies, group);
    struct corr_group *older = group_at(copies, copies->newest[group->window]);
    group->older_touch = copies->newest[group->window];
    group->newer_touch = 0;
    *(older ? &older->newer_touch : &copies->oldest[group->window]) = link;
    copies->newest[group->window] = link;
}

/* The oldest open group of this key. */
static struct corr_group *oldest_same(const struct corr_copies *copies, uint64_t key)
{
    uint32_t at = 0;
    for (uint32_t row = hash_index_first(&copies->index, key, &at); row != HASH_INDEX_NONE;
         row = hash_index_next(&copies->index, key, &at)) {
        if (copies->groups[row].key == key) {
            return &copies->groups[row];
        }
    }
    return NULL;
}

/* `group` is the newest of its key. */
static bool link_same(struct corr_copies *copies, struct corr_group *group)
{
    struct corr_group *oldest = oldest_same(copies, group->key);
    uint32_t link = link_of(copies, group);
    if (!oldest) {
        group->newest_same = link;
        return hash_index_add(&copies->index, group->key, link - 1);
    }
    group->older_same = oldest->newest_same;
    group_at(copies, oldest->newest_same)->newer_same = link;
    oldest->newest_same = link;
    return true;
}

static void unlink_same(struct corr_copies *copies, struct corr_group *group)
{
    struct corr_group *older = group_at(copies, group->older_same);
    struct corr_group *newer = group_at(copies, group->newer_same);
    if (newer) {
        newer->older_same = group->older_same;
    }
    if (older) {
        older->newer_same = group->newer_same;
        if (!newer) {
            oldest_same(copies, group->key)->newest_same = group->older_same;
        }
        return;
    }
    hash_index_remove(&copies->index, group->key, link_of(copies, group) - 1);
    if (newer) { /* takes the slot that was just freed: adding cannot fail */
        newer->newest_same = group->newest_same;
        (void)hash_index_add(&copies->index, newer->key, group->newer_same - 1);
    }
}

/* ---- which copy is written ---- */

/* Lower is better: link types that every tool shows come first. */
static const uint8_t link_ranks[] = {
    [ETW_LINK_ETHERNET] = 0, [ETW_LINK_RAW_IP] = 1,  [ETW_LINK_IEEE80211] = 2,
    [ETW_LINK_PPP] = 3,      [ETW_LINK_UNKNOWN] = 4,
};

static uint32_t missing_bytes(const struct corr_sighting *sighting)
{
    return sighting->original > sighting->captured ? sighting->original - sighting->captured : 0;
}

/* Is the later sighting to be written rather than the earlier? Of equals the one
 * nearest the wire: the first of a received packet, the last of a sent one. */
static bool is_better(const struct corr_sighting *later, const struct corr_sighting *earlier)
{
    uint8_t rank = link_ranks[later->link];
    uint8_t best = link_ranks[earlier->link];
    if (rank != best) {
        return rank < best;
    }
    uint32_t missing = missing_bytes(later);
    uint32_t least = missing_bytes(earlier);
    if (missing != least) {
        return missing < least;
    }
    return later->direction == ETW_DIRECTION_OUT;
}

/* ---- the life of a group ---- */

static void join(struct corr_copies *copies, struct corr_group *group, struct corr_held *held)
{
    const struct corr_sighting *sighting = &held->sighting;
    held->row = link_of(copies, group) - 1;
    held->kind = CORR_HELD_COPY;
    *(group->last ? &group->last->next_copy : &group->first) = held;
    group->last = held;
    group->count++;
    group->held++;
    group->last_time = sighting->time;
    group->points |= point_bit(sighting);
    if (!group->chosen || is_better(sighting, &group->chosen->sighting)) {
        group->chosen = held;
    }
    if (!group->longest || sighting->captured - held->link_size >
                               group->longest->sighting.captured - group->longest->link_size) {
        group->longest = held;
    }
    if (!group->drop.is_dropped) {
        group->drop = corr_sighting_drop(sighting);
    }
}

static struct corr_group *take_row(struct corr_copies *copies)
{
    if (copies->free_row) {
        struct corr_group *group = group_at(copies, copies->free_row);
        copies->free_row = group->newer_same;
        return group;
    }
    void *rows = copies->groups;
    bool is_grown = array_grow(&rows, &copies->group_capacity, copies->group_count + 1,
                               sizeof(*copies->groups));
    copies->groups = rows;
    return is_grown ? &copies->groups[copies->group_count++] : NULL;
}

enum etw_status corr_copies_add(struct corr_copies *copies, struct corr_held *held,
                                const struct corr_layers *layers, struct etw_error *error)
{
    const struct corr_sighting *sighting = &held->sighting;
    held->link_size = layers->link_size;
    if (sighting->captured < sighting->original &&
        (copies->shortest_cut == 0 || sighting->captured < copies->shortest_cut)) {
        copies->shortest_cut = sighting->captured;
    }
    uint64_t key = 0;
    if (!make_key(copies, held, layers, &key)) {
        held->kind = CORR_HELD_ALONE;
        return ETW_OK;
    }
    struct corr_group *group = oldest_same(copies, key);
    for (int tried = 0; group && !fits(group, held); tried++) {
        group = tried < TRIED_MAXIMUM ? group_at(copies, group->newer_same) : NULL;
    }
    if (group) {
        unlink_touch(copies, group);
        join(copies, group, held);
        link_newest(copies, group);
        return ETW_OK;
    }
    group = take_row(copies);
    if (!group) {
        return etw_fail_memory(error, "the sightings of a packet");
    }
    *group = (struct corr_group){.key = key, .is_open = true, .interface_index = CORR_NO_INTERFACE};
    group->window = sighting->appearance != 0 ? CORR_WINDOW_NUMBERED : CORR_WINDOW_BYTES;
    join(copies, group, held);
    link_newest(copies, group);
    return link_same(copies, group) ? ETW_OK : etw_fail_memory(error, "the sightings of a packet");
}

void corr_copies_close(struct corr_copies *copies, uint32_t row)
{
    struct corr_group *group = &copies->groups[row];
    unlink_touch(copies, group);
    unlink_same(copies, group);
    group->is_open = false;
}

void corr_copies_expire(struct corr_copies *copies, int64_t now)
{
    for (int window = 0; window < CORR_WINDOW_COUNT; window++) {
        while (copies->oldest[window]) {
            const struct corr_group *group = group_at(copies, copies->oldest[window]);
            if ((uint64_t)now - (uint64_t)group->last_time < windows[window]) {
                break;
            }
            corr_copies_close(copies, copies->oldest[window] - 1);
        }
    }
}

void corr_copies_release(struct corr_copies *copies, uint32_t row)
{
    struct corr_group *group = &copies->groups[row];
    group->held--;
    if (group->held == 0) {
        group->newer_same = copies->free_row;
        copies->free_row = row + 1;
    }
}

void corr_copies_done(struct corr_copies *copies)
{
    free(copies->groups);
    hash_index_done(&copies->index);
    *copies = (struct corr_copies){0};
}
