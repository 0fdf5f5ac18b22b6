/* SPDX-License-Identifier: MIT */
#include "cli/event_filter.h"

#include <stdlib.h>
#include <string.h>

#include "cli/event_owners.h"
#include "cli/filter_options.h"
#include "cli/option_parser.h"
#include "correlate/filter.h"
#include "correlate/filter_values.h"
#include "etw/base/array.h"
#include "etw/trace.h"

/* Endpoints of one payload that are compared; real events have at most 4. */
#define ENDS_MAXIMUM 8

#define PROTOCOL_TCP 6
#define PROTOCOL_UDP 17

/* SOCKADDR_IN: u16 family, u16 port in network order, 4 bytes; SOCKADDR_IN6: the same
 * with u32 flow information before 16 bytes. [documented: ws2def.h, ws2ipdef.h] */
#define SOCKADDR_IPV4      2
#define SOCKADDR_IPV4_SIZE 8
#define SOCKADDR_IPV6      23
#define SOCKADDR_IPV6_SIZE 24

struct range {
    uint64_t from, to;
};

struct ranges {
    struct range *rows; /* owned */
    size_t count, capacity;
};

struct event_end {
    struct corr_address address; /* size 0: only a port */
    uint16_t port;
    bool has_port;
};

/* What one payload says about pids and the network. */
struct gathered {
    struct event_end ends[ENDS_MAXIMUM];
    size_t end_count;
    size_t bare_addresses[ENDS_MAXIMUM]; /* ends whose port stands elsewhere */
    size_t bare_address_count;
    uint16_t bare_ports[ENDS_MAXIMUM];
    size_t bare_port_count;
    uint8_t protocol; /* 0: not said */
    uint32_t pid;     /* the first one; 0: not said */
};

struct cli_event_filter {
    int64_t from, to;
    struct ranges header_pids, ids;
    struct guid *providers; /* owned */
    size_t provider_count, provider_capacity;
    struct cli_event_owners *owners; /* --pid, --process, --connection; NULL: none is given */
    struct corr_filter *network;     /* --host, --port, --tuple, --proto; NULL: none is given */
    struct etw_fields_visitor visitor;
    struct gathered gathered;
};

static bool is_in_ranges(const struct ranges *ranges, uint64_t value)
{
    for (size_t i = 0; i < ranges->count; i++) {
        if (value >= ranges->rows[i].from && value <= ranges->rows[i].to) {
            return true;
        }
    }
    return false;
}

/* ---- names of fields ---- */

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* `known` is in lower case. */
static bool is_name(const char *name, const char *known)
{
    while (*known && lower(*name) == *known) {
        name++;
        known++;
    }
    return *known == '\0' && *name == '\0';
}

static bool is_one_of(const char *name, const char *const *known, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (is_name(name, known[i])) {
            return true;
        }
    }
    return false;
}

/* The process that an event is about. ParentProcessID and the like are others. */
static const char *const pid_names[] = {
    "processid",       "pid",       "owningpid",       "clientpid", "clientprocessid",
    "callerprocessid", "callerpid", "owningprocessid", "processpid"};

static const char *const protocol_names[] = {"iptransportprotocol", "ipprotocol", "protocol",
                                             "transportprotocol"};

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

/* ---- what a payload says ---- */

static struct event_end *add_end(struct gathered *gathered)
{
    if (gathered->end_count == ENDS_MAXIMUM) {
        return NULL;
    }
    struct event_end *end = &gathered->ends[gathered->end_count++];
    memset(end, 0, sizeof(*end));
    return end;
}

static void set_address(struct corr_address *address, const uint8_t *bytes, uint8_t size)
{
    address->size = size;
    memcpy(address->bytes, bytes, size);
}

static void gather_sockaddr(struct gathered *gathered, const struct bytes *stored)
{
    uint16_t family = stored->size >= SOCKADDR_IPV4_SIZE ? load_u16(stored->data) : 0;
    bool is_ipv6 = family == SOCKADDR_IPV6 && stored->size >= SOCKADDR_IPV6_SIZE;
    struct event_end *end = family == SOCKADDR_IPV4 || is_ipv6 ? add_end(gathered) : NULL;
    if (end) {
        set_address(&end->address, stored->data + (is_ipv6 ? 8 : 4), is_ipv6 ? 16 : 4);
        end->port = load_be16(stored->data + 2);
        end->has_port = true;
    }
}

static void gather_address(struct gathered *gathered, const struct bytes *stored)
{
    struct event_end *end = stored->size == 4 || stored->size == 16 ? add_end(gathered) : NULL;
    if (end) {
        set_address(&end->address, stored->data, (uint8_t)stored->size);
        gathered->bare_addresses[gathered->bare_address_count++] = gathered->end_count - 1;
    }
}

static bool is_number(enum etw_field_kind kind)
{
    return kind == ETW_FIELD_UNSIGNED || kind == ETW_FIELD_SIGNED || kind == ETW_FIELD_HEX ||
           kind == ETW_FIELD_POINTER || kind == ETW_FIELD_MAP;
}

static void gather_number(struct cli_event_filter *filter, const struct etw_field *field)
{
    struct gathered *gathered = &filter->gathered;
    if (!field->name || !is_number(field->kind)) {
        return;
    }
    if (filter->owners && is_one_of(field->name, pid_names, COUNT_OF(pid_names))) {
        bool is_first = gathered->pid == 0 && field->number <= UINT32_MAX;
        gathered->pid = is_first ? (uint32_t)field->number : gathered->pid;
    } else if (filter->network && gathered->protocol == 0 && field->number <= UINT8_MAX &&
               is_one_of(field->name, protocol_names, COUNT_OF(protocol_names))) {
        gathered->protocol = (uint8_t)field->number;
    }
}

static void gather(void *context, const struct etw_field *field)
{
    struct cli_event_filter *filter = context;
    struct gathered *gathered = &filter->gathered;
    switch (field->kind) {
    case ETW_FIELD_SOCKADDR:
        gather_sockaddr(gathered, &field->bytes);
        break;
    case ETW_FIELD_IPV4:
    case ETW_FIELD_IPV6:
        gather_address(gathered, &field->bytes);
        break;
    case ETW_FIELD_PORT:
        if (gathered->bare_port_count < ENDS_MAXIMUM) {
            gathered->bare_ports[gathered->bare_port_count++] = (uint16_t)field->number;
        }
        break;
    default:
        gather_number(filter, field);
        break;
    }
}

/* The n-th port of its own belongs to the n-th address of its own. */
static void join_ports(struct gathered *gathered)
{
    for (size_t i = 0; i < gathered->bare_port_count; i++) {
        bool has_address = i < gathered->bare_address_count;
        struct event_end *end =
            has_address ? &gathered->ends[gathered->bare_addresses[i]] : add_end(gathered);
        if (end) {
            end->port = gathered->bare_ports[i];
            end->has_port = true;
        }
    }
}

/* ---- matching ---- */

static bool begins_with(const char *text, const char *known)
{
    for (; *known; text++, known++) {
        if (lower(*text) != *known) {
            return false;
        }
    }
    return true;
}

/* Names of events and classes that tell their protocol. "Tcpip..." is the name of the
 * module, whatever the protocol. */
static uint8_t protocol_of_names(const struct etw_fields_result *result)
{
    const char *event = result->event_name ? result->event_name : "";
    const char *provider = result->provider_name ? result->provider_name : "";
    if (is_name(provider, "tcpip") || begins_with(event, "kernel_network_task_tcpip") ||
        (begins_with(event, "tcp") && !begins_with(event, "tcpip"))) {
        return PROTOCOL_TCP;
    }
    if (is_name(provider, "udpip") || begins_with(event, "kernel_network_task_udpip") ||
        begins_with(event, "udp")) {
        return PROTOCOL_UDP;
    }
    return 0;
}

/* Asks the filter of packets as if the two ends were those of one. */
static bool matches_ends(const struct cli_event_filter *filter, uint8_t protocol,
                         const struct event_end *source, const struct event_end *destination)
{
    struct corr_packet packet = {.frame = 0};
    struct corr_layers *layers = &packet.layers;
    bool is_ipv6 = source->address.size == 16 || destination->address.size == 16;
    layers->network = is_ipv6 ? CORR_NETWORK_IPV6 : CORR_NETWORK_IPV4;
    layers->ip_protocol = protocol;
    layers->source = source->address;
    layers->destination = destination->address;
    layers->has_ports = source->has_port || destination->has_port;
    /* where only one end has a port it stands for both */
    layers->source_port = source->has_port ? source->port : destination->port;
    layers->destination_port = destination->has_port ? destination->port : source->port;
    return corr_filter_matches(filter->network, &packet);
}

static bool matches_network(const struct cli_event_filter *filter,
                            const struct etw_fields_result *result)
{
    const struct gathered *gathered = &filter->gathered;
    const struct event_end *ends = gathered->ends;
    const struct event_end nothing = {.has_port = false};
    uint8_t protocol = gathered->protocol ? gathered->protocol : protocol_of_names(result);
    if (gathered->end_count < 2) {
        return matches_ends(filter, protocol, gathered->end_count > 0 ? &ends[0] : &nothing,
                            &nothing);
    }
    for (size_t i = 0; i < gathered->end_count; i++) {
        for (size_t k = i + 1; k < gathered->end_count; k++) {
            if (matches_ends(filter, protocol, &ends[i], &ends[k])) {
                return true;
            }
        }
    }
    return false;
}

static bool is_of_providers(const struct cli_event_filter *filter, const struct etw_record *record)
{
    for (size_t i = 0; record->provider && i < filter->provider_count; i++) {
        if (memcmp(filter->providers[i].bytes, record->provider, sizeof(filter->providers[i])) ==
            0) {
            return true;
        }
    }
    return filter->provider_count == 0;
}

bool cli_event_filter_takes_header(const struct cli_event_filter *filter,
                                   const struct etw_record *record)
{
    bool has_id = record->class_of == RECORD_IS_MANIFEST || record->class_of == RECORD_IS_MESSAGE;
    bool has_pid = record->process_id != RECORD_NO_ID;
    return record->time >= filter->from && record->time <= filter->to &&
           is_of_providers(filter, record) &&
           (filter->ids.count == 0 || (has_id && is_in_ranges(&filter->ids, record->id))) &&
           (filter->header_pids.count == 0 ||
            (has_pid && is_in_ranges(&filter->header_pids, record->process_id)));
}

bool cli_event_filter_wants_fields(const struct cli_event_filter *filter)
{
    return filter->owners || filter->network;
}

const struct etw_fields_visitor *cli_event_filter_visitor(struct cli_event_filter *filter)
{
    struct gathered *gathered = &filter->gathered;
    gathered->end_count = gathered->bare_address_count = gathered->bare_port_count = 0;
    gathered->protocol = 0;
    gathered->pid = 0;
    return &filter->visitor;
}

bool cli_event_filter_takes_fields(struct cli_event_filter *filter, const struct etw_event *event,
                                   const struct etw_fields_result *result)
{
    join_ports(&filter->gathered);
    return (!filter->network || matches_network(filter, result)) &&
           (!filter->owners || cli_event_owners_match(filter->owners, event, filter->gathered.pid));
}

bool cli_event_filter_needs_ledger(const struct cli_event_filter *filter)
{
    return filter->owners != NULL;
}

enum etw_status cli_event_filter_bind(struct cli_event_filter *filter,
                                      const struct corr_ledger *ledger, struct etw_error *error)
{
    return filter->owners ? cli_event_owners_bind(filter->owners, ledger, error) : ETW_OK;
}

bool cli_event_filter_matches(struct cli_event_filter *filter, struct etw_trace *trace,
                              const struct etw_event *event)
{
    const struct etw_record *record = event->record;
    if (!cli_event_filter_takes_header(filter, record)) {
        return false;
    }
    if (!cli_event_filter_wants_fields(filter)) {
        return true;
    }
    struct etw_fields_result result;
    etw_trace_read_fields(trace, record, cli_event_filter_visitor(filter), &result);
    return cli_event_filter_takes_fields(filter, event, &result);
}

/* ---- options ---- */

static enum etw_status add_ranges(struct ranges *ranges, const struct cli_arguments *arguments,
                                  enum cli_option_id option, uint64_t maximum,
                                  struct etw_error *error)
{
    const char *value;
    for (size_t n = 0; (value = cli_arguments_value(arguments, option, n)); n++) {
        struct range range = {0, 0};
        if (!corr_parse_range(value, maximum, &range.from, &range.to)) {
            return etw_fail(error, ETW_ERR_INPUT, ETW_NO_OFFSET,
                            "\"%s\" is not a value of --%s: give a number from 0 to %llu, or two "
                            "with a hyphen between them, the lower one first",
                            value, cli_options[option].name, (unsigned long long)maximum);
        }
        void *rows = ranges->rows;
        bool is_grown = array_grow(&rows, &ranges->capacity, ranges->count + 1, sizeof(range));
        ranges->rows = rows;
        if (!is_grown) {
            return etw_fail_memory(error, "the filter");
        }
        ranges->rows[ranges->count++] = range;
    }
    return ETW_OK;
}

static enum etw_status add_providers(struct cli_event_filter *filter,
                                     const struct cli_arguments *arguments,
                                     const struct etw_trace *trace, struct etw_error *error)
{
    const char *value;
    for (size_t n = 0; (value = cli_arguments_value(arguments, CLI_OPTION_PROVIDER, n)); n++) {
        struct guid guid;
        enum etw_status status = cli_find_provider(trace, value, &guid, error);
        if (status) {
            return status;
        }
        void *providers = filter->providers;
        bool is_grown =
            array_grow(&providers, &filter->provider_capacity, n + 1, sizeof(*filter->providers));
        filter->providers = providers;
        if (!is_grown) {
            return etw_fail_memory(error, "the filter");
        }
        filter->providers[n] = guid;
        filter->provider_count = n + 1;
    }
    return ETW_OK;
}

/* What is below IP does not occur in payloads of events. */
static enum etw_status add_protocol(struct corr_filter *filter, const char *value,
                                    struct etw_error *error)
{
    if (is_name(value, "arp") || begins_with(value, "eth:") || is_name(value, "ip") ||
        is_name(value, "ipv4") || is_name(value, "ipv6")) {
        return etw_fail(error, ETW_ERR_INPUT, ETW_NO_OFFSET,
                        "--proto %s is for packets: events tell protocols above IP, as tcp, udp, "
                        "icmp, icmpv6 or ip:N",
                        value);
    }
    return corr_filter_add_protocol(filter, value, error);
}

static const struct {
    enum cli_option_id option;
    enum etw_status (*add)(struct corr_filter *filter, const char *value, struct etw_error *error);
} network_options[] = {
    {CLI_OPTION_HOST, corr_filter_add_host},
    {CLI_OPTION_PORT, corr_filter_add_port},
    {CLI_OPTION_TUPLE, corr_filter_add_tuple},
    {CLI_OPTION_PROTO, add_protocol},
};

static enum etw_status add_network(struct cli_event_filter *filter,
                                   const struct cli_arguments *arguments, struct etw_error *error)
{
    enum etw_status status = ETW_OK;
    for (size_t i = 0; i < COUNT_OF(network_options); i++) {
        const char *value;
        for (size_t n = 0;
             !status && (value = cli_arguments_value(arguments, network_options[i].option, n));
             n++) {
            if (!filter->network && !(filter->network = corr_filter_new())) {
                return etw_fail_memory(error, "the filter");
            }
            status = network_options[i].add(filter->network, value, error);
        }
    }
    return status;
}

enum etw_status cli_event_filter_new(const struct cli_arguments *arguments,
                                     const struct etw_trace *trace, struct cli_event_filter **out,
                                     struct etw_error *error)
{
    struct cli_event_filter *filter = calloc(1, sizeof(*filter));
    if (!filter) {
        return etw_fail_memory(error, "the filter");
    }
    filter->visitor = (struct etw_fields_visitor){.context = filter, .value = gather};
    enum etw_status status = cli_parse_times(arguments, trace, &filter->from, &filter->to, error);
    if (!status) {
        status = add_providers(filter, arguments, trace, error);
    }
    if (!status) {
        status = cli_event_owners_new(arguments, &filter->owners, error);
    }
    if (!status) {
        status =
            add_ranges(&filter->header_pids, arguments, CLI_OPTION_HEADER_PID, UINT32_MAX, error);
    }
    if (!status) {
        status = add_ranges(&filter->ids, arguments, CLI_OPTION_ID, UINT16_MAX, error);
    }
    if (!status) {
        status = add_network(filter, arguments, error);
    }
    if (status) {
        cli_event_filter_free(filter);
        return status;
    }
    *out = filter;
    return ETW_OK;
}

void cli_event_filter_free(struct cli_event_filter *filter)
{
    if (filter) {
        cli_event_owners_free(filter->owners);
        free(filter->header_pids.rows);
        free(filter->ids.rows);
        free(filter->providers);
        corr_filter_free(filter->network);
        free(filter);
    }
}
