/* SPDX-License-Identifier: MIT */
/*
 * world_state.h - the host while its trace is made, shared by the world_*.c files.
 */
#ifndef SAMPLES_WRITER_WORLD_STATE_H
#define SAMPLES_WRITER_WORLD_STATE_H

#include "byte_block.h"
#include "etl_writer.h"
#include "world.h"
#include "world_basics.h"
#include "world_events.h"

enum { WORLD_THREADS = 4, WORLD_CPUS = 64, WORLD_CANDIDATES = 16, WORLD_RECENT = 512 };
enum { WORLD_INTERFACE = 5, WORLD_LOOPBACK = 1 };
enum { PID_IDLE = 0, PID_SYSTEM = 4 };

/* Numbers that are given out again. */
enum world_pool_name {
    POOL_PID,
    POOL_PROCESS,
    POOL_AFD_ENDPOINT,
    POOL_ENDPOINT,
    POOL_TCB,
    POOL_UDP_ENDPOINT,
    POOL_TCP_PORT,
    POOL_UDP_PORT,
    POOL_SERVER_PORT, /* where applications listen */
    POOL_COUNT
};

/* What an image is for; several may be true. */
enum world_role {
    ROLE_CLIENT = 0x1,         /* connects */
    ROLE_SERVER = 0x2,         /* listens for connections */
    ROLE_RESOLVER = 0x4,       /* asks name servers */
    ROLE_DATAGRAM = 0x8,       /* serves many remotes with datagrams */
    ROLE_MULTICAST = 0x10,     /* listens to groups */
    ROLE_ONLY_LISTENER = 0x20, /* of a group of its own */
    ROLE_FOR_EVER = 0x40,      /* does not end during the trace */
    ROLE_BRIEF = 0x80          /* does a few things and ends */
};

struct world_program {
    const char *name;   /* of the file */
    const char *folder; /* in \Device\HarddiskVolume3\ */
    unsigned roles, session;
};

struct world_process {
    struct world *world;
    struct world_process *next, *previous; /* in the list of all that are not freed */
    const struct world_program *program;
    uint32_t pid, parent;
    uint64_t key; /* EPROCESS */
    uint64_t sequence;
    int64_t created;  /* before 0: before the trace */
    bool is_retiring; /* opens nothing more */
    bool is_ending;   /* its end is planned */
    bool has_ended;
    unsigned sockets;    /* open ones */
    unsigned references; /* of sockets and connections, and 1 while it lives */
    unsigned jobs;       /* connections it opens before it ends; 0: no such limit */
    int64_t busy[WORLD_THREADS];
};

/* Whose a packet is. */
struct world_truth {
    const struct world_process *owner; /* NULL: nobody; only looked at while it is written down */
    const char *reason;                /* NULL with an owner */
    const char *kind;
    uint32_t candidates[WORLD_CANDIDATES];
    unsigned candidate_count;
};

struct world_tuple {
    struct world_address local, remote;
    int64_t closed_at;
};

struct world_connection;
struct world_listener;
struct world_socket;

struct world {
    struct world_options options;
    unsigned build, pointer_size;
    bool failed;
    struct world_chance chance;
    int64_t now;
    int64_t length; /* about, of the trace */

    struct etl_options form;
    struct etl_writer *writer;     /* owned */
    FILE *truth;                   /* borrowed */
    struct world_layouts *layouts; /* owned */
    struct world_queue actions, records;
    int64_t last_ticks;
    uint64_t record_count;
    uint64_t packets; /* written */
    bool is_over;     /* the last packet is written */
    uint32_t lost;
    struct byte_block payload, record, frame;
    int64_t cpu_busy[WORLD_CPUS];
    uint64_t frame_number; /* IP ids */

    struct world_pool pools[POOL_COUNT];
    struct world_process **processes; /* live ones, owned; the first is System */
    size_t process_count, process_capacity;
    struct world_process *all_processes; /* those as well that ended and are still referred to */
    unsigned processes_started;
    uint64_t process_sequence;

    struct world_connection **connections; /* owned */
    size_t connection_count, connection_capacity;
    unsigned connections_started;
    struct world_listener **listeners; /* owned */
    size_t listener_count, listener_capacity;
    struct world_socket **sockets; /* owned, datagrams */
    size_t socket_count, socket_capacity;
    /* Tuples of ended connections: of ours as client, and of others to our listeners. */
    struct world_tuple recent[2][WORLD_RECENT];
    unsigned recent_count[2];
};

/* Lets `run` be called with the object at `at`, or now when that has passed. */
void world_plan(struct world *world, int64_t at, void (*run)(void *object), void *object);

#endif
