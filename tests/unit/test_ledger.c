/* SPDX-License-Identifier: MIT */
#include "correlate/ledger.h"
#include "socket_events.h"

struct ledger_scene {
    struct corr_ledger *ledger;
    struct etw_record record;
};

static void open_ledger(struct ledger_scene *scene, bool has_loss)
{
    struct etw_error error;
    const struct corr_ledger_options options = {.has_loss = has_loss, .has_socket_events = true};
    *scene = (struct ledger_scene){.record = {.time = SECOND, .offset = 1000, .thread_id = 7}};
    assert_int_equal(corr_ledger_new(&options, &scene->ledger, &error), ETW_OK);
}

static void tell_ledger(struct ledger_scene *scene, const struct etw_event *event)
{
    struct etw_error error;
    struct etw_event next = *event;
    scene->record.time += MILLISECOND;
    scene->record.offset += 100;
    next.record = &scene->record;
    assert_int_equal(corr_ledger_learn(scene->ledger, &next, &error), ETW_OK);
}

static void finish_ledger(struct ledger_scene *scene)
{
    struct etw_error error;
    assert_int_equal(corr_ledger_finish(scene->ledger, &error), ETW_OK);
}

static void close_ledger(struct ledger_scene *scene)
{
    corr_ledger_free(scene->ledger);
}

/* ---- events ---- */

static void socket_event(struct ledger_scene *scene, const struct etw_socket *socket)
{
    tell_ledger(scene, &(struct etw_event){.kind = ETW_EVENT_SOCKET, .u.socket = *socket});
}

static void process_event(struct ledger_scene *scene, uint32_t pid, const char *image, bool is_end)
{
    tell_ledger(scene, &(struct etw_event){.kind = ETW_EVENT_PROCESS,
                                           .u.process = {.phase = ETW_PHASE_SINGLE,
                                                         .is_end = is_end,
                                                         .pid = pid,
                                                         .image = bytes_of((const uint8_t *)image,
                                                                           strlen(image))}});
}

static void accepted_event(struct ledger_scene *scene, uint64_t tcb, uint32_t pid, uint16_t port)
{
    socket_event(scene, &(struct etw_socket){.layer = ETW_LAYER_STACK,
                                             .action = ETW_ACTION_ACCEPT,
                                             HANDLES(HANDLE(TCB, tcb)),
                                             .protocol = 6,
                                             .pid = pid,
                                             .local = ipv4("10.0.0.1", 80),
                                             .remote = ipv4("10.0.0.2", port),
                                             .has = ETW_HAS_LOCAL | ETW_HAS_REMOTE | ETW_HAS_PID |
                                                    ETW_HAS_PROTOCOL});
}

static void datagram_event(struct ledger_scene *scene, enum etw_layer layer, uint64_t endpoint,
                           uint32_t pid)
{
    socket_event(scene, &(struct etw_socket){.layer = layer,
                                             .action = ETW_ACTION_SEND_TO,
                                             HANDLES(HANDLE(UDP_ENDPOINT, endpoint)),
                                             .protocol = 17,
                                             .pid = pid,
                                             .bytes = 40,
                                             .local = ipv4("10.0.0.1", 5000),
                                             .remote = ipv4("10.0.0.2", 53),
                                             .has = ETW_HAS_LOCAL | ETW_HAS_REMOTE | ETW_HAS_PID |
                                                    ETW_HAS_BYTES | ETW_HAS_PROTOCOL});
}

static void state_event(struct ledger_scene *scene, uint64_t tcb, uint32_t from, uint32_t to)
{
    socket_event(scene, &(struct etw_socket){.layer = ETW_LAYER_STACK,
                                             .action = ETW_ACTION_STATE,
                                             HANDLES(HANDLE(TCB, tcb)),
                                             .protocol = 6,
                                             .from = from,
                                             .to = to,
                                             .has = ETW_HAS_FROM | ETW_HAS_TO | ETW_HAS_PROTOCOL});
}

/* The row that has this protocol; there must be one. */
static const struct corr_socket *find_socket(const struct ledger_scene *scene, uint8_t protocol,
                                             uint32_t *row)
{
    const struct corr_socket *rows = NULL;
    size_t count = corr_ledger_sockets(scene->ledger, &rows);
    for (*row = 0; *row < count; (*row)++) {
        if (rows[*row].id != 0 && rows[*row].protocol == protocol) {
            return &rows[*row];
        }
    }
    fail_msg("no socket of protocol %u", (unsigned)protocol);
    return NULL;
}

static const struct corr_process *process_of(const struct ledger_scene *scene,
                                             const struct corr_socket *socket)
{
    assert_int_not_equal(socket->process, CORR_NO_ROW);
    return corr_processes_get(corr_ledger_processes(scene->ledger), socket->process);
}

/* ---- tests ---- */

static void each_layer_is_told_to_its_history(void **context)
{
    (void)context;
    struct ledger_scene scene;
    struct corr_ledger_counts counts;
    enum corr_tcp_state now;
    uint32_t row = 0;
    open_ledger(&scene, false);
    process_event(&scene, 900, "httpd.exe", false);
    state_event(&scene, 0x1000, CORR_LISTEN, CORR_SYN_RECEIVED);
    state_event(&scene, 0x1000, CORR_SYN_RECEIVED, CORR_ESTABLISHED);
    int64_t established = scene.record.time;
    accepted_event(&scene, 0x1000, 900, 5555);
    datagram_event(&scene, ETW_LAYER_STACK, 0x2000, 901);
    datagram_event(&scene, ETW_LAYER_KERNEL, 0, 901);
    socket_event(&scene, &(struct etw_socket){.layer = ETW_LAYER_SMB_CLIENT});
    finish_ledger(&scene);

    const struct corr_socket *server = find_socket(&scene, 6, &row);
    assert_int_equal(server->role, CORR_SERVER);
    assert_string_equal(process_of(&scene, server)->name, "httpd.exe");
    assert_int_equal(corr_ledger_state_count(scene.ledger, row), 2);
    assert_true(corr_ledger_state_at(scene.ledger, row, established, &now));
    assert_int_equal(now, CORR_ESTABLISHED);

    const struct corr_socket *datagram = find_socket(&scene, 17, &row);
    assert_int_equal(process_of(&scene, datagram)->pid, 901); /* nobody told its name */
    const struct corr_endpoint remote = end4("10.0.0.2", 53);
    const struct corr_endpoint other = end4("10.0.0.3", 53);
    assert_true(corr_ledger_has_flow(scene.ledger, row, &remote));
    assert_false(corr_ledger_has_flow(scene.ledger, row, &other));
    corr_ledger_get_counts(scene.ledger, &counts);
    assert_int_equal(counts.events, 5);
    assert_int_equal(counts.unplaced, 0);
    assert_int_equal(counts.contradictions, 0);
    const uint8_t here[4] = {10, 0, 0, 1};
    assert_true(corr_local_addresses_has(corr_ledger_addresses(scene.ledger), here, 4));
    close_ledger(&scene);
}

static void a_pid_that_is_given_away_again_is_the_process_of_that_time(void **context)
{
    (void)context;
    struct ledger_scene scene;
    const struct corr_socket *rows = NULL;
    open_ledger(&scene, false);
    process_event(&scene, 900, "first.exe", false);
    accepted_event(&scene, 0x1000, 900, 5555);
    state_event(&scene, 0x1000, CORR_ESTABLISHED, CORR_CLOSED);
    process_event(&scene, 900, "first.exe", true);
    scene.record.time += 60 * SECOND;
    process_event(&scene, 900, "second.exe", false);
    accepted_event(&scene, 0x1000, 900, 6666);
    finish_ledger(&scene);
    assert_int_equal(corr_ledger_sockets(scene.ledger, &rows), 2);
    assert_string_equal(process_of(&scene, &rows[0])->name, "first.exe");
    assert_string_equal(process_of(&scene, &rows[1])->name, "second.exe");
    close_ledger(&scene);
}

static void ends_without_a_listener_are_kept(void **context)
{
    (void)context;
    struct ledger_scene scene;
    open_ledger(&scene, false);
    socket_event(&scene,
                 &(struct etw_socket){.layer = ETW_LAYER_STACK,
                                      .action = ETW_ACTION_DROP,
                                      .protocol = 6,
                                      .local = ipv4("10.0.0.1", 81),
                                      .remote = ipv4("10.0.0.2", 5555),
                                      .has = ETW_HAS_LOCAL | ETW_HAS_REMOTE | ETW_HAS_PROTOCOL,
                                      .is_listener_missing = true});
    int64_t time = scene.record.time;
    finish_ledger(&scene);
    const struct corr_endpoint local = end4("10.0.0.1", 81);
    const struct corr_endpoint remote = end4("10.0.0.2", 5555);
    assert_true(corr_ledger_is_missing(scene.ledger, 6, &local, &remote, time));
    assert_false(corr_ledger_is_missing(scene.ledger, 17, &local, &remote, time));
    close_ledger(&scene);
}

static void an_empty_ledger_has_nothing(void **context)
{
    (void)context;
    struct ledger_scene scene;
    const struct corr_socket *rows = NULL;
    open_ledger(&scene, true);
    finish_ledger(&scene);
    assert_int_equal(corr_ledger_sockets(scene.ledger, &rows), 0);
    assert_true(corr_ledger_get_options(scene.ledger)->has_loss);
    assert_true(corr_ledger_get_options(scene.ledger)->has_socket_events);
    close_ledger(&scene);
    corr_ledger_free(NULL);
}

static void a_ledger_that_is_not_finished_can_be_freed(void **context)
{
    (void)context;
    struct ledger_scene scene;
    open_ledger(&scene, false);
    accepted_event(&scene, 0x1000, 900, 5555);
    close_ledger(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_layer_is_told_to_its_history),
        cmocka_unit_test(a_pid_that_is_given_away_again_is_the_process_of_that_time),
        cmocka_unit_test(ends_without_a_listener_are_kept),
        cmocka_unit_test(an_empty_ledger_has_nothing),
        cmocka_unit_test(a_ledger_that_is_not_finished_can_be_freed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
