/* critical_path.h: what each moment of a transfer waited for, by the captures of both ends.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPTCPSCOPE_CRITICAL_PATH_H
#define MPTCPSCOPE_CRITICAL_PATH_H

#include <mptcpscope/compare.h>

/* What to write. */
typedef struct {
    uint32_t connection;  /* number of a connection of A to write only; MPS_NONE: all */
    uint32_t end_subflow; /* number of the subflow with whose last data the paths end; MPS_NONE:
                           * with the last data of all */
    unsigned directions;  /* bits 1 << mps_direction; 0: both */
    int64_t reaction; /* the longest that a host takes to react to an arrival, ns; 0: as usual */
    int64_t busy;     /* the least queueing that proves a busy line, ns; 0: as usual */
    bool pieces;      /* every piece of the paths */
    int64_t interval; /* how the classes change, in intervals of this length, ns; 0: not */
} mps_critical_choice;

/** Write the critical path of each connection and direction. The traces must have been loaded with
 *  MPS_NEED_CRITICAL_PATH. csv has the pieces, or the intervals, where these are asked for. */
void mps_critical_path_write(const mps_comparison *comparison, const mps_critical_choice *choice,
                             const mps_style *style, FILE *out);

#endif
