/* test_clock.c: recovers known clocks from simulated delays, as chrony's tests do. Clocks and paths
 * are random, and the truth must lie within the bounds every time.
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
#define RUNS 100

/* A's clock at the start, ns. */
#define START (INT64_C(1700000000) * SECOND)

/* The parameters of a simulation. Times are true ones since the start; A's clock shows them, apart
 * from its offset START and its steps. */
typedef struct {
    unsigned paths;
    double seconds;
    double load[2];    /* share of time that the backward, forward queues are busy */
    unsigned segments; /* of each path, forward */
    unsigned backward; /* the same, backward; 0: equal */
    int64_t offset;    /* ns by which B's clock is ahead at the start */
    double skew;
    double step_at;         /* true time, s; 0: none */
    int64_t step_a, step_b; /* sizes of the steps of both clocks at that time, ns */
    double late;            /* when the second path begins to carry segments, s */
    double change_at;       /* when the first path changes, s; 0: never */
    double change[2];       /* of its delay, backward, forward, ns */
    double standing; /* ns: a standing queue, forward in the first half, backward in the second */
    double jitter;   /* ns: mean of an additional wait of each segment, rarely short */
    double grow;     /* ns: to which a forward queue of the first path grows */
} scene;

/* A sample, and the true difference of B's clock and A's: with the steps up to the time that A's
 * clock saw it, and with those up to the time that B's clock did. */
typedef struct {
    int64_t a, b, truth[2];
} sample;

/* The queue of a link with a given load at the next segment, ns: work arrives in packets that take
 * a millisecond on average. */
static double next_queue(GRand *rand, double queue, double load, double ns)
{
    for (double at = exponential(rand, 1e6 / load); at < ns; at += exponential(rand, 1e6 / load))
        queue += exponential(rand, 1e6);
    return fmax(queue - ns, 0);
}

static bool is_set(const scene *s, double ns)
{
    return s->step_at > 0 && ns >= s->step_at * 1e9;
}

static int64_t clock_a(const scene *s, double ns)
{
    return START + (int64_t)ns + (is_set(s, ns) ? s->step_a : 0);
}

static int64_t drifted(const scene *s, double ns)
{
    return s->offset + (int64_t)floor(s->skew * ns);
}

static int64_t clock_b(const scene *s, double ns)
{
    return START + drifted(s, ns) + (int64_t)ns + (is_set(s, ns) ? s->step_b : 0);
}

static sample take_sample(const scene *s, double of_a, double of_b)
{
    sample one = {clock_a(s, of_a), clock_b(s, of_b), {0, 0}};
    one.truth[0] = drifted(s, of_a) + (is_set(s, of_a) ? s->step_b - s->step_a : 0);
    one.truth[1] = drifted(s, of_a) + (is_set(s, of_b) ? s->step_b - s->step_a : 0);
    return one;
}

/* What a path adds to its shortest delay at a time. */
static double extra(const scene *s, unsigned path, bool forward, double ns)
{
    bool first_half = ns < s->seconds * 5e8;
    double delay =
        s->standing > 0 && forward == first_half && ns > s->seconds * 5e7 ? s->standing : 0;
    if (path == 0 && s->change_at > 0 && ns >= s->change_at * 1e9)
        delay += s->change[forward];
    if (path == 0 && forward)
        delay += s->grow * ns / (s->seconds * 1e9);
    return delay;
}

static void send_all(GRand *rand, mps_clock *clock, const void *of, unsigned path, bool forward,
                     GArray *samples)
{
    const scene *s = of;
    double base = g_rand_double_range(rand, 5e6, 5e7) + 5e7 * (s->change_at > 0), queue = 0;
    double from = path == 1 ? s->late * 1e9 : 0, last = from;
    unsigned count = !forward && s->backward ? s->backward : s->segments;
    double gap = (s->seconds * 1e9 - from) / count;
    for (unsigned i = 0; i < count; i++) {
        double sent = from + gap * (i + g_rand_double(rand));
        queue = next_queue(rand, queue, s->load[forward], sent - last);
        last = sent;
        double jitter = exponential(rand, s->jitter / 2) + exponential(rand, s->jitter / 2);
        double delay = base + queue + jitter + extra(s, path, forward, sent);
        double received = sent + delay;
        double of_a = forward ? sent : received, of_b = forward ? received : sent;
        sample one = take_sample(s, of_a, of_b);
        mps_clock_add(clock, path, forward, one.a, one.b);
        g_array_append_val(samples, one);
    }
}

/* @return sample; the caller frees it */
static GArray *simulate(GRand *rand, const scene *s, mps_clock_estimate *estimate)
{
    return simulate_paths(rand, s->paths, send_all, s, sizeof(sample), estimate);
}

/* @return for how many segments the truth is not within the bounds at their times by both clocks */
static unsigned count_outside(const mps_clock_estimate *estimate, const GArray *samples)
{
    unsigned outside = 0;
    for (guint i = 0; estimate->has_offset && i < samples->len; i++) {
        const sample *one = &g_array_index(samples, sample, i);
        int64_t low, high;
        mps_clock_bounds(estimate, one->a, one->b, &low, &high);
        outside += MIN(one->truth[0], one->truth[1]) < low - 1 ||
                   MAX(one->truth[0], one->truth[1]) > high + 1;
    }
    return outside;
}

/* @param hostile  paths change, and queues stand in one direction, then in the other, too */
static scene random_scene(GRand *rand, bool hostile)
{
    scene s = {
        .paths = (unsigned)g_rand_int_range(rand, 1, 5),
        .seconds = g_rand_double_range(rand, 2, 60),
        .load = {g_rand_double_range(rand, 0.1, 0.99), g_rand_double_range(rand, 0.1, 0.99)},
        .segments = (unsigned)g_rand_int_range(rand, 20, 800),
        .offset = (int64_t)g_rand_double_range(rand, -1e17, 1e17), /* three years */
        .skew = g_rand_double_range(rand, -300e-6, 300e-6),
        .jitter = pow(10, g_rand_double_range(rand, 4, 6.3)),
    };
    if (hostile && g_rand_int_range(rand, 0, 3) == 0) {
        s.change_at = g_rand_double_range(rand, 0.1, 0.9) * s.seconds;
        s.change[0] = g_rand_double_range(rand, -5e7, 5e7);
        s.change[1] = g_rand_boolean(rand) ? s.change[0] : 0;
    }
    if (hostile && g_rand_int_range(rand, 0, 4) == 0)
        s.standing = g_rand_double_range(rand, 0, 1e8);
    return s;
}

/* @return how many steps of the estimate are certain */
static unsigned count_certain(const mps_clock_estimate *estimate)
{
    unsigned certain = 0;
    for (guint i = 0; i < estimate->steps->len; i++)
        certain += !g_array_index(estimate->steps, mps_clock_step, i).suspected;
    return certain;
}

static void truth_is_within_bounds(void **state)
{
    (void)state;
    GRand *rand = g_rand_new_with_seed(1);
    unsigned certain = 0, known = 0, exceeded = 0;
    for (unsigned run = 0; run < 3 * RUNS; run++) {
        const scene s = random_scene(rand, true);
        mps_clock_estimate estimate;
        GArray *samples = simulate(rand, &s, &estimate);
        assert_true(estimate.has_offset);
        assert_int_equal(count_outside(&estimate, samples), 0);
        certain += count_certain(&estimate) > 0;
        assert_true(estimate.skew_low <= s.skew + 1e-9 && s.skew - 1e-9 <= estimate.skew_high);
        assert_true(estimate.skew_low <= estimate.skew && estimate.skew <= estimate.skew_high);
        assert_true(estimate.offset_low <= estimate.offset &&
                    estimate.offset <= estimate.offset_high);
        if (estimate.has_skew) {
            known++;
            exceeded += fabs(estimate.skew - s.skew) > estimate.skew_error;
            assert_true(fabs(estimate.skew - s.skew) < 2.5 * estimate.skew_error);
        }
        mps_clock_estimate_clear(&estimate);
        g_array_free(samples, TRUE);
    }
    assert_true(certain <= 3 * RUNS / 100);
    assert_true(known >= RUNS && known <= 3 * RUNS);
    assert_true(exceeded <= known / 10);
    g_rand_free(rand);
}

/* A few segments of each subflow fit some line by chance. The skew is known only where a subflow
 * has more, and then its error holds. */
static void few_segments_leave_the_skew_unknown(void **state)
{
    (void)state;
    GRand *rand = g_rand_new_with_seed(4);
    unsigned known = 0, exceeded = 0;
    for (unsigned run = 0; run < 5 * RUNS; run++) {
        scene s = random_scene(rand, false);
        mps_clock_estimate estimate;
        s.paths = 4;
        s.segments = (unsigned)g_rand_int_range(rand, 1, 13);
        s.backward = (unsigned)g_rand_int_range(rand, 1, 13);
        GArray *samples = simulate(rand, &s, &estimate);
        assert_int_equal(count_outside(&estimate, samples), 0);
        if (MIN(s.segments, s.backward) < 8)
            assert_false(estimate.has_skew);
        known += estimate.has_skew;
        exceeded += estimate.has_skew && fabs(estimate.skew - s.skew) > estimate.skew_error;
        mps_clock_estimate_clear(&estimate);
        g_array_free(samples, TRUE);
    }
    assert_true(known >= RUNS / 4 && known <= RUNS);
    assert_true(exceeded <= known / 10);
    g_rand_free(rand);
}

/* The results for captures in which a clock was set. */
typedef struct {
    unsigned known, refused, outside;
} step_results;

static step_results set_clocks(GRand *rand, bool hostile, unsigned runs, double size_low)
{
    step_results sum = {0};
    for (unsigned run = 0; run < runs; run++) {
        scene s = random_scene(rand, hostile);
        double size = pow(10, g_rand_double_range(rand, log10(size_low), 12.5));
        int64_t *set = g_rand_boolean(rand) ? &s.step_a : &s.step_b;
        *set = (int64_t)(g_rand_boolean(rand) ? size : -size);
        s.step_at = g_rand_double_range(rand, 0.2, 0.8) * s.seconds;
        mps_clock_estimate estimate;
        GArray *samples = simulate(rand, &s, &estimate);
        sum.known += count_certain(&estimate) > 0;
        sum.refused += !estimate.has_offset;
        sum.outside += count_outside(&estimate, samples) > 0;
        mps_clock_estimate_clear(&estimate);
        g_array_free(samples, TRUE);
    }
    return sum;
}

/* A clock is set ahead or back by up to an hour; the truth is within the bounds. */
static void steps_are_within_bounds(void **state)
{
    (void)state;
    GRand *rand = g_rand_new_with_seed(3);
    step_results found = set_clocks(rand, false, 5 * RUNS, 1e6);
    assert_int_equal(found.outside, 0);
    /* A step of 200 ms, which is longer than every round trip here, does not go unnoticed. */
    found = set_clocks(rand, false, 2 * RUNS, 2e8);
    assert_int_equal(found.outside, 0);
    assert_int_equal(found.known + found.refused, 2 * RUNS);
    assert_true(found.refused <= 2 * RUNS / 20);
    /* Queues that change sides, or path changes, at the same moment can hide a step. */
    found = set_clocks(rand, true, 5 * RUNS, 1e6);
    assert_true(found.outside <= 5 * RUNS / 100);
    g_rand_free(rand);
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The median error where the skew is known, which must be so in nine of ten runs. */
static double median_error(GRand *rand, const scene *s)
{
    double errors[RUNS];
    unsigned known = 0;
    for (unsigned run = 0; run < RUNS; run++) {
        mps_clock_estimate estimate;
        g_array_free(simulate(rand, s, &estimate), TRUE);
        if (estimate.has_skew)
            errors[known++] = fabs(estimate.skew - s->skew);
        mps_clock_estimate_clear(&estimate);
    }
    assert_true(known >= RUNS * 9 / 10);
    qsort(errors, known, sizeof *errors, compare_doubles);
    return errors[known / 2];
}

/* The situations that the estimator is designed for: ten seconds or a minute, two paths or more. */
static void skew_is_recovered(void **state)
{
    (void)state;
    static const scene scenes[] = {
        {.load = {.5, .5}},
        {.load = {.2, .95}},
        {.load = {.5, .5}, .backward = 20},
        {.load = {.5, .5}, .late = 7},
        {.load = {.5, .5}, .change_at = 6.7, .change = {-3e7, -3e7}},
        {.load = {.5, .5}, .change_at = 6.7, .change = {0, -3e7}},
        {.load = {.5, .5}, .grow = 2e7},
        {.load = {.5, .5}, .standing = 4e7},
        {.load = {.9, .9}, .seconds = 60, .segments = 3000},
        {.load = {.9, .9}, .seconds = 60, .segments = 3000, .paths = 4},
    };
    GRand *rand = g_rand_new_with_seed(2);
    for (size_t i = 0; i < G_N_ELEMENTS(scenes); i++) {
        scene s = scenes[i];
        s.paths = s.paths ? s.paths : 2;
        s.seconds = s.seconds > 0 ? s.seconds : 10;
        s.segments = s.segments ? s.segments : 500;
        s.offset = 7 * SECOND / 10;
        s.skew = 50e-6;
        s.jitter = 15e5;
        double error = median_error(rand, &s);
        assert_true(error < (s.seconds > 10 ? 3e-6 : 10e-6));
    }
    g_rand_free(rand);
}

/* Delays calculated by hand: always 10 ms forward and 30 ms backward, B's clock 5 s ahead. */
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
    assert_int_equal(estimate.reason, MPS_CLOCK_REASON_NONE);
    assert_int_equal(estimate.reference, 100 * SECOND);
    assert_true(fabs(estimate.skew) < 1e-12);
    /* The bounds are -30 ms and +10 ms around the truth: the middle is 10 ms low, half the
     * asymmetry. */
    assert_int_equal(estimate.offset, 5 * SECOND - 10000000);
    assert_true(estimate.offset_low <= 5 * SECOND - 30000000);
    assert_true(estimate.offset_high >= 5 * SECOND + 10000000);
    assert_int_equal(mps_clock_ahead(&estimate, true, 200 * SECOND, 205 * SECOND, true),
                     estimate.offset);
    assert_int_equal(estimate.forward, 20);
    assert_int_equal(estimate.backward, 20);
    assert_int_equal(estimate.series, 2);
    assert_int_equal(estimate.steps->len, 0);
    assert_int_equal(estimate.path_changes->len, 0);
    mps_clock_estimate_clear(&estimate);
    mps_clock_free(clock);
}

/* Three paths with 40 segments a second in each direction and constant delays of 20, 30 and 40 ms.
 * B's clock is 50 ppm fast. Something changes at 6 s. */
typedef struct {
    int64_t step;       /* of B's clock */
    int64_t forward[3]; /* by path: what is added to the delay from A to B then, ns */
    int64_t backward[3];
} event;

static void run_event(const event *what, mps_clock_estimate *estimate)
{
    mps_clock *clock = mps_clock_new();
    for (int64_t i = 0; i < 400; i++)
        for (uint32_t path = 0; path < 3; path++) {
            int64_t at = i * SECOND / 40, delay = (20 + 10 * path) * 1000000;
            bool after = i >= 240;
            int64_t forward = delay + (after ? what->forward[path] : 0);
            int64_t backward = delay + (after ? what->backward[path] : 0);
            int64_t ahead = at / 20000 + (after ? what->step : 0);
            mps_clock_add(clock, path, true, at, at + forward + ahead);
            mps_clock_add(clock, path, false, at + backward, at + ahead);
        }
    mps_clock_estimate_of(clock, estimate);
    mps_clock_free(clock);
}

/* One path gets 15 ms faster, in both directions or in one: a clock step does not do this. */
static void path_change_is_no_step(void **state)
{
    (void)state;
    static const event events[] = {{0, {-15000000}, {-15000000}}, {0, {-15000000}, {0}}};
    for (size_t i = 0; i < G_N_ELEMENTS(events); i++) {
        mps_clock_estimate estimate;
        run_event(&events[i], &estimate);
        assert_true(estimate.has_skew);
        assert_true(fabs(estimate.skew - 50e-6) < 1e-7);
        assert_int_equal(estimate.steps->len, 0);
        assert_int_equal(estimate.path_changes->len, 1);
        const mps_path_change *change = &g_array_index(estimate.path_changes, mps_path_change, 0);
        assert_true(change->from >= 5 * SECOND && change->from <= 6 * SECOND);
        assert_true(change->until >= 6 * SECOND && change->until <= 6 * SECOND + SECOND / 10);
        assert_int_equal(change->seen, 3);
        assert_int_equal(change->subflows->len, 1);
        const mps_path_shift *shift = &g_array_index(change->subflows, mps_path_shift, 0);
        assert_int_equal(shift->series, 0);
        assert_true(llabs(shift->shift[1] + 15000000) < 1000);
        assert_true(llabs(shift->shift[0] - events[i].backward[0]) < 1000);
        mps_clock_estimate_clear(&estimate);
    }
}

/* All paths get faster at once, in both directions: this is no clock step, either. */
static void change_of_all_paths_is_no_step(void **state)
{
    (void)state;
    static const event all = {
        0, {-15000000, -25000000, -35000000}, {-15000000, -25000000, -35000000}};
    mps_clock_estimate estimate;
    run_event(&all, &estimate);
    assert_int_equal(estimate.steps->len, 0);
    assert_int_equal(estimate.path_changes->len, 1);
    assert_int_equal(g_array_index(estimate.path_changes, mps_path_change, 0).subflows->len, 3);
    assert_true(fabs(estimate.skew - 50e-6) < 1e-7);
    mps_clock_estimate_clear(&estimate);
}

/* B's clock is set ahead by 8 ms, which a straight line could hide: on all paths delays get 8 ms
 * longer forward and 8 ms shorter backward. */
static void step_is_no_path_change(void **state)
{
    (void)state;
    static const event set = {8000000, {0}, {0}};
    mps_clock_estimate estimate;
    run_event(&set, &estimate);
    assert_int_equal(estimate.steps->len, 1);
    assert_int_equal(estimate.path_changes->len, 0);
    const mps_clock_step *step = &g_array_index(estimate.steps, mps_clock_step, 0);
    assert_false(step->suspected);
    assert_true(step->from <= 6 * SECOND && step->until >= 6 * SECOND);
    assert_true(step->until - step->from < 2 * SECOND);
    assert_true(llabs(step->size - 8000000) < 1000);
    assert_true(step->size_low <= 8000000 && step->size_high >= 8000000);
    assert_true(fabs(estimate.skew - 50e-6) < 1e-7);
    /* The shortest delay is 20 ms in both directions, so that the middle is the truth. */
    for (int64_t at = SECOND; at < 10 * SECOND; at += SECOND) {
        int64_t truth = at / 20000 + (at >= 6 * SECOND ? 8000000 : 0);
        int64_t ahead = mps_clock_ahead(&estimate, true, at, at + truth + 20000000, true);
        assert_true(llabs(ahead - truth) < 1000);
    }
    mps_clock_estimate_clear(&estimate);
}

/* Check the bounds of B's clock minus A's between a time of A's clock and one of B's. */
static void expect_bounds(const mps_clock_estimate *estimate, int64_t time_a, int64_t time_b,
                          int64_t least, int64_t most)
{
    int64_t low, high;
    mps_clock_bounds(estimate, time_a, time_b, &low, &high);
    assert_true(llabs(low - least) < 2000000);
    assert_true(llabs(high - most) < 2000000);
}

/* B's clock is set ahead by 5 s. A segment that leaves A before the step and reaches B after it may
 * be on either side of the step. Other segments are not, even if a delay of 5 s explained them. */
static void bounds_over_a_step(void **state)
{
    (void)state;
    static const event set = {5 * SECOND, {0}, {0}};
    const int64_t ms = 1000000, before = 3 * SECOND, after = 9 * SECOND, drift = 300000;
    mps_clock_estimate estimate;
    run_event(&set, &estimate);
    assert_int_equal(estimate.steps->len, 1);
    /* The shortest delay is 20 ms in both directions: the line has as much slack on either side. */
    expect_bounds(&estimate, before, before + 30 * ms, -20 * ms, 20 * ms);
    expect_bounds(&estimate, after, after + 5030 * ms, 4980 * ms, 5020 * ms);
    /* Sent at 5.99 s, and received at 6.02 s, when B's clock shows 11.02 s. */
    expect_bounds(&estimate, 5990 * ms, 11020 * ms + drift, -20 * ms, 5020 * ms);
    /* Two moments far apart with the step between them: each of them may be the one that counts. */
    expect_bounds(&estimate, before, after + 5000 * ms, -20 * ms, 5020 * ms);
    expect_bounds(&estimate, after, before, -20 * ms, 5020 * ms);
    mps_clock_estimate_clear(&estimate);
}

/* A queue that grows in one direction looks like a clock that runs fast: the skew is unknown. */
static void growing_queue_is_no_skew(void **state)
{
    (void)state;
    mps_clock *clock = mps_clock_new();
    mps_clock_estimate estimate;
    for (int64_t i = 0; i < 400; i++) {
        int64_t at = i * SECOND / 40;
        mps_clock_add(clock, 0, true, at, at + 10000000 + at * 45 / 100000);
        mps_clock_add(clock, 0, false, at + 10000000, at);
    }
    mps_clock_estimate_of(clock, &estimate);
    assert_true(estimate.has_offset);
    assert_false(estimate.has_skew);
    assert_int_equal(estimate.reason, MPS_CLOCK_SKEW_HIDDEN);
    mps_clock_estimate_clear(&estimate);
    mps_clock_free(clock);
}

/* Times in whole microseconds are up to 1 us too low: the bounds allow for this. */
static void coarse_times_widen_the_bounds(void **state)
{
    (void)state;
    for (int64_t resolution = 1; resolution <= 1000; resolution *= 1000) {
        mps_clock *clock = mps_clock_new();
        mps_clock_estimate estimate;
        mps_clock_set_resolution(clock, resolution);
        for (int64_t i = 0; i < 20; i++) {
            mps_clock_add(clock, 0, true, i * SECOND, i * SECOND + 5000);
            mps_clock_add(clock, 0, false, i * SECOND, i * SECOND - 5000);
        }
        mps_clock_estimate_of(clock, &estimate);
        int64_t low, high;
        mps_clock_bounds(&estimate, 10 * SECOND, 10 * SECOND, &low, &high);
        assert_true(high >= 5000 + resolution && high <= 5001 + resolution);
        assert_true(-low >= 5000 + resolution && -low <= 5001 + resolution);
        mps_clock_estimate_clear(&estimate);
        mps_clock_free(clock);
    }
}

/* Possible lines touch only two corners on each side: the first and the last sample of path 0. */
static void evidence_counts_supporting_points(void **state)
{
    (void)state;
    mps_clock *clock = mps_clock_new();
    mps_clock_estimate estimate;
    for (int64_t i = 0; i <= 100; i++) {
        bool end = i == 0 || i == 100;
        mps_clock_add(clock, 0, true, i * SECOND, i * SECOND + (end ? 1000 : 90000000));
        mps_clock_add(clock, 1, true, i * SECOND, i * SECOND + 95000000);
        mps_clock_add(clock, 0, false, i * SECOND, i * SECOND - (end ? 1000 : 90000000));
    }
    mps_clock_estimate_of(clock, &estimate);
    assert_int_equal(estimate.supporting, 4);
    assert_int_equal(estimate.evidence->len, 3);
    for (guint i = 0; i < 3; i++) {
        const mps_clock_evidence *one = &g_array_index(estimate.evidence, mps_clock_evidence, i);
        assert_int_equal(one->segments, 101);
        assert_int_equal(one->supporting, one->series == 0 ? 2 : 0);
    }
    mps_clock_estimate_clear(&estimate);
    mps_clock_free(clock);
}

/* @return the reason of the estimate for a clock whose skew changes by `bend` in the middle */
static mps_clock_reason reason_of(double skew, double bend, bool backward, int64_t seconds)
{
    mps_clock *clock = mps_clock_new();
    mps_clock_estimate estimate;
    for (int64_t i = 0; i < seconds * 10; i++) {
        int64_t at = i * SECOND / 10, half = seconds * SECOND / 2;
        int64_t ahead = (int64_t)(skew * (double)at + bend * (double)MAX(at - half, 0));
        mps_clock_add(clock, 0, true, at, at + 10000000 + ahead);
        if (backward)
            mps_clock_add(clock, 0, false, at + 10000000, at + ahead);
    }
    mps_clock_estimate_of(clock, &estimate);
    mps_clock_reason reason = estimate.reason;
    assert_int_equal(reason == MPS_CLOCK_REASON_NONE, estimate.has_skew);
    mps_clock_estimate_clear(&estimate);
    mps_clock_free(clock);
    return reason;
}

static void refusals(void **state)
{
    (void)state;
    assert_int_equal(reason_of(100e-6, 0, true, 20), MPS_CLOCK_REASON_NONE);
    assert_int_equal(reason_of(0, 0, false, 20), MPS_CLOCK_ONE_DIRECTION);
    assert_int_equal(reason_of(0, 0, true, 0), MPS_CLOCK_NO_SEGMENTS);
    assert_int_equal(reason_of(0, 0, true, 1), MPS_CLOCK_LITTLE_TRAFFIC);
    assert_int_equal(reason_of(5000e-6, 0, true, 20), MPS_CLOCK_RATES_TOO_FAR);
    assert_int_equal(reason_of(-0.01, 0.02, true, 20), MPS_CLOCK_NO_FIT);
}

/* Where the skew is known, it is the likeliest one. In less time there is a likeliest one, too. */
static void likeliest_skew(void **state)
{
    (void)state;
    for (int64_t seconds = 1; seconds <= 4; seconds += 3) {
        mps_clock *clock = mps_clock_new();
        mps_clock_estimate estimate;
        for (int64_t i = 0; i < 100; i++) {
            int64_t at = i * seconds * SECOND / 100, ahead = at / 20000, wait = i % 7 * 100000;
            mps_clock_add(clock, 0, true, at, at + 10000000 + wait + ahead);
            mps_clock_add(clock, 0, false, at + 10000000 + wait, at + ahead);
        }
        mps_clock_estimate_of(clock, &estimate);
        assert_int_equal(estimate.has_skew, seconds > 2);
        assert_true(fabs(estimate.likeliest - 50e-6) < 1e-6);
        assert_true(estimate.skew == (seconds > 2 ? estimate.likeliest : 0));
        mps_clock_estimate_clear(&estimate);
        mps_clock_free(clock);
    }
}

/* Two clocks and one segment in each direction, which fit any difference of times. The truth is
 * within the bounds as long as 64 bits can hold the sum of two differences; otherwise nothing is
 * known. */
static void clocks_far_apart(void **state)
{
    (void)state;
    const int64_t ms = 1000000,
                  ends[] = {0, INT64_C(4294967295) * SECOND, -INT64_MAX / 2 + 2 * SECOND,
                            INT64_MAX / 2 + SECOND, INT64_MAX - SECOND};
    for (size_t i = 0; i < G_N_ELEMENTS(ends); i++)
        for (size_t k = 0; k < G_N_ELEMENTS(ends); k++) {
            mps_clock *clock = mps_clock_new();
            mps_clock_estimate estimate;
            int64_t a = ends[i], b = ends[k], apart = 0;
            bool fits = !__builtin_sub_overflow(b, a, &apart) &&
                        (apart < 0 ? -apart : apart) + 10 * ms <= INT64_MAX / 2;
            mps_clock_add(clock, 0, true, a, b + 10 * ms);
            mps_clock_add(clock, 0, false, a + 10 * ms, b);
            mps_clock_estimate_of(clock, &estimate);
            assert_int_equal(estimate.has_offset, fits);
            if (estimate.has_offset) {
                assert_true(llabs(estimate.offset_low - (apart - 10 * ms)) < 10000);
                assert_true(llabs(estimate.offset_high - (apart + 10 * ms)) < 10000);
            } else {
                assert_int_equal(estimate.reason, MPS_CLOCK_TIMES_TOO_FAR);
            }
            mps_clock_estimate_clear(&estimate);
            mps_clock_free(clock);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(truth_is_within_bounds),
        cmocka_unit_test(few_segments_leave_the_skew_unknown),
        cmocka_unit_test(steps_are_within_bounds),
        cmocka_unit_test(skew_is_recovered),
        cmocka_unit_test(offset_of_constant_delays),
        cmocka_unit_test(path_change_is_no_step),
        cmocka_unit_test(change_of_all_paths_is_no_step),
        cmocka_unit_test(step_is_no_path_change),
        cmocka_unit_test(bounds_over_a_step),
        cmocka_unit_test(growing_queue_is_no_skew),
        cmocka_unit_test(coarse_times_widen_the_bounds),
        cmocka_unit_test(evidence_counts_supporting_points),
        cmocka_unit_test(refusals),
        cmocka_unit_test(likeliest_skew),
        cmocka_unit_test(clocks_far_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
