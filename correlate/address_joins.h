/* SPDX-License-Identifier: MIT */
/*
 * address_joins.h - joins what is left at the end by addresses: a socket of Winsock and
 * the only row of the stack that has its ends and lived at its time.
 */
#ifndef CORRELATE_ADDRESS_JOINS_H
#define CORRELATE_ADDRESS_JOINS_H

#include <stdint.h>

struct application_history;
struct socket_table;

/* Also hides records that are in a row of the stack which cannot be told, so that no socket
 * stands there twice. Counts records that are joined, by whatever rule, and that are not. */
void address_joins_apply(struct socket_table *table, struct application_history *application,
                         uint64_t *joined, uint64_t *unjoined);

#endif
