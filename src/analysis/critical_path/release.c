/* release.c: what let a segment go, and so why it was not sent earlier.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "by_host.h"
#include "clocked.h"
#include "resent.h"

/* @return whether a SACK block above a byte arrived on the subflow between two events */
static bool was_sacked_above(const mps_critical_walking *walk, uint32_t from, uint32_t until,
                             uint32_t subflow, uint64_t byte)
{
    const GArray *history = mps_critical_history_here(walk);
    const GArray *sacks = walk->walker->input->sacks[walk->host];
    for (uint32_t i = from + 1; i < until; i++) {
        const mps_critical_segment *segment = &g_array_index(history, mps_critical_segment, i);
        if (segment->direction == walk->host || segment->subflow != subflow)
            continue;
        for (unsigned k = 0; k < segment->sack_count; k++)
            if (g_array_index(sacks, mps_critical_sack, segment->sacks + k).right > byte + 1)
                return true;
    }
    return false;
}

/* @return whether a segment that was sent arrived, sooner or later */
static bool did_arrive(const mps_critical_walking *walk, uint32_t event)
{
    const uint8_t *arrived = walk->walker->arrived[walk->host];
    return arrived && arrived[event];
}

/* Go to the transmission before, of the same bytes on the same subflow. @return false: there is
 * none
 */
static bool explain_retransmission(mps_critical_walking *walk, const mps_critical_departure *d)
{
    const uint64_t byte = walk->has_byte ? walk->byte : d->segment->seq;
    const bool had_byte = walk->has_byte, needed_data = walk->needs_data;
    const uint32_t before = mps_critical_resent_before(d->sender->resent, d->number, byte);
    if (before == MPS_NONE)
        return false;
    const uint32_t event = g_array_index(d->sender->sendings, mps_critical_sending, before).event;
    const mps_critical_detail detail =
        did_arrive(walk, event) ? MPS_DETAIL_ORIGINAL_LATE
        : was_sacked_above(walk, event, walk->event, d->segment->subflow, byte)
            ? MPS_DETAIL_FAST
            : MPS_DETAIL_TIMEOUT;
    walk->why = MPS_WHY_RECOVERY;
    if (mps_critical_go(walk, event, MPS_EXPLAIN_DEPARTURE, MPS_CAUSE_RECOVERY, detail)) {
        walk->has_byte = had_byte;
        walk->byte = byte;
        walk->needs_data = needed_data;
    }
    return true;
}

bool mps_critical_explain_reinjection(mps_critical_walking *walk, const mps_critical_departure *d)
{
    uint64_t data = d->segment->dsn;
    if (walk->has_byte && walk->byte - d->segment->seq < d->segment->length)
        data += walk->byte - d->segment->seq;
    const bool needed_data = walk->needs_data;
    const uint32_t before = mps_critical_resent_before(d->sender->reinjected, d->number, data);
    if (!d->segment->has_dsn || before == MPS_NONE)
        return false;
    const uint32_t event = g_array_index(d->sender->sendings, mps_critical_sending, before).event;
    walk->why = MPS_WHY_RECOVERY;
    if (!mps_critical_go(walk, event, MPS_EXPLAIN_DEPARTURE, MPS_CAUSE_RECOVERY,
                         MPS_DETAIL_REINJECTION))
        return true;
    const mps_critical_segment *there = mps_critical_here(walk);
    walk->has_byte = true;
    walk->byte = there->seq + (data - there->dsn);
    walk->needs_data = needed_data;
    return true;
}

/* @return whether a segment was free to go long before: nothing had let it go, and it was not one
 * of those that its sender spreads */
static bool had_room(const mps_critical_walking *walk, const mps_critical_departure *d,
                     uint32_t number)
{
    const mps_critical_hits hits =
        mps_critical_hits_of(d->sender, walk->walker->input, walk->host, &walk->walker->limits,
                             &g_array_index(d->sender->sendings, mps_critical_sending, number));
    return !hits.ack && !hits.data_ack && !hits.edge && !hits.paced;
}

uint32_t mps_critical_overtaker(const mps_critical_walking *walk, const mps_critical_departure *d)
{
    if (!d->segment->has_dsn || !d->sending->fresh)
        return MPS_NONE;
    const uint32_t higher =
        mps_critical_higher(d->sender, d->sending, d->segment->dsn + d->segment->length);
    if (higher == MPS_NONE)
        return MPS_NONE;
    const uint32_t event = g_array_index(d->sender->sendings, mps_critical_sending, higher).event;
    const mps_critical_segment *segment = mps_critical_at(walk->walker->input, walk->host, event);
    return d->segment->time - segment->time > walk->walker->limits.reaction ? higher : MPS_NONE;
}

void mps_critical_explain_held(mps_critical_walking *walk, const mps_critical_departure *d,
                               uint32_t overtaker)
{
    walk->why = MPS_WHY_HELD;
    mps_critical_go(walk, g_array_index(d->sender->sendings, mps_critical_sending, overtaker).event,
                    MPS_EXPLAIN_DEPARTURE, MPS_CAUSE_HELD, MPS_DETAIL_NONE);
}

/* The scheduler gave the data to a subflow that was slower to take them. @return false: it did not
 */
static bool explain_scheduler(mps_critical_walking *walk, const mps_critical_departure *d)
{
    const uint32_t overtaker = mps_critical_overtaker(walk, d);
    if (overtaker == MPS_NONE)
        return false;
    const uint32_t event =
        g_array_index(d->sender->sendings, mps_critical_sending, overtaker).event;
    if (mps_critical_at(walk->walker->input, walk->host, event)->subflow == d->segment->subflow ||
        !had_room(walk, d, overtaker))
        return false;
    mps_critical_explain_held(walk, d, overtaker);
    return true;
}

/* @return whether an arrival brought the last data of the peer: the sender answers them */
static bool is_answer(const mps_critical_walking *walk, uint32_t arrival)
{
    const mps_critical_advance *last =
        mps_critical_advance_before(walk->walker->receivers[!walk->host].data, walk->event);
    return last && last->event == arrival;
}

/* @return whether the segment waited for the acknowledgement of a small one (RFC 896, Minshall) */
static bool is_nagle(const mps_critical_sending *sending, const mps_critical_ack *ack)
{
    return !sending->full && (sending->flight == 0 || (ack->before < sending->small_end &&
                                                       sending->small_end <= ack->after));
}

static void explain_window(mps_critical_walking *walk, const mps_critical_departure *d)
{
    mps_critical_round_trip(walk, d->hits.ack->event, MPS_LET_GO_BY_ACK,
                            d->sending->after_loss ? MPS_WHY_CONGESTION_WINDOW_AFTER_LOSS
                                                   : MPS_WHY_CONGESTION_WINDOW);
}

/* An acknowledgement on the subflow came right before. @return false: it did not let the segment go
 */
static bool explain_by_ack(mps_critical_walking *walk, const mps_critical_departure *d)
{
    const mps_critical_ack *ack = d->hits.ack;
    const mps_critical_sending *sending = d->sending;
    const uint64_t used = mps_critical_used(sending, ack, d->segment);
    const bool answer = is_answer(walk, ack->event);
    if (sending->previous == MPS_NONE &&
        mps_critical_at(walk->walker->input, walk->host, ack->event)->length == 0) {
        mps_critical_explain_handshake(walk);
        return true;
    }
    if (used > sending->proved && !(answer && sending->flight == 0)) {
        explain_window(walk, d);
        return true;
    }
    if (answer)
        return false;
    if (is_nagle(sending, ack)) {
        mps_critical_round_trip(walk, ack->event, MPS_LET_GO_BY_ACK, MPS_WHY_NAGLE);
        return true;
    }
    if (!mps_critical_clocked(d->sender, &walk->walker->limits, d->segment->subflow, d->number,
                              false))
        return false;
    if (sending->after_loss || used > (uint64_t)MPS_INITIAL_WINDOW * d->flow->mss)
        explain_window(walk, d);
    else if (d->hits.data_ack)
        mps_critical_round_trip(walk, d->hits.data_ack->event, MPS_LET_GO_BY_DATA_ACK,
                                MPS_WHY_SEND_BUFFER);
    else
        mps_critical_round_trip(walk, ack->event, MPS_LET_GO_BY_ACK, MPS_WHY_SEND_BUFFER);
    return true;
}

static bool explain_by_data_ack(mps_critical_walking *walk, const mps_critical_departure *d)
{
    const mps_critical_ack *ack = d->hits.data_ack;
    if (is_answer(walk, ack->event) || !mps_critical_clocked(d->sender, &walk->walker->limits,
                                                             d->segment->subflow, d->number, true))
        return false;
    mps_critical_round_trip(walk, ack->event, MPS_LET_GO_BY_DATA_ACK, MPS_WHY_SEND_BUFFER);
    return true;
}

/* @return whether the segment is the first payload of its subflow, right after its handshake */
static bool follows_handshake(const mps_critical_walking *walk, const mps_critical_departure *d)
{
    const uint32_t arrival = mps_critical_arrival_on(&walk->walker->arrivals[walk->host],
                                                     d->segment->subflow, walk->event);
    if (d->sending->previous != MPS_NONE || arrival == MPS_NONE)
        return false;
    const mps_critical_segment *segment = mps_critical_at(walk->walker->input, walk->host, arrival);
    return segment->length == 0 &&
           d->segment->time - segment->time <= walk->walker->limits.reaction;
}

static void explain_release(mps_critical_walking *walk, const mps_critical_departure *d)
{
    if (d->hits.edge) {
        mps_critical_round_trip(walk, d->hits.edge->event, MPS_LET_GO_BY_WINDOW,
                                MPS_WHY_RECEIVE_WINDOW);
        return;
    }
    if (explain_scheduler(walk, d) || (d->hits.ack && explain_by_ack(walk, d)) ||
        (d->hits.data_ack && explain_by_data_ack(walk, d)))
        return;
    if (follows_handshake(walk, d))
        mps_critical_explain_handshake(walk);
    else
        mps_critical_explain_by_host(walk, d);
}

void mps_critical_explain_departure(mps_critical_walking *walk)
{
    const mps_critical_walker *walker = walk->walker;
    mps_critical_departure d = {
        .segment = mps_critical_here(walk),
        .sender = &walker->senders[walk->host],
        .sending = mps_critical_sending_at(&walker->senders[walk->host], walk->event)};
    if (!d.sending || d.segment->syn) {
        mps_critical_explain_control(walk);
        return;
    }
    d.number = (uint32_t)(d.sending -
                          (const mps_critical_sending *)(const void *)d.sender->sendings->data);
    d.flow = &g_array_index(d.sender->flows, mps_critical_sender_flow, d.segment->subflow);
    d.hits = mps_critical_hits_of(d.sender, walker->input, walk->host, &walker->limits, d.sending);
    if (d.sending->again && explain_retransmission(walk, &d))
        return;
    if (walk->needs_data && !d.sending->fresh && mps_critical_explain_reinjection(walk, &d))
        return;
    explain_release(walk, &d);
}
