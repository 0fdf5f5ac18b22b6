/* SPDX-License-Identifier: MIT */
/*
 * variants_of_diagnoses.c - traces that lack something, one for each reason that `info` knows:
 * no packets, no whole packets, no beginning, no end, no good clock.
 */
#include "samples.h"

#include <string.h>

#include "event_payload.h"

#define COUNT_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

enum { BUILD = 19045, ADAPTER = 10, FILTER = 11, PORT_SMB = 445, SNAP_LENGTH = 128 };

/* An event of Windows' own by the names of its fields. */
static void add_named(struct scene *scene, int64_t at, const struct etl_guid *guid,
                      const char *provider, unsigned id, const struct event_value *values,
                      size_t count)
{
    const struct event_layout *layout = event_layout_find(provider, id, 0, BUILD);
    const char *wrong = NULL;
    if (!layout || !payload_event(&scene->payload, layout, 8, values, count, &wrong)) {
        scene->failed = true;
        return;
    }
    struct etl_event event = {.provider = guid,
                              .id = (uint16_t)id,
                              .level = 4,
                              .payload = scene->payload.data,
                              .payload_size = scene->payload.size};
    (void)scene_event(scene, 0, at, &event);
    block_clear(&scene->payload);
}

/* ---- the packet monitor ---- */

static void add_monitor_event(struct scene *scene, int64_t at, uint16_t id)
{
    bool is_packet = id == 160;
    struct etl_event event = {.provider = &guid_pktmon,
                              .id = id,
                              .keyword = is_packet ? PKTMON_KEYWORD_PACKET : PKTMON_KEYWORD_CONFIG,
                              .payload = scene->payload.data,
                              .payload_size = scene->payload.size};
    (void)scene_event(scene, 0, at, &event);
    block_clear(&scene->payload);
}

static void add_stack(struct scene *scene, uint64_t counted)
{
    int64_t at = MILLISECONDS(900);
    static const uint16_t ids[] = {ADAPTER, FILTER};
    for (size_t i = 0; i < COUNT_OF(ids); i++) {
        uint16_t id = ids[i];
        struct pktmon_counters counters = {.component = id,
                                           .edge_name = "Upper",
                                           .edge = 1,
                                           .direction_in = PKTMON_RX,
                                           .direction_out = PKTMON_TX,
                                           .packets_in = counted,
                                           .bytes_in = counted * 62};
        payload_pktmon_component(&scene->payload, id, id == ADAPTER ? 2 : 3, "exgbe.sys",
                                 "Example Gigabit Adapter");
        add_monitor_event(scene, at, 20);
        payload_pktmon_counters(&scene->payload, &counters);
        add_monitor_event(scene, at, 90);
    }
}

static void add_filters(struct scene *scene)
{
    /* The address is a number whose bytes are in the order of the network. */
    static const struct event_value web[] = {{"FilterId", "1"},
                                             {"FilterName", "web"},
                                             {"IpAddress1", "0x0A0200C0"},
                                             {"Protocol", "6"},
                                             {"Port1", "443"}};
    static const struct event_value names[] = {
        {"FilterId", "2"},
        {"IpAddress1", "hex:20010DB8000000000000000000000010"},
        {"IpAddress2", "hex:00000000000000000000000000000000"},
        {"Protocol", "17"},
        {"Port1", "53"}};
    add_named(scene, MILLISECONDS(900), &guid_pktmon, "Microsoft-Windows-PktMon", 100, web,
              COUNT_OF(web));
    add_named(scene, MILLISECONDS(900), &guid_pktmon, "Microsoft-Windows-PktMon", 110, names,
              COUNT_OF(names));
}

static void monitor_idle(struct scene *scene)
{
    add_stack(scene, 0);
}

static void monitor_filtered(struct scene *scene)
{
    add_stack(scene, 0);
    add_filters(scene);
}

static void monitor_counted(struct scene *scene)
{
    add_stack(scene, 17);
}

static void monitor_status(struct scene *scene)
{
    static const struct event_value status[] = {{"Status", "0"}};
    add_named(scene, MILLISECONDS(1), &guid_pktmon, "Microsoft-Windows-PktMon", 10, status,
              COUNT_OF(status));
}

/* Every other packet is longer than what is kept. */
static void add_monitor_packets(struct scene *scene, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        make_udp_frame(scene, true, (uint16_t)i, i % 2 ? 900 : 20);
        uint16_t size = (uint16_t)scene->frame.size;
        struct pktmon_sighting sighting = {.group = i + 1,
                                           .number = 1,
                                           .appearance = 1,
                                           .direction = PKTMON_TX,
                                           .packet_type = PKTMON_ETHERNET,
                                           .component = ADAPTER,
                                           .edge = 1,
                                           .filter = 1,
                                           .original_size = size,
                                           .data = scene->frame.data,
                                           .size = size < SNAP_LENGTH ? size : SNAP_LENGTH};
        payload_pktmon_sighting(&scene->payload, &sighting);
        add_monitor_event(scene, MILLISECONDS(1 + i), 160);
        struct truth_packet *packet = scene_note_packet(scene, scene->record_count - 1);
        if (packet) {
            packet->direction = DIRECTION_OUT;
            packet->link = LINK_ETHERNET;
            packet->captured = sighting.size;
            packet->original = size;
            packet->sightings = 1;
        }
        block_clear(&scene->frame);
    }
}

static void monitor_cut(struct scene *scene)
{
    add_monitor_packets(scene, 5);
    payload_pktmon_component(&scene->payload, ADAPTER, 2, "exgbe.sys", "Example Gigabit Adapter");
    add_monitor_event(scene, MILLISECONDS(900), 20);
    add_filters(scene);
}

/* ---- the NDIS capture ---- */

static void add_rule(struct scene *scene, const char *rule, const char *directive,
                     const char *value)
{
    const struct event_value values[] = {
        {"RuleId", rule}, {"Directive", directive}, {"Value", value}};
    add_named(scene, MILLISECONDS(1), &guid_ndis_capture, "Microsoft-Windows-NDIS-PacketCapture",
              1016, values, COUNT_OF(values));
}

static void add_driver(struct scene *scene)
{
    static const struct event_value driver[] = {{"FriendlyName", "NDIS Capture"},
                                                {"ServiceName", "ndiscap"}};
    static const struct event_value layer[] = {{"MiniportIfIndex", "5"}, {"LowerIfIndex", "5"}};
    add_named(scene, MILLISECONDS(1), &guid_ndis_capture, "Microsoft-Windows-NDIS-PacketCapture",
              1012, driver, COUNT_OF(driver));
    add_named(scene, MILLISECONDS(1), &guid_ndis_capture, "Microsoft-Windows-NDIS-PacketCapture",
              1014, layer, COUNT_OF(layer));
}

static void capture_idle(struct scene *scene)
{
    add_driver(scene);
}

static void capture_filtered(struct scene *scene)
{
    add_driver(scene);
    add_rule(scene, "12", "3", "hex:C000020A");
    add_rule(scene, "16", "3", "hex:06");
}

/* Kept are 64 bytes of datagrams of 300. */
static void capture_cut(struct scene *scene)
{
    add_driver(scene);
    add_rule(scene, "17", "3", "hex:40000000");
    for (uint16_t i = 0; i < 4; i++) {
        make_udp_frame(scene, true, i, 300);
        struct ndis_event event = {.at = MILLISECONDS(2 + i),
                                   .direction = DIRECTION_OUT,
                                   .is_truncated = true,
                                   .data = scene->frame.data,
                                   .size = 64,
                                   .original = (uint32_t)scene->frame.size};
        (void)scene_ndis(scene, &event);
        block_clear(&scene->frame);
    }
}

static void smb_packets(struct scene *scene)
{
    struct endpoint client = host;
    struct endpoint share = server;
    const struct path out = {&client, &share};
    share.port = PORT_SMB;
    for (uint16_t i = 0; i < 3; i++) {
        const struct tcp_segment segment = {.sequence = 1000u + i,
                                            .acknowledgement = i ? 7000 : 0,
                                            .flags = i ? TCP_ACK : TCP_SYN,
                                            .window = 64240,
                                            .ip_id = i};
        frame_ethernet(&scene->frame, &out, ETHER_IPV4);
        frame_tcp4(&scene->frame, &out, &segment);
        struct ndis_event event = {.at = MILLISECONDS(1 + i),
                                   .direction = DIRECTION_OUT,
                                   .data = scene->frame.data,
                                   .size = scene->frame.size};
        (void)scene_ndis(scene, &event);
        block_clear(&scene->frame);
    }
}

/* ---- other recorders ---- */

static void nothing(struct scene *scene)
{
    (void)scene;
}

static void messages(struct scene *scene)
{
    static const struct etl_guid guid = {0xC0FFEE02, 1, 2, {3, 4, 5, 6, 7, 8, 9, 10}};
    static const uint8_t text[] = {1, 0, 0, 0};
    for (unsigned i = 0; i < 3; i++) {
        struct etl_message message = {.number = (uint16_t)(10 + i),
                                      .flags = ETL_MESSAGE_GUID | ETL_MESSAGE_TIME_STAMP |
                                               ETL_MESSAGE_SYSTEM_INFO,
                                      .guid = &guid,
                                      .ticks = scene_ticks(scene, MILLISECONDS(1 + i)),
                                      .thread_id = 4128,
                                      .process_id = 4120,
                                      .arguments = text,
                                      .argument_size = sizeof(text)};
        etl_record_message(&scene->record, &message);
        (void)scene_add(scene, 0, MILLISECONDS(1 + i));
    }
}

enum { CHANNEL_TRACELOGGING = 11 };

static void program_events(struct scene *scene)
{
    static const struct etl_guid guid = {0xC0FFEE03, 1, 2, {3, 4, 5, 6, 7, 8, 9, 10}};
    for (unsigned i = 0; i < 10; i++) {
        struct etl_event event = {.provider = &guid, .channel = CHANNEL_TRACELOGGING, .level = 5};
        (void)scene_event(scene, 0, MILLISECONDS(1 + i), &event);
    }
}

static void kernel_records(struct scene *scene)
{
    static const uint8_t payload[24] = {1, 2, 3};
    for (unsigned i = 0; i < 20; i++) {
        struct etl_perfinfo record = {.pointer_size = 8,
                                      .version = 2,
                                      .hook = 0x0524, /* a thread gets the CPU */
                                      .ticks = scene_ticks(scene, MILLISECONDS(1 + i)),
                                      .payload = payload,
                                      .payload_size = sizeof(payload)};
        etl_record_perfinfo(&scene->record, &record);
        (void)scene_add(scene, 0, MILLISECONDS(1 + i));
    }
}

/* ---- losses ---- */

static void forty_packets(struct scene *scene)
{
    add_packets(scene, 40, MILLISECONDS(1), MICROSECONDS(170));
}

static void lost_notices(struct scene *scene)
{
    static const struct etl_guid lost = {
        0x6A399AE0, 0x4BC6, 0x4DE9, {0x87, 0x0B, 0x36, 0x57, 0xF8, 0x94, 0x7E, 0x7E}};
    forty_packets(scene);
    for (uint8_t opcode = 32; opcode <= 33; opcode++) {
        struct etl_classic record = {.pointer_size = 8,
                                     .opcode = opcode,
                                     .ticks = scene_ticks(scene, MILLISECONDS(20)),
                                     .class_guid = &lost};
        etl_record_classic(&scene->record, &record);
        (void)scene_add(scene, 0, MILLISECONDS(20));
    }
}

/* Bytes of the header of a data buffer; NULL: there is no such buffer. */
static uint8_t *find_header(const struct scene *scene, uint64_t sequence)
{
    struct etl_buffer_place place;
    return etl_writer_find_buffer(scene->writer, sequence, &place)
               ? scene->image.data + place.file_offset
               : NULL;
}

/* The recorder marks two buffers: it lost events while they filled. */
static void mark_buffers(struct scene *scene)
{
    for (uint64_t sequence = 1; sequence <= 2; sequence++) {
        uint8_t *header = find_header(scene, sequence);
        if (!header) {
            scene->failed = true;
            return;
        }
        header[0x34] |= 0x02;
    }
}

/* The buffers behind the first have numbers that are two higher. */
static void shift_numbers(struct scene *scene)
{
    uint8_t *header = NULL;
    for (uint64_t sequence = 2; (header = find_header(scene, sequence)); sequence++) {
        header[0x18] = (uint8_t)(header[0x18] + 2);
    }
}

/* The last buffer was not copied. */
static void leave_out_last(struct scene *scene)
{
    scene_cut(scene, scene->image.size - scene->options.buffer_size);
}

/* ---- clocks ---- */

enum { CLOCK_STEP = 156250 };

static void coarse_times(struct scene *scene)
{
    for (unsigned i = 0; i < 4; i++) {
        add_packets(scene, 10, (int64_t)CLOCK_STEP * (i + 1), 0);
    }
}

/* As with a frequency of a tenth of the true one. */
static void slow_packets(struct scene *scene)
{
    add_packets(scene, 40, MILLISECONDS(1), MILLISECONDS(500));
}

/* ---- options ---- */

/* clang-format off */
#define OPTIONS(name, ...) \
    static void name(struct etl_options *options) \
    { \
        __VA_ARGS__ \
    }

OPTIONS(monitor, *options = sample_pktmon_options(); options->buffer_size = 0x10000;)
OPTIONS(monitor_1909, monitor(options); options->os_build = 18363;)
OPTIONS(monitor_11, monitor(options); options->os_build = 22621;)
OPTIONS(windows7, options->is_windows7 = true; options->mode = 0x1; options->os_major = 6;
        options->os_minor = 1; options->os_build = 7601; options->frequency = 2109960;)
OPTIONS(kernel_session, options->session_name = "NT Kernel Logger";)
OPTIONS(never_stopped, options->is_unfinished = true; options->session_name = "Nightly";)
OPTIONS(one_buffer_lost, options->buffers_lost = 1;)
OPTIONS(system_clock, options->clock = ETL_CLOCK_SYSTEM;)
OPTIONS(wrong_rate, options->end_time = SCENE_START + MILLISECONDS(2000);)

static const struct variant rows[] = {
    {"pktmon-idle", "the packet monitor saw no traffic", monitor_11, monitor_idle, NULL},
    {"pktmon-filtered", "two filters, and nothing passed them", monitor_11, monitor_filtered, NULL},
    {"pktmon-counted", "counters without packets", monitor, monitor_counted, NULL},
    {"pktmon-status", "an event of the packet monitor and nothing else", monitor, monitor_status, NULL},
    {"pktmon-cut", "128 bytes of every packet, two filters", monitor_11, monitor_cut, NULL},
    {"pktmon-cut-1909", "the same in Windows 10 1909", monitor_1909, monitor_cut, NULL},
    {"ndis-idle", "the capture driver saw no traffic", NULL, capture_idle, NULL},
    {"ndis-filtered", "capture rules, and nothing passed them", NULL, capture_filtered, NULL},
    {"ndis-cut", "packets cut by a capture rule", NULL, capture_cut, NULL},
    {"windows7-no-owners", "packets alone, Windows 7", windows7, forty_packets, NULL},
    {"smb-packets", "packets of a share without its events", NULL, smb_packets, NULL},
    {"wpp-only", "debugging texts of one program", NULL, messages, NULL},
    {"tracelogging-only", "events of a program", NULL, program_events, NULL},
    {"kernel-only", "the kernel's session", NULL, kernel_records, NULL},
    {"kernel-half", "the same by its usual name", kernel_session, kernel_records, NULL},
    {"never-stopped", "nothing was written before it was copied", never_stopped, nothing, NULL},
    {"never-stopped-packets", "the end is missing", never_stopped, forty_packets, NULL},
    {"last-buffer-missing", "the file was not copied to its end", NULL, forty_packets, leave_out_last},
    {"lost-notices", "notices of losses among the events", NULL, lost_notices, NULL},
    {"marked-buffers", "two buffers that say that events were lost", NULL, forty_packets, mark_buffers},
    {"missing-numbers", "two numbers that no buffer has", NULL, forty_packets, shift_numbers},
    {"missing-buffer", "the same, and the header counts a loss", one_buffer_lost, forty_packets, shift_numbers},
    {"clock-coarse", "time in steps of 15.6 ms", system_clock, coarse_times, NULL},
    {"clock-wrong", "events from behind the end", wrong_rate, slow_packets, NULL},
};
/* clang-format on */

const struct variant_list variants_of_diagnoses = {rows, COUNT_OF(rows)};
