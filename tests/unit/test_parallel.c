/* test_parallel.c: work that comes in pieces.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/parallel.h"

#define PIECES 1000u

static void count(unsigned piece, void *data)
{
    ((unsigned *)data)[piece]++;
}

/* Each piece is done once, and is done in the end. */
static void test_pieces(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, MPS_PARALLEL_MIN - 1, MPS_PARALLEL_MIN, SIZE_MAX};
    for (unsigned i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        unsigned done[PIECES + 1] = {0};
        mps_parallel(PIECES, sizes[i], count, done);
        for (unsigned piece = 0; piece < PIECES; piece++)
            assert_int_equal(done[piece], 1);
        assert_int_equal(done[PIECES], 0);
        mps_parallel(0, sizes[i], count, NULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_pieces)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
