/* SPDX-License-Identifier: MIT */
/*
 * status_codes.h - names of status codes: the tables behind etw_ntstatus_name() and
 * its sisters in etw/fields.h. A table each: the same number means different things.
 */
#ifndef ETW_STATUS_CODES_H
#define ETW_STATUS_CODES_H

#include <stddef.h>
#include <stdint.h>

struct status_code {
    uint32_t value;
    const char *name;
};

/* Ascending by value. */
extern const struct status_code ntstatus_codes[];
extern const size_t ntstatus_code_count;
extern const struct status_code win32_error_codes[];
extern const size_t win32_error_code_count;
extern const struct status_code hresult_codes[];
extern const size_t hresult_code_count;

struct winsock_code {
    uint32_t status; /* NTSTATUS */
    uint32_t number;
};

/* Ascending by status. */
extern const struct winsock_code winsock_codes[];
extern const size_t winsock_code_count;

#endif
