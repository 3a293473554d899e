/* legs_path.h: on which leg of a path segments were lost, and delayed.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_LEGS_PATH_H
#define MPS_LEGS_PATH_H

#include "figures.h"
#include "legs.h"

/* One leg of the way of one direction of a subflow. */
typedef struct {
    const mps_comparison_row *row;   /* of the leg; not owned */
    const mps_comparison_row *first; /* of the same in the leg that begins at the first capture,
                                      * whose numbers are told; NULL: that does not have it */
    unsigned leg;
    uint32_t entered, lost, unknown, passed; /* segments */
    mps_figures figures; /* on this leg, of those segments that were seen in all captures */
    /* What this leg has of the mean delay of all legs. Negative: unknown. */
    double share;                 /* by corrected clocks */
    double share_low, share_high; /* whatever the clocks may be within their bounds */
} mps_leg_hop;

/** Follow every segment from its sender's capture on, by the last of its pieces.
 *  @param strange  set to how many directions of subflows go back and forth between the captures,
 *                  which are not in the order of the path then; these are left out
 *  @return mps_leg_hop, in the order of the way; to be freed by the caller */
GArray *mps_legs_path_of(const mps_legs *legs, unsigned *out_of_order);

#endif
