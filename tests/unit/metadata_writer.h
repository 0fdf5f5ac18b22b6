/* SPDX-License-Identifier: MIT */
/*
 * metadata_writer.h - writes TRACE_EVENT_INFO and EVENT_MAP_INFO payloads, for the
 * tests of schemas that stand in a trace.
 */
#ifndef TESTS_UNIT_METADATA_WRITER_H
#define TESTS_UNIT_METADATA_WRITER_H

#include "tests/unit/payload_writer.h"

#define INFO_HEAD_SIZE     0x70u
#define INFO_PROPERTY_SIZE 24u
#define INFO_PROVIDER_NAME 0x34u
#define INFO_TASK_NAME     0x44u
#define INFO_OPCODE_NAME   0x48u
#define INFO_MESSAGE       0x4Cu
#define INFO_EVENT_NAME    0x5Cu

static const struct guid info_provider = {"provider-of-test"};
static const struct guid info_class = {"class-of-a-test-"};

static inline void set_number(struct payload *to, size_t at, size_t size, uint64_t value)
{
    for (size_t i = 0; i < size; i++) {
        to->data[at + i] = (uint8_t)(value >> 8 * i);
    }
}

/* Event 7, version 2, opcode 11, described by a manifest; properties all zero. */
static inline struct payload make_info(uint32_t property_count, uint32_t top_level_count)
{
    struct payload info = {.size = INFO_HEAD_SIZE + property_count * INFO_PROPERTY_SIZE};
    memcpy(info.data, info_provider.bytes, 16);
    memcpy(info.data + 16, info_class.bytes, 16);
    set_number(&info, 0x20, 2, 7);
    set_number(&info, 0x22, 1, 2);
    set_number(&info, 0x25, 1, 11);
    set_number(&info, 0x64, 4, property_count);
    set_number(&info, 0x68, 4, top_level_count);
    return info;
}

/* Appends a text and writes its offset, counted from `origin`, to `place`. */
static inline void add_info_text(struct payload *info, size_t place, size_t origin,
                                 const char *text)
{
    set_number(info, place, 4, info->size - origin);
    put_text(info, text);
}

struct info_property {
    const char *name;
    uint32_t flags;
    uint16_t type, out_type; /* of structs: first member and number of members */
    uint16_t count, length;
    const char *map; /* NULL: none */
};

static inline void set_info_property(struct payload *info, size_t number,
                                     struct info_property property)
{
    size_t at = INFO_HEAD_SIZE + number * INFO_PROPERTY_SIZE;
    set_number(info, at, 4, property.flags);
    set_number(info, at + 8, 2, property.type);
    set_number(info, at + 10, 2, property.out_type);
    set_number(info, at + 16, 2, property.count);
    set_number(info, at + 18, 2, property.length);
    add_info_text(info, at + 4, 0, property.name);
    if (property.map) {
        add_info_text(info, at + 12, 0, property.map);
    }
}

/* A map with the entries {values[i], texts[i]}. */
static inline struct payload make_map(const char *name, uint32_t flags, size_t count,
                                      const uint32_t *values, const char *const *texts)
{
    struct payload map = {.size = 16 + 16 + count * 8};
    memcpy(map.data, info_provider.bytes, 16);
    set_number(&map, 16 + 4, 4, flags);
    set_number(&map, 16 + 8, 4, count);
    add_info_text(&map, 16, 16, name);
    for (size_t i = 0; i < count; i++) {
        add_info_text(&map, 32 + i * 8, 16, texts[i]);
        set_number(&map, 32 + i * 8 + 4, 4, values[i]);
    }
    return map;
}

/* A copy in memory of exactly the size, so that the sanitizer sees a read beyond it. */
static inline struct bytes exact_bytes(const void *data, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1);
    assert_non_null(copy);
    if (size > 0) {
        memcpy(copy, data, size);
    }
    return bytes_of(copy, size);
}

static inline void free_bytes(struct bytes *bytes)
{
    void *data;
    memcpy(&data, &bytes->data, sizeof(data)); /* drops const */
    free(data);
}

#endif
