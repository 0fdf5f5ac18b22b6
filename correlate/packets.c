/* SPDX-License-Identifier: MIT */
/*
 * packets.c - the way of a packet event to the sink:
 *
 *     NDIS and WFP, whole, nothing held ------------------------------> sink
 *     NDIS and WFP, fragments --> assembly --+
 *                                            +--> queue --> numbered --> sink
 *     packet monitor -----------> copies ----+
 *
 * What a Wi-Fi driver says of a frame waits in `receptions` for the frame.
 * The queue is in order of arrival. A packet gets its number when everything that
 * arrived before the copy to be written belongs to a known packet.
 */
#include "correlate/packets.h"

#include <stdlib.h>

#include "correlate/checksums.h"
#include "correlate/packet_assembly.h"
#include "correlate/packet_copies.h"
#include "correlate/packet_offloads.h"
#include "correlate/packet_queue.h"
#include "correlate/receptions.h"
#include "correlate/wfp_frames.h"
#include "etw/base/array.h"

struct corr_packets {
    const struct corr_adapters *adapters; /* borrowed */
    struct findings *findings;            /* borrowed */
    struct corr_packets_options options;
    corr_packet_sink *sink;
    void *context;
    struct corr_queue queue;
    struct corr_assembly assembly;
    uint8_t *frame; /* owned; of a packet that came without IP header */
    size_t frame_capacity;
    struct corr_copies copies;
    struct corr_receptions receptions;
    struct corr_offloads offloads;
    bool has_offloads;            /* the trace has records of them */
    struct corr_held *unnumbered; /* first in the queue that numbering has not passed */
    uint64_t frames;              /* numbered so far */
    int64_t now;
    const struct corr_held *judged; /* first in the queue, of which is_waiting is known */
    bool is_waiting;                /* for the event that tells its owner */
    bool is_hurried;                /* nothing waits for events any more */
    bool may_wait;                  /* something may at all */
};

/* ---- sightings and packets ---- */

static void read_sighting(struct corr_packets *packets, const struct etw_event *event,
                          struct corr_sighting *sighting)
{
    const struct etw_record *record = event->record;
    const struct etw_packet *packet = &event->u.packet;
    size_t size = packet->data.size < CORR_PACKET_MAXIMUM ? packet->data.size : CORR_PACKET_MAXIMUM;
    *sighting = (struct corr_sighting){
        .time = record->time,
        .offset = record->offset,
        .data = packet->data.data,
        .captured = (uint32_t)size,
        .original = packet->original_size,
        .capture = packet->capture,
        .link = packet->link,
        .direction = packet->direction,
        .interface_index =
            packet->capture == ETW_CAPTURE_NDIS ? packet->interface_index : CORR_NO_INTERFACE,
        .header_pid = record->process_id,
        .header_tid = record->thread_id,
        .drop_reason = packet->drop_reason,
        .drop_location = packet->drop_location,
        .group = packet->group,
        .number = packet->number,
        .appearance = packet->appearance,
        .direction_tag = packet->direction_tag,
        .component = packet->component,
        .edge = packet->edge,
        .filter = packet->filter,
        .cpu = record->cpu,
        .is_dropped = packet->is_dropped,
        .vlan = packet->vlan,
        .route = packet->route ? corr_adapters_find_route(packets->adapters, packet) : NULL,
        .bare = packet->bare,
    };
    sighting->has_reception =
        packets->receptions.count > 0 &&
        corr_receptions_take(&packets->receptions, event, &sighting->reception);
}

/* The frame stands in memory of its own, until the next. */
static enum etw_status make_frame(struct corr_packets *packets, struct corr_sighting *sighting,
                                  struct etw_error *error)
{
    void *frame = packets->frame;
    if (!array_grow(&frame, &packets->frame_capacity, sighting->captured + CORR_WFP_ROOM, 1)) {
        return etw_fail_memory(error, "a packet");
    }
    packets->frame = frame;
    sighting->captured =
        (uint32_t)corr_wfp_frame(&sighting->bare, bytes_of(sighting->data, sighting->captured),
                                 packets->frame, &sighting->original);
    sighting->data = packets->frame;
    sighting->link = ETW_LINK_RAW_IP;
    sighting->bare = (struct etw_bare_transport){0};
    return ETW_OK;
}

/* `held` is NULL for what was never in the queue, `group` for a packet of one sighting. */
static void set_offload(const struct corr_packets *packets, const struct corr_held *held,
                        const struct corr_group *group, struct corr_packet *packet)
{
    packet->offload = (struct etw_offload){0};
    if (held && held->offload_rank > 0) {
        packet->offload = held->sighting.offload;
    } else if (group && group->has_offload && !packets->options.all_appearances) {
        packet->offload = group->offload;
    }
    packet->offload.flags |= corr_offload_proven(packet);
}

static uint32_t interface_of(const struct corr_packets *packets,
                             const struct corr_sighting *sighting)
{
    if (sighting->capture != ETW_CAPTURE_PKTMON) {
        return sighting->interface_index;
    }
    const struct corr_component *component =
        corr_adapters_find_component(packets->adapters, sighting->component);
    return component ? corr_component_interface(component) : CORR_NO_INTERFACE;
}

/* How long the packet was: as the recorder states it, else as its IP header does
 * when that is longer. Padding makes a frame longer than its header says. */
static void set_original_size(const struct corr_sighting *sighting, struct corr_packet *packet)
{
    struct corr_layers *layers = &packet->layers;
    packet->original = sighting->original ? sighting->original : layers->stated_size;
    if (packet->original < packet->captured) {
        packet->original = packet->captured;
    }
    corr_layers_set_original(layers, packet->original);
}

/* Everything but the number, the interface, the drop and the layers. */
static void fill_packet(const struct corr_packets *packets, const struct corr_sighting *sighting,
                        struct corr_packet *packet)
{
    packet->time = sighting->time;
    packet->offset = sighting->offset;
    packet->capture = sighting->capture;
    packet->link = sighting->link;
    packet->direction = sighting->direction;
    packet->data = sighting->data;
    packet->captured = sighting->captured;
    packet->header_pid = sighting->header_pid;
    packet->header_tid = sighting->header_tid;
    packet->cpu = sighting->cpu;
    packet->is_incomplete = sighting->is_incomplete;
    packet->group = sighting->group;
    packet->number = sighting->number;
    packet->appearance = sighting->appearance;
    packet->direction_tag = sighting->direction_tag;
    packet->component = sighting->component;
    packet->edge = sighting->edge;
    packet->filter = sighting->filter;
    packet->has_reception = sighting->has_reception;
    if (sighting->has_reception) {
        packet->reception = sighting->reception;
    }
    packet->vlan = sighting->vlan;
    packet->route = sighting->route;
    packet->verdict = (struct corr_verdict){
        .socket = CORR_NO_ROW, .process = CORR_NO_ROW, .reason = CORR_NO_EVENTS};
    packet->attribution = packets->options.attribution;
    packet->behalf = NULL;
}

/* `group` is NULL for a packet of one sighting, `held` for one that was never held back. */
static enum etw_status hand_on(struct corr_packets *packets, const struct corr_sighting *sighting,
                               const struct corr_held *held, uint64_t frame,
                               struct etw_error *error)
{
    const struct corr_group *group =
        held && held->kind == CORR_HELD_COPY ? &packets->copies.groups[held->row] : NULL;
    struct corr_packet packet;
    fill_packet(packets, sighting, &packet);
    packet.frame = frame;
    packet.appearances = group ? group->count : 1;
    packet.interface_index = interface_of(packets, sighting);
    if (group && packet.interface_index == CORR_NO_INTERFACE) {
        packet.interface_index = group->interface_index;
    }
    packet.drop =
        group && !packets->options.all_appearances ? group->drop : corr_sighting_drop(sighting);
    corr_layers_read(packet.link, packet.data, packet.captured, &packet.layers);
    set_original_size(sighting, &packet);
    if (packets->options.attribution && packet.capture == ETW_CAPTURE_WFP &&
        packet.direction == ETW_DIRECTION_UNKNOWN) {
        packet.direction = corr_attribution_direction(packets->options.attribution, &packet.layers);
    }
    set_offload(packets, held, group, &packet);
    if (packets->options.attribution) {
        corr_attribute(packets->options.attribution, &packet.layers, packet.direction, packet.time,
                       &packet.verdict);
    }
    return packets->sink(packets->context, &packet, error);
}

/* ---- numbering and handing on what is held ---- */

/* A datagram that several sockets may have received waits for the event that tells which. */
static bool is_undecided(const struct corr_packets *packets, const struct corr_sighting *sighting)
{
    if (!packets->may_wait || sighting->direction != ETW_DIRECTION_IN) {
        return false;
    }
    struct corr_layers layers;
    corr_layers_read(sighting->link, sighting->data, sighting->captured, &layers);
    return corr_attribution_awaits(packets->options.attribution, &layers, sighting->direction,
                                   sighting->time);
}

static bool waits_for_event(struct corr_packets *packets, const struct corr_held *held)
{
    if (held->kind != CORR_HELD_ALONE || packets->is_hurried) {
        return false;
    }
    if (packets->judged != held) {
        packets->judged = held;
        packets->is_waiting = is_undecided(packets, &held->sighting);
    }
    uint64_t waited = (uint64_t)packets->now - (uint64_t)held->sighting.time;
    return packets->is_waiting && waited <= CORR_EVENT_DELAY;
}

static bool is_open(const struct corr_packets *packets, const struct corr_held *held)
{
    return held->kind == CORR_HELD_RUN ||
           (held->kind == CORR_HELD_COPY && packets->copies.groups[held->row].is_open);
}

/* Numbers packets up to the first sighting whose packet is not known yet. */
static void number_packets(struct corr_packets *packets)
{
    struct corr_held *held = packets->unnumbered;
    for (; held && !is_open(packets, held); held = held->next) {
        struct corr_group *group =
            held->kind == CORR_HELD_COPY ? &packets->copies.groups[held->row] : NULL;
        if (!group) {
            held->frame = ++packets->frames;
        } else if (group->chosen == held) {
            group->frame = ++packets->frames;
        }
    }
    packets->unnumbered = held;
}

/* Hands on the first in the queue, if it is to be written, and forgets it. */
static enum etw_status hand_on_first(struct corr_packets *packets, struct etw_error *error)
{
    const struct corr_held *held = packets->queue.first;
    enum etw_status status = ETW_OK;
    packets->judged = NULL;
    if (held->kind == CORR_HELD_ALONE) {
        status = hand_on(packets, &held->sighting, held, held->frame, error);
        corr_offloads_release(&packets->offloads, held);
        corr_queue_release(&packets->queue);
        return status;
    }
    uint32_t row = held->row;
    struct corr_group *group = &packets->copies.groups[row];
    if (packets->options.all_appearances || group->chosen == held) {
        status = hand_on(packets, &held->sighting, held, group->frame, error);
    }
    corr_offloads_release(&packets->offloads, held);
    corr_copies_release(&packets->copies, row);
    corr_queue_release(&packets->queue);
    return status;
}

/* A sighting may leave when its packet has its number. Without all appearances
 * the copies that are not written may leave before that. */
static bool may_leave(struct corr_packets *packets, const struct corr_held *held)
{
    if (held == packets->unnumbered || waits_for_event(packets, held)) {
        return false;
    }
    return held->kind == CORR_HELD_ALONE || !packets->options.all_appearances ||
           packets->copies.groups[held->row].frame != 0;
}

static enum etw_status drain(struct corr_packets *packets, struct etw_error *error)
{
    number_packets(packets);
    enum etw_status status = ETW_OK;
    while (!status && packets->queue.first && may_leave(packets, packets->queue.first)) {
        status = hand_on_first(packets, error);
    }
    return status;
}

/* Closes what stands first of the open packets, so that the queue can move. */
static void close_first(struct corr_packets *packets, bool is_early)
{
    struct corr_held *held = packets->unnumbered;
    if (held->kind == CORR_HELD_RUN) {
        corr_assembly_end(&packets->assembly, held);
        return;
    }
    if (is_early) {
        findings_count(packets->findings, FINDING_GROUP_CLOSED_EARLY, held->sighting.offset, 0);
    }
    corr_copies_close(&packets->copies, held->row);
}

static enum etw_status keep_limit(struct corr_packets *packets, struct etw_error *error)
{
    enum etw_status status = ETW_OK;
    packets->is_hurried = packets->queue.bytes > CORR_HELD_BYTES;
    while (!status && packets->queue.bytes > CORR_HELD_BYTES) {
        number_packets(packets);
        if (packets->unnumbered) {
            close_first(packets, true);
        }
        status = drain(packets, error);
    }
    packets->is_hurried = false;
    return status;
}

/* ---- feeding ---- */

/* What was just added to the queue awaits its number. */
static void await_number(struct corr_packets *packets, struct corr_held *last_before)
{
    if (!packets->unnumbered) {
        packets->unnumbered = last_before ? last_before->next : packets->queue.first;
    }
}

static enum etw_status feed_sighting(struct corr_packets *packets, struct corr_sighting *sighting,
                                     struct etw_error *error)
{
    struct corr_layers layers;
    corr_layers_read(sighting->link, sighting->data, sighting->captured, &layers);
    struct corr_held *held = corr_queue_add(&packets->queue, sighting);
    if (!held) {
        return etw_fail_memory(error, "the sightings of a packet");
    }
    enum etw_status status = corr_copies_add(&packets->copies, held, &layers, error);
    if (!status && held->kind == CORR_HELD_COPY) {
        struct corr_group *group = &packets->copies.groups[held->row];
        if (group->interface_index == CORR_NO_INTERFACE) {
            group->interface_index = interface_of(packets, sighting);
        }
    }
    if (!status && packets->has_offloads) {
        status = corr_offloads_add_sighting(&packets->offloads, held, error);
    }
    return status;
}

static enum etw_status feed_packet(struct corr_packets *packets, const struct etw_event *event,
                                   struct etw_error *error)
{
    const struct etw_packet *packet = &event->u.packet;
    struct corr_sighting sighting;
    read_sighting(packets, event, &sighting);
    bool is_pktmon = packet->capture == ETW_CAPTURE_PKTMON;
    bool is_whole = is_pktmon || (packet->is_start && packet->is_end);
    if (is_whole && sighting.bare.address_size > 0) {
        enum etw_status status = make_frame(packets, &sighting, error);
        if (status || sighting.captured == 0) { /* a short payload, counted as such */
            return status;
        }
    } else if (is_whole) {
        sighting.link = corr_link_by_bytes(sighting.link, sighting.data, sighting.captured);
    }
    if (is_whole && !is_pktmon && !packets->queue.first && !is_undecided(packets, &sighting)) {
        return hand_on(packets, &sighting, NULL, ++packets->frames, error);
    }
    struct corr_held *last_before = packets->queue.last;
    enum etw_status status = is_pktmon
                                 ? feed_sighting(packets, &sighting, error)
                                 : corr_assembly_add(&packets->assembly, packet, &sighting, error);
    if (status) {
        return status;
    }
    await_number(packets, last_before);
    status = drain(packets, error);
    return status ? status : keep_limit(packets, error);
}

enum etw_status corr_packets_feed(struct corr_packets *packets, const struct etw_event *event,
                                  struct etw_error *error)
{
    if (event->record->time > packets->now) {
        packets->now = event->record->time;
    }
    enum etw_status status = ETW_OK;
    if (packets->queue.first) {
        corr_assembly_expire(&packets->assembly, packets->now);
        corr_copies_expire(&packets->copies, packets->now);
        status = drain(packets, error);
    }
    corr_offloads_expire(&packets->offloads, packets->now);
    if (!status && event->kind == ETW_EVENT_PACKET_OFFLOAD) {
        return corr_offloads_add_record(&packets->offloads, event, error);
    }
    if (packets->options.attribution && event->kind == ETW_EVENT_SOCKET) {
        corr_attribution_note(packets->options.attribution, event);
    }
    if (!status && event->kind == ETW_EVENT_RECEPTION) {
        corr_receptions_add(&packets->receptions, event);
    }
    if (status || event->kind != ETW_EVENT_PACKET) {
        return status;
    }
    return feed_packet(packets, event, error);
}

int64_t corr_packets_held_since(const struct corr_packets *packets)
{
    return packets->queue.first ? packets->queue.first->sighting.time : INT64_MAX;
}

enum etw_status corr_packets_finish(struct corr_packets *packets, struct etw_error *error)
{
    packets->is_hurried = true;
    enum etw_status status = drain(packets, error);
    while (!status && packets->unnumbered) {
        close_first(packets, false);
        status = drain(packets, error);
    }
    corr_receptions_finish(&packets->receptions);
    corr_offloads_finish(&packets->offloads);
    return status;
}

/* ---- life ---- */

enum etw_status corr_packets_new(const struct corr_adapters *adapters, struct findings *findings,
                                 const struct corr_packets_options *options, corr_packet_sink *sink,
                                 void *context, struct corr_packets **out, struct etw_error *error)
{
    struct corr_packets *packets = calloc(1, sizeof(*packets));
    if (!packets) {
        return etw_fail_memory(error, "the packets of the trace");
    }
    packets->adapters = adapters;
    packets->findings = findings;
    packets->options = *options;
    packets->sink = sink;
    packets->context = context;
    packets->assembly.queue = &packets->queue;
    packets->assembly.findings = findings;
    packets->receptions.findings = findings;
    packets->offloads.copies = &packets->copies;
    packets->offloads.findings = findings;
    packets->has_offloads = corr_adapters_packet_events(adapters)->offloads > 0;
    packets->copies.shortest_cut = corr_adapters_packet_events(adapters)->shortest_cut;
    packets->now = INT64_MIN;
    packets->may_wait = options->attribution && corr_attribution_may_await(options->attribution);
    *out = packets;
    return ETW_OK;
}

void corr_packets_free(struct corr_packets *packets)
{
    if (packets) {
        corr_assembly_done(&packets->assembly);
        corr_copies_done(&packets->copies);
        corr_offloads_done(&packets->offloads);
        corr_queue_done(&packets->queue);
        free(packets->frame);
        free(packets);
    }
}
