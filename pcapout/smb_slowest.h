/* SPDX-License-Identifier: MIT */
/*
 * smb_slowest.h - the SMB operations that took longest, whatever their number.
 */
#ifndef PCAPOUT_SMB_SLOWEST_H
#define PCAPOUT_SMB_SLOWEST_H

#include <stddef.h>

#include "correlate/smb_operations.h"

#define OUT_SMB_SLOWEST 1000u

/* Zeroed: empty. Those without response are not known to have taken any time. */
struct out_smb_slowest {
    struct corr_smb_operation *rows; /* owned; a heap, the shortest on top */
    size_t count;
};

void out_smb_slowest_done(struct out_smb_slowest *slowest);
/* False: no memory. */
bool out_smb_slowest_add(struct out_smb_slowest *slowest,
                         const struct corr_smb_operation *operation);
/* Longest first; equal ones in the order in which they began. Adding more afterwards is not
 * allowed. */
size_t out_smb_slowest_list(struct out_smb_slowest *slowest,
                            const struct corr_smb_operation **rows);

#endif
