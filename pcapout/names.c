/* SPDX-License-Identifier: MIT */
#include "pcapout/names.h"

#include <inttypes.h>
#include <stdio.h>

#include "etw/trace.h"

const char *out_component_name(const struct corr_adapters *adapters, uint16_t id,
                               char text[OUT_NAME_SIZE])
{
    const struct corr_component *component = corr_adapters_find_component(adapters, id);
    if (component && component->name[0]) {
        return component->name;
    }
    (void)snprintf(text, OUT_NAME_SIZE, "component:%u", (unsigned)id);
    return text;
}

const char *out_drop_reason(const struct corr_drop *drop, char text[OUT_NAME_SIZE])
{
    const char *name = etw_drop_reason_name(drop->reason);
    if (name) {
        return name;
    }
    (void)snprintf(text, OUT_NAME_SIZE, "%" PRIu32, drop->reason);
    return text;
}

const char *out_drop_location(const struct corr_drop *drop, char text[OUT_NAME_SIZE])
{
    const char *name = etw_drop_location_name(drop->location);
    if (name) {
        return name;
    }
    (void)snprintf(text, OUT_NAME_SIZE, "0x%08" PRIx32, drop->location);
    return text;
}

void out_drop_names_find(const struct corr_adapters *adapters, const struct corr_drop *drop,
                         struct out_drop_names *names)
{
    names->reason = etw_drop_reason_name(drop->reason);
    names->location = out_drop_location(drop, names->location_text);
    names->component = out_component_name(adapters, drop->component, names->component_text);
}

void out_json_drop(struct json_writer *j, const struct corr_drop *drop,
                   const struct out_drop_names *names)
{
    json_begin_object(j, "drop");
    if (names->reason) {
        json_string(j, "reason", names->reason);
    }
    json_u64(j, "code", drop->reason);
    json_string(j, "location", names->location);
    json_string(j, "component", names->component);
    json_end_object(j);
}
