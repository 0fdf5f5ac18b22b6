/* SPDX-License-Identifier: MIT */
/*
 * http_texts.h - request lines, hosts and statuses out of the texts of events. Inside
 * correlate only.
 */
#ifndef CORRELATE_HTTP_TEXTS_H
#define CORRELATE_HTTP_TEXTS_H

#include <stdbool.h>
#include <stdint.h>

#include "correlate/http.h"
#include "etw/base/bytes.h"

struct http_texts {
    char line[CORR_HTTP_LINE]; /* "GET /path"; "" while nothing is known */
    char host[CORR_HTTP_HOST];
    char queue[CORR_HTTP_QUEUE];
};

/* Copies what fits into the room: whole characters, and dots where something is missing. */
void http_copy_cut(char *to, size_t room, const char *from, size_t size);
/* UTF-16LE or bytes, cut to the room. False: no memory. */
bool http_copy_text(char *to, size_t room, const struct bytes *from, bool is_utf16);
/* The line of a method and a URL, and the host when the URL has one. False: no memory. */
bool http_set_request(struct http_texts *texts, const struct bytes *method, const struct bytes *url,
                      bool is_utf16);
/* What the first line and the Host header of a request say, where it is not known yet. */
void http_add_headers(struct http_texts *texts, const struct bytes *headers);
/* "HTTP/1.1 200 OK": 200; 0: none. */
uint32_t http_status_of(const struct bytes *headers);

#endif
