/* SPDX-License-Identifier: MIT */
/*
 * logfile_header.h - TRACE_LOGFILE_HEADER, the first record of every trace.
 */
#ifndef ETW_CONTAINER_LOGFILE_HEADER_H
#define ETW_CONTAINER_LOGFILE_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "etw/trace.h"

/* Reads the header from the first bytes of a trace: its first buffer, as far as
 * it is there. `*is_damaged` is set when parts of it are missing or contradict
 * the rest. ETW_ERR_NOT_ETL: these bytes are no trace. */
enum etw_status logfile_header_read(const uint8_t *data, size_t size,
                                    struct etw_trace_header *header, bool *is_damaged,
                                    struct etw_error *error);

#endif
