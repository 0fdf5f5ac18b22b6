/* SPDX-License-Identifier: MIT */
/* Events as packets of LINKTYPE_ETW: EVENT_HEADER of 80 bytes, ETW_BUFFER_CONTEXT of 4, three
 * lengths, payload, message and provider in UTF-16LE, each padded to four bytes. */
#include "pcapout/pcapng.h"
#include "pcapout/pcapng_events.h"
#include "tests/unit/owner_ledger.h"
#include "tests/unit/pcapng_blocks.h"

#define HEADER_SIZE 96

static const uint8_t guid[16] = {0xEE, 0xE2, 0x07, 0x2F, 0xDB, 0x15, 0xF1, 0x40,
                                 0x90, 0xEF, 0x9D, 0x7B, 0xA2, 0x82, 0x18, 0x8A};
static const uint8_t payload[5] = {1, 2, 3, 4, 5};

static struct etw_record sample_record(void)
{
    return (struct etw_record){.class_of = RECORD_IS_MANIFEST,
                               .size = 85,
                               .kind = 0x13,
                               .flags = 0x240,
                               .pointer_size = 8,
                               .thread_id = 3012,
                               .process_id = 2704,
                               .time = SAMPLE_TIME,
                               .provider = guid,
                               .id = 1051,
                               .version = 2,
                               .channel = 16,
                               .level = 4,
                               .opcode = 11,
                               .task = 77,
                               .keywords = UINT64_C(0x8000000100000020),
                               .cpu = 3,
                               .payload = {.data = payload, .size = sizeof(payload)}};
}

static struct bytes bytes_of_event(struct text *to, const struct etw_record *record,
                                   const char *message, const char *provider)
{
    text_clear(to);
    pcapng_event_bytes(to, record, message, provider);
    assert_false(to->failed);
    assert_int_equal(to->size % 4, 0);
    return bytes_of(to->data, to->size);
}

static void the_header_is_windows_event_header(void **state)
{
    (void)state;
    struct text text = {.maximum = 0};
    struct etw_record record = sample_record();
    const uint8_t *data = bytes_of_event(&text, &record, "m", "p").data;
    assert_int_equal(load_u16(data), 85);        /* Size */
    assert_int_equal(load_u16(data + 2), 0x13);  /* HeaderType */
    assert_int_equal(load_u16(data + 4), 0x240); /* Flags: 64 bits */
    assert_int_equal(load_u32(data + 8), 3012);  /* ThreadId */
    assert_int_equal(load_u32(data + 12), 2704); /* ProcessId */
    assert_true(load_u64(data + 16) == SAMPLE_TIME);
    assert_memory_equal(data + 24, guid, 16);
    assert_int_equal(load_u16(data + 40), 1051); /* Id */
    assert_int_equal(data[42], 2);               /* Version */
    assert_int_equal(data[43], 16);              /* Channel */
    assert_int_equal(data[44], 4);               /* Level */
    assert_int_equal(data[45], 11);              /* Opcode */
    assert_int_equal(load_u16(data + 46), 77);   /* Task */
    assert_true(load_u64(data + 48) == UINT64_C(0x8000000100000020));
    assert_int_equal(data[80], 3); /* ProcessorNumber */
    text_done(&text);
}

static void payload_and_texts_follow_with_their_lengths(void **state)
{
    (void)state;
    struct text text = {.maximum = 0};
    struct etw_record record = sample_record();
    struct bytes event = bytes_of_event(&text, &record, "h\xC3\xA4\xF0\x9F\x98\x80", "TCP");
    const uint8_t *data = event.data;
    static const uint8_t message[] = {'h', 0, 0xE4, 0, 0x3D, 0xD8, 0x00, 0xDE, 0, 0};
    static const uint8_t provider[] = {'T', 0, 'C', 0, 'P', 0, 0, 0};
    assert_int_equal(load_u32(data + 84), sizeof(payload));
    assert_int_equal(load_u32(data + 88), sizeof(message)); /* with the NUL */
    assert_int_equal(load_u32(data + 92), sizeof(provider));
    assert_memory_equal(data + HEADER_SIZE, payload, sizeof(payload));
    assert_memory_equal(data + HEADER_SIZE + 8, message, sizeof(message));
    assert_memory_equal(data + HEADER_SIZE + 8 + 12, provider, sizeof(provider));
    assert_int_equal(event.size, HEADER_SIZE + 8 + 12 + 8);
    text_done(&text);
}

static void what_a_classic_record_lacks_is_zero(void **state)
{
    (void)state;
    struct text text = {.maximum = 0};
    struct etw_record record = sample_record();
    record.class_of = RECORD_IS_KERNEL;
    record.flags = 0xFFFF;
    record.pointer_size = 4;
    record.provider = NULL;
    record.process_id = record.thread_id = RECORD_NO_ID;
    record.payload = bytes_of(NULL, 0);
    const uint8_t *data = bytes_of_event(&text, &record, "", "p").data;
    static const uint8_t none[16];
    assert_int_equal(load_u16(data + 4), 0x20); /* 32 bits */
    assert_int_equal(load_u32(data + 8), 0);
    assert_int_equal(load_u32(data + 12), 0);
    assert_memory_equal(data + 24, none, 16);
    assert_int_equal(load_u32(data + 84), 0);
    assert_int_equal(load_u32(data + 88), 2); /* a NUL alone */
    text_done(&text);
}

static void long_payloads_and_texts_are_cut_below_wiresharks_limit(void **state)
{
    (void)state;
    struct text text = {.maximum = 1 << 20};
    struct text message = {.maximum = 0};
    struct etw_record record = sample_record();
    uint8_t *big = calloc(1, 70000);
    assert_non_null(big);
    record.payload = bytes_of(big, 70000);
    record.size = 70080;
    for (int i = 0; i < 20000; i++) {
        text_add_char(&message, 'x');
    }
    struct bytes event = bytes_of_event(&text, &record, text_get(&message), text_get(&message));
    assert_int_equal(load_u16(event.data), UINT16_MAX);
    assert_int_equal(load_u32(event.data + 84), UINT16_MAX);
    assert_true(event.size < 262144);
    text_done(&text);
    text_done(&message);
    free(big);
}

/* ---- in a file ---- */

static void events_have_an_interface_of_their_own_and_the_owner_in_option_8(void **state)
{
    (void)state;
    struct owner_ledger owners;
    struct corr_adapters *adapters = NULL;
    struct out_file *file = NULL;
    struct out_pcapng *writer = NULL;
    owner_ledger_open(&owners);
    assert_int_equal(corr_adapters_new(&adapters, NULL), ETW_OK);
    assert_int_equal(out_file_open_memory(&file, NULL), ETW_OK);
    sample_adapter(adapters, 12, 6, u"Ethernet", u"Example Gigabit Adapter");
    const struct out_section section = {.application = "etwtrail"};
    const struct out_pcapng_options options = {.ledger = owners.ledger};
    assert_int_equal(out_pcapng_new(file, adapters, &section, &options, &writer, NULL), ETW_OK);
    struct corr_packet packet = owned_packet(&owners, owners.first, CORR_RULE_TUPLE, CORR_STRONG);
    struct etw_record record = sample_record();
    struct out_pcapng_event event = {
        .record = &record, .message = "m", .provider = "p", .process = owners.nameless};
    assert_int_equal(out_pcapng_packet(writer, &packet, NULL), ETW_OK);
    assert_int_equal(out_pcapng_event(writer, &event, NULL), ETW_OK);
    event.process = CORR_NO_ROW;
    assert_int_equal(out_pcapng_event(writer, &event, NULL), ETW_OK);
    assert_true(out_pcapng_has_mixed_links(writer));
    assert_int_equal(out_pcapng_finish(writer, NULL), ETW_OK);

    assert_int_equal(load_u16(block_of(file, BLOCK_INTERFACE, 0, NULL).data), 1);
    assert_int_equal(load_u16(block_of(file, BLOCK_INTERFACE, 1, NULL).data), 290);
    struct bytes row = block_of(file, BLOCK_PACKET, 1, NULL);
    uint64_t ticks = (uint64_t)load_u32(row.data + 4) << 32 | load_u32(row.data + 8);
    assert_int_equal(load_u32(row.data), 1);
    assert_true(ticks == (uint64_t)(SAMPLE_TIME - UTC_UNIX_EPOCH));
    assert_int_equal(load_u32(row.data + 12), load_u32(row.data + 16));
    assert_int_equal(load_u32(packet_option_of(file, 1, 8).data), 901);
    assert_int_equal(load_u32(packet_option_of(file, 1, 0x8001).data), 1);
    assert_true(packet_option_of(file, 1, 1).failed); /* no comment */
    assert_true(packet_option_of(file, 1, 2).failed); /* no direction */
    assert_true(packet_option_of(file, 2, 8).failed);
    struct bytes statistics = block_of(file, BLOCK_STATISTICS, 1, NULL);
    assert_int_equal(load_u64(option_of(statistics, 12, 4).data), 2);

    out_pcapng_free(writer);
    out_file_abort(file);
    corr_adapters_free(adapters);
    owner_ledger_close(&owners);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_header_is_windows_event_header),
        cmocka_unit_test(payload_and_texts_follow_with_their_lengths),
        cmocka_unit_test(what_a_classic_record_lacks_is_zero),
        cmocka_unit_test(long_payloads_and_texts_are_cut_below_wiresharks_limit),
        cmocka_unit_test(events_have_an_interface_of_their_own_and_the_owner_in_option_8),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
