/* vantage.h: the vantage point: where on the path between two hosts a capture was made.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_VANTAGE_H
#define MPS_VANTAGE_H

#include "tracker/tracker_state.h"

/* Which end of the path the capture is near, for one direction of data. */
typedef enum {
    MPS_VANTAGE_UNKNOWN,
    MPS_VANTAGE_SENDER,
    MPS_VANTAGE_MIDDLE, /* near neither */
    MPS_VANTAGE_RECEIVER
} mps_vantage;

/* How fast the other end answers what one end sends: the shortest time from a segment to the first
 * one back that echoes its TSval (RFC 7323). */
typedef struct {
    bool timing;    /* a segment with `tsval` was sent at `since` and is not answered yet */
    bool answered;  /* `least` is valid */
    uint32_t tsval; /* the latest one that was timed */
    int64_t since;  /* ns */
    int64_t least;  /* ns */
} mps_echo;

/* Parts of round-trip times, ns: from the capture to the receiver and back, and from the capture to
 * the sender and back. Both 0: unknown. */
typedef struct {
    int64_t to_receiver, to_sender;
} mps_reach;

/** Take in a segment. @param own, peer  of the half that sent it, and of the other one */
void mps_echo_segment(mps_echo *own, mps_echo *peer, const mps_segment *segment);

/**
 * Add the times from the capture to the ends of a subflow and back, by the fastest answers in the
 * handshake or after it. Adds nothing if one of them is unknown.
 * @param half       the one whose data has the sender and the receiver
 * @param own, peer  of this half, and of the other one
 */
void mps_reach_add(mps_reach *reach, const mps_flow *flow, unsigned half, const mps_echo *own,
                   const mps_echo *peer);

/** @return which end the capture is near (the rule is in docs/report-reordering.md). */
mps_vantage mps_reach_vantage(const mps_reach *reach);

#endif
