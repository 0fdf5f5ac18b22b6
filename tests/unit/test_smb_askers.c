/* SPDX-License-Identifier: MIT */
/*
 * Whom packets of SMB are for: the events are those of a sample, the packets are made here.
 */
#include "tests/unit/smb_story.h"

#include "correlate/smb_askers.h"
#include "smb_bytes.h"

enum {
    CCMEXEC = 2288,
    XCOPY = 5120,
    NOBODY = 0,
    READ_OF_CCMEXEC = 5,
    OTHER_OF_CCMEXEC = 6,
    READ_OF_XCOPY = 10,
    OF_SYSTEM = 0, /* the negotiation */
    PAYLOAD_AT = 54,
    MORE_THAN_PLACES = 5000
};

#define STATUS_PENDING 0x103u

static struct smb_bytes stream;
static struct told *story;
static struct corr_smb_askers *askers;
static uint64_t frame;
static uint32_t row;

static int begin(void **state)
{
    char path[1024];
    struct etw_trace *trace = NULL;
    struct etw_event event;
    (void)state;
    stream.size = 0;
    frame = 0;
    story = read_sample("smb-read");
    row = story->messages[0].from.socket;
    assert_int_equal(corr_smb_askers_new(story->ledger, &askers, NULL), ETW_OK);
    (void)snprintf(path, sizeof(path), "%s/smb-read.etl", SAMPLES);
    assert_int_equal(etw_trace_open(path, NULL, &trace, NULL), ETW_OK);
    assert_int_equal(etw_trace_index(trace, NULL, NULL, NULL), ETW_OK);
    while (etw_trace_next(trace, &event, NULL) == ETW_OK) {
        assert_int_equal(corr_smb_askers_event(askers, &event, NULL), ETW_OK);
    }
    etw_trace_close(trace);
    return 0;
}

static int end(void **state)
{
    (void)state;
    corr_smb_askers_free(askers);
    forget(story);
    return 0;
}

/* ---- packets ---- */

static struct corr_packet packet_of(bool is_answer, size_t from, size_t size)
{
    static uint8_t data[1 << 20];
    struct corr_packet packet = {
        .frame = frame,
        .time = story->messages[0].from.time + (int64_t)frame,
        .offset = frame * 100,
        .direction = is_answer ? ETW_DIRECTION_IN : ETW_DIRECTION_OUT,
        .data = data,
        .captured = (uint32_t)(PAYLOAD_AT + size),
        .layers = {.has_ports = true,
                   .has_tcp = true,
                   .tcp_flags = CORR_TCP_ACK,
                   .tcp_seq = 1001 + (uint32_t)from,
                   .tcp_length = (uint32_t)size,
                   .payload_offset = PAYLOAD_AT,
                   .source_port = is_answer ? 445 : 49711,
                   .destination_port = is_answer ? 49711 : 445,
                   .source = {.size = 4, .bytes = {192, 0, 2, is_answer ? 20 : 10}},
                   .destination = {.size = 4, .bytes = {192, 0, 2, is_answer ? 10 : 20}}}};
    packet.verdict.socket = row;
    memcpy(data + PAYLOAD_AT, stream.data + from, size);
    return packet;
}

/* The same packet as before, seen at another place. */
static uint32_t pid_again(bool is_answer, size_t from, size_t size)
{
    const struct corr_packet packet = packet_of(is_answer, from, size);
    const struct corr_behalf *behalf = NULL;
    assert_int_equal(corr_smb_askers_packet(askers, &packet, &behalf, NULL), ETW_OK);
    if (behalf) {
        assert_int_equal(behalf->confidence, CORR_LIKELY);
        assert_int_equal(behalf->rule, CORR_RULE_ASKED);
        assert_true(behalf->offset > 0);
        assert_int_equal(
            corr_processes_get(corr_ledger_processes(story->ledger), behalf->process)->pid,
            behalf->pid);
    }
    return behalf ? behalf->pid : NOBODY;
}

/* Whom bytes of the stream are for, in a packet of their own. */
static uint32_t pid_of(bool is_answer, size_t from, size_t size)
{
    frame++;
    return pid_again(is_answer, from, size);
}

/* Returns where it ends. */
static size_t frame_message(size_t at)
{
    size_t size = stream.size - at - 4;
    for (unsigned i = 0; i < 4; i++) {
        stream.data[at + i] = (uint8_t)(size >> 8 * (3 - i));
    }
    return stream.size;
}

static size_t add_read(uint64_t id)
{
    size_t at = stream.size;
    put_zeros(&stream, 4);
    append_read(&stream, id, 65536, 0);
    return frame_message(at);
}

static size_t add_answer(uint64_t id, uint32_t length)
{
    size_t at = stream.size;
    put_zeros(&stream, 4);
    append_read_answer(&stream, id, length);
    return frame_message(at);
}

/* ---- tests ---- */

static void a_request_names_who_asked(void **state)
{
    (void)state;
    size_t first = add_read(READ_OF_CCMEXEC);
    size_t second = add_read(READ_OF_XCOPY);
    size_t third = add_read(OF_SYSTEM);
    assert_int_equal(pid_of(false, 0, first), CCMEXEC);
    assert_int_equal(pid_of(false, first, second - first), XCOPY);
    assert_int_equal(pid_of(false, second, third - second), NOBODY);
}

static void every_packet_of_a_response_names_who_asked(void **state)
{
    (void)state;
    size_t end_of_first = add_answer(READ_OF_CCMEXEC, 4000);
    size_t end_of_second = add_answer(OF_SYSTEM, 4000);
    assert_int_equal(pid_of(true, 0, 1460), CCMEXEC);
    assert_int_equal(pid_of(true, 1460, 1460), CCMEXEC);
    assert_int_equal(pid_of(true, 2920, end_of_first - 2920), CCMEXEC);
    assert_int_equal(pid_of(true, end_of_first, 1460), NOBODY);
    assert_int_equal(pid_of(true, end_of_first + 1460, end_of_second - end_of_first - 1460),
                     NOBODY);
}

static void a_request_is_forgotten_with_its_response(void **state)
{
    (void)state;
    size_t first = add_answer(READ_OF_CCMEXEC, 10);
    size_t second = add_answer(READ_OF_CCMEXEC, 10);
    assert_int_equal(pid_of(true, 0, first), CCMEXEC);
    assert_int_equal(pid_of(true, first, second - first), NOBODY);
}

/* STATUS_PENDING, asynchronous: the response comes later. */
static void an_interim_response_ends_nothing(void **state)
{
    (void)state;
    size_t first = add_answer(READ_OF_CCMEXEC, 10);
    put_number(&stream, 4 + 8, 4, STATUS_PENDING);
    put_number(&stream, 4 + 16, 4, 3);
    size_t second = add_answer(READ_OF_CCMEXEC, 10);
    assert_int_equal(pid_of(true, 0, first), CCMEXEC);
    assert_int_equal(pid_of(true, first, second - first), CCMEXEC);
}

static void a_packet_for_two_programs_names_none(void **state)
{
    (void)state;
    size_t first = add_read(READ_OF_CCMEXEC);
    size_t second = add_read(READ_OF_XCOPY);
    size_t third = add_read(OTHER_OF_CCMEXEC);
    size_t fourth = add_read(OF_SYSTEM);
    assert_int_equal(pid_of(false, 0, first + 100), NOBODY);
    assert_int_equal(pid_of(false, first + 100, second - first - 100), XCOPY);
    assert_int_equal(pid_of(false, second, fourth - second), CCMEXEC);
    assert_true(third < fourth);
}

static void a_packet_seen_again_is_for_the_same(void **state)
{
    (void)state;
    size_t first = add_answer(READ_OF_CCMEXEC, 10);
    size_t second = add_answer(READ_OF_XCOPY, 10);
    assert_int_equal(pid_of(true, 0, first), CCMEXEC);
    assert_int_equal(pid_of(true, first, second - first), XCOPY);
    frame--;
    assert_int_equal(pid_again(true, 0, first), CCMEXEC);
    frame++;
    assert_int_equal(pid_again(true, first, second - first), XCOPY);
}

/* The packet that fills the hole is for those whose bytes it has itself. */
static void bytes_that_waited_are_not_those_of_the_packet_in_time(void **state)
{
    (void)state;
    size_t first = add_read(OF_SYSTEM);
    size_t second = add_read(READ_OF_XCOPY);
    assert_int_equal(pid_of(false, 0, 40), NOBODY);
    assert_int_equal(pid_of(false, first, second - first), NOBODY); /* before its time */
    assert_int_equal(pid_of(false, 40, first - 40), NOBODY);
}

static void half_a_header_tells_nothing(void **state)
{
    (void)state;
    size_t first = add_read(READ_OF_CCMEXEC);
    assert_int_equal(pid_of(false, 0, 67), NOBODY);
    assert_int_equal(pid_of(false, 67, first - 67), CCMEXEC);
}

static void the_same_number_on_another_connection_is_another_request(void **state)
{
    (void)state;
    size_t first = add_read(READ_OF_CCMEXEC);
    row = CORR_NO_ROW;
    assert_int_equal(pid_of(false, 0, first), NOBODY);
    row = story->messages[0].from.socket + 1;
    assert_int_equal(pid_of(false, 0, first), NOBODY);
}

static void encrypted_messages_are_for_nobody(void **state)
{
    (void)state;
    size_t first = add_read(READ_OF_CCMEXEC);
    stream.data[4] = 0xFD;
    assert_int_equal(pid_of(false, 0, first), NOBODY);
}

static void places_of_packets_are_used_again(void **state)
{
    (void)state;
    size_t first = add_read(READ_OF_CCMEXEC);
    assert_int_equal(pid_of(false, 0, first), CCMEXEC);
    for (unsigned i = 0; i < MORE_THAN_PLACES; i++) {
        assert_int_equal(pid_of(false, first, 0), NOBODY);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_request_names_who_asked),
        TEST(every_packet_of_a_response_names_who_asked),
        TEST(a_request_is_forgotten_with_its_response),
        TEST(an_interim_response_ends_nothing),
        TEST(a_packet_for_two_programs_names_none),
        TEST(a_packet_seen_again_is_for_the_same),
        TEST(bytes_that_waited_are_not_those_of_the_packet_in_time),
        TEST(half_a_header_tells_nothing),
        TEST(the_same_number_on_another_connection_is_another_request),
        TEST(encrypted_messages_are_for_nobody),
        TEST(places_of_packets_are_used_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
