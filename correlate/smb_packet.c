/* SPDX-License-Identifier: MIT */
#include "correlate/smb_packet.h"

#include <string.h>

#define PROTOCOL_TCP    6
#define ETHER_TYPE_IPV4 0x0800
#define ETHER_TYPE_IPV6 0x86DD

static struct corr_address address_of(const struct corr_endpoint *endpoint)
{
    struct corr_address address = {.size = endpoint->size};
    memcpy(address.bytes, endpoint->bytes, endpoint->size);
    return address;
}

static void fill_layers(const struct corr_smb_bytes *bytes, struct corr_layers *layers)
{
    bool is_received = bytes->has_way && !bytes->is_sent;
    const struct corr_endpoint *source = is_received ? &bytes->peer : &bytes->local;
    const struct corr_endpoint *destination = is_received ? &bytes->local : &bytes->peer;
    bool is_ipv6 = (bytes->peer.size ? bytes->peer.size : bytes->local.size) == 16;
    *layers = (struct corr_layers){
        .network = is_ipv6 ? CORR_NETWORK_IPV6 : CORR_NETWORK_IPV4,
        .ether_type = is_ipv6 ? ETHER_TYPE_IPV6 : ETHER_TYPE_IPV4,
        .ip_protocol = PROTOCOL_TCP,
        .has_ports = true,
        .source_port = source->port,
        .destination_port = destination->port,
        .source = address_of(source),
        .destination = address_of(destination),
    };
}

static uint32_t confidence_of(const struct corr_smb_bytes *bytes, const struct corr_socket *socket,
                              enum corr_rule rule)
{
    uint32_t worth = (uint32_t)corr_rule_worth(rule);
    uint32_t of_socket = socket ? socket->confidence : (uint32_t)CORR_LIKELY;
    uint32_t most = bytes->are_several ? (uint32_t)CORR_LIKELY : worth;
    return of_socket < most ? of_socket : most;
}

static enum corr_no_owner reason_of(const struct corr_smb_bytes *bytes,
                                    const struct corr_socket *socket)
{
    bool is_doubtful =
        bytes->are_several || (socket && (socket->flags & CORR_SOCKET_CONTRADICTED) != 0);
    return is_doubtful ? CORR_AMBIGUOUS : CORR_UNKNOWN;
}

static void judge(const struct corr_smb_bytes *bytes, const struct corr_socket *socket,
                  struct corr_verdict *verdict)
{
    enum corr_rule rule =
        bytes->source == CORR_SMB_SERVER_EVENTS ? CORR_RULE_TUPLE : CORR_RULE_SAME_ADDRESS;
    uint32_t ruling = (uint32_t)(bytes->are_several ? CORR_RULE_SEVERAL : rule);
    *verdict = (struct corr_verdict){.socket = bytes->socket,
                                     .process = bytes->process,
                                     .is_inbound = bytes->has_way && !bytes->is_sent,
                                     .rule = ruling & 255u};
    if (bytes->process != CORR_NO_ROW) {
        verdict->confidence = confidence_of(bytes, socket, rule) & 3u;
    } else {
        verdict->reason = (uint32_t)reason_of(bytes, socket) & 15u;
    }
}

void corr_smb_packet_of(const struct corr_ledger *ledger, const struct corr_smb_bytes *bytes,
                        struct corr_packet *packet)
{
    static const enum etw_direction directions[] = {ETW_DIRECTION_IN, ETW_DIRECTION_OUT};
    const struct corr_socket *sockets = NULL;
    size_t count = corr_ledger_sockets(ledger, &sockets);
    uint64_t size =
        bytes->has_size && bytes->size > bytes->data.size ? bytes->size : bytes->data.size;
    *packet = (struct corr_packet){
        .time = bytes->time,
        .offset = bytes->offset,
        .capture = ETW_CAPTURE_NONE,
        .direction = bytes->has_way ? directions[bytes->is_sent] : ETW_DIRECTION_UNKNOWN,
        .data = bytes->data.data,
        .captured = (uint32_t)bytes->data.size, /* 2^24 and little more at most */
        .original = size < UINT32_MAX ? (uint32_t)size : UINT32_MAX,
        .interface_index = CORR_NO_INTERFACE,
        .header_pid = bytes->header_pid,
        .header_tid = bytes->header_tid,
        .is_incomplete = bytes->is_cut,
        .appearances = 1,
    };
    fill_layers(bytes, &packet->layers);
    judge(bytes, bytes->socket < count ? &sockets[bytes->socket] : NULL, &packet->verdict);
}
