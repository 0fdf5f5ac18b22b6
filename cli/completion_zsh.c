/* SPDX-License-Identifier: MIT */
#include "cli/completion.h"

#include <string.h>

#include "cli/options.h"
#include "cli/verbs.h"
#include "etw/base/text.h"

/* What ends the parts of arguments of _arguments and _describe. */
static const char ends_description[] = "\\[]", ends_message[] = ":";

void cli_completion_zsh_escape(struct text *out, const char *words, const char *specials)
{
    for (const char *c = words; *c; c++) {
        if (*c == '\'') {
            text_add(out, "'\\''");
            continue;
        }
        if (strchr(specials, *c)) {
            text_add_char(out, '\\');
        }
        text_add_char(out, *c);
    }
}

static void add_words(struct text *out, const char *choices)
{
    for (const char *c = choices; *c; c++) {
        text_add_char(out, *c == '|' ? ' ' : *c);
    }
}

/* The value as _arguments wants it: :what it is called:how it is found */
static void add_value(struct text *out, const struct cli_option *option)
{
    bool is_choice = option->kind == CLI_CHOICE || option->kind == CLI_OPTIONAL_CHOICE;
    text_add(out, option->kind == CLI_OPTIONAL_CHOICE ? "::" : ":");
    cli_completion_zsh_escape(out, is_choice ? option->name : option->value_name, ends_message);
    if (is_choice) {
        text_add(out, ":(");
        add_words(out, option->value_name);
        text_add(out, ")");
    } else {
        text_add(out, option->kind == CLI_FILE ? ":_files" : ": ");
    }
}

/* What may not stand beside the option any more; * it may be repeated. */
static void add_exclusion(struct text *out, const struct cli_option *option)
{
    if (option->group == CLI_GROUP_GENERAL) {
        text_add(out, "(- *)");
    } else if (option->is_repeatable) {
        text_add(out, "*");
    } else if (option->short_name) {
        text_add_format(out, "(-%c --%s)", option->short_name, option->name);
    }
}

/* One spelling of an option. */
static void add_spelling(struct text *out, const struct cli_option *option, const char *name,
                         const char *value_mark)
{
    text_add(out, " \\\n            '");
    add_exclusion(out, option);
    text_add_format(out, "%s%s[", name, option->kind == CLI_FLAG ? "" : value_mark);
    cli_completion_zsh_escape(out, option->help, ends_description);
    text_add(out, "]");
    if (option->kind != CLI_FLAG) {
        add_value(out, option);
    }
    text_add(out, "'");
}

static void add_options(struct text *out, unsigned option_bit)
{
    for (size_t i = 0; i < CLI_OPTION_COUNT; i++) {
        if (!(cli_options[i].verbs & option_bit)) {
            continue;
        }
        const struct cli_option option = cli_option_of(&cli_options[i], option_bit);
        struct text name = {.maximum = 0};
        if (option.short_name) {
            text_add_format(&name, "-%c", option.short_name);
            add_spelling(out, &option, text_get(&name), "+");
            text_clear(&name);
        }
        text_add_format(&name, "--%s", option.name);
        add_spelling(out, &option, text_get(&name),
                     option.kind == CLI_OPTIONAL_CHOICE ? "=-" : "=");
        text_done(&name);
    }
}

void cli_completion_zsh(struct text *out)
{
    text_add(out, "#compdef etwtrail\n"
                  "# Completes etwtrail in zsh; made by 'etwtrail --completion zsh'.\n\n"
                  "_etwtrail() {\n"
                  "    local curcontext=$curcontext state line ret=1\n"
                  "    typeset -A opt_args\n"
                  "    local -a verbs\n"
                  "    verbs=(\n");
    for (size_t i = 0; i < cli_verb_count; i++) {
        text_add_format(out, "        '%s:", cli_verbs[i].name);
        cli_completion_zsh_escape(out, cli_verbs[i].help, ends_message);
        text_add(out, "'\n");
    }
    text_add(out, "    )\n"
                  "    _arguments -C");
    add_options(out, CLI_WITHOUT_VERB);
    text_add(out, " \\\n"
                  "            '1:verb:->verb' \\\n"
                  "            '*::argument:->arguments' && ret=0\n"
                  "    case $state in\n"
                  "    verb) _describe -t verbs verb verbs && ret=0 ;;\n"
                  "    arguments)\n"
                  "        curcontext=${curcontext%:*:*}:etwtrail-$words[1]:\n"
                  "        case $words[1] in\n");
    for (size_t i = 0; i < cli_verb_count; i++) {
        text_add_format(out, "        %s)\n            _arguments -S", cli_verbs[i].name);
        add_options(out, cli_verbs[i].option_bit);
        text_add(out, " \\\n            '*:trace:_files -g \"*.(#i)etl\"' && ret=0\n"
                      "            ;;\n");
    }
    text_add(out,
             "        esac\n"
             "        ;;\n"
             "    esac\n"
             "    return ret\n"
             "}\n\n"
             "# Loaded by the completion system it is called at once; sourced it is made known.\n"
             "if [[ $funcstack[1] == _etwtrail ]]; then\n"
             "    _etwtrail \"$@\"\n"
             "else\n"
             "    compdef _etwtrail etwtrail\n"
             "fi\n");
}
