/* SPDX-License-Identifier: MIT */
/* Owners in the rows of `packets`, `who` and `sockets`, in each format and on terminals of 80,
 * 120 and 160 columns. */
#include "pcapout/owner_rows.h"
#include "pcapout/socket_rows.h"
#include "tests/unit/owner_ledger.h"

#define PACKET_COUNT 4

struct fixture {
    bool has_files; /* of the trace: several */
    struct owner_ledger owners;
    struct corr_adapters *adapters;
    struct corr_packet packets[PACKET_COUNT];
    char *output; /* owned; of the last writer */
};

static int set_up(void **state)
{
    static struct fixture fixture;
    fixture = (struct fixture){.output = NULL};
    owner_ledger_open(&fixture.owners);
    const struct owner_ledger *o = &fixture.owners;
    assert_int_equal(corr_adapters_new(&fixture.adapters, NULL), ETW_OK);
    sample_adapter(fixture.adapters, 12, 6, u"Ethernet", u"Example Gigabit Adapter");
    fixture.packets[0] = owned_packet(o, o->first, CORR_RULE_SEQUENCE, CORR_CERTAIN);
    fixture.packets[0].header_pid = 0;
    fixture.packets[1] = owned_packet(o, o->second, CORR_RULE_TUPLE, CORR_LIKELY);
    fixture.packets[2] = owned_packet(o, o->datagram, CORR_RULE_DATA_EVENT, CORR_STRONG);
    fixture.packets[2].offset = 5000;
    fixture.packets[2].verdict.matched = 4800;
    fixture.packets[3] = ownerless_packet(CORR_NO_SOCKET, CORR_RULE_PROTOCOL);
    for (size_t i = 0; i < PACKET_COUNT; i++) {
        fixture.packets[i].frame = i + 1;
    }
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    free(fixture->output);
    fixture->output = NULL;
    corr_adapters_free(fixture->adapters);
    owner_ledger_close(&fixture->owners);
    return 0;
}

static const char *take_output(struct fixture *fixture, struct out_file *file)
{
    size_t size = 0;
    const uint8_t *data = out_file_get_memory(file, &size);
    free(fixture->output);
    fixture->output = calloc(1, size + 1);
    assert_non_null(fixture->output);
    memcpy(fixture->output, data, size);
    out_file_abort(file);
    return fixture->output;
}

static const char *packets_as(struct fixture *fixture, enum out_format format, int width)
{
    const struct out_rows_options options = {.format = format,
                                             .width = width,
                                             .has_files = fixture->has_files,
                                             .ledger = fixture->owners.ledger};
    struct out_file *file = NULL;
    struct out_interfaces *interfaces = NULL;
    struct out_packet_rows *rows = NULL;
    assert_int_equal(out_file_open_memory(&file, NULL), ETW_OK);
    assert_int_equal(out_interfaces_new(fixture->adapters, false, &interfaces, NULL), ETW_OK);
    assert_int_equal(
        out_packet_rows_new(file, interfaces, fixture->adapters, &options, &rows, NULL), ETW_OK);
    for (size_t i = 0; i < PACKET_COUNT; i++) {
        assert_int_equal(out_packet_rows_packet(rows, &fixture->packets[i], NULL), ETW_OK);
    }
    assert_int_equal(out_packet_rows_finish(rows, NULL), ETW_OK);
    out_packet_rows_free(rows);
    out_interfaces_free(interfaces);
    return take_output(fixture, file);
}

static const char *owners_as(struct fixture *fixture, enum out_format format, int width)
{
    const struct out_rows_options options = {
        .format = format, .width = width, .ledger = fixture->owners.ledger};
    struct out_file *file = NULL;
    struct out_owner_groups *groups = NULL;
    assert_int_equal(out_file_open_memory(&file, NULL), ETW_OK);
    assert_int_equal(out_owner_groups_new(options.ledger, &groups, NULL), ETW_OK);
    for (size_t i = 0; i < PACKET_COUNT; i++) {
        assert_int_equal(out_owner_groups_add(groups, &fixture->packets[i], NULL), ETW_OK);
    }
    assert_int_equal(out_owner_rows_write(file, groups, &options, NULL), ETW_OK);
    out_owner_groups_free(groups);
    return take_output(fixture, file);
}

static const char *sockets_as(struct fixture *fixture, enum out_format format, int width)
{
    const struct out_rows_options options = {
        .format = format, .width = width, .ledger = fixture->owners.ledger};
    const struct corr_socket *sockets = NULL;
    struct out_file *file = NULL;
    struct out_socket_traffic *traffic = NULL;
    struct out_socket_rows *rows = NULL;
    assert_int_equal(out_file_open_memory(&file, NULL), ETW_OK);
    assert_int_equal(out_socket_traffic_new(options.ledger, &traffic, NULL), ETW_OK);
    for (size_t i = 0; i < PACKET_COUNT; i++) {
        out_socket_traffic_add(traffic, &fixture->packets[i]);
    }
    assert_int_equal(out_socket_rows_new(file, traffic, NULL, &options, &rows, NULL), ETW_OK);
    size_t count = corr_ledger_sockets(options.ledger, &sockets);
    for (uint32_t row = 0; row < count; row++) {
        if ((sockets[row].flags & CORR_SOCKET_HIDDEN) == 0) {
            assert_int_equal(out_socket_rows_socket(rows, row, NULL), ETW_OK);
        }
    }
    assert_int_equal(out_socket_rows_finish(rows, NULL), ETW_OK);
    out_socket_rows_free(rows);
    out_socket_traffic_free(traffic);
    return take_output(fixture, file);
}

static void expect(const char *output, const char *part)
{
    if (!strstr(output, part)) {
        fail_msg("no \"%s\" in:\n%s", part, output);
    }
}

/* No line takes the last column, and nothing in the text can move the cursor. */
static void expect_fits(const char *output, size_t width)
{
    assert_null(strchr(output, '\x1b'));
    while (*output) {
        size_t size = strcspn(output, "\n");
        if (size >= width) {
            fail_msg("%zu columns of %zu: %.*s", size, width, (int)size, output);
        }
        output += size + 1;
    }
}

/* ---- packets ---- */

static void packet_rows_name_the_owner_in_json(void **state)
{
    struct fixture *fixture = *state;
    const char *output = packets_as(fixture, OUT_NDJSON, 0);
    expect(output, "\"owner\":{\"pid\":900,\"process\":\"httpd.exe\",\"started\":\"");
    expect(output, "\"confidence\":\"certain\",\"via\":\"tcb 0x1000 <- pid 900\","
                   "\"evidence\":[{\"rule\":\"sequence\"},{\"rule\":\"accepted\",\"offset\":");
    expect(output, "\"connection\":1,\"header_pid\":0}\n");
    expect(output, "\"process\":\"a b=\\\"c\\\"\\u001b.exe\"");
    expect(output, "\"owner\":{\"pid\":901},\"confidence\":\"strong\"");
    expect(output, "{\"rule\":\"data-event\",\"offset\":4800}");
    expect(output, "\"owner\":null,\"reason\":\"no-socket\"");
}

static void packet_rows_name_the_owner_in_csv(void **state)
{
    struct fixture *fixture = *state;
    const char *output = packets_as(fixture, OUT_CSV, 0);
    expect(output, "owner.pid,owner.process,owner.path");
    expect(output, ",900,httpd.exe,");
    expect(output, "tcb 0x1000 <- pid 900");
    expect(output, ",\"a b=\"\"c\"\"");
    expect(output, ",no-socket,");
}

/* Of several files the second has the event. */
static void packet_rows_name_the_file_of_a_record(void **state)
{
    struct fixture *fixture = *state;
    fixture->packets[2].verdict.matched_file = 2;
    expect(packets_as(fixture, OUT_NDJSON, 0),
           "{\"rule\":\"data-event\",\"offset\":4800,\"file\":2}");
    const char *output = packets_as(fixture, OUT_CSV, 0);
    assert_null(strstr(output, "evidence.file"));
    fixture->has_files = true;
    output = packets_as(fixture, OUT_CSV, 0);
    expect(output, ",on_behalf_of.process,evidence.file\n");
    expect(output, ",2;0\n");
}

static void packet_rows_fit_their_terminal(void **state)
{
    struct fixture *fixture = *state;
    static const int widths[] = {80, 100, 120, 160, 200};
    for (size_t i = 0; i < sizeof(widths) / sizeof(widths[0]); i++) {
        const char *output = packets_as(fixture, OUT_TEXT, widths[i]);
        expect_fits(output, (size_t)widths[i]);
        expect(output, "httpd.exe");
        expect(output, widths[i] < 100 ? " httpd.exe\n" : " httpd.exe (900)");
        expect(output, "pid 901");
        expect(output, "no-socket\n");
        expect(output, widths[i] < 160 ? " ?\n" : " likely\n");
        expect(output, "a b=\"c\"\\x1b.exe");
    }
}

/* A pair of ends that is wider than its column takes what a short name leaves. */
static void long_ends_may_take_the_room_of_a_short_name(void **state)
{
    struct fixture *fixture = *state;
    for (size_t i = 0; i < PACKET_COUNT; i++) {
        struct corr_layers *layers = &fixture->packets[i].layers;
        memcpy(layers->source.bytes, (const uint8_t[]){192, 168, 111, 212}, 4);
        memcpy(layers->destination.bytes, (const uint8_t[]){192, 168, 111, 213}, 4);
    }
    const char *output = packets_as(fixture, OUT_TEXT, 80);
    expect_fits(output, 80);
    expect(output, " 192.168.111.212:50357 > 192.168.111.213:443 httpd.exe\n");
}

/* ---- who ---- */

static void who_tells_owners_in_blocks(void **state)
{
    struct fixture *fixture = *state;
    static const int widths[] = {80, 120, 160};
    for (size_t i = 0; i < sizeof(widths) / sizeof(widths[0]); i++) {
        const char *output = owners_as(fixture, OUT_TEXT, widths[i]);
        expect_fits(output, (size_t)widths[i]);
        expect(output, "httpd.exe (900)\n"
                       "  #1 tcp server 10.0.0.1:80 <- 10.0.0.2:5555\n"
                       "     1 packet (0 in, 1 out), 66 bytes, 08:00:00.001234\n"
                       "     certain: frame 1\n"
                       "     why  addresses, ports and sequence numbers are those of the "
                       "connection\n");
        expect(output, "     via  tcb 0x1000 <- pid 900\n"
                       "     the record headers name pid 0 (idle) in frame 1\n");
        expect(output, "\na b=\"c\"\\x1b.exe (900)\n");
        expect(output, "\npid 901\n");
        expect(output, "\nno owner, no-socket: their protocol has no sockets\n  arp\n");
        expect(output, "\n3 of 4 packets attributed: 1 certain, 1 strong, 1 likely\n");
    }
}

static void who_as_rows(void **state)
{
    struct fixture *fixture = *state;
    const char *output = owners_as(fixture, OUT_NDJSON, 0);
    expect(output, "{\"owner\":{\"pid\":900,\"process\":\"httpd.exe\"");
    expect(output, "\"local\":\"10.0.0.1:80\",\"remote\":\"10.0.0.2:5555\",\"connections\":[1],"
                   "\"packets\":1,\"bytes\":66,\"packets_in\":0,\"packets_out\":1,");
    expect(output, "\"header_pids\":[{\"pid\":0,\"packets\":1,\"frames\":[1]}]");
    expect(output, "{\"owner\":null,\"reason\":\"no-socket\",\"protocol\":\"arp\",");
    output = owners_as(fixture, OUT_CSV, 0);
    expect(output, "\n900,httpd.exe,,,,certain,tcp,10.0.0.1:80,10.0.0.2:5555,1,1,66,0,1,");
    expect(output, "\n,,,no-socket,,,arp,");
}

/* The same rules again are not told again. */
static void who_tells_the_same_evidence_once(void **state)
{
    struct fixture *fixture = *state;
    const struct owner_ledger *o = &fixture->owners;
    fixture->packets[0] = owned_packet(o, o->second, CORR_RULE_SEQUENCE, CORR_CERTAIN);
    fixture->packets[1] = owned_packet(o, o->third, CORR_RULE_SEQUENCE, CORR_CERTAIN);
    fixture->packets[0].frame = 1;
    fixture->packets[1].frame = 2;
    const char *output = owners_as(fixture, OUT_TEXT, 80);
    expect(output, "     why  as above  (record at ");
    assert_null(strstr(strstr(output, "why  addresses") + 1, "why  addresses"));
}

/* Frames are named while there are few of them; then packets are counted. */
static void who_tells_other_pids_in_one_sentence(void **state)
{
    struct fixture *fixture = *state;
    static const uint32_t pids[] = {4, 0, 5, 6, 7};
    const struct out_rows_options options = {.width = 80, .ledger = fixture->owners.ledger};
    struct corr_packet packet = fixture->packets[0];
    struct out_file *file = NULL;
    struct out_owner_groups *groups = NULL;
    assert_int_equal(out_file_open_memory(&file, NULL), ETW_OK);
    assert_int_equal(out_owner_groups_new(options.ledger, &groups, NULL), ETW_OK);
    for (uint32_t i = 0; i < OUT_GROUP_FRAMES + 6; i++) {
        packet.frame = i + 1;
        packet.header_pid = i < 5 ? pids[i] : 4;
        assert_int_equal(out_owner_groups_add(groups, &packet, NULL), ETW_OK);
    }
    assert_int_equal(out_owner_rows_write(file, groups, &options, NULL), ETW_OK);
    out_owner_groups_free(groups);
    const char *output = take_output(fixture, file);
    expect_fits(output, 80);
    expect(output,
           "     the record headers name pid 4 in 18 packets; pid 0 (idle) in frame 2; pid\n"
           "     5 in frame 3; pid 6 in frame 4; others in 1 packet\n");
}

/* ---- sockets ---- */

static void socket_rows_fit_their_terminal(void **state)
{
    struct fixture *fixture = *state;
    static const int widths[] = {60, 80, 100, 120, 160, 200};
    for (size_t i = 0; i < sizeof(widths) / sizeof(widths[0]); i++) {
        const char *output = sockets_as(fixture, OUT_TEXT, widths[i]);
        expect_fits(output, (size_t)widths[i]);
        expect(output, "httpd.exe (900)");
        expect(output, "pid 901");
        expect(output, widths[i] < 80 ? "10.0.0.1:5000" : "10.0.0.1:80 <- 10.0.0.2:5555");
        assert_int_equal(strstr(output, "ended by") != NULL, widths[i] >= 100);
        assert_int_equal(strstr(output, "received") != NULL, widths[i] >= 160);
    }
}

static void socket_rows_tell_life_states_and_bytes(void **state)
{
    struct fixture *fixture = *state;
    const char *output = sockets_as(fixture, OUT_NDJSON, 0);
    expect(output, "{\"id\":1,\"protocol\":\"tcp\",\"role\":\"server\",\"local\":\"10.0.0.1:80\","
                   "\"remote\":\"10.0.0.2:5555\",\"owner\":{\"pid\":900,");
    expect(output, "\"from\":\"SynRcvd\",\"to\":\"Established\"}");
    expect(output, "\"close\":{\"cause\":\"open\"}");
    expect(output, "\"packets_sent\":1,\"packets_received\":0}");
    output = sockets_as(fixture, OUT_CSV, 0);
    expect(output, "\n1,tcp,server,10.0.0.1:80,10.0.0.2:5555,,900,httpd.exe,");
    expect(output, ",SynRcvd;Established;Closed,");
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(packet_rows_name_the_owner_in_json),
        CASE(packet_rows_name_the_owner_in_csv),
        CASE(packet_rows_fit_their_terminal),
        CASE(packet_rows_name_the_file_of_a_record),
        CASE(long_ends_may_take_the_room_of_a_short_name),
        CASE(who_tells_owners_in_blocks),
        CASE(who_as_rows),
        CASE(who_tells_the_same_evidence_once),
        CASE(who_tells_other_pids_in_one_sentence),
        CASE(socket_rows_fit_their_terminal),
        CASE(socket_rows_tell_life_states_and_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
