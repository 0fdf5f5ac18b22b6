/* SPDX-License-Identifier: MIT */
#include "pcapout/packet_comments.h"

#include <stdlib.h>
#include <string.h>

#include "etw/base/text.h"
#include "pcapout/escape.h"
#include "pcapout/names.h"
#include "pcapout/offload_text.h"
#include "pcapout/owner_comments.h"
#include "pcapout/owners.h"
#include "pcapout/pcapng_options.h"
#include "pcapout/route_text.h"

/* Names in comments and verdicts; their real lengths are below 100. */
#define VALUE_SIZE 256

struct packet_comments {
    const struct corr_adapters *adapters; /* borrowed */
    struct out_pcapng_options options;
    struct owner_comments *owners; /* owned */
    struct text text;              /* scratch: what follows frame=N in a comment */
    struct text verdict;           /* scratch: verdict options of a dropped packet */
};

void packet_comments_free(struct packet_comments *comments)
{
    if (comments) {
        text_done(&comments->text);
        text_done(&comments->verdict);
        owner_comments_free(comments->owners);
        free(comments);
    }
}

enum etw_status packet_comments_new(const struct corr_adapters *adapters,
                                    const struct out_pcapng_options *options,
                                    struct packet_comments **out, struct etw_error *error)
{
    struct packet_comments *comments = calloc(1, sizeof(*comments));
    if (!comments) {
        return etw_fail_memory(error, "the comments of packets");
    }
    comments->adapters = adapters;
    comments->options = *options;
    enum etw_status status = owner_comments_new(options->ledger, &comments->owners, error);
    if (status) {
        packet_comments_free(comments);
        return status;
    }
    *out = comments;
    return ETW_OK;
}

static void add_number(struct text *to, const char *key, uint64_t value)
{
    text_add(to, key);
    text_add_u64(to, value);
}

/* The keys behind frame=N that are not the same for all packets; keys and their
 * order are stable. `by` is the component that dropped the packet, `component`
 * the one that this sighting comes from. */
static void collect_comment(struct packet_comments *comments, const struct corr_packet *packet)
{
    struct text *to = &comments->text;
    char number[OUT_NAME_SIZE];
    text_clear(to);
    if (!comments->options.without_owners) {
        struct bytes owner = owner_comments_get(comments->owners, packet);
        text_add_bytes(to, owner.data, owner.size);
    }
    if (comments->options.verdicts) {
        (void)out_verdict_marks_add(comments->options.verdicts, packet->frame, to);
    }
    if (packet->drop.is_dropped) {
        out_add_comment_value(to, " drop=", out_drop_reason(&packet->drop, number));
        out_add_comment_value(to, " location=", out_drop_location(&packet->drop, number));
        out_add_comment_value(
            to, " by=", out_component_name(comments->adapters, packet->drop.component, number));
    }
    out_route_add_comment(to, packet);
    out_offload_add_comment(to, &packet->offload);
    if (comments->options.all_appearances && packet->capture == ETW_CAPTURE_PKTMON) {
        out_add_comment_value(
            to, " component=", out_component_name(comments->adapters, packet->component, number));
        add_number(to, " edge=", packet->edge);
        add_number(to, " appearance=", packet->appearance);
        add_number(to, " group=", packet->group);
        add_number(to, " number=", packet->number);
        add_number(to, " filter=", packet->filter);
    }
}

struct bytes packet_comments_get(struct packet_comments *comments, const struct corr_packet *packet)
{
    struct out_verdict_marks *verdicts = comments->options.verdicts;
    text_clear(&comments->text);
    bool has_verdict = verdicts && out_verdict_marks_add(verdicts, packet->frame, &comments->text);
    bool is_common = !packet->drop.is_dropped && !comments->options.all_appearances &&
                     !has_verdict && !packet->route && out_offload_is_empty(&packet->offload);
    if (is_common && comments->options.without_owners) {
        return bytes_of("", 0);
    }
    if (is_common) {
        return owner_comments_get(comments->owners, packet);
    }
    collect_comment(comments, packet);
    return bytes_of(text_get(&comments->text), comments->text.size);
}

/* ---- SMB messages ---- */

static void add_peer(struct text *to, const struct corr_endpoint *peer)
{
    char end[OUT_SOCKET_END_SIZE];
    if (peer->size > 0) {
        out_socket_end_format(peer, end);
        out_add_comment_value(to, " peer=", end);
    }
}

/* How many bytes the events do not have. */
static void add_cut(struct text *to, const struct corr_smb_bytes *bytes)
{
    if (bytes->is_cut && bytes->missing > 0) {
        add_number(to, " cut=", bytes->missing);
    } else if (bytes->is_cut) {
        text_add(to, " cut=unknown");
    }
}

struct bytes packet_comments_of_message(struct packet_comments *comments,
                                        const struct corr_smb_bytes *bytes,
                                        const struct corr_packet *message)
{
    struct text *to = &comments->text;
    text_clear(to);
    if (!comments->options.without_owners) {
        struct bytes owner = owner_comments_get(comments->owners, message);
        text_add_bytes(to, owner.data, owner.size);
    }
    text_add(to, bytes->source == CORR_SMB_SERVER_EVENTS ? " source=server-events"
                                                         : " source=client-events");
    add_number(to, " offset=", etw_place_offset(bytes->offset));
    if (etw_place_file(bytes->offset) > 0) {
        add_number(to, " file=", etw_place_file(bytes->offset));
    }
    if (bytes->fragments > 1) {
        add_number(to, " fragments=", bytes->fragments);
    }
    if (!bytes->has_way) {
        add_peer(to, &bytes->peer);
    }
    add_cut(to, bytes);
    return to->size > 0 ? bytes_of(text_get(to) + 1, to->size - 1) : bytes_of("", 0);
}

/* Two options: the number that other converters write and filters know, and the
 * one field of today's Wireshark that shows a text.
 *   u8 type 2 (XDP), u64 1 (dropped)      u8 type 0 (hardware), "reason/location" */
struct bytes packet_comments_verdict(struct packet_comments *comments,
                                     const struct corr_packet *packet)
{
    static const uint8_t xdp_drop[9] = {2, 1};
    char number[OUT_NAME_SIZE];
    struct text *to = &comments->verdict;
    text_clear(to);
    if (!packet->drop.is_dropped) {
        return bytes_of(to->data, 0);
    }
    char value[2 * VALUE_SIZE + 2] = {0}; /* first byte: the type */
    out_copy_cut(value + 1, VALUE_SIZE, out_drop_reason(&packet->drop, number));
    size_t size = 1 + strlen(value + 1);
    value[size++] = '/';
    out_copy_cut(value + size, VALUE_SIZE, out_drop_location(&packet->drop, number));
    size += strlen(value + size);
    pcapng_add_bytes(to, PCAPNG_PACKET_VERDICT, xdp_drop, sizeof(xdp_drop));
    pcapng_add_bytes(to, PCAPNG_PACKET_VERDICT, value, size);
    return bytes_of(to->data, to->size);
}

enum etw_status packet_comments_status(const struct packet_comments *comments,
                                       struct etw_error *error)
{
    if (comments->text.failed || comments->verdict.failed) {
        return etw_fail_memory(error, "the comment of a packet");
    }
    return ETW_OK;
}

enum etw_status packet_comments_finish(const struct packet_comments *comments,
                                       struct etw_error *error)
{
    if (owner_comments_failed(comments->owners)) {
        return etw_fail_memory(error, "the comments of packets");
    }
    return ETW_OK;
}
