/* SPDX-License-Identifier: MIT */
#include "pcapout/pcapng_set.h"

#include <assert.h>
#include <stdlib.h>

/* One writer for each link, one for events and one for SMB messages. */
#define EVENTS_SLOT   ((size_t)ETW_LINK_COUNT)
#define MESSAGES_SLOT (EVENTS_SLOT + 1)
#define SLOT_COUNT    (MESSAGES_SLOT + 1)
/* Messages that come in fragments at a time; beyond it one may come late. */
#define PLACES_MAXIMUM 64

struct out_pcapng_set {
    struct out_pcapng_sources sources;
    out_pcapng_open *open; /* NULL: all in the first slot */
    void *context;
    struct out_pcapng *writers[SLOT_COUNT]; /* owned; NULL: nothing of this kind so far */
    uint64_t places[PLACES_MAXIMUM];        /* of messages, while none has been written */
    size_t place_count;
};

static const char *const kinds[SLOT_COUNT] = {
    [ETW_LINK_UNKNOWN] = "unknown", [ETW_LINK_ETHERNET] = "ethernet", [ETW_LINK_RAW_IP] = "ip",
    [ETW_LINK_IEEE80211] = "wifi",  [ETW_LINK_PPP] = "ppp",           [EVENTS_SLOT] = "events",
    [MESSAGES_SLOT] = "smb",
};

static enum etw_status begin(struct out_pcapng_set *set, size_t slot, struct out_file *file,
                             struct etw_error *error)
{
    const struct out_pcapng_sources *sources = &set->sources;
    return out_pcapng_new(file, sources->adapters, sources->section, sources->options,
                          &set->writers[slot], error);
}

enum etw_status out_pcapng_set_new(const struct out_pcapng_sources *sources, struct out_file *file,
                                   out_pcapng_open *open, void *context,
                                   struct out_pcapng_set **out, struct etw_error *error)
{
    struct out_pcapng_set *set = calloc(1, sizeof(*set));
    if (!set) {
        return etw_fail_memory(error, "the pcapng writers");
    }
    set->sources = *sources;
    set->open = file ? NULL : open;
    set->context = context;
    enum etw_status status = file ? begin(set, 0, file, error) : ETW_OK;
    if (status) {
        free(set);
        return status;
    }
    *out = set;
    return ETW_OK;
}

void out_pcapng_set_free(struct out_pcapng_set *set)
{
    if (set) {
        for (size_t i = 0; i < SLOT_COUNT; i++) {
            out_pcapng_free(set->writers[i]);
        }
        free(set);
    }
}

static enum etw_status find_writer(struct out_pcapng_set *set, size_t slot,
                                   struct out_pcapng **writer, struct etw_error *error)
{
    slot = set->open ? slot : 0;
    enum etw_status status = ETW_OK;
    if (!set->writers[slot]) {
        struct out_file *file = NULL;
        assert(set->open); /* with one file its writer is there from the start */
        status = set->open(set->context, kinds[slot], &file, error);
        if (!status) {
            status = begin(set, slot, file, error);
        }
    }
    *writer = set->writers[slot];
    return status;
}

enum etw_status out_pcapng_set_packet(struct out_pcapng_set *set, const struct corr_packet *packet,
                                      struct etw_error *error)
{
    struct out_pcapng *writer = NULL;
    enum etw_status status = find_writer(set, (size_t)packet->link, &writer, error);
    return status ? status : out_pcapng_packet(writer, packet, error);
}

enum etw_status out_pcapng_set_event(struct out_pcapng_set *set,
                                     const struct out_pcapng_event *event, struct etw_error *error)
{
    struct out_pcapng *writer = NULL;
    enum etw_status status = find_writer(set, EVENTS_SLOT, &writer, error);
    return status ? status : out_pcapng_event(writer, event, error);
}

/* ---- SMB messages ---- */

/* NULL: no message was written, and the file that --split makes for them is not there. */
static struct out_pcapng *messages_of(const struct out_pcapng_set *set)
{
    return set->writers[set->open ? MESSAGES_SLOT : 0];
}

enum etw_status out_pcapng_set_keep_place(struct out_pcapng_set *set, uint64_t place,
                                          struct etw_error *error)
{
    struct out_pcapng *writer = messages_of(set);
    if (!writer && set->place_count < PLACES_MAXIMUM) {
        set->places[set->place_count++] = place;
    }
    return writer ? out_pcapng_keep_place(writer, place, error) : ETW_OK;
}

static void forget_place(struct out_pcapng_set *set, uint64_t place)
{
    size_t kept = 0;
    for (size_t i = 0; i < set->place_count; i++) {
        if (set->places[i] != place) {
            set->places[kept++] = set->places[i];
        }
    }
    set->place_count = kept;
}

enum etw_status out_pcapng_set_leave_place(struct out_pcapng_set *set, uint64_t place,
                                           struct etw_error *error)
{
    struct out_pcapng *writer = messages_of(set);
    forget_place(set, place);
    return writer ? out_pcapng_leave_place(writer, place, error) : ETW_OK;
}

enum etw_status out_pcapng_set_message(struct out_pcapng_set *set,
                                       const struct out_pcapng_message *message,
                                       struct etw_error *error)
{
    struct out_pcapng *writer = NULL;
    enum etw_status status = find_writer(set, MESSAGES_SLOT, &writer, error);
    for (size_t i = 0; !status && i < set->place_count; i++) {
        status = out_pcapng_keep_place(writer, set->places[i], error);
    }
    set->place_count = 0;
    return status ? status : out_pcapng_message(writer, message, error);
}

void out_pcapng_set_note_messages(struct out_pcapng_set *set, const char *note)
{
    struct out_pcapng *writer = messages_of(set);
    if (writer) {
        out_pcapng_note_messages(writer, note);
    }
}

enum etw_status out_pcapng_set_finish(struct out_pcapng_set *set, struct etw_error *error)
{
    enum etw_status status = ETW_OK;
    for (size_t i = 0; !status && i < SLOT_COUNT; i++) {
        status = set->writers[i] ? out_pcapng_finish(set->writers[i], error) : ETW_OK;
    }
    return status;
}

bool out_pcapng_set_has_mixed_links(const struct out_pcapng_set *set)
{
    for (size_t i = 0; i < SLOT_COUNT; i++) {
        if (set->writers[i] && out_pcapng_has_mixed_links(set->writers[i])) {
            return true;
        }
    }
    return false;
}
