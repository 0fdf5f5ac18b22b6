/* SPDX-License-Identifier: MIT */
#include "pcapout/offload_text.h"

#include <inttypes.h>
#include <string.h>

#define FLAG_CHECKSUM_NOT_READY UINT32_C(0x200)
#define FLAG_CHECKSUM_VALID     UINT32_C(0x400)
#define FLAG_SEGMENTS           UINT32_C(0x800)

static const struct {
    uint8_t flag;
    const char *name, *words;
} works[OUT_OFFLOAD_MAXIMUM] = {
    {ETW_OFFLOAD_CHECKSUM, "checksum", "the checksum in the frame is not the one on the wire"},
    {ETW_OFFLOAD_SEGMENTS, "lso", "the adapter cuts it into segments"},
    {ETW_OFFLOAD_COALESCED, "rsc", "the adapter joined it from segments"},
};

bool out_offload_is_empty(const struct etw_offload *offload)
{
    return offload->flags == 0 && !offload->has_vlan && !offload->has_hash &&
           offload->virtual_subnet == 0;
}

size_t out_offload_names(const struct etw_offload *offload, const char *names[OUT_OFFLOAD_MAXIMUM])
{
    size_t count = 0;
    for (size_t i = 0; i < OUT_OFFLOAD_MAXIMUM; i++) {
        if (offload->flags & works[i].flag) {
            names[count++] = works[i].name;
        }
    }
    return count;
}

const char *out_offload_checksum(const struct etw_offload *offload)
{
    if (offload->flags & ETW_OFFLOAD_FAILED) {
        return "failed";
    }
    return offload->flags & ETW_OFFLOAD_VERIFIED ? "verified" : NULL;
}

void out_offload_add_comment(struct text *to, const struct etw_offload *offload)
{
    const char *names[OUT_OFFLOAD_MAXIMUM];
    size_t count = out_offload_names(offload, names);
    const char *checksum = out_offload_checksum(offload);
    for (size_t i = 0; i < count; i++) {
        text_add(to, i == 0 ? " offload=" : ",");
        text_add(to, names[i]);
    }
    if (offload->segment_size > 0) {
        text_add_format(to, " segment_size=%" PRIu32, offload->segment_size);
    }
    if (offload->coalesced > 0) {
        text_add_format(to, " segments=%u", (unsigned)offload->coalesced);
    }
    if (checksum) {
        text_add_format(to, " checksum=%s", checksum);
    }
    if (offload->has_vlan) {
        text_add_format(to, " vlan=%u priority=%u", (unsigned)offload->vlan,
                        (unsigned)offload->priority);
    }
    if (offload->has_hash) {
        text_add_format(to, " hash=0x%" PRIx32, offload->hash);
    }
    if (offload->virtual_subnet > 0) {
        text_add_format(to, " virtual_subnet=%" PRIu32, offload->virtual_subnet);
    }
}

static const char *separator(const struct text *to, size_t start)
{
    return to->size > start ? "; " : "";
}

void out_offload_add_words(struct text *to, const struct etw_offload *offload)
{
    size_t start = to->size;
    const char *checksum = out_offload_checksum(offload);
    for (size_t i = 0; i < OUT_OFFLOAD_MAXIMUM; i++) {
        if (offload->flags & works[i].flag) {
            text_add(to, separator(to, start));
            text_add(to, works[i].words);
        }
    }
    if (offload->segment_size > 0) {
        text_add_format(to, " of %" PRIu32 " bytes", offload->segment_size);
    }
    if (offload->coalesced > 0) {
        text_add_format(to, ", %u of them", (unsigned)offload->coalesced);
    }
    if (checksum) {
        text_add_format(to, "%sthe adapter found the checksum %s", separator(to, start),
                        strcmp(checksum, "failed") == 0 ? "wrong" : "right");
    }
    if (offload->has_vlan) {
        text_add_format(to, "%sVLAN %u, priority %u", separator(to, start), (unsigned)offload->vlan,
                        (unsigned)offload->priority);
    }
    if (offload->has_hash) {
        text_add_format(to, "%shash 0x%" PRIx32, separator(to, start), offload->hash);
    }
    if (offload->virtual_subnet > 0) {
        text_add_format(to, "%svirtual subnet %" PRIu32, separator(to, start),
                        offload->virtual_subnet);
    }
}

uint32_t out_offload_flags(const struct etw_offload *offload)
{
    bool is_valid =
        (offload->flags & (ETW_OFFLOAD_VERIFIED | ETW_OFFLOAD_FAILED)) == ETW_OFFLOAD_VERIFIED;
    return (offload->flags & ETW_OFFLOAD_CHECKSUM ? FLAG_CHECKSUM_NOT_READY : 0) |
           (is_valid ? FLAG_CHECKSUM_VALID : 0) |
           (offload->flags & ETW_OFFLOAD_SEGMENTS ? FLAG_SEGMENTS : 0);
}
