/* test_pool.c: items that stay where they are.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/pool.h"

typedef struct {
    uint64_t number;
    uint8_t more[24];
} item;

/* Items begin as zeros, keep their places when others are added, and do not overlap. */
static void test_items(void **state)
{
    (void)state;
    item *places[3 * MPS_POOL_BLOCK + 1];
    mps_pool *pool = mps_pool_new(sizeof(item));
    for (unsigned i = 0; i < G_N_ELEMENTS(places); i++) {
        places[i] = mps_pool_add(pool);
        assert_int_equal(places[i]->number, 0);
        assert_int_equal(places[i]->more[23], 0);
        places[i]->number = i + 1;
        places[i]->more[23] = 1;
    }
    assert_int_equal(pool->count, G_N_ELEMENTS(places));
    for (unsigned i = 0; i < G_N_ELEMENTS(places); i++) {
        assert_ptr_equal(mps_pool_at(pool, i), places[i]);
        assert_int_equal(places[i]->number, i + 1);
    }
    mps_pool_free(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_items)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
