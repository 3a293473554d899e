/* reordering.h: the order in which bytes arrive, at subflow and at data level.
 *
 * Subflows are often captured on several interfaces at once. The file then has the frames of each
 * interface in blocks, and their order differs from the order of time, by some 0.2 s. Therefore
 * segments are only noted while the capture is read, and replayed in the order of time afterwards.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_REORDERING_H
#define MPS_REORDERING_H

#include "analysis.h"
#include "held_data.h"
#include "reassembly.h"

extern const mps_analysis_kind mps_reordering_analysis;

/* One direction of a connection, replayed. */
typedef struct {
    mps_reassembly data;      /* by data sequence numbers */
    mps_reassembly *subflows; /* by subflow sequence numbers; index: number of the subflow */
    uint32_t subflow_count;
} mps_reordering;

/** Replay a direction of a connection. @param connection  its number
 *  @return the caller frees it with mps_reordering_free() */
mps_reordering *mps_reordering_of(const mps_tracker *tracker, uint32_t connection,
                                  mps_direction direction);

/** The same of its data alone: no subflow has arrivals, and none of the data is `queued`. */
mps_reordering *mps_reordering_of_data(const mps_tracker *tracker, uint32_t connection,
                                       mps_direction direction);

/** Find how much of a direction's data came before data that precedes it, without a replay.
 *  @param data  bytes of new data that were counted
 *  @return false: only a replay tells */
bool mps_reordering_held(const mps_tracker *tracker, uint32_t connection, mps_direction direction,
                         uint64_t data, mps_held_figures *figures);

/** Free what mps_reordering_of() returned. */
void mps_reordering_free(mps_reordering *reordering);

#endif
