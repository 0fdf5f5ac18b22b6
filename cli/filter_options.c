/* SPDX-License-Identifier: MIT */
#include "cli/filter_options.h"

#include <string.h>

#include "cli/interface_filter.h"
#include "cli/messages.h"
#include "cli/option_parser.h"
#include "cli/reading.h"
#include "etw/base/guid.h"
#include "etw/base/utc_time.h"
#include "etw/provider_names.h"
#include "etw/trace.h"

/* Seconds that fit into the distance between any two times. */
#define SECONDS_MAXIMUM INT64_C(900000000000)

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* [-]N[.NNNNNNN] as ticks of 100 ns; false: something else or too large. */
static bool parse_seconds(const char *value, int64_t *ticks)
{
    bool is_negative = value[0] == '-';
    const char *p = value + is_negative;
    int64_t seconds = 0;
    int64_t fraction = 0;
    if (!is_digit(*p)) {
        return false;
    }
    for (; is_digit(*p); p++) {
        seconds = seconds * 10 + (*p - '0');
        if (seconds > SECONDS_MAXIMUM) {
            return false;
        }
    }
    if (*p == '.') {
        p++;
        for (int64_t unit = UTC_TICKS_PER_SECOND / 10; is_digit(*p) && unit > 0; p++, unit /= 10) {
            fraction += unit * (*p - '0');
        }
    }
    int64_t size = seconds * UTC_TICKS_PER_SECOND + fraction;
    *ticks = is_negative ? -size : size;
    return *p == '\0';
}

bool cli_parse_time(const char *value, int64_t start, int64_t *out)
{
    int64_t ticks = 0;
    if (!parse_seconds(value, &ticks)) {
        return utc_parse(value, out);
    }
    /* Both are far from the limits: a FILETIME is positive. */
    if (ticks > 0 && start > INT64_MAX - ticks) {
        return false;
    }
    *out = start + ticks;
    return true;
}

enum etw_status cli_parse_times(const struct cli_arguments *arguments,
                                const struct etw_trace *trace, int64_t *from, int64_t *to,
                                struct etw_error *error)
{
    const char *texts[2] = {cli_arguments_value(arguments, CLI_OPTION_FROM, 0),
                            cli_arguments_value(arguments, CLI_OPTION_TO, 0)};
    int64_t times[2] = {INT64_MIN, INT64_MAX};
    int64_t start = etw_trace_get_header(trace)->start_time;
    for (int i = 0; i < 2; i++) {
        if (texts[i] && !cli_parse_time(texts[i], start, &times[i])) {
            return etw_fail(error, ETW_ERR_INPUT, ETW_NO_OFFSET,
                            "\"%s\" is not a time: give seconds from the start of the trace, like "
                            "12.5, or a time like 2026-03-02T08:00:00Z",
                            texts[i]);
        }
    }
    if (times[0] > times[1]) {
        return etw_fail(error, ETW_ERR_INPUT, ETW_NO_OFFSET, "--from %s lies after --to %s",
                        texts[0], texts[1]);
    }
    *from = times[0];
    *to = times[1];
    return ETW_OK;
}

static enum etw_status add_times(struct cli_filter *filter, const struct cli_arguments *arguments,
                                 const struct etw_trace *trace, struct etw_error *error)
{
    int64_t from = INT64_MIN;
    int64_t to = INT64_MAX;
    enum etw_status status = cli_parse_times(arguments, trace, &from, &to, error);
    if (!status) {
        corr_filter_set_times(filter->filter, from, to);
    }
    return status;
}

/* Providers whose events are packets. */
static const struct {
    const char *name;
    enum etw_capture capture;
} packet_providers[] = {
    {"Microsoft-Windows-NDIS-PacketCapture", ETW_CAPTURE_NDIS},
    {"Microsoft-Windows-PktMon", ETW_CAPTURE_PKTMON},
    {"Microsoft-Windows-Ras-NdisWanPacketCapture", ETW_CAPTURE_RAS},
    {"Microsoft-Pef-WFP-MessageProvider", ETW_CAPTURE_WFP},
};
#define PACKET_PROVIDER_COUNT (sizeof(packet_providers) / sizeof(packet_providers[0]))

enum etw_status cli_find_provider(const struct etw_trace *trace, const char *value,
                                  struct guid *guid, struct etw_error *error)
{
    const struct etw_provider_row *rows = NULL;
    size_t count = etw_trace_get_providers(trace, &rows);
    if (guid_parse(value, guid) || etw_provider_find(value, guid)) {
        return ETW_OK;
    }
    for (size_t i = 0; i < count; i++) {
        if (rows[i].name && strcmp(rows[i].name, value) == 0) {
            *guid = rows[i].guid;
            return ETW_OK;
        }
    }
    return etw_fail(error, ETW_ERR_INPUT, ETW_NO_OFFSET,
                    "no provider is called \"%s\"; 'etwtrail info' lists those of a trace", value);
}

/* Providers whose events may carry SMB messages. */
static const struct {
    const char *name;
    enum corr_smb_source source;
} message_providers[] = {
    {"Microsoft-Windows-SMBClient", CORR_SMB_CLIENT_EVENTS},
    {"Microsoft-Windows-SMBServer", CORR_SMB_SERVER_EVENTS},
};

/* True where the messages of the provider are written. */
static bool add_message_provider(struct cli_filter *filter, const struct guid *guid)
{
    struct guid candidate;
    bool is_one = false;
    for (size_t i = 0; i < sizeof(message_providers) / sizeof(message_providers[0]); i++) {
        if (etw_provider_find(message_providers[i].name, &candidate) &&
            guid_equal(&candidate, guid)) {
            filter->smb_sources |= 1u << message_providers[i].source;
            is_one = true;
        }
    }
    return is_one && cli_arguments_has(filter->arguments, CLI_OPTION_SMB_MESSAGES);
}

static enum etw_status add_provider(struct cli_filter *filter, const char *value,
                                    const struct guid *guid, size_t *captures,
                                    struct etw_error *error)
{
    for (size_t i = 0; i < PACKET_PROVIDER_COUNT; i++) {
        struct guid candidate;
        if (etw_provider_find(packet_providers[i].name, &candidate) &&
            guid_equal(&candidate, guid)) {
            (*captures)++;
            return corr_filter_add_capture(filter->filter, packet_providers[i].capture)
                       ? etw_fail_memory(error, "the filter")
                       : ETW_OK;
        }
    }
    if (add_message_provider(filter, guid)) {
        return ETW_OK;
    }
    cli_say("the provider %s records no packets, so --provider %s selects none", value, value);
    return ETW_OK;
}

static enum etw_status add_providers(struct cli_filter *filter,
                                     const struct cli_arguments *arguments,
                                     const struct etw_trace *trace, struct etw_error *error)
{
    enum etw_status status = ETW_OK;
    size_t captures = 0;
    size_t given = 0;
    const char *value;
    while (!status && (value = cli_arguments_value(arguments, CLI_OPTION_PROVIDER, given))) {
        struct guid guid;
        given++;
        status = cli_find_provider(trace, value, &guid, error);
        if (!status) {
            status = add_provider(filter, value, &guid, &captures, error);
        }
    }
    filter->has_providers = given > 0;
    filter->matches_nothing = given > 0 && captures == 0;
    return status;
}

/* Options whose value the filter itself reads. */
static const struct {
    enum cli_option_id option;
    enum etw_status (*add)(struct corr_filter *filter, const char *value, struct etw_error *error);
} plain_options[] = {
    {CLI_OPTION_HOST, corr_filter_add_host},
    {CLI_OPTION_PORT, corr_filter_add_port},
    {CLI_OPTION_TUPLE, corr_filter_add_tuple},
    {CLI_OPTION_PROTO, corr_filter_add_protocol},
    {CLI_OPTION_FRAME, corr_filter_add_frames},
    {CLI_OPTION_PID, corr_filter_add_pid},
    {CLI_OPTION_PROCESS, corr_filter_add_process},
    {CLI_OPTION_CONNECTION, corr_filter_add_connection},
};
#define PLAIN_OPTION_COUNT (sizeof(plain_options) / sizeof(plain_options[0]))

static enum etw_status add_plain(struct cli_filter *filter, const struct cli_arguments *arguments,
                                 struct etw_error *error)
{
    enum etw_status status = ETW_OK;
    for (size_t i = 0; i < PLAIN_OPTION_COUNT; i++) {
        const char *value;
        for (size_t n = 0;
             !status && (value = cli_arguments_value(arguments, plain_options[i].option, n)); n++) {
            status = plain_options[i].add(filter->filter, value, error);
        }
    }
    return status;
}

static bool has_filter_option(const struct cli_arguments *arguments)
{
    for (size_t i = 0; i < CLI_OPTION_COUNT; i++) {
        if (cli_options[i].group == CLI_GROUP_FILTER &&
            cli_arguments_has(arguments, cli_options[i].id)) {
            return true;
        }
    }
    return false;
}

enum etw_status cli_filter_init(struct cli_filter *filter, const struct cli_arguments *arguments,
                                const struct etw_trace *trace, struct etw_error *error)
{
    if (!has_filter_option(arguments)) {
        return ETW_OK;
    }
    filter->arguments = arguments;
    filter->filter = corr_filter_new();
    if (!filter->filter) {
        return etw_fail_memory(error, "the filter");
    }
    enum etw_status status = add_plain(filter, arguments, error);
    if (!status) {
        status = add_times(filter, arguments, trace, error);
    }
    return status ? status : add_providers(filter, arguments, trace, error);
}

enum etw_status cli_filter_bind(struct cli_filter *filter, struct cli_reading *reading,
                                struct etw_error *error)
{
    enum etw_status status = ETW_OK;
    if (!filter->filter) {
        return ETW_OK;
    }
    if (reading->ledger) {
        status = corr_filter_bind(filter->filter, reading->ledger, error);
    }
    return status
               ? status
               : cli_interface_filter_new(filter->arguments, reading, &filter->interfaces, error);
}

void cli_filter_done(struct cli_filter *filter)
{
    corr_filter_free(filter->filter);
    cli_interface_filter_free(filter->interfaces);
    filter->filter = NULL;
    filter->interfaces = NULL;
}

bool cli_filter_needs_owners(const struct cli_filter *filter)
{
    return filter->filter && corr_filter_needs_ledger(filter->filter);
}

bool cli_filter_has_process(const struct cli_filter *filter)
{
    return filter->filter && corr_filter_has_process(filter->filter);
}

bool cli_filter_matches(const struct cli_filter *filter, const struct corr_packet *packet)
{
    if (!filter->filter) {
        return true;
    }
    return !filter->matches_nothing && corr_filter_matches(filter->filter, packet) &&
           (!filter->interfaces || cli_interface_filter_matches(filter->interfaces, packet));
}

bool cli_filter_matches_message(const struct cli_filter *filter, const struct corr_packet *message,
                                enum corr_smb_source source)
{
    bool is_named = !filter->has_providers || (filter->smb_sources >> source & 1u) != 0;
    return !filter->filter ||
           (is_named && !filter->interfaces && corr_filter_matches(filter->filter, message));
}

bool cli_filter_matches_at_any_time(const struct cli_filter *filter,
                                    const struct corr_packet *packet)
{
    return !filter->filter ||
           (!filter->matches_nothing && corr_filter_matches_at_any_time(filter->filter, packet));
}

bool cli_filter_is_before(const struct cli_filter *filter, const struct corr_packet *packet)
{
    return filter->filter && !filter->matches_nothing &&
           corr_filter_is_before(filter->filter, packet);
}

bool cli_filter_matches_socket(const struct cli_filter *filter, const struct corr_socket *socket)
{
    return !filter->filter || corr_filter_matches_socket(filter->filter, socket);
}
