/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pcapout/pktap.h"
#include "tests/unit/sample_packets.h"

/* The header as Apple's bsd/net/pktap.h lays it out. */
struct read_header {
    uint32_t size, record, dlt, flags, family, before, behind, pid, service, others_pid;
    char interface[24], process[20], others_process[20];
    uint16_t type, unit;
};

static void take_text(struct bytes *b, char *text, size_t size)
{
    const uint8_t *data = bytes_take(b, size);
    assert_non_null(data);
    memcpy(text, data, size);
    assert_int_equal(text[size - 1], 0);
}

static struct read_header put_and_read(const struct corr_packet *packet, const char *interface,
                                       const struct corr_process *process,
                                       const struct corr_process *behalf)
{
    uint8_t data[PKTAP_HEADER_SIZE + 1];
    struct read_header h;
    memset(data, 0xEE, sizeof(data));
    assert_ptr_equal(pktap_put(data, packet, 0, interface, process, behalf),
                     data + PKTAP_HEADER_SIZE);
    assert_int_equal(data[PKTAP_HEADER_SIZE], 0xEE);
    struct bytes b = bytes_of(data, PKTAP_HEADER_SIZE);
    h.size = bytes_u32(&b);
    h.record = bytes_u32(&b);
    h.dlt = bytes_u32(&b);
    take_text(&b, h.interface, sizeof(h.interface));
    h.flags = bytes_u32(&b);
    h.family = bytes_u32(&b);
    h.before = bytes_u32(&b);
    h.behind = bytes_u32(&b);
    h.pid = bytes_u32(&b);
    take_text(&b, h.process, sizeof(h.process));
    h.service = bytes_u32(&b);
    h.type = bytes_u16(&b);
    h.unit = bytes_u16(&b);
    h.others_pid = bytes_u32(&b);
    take_text(&b, h.others_process, sizeof(h.others_process));
    assert_int_equal(bytes_left(&b), 0);
    return h;
}

static void a_packet_with_owner_names_it(void **state)
{
    (void)state;
    const struct corr_process process = {.pid = 1504, .name = "RTCSrv.exe"};
    struct corr_packet packet = sample_packet(sample_syn, sizeof(sample_syn));
    struct read_header h = put_and_read(&packet, "Ethernet", &process, NULL);
    assert_int_equal(h.size, 108);
    assert_int_equal(h.record, 1);
    assert_int_equal(h.dlt, 1);
    assert_string_equal(h.interface, "Ethernet");
    assert_int_equal(h.flags, 0x2 | 0x20); /* out, of a socket */
    assert_int_equal(h.family, 2);
    assert_int_equal(h.before, 14);
    assert_int_equal(h.behind, 0);
    assert_int_equal(h.pid, 1504);
    assert_string_equal(h.process, "RTCSrv.exe");
    assert_int_equal(h.type, 6);
    assert_int_equal(h.unit, 12);
    assert_int_equal(h.others_pid, UINT32_MAX);
    assert_string_equal(h.others_process, "");
}

static void whom_the_owner_acts_for_stands_behind_it(void **state)
{
    (void)state;
    const struct corr_process process = {.pid = 4, .name = "System"};
    const struct corr_process behalf = {.pid = 5120, .name = "xcopy.exe"};
    struct corr_packet packet = sample_packet(sample_syn, sizeof(sample_syn));
    struct read_header h = put_and_read(&packet, "Ethernet", &process, &behalf);
    assert_int_equal(h.pid, 4);
    assert_string_equal(h.process, "System");
    assert_int_equal(h.others_pid, 5120);
    assert_string_equal(h.others_process, "xcopy.exe");
}

static void a_packet_without_owner_has_minus_one(void **state)
{
    (void)state;
    struct corr_packet packet = sample_packet(sample_udp6, sizeof(sample_udp6));
    packet.direction = ETW_DIRECTION_IN;
    struct read_header h = put_and_read(&packet, "", NULL, NULL);
    assert_int_equal(h.flags, 0x1);
    assert_int_equal(h.family, 30);
    assert_int_equal(h.pid, UINT32_MAX);
    assert_string_equal(h.process, "");
}

static void links_have_the_numbers_of_macos(void **state)
{
    (void)state;
    static const struct {
        enum etw_link link;
        uint32_t dlt;
    } rows[] = {{ETW_LINK_ETHERNET, 1},
                {ETW_LINK_RAW_IP, 12},
                {ETW_LINK_UNKNOWN, 12},
                {ETW_LINK_IEEE80211, 105},
                {ETW_LINK_PPP, 9}};
    struct corr_packet packet = sample_packet(sample_arp, sizeof(sample_arp));
    packet.direction = ETW_DIRECTION_UNKNOWN;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        packet.link = rows[i].link;
        struct read_header h = put_and_read(&packet, "x", NULL, NULL);
        assert_int_equal(h.dlt, rows[i].dlt);
        assert_int_equal(h.flags, 0);
        assert_int_equal(h.family, 0); /* ARP is of no family */
    }
}

static void long_names_are_cut_between_characters(void **state)
{
    (void)state;
    /* The 19th byte is the first one of a character. */
    const struct corr_process process = {.pid = 4, .name = "abcdefghijklmnopqr\xC3\xBC.exe"};
    struct corr_packet packet = sample_packet(sample_syn, sizeof(sample_syn));
    struct read_header h =
        put_and_read(&packet, "vEthernet (Default Switch of all)", &process, NULL);
    assert_string_equal(h.process, "abcdefghijklmnopqr");
    assert_string_equal(h.interface, "vEthernet (Default Swit");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_packet_with_owner_names_it),
        cmocka_unit_test(whom_the_owner_acts_for_stands_behind_it),
        cmocka_unit_test(a_packet_without_owner_has_minus_one),
        cmocka_unit_test(links_have_the_numbers_of_macos),
        cmocka_unit_test(long_names_are_cut_between_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
