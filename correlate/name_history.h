/* SPDX-License-Identifier: MIT */
/*
 * name_history.h - host names that were resolved in the trace, and the addresses they
 * stood for.
 */
#ifndef CORRELATE_NAME_HISTORY_H
#define CORRELATE_NAME_HISTORY_H

#include <stddef.h>
#include <stdint.h>

#include "etw/base/error.h"
#include "etw/event.h"

struct corr_name {
    uint8_t address[16];
    uint8_t size;     /* 4 or 16 */
    const char *name; /* UTF-8, owned by the table */
    int64_t time;     /* of the first answer that said so */
};

#define CORR_NAMES_MAXIMUM 65536

struct corr_name_history;

enum etw_status corr_name_history_new(struct corr_name_history **out, struct etw_error *error);
void corr_name_history_free(struct corr_name_history *names);
/* Takes ETW_EVENT_NAME; ignores the rest and failed answers. */
enum etw_status corr_name_history_learn(struct corr_name_history *names,
                                        const struct etw_event *event, struct etw_error *error);
/* In order of first appearance; each (address, name) once. */
size_t corr_name_history_list(const struct corr_name_history *names, const struct corr_name **rows);
/* The name last resolved to this address before `time`: by the process `pid` if it did so lately,
 * since several hosts may share an address; else by anybody. 0: any process. NULL: none. */
const char *corr_name_history_find(const struct corr_name_history *names, const uint8_t *address,
                                   uint8_t size, uint32_t pid, int64_t time);

#endif
