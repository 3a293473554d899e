/* steps.c: finds the moments at which a clock was set.
 *
 * A clock that is set makes all delays towards it longer by as much as all delays from it get
 * shorter, on every subflow at once, and for good (Paxson 1998). What a path does is different: it
 * changes the delays of one subflow, or both ways alike. Queues can do the same as a clock, but not
 * on every subflow from one moment to the next.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "floors.h"
#include <math.h>
#include <stdlib.h>

/* Steps that are less than this are not told from noise. */
#define STEP_MIN 2e5 /* ns */

/* What shortest delays differ by anyway. */
#define NOISE 2e4 /* ns */

/* All series must agree so well on a step. */
#define AGREE 0.25

/* Moments at which a clock may have been set unnoticed are looked for in so many bins, where as
 * much room as this part of what there is is lost; what loses nearly as much is not told apart. */
#define DOUBT_BINS 256u
#define DOUBT_PART 0.1
#define DOUBT_SAME 0.9

/* Halvings of a capture of days down to microseconds. */
#define HALVINGS 36

/* A clock that changes for more than such a part of the capture was not set, but is not steady. */
#define SUDDEN 8

/* In place of a size: this is a clock that is not steady, and no coarser grid need look there. */
#define UNSTEADY INFINITY

/* More is no clock that was set. */
#define STEPS_MAX 64u

/* What the steadiest series of each direction say of a border. */
typedef struct {
    double shift[2], spread[2]; /* of B's clock; by backward, by forward ones */
    double step;                /* 0: none */
} mps_border;

static double raw_delay(const mps_series *series, const mps_sample *sample, const void *data)
{
    const mps_axis *axis = data;
    double y = (double)mps_minus(sample->y, axis->origin.y);
    return series->forward ? y : -y;
}

/* What a series' shift is as one of B's clock. */
static void as_step(const mps_series *series, const mps_shift *shift, double *low, double *best,
                    double *high)
{
    double between = shift->after - shift->before;
    *best = series->forward ? between : -between;
    *low = series->forward ? shift->low : -shift->high;
    *high = series->forward ? shift->high : -shift->low;
}

typedef void (*mps_border_visitor)(mps_border *border, const mps_series *series,
                                   const mps_shift *shift, double drift);

static void visit_borders(const mps_clock *clock, const mps_axis *axis, const mps_grid *grid,
                          mps_border *borders, mps_border_visitor visit, double drift)
{
    const mps_delays delays = {axis, raw_delay, axis};
    for (guint i = 0; i < clock->all->len; i++) {
        const mps_series *one = clock->all->pdata[i];
        mps_floors floors;
        mps_shift shift;
        if (one->samples->len < MPS_FLOORS_SAMPLES)
            continue;
        mps_floors_make(&floors, one, grid, &delays);
        for (guint k = floors.first + 1; k < floors.end; k++)
            if (mps_floors_shift(&floors, grid, k, &shift))
                visit(&borders[k], one, &shift, drift);
        mps_floors_clear(&floors);
    }
}

/* Keep the steadiest series of each direction. */
static void note_steadiest(mps_border *border, const mps_series *series, const mps_shift *shift,
                           double drift)
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
static void check(mps_border *border, const mps_series *series, const mps_shift *shift,
                  double drift)
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
static double find_drift(const mps_border *borders, const mps_grid *grid)
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
static void propose(mps_border *border, double drift)
{
    double by_forward = border->shift[1] - drift, by_backward = border->shift[0] - drift;
    double forward_weight = border->spread[0] + NOISE, weight = border->spread[1] + NOISE;
    double step = (by_forward * forward_weight + by_backward * weight) / (forward_weight + weight);
    double size = fabs(step);
    bool steady = fmax(border->spread[0], border->spread[1]) <= 2 * AGREE * size;
    bool agree = fmax(fabs(by_forward - step), fabs(by_backward - step)) <= AGREE * size;
    if (steady && agree && size >= STEP_MIN)
        border->step = step;
}

static void add_setting(GArray *found, const mps_grid *grid, guint first, guint last, double size)
{
    mps_setting setting = {mps_grid_window(grid, first, last), size};
    if (last - first > 2 * (grid->guard + 2 * MPS_STRETCH))
        setting.size = UNSTEADY; /* so many borders see no single moment */
    for (guint i = 0; i < found->len; i++)
        if (mps_grid_near(grid, &setting.window, &g_array_index(found, mps_setting, i).window))
            return; /* a finer grid has found it, or sees more than one here */
    g_array_append_val(found, setting);
}

static double unrest_of(const mps_border *border)
{
    return border->spread[0] + border->spread[1];
}

/* The steadiest border of a run tells the size. */
static void collect(const mps_border *borders, const mps_grid *grid, GArray *found)
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
    mps_border *borders = g_new0(mps_border, grid->bins);
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
    const mps_setting *x = a, *y = b;
    return (x->window.from > y->window.from) - (x->window.from < y->window.from);
}

/* Nobody sets a clock all the time. */
static bool is_unsteady(const GArray *settings, int64_t span)
{
    int64_t sum = 0;
    for (guint i = 0; i < settings->len; i++) {
        const mps_window *window = &g_array_index(settings, mps_setting, i).window;
        sum += window->until - window->from;
    }
    return settings->len > STEPS_MAX || (settings->len > 1 && sum > span / 4);
}

GArray *mps_settings_find(const mps_clock *clock, const mps_axis *axis)
{
    GArray *found = g_array_new(FALSE, FALSE, sizeof(mps_setting));
    int64_t first, last;
    if (!mps_grid_extent(clock, axis, &first, &last))
        return found;
    for (guint i = 0; i < MPS_GRIDS; i++) {
        mps_grid grid = mps_grid_make(mps_grid_bins[i], first, last);
        if (grid.width >= MPS_WIDTH_MIN)
            look_with(clock, axis, &grid, found);
    }
    for (guint i = found->len; i-- > 0;)
        if (g_array_index(found, mps_setting, i).size == UNSTEADY)
            g_array_remove_index(found, i);
    g_array_sort(found, compare_settings);
    if (is_unsteady(found, last - first))
        g_array_set_size(found, 0);
    return found;
}

/* The shortest delays backward and forward, of all series, up to each bin and from each bin. */
typedef struct {
    double until[DOUBT_BINS + 1][2], from[DOUBT_BINS + 1][2];
} mps_extremes;

static void find_extremes(const mps_clock *clock, const mps_axis *axis, const mps_grid *grid,
                          const mps_clock_estimate *estimate, mps_extremes *extremes)
{
    for (guint i = 0; i <= DOUBT_BINS; i++)
        for (unsigned forward = 0; forward < 2; forward++)
            extremes->until[i][forward] = extremes->from[i][forward] = INFINITY;
    for (guint i = 0; i < clock->all->len; i++) {
        const mps_series *one = clock->all->pdata[i];
        for (guint k = 0; k < one->samples->len; k++) {
            const mps_sample *sample = &g_array_index(one->samples, mps_sample, k);
            guint bin = mps_grid_bin(grid, mps_axis_moment(axis, sample));
            double delay = mps_clock_delay(estimate, one->forward, sample);
            double *until = &extremes->until[bin + 1][one->forward];
            double *from = &extremes->from[bin][one->forward];
            *until = fmin(*until, delay);
            *from = fmin(*from, delay);
        }
    }
    for (guint i = 0; i < DOUBT_BINS; i++)
        for (unsigned forward = 0; forward < 2; forward++) {
            guint back = DOUBT_BINS - 1 - i;
            double *until = &extremes->until[i + 1][forward];
            double *from = &extremes->from[back][forward];
            *until = fmin(*until, extremes->until[i][forward]);
            *from = fmin(*from, extremes->from[back + 1][forward]);
        }
}

/* How much more room either side of a border has than both together: as much as a clock may have
 * been set there. 0 where a side has segments one way only */
static double lost_room(const mps_extremes *extremes, guint border)
{
    const double *before = extremes->until[border], *after = extremes->from[border];
    double room = fmin(before[0], after[0]) + fmin(before[1], after[1]);
    double lost = fmin(before[0] + before[1], after[0] + after[1]) - room;
    return isfinite(before[0] + before[1] + after[0] + after[1]) ? lost : 0;
}

bool mps_settings_add_doubtful(const mps_clock *clock, const mps_axis *axis,
                               const mps_clock_estimate *estimate, GArray *settings)
{
    mps_extremes *extremes;
    int64_t first, last;
    double most = 0;
    guint from = 0, until = 0;
    if (!mps_grid_extent(clock, axis, &first, &last))
        return false;
    mps_grid grid = mps_grid_make(DOUBT_BINS, first, last);
    extremes = g_new(mps_extremes, 1);
    find_extremes(clock, axis, &grid, estimate, extremes);
    double room = extremes->from[0][0] + extremes->from[0][1];
    for (guint i = 1; i < DOUBT_BINS; i++)
        most = fmax(most, lost_room(extremes, i));
    for (guint i = 1; i < DOUBT_BINS; i++) {
        if (lost_room(extremes, i) < most * DOUBT_SAME)
            continue;
        from = from == 0 ? i : from;
        until = i;
    }
    g_free(extremes);
    mps_setting setting = {
        {mps_grid_moment(&grid, from - 1.0), mps_grid_moment(&grid, until + 1.0)}, 0};
    bool found = most > fmax(STEP_MIN, DOUBT_PART * room);
    for (guint i = 0; i < settings->len; i++) {
        const mps_window *other = &g_array_index(settings, mps_setting, i).window;
        found = found && !mps_window_overlap(other, &setting.window);
    }
    if (found) {
        g_array_append_val(settings, setting);
        g_array_sort(settings, compare_settings);
    }
    return found;
}

/* Is there room for a line through all samples outside of a window? */
static bool fits_outside(mps_clock *clock, const mps_axis *axis, int64_t from, int64_t until)
{
    const mps_setting setting = {{from, until}, 0};
    GArray *settings = g_array_new(FALSE, FALSE, sizeof(mps_setting));
    g_array_append_val(settings, setting);
    bool fits = mps_room_between(clock, axis, settings) >= 0;
    g_array_free(settings, TRUE);
    return fits;
}

/* The last moment up to which a line fits, or the first one from which it does. */
static int64_t end_of_fit(mps_clock *clock, const mps_axis *axis, bool begin, int64_t first,
                          int64_t last)
{
    int64_t fits = begin ? first : last, fails = begin ? last : first;
    for (unsigned i = 0; i < HALVINGS; i++) {
        int64_t middle = fits + (fails - fits) / 2;
        if (begin ? fits_outside(clock, axis, middle, INT64_MAX)
                  : fits_outside(clock, axis, INT64_MIN, middle))
            fits = middle;
        else
            fails = middle;
    }
    return begin ? fails : fits;
}

GArray *mps_settings_force(mps_clock *clock, const mps_axis *axis)
{
    GArray *found = g_array_new(FALSE, FALSE, sizeof(mps_setting));
    mps_setting setting = {{0, 0}, 0};
    int64_t first, last;
    if (!mps_grid_extent(clock, axis, &first, &last))
        return found;
    setting.window.until = end_of_fit(clock, axis, true, first, last);
    setting.window.from = end_of_fit(clock, axis, false, first, last) - 1;
    int64_t width = setting.window.until - setting.window.from;
    if (width >= 0 && width <= (last - first) / SUDDEN)
        g_array_append_val(found, setting);
    return found;
}
