/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "etw/findings.h"

static void every_kind_has_a_name_and_a_sentence(void **state)
{
    (void)state;
    for (int kind = 0; kind < FINDING_KIND_COUNT; kind++) {
        const struct finding_description *row = &finding_descriptions[kind];
        assert_non_null(row->name);
        assert_non_null(row->sentence);
        for (const char *c = row->name; *c; c++) {
            assert_true((*c >= 'a' && *c <= 'z') || *c == '-' || (*c >= '0' && *c <= '9'));
        }
        assert_int_not_equal(row->sentence[strlen(row->sentence) - 1], '.');
        for (int other = 0; other < kind; other++) {
            assert_string_not_equal(row->name, finding_descriptions[other].name);
        }
    }
}

static void counting_adds_up_and_keeps_the_lowest_place(void **state)
{
    (void)state;
    struct findings findings = {0};
    const struct finding *garbage = &findings.kinds[FINDING_GARBAGE];
    findings_count(&findings, FINDING_GARBAGE, 500, 10);
    assert_int_equal(garbage->first_offset, 500);
    findings_count(&findings, FINDING_GARBAGE, 300, 5);
    findings_count(&findings, FINDING_GARBAGE, 400, 1);
    assert_int_equal(garbage->count, 3);
    assert_int_equal(garbage->bytes, 16);
    assert_int_equal(garbage->first_offset, 300);
    assert_int_equal(findings.kinds[FINDING_BUFFER_CUT].count, 0);
}

static void merging_is_counting_both(void **state)
{
    (void)state;
    struct findings all = {0};
    struct findings some = {0};
    struct findings others = {0};
    for (unsigned i = 0; i < 100; i++) {
        enum finding_kind kind = (enum finding_kind)(i * 7 % FINDING_KIND_COUNT);
        uint64_t offset = i * 7919 % 1000;
        findings_count(&all, kind, offset, i);
        findings_count(i % 3 ? &some : &others, kind, offset, i);
    }
    findings_merge(&some, &others);
    assert_memory_equal(&all, &some, sizeof(all));
    struct findings none = {0};
    findings_merge(&some, &none);
    assert_memory_equal(&all, &some, sizeof(all));
    findings_merge(&none, &all);
    assert_memory_equal(&all, &none, sizeof(all));
}

static void only_what_left_out_bytes_is_damage(void **state)
{
    (void)state;
    for (int kind = 0; kind < FINDING_KIND_COUNT; kind++) {
        struct findings findings = {0};
        enum finding_class class_of = finding_descriptions[kind].class_of;
        assert_false(findings_has_damage(&findings));
        findings_count(&findings, (enum finding_kind)kind, 0, 0);
        assert_int_equal(findings_has_damage(&findings),
                         class_of == FINDING_IS_DAMAGE || class_of == FINDING_IS_SKIPPED);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_has_a_name_and_a_sentence),
        cmocka_unit_test(counting_adds_up_and_keeps_the_lowest_place),
        cmocka_unit_test(merging_is_counting_both),
        cmocka_unit_test(only_what_left_out_bytes_is_damage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
