/* SPDX-License-Identifier: MIT */
/*
 * pcapng_names.h - Name Resolution Blocks: host names that were resolved in the trace.
 *
 *   u32 type 4  u32 length  then records of u16 type (1 IPv4, 2 IPv6), u16 length,
 *   address, name with its NUL, padding to four bytes; u32 0 ends them; u32 length
 *                                                               [documented: draft 4.5]
 */
#ifndef PCAPOUT_PCAPNG_NAMES_H
#define PCAPOUT_PCAPNG_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "correlate/name_history.h"
#include "etw/base/text.h"

/* Collects the next block in `block`; `*at` starts at 0 and is moved on. False: there are no more
 * names. */
bool pcapng_names_next(struct text *block, const struct corr_name_history *names, size_t *at);

#endif
