/* SPDX-License-Identifier: MIT */
#include "cli/names.h"

/* Client and server editions share builds up to 20348.
 * [documented: Microsoft's release information pages] */
static const struct {
    uint32_t build;
    const char *name;
} windows_names[] = {
    {6000, "Windows Vista"},
    {6001, "Windows Vista SP1 or Server 2008"},
    {6002, "Windows Vista SP2 or Server 2008 SP2"},
    {6003, "Windows Server 2008 SP2"},
    {7600, "Windows 7 or Server 2008 R2"},
    {7601, "Windows 7 SP1 or Server 2008 R2 SP1"},
    {9200, "Windows 8 or Server 2012"},
    {9600, "Windows 8.1 or Server 2012 R2"},
    {10240, "Windows 10 1507"},
    {10586, "Windows 10 1511"},
    {14393, "Windows 10 1607 or Server 2016"},
    {15063, "Windows 10 1703"},
    {16299, "Windows 10 1709"},
    {17134, "Windows 10 1803"},
    {17763, "Windows 10 1809 or Server 2019"},
    {18362, "Windows 10 1903"},
    {18363, "Windows 10 1909"},
    {19041, "Windows 10 2004"},
    {19042, "Windows 10 20H2"},
    {19043, "Windows 10 21H1"},
    {19044, "Windows 10 21H2"},
    {19045, "Windows 10 22H2"},
    {20348, "Windows Server 2022"},
    {22000, "Windows 11 21H2"},
    {22621, "Windows 11 22H2"},
    {22631, "Windows 11 23H2"},
    {25398, "Windows Server 23H2"},
    {26100, "Windows 11 24H2 or Server 2025"},
    {26200, "Windows 11 25H2"},
};

const char *cli_windows_name(uint32_t build)
{
    for (size_t i = 0; i < sizeof(windows_names) / sizeof(windows_names[0]); i++) {
        if (windows_names[i].build == build) {
            return windows_names[i].name;
        }
    }
    return NULL;
}

const char *cli_clock_name(enum etw_clock clock)
{
    static const char *const names[] = {[ETW_CLOCK_UNKNOWN] = "unknown",
                                        [ETW_CLOCK_QPC] = "qpc",
                                        [ETW_CLOCK_SYSTEM_TIME] = "system-time",
                                        [ETW_CLOCK_CPU_CYCLES] = "cpu-cycles"};
    return names[clock];
}

const char *cli_link_name(enum etw_link link)
{
    static const char *const names[] = {[ETW_LINK_UNKNOWN] = "unknown",
                                        [ETW_LINK_ETHERNET] = "ethernet",
                                        [ETW_LINK_RAW_IP] = "raw-ip",
                                        [ETW_LINK_IEEE80211] = "ieee80211",
                                        [ETW_LINK_PPP] = "ppp"};
    return names[link];
}

const char *cli_class_name(enum record_class class_of)
{
    static const char *const names[] = {[RECORD_IS_KERNEL] = "kernel",
                                        [RECORD_IS_CLASSIC] = "classic",
                                        [RECORD_IS_MANIFEST] = "manifest",
                                        [RECORD_IS_MESSAGE] = "message",
                                        [RECORD_IS_UNKNOWN] = "unknown"};
    return names[class_of];
}

/* EVENT_TRACE_FILE_MODE_* and others of that header. [documented: evntrace.h] */
static const char *const mode_names[CLI_MODE_BITS] = {
    [0] = "sequential",
    [1] = "circular",
    [2] = "append",
    [3] = "new-file",
    [4] = "use-ms-flush-timer",
    [5] = "preallocate",
    [6] = "nonstoppable",
    [7] = "secure",
    [8] = "real-time",
    [9] = "delay-open-file",
    [10] = "buffering",
    [11] = "private-logger",
    [12] = "add-header",
    [13] = "size-in-kilobytes",
    [14] = "global-sequence",
    [15] = "local-sequence",
    [16] = "relogged",
    [17] = "private-in-process",
    [18] = "buffer-interface",
    [19] = "kd-filter",
    [20] = "real-time-relog",
    [21] = "lost-events-debug",
    [22] = "stop-on-hybrid-shutdown",
    [23] = "persist-on-hybrid-shutdown",
    [24] = "paged-memory",
    [25] = "system-logger",
    [26] = "compressed",
    [27] = "independent-session",
    [28] = "no-per-processor-buffering",
    [29] = "blocking",
    [31] = "add-to-triage-dump",
};

size_t cli_mode_names(uint32_t mode, const char *names[CLI_MODE_BITS])
{
    size_t count = 0;
    for (unsigned bit = 0; bit < CLI_MODE_BITS; bit++) {
        if ((mode >> bit & 1u) && mode_names[bit]) {
            names[count++] = mode_names[bit];
        }
    }
    return count;
}
