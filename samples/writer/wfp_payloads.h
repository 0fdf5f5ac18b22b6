/* SPDX-License-Identifier: MIT */
/*
 * wfp_payloads.h - payloads of the Windows Filtering Platform: the messages that Message
 * Analyzer's provider logs, and the platform's own drop event.
 */
#ifndef SAMPLES_WRITER_WFP_PAYLOADS_H
#define SAMPLES_WRITER_WFP_PAYLOADS_H

#include "etl_payloads.h"
#include "frames.h"

extern const struct etl_guid guid_wfp_message; /* Microsoft-Pef-WFP-MessageProvider */
extern const struct etl_guid guid_wfp;         /* Microsoft-Windows-WFP */

#define WFP_START   UINT64_C(0x40000000)
#define WFP_END     UINT64_C(0x80000000)
#define WFP_SEND    UINT64_C(0x100000000)
#define WFP_RECEIVE UINT64_C(0x200000000)
#define WFP_PACKET  UINT64_C(0x60000000000) /* PII, packet */
#define WFP_GLOBAL  UINT64_C(0x8000000000)

enum { WFP_OUTBOUND = 0, WFP_INBOUND = 1 };

/* Events 60011, 60012 (with `flow`), 60021, 60022 (with `flow`). */
struct wfp_message {
    const struct path *path;
    bool is_ipv6, has_flow;
    uint8_t protocol;
    uint64_t flow;
    const uint8_t *data; /* behind the IP header */
    uint16_t size;
};
void payload_wfp_message(struct byte_block *out, const struct wfp_message *message);
/* Event 2000: a part of the payload of event `id`. */
void payload_wfp_fragment(struct byte_block *out, uint16_t id, uint32_t group, const uint8_t *data,
                          uint32_t size);

/* Events 60031 and 60041. */
struct wfp_authorization {
    const struct path *path;
    bool is_ipv6;
    uint8_t direction, protocol;
    uint64_t flow, process_id;
    const char *process_path;
};
void payload_wfp_authorization(struct byte_block *out, const struct wfp_authorization *of);

/* Microsoft-Windows-WFP 1001, version 0: the platform dropped a packet over IPv4. */
void payload_wfp_drop(struct byte_block *out, const struct path *path, int64_t time,
                      const char *application, uint64_t filter);

#endif
