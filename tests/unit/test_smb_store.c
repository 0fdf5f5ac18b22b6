/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "correlate/smb_store.h"
#include "tests/support/random.h"

static struct smb_key key_of(uint64_t first)
{
    return (struct smb_key){.kind = 1, .first = first};
}

static bool set(struct smb_store *store, uint64_t first, const char *text)
{
    struct smb_key key = key_of(first);
    return smb_store_set(store, &key, text, strlen(text));
}

static bool has(const struct smb_store *store, uint64_t first, const char *text)
{
    struct smb_key key = key_of(first);
    struct bytes found = smb_store_text(store, &key);
    return found.size == strlen(text) && (found.size == 0 || !memcmp(found.data, text, found.size));
}

static void the_oldest_gives_way(void **state)
{
    (void)state;
    struct smb_store *store = smb_store_new(3, 1000);
    for (uint64_t i = 1; i <= 3; i++) {
        assert_true(set(store, i, "text"));
    }
    assert_true(set(store, 1, "again")); /* now 2 is the oldest */
    assert_true(set(store, 4, "new"));
    assert_true(has(store, 1, "again"));
    assert_true(has(store, 2, ""));
    assert_true(has(store, 3, "text"));
    assert_true(has(store, 4, "new"));
    assert_int_equal(smb_store_forgotten(store), 1);
    smb_store_free(store);
}

static void bytes_are_bounded_too(void **state)
{
    (void)state;
    struct smb_store *store = smb_store_new(100, 10);
    assert_true(set(store, 1, "12345"));
    assert_true(set(store, 2, "12345"));
    assert_true(has(store, 1, "12345"));
    assert_true(set(store, 3, "1"));
    assert_true(has(store, 1, ""));
    assert_true(set(store, 2, "more than there is room for"));
    assert_true(has(store, 2, ""));
    assert_true(has(store, 3, "1"));
    smb_store_free(store);
}

static void keys_of_other_kinds_are_others(void **state)
{
    (void)state;
    struct smb_store *store = smb_store_new(10, 100);
    const struct smb_key keys[] = {{1, 2, 3}, {2, 2, 3}, {1, 3, 2}, {1, 2, 0}};
    for (size_t i = 0; i < 4; i++) {
        assert_true(smb_store_set(store, &keys[i], &i, sizeof(i)));
    }
    for (size_t i = 0; i < 4; i++) {
        size_t size = 0;
        const size_t *value = smb_store_get(store, &keys[i], &size);
        assert_int_equal(size, sizeof(i));
        assert_int_equal(*value, i);
    }
    smb_store_remove(store, &keys[1]);
    assert_null(smb_store_get(store, &keys[1], NULL));
    assert_non_null(smb_store_get(store, &keys[0], NULL));
    smb_store_remove(store, &keys[1]);
    smb_store_free(store);
}

/* A value may be made of one that stands in the store. */
static void a_value_can_be_copied_from_the_store(void **state)
{
    (void)state;
    struct smb_store *store = smb_store_new(1, 100);
    struct smb_key first = key_of(1);
    struct smb_key second = key_of(2);
    assert_true(set(store, 1, "name"));
    struct bytes text = smb_store_text(store, &first);
    assert_true(smb_store_set(store, &second, text.data, text.size));
    assert_true(has(store, 2, "name"));
    assert_true(has(store, 1, ""));
    smb_store_free(store);
}

/* Against a plain table of what must be there. */
static void many_changes_leave_what_they_say(void **state)
{
    (void)state;
    enum { KEYS = 200 };
    uint64_t seed = 7;
    uint64_t values[KEYS] = {0};
    struct smb_store *store = smb_store_new(KEYS, 100000);
    for (uint64_t i = 1; i < 20000; i++) {
        uint64_t number = random_below(&seed, KEYS);
        struct smb_key key = key_of(number);
        if (random_below(&seed, 3) == 0) {
            smb_store_remove(store, &key);
            values[number] = 0;
        } else {
            assert_true(smb_store_set(store, &key, &i, sizeof(i)));
            values[number] = i;
        }
    }
    for (uint64_t number = 0; number < KEYS; number++) {
        struct smb_key key = key_of(number);
        const uint64_t *value = smb_store_get(store, &key, NULL);
        assert_int_equal(value ? *value : 0, values[number]);
    }
    assert_int_equal(smb_store_forgotten(store), 0);
    smb_store_free(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_oldest_gives_way),
        cmocka_unit_test(bytes_are_bounded_too),
        cmocka_unit_test(keys_of_other_kinds_are_others),
        cmocka_unit_test(a_value_can_be_copied_from_the_store),
        cmocka_unit_test(many_changes_leave_what_they_say),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
