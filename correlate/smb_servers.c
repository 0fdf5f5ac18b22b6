/* SPDX-License-Identifier: MIT */
#include "correlate/smb_servers.h"

#include "etw/base/hash_index.h"

/* Characters; DNS has no longer names, and such are not kept. */
#define NAME_MAXIMUM 256

/* Of a server to which more than TCP connections lead. */
static const struct corr_endpoint nowhere;

struct smb_store *smb_servers_new(void)
{
    return smb_store_new(SMB_SERVERS_MAXIMUM, SMB_SERVERS_MAXIMUM * sizeof(struct corr_endpoint));
}

/* Of "\server", "\\server" and "\\server\share" alike. False: it is no name. */
static bool make_key(const struct bytes *utf16, struct smb_key *key)
{
    uint16_t name[NAME_MAXIMUM];
    size_t size = 0;
    for (size_t at = 0; at + 2 <= utf16->size; at += 2) {
        uint16_t unit = load_u16(utf16->data + at);
        if (unit == '\\' && size > 0) {
            break;
        }
        if (size == NAME_MAXIMUM) {
            return false;
        }
        if (unit != '\\') {
            name[size++] = unit >= 'A' && unit <= 'Z' ? (uint16_t)(unit - 'A' + 'a') : unit;
        }
    }
    *key = (struct smb_key){.first = hash_bytes(name, size * sizeof(name[0])), .second = size};
    return size > 0;
}

/* RDMA and the like: no address of it is that of a TCP connection. */
static bool is_without_tcp(const struct etw_smb *smb)
{
    return (smb->socket.has & ETW_HAS_TRANSPORT) != 0 && smb->transport > ETW_SMB_OVER_TCP;
}

bool smb_servers_learn(struct smb_store *servers, const struct etw_smb *smb)
{
    struct corr_endpoint remote = corr_endpoint_of_event(&smb->socket.remote);
    bool is_told = (smb->socket.has & ETW_HAS_REMOTE) != 0 && remote.size > 0 && remote.port != 0;
    struct smb_key key;
    if (smb->socket.layer != ETW_LAYER_SMB_CLIENT || !make_key(&smb->server, &key)) {
        return true;
    }
    if (is_without_tcp(smb)) {
        /* From now on the name alone does not say which connection is meant. */
        return smb_store_set(servers, &key, &nowhere, sizeof(nowhere));
    }
    const struct corr_endpoint *known = smb_store_get(servers, &key, NULL);
    bool is_ambiguous = known && known->port == 0;
    return !is_told || is_ambiguous || smb_store_set(servers, &key, &remote, sizeof(remote));
}

const struct corr_endpoint *smb_servers_find(const struct smb_store *servers,
                                             const struct smb_naming *naming)
{
    struct smb_key key;
    bool is_named = make_key(naming->server.size > 0 ? &naming->server : &naming->share, &key);
    const struct corr_endpoint *known = is_named ? smb_store_get(servers, &key, NULL) : NULL;
    return known && known->port != 0 ? known : NULL;
}
