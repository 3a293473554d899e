/* first_seen.h: when which data bytes were captured, each time they were.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_FIRST_SEEN_H
#define MPS_FIRST_SEEN_H

#include "analysis.h"

extern const mps_analysis_kind mps_sighting_analysis;

typedef struct {
    uint64_t start; /* data sequence number, inside */
    int64_t time;   /* of the segment; of the one that brought the mapping, where that came later */
    uint32_t length;
} mps_sighting;

/** @return what was captured of a direction of a connection (mps_sighting), as captured; owned by
 *  the tracker; NULL: nothing. @param space_id  see mps_analysis_space() */
const GArray *mps_sightings_of(const mps_tracker *tracker, uint32_t space_id);

/**
 * Tell when each byte was first seen, by time: the order of frames is another one, where several
 * interfaces were captured. Takes O(n log n).
 * @param all  mps_sighting
 * @return mps_sighting, in the order of numbers, none of them overlapping; to be freed by the
 *         caller
 */
GArray *mps_sightings_first(const GArray *all);

#endif
