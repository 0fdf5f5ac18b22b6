/* SPDX-License-Identifier: MIT */
/*
 * Every layout of the sample writer's table, which was made without the reader's
 * manifests, filled with random values and read back by the built-in schemas.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "etw/base/bytes.h"
#include "etw/schema/payload.h"
#include "etw/schema/schema_store.h"
#include "samples/writer/event_payload.h"
#include "tests/support/random.h"

#define PAYLOAD_MAXIMUM 4096
#define VALUES_MAXIMUM  512
/* A length that fits every address. Where a layout has a length that its table ties to
 * no field, all lengths are this one: the built-in schema knows what it measures. */
#define COMMON_LENGTH 16

/* One value as it was written, or as it was read. */
struct value {
    const char *name; /* NULL: an element of an array */
    uint16_t offset, size;
    bool is_open_ended; /* takes what is left, so that a cut shortens it */
};

struct written {
    uint8_t bytes[PAYLOAD_MAXIMUM];
    size_t size;
    struct value values[VALUES_MAXIMUM];
    size_t count;
};

struct checked {
    const struct written *written;
    size_t size; /* of the payload that is read: all, or a part */
    size_t count;
    const char *wrong; /* name of the first value that is not as written */
};

static size_t natural_size(uint8_t type, unsigned pointer_size)
{
    static const uint8_t sizes[] = {
        [FIELD_U8] = 1,       [FIELD_U16] = 2,     [FIELD_U32] = 4,
        [FIELD_U64] = 8,      [FIELD_I8] = 1,      [FIELD_I16] = 2,
        [FIELD_I32] = 4,      [FIELD_I64] = 8,     [FIELD_FLOAT] = 4,
        [FIELD_DOUBLE] = 8,   [FIELD_BOOLEAN] = 4, [FIELD_GUID] = 16,
        [FIELD_FILETIME] = 8, [FIELD_HEX32] = 4,   [FIELD_SYSTEMTIME] = 16,
        [FIELD_HEX64] = 8,    [FIELD_SID] = 12,    [FIELD_BINARY] = COMMON_LENGTH,
    };
    if (type == FIELD_POINTER || type == FIELD_SIZE_T) {
        return pointer_size;
    }
    return type < sizeof(sizes) ? sizes[type] : 0;
}

static bool is_text(uint8_t type)
{
    return type == FIELD_UNICODE || type == FIELD_ANSI;
}

/* Random bytes without zeros, so that texts do not end early. */
static void add_bytes(struct written *w, size_t size, uint64_t *seed)
{
    for (size_t i = 0; i < size; i++) {
        w->bytes[w->size++] = (uint8_t)(1 + random_below(seed, 250));
    }
}

static void add_value(struct written *w, const char *name, size_t size, bool is_open_ended)
{
    w->values[w->count++] = (struct value){.name = name,
                                           .offset = (uint16_t)(w->size - size),
                                           .size = (uint16_t)size,
                                           .is_open_ended = is_open_ended};
}

static void add_sid(struct written *w, uint64_t *seed)
{
    static const uint8_t head[8] = {1, 1, 0, 0, 0, 0, 0, 5};
    memcpy(w->bytes + w->size, head, sizeof(head));
    w->size += sizeof(head);
    add_bytes(w, 4, seed);
}

/* A field without a length of its own, of natural size. */
static void add_plain(struct written *w, const struct event_field *field, unsigned pointer_size,
                      bool is_last, uint64_t *seed)
{
    if (field->type == FIELD_COUNTED) {
        size_t size = 2 * (size_t)random_below(seed, 12);
        w->bytes[w->size++] = (uint8_t)size;
        w->bytes[w->size++] = 0;
        add_bytes(w, size, seed);
        add_value(w, field->name, size, true);
        return;
    }
    if (is_text(field->type)) {
        size_t width = field->type == FIELD_UNICODE ? 2 : 1;
        size_t size = width * (size_t)random_below(seed, 12);
        add_bytes(w, size, seed);
        add_value(w, field->name, size, true);
        memset(w->bytes + w->size, 0, width);
        w->size += width;
        return;
    }
    size_t size = natural_size(field->type, pointer_size);
    if (field->type == FIELD_SID) {
        add_sid(w, seed);
    } else {
        add_bytes(w, size, seed);
    }
    add_value(w, field->name, size, field->type == FIELD_BINARY && is_last);
}

/* Lengths in the unit that the manifest counts in. */
static void store_length(struct written *w, size_t field, uint64_t length)
{
    const struct value *value = &w->values[field];
    for (size_t i = 0; i < value->size; i++) {
        w->bytes[value->offset + i] = (uint8_t)(i < 8 ? length >> (8 * i) : 0);
    }
}

static bool ends_with(const char *name, const char *end)
{
    size_t size = strlen(name);
    size_t end_size = strlen(end);
    return size >= end_size && strcmp(name + size - end_size, end) == 0;
}

static bool is_loose_length(const struct event_layout *layout, size_t number)
{
    const struct event_field *fields = event_layout_get_fields(layout);
    bool is_length =
        ends_with(fields[number].name, "Length") || ends_with(fields[number].name, "Size");
    for (size_t i = 0; i < layout->field_count; i++) {
        is_length = is_length && !(fields[i].length == LENGTH_FIELD && fields[i].link == number);
    }
    return is_length && (fields[number].type == FIELD_U32 || fields[number].type == FIELD_U16);
}

static bool has_loose_length(const struct event_layout *layout)
{
    for (size_t i = 0; i < layout->field_count; i++) {
        if (is_loose_length(layout, i)) {
            return true;
        }
    }
    return false;
}

/* Fields that are measured by another; false: of a form this test does not know. */
static bool add_measured(struct written *w, const struct event_field *field, bool is_common,
                         uint64_t *seed)
{
    uint64_t random = is_common ? COMMON_LENGTH : 4 * random_below(seed, 8);
    uint64_t length = field->length == LENGTH_FIXED ? field->link : random;
    size_t width = field->type == FIELD_UNICODE ? 2 : 1;
    if (field->length == LENGTH_FIELD) {
        store_length(w, field->link, length);
    } else if (field->length != LENGTH_FIXED) {
        return false;
    }
    add_bytes(w, (size_t)length * width, seed);
    add_value(w, field->name, (size_t)length * width, false);
    return true;
}

/* Several fields may be measured by the same one: the length that was set first holds. */
static bool shares_length(const struct event_field *fields, size_t number)
{
    for (size_t i = 0; i < number; i++) {
        if (fields[i].length == LENGTH_FIELD && fields[number].length == LENGTH_FIELD &&
            fields[i].link == fields[number].link) {
            return true;
        }
    }
    return false;
}

/* Bytes before the end whose length the table does not know. */
static bool is_unmeasured(const struct event_layout *layout, size_t number)
{
    const struct event_field *field = &event_layout_get_fields(layout)[number];
    return field->type == FIELD_BINARY && field->length == LENGTH_OWN &&
           number + 1 < layout->field_count;
}

/* How many fields of the layout were written: all, or those before an array or bytes
 * of unknown length. */
static size_t write_payload(struct written *w, const struct event_layout *layout,
                            unsigned pointer_size, uint64_t *seed)
{
    const struct event_field *fields = event_layout_get_fields(layout);
    bool is_common = has_loose_length(layout);
    w->size = 0;
    w->count = 0;
    for (size_t i = 0; i < layout->field_count; i++) {
        const struct event_field *field = &fields[i];
        bool is_plain = field->length == LENGTH_OWN;
        if (is_unmeasured(layout, i) || shares_length(fields, i) ||
            (!is_plain && !add_measured(w, field, is_common, seed))) {
            return i;
        }
        if (is_plain) {
            add_plain(w, field, pointer_size, i + 1u == layout->field_count, seed);
        }
        if (is_loose_length(layout, i)) {
            store_length(w, i, COMMON_LENGTH);
        }
    }
    return layout->field_count;
}

static uint64_t number_of(const uint8_t *bytes, size_t size)
{
    uint64_t number = 0;
    for (size_t i = size < 8 ? size : 8; i > 0; i--) {
        number = number << 8 | bytes[i - 1];
    }
    return number;
}

static bool is_number_as_written(const struct etw_field *field, const uint8_t *bytes, size_t size)
{
    uint64_t number = number_of(bytes, size);
    if (field->kind == ETW_FIELD_PORT) {
        return field->number == (uint64_t)(bytes[0] << 8 | bytes[1]);
    }
    if (field->kind == ETW_FIELD_SIGNED && size < 8) {
        uint64_t sign = UINT64_C(1) << (8 * size - 1);
        number = (number ^ sign) - sign;
    }
    return field->number == number;
}

/* Names that changed while version and layout stayed: the newer one is built in. */
static const struct {
    const char *old_name, *new_name;
} renamed[] = {
    {"ProcessSequenceNumber", "ProcessStartKey"},
    {"OldTcbAbortionRate", "OldTcbKillRate"},
    {"NewTcbAbortionRate", "NewTcbKillRate"},
    {"TcbAbortionRate", "TcbKillRate"},
    {"PktNumber", "PktCount"},
    {"SnapControl", "MediaType"},
    {"SnapOui", "InterfaceType"},
};

static bool is_same_name(const char *written, const char *read)
{
    bool is_same = read && strcmp(written, read) == 0;
    for (size_t i = 0; read && i < sizeof(renamed) / sizeof(renamed[0]); i++) {
        is_same = is_same || (strcmp(written, renamed[i].old_name) == 0 &&
                              strcmp(read, renamed[i].new_name) == 0);
    }
    return is_same;
}

static void check_value(void *context, const struct etw_field *field)
{
    struct checked *checked = context;
    const struct written *w = checked->written;
    const struct value *value = &w->values[checked->count];
    if (checked->wrong || checked->count >= w->count) {
        return;
    }
    checked->count++;
    const uint8_t *bytes = w->bytes + value->offset;
    bool is_same;
    if (field->bytes.data || field->width == 0) {
        bool is_cut = value->offset + value->size > checked->size && value->is_open_ended;
        is_same =
            (field->bytes.size == value->size || (is_cut && field->bytes.size < value->size)) &&
            memcmp(field->bytes.data ? field->bytes.data : bytes, bytes, field->bytes.size) == 0;
    } else if (field->kind == ETW_FIELD_FLOAT) {
        is_same = field->width == value->size;
    } else {
        is_same = field->width == value->size && is_number_as_written(field, bytes, value->size);
    }
    if (!is_same || !is_same_name(value->name, field->name)) {
        checked->wrong = value->name;
    }
}

static struct checked read_part(const struct event_schema *schema, const struct written *w,
                                size_t size, unsigned pointer_size, struct payload_end *end)
{
    /* A copy of exactly this size, so that a sanitizer sees one byte too many. */
    uint8_t *copy = test_malloc(size ? size : 1);
    struct checked checked = {.written = w, .size = size};
    struct etw_fields_visitor visitor = {.context = &checked, .value = check_value};
    memcpy(copy, w->bytes, size);
    struct bytes payload = bytes_of(copy, size);
    *end = payload_read(schema, &payload, pointer_size, &visitor);
    test_free(copy);
    return checked;
}

static const struct event_schema *find_schema(struct schema_store *store,
                                              const struct event_layout *layout,
                                              const struct written *w, unsigned pointer_size)
{
    static uint8_t guid[16];
    const struct etl_guid *from = &event_layout_get_provider(layout)->guid;
    const char *why = NULL;
    struct byte_block block = {0};
    block_guid(&block, from);
    memcpy(guid, block.data, sizeof(guid));
    block_done(&block);
    struct etw_record record = {.kind = pointer_size == 8 ? RECORD_EVENT64 : RECORD_EVENT32,
                                .class_of = RECORD_IS_MANIFEST,
                                .pointer_size = (uint8_t)pointer_size,
                                .id = layout->id,
                                .version = layout->version,
                                .provider = guid,
                                .payload = bytes_of(w->bytes, w->size)};
    return schema_store_find(store, &record, &why);
}

static void check_layout(struct schema_store *store, const struct event_layout *layout,
                         unsigned pointer_size, uint64_t *seed)
{
    static struct written w;
    struct payload_end end;
    size_t fields = write_payload(&w, layout, pointer_size, seed);
    const struct event_schema *schema = find_schema(store, layout, &w, pointer_size);
    const char *provider = event_layout_get_provider(layout)->name;
    if (!schema || schema->version != layout->version) {
        fail_msg("%s %u.%u has no built-in schema", provider, layout->id, layout->version);
        return;
    }
    struct checked all = read_part(schema, &w, w.size, pointer_size, &end);
    bool is_whole =
        fields < layout->field_count || (end.decoded == ETW_DECODED_WHOLLY && end.unread == 0);
    if (all.wrong || all.count != w.count || !is_whole) {
        fail_msg("%s %u.%u (%u), %u bit: %s, %zu of %zu values, %zu bytes unread", provider,
                 layout->id, layout->version, layout->first_build, pointer_size * 8,
                 all.wrong ? all.wrong : "all as written", all.count, w.count, end.unread);
    }
    for (size_t size = 0; size < w.size; size++) {
        struct checked part = read_part(schema, &w, size, pointer_size, &end);
        if (part.wrong) {
            fail_msg("%s %u.%u cut to %zu bytes: %s is wrong", provider, layout->id,
                     layout->version, size, part.wrong);
        }
    }
}

static void every_layout_is_read_as_it_was_written_whole_and_cut(void **state)
{
    (void)state;
    uint64_t seed = 20261121;
    struct schema_store *store = NULL;
    unsigned build = 0;
    size_t count = 0;
    for (size_t i = 0; i < event_layout_count; i++) {
        const struct event_layout *layout = &event_layouts[i];
        if (!store || layout->first_build != build) {
            schema_store_free(store);
            assert_int_equal(schema_store_new(&store, NULL), ETW_OK);
            build = layout->first_build;
            schema_store_set_build(store, build);
        }
        check_layout(store, layout, 4, &seed);
        check_layout(store, layout, 8, &seed);
        count++;
    }
    schema_store_free(store);
    assert_true(count > 2900);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_layout_is_read_as_it_was_written_whole_and_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
