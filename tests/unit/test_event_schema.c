/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "etw/schema/event_schema.h"

#define NUMBER(...)                                                                                \
    {                                                                                              \
        .name = "n", .in_type = IN_UINT16, __VA_ARGS__                                             \
    }
#define STRUCT(first, number) STRUCT_WITH(first, number, PROPERTY_IS_STRUCT)
#define STRUCT_WITH(first, number, all_flags)                                                      \
    {                                                                                              \
        .name = "s", .flags = (all_flags), .first_member = (first), .member_count = (number)       \
    }

static bool is_sound(const struct schema_property *properties, size_t count, size_t top_level)
{
    const struct event_schema schema = {.properties = properties,
                                        .property_count = (uint16_t)count,
                                        .top_level_count = (uint16_t)top_level};
    return event_schema_is_sound(&schema);
}

static void an_empty_schema_is_sound(void **state)
{
    (void)state;
    assert_true(is_sound(NULL, 0, 0));
}

static void counts_may_not_exceed_the_properties(void **state)
{
    (void)state;
    static struct schema_property many[SCHEMA_PROPERTIES_MAXIMUM + 1];
    for (size_t i = 0; i < SCHEMA_PROPERTIES_MAXIMUM + 1; i++) {
        many[i] = (struct schema_property)NUMBER(.count = 1);
    }
    assert_true(is_sound(many, SCHEMA_PROPERTIES_MAXIMUM, SCHEMA_PROPERTIES_MAXIMUM));
    assert_false(is_sound(many, SCHEMA_PROPERTIES_MAXIMUM + 1, 1));
    assert_false(is_sound(many, 1, 2));
    assert_false(is_sound(NULL, 1, 1));
}

static void every_property_has_a_name(void **state)
{
    (void)state;
    const struct schema_property nameless[] = {{.in_type = IN_UINT8}};
    assert_false(is_sound(nameless, 1, 1));
}

static void references_go_backwards_to_a_number(void **state)
{
    (void)state;
    static const uint16_t flags[] = {PROPERTY_COUNT_FROM, PROPERTY_LENGTH_FROM};
    for (size_t i = 0; i < 2; i++) {
        for (uint16_t target = 0; target < 5; target++) {
            const struct schema_property properties[] = {
                NUMBER(.count = 1),
                {.name = "text", .in_type = IN_UNICODE_STRING},
                NUMBER(.flags = flags[i], .count = target, .length = target),
                NUMBER(.count = 1),
            };
            assert_int_equal(is_sound(properties, 4, 4), target == 0);
        }
    }
}

static void a_struct_is_no_count(void **state)
{
    (void)state;
    const struct schema_property properties[] = {
        STRUCT(2, 1),
        NUMBER(.flags = PROPERTY_COUNT_FROM, .count = 0),
        NUMBER(.count = 1),
    };
    assert_false(is_sound(properties, 3, 2));
}

static void members_stand_inside_and_behind(void **state)
{
    (void)state;
    for (uint16_t first = 0; first < 6; first++) {
        for (uint16_t count = 0; count < 6; count++) {
            const struct schema_property properties[] = {STRUCT(first, count), NUMBER(.count = 1),
                                                         NUMBER(.count = 1), NUMBER(.count = 1)};
            bool expected = first >= 2 && first + count <= 4;
            assert_int_equal(is_sound(properties, 4, 2), expected);
        }
    }
    const struct schema_property huge[] = {STRUCT(1, UINT16_MAX), NUMBER(.count = 1)};
    assert_false(is_sound(huge, 2, 1));
}

static void a_struct_does_not_contain_itself(void **state)
{
    (void)state;
    const struct schema_property direct[] = {STRUCT(0, 1)};
    const struct schema_property in_turn[] = {STRUCT(1, 1), STRUCT(2, 1), STRUCT(1, 1)};
    assert_false(is_sound(direct, 1, 0));
    assert_false(is_sound(in_turn, 3, 1));
}

static void structs_nest_only_so_deep(void **state)
{
    (void)state;
    struct schema_property chain[SCHEMA_DEPTH_MAXIMUM + 2];
    for (uint16_t i = 0; i < SCHEMA_DEPTH_MAXIMUM + 1; i++) {
        chain[i] = (struct schema_property)STRUCT((uint16_t)(i + 1), 1);
    }
    chain[SCHEMA_DEPTH_MAXIMUM + 1] = (struct schema_property)NUMBER(.count = 1);
    assert_false(is_sound(chain, SCHEMA_DEPTH_MAXIMUM + 2, 1));
    for (uint16_t i = 0; i < SCHEMA_DEPTH_MAXIMUM; i++) {
        chain[i + 1].first_member = (uint16_t)(i + 1);
    }
    assert_true(is_sound(chain + 1, SCHEMA_DEPTH_MAXIMUM + 1, 1));
}

static void a_struct_may_be_counted(void **state)
{
    (void)state;
    const struct schema_property properties[] = {
        NUMBER(.count = 1),
        STRUCT_WITH(2, 1, PROPERTY_IS_STRUCT | PROPERTY_COUNT_FROM),
        NUMBER(.count = 1),
    };
    assert_true(is_sound(properties, 3, 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_schema_is_sound),
        cmocka_unit_test(counts_may_not_exceed_the_properties),
        cmocka_unit_test(every_property_has_a_name),
        cmocka_unit_test(references_go_backwards_to_a_number),
        cmocka_unit_test(a_struct_is_no_count),
        cmocka_unit_test(members_stand_inside_and_behind),
        cmocka_unit_test(a_struct_does_not_contain_itself),
        cmocka_unit_test(structs_nest_only_so_deep),
        cmocka_unit_test(a_struct_may_be_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
