/* SPDX-License-Identifier: MIT */
/*
 * variants_of_records.c - one trace for each group of record kinds.
 */
#include "other_compression.h"
#include "samples.h"

static const struct etl_guid class_guid = {0xC1A55000, 1, 2, {3, 4, 5, 6, 7, 8, 9, 10}};
static const uint8_t some_bytes[40] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13};

enum { SOME = 13 }; /* odd on purpose: records then end off the 8-byte grid */

static void add_system(struct scene *scene, unsigned pointer_size, bool is_compact, int64_t at)
{
    struct etl_system record = {.pointer_size = pointer_size,
                                .is_compact = is_compact,
                                .version = 2,
                                .hook = 0x0BFF, /* no known event */
                                .thread_id = 100,
                                .process_id = 200,
                                .ticks = scene_ticks(scene, at),
                                .payload = some_bytes,
                                .payload_size = SOME};
    etl_record_system(&scene->record, &record);
    (void)scene_add(scene, 0, at);
}

static void add_classic(struct scene *scene, unsigned pointer_size, bool is_instance, int64_t at)
{
    struct etl_classic record = {.pointer_size = pointer_size,
                                 .is_instance = is_instance,
                                 .opcode = 1,
                                 .level = 4,
                                 .thread_id = 100,
                                 .process_id = 200,
                                 .ticks = scene_ticks(scene, at),
                                 .class_guid = &class_guid,
                                 .instance = 3,
                                 .parent_instance = 2,
                                 .parent_guid = &class_guid,
                                 .payload = some_bytes,
                                 .payload_size = SOME};
    etl_record_classic(&scene->record, &record);
    (void)scene_add(scene, 0, at);
}

static void add_perfinfo(struct scene *scene, unsigned pointer_size, bool has_pebs,
                         unsigned counters, int64_t at)
{
    struct etl_perfinfo record = {.pointer_size = pointer_size,
                                  .version = 2,
                                  .hook = 0x0BFF,
                                  .ticks = scene_ticks(scene, at),
                                  .has_pebs = has_pebs,
                                  .counter_count = counters,
                                  .payload = some_bytes,
                                  .payload_size = SOME};
    etl_record_perfinfo(&scene->record, &record);
    (void)scene_add(scene, 0, at);
}

static void add_event(struct scene *scene, unsigned pointer_size, const struct etl_item *items,
                      size_t item_count, int64_t at)
{
    struct etl_event event = {.pointer_size = pointer_size,
                              .provider = &class_guid,
                              .id = 1,
                              .thread_id = 100,
                              .process_id = 200,
                              .activity = item_count & 1 ? &class_guid : NULL,
                              .items = items,
                              .item_count = item_count,
                              .payload = some_bytes,
                              .payload_size = SOME};
    (void)scene_event(scene, 0, at, &event);
}

static void one_packet(struct scene *scene, unsigned pointer_size, int64_t at)
{
    make_udp_frame(scene, true, (uint16_t)(at & 0xFFFF), 33);
    struct ndis_event event = {.at = at,
                               .pointer_size = pointer_size,
                               .direction = DIRECTION_OUT,
                               .data = scene->frame.data,
                               .size = scene->frame.size};
    (void)scene_ndis(scene, &event);
    block_clear(&scene->frame);
}

/* Every variant ends with a packet: whoever finds it has not lost his way. */
enum { LAST_PACKET = 1000000 };

static void record_kinds(struct scene *scene)
{
    int64_t at = MICROSECONDS(10);
    for (unsigned size = 4; size <= 8; size += 4) {
        add_system(scene, size, false, at++);
        add_system(scene, size, true, at++);
        add_classic(scene, size, false, at++);
        add_classic(scene, size, true, at++);
        add_perfinfo(scene, size, false, 0, at++);
        add_event(scene, size, NULL, 0, at++);
    }
    one_packet(scene, 8, LAST_PACKET);
}

static void mixed_sizes(struct scene *scene)
{
    for (unsigned i = 0; i < 10; i++) {
        one_packet(scene, i & 1 ? 4 : 8, MICROSECONDS(20) * (i + 1));
    }
}

static void perfinfo_counters(struct scene *scene)
{
    int64_t at = MICROSECONDS(10);
    for (unsigned counters = 0; counters <= 7; counters++) {
        add_perfinfo(scene, 8, false, counters, at++);
        add_perfinfo(scene, 4, true, counters, at++);
    }
    one_packet(scene, 8, LAST_PACKET);
}

/* All orders of one to three out of stack, schema and traits, with and without a related
 * activity in front; then each type once, then one event with all of them. */
static void extended_items(struct scene *scene)
{
    static const uint8_t schema[] = {12, 0, 0, 'E', 'v', 0, 'n', 0, 0x08, 0, 0, 0};
    static const uint8_t traits[] = {9, 0, 'S', 'a', 'm', 'p', 'l', 'e', 0};
    static const uint8_t sid[] = {1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0};
    static const struct etl_item items[] = {
        {6, some_bytes, 24}, {11, schema, 10}, {12, traits, 9}, {1, some_bytes, 16}};
    static const struct etl_item all[] = {
        {1, some_bytes, 16},  {2, sid, 12},         {3, some_bytes, 4},   {4, some_bytes, 24},
        {5, some_bytes, 20},  {6, some_bytes, 24},  {7, some_bytes, 8},   {8, some_bytes, 40},
        {9, some_bytes, 8},   {10, some_bytes, 8},  {13, some_bytes, 8},  {14, some_bytes, 16},
        {15, some_bytes, 8},  {16, some_bytes, 36}, {17, some_bytes, 16}, {18, some_bytes, 16},
        {200, some_bytes, 3}, {201, some_bytes, 0}};
    enum { COUNT = 4, ALL = sizeof(all) / sizeof(all[0]) };
    int64_t at = MICROSECONDS(10);
    for (size_t order = 0; order < COUNT * COUNT * COUNT; order++) {
        struct etl_item three[] = {items[order % COUNT], items[order / COUNT % COUNT],
                                   items[order / COUNT / COUNT]};
        if (three[0].type != three[1].type && three[1].type != three[2].type &&
            three[0].type != three[2].type) {
            for (size_t count = 1; count <= 3; count++) {
                add_event(scene, count & 1 ? 8 : 4, three, count, at++);
            }
        }
    }
    for (size_t i = 0; i < ALL; i++) {
        add_event(scene, 8, &all[i], 1, at++);
    }
    add_event(scene, 8, all, ALL, at++);
    one_packet(scene, 8, LAST_PACKET);
}

/* All 256 combinations of option flags. */
static void messages(struct scene *scene)
{
    int64_t at = MICROSECONDS(10);
    for (unsigned flags = 0; flags < 256; flags++) {
        struct etl_message record = {.number = (uint16_t)(10 + flags),
                                     .flags = (uint16_t)flags,
                                     .sequence = flags,
                                     .component = 77,
                                     .guid = &class_guid,
                                     .ticks = scene_ticks(scene, at),
                                     .thread_id = 100,
                                     .process_id = 200,
                                     .arguments = some_bytes,
                                     .argument_size = flags % SOME};
        etl_record_message(&scene->record, &record);
        if (flags & (ETL_MESSAGE_TIME_STAMP | ETL_MESSAGE_PERFORMANCE_TIME_STAMP)) {
            (void)scene_add(scene, 0, at++);
        } else {
            (void)scene_add_timeless(scene, 0);
        }
    }
    one_packet(scene, 8, LAST_PACKET);
}

static void old_kinds(struct scene *scene)
{
    one_packet(scene, 8, MICROSECONDS(10));
    for (unsigned kind = 12; kind <= 14; kind++) {
        etl_record_old_kind(&scene->record, kind, some_bytes, 30);
        (void)scene_add_timeless(scene, 0);
    }
    etl_record_legacy(&scene->record, some_bytes, 30);
    (void)scene_add_timeless(scene, 0);
    one_packet(scene, 8, LAST_PACKET);
}

/* EventWriteString: the payload is one text. */
static void string_only(struct scene *scene)
{
    block_utf16(&scene->payload, "one text, no schema: gr\xC3\xBC\xC3\x9F \xF0\x9F\x98\x80");
    struct etl_event event = {.flags = 0x0004,
                              .provider = &class_guid,
                              .payload = scene->payload.data,
                              .payload_size = scene->payload.size};
    (void)scene_event(scene, 0, MICROSECONDS(10), &event);
    block_clear(&scene->payload);
    one_packet(scene, 8, LAST_PACKET);
}

/* WinSAT's assessment of the machine, as merging adds it: u32 1, u32 size, LZNT1 of UTF-16 with
 * its NUL. Long enough for three chunks. */
static void assessment(struct scene *scene)
{
    static const struct etl_guid winsat = {
        0xED54DFF8, 0xC409, 0x4CF6, {0xBF, 0x83, 0x05, 0xE1, 0xE6, 0x1A, 0x09, 0xC4}};
    struct byte_block text = {0};
    block_utf16(&text, "<WinSPR>");
    text.size -= 2; /* the NUL */
    for (unsigned i = 0; i < 100; i++) {
        block_utf16(&text, i % 7 ? "<CpuScore unit=\"none\">9.3</CpuScore>\r\n"
                                 : "<Note>gr\xC3\xBC\xC3\x9F \xF0\x9F\x98\x80 &amp; all</Note>");
        text.size -= 2;
    }
    block_utf16(&text, "</WinSPR>");
    block_u32(&scene->payload, 1);
    block_u32(&scene->payload, (uint32_t)text.size);
    scene->failed = scene->failed || !lznt1_compress(&scene->payload, text.data, text.size);
    struct etl_classic record = {.pointer_size = 8,
                                 .opcode = 33,
                                 .ticks = scene_ticks(scene, MICROSECONDS(10)),
                                 .class_guid = &winsat,
                                 .payload = scene->payload.data,
                                 .payload_size = scene->payload.size};
    etl_record_classic(&scene->record, &record);
    (void)scene_add(scene, 0, MICROSECONDS(10));
    block_clear(&scene->payload);
    block_done(&text);
    one_packet(scene, 8, LAST_PACKET);
}

static void largest_records(struct scene *scene)
{
    for (unsigned i = 0; i < 4; i++) {
        (void)add_plain_event(scene, 0, MICROSECONDS(10) * (i + 1), 0xFFFF - 80 - i);
    }
    one_packet(scene, 8, LAST_PACKET);
}

static void no_payload(struct scene *scene)
{
    for (unsigned i = 0; i < 4; i++) {
        (void)add_plain_event(scene, 0, MICROSECONDS(10) * (i + 1), 0);
    }
    one_packet(scene, 8, LAST_PACKET);
}

/* clang-format off */
static void large_buffers(struct etl_options *options)
{
    options->buffer_size = 0x20000;
}

static const struct variant rows[] = {
    {"record-kinds", "every kind, 32 and 64 bit", NULL, record_kinds, NULL},
    {"mixed-sizes", "packets in 32-bit and 64-bit records", NULL, mixed_sizes, NULL},
    {"perfinfo-counters", "counters and PEBS index before the payload", NULL, perfinfo_counters, NULL},
    {"extended-items", "items in every order, every type", NULL, extended_items, NULL},
    {"wpp-messages", "all 256 combinations of flags", NULL, messages, NULL},
    {"old-kinds", "kinds 12 to 14 and 0xB0, to be stepped over", NULL, old_kinds, NULL},
    {"string-only", "an event that is one text", NULL, string_only, NULL},
    {"assessment", "WinSAT's text, packed as LZNT1", NULL, assessment, NULL},
    {"largest-records", "65,535 bytes", large_buffers, largest_records, NULL},
    {"no-payload", "events that are only a header", NULL, no_payload, NULL},
};
/* clang-format on */

const struct variant_list variants_of_records = {rows, sizeof(rows) / sizeof(rows[0])};
