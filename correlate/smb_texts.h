/* SPDX-License-Identifier: MIT */
/*
 * smb_texts.h - names of shares and files, each kept once. Inside correlate only.
 */
#ifndef CORRELATE_SMB_TEXTS_H
#define CORRELATE_SMB_TEXTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "etw/base/bytes.h"
#include "etw/base/hash_index.h"
#include "etw/base/text.h"

#define SMB_TEXTS_MAXIMUM 1000000u
/* Of all names together; more are not kept. */
#define SMB_TEXTS_BYTES (256u << 20)

/* Zeroed: empty. Number 0 is the empty name. */
struct smb_texts {
    struct text bytes; /* names behind each other, each with its NUL */
    size_t *starts;    /* owned; in `bytes`, by number - 1 */
    size_t count, capacity;
    struct hash_index index;
    struct text scratch;
    uint64_t left_out; /* names that there was no room for */
};

void smb_texts_done(struct smb_texts *texts);
/* `*number` becomes that of the name, UTF-16LE; 0 when it is empty or there is no room.
 * False: no memory. */
bool smb_texts_add(struct smb_texts *texts, const struct bytes *utf16, uint32_t *number);
/* UTF-8; valid until the next name is added. */
const char *smb_texts_get(const struct smb_texts *texts, uint32_t number);

#endif
