/* SPDX-License-Identifier: MIT */
/*
 * world_events.h - events in the layout that the chosen Windows logs, by name.
 *
 *     struct world_burst burst;
 *     burst_in_process(&burst, world, process, thread, at);
 *     burst_set(&burst, VALUE_TCB, tcb);
 *     burst_log(&burst, EVENT_STATE, WITH({VALUE_OLD_STATE, 4}, {VALUE_NEW_STATE, 5}));
 *     burst_end(&burst);
 *
 * A burst is what one thread or one interrupt logs, on one CPU, a few microseconds apart.
 * Bursts of several CPUs mix in the trace.
 */
#ifndef SAMPLES_WRITER_WORLD_EVENTS_H
#define SAMPLES_WRITER_WORLD_EVENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "world_basics.h"

struct world;
struct world_process;

/* Rows of a table in world_events.c. */
enum world_event {
    EVENT_ENDPOINT_CREATED,
    EVENT_ENDPOINT_COMPLETE,
    EVENT_BOUND,
    EVENT_ENDPOINT_CLOSED,
    EVENT_CONNECT,
    EVENT_CONNECT_INSPECTED,
    EVENT_SYN,
    EVENT_CONNECT_PROCEEDING,
    EVENT_CONNECT_COMPLETE,
    EVENT_CONNECT_FAILED,
    EVENT_CONNECT_RESET,
    EVENT_CONNECT_AGAIN,
    EVENT_ACCEPTED,
    EVENT_STATE,
    EVENT_DISCONNECT,
    EVENT_DISCONNECTED,
    EVENT_CLOSE,
    EVENT_ABORT,
    EVENT_ABORTED,
    EVENT_SHUTDOWN,
    EVENT_RTO_TIMEOUT,
    EVENT_RESET_RECEIVED,
    EVENT_RESET_SENT,
    EVENT_TIMER_STARTED,
    EVENT_TIMER_EXPIRED,
    EVENT_RTT_STARTED,
    EVENT_RTT_CANCELLED,
    EVENT_ROUND,
    EVENT_ROUND_1351,
    EVENT_RETRANSMIT,
    EVENT_KEEP_ALIVE,
    EVENT_SEND_POSTED,
    EVENT_SENT,
    EVENT_SENT_1332,
    EVENT_RECEIVED,
    EVENT_CUMULATIVE_ACK,
    EVENT_CUMULATIVE_ACK_1330,
    EVENT_RECEIVE_REQUEST,
    EVENT_DELIVERY_INDICATED,
    EVENT_DELIVERY_SATISFIED,
    EVENT_DELIVERY_FIN,
    EVENT_LISTENER,
    EVENT_LISTENER_UNBOUND,
    EVENT_PORT,
    EVENT_PORT_WEAK,
    EVENT_PORT_RELEASED,
    EVENT_PORT_REPLACED,
    EVENT_SLOW_PATH,
    EVENT_DROP,
    EVENT_UDP_SENT,
    EVENT_UDP_RECEIVED,
    EVENT_UDP_CREATED,
    EVENT_UDP_BOUND,
    EVENT_UDP_CLOSED,
    EVENT_ADDRESS_RUNDOWN,
    EVENT_CONNECTION_RUNDOWN,
    EVENT_AFD_CREATE,
    EVENT_AFD_CLOSE,
    EVENT_AFD_CLEANUP,
    EVENT_AFD_SEND,
    EVENT_AFD_RECEIVE,
    EVENT_AFD_SEND_TO,
    EVENT_AFD_RECEIVE_FROM,
    EVENT_AFD_CONNECTED,
    EVENT_AFD_CONNECT,
    EVENT_AFD_ACCEPTED,
    EVENT_AFD_ACCEPT,
    EVENT_AFD_ACCEPT_EX,
    EVENT_AFD_BIND,
    EVENT_AFD_ABORT,
    EVENT_AFD_OPTION,
    EVENT_AFD_WAIT,
    EVENT_AFD_LISTEN,
    EVENT_AFD_CONNECT_INDICATION,
    EVENT_AFD_DATA_INDICATION,
    EVENT_AFD_DATAGRAM_INDICATION,
    EVENT_AFD_DISCONNECT,
    EVENT_PROCESS_START,
    EVENT_PROCESS_STOP,
    EVENT_PROCESS_RUNDOWN,
    EVENT_COUNT
};

/* Values of fields; which fields they fill is a table in world_events.c. */
enum world_value {
    VALUE_NONE,
    VALUE_LOCAL, /* address */
    VALUE_REMOTE,
    VALUE_ADDRESS, /* of the socket call */
    VALUE_IMAGE,   /* text */
    VALUE_TCB,
    VALUE_ENDPOINT, /* of TCPIP */
    VALUE_LISTENER,
    VALUE_AFD_ENDPOINT,
    VALUE_ACCEPT_ENDPOINT,
    VALUE_PROCESS, /* EPROCESS */
    VALUE_DELIVERY,
    VALUE_REQUEST,
    VALUE_BUFFER,
    VALUE_NBL,
    VALUE_ACQUIRER,
    VALUE_ORIGINAL_ACQUIRER,
    VALUE_PID,
    VALUE_START_KEY,
    VALUE_STATUS,
    VALUE_FAMILY,
    VALUE_OLD_STATE,
    VALUE_NEW_STATE,
    VALUE_SEND_NEXT,
    VALUE_SEND_UNACKNOWLEDGED,
    VALUE_RECEIVE_NEXT,
    VALUE_SEQUENCE,
    VALUE_BYTES,
    VALUE_ROUND,
    VALUE_WAIT,
    VALUE_PORT,
    VALUE_IS_WEAK,
    VALUE_ENTER_EXIT,
    VALUE_LOCATION,
    VALUE_SOCKET_TYPE,
    VALUE_PROTOCOL,
    VALUE_BUFFER_COUNT,
    VALUE_BUFFER_LENGTH,
    VALUE_BACKLOG,
    VALUE_OPTION,
    VALUE_OPTION_VALUE,
    VALUE_REASON,
    VALUE_COUNT_OF, /* messages, packets */
    VALUE_WINDOW,
    VALUE_CONGESTION_WINDOW,
    VALUE_COMPARTMENT,
    VALUE_INTERFACE,
    VALUE_ADDRESS_LENGTH,
    VALUE_SPEED,
    VALUE_IP_PROTOCOL,
    VALUE_PROCESS_SEQUENCE,
    VALUE_PARENT,
    VALUE_SESSION,
    VALUE_CREATE_TIME,
    VALUE_EXIT_TIME,
    VALUE_EXIT_CODE,
    VALUE_COUNT
};

/* TCP states as TCPIP numbers them. */
enum world_state_number {
    STATE_CLOSED,
    STATE_LISTEN,
    STATE_SYN_SENT,
    STATE_SYN_RECEIVED,
    STATE_ESTABLISHED,
    STATE_FIN_WAIT1,
    STATE_FIN_WAIT2,
    STATE_CLOSE_WAIT,
    STATE_CLOSING,
    STATE_LAST_ACK,
    STATE_TIME_WAIT
};

enum afd_phase { AFD_ENTER, AFD_EXIT, AFD_INDICATION = 3, AFD_OPTION };

#define STATUS_IO_TIMEOUT         0xC00000B5u
#define STATUS_CONNECTION_RESET   0xC000020Du
#define STATUS_CONNECTION_REFUSED 0xC0000236u
#define STATUS_CONNECTION_ABORTED 0xC0000241u

struct world_setting {
    enum world_value value;
    uint64_t number;
};
/* Settings that hold for one event. */
#define WITH(...) ((const struct world_setting[]){__VA_ARGS__, {VALUE_NONE, 0}})
/* Addresses and texts as the number of a setting; they must outlive the call. */
#define POINTED(pointer) ((uint64_t)(uintptr_t)(pointer))

struct world_burst {
    struct world *world;
    struct world_process *process; /* whose thread; NULL: an interrupt */
    unsigned thread;
    int64_t at; /* of the next event */
    uint16_t cpu;
    uint32_t pid, tid; /* of the record headers */
    uint64_t base[VALUE_COUNT];
};

/* A thread of the process logs, not before `at` and not while it or the CPU is busy. */
void burst_in_process(struct world_burst *burst, struct world *world, struct world_process *process,
                      unsigned thread, int64_t at);
/* An interrupt: whatever process was running stands in the headers. */
void burst_interrupt(struct world_burst *burst, struct world *world, unsigned cpu, int64_t at);
/* Returns when it was over. */
int64_t burst_end(struct world_burst *burst);
/* The time of the next event; it passes. */
int64_t burst_tick(struct world_burst *burst);
void burst_set(struct world_burst *burst, enum world_value value, uint64_t number);
void burst_set_owner(struct world_burst *burst, const struct world_process *owner);
/* Nothing happens when this Windows or the chosen events do not have it. NULL: no settings. */
void burst_log(struct world_burst *burst, enum world_event event,
               const struct world_setting *settings);

/* The layouts of this build. NULL: no memory. */
struct world_layouts *world_layouts_new(const struct world *world);
void world_layouts_free(struct world_layouts *layouts);

#endif
