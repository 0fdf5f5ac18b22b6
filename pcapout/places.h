/* SPDX-License-Identifier: MIT */
/*
 * places.h - where a record stands: its offset and, in a trace of several files, the
 * number of its file (struct etw_record, offset).
 */
#ifndef PCAPOUT_PLACES_H
#define PCAPOUT_PLACES_H

#include <stdint.h>

#include "etw/base/text.h"
#include "pcapout/json_writer.h"

/* Members "offset" and, where there are several files, "file". */
void out_json_place(struct json_writer *j, uint64_t place);
/* "525312", or "525312 of file 2" */
void out_add_place(struct text *to, uint64_t place);

#endif
