/* SPDX-License-Identifier: MIT */
/*
 * Buffers follow each other without a gap; each states its size. That size is
 * believed when another buffer, zeros (a file extended in advance) or the end of
 * the file stands behind it. Otherwise the next plausible header decides.
 *
 * A header may contradict itself in one point and is still read where a buffer is
 * expected; in a search nothing may be contradicted.
 */
#include "etw/container/buffer_scan.h"

#include <string.h>

#include "etw/base/bytes.h"

#define SEARCH_WINDOW 65536u
#define NOT_FOUND     UINT64_MAX

void buffer_scan_init(struct buffer_scan *scan, const struct byte_source *source,
                      uint32_t session_buffer_size)
{
    bool is_usable =
        session_buffer_size >= BUFFER_HEADER_SIZE * 2 && session_buffer_size <= BUFFER_SIZE_MAXIMUM;
    *scan = (struct buffer_scan){.source = source,
                                 .session_buffer_size = is_usable ? session_buffer_size : 0};
}

static bool is_zero(const uint8_t *data, size_t size)
{
    static const uint8_t zeros[512];
    for (; size > sizeof(zeros); data += sizeof(zeros), size -= sizeof(zeros)) {
        if (memcmp(data, zeros, sizeof(zeros)) != 0) {
            return false;
        }
    }
    return memcmp(data, zeros, size) == 0;
}

/* True when only zeros follow `offset`. */
static enum etw_status is_zero_to_end(const struct byte_source *source, uint64_t offset,
                                      bool *result, struct etw_error *error)
{
    uint8_t window[8192];
    size_t got = sizeof(window);
    *result = true;
    while (*result && got == sizeof(window)) {
        enum etw_status status =
            byte_source_read(source, offset, window, sizeof(window), &got, error);
        if (status) {
            return status;
        }
        *result = is_zero(window, got);
        offset += got;
    }
    return ETW_OK;
}

/* Cheap first look before buffer_header_contradictions(). */
static bool could_be_header(const uint8_t *p)
{
    uint32_t size = load_u32(p);
    return size >= BUFFER_HEADER_SIZE && size <= BUFFER_SIZE_MAXIMUM && load_u32(p + 0x0C) == 0 &&
           load_u16(p + 0x36) <= BUFFER_TYPE_MAXIMUM;
}

static uint64_t search_window(const uint8_t *window, size_t size, bool is_last)
{
    size_t end = is_last ? size : size - BUFFER_PEEK_SIZE + 1;
    for (size_t i = 0; i < end && i + BUFFER_HEADER_SIZE <= size; i++) {
        if (could_be_header(window + i) &&
            buffer_header_contradictions(window + i, size - i) == 0) {
            return i;
        }
    }
    return NOT_FOUND;
}

/* The first plausible header at or behind `from`; NOT_FOUND: none to the end. */
static enum etw_status search(struct buffer_scan *scan, uint64_t from, uint64_t *result,
                              struct etw_error *error)
{
    if (scan->has_search && from >= scan->searched_from && from <= scan->search_result) {
        *result = scan->search_result;
        return ETW_OK;
    }
    uint8_t window[SEARCH_WINDOW];
    uint64_t found = NOT_FOUND;
    uint64_t at = from;
    bool is_last = false;
    while (found == NOT_FOUND && !is_last) {
        size_t got = 0;
        enum etw_status status =
            byte_source_read(scan->source, at, window, sizeof(window), &got, error);
        if (status) {
            return status;
        }
        is_last = got < sizeof(window);
        uint64_t place = search_window(window, got, is_last);
        found = place == NOT_FOUND ? NOT_FOUND : at + place;
        at += sizeof(window) - BUFFER_PEEK_SIZE + 1;
    }
    scan->has_search = true;
    scan->searched_from = from;
    scan->search_result = found;
    *result = found;
    return ETW_OK;
}

struct peek {
    uint8_t bytes[BUFFER_PEEK_SIZE];
    size_t size;
};

static enum etw_status peek_at(const struct buffer_scan *scan, uint64_t offset, struct peek *peek,
                               struct etw_error *error)
{
    return byte_source_read(scan->source, offset, peek->bytes, sizeof(peek->bytes), &peek->size,
                            error);
}

/* Whether a buffer that ends at `offset` is followed by what may follow one. */
static enum etw_status may_end_at(const struct buffer_scan *scan, uint64_t offset,
                                  unsigned contradictions, bool *result, struct etw_error *error)
{
    struct peek peek;
    *result = offset == scan->source->size;
    if (offset >= scan->source->size) {
        return ETW_OK;
    }
    enum etw_status status = peek_at(scan, offset, &peek, error);
    if (status) {
        return status;
    }
    *result = is_zero(peek.bytes, peek.size) ||
              buffer_header_contradictions(peek.bytes, peek.size) <= contradictions;
    return ETW_OK;
}

/* A plain buffer whose size is not the session's, although a buffer stands where
 * it would end with the session's size: its size field is damaged. The end of the
 * file or zeros are no such proof when its own size leads to a buffer as well. */
static enum etw_status is_session_sized(const struct buffer_scan *scan,
                                        const struct buffer_header *header, uint64_t offset,
                                        bool is_followed, bool *result, struct etw_error *error)
{
    struct peek peek;
    *result = false;
    uint32_t size = scan->session_buffer_size;
    bool is_odd_one = size && header->size != size && !header->is_compressed &&
                      header->type != BUFFER_TYPE_HEADER && header->offset <= size;
    if (!is_odd_one) {
        return ETW_OK;
    }
    if (!is_followed) {
        return may_end_at(scan, offset + size, 0, result, error);
    }
    enum etw_status status = peek_at(scan, offset + size, &peek, error);
    *result = status == ETW_OK && buffer_header_contradictions(peek.bytes, peek.size) == 0;
    return status;
}

/* Decides how many bytes of the file belong to the buffer at place->offset when
 * its own size cannot be right, or nothing that follows confirms it. */
static enum etw_status resolve_size(struct buffer_scan *scan, const struct buffer_header *header,
                                    bool is_possible, struct buffer_place *place,
                                    struct findings *findings, struct etw_error *error)
{
    uint64_t next = 0;
    uint64_t left = scan->source->size - place->offset;
    enum etw_status status = search(scan, place->offset + BUFFER_HEADER_SIZE, &next, error);
    if (status) {
        return status;
    }
    bool is_plain = !header->is_compressed;
    if (is_possible && is_plain && header->size <= left && next >= place->offset + header->size) {
        place->size = header->size; /* garbage behind it, or a damaged neighbour */
        return ETW_OK;
    }
    bool is_cut = next == NOT_FOUND && is_possible && header->size > left;
    findings_count(findings, is_cut ? FINDING_BUFFER_CUT : FINDING_BUFFER_DAMAGED, place->offset,
                   is_cut ? header->size - left : 0);
    uint64_t size = next == NOT_FOUND ? left : next - place->offset;
    place->size = size < BUFFER_SIZE_MAXIMUM ? (uint32_t)size : BUFFER_SIZE_MAXIMUM;
    place->is_size_uncertain = !is_cut;
    return ETW_OK;
}

static enum etw_status measure(struct buffer_scan *scan, const struct peek *peek,
                               unsigned contradictions, struct buffer_place *place,
                               struct findings *findings, struct etw_error *error)
{
    struct buffer_header header = buffer_header_read(peek->bytes, peek->size);
    bool is_plain = !header.is_compressed;
    uint32_t used = header.offset < header.saved_offset ? header.offset : header.saved_offset;
    bool is_possible = header.size >= BUFFER_HEADER_SIZE && header.size <= BUFFER_SIZE_MAXIMUM &&
                       (!is_plain || used <= header.size);
    bool is_session = false;
    bool is_followed = false;
    enum etw_status status = ETW_OK;
    if (is_possible) {
        status = may_end_at(scan, place->offset + header.size, 1, &is_followed, error);
    }
    if (status == ETW_OK) {
        status = is_session_sized(scan, &header, place->offset, is_followed, &is_session, error);
    }
    if (status) {
        return status;
    }
    if (is_session) {
        place->size = scan->session_buffer_size;
        findings_count(findings, FINDING_BUFFER_DAMAGED, place->offset, 0);
        return ETW_OK;
    }
    if (is_followed) {
        place->size = header.size;
        if (contradictions > 0) {
            findings_count(findings, FINDING_BUFFER_DAMAGED, place->offset, 0);
        }
        return ETW_OK;
    }
    return resolve_size(scan, &header, is_possible, place, findings, error);
}

/* Passes over bytes that are no buffer. ETW_END: nothing else follows. */
static enum etw_status skip_garbage(struct buffer_scan *scan, const struct peek *peek,
                                    struct findings *findings, struct etw_error *error)
{
    uint64_t from = scan->position;
    uint64_t next = 0;
    if (is_zero(peek->bytes, peek->size)) {
        bool is_tail = false;
        enum etw_status status = is_zero_to_end(scan->source, from, &is_tail, error);
        if (status || is_tail) {
            return status ? status : ETW_END; /* extended in advance, never written */
        }
    }
    enum etw_status status = search(scan, from + 1, &next, error);
    if (status) {
        return status;
    }
    scan->position = next == NOT_FOUND ? scan->source->size : next;
    findings_count(findings, FINDING_GARBAGE, from, scan->position - from);
    return next == NOT_FOUND ? ETW_END : ETW_OK;
}

enum etw_status buffer_scan_next(struct buffer_scan *scan, struct buffer_place *place,
                                 struct findings *findings, struct etw_error *error)
{
    while (scan->position < scan->source->size) {
        struct peek peek;
        enum etw_status status = peek_at(scan, scan->position, &peek, error);
        if (status) {
            return status;
        }
        unsigned contradictions = buffer_header_contradictions(peek.bytes, peek.size);
        /* The first buffer has been recognised by its header event already. */
        if (contradictions <= (scan->position == 0 ? 2u : 1u)) {
            *place = (struct buffer_place){.offset = scan->position};
            status = measure(scan, &peek, contradictions, place, findings, error);
            scan->position += place->size;
            return status;
        }
        if (peek.size == 0) {
            return ETW_END; /* the file has become shorter */
        }
        status = skip_garbage(scan, &peek, findings, error);
        if (status) {
            return status;
        }
    }
    return ETW_END;
}

enum etw_status buffer_scan_look_back(struct buffer_scan *scan, struct buffer_place *place,
                                      uint32_t unread, struct findings *findings,
                                      struct etw_error *error)
{
    uint64_t next = 0;
    enum etw_status status = search(scan, place->offset + place->size - unread, &next, error);
    if (status == ETW_OK && next < place->offset + place->size) {
        place->size = (uint32_t)(next - place->offset);
        place->is_size_uncertain = true;
        scan->position = next;
        findings->kinds[FINDING_COMPRESSED_DATA_DAMAGED] = (struct finding){0};
        findings_count(findings, FINDING_BUFFER_DAMAGED, place->offset, 0);
    }
    return status;
}
