/* SPDX-License-Identifier: MIT */
/*
 * receptions.h - how Wi-Fi frames were received, held until their frames come. The two
 * events follow each other on one thread and CPU, at one layer of one adapter; between
 * them may stand events of other adapters and CPUs.
 */
#ifndef CORRELATE_RECEPTIONS_H
#define CORRELATE_RECEPTIONS_H

#include "etw/event.h"
#include "etw/findings.h"

/* Held at the same time at most: each has its own CPU and layer. */
#define CORR_RECEPTIONS_MAXIMUM 64
/* A frame this much later is another one: 1 s in 100 ns. */
#define CORR_RECEPTION_WINDOW UINT64_C(10000000)

struct corr_waiting_reception {
    struct etw_reception reception;
    int64_t time;
    uint64_t offset;
    uint32_t thread_id;
    uint16_t cpu;
};

/* Zero-initialised with `findings` set is valid. */
struct corr_receptions {
    struct findings *findings; /* borrowed */
    struct corr_waiting_reception waiting[CORR_RECEPTIONS_MAXIMUM];
    size_t count;
};

/* Takes an ETW_EVENT_RECEPTION. */
void corr_receptions_add(struct corr_receptions *receptions, const struct etw_event *event);
/* Hands over what belongs to the frame that this ETW_EVENT_PACKET is or begins. False:
 * nothing does. */
bool corr_receptions_take(struct corr_receptions *receptions, const struct etw_event *event,
                          struct etw_reception *out);
/* Counts those whose frames never came, and forgets them. */
void corr_receptions_finish(struct corr_receptions *receptions);

#endif
