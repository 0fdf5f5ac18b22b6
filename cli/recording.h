/* SPDX-License-Identifier: MIT */
/*
 * recording.h - the command that records what a trace lacks, for the Windows that recorded
 * it. It is for a command prompt with administrator rights.
 *
 * To add something that can be recorded: a need here and a row in recording.c; the syntax
 * that the commands are checked against stands in tests/unit/test_recording.c.
 */
#ifndef CLI_RECORDING_H
#define CLI_RECORDING_H

#include <stdint.h>

struct text;

/* What the new trace has to hold, besides packets. */
enum cli_need {
    CLI_NEED_SOCKETS = 0x1,    /* TCPIP and Winsock-AFD */
    CLI_NEED_PROCESSES = 0x2,  /* Kernel-Process */
    CLI_NEED_HOSTS = 0x4,      /* DNS-Client */
    CLI_NEED_SMB = 0x8,        /* SMBClient and SMBServer */
    CLI_NEED_NO_FILTERS = 0x10 /* filters that are set have to go first */
};

enum cli_recorder { CLI_RECORDER_NETSH, CLI_RECORDER_PKTMON };

struct cli_recording {
    unsigned needs;             /* enum cli_need */
    enum cli_recorder recorder; /* the wanted one; netsh where it cannot record all of it */
    uint32_t os_build;          /* 0: not known, the newest is assumed */
    uint32_t file_size;         /* MB; 0: the recorder's usual size */
};

/* Appends the command; nothing for a Windows that has no such recorder (before Windows 7). */
void cli_recording_add_command(const struct cli_recording *recording, struct text *to);
/* Appends the command that ends a recording: that of the recorder, or of a session with this
 * name. A name that a command prompt could take as something else gives none; NULL: the
 * recorder's own session. */
void cli_recording_add_stop(enum cli_recorder recorder, const char *session_name, struct text *to);

#endif
