/* SPDX-License-Identifier: MIT */
#include "cli/converted_events.h"

#include <stdlib.h>
#include <string.h>

#include "pcapout/event_fields.h"
#include "pcapout/event_sentences.h"

#define MESSAGE_MAXIMUM 16384

/* An event that waits, with everything it points to behind it. */
struct waiting {
    struct cli_waiting_row base;
    struct etw_record record;
    uint32_t process;
    const char *message, *provider;
    uint8_t guid[16];
    uint8_t bytes[]; /* payload, message, provider */
};

struct cli_converted_events {
    struct cli_reading *reading;   /* borrowed */
    struct out_pcapng_set *set;    /* borrowed */
    struct cli_waiting_rows *rows; /* borrowed */
    enum cli_events which;
    struct out_fields fields;
    struct text message;
    uint64_t written;
};

enum etw_status cli_converted_events_new(struct cli_reading *reading, struct out_pcapng_set *set,
                                         enum cli_events which, struct cli_waiting_rows *rows,
                                         struct cli_converted_events **out, struct etw_error *error)
{
    struct cli_converted_events *events = calloc(1, sizeof(*events));
    if (!events) {
        return etw_fail_memory(error, "the events");
    }
    events->reading = reading;
    events->set = set;
    events->which = which;
    events->rows = rows;
    events->message.maximum = MESSAGE_MAXIMUM;
    out_fields_init(&events->fields, OUT_FIELDS_WORDS);
    *out = events;
    return ETW_OK;
}

void cli_converted_events_free(struct cli_converted_events *events)
{
    if (!events) {
        return;
    }
    out_fields_done(&events->fields);
    text_done(&events->message);
    free(events);
}

uint64_t cli_converted_events_count(const struct cli_converted_events *events)
{
    return events->written;
}

/* ---- what an event says ---- */

static bool is_bound(const struct etw_event *event)
{
    return event->kind == ETW_EVENT_SOCKET || event->kind == ETW_EVENT_PROCESS;
}

/* The sentence, else the name of the event and its fields. */
static bool fill_message(struct cli_converted_events *events, const struct etw_event *event,
                         const char **provider)
{
    struct etw_fields_result result;
    struct text *message = &events->message;
    out_fields_clear(&events->fields);
    etw_trace_read_fields(events->reading->trace, event->record, &events->fields.visitor, &result);
    *provider = result.provider_name ? result.provider_name : "unknown provider";
    text_clear(message);
    message->failed = false;
    if (out_event_sentence(event, message)) {
        return true;
    }
    if (result.decoded == ETW_DECODED_NOT) {
        return false;
    }
    text_add(message, result.event_name ? result.event_name : "event");
    if (out_fields_finish(&events->fields) && events->fields.text.size > 0) {
        text_add(message, " ");
        text_add(message, text_get(&events->fields.text));
    }
    return true;
}

/* The process that the payload names. */
static uint32_t process_of(const struct cli_converted_events *events, const struct etw_event *event)
{
    const struct corr_ledger *ledger = events->reading->ledger;
    if (!ledger || event->kind != ETW_EVENT_SOCKET || (event->u.socket.has & ETW_HAS_PID) == 0) {
        return CORR_NO_ROW;
    }
    return corr_processes_find(corr_ledger_processes(ledger), event->u.socket.pid,
                               event->u.socket.start_key, event->record->time);
}

/* ---- waiting ---- */

static uint8_t *put(uint8_t *to, const void *bytes, size_t size)
{
    if (size > 0) {
        memcpy(to, bytes, size);
    }
    return to + size;
}

static void free_row(struct cli_waiting_row *row)
{
    free(row);
}

static enum etw_status write_row(struct cli_waiting_row *row, struct etw_error *error)
{
    struct cli_converted_events *events = row->context;
    const struct waiting *waiting = (const struct waiting *)row;
    const struct out_pcapng_event event = {.record = &waiting->record,
                                           .message = waiting->message,
                                           .provider = waiting->provider,
                                           .process = waiting->process};
    enum etw_status status = out_pcapng_set_event(events->set, &event, error);
    events->written++;
    free_row(row);
    return status;
}

static const struct cli_waiting_kind event_kind = {write_row, free_row};

static enum etw_status keep(struct cli_converted_events *events, const struct etw_event *event,
                            const char *provider, struct etw_error *error)
{
    const struct etw_record *record = event->record;
    const char *message = text_get(&events->message);
    size_t message_size = strlen(message) + 1;
    size_t provider_size = strlen(provider) + 1;
    size_t size = sizeof(struct waiting) + record->payload.size + message_size + provider_size;
    struct waiting *waiting = malloc(size);
    if (!waiting) {
        return etw_fail_memory(error, "the events");
    }
    waiting->base = (struct cli_waiting_row){
        .kind = &event_kind, .context = events, .time = record->time, .size = size};
    waiting->process = process_of(events, event);
    waiting->record = *record;
    if (record->provider) {
        memcpy(waiting->guid, record->provider, sizeof(waiting->guid));
        waiting->record.provider = waiting->guid;
    }
    uint8_t *at = put(waiting->bytes, record->payload.data, record->payload.size);
    waiting->record.payload = bytes_of(waiting->bytes, record->payload.size);
    waiting->record.extended = bytes_of(waiting->bytes, 0);
    waiting->message = (const char *)at;
    at = put(at, message, message_size);
    waiting->provider = (const char *)at;
    (void)put(at, provider, provider_size);
    return cli_waiting_rows_add(events->rows, &waiting->base, error);
}

enum etw_status cli_converted_events_add(struct cli_converted_events *events,
                                         const struct etw_event *event, struct etw_error *error)
{
    const char *provider = NULL;
    bool is_taken = event->kind != ETW_EVENT_PACKET &&
                    (is_bound(event) || events->which == CLI_EVENTS_ALL) &&
                    fill_message(events, event, &provider);
    return is_taken ? keep(events, event, provider, error) : ETW_OK;
}
