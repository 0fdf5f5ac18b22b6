/* SPDX-License-Identifier: MIT */
/*
 * smb_parts.h - of events of SMB: what carries a connection, where the time of a request went, and
 * which records are of SMB at all.
 */
#ifndef ETW_SMB_PARTS_H
#define ETW_SMB_PARTS_H

#include <stdbool.h>
#include <stdint.h>

#include "etw/record.h"

/* What carries a connection. [documented: ConnectionTypeMap] */
enum etw_smb_transport {
    ETW_SMB_OVER_TDI, /* TCP or NetBIOS by the older interface */
    ETW_SMB_OVER_TCP, /* by the newer one (WSK) */
    ETW_SMB_OVER_RDMA,
    ETW_SMB_OVER_VMBUS,
    ETW_SMB_OVER_QUIC
};

/* What a request spent where, by the server; 100 ns, or cycles with ETW_HAS_CYCLES. */
struct etw_smb_times {
    uint64_t queue, process, security;
    uint64_t file_system_fast, file_system_slow;
    uint64_t transport_fast, transport_slow;
    uint64_t total; /* 0: not stated */
};

/* Is the record of the SMB client, the SMB server or SMB Direct, whether decoded or not? */
bool etw_is_smb_record(const struct etw_record *record);

#endif
