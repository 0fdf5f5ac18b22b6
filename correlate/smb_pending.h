/* SPDX-License-Identifier: MIT */
/*
 * smb_pending.h - operations that wait for their response, or for another source to tell of it,
 * and how many of them wait per connection and file. Inside correlate only.
 */
#ifndef CORRELATE_SMB_PENDING_H
#define CORRELATE_SMB_PENDING_H

#include "correlate/smb_operations.h"
#include "etw/base/hash_index.h"

#define SMB_NO_ROW UINT32_MAX

enum smb_state { SMB_FREE, SMB_WAITING, SMB_ENDED };

struct smb_entry {
    struct corr_smb_operation operation;
    uint64_t hash;
    uint64_t id;             /* by which it is found: the message id, and more of what shares one */
    int64_t ended;           /* when the last response came */
    uint32_t next, previous; /* in the list of its state; of SMB_FREE only next */
    uint32_t waiting_file;   /* number of the name under which it waits */
    uint8_t state;
    uint8_t requests, responses; /* bit per source that told of it */
    bool is_waiting;             /* counted among the requests without response */
};

/* In the order in which they entered it. */
struct smb_list {
    uint32_t first, last;
};

struct smb_connection {
    uint64_t key;
    uint32_t waiting;
    /* the request before, for compounds */
    uint32_t share, file, tree_id;
    uint64_t session_id;
    struct corr_smb_file_id file_id;
};

/* smb_pending_init() before use. */
struct smb_pending {
    struct smb_entry *entries; /* owned */
    size_t count, capacity;
    uint32_t first_free;
    struct smb_list lists[SMB_ENDED + 1]; /* by state */
    struct hash_index index;              /* of entries by connection and message id */
    struct smb_connection *connections;   /* owned */
    size_t connection_count, connection_capacity;
    struct hash_index connection_index;
    struct smb_connection spare; /* of connections beyond the maximum */
    uint32_t *waiting_by_file;   /* owned; by number of the file's name */
    size_t file_capacity;
    uint64_t begun;
};

void smb_pending_init(struct smb_pending *pending);
void smb_pending_done(struct smb_pending *pending);

/* Made when it is not there; NULL: no memory. Valid until the next call. */
struct smb_connection *smb_pending_connection(struct smb_pending *pending, uint64_t key);

static inline bool smb_pending_is_full(const struct smb_pending *pending)
{
    return pending->first_free == SMB_NO_ROW && pending->count >= CORR_SMB_PENDING;
}

/* SMB_NO_ROW: there is none. */
uint32_t smb_pending_find(const struct smb_pending *pending, uint64_t connection, uint64_t id);
/* A new operation in the state SMB_WAITING; SMB_NO_ROW: no memory. */
uint32_t smb_pending_add(struct smb_pending *pending, uint64_t connection, uint64_t id,
                         const struct corr_smb_message *message);
/* It has its response and does not wait any more. */
void smb_pending_end(struct smb_pending *pending, uint32_t row);
/* The operation may still be read until the next one is added. */
void smb_pending_remove(struct smb_pending *pending, uint32_t row);

/* Counts a request, once, among those of its connection and file that wait, and notes in it how
 * many there are; again when the name of its file has become known. False: no memory. */
bool smb_pending_wait(struct smb_pending *pending, struct smb_connection *connection,
                      struct smb_entry *entry);

#endif
