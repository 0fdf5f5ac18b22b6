/* SPDX-License-Identifier: MIT */
#include "cli/interface_filter.h"

#include <stdlib.h>
#include <string.h>

#include "cli/option_parser.h"
#include "correlate/filter_values.h"
#include "pcapout/interfaces.h"

/* Interfaces that an error lists. */
#define LISTED_MAXIMUM 8

struct cli_interface_filter {
    const struct cli_arguments *arguments; /* borrowed */
    struct out_interfaces *interfaces;     /* owned; numbered as 'info' does */
    bool *wanted;                          /* owned; by number, of those that 'info' lists */
    size_t known;
};

void cli_interface_filter_free(struct cli_interface_filter *filter)
{
    if (filter) {
        out_interfaces_free(filter->interfaces);
        free(filter->wanted);
        free(filter);
    }
}

static enum etw_status learn_interface(void *context, const struct corr_packet *packet,
                                       struct etw_error *error)
{
    struct cli_interface_filter *filter = context;
    return out_interfaces_of(filter->interfaces, packet, NULL)
               ? ETW_OK
               : etw_fail_memory(error, "the interfaces");
}

/* As the other filters compare names: letters of ASCII in either case. */
static bool is_name(const char *wanted, const char *name)
{
    while (*wanted && *name) {
        unsigned char a = (unsigned char)*wanted++;
        unsigned char b = (unsigned char)*name++;
        a = a >= 'A' && a <= 'Z' ? (unsigned char)(a | 0x20) : a;
        b = b >= 'A' && b <= 'Z' ? (unsigned char)(b | 0x20) : b;
        if (a != b) {
            return false;
        }
    }
    return *wanted == *name;
}

static bool is_meant(const char *value, const struct out_interface *row)
{
    uint64_t number = 0;
    bool is_number = corr_parse_number(value, strlen(value), UINT32_MAX, &number);
    return (is_number && number == row->number) || is_name(value, row->name);
}

static enum etw_status refuse(const struct cli_interface_filter *filter, const char *value,
                              struct etw_error *error)
{
    const struct out_interface *rows = NULL;
    size_t count = out_interfaces_list(filter->interfaces, &rows);
    struct text list = {.maximum = 4096};
    for (size_t i = 0; i < count && i < LISTED_MAXIMUM; i++) {
        text_add_format(&list, "%s%u \"%s\"", i > 0 ? ", " : "", (unsigned)rows[i].number,
                        rows[i].name);
    }
    enum etw_status status =
        count == 0 ? etw_fail(error, ETW_ERR_INPUT, ETW_NO_OFFSET,
                              "there is no interface \"%s\", for the trace has no packets", value)
                   : etw_fail(error, ETW_ERR_INPUT, ETW_NO_OFFSET,
                              "there is no interface \"%s\"; those of the trace are %s%s", value,
                              text_get(&list), count > LISTED_MAXIMUM ? " and more" : "");
    text_done(&list);
    return status;
}

static enum etw_status mark_wanted(struct cli_interface_filter *filter, const char *value,
                                   struct etw_error *error)
{
    const struct out_interface *rows = NULL;
    size_t count = out_interfaces_list(filter->interfaces, &rows);
    bool is_found = false;
    for (size_t i = 0; i < count; i++) {
        bool is_this = is_meant(value, &rows[i]);
        filter->wanted[i] = filter->wanted[i] || is_this;
        is_found = is_found || is_this;
    }
    return is_found ? ETW_OK : refuse(filter, value, error);
}

static enum etw_status learn(struct cli_interface_filter *filter, struct cli_reading *reading,
                             struct etw_error *error)
{
    struct findings *findings = etw_trace_get_findings(reading->trace);
    const struct findings before = *findings; /* the passes to come count the same again */
    enum etw_status status =
        out_interfaces_new(reading->adapters, false, &filter->interfaces, error);
    if (!status) {
        status = cli_reading_packets(reading, false, learn_interface, filter, error);
    }
    *findings = before;
    if (status) {
        return status;
    }
    const struct out_interface *rows = NULL;
    filter->known = out_interfaces_list(filter->interfaces, &rows);
    filter->wanted = calloc(filter->known + 1, sizeof(*filter->wanted));
    return filter->wanted ? ETW_OK : etw_fail_memory(error, "the interfaces");
}

enum etw_status cli_interface_filter_new(const struct cli_arguments *arguments,
                                         struct cli_reading *reading,
                                         struct cli_interface_filter **out, struct etw_error *error)
{
    if (!cli_arguments_has(arguments, CLI_OPTION_INTERFACE)) {
        return ETW_OK;
    }
    struct cli_interface_filter *filter = calloc(1, sizeof(*filter));
    if (!filter) {
        return etw_fail_memory(error, "the filter");
    }
    filter->arguments = arguments;
    enum etw_status status = learn(filter, reading, error);
    const char *value;
    for (size_t n = 0; !status && (value = cli_arguments_value(arguments, CLI_OPTION_INTERFACE, n));
         n++) {
        status = mark_wanted(filter, value, error);
    }
    if (status) {
        cli_interface_filter_free(filter);
        return status;
    }
    *out = filter;
    return ETW_OK;
}

/* Sightings can be of interfaces that no packet is written from: those have only names. */
static bool has_wanted_name(const struct cli_interface_filter *filter,
                            const struct out_interface *row)
{
    const char *value;
    for (size_t n = 0; (value = cli_arguments_value(filter->arguments, CLI_OPTION_INTERFACE, n));
         n++) {
        if (is_name(value, row->name)) {
            return true;
        }
    }
    return false;
}

bool cli_interface_filter_matches(struct cli_interface_filter *filter,
                                  const struct corr_packet *packet)
{
    const struct out_interface *row = out_interfaces_of(filter->interfaces, packet, NULL);
    if (!row) {
        return true; /* no memory to tell; rather one packet too many than one lost */
    }
    return row->number < filter->known ? filter->wanted[row->number] : has_wanted_name(filter, row);
}
