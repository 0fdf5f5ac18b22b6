/* SPDX-License-Identifier: MIT */
#include "cli/output.h"

#include <stdlib.h>
#include <string.h>

#include "cli/messages.h"
#include "cli/option_parser.h"
#include "etw/base/text.h"
#include "etw/platform/platform.h"
#include "pcapout/output_file.h"

/* Bytes compared to tell a copy of the trace, or the trace under another name. */
#define COMPARED_SIZE 65536u

static bool is_separator(char c)
{
    return c == '/' || c == '\\';
}

const char *cli_base_name(const char *path)
{
    const char *base = path;
    for (const char *p = path; *p; p++) {
        if (is_separator(*p)) {
            base = p + 1;
        }
    }
    return base;
}

void cli_output_name(const char *input, const char *extension, struct text *out)
{
    const char *base = cli_base_name(input);
    const char *dot = strrchr(base, '.');
    /* Of other names only an ETL's extension goes: `trace.2026` keeps its end. */
    bool is_etl = dot && dot > base && strlen(dot) == 4 && (dot[1] | 0x20) == 'e' &&
                  (dot[2] | 0x20) == 't' && (dot[3] | 0x20) == 'l';
    text_add_bytes(out, input, is_etl ? (size_t)(dot - input) : strlen(input));
    text_add(out, extension);
}

bool cli_is_gzip_name(const char *path)
{
    size_t size = strlen(path);
    const char *end = size > 3 ? path + size - 3 : "";
    return end[0] == '.' && (end[1] | 0x20) == 'g' && (end[2] | 0x20) == 'z';
}

static const char *without_dot_folder(const char *path)
{
    while (path[0] == '.' && is_separator(path[1])) {
        path += 2;
        while (is_separator(path[0])) {
            path++;
        }
    }
    return path;
}

/* Two names can mean one file (links), so the bytes are compared as well: a file
 * of the same size that begins with the same bytes is the trace or its copy. */
static bool has_same_bytes(const char *a, const char *b)
{
    struct platform_file *files[2] = {NULL, NULL};
    uint8_t *bytes = malloc(2 * (size_t)COMPARED_SIZE);
    size_t got[2] = {0, 0};
    bool is_same = false;
    if (bytes && !platform_file_open(a, &files[0], NULL) &&
        !platform_file_open(b, &files[1], NULL) &&
        platform_file_size(files[0]) == platform_file_size(files[1]) &&
        !platform_file_read(files[0], 0, bytes, COMPARED_SIZE, &got[0], NULL) &&
        !platform_file_read(files[1], 0, bytes + COMPARED_SIZE, COMPARED_SIZE, &got[1], NULL)) {
        is_same = got[0] == got[1] && memcmp(bytes, bytes + COMPARED_SIZE, got[0]) == 0;
    }
    platform_file_close(files[0]);
    platform_file_close(files[1]);
    free(bytes);
    return is_same;
}

enum etw_status cli_output_open(const struct cli_arguments *arguments, const char *path,
                                bool is_binary, struct out_file **out, struct etw_error *error)
{
    const char *input = NULL;
    bool replace = cli_arguments_has(arguments, CLI_OPTION_FORCE);
    bool is_file = strcmp(path, "-") != 0;
    for (size_t n = 0; is_file && (input = cli_arguments_input(arguments, n)); n++) {
        if (strcmp(without_dot_folder(path), without_dot_folder(input)) == 0 ||
            (replace && has_same_bytes(path, input))) {
            return etw_fail(error, ETW_ERR_OUTPUT, ETW_NO_OFFSET,
                            "the output %s is the trace itself; choose another name with -o", path);
        }
    }
    return cli_is_gzip_name(path) ? out_file_open_gzip(path, replace, out, error)
                                  : out_file_open(path, replace, is_binary, out, error);
}

enum cli_exit cli_print_text(const struct text *text)
{
    struct etw_error error = {.status = ETW_OK};
    struct out_file *file = NULL;
    enum etw_status status = text->failed ? etw_fail_memory(&error, "the text") : ETW_OK;
    if (!status) {
        status = out_file_open("-", false, false, &file, &error);
    }
    if (!status) {
        status = out_file_write(file, text_get(text), text->size, &error);
    }
    if (!status) {
        status = out_file_commit(file, &error);
        file = NULL;
    }
    out_file_abort(file);
    return status ? cli_say_error(NULL, &error) : CLI_DONE;
}

bool cli_use_colour(const char *path)
{
    const char *no_colour = getenv("NO_COLOR");
    return strcmp(path, "-") == 0 && !(no_colour && no_colour[0]) &&
           platform_shows_colours(PLATFORM_STDOUT);
}

int cli_text_width(const char *path)
{
    return strcmp(path, "-") == 0 ? platform_terminal_width(PLATFORM_STDOUT) : 0;
}
