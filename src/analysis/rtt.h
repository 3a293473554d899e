/* rtt.h: round-trip times from data to its acknowledgement, on a subflow and at data level.
 *
 * On a subflow each ACK that is the first to acknowledge some data gives a sample. The ACK answers
 * the last transmission of that data; the sample is the time since then. Karn's rule: if that data
 * was sent more than once, only the timestamp echo (RFC 7323) shows which transmission was
 * answered; without it there is no sample.
 *
 * At data level each range of data that one segment carried gives a sample when a DATA_ACK first
 * covers all of it, unless one of its bytes was sent twice, on any subflow.
 *
 * Of each segment a note of 88 bytes is taken; samples are found when somebody asks for them. They
 * are found in the order of time; if the file is not in that order, as a capture of several
 * interfaces, in the order of the file, too, where they are needed for each segment. No sample lies
 * across a leap of the clock (leaps.h): those acknowledgements have none.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_RTT_H
#define MPS_RTT_H

#include "analysis.h"

extern const mps_analysis_kind mps_rtt_analysis;

/* A sample, or an acknowledgement that gave none. */
typedef struct {
    int64_t time;        /* ns; valid if data_frame is not 0 */
    uint32_t frame;      /* of the acknowledgement, to which the sample belongs */
    uint32_t data_frame; /* of the data; 0: no sample, it is unknown which one was answered */
} mps_rtt_sample;

/** @return whether the samples differ from those in the order in which segments came: those were
 * not in the order of time */
bool mps_rtt_is_settled_anew(const mps_tracker *tracker);

/** @return the samples of a subflow's direction (mps_rtt_sample) in the order of their frames; if
 * segments came in the order of time (replay.h) and none was held, in that order; owned by the
 * tracker; NULL: none.
 * @param half_id  of the data's sender, see mps_analysis_half()
 */
const GArray *mps_rtt_of_half(const mps_tracker *tracker, uint32_t half_id);

/** @return the same at data level. @param space_id  of the data, see mps_analysis_space() */
const GArray *mps_rtt_of_space(const mps_tracker *tracker, uint32_t space_id);

/** @return the samples of a space until now, in the order of the file; owned by the tracker; NULL:
 *  none. For what is kept of each segment. */
const GArray *mps_rtt_of_space_yet(const mps_tracker *tracker, uint32_t space_id);

/** For analyses that come after this one.
 *  @return the sample of the other half that the segment being taken in gave, or NULL */
const mps_rtt_sample *mps_rtt_of_segment(const mps_tracker *tracker);

#endif
