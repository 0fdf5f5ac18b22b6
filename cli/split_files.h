/* SPDX-License-Identifier: MIT */
/*
 * split_files.h - the files of 'convert --split': OUT.pcapng becomes OUT-ethernet.pcapng,
 * OUT-wifi.pcapng and so on, as packets need them.
 */
#ifndef CLI_SPLIT_FILES_H
#define CLI_SPLIT_FILES_H

#include <stddef.h>

#include "etw/base/error.h"
#include "etw/base/text.h"

struct cli_arguments;
struct out_file;

/* Kinds of packets, and events. */
#define CLI_SPLIT_MAXIMUM 8

struct cli_split_files {
    const struct cli_arguments *arguments; /* borrowed */
    const char *path;                      /* borrowed; that of -o */
    struct out_file *files[CLI_SPLIT_MAXIMUM];
    struct text names[CLI_SPLIT_MAXIMUM];
    size_t count;
};

/* Refuses an output that no names can be made of: a pipe, a device. */
enum etw_status cli_split_files_check(const char *path, struct etw_error *error);

/* The name for a kind: the kind stands before the extension, also before both of .pcapng.gz. */
void cli_split_name(const char *path, const char *kind, struct text *out);

/* An out_pcapng_open; `context` is the struct. */
enum etw_status cli_split_files_open(void *context, const char *kind, struct out_file **out,
                                     struct etw_error *error);
/* Gives all files their names; those before one that fails stay, those behind it go. */
enum etw_status cli_split_files_commit(struct cli_split_files *split, struct etw_error *error);
/* Removes what was not committed. */
void cli_split_files_done(struct cli_split_files *split);

#endif
