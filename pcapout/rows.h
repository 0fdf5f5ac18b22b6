/* SPDX-License-Identifier: MIT */
/*
 * rows.h - rows of a verb in the format the user asked for: text for people;
 * ndjson, json and csv for programs.
 */
#ifndef PCAPOUT_ROWS_H
#define PCAPOUT_ROWS_H

#include <stdbool.h>
#include <stdint.h>

#include "correlate/ledger.h"
#include "correlate/packets.h"
#include "etw/base/error.h"
#include "pcapout/interfaces.h"
#include "pcapout/output_file.h"

enum out_format { OUT_TEXT, OUT_NDJSON, OUT_JSON, OUT_CSV };

struct out_rows_options {
    enum out_format format;
    bool use_colour;     /* text only */
    int width;           /* columns of the terminal, text only; 0: do not cut */
    bool use_local_time; /* text only */
    int bias_minutes;    /* of the trace, for local time */
    bool all_appearances;
    bool has_files;                   /* csv: the trace has several files, and rows say which */
    const struct corr_ledger *ledger; /* borrowed; NULL: nothing has an owner */
    /* Members of "trace" in --format json, already JSON: {"file":...}. */
    const char *trace_json;
};

struct out_packet_rows;

/* `file` and `interfaces` and `adapters` are borrowed for the life of the writer. */
enum etw_status out_packet_rows_new(struct out_file *file, struct out_interfaces *interfaces,
                                    const struct corr_adapters *adapters,
                                    const struct out_rows_options *options,
                                    struct out_packet_rows **out, struct etw_error *error);
enum etw_status out_packet_rows_packet(struct out_packet_rows *rows,
                                       const struct corr_packet *packet, struct etw_error *error);
enum etw_status out_packet_rows_finish(struct out_packet_rows *rows, struct etw_error *error);
void out_packet_rows_free(struct out_packet_rows *rows);

#endif
