/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "etw/base/hash_index.h"
#include "tests/support/random.h"

#define ENTRIES 2000

/* What the index should hold, in a form too simple to be wrong. */
struct model {
    uint64_t hash[ENTRIES];
    uint32_t row[ENTRIES];
    size_t count;
};

static void compare_hash(const struct hash_index *index, const struct model *model, uint64_t hash)
{
    uint32_t at = 0;
    size_t expected = 0;
    size_t found = 0;
    uint64_t sum = 0;
    for (size_t i = 0; i < model->count; i++) {
        if (model->hash[i] == hash) {
            expected++;
            sum += model->row[i];
        }
    }
    for (uint32_t row = hash_index_first(index, hash, &at); row != HASH_INDEX_NONE;
         row = hash_index_next(index, hash, &at)) {
        found++;
        sum -= row;
    }
    assert_int_equal(found, expected);
    assert_true(sum == 0);
}

static void change_at_random(struct hash_index *index, struct model *model, uint64_t *seed,
                             uint64_t hash)
{
    bool adds = model->count == 0 || (model->count < ENTRIES && random_below(seed, 100) < 55);
    if (adds) {
        uint32_t row = (uint32_t)random_below(seed, 1000000);
        assert_true(hash_index_add(index, hash, row));
        model->hash[model->count] = hash;
        model->row[model->count++] = row;
    } else {
        size_t i = random_below(seed, model->count);
        hash_index_remove(index, model->hash[i], model->row[i]);
        model->count--;
        model->hash[i] = model->hash[model->count];
        model->row[i] = model->row[model->count];
    }
    assert_int_equal(index->count, model->count);
}

/* `spread` hashes whose homes lie close together, so that they collide often. */
static void run_model(uint64_t seed, size_t spread, unsigned shift)
{
    struct hash_index index = {0};
    static struct model model;
    model.count = 0;
    for (int i = 0; i < 20000; i++) {
        uint64_t hash = (uint64_t)random_below(&seed, spread) << shift;
        change_at_random(&index, &model, &seed, hash);
        if (i % 16 == 0) {
            compare_hash(&index, &model, (uint64_t)random_below(&seed, spread) << shift);
        }
    }
    for (size_t i = 0; i < model.count; i++) {
        compare_hash(&index, &model, model.hash[i]);
    }
    hash_index_done(&index);
}

static void adding_and_removing_gives_what_a_plain_list_gives(void **state)
{
    (void)state;
    run_model(1, 3000, 32);
    run_model(2, 40, 32);
    run_model(3, 1, 32);
    run_model(4, 300, 55); /* homes near the last slot: chains wrap around */
}

static void an_empty_index_has_nothing(void **state)
{
    (void)state;
    struct hash_index index = {0};
    uint32_t at = 0;
    assert_int_equal(hash_index_first(&index, 5, &at), HASH_INDEX_NONE);
    hash_index_clear(&index);
    hash_index_done(&index);
}

static void clearing_empties_and_keeps_working(void **state)
{
    (void)state;
    struct hash_index index = {0};
    uint32_t at = 0;
    for (uint32_t i = 0; i < 100; i++) {
        assert_true(hash_index_add(&index, (uint64_t)i << 32, i));
    }
    hash_index_clear(&index);
    assert_int_equal(index.count, 0);
    for (uint32_t i = 0; i < 100; i++) {
        assert_int_equal(hash_index_first(&index, (uint64_t)i << 32, &at), HASH_INDEX_NONE);
    }
    assert_true(hash_index_add(&index, UINT64_MAX, 7));
    assert_int_equal(hash_index_first(&index, UINT64_MAX, &at), 7);
    hash_index_done(&index);
}

static void equal_keys_have_equal_hashes_and_others_differ(void **state)
{
    (void)state;
    uint8_t key[16] = {0};
    uint8_t same[16] = {0};
    uint64_t hash = hash_bytes(key, sizeof(key));
    assert_true(hash_bytes(same, sizeof(same)) == hash);
    for (size_t i = 0; i < sizeof(key); i++) {
        key[i] = 1;
        assert_false(hash_bytes(key, sizeof(key)) == hash);
        key[i] = 0;
    }
    assert_false(hash_bytes(key, 15) == hash);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(adding_and_removing_gives_what_a_plain_list_gives),
        cmocka_unit_test(an_empty_index_has_nothing),
        cmocka_unit_test(clearing_empties_and_keeps_working),
        cmocka_unit_test(equal_keys_have_equal_hashes_and_others_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
