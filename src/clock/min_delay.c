/* min_delay.c: the shortest delays of a series over time, on grids of bins.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "min_delay.h"
#include <math.h>

/* Each grid has a quarter of the bins of the finer one, which sees changes that are four times as
 * close to each other. The coarsest one has more than a quarter: a border needs a guard and two
 * stretches on either side, which are 20 bins with guards of two. */
const guint mps_grid_bins[MPS_GRIDS] = {1024, 256, 64, 24};

mps_grid mps_grid_make(guint bins, int64_t first, int64_t last)
{
    double width = ((double)mps_minus(last, first) + 1) / bins;
    /* With all bins as a guard there is no border: more of them make no difference. */
    double guard = 1 + fmin(ceil(MPS_TRANSIT_TIME / width), bins);
    return (mps_grid){(double)first, width, bins, (guint)guard};
}

bool mps_grid_extent(const mps_clock *clock, const mps_axis *axis, int64_t *first, int64_t *last)
{
    *first = INT64_MAX;
    *last = INT64_MIN;
    for (mps_sample_iterator it = {.clock = clock}; mps_sample_iterator_next(&it);) {
        int64_t moment = mps_axis_moment(axis, it.sample);
        *first = MIN(*first, moment);
        *last = MAX(*last, moment);
    }
    return *first <= *last;
}

int64_t mps_grid_moment(const mps_grid *grid, double bin)
{
    return mps_whole(grid->first + bin * grid->width);
}

guint mps_grid_bin(const mps_grid *grid, int64_t moment)
{
    double at = ((double)moment - grid->first) / grid->width;
    return (guint)fmin(fmax(at, 0), grid->bins - 1.0);
}

mps_window mps_grid_window(const mps_grid *grid, guint first, guint last)
{
    double reach = (double)grid->guard + MPS_STRETCH_BINS;
    double one = last - reach, other = first + reach;
    return (mps_window){mps_grid_moment(grid, fmin(one, other) - 1),
                        mps_grid_moment(grid, fmax(one, other) + 1)};
}

bool mps_grid_near(const mps_grid *grid, const mps_window *a, const mps_window *b)
{
    int64_t reach = mps_whole(grid->width * (grid->guard + 2 * MPS_STRETCH_BINS));
    return a->from <= mps_plus(b->until, reach) && b->from <= mps_plus(a->until, reach);
}

void mps_min_delays_make(mps_min_delays *minima, const mps_delay_series *series,
                         const mps_grid *grid, const mps_delays *delays)
{
    minima->shortest = g_new(double, grid->bins);
    minima->samples = g_new0(guint, grid->bins);
    minima->first = grid->bins;
    minima->end = 0;
    for (guint i = 0; i < grid->bins; i++)
        minima->shortest[i] = INFINITY;
    for (guint i = 0; i < series->samples->len; i++) {
        const mps_clock_sample *sample = &g_array_index(series->samples, mps_clock_sample, i);
        guint bin = mps_grid_bin(grid, mps_axis_moment(delays->axis, sample));
        double delay = delays->delay(series, sample, delays->data);
        minima->shortest[bin] = fmin(minima->shortest[bin], delay);
        minima->samples[bin]++;
        minima->first = MIN(minima->first, bin);
        minima->end = MAX(minima->end, bin + 1);
    }
}

void mps_min_delays_clear(mps_min_delays *minima)
{
    g_free(minima->shortest);
    g_free(minima->samples);
}

static bool has_enough_samples(const mps_min_delays *minima, guint from)
{
    guint samples = 0;
    for (guint i = from; i < from + MPS_STRETCH_BINS; i++)
        samples += minima->samples[i];
    return samples >= MPS_STRETCH_SAMPLES_MIN;
}

static double shortest_of(const mps_min_delays *minima, guint from)
{
    double shortest = INFINITY;
    for (guint i = from; i < from + MPS_STRETCH_BINS; i++)
        shortest = MIN(shortest, minima->shortest[i]);
    return shortest;
}

bool mps_min_delays_shift(const mps_min_delays *minima, const mps_grid *grid, guint border,
                          mps_min_delay_shift *shift)
{
    guint reach = grid->guard + 2 * MPS_STRETCH_BINS;
    if (border < reach || border + reach > grid->bins || minima->first >= border ||
        minima->end <= border)
        return false;
    const guint from[] = {border - reach, border - reach + MPS_STRETCH_BINS, border + grid->guard,
                          border + grid->guard + MPS_STRETCH_BINS};
    for (unsigned i = 0; i < G_N_ELEMENTS(from); i++)
        if (!has_enough_samples(minima, from[i]))
            return false;
    const double far = shortest_of(minima, from[0]), before = shortest_of(minima, from[1]);
    const double after = shortest_of(minima, from[2]), later = shortest_of(minima, from[3]);
    shift->before = fmin(far, before);
    shift->after = fmin(after, later);
    shift->low = shift->after - fmax(far, before);
    shift->high = fmax(after, later) - shift->before;
    return true;
}
