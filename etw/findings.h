/* SPDX-License-Identifier: MIT */
/*
 * findings.h - what was lost, damaged, unknown or cut in a trace: kinds, counts,
 * first places. Counting cannot fail and needs no memory.
 */
#ifndef ETW_FINDINGS_H
#define ETW_FINDINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum finding_kind {
    /* places in the file that could not be read as what they should be */
    FINDING_HEADER_DAMAGED,
    FINDING_CLOCK_UNUSABLE,
    FINDING_BUFFER_DAMAGED,
    FINDING_BUFFER_CUT,
    FINDING_GARBAGE,
    FINDING_COMPRESSED_DATA_DAMAGED,
    FINDING_READ_CHANGED,
    /* records found but not delivered: the reasons of `records.skipped` */
    FINDING_RECORD_DAMAGED,
    FINDING_RECORD_UNKNOWN_KIND,
    /* records delivered whose payload could not be used */
    FINDING_PAYLOAD_SHORT,
    FINDING_FRAGMENT_WITHOUT_START,
    FINDING_PACKET_INCOMPLETE,
    FINDING_RECEPTION_WITHOUT_FRAME,
    FINDING_RECEPTION_UNREADABLE,
    FINDING_PACKET_TOO_LONG,
    FINDING_GROUP_CLOSED_EARLY,
    FINDING_OFFLOAD_WITHOUT_PACKET,
    FINDING_COUNTERS_DIFFER,
    FINDING_TABLE_FULL,
    FINDING_SCHEMA_UNSOUND,
    FINDING_SERIES_GAP,
    FINDING_KIND_COUNT
};

enum finding_class {
    FINDING_IS_DAMAGE,  /* bytes of the file were left out: exit status 3 */
    FINDING_IS_SKIPPED, /* a record was left out because of damage: exit status 3 */
    FINDING_IS_UNREAD,  /* a record was left out because nobody knows its layout */
    FINDING_IS_NOTE     /* said, but the file itself is whole */
};

struct finding_description {
    const char *name;     /* stable, for programs: "record-damaged" */
    const char *sentence; /* for people; follows a count: "3 records ..." is not assumed */
    enum finding_class class_of;
};

extern const struct finding_description finding_descriptions[FINDING_KIND_COUNT];

struct finding {
    uint64_t count;
    uint64_t bytes;        /* how many bytes of the file were left out by it */
    uint64_t first_offset; /* a place (record.h); valid when count > 0 */
};

struct findings {
    struct finding kinds[FINDING_KIND_COUNT];
};

void findings_count(struct findings *findings, enum finding_kind kind, uint64_t offset,
                    uint64_t bytes);
/* Says that what was found stands in file number `file` of several (record.h). */
void findings_move(struct findings *findings, unsigned file);
/* Adds `from` to `to`; the lower first offset wins. */
void findings_merge(struct findings *to, const struct findings *from);
/* True when bytes of the file were damaged and left out (exit status 3). */
bool findings_has_damage(const struct findings *findings);

#endif
