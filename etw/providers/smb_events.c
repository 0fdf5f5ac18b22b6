/* SPDX-License-Identifier: MIT */
#include "etw/providers/smb_events.h"

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
