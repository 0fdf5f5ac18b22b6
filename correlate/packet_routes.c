/* SPDX-License-Identifier: MIT */
#include "correlate/packet_routes.h"

#include <stdlib.h>
#include <string.h>

#include "correlate/adapters.h"
#include "etw/base/array.h"
#include "etw/base/text.h"
#include "etw/packet_route.h"

struct corr_route_row {
    struct corr_route route;
    struct corr_port *ports; /* owned; what route.to points to */
    char *names;             /* owned; what the texts point into */
    size_t size;             /* of `key` */
    size_t source_size;      /* how much of it says where the packet came from */
    uint8_t key[];           /* as logged */
};

/* A UTF-16 unit becomes three bytes at most. */
#define NAMES_SIZE(size, count) ((size) / 2 * 3 + (count))

static uint64_t hash_of(enum etw_route kind, const uint8_t *data, size_t size)
{
    return hash_bytes(data, size) ^ (uint64_t)kind;
}

static bool is_same(const struct corr_route_row *row, const struct etw_packet *packet)
{
    return row->route.kind == packet->route && row->size == packet->route_data.size &&
           memcmp(row->key, packet->route_data.data, row->size) == 0;
}

static struct corr_route_row *find_row(const struct corr_routes *routes,
                                       const struct etw_packet *packet, uint64_t hash)
{
    uint32_t at = 0;
    for (uint32_t i = hash_index_first(&routes->index, hash, &at); i != HASH_INDEX_NONE;
         i = hash_index_next(&routes->index, hash, &at)) {
        if (is_same(routes->rows[i], packet)) {
            return routes->rows[i];
        }
    }
    return NULL;
}

const struct corr_route *corr_routes_find(const struct corr_routes *routes,
                                          const struct etw_packet *packet)
{
    if (packet->route == ETW_ROUTE_NONE || routes->count == 0) {
        return NULL;
    }
    const struct bytes *data = &packet->route_data;
    const struct corr_route_row *row =
        find_row(routes, packet, hash_of(packet->route, data->data, data->size));
    return row ? &row->route : NULL;
}

/* ---- making a row ---- */

/* Returns the text as UTF-8, put to `*names`, which moves behind it. */
static const char *put_name(char **names, const struct bytes *utf16)
{
    struct text text = {0};
    const char *name = *names;
    text_add_utf16(&text, utf16->data, utf16->size);
    size_t size = text.failed ? 0 : text.size;
    if (size > 0) {
        memcpy(*names, text.data, size);
    }
    (*names)[size] = '\0';
    *names += size + 1;
    text_done(&text);
    return name;
}

static struct corr_port put_port(char **names, const struct etw_switch_port *port)
{
    return (struct corr_port){
        .id = port->id,
        .name = put_name(names, &port->name),
        .nic = put_name(names, &port->nic),
        .nic_type = put_name(names, &port->nic_type),
    };
}

#define NAMES_PER_PORT 3

static bool fill_switch(struct corr_route_row *row)
{
    struct corr_route *route = &row->route;
    struct bytes data = bytes_of(row->key, row->size);
    struct etw_switch_port port;
    if (!etw_switch_source(&data, &port, &route->to_logged)) {
        return false;
    }
    row->source_size = data.position - sizeof(route->to_logged);
    size_t most = route->to_logged < CORR_ROUTE_PORTS ? route->to_logged : CORR_ROUTE_PORTS;
    row->ports = calloc(most + 1, sizeof(*row->ports));
    row->names = malloc(NAMES_SIZE(row->size, NAMES_PER_PORT * (most + 1)));
    if (!row->ports || !row->names) {
        return false;
    }
    char *names = row->names;
    route->from = put_port(&names, &port);
    route->to = row->ports;
    while (route->to_count < most && etw_switch_port_next(&data, &port)) {
        row->ports[route->to_count++] = put_port(&names, &port);
    }
    return true;
}

static bool fill_ras(struct corr_route_row *row)
{
    struct bytes data = bytes_of(row->key, row->size);
    struct bytes domain, user;
    row->source_size = row->size;
    row->names = malloc(NAMES_SIZE(row->size, 2));
    if (!row->names || !etw_ras_connection(&data, &domain, &user)) {
        return false;
    }
    char *names = row->names;
    row->route.routing_domain = put_name(&names, &domain);
    row->route.user = put_name(&names, &user);
    return true;
}

static void free_row(struct corr_route_row *row)
{
    if (row) {
        free(row->ports);
        free(row->names);
        free(row);
    }
}

static struct corr_route_row *make_row(const struct etw_packet *packet)
{
    size_t size = packet->route_data.size;
    struct corr_route_row *row = calloc(1, sizeof(*row) + size);
    if (!row) {
        return NULL;
    }
    row->route = (struct corr_route){
        .kind = packet->route, .user = "", .routing_domain = "", .from = {0, "", "", ""}};
    row->size = size;
    memcpy(row->key, packet->route_data.data, size);
    bool is_filled = packet->route == ETW_ROUTE_SWITCH ? fill_switch(row) : fill_ras(row);
    if (!is_filled) {
        free_row(row);
        return NULL;
    }
    return row;
}

/* The first row that has the same source, or this one. */
static bool number_source(struct corr_routes *routes, struct corr_route_row *row, uint32_t number)
{
    uint64_t hash = hash_of(row->route.kind, row->key, row->source_size);
    uint32_t at = 0;
    for (uint32_t i = hash_index_first(&routes->sources, hash, &at); i != HASH_INDEX_NONE;
         i = hash_index_next(&routes->sources, hash, &at)) {
        const struct corr_route_row *other = routes->rows[i];
        if (other->route.kind == row->route.kind && other->source_size == row->source_size &&
            memcmp(other->key, row->key, row->source_size) == 0) {
            row->route.source = i;
            return true;
        }
    }
    row->route.source = number;
    return hash_index_add(&routes->sources, hash, number);
}

static bool add_row(struct corr_routes *routes, struct corr_route_row *row, uint64_t hash)
{
    void *rows = routes->rows;
    bool has_room =
        array_grow(&rows, &routes->capacity, routes->count + 1, sizeof(struct corr_route_row *));
    routes->rows = rows;
    if (!has_room) {
        return false;
    }
    uint32_t number = (uint32_t)routes->count;
    routes->rows[routes->count++] = row;
    routes->bytes += row->size;
    return number_source(routes, row, number) && hash_index_add(&routes->index, hash, number);
}

enum etw_status corr_routes_learn(struct corr_routes *routes, const struct etw_packet *packet,
                                  struct etw_error *error)
{
    const struct bytes *data = &packet->route_data;
    if (packet->route == ETW_ROUTE_NONE) {
        return ETW_OK;
    }
    uint64_t hash = hash_of(packet->route, data->data, data->size);
    if (find_row(routes, packet, hash)) {
        return ETW_OK;
    }
    if (routes->count >= CORR_TABLE_MAXIMUM || data->size > CORR_ROUTES_BYTES - routes->bytes) {
        routes->ignored++;
        return ETW_OK;
    }
    struct corr_route_row *row = make_row(packet);
    if (!row) {
        return etw_fail_memory(error, "the ports of virtual switches");
    }
    return add_row(routes, row, hash) ? ETW_OK
                                      : etw_fail_memory(error, "the ports of virtual switches");
}

void corr_routes_done(struct corr_routes *routes)
{
    for (size_t i = 0; i < routes->count; i++) {
        free_row(routes->rows[i]);
    }
    free(routes->rows);
    hash_index_done(&routes->index);
    hash_index_done(&routes->sources);
    *routes = (struct corr_routes){0};
}
