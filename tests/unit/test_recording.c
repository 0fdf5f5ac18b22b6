/* SPDX-License-Identifier: MIT */
/*
 * The commands against the syntax of the programs they call, as Microsoft documents it for
 * netsh trace start, pktmon start (before and since Windows 10 2004), pktmon filter remove and
 * logman stop.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "cli/recording.h"
#include "etw/base/text.h"
#include "etw/provider_names.h"

#define COUNT_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

/* What a value has to be. */
enum value {
    VALUE_NONE, /* the option stands alone */
    VALUE_YES,
    VALUE_DISABLED,
    VALUE_PROVIDER, /* a name that Windows knows */
    VALUE_HEX,
    VALUE_LEVEL, /* 1 to 5 */
    VALUE_SIZE,  /* MB, not 0 */
    VALUE_BYTES, /* of a packet; 0: all */
    VALUE_FILE
};

/* An option, and in which words of the command it may stand. */
struct option {
    const char *name;
    enum value value;
    bool follows_provider; /* it is about the provider named last */
};

struct syntax {
    const char *start;    /* the first words */
    bool has_equals;      /* name=value, else name value */
    uint32_t from, to;    /* Windows builds */
    uint32_t report_from; /* build since which `report` may be "disabled" */
    struct option options[12];
};

static const struct syntax syntaxes[] = {
    {"netsh trace start",
     true,
     7600,
     UINT32_MAX,
     10240,
     {{"capture", VALUE_YES, false},
      {"report", VALUE_DISABLED, false},
      {"maxsize", VALUE_SIZE, false},
      {"provider", VALUE_PROVIDER, false},
      {"keywords", VALUE_HEX, true},
      {"level", VALUE_LEVEL, true},
      {"tracefile", VALUE_FILE, false}}},
    {"pktmon start",
     false,
     17763,
     19040,
     0,
     {{"--etw", VALUE_NONE, false},
      {"-p", VALUE_BYTES, false},
      {"-f", VALUE_FILE, false},
      {"-s", VALUE_SIZE, false}}},
    {"pktmon start",
     false,
     19041,
     UINT32_MAX,
     0,
     {{"--capture", VALUE_NONE, false},
      {"--pkt-size", VALUE_BYTES, false},
      {"--trace", VALUE_NONE, false},
      {"-p", VALUE_PROVIDER, false},
      {"-k", VALUE_HEX, true},
      {"-l", VALUE_LEVEL, true},
      {"--file-name", VALUE_FILE, false},
      {"--file-size", VALUE_SIZE, false}}},
};

static bool is_number(const char *value, unsigned long least, unsigned long most)
{
    char *end = NULL;
    unsigned long number = strtoul(value, &end, 10);
    return *value && !*end && number >= least && number <= most;
}

static bool is_value(enum value kind, const char *value)
{
    struct guid guid;
    switch (kind) {
    case VALUE_YES:
        return strcmp(value, "yes") == 0;
    case VALUE_DISABLED:
        return strcmp(value, "disabled") == 0;
    case VALUE_PROVIDER:
        return etw_provider_find(value, &guid);
    case VALUE_HEX:
        return strncmp(value, "0x", 2) == 0 && strlen(value) <= 18 &&
               strspn(value + 2, "0123456789ABCDEF") == strlen(value) - 2;
    case VALUE_LEVEL:
        return is_number(value, 1, 5);
    case VALUE_SIZE:
        return is_number(value, 1, 100000);
    case VALUE_BYTES:
        return is_number(value, 0, 65535);
    case VALUE_FILE:
        return strncmp(value, "C:\\", 3) == 0 && strstr(value, ".etl");
    default:
        return false;
    }
}

static const struct syntax *find_syntax(const char *command, uint32_t build)
{
    for (size_t i = 0; i < COUNT_OF(syntaxes); i++) {
        size_t size = strlen(syntaxes[i].start);
        if (strncmp(command, syntaxes[i].start, size) == 0 && command[size] == ' ' &&
            build >= syntaxes[i].from && build <= syntaxes[i].to) {
            return &syntaxes[i];
        }
    }
    return NULL;
}

static const struct option *find_option(const struct syntax *syntax, const char *name)
{
    for (size_t i = 0; i < COUNT_OF(syntax->options) && syntax->options[i].name; i++) {
        if (strcmp(syntax->options[i].name, name) == 0) {
            return &syntax->options[i];
        }
    }
    return NULL;
}

/* The next word; the rest stands behind its NUL. */
static char *next_word(char **rest)
{
    char *word = *rest + strspn(*rest, " ");
    if (!*word) {
        return NULL;
    }
    char *end = word + strcspn(word, " ");
    *rest = *end ? end + 1 : end;
    *end = '\0';
    return word;
}

/* Fails the test where the command does not follow the syntax; says which options it has. */
static void check_syntax(const char *command, uint32_t build)
{
    char words[1024];
    static const char filters[] = "pktmon filter remove && ";
    const char *shown = command;
    if (strncmp(command, filters, sizeof(filters) - 1) == 0) {
        assert_true(build >= 17763);
        command += sizeof(filters) - 1;
        assert_memory_equal(command, "pktmon start", 12);
    }
    const struct syntax *syntax = find_syntax(command, build);
    if (!syntax || strlen(command) >= sizeof(words)) {
        fail_msg("build %u has no such command: %s", build, shown);
        return;
    }
    memcpy(words, command, strlen(command) + 1);
    char *rest = words + strlen(syntax->start);
    bool has_provider = false;
    bool has_trace = false;
    for (char *word = next_word(&rest); word; word = next_word(&rest)) {
        char *value = syntax->has_equals ? strchr(word, '=') : NULL;
        if (value) {
            *value++ = '\0';
        }
        const struct option *option = find_option(syntax, word);
        if (!option) {
            fail_msg("no option %s: %s", word, shown);
            return;
        }
        if (!value && option->value != VALUE_NONE) {
            value = next_word(&rest);
        }
        if (option->value != VALUE_NONE && (!value || !is_value(option->value, value))) {
            fail_msg("value of %s: %s", word, shown);
        }
        assert_true(!option->follows_provider || has_provider);
        assert_true(option->value != VALUE_DISABLED || build >= syntax->report_from);
        has_trace = has_trace || strcmp(word, "--trace") == 0;
        /* The packet monitor's providers are part of --trace. */
        assert_true(option->value != VALUE_PROVIDER || syntax->has_equals || has_trace);
        has_provider = has_provider || option->value == VALUE_PROVIDER;
    }
}

static const uint32_t builds[] = {7600,  7601,  9200,  9600,  10240, 17134, 17763,
                                  18363, 19041, 19045, 20348, 22621, 26200};

static void every_command_follows_the_syntax_of_its_windows(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(builds); i++) {
        for (unsigned needs = 0; needs < 32; needs++) {
            for (unsigned k = 0; k < 4; k++) {
                const struct cli_recording recording = {.needs = needs,
                                                        .recorder = k % 2 ? CLI_RECORDER_PKTMON
                                                                          : CLI_RECORDER_NETSH,
                                                        .os_build = builds[i],
                                                        .file_size = k / 2 ? 2048 : 0};
                struct text command = {.maximum = 1024};
                cli_recording_add_command(&recording, &command);
                check_syntax(text_get(&command), builds[i]);
                text_done(&command);
            }
        }
    }
}

static void assert_command(struct cli_recording recording, const char *expected)
{
    struct text command = {.maximum = 1024};
    cli_recording_add_command(&recording, &command);
    assert_string_equal(text_get(&command), expected);
    text_done(&command);
}

static void each_windows_gets_the_words_it_knows(void **state)
{
    (void)state;
    struct cli_recording recording = {.recorder = CLI_RECORDER_PKTMON, .os_build = 18363};
    assert_command(recording, "pktmon start --etw -p 0 -f C:\\trace.etl");
    recording.os_build = 19041;
    assert_command(recording, "pktmon start --capture --pkt-size 0 --file-name C:\\trace.etl");
    recording.os_build = 0; /* not known: the newest */
    assert_command(recording, "pktmon start --capture --pkt-size 0 --file-name C:\\trace.etl");
    recording.os_build = 17134; /* it has no pktmon yet */
    assert_command(recording, "netsh trace start capture=yes report=disabled "
                              "tracefile=C:\\trace.etl");
    recording.os_build = 7601;
    assert_command(recording, "netsh trace start capture=yes tracefile=C:\\trace.etl");
    recording.os_build = 6002; /* Windows Vista has neither */
    assert_command(recording, "");
}

static void the_old_packet_monitor_records_packets_only(void **state)
{
    (void)state;
    const struct cli_recording recording = {
        .needs = CLI_NEED_SOCKETS, .recorder = CLI_RECORDER_PKTMON, .os_build = 17763};
    assert_command(recording, "netsh trace start capture=yes report=disabled "
                              "provider=Microsoft-Windows-TCPIP level=5 "
                              "provider=Microsoft-Windows-Winsock-AFD tracefile=C:\\trace.etl");
}

static void providers_that_a_windows_does_not_have_are_left_out(void **state)
{
    (void)state;
    const struct cli_recording recording = {
        .needs = CLI_NEED_PROCESSES | CLI_NEED_HOSTS | CLI_NEED_SMB, .os_build = 7601};
    assert_command(recording, "netsh trace start capture=yes "
                              "provider=Microsoft-Windows-Kernel-Process keywords=0x10 "
                              "tracefile=C:\\trace.etl");
}

static void filters_go_before_the_packet_monitor_starts(void **state)
{
    (void)state;
    struct cli_recording recording = {
        .needs = CLI_NEED_NO_FILTERS, .recorder = CLI_RECORDER_PKTMON, .file_size = 4096};
    assert_command(recording, "pktmon filter remove && pktmon start --capture --pkt-size 0 "
                              "--file-name C:\\trace.etl --file-size 4096");
    recording.recorder = CLI_RECORDER_NETSH; /* its rules belong to one session */
    assert_command(recording, "netsh trace start capture=yes report=disabled maxsize=4096 "
                              "tracefile=C:\\trace.etl");
}

static void assert_stop(enum cli_recorder recorder, const char *session, const char *expected)
{
    struct text command = {.maximum = 1024};
    cli_recording_add_stop(recorder, session, &command);
    assert_string_equal(text_get(&command), expected);
    text_done(&command);
}

static void a_session_is_stopped_by_who_started_it(void **state)
{
    (void)state;
    assert_stop(CLI_RECORDER_NETSH, NULL, "netsh trace stop");
    assert_stop(CLI_RECORDER_PKTMON, NULL, "pktmon stop");
    assert_stop(CLI_RECORDER_NETSH, "My_Session 1.2", "logman stop \"My_Session 1.2\" -ets");
}

/* The name stands in the file; a command prompt must not run what is in it. */
static void a_name_that_is_no_plain_name_makes_no_command(void **state)
{
    (void)state;
    static const char *const names[] = {"",    "a\" & del *", "a%PATH%", "-ets",
                                        "a|b", "a>b",         "a\nb",    "\xc3\xa9"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        assert_stop(CLI_RECORDER_NETSH, names[i], "");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_command_follows_the_syntax_of_its_windows),
        cmocka_unit_test(each_windows_gets_the_words_it_knows),
        cmocka_unit_test(the_old_packet_monitor_records_packets_only),
        cmocka_unit_test(providers_that_a_windows_does_not_have_are_left_out),
        cmocka_unit_test(filters_go_before_the_packet_monitor_starts),
        cmocka_unit_test(a_session_is_stopped_by_who_started_it),
        cmocka_unit_test(a_name_that_is_no_plain_name_makes_no_command),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
