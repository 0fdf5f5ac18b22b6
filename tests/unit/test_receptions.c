/* SPDX-License-Identifier: MIT */
#include "tests/unit/packet_events.h"

#include "correlate/receptions.h"

/* One event: what is said of a frame, or a frame. */
struct step {
    char kind; /* 'r' reception, 'u' an unreadable one, 'f' frame, 's' sent frame, 'e' Ethernet,
                * '(' first and ')' last part of a frame; 0 ends */
    int64_t time;
    uint32_t thread;
    uint16_t cpu;
    uint32_t interface;
    int8_t signal; /* of a reception; of a frame: what it must get, 0: nothing */
};

struct reception_case {
    const char *name;
    struct step steps[8];
    uint64_t without_frame, unreadable;
};

/* clang-format off */
static const struct reception_case cases[] = {
    {"a frame gets what stands before it",
     {{'r', 1, 7, 0, 5, -40}, {'f', 2, 7, 0, 5, -40}}, 0, 0},
    {"it is used once",
     {{'r', 1, 7, 0, 5, -40}, {'f', 2, 7, 0, 5, -40}, {'f', 3, 7, 0, 5, 0}}, 0, 0},
    {"adapters, threads and CPUs keep theirs",
     {{'r', 1, 7, 0, 5, -40}, {'r', 2, 7, 0, 6, -41}, {'r', 3, 8, 0, 5, -42}, {'r', 3, 7, 1, 5, -43},
      {'f', 4, 7, 1, 5, -43}, {'f', 5, 8, 0, 5, -42}, {'f', 6, 7, 0, 5, -40}, {'f', 7, 7, 0, 6, -41}}, 0, 0},
    {"a second one says that the first has lost its frame",
     {{'r', 1, 7, 0, 5, -40}, {'r', 2, 7, 0, 5, -41}, {'f', 3, 7, 0, 5, -41}}, 1, 0},
    {"one at the end has no frame", {{'r', 1, 7, 0, 5, -40}}, 1, 0},
    {"a frame a second later is another one",
     {{'r', 1, 7, 0, 5, -40}, {'f', 10000002, 7, 0, 5, 0}}, 1, 0},
    {"up to a second it is the frame",
     {{'r', 1, 7, 0, 5, -40}, {'f', 10000001, 7, 0, 5, -40}}, 0, 0},
    {"frames that are sent are not received",
     {{'r', 1, 7, 0, 5, -40}, {'s', 2, 7, 0, 5, 0}, {'f', 3, 7, 0, 5, -40}}, 0, 0},
    {"packets of other kinds are left alone",
     {{'r', 1, 7, 0, 5, -40}, {'e', 2, 7, 0, 5, 0}, {'f', 3, 7, 0, 5, -40}}, 0, 0},
    {"the first part takes it for the whole frame",
     {{'r', 1, 7, 0, 5, -40}, {'(', 2, 7, 0, 5, 0}, {')', 3, 7, 0, 5, -40}, {'f', 4, 7, 0, 5, 0}}, 0, 0},
    {"one of unknown form is counted and takes the place of the one before",
     {{'r', 1, 7, 0, 5, -40}, {'u', 2, 7, 0, 5, 0}, {'f', 3, 7, 0, 5, 0}}, 1, 1},
};
/* clang-format on */

static void feed_step(struct stage *stage, const struct step *step)
{
    uint8_t data[4] = {0x80, 0, 0, 0}; /* a beacon's first bytes */
    struct etw_event event = {.kind = ETW_EVENT_RECEPTION};
    if (step->kind == 'r' || step->kind == 'u') {
        event.u.reception = (struct etw_reception){.interface_index = step->interface,
                                                   .lower_index = step->interface,
                                                   .has = ETW_HAS_SIGNAL,
                                                   .signal = step->signal,
                                                   .is_readable = step->kind == 'r'};
    } else {
        event.kind = ETW_EVENT_PACKET;
        event.u.packet = (struct etw_packet){
            .capture = ETW_CAPTURE_NDIS,
            .link = step->kind == 'e' ? ETW_LINK_ETHERNET : ETW_LINK_IEEE80211,
            .direction = step->kind == 's' ? ETW_DIRECTION_OUT : ETW_DIRECTION_IN,
            .data = bytes_of(data, sizeof(data)),
            .is_start = step->kind != ')',
            .is_end = step->kind != '(',
            .interface_index = step->interface,
            .lower_index = step->interface,
        };
    }
    assert_int_equal(feed_event(stage, step->time, step->thread, step->cpu, &event), ETW_OK);
}

static void frames_get_what_was_said_of_them(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct reception_case *row = &cases[i];
        struct stage stage;
        print_message("%s\n", row->name);
        open_stage(&stage, false);
        for (size_t k = 0; k < 8 && row->steps[k].kind; k++) {
            feed_step(&stage, &row->steps[k]);
        }
        finish_stage(&stage);
        size_t seen = 0;
        for (size_t k = 0; k < 8 && row->steps[k].kind; k++) {
            const struct step *step = &row->steps[k];
            if (step->kind == 'r' || step->kind == 'u' || step->kind == '(') {
                continue;
            }
            const struct corr_packet *packet = &stage.seen[seen++].packet;
            assert_int_equal(packet->has_reception, step->signal != 0);
            assert_int_equal(packet->has_reception ? packet->reception.signal : 0, step->signal);
        }
        assert_int_equal(stage.seen_count, seen);
        assert_int_equal(found(&stage, FINDING_RECEPTION_WITHOUT_FRAME), row->without_frame);
        assert_int_equal(found(&stage, FINDING_RECEPTION_UNREADABLE), row->unreadable);
        close_stage(&stage);
    }
}

/* More than have room: the oldest lose their frames, and that is said. */
static void of_too_many_the_oldest_are_given_up(void **state)
{
    (void)state;
    enum { EXTRA = 3 };
    struct stage stage;
    open_stage(&stage, false);
    for (uint32_t i = 0; i < CORR_RECEPTIONS_MAXIMUM + EXTRA; i++) {
        struct step step = {'r', i + 1, i, 0, 5, -40};
        feed_step(&stage, &step);
    }
    assert_int_equal(found(&stage, FINDING_RECEPTION_WITHOUT_FRAME), EXTRA);
    for (uint32_t i = 0; i < CORR_RECEPTIONS_MAXIMUM + EXTRA; i++) {
        struct step step = {'f', 1000, i, 0, 5, 0};
        feed_step(&stage, &step);
        assert_int_equal(stage.seen[i].packet.has_reception, i >= EXTRA);
    }
    finish_stage(&stage);
    assert_int_equal(found(&stage, FINDING_RECEPTION_WITHOUT_FRAME), EXTRA);
    close_stage(&stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_get_what_was_said_of_them),
        cmocka_unit_test(of_too_many_the_oldest_are_given_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
