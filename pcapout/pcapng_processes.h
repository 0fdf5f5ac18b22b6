/* SPDX-License-Identifier: MIT */
/*
 * pcapng_processes.h - the blocks that name processes, each before its first packet.
 *
 * Darwin process information block: type 0x80000001, u32 pid, options (2 name). Packets
 * point to it by its number in the file (option 0x8001, and 0x8003 to that of the process
 * on whose behalf). Readers that do not know it
 * skip it. Process information block: a custom block of PEN 32622; packets find it by
 * their pid. Readers that do not know custom blocks show it as a row of its own.
 */
#ifndef PCAPOUT_PCAPNG_PROCESSES_H
#define PCAPOUT_PCAPNG_PROCESSES_H

#include <stdbool.h>
#include <stdint.h>

#include "correlate/ledger.h"
#include "etw/base/error.h"
#include "etw/base/text.h"
#include "pcapout/pcapng.h"

struct pcapng_processes;

enum etw_status pcapng_processes_new(const struct corr_ledger *ledger,
                                     enum out_process_blocks style, struct pcapng_processes **out,
                                     struct etw_error *error);
void pcapng_processes_free(struct pcapng_processes *processes); /* NULL is allowed */

/* True the first time for each process: `block` then holds the block to write first. */
bool pcapng_processes_use(struct pcapng_processes *processes, uint32_t row, struct text *block);
/* The number of the Darwin block of a process that was used. */
uint32_t pcapng_processes_number(const struct pcapng_processes *processes, uint32_t row);

#endif
