/* SPDX-License-Identifier: MIT */
#include "pcapout/pcapng.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "correlate/http.h"
#include "pcapout/escape.h"
#include "pcapout/held_blocks.h"
#include "pcapout/interfaces.h"
#include "pcapout/names.h"
#include "pcapout/packet_comments.h"
#include "pcapout/pcapng_blocks.h"
#include "pcapout/pcapng_events.h"
#include "pcapout/pcapng_messages.h"
#include "pcapout/pcapng_names.h"
#include "pcapout/pcapng_packets.h"
#include "pcapout/pcapng_processes.h"
#include "pcapout/pktap.h"
#include "pcapout/radiotap.h"

/* Wireshark refuses a file with a packet longer than this (WTAP_MAX_PACKET_SIZE_STANDARD);
 * what is longer is cut here, and the original length says so. */
#define CAPTURED_MAXIMUM OUT_PCAPNG_CAPTURED_MAXIMUM

struct out_pcapng {
    struct out_file *file;                /* borrowed */
    const struct corr_adapters *adapters; /* borrowed */
    struct out_pcapng_options options;
    struct out_interfaces *interfaces;  /* owned */
    struct text block;                  /* scratch: one block that is not a packet */
    struct text event;                  /* scratch: the bytes of an event */
    bool has_names;                     /* the names of addresses are written */
    struct packet_comments *comments;   /* owned */
    struct pcapng_processes *processes; /* owned; NULL: no owners */
    struct pcapng_capture capture;
    uint32_t captured_maximum; /* bytes of a packet, without what stands before it */
    struct held_blocks held;   /* of packets and events, behind the place of a message */
    struct text message_note;  /* of the statistics */
};

void out_pcapng_free(struct out_pcapng *writer)
{
    if (writer) {
        out_interfaces_free(writer->interfaces);
        text_done(&writer->block);
        text_done(&writer->event);
        packet_comments_free(writer->comments);
        pcapng_processes_free(writer->processes);
        held_blocks_done(&writer->held);
        text_done(&writer->message_note);
        free(writer);
    }
}

static enum etw_status write_block(struct out_pcapng *writer, struct etw_error *error)
{
    if (writer->block.failed) {
        return etw_fail_memory(error, "a block of the pcapng file");
    }
    return out_file_write(writer->file, writer->block.data, writer->block.size, error);
}

/* Names are few: all of them stand before the first packet, behind its interface, because
 * editcap 4.0 refuses a file in which anything stands before the first interface. */
static enum etw_status write_names(struct out_pcapng *writer, struct etw_error *error)
{
    if (!writer->options.ledger || writer->has_names) {
        return ETW_OK;
    }
    const struct corr_name_history *names = corr_ledger_names(writer->options.ledger);
    enum etw_status status = ETW_OK;
    size_t at = 0;
    writer->has_names = true;
    while (!status && pcapng_names_next(&writer->block, names, &at)) {
        status = write_block(writer, error);
    }
    return status;
}

static void set_capture(struct out_pcapng *writer)
{
    uint32_t snap_length = writer->options.snap_length;
    bool is_pktap = writer->options.process_blocks == OUT_PROCESS_BLOCKS_PKTAP;
    uint32_t maximum = CAPTURED_MAXIMUM - (is_pktap ? PKTAP_HEADER_SIZE : 0);
    writer->capture = (struct pcapng_capture){.is_pktap = is_pktap, .snap_length = snap_length};
    writer->captured_maximum = snap_length > 0 && snap_length < maximum ? snap_length : maximum;
}

enum etw_status out_pcapng_new(struct out_file *file, const struct corr_adapters *adapters,
                               const struct out_section *section,
                               const struct out_pcapng_options *options, struct out_pcapng **out,
                               struct etw_error *error)
{
    struct out_pcapng *writer = calloc(1, sizeof(*writer));
    if (!writer) {
        return etw_fail_memory(error, "the pcapng writer");
    }
    writer->file = file;
    writer->adapters = adapters;
    writer->options = *options;
    set_capture(writer);
    enum etw_status status =
        out_interfaces_new(adapters, options->all_appearances, &writer->interfaces, error);
    if (!status) {
        status = packet_comments_new(adapters, options, &writer->comments, error);
    }
    if (!status && options->ledger && !options->without_owners) {
        status = pcapng_processes_new(options->ledger, options->process_blocks, &writer->processes,
                                      error);
    }
    if (!status) {
        pcapng_section_header(&writer->block, section);
        status = write_block(writer, error);
    }
    if (status) {
        out_pcapng_free(writer);
        return status;
    }
    *out = writer;
    return ETW_OK;
}

/* ---- packets ---- */

static enum etw_status hold_packet(struct out_pcapng *writer, const struct pcapng_packet *parts,
                                   struct etw_error *error)
{
    uint8_t *start = held_blocks_reserve(&writer->held, pcapng_packet_most(parts));
    if (!start) {
        return etw_fail_memory(error, "packets that wait for an SMB message");
    }
    held_blocks_advance(&writer->held, pcapng_packet_put(start, parts));
    return held_blocks_write(&writer->held, writer->file, error);
}

static enum etw_status write_packet(struct out_pcapng *writer, const struct pcapng_packet *parts,
                                    struct etw_error *error)
{
    if (!held_blocks_is_empty(&writer->held)) {
        return hold_packet(writer, parts, error);
    }
    uint8_t *start = out_file_reserve(writer->file, pcapng_packet_most(parts));
    if (!start) {
        return out_file_status(writer->file, error);
    }
    out_file_advance(writer->file, pcapng_packet_put(start, parts));
    return ETW_OK;
}

static enum etw_status begin_interface(struct out_pcapng *writer,
                                       const struct out_interface *interface,
                                       struct etw_error *error)
{
    pcapng_interface(&writer->block, interface, &writer->capture);
    enum etw_status status = write_block(writer, error);
    return status ? status : write_names(writer, error);
}

static void count_packet(struct out_interface *interface, const struct corr_packet *packet)
{
    if (interface->packets == 0) {
        interface->first_time = packet->time;
    }
    interface->last_time = packet->time;
    interface->packets++;
    interface->bytes += out_original_size(packet);
    interface->dropped += packet->drop.is_dropped;
}

/* The owner, and its block before the first packet that points to it. */
static enum etw_status fill_process(struct out_pcapng *writer, uint32_t row,
                                    struct pcapng_packet *parts, struct etw_error *error)
{
    if (!writer->processes || row == CORR_NO_ROW) {
        return ETW_OK;
    }
    parts->process = corr_processes_get(corr_ledger_processes(writer->options.ledger), row);
    enum etw_status status = ETW_OK;
    if (pcapng_processes_use(writer->processes, row, &writer->block)) {
        status = write_block(writer, error);
    }
    parts->has_process_block = writer->options.process_blocks == OUT_PROCESS_BLOCKS_DARWIN;
    if (parts->has_process_block) {
        parts->process_block = pcapng_processes_number(writer->processes, row);
    }
    return status;
}

/* The owner of a packet, and the process that the packet alone is for. */
static enum etw_status fill_processes(struct out_pcapng *writer, const struct corr_packet *packet,
                                      struct pcapng_packet *parts, struct etw_error *error)
{
    enum etw_status status = fill_process(writer, packet->verdict.process, parts, error);
    if (status || !packet->behalf || !parts->process) {
        return status;
    }
    struct pcapng_packet behalf = {.packet = packet};
    status = fill_process(writer, packet->behalf->process, &behalf, error);
    parts->behalf = behalf.process;
    parts->behalf_block = behalf.process_block;
    return status;
}

/* How much of the frame is written, and what stands before it. */
static void fill_frame(const struct out_pcapng *writer, const struct corr_packet *packet,
                       struct out_interface *interface, struct pcapng_packet *parts)
{
    if (interface->is_radiotap) {
        const struct etw_reception *reception = packet->has_reception ? &packet->reception : NULL;
        parts->radiotap_size = (uint32_t)radiotap_write(reception, parts->radiotap);
    }
    parts->before =
        parts->radiotap_size + (writer->capture.is_pktap ? (uint32_t)PKTAP_HEADER_SIZE : 0);
    uint32_t room = CAPTURED_MAXIMUM - parts->before;
    room = writer->captured_maximum < room ? writer->captured_maximum : room;
    parts->captured = packet->captured < room ? packet->captured : room;
    parts->is_unprotected =
        packet->layers.is_protected_plain && !writer->options.keep_protected && parts->captured > 1;
    interface->unprotected += parts->is_unprotected;
}

enum etw_status out_pcapng_packet(struct out_pcapng *writer, const struct corr_packet *packet,
                                  struct etw_error *error)
{
    bool is_new = false;
    struct out_interface *interface = out_interfaces_of(writer->interfaces, packet, &is_new);
    if (!interface) {
        return etw_fail_memory(error, "the interfaces");
    }
    enum etw_status status = is_new ? begin_interface(writer, interface, error) : ETW_OK;
    if (status) {
        return status;
    }
    count_packet(interface, packet);
    struct pcapng_packet parts = {.packet = packet, .interface = interface};
    status = fill_processes(writer, packet, &parts, error);
    if (status) {
        return status;
    }
    fill_frame(writer, packet, interface, &parts);
    parts.has_comment = writer->options.comments == OUT_COMMENTS_ALL ||
                        (writer->options.comments == OUT_COMMENTS_FIRST && is_new);
    if (parts.has_comment) {
        parts.comment = packet_comments_get(writer->comments, packet);
    }
    if (packet->drop.is_dropped) {
        parts.verdict = packet_comments_verdict(writer->comments, packet);
    }
    status = packet_comments_status(writer->comments, error);
    return status ? status : write_packet(writer, &parts, error);
}

/* ---- events as packets ---- */

/* The block of an event or message, in its turn. */
static enum etw_status write_in_turn(struct out_pcapng *writer, struct etw_error *error)
{
    const struct text *block = &writer->block;
    if (held_blocks_is_empty(&writer->held) || block->failed) {
        return write_block(writer, error);
    }
    uint8_t *start = held_blocks_reserve(&writer->held, block->size);
    if (!start) {
        return etw_fail_memory(error, "events that wait for an SMB message");
    }
    memcpy(start, block->data, block->size);
    held_blocks_advance(&writer->held, block->size);
    return held_blocks_write(&writer->held, writer->file, error);
}

enum etw_status out_pcapng_event(struct out_pcapng *writer, const struct out_pcapng_event *event,
                                 struct etw_error *error)
{
    bool is_new = false;
    const struct etw_record *record = event->record;
    struct out_interface *interface = out_interfaces_of_events(writer->interfaces, &is_new);
    if (!interface) {
        return etw_fail_memory(error, "the interfaces");
    }
    enum etw_status status = is_new ? begin_interface(writer, interface, error) : ETW_OK;
    struct pcapng_packet parts = {.interface = interface};
    if (!status) {
        status = fill_process(writer, event->process, &parts, error);
    }
    if (status) {
        return status;
    }
    text_clear(&writer->event);
    pcapng_event_bytes(&writer->event, record, event->message, event->provider);
    if (writer->event.failed) {
        return etw_fail_memory(error, "an event");
    }
    if (interface->packets++ == 0) {
        interface->first_time = record->time;
    }
    interface->last_time = record->time;
    interface->bytes += writer->event.size;
    const struct bytes bytes = bytes_of(writer->event.data, writer->event.size);
    pcapng_event_block(&writer->block, &parts, record->time, &bytes);
    return write_in_turn(writer, error);
}

/* ---- SMB messages as packets ---- */

enum etw_status out_pcapng_keep_place(struct out_pcapng *writer, uint64_t place,
                                      struct etw_error *error)
{
    return held_blocks_keep_place(&writer->held, place)
               ? ETW_OK
               : etw_fail_memory(error, "the place of an SMB message");
}

enum etw_status out_pcapng_leave_place(struct out_pcapng *writer, uint64_t place,
                                       struct etw_error *error)
{
    held_blocks_leave(&writer->held, place);
    return held_blocks_write(&writer->held, writer->file, error);
}

void out_pcapng_note_messages(struct out_pcapng *writer, const char *note)
{
    text_clear(&writer->message_note);
    text_add(&writer->message_note, note);
}

static void count_message(struct out_interface *interface, const struct corr_packet *message)
{
    bool is_first = interface->packets++ == 0;
    interface->first_time =
        is_first || message->time < interface->first_time ? message->time : interface->first_time;
    interface->last_time =
        is_first || message->time > interface->last_time ? message->time : interface->last_time;
    interface->bytes += out_original_size(message);
}

static enum etw_status begin_message(struct out_pcapng *writer,
                                     const struct out_pcapng_message *message,
                                     struct pcapng_packet *parts, struct etw_error *error)
{
    bool is_new = false;
    struct out_interface *interface = out_interfaces_of_messages(writer->interfaces, &is_new);
    if (!interface) {
        return etw_fail_memory(error, "the interfaces");
    }
    enum etw_status status = is_new ? begin_interface(writer, interface, error) : ETW_OK;
    if (!status) {
        status = fill_processes(writer, message->packet, parts, error);
    }
    parts->interface = interface;
    parts->packet = message->packet;
    parts->has_comment = writer->options.comments == OUT_COMMENTS_ALL ||
                         (writer->options.comments == OUT_COMMENTS_FIRST && is_new);
    count_message(interface, message->packet);
    return status;
}

static enum etw_status place_message(struct out_pcapng *writer, uint64_t place,
                                     struct etw_error *error)
{
    const struct text *block = &writer->block;
    bool has_failed = block->failed;
    bool is_placed = !has_failed &&
                     held_blocks_fill(&writer->held, place, block->data, block->size, &has_failed);
    if (has_failed) {
        return etw_fail_memory(error, "an SMB message");
    }
    return is_placed ? held_blocks_write(&writer->held, writer->file, error)
                     : write_in_turn(writer, error);
}

enum etw_status out_pcapng_message(struct out_pcapng *writer,
                                   const struct out_pcapng_message *message,
                                   struct etw_error *error)
{
    uint8_t tags[PCAPNG_MESSAGE_TAGS_MAXIMUM];
    struct pcapng_packet parts = {.packet = message->packet};
    enum etw_status status = begin_message(writer, message, &parts, error);
    if (status) {
        return status;
    }
    struct bytes before = bytes_of(tags, pcapng_message_tags(message->packet, tags));
    uint32_t snap_length = writer->options.snap_length;
    uint32_t room = CAPTURED_MAXIMUM - (uint32_t)before.size;
    room = snap_length > 0 && snap_length < room ? snap_length : room;
    parts.captured = message->packet->captured < room ? message->packet->captured : room;
    if (parts.has_comment) {
        parts.comment =
            packet_comments_of_message(writer->comments, message->bytes, message->packet);
    }
    pcapng_message_block(&writer->block, &parts, &before);
    status = packet_comments_status(writer->comments, error);
    return status ? status : place_message(writer, message->place, error);
}

/* ---- the end ---- */

/* libpcap's tools open no file without an interface. */
static enum etw_status write_unused_interface(struct out_pcapng *writer, struct etw_error *error)
{
    struct out_interface interface = {.link = ETW_LINK_ETHERNET, .name = "none"};
    const struct corr_adapter *adapters = NULL;
    if (corr_adapters_list(writer->adapters, &adapters) > 0) {
        const char *alias = adapters[0].alias;
        const char *name = alias[0] ? alias : adapters[0].description;
        out_copy_cut(interface.name, sizeof(interface.name), name[0] ? name : "none");
        interface.mac = adapters[0].mac;
        interface.speed = adapters[0].speed;
    }
    pcapng_interface(&writer->block, &interface, &writer->capture);
    return write_block(writer, error);
}

/* True when `component`'s drops belong to this row: to the row of its adapter, or
 * to that of the component itself. */
static bool is_counted_by(const struct out_interface *row, const struct corr_component *component,
                          bool all_appearances)
{
    if (!row->is_pktmon) {
        return false;
    }
    if (all_appearances || row->interface_index == CORR_NO_INTERFACE) {
        return row->component == component->id;
    }
    return row->interface_index == corr_component_interface(component);
}

/* Drops that the monitor counted. The counters know neither edge nor link type:
 * the first row that fits a component takes them, so that none counts twice. */
static void collect_drops(const struct out_pcapng *writer, const struct out_interface *rows,
                          size_t count, uint64_t *drops)
{
    const struct corr_component *components = NULL;
    size_t component_count = corr_adapters_components(writer->adapters, &components);
    for (size_t i = 0; i < component_count; i++) {
        const struct corr_component *component = &components[i];
        size_t row = 0;
        while (row < count &&
               !is_counted_by(&rows[row], component, writer->options.all_appearances)) {
            row++;
        }
        if (row < count) {
            drops[row] += component->dropped_in + component->dropped_out;
        }
    }
}

static enum etw_status write_statistics(struct out_pcapng *writer, const struct out_interface *rows,
                                        size_t count, struct etw_error *error)
{
    uint64_t *drops = calloc(count, sizeof(*drops));
    if (!drops) {
        return etw_fail_memory(error, "the statistics");
    }
    collect_drops(writer, rows, count, drops);
    enum etw_status status = ETW_OK;
    for (size_t i = 0; i < count && !status; i++) {
        struct pcapng_statistics statistics = {.interface = &rows[i], .dropped_by_os = drops[i]};
        statistics.comment = rows[i].is_messages ? text_get(&writer->message_note) : NULL;
        pcapng_statistics_block(&writer->block, &statistics);
        status = write_block(writer, error);
    }
    free(drops);
    return status;
}

enum etw_status out_pcapng_finish(struct out_pcapng *writer, struct etw_error *error)
{
    const struct out_interface *rows = NULL;
    size_t count = out_interfaces_list(writer->interfaces, &rows);
    assert(held_blocks_is_empty(&writer->held)); /* every place has got its message, or was left */
    enum etw_status status = count == 0 ? write_unused_interface(writer, error)
                                        : write_statistics(writer, rows, count, error);
    if (!status) {
        status = packet_comments_finish(writer->comments, error);
    }
    return status ? status : out_file_status(writer->file, error);
}

bool out_pcapng_has_mixed_links(const struct out_pcapng *writer)
{
    const struct out_interface *rows = NULL;
    size_t count = out_interfaces_list(writer->interfaces, &rows);
    for (size_t i = 1; i < count; i++) {
        bool is_other_link = rows[i].link != rows[0].link && !writer->capture.is_pktap;
        if (is_other_link || rows[i].is_events != rows[0].is_events ||
            rows[i].is_messages != rows[0].is_messages) {
            return true;
        }
    }
    return false;
}
