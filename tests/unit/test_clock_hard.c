/* test_clock_hard.c: clocks and paths that are hard to distinguish: clocks that are set while
 * segments are in transit, while all hosts are silent, or twice; radios that send at certain
 * moments; queues that never drain.
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

#define MS INT64_C(1000000)
#define SECOND (1000 * MS)
#define STEPS 2
#define RUNS 200

/* The skew and the steps of B's clock, by true time. A's clock shows the true time. */
typedef struct {
    double skew;
    int64_t at[STEPS], by[STEPS];
} b_clock;

/* A segment by both clocks, and the difference of B's clock and A's that applies to its delay. */
typedef struct {
    int64_t a, b, ahead;
} sample;

typedef struct {
    b_clock set;
    mps_clock *clock;
    GArray *samples;
    mps_clock_estimate estimate;
} scene;

static void begin(scene *s, const b_clock *set)
{
    *s = (scene){.set = *set, .clock = mps_clock_new()};
    s->samples = g_array_new(FALSE, FALSE, sizeof(sample));
}

static void finish(scene *s)
{
    mps_clock_estimate_of(s->clock, &s->estimate);
    mps_clock_free(s->clock);
}

static void clear(scene *s)
{
    mps_clock_estimate_clear(&s->estimate);
    g_array_free(s->samples, TRUE);
}

/* Send a segment at a true time, with a delay. @return the true time of arrival */
static int64_t pass(scene *s, uint32_t path, bool forward, int64_t sent, int64_t delay)
{
    int64_t of_a = forward ? sent : sent + delay, of_b = forward ? sent + delay : sent, step = 0;
    for (unsigned i = 0; i < STEPS; i++)
        step += s->set.at[i] > 0 && of_b >= s->set.at[i] ? s->set.by[i] : 0;
    int64_t b = of_b + (int64_t)floor(s->set.skew * (double)of_b) + step;
    sample one = {of_a, b, (int64_t)floor(s->set.skew * (double)of_a) + step};
    mps_clock_add(s->clock, path, forward, of_a, b);
    g_array_append_val(s->samples, one);
    return sent + delay;
}

static unsigned count_outside(const scene *s)
{
    unsigned outside = 0;
    for (guint i = 0; s->estimate.has_offset && i < s->samples->len; i++) {
        const sample *one = &g_array_index(s->samples, sample, i);
        int64_t low, high;
        mps_clock_bounds(&s->estimate, one->a, one->b, &low, &high);
        outside += one->ahead < low - 2 || one->ahead > high + 2;
    }
    return outside;
}

/* Check that the window of a step contains a moment, and is at most `width` long. */
static void assert_in_window(const mps_clock_step *step, int64_t at, int64_t width)
{
    assert_true(step->from <= at && at <= step->until && step->until - step->from <= width);
}

/* B's clock is set back by 4 s. Segments on the long path that were sent before arrive after the
 * step, while segments on the short path that were sent later arrived before it. */
static void step_while_segments_are_in_transit(void **state)
{
    (void)state;
    static const b_clock set = {50e-6, {7600 * MS}, {-4 * SECOND}};
    scene s;
    begin(&s, &set);
    for (int64_t at = 0; at < 10 * SECOND; at += 5 * MS) {
        pass(&s, 0, true, at, 100 * MS);
        pass(&s, 1, true, at + 2 * MS, 3 * MS);
    }
    for (int64_t at = 0; at < 10 * SECOND; at += 470 * MS)
        pass(&s, 1, false, at, 3 * MS);
    finish(&s);
    assert_true(s.estimate.has_offset);
    assert_int_equal(count_outside(&s), 0);
    clear(&s);
}

/* B's clock is set ahead by an hour, and from then on segments go to B only. They seem to be in
 * transit for an hour, which is impossible. */
static void no_segment_takes_an_hour(void **state)
{
    (void)state;
    static const b_clock set = {50e-6, {9 * SECOND}, {3600 * SECOND}};
    scene s;
    begin(&s, &set);
    for (int64_t at = 0; at < 10 * SECOND; at += 25 * MS) {
        pass(&s, 0, true, at, 20 * MS);
        if (at < 8 * SECOND)
            pass(&s, 0, false, at, 20 * MS);
    }
    finish(&s);
    assert_false(s.estimate.has_offset);
    assert_false(s.estimate.has_skew);
    assert_int_equal(s.estimate.reason, MPS_CLOCK_NO_FIT);
    clear(&s);
}

/* B's clock is set ahead by 12 s, and back by 1640 s soon after: the samples in between fit neither
 * side. */
static void two_steps_at_once(void **state)
{
    (void)state;
    static const b_clock set = {50e-6, {5 * SECOND, 5100 * MS}, {12 * SECOND, -1640 * SECOND}};
    scene s;
    begin(&s, &set);
    for (int64_t at = 0; at < 10 * SECOND; at += 10 * MS)
        for (uint32_t path = 0; path < 2; path++) {
            pass(&s, path, true, at, (20 + path) * MS);
            pass(&s, path, false, at, (20 + path) * MS);
        }
    finish(&s);
    assert_int_equal(count_outside(&s), 0);
    clear(&s);
}

/* Hosts send, are silent for a long time, and send again. Meanwhile B's clock was set: the estimate
 * has the step, but not its exact moment. */
static void step_in_silence(void **state)
{
    (void)state;
    static const b_clock set = {50e-6, {6 * SECOND}, {90 * SECOND}};
    scene s;
    begin(&s, &set);
    for (int64_t at = 0; at < 12 * SECOND; at += 10 * MS) {
        if (at > 3 * SECOND && at < 9 * SECOND)
            continue;
        pass(&s, 0, true, at, 20 * MS + at % (7 * MS));
        pass(&s, 0, false, at, 20 * MS + at % (3 * MS));
    }
    finish(&s);
    assert_true(s.estimate.has_offset);
    assert_int_equal(count_outside(&s), 0);
    assert_int_equal(s.estimate.steps->len, 1);
    const mps_clock_step *step = &g_array_index(s.estimate.steps, mps_clock_step, 0);
    assert_true(step->size_low <= 90 * SECOND && step->size_high >= 90 * SECOND);
    clear(&s);
}

/* B's clock is set ahead by 8 ms while B receives through a queue that drains only now and then.
 * The segments that A receives show the moment, those that B receives confirm it later. No path
 * changes. */
static void step_hidden_by_a_queue(void **state)
{
    (void)state;
    for (int64_t at = 8000 * MS; at <= 16000 * MS; at += 250 * MS) {
        const b_clock set = {50e-6, {at}, {8 * MS}};
        scene s;
        begin(&s, &set);
        for (int64_t i = 0; i < 24 * SECOND; i += 10 * MS) {
            pass(&s, 0, true, i, 20 * MS + i % (5 * SECOND) / 50);
            pass(&s, 0, false, i, 20 * MS + i % (3 * MS) / 10);
        }
        finish(&s);
        assert_true(s.estimate.has_offset);
        assert_int_equal(count_outside(&s), 0);
        assert_int_equal(s.estimate.path_changes->len, 0);
        assert_int_equal(s.estimate.steps->len, 1);
        const mps_clock_step *step = &g_array_index(s.estimate.steps, mps_clock_step, 0);
        assert_false(step->suspected);
        assert_in_window(step, at, SECOND);
        assert_true(llabs(step->size - 8 * MS) < MS / 10);
        clear(&s);
    }
}

/* B's clock is set ahead by 30 ms. The direction back, which shows nothing because of its queue,
 * gets 30 ms longer at the same time: the path to B may have changed instead. Later segments go to
 * B only, and this path changes. The estimate has two path changes, and the bounds allow for the
 * step. */
static void step_or_path_change(void **state)
{
    (void)state;
    static const b_clock set = {.at = {9 * SECOND}, .by = {30 * MS}};
    GRand *rand = g_rand_new_with_seed(3);
    scene s;
    begin(&s, &set);
    for (int64_t at = 0; at < 24 * SECOND; at += 20 * MS) {
        pass(&s, 0, true, at, 20 * MS + at % (3 * MS) / 10 + (at < 20 * SECOND ? 0 : 8 * MS));
        if (at < 19 * SECOND)
            pass(&s, 0, false, at,
                 (at < set.at[0] ? 20 : 50) * MS + (int64_t)exponential(rand, 4e7));
    }
    finish(&s);
    assert_true(s.estimate.has_offset);
    assert_int_equal(count_outside(&s), 0);
    assert_int_equal(s.estimate.path_changes->len, 2);
    assert_int_equal(s.estimate.steps->len, 1);
    const mps_clock_step *step = &g_array_index(s.estimate.steps, mps_clock_step, 0);
    assert_true(step->suspected);
    assert_in_window(step, set.at[0], SECOND);
    clear(&s);
    g_rand_free(rand);
}

/* The delay of a path gets longer in one direction in the middle of an hour. */
static void path_change_in_an_hour(void **state)
{
    (void)state;
    static const b_clock set = {.skew = 50e-6};
    scene s;
    begin(&s, &set);
    for (int64_t at = 0; at < 3600 * SECOND; at += 50 * MS) {
        pass(&s, 0, true, at, (at < 1800 * SECOND ? 20 : 28) * MS);
        pass(&s, 0, false, at, 20 * MS);
    }
    finish(&s);
    assert_int_equal(count_outside(&s), 0);
    assert_int_equal(s.estimate.steps->len, 0);
    assert_int_equal(s.estimate.path_changes->len, 1);
    clear(&s);
}

/* The wait for a radio that may send every 10 ms, and sometimes has to send again 8 ms later. */
static int64_t radio_wait(GRand *rand, int64_t at, int64_t phase)
{
    int64_t sent = (at + phase + 10 * MS - 1) / (10 * MS) * (10 * MS) - phase;
    while (g_rand_double(rand) < 0.15)
        sent += 8 * MS;
    return sent - at;
}

/* Requests and answers over two radios: the moments at which segments arrive over one radio
 * determine when those of the other radio are sent. */
static void send_by_radio(GRand *rand, scene *s, uint32_t path, int64_t until)
{
    int64_t phase = g_rand_int_range(rand, 0, 10 * MS);
    int64_t base = g_rand_int_range(rand, 1 * MS, 30 * MS), last[2] = {0, 0};
    for (int64_t at = 0; at < until;) {
        int64_t arrived = at;
        for (unsigned i = 0; i < 4; i++) {
            int64_t delay = base + radio_wait(rand, at, phase);
            last[1] = MAX(last[1], at + delay); /* segments stay in order */
            arrived = pass(s, path, true, at, last[1] - at);
            at += 1000;
        }
        arrived += (int64_t)exponential(rand, 30e3);
        int64_t delay = base + radio_wait(rand, arrived, 2 * phase);
        last[0] = MAX(last[0], arrived + delay);
        at = pass(s, path, false, arrived, last[0] - arrived) + (int64_t)exponential(rand, 30e3);
    }
}

/* The error holds, although segments wait together. No path changes: delays that get shorter in
 * both directions now and then do so by chance. */
static void radios(void **state)
{
    (void)state;
    GRand *rand = g_rand_new_with_seed(1);
    unsigned known = 0, exceeded = 0, changes = 0;
    for (unsigned run = 0; run < RUNS; run++) {
        const b_clock set = {.skew = g_rand_double_range(rand, -300e-6, 300e-6)};
        scene s;
        begin(&s, &set);
        int64_t until = g_rand_int_range(rand, 4, 40) * SECOND;
        for (uint32_t path = 0; path < 2; path++)
            send_by_radio(rand, &s, path, until);
        finish(&s);
        assert_int_equal(count_outside(&s), 0);
        known += s.estimate.has_skew;
        exceeded += s.estimate.has_skew && fabs(s.estimate.skew - set.skew) > s.estimate.skew_error;
        changes += s.estimate.path_changes->len;
        clear(&s);
    }
    assert_true(known >= RUNS / 2);
    assert_true(exceeded <= known / 10);
    assert_int_equal(changes, 0);
    g_rand_free(rand);
}

/* A download, as the only traffic, through a queue that fills and is halved, but never drains: its
 * acknowledgements show the skew. */
static void queue_that_never_drains(void **state)
{
    (void)state;
    GRand *rand = g_rand_new_with_seed(1);
    unsigned known = 0;
    for (unsigned run = 0; run < RUNS / 4; run++) {
        const b_clock set = {.skew = g_rand_double_range(rand, -300e-6, 300e-6)};
        const double deep = g_rand_double_range(rand, 5e7, 3e8);
        scene s;
        begin(&s, &set);
        double queue = deep / 2;
        for (int64_t at = 0; at < 20 * SECOND; at += 5 * MS) {
            queue = queue > deep ? deep * g_rand_double_range(rand, .4, .7) : queue + deep / 300;
            int64_t came = pass(&s, 0, false, at, 20 * MS + (int64_t)queue);
            pass(&s, 0, true, came, 20 * MS + (int64_t)exponential(rand, 2e5));
        }
        finish(&s);
        assert_int_equal(count_outside(&s), 0);
        known += s.estimate.has_skew;
        if (s.estimate.has_skew)
            assert_true(fabs(s.estimate.skew - set.skew) <= s.estimate.skew_error);
        clear(&s);
    }
    assert_true(known >= RUNS / 4 * 8 / 10);
    g_rand_free(rand);
}

/* A clock that is 2000 ppm fast is refused, even if the traffic leaves slack for 500 ppm. */
static void broken_clocks(void **state)
{
    (void)state;
    static const b_clock set = {.skew = 2000e-6};
    scene s;
    begin(&s, &set);
    for (int64_t at = 0; at < 10 * SECOND; at += 25 * MS) {
        pass(&s, 0, true, at, 20 * MS + at % (7 * MS));
        pass(&s, 0, false, at, 20 * MS + at % (3 * MS));
    }
    finish(&s);
    assert_false(s.estimate.has_offset);
    assert_int_equal(s.estimate.reason, MPS_CLOCK_RATES_TOO_FAR);
    clear(&s);
}

/* Hosts side by side: delays of 10 us leave 5 ppm in 4 s, which is less than the drift of the
 * delays of hosts allows for. */
static void error_within_the_bounds(void **state)
{
    (void)state;
    static const b_clock set = {.skew = 50e-6};
    scene s;
    begin(&s, &set);
    for (int64_t at = 0; at < 4 * SECOND; at += 10 * MS) {
        pass(&s, 0, true, at, 10000);
        pass(&s, 0, false, at, 10000);
    }
    finish(&s);
    assert_true(s.estimate.has_skew);
    assert_true(fabs(s.estimate.skew - set.skew) <= s.estimate.skew_error);
    assert_true(s.estimate.skew_error < 6e-6);
    clear(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(step_while_segments_are_in_transit),
        cmocka_unit_test(no_segment_takes_an_hour),
        cmocka_unit_test(two_steps_at_once),
        cmocka_unit_test(step_in_silence),
        cmocka_unit_test(step_hidden_by_a_queue),
        cmocka_unit_test(step_or_path_change),
        cmocka_unit_test(path_change_in_an_hour),
        cmocka_unit_test(radios),
        cmocka_unit_test(queue_that_never_drains),
        cmocka_unit_test(broken_clocks),
        cmocka_unit_test(error_within_the_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
