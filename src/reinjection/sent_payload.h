/* sent_payload.h: the payload that one end sent, in the order of sending, and when each part of it
 * arrived at the other end.
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
    uint8_t half;          /* which half of the flow it is there */
    uint32_t space;        /* its data sequence space there; MPS_NONE: plain TCP */
    uint32_t connection;   /* A's number; MPS_NONE: plain TCP there */
    uint32_t subflow;      /* A's number; B's where it is MPTCP in B only */
    const mps_half *known; /* the tracker's state of that half */
    mps_align_lists lists; /* `received` is NULL where the other end has nothing of the subflow */
    guint next_match;      /* first match of the segment that mps_sent_parts() takes next */
    mps_runs ambiguous;    /* received bytes whose match was refused, by extended SSN */
} mps_sender;

/* A segment with payload. */
typedef struct {
    int64_t order; /* its time, ns; if the clock was set back, the latest time until then */
    uint64_t ssn;  /* extended subflow sequence number, as in the tracker's mappings */
    uint32_t sender, packet; /* by index: of mps_sent_side.senders, of its lists.sent */
    uint32_t frame;
} mps_sending;

/* What one end sent. */
typedef struct {
    const mps_comparison *comparison;
    const mps_trace *trace; /* the sender's */
    bool in_a;              /* it is A */
    GArray *senders;        /* mps_sender, in the order of the comparison's rows */
    GArray *sendings;       /* mps_sending, in the order of sending */
} mps_sent_side;

/** Collect what the host of one capture sent.
 *  @param side  filled in; to be cleared with mps_sent_clear()
 *  @param in_a  the host of A; otherwise of B */
void mps_sent_init(mps_sent_side *side, const mps_comparison *comparison, bool in_a);

/** Free what a side owns. */
void mps_sent_clear(mps_sent_side *side);

/** @return the direction of a row as one capture names it. @param in_a  A; otherwise B */
mps_direction mps_sent_direction(const mps_comparison_row *row, bool in_a);

/** @return the sender of a sending, by its index; owned by the side. */
static inline mps_sender *mps_sender_of(const mps_sent_side *side, uint32_t sending)
{
    const mps_sending *one = &g_array_index(side->sendings, mps_sending, sending);
    return &g_array_index(side->senders, mps_sender, one->sender);
}

/** @return the packet of a sending, by its index, as the sender captured it. */
const mps_packet *mps_sent_packet(const mps_sent_side *side, uint32_t sending);

/**
 * Find which parts of a segment's payload arrived, and when. Call it once for each sending, in
 * order.
 * @param sending  by index
 * @param parts    set to mps_sent: all of the payload by extended subflow sequence numbers,
 *                 ascending; each part arrived as a whole, did not arrive, or is undetermined
 */
void mps_sent_parts(mps_sent_side *side, uint32_t sending, GArray *parts);

#endif
