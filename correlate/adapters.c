/* SPDX-License-Identifier: MIT */
/*
 * adapters.c - what the rundown events teach about interfaces, components and
 * counters.
 *
 * To learn from a further kind of event: a function and a row in `learners`.
 */
#include "correlate/adapters.h"

#include <stdlib.h>
#include <string.h>

#include "correlate/adapter_tables.h"
#include "correlate/packet_routes.h"

struct corr_adapters {
    struct corr_tables *tables; /* owned; a pointer, because readers sort them */
    struct corr_packet_events events;
    struct corr_routes routes;
};

/* Addresses longer than any that we print (Infiniband: 20 bytes) are left out. */
static void set_address(struct corr_address *address, struct bytes bytes)
{
    if (bytes.size > 0 && bytes.size <= sizeof(address->bytes)) {
        address->size = (uint8_t)bytes.size;
        memcpy(address->bytes, bytes.data, bytes.size);
    }
}

static bool is_equal_address(const struct corr_address *a, const struct corr_address *b)
{
    return a->size == b->size && memcmp(a->bytes, b->bytes, a->size) == 0;
}

static void add_address(struct corr_component *component, struct bytes bytes)
{
    struct corr_address address = {0};
    set_address(&address, bytes);
    for (size_t i = 0; i < component->address_count; i++) {
        if (is_equal_address(&component->addresses[i], &address)) {
            return;
        }
    }
    if (address.size > 0 && component->address_count < CORR_COMPONENT_ADDRESSES) {
        component->addresses[component->address_count++] = address;
    }
}

/* ---- learning ---- */

static enum etw_status learn_interface(struct corr_adapters *adapters,
                                       const struct etw_event *event, struct etw_error *error)
{
    const struct etw_interface *interface = &event->u.interface;
    struct corr_adapter *adapter = NULL;
    enum etw_status status =
        corr_tables_get_adapter(adapters->tables, interface->index, &adapter, error);
    if (status || !adapter) {
        return status;
    }
    adapter->type = interface->type;
    adapter->speed = interface->speed == UINT64_MAX ? 0 : interface->speed;
    set_address(&adapter->mac, interface->mac);
    status = corr_tables_set_name(&adapter->alias, interface->alias, error);
    return status ? status
                  : corr_tables_set_name(&adapter->description, interface->description, error);
}

static enum etw_status learn_component(struct corr_adapters *adapters,
                                       const struct etw_event *event, struct etw_error *error)
{
    const struct etw_component *stated = &event->u.component;
    struct corr_component *component = NULL;
    enum etw_status status =
        corr_tables_get_component(adapters->tables, stated->id, &component, error);
    if (status) {
        return status;
    }
    component->type = stated->type;
    status = corr_tables_set_name(&component->name, stated->name, error);
    return status ? status
                  : corr_tables_set_name(&component->description, stated->description, error);
}

/* Index 0 is Windows' "unspecified". */
static uint32_t interface_or_none(uint32_t index)
{
    return index ? index : CORR_NO_INTERFACE;
}

static enum etw_status learn_fact(struct corr_adapters *adapters, const struct etw_event *event,
                                  struct etw_error *error)
{
    const struct etw_component_fact *fact = &event->u.fact;
    struct corr_component *component = NULL;
    enum etw_status status =
        corr_tables_get_component(adapters->tables, fact->component, &component, error);
    if (status) {
        return status;
    }
    switch (fact->kind) {
    case ETW_FACT_INTERFACE_INDEX:
        component->interface_index = interface_or_none(fact->number);
        break;
    case ETW_FACT_MINIPORT_INDEX:
        component->miniport_index = interface_or_none(fact->number);
        break;
    case ETW_FACT_MEDIUM:
        component->medium = fact->number;
        break;
    case ETW_FACT_MAC:
        set_address(&component->mac, fact->bytes);
        break;
    case ETW_FACT_IPV4:
    case ETW_FACT_IPV6:
        add_address(component, fact->bytes);
        break;
    case ETW_FACT_LOWER_INDEX:
    case ETW_FACT_OTHER:
        break;
    }
    return ETW_OK;
}

static enum etw_status learn_counter(struct corr_adapters *adapters,
                                     const struct etw_counters *counters,
                                     const struct etw_counter *counter, struct etw_error *error)
{
    struct corr_point *point = NULL;
    uint64_t key = corr_point_key(counters->component, counters->edge, counter->direction_tag);
    enum etw_status status = corr_tables_get_point(adapters->tables, key, &point, error);
    if (!status && point) {
        point->counted = counter->packets; /* the monitor counts from its start: the last holds */
        point->has_counter = true;
    }
    return status;
}

static enum etw_status learn_flow(struct corr_adapters *adapters, const struct etw_event *event,
                                  struct etw_error *error)
{
    const struct etw_counters *counters = &event->u.counters;
    enum etw_status status = learn_counter(adapters, counters, &counters->in, error);
    return status ? status : learn_counter(adapters, counters, &counters->out, error);
}

static enum etw_status learn_drops(struct corr_adapters *adapters, const struct etw_event *event,
                                   struct etw_error *error)
{
    const struct etw_counters *counters = &event->u.counters;
    struct corr_component *component = NULL;
    enum etw_status status =
        corr_tables_get_component(adapters->tables, counters->component, &component, error);
    if (!status) {
        component->dropped_in = counters->in.packets;
        component->dropped_out = counters->out.packets;
    }
    return status;
}

static enum etw_status learn_packet(struct corr_adapters *adapters, const struct etw_event *event,
                                    struct etw_error *error)
{
    const struct etw_packet *packet = &event->u.packet;
    struct corr_packet_events *events = &adapters->events;
    events->by_link[packet->link]++;
    events->dropped += packet->is_dropped;
    if (packet->capture != ETW_CAPTURE_PKTMON) {
        events->ndis += packet->capture == ETW_CAPTURE_NDIS;
        events->ras += packet->capture == ETW_CAPTURE_RAS;
        events->wfp += packet->capture == ETW_CAPTURE_WFP;
        return packet->route ? corr_routes_learn(&adapters->routes, packet, error) : ETW_OK;
    }
    events->pktmon++;
    uint32_t size = (uint32_t)packet->data.size;
    if (size < packet->original_size &&
        (events->shortest_cut == 0 || size < events->shortest_cut)) {
        events->shortest_cut = size;
    }
    if (packet->is_dropped) {
        return ETW_OK; /* counted by the drop counters, not by the flow counters */
    }
    struct corr_point *point = NULL;
    uint64_t key = corr_point_key(packet->component, packet->edge, packet->direction_tag);
    enum etw_status status = corr_tables_get_point(adapters->tables, key, &point, error);
    if (!status && point) {
        point->seen++;
    }
    return status;
}

static enum etw_status learn_reception(struct corr_adapters *adapters,
                                       const struct etw_event *event, struct etw_error *error)
{
    (void)error;
    adapters->events.receptions += event->u.reception.is_readable;
    return ETW_OK;
}

static enum etw_status learn_offload(struct corr_adapters *adapters, const struct etw_event *event,
                                     struct etw_error *error)
{
    (void)event;
    (void)error;
    adapters->events.offloads++;
    return ETW_OK;
}

static enum etw_status learn_headers(struct corr_adapters *adapters, const struct etw_event *event,
                                     struct etw_error *error)
{
    (void)error;
    const struct etw_packet *packet = &event->u.packet;
    struct corr_packet_events *events = &adapters->events;
    bool has_payload = packet->data.data;
    *(has_payload ? &events->payloads : &events->headers) += 1;
    *(has_payload ? &events->payloads_dropped : &events->headers_dropped) += packet->is_dropped;
    return ETW_OK;
}

typedef enum etw_status learn_function(struct corr_adapters *adapters,
                                       const struct etw_event *event, struct etw_error *error);

static learn_function *const learners[ETW_EVENT_KIND_COUNT] = {
    [ETW_EVENT_PACKET] = learn_packet,          [ETW_EVENT_INTERFACE] = learn_interface,
    [ETW_EVENT_COMPONENT] = learn_component,    [ETW_EVENT_COMPONENT_FACT] = learn_fact,
    [ETW_EVENT_FLOW_COUNTERS] = learn_flow,     [ETW_EVENT_DROP_COUNTERS] = learn_drops,
    [ETW_EVENT_PACKET_OFFLOAD] = learn_offload, [ETW_EVENT_PACKET_HEADERS] = learn_headers,
    [ETW_EVENT_RECEPTION] = learn_reception,
};

enum etw_status corr_adapters_learn(struct corr_adapters *adapters, const struct etw_event *event,
                                    struct etw_error *error)
{
    learn_function *learn =
        (size_t)event->kind < ETW_EVENT_KIND_COUNT ? learners[event->kind] : NULL;
    return learn ? learn(adapters, event, error) : ETW_OK;
}

/* ---- reading ---- */

const struct corr_adapter *corr_adapters_find(const struct corr_adapters *adapters, uint32_t index)
{
    corr_tables_sort(adapters->tables);
    return corr_tables_find_adapter(adapters->tables, index);
}

const struct corr_component *corr_adapters_find_component(const struct corr_adapters *adapters,
                                                          uint16_t id)
{
    corr_tables_sort(adapters->tables);
    return corr_tables_find_component(adapters->tables, id);
}

uint32_t corr_component_interface(const struct corr_component *component)
{
    return component->miniport_index != CORR_NO_INTERFACE ? component->miniport_index
                                                          : component->interface_index;
}

size_t corr_adapters_list(const struct corr_adapters *adapters, const struct corr_adapter **rows)
{
    corr_tables_sort(adapters->tables);
    *rows = adapters->tables->adapters;
    return adapters->tables->adapter_count;
}

size_t corr_adapters_components(const struct corr_adapters *adapters,
                                const struct corr_component **rows)
{
    corr_tables_sort(adapters->tables);
    *rows = adapters->tables->components;
    return adapters->tables->component_count;
}

size_t corr_adapters_points(const struct corr_adapters *adapters, const struct corr_point **rows)
{
    corr_tables_sort(adapters->tables);
    *rows = adapters->tables->points;
    return adapters->tables->point_count;
}

const struct corr_route *corr_adapters_find_route(const struct corr_adapters *adapters,
                                                  const struct etw_packet *packet)
{
    return corr_routes_find(&adapters->routes, packet);
}

const struct corr_packet_events *corr_adapters_packet_events(const struct corr_adapters *adapters)
{
    return &adapters->events;
}

void corr_adapters_report(const struct corr_adapters *adapters, struct findings *findings)
{
    const struct corr_tables *tables = adapters->tables;
    bool has_sightings = adapters->events.pktmon > adapters->events.dropped;
    for (size_t i = 0; has_sightings && i < tables->point_count; i++) {
        const struct corr_point *point = &tables->points[i];
        if (point->has_counter && point->counted != point->seen) {
            findings_count(findings, FINDING_COUNTERS_DIFFER, 0, 0);
        }
    }
    for (uint64_t i = 0; i < tables->ignored + adapters->routes.ignored; i++) {
        findings_count(findings, FINDING_TABLE_FULL, 0, 0);
    }
}

/* ---- life ---- */

enum etw_status corr_adapters_new(struct corr_adapters **out, struct etw_error *error)
{
    struct corr_adapters *adapters = calloc(1, sizeof(*adapters));
    struct corr_tables *tables = calloc(1, sizeof(*tables));
    if (!adapters || !tables) {
        free(adapters);
        free(tables);
        return etw_fail_memory(error, "the interfaces of the trace");
    }
    adapters->tables = tables;
    *out = adapters;
    return ETW_OK;
}

void corr_adapters_free(struct corr_adapters *adapters)
{
    if (adapters) {
        corr_tables_done(adapters->tables);
        corr_routes_done(&adapters->routes);
        free(adapters->tables);
        free(adapters);
    }
}
