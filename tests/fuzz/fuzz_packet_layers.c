/* SPDX-License-Identifier: MIT */
/* Entry: one byte of link type, then a frame. Holds: no read outside the frame,
 * offsets lie in it, every text fits its buffer, and the link that the bytes are
 * said to be stays what it is when asked again. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "correlate/packet_layers.h"

static void check_texts(const struct corr_layers *layers)
{
    char protocol[CORR_PROTOCOL_TEXT_SIZE];
    char source[CORR_ENDPOINT_TEXT_SIZE];
    char destination[CORR_ENDPOINT_TEXT_SIZE];
    corr_protocol_format(layers, protocol);
    corr_endpoint_format(layers, true, source);
    corr_endpoint_format(layers, false, destination);
    if (strlen(protocol) >= sizeof(protocol) || strlen(source) >= sizeof(source) ||
        strlen(destination) >= sizeof(destination)) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    enum etw_link claimed = (enum etw_link)(data[0] & 3);
    const uint8_t *frame = data + 1;
    size_t frame_size = size - 1;
    enum etw_link link = corr_link_by_bytes(claimed, frame, frame_size);
    struct corr_layers layers;
    corr_layers_read(link, frame, frame_size, &layers);
    if (layers.link_size > frame_size || layers.network_offset > frame_size ||
        (layers.network != CORR_NETWORK_NONE && layers.network_offset != layers.link_size) ||
        (layers.has_tcp && !layers.has_ports) || (layers.is_fragment && layers.has_ports) ||
        corr_link_by_bytes(link, frame, frame_size) != link) {
        abort();
    }
    check_texts(&layers);
    return 0;
}
