/* SPDX-License-Identifier: MIT */
#include "cli/judging.h"

#include "correlate/event_sockets.h"

struct judging {
    struct corr_event_sockets *index;
    struct corr_judge *judge;
    corr_packet_sink *also;
    void *context;
};

static enum etw_status take_packet(void *context, const struct corr_packet *packet,
                                   struct etw_error *error)
{
    struct judging *judging = context;
    enum etw_status status = corr_judge_packet(judging->judge, packet, error);
    return status || !judging->also ? status : judging->also(judging->context, packet, error);
}

static enum etw_status take_event(void *context, const struct etw_event *event, int64_t held_since,
                                  struct etw_error *error)
{
    struct judging *judging = context;
    uint32_t socket = corr_event_sockets_find(judging->index, event);
    (void)held_since;
    return corr_judge_event(judging->judge, event, socket, error);
}

enum etw_status cli_judge(struct cli_reading *reading, corr_packet_sink *also, void *context,
                          struct corr_judge **out, struct etw_error *error)
{
    struct judging judging = {.also = also, .context = context};
    enum etw_status status = corr_event_sockets_new(reading->ledger, &judging.index, error);
    if (!status) {
        status = corr_judge_new(reading->ledger, &judging.judge, error);
    }
    if (!status) {
        status = cli_reading_packets_and_events(reading, false, take_packet, take_event, &judging,
                                                error);
    }
    corr_event_sockets_free(judging.index);
    if (status) {
        corr_judge_free(judging.judge);
        return status;
    }
    corr_judge_finish(judging.judge);
    *out = judging.judge;
    return ETW_OK;
}
