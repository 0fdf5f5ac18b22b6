/* SPDX-License-Identifier: MIT */
#include "cli/conversion.h"

#include "cli/filter_options.h"
#include "cli/judging.h"
#include "cli/section.h"
#include "pcapout/interfaces.h"
#include "pcapout/verdict_marks.h"

struct conversion {
    const struct cli_convert_options *options;
    struct cli_summary *summary;
    struct out_pcapng_set *writers;
    struct out_interfaces *interfaces;       /* only to count them */
    struct cli_waiting_rows rows;            /* events and messages that wait for packets */
    struct cli_converted_events *events;     /* NULL: none are written */
    struct cli_converted_messages *messages; /* the same */
    struct out_verdict_marks *verdicts;      /* NULL: none stand in comments */
    /* What the last packet's interface depends on: packets come in long runs from
     * one interface, which then need no look-up. */
    struct {
        bool is_set;
        enum etw_capture capture;
        enum etw_link link;
        uint32_t index;
        uint16_t component, edge;
        const struct corr_route *route;
    } last;
};

static bool is_wanted(const struct conversion *conversion, const struct corr_packet *packet)
{
    const struct cli_filter *filter = conversion->options->filter;
    return !filter || cli_filter_matches(filter, packet);
}

static enum etw_status count_interface(struct conversion *conversion,
                                       const struct corr_packet *packet, struct etw_error *error)
{
    bool is_same = conversion->last.is_set && conversion->last.link == packet->link &&
                   conversion->last.capture == packet->capture &&
                   conversion->last.index == packet->interface_index &&
                   conversion->last.component == packet->component &&
                   conversion->last.edge == packet->edge && conversion->last.route == packet->route;
    if (is_same) {
        return ETW_OK;
    }
    bool is_new = false;
    if (!out_interfaces_of(conversion->interfaces, packet, &is_new)) {
        return etw_fail_memory(error, "the interfaces");
    }
    conversion->last.is_set = true;
    conversion->last.capture = packet->capture;
    conversion->last.link = packet->link;
    conversion->last.index = packet->interface_index;
    conversion->last.component = packet->component;
    conversion->last.edge = packet->edge;
    conversion->last.route = packet->route;
    conversion->summary->interfaces += is_new;
    return ETW_OK;
}

static enum etw_status count_unprotected(void *context, const struct corr_packet *packet,
                                         struct etw_error *error)
{
    struct conversion *conversion = context;
    (void)error;
    conversion->summary->unprotected += packet->link == ETW_LINK_IEEE80211 &&
                                        packet->layers.is_protected_plain &&
                                        is_wanted(conversion, packet);
    return ETW_OK;
}

static enum etw_status write_packet(void *context, const struct corr_packet *packet,
                                    struct etw_error *error)
{
    struct conversion *conversion = context;
    enum etw_status status = cli_waiting_rows_write(&conversion->rows, packet->time, error);
    if (status || !is_wanted(conversion, packet)) {
        return status;
    }
    conversion->summary->written++;
    status = count_interface(conversion, packet, error);
    return status ? status : out_pcapng_set_packet(conversion->writers, packet, error);
}

static enum etw_status note_event(void *context, const struct etw_event *event, int64_t held_since,
                                  struct etw_error *error)
{
    struct conversion *conversion = context;
    int64_t now = event->record->time;
    enum etw_status status = ETW_OK;
    if (conversion->events) {
        status = cli_converted_events_add(conversion->events, event, error);
    }
    if (!status && conversion->messages) {
        status = cli_converted_messages_add(conversion->messages, event, error);
    }
    return status ? status
                  : cli_waiting_rows_write(&conversion->rows, held_since < now ? held_since : now,
                                           error);
}

static enum etw_status begin_rows(struct cli_reading *reading, struct conversion *conversion,
                                  struct etw_error *error)
{
    const struct cli_convert_options *options = conversion->options;
    const struct cli_message_sources sources = {.reading = reading,
                                                .set = conversion->writers,
                                                .filter = options->filter,
                                                .with_askers = !options->without_owners};
    enum etw_status status = ETW_OK;
    if (options->events != CLI_EVENTS_NONE) {
        status = cli_converted_events_new(reading, conversion->writers, options->events,
                                          &conversion->rows, &conversion->events, error);
    }
    if (!status && options->smb_messages) {
        status =
            cli_converted_messages_new(&sources, &conversion->rows, &conversion->messages, error);
    }
    return status;
}

static enum etw_status finish_messages(struct conversion *conversion, struct etw_error *error)
{
    struct cli_summary *summary = conversion->summary;
    struct text losses = {.maximum = 4096};
    enum etw_status status = cli_converted_messages_finish(conversion->messages, error);
    if (!status) {
        status = cli_waiting_rows_write(&conversion->rows, INT64_MAX, error);
    }
    summary->messages = cli_converted_messages_counts(conversion->messages);
    cli_add_message_losses(&losses, &summary->messages);
    out_pcapng_set_note_messages(conversion->writers, text_get(&losses));
    text_done(&losses);
    return status;
}

static enum etw_status finish_rows(struct conversion *conversion, struct etw_error *error)
{
    enum etw_status status = ETW_OK;
    if (conversion->messages) {
        status = finish_messages(conversion, error);
    }
    if (!status) {
        status = cli_waiting_rows_write(&conversion->rows, INT64_MAX, error);
    }
    if (conversion->events) {
        conversion->summary->events = cli_converted_events_count(conversion->events);
    }
    return status;
}

static enum etw_status write_packets_and_rows(struct cli_reading *reading,
                                              struct conversion *conversion,
                                              struct etw_error *error)
{
    enum etw_status status = begin_rows(reading, conversion, error);
    if (!status) {
        status = cli_reading_packets_and_events(reading, conversion->options->all_appearances,
                                                write_packet, note_event, conversion, error);
    }
    if (!status) {
        status = finish_rows(conversion, error);
    }
    cli_converted_events_free(conversion->events);
    cli_converted_messages_free(conversion->messages);
    cli_waiting_rows_done(&conversion->rows);
    return status;
}

/* The section comment stands before the packets but says how many of them are
 * changed, so Wi-Fi traces are read once more. Their findings count only once. */
static enum etw_status count_changes(struct cli_reading *reading, struct conversion *conversion,
                                     struct etw_error *error)
{
    const struct cli_convert_options *options = conversion->options;
    const struct corr_packet_events *events = corr_adapters_packet_events(reading->adapters);
    reading->wants_askers = options->filter && cli_filter_has_process(options->filter);
    if (options->keep_protected || events->by_link[ETW_LINK_IEEE80211] == 0) {
        return ETW_OK;
    }
    struct findings *findings = etw_trace_get_findings(reading->trace);
    struct findings before = *findings;
    enum etw_status status = cli_reading_packets(reading, options->all_appearances,
                                                 count_unprotected, conversion, error);
    *findings = before;
    return status;
}

/* A verdict stands at the packet where it shows, which may be long before what it is judged by, so
 * the trace is judged in a pass of its own. */
static enum etw_status judge_sockets(struct cli_reading *reading, struct conversion *conversion,
                                     struct etw_error *error)
{
    const struct cli_convert_options *options = conversion->options;
    struct corr_judge *judge = NULL;
    bool is_needed = !options->without_owners && options->comments != OUT_COMMENTS_NONE &&
                     reading->facts.has_socket_events;
    if (!is_needed) {
        return ETW_OK;
    }
    struct findings *findings = etw_trace_get_findings(reading->trace);
    const struct findings before = *findings; /* the pass that writes counts the same again */
    enum etw_status status = cli_judge(reading, NULL, NULL, &judge, error);
    *findings = before;
    if (!status) {
        status = out_verdict_marks_new(reading->ledger, judge, &conversion->verdicts, error);
    }
    corr_judge_free(judge);
    return status;
}

static enum etw_status write_all(struct cli_reading *reading, struct conversion *conversion,
                                 struct out_file *to, const struct cli_section *section,
                                 struct etw_error *error)
{
    const struct cli_convert_options *options = conversion->options;
    const struct out_pcapng_options writer_options = {
        .ledger = options->without_owners ? NULL : reading->ledger,
        .process_blocks = options->process_blocks,
        .comments = options->comments,
        .all_appearances = options->all_appearances,
        .keep_protected = options->keep_protected,
        .without_owners = options->without_owners,
        .snap_length = options->snap_length,
        .verdicts = conversion->verdicts,
    };
    const struct out_pcapng_sources sources = {reading->adapters, &section->section,
                                               &writer_options};
    reading->wants_askers = !options->without_owners; /* of this pass, not those before it */
    enum etw_status status = out_pcapng_set_new(&sources, to, options->open, options->open_context,
                                                &conversion->writers, error);
    if (!status && (options->events != CLI_EVENTS_NONE || options->smb_messages)) {
        status = write_packets_and_rows(reading, conversion, error);
    } else if (!status) {
        status =
            cli_reading_packets(reading, options->all_appearances, write_packet, conversion, error);
    }
    if (!status) {
        status = out_pcapng_set_finish(conversion->writers, error);
    }
    if (!status) {
        conversion->summary->has_mixed_links = out_pcapng_set_has_mixed_links(conversion->writers);
    }
    out_pcapng_set_free(conversion->writers);
    return status;
}

enum etw_status cli_convert(struct cli_reading *reading, const struct cli_convert_options *options,
                            struct out_file *to, struct cli_summary *summary,
                            struct etw_error *error)
{
    struct conversion conversion = {.options = options, .summary = summary};
    struct cli_section section = {.comment_count = 0};
    *summary = (struct cli_summary){.written = 0};
    enum etw_status status = out_interfaces_new(reading->adapters, options->all_appearances,
                                                &conversion.interfaces, error);
    if (!status && (!options->without_owners || options->smb_messages)) {
        status = cli_reading_learn(reading, error); /* messages need it for their addresses */
    }
    if (!status && options->filter) {
        status = cli_filter_bind(options->filter, reading, error);
    }
    if (!status) {
        status = judge_sockets(reading, &conversion, error);
    }
    if (!status) {
        status = count_changes(reading, &conversion, error);
    }
    if (!status) {
        status =
            cli_section_init(&section, reading, options->file_name, summary->unprotected, error);
    }
    if (!status) {
        status = write_all(reading, &conversion, to, &section, error);
    }
    cli_section_done(&section);
    out_verdict_marks_free(conversion.verdicts);
    out_interfaces_free(conversion.interfaces);
    return status;
}
