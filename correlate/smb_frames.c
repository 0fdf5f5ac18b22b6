/* SPDX-License-Identifier: MIT */
/*
 * smb_frames.c - SMB 2 and 3, encrypted and compressed messages; SMB1 is in smb1_frames.c.
 *
 * Header of SMB 2 and 3, 64 bytes [documented: MS-SMB2 2.2.1]:
 *
 *    0  u8[4]  FE 'SMB'                 20  u32  next command: offset of the next part, 0: last
 *    4  u16    64                       24  u64  message id
 *    6  u16    credit charge            32  u64  async id; else u32 reserved, u32 tree id
 *    8  u32    status of a response     40  u64  session id
 *   12  u16    command                  48  u8[16]  signature
 *   14  u16    credits
 *   16  u32    flags
 *
 * Encrypted [documented: MS-SMB2 2.2.41]: FD 'SMB', signature 16, nonce 16, u32 size before,
 * u16, u16, u64 session id. Compressed [documented: MS-SMB2 2.2.42]: FC 'SMB', u32 size before,
 * u16 algorithm, u16 flags (1: chained), u32. The last number is how many bytes stand plain behind
 * it; in a chained one it is that when the first algorithm is 0.
 */
#include "correlate/smb_frames.h"

#include <string.h>

#include "correlate/smb1_frames.h"

enum {
    HEADER_SIZE = 64,
    FLAG_RESPONSE = 0x1,
    FLAG_ASYNC = 0x2,
    FLAG_RELATED = 0x4,
    FLAG_SIGNED = 0x8,
    TRANSFORM_SESSION_AT = 44,
    TRANSFORM_SIZE = 52,
    COMPRESSION_SIZE = 16,
    RENAME_KIND = 0x0A01 /* of a file: FileRenameInformation */
};

#define STATUS_PENDING UINT32_C(0x00000103)
#define STATUS_SEVERE  UINT32_C(0xC0000000)

/* ---- bodies ---- */

enum text_kind { TEXT_NONE, TEXT_SHARE, TEXT_FILE, TEXT_NEW_NAME };

/* Where the members stand in a body; 0: it has none. The body begins with its own size, which
 * tells it from an error's. `text_at`: u16 offset from the header, u16 size. */
struct body_row {
    uint8_t command; /* enum corr_smb_command */
    bool is_response;
    uint8_t size; /* as it says itself */
    uint8_t file_id_at, length_at, offset_at, code_at, dialect_at, text_at;
    uint8_t text; /* enum text_kind */
};

/* [documented: MS-SMB2 2.2.3 to 2.2.40] */
static const struct body_row body_rows[] = {
    {CORR_SMB_NEGOTIATE, true, 65, .dialect_at = 4},
    {CORR_SMB_TREE_CONNECT, false, 9, .text_at = 4, .text = TEXT_SHARE},
    {CORR_SMB_CREATE, false, 57, .text_at = 44, .text = TEXT_FILE},
    {CORR_SMB_CREATE, true, 89, .file_id_at = 64},
    {CORR_SMB_CLOSE, false, 24, .file_id_at = 8},
    {CORR_SMB_FLUSH, false, 24, .file_id_at = 8},
    {CORR_SMB_READ, false, 49, .file_id_at = 16, .length_at = 4, .offset_at = 8},
    {CORR_SMB_READ, true, 17, .length_at = 4},
    {CORR_SMB_WRITE, false, 49, .file_id_at = 16, .length_at = 4, .offset_at = 8},
    {CORR_SMB_WRITE, true, 17, .length_at = 4},
    {CORR_SMB_LOCK, false, 48, .file_id_at = 8},
    {CORR_SMB_IOCTL, false, 57, .file_id_at = 8, .length_at = 28, .code_at = 4},
    {CORR_SMB_IOCTL, true, 49, .file_id_at = 8, .length_at = 36, .code_at = 4},
    {CORR_SMB_QUERY_DIRECTORY, false, 33, .file_id_at = 8, .length_at = 28},
    {CORR_SMB_QUERY_DIRECTORY, true, 9, .length_at = 4},
    {CORR_SMB_CHANGE_NOTIFY, false, 32, .file_id_at = 8, .length_at = 4},
    {CORR_SMB_CHANGE_NOTIFY, true, 9, .length_at = 4},
    {CORR_SMB_QUERY_INFO, false, 41, .file_id_at = 24, .length_at = 4},
    {CORR_SMB_QUERY_INFO, true, 9, .length_at = 4},
    {CORR_SMB_SET_INFO, false, 33, .file_id_at = 16, .length_at = 4, .text = TEXT_NEW_NAME},
    {CORR_SMB_OPLOCK_BREAK, false, 24, .file_id_at = 8},
    {CORR_SMB_OPLOCK_BREAK, true, 24, .file_id_at = 8},
};

/* NULL: the body has nothing that we look for, or is that of an error or of a promise. */
static const struct body_row *find_body(const uint8_t *header, const uint8_t *body)
{
    bool is_response = (load_u32(header + 16) & FLAG_RESPONSE) != 0;
    uint32_t status = load_u32(header + 8);
    if (is_response && (status >= STATUS_SEVERE || status == STATUS_PENDING)) {
        return NULL;
    }
    for (size_t i = 0; i < sizeof(body_rows) / sizeof(body_rows[0]); i++) {
        const struct body_row *row = &body_rows[i];
        if (row->command == load_u16(header + 12) && row->is_response == is_response &&
            row->size == load_u16(body)) {
            return row;
        }
    }
    return NULL;
}

/* The new name in what a SET_INFO sets; nothing when it is no rename. The buffer has 16 bytes
 * before the length of the name. [documented: MS-FSCC 2.4.42.2] */
static struct bytes locate_new_name(struct bytes part)
{
    struct bytes none = {.data = NULL};
    bytes_seek(&part, HEADER_SIZE + 2);
    bool is_rename = bytes_u16(&part) == RENAME_KIND;
    uint32_t size = bytes_u32(&part);
    uint16_t at = bytes_u16(&part);
    bytes_seek(&part, (size_t)at + 16);
    uint32_t length = bytes_u32(&part);
    if (!is_rename || part.failed || size < 20 || length > size - 20) {
        return none;
    }
    return (struct bytes){.data = part.data, .size = length, .position = part.position};
}

/* Where a text stands: `position` and `size`, in the part or behind what is there of it. */
static struct bytes locate_text(struct bytes part, const struct body_row *row)
{
    if (row->text == TEXT_NEW_NAME) {
        return locate_new_name(part);
    }
    bytes_seek(&part, HEADER_SIZE + (size_t)row->text_at);
    uint16_t at = bytes_u16(&part);
    uint16_t size = bytes_u16(&part);
    if (part.failed || at < HEADER_SIZE) {
        return (struct bytes){.data = NULL};
    }
    return (struct bytes){.data = part.data, .size = size, .position = at};
}

/* What is there of the text, in whole characters. */
static struct bytes take_text(struct bytes part, struct bytes place)
{
    bytes_seek(&part, place.position);
    size_t size = place.size < bytes_left(&part) ? place.size : bytes_left(&part);
    return bytes_sub(&part, size & ~(size_t)1);
}

/* ---- members ---- */

static void set(struct corr_smb_message *message, uint32_t member, bool has)
{
    message->has |= has ? member : 0;
}

static void read_file_id(struct bytes part, const struct body_row *row,
                         struct corr_smb_message *message)
{
    bytes_seek(&part, HEADER_SIZE + (size_t)row->file_id_at);
    struct corr_smb_file_id id = {bytes_u64(&part), 0};
    id.volatile_part = bytes_u64(&part);
    bool is_previous = id.persistent == UINT64_MAX && id.volatile_part == UINT64_MAX;
    if (!part.failed && row->file_id_at && !is_previous) {
        message->file_id = id;
        set(message, CORR_SMB_HAS_FILE_ID, true);
    }
}

static bool read_u32(struct bytes part, uint8_t at, uint32_t *value)
{
    bytes_seek(&part, HEADER_SIZE + (size_t)at);
    uint32_t found = bytes_u32(&part);
    if (at == 0 || part.failed) {
        return false;
    }
    *value = found;
    return true;
}

static void read_numbers(struct bytes part, const struct body_row *row,
                         struct corr_smb_message *message)
{
    set(message, CORR_SMB_HAS_LENGTH, read_u32(part, row->length_at, &message->length));
    set(message, CORR_SMB_HAS_CONTROL_CODE, read_u32(part, row->code_at, &message->control_code));
    bytes_seek(&part, HEADER_SIZE + (size_t)row->offset_at);
    uint64_t offset = bytes_u64(&part);
    if (row->offset_at && !part.failed) {
        message->data_offset = offset;
        set(message, CORR_SMB_HAS_OFFSET, true);
    }
    uint32_t dialect = 0;
    set(message, CORR_SMB_HAS_DIALECT, read_u32(part, row->dialect_at, &dialect));
    message->dialect = (uint16_t)dialect;
}

static void read_texts(struct bytes part, const struct body_row *row,
                       struct corr_smb_message *message)
{
    struct bytes *const texts[] = {NULL, &message->share, &message->file, &message->new_name};
    struct bytes place = locate_text(part, row);
    if (texts[row->text] && place.data) {
        *texts[row->text] = take_text(part, place);
        set(message, CORR_SMB_IS_CUT, texts[row->text]->size + 1 < place.size);
    }
}

static void read_body(struct bytes part, struct corr_smb_message *message)
{
    const struct body_row *row =
        part.size >= HEADER_SIZE + 2 ? find_body(part.data, part.data + HEADER_SIZE) : NULL;
    if (row) {
        read_file_id(part, row, message);
        read_numbers(part, row, message);
        read_texts(part, row, message);
    }
}

static void read_flags(uint32_t flags, struct corr_smb_message *message)
{
    message->has &= ~(uint32_t)CORR_SMB_IS_RESPONSE;
    set(message, CORR_SMB_IS_RESPONSE, (flags & FLAG_RESPONSE) != 0);
    set(message, CORR_SMB_IS_ASYNC, (flags & FLAG_ASYNC) != 0);
    set(message, CORR_SMB_IS_RELATED, (flags & FLAG_RELATED) != 0);
    set(message, CORR_SMB_IS_SIGNED, (flags & FLAG_SIGNED) != 0);
}

/* Session and tree; all ones in a related part say: those of the part before. */
static void read_ids(const uint8_t *header, struct smb_chain *chain,
                     struct corr_smb_message *message)
{
    bool is_related = chain->has_previous && (message->has & CORR_SMB_IS_RELATED) != 0;
    bool is_async = (message->has & CORR_SMB_IS_ASYNC) != 0;
    uint64_t session = load_u64(header + 40);
    uint32_t tree = is_async ? 0 : load_u32(header + 36);
    message->session_id = is_related && session == UINT64_MAX ? chain->session_id : session;
    message->tree_id = is_related && tree == UINT32_MAX ? chain->tree_id : tree;
    message->async_id = is_async ? load_u64(header + 32) : 0;
    set(message, CORR_SMB_HAS_SESSION, message->session_id != 0);
    set(message, CORR_SMB_HAS_TREE, message->tree_id != 0);
    *chain = (struct smb_chain){true, message->session_id, message->tree_id};
}

static void read_header(const uint8_t *header, struct smb_chain *chain,
                        struct corr_smb_message *message)
{
    uint16_t command = load_u16(header + 12);
    message->kind = CORR_SMB_2;
    message->command = command < CORR_SMB_COMMAND_COUNT ? (uint8_t)command : CORR_SMB_OTHER;
    message->command_number = command;
    message->message_id = load_u64(header + 24);
    message->credit_charge = load_u16(header + 6);
    message->credits = load_u16(header + 14);
    set(message, CORR_SMB_HAS_CREDITS, true);
    read_flags(load_u32(header + 16), message);
    read_ids(header, chain, message);
    if ((message->has & CORR_SMB_IS_RESPONSE) != 0) {
        message->status = load_u32(header + 8);
        set(message, CORR_SMB_HAS_STATUS, true);
        set(message, CORR_SMB_IS_INTERIM,
            (message->has & CORR_SMB_IS_ASYNC) != 0 && message->status == STATUS_PENDING);
    }
}

/* ---- the four kinds ---- */

static bool read_smb2(struct bytes part, struct smb_chain *chain, struct corr_smb_message *message,
                      corr_smb_sink *sink, void *context)
{
    if (part.size < HEADER_SIZE || load_u16(part.data + 4) != HEADER_SIZE) {
        return true;
    }
    read_header(part.data, chain, message);
    read_body(part, message);
    return sink(context, message);
}

static bool read_encrypted(struct bytes part, struct smb_chain *chain,
                           struct corr_smb_message *message, corr_smb_sink *sink, void *context)
{
    (void)chain;
    if (part.size < TRANSFORM_SIZE) {
        return true;
    }
    message->kind = CORR_SMB_ENCRYPTED;
    message->command = CORR_SMB_OTHER;
    message->session_id = load_u64(part.data + TRANSFORM_SESSION_AT);
    set(message, CORR_SMB_HAS_SESSION, true);
    return sink(context, message);
}

/* What stands plain behind the header of a compressed message. */
static struct bytes take_plain(struct bytes part)
{
    bool is_chained = (load_u16(part.data + 10) & 1) != 0;
    uint32_t plain = load_u32(part.data + 12);
    bool has_plain = !is_chained || load_u16(part.data + 8) == 0;
    bytes_seek(&part, COMPRESSION_SIZE);
    size_t left = bytes_left(&part);
    return bytes_sub(&part, !has_plain ? 0 : plain < left ? plain : left);
}

static bool read_compressed(struct bytes part, struct smb_chain *chain,
                            struct corr_smb_message *message, corr_smb_sink *sink, void *context)
{
    if (part.size < COMPRESSION_SIZE) {
        return true;
    }
    struct bytes plain = take_plain(part);
    message->command = CORR_SMB_OTHER;
    if (plain.size >= HEADER_SIZE && plain.data[0] == 0xFE && smb_is_sign(plain.data) &&
        load_u16(plain.data + 4) == HEADER_SIZE) {
        read_header(plain.data, chain, message);
        read_body(plain, message);
    }
    message->kind = CORR_SMB_COMPRESSED;
    return sink(context, message);
}

static bool read_smb1(struct bytes part, struct smb_chain *chain, struct corr_smb_message *message,
                      corr_smb_sink *sink, void *context)
{
    (void)chain;
    return smb1_frame_read(part, message, sink, context);
}

/* By the first byte, from FC on. */
static bool (*const readers[])(struct bytes part, struct smb_chain *chain,
                               struct corr_smb_message *message, corr_smb_sink *sink,
                               void *context) = {read_compressed, read_encrypted, read_smb2,
                                                 read_smb1};

bool smb_is_sign(const uint8_t sign[4])
{
    return sign[0] >= 0xFC && sign[1] == 'S' && sign[2] == 'M' && sign[3] == 'B';
}

/* ---- parts ---- */

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* Offset of the next part; 0 when there is none, or it makes no sense. */
static uint32_t next_part(const uint8_t *header, uint32_t left)
{
    uint32_t next = load_u32(header + 20);
    return next >= HEADER_SIZE && next % 8 == 0 && next < left ? next : 0;
}

/* Bytes up to the end of the text that the body has. */
static uint32_t wanted_by_text(struct bytes start)
{
    const struct body_row *row =
        start.size >= HEADER_SIZE + 2 ? find_body(start.data, start.data + HEADER_SIZE) : NULL;
    struct bytes place = {.data = NULL};
    if (row && row->text) {
        place = locate_text(start, row);
    }
    return place.data && place.size < SMB_PART_MAXIMUM ? (uint32_t)(place.position + place.size)
                                                       : 0;
}

struct smb_measure smb_part_measure(struct bytes start, uint32_t left)
{
    struct smb_measure measure = {left, least(left, SMB_PART_START)};
    if (start.size < 4 || !smb_is_sign(start.data)) {
        return measure;
    }
    if (start.data[0] == 0xFF) {
        measure.wanted = smb1_frame_wanted(start);
    } else if (start.data[0] == 0xFE && start.size >= HEADER_SIZE) {
        uint32_t next = next_part(start.data, left);
        measure.size = next ? next : left;
        uint32_t wanted = wanted_by_text(start);
        measure.wanted = wanted > SMB_PART_START ? wanted : SMB_PART_START;
    }
    measure.wanted = least(least(measure.wanted, SMB_PART_MAXIMUM), measure.size);
    return measure;
}

bool smb_part_read(struct bytes part, uint32_t size, struct smb_chain *chain,
                   const struct corr_smb_message *given, corr_smb_sink *sink, void *context)
{
    if (part.size < 4 || !smb_is_sign(part.data)) {
        return true;
    }
    struct corr_smb_message message = *given;
    message.has &= CORR_SMB_IS_CUT | CORR_SMB_IS_RESPONSE;
    message.size = size;
    struct bytes start = bytes_of(part.data, least(SMB_PART_START, (uint32_t)part.size));
    set(&message, CORR_SMB_IS_CUT, part.size < smb_part_measure(start, size).wanted);
    return readers[part.data[0] - 0xFC](bytes_of(part.data, part.size), chain, &message, sink,
                                        context);
}

bool smb_frames_read(struct bytes message, const struct corr_smb_message *given,
                     corr_smb_sink *sink, void *context)
{
    struct bytes rest = bytes_rest(&message);
    uint32_t there = rest.size < UINT32_MAX ? (uint32_t)rest.size : UINT32_MAX;
    uint32_t left = given->size > there ? given->size : there;
    struct smb_chain chain = {false, 0, 0};
    bool is_good = true;
    while (is_good && there > 0) {
        struct bytes start = bytes_of(rest.data, least(there, SMB_PART_START));
        struct smb_measure measure = smb_part_measure(start, left);
        struct corr_smb_message one = *given;
        set(&one, CORR_SMB_IS_CUT, there < measure.size);
        is_good = smb_part_read(bytes_of(rest.data, least(there, measure.size)), measure.size,
                                &chain, &one, sink, context);
        uint32_t step = least(there, measure.size);
        rest.data += step;
        there -= step;
        left -= measure.size;
    }
    return is_good;
}
