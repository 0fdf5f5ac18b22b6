/* SPDX-License-Identifier: MIT */
/*
 * trace_files.h - the files of one trace: opened, put in order, and compared, so that
 * only files of one recording are read as one. Inside etw only.
 */
#ifndef ETW_TRACE_FILES_H
#define ETW_TRACE_FILES_H

#include "etw/container/byte_source.h"
#include "etw/container/clock.h"
#include "etw/findings.h"
#include "etw/trace.h"

struct trace_files {
    struct byte_source *sources; /* owned, in the order of the trace */
    struct etw_trace_file *rows; /* owned, the same files */
    size_t count;
    uint64_t size; /* bytes of all */
};

/* Opens the inputs, reads their headers and puts them in order. More than one must be of one
 * session or of sessions that ran at the same time: started by the same boot of the same computer,
 * with the same clock. What is wrong with a header is counted. `files` is zeroed; ended with
 * trace_files_done() in every case. */
enum etw_status trace_files_open(struct trace_files *files, const struct etw_input *inputs,
                                 size_t count, struct findings *findings, struct etw_error *error);
void trace_files_done(struct trace_files *files);

/* The header of all of them together: the first file's, with the sum of what was lost and the
 * latest end; and the clock that gives every record its time. */
void trace_files_sum_up(const struct trace_files *files, struct etw_trace_header *header,
                        struct trace_clock *clock);

/* The number by which places name the file `i`: 0 when it is the only one. */
unsigned trace_files_number(const struct trace_files *files, size_t i);

/* Counts where a series of files, of a session that began new ones, lacks a file between two
 * others. After the index is finished. */
void trace_files_find_gaps(const struct trace_files *files, struct findings *findings);

/* The path for a sentence about two files; of a long one the end, which says most. */
const char *trace_files_name(const struct etw_trace_file *row);

#endif
