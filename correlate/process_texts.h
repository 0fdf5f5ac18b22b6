/* SPDX-License-Identifier: MIT */
/*
 * process_texts.h - names, command line and user of a process, as several records tell
 * them: the one that tells more wins. Inside correlate only.
 */
#ifndef CORRELATE_PROCESS_TEXTS_H
#define CORRELATE_PROCESS_TEXTS_H

#include "correlate/processes.h"

/* UTF-16 or ANSI bytes of one text that are kept; Windows' own limit is 65,534. */
#define PROCESS_TEXT_MAXIMUM 32768

/* All texts "". */
void process_texts_init(struct corr_process *process);
/* Takes the texts of ETW_EVENT_PROCESS that tell more than what is known, and the offset of the
 * record that names the process. */
enum etw_status process_texts_learn(struct corr_process *process, const struct etw_event *event,
                                    struct etw_error *error);
/* A name for a process that no record names. */
enum etw_status process_texts_set_default(struct corr_process *process, const char *name,
                                          struct etw_error *error);
void process_texts_done(struct corr_process *process);

#endif
