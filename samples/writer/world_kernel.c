/* SPDX-License-Identifier: MIT */
#include "world_kernel.h"

#include "etl_records.h"
#include "world_output.h"

/* {7DD42A49-5329-4832-8DFD-43D979153A88} */
static const struct etl_guid guid_kernel_network = {
    0x7DD42A49, 0x5329, 0x4832, {0x8D, 0xFD, 0x43, 0xD9, 0x79, 0x15, 0x3A, 0x88}};

enum shape { SHAPE_PLAIN, SHAPE_SENT, SHAPE_OPENED };

/* Ids of the provider for IPv4; those of IPv6 are 16 above. The hooks of the classic events
 * have the same number in their low byte, and UDP counts from 10 there. */
static const struct kernel_row {
    uint8_t id, hook;
    enum shape shape;
    bool is_datagram;
} rows[] = {[KERNEL_SENT] = {10, 10, SHAPE_SENT, false},
            [KERNEL_RECEIVED] = {11, 11, SHAPE_PLAIN, false},
            [KERNEL_CONNECTED] = {12, 12, SHAPE_OPENED, false},
            [KERNEL_DISCONNECTED] = {13, 13, SHAPE_PLAIN, false},
            [KERNEL_REPEATED] = {14, 14, SHAPE_PLAIN, false},
            [KERNEL_ACCEPTED] = {15, 15, SHAPE_OPENED, false},
            [KERNEL_DATAGRAM_SENT] = {42, 10, SHAPE_PLAIN, true},
            [KERNEL_DATAGRAM_RECEIVED] = {43, 11, SHAPE_PLAIN, true}};

static void put_port(struct byte_block *out, uint16_t port)
{
    block_u8(out, port >> 8);
    block_u8(out, port & 0xFF);
}

/*
 * u32 pid   u32 size   destination   source   u16 destination port   u16 source port   (ports
 * big-endian)   sent: u32 start time, u32 end time   opened: u16 mss, sack, timestamps, window
 * scale, u32 window, u16 receive scale, u16 send scale   u32 sequence   pointer connection
 *
 * The source is the local end, also of what TCP received; a received datagram's is its sender.
 */
static void put_payload(struct world_burst *burst, enum kernel_event event, uint32_t pid,
                        size_t size)
{
    struct byte_block *out = &burst->world->payload;
    const struct world_address *local = (const void *)(uintptr_t)burst->base[VALUE_LOCAL];
    const struct world_address *remote = (const void *)(uintptr_t)burst->base[VALUE_REMOTE];
    bool is_turned = event == KERNEL_DATAGRAM_RECEIVED;
    const struct world_address *from = is_turned ? remote : local, *to = is_turned ? local : remote;
    block_clear(out);
    block_u32(out, pid);
    block_u32(out, (uint32_t)size);
    block_bytes(out, to->bytes, to->size);
    block_bytes(out, from->bytes, from->size);
    put_port(out, to->port);
    put_port(out, from->port);
    if (rows[event].shape == SHAPE_SENT) {
        block_u32(out, (uint32_t)(burst->at / 100000));
        block_u32(out, (uint32_t)(burst->at / 100000));
    } else if (rows[event].shape == SHAPE_OPENED) {
        block_u16(out, 1460);
        block_fill(out, 0, 6);
        block_u32(out, 64240);
        block_fill(out, 0, 4);
    }
    block_u32(out, 0);
    block_pointer(out, 0, burst->world->pointer_size);
}

static void log_manifest(struct world_burst *burst, const struct kernel_row *row, bool is_ipv6)
{
    struct world *world = burst->world;
    struct etl_event record = {.pointer_size = world->pointer_size,
                               .provider = &guid_kernel_network,
                               .id = (uint16_t)(row->id + (is_ipv6 ? 16 : 0)),
                               .level = 4,
                               .opcode = row->id,
                               .task = row->is_datagram ? 11 : 10,
                               .keyword = is_ipv6 ? 0x20 : 0x10,
                               .thread_id = burst->tid,
                               .process_id = burst->pid,
                               .payload = world->payload.data,
                               .payload_size = world->payload.size};
    block_clear(&world->record);
    etl_record_event(&world->record, &record);
    struct world_place place = {
        .at = burst_tick(burst), .cpu = burst->cpu, .ticks_at = 16, .can_be_lost = true};
    world_put(world, &place, NULL);
}

/* Groups 06 and 08, version 2; a record with a time stamp and nothing else. */
static void log_classic(struct world_burst *burst, const struct kernel_row *row, bool is_ipv6)
{
    struct world *world = burst->world;
    unsigned hook = (row->is_datagram ? 0x0800u : 0x0600u) + row->hook + (is_ipv6 ? 16u : 0);
    struct etl_perfinfo record = {.pointer_size = world->pointer_size,
                                  .version = 2,
                                  .hook = (uint16_t)hook,
                                  .payload = world->payload.data,
                                  .payload_size = world->payload.size};
    block_clear(&world->record);
    etl_record_perfinfo(&world->record, &record);
    struct world_place place = {
        .at = burst_tick(burst), .cpu = burst->cpu, .ticks_at = 8, .can_be_lost = true};
    world_put(world, &place, NULL);
}

void kernel_log(struct world_burst *burst, enum kernel_event event,
                const struct world_process *owner, size_t size)
{
    unsigned sources = burst->world->options.sources;
    const struct world_address *local = (const void *)(uintptr_t)burst->base[VALUE_LOCAL];
    if (sources & (WORLD_KERNEL_NETWORK | WORLD_KERNEL)) {
        put_payload(burst, event, owner->pid, size);
    }
    if (sources & WORLD_KERNEL_NETWORK) {
        log_manifest(burst, &rows[event], local->size == 16);
    }
    if (sources & WORLD_KERNEL) {
        log_classic(burst, &rows[event], local->size == 16);
    }
}
