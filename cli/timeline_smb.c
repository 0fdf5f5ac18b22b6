/* SPDX-License-Identifier: MIT */
#include "cli/timeline_smb.h"

#include <stdlib.h>

#include "correlate/smb_events.h"
#include "correlate/smb_streams.h"

enum { PORT_SMB = 445, PORT_SESSION_SERVICE = 139 };

struct cli_timeline_smb {
    struct cli_smb_wanted wanted;
    struct corr_smb_operations *operations;
    struct corr_smb_streams *streams; /* NULL: no packet of SMB yet */
    struct corr_smb_events *events;   /* NULL: no event of SMB yet */
    const struct etw_event *event;    /* that is being read; NULL: a packet is */
    int64_t now;
};

static enum etw_status take_news(void *context, const struct corr_smb_news *news,
                                 struct etw_error *error)
{
    const struct cli_timeline_smb *smb = context;
    const struct cli_smb_wanted *wanted = &smb->wanted;
    uint32_t socket = news->operation->socket;
    int64_t time = news->message->time;
    bool is_shown = time >= wanted->from && time <= wanted->to &&
                    (socket == CORR_NO_ROW || wanted->is_wanted[socket]);
    return is_shown ? corr_timeline_smb(wanted->timeline, smb->event, news, smb->now, error)
                    : ETW_OK;
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
    enum etw_status status = corr_smb_operations_new(NULL, NULL, &smb->operations, error);
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
        free(smb);
    }
}

const struct corr_smb_operations *cli_timeline_smb_names(const struct cli_timeline_smb *smb)
{
    return smb->operations;
}

static bool is_smb_port(uint16_t port)
{
    return port == PORT_SMB || port == PORT_SESSION_SERVICE;
}

static bool is_smb_packet(const struct corr_layers *layers)
{
    return layers->has_tcp &&
           (is_smb_port(layers->source_port) || is_smb_port(layers->destination_port));
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

static bool is_smb_event(const struct etw_event *event)
{
    enum etw_layer layer = event->u.socket.layer;
    return layer == ETW_LAYER_SMB_CLIENT || layer == ETW_LAYER_SMB_SERVER ||
           layer == ETW_LAYER_SMB_DIRECT;
}

/* Events of the stack answer those of SMB; before the first of these they answer none. */
enum etw_status cli_timeline_smb_event(struct cli_timeline_smb *smb, const struct etw_event *event,
                                       struct etw_error *error)
{
    const struct corr_smb_event_sinks sinks = {.message = corr_smb_operations_take,
                                               .context = smb->operations};
    enum etw_status status = ETW_OK;
    if (event->kind != ETW_EVENT_SOCKET || (!smb->events && !is_smb_event(event))) {
        return ETW_OK;
    }
    if (!smb->events) {
        status = corr_smb_events_new(smb->wanted.ledger, &sinks, &smb->events, error);
    }
    smb->event = event;
    smb->now = event->record->time;
    status = status ? status : corr_smb_events_feed(smb->events, event, error);
    smb->event = NULL;
    return status;
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
