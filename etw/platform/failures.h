/* SPDX-License-Identifier: MIT */
/*
 * failures.h - what is said when a file cannot be read or written, in the same words on every
 * system. `why` is the system's reason, as its error_text.h words it. All of them fill `error` and
 * return its status. Inside etw/platform only.
 */
#ifndef ETW_PLATFORM_FAILURES_H
#define ETW_PLATFORM_FAILURES_H

#include "etw/base/error.h"

/* ---- files to read ---- */
enum etw_status fail_open_input(const char *path, const char *why, struct etw_error *error);
enum etw_status fail_directory(const char *path, struct etw_error *error);
/* A pipe or device. */
enum etw_status fail_no_file(const char *path, struct etw_error *error);
enum etw_status fail_read(uint64_t offset, const char *why, struct etw_error *error);

/* ---- files to write ---- */
enum etw_status fail_open_output(const char *path, const char *why, struct etw_error *error);
/* `why` NULL: the folder that it is to stand in does not exist. */
enum etw_status fail_create(const char *path, const char *why, struct etw_error *error);
enum etw_status fail_exists(const char *path, struct etw_error *error);
enum etw_status fail_folder(const char *path, struct etw_error *error);
enum etw_status fail_no_name(const char *path, struct etw_error *error);
enum etw_status fail_output_memory(struct etw_error *error);
/* Binary data for people to look at. */
enum etw_status fail_terminal(struct etw_error *error);
/* `path` NULL: standard output. `why` NULL: the reader of the pipe has gone. */
enum etw_status fail_write(const char *path, const char *why, struct etw_error *error);

#endif
