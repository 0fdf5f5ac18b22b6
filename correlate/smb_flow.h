/* SPDX-License-Identifier: MIT */
/*
 * smb_flow.h - the TCP segments of one direction, brought into the order of their sequence numbers
 * for a smb_reader. Inside correlate only.
 *
 * A segment that comes before others is held until they come. They never will, and their bytes
 * are missing in the trace, when the peer has acknowledged them, or when too much is held.
 */
#ifndef CORRELATE_SMB_FLOW_H
#define CORRELATE_SMB_FLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "correlate/smb_reader.h"

/* Of one direction. A receive window that lost one segment fits in, and even if each new one
 * has to be put before all others, the cost stays small. */
#define SMB_FLOW_SEGMENTS   1024u
#define SMB_FLOW_HELD_BYTES (4u << 20)

struct smb_segment {
    uint32_t sequence;
    uint32_t length;     /* of the payload on the wire */
    const uint8_t *data; /* borrowed; NULL when size is 0 */
    uint32_t size;       /* of the payload in the trace */
    struct smb_place place;
};

struct smb_held;

struct smb_flow {
    bool is_started;
    bool has_initial; /* the SYN was seen, with the number before `initial` */
    bool has_acknowledged;
    uint32_t initial;
    uint32_t next;                /* number of the byte that comes next */
    uint32_t acknowledged;        /* by the peer */
    struct smb_held *first, *end; /* owned: by sequence number; `end` is the last one */
    uint32_t held_count;
    size_t held_bytes;
    struct smb_reader reader;
};

/* `is_at_start`: of the connection, else of what the trace has of it. */
void smb_flow_start(struct smb_flow *flow, uint32_t next, bool is_at_start, uint64_t connection,
                    bool is_response);
/* Is this number so far from the flow's that it belongs to another connection? */
bool smb_flow_is_foreign(const struct smb_flow *flow, uint32_t sequence);
/* A segment with data of a started flow. False: no memory, or the sink returned so. */
bool smb_flow_segment(struct smb_reading *reading, struct smb_flow *flow,
                      const struct smb_segment *segment);
/* The peer has got all bytes before this number. */
bool smb_flow_acknowledge(struct smb_reading *reading, struct smb_flow *flow, uint32_t number);
/* Nothing more comes; the flow can be started again. Safe on one that was not started. */
bool smb_flow_end(struct smb_reading *reading, struct smb_flow *flow);
/* The same without giving anything. */
void smb_flow_free(struct smb_reading *reading, struct smb_flow *flow);

#endif
