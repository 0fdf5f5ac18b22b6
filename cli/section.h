/* SPDX-License-Identifier: MIT */
/*
 * section.h - what the section header of a pcapng says about the trace.
 */
#ifndef CLI_SECTION_H
#define CLI_SECTION_H

#include <stddef.h>
#include <stdint.h>

#include "etw/base/text.h"
#include "etw/findings.h"
#include "pcapout/pcapng.h"

struct cli_reading;

#define CLI_SECTION_COMMENTS (FINDING_KIND_COUNT + 8)

struct cli_section {
    struct text hardware, os;
    struct text comments[CLI_SECTION_COMMENTS];
    const char *comment_texts[CLI_SECTION_COMMENTS];
    size_t comment_count;
    struct out_section section; /* borrows everything above */
};

/* The result depends on the trace alone, not on where or when it is converted.
 * `section` must not move afterwards; cli_section_done() ends it in every case. */
enum etw_status cli_section_init(struct cli_section *section, const struct cli_reading *reading,
                                 const char *file_name, uint64_t unprotected,
                                 struct etw_error *error);
void cli_section_done(struct cli_section *section);

#endif
