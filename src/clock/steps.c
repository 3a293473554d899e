/* steps.c: finds clock steps, and narrows their windows.
 *
 * When a clock is set, all delays towards it get longer by as much as all delays from it get
 * shorter, on every subflow at once, and for good (Paxson 1998). A path change is different: it
 * shifts the delays of some subflows only, or of both directions alike. Queues can have the same
 * effect as a step, but not on every subflow at the same moment.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "min_delay.h"
#include <math.h>
#include <stdlib.h>

/* The shortest delays of two stretches differ by this much without any cause. */
#define DELAY_NOISE 2e4 /* ns */

/* Marks a step, in place of its size: the clock is not steady here. Coarser grids do not search
 * here again. */
#define UNSTEADY INFINITY

/* A clock with more steps than this is not steady. */
#define STEPS_MAX 64u

/* A clock is not steady, either, if the windows of several steps cover more than one in this
 * many parts of the capture. */
#define WINDOWS_DIVISOR 4

/* What the steadiest series of each direction show at a border. */
typedef struct {
    double shift[2], spread[2]; /* of B's clock, ns; by backward, by forward series */
    double step;                /* ns; 0: none */
} mps_grid_border;

static double raw_delay(const mps_delay_series *series, const mps_clock_sample *sample,
                        const void *data)
{
    const mps_axis *axis = data;
    double y = mps_axis_y(axis, sample);
    return series->forward ? y : -y;
}

/* Convert the shift of a series to a shift of B's clock, ns: `low` and `high` are the least and the
 * greatest value, `best` is the likeliest one. */
static void shift_as_step(const mps_delay_series *series, const mps_min_delay_shift *shift,
                          double *low, double *best, double *high)
{
    double between = shift->after - shift->before;
    *best = series->forward ? between : -between;
    *low = series->forward ? shift->low : -shift->high;
    *high = series->forward ? shift->high : -shift->low;
}

typedef void (*mps_grid_border_visitor)(mps_grid_border *border, const mps_delay_series *series,
                                        const mps_min_delay_shift *shift, double drift);

static void visit_borders(const mps_clock *clock, const mps_axis *axis, const mps_grid *grid,
                          mps_grid_border *borders, mps_grid_border_visitor visit, double drift)
{
    const mps_delays delays = {axis, raw_delay, axis};
    for (guint i = 0; i < clock->all->len; i++) {
        const mps_delay_series *series = clock->all->pdata[i];
        mps_min_delays minima;
        mps_min_delay_shift shift;
        if (series->samples->len < MPS_MIN_DELAYS_SAMPLES_MIN)
            continue;
        mps_min_delays_make(&minima, series, grid, &delays);
        for (guint k = minima.first + 1; k < minima.end; k++)
            if (mps_min_delays_shift(&minima, grid, k, &shift))
                visit(&borders[k], series, &shift, drift);
        mps_min_delays_clear(&minima);
    }
}

/* Keep the steadiest series of each direction. */
static void note_steadiest(mps_grid_border *border, const mps_delay_series *series,
                           const mps_min_delay_shift *shift, double drift)
{
    double low, best, high;
    (void)drift;
    shift_as_step(series, shift, &low, &best, &high);
    if (high - low < border->spread[series->forward]) {
        border->spread[series->forward] = high - low;
        border->shift[series->forward] = best;
    }
}

/* Remove a step that a series contradicts. */
static void reject_contradicted(mps_grid_border *border, const mps_delay_series *series,
                                const mps_min_delay_shift *shift, double drift)
{
    double low, best, high, slack = MPS_STEP_TOLERANCE * fabs(border->step);
    shift_as_step(series, shift, &low, &best, &high);
    if (border->step - slack > high - drift || border->step + slack < low - drift)
        border->step = 0;
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, guint count)
{
    if (count == 0)
        return 0;
    qsort(values, count, sizeof *values, compare_doubles);
    return values[count / 2];
}

/* The shift that the skew causes at each border: the median over all borders. It is limited to the
 * greatest skew, for a step that most borders see. */
static double find_drift(const mps_grid_border *borders, const mps_grid *grid)
{
    double *values = g_new(double, 2 * grid->bins);
    double most = MPS_SKEW_MAX * grid->width * 2 * (grid->guard + MPS_STRETCH_BINS);
    guint found = 0;
    for (guint i = 0; i < grid->bins; i++)
        for (unsigned forward = 0; forward < 2; forward++)
            if (borders[i].spread[forward] < INFINITY)
                values[found++] = borders[i].shift[forward];
    double drift = median(values, found);
    g_free(values);
    return CLAMP(drift, -most, most);
}

/* Propose a step at a border where both directions agree. The spread of each direction is
 * the weight of the other one: the steadier direction, which has less queueing, counts more.
 * Series that contradict remove the step later. */
static void propose_step(mps_grid_border *border, double drift)
{
    double by_forward = border->shift[1] - drift, by_backward = border->shift[0] - drift;
    double forward_weight = border->spread[0] + DELAY_NOISE,
           backward_weight = border->spread[1] + DELAY_NOISE;
    double step = (by_forward * forward_weight + by_backward * backward_weight) /
                  (forward_weight + backward_weight);
    double size = fabs(step), tolerance = MPS_STEP_TOLERANCE * size;
    /* The spread is the width of an interval. A tolerance has two sides. */
    bool steady = fmax(border->spread[0], border->spread[1]) <= 2 * tolerance;
    bool agree = fmax(fabs(by_forward - step), fabs(by_backward - step)) <= tolerance;
    if (steady && agree && size >= MPS_STEP_MIN)
        border->step = step;
}

static void add_step(GArray *found, const mps_grid *grid, guint first, guint last, double size)
{
    mps_step step = {mps_grid_window(grid, first, last), size};
    if (last - first > 2 * (grid->guard + 2 * MPS_STRETCH_BINS))
        step.size = UNSTEADY; /* so many borders see more than one moment */
    for (guint i = 0; i < found->len; i++)
        if (mps_grid_near(grid, &step.window, &g_array_index(found, mps_step, i).window))
            return; /* a finer grid found it, or found that the clock is not steady here */
    g_array_append_val(found, step);
}

static double spread_of(const mps_grid_border *border)
{
    return border->spread[0] + border->spread[1];
}

/* The size of a step is that of the steadiest border of a run. */
static void collect_steps(const mps_grid_border *borders, const mps_grid *grid, GArray *found)
{
    for (guint i = 0; i < grid->bins; i++) {
        guint first = i, best = i;
        while (i < grid->bins && borders[i].step * borders[first].step > 0) {
            if (spread_of(&borders[i]) < spread_of(&borders[best]))
                best = i;
            i++;
        }
        if (i > first)
            add_step(found, grid, first, i - 1, borders[best].step);
    }
}

static void search_grid(const mps_clock *clock, const mps_axis *axis, const mps_grid *grid,
                        GArray *found)
{
    mps_grid_border *borders = g_new0(mps_grid_border, grid->bins);
    for (guint i = 0; i < grid->bins; i++)
        borders[i].spread[0] = borders[i].spread[1] = INFINITY;
    visit_borders(clock, axis, grid, borders, note_steadiest, 0);
    double drift = find_drift(borders, grid);
    for (guint i = 0; i < grid->bins; i++)
        propose_step(&borders[i], drift);
    visit_borders(clock, axis, grid, borders, reject_contradicted, drift);
    collect_steps(borders, grid, found);
    g_free(borders);
}

bool mps_steps_add(GArray *steps, const mps_step *step)
{
    for (guint i = 0; i < steps->len; i++)
        if (mps_window_overlap(&g_array_index(steps, mps_step, i).window, &step->window))
            return false;
    g_array_append_vals(steps, step, 1);
    g_array_sort(steps, mps_window_compare);
    return true;
}

/* Is the clock not steady, so that it has no steps? */
static bool is_unsteady(const GArray *steps, int64_t duration)
{
    int64_t sum = 0;
    for (guint i = 0; i < steps->len; i++) {
        const mps_window *window = &g_array_index(steps, mps_step, i).window;
        sum += window->until - window->from;
    }
    return steps->len > STEPS_MAX || (steps->len > 1 && sum > duration / WINDOWS_DIVISOR);
}

GArray *mps_steps_find(const mps_clock *clock, const mps_axis *axis)
{
    GArray *found = g_array_new(FALSE, FALSE, sizeof(mps_step));
    int64_t first, last;
    if (!mps_grid_extent(clock, axis, &first, &last))
        return found;
    for (guint i = 0; i < MPS_GRIDS; i++) {
        mps_grid grid = mps_grid_make(mps_grid_bins[i], first, last);
        if (grid.width >= MPS_BIN_WIDTH_MIN)
            search_grid(clock, axis, &grid, found);
    }
    for (guint i = found->len; i-- > 0;)
        if (g_array_index(found, mps_step, i).size == UNSTEADY || /* or an error of the bend */
            fabs(g_array_index(found, mps_step, i).size) < 2 * axis->bend_error)
            g_array_remove_index(found, i);
    g_array_sort(found, mps_window_compare);
    if (is_unsteady(found, last - first))
        g_array_set_size(found, 0);
    return found;
}

/* The line of a span, extended beyond the span. */
typedef struct {
    const mps_clock_estimate *estimate;
    const mps_clock_span *span;
} mps_extended_span;

static double extended_delay(const mps_delay_series *series, const mps_clock_sample *sample,
                             const void *data)
{
    const mps_extended_span *extended = data;
    return mps_clock_span_delay(extended->estimate, extended->span, series->forward, sample);
}

/* Find the shortest delays of a series before and after a step, both by the line before it.
 * @return false: there are none on one side */
static bool find_levels_around(const mps_delay_series *series, const mps_delays *delays,
                               const mps_clock_span *before, double level[2])
{
    level[0] = level[1] = INFINITY;
    for (guint i = 0; i < series->samples->len; i++) {
        const mps_clock_sample *sample = &g_array_index(series->samples, mps_clock_sample, i);
        int64_t moment = mps_axis_moment(delays->axis, sample);
        bool is_after = moment > before[1].sure.from;
        if (moment < before->sure.from || moment > before[1].sure.until ||
            (!is_after && moment >= before->sure.until))
            continue;
        level[is_after] = fmin(level[is_after], delays->delay(series, sample, delays->data));
    }
    return level[0] < INFINITY && level[1] < INFINITY;
}

void mps_step_window_narrow(const mps_delays *delays, const mps_delay_change *change,
                            const mps_window *within, mps_window *window)
{
    const mps_delay_series *series = change->series;
    for (guint i = 0; i < series->samples->len; i++) {
        const mps_clock_sample *sample = &g_array_index(series->samples, mps_clock_sample, i);
        int64_t moment = mps_axis_moment(delays->axis, sample);
        if (moment < within->from || moment > within->until ||
            delays->delay(series, sample, delays->data) >= change->middle)
            continue;
        if (change->drop)
            window->until = MIN(window->until, moment);
        else
            window->from = MAX(window->from, moment);
    }
}

/* Narrow the window of a step by one series. */
static void narrow_by(const mps_delay_series *series, const mps_delays *delays,
                      const mps_clock_span *before, mps_window *window)
{
    double level[2];
    const mps_window given = {before->sure.until, before[1].sure.from};
    if (!find_levels_around(series, delays, before, level))
        return;
    const mps_delay_change step = {series, (level[0] + level[1]) / 2, level[0] >= level[1]};
    mps_step_window_narrow(delays, &step, &given, window);
}

void mps_clock_spans_narrow(const mps_clock *clock, const mps_axis *axis,
                            mps_clock_estimate *estimate)
{
    for (guint i = 0; i < estimate->spans->len; i++)
        g_array_index(estimate->spans, mps_clock_span, i).likely =
            g_array_index(estimate->spans, mps_clock_span, i).sure;
    for (guint i = 0; i + 1 < estimate->spans->len; i++) {
        mps_clock_span *before = &g_array_index(estimate->spans, mps_clock_span, i);
        mps_window window = {before->sure.until, before[1].sure.from};
        const mps_extended_span extended = {estimate, before};
        const mps_delays delays = {axis, extended_delay, &extended};
        for (guint k = 0; !before[1].suspected && k < clock->all->len; k++)
            narrow_by(clock->all->pdata[k], &delays, before, &window);
        if (window.from <= window.until) {
            before->likely.until = window.from;
            before[1].likely.from = window.until;
        }
    }
}
