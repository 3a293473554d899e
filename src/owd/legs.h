/* legs.h: three captures or more of the same traffic, in their order along the path.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_LEGS_H
#define MPS_LEGS_H

#include "compare/comparison.h"
#include <mptcpscope/owd.h>

struct mps_legs {
    unsigned count;                 /* legs: one less than captures */
    const mps_trace *const *traces; /* not owned */
    mps_comparison *
        *legs; /* `count` of them, then the whole path: A is the capture nearer the first one */
};

#endif
