/* answers.h: which transmission an acknowledgement answers, and the sample that gives; for rtt.c.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_ANSWERS_H
#define MPS_ANSWERS_H

#include "flight.h"
#include "rtt.h"

/* What was sent in one direction, of a subflow or at data level. All zero: nothing. */
typedef struct {
    mps_flight flight;
    uint64_t top, acked; /* the highest number sent, and acknowledged */
    GArray *samples;     /* mps_rtt_sample; NULL: none */
    bool moved; /* its segments count at another place than at first; no sample lies across that */
} mps_answers;

/* What a segment tells of round-trip times. */
typedef struct {
    int64_t time;                 /* ns */
    uint64_t ssn, ack, data_ack;  /* 0: none; extended numbers are not that low */
    uint32_t length;              /* payload bytes from ssn on */
    uint32_t frame, tsval, tsecr; /* timestamps: valid if has_timestamps */
    uint32_t half_id, other_half_id, space_id, other_space_id;
    guint ranges_end; /* in mps_rtt.ranges; its ranges begin where those of the step before end */
    bool has_timestamps, pieces_cut;
    bool moved; /* mps_flow_copies.moved */
} mps_rtt_step;

/** Free what a direction holds. */
void mps_answers_clear(mps_answers *direction);

/** Forget what was sent: segments count at another place from here on. */
void mps_answers_move(mps_answers *direction);

/** Note that a segment sent [start, stop).
 *  @param order  of the segment, above those of earlier ones
 *  @param again  the caller knows that some of it was sent before */
void mps_answers_send(mps_answers *direction, const mps_rtt_step *step, uint32_t order,
                      uint64_t start, uint64_t stop, bool again);

/** Note that a segment repeats data, and it is not known which: whatever is outstanding may have
 *  been sent again. @param order  of the segment */
void mps_answers_send_unknown(mps_answers *direction, const mps_rtt_step *step, uint32_t order);

/** Take in the ACK of a segment from the other side of a subflow.
 *  @param leaps  no sample lies across one of them; NULL: not known yet
 *  @return the sample that it gave, valid until the next one; NULL: none */
const mps_rtt_sample *mps_answers_ack(mps_answers *direction, const mps_rtt_step *step,
                                      const mps_leaps *leaps);

/** Take in the DATA_ACK of a segment from the other side of a connection. @param leaps  as above */
void mps_answers_data_ack(mps_answers *direction, const mps_rtt_step *step, const mps_leaps *leaps);

#endif
