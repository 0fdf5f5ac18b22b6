/* SPDX-License-Identifier: MIT */
/* Entry: a whole trace in memory. Holds: every record found is delivered or
 * skipped, reading in time order gives as many records as the first reading, and no more buffers
 * are missing than there are numbers. */
#include <stdint.h>
#include <stdlib.h>

#include "etw/losses.h"
#include "etw/trace.h"

static void check_losses(const struct etw_trace *trace)
{
    struct etw_losses *losses = NULL;
    if (etw_trace_read_losses(trace, &losses, NULL) == ETW_OK &&
        (losses->missing > losses->last_number - losses->first_number ||
         losses->gap_count > losses->numbered)) {
        abort();
    }
    etw_losses_free(losses);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct etw_trace *trace = NULL;
    struct etw_event event;
    /* Small memory: buffers are read piece by piece. */
    struct etw_options options = {.buffer_memory = 1 + size / 2, .thread_threshold = UINT64_MAX};
    if (etw_trace_open_memory(data, size, &options, &trace, NULL) == ETW_OK &&
        etw_trace_index(trace, NULL, NULL, NULL) == ETW_OK) {
        const struct etw_totals *totals = etw_trace_get_totals(trace);
        const struct finding *kinds = etw_trace_get_findings(trace)->kinds;
        uint64_t skipped = kinds[FINDING_RECORD_DAMAGED].count;
        skipped += kinds[FINDING_RECORD_UNKNOWN_KIND].count;
        uint64_t count = 0;
        while (etw_trace_next(trace, &event, NULL) == ETW_OK) {
            count++;
        }
        if (count != totals->records_delivered || count + skipped != totals->records_found) {
            abort();
        }
        check_losses(trace);
    }
    etw_trace_close(trace);
    return 0;
}
