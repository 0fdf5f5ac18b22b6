/* SPDX-License-Identifier: MIT */
/*
 * smb_operations.h - SMB requests with their responses, from packets and events together.
 *
 *     corr_smb_operations_new(sink, context, &operations, &error);
 *     for every message, in time order: corr_smb_operations_take(operations, &message);
 *     corr_smb_operations_finish(operations, &error);
 *     corr_smb_operations_free(operations);
 *
 * The client's event, the packets and the server's event of one message id on one connection
 * are one operation. Operations are given to the sink in the order in which they ended; those
 * without response at the end, in the order in which they began.
 *
 * Memory: CORR_SMB_PENDING operations that wait, names of what is open, and every name once;
 * bounded, and what did not fit is counted.
 */
#ifndef CORRELATE_SMB_OPERATIONS_H
#define CORRELATE_SMB_OPERATIONS_H

#include "correlate/smb_message.h"
#include "correlate/sockets.h"
#include "etw/base/error.h"

/* Requests that wait for their response at once, at most; of more the oldest are given up. */
#define CORR_SMB_PENDING 65536u

#define CORR_SMB_SOURCES 3

/* When a source saw it; CORR_NEVER: it did not. */
struct corr_smb_sight {
    int64_t request, request_end;   /* first and last byte */
    int64_t response, response_end; /* the same of the final response */
};

struct corr_smb_operation {
    uint64_t number; /* 1..n in the order in which they began */
    enum corr_smb_kind kind;
    uint8_t command; /* enum corr_smb_command */
    uint16_t command_number;
    uint32_t has; /* enum corr_smb_member, of both messages */
    bool has_request, has_response;
    uint32_t socket;     /* row of the ledger; CORR_NO_ROW */
    uint64_t connection; /* equal for the operations of one connection */
    uint64_t message_id, session_id;
    uint32_t tree_id;
    struct corr_smb_file_id file_id;
    uint32_t share, file;  /* corr_smb_operations_text(); 0: not known */
    uint32_t new_name;     /* of a rename; the same */
    uint32_t control_code; /* with CORR_SMB_HAS_CONTROL_CODE */
    uint32_t status;       /* with CORR_SMB_HAS_STATUS */
    uint16_t call;         /* with CORR_SMB_HAS_CALL */
    uint32_t asked;        /* bytes to read or write */
    uint32_t moved;        /* bytes read or written, as the response says */
    uint64_t data_offset;  /* with CORR_SMB_HAS_OFFSET */
    uint16_t credits_asked, credits_granted, credit_charge;
    uint32_t outstanding;      /* requests of the connection that waited when it began, with it */
    uint32_t file_outstanding; /* those for a file of this name; 0 with `outstanding` 0 */
    int64_t begin, end;        /* of all sights; end is CORR_NEVER without response */
    struct corr_smb_sight sights[CORR_SMB_SOURCES]; /* by enum corr_smb_source */
    uint64_t request_frame, response_frame;         /* 0: none */
    uint64_t request_offset, response_offset;       /* of the first record; 0: none */
    /* The process in whose context the client logged the request; 0: none. A hint, no proof. */
    uint32_t asker_pid;
    uint64_t asker_offset;        /* of the record that says so */
    struct corr_smb_times server; /* with CORR_SMB_HAS_TIMES */
    struct corr_smb_pause pause;  /* of the response, by packets */
    uint32_t response_size;       /* bytes of the response in packets; 0: not seen */
};

/* Borrowed until it returns. */
typedef enum etw_status corr_smb_operation_sink(void *context,
                                                const struct corr_smb_operation *operation,
                                                struct etw_error *error);

/* A message that is part of an operation, once that knows it; `is_first`: no other source told of
 * it before. */
struct corr_smb_news {
    const struct corr_smb_operation *operation;
    const struct corr_smb_message *message;
    bool is_first;
};

/* `news` is borrowed until it returns. */
typedef enum etw_status corr_smb_news_sink(void *context, const struct corr_smb_news *news,
                                           struct etw_error *error);

struct corr_smb_operations;

/* What was seen, and what could not be kept. */
struct corr_smb_totals {
    uint64_t messages, operations;
    uint64_t without_response, without_request;
    uint64_t encrypted, compressed;
    uint64_t unknown_commands;
    uint64_t unknown_dialects; /* messages that agree on one */
    uint64_t given_up;         /* no room to wait for a response */
    uint64_t names_left_out;   /* no room for names */
};

/* `sink` may be NULL: only news are wanted. */
enum etw_status corr_smb_operations_new(corr_smb_operation_sink *sink, void *context,
                                        struct corr_smb_operations **out, struct etw_error *error);
void corr_smb_operations_free(struct corr_smb_operations *operations); /* NULL is allowed */
/* Also tells of every message, as they come. */
void corr_smb_operations_set_news(struct corr_smb_operations *operations, corr_smb_news_sink *sink,
                                  void *context);
/* Takes one message; a corr_smb_sink. False: no memory, or the sink failed; finish says which. */
bool corr_smb_operations_take(void *operations, const struct corr_smb_message *message);
/* Gives on what still waits. Returns what went wrong in any call. */
enum etw_status corr_smb_operations_finish(struct corr_smb_operations *operations,
                                           struct etw_error *error);
/* Keeps a name, UTF-16LE, for what is told besides the operations; `*number` is 0 when it is empty
 * or there is no room. False: no memory. */
bool corr_smb_operations_name(struct corr_smb_operations *operations, const struct bytes *utf16,
                              uint32_t *number);
/* UTF-8; "" for 0. Valid until the next message or name is taken. */
const char *corr_smb_operations_text(const struct corr_smb_operations *operations, uint32_t number);
const struct corr_smb_totals *
corr_smb_operations_totals(const struct corr_smb_operations *operations);

/* "read"; "command 47" is for the writer. */
const char *corr_smb_command_name(enum corr_smb_command command);
/* What SMB1 has and SMB2 has not: "transaction"; NULL: no command of SMB1 has this number. */
const char *corr_smb1_command_name(uint16_t number);
/* Of an operation, mapped or not; NULL: it has no name here. */
const char *corr_smb_operation_command(const struct corr_smb_operation *operation);
/* Is the command one that has a name here, mapped or not? */
bool corr_smb_is_known(const struct corr_smb_message *message);
/* "NetServerEnum2"; NULL: none of the calls that are documented. */
const char *corr_smb_call_name(uint16_t number);

/* Is the status an error of DOS, with its class in the low byte and its code in the high half?
 * Servers send some so that say that they send NTSTATUS. [documented: MS-CIFS 2.2.2.4] */
bool corr_smb_is_dos_error(uint32_t status);
/* "ERRBADFILE"; NULL: not known. */
const char *corr_smb_dos_error_name(uint32_t status);
/* Did what has this status fail? What ends a file, a listing or a step of an authentication did
 * not. */
bool corr_smb_is_failure(uint32_t status);

/* Parts of the time between begin and end, in 100 ns; -1: not known. */
struct corr_smb_parts {
    int64_t total;
    int64_t client;   /* from the client's request to its first byte in a packet, and back */
    int64_t request;  /* first to last byte of the request */
    int64_t wait;     /* from there to the first byte of the response */
    int64_t response; /* first to last byte of the response */
    int64_t server;   /* from the server's request event to its response event */
};

void corr_smb_operation_parts(const struct corr_smb_operation *operation,
                              struct corr_smb_parts *parts);

#endif
