/* comparison.h: the two captures compared, and all that is known of both.
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
    uint32_t connection, peer_connection; /* numbers; MPS_NONE: plain TCP, or not captured */
    uint32_t subflow;                     /* A's number, B's where A does not have it */
    uint32_t peer_subflow;                /* B's number */
    mps_pair pair;
    mps_direction direction; /* as A names it */
    bool a_sends;            /* A is the capture at the sender's end */
    mps_alignment alignment;
} mps_comparison_row;

struct mps_comparison {
    const mps_trace *a, *b; /* not owned */
    mps_pairs *pairs;
    GArray *rows;        /* mps_comparison_row */
    GPtrArray *notes;    /* strings: what a reader should know, one sentence each */
    mps_clock_mode mode; /* as asked for */
    bool corrected;      /* delays are; else they are as captured, whatever was asked for */
    mps_clock_estimate clock;
};

/** @return the delay of a matched segment, ns, corrected as `owd` says.
 *  @param a_sends  it went from A to B */
int64_t mps_comparison_delay(const mps_comparison *comparison, bool a_sends, int64_t time_a,
                             int64_t time_b);

/** Tell what must be added to mps_comparison_delay() of a segment to have the least and the
 * greatest delay that the clocks leave possible, ns. @return false: nothing is known of the clocks
 */
bool mps_comparison_error(const mps_comparison *comparison, bool a_sends, int64_t time_a,
                          int64_t time_b, int64_t *low, int64_t *high);

/** Tell how far off the difference of two of these delays may be at most, ns, between two of A's
 *  times: the offset cancels out, the rates and what the clock was set by do not.
 *  @param from, until  in this order @return false: nothing is known of the clocks, `most` is 0 */
bool mps_comparison_drift(const mps_comparison *comparison, int64_t from, int64_t until,
                          int64_t *most);

/** Tell what a row's segments are at both ends. Where one capture does not have the subflow, that
 *  list is empty. */
void mps_comparison_lists(const mps_comparison *comparison, const mps_comparison_row *row,
                          mps_align_lists *lists);

/** @return the numbers in the other capture of one capture's connections, by their own; MPS_NONE:
 *  it does not have them; to be freed by the caller. @param of_a  those of A, else of B */
uint32_t *mps_comparison_partners(const mps_comparison *comparison, bool of_a);

#endif
