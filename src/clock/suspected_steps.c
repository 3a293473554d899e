/* suspected_steps.c: finds where an unnoticed clock step is possible, or where there must be one.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "min_delay.h"
#include <math.h>

/* An unnoticed step is searched at the borders of this many bins. It is suspected where the lost
 * slack is more than this part of all slack. Borders where nearly as much is lost, by this part of
 * the greatest loss, cannot be distinguished. */
#define SUSPECT_BINS 256u
#define SUSPECT_SLACK_PART 0.1
#define SUSPECT_EQUAL_PART 0.9

/* Bisections from a capture of days down to microseconds. */
#define TIME_HALVINGS 36

/* A step is at one moment. If its window has more than one in this many parts of the capture, both
 * of its time and of its samples, the clock was not set, but is not steady. */
#define STEP_WINDOW_DIVISOR 8

/* The shortest delays of all series, backward and forward, up to each bin and from each bin, ns. */
typedef struct {
    double until[SUSPECT_BINS + 1][2], from[SUSPECT_BINS + 1][2];
} mps_delay_extremes;

static void find_extremes(const mps_clock *clock, const mps_axis *axis, const mps_grid *grid,
                          const mps_clock_estimate *estimate, mps_delay_extremes *extremes)
{
    for (guint i = 0; i <= SUSPECT_BINS; i++)
        for (unsigned forward = 0; forward < 2; forward++)
            extremes->until[i][forward] = extremes->from[i][forward] = INFINITY;
    for (mps_sample_iterator it = {.clock = clock}; mps_sample_iterator_next(&it);) {
        bool forward = it.series->forward;
        guint bin = mps_grid_bin(grid, mps_axis_moment(axis, it.sample));
        double delay = mps_clock_delay(estimate, forward, it.sample);
        double *until = &extremes->until[bin + 1][forward];
        double *from = &extremes->from[bin][forward];
        *until = fmin(*until, delay);
        *from = fmin(*from, delay);
    }
    for (guint i = 0; i < SUSPECT_BINS; i++)
        for (unsigned forward = 0; forward < 2; forward++) {
            guint back = SUSPECT_BINS - 1 - i;
            double *until = &extremes->until[i + 1][forward];
            double *from = &extremes->from[back][forward];
            *until = fmin(*until, extremes->until[i][forward]);
            *from = fmin(*from, extremes->from[back + 1][forward]);
        }
}

/* How much more slack the samples on each side of a border leave than all samples together: the
 * size, ns, that an unnoticed step may have there. 0 if a side has segments in one direction only
 */
static double lost_slack(const mps_delay_extremes *extremes, guint border)
{
    const double *before = extremes->until[border], *after = extremes->from[border];
    double slack = fmin(before[0], after[0]) + fmin(before[1], after[1]);
    double lost = fmin(before[0] + before[1], after[0] + after[1]) - slack;
    return isfinite(before[0] + before[1] + after[0] + after[1]) ? lost : 0;
}

/* The window of the borders that lose about as much slack as the one that loses most.
 * @param[out] most  the greatest loss, ns */
static mps_window suspect_window(const mps_delay_extremes *extremes, const mps_grid *grid,
                                 double *most)
{
    guint from = 0, until = 0;
    *most = 0;
    for (guint i = 1; i < SUSPECT_BINS; i++)
        *most = fmax(*most, lost_slack(extremes, i));
    for (guint i = 1; i < SUSPECT_BINS; i++) {
        if (lost_slack(extremes, i) < *most * SUSPECT_EQUAL_PART)
            continue;
        from = from == 0 ? i : from;
        until = i;
    }
    return (mps_window){mps_grid_moment(grid, from - 1.0), mps_grid_moment(grid, until + 1.0)};
}

bool mps_steps_suspect(const mps_clock *clock, const mps_axis *axis,
                       const mps_clock_estimate *estimate, mps_step *step)
{
    int64_t first, last;
    double most;
    if (!mps_grid_extent(clock, axis, &first, &last))
        return false;
    const mps_grid grid = mps_grid_make(SUSPECT_BINS, first, last);
    mps_delay_extremes *extremes = g_new(mps_delay_extremes, 1);
    find_extremes(clock, axis, &grid, estimate, extremes);
    *step = (mps_step){suspect_window(extremes, &grid, &most), 0};
    double slack = extremes->from[0][0] + extremes->from[0][1];
    g_free(extremes);
    return most > fmax(MPS_STEP_MIN, SUSPECT_SLACK_PART * slack);
}

/* Does a line fit all samples outside of a window? */
static bool fits_outside_window(mps_clock *clock, const mps_axis *axis, int64_t from, int64_t until)
{
    const mps_step step = {{from, until}, 0};
    GArray *steps = g_array_new(FALSE, FALSE, sizeof(mps_step));
    g_array_append_val(steps, step);
    bool fits = mps_clock_slack_between(clock, axis, steps) >= 0;
    g_array_free(steps, TRUE);
    return fits;
}

/* Bisect for the last moment up to which a line fits, or the first moment from which one fits. */
static int64_t end_of_fit(mps_clock *clock, const mps_axis *axis, bool begin, int64_t first,
                          int64_t last)
{
    int64_t fits = begin ? first : last, fails = begin ? last : first;
    for (unsigned i = 0; i < TIME_HALVINGS; i++) {
        int64_t middle = fits + (fails - fits) / 2;
        if (begin ? fits_outside_window(clock, axis, middle, INT64_MAX)
                  : fits_outside_window(clock, axis, INT64_MIN, middle))
            fits = middle;
        else
            fails = middle;
    }
    return begin ? fails : fits;
}

/* Is a window short enough for a step? The moment of a step is not known while hosts are silent, so
 * that a long window with few samples is short enough, too. */
static bool is_short_enough(const mps_clock *clock, const mps_axis *axis, const mps_window *window,
                            int64_t duration)
{
    size_t all = 0, inside = 0;
    for (mps_sample_iterator it = {.clock = clock}; mps_sample_iterator_next(&it);) {
        int64_t moment = mps_axis_moment(axis, it.sample);
        inside += window->from <= moment && moment <= window->until;
        all++;
    }
    return window->until - window->from <= duration / STEP_WINDOW_DIVISOR ||
           inside <= all / STEP_WINDOW_DIVISOR;
}

GArray *mps_steps_force(mps_clock *clock, const mps_axis *axis)
{
    GArray *found = g_array_new(FALSE, FALSE, sizeof(mps_step));
    mps_step step = {{0, 0}, 0};
    int64_t first, last;
    if (!mps_grid_extent(clock, axis, &first, &last))
        return found;
    step.window.until = end_of_fit(clock, axis, true, first, last);
    step.window.from = end_of_fit(clock, axis, false, first, last) - 1;
    int64_t overlap = step.window.from - step.window.until;
    if (overlap > 0 && overlap <= MPS_TRANSIT_TIME) /* segments overtook others on another path */
        step.window = (mps_window){step.window.until - 1, step.window.from + 1};
    if (step.window.from <= step.window.until &&
        is_short_enough(clock, axis, &step.window, last - first))
        g_array_append_val(found, step);
    return found;
}
