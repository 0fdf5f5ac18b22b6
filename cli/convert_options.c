/* SPDX-License-Identifier: MIT */
#include "cli/convert_options.h"

#include <string.h>

#include "cli/option_parser.h"
#include "correlate/filter_values.h"

/* Most that Wireshark reads of a packet. */
#define SNAP_LENGTH_MAXIMUM 262144u

static enum etw_status read_snap_length(const char *value, uint32_t *length,
                                        struct etw_error *error)
{
    uint64_t number = 0;
    if (!corr_parse_number(value, strlen(value), SNAP_LENGTH_MAXIMUM, &number) || number == 0) {
        return etw_fail(error, ETW_ERR_INPUT, ETW_NO_OFFSET,
                        "\"%s\" is no size for --snaplen: give a number of bytes from 1 to %u, as "
                        "in 128",
                        value, SNAP_LENGTH_MAXIMUM);
    }
    *length = (uint32_t)number;
    return ETW_OK;
}

/* What else the user wants, or does not, tells which of two is the mistake only to him. */
static enum etw_status refuse_contradictions(const struct cli_arguments *arguments,
                                             const struct cli_convert_options *options,
                                             struct etw_error *error)
{
    const char *output = cli_arguments_value(arguments, CLI_OPTION_OUTPUT, 0);
    if (options->without_owners && options->process_blocks == OUT_PROCESS_BLOCKS_PKTAP) {
        return etw_fail(error, ETW_ERR_INPUT, ETW_NO_OFFSET,
                        "--process-blocks pktap writes the owner of each packet and --owners none "
                        "leaves owners out; give one of them");
    }
    if (cli_arguments_has(arguments, CLI_OPTION_SPLIT) && output && strcmp(output, "-") == 0) {
        return etw_fail(error, ETW_ERR_INPUT, ETW_NO_OFFSET,
                        "--split writes several files, which cannot all go to standard output; "
                        "name a file with -o, from whose name theirs are made");
    }
    return ETW_OK;
}

enum etw_status cli_convert_options_read(const struct cli_arguments *arguments,
                                         struct cli_convert_options *options,
                                         struct etw_error *error)
{
    *options = (struct cli_convert_options){
        .comments = (enum out_comments)cli_arguments_choice(arguments, CLI_OPTION_COMMENTS,
                                                            OUT_COMMENTS_ALL),
        .all_appearances = cli_arguments_has(arguments, CLI_OPTION_ALL_APPEARANCES),
        .keep_protected = cli_arguments_has(arguments, CLI_OPTION_KEEP_PROTECTED),
        .events =
            (enum cli_events)cli_arguments_choice(arguments, CLI_OPTION_EVENTS, CLI_EVENTS_NONE),
        .smb_messages = cli_arguments_has(arguments, CLI_OPTION_SMB_MESSAGES),
        .process_blocks = (enum out_process_blocks)cli_arguments_choice(
            arguments, CLI_OPTION_PROCESS_BLOCKS, OUT_PROCESS_BLOCKS_DARWIN),
        .without_owners = cli_arguments_has(arguments, CLI_OPTION_OWNERS),
    };
    const char *snap_length = cli_arguments_value(arguments, CLI_OPTION_SNAPLEN, 0);
    enum etw_status status = ETW_OK;
    if (snap_length) {
        status = read_snap_length(snap_length, &options->snap_length, error);
    }
    return status ? status : refuse_contradictions(arguments, options, error);
}
