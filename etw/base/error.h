/* SPDX-License-Identifier: MIT */
/*
 * error.h - what can stop the work, said once, where it is known.
 *
 * Damage inside a trace is not an error (see findings.h): an error means that
 * reading or writing cannot go on at all.
 */
#ifndef ETW_BASE_ERROR_H
#define ETW_BASE_ERROR_H

#include <stdint.h>

#if defined(__MINGW32__)
#define ETW_PRINTF(text, first) __attribute__((format(gnu_printf, text, first)))
#elif defined(__GNUC__)
#define ETW_PRINTF(text, first) __attribute__((format(printf, text, first)))
#else
#define ETW_PRINTF(text, first)
#endif

/* Negative: failed. 0: done. Positive: an orderly end. */
enum etw_status {
    ETW_OK = 0,
    ETW_END = 1,
    ETW_ERR_INPUT = -1,       /* the input cannot be opened or read */
    ETW_ERR_NOT_ETL = -2,     /* the input is something else */
    ETW_ERR_UNSUPPORTED = -3, /* an ETL of a kind this build does not read */
    ETW_ERR_OUTPUT = -4,      /* the output cannot be opened or written */
    ETW_ERR_EXISTS = -5,      /* the output exists and may not be replaced */
    ETW_ERR_CLOSED = -6,      /* the reader of the output pipe has gone */
    ETW_ERR_MEMORY = -7,      /* no memory */
    ETW_ERR_LIMIT = -8,       /* a documented limit was reached */
};

#define ETW_NO_OFFSET UINT64_MAX

/* Bytes: room for a path of the 4,096 that Linux allows and for what is said of it. */
#define ETW_ERROR_TEXT_SIZE 4608

/* Needs no allocation, so that it also works when memory ran out. */
struct etw_error {
    enum etw_status status;
    uint64_t offset; /* in the input file; ETW_NO_OFFSET: no place in it */
    /* What is wrong and what to do, UTF-8, no full stop; cut between characters if it must be. */
    char text[ETW_ERROR_TEXT_SIZE];
};

/* Fills `error` (may be NULL) and returns `status`, so that a failing function
 * ends with: return etw_fail(error, ETW_ERR_..., offset, "..."); */
enum etw_status etw_fail(struct etw_error *error, enum etw_status status, uint64_t offset,
                         const char *format, ...) ETW_PRINTF(4, 5);

/* Puts the file that it is about (may be NULL) before the text of an error, unless the text names
 * it itself; returns `status`. */
enum etw_status etw_fail_about(struct etw_error *error, const char *path, enum etw_status status);

/* The common case: there is no memory for `what`. */
enum etw_status etw_fail_memory(struct etw_error *error, const char *what);

#endif
