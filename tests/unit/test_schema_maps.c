/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "etw/schema/schema_maps.h"

static const struct guid provider = {"a test provider"};
static const struct guid other_provider = {"another provider"};

struct maps_test {
    struct schema_arena arena;
    struct schema_maps maps;
    struct schema_property property;
};

static void define(struct maps_test *t, const char *name, const char *first_text)
{
    struct etw_map_entry *entries = schema_arena_take(&t->arena, 3 * sizeof(*entries));
    struct etw_map map = {.name = name, .entry_count = 3};
    assert_non_null(entries);
    entries[0] = (struct etw_map_entry){.value = 9, .text = "nine"};
    entries[1] = (struct etw_map_entry){.value = 1, .text = first_text};
    entries[2] = (struct etw_map_entry){.value = 9, .text = "neuf"};
    assert_true(schema_maps_define(&t->maps, &t->arena, &provider, &map, entries));
}

static void done(struct maps_test *t)
{
    schema_maps_done(&t->maps);
    schema_arena_done(&t->arena);
}

static void use(struct maps_test *t, const struct guid *guid, const char *name)
{
    assert_true(schema_maps_use(&t->maps, &t->arena, guid, name, &t->property));
}

static void a_map_before_its_use_is_given_at_once(void **state)
{
    (void)state;
    struct maps_test t = {.maps = {0}};
    define(&t, "M", "one");
    use(&t, &provider, "M");
    assert_non_null(t.property.map);
    assert_string_equal(t.property.map->name, "M");
    done(&t);
}

static void a_map_behind_its_use_is_given_when_it_comes(void **state)
{
    (void)state;
    struct maps_test t = {.maps = {0}};
    struct schema_property second = {.name = "second"};
    use(&t, &provider, "M");
    assert_true(schema_maps_use(&t.maps, &t.arena, &provider, "M", &second));
    assert_null(t.property.map);
    assert_false(schema_maps_has(&t.maps, &provider, "M"));
    define(&t, "M", "one");
    assert_true(schema_maps_has(&t.maps, &provider, "M"));
    assert_non_null(t.property.map);
    assert_ptr_equal(t.property.map, second.map);
    done(&t);
}

static void entries_are_sorted_and_each_value_stands_once(void **state)
{
    (void)state;
    struct maps_test t = {.maps = {0}};
    define(&t, "M", "one");
    use(&t, &provider, "M");
    assert_int_equal(t.property.map->entry_count, 2);
    assert_int_equal(t.property.map->entries[0].value, 1);
    assert_int_equal(t.property.map->entries[1].value, 9);
    assert_string_equal(t.property.map->entries[1].text, "neuf");
    done(&t);
}

static void the_first_map_of_a_name_counts(void **state)
{
    (void)state;
    struct maps_test t = {.maps = {0}};
    define(&t, "M", "one");
    define(&t, "M", "uno");
    use(&t, &provider, "M");
    assert_string_equal(t.property.map->entries[0].text, "one");
    done(&t);
}

static void maps_belong_to_their_provider(void **state)
{
    (void)state;
    struct maps_test t = {.maps = {0}};
    define(&t, "M", "one");
    use(&t, &other_provider, "M");
    assert_null(t.property.map);
    use(&t, &provider, "m");
    assert_null(t.property.map);
    done(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_map_before_its_use_is_given_at_once),
        cmocka_unit_test(a_map_behind_its_use_is_given_when_it_comes),
        cmocka_unit_test(entries_are_sorted_and_each_value_stands_once),
        cmocka_unit_test(the_first_map_of_a_name_counts),
        cmocka_unit_test(maps_belong_to_their_provider),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
