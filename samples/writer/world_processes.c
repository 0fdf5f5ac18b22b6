/* SPDX-License-Identifier: MIT */
#include "world_processes.h"

#include "etl_records.h"
#include "world_listeners.h"
#include "world_output.h"
#include "world_udp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SYSTEM32 "Windows\\System32\\"

/* The first rows run from the beginning, in this order, with their own pids. */
static const struct world_program programs[] = {
    {"System", "", ROLE_FOR_EVER, 0},
    {"smss.exe", SYSTEM32, ROLE_FOR_EVER, 0},
    {"csrss.exe", SYSTEM32, ROLE_FOR_EVER, 0},
    {"wininit.exe", SYSTEM32, ROLE_FOR_EVER, 0},
    {"services.exe", SYSTEM32, ROLE_FOR_EVER | ROLE_SERVER, 0},
    {"lsass.exe", SYSTEM32, ROLE_FOR_EVER | ROLE_SERVER, 0},
    {"svchost.exe", SYSTEM32, ROLE_FOR_EVER | ROLE_SERVER, 0},
    {"svchost.exe", SYSTEM32, ROLE_FOR_EVER | ROLE_RESOLVER | ROLE_MULTICAST | ROLE_ONLY_LISTENER,
     0},
    {"svchost.exe", SYSTEM32, ROLE_FOR_EVER | ROLE_MULTICAST, 0},
    {"svchost.exe", SYSTEM32, ROLE_FOR_EVER | ROLE_CLIENT, 0},
    {"explorer.exe", "Windows\\", ROLE_FOR_EVER | ROLE_CLIENT, 1},
    {"svchost.exe", SYSTEM32, ROLE_FOR_EVER | ROLE_DATAGRAM, 0},
    /* applications */
    {"browser.exe", "Program Files\\Example Browser\\", ROLE_CLIENT | ROLE_MULTICAST, 1},
    {"browser.exe", "Program Files\\Example Browser\\", ROLE_CLIENT, 1},
    {"mail.exe", "Program Files\\Example Mail\\", ROLE_CLIENT, 1},
    {"webserver.exe", "Program Files\\Example Web\\", ROLE_SERVER, 0},
    {"database.exe", "Program Files\\Example Database\\", ROLE_SERVER | ROLE_CLIENT, 0},
    {"media server.exe", "Program Files\\Example Media\\", ROLE_DATAGRAM | ROLE_MULTICAST, 1},
    {"meeting.exe", "Program Files\\Example Meeting\\", ROLE_CLIENT | ROLE_DATAGRAM, 1},
    {"updater.exe", "Program Files\\Example Updater\\", ROLE_CLIENT | ROLE_BRIEF, 0},
    {"curl.exe", SYSTEM32, ROLE_CLIENT | ROLE_BRIEF, 1},
    {"nslookup.exe", SYSTEM32, ROLE_RESOLVER | ROLE_BRIEF, 1},
    {"backup.exe", "Program Files\\Example Backup\\", ROLE_CLIENT | ROLE_BRIEF, 0},
    {"node.exe", "Program Files\\Example Node\\", ROLE_CLIENT | ROLE_SERVER, 1}};
enum { FIRST_APPLICATION = 12, PROGRAM_COUNT = sizeof(programs) / sizeof(programs[0]) };

/* ---- events ---- */

enum process_phase { PHASE_START = 1, PHASE_STOP, PHASE_RUNDOWN };

/* Classic Process record of the kernel logger, version 3 (Windows 7) or 4:
 *   pointer key, u32 pid, u32 parent, u32 session, i32 exit status, pointer page directory,
 *   [4: u32 flags], SID, text image, UTF-16 command line, [4: UTF-16 package, application] */
static void log_classic(struct world_burst *burst, const struct world_process *process,
                        enum process_phase phase)
{
    struct world *world = burst->world;
    struct byte_block *payload = &world->payload;
    unsigned size = world->pointer_size;
    bool is_newer = !world->form.is_windows7;
    block_clear(payload);
    block_pointer(payload, process->key, size);
    block_u32(payload, process->pid);
    block_u32(payload, process->parent);
    block_u32(payload, process->program->session);
    block_u32(payload, phase == PHASE_STOP ? 0 : 0x103);
    block_pointer(payload, 0x1AD000 + process->sequence * 0x1000, size);
    block_u32(payload, 0); /* flags, or no SID */
    block_u32(payload, 0);
    payload->size -= is_newer ? 0 : 4;
    block_text(payload, process->program->name);
    block_utf16(payload, process->program->name);
    block_fill(payload, 0, is_newer ? 4 : 0);
    struct etl_system record = {.pointer_size = size,
                                .version = is_newer ? 4 : 3,
                                .hook = (uint16_t)(0x0300 + phase),
                                .thread_id = burst->tid,
                                .process_id = burst->pid,
                                .payload = payload->data,
                                .payload_size = payload->size};
    block_clear(&world->record);
    etl_record_system(&world->record, &record);
    struct world_place place = {.at = burst_tick(burst), .cpu = burst->cpu, .ticks_at = 16};
    world_put(world, &place, NULL);
}

static void log_process(struct world_burst *burst, const struct world_process *process,
                        enum process_phase phase)
{
    static const enum world_event events[] = {
        [PHASE_START] = EVENT_PROCESS_START,
        [PHASE_STOP] = EVENT_PROCESS_STOP,
        [PHASE_RUNDOWN] = EVENT_PROCESS_RUNDOWN,
    };
    struct world *world = burst->world;
    char image[128];
    if ((world->options.sources & WORLD_PROCESS) && world_has_classic_processes(world)) {
        log_classic(burst, process, phase);
        return;
    }
    if (phase == PHASE_STOP) { /* the kernel keeps 14 characters */
        (void)snprintf(image, sizeof(image), "%.14s", process->program->name);
    } else {
        bool is_system = process->pid == PID_SYSTEM;
        (void)snprintf(image, sizeof(image), "%s%s%s",
                       is_system ? "" : "\\Device\\HarddiskVolume3\\", process->program->folder,
                       process->program->name);
    }
    burst_set_owner(burst, process);
    burst_log(burst, events[phase],
              WITH({VALUE_IMAGE, POINTED(image)}, {VALUE_PARENT, process->parent},
                   {VALUE_SESSION, process->program->session},
                   {VALUE_CREATE_TIME, (uint64_t)(world->form.start_time + process->created)},
                   {VALUE_EXIT_TIME, (uint64_t)(world->form.start_time + burst->at)}));
}

/* ---- lives ---- */

static bool add_to_list(struct world *world, struct world_process *process)
{
    if (world->process_count == world->process_capacity) {
        size_t capacity = world->process_capacity ? world->process_capacity * 2 : 64;
        struct world_process **grown =
            realloc(world->processes, capacity * sizeof(struct world_process *));
        if (!grown) {
            return false;
        }
        world->processes = grown;
        world->process_capacity = capacity;
    }
    world->processes[world->process_count++] = process;
    return true;
}

static struct world_process *make(struct world *world, const struct world_program *program,
                                  int64_t created)
{
    struct world_process *process = calloc(1, sizeof(*process));
    if (!process || !add_to_list(world, process)) {
        free(process);
        world->failed = true;
        return NULL;
    }
    process->world = world;
    process->next = world->all_processes;
    if (process->next) {
        process->next->previous = process;
    }
    world->all_processes = process;
    process->program = program;
    process->pid =
        program == programs ? PID_SYSTEM : (uint32_t)pool_take(&world->pools[POOL_PID], world->now);
    process->key = pool_take(&world->pools[POOL_PROCESS], world->now);
    process->sequence = ++world->process_sequence;
    process->created = created;
    process->references = 1;
    process->jobs = program->roles & ROLE_BRIEF ? 1 + chance_below(&world->chance, 6) : 0;
    world->processes_started++;
    return process;
}

static const struct world_program *choose_program(struct world *world)
{
    return &programs[FIRST_APPLICATION +
                     chance_below(&world->chance, PROGRAM_COUNT - FIRST_APPLICATION)];
}

static void retire_action(void *object)
{
    struct world_process *process = object;
    process_retire(process->world, process);
    process_release(process);
}

/* Most end during the trace, if they do not end anyway. */
static void plan_end(struct world *world, struct world_process *process, unsigned percent)
{
    if (!process->jobs && chance_percent(&world->chance, percent)) {
        int64_t at = world->now + chance_between(&world->chance, WORLD_SECOND, world->length);
        process_hold(process);
        world_plan(world, at, retire_action, process);
    }
}

bool processes_begin(struct world *world)
{
    unsigned count = world->options.processes / 2;
    count = count < FIRST_APPLICATION + 4 ? FIRST_APPLICATION + 4 : count;
    for (unsigned i = 0; i < count && !world->failed; i++) {
        int64_t created = (int64_t)i * WORLD_SECOND - 3600 * WORLD_SECOND;
        struct world_process *process =
            make(world, i < FIRST_APPLICATION + 4 ? &programs[i] : choose_program(world), created);
        if (process && i) {
            process->parent = world->processes[i < 6 ? 0 : 4]->pid;
        }
        if (process && i >= FIRST_APPLICATION) {
            plan_end(world, process, 40);
        }
    }
    return !world->failed;
}

void processes_rundown(struct world *world)
{
    struct world_burst burst;
    burst_in_process(&burst, world, process_system(world), 0, world->now);
    for (size_t i = 0; i < world->process_count; i++) {
        log_process(&burst, world->processes[i], PHASE_RUNDOWN);
    }
    (void)burst_end(&burst);
}

struct world_process *process_start(struct world *world)
{
    struct world_process *parent = process_pick(world, ROLE_FOR_EVER);
    struct world_process *process = make(world, choose_program(world), world->now);
    if (!process) {
        return NULL;
    }
    struct world_burst burst;
    process->parent = parent->pid;
    burst_in_process(&burst, world, parent, 1, world->now);
    process->created = burst.at;
    log_process(&burst, process, PHASE_START);
    int64_t at = burst_end(&burst);
    for (unsigned i = 0; i < WORLD_THREADS; i++) {
        process->busy[i] = at;
    }
    plan_end(world, process, 80);
    return process;
}

struct world_process *process_pick(struct world *world, unsigned roles)
{
    size_t first = chance_below(&world->chance, (unsigned)world->process_count);
    for (size_t i = 0; i < world->process_count; i++) {
        struct world_process *process = world->processes[(first + i) % world->process_count];
        if (process->program->roles & roles && !process->is_retiring) {
            return process;
        }
    }
    return NULL;
}

struct world_process *process_system(const struct world *world)
{
    return world->processes[0];
}

void process_hold(struct world_process *process)
{
    process->references++;
}

void process_release(struct world_process *process)
{
    struct world *world = process->world;
    if (--process->references) {
        return;
    }
    if (process->next) {
        process->next->previous = process->previous;
    }
    if (process->previous) {
        process->previous->next = process->next;
    } else {
        world->all_processes = process->next;
    }
    free(process);
}

static void end_action(void *object)
{
    struct world_process *process = object;
    struct world *world = process->world;
    struct world_burst burst;
    size_t place = 0;
    while (world->processes[place] != process) {
        place++;
    }
    world->processes[place] = world->processes[--world->process_count];
    burst_in_process(&burst, world, process, 0, world->now);
    log_process(&burst, process, PHASE_STOP);
    process->has_ended = true;
    int64_t at = burst_end(&burst) + WORLD_MILLISECOND;
    world->failed = !pool_give(&world->pools[POOL_PID], process->pid, at) ||
                    !pool_give(&world->pools[POOL_PROCESS], process->key, at) || world->failed;
    process_release(process);
}

static void end_when_idle(struct world *world, struct world_process *process, int64_t at)
{
    if (process->is_retiring && !process->sockets && !process->is_ending) {
        process->is_ending = true;
        at += chance_between(&world->chance, 300, 4 * WORLD_MILLISECOND);
        world_plan(world, at, end_action, process);
    }
}

void process_socket_closed(struct world *world, struct world_process *process, int64_t at)
{
    process->sockets--;
    end_when_idle(world, process, at);
}

void process_retire(struct world *world, struct world_process *process)
{
    if (!process->is_retiring) {
        process->is_retiring = true;
        listeners_close_of(world, process);
        sockets_close_of(world, process);
        end_when_idle(world, process, world->now);
    }
}

void processes_done(struct world *world)
{
    while (world->all_processes) {
        struct world_process *process = world->all_processes;
        world->all_processes = process->next;
        free(process);
    }
    free(world->processes);
}
