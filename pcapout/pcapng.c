/* SPDX-License-Identifier: MIT */
#include "pcapout/pcapng.h"

#include <stdlib.h>
#include <string.h>

#include "correlate/http.h"
#include "pcapout/escape.h"
#include "pcapout/interfaces.h"
#include "pcapout/names.h"
#include "pcapout/number_text.h"
#include "pcapout/offload_text.h"
#include "pcapout/owner_comments.h"
#include "pcapout/owners.h"
#include "pcapout/pcapng_blocks.h"
#include "pcapout/pcapng_events.h"
#include "pcapout/pcapng_names.h"
#include "pcapout/pcapng_options.h"
#include "pcapout/pcapng_processes.h"
#include "pcapout/pktap.h"
#include "pcapout/radiotap.h"
#include "pcapout/route_text.h"

#define BLOCK_PACKET 6u
/* Wireshark refuses a file with a packet longer than this (WTAP_MAX_PACKET_SIZE_STANDARD);
 * what is longer is cut here, and the original length says so. */
#define CAPTURED_MAXIMUM 262144u
/* Names in comments and verdicts; their real lengths are below 100. */
#define VALUE_SIZE 256

struct out_pcapng {
    struct out_file *file;                /* borrowed */
    const struct corr_adapters *adapters; /* borrowed */
    struct out_pcapng_options options;
    struct out_interfaces *interfaces;  /* owned */
    struct text block;                  /* scratch: one block that is not a packet */
    struct text event;                  /* scratch: the bytes of an event */
    struct text comment;                /* scratch: what follows frame=N in a comment */
    struct text verdict;                /* scratch: verdict options of a dropped packet */
    bool has_names;                     /* the names of addresses are written */
    struct owner_comments *owners;      /* owned */
    struct pcapng_processes *processes; /* owned; NULL: no owners */
    struct pcapng_capture capture;
    uint32_t captured_maximum; /* bytes of a packet, without what stands before it */
};

/* The variable parts of one packet block. */
struct parts {
    const struct corr_packet *packet;
    struct out_interface *interface;
    uint8_t radiotap[RADIOTAP_MAXIMUM_SIZE];
    uint32_t radiotap_size;
    uint32_t before;   /* bytes of the headers that stand before the frame: PKTAP, radiotap */
    uint32_t captured; /* of the frame */
    bool has_comment;
    struct bytes comment;               /* behind frame=N */
    struct bytes verdict;               /* whole options */
    const struct corr_process *process; /* NULL: no owner */
    bool has_process_block;
    uint32_t process_block;            /* its number */
    const struct corr_process *behalf; /* the process that the packet alone is for; NULL: none */
    uint32_t behalf_block;             /* its number */
};

void out_pcapng_free(struct out_pcapng *writer)
{
    if (writer) {
        out_interfaces_free(writer->interfaces);
        text_done(&writer->block);
        text_done(&writer->event);
        text_done(&writer->comment);
        text_done(&writer->verdict);
        owner_comments_free(writer->owners);
        pcapng_processes_free(writer->processes);
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
        status = owner_comments_new(options->ledger, &writer->owners, error);
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

/* ---- comments and verdicts ---- */

static void add_value(struct text *to, const char *key, const char *value)
{
    char cut[VALUE_SIZE];
    out_copy_cut(cut, sizeof(cut), value);
    text_add(to, key);
    out_escape_comment(to, cut);
}

static void add_number(struct text *to, const char *key, uint64_t value)
{
    text_add(to, key);
    text_add_u64(to, value);
}

/* The keys behind frame=N that are not the same for all packets; keys and their
 * order are stable. `by` is the component that dropped the packet, `component`
 * the one that this sighting comes from. */
static void collect_comment(struct out_pcapng *writer, const struct corr_packet *packet)
{
    struct text *to = &writer->comment;
    char number[OUT_NAME_SIZE];
    text_clear(to);
    if (!writer->options.without_owners) {
        struct bytes owner = owner_comments_get(writer->owners, packet);
        text_add_bytes(to, owner.data, owner.size);
    }
    if (writer->options.verdicts) {
        (void)out_verdict_marks_add(writer->options.verdicts, packet->frame, to);
    }
    if (packet->drop.is_dropped) {
        add_value(to, " drop=", out_drop_reason(&packet->drop, number));
        add_value(to, " location=", out_drop_location(&packet->drop, number));
        add_value(to, " by=", out_component_name(writer->adapters, packet->drop.component, number));
    }
    out_route_add_comment(to, packet);
    out_offload_add_comment(to, &packet->offload);
    if (writer->options.all_appearances && packet->capture == ETW_CAPTURE_PKTMON) {
        add_value(to,
                  " component=", out_component_name(writer->adapters, packet->component, number));
        add_number(to, " edge=", packet->edge);
        add_number(to, " appearance=", packet->appearance);
        add_number(to, " group=", packet->group);
        add_number(to, " number=", packet->number);
        add_number(to, " filter=", packet->filter);
    }
}

static struct bytes comment_of(struct out_pcapng *writer, const struct corr_packet *packet)
{
    struct out_verdict_marks *verdicts = writer->options.verdicts;
    text_clear(&writer->comment);
    bool has_verdict = verdicts && out_verdict_marks_add(verdicts, packet->frame, &writer->comment);
    bool is_common = !packet->drop.is_dropped && !writer->options.all_appearances && !has_verdict &&
                     !packet->route && out_offload_is_empty(&packet->offload);
    if (is_common && writer->options.without_owners) {
        return bytes_of("", 0);
    }
    if (is_common) {
        return owner_comments_get(writer->owners, packet);
    }
    collect_comment(writer, packet);
    return bytes_of(text_get(&writer->comment), writer->comment.size);
}

/* Two options: the number that other converters write and filters know, and the
 * one field of today's Wireshark that shows a text.
 *   u8 type 2 (XDP), u64 1 (dropped)      u8 type 0 (hardware), "reason/location" */
static struct bytes verdict_of(struct out_pcapng *writer, const struct corr_packet *packet)
{
    static const uint8_t xdp_drop[9] = {2, 1};
    char number[OUT_NAME_SIZE];
    struct text *to = &writer->verdict;
    text_clear(to);
    if (!packet->drop.is_dropped) {
        return bytes_of(to->data, 0);
    }
    char value[2 * VALUE_SIZE + 2] = {0}; /* first byte: the type */
    out_copy_cut(value + 1, VALUE_SIZE, out_drop_reason(&packet->drop, number));
    size_t size = 1 + strlen(value + 1);
    value[size++] = '/';
    out_copy_cut(value + size, VALUE_SIZE, out_drop_location(&packet->drop, number));
    size += strlen(value + size);
    pcapng_add_bytes(to, PCAPNG_PACKET_VERDICT, xdp_drop, sizeof(xdp_drop));
    pcapng_add_bytes(to, PCAPNG_PACKET_VERDICT, value, size);
    return bytes_of(to->data, to->size);
}

/* ---- packets ---- */

/* epb_flags: bits 0-1 direction (1 in, 2 out, as enum etw_direction numbers them),
 * bits 2-4 reception (1 unicast, 2 multicast, 3 broadcast) by the receiver's MAC,
 * bits 9-11 what the adapter does (out_offload_flags). */
static uint32_t packet_flags(const struct corr_packet *packet)
{
    static const uint8_t everyone[6] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
    const struct corr_address *mac = &packet->layers.destination_mac;
    uint32_t reception = 0;
    if (mac->size == 6) {
        bool is_everyone = memcmp(mac->bytes, everyone, sizeof(everyone)) == 0;
        reception = is_everyone ? 3 : 1 + (uint32_t)(mac->bytes[0] & 1);
    }
    return (uint32_t)packet->direction | reception << 2 | out_offload_flags(&packet->offload);
}

/*
 * Enhanced Packet Block                                       [documented: draft 4.3]
 *   0x00  u32  type 6            0x0C  u32  time, upper half   0x14  u32  captured
 *   0x04  u32  total length      0x10  u32  time, lower half   0x18  u32  original
 *   0x08  u32  interface         0x1C  data, padding, options, u32 total length
 */
#define PACKET_HEADER_SIZE 28
#define FIXED_OPTIONS_SIZE (8 + 12 + 12 + 8 + 8) /* flags, packet id, process, two blocks */
#define PACKET_END_SIZE    8                     /* end of options, total length */
#define COMMENT_START      "frame="
#define COMMENT_START_SIZE (sizeof(COMMENT_START) - 1)

static uint8_t *put_header(uint8_t *to, const struct parts *parts)
{
    const struct corr_packet *packet = parts->packet;
    uint64_t ticks = pcapng_ticks(packet->time);
    to = store_u32(to, BLOCK_PACKET);
    to = store_u32(to, 0); /* the length, known at the end */
    to = store_u32(to, parts->interface->number);
    to = store_u32(to, (uint32_t)(ticks >> 32));
    to = store_u32(to, (uint32_t)ticks);
    to = store_u32(to, parts->captured + parts->before);
    return store_u32(to, out_original_size(packet) + parts->before);
}

static uint8_t *put_data(uint8_t *to, const struct parts *parts)
{
    if (parts->before > parts->radiotap_size) {
        to = pktap_put(to, parts->packet, parts->radiotap_size, parts->interface->name,
                       parts->process, parts->behalf);
    }
    memcpy(to, parts->radiotap, parts->radiotap_size);
    to += parts->radiotap_size;
    if (parts->captured > 0) {
        memcpy(to, parts->packet->data, parts->captured);
    }
    to += parts->captured;
    size_t padding = pad4(parts->before + parts->captured);
    for (size_t i = 0; i < padding; i++) {
        *to++ = 0;
    }
    return to;
}

static uint8_t *put_comment(uint8_t *to, const struct parts *parts)
{
    uint8_t *start = to + 4;
    memcpy(start, COMMENT_START, COMMENT_START_SIZE);
    uint8_t *at = start + COMMENT_START_SIZE;
    at += number_text(parts->packet->frame, (char *)at);
    if (parts->comment.size > 0) {
        memcpy(at, parts->comment.data, parts->comment.size);
        at += parts->comment.size;
    }
    size_t size = (size_t)(at - start);
    (void)store_u32(to, (uint32_t)PCAPNG_OPTION_COMMENT | (uint32_t)size << 16);
    size_t padding = pad4(size);
    for (size_t i = 0; i < padding; i++) {
        *at++ = 0;
    }
    return at;
}

/* Process and thread; the thread is not known. */
static uint8_t *put_process(uint8_t *to, const struct parts *parts)
{
    to = store_u32(to, (uint32_t)PCAPNG_PACKET_PROCESS | 8u << 16);
    to = store_u32(store_u32(to, parts->process->pid), 0);
    if (!parts->has_process_block) {
        return to;
    }
    to = store_u32(to, (uint32_t)PCAPNG_PACKET_DARWIN_PROCESS | 4u << 16);
    to = store_u32(to, parts->process_block);
    if (!parts->behalf) {
        return to;
    }
    to = store_u32(to, (uint32_t)PCAPNG_PACKET_DARWIN_EFFECTIVE | 4u << 16);
    return store_u32(to, parts->behalf_block);
}

static uint8_t *put_options(uint8_t *to, const struct parts *parts)
{
    to = store_u32(to, (uint32_t)PCAPNG_PACKET_FLAGS | 4u << 16);
    to = store_u32(to, packet_flags(parts->packet));
    to = store_u32(to, (uint32_t)PCAPNG_PACKET_ID | 8u << 16);
    to = store_u64(to, parts->packet->frame);
    if (parts->verdict.size > 0) {
        memcpy(to, parts->verdict.data, parts->verdict.size);
        to += parts->verdict.size;
    }
    if (parts->process) {
        to = put_process(to, parts);
    }
    return parts->has_comment ? put_comment(to, parts) : to;
}

static enum etw_status write_packet(struct out_pcapng *writer, const struct parts *parts,
                                    struct etw_error *error)
{
    size_t most = PACKET_HEADER_SIZE + parts->before + parts->captured + 3 + FIXED_OPTIONS_SIZE +
                  parts->verdict.size + 4 + COMMENT_START_SIZE + NUMBER_TEXT_SIZE +
                  parts->comment.size + 3 + PACKET_END_SIZE;
    uint8_t *start = out_file_reserve(writer->file, most);
    if (!start) {
        return out_file_status(writer->file, error);
    }
    uint8_t *data = put_header(start, parts);
    uint8_t *at = put_data(data, parts);
    const struct corr_packet *packet = parts->packet;
    if (packet->layers.is_protected_plain && !writer->options.keep_protected &&
        parts->captured > 1) {
        data[parts->before + 1] &=
            (uint8_t)~0x40u; /* Protected, in the second byte of frame control */
        parts->interface->unprotected++;
    }
    at = put_options(at, parts);
    at = store_u32(at, PCAPNG_OPTION_END);
    uint32_t size = (uint32_t)(at - start) + 4;
    (void)store_u32(at, size);
    (void)store_u32(start + 4, size);
    out_file_advance(writer->file, size);
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
static enum etw_status fill_process(struct out_pcapng *writer, uint32_t row, struct parts *parts,
                                    struct etw_error *error)
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
                                      struct parts *parts, struct etw_error *error)
{
    enum etw_status status = fill_process(writer, packet->verdict.process, parts, error);
    if (status || !packet->behalf || !parts->process) {
        return status;
    }
    struct parts behalf = {.packet = packet};
    status = fill_process(writer, packet->behalf->process, &behalf, error);
    parts->behalf = behalf.process;
    parts->behalf_block = behalf.process_block;
    return status;
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
    struct parts parts = {.packet = packet, .interface = interface};
    status = fill_processes(writer, packet, &parts, error);
    if (status) {
        return status;
    }
    if (interface->is_radiotap) {
        const struct etw_reception *reception = packet->has_reception ? &packet->reception : NULL;
        parts.radiotap_size = (uint32_t)radiotap_write(reception, parts.radiotap);
    }
    parts.before =
        parts.radiotap_size + (writer->capture.is_pktap ? (uint32_t)PKTAP_HEADER_SIZE : 0);
    uint32_t room = CAPTURED_MAXIMUM - parts.before;
    room = writer->captured_maximum < room ? writer->captured_maximum : room;
    parts.captured = packet->captured < room ? packet->captured : room;
    parts.has_comment = writer->options.comments == OUT_COMMENTS_ALL ||
                        (writer->options.comments == OUT_COMMENTS_FIRST && is_new);
    if (parts.has_comment) {
        parts.comment = comment_of(writer, packet);
    }
    if (packet->drop.is_dropped) {
        parts.verdict = verdict_of(writer, packet);
    }
    if (writer->comment.failed || writer->verdict.failed) {
        return etw_fail_memory(error, "the comment of a packet");
    }
    return write_packet(writer, &parts, error);
}

/* ---- events as packets ---- */

static void add_event_options(struct text *block, const struct parts *parts)
{
    uint8_t options[20];
    if (parts->process) {
        uint8_t *end = put_process(options, parts);
        text_add_bytes(block, options, (size_t)(end - options));
    }
}

static void collect_event(struct out_pcapng *writer, const struct parts *parts,
                          const struct etw_record *record)
{
    struct text *block = &writer->block;
    uint64_t ticks = pcapng_ticks(record->time);
    uint32_t size = (uint32_t)writer->event.size;
    pcapng_begin_block(block, BLOCK_PACKET);
    pcapng_add_u32(block, parts->interface->number);
    pcapng_add_u32(block, (uint32_t)(ticks >> 32));
    pcapng_add_u32(block, (uint32_t)ticks);
    pcapng_add_u32(block, size);
    pcapng_add_u32(block, size);
    text_add_bytes(block, writer->event.data, size); /* a multiple of four */
    add_event_options(block, parts);
    pcapng_end_block(block);
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
    struct parts parts = {.interface = interface};
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
    collect_event(writer, &parts, record);
    return write_block(writer, error);
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
    enum etw_status status = count == 0 ? write_unused_interface(writer, error)
                                        : write_statistics(writer, rows, count, error);
    if (!status && owner_comments_failed(writer->owners)) {
        status = etw_fail_memory(error, "the comments of packets");
    }
    return status ? status : out_file_status(writer->file, error);
}

bool out_pcapng_has_mixed_links(const struct out_pcapng *writer)
{
    const struct out_interface *rows = NULL;
    size_t count = out_interfaces_list(writer->interfaces, &rows);
    for (size_t i = 1; i < count; i++) {
        bool is_other_link = rows[i].link != rows[0].link && !writer->capture.is_pktap;
        if (is_other_link || rows[i].is_events != rows[0].is_events) {
            return true;
        }
    }
    return false;
}
