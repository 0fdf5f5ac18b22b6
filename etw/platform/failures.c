/* SPDX-License-Identifier: MIT */
#include "etw/platform/failures.h"

enum etw_status fail_open_input(const char *path, const char *why, struct etw_error *error)
{
    return etw_fail(error, ETW_ERR_INPUT, ETW_NO_OFFSET, "%s cannot be opened: %s", path, why);
}

enum etw_status fail_directory(const char *path, struct etw_error *error)
{
    return etw_fail(error, ETW_ERR_INPUT, ETW_NO_OFFSET,
                    "%s is a directory; name the .etl file in it", path);
}

enum etw_status fail_no_file(const char *path, struct etw_error *error)
{
    return etw_fail(error, ETW_ERR_INPUT, ETW_NO_OFFSET,
                    "%s is a pipe or device; a trace is read more than once, so save it to a "
                    "file first",
                    path);
}

enum etw_status fail_read(uint64_t offset, const char *why, struct etw_error *error)
{
    return etw_fail(error, ETW_ERR_INPUT, offset, "the file cannot be read: %s", why);
}

enum etw_status fail_open_output(const char *path, const char *why, struct etw_error *error)
{
    return etw_fail(error, ETW_ERR_OUTPUT, ETW_NO_OFFSET, "%s cannot be opened: %s", path, why);
}

enum etw_status fail_create(const char *path, const char *why, struct etw_error *error)
{
    return etw_fail(error, ETW_ERR_OUTPUT, ETW_NO_OFFSET, "%s cannot be created: %s", path,
                    why ? why : "there is no such folder");
}

enum etw_status fail_exists(const char *path, struct etw_error *error)
{
    return etw_fail(error, ETW_ERR_EXISTS, ETW_NO_OFFSET, "%s exists already; --force replaces it",
                    path);
}

enum etw_status fail_folder(const char *path, struct etw_error *error)
{
    return etw_fail(error, ETW_ERR_OUTPUT, ETW_NO_OFFSET, "%s is a folder; name a file in it",
                    path);
}

enum etw_status fail_no_name(const char *path, struct etw_error *error)
{
    return etw_fail(error, ETW_ERR_OUTPUT, ETW_NO_OFFSET, "\"%s\" does not name a file", path);
}

enum etw_status fail_output_memory(struct etw_error *error)
{
    return etw_fail_memory(error, "the name of the output");
}

enum etw_status fail_terminal(struct etw_error *error)
{
    return etw_fail(error, ETW_ERR_OUTPUT, ETW_NO_OFFSET,
                    "the output is binary and would garble the terminal; name a file with -o, or "
                    "send standard output to a file or a program");
}

enum etw_status fail_write(const char *path, const char *why, struct etw_error *error)
{
    const char *name = path ? path : "standard output";
    return why ? etw_fail(error, ETW_ERR_OUTPUT, ETW_NO_OFFSET, "%s cannot be written: %s", name,
                          why)
               : etw_fail(error, ETW_ERR_CLOSED, ETW_NO_OFFSET, "the reader of %s has closed it",
                          name);
}
