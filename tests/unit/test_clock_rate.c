/* test_clock_rate.c: clocks whose rate changes, as NTP's do: slewed by adjtime, by a servo that
 * dies away, or by the temperature. Clocks and paths are random.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "simulation.h"
#include <glib.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#define SECOND INT64_C(1000000000)
#define START (INT64_C(1700000000) * SECOND)
#define SLEWS_MAX 3
#define RUNS 12

/* A slew of B's clock: its rate is higher by `by` from one true time to another. If it dies away,
 * that is the rate at first, and the time constant is a quarter of the time. */
typedef struct {
    double from, until, by;
    bool dies_away;
} slew;

typedef struct {
    double seconds, skew;
    int64_t offset;
    slew slews[SLEWS_MAX];
    unsigned slew_count;
    double wander;  /* amplitude of a rate that swings once */
    double step_at; /* s; 0: never */
    double step;    /* ns */
    unsigned paths, segments;
    double base, load[2], work; /* delays of the paths, ns; the load of their queues, and the time
                                 * that a packet takes there */
    double jitter;
} scene;

typedef struct {
    int64_t a, b;
    double truth[2];
} sample;

/* The time that a slew adds until t, s. */
static double slewed(const slew *s, double t)
{
    double last = fmax(fmin(t, s->until) - s->from, 0);
    double constant = (s->until - s->from) / 4;
    return s->dies_away ? s->by * constant * (1 - exp(-last / constant)) : s->by * last;
}

/* B's clock minus A's at a true time, ns, without the step. */
static double ahead(const scene *s, double ns)
{
    double t = ns / 1e9, sum = s->skew * t;
    for (unsigned i = 0; i < s->slew_count; i++)
        sum += slewed(&s->slews[i], t);
    sum += s->wander * s->seconds / (2 * G_PI) * (1 - cos(2 * G_PI * t / s->seconds));
    return sum * 1e9;
}

static double step_at(const scene *s, double ns)
{
    return s->step_at > 0 && ns >= s->step_at * 1e9 ? s->step : 0;
}

static double next_queue(GRand *rand, const scene *s, double queue, double load, double ns)
{
    for (double at = exponential(rand, s->work / load); at < ns;
         at += exponential(rand, s->work / load))
        queue += exponential(rand, s->work);
    return fmax(queue - ns, 0);
}

static void send_all(GRand *rand, mps_clock *clock, const void *of, unsigned path, bool forward,
                     GArray *samples)
{
    const scene *s = of;
    double base = s->base * g_rand_double_range(rand, 0.5, 1.5), queue = 0, last = 0;
    double gap = s->seconds * 1e9 / s->segments;
    for (unsigned i = 0; i < s->segments; i++) {
        double sent = gap * (i + g_rand_double(rand));
        queue = next_queue(rand, s, queue, s->load[forward], fmin(sent - last, 1e3 * s->work));
        last = sent;
        double received = sent + base + queue + exponential(rand, s->jitter / 2) +
                          exponential(rand, s->jitter / 2);
        double of_a = forward ? sent : received, of_b = forward ? received : sent;
        sample one = {START + (int64_t)of_a,
                      START + (int64_t)of_b + s->offset +
                          (int64_t)floor(ahead(s, of_b) + step_at(s, of_b)),
                      {ahead(s, of_a) + step_at(s, of_a), ahead(s, of_a) + step_at(s, of_b)}};
        mps_clock_add(clock, path, forward, one.a, one.b);
        g_array_append_val(samples, one);
    }
}

/* @return sample; the caller frees it */
static GArray *simulate(GRand *rand, const scene *s, mps_clock_estimate *estimate)
{
    return simulate_paths(rand, s->paths, send_all, s, sizeof(sample), estimate);
}

static unsigned count_outside(const scene *s, const mps_clock_estimate *estimate,
                              const GArray *samples)
{
    unsigned outside = 0;
    for (guint i = 0; estimate->has_offset && i < samples->len; i++) {
        const sample *one = &g_array_index(samples, sample, i);
        int64_t low, high;
        mps_clock_bounds(estimate, one->a, one->b, &low, &high);
        outside += fmin(one->truth[0], one->truth[1]) < (double)(low - s->offset) - 1000 ||
                   fmax(one->truth[0], one->truth[1]) > (double)(high - s->offset) + 1000;
    }
    return outside;
}

/* What B's clock does. */
typedef enum { EVEN, SLEW, SLEWS, ADJTIME, DYING, WANDER, STEP_AND_SLEW, STEP } kind;

/* Hosts side by side; a long path with queues; one with radios, whose shortest delay is rarely
 * seen.
 */
typedef enum { LAN, WAN, RADIO, PATHS } path_kind;

static slew random_slew(GRand *rand, double from, double until)
{
    double length = (until - from) * g_rand_double_range(rand, 0.2, 0.8);
    double begin = g_rand_double_range(rand, from, until - length);
    double by = pow(10, g_rand_double_range(rand, -5, log10(500e-6)));
    return (slew){begin, begin + length, g_rand_boolean(rand) ? by : -by, false};
}

static scene random_scene(GRand *rand, kind of, path_kind path)
{
    scene s = {
        .seconds = pow(10, g_rand_double_range(rand, 1, 2.5)),
        .skew = g_rand_double_range(rand, -50e-6, 50e-6),
        .offset = (int64_t)g_rand_double_range(rand, -1e15, 1e15),
        .paths = (unsigned)g_rand_int_range(rand, 1, 5),
        .segments = (unsigned)g_rand_int_range(rand, 100, 2000),
        .load = {g_rand_double_range(rand, 0.1, 0.9), g_rand_double_range(rand, 0.1, 0.9)},
    };
    s.base =
        path == LAN ? g_rand_double_range(rand, 2e4, 2e5) : g_rand_double_range(rand, 2e6, 5e7);
    s.work = path == LAN ? 1e4 : 1e6;
    s.jitter = path == LAN   ? g_rand_double_range(rand, 2e3, 5e4)
               : path == WAN ? pow(10, g_rand_double_range(rand, 4, 5.5))
                             : 2e6;
    double part = s.seconds / SLEWS_MAX;
    if (of == SLEW || of == STEP_AND_SLEW)
        s.slews[s.slew_count++] = random_slew(rand, 0, s.seconds);
    for (unsigned i = 0; of == SLEWS && i < SLEWS_MAX; i++)
        s.slews[s.slew_count++] = random_slew(rand, i * part, (i + 1) * part);
    if (of == ADJTIME) {
        double at = g_rand_double_range(rand, 1, s.seconds - 4);
        s.slews[s.slew_count++] =
            (slew){at, at + 2, g_rand_boolean(rand) ? 500e-6 : -500e-6, false};
    }
    if (of == DYING) {
        s.slews[0] = random_slew(rand, 0, s.seconds);
        s.slews[s.slew_count++].dies_away = true;
    }
    if (of == WANDER)
        s.wander = 1e-6;
    if (of == STEP || of == STEP_AND_SLEW) {
        s.step_at = g_rand_double_range(rand, 0.2, 0.8) * s.seconds;
        s.step = pow(10, g_rand_double_range(rand, 6, 11));
        if (g_rand_boolean(rand))
            s.step = -s.step;
    }
    return s;
}

/* What the estimates of some runs were. */
typedef struct {
    unsigned runs, offset, outside; /* runs; with bounds; whose bounds the truth left */
    unsigned skew, exceeded;        /* with a skew; whose error was larger than said */
    unsigned changed;               /* with several rates */
    unsigned rates, wrong;          /* rates; whose bounds did not hold */
} results;

/* The mean of B's rate, without the steps of the estimate. */
static double mean_rate(const scene *s, const mps_clock_estimate *estimate)
{
    double sum = ahead(s, s->seconds * 1e9);
    for (guint i = 0; s->step_at <= 0 && i < estimate->steps->len; i++)
        sum -= (double)g_array_index(estimate->steps, mps_clock_step, i).size;
    return sum / (s->seconds * 1e9);
}

static void check_rates(const scene *s, const mps_clock_estimate *estimate, results *sum)
{
    for (guint i = 0; i < estimate->rates->len; i++) {
        const mps_clock_rate *rate = &g_array_index(estimate->rates, mps_clock_rate, i);
        double from = (double)(rate->from - START), until = (double)(rate->until - START);
        double truth = (ahead(s, until) - ahead(s, from)) / (until - from);
        assert_true(from < until && rate->low <= rate->rate && rate->rate <= rate->high);
        assert_true(i == 0 || rate[-1].until <= rate->from);
        sum->rates++;
        sum->wrong += truth < rate->low || truth > rate->high;
    }
}

static void run_scene(GRand *rand, const scene *s, results *sum)
{
    mps_clock_estimate estimate;
    GArray *samples = simulate(rand, s, &estimate);
    sum->runs++;
    sum->offset += estimate.has_offset;
    sum->outside += count_outside(s, &estimate, samples) > 0;
    sum->skew += estimate.has_skew;
    sum->exceeded +=
        estimate.has_skew && fabs(estimate.skew - mean_rate(s, &estimate)) > estimate.skew_error;
    sum->changed += estimate.rates->len > 0;
    check_rates(s, &estimate, sum);
    mps_clock_estimate_clear(&estimate);
    g_array_free(samples, TRUE);
}

static results run_kind(kind of, unsigned runs)
{
    GRand *rand = g_rand_new_with_seed(of);
    results sum = {0};
    for (unsigned run = 0; run < runs; run++)
        for (path_kind path = 0; path < PATHS; path++) {
            const scene s = random_scene(rand, of, path);
            run_scene(rand, &s, &sum);
        }
    g_rand_free(rand);
    return sum;
}

/* The bounds hold, whatever the rate does; the mean rate is within the error in 9 of 10 runs, and
 * the bounds of rates hold in 19 of 20. */
static void truth_is_within_bounds(void **state)
{
    static const kind kinds[] = {SLEW, SLEWS, ADJTIME, DYING, WANDER, STEP_AND_SLEW};
    (void)state;
    results sum = {0};
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        results of = run_kind(kinds[i], RUNS);
        assert_true(of.offset >= of.runs * 9 / 10);
        assert_true(of.exceeded <= of.skew / 10);
        sum.runs += of.runs;
        sum.outside += of.outside;
        sum.rates += of.rates;
        sum.wrong += of.wrong;
    }
    assert_true(sum.outside <= sum.runs / 100);
    assert_true(sum.rates >= sum.runs);
    assert_true(sum.wrong <= sum.rates / 20);
}

/* Clocks that run evenly, or are set, have one rate. */
static void even_clocks_have_one_rate(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        results sum = run_kind(i ? STEP : EVEN, 2 * RUNS);
        assert_int_equal(sum.outside, 0);
        assert_true(sum.changed <= sum.runs / 100);
        assert_true(sum.exceeded <= sum.skew / 10);
    }
}

/* @return the rate that B's clock had at a time, s; NAN: none is known */
static double rate_at(const mps_clock_estimate *estimate, double seconds)
{
    for (guint i = 0; i < estimate->rates->len; i++) {
        const mps_clock_rate *rate = &g_array_index(estimate->rates, mps_clock_rate, i);
        double from = (double)(rate->from - START) / 1e9;
        if (from <= seconds && seconds <= (double)(rate->until - START) / 1e9)
            return rate->rate;
    }
    return NAN;
}

/* A slew in the middle of a capture is followed: the correction is close to the truth everywhere,
 * on a path of 20 ms and on one of 50 us. */
static void slew_is_followed(void **state)
{
    (void)state;
    GRand *rand = g_rand_new_with_seed(1);
    for (path_kind path = LAN; path <= WAN; path++) {
        scene s = random_scene(rand, EVEN, path);
        s.seconds = 39;
        s.skew = 0;
        s.slews[0] = (slew){9.5, 29.5, -83e-6, false};
        s.slew_count = 1;
        s.paths = 2;
        s.segments = 2000;
        s.base = path == LAN ? 25e3 : 1e7;
        s.jitter = path == LAN ? 5e3 : 5e4;
        mps_clock_estimate estimate;
        GArray *samples = simulate(rand, &s, &estimate);
        assert_true(estimate.has_skew);
        assert_int_equal(estimate.steps->len, 0);
        assert_int_equal(estimate.rates->len, 3);
        assert_true(fabs(rate_at(&estimate, 4)) < 10e-6);
        assert_true(fabs(rate_at(&estimate, 20) + 83e-6) < 5e-6);
        assert_true(fabs(rate_at(&estimate, 35)) < 10e-6);
        assert_true(fabs(estimate.skew + 83e-6 * 20 / 39) <= estimate.skew_error);
        assert_true(estimate.skew_error < 10e-6);
        int64_t least = INT64_MAX, most = INT64_MIN;
        for (guint i = 0; i < samples->len; i++) {
            const sample *one = &g_array_index(samples, sample, i);
            int64_t off = mps_clock_ahead(&estimate, true, one->a, one->b, true) - s.offset -
                          (int64_t)one->truth[0];
            least = MIN(least, off);
            most = MAX(most, off);
        }
        assert_true(most - least < 100000); /* without the bend: 800 us */
        mps_clock_estimate_clear(&estimate);
        g_array_free(samples, TRUE);
    }
    g_rand_free(rand);
}

/* A clock that is set by 1 ms at once was not slewed. */
static void step_is_no_slew(void **state)
{
    (void)state;
    GRand *rand = g_rand_new_with_seed(2);
    scene s = random_scene(rand, EVEN, LAN);
    s.seconds = 40;
    s.segments = 2000;
    s.step_at = 20;
    s.step = 1e6;
    mps_clock_estimate estimate;
    g_array_free(simulate(rand, &s, &estimate), TRUE);
    assert_int_equal(estimate.steps->len, 1);
    assert_int_equal(estimate.rates->len, 0);
    assert_true(estimate.has_skew);
    mps_clock_estimate_clear(&estimate);
    g_rand_free(rand);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(truth_is_within_bounds),
        cmocka_unit_test(even_clocks_have_one_rate),
        cmocka_unit_test(slew_is_followed),
        cmocka_unit_test(step_is_no_slew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
