/* SPDX-License-Identifier: MIT */
/*
 * event.h - the common event model: what an event says, whoever logged it. The
 * tables in etw/providers/ make model events of records; nothing above etw/
 * knows GUIDs, event ids or layouts.
 *
 * To add a kind: a name in enum etw_event_kind, a struct below, a member in the
 * union, and rows in the provider tables that produce it.
 */
#ifndef ETW_EVENT_H
#define ETW_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "etw/base/bytes.h"
#include "etw/base/guid.h"
#include "etw/record.h"
#include "etw/smb_parts.h"

enum etw_event_kind {
    ETW_EVENT_OTHER,          /* an event no table knows */
    ETW_EVENT_PACKET,         /* a packet, a fragment or a sighting of one */
    ETW_EVENT_RECEPTION,      /* how a Wi-Fi adapter received the frame that follows */
    ETW_EVENT_PACKET_OFFLOAD, /* what Windows keeps beside the bytes of such a sighting */
    ETW_EVENT_PACKET_HEADERS, /* headers alone, or a payload without them: no frame */
    ETW_EVENT_INTERFACE,      /* one network interface of the machine */
    ETW_EVENT_COMPONENT,      /* one component of the packet monitor's stack */
    ETW_EVENT_COMPONENT_FACT, /* one property of such a component */
    ETW_EVENT_FLOW_COUNTERS,  /* packets the monitor counted at one edge */
    ETW_EVENT_DROP_COUNTERS,  /* packets the monitor saw dropped in one component */
    ETW_EVENT_SYSTEM_BUILD,   /* name and build of the Windows that recorded, or of its machine */
    ETW_EVENT_SOCKET,         /* something that happened to a socket or connection */
    ETW_EVENT_PROCESS,        /* a process began, ended, or was there */
    ETW_EVENT_SERVICE,        /* a service and the process it runs in */
    ETW_EVENT_ADDRESS,        /* an IP address of this machine */
    ETW_EVENT_NAME,           /* a name that is to be, or was, resolved to addresses */
    ETW_EVENT_HTTP,           /* an HTTP connection, request or response, and who is behind it */
    ETW_EVENT_CAPTURE_FILTER, /* what the recorder was told to let through */
    ETW_EVENT_LOST,           /* the recorder says that it lost something */
    ETW_EVENT_NOTED,          /* a table knows it, and it has nothing for the model */
    ETW_EVENT_KIND_COUNT
};

enum etw_link {
    ETW_LINK_UNKNOWN,
    ETW_LINK_ETHERNET,
    ETW_LINK_RAW_IP,
    ETW_LINK_IEEE80211,
    ETW_LINK_PPP,
    ETW_LINK_COUNT
};

enum etw_direction { ETW_DIRECTION_UNKNOWN, ETW_DIRECTION_IN, ETW_DIRECTION_OUT };

enum etw_capture {
    ETW_CAPTURE_NDIS,   /* the NDIS capture filter of `netsh trace capture=yes` */
    ETW_CAPTURE_PKTMON, /* the packet monitor */
    ETW_CAPTURE_RAS,    /* NdisWan: packets of dial-in and VPN connections, unencrypted */
    ETW_CAPTURE_WFP,    /* the Windows Filtering Platform, as Message Analyzer recorded it */
    ETW_CAPTURE_NONE    /* never of a packet: what only looks like one, as an SMB message does */
};

/* What etw_packet.route_data holds. */
enum etw_route {
    ETW_ROUTE_NONE,
    ETW_ROUTE_SWITCH, /* ports of a virtual switch */
    ETW_ROUTE_RAS     /* a user's connection to a remote access server */
};

/* What an adapter is to do to a packet's bytes, or has done. */
enum etw_offload_flag {
    ETW_OFFLOAD_CHECKSUM = 0x01,  /* a checksum in the frame is not the one on the wire */
    ETW_OFFLOAD_SEGMENTS = 0x02,  /* sent: the adapter cuts it into segments */
    ETW_OFFLOAD_COALESCED = 0x04, /* received: the adapter joined segments */
    ETW_OFFLOAD_VERIFIED = 0x08,  /* received: the adapter found the checksums right */
    ETW_OFFLOAD_FAILED = 0x10     /* received: the adapter found one wrong */
};

struct etw_offload {
    uint8_t flags; /* enum etw_offload_flag */
    bool has_vlan, has_hash;
    uint8_t priority;        /* 802.1Q; valid with has_vlan */
    uint16_t vlan;           /* the same; 0: a priority alone */
    uint16_t coalesced;      /* segments joined; 0: not stated */
    uint32_t segment_size;   /* payload of each segment to be cut; 0: not stated */
    uint32_t hash;           /* of receive side scaling; valid with has_hash */
    uint32_t virtual_subnet; /* 0: none */
};

/* A packet without IP header: its data begin with source, destination, a byte of protocol
 * and, last of the prefix, a 16-bit length of what follows. */
struct etw_bare_transport {
    uint8_t address_size; /* 4 or 16; 0: the data are a frame */
    uint8_t prefix_size;
};

struct etw_packet {
    enum etw_capture capture;
    enum etw_link link; /* as logged; pktmon's may be wrong */
    enum etw_direction direction;
    struct bytes data;      /* borrowed with the event */
    uint32_t original_size; /* 0: not stated */
    bool is_start, is_end;  /* fragment: first, last; both for a whole packet */
    bool is_cut;            /* the recorder says that it cut the packet */
    bool is_dropped;
    /* NDIS: the miniport's; WFP: what the fragments of one packet have in common */
    uint32_t interface_index;
    uint32_t lower_index; /* NDIS: the layer it was seen at */
    enum etw_route route;
    uint16_t vlan;           /* NDIS, beside the bytes of a switched packet; 0: none */
    struct bytes route_data; /* borrowed with the event, for the readers of packet_route.h */
    /* pktmon only */
    uint64_t group;
    uint16_t number;
    uint16_t appearance;    /* 0: not counted by this Windows version */
    uint16_t direction_tag; /* as logged: In, Out, Rx, Tx, Ingress, Egress */
    uint16_t component;
    uint16_t edge;
    uint16_t filter;
    uint32_t drop_reason;
    uint32_t drop_location;
    uint16_t count; /* ETW_EVENT_PACKET_OFFLOAD: the last number of the group that it is about */
    struct etw_offload offload;
    struct etw_bare_transport bare; /* of ETW_CAPTURE_WFP, whose link is unknown */
};

/* Which members of struct etw_reception the adapter states. */
enum etw_reception_member {
    ETW_HAS_FREQUENCY = 0x1,
    ETW_HAS_RATE = 0x2,
    ETW_HAS_SIGNAL = 0x4,
    ETW_HAS_RADIO_CLOCK = 0x8
};

struct etw_reception {
    uint32_t interface_index; /* as in the packet's event */
    uint32_t lower_index;
    uint32_t has;        /* enum etw_reception_member */
    uint16_t frequency;  /* MHz, the middle of the channel */
    uint8_t rate;        /* 500 kbit/s */
    int8_t signal;       /* dBm */
    bool is_readable;    /* else it has a form that is not known, and nothing is stated */
    bool is_damaged;     /* the frame came with a wrong check sequence */
    uint64_t radio_time; /* microseconds, the adapter's clock */
};

struct etw_interface {
    uint32_t index;
    uint32_t type; /* IANA ifType: 6 Ethernet, 24 loopback, 71 Wi-Fi, 243/244 WWAN */
    struct guid guid;
    struct bytes alias;       /* UTF-16LE, borrowed */
    struct bytes description; /* UTF-16LE, borrowed */
    struct bytes mac;         /* 0 to 32 bytes, borrowed */
    uint64_t speed;           /* bits per second, transmit; 0 or all ones: unknown */
};

struct etw_component {
    uint16_t id;
    uint16_t type;
    struct bytes name;        /* UTF-16LE, borrowed */
    struct bytes description; /* UTF-16LE, borrowed */
};

enum etw_component_fact_kind {
    ETW_FACT_OTHER,
    ETW_FACT_INTERFACE_INDEX,
    ETW_FACT_MINIPORT_INDEX,
    ETW_FACT_LOWER_INDEX,
    ETW_FACT_MEDIUM, /* 0 Ethernet, 16 Wi-Fi, 19 mobile broadband */
    ETW_FACT_MAC,
    ETW_FACT_IPV4,
    ETW_FACT_IPV6
};

struct etw_component_fact {
    uint16_t component;
    enum etw_component_fact_kind kind;
    uint32_t number;    /* indexes and medium */
    struct bytes bytes; /* addresses in network order, borrowed */
};

/* One direction of a counter pair. */
struct etw_counter {
    uint16_t direction_tag;
    uint64_t packets;
    uint64_t bytes;
};

struct etw_counters {
    uint16_t component;
    uint16_t edge;          /* flow counters only */
    struct bytes edge_name; /* flow counters only; UTF-16LE, borrowed */
    struct etw_counter in, out;
};

struct etw_system_build {
    struct bytes build_lab; /* UTF-16LE, borrowed */
    struct bytes product;   /* UTF-16LE, borrowed */
    struct bytes computer;  /* the same: name of the machine, without its domain */
    struct bytes domain;    /* the same; empty: none, or not stated */
};

/* ---- sockets ---- */

/* Who tells. */
enum etw_layer {
    ETW_LAYER_APPLICATION, /* the socket call, by Winsock-AFD */
    ETW_LAYER_STACK,       /* TCPIP */
    ETW_LAYER_KERNEL,      /* the kernel's own network events */
    ETW_LAYER_SMB_CLIENT,
    ETW_LAYER_SMB_SERVER,
    ETW_LAYER_SMB_DIRECT /* SMB over RDMA, which no capture sees */
};

enum etw_phase {
    ETW_PHASE_SINGLE,
    ETW_PHASE_ENTER,      /* a call begins */
    ETW_PHASE_EXIT,       /* and ends; the status counts */
    ETW_PHASE_INDICATION, /* the layer below tells */
    ETW_PHASE_RUNDOWN     /* it was there already */
};

enum etw_action {
    ETW_ACTION_OTHER,
    ETW_ACTION_CREATE,
    ETW_ACTION_BIND,
    ETW_ACTION_LISTEN,
    ETW_ACTION_CONNECT,
    ETW_ACTION_ACCEPT,
    ETW_ACTION_SEND,
    ETW_ACTION_RECEIVE,
    ETW_ACTION_SEND_TO,
    ETW_ACTION_RECEIVE_FROM,
    ETW_ACTION_SHUTDOWN,
    ETW_ACTION_CLOSE,
    ETW_ACTION_ABORT,
    ETW_ACTION_OPTION,
    ETW_ACTION_STATE,    /* RFC 793 state change: from, to */
    ETW_ACTION_SYN,      /* the stack sent a SYN */
    ETW_ACTION_DATA_OUT, /* the stack gave a segment to the network */
    ETW_ACTION_DATA_IN,  /* the stack took a segment from it */
    ETW_ACTION_RETRANSMIT,
    ETW_ACTION_TIMER,
    ETW_ACTION_DELIVERED, /* received data were handed to the socket */
    ETW_ACTION_REFUSED,   /* connect failed: the peer refused or reset */
    ETW_ACTION_TIMEOUT,   /* connect or connection timed out */
    ETW_ACTION_FAILED,    /* any other failure of a call or connection */
    ETW_ACTION_DROP,      /* a packet was thrown away, with reason */
    ETW_ACTION_PORT,      /* a port acquired, released, inherited */
    ETW_ACTION_REQUEST,   /* SMB */
    ETW_ACTION_RESPONSE,  /* SMB */
    ETW_ACTION_CLEANUP,   /* the last handle of a socket is closed; CLOSE follows */
    ETW_ACTION_WAIT,      /* for a connection that can be accepted */
    ETW_ACTION_INSPECTED, /* filters have judged a connect */
    ETW_ACTION_ACKED,     /* the peer acknowledged data */
    ETW_ACTION_MEASURED,  /* a measurement of the round trip begins or ends */
    ETW_ACTION_COUNT
};

/* Kernel pointers are reused: a handle names a thing only during its life. Spaces
 * share no values. */
enum etw_handle_space {
    ETW_HANDLE_NONE,
    ETW_HANDLE_AFD_ENDPOINT,
    ETW_HANDLE_AFD_ACCEPT_ENDPOINT, /* AFD endpoint of the connection that was accepted */
    ETW_HANDLE_EPROCESS,
    ETW_HANDLE_TCP_ENDPOINT,
    ETW_HANDLE_LISTENER,
    ETW_HANDLE_TCB,
    ETW_HANDLE_UDP_ENDPOINT,
    ETW_HANDLE_RAW_ENDPOINT,
    ETW_HANDLE_PORT_ACQUIRER,     /* a TCB, TCP endpoint or listener */
    ETW_HANDLE_ORIGINAL_ACQUIRER, /* whose port is inherited */
    ETW_HANDLE_DELIVERY,
    ETW_HANDLE_REQUEST,
    ETW_HANDLE_SMB_CONNECTION,
    ETW_HANDLE_SPACE_COUNT
};

struct etw_handle {
    enum etw_handle_space space;
    uint64_t value;
};

struct etw_socket_address {
    uint8_t size; /* of the address: 4, 16, or 0: none */
    bool has_port;
    uint16_t port; /* host order */
    uint8_t bytes[16];
};

#define ETW_HANDLES_MAXIMUM 4

/* Which members of struct etw_socket the event states. */
enum etw_socket_member {
    ETW_HAS_LOCAL = 0x1,
    ETW_HAS_REMOTE = 0x2,
    ETW_HAS_PID = 0x4,
    ETW_HAS_START_KEY = 0x8,
    ETW_HAS_SEQUENCE = 0x10,
    ETW_HAS_BYTES = 0x20,
    ETW_HAS_STATUS = 0x40,
    ETW_HAS_FROM = 0x80,
    ETW_HAS_TO = 0x100,
    ETW_HAS_PROTOCOL = 0x200,
    ETW_HAS_COUNT = 0x400,
    ETW_HAS_LOCATION = 0x800,
    ETW_HAS_MESSAGE = 0x1000,
    ETW_HAS_REASON = 0x2000,
    ETW_HAS_TIMER = 0x4000,
    ETW_HAS_OPTION = 0x8000, /* and its value */
    ETW_HAS_SESSION = 0x10000,
    ETW_HAS_TREE = 0x20000,
    ETW_HAS_COMMAND = 0x40000,
    /* members of struct etw_smb */
    ETW_HAS_LENGTH = 0x80000,
    ETW_HAS_OFFSET = 0x100000,
    ETW_HAS_FILE_ID = 0x200000,
    ETW_HAS_CREDITS = 0x400000,
    ETW_HAS_TIMES = 0x800000,
    ETW_HAS_CYCLES = 0x1000000,   /* the times are cycles of the processor */
    ETW_HAS_DURATION = 0x2000000, /* in milliseconds; without it the unit is not stated */
    ETW_HAS_DIALECT = 0x4000000,
    ETW_HAS_TRANSPORT = 0x8000000
};

/* Timers of a connection, whatever number this Windows gives them. */
enum etw_timer {
    ETW_TIMER_UNKNOWN,
    ETW_TIMER_RETRANSMIT,
    ETW_TIMER_CONNECT,
    ETW_TIMER_DELAYED_ACK,
    ETW_TIMER_PUSH,
    ETW_TIMER_KEEP_ALIVE,
    ETW_TIMER_PACING,
    ETW_TIMER_DISCONNECT,
    ETW_TIMER_SILLY_WINDOW,
    ETW_TIMER_REASSEMBLY_RATE,
    ETW_TIMER_SYN_VALIDATION
};

struct etw_socket {
    enum etw_layer layer;
    enum etw_action action;
    enum etw_phase phase;
    uint32_t has;                                   /* enum etw_socket_member */
    struct etw_handle handles[ETW_HANDLES_MAXIMUM]; /* the one it is about first */
    struct etw_socket_address local, remote;
    bool is_header_pid_true; /* logged in the caller's context: the header names its process */
    uint32_t pid;            /* by the payload, never 0 when ETW_HAS_PID */
    uint64_t start_key;      /* of the process; low 48 bits: its sequence number */
    uint32_t sequence;       /* TCP, host order: of the first byte */
    uint64_t bytes;
    uint32_t status;          /* NTSTATUS */
    uint32_t from, to;        /* TCP states as the stack numbers them */
    uint8_t protocol;         /* IP protocol: 6, 17, ...; follows from the type of an IP socket */
    uint32_t count;           /* retransmissions so far, packets, ... */
    uint32_t location;        /* AFD's place in its code */
    struct bytes image;       /* UTF-16LE, borrowed: path of the process `pid`; mostly empty */
    uint8_t family;           /* 4, 6, or 0: not stated, or not an IP socket */
    bool is_listener_missing; /* what came was dropped because nobody listens there */
    bool is_rejected;         /* a listener did not take the connection */
    uint32_t reason;          /* of a drop, abort or failure, as the layer numbers it */
    enum etw_timer timer;     /* of a timeout: the timer that ran out for good */
    uint32_t option, option_value; /* as the layer numbers them */
    bool is_weak;                  /* port: a reference to a port that another object holds */
    /* SMB */
    uint64_t message_id, session_id;
    uint32_t tree_id;
    uint16_t command;
};

/* ---- SMB ---- */

/* What an event of the SMB client or server tells. */
enum etw_smb_what {
    ETW_SMB_OTHER,
    /* messages */
    ETW_SMB_REQUEST,
    ETW_SMB_RESPONSE,
    ETW_SMB_INTERIM,        /* STATUS_PENDING: the real response comes later */
    ETW_SMB_ASYNC_RESPONSE, /* that one */
    ETW_SMB_PACKET,         /* the bytes of a message */
    ETW_SMB_FRAGMENT,       /* a part of them; keywords say which */
    /* connections */
    ETW_SMB_CONNECT,      /* the client asks the stack for a connection */
    ETW_SMB_CONNECTED,    /* and has it; the server accepted one */
    ETW_SMB_SEND,         /* the client gives bytes to the stack */
    ETW_SMB_DISCONNECTED, /* the other end or the network ended it */
    ETW_SMB_CLOSED,       /* this end did */
    /* sessions, shares, files */
    ETW_SMB_SESSION,       /* there is one, or it was authenticated */
    ETW_SMB_SESSION_STATE, /* of the client's session: old and new state */
    ETW_SMB_SESSION_END,
    ETW_SMB_TREE, /* a share is connected */
    ETW_SMB_TREE_STATE,
    ETW_SMB_TREE_END,
    ETW_SMB_FILE, /* a file is open */
    ETW_SMB_FILE_STATE,
    ETW_SMB_FILE_END,
    ETW_SMB_ACCESS, /* a program's call reaches a file of a share */
    /* credits */
    ETW_SMB_WINDOW, /* of message ids, and whose it is */
    ETW_SMB_WINDOW_STATE,
    ETW_SMB_WINDOW_BLOCKED,
    ETW_SMB_WINDOW_END,
    ETW_SMB_CREDITS_WAIT, /* a request waits for credits */
    ETW_SMB_CREDITS_GOT,
    /* failures */
    ETW_SMB_NAME_FAILED, /* the server's name has no address */
    ETW_SMB_CONNECT_FAILED,
    ETW_SMB_CONNECTION_HUNG,
    ETW_SMB_NEGOTIATE_FAILED,
    ETW_SMB_SESSION_REFUSED,
    ETW_SMB_SESSION_EXPIRED,
    ETW_SMB_TREE_REFUSED,
    ETW_SMB_OPEN_FAILED,
    ETW_SMB_HANDLE_LOST, /* a handle that should survive did not */
    ETW_SMB_RECONNECT,   /* a file is opened again after a loss */
    ETW_SMB_REOPEN_FAILED,
    ETW_SMB_RETRY_FAILED,
    ETW_SMB_CLOSE_FAILED,
    ETW_SMB_EXPIRED, /* no response in time */
    ETW_SMB_SIGNING_FAILED,
    ETW_SMB_ENCRYPTION_FAILED,
    ETW_SMB_COMPRESSION_FAILED,
    ETW_SMB_SLOW,            /* the server took longer than its threshold */
    ETW_SMB_RDMA_FALLBACK,   /* the client uses TCP because RDMA did not work */
    ETW_SMB_TRANSFER_FAILED, /* RDMA: bytes could not be sent or received */
    ETW_SMB_VIOLATED,        /* RDMA: the other end broke the rules of the protocol */
    ETW_SMB_WHAT_COUNT
};

/* A socket event of the layers SMB_CLIENT and SMB_SERVER, and what it says beyond. Texts are
 * UTF-16LE, borrowed, empty when not stated. */
struct etw_smb {
    struct etw_socket socket; /* first: etw_event.u.socket is the same; its `has` counts for both */
    enum etw_smb_what what;
    uint32_t flags; /* of the SMB2 header */
    uint64_t async_id;
    uint64_t persistent_id, file_id;
    uint64_t object;      /* pointer of what the event is about: window, buffer, session, file */
    uint64_t window;      /* of message ids, beside `object` that waits for it */
    uint64_t data_offset; /* in the file */
    uint32_t length;      /* bytes of data: asked for, sent or got */
    uint16_t credits, credit_charge;
    uint16_t dialect;
    uint16_t old_state, new_state; /* Smb2ObjectStateMap */
    uint16_t retries;
    uint32_t transport; /* enum etw_smb_transport, with ETW_HAS_TRANSPORT */
    uint32_t function;  /* IRP_MJ_ of a call */
    uint32_t window_size, window_limit;
    uint64_t duration, threshold;
    struct guid connection_guid, session_guid, tree_guid, file_guid; /* zero: not stated */
    struct bytes server, scope, share, file, user, domain, client;
    struct bytes command_text; /* ANSI; socket.command is the same as a number where it is known */
    struct bytes data;         /* of packets and fragments */
    struct etw_smb_times times;
    bool is_start, is_end; /* of a message in fragments */
    bool is_sent;          /* fragments: by this machine; else received */
    bool has_way;          /* is_sent is stated */
};

/* ---- addresses and names ---- */

struct etw_host_address {
    uint32_t interface_index;
    struct etw_socket_address address; /* no port; size 0: the interface has none */
    bool is_gone; /* it was removed or is another machine's; else added or there already */
    /* UTF-16LE, borrowed: all addresses of the interface, separated by ';', in place of
     * `address`; empty when there is `address`. */
    struct bytes list;
};

/* What a resolver was asked or answered. */
struct etw_name {
    uint32_t pid;            /* who asked, by the payload; 0: not stated */
    bool is_question;        /* nothing is known yet: no status, no results */
    bool is_header_pid_true; /* logged in the process that asked */
    bool is_narrow;          /* name and results are not UTF-16LE but bytes */
    uint32_t status;         /* Win32 error; 0: answered */
    struct bytes name;       /* UTF-16LE, borrowed */
    struct bytes results;    /* UTF-16LE, borrowed: addresses and names separated by ';' */
    struct etw_socket_address address; /* a result of its own; size 0: none */
};

/* ---- HTTP ---- */

/* Whose numbers the handles are; each has its own. */
enum etw_http_layer {
    ETW_HTTP_SYS,    /* the server of Windows: its handles are the machine's */
    ETW_HTTP_WEBIO,  /* WinHTTP's clients: handles of their process */
    ETW_HTTP_WININET /* the same of WinINet */
};

enum etw_http_action {
    ETW_HTTP_CONNECT,  /* a connection: by its ends, or about to be made by this thread */
    ETW_HTTP_CLOSE,    /* it is closed */
    ETW_HTTP_SERVER,   /* a client's handle for a host */
    ETW_HTTP_REQUEST,  /* what is asked for */
    ETW_HTTP_ASSIGN,   /* which connection a request goes over */
    ETW_HTTP_DELIVER,  /* the request waits for a process in a queue */
    ETW_HTTP_RESPONSE, /* what is answered */
    ETW_HTTP_WITNESS   /* a process that serves, by the payload */
};

/* Members that the event does not state are 0 or empty. */
struct etw_http {
    enum etw_http_layer layer;
    enum etw_http_action action;
    bool is_url_utf16;                  /* else bytes */
    uint64_t connection, request;       /* objects, or handles of a client */
    uint64_t connection_id, request_id; /* numbers of HTTP.sys */
    uint64_t parent;                    /* of a client's request: its host's handle */
    struct etw_socket_address local, remote;
    uint32_t local_port;
    uint32_t verb; /* HTTP_VERB of http.h */
    uint32_t status;
    uint32_t pid; /* by the payload */
    /* Borrowed; the rest of them bytes. */
    struct bytes method, url, headers, host;
    struct bytes queue;  /* UTF-16LE */
    struct bytes target; /* UTF-16LE: the remote end as text */
};

/* ---- the recorder ---- */

/* One filter of the packet monitor: a packet passes when all that it states fits; what is 0 or
 * empty states nothing. Or one rule of the NDIS capture. */
struct etw_capture_filter {
    enum etw_capture capture;
    uint16_t id;
    struct bytes name;    /* UTF-16LE, borrowed */
    struct bytes macs[2]; /* 6 bytes each, borrowed */
    uint16_t ether_type;
    uint16_t vlan;
    struct etw_socket_address addresses[2];
    uint8_t protocol; /* IP protocol */
    uint16_t ports[2];
    uint8_t tcp_flags;
    /* NDIS */
    uint8_t rule, directive; /* as logged */
    bool is_rejected;        /* the driver did not take it */
    struct bytes value;      /* borrowed */
    bool is_selective;       /* it keeps packets out */
};

/* A notice of its own in the trace; see also the file header and losses.h. */
enum etw_lost { ETW_LOST_EVENT, ETW_LOST_BUFFER, ETW_LOST_FILE };

/* ---- processes ---- */

struct etw_process {
    enum etw_phase phase; /* SINGLE with is_end: began or ended; RUNDOWN */
    bool is_end;
    uint32_t pid, parent_pid, session;
    uint64_t start_key;  /* sequence number; 0: not stated */
    uint64_t unique_key; /* EPROCESS of classic records; 0: not stated */
    int64_t create_time; /* FILETIME; 0: not stated */
    int64_t exit_time;   /* the same */
    uint32_t exit_status;
    struct bytes image;        /* borrowed; text as is_image_utf16 says */
    struct bytes command_line; /* UTF-16LE, borrowed */
    struct bytes sid;          /* borrowed */
    bool is_image_utf16;       /* else the system's ANSI code page */
};

struct etw_service {
    uint32_t pid;
    uint32_t tag;      /* SubProcessTag */
    struct bytes name; /* UTF-16LE, borrowed */
};

struct etw_event {
    enum etw_event_kind kind;
    bool is_incomplete; /* the payload ended before its fields did */
    const struct etw_record *record;
    union {
        struct etw_packet packet;
        struct etw_reception reception;
        struct etw_interface interface;
        struct etw_component component;
        struct etw_component_fact fact;
        struct etw_counters counters; /* flow and drop */
        struct etw_system_build build;
        struct etw_socket socket;
        struct etw_smb smb; /* of ETW_EVENT_SOCKET with an SMB layer */
        struct etw_process process;
        struct etw_service service;
        struct etw_host_address address;
        struct etw_name name;
        struct etw_http http;
        struct etw_capture_filter filter;
        enum etw_lost lost;
    } u;
};

#endif
