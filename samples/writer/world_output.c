/* SPDX-License-Identifier: MIT */
#include "world_output.h"

#include "byte_block.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct record {
    struct world_place place;
    bool is_packet;
    bool has_owner;
    uint32_t pid;
    const char *process; /* NULL: the trace does not say */
    struct world_truth truth;
    size_t size;
    uint8_t bytes[];
};

bool world_has_classic_processes(const struct world *world)
{
    return world->form.is_windows7 || world->options.sources & WORLD_KERNEL;
}

void world_header_pid(struct world *world, const struct world_burst *burst, uint32_t *pid,
                      uint32_t *tid)
{
    unsigned dice = chance_below(&world->chance, 100);
    if (dice >= 85 && burst && burst->process && dice % 3) {
        *pid = burst->pid;
        *tid = burst->tid;
    } else if (dice >= 85 && world->process_count) {
        size_t which = chance_below(&world->chance, (unsigned)world->process_count);
        *pid = world->processes[which]->pid;
        *tid = *pid + 4 + 4 * chance_below(&world->chance, WORLD_THREADS);
    } else {
        *pid = dice < 77 ? PID_SYSTEM : PID_IDLE;
        *tid = *pid ? 8 + 4 * chance_below(&world->chance, 40) : 0;
    }
}

void world_put(struct world *world, const struct world_place *place,
               const struct world_truth *truth)
{
    size_t size = world->record.size;
    struct record *record = world->record.failed ? NULL : malloc(sizeof(*record) + size);
    if (!record) {
        world->failed = true;
        return;
    }
    memset(record, 0, sizeof(*record));
    record->place = *place;
    record->is_packet = truth != NULL;
    if (truth) {
        record->truth = *truth;
        record->has_owner = truth->owner != NULL;
        record->pid = truth->owner ? truth->owner->pid : 0;
        bool is_named = world->options.sources & WORLD_PROCESS;
        record->process = truth->owner && is_named ? truth->owner->program->name : NULL;
    }
    record->size = size;
    memcpy(record->bytes, world->record.data, size);
    if (!queue_put(&world->records, place->at, NULL, record)) {
        free(record);
        world->failed = true;
    }
}

static void print_text(FILE *to, const char *text)
{
    if (text) {
        fprintf(to, "\"%s\"", text); /* names of our own, nothing to escape */
    } else {
        fputs("null", to);
    }
}

static void print_truth(const struct world *world, const struct record *record)
{
    FILE *to = world->truth;
    fprintf(to, "{\"frame\":%" PRIu64 ",\"pid\":", world->packets);
    if (record->has_owner) {
        fprintf(to, "%" PRIu32, record->pid);
    } else {
        fputs("null", to);
    }
    fputs(",\"process\":", to);
    print_text(to, record->process);
    fputs(",\"reason\":", to);
    print_text(to, record->truth.reason);
    fputs(",\"candidates\":[", to);
    for (unsigned i = 0; i < record->truth.candidate_count; i++) {
        fprintf(to, "%s%" PRIu32, i ? "," : "", record->truth.candidates[i]);
    }
    fputs("],\"kind\":", to);
    print_text(to, record->truth.kind);
    fputs("}\n", to);
}

static bool is_lost(struct world *world, const struct record *record)
{
    bool is_lost = record->place.can_be_lost && world->options.lost_per_10000 &&
                   chance_below(&world->chance, 10000) < world->options.lost_per_10000;
    world->lost += is_lost;
    return is_lost;
}

static void write_record(struct world *world, struct record *record)
{
    int64_t ticks = etl_ticks_of_time(&world->form, world->form.start_time + record->place.at);
    ticks = ticks > world->last_ticks ? ticks : world->last_ticks + 1;
    world->last_ticks = ticks;
    put_u64(record->bytes + record->place.ticks_at, (uint64_t)ticks);
    world->failed = world->failed || !etl_writer_add(world->writer, record->place.cpu, ticks,
                                                     record->bytes, record->size, NULL);
    world->record_count++;
    /* A buffer is also written when nobody has filled it for a while. */
    if (chance_below(&world->chance, 20000) == 0) {
        uint16_t cpu = (uint16_t)chance_below(&world->chance, world->options.cpus);
        world->failed = !etl_writer_flush(world->writer, cpu) || world->failed;
    }
    if (record->is_packet) {
        world->packets++;
        print_truth(world, record);
    }
}

void world_drain(struct world *world, int64_t until)
{
    const struct world_queue_item *first = queue_first(&world->records);
    while (first && first->at < until && !world->failed &&
           (world->is_over || world->packets < world->options.packets)) {
        struct record *record = queue_take(&world->records).object;
        if (!is_lost(world, record)) {
            write_record(world, record);
        }
        free(record);
        first = queue_first(&world->records);
    }
}

void world_drop_records(struct world *world)
{
    while (queue_first(&world->records)) {
        free(queue_take(&world->records).object);
    }
}
