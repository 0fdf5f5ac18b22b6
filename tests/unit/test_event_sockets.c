/* SPDX-License-Identifier: MIT */
#include "correlate/event_sockets.h"
#include "tests/unit/owner_ledger.h"

#define TCB      0xA000u
#define ENDPOINT 0xB000u
#define EPROCESS 0xC000u

struct fixture {
    struct owner_ledger owners;
    struct corr_event_sockets *index;
};

/* owner_ledger.h has two connections under one TCB pointer; here is a third with an endpoint of
 * the application, whose calls begin before it and end after it. */
static void tell_connect(struct owner_ledger *o)
{
    const uint32_t ends = ETW_HAS_LOCAL | ETW_HAS_REMOTE | ETW_HAS_PROTOCOL;
    const struct etw_socket events[] = {
        {.layer = ETW_LAYER_APPLICATION,
         .action = ETW_ACTION_CREATE,
         .phase = ETW_PHASE_ENTER,
         HANDLES(HANDLE(AFD_ENDPOINT, ENDPOINT), HANDLE(EPROCESS, EPROCESS)),
         .protocol = 6,
         .family = 4,
         .pid = 902,
         .has = ETW_HAS_PID | ETW_HAS_PROTOCOL},
        {.layer = ETW_LAYER_APPLICATION,
         .action = ETW_ACTION_CONNECT,
         .phase = ETW_PHASE_ENTER,
         HANDLES(HANDLE(AFD_ENDPOINT, ENDPOINT), HANDLE(EPROCESS, EPROCESS)),
         .remote = ipv4("10.0.0.3", 443),
         .has = ETW_HAS_REMOTE},
        {.layer = ETW_LAYER_STACK,
         .action = ETW_ACTION_STATE,
         HANDLES(HANDLE(TCB, TCB)),
         .protocol = 6,
         .from = CORR_CLOSED,
         .to = CORR_SYN_SENT,
         .has = ETW_HAS_FROM | ETW_HAS_TO | ETW_HAS_PROTOCOL},
        {.layer = ETW_LAYER_STACK,
         .action = ETW_ACTION_CONNECT,
         .phase = ETW_PHASE_ENTER,
         HANDLES(HANDLE(TCB, TCB)),
         .protocol = 6,
         .pid = 902,
         .local = ipv4("10.0.0.1", 40000),
         .remote = ipv4("10.0.0.3", 443),
         .has = ends | ETW_HAS_PID},
        {.layer = ETW_LAYER_APPLICATION,
         .action = ETW_ACTION_CONNECT,
         .phase = ETW_PHASE_EXIT,
         HANDLES(HANDLE(AFD_ENDPOINT, ENDPOINT), HANDLE(EPROCESS, EPROCESS)),
         .has = ETW_HAS_STATUS},
    };
    for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
        tell_owner(o, &(struct etw_event){.kind = ETW_EVENT_SOCKET, .u.socket = events[i]});
    }
    tell_state(o, TCB, CORR_ESTABLISHED, CORR_CLOSED);
}

static int set_up(void **state)
{
    static struct fixture fixture;
    owner_ledger_begin(&fixture.owners);
    tell_connect(&fixture.owners);
    owner_ledger_finish(&fixture.owners);
    assert_int_equal(corr_event_sockets_new(fixture.owners.ledger, &fixture.index, NULL), ETW_OK);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    corr_event_sockets_free(fixture->index);
    owner_ledger_close(&fixture->owners);
    return 0;
}

static const struct corr_socket *socket_of(const struct fixture *fixture, uint32_t row)
{
    const struct corr_socket *rows = NULL;
    assert_true(row < corr_ledger_sockets(fixture->owners.ledger, &rows));
    return &rows[row];
}

static uint32_t find(const struct fixture *fixture, const struct etw_socket *socket, int64_t time)
{
    const struct etw_record record = {.time = time};
    const struct etw_event event = {
        .kind = ETW_EVENT_SOCKET, .record = &record, .u.socket = *socket};
    return corr_event_sockets_find(fixture->index, &event);
}

static uint32_t find_pointer(const struct fixture *fixture, enum etw_handle_space space,
                             uint64_t value, int64_t time)
{
    const struct etw_socket socket = {.handles = {{.space = space, .value = value}}};
    return find(fixture, &socket, time);
}

static uint32_t row_of_port(const struct fixture *fixture, uint16_t port)
{
    const struct corr_socket *rows = NULL;
    size_t count = corr_ledger_sockets(fixture->owners.ledger, &rows);
    for (uint32_t row = 0; row < count; row++) {
        if (rows[row].remote.port == port) {
            return row;
        }
    }
    fail_msg("no socket with the remote port %u", (unsigned)port);
    return CORR_NO_ROW;
}

static void a_pointer_that_is_used_again_is_the_socket_of_that_time(void **state)
{
    const struct fixture *fixture = *state;
    const struct corr_socket *first = socket_of(fixture, fixture->owners.first);
    const struct corr_socket *second = socket_of(fixture, fixture->owners.second);
    assert_true(first->closed < second->opened);
    assert_int_equal(find_pointer(fixture, ETW_HANDLE_TCB, 0x1000, first->opened),
                     fixture->owners.first);
    assert_int_equal(find_pointer(fixture, ETW_HANDLE_TCB, 0x1000, first->closed),
                     fixture->owners.first);
    assert_int_equal(find_pointer(fixture, ETW_HANDLE_TCB, 0x1000, second->opened),
                     fixture->owners.second);
    assert_int_equal(find_pointer(fixture, ETW_HANDLE_TCB, 0x1000, second->opened + SECOND),
                     fixture->owners.second);
    /* between both lives: the nearer one */
    assert_int_equal(find_pointer(fixture, ETW_HANDLE_TCB, 0x1000, first->closed + 1),
                     fixture->owners.first);
    assert_int_equal(find_pointer(fixture, ETW_HANDLE_TCB, 0x1000, second->opened - 1),
                     fixture->owners.second);
}

static void pointers_of_other_spaces_are_others(void **state)
{
    const struct fixture *fixture = *state;
    int64_t time = socket_of(fixture, fixture->owners.first)->opened;
    assert_int_equal(find_pointer(fixture, ETW_HANDLE_UDP_ENDPOINT, 0x1000, time), CORR_NO_ROW);
    assert_int_equal(find_pointer(fixture, ETW_HANDLE_LISTENER, 0x1000, time), CORR_NO_ROW);
    assert_int_equal(find_pointer(fixture, ETW_HANDLE_EPROCESS, 0x1000, time), CORR_NO_ROW);
    assert_int_equal(find_pointer(fixture, ETW_HANDLE_TCB, 0x1001, time), CORR_NO_ROW);
    assert_int_equal(find_pointer(fixture, ETW_HANDLE_TCB, 0, time), CORR_NO_ROW);
    time = socket_of(fixture, fixture->owners.datagram)->opened;
    assert_int_equal(find_pointer(fixture, ETW_HANDLE_UDP_ENDPOINT, 0x2000, time),
                     fixture->owners.datagram);
}

static void an_applications_endpoint_counts_before_and_after_its_connection(void **state)
{
    const struct fixture *fixture = *state;
    uint32_t row = row_of_port(fixture, 443);
    const struct corr_socket *socket = socket_of(fixture, row);
    assert_int_equal(socket->application, ENDPOINT);
    static const int64_t minute = 60 * SECOND;
    const struct {
        int64_t time;
        uint32_t row;
    } cases[] = {
        {socket->opened - SECOND, row},
        {socket->opened, row},
        {socket->closed, row},
        {socket->closed + SECOND, row},
        {socket->closed + minute + 1, CORR_NO_ROW},
        {socket->opened - minute - 1, CORR_NO_ROW},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(find_pointer(fixture, ETW_HANDLE_AFD_ENDPOINT, ENDPOINT, cases[i].time),
                         cases[i].row);
    }
}

static void what_moves_data_is_not_of_a_connection_to_come(void **state)
{
    const struct fixture *fixture = *state;
    uint32_t row = row_of_port(fixture, 443);
    const struct corr_socket *socket = socket_of(fixture, row);
    struct etw_socket event = {.action = ETW_ACTION_SEND,
                               .handles = {{.space = ETW_HANDLE_AFD_ENDPOINT, .value = ENDPOINT}}};
    assert_int_equal(find(fixture, &event, socket->opened - SECOND), CORR_NO_ROW);
    assert_int_equal(find(fixture, &event, socket->opened + 1), row);
    assert_int_equal(find(fixture, &event, socket->closed + SECOND), row);
    event.action = ETW_ACTION_BIND;
    assert_int_equal(find(fixture, &event, socket->opened - SECOND), row);
}

static void without_a_pointer_the_ends_tell(void **state)
{
    const struct fixture *fixture = *state;
    uint32_t row = row_of_port(fixture, 443);
    int64_t time = socket_of(fixture, row)->opened;
    struct etw_socket socket = {.protocol = 6,
                                .local = ipv4("10.0.0.1", 40000),
                                .remote = ipv4("10.0.0.3", 443),
                                .has = ETW_HAS_LOCAL | ETW_HAS_REMOTE | ETW_HAS_PROTOCOL};
    assert_int_equal(find(fixture, &socket, time), row);
    assert_int_equal(find(fixture, &socket, time - 3600 * SECOND), CORR_NO_ROW);
    socket.remote.port = 444;
    assert_int_equal(find(fixture, &socket, time), CORR_NO_ROW);
    socket.remote.port = 443;
    socket.has = ETW_HAS_LOCAL;
    assert_int_equal(find(fixture, &socket, time), CORR_NO_ROW);
}

static void the_first_pointer_that_is_known_decides(void **state)
{
    const struct fixture *fixture = *state;
    uint32_t row = row_of_port(fixture, 443);
    const struct etw_socket socket = {
        HANDLES(HANDLE(EPROCESS, EPROCESS), HANDLE(TCP_ENDPOINT, 0x1000), HANDLE(TCB, TCB))};
    assert_int_equal(find(fixture, &socket, socket_of(fixture, row)->opened), row);
}

static void events_that_are_not_of_sockets_have_none(void **state)
{
    const struct fixture *fixture = *state;
    const struct etw_record record = {.time = SAMPLE_TIME};
    const struct etw_event event = {.kind = ETW_EVENT_PROCESS, .record = &record};
    assert_int_equal(corr_event_sockets_find(fixture->index, &event), CORR_NO_ROW);
    corr_event_sockets_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pointer_that_is_used_again_is_the_socket_of_that_time),
        cmocka_unit_test(pointers_of_other_spaces_are_others),
        cmocka_unit_test(an_applications_endpoint_counts_before_and_after_its_connection),
        cmocka_unit_test(what_moves_data_is_not_of_a_connection_to_come),
        cmocka_unit_test(without_a_pointer_the_ends_tell),
        cmocka_unit_test(the_first_pointer_that_is_known_decides),
        cmocka_unit_test(events_that_are_not_of_sockets_have_none),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
