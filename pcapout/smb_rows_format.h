/* SPDX-License-Identifier: MIT */
/*
 * smb_rows_format.h - what the formats of SMB rows share, inside pcapout only.
 */
#ifndef PCAPOUT_SMB_ROWS_FORMAT_H
#define PCAPOUT_SMB_ROWS_FORMAT_H

#include "etw/base/text.h"
#include "pcapout/owners.h"
#include "pcapout/smb_rows.h"

#define SMB_COMMAND_SIZE 32

/* One group with everything looked up. */
struct smb_group_row {
    const struct out_smb_group *group;
    const struct corr_process *process; /* who asked, or owns the connection; NULL: none */
    const char *share, *file;           /* "" */
    int64_t span;                       /* from the first begin to the last end, 100 ns */
};

struct smb_operation_row {
    const struct corr_smb_operation *operation;
    const struct corr_socket *socket; /* NULL: none */
    const struct corr_process *owner; /* of the connection; NULL: none */
    const struct corr_process *asker; /* as the client's event hints; NULL: none */
    uint32_t asker_row;               /* with `asker` */
    const char *share, *file;         /* "" */
    const char *new_name;             /* the same */
    struct corr_smb_parts parts;
    char command[SMB_COMMAND_SIZE]; /* "read", or "0x47" */
    const char *call;               /* "NetServerEnum2"; "" */
    bool has_failed, is_paused;
};

struct smb_rows_format;

struct out_smb_rows {
    struct out_file *file; /* borrowed */
    struct out_smb_options options;
    const struct smb_rows_format *format;
    struct text line;
    struct text scratch;
    struct text phrase;     /* scratch, too */
    struct text conditions; /* as they will be written */
    uint64_t condition_count, conditions_left_out;
    uint64_t count;
    int64_t last_day; /* text: day of the row before, since 1601 */
};

/* Each adds to rows->line; begin, condition and end may be NULL. */
struct smb_rows_format {
    void (*begin)(struct out_smb_rows *rows);
    void (*group)(struct out_smb_rows *rows, const struct smb_group_row *row);
    void (*operation)(struct out_smb_rows *rows, const struct smb_operation_row *row);
    void (*condition)(struct out_smb_rows *rows, const struct corr_smb_condition *condition);
    void (*end)(struct out_smb_rows *rows, const struct out_smb_seen *seen);
};

/* One number of struct out_smb_seen. */
struct smb_count {
    const char *name;       /* in json */
    const char *one, *many; /* for people; NULL: nothing is untold by it */
    uint64_t value;
};

#define SMB_COUNTS 24
size_t smb_counts(const struct out_smb_seen *seen, struct smb_count counts[SMB_COUNTS]);

extern const struct smb_rows_format smb_rows_text;
extern const struct smb_rows_format smb_rows_ndjson;
extern const struct smb_rows_format smb_rows_json;
extern const struct smb_rows_format smb_rows_csv;

/* `\\server\share\file`; what is not known is left out, and nothing at all is "(no file)". */
void smb_add_path(struct text *to, const char *share, const char *file);
/* 0xC0000034 STATUS_OBJECT_NAME_NOT_FOUND, or 0x00020001 ERRBADFILE of systems that answer with
 * errors of DOS. */
void smb_add_status(struct text *to, uint32_t status);
/* rdma, or for people RDMA; what has no name is other. */
const char *smb_transport_name(unsigned transport, bool is_for_people);
/* 8917.3: microseconds of 100 ns units. */
void smb_add_microseconds(struct text *to, int64_t duration);

#endif
