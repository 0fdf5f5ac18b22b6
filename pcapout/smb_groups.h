/* SPDX-License-Identifier: MIT */
/*
 * smb_groups.h - SMB operations summed up by file, share, server or process: what `smb`
 * prints.
 *
 *     out_smb_groups_new(by, ledger, operations, &groups, &error);
 *     out_smb_groups_add(groups, &operation, &error) ...
 *     out_smb_groups_list(groups, &rows);
 *     out_smb_groups_free(groups);
 *
 * Memory grows with the groups, up to OUT_SMB_GROUPS of 5 KB; what more there is has one group
 * together.
 */
#ifndef PCAPOUT_SMB_GROUPS_H
#define PCAPOUT_SMB_GROUPS_H

#include <stdbool.h>
#include <stddef.h>

#include "correlate/ledger.h"
#include "correlate/smb_operations.h"
#include "pcapout/durations.h"

#define OUT_SMB_GROUPS   16384u
#define OUT_SMB_STATUSES 4

enum out_smb_by { OUT_SMB_BY_FILE, OUT_SMB_BY_SHARE, OUT_SMB_BY_SERVER, OUT_SMB_BY_PROCESS };

struct out_smb_status {
    uint32_t status; /* NTSTATUS, or an error of DOS */
    uint64_t count;
};

struct out_smb_group {
    bool is_rest;         /* of all that there was no room for */
    char *server;         /* owned; name or address; "": not known */
    uint32_t share;       /* corr_smb_operations_text(); 0: none, or several */
    uint32_t file;        /* the same */
    uint32_t process;     /* row: who asked, as far as events hint; else the owner; CORR_NO_ROW */
    bool is_hint;         /* `process` is whose context a request was logged in */
    uint64_t hint_offset; /* of the first record that says so; 0: none */
    bool has_processes;   /* several of them */
    uint64_t operations;  /* with a request */
    uint64_t commands[CORR_SMB_OTHER + 1];
    uint64_t bytes_read, bytes_written;
    uint64_t read_operations, write_operations; /* that moved bytes */
    uint32_t least_size, greatest_size;         /* asked for by reads and writes */
    uint32_t outstanding; /* most that waited at once: by file and process those for one file
                           * name, by share and server those of one connection */
    uint64_t failed, without_response;
    struct out_smb_status statuses[OUT_SMB_STATUSES]; /* of what failed, by first appearance */
    uint64_t other_statuses;
    int64_t first, last;        /* begin of the first, end of the last */
    uint32_t fewest_credits;    /* granted by a response; UINT32_MAX: not known */
    struct out_durations total; /* but for those that wait by design */
    struct out_durations client_part, wait_part, server_part;
    uint64_t paused;              /* out_smb_is_paused() */
    uint64_t paused_acknowledged; /* of these: the client had acknowledged what had come */
    int64_t longest_pause;        /* 100 ns */
    uint32_t pause_left;          /* bytes of the response that came behind it; 0: not always the
                                   * same */
};

struct out_smb_groups;

/* `ledger` (finished) and `operations` are borrowed. */
enum etw_status out_smb_groups_new(enum out_smb_by by, const struct corr_ledger *ledger,
                                   const struct corr_smb_operations *operations,
                                   struct out_smb_groups **out, struct etw_error *error);
void out_smb_groups_free(struct out_smb_groups *groups); /* NULL is allowed */
enum etw_status out_smb_groups_add(struct out_smb_groups *groups,
                                   const struct corr_smb_operation *operation,
                                   struct etw_error *error);
/* Those that moved most bytes first, then by their first operation; with `is_slow` those whose
 * 95th percentile is longest. Sorts; adding more afterwards is not allowed. */
size_t out_smb_groups_list(struct out_smb_groups *groups, bool is_slow,
                           const struct out_smb_group **rows);

/* True when the response says that the request failed; what ends a listing, a file or a step
 * of an authentication did not. */
bool out_smb_has_failed(const struct corr_smb_operation *operation);
/* True when the response stopped on its way for longer than all the rest took, and 10 ms. */
bool out_smb_is_paused(const struct corr_smb_operation *operation);
/* Who asked: as the client's event hints (`*is_hint`), else who owns the connection;
 * CORR_NO_ROW: not known. */
uint32_t out_smb_asker(const struct corr_ledger *ledger, const struct corr_smb_operation *operation,
                       bool *is_hint);

#endif
