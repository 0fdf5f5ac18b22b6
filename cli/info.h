/* SPDX-License-Identifier: MIT */
/*
 * info.h - everything that `etwtrail info` prints, gathered once and written as
 * text for people (info_text.c) or as JSON for programs (info_json.c).
 */
#ifndef CLI_INFO_H
#define CLI_INFO_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/diagnosis.h"
#include "cli/event_times.h"
#include "cli/reading.h"
#include "etw/losses.h"
#include "pcapout/interfaces.h"

struct text;

struct cli_info {
    const char *file_name;              /* without folder */
    struct cli_reading *reading;        /* borrowed */
    struct out_interfaces *interfaces;  /* with packets and bytes counted */
    struct etw_provider_row *providers; /* most events first */
    size_t provider_count;
    struct etw_losses *losses; /* owned */
    struct cli_event_times times;
    struct cli_diagnosis missing;
};

struct cli_info_style {
    bool use_colour;
    bool use_local_time;
    bool is_verbose;
    size_t width; /* columns */
};

/* Reads the packets of an indexed trace. `info` needs cli_info_done() in every case. */
enum etw_status cli_info_init(struct cli_info *info, struct cli_reading *reading,
                              const char *file_name, struct etw_error *error);
void cli_info_done(struct cli_info *info);

void cli_info_add_text(const struct cli_info *info, const struct cli_info_style *style,
                       struct text *out);
void cli_info_add_json(const struct cli_info *info, struct text *out);

/* Where the values of the text begin. */
#define CLI_INFO_COLUMN 17
/* The part of the text about what was lost while recording: by CPU and time where that is known,
 * and the numbers that no buffer has. */
void cli_info_add_losses(const struct cli_info *info, const struct cli_info_style *style,
                         struct text *out);

/* The Windows that recorded, by its build: "Windows 10 21H2" or "Windows 10.0". */
void cli_info_add_windows(const struct etw_trace_header *header, struct text *out);

#endif
