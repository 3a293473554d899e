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

/* An application that has a clock of its own is idle for at least this part of it: one in so many.
 */
#define IDLE_SHARE 4

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
                    MPS_CAUSE_HELD, MPS_DETAIL_NONE);
}

/* How a subflow stands that has data in flight. */
typedef enum {
    SUBFLOW_WELL,
    SUBFLOW_STALLED, /* it gets no acknowledgement */
    SUBFLOW_DEAD, /* it never will, and does not send again, as TCP must (RFC 6298): its interface
                   * is gone */
} subflow_health;

/* @return how a subflow stands since an event. @param number  of the subflow */
static subflow_health health_of(const mps_critical_walking *walk, const mps_critical_departure *d,
                                guint number, uint32_t since)
{
    const mps_critical_input *input = walk->walker->input;
    const mps_critical_sender_flow *flow =
        &g_array_index(d->sender->flows, mps_critical_sender_flow, number);
    const uint32_t last = mps_critical_event_before(flow->sent, walk->event);
    const mps_critical_ack *ack = mps_critical_ack_before(flow->acks, walk->event);
    if (last == MPS_NONE || last >= since || !ack || ack->event >= since)
        return SUBFLOW_WELL;
    const mps_critical_segment *segment = mps_critical_at(input, walk->host, last);
    const uint64_t end = segment->seq + segment->length;
    if (ack->after >= end ||
        walk->now - segment->time <= STALLED_TRIPS * walk->walker->trips[number])
        return SUBFLOW_WELL;
    const uint32_t ever = g_array_index(flow->sent, uint32_t, flow->sent->len - 1);
    const mps_critical_ack *final =
        &g_array_index(flow->acks, mps_critical_ack, flow->acks->len - 1);
    return ever == last && final->after < end ? SUBFLOW_DEAD : SUBFLOW_STALLED;
}

/* Was nothing sent because another subflow did not deliver what it had? It may have filled the
 * buffer.
 * @return whether the walk went on */
static bool explain_stalled(mps_critical_walking *walk, const mps_critical_departure *d)
{
    const uint32_t before = event_of_top(d, d->sending->before);
    subflow_health worst = SUBFLOW_WELL;
    guint which = 0;
    if (before == MPS_NONE ||
        walk->now - mps_critical_at(walk->walker->input, walk->host, before)->time <=
            STALLED_TRIPS * walk->walker->least_trip ||
        !mps_critical_reactions_tell(walk->walker, d->segment->subflow))
        return false;
    for (guint i = 0; i < MIN(d->sender->flows->len, STALLED_SUBFLOWS); i++) {
        const subflow_health health =
            i == d->segment->subflow ? SUBFLOW_WELL : health_of(walk, d, i, before);
        if (health > worst) {
            worst = health;
            which = i;
        }
    }
    if (worst == SUBFLOW_WELL)
        return false;
    const guint piece = walk->path->pieces->len;
    const bool dead = worst == SUBFLOW_DEAD;
    walk->why = dead ? MPS_WHY_HELD : MPS_WHY_APPLICATION;
    if (mps_critical_go(walk, before, MPS_EXPLAIN_DEPARTURE,
                        dead ? MPS_CAUSE_HELD : MPS_CAUSE_APPLICATION,
                        dead ? MPS_DETAIL_DEAD_SUBFLOW : MPS_DETAIL_OR_STALLED) &&
        piece < walk->path->pieces->len) /* it is about that subflow, not the one that sent */
        g_array_index(walk->path->pieces, mps_critical_piece, piece).subflow = which;
    return true;
}

/* The application wrote the data only now. @param write  the segment with its write before;
 * MPS_NONE: this is its first one */
static void explain_write(mps_critical_walking *walk, const mps_critical_departure *d,
                          uint32_t write)
{
    walk->why = MPS_WHY_APPLICATION;
    if (write != MPS_NONE) {
        /* So much data in flight may have filled the send buffer. With two captures a busy line
         * explains the time. */
        const bool blocked = !walk->walker->both && !d->sending->small &&
                             d->sending->data_flight > (uint64_t)MPS_INITIAL_WINDOW * d->flow->mss;
        mps_critical_go(walk, write, MPS_EXPLAIN_DEPARTURE,
                        blocked ? MPS_CAUSE_UNEXPLAINED : MPS_CAUSE_APPLICATION, MPS_DETAIL_NONE);
        return;
    }
    /* It could have written when the handshake was over. */
    const uint32_t arrival = mps_critical_arrival_on(&walk->walker->arrivals[walk->host],
                                                     d->segment->subflow, walk->event);
    if (mps_critical_go(walk, arrival, MPS_EXPLAIN_ARRIVAL, MPS_CAUSE_APPLICATION, MPS_DETAIL_NONE))
        walk->why = MPS_WHY_HANDSHAKE;
}

/* Find the write of the application before this one. What was sent since then, acknowledgements or
 * pacing let go: the application has a clock of its own, and had written that. It had not if all
 * was acknowledged only a little while ago, of a long time: then it writes whenever there is room.
 * @return its segment; MPS_NONE: there is none */
static uint32_t write_before(const mps_critical_walking *walk, const mps_critical_departure *d)
{
    const mps_critical_sending *sending = d->sending;
    const uint32_t before = event_of_top(d, sending->before);
    if (before == MPS_NONE || !mps_critical_reactions_tell(walk->walker, d->segment->subflow))
        return before;
    const mps_critical_top *top =
        &g_array_index(d->sender->tops, mps_critical_top, sending->before);
    if (sending->data_flight > 0)
        return sending->small ? event_of_top(d, top->own_or_full) : before;
    const uint32_t own = event_of_top(d, top->own);
    if (own == MPS_NONE || sending->data_ack == MPS_NONE)
        return own;
    const mps_critical_ack *ack =
        &g_array_index(d->sender->data_acks, mps_critical_ack, sending->data_ack);
    const int64_t since = walk->now - mps_critical_at(walk->walker->input, walk->host, own)->time;
    return IDLE_SHARE * (walk->now - ack->time) >= since ? own : before;
}

/* The application had nothing to send: it wrote before, or it answered data of its peer. */
static void explain_application(mps_critical_walking *walk, const mps_critical_departure *d)
{
    const uint32_t write = write_before(walk, d);
    const mps_critical_advance *request =
        mps_critical_advance_before(walk->walker->receivers[!walk->host].data, walk->event);
    if (request && (write == MPS_NONE || request->event > write)) {
        walk->why = MPS_WHY_APPLICATION;
        if (!mps_critical_go(walk, request->event, MPS_EXPLAIN_ARRIVAL, MPS_CAUSE_APPLICATION,
                             MPS_DETAIL_NONE))
            return;
        walk->why = MPS_WHY_PEER_DATA;
        mps_critical_want_gap(walk, true);
    } else if (!explain_stalled(walk, d)) {
        explain_write(walk, d, write);
    }
}

/* Data that were sent before went again as the window opened: the sender probed a closed window
 * (RFC 9293 section 3.8.6.1). Nothing was lost. @return whether that was so */
static bool explain_window_probe(mps_critical_walking *walk, const mps_critical_departure *d)
{
    const mps_critical_edge *edge = mps_critical_edge_before(d->sender->edges, walk->event);
    const mps_critical_ack *ack = mps_critical_ack_before(d->sender->data_acks, walk->event);
    if (!edge || (ack && ack->event == edge->event) ||
        !mps_critical_hit(d->segment->time, edge->time, edge->syn, &walk->walker->limits))
        return false;
    mps_critical_round_trip(walk, edge->event, MPS_LET_GO_BY_WINDOW, MPS_WHY_RECEIVE_WINDOW);
    return true;
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
    } else if (!d->sending->fresh &&
               (explain_window_probe(walk, d) || mps_critical_explain_reinjection(walk, d))) {
        return;
    } else if (d->sending->backlog > (uint64_t)BACKLOG_SEGMENTS * d->flow->mss) {
        explain_backlog(walk, d);
    } else {
        explain_application(walk, d);
    }
}
