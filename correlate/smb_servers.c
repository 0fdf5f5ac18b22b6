/* SPDX-License-Identifier: MIT */
#include "correlate/smb_servers.h"

#include "etw/base/hash_index.h"

/* Characters; DNS has no longer names, and such are not kept. */
#define NAME_MAXIMUM 256

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

bool smb_servers_learn(struct smb_store *servers, const struct etw_smb *smb)
{
    struct corr_endpoint remote = corr_endpoint_of_event(&smb->socket.remote);
    struct smb_key key;
    bool is_told = smb->socket.layer == ETW_LAYER_SMB_CLIENT &&
                   (smb->socket.has & ETW_HAS_REMOTE) != 0 && remote.size > 0 && remote.port != 0 &&
                   make_key(&smb->server, &key);
    return !is_told || smb_store_set(servers, &key, &remote, sizeof(remote));
}

const struct corr_endpoint *smb_servers_find(const struct smb_store *servers,
                                             const struct smb_naming *naming)
{
    struct smb_key key;
    bool is_named = make_key(naming->server.size > 0 ? &naming->server : &naming->share, &key);
    return is_named ? smb_store_get(servers, &key, NULL) : NULL;
}
