/* SPDX-License-Identifier: MIT */
/*
 * application_rows.c - from records of Winsock's endpoints to rows of sockets: those of
 * the stack where they are found, rows of their own where not.
 */
#include "correlate/application_records.h"

#include <string.h>

#define IP_TCP 6
#define IP_UDP 17

/* ---- owners ---- */

static void write_owner(struct application_history *history, uint32_t number)
{
    enum corr_rule rule = CORR_RULE_NONE;
    uint64_t offset = 0;
    const struct application_record *record = application_records_get(history, number);
    uint32_t pid = application_records_pid(history, number, &rule, &offset);
    if ((record->flags & APPLICATION_LIKELY) != 0) {
        return;
    }
    socket_table_own(history->table, record->row, rule, pid, 0, record->first_seen, offset);
}

/* ---- rows of their own ---- */

static bool is_older(const struct application_record *record)
{
    return (record->flags & (APPLICATION_CREATED | APPLICATION_REUSED)) == 0;
}

static enum corr_role role_of(const struct application_record *record)
{
    switch ((enum application_use)record->use) {
    case APPLICATION_SERVER:
        return CORR_SERVER;
    case APPLICATION_LISTENER:
        return CORR_LISTENER;
    case APPLICATION_DATAGRAM:
        return record->protocol == IP_UDP ? CORR_DATAGRAM : CORR_RAW;
    default:
        return CORR_CLIENT;
    }
}

static void add_row(struct application_history *history, uint32_t number)
{
    struct application_record *record = application_records_get(history, number);
    uint32_t row =
        socket_table_add(history->table, role_of(record), record->protocol, record->first_seen);
    struct corr_socket *socket = socket_table_get(history->table, row);
    if (!socket) {
        return;
    }
    record->row = row;
    record->flags |= APPLICATION_OWN_ROW;
    socket->application = record->endpoint;
    if (is_older(record)) {
        socket->opened = CORR_ALWAYS;
        socket->flags |= CORR_SOCKET_OLDER;
    }
}

/* An IPv6 socket of any address takes IPv4 too when its application wants it; a connection is of
 * one kind. */
static struct corr_endpoint bound_end(const struct application_record *record)
{
    struct corr_endpoint local = record->local;
    bool is_connection = record->use == APPLICATION_CLIENT || record->use == APPLICATION_SERVER;
    bool is_any = corr_endpoint_is_any(&local);
    local.is_dual = !is_connection && local.size == 16 && is_any;
    if (is_connection && is_any && record->remote.size > 0) {
        local.size = record->remote.size;
    }
    return local;
}

void application_rows_show_datagrams(struct application_history *history, uint32_t number)
{
    const struct application_record *record = application_records_get(history, number);
    if (record->use != APPLICATION_DATAGRAM || record->protocol == 0) {
        return;
    }
    if (record->row == CORR_NO_ROW) {
        add_row(history, number);
        record = application_records_get(history, number);
    }
    if ((record->flags & APPLICATION_OWN_ROW) != 0) {
        struct corr_endpoint local = bound_end(record);
        socket_table_set_ends(history->table, record->row, &local, NULL);
    }
}

/* ---- joins ---- */

/* Ends that are known on both sides are the same; any address is every address. */
static bool ends_agree(const struct corr_endpoint *a, const struct corr_endpoint *b)
{
    bool is_known = a->size > 0 && b->size > 0;
    if (a->port != 0 && b->port != 0 && a->port != b->port) {
        return false;
    }
    if (!is_known || corr_endpoint_is_any(a) || corr_endpoint_is_any(b)) {
        return true;
    }
    return a->size == b->size && memcmp(a->bytes, b->bytes, a->size) == 0;
}

static bool roles_agree(const struct application_record *record, const struct corr_socket *socket)
{
    enum corr_role role = role_of(record);
    bool is_connection = socket->role == CORR_CLIENT || socket->role == CORR_SERVER;
    switch ((enum application_use)record->use) {
    case APPLICATION_NOT_IP:
        return false;
    case APPLICATION_UNKNOWN:
        return true;
    case APPLICATION_CLIENT:
    case APPLICATION_SERVER:
        return is_connection;
    default:
        return socket->role == (uint8_t)role;
    }
}

bool application_rows_agree(const struct application_history *history, uint32_t number,
                            uint32_t row)
{
    const struct application_record *record = application_records_get(history, number);
    const struct corr_socket *socket = socket_table_get(history->table, row);
    if (!record || !socket || (socket->flags & CORR_SOCKET_HIDDEN) != 0 ||
        (record->protocol != 0 && record->protocol != socket->protocol)) {
        return false;
    }
    bool has_remote = socket->role == CORR_CLIENT || socket->role == CORR_SERVER;
    return roles_agree(record, socket) && ends_agree(&record->local, &socket->local) &&
           (!has_remote || ends_agree(&record->remote, &socket->remote));
}

static bool is_joined(const struct application_record *record)
{
    return record->row != CORR_NO_ROW && (record->flags & APPLICATION_OWN_ROW) == 0;
}

/* What only the application knows of the role. */
static void write_role(const struct application_record *record, struct corr_socket *socket)
{
    if (record->use == APPLICATION_CLIENT || record->use == APPLICATION_SERVER) {
        socket->role = (uint8_t)role_of(record);
    }
}

/* What addresses alone join goes through a row of its own: merging rows keeps in mind that the
 * owner is only likely. */
static void make_likely(struct application_history *history, uint32_t number)
{
    if (application_records_get(history, number)->row == CORR_NO_ROW) {
        add_row(history, number);
    }
    write_owner(history, number);
    application_records_get(history, number)->flags |= APPLICATION_LIKELY;
}

bool application_rows_join(struct application_history *history, uint32_t number, uint32_t row,
                           enum corr_rule rule, uint64_t offset)
{
    struct application_record *record = application_records_get(history, number);
    struct corr_socket *socket = socket_table_get(history->table, row);
    if (!socket || is_joined(record) || socket->application != 0 ||
        !application_rows_agree(history, number, row)) {
        return false;
    }
    if (rule == CORR_RULE_SAME_ADDRESS) {
        make_likely(history, number);
        record = application_records_get(history, number);
        socket = socket_table_get(history->table, row);
    }
    socket->application = record->endpoint;
    write_role(record, socket);
    record->protocol = socket->protocol;
    if (record->use == APPLICATION_UNKNOWN && socket->role == CORR_LISTENER) {
        record->use = APPLICATION_LISTENER;
    } else if (socket->role == CORR_DATAGRAM || socket->role == CORR_RAW) {
        record->use = APPLICATION_DATAGRAM;
    }
    socket_table_note(history->table, row, rule, offset);
    if ((record->flags & APPLICATION_OWN_ROW) != 0) {
        socket_table_merge(history->table, row, record->row);
        record->flags &= (uint16_t)~APPLICATION_OWN_ROW;
    }
    record->row = row;
    write_owner(history, number);
    return true;
}

bool application_rows_pids_agree(const struct application_history *history, uint32_t number,
                                 uint32_t row, bool *is_equal)
{
    enum corr_rule rule = CORR_RULE_NONE;
    uint64_t offset = 0;
    uint32_t pid = application_records_pid(history, number, &rule, &offset);
    enum corr_rule known_rule = CORR_RULE_NONE;
    uint32_t known = socket_table_pid(history->table, row, NULL, NULL, &known_rule);
    bool is_told = rule != CORR_RULE_CALLER || known_rule != CORR_RULE_CALLER;
    *is_equal = pid != 0 && pid == known && is_told;
    return pid == 0 || known == 0 || pid == known;
}

/* ---- the end ---- */

/* A socket of which no address is known cannot be anybody's. Clients get their port without
 * being asked. */
static bool is_worth_a_row(const struct application_record *record)
{
    switch ((enum application_use)record->use) {
    case APPLICATION_CLIENT:
    case APPLICATION_SERVER:
        return record->protocol != 0 && record->remote.size > 0;
    case APPLICATION_LISTENER:
        return record->local.size > 0;
    default:
        return false; /* datagram sockets have theirs already */
    }
}

static void write_ends(struct application_history *history, const struct application_record *record)
{
    struct corr_endpoint local = bound_end(record);
    bool is_datagram = record->use == APPLICATION_DATAGRAM;
    bool has_remote =
        !is_datagram || (local.size == 0 && (record->flags & APPLICATION_SEVERAL) == 0);
    socket_table_set_ends(history->table, record->row, &local, has_remote ? &record->remote : NULL);
}

static void write_own(struct application_history *history, const struct application_record *record)
{
    struct corr_socket *socket = socket_table_get(history->table, record->row);
    write_ends(history, record);
    if (socket->status == 0) {
        socket->status = record->status;
    }
    if (record->closed != CORR_NEVER) {
        socket_table_close(history->table, record->row, record->closed,
                           (enum corr_cause)record->cause);
    }
}

/* Only what the stack did not say of an end that it told of. */
static void write_joined(struct application_history *history,
                         const struct application_record *record)
{
    struct corr_socket *socket = socket_table_get(history->table, record->row);
    if (socket->closed != CORR_NEVER) {
        socket_table_close(history->table, record->row, socket->closed,
                           (enum corr_cause)record->cause);
    }
    if (socket->status == 0) {
        socket->status = record->status;
    }
}

void application_rows_hide(struct application_history *history, uint32_t number)
{
    struct application_record *record = application_records_get(history, number);
    record->flags |= APPLICATION_HIDDEN;
    if ((record->flags & APPLICATION_OWN_ROW) != 0) {
        socket_table_hide(history->table, record->row);
    }
}

void application_rows_settle(struct application_history *history, uint32_t number)
{
    struct application_record *record = application_records_get(history, number);
    if ((record->flags & APPLICATION_HIDDEN) != 0) {
        return;
    }
    if (record->row == CORR_NO_ROW && is_worth_a_row(record)) {
        add_row(history, number);
    }
    record->row = socket_table_resolve(history->table, record->row);
    if (!socket_table_get(history->table, record->row)) {
        return;
    }
    if ((record->flags & APPLICATION_OWN_ROW) != 0) {
        write_own(history, record);
    } else {
        write_joined(history, record);
    }
    write_owner(history, number);
    socket_table_add_bytes(history->table, record->row, CORR_BYTES_APPLICATION, true,
                           record->bytes_sent);
    socket_table_add_bytes(history->table, record->row, CORR_BYTES_APPLICATION, false,
                           record->bytes_received);
}
