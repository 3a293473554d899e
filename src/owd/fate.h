/* fate.h: what became of reinjected bytes, by both ends' captures.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_OWD_FATE_H
#define MPS_OWD_FATE_H

#include <mptcpscope/owd.h>

/* Reinjected bytes by their fate. Each is one of the first four; arrival times are compared at the
 * receiver, and need no agreement of clocks. */
typedef struct {
    uint64_t useful;    /* arrived before any earlier transmission, or none of these did */
    uint64_t redundant; /* arrived when an earlier transmission had */
    uint64_t lost;      /* did not arrive */
    uint64_t unknown;   /* not told: it, or an earlier transmission, arrived in part, or went by
                         * outside   of the receiver's capture */
    uint64_t spurious;  /* redundant or lost, and an earlier transmission had arrived before they
                         * were even sent; by the bounds of the clock */
    uint64_t unsure;    /* the bounds of the clock do not tell whether they are spurious */
} mps_fates;

/* A segment that reinjects. */
typedef struct {
    uint32_t subflow; /* id, in the sender's capture */
    uint8_t half;
    uint32_t connection, number; /* of the connection and the subflow, as A has them */
    mps_direction direction;
    uint32_t frame;       /* in the sender's capture */
    bool in_a;            /* that is A */
    uint32_t reinjection; /* of mps_transmissions, by index */
    mps_fates fates;
    bool has_gain;
    int64_t gain; /* ns by which bytes came earlier thanks to it: the most of its pieces whose
                   * earlier transmission arrived, too; negative: they came later */
} mps_fate_row;

/** Tell the fate of every reinjection. The traces must have been loaded with
 *  MPS_NEED_TRANSMISSIONS. @return mps_fate_row, by capture and frame; to be freed by the caller */
GArray *mps_fates_of(const mps_owd *owd);

#endif
