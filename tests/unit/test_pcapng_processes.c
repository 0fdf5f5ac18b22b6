/* SPDX-License-Identifier: MIT */
/* Owners in pcapng: process blocks of both kinds, the options that point to them, names. */
#include "correlate/http.h"
#include "pcapout/pcapng.h"
#include "tests/unit/owner_ledger.h"
#include "tests/unit/pcapng_blocks.h"

struct fixture {
    struct owner_ledger owners;
    struct corr_adapters *adapters;
    struct out_file *file;
    struct out_pcapng *writer;
};

static int set_up(void **state)
{
    static struct fixture fixture;
    fixture = (struct fixture){.writer = NULL};
    owner_ledger_begin(&fixture.owners);
    tell_name(&fixture.owners, u"www.example.com", u"203.0.113.44;2001:db8:9::44;");
    owner_ledger_finish(&fixture.owners);
    assert_int_equal(corr_adapters_new(&fixture.adapters, NULL), ETW_OK);
    assert_int_equal(out_file_open_memory(&fixture.file, NULL), ETW_OK);
    sample_adapter(fixture.adapters, 12, 6, u"Ethernet", u"Example Gigabit Adapter");
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    out_pcapng_free(fixture->writer);
    out_file_abort(fixture->file);
    corr_adapters_free(fixture->adapters);
    owner_ledger_close(&fixture->owners);
    return 0;
}

static void begin(struct fixture *fixture, struct out_pcapng_options options)
{
    static const struct out_section section = {.application = "etwtrail"};
    options.ledger = fixture->owners.ledger;
    assert_int_equal(out_pcapng_new(fixture->file, fixture->adapters, &section, &options,
                                    &fixture->writer, NULL),
                     ETW_OK);
}

static void add(struct fixture *fixture, uint32_t socket)
{
    struct corr_packet packet =
        owned_packet(&fixture->owners, socket, CORR_RULE_TUPLE, CORR_STRONG);
    assert_int_equal(out_pcapng_packet(fixture->writer, &packet, NULL), ETW_OK);
}

/* Two sockets of processes with the same pid, one of another, and again the first. */
static void add_all(struct fixture *fixture)
{
    const struct owner_ledger *o = &fixture->owners;
    add(fixture, o->first);
    add(fixture, o->datagram);
    add(fixture, o->second);
    add(fixture, o->first);
    struct corr_packet packet = ownerless_packet(CORR_NO_SOCKET, CORR_RULE_PROTOCOL);
    assert_int_equal(out_pcapng_packet(fixture->writer, &packet, NULL), ETW_OK);
}

static void check_option_8(const struct fixture *fixture)
{
    static const uint32_t pids[] = {900, 901, 900, 900};
    for (unsigned i = 0; i < 4; i++) {
        struct bytes value = packet_option_of(fixture->file, i, 8);
        assert_int_equal(value.size, 8);
        assert_int_equal(load_u32(value.data), pids[i]);
        assert_int_equal(load_u32(value.data + 4), 0); /* the thread is not known */
    }
    assert_true(packet_option_of(fixture->file, 4, 8).failed);
}

static void darwin_blocks_stand_before_their_first_packet(void **state)
{
    struct fixture *fixture = *state;
    begin(fixture, (struct out_pcapng_options){0});
    add_all(fixture);
    static const uint32_t pids[] = {900, 901, 900};
    static const char *const names[] = {"httpd.exe", NULL, "a b=\"c\"\xEF\xBF\xBD.exe"};
    for (unsigned i = 0; i < 3; i++) {
        unsigned block_place = 0;
        unsigned packet_place = 0;
        struct bytes block = block_of(fixture->file, BLOCK_DARWIN_PROCESS, i, &block_place);
        assert_false(block.failed);
        assert_int_equal(load_u32(block.data), pids[i]);
        struct bytes name = option_of(block, 4, 2);
        assert_int_equal(name.failed, names[i] == NULL);
        if (names[i]) {
            assert_int_equal(name.size, strlen(names[i]));
            assert_memory_equal(name.data, names[i], name.size);
        }
        (void)block_of(fixture->file, BLOCK_PACKET, i, &packet_place);
        assert_int_equal(block_place + 1, packet_place);
    }
    assert_true(block_of(fixture->file, BLOCK_DARWIN_PROCESS, 3, NULL).failed);
    assert_true(block_of(fixture->file, BLOCK_CUSTOM, 0, NULL).failed);
}

static void packets_point_to_their_darwin_block(void **state)
{
    struct fixture *fixture = *state;
    begin(fixture, (struct out_pcapng_options){0});
    add_all(fixture);
    static const uint32_t numbers[] = {0, 1, 2, 0};
    check_option_8(fixture);
    for (unsigned i = 0; i < 4; i++) {
        struct bytes value = packet_option_of(fixture->file, i, 0x8001);
        assert_int_equal(value.size, 4);
        assert_int_equal(load_u32(value.data), numbers[i]);
    }
    assert_true(packet_option_of(fixture->file, 4, 0x8001).failed);
}

/* System's packet for another process: its block comes first, too, and once. */
static void packets_point_to_the_block_of_whom_they_are_for(void **state)
{
    struct fixture *fixture = *state;
    const struct owner_ledger *o = &fixture->owners;
    const struct corr_behalf behalf = {.process = o->httpd};
    begin(fixture, (struct out_pcapng_options){0});
    add(fixture, o->datagram);
    for (unsigned i = 0; i < 2; i++) {
        struct corr_packet packet = owned_packet(o, o->datagram, CORR_RULE_TUPLE, CORR_STRONG);
        packet.behalf = &behalf;
        assert_int_equal(out_pcapng_packet(fixture->writer, &packet, NULL), ETW_OK);
    }
    assert_true(packet_option_of(fixture->file, 0, 0x8003).failed);
    for (unsigned i = 1; i < 3; i++) {
        assert_int_equal(load_u32(packet_option_of(fixture->file, i, 8).data), 901);
        assert_int_equal(load_u32(packet_option_of(fixture->file, i, 0x8001).data), 0);
        assert_int_equal(load_u32(packet_option_of(fixture->file, i, 0x8003).data), 1);
    }
    assert_int_equal(load_u32(block_of(fixture->file, BLOCK_DARWIN_PROCESS, 1, NULL).data), 900);
    assert_true(block_of(fixture->file, BLOCK_DARWIN_PROCESS, 2, NULL).failed);
}

/* u32 PEN 32622, u32 entry type 3, u32 entry length, u32 pid, options, end of options. */
static void information_blocks_say_all_of_a_process(void **state)
{
    struct fixture *fixture = *state;
    begin(fixture, (struct out_pcapng_options){.process_blocks = OUT_PROCESS_BLOCKS_PIB});
    add_all(fixture);
    struct bytes block = block_of(fixture->file, BLOCK_CUSTOM, 0, NULL);
    assert_int_equal(load_u32(block.data), 32622);
    assert_int_equal(load_u32(block.data + 4), 3);
    assert_int_equal(load_u32(block.data + 8), block.size - 12);
    assert_int_equal(load_u32(block.data + 12), 900);
    struct bytes name = option_of(block, 16, 2);
    assert_int_equal(name.size, strlen("httpd.exe"));
    assert_memory_equal(name.data, "httpd.exe", name.size);
    assert_int_equal(load_u32(option_of(block, 16, 5).data), 77);
    struct bytes started = option_of(block, 16, 9);
    assert_int_equal(started.size, 8);
    assert_int_equal(load_u64(started.data),
                     (uint64_t)(SAMPLE_TIME - 10 * SECOND - UTC_UNIX_EPOCH) * 100);
    block = block_of(fixture->file, BLOCK_CUSTOM, 1, NULL);
    assert_int_equal(load_u32(block.data + 12), 901);
    assert_true(option_of(block, 16, 2).failed);
    assert_true(option_of(block, 16, 9).failed);
    assert_false(block_of(fixture->file, BLOCK_CUSTOM, 2, NULL).failed);
    assert_true(block_of(fixture->file, BLOCK_CUSTOM, 3, NULL).failed);
    check_option_8(fixture);
    assert_true(packet_option_of(fixture->file, 0, 0x8001).failed);
    assert_true(block_of(fixture->file, BLOCK_DARWIN_PROCESS, 0, NULL).failed);
}

static void without_blocks_the_pid_is_still_there(void **state)
{
    struct fixture *fixture = *state;
    begin(fixture, (struct out_pcapng_options){.process_blocks = OUT_PROCESS_BLOCKS_NONE});
    add_all(fixture);
    check_option_8(fixture);
    assert_true(packet_option_of(fixture->file, 0, 0x8001).failed);
    assert_true(block_of(fixture->file, BLOCK_DARWIN_PROCESS, 0, NULL).failed);
    assert_true(block_of(fixture->file, BLOCK_CUSTOM, 0, NULL).failed);
}

static void without_owners_nothing_is_said_of_processes(void **state)
{
    struct fixture *fixture = *state;
    begin(fixture, (struct out_pcapng_options){.without_owners = true});
    add_all(fixture);
    for (unsigned i = 0; i < 5; i++) {
        assert_true(packet_option_of(fixture->file, i, 8).failed);
        struct bytes comment = packet_option_of(fixture->file, i, 1);
        assert_int_equal(comment.size, strlen("frame=1"));
    }
    assert_true(block_of(fixture->file, BLOCK_DARWIN_PROCESS, 0, NULL).failed);
}

/* Record: u16 type, u16 length, address, name and its NUL; padding to four. */
static void names_stand_between_the_first_interface_and_packet(void **state)
{
    struct fixture *fixture = *state;
    static const uint8_t ipv4_address[] = {203, 0, 113, 44};
    static const uint8_t ipv6_address[] = {0x20, 0x01, 0x0D, 0xB8, 0, 9, [15] = 0x44};
    unsigned interface_place = 0;
    unsigned names_place = 0;
    unsigned packet_place = 0;
    begin(fixture, (struct out_pcapng_options){0});
    add(fixture, fixture->owners.first);
    struct bytes block = block_of(fixture->file, BLOCK_NAMES, 0, &names_place);
    (void)block_of(fixture->file, BLOCK_PACKET, 0, &packet_place);
    (void)block_of(fixture->file, BLOCK_INTERFACE, 0, &interface_place);
    assert_int_equal(interface_place, 1); /* editcap 4.0 wants it next to the section */
    assert_true(interface_place < names_place && names_place < packet_place);
    assert_int_equal(bytes_u16(&block), 1);
    assert_int_equal(bytes_u16(&block), 4 + sizeof("www.example.com"));
    struct bytes record = bytes_sub(&block, 4 + sizeof("www.example.com"));
    assert_memory_equal(record.data, ipv4_address, 4);
    assert_memory_equal(record.data + 4, "www.example.com", sizeof("www.example.com"));
    assert_int_equal(bytes_u16(&block), 2);
    assert_int_equal(bytes_u16(&block), 16 + sizeof("www.example.com"));
    record = bytes_sub(&block, 16 + sizeof("www.example.com"));
    assert_memory_equal(record.data, ipv6_address, 16);
    assert_memory_equal(record.data + 16, "www.example.com", sizeof("www.example.com"));
    assert_int_equal(bytes_u32(&block), 0); /* the end of the records */
    assert_int_equal(bytes_left(&block), 0);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(darwin_blocks_stand_before_their_first_packet),
        CASE(packets_point_to_their_darwin_block),
        CASE(packets_point_to_the_block_of_whom_they_are_for),
        CASE(information_blocks_say_all_of_a_process),
        CASE(without_blocks_the_pid_is_still_there),
        CASE(without_owners_nothing_is_said_of_processes),
        CASE(names_stand_between_the_first_interface_and_packet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
