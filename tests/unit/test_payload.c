/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "etw/schema/payload.h"
#include "support/random.h"
#include "support/schema_of_bytes.h"

#define COUNT_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

/* P(name, in-type, out-type, flags, count, length), or the last ones by their names. */
#define P(of_name, ...)                                                                            \
    {                                                                                              \
        .name = (of_name), .in_type = __VA_ARGS__                                                  \
    }

static void count_values(void *context, const struct etw_field *field)
{
    (void)field;
    (*(size_t *)context)++;
}

/* 65,535 structs of 65,535 structs of nothing. */
static void elements_without_bytes_end(void **state)
{
    (void)state;
    struct schema_property properties[] = {
        {.name = "s",
         .flags = PROPERTY_IS_STRUCT,
         .count = 65535,
         .first_member = 1,
         .member_count = 2},
        {.name = "t",
         .flags = PROPERTY_IS_STRUCT,
         .count = 65535,
         .first_member = 3,
         .member_count = 1},
        P("e", IN_UINT8, .flags = PROPERTY_FIXED_COUNT),
        P("n", IN_NULL, .count = 65535),
    };
    struct event_schema schema = {
        .properties = properties, .property_count = 4, .top_level_count = 1};
    struct bytes payload = bytes_of("", 0);
    size_t count = 0;
    struct etw_fields_visitor visitor = {.context = &count, .value = count_values};
    struct payload_end end = payload_read(&schema, &payload, 8, &visitor);
    assert_int_equal(end.decoded, ETW_DECODED_PARTLY);
    assert_string_equal(end.why, "an array has more elements than a payload can hold");
    assert_true(count <= PAYLOAD_ELEMENTS_MAXIMUM);

    properties[0].member_count = 0;
    end = payload_read(&schema, &payload, 8, &visitor);
    assert_int_equal(end.decoded, ETW_DECODED_WHOLLY);
}

/* Every property of the largest schema could want a trial of its own. */
static void a_schema_full_of_sids_is_read_in_no_time(void **state)
{
    (void)state;
    static struct schema_property properties[SCHEMA_PROPERTIES_MAXIMUM];
    static uint8_t data[65535];
    for (size_t i = 0; i < COUNT_OF(properties); i++) {
        properties[i] = (struct schema_property){.name = "s", .in_type = IN_WBEM_SID};
    }
    for (size_t i = 0; i < sizeof(data); i += 4) {
        data[i] = i % 16 == 0; /* zeros with what could be a SID behind them */
    }
    struct event_schema schema = {.properties = properties,
                                  .property_count = SCHEMA_PROPERTIES_MAXIMUM,
                                  .top_level_count = SCHEMA_PROPERTIES_MAXIMUM};
    struct bytes payload = bytes_of(data + 4, sizeof(data) - 4);
    size_t count = 0;
    struct etw_fields_visitor visitor = {.context = &count, .value = count_values};
    (void)payload_read(&schema, &payload, 8, &visitor);
    assert_true(count <= SCHEMA_PROPERTIES_MAXIMUM);
}

/* Small numbers are likelier, for counts and lengths that fit. */
static size_t make_bytes(uint64_t *seed, uint8_t *bytes, size_t maximum)
{
    size_t size = random_below(seed, maximum);
    for (size_t i = 0; i < size; i++) {
        uint64_t number = random_next(seed);
        bytes[i] = (uint8_t)(number & 0x300 ? number : number % 4);
    }
    return size;
}

static void any_payload_can_be_read_by_any_sound_schema(void **state)
{
    (void)state;
    uint64_t seed = 3;
    size_t sound = 0;
    for (int round = 0; round < 20000; round++) {
        uint8_t bytes[400];
        struct schema_of_bytes made;
        struct bytes b = bytes_of(bytes, make_bytes(&seed, bytes, sizeof(bytes)));
        if (!schema_of_bytes(&b, &made)) {
            continue;
        }
        size_t size = bytes_left(&b);
        uint8_t *exact = malloc(size > 0 ? size : 1);
        assert_non_null(exact);
        memcpy(exact, b.data + b.position, size);
        struct bytes payload = bytes_of(exact, size);
        size_t count = 0;
        struct etw_fields_visitor visitor = {.context = &count, .value = count_values};
        struct payload_end end = payload_read(&made.schema, &payload, made.pointer_size, &visitor);
        free(exact);
        assert_true(end.unread <= size && count <= PAYLOAD_ELEMENTS_MAXIMUM);
        sound++;
    }
    assert_true(sound > 2000);
}

static void keep_number(void *context, const struct etw_field *field)
{
    *(uint64_t *)context = field->number;
}

static void a_payload_is_read_from_its_position_on(void **state)
{
    (void)state;
    const struct schema_property property = P("a", IN_UINT8);
    struct event_schema schema = {
        .properties = &property, .property_count = 1, .top_level_count = 1};
    const uint8_t three[] = {1, 2, 3};
    struct bytes payload = bytes_of(three, sizeof(three));
    uint64_t number = 0;
    struct etw_fields_visitor visitor = {.context = &number, .value = keep_number};
    bytes_skip(&payload, 1);
    struct payload_end end = payload_read(&schema, &payload, 8, &visitor);
    assert_true(number == 2);
    assert_int_equal(end.unread, 1);
}

static void check_bytes_and_width(void *context, const struct etw_field *field)
{
    (void)context;
    assert_int_equal(field->width, 2);
    assert_int_equal(field->bytes.size, 2);
    assert_int_equal(field->bytes.data[1], 0xBB);
    assert_true(field->number == 443);
}

static void numbers_keep_the_bytes_they_were_made_of(void **state)
{
    (void)state;
    const struct schema_property property = P("p", IN_UINT16, OUT_PORT);
    struct event_schema schema = {
        .properties = &property, .property_count = 1, .top_level_count = 1};
    const uint8_t port[] = {0x01, 0xBB};
    struct bytes payload = bytes_of(port, sizeof(port));
    struct etw_fields_visitor visitor = {.value = check_bytes_and_width};
    assert_int_equal(payload_read(&schema, &payload, 8, &visitor).decoded, ETW_DECODED_WHOLLY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(elements_without_bytes_end),
        cmocka_unit_test(a_schema_full_of_sids_is_read_in_no_time),
        cmocka_unit_test(any_payload_can_be_read_by_any_sound_schema),
        cmocka_unit_test(a_payload_is_read_from_its_position_on),
        cmocka_unit_test(numbers_keep_the_bytes_they_were_made_of),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
