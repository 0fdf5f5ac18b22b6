/* SPDX-License-Identifier: MIT */
/*
 * exit_status.h - what the program tells the shell.
 */
#ifndef CLI_EXIT_STATUS_H
#define CLI_EXIT_STATUS_H

enum cli_exit {
    CLI_DONE = 0,
    CLI_FAILED = 1,  /* input not readable or not an ETL, output not writable or existing */
    CLI_USAGE = 2,   /* wrong usage */
    CLI_DAMAGED = 3, /* done, but bytes of the file were damaged and left out */
};

#endif
