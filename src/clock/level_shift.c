/* level_shift.c: finds moments at which the shortest delay of a series changes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "level_shift.h"
#include <math.h>

static double corrected_delay(const mps_delay_series *series, const mps_clock_sample *sample,
                              const void *data)
{
    return mps_clock_delay(data, series->forward, sample);
}

mps_delays mps_shift_search_delays(const mps_shift_search *search)
{
    return (mps_delays){search->axis, corrected_delay, search->estimate};
}

static void add_shift(GArray *shifts, const mps_grid *grid, guint first, guint last, double shift)
{
    mps_level_shift level_shift = {mps_grid_window(grid, first, last), shift, NULL};
    for (guint i = 0; i < shifts->len; i++)
        if (mps_grid_near(grid, &level_shift.window,
                          &g_array_index(shifts, mps_level_shift, i).window))
            return; /* a finer grid found it */
    g_array_append_val(shifts, level_shift);
}

static double shift_at(const mps_min_delays *minima, const mps_grid *grid, guint border)
{
    mps_min_delay_shift shift;
    if (border >= minima->end || !mps_min_delays_shift(minima, grid, border, &shift))
        return 0;
    double size = shift.after - shift.before;
    bool steady = shift.high - shift.low <= MPS_STEADY_SPREAD * fabs(size);
    return steady && fabs(size) >= MPS_LEVEL_SHIFT_MIN ? size : 0;
}

static void find_shifts(const mps_shift_search *search, const mps_delay_series *series,
                        const mps_grid *grid, GArray *shifts)
{
    const mps_delays delays = mps_shift_search_delays(search);
    mps_min_delays minima;
    if (series->samples->len < MPS_MIN_DELAYS_SAMPLES_MIN)
        return;
    mps_min_delays_make(&minima, series, grid, &delays);
    for (guint i = minima.first + 1; i < minima.end; i++) {
        double most = 0, shift;
        guint first = i;
        while ((shift = shift_at(&minima, grid, i)) != 0 && shift * most >= 0) {
            most = fabs(shift) > fabs(most) ? shift : most;
            i++;
        }
        if (i > first)
            add_shift(shifts, grid, first, i - 1, most);
    }
    mps_min_delays_clear(&minima);
}

static void find_lows(const mps_shift_search *search, const mps_delay_series *series,
                      const mps_grid *grid, GArray *lows)
{
    const mps_delays delays = mps_shift_search_delays(search);
    mps_min_delays minima;
    mps_min_delays_make(&minima, series, grid, &delays);
    for (guint i = minima.first; i < minima.end; i++) {
        if (minima.samples[i] == 0)
            continue;
        mps_low_delay low = {{mps_grid_moment(grid, i), mps_grid_moment(grid, i + 1.0)},
                             minima.shortest[i]};
        g_array_append_val(lows, low);
    }
    mps_min_delays_clear(&minima);
}

bool mps_level_shift_levels(const mps_shift_search *search, const mps_delay_series *series,
                            const mps_window *window, const mps_window *within, double *before,
                            double *after)
{
    const GArray *lows = search->profiles[series->index].lows;
    *before = *after = INFINITY;
    for (guint i = 0; i < lows->len; i++) {
        const mps_low_delay *low = &g_array_index(lows, mps_low_delay, i);
        if (low->window.from < within->from || low->window.until > within->until)
            continue;
        if (low->window.until <= window->from)
            *before = fmin(*before, low->shortest);
        else if (low->window.from >= window->until)
            *after = fmin(*after, low->shortest);
    }
    return *before < INFINITY && *after < INFINITY;
}

bool mps_level_shift_size(const mps_shift_search *search, const mps_delay_series *series,
                          const mps_window *window, const mps_window *within, double *shift)
{
    double before, after;
    bool known = mps_level_shift_levels(search, series, window, within, &before, &after);
    *shift = known ? after - before : 0;
    return known;
}

void mps_level_shifts_find(const mps_shift_search *search, int64_t first, int64_t last)
{
    for (guint k = 0; k < MPS_GRIDS; k++) {
        mps_grid grid = mps_grid_make(mps_grid_bins[k], first, last);
        for (guint i = 0; i < search->clock->all->len; i++) {
            const mps_delay_series *series = search->clock->all->pdata[i];
            if (k == 0)
                find_lows(search, series, &grid, search->profiles[i].lows);
            if (grid.width >= MPS_BIN_WIDTH_MIN)
                find_shifts(search, series, &grid, search->profiles[i].shifts);
        }
    }
}
