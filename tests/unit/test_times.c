/* test_times.c: sums and differences of times stay within 64 bits.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/times.h"
#include <mptcpscope/types.h>

static void test_difference(void **state)
{
    (void)state;
    assert_int_equal(mps_minus(5, 7), -2);
    assert_int_equal(mps_minus(MPS_TIME_MAX, 1 - MPS_TIME_MAX), INT64_MAX);
    assert_int_equal(mps_minus(MPS_TIME_MAX, -MPS_TIME_MAX), INT64_MAX);
    assert_int_equal(mps_minus(-MPS_TIME_MAX, MPS_TIME_MAX), INT64_MIN);
    assert_int_equal(mps_minus(0, INT64_MIN), INT64_MAX);
    assert_int_equal(mps_minus(INT64_MIN, 1), INT64_MIN);
}

static void test_sum(void **state)
{
    (void)state;
    assert_int_equal(mps_plus(5, -7), -2);
    assert_int_equal(mps_plus(MPS_TIME_MAX, MPS_TIME_MAX - 1), INT64_MAX);
    assert_int_equal(mps_plus(MPS_TIME_MAX, MPS_TIME_MAX), INT64_MAX);
    assert_int_equal(mps_plus(INT64_MIN, -1), INT64_MIN);
    assert_int_equal(mps_plus(INT64_MIN, INT64_MAX), -1);
}

static void test_whole(void **state)
{
    (void)state;
    assert_int_equal(mps_whole(-2.5), -2);
    assert_int_equal(mps_whole(0x1p63), INT64_MAX);
    assert_int_equal(mps_whole(1e300), INT64_MAX);
    assert_int_equal(mps_whole(-0x1p63), INT64_MIN);
    assert_int_equal(mps_whole(-1e300), INT64_MIN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_difference),
        cmocka_unit_test(test_sum),
        cmocka_unit_test(test_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
