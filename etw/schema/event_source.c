/* SPDX-License-Identifier: MIT */
/*
 * One piece                                  [documented: EventSource; measured: real files]
 *   0 u8 format, 1         4 u16 number of pieces
 *   1 u8 major version     6 u16 number of this piece, from 0
 *   2 u8 minor version     8 UTF-8
 *   3 u8 magic, 0x5B
 */
#include "etw/schema/event_source.h"

#include <stdlib.h>
#include <string.h>

#include "etw/base/array.h"

#define PIECE_OPCODE    0xFEu
#define PIECE_VERSION   1 /* of the event */
#define PIECE_FORMAT    1
#define PIECE_MAGIC     0x5B
#define PIECES_MAXIMUM  1024u
#define PIECE_DATA_SIZE 0xFFFFu /* no record is larger */

struct piece {
    uint8_t *data; /* owned; NULL: not seen yet */
    uint32_t size;
};

struct event_source_row {
    struct guid provider;
    uint32_t process_id;
    struct piece *pieces; /* owned; NULL when the manifest is complete */
    uint16_t piece_count, missing;
    size_t size;           /* of the pieces that are there */
    uint64_t content_hash; /* of the complete manifest */
};

struct piece_header {
    uint16_t count, number;
    struct bytes text;
};

static bool is_piece(const struct etw_record *record)
{
    struct bytes b = record->payload;
    uint8_t format = bytes_u8(&b);
    bytes_skip(&b, 2);
    uint8_t magic = bytes_u8(&b);
    return record->class_of == RECORD_IS_MANIFEST && record->provider &&
           record->id == EVENT_SOURCE_ID && record->opcode == PIECE_OPCODE &&
           format == PIECE_FORMAT && magic == PIECE_MAGIC;
}

const struct event_schema *event_source_schema(const struct etw_record *record)
{
    static const struct schema_property properties[] = {
        {.name = "Format", .in_type = IN_UINT8},
        {.name = "MajorVersion", .in_type = IN_UINT8},
        {.name = "MinorVersion", .in_type = IN_UINT8},
        {.name = "Magic", .in_type = IN_UINT8, .out_type = OUT_HEXINT8},
        {.name = "TotalChunks", .in_type = IN_UINT16},
        {.name = "ChunkNumber", .in_type = IN_UINT16},
        {.name = "Manifest", .in_type = IN_NON_NULL_TERMINATED_ANSI_STRING, .out_type = OUT_UTF8},
    };
    static const struct event_schema schema = {
        .id = EVENT_SOURCE_ID,
        .version = PIECE_VERSION,
        .source = ETW_SCHEMA_BUILT_IN,
        .event_name = "ManifestData",
        .properties = properties,
        .property_count = sizeof(properties) / sizeof(properties[0]),
        .top_level_count = sizeof(properties) / sizeof(properties[0]),
    };
    return is_piece(record) ? &schema : NULL;
}

static bool read_header(const struct etw_record *record, struct piece_header *header)
{
    struct bytes b = record->payload;
    bytes_skip(&b, 4);
    header->count = bytes_u16(&b);
    header->number = bytes_u16(&b);
    header->text = bytes_rest(&b);
    return !b.failed && header->number < header->count && header->count <= PIECES_MAXIMUM &&
           header->text.size <= PIECE_DATA_SIZE;
}

static uint64_t hash_owner(const struct etw_record *record)
{
    uint8_t key[20];
    memcpy(key, record->provider, 16);
    memcpy(key + 16, &record->process_id, sizeof(record->process_id));
    return hash_bytes(key, sizeof(key));
}

static struct event_source_row *find_row(const struct event_sources *sources,
                                         const struct etw_record *record, uint64_t hash)
{
    uint32_t at = 0;
    for (uint32_t row = hash_index_first(&sources->by_owner, hash, &at); row != HASH_INDEX_NONE;
         row = hash_index_next(&sources->by_owner, hash, &at)) {
        struct event_source_row *found = &sources->rows[row];
        if (found->process_id == record->process_id &&
            memcmp(found->provider.bytes, record->provider, sizeof(found->provider.bytes)) == 0) {
            return found;
        }
    }
    return NULL;
}

/* NULL: no room. */
static struct event_source_row *add_row(struct event_sources *sources,
                                        const struct etw_record *record, uint64_t hash,
                                        uint16_t piece_count)
{
    void *rows = sources->rows;
    size_t table_size = piece_count * sizeof(struct piece);
    if (sources->count >= EVENT_SOURCES_MAXIMUM ||
        sources->waiting + table_size > EVENT_SOURCE_MEMORY ||
        !array_grow(&rows, &sources->capacity, sources->count + 1, sizeof(sources->rows[0]))) {
        return NULL;
    }
    sources->rows = rows;
    struct piece *pieces = calloc(piece_count, sizeof(*pieces));
    if (!pieces || !hash_index_add(&sources->by_owner, hash, (uint32_t)sources->count)) {
        free(pieces);
        return NULL;
    }
    sources->waiting += table_size;
    struct event_source_row *row = &sources->rows[sources->count++];
    *row = (struct event_source_row){.process_id = record->process_id,
                                     .pieces = pieces,
                                     .piece_count = piece_count,
                                     .missing = piece_count};
    memcpy(row->provider.bytes, record->provider, sizeof(row->provider.bytes));
    return row;
}

static enum event_source_result keep_piece(struct event_sources *sources,
                                           struct event_source_row *row,
                                           const struct piece_header *header)
{
    struct piece *piece = &row->pieces[header->number];
    size_t size = header->text.size;
    if (piece->data) {
        return EVENT_SOURCE_NOTHING; /* written again, for a session that came later */
    }
    if (size > EVENT_SOURCE_MEMORY - sources->waiting) {
        return EVENT_SOURCE_NO_ROOM;
    }
    piece->data = malloc(size ? size : 1);
    if (!piece->data) {
        return EVENT_SOURCE_NO_ROOM;
    }
    if (size > 0) {
        memcpy(piece->data, header->text.data, size);
    }
    piece->size = (uint32_t)size;
    row->size += size;
    row->missing--;
    sources->waiting += size;
    return EVENT_SOURCE_MORE;
}

static void drop_pieces(struct event_sources *sources, struct event_source_row *row)
{
    for (uint16_t i = 0; row->pieces && i < row->piece_count; i++) {
        free(row->pieces[i].data);
    }
    if (row->pieces) {
        sources->waiting -= row->size + row->piece_count * sizeof(struct piece);
    }
    free(row->pieces);
    row->pieces = NULL;
}

/* NULL: no memory. */
static char *join_pieces(const struct event_source_row *row)
{
    char *xml = malloc(row->size + 1);
    size_t at = 0;
    for (uint16_t i = 0; xml && i < row->piece_count; i++) {
        memcpy(xml + at, row->pieces[i].data, row->pieces[i].size);
        at += row->pieces[i].size;
    }
    if (xml) {
        xml[at] = '\0';
    }
    return xml;
}

/* Many processes log the same provider: its manifest is read once. */
static bool is_known(const struct event_sources *sources, const struct event_source_row *row)
{
    for (size_t i = 0; i < sources->count; i++) {
        const struct event_source_row *other = &sources->rows[i];
        if (other != row && !other->pieces && other->content_hash == row->content_hash &&
            other->size == row->size && guid_equal(&other->provider, &row->provider)) {
            return true;
        }
    }
    return false;
}

static enum event_source_result finish(struct event_sources *sources, struct event_source_row *row,
                                       char **xml, size_t *size)
{
    char *joined = join_pieces(row);
    drop_pieces(sources, row);
    if (!joined) {
        return EVENT_SOURCE_NO_ROOM;
    }
    row->content_hash = hash_bytes(joined, row->size);
    if (is_known(sources, row)) {
        free(joined);
        return EVENT_SOURCE_NOTHING;
    }
    *xml = joined;
    *size = row->size;
    return EVENT_SOURCE_WHOLE;
}

enum event_source_result event_sources_take(struct event_sources *sources,
                                            const struct etw_record *record, char **xml,
                                            size_t *size)
{
    struct piece_header header;
    if (!is_piece(record)) {
        return EVENT_SOURCE_NOTHING;
    }
    if (!read_header(record, &header)) {
        return EVENT_SOURCE_UNSOUND;
    }
    uint64_t hash = hash_owner(record);
    struct event_source_row *row = find_row(sources, record, hash);
    if (!row) {
        row = add_row(sources, record, hash, header.count);
    }
    if (!row) {
        return EVENT_SOURCE_NO_ROOM;
    }
    if (!row->pieces) {
        return EVENT_SOURCE_NOTHING; /* complete since long */
    }
    if (header.count != row->piece_count) {
        return EVENT_SOURCE_UNSOUND;
    }
    enum event_source_result result = keep_piece(sources, row, &header);
    return result == EVENT_SOURCE_MORE && row->missing == 0 ? finish(sources, row, xml, size)
                                                            : result;
}

void event_sources_done(struct event_sources *sources)
{
    for (size_t i = 0; i < sources->count; i++) {
        drop_pieces(sources, &sources->rows[i]);
    }
    free(sources->rows);
    hash_index_done(&sources->by_owner);
    *sources = (struct event_sources){0};
}
