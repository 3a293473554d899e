/* min_delay.h: how the shortest delay of a series shifts over time.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_MIN_DELAY_H
#define MPS_MIN_DELAY_H

#include "clock_internal.h"

/* Segments are on their way for as long as this, ns: what happens to a clock shows so much earlier
 * or later by the other one. */
#define MPS_ON_THE_WAY 200000000

/* Equal bins over the moments of all samples. Around each border between bins lie, on either side,
 * a guard of bins that is left out, and then two stretches of bins whose shortest delays are
 * compared with those of the other side. */
typedef struct {
    double first, width; /* moment at which it begins; of a bin, ns */
    guint bins, guard;
} mps_grid;

/* Bins shorter than this hold too few segments to be worth a look, ns. */
#define MPS_WIDTH_MIN 2e7

/* Bins of a stretch. */
#define MPS_STRETCH 4u

/* A stretch with fewer samples does not tell its shortest delay; two on either side must. */
#define MPS_STRETCH_SAMPLES 2u
#define MPS_MIN_DELAYS_SAMPLES (4 * MPS_STRETCH_SAMPLES)

/* How finely moments are looked for, one grid after the other; a finer one needs more segments. */
#define MPS_GRIDS 4
extern const guint mps_grid_bins[MPS_GRIDS];

/** @return a grid of so many bins. @param first, last  moments that it is to span */
mps_grid mps_grid_make(guint bins, int64_t first, int64_t last);

/** Find the moments of the first and the last sample. @return false if there are none */
bool mps_grid_extent(const mps_clock *clock, const mps_axis *axis, int64_t *first, int64_t *last);

/** @return the moment at which a bin begins. */
int64_t mps_grid_moment(const mps_grid *grid, double bin);

/** @return the bin in which a moment lies. */
guint mps_grid_bin(const mps_grid *grid, int64_t moment);

/** @return the moments at which that can have happened what a run of borders sees: within the
 *  guard of all of them, and not beyond the nearer stretch, of which one sample is enough. */
mps_window mps_grid_window(const mps_grid *grid, guint first, guint last);

/** @return whether two windows are so close that borders near one also see the other. */
bool mps_grid_near(const mps_grid *grid, const mps_window *a, const mps_window *b);

/* The shortest delays of a series. */
typedef struct {
    double *shortest; /* of each bin; infinite where it has no sample */
    guint *samples;
    guint first, end; /* bins that have any lie between */
} mps_min_delays;

void mps_min_delays_make(mps_min_delays *floors, const mps_delay_series *series,
                         const mps_grid *grid, const mps_delays *delays);
void mps_min_delays_clear(mps_min_delays *floors);

/* By how much the shortest delay differs behind a border from that before it. */
typedef struct {
    double before, after; /* of both stretches */
    double low, high;     /* least and greatest difference of one stretch and another */
} mps_min_delay_shift;

/** Tell how the shortest delay shifts at the border before a bin.
 *  @return false: one of the stretches has too few samples */
bool mps_min_delays_shift(const mps_min_delays *floors, const mps_grid *grid, guint border,
                          mps_min_delay_shift *shift);

#endif
