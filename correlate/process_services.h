/* SPDX-License-Identifier: MIT */
/*
 * process_services.h - which services run in which process. Inside correlate only.
 */
#ifndef CORRELATE_PROCESS_SERVICES_H
#define CORRELATE_PROCESS_SERVICES_H

#include "correlate/processes.h"
#include "etw/base/hash_index.h"

struct process_service {
    char *name;       /* owned, UTF-8 */
    uint32_t process; /* row */
};

/* Zero-initialised is empty and valid. */
struct process_services {
    struct process_service *rows; /* owned; by process after packing, in the order they came */
    size_t count, capacity;
    struct hash_index index; /* of (process, name); empty after moving or packing */
};

/* Each service of a process once. */
enum etw_status process_services_add(struct process_services *services, uint32_t process,
                                     const struct bytes *utf16, struct etw_error *error);
/* Processes go to other rows: `places` says where, by row. Nothing is added afterwards. */
void process_services_move(struct process_services *services, const uint32_t *places);
/* Brings the services of each process together and writes first_service and service_count of
 * all `count` processes. Nothing is added afterwards. */
enum etw_status process_services_pack(struct process_services *services,
                                      struct corr_process *processes, size_t count,
                                      struct etw_error *error);
void process_services_done(struct process_services *services);

#endif
