/* reordering.h: in which order bytes arrive, at subflow and at data level.
 *
 * Subflows are often captured on several interfaces side by side, whose frames stand in the file
 * block by block: the order of frames is not that of arrival across subflows, by some 0.2 s. So
 * segments are only noted while the capture is read, and played back by their times.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_REORDERING_H
#define MPS_REORDERING_H

#include "analysis.h"
#include "reassembly.h"
#include "vantage.h"

extern const mps_analysis_kind mps_reordering_analysis;

/* One direction of a connection, played back. */
typedef struct {
    mps_reassembly data;      /* by data sequence numbers */
    mps_reassembly *subflows; /* by subflow sequence numbers, one for each number of a subflow */
    uint32_t subflow_count;
    mps_reach *reaches; /* of each subflow */
    mps_reach reach;    /* of the one that carries most */
} mps_reordering;

/** Play back a direction of a connection. @return to be freed with mps_reordering_free() */
mps_reordering *mps_reordering_of(const mps_tracker *tracker, uint32_t connection,
                                  mps_direction direction);
void mps_reordering_free(mps_reordering *reordering);

#endif
