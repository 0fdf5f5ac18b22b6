/* SPDX-License-Identifier: MIT */
#include "cli/converted_messages.h"

#include <stdlib.h>
#include <string.h>

#include "cli/filter_options.h"
#include "correlate/http.h"
#include "correlate/smb_askers.h"
#include "correlate/smb_events.h"
#include "correlate/smb_packet.h"

/* A message that has its place among the rows. */
struct message_row {
    struct cli_waiting_row base;
    struct message_row *next_open; /* of those whose end has not come */
    uint64_t number;
    bool is_open;
    bool is_placed; /* its turn came while it was open: the file keeps its place */
    bool is_wanted;
    struct corr_smb_bytes bytes; /* without `data` */
    struct corr_packet packet;   /* `data` is owned */
    struct corr_behalf behalf;   /* that packet.behalf points to */
    uint8_t *data;
};

struct cli_converted_messages {
    struct cli_message_sources from;
    struct cli_waiting_rows *rows;  /* borrowed */
    struct corr_smb_events *events; /* owned */
    struct corr_smb_askers *askers; /* owned; NULL: not wanted */
    struct message_row *open;       /* owned as far as they are placed */
    struct cli_message_counts counts;
    /* of the sink of messages, which can only say that it failed */
    enum etw_status status;
    struct etw_error error;
};

/* ---- rows ---- */

static void free_message(struct message_row *row)
{
    free(row->data);
    free(row);
}

static void free_row(struct cli_waiting_row *base)
{
    free_message((struct message_row *)base);
}

static enum etw_status write_message(struct cli_converted_messages *messages,
                                     const struct message_row *row, struct etw_error *error)
{
    const struct out_pcapng_message message = {
        .bytes = &row->bytes, .packet = &row->packet, .place = row->is_placed ? row->number : 0};
    if (row->is_wanted) {
        return out_pcapng_set_message(messages->from.set, &message, error);
    }
    return row->is_placed ? out_pcapng_set_leave_place(messages->from.set, row->number, error)
                          : ETW_OK;
}

static enum etw_status write_row(struct cli_waiting_row *base, struct etw_error *error)
{
    struct message_row *row = (struct message_row *)base;
    struct cli_converted_messages *messages = base->context;
    if (row->is_open) {
        row->is_placed = true;
        return out_pcapng_set_keep_place(messages->from.set, row->number, error);
    }
    enum etw_status status = write_message(messages, row, error);
    free_message(row);
    return status;
}

static const struct cli_waiting_kind message_kind = {write_row, free_row};

static struct message_row *make_row(struct cli_converted_messages *messages,
                                    const struct corr_smb_bytes *bytes)
{
    struct message_row *row = calloc(1, sizeof(*row));
    if (row) {
        row->base = (struct cli_waiting_row){
            .kind = &message_kind, .context = messages, .time = bytes->time, .size = sizeof(*row)};
        row->number = bytes->number;
        row->is_open = true;
    }
    return row;
}

static struct message_row *find_open(const struct cli_converted_messages *messages, uint64_t number)
{
    struct message_row *row = messages->open;
    while (row && row->number != number) {
        row = row->next_open;
    }
    return row;
}

static void remove_open(struct cli_converted_messages *messages, const struct message_row *row)
{
    struct message_row **at = &messages->open;
    while (*at != row) {
        at = &(*at)->next_open;
    }
    *at = row->next_open;
}

/* ---- messages ---- */

static bool is_wanted(const struct cli_converted_messages *messages,
                      const struct corr_smb_bytes *bytes, const struct corr_packet *packet)
{
    const struct cli_filter *filter = messages->from.filter;
    return !filter || cli_filter_matches_message(filter, packet, bytes->source);
}

/* Bytes behind what Wireshark reads of a packet are not kept. */
static bool fill_row(struct message_row *row, const struct corr_smb_bytes *bytes,
                     const struct corr_packet *packet)
{
    uint32_t kept = packet->captured < OUT_PCAPNG_CAPTURED_MAXIMUM ? packet->captured
                                                                   : OUT_PCAPNG_CAPTURED_MAXIMUM;
    row->data = malloc(kept ? kept : 1);
    if (!row->data) {
        return false;
    }
    memcpy(row->data, packet->data, kept);
    row->bytes = *bytes;
    row->bytes.data = bytes_of(row->data, kept);
    row->packet = *packet;
    row->packet.original =
        packet->original > packet->captured ? packet->original : packet->captured;
    row->packet.captured = kept;
    row->packet.data = row->data;
    if (packet->behalf) {
        row->behalf = *packet->behalf;
        row->packet.behalf = &row->behalf;
    }
    return true;
}

static void count_message(struct cli_message_counts *counts, const struct corr_smb_bytes *bytes,
                          bool is_wanted)
{
    counts->found++;
    counts->unreadable += !bytes->is_readable;
    counts->unmatched += bytes->is_readable && !is_wanted;
    counts->written += is_wanted;
    counts->cut += is_wanted && bytes->is_cut;
    counts->too_long += is_wanted && bytes->data.size > OUT_PCAPNG_MESSAGE_MAXIMUM;
}

static enum etw_status add_row(struct cli_converted_messages *messages, struct message_row *row,
                               struct etw_error *error)
{
    row->is_open = false;
    row->base.size += row->bytes.data.size;
    return cli_waiting_rows_add(messages->rows, &row->base, error);
}

static enum etw_status end_row(struct cli_converted_messages *messages, struct message_row *row,
                               struct etw_error *error)
{
    remove_open(messages, row);
    row->is_open = false;
    if (row->is_placed) {
        enum etw_status status = write_message(messages, row, error);
        free_message(row);
        return status;
    }
    return cli_waiting_rows_grow(messages->rows, &row->base, row->bytes.data.size, error);
}

/* The beginning of a message in fragments: its place. */
static enum etw_status begin_message(struct cli_converted_messages *messages,
                                     const struct corr_smb_bytes *bytes, struct etw_error *error)
{
    struct message_row *row = make_row(messages, bytes);
    if (!row) {
        return etw_fail_memory(error, "SMB messages");
    }
    row->next_open = messages->open;
    messages->open = row;
    return cli_waiting_rows_add(messages->rows, &row->base, error);
}

static enum etw_status end_message(struct cli_converted_messages *messages,
                                   const struct corr_smb_bytes *bytes, struct etw_error *error)
{
    struct corr_packet packet;
    corr_smb_packet_of(messages->from.reading->ledger, bytes, &packet);
    enum etw_status status = ETW_OK;
    if (messages->askers) {
        status = corr_smb_askers_bytes(messages->askers, bytes, &packet.behalf, error);
    }
    bool is_taken = bytes->is_readable && is_wanted(messages, bytes, &packet);
    count_message(&messages->counts, bytes, is_taken);
    struct message_row *row = find_open(messages, bytes->number);
    bool is_new = !row;
    if (status || (is_new && !is_taken)) {
        return status;
    }
    row = row ? row : make_row(messages, bytes);
    if (!row || (is_taken && !fill_row(row, bytes, &packet))) {
        if (is_new) {
            free(row);
        }
        return etw_fail_memory(error, "SMB messages");
    }
    row->is_wanted = is_taken;
    return is_new ? add_row(messages, row, error) : end_row(messages, row, error);
}

static bool take_bytes(void *context, const struct corr_smb_bytes *bytes, bool is_whole)
{
    struct cli_converted_messages *messages = context;
    messages->status = is_whole ? end_message(messages, bytes, &messages->error)
                                : begin_message(messages, bytes, &messages->error);
    return messages->status == ETW_OK;
}

/* ---- the whole ---- */

enum etw_status cli_converted_messages_new(const struct cli_message_sources *sources,
                                           struct cli_waiting_rows *rows,
                                           struct cli_converted_messages **out,
                                           struct etw_error *error)
{
    struct cli_converted_messages *messages = calloc(1, sizeof(*messages));
    if (!messages) {
        return etw_fail_memory(error, "SMB messages");
    }
    const struct corr_smb_event_sinks sinks = {.bytes = take_bytes, .context = messages};
    const struct corr_ledger *ledger = sources->reading->ledger;
    messages->from = *sources;
    messages->rows = rows;
    enum etw_status status = corr_smb_events_new(ledger, &sinks, &messages->events, error);
    if (!status && sources->with_askers) {
        status = corr_smb_askers_new(ledger, &messages->askers, error);
    }
    if (status) {
        cli_converted_messages_free(messages);
        return status;
    }
    *out = messages;
    return ETW_OK;
}

void cli_converted_messages_free(struct cli_converted_messages *messages)
{
    if (!messages) {
        return;
    }
    while (messages->open) {
        struct message_row *row = messages->open;
        messages->open = row->next_open;
        if (row->is_placed) {
            free_message(row);
        }
    }
    corr_smb_events_free(messages->events);
    corr_smb_askers_free(messages->askers);
    free(messages);
}

/* Why the sink refused, where it did. */
static enum etw_status status_of(const struct cli_converted_messages *messages,
                                 enum etw_status status, struct etw_error *error)
{
    if (messages->status) {
        *error = messages->error;
        return messages->status;
    }
    return status;
}

enum etw_status cli_converted_messages_add(struct cli_converted_messages *messages,
                                           const struct etw_event *event, struct etw_error *error)
{
    enum etw_status status = ETW_OK;
    if (messages->askers) {
        status = corr_smb_askers_event(messages->askers, event, error);
    }
    if (!status) {
        status = corr_smb_events_feed(messages->events, event, error);
    }
    return status_of(messages, status, error);
}

enum etw_status cli_converted_messages_finish(struct cli_converted_messages *messages,
                                              struct etw_error *error)
{
    return status_of(messages, corr_smb_events_finish(messages->events, error), error);
}

struct cli_message_counts
cli_converted_messages_counts(const struct cli_converted_messages *messages)
{
    struct cli_message_counts counts = messages->counts;
    struct corr_smb_event_counts of_events;
    corr_smb_events_get_counts(messages->events, &of_events);
    counts.lost = of_events.lost;
    return counts;
}
