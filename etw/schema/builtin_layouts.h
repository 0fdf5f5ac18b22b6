/* SPDX-License-Identifier: MIT */
/*
 * builtin_layouts.h - layouts that this program brings along, for traces without
 * schemas of their own.
 */
#ifndef ETW_SCHEMA_BUILTIN_LAYOUTS_H
#define ETW_SCHEMA_BUILTIN_LAYOUTS_H

#include "etw/base/guid.h"
#include "etw/schema/layout.h"

struct builtin_event {
    uint16_t id; /* event id, or opcode of classic events */
    uint8_t version;
    struct layout layout;
};

struct builtin_provider {
    struct guid guid;
    const struct builtin_event *events; /* ascending by id, then version */
    size_t event_count;
};

extern const struct builtin_provider builtin_providers[];
extern const size_t builtin_provider_count;

#endif
