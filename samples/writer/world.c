/* SPDX-License-Identifier: MIT */
#include "world.h"

#include "world_listeners.h"
#include "world_other.h"
#include "world_output.h"
#include "world_processes.h"
#include "world_state.h"
#include "world_tcp.h"
#include "world_udp.h"

#include <inttypes.h>
#include <stdlib.h>

enum { SESSION_BUFFER = 0x10000 };
#define SHORTEST     (30 * WORLD_SECOND)
#define LONGEST      (600 * WORLD_SECOND)
#define PACKET_STEP  INT64_C(5000)               /* 100 ns between packets, about */
#define START_TIME   INT64_C(133486382451234567) /* 2024-01-02T03:04:05.1234567Z */
#define RUNDOWN_TIME (WORLD_SECOND * 3 / 10)

/* ---- the machine ---- */

static const struct windows {
    uint8_t major, minor, pointer_size;
    uint32_t build;
    int64_t frequency; /* of the QPC clock */
} machines[] = {[WORLD_WIN7_32] = {6, 1, 4, 7601, 3579545},
                [WORLD_WIN7] = {6, 1, 8, 7601, 2338525},
                [WORLD_WIN10] = {10, 0, 8, 19045, 10000000},
                [WORLD_WIN11] = {10, 0, 8, 22621, 10000000}};

static struct etl_options make_form(const struct world_options *options)
{
    const struct windows *windows = &machines[options->windows];
    return (struct etl_options){.session_name = "world",
                                .file_name = "C:\\traces\\world.etl",
                                .os_major = windows->major,
                                .os_minor = windows->minor,
                                .os_build = windows->build,
                                .mode = ETL_MODE_SEQUENTIAL |
                                        (options->is_compressed ? ETL_MODE_COMPRESSED : 0u),
                                .buffer_size = SESSION_BUFFER,
                                .cpu_count = options->cpus,
                                .logger_id = 11,
                                .pointer_size = windows->pointer_size,
                                .clock = ETL_CLOCK_QPC,
                                .frequency = windows->frequency,
                                .cpu_mhz = 2808,
                                .start_ticks = INT64_C(123456789012),
                                .start_time = START_TIME,
                                .boot_time = START_TIME - INT64_C(36000000000),
                                .is_windows7 = windows->build < 9200};
}

/* Where new numbers begin, and how far they are apart: between pids are the thread ids. */
static void begin_pools(struct world *world)
{
    static const struct {
        uint64_t wide, narrow, step;
    } pointers[POOL_COUNT] = {[POOL_PROCESS] = {0xFFFFA0885555C080, 0x84E3A020, 0x540},
                              [POOL_AFD_ENDPOINT] = {0xFFFFA0889ABCD010, 0x8A28E2D8, 0x2E0},
                              [POOL_ENDPOINT] = {0xFFFFA08892304008, 0x89304008, 0x350},
                              [POOL_TCB] = {0xFFFFA08812345A20, 0x8B21DD28, 0x480},
                              [POOL_UDP_ENDPOINT] = {0xFFFFA08834561CE0, 0x88BF7B08, 0x270},
                              [POOL_PID] = {1000, 1000, 20},
                              [POOL_TCP_PORT] = {49700, 49700, 1},
                              [POOL_UDP_PORT] = {50200, 50200, 1},
                              [POOL_SERVER_PORT] = {28000, 28000, 1}};
    for (unsigned i = 0; i < POOL_COUNT; i++) {
        world->pools[i].next = world->pointer_size == 8 ? pointers[i].wide : pointers[i].narrow;
        world->pools[i].step = pointers[i].step;
    }
}

/* ---- the schedule ---- */

void world_plan(struct world *world, int64_t at, void (*run)(void *object), void *object)
{
    at = at < world->now ? world->now : at;
    if (!queue_put(&world->actions, at, run, object)) {
        world->failed = true;
    }
}

/* Something that happens again and again. */
struct ticker {
    struct world *world;
    void (*make)(struct world *world);
    int64_t mean; /* time between two */
};

static void tick(void *object)
{
    struct ticker *ticker = object;
    struct world *world = ticker->world;
    ticker->make(world);
    world_plan(world, world->now + 1 + chance_around(&world->chance, ticker->mean), tick, ticker);
}

static void open_connection(struct world *world)
{
    bool is_client = chance_percent(&world->chance, 62);
    (is_client ? tcp_open_client : tcp_open_server)(world);
    world->connections_started++;
}

static void start_process(struct world *world)
{
    struct world_process *process = process_start(world);
    if (!process) {
        return;
    }
    if (process->program->roles & ROLE_SERVER) {
        listener_open(world, process);
    }
    udp_open_for(world, process);
}

/* Shares of all packets per 10000, and packets of one; the rest are connections. */
static const struct {
    void (*make)(struct world *world);
    unsigned share, packets;
} tickers_of_packets[] = {
    {udp_ask, 400, 2},      {udp_talk_connected, 400, 9}, {udp_serve, 700, 2},  {udp_group, 150, 1},
    {udp_broadcast, 50, 1}, {udp_refuse, 30, 1},          {tcp_refuse, 100, 2}, {other_arp, 100, 2},
    {other_echo, 60, 2},    {other_not_local, 30, 1}};
enum { PACKET_TICKERS = sizeof(tickers_of_packets) / sizeof(tickers_of_packets[0]) };
enum { TICKERS = PACKET_TICKERS + 3 };

static void begin_ticker(struct world *world, struct ticker *ticker,
                         void (*make)(struct world *world), int64_t mean)
{
    *ticker = (struct ticker){.world = world, .make = make, .mean = mean};
    world_plan(world, chance_around(&world->chance, mean), tick, ticker);
}

static void begin_tickers(struct world *world, struct ticker tickers[TICKERS])
{
    const struct world_options *options = &world->options;
    for (unsigned i = 0; i < PACKET_TICKERS; i++) {
        int64_t count = (int64_t)(options->packets * tickers_of_packets[i].share / 10000) /
                        tickers_of_packets[i].packets;
        begin_ticker(world, &tickers[i], tickers_of_packets[i].make, world->length / (count + 1));
    }
    begin_ticker(world, &tickers[PACKET_TICKERS], open_connection,
                 world->length * 85 / 100 / options->connections);
    begin_ticker(world, &tickers[PACKET_TICKERS + 1], start_process,
                 world->length * 180 / 100 / options->processes);
    begin_ticker(world, &tickers[PACKET_TICKERS + 2], tcp_talk_loopback,
                 world->length / (options->connections / 40 + 1));
}

/* ---- the whole ---- */

static void rundown_action(void *object)
{
    tcp_rundown(object);
}

/* Odd seeds have the connections of before in rows at the start, even seeds at the end. */
static bool has_rundown_first(const struct world *world)
{
    return world->options.seed & 1;
}

static void begin(struct world *world)
{
    begin_pools(world);
    if (!processes_begin(world)) {
        return;
    }
    listeners_begin(world);
    udp_begin(world);
    tcp_begin_older(world);
    if (world->options.sources & WORLD_PROCESS) {
        processes_rundown(world);
    }
    other_addresses(world);
    if (has_rundown_first(world)) {
        world_plan(world, RUNDOWN_TIME, rundown_action, world);
    }
}

static void play(struct world *world)
{
    const struct world_options *options = &world->options;
    while (queue_first(&world->actions) && world->packets < options->packets && !world->failed) {
        struct world_queue_item action = queue_take(&world->actions);
        world->now = action.at;
        world_drain(world, world->now);
        if (world->packets < options->packets) {
            action.run(action.object);
        }
    }
}

/* The session is stopped in the middle of it all. */
static bool end(struct world *world)
{
    world_drop_records(world);
    world->is_over = true;
    if (!has_rundown_first(world)) {
        tcp_rundown(world);
    }
    other_machine(world);
    world_drain(world, INT64_MAX);
    if (!world->failed) {
        etl_writer_note_lost(world->writer, world->lost);
    }
    return !world->failed && etl_writer_finish(world->writer);
}

static void done(struct world *world)
{
    world_drop_records(world);
    etl_writer_free(world->writer);
    world_layouts_free(world->layouts);
    tcp_done(world);
    udp_done(world);
    listeners_done(world);
    processes_done(world);
    for (unsigned i = 0; i < POOL_COUNT; i++) {
        free(world->pools[i].ring);
    }
    free(world->actions.items);
    free(world->records.items);
    block_done(&world->payload);
    block_done(&world->record);
    block_done(&world->frame);
}

static void open_world(struct world *world, const struct world_options *options, FILE *file,
                       FILE *truth)
{
    int64_t length = (int64_t)options->packets * PACKET_STEP;
    *world = (struct world){
        .options = *options, .chance = {options->seed}, .form = make_form(options), .truth = truth};
    world->length = length < SHORTEST ? SHORTEST : length > LONGEST ? LONGEST : length;
    world->build = world->form.os_build;
    world->pointer_size = world->form.pointer_size;
    world->last_ticks = world->form.start_ticks;
    world->layouts = world_layouts_new(world);
    world->writer = etl_writer_new(&world->form, file);
    world->failed = !world->layouts || !world->writer;
}

bool world_make(const char *path, const struct world_options *options, FILE *truth, FILE *summary)
{
    FILE *file = fopen(path, "wb");
    struct world *world = malloc(sizeof(*world));
    struct ticker tickers[TICKERS];
    bool is_good = false;
    if (file && world) {
        open_world(world, options, file, truth);
        begin(world);
        begin_tickers(world, tickers);
        play(world);
        is_good = end(world);
        fprintf(summary, "records %" PRIu64 "\npackets %" PRIu64 "\nevents_lost %" PRIu32 "\n",
                world->record_count +
                    (is_good ? etl_writer_count_header_records(world->writer) : 0),
                world->packets, world->lost);
        fprintf(summary, "processes %u\nconnections %u\n", world->processes_started,
                world->connections_started);
        done(world);
    }
    free(world);
    if (file && fclose(file) != 0) {
        is_good = false;
    }
    return is_good && !ferror(truth);
}
