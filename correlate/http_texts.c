/* SPDX-License-Identifier: MIT */
#include "correlate/http_texts.h"

#include <string.h>

#include "etw/base/text.h"

/* More of a text is not looked at. */
#define TEXT_MAXIMUM 4096
#define STATUS_FIRST 100
#define STATUS_LAST  999

void http_copy_cut(char *to, size_t room, const char *from, size_t size)
{
    static const char dots[] = "...";
    if (size < room) {
        memcpy(to, from, size);
        to[size] = '\0';
        return;
    }
    size = room - sizeof(dots);
    while (size > 0 && ((uint8_t)from[size] & 0xC0) == 0x80) {
        size--;
    }
    memcpy(to, from, size);
    memcpy(to + size, dots, sizeof(dots));
}

static void read_text(struct text *to, const struct bytes *from, bool is_utf16)
{
    size_t size = from->size < TEXT_MAXIMUM ? from->size : TEXT_MAXIMUM;
    if (is_utf16) {
        text_add_utf16(to, from->data, size);
    } else {
        text_add_bytes(to, from->data, size);
    }
}

bool http_copy_text(char *to, size_t room, const struct bytes *from, bool is_utf16)
{
    struct text text = {0};
    read_text(&text, from, is_utf16);
    http_copy_cut(to, room, text_get(&text), strlen(text_get(&text)));
    bool is_done = !text.failed;
    text_done(&text);
    return is_done;
}

/* ---- URLs ---- */

/* The port that is the usual one of the scheme is left out. */
static size_t size_of_host(const char *scheme, size_t scheme_size, const char *host, size_t size)
{
    static const struct {
        const char *scheme, *port;
    } usual[] = {{"http", ":80"}, {"https", ":443"}};
    for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++) {
        size_t port_size = strlen(usual[i].port);
        if (strlen(usual[i].scheme) == scheme_size &&
            memcmp(scheme, usual[i].scheme, scheme_size) == 0 && size > port_size &&
            memcmp(host + size - port_size, usual[i].port, port_size) == 0) {
            return size - port_size;
        }
    }
    return size;
}

/* Where the path begins; the host in front of it is kept. */
static const char *take_host(struct http_texts *texts, const char *url)
{
    const char *mark = strstr(url, "://");
    if (!mark || (size_t)(mark - url) != strcspn(url, ":/?")) {
        return url;
    }
    const char *host = mark + 3;
    size_t size = strcspn(host, "/?");
    http_copy_cut(texts->host, sizeof(texts->host), host,
                  size_of_host(url, (size_t)(mark - url), host, size));
    return host[size] != '\0' ? host + size : "/";
}

bool http_set_request(struct http_texts *texts, const struct bytes *method, const struct bytes *url,
                      bool is_utf16)
{
    struct text whole = {0};
    struct text line = {0};
    read_text(&whole, url, is_utf16);
    read_text(&line, method, false);
    text_add(&line, method->size > 0 ? " " : "");
    const char *path = take_host(texts, text_get(&whole));
    text_add(&line, path[0] != '\0' ? path : "/");
    bool is_done = !whole.failed && !line.failed;
    http_copy_cut(texts->line, sizeof(texts->line), text_get(&line), strlen(text_get(&line)));
    text_done(&whole);
    text_done(&line);
    return is_done;
}

/* ---- headers ---- */

static size_t size_of_line(const struct bytes *headers, size_t from)
{
    size_t size = 0;
    while (from + size < headers->size && headers->data[from + size] != '\r' &&
           headers->data[from + size] != '\n' && headers->data[from + size] != '\0') {
        size++;
    }
    return size;
}

static bool is_host_header(const char *line, size_t size)
{
    static const char name[] = "host:";
    bool is_same = size >= sizeof(name) - 1;
    for (size_t i = 0; is_same && i < sizeof(name) - 1; i++) {
        is_same = (line[i] | 0x20) == name[i] || line[i] == name[i];
    }
    return is_same;
}

/* "GET /path HTTP/1.1" without the version. */
static void take_first_line(struct http_texts *texts, const char *line, size_t size)
{
    static const char version[] = " HTTP/";
    size_t end = size;
    while (end > 0 && line[end - 1] != ' ') {
        end--;
    }
    bool has_version = end > 0 && size - end + 1 >= sizeof(version) - 1 &&
                       memcmp(line + end - 1, version, sizeof(version) - 1) == 0;
    if (has_version) {
        http_copy_cut(texts->line, sizeof(texts->line), line, end - 1);
    }
}

void http_add_headers(struct http_texts *texts, const struct bytes *headers)
{
    struct bytes known =
        bytes_of(headers->data, headers->size < TEXT_MAXIMUM ? headers->size : TEXT_MAXIMUM);
    const char *text = (const char *)known.data;
    size_t size = size_of_line(&known, 0);
    if (texts->line[0] == '\0' && size > 0) {
        take_first_line(texts, text, size);
    }
    for (size_t at = size; at < known.size && texts->host[0] == '\0'; at += size + 1) {
        size = size_of_line(&known, at);
        if (is_host_header(text + at, size)) {
            size_t from = at + sizeof("host:") - 1;
            while (from < at + size && text[from] == ' ') {
                from++;
            }
            http_copy_cut(texts->host, sizeof(texts->host), text + from, at + size - from);
        }
    }
}

uint32_t http_status_of(const struct bytes *headers)
{
    uint32_t status = 0;
    size_t size = size_of_line(headers, 0);
    const uint8_t *line = headers->data;
    const uint8_t *blank =
        size > 5 && memcmp(line, "HTTP/", 5) == 0 ? memchr(line, ' ', size) : NULL;
    size_t at = blank ? (size_t)(blank - line) + 1 : size;
    for (size_t i = 0; i < 3 && at + i < size; i++) {
        if (line[at + i] < '0' || line[at + i] > '9') {
            return 0;
        }
        status = status * 10 + (uint32_t)(line[at + i] - '0');
    }
    return status >= STATUS_FIRST && status <= STATUS_LAST ? status : 0;
}
