/* by_host.h: explains the departure of a segment that no arrival let go.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_CRITICAL_BY_HOST_H
#define MPS_CRITICAL_BY_HOST_H

#include "walk_internal.h"

/* The departure of payload that a walk is at. */
typedef struct {
    const mps_critical_segment *segment;
    const mps_critical_sender *sender;
    const mps_critical_sender_flow *flow;
    const mps_critical_sending *sending;
    uint32_t number; /* index of the sending */
    mps_critical_hits hits;
} mps_critical_departure;

/** Explain it by the host itself: pacing, the scheduler, the send buffer, the application. */
void mps_critical_explain_by_host(mps_critical_walking *walk, const mps_critical_departure *d);

/* release.c: */

/** @return the segment with later data that was sent before this one, and not just before, by index
 *  in `sendings`: these data were there by then. MPS_NONE: there is none. */
uint32_t mps_critical_overtaker(const mps_critical_walking *walk, const mps_critical_departure *d);

/** Go to that segment. */
void mps_critical_explain_held(mps_critical_walking *walk, const mps_critical_departure *d,
                               uint32_t overtaker);

/** Go to the transmission before of the same data. @return false: there is none */
bool mps_critical_explain_reinjection(mps_critical_walking *walk, const mps_critical_departure *d);

#endif
