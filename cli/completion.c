/* SPDX-License-Identifier: MIT */
#include "cli/completion.h"

#include "cli/output.h"
#include "etw/base/text.h"

static void (*const shells[CLI_SHELL_COUNT])(struct text *) = {
    [CLI_SHELL_BASH] = cli_completion_bash,
    [CLI_SHELL_ZSH] = cli_completion_zsh,
};

void cli_completion_format(enum cli_shell shell, struct text *out)
{
    shells[shell](out);
}

enum cli_exit cli_completion_print(enum cli_shell shell)
{
    struct text text = {.maximum = 0};
    cli_completion_format(shell, &text);
    enum cli_exit result = cli_print_text(&text);
    text_done(&text);
    return result;
}
