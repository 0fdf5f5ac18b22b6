/* SPDX-License-Identifier: MIT */
/*
 * smb_bytes.h - SMB messages as bytes, and a sink that remembers what it got, for tests.
 */
#ifndef TESTS_UNIT_SMB_BYTES_H
#define TESTS_UNIT_SMB_BYTES_H

#include <string.h>

#include "correlate/smb_message.h"

enum { SMB_BYTES_MAXIMUM = 1 << 21, SEEN_MAXIMUM = 4096, SEEN_TEXT = 80 };

/* Bytes that grow; numbers are put at a place that is there. */
struct smb_bytes {
    size_t size;
    uint8_t data[SMB_BYTES_MAXIMUM];
};

static inline void put_zeros(struct smb_bytes *to, size_t count)
{
    memset(to->data + to->size, 0, count);
    to->size += count;
}

static inline void put_number(struct smb_bytes *to, size_t at, unsigned size, uint64_t value)
{
    for (unsigned i = 0; i < size; i++) {
        to->data[at + i] = (uint8_t)(value >> 8 * i);
    }
}

static inline void append_wide(struct smb_bytes *to, const char *text)
{
    for (; *text; text++) {
        to->data[to->size++] = (uint8_t)*text;
        to->data[to->size++] = 0;
    }
}

static inline void append_narrow(struct smb_bytes *to, const char *text)
{
    memcpy(to->data + to->size, text, strlen(text) + 1);
    to->size += strlen(text) + 1;
}

/* A header of SMB2 with `body` zeros behind it; returns where it begins. */
static inline size_t append_smb2(struct smb_bytes *to, unsigned command, uint32_t flags,
                                 uint64_t id, size_t body)
{
    size_t at = to->size;
    put_zeros(to, 64 + body);
    memcpy(to->data + at,
           "\xFE"
           "SMB",
           4);
    put_number(to, at + 4, 2, 64);
    put_number(to, at + 6, 2, 3);
    put_number(to, at + 12, 2, command);
    put_number(to, at + 14, 2, 31);
    put_number(to, at + 16, 4, flags);
    put_number(to, at + 24, 8, id);
    put_number(to, at + 36, 4, 0x11);
    put_number(to, at + 40, 8, 0x2222);
    return at;
}

static inline size_t append_read(struct smb_bytes *to, uint64_t id, uint32_t length,
                                 uint64_t offset)
{
    size_t at = append_smb2(to, CORR_SMB_READ, 0, id, 49);
    put_number(to, at + 64, 2, 49);
    put_number(to, at + 68, 4, length);
    put_number(to, at + 72, 8, offset);
    put_number(to, at + 80, 8, 0x3333);
    put_number(to, at + 88, 8, 0x4444);
    return at;
}

/* With `length` bytes of data that look like nothing. */
static inline size_t append_read_answer(struct smb_bytes *to, uint64_t id, uint32_t length)
{
    size_t at = append_smb2(to, CORR_SMB_READ, 1, id, 16);
    put_number(to, at + 64, 2, 17);
    put_number(to, at + 66, 1, 80);
    put_number(to, at + 68, 4, length);
    memset(to->data + to->size, 0xD5, length);
    to->size += length;
    return at;
}

static inline size_t append_create(struct smb_bytes *to, uint64_t id, const char *name)
{
    size_t at = append_smb2(to, CORR_SMB_CREATE, 0, id, 56);
    put_number(to, at + 64, 2, 57);
    put_number(to, at + 64 + 44, 2, 120);
    put_number(to, at + 64 + 46, 2, 2 * strlen(name));
    append_wide(to, name);
    return at;
}

/* A header of SMB1. */
static inline size_t append_smb1(struct smb_bytes *to, unsigned command, bool is_response,
                                 uint16_t flags2)
{
    size_t at = to->size;
    put_zeros(to, 32);
    memcpy(to->data + at,
           "\xFF"
           "SMB",
           4);
    put_number(to, at + 4, 1, command);
    put_number(to, at + 9, 1, is_response ? 0x80 : 0);
    put_number(to, at + 10, 2, flags2);
    put_number(to, at + 24, 2, 0x801);
    put_number(to, at + 28, 2, 0x802);
    put_number(to, at + 30, 2, 0x803);
    return at;
}

/* The words of a command, all zeros; returns where the first one is. What follows up to
 * end_smb1() are its bytes. */
static inline size_t append_words(struct smb_bytes *to, unsigned count)
{
    to->data[to->size] = (uint8_t)count;
    to->size++;
    size_t at = to->size;
    put_zeros(to, (size_t)count * 2 + 2);
    return at;
}

static inline void end_smb1(struct smb_bytes *to, size_t words_at)
{
    size_t count_at = words_at + (size_t)to->data[words_at - 1] * 2;
    put_number(to, count_at, 2, to->size - count_at - 2);
}

/* ---- the sink ---- */

struct seen_message {
    struct corr_smb_message message; /* its texts are gone */
    char share[SEEN_TEXT], file[SEEN_TEXT], new_name[SEEN_TEXT];
};

struct seen {
    size_t count, most; /* the sink refuses the message behind `most`; 0: it takes all */
    struct seen_message rows[SEEN_MAXIMUM];
};

static inline void narrow(char text[SEEN_TEXT], struct bytes wide)
{
    size_t size = wide.size / 2 < SEEN_TEXT - 1 ? wide.size / 2 : SEEN_TEXT - 1;
    for (size_t i = 0; i < size; i++) {
        text[i] = (char)wide.data[2 * i];
    }
    text[size] = '\0';
}

static inline bool see(void *context, const struct corr_smb_message *message)
{
    struct seen *seen = context;
    if (seen->count == SEEN_MAXIMUM || (seen->most && seen->count == seen->most)) {
        return false;
    }
    struct seen_message *row = &seen->rows[seen->count++];
    row->message = *message;
    narrow(row->share, message->share);
    narrow(row->file, message->file);
    narrow(row->new_name, message->new_name);
    return true;
}

#endif
