/* reinjection_internal.h: what became of bytes that were sent again, by both ends' captures: of
 * reinjections, and of retransmissions on a subflow.
 *
 * All is told with hindsight: segments are taken in the order in which their host sent them, with
 * the mappings that the whole capture tells. (report reinjections goes by what was known when a
 * segment was captured; the sums of bytes are the same.)
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_REINJECTION_INTERNAL_H
#define MPS_REINJECTION_INTERNAL_H

#include "sent_payload.h"

/* Reinjected bytes by their fate. Each is one of the first four; arrival times are compared at the
 * receiver, and need no agreement of clocks. */
typedef struct {
    uint64_t useful;    /* arrived before any earlier transmission, or none of these did */
    uint64_t redundant; /* arrived when an earlier transmission had */
    uint64_t lost;      /* did not arrive */
    uint64_t unknown;   /* not told */
    uint64_t spurious;  /* redundant or lost, and an earlier transmission had arrived before they
                         * were even sent; by the bounds of the clock */
    uint64_t unsure;    /* redundant or lost, and it is not told whether they are spurious */
    uint64_t advanced;  /* useful, and surely acknowledged sooner thanks to it: by a DATA_ACK that
                         * left the receiver before they came by any other transmission */
} mps_reinjection_bytes;

/* Retransmitted bytes by whether they were needed. Each is one of the first three. */
typedef struct {
    uint64_t needed;   /* no earlier transmission of them on the subflow arrived at all */
    uint64_t spurious; /* one did, before or after they were sent again (RFC 3522, RFC 3708) */
    uint64_t unknown;  /* not told */
    uint64_t lost;     /* of all three: did not arrive themselves */
    uint64_t early;    /* of the spurious: one had arrived before they were even sent again */
    uint64_t unsure;   /* of the spurious: the bounds of the clock do not tell whether it had */
} mps_necessity;

/* Reinjected bytes that have one past. */
typedef struct {
    uint64_t dsn; /* inside */
    uint32_t length;
    uint32_t past; /* before them, by index */
    uint32_t row;  /* mps_reinjection_row, by index */
    uint32_t pair; /* mps_reinjection_pair, by index */
} mps_reinjected_stretch;

/* A segment that reinjects. */
typedef struct {
    uint32_t sending;
    uint32_t first, count; /* mps_reinjected_stretch; one behind the other */
    uint32_t length;       /* reinjected bytes */
    int64_t acked;         /* those that a DATA_ACK, captured earlier, acknowledged; -1: none was
                            * captured */
    mps_reinjection_bytes fates;
    bool has_gain;
    int64_t gain; /* the most of its bytes, see mps_gain */
} mps_reinjection_row;

/* By how much some bytes came earlier thanks to a reinjection: the next arrival of the same bytes
 * minus their own. Where another transmission arrived first, this one's minus their own: negative.
 * Bytes of which nothing else arrived have none. */
typedef struct {
    int64_t gain; /* ns */
    uint32_t stretch;
    uint32_t bytes;
} mps_gain;

/* Sums of a pair of subflows: the one that carried the bytes last, and the one that reinjected. */
typedef struct {
    uint32_t from, to; /* mps_sender, by index */
    uint32_t segments;
    uint32_t last_row; /* that was counted */
    mps_reinjection_bytes fates;
} mps_reinjection_pair;

/* A segment that repeats bytes under the same subflow sequence numbers. */
typedef struct {
    uint32_t sending;
    uint32_t length;
    bool has_dsn;
    uint64_t dsn;  /* inside, of the first of them */
    uint64_t ssn;  /* likewise */
    int64_t delay; /* since they were sent last, ns; the least */
    mps_necessity needs;
} mps_retransmission_row;

/* All that one end sent again. */
typedef struct {
    mps_sent_side sent;
    GArray *pasts;     /* mps_past, of data sequence numbers */
    GArray *rows;      /* mps_reinjection_row, in the order of sending */
    GArray *stretches; /* mps_reinjected_stretch */
    GArray *pairs;     /* mps_reinjection_pair */
    GArray *gains;     /* mps_gain */
    GArray *needs;     /* mps_retransmission_row, in the order of sending */
} mps_reinjection_side;

/** Tell what became of all that the host of one capture sent again. The traces must have been
 *  loaded with MPS_NEED_TRANSMISSIONS. @param in_a  the host of A, else of B
 *  @return to be freed with mps_reinjections_free() */
mps_reinjection_side *mps_reinjections_of(const mps_comparison *comparison, bool in_a);
void mps_reinjections_free(mps_reinjection_side *side);

/** Add to a sum. */
void mps_reinjection_bytes_add(mps_reinjection_bytes *sum, const mps_reinjection_bytes *fates);

/* Parts of mps_reinjections_of(), in fate_gain.c. */

/** Note that bytes of a stretch came earlier, or later (negative). */
void mps_reinjection_add_gain(mps_reinjection_side *side, uint32_t stretch, int64_t ns,
                              uint32_t bytes);

/** Tell what came first, and was acknowledged sooner, thanks to reinjections; when all is known.
 *  @param space  of the data, whose history it is */
void mps_reinjection_take_gains(mps_reinjection_side *side, uint32_t space,
                                const mps_history *history);

#endif
