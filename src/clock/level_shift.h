/* level_shift.h: finds moments at which the shortest delay of a series changes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_LEVEL_SHIFT_H
#define MPS_LEVEL_SHIFT_H

#include "min_delay.h"

/* Smaller shifts cannot be told from what hosts and queues do, ns. */
#define MPS_LEVEL_SHIFT_MIN 5e5

/* A shift is steady if the shortest delays before it, and those after it, spread by at most this
 * part of the shift together. */
#define MPS_STEADY_SPREAD 0.5

/* The shortest delay of a series changes somewhere in the window. */
typedef struct {
    mps_window window; /* first: see mps_window_compare() */
    double shift;      /* ns; positive: delays get longer */
    const mps_delay_series *series;
} mps_level_shift;

/* The shortest delay of a series in a bin. */
typedef struct {
    mps_window window;
    double shortest; /* ns */
} mps_low_delay;

/* The shortest delays of a series over time. */
typedef struct {
    GArray *shifts; /* mps_level_shift, without their series */
    GArray *lows;   /* mps_low_delay, in order, on the finest grid */
} mps_delay_profile;

typedef struct {
    const mps_clock *clock;
    const mps_axis *axis;
    mps_clock_estimate *estimate;
    mps_delay_profile *profiles; /* by the index of the series */
} mps_shift_search;

/** @return the delays that the estimate leaves. */
mps_delays mps_shift_search_delays(const mps_shift_search *search);

/** Find the level shifts of each series, and its shortest delays.
 *  @param search       its profiles have empty lists for each series
 *  @param first, last  the moments of the first and of the last sample */
void mps_level_shifts_find(const mps_shift_search *search, int64_t first, int64_t last);

/** Find the shortest delay of a series before a window and after it.
 *  @param within              only delays in it count
 *  @param[out] before, after  ns; infinite where there is none
 *  @return false: there is none on one side */
bool mps_level_shift_levels(const mps_shift_search *search, const mps_delay_series *series,
                            const mps_window *window, const mps_window *within, double *before,
                            double *after);

/** Find the difference of these two delays.
 *  @param[out] shift  ns; 0 if the result is false
 *  @return as above */
bool mps_level_shift_size(const mps_shift_search *search, const mps_delay_series *series,
                          const mps_window *window, const mps_window *within, double *shift);

/** Find the level shifts that paths caused (shift_cause.c).
 *  @param[out] suspects  mps_step, appended: where a clock may have been set instead. Its size is
 *                        known if both directions agree on the step. Once the estimate has such a
 *                        step, its shift is no longer returned
 *  @return mps_level_shift, one for each moment, in order; the caller frees it */
GArray *mps_level_shifts_of_paths(const mps_shift_search *search, GArray *suspects);

#endif
