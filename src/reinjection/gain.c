/* gain.c: computes how much earlier bytes came, and were acknowledged, thanks to reinjections.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "analysis/analysis.h"
#include "analysis/data_ack.h"
#include "reinjection_internal.h"

/* The DATA_ACKs that left the receiver. */
typedef struct {
    GArray *acks;   /* mps_data_ack; NULL: none, or their numbers cannot be compared */
    uint64_t shift; /* the receiver's extended numbers minus the sender's */
} mps_receiver_acks;

void mps_reinjection_add_gain(mps_reinjection_side *side, uint32_t range, int64_t ns,
                              uint32_t bytes)
{
    const mps_gain gain = {ns, range, bytes};
    uint32_t index = g_array_index(side->ranges, mps_reinjected_range, range).row;
    mps_reinjection_row *row = &g_array_index(side->reinjections, mps_reinjection_row, index);
    row->gain = row->has_gain ? MAX(row->gain, ns) : ns;
    row->has_gain = true;
    g_array_append_val(side->gains, gain);
}

/* The connection of a subflow; NULL: plain TCP. */
static const mps_connection *connection_of(const mps_tracker *tracker, uint32_t id)
{
    return mps_tracker_flow(tracker, id)->connection;
}

/* Find the DATA_ACKs of a data sequence space through a subflow that both captures have. */
static mps_receiver_acks find_receiver_acks(const mps_reinjection_side *side, uint32_t space)
{
    bool in_a = side->sent.in_a;
    const mps_comparison *comparison = side->sent.comparison;
    const mps_tracker *there = mps_trace_tracker(in_a ? comparison->b : comparison->a);
    mps_receiver_acks found = {NULL, 0};
    for (guint i = 0; i < side->sent.senders->len && !found.acks; i++) {
        const mps_sender *sender = &g_array_index(side->sent.senders, mps_sender, i);
        const mps_pair *pair = &sender->row->pair;
        if (sender->space != space || !mps_pair_in_both(pair))
            continue;
        const mps_direction to = mps_sent_direction(sender->row, !in_a);
        const mps_connection *receiver = connection_of(there, in_a ? pair->b : pair->a);
        const mps_space *sent = connection_of(mps_trace_tracker(side->sent.trace), sender->id)
                                    ->space[mps_sent_direction(sender->row, in_a)];
        if (!receiver || !sent->absolute_known || !receiver->space[to]->absolute_known)
            continue;
        found.shift = sent->offset - receiver->space[to]->offset;
        found.acks = mps_data_acks(there, receiver->space_id[to]);
    }
    return found;
}

/* @return how many of the bytes the receiver had acknowledged before a moment.
 *  @param leaps  of its clock until then  @param time  of its clock, ns */
static uint64_t acked_until(const mps_receiver_acks *known, const mps_span *span, uint32_t leaps,
                            int64_t time)
{
    uint64_t ack, start = span->start + known->shift;
    if (!known->acks || !mps_data_acked(known->acks, leaps, time, 0, &ack) || ack <= start)
        return 0;
    return MIN(ack - start, span->length);
}

/* Record the gain of bytes that a reinjection brought first. */
static void add_first(mps_reinjection_side *side, const mps_receiver_acks *known,
                      const mps_span *span, const mps_past *past)
{
    const mps_reinjected_range *range =
        &g_array_index(side->ranges, mps_reinjected_range, past->first_by);
    bool again = past->arrivals > 1;
    uint64_t acked = again ? acked_until(known, span, past->second.leaps, past->second.time)
                           : acked_until(known, span, UINT32_MAX, INT64_MAX);
    g_array_index(side->reinjections, mps_reinjection_row, range->row).bytes.advanced += acked;
    g_array_index(side->pairs, mps_reinjection_pair, range->pair).bytes.advanced += acked;
    if (again && past->first.leaps == past->second.leaps)
        mps_reinjection_add_gain(side, past->first_by, past->second.time - past->first.time,
                                 span->length);
}

void mps_reinjection_take_gains(mps_reinjection_side *side, uint32_t space,
                                const mps_history *history)
{
    const GPtrArray *blocks = history->spans.blocks;
    mps_receiver_acks known = find_receiver_acks(side, space);
    for (guint i = 0; blocks && i < blocks->len; i++) {
        const GArray *block = blocks->pdata[i];
        for (guint k = 0; k < block->len; k++) {
            const mps_span *span = &g_array_index(block, mps_span, k);
            const mps_past *past = &g_array_index(side->pasts, mps_past, span->item);
            if (past->first_by != MPS_NONE && !past->undetermined)
                add_first(side, &known, span, past);
        }
    }
    if (known.acks)
        g_array_free(known.acks, TRUE);
}
