/* SPDX-License-Identifier: MIT */
/*
 * timeline_html.c - timeline rows in one page of HTML: the page's own parts, and between
 * them the data as JSON in three elements that a browser does not run:
 *
 *     data-trace     {"title":...,"trace":{...}}
 *     data-rows      [row, ...]
 *     data-end       {"rows":N,"rows_left_out":N,"connections_left_out":N,"sockets":[...],
 *                    "without_socket":[...]}
 *
 * Only the page's script makes visible text of them, and only as text.
 */
#include "pcapout/escape.h"
#include "pcapout/json_writer.h"
#include "pcapout/timeline_page.h"
#include "pcapout/timeline_rows_format.h"

#define NEXT_ELEMENT(id) "</script>\n<script type=\"application/json\" id=\"" id "\">"

static void html_begin(struct out_timeline_rows *rows)
{
    text_add(&rows->line, timeline_page_head);
    size_t start = rows->line.size;
    struct json_writer j = json_writer_of(&rows->line);
    json_begin_object(&j, NULL);
    json_string(&j, "title", rows->options.title ? rows->options.title : "");
    json_raw(&j, "trace", rows->options.trace_json ? rows->options.trace_json : "{}");
    json_end_object(&j);
    out_escape_json_in_html(&rows->line, start);
    text_add(&rows->line, NEXT_ELEMENT("data-rows") "[");
}

static void html_row(struct out_timeline_rows *rows, const struct timeline_row *row)
{
    if (rows->count >= TIMELINE_PAGE_ROWS) {
        return;
    }
    size_t start = rows->line.size;
    text_add(&rows->line, rows->count > 0 ? ",\n" : "\n");
    timeline_json_add_row(rows, row);
    out_escape_json_in_html(&rows->line, start);
}

static uint64_t beyond_page(uint64_t count)
{
    return count > TIMELINE_PAGE_ROWS ? count - TIMELINE_PAGE_ROWS : 0;
}

static void html_end_rows(struct out_timeline_rows *rows)
{
    text_add(&rows->line, "\n]" NEXT_ELEMENT("data-end"));
    struct json_writer j = json_writer_of(&rows->line);
    json_begin_object(&j, NULL);
    json_u64(&j, "rows", rows->count);
    json_u64(&j, "rows_left_out", beyond_page(rows->count));
    json_u64(&j, "connections_left_out", beyond_page(rows->socket_count));
    text_add(&rows->line, ",\"sockets\":[");
}

static void html_socket(struct out_timeline_rows *rows, const struct timeline_socket *socket)
{
    size_t start = rows->line.size;
    text_add(&rows->line, socket->is_first ? "\n" : ",\n");
    timeline_json_add_socket(rows, socket);
    out_escape_json_in_html(&rows->line, start);
}

static void html_end_sockets(struct out_timeline_rows *rows)
{
    text_add(&rows->line, "\n],\"without_socket\":[");
}

static void html_end(struct out_timeline_rows *rows)
{
    text_add(&rows->line, "\n]}");
    text_add(&rows->line, timeline_page_tail);
}

const struct timeline_format timeline_html = {.begin = html_begin,
                                              .row = html_row,
                                              .end_rows = html_end_rows,
                                              .socket = html_socket,
                                              .end_sockets = html_end_sockets,
                                              .orphan = html_socket,
                                              .end = html_end,
                                              .socket_maximum = TIMELINE_PAGE_ROWS};
