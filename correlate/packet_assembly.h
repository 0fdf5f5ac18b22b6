/* SPDX-License-Identifier: MIT */
/*
 * packet_assembly.h - packets that a capture (NDIS, WFP) cut into several events. A run
 * is such a packet while its last fragment has not come. Runs of different
 * interfaces, ports of a virtual switch, CPUs, threads and directions may interleave.
 *
 * The bytes of a run grow in the buffer of its place in the queue, which stands
 * where the first fragment arrived: that is the packet's time.
 */
#ifndef CORRELATE_PACKET_ASSEMBLY_H
#define CORRELATE_PACKET_ASSEMBLY_H

#include "correlate/packet_queue.h"
#include "etw/base/hash_index.h"

/* Packets open at the same time at most. */
#define CORR_RUNS_MAXIMUM 4096
/* A run without a fragment for this long has lost its end: 1 s in 100 ns. */
#define CORR_RUN_WINDOW UINT64_C(10000000)

struct corr_run;

/* Zero-initialised with the three pointers set is valid. */
struct corr_assembly {
    struct corr_queue *queue;  /* borrowed */
    struct findings *findings; /* borrowed */
    struct corr_run *runs;     /* owned; rows */
    size_t run_count, run_capacity;
    size_t open_count;
    uint32_t free_row;       /* first of the unused rows + 1; 0: none */
    uint32_t oldest, newest; /* open runs by last fragment, rows + 1; 0: none */
    struct hash_index index; /* by key */
};

/* Takes a packet event of such a capture that is not whole, or any of it while
 * runs are open. What becomes a packet stands in the queue as CORR_HELD_ALONE. */
enum etw_status corr_assembly_add(struct corr_assembly *assembly, const struct etw_packet *packet,
                                  const struct corr_sighting *sighting, struct etw_error *error);
/* Ends every run whose last fragment is older than the window. */
void corr_assembly_expire(struct corr_assembly *assembly, int64_t now);
/* Ends the run of `held` as incomplete. */
void corr_assembly_end(struct corr_assembly *assembly, struct corr_held *held);
void corr_assembly_done(struct corr_assembly *assembly);

#endif
