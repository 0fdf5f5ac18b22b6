/* SPDX-License-Identifier: MIT */
#include "pcapout/smb_slowest.h"

#include <stdlib.h>

void out_smb_slowest_done(struct out_smb_slowest *slowest)
{
    free(slowest->rows);
    *slowest = (struct out_smb_slowest){.count = 0};
}

static int64_t time_of(const struct corr_smb_operation *operation)
{
    struct corr_smb_parts parts;
    corr_smb_operation_parts(operation, &parts);
    return parts.total;
}

/* Longest first. */
static int compare(const void *left, const void *right)
{
    const struct corr_smb_operation *a = left;
    const struct corr_smb_operation *b = right;
    int64_t of_a = time_of(a);
    int64_t of_b = time_of(b);
    if (of_a != of_b) {
        return of_a > of_b ? -1 : 1;
    }
    return a->number < b->number ? -1 : a->number > b->number;
}

static void swap(struct corr_smb_operation *a, struct corr_smb_operation *b)
{
    struct corr_smb_operation kept = *a;
    *a = *b;
    *b = kept;
}

/* The one that comes last in the list stands on top. */
static void sift_up(struct corr_smb_operation *rows, size_t at)
{
    while (at > 0 && compare(&rows[at], &rows[(at - 1) / 2]) > 0) {
        swap(&rows[at], &rows[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
}

static void sift_down(struct corr_smb_operation *rows, size_t count)
{
    size_t at = 0;
    while (2 * at + 1 < count) {
        size_t child = 2 * at + 1;
        child += child + 1 < count && compare(&rows[child + 1], &rows[child]) > 0;
        if (compare(&rows[child], &rows[at]) <= 0) {
            return;
        }
        swap(&rows[child], &rows[at]);
        at = child;
    }
}

bool out_smb_slowest_add(struct out_smb_slowest *slowest,
                         const struct corr_smb_operation *operation)
{
    if (time_of(operation) < 0) {
        return true;
    }
    if (!slowest->rows) {
        slowest->rows = calloc(OUT_SMB_SLOWEST, sizeof(*slowest->rows));
        if (!slowest->rows) {
            return false;
        }
    }
    if (slowest->count < OUT_SMB_SLOWEST) {
        slowest->rows[slowest->count] = *operation;
        sift_up(slowest->rows, slowest->count++);
    } else if (compare(operation, &slowest->rows[0]) < 0) {
        slowest->rows[0] = *operation;
        sift_down(slowest->rows, slowest->count);
    }
    return true;
}

size_t out_smb_slowest_list(struct out_smb_slowest *slowest, const struct corr_smb_operation **rows)
{
    if (slowest->count > 0) {
        qsort(slowest->rows, slowest->count, sizeof(*slowest->rows), compare);
    }
    *rows = slowest->rows;
    return slowest->count;
}
