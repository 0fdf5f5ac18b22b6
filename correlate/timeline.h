/* SPDX-License-Identifier: MIT */
/*
 * timeline.h - the story of sockets as steps in time order: application calls, stack
 * events, state changes, timers, drops, packets.
 *
 *     corr_timeline_new(ledger, &options, sink, context, &timeline, &error);
 *     for every event and packet in time order:
 *         corr_timeline_event(timeline, &event, socket, &error);
 *         corr_timeline_packet(timeline, &packet, true, &error);
 *     corr_timeline_finish(timeline, &error);
 *     corr_timeline_free(timeline);
 *
 * Begin and end of a call become one step with its duration, and repetition becomes one
 * step with a count; for both, steps are held back for a while. Memory is bounded by
 * CORR_STEPS_HELD steps and what is kept per socket: what would need more is given in
 * parts.
 */
#ifndef CORRELATE_TIMELINE_H
#define CORRELATE_TIMELINE_H

#include "correlate/http_notes.h"
#include "correlate/ledger.h"
#include "correlate/packets.h"
#include "correlate/smb_conditions.h"
#include "correlate/smb_operations.h"

#define CORR_STEPS_HELD 65536u

enum corr_step_layer {
    CORR_STEP_APP,   /* calls of the application, as Winsock saw them */
    CORR_STEP_STACK, /* TCPIP, or the kernel's network events */
    CORR_STEP_WIRE,  /* packets, seen at the capture layer */
    CORR_STEP_SMB,   /* requests and responses of SMB, by events or packets, and its conditions */
    CORR_STEP_PROCESS
};

/* The closed list of the timeline's rows. */
enum corr_step_what {
    CORR_STEP_CREATE,
    CORR_STEP_BIND,
    CORR_STEP_LISTEN,
    CORR_STEP_CONNECT,
    CORR_STEP_ACCEPT,
    CORR_STEP_SEND,
    CORR_STEP_RECV,
    CORR_STEP_SENDTO,
    CORR_STEP_RECVFROM,
    CORR_STEP_SHUTDOWN,
    CORR_STEP_CLOSE,
    CORR_STEP_ABORT,
    CORR_STEP_OPTION,
    CORR_STEP_STATE,
    CORR_STEP_SYN,
    CORR_STEP_SYNACK,
    CORR_STEP_ACK,
    CORR_STEP_DATA,
    CORR_STEP_RETRANSMIT,
    CORR_STEP_TIMER,
    CORR_STEP_DELIVERED,
    CORR_STEP_FIN,
    CORR_STEP_RST,
    CORR_STEP_DROP,
    CORR_STEP_PACKET,
    CORR_STEP_REQUEST,
    CORR_STEP_RESPONSE,
    CORR_STEP_CONDITION,
    CORR_STEP_START,
    CORR_STEP_EXIT,
    CORR_STEP_WHAT_COUNT
};

/* Which members a step has, and what it is. */
enum corr_step_member {
    CORR_STEP_HAS_STATES = 0x1, /* from, to */
    CORR_STEP_HAS_STATUS = 0x2,
    CORR_STEP_HAS_DURATION = 0x4,
    CORR_STEP_HAS_BYTES = 0x8,
    CORR_STEP_HAS_EVENT = 0x10,
    CORR_STEP_HAS_REMOTE = 0x20,
    CORR_STEP_HAS_NUMBER = 0x40,
    CORR_STEP_IS_INFERRED = 0x80,    /* a state that only packets show */
    CORR_STEP_IS_IMPOSSIBLE = 0x100, /* a transition that RFC 793 does not have */
    CORR_STEP_IS_INBOUND = 0x200,
    CORR_STEP_IS_PENDING = 0x400,     /* a call whose end is not in the trace, or came too late */
    CORR_STEP_IS_LATE_END = 0x800,    /* the end of such a call */
    CORR_STEP_IS_INDICATION = 0x1000, /* the layer below tells; nobody called */
    CORR_STEP_IS_STOP = 0x2000,       /* timer: stopped; else expired, or with IS_PENDING started */
    CORR_STEP_IS_FRAGMENT = 0x4000,   /* of a packet whose first one is another step */
    CORR_STEP_IS_UNDIRECTED = 0x8000, /* packet: in or out is not known; local is the source */
    CORR_STEP_HAS_BEHALF = 0x10000,   /* behalf */
    CORR_STEP_HAS_OFFSET = 0x20000,   /* data_offset */
    CORR_STEP_HAS_CONTROL_CODE = 0x40000
};

/* Bytes of the texts of a request, with the closing zero. */
#define CORR_STEP_REQUEST_SIZE 128
#define CORR_STEP_HOST_SIZE    64

/* What an event of the SMB client or server tells that is no message, beyond the members that
 * other steps have, too; smb_conditions.h says what they mean. */
struct corr_step_condition {
    uint8_t kind;                  /* enum corr_smb_condition_kind */
    bool is_of_server;             /* it is the server's event */
    bool has_command, has_message; /* `command` of the step; message_id */
    bool has_transport;
    uint8_t transport;             /* enum etw_smb_transport */
    uint32_t server, user, client; /* corr_smb_operations_text(); 0: not known */
    uint32_t reason, retries;
    uint32_t window_size, window_limit;
    uint64_t message_id;
    int64_t threshold; /* 100 ns */
};

struct corr_step {
    int64_t time, last_time;    /* last_time: of the last step folded into it */
    uint8_t layer, what;        /* enum corr_step_layer, corr_step_what */
    uint32_t has;               /* enum corr_step_member */
    uint32_t socket;            /* row of the ledger; CORR_NO_ROW: none */
    uint32_t process;           /* row of the processes; CORR_NO_ROW: none */
    uint8_t confidence;         /* enum corr_confidence of the process */
    uint8_t reason;             /* enum corr_no_owner */
    uint8_t from, to;           /* enum corr_tcp_state */
    uint8_t tcp_flags;          /* of packets */
    uint32_t count;             /* steps folded into it, itself counted */
    uint32_t status;            /* NTSTATUS */
    uint32_t number;            /* timer: enum etw_timer; drop, abort: reason; option: its number;
                                 * retransmission: how many so far; response: its HTTP status */
    uint32_t value;             /* option: its value; listen: backlog */
    uint32_t sequence;          /* TCP: of the first byte */
    uint32_t acknowledged;      /* TCP: of the packet */
    int64_t duration;           /* 100 ns */
    uint64_t bytes;             /* payload, all folded steps together */
    uint64_t frame, last_frame; /* 0: no packet */
    uint32_t behalf;            /* row of the process that the owner answers for */
    uint8_t behalf_confidence;  /* enum corr_confidence */
    uint8_t command;            /* SMB: enum corr_smb_command */
    uint16_t command_number;    /* SMB: as on the wire */
    const char *other_name;     /* SMB: of a command that SMB1 alone has; static; NULL: none */
    const char *call;           /* SMB1: NetServerEnum2; static; NULL: none */
    uint64_t behalf_offset;     /* of the record that says so */
    uint64_t operation;         /* SMB: its number; 0: none */
    uint32_t share, file;       /* SMB: corr_smb_operations_text(); 0: not known */
    uint64_t data_offset;       /* SMB: where in the file is read or written */
    uint32_t new_name;          /* SMB: of a rename, as `file` */
    uint32_t control_code;      /* SMB: with HAS_CONTROL_CODE */
    struct corr_step_condition condition;   /* SMB: of a condition */
    char request[CORR_STEP_REQUEST_SIZE];   /* of HTTP: "GET /path" */
    char host[CORR_STEP_HOST_SIZE];         /* of HTTP */
    struct corr_endpoint local, remote;     /* remote: with HAS_REMOTE; local: bind */
    char protocol[CORR_PROTOCOL_TEXT_SIZE]; /* of packets */
    struct corr_drop drop;                  /* of a dropped packet: why, where */
    /* of the event, or of the packet's record */
    struct guid provider;
    uint16_t id;
    uint8_t version;
    uint64_t offset;
    uint32_t header_pid, header_tid;
};

/* `step` is borrowed until the sink returns. */
typedef enum etw_status corr_step_sink(void *context, const struct corr_step *step,
                                       struct etw_error *error);

struct corr_timeline_options {
    bool is_verbose; /* nothing is folded, notes of the stack are steps too */
};

struct corr_timeline;

/* `ledger` is finished and borrowed. */
enum etw_status corr_timeline_new(const struct corr_ledger *ledger,
                                  const struct corr_timeline_options *options, corr_step_sink *sink,
                                  void *context, struct corr_timeline **out,
                                  struct etw_error *error);
void corr_timeline_free(struct corr_timeline *timeline); /* NULL is allowed */

/* Takes an event about a socket that the user wants; others need not be given. */
enum etw_status corr_timeline_event(struct corr_timeline *timeline, const struct etw_event *event,
                                    uint32_t socket, struct etw_error *error);
/* Takes what an event told of HTTP; `note` names a socket. */
enum etw_status corr_timeline_http(struct corr_timeline *timeline, const struct etw_event *event,
                                   const struct corr_http_note *note, struct etw_error *error);
/* The same of a packet; its verdict names the socket, which may be none. One that is not to be
 * shown, because it comes before the time that the user wants, still counts for what follows:
 * states, retries. */
enum etw_status corr_timeline_packet(struct corr_timeline *timeline,
                                     const struct corr_packet *packet, bool is_shown,
                                     struct etw_error *error);
/* Takes a message of SMB, of which `event` tells; NULL: packets do. Times are those of `news`; the
 * trace is read up to `now`. */
enum etw_status corr_timeline_smb(struct corr_timeline *timeline, const struct etw_event *event,
                                  const struct corr_smb_news *news, int64_t now,
                                  struct etw_error *error);
/* Takes what `event` tells of SMB besides messages; its names are kept with `names`. */
enum etw_status corr_timeline_smb_condition(struct corr_timeline *timeline,
                                            const struct etw_event *event,
                                            const struct corr_smb_condition *condition,
                                            struct corr_smb_operations *names,
                                            struct etw_error *error);
/* Packets that come later may be as early as this, because they are held back; INT64_MAX: none
 * is. Until told otherwise none is. */
void corr_timeline_hold(struct corr_timeline *timeline, int64_t since);
enum etw_status corr_timeline_finish(struct corr_timeline *timeline, struct etw_error *error);

/* State changes of a socket, at most `maximum`: those of events, else those that the packets given
 * so far showed, of which the first 12 are kept. Returns how many were written. */
size_t corr_timeline_states(const struct corr_timeline *timeline, uint32_t socket,
                            struct corr_state_change *changes, size_t maximum);

/* "app"; "connect" */
const char *corr_step_layer_name(enum corr_step_layer layer);
const char *corr_step_what_name(enum corr_step_what what);

#endif
