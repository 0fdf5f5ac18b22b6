/* SPDX-License-Identifier: MIT */
#include "correlate/smb_packet_bytes.h"

#include <stdlib.h>
#include <string.h>

#include "correlate/sockets.h"
#include "etw/base/array.h"

/* Messages that are being put together at one time: more threads than that are hardly sending. */
#define SLOT_COUNT 32
/* A message on TCP says its length in 24 bits; what stands around it in the event is little. */
#define MESSAGE_MAXIMUM ((size_t)(1 << 24) + 4096)
#define HELD_MAXIMUM    ((size_t)64 << 20) /* of all slots */
/* Fragments are logged one after the other, in one call. */
#define FRAGMENT_GAP (INT64_C(1) * 10000000)

struct slot {
    bool is_used;
    uint32_t thread, cpu; /* cpu: of thread 0 */
    uint8_t *data;        /* owned */
    size_t size, capacity;
    uint64_t stated; /* bytes that the message has as its fragments say */
    bool has_hole;   /* bytes are missing, behind which nothing is of use */
    struct corr_smb_bytes about;
};

struct smb_packet_bytes {
    corr_smb_bytes_sink *sink;
    void *context;
    uint64_t begun, lost;
    size_t used; /* slots */
    struct slot slots[SLOT_COUNT];
};

enum etw_status smb_packet_bytes_new(corr_smb_bytes_sink *sink, void *context,
                                     struct smb_packet_bytes **out, struct etw_error *error)
{
    struct smb_packet_bytes *bytes = calloc(1, sizeof(*bytes));
    if (!bytes) {
        return etw_fail_memory(error, "SMB messages");
    }
    bytes->sink = sink;
    bytes->context = context;
    *out = bytes;
    return ETW_OK;
}

void smb_packet_bytes_free(struct smb_packet_bytes *bytes)
{
    if (bytes) {
        for (size_t i = 0; i < SLOT_COUNT; i++) {
            free(bytes->slots[i].data);
        }
        free(bytes);
    }
}

uint64_t smb_packet_bytes_lost(const struct smb_packet_bytes *bytes)
{
    return bytes->lost;
}

/* ---- what is around a message ---- */

/* FE 'SMB', FF (SMB1), FD (encrypted), FC (compressed). [documented: MS-SMB2 2.2] */
static bool is_protocol_id(const uint8_t *p)
{
    return p[0] >= 0xFC && p[1] == 'S' && p[2] == 'M' && p[3] == 'B';
}

static bool begins_message(const struct bytes *data)
{
    return bytes_left(data) >= 4 && is_protocol_id(data->data + data->position);
}

/* Something that stands before the message says how long it is. */
static void set_size(struct corr_smb_bytes *about, const struct bytes *message, uint64_t size)
{
    uint64_t left = bytes_left(message);
    about->is_cut = about->is_cut || size > left;
    about->has_size = true;
    about->size = size > left ? size : left;
}

/* On TCP each message has a zero byte and 24 bits of length before it. */
static bool skip_transport(struct bytes *data, struct corr_smb_bytes *about)
{
    struct bytes ahead = *data;
    const uint8_t *length = bytes_take(&ahead, 4);
    if (!length || length[0] != 0 || !begins_message(&ahead)) {
        return false;
    }
    set_size(about, &ahead, (uint64_t)length[1] << 16 | (uint64_t)length[2] << 8 | length[3]);
    *data = ahead;
    return true;
}

#define FAMILY_IPV4 2
#define FAMILY_IPV6 23

/* A SOCKADDR; as in etw/providers/binding.c. */
static struct corr_endpoint read_peer(struct bytes sockaddr)
{
    struct corr_endpoint peer = {.size = 0};
    uint16_t family = bytes_u16(&sockaddr);
    const uint8_t *port = bytes_take(&sockaddr, 2);
    bytes_skip(&sockaddr, family == FAMILY_IPV6 ? 4 : 0);
    uint8_t size = family == FAMILY_IPV4 ? 4 : family == FAMILY_IPV6 ? 16 : 0;
    const uint8_t *address = bytes_take(&sockaddr, size);
    if (size && address) {
        peer.size = size;
        peer.port = load_be16(port);
        memcpy(peer.bytes, address, size);
    }
    return peer;
}

/* Fragments may be those of the whole event: connection type, the peer's address behind its
 * length, the message behind its length. [documented: the fields of the event] */
static bool skip_event(struct bytes *data, struct corr_smb_bytes *about)
{
    struct bytes ahead = *data;
    bytes_skip(&ahead, 4);
    struct bytes sockaddr = bytes_sub(&ahead, bytes_u32(&ahead));
    uint32_t size = bytes_u32(&ahead);
    if (ahead.failed) {
        return false;
    }
    if (begins_message(&ahead)) {
        set_size(about, &ahead, size);
    } else if (!skip_transport(&ahead, about)) {
        return false;
    }
    if (about->peer.size == 0) {
        about->peer = read_peer(sockaddr);
    }
    *data = ahead;
    return true;
}

/* ---- which way it went ---- */

#define SMB2_FLAGS_OFFSET 16
#define SMB1_FLAGS_OFFSET 9
#define SMB2_IS_RESPONSE  0x01
#define SMB1_IS_RESPONSE  0x80

/* Where the keywords do not say: a client sends requests and a server responses. Encrypted and
 * compressed messages do not show what they are. [documented: MS-SMB2 2.2.1, MS-CIFS 2.2.3.1] */
static void infer_way(const struct bytes *data, struct corr_smb_bytes *about)
{
    const uint8_t *message = data->data + data->position;
    bool is_smb2 = begins_message(data) && message[0] == 0xFE;
    bool is_smb1 = begins_message(data) && message[0] == 0xFF;
    size_t at = is_smb2 ? SMB2_FLAGS_OFFSET : SMB1_FLAGS_OFFSET;
    if (about->has_way || !(is_smb1 || is_smb2) || bytes_left(data) <= at) {
        return;
    }
    bool is_response = (message[at] & (is_smb2 ? SMB2_IS_RESPONSE : SMB1_IS_RESPONSE)) != 0;
    about->has_way = true;
    about->is_sent = is_response == (about->source == CORR_SMB_SERVER_EVENTS);
}

static enum etw_status deliver(struct smb_packet_bytes *bytes, struct corr_smb_bytes *about,
                               struct bytes data, struct etw_error *error)
{
    if (!begins_message(&data) && !skip_transport(&data, about)) {
        (void)skip_event(&data, about);
    }
    infer_way(&data, about);
    about->is_readable = begins_message(&data);
    about->missing =
        about->has_size && about->size > bytes_left(&data) ? about->size - bytes_left(&data) : 0;
    about->data = bytes_of(data.data + data.position, bytes_left(&data));
    return bytes->sink(bytes->context, about, true) ? ETW_OK
                                                    : etw_fail_memory(error, "SMB messages");
}

/* ---- fragments ---- */

static struct corr_smb_bytes describe(const struct etw_event *event)
{
    const struct etw_smb *smb = &event->u.smb;
    const struct etw_record *record = event->record;
    return (struct corr_smb_bytes){
        .source = smb->socket.layer == ETW_LAYER_SMB_SERVER ? CORR_SMB_SERVER_EVENTS
                                                            : CORR_SMB_CLIENT_EVENTS,
        .time = record->time,
        .last_time = record->time,
        .offset = record->offset,
        .fragments = 1,
        .has_way = smb->has_way,
        .is_sent = smb->is_sent,
        .peer = corr_endpoint_of_event(&smb->socket.remote),
        .socket = UINT32_MAX,
        .process = UINT32_MAX,
        .header_pid = record->process_id,
        .header_tid = record->thread_id,
    };
}

static bool is_slot_of(const struct slot *slot, const struct corr_smb_bytes *about, uint32_t cpu)
{
    return slot->is_used && slot->thread == about->header_tid &&
           (slot->thread != 0 || slot->cpu == cpu) && slot->about.source == about->source &&
           slot->about.has_way == about->has_way && slot->about.is_sent == about->is_sent;
}

static struct slot *find_slot(struct smb_packet_bytes *bytes, const struct corr_smb_bytes *about,
                              uint32_t cpu)
{
    for (size_t i = 0; i < SLOT_COUNT; i++) {
        if (is_slot_of(&bytes->slots[i], about, cpu)) {
            return &bytes->slots[i];
        }
    }
    return NULL;
}

static void release(struct smb_packet_bytes *bytes, struct slot *slot)
{
    free(slot->data);
    *slot = (struct slot){.is_used = false};
    bytes->used--;
}

static enum etw_status end_slot(struct smb_packet_bytes *bytes, struct slot *slot, bool has_end,
                                struct etw_error *error)
{
    slot->about.is_cut = slot->about.is_cut || !has_end;
    slot->about.has_size = has_end;
    slot->about.size = slot->stated;
    enum etw_status status = deliver(bytes, &slot->about, bytes_of(slot->data, slot->size), error);
    release(bytes, slot);
    return status;
}

/* NULL: none is in use. */
static struct slot *find_oldest(struct smb_packet_bytes *bytes)
{
    struct slot *oldest = NULL;
    for (size_t i = 0; i < SLOT_COUNT; i++) {
        struct slot *slot = &bytes->slots[i];
        if (slot->is_used && (!oldest || slot->about.number < oldest->about.number)) {
            oldest = slot;
        }
    }
    return oldest;
}

static struct slot *find_free(struct smb_packet_bytes *bytes)
{
    for (size_t i = 0; i < SLOT_COUNT; i++) {
        if (!bytes->slots[i].is_used) {
            return &bytes->slots[i];
        }
    }
    return NULL;
}

static enum etw_status begin_slot(struct smb_packet_bytes *bytes,
                                  const struct corr_smb_bytes *about, uint32_t cpu,
                                  struct slot **out, struct etw_error *error)
{
    enum etw_status status = ETW_OK;
    struct slot *slot = find_free(bytes);
    if (!slot) {
        slot = find_oldest(bytes);
        status = end_slot(bytes, slot, false, error);
    }
    *slot =
        (struct slot){.is_used = true, .thread = about->header_tid, .cpu = cpu, .about = *about};
    slot->about.number = ++bytes->begun;
    slot->about.fragments = 0;
    bytes->used++;
    *out = slot;
    if (!status && !bytes->sink(bytes->context, &slot->about, false)) {
        status = etw_fail_memory(error, "SMB messages");
    }
    return status;
}

static size_t count_held(const struct smb_packet_bytes *bytes)
{
    size_t held = 0;
    for (size_t i = 0; i < SLOT_COUNT; i++) {
        held += bytes->slots[i].capacity;
    }
    return held;
}

/* How long the part is, whatever of it was logged. */
static uint64_t stated_size(const struct etw_smb *smb)
{
    bool is_stated = (smb->socket.has & ETW_HAS_BYTES) && smb->socket.bytes > smb->data.size;
    return is_stated ? smb->socket.bytes : smb->data.size;
}

static bool has_room(const struct smb_packet_bytes *bytes, const struct slot *slot, size_t size)
{
    return size <= MESSAGE_MAXIMUM - slot->size &&
           (slot->size + size <= slot->capacity ||
            count_held(bytes) + slot->size + size <= HELD_MAXIMUM);
}

/* What is too much is left out, and the message is cut; so is what follows missing bytes. */
static enum etw_status append(struct smb_packet_bytes *bytes, struct slot *slot,
                              const struct etw_event *event, struct etw_error *error)
{
    struct bytes data = event->u.smb.data;
    uint64_t stated = stated_size(&event->u.smb);
    void *grown = slot->data;
    slot->about.fragments++;
    slot->about.last_time = event->record->time;
    slot->stated += stated;
    slot->has_hole = slot->has_hole || !has_room(bytes, slot, data.size);
    if (!slot->has_hole && data.size) {
        if (!array_grow(&grown, &slot->capacity, slot->size + data.size, 1)) {
            return etw_fail_memory(error, "SMB messages");
        }
        slot->data = grown;
        memcpy(slot->data + slot->size, data.data, data.size);
        slot->size += data.size;
    }
    slot->has_hole = slot->has_hole || event->is_incomplete || stated > data.size;
    slot->about.is_cut = slot->has_hole;
    return ETW_OK;
}

static enum etw_status take_part(struct smb_packet_bytes *bytes, struct corr_smb_bytes *about,
                                 const struct etw_event *event, struct etw_error *error)
{
    uint32_t cpu = event->record->cpu;
    bool is_start = event->u.smb.is_start;
    struct slot *slot = find_slot(bytes, about, cpu);
    enum etw_status status = ETW_OK;
    if (slot && is_start) {
        status = end_slot(bytes, slot, false, error);
        slot = NULL;
    }
    if (!slot && !is_start) {
        bytes->lost++;
        return ETW_OK;
    }
    if (!status && !slot) {
        status = begin_slot(bytes, about, cpu, &slot, error);
    }
    if (!status) {
        status = append(bytes, slot, event, error);
    }
    return status || !event->u.smb.is_end ? status : end_slot(bytes, slot, true, error);
}

static bool waits_too_long(const struct slot *slot, int64_t time)
{
    return slot->is_used && time > corr_time_shift(slot->about.last_time, FRAGMENT_GAP);
}

enum etw_status smb_packet_bytes_pass(struct smb_packet_bytes *bytes, int64_t time,
                                      struct etw_error *error)
{
    enum etw_status status = ETW_OK;
    for (size_t i = 0; bytes->used > 0 && !status && i < SLOT_COUNT; i++) {
        if (waits_too_long(&bytes->slots[i], time)) {
            status = end_slot(bytes, &bytes->slots[i], false, error);
        }
    }
    return status;
}

enum etw_status smb_packet_bytes_feed(struct smb_packet_bytes *bytes, const struct etw_event *event,
                                      struct etw_error *error)
{
    const struct etw_smb *smb = &event->u.smb;
    struct corr_smb_bytes about = describe(event);
    if (smb->is_start && smb->is_end) {
        about.number = ++bytes->begun;
        about.has_size = !event->is_incomplete || (smb->socket.has & ETW_HAS_BYTES);
        about.size = stated_size(smb);
        about.is_cut = event->is_incomplete || about.size > smb->data.size;
        return deliver(bytes, &about, smb->data, error);
    }
    return take_part(bytes, &about, event, error);
}

enum etw_status smb_packet_bytes_finish(struct smb_packet_bytes *bytes, struct etw_error *error)
{
    enum etw_status status = ETW_OK;
    for (struct slot *slot = find_oldest(bytes); slot && !status; slot = find_oldest(bytes)) {
        status = end_slot(bytes, slot, false, error);
    }
    return status;
}
