/* intervals.h: segments in the order of time, sorted into intervals per subflow.
 *
 * Intervals are numbered from 0, which begins with the capture's first MPTCP segment; one that is
 * over gets no more segments. Takes O(1) per segment and memory proportional to the segments, for
 * an interval in which a subflow has none gets a row only within bounds (MPS_INTERVAL_GAP_MAX,
 * MPS_INTERVAL_FILLED_MAX).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_INTERVALS_H
#define MPS_INTERVALS_H

#include "analysis/series.h"
#include "table/table_build.h"

/* What one direction of a subflow did in one interval. */
typedef struct {
    int64_t segments, bytes, data, retransmitted, reinjected;
    int64_t rtts;   /* samples */
    double rtt_sum; /* ns */
} mps_interval_counts;

typedef struct {
    int64_t index;
    uint32_t subflow;              /* its id */
    mps_interval_counts counts[2]; /* by half */
} mps_interval;

/* What holds at the end of an interval. MPS_NONE: unknown. */
typedef struct {
    int64_t index;
    uint32_t flight, flight_max; /* bytes */
    uint32_t window;             /* that the receiver allows; of halves only */
} mps_mark;

typedef struct mps_intervals mps_intervals;

/** @param length  of an interval, ns, above 0 */
mps_intervals *mps_intervals_new(int64_t length);
void mps_intervals_free(mps_intervals *intervals);

/** Say when interval 0 begins, ns; before the first segment. */
void mps_intervals_begin(mps_intervals *intervals, int64_t time);

/** @return when an interval begins, ns. */
int64_t mps_intervals_start(const mps_intervals *intervals, int64_t index);

/** Take in the next segment. @param passed  whether it counts (the filter) */
void mps_intervals_take(mps_intervals *intervals, const mps_series_item *item, bool passed);

/** No more segments come: all intervals are over. */
void mps_intervals_end(mps_intervals *intervals);

/** @return what is over and was not taken before (mps_interval); the caller frees it. */
GArray *mps_intervals_done(mps_intervals *intervals);

/** @return what held at the end of an interval that is over, of a direction of a subflow. */
mps_mark mps_intervals_half(const mps_intervals *intervals, uint32_t half_id, int64_t index);

/** @return likewise, of a direction of a connection. */
mps_mark mps_intervals_space(const mps_intervals *intervals, uint32_t space_id, int64_t index);

#endif
