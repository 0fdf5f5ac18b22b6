/* SPDX-License-Identifier: MIT */
/*
 * http_rows.h - what outputs say of the HTTP of a connection, and of the process that its
 * owner answers for.
 */
#ifndef PCAPOUT_HTTP_ROWS_H
#define PCAPOUT_HTTP_ROWS_H

#include "correlate/ledger.h"
#include "correlate/packets.h"
#include "etw/base/text.h"
#include "pcapout/json_writer.h"

/* Members http and on_behalf_of of a connection; nothing when `http` is NULL. */
void out_json_http(struct json_writer *j, const struct corr_processes *processes,
                   const struct corr_http *http);
/* Member on_behalf_of with one process. */
void out_json_behalf(struct json_writer *j, const struct corr_processes *processes,
                     const struct corr_behalf *behalf);
/* One element of it; `packets` 0: not told. */
void out_json_behalf_element(struct json_writer *j, const struct corr_processes *processes,
                             const struct corr_behalf *behalf, uint64_t packets);
/* The process that the packet is for, or every packet of its socket; NULL: none, or there are
 * several. `ledger` may be NULL. */
const struct corr_behalf *out_behalf_of(const struct corr_ledger *ledger,
                                        const struct corr_packet *packet);
/* "GET /path of www.example.com, 3 requests" as far as it is known. */
void out_add_http(struct text *to, const struct corr_http *http);

#endif
