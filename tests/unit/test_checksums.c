/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "correlate/checksums.h"
#include "tests/unit/sample_packets.h"

enum { IP_CHECKSUM = 24, IP_LENGTH = 16, TCP_CHECKSUM = 50, IP6_UDP_CHECKSUM = 60 };

/* RFC 1071, one byte after the other. */
static uint16_t sum_of(const uint8_t *bytes, size_t size, uint32_t sum)
{
    for (size_t i = 0; i < size; i++) {
        sum += i % 2 ? bytes[i] : (uint32_t)bytes[i] << 8;
        sum = (sum & 0xFFFF) + (sum >> 16);
    }
    return (uint16_t)sum;
}

static void put(uint8_t *to, uint16_t value)
{
    to[0] = (uint8_t)(value >> 8);
    to[1] = (uint8_t)value;
}

/* The SYN of the samples with checksums as on the wire. */
static void make_syn(uint8_t frame[sizeof(sample_syn)])
{
    memcpy(frame, sample_syn, sizeof(sample_syn));
    put(frame + IP_CHECKSUM, (uint16_t)~sum_of(frame + 14, 20, 0));
    put(frame + TCP_CHECKSUM, (uint16_t)~sum_of(frame + 26, sizeof(sample_syn) - 26, 6 + 32));
}

static void make_udp6(uint8_t frame[sizeof(sample_udp6)])
{
    memcpy(frame, sample_udp6, sizeof(sample_udp6));
    put(frame + IP6_UDP_CHECKSUM, (uint16_t)~sum_of(frame + 22, sizeof(sample_udp6) - 22, 17 + 8));
}

static uint8_t proven(const uint8_t *frame, size_t size, enum etw_direction direction)
{
    struct corr_packet packet = sample_packet(frame, size);
    packet.direction = direction;
    return corr_offload_proven(&packet);
}

static void right_checksums_prove_nothing(void **state)
{
    (void)state;
    uint8_t syn[sizeof(sample_syn)];
    uint8_t udp[sizeof(sample_udp6)];
    bool is_right = false;
    make_syn(syn);
    make_udp6(udp);
    struct corr_packet packet = sample_packet(syn, sizeof(syn));
    assert_true(corr_checksum(&packet, &is_right) && is_right);
    packet = sample_packet(udp, sizeof(udp));
    is_right = false;
    assert_true(corr_checksum(&packet, &is_right) && is_right);
    assert_int_equal(proven(syn, sizeof(syn), ETW_DIRECTION_OUT), 0);
    assert_int_equal(proven(udp, sizeof(udp), ETW_DIRECTION_OUT), 0);
}

static void every_wrong_bit_of_a_sent_frame_is_offload(void **state)
{
    (void)state;
    uint8_t syn[sizeof(sample_syn)];
    uint8_t udp[sizeof(sample_udp6)];
    make_syn(syn);
    make_udp6(udp);
    for (unsigned bit = 0; bit < 16; bit++) {
        static const size_t places[] = {IP_CHECKSUM, TCP_CHECKSUM};
        for (size_t i = 0; i < 2; i++) {
            syn[places[i] + bit / 8] ^= (uint8_t)(1u << bit % 8);
            assert_int_equal(proven(syn, sizeof(syn), ETW_DIRECTION_OUT), ETW_OFFLOAD_CHECKSUM);
            assert_int_equal(proven(syn, sizeof(syn), ETW_DIRECTION_IN), 0);
            assert_int_equal(proven(syn, sizeof(syn), ETW_DIRECTION_UNKNOWN), 0);
            syn[places[i] + bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
        udp[IP6_UDP_CHECKSUM + bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_int_equal(proven(udp, sizeof(udp), ETW_DIRECTION_OUT), ETW_OFFLOAD_CHECKSUM);
        udp[IP6_UDP_CHECKSUM + bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
}

static void no_udp_checksum_is_none(void **state)
{
    (void)state;
    bool is_right = false;
    struct corr_packet packet = sample_packet(sample_udp6, sizeof(sample_udp6));
    assert_false(corr_checksum(&packet, &is_right));
    assert_int_equal(proven(sample_udp6, sizeof(sample_udp6), ETW_DIRECTION_OUT), 0);
}

static void a_cut_frame_proves_nothing_of_what_is_missing(void **state)
{
    (void)state;
    uint8_t syn[sizeof(sample_syn)];
    make_syn(syn);
    syn[TCP_CHECKSUM] ^= 1;
    for (size_t size = 0; size < sizeof(syn); size++) {
        uint8_t *cut = malloc(size ? size : 1);
        assert_non_null(cut);
        memcpy(cut, syn, size);
        assert_int_equal(proven(cut, size, ETW_DIRECTION_OUT), 0);
        free(cut);
    }
    assert_int_equal(proven(syn, sizeof(syn), ETW_DIRECTION_OUT), ETW_OFFLOAD_CHECKSUM);
}

static void a_segment_without_ip_length_is_cut_later(void **state)
{
    (void)state;
    uint8_t frame[sizeof(sample_syn) + 100] = {0};
    make_syn(frame);
    put(frame + IP_LENGTH, 0);
    assert_int_equal(proven(frame, sizeof(frame), ETW_DIRECTION_OUT),
                     ETW_OFFLOAD_SEGMENTS | ETW_OFFLOAD_CHECKSUM);
    assert_int_equal(proven(frame, sizeof(frame), ETW_DIRECTION_IN), 0);
}

/* Whatever the bytes are, nothing beyond them is read. */
static void every_change_is_survived(void **state)
{
    (void)state;
    uint32_t random = 3;
    for (int i = 0; i < 50000; i++) {
        random = random * 1664525u + 1013904223u;
        size_t size = 20 + (random >> 8) % (sizeof(sample_syn) - 19);
        uint8_t *frame = malloc(size);
        assert_non_null(frame);
        memcpy(frame, sample_syn, size);
        frame[(random >> 16) % size] = (uint8_t)(random >> 24);
        frame[(random >> 4) % size] ^= (uint8_t)(random >> 12);
        (void)proven(frame, size, ETW_DIRECTION_OUT);
        free(frame);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(right_checksums_prove_nothing),
        cmocka_unit_test(every_wrong_bit_of_a_sent_frame_is_offload),
        cmocka_unit_test(no_udp_checksum_is_none),
        cmocka_unit_test(a_cut_frame_proves_nothing_of_what_is_missing),
        cmocka_unit_test(a_segment_without_ip_length_is_cut_later),
        cmocka_unit_test(every_change_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
