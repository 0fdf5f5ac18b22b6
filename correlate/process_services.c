/* SPDX-License-Identifier: MIT */
#include "correlate/process_services.h"

#include <stdlib.h>
#include <string.h>

#include "etw/base/array.h"
#include "etw/base/text.h"

/* UTF-16 bytes of a name that are kept; Windows allows 256 characters. */
#define NAME_MAXIMUM 1024

static uint64_t hash_service(uint32_t process, const char *name)
{
    uint64_t parts[2] = {process, hash_bytes(name, strlen(name))};
    return hash_bytes(parts, sizeof(parts));
}

static bool has_service(const struct process_services *services, uint32_t process, const char *name,
                        uint64_t hash)
{
    uint32_t at = 0;
    for (uint32_t row = hash_index_first(&services->index, hash, &at); row != HASH_INDEX_NONE;
         row = hash_index_next(&services->index, hash, &at)) {
        const struct process_service *known = &services->rows[row];
        if (known->process == process && strcmp(known->name, name) == 0) {
            return true;
        }
    }
    return false;
}

static bool add_service(struct process_services *services, uint32_t process, const char *name)
{
    uint64_t hash = hash_service(process, name);
    if (name[0] == '\0' || has_service(services, process, name, hash)) {
        return true;
    }
    void *rows = services->rows;
    bool has_room =
        array_grow(&rows, &services->capacity, services->count + 1, sizeof(*services->rows));
    services->rows = rows;
    size_t size = strlen(name) + 1;
    char *copy = has_room ? malloc(size) : NULL;
    if (!copy || !hash_index_add(&services->index, hash, (uint32_t)services->count)) {
        free(copy);
        return false;
    }
    memcpy(copy, name, size);
    services->rows[services->count++] = (struct process_service){.name = copy, .process = process};
    return true;
}

enum etw_status process_services_add(struct process_services *services, uint32_t process,
                                     const struct bytes *utf16, struct etw_error *error)
{
    struct text name = {0};
    text_add_utf16(&name, utf16->data, utf16->size < NAME_MAXIMUM ? utf16->size : NAME_MAXIMUM);
    bool is_done = !name.failed && add_service(services, process, text_get(&name));
    text_done(&name);
    return is_done ? ETW_OK : etw_fail_memory(error, "the services of processes");
}

void process_services_move(struct process_services *services, const uint32_t *places)
{
    hash_index_done(&services->index);
    for (size_t i = 0; i < services->count; i++) {
        services->rows[i].process = places[services->rows[i].process];
    }
}

enum etw_status process_services_pack(struct process_services *services,
                                      struct corr_process *processes, size_t count,
                                      struct etw_error *error)
{
    hash_index_done(&services->index);
    for (size_t i = 0; i < services->count; i++) {
        processes[services->rows[i].process].service_count++;
    }
    uint32_t first = 0;
    for (size_t i = 0; i < count; i++) {
        processes[i].first_service = first;
        first += processes[i].service_count;
        processes[i].service_count = 0; /* counted again as they take their places */
    }
    if (services->count == 0) {
        return ETW_OK;
    }
    struct process_service *packed = malloc(services->count * sizeof(*packed));
    if (!packed) {
        return etw_fail_memory(error, "the services of processes");
    }
    for (size_t i = 0; i < services->count; i++) {
        struct corr_process *process = &processes[services->rows[i].process];
        packed[process->first_service + process->service_count++] = services->rows[i];
    }
    free(services->rows);
    services->rows = packed;
    services->capacity = services->count;
    return ETW_OK;
}

void process_services_done(struct process_services *services)
{
    for (size_t i = 0; i < services->count; i++) {
        free(services->rows[i].name);
    }
    free(services->rows);
    hash_index_done(&services->index);
    *services = (struct process_services){0};
}
