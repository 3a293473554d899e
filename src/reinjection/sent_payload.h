/* sent_payload.h: the payload that one end of two captures sent, in the order of sending, and
 * when each part of it arrived at the other end.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_SENT_PAYLOAD_H
#define MPS_SENT_PAYLOAD_H

#include "compare/comparison.h"
#include "history.h"
#include "tracker/tracker_state.h"

/* One direction of a subflow, or of a plain TCP connection, at its sender's end. */
typedef struct {
    const mps_comparison_row *row;
    uint32_t id;           /* in the sender's capture */
    uint8_t half;          /* of it */
    uint32_t space;        /* of its connection's direction there; MPS_NONE: plain TCP */
    uint32_t connection;   /* as A numbers it; MPS_NONE: plain TCP there */
    uint32_t subflow;      /* likewise; as B does where it is MPTCP in B only */
    const mps_half *known; /* what the tracker knows of it */
    mps_align_lists lists; /* received: NULL where the other end saw nothing of the subflow */
    guint next_match;      /* of the segment that is looked at next */
    mps_runs refused;      /* received bytes that match no sent ones */
} mps_sender;

/* A segment with payload. */
typedef struct {
    int64_t order;           /* its time; of a clock that was set back, the latest until then */
    uint64_t ssn;            /* inside, as of the tracker's mappings */
    uint32_t sender, packet; /* by index */
    uint32_t frame;
} mps_sending;

typedef struct {
    const mps_comparison *comparison;
    const mps_trace *trace; /* the sender's */
    bool in_a;
    GArray *senders;  /* mps_sender */
    GArray *sendings; /* mps_sending, in the order of sending */
} mps_sent_side;

/** Collect what the host of one capture sent. @param in_a  that of A, else of B */
void mps_sent_init(mps_sent_side *side, const mps_comparison *comparison, bool in_a);
void mps_sent_clear(mps_sent_side *side);

/** @return the direction of a row as a capture names it. @param in_a  A, else B */
mps_direction mps_sent_direction(const mps_comparison_row *row, bool in_a);

static inline mps_sender *mps_sender_of(const mps_sent_side *side, uint32_t sending)
{
    const mps_sending *one = &g_array_index(side->sendings, mps_sending, sending);
    return &g_array_index(side->senders, mps_sender, one->sender);
}

/** @return a sending as the sender captured it */
const mps_packet *mps_sent_packet(const mps_sent_side *side, uint32_t sending);

/**
 * Tell what became of a segment's payload. To be called for all of them in order.
 * @param parts  set to mps_sent: all of the payload by inside subflow sequence numbers, ascending,
 *               each part with one fate
 */
void mps_sent_parts(const mps_sent_side *side, uint32_t sending, GArray *parts);

#endif
