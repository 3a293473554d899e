/* figures.h: delay, its variation, loss and round trips of a set of segments.
 *
 * The files of this folder, each on top of those before it:
 *   figures.c          computes the figures of any set of segments
 *   aggregate.c        collects the segments of each subflow and of each connection
 *   data_delay.c       computes the delay of a connection's data, on whichever subflow it arrives
 *   delay_columns.c    makes the tables of subflows and connections
 *   delay_intervals.c  makes the table of intervals
 *   write_owd.c        writes mptcpscope owd A B
 *   legs.c             compares three or more captures along a path, leg by leg
 *   legs_path.c        follows each segment from leg to leg: where it was lost, where delayed
 *   write_legs.c       writes mptcpscope owd A B C...
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_FIGURES_H
#define MPS_FIGURES_H

#include "base/statistics.h"
#include "compare/outcomes.h"

/* All times in ns. The values of a sample whose count is 0 are not known. */
typedef struct {
    uint32_t sent, matched, lost, reordered; /* segments */
    uint32_t unavailable;   /* segments outside the capture's time, or missing at the receiver's
                             * capture */
    uint32_t ambiguous;     /* it is not known which of these arrived */
    uint32_t undetermined;  /* lost, or missed by the receiver's capture */
    uint32_t runs, longest; /* loss periods in the order of sending (RFC 3357), and segments in the
                             * longest */
    mps_statistics delay;
    mps_statistics ipdv_size;   /* absolute values of IPDV (RFC 3393): delay minus the delay of the
                                 * segment sent right before it, where both arrived */
    int64_t ipdv_min, ipdv_max; /* with their signs */
    mps_statistics rtt;
    bool has_error;                /* the errors below are known */
    int64_t error_low, error_high; /* to add to a delay, to get the least and the greatest delay
                                    * that the bounds of the clocks allow: mps_comparison_error() */
    int64_t pdv_error, ipdv_error, rtt_error; /* greatest errors by skew: mps_comparison_drift() */
    int64_t first, last;                      /* A's time of the first and last match */
} mps_figures;

/**
 * Compute the figures of some segments.
 * @param a_sends          they went from A to B
 * @param outcomes, count  the segments, in the order of sending. If they are of several rows, loss
 *                         runs and IPDV are meaningless
 * @param figures          filled in
 */
void mps_figures_of(const mps_comparison *comparison, bool a_sends, const mps_outcome *outcomes,
                    size_t count, mps_figures *figures);

/** Widen the error bounds of the figures' delays to those of one more delay, if they are known.
 *  @param time_a, time_b  as for mps_comparison_error() */
void mps_figures_widen_error(const mps_comparison *comparison, bool a_sends, int64_t time_a,
                             int64_t time_b, mps_figures *figures);

/** Give the greatest error of the difference of a delay in one set and a delay in the other.
 *  @param most  set to the error, ns
 *  @return false: nothing is known of the clocks */
bool mps_figures_drift(const mps_comparison *comparison, const mps_figures *one,
                       const mps_figures *other, int64_t *most);

#endif
