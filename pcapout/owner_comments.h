/* SPDX-License-Identifier: MIT */
/*
 * owner_comments.h - what a packet's comment says about its owner, prepared once
 * per socket and state and then only copied: " pid=2704 proc=tcpserver.exe
 * conf=certain via=... state=Established conn=3 for_pid=4711 for_proc=w3wp.exe
 * host=www.example.com", or " reason=no-socket".
 */
#ifndef PCAPOUT_OWNER_COMMENTS_H
#define PCAPOUT_OWNER_COMMENTS_H

#include "correlate/ledger.h"
#include "correlate/packets.h"
#include "etw/base/bytes.h"
#include "etw/base/error.h"

struct owner_comments;

/* `ledger` is borrowed; NULL: nothing has an owner. */
enum etw_status owner_comments_new(const struct corr_ledger *ledger, struct owner_comments **out,
                                   struct etw_error *error);
void owner_comments_free(struct owner_comments *comments); /* NULL is allowed */

/* Borrowed until the next call. Without memory the text is cut, and failed() says so. */
struct bytes owner_comments_get(struct owner_comments *comments, const struct corr_packet *packet);
bool owner_comments_failed(const struct owner_comments *comments);

#endif
