/* SPDX-License-Identifier: MIT */
/*
 * world.h - a large trace of a busy Windows host, and whose every packet is.
 *
 * Processes come and go, connect, listen and send datagrams; TCPIP, Winsock-AFD and the
 * kernel log what they do in the order in which Windows logs it. A schedule of future
 * actions drives everything, so memory grows with what is alive at a time and not with the
 * trace. The same options give the same bytes.
 *
 * The truth is one line of JSON for each packet, in time order:
 *
 *     {"frame":1,"pid":1504,"process":"web.exe","reason":null,"candidates":[],"kind":"tcp-data"}
 *
 * pid is null when nobody owns the packet, and `reason` says why; process is null as well when
 * the trace has no process records. `kind` is the situation, to group mistakes by. Who owns a
 * packet does not depend on the chosen events.
 */
#ifndef SAMPLES_WRITER_WORLD_H
#define SAMPLES_WRITER_WORLD_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum world_windows { WORLD_WIN7_32, WORLD_WIN7, WORLD_WIN10, WORLD_WIN11 };

/* Which events the trace has; packets and the rows of interfaces always. */
enum world_source {
    WORLD_TCPIP = 0x1,          /* with the rundown of connections and addresses */
    WORLD_AFD = 0x2,            /* Winsock */
    WORLD_KERNEL_NETWORK = 0x4, /* Microsoft-Windows-Kernel-Network */
    WORLD_PROCESS = 0x8,        /* Kernel-Process; of Windows 7 and of the kernel logger: classic */
    WORLD_RUNDOWN = 0x10,       /* of TCPIP the rundown alone */
    WORLD_KERNEL = 0x20         /* classic TcpIp and UdpIp of the kernel logger */
};

struct world_options {
    uint64_t packets, seed;
    unsigned connections, processes; /* about */
    uint16_t cpus;
    enum world_windows windows;
    unsigned sources; /* enum world_source */
    bool has_timers;  /* timers of connections instead of events for each segment */
    bool is_compressed;
    unsigned lost_per_10000; /* socket events that are left out */
    unsigned ipv6_percent;   /* of connections */
};

struct world_options world_options_default(void);
/* What stands behind the name of the trace. `truth` is set to the file of --truth. False: wrong
 * usage. */
bool world_options_parse(struct world_options *options, int count, char **arguments,
                         const char **truth);

/* Writes the trace; prints counts to `summary`. False: a file cannot be written, or no memory. */
bool world_make(const char *path, const struct world_options *options, FILE *truth, FILE *summary);

#endif
