/* SPDX-License-Identifier: MIT */
/*
 * http.h - what is known of the HTTP that a connection carries: the host, what was asked
 * for first, and, where the kernel answers for a server process, which process that is.
 */
#ifndef CORRELATE_HTTP_H
#define CORRELATE_HTTP_H

#include <stdint.h>

#include "correlate/evidence.h"
#include "correlate/processes.h"

/* Bytes of texts that are kept, with the closing zero; longer ones end in "...". */
#define CORR_HTTP_LINE  256
#define CORR_HTTP_HOST  128
#define CORR_HTTP_QUEUE 64

#define CORR_HTTP_WORKERS 4

/* Connections with HTTP that are kept, at most. */
#define CORR_HTTP_MAXIMUM 65536

/* A process on whose behalf the owner of a socket sends and receives. */
struct corr_behalf {
    uint32_t process; /* row of the processes */
    uint32_t pid;
    uint32_t answers;   /* requests that it answered */
    uint8_t confidence; /* enum corr_confidence: CORR_LIKELY by one event, CORR_STRONG by two */
    uint8_t rule;       /* enum corr_rule */
    uint64_t offset;    /* of the first record that says so */
};

/* Texts are UTF-8, "" when not known. */
struct corr_http {
    uint32_t socket;   /* row of the ledger */
    uint32_t requests; /* that the events tell of */
    uint32_t status;   /* of the first answer, 0: not known */
    uint8_t worker_count;
    const char *host;    /* "www.example.com", with its port when that is not the usual one */
    const char *request; /* the first: "GET /path" */
    const char *queue;   /* of the first request: the application pool of a server */
    struct corr_behalf workers[CORR_HTTP_WORKERS]; /* in order of their first answer */
};

/* The process that all answers came from; NULL: none is known, or there are several. */
static inline const struct corr_behalf *corr_http_behalf(const struct corr_http *http)
{
    return http && http->worker_count == 1 ? &http->workers[0] : NULL;
}

#endif
