/* SPDX-License-Identifier: MIT */
/*
 * process_facts.h - what one event says about one process, and whether it can be about a
 * process that is known already. Inside correlate only.
 */
#ifndef CORRELATE_PROCESS_FACTS_H
#define CORRELATE_PROCESS_FACTS_H

#include "correlate/processes.h"

/* The part of a start key that is the process's sequence number; above it stands a number of
 * the boot. [documented: ProcessStartKey of PsGetProcessStartKey, phnt] */
#define PROCESS_KEY_MASK ((UINT64_C(1) << 48) - 1)

/* An event may stand this much before the start event of its process. */
#define PROCESS_EARLY (UTC_TICKS_PER_SECOND / 100)
/* Two sources that tell of one start or end agree this well; events about a process that
 * has ended come this late. */
#define PROCESS_NEAR UTC_TICKS_PER_SECOND

enum process_fact_kind {
    PROCESS_STARTS,
    PROCESS_ENDS,
    PROCESS_IS_LISTED,  /* by a rundown: it runs */
    PROCESS_IS_DEFUNCT, /* by a rundown: it has ended, its object is still there */
    PROCESS_FACT_COUNT
};

struct process_fact {
    enum process_fact_kind kind;
    uint32_t pid;
    uint64_t key;        /* start key; 0: not stated */
    uint64_t unique_key; /* 0: not stated */
    int64_t time;        /* of the event */
    int64_t created;     /* as Windows keeps it, which is the same in every event; 0: not stated */
    bool has_start, has_end;
    int64_t start, end; /* on the trace's own clock */
};

/* What is known of a process beside its row. */
struct process_note {
    int64_t first_seen;
    int64_t created;   /* 0: no event stated it */
    uint32_t previous; /* row of the one that had the pid before; CORR_NO_ROW: none */
    uint8_t told;      /* enum process_told */
    bool is_older;     /* its key is older than that of another one that was always there */
};

/* Classic records and the manifest's events tell the same; each of them tells it once. */
enum process_told {
    PROCESS_TOLD_START_CLASSIC = 0x1,
    PROCESS_TOLD_START = 0x2,
    PROCESS_TOLD_END_CLASSIC = 0x4,
    PROCESS_TOLD_END = 0x8
};

/* Of ETW_EVENT_PROCESS. */
void process_fact_read(struct process_fact *fact, const struct etw_event *event);
/* A pid that another rundown lists. */
void process_fact_list(struct process_fact *fact, uint32_t pid, int64_t time);
/* What telling this leaves in process_note.told. */
uint8_t process_fact_told(const struct process_fact *fact);
/* Both are known and differ. */
bool process_keys_differ(uint64_t left, uint64_t right);
/* Times of which no difference overflows, whatever a trace states. */
int64_t process_limit_time(int64_t time);
bool process_is_near(int64_t left, int64_t right);
/* The fact can be about this process, the latest or last but one that has the pid. */
bool process_fact_fits(const struct process_fact *fact, const struct corr_process *process,
                       const struct process_note *note);

#endif
