/* first_seen.h: when each data byte was captured, and captured first.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_FIRST_SEEN_H
#define MPS_FIRST_SEEN_H

#include "analysis.h"

extern const mps_analysis_kind mps_first_seen_analysis;

/* Consecutive data bytes that were captured at one time. */
typedef struct {
    uint64_t start; /* data sequence number */
    int64_t time;   /* ns, of the segment; if its mapping came later, of the segment with that */
    uint32_t length;
} mps_seen_data;

/** @return all captured data of a direction of a connection (mps_seen_data), as captured, owned by
 *  the tracker; NULL: nothing was captured. @param space_id  see mps_analysis_space() */
const GArray *mps_seen_data_of(const mps_tracker *tracker, uint32_t space_id);

/**
 * Find when each byte was captured first. Times decide, not the order of frames, which differs in
 * captures of several interfaces. Takes O(n log n).
 * @param all  mps_seen_data
 * @return mps_seen_data in the order of numbers, without overlap; the caller frees it
 */
GArray *mps_first_seen_of(const GArray *all);

#endif
