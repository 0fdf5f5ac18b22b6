/* SPDX-License-Identifier: MIT */
#include "pcapout/smb_control_codes.h"

#include <inttypes.h>
#include <stddef.h>

/* To add a code: a row in the order of the codes. [documented: MS-SMB2 2.2.31, MS-FSCC 2.3] */
/* clang-format off */
static const struct {
    uint32_t code;
    const char *name;
} codes[] = {
    {0x00060194, "FSCTL_DFS_GET_REFERRALS"},
    {0x000601B0, "FSCTL_DFS_GET_REFERRALS_EX"},
    {0x00090000, "FSCTL_REQUEST_OPLOCK_LEVEL_1"},
    {0x00090018, "FSCTL_LOCK_VOLUME"},
    {0x0009001C, "FSCTL_UNLOCK_VOLUME"},
    {0x0009003C, "FSCTL_GET_COMPRESSION"},
    {0x00090060, "FSCTL_FILESYSTEM_GET_STATISTICS"},
    {0x00090064, "FSCTL_GET_NTFS_VOLUME_DATA"},
    {0x00090073, "FSCTL_GET_RETRIEVAL_POINTERS"},
    {0x0009009C, "FSCTL_GET_OBJECT_ID"},
    {0x000900A4, "FSCTL_SET_REPARSE_POINT"},
    {0x000900A8, "FSCTL_GET_REPARSE_POINT"},
    {0x000900C0, "FSCTL_CREATE_OR_GET_OBJECT_ID"},
    {0x000900C4, "FSCTL_SET_SPARSE"},
    {0x000900D4, "FSCTL_SET_ENCRYPTION"},
    {0x0009027C, "FSCTL_GET_INTEGRITY_INFORMATION"},
    {0x00090284, "FSCTL_QUERY_FILE_REGIONS"},
    {0x00090300, "FSCTL_QUERY_SHARED_VIRTUAL_DISK_SUPPORT"},
    {0x00090304, "FSCTL_SVHDX_SYNC_TUNNEL_REQUEST"},
    {0x00090350, "FSCTL_STORAGE_QOS_CONTROL"},
    {0x000940CF, "FSCTL_QUERY_ALLOCATED_RANGES"},
    {0x000940EB, "FSCTL_READ_FILE_USN_DATA"},
    {0x00094264, "FSCTL_OFFLOAD_READ"},
    {0x00098098, "FSCTL_SET_OBJECT_ID"},
    {0x000980A0, "FSCTL_DELETE_OBJECT_ID"},
    {0x000980A4, "FSCTL_SET_REPARSE_POINT"},
    {0x000980AC, "FSCTL_DELETE_REPARSE_POINT"},
    {0x000980BC, "FSCTL_SET_OBJECT_ID_EXTENDED"},
    {0x000980C8, "FSCTL_SET_ZERO_DATA"},
    {0x00098208, "FSCTL_FILE_LEVEL_TRIM"},
    {0x00098268, "FSCTL_OFFLOAD_WRITE"},
    {0x00098344, "FSCTL_DUPLICATE_EXTENTS_TO_FILE"},
    {0x0009C040, "FSCTL_SET_COMPRESSION"},
    {0x0009C280, "FSCTL_SET_INTEGRITY_INFORMATION"},
    {0x00110018, "FSCTL_PIPE_WAIT"},
    {0x0011400C, "FSCTL_PIPE_PEEK"},
    {0x0011C017, "FSCTL_PIPE_TRANSCEIVE"},
    {0x00140078, "FSCTL_SRV_REQUEST_RESUME_KEY"},
    {0x001401D4, "FSCTL_LMR_REQUEST_RESILIENCY"},
    {0x001401FC, "FSCTL_QUERY_NETWORK_INTERFACE_INFO"},
    {0x00140204, "FSCTL_VALIDATE_NEGOTIATE_INFO"},
    {0x00144064, "FSCTL_SRV_ENUMERATE_SNAPSHOTS"},
    {0x001440F2, "FSCTL_SRV_COPYCHUNK"},
    {0x001441BB, "FSCTL_SRV_READ_HASH"},
    {0x001480F2, "FSCTL_SRV_COPYCHUNK_WRITE"},
};
/* clang-format on */

const char *out_smb_control_name(uint32_t code)
{
    size_t from = 0;
    size_t to = sizeof(codes) / sizeof(codes[0]);
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (codes[middle].code == code) {
            return codes[middle].name;
        }
        if (codes[middle].code < code) {
            from = middle + 1;
        } else {
            to = middle;
        }
    }
    return NULL;
}

void out_add_smb_control_code(struct text *to, uint32_t code)
{
    const char *name = out_smb_control_name(code);
    text_add_format(to, "0x%08" PRIx32, code);
    if (name) {
        text_add_char(to, ' ');
        text_add(to, name);
    }
}
