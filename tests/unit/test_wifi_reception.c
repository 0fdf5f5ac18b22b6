/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/payload_writer.h"

#define PROVIDER "2ed6006e-4729-4609-b423-3ee7bcd678ef"

enum { CONTEXT_SIZE = 0x30, EVENT_HEAD = 12 };

struct context {
    uint8_t type, revision;
    uint16_t size;
    uint32_t flags, frequency;
    int32_t signal;
    uint8_t rate;
    uint64_t timestamp;
};

static const struct context usual = {0x80, 1, CONTEXT_SIZE, 4, 5180, -48, 108, 123456789};

static void put_context(struct payload *to, const struct context *context)
{
    put_number(to, 1, context->type);
    put_number(to, 1, context->revision);
    put_number(to, 2, context->size);
    put_number(to, 4, context->flags);
    put_number(to, 4, 7); /* the radio's number */
    put_number(to, 4, context->frequency);
    put_number(to, 4, 1);
    put_number(to, 4, (uint32_t)context->signal);
    put_number(to, 4, context->rate);
    put_number(to, 4, 0);
    put_number(to, 8, UINT64_C(0xFFFF8A0011223340)); /* a pointer that means nothing here */
    put_number(to, 8, context->timestamp);
}

static struct payload make_event(const struct context *context, uint32_t stated_size)
{
    struct payload payload = {.size = 0};
    put_number(&payload, 4, 12);
    put_number(&payload, 4, 15);
    put_number(&payload, 4, stated_size);
    put_context(&payload, context);
    return payload;
}

static const struct etw_reception *read_event(struct decoding *d, const struct payload *payload,
                                              size_t size)
{
    decoding_read(d, 1002, payload->data, size);
    assert_int_equal(d->event.kind, ETW_EVENT_RECEPTION);
    return &d->event.u.reception;
}

static int set_up(void **state)
{
    struct decoding *d = calloc(1, sizeof(*d));
    assert_non_null(d);
    decoding_init(d, PROVIDER, RECORD_IS_MANIFEST);
    *state = d;
    return 0;
}

static int tear_down(void **state)
{
    decoding_done(*state);
    free(*state);
    return 0;
}

static void channel_rate_signal_and_clock_are_read(void **state)
{
    struct payload payload = make_event(&usual, CONTEXT_SIZE);
    const struct etw_reception *reception = read_event(*state, &payload, payload.size);
    assert_true(reception->is_readable);
    assert_int_equal(reception->interface_index, 12);
    assert_int_equal(reception->lower_index, 15);
    assert_int_equal(reception->has,
                     ETW_HAS_FREQUENCY | ETW_HAS_RATE | ETW_HAS_SIGNAL | ETW_HAS_RADIO_CLOCK);
    assert_int_equal(reception->frequency, 5180);
    assert_int_equal(reception->rate, 108);
    assert_int_equal(reception->signal, -48);
    assert_int_equal(reception->radio_time, 123456789);
    assert_false(reception->is_damaged);
}

static void impossible_values_are_not_stated(void **state)
{
    static const struct {
        struct context context;
        uint32_t has;
        bool is_damaged;
    } cases[] = {
        {{0x80, 1, CONTEXT_SIZE, 0, 5180, -48, 108, 9}, 0x7, false},
        {{0x80, 1, CONTEXT_SIZE, 0, 0, -48, 108, 9}, 0x6, false},
        {{0x80, 1, CONTEXT_SIZE, 0, 65535, -48, 108, 9}, 0x7, false},
        {{0x80, 1, CONTEXT_SIZE, 0, 65536, -48, 108, 9}, 0x6, false},
        {{0x80, 1, CONTEXT_SIZE, 0, UINT32_MAX, -48, 108, 9}, 0x6, false},
        {{0x80, 1, CONTEXT_SIZE, 0, 2412, 0, 108, 9}, 0x3, false},
        {{0x80, 1, CONTEXT_SIZE, 0, 2412, -128, 108, 9}, 0x7, false},
        {{0x80, 1, CONTEXT_SIZE, 0, 2412, -129, 108, 9}, 0x3, false},
        {{0x80, 1, CONTEXT_SIZE, 0, 2412, 128, 108, 9}, 0x3, false},
        {{0x80, 1, CONTEXT_SIZE, 0, 2412, INT32_MIN, 108, 9}, 0x3, false},
        {{0x80, 1, CONTEXT_SIZE, 0, 2412, -48, 0, 9}, 0x5, false},
        {{0x80, 1, CONTEXT_SIZE, 2, 0, 0, 0, 0}, 0, true},
        {{0x80, 1, CONTEXT_SIZE, UINT32_MAX, 0, 0, 0, 0}, ETW_HAS_RADIO_CLOCK, true},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct payload payload = make_event(&cases[i].context, CONTEXT_SIZE);
        const struct etw_reception *reception = read_event(*state, &payload, payload.size);
        assert_true(reception->is_readable);
        assert_int_equal(reception->has, cases[i].has);
        assert_int_equal(reception->is_damaged, cases[i].is_damaged);
    }
}

/* Of another type, revision or size, as what a frame is sent with: it states nothing. */
static void other_structures_are_not_read(void **state)
{
    static const struct context contexts[] = {
        {0x81, 1, CONTEXT_SIZE, 4, 5180, -48, 108, 9}, {0, 1, CONTEXT_SIZE, 4, 5180, -48, 108, 9},
        {0x80, 0, CONTEXT_SIZE, 4, 5180, -48, 108, 9}, {0x80, 1, 0x2F, 4, 5180, -48, 108, 9},
        {0x80, 1, 0x20, 4, 5180, -48, 108, 9},
    };
    for (size_t i = 0; i < sizeof(contexts) / sizeof(contexts[0]); i++) {
        struct payload payload = make_event(&contexts[i], CONTEXT_SIZE);
        const struct etw_reception *reception = read_event(*state, &payload, payload.size);
        assert_false(reception->is_readable);
        assert_int_equal(reception->has, 0);
        assert_int_equal(reception->interface_index, 12);
    }
}

static void later_revisions_may_be_longer(void **state)
{
    struct context longer = usual;
    longer.revision = 2;
    longer.size = CONTEXT_SIZE + 8;
    struct payload payload = make_event(&longer, CONTEXT_SIZE + 8);
    put_number(&payload, 8, UINT64_MAX);
    assert_true(read_event(*state, &payload, payload.size)->is_readable);
}

static void every_truncation_states_nothing(void **state)
{
    struct payload payload = make_event(&usual, CONTEXT_SIZE);
    for (size_t size = 0; size < payload.size; size++) {
        const struct etw_reception *reception = read_event(*state, &payload, size);
        assert_false(reception->is_readable);
        assert_int_equal(reception->has, 0);
        assert_true(((struct decoding *)*state)->event.is_incomplete);
    }
}

/* The size that the event states decides, and never leads behind the payload. */
static void a_size_that_lies_is_bounded(void **state)
{
    static const uint32_t sizes[] = {0, 1, CONTEXT_SIZE - 1, CONTEXT_SIZE + 1, UINT32_MAX};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct payload payload = make_event(&usual, sizes[i]);
        const struct etw_reception *reception = read_event(*state, &payload, payload.size);
        assert_int_equal(reception->is_readable, sizes[i] > CONTEXT_SIZE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(channel_rate_signal_and_clock_are_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(impossible_values_are_not_stated, set_up, tear_down),
        cmocka_unit_test_setup_teardown(other_structures_are_not_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(later_revisions_may_be_longer, set_up, tear_down),
        cmocka_unit_test_setup_teardown(every_truncation_states_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_size_that_lies_is_bounded, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
