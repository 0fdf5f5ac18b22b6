/* SPDX-License-Identifier: MIT */
/*
 * process_facts.c - when is what one event tells about a process that is known already?
 *
 * What contradicts settles it: another start key, another time of creation, another
 * process object. Otherwise a source tells a start and an end once per process, the
 * two sources agree within PROCESS_NEAR, and a process that began before it was first
 * seen is the one that was seen.
 */
#include "correlate/process_facts.h"

#include "etw/base/utc_time.h"

#define TIME_LIMIT (INT64_MAX / 4)

int64_t process_limit_time(int64_t time)
{
    if (time > TIME_LIMIT) {
        return TIME_LIMIT;
    }
    return time < -TIME_LIMIT ? -TIME_LIMIT : time;
}

bool process_is_near(int64_t left, int64_t right)
{
    left = process_limit_time(left);
    right = process_limit_time(right);
    return left - right <= PROCESS_NEAR && right - left <= PROCESS_NEAR;
}

bool process_keys_differ(uint64_t left, uint64_t right)
{
    left &= PROCESS_KEY_MASK;
    right &= PROCESS_KEY_MASK;
    return left != 0 && right != 0 && left != right;
}

/* ---- reading ---- */

static enum process_fact_kind kind_of(const struct etw_process *stated)
{
    if (stated->phase == ETW_PHASE_RUNDOWN) {
        return stated->is_end ? PROCESS_IS_DEFUNCT : PROCESS_IS_LISTED;
    }
    return stated->is_end ? PROCESS_ENDS : PROCESS_STARTS;
}

/* The system clock that creation and exit times are from may be set during the trace. What
 * is told as it happens, happens at the time of its event, then; what is told later cannot
 * lie after it. */
static bool is_usable(int64_t stated, int64_t time, bool is_now)
{
    return stated > 0 && (process_is_near(stated, time) || (!is_now && stated < time));
}

static int64_t earlier(int64_t left, int64_t right)
{
    return left < right ? left : right;
}

void process_fact_read(struct process_fact *fact, const struct etw_event *event)
{
    const struct etw_process *stated = &event->u.process;
    int64_t time = process_limit_time(event->record->time);
    *fact = (struct process_fact){
        .kind = kind_of(stated),
        .pid = stated->pid,
        .key = stated->start_key,
        .unique_key = stated->unique_key,
        .time = time,
        .created = stated->create_time > 0 ? process_limit_time(stated->create_time) : 0,
        .start = time,
        .end = time,
    };
    bool is_start = fact->kind == PROCESS_STARTS;
    bool is_end = fact->kind == PROCESS_ENDS;
    bool is_created_usable = is_usable(fact->created, time, is_start);
    fact->has_start = is_start || is_created_usable;
    if (is_created_usable) {
        fact->start = earlier(fact->created, time);
    }
    fact->has_end = is_end || fact->kind == PROCESS_IS_DEFUNCT;
    if (is_usable(stated->exit_time, time, is_end)) {
        fact->end = earlier(stated->exit_time, time);
    }
}

void process_fact_list(struct process_fact *fact, uint32_t pid, int64_t time)
{
    *fact = (struct process_fact){
        .kind = PROCESS_IS_LISTED, .pid = pid, .time = process_limit_time(time)};
}

/* Only the manifest's events have a time of creation. */
uint8_t process_fact_told(const struct process_fact *fact)
{
    bool is_classic = fact->created == 0;
    if (fact->kind == PROCESS_STARTS) {
        return is_classic ? PROCESS_TOLD_START_CLASSIC : PROCESS_TOLD_START;
    }
    if (fact->kind == PROCESS_ENDS) {
        return is_classic ? PROCESS_TOLD_END_CLASSIC : PROCESS_TOLD_END;
    }
    return 0;
}

/* ---- fitting ---- */

static bool contradicts(const struct process_fact *fact, const struct corr_process *process,
                        const struct process_note *note)
{
    bool is_other_object = fact->unique_key != 0 && process->unique_key != 0 &&
                           fact->unique_key != process->unique_key;
    bool is_created_otherwise =
        fact->created != 0 && note->created != 0 && fact->created != note->created;
    return is_other_object || is_created_otherwise ||
           process_keys_differ(fact->key, process->start_key);
}

static bool starts_agree(const struct process_fact *fact, const struct corr_process *process,
                         const struct process_note *note)
{
    if (!fact->has_start || (fact->created != 0 && fact->created == note->created)) {
        return true;
    }
    return process->has_start ? process_is_near(process->started, fact->start)
                              : fact->start <= note->first_seen + PROCESS_EARLY;
}

/* It began before it ended. */
static bool start_fits(const struct process_fact *fact, const struct corr_process *process,
                       const struct process_note *note)
{
    return starts_agree(fact, process, note) && process->ended >= fact->start;
}

static bool end_fits(const struct process_fact *fact, const struct corr_process *process,
                     const struct process_note *note)
{
    return starts_agree(fact, process, note) &&
           (process->ended == CORR_NEVER || process_is_near(process->ended, fact->end));
}

/* A process that is about to end is still listed; its object is the witness when it is
 * listed later. */
static bool listing_fits(const struct process_fact *fact, const struct corr_process *process,
                         const struct process_note *note)
{
    bool is_same_object = fact->unique_key != 0 && fact->unique_key == process->unique_key;
    return starts_agree(fact, process, note) && (process->ended == CORR_NEVER || is_same_object ||
                                                 process_is_near(process->ended, fact->time));
}

static bool defunct_fits(const struct process_fact *fact, const struct corr_process *process,
                         const struct process_note *note)
{
    (void)fact;
    (void)process;
    (void)note;
    return true; /* the pid is not given away before the object goes */
}

typedef bool fits_function(const struct process_fact *fact, const struct corr_process *process,
                           const struct process_note *note);

static fits_function *const fits[PROCESS_FACT_COUNT] = {
    [PROCESS_STARTS] = start_fits,
    [PROCESS_ENDS] = end_fits,
    [PROCESS_IS_LISTED] = listing_fits,
    [PROCESS_IS_DEFUNCT] = defunct_fits,
};

bool process_fact_fits(const struct process_fact *fact, const struct corr_process *process,
                       const struct process_note *note)
{
    return !contradicts(fact, process, note) && !(note->told & process_fact_told(fact)) &&
           fits[fact->kind](fact, process, note);
}
