/* SPDX-License-Identifier: MIT */
/*
 * owner_rows.h - the rows of `who`: packets summed up by owner and connection, each
 * with the evidence that it rests on.
 */
#ifndef PCAPOUT_OWNER_ROWS_H
#define PCAPOUT_OWNER_ROWS_H

#include "pcapout/owner_groups.h"
#include "pcapout/rows.h"

/* Writes all groups. `options->ledger` may be NULL: nothing has an owner. */
enum etw_status out_owner_rows_write(struct out_file *file, struct out_owner_groups *groups,
                                     const struct out_rows_options *options,
                                     struct etw_error *error);

/* Why packets with this reason have no owner, for people. */
const char *out_reason_sentence(enum corr_no_owner reason);

#endif
