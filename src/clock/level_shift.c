/* level_shift.c: see jumps.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "level_shift.h"
#include <math.h>

static double corrected_delay(const mps_series *series, const mps_sample *sample, const void *data)
{
    return mps_clock_delay(data, series->forward, sample);
}

mps_delays mps_search_delays(const mps_search *search)
{
    return (mps_delays){search->axis, corrected_delay, search->estimate};
}

static void add_jump(GArray *jumps, const mps_grid *grid, guint first, guint last, double shift)
{
    mps_jump jump = {mps_grid_window(grid, first, last), shift, NULL};
    for (guint i = 0; i < jumps->len; i++)
        if (mps_grid_near(grid, &jump.window, &g_array_index(jumps, mps_jump, i).window))
            return; /* a finer grid has found it */
    g_array_append_val(jumps, jump);
}

static double shift_at(const mps_floors *floors, const mps_grid *grid, guint border)
{
    mps_shift shift;
    if (border >= floors->end || !mps_floors_shift(floors, grid, border, &shift))
        return 0;
    double size = shift.after - shift.before;
    bool steady = shift.high - shift.low <= MPS_STEADY * fabs(size);
    return steady && fabs(size) >= MPS_SHIFT_MIN ? size : 0;
}

static void find_jumps(const mps_search *search, const mps_series *series, const mps_grid *grid,
                       GArray *jumps)
{
    const mps_delays delays = mps_search_delays(search);
    mps_floors floors;
    if (series->samples->len < MPS_FLOORS_SAMPLES)
        return;
    mps_floors_make(&floors, series, grid, &delays);
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
    mps_floors_clear(&floors);
}

static void find_lows(const mps_search *search, const mps_series *series, const mps_grid *grid,
                      GArray *lows)
{
    const mps_delays delays = mps_search_delays(search);
    mps_floors floors;
    mps_floors_make(&floors, series, grid, &delays);
    for (guint i = floors.first; i < floors.end; i++) {
        mps_low low = {{mps_grid_moment(grid, i), mps_grid_moment(grid, i + 1.0)},
                       floors.shortest[i]};
        if (floors.samples[i] > 0)
            g_array_append_val(lows, low);
    }
    mps_floors_clear(&floors);
}

bool mps_jumps_levels(const mps_search *search, const mps_series *series, const mps_window *window,
                      const mps_window *within, double *before, double *after)
{
    const GArray *lows = search->courses[series->index].lows;
    *before = *after = INFINITY;
    for (guint i = 0; i < lows->len; i++) {
        const mps_low *low = &g_array_index(lows, mps_low, i);
        if (low->window.from < within->from || low->window.until > within->until)
            continue;
        if (low->window.until <= window->from)
            *before = fmin(*before, low->shortest);
        else if (low->window.from >= window->until)
            *after = fmin(*after, low->shortest);
    }
    return *before < INFINITY && *after < INFINITY;
}

bool mps_jumps_shift(const mps_search *search, const mps_series *series, const mps_window *window,
                     const mps_window *within, double *shift)
{
    double before, after;
    bool known = mps_jumps_levels(search, series, window, within, &before, &after);
    *shift = known ? after - before : 0;
    return known;
}

void mps_jumps_look(const mps_search *search, int64_t first, int64_t last)
{
    for (guint k = 0; k < MPS_GRIDS; k++) {
        mps_grid grid = mps_grid_make(mps_grid_bins[k], first, last);
        for (guint i = 0; i < search->clock->all->len; i++) {
            const mps_series *one = search->clock->all->pdata[i];
            if (k == 0)
                find_lows(search, one, &grid, search->courses[i].lows);
            if (grid.width >= MPS_WIDTH_MIN)
                find_jumps(search, one, &grid, search->courses[i].jumps);
        }
    }
}
