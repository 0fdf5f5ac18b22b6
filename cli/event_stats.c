/* SPDX-License-Identifier: MIT */
#include "cli/event_stats.h"

#include <stdlib.h>
#include <string.h>

#include "etw/base/array.h"
#include "etw/base/hash_index.h"

/* Kinds of a trace that are told apart. The whole of Windows has fewer event ids; a
 * damaged file may pretend to more, which are then one row. */
#define KINDS_MAXIMUM 65536u

struct cli_event_stats {
    struct cli_event_kind *kinds; /* owned */
    size_t count, capacity;
    struct hash_index index;
    size_t last; /* found before: events of one kind come in runs */
};

/* What tells two kinds apart, without padding. */
struct kind_key {
    uint8_t bytes[24];
    const char *name; /* "" where names do not count */
};

/* TraceLogging has one id for everything. */
static bool is_told_by_name(const struct etw_fields_result *result)
{
    return result->source == ETW_SCHEMA_TRACELOGGING;
}

static uint16_t id_of(const struct etw_record *record)
{
    bool has_id = record->class_of == RECORD_IS_MANIFEST || record->class_of == RECORD_IS_MESSAGE;
    return has_id ? record->id : record->opcode;
}

static struct kind_key key_of(const struct etw_record *record,
                              const struct etw_fields_result *result)
{
    struct kind_key key = {.name = ""};
    uint16_t id = id_of(record);
    if (record->provider) {
        memcpy(key.bytes, record->provider, 16);
        key.bytes[16] = 1;
    }
    key.bytes[17] = (uint8_t)record->class_of;
    key.bytes[18] = (uint8_t)(id & 0xFF);
    key.bytes[19] = (uint8_t)(id >> 8);
    key.bytes[20] = record->version;
    if (is_told_by_name(result) && result->event_name) {
        key.name = result->event_name;
    }
    return key;
}

static bool is_kind(const struct cli_event_kind *kind, const struct kind_key *key)
{
    const char *name = kind->source == ETW_SCHEMA_TRACELOGGING && kind->name ? kind->name : "";
    return memcmp(kind->guid.bytes, key->bytes, 16) == 0 && kind->has_guid == key->bytes[16] &&
           kind->class_of == (enum record_class)key->bytes[17] &&
           kind->id == (key->bytes[18] | key->bytes[19] << 8) && kind->version == key->bytes[20] &&
           strcmp(name, key->name) == 0;
}

static uint64_t hash_of(const struct kind_key *key)
{
    return hash_bytes(key->bytes, sizeof(key->bytes)) ^ hash_bytes(key->name, strlen(key->name));
}

static struct cli_event_kind *find_kind(struct cli_event_stats *stats, const struct kind_key *key,
                                        uint64_t hash)
{
    uint32_t at = 0;
    for (uint32_t row = hash_index_first(&stats->index, hash, &at); row != HASH_INDEX_NONE;
         row = hash_index_next(&stats->index, hash, &at)) {
        if (is_kind(&stats->kinds[row], key)) {
            return &stats->kinds[row];
        }
    }
    return NULL;
}

/* A copy; NULL also when there is no text. False: no memory. */
static bool copy_text(char **to, const char *text)
{
    if (*to || !text || !text[0]) {
        return true;
    }
    size_t size = strlen(text) + 1;
    *to = malloc(size);
    if (*to) {
        memcpy(*to, text, size);
    }
    return *to != NULL;
}

static struct cli_event_kind *add_kind(struct cli_event_stats *stats, const struct kind_key *key,
                                       uint64_t hash)
{
    void *kinds = stats->kinds;
    bool is_grown = array_grow(&kinds, &stats->capacity, stats->count + 1, sizeof(*stats->kinds));
    stats->kinds = kinds;
    if (!is_grown || !hash_index_add(&stats->index, hash, (uint32_t)stats->count)) {
        return NULL;
    }
    struct cli_event_kind *kind = &stats->kinds[stats->count++];
    *kind = (struct cli_event_kind){
        .has_guid = key->bytes[16],
        .class_of = (enum record_class)key->bytes[17],
        .id = (uint16_t)(key->bytes[18] | key->bytes[19] << 8),
        .version = key->bytes[20],
    };
    memcpy(kind->guid.bytes, key->bytes, sizeof(kind->guid.bytes));
    return kind;
}

/* NULL: no memory. */
static struct cli_event_kind *kind_of(struct cli_event_stats *stats,
                                      const struct etw_record *record,
                                      const struct etw_fields_result *result)
{
    struct kind_key key = key_of(record, result);
    if (stats->last < stats->count && is_kind(&stats->kinds[stats->last], &key)) {
        return &stats->kinds[stats->last];
    }
    uint64_t hash = hash_of(&key);
    struct cli_event_kind *kind = find_kind(stats, &key, hash);
    if (!kind && stats->count >= KINDS_MAXIMUM) {
        key = (struct kind_key){.bytes = {[17] = RECORD_IS_UNKNOWN}, .name = ""};
        hash = hash_of(&key);
        kind = find_kind(stats, &key, hash);
    }
    return kind ? kind : add_kind(stats, &key, hash);
}

enum etw_status cli_event_stats_new(struct cli_event_stats **out, struct etw_error *error)
{
    *out = calloc(1, sizeof(**out));
    return *out ? ETW_OK : etw_fail_memory(error, "the statistics");
}

enum etw_status cli_event_stats_add(struct cli_event_stats *stats, const struct etw_record *record,
                                    const struct etw_fields_result *result, struct etw_error *error)
{
    struct cli_event_kind *kind = kind_of(stats, record, result);
    if (!kind) {
        return etw_fail_memory(error, "the statistics");
    }
    stats->last = (size_t)(kind - stats->kinds);
    kind->events[result->decoded]++;
    if (result->decoded != ETW_DECODED_WHOLLY && !kind->why) {
        kind->why = result->why;
    }
    if (kind->source == ETW_SCHEMA_NONE) {
        kind->source = result->source;
    }
    bool is_whole = copy_text(&kind->provider, result->provider_name) &&
                    copy_text(&kind->name, result->event_name) &&
                    copy_text(&kind->schema_name, result->schema_name);
    return is_whole ? ETW_OK : etw_fail_memory(error, "the statistics");
}

/* ---- order ---- */

static int compare_texts(const char *a, const char *b)
{
    if (!a || !b) {
        return !a - !b; /* what has no name comes last */
    }
    return strcmp(a, b);
}

static int compare_kinds(const void *a, const void *b)
{
    const struct cli_event_kind *left = a;
    const struct cli_event_kind *right = b;
    const int orders[] = {
        compare_texts(left->provider, right->provider),
        memcmp(left->guid.bytes, right->guid.bytes, sizeof(left->guid.bytes)),
        (int)left->class_of - (int)right->class_of,
        left->id - right->id,
        left->version - right->version,
        compare_texts(left->name, right->name),
    };
    for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
        if (orders[i] != 0) {
            return orders[i];
        }
    }
    return 0;
}

const struct cli_event_kind *cli_event_stats_kinds(struct cli_event_stats *stats, size_t *count)
{
    if (stats->count > 0) {
        qsort(stats->kinds, stats->count, sizeof(*stats->kinds), compare_kinds);
        /* The rows have moved: from here on nothing is found any more. */
        hash_index_clear(&stats->index);
        stats->last = stats->count;
    }
    *count = stats->count;
    return stats->kinds;
}

void cli_event_stats_free(struct cli_event_stats *stats)
{
    if (!stats) {
        return;
    }
    for (size_t i = 0; i < stats->count; i++) {
        free(stats->kinds[i].provider);
        free(stats->kinds[i].name);
        free(stats->kinds[i].schema_name);
    }
    free(stats->kinds);
    hash_index_done(&stats->index);
    free(stats);
}
