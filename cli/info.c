/* SPDX-License-Identifier: MIT */
#include "cli/info.h"

#include <stdlib.h>
#include <string.h>

#include "cli/names.h"

void cli_info_add_windows(const struct etw_trace_header *header, struct text *out)
{
    const char *name = cli_windows_name(header->os_build);
    if (name) {
        text_add(out, name);
    } else {
        text_add_format(out, "Windows %u.%u", header->os_major, header->os_minor);
    }
}

/* Most events first; equal numbers by GUID, so that the order depends on nothing else. */
static int compare_providers(const void *a, const void *b)
{
    const struct etw_provider_row *left = a;
    const struct etw_provider_row *right = b;
    if (left->events != right->events) {
        return left->events < right->events ? 1 : -1;
    }
    int order = memcmp(left->guid.bytes, right->guid.bytes, sizeof(left->guid.bytes));
    return order ? order : (int)left->class_of - (int)right->class_of;
}

static enum etw_status sort_providers(struct cli_info *info, struct etw_error *error)
{
    const struct etw_provider_row *rows = NULL;
    size_t count = etw_trace_get_providers(info->reading->trace, &rows);
    if (count == 0) {
        return ETW_OK;
    }
    info->providers = malloc(count * sizeof(*info->providers));
    if (!info->providers) {
        return etw_fail_memory(error, "the list of providers");
    }
    memcpy(info->providers, rows, count * sizeof(*rows));
    info->provider_count = count;
    qsort(info->providers, count, sizeof(*info->providers), compare_providers);
    return ETW_OK;
}

static enum etw_status count_packet(void *context, const struct corr_packet *packet,
                                    struct etw_error *error)
{
    struct cli_info *info = context;
    struct out_interface *interface = out_interfaces_of(info->interfaces, packet, NULL);
    if (!interface) {
        return etw_fail_memory(error, "the list of interfaces");
    }
    interface->packets++;
    interface->bytes += packet->original;
    return ETW_OK;
}

static enum etw_status measure_times(void *context, const struct etw_event *event,
                                     int64_t held_since, struct etw_error *error)
{
    struct cli_info *info = context;
    (void)held_since;
    (void)error;
    cli_event_times_add(&info->times, event->record->time);
    return ETW_OK;
}

static enum etw_status read_losses(struct cli_info *info, struct etw_error *error)
{
    struct cli_facts *facts = &info->reading->facts;
    enum etw_status status = etw_trace_read_losses(info->reading->trace, &info->losses, error);
    if (status) {
        return status;
    }
    facts->first_number = info->losses->first_number;
    facts->missing_numbers = info->losses->missing;
    for (size_t i = 0; i < info->losses->cpu_count; i++) {
        facts->marked_buffers += info->losses->cpus[i].buffers;
    }
    return ETW_OK;
}

enum etw_status cli_info_init(struct cli_info *info, struct cli_reading *reading,
                              const char *file_name, struct etw_error *error)
{
    *info = (struct cli_info){.file_name = file_name, .reading = reading};
    enum etw_status status = sort_providers(info, error);
    if (!status) {
        status = out_interfaces_new(reading->adapters, false, &info->interfaces, error);
    }
    if (!status) {
        status = cli_reading_packets_and_events(reading, false, count_packet, measure_times, info,
                                                error);
    }
    if (!status) {
        status = read_losses(info, error);
    }
    if (!status) {
        cli_event_times_finish(&info->times);
        reading->facts.smallest_step = info->times.smallest_step;
        cli_diagnosis_init(&info->missing, &reading->facts);
    }
    return status;
}

void cli_info_done(struct cli_info *info)
{
    out_interfaces_free(info->interfaces);
    etw_losses_free(info->losses);
    cli_diagnosis_done(&info->missing);
    free(info->providers);
    info->losses = NULL;
    info->interfaces = NULL;
    info->providers = NULL;
}
