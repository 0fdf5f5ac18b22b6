/* SPDX-License-Identifier: MIT */
#include "cli/timeline_smb.h"

#include <stdlib.h>

#include "cli/smb_filter.h"
#include "correlate/event_sockets.h"
#include "correlate/smb_events.h"
#include "correlate/smb_streams.h"
#include "pcapout/smb_rows.h"

struct cli_timeline_smb {
    struct cli_smb_wanted wanted;
    struct cli_smb_filter filter;
    struct corr_smb_operations *operations;
    struct corr_smb_streams *streams; /* NULL: no packet of SMB yet */
    struct corr_smb_events *events;   /* NULL: no event of SMB yet */
    const struct etw_event *event;    /* that is being read; NULL: a packet is */
    int64_t now;
    uint64_t steps;
    /* of the sink of conditions, which can only say that it failed */
    enum etw_status status;
    struct etw_error error;
};

static bool is_in_time(const struct cli_timeline_smb *smb, int64_t time)
{
    return time >= smb->wanted.from && time <= smb->wanted.to;
}

static enum etw_status take_news(void *context, const struct corr_smb_news *news,
                                 struct etw_error *error)
{
    struct cli_timeline_smb *smb = context;
    bool is_wanted = cli_smb_filter_takes(&smb->filter, news->operation);
    if (!is_wanted || !is_in_time(smb, news->message->time)) {
        return ETW_OK;
    }
    smb->steps++;
    return corr_timeline_smb(smb->wanted.timeline, smb->event, news, smb->now, error);
}

/* A sink of conditions: false when `smb` says why. */
static bool take_condition(void *context, const struct corr_smb_condition *condition)
{
    struct cli_timeline_smb *smb = context;
    if (is_in_time(smb, condition->time) &&
        cli_smb_filter_takes_condition(&smb->filter, condition)) {
        smb->steps++;
        smb->status = corr_timeline_smb_condition(smb->wanted.timeline, smb->event, condition,
                                                  smb->operations, &smb->error);
    }
    return smb->status == ETW_OK;
}

enum etw_status cli_timeline_smb_new(const struct cli_smb_wanted *wanted,
                                     struct cli_timeline_smb **out, struct etw_error *error)
{
    struct cli_timeline_smb *smb = calloc(1, sizeof(*smb));
    if (!smb) {
        return etw_fail_memory(error, "the SMB messages");
    }
    smb->wanted = *wanted;
    smb->now = INT64_MIN;
    enum etw_status status =
        cli_smb_filter_init(&smb->filter, wanted->filter, wanted->ledger, error);
    if (!status) {
        status = corr_smb_operations_new(NULL, NULL, &smb->operations, error);
    }
    if (status) {
        cli_timeline_smb_free(smb);
        return status;
    }
    corr_smb_operations_set_news(smb->operations, take_news, smb);
    *out = smb;
    return ETW_OK;
}

void cli_timeline_smb_free(struct cli_timeline_smb *smb)
{
    if (smb) {
        corr_smb_streams_free(smb->streams);
        corr_smb_events_free(smb->events);
        corr_smb_operations_free(smb->operations);
        cli_smb_filter_done(&smb->filter);
        free(smb);
    }
}

const struct corr_smb_operations *cli_timeline_smb_names(const struct cli_timeline_smb *smb)
{
    return smb->operations;
}

static bool is_smb_packet(const struct corr_layers *layers)
{
    return layers->has_tcp &&
           (corr_is_smb_port(layers->source_port) || corr_is_smb_port(layers->destination_port));
}

bool cli_timeline_smb_is_packet(const struct corr_packet *packet)
{
    return is_smb_packet(&packet->layers);
}

/* A stream without socket is read only when its ends are wanted. */
enum etw_status cli_timeline_smb_packet(struct cli_timeline_smb *smb,
                                        const struct corr_packet *packet, struct etw_error *error)
{
    enum etw_status status = ETW_OK;
    if (!is_smb_packet(&packet->layers) ||
        (packet->verdict.socket == CORR_NO_ROW &&
         !cli_filter_matches_at_any_time(smb->wanted.filter, packet))) {
        return ETW_OK;
    }
    if (!smb->streams) {
        status =
            corr_smb_streams_new(corr_smb_operations_take, smb->operations, &smb->streams, error);
    }
    smb->event = NULL;
    smb->now = packet->time;
    return status ? status : corr_smb_streams_packet(smb->streams, packet, error);
}

static bool take_message(void *context, const struct corr_smb_message *message)
{
    const struct cli_timeline_smb *smb = context;
    return corr_smb_operations_take(smb->operations, message);
}

/* Events of the stack answer those of SMB; before the first of these they answer none. */
enum etw_status cli_timeline_smb_event(struct cli_timeline_smb *smb, const struct etw_event *event,
                                       struct etw_error *error)
{
    const struct corr_smb_event_sinks sinks = {
        .message = take_message, .condition = take_condition, .context = smb};
    enum etw_status status = ETW_OK;
    if (event->kind != ETW_EVENT_SOCKET || (!smb->events && !corr_event_is_smb(event))) {
        return ETW_OK;
    }
    if (!smb->events) {
        status = corr_smb_events_new(smb->wanted.ledger, &sinks, &smb->events, error);
    }
    smb->event = event;
    smb->now = event->record->time;
    status = status ? status : corr_smb_events_feed(smb->events, event, error);
    smb->event = NULL;
    if (smb->status) {
        *error = smb->error;
    }
    return smb->status ? smb->status : status;
}

enum etw_status cli_timeline_smb_finish(struct cli_timeline_smb *smb, struct etw_error *error)
{
    enum etw_status status = smb->streams ? corr_smb_streams_finish(smb->streams, error) : ETW_OK;
    if (!status && smb->events) {
        status = corr_smb_events_finish(smb->events, error);
    }
    struct etw_error of_operations;
    enum etw_status finished = corr_smb_operations_finish(smb->operations, &of_operations);
    if (finished) {
        *error = of_operations;
    }
    return finished ? finished : status;
}

void cli_timeline_smb_add_untold(const struct cli_timeline_smb *smb, struct text *to)
{
    struct out_smb_seen seen = {.totals = *corr_smb_operations_totals(smb->operations)};
    if (smb->steps == 0 && smb->wanted.filter->filter) {
        return;
    }
    if (smb->streams) {
        seen.streams = *corr_smb_streams_counts(smb->streams);
    }
    if (smb->events) {
        corr_smb_events_get_counts(smb->events, &seen.events);
    }
    out_smb_add_untold(&seen, to);
}
