/* SPDX-License-Identifier: MIT */
#include "cli/option_parser.h"

#include <stdlib.h>
#include <string.h>

#include "cli/verbs.h"
#include "etw/platform/platform.h"

/* One word may mean many files (platform_expand). */
#define INPUTS_START ((size_t)16)

struct given {
    const struct cli_option *option;
    const char *value; /* borrowed from the command line; "" for flags */
};

struct cli_arguments {
    const struct cli_verb *verb;
    char **inputs; /* owned, each owned */
    size_t input_count, input_capacity;
    size_t count;
    struct given given[];
};

/* The words that are still to be read. */
struct words {
    char **word;
    int count;
    int next;
};

static enum etw_status refuse_unknown(const struct cli_verb *verb, const char *name,
                                      size_t name_size, struct etw_error *error)
{
    const struct cli_option *near = cli_option_suggest(name, name_size);
    if (near) {
        return etw_fail(error, ETW_ERR_INPUT, ETW_NO_OFFSET,
                        "there is no option --%.*s; did you mean --%s?", (int)name_size, name,
                        near->name);
    }
    return etw_fail(error, ETW_ERR_INPUT, ETW_NO_OFFSET,
                    "there is no option --%.*s; 'etwtrail %s%s--help' lists them", (int)name_size,
                    name, verb ? verb->name : "", verb ? " " : "");
}

static enum etw_status check_allowed(const struct cli_arguments *arguments,
                                     const struct cli_option *option, struct etw_error *error)
{
    const struct cli_verb *verb = arguments->verb;
    if (verb && !(option->verbs & verb->option_bit)) {
        return etw_fail(error, ETW_ERR_INPUT, ETW_NO_OFFSET, "%s does not have the option --%s",
                        verb->name, option->name);
    }
    if (!verb && !(option->verbs & CLI_WITHOUT_VERB)) {
        return etw_fail(error, ETW_ERR_INPUT, ETW_NO_OFFSET,
                        "--%s belongs behind a verb: etwtrail VERB TRACE.etl --%s", option->name,
                        option->name);
    }
    if (!option->is_repeatable && option->kind != CLI_FLAG &&
        cli_arguments_has(arguments, option->id)) {
        return etw_fail(error, ETW_ERR_INPUT, ETW_NO_OFFSET, "--%s was given twice", option->name);
    }
    return ETW_OK;
}

static enum etw_status check_value(const struct cli_arguments *arguments,
                                   const struct cli_option *option, const char *value,
                                   bool is_attached, struct etw_error *error)
{
    const struct cli_option of =
        cli_option_of(option, arguments->verb ? arguments->verb->option_bit : CLI_WITHOUT_VERB);
    bool may_be_empty = of.kind == CLI_FLAG || (of.kind == CLI_OPTIONAL_CHOICE && !is_attached);
    if (!value || (!may_be_empty && value[0] == '\0')) {
        return etw_fail(error, ETW_ERR_INPUT, ETW_NO_OFFSET, "--%s needs a value: --%s %s", of.name,
                        of.name, of.value_name);
    }
    bool is_choice = of.kind == CLI_CHOICE || of.kind == CLI_OPTIONAL_CHOICE;
    if (is_choice && value[0] != '\0' && cli_option_choice(&of, value) < 0) {
        return etw_fail(error, ETW_ERR_INPUT, ETW_NO_OFFSET,
                        "\"%s\" is not a value of --%s: give one of %s", value, of.name,
                        of.value_name);
    }
    return ETW_OK;
}

/* Takes the option with the value that was attached to it (NULL: none). */
static enum etw_status add_option(struct cli_arguments *arguments, const struct cli_option *option,
                                  const char *attached, struct words *words,
                                  struct etw_error *error)
{
    enum etw_status status = check_allowed(arguments, option, error);
    if (status) {
        return status;
    }
    const char *value = attached;
    if (option->kind == CLI_FLAG) {
        if (attached) {
            return etw_fail(error, ETW_ERR_INPUT, ETW_NO_OFFSET, "--%s takes no value",
                            option->name);
        }
        value = "";
    } else if (option->kind == CLI_OPTIONAL_CHOICE) {
        value = attached ? attached : "";
    } else if (!value) {
        bool has_next =
            words->next < words->count && strncmp(words->word[words->next], "--", 2) != 0;
        value = has_next ? words->word[words->next++] : NULL;
    }
    status = check_value(arguments, option, value, attached != NULL, error);
    if (status) {
        return status;
    }
    arguments->given[arguments->count++] = (struct given){option, value};
    return ETW_OK;
}

static enum etw_status take_option(struct cli_arguments *arguments, const char *word,
                                   struct words *words, struct etw_error *error)
{
    const struct cli_option *option;
    const char *attached = NULL;
    if (word[1] != '-') {
        option = cli_option_find_short(word[1]);
        if (!option) {
            return etw_fail(error, ETW_ERR_INPUT, ETW_NO_OFFSET, "there is no option -%c", word[1]);
        }
        attached = word[2] != '\0' ? word + 2 : NULL;
    } else {
        const char *name = word + 2;
        const char *equals = strchr(name, '=');
        size_t name_size = equals ? (size_t)(equals - name) : strlen(name);
        option = cli_option_find(name, name_size);
        if (!option) {
            return refuse_unknown(arguments->verb, name, name_size, error);
        }
        attached = equals ? equals + 1 : NULL;
    }
    return add_option(arguments, option, attached, words, error);
}

/* Other programs take the output as a second name. */
static bool is_output_name(const char *word)
{
    static const char extension[] = ".pcapng";
    size_t size = strlen(word);
    return size >= sizeof(extension) && strcmp(word + size - sizeof(extension) + 1, extension) == 0;
}

/* A platform_name_function. */
static bool add_input(void *context, const char *name)
{
    struct cli_arguments *arguments = context;
    if (arguments->input_count == arguments->input_capacity) {
        size_t capacity = arguments->input_capacity ? arguments->input_capacity * 2 : INPUTS_START;
        char **more = realloc((void *)arguments->inputs, capacity * sizeof(*more));
        if (!more) {
            return false;
        }
        arguments->inputs = more;
        arguments->input_capacity = capacity;
    }
    size_t size = strlen(name) + 1;
    char *copy = malloc(size);
    if (copy) {
        memcpy(copy, name, size);
        arguments->inputs[arguments->input_count++] = copy;
    }
    return copy != NULL;
}

static enum etw_status take_input(struct cli_arguments *arguments, const char *word,
                                  struct etw_error *error)
{
    if (!arguments->verb) {
        return etw_fail(error, ETW_ERR_INPUT, ETW_NO_OFFSET,
                        "the verb comes first: 'etwtrail info TRACE.etl', for instance");
    }
    if (word[0] == '\0') {
        return etw_fail(error, ETW_ERR_INPUT, ETW_NO_OFFSET, "the name of the trace is empty");
    }
    if (arguments->input_count > 0 && is_output_name(word)) {
        return etw_fail(error, ETW_ERR_INPUT, ETW_NO_OFFSET,
                        "\"%s\" is no trace; the output is named with -o", word);
    }
    return platform_expand(word, add_input, arguments) ? ETW_OK
                                                       : etw_fail_memory(error, "the command line");
}

enum etw_status cli_arguments_parse(const struct cli_verb *verb, int word_count, char **words,
                                    struct cli_arguments **out, struct etw_error *error)
{
    size_t count = word_count > 0 ? (size_t)word_count : 0;
    struct cli_arguments *arguments =
        calloc(1, sizeof(*arguments) + count * sizeof(arguments->given[0]));
    if (!arguments) {
        return etw_fail_memory(error, "the command line");
    }
    arguments->verb = verb;
    struct words left = {words, word_count, 0};
    enum etw_status status = ETW_OK;
    bool options_ended = false;
    while (!status && left.next < left.count) {
        const char *word = left.word[left.next++];
        if (!options_ended && strcmp(word, "--") == 0) {
            options_ended = true;
        } else if (!options_ended && word[0] == '-' && word[1] != '\0') {
            status = take_option(arguments, word, &left, error);
        } else {
            status = take_input(arguments, word, error);
        }
    }
    if (status) {
        cli_arguments_free(arguments);
        return status;
    }
    *out = arguments;
    return ETW_OK;
}

void cli_arguments_free(struct cli_arguments *arguments)
{
    if (!arguments) {
        return;
    }
    for (size_t i = 0; i < arguments->input_count; i++) {
        free(arguments->inputs[i]);
    }
    free((void *)arguments->inputs);
    free(arguments);
}

const char *cli_arguments_input(const struct cli_arguments *arguments, size_t n)
{
    return n < arguments->input_count ? arguments->inputs[n] : NULL;
}

bool cli_arguments_has(const struct cli_arguments *arguments, enum cli_option_id id)
{
    return cli_arguments_value(arguments, id, 0) != NULL;
}

const char *cli_arguments_value(const struct cli_arguments *arguments, enum cli_option_id id,
                                size_t n)
{
    for (size_t i = 0; i < arguments->count; i++) {
        if (arguments->given[i].option->id == id && n-- == 0) {
            return arguments->given[i].value;
        }
    }
    return NULL;
}

int cli_arguments_choice(const struct cli_arguments *arguments, enum cli_option_id id,
                         int otherwise)
{
    for (size_t i = 0; i < arguments->count; i++) {
        if (arguments->given[i].option->id == id) {
            const char *value = arguments->given[i].value;
            return value[0] != '\0' ? cli_option_choice(arguments->given[i].option, value) : 0;
        }
    }
    return otherwise;
}
