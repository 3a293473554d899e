/* records.h: what the critical path needs of each segment, kept while a capture is read.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_CRITICAL_RECORDS_H
#define MPS_CRITICAL_RECORDS_H

#include "analysis/analysis.h"
#include "critical_path.h"

extern const mps_analysis_kind mps_critical_analysis;

/* A segment. Numbers are extended as the tracker does. */
typedef struct {
    int64_t time;
    uint64_t seq, ack, data_ack; /* of a SYN: MPS_ANCHOR - 1 */
    uint32_t frame, length;
    uint32_t window; /* as on the wire, not scaled */
    uint32_t sacks;  /* index of its first SACK block */
    uint8_t sack_count;
    bool has_ack : 1, has_data_ack : 1;
    bool syn : 1, rst : 1, join : 1, add_addr : 1, capable : 1;
} mps_critical_record;

/* What one half of a subflow sent. */
typedef struct {
    GArray *records; /* mps_critical_record, as captured; NULL: none */
    GArray *sacks;   /* mps_critical_sack */
    uint32_t mss;    /* of its MSS option: what it accepts; 0: it had none */
} mps_critical_half;

/** @return what was kept of a half, owned by the tracker; NULL: nothing.
 *  @param half_id  see mps_view.half_id */
const mps_critical_half *mps_critical_half_of(const mps_tracker *tracker, uint32_t half_id);

#endif
