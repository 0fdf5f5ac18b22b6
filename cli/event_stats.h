/* SPDX-License-Identifier: MIT */
/*
 * event_stats.h - how many events a trace has of each kind, and how far they were
 * decoded: the table of `events --stats`.
 *
 *     cli_event_stats_new(&stats, &error);
 *     ... cli_event_stats_add(stats, record, &result, &error) for every event ...
 *     cli_event_stats_write(stats, OUT_TEXT, NULL, file, &error);
 *     cli_event_stats_free(stats);
 */
#ifndef CLI_EVENT_STATS_H
#define CLI_EVENT_STATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "etw/base/error.h"
#include "etw/base/guid.h"
#include "etw/fields.h"
#include "etw/record.h"
#include "pcapout/output_file.h"
#include "pcapout/rows.h"

/* One kind of event: provider, id, version; classic and kernel events have an opcode in
 * the place of an id, TraceLogging events only a name. */
struct cli_event_kind {
    bool has_guid;
    struct guid guid;
    enum record_class class_of;
    uint16_t id; /* or opcode */
    uint8_t version;
    char *provider;    /* owned; NULL: not known */
    char *name;        /* owned; NULL: not known */
    char *schema_name; /* owned; NULL: it has none */
    enum etw_schema_source source;
    const char *why;    /* static; of the first one not decoded wholly; NULL: all were */
    uint64_t events[3]; /* enum etw_decoded */
};

struct cli_event_stats;

enum etw_status cli_event_stats_new(struct cli_event_stats **out, struct etw_error *error);
enum etw_status cli_event_stats_add(struct cli_event_stats *stats, const struct etw_record *record,
                                    const struct etw_fields_result *result,
                                    struct etw_error *error);
/* Sorts the kinds by provider name, then id. */
const struct cli_event_kind *cli_event_stats_kinds(struct cli_event_stats *stats, size_t *count);
/* `trace_json` stands in --format json only. */
enum etw_status cli_event_stats_write(struct cli_event_stats *stats, enum out_format format,
                                      const char *trace_json, struct out_file *file,
                                      struct etw_error *error);
void cli_event_stats_free(struct cli_event_stats *stats); /* NULL is allowed */

#endif
