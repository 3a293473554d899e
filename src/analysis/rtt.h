/* rtt.h: round-trip times: from data to what acknowledges it, on a subflow and at data level.
 *
 * A subflow gives a sample for each ACK that acknowledges data for the first time: the time since
 * the last transmission of anything it is the first to acknowledge, for that is what it answers.
 * Karn's rule: where that was sent more than once, only the timestamp echo (RFC 7323) can tell
 * which transmission was answered; else there is no sample.
 *
 * At data level each stretch of data gives a sample when a DATA_ACK first covers all of it, unless
 * any of its bytes was sent twice, on whatever subflow.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_RTT_H
#define MPS_RTT_H

#include "analysis.h"

extern const mps_analysis_kind mps_rtt_analysis;

typedef struct {
    int64_t time;        /* ns; meaningless where data_frame is 0 */
    uint32_t frame;      /* of the acknowledgement, to which the sample belongs */
    uint32_t data_frame; /* of the data; 0: no sample, for it cannot be told which was answered */
} mps_rtt_sample;

/** @return the samples of a subflow's direction (of its data) in the order of their frames;
 *  NULL: none. @param half_id as in mps_analysis_half() */
const GArray *mps_rtt_of_half(const mps_tracker *tracker, uint32_t half_id);

/** @return the samples at data level of a connection's direction, or NULL.
 *  @param space_id as in mps_analysis_space() */
const GArray *mps_rtt_of_space(const mps_tracker *tracker, uint32_t space_id);

/** @return the sample on the subflow that the segment at hand gave (to the other half), or NULL.
 *  For analyses that come behind this one. */
const mps_rtt_sample *mps_rtt_of_segment(const mps_tracker *tracker);

#endif
