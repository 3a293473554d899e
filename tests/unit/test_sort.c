/* test_sort.c: arrays that are nearly in order, or in stretches, are sorted.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/sort.h"

static guint compared;

static gint compare(gconstpointer a, gconstpointer b)
{
    const gint x = *(const gint *)a, y = *(const gint *)b;
    compared++;
    return (x > y) - (x < y);
}

static void check(const gint *numbers, guint count)
{
    GArray *sorted = g_array_new(FALSE, FALSE, sizeof(gint));
    GArray *expected = g_array_new(FALSE, FALSE, sizeof(gint));
    g_array_append_vals(sorted, numbers, count);
    g_array_append_vals(expected, numbers, count);
    g_array_sort(expected, compare);
    mps_sort_nearly(sorted, compare);
    assert_int_equal(sorted->len, count);
    assert_memory_equal(sorted->data, expected->data, count * sizeof(gint));
    g_array_set_size(sorted, 0);
    g_array_append_vals(sorted, numbers, count);
    mps_sort_stretches(sorted, compare);
    assert_int_equal(sorted->len, count);
    assert_memory_equal(sorted->data, expected->data, count * sizeof(gint));
    g_array_free(sorted, TRUE);
    g_array_free(expected, TRUE);
}

static void test_orders(void **state)
{
    (void)state;
    static const gint one[] = {7}, up[] = {1, 2, 2, 3, 4}, down[] = {5, 4, 3, 2, 1};
    static const gint first[] = {9, 1, 2, 3, 4}, last[] = {1, 2, 3, 4, 0}, equal[] = {3, 3, 3};
    static const gint mixed[] = {1, 5, 2, 6, 3, 7, 7, 4, 8};
    check(one, 0);
    check(one, G_N_ELEMENTS(one));
    check(up, G_N_ELEMENTS(up));
    check(down, G_N_ELEMENTS(down));
    check(first, G_N_ELEMENTS(first));
    check(last, G_N_ELEMENTS(last));
    check(equal, G_N_ELEMENTS(equal));
    check(mixed, G_N_ELEMENTS(mixed));
}

static void test_random(void **state)
{
    (void)state;
    GRand *random = g_rand_new_with_seed(1);
    for (guint round = 0; round < 200; round++) {
        gint numbers[50];
        for (guint i = 0; i < G_N_ELEMENTS(numbers); i++)
            numbers[i] = (gint)i + g_rand_int_range(random, 0, 1 + (gint)round);
        check(numbers, G_N_ELEMENTS(numbers));
    }
    g_rand_free(random);
}

/* One comparison an element where all are in order, and few more where one is late. */
static void test_few_comparisons(void **state)
{
    (void)state;
    GArray *array = g_array_new(FALSE, FALSE, sizeof(gint));
    for (gint i = 0; i < 1000; i++)
        g_array_append_val(array, i);
    compared = 0;
    mps_sort_nearly(array, compare);
    assert_int_equal(compared, 999);
    g_array_index(array, gint, 998) = 990;
    mps_sort_nearly(array, compare);
    assert_true(compared < 999 + 999 + 20);
    assert_int_equal(g_array_index(array, gint, 991), 990);
    g_array_free(array, TRUE);
}

/* Four stretches that lie among one another take two merges. */
static void test_stretches(void **state)
{
    (void)state;
    GArray *array = g_array_new(FALSE, FALSE, sizeof(gint));
    for (gint i = 0; i < 1000; i++) {
        const gint number = i % 250 * 4 + i / 250;
        g_array_append_val(array, number);
    }
    compared = 0;
    mps_sort_stretches(array, compare);
    assert_true(compared < 3000);
    for (gint i = 0; i < 1000; i++)
        assert_int_equal(g_array_index(array, gint, i), i);
    compared = 0;
    mps_sort_stretches(array, compare);
    assert_int_equal(compared, 999);
    g_array_free(array, TRUE);
}

typedef struct {
    gint number, place;
} placed;

/* Elements that are equal keep their order. */
static void test_equal(void **state)
{
    (void)state;
    static const gint numbers[] = {2, 3, 1, 3, 2, 2, 3, 1, 1};
    GArray *array = g_array_new(FALSE, FALSE, sizeof(placed));
    for (guint i = 0; i < G_N_ELEMENTS(numbers); i++) {
        const placed element = {numbers[i], (gint)i};
        g_array_append_val(array, element);
    }
    mps_sort_stretches(array, compare);
    for (guint i = 1; i < array->len; i++) {
        const placed *a = &g_array_index(array, placed, i - 1), *b = a + 1;
        assert_true(a->number < b->number || (a->number == b->number && a->place < b->place));
    }
    g_array_free(array, TRUE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_orders),          cmocka_unit_test(test_random),
        cmocka_unit_test(test_few_comparisons), cmocka_unit_test(test_stretches),
        cmocka_unit_test(test_equal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
