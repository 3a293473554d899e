/* control.c: explains the departures of a handshake's segments, and of what waited for it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "walk_internal.h"

void mps_critical_explain_handshake(mps_critical_walking *walk)
{
    const mps_critical_segment *here = mps_critical_here(walk);
    walk->why = MPS_WHY_HANDSHAKE;
    mps_critical_count_half(walk, 1);
    mps_critical_go(
        walk,
        mps_critical_arrival_on(&walk->walker->arrivals[walk->host], here->subflow, walk->event),
        MPS_EXPLAIN_ARRIVAL, MPS_CAUSE_HOST, MPS_DETAIL_NONE);
}

/* A host opens a further subflow when it learns of an address, or when it likes to. */
static void explain_join(mps_critical_walking *walk)
{
    const mps_critical_arrivals *arrivals = &walk->walker->arrivals[walk->host];
    uint32_t arrival = mps_critical_event_before(arrivals->announcements, walk->event);
    if (arrival == MPS_NONE)
        arrival =
            mps_critical_arrival_before(mps_critical_history_here(walk), walk->host, walk->event);
    mps_critical_count_half(walk, 1);
    mps_critical_go(walk, arrival, MPS_EXPLAIN_ARRIVAL, MPS_CAUSE_HOST, MPS_DETAIL_NONE);
}

void mps_critical_explain_control(mps_critical_walking *walk)
{
    const mps_critical_segment *here = mps_critical_here(walk);
    const mps_critical_arrivals *arrivals = &walk->walker->arrivals[walk->host];
    const uint32_t arrival = mps_critical_arrival_on(arrivals, here->subflow, walk->event);
    uint32_t syn = MPS_NONE;
    walk->why = MPS_WHY_HANDSHAKE;
    if (here->syn)
        syn = mps_critical_event_before(arrivals->syns->pdata[here->subflow], walk->event);
    if (syn != MPS_NONE && (arrival == MPS_NONE || syn > arrival))
        mps_critical_go(walk, syn, MPS_EXPLAIN_DEPARTURE, MPS_CAUSE_RECOVERY, MPS_DETAIL_TIMEOUT);
    else if (here->syn && !here->has_ack)
        explain_join(walk);
    else
        mps_critical_explain_handshake(walk);
}
