/* SPDX-License-Identifier: MIT */
/*
 * platform.h - everything this program wants from an operating system. No other
 * file includes a header of one. Paths and arguments are UTF-8.
 */
#ifndef ETW_PLATFORM_PLATFORM_H
#define ETW_PLATFORM_PLATFORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "etw/base/error.h"

/* ---- files to read ---- */

struct platform_file;

/* Opens a regular file for reading at any place. Directories, pipes and
 * devices are refused, because a trace is read more than once. */
enum etw_status platform_file_open(const char *path, struct platform_file **out,
                                   struct etw_error *error);
uint64_t platform_file_size(const struct platform_file *file);
/* Reads up to `size` bytes at `offset`; fewer only at the end of the file.
 * Safe from several threads at once. */
enum etw_status platform_file_read(const struct platform_file *file, uint64_t offset, void *to,
                                   size_t size, size_t *got, struct etw_error *error);
void platform_file_close(struct platform_file *file);

/* ---- files to write ---- */

struct platform_output;

/* True when something stands there that is no regular file: a folder, a pipe, a device. */
bool platform_is_special(const char *path);

/*
 * Opens `path` for writing; "-" is standard output. A regular file is written
 * under a temporary name beside it and appears under its own name only by
 * platform_output_commit(); if it exists and `replace` is false: ETW_ERR_EXISTS.
 * Pipes and devices are written directly. Binary data to a terminal is refused
 * when `is_binary`. An interrupt (Ctrl-C) removes the temporary file.
 */
enum etw_status platform_output_open(const char *path, bool replace, bool is_binary,
                                     struct platform_output **out, struct etw_error *error);
/* ETW_ERR_CLOSED when the reader of a pipe has gone. */
enum etw_status platform_output_write(struct platform_output *output, const void *data, size_t size,
                                      struct etw_error *error);
/* Renames to the final name and closes; `output` is gone in every case. */
enum etw_status platform_output_commit(struct platform_output *output, struct etw_error *error);
/* Removes the temporary file, if there is one, and closes. NULL is allowed. */
void platform_output_abort(struct platform_output *output);

/* ---- threads ---- */

struct platform_thread;
typedef void platform_thread_function(void *argument);
/* False: no thread could be had; nothing was started. */
bool platform_thread_start(platform_thread_function *function, void *argument,
                           struct platform_thread **out);
/* Waits for the end and frees. */
void platform_thread_join(struct platform_thread *thread);

/* A mutex with one condition: enough for queues between two threads. */
struct platform_monitor;
struct platform_monitor *platform_monitor_new(void); /* NULL: no memory */
void platform_monitor_free(struct platform_monitor *monitor);
void platform_monitor_lock(struct platform_monitor *monitor);
void platform_monitor_unlock(struct platform_monitor *monitor);
/* Call locked; wakes by platform_monitor_wake() or for no reason. */
void platform_monitor_wait(struct platform_monitor *monitor);
void platform_monitor_wake(struct platform_monitor *monitor);

/* ---- the terminal and the process ---- */

enum platform_stream { PLATFORM_STDOUT, PLATFORM_STDERR };
bool platform_is_terminal(enum platform_stream stream);
/* A terminal that follows the sequences of ECMA-48 for colours. */
bool platform_shows_colours(enum platform_stream stream);
/* Columns of the terminal behind `stream`, else the variable COLUMNS, else 0. */
int platform_terminal_width(enum platform_stream stream);
/* Called first in main: UTF-8 arguments, binary streams, closed pipes as errors, a console that
 * shows UTF-8 and colours. */
void platform_prepare(int *argc, char ***argv);

/* False: enough. */
typedef bool platform_name_function(void *context, const char *name);
/*
 * Calls `found` for each file that a word of the command line means: for the word itself, or
 * on Windows, where no shell does it, for the files that fit it when its last part has * or ?,
 * in order of their names; the word itself when there are none. False: `found` returned false,
 * or there is no memory.
 */
bool platform_expand(const char *word, platform_name_function *found, void *context);

/* Seconds of a clock that never goes back. */
double platform_seconds(void);
/* Largest resident size of this process so far, in bytes; 0 if unknown. */
uint64_t platform_peak_memory(void);

#endif
