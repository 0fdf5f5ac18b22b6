/* SPDX-License-Identifier: MIT */
/*
 * info_files.h - the files of a trace that has several, each with what its own header
 * says. Nothing is added for a trace of one file.
 */
#ifndef CLI_INFO_FILES_H
#define CLI_INFO_FILES_H

#include "cli/info.h"
#include "pcapout/json_writer.h"

/* The member "files". */
void cli_info_files_json(const struct cli_info *info, struct json_writer *j);
/* Lines under a heading; values begin at `column`. */
void cli_info_files_text(const struct cli_info *info, const struct cli_info_style *style,
                         size_t column, struct text *out);
bool cli_info_has_files(const struct cli_info *info);

#endif
