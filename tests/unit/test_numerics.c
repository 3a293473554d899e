/* test_numerics.c: the formulas of numerics, against figures worked out by hand.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "numerics/formulas.h"
#include <glib.h>

#define MS 1000000

static void test_timeouts(void **state)
{
    (void)state;
    /* RFC 6298 section 2: the first sample R sets SRTT = R, RTTVAR = R / 2. The second, 0.2 s:
     * RTTVAR = 3/4 * 0.05 + 1/4 * 0.1 = 0.0625; SRTT = 7/8 * 0.1 + 1/8 * 0.2 = 0.1125. */
    mps_rtt_filter filter = {0};
    mps_rtt_filter_take(&filter, 0.1);
    assert_float_equal(filter.srtt, 0.1, 1e-12);
    assert_float_equal(filter.rttvar, 0.05, 1e-12);
    mps_rtt_filter_take(&filter, 0.2);
    assert_float_equal(filter.rttvar, 0.0625, 1e-12);
    assert_float_equal(filter.srtt, 0.1125, 1e-12);
    assert_float_equal(mps_rto(filter.srtt, filter.rttvar), 1, 1e-12);
    assert_float_equal(mps_rto_linux(filter.srtt, filter.rttvar), 0.3625, 1e-12);
    assert_float_equal(mps_rto(0.9, 0.1), 1.3, 1e-12);
    assert_float_equal(mps_rto_linux(0.05, 0.001), 0.25, 1e-12);
}

static void test_loss(void **state)
{
    (void)state;
    /* 8 * 1460 / 0.1 * sqrt(150) = 116800 * 12.24744871 */
    assert_float_equal(mps_mathis(1460, 0.1, 0.01), 1430502.0, 1);
    /* 0.1 * sqrt(0.02 / 3) = 0.008164966; 3 * sqrt(0.00375) * 0.01 * 1.0032 = 0.001842999;
     * 11680 / 0.010007965 */
    assert_float_equal(mps_pftk(1460, 0.1, 1, 0.01), 1167070, 60);
    /* Timeouts cost; without their time both formulas are the same. */
    assert_float_equal(mps_pftk(1460, 0.1, 0, 0.01), mps_mathis(1460, 0.1, 0.01), 1);
}

static void test_dss(void **state)
{
    (void)state;
    const struct {
        mps_dss_form form;
        unsigned length, padded;
    } forms[] = {{{false, false, false}, 18, 20}, {{false, false, true}, 20, 20},
                 {{true, false, false}, 22, 24},  {{false, true, true}, 24, 24},
                 {{true, true, false}, 26, 28},   {{true, true, true}, 28, 28}};
    for (unsigned i = 0; i < G_N_ELEMENTS(forms); i++) {
        assert_int_equal(mps_dss_length(forms[i].form), forms[i].length);
        assert_int_equal(mps_padded(mps_dss_length(forms[i].form)), forms[i].padded);
    }
}

static void test_rates(void **state)
{
    (void)state;
    mps_progress arrivals[200];
    /* 1000 bytes each ms: 8 Mbit/s, also where the first half comes at half the rate. */
    for (unsigned i = 0; i < 200; i++)
        arrivals[i] = (mps_progress){(int64_t)i * MS, 1000 * (i + 1)};
    assert_float_equal(mps_highest_rate(arrivals, 200), 8e6, 1);
    assert_float_equal(mps_highest_rate(arrivals, 11), 8e6, 1); /* in 10 ms: all of it */
    assert_float_equal(mps_highest_rate(arrivals, 10), 0, 0);   /* too few */
    assert_float_equal(mps_highest_rate(arrivals, 0), 0, 0);
    for (unsigned i = 0; i < 100; i++)
        arrivals[i].time = (int64_t)i * 2 * MS - 100 * MS;
    assert_float_equal(mps_highest_rate(arrivals, 200), 8e6, 1);
    for (unsigned i = 0; i < 200; i++)
        arrivals[i].time = 5 * MS;
    assert_float_equal(mps_highest_rate(arrivals, 200), 0, 0); /* no time passes */
}

/* What mps_highest_rate() promises, without its short cuts. */
static double slow_rate(const mps_progress *arrivals, size_t count)
{
    double highest = 0;
    for (size_t to = 0; to < count; to++) {
        for (size_t from = to; from-- > 0;) {
            if (to - from < MPS_RATE_ARRIVALS ||
                arrivals[to].time - arrivals[from].time < MPS_RATE_WINDOW)
                continue;
            const double bytes = (double)(arrivals[to].bytes - arrivals[from].bytes);
            highest = MAX(highest, bytes * 8e9 / (double)(arrivals[to].time - arrivals[from].time));
            break;
        }
    }
    return highest;
}

static void test_random_rates(void **state)
{
    (void)state;
    GRand *random = g_rand_new_with_seed(7);
    for (unsigned run = 0; run < 300; run++) {
        mps_progress arrivals[150];
        const unsigned count = (unsigned)g_rand_int_range(random, 20, 150);
        const int gap = g_rand_int_range(random, 6, 30); /* ms: 19 of them exceed the window */
        int64_t time = 0;
        uint64_t bytes = 0;
        for (unsigned i = 0; i < count; i++) {
            time += (int64_t)g_rand_int_range(random, gap / 2, gap) * MS;
            bytes += (uint64_t)g_rand_int_range(random, 1, 1500);
            arrivals[i] = (mps_progress){time, bytes};
        }
        assert_float_equal(mps_highest_rate(arrivals, count), slow_rate(arrivals, count), 1e-6);
    }
    g_rand_free(random);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_timeouts),     cmocka_unit_test(test_loss),
        cmocka_unit_test(test_dss),          cmocka_unit_test(test_rates),
        cmocka_unit_test(test_random_rates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
