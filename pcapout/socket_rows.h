/* SPDX-License-Identifier: MIT */
/*
 * socket_rows.h - the rows of `sockets`: connections, listeners and datagram endpoints
 * with owner, life, states, bytes, the cause of their end and what is judged of them.
 */
#ifndef PCAPOUT_SOCKET_ROWS_H
#define PCAPOUT_SOCKET_ROWS_H

#include "correlate/judge.h"
#include "pcapout/rows.h"
#include "pcapout/socket_traffic.h"

struct out_socket_rows;

/* Everything is borrowed for the life of the writer; `options->ledger` is finished, and not NULL.
 * `judge` is finished; NULL: nothing is judged. */
enum etw_status out_socket_rows_new(struct out_file *file, const struct out_socket_traffic *traffic,
                                    const struct corr_judge *judge,
                                    const struct out_rows_options *options,
                                    struct out_socket_rows **out, struct etw_error *error);
/* `socket`: row of the ledger. */
enum etw_status out_socket_rows_socket(struct out_socket_rows *rows, uint32_t socket,
                                       struct etw_error *error);
enum etw_status out_socket_rows_finish(struct out_socket_rows *rows, struct etw_error *error);
void out_socket_rows_free(struct out_socket_rows *rows); /* NULL is allowed */

#endif
