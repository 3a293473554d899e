/* test_frame_set.c: sets of frame numbers, compared with a bit for each number.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/frame_set.h"

enum { SIZE = 5000 };

static void test_random(void **state)
{
    (void)state;
    GRand *random = g_rand_new_with_seed(7);
    for (unsigned round = 0; round < 60; round++) {
        mps_frame_set set = {0};
        bool expected[SIZE] = {false};
        const uint32_t base = round % 2 ? UINT32_MAX - SIZE : 1;
        for (unsigned i = 0; i < 40 * round; i++) {
            /* in order, in any order, or in order with a few exceptions */
            bool jump = round % 3 == 1 || (round % 3 == 2 && i % 50 == 0);
            uint32_t at = jump ? (uint32_t)g_rand_int_range(random, 0, SIZE) : 3 * i % SIZE;
            mps_frame_set_add(&set, base + at);
            expected[at] = true;
        }
        for (uint32_t at = 0; at < SIZE; at++)
            assert_int_equal(mps_frame_set_has(&set, base + at), expected[at]);
        mps_frame_set_clear(&set);
        assert_false(mps_frame_set_has(&set, base));
    }
    g_rand_free(random);
}

static void test_far_apart(void **state)
{
    (void)state;
    mps_frame_set set = {0};
    mps_frame_set_add(&set, UINT32_MAX);
    mps_frame_set_add(&set, 1);
    assert_true(mps_frame_set_has(&set, UINT32_MAX));
    assert_true(mps_frame_set_has(&set, 1));
    assert_false(mps_frame_set_has(&set, 2));
    assert_int_equal(set.words->len, 1);
    mps_frame_set_clear(&set);
}

/* Frames of two interfaces, of which one is some hundred frames late: each has its place. */
static void test_nearly_in_order(void **state)
{
    (void)state;
    mps_frame_set set = {0};
    mps_frame_set_add(&set, 1);
    for (uint32_t at = 1; at <= SIZE; at++) {
        mps_frame_set_add(&set, at + 900);
        if (at % 2 == 1)
            mps_frame_set_add(&set, at + 1);
    }
    assert_null(set.late);
    assert_int_equal(set.words->len, (SIZE + 900) / 64 + 1);
    for (uint32_t at = 0; at < SIZE + 910; at++)
        assert_int_equal(mps_frame_set_has(&set, at),
                         (at > 900 || at == 1 || (at % 2 == 0 && at > 0)) && at <= SIZE + 900);
    mps_frame_set_clear(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random),
        cmocka_unit_test(test_far_apart),
        cmocka_unit_test(test_nearly_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
