/* SPDX-License-Identifier: MIT */
#include "correlate/smb_streams.h"

#include <stdlib.h>
#include <string.h>

#include "correlate/endpoints.h"
#include "correlate/smb_flow.h"
#include "correlate/sockets.h"
#include "etw/base/array.h"
#include "etw/base/hash_index.h"

#define NO_STREAM UINT32_MAX

/* Hashed and compared as bytes: its members have no padding. */
struct ends {
    struct corr_endpoint client, server;
};

enum { FROM_CLIENT, FROM_SERVER, DIRECTIONS };

struct stream {
    struct ends ends;
    uint64_t number;
    uint32_t newer, older;        /* by the time of the last packet */
    uint32_t sockets[DIRECTIONS]; /* rows of the ledger, of the client's and the server's end */
    struct smb_flow flows[DIRECTIONS];
};

struct corr_smb_streams {
    struct smb_reading reading;
    struct stream *streams; /* owned */
    size_t count, capacity;
    struct hash_index index;
    uint32_t newest, oldest;
};

enum etw_status corr_smb_streams_new(corr_smb_sink *sink, void *context,
                                     struct corr_smb_streams **out, struct etw_error *error)
{
    struct corr_smb_streams *streams = calloc(1, sizeof(*streams));
    if (!streams) {
        return etw_fail_memory(error, "the SMB connections");
    }
    streams->reading.sink = sink;
    streams->reading.context = context;
    streams->newest = NO_STREAM;
    streams->oldest = NO_STREAM;
    *out = streams;
    return ETW_OK;
}

void corr_smb_streams_tell_bytes(struct corr_smb_streams *streams, corr_smb_sink *sink)
{
    streams->reading.bytes_sink = sink;
}

void corr_smb_streams_free(struct corr_smb_streams *streams)
{
    if (!streams) {
        return;
    }
    for (size_t i = 0; i < streams->count; i++) {
        smb_flow_free(&streams->reading, &streams->streams[i].flows[FROM_CLIENT]);
        smb_flow_free(&streams->reading, &streams->streams[i].flows[FROM_SERVER]);
    }
    free(streams->streams);
    hash_index_done(&streams->index);
    free(streams);
}

const struct corr_smb_stream_counts *corr_smb_streams_counts(const struct corr_smb_streams *streams)
{
    return &streams->reading.counts;
}

/* ---- which connection ---- */

static bool end_stream(struct corr_smb_streams *streams, struct stream *stream)
{
    bool is_good = smb_flow_end(&streams->reading, &stream->flows[FROM_CLIENT]);
    return smb_flow_end(&streams->reading, &stream->flows[FROM_SERVER]) && is_good;
}

/* Another connection of the same ends. */
static bool restart(struct corr_smb_streams *streams, struct stream *stream)
{
    bool is_good = end_stream(streams, stream);
    stream->number = ++streams->reading.counts.connections;
    stream->sockets[FROM_CLIENT] = CORR_NO_ROW;
    stream->sockets[FROM_SERVER] = CORR_NO_ROW;
    return is_good;
}

static void unlink_stream(struct corr_smb_streams *streams, uint32_t row)
{
    struct stream *all = streams->streams, *stream = &all[row];
    *(stream->newer == NO_STREAM ? &streams->newest : &all[stream->newer].older) = stream->older;
    *(stream->older == NO_STREAM ? &streams->oldest : &all[stream->older].newer) = stream->newer;
}

static void link_as_newest(struct corr_smb_streams *streams, uint32_t row)
{
    struct stream *all = streams->streams;
    all[row].newer = NO_STREAM;
    all[row].older = streams->newest;
    *(streams->newest == NO_STREAM ? &streams->oldest : &all[streams->newest].newer) = row;
    streams->newest = row;
}

static uint32_t find(const struct corr_smb_streams *streams, uint64_t hash, const struct ends *ends)
{
    uint32_t at = 0;
    for (uint32_t row = hash_index_first(&streams->index, hash, &at); row != HASH_INDEX_NONE;
         row = hash_index_next(&streams->index, hash, &at)) {
        if (memcmp(&streams->streams[row].ends, ends, sizeof(*ends)) == 0) {
            return row;
        }
    }
    return NO_STREAM;
}

/* A row for new ends: one more, or that of the connection that was quiet for longest. */
static bool take_row(struct corr_smb_streams *streams, uint32_t *row)
{
    if (streams->count >= CORR_SMB_STREAMS) {
        *row = streams->oldest;
        struct stream *stream = &streams->streams[*row];
        hash_index_remove(&streams->index, hash_bytes(&stream->ends, sizeof(stream->ends)), *row);
        unlink_stream(streams, *row);
        streams->reading.counts.ended_early++;
        return end_stream(streams, stream);
    }
    void *grown = streams->streams;
    if (!array_grow(&grown, &streams->capacity, streams->count + 1, sizeof(*streams->streams))) {
        return false;
    }
    streams->streams = grown;
    *row = (uint32_t)streams->count++;
    memset(&streams->streams[*row], 0, sizeof(*streams->streams));
    return true;
}

static bool add(struct corr_smb_streams *streams, uint64_t hash, const struct ends *ends,
                uint32_t *row)
{
    if (!take_row(streams, row)) {
        return false;
    }
    struct stream *stream = &streams->streams[*row];
    memcpy(&stream->ends, ends, sizeof(*ends));
    link_as_newest(streams, *row);
    return restart(streams, stream) && hash_index_add(&streams->index, hash, *row);
}

/* NULL: no memory, or the sink returned false. */
static struct stream *stream_of(struct corr_smb_streams *streams, const struct ends *ends)
{
    uint64_t hash = hash_bytes(ends, sizeof(*ends));
    uint32_t row = find(streams, hash, ends);
    if (row == NO_STREAM) {
        return add(streams, hash, ends, &row) ? &streams->streams[row] : NULL;
    }
    if (row != streams->newest) {
        unlink_stream(streams, row);
        link_as_newest(streams, row);
    }
    return &streams->streams[row];
}

/* The ends of a packet of SMB, and which of them sent it. */
static bool find_ends(const struct corr_layers *layers, struct ends *ends, unsigned *from)
{
    struct corr_endpoint source = corr_endpoint_of_packet(&layers->source, layers->source_port);
    struct corr_endpoint destination =
        corr_endpoint_of_packet(&layers->destination, layers->destination_port);
    bool is_answer = corr_is_smb_port(layers->source_port);
    if (is_answer &&
        corr_is_smb_port(layers->destination_port)) { /* whichever way: always the same */
        is_answer = memcmp(&source, &destination, sizeof(source)) < 0;
    }
    *from = is_answer ? FROM_SERVER : FROM_CLIENT;
    ends->client = is_answer ? destination : source;
    ends->server = is_answer ? source : destination;
    return layers->has_tcp &&
           (corr_is_smb_port(layers->source_port) || corr_is_smb_port(layers->destination_port));
}

/* ---- packets ---- */

static struct smb_segment segment_of(const struct corr_packet *packet)
{
    const struct corr_layers *layers = &packet->layers;
    uint32_t start = layers->payload_offset;
    uint32_t there = start > 0 && start < packet->captured ? packet->captured - start : 0;
    uint32_t size = there < layers->tcp_length ? there : layers->tcp_length;
    return (struct smb_segment){
        .sequence = layers->tcp_seq + ((layers->tcp_flags & CORR_TCP_SYN) != 0),
        .length = layers->tcp_length,
        .data = size > 0 ? packet->data + start : NULL,
        .size = size,
        .place = {.time = packet->time,
                  .frame = packet->frame,
                  .offset = packet->offset,
                  .socket = packet->verdict.socket,
                  .header_pid = packet->header_pid,
                  .header_tid = packet->header_tid},
    };
}

/* The same ends with another socket of the ledger: another connection. The slot is that of the
 * local end; both are local when a machine talks to itself. */
static bool is_other_socket(struct stream *stream, const struct corr_packet *packet, unsigned from)
{
    if (packet->verdict.socket == CORR_NO_ROW || packet->direction == ETW_DIRECTION_UNKNOWN) {
        return false;
    }
    unsigned local = packet->direction == ETW_DIRECTION_OUT ? from : 1 - from;
    uint32_t before = stream->sockets[local];
    stream->sockets[local] = packet->verdict.socket;
    return before != CORR_NO_ROW && before != packet->verdict.socket;
}

/* A SYN with another number than the one seen, or when the peer has sent data already; or a number
 * that is nowhere near. */
static bool is_other_flow(const struct smb_flow *flow, const struct smb_flow *peer,
                          const struct corr_layers *layers)
{
    const uint8_t syn_and_ack = CORR_TCP_SYN | CORR_TCP_ACK;
    bool is_syn = (layers->tcp_flags & CORR_TCP_SYN) != 0;
    uint32_t sequence = layers->tcp_seq + is_syn;
    bool has_peer_data = peer->is_started && (!peer->has_initial || peer->next != peer->initial);
    if (!flow->is_started) {
        return (layers->tcp_flags & syn_and_ack) == CORR_TCP_SYN && has_peer_data;
    }
    return is_syn ? !flow->has_initial || flow->initial != sequence
                  : layers->tcp_length > 0 && smb_flow_is_foreign(flow, sequence);
}

static bool take_segment(struct corr_smb_streams *streams, struct stream *stream, unsigned from,
                         const struct corr_packet *packet)
{
    const struct corr_layers *layers = &packet->layers;
    const struct smb_segment segment = segment_of(packet);
    struct smb_flow *flow = &stream->flows[from];
    bool is_syn = (layers->tcp_flags & CORR_TCP_SYN) != 0;
    if (!flow->is_started && (is_syn || segment.length > 0)) {
        smb_flow_start(flow, segment.sequence, is_syn, stream->number, from == FROM_SERVER);
    }
    return segment.length == 0 || smb_flow_segment(&streams->reading, flow, &segment);
}

static bool take_packet(struct corr_smb_streams *streams, struct stream *stream, unsigned from,
                        const struct corr_packet *packet)
{
    const struct corr_layers *layers = &packet->layers;
    struct smb_flow *peer = &stream->flows[1 - from];
    bool is_other = is_other_socket(stream, packet, from);
    if (is_other || is_other_flow(&stream->flows[from], peer, layers)) {
        if (!restart(streams, stream)) {
            return false;
        }
        (void)is_other_socket(stream, packet, from);
    }
    if ((layers->tcp_flags & CORR_TCP_RST) != 0) {
        return end_stream(streams, stream);
    }
    bool is_good = (layers->tcp_flags & CORR_TCP_ACK) == 0 || !peer->is_started ||
                   smb_flow_acknowledge(&streams->reading, peer, layers->tcp_ack);
    return is_good && take_segment(streams, stream, from, packet);
}

enum etw_status corr_smb_streams_packet(struct corr_smb_streams *streams,
                                        const struct corr_packet *packet, struct etw_error *error)
{
    struct ends ends; /* hashed as bytes */
    unsigned from = FROM_CLIENT;
    if (!find_ends(&packet->layers, &ends, &from)) {
        return ETW_OK;
    }
    struct stream *stream = stream_of(streams, &ends);
    return stream && take_packet(streams, stream, from, packet)
               ? ETW_OK
               : etw_fail_memory(error, "the SMB messages");
}

enum etw_status corr_smb_streams_finish(struct corr_smb_streams *streams, struct etw_error *error)
{
    bool is_good = true;
    for (size_t i = 0; i < streams->count; i++) {
        is_good = end_stream(streams, &streams->streams[i]) && is_good;
    }
    return is_good ? ETW_OK : etw_fail_memory(error, "the SMB messages");
}
