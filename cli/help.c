/* SPDX-License-Identifier: MIT */
#include "cli/help.h"

#include <stdio.h>
#include <string.h>

#include "cli/options.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include "etw/base/text.h"

#ifndef ETWTRAIL_VERSION
#define ETWTRAIL_VERSION "unknown"
#endif

const char cli_version[] = "etwtrail " ETWTRAIL_VERSION;

/* Where the descriptions begin, and the widest line. */
#define HELP_COLUMN 26
#define HELP_WIDTH  80

/* Appends words, broken between them, each line from HELP_COLUMN on. */
static void add_wrapped(struct text *out, const char *words)
{
    size_t room = HELP_WIDTH - HELP_COLUMN;
    while (strlen(words) > room) {
        size_t cut = room;
        while (cut > 0 && words[cut] != ' ') {
            cut--;
        }
        if (cut == 0) {
            break;
        }
        text_add_bytes(out, words, cut);
        text_add_format(out, "\n%*s", HELP_COLUMN, "");
        words += cut + 1;
    }
    text_add(out, words);
    text_add(out, "\n");
}

static void add_option(struct text *out, const struct cli_option *option)
{
    char left[80];
    char letter[8] = "";
    if (option->short_name) {
        (void)snprintf(letter, sizeof(letter), "-%c, ", option->short_name);
    }
    bool is_optional = option->kind == CLI_OPTIONAL_CHOICE;
    bool has_value = option->kind != CLI_FLAG;
    (void)snprintf(left, sizeof(left), "  %s--%s%s%s%s", letter, option->name,
                   is_optional ? "[="
                   : has_value ? " "
                               : "",
                   has_value ? option->value_name : "", is_optional ? "]" : "");
    if (strlen(left) >= HELP_COLUMN) {
        text_add_format(out, "%s\n%*s", left, HELP_COLUMN, "");
    } else {
        text_add_format(out, "%-*s", HELP_COLUMN, left);
    }
    add_wrapped(out, option->help);
}

static void add_options(struct text *out, unsigned option_bit)
{
    for (int group = 0; group < CLI_GROUP_COUNT; group++) {
        bool has_heading = false;
        for (size_t i = 0; i < CLI_OPTION_COUNT; i++) {
            const struct cli_option *option = &cli_options[i];
            if ((int)option->group != group || !(option->verbs & option_bit)) {
                continue;
            }
            if (!has_heading) {
                text_add_format(out, "\n%s:\n", cli_option_groups[group]);
                has_heading = true;
            }
            const struct cli_option of = cli_option_of(option, option_bit);
            add_option(out, &of);
        }
    }
}

static const char several_files[] =
    "\nSeveral files of one recording are read as one trace: the files of a session\n"
    "that began a new one from time to time, or the user and the kernel part of a\n"
    "recording. Their order does not matter. What does not belong together, or holds\n"
    "the same events, is refused with the reason.\n";

static const char exit_statuses[] =
    "\nExit status:\n"
    "  0  done, also when no packet matched or the recorder lost events\n"
    "  1  the trace cannot be read or is none, files do not belong together, or the\n"
    "     output cannot be written\n"
    "  2  wrong usage\n"
    "  3  done, but parts of the trace are damaged and were left out\n";

void cli_help_format(const struct cli_verb *verb, struct text *out)
{
    if (verb) {
        text_add_format(out, "Usage: etwtrail %s %s\n\n%s", verb->name, verb->synopsis,
                        verb->about);
        text_add(out, several_files);
        add_options(out, verb->option_bit);
        text_add(out, exit_statuses);
        return;
    }
    text_add(out, "Usage: etwtrail VERB TRACE.etl ... [OPTIONS]\n\n"
                  "Reads Windows ETW traces (.etl of netsh trace and pktmon) on any system, says\n"
                  "which process sent each packet and what its socket went through, and writes\n"
                  "the packets for Wireshark and for programs.\n\nVerbs:\n");
    for (size_t i = 0; i < cli_verb_count; i++) {
        text_add_format(out, "  %-10s%s\n", cli_verbs[i].name, cli_verbs[i].help);
    }
    add_options(out, CLI_WITHOUT_VERB);
    text_add(out, "\n'etwtrail VERB --help' explains a verb and its options.\n");
}

enum cli_exit cli_help_print(const struct cli_verb *verb)
{
    struct text text = {.maximum = 0};
    cli_help_format(verb, &text);
    enum cli_exit result = cli_print_text(&text);
    text_done(&text);
    return result;
}

enum cli_exit cli_version_print(void)
{
    struct text text = {.maximum = 0};
    text_add_format(&text, "%s\n", cli_version);
    enum cli_exit result = cli_print_text(&text);
    text_done(&text);
    return result;
}
