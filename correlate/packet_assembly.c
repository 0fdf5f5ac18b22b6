/* SPDX-License-Identifier: MIT */
#include "correlate/packet_assembly.h"

#include <stdlib.h>
#include <string.h>

#include "correlate/packet_routes.h"
#include "correlate/wfp_frames.h"
#include "etw/base/array.h"

/* What the fragments of one packet have in common. Compared as bytes: no padding. */
struct run_key {
    uint32_t interface_index, lower_index;
    uint32_t thread_id;
    uint32_t source; /* of switched packets: the port; see corr_route; else 0 */
    uint16_t cpu, direction;
};

struct corr_run {
    struct run_key key;
    struct corr_held *held;
    int64_t last_time;
    uint64_t total;        /* bytes of all fragments, the ones left out included */
    uint32_t older, newer; /* rows + 1; `newer` also links the unused rows */
};

static struct run_key key_of(const struct etw_packet *packet, const struct corr_sighting *sighting)
{
    return (struct run_key){
        .interface_index = packet->interface_index,
        .lower_index = packet->lower_index,
        .thread_id = sighting->header_tid,
        .source = sighting->route ? sighting->route->source + 1 : 0,
        .cpu = sighting->cpu,
        .direction = (uint16_t)packet->direction,
    };
}

static uint64_t hash_of(const struct run_key *key)
{
    return hash_bytes(key, sizeof(*key));
}

static struct corr_run *find_run(struct corr_assembly *assembly, const struct run_key *key)
{
    uint64_t hash = hash_of(key);
    uint32_t at = 0;
    for (uint32_t row = hash_index_first(&assembly->index, hash, &at); row != HASH_INDEX_NONE;
         row = hash_index_next(&assembly->index, hash, &at)) {
        if (memcmp(&assembly->runs[row].key, key, sizeof(*key)) == 0) {
            return &assembly->runs[row];
        }
    }
    return NULL;
}

/* ---- order by last fragment ---- */

static uint32_t link_of(const struct corr_assembly *assembly, const struct corr_run *run)
{
    return (uint32_t)(run - assembly->runs) + 1;
}

static void unlink_run(struct corr_assembly *assembly, const struct corr_run *run)
{
    uint32_t *to_newer = run->older ? &assembly->runs[run->older - 1].newer : &assembly->oldest;
    uint32_t *to_older = run->newer ? &assembly->runs[run->newer - 1].older : &assembly->newest;
    *to_newer = run->newer;
    *to_older = run->older;
}

static void link_newest(struct corr_assembly *assembly, struct corr_run *run)
{
    uint32_t link = link_of(assembly, run);
    run->newer = 0;
    run->older = assembly->newest;
    *(run->older ? &assembly->runs[run->older - 1].newer : &assembly->oldest) = link;
    assembly->newest = link;
}

/* ---- the life of a run ---- */

/* Without enough of it for an IP header the packet is empty. */
static void make_frame(struct corr_sighting *sighting, uint8_t *buffer)
{
    uint32_t original = 0;
    size_t size = corr_wfp_frame(&sighting->bare, bytes_of(sighting->data, sighting->captured),
                                 buffer, &original);
    sighting->captured = (uint32_t)size;
    sighting->original = original;
    sighting->bare = (struct etw_bare_transport){0};
    sighting->link = ETW_LINK_RAW_IP;
}

/* The place in the queue becomes a packet; the run's row is free again. */
static void end_run(struct corr_assembly *assembly, struct corr_run *run, bool is_incomplete)
{
    struct corr_held *held = run->held;
    if (is_incomplete) {
        findings_count(assembly->findings, FINDING_PACKET_INCOMPLETE, held->sighting.offset, 0);
    }
    if (run->total > held->sighting.captured) {
        findings_count(assembly->findings, FINDING_PACKET_TOO_LONG, held->sighting.offset,
                       run->total - held->sighting.captured);
        held->sighting.original = run->total < UINT32_MAX ? (uint32_t)run->total : UINT32_MAX;
        is_incomplete = true;
    }
    held->sighting.is_incomplete = is_incomplete;
    if (held->sighting.bare.address_size > 0) {
        make_frame(&held->sighting, held->buffer);
    }
    held->sighting.link =
        corr_link_by_bytes(held->sighting.link, held->sighting.data, held->sighting.captured);
    held->kind = CORR_HELD_ALONE;
    hash_index_remove(&assembly->index, hash_of(&run->key), (uint32_t)(run - assembly->runs));
    unlink_run(assembly, run);
    run->newer = assembly->free_row;
    assembly->free_row = link_of(assembly, run);
    assembly->open_count--;
}

static enum etw_status grow_buffer(struct corr_assembly *assembly, struct corr_held *held,
                                   size_t needed, struct etw_error *error)
{
    if (needed <= held->buffer_size) {
        return ETW_OK;
    }
    size_t size = held->buffer_size ? held->buffer_size : 2048;
    while (size < needed) {
        size *= 2;
    }
    uint8_t *grown = realloc(held->buffer, size);
    if (!grown) {
        return etw_fail_memory(error, "a packet of several fragments");
    }
    assembly->queue->bytes += size - held->buffer_size;
    held->buffer = grown;
    held->buffer_size = size;
    held->sighting.data = grown;
    return ETW_OK;
}

static enum etw_status append(struct corr_assembly *assembly, struct corr_run *run,
                              const struct corr_sighting *fragment, struct etw_error *error)
{
    struct corr_held *held = run->held;
    size_t room = CORR_PACKET_MAXIMUM - held->sighting.captured;
    size_t size = fragment->captured < room ? fragment->captured : room;
    size_t needed = held->sighting.captured + size + CORR_WFP_ROOM;
    enum etw_status status = grow_buffer(assembly, held, needed, error);
    if (status) {
        return status;
    }
    if (size > 0) {
        memcpy(held->buffer + held->sighting.captured, fragment->data, size);
    }
    held->sighting.captured += (uint32_t)size;
    run->total += fragment->captured;
    run->last_time = fragment->time;
    unlink_run(assembly, run);
    link_newest(assembly, run);
    return ETW_OK;
}

static struct corr_run *take_row(struct corr_assembly *assembly)
{
    if (assembly->free_row) {
        struct corr_run *run = &assembly->runs[assembly->free_row - 1];
        assembly->free_row = run->newer;
        return run;
    }
    void *rows = assembly->runs;
    bool is_grown = array_grow(&rows, &assembly->run_capacity, assembly->run_count + 1,
                               sizeof(struct corr_run));
    assembly->runs = rows;
    return is_grown ? &assembly->runs[assembly->run_count++] : NULL;
}

static enum etw_status open_run(struct corr_assembly *assembly, const struct run_key *key,
                                const struct corr_sighting *first, struct etw_error *error)
{
    if (assembly->open_count >= CORR_RUNS_MAXIMUM) {
        end_run(assembly, &assembly->runs[assembly->oldest - 1], true);
    }
    struct corr_sighting empty = *first;
    empty.captured = 0;
    struct corr_held *held = corr_queue_add(assembly->queue, &empty);
    struct corr_run *run = held ? take_row(assembly) : NULL;
    uint32_t row = run ? (uint32_t)(run - assembly->runs) : 0;
    if (!run || !hash_index_add(&assembly->index, hash_of(key), row)) {
        return etw_fail_memory(error, "a packet of several fragments");
    }
    held->kind = CORR_HELD_RUN;
    held->row = row;
    *run = (struct corr_run){.key = *key, .held = held};
    link_newest(assembly, run);
    assembly->open_count++;
    return append(assembly, run, first, error);
}

enum etw_status corr_assembly_add(struct corr_assembly *assembly, const struct etw_packet *packet,
                                  const struct corr_sighting *sighting, struct etw_error *error)
{
    struct run_key key = key_of(packet, sighting);
    struct corr_run *run = find_run(assembly, &key);
    if (packet->is_start) {
        if (run) {
            end_run(assembly, run, true);
        }
        if (!packet->is_end) {
            return open_run(assembly, &key, sighting, error);
        }
        return corr_queue_add(assembly->queue, sighting) ? ETW_OK
                                                         : etw_fail_memory(error, "a packet");
    }
    if (!run) {
        findings_count(assembly->findings, FINDING_FRAGMENT_WITHOUT_START, sighting->offset, 0);
        return ETW_OK;
    }
    enum etw_status status = append(assembly, run, sighting, error);
    if (!status && packet->is_end) {
        end_run(assembly, run, false);
    }
    return status;
}

void corr_assembly_expire(struct corr_assembly *assembly, int64_t now)
{
    while (assembly->oldest) {
        struct corr_run *run = &assembly->runs[assembly->oldest - 1];
        if ((uint64_t)now - (uint64_t)run->last_time < CORR_RUN_WINDOW) {
            return;
        }
        end_run(assembly, run, true);
    }
}

void corr_assembly_end(struct corr_assembly *assembly, struct corr_held *held)
{
    end_run(assembly, &assembly->runs[held->row], true);
}

void corr_assembly_done(struct corr_assembly *assembly)
{
    free(assembly->runs);
    hash_index_done(&assembly->index);
    *assembly = (struct corr_assembly){0};
}
