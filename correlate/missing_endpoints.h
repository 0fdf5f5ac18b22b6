/* SPDX-License-Identifier: MIT */
/*
 * missing_endpoints.h - ends at which the stack said that nobody listens, and when:
 * what it answers to such packets belongs to no process.
 */
#ifndef CORRELATE_MISSING_ENDPOINTS_H
#define CORRELATE_MISSING_ENDPOINTS_H

#include <stdbool.h>
#include <stdint.h>

#include "correlate/sockets.h"
#include "etw/base/error.h"
#include "etw/event.h"

/* Repeated drops of one packet stay one period when they are not further apart. */
#define MISSING_ENDPOINTS_NEAR INT64_C(10000000) /* 1 s */
/* More periods than this are forgotten: a scan of every port from a few machines fits. */
#define MISSING_ENDPOINTS_MAXIMUM 262144

struct missing_endpoints;

enum etw_status missing_endpoints_new(struct missing_endpoints **out, struct etw_error *error);
void missing_endpoints_free(struct missing_endpoints *missing); /* NULL is allowed */

/* Takes ETW_EVENT_SOCKET that is_listener_missing, ignores the rest. In time order. */
enum etw_status missing_endpoints_learn(struct missing_endpoints *missing,
                                        const struct etw_event *event, struct etw_error *error);
void missing_endpoints_finish(struct missing_endpoints *missing);
/* Once finished: it was said within MISSING_ENDPOINTS_NEAR of `time`. Events that knew
 * no ports count for all. */
bool missing_endpoints_has(const struct missing_endpoints *missing, uint8_t protocol,
                           const struct corr_endpoint *local, const struct corr_endpoint *remote,
                           int64_t time);

#endif
