/* by_host.c: explains the departure of a segment that no arrival let go.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "by_host.h"

/* So much data that had to wait, full segments, do not come from an application that is idle. */
#define BACKLOG_SEGMENTS 4u

/* A write that a free send buffer lets go may take so many reactions. */
#define BUFFER_REACTIONS 10

/* So many subflows are looked at for that: hosts open a few. */
#define STALLED_SUBFLOWS 64u

/* Subflows that get no acknowledgement for so many round trips may be stalled. */
#define STALLED_TRIPS 2

static uint32_t event_of(const mps_critical_departure *d, uint32_t number)
{
    return g_array_index(d->sender->sendings, mps_critical_sending, number).event;
}

/* @return the segment that advanced the data last before, at or before `top`; MPS_NONE: none did */
static uint32_t event_of_top(const mps_critical_departure *d, uint32_t top)
{
    if (top == MPS_NONE)
        return MPS_NONE;
    return event_of(d, g_array_index(d->sender->tops, mps_critical_top, top).sending);
}

/* Data with lower numbers were still to be sent: the buffer was full. */
static void explain_backlog(mps_critical_walking *walk, const mps_critical_departure *d)
{
    const uint32_t data_ack = d->sending->data_ack;
    if (data_ack != MPS_NONE) {
        const mps_critical_ack *ack =
            &g_array_index(d->sender->data_acks, mps_critical_ack, data_ack);
        if (d->segment->time - ack->time <= BUFFER_REACTIONS * walk->walker->limits.reaction) {
            mps_critical_round_trip(walk, ack->event, MPS_LET_GO_BY_DATA_ACK, MPS_WHY_SEND_BUFFER);
            return;
        }
    }
    walk->why = MPS_WHY_SEND_BUFFER;
    mps_critical_go(walk, event_of_top(d, d->sending->before), MPS_EXPLAIN_DEPARTURE,
                    MPS_CAUSE_HOST, MPS_DETAIL_NONE);
}

/* @return whether another subflow had data in flight and got no acknowledgement since an event */
static bool other_subflow_stalled(const mps_critical_walking *walk, const mps_critical_departure *d,
                                  uint32_t since)
{
    const mps_critical_input *input = walk->walker->input;
    for (guint i = 0; i < MIN(d->sender->flows->len, STALLED_SUBFLOWS); i++) {
        const mps_critical_sender_flow *flow =
            &g_array_index(d->sender->flows, mps_critical_sender_flow, i);
        const uint32_t last = mps_critical_event_before(flow->sent, since);
        if (i == d->segment->subflow || last == MPS_NONE)
            continue;
        const mps_critical_segment *segment = mps_critical_at(input, walk->host, last);
        const mps_critical_ack *ack = mps_critical_ack_before(flow->acks, walk->event);
        if (!ack || (ack->event < since && ack->after < segment->seq + segment->length))
            return true;
    }
    return false;
}

/* The application wrote the data only now. @param write  the segment with its write before;
 * MPS_NONE: this is its first one */
static void explain_write(mps_critical_walking *walk, const mps_critical_departure *d,
                          uint32_t write)
{
    const uint32_t arrival = mps_critical_arrival_on(&walk->walker->arrivals[walk->host],
                                                     d->segment->subflow, walk->event);
    walk->why = MPS_WHY_APPLICATION;
    if (write == MPS_NONE) { /* it could have written when the handshake was over */
        if (mps_critical_go(walk, arrival, MPS_EXPLAIN_ARRIVAL, MPS_CAUSE_APPLICATION,
                            MPS_DETAIL_NONE))
            walk->why = MPS_WHY_HANDSHAKE;
        return;
    }
    const int64_t idle = walk->now - mps_critical_at(walk->walker->input, walk->host, write)->time;
    const bool stalled =
        idle > STALLED_TRIPS * walk->walker->least_trip && other_subflow_stalled(walk, d, write);
    mps_critical_go(walk, write, MPS_EXPLAIN_DEPARTURE, MPS_CAUSE_APPLICATION,
                    stalled ? MPS_DETAIL_OR_STALLED : MPS_DETAIL_NONE);
}

/* The application had nothing to send: it wrote before, or it answered data of its peer. */
static void explain_application(mps_critical_walking *walk, const mps_critical_departure *d)
{
    const mps_critical_sending *sending = d->sending;
    uint32_t top = sending->before;
    if (top != MPS_NONE && (sending->data_flight == 0 || sending->small))
        top = g_array_index(d->sender->tops, mps_critical_top, top).own;
    const uint32_t write = event_of_top(d, top);
    const mps_critical_advance *request =
        mps_critical_advance_before(walk->walker->receivers[!walk->host].data, walk->event);
    if (!request || (write != MPS_NONE && request->event < write)) {
        explain_write(walk, d, write);
        return;
    }
    walk->why = MPS_WHY_APPLICATION;
    if (!mps_critical_go(walk, request->event, MPS_EXPLAIN_ARRIVAL, MPS_CAUSE_APPLICATION,
                         MPS_DETAIL_NONE))
        return;
    walk->why = MPS_WHY_PEER_DATA;
    mps_critical_want_gap(walk, true);
}

void mps_critical_explain_by_host(mps_critical_walking *walk, const mps_critical_departure *d)
{
    const uint32_t overtaker = mps_critical_overtaker(walk, d);
    if (d->hits.paced) {
        walk->why = MPS_WHY_PACING;
        mps_critical_go(walk, event_of(d, d->sending->previous), MPS_EXPLAIN_DEPARTURE,
                        MPS_CAUSE_PACING, MPS_DETAIL_NONE);
    } else if (overtaker != MPS_NONE) {
        mps_critical_explain_held(walk, d, overtaker); /* it was not the application */
    } else if (!d->sending->fresh && mps_critical_explain_reinjection(walk, d)) {
        return;
    } else if (d->sending->backlog > (uint64_t)BACKLOG_SEGMENTS * d->flow->mss) {
        explain_backlog(walk, d);
    } else {
        explain_application(walk, d);
    }
}
