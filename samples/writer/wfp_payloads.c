/* SPDX-License-Identifier: MIT */
#include "wfp_payloads.h"

/* clang-format off */
const struct etl_guid guid_wfp_message =
    {0xC22D1B14, 0xC242, 0x49DE, {0x9F, 0x17, 0x1D, 0x76, 0xB8, 0xB9, 0xC4, 0x58}};
const struct etl_guid guid_wfp =
    {0x0C478C5B, 0x0351, 0x41B1, {0x8C, 0x58, 0x4A, 0x67, 0x37, 0xDA, 0x32, 0xE3}};
/* clang-format on */

static void put_addresses(struct byte_block *out, const struct path *path, bool is_ipv6)
{
    if (is_ipv6) {
        block_bytes(out, path->from->ipv6, sizeof(path->from->ipv6));
        block_bytes(out, path->to->ipv6, sizeof(path->to->ipv6));
    } else {
        block_bytes(out, path->from->ipv4, sizeof(path->from->ipv4));
        block_bytes(out, path->to->ipv4, sizeof(path->to->ipv4));
    }
}

void payload_wfp_message(struct byte_block *out, const struct wfp_message *message)
{
    put_addresses(out, message->path, message->is_ipv6);
    block_u8(out, message->protocol);
    if (message->has_flow) {
        block_u64(out, message->flow);
    }
    block_u16(out, message->size);
    block_bytes(out, message->data, message->size);
}

void payload_wfp_fragment(struct byte_block *out, uint16_t id, uint32_t group, const uint8_t *data,
                          uint32_t size)
{
    block_u16(out, id);
    block_u32(out, group);
    block_u32(out, size);
    block_bytes(out, data, size);
}

void payload_wfp_authorization(struct byte_block *out, const struct wfp_authorization *of)
{
    struct byte_block path = {0};
    block_utf16(&path, of->process_path);
    put_addresses(out, of->path, of->is_ipv6);
    block_u16(out, of->path->from->port);
    block_u16(out, of->path->to->port);
    block_u64(out, UINT64_C(0x0006008000000000)); /* interface LUID */
    block_u8(out, of->direction);
    block_u8(out, of->protocol);
    block_u64(out, of->flow);
    block_u64(out, of->process_id);
    block_u16(out, (unsigned)path.size);
    block_bytes(out, path.data, path.size);
    block_done(&path);
}

static void put_socket_address(struct byte_block *out, const struct endpoint *end)
{
    block_u32(out, 16);
    block_u16(out, 2); /* AF_INET */
    block_u8(out, (unsigned)(end->port >> 8));
    block_u8(out, end->port & 0xFFu);
    block_bytes(out, end->ipv4, sizeof(end->ipv4));
    block_u64(out, 0);
}

void payload_wfp_drop(struct byte_block *out, const struct path *path, int64_t time,
                      const char *application, uint64_t filter)
{
    static const uint8_t local_system[] = {1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0};
    block_i64(out, time);
    put_socket_address(out, path->to);
    put_socket_address(out, path->from);
    block_u32(out, 0); /* ScopeId */
    block_utf16(out, application);
    block_bytes(out, local_system, sizeof(local_system));
    block_u32(out, 0);      /* ReauthReason */
    block_u32(out, 0);      /* OriginalProfile */
    block_u32(out, 0);      /* CurrentProfile */
    block_u32(out, 0x3900); /* inbound */
    block_u32(out, 0);      /* Loopback */
    block_u64(out, filter);
    block_u16(out, 44); /* LayerId */
}
