/* SPDX-License-Identifier: MIT */
/*
 * smb1_frames.c - header, 32 bytes [documented: MS-CIFS 2.2.3.1]:
 *
 *    0  u8[4]  FF 'SMB'         14  u8[8]  signature
 *    4  u8     command          24  u16    tree (TID)
 *    5  u32    status           26  u16    process
 *    9  u8     flags            28  u16    user (UID): the session
 *   10  u16    flags            30  u16    multiplex id (MID)
 *   12  u16    process, high
 *
 * then for each command: u8 count of words, the words, u16 count of bytes, the bytes. The words of
 * a chained command begin with u8 next command, u8, u16 its offset from the header.
 */
#include "correlate/smb1_frames.h"

#include <string.h>

enum {
    HEADER_SIZE = 32,
    FLAG_RESPONSE = 0x80,
    FLAG2_SIGNED = 0x0004,
    FLAG2_NT_STATUS = 0x4000,
    FLAG2_UNICODE = 0x8000,
    NO_COMMAND = 0xFF,
    NO_ID = 0xFFFF,
    DIALECT_SMB1 = 0x0001,
    COMMAND_READ = 0x2E,
    COMMAND_WRITE = 0x2F,
    COMMAND_TRANSACTION = 0x25,
    COMMAND_TRANSACTION2 = 0x32,
    COMMAND_NT_TRANSACTION = 0xA0,
    PIPE_TRANSACT = 0x26,
    DATA_WANTED = 128,   /* in front of the data of reads and writes */
    OTHER_WANTED = 4096, /* paths of 260 characters, two of them, behind a password */
    WIDE_SIZE = 2048     /* bytes of a name that is not Unicode, made so */
};

enum text_kind {
    TEXT_NONE,
    TEXT_NAME,        /* a path */
    TEXT_TAGGED_NAME, /* a path behind the byte 4 */
    TEXT_TWO_NAMES,   /* two of these: old and new */
    TEXT_SHARE        /* a share behind a password */
};

/* Where members stand, counted from the count of words, so that the words begin at 1; 0: it has
 * none. What lies behind the words that are there is 0, too. */
struct words_row {
    uint8_t number;  /* the command on the wire */
    uint8_t command; /* enum corr_smb_command */
    bool is_response;
    uint8_t words; /* there must be as many */
    uint8_t fid_at, length_at, length_high_at, offset_at, offset_high_at;
    uint8_t text; /* enum text_kind */
};

/* [documented: MS-CIFS 2.2.4, MS-SMB 2.2.4] A command whose requests and responses have nothing
 * to read has one row, to map it. */
static const struct words_row words_rows[] = {
    {0x00, CORR_SMB_OTHER, false, 0, .text = TEXT_TAGGED_NAME}, /* create a directory */
    {0x01, CORR_SMB_OTHER, false, 0, .text = TEXT_TAGGED_NAME}, /* delete a directory */
    {0x02, CORR_SMB_CREATE, false, 2, .text = TEXT_TAGGED_NAME},
    {0x02, CORR_SMB_CREATE, true, 7, .fid_at = 1},
    {0x03, CORR_SMB_CREATE, false, 3, .text = TEXT_TAGGED_NAME},
    {0x03, CORR_SMB_CREATE, true, 1, .fid_at = 1},
    {0x04, CORR_SMB_CLOSE, false, 3, .fid_at = 1},
    {0x05, CORR_SMB_FLUSH, false, 1, .fid_at = 1},
    {0x06, CORR_SMB_OTHER, false, 1, .text = TEXT_TAGGED_NAME}, /* delete */
    {0x07, CORR_SMB_OTHER, false, 1, .text = TEXT_TWO_NAMES},   /* rename */
    {0x08, CORR_SMB_QUERY_INFO, false, 0, .text = TEXT_TAGGED_NAME},
    {0x09, CORR_SMB_SET_INFO, false, 8, .text = TEXT_TAGGED_NAME},
    {0x0A, CORR_SMB_READ, false, 5, .fid_at = 1, .length_at = 3, .offset_at = 5},
    {0x0A, CORR_SMB_READ, true, 5, .length_at = 1},
    {0x0B, CORR_SMB_WRITE, false, 5, .fid_at = 1, .length_at = 3, .offset_at = 5},
    {0x0B, CORR_SMB_WRITE, true, 1, .length_at = 1},
    {0x10, CORR_SMB_OTHER, false, 0, .text = TEXT_TAGGED_NAME}, /* is it a directory? */
    {0x24, CORR_SMB_LOCK, false, 8, .fid_at = 5},
    {0x2B, CORR_SMB_ECHO, false, 1, .text = TEXT_NONE},
    {0x2D, CORR_SMB_CREATE, false, 15, .text = TEXT_NAME},
    {0x2D, CORR_SMB_CREATE, true, 15, .fid_at = 5},
    {COMMAND_READ, CORR_SMB_READ, false, 10, .fid_at = 5, .length_at = 11, .length_high_at = 15,
     .offset_at = 7, .offset_high_at = 21},
    {COMMAND_READ, CORR_SMB_READ, true, 12, .length_at = 11, .length_high_at = 15},
    {COMMAND_WRITE, CORR_SMB_WRITE, false, 12, .fid_at = 5, .length_at = 21, .length_high_at = 19,
     .offset_at = 7, .offset_high_at = 25},
    {COMMAND_WRITE, CORR_SMB_WRITE, true, 6, .length_at = 5, .length_high_at = 9},
    {0x71, CORR_SMB_TREE_DISCONNECT, false, 0, .text = TEXT_NONE},
    {0x72, CORR_SMB_NEGOTIATE, true, 1, .text = TEXT_NONE},
    {0x73, CORR_SMB_SESSION_SETUP, false, 0, .text = TEXT_NONE},
    {0x74, CORR_SMB_LOGOFF, false, 0, .text = TEXT_NONE},
    {0x75, CORR_SMB_TREE_CONNECT, false, 4, .text = TEXT_SHARE},
    {0xA2, CORR_SMB_CREATE, false, 24, .text = TEXT_NAME},
    {0xA2, CORR_SMB_CREATE, true, 34, .fid_at = 6},
    {0xA4, CORR_SMB_CANCEL, false, 0, .text = TEXT_NONE},
};

/* Commands whose words begin with the next command. */
static const uint8_t chained[] = {0x24, 0x2D, COMMAND_READ, COMMAND_WRITE, 0x73, 0x74, 0x75, 0xA2};

/* One message that is read. */
struct reader {
    struct bytes frame;
    bool is_response, is_unicode;
    struct corr_smb_message *message;
    uint8_t wide[2][WIDE_SIZE]; /* names made Unicode */
    size_t wide_count;
};

/* One command of it. */
struct block {
    uint8_t number;
    struct bytes words; /* with their count before them */
    size_t bytes_at;    /* in the frame */
    size_t bytes_end;
};

static void set(struct reader *reader, uint32_t member)
{
    reader->message->has |= member;
}

static uint32_t word_at(const struct block *block, unsigned at)
{
    struct bytes words = block->words;
    bytes_seek(&words, at);
    uint16_t value = bytes_u16(&words);
    return at ? value : 0;
}

static uint32_t two_words_at(const struct block *block, unsigned at)
{
    return at ? word_at(block, at) | word_at(block, at + 2) << 16 : 0;
}

/* ---- names ---- */

static struct bytes widen(struct reader *reader, struct bytes narrow)
{
    uint8_t *wide = reader->wide[reader->wide_count++ % 2];
    size_t count = narrow.size < WIDE_SIZE / 2 ? narrow.size : WIDE_SIZE / 2;
    for (size_t i = 0; i < count; i++) {
        wide[2 * i] = narrow.data[i];
        wide[2 * i + 1] = 0;
    }
    return bytes_of(wide, 2 * count);
}

/* A text that ends with a NUL or where `place` does; `place` moves behind it. */
static struct bytes take_name(struct reader *reader, struct bytes *place)
{
    if (reader->is_unicode) {
        bytes_skip(place, place->position & 1); /* two-byte characters are aligned to the header */
        return bytes_utf16z(place);
    }
    size_t left = bytes_left(place);
    const uint8_t *start = left > 0 ? place->data + place->position : NULL;
    const uint8_t *end = start ? memchr(start, 0, left) : NULL;
    struct bytes narrow = bytes_sub(place, end ? (size_t)(end - start) : left);
    bytes_skip(place, end ? 1 : 0);
    return narrow.failed ? narrow : widen(reader, narrow);
}

static struct bytes take_tagged_name(struct reader *reader, struct bytes *place)
{
    bytes_skip(place, 1);
    return take_name(reader, place);
}

static struct bytes or_none(struct bytes text)
{
    return text.failed ? bytes_of(NULL, 0) : text;
}

/* From `at` in the frame to the end of the command's bytes. */
static struct bytes place_at(const struct reader *reader, const struct block *block, size_t at)
{
    struct bytes place = bytes_of(reader->frame.data, block->bytes_end);
    bytes_seek(&place, at);
    return place;
}

static void read_text(struct reader *reader, const struct block *block, enum text_kind kind)
{
    const unsigned password_size_at = 7;
    struct corr_smb_message *message = reader->message;
    struct bytes place = place_at(reader, block, block->bytes_at);
    if (kind == TEXT_SHARE) {
        bytes_skip(&place, word_at(block, password_size_at));
        message->share = or_none(take_name(reader, &place));
    } else if (kind == TEXT_NAME) {
        message->file = or_none(take_name(reader, &place));
    } else if (kind == TEXT_TAGGED_NAME || kind == TEXT_TWO_NAMES) {
        message->file = or_none(take_tagged_name(reader, &place));
    }
    if (kind == TEXT_TWO_NAMES) {
        message->new_name = or_none(take_tagged_name(reader, &place));
    }
}

/* ---- transactions: commands in a command ---- */

struct transaction_row {
    uint8_t number; /* subcommand */
    uint8_t command;
    uint8_t name_at; /* in the parameters; 0: none */
    bool has_fid;    /* as the first parameter */
};

/* [documented: MS-CIFS 2.2.6] */
static const struct transaction_row transaction_rows[] = {
    {0x00, CORR_SMB_CREATE, 28, false},         {0x01, CORR_SMB_QUERY_DIRECTORY, 12, false},
    {0x02, CORR_SMB_QUERY_DIRECTORY, 0, false}, {0x03, CORR_SMB_QUERY_INFO, 0, false},
    {0x04, CORR_SMB_SET_INFO, 0, false},        {0x05, CORR_SMB_QUERY_INFO, 6, false},
    {0x06, CORR_SMB_SET_INFO, 6, false},        {0x07, CORR_SMB_QUERY_INFO, 0, true},
    {0x08, CORR_SMB_SET_INFO, 0, true},
};

/* Words of the requests of both kinds. */
enum { TRANSACTION_PARAMETERS_AT = 21, TRANSACTION_SETUP_AT = 29 };

static void set_fid(struct reader *reader, uint32_t fid)
{
    if (fid != NO_ID) {
        reader->message->file_id = (struct corr_smb_file_id){0, fid};
        set(reader, CORR_SMB_HAS_FILE_ID);
    }
}

static void read_transaction2(struct reader *reader, const struct block *block)
{
    uint32_t number = word_at(block, TRANSACTION_SETUP_AT);
    struct bytes place = place_at(reader, block, word_at(block, TRANSACTION_PARAMETERS_AT));
    for (size_t i = 0; i < sizeof(transaction_rows) / sizeof(transaction_rows[0]); i++) {
        const struct transaction_row *row = &transaction_rows[i];
        if (row->number != number || place.position < HEADER_SIZE) {
            continue;
        }
        reader->message->command = row->command;
        struct bytes parameters = place;
        uint16_t fid = bytes_u16(&parameters);
        if (row->has_fid && !parameters.failed) {
            set_fid(reader, fid);
        }
        bytes_skip(&place, row->name_at);
        if (row->name_at) {
            reader->message->file = or_none(take_name(reader, &place));
        }
    }
}

/* Is the text this one? Compares without case, as servers do. */
static bool is_name(struct bytes utf16, const char *name)
{
    size_t count = strlen(name);
    bool is_same = utf16.size == 2 * count;
    for (size_t i = 0; is_same && i < count; i++) {
        uint8_t letter = utf16.data[2 * i];
        letter = letter >= 'a' && letter <= 'z' ? (uint8_t)(letter - 'a' + 'A') : letter;
        is_same = letter == (uint8_t)name[i] && utf16.data[2 * i + 1] == 0;
    }
    return is_same;
}

/* By the pipe's file id, or by a name; \PIPE\LANMAN is asked by the Remote Administration
 * Protocol, whose parameters begin with the number of the call. [documented: MS-CIFS 2.2.4.33,
 * MS-RAP 2.5.1] */
static void read_transaction(struct reader *reader, const struct block *block)
{
    struct corr_smb_message *message = reader->message;
    uint32_t setup = word_at(block, TRANSACTION_SETUP_AT);
    if (setup == PIPE_TRANSACT) {
        set_fid(reader, word_at(block, TRANSACTION_SETUP_AT + 2));
        return;
    }
    read_text(reader, block, TEXT_NAME);
    struct bytes parameters = place_at(reader, block, word_at(block, TRANSACTION_PARAMETERS_AT));
    bool has_parameters = parameters.position >= HEADER_SIZE;
    uint16_t call = bytes_u16(&parameters);
    if (has_parameters && !parameters.failed && is_name(message->file, "\\PIPE\\LANMAN")) {
        message->call = call;
        set(reader, CORR_SMB_HAS_CALL);
    }
}

/* Counts of parameters and of data in a response that comes in several messages: as much as all of
 * them have, as much as this one has, and how much the ones before had. [documented: MS-CIFS
 * 2.2.4.33.2, 2.2.4.62.2] */
struct counts_row {
    uint8_t size; /* of a count */
    uint8_t all_at, here_at, before_at;
};

static uint64_t count_at(const struct block *block, const struct counts_row *row, unsigned at)
{
    return row->size == 4 ? two_words_at(block, at) : word_at(block, at);
}

/* Without words: the server asks for the rest of the request, or tells an error. */
static void read_counts(struct reader *reader, const struct block *block,
                        const struct counts_row rows[2])
{
    if (block->words.size == 1 && reader->message->status == 0) {
        set(reader, CORR_SMB_IS_INTERIM);
    }
    for (size_t i = 0; i < 2; i++) {
        const struct counts_row *row = &rows[i];
        uint64_t there = count_at(block, row, row->here_at) + count_at(block, row, row->before_at);
        if (there < count_at(block, row, row->all_at)) {
            set(reader, CORR_SMB_IS_INTERIM);
        }
    }
}

static void read_transaction_answer(struct reader *reader, const struct block *block)
{
    static const struct counts_row rows[2] = {{2, 1, 7, 11}, {2, 3, 13, 17}};
    read_counts(reader, block, rows);
}

static void read_nt_transaction_answer(struct reader *reader, const struct block *block)
{
    static const struct counts_row rows[2] = {{4, 4, 12, 20}, {4, 8, 24, 32}};
    read_counts(reader, block, rows);
}

/* The rest of a request. */
static void read_more(struct reader *reader, const struct block *block)
{
    (void)block;
    set(reader, CORR_SMB_IS_INTERIM);
}

/* [documented: MS-CIFS 2.2.4.62, 2.2.7] */
static void read_nt_transaction(struct reader *reader, const struct block *block)
{
    const unsigned function_at = 37, setup_at = 39, fid_at = 43;
    enum { NT_IOCTL = 2, NT_NOTIFY = 4 };
    uint32_t function = word_at(block, function_at);
    if (function == NT_IOCTL) {
        reader->message->command = CORR_SMB_IOCTL;
        reader->message->control_code = two_words_at(block, setup_at);
        set(reader, CORR_SMB_HAS_CONTROL_CODE);
    } else if (function == NT_NOTIFY) {
        reader->message->command = CORR_SMB_CHANGE_NOTIFY;
    }
    if (function == NT_IOCTL || function == NT_NOTIFY) {
        set_fid(reader, word_at(block, fid_at));
    }
}

/* ---- commands ---- */

static void read_length(struct reader *reader, const struct block *block,
                        const struct words_row *row)
{
    uint32_t high = word_at(block, row->length_high_at);
    reader->message->length = word_at(block, row->length_at);
    /* In a request of a pipe the high half is a timeout, of which all ones say "for ever". */
    if (high != NO_ID) {
        reader->message->length |= high << 16;
    }
    set(reader, CORR_SMB_HAS_LENGTH);
}

static void read_words(struct reader *reader, const struct block *block,
                       const struct words_row *row)
{
    if (row->fid_at) {
        set_fid(reader, word_at(block, row->fid_at));
    }
    if (row->length_at) {
        read_length(reader, block, row);
    }
    if (row->offset_at) {
        bool has_high = row->offset_high_at && block->words.size >= row->offset_high_at + 4u;
        uint64_t high = has_high ? two_words_at(block, row->offset_high_at) : 0;
        reader->message->data_offset = high << 32 | two_words_at(block, row->offset_at);
        set(reader, CORR_SMB_HAS_OFFSET);
    }
    read_text(reader, block, (enum text_kind)row->text);
}

static void read_dialect(struct reader *reader, const struct block *block)
{
    if (word_at(block, 1) != NO_ID) {
        reader->message->dialect = DIALECT_SMB1;
        set(reader, CORR_SMB_HAS_DIALECT);
    }
}

/* What one number needs beyond the table. */
static const struct {
    uint8_t number;
    bool is_response;
    uint8_t words;
    void (*read)(struct reader *reader, const struct block *block);
} special_rows[] = {{COMMAND_TRANSACTION, false, 14, read_transaction},
                    {COMMAND_TRANSACTION, true, 0, read_transaction_answer},
                    {COMMAND_TRANSACTION2, false, 15, read_transaction2},
                    {COMMAND_TRANSACTION2, true, 0, read_transaction_answer},
                    {COMMAND_NT_TRANSACTION, false, 19, read_nt_transaction},
                    {COMMAND_NT_TRANSACTION, true, 0, read_nt_transaction_answer},
                    {0x26, false, 0, read_more},
                    {0x33, false, 0, read_more},
                    {0xA1, false, 0, read_more},
                    {0x72, true, 1, read_dialect}};

static void read_block(struct reader *reader, const struct block *block)
{
    const uint8_t count = block->words.size > 0 ? block->words.data[0] : 0;
    for (size_t i = 0; i < sizeof(words_rows) / sizeof(words_rows[0]); i++) {
        const struct words_row *row = &words_rows[i];
        if (row->number != block->number) {
            continue;
        }
        reader->message->command = row->command;
        if (row->is_response == reader->is_response && count >= row->words &&
            block->words.size > 0) {
            read_words(reader, block, row);
        }
    }
    for (size_t i = 0; i < sizeof(special_rows) / sizeof(special_rows[0]); i++) {
        if (special_rows[i].number == block->number && count >= special_rows[i].words &&
            special_rows[i].is_response == reader->is_response) {
            special_rows[i].read(reader, block);
        }
    }
}

/* The command whose count of words stands at `at`; what is cut off is empty. */
static struct block find_block(struct bytes frame, uint8_t number, size_t at)
{
    struct block block = {number, {.data = NULL}, frame.size, frame.size};
    bytes_seek(&frame, at);
    struct bytes words = frame;
    uint8_t count = bytes_u8(&frame);
    bytes_skip(&frame, (size_t)count * 2);
    if (frame.failed) {
        return block;
    }
    block.words = bytes_sub(&words, 1 + (size_t)count * 2);
    uint16_t size = bytes_u16(&frame);
    if (!frame.failed) {
        block.bytes_at = frame.position;
        size_t left = bytes_left(&frame);
        block.bytes_end = frame.position + (size < left ? size : left);
    }
    return block;
}

/* The command behind this one in a chain, which only goes forward; false: there is none. */
static bool find_next(struct bytes frame, const struct block *block, struct block *next)
{
    struct bytes words = block->words;
    bytes_skip(&words, 1);
    uint8_t number = bytes_u8(&words);
    bytes_skip(&words, 1);
    uint16_t at = bytes_u16(&words);
    if (words.failed || memchr(chained, block->number, sizeof(chained)) == NULL ||
        number == NO_COMMAND || at < block->bytes_end || at >= frame.size) {
        return false;
    }
    *next = find_block(frame, number, at);
    return true;
}

/* ---- the message ---- */

/* An error of DOS, of systems before Windows NT, is u8 class, u8 reserved, u16 code: read as one
 * number it is no NTSTATUS. [documented: MS-CIFS 2.2.2.4] */
static void read_status(struct reader *reader, uint32_t status, bool is_nt)
{
    if (reader->is_response) {
        reader->message->status = is_nt ? status : status & UINT32_C(0xFFFF00FF);
        set(reader, CORR_SMB_HAS_STATUS);
    }
}

static void read_header(struct reader *reader)
{
    const uint8_t *header = reader->frame.data;
    struct corr_smb_message *message = reader->message;
    uint16_t flags2 = load_u16(header + 10);
    uint16_t tree = load_u16(header + 24), user = load_u16(header + 28);
    reader->is_response = (header[9] & FLAG_RESPONSE) != 0;
    reader->is_unicode = (flags2 & FLAG2_UNICODE) != 0;
    message->kind = CORR_SMB_1;
    message->has &= ~(uint32_t)CORR_SMB_IS_RESPONSE;
    message->tree_id = tree == NO_ID ? 0 : tree;
    message->session_id = user == NO_ID ? 0 : user;
    message->message_id = load_u16(header + 30);
    set(reader, reader->is_response ? CORR_SMB_IS_RESPONSE : 0);
    set(reader, (flags2 & FLAG2_SIGNED) != 0 ? CORR_SMB_IS_SIGNED : 0);
    set(reader, message->tree_id ? CORR_SMB_HAS_TREE : 0);
    set(reader, message->session_id ? CORR_SMB_HAS_SESSION : 0);
    read_status(reader, load_u32(header + 5), (flags2 & FLAG2_NT_STATUS) != 0);
}

uint32_t smb1_frame_wanted(struct bytes start)
{
    if (start.size <= 9) {
        return OTHER_WANTED;
    }
    uint8_t number = start.data[4];
    bool is_response = (start.data[9] & FLAG_RESPONSE) != 0;
    bool has_data = number == COMMAND_READ ? is_response : number == COMMAND_WRITE && !is_response;
    return has_data ? DATA_WANTED : OTHER_WANTED;
}

bool smb1_frame_read(struct bytes frame, struct corr_smb_message *message, corr_smb_sink *sink,
                     void *context)
{
    if (frame.size < HEADER_SIZE) {
        return true;
    }
    struct reader reader = {.frame = frame, .message = message};
    read_header(&reader);
    const struct corr_smb_message common = *message;
    struct block block = find_block(frame, frame.data[4], HEADER_SIZE);
    for (bool is_first = true;; is_first = false) {
        struct block next;
        *message = common;
        message->size = is_first ? common.size : 0;
        message->has |= is_first ? 0 : CORR_SMB_IS_RELATED;
        message->command = CORR_SMB_OTHER;
        message->command_number = block.number;
        read_block(&reader, &block);
        if (!sink(context, message)) {
            return false;
        }
        if (!find_next(frame, &block, &next)) {
            return true;
        }
        block = next;
    }
}
