/* SPDX-License-Identifier: MIT */
/* Entry: two files of one recording. The first two bytes say where a trace behind them goes on in
 * the second file, whose header buffer is that of the first. Holds: the files are refused, or every
 * record found is delivered or skipped, in order, and says which file it is in. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "etw/base/bytes.h"
#include "etw/trace.h"

/* BootTime of a 64-bit header, which must be known. */
#define BOOT_TIME (0x48u + 0x20u + 0xF8u)

static void read_all(struct etw_trace *trace)
{
    const struct etw_totals *totals = etw_trace_get_totals(trace);
    const struct finding *kinds = etw_trace_get_findings(trace)->kinds;
    const struct etw_record *record = NULL;
    uint64_t skipped = kinds[FINDING_RECORD_DAMAGED].count;
    skipped += kinds[FINDING_RECORD_UNKNOWN_KIND].count;
    uint64_t count = 0;
    int64_t time = INT64_MIN;
    while (etw_trace_next_record(trace, &record, NULL) == ETW_OK) {
        unsigned file = etw_place_file(record->offset);
        if (record->time < time || file < 1 || file > 2) {
            abort();
        }
        time = record->time;
        count++;
    }
    if (count != totals->records_delivered || count + skipped != totals->records_found) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct etw_trace *trace = NULL;
    if (size < 2 + 4) {
        return 0;
    }
    size_t cut = load_u16(data);
    data += 2;
    size -= 2;
    size_t head = load_u32(data) < size ? load_u32(data) : size;
    cut = cut < head ? head : cut < size ? cut : size;
    uint8_t *copy = malloc(2 * size);
    if (!copy) {
        return 0;
    }
    memcpy(copy, data, cut);
    uint8_t *second = copy + cut;
    memcpy(second, data, head);
    memcpy(second + head, data + cut, size - cut);
    if (head > BOOT_TIME) {
        copy[BOOT_TIME] |= 1;
        second[BOOT_TIME] |= 1;
    }
    const struct etw_input inputs[] = {{.data = copy, .size = cut},
                                       {.data = second, .size = head + size - cut}};
    /* Small memory: buffers are read piece by piece. */
    const struct etw_options options = {.buffer_memory = 1 + size / 2,
                                        .thread_threshold = UINT64_MAX};
    if (etw_trace_open_inputs(inputs, 2, &options, &trace, NULL) == ETW_OK &&
        etw_trace_index(trace, NULL, NULL, NULL) == ETW_OK) {
        read_all(trace);
    }
    etw_trace_close(trace);
    free(copy);
    return 0;
}
