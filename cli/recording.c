/* SPDX-License-Identifier: MIT */
/*
 * netsh trace is part of Windows 7 and everything since. pktmon came with Windows 10 1809 and
 * was called with other options before 2004: those record packets and no other events.
 * [documented: Microsoft Learn, "netsh trace", "pktmon start", "logman stop"]
 *
 * Level 5 adds the stack's drops. pktmon lets only keywords of the lower 32 bits pass where
 * none are named, and the events about data have theirs above. [documented: manifests]
 */
#include "cli/recording.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "etw/base/text.h"

#define BUILD_WINDOWS_7    7600u
#define BUILD_WINDOWS_10   10240u
#define BUILD_PKTMON       17763u
#define BUILD_PKTMON_TRACE 19041u

#define TARGET "C:\\trace.etl"

static const struct provider {
    unsigned need;
    const char *name;
    const char *keywords; /* NULL: all of them */
    const char *level;    /* NULL: the usual one, which has everything */
    uint32_t since;       /* first Windows build that has it */
} providers[] = {
    {CLI_NEED_SOCKETS, "Microsoft-Windows-TCPIP", NULL, "5", BUILD_WINDOWS_7},
    {CLI_NEED_SOCKETS, "Microsoft-Windows-Winsock-AFD", NULL, NULL, BUILD_WINDOWS_7},
    {CLI_NEED_PROCESSES, "Microsoft-Windows-Kernel-Process", "0x10", NULL, BUILD_WINDOWS_7},
    {CLI_NEED_HOSTS, "Microsoft-Windows-DNS-Client", NULL, NULL, BUILD_WINDOWS_10},
    {CLI_NEED_SMB, "Microsoft-Windows-SMBClient", NULL, NULL, BUILD_WINDOWS_10},
    {CLI_NEED_SMB, "Microsoft-Windows-SMBServer", NULL, NULL, BUILD_WINDOWS_10},
};
#define PROVIDER_COUNT (sizeof(providers) / sizeof(providers[0]))
#define ALL_KEYWORDS   "0xFFFFFFFFFFFFFFFF"

static bool is_wanted(const struct provider *provider, const struct cli_recording *recording,
                      uint32_t build)
{
    return (recording->needs & provider->need) != 0 && build >= provider->since;
}

/* An option where it has a value. */
static void add_option(struct text *to, const char *name, const char *value)
{
    if (value) {
        text_add(to, name);
        text_add(to, value);
    }
}

static void add_netsh(const struct cli_recording *recording, uint32_t build, struct text *to)
{
    text_add(to, "netsh trace start capture=yes");
    add_option(to, " report=", build >= BUILD_WINDOWS_10 ? "disabled" : NULL);
    if (recording->file_size > 0) {
        text_add_format(to, " maxsize=%lu", (unsigned long)recording->file_size);
    }
    for (size_t i = 0; i < PROVIDER_COUNT; i++) {
        const struct provider *provider = &providers[i];
        if (is_wanted(provider, recording, build)) {
            add_option(to, " provider=", provider->name);
            add_option(to, " keywords=", provider->keywords);
            add_option(to, " level=", provider->level);
        }
    }
    text_add(to, " tracefile=" TARGET);
}

static void add_pktmon_providers(const struct cli_recording *recording, uint32_t build,
                                 struct text *to)
{
    bool is_first = true;
    for (size_t i = 0; i < PROVIDER_COUNT; i++) {
        const struct provider *provider = &providers[i];
        if (is_wanted(provider, recording, build)) {
            text_add(to, is_first ? " --trace" : "");
            add_option(to, " -p ", provider->name);
            add_option(to, " -k ", provider->keywords ? provider->keywords : ALL_KEYWORDS);
            add_option(to, " -l ", provider->level);
            is_first = false;
        }
    }
}

static void add_pktmon(const struct cli_recording *recording, uint32_t build, struct text *to)
{
    text_add(to, recording->needs & CLI_NEED_NO_FILTERS ? "pktmon filter remove && " : "");
    if (build < BUILD_PKTMON_TRACE) {
        text_add(to, "pktmon start --etw -p 0 -f " TARGET);
        if (recording->file_size > 0) {
            text_add_format(to, " -s %lu", (unsigned long)recording->file_size);
        }
        return;
    }
    text_add(to, "pktmon start --capture --pkt-size 0");
    add_pktmon_providers(recording, build, to);
    text_add(to, " --file-name " TARGET);
    if (recording->file_size > 0) {
        text_add_format(to, " --file-size %lu", (unsigned long)recording->file_size);
    }
}

void cli_recording_add_command(const struct cli_recording *recording, struct text *to)
{
    uint32_t build = recording->os_build ? recording->os_build : UINT32_MAX;
    bool has_events = (recording->needs & ~(unsigned)CLI_NEED_NO_FILTERS) != 0;
    bool can_pktmon = build >= (has_events ? BUILD_PKTMON_TRACE : BUILD_PKTMON);
    if (recording->recorder == CLI_RECORDER_PKTMON && can_pktmon) {
        add_pktmon(recording, build, to);
    } else if (build >= BUILD_WINDOWS_7) {
        add_netsh(recording, build, to);
    }
}

/* The name comes from the file and the command goes to a command prompt. */
static bool is_plain(const char *name)
{
    static const char others[] = " ._-";
    for (const char *p = name; *p; p++) {
        bool is_letter = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z');
        if (!is_letter && !(*p >= '0' && *p <= '9') && !strchr(others, *p)) {
            return false;
        }
    }
    return name[0] != '\0' && name[0] != '-';
}

void cli_recording_add_stop(enum cli_recorder recorder, const char *session_name, struct text *to)
{
    if (!session_name) {
        text_add(to, recorder == CLI_RECORDER_PKTMON ? "pktmon stop" : "netsh trace stop");
    } else if (is_plain(session_name)) {
        text_add_format(to, "logman stop \"%s\" -ets", session_name);
    }
}
