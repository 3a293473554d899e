/* series.h: what each segment adds and acknowledges; for reports per interval.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_SERIES_H
#define MPS_SERIES_H

#include "analysis.h"

/* Has to stand behind mps_rtt_analysis in the list of analyses, and be wanted together with it. */
extern const mps_analysis_kind mps_series_analysis;

/* No round-trip time. */
#define MPS_NO_RTT INT64_MIN

/* What a segment tells of progress, on its subflow or at data level: the low 32 bits of the
 * tracker's sequence numbers. */
typedef struct {
    bool has_sent, has_acked, has_start;
    uint32_t sent;  /* behind the last byte it carries */
    uint32_t acked; /* behind the last byte of the other direction that it acknowledges */
    uint32_t start; /* the first byte of its own direction ever */
} mps_series_progress;

/* A segment. */
typedef struct {
    int64_t time;
    int64_t rtt; /* ns; of the other direction's data, told by this ACK; or MPS_NO_RTT */
    uint32_t frame, half_id;
    uint32_t space_id[2];           /* of the sender's direction, and of the other one */
    uint32_t length, retransmitted; /* as in mps_verdict */
    int32_t data, reinjected;       /* likewise */
    uint32_t window; /* bytes, scaled, that it allows the other direction; MPS_NONE: unknown */
    bool data_level; /* data is acknowledged at data level: no fallback */
    mps_series_progress subflow, data_step;
} mps_series_item;

/** @return all segments in the order of the capture (mps_series_item), or NULL. */
const GArray *mps_series_items(const mps_tracker *tracker);

#endif
