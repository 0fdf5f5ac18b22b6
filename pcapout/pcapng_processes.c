/* SPDX-License-Identifier: MIT */
#include "pcapout/pcapng_processes.h"

#include <stdlib.h>

#include "etw/base/utc_time.h"
#include "pcapout/pcapng_blocks.h"
#include "pcapout/pcapng_options.h"

#define BLOCK_DARWIN_PROCESS 0x80000001u
#define BLOCK_CUSTOM         0x00000BADu
#define PEN_OF_PROCESSES     32622u
#define ENTRY_PROCESS        3u
#define NOT_WRITTEN          UINT32_MAX
#define NANOSECONDS_PER_TICK 100u

enum {
    DARWIN_NAME = 2,
    PROCESS_NAME = 2,
    PROCESS_PATH = 3,
    PROCESS_COMMAND_LINE = 4,
    PROCESS_PARENT = 5,
    PROCESS_USER = 7,
    PROCESS_START = 9
};

struct pcapng_processes {
    const struct corr_processes *history; /* borrowed */
    enum out_process_blocks style;
    uint32_t written;
    uint32_t *numbers; /* owned, by row of the history; NOT_WRITTEN */
    struct text entry; /* scratch */
};

enum etw_status pcapng_processes_new(const struct corr_ledger *ledger,
                                     enum out_process_blocks style, struct pcapng_processes **out,
                                     struct etw_error *error)
{
    struct pcapng_processes *processes = calloc(1, sizeof(*processes));
    const struct corr_process *rows = NULL;
    size_t count = 0;
    if (processes) {
        processes->history = corr_ledger_processes(ledger);
        processes->style = style;
        count = corr_processes_list(processes->history, &rows);
        processes->numbers = malloc((count + 1) * sizeof(*processes->numbers));
    }
    if (!processes || !processes->numbers) {
        pcapng_processes_free(processes);
        return etw_fail_memory(error, "the process blocks");
    }
    for (size_t i = 0; i < count; i++) {
        processes->numbers[i] = NOT_WRITTEN;
    }
    *out = processes;
    return ETW_OK;
}

void pcapng_processes_free(struct pcapng_processes *processes)
{
    if (processes) {
        free(processes->numbers);
        text_done(&processes->entry);
        free(processes);
    }
}

static void darwin_block(struct text *block, const struct corr_process *process)
{
    pcapng_begin_block(block, BLOCK_DARWIN_PROCESS);
    pcapng_add_u32(block, process->pid);
    pcapng_add_text(block, DARWIN_NAME, process->name);
    pcapng_end_block(block);
}

/* The options of one entry, whose end is stated by its length. */
static void fill_entry(struct text *entry, const struct corr_process *process)
{
    uint8_t parent[4];
    text_clear(entry);
    pcapng_add_u32(entry, process->pid);
    pcapng_add_text(entry, PROCESS_NAME, process->name);
    pcapng_add_text(entry, PROCESS_PATH, process->path);
    pcapng_add_text(entry, PROCESS_COMMAND_LINE, process->command_line);
    if (process->parent_pid != 0) {
        (void)store_u32(parent, process->parent_pid);
        pcapng_add_bytes(entry, PROCESS_PARENT, parent, sizeof(parent));
    }
    pcapng_add_text(entry, PROCESS_USER, process->user);
    if (process->has_start) {
        pcapng_add_u64(entry, PROCESS_START, pcapng_ticks(process->started) * NANOSECONDS_PER_TICK);
    }
    pcapng_add_u32(entry, PCAPNG_OPTION_END);
}

/* A custom block: PEN, then entry type, entry length, entry. */
static void information_block(struct pcapng_processes *processes, struct text *block,
                              const struct corr_process *process)
{
    struct text *entry = &processes->entry;
    fill_entry(entry, process);
    pcapng_begin_block(block, BLOCK_CUSTOM);
    pcapng_add_u32(block, PEN_OF_PROCESSES);
    pcapng_add_u32(block, ENTRY_PROCESS);
    pcapng_add_u32(block, (uint32_t)entry->size);
    text_add_bytes(block, entry->data, entry->size);
    pcapng_end_block_without_options(block);
}

bool pcapng_processes_use(struct pcapng_processes *processes, uint32_t row, struct text *block)
{
    bool has_blocks =
        processes->style == OUT_PROCESS_BLOCKS_DARWIN || processes->style == OUT_PROCESS_BLOCKS_PIB;
    if (!has_blocks || processes->numbers[row] != NOT_WRITTEN) {
        return false;
    }
    const struct corr_process *process = corr_processes_get(processes->history, row);
    processes->numbers[row] = processes->written++;
    if (processes->style == OUT_PROCESS_BLOCKS_DARWIN) {
        darwin_block(block, process);
    } else {
        information_block(processes, block, process);
    }
    return true;
}

uint32_t pcapng_processes_number(const struct pcapng_processes *processes, uint32_t row)
{
    return processes->numbers[row];
}
