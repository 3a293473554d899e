/* intervals.h: sorts segments into intervals per subflow.
 *
 * Intervals are numbered; number 0 begins with the capture's first MPTCP segment. An interval is
 * over when a segment of a later one comes. A segment that comes too late counts in the interval
 * that is not over. Each segment takes O(1), and memory is in proportion to the segments: the
 * number of rows for intervals without a segment is bounded (MPS_INTERVAL_GAP_MAX,
 * MPS_INTERVAL_FILLED_MAX).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_INTERVALS_H
#define MPS_INTERVALS_H

#include "analysis/series.h"
#include "table/table_build.h"

/* What was counted in one direction of a subflow in one interval. */
typedef struct {
    int64_t segments, bytes, data, retransmitted, reinjected;
    int64_t rtts;   /* RTT samples of data in this direction */
    double rtt_sum; /* ns */
} mps_interval_counts;

typedef struct {
    int64_t index;                 /* of the interval; may be negative */
    uint32_t subflow;              /* id */
    mps_interval_counts counts[2]; /* by half */
} mps_interval;

/* The state of one direction at the end of an interval. MPS_NONE: not known. */
typedef struct {
    int64_t index;
    uint32_t flight;     /* bytes sent and not acknowledged */
    uint32_t flight_max; /* the most within the interval, its beginning included */
    uint32_t window;     /* bytes that the receiver last announced; on subflows only */
} mps_mark;

typedef struct mps_intervals mps_intervals;

/** @return an empty set of intervals; the caller frees it with mps_intervals_free().
 *  @param length  of an interval, ns, above 0 */
mps_intervals *mps_intervals_new(int64_t length);

/** Free it. @param intervals  may be NULL */
void mps_intervals_free(mps_intervals *intervals);

/** Set when interval 0 begins; once, before the first segment. @param time  ns */
void mps_intervals_begin(mps_intervals *intervals, int64_t time);

/** @return when an interval begins, ns. @param index  of the interval */
int64_t mps_intervals_start(const mps_intervals *intervals, int64_t index);

/** Add the next segment. @param passed  false: it does not count, but changes what is in flight */
void mps_intervals_take(mps_intervals *intervals, const mps_series_item *item, bool passed);

/** End all intervals: no more segments come. */
void mps_intervals_end(mps_intervals *intervals);

/** The clock leaps: all intervals are over, and later segments may be in earlier ones. What is in
 *  flight stays. Take the intervals that are over before. */
void mps_intervals_leap(mps_intervals *intervals);

/** @return whether the clock leapt since the beginning. */
bool mps_intervals_leapt(const mps_intervals *intervals);

/** @return the intervals that are over and were not returned before (mps_interval); the caller
 * frees the array. */
GArray *mps_intervals_done(mps_intervals *intervals);

/** @return the state of a subflow's direction at the end of an interval that is over. */
mps_mark mps_intervals_half(const mps_intervals *intervals, uint32_t half_id, int64_t index);

/** @return the state of a connection's direction, at data level, at the end of such an interval. */
mps_mark mps_intervals_space(const mps_intervals *intervals, uint32_t space_id, int64_t index);

#endif
