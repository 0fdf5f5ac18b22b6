/* SPDX-License-Identifier: MIT */
#include "world_other.h"

#include "etl_payloads.h"
#include "etl_records.h"
#include "frames.h"
#include "world_frames.h"
#include "world_output.h"
#include "world_processes.h"

static void interrupt(struct world_burst *burst, struct world *world)
{
    burst_interrupt(burst, world, chance_below(&world->chance, WORLD_CPUS), world->now);
}

static struct world_address neighbour(struct world *world)
{
    return address_ipv4(192, 0, 2, 50 + chance_below(&world->chance, 150));
}

/* Two packets, there and back, from this host or to it. */
static void make_packets(struct world *world, struct world_packet packets[2], const char *kind,
                         const struct world_address *remote)
{
    bool is_out = chance_percent(&world->chance, 50);
    for (unsigned i = 0; i < 2; i++, is_out = !is_out) {
        const struct world_address *local = world_local_address(0);
        packets[i] = (struct world_packet){.is_out = is_out,
                                           .source = is_out ? local : remote,
                                           .destination = is_out ? remote : local,
                                           .truth = truth_of_nobody("no-socket", kind)};
    }
}

void other_arp(struct world *world)
{
    struct world_address remote = neighbour(world);
    struct world_packet packets[2];
    struct world_burst burst;
    make_packets(world, packets, "arp", &remote);
    interrupt(&burst, world);
    packet_arp(&burst, &packets[0], false);
    burst.at += chance_between(&world->chance, 50, 5000);
    packet_arp(&burst, &packets[1], true);
    (void)burst_end(&burst);
}

void other_echo(struct world *world)
{
    struct world_address remote = neighbour(world);
    struct world_packet packets[2];
    struct world_burst burst;
    uint16_t sequence = (uint16_t)(world->frame_number & 0xFFF);
    make_packets(world, packets, "echo", &remote);
    interrupt(&burst, world);
    packet_echo(&burst, &packets[0], false, sequence);
    burst.at += chance_between(&world->chance, 50, 5000);
    packet_echo(&burst, &packets[1], true, sequence);
    (void)burst_end(&burst);
}

void other_not_local(struct world *world)
{
    struct world_address from = neighbour(world), to = neighbour(world);
    struct world_packet packet = {
        .source = &from, .destination = &to, .truth = truth_of_nobody("not-local", "not-local")};
    struct world_segment segment = {.flags = TCP_ACK,
                                    .sequence = (uint32_t)chance_next(&world->chance),
                                    .acknowledgement = 1,
                                    .size = 120,
                                    .window = 512};
    struct world_burst burst;
    from.port = (uint16_t)(49152 + chance_below(&world->chance, 1000));
    to.port = 445;
    interrupt(&burst, world);
    if (chance_percent(&world->chance, 50)) {
        packet_tcp(&burst, &packet, &segment);
    } else {
        packet_udp(&burst, &packet, 100);
    }
    (void)burst_end(&burst);
}

void other_addresses(struct world *world)
{
    static const struct world_address loopback[2] = {
        {.size = 4, .bytes = {127, 0, 0, 1}},
        {.size = 16, .bytes = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}}};
    struct world_burst burst;
    burst_in_process(&burst, world, process_system(world), 1, world->now);
    for (unsigned i = 0; i < WORLD_ADDRESSES + 2; i++) {
        bool is_loopback = i >= WORLD_ADDRESSES;
        const struct world_address *address =
            is_loopback ? &loopback[i - WORLD_ADDRESSES] : world_local_address(i);
        bool is_ipv6 = address->size == 16;
        burst_log(&burst, EVENT_ADDRESS_RUNDOWN,
                  WITH({VALUE_LOCAL, POINTED(address)},
                       {VALUE_INTERFACE, is_loopback ? WORLD_LOOPBACK : WORLD_INTERFACE},
                       {VALUE_SPEED, 1000000000}, {VALUE_IP_PROTOCOL, is_ipv6 ? 6 : 4},
                       {VALUE_ADDRESS_LENGTH, is_ipv6 ? 16 : 4}));
    }
    (void)burst_end(&burst);
}

static void put_row(struct world *world, uint8_t opcode)
{
    struct etl_classic record = {.pointer_size = world->pointer_size,
                                 .opcode = opcode,
                                 .process_id = PID_SYSTEM,
                                 .thread_id = 8,
                                 .class_guid = &guid_system_config_ex,
                                 .payload = world->payload.data,
                                 .payload_size = world->payload.size};
    block_clear(&world->record);
    etl_record_classic(&world->record, &record);
    world->record.failed = world->record.failed || world->payload.failed;
    struct world_place place = {.at = world->now, .ticks_at = 16};
    world_put(world, &place, NULL);
}

void other_machine(struct world *world)
{
    static const char *const products[] = {"Windows 7 Enterprise", "Windows 7 Enterprise",
                                           "Windows 10 Pro", "Windows 11 Pro"};
    static const char *const builds[] = {
        "7601.17514.x86fre.win7sp1_rtm.101119-1850", "7601.17514.amd64fre.win7sp1_rtm.101119-1850",
        "19041.1.amd64fre.vb_release.191206-1406", "22621.1.amd64fre.ni_release.220506-1250"};
    struct interface_row row = {
        .luid = UINT64_C(0x0006008001000000),
        .index = WORLD_INTERFACE,
        .guid = {0x11111111, 0x2222, 0x3333, {0x44, 0x44, 0, 0, 0, 0, 0, 5}},
        .alias = "Ethernet",
        .description = "Example Gigabit Adapter",
        .mac = {2, 0, 0, 0, 0, 0x0A},
        .mtu = 1500,
        .type = 6,
        .speed = 1000000000};
    block_clear(&world->payload);
    payload_interface_row(&world->payload, &row);
    put_row(world, 36);
    block_clear(&world->payload);
    payload_build_info(&world->payload, world->form.start_time - INT64_C(864000000000) * 300,
                       builds[world->options.windows], products[world->options.windows]);
    put_row(world, 32);
}
