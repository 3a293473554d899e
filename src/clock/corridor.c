/* corridor.c: the corridor that each subflow leaves for the line of the clock.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "corridor.h"
#include "base/sorted.h"
#include <math.h>
#include <stdlib.h>

/* Bins of the grid: about this many segments of each direction of a subflow for a bin. */
#define SEGMENTS_PER_BIN 2u
#define BINS_MIN 32u
#define BINS_MAX 2048u

/* A round trip is of the shortest delays in a bin, or in a stretch of STRETCH_MAX bins: there both
 * directions are clear more often, but the rate of the clock changes the sum. At least so many
 * round trips are needed. */
#define STRETCH_MAX 4u
#define ROUND_TRIPS_MIN 8u

/* The true shortest round trip may be shorter than the shortest one that was seen. The next ones
 * show by how much. If the chance of a wait below w is proportional to the fourth power of w, as
 * for two waits in each direction, then the n-th shortest wait is the fourth root of n times as
 * long as the shortest one. For other waits this is too much. The factor is for safety. */
#define NEAR_MIN 4u
#define NEAR_MAX 16u
#define NEAR_DIVISOR 4u
#define TOLERANCE_FACTOR 2.5

/* What hosts add to the shortest round trip varies by this much, ns, but by no more than this part
 * of it. */
#define HOST_NOISE 2e4
#define HOST_NOISE_PART 0.25

/* The shortest delays of a subflow in each bin, corrected for the guess. */
typedef struct {
    mps_clock_point *lowest[2]; /* by backward, by forward series: y with the delay of the segment
                                 * as a positive part; infinite where there is none */
    bool *skipped;              /* by bin: a clock may have been set there */
} mps_bin_minima;

static guint bins_for(const mps_clock *clock)
{
    guint64 segments[2] = {0, 0};
    for (guint i = 0; i < clock->all->len; i++) {
        const mps_delay_series *series = clock->all->pdata[i];
        segments[series->forward] += series->samples->len;
    }
    guint64 each = MIN(segments[0], segments[1]) / MAX(clock->all->len / 2, 1);
    return (guint)CLAMP(each / SEGMENTS_PER_BIN, BINS_MIN, BINS_MAX);
}

static void find_minima(const mps_delay_series *series, const mps_axis *axis, const mps_grid *grid,
                        const GArray *guess, mps_clock_point *lowest)
{
    for (guint i = 0; i < grid->bins; i++)
        lowest[i] = (mps_clock_point){0, INFINITY, 0};
    for (guint i = 0; i < series->samples->len; i++) {
        const mps_clock_sample *sample = &g_array_index(series->samples, mps_clock_sample, i);
        int64_t moment = mps_axis_moment(axis, sample);
        double x = (double)moment, y = mps_axis_y(axis, sample) - mps_bend_at(guess, x);
        double delay = series->forward ? y : -y;
        mps_clock_point *low = &lowest[mps_grid_bin(grid, moment)];
        if (delay < low->y)
            *low = (mps_clock_point){x, delay, series->index};
    }
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Find the round trips of stretches of bins, the shortest first. @return their number */
static guint find_round_trips(const mps_bin_minima *minima, guint bins, guint stretch, double *all)
{
    guint count = 0;
    for (guint i = 0; i < bins; i += stretch) {
        double low[2] = {INFINITY, INFINITY};
        for (guint k = i; k < MIN(i + stretch, bins); k++)
            for (unsigned forward = 0; forward < 2 && !minima->skipped[k]; forward++)
                low[forward] = fmin(low[forward], minima->lowest[forward][k].y);
        if (low[0] + low[1] < INFINITY)
            all[count++] = low[0] + low[1];
    }
    qsort(all, count, sizeof *all, compare_doubles);
    return count;
}

/* Find the shortest round trip of a subflow, ns, by the stretches that show it best.
 * @return false: too few show one */
static bool find_round_trip(const mps_bin_minima *minima, guint bins, double *shortest,
                            double *tolerance)
{
    double *all = g_new(double, bins), best = -INFINITY;
    *shortest = *tolerance = 0;
    for (guint stretch = 1; stretch <= STRETCH_MAX; stretch *= STRETCH_MAX) {
        guint count = find_round_trips(minima, bins, stretch, all);
        guint near = CLAMP(count / NEAR_DIVISOR, NEAR_MIN, NEAR_MAX);
        if (count < ROUND_TRIPS_MIN)
            continue;
        double error = TOLERANCE_FACTOR / (pow(near, 1.0 / 4) - 1) * (all[near - 1] - all[0]);
        if (all[0] - error > best) {
            best = all[0] - error;
            *shortest = all[0];
            *tolerance = error;
        }
    }
    g_free(all);
    return best > -INFINITY;
}

/* The points of one kind, with the guess in them again. */
static GArray *points_of(const mps_clock_point *lowest, guint bins, bool forward, double shift,
                         const GArray *guess)
{
    GArray *points = g_array_new(FALSE, FALSE, sizeof(mps_clock_point));
    for (guint i = 0; i < bins; i++) {
        mps_clock_point point = lowest[i];
        if (!isfinite(point.y))
            continue;
        point.y = (forward ? point.y : -point.y) + shift + mps_bend_at(guess, point.x);
        g_array_append_val(points, point);
    }
    return points;
}

/* The bins in which a clock may have been set: there the shortest delays of the two
 * directions belong to different clocks. The caller frees them. */
static bool *skip_steps(const mps_grid *grid, const GArray *steps)
{
    bool *skipped = g_new0(bool, grid->bins);
    for (guint i = 0; i < steps->len; i++) {
        const mps_window *window = &g_array_index(steps, mps_step, i).window;
        for (guint k = mps_grid_bin(grid, window->from); k <= mps_grid_bin(grid, window->until);
             k++)
            skipped[k] = true;
    }
    return skipped;
}

static void add_corridor(mps_corridors *corridors, const mps_bin_minima *minima,
                         const GArray *guess, int64_t resolution)
{
    guint bins = corridors->grid.bins;
    double shortest;
    mps_corridor added;
    if (!find_round_trip(minima, bins, &shortest, &added.tolerance))
        return;
    added.tolerance += fmin(HOST_NOISE, HOST_NOISE_PART * fmax(shortest, 0));
    added.tolerance += 2 * (double)resolution;
    added.above = points_of(minima->lowest[1], bins, true, added.tolerance / 2, guess);
    added.below = points_of(minima->lowest[0], bins, false, shortest - added.tolerance / 2, guess);
    g_array_append_val(corridors->all, added);
}

void mps_corridors_make(mps_corridors *corridors, const mps_clock *clock, const mps_axis *axis,
                        const GArray *steps, const GArray *guess)
{
    int64_t first, last;
    corridors->all = g_array_new(FALSE, FALSE, sizeof(mps_corridor));
    if (!mps_grid_extent(clock, axis, &first, &last))
        return;
    corridors->grid = mps_grid_make(bins_for(clock), first, last);
    mps_bin_minima minima;
    for (unsigned i = 0; i < 2; i++)
        minima.lowest[i] = g_new(mps_clock_point, corridors->grid.bins);
    minima.skipped = skip_steps(&corridors->grid, steps);
    for (guint i = 0; i < clock->all->len; i++) {
        const mps_delay_series *series = clock->all->pdata[i];
        if (!series->forward || !series->back || series->samples->len < ROUND_TRIPS_MIN ||
            series->back->samples->len < ROUND_TRIPS_MIN)
            continue;
        find_minima(series, axis, &corridors->grid, guess, minima.lowest[1]);
        find_minima(series->back, axis, &corridors->grid, guess, minima.lowest[0]);
        add_corridor(corridors, &minima, guess, clock->resolution);
    }
    for (unsigned i = 0; i < 2; i++)
        g_free(minima.lowest[i]);
    g_free(minima.skipped);
}

void mps_corridors_clear(mps_corridors *corridors)
{
    for (guint i = 0; i < corridors->all->len; i++) {
        g_array_free(g_array_index(corridors->all, mps_corridor, i).above, TRUE);
        g_array_free(g_array_index(corridors->all, mps_corridor, i).below, TRUE);
    }
    g_array_free(corridors->all, TRUE);
}

static GArray *hull_between(const GArray *points, bool forward, double from, double until)
{
    GArray *corners = g_array_new(FALSE, FALSE, sizeof(mps_clock_point));
    for (guint i = mps_sorted_place(points, mps_is_left_of, &from); i < points->len; i++) {
        const mps_clock_point *point = &g_array_index(points, mps_clock_point, i);
        if (point->x >= until)
            break;
        mps_hull_add(corners, forward, *point);
    }
    return corners;
}

void mps_corridors_between(const mps_corridors *corridors, guint from, guint until, GArray *spans)
{
    const mps_grid *grid = &corridors->grid;
    double first = grid->first + from * grid->width, end = grid->first + until * grid->width;
    if (until == grid->bins)
        end = INFINITY;
    for (guint i = 0; i < corridors->all->len; i++) {
        const mps_corridor *corridor = &g_array_index(corridors->all, mps_corridor, i);
        mps_clock_span span = {.above = hull_between(corridor->above, true, first, end),
                               .below = hull_between(corridor->below, false, first, end)};
        g_array_append_val(spans, span);
    }
}
