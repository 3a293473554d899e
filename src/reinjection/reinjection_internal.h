/* reinjection_internal.h: the verdicts on bytes that were sent again, by the captures of both ends:
 * on reinjections, and on retransmissions on a subflow.
 *
 *   sent_payload.c         lists the payload that one end sent, and finds when it arrived
 *   history.c              keeps the earlier transmissions of every byte
 *   verdict.c              passes the verdict on every byte that was sent again
 *   gain.c                 computes how much earlier bytes came thanks to reinjections
 *   verdict_rows.c         makes the table of reinjections
 *   verdict_totals.c       makes the tables of their sums: by pair of subflows, by direction
 *   retransmissions.c      makes the tables of retransmissions on a subflow
 *   resent_sums.c          sums all of it by direction of a subflow, for other folders
 *   write_reinjections.c   writes mptcpscope reinjections A B
 *
 * All verdicts are passed in hindsight: segments are taken in the order in which their host sent
 * them, with the mappings that the whole capture shows. (`report reinjections` uses what was known
 * when a segment was captured; the sums of bytes are the same.)
 *
 * Sequence numbers are extended, as in the tracker (tracker/tracker_state.h).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_REINJECTION_INTERNAL_H
#define MPS_REINJECTION_INTERNAL_H

#include "resent_sums.h"
#include "sent_payload.h"

/* Reinjected bytes that have the same past. */
typedef struct {
    uint64_t dsn;    /* extended */
    uint32_t length; /* bytes */
    uint32_t past;   /* their earlier transmissions: index in mps_reinjection_side.pasts */
    uint32_t row;    /* mps_reinjection_row, by index */
    uint32_t pair;   /* mps_reinjection_pair, by index */
} mps_reinjected_range;

/* A segment that reinjects. */
typedef struct {
    uint32_t sending;      /* mps_sending, by index */
    uint32_t first, count; /* its mps_reinjected_range; they follow one another */
    uint32_t length;       /* reinjected bytes */
    int64_t acked; /* bytes of these that a DATA_ACK, captured earlier, had acknowledged; -1:
                    * no DATA_ACK was captured */
    mps_reinjection_bytes bytes;
    bool has_gain;
    int64_t gain; /* ns; the greatest of its bytes, see mps_gain */
} mps_reinjection_row;

/* How much earlier some bytes came thanks to a reinjection: the next arrival of the same bytes
 * minus their own. If another transmission arrived first, the gain is negative: the first arrival
 * minus their own. Bytes that arrived by no other transmission have none. */
typedef struct {
    int64_t gain;   /* ns */
    uint32_t range; /* mps_reinjected_range, by index */
    uint32_t bytes;
} mps_gain;

/* Sums of a pair of subflows: the one that carried the bytes last, and the one that reinjected. */
typedef struct {
    uint32_t from, to; /* mps_sender, by index */
    uint32_t segments;
    uint32_t last_row; /* the row that was counted last */
    mps_reinjection_bytes bytes;
} mps_reinjection_pair;

/* A segment that repeats bytes under the same subflow sequence numbers. */
typedef struct {
    uint32_t sending; /* mps_sending, by index */
    uint32_t length;  /* repeated bytes */
    bool has_dsn;
    uint64_t dsn;  /* extended, of the first repeated byte */
    uint64_t ssn;  /* likewise */
    int64_t delay; /* since the bytes were sent last, ns; the least */
    mps_necessity necessity;
} mps_retransmission_row;

/* All that one end sent again. */
typedef struct {
    mps_sent_side sent;
    GArray *pasts;           /* mps_past, of data sequence numbers */
    GArray *reinjections;    /* mps_reinjection_row, in the order of sending */
    GArray *ranges;          /* mps_reinjected_range */
    GArray *pairs;           /* mps_reinjection_pair */
    GArray *gains;           /* mps_gain */
    GArray *retransmissions; /* mps_retransmission_row, in the order of sending */
} mps_reinjection_side;

/** Pass the verdict on all that the host of one capture sent again. The traces must have been
 * loaded with MPS_NEED_TRANSMISSIONS.
 *  @param in_a  the host of A; otherwise of B
 *  @return to be freed with mps_reinjections_free() */
mps_reinjection_side *mps_reinjections_of(const mps_comparison *comparison, bool in_a);

/** Free a side and what it owns. */
void mps_reinjections_free(mps_reinjection_side *side);

/* gain.c: parts of mps_reinjections_of(). */

/** Record that bytes of a range came earlier, or later (negative), thanks to their reinjection.
 *  @param range  mps_reinjected_range, by index
 *  @param ns     the gain, see mps_gain
 *  @param bytes  how many bytes of the range */
void mps_reinjection_add_gain(mps_reinjection_side *side, uint32_t range, int64_t ns,
                              uint32_t bytes);

/** Record the gains, and the bytes acknowledged earlier, of reinjections that arrived first. Call
 * it once for each data sequence space, after all transmissions were added to its history.
 *  @param space    id of the data sequence space
 *  @param history  its history */
void mps_reinjection_take_gains(mps_reinjection_side *side, uint32_t space,
                                const mps_history *history);

#endif
