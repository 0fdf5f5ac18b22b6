/* SPDX-License-Identifier: MIT */
#include "cli/split_files.h"

#include <assert.h>
#include <string.h>

#include "cli/output.h"
#include "etw/platform/platform.h"
#include "pcapout/output_file.h"

enum etw_status cli_split_files_check(const char *path, struct etw_error *error)
{
    if (!platform_is_special(path)) {
        return ETW_OK;
    }
    return etw_fail(error, ETW_ERR_OUTPUT, ETW_NO_OFFSET,
                    "%s is no file, and --split writes several; name a file with -o, from whose "
                    "name theirs are made",
                    path);
}

void cli_split_name(const char *path, const char *kind, struct text *out)
{
    const char *base = cli_base_name(path);
    const char *end = base + strlen(base);
    const char *gzip = cli_is_gzip_name(base) ? end - 3 : end;
    const char *dot = gzip;
    for (const char *p = base; p < gzip; p++) {
        dot = *p == '.' && p > base ? p : dot;
    }
    text_add_bytes(out, path, (size_t)(dot - path));
    text_add_char(out, '-');
    text_add(out, kind);
    text_add(out, dot);
}

enum etw_status cli_split_files_open(void *context, const char *kind, struct out_file **out,
                                     struct etw_error *error)
{
    struct cli_split_files *split = context;
    assert(split->count < CLI_SPLIT_MAXIMUM);
    struct text *name = &split->names[split->count];
    cli_split_name(split->path, kind, name);
    if (name->failed) {
        return etw_fail_memory(error, "the name of an output");
    }
    enum etw_status status = cli_output_open(split->arguments, text_get(name), true, out, error);
    if (status) {
        text_done(name);
        return status;
    }
    split->files[split->count++] = *out;
    return ETW_OK;
}

enum etw_status cli_split_files_commit(struct cli_split_files *split, struct etw_error *error)
{
    enum etw_status status = ETW_OK;
    for (size_t i = 0; !status && i < split->count; i++) {
        struct out_file *file = split->files[i];
        split->files[i] = NULL;
        status = out_file_commit(file, error);
    }
    return status;
}

void cli_split_files_done(struct cli_split_files *split)
{
    for (size_t i = 0; i < split->count; i++) {
        out_file_abort(split->files[i]);
        text_done(&split->names[i]);
    }
    split->count = 0;
}
