/* SPDX-License-Identifier: MIT */
/*
 * smb_message.h - one SMB request or response, whoever tells of it: a packet (smb_streams.h),
 * an event of the client or the server (smb_events.h). Requests and responses of one message
 * id become an operation (smb_operations.h).
 *
 * Layout of SMB2 and 3: [MS-SMB2]; of SMB1: [MS-CIFS], [MS-SMB].
 */
#ifndef CORRELATE_SMB_MESSAGE_H
#define CORRELATE_SMB_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "etw/base/bytes.h"
#include "etw/base/guid.h"

/* A server's: direct TCP, or the session service of NetBIOS. */
static inline bool corr_is_smb_port(uint16_t port)
{
    return port == 445 || port == 139;
}

enum corr_smb_source {
    CORR_SMB_PACKETS,       /* read from a TCP stream */
    CORR_SMB_CLIENT_EVENTS, /* Microsoft-Windows-SMBClient */
    CORR_SMB_SERVER_EVENTS  /* Microsoft-Windows-SMBServer */
};

enum corr_smb_kind {
    CORR_SMB_1,
    CORR_SMB_2,         /* SMB 2 and 3 */
    CORR_SMB_ENCRYPTED, /* an SMB3 transform: nothing but its size and session is known */
    CORR_SMB_COMPRESSED /* an SMB3 compression transform: only what it leaves plain is known */
};

/* Commands of SMB2 as on the wire; those of SMB1 are mapped where they mean the same. */
enum corr_smb_command {
    CORR_SMB_NEGOTIATE,
    CORR_SMB_SESSION_SETUP,
    CORR_SMB_LOGOFF,
    CORR_SMB_TREE_CONNECT,
    CORR_SMB_TREE_DISCONNECT,
    CORR_SMB_CREATE,
    CORR_SMB_CLOSE,
    CORR_SMB_FLUSH,
    CORR_SMB_READ,
    CORR_SMB_WRITE,
    CORR_SMB_LOCK,
    CORR_SMB_IOCTL,
    CORR_SMB_CANCEL,
    CORR_SMB_ECHO,
    CORR_SMB_QUERY_DIRECTORY,
    CORR_SMB_CHANGE_NOTIFY,
    CORR_SMB_QUERY_INFO,
    CORR_SMB_SET_INFO,
    CORR_SMB_OPLOCK_BREAK,
    CORR_SMB_COMMAND_COUNT,
    CORR_SMB_OTHER = CORR_SMB_COMMAND_COUNT /* `command_number` says which */
};

enum corr_smb_member {
    CORR_SMB_HAS_STATUS = 0x1,
    CORR_SMB_HAS_SESSION = 0x2,
    CORR_SMB_HAS_TREE = 0x4, /* never of an asynchronous message */
    CORR_SMB_HAS_FILE_ID = 0x8,
    CORR_SMB_HAS_LENGTH = 0x10,
    CORR_SMB_HAS_OFFSET = 0x20,
    CORR_SMB_HAS_CREDITS = 0x40,
    CORR_SMB_IS_RESPONSE = 0x80,
    CORR_SMB_IS_ASYNC = 0x100,
    /* STATUS_PENDING: the real response comes later. SMB1: of a transaction in several messages one
     * that neither begins nor ends it. */
    CORR_SMB_IS_INTERIM = 0x200,
    CORR_SMB_IS_RELATED = 0x400, /* compounded with the one before, whose file it is about */
    CORR_SMB_IS_SIGNED = 0x800,
    CORR_SMB_IS_CUT = 0x1000, /* bytes of it are missing in the capture, and members may be */
    CORR_SMB_HAS_DIALECT = 0x2000,
    CORR_SMB_HAS_TIMES = 0x4000,        /* server events: what the request waited for */
    CORR_SMB_HAS_CONTROL_CODE = 0x8000, /* of an IOCTL */
    CORR_SMB_HAS_CALL = 0x10000         /* SMB1: of the Remote Administration Protocol */
};

struct corr_smb_file_id {
    uint64_t persistent, volatile_part; /* SMB1: the FID in `volatile_part` */
};

/* The longest time within a message in which none of its bytes came. */
struct corr_smb_pause {
    int64_t duration;     /* 100 ns; 0: it came in one packet, or is told by an event */
    uint32_t before;      /* bytes of the message that came before it */
    bool is_acknowledged; /* the other end had acknowledged all of them */
};

/* What a request spent where, by the server's events; 100 ns or the server's cycles. */
struct corr_smb_times {
    uint64_t queue, process, file_system, send, security, total; /* total 0: not stated */
    bool are_cycles;
};

/* Everything borrowed until the sink returns. */
struct corr_smb_message {
    enum corr_smb_source source;
    enum corr_smb_kind kind;
    uint32_t has;            /* enum corr_smb_member */
    int64_t time, last_time; /* of its first and last byte; events: the same */
    uint64_t frame;          /* of its first byte; 0: no packet */
    uint64_t last_frame;
    uint64_t offset;         /* of the record */
    uint32_t socket;         /* row of the ledger; CORR_NO_ROW: none */
    uint64_t connection;     /* equal for the messages of one connection and source: a number */
    uint8_t command;         /* enum corr_smb_command */
    uint16_t command_number; /* as on the wire */
    uint32_t status;         /* NTSTATUS; SMB1: or an error of DOS, corr_smb_is_dos_error() */
    uint64_t message_id;     /* SMB1: the multiplex id */
    uint64_t async_id;
    uint64_t session_id;
    uint32_t tree_id;
    struct corr_smb_file_id file_id;
    uint32_t length;                 /* bytes of data: asked for, sent, or got */
    uint64_t data_offset;            /* in the file */
    uint16_t credit_charge, credits; /* asked for, or granted */
    uint16_t dialect;                /* 0x0202 ... 0x0311; 0x0001: SMB1 */
    uint32_t control_code;           /* FSCTL_... */
    uint16_t call;                   /* with CORR_SMB_HAS_CALL */
    uint32_t size;                   /* of the message on the wire, with its header */
    /* UTF-16LE; SMB1 without Unicode: widened. Empty: not named by this message. */
    struct bytes share;              /* \\server\share */
    struct bytes file;               /* of a create: as it is named there; SMB1: of any path */
    struct bytes new_name;           /* of a rename */
    struct bytes user;               /* DOMAIN\user; server events only */
    uint32_t header_pid, header_tid; /* of the event; context, as with packets */
    bool is_header_pid_true;         /* logged in the context of who asked */
    struct guid connection_guid, session_guid, tree_guid, file_guid; /* server events; zero: none */
    struct corr_smb_times times;
    struct corr_smb_pause pause;
};

/* Takes one message. `message` is borrowed until it returns. False: no memory. */
typedef bool corr_smb_sink(void *context, const struct corr_smb_message *message);

#endif
