/* SPDX-License-Identifier: MIT */
/*
 * http_notes.h - requests and responses as they are logged, with the socket that carries
 * them: a second pass over the events of a finished ledger, from its first one on.
 *
 *     corr_http_notes_new(ledger, &notes, &error);
 *     for every event in time order: corr_http_notes_take(notes, &event, &note, &error);
 *     corr_http_notes_free(notes);
 */
#ifndef CORRELATE_HTTP_NOTES_H
#define CORRELATE_HTTP_NOTES_H

#include <stdbool.h>

#include "correlate/ledger.h"

struct corr_http_note {
    uint32_t socket; /* row of the ledger; CORR_NO_ROW: the event has nothing to tell */
    bool has_request, has_response; /* a response may bring its request along */
    bool is_server;
    uint32_t status;    /* of the response; 0: not known */
    uint32_t process;   /* row of the process that answered; CORR_NO_ROW: not known, or the owner */
    uint8_t confidence; /* enum corr_confidence of it */
    /* Borrowed until the next event; "" when not known. */
    const char *request; /* "GET /path" */
    const char *host;
};

struct corr_http_notes;

/* `ledger` is borrowed. */
enum etw_status corr_http_notes_new(const struct corr_ledger *ledger, struct corr_http_notes **out,
                                    struct etw_error *error);
void corr_http_notes_free(struct corr_http_notes *notes); /* NULL is allowed */
enum etw_status corr_http_notes_take(struct corr_http_notes *notes, const struct etw_event *event,
                                     struct corr_http_note *note, struct etw_error *error);

#endif
