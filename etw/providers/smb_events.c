/* SPDX-License-Identifier: MIT */
#include "etw/providers/smb_events.h"

#include <string.h>

#define KEYWORD_START   UINT64_C(0x40000000)
#define KEYWORD_END     UINT64_C(0x80000000)
#define KEYWORD_SEND    UINT64_C(0x100000000)
#define KEYWORD_RECEIVE UINT64_C(0x200000000)

void smb_finish_packet(struct etw_event *event, enum etw_action sent, enum etw_action received)
{
    struct etw_smb *smb = &event->u.smb;
    uint64_t keywords = event->record->keywords;
    uint64_t way = keywords & (KEYWORD_SEND | KEYWORD_RECEIVE);
    bool is_whole = smb->what == ETW_SMB_PACKET && (keywords & (KEYWORD_START | KEYWORD_END)) == 0;
    smb->is_start = is_whole || (keywords & KEYWORD_START);
    smb->is_end = is_whole || (keywords & KEYWORD_END);
    smb->has_way = way == KEYWORD_SEND || way == KEYWORD_RECEIVE;
    smb->is_sent = way == KEYWORD_SEND;
    if (smb->has_way && smb->what == ETW_SMB_PACKET) {
        smb->socket.action = smb->is_sent ? sent : received;
    }
}

void smb_finish_rdma(struct etw_event *event, const struct binding_raw *raw)
{
    (void)raw;
    event->u.smb.transport = ETW_SMB_OVER_RDMA;
    event->u.smb.socket.has |= ETW_HAS_TRANSPORT;
}

bool etw_is_smb_record(const struct etw_record *record)
{
    static const struct provider_binding *const providers[] = {
        &smb_client_provider, &smb_server_provider, &smb_direct_provider};
    if (!record || !record->provider || record->class_of != RECORD_IS_MANIFEST) {
        return false;
    }
    for (size_t i = 0; i < sizeof(providers) / sizeof(providers[0]); i++) {
        const struct guid *guid = &providers[i]->guid;
        if (memcmp(record->provider, guid->bytes, sizeof(guid->bytes)) == 0) {
            return true;
        }
    }
    return false;
}
