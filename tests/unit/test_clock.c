/* test_clock.c: recovers known clocks from simulated delays, as chrony's tests do: random clocks
 * and paths, and the truth must lie within the stated bounds every time.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <glib.h>
#include <math.h>
#include <mptcpscope/clock.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#define SECOND INT64_C(1000000000)
#define RUNS 200

/* What a simulation is about. B's clock is ahead by offset + skew * (time since the start). */
typedef struct {
    unsigned paths;
    double seconds, load; /* load: share of time a path's queue is busy */
    unsigned segments;    /* of each path and direction */
    int64_t offset;       /* ns */
    double skew;
    int64_t start; /* A's time */
} scene;

static double exponential(GRand *rand, double mean)
{
    return -mean * log(1 - g_rand_double(rand));
}

/* A queue that builds up and drains: delay above the path's own, ns. */
static double next_queue(GRand *rand, double queue, double load)
{
    double arrival = exponential(rand, 1e6 * load), service = exponential(rand, 1e6);
    queue += 2 * arrival - service;
    return fmax(queue, 0);
}

static void send_all(GRand *rand, mps_clock *clock, const scene *s, unsigned path, bool forward)
{
    double base = g_rand_double_range(rand, 1e6, 5e7), queue = 0;
    for (unsigned i = 0; i < s->segments; i++) {
        double sent = s->seconds * 1e9 * (i + g_rand_double(rand)) / s->segments;
        queue = next_queue(rand, queue, s->load);
        double received = sent + base + queue;
        double of_a = forward ? sent : received, of_b = forward ? received : sent;
        int64_t time_a = s->start + (int64_t)of_a;
        int64_t time_b = s->start + (int64_t)of_b + s->offset + (int64_t)floor(s->skew * of_b);
        mps_clock_add(clock, path, forward, time_a, time_b);
    }
}

static void simulate(GRand *rand, const scene *s, mps_clock_estimate *estimate)
{
    mps_clock *clock = mps_clock_new();
    for (unsigned path = 0; path < s->paths; path++) {
        send_all(rand, clock, s, path, true);
        send_all(rand, clock, s, path, false);
    }
    mps_clock_estimate_of(clock, estimate);
    mps_clock_free(clock);
}

static int64_t true_offset(const scene *s, const mps_clock_estimate *estimate)
{
    return s->offset + (int64_t)floor(s->skew * (double)(estimate->reference - s->start));
}

static void truth_is_within_bounds(void **state)
{
    (void)state;
    GRand *rand = g_rand_new_with_seed(1);
    for (unsigned run = 0; run < RUNS; run++) {
        scene s = {
            .paths = (unsigned)g_rand_int_range(rand, 1, 5),
            .seconds = g_rand_double_range(rand, 2, 60),
            .load = g_rand_double_range(rand, 0.1, 0.99),
            .segments = (unsigned)g_rand_int_range(rand, 20, 800),
            .offset = (int64_t)g_rand_double_range(rand, -1e17, 1e17), /* three years */
            .skew = g_rand_double_range(rand, -300e-6, 300e-6),
            .start = INT64_C(1700000000) * SECOND,
        };
        mps_clock_estimate estimate;
        simulate(rand, &s, &estimate);
        assert_true(estimate.has_offset);
        int64_t offset = true_offset(&s, &estimate);
        assert_true(estimate.offset_low <= offset + 1 && offset - 1 <= estimate.offset_high);
        assert_true(estimate.skew_low <= s.skew + 1e-9 && s.skew - 1e-9 <= estimate.skew_high);
        if (estimate.has_skew)
            assert_true(estimate.skew_low <= estimate.skew && estimate.skew <= estimate.skew_high);
        assert_true(estimate.offset_low <= estimate.offset &&
                    estimate.offset <= estimate.offset_high);
    }
    g_rand_free(rand);
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Of those that are told; nine of ten must be. */
static double median_error(GRand *rand, const scene *s)
{
    double errors[RUNS];
    unsigned told = 0;
    for (unsigned run = 0; run < RUNS; run++) {
        mps_clock_estimate estimate;
        simulate(rand, s, &estimate);
        if (estimate.has_skew)
            errors[told++] = fabs(estimate.skew - s->skew);
    }
    assert_true(told >= RUNS * 9 / 10);
    qsort(errors, told, sizeof *errors, compare_doubles);
    return errors[told / 2];
}

static void skew_is_recovered(void **state)
{
    (void)state;
    GRand *rand = g_rand_new_with_seed(2);
    scene s = {.paths = 2,
               .seconds = 10,
               .load = 0.5,
               .segments = 500,
               .offset = 7 * SECOND / 10,
               .skew = 50e-6,
               .start = SECOND};
    assert_true(median_error(rand, &s) < 10e-6);
    s.seconds = 60;
    s.segments = 3000;
    assert_true(median_error(rand, &s) < 3e-6);
    g_rand_free(rand);
}

/* Delays worked out by hand: constant 10 ms there and 30 ms back, B's clock 5 s ahead. */
static void offset_of_constant_delays(void **state)
{
    (void)state;
    mps_clock *clock = mps_clock_new();
    mps_clock_estimate estimate;
    for (int64_t i = 0; i < 20; i++) {
        int64_t at = 100 * SECOND + i * SECOND / 2;
        mps_clock_add(clock, 0, true, at, at + 10000000 + 5 * SECOND);
        mps_clock_add(clock, 0, false, at + 30000000, at + 5 * SECOND);
    }
    mps_clock_estimate_of(clock, &estimate);
    assert_null(estimate.reason);
    assert_int_equal(estimate.reference, 100 * SECOND);
    assert_true(fabs(estimate.skew) < 1e-12);
    /* -30 ms to +10 ms around the truth: the middle is 10 ms low, half the asymmetry. */
    assert_int_equal(estimate.offset, 5 * SECOND - 10000000);
    assert_true(estimate.offset_low <= 5 * SECOND - 30000000);
    assert_true(estimate.offset_high >= 5 * SECOND + 10000000);
    assert_int_equal(mps_clock_ahead(&estimate, 200 * SECOND, true), estimate.offset);
    assert_int_equal(estimate.forward, 20);
    assert_int_equal(estimate.backward, 20);
    assert_int_equal(estimate.series, 2);
    mps_clock_free(clock);
}

/* One path gets 20 ms faster both ways: the others outvote it. */
static void path_change_is_no_clock(void **state)
{
    (void)state;
    mps_clock *clock = mps_clock_new();
    mps_clock_estimate estimate;
    for (int64_t i = 0; i < 400; i++)
        for (uint32_t path = 0; path < 3; path++) {
            int64_t at = i * SECOND / 40, delay = path == 0 && i > 260 ? 30000000 : 50000000;
            mps_clock_add(clock, path, true, at, at + delay + at / 20000);
            mps_clock_add(clock, path, false, at + delay, at + at / 20000);
        }
    mps_clock_estimate_of(clock, &estimate);
    assert_true(estimate.has_skew);
    assert_true(fabs(estimate.skew - 50e-6) < 1e-6);
    mps_clock_free(clock);
}

/* A queue that grows in one direction looks like a clock that runs fast: nothing is said of the
 * rates, rather than that. */
static void growing_queue_is_no_clock(void **state)
{
    (void)state;
    mps_clock *clock = mps_clock_new();
    mps_clock_estimate estimate;
    for (int64_t i = 0; i < 100; i++) {
        int64_t at = i * SECOND / 40;
        mps_clock_add(clock, 0, true, at, at + 10000000 + i * 20000);
        mps_clock_add(clock, 0, false, at + 10000000, at);
    }
    mps_clock_estimate_of(clock, &estimate);
    assert_true(estimate.has_offset);
    assert_true(!estimate.has_skew || fabs(estimate.skew) < MPS_SKEW_MAX);
    mps_clock_free(clock);
}

static const char *reason_of(int64_t step, double skew, bool backward, int64_t seconds)
{
    mps_clock *clock = mps_clock_new();
    mps_clock_estimate estimate;
    for (int64_t i = 0; i < seconds * 10; i++) {
        int64_t at = i * SECOND / 10;
        int64_t ahead = (int64_t)(skew * (double)at) + (i > seconds * 5 ? step : 0);
        mps_clock_add(clock, 0, true, at, at + 10000000 + ahead);
        if (backward)
            mps_clock_add(clock, 0, false, at + 10000000, at + ahead);
    }
    mps_clock_estimate_of(clock, &estimate);
    assert_true(!estimate.reason || !estimate.has_skew);
    mps_clock_free(clock);
    return estimate.reason;
}

static void refusals(void **state)
{
    (void)state;
    assert_null(reason_of(0, 100e-6, true, 20));
    assert_string_equal(reason_of(0, 0, false, 20), "segments matched in one direction only");
    assert_string_equal(reason_of(0, 0, true, 0), "no segment matched");
    assert_string_equal(reason_of(0, 0, true, 1),
                        "the rates: that takes 2 s, and 8 segments each way");
    assert_string_equal(reason_of(0, 5000e-6, true, 20), "the rates differ by more than 500 ppm");
    assert_string_equal(reason_of(SECOND, 0, true, 20),
                        "no straight line fits: a clock was set, or is not steady");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(truth_is_within_bounds),    cmocka_unit_test(skew_is_recovered),
        cmocka_unit_test(offset_of_constant_delays), cmocka_unit_test(path_change_is_no_clock),
        cmocka_unit_test(growing_queue_is_no_clock), cmocka_unit_test(refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
