/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "etw/schema/classic_schemas.h"
#include "etw/schema/classic_tables.h"
#include "etw/schema/payload.h"
#include "tests/unit/classic_layouts.h"

/* ---- reading ---- */

struct reading {
    struct value values[FIELDS_MAXIMUM];
    size_t count;
    struct payload_end end;
};

static void take_value(void *context, const struct etw_field *field)
{
    struct reading *r = context;
    assert_true(r->count < FIELDS_MAXIMUM);
    struct value *value = &r->values[r->count++];
    *value = (struct value){.kind = field->kind};
    switch (field->kind) {
    case ETW_FIELD_TEXT16:
    case ETW_FIELD_TEXT8:
    case ETW_FIELD_BINARY:
    case ETW_FIELD_GUID:
    case ETW_FIELD_SID:
    case ETW_FIELD_IPV6:
    case ETW_FIELD_PACKED_TEXT:
        assert_true(field->bytes.size <= sizeof(value->bytes));
        value->size = field->bytes.size;
        if (value->size > 0) {
            memcpy(value->bytes, field->bytes.data, value->size);
        }
        break;
    case ETW_FIELD_IPV4:
        assert_int_equal(field->bytes.size, 4);
        value->number = load_u32(field->bytes.data);
        break;
    default:
        value->number = field->number;
    }
}

/* From memory of exactly this size, so that the sanitizer sees a read beyond it. */
static void read_payload(struct reading *r, const struct event_schema *schema, const uint8_t *data,
                         size_t size, unsigned pointer_size)
{
    const struct etw_fields_visitor visitor = {.context = r, .value = take_value};
    uint8_t *copy = malloc(size > 0 ? size : 1);
    assert_non_null(copy);
    if (size > 0) {
        memcpy(copy, data, size);
    }
    struct bytes payload = bytes_of(copy, size);
    r->count = 0;
    r->end = payload_read(schema, &payload, pointer_size, &visitor);
    free(copy);
}

static bool values_equal(const struct value *a, const struct value *b)
{
    return a->kind == b->kind && a->number == b->number && a->size == b->size &&
           memcmp(a->bytes, b->bytes, a->size) == 0;
}

static bool is_beginning_of(const struct value *part, const struct value *whole)
{
    bool can_be_cut = part->kind == ETW_FIELD_TEXT16 || part->kind == ETW_FIELD_TEXT8 ||
                      part->kind == ETW_FIELD_BINARY || part->kind == ETW_FIELD_PACKED_TEXT;
    return can_be_cut && part->kind == whole->kind && part->size <= whole->size &&
           memcmp(part->bytes, whole->bytes, part->size) == 0;
}

static const char *show(const struct event_schema *schema)
{
    static char text[100];
    (void)snprintf(text, sizeof(text), "%s/%s (%u) version %u", schema->provider_name,
                   schema->event_name, schema->id, schema->version);
    return text;
}

static void check_whole(const struct event_schema *schema, const struct written *w)
{
    static struct reading r;
    read_payload(&r, schema, w->data, w->size, w->pointer_size);
    if (r.end.decoded != ETW_DECODED_WHOLLY || r.end.unread != 0 || r.count != w->count) {
        fail_msg("%s: %zu fields of %zu, %zu bytes left, %s", show(schema), r.count, w->count,
                 r.end.unread, r.end.why ? r.end.why : "");
    }
    for (size_t i = 0; i < w->count; i++) {
        if (!values_equal(&r.values[i], &w->values[i])) {
            fail_msg("%s: value %zu", show(schema), i);
        }
    }
}

/* All values before the cut, equal; the last one may be a text that goes on behind it. */
static void check_cut(const struct event_schema *schema, const struct written *w, size_t size)
{
    static struct reading r;
    size_t whole = 0;
    while (whole < w->count && w->values[whole].end <= size) {
        whole++;
    }
    read_payload(&r, schema, w->data, size, w->pointer_size);
    if (r.count < whole || r.count > whole + 1) {
        fail_msg("%s: cut at %zu: %zu values instead of %zu", show(schema), size, r.count, whole);
    }
    for (size_t i = 0; i < whole; i++) {
        if (!values_equal(&r.values[i], &w->values[i])) {
            fail_msg("%s: cut at %zu: value %zu", show(schema), size, i);
        }
    }
    if (r.count > whole && !is_beginning_of(&r.values[whole], &w->values[whole])) {
        fail_msg("%s: cut at %zu: a value beyond the end", show(schema), size);
    }
    if (r.end.decoded == ETW_DECODED_WHOLLY && r.count < w->required) {
        fail_msg("%s: cut at %zu: %zu values are not all", show(schema), size, r.count);
    }
}

/* ---- tests of the tables ---- */

typedef void schema_check(const struct event_schema *schema, const struct classic_class *class_of);

static void for_each_schema(schema_check *check)
{
    for (size_t i = 0; i < classic_class_count; i++) {
        for (size_t j = 0; j < classic_classes[i]->event_count; j++) {
            check(&classic_classes[i]->events[j], classic_classes[i]);
        }
    }
}

static void check_form(const struct event_schema *schema, const struct classic_class *class_of)
{
    assert_true(event_schema_is_sound(schema));
    assert_true(guid_equal(&schema->provider, &class_of->guid));
    assert_true(schema->is_classic);
    assert_int_equal(schema->source, ETW_SCHEMA_BUILT_IN);
    assert_non_null(schema->provider_name);
    assert_non_null(schema->event_name);
    if (schema > class_of->events) {
        const struct event_schema *before = schema - 1;
        if (before->id > schema->id ||
            (before->id == schema->id && before->version >= schema->version)) {
            fail_msg("%s stands in the wrong place", show(schema));
        }
        if (before->id == schema->id) {
            assert_string_equal(before->event_name, schema->event_name);
        }
    }
}

static void every_row_is_sound_and_in_its_place(void **state)
{
    (void)state;
    for_each_schema(check_form);
}

static void check_names(const struct event_schema *schema, const struct classic_class *class_of)
{
    (void)class_of;
    for (uint16_t i = 0; i < schema->property_count; i++) {
        for (uint16_t j = 0; j < i; j++) {
            if (strcmp(schema->properties[i].name, schema->properties[j].name) == 0) {
                fail_msg("%s: %s twice", show(schema), schema->properties[i].name);
            }
        }
    }
}

static void no_event_has_a_name_twice(void **state)
{
    (void)state;
    for_each_schema(check_names);
}

static void check_layout(const struct event_schema *schema, const struct classic_class *class_of)
{
    (void)class_of;
    static struct written w;
    const struct layout_row *row = find_layout(schema);
    if (!row) {
        fail_msg("%s: no layout in this test", show(schema));
        return;
    }
    for (unsigned pointer_size = 4; pointer_size <= 8; pointer_size += 4) {
        for (uint64_t seed = 1; seed <= 20; seed++) {
            write_layout(&w, row->letters, pointer_size, seed);
            check_whole(schema, &w);
        }
    }
}

static void every_layout_reads_what_was_written(void **state)
{
    (void)state;
    for_each_schema(check_layout);
}

static void check_cuts(const struct event_schema *schema, const struct classic_class *class_of)
{
    (void)class_of;
    static struct written w;
    const struct layout_row *row = find_layout(schema);
    assert_non_null(row);
    for (unsigned pointer_size = 4; pointer_size <= 8; pointer_size += 4) {
        write_layout(&w, row->letters, pointer_size, 7);
        for (size_t size = 0; size < w.size; size++) {
            check_cut(schema, &w, size);
        }
    }
}

static void a_cut_payload_gives_the_values_before_the_cut(void **state)
{
    (void)state;
    for_each_schema(check_cuts);
}

/* ---- tests of the look-up ---- */

static const struct event_schema *find(const struct classic_class *class_of, uint8_t opcode,
                                       uint8_t version)
{
    struct etw_record record = {.class_of = RECORD_IS_KERNEL,
                                .opcode = opcode,
                                .version = version,
                                .provider = class_of->guid.bytes};
    return classic_schema_find(&record);
}

static void check_found(const struct event_schema *schema, const struct classic_class *class_of)
{
    assert_ptr_equal(find(class_of, (uint8_t)schema->id, schema->version), schema);
}

static void every_row_is_found(void **state)
{
    (void)state;
    for_each_schema(check_found);
}

static void a_newer_version_gets_the_highest_known_one(void **state)
{
    (void)state;
    assert_int_equal(find(&classic_process, 1, 9)->version, 4);
    assert_int_equal(find(&classic_process, 39, 9)->version, 5);
    assert_int_equal(find(&classic_tcpip, 38, 255)->version, 2);
    assert_int_equal(find(&classic_image_id, 64, 3)->version, 0);
    assert_int_equal(find(&classic_event_trace, 0, 1)->version, 0);
}

static void an_older_version_than_all_known_has_no_schema(void **state)
{
    (void)state;
    assert_null(find(&classic_tcpip, 26, 1));
    assert_null(find(&classic_tcpip, 16, 0));
    assert_null(find(&classic_system_config, 22, 3));
}

static void what_nobody_knows_has_no_schema(void **state)
{
    (void)state;
    static const struct guid other = {{1}};
    assert_null(find(&classic_process, 0, 4));
    assert_null(find(&classic_process, 5, 4));
    assert_null(find(&classic_process, 255, 4));
    struct etw_record record = {
        .class_of = RECORD_IS_CLASSIC, .opcode = 1, .provider = other.bytes};
    assert_null(classic_schema_find(&record));
    record.provider = NULL;
    assert_null(classic_schema_find(&record));
    record.provider = classic_process.guid.bytes;
    assert_non_null(classic_schema_find(&record));
    record.class_of = RECORD_IS_MANIFEST;
    assert_null(classic_schema_find(&record));
    record.class_of = RECORD_IS_MESSAGE;
    assert_null(classic_schema_find(&record));
}

/* ---- the pointer size ---- */

static unsigned pointer_size_of(const struct written *w, enum record_class class_of,
                                uint8_t stated_size, size_t size)
{
    struct etw_record record = {
        .class_of = class_of, .pointer_size = stated_size, .payload = bytes_of(w->data, size)};
    return classic_pointer_size(find(&classic_process, 1, 4), &record);
}

static void a_payload_that_fits_only_otherwise_has_the_other_pointer_size(void **state)
{
    (void)state;
    static struct written w;
    for (uint8_t size = 4; size <= 8; size = (uint8_t)(size + 4)) {
        write_layout(&w, PROCESS_4, size, 3);
        uint8_t other = size == 4 ? 8 : 4;
        assert_int_equal(pointer_size_of(&w, RECORD_IS_CLASSIC, size, w.size), size);
        assert_int_equal(pointer_size_of(&w, RECORD_IS_CLASSIC, other, w.size), size);
        assert_int_equal(pointer_size_of(&w, RECORD_IS_KERNEL, other, w.size), other);
    }
}

static void a_payload_that_fits_neither_way_keeps_its_pointer_size(void **state)
{
    (void)state;
    static struct written w;
    write_layout(&w, PROCESS_4, 8, 3);
    assert_int_equal(pointer_size_of(&w, RECORD_IS_CLASSIC, 8, 30), 8);
    assert_int_equal(pointer_size_of(&w, RECORD_IS_CLASSIC, 4, 30), 4);
    assert_int_equal(pointer_size_of(&w, RECORD_IS_CLASSIC, 4, 0), 4);
}

/* ---- the two shapes of a SID field that begin with zeros ---- */

#define PLACE_OF_SID 7 /* in PROCESS_4 */

/* A version 4 start without a SID: its field is replaced by `size` bytes. */
static void write_process(struct written *w, unsigned pointer_size, const uint8_t *sid, size_t size)
{
    static struct written first;
    uint64_t seed = 1;
    do {
        write_layout(&first, PROCESS_4, pointer_size, seed++);
    } while (first.values[PLACE_OF_SID].size != 0);
    size_t at = first.values[PLACE_OF_SID].end - 4;
    *w = first;
    memcpy(w->data + at, sid, size);
    memcpy(w->data + at + size, first.data + at + 4, first.size - at - 4);
    w->size = first.size - 4 + size;
}

static void a_zero_in_the_first_place_means_no_sid(void **state)
{
    (void)state;
    static struct written w;
    for (unsigned pointer_size = 4; pointer_size <= 8; pointer_size += 4) {
        write_process(&w, pointer_size, (const uint8_t[4]){0}, 4);
        check_whole(find(&classic_process, 1, 4), &w);
    }
}

static void zeros_may_stand_before_a_sid(void **state)
{
    (void)state;
    static struct written w;
    static const uint8_t sid[] = {1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 0x20, 2, 0, 0};
    for (unsigned pointer_size = 4; pointer_size <= 8; pointer_size += 4) {
        uint8_t field[16 + sizeof(sid)] = {0};
        memcpy(field + 2 * pointer_size, sid, sizeof(sid));
        write_process(&w, pointer_size, field, 2 * pointer_size + sizeof(sid));
        struct value *value = &w.values[PLACE_OF_SID];
        memcpy(value->bytes, sid, sizeof(sid));
        value->size = sizeof(sid);
        check_whole(find(&classic_process, 1, 4), &w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_sound_and_in_its_place),
        cmocka_unit_test(no_event_has_a_name_twice),
        cmocka_unit_test(every_layout_reads_what_was_written),
        cmocka_unit_test(a_cut_payload_gives_the_values_before_the_cut),
        cmocka_unit_test(every_row_is_found),
        cmocka_unit_test(a_newer_version_gets_the_highest_known_one),
        cmocka_unit_test(an_older_version_than_all_known_has_no_schema),
        cmocka_unit_test(what_nobody_knows_has_no_schema),
        cmocka_unit_test(a_payload_that_fits_only_otherwise_has_the_other_pointer_size),
        cmocka_unit_test(a_payload_that_fits_neither_way_keeps_its_pointer_size),
        cmocka_unit_test(a_zero_in_the_first_place_means_no_sid),
        cmocka_unit_test(zeros_may_stand_before_a_sid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
