/* legs_path.h: on which leg of a path segments were lost and delayed.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_LEGS_PATH_H
#define MPS_LEGS_PATH_H

#include "figures.h"
#include "legs.h"

/* One leg of the path of one direction of a subflow. */
typedef struct {
    const mps_comparison_row *row;   /* of this leg; not owned */
    const mps_comparison_row *first; /* of the leg that begins at the first capture, which gives the
                                      * numbers to show; NULL: that leg does not have the subflow */
    unsigned leg;                    /* index in mps_legs.legs */
    uint32_t entered, lost, unknown, passed; /* segments */
    uint32_t undetermined; /* of the unknown ones: lost, or missed by the capture at the end */
    mps_figures figures;   /* on this leg, of the segments that all captures have */
    /* This leg's share of the mean delay of all legs, 0 to 1. Negative: unknown. */
    double share;                 /* with corrected clocks */
    double share_low, share_high; /* bounds that hold for all clocks within their bounds */
} mps_leg_hop;

/** Follow every segment from its sender's capture on. A segment that was split is followed by the
 *  part that arrives last.
 *  @param out_of_order  set to the number of directions of subflows that go back and forth between
 *                       the captures, so that the captures are not in the order of the path; they
 *                       are left out
 *  @return mps_leg_hop, in the order of the path; the caller frees the array */
GArray *mps_legs_path_of(const mps_legs *legs, unsigned *out_of_order);

#endif
