/* data_ack.h: how much was acknowledged at connection level (DATA_ACK, RFC 8684 section 3.3.2), and
 * when.
 *
 * DATA_ACKs are put in the order of time, because a capture of several interfaces is not in that
 * order: a DATA_ACK that is assumed earlier than it was would prove what is not true.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_DATA_ACK_H
#define MPS_DATA_ACK_H

#include "analysis.h"

extern const mps_analysis_kind mps_data_ack_analysis;

/* A DATA_ACK. */
typedef struct {
    mps_moment moment; /* its `place` is the frame; its leaps are set by mps_data_acks() */
    uint64_t ack;      /* everything below is acknowledged */
} mps_data_ack;

/** @return the DATA_ACKs of a direction as captured, but for repetitions (mps_data_ack, without
 *  leaps), owned by the tracker; NULL: there are none */
const GArray *mps_data_acks_captured(const mps_tracker *tracker, uint32_t space_id);

/** @return the DATA_ACKs of a direction in the order of time, but never across a leap of the clock,
 * each with the highest `ack` until then (mps_data_ack); the caller frees it. @param space_id  of
 * the data's direction */
GArray *mps_data_acks(const mps_tracker *tracker, uint32_t space_id);

/** @return an empty store for mps_data_acks_kept(); the caller frees it with g_ptr_array_free() */
GPtrArray *mps_data_acks_store(void);

/** Like mps_data_acks(), but sort the DATA_ACKs of each direction only once.
 *  @param store  from mps_data_acks_store(), used for this tracker alone
 *  @return the DATA_ACKs, which `store` owns */
const GArray *mps_data_acks_kept(GPtrArray *store, const mps_tracker *tracker, uint32_t space_id);

/** Find how far data was acknowledged before a moment.
 *  @param acks   from mps_data_acks()
 *  @param leaps  how often the clock had leapt until then
 *  @param time   ns
 *  @param frame  DATA_ACKs at the same time count if their frame is lower
 *  @param ack    set to the highest DATA_ACK until then
 *  @return false: there was no DATA_ACK until then */
bool mps_data_acked(const GArray *acks, uint32_t leaps, int64_t time, uint32_t frame,
                    uint64_t *ack);

#endif
