/* level_shift.c: see jumps.h.
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

static void add_jump(GArray *jumps, const mps_grid *grid, guint first, guint last, double shift)
{
    mps_level_shift jump = {mps_grid_window(grid, first, last), shift, NULL};
    for (guint i = 0; i < jumps->len; i++)
        if (mps_grid_near(grid, &jump.window, &g_array_index(jumps, mps_level_shift, i).window))
            return; /* a finer grid has found it */
    g_array_append_val(jumps, jump);
}

static double shift_at(const mps_min_delays *floors, const mps_grid *grid, guint border)
{
    mps_min_delay_shift shift;
    if (border >= floors->end || !mps_min_delays_shift(floors, grid, border, &shift))
        return 0;
    double size = shift.after - shift.before;
    bool steady = shift.high - shift.low <= MPS_STEADY * fabs(size);
    return steady && fabs(size) >= MPS_SHIFT_MIN ? size : 0;
}

static void find_jumps(const mps_shift_search *search, const mps_delay_series *series,
                       const mps_grid *grid, GArray *jumps)
{
    const mps_delays delays = mps_shift_search_delays(search);
    mps_min_delays floors;
    if (series->samples->len < MPS_MIN_DELAYS_SAMPLES)
        return;
    mps_min_delays_make(&floors, series, grid, &delays);
    for (guint i = floors.first + 1; i < floors.end; i++) {
        double most = 0, shift;
        guint first = i;
        while ((shift = shift_at(&floors, grid, i)) != 0 && shift * most >= 0) {
            most = fabs(shift) > fabs(most) ? shift : most;
            i++;
        }
        if (i > first)
            add_jump(jumps, grid, first, i - 1, most);
    }
    mps_min_delays_clear(&floors);
}

static void find_lows(const mps_shift_search *search, const mps_delay_series *series,
                      const mps_grid *grid, GArray *lows)
{
    const mps_delays delays = mps_shift_search_delays(search);
    mps_min_delays floors;
    mps_min_delays_make(&floors, series, grid, &delays);
    for (guint i = floors.first; i < floors.end; i++) {
        mps_low_delay low = {{mps_grid_moment(grid, i), mps_grid_moment(grid, i + 1.0)},
                             floors.shortest[i]};
        if (floors.samples[i] > 0)
            g_array_append_val(lows, low);
    }
    mps_min_delays_clear(&floors);
}

bool mps_level_shift_levels(const mps_shift_search *search, const mps_delay_series *series,
                            const mps_window *window, const mps_window *within, double *before,
                            double *after)
{
    const GArray *lows = search->courses[series->index].lows;
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
            const mps_delay_series *one = search->clock->all->pdata[i];
            if (k == 0)
                find_lows(search, one, &grid, search->courses[i].lows);
            if (grid.width >= MPS_WIDTH_MIN)
                find_jumps(search, one, &grid, search->courses[i].jumps);
        }
    }
}
