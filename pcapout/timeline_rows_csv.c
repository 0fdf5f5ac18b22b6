/* SPDX-License-Identifier: MIT */
/*
 * timeline_rows_csv.c - timeline rows as CSV: the members of the JSON row under dotted
 * names.
 */
#include <stdio.h>

#include "etw/base/utc_time.h"
#include "pcapout/escape.h"
#include "pcapout/socket_rows_format.h"
#include "pcapout/timeline_rows_format.h"

#define TICKS_PER_MICROSECOND 10

typedef void add_value_function(struct text *to, const struct timeline_row *row);

static void add_time(struct text *to, int64_t time)
{
    char text[UTC_TEXT_SIZE];
    text_add_bytes(to, text, (size_t)utc_format(time, 0, text));
}

static void time_of(struct text *to, const struct timeline_row *row)
{
    add_time(to, row->step->time);
}

static void layer(struct text *to, const struct timeline_row *row)
{
    text_add(to, corr_step_layer_name((enum corr_step_layer)row->step->layer));
}

static void what(struct text *to, const struct timeline_row *row)
{
    text_add(to, corr_step_what_name((enum corr_step_what)row->step->what));
}

static void sentence(struct text *to, const struct timeline_row *row)
{
    out_escape_csv(to, row->sentence);
}

static void connection(struct text *to, const struct timeline_row *row)
{
    if (row->socket && row->socket->id > 0) {
        text_add_u64(to, row->socket->id);
    }
}

static void frame(struct text *to, const struct timeline_row *row)
{
    if (row->step->frame > 0) {
        text_add_u64(to, row->step->frame);
    }
}

static void direction(struct text *to, const struct timeline_row *row)
{
    if (row->step->layer == CORR_STEP_WIRE) {
        text_add(to, row->step->has & CORR_STEP_IS_INBOUND ? "in" : "out");
    }
}

static void from(struct text *to, const struct timeline_row *row)
{
    if (row->step->has & CORR_STEP_HAS_STATES) {
        text_add(to, out_state_name((enum corr_tcp_state)row->step->from));
    }
}

static void to_state(struct text *to, const struct timeline_row *row)
{
    if (row->step->has & CORR_STEP_HAS_STATES) {
        text_add(to, out_state_name((enum corr_tcp_state)row->step->to));
    }
}

static void count(struct text *to, const struct timeline_row *row)
{
    text_add_u64(to, row->step->count);
}

static void owner_pid(struct text *to, const struct timeline_row *row)
{
    if (row->owner) {
        text_add_u64(to, row->owner->pid);
    }
}

static void owner_process(struct text *to, const struct timeline_row *row)
{
    out_escape_csv(to, row->owner ? row->owner->name : "");
}

static void reason(struct text *to, const struct timeline_row *row)
{
    if (!row->owner) {
        text_add(to, corr_no_owner_name((enum corr_no_owner)row->step->reason));
    }
}

static void status(struct text *to, const struct timeline_row *row)
{
    if (row->step->has & CORR_STEP_HAS_STATUS) {
        socket_status_format(row->step->status, to);
    }
}

static void duration(struct text *to, const struct timeline_row *row)
{
    if (row->step->has & CORR_STEP_HAS_DURATION) {
        text_add_format(to, "%lld.%d", (long long)(row->step->duration / TICKS_PER_MICROSECOND),
                        (int)(row->step->duration % TICKS_PER_MICROSECOND));
    }
}

static void bytes(struct text *to, const struct timeline_row *row)
{
    if (row->step->has & CORR_STEP_HAS_BYTES) {
        text_add_u64(to, row->step->bytes);
    }
}

static void provider(struct text *to, const struct timeline_row *row)
{
    out_escape_csv(to, row->provider ? row->provider : "");
}

static void event_id(struct text *to, const struct timeline_row *row)
{
    if (row->provider) {
        text_add_u64(to, row->step->id);
    }
}

static void event_offset(struct text *to, const struct timeline_row *row)
{
    if (row->provider) {
        text_add_u64(to, row->step->offset);
    }
}

/* clang-format off */
static const struct {
    const char *name;
    add_value_function *add;
} columns[] = {
    {"time", time_of},
    {"layer", layer},
    {"what", what},
    {"text", sentence},
    {"connection", connection},
    {"frame", frame},
    {"direction", direction},
    {"from", from},
    {"to", to_state},
    {"count", count},
    {"owner.pid", owner_pid},
    {"owner.process", owner_process},
    {"reason", reason},
    {"status", status},
    {"duration_us", duration},
    {"bytes", bytes},
    {"event.provider", provider},
    {"event.id", event_id},
    {"event.offset", event_offset},
};
/* clang-format on */

#define COLUMN_COUNT (sizeof(columns) / sizeof(columns[0]))

static void csv_begin(struct out_timeline_rows *rows)
{
    for (size_t i = 0; i < COLUMN_COUNT; i++) {
        text_add(&rows->line, i > 0 ? "," : "");
        text_add(&rows->line, columns[i].name);
    }
    text_add_char(&rows->line, '\n');
}

static void csv_row(struct out_timeline_rows *rows, const struct timeline_row *row)
{
    for (size_t i = 0; i < COLUMN_COUNT; i++) {
        text_add(&rows->line, i > 0 ? "," : "");
        columns[i].add(&rows->line, row);
    }
    text_add_char(&rows->line, '\n');
}

const struct timeline_format timeline_csv = {.begin = csv_begin, .row = csv_row};
