/* SPDX-License-Identifier: MIT */
/*
 * Every event, version and layout of the SMB client, the server and SMB Direct that the sample
 * writer's table knows, made by that table, is read and stands in the account of corr_smb_events:
 * used for something, or noted; none vanishes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "correlate/smb_events.h"
#include "correlate/smb_operations.h"
#include "samples/writer/event_payload.h"
#include "tests/unit/payload_writer.h"

#define CLIENT_GUID "988c59c5-0a1c-45b6-a555-0c62276e327d"

struct fixture {
    struct corr_ledger *ledger;
    struct corr_smb_events *events;
    struct corr_smb_operations *operations;
    struct corr_smb_condition condition;  /* the last one; its texts are gone */
    uint64_t messages, conditions, bytes; /* that sinks got */
};

static bool take_message(void *context, const struct corr_smb_message *message)
{
    struct fixture *fixture = context;
    fixture->messages++;
    return corr_smb_operations_take(fixture->operations, message);
}

static bool take_condition(void *context, const struct corr_smb_condition *condition)
{
    struct fixture *fixture = context;
    fixture->conditions++;
    fixture->condition = *condition;
    return true;
}

static bool take_bytes(void *context, const struct corr_smb_bytes *bytes, bool is_whole)
{
    struct fixture *fixture = context;
    (void)bytes;
    fixture->bytes += is_whole ? 1 : 0;
    return true;
}

static int open_fixture(void **state)
{
    const struct corr_ledger_options options = {.has_socket_events = true};
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    const struct corr_smb_event_sinks sinks = {take_message, take_condition, take_bytes, fixture};
    *state = fixture;
    return !fixture || corr_ledger_new(&options, &fixture->ledger, NULL) ||
           corr_ledger_finish(fixture->ledger, NULL) ||
           corr_smb_operations_new(NULL, NULL, &fixture->operations, NULL) ||
           corr_smb_events_new(fixture->ledger, &sinks, &fixture->events, NULL);
}

static int close_fixture(void **state)
{
    struct fixture *fixture = *state;
    corr_smb_events_free(fixture->events);
    corr_smb_operations_free(fixture->operations);
    corr_ledger_free(fixture->ledger);
    free(fixture);
    return 0;
}

static struct corr_smb_event_counts counts_of(const struct fixture *fixture)
{
    struct corr_smb_event_counts counts;
    corr_smb_events_get_counts(fixture->events, &counts);
    return counts;
}

static uint64_t sum_of(const struct corr_smb_event_counts *counts)
{
    return counts->messages + counts->conditions + counts->bytes + counts->learned + counts->noted +
           counts->unread;
}

static bool is_smb(const struct event_layout *layout)
{
    const char *name = event_layout_get_provider(layout)->name;
    return strcmp(name, "Microsoft-Windows-SMBClient") == 0 ||
           strcmp(name, "Microsoft-Windows-SMBServer") == 0 ||
           strcmp(name, "Microsoft-Windows-SMBDirect") == 0;
}

static void format_guid(const struct event_layout *layout, char text[GUID_TEXT_SIZE])
{
    const struct etl_guid *from = &event_layout_get_provider(layout)->guid;
    struct guid guid;
    struct payload payload = {.size = 0};
    put_number(&payload, 4, from->first);
    put_number(&payload, 2, from->second);
    put_number(&payload, 2, from->third);
    put_bytes(&payload, from->rest, 8);
    memcpy(guid.bytes, payload.data, sizeof(guid.bytes));
    guid_format(&guid, text);
}

static void init_for(struct decoding *d, const struct event_layout *layout, unsigned pointer_size)
{
    char text[GUID_TEXT_SIZE];
    format_guid(layout, text);
    decoding_init(d, text, RECORD_IS_MANIFEST);
    schema_store_set_build(d->schemas, layout->first_build);
    d->record.version = layout->version;
    d->record.pointer_size = (uint8_t)pointer_size;
    d->record.time = INT64_C(133500000000000000);
}

static void feed(struct fixture *fixture, const struct decoding *d)
{
    assert_int_equal(corr_smb_events_feed(fixture->events, &d->event, NULL), ETW_OK);
}

static void check_layout(struct fixture *fixture, const struct event_layout *layout,
                         unsigned pointer_size)
{
    struct byte_block block = {0};
    const char *wrong = NULL;
    struct decoding d;
    struct corr_smb_event_counts before = counts_of(fixture);
    assert_true(payload_event(&block, layout, pointer_size, NULL, 0, &wrong));
    init_for(&d, layout, pointer_size);
    decoding_read(&d, layout->id, block.data, block.size);
    feed(fixture, &d);
    struct corr_smb_event_counts after = counts_of(fixture);
    if (after.events != before.events + 1 || sum_of(&after) != after.events ||
        after.unread != before.unread) {
        fail_msg("%s %u.%u of build %u is not accounted for",
                 event_layout_get_provider(layout)->name, layout->id, layout->version,
                 layout->first_build);
    }
    assert_int_equal(after.messages, fixture->messages);
    assert_int_equal(after.conditions, fixture->conditions);
    decoding_done(&d);
    block_done(&block);
}

static void every_event_of_smb_is_in_the_account(void **state)
{
    struct fixture *fixture = *state;
    size_t count = 0;
    for (size_t i = 0; i < event_layout_count; i++) {
        if (is_smb(&event_layouts[i])) {
            check_layout(fixture, &event_layouts[i], 4);
            check_layout(fixture, &event_layouts[i], 8);
            count++;
        }
    }
    struct corr_smb_event_counts counts = counts_of(fixture);
    assert_true(count >= 490);
    assert_int_equal(counts.events, 2 * count);
    assert_true(counts.messages > 0 && counts.conditions > 0 && counts.learned > 0 &&
                counts.noted > 0 && counts.bytes > 0);
}

static void an_event_that_nobody_knows_is_counted_as_unread(void **state)
{
    struct fixture *fixture = *state;
    struct decoding d;
    decoding_init(&d, CLIENT_GUID, RECORD_IS_MANIFEST);
    decoding_read(&d, 65000, "", 0);
    feed(fixture, &d);
    uint8_t other[16] = {1};
    d.record.provider = other;
    decoding_read(&d, 65000, "", 0);
    feed(fixture, &d);
    struct corr_smb_event_counts counts = counts_of(fixture);
    assert_int_equal(counts.events, 1);
    assert_int_equal(counts.unread, 1);
    decoding_done(&d);
}

static const struct event_layout *layout_of(const char *provider, unsigned id, unsigned version)
{
    const struct event_layout *layout = event_layout_find(provider, id, version, 22631);
    assert_non_null(layout);
    return layout;
}

/* One event with these values. */
static void tell(struct fixture *fixture, const struct event_layout *layout,
                 const struct event_value *values, size_t count)
{
    struct byte_block block = {0};
    const char *wrong = NULL;
    struct decoding d;
    assert_true(payload_event(&block, layout, 8, values, count, &wrong));
    init_for(&d, layout, 8);
    decoding_read(&d, layout->id, block.data, block.size);
    feed(fixture, &d);
    decoding_done(&d);
    block_done(&block);
}

static void a_command_that_nobody_knows_is_a_message_and_counted(void **state)
{
    struct fixture *fixture = *state;
    const struct event_value values[] = {{"Command", "Frobnicate"}, {"MessageId", "7"}};
    tell(fixture, layout_of("Microsoft-Windows-SMBClient", 30406, 0), values, 2);
    assert_int_equal(corr_smb_operations_finish(fixture->operations, NULL), ETW_OK);
    const struct corr_smb_totals *totals = corr_smb_operations_totals(fixture->operations);
    assert_int_equal(totals->messages, 1);
    assert_int_equal(totals->unknown_commands, 1);
}

static void a_dialect_that_nobody_knows_is_counted(void **state)
{
    struct fixture *fixture = *state;
    const struct event_value known[] = {{"DialectRevision", "0x311"}, {"MessageId", "1"}};
    const struct event_value unknown[] = {{"DialectRevision", "0x399"}, {"MessageId", "2"}};
    const struct event_layout *layout = layout_of("Microsoft-Windows-SMBServer", 101, 2);
    tell(fixture, layout, known, 2);
    tell(fixture, layout, unknown, 2);
    assert_int_equal(corr_smb_operations_totals(fixture->operations)->unknown_dialects, 1);
}

static void the_older_meaning_of_an_id_is_not_that_of_the_newer(void **state)
{
    struct fixture *fixture = *state;
    const struct event_value values[] = {{"LocalAddress", "192.0.2.9:56010"},
                                         {"RemoteAddress", "198.51.100.90:445"},
                                         {"Status", "0xC0000236"}};
    tell(fixture, layout_of("Microsoft-Windows-SMBDirect", 302, 1), values, 3);
    assert_int_equal(fixture->conditions, 1);
    assert_int_equal(fixture->condition.kind, CORR_SMB_CONNECT_FAILED);
    assert_int_equal(fixture->condition.status, 0xC0000236u);
    assert_int_equal(fixture->condition.remote.port, 445);
    assert_int_equal(fixture->condition.local.port, 56010);
    assert_int_equal(fixture->condition.transport, ETW_SMB_OVER_RDMA);
    assert_int_equal(fixture->condition.socket, CORR_NO_ROW);
    const struct event_layout *newer =
        event_layout_find("Microsoft-Windows-SMBDirect", 302, 0, 26100);
    assert_non_null(newer);
    tell(fixture, newer, NULL, 0);
    assert_int_equal(fixture->conditions, 1);
    assert_int_equal(counts_of(fixture).noted, 1);
}

static void who_ended_a_connection_by_rdma_is_told(void **state)
{
    struct fixture *fixture = *state;
    const struct event_layout *ended =
        event_layout_find("Microsoft-Windows-SMBDirect", 5002, 0, 26100);
    struct event_value values[] = {{"RemoteNetAddress", "198.51.100.90:445"},
                                   {"ApplicationInitiated", "1"}};
    assert_non_null(ended);
    tell(fixture, ended, values, 2);
    assert_int_equal(fixture->condition.kind, CORR_SMB_CONNECTION_CLOSED);
    assert_int_equal(fixture->condition.remote.port, 445);
    values[1].text = "0";
    tell(fixture, ended, values, 2);
    assert_int_equal(fixture->condition.kind, CORR_SMB_DISCONNECTED);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_fixture, close_fixture)
    const struct CMUnitTest tests[] = {
        TEST(every_event_of_smb_is_in_the_account),
        TEST(an_event_that_nobody_knows_is_counted_as_unread),
        TEST(a_command_that_nobody_knows_is_a_message_and_counted),
        TEST(a_dialect_that_nobody_knows_is_counted),
        TEST(the_older_meaning_of_an_id_is_not_that_of_the_newer),
        TEST(who_ended_a_connection_by_rdma_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
