/* SPDX-License-Identifier: MIT */
#include "cli/smb_filter.h"

#include <stdlib.h>

#include "pcapout/smb_groups.h"

#define PROTOCOL_TCP 6

/* A condition may tell so late that a connection ended. 1 s. */
#define GRACE INT64_C(10000000)

static bool is_smb(const struct corr_socket *socket)
{
    uint16_t port = socket->role == CORR_SERVER ? socket->local.port : socket->remote.port;
    return socket->protocol == PROTOCOL_TCP && corr_is_smb_port(port);
}

static int compare_lives(const void *left, const void *right)
{
    const struct cli_smb_life *a = left;
    const struct cli_smb_life *b = right;
    return a->opened < b->opened ? -1 : a->opened > b->opened;
}

static void list_lives(struct cli_smb_filter *filter)
{
    for (size_t i = 0; i < filter->socket_count; i++) {
        const struct corr_socket *socket = &filter->sockets[i];
        if (is_smb(socket) && cli_filter_matches_socket(filter->options, socket)) {
            filter->lives[filter->life_count++] =
                (struct cli_smb_life){.opened = socket->opened, .closed = socket->closed};
        }
    }
    if (filter->life_count > 1) {
        qsort(filter->lives, filter->life_count, sizeof(*filter->lives), compare_lives);
    }
}

enum etw_status cli_smb_filter_init(struct cli_smb_filter *filter, const struct cli_filter *options,
                                    const struct corr_ledger *ledger, struct etw_error *error)
{
    *filter =
        (struct cli_smb_filter){.options = options, .ledger = ledger, .open_until = INT64_MIN};
    filter->socket_count = corr_ledger_sockets(ledger, &filter->sockets);
    filter->has_asked = calloc(filter->socket_count + 1, 1);
    filter->lives = calloc(filter->socket_count + 1, sizeof(*filter->lives));
    if (!filter->has_asked || !filter->lives) {
        cli_smb_filter_done(filter);
        return etw_fail_memory(error, "the filter");
    }
    list_lives(filter);
    return ETW_OK;
}

void cli_smb_filter_done(struct cli_smb_filter *filter)
{
    free(filter->has_asked);
    free(filter->lives);
    filter->has_asked = NULL;
    filter->lives = NULL;
}

static void stay_open(struct cli_smb_filter *filter, int64_t closed)
{
    filter->open_until = closed > filter->open_until ? closed : filter->open_until;
}

bool cli_smb_filter_takes(struct cli_smb_filter *filter, const struct corr_smb_operation *operation)
{
    if (operation->socket >= filter->socket_count) {
        return true;
    }
    struct corr_socket socket = filter->sockets[operation->socket];
    bool is_hint = false;
    if (cli_filter_matches_socket(filter->options, &socket)) {
        return true;
    }
    socket.process = out_smb_asker(filter->ledger, operation, &is_hint);
    bool is_asked = is_hint && cli_filter_matches_socket(filter->options, &socket);
    if (is_asked) {
        filter->has_asked[operation->socket] = 1;
        stay_open(filter, socket.closed);
    }
    return is_asked;
}

/* May one that names no connection be about one that is meant? */
static bool may_be_meant(struct cli_smb_filter *filter, int64_t time)
{
    for (; filter->begun < filter->life_count && filter->lives[filter->begun].opened <= time;
         filter->begun++) {
        stay_open(filter, filter->lives[filter->begun].closed);
    }
    return filter->open_until != INT64_MIN && corr_time_shift(time, -GRACE) <= filter->open_until;
}

bool cli_smb_filter_takes_condition(struct cli_smb_filter *filter,
                                    const struct corr_smb_condition *condition)
{
    if (condition->socket < filter->socket_count) {
        return filter->has_asked[condition->socket] ||
               cli_filter_matches_socket(filter->options, &filter->sockets[condition->socket]);
    }
    const struct corr_socket ends = {.local = condition->local,
                                     .remote = condition->remote,
                                     .opened = condition->time,
                                     .closed = condition->time,
                                     .process = CORR_NO_ROW,
                                     .protocol = PROTOCOL_TCP};
    return cli_filter_matches_socket(filter->options, &ends) ||
           may_be_meant(filter, condition->time);
}
