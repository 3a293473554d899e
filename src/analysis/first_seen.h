/* first_seen.h: when which data bytes were captured, each time they were.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_FIRST_SEEN_H
#define MPS_FIRST_SEEN_H

#include "analysis.h"

extern const mps_analysis_kind mps_first_seen_analysis;

typedef struct {
    uint64_t start; /* data sequence number, inside */
    int64_t time;   /* of the segment; of the one that brought the mapping, where that came later */
    uint32_t length;
} mps_seen_data;

/** @return what was captured of a direction of a connection (mps_seen_data), as captured; owned by
 *  the tracker; NULL: nothing. @param space_id  see mps_analysis_space() */
const GArray *mps_seen_data_of(const mps_tracker *tracker, uint32_t space_id);

/**
 * Tell when each byte was first seen, by time: the order of frames is another one, where several
 * interfaces were captured. Takes O(n log n).
 * @param all  mps_seen_data
 * @return mps_seen_data, in the order of numbers, none of them overlapping; to be freed by the
 *         caller
 */
GArray *mps_first_seen_of(const GArray *all);

#endif
