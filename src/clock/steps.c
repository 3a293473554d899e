/* steps.c: finds the moments at which a clock was set.
 *
 * A clock that is set makes all delays towards it longer by as much as all delays from it get
 * shorter, on every subflow at once, and for good (Paxson 1998). What a path does is different: it
 * changes the delays of one subflow, or both ways alike. Queues can do the same as a clock, but not
 * on every subflow from one moment to the next.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "min_delay.h"
#include <math.h>
#include <stdlib.h>

/* What shortest delays differ by anyway. */
#define NOISE 2e4 /* ns */

/* All series must agree so well on a step. */
#define AGREE 0.25

/* In place of a size: this is a clock that is not steady, and no coarser grid need look there. */
#define UNSTEADY INFINITY

/* More is no clock that was set. */
#define STEPS_MAX 64u

/* What the steadiest series of each direction say of a border. */
typedef struct {
    double shift[2], spread[2]; /* of B's clock; by backward, by forward ones */
    double step;                /* 0: none */
} mps_grid_border;

static double raw_delay(const mps_delay_series *series, const mps_clock_sample *sample,
                        const void *data)
{
    const mps_axis *axis = data;
    double y = (double)mps_minus(sample->y, axis->origin.y);
    return series->forward ? y : -y;
}

/* What a series' shift is as one of B's clock. */
static void as_step(const mps_delay_series *series, const mps_min_delay_shift *shift, double *low,
                    double *best, double *high)
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
        const mps_delay_series *one = clock->all->pdata[i];
        mps_min_delays floors;
        mps_min_delay_shift shift;
        if (one->samples->len < MPS_MIN_DELAYS_SAMPLES)
            continue;
        mps_min_delays_make(&floors, one, grid, &delays);
        for (guint k = floors.first + 1; k < floors.end; k++)
            if (mps_min_delays_shift(&floors, grid, k, &shift))
                visit(&borders[k], one, &shift, drift);
        mps_min_delays_clear(&floors);
    }
}

/* Keep the steadiest series of each direction. */
static void note_steadiest(mps_grid_border *border, const mps_delay_series *series,
                           const mps_min_delay_shift *shift, double drift)
{
    double low, best, high;
    (void)drift;
    as_step(series, shift, &low, &best, &high);
    if (high - low < border->spread[series->forward]) {
        border->spread[series->forward] = high - low;
        border->shift[series->forward] = best;
    }
}

/* A series that surely did something else: it was no clock. */
static void check(mps_grid_border *border, const mps_delay_series *series,
                  const mps_min_delay_shift *shift, double drift)
{
    double low, best, high, slack = AGREE * fabs(border->step);
    as_step(series, shift, &low, &best, &high);
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

/* What is usual at a border: the clock's rate. Where a step is seen from most borders, it is no
 * more than that can be. */
static double find_drift(const mps_grid_border *borders, const mps_grid *grid)
{
    double *values = g_new(double, 2 * grid->bins);
    double most = MPS_SKEW_MAX * grid->width * 2 * (grid->guard + MPS_STRETCH);
    guint found = 0;
    for (guint i = 0; i < grid->bins; i++)
        for (unsigned forward = 0; forward < 2; forward++)
            if (borders[i].spread[forward] < INFINITY)
                values[found++] = borders[i].shift[forward];
    double drift = median(values, found);
    g_free(values);
    return CLAMP(drift, -most, most);
}

/* A border that both directions agree on has a step, unless a series contradicts later. The one
 * that is steadier, without a queue, counts more. */
static void propose(mps_grid_border *border, double drift)
{
    double by_forward = border->shift[1] - drift, by_backward = border->shift[0] - drift;
    double forward_weight = border->spread[0] + NOISE, weight = border->spread[1] + NOISE;
    double step = (by_forward * forward_weight + by_backward * weight) / (forward_weight + weight);
    double size = fabs(step);
    bool steady = fmax(border->spread[0], border->spread[1]) <= 2 * AGREE * size;
    bool agree = fmax(fabs(by_forward - step), fabs(by_backward - step)) <= AGREE * size;
    if (steady && agree && size >= MPS_STEP_MIN)
        border->step = step;
}

static void add_setting(GArray *found, const mps_grid *grid, guint first, guint last, double size)
{
    mps_step setting = {mps_grid_window(grid, first, last), size};
    if (last - first > 2 * (grid->guard + 2 * MPS_STRETCH))
        setting.size = UNSTEADY; /* so many borders see no single moment */
    for (guint i = 0; i < found->len; i++)
        if (mps_grid_near(grid, &setting.window, &g_array_index(found, mps_step, i).window))
            return; /* a finer grid has found it, or sees more than one here */
    g_array_append_val(found, setting);
}

static double unrest_of(const mps_grid_border *border)
{
    return border->spread[0] + border->spread[1];
}

/* The steadiest border of a run tells the size. */
static void collect(const mps_grid_border *borders, const mps_grid *grid, GArray *found)
{
    for (guint i = 0; i < grid->bins; i++) {
        guint first = i, best = i;
        while (i < grid->bins && borders[i].step * borders[first].step > 0) {
            if (unrest_of(&borders[i]) < unrest_of(&borders[best]))
                best = i;
            i++;
        }
        if (i > first)
            add_setting(found, grid, first, i - 1, borders[best].step);
    }
}

static void look_with(const mps_clock *clock, const mps_axis *axis, const mps_grid *grid,
                      GArray *found)
{
    mps_grid_border *borders = g_new0(mps_grid_border, grid->bins);
    for (guint i = 0; i < grid->bins; i++)
        borders[i].spread[0] = borders[i].spread[1] = INFINITY;
    visit_borders(clock, axis, grid, borders, note_steadiest, 0);
    double drift = find_drift(borders, grid);
    for (guint i = 0; i < grid->bins; i++)
        propose(&borders[i], drift);
    visit_borders(clock, axis, grid, borders, check, drift);
    collect(borders, grid, found);
    g_free(borders);
}

static gint compare_settings(gconstpointer a, gconstpointer b)
{
    const mps_step *x = a, *y = b;
    return (x->window.from > y->window.from) - (x->window.from < y->window.from);
}

bool mps_steps_add(GArray *settings, const mps_step *setting)
{
    for (guint i = 0; i < settings->len; i++)
        if (mps_window_overlap(&g_array_index(settings, mps_step, i).window, &setting->window))
            return false;
    g_array_append_vals(settings, setting, 1);
    g_array_sort(settings, compare_settings);
    return true;
}

/* Nobody sets a clock all the time. */
static bool is_unsteady(const GArray *settings, int64_t span)
{
    int64_t sum = 0;
    for (guint i = 0; i < settings->len; i++) {
        const mps_window *window = &g_array_index(settings, mps_step, i).window;
        sum += window->until - window->from;
    }
    return settings->len > STEPS_MAX || (settings->len > 1 && sum > span / 4);
}

GArray *mps_steps_find(const mps_clock *clock, const mps_axis *axis)
{
    GArray *found = g_array_new(FALSE, FALSE, sizeof(mps_step));
    int64_t first, last;
    if (!mps_grid_extent(clock, axis, &first, &last))
        return found;
    for (guint i = 0; i < MPS_GRIDS; i++) {
        mps_grid grid = mps_grid_make(mps_grid_bins[i], first, last);
        if (grid.width >= MPS_WIDTH_MIN)
            look_with(clock, axis, &grid, found);
    }
    for (guint i = found->len; i-- > 0;)
        if (g_array_index(found, mps_step, i).size == UNSTEADY)
            g_array_remove_index(found, i);
    g_array_sort(found, compare_settings);
    if (is_unsteady(found, last - first))
        g_array_set_size(found, 0);
    return found;
}

/* A line that is gone on with, beyond its piece. */
typedef struct {
    const mps_clock_estimate *estimate;
    const mps_clock_span *piece;
} mps_clock_span_line;

static double delay_by_line(const mps_delay_series *series, const mps_clock_sample *sample,
                            const void *data)
{
    const mps_clock_span_line *line = data;
    return mps_clock_span_delay(line->estimate, line->piece, series->forward, sample);
}

/* The shortest delays of a series before and behind a step, both by the line before it.
 * @return false: it lacks one */
static bool find_levels(const mps_delay_series *series, const mps_delays *delays,
                        const mps_clock_span *before, double level[2])
{
    level[0] = level[1] = INFINITY;
    for (guint i = 0; i < series->samples->len; i++) {
        const mps_clock_sample *sample = &g_array_index(series->samples, mps_clock_sample, i);
        int64_t moment = mps_axis_moment(delays->axis, sample);
        bool behind = moment > before[1].sure.from;
        if (moment < before->sure.from || moment > before[1].sure.until ||
            (!behind && moment >= before->sure.until))
            continue;
        level[behind] = fmin(level[behind], delays->delay(series, sample, delays->data));
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
    if (!find_levels(series, delays, before, level))
        return;
    const mps_delay_change step = {series, (level[0] + level[1]) / 2, level[0] >= level[1]};
    mps_step_window_narrow(delays, &step, &given, window);
}

void mps_clock_spans_narrow(const mps_clock *clock, const mps_axis *axis,
                            mps_clock_estimate *estimate)
{
    for (guint i = 0; i < estimate->pieces->len; i++)
        g_array_index(estimate->pieces, mps_clock_span, i).likely =
            g_array_index(estimate->pieces, mps_clock_span, i).sure;
    for (guint i = 0; i + 1 < estimate->pieces->len; i++) {
        mps_clock_span *before = &g_array_index(estimate->pieces, mps_clock_span, i);
        mps_window window = {before->sure.until, before[1].sure.from};
        const mps_clock_span_line line = {estimate, before};
        const mps_delays delays = {axis, delay_by_line, &line};
        for (guint k = 0; !before[1].doubtful && k < clock->all->len; k++)
            narrow_by(clock->all->pdata[k], &delays, before, &window);
        if (window.from <= window.until) {
            before->likely.until = window.from;
            before[1].likely.from = window.until;
        }
    }
}
