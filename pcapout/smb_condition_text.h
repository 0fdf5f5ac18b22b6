/* SPDX-License-Identifier: MIT */
/*
 * smb_condition_text.h - a condition of SMB in words, for the rows of `smb` and of timelines:
 *
 *     session refused, server files.example, user bert: 0xC000006D STATUS_LOGON_FAILURE
 */
#ifndef PCAPOUT_SMB_CONDITION_TEXT_H
#define PCAPOUT_SMB_CONDITION_TEXT_H

#include "correlate/smb_conditions.h"
#include "etw/base/text.h"

/* Texts are UTF-8, "" when not known. */
struct out_smb_condition {
    enum corr_smb_condition_kind kind;
    bool is_of_server; /* the server numbered the reason */
    const char *server, *share, *file, *user, *client;
    const char *command; /* of the request that it is about; "": not told */
    bool has_transport;
    uint8_t transport;                  /* enum etw_smb_transport */
    struct corr_endpoint local, remote; /* size 0: not known, or told elsewhere */
    uint32_t status;                    /* 0: none, or a success */
    uint32_t reason, retries;           /* 0: none */
    uint32_t window_size, window_limit;
    uint32_t count; /* how often it was told, 0 and 1 alike */
    int64_t span;   /* from the first to the last of several, 100 ns */
    bool has_duration;
    int64_t duration, threshold; /* 100 ns; of several the longest */
};

/* What `from` tells; its texts are put into `texts`, which is cleared, and live as long. */
void out_smb_condition_of(const struct corr_smb_condition *from, struct text *texts,
                          struct out_smb_condition *condition);

/* One phrase without full stop. */
void out_add_smb_condition(struct text *to, const struct out_smb_condition *condition);

/* Why, in words, as the client or the server numbers it; "": the condition says as much, NULL: it
 * is not known. */
const char *out_smb_reason(bool is_of_server, uint32_t reason);

#endif
