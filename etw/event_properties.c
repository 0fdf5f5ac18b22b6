/* SPDX-License-Identifier: MIT */
#include "etw/event_properties.h"

#include <stddef.h>
#include <string.h>

#include "etw/providers/binding.h"

#define IN_MODEL UINT32_MAX

/* What etw_socket.has must have for the role to count; 0: it never does. Roles that
 * are not here always count. */
static const struct {
    enum binding_role role;
    uint32_t has;
} conditions[] = {
    {ROLE_SOCKET_LOCAL, ETW_HAS_LOCAL},
    {ROLE_SOCKET_REMOTE, ETW_HAS_REMOTE},
    {ROLE_SOCKET_LOCAL_IP, ETW_HAS_LOCAL},
    {ROLE_SOCKET_REMOTE_IP, ETW_HAS_REMOTE},
    {ROLE_SOCKET_LOCAL_PORT, ETW_HAS_LOCAL},
    {ROLE_SOCKET_REMOTE_PORT, ETW_HAS_REMOTE},
    {ROLE_SOCKET_PID, ETW_HAS_PID},
    {ROLE_SOCKET_START_KEY, 0},
    {ROLE_SOCKET_SEQUENCE, ETW_HAS_SEQUENCE},
    {ROLE_SOCKET_BYTES, ETW_HAS_BYTES},
    {ROLE_SOCKET_STATUS, ETW_HAS_STATUS},
    {ROLE_SOCKET_FROM, ETW_HAS_FROM},
    {ROLE_SOCKET_TO, ETW_HAS_TO},
    {ROLE_SOCKET_PROTOCOL, ETW_HAS_PROTOCOL},
    {ROLE_SOCKET_COUNT, ETW_HAS_COUNT},
    {ROLE_SOCKET_LOCATION, 0},
    {ROLE_SOCKET_MESSAGE, ETW_HAS_MESSAGE},
    {ROLE_SOCKET_FAMILY, 0},
    {ROLE_SOCKET_REASON, 0},
    {ROLE_SOCKET_OPTION, 0},
    {ROLE_SOCKET_OPTION_VALUE, 0},
    {ROLE_SOCKET_SESSION, 0},
    {ROLE_SOCKET_TREE, 0},
    {ROLE_SOCKET_COMMAND, 0},
    {ROLE_HANDLE_SMB_CONNECTION, 0},
    {ROLE_RAW_PATH_DIRECTION, 0},
    {ROLE_RAW_SOCKET_TYPE, 0},
    {ROLE_RAW_TIMER, ETW_HAS_TIMER},
    {ROLE_RAW_WEAK_REFERENCE, 0},
    {ROLE_RAW_IP_VERSION, 0},
    {ROLE_PROCESS_START_KEY, 0},
    {ROLE_PROCESS_UNIQUE_KEY, 0},
    {ROLE_PROCESS_CREATE_TIME, 0},
    {ROLE_PROCESS_EXIT_TIME, 0},
    {ROLE_HTTP_CONNECTION_ID, 0},
    {ROLE_HTTP_PARENT, 0},
    {ROLE_HTTP_REQUEST, 0},
    {ROLE_HTTP_HEADERS, 0},
};

static uint32_t condition_of(enum binding_role role)
{
    if (role >= ROLE_SMB_FLAGS && role <= ROLE_SMB_TOTAL) {
        return 0;
    }
    for (size_t i = 0; i < sizeof(conditions) / sizeof(conditions[0]); i++) {
        if (conditions[i].role == role) {
            return conditions[i].has;
        }
    }
    return IN_MODEL;
}

static const struct event_binding *find_row(const struct provider_binding *provider, uint32_t id)
{
    size_t low = 0;
    size_t high = provider->event_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (provider->events[middle].id < id) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < provider->event_count && provider->events[low].id == id ? &provider->events[low]
                                                                         : NULL;
}

static const struct event_binding *find_binding(const struct etw_record *record)
{
    bool is_classic = record->class_of != RECORD_IS_MANIFEST;
    for (size_t i = 0; i < provider_list_count; i++) {
        const struct provider_binding *provider = provider_list[i];
        if (provider->is_classic == is_classic &&
            memcmp(provider->guid.bytes, record->provider, sizeof(provider->guid.bytes)) == 0) {
            return find_row(provider, is_classic ? record->opcode : record->id);
        }
    }
    return NULL;
}

/* `names` is "A" or "A|B". */
static bool is_one_of(const char *names, const char *name, size_t size)
{
    for (const char *at = names; at; at = strchr(at, '|')) {
        at += *at == '|';
        /* Most differ in the first letter. */
        if (*at == *name && strncmp(at, name, size) == 0 && (at[size] == '\0' || at[size] == '|')) {
            return true;
        }
    }
    return false;
}

/* Of the name of a length, the part before Length or Len; 0: it is none. */
static size_t size_without_length(const char *name)
{
    static const char *const endings[] = {"Length", "Len"};
    size_t size = strlen(name);
    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
        size_t ending = strlen(endings[i]);
        if (size > ending && strcmp(name + size - ending, endings[i]) == 0) {
            return size - ending;
        }
    }
    return 0;
}

static bool is_address(enum binding_role role)
{
    return role == ROLE_SOCKET_LOCAL || role == ROLE_SOCKET_REMOTE ||
           role == ROLE_SOCKET_LOCAL_IP || role == ROLE_SOCKET_REMOTE_IP ||
           role == ROLE_HTTP_LOCAL || role == ROLE_HTTP_REMOTE;
}

static bool is_in_model(const struct etw_event *event, enum binding_role role)
{
    uint32_t has = condition_of(role);
    if (role == ROLE_PROCESS_EXIT_STATUS) {
        return event->u.process.is_end;
    }
    if (event->kind == ETW_EVENT_COMPONENT_FACT) {
        return event->u.fact.kind != ETW_FACT_OTHER;
    }
    return has == IN_MODEL || (event->kind == ETW_EVENT_SOCKET && (event->u.socket.has & has) != 0);
}

bool etw_event_has_property(const struct etw_event *event, const char *name)
{
    const struct etw_record *record = event->record;
    if (event->kind == ETW_EVENT_OTHER || !record || !record->provider || !name) {
        return false;
    }
    const struct event_binding *binding = find_binding(record);
    size_t size = strlen(name);
    size_t address_size = size_without_length(name);
    const struct role_binding *row = binding ? binding->roles : NULL;
    for (; row && row->role != ROLE_NONE; row++) {
        if (is_one_of(row->property, name, size)) {
            return is_in_model(event, row->role);
        }
        if (address_size > 0 && is_address(row->role) &&
            is_one_of(row->property, name, address_size)) {
            return is_in_model(event, row->role);
        }
    }
    return false;
}
