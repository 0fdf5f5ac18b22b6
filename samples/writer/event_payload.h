/* SPDX-License-Identifier: MIT */
/*
 * event_payload.h - payloads of Windows' own events, by the names of their fields.
 *
 *     const struct event_layout *layout = event_layout_find("Microsoft-Windows-TCPIP", 1191, 0,
 * 7601); static const struct event_value values[] = {{"PortAcquirer", "0x89304008"},
 *                                                 {"PortNumber", "13000"}};
 *     is_good = payload_event(&payload, layout, 4, values, 2, &unknown);
 *
 * Values are texts: numbers (13, -1, 0x32C8), addresses (192.0.2.1, 192.0.2.1:80,
 * [2001:db8::1]:80), GUIDs, SIDs (S-1-5-18), bytes (hex:00FF), and for text fields the text
 * itself. What stands in round brackets behind a number is for people: 4(Established).
 * Fields without a value are zero; lengths and counts follow from what they measure.
 */
#ifndef SAMPLES_WRITER_EVENT_PAYLOAD_H
#define SAMPLES_WRITER_EVENT_PAYLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "byte_block.h"
#include "event_layouts_table.h"

struct event_value {
    const char *name, *text;
};

/* The layout that this build of Windows logs; NULL: none. */
const struct event_layout *event_layout_find(const char *provider, unsigned id, unsigned version,
                                             unsigned build);
const struct event_provider *event_layout_get_provider(const struct event_layout *layout);
const struct event_field *event_layout_get_fields(const struct event_layout *layout);

/* Appends the payload. False: `wrong` is the name of the value that no field takes, or whose
 * text does not fit its field. Values that only measure others may be given to lie. */
bool payload_event(struct byte_block *out, const struct event_layout *layout, unsigned pointer_size,
                   const struct event_value *values, size_t count, const char **wrong);

/* Texts of values. False: not of that form. */
bool value_number(const char *text, uint64_t *number);
bool value_ipv4(const char *text, uint8_t address[4]);
/* 192.0.2.1:80 or [2001:db8::1]:80 as a SOCKADDR: 16 or 28 bytes. */
bool value_socket_address(const char *text, struct byte_block *out);
/* S-1-5-18 as the bytes of a SID. */
bool value_sid(const char *text, struct byte_block *out);
/* hex:0A0B */
bool value_bytes(const char *text, struct byte_block *out);

#endif
