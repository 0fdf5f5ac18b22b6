/* SPDX-License-Identifier: MIT */
#include "correlate/wfp_frames.h"
#include "tests/unit/packet_events.h"

#define COUNT_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

static const struct etw_bare_transport forms[] = {{4, 11}, {4, 19}, {16, 35}, {16, 43}};

/* A record of this form about UDP with `size` bytes behind the IP header, and `stated` of
 * them by its own word. */
static size_t make_record(const struct etw_bare_transport *form, size_t size, uint16_t stated,
                          uint8_t *record)
{
    memset(record, 0, form->prefix_size);
    for (uint8_t i = 0; i < 2 * form->address_size; i++) {
        record[i] = (uint8_t)(i + 1);
    }
    record[2 * form->address_size] = 17;
    record[form->prefix_size - 2] = (uint8_t)stated;
    record[form->prefix_size - 1] = (uint8_t)(stated >> 8);
    for (size_t i = 0; i < size; i++) {
        record[form->prefix_size + i] = (uint8_t)(0x80 + i);
    }
    return form->prefix_size + size;
}

static uint16_t header_sum(const uint8_t *header)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < 20; i += 2) {
        sum += load_be16(header + i);
    }
    sum = (sum & 0xFFFF) + (sum >> 16);
    return (uint16_t)((sum & 0xFFFF) + (sum >> 16));
}

static void check_frame(const struct etw_bare_transport *form, const uint8_t *frame, size_t size)
{
    bool is_ipv4 = form->address_size == 4;
    size_t header = is_ipv4 ? 20 : 40;
    assert_int_equal(size, header + 16);
    assert_int_equal(frame[0], is_ipv4 ? 0x45 : 0x60);
    assert_int_equal(load_be16(frame + (is_ipv4 ? 2 : 4)), is_ipv4 ? 36 : 16);
    assert_int_equal(frame[is_ipv4 ? 9 : 6], 17);
    assert_int_equal(frame[is_ipv4 ? 12 : 8], 1);
    assert_int_equal(frame[header - 1], 2 * form->address_size);
    assert_int_equal(frame[header], 0x80);
    assert_int_equal(frame[size - 1], 0x8F);
    if (is_ipv4) {
        assert_int_equal(header_sum(frame), 0xFFFF);
    }
}

static void every_form_gets_its_ip_header(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        uint8_t record[100 + CORR_WFP_ROOM];
        uint8_t frame[100 + CORR_WFP_ROOM];
        uint32_t original = 0;
        size_t size = make_record(&forms[i], 16, 16, record);
        size_t frame_size = corr_wfp_frame(&forms[i], bytes_of(record, size), frame, &original);
        check_frame(&forms[i], frame, frame_size);
        assert_int_equal(original, frame_size);
        /* in place */
        frame_size = corr_wfp_frame(&forms[i], bytes_of(record, size), record, &original);
        check_frame(&forms[i], record, frame_size);
    }
}

static void every_cut_is_survived(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        uint8_t record[100];
        size_t whole = make_record(&forms[i], 16, 16, record);
        for (size_t size = 0; size < whole; size++) {
            uint8_t *frame = malloc(size + CORR_WFP_ROOM);
            uint32_t original = 0;
            assert_non_null(frame);
            memcpy(frame, record, size);
            size_t got = corr_wfp_frame(&forms[i], bytes_of(frame, size), frame, &original);
            size_t header = forms[i].address_size == 4 ? 20 : 40;
            bool is_empty = size < forms[i].prefix_size;
            assert_int_equal(got, is_empty ? 0 : header + size - forms[i].prefix_size);
            assert_true(is_empty || original == header + 16);
            free(frame);
        }
    }
}

static void the_longest_message_states_no_ipv4_length(void **state)
{
    (void)state;
    static uint8_t record[70000];
    uint32_t original = 0;
    size_t size = make_record(&forms[0], UINT16_MAX, UINT16_MAX, record);
    assert_int_equal(corr_wfp_frame(&forms[0], bytes_of(record, size), record, &original),
                     20 + UINT16_MAX);
    assert_int_equal(load_be16(record + 2), 0);
    assert_int_equal(original, 20 + UINT16_MAX);
}

static void feed_part(struct stage *stage, int64_t time, struct bytes data, bool is_start,
                      bool is_end)
{
    struct etw_packet packet = {.capture = ETW_CAPTURE_WFP,
                                .direction = ETW_DIRECTION_IN,
                                .data = data,
                                .is_start = is_start,
                                .is_end = is_end,
                                .interface_index = 3,
                                .lower_index = 60022,
                                .bare = forms[3]};
    feed_packet(stage, time, 1, 0, &packet);
}

static void a_message_in_parts_is_one_packet_wherever_it_is_cut(void **state)
{
    (void)state;
    uint8_t record[100];
    size_t size = make_record(&forms[3], 16, 16, record);
    for (size_t cut = 0; cut <= size; cut++) {
        struct stage stage;
        open_stage(&stage, false);
        feed_part(&stage, 1, bytes_of(record, cut), true, false);
        feed_part(&stage, 2, bytes_of(record + cut, size - cut), false, true);
        finish_stage(&stage);
        assert_int_equal(stage.seen_count, 1);
        const struct corr_packet *packet = &stage.seen[0].packet;
        assert_int_equal(packet->link, ETW_LINK_RAW_IP);
        assert_int_equal(packet->interface_index, CORR_NO_INTERFACE);
        assert_int_equal(packet->time, 1);
        assert_int_equal(packet->layers.ip_protocol, 17);
        assert_false(packet->is_incomplete);
        check_frame(&forms[3], stage.seen[0].data, packet->captured);
        close_stage(&stage);
    }
}

static void whole_messages_pass_between_the_parts_of_another(void **state)
{
    (void)state;
    uint8_t record[100];
    size_t size = make_record(&forms[3], 16, 16, record);
    struct stage stage;
    struct etw_packet whole = {.capture = ETW_CAPTURE_WFP,
                               .data = bytes_of(record, size),
                               .is_start = true,
                               .is_end = true,
                               .bare = forms[3]};
    open_stage(&stage, false);
    feed_part(&stage, 1, bytes_of(record, 50), true, false);
    feed_packet(&stage, 2, 1, 0, &whole);
    feed_part(&stage, 3, bytes_of(record + 50, size - 50), false, true);
    finish_stage(&stage);
    assert_int_equal(stage.seen_count, 2);
    check_frame(&forms[3], stage.seen[0].data, stage.seen[0].packet.captured);
    check_frame(&forms[3], stage.seen[1].data, stage.seen[1].packet.captured);
    close_stage(&stage);
}

static void a_message_without_its_prefix_is_no_packet(void **state)
{
    (void)state;
    uint8_t record[100];
    struct stage stage;
    (void)make_record(&forms[0], 16, 16, record);
    struct etw_packet cut = {.capture = ETW_CAPTURE_WFP,
                             .data = bytes_of(record, 10),
                             .is_start = true,
                             .is_end = true,
                             .bare = forms[0]};
    open_stage(&stage, false);
    feed_packet(&stage, 1, 1, 0, &cut);
    finish_stage(&stage);
    assert_int_equal(stage.seen_count, 0);
    close_stage(&stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form_gets_its_ip_header),
        cmocka_unit_test(every_cut_is_survived),
        cmocka_unit_test(the_longest_message_states_no_ipv4_length),
        cmocka_unit_test(a_message_in_parts_is_one_packet_wherever_it_is_cut),
        cmocka_unit_test(whole_messages_pass_between_the_parts_of_another),
        cmocka_unit_test(a_message_without_its_prefix_is_no_packet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
