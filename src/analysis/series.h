/* series.h: the progress that each segment shows; for reports per interval.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_SERIES_H
#define MPS_SERIES_H

#include "analysis.h"

/* It must come after mps_rtt_analysis in the list of analyses, and be asked for together
 * with it. */
extern const mps_analysis_kind mps_series_analysis;

/* `rtt` of a segment without a sample. */
#define MPS_NO_RTT INT64_MIN

/* The progress that a segment shows, on its subflow or at data level: the low 32 bits of extended
 * sequence numbers. */
typedef struct {
    bool has_sent, has_acked, has_start;
    uint32_t sent;  /* after the last byte that it carries */
    uint32_t acked; /* after the last byte of the other direction that it acknowledges */
    uint32_t start; /* of the first byte of its own direction */
} mps_series_progress;

/* A segment. */
typedef struct {
    int64_t time; /* ns */
    int64_t rtt;  /* ns; of the other direction's data, sampled by this ACK; or MPS_NO_RTT */
    uint32_t frame, half_id;
    uint32_t space_id[2];           /* of the sender's direction, and of the other one */
    uint32_t length, retransmitted; /* as in mps_verdict */
    int32_t data, reinjected;       /* likewise */
    uint32_t window; /* receive window for the other direction, bytes, scaled; MPS_NONE: unknown */
    bool data_level; /* data is acknowledged by DATA_ACKs: there was no fallback */
    mps_series_progress subflow, data_step;
} mps_series_item;

/** @return all segments in the order of the capture (mps_series_item), owned by the tracker; NULL:
 *  the analysis was not asked for */
const GArray *mps_series_items(const mps_tracker *tracker);

/** @return the segments by time, but never across a leap of the clock (mps_moment; `place` is the
 *  position in mps_series_items()): one that was held counted late. The caller frees the array. */
GArray *mps_series_by_time(const mps_tracker *tracker);

/** @return a segment by its position in time. @param items  of mps_series_items() @param order  of
 * mps_series_by_time() */
static inline const mps_series_item *mps_series_at(const GArray *items, const GArray *order,
                                                   guint position)
{
    return &g_array_index(items, mps_series_item, g_array_index(order, mps_moment, position).place);
}

#endif
