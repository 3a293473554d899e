/* resent_sums.h: the verdicts on bytes that were sent again, summed up.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_RESENT_SUMS_H
#define MPS_RESENT_SUMS_H

#include "compare/comparison.h"

/* Reinjected bytes by verdict. Each byte counts in exactly one of the first four. Arrivals are
 * compared at the receiver, so that the two clocks need not agree. */
typedef struct {
    uint64_t useful;    /* arrived before every earlier transmission, or none of these arrived */
    uint64_t redundant; /* arrived after an earlier transmission */
    uint64_t lost;      /* did not arrive */
    uint64_t unknown;   /* undetermined */
    uint64_t spurious;  /* redundant or lost, and an earlier transmission had arrived before they
                         * were even sent, by the bounds of the clock */
    uint64_t unsure;    /* redundant or lost; whether they are spurious is undetermined */
    uint64_t advanced; /* useful, and certainly acknowledged earlier thanks to the reinjection: by a
                        * DATA_ACK that left the receiver before they came by any other
                        * transmission */
} mps_reinjection_bytes;

/* Retransmitted bytes by necessity. Each byte counts in exactly one of the first three. */
typedef struct {
    uint64_t needed;   /* no earlier transmission of them on the subflow arrived at all */
    uint64_t spurious; /* one did, before or after they were sent again (RFC 3522, RFC 3708) */
    uint64_t unknown;  /* undetermined */
    uint64_t lost;     /* of all three: did not arrive themselves */
    uint64_t early;    /* of the spurious ones: an earlier transmission had arrived before they were
                        * even sent again */
    uint64_t unsure; /* of the spurious ones: the bounds of the clock do not show whether it had */
} mps_necessity;

/** Add bytes to a sum, verdict by verdict. */
void mps_reinjection_bytes_add(mps_reinjection_bytes *sum, const mps_reinjection_bytes *bytes);

/** The same for retransmitted bytes. */
void mps_necessity_add(mps_necessity *sum, const mps_necessity *part);

/* What one direction of a subflow, or of several, sent again. */
typedef struct {
    uint32_t reinjections, retransmissions; /* segments */
    uint64_t retransmitted;                 /* bytes */
    mps_reinjection_bytes reinjected;
    mps_necessity necessity; /* of the retransmitted bytes */
} mps_resent_sum;

/** Add one sum to another. */
void mps_resent_sum_add(mps_resent_sum *sum, const mps_resent_sum *part);

/** Pass the verdict on all that both hosts sent again. The traces must have been loaded with
 *  MPS_NEED_TRANSMISSIONS.
 *  @return mps_resent_sum by index of comparison->rows; freed by the caller with g_array_free() */
GArray *mps_resent_sums_of(const mps_comparison *comparison);

#endif
