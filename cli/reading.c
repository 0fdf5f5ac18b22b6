/* SPDX-License-Identifier: MIT */
#include "cli/reading.h"

#include "correlate/smb_askers.h"

/* Longest edition name and build string that is kept, bytes of UTF-8. */
#define BUILD_TEXT_MAXIMUM 1024

/* The first text counts. */
static void learn_text(struct text *to, const struct bytes *utf16)
{
    if (to->size == 0) {
        text_add_utf16(to, utf16->data, utf16->size);
    }
}

static void learn_build(struct cli_reading *reading, const struct etw_system_build *build)
{
    learn_text(&reading->product, &build->product);
    learn_text(&reading->build_lab, &build->build_lab);
    learn_text(&reading->computer, &build->computer);
    learn_text(&reading->domain, &build->domain);
}

static enum etw_status learn(void *context, const struct etw_event *event, struct etw_error *error)
{
    struct cli_reading *reading = context;
    if (event->kind == ETW_EVENT_SYSTEM_BUILD) {
        learn_build(reading, &event->u.build);
    }
    cli_facts_learn_event(&reading->facts, event);
    enum etw_status status = corr_capture_filters_learn(&reading->filters, event, error);
    return status ? status : corr_adapters_learn(reading->adapters, event, error);
}

enum etw_status cli_reading_init(struct cli_reading *reading, struct etw_trace *trace,
                                 struct etw_error *error)
{
    *reading = (struct cli_reading){.trace = trace,
                                    .product = {.maximum = BUILD_TEXT_MAXIMUM},
                                    .build_lab = {.maximum = BUILD_TEXT_MAXIMUM},
                                    .computer = {.maximum = BUILD_TEXT_MAXIMUM},
                                    .domain = {.maximum = BUILD_TEXT_MAXIMUM}};
    enum etw_status status = corr_adapters_new(&reading->adapters, error);
    if (!status) {
        status = etw_trace_index(trace, learn, reading, error);
    }
    if (status) {
        cli_reading_done(reading);
        return status;
    }
    cli_facts_learn(&reading->facts, trace, reading->adapters, &reading->filters);
    return ETW_OK;
}

void cli_reading_done(struct cli_reading *reading)
{
    corr_ledger_free(reading->ledger);
    corr_adapters_free(reading->adapters);
    corr_capture_filters_done(&reading->filters);
    text_done(&reading->product);
    text_done(&reading->build_lab);
    text_done(&reading->computer);
    text_done(&reading->domain);
    reading->adapters = NULL;
    reading->ledger = NULL;
}

/* Events are known to be missing: lost while recording, left out because of damage, or in a file
 * that was not named. */
static bool has_loss(const struct etw_trace *trace, const struct findings *findings)
{
    const struct etw_trace_header *header = etw_trace_get_header(trace);
    return header->events_lost > 0 || header->buffers_lost > 0 || findings_has_damage(findings) ||
           findings->kinds[FINDING_SERIES_GAP].count > 0;
}

static enum etw_status learn_events(struct cli_reading *reading, struct etw_error *error)
{
    enum etw_status status = etw_trace_rewind(reading->trace, error);
    while (!status) {
        struct etw_event event;
        status = etw_trace_next(reading->trace, &event, error);
        if (!status) {
            status = corr_ledger_learn(reading->ledger, &event, error);
        }
    }
    return status == ETW_END ? ETW_OK : status;
}

static enum etw_status learn_ledger(struct cli_reading *reading, bool is_always_read,
                                    struct etw_error *error)
{
    if (reading->ledger) {
        return ETW_OK;
    }
    struct findings *findings = etw_trace_get_findings(reading->trace);
    const struct findings before = *findings; /* the passes to come count the same again */
    const struct corr_ledger_options options = {
        .has_loss = has_loss(reading->trace, findings) || reading->facts.lost_notices > 0,
        .has_socket_events = reading->facts.has_socket_events,
    };
    enum etw_status status = corr_ledger_new(&options, &reading->ledger, error);
    if (!status && (options.has_socket_events || is_always_read)) {
        status = learn_events(reading, error);
    }
    if (!status) {
        status = corr_ledger_finish(reading->ledger, error);
    }
    *findings = before;
    return status;
}

enum etw_status cli_reading_learn(struct cli_reading *reading, struct etw_error *error)
{
    return learn_ledger(reading, false, error);
}

enum etw_status cli_reading_learn_all(struct cli_reading *reading, struct etw_error *error)
{
    return learn_ledger(reading, true, error);
}

struct pass {
    struct cli_facts *facts;
    bool all_appearances;
    corr_packet_sink *sink;
    void *context;
    struct corr_smb_askers *askers; /* owned; NULL: not wanted, or nothing tells of them */
};

static enum etw_status count_and_pass_on(void *context, const struct corr_packet *packet,
                                         struct etw_error *error)
{
    const struct pass *pass = context;
    cli_facts_add_packet(pass->facts, packet, pass->all_appearances);
    if (!pass->askers) {
        return pass->sink(pass->context, packet, error);
    }
    struct corr_packet named = *packet;
    enum etw_status status = corr_smb_askers_packet(pass->askers, packet, &named.behalf, error);
    return status ? status : pass->sink(pass->context, &named, error);
}

static enum etw_status begin_askers(const struct cli_reading *reading, struct pass *pass,
                                    struct etw_error *error)
{
    bool is_known = reading->wants_askers && reading->ledger &&
                    reading->facts.socket_events[ETW_LAYER_SMB_CLIENT] > 0;
    return is_known ? corr_smb_askers_new(reading->ledger, &pass->askers, error) : ETW_OK;
}

static void forget_earlier_pass(struct cli_facts *facts)
{
    facts->tracelogging_events = 0;
    facts->packets = facts->sightings = facts->dropped = facts->truncated = facts->smb = 0;
    for (int i = 0; i < 3; i++) {
        facts->by_direction[i] = 0;
    }
}

enum etw_status cli_reading_packets(struct cli_reading *reading, bool all_appearances,
                                    corr_packet_sink *sink, void *context, struct etw_error *error)
{
    return cli_reading_packets_and_events(reading, all_appearances, sink, NULL, context, error);
}

enum etw_status cli_reading_packets_and_events(struct cli_reading *reading, bool all_appearances,
                                               corr_packet_sink *sink, cli_event_note *note,
                                               void *context, struct etw_error *error)
{
    struct cli_facts *facts = &reading->facts;
    struct pass pass = {facts, all_appearances, sink, context, NULL};
    struct corr_packets_options options = {.all_appearances = all_appearances};
    struct corr_packets *packets = NULL;
    forget_earlier_pass(facts);
    enum etw_status status = etw_trace_rewind(reading->trace, error);
    if (!status && reading->ledger) {
        status = corr_attribution_new(reading->ledger, &options.attribution, error);
    }
    status = status ? status : begin_askers(reading, &pass, error);
    if (!status) {
        status = corr_packets_new(reading->adapters, etw_trace_get_findings(reading->trace),
                                  &options, count_and_pass_on, &pass, &packets, error);
    }
    while (!status) {
        struct etw_event event;
        status = etw_trace_next(reading->trace, &event, error);
        if (!status) {
            facts->tracelogging_events += record_is_tracelogging(event.record);
            status = corr_packets_feed(packets, &event, error);
        }
        if (!status && pass.askers) {
            status = corr_smb_askers_event(pass.askers, &event, error);
        }
        if (!status && note) {
            status = note(context, &event, corr_packets_held_since(packets), error);
        }
    }
    if (status == ETW_END) {
        status = corr_packets_finish(packets, error);
    }
    corr_packets_free(packets);
    corr_attribution_free(options.attribution);
    corr_smb_askers_free(pass.askers);
    return status;
}
