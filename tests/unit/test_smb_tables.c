/* SPDX-License-Identifier: MIT */
/*
 * Every event, version and layout of the SMB client and server that the sample writer's table
 * knows has a row, and what it states arrives in the model.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "samples/writer/event_payload.h"
#include "tests/unit/payload_writer.h"

#define TEXTS_MAXIMUM 64

static bool is_smb(const struct event_layout *layout)
{
    const char *name = event_layout_get_provider(layout)->name;
    return strcmp(name, "Microsoft-Windows-SMBClient") == 0 ||
           strcmp(name, "Microsoft-Windows-SMBServer") == 0;
}

static struct guid guid_of(const struct event_provider *provider)
{
    struct guid guid;
    const struct etl_guid *from = &provider->guid;
    struct payload payload = {.size = 0};
    put_number(&payload, 4, from->first);
    put_number(&payload, 2, from->second);
    put_number(&payload, 2, from->third);
    put_bytes(&payload, from->rest, 8);
    memcpy(guid.bytes, payload.data, sizeof(guid.bytes));
    return guid;
}

/* Every UTF-16 text says its name. */
static size_t make_texts(const struct event_layout *layout, struct event_value *values)
{
    const struct event_field *fields = event_layout_get_fields(layout);
    size_t count = 0;
    for (size_t i = 0; i < layout->field_count && count < TEXTS_MAXIMUM; i++) {
        if (fields[i].type == FIELD_UNICODE) {
            values[count++] = (struct event_value){fields[i].name, fields[i].name};
        }
    }
    return count;
}

static bool has_text(const struct event_layout *layout, const char *name)
{
    const struct event_field *fields = event_layout_get_fields(layout);
    for (size_t i = 0; i < layout->field_count; i++) {
        if (fields[i].type == FIELD_UNICODE && strcmp(fields[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

static void check_texts(const struct event_layout *layout, const struct etw_smb *smb)
{
    const struct {
        const char *name;
        const struct bytes *text;
    } texts[] = {{"ShareName", &smb->share}, {"FileName", &smb->file}, {"UserName", &smb->user}};
    bool is_access = smb->what == ETW_SMB_TREE_STATE || smb->what == ETW_SMB_SESSION_STATE;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]) && !is_access; i++) {
        if (has_text(layout, texts[i].name)) {
            assert_true(text_is(*texts[i].text, texts[i].name));
        }
    }
    if (has_text(layout, "ServerName") && !has_text(layout, "ShareName")) {
        bool is_tree = layout->id == 30807 || layout->id == 30808 || layout->id == 30833;
        bool is_server =
            is_tree ? text_is(smb->share, "ServerName") : text_is(smb->server, "ServerName");
        assert_true(is_server || strcmp(event_layout_get_provider(layout)->name,
                                        "Microsoft-Windows-SMBServer") == 0);
    }
}

static void check_layout(const struct event_layout *layout, unsigned pointer_size)
{
    struct byte_block block = {0};
    struct event_value values[TEXTS_MAXIMUM];
    size_t count = make_texts(layout, values);
    const char *wrong = NULL;
    assert_true(payload_event(&block, layout, pointer_size, values, count, &wrong));
    struct decoding d;
    struct guid guid = guid_of(event_layout_get_provider(layout));
    char text[GUID_TEXT_SIZE];
    guid_format(&guid, text);
    decoding_init(&d, text, RECORD_IS_MANIFEST);
    schema_store_set_build(d.schemas, layout->first_build);
    d.record.version = layout->version;
    d.record.pointer_size = (uint8_t)pointer_size;
    decoding_read(&d, layout->id, block.data, block.size);
    if (d.event.kind != ETW_EVENT_SOCKET && d.event.kind != ETW_EVENT_NOTED) {
        fail_msg("%s %u.%u of build %u is nothing", event_layout_get_provider(layout)->name,
                 layout->id, layout->version, layout->first_build);
    }
    if (d.event.kind == ETW_EVENT_SOCKET) {
        if (d.event.is_incomplete) {
            fail_msg("%u.%u is incomplete", layout->id, layout->version);
        }
        check_texts(layout, &d.event.u.smb);
    }
    decoding_done(&d);
    block_done(&block);
}

static void every_event_of_both_providers_has_a_row(void **state)
{
    (void)state;
    size_t count = 0;
    for (size_t i = 0; i < event_layout_count; i++) {
        if (is_smb(&event_layouts[i])) {
            check_layout(&event_layouts[i], 4);
            check_layout(&event_layouts[i], 8);
            count++;
        }
    }
    assert_true(count >= 400);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_event_of_both_providers_has_a_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
