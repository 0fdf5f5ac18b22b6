/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "pcapout/rows.h"
#include "tests/unit/sample_packets.h"

#define PACKET_COUNT 4

struct fixture {
    struct corr_adapters *adapters;
    struct corr_packet packets[PACKET_COUNT];
    char *output; /* owned; of the last write_rows() */
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    if (!fixture || corr_adapters_new(&fixture->adapters, NULL)) {
        return -1;
    }
    sample_adapter(fixture->adapters, 12, 6, u"Ethernet", u"Example Gigabit Adapter");
    sample_component(fixture->adapters, 7, 4, u"TCPIP", 12);
    sample_component(fixture->adapters, 8, 2, u"\x1B[2J, \"hostile\" \x202E", 12);
    struct corr_packet *packets = fixture->packets;
    packets[0] = sample_packet(sample_syn, sizeof(sample_syn));
    packets[0].header_pid = 4;
    packets[1] = sample_sighting(sample_udp6, sizeof(sample_udp6), 8, 1);
    packets[1].direction = ETW_DIRECTION_IN;
    packets[1].verdict.reason = CORR_UNKNOWN;
    packets[1].header_pid = 0;
    packets[1].original = 1514;
    packets[1].drop = (struct corr_drop){
        .is_dropped = true, .reason = 1204, .location = 0xE0004601, .component = 7};
    packets[2] = sample_packet(sample_arp, sizeof(sample_arp));
    packets[2].direction = ETW_DIRECTION_UNKNOWN;
    packets[3] = sample_sighting(sample_syn, sizeof(sample_syn), 7, 2);
    packets[3].drop = (struct corr_drop){.is_dropped = true, .reason = 99999, .component = 99};
    packets[3].time += 24 * 3600 * UTC_TICKS_PER_SECOND;
    for (size_t i = 0; i < PACKET_COUNT; i++) {
        packets[i].frame = i + 1;
    }
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    free(fixture->output);
    corr_adapters_free(fixture->adapters);
    free(fixture);
    return 0;
}

/* The rows of the first `count` packets. */
static const char *write_rows(struct fixture *fixture, size_t count,
                              struct out_rows_options options)
{
    struct out_file *file = NULL;
    struct out_interfaces *interfaces = NULL;
    struct out_packet_rows *rows = NULL;
    assert_int_equal(out_file_open_memory(&file, NULL), ETW_OK);
    assert_int_equal(out_interfaces_new(fixture->adapters, false, &interfaces, NULL), ETW_OK);
    assert_int_equal(
        out_packet_rows_new(file, interfaces, fixture->adapters, &options, &rows, NULL), ETW_OK);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(out_packet_rows_packet(rows, &fixture->packets[i], NULL), ETW_OK);
    }
    assert_int_equal(out_packet_rows_finish(rows, NULL), ETW_OK);
    size_t size = 0;
    const uint8_t *data = out_file_get_memory(file, &size);
    free(fixture->output);
    fixture->output = calloc(1, size + 1);
    assert_non_null(fixture->output);
    memcpy(fixture->output, data, size);
    out_packet_rows_free(rows);
    out_interfaces_free(interfaces);
    out_file_abort(file);
    return fixture->output;
}

/* clang-format off */
#define FIRST_ROW \
    "{\"frame\":1,\"time\":\"2026-03-02T08:00:00.0012345Z\",\"interface\":\"Ethernet\"," \
    "\"direction\":\"out\",\"length\":66,\"captured\":66,\"protocol\":\"tcp\"," \
    "\"source\":\"192.0.2.10:50357\",\"destination\":\"198.51.100.7:443\"," \
    "\"tcp\":{\"flags\":\"S\",\"seq\":2232094230,\"ack\":0,\"length\":0}," \
    "\"owner\":null,\"reason\":\"no-events\",\"header_pid\":4}"
#define SECOND_ROW \
    "{\"frame\":2,\"time\":\"2026-03-02T08:00:00.0012345Z\",\"interface\":\"Ethernet\"," \
    "\"direction\":\"in\",\"length\":1514,\"captured\":62,\"protocol\":\"udp\"," \
    "\"source\":\"[2001:db8::53]:53\",\"destination\":\"[2001:db8::10]:61000\"," \
    "\"owner\":null,\"reason\":\"unknown\",\"header_pid\":0,\"appearances\":13," \
    "\"component\":\"\\u001b[2J, \\\"hostile\\\" \\u202e\",\"edge\":1," \
    "\"drop\":{\"reason\":\"INET_EndpointNotFound\",\"code\":1204," \
    "\"location\":\"TCPIP_TL_RCV_UDP_DELIVER1\",\"component\":\"TCPIP\"}}"
#define THIRD_ROW \
    "{\"frame\":3,\"time\":\"2026-03-02T08:00:00.0012345Z\",\"interface\":\"Ethernet\"," \
    "\"direction\":\"unknown\",\"length\":42,\"captured\":42,\"protocol\":\"arp\"," \
    "\"source\":\"192.0.2.1\",\"destination\":\"192.0.2.10\"," \
    "\"owner\":null,\"reason\":\"no-events\"}"
/* clang-format on */

static void ndjson_is_one_row_a_line(void **state)
{
    struct fixture *fixture = *state;
    struct out_rows_options options = {.format = OUT_NDJSON};
    assert_string_equal(write_rows(fixture, 0, options), "");
    assert_string_equal(write_rows(fixture, 3, options),
                        FIRST_ROW "\n" SECOND_ROW "\n" THIRD_ROW "\n");
}

static void json_is_one_document_with_the_trace(void **state)
{
    struct fixture *fixture = *state;
    struct out_rows_options options = {.format = OUT_JSON, .trace_json = "{\"file\":\"a.etl\"}"};
    assert_string_equal(write_rows(fixture, 0, options),
                        "{\"trace\":{\"file\":\"a.etl\"},\"packets\":[\n]}\n");
    assert_string_equal(write_rows(fixture, 2, options),
                        "{\"trace\":{\"file\":\"a.etl\"},\"packets\":[\n" FIRST_ROW ",\n" SECOND_ROW
                        "\n]}\n");
}

static void a_drop_without_known_names_keeps_its_numbers(void **state)
{
    struct fixture *fixture = *state;
    const char *output = write_rows(fixture, 4, (struct out_rows_options){.format = OUT_NDJSON});
    assert_non_null(strstr(output, "\"drop\":{\"code\":99999,\"location\":\"0x00000000\","
                                   "\"component\":\"component:99\"}}"));
}

static void csv_has_the_members_as_columns(void **state)
{
    struct fixture *fixture = *state;
    assert_string_equal(
        write_rows(fixture, 3, (struct out_rows_options){.format = OUT_CSV}),
        "frame,time,interface,direction,length,captured,protocol,source,destination,tcp.flags,"
        "tcp.seq,tcp.ack,tcp.length,owner.pid,owner.process,owner.path,owner.started,"
        "owner.services,owner.user,reason,candidates.pid,candidates.process,confidence,via,"
        "evidence.rule,evidence.offset,connection,header_pid,appearances,component,edge,"
        "appearance,group,number,filter,drop.reason,drop.code,drop.location,drop.component,"
        "radio.frequency_mhz,radio.rate_kbps,radio.signal_dbm,switch.port,switch.port_name,"
        "switch.nic,switch.nic_type,switch.to.port,switch.to.nic,switch.vlan,ras.user,"
        "ras.routing_domain,offload,segment_size,segments,checksum,vlan,priority,hash,"
        "virtual_subnet,on_behalf_of.pid,on_behalf_of.process\n"
        "1,2026-03-02T08:00:00.0012345Z,Ethernet,out,66,66,tcp,192.0.2.10:50357,198.51.100.7:443,"
        "S,2232094230,0,0,,,,,,,no-events,,,,,,,,4,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,\n"
        "2,2026-03-02T08:00:00.0012345Z,Ethernet,in,1514,62,udp,[2001:db8::53]:53,"
        "[2001:db8::10]:61000,,,,,,,,,,,unknown,,,,,,,,0,13,"
        "\"\x1b[2J, \"\"hostile\"\" \xE2\x80\xAE\",1,,,,,INET_EndpointNotFound,1204,"
        "TCPIP_TL_RCV_UDP_DELIVER1,TCPIP,,,,,,,,,,,,,,,,,,,,,,\n"
        "3,2026-03-02T08:00:00.0012345Z,Ethernet,unknown,42,42,arp,192.0.2.1,192.0.2.10,"
        ",,,,,,,,,,no-events,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,\n");
}

static void sightings_have_their_own_numbers(void **state)
{
    struct fixture *fixture = *state;
    struct out_rows_options options = {.format = OUT_NDJSON, .all_appearances = true};
    const char *output = write_rows(fixture, 2, options);
    assert_non_null(strstr(output, "\"edge\":1,\"appearance\":2,\"group\":281474976710657,"
                                   "\"number\":1,\"filter\":3,\"drop\":{"));
    assert_true(strstr(output, "appearance") > strchr(output, '\n')); /* not in the first row */
    options.format = OUT_CSV;
    assert_non_null(strstr(write_rows(fixture, 2, options), ",1,2,281474976710657,1,3,INET"));
}

static void flags_are_letters_from_the_lowest_bit_on(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        uint8_t flags;
        const char *letters;
    } cases[] = {
        {0, "\"flags\":\"\""},
        {CORR_TCP_SYN | CORR_TCP_ACK, "\"flags\":\"SA\""},
        {CORR_TCP_FIN | CORR_TCP_PSH | CORR_TCP_ACK, "\"flags\":\"FPA\""},
        {0xFF, "\"flags\":\"FSRPAUEC\""},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        fixture->packets[0].layers.tcp_flags = cases[i].flags;
        const char *row = write_rows(fixture, 1, (struct out_rows_options){.format = OUT_NDJSON});
        assert_non_null(strstr(row, cases[i].letters));
    }
}

static void text_fits_the_terminal_and_shows_no_controls(void **state)
{
    struct fixture *fixture = *state;
    fixture->packets[0].frame = 123456789;
    static const int widths[] = {80, 81, 99, 119, 120, 140, 159, 160, 200, 300};
    for (size_t i = 0; i < sizeof(widths) / sizeof(widths[0]); i++) {
        struct out_rows_options options = {.format = OUT_TEXT, .width = widths[i]};
        const char *line = write_rows(fixture, PACKET_COUNT, options);
        assert_null(strchr(line, '\x1b'));
        while (*line) {
            size_t size = strcspn(line, "\n");
            assert_in_range(size, 1, (uintmax_t)widths[i] - 1);
            assert_true(line[size - 1] != ' ');
            line += size + 1;
        }
    }
}

static void text_has_a_line_for_each_day_and_aligned_columns(void **state)
{
    struct fixture *fixture = *state;
    assert_string_equal(
        write_rows(fixture, PACKET_COUNT,
                   (struct out_rows_options){.format = OUT_TEXT, .width = 80}),
        "frame time            proto source > destination                     bytes tcp\n"
        "2026-03-02 UTC\n"
        "    1 08:00:00.001 -> tcp   192.0.2.10:50357 > 198.51.100.7:443         66 S\n"
        "    2 08:00:00.001 <- udp   [2001:db8::53]:53 > [2001:db8::10]:61000  1514 drop\n"
        "    3 08:00:00.001 -- arp   192.0.2.1 > 192.0.2.10                      42\n"
        "2026-03-03 UTC\n"
        "    4 08:00:00.001 -> tcp   192.0.2.10:50357 > 198.51.100.7:443         66 drop\n");
}

static void long_ends_are_cut_in_the_middle(void **state)
{
    struct fixture *fixture = *state;
    struct corr_address *source = &fixture->packets[1].layers.source;
    memset(source->bytes + 4, 0x5A, 12);
    const char *output =
        write_rows(fixture, 2, (struct out_rows_options){.format = OUT_TEXT, .width = 80});
    assert_non_null(strstr(output, " [2001:db8~:5a5a]:53 > [2001:db8~10]:61000 1514 drop\n"));
}

static void local_time_is_the_traces_own(void **state)
{
    struct fixture *fixture = *state;
    struct out_rows_options options = {
        .format = OUT_TEXT, .width = 80, .use_local_time = true, .bias_minutes = 9 * 60};
    const char *output = write_rows(fixture, 1, options);
    assert_non_null(strstr(output, "2026-03-01 UTC-09:00\n    1 23:00:00.001 "));
}

static void colours_are_ended_on_each_line(void **state)
{
    struct fixture *fixture = *state;
    struct out_rows_options options = {.format = OUT_TEXT, .width = 80, .use_colour = true};
    const char *line = write_rows(fixture, PACKET_COUNT, options);
    while (*line) {
        size_t size = strcspn(line, "\n");
        if (memchr(line, '\x1b', size)) {
            assert_memory_equal(line + size - 4, "\x1b[0m", 4);
        }
        line += size + 1;
    }
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(ndjson_is_one_row_a_line),
        CASE(json_is_one_document_with_the_trace),
        CASE(a_drop_without_known_names_keeps_its_numbers),
        CASE(csv_has_the_members_as_columns),
        CASE(sightings_have_their_own_numbers),
        CASE(flags_are_letters_from_the_lowest_bit_on),
        CASE(text_fits_the_terminal_and_shows_no_controls),
        CASE(text_has_a_line_for_each_day_and_aligned_columns),
        CASE(long_ends_are_cut_in_the_middle),
        CASE(local_time_is_the_traces_own),
        CASE(colours_are_ended_on_each_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
