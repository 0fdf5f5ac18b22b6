/* SPDX-License-Identifier: MIT */
#include "correlate/local_addresses.h"

#include <stdlib.h>
#include <string.h>

#include "correlate/filter_values.h"
#include "etw/base/array.h"
#include "etw/base/hash_index.h"
#include "etw/base/text.h"

#define PROTOCOL_TCP 6

/* Every address as IPv6, IPv4 ones under ::ffff:0:0/96. */
struct address_key {
    uint8_t bytes[16];
};

enum family { FAMILY_IPV4, FAMILY_IPV6, FAMILY_COUNT };

struct corr_local_addresses {
    struct address_key *rows; /* owned */
    size_t count, capacity;
    struct hash_index index;        /* of rows */
    bool is_listed[FAMILY_COUNT];   /* an event that lists addresses had one */
    bool is_overfull[FAMILY_COUNT]; /* one found no place */
};

static const uint8_t mapped_prefix[12] = {[10] = 0xFF, [11] = 0xFF};

static struct address_key make_key(const uint8_t *bytes, uint8_t size)
{
    struct address_key key;
    if (size == 4) {
        memcpy(key.bytes, mapped_prefix, sizeof(mapped_prefix));
        memcpy(key.bytes + 12, bytes, 4);
    } else {
        memcpy(key.bytes, bytes, 16);
    }
    return key;
}

static enum family family_of(const struct address_key *key)
{
    bool is_mapped = memcmp(key->bytes, mapped_prefix, sizeof(mapped_prefix)) == 0;
    return is_mapped ? FAMILY_IPV4 : FAMILY_IPV6;
}

static bool is_loopback(const struct address_key *key)
{
    static const uint8_t loopback[16] = {[15] = 1};
    return family_of(key) == FAMILY_IPV4 ? key->bytes[12] == 127
                                         : memcmp(key->bytes, loopback, sizeof(loopback)) == 0;
}

static bool is_multicast(const struct address_key *key)
{
    return family_of(key) == FAMILY_IPV4 ? key->bytes[12] >> 4 == 0xE : key->bytes[0] == 0xFF;
}

/* 0.0.0.0 and ::, which stand for any address, and 255.255.255.255. */
static bool is_any_or_all(const struct address_key *key)
{
    static const uint8_t any[16] = {0};
    static const uint8_t all[4] = {0xFF, 0xFF, 0xFF, 0xFF};
    if (family_of(key) == FAMILY_IPV4) {
        return memcmp(key->bytes + 12, any, 4) == 0 || memcmp(key->bytes + 12, all, 4) == 0;
    }
    return memcmp(key->bytes, any, sizeof(any)) == 0;
}

static bool has_key(const struct corr_local_addresses *addresses, const struct address_key *key,
                    uint64_t hash)
{
    uint32_t at = 0;
    for (uint32_t row = hash_index_first(&addresses->index, hash, &at); row != HASH_INDEX_NONE;
         row = hash_index_next(&addresses->index, hash, &at)) {
        if (memcmp(addresses->rows[row].bytes, key->bytes, sizeof(key->bytes)) == 0) {
            return true;
        }
    }
    return false;
}

static enum etw_status add_key(struct corr_local_addresses *addresses,
                               const struct address_key *key, struct etw_error *error)
{
    uint64_t hash = hash_bytes(key->bytes, sizeof(key->bytes));
    if (has_key(addresses, key, hash)) {
        return ETW_OK;
    }
    if (addresses->count >= CORR_LOCAL_ADDRESSES_MAXIMUM) {
        addresses->is_overfull[family_of(key)] = true;
        return ETW_OK;
    }
    void *rows = addresses->rows;
    bool has_room =
        array_grow(&rows, &addresses->capacity, addresses->count + 1, sizeof(*addresses->rows));
    addresses->rows = rows;
    if (!has_room || !hash_index_add(&addresses->index, hash, (uint32_t)addresses->count)) {
        return etw_fail_memory(error, "the addresses of the machine");
    }
    addresses->rows[addresses->count++] = *key;
    return ETW_OK;
}

/* `is_listed`: by an event that lists the machine's addresses. Loopback is local anyway and
 * says nothing about a list. */
static enum etw_status add_address(struct corr_local_addresses *addresses, const uint8_t *bytes,
                                   size_t size, bool is_listed, struct etw_error *error)
{
    if (size != 4 && size != 16) {
        return ETW_OK;
    }
    struct address_key key = make_key(bytes, (uint8_t)size);
    if (is_any_or_all(&key) || is_multicast(&key) || is_loopback(&key)) {
        return ETW_OK;
    }
    if (is_listed) {
        addresses->is_listed[family_of(&key)] = true;
    }
    return add_key(addresses, &key, error);
}

/* ---- learning ---- */

/* One address of a list; "fe80::1%12" names its interface too. What is no address is
 * passed over. */
static enum etw_status add_listed_text(struct corr_local_addresses *addresses, const char *text,
                                       size_t size, struct etw_error *error)
{
    struct corr_address address = {0};
    while (size > 0 && text[0] == ' ') {
        text++;
        size--;
    }
    const char *scope = size > 0 ? memchr(text, '%', size) : NULL;
    if (!corr_parse_address(text, scope ? (size_t)(scope - text) : size, &address)) {
        return ETW_OK;
    }
    return add_address(addresses, address.bytes, address.size, true, error);
}

static enum etw_status learn_list(struct corr_local_addresses *addresses, const struct bytes *list,
                                  struct etw_error *error)
{
    struct text text = {0};
    enum etw_status status = ETW_OK;
    text_add_utf16(&text, list->data, list->size);
    if (text.failed) {
        text_done(&text);
        return etw_fail_memory(error, "the addresses of the machine");
    }
    const char *at = text_get(&text);
    const char *end = at + text.size;
    while (at < end && !status) {
        const char *stop = memchr(at, ';', (size_t)(end - at));
        stop = stop ? stop : end;
        status = add_listed_text(addresses, at, (size_t)(stop - at), error);
        at = stop + 1;
    }
    text_done(&text);
    return status;
}

/* An address that went stays in the set: it was local before. One that turned out to be
 * another machine's is no address of this one, so what is gone adds nothing. */
static enum etw_status learn_address(struct corr_local_addresses *addresses,
                                     const struct etw_event *event, struct etw_error *error)
{
    const struct etw_host_address *stated = &event->u.address;
    if (stated->is_gone) {
        return ETW_OK;
    }
    enum etw_status status =
        add_address(addresses, stated->address.bytes, stated->address.size, true, error);
    return status || stated->list.size == 0 ? status : learn_list(addresses, &stated->list, error);
}

static enum etw_status learn_fact(struct corr_local_addresses *addresses,
                                  const struct etw_event *event, struct etw_error *error)
{
    const struct etw_component_fact *fact = &event->u.fact;
    if (fact->kind != ETW_FACT_IPV4 && fact->kind != ETW_FACT_IPV6) {
        return ETW_OK;
    }
    return add_address(addresses, fact->bytes.data, fact->bytes.size, true, error);
}

/* Which end of a received or dropped datagram is the local one, Windows does not always tell
 * right. [measured: TCPIP's datagram events sometimes swap them] */
static bool is_local_end_doubtful(const struct etw_socket *socket)
{
    static const bool is_receiving[ETW_ACTION_COUNT] = {
        [ETW_ACTION_RECEIVE] = true, [ETW_ACTION_RECEIVE_FROM] = true,
        [ETW_ACTION_DATA_IN] = true, [ETW_ACTION_DELIVERED] = true,
        [ETW_ACTION_DROP] = true,
    };
    return socket->action == ETW_ACTION_DROP ||
           (socket->protocol != PROTOCOL_TCP && is_receiving[socket->action]);
}

static enum etw_status learn_socket(struct corr_local_addresses *addresses,
                                    const struct etw_event *event, struct etw_error *error)
{
    const struct etw_socket *socket = &event->u.socket;
    if (!(socket->has & ETW_HAS_LOCAL) || is_local_end_doubtful(socket)) {
        return ETW_OK;
    }
    return add_address(addresses, socket->local.bytes, socket->local.size, false, error);
}

typedef enum etw_status learn_function(struct corr_local_addresses *addresses,
                                       const struct etw_event *event, struct etw_error *error);

static learn_function *const learners[ETW_EVENT_KIND_COUNT] = {
    [ETW_EVENT_ADDRESS] = learn_address,
    [ETW_EVENT_COMPONENT_FACT] = learn_fact,
    [ETW_EVENT_SOCKET] = learn_socket,
};

enum etw_status corr_local_addresses_learn(struct corr_local_addresses *addresses,
                                           const struct etw_event *event, struct etw_error *error)
{
    learn_function *learn =
        (size_t)event->kind < ETW_EVENT_KIND_COUNT ? learners[event->kind] : NULL;
    return learn ? learn(addresses, event, error) : ETW_OK;
}

/* ---- reading ---- */

bool corr_local_addresses_has(const struct corr_local_addresses *addresses, const uint8_t *bytes,
                              uint8_t size)
{
    if (size != 4 && size != 16) {
        return false;
    }
    struct address_key key = make_key(bytes, size);
    return is_loopback(&key) || has_key(addresses, &key, hash_bytes(key.bytes, sizeof(key.bytes)));
}

bool corr_local_addresses_is_complete(const struct corr_local_addresses *addresses, uint8_t size)
{
    enum family family = size == 4 ? FAMILY_IPV4 : FAMILY_IPV6;
    return addresses->is_listed[family] && !addresses->is_overfull[family];
}

/* ---- life ---- */

enum etw_status corr_local_addresses_new(struct corr_local_addresses **out, struct etw_error *error)
{
    struct corr_local_addresses *addresses = calloc(1, sizeof(*addresses));
    if (!addresses) {
        return etw_fail_memory(error, "the addresses of the machine");
    }
    *out = addresses;
    return ETW_OK;
}

void corr_local_addresses_free(struct corr_local_addresses *addresses)
{
    if (addresses) {
        hash_index_done(&addresses->index);
        free(addresses->rows);
        free(addresses);
    }
}
