/* min_delay.h: the shortest delays of a series over time, on grids of bins.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_MIN_DELAY_H
#define MPS_MIN_DELAY_H

#include "clock_internal.h"

/* Allowance for the time that segments are in transit, ns: a step of one clock is visible by the
 * other clock up to this much earlier or later. Paths rarely take longer. */
#define MPS_TRANSIT_TIME 200000000

/* Equal bins over the moments of all samples. At each border between two bins the shortest delays
 * before and after it are compared: on either side a guard of bins is left out, then follow two
 * stretches of bins. */
typedef struct {
    double first, width; /* the moment at which it begins, and the width of a bin, ns */
    guint bins, guard;   /* number of bins, of bins in a guard */
} mps_grid;

/* Shorter bins hold too few segments to be useful, ns. */
#define MPS_BIN_WIDTH_MIN 2e7

/* Bins of a stretch. */
#define MPS_STRETCH_BINS 4u

/* The shortest delay of a stretch with fewer samples is not known. Four stretches are needed. */
#define MPS_STRETCH_SAMPLES_MIN 2u
#define MPS_MIN_DELAYS_SAMPLES_MIN (4 * MPS_STRETCH_SAMPLES_MIN)

/* Grids are used one after the other, the finest first; finer grids need more segments. */
#define MPS_GRIDS 4
extern const guint mps_grid_bins[MPS_GRIDS];

/** @return a grid.
 *  @param bins         number of bins
 *  @param first, last  moments that it covers, ns */
mps_grid mps_grid_make(guint bins, int64_t first, int64_t last);

/** Find the moments of the first and of the last sample, ns. @return false: there is no sample */
bool mps_grid_extent(const mps_clock *clock, const mps_axis *axis, int64_t *first, int64_t *last);

/** @return the moment at which a bin begins, ns. */
int64_t mps_grid_moment(const mps_grid *grid, double bin);

/** @return the bin of a moment; the first or the last one for moments outside of the grid. */
guint mps_grid_bin(const mps_grid *grid, int64_t moment);

/** @return the moments at which a change that a run of borders sees can have happened. A border
 *  sees changes as far away as the end of its nearer stretch, since one sample of that stretch can
 *  be enough to show them.
 *  @param first, last  borders, each named by the bin after it */
mps_window mps_grid_window(const mps_grid *grid, guint first, guint last);

/** @return whether two windows are so close that borders near one of them also see the other. */
bool mps_grid_near(const mps_grid *grid, const mps_window *a, const mps_window *b);

/* The shortest delays of a series, by bin. */
typedef struct {
    double *shortest; /* ns; infinite where the bin has no sample */
    guint *samples;   /* their number */
    guint first, end; /* all samples are in the bins from first up to before end */
} mps_min_delays;

/** Find the shortest delays of a series. @param[out] minima  the caller clears it with
 *  mps_min_delays_clear() */
void mps_min_delays_make(mps_min_delays *minima, const mps_delay_series *series,
                         const mps_grid *grid, const mps_delays *delays);

/** Free what the shortest delays own. */
void mps_min_delays_clear(mps_min_delays *minima);

/* How the shortest delay after a border differs from that before it, ns. */
typedef struct {
    double before, after; /* the shortest delay of both stretches on that side */
    double low, high;     /* the least and the greatest difference of a stretch after the border and
                           * one before it */
} mps_min_delay_shift;

/** Find how the shortest delay shifts at a border.
 *  @param border  the bin after it
 *  @return false: one of the four stretches has too few samples, or is not on the grid */
bool mps_min_delays_shift(const mps_min_delays *minima, const mps_grid *grid, guint border,
                          mps_min_delay_shift *shift);

#endif
