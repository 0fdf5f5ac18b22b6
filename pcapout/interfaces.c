/* SPDX-License-Identifier: MIT */
#include "pcapout/interfaces.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "correlate/packet_routes.h"
#include "etw/base/array.h"
#include "etw/base/hash_index.h"
#include "pcapout/escape.h"
#include "pcapout/names.h"

/* A machine has dozens; a damaged or forged trace can claim 2^32. Beyond this
 * number packets go to one further interface per link type. */
#define INTERFACES_MAXIMUM 4096
#define COMPONENT_NONE     UINT16_MAX

/* What makes two packets' interfaces the same. Compared and hashed as bytes,
 * therefore without padding. */
struct key {
    uint32_t index;
    uint16_t component; /* COMPONENT_NONE: the adapter alone counts */
    uint16_t edge;
    uint32_t link;
    uint32_t kind;   /* enum key_kind */
    uint32_t source; /* corr_route.source + 1; 0: no route */
};

enum key_kind { KEY_PACKETS, KEY_OVERFLOW, KEY_EVENTS, KEY_WFP, KEY_MESSAGES };

struct out_interfaces {
    const struct corr_adapters *adapters; /* borrowed */
    bool all_appearances;
    struct out_interface *rows; /* owned */
    size_t capacity;
    struct key *keys; /* owned, parallel to rows */
    size_t key_capacity;
    size_t count;
    size_t last; /* row of the packet before; valid when count > 0 */
    struct hash_index index;
};

enum etw_status out_interfaces_new(const struct corr_adapters *adapters, bool all_appearances,
                                   struct out_interfaces **out, struct etw_error *error)
{
    struct out_interfaces *interfaces = calloc(1, sizeof(*interfaces));
    if (!interfaces) {
        return etw_fail_memory(error, "the interfaces");
    }
    interfaces->adapters = adapters;
    interfaces->all_appearances = all_appearances;
    *out = interfaces;
    return ETW_OK;
}

void out_interfaces_free(struct out_interfaces *interfaces)
{
    if (interfaces) {
        hash_index_done(&interfaces->index);
        free(interfaces->rows);
        free(interfaces->keys);
        free(interfaces);
    }
}

/* ---- names ---- */

/* What stands before the index of an adapter that nobody named. */
static const char *prefix_by_link[ETW_LINK_COUNT] = {
    [ETW_LINK_UNKNOWN] = "if",     [ETW_LINK_ETHERNET] = "eth", [ETW_LINK_RAW_IP] = "wwan",
    [ETW_LINK_IEEE80211] = "wifi", [ETW_LINK_PPP] = "ras",
};

struct prefix_of_number {
    uint32_t number;
    const char *prefix;
};

/* By IANA ifType. */
static const struct prefix_of_number prefixes_by_type[] = {
    {23, "ras"}, {53, "vnic"}, {71, "wifi"}, {243, "wwan"}, {244, "wwan"},
};
/* By the packet monitor's component type: the virtual switch's parts. */
static const struct prefix_of_number prefixes_by_component[] = {
    {5, "vnic"}, {6, "vnic"}, {7, "vnic"}, {8, "vnic"}, {9, "vnic"},
};

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

static const char *find_prefix(const struct prefix_of_number *table, size_t count, uint32_t number)
{
    for (size_t i = 0; i < count; i++) {
        if (table[i].number == number) {
            return table[i].prefix;
        }
    }
    return NULL;
}

static const char *prefix_of(const struct corr_adapter *adapter,
                             const struct corr_component *component, enum etw_link link)
{
    const char *prefix = NULL;
    if (adapter) {
        prefix = find_prefix(prefixes_by_type, COUNT_OF(prefixes_by_type), adapter->type);
    }
    if (!prefix && component && link == ETW_LINK_ETHERNET) {
        prefix =
            find_prefix(prefixes_by_component, COUNT_OF(prefixes_by_component), component->type);
    }
    return prefix ? prefix : prefix_by_link[link];
}

static void name_adapter(const struct out_interface *row, const struct corr_adapter *adapter,
                         const struct corr_component *component, char *name, size_t size)
{
    if (adapter && adapter->alias[0]) {
        out_copy_cut(name, size, adapter->alias);
    } else if (adapter && adapter->description[0]) {
        out_copy_cut(name, size, adapter->description);
    } else if (row->interface_index != CORR_NO_INTERFACE) {
        (void)snprintf(name, size, "%s:%lu", prefix_of(adapter, component, row->link),
                       (unsigned long)row->interface_index);
    } else if (component && component->name[0]) {
        out_copy_cut(name, size, component->name);
    } else if (row->is_pktmon) {
        (void)snprintf(name, size, "component:%u", row->component);
    } else {
        out_copy_cut(name, size, "unknown");
    }
}

/* "Ethernet / tcpip (edge 1)": where on its way through the stack a packet was
 * seen. The adapter is left out when there is none or when it is the component. */
static void name_point(const struct corr_adapters *adapters, struct out_interface *row)
{
    /* together with what stands between them shorter than a name */
    char adapter[72];
    char component[64];
    char number[OUT_NAME_SIZE];
    out_copy_cut(adapter, sizeof(adapter), row->name);
    out_copy_cut(component, sizeof(component),
                 out_component_name(adapters, row->component, number));
    bool has_adapter = row->interface_index != CORR_NO_INTERFACE && strcmp(adapter, component) != 0;
    (void)snprintf(row->name, sizeof(row->name), "%s%s%s (edge %u)", has_adapter ? adapter : "",
                   has_adapter ? " / " : "", component, (unsigned)row->edge);
}

/* "web-01 (port 3)": the adapter that is plugged in, else the port by its own name. What
 * the capture calls the interface is in the description. */
static void name_port(const struct corr_port *port, struct out_interface *row)
{
    char adapter[100], plug[100], name[80], type[32];
    unsigned long id = port->id;
    out_copy_cut(adapter, sizeof(adapter), row->name);
    out_copy_cut(plug, sizeof(plug), port->nic[0] ? port->nic : port->name);
    out_copy_cut(name, sizeof(name), port->name);
    out_copy_cut(type, sizeof(type), port->nic_type);
    (void)snprintf(row->name, sizeof(row->name), "%s%sport %lu%s", plug, plug[0] ? " (" : "", id,
                   plug[0] ? ")" : "");
    (void)snprintf(row->description, sizeof(row->description),
                   "port %lu%s%s of a virtual switch%s%s, seen at %s", id, name[0] ? " " : "", name,
                   type[0] ? ", adapter of type " : "", type, adapter);
}

static void name_connection(const struct corr_route *route, struct out_interface *row)
{
    char user[100], domain[80];
    out_copy_cut(user, sizeof(user), route->user);
    out_copy_cut(domain, sizeof(domain), route->routing_domain);
    (void)snprintf(row->name, sizeof(row->name), "ras%s%s", user[0] ? ":" : "", user);
    (void)snprintf(row->description, sizeof(row->description), "remote access%s%s%s%s",
                   user[0] ? " of " : "", user, domain[0] ? ", routing domain " : "", domain);
}

static void name_route(const struct corr_route *route, struct out_interface *row)
{
    if (route && route->kind == ETW_ROUTE_SWITCH) {
        name_port(&route->from, row);
    } else if (route && route->kind == ETW_ROUTE_RAS) {
        name_connection(route, row);
    }
}

static void describe(const struct out_interfaces *interfaces, const struct corr_packet *packet,
                     struct out_interface *row)
{
    const struct corr_adapter *adapter = NULL;
    const struct corr_component *component = NULL;
    if (row->interface_index != CORR_NO_INTERFACE) {
        adapter = corr_adapters_find(interfaces->adapters, row->interface_index);
    }
    if (row->is_pktmon) {
        component = corr_adapters_find_component(interfaces->adapters, packet->component);
    }
    name_adapter(row, adapter, component, row->name, sizeof(row->name));
    bool is_point = row->is_pktmon && interfaces->all_appearances;
    const char *description = adapter ? adapter->description : "";
    if (component && component->description[0] && (is_point || !description[0])) {
        description = component->description;
    }
    if (strcmp(description, row->name) != 0) {
        out_copy_cut(row->description, sizeof(row->description), description);
    }
    if (adapter && adapter->mac.size > 0) {
        row->mac = adapter->mac;
    } else if (component) {
        row->mac = component->mac;
    }
    row->speed = adapter ? adapter->speed : 0;
    if (is_point) {
        name_point(interfaces->adapters, row);
    }
}

/* ---- finding ---- */

static struct key key_of(const struct out_interfaces *interfaces, const struct corr_packet *packet)
{
    struct key key = {.index = packet->interface_index,
                      .component = COMPONENT_NONE,
                      .link = (uint32_t)packet->link,
                      .source = packet->route ? packet->route->source + 1 : 0};
    if (packet->capture == ETW_CAPTURE_WFP) {
        key.kind = KEY_WFP;
    } else if (packet->capture == ETW_CAPTURE_PKTMON) {
        if (interfaces->all_appearances) {
            key.component = packet->component;
            key.edge = packet->edge;
        } else if (packet->interface_index == CORR_NO_INTERFACE) {
            key.component = packet->component;
        }
    }
    return key;
}

static bool is_same(const struct key *a, const struct key *b)
{
    return a->index == b->index && a->component == b->component && a->edge == b->edge &&
           a->link == b->link && a->kind == b->kind && a->source == b->source;
}

static bool find_row(const struct out_interfaces *interfaces, const struct key *key, uint64_t hash,
                     size_t *row)
{
    uint32_t at = 0;
    for (uint32_t i = hash_index_first(&interfaces->index, hash, &at); i != HASH_INDEX_NONE;
         i = hash_index_next(&interfaces->index, hash, &at)) {
        if (is_same(&interfaces->keys[i], key)) {
            *row = i;
            return true;
        }
    }
    return false;
}

static struct out_interface *add_row(struct out_interfaces *interfaces, const struct key *key,
                                     uint64_t hash)
{
    size_t number = interfaces->count;
    void *rows = interfaces->rows;
    void *keys = interfaces->keys;
    bool has_room =
        array_grow(&rows, &interfaces->capacity, number + 1, sizeof(struct out_interface));
    interfaces->rows = rows;
    has_room =
        has_room && array_grow(&keys, &interfaces->key_capacity, number + 1, sizeof(struct key));
    interfaces->keys = keys;
    if (!has_room || !hash_index_add(&interfaces->index, hash, (uint32_t)number)) {
        return NULL;
    }
    interfaces->keys[number] = *key;
    struct out_interface *row = &interfaces->rows[number];
    *row = (struct out_interface){.number = (uint32_t)number,
                                  .link = (enum etw_link)key->link,
                                  .interface_index = key->index};
    interfaces->count++;
    return row;
}

/* One frame with radio data makes all of them radiotap: tools of libpcap refuse a file with
 * two link types, and drivers say nothing of frames that they send. */
static bool is_radiotap(const struct out_interfaces *interfaces, const struct corr_packet *packet)
{
    return packet->link == ETW_LINK_IEEE80211 &&
           corr_adapters_packet_events(interfaces->adapters)->receptions > 0;
}

/* The filtering platform is no adapter. All of it stands on one interface, because libpcap
 * reads no file with two of raw IP. */
static void describe_platform(struct out_interface *row)
{
    out_copy_cut(row->name, sizeof(row->name), "wfp:transport");
    out_copy_cut(row->description, sizeof(row->description),
                 "Windows Filtering Platform; IP headers are made from its records");
}

static void fill_row(const struct out_interfaces *interfaces, const struct key *key,
                     const struct corr_packet *packet, struct out_interface *row)
{
    if (key->kind == KEY_OVERFLOW) {
        (void)snprintf(row->name, sizeof(row->name), "%s:others", prefix_by_link[packet->link]);
        row->is_radiotap = is_radiotap(interfaces, packet);
        return;
    }
    if (key->kind == KEY_WFP) {
        describe_platform(row);
        return;
    }
    row->is_pktmon = packet->capture == ETW_CAPTURE_PKTMON;
    row->component = key->component == COMPONENT_NONE ? 0 : key->component;
    row->edge = key->edge;
    row->is_radiotap = is_radiotap(interfaces, packet);
    describe(interfaces, packet, row);
    name_route(packet->route, row);
}

struct out_interface *out_interfaces_of(struct out_interfaces *interfaces,
                                        const struct corr_packet *packet, bool *is_new)
{
    struct key key = key_of(interfaces, packet);
    bool was_added = false;
    size_t row = interfaces->last;
    if (interfaces->count == 0 || !is_same(&interfaces->keys[row], &key)) {
        uint64_t hash = hash_bytes(&key, sizeof(key));
        bool is_known = find_row(interfaces, &key, hash, &row);
        if (!is_known && interfaces->count >= INTERFACES_MAXIMUM) {
            key = (struct key){.index = CORR_NO_INTERFACE,
                               .component = COMPONENT_NONE,
                               .link = (uint32_t)packet->link,
                               .kind = KEY_OVERFLOW};
            hash = hash_bytes(&key, sizeof(key));
            is_known = find_row(interfaces, &key, hash, &row);
        }
        if (!is_known) {
            row = interfaces->count;
            was_added = true;
            struct out_interface *added = add_row(interfaces, &key, hash);
            if (!added) {
                return NULL;
            }
            fill_row(interfaces, &key, packet, added);
        }
        interfaces->last = row;
    }
    if (is_new) {
        *is_new = was_added;
    }
    return &interfaces->rows[row];
}

/* What is no network has one row of its kind. */
static struct out_interface *row_of_kind(struct out_interfaces *interfaces, enum key_kind kind,
                                         bool *is_new)
{
    const struct key key = {.index = CORR_NO_INTERFACE, .kind = kind};
    uint64_t hash = hash_bytes(&key, sizeof(key));
    size_t row = 0;
    *is_new = !find_row(interfaces, &key, hash, &row);
    return *is_new ? add_row(interfaces, &key, hash) : &interfaces->rows[row];
}

struct out_interface *out_interfaces_of_events(struct out_interfaces *interfaces, bool *is_new)
{
    struct out_interface *row = row_of_kind(interfaces, KEY_EVENTS, is_new);
    if (row && *is_new) {
        row->is_events = true;
        out_copy_cut(row->name, sizeof(row->name), "events");
        out_copy_cut(row->description, sizeof(row->description),
                     "events of the trace, not packets");
    }
    return row;
}

struct out_interface *out_interfaces_of_messages(struct out_interfaces *interfaces, bool *is_new)
{
    struct out_interface *row = row_of_kind(interfaces, KEY_MESSAGES, is_new);
    if (row && *is_new) {
        row->is_messages = true;
        out_copy_cut(row->name, sizeof(row->name), "smb messages");
        out_copy_cut(row->description, sizeof(row->description),
                     "SMB messages from events, above encryption; not packets");
    }
    return row;
}

size_t out_interfaces_list(const struct out_interfaces *interfaces,
                           const struct out_interface **rows)
{
    *rows = interfaces->rows;
    return interfaces->count;
}
