/* SPDX-License-Identifier: MIT */
/* Bytes of an SMB message as a packet: its tags, lengths, options. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "correlate/smb_packet.h"
#include "pcapout/pcapng_messages.h"
#include "pcapout/pcapng_set.h"
#include "tests/unit/owner_ledger.h"
#include "tests/unit/pcapng_blocks.h"

static const uint8_t smb2[] = {0xFE, 'S', 'M', 'B', 64, 0, 1};
static const uint8_t smb1[] = {0xFF, 'S', 'M', 'B', 0x72};

static struct corr_smb_bytes message_of(const struct owner_ledger *owners, const void *data,
                                        size_t size)
{
    return (struct corr_smb_bytes){
        .source = CORR_SMB_SERVER_EVENTS,
        .number = 1,
        .time = SAMPLE_TIME,
        .offset = 4711,
        .fragments = 1,
        .is_readable = true,
        .has_size = true,
        .size = size,
        .has_way = true,
        .is_sent = true,
        .peer = {.size = 4, .bytes = {10, 0, 0, 2}, .port = 5555},
        .local = {.size = 4, .bytes = {10, 0, 0, 1}, .port = 445},
        .socket = owners->first,
        .process = owners->httpd,
        .data = bytes_of(data, size),
    };
}

static void check_tags(const struct corr_packet *packet, const char *hex)
{
    uint8_t tags[PCAPNG_MESSAGE_TAGS_MAXIMUM];
    char text[2 * PCAPNG_MESSAGE_TAGS_MAXIMUM + 1] = "";
    size_t size = pcapng_message_tags(packet, tags);
    for (size_t i = 0; i < size; i++) {
        (void)snprintf(text + 2 * i, 3, "%02x", tags[i]);
    }
    assert_string_equal(text, hex);
}

#define SMB2_NAME "000d000c736d62325f6e657462696f73"
#define SMB1_NAME "000d000c736d625f6e657462696f7300"

static void tags_say_the_dissector_and_both_ends(void **state)
{
    (void)state;
    struct owner_ledger owners;
    struct corr_packet packet;
    owner_ledger_open(&owners);
    struct corr_smb_bytes bytes = message_of(&owners, smb2, sizeof(smb2));
    corr_smb_packet_of(owners.ledger, &bytes, &packet);
    check_tags(&packet, SMB2_NAME "001400040a000001"
                                  "001500040a000002"
                                  "0018000400000002"
                                  "00190004000001bd"
                                  "001a0004000015b3"
                                  "00000000");
    bytes.is_sent = false; /* the peer is the source */
    bytes.local.port = 0;
    corr_smb_packet_of(owners.ledger, &bytes, &packet);
    check_tags(&packet, SMB2_NAME "001400040a000002"
                                  "001500040a000001"
                                  "0018000400000002"
                                  "00190004000015b3"
                                  "00000000");
    owner_ledger_close(&owners);
}

static void what_is_not_known_is_left_out(void **state)
{
    (void)state;
    struct owner_ledger owners;
    struct corr_packet packet;
    owner_ledger_open(&owners);
    struct corr_smb_bytes bytes = message_of(&owners, smb1, sizeof(smb1));
    bytes.has_way = false;
    corr_smb_packet_of(owners.ledger, &bytes, &packet);
    check_tags(&packet, SMB1_NAME "00000000");
    bytes.has_way = true;
    bytes.local = (struct corr_endpoint){.size = 0};
    bytes.peer =
        (struct corr_endpoint){.size = 16, .bytes = {0x20, 1, 0x0d, 0xb8, [15] = 0x50}, .port = 0};
    corr_smb_packet_of(owners.ledger, &bytes, &packet);
    check_tags(&packet, SMB1_NAME "0017001020010db8000000000000000000000050"
                                  "00000000");
    owner_ledger_close(&owners);
}

/* Both ends over IPv6: nothing is longer. */
static void the_longest_tags_fit(void **state)
{
    (void)state;
    struct owner_ledger owners;
    struct corr_packet packet;
    uint8_t tags[PCAPNG_MESSAGE_TAGS_MAXIMUM];
    owner_ledger_open(&owners);
    struct corr_smb_bytes bytes = message_of(&owners, smb2, sizeof(smb2));
    bytes.local.size = bytes.peer.size = 16;
    corr_smb_packet_of(owners.ledger, &bytes, &packet);
    assert_int_equal(pcapng_message_tags(&packet, tags), 16 + 2 * 20 + 3 * 8 + 4);
    owner_ledger_close(&owners);
}

/* ---- blocks ---- */

struct writing {
    struct owner_ledger owners;
    struct corr_adapters *adapters;
    struct out_file *file;
    struct out_pcapng_set *set;
};

static void begin(struct writing *writing, const struct out_pcapng_options *given)
{
    static const struct out_section section = {.application = "etwtrail"};
    struct out_pcapng_options options = *given;
    owner_ledger_open(&writing->owners);
    options.ledger = writing->owners.ledger;
    assert_int_equal(corr_adapters_new(&writing->adapters, NULL), ETW_OK);
    assert_int_equal(out_file_open_memory(&writing->file, NULL), ETW_OK);
    const struct out_pcapng_sources sources = {writing->adapters, &section, &options};
    assert_int_equal(out_pcapng_set_new(&sources, writing->file, NULL, NULL, &writing->set, NULL),
                     ETW_OK);
}

static void write_message(struct writing *writing, const struct corr_smb_bytes *bytes,
                          uint64_t place)
{
    struct corr_packet packet;
    corr_smb_packet_of(writing->owners.ledger, bytes, &packet);
    const struct out_pcapng_message message = {.bytes = bytes, .packet = &packet, .place = place};
    assert_int_equal(out_pcapng_set_message(writing->set, &message, NULL), ETW_OK);
}

static void end(struct writing *writing)
{
    out_pcapng_set_free(writing->set);
    out_file_abort(writing->file);
    corr_adapters_free(writing->adapters);
    owner_ledger_close(&writing->owners);
}

static void check_option(struct bytes block, size_t at, unsigned code, const char *expected)
{
    struct bytes value = option_of(block, at, code);
    assert_false(value.failed);
    assert_int_equal(value.size, strlen(expected));
    assert_memory_equal(value.data, expected, value.size);
}

#define TAGS_SIZE 60 /* of message_of() */

static void a_message_is_a_packet_without_number(void **state)
{
    (void)state;
    struct writing writing;
    begin(&writing, &(struct out_pcapng_options){.comments = OUT_COMMENTS_ALL});
    struct corr_smb_bytes bytes = message_of(&writing.owners, smb2, sizeof(smb2));
    bytes.is_cut = true;
    bytes.size = 100;
    bytes.missing = 93;
    bytes.fragments = 3;
    write_message(&writing, &bytes, 0);
    out_pcapng_set_note_messages(writing.set, "one is cut");
    assert_int_equal(out_pcapng_set_finish(writing.set, NULL), ETW_OK);
    struct bytes interface = block_of(writing.file, BLOCK_INTERFACE, 0, NULL);
    assert_int_equal(load_u16(interface.data), 252);
    check_option(interface, 8, 2, "smb messages");
    struct bytes block = block_of(writing.file, BLOCK_PACKET, 0, NULL);
    uint64_t ticks = (uint64_t)load_u32(block.data + 4) << 32 | load_u32(block.data + 8);
    assert_int_equal(ticks, SAMPLE_TIME - UTC_UNIX_EPOCH);
    assert_int_equal(load_u32(block.data + 12), TAGS_SIZE + sizeof(smb2));
    assert_int_equal(load_u32(block.data + 16), TAGS_SIZE + 100);
    assert_memory_equal(block.data + 20 + TAGS_SIZE, smb2, sizeof(smb2));
    size_t options = 20 + TAGS_SIZE + 8;
    struct bytes flags = option_of(block, options, 2);
    assert_int_equal(load_u32(flags.data), 2); /* out */
    assert_true(option_of(block, options, 5).failed);
    assert_int_equal(load_u32(option_of(block, options, 8).data), 900);
    check_option(block, options, 1,
                 "pid=900 proc=httpd.exe conf=strong via=\"tcb 0x1000 <- pid 900\" state=Closed "
                 "conn=1 source=server-events offset=4711 fragments=3 cut=93");
    check_option(block_of(writing.file, BLOCK_STATISTICS, 0, NULL), 12, 1, "one is cut");
    end(&writing);
}

static void a_message_without_owner_and_way_says_what_there_is(void **state)
{
    (void)state;
    struct writing writing;
    begin(&writing, &(struct out_pcapng_options){.comments = OUT_COMMENTS_ALL, .snap_length = 5});
    struct corr_smb_bytes bytes = message_of(&writing.owners, smb2, sizeof(smb2));
    bytes.source = CORR_SMB_CLIENT_EVENTS;
    bytes.socket = bytes.process = CORR_NO_ROW;
    bytes.has_way = false;
    bytes.are_several = true;
    bytes.is_cut = true;
    bytes.has_size = false;
    bytes.offset = etw_place_make(2, 800);
    write_message(&writing, &bytes, 0);
    struct bytes interface = block_of(writing.file, BLOCK_INTERFACE, 0, NULL);
    assert_int_equal(load_u32(interface.data + 4), 5 + PCAPNG_MESSAGE_TAGS_MAXIMUM);
    struct bytes block = block_of(writing.file, BLOCK_PACKET, 0, NULL);
    assert_int_equal(load_u32(block.data + 12), 20 + 5);
    assert_int_equal(load_u32(block.data + 16), 20 + sizeof(smb2));
    assert_int_equal(load_u32(option_of(block, 20 + 20 + 8, 2).data), 0);
    check_option(block, 20 + 20 + 8, 1,
                 "reason=ambiguous source=client-events offset=800 file=2 peer=10.0.0.2:5555 "
                 "cut=unknown");
    end(&writing);
}

static void check_order(const struct out_file *file, const uint64_t *times, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        struct bytes block = block_of(file, BLOCK_PACKET, i, NULL);
        assert_false(block.failed);
        uint64_t ticks = (uint64_t)load_u32(block.data + 4) << 32 | load_u32(block.data + 8);
        assert_int_equal(ticks, (uint64_t)SAMPLE_TIME - UTC_UNIX_EPOCH + times[i]);
    }
    assert_true(block_of(file, BLOCK_PACKET, count, NULL).failed);
}

/* Also definitions stand before what needs them: the interface of messages comes late. */
static void packets_wait_for_a_message_that_began_before_them(void **state)
{
    (void)state;
    static const uint64_t times[] = {0, 5, 7, 9};
    struct writing writing;
    unsigned interface = 0;
    unsigned first = 0;
    begin(&writing, &(struct out_pcapng_options){.comments = OUT_COMMENTS_NONE});
    assert_int_equal(out_pcapng_set_keep_place(writing.set, 1, NULL), ETW_OK);
    for (unsigned i = 1; i < 4; i++) {
        struct corr_packet packet = sample_packet(sample_syn, sizeof(sample_syn));
        packet.time = SAMPLE_TIME + (int64_t)times[i];
        assert_int_equal(out_pcapng_set_packet(writing.set, &packet, NULL), ETW_OK);
    }
    assert_true(block_of(writing.file, BLOCK_PACKET, 0, NULL).failed);
    struct corr_smb_bytes bytes = message_of(&writing.owners, smb2, sizeof(smb2));
    write_message(&writing, &bytes, 1);
    assert_int_equal(out_pcapng_set_finish(writing.set, NULL), ETW_OK);
    check_order(writing.file, times, 4);
    (void)block_of(writing.file, BLOCK_INTERFACE, 1, &interface);
    (void)block_of(writing.file, BLOCK_PACKET, 0, &first);
    assert_true(interface < first);
    assert_true(out_pcapng_set_has_mixed_links(writing.set));
    end(&writing);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tags_say_the_dissector_and_both_ends),
        cmocka_unit_test(what_is_not_known_is_left_out),
        cmocka_unit_test(the_longest_tags_fit),
        cmocka_unit_test(a_message_is_a_packet_without_number),
        cmocka_unit_test(a_message_without_owner_and_way_says_what_there_is),
        cmocka_unit_test(packets_wait_for_a_message_that_began_before_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
