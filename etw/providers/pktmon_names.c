/* SPDX-License-Identifier: MIT */
#include "etw/providers/pktmon_names.h"

#include <stdlib.h>

#include "etw/trace.h"

#define COUNT_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

static int compare_value(const void *key, const void *row)
{
    uint32_t value = *(const uint32_t *)key;
    uint32_t other = ((const struct pktmon_name *)row)->value;
    return (value > other) - (value < other);
}

static const char *find_name(const struct pktmon_name *names, size_t count, uint32_t value)
{
    const struct pktmon_name *row = bsearch(&value, names, count, sizeof(*names), compare_value);
    return row ? row->name : NULL;
}

const char *etw_drop_reason_name(uint32_t reason)
{
    return find_name(pktmon_drop_reasons, pktmon_drop_reason_count, reason);
}

const char *etw_drop_location_name(uint32_t location)
{
    return find_name(pktmon_drop_locations, pktmon_drop_location_count, location);
}

const char *etw_direction_tag_name(uint16_t tag)
{
    static const char *const names[] = {
        [1] = "In", [2] = "Out", [3] = "Rx", [4] = "Tx", [5] = "Ingress", [6] = "Egress",
    };
    return tag < COUNT_OF(names) ? names[tag] : NULL;
}

/* As the value maps in traces of Windows 10 19042 to 11 26200 write them. */
const char *etw_component_type_name(uint16_t type)
{
    static const char *const names[] = {
        [1] = "NDIS",           [2] = "Miniport",       [3] = "Filter",
        [4] = "Protocol",       [5] = "VmsVmNic",       [6] = "VmsMiniport",
        [7] = "VmsExtMiniport", [8] = "VmsProtocolNic", [9] = "NetVsc Miniport",
        [10] = "HTTP Protocol", [12] = "Slbmux",        [13] = "IPSec",
        [14] = "NetCx",         [15] = "HTTP Message",
    };
    return type < COUNT_OF(names) ? names[type] : NULL;
}
