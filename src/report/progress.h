/* progress.h: what was sent and acknowledged in one direction, of a subflow or of data, and so what
 * is in flight.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_PROGRESS_H
#define MPS_PROGRESS_H

#include "analysis/series.h"

/* Sequence numbers wrap, so they are compared by their distance. At first all is zero. */
typedef struct {
    uint32_t sent, acked; /* the highest number sent, and acknowledged */
    bool has_sent, has_acked;
} mps_progress;

/** Take in what a segment of the other direction acknowledges. An acknowledgement above all that
 * was sent and the FIN or DATA_FIN is invalid, and ignored. */
void mps_progress_acked(mps_progress *progress, uint32_t acked);

/** Take in what a segment of this direction carries. */
void mps_progress_sent(mps_progress *progress, const mps_series_progress *step);

/** @return bytes that were sent and not acknowledged; MPS_NONE: not known */
uint32_t mps_progress_flight(const mps_progress *progress);

#endif
