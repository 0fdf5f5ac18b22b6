/* SPDX-License-Identifier: MIT */
#include "correlate/kernel_users.h"

#include <stdlib.h>
#include <string.h>

#include "etw/base/array.h"

void kernel_users_done(struct kernel_users *users)
{
    hash_index_done(&users->index);
    free(users->users);
    *users = (struct kernel_users){.users = NULL};
}

static struct kernel_user_key make_key(uint32_t pid, const struct corr_endpoint *local)
{
    struct kernel_user_key key = {.pid = pid, .port = local->port, .size = local->size};
    memcpy(key.address, local->bytes, local->size);
    return key;
}

static struct kernel_user *find_user(const struct kernel_users *users,
                                     const struct kernel_user_key *key)
{
    uint32_t at = 0;
    uint64_t hash = hash_bytes(key, sizeof(*key));
    for (uint32_t i = hash_index_first(&users->index, hash, &at); i != HASH_INDEX_NONE;
         i = hash_index_next(&users->index, hash, &at)) {
        if (memcmp(&users->users[i].key, key, sizeof(*key)) == 0) {
            return &users->users[i];
        }
    }
    return NULL;
}

const struct kernel_user *kernel_users_find(const struct kernel_users *users, uint32_t pid,
                                            const struct corr_endpoint *local)
{
    const struct kernel_user_key key = make_key(pid, local);
    return find_user(users, &key);
}

static bool add_user(struct kernel_users *users, const struct kernel_user *user)
{
    void *grown = users->users;
    uint64_t hash = hash_bytes(&user->key, sizeof(user->key));
    if (users->count >= HASH_INDEX_NONE ||
        !array_grow(&grown, &users->capacity, users->count + 1, sizeof(*user))) {
        return false;
    }
    users->users = grown;
    if (!hash_index_add(&users->index, hash, (uint32_t)users->count)) {
        return false;
    }
    users->users[users->count++] = *user;
    return true;
}

bool kernel_users_set(struct kernel_users *users, uint32_t pid, const struct corr_endpoint *local,
                      uint32_t row, int64_t time)
{
    const struct kernel_user user = {.key = make_key(pid, local), .last = time, .row = row};
    struct kernel_user *known = find_user(users, &user.key);
    if (known) {
        *known = user;
        return true;
    }
    return add_user(users, &user);
}

/* Addresses are users with pid 0 and port 0, which no process is. */
static struct corr_endpoint without_port(const struct corr_endpoint *end)
{
    struct corr_endpoint address = *end;
    address.port = 0;
    return address;
}

bool kernel_users_add_address(struct kernel_users *users, const struct corr_endpoint *local)
{
    const struct corr_endpoint address = without_port(local);
    return kernel_users_has_address(users, local) ||
           kernel_users_set(users, 0, &address, CORR_NO_ROW, CORR_ALWAYS);
}

bool kernel_users_has_address(const struct kernel_users *users, const struct corr_endpoint *end)
{
    const struct corr_endpoint address = without_port(end);
    return kernel_users_find(users, 0, &address) != NULL;
}
