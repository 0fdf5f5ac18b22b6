/* SPDX-License-Identifier: MIT */
#include "correlate/http_history.h"

#include <stdlib.h>
#include <string.h>

#include "correlate/http_sockets.h"
#include "correlate/http_tracker.h"
#include "etw/base/array.h"
#include "etw/base/hash_index.h"

/* Processes that the payload of an event names as servers, at most. */
#define WITNESSES 4096

struct worker {
    uint32_t pid, answers;
    int64_t time;
    uint64_t offset;
};

/* One HTTP connection while it is learned. */
struct http_row {
    struct http_ends ends;
    uint32_t requests, status;
    uint8_t worker_count;
    struct worker workers[CORR_HTTP_WORKERS];
    char *host, *request, *queue; /* owned; NULL: not known */
};

struct http_history {
    struct http_tracker *tracker; /* owned; NULL once finished */
    struct http_row *rows;        /* owned; by number of the connection; NULL once finished */
    size_t count, capacity;
    uint32_t *witnesses; /* owned */
    size_t witness_count, witness_capacity;
    struct hash_index witness_index;

    /* Once finished. */
    uint32_t *sockets;       /* owned; by number of the connection */
    struct corr_http *https; /* owned, and their texts; by socket */
    size_t http_count;
};

enum etw_status http_history_new(struct http_history **out, struct etw_error *error)
{
    struct http_history *history = calloc(1, sizeof(*history));
    if (history) {
        history->tracker = http_tracker_new();
    }
    if (!history || !history->tracker) {
        free(history);
        return etw_fail_memory(error, "HTTP connections");
    }
    *out = history;
    return ETW_OK;
}

static void free_text(const char *text)
{
    void *owned = NULL;
    memcpy(&owned, &text, sizeof(owned));
    free(owned);
}

static void free_rows(struct http_history *history)
{
    for (size_t i = 0; history->rows && i < history->count; i++) {
        free(history->rows[i].host);
        free(history->rows[i].request);
        free(history->rows[i].queue);
    }
    free(history->rows);
    history->rows = NULL;
}

static void free_https(struct http_history *history)
{
    static const char nothing[] = "";
    for (size_t i = 0; i < history->http_count; i++) {
        const struct corr_http *http = &history->https[i];
        const char *const texts[] = {http->host, http->request, http->queue};
        for (size_t k = 0; k < sizeof(texts) / sizeof(texts[0]); k++) {
            if (strcmp(texts[k], nothing) != 0) {
                free_text(texts[k]);
            }
        }
    }
    free(history->https);
}

void http_history_free(struct http_history *history)
{
    if (history) {
        http_tracker_free(history->tracker);
        free_rows(history);
        free_https(history);
        free(history->witnesses);
        hash_index_done(&history->witness_index);
        free(history->sockets);
        free(history);
    }
}

/* ---- learning ---- */

/* The first text counts. False: no memory. */
static bool keep(char **kept, const char *text)
{
    if (*kept || text[0] == '\0') {
        return true;
    }
    size_t size = strlen(text) + 1;
    *kept = malloc(size);
    if (*kept) {
        memcpy(*kept, text, size);
    }
    return *kept != NULL;
}

static bool is_witness(const struct http_history *history, uint32_t pid)
{
    uint64_t hash = hash_bytes(&pid, sizeof(pid));
    uint32_t at = 0;
    uint32_t i = hash_index_first(&history->witness_index, hash, &at);
    while (i != HASH_INDEX_NONE && history->witnesses[i] != pid) {
        i = hash_index_next(&history->witness_index, hash, &at);
    }
    return i != HASH_INDEX_NONE;
}

static bool add_witness(struct http_history *history, uint32_t pid)
{
    if (pid == 0 || is_witness(history, pid) || history->witness_count >= WITNESSES) {
        return true;
    }
    if (!array_grow((void **)&history->witnesses, &history->witness_capacity,
                    history->witness_count + 1, sizeof(*history->witnesses))) {
        return false;
    }
    history->witnesses[history->witness_count] = pid;
    return hash_index_add(&history->witness_index, hash_bytes(&pid, sizeof(pid)),
                          (uint32_t)history->witness_count++);
}

static void add_answer(struct http_row *row, uint32_t pid, const struct etw_record *record)
{
    uint8_t i = 0;
    while (i < row->worker_count && row->workers[i].pid != pid) {
        i++;
    }
    if (i == CORR_HTTP_WORKERS) {
        return;
    }
    if (i == row->worker_count) {
        row->workers[row->worker_count++] =
            (struct worker){.pid = pid, .time = record->time, .offset = record->offset};
    }
    row->workers[i].answers++;
}

/* The row of a connection that begins. NULL: no memory. */
static struct http_row *add_row(struct http_history *history, const struct http_told *told,
                                int64_t time)
{
    void *rows = history->rows;
    bool has_room =
        array_grow(&rows, &history->capacity, history->count + 1, sizeof(*history->rows));
    history->rows = rows;
    if (!has_room) {
        return NULL;
    }
    struct http_row *row = &history->rows[history->count++];
    *row = (struct http_row){.ends = {.is_server = told->is_server,
                                      .pid = told->is_server ? 0 : told->pid,
                                      .local_port = told->local_port,
                                      .time = time}};
    return row;
}

static void take_ends(struct http_row *row, const struct http_told *told)
{
    row->ends.local = told->local.size ? told->local : row->ends.local;
    row->ends.remote = told->remote.size ? told->remote : row->ends.remote;
}

static bool take_told(struct http_history *history, const struct http_told *told,
                      const struct etw_record *record)
{
    struct http_row *row =
        told->is_new ? add_row(history, told, record->time) : &history->rows[told->connection];
    if (!row) {
        return false;
    }
    take_ends(row, told);
    row->requests += told->has_request;
    if (told->has_response) {
        row->status = row->status ? row->status : told->status;
        if (told->is_server && told->pid != 0) {
            add_answer(row, told->pid, record);
        }
    }
    return !told->texts ||
           (keep(&row->host, told->texts->host) && keep(&row->request, told->texts->line) &&
            keep(&row->queue, told->texts->queue));
}

enum etw_status http_history_learn(struct http_history *history, const struct etw_event *event,
                                   struct etw_error *error)
{
    struct http_told told;
    bool is_done =
        http_tracker_take(history->tracker, event, &told) && add_witness(history, told.witness);
    if (is_done && told.connection != HTTP_NO_CONNECTION) {
        is_done = take_told(history, &told, event->record);
    }
    return is_done ? ETW_OK : etw_fail_memory(error, "HTTP connections");
}

enum etw_status http_history_mention(const struct http_history *history,
                                     struct corr_processes *processes, struct etw_error *error)
{
    enum etw_status status = ETW_OK;
    for (size_t i = 0; i < history->count && !status; i++) {
        const struct http_row *row = &history->rows[i];
        for (uint8_t k = 0; k < row->worker_count && !status; k++) {
            status = corr_processes_mention(processes, row->workers[k].pid, 0, row->workers[k].time,
                                            error);
        }
    }
    return status;
}

/* ---- finishing ---- */

static void take_text(const char **to, char **from)
{
    *to = *from ? *from : "";
    *from = NULL;
}

/* One answer may have been logged in a thread that happened to be there; two, or an event whose
 * payload names the process, are no accident. */
static void fill_workers(const struct http_history *history, const struct http_row *row,
                         const struct corr_processes *processes, struct corr_http *http)
{
    for (uint8_t i = 0; i < row->worker_count; i++) {
        const struct worker *worker = &row->workers[i];
        uint32_t process = corr_processes_find(processes, worker->pid, 0, worker->time);
        bool is_confirmed = worker->answers > 1 || is_witness(history, worker->pid);
        if (process != CORR_NO_ROW) {
            http->workers[http->worker_count++] =
                (struct corr_behalf){.process = process,
                                     .rule = CORR_RULE_ANSWERED,
                                     .pid = worker->pid,
                                     .answers = worker->answers,
                                     .confidence = is_confirmed ? CORR_STRONG : CORR_LIKELY,
                                     .offset = worker->offset};
        }
    }
}

static int compare_https(const void *left, const void *right)
{
    const struct corr_http *a = left;
    const struct corr_http *b = right;
    return a->socket < b->socket ? -1 : a->socket > b->socket;
}

/* The first connection of a socket tells of it; requests of others count too. */
static bool is_known(struct http_history *history, const uint32_t *first, uint32_t socket,
                     uint32_t requests)
{
    if (first[socket] == UINT32_MAX) {
        return false;
    }
    history->https[first[socket]].requests += requests;
    return true;
}

/* `first` has, by socket, the place of what is known of it; filled with UINT32_MAX. */
static void fill_https(struct http_history *history, const struct http_sockets *index,
                       const struct corr_processes *processes, uint32_t *first)
{
    for (size_t i = 0; i < history->count; i++) {
        struct http_row *row = &history->rows[i];
        uint32_t socket = http_sockets_find(index, &row->ends);
        history->sockets[i] = socket;
        bool is_empty = row->requests == 0 && !row->host && row->worker_count == 0;
        if (socket == CORR_NO_ROW || is_empty || is_known(history, first, socket, row->requests)) {
            continue;
        }
        first[socket] = (uint32_t)history->http_count;
        struct corr_http *http = &history->https[history->http_count++];
        *http =
            (struct corr_http){.socket = socket, .requests = row->requests, .status = row->status};
        take_text(&http->host, &row->host);
        take_text(&http->request, &row->request);
        take_text(&http->queue, &row->queue);
        fill_workers(history, row, processes, http);
    }
}

static enum etw_status resolve(struct http_history *history, const struct corr_socket *sockets,
                               size_t count, const struct corr_processes *processes,
                               struct etw_error *error)
{
    struct http_sockets *index = NULL;
    enum etw_status status = http_sockets_new(sockets, count, processes, &index, error);
    uint32_t *first = malloc((count + 1) * sizeof(*first));
    history->sockets = calloc(history->count, sizeof(*history->sockets));
    history->https = calloc(history->count, sizeof(*history->https));
    bool has_memory = first && history->sockets && history->https;
    if (!status && !has_memory) {
        status = etw_fail_memory(error, "HTTP connections");
    }
    if (index && has_memory) {
        memset(first, 0xFF, (count + 1) * sizeof(*first));
        fill_https(history, index, processes, first);
    }
    free(first);
    http_sockets_free(index);
    return status;
}

enum etw_status http_history_finish(struct http_history *history, const struct corr_socket *sockets,
                                    size_t count, const struct corr_processes *processes,
                                    struct etw_error *error)
{
    enum etw_status status = ETW_OK;
    if (history->count > 0) {
        status = resolve(history, sockets, count, processes, error);
    }
    if (history->http_count > 1) {
        qsort(history->https, history->http_count, sizeof(*history->https), compare_https);
    }
    free_rows(history);
    http_tracker_free(history->tracker);
    history->tracker = NULL;
    return status;
}

/* ---- looking ---- */

const struct corr_http *http_history_find(const struct http_history *history, uint32_t socket)
{
    const struct corr_http wanted = {.socket = socket};
    return history->http_count == 0 ? NULL
                                    : bsearch(&wanted, history->https, history->http_count,
                                              sizeof(*history->https), compare_https);
}

uint32_t http_history_socket(const struct http_history *history, uint32_t connection)
{
    return history->sockets && connection < history->count ? history->sockets[connection]
                                                           : CORR_NO_ROW;
}
