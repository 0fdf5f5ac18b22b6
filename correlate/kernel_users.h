/* SPDX-License-Identifier: MIT */
/*
 * kernel_users.h - which process used which local end of datagrams last, and which
 * addresses are this machine's. Part of kernel_flows.h.
 */
#ifndef CORRELATE_KERNEL_USERS_H
#define CORRELATE_KERNEL_USERS_H

#include <stdbool.h>
#include <stddef.h>

#include "correlate/sockets.h"
#include "etw/base/hash_index.h"

/* Compared as bytes: every one of them is set. */
struct kernel_user_key {
    uint8_t address[16];
    uint32_t pid;
    uint16_t port;
    uint8_t size;
    uint8_t unused;
};

struct kernel_user {
    struct kernel_user_key key;
    int64_t last; /* event */
    uint32_t row;
};

/* Zero-initialised is empty and valid. */
struct kernel_users {
    struct kernel_user *users; /* owned */
    size_t count, capacity;
    struct hash_index index;
};

void kernel_users_done(struct kernel_users *users);

/* NULL: this process has not used this end. Valid until the next change. */
const struct kernel_user *kernel_users_find(const struct kernel_users *users, uint32_t pid,
                                            const struct corr_endpoint *local);
/* The row that it is, and when it was used. False: no memory. */
bool kernel_users_set(struct kernel_users *users, uint32_t pid, const struct corr_endpoint *local,
                      uint32_t row, int64_t time);

/* Addresses, without their ports, that events named as this machine's. False: no memory. */
bool kernel_users_add_address(struct kernel_users *users, const struct corr_endpoint *local);
bool kernel_users_has_address(const struct kernel_users *users, const struct corr_endpoint *end);

#endif
