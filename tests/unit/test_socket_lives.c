/* SPDX-License-Identifier: MIT */
#include "socket_events.h"

#include <string.h>

#include "correlate/connection_begins.h"
#include "correlate/socket_rows.h"
#include "sample_packets.h"

#define TCP    6
#define UDP    17
#define SECOND INT64_C(10000000)

/* The SYN of sample_packets.h: 192.0.2.10:50357 > 198.51.100.7:443. */
static const struct corr_endpoint local = {.bytes = {192, 0, 2, 10}, .port = 50357, .size = 4};
static const struct corr_endpoint remote = {.bytes = {198, 51, 100, 7}, .port = 443, .size = 4};
#define OFFSET_SEQ 38

struct lives {
    struct scene scene;
    struct connection_begins *begins;
    uint8_t sequence; /* of the last SYN */
};

static void open_lives(struct lives *lives)
{
    struct etw_error error;
    open_scene(&lives->scene);
    lives->sequence = 0;
    assert_int_equal(connection_begins_new(&lives->begins, &error), ETW_OK);
}

static void close_lives(struct lives *lives)
{
    connection_begins_free(lives->begins);
    close_scene(&lives->scene);
}

/* A SYN with a number of its own. */
static void begin_at(struct lives *lives, int64_t time)
{
    uint8_t frame[sizeof(sample_syn)];
    struct etw_error error;
    memcpy(frame, sample_syn, sizeof(frame));
    frame[OFFSET_SEQ] = ++lives->sequence;
    const struct etw_record record = {.time = time};
    const struct etw_event event = {.kind = ETW_EVENT_PACKET,
                                    .record = &record,
                                    .u.packet = {.link = ETW_LINK_ETHERNET,
                                                 .direction = ETW_DIRECTION_OUT,
                                                 .data = bytes_of(frame, sizeof(frame)),
                                                 .is_start = true,
                                                 .is_end = true}};
    assert_int_equal(connection_begins_learn(lives->begins, &event, &error), ETW_OK);
}

/* A connection whose events stand from `first` to `last`. */
static uint32_t add(struct lives *lives, enum corr_role role, int64_t first, int64_t last)
{
    struct socket_table *table = lives->scene.table;
    uint32_t row = socket_table_add(table, role, role == CORR_DATAGRAM ? UDP : TCP, first);
    socket_table_set_ends(table, row, &local, role == CORR_DATAGRAM ? NULL : &remote);
    socket_table_own(table, row, CORR_RULE_CONNECTION_EVENT, 77, 0, first, 100);
    socket_table_see(table, row, last);
    return row;
}

static const struct corr_socket *bound(struct lives *lives, uint32_t row, bool has_loss)
{
    connection_begins_finish(lives->begins);
    socket_table_bound_lives(lives->scene.table, lives->begins, has_loss);
    return socket_table_get(lives->scene.table, row);
}

static void a_life_lasts_until_the_next_begin(void **context)
{
    (void)context;
    struct lives lives;
    open_lives(&lives);
    begin_at(&lives, 10 * SECOND);
    begin_at(&lives, 100 * SECOND);
    uint32_t row = add(&lives, CORR_CLIENT, 11 * SECOND, 50 * SECOND);
    const struct corr_socket *shown = bound(&lives, row, false);
    assert_int_equal(shown->opened, 10 * SECOND); /* the SYN it had */
    assert_int_equal(shown->closed, 100 * SECOND - 1);
    assert_int_equal(shown->cause, CORR_CAUSE_UNKNOWN);
    assert_int_equal(shown->lingers, 0);
    close_lives(&lives);
}

static void a_closed_one_lingers_until_the_next_begin(void **context)
{
    (void)context;
    struct lives lives;
    open_lives(&lives);
    begin_at(&lives, 10 * SECOND);
    begin_at(&lives, 80 * SECOND);
    uint32_t row = add(&lives, CORR_CLIENT, 11 * SECOND, 50 * SECOND);
    socket_table_close(lives.scene.table, row, 50 * SECOND, CORR_CAUSE_LOCAL_CLOSE);
    const struct corr_socket *shown = bound(&lives, row, false);
    assert_int_equal(shown->closed, 50 * SECOND);
    assert_int_equal(shown->cause, CORR_CAUSE_LOCAL_CLOSE);
    assert_int_equal(shown->lingers, 29);
    close_lives(&lives);
}

static void numbers_need_no_begins(void **context)
{
    (void)context;
    struct lives lives;
    open_lives(&lives);
    begin_at(&lives, 100 * SECOND);
    uint32_t row = add(&lives, CORR_CLIENT, 11 * SECOND, 50 * SECOND);
    lives.scene.table->rows[row].shown.flags |= CORR_SOCKET_LOCAL_SEQUENCE;
    const struct corr_socket *shown = bound(&lives, row, false);
    assert_int_equal(shown->opened, 11 * SECOND);
    assert_int_equal(shown->closed, CORR_NEVER);
    assert_int_equal(shown->lingers, 240);
    close_lives(&lives);
}

static void with_losses_two_connections_in_one_row_are_nobodys(void **context)
{
    (void)context;
    struct lives lives;
    open_lives(&lives);
    begin_at(&lives, 10 * SECOND);
    begin_at(&lives, 30 * SECOND);
    uint32_t row = add(&lives, CORR_CLIENT, 11 * SECOND, 50 * SECOND);
    assert_int_equal(bound(&lives, row, false)->flags & CORR_SOCKET_CONTRADICTED, 0);
    assert_int_equal(socket_table_pid(lives.scene.table, row, NULL, NULL, NULL), 77);
    assert_int_not_equal(bound(&lives, row, true)->flags & CORR_SOCKET_CONTRADICTED, 0);
    assert_int_equal(socket_table_pid(lives.scene.table, row, NULL, NULL, NULL), 0);
    close_lives(&lives);
}

static void with_losses_the_connect_of_the_next_mixes_a_row(void **context)
{
    (void)context;
    struct lives lives;
    open_lives(&lives);
    begin_at(&lives, 10 * SECOND);
    begin_at(&lives, 50 * SECOND + 5); /* right after the last event, its connect */
    uint32_t row = add(&lives, CORR_CLIENT, 11 * SECOND, 50 * SECOND);
    assert_int_not_equal(bound(&lives, row, true)->flags & CORR_SOCKET_CONTRADICTED, 0);
    close_lives(&lives);
}

static void with_losses_a_datagram_socket_lives_as_long_as_its_events(void **context)
{
    (void)context;
    struct lives lives;
    open_lives(&lives);
    uint32_t row = add(&lives, CORR_DATAGRAM, 11 * SECOND, 50 * SECOND);
    const struct corr_socket *shown = bound(&lives, row, false);
    assert_int_equal(shown->closed, CORR_NEVER);
    shown = bound(&lives, row, true);
    assert_int_equal(shown->closed, 50 * SECOND + SECOND / 5);
    assert_int_equal(shown->cause, CORR_CAUSE_UNKNOWN);
    assert_int_not_equal(shown->flags & CORR_SOCKET_EXACT, 0);
    close_lives(&lives);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_life_lasts_until_the_next_begin),
        cmocka_unit_test(a_closed_one_lingers_until_the_next_begin),
        cmocka_unit_test(numbers_need_no_begins),
        cmocka_unit_test(with_losses_two_connections_in_one_row_are_nobodys),
        cmocka_unit_test(with_losses_the_connect_of_the_next_mixes_a_row),
        cmocka_unit_test(with_losses_a_datagram_socket_lives_as_long_as_its_events),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
