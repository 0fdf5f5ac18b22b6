/* SPDX-License-Identifier: MIT */
#include "tests/damage/convert.h"

#include "cli/conversion.h"
#include "etw/trace.h"
#include "pcapout/output_file.h"

/* Every second copy is converted with all sightings, so that both ways are tried. */
static bool use_all_appearances(size_t size, const unsigned char *data)
{
    return size > 0 && (data[size / 2] ^ size) & 1;
}

static enum etw_status convert(struct etw_trace *trace, bool all_appearances,
                               struct etw_error *error)
{
    struct cli_reading reading;
    struct out_file *file = NULL;
    enum etw_status status = cli_reading_init(&reading, trace, error);
    if (status) {
        return status;
    }
    status = out_file_open_null(&file, error);
    if (status == ETW_OK) {
        struct cli_convert_options options = {
            .file_name = "damaged.etl", .all_appearances = all_appearances, .smb_messages = true};
        struct cli_summary summary;
        status = cli_convert(&reading, &options, file, &summary, error);
        out_file_abort(file);
    }
    cli_reading_done(&reading);
    return status;
}

bool convert_from_memory(const void *data, size_t size, struct etw_error *error)
{
    struct etw_trace *trace = NULL;
    enum etw_status status = etw_trace_open_memory(data, size, NULL, &trace, error);
    if (status) {
        return status == ETW_ERR_NOT_ETL || status == ETW_ERR_UNSUPPORTED;
    }
    status = convert(trace, use_all_appearances(size, data), error);
    etw_trace_close(trace);
    return status == ETW_OK;
}
