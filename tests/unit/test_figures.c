/* test_figures.c: delay variation, loss runs and error bounds of segments, against figures computed
 * by hand.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "owd/figures.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define MS INT64_C(1000000)

/* One segment in each ms. @param delays  in ms; 0: lost, -1: outside the capture, -2: ambiguous,
 * -3: undetermined */
static GArray *outcomes_of(const int *delays, unsigned count)
{
    GArray *outcomes = g_array_new(FALSE, TRUE, sizeof(mps_outcome));
    for (unsigned i = 0; i < count; i++) {
        const mps_sent_outcome kinds[] = {MPS_SENT_LOST, MPS_SENT_OUTSIDE_CAPTURE,
                                          MPS_SENT_AMBIGUOUS, MPS_SENT_UNDETERMINED};
        mps_outcome outcome = {.time = i * MS,
                               .sent = i,
                               .last = true,
                               .has_time = true,
                               .kind = MPS_SENT_MATCHED,
                               .delay = delays[i] * MS};
        if (delays[i] <= 0)
            outcome.kind = (uint8_t)kinds[-delays[i]];
        g_array_append_val(outcomes, outcome);
    }
    return outcomes;
}

/* A clock whose offset is at most 2 ms either way, at the beginning and 100 s later: the rate is
 * known to 4 ms in 100 s, 40 ppm. */
static void make_clock(mps_clock_estimate *estimate)
{
    mps_clock *clock = mps_clock_new();
    for (int64_t time = 0; time <= 100000 * MS; time += 1000 * MS)
        for (unsigned forward = 0; forward < 2; forward++)
            mps_clock_add(clock, 0, forward, time, time + (forward ? 2 * MS : -2 * MS));
    mps_clock_estimate_of(clock, estimate);
    mps_clock_free(clock);
    assert_true(estimate->has_offset);
}

static mps_figures figures_of(GArray *outcomes)
{
    mps_figures figures;
    mps_comparison comparison = {0};
    make_clock(&comparison.clock);
    mps_figures_of(&comparison, true, (const mps_outcome *)outcomes->data, outcomes->len, &figures);
    mps_clock_estimate_clear(&comparison.clock);
    return figures;
}

/* RFC 3357: 6 losses in the runs 2, 1, 3. */
static void test_loss_runs(void **state)
{
    (void)state;
    const int delays[] = {0, 0, 5, 0, 7, 6, 0, 0, 0};
    GArray *outcomes = outcomes_of(delays, G_N_ELEMENTS(delays));
    mps_figures figures = figures_of(outcomes);
    assert_int_equal(figures.sent, 9);
    assert_int_equal(figures.lost, 6);
    assert_int_equal(figures.runs, 3);
    assert_int_equal(figures.longest, 3);
    g_array_free(outcomes, TRUE);
}

/* Segments outside the capture, ambiguous or undetermined, are not lost. */
static void test_outcomes(void **state)
{
    (void)state;
    const int delays[] = {-1, -1, 5, 0, -2, 6, 0, -1, -3};
    GArray *outcomes = outcomes_of(delays, G_N_ELEMENTS(delays));
    mps_figures figures = figures_of(outcomes);
    assert_int_equal(figures.sent, 9);
    assert_int_equal(figures.matched, 2);
    assert_int_equal(figures.lost, 2);
    assert_int_equal(figures.unavailable, 3);
    assert_int_equal(figures.ambiguous, 1);
    assert_int_equal(figures.undetermined, 1);
    g_array_free(outcomes, TRUE);
}

/* RFC 3393: differences between consecutive segments that both arrived: 5-9, 9-6, 8-8, 8-7 ms; not
 * 6-8, because a segment between them was lost. */
static void test_ipdv(void **state)
{
    (void)state;
    const int delays[] = {5, 9, 6, 0, 8, 8, 7};
    GArray *outcomes = outcomes_of(delays, G_N_ELEMENTS(delays));
    mps_figures figures = figures_of(outcomes);
    assert_int_equal(figures.ipdv_size.count, 4);
    assert_int_equal(figures.ipdv_min, -3 * MS);
    assert_int_equal(figures.ipdv_max, 4 * MS);
    assert_int_equal(figures.ipdv_size.nearest_mean, 2 * MS);          /* (4 + 3 + 0 + 1) / 4 */
    assert_true(figures.ipdv_error >= 40 && figures.ipdv_error <= 42); /* 40 ppm of 1 ms, ± 1 ns */
    g_array_free(outcomes, TRUE);
}

/* B's clock is off by at most 2 ms, and its rate by 40 ppm over these 6 ms. */
static void test_errors(void **state)
{
    (void)state;
    const int delays[] = {5, 9, 6, 0, 8, 8, 7};
    GArray *outcomes = outcomes_of(delays, G_N_ELEMENTS(delays));
    mps_figures figures = figures_of(outcomes);
    assert_true(figures.has_error);
    assert_true(-figures.error_low >= 2 * MS && -figures.error_low <= 2 * MS + 242);
    assert_true(figures.error_high >= 2 * MS && figures.error_high <= 2 * MS + 242);
    assert_true(figures.pdv_error >= 240 && figures.pdv_error <= 242);
    assert_int_equal(figures.delay.min, 5 * MS);
    assert_int_equal(figures.delay.nearest_median, 7500000);
    g_array_free(outcomes, TRUE);
}

/* A segment that was split has a delay for each part, but counts as one segment. */
static void test_split(void **state)
{
    (void)state;
    const int delays[] = {5, 6, 9};
    GArray *outcomes = outcomes_of(delays, G_N_ELEMENTS(delays));
    g_array_index(outcomes, mps_outcome, 1).sent = 0;
    g_array_index(outcomes, mps_outcome, 0).last = false;
    g_array_index(outcomes, mps_outcome, 2).sent = 1;
    mps_figures figures = figures_of(outcomes);
    assert_int_equal(figures.sent, 2);
    assert_int_equal(figures.matched, 2);
    assert_int_equal(figures.delay.count, 3);
    assert_int_equal(figures.ipdv_size.count, 1);
    assert_int_equal(figures.ipdv_max, 3 * MS); /* by the part that arrives last */
    g_array_free(outcomes, TRUE);
}

/* Without a match nothing is known, not even of the clocks. */
static void test_nothing(void **state)
{
    (void)state;
    const int delays[] = {0, 0};
    GArray *outcomes = outcomes_of(delays, G_N_ELEMENTS(delays));
    mps_figures figures = figures_of(outcomes);
    assert_int_equal(figures.delay.count + figures.ipdv_size.count + figures.rtt.count, 0);
    assert_false(figures.has_error);
    assert_int_equal(figures.runs, 1);
    g_array_free(outcomes, TRUE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_loss_runs), cmocka_unit_test(test_outcomes),
        cmocka_unit_test(test_ipdv),      cmocka_unit_test(test_errors),
        cmocka_unit_test(test_split),     cmocka_unit_test(test_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
