/* SPDX-License-Identifier: MIT */
#include "correlate/smb_texts.h"

#include <stdlib.h>
#include <string.h>

#include "etw/base/array.h"

/* Bytes of one name that are kept; Windows' own limit is 65,534. */
#define NAME_MAXIMUM 65534

void smb_texts_done(struct smb_texts *texts)
{
    text_done(&texts->bytes);
    text_done(&texts->scratch);
    free(texts->starts);
    hash_index_done(&texts->index);
    *texts = (struct smb_texts){.count = 0};
}

const char *smb_texts_get(const struct smb_texts *texts, uint32_t number)
{
    return number > 0 ? texts->bytes.data + texts->starts[number - 1] : "";
}

static uint32_t find(const struct smb_texts *texts, uint64_t hash, const char *name)
{
    uint32_t at = 0;
    for (uint32_t i = hash_index_first(&texts->index, hash, &at); i != HASH_INDEX_NONE;
         i = hash_index_next(&texts->index, hash, &at)) {
        if (strcmp(smb_texts_get(texts, i + 1), name) == 0) {
            return i + 1;
        }
    }
    return 0;
}

static bool add(struct smb_texts *texts, uint64_t hash, const char *name)
{
    void *grown = texts->starts;
    size_t start = texts->bytes.size;
    if (!array_grow(&grown, &texts->capacity, texts->count + 1, sizeof(*texts->starts))) {
        return false;
    }
    texts->starts = grown;
    texts->bytes.maximum = SMB_TEXTS_BYTES + NAME_MAXIMUM * 3;
    text_add_bytes(&texts->bytes, name, strlen(name) + 1);
    if (texts->bytes.failed || !hash_index_add(&texts->index, hash, (uint32_t)texts->count)) {
        return false;
    }
    texts->starts[texts->count++] = start;
    return true;
}

bool smb_texts_add(struct smb_texts *texts, const struct bytes *utf16, uint32_t *number)
{
    size_t size = utf16->size < NAME_MAXIMUM ? utf16->size : NAME_MAXIMUM;
    *number = 0;
    if (size < 2) {
        return true;
    }
    text_clear(&texts->scratch);
    text_add_utf16(&texts->scratch, utf16->data, size - size % 2);
    if (texts->scratch.failed) {
        return false;
    }
    const char *name = text_get(&texts->scratch);
    uint64_t hash = hash_bytes(name, strlen(name));
    *number = find(texts, hash, name);
    if (*number > 0) {
        return true;
    }
    if (texts->count >= SMB_TEXTS_MAXIMUM || texts->bytes.size >= SMB_TEXTS_BYTES) {
        texts->left_out++;
        return true;
    }
    *number = (uint32_t)texts->count + 1;
    return add(texts, hash, name);
}
