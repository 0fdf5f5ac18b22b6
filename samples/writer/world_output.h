/* SPDX-License-Identifier: MIT */
/*
 * world_output.h - records on their way into the trace, and the truth about packets.
 */
#ifndef SAMPLES_WRITER_WORLD_OUTPUT_H
#define SAMPLES_WRITER_WORLD_OUTPUT_H

#include "world_state.h"

struct world_place {
    int64_t at;
    uint16_t cpu;
    uint8_t ticks_at; /* of the time stamp in the record */
    bool can_be_lost;
};

/* Takes the record in `world->record`. With a truth it is a packet. */
void world_put(struct world *world, const struct world_place *place,
               const struct world_truth *truth);
/* Writes what is due before `until`, in time order, up to the last packet of the trace. */
void world_drain(struct world *world, int64_t until);
/* Drops what was not written. */
void world_drop_records(struct world *world);

/* What the header of a packet event names: mostly System or Idle, else whoever was running.
 * `burst` is the thread that sends; NULL: none does. */
void world_header_pid(struct world *world, const struct world_burst *burst, uint32_t *pid,
                      uint32_t *tid);
bool world_has_classic_processes(const struct world *world);

#endif
