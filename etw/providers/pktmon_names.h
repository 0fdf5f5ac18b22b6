/* SPDX-License-Identifier: MIT */
/*
 * pktmon_names.h - names of the packet monitor's numbers: the tables behind
 * etw_drop_reason_name() and its sisters in etw/trace.h.
 *
 * Reasons and locations grow with every Windows version; a schema inside a trace
 * knows those of its machine.
 */
#ifndef ETW_PROVIDERS_PKTMON_NAMES_H
#define ETW_PROVIDERS_PKTMON_NAMES_H

#include <stddef.h>
#include <stdint.h>

struct pktmon_name {
    uint32_t value;
    const char *name;
};

/* Ascending by value. */
extern const struct pktmon_name pktmon_drop_reasons[];
extern const size_t pktmon_drop_reason_count;
extern const struct pktmon_name pktmon_drop_locations[];
extern const size_t pktmon_drop_location_count;

#endif
