/* SPDX-License-Identifier: MIT */
#include "correlate/smb_conditions.h"

static const char *const names[CORR_SMB_CONDITION_COUNT] = {
    [CORR_SMB_NAME_FAILED] = "name-failed",
    [CORR_SMB_CONNECT_FAILED] = "connect-failed",
    [CORR_SMB_DISCONNECTED] = "disconnected",
    [CORR_SMB_CONNECTION_CLOSED] = "connection-closed",
    [CORR_SMB_CONNECTION_HUNG] = "connection-hung",
    [CORR_SMB_NEGOTIATE_FAILED] = "negotiate-failed",
    [CORR_SMB_SESSION_ESTABLISHED] = "session-established",
    [CORR_SMB_SESSION_REFUSED] = "session-refused",
    [CORR_SMB_SESSION_EXPIRED] = "session-expired",
    [CORR_SMB_SESSION_LOST] = "session-lost",
    [CORR_SMB_SESSION_RECOVERED] = "session-recovered",
    [CORR_SMB_TREE_ESTABLISHED] = "tree-established",
    [CORR_SMB_TREE_REFUSED] = "tree-refused",
    [CORR_SMB_TREE_LOST] = "tree-lost",
    [CORR_SMB_TREE_RECOVERED] = "tree-recovered",
    [CORR_SMB_OPEN_FAILED] = "open-failed",
    [CORR_SMB_HANDLE_LOST] = "handle-lost",
    [CORR_SMB_HANDLE_RECOVERED] = "handle-recovered",
    [CORR_SMB_RECONNECTING] = "reconnecting",
    [CORR_SMB_REOPEN_FAILED] = "reopen-failed",
    [CORR_SMB_RETRY_FAILED] = "retry-failed",
    [CORR_SMB_CLOSE_FAILED] = "close-failed",
    [CORR_SMB_EXCHANGE_EXPIRED] = "exchange-expired",
    [CORR_SMB_SIGNING_FAILED] = "signing-failed",
    [CORR_SMB_ENCRYPTION_FAILED] = "encryption-failed",
    [CORR_SMB_COMPRESSION_FAILED] = "compression-failed",
    [CORR_SMB_CREDITS_BLOCKED] = "credits-blocked",
    [CORR_SMB_CREDITS_USED_UP] = "credits-used-up",
    [CORR_SMB_CREDITS_WAITED] = "credits-waited",
    [CORR_SMB_SLOW] = "slow",
    [CORR_SMB_CONNECTED] = "connected",
    [CORR_SMB_RDMA_FALLBACK] = "rdma-fallback",
    [CORR_SMB_TRANSFER_FAILED] = "transfer-failed",
    [CORR_SMB_PROTOCOL_VIOLATED] = "protocol-violated",
};

const char *corr_smb_condition_name(enum corr_smb_condition_kind kind)
{
    return kind < CORR_SMB_CONDITION_COUNT ? names[kind] : "";
}
