/* SPDX-License-Identifier: MIT */
/*
 * payload_writer.h - writes payloads and wraps them into records, for the tests of
 * the provider tables.
 */
#ifndef TESTS_UNIT_PAYLOAD_WRITER_H
#define TESTS_UNIT_PAYLOAD_WRITER_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "etw/event.h"
#include "etw/providers/decoder.h"
#include "etw/schema/schema_store.h"

struct payload {
    uint8_t data[2048];
    size_t size;
};

static inline void put_number(struct payload *to, size_t size, uint64_t value)
{
    for (size_t i = 0; i < size; i++) {
        to->data[to->size++] = (uint8_t)(value >> 8 * i);
    }
}

static inline void put_bytes(struct payload *to, const void *data, size_t size)
{
    memcpy(to->data + to->size, data, size);
    to->size += size;
}

/* UTF-16LE with its NUL. */
static inline void put_text(struct payload *to, const char *ascii)
{
    for (size_t i = 0; i <= strlen(ascii); i++) {
        put_number(to, 2, (unsigned char)ascii[i]);
    }
}

static inline bool text_is(struct bytes utf16, const char *ascii)
{
    struct payload expected = {.size = 0};
    put_text(&expected, ascii);
    return utf16.size == expected.size - 2 && memcmp(utf16.data, expected.data, utf16.size) == 0;
}

/* A decoder, a record and its event; the payload is copied to memory of exactly
 * its size, so that the sanitizer sees a read beyond it. */
struct decoding {
    struct schema_store *schemas;
    struct etw_decoder *decoder;
    struct etw_record record;
    struct etw_event event;
    struct guid provider;
    uint8_t *data;
};

static inline void decoding_init(struct decoding *d, const char *guid, enum record_class class_of)
{
    memset(d, 0, sizeof(*d));
    assert_true(guid_parse(guid, &d->provider));
    assert_int_equal(schema_store_new(&d->schemas, NULL), ETW_OK);
    assert_int_equal(etw_decoder_new(d->schemas, &d->decoder, NULL), ETW_OK);
    d->record.class_of = class_of;
    d->record.provider = d->provider.bytes;
    d->record.pointer_size = 8;
}

/* `id` is the opcode of classic events. */
static inline void decoding_read(struct decoding *d, uint16_t id, const void *data, size_t size)
{
    free(d->data);
    d->data = malloc(size ? size : 1);
    assert_non_null(d->data);
    if (size) {
        memcpy(d->data, data, size);
    }
    d->record.id = id;
    d->record.opcode = (uint8_t)id;
    d->record.payload = bytes_of(d->data, size);
    memset(&d->event, 0xee, sizeof(d->event)); /* what is not filled is seen */
    etw_decoder_read(d->decoder, &d->record, &d->event);
    assert_ptr_equal(d->event.record, &d->record);
}

static inline void decoding_done(struct decoding *d)
{
    etw_decoder_free(d->decoder);
    schema_store_free(d->schemas);
    free(d->data);
}

/* Every truncation of the payload up to `needed` bytes is incomplete, none of the
 * others; all of them keep their kind. */
static inline void check_truncations(struct decoding *d, uint16_t id, const struct payload *payload,
                                     size_t needed, enum etw_event_kind kind)
{
    for (size_t size = 0; size <= payload->size; size++) {
        decoding_read(d, id, payload->data, size);
        assert_int_equal(d->event.kind, kind);
        assert_int_equal(d->event.is_incomplete, size < needed);
    }
}

#endif
