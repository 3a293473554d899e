/* vantage.h: where on the path between two hosts a capture was made.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_VANTAGE_H
#define MPS_VANTAGE_H

#include "tracker/tracker_state.h"

typedef enum {
    MPS_VANTAGE_UNKNOWN,
    MPS_VANTAGE_SENDER,
    MPS_VANTAGE_MIDDLE,
    MPS_VANTAGE_RECEIVER
} mps_vantage;

/* How fast the other end answers to what one end sends, by timestamps (RFC 7323): the time from a
 * segment to the first one back that echoes its TSval. */
typedef struct {
    bool timing, answered;
    uint32_t tsval;
    int64_t since;
    int64_t least; /* ns, if answered */
} mps_echo;

/* Shares of round-trip times, in ns: from the capture to the receiver and back, to the sender and
 * back. Both 0: unknown. */
typedef struct {
    int64_t to_receiver, to_sender;
} mps_reach;

/** Take in a segment. @param own, peer  of the segment's half and of the other one */
void mps_echo_segment(mps_echo *own, mps_echo *peer, const mps_segment *segment);

/**
 * Add how far it is from the capture to the ends of a subflow, by the fastest answers, in the
 * handshake or behind it. Adds nothing where it cannot be told.
 * @param half       what was sent in it makes sender and receiver
 * @param own, peer  of this half and of the other one
 */
void mps_reach_add(mps_reach *reach, const mps_flow *flow, unsigned half, const mps_echo *own,
                   const mps_echo *peer);

/** @return which end is near (docs/report-reordering.md has the rule). */
mps_vantage mps_reach_vantage(const mps_reach *reach);

#endif
