/* SPDX-License-Identifier: MIT */
/* Entry: one byte of link type, then a frame. Holds: no read outside the frame,
 * offsets lie in it, members that exclude each other do, every text fits its buffer,
 * and the link that the bytes are said to be stays what it is when asked again. */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "correlate/packet_layers.h"

static void check(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void check_texts(const struct corr_layers *layers)
{
    char protocol[CORR_PROTOCOL_TEXT_SIZE];
    char source[CORR_ENDPOINT_TEXT_SIZE];
    char destination[CORR_ENDPOINT_TEXT_SIZE];
    corr_protocol_format(layers, protocol);
    corr_endpoint_format(layers, true, source);
    corr_endpoint_format(layers, false, destination);
    check(strlen(protocol) < sizeof(protocol) && strlen(source) < sizeof(source) &&
          strlen(destination) < sizeof(destination));
}

static void check_offsets(const struct corr_layers *layers, size_t frame_size)
{
    bool has_network = layers->network != CORR_NETWORK_NONE;
    check(layers->link_size <= frame_size && layers->network_offset <= frame_size);
    check(!has_network || layers->network_offset == layers->link_size);
    check(layers->payload_offset == 0 || layers->payload_offset > layers->network_offset);
    check(has_network || layers->payload_size == 0);
    check(layers->stated_size == 0 || layers->stated_size > layers->network_offset);
}

static void check_members(const struct corr_layers *layers)
{
    check(!layers->has_tcp || layers->has_ports);
    check(!layers->is_fragment || !(layers->has_ports || layers->has_icmp));
    check(!layers->is_fragment || !layers->is_first_fragment);
    check(!layers->is_fragment || layers->payload_size == 0);
    check(!layers->has_icmp || !layers->has_ports);
    check(!layers->has_tcp || layers->payload_size == layers->tcp_length);
}

static void check_quote(const struct corr_layers *layers)
{
    const struct corr_flow *quoted = &layers->quoted;
    if (layers->has_quoted) {
        char text[CORR_ENDPOINT_TEXT_SIZE];
        corr_address_format(&quoted->source, text);
        check(strlen(text) < sizeof(text));
        check(layers->has_icmp && (!quoted->has_tcp_seq || quoted->has_ports));
        check(quoted->source.size == layers->source.size);
        check(quoted->destination.size == layers->source.size);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    enum etw_link claimed = (enum etw_link)(data[0] % ETW_LINK_COUNT);
    const uint8_t *frame = data + 1;
    size_t frame_size = size - 1;
    enum etw_link link = corr_link_by_bytes(claimed, frame, frame_size);
    struct corr_layers layers;
    corr_layers_read(link, frame, frame_size, &layers);
    check(corr_link_by_bytes(link, frame, frame_size) == link);
    check_offsets(&layers, frame_size);
    check_members(&layers);
    check_quote(&layers);
    check_texts(&layers);
    corr_layers_set_original(&layers, (uint32_t)frame_size);
    check_members(&layers);
    return 0;
}
