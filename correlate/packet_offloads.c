/* SPDX-License-Identifier: MIT */
#include "correlate/packet_offloads.h"

#include <stdlib.h>
#include <string.h>

#include "etw/base/array.h"

/* Rows of one place that are tried: above the packets that one list of them has. */
enum { TRIED_MAXIMUM = 256 };

/* How sure it is that a record is about a sighting; higher is better. */
enum { RANK_NONE, RANK_GROUP, RANK_NUMBER };

/* What a record and its sightings have in common. Compared as bytes: no padding. */
struct place {
    uint64_t group;
    uint16_t component, edge, appearance, unused;
};

struct corr_offload_row {
    struct place place;
    struct corr_held *held; /* NULL: a record */
    struct etw_offload offload;
    uint64_t offset;
    int64_t time;
    uint32_t next_same, previous_same; /* rows + 1; 0: none. `next_same` also links unused rows */
    uint32_t older, newer;             /* records */
    uint16_t count;
    bool is_taken; /* a sighting has it */
};

static struct corr_offload_row *row_at(const struct corr_offloads *offloads, uint32_t link)
{
    return link ? &offloads->rows[link - 1] : NULL;
}

static uint32_t link_of(const struct corr_offloads *offloads, const struct corr_offload_row *row)
{
    return (uint32_t)(row - offloads->rows) + 1;
}

static struct place place_of(uint64_t group, uint16_t component, uint16_t edge, uint16_t appearance)
{
    return (struct place){
        .group = group, .component = component, .edge = edge, .appearance = appearance};
}

static struct corr_offload_row *find_first(const struct corr_offloads *offloads,
                                           const struct place *place)
{
    uint64_t hash = hash_bytes(place, sizeof(*place));
    uint32_t at = 0;
    for (uint32_t row = hash_index_first(&offloads->index, hash, &at); row != HASH_INDEX_NONE;
         row = hash_index_next(&offloads->index, hash, &at)) {
        if (memcmp(&offloads->rows[row].place, place, sizeof(*place)) == 0) {
            return &offloads->rows[row];
        }
    }
    return NULL;
}

/* ---- rows ---- */

static struct corr_offload_row *take_row(struct corr_offloads *offloads)
{
    if (offloads->free_row) {
        struct corr_offload_row *row = row_at(offloads, offloads->free_row);
        offloads->free_row = row->next_same;
        return row;
    }
    void *rows = offloads->rows;
    bool is_grown = array_grow(&rows, &offloads->row_capacity, offloads->row_count + 1,
                               sizeof(struct corr_offload_row));
    offloads->rows = rows;
    return is_grown ? &offloads->rows[offloads->row_count++] : NULL;
}

/* Behind the first of its place, so that the index need not change. NULL: no memory. */
static struct corr_offload_row *add_row(struct corr_offloads *offloads, const struct place *place)
{
    struct corr_offload_row *row = take_row(offloads);
    if (!row) {
        return NULL;
    }
    struct corr_offload_row *first = find_first(offloads, place);
    uint32_t link = link_of(offloads, row);
    *row = (struct corr_offload_row){.place = *place};
    if (!first) {
        return hash_index_add(&offloads->index, hash_bytes(place, sizeof(*place)), link - 1) ? row
                                                                                             : NULL;
    }
    row->previous_same = link_of(offloads, first);
    row->next_same = first->next_same;
    if (row->next_same) {
        row_at(offloads, row->next_same)->previous_same = link;
    }
    first->next_same = link;
    return row;
}

static void remove_row(struct corr_offloads *offloads, struct corr_offload_row *row)
{
    uint32_t link = link_of(offloads, row);
    struct corr_offload_row *next = row_at(offloads, row->next_same);
    if (next) {
        next->previous_same = row->previous_same;
    }
    if (row->previous_same) {
        row_at(offloads, row->previous_same)->next_same = row->next_same;
    } else {
        uint64_t hash = hash_bytes(&row->place, sizeof(row->place));
        hash_index_remove(&offloads->index, hash, link - 1);
        if (next) { /* takes the slot that was just freed: adding cannot fail */
            (void)hash_index_add(&offloads->index, hash, row->next_same - 1);
        }
    }
    row->next_same = offloads->free_row;
    offloads->free_row = link;
}

static void remove_record(struct corr_offloads *offloads, struct corr_offload_row *row)
{
    *(row->older ? &row_at(offloads, row->older)->newer : &offloads->oldest) = row->newer;
    *(row->newer ? &row_at(offloads, row->newer)->older : &offloads->newest) = row->older;
    offloads->waiting--;
    if (!row->is_taken) {
        findings_count(offloads->findings, FINDING_OFFLOAD_WITHOUT_PACKET, row->offset, 0);
    }
    remove_row(offloads, row);
}

/* ---- joining ---- */

static uint8_t rank_of(const struct corr_offload_row *record, uint16_t number)
{
    if (number == record->count) {
        return RANK_NUMBER;
    }
    return number < record->count ? RANK_GROUP : RANK_NONE;
}

/* Of two records of equal rank the first counts. The packet has what the sighting that is
 * written has, else what the first of the others has. */
static void attach(struct corr_offloads *offloads, struct corr_offload_row *record,
                   struct corr_held *held)
{
    uint8_t rank = rank_of(record, held->sighting.number);
    record->is_taken = record->is_taken || rank != RANK_NONE;
    if (rank <= held->offload_rank) {
        return;
    }
    held->offload_rank = rank;
    held->sighting.offload = record->offload;
    if (held->kind == CORR_HELD_COPY) {
        struct corr_group *group = &offloads->copies->groups[held->row];
        if (!group->has_offload) {
            group->has_offload = true;
            group->offload = record->offload;
        }
    }
}

/* `row` is a record or a sighting; joins it with those of the other kind at its place. */
static void join_same(struct corr_offloads *offloads, struct corr_offload_row *row)
{
    struct corr_offload_row *same = find_first(offloads, &row->place);
    for (int tried = 0; same && tried < TRIED_MAXIMUM; tried++) {
        if (row->held && !same->held) {
            attach(offloads, same, row->held);
        } else if (!row->held && same->held) {
            attach(offloads, row, same->held);
        }
        same = row_at(offloads, same->next_same);
    }
}

enum etw_status corr_offloads_add_sighting(struct corr_offloads *offloads, struct corr_held *held,
                                           struct etw_error *error)
{
    const struct corr_sighting *sighting = &held->sighting;
    struct place place =
        place_of(sighting->group, sighting->component, sighting->edge, sighting->appearance);
    struct corr_offload_row *row = add_row(offloads, &place);
    if (!row) {
        return etw_fail_memory(error, "the sightings of a packet");
    }
    row->held = held;
    held->offload_row = link_of(offloads, row);
    join_same(offloads, row);
    return ETW_OK;
}

void corr_offloads_release(struct corr_offloads *offloads, const struct corr_held *held)
{
    if (held->offload_row) {
        remove_row(offloads, row_at(offloads, held->offload_row));
    }
}

enum etw_status corr_offloads_add_record(struct corr_offloads *offloads,
                                         const struct etw_event *event, struct etw_error *error)
{
    const struct etw_packet *packet = &event->u.packet;
    if (event->is_incomplete) { /* its payload was counted as short */
        return ETW_OK;
    }
    if (offloads->waiting >= CORR_OFFLOADS_MAXIMUM) {
        remove_record(offloads, row_at(offloads, offloads->oldest));
    }
    struct place place =
        place_of(packet->group, packet->component, packet->edge, packet->appearance);
    struct corr_offload_row *row = add_row(offloads, &place);
    if (!row) {
        return etw_fail_memory(error, "what is known of packets beside their bytes");
    }
    row->offload = packet->offload;
    row->count = packet->count;
    row->time = event->record->time;
    row->offset = event->record->offset;
    row->older = offloads->newest;
    uint32_t link = link_of(offloads, row);
    *(row->older ? &row_at(offloads, row->older)->newer : &offloads->oldest) = link;
    offloads->newest = link;
    offloads->waiting++;
    join_same(offloads, row);
    return ETW_OK;
}

void corr_offloads_expire(struct corr_offloads *offloads, int64_t now)
{
    while (offloads->oldest) {
        struct corr_offload_row *row = row_at(offloads, offloads->oldest);
        if ((uint64_t)now - (uint64_t)row->time < CORR_NUMBERED_WINDOW) {
            return;
        }
        remove_record(offloads, row);
    }
}

void corr_offloads_finish(struct corr_offloads *offloads)
{
    while (offloads->oldest) {
        remove_record(offloads, row_at(offloads, offloads->oldest));
    }
}

void corr_offloads_done(struct corr_offloads *offloads)
{
    free(offloads->rows);
    hash_index_done(&offloads->index);
    *offloads = (struct corr_offloads){0};
}
