/* SPDX-License-Identifier: MIT */
/*
 * ledger_text.h - the ledger as stable text: processes, sockets with life, owner,
 * evidence, states; and what did not fit. For people who look closer, and for tests.
 */
#ifndef PCAPOUT_LEDGER_TEXT_H
#define PCAPOUT_LEDGER_TEXT_H

#include "correlate/ledger.h"
#include "pcapout/output_file.h"

enum etw_status out_ledger_text(struct out_file *file, const struct corr_ledger *ledger,
                                struct etw_error *error);

#endif
