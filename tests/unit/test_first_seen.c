/* test_first_seen.c: when each byte was captured first, against a table of all bytes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "analysis/first_seen.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define BYTES 200u
#define RUNS 2000u

static GArray *random_items(GRand *random, unsigned count)
{
    GArray *all = g_array_new(FALSE, FALSE, sizeof(mps_seen_data));
    for (unsigned i = 0; i < count; i++) {
        uint32_t start = (uint32_t)g_rand_int_range(random, 0, BYTES);
        uint32_t length = (uint32_t)g_rand_int_range(random, 0, (gint32)(BYTES - start) / 4 + 1);
        mps_seen_data one = {start, g_rand_int_range(random, -20, 20), length};
        g_array_append_val(all, one);
    }
    return all;
}

/* Items out of order, with overlap, at equal times and of length 0. */
static void test_against_a_table(void **state)
{
    (void)state;
    GRand *random = g_rand_new_with_seed(7);
    for (unsigned run = 0; run < RUNS; run++) {
        GArray *all = random_items(random, run % 40);
        int64_t first[BYTES];
        for (unsigned i = 0; i < BYTES; i++)
            first[i] = INT64_MAX;
        for (guint i = 0; i < all->len; i++) {
            const mps_seen_data *one = &g_array_index(all, mps_seen_data, i);
            for (uint64_t byte = one->start; byte < one->start + one->length; byte++)
                first[byte] = MIN(first[byte], one->time);
        }
        GArray *found = mps_first_seen_of(all);
        uint64_t next = 0;
        for (guint i = 0; i < found->len; i++) {
            const mps_seen_data *one = &g_array_index(found, mps_seen_data, i);
            assert_true(one->start >= next && one->length > 0);
            for (; next < one->start; next++)
                assert_true(first[next] == INT64_MAX);
            for (; next < one->start + one->length; next++)
                assert_int_equal(first[next], one->time);
        }
        for (; next < BYTES; next++)
            assert_true(first[next] == INT64_MAX);
        g_array_free(found, TRUE);
        g_array_free(all, TRUE);
    }
    g_rand_free(random);
}

/* Bytes that one item was the first to have stay one range, even if later items begin within it. */
static void test_ranges_are_not_split(void **state)
{
    (void)state;
    const mps_seen_data items[] = {{100, 5, 1000}, {300, 9, 100}, {700, 4, 50}};
    GArray *all = g_array_new(FALSE, FALSE, sizeof(mps_seen_data));
    g_array_append_vals(all, items, G_N_ELEMENTS(items));
    GArray *found = mps_first_seen_of(all);
    const mps_seen_data expected[] = {{100, 5, 600}, {700, 4, 50}, {750, 5, 350}};
    assert_int_equal(found->len, G_N_ELEMENTS(expected));
    for (guint i = 0; i < found->len; i++) {
        const mps_seen_data *one = &g_array_index(found, mps_seen_data, i);
        assert_int_equal(one->start, expected[i].start);
        assert_int_equal(one->time, expected[i].time);
        assert_int_equal(one->length, expected[i].length);
    }
    g_array_free(found, TRUE);
    g_array_free(all, TRUE);
}

/* Many items of the same bytes take O(n log n). An item whose end is above 2^64 does no harm. */
static void test_hostile(void **state)
{
    (void)state;
    GArray *all = g_array_new(FALSE, FALSE, sizeof(mps_seen_data));
    for (unsigned i = 0; i < 1000000; i++) {
        mps_seen_data one = {i % 1000, -(int64_t)i, 65535};
        g_array_append_val(all, one);
    }
    const mps_seen_data last = {UINT64_MAX - 10, 0, 65535};
    g_array_append_val(all, last);
    GArray *found = mps_first_seen_of(all);
    assert_true(found->len >= 1 && found->len <= 2001);
    g_array_free(found, TRUE);
    g_array_free(all, TRUE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_a_table),
        cmocka_unit_test(test_ranges_are_not_split),
        cmocka_unit_test(test_hostile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
