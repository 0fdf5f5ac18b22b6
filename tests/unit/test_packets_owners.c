/* SPDX-License-Identifier: MIT */
/* How packets.c waits for the event that tells which socket received a datagram. */
#include "tests/unit/packet_events.h"

#include "tests/unit/attribution_world.h"

/* 198.51.100.97:2762 to 192.0.2.1:36003 over raw IP, 8 bytes. */
static const uint8_t frame[36] = {0x45, 0,  0,   36, 0, 0, 0,    0,    64,   17,   0, 0,  198, 51,
                                  100,  97, 192, 0,  2, 1, 0x0A, 0xCA, 0x8C, 0xA3, 0, 16, 0,   0};

struct scene {
    struct world world;
    struct stage stage;
};

static void open_scene(struct scene *scene, size_t sockets)
{
    scene->world = world_new();
    for (size_t i = 0; i < sockets; i++) {
        uint32_t row =
            add_socket(&scene->world, CORR_DATAGRAM, "0.0.0.0:36003", "", (uint32_t)i, 0, FOREVER);
        scene->world.rows[row].handle = 0xA0 + i;
    }
    struct etw_error error;
    const struct corr_packets_options options = {.attribution = world_attribution(&scene->world)};
    open_stage(&scene->stage, false);
    corr_packets_free(scene->stage.packets);
    assert_int_equal(corr_packets_new(scene->stage.adapters, &scene->stage.findings, &options,
                                      keep_seen, &scene->stage, &scene->stage.packets, &error),
                     ETW_OK);
}

static void close_scene(struct scene *scene)
{
    close_stage(&scene->stage);
    world_done(&scene->world);
}

static void feed_datagram(struct scene *scene, enum etw_direction direction, double time)
{
    const struct etw_packet packet = {.capture = ETW_CAPTURE_NDIS,
                                      .link = ETW_LINK_RAW_IP,
                                      .direction = direction,
                                      .is_start = true,
                                      .is_end = true,
                                      .data = bytes_of(frame, sizeof(frame))};
    feed_packet(&scene->stage, at(time), 1, 0, &packet);
}

static void feed_receive(struct scene *scene, uint64_t handle, double time)
{
    const struct corr_endpoint local = end_of("192.0.2.1:36003");
    const struct corr_endpoint remote = end_of("198.51.100.97:2762");
    struct etw_event event = {.kind = ETW_EVENT_SOCKET};
    struct etw_socket *socket = &event.u.socket;
    socket->action = ETW_ACTION_RECEIVE_FROM;
    socket->has = ETW_HAS_LOCAL | ETW_HAS_REMOTE | ETW_HAS_BYTES;
    socket->bytes = 8;
    socket->handles[0] = (struct etw_handle){ETW_HANDLE_UDP_ENDPOINT, handle};
    socket->local = (struct etw_socket_address){.size = 4, .has_port = true, .port = local.port};
    socket->remote = (struct etw_socket_address){.size = 4, .has_port = true, .port = remote.port};
    memcpy(socket->local.bytes, local.bytes, 4);
    memcpy(socket->remote.bytes, remote.bytes, 4);
    assert_int_equal(feed_event(&scene->stage, at(time), 1, 0, &event), ETW_OK);
}

static void an_undecided_datagram_waits_for_its_event_and_others_for_it(void **state)
{
    (void)state;
    struct scene scene;
    open_scene(&scene, 2);
    feed_datagram(&scene, IN, 1);
    feed_datagram(&scene, OUT, 1.0001);
    assert_int_equal(scene.stage.seen_count, 0);
    assert_int_equal(corr_packets_held_since(scene.stage.packets), at(1));
    feed_receive(&scene, 0xA1, 1.0005);
    feed_time(&scene.stage, at(1.0010));
    assert_int_equal(scene.stage.seen_count, 0);
    feed_time(&scene.stage, at(1.0011));
    assert_int_equal(scene.stage.seen_count, 2);
    const struct corr_packet *first = &scene.stage.seen[0].packet;
    assert_int_equal(first->frame, 1);
    assert_int_equal(first->time, at(1));
    expect_owner(first->verdict, 1, 1, CORR_CERTAIN, CORR_RULE_DATA_EVENT);
    assert_int_equal(scene.stage.seen[1].packet.frame, 2);
    assert_int_equal(corr_packets_held_since(scene.stage.packets), INT64_MAX);
    finish_stage(&scene.stage);
    close_scene(&scene);
}

static void without_an_event_it_leaves_undecided(void **state)
{
    (void)state;
    struct scene scene;
    open_scene(&scene, 2);
    feed_datagram(&scene, IN, 1);
    feed_time(&scene.stage, at(1.5));
    assert_int_equal(scene.stage.seen_count, 1);
    expect_nobody(scene.stage.seen[0].packet.verdict, CORR_AMBIGUOUS, CORR_RULE_SEVERAL);
    feed_datagram(&scene, IN, 2);
    feed_datagram(&scene, IN, 2.0001);
    assert_int_equal(scene.stage.seen_count, 1);
    finish_stage(&scene.stage); /* the trace ends before the event */
    assert_int_equal(scene.stage.seen_count, 3);
    assert_int_equal(scene.stage.seen[2].packet.frame, 3);
    close_scene(&scene);
}

static void a_decided_one_does_not_wait(void **state)
{
    (void)state;
    struct scene scene;
    open_scene(&scene, 1);
    feed_datagram(&scene, IN, 1);
    assert_int_equal(scene.stage.seen_count, 1);
    expect_owner(scene.stage.seen[0].packet.verdict, 0, 0, CORR_STRONG, CORR_RULE_LOCAL_PORT);
    close_scene(&scene);
}

/* Waiting ends when too much is held. */
static void waiting_packets_are_bounded(void **state)
{
    (void)state;
    struct scene scene;
    open_scene(&scene, 2);
    const size_t maximum = CORR_HELD_BYTES / sizeof(frame);
    size_t fed = 0;
    while (scene.stage.seen_count == 0 && fed <= maximum) {
        feed_datagram(&scene, IN, 1);
        fed++;
    }
    assert_true(scene.stage.seen_count > 0);
    finish_stage(&scene.stage);
    assert_int_equal(scene.stage.seen_count, fed);
    close_scene(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_undecided_datagram_waits_for_its_event_and_others_for_it),
        cmocka_unit_test(without_an_event_it_leaves_undecided),
        cmocka_unit_test(a_decided_one_does_not_wait),
        cmocka_unit_test(waiting_packets_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
