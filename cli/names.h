/* SPDX-License-Identifier: MIT */
/*
 * names.h - names of the numbers in a trace header: Windows builds, bits of the
 * log file mode, clocks, link types, event classes.
 */
#ifndef CLI_NAMES_H
#define CLI_NAMES_H

#include <stddef.h>
#include <stdint.h>

#include "etw/event.h"
#include "etw/record.h"
#include "etw/trace.h"

/* "Windows 10 21H2"; NULL: not known. */
const char *cli_windows_name(uint32_t build);
const char *cli_clock_name(enum etw_clock clock);
const char *cli_link_name(enum etw_link link);
const char *cli_class_name(enum record_class class_of);

#define CLI_MODE_BITS 32
/* Names of the set bits, lowest first; unknown bits have none. Returns how many. */
size_t cli_mode_names(uint32_t mode, const char *names[CLI_MODE_BITS]);

#endif
