/* figures.h: delay, its variation, loss and round trips of a set of segments.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_FIGURES_H
#define MPS_FIGURES_H

#include "base/statistics.h"
#include "compare/outcomes.h"

/* Of a sample with count 0 nothing is known. Times in ns. */
typedef struct {
    uint32_t sent, matched, lost, reordered; /* segments */
    uint32_t outside; /* of which it is sure that the receiver's capture cannot, or does not, have
                       * them */
    uint32_t undetermined;  /* of which is not known whether they match: ambiguous */
    uint32_t runs, longest; /* loss periods in the order of sending (RFC 3357), and segments in the
                             * longest */
    mps_statistics delay;
    mps_statistics ipdv_size; /* absolute values of IPDV (RFC 3393): delay less that of the segment
                               * sent right before it, where both arrived */
    int64_t ipdv_min, ipdv_max; /* with their signs */
    mps_statistics rtt;
    bool has_error;                /* what follows is known */
    int64_t error_low, error_high; /* what is to be added to a delay to have the least and the
                                    * greatest that the clocks leave possible */
    int64_t pdv_error, ipdv_error, rtt_error; /* how far off the clocks' rates may put them */
    int64_t first, last;                      /* A's time of the first and last match */
} mps_figures;

/**
 * Describe some segments.
 * @param a_sends        they went from A to B
 * @param points, count  in the order of sending, of one row; of several, loss runs and IPDV mean
 *                       nothing
 */
void mps_figures_of(const mps_comparison *comparison, bool a_sends, const mps_outcome *outcomes,
                    size_t count, mps_figures *figures);

/** Tell how far off the clocks' rates may put the difference of a delay in one set and one in the
 *  other. @return false: that is not known */
bool mps_figures_drift(const mps_comparison *comparison, const mps_figures *one,
                       const mps_figures *other, int64_t *most);

#endif
