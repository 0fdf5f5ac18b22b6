/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <string.h>

#include "correlate/evidence.h"

static void every_rule_has_a_name_in_kebab_case_of_its_own(void **state)
{
    (void)state;
    for (int rule = CORR_RULE_NONE + 1; rule < CORR_RULE_COUNT; rule++) {
        const char *name = corr_rule_name((enum corr_rule)rule);
        assert_non_null(name);
        assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz-"), strlen(name));
        assert_in_range(strlen(name), 1, 20);
        assert_true(name[0] != '-' && name[strlen(name) - 1] != '-' && !strstr(name, "--"));
        for (int other = 0; other < rule; other++) {
            assert_string_not_equal(name, corr_rule_name((enum corr_rule)other));
        }
    }
}

static void every_rule_has_a_sentence_that_follows_because(void **state)
{
    (void)state;
    for (int rule = CORR_RULE_NONE + 1; rule < CORR_RULE_COUNT; rule++) {
        const char *sentence = corr_rule_sentence((enum corr_rule)rule);
        assert_non_null(sentence);
        assert_in_range(strlen(sentence), 10, 100);
        assert_true(sentence[0] >= 'a' && sentence[0] <= 'z');
        assert_true(sentence[strlen(sentence) - 1] != '.');
        for (int other = 0; other < rule; other++) {
            assert_string_not_equal(sentence, corr_rule_sentence((enum corr_rule)other));
        }
    }
}

static void names_that_documents_promise_are_there(void **state)
{
    (void)state;
    assert_string_equal(corr_rule_name(CORR_RULE_ENDPOINT_CREATED), "endpoint-created");
    assert_string_equal(corr_rule_name(CORR_RULE_SAME_THREAD), "same-thread");
    assert_string_equal(corr_rule_name(CORR_RULE_SEQUENCE), "sequence");
    assert_string_equal(corr_rule_name(CORR_RULE_NONE), "");
    assert_string_equal(corr_rule_name((enum corr_rule)255), "");
    assert_string_equal(corr_rule_sentence((enum corr_rule)255), "");
}

static void rules_that_say_that_there_is_no_owner_are_worth_none(void **state)
{
    (void)state;
    for (int rule = CORR_RULE_NONE; rule < CORR_RULE_COUNT; rule++) {
        bool names_nobody = rule == CORR_RULE_NONE || rule >= CORR_RULE_PROTOCOL;
        enum corr_confidence worth = corr_rule_worth((enum corr_rule)rule);
        assert_int_equal(worth == CORR_NO_CONFIDENCE, names_nobody);
    }
}

static void only_a_match_of_the_packet_itself_is_certain(void **state)
{
    (void)state;
    assert_int_equal(corr_rule_worth(CORR_RULE_SEQUENCE), CORR_CERTAIN);
    assert_int_equal(corr_rule_worth(CORR_RULE_DATA_EVENT), CORR_CERTAIN);
    assert_int_equal(corr_rule_worth(CORR_RULE_TUPLE), CORR_STRONG);
    assert_int_equal(corr_rule_worth(CORR_RULE_LOCAL_PORT), CORR_STRONG);
    assert_int_equal(corr_rule_worth(CORR_RULE_KERNEL_EVENT), CORR_STRONG);
    assert_int_equal(corr_rule_worth(CORR_RULE_CALLER), CORR_STRONG);
    assert_int_equal(corr_rule_worth(CORR_RULE_SAME_ADDRESS), CORR_LIKELY);
}

static void evidence_keeps_rule_and_offset(void **state)
{
    (void)state;
    const uint64_t offset = (UINT64_C(1) << 56) - 2;
    for (int rule = CORR_RULE_NONE + 1; rule < CORR_RULE_COUNT; rule++) {
        corr_evidence evidence = corr_evidence_make((enum corr_rule)rule, offset);
        assert_int_equal(corr_evidence_rule(evidence), rule);
        assert_true(corr_evidence_offset(evidence) == offset);
    }
    assert_int_equal(corr_evidence_rule(0), CORR_RULE_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_rule_has_a_name_in_kebab_case_of_its_own),
        cmocka_unit_test(every_rule_has_a_sentence_that_follows_because),
        cmocka_unit_test(names_that_documents_promise_are_there),
        cmocka_unit_test(rules_that_say_that_there_is_no_owner_are_worth_none),
        cmocka_unit_test(only_a_match_of_the_packet_itself_is_certain),
        cmocka_unit_test(evidence_keeps_rule_and_offset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
