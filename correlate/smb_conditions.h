/* SPDX-License-Identifier: MIT */
/*
 * smb_conditions.h - what happened to connections, sessions, shares and files of SMB that is no
 * message: told by events of the client or the server alone.
 */
#ifndef CORRELATE_SMB_CONDITIONS_H
#define CORRELATE_SMB_CONDITIONS_H

#include "correlate/endpoints.h"
#include "correlate/smb_message.h"

/* One trouble may be told by several events. */
enum corr_smb_condition_kind {
    CORR_SMB_NAME_FAILED, /* the server's name has no address */
    CORR_SMB_CONNECT_FAILED,
    CORR_SMB_DISCONNECTED,      /* the other end or the network ended the connection */
    CORR_SMB_CONNECTION_CLOSED, /* this end did */
    CORR_SMB_CONNECTION_HUNG,
    CORR_SMB_NEGOTIATE_FAILED,
    CORR_SMB_SESSION_ESTABLISHED,
    CORR_SMB_SESSION_REFUSED,
    CORR_SMB_SESSION_EXPIRED,
    CORR_SMB_SESSION_LOST,
    CORR_SMB_SESSION_RECOVERED,
    CORR_SMB_TREE_ESTABLISHED,
    CORR_SMB_TREE_REFUSED,
    CORR_SMB_TREE_LOST,
    CORR_SMB_TREE_RECOVERED,
    CORR_SMB_OPEN_FAILED,
    CORR_SMB_HANDLE_LOST,
    CORR_SMB_HANDLE_RECOVERED,
    CORR_SMB_RECONNECTING,
    CORR_SMB_REOPEN_FAILED,
    CORR_SMB_RETRY_FAILED,
    CORR_SMB_CLOSE_FAILED,
    CORR_SMB_EXCHANGE_EXPIRED, /* no response in time */
    CORR_SMB_SIGNING_FAILED,
    CORR_SMB_ENCRYPTION_FAILED,
    CORR_SMB_COMPRESSION_FAILED,
    CORR_SMB_CREDITS_BLOCKED, /* the client says that it has none left */
    CORR_SMB_CREDITS_USED_UP, /* its window is full now, and was not before */
    CORR_SMB_CREDITS_WAITED,  /* a request waited for credits: `duration` */
    CORR_SMB_SLOW,            /* the server took longer than its threshold */
    CORR_SMB_CONNECTED,       /* by what no stack tells of: RDMA */
    CORR_SMB_RDMA_FALLBACK,   /* the client uses TCP because RDMA did not work */
    CORR_SMB_TRANSFER_FAILED, /* RDMA: bytes could not be sent or received */
    CORR_SMB_PROTOCOL_VIOLATED,
    CORR_SMB_CONDITION_COUNT
};

/* Everything borrowed until the sink returns. */
struct corr_smb_condition {
    enum corr_smb_condition_kind kind;
    enum corr_smb_source source; /* SMB Direct, of both ends alike: CORR_SMB_CLIENT_EVENTS */
    uint32_t has;                /* enum corr_smb_member: STATUS, SESSION, TREE, FILE_ID */
    int64_t time;
    uint64_t offset; /* of the record */
    uint32_t socket; /* row of the ledger; CORR_NO_ROW: none */
    bool has_transport;
    uint8_t transport;   /* enum etw_smb_transport: what carries the connection */
    uint64_t connection; /* as in struct corr_smb_message; 0: not stated */
    uint32_t status;     /* NTSTATUS */
    uint32_t reason;     /* as the client or the server numbers it; 0: none */
    bool has_command, has_message;
    uint8_t command;         /* enum corr_smb_command */
    uint16_t command_number; /* as on the wire */
    uint64_t message_id;
    uint64_t session_id;
    uint32_t tree_id;
    struct corr_smb_file_id file_id;
    struct corr_endpoint local, remote; /* size 0: not stated */
    /* UTF-16LE; empty: not stated */
    struct bytes server, share, file, user, client;
    bool has_duration;
    int64_t duration, threshold; /* 100 ns */
    uint32_t retries;
    uint32_t window_size, window_limit; /* message ids in use, and how many there may be */
    uint32_t header_pid, header_tid;    /* of the event; context, as with packets */
};

/* Takes one condition. `condition` is borrowed until it returns. False: no memory. */
typedef bool corr_smb_condition_sink(void *context, const struct corr_smb_condition *condition);

/* connect-failed and so on. */
const char *corr_smb_condition_name(enum corr_smb_condition_kind kind);

#endif
