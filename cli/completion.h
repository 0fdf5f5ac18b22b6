/* SPDX-License-Identifier: MIT */
/*
 * completion.h - scripts that complete command lines in a shell, made of the tables of verbs and
 * options: names, values, and, where the shell shows it, the help of an option.
 */
#ifndef CLI_COMPLETION_H
#define CLI_COMPLETION_H

#include "cli/exit_status.h"

struct text;

/* In the order of the words of --completion. */
enum cli_shell { CLI_SHELL_BASH, CLI_SHELL_ZSH, CLI_SHELL_COUNT };

void cli_completion_format(enum cli_shell shell, struct text *out);
enum cli_exit cli_completion_print(enum cli_shell shell);

/* One per file completion_SHELL.c. */
void cli_completion_bash(struct text *out);
void cli_completion_zsh(struct text *out);

/* Adds words as a part of an argument between single quotes; what is in `specials`, because it
 * would end that part, gets a backslash. */
void cli_completion_zsh_escape(struct text *out, const char *words, const char *specials);

#endif
