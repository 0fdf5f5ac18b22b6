/* SPDX-License-Identifier: MIT */
/*
 * damage - reads damaged copies of traces from memory, in one process, and holds
 * what comes out against the undamaged trace. Built with sanitizers it also shows
 * that nothing is read or written out of place.
 *
 *     damage [--work N] [--limit N] [--step N] [--changes N] [--change-all] [--seed N] TRACE.etl
 * ...
 *
 * Prefixes up to --limit bytes, then copies with one byte changed each, as many as can be had for
 * --work records read, half of it for either; the step between prefixes is odd, so that cuts
 * meet every alignment. --step and --changes say it outright; --change-all changes every byte of
 * the file once.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "correlate/adapters.h"
#include "etw/trace.h"
#include "pcapout/output_file.h"
#include "tests/damage/baseline.h"
#include "tests/damage/convert.h"

struct plan {
    size_t work, limit;
    size_t step, changes; /* 0: what the work allows */
    bool change_all;
    uint64_t seed;
};

struct tally {
    uint32_t runs;
    uint32_t refused; /* not recognised any more: exit status 1 */
    uint32_t damaged; /* exit status 3 */
    uint32_t failed;
};

/* What it costs to open and convert a copy without records, in records. [measured] */
#define COPY_RECORDS 300

/* Few records make many copies, of which there are enough; many still get some. */
#define PREFIXES_MINIMUM 64
#define CHANGES_MINIMUM  20
#define CHANGES_MAXIMUM  500

static size_t at_least(size_t value, size_t minimum)
{
    return value < minimum ? minimum : value;
}

/* Fills in what the plan leaves open. It depends on the trace alone, not on the machine. */
static struct plan plan_for(const struct plan *wanted, const struct baseline *baseline)
{
    struct plan plan = *wanted;
    plan.limit = baseline->size < plan.limit ? baseline->size : plan.limit;
    if (plan.step == 0) {
        uint64_t records = (uint64_t)baseline->record_count * (plan.limit / 2) / baseline->size;
        size_t count = plan.work / 2 / (COPY_RECORDS + (size_t)records);
        plan.step = plan.limit / at_least(count, PREFIXES_MINIMUM) | 1;
    }
    if (plan.changes == 0) {
        size_t count = plan.work / 2 / (COPY_RECORDS + baseline->record_count);
        plan.changes = at_least(count < CHANGES_MAXIMUM ? count : CHANGES_MAXIMUM, CHANGES_MINIMUM);
    }
    return plan;
}

/* xorshift64*: the same changes on every machine. */
static uint64_t next_random(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * UINT64_C(2685821657736338717);
}

static void complain(const char *path, const struct damage *damage, const char *what,
                     uint64_t number)
{
    if (damage->position != SIZE_MAX) {
        printf("%s: byte %zu set to 0x%02x: %s %" PRIu64 "\n", path, damage->position,
               damage->value, what, number);
    } else {
        printf("%s: first %zu bytes: %s %" PRIu64 "\n", path, damage->prefix, what, number);
    }
}

/* Reads everything; false: an inner contradiction. */
static bool read_all(struct etw_trace *trace, struct baseline *baseline, uint32_t run)
{
    struct etw_error error;
    if (etw_trace_index(trace, NULL, NULL, &error) || etw_trace_rewind(trace, &error)) {
        return false;
    }
    const struct etw_record *record = NULL;
    uint64_t count = 0;
    enum etw_status status;
    while ((status = etw_trace_next_record(trace, &record, &error)) == ETW_OK) {
        baseline_see(baseline, record, run);
        count++;
    }
    const struct etw_totals *totals = etw_trace_get_totals(trace);
    const struct findings *findings = etw_trace_get_findings(trace);
    uint64_t skipped = findings->kinds[FINDING_RECORD_DAMAGED].count +
                       findings->kinds[FINDING_RECORD_UNKNOWN_KIND].count;
    return status == ETW_END && count == totals->records_delivered &&
           totals->records_found == totals->records_delivered + skipped;
}

/* Where a damaged file may stop being recognised as a trace: its first buffer
 * header and the header of the first record. */
static bool may_be_refused(const struct damage *damage)
{
    return damage->prefix < 0x48 + 0x20 + 0x110 || damage->position < 0x48 + 0x08;
}

static void try_copy(const char *path, struct baseline *baseline, const uint8_t *copy, size_t size,
                     const struct damage *damage, struct tally *tally)
{
    struct etw_trace *trace = NULL;
    struct etw_error error;
    uint32_t run = ++tally->runs;
    if (etw_trace_open_memory(copy, size, NULL, &trace, &error)) {
        tally->refused++;
        if (!may_be_refused(damage)) {
            complain(path, damage, error.text, 0);
            tally->failed++;
        }
        return;
    }
    bool is_consistent = read_all(trace, baseline, run);
    const struct baseline_record *missing = baseline_missing(baseline, damage, run);
    tally->damaged += findings_has_damage(etw_trace_get_findings(trace));
    if (!is_consistent) {
        complain(path, damage, "records found are not those delivered and skipped", 0);
    } else if (missing) {
        complain(path, damage, "a record outside the damage is missing: offset", missing->offset);
    }
    etw_trace_close(trace);
    bool is_converted = convert_from_memory(copy, size, &error);
    if (!is_converted) {
        complain(path, damage, error.text, 0);
    }
    tally->failed += !is_consistent || missing || !is_converted;
}

/* The copy has exactly the size that is left, so that a sanitizer sees one byte
 * too many. */
static void try_prefix(const char *path, struct baseline *baseline, size_t size,
                       struct tally *tally)
{
    uint8_t *copy = malloc(size ? size : 1);
    if (copy) {
        memcpy(copy, baseline->data, size);
        struct damage damage = {.prefix = size, .position = SIZE_MAX};
        try_copy(path, baseline, copy, size, &damage, tally);
    }
    free(copy);
}

static void try_change(const char *path, struct baseline *baseline, uint8_t *copy, size_t position,
                       uint8_t difference, struct tally *tally)
{
    copy[position] = (uint8_t)(copy[position] ^ difference);
    struct damage damage = {.prefix = SIZE_MAX, .position = position, .value = copy[position]};
    try_copy(path, baseline, copy, baseline->size, &damage, tally);
    copy[position] = baseline->data[position];
}

static void try_changes(const char *path, struct baseline *baseline, const struct plan *plan,
                        struct tally *tally)
{
    uint8_t *copy = malloc(baseline->size);
    if (!copy) {
        return;
    }
    memcpy(copy, baseline->data, baseline->size);
    uint64_t state = plan->seed;
    for (size_t i = 0; i < plan->changes; i++) {
        size_t position = (size_t)(next_random(&state) % baseline->size);
        uint8_t difference = (uint8_t)(1 + next_random(&state) % 255);
        try_change(path, baseline, copy, position, difference, tally);
    }
    for (size_t i = 0; plan->change_all && i < baseline->size; i++) {
        uint8_t difference = (uint8_t)(1 + next_random(&state) % 255);
        try_change(path, baseline, copy, i, difference, tally);
    }
    free(copy);
}

static uint8_t *load(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    long end = file && fseek(file, 0, SEEK_END) == 0 ? ftell(file) : -1;
    uint8_t *data = end > 0 ? malloc((size_t)end) : NULL;
    if (data) {
        rewind(file);
        *size = fread(data, 1, (size_t)end, file);
    }
    if (file) {
        (void)fclose(file);
    }
    return data;
}

static bool try_file(const char *path, const struct plan *wanted)
{
    size_t size = 0;
    struct baseline baseline = {0};
    struct tally tally = {0};
    uint8_t *data = load(path, &size);
    if (!data || !baseline_read(&baseline, data, size)) {
        printf("%s: cannot be read\n", path);
        free(data);
        return false;
    }
    struct plan plan = plan_for(wanted, &baseline);
    for (size_t prefix = 0; prefix <= plan.limit; prefix += plan.step) {
        try_prefix(path, &baseline, prefix, &tally);
    }
    try_changes(path, &baseline, &plan, &tally);
    printf("%s: %zu records, %u copies (cut every %zu bytes up to %zu, %zu changed), %u refused, "
           "%u damaged, %u failed\n",
           path, baseline.record_count, tally.runs, plan.step, plan.limit, plan.changes,
           tally.refused, tally.damaged, tally.failed);
    (void)fflush(stdout);
    baseline_done(&baseline);
    free(data);
    return tally.failed == 0 && tally.runs > 0;
}

int main(int argc, char **argv)
{
    struct plan plan = {.work = 400000, .limit = 65536, .seed = 88172645463325252u};
    bool is_good = true;
    int files = 0;
    for (int i = 1; i < argc; i++) {
        size_t value = i + 1 < argc ? (size_t)strtoull(argv[i + 1], NULL, 10) : 0;
        if (strcmp(argv[i], "--change-all") == 0) {
            plan.change_all = true;
        } else if (strcmp(argv[i], "--work") == 0) {
            plan.work = value;
            i++;
        } else if (strcmp(argv[i], "--step") == 0) {
            plan.step = value ? value : 1;
            i++;
        } else if (strcmp(argv[i], "--limit") == 0) {
            plan.limit = value;
            i++;
        } else if (strcmp(argv[i], "--changes") == 0) {
            plan.changes = value;
            i++;
        } else if (strcmp(argv[i], "--seed") == 0) {
            plan.seed = value ? value : 1;
            i++;
        } else {
            is_good = try_file(argv[i], &plan) && is_good;
            files++;
        }
    }
    return is_good && files > 0 ? 0 : 1;
}
