/* SPDX-License-Identifier: MIT */
#include "correlate/smb_reader.h"

#include <stdlib.h>
#include <string.h>

#include "correlate/smb_operations.h"
#include "etw/base/array.h"

enum {
    FRAME_SIZE = 4,
    SIGN_SIZE = 4,
    SHORTEST_MESSAGE = 32,
    FIRST_LOOK = 64,    /* of a part: enough to know where it ends */
    KEPT_CAPACITY = 512 /* of the beginning of a part; larger ones are freed after it */
};

/* A window of which nothing was seen: no message begins with ones. */
#define UNSEEN UINT64_MAX

void smb_reader_init(struct smb_reader *reader, uint64_t connection, bool is_response,
                     bool is_at_start)
{
    *reader = (struct smb_reader){.state = is_at_start ? SMB_FRAMING : SMB_SEEKING,
                                  .window = UNSEEN,
                                  .connection = connection,
                                  .is_response = is_response};
}

void smb_reader_free(struct smb_reading *reading, struct smb_reader *reader)
{
    reading->held -= reader->head_capacity;
    free(reader->head);
    reader->head = NULL;
    reader->head_size = 0;
    reader->head_capacity = 0;
}

/* ---- messages ---- */

static bool count_and_give(void *context, const struct corr_smb_message *message)
{
    struct smb_reading *reading = context;
    struct corr_smb_stream_counts *counts = &reading->counts;
    counts->messages++;
    counts->cut += (message->has & CORR_SMB_IS_CUT) != 0;
    counts->encrypted += message->kind == CORR_SMB_ENCRYPTED;
    counts->compressed += message->kind == CORR_SMB_COMPRESSED;
    counts->unknown += !corr_smb_is_known(message);
    return reading->sink(reading->context, message);
}

/* What its bytes do not tell of a message that began here and ended there. */
static struct corr_smb_message given_by(const struct smb_reader *reader,
                                        const struct smb_place *first, const struct smb_place *last)
{
    return (struct corr_smb_message){
        .source = CORR_SMB_PACKETS,
        .has = (reader->is_cut ? (uint32_t)CORR_SMB_IS_CUT : 0) |
               (reader->is_response ? (uint32_t)CORR_SMB_IS_RESPONSE : 0),
        .time = first->time,
        .last_time = last->time,
        .frame = first->frame,
        .last_frame = last->frame,
        .offset = first->offset,
        .socket = first->socket,
        .connection = reader->connection,
        .header_pid = first->header_pid,
        .header_tid = first->header_tid,
        .pause = reader->pause,
    };
}

static bool give_part(struct smb_reading *reading, struct smb_reader *reader)
{
    const struct corr_smb_message given = given_by(reader, &reader->first, &reader->last);
    return smb_part_read(bytes_of(reader->head, reader->head_size), reader->part.size,
                         &reader->chain, &given, count_and_give, reading);
}

/* The packet here has bytes of the part. */
static bool tell_bytes(struct smb_reading *reading, const struct smb_reader *reader,
                       const struct smb_place *place)
{
    if (!reading->bytes_sink || reader->state != SMB_INSIDE || reader->head_size < FIRST_LOOK) {
        return true;
    }
    const struct corr_smb_message given = given_by(reader, place, place);
    struct smb_chain chain = reader->chain; /* it moves on when the part is whole */
    return smb_part_read(bytes_of(reader->head, reader->head_size), reader->part.size, &chain,
                         &given, reading->bytes_sink, reading->context);
}

static void begin_part(struct smb_reader *reader)
{
    reader->part = (struct smb_measure){
        reader->left, reader->left < FIRST_LOOK ? reader->left : (uint32_t)FIRST_LOOK};
    reader->done = 0;
    reader->head_size = 0;
    reader->is_cut = false;
    reader->pause = (struct corr_smb_pause){0, 0, false};
}

static void begin_framing(struct smb_reading *reading, struct smb_reader *reader)
{
    reader->state = SMB_FRAMING;
    reader->framed = 0;
    reader->window = UNSEEN;
    if (reader->head_capacity > KEPT_CAPACITY) {
        smb_reader_free(reading, reader);
    }
}

/* After the last byte of a part. */
static bool end_part(struct smb_reading *reading, struct smb_reader *reader)
{
    bool is_good = reader->state == SMB_PASSING || give_part(reading, reader);
    if (reader->left > 0) {
        begin_part(reader);
    } else {
        begin_framing(reading, reader);
    }
    return is_good;
}

/* ---- the beginning of a part, which is kept ---- */

/* False: there is no room for it, or no memory. */
static bool keep(struct smb_reading *reading, struct smb_reader *reader, const uint8_t *data,
                 size_t size)
{
    if (reader->head_size + size > reader->head_capacity) {
        void *grown = reader->head;
        size_t before = reader->head_capacity;
        if (reading->held + size > CORR_SMB_HELD_BYTES ||
            !array_grow(&grown, &reader->head_capacity, reader->head_size + size, 1)) {
            return false;
        }
        reader->head = grown;
        reading->held += reader->head_capacity - before;
    }
    memcpy(reader->head + reader->head_size, data, size);
    reader->head_size += size;
    return true;
}

/* Enough is kept to say more about the part. */
static void measure(struct smb_reader *reader)
{
    size_t known = reader->head_size < SMB_PART_START ? reader->head_size : SMB_PART_START;
    reader->part = smb_part_measure(bytes_of(reader->head, known), reader->left + reader->done);
}

/* No more of the part is kept. */
static void give_up_head(struct smb_reader *reader)
{
    reader->part.wanted = reader->done;
    reader->is_cut = true;
}

static void pass(struct smb_reader *reader, uint32_t size)
{
    reader->done += size;
    reader->left -= size;
}

static void note_pause(struct smb_reader *reader, const struct smb_place *place)
{
    /* unsigned: the times of a damaged trace may lie too far apart */
    uint64_t time = (uint64_t)place->time - (uint64_t)reader->last.time;
    if (time > (uint64_t)reader->pause.duration && time <= INT64_MAX) {
        reader->pause =
            (struct corr_smb_pause){(int64_t)time, reader->done, place->is_all_acknowledged};
    }
}

static void note_place(struct smb_reader *reader, const struct smb_place *place)
{
    if (reader->done == 0) {
        reader->first = *place;
        reader->last = *place;
    } else if (place->time >= reader->last.time) {
        note_pause(reader, place);
        reader->last = *place;
    }
}

/* Takes bytes up to the next place where something is decided; returns how many. */
static uint32_t take_inside(struct smb_reading *reading, struct smb_reader *reader,
                            const uint8_t *data, size_t size, const struct smb_place *place)
{
    bool is_kept = reader->done < reader->part.wanted;
    uint32_t end = is_kept ? reader->part.wanted : reader->part.size;
    uint32_t step = size < end - reader->done ? (uint32_t)size : end - reader->done;
    note_place(reader, place);
    if (is_kept && !keep(reading, reader, data, step)) {
        give_up_head(reader);
    }
    pass(reader, step);
    if (reader->done == reader->part.wanted && is_kept) {
        measure(reader);
    }
    return step;
}

/* ---- between messages ---- */

static bool is_sign_in(uint64_t window)
{
    const uint8_t sign[SIGN_SIZE] = {(uint8_t)(window >> 24), (uint8_t)(window >> 16),
                                     (uint8_t)(window >> 8), (uint8_t)window};
    return smb_is_sign(sign);
}

/* Size and sign of a message stand in the window. */
static bool is_message_in(uint64_t window)
{
    return window >> 56 == 0 && (window >> 32 & 0xFFFFFF) >= SHORTEST_MESSAGE && is_sign_in(window);
}

/* The message whose size and sign stand in the window. */
static void begin_message(struct smb_reading *reading, struct smb_reader *reader,
                          const struct smb_place *place)
{
    const uint8_t sign[SIGN_SIZE] = {(uint8_t)(reader->window >> 24), 'S', 'M', 'B'};
    struct smb_place first = reader->framed ? reader->first : *place;
    reader->state = SMB_INSIDE;
    reader->left = (uint32_t)(reader->window >> 32 & 0xFFFFFF);
    reader->chain = (struct smb_chain){false, 0, 0};
    begin_part(reader);
    (void)take_inside(reading, reader, sign, SIGN_SIZE, place);
    reader->first = first;
}

static void lose(struct smb_reading *reading, struct smb_reader *reader)
{
    reading->counts.skipped_bytes += reader->framed;
    reader->state = SMB_SEEKING;
    reader->framed = 0;
}

/* Passes bytes until size and sign of a message have gone by; returns how many. */
static size_t seek(struct smb_reading *reading, struct smb_reader *reader, const uint8_t *data,
                   size_t size, const struct smb_place *place)
{
    const uint32_t letters = 0x534D42; /* 'SMB', which few bytes are */
    uint64_t window = reader->window;
    bool is_found = false;
    size_t at = 0;
    while (at < size && !is_found) {
        window = window << 8 | data[at++];
        is_found = (window & 0xFFFFFF) == letters && is_message_in(window);
    }
    reader->window = window;
    reading->counts.skipped_bytes += at;
    if (is_found) {
        reading->counts.skipped_bytes -= FRAME_SIZE + SIGN_SIZE;
        begin_message(reading, reader, place);
    }
    return at;
}

/* Kinds of packets of the session service, 81 to 85: request, responses, keep-alive. */
static bool is_session_packet(uint32_t frame)
{
    uint32_t kind = frame >> 24, flags = frame >> 16 & 0xFF;
    return kind >= 0x81 && kind <= 0x85 && flags <= 1;
}

static void read_frame(struct smb_reading *reading, struct smb_reader *reader)
{
    uint32_t frame = (uint32_t)reader->window;
    if (is_session_packet(frame)) {
        reading->counts.session++;
        reader->left = frame & 0x1FFFF;
        reader->state = SMB_PASSING;
        begin_part(reader);
        reader->part.wanted = 0;
        if (reader->left == 0) {
            begin_framing(reading, reader);
        }
    } else if (frame == 0) {
        begin_framing(reading, reader);
    } else if (frame >> 24 != 0) {
        lose(reading, reader);
    }
}

static void frame_byte(struct smb_reading *reading, struct smb_reader *reader, uint8_t byte,
                       const struct smb_place *place)
{
    if (reader->framed == 0) {
        reader->first = *place;
    }
    reader->window = reader->window << 8 | byte;
    reader->framed++;
    if (reader->framed == FRAME_SIZE) {
        read_frame(reading, reader);
    } else if (reader->framed == FRAME_SIZE + SIGN_SIZE && is_message_in(reader->window)) {
        begin_message(reading, reader, place);
    } else if (reader->framed == FRAME_SIZE + SIGN_SIZE) {
        lose(reading, reader);
    }
}

/* ---- the stream ---- */

bool smb_reader_take(struct smb_reading *reading, struct smb_reader *reader, const uint8_t *data,
                     size_t size, const struct smb_place *place)
{
    bool is_good = true;
    for (size_t at = 0; is_good && at < size;) {
        if (reader->state == SMB_SEEKING) {
            at += seek(reading, reader, data + at, size - at, place);
        } else if (reader->state == SMB_FRAMING) {
            frame_byte(reading, reader, data[at++], place);
        } else {
            at += take_inside(reading, reader, data + at, size - at, place);
            is_good = tell_bytes(reading, reader, place) &&
                      (reader->done < reader->part.size || end_part(reading, reader));
        }
    }
    return is_good;
}

bool smb_reader_miss(struct smb_reading *reading, struct smb_reader *reader, uint64_t size)
{
    bool is_good = true;
    bool is_inside = reader->state == SMB_INSIDE || reader->state == SMB_PASSING;
    while (is_good && size > 0 && is_inside) {
        uint32_t rest = reader->part.size - reader->done;
        uint32_t step = size < rest ? (uint32_t)size : rest;
        if (reader->done < reader->part.wanted) {
            give_up_head(reader);
        }
        reader->is_cut = true;
        pass(reader, step);
        size -= step;
        is_good = reader->done < reader->part.size || end_part(reading, reader);
        is_inside = reader->state == SMB_INSIDE || reader->state == SMB_PASSING;
    }
    if (size > 0) {
        lose(reading, reader);
        reader->window = UNSEEN;
    }
    return is_good;
}

bool smb_reader_end(struct smb_reading *reading, struct smb_reader *reader)
{
    bool is_good = true;
    if (reader->state == SMB_INSIDE && reader->done > 0) {
        reader->is_cut = true;
        is_good = give_part(reading, reader);
    }
    smb_reader_free(reading, reader);
    reader->state = SMB_SEEKING;
    reader->framed = 0;
    reader->window = UNSEEN;
    return is_good;
}
