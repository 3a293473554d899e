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

/* Called for each arrival once its `hold` is known, or at the end. Those of a level come in the
 * order of their arrival.
 * @param arrival  valid until the visitor returns
 * @param level    MPS_NONE: it is at data level, by data sequence numbers, and never `queued`; else
 *                 it is at the level of the subflow of this number */
typedef void (*mps_reordering_visitor)(const mps_arrival *arrival, uint32_t level, void *data);

/** Replay a direction of a connection.
 *  @param connection  its number
 *  @param data_only   only arrivals of data are asked for
 *  @param data        passed to `visit` */
void mps_reordering_replay(const mps_tracker *tracker, uint32_t connection, mps_direction direction,
                           bool data_only, mps_reordering_visitor visit, void *data);

/** Find how much of a direction's data came before data that precedes it, without a replay.
 *  @param data  bytes of new data that were counted
 *  @return false: only a replay tells */
bool mps_reordering_held(const mps_tracker *tracker, uint32_t connection, mps_direction direction,
                         uint64_t data, mps_held_figures *figures);

#endif
