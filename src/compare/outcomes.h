/* outcomes.h: the outcome of each sent segment, in the order of sending.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_OUTCOMES_H
#define MPS_OUTCOMES_H

#include "compare_internal.h"

/* A match, or a segment without a match. A segment that was split has several matches. */
typedef struct {
    int64_t time;            /* A's time of departure or arrival, ns; see mps_outcomes_of() */
    int64_t time_b;          /* B's time, ns; of a match only */
    int64_t delay;           /* of a match, ns: mps_comparison_delay() */
    int64_t rtt;             /* ns, if has_rtt: this delay plus that of the next segment back */
    int64_t rtt_span;        /* ns from the departure of this segment to the arrival of that one */
    uint32_t sent, received; /* indices into mps_align_lists */
    uint8_t kind;            /* mps_sent_outcome */
    bool last;               /* the match of its segment that arrived last, or there is no match:
                              * counts of segments count only these */
    bool has_time, has_rtt;
    bool reordered; /* RFC 4737: the segment arrived after one that was sent later; set only where
                     * `last` is */
} mps_outcome;

/**
 * Give the outcome of each segment of a row.
 *
 * All times are A's. A segment that B sent and A did not capture counts at the time at which it
 * would have arrived had it taken as long as the segment before it that arrived, or, if there is
 * none before it, as the first one that arrived. If none arrived, the estimated offset gives the
 * time; if the offset is not known, the segment has no time.
 *
 * @param row  number of the row; the row of the other direction is `row ^ 1`
 * @return mps_outcome, ordered by `sent`; the caller frees the array
 */
GArray *mps_outcomes_of(const mps_comparison *comparison, guint row);

#endif
