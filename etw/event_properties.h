/* SPDX-License-Identifier: MIT */
/*
 * event_properties.h - which properties of an event's payload are in its model event
 * already, for those who show both.
 */
#ifndef ETW_EVENT_PROPERTIES_H
#define ETW_EVENT_PROPERTIES_H

#include <stdbool.h>

#include "etw/event.h"

/* True when `event` holds the value of the property of this name as a plain member.
 * False for what a reader may still want to see: keys and times of processes, places
 * in code, GUIDs of connections, values that the event says nothing with. */
bool etw_event_has_property(const struct etw_event *event, const char *name);

#endif
