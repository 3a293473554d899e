/* test_sparse.c: items by number.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/sparse.h"

static void test_items(void **state)
{
    (void)state;
    static const uint32_t numbers[] = {7, 0, 100000, 6, 8};
    mps_sparse *sparse = mps_sparse_new(sizeof(uint64_t));
    for (unsigned i = 0; i < G_N_ELEMENTS(numbers); i++) {
        assert_null(mps_sparse_find(sparse, numbers[i]));
        uint64_t *item = mps_sparse_at(sparse, numbers[i]);
        assert_int_equal(*item, 0);
        *item = numbers[i] + 1;
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(numbers); i++)
        assert_int_equal(*(uint64_t *)mps_sparse_at(sparse, numbers[i]), numbers[i] + 1);
    assert_null(mps_sparse_find(sparse, 1));
    assert_null(mps_sparse_find(sparse, UINT32_MAX));
    assert_int_equal(sparse->count, G_N_ELEMENTS(numbers));
    mps_sparse_clear(sparse);
    assert_null(mps_sparse_find(sparse, 7));
    assert_int_equal(*(uint64_t *)mps_sparse_at(sparse, 7), 0);
    mps_sparse_free(sparse);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_items)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
