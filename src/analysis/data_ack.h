/* data_ack.h: when how much was acknowledged at connection level (DATA_ACK, RFC 8684
 * section 3.3.2).
 *
 * By time, not as captured: a capture of several interfaces is not in order of time, and an
 * acknowledgement that is taken for earlier than it was would prove what is not true.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_DATA_ACK_H
#define MPS_DATA_ACK_H

#include "analysis.h"

extern const mps_analysis_kind mps_data_ack_analysis;

typedef struct {
    uint64_t ack; /* inside; up to and without this one */
    int64_t time;
    uint32_t frame;
} mps_data_ack;

/** @return what was acknowledged of a direction, in order of time, each with the highest ack until
 *  then (mps_data_ack); to be freed by the caller. @param space_id of the data's direction */
GArray *mps_data_acks(const mps_tracker *tracker, uint32_t space_id);

/** Tell how far data was acknowledged before a moment.
 *  @param acks  of mps_data_acks()
 *  @param frame  tells what is before at the same time
 *  @return false: no DATA_ACK by then */
bool mps_data_acked(const GArray *acks, int64_t time, uint32_t frame, uint64_t *ack);

#endif
