/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "pcapout/pcapng_set.h"
#include "tests/unit/pcapng_blocks.h"
#include "tests/unit/sample_packets.h"

enum { FILES_MAXIMUM = 6 };

struct fixture {
    struct corr_adapters *adapters;
    struct out_pcapng_set *set;
    struct out_file *files[FILES_MAXIMUM];
    const char *kinds[FILES_MAXIMUM];
    size_t count;
    enum etw_status refusal; /* of the next file */
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    *state = fixture;
    return !fixture || corr_adapters_new(&fixture->adapters, NULL);
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    out_pcapng_set_free(fixture->set);
    for (size_t i = 0; i < fixture->count; i++) {
        out_file_abort(fixture->files[i]);
    }
    corr_adapters_free(fixture->adapters);
    free(fixture);
    return 0;
}

static enum etw_status open_memory(void *context, const char *kind, struct out_file **out,
                                   struct etw_error *error)
{
    struct fixture *fixture = context;
    if (fixture->refusal) {
        return fixture->refusal;
    }
    assert_true(fixture->count < FILES_MAXIMUM);
    fixture->kinds[fixture->count] = kind;
    enum etw_status status = out_file_open_memory(out, error);
    fixture->files[fixture->count++] = *out;
    return status;
}

static void begin(struct fixture *fixture, struct out_file *file)
{
    static const struct out_section section = {.application = "etwtrail"};
    static const struct out_pcapng_options options = {.without_owners = true};
    const struct out_pcapng_sources sources = {fixture->adapters, &section, &options};
    assert_int_equal(out_pcapng_set_new(&sources, file, open_memory, fixture, &fixture->set, NULL),
                     ETW_OK);
}

static void add(struct fixture *fixture, enum etw_link link, uint64_t frame)
{
    struct corr_packet packet = sample_packet(sample_syn, sizeof(sample_syn));
    packet.link = link;
    packet.frame = frame;
    assert_int_equal(out_pcapng_set_packet(fixture->set, &packet, NULL), ETW_OK);
}

static void add_event(struct fixture *fixture)
{
    static const uint8_t provider[16] = {1};
    const struct etw_record record = {.provider = provider, .time = SAMPLE_TIME};
    const struct out_pcapng_event event = {
        .record = &record, .message = "says", .provider = "Who", .process = CORR_NO_ROW};
    assert_int_equal(out_pcapng_set_event(fixture->set, &event, NULL), ETW_OK);
}

/* Link type of a file's only interface, and the number of its packets. */
static void check_file(const struct fixture *fixture, size_t number, const char *kind,
                       uint16_t link, unsigned packets)
{
    const struct out_file *file = fixture->files[number];
    assert_string_equal(fixture->kinds[number], kind);
    assert_int_equal(load_u16(block_of(file, BLOCK_INTERFACE, 0, NULL).data), link);
    assert_true(block_of(file, BLOCK_INTERFACE, 1, NULL).failed);
    assert_false(block_of(file, BLOCK_SECTION, 0, NULL).failed);
    assert_false(block_of(file, BLOCK_PACKET, packets - 1, NULL).failed);
    assert_true(block_of(file, BLOCK_PACKET, packets, NULL).failed);
    assert_false(block_of(file, BLOCK_STATISTICS, 0, NULL).failed);
}

static void each_link_type_gets_a_file_when_it_comes(void **state)
{
    struct fixture *fixture = *state;
    begin(fixture, NULL);
    assert_int_equal(fixture->count, 0);
    add(fixture, ETW_LINK_IEEE80211, 1);
    add(fixture, ETW_LINK_ETHERNET, 2);
    add(fixture, ETW_LINK_IEEE80211, 3);
    add(fixture, ETW_LINK_RAW_IP, 4);
    add_event(fixture);
    add(fixture, ETW_LINK_PPP, 5);
    assert_int_equal(out_pcapng_set_finish(fixture->set, NULL), ETW_OK);
    assert_int_equal(fixture->count, 5);
    check_file(fixture, 0, "wifi", 105, 2);
    check_file(fixture, 1, "ethernet", 1, 1);
    check_file(fixture, 2, "ip", 101, 1);
    check_file(fixture, 3, "events", 290, 1);
    check_file(fixture, 4, "ppp", 9, 1);
    assert_false(out_pcapng_set_has_mixed_links(fixture->set));
}

static void numbers_of_packets_stay_what_they_were(void **state)
{
    struct fixture *fixture = *state;
    begin(fixture, NULL);
    add(fixture, ETW_LINK_ETHERNET, 7);
    add(fixture, ETW_LINK_IEEE80211, 8);
    for (size_t i = 0; i < 2; i++) {
        struct bytes packet = block_of(fixture->files[i], BLOCK_PACKET, 0, NULL);
        size_t captured = load_u32(packet.data + 12);
        struct bytes id = option_of(packet, 20 + (captured + 3) / 4 * 4, 5);
        assert_int_equal(load_u64(id.data), 7 + i);
    }
}

static void with_one_file_everything_goes_there(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(open_memory(fixture, "all", &fixture->files[0], NULL), ETW_OK);
    begin(fixture, fixture->files[0]);
    add(fixture, ETW_LINK_ETHERNET, 1);
    add_event(fixture);
    add(fixture, ETW_LINK_IEEE80211, 2);
    assert_int_equal(out_pcapng_set_finish(fixture->set, NULL), ETW_OK);
    assert_int_equal(fixture->count, 1);
    assert_false(block_of(fixture->files[0], BLOCK_INTERFACE, 2, NULL).failed);
    assert_true(out_pcapng_set_has_mixed_links(fixture->set));
}

static void nothing_to_write_opens_nothing(void **state)
{
    struct fixture *fixture = *state;
    begin(fixture, NULL);
    assert_int_equal(out_pcapng_set_finish(fixture->set, NULL), ETW_OK);
    assert_int_equal(fixture->count, 0);
}

static void a_file_that_cannot_be_opened_ends_it(void **state)
{
    struct fixture *fixture = *state;
    struct corr_packet packet = sample_packet(sample_syn, sizeof(sample_syn));
    begin(fixture, NULL);
    fixture->refusal = ETW_ERR_EXISTS;
    assert_int_equal(out_pcapng_set_packet(fixture->set, &packet, NULL), ETW_ERR_EXISTS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_link_type_gets_a_file_when_it_comes, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(numbers_of_packets_stay_what_they_were, set_up, tear_down),
        cmocka_unit_test_setup_teardown(with_one_file_everything_goes_there, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nothing_to_write_opens_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_file_that_cannot_be_opened_ends_it, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
