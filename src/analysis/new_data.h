/* new_data.h: when new data came, and over which subflow.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_NEW_DATA_H
#define MPS_NEW_DATA_H

#include "analysis.h"

extern const mps_analysis_kind mps_new_data_analysis;

/* A segment with data bytes that were not sent before. */
typedef struct {
    int64_t time;          /* ns */
    uint64_t dsn, dsn_end; /* of the first new byte, and of the one after the last new byte */
    uint32_t frame;
    uint32_t subflow;    /* id */
    uint32_t bytes;      /* new bytes in this segment */
    uint32_t late_bytes; /* new bytes of earlier segments, whose mapping this segment brought */
} mps_new_data;

/** @return the new data of a direction of a connection, as captured (mps_new_data), owned by the
 *  tracker; NULL: nothing came. @param space_id  see mps_analysis_space() */
const GArray *mps_new_data_of(const mps_tracker *tracker, uint32_t space_id);

/** @return those that brought new bytes, by time, but never across a leap of the clock: a capture
 * of several interfaces is not in that order; the caller frees the array. */
GArray *mps_new_data_by_time(const mps_tracker *tracker, uint32_t space_id);

#endif
