/* SPDX-License-Identifier: MIT */
#include "pcapout/pcapng_messages.h"

#include <string.h>

#include "pcapout/pcapng_options.h"

enum {
    TAG_END = 0,
    TAG_HEURISTIC_DISSECTOR = 13,
    TAG_IPV4_SOURCE = 20,
    TAG_IPV4_DESTINATION = 21,
    TAG_IPV6_SOURCE = 22,
    TAG_IPV6_DESTINATION = 23,
    TAG_PORT_TYPE = 24,
    TAG_SOURCE_PORT = 25,
    TAG_DESTINATION_PORT = 26
};

#define PORT_TYPE_TCP 2u

static uint8_t *put_u16(uint8_t *to, uint32_t value)
{
    *to++ = (uint8_t)(value >> 8);
    *to++ = (uint8_t)value;
    return to;
}

static uint8_t *put_tag(uint8_t *to, uint32_t tag, const void *value, size_t size)
{
    size_t padding = pad4(size);
    to = put_u16(put_u16(to, tag), (uint32_t)(size + padding));
    memcpy(to, value, size);
    memset(to + size, 0, padding);
    return to + size + padding;
}

static uint8_t *put_number(uint8_t *to, uint32_t tag, uint32_t value)
{
    uint8_t number[4];
    (void)put_u16(put_u16(number, value >> 16), value & 0xFFFF);
    return put_tag(to, tag, number, sizeof(number));
}

static uint8_t *put_address(uint8_t *to, uint32_t tag_ipv4, uint32_t tag_ipv6,
                            const struct corr_address *address)
{
    if (address->size == 4 || address->size == 16) {
        to = put_tag(to, address->size == 4 ? tag_ipv4 : tag_ipv6, address->bytes, address->size);
    }
    return to;
}

static uint8_t *put_port(uint8_t *to, uint32_t tag, uint16_t port)
{
    return port != 0 ? put_number(to, tag, port) : to;
}

static uint8_t *put_ends(uint8_t *to, const struct corr_layers *layers)
{
    to = put_address(to, TAG_IPV4_SOURCE, TAG_IPV6_SOURCE, &layers->source);
    to = put_address(to, TAG_IPV4_DESTINATION, TAG_IPV6_DESTINATION, &layers->destination);
    if (layers->source_port != 0 || layers->destination_port != 0) {
        to = put_number(to, TAG_PORT_TYPE, PORT_TYPE_TCP);
    }
    to = put_port(to, TAG_SOURCE_PORT, layers->source_port);
    return put_port(to, TAG_DESTINATION_PORT, layers->destination_port);
}

size_t pcapng_message_tags(const struct corr_packet *message,
                           uint8_t tags[PCAPNG_MESSAGE_TAGS_MAXIMUM])
{
    static const char smb1[] = "smb_netbios";
    static const char smb2[] = "smb2_netbios"; /* also encrypted and compressed ones */
    bool is_smb1 = message->captured > 0 && message->data[0] == 0xFF;
    const char *dissector = is_smb1 ? smb1 : smb2;
    uint8_t *to = put_tag(tags, TAG_HEURISTIC_DISSECTOR, dissector, strlen(dissector));
    if (message->direction != ETW_DIRECTION_UNKNOWN) {
        to = put_ends(to, &message->layers);
    }
    to = put_u16(put_u16(to, TAG_END), 0);
    return (size_t)(to - tags);
}
