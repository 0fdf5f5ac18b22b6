/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pcapout/smb_slowest.h"

static struct corr_smb_operation operation_of(uint64_t number, int64_t duration)
{
    return (struct corr_smb_operation){.number = number,
                                       .has_request = true,
                                       .has_response = duration >= 0,
                                       .begin = 1000,
                                       .end = duration >= 0 ? 1000 + duration : CORR_NEVER};
}

static void the_longest_come_first(void **state)
{
    static const int64_t durations[] = {5, 900, -1, 7, 900, 0, 12};
    static const uint64_t order[] = {2, 5, 7, 4, 1, 6};
    struct out_smb_slowest slowest = {.count = 0};
    const struct corr_smb_operation *rows = NULL;
    (void)state;
    for (size_t i = 0; i < sizeof(durations) / sizeof(durations[0]); i++) {
        struct corr_smb_operation operation = operation_of(i + 1, durations[i]);
        assert_true(out_smb_slowest_add(&slowest, &operation));
    }
    assert_int_equal(out_smb_slowest_list(&slowest, &rows), 6);
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(rows[i].number, order[i]);
    }
    out_smb_slowest_done(&slowest);
}

/* Whatever the order in which they come: 3 * the room, in steps that visit each once. */
static void of_many_the_longest_are_kept(void **state)
{
    enum { MANY = 3 * OUT_SMB_SLOWEST };
    struct out_smb_slowest slowest = {.count = 0};
    const struct corr_smb_operation *rows = NULL;
    (void)state;
    for (uint64_t i = 0; i < MANY; i++) {
        struct corr_smb_operation operation = operation_of(i + 1, (int64_t)(i * 1009 % MANY));
        assert_true(out_smb_slowest_add(&slowest, &operation));
    }
    assert_int_equal(out_smb_slowest_list(&slowest, &rows), OUT_SMB_SLOWEST);
    for (size_t i = 0; i < OUT_SMB_SLOWEST; i++) {
        assert_int_equal(rows[i].end - rows[i].begin, MANY - 1 - (int64_t)i);
    }
    out_smb_slowest_done(&slowest);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_longest_come_first),
        cmocka_unit_test(of_many_the_longest_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
