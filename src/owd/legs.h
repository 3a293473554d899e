/* legs.h: three or more captures of the same traffic, in their order along the path.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_LEGS_H
#define MPS_LEGS_H

#include "compare/comparison.h"
#include <mptcpscope/owd.h>

struct mps_legs {
    unsigned count;                 /* number of legs: one less than captures */
    const mps_trace *const *traces; /* count + 1 of them; not owned */
    mps_comparison **legs;          /* `count` legs, then the whole path; A of each is the capture
                                     * that is nearer to the first one */
};

#endif
