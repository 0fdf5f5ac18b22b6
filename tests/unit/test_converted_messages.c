/* SPDX-License-Identifier: MIT */
/* SMB messages between the packets of a pcapng file: in the order of times, none lost without a
 * word, and the packets as they are without them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "cli/conversion.h"
#include "tests/unit/pcapng_blocks.h"

#define LINK_TYPE_MESSAGES 252
#define INTERFACES_MAXIMUM 16
#define ROWS_MAXIMUM       256

struct row {
    bool is_message;
    uint64_t time, packet_id;
    uint32_t captured, original, flags;
    char comment[256];
};

struct rows {
    struct row rows[ROWS_MAXIMUM];
    size_t count;
};

static struct row read_row(struct bytes body, const uint16_t *links)
{
    const uint8_t *at = body.data;
    struct row row = {.is_message = links[load_u32(at)] == LINK_TYPE_MESSAGES,
                      .time = (uint64_t)load_u32(at + 4) << 32 | load_u32(at + 8),
                      .captured = load_u32(at + 12),
                      .original = load_u32(at + 16)};
    size_t options = 20 + row.captured + (4 - row.captured % 4) % 4;
    struct bytes id = option_of(body, options, 5);
    struct bytes flags = option_of(body, options, 2);
    struct bytes comment = option_of(body, options, 1);
    row.packet_id = id.failed ? 0 : load_u64(id.data);
    row.flags = flags.failed ? 0 : load_u32(flags.data);
    if (!comment.failed && comment.size < sizeof(row.comment)) {
        memcpy(row.comment, comment.data, comment.size);
    }
    return row;
}

static void read_rows(const struct out_file *file, struct rows *rows)
{
    uint16_t links[INTERFACES_MAXIMUM] = {0};
    size_t interfaces = 0;
    size_t size = 0;
    const uint8_t *data = out_file_get_memory(file, &size);
    rows->count = 0;
    for (size_t at = 0; at + 12 <= size; at += load_u32(data + at + 4)) {
        uint32_t type = load_u32(data + at);
        struct bytes body = bytes_of(data + at + 8, load_u32(data + at + 4) - 12);
        if (type == BLOCK_INTERFACE) {
            assert_true(interfaces < INTERFACES_MAXIMUM);
            links[interfaces++] = load_u16(body.data);
        } else if (type == BLOCK_PACKET) {
            assert_true(rows->count < ROWS_MAXIMUM && load_u32(body.data) < interfaces);
            rows->rows[rows->count++] = read_row(body, links);
        }
    }
}

static struct cli_summary convert(const struct cli_convert_options *options, struct rows *rows)
{
    char path[1024];
    struct etw_trace *trace = NULL;
    struct cli_reading reading;
    struct out_file *file = NULL;
    struct cli_summary summary;
    struct etw_error error;
    (void)snprintf(path, sizeof(path), "%s/smb-messages.etl", SAMPLES);
    assert_int_equal(etw_trace_open(path, NULL, &trace, &error), ETW_OK);
    assert_int_equal(cli_reading_init(&reading, trace, &error), ETW_OK);
    assert_int_equal(out_file_open_memory(&file, &error), ETW_OK);
    assert_int_equal(cli_convert(&reading, options, file, &summary, &error), ETW_OK);
    read_rows(file, rows);
    out_file_abort(file);
    cli_reading_done(&reading);
    etw_trace_close(trace);
    return summary;
}

static size_t count_messages(const struct rows *rows)
{
    size_t count = 0;
    for (size_t i = 0; i < rows->count; i++) {
        count += rows->rows[i].is_message;
    }
    return count;
}

static void check_order(const struct rows *rows)
{
    for (size_t i = 1; i < rows->count; i++) {
        assert_true(rows->rows[i].time >= rows->rows[i - 1].time);
    }
}

/* What the scenario has: 49 messages of the client, two of the server, one that is none. */
static void every_message_is_written_or_counted(void **state)
{
    (void)state;
    static struct rows rows;
    const struct cli_convert_options options = {
        .file_name = "x", .smb_messages = true, .events = CLI_EVENTS_NONE};
    struct cli_summary summary = convert(&options, &rows);
    const struct cli_message_counts *counts = &summary.messages;
    assert_int_equal(counts->found, 52);
    assert_int_equal(counts->written, 51);
    assert_int_equal(counts->unreadable, 1);
    assert_int_equal(counts->unmatched, 0);
    assert_int_equal(counts->cut, 2);
    assert_int_equal(counts->lost, 1);
    assert_int_equal(counts->too_long, 0);
    assert_int_equal(count_messages(&rows), 51);
    assert_int_equal(rows.count, 61 + 51);
    assert_int_equal(summary.written, 61);
    assert_int_equal(summary.interfaces, 1);
    assert_true(summary.has_mixed_links);
}

static void rows_are_in_order_and_packets_keep_their_numbers(void **state)
{
    (void)state;
    static const enum cli_events events[] = {CLI_EVENTS_NONE, CLI_EVENTS_BOUND, CLI_EVENTS_ALL};
    for (size_t i = 0; i < 3; i++) {
        static struct rows rows;
        const struct cli_convert_options options = {
            .file_name = "x", .smb_messages = true, .events = events[i]};
        struct cli_summary summary = convert(&options, &rows);
        uint64_t frame = 0;
        check_order(&rows);
        assert_int_equal(rows.count, 61 + 51 + summary.events);
        for (size_t k = 0; k < rows.count; k++) {
            const struct row *row = &rows.rows[k];
            if (row->packet_id != 0) {
                assert_false(row->is_message);
                assert_int_equal(row->packet_id, ++frame);
            }
        }
        assert_int_equal(frame, 61);
    }
}

static const struct row *find_message(const struct rows *rows, const char *words)
{
    for (size_t i = 0; i < rows->count; i++) {
        if (rows->rows[i].is_message && strstr(rows->rows[i].comment, words)) {
            return &rows->rows[i];
        }
    }
    fail_msg("no message says %s", words);
    return NULL;
}

/* The write of note.bin: its first fragment is before its first packet, its last one behind. */
static void a_message_in_fragments_stands_where_it_began(void **state)
{
    (void)state;
    static struct rows rows;
    const struct cli_convert_options options = {
        .file_name = "x", .smb_messages = true, .events = CLI_EVENTS_NONE};
    (void)convert(&options, &rows);
    const struct row *message = find_message(&rows, "fragments=3");
    const struct row *next = message + 1;
    assert_int_equal(message->captured, 60 + 4112);
    assert_int_equal(message->flags, 2);
    assert_int_equal(next->packet_id, 24);
    assert_non_null(strstr(message->comment, "pid=4 proc=System conf=likely"));
    assert_non_null(strstr(message->comment, "for_pid=4711 for_proc=backup.exe"));
    const struct row *cut = find_message(&rows, "cut=48");
    assert_int_equal(cut->original - cut->captured, 48);
    assert_int_equal(find_message(&rows, "cut=unknown")->flags, 1);
    assert_string_equal(find_message(&rows, "server-events")->comment,
                        "reason=unknown source=server-events offset=43912");
}

static void owners_and_comments_can_be_left_out(void **state)
{
    (void)state;
    static struct rows rows;
    const struct cli_convert_options plain = {
        .file_name = "x", .smb_messages = true, .events = CLI_EVENTS_NONE, .without_owners = true};
    (void)convert(&plain, &rows);
    assert_int_equal(count_messages(&rows), 51);
    assert_string_equal(find_message(&rows, "fragments=3")->comment,
                        "source=client-events offset=14848 fragments=3");
    const struct cli_convert_options silent = {.file_name = "x",
                                               .smb_messages = true,
                                               .events = CLI_EVENTS_NONE,
                                               .comments = OUT_COMMENTS_NONE,
                                               .snap_length = 64};
    (void)convert(&silent, &rows);
    for (size_t i = 0; i < rows.count; i++) {
        assert_string_equal(rows.rows[i].comment, "");
        assert_true(rows.rows[i].captured <= 64 + 60 || !rows.rows[i].is_message);
    }
}

static void a_trace_without_messages_is_as_it_was(void **state)
{
    (void)state;
    static struct rows rows;
    const struct cli_convert_options options = {.file_name = "x", .events = CLI_EVENTS_NONE};
    struct cli_summary summary = convert(&options, &rows);
    assert_int_equal(summary.messages.found, 0);
    assert_int_equal(count_messages(&rows), 0);
    assert_int_equal(rows.count, 61);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_message_is_written_or_counted),
        cmocka_unit_test(rows_are_in_order_and_packets_keep_their_numbers),
        cmocka_unit_test(a_message_in_fragments_stands_where_it_began),
        cmocka_unit_test(owners_and_comments_can_be_left_out),
        cmocka_unit_test(a_trace_without_messages_is_as_it_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
