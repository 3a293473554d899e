/* round_trip.c: goes back from a segment to the acknowledgement that let it go, and to the arrival
 * that let that go.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "walk_internal.h"

/* @return the arrival that advanced what is in order to at least a number, before an event;
 * otherwise the last one that advanced it at all; MPS_NONE: none did */
static uint32_t advance_until(const GArray *advances, uint64_t number, uint32_t event)
{
    const mps_critical_advance *advance = mps_critical_advance_to(advances, number);
    if (!advance || advance->event >= event)
        advance = mps_critical_advance_before(advances, event);
    return advance ? advance->event : MPS_NONE;
}

/* The arrival that an acknowledgement of a subflow answered: the one that brought its last byte
 * into order. One with SACK blocks answered the last payload on its subflow. */
static uint32_t answered_on_subflow(const mps_critical_walking *walk,
                                    const mps_critical_receiver *receiver)
{
    const mps_critical_segment *ack = mps_critical_here(walk);
    const mps_critical_arrivals *arrivals = &walk->walker->arrivals[walk->host];
    const mps_critical_advance *advance =
        mps_critical_advance_to(mps_critical_subflow_advances(receiver, ack->subflow), ack->ack);
    if (ack->sack_count == 0 && advance && advance->event < walk->event)
        return advance->event;
    const uint32_t payload = mps_critical_payload_before(arrivals, mps_critical_history_here(walk),
                                                         ack->subflow, walk->event);
    return payload != MPS_NONE ? payload
                               : mps_critical_arrival_on(arrivals, ack->subflow, walk->event);
}

/* The arrival that a window answered. If the reader was behind, it is the one with which the time
 * began in which it was busy: what arrived since then had to wait for it. */
static uint32_t answered_by_window(const mps_critical_walking *walk,
                                   const mps_critical_receiver *receiver)
{
    const uint32_t kept_up = mps_critical_reader_kept_up(receiver, walk->event);
    if (kept_up != walk->event) {
        const mps_critical_advance *first = mps_critical_advance_after(receiver->data, kept_up);
        if (first && first->event < walk->event)
            return first->event;
    }
    return advance_until(receiver->data, mps_critical_here(walk)->data_ack, walk->event);
}

void mps_critical_round_trip(mps_critical_walking *walk, uint32_t event, mps_critical_let_go by,
                             mps_critical_why why)
{
    const mps_critical_walker *walker = walk->walker;
    const mps_critical_receiver *receiver = &walker->receivers[walk->host];
    const uint32_t subflow = mps_critical_here(walk)->subflow;
    walk->why = mps_critical_reactions_tell(walker, subflow) ? why : MPS_WHY_UNKNOWN;
    if (by == MPS_LET_GO_BY_WINDOW && walker->both && !receiver->begun)
        walk->why = MPS_WHY_UNKNOWN; /* or the reader was behind before the capture began */
    mps_critical_count_half(walk, 2);
    if (!mps_critical_go(walk, event, MPS_EXPLAIN_ARRIVAL, MPS_CAUSE_HOST, MPS_DETAIL_NONE))
        return;
    if (!walker->both) {
        mps_critical_round_unsplit(walk, by);
        return;
    }
    if (!mps_critical_cross(walk))
        return;
    uint32_t arrival;
    if (by == MPS_LET_GO_BY_ACK)
        arrival = answered_on_subflow(walk, receiver);
    else if (by == MPS_LET_GO_BY_WINDOW)
        arrival = answered_by_window(walk, receiver);
    else
        arrival = advance_until(receiver->data, mps_critical_here(walk)->data_ack, walk->event);
    if (mps_critical_go(walk, arrival, MPS_EXPLAIN_ARRIVAL, MPS_CAUSE_RECEIVER, MPS_DETAIL_NONE))
        mps_critical_want_gap(walk, by != MPS_LET_GO_BY_ACK);
}
