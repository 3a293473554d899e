/* level_shift.h: where the shortest delay of a series is another one than before.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_LEVEL_SHIFT_H
#define MPS_LEVEL_SHIFT_H

#include "min_delay.h"

/* Less is not told from what hosts and queues do, ns. */
#define MPS_SHIFT_MIN 5e5

/* How steady the delay must be on either side, for its shift. */
#define MPS_STEADY 0.5

/* The delay of a series shifts somewhere in the window. */
typedef struct {
    mps_window window;
    double shift;
    const mps_delay_series *series;
} mps_level_shift;

/* The shortest delay of a series in a stretch of time. */
typedef struct {
    mps_window window;
    double shortest;
} mps_low_delay;

/* What is known of a series. */
typedef struct {
    GArray *jumps; /* mps_level_shift */
    GArray *lows;  /* mps_low_delay, in order, on the finest grid */
} mps_delay_profile;

typedef struct {
    const mps_clock *clock;
    const mps_axis *axis;
    mps_clock_estimate *estimate;
    mps_delay_profile *courses; /* of each series */
} mps_shift_search;

/** @return the delays that the estimated line leaves. */
mps_delays mps_shift_search_delays(const mps_shift_search *search);

/** Find what jumps the delays of each series make between two moments, and their shortest delays.
 *  @param search  its `courses` have empty lists for each series */
void mps_level_shifts_find(const mps_shift_search *search, int64_t first, int64_t last);

/** Tell the shortest delays of a series before and behind a window, of those `within`, ns.
 *  @return false: it lacks one */
bool mps_level_shift_levels(const mps_shift_search *search, const mps_delay_series *series,
                            const mps_window *window, const mps_window *within, double *before,
                            double *after);

/** Tell by how much they differ. @return as above */
bool mps_level_shift_size(const mps_shift_search *search, const mps_delay_series *series,
                          const mps_window *window, const mps_window *within, double *shift);

/** @return mps_level_shift: the jumps that are of paths, one for each moment, in order; to be freed
 * by the caller.
 *  @param[out] suspects  mps_step, appended: where a clock may have been set instead. Those that
 *                        are of a known size, for both ways agree, are none of a path */
GArray *mps_level_shifts_of_paths(const mps_shift_search *search, GArray *suspects);

#endif
