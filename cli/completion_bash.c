/* SPDX-License-Identifier: MIT */
#include "cli/completion.h"

#include "cli/options.h"
#include "cli/verbs.h"
#include "etw/base/text.h"

/* What stands behind the table: needs nothing of the package bash-completion, and no bash newer
 * than 3.2. Bash splits --name=value into three words. */
static const char code[] =
    "\n"
    "# OPTION: leaves its row in `row`.\n"
    "_etwtrail_find() {\n"
    "    for row in \"${rows[@]}\"; do\n"
    "        [[ ,${row%%[+~=]*}, == *,\"$1\",* ]] && return\n"
    "    done\n"
    "    row=''\n"
    "}\n"
    "\n"
    "# WORD ...: offers those that begin with what is typed.\n"
    "_etwtrail_offer() {\n"
    "    local offered\n"
    "    for offered in \"$@\"; do\n"
    "        [[ $offered == \"$word\"* ]] && COMPREPLY+=(\"$before$offered\")\n"
    "    done\n"
    "}\n"
    "\n"
    "# COMPGEN-OPTION ...: offers files.\n"
    "_etwtrail_files() {\n"
    "    local file\n"
    "    compopt -o filenames 2>/dev/null\n"
    "    while IFS= read -r file; do\n"
    "        COMPREPLY+=(\"$before$file\")\n"
    "    done < <(compgen \"$@\" -- \"$word\")\n"
    "}\n"
    "\n"
    "_etwtrail_traces() {\n"
    "    _etwtrail_files -f -X '!*.[Ee][Tt][Ll]'\n"
    "    _etwtrail_files -d\n"
    "    [[ ${#COMPREPLY[@]} -gt 0 ]] || _etwtrail_files -f\n"
    "}\n"
    "\n"
    "# Offers the value of the option whose row is in `row`.\n"
    "# shellcheck disable=SC2086  # it is to be split\n"
    "_etwtrail_value() {\n"
    "    local IFS='|'\n"
    "    case $row in\n"
    "    *=/) _etwtrail_files -f ;;\n"
    "    *=?*) _etwtrail_offer ${row#*=} ;;\n"
    "    esac\n"
    "}\n"
    "\n"
    "# Offers the options that are not there yet, or may be there again.\n"
    "_etwtrail_names() {\n"
    "    local names name IFS='|,'\n"
    "    for row in \"${rows[@]}\"; do\n"
    "        names=${row%%[+~=]*}\n"
    "        [[ $row != *+* && $given == *\" $names \"* ]] && continue\n"
    "        for name in $names; do\n"
    "            _etwtrail_offer \"$name\"\n"
    "        done\n"
    "        [[ $row == *~* ]] || continue\n"
    "        for name in ${row#*=}; do\n"
    "            _etwtrail_offer \"$names=$name\"\n"
    "        done\n"
    "    done\n"
    "}\n"
    "\n"
    "_etwtrail() {\n"
    "    local verb=${COMP_WORDS[1]-} word=${COMP_WORDS[COMP_CWORD]-}\n"
    "    local rows=() row='' last='' open='' ended='' given=' ' before='' at=2\n"
    "    COMPREPLY=()\n"
    "    if [[ $COMP_CWORD -eq 1 && $word != -* ]]; then\n"
    "        _etwtrail_offer \"${_etwtrail_verbs[@]}\"\n"
    "        return\n"
    "    fi\n"
    "    [[ $verb != -* ]] || verb='' at=1\n"
    "    _etwtrail_rows \"$verb\"\n"
    "    [[ ${#rows[@]} -gt 0 ]] || return\n"
    "    # last: the row of the option before; open: the same while its value is to come.\n"
    "    for (( ; at < COMP_CWORD; at++)); do\n"
    "        case ${COMP_WORDS[at]} in\n"
    "        =) open=$last ;;\n"
    "        --) ended=yes open='' last='' ;;\n"
    "        -?*)\n"
    "            if [[ -z $ended && ( -z $open || ${COMP_WORDS[at]} == --* ) ]]; then\n"
    "                _etwtrail_find \"${COMP_WORDS[at]%%=*}\"\n"
    "                given+=\"${row%%[+~=]*} \" last=$row open=''\n"
    "                [[ $row != *=* || $row == *~* || ${COMP_WORDS[at]} == *=* ]] || open=$row\n"
    "            else\n"
    "                open='' last=''\n"
    "            fi\n"
    "            ;;\n"
    "        *) open='' last='' ;;\n"
    "        esac\n"
    "    done\n"
    "    if [[ $word == '=' ]]; then\n"
    "        open=$last word=''\n"
    "    fi\n"
    "    if [[ -n $open && $word != --* ]]; then\n"
    "        row=$open\n"
    "        _etwtrail_value\n"
    "    elif [[ -z $ended && $word == --*=* ]]; then\n"
    "        before=${word%%=*}= word=${word#*=}\n"
    "        _etwtrail_find \"${before%=}\"\n"
    "        _etwtrail_value\n"
    "    elif [[ -z $ended && $word == -* ]]; then\n"
    "        _etwtrail_names\n"
    "    elif [[ -n $verb ]]; then\n"
    "        _etwtrail_traces\n"
    "    fi\n"
    "}\n"
    "\n"
    "complete -F _etwtrail etwtrail\n";

/* -o,--output=/ */
static void add_row(struct text *out, const struct cli_option *option)
{
    text_add(out, "'");
    if (option->short_name) {
        text_add_format(out, "-%c,", option->short_name);
    }
    text_add_format(out, "--%s", option->name);
    if (option->is_repeatable) {
        text_add_char(out, '+');
    }
    if (option->kind == CLI_OPTIONAL_CHOICE) {
        text_add_char(out, '~');
    }
    if (option->kind != CLI_FLAG) {
        text_add_char(out, '=');
    }
    if (option->kind == CLI_CHOICE || option->kind == CLI_OPTIONAL_CHOICE) {
        text_add(out, option->value_name);
    } else if (option->kind == CLI_FILE) {
        text_add_char(out, '/');
    }
    text_add_char(out, '\'');
}

static void add_rows(struct text *out, const char *verb, unsigned option_bit)
{
    text_add_format(out, "    '%s')\n        rows=(", verb);
    const char *separator = "";
    for (size_t i = 0; i < CLI_OPTION_COUNT; i++) {
        if (cli_options[i].verbs & option_bit) {
            const struct cli_option of = cli_option_of(&cli_options[i], option_bit);
            text_add(out, separator);
            add_row(out, &of);
            separator = "\n            ";
        }
    }
    text_add(out, ")\n        ;;\n");
}

void cli_completion_bash(struct text *out)
{
    text_add(out, "# shellcheck shell=bash\n"
                  "# Completes etwtrail in bash; made by 'etwtrail --completion bash'.\n\n"
                  "_etwtrail_verbs=(");
    for (size_t i = 0; i < cli_verb_count; i++) {
        text_add_format(out, "%s%s", i > 0 ? " " : "", cli_verbs[i].name);
    }
    text_add(out,
             ")\n\n"
             "# VERB: leaves its options in `rows`. Behind the names of an option: + it may be\n"
             "# repeated, ~ its value may be left out and is attached, = it has a value: one of\n"
             "# these, / a file.\n"
             "_etwtrail_rows() {\n"
             "    case $1 in\n");
    add_rows(out, "", CLI_WITHOUT_VERB);
    for (size_t i = 0; i < cli_verb_count; i++) {
        add_rows(out, cli_verbs[i].name, cli_verbs[i].option_bit);
    }
    text_add(out, "    esac\n}\n");
    text_add(out, code);
}
