/* SPDX-License-Identifier: MIT */
/* Entry: pieces of 48 bytes, each an event of the SMB client or server, or of the stack on the
 * same threads. Holds: what is told lies in memory that is there, conditions have names, messages
 * of SMB are counted, and their bytes never grow beyond what one message may have. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "correlate/smb_events.h"
#include "etw/base/bytes.h"

enum { PIECE = 48, PIECES = 512, LARGEST_MESSAGE = (1 << 24) + 4096 };

struct seen {
    uint64_t messages;
    unsigned sum; /* of all bytes: they are read */
};

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void look_at(struct seen *seen, const struct bytes *text)
{
    for (size_t i = 0; i < text->size; i++) {
        seen->sum += text->data[i];
    }
}

static bool take_message(void *context, const struct corr_smb_message *message)
{
    struct seen *seen = context;
    seen->messages++;
    look_at(seen, &message->share);
    look_at(seen, &message->file);
    look_at(seen, &message->user);
    require(message->socket == CORR_NO_ROW && message->command <= CORR_SMB_OTHER);
    require(!(message->has & CORR_SMB_IS_ASYNC) || !(message->has & CORR_SMB_HAS_TREE));
    return true;
}

static bool take_condition(void *context, const struct corr_smb_condition *condition)
{
    struct seen *seen = context;
    look_at(seen, &condition->server);
    look_at(seen, &condition->share);
    look_at(seen, &condition->file);
    look_at(seen, &condition->user);
    require(corr_smb_condition_name(condition->kind)[0] != '\0');
    require(!condition->has_duration || condition->duration >= 0);
    return true;
}

static bool take_bytes(void *context, const struct corr_smb_bytes *bytes, bool is_whole)
{
    if (!is_whole) {
        require(bytes->data.size == 0);
        return true;
    }
    look_at(context, &bytes->data);
    require(bytes->data.size <= LARGEST_MESSAGE && bytes->fragments > 0 && bytes->number > 0);
    require(!bytes->has_size || bytes->is_cut || bytes->size == bytes->data.size);
    return true;
}

static struct guid small_guid(struct bytes *b)
{
    return (struct guid){{bytes_u8(b) % 4}};
}

/* A text of the piece itself. */
static struct bytes read_text(struct bytes *b, const uint8_t *piece)
{
    uint8_t shape = bytes_u8(b);
    return bytes_of(piece + shape % 8 * 2, (size_t)(shape / 8 % 16) * 2);
}

static void read_record(struct bytes *b, struct etw_record *record)
{
    record->time =
        corr_time_shift(record->time, (int64_t)((uint64_t)bytes_u16(b) << bytes_u8(b) % 40));
    record->thread_id = bytes_u8(b) % 4;
    record->cpu = bytes_u8(b) % 2;
    record->process_id = bytes_u8(b);
    record->offset += PIECE;
}

static void read_event(struct bytes *b, const uint8_t *piece, struct etw_event *event)
{
    struct etw_smb *smb = &event->u.smb;
    struct etw_socket *socket = &smb->socket;
    socket->layer = bytes_u8(b) % (ETW_LAYER_SMB_SERVER + 1);
    socket->action = bytes_u8(b) % ETW_ACTION_COUNT;
    socket->handles[0].space = bytes_u8(b) % ETW_HANDLE_SPACE_COUNT;
    socket->handles[0].value = bytes_u8(b) % 4;
    socket->has = bytes_u32(b) & 0x7ffffffu;
    socket->remote = (struct etw_socket_address){.size = 4, .has_port = true, .port = 445};
    socket->command = bytes_u8(b);
    socket->message_id = bytes_u8(b) % 8;
    socket->session_id = bytes_u8(b) % 3;
    socket->tree_id = bytes_u8(b) % 3;
    socket->bytes = bytes_u8(b);
    socket->status = bytes_u32(b);
    smb->what = bytes_u8(b) % ETW_SMB_WHAT_COUNT;
    smb->flags = bytes_u8(b);
    smb->object = bytes_u8(b) % 4;
    smb->function = bytes_u8(b) % 24;
    smb->old_state = bytes_u8(b) % 10;
    smb->new_state = bytes_u8(b) % 10;
    smb->window_size = bytes_u8(b) % 4;
    smb->window_limit = bytes_u8(b) % 4;
    smb->connection_guid = small_guid(b);
    smb->session_guid = small_guid(b);
    smb->tree_guid = small_guid(b);
    smb->file_guid = small_guid(b);
    smb->share = read_text(b, piece);
    smb->file = read_text(b, piece);
    smb->server = smb->scope = smb->user = smb->domain = read_text(b, piece);
    smb->data = bytes_of(piece, PIECE);
    uint8_t form = bytes_u8(b);
    smb->is_start = form & 1;
    smb->is_end = form & 2;
    smb->is_sent = form & 4;
    smb->has_way = form & 8;
}

static void feed(struct corr_smb_events *smb, const uint8_t *data, size_t size)
{
    struct etw_record record = {.time = 0};
    for (size_t i = 0; i < PIECES && (i + 1) * PIECE <= size; i++) {
        const uint8_t *piece = data + i * PIECE;
        struct bytes b = bytes_of(piece, PIECE);
        struct etw_event event;
        memset(&event, 0, sizeof(event));
        event.kind = ETW_EVENT_SOCKET;
        event.record = &record;
        read_record(&b, &record);
        read_event(&b, piece, &event);
        require(!b.failed);
        require(corr_smb_events_feed(smb, &event, NULL) == ETW_OK);
    }
    require(corr_smb_events_finish(smb, NULL) == ETW_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct corr_ledger_options options = {.has_socket_events = true};
    struct seen seen = {0};
    const struct corr_smb_event_sinks sinks = {take_message, take_condition, take_bytes, &seen};
    struct corr_smb_event_counts counts;
    struct corr_ledger *ledger = NULL;
    struct corr_smb_events *smb = NULL;
    if (corr_ledger_new(&options, &ledger, NULL) || corr_ledger_finish(ledger, NULL) ||
        corr_smb_events_new(ledger, &sinks, &smb, NULL)) {
        corr_ledger_free(ledger);
        return 0;
    }
    feed(smb, data, size);
    corr_smb_events_get_counts(smb, &counts);
    require(counts.messages == seen.messages && counts.unplaced == seen.messages);
    corr_smb_events_free(smb);
    corr_ledger_free(ledger);
    return 0;
}
