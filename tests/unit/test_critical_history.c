/* test_critical_history.c: how the histories of the critical path number data, and how far apart
 * their times may be.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "histories.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define FIRST (UINT64_MAX - 9)       /* ten bytes before the data sequence numbers go round */
#define YEAR INT64_C(31556952000000) /* us */
#define FAR (UINT64_C(1) << 62)

static const mps_critical_input input = {.first_data = {FIRST, 0}, .data_known = {true, false}};

static void assert_number(uint64_t dsn, uint64_t right)
{
    uint64_t number = 0;
    assert_true(mps_critical_number_data(&input, MPS_C2S, dsn, &number));
    assert_int_equal(number, right);
}

static void test_order(void **state)
{
    (void)state;
    assert_number(FIRST, MPS_CRITICAL_FIRST_DATA);
    assert_number(FIRST + 9, MPS_CRITICAL_FIRST_DATA + 9);
    assert_number(0, MPS_CRITICAL_FIRST_DATA + 10); /* 2^64 - 1 is the ninth */
    assert_number(90, MPS_CRITICAL_FIRST_DATA + 100);
    assert_number(FIRST - 100, MPS_CRITICAL_FIRST_DATA - 100);
}

static void test_far_away(void **state)
{
    (void)state;
    uint64_t number;
    assert_number(FIRST + FAR - 1, MPS_CRITICAL_FIRST_DATA + FAR - 1);
    assert_number(FIRST - FAR, MPS_CRITICAL_FIRST_DATA - FAR);
    assert_false(mps_critical_number_data(&input, MPS_C2S, FIRST + FAR, &number));
    assert_false(mps_critical_number_data(&input, MPS_C2S, FIRST - FAR - 1, &number));
}

static void test_unknown(void **state)
{
    (void)state;
    uint64_t number;
    assert_false(mps_critical_number_data(&input, MPS_S2C, 1, &number));
}

/* @return the reason why there is no path if the clocks of the hosts differ by some years */
static mps_critical_reason reason_of(int64_t years)
{
    histories *h = histories_new(1);
    const int64_t ready = histories_open(h, 0, 0, 1000);
    histories_add(h, (shot){.direction = MPS_C2S,
                            .left = ready + 1000,
                            .arrived = ready + 2000,
                            .seq = 1,
                            .length = 1000,
                            .ack = 1});
    histories_move_clock(h, 1, years * YEAR);
    mps_critical_path *path = histories_walk(h, 3, MPS_C2S, MPS_NONE, &MPS_CRITICAL_LIMITS);
    const mps_critical_reason reason = path->reason;
    mps_critical_path_free(path);
    histories_free(h);
    return reason;
}

static void test_years_apart(void **state)
{
    (void)state;
    assert_int_equal(reason_of(9), MPS_CRITICAL_KNOWN);
    assert_int_equal(reason_of(10), MPS_CRITICAL_FAR_APART);
    assert_int_equal(reason_of(-10), MPS_CRITICAL_FAR_APART);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_far_away),
        cmocka_unit_test(test_unknown),
        cmocka_unit_test(test_years_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
