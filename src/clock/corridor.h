/* corridor.h: the corridor that each subflow leaves for the line of the clock, if the shortest
 * delays of its path are constant.
 *
 * A round trip does not depend on the clocks. The shortest one of a subflow is the sum of its
 * shortest delay there and of its shortest delay back. Up to a constant, B's clock minus A's is
 * therefore at most what each forward segment shows, and at least what each backward segment shows
 * plus this shortest round trip. What queues add only makes the corridor wider.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_CORRIDOR_H
#define MPS_CORRIDOR_H

#include "min_delay.h"

/* The corridors of all subflows that show enough. Their constants differ. */
typedef struct {
    mps_grid grid;
    GArray *all; /* mps_corridor */
} mps_corridors;

/* The corridor of a subflow: at most one point of each kind for each bin of the grid. */
typedef struct {
    GArray *above, *below; /* mps_clock_point, in order: the line is below the first kind, and above
                            * the second one */
    double tolerance;      /* by which the shortest round trip may be wrong, ns: included above */
} mps_corridor;

/** Find the corridors of all subflows. Takes O(n).
 *  @param steps           mps_step: where a clock was set
 *  @param guess           mps_clock_knot: the line of the clock as far as it is known
 *  @param[out] corridors  the caller clears it with mps_corridors_clear() */
void mps_corridors_make(mps_corridors *corridors, const mps_clock *clock, const mps_axis *axis,
                        const GArray *steps, const GArray *guess);

/** Free what the corridors own. */
void mps_corridors_clear(mps_corridors *corridors);

/** Append what the corridors leave for a line between two bins.
 *  @param from, until  bins: the first one, and the one after the last
 *  @param spans        mps_clock_span, with joint hulls only: one appended for each corridor, in
 *                      order */
void mps_corridors_between(const mps_corridors *corridors, guint from, guint until, GArray *spans);

#endif
