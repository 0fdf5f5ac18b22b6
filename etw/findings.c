/* SPDX-License-Identifier: MIT */
/*
 * To add a finding: a name in enum finding_kind and a row here. The row shows in
 * `info`, in the messages after `convert`, and decides the exit status.
 */
#include "etw/findings.h"

#include "etw/record.h"

/* clang-format off */
const struct finding_description finding_descriptions[FINDING_KIND_COUNT] = {
    [FINDING_HEADER_DAMAGED] = {"header-damaged",
        "the header of the trace contradicts itself; the readable part was used", FINDING_IS_DAMAGE},
    [FINDING_CLOCK_UNUSABLE] = {"clock-unusable",
        "the header names no usable clock, so times are guesses", FINDING_IS_DAMAGE},
    [FINDING_BUFFER_DAMAGED] = {"buffer-damaged",
        "a buffer header contradicts its surroundings", FINDING_IS_DAMAGE},
    [FINDING_BUFFER_CUT] = {"buffer-cut",
        "the file ends inside a buffer", FINDING_IS_DAMAGE},
    [FINDING_GARBAGE] = {"garbage",
        "bytes between buffers that are no buffer", FINDING_IS_DAMAGE},
    [FINDING_COMPRESSED_DATA_DAMAGED] = {"compressed-data-damaged",
        "compressed data that cannot be unpacked to its end", FINDING_IS_DAMAGE},
    [FINDING_READ_CHANGED] = {"file-changed",
        "the file changed while it was read", FINDING_IS_DAMAGE},
    [FINDING_RECORD_DAMAGED] = {"record-damaged",
        "a record with an impossible header or length", FINDING_IS_SKIPPED},
    [FINDING_RECORD_UNKNOWN_KIND] = {"record-unknown-kind",
        "a record of a kind whose layout is not known", FINDING_IS_UNREAD},
    [FINDING_PAYLOAD_SHORT] = {"payload-short",
        "an event payload ends before its fields do", FINDING_IS_NOTE},
    [FINDING_FRAGMENT_WITHOUT_START] = {"fragment-without-start",
        "a packet fragment whose first fragment is not in the trace; left out", FINDING_IS_NOTE},
    [FINDING_PACKET_INCOMPLETE] = {"packet-incomplete",
        "a packet whose last fragments are not in the trace; its known bytes are kept",
        FINDING_IS_NOTE},
    [FINDING_RECEPTION_WITHOUT_FRAME] = {"radio-data-without-frame",
        "channel, rate and signal of a Wi-Fi frame that is not in the trace; left out",
        FINDING_IS_NOTE},
    [FINDING_RECEPTION_UNREADABLE] = {"radio-data-unknown",
        "what a Wi-Fi driver says of a frame has a form that is not known; left out",
        FINDING_IS_NOTE},
    [FINDING_PACKET_TOO_LONG] = {"packet-too-long",
        "packet fragments that add up to more than a packet can hold; cut there", FINDING_IS_NOTE},
    [FINDING_GROUP_CLOSED_EARLY] = {"group-closed-early",
        "too many packets were under way at once; sightings that came later count as new packets",
        FINDING_IS_NOTE},
    [FINDING_OFFLOAD_WITHOUT_PACKET] = {"offload-without-packet",
        "what was recorded beside a packet (checksums, VLAN, hash), without the packet",
        FINDING_IS_NOTE},
    [FINDING_COUNTERS_DIFFER] = {"counters-differ",
        "the recorder counted packets that are not in the trace", FINDING_IS_NOTE},
    [FINDING_TABLE_FULL] = {"table-full",
        "more names than this program keeps; the rest was ignored", FINDING_IS_NOTE},
    [FINDING_SCHEMA_UNSOUND] = {"schema-unsound",
        "a description of events in the trace contradicts itself; left out", FINDING_IS_NOTE},
    [FINDING_SERIES_GAP] = {"series-gap",
        "a file of the series is missing right before this one, and its events with it",
        FINDING_IS_NOTE},
};
/* clang-format on */

void findings_count(struct findings *findings, enum finding_kind kind, uint64_t offset,
                    uint64_t bytes)
{
    struct finding *finding = &findings->kinds[kind];
    if (finding->count == 0 || offset < finding->first_offset) {
        finding->first_offset = offset;
    }
    finding->count++;
    finding->bytes += bytes;
}

void findings_move(struct findings *findings, unsigned file)
{
    for (int kind = 0; kind < FINDING_KIND_COUNT; kind++) {
        struct finding *finding = &findings->kinds[kind];
        finding->first_offset = etw_place_make(file, finding->first_offset);
    }
}

void findings_merge(struct findings *to, const struct findings *from)
{
    for (int kind = 0; kind < FINDING_KIND_COUNT; kind++) {
        const struct finding *source = &from->kinds[kind];
        struct finding *target = &to->kinds[kind];
        if (source->count == 0) {
            continue;
        }
        if (target->count == 0 || source->first_offset < target->first_offset) {
            target->first_offset = source->first_offset;
        }
        target->count += source->count;
        target->bytes += source->bytes;
    }
}

bool findings_has_damage(const struct findings *findings)
{
    for (int kind = 0; kind < FINDING_KIND_COUNT; kind++) {
        enum finding_class class_of = finding_descriptions[kind].class_of;
        bool leaves_out = class_of == FINDING_IS_DAMAGE || class_of == FINDING_IS_SKIPPED;
        if (leaves_out && findings->kinds[kind].count > 0) {
            return true;
        }
    }
    return false;
}
