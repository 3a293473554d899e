/* comparison.h: two captures and the results of their comparison.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_COMPARISON_H
#define MPS_COMPARISON_H

#include "clock/clock.h"
#include "match/align.h"
#include <mptcpscope/compare.h>

/* One direction of one subflow. */
typedef struct {
    uint32_t connection, peer_connection; /* A's and B's number; MPS_NONE: plain TCP, or the capture
                                           * does not have it */
    uint32_t subflow;                     /* A's number; B's where A does not have the subflow */
    uint32_t peer_subflow;                /* B's number */
    mps_pair pair;
    mps_direction direction; /* as A names it */
    bool a_sends;            /* A is the capture at the sender's end */
    mps_alignment alignment;
} mps_comparison_row;

/* What shows that a capture misses segments. Counts of segments, except `dropped`. */
typedef struct {
    uint64_t received;     /* with payload that its host acknowledged and of which it has no byte */
    uint64_t sent;         /* without payload, sent by its host while it ran, and not in it */
    uint64_t sent_payload; /* likewise, with payload of which it has no byte */
    uint64_t dropped;      /* packets that its interfaces report as dropped */
} mps_capture_gaps;

/* The receiver's time minus the sender's, of matches in one direction, ns: the delay and the
 * difference of the clocks. */
typedef struct {
    bool known;
    int64_t least, most;
} mps_time_differences;

struct mps_comparison {
    const mps_trace *a, *b; /* not owned */
    mps_pairs *pairs;
    GArray *rows;        /* mps_comparison_row */
    GPtrArray *notes;    /* char *: what a reader should know, one sentence each */
    mps_clock_mode mode; /* as requested */
    bool corrected;      /* delays are corrected as `mode` says; otherwise they are as captured */
    mps_clock_estimate clock;
    mps_capture_gaps gaps[2];            /* of A, of B */
    mps_time_differences differences[2]; /* from B to A, from A to B */
};

/** @return by A's numbers, whether B has a connection: as one, or as plain TCP where the path took
 *  the options; freed by the caller. */
bool *mps_comparison_common(const mps_comparison *comparison);

/** @return why B has none of A's MPTCP connections, if that is so; static. */
const char *mps_comparison_lacks_connections(const mps_comparison *comparison);

/** @return whether a capture is shown to miss segments that no path can have made: a segment
 *  without payload may be one. */
bool mps_capture_missed(const mps_capture_gaps *gaps);

/** @return the one-way delay of a matched segment, ns, corrected if comparison->corrected.
 *  @param a_sends         the segment went from A to B
 *  @param time_a, time_b  when A and B captured it, ns of their clocks */
int64_t mps_comparison_delay(const mps_comparison *comparison, bool a_sends, int64_t time_a,
                             int64_t time_b);

/** @return B's time as A's clock shows it, ns, by the offset, and by the skew if the mode says so.
 *  The offset must be known. */
int64_t mps_comparison_time_by_a(const mps_comparison *comparison, int64_t time_b);

/** Give the error bounds of mps_comparison_delay() of a segment.
 *  @param low, high  set to the ns to add to the delay to get the least and the greatest delay that
 *                    the bounds of the clocks allow
 *  @return false: the clocks have no bounds, and nothing is set */
bool mps_comparison_error(const mps_comparison *comparison, bool a_sends, int64_t time_a,
                          int64_t time_b, int64_t *low, int64_t *high);

/** Give the greatest error of the difference of two delays of mps_comparison_delay(). The offset
 *  cancels out of the difference; the skew and the steps of the clocks do not.
 *  @param from, until  ns of A's clock between which both segments were captured; from <= until
 *  @param most         set to the error, ns
 *  @return false: nothing is known of the clocks, and `most` is 0 */
bool mps_comparison_drift(const mps_comparison *comparison, int64_t from, int64_t until,
                          int64_t *most);

/** Give the segments of a row at both ends. The list of a capture that does not have the subflow is
 *  empty.
 *  @param lists  filled in; it refers to the traces and owns nothing */
void mps_comparison_lists(const mps_comparison *comparison, const mps_comparison_row *row,
                          mps_align_lists *lists);

/** Map the connection numbers of one capture to those of the other.
 *  @param of_a  index by A's numbers; otherwise by B's
 *  @return an array of the other capture's numbers; MPS_NONE: the other capture does not have the
 *          connection; the caller frees it */
uint32_t *mps_comparison_partners(const mps_comparison *comparison, bool of_a);

#endif
