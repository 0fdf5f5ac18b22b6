/* SPDX-License-Identifier: MIT */
/* Entry: segments, each 6 bytes and its payload: how (direction, flags, port), how far its sequence
 * number is from the one expected, the size of the payload, and how much of it the trace has not.
 * Holds: what is counted fits what was given and fed, and the memory is given back. */
#include <stdint.h>
#include <stdlib.h>

#include "correlate/smb_streams.h"
#include "correlate/sockets.h"
#include "etw/base/bytes.h"

enum { ANSWER = 1, SYN = 2, RST = 4, ACK = 8, OTHER_PORT = 16, OTHER_CLIENT = 32, FAR = 64 };

struct fed {
    uint32_t next[2];
    uint64_t frame, bytes, given;
};

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

static bool take(void *context, const struct corr_smb_message *message)
{
    struct fed *fed = context;
    fed->given++;
    require(message->frame >= 1 && message->frame <= fed->frame);
    require(message->last_frame >= 1 && message->last_frame <= fed->frame);
    require(message->last_time >= message->time || (message->has & CORR_SMB_IS_CUT) == 0);
    require(message->connection >= 1);
    return true;
}

static struct corr_packet read_packet(struct bytes *b, struct fed *fed)
{
    uint8_t how = bytes_u8(b), moved = bytes_u8(b);
    int32_t shift = moved < 128 ? moved : moved - 256;
    uint16_t size = bytes_u16(b), cut = bytes_u16(b);
    bool is_answer = (how & ANSWER) != 0;
    uint16_t server = (how & OTHER_PORT) != 0 ? 139 : 445;
    uint16_t client = (how & OTHER_CLIENT) != 0 ? 50001 : 50000;
    size_t there = size < bytes_left(b) ? size : bytes_left(b);
    struct bytes payload = bytes_sub(b, there);
    fed->frame++;
    struct corr_packet packet = {.frame = fed->frame,
                                 .time = (int64_t)fed->frame,
                                 .direction = is_answer ? ETW_DIRECTION_IN : ETW_DIRECTION_OUT,
                                 /* one byte in front, which belongs to nobody */
                                 .data = payload.data ? payload.data - 1 : NULL};
    packet.captured = payload.data ? 1 + (uint32_t)there - (cut < there ? cut : 0) : 0;
    packet.verdict.socket = CORR_NO_ROW;
    packet.layers = (struct corr_layers){
        .has_tcp = true,
        .tcp_flags = (uint8_t)(((how & SYN) != 0 ? CORR_TCP_SYN : 0) |
                               ((how & RST) != 0 ? CORR_TCP_RST : 0) |
                               ((how & ACK) != 0 ? CORR_TCP_ACK : 0)),
        .tcp_seq = fed->next[is_answer] + (uint32_t)((how & FAR) != 0 ? shift * 100000 : shift),
        .tcp_ack = fed->next[!is_answer],
        .tcp_length = size,
        .payload_offset = 1,
        .source_port = is_answer ? server : client,
        .destination_port = is_answer ? client : server,
        .source = {.size = 4, .bytes = {192, 0, 2, is_answer ? 2 : 1}},
        .destination = {.size = 4, .bytes = {192, 0, 2, is_answer ? 1 : 2}},
    };
    fed->next[is_answer] = packet.layers.tcp_seq + ((how & SYN) != 0) + size;
    fed->bytes += there;
    return packet;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct corr_smb_streams *streams = NULL;
    struct fed fed = {.next = {1000, 2000}};
    struct bytes b = bytes_of(data, size);
    require(corr_smb_streams_new(take, &fed, &streams, NULL) == ETW_OK);
    while (bytes_left(&b) >= 6) {
        const struct corr_packet packet = read_packet(&b, &fed);
        require(corr_smb_streams_packet(streams, &packet, NULL) == ETW_OK);
    }
    require(corr_smb_streams_finish(streams, NULL) == ETW_OK);
    const struct corr_smb_stream_counts *counts = corr_smb_streams_counts(streams);
    require(counts->messages == fed.given && counts->cut <= counts->messages);
    require(counts->unknown + counts->encrypted + counts->compressed <= counts->messages);
    require(counts->skipped_bytes <= fed.bytes);
    corr_smb_streams_free(streams);
    return 0;
}
