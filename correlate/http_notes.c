/* SPDX-License-Identifier: MIT */
#include "correlate/http_notes.h"

#include <stdlib.h>

#include "correlate/http_tracker.h"

struct corr_http_notes {
    const struct corr_ledger *ledger; /* borrowed */
    struct http_tracker *tracker;     /* owned */
};

enum etw_status corr_http_notes_new(const struct corr_ledger *ledger, struct corr_http_notes **out,
                                    struct etw_error *error)
{
    struct corr_http_notes *notes = calloc(1, sizeof(*notes));
    if (notes) {
        notes->ledger = ledger;
        notes->tracker = http_tracker_new();
    }
    if (!notes || !notes->tracker) {
        free(notes);
        return etw_fail_memory(error, "HTTP connections");
    }
    *out = notes;
    return ETW_OK;
}

void corr_http_notes_free(struct corr_http_notes *notes)
{
    if (notes) {
        http_tracker_free(notes->tracker);
        free(notes);
    }
}

static void fill_worker(const struct corr_http *http, uint32_t pid, struct corr_http_note *note)
{
    for (uint8_t i = 0; http && i < http->worker_count; i++) {
        if (http->workers[i].pid == pid) {
            note->process = http->workers[i].process;
            note->confidence = http->workers[i].confidence;
        }
    }
}

enum etw_status corr_http_notes_take(struct corr_http_notes *notes, const struct etw_event *event,
                                     struct corr_http_note *note, struct etw_error *error)
{
    struct http_told told;
    *note = (struct corr_http_note){.socket = CORR_NO_ROW, .process = CORR_NO_ROW};
    if (!http_tracker_take(notes->tracker, event, &told)) {
        return etw_fail_memory(error, "HTTP connections");
    }
    if (!told.has_request && !told.has_response) {
        return ETW_OK;
    }
    note->socket = corr_ledger_http_socket(notes->ledger, told.connection);
    note->has_request = told.has_request;
    note->has_response = told.has_response;
    note->is_server = told.is_server;
    note->status = told.status;
    note->request = told.texts->line;
    note->host = told.texts->host;
    if (told.is_server && told.has_response && note->socket != CORR_NO_ROW) {
        fill_worker(corr_ledger_http(notes->ledger, note->socket), told.pid, note);
    }
    return ETW_OK;
}
