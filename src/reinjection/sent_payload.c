/* sent_payload.c: lists the payload that one end sent, and finds when each part of it arrived at
 * the other end.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "sent_payload.h"
#include "analysis/analysis.h"
#include "compare/comparison.h"
#include "match/byte_cover.h"

mps_direction mps_sent_direction(const mps_comparison_row *row, bool in_a)
{
    return !in_a && row->pair.flipped ? !row->direction : row->direction;
}

/* A's number of a row's connection. A row that is MPTCP in B only has no number of A's itself, but
 * its connection may have one. */
static uint32_t connection_in_a(const mps_comparison_row *row, const uint32_t *partners)
{
    bool only_b = row->connection == MPS_NONE && row->peer_connection != MPS_NONE;
    return only_b ? partners[row->peer_connection] : row->connection;
}

/* @return the extended number of a sequence number: the one nearest to the extended number `near`,
 * as in the tracker */
static uint64_t place_of(const mps_half *known, uint64_t near, uint32_t seq)
{
    uint32_t wire = known->anchor + (uint32_t)(near - MPS_ANCHOR);
    return near + (uint64_t)(int64_t)(int32_t)(seq - wire);
}

/* Collect the ambiguous received bytes: they may be of any segment. */
static void collect_ambiguous(mps_sender *sender)
{
    const mps_align_lists *lists = &sender->lists;
    const uint8_t *outcomes = sender->row->alignment.received_outcomes;
    uint64_t place = MPS_ANCHOR;
    for (size_t i = 0; i < lists->received_count; i++) {
        const mps_packet *packet = &lists->received[i];
        if (!mps_has_bytes(packet))
            continue;
        place = place_of(sender->known, place, packet->seq - lists->seq_shift);
        if (outcomes[i] == MPS_RECEIVED_AMBIGUOUS)
            mps_runs_add(&sender->ambiguous, place, place + packet->length, 0, NULL, NULL);
    }
}

static void add_sendings(mps_sent_side *side, mps_sender *sender)
{
    int64_t latest = INT64_MIN;
    uint64_t place = MPS_ANCHOR, top = MPS_ANCHOR;
    for (size_t i = 0; i < sender->lists.sent_count; i++) {
        const mps_packet *packet = &sender->lists.sent[i];
        if (!mps_has_bytes(packet))
            continue;
        latest = MAX(latest, packet->time);
        place = place_of(sender->known, top, packet->seq);
        top = MAX(top, place + packet->length);
        mps_sending sending = {.order = latest,
                               .ssn = place,
                               .sender = side->senders->len,
                               .packet = (uint32_t)i,
                               .frame = packet->frame};
        g_array_append_val(side->sendings, sending);
    }
}

/* Add the sender of a row, if it is this side. @param partners  A's numbers of B's connections */
static void add_sender(mps_sent_side *side, const mps_comparison_row *row, const uint32_t *partners)
{
    const mps_tracker *tracker = mps_trace_tracker(side->trace);
    mps_direction direction = mps_sent_direction(row, side->in_a);
    mps_sender sender = {.row = row, .id = side->in_a ? row->pair.a : row->pair.b};
    uint32_t connection, subflow;
    if (sender.id == MPS_NONE || row->a_sends != side->in_a)
        return;
    sender.half = mps_tracker_direction(tracker, sender.id, 0) != direction;
    sender.known = mps_tracker_flow(tracker, sender.id)->half[sender.half];
    sender.connection = connection_in_a(row, partners);
    sender.subflow = row->subflow != MPS_NONE ? row->subflow : row->peer_subflow;
    mps_tracker_numbers(tracker, sender.id, &connection, &subflow);
    sender.space =
        connection == MPS_NONE ? MPS_NONE : mps_analysis_space(tracker, connection, direction);
    mps_comparison_lists(side->comparison, row, &sender.lists);
    collect_ambiguous(&sender);
    add_sendings(side, &sender);
    g_array_append_val(side->senders, sender);
}

static gint compare_sendings(gconstpointer a, gconstpointer b)
{
    const mps_sending *x = a, *y = b;
    if (x->order != y->order)
        return x->order < y->order ? -1 : 1;
    return (x->frame > y->frame) - (x->frame < y->frame);
}

void mps_sent_init(mps_sent_side *side, const mps_comparison *comparison, bool in_a)
{
    *side = (mps_sent_side){
        .comparison = comparison, .trace = in_a ? comparison->a : comparison->b, .in_a = in_a};
    side->senders = g_array_new(FALSE, FALSE, sizeof(mps_sender));
    side->sendings = g_array_new(FALSE, FALSE, sizeof(mps_sending));
    uint32_t *partners = mps_comparison_partners(comparison, false);
    for (guint i = 0; i < comparison->rows->len; i++)
        add_sender(side, &g_array_index(comparison->rows, mps_comparison_row, i), partners);
    g_free(partners);
    g_array_sort(side->sendings, compare_sendings);
}

void mps_sent_clear(mps_sent_side *side)
{
    for (guint i = 0; i < side->senders->len; i++)
        mps_runs_clear(&g_array_index(side->senders, mps_sender, i).ambiguous);
    g_array_free(side->senders, TRUE);
    g_array_free(side->sendings, TRUE);
}

const mps_packet *mps_sent_packet(const mps_sent_side *side, uint32_t sending)
{
    const mps_sending *one = &g_array_index(side->sendings, mps_sending, sending);
    return &g_array_index(side->senders, mps_sender, one->sender).lists.sent[one->packet];
}

/* Whether bytes without a match arrived: no, if the other end's capture proves that they did not.
 */
static mps_arrived arrived_without_match(const mps_sender *sender, uint32_t packet, uint64_t start,
                                         uint64_t end)
{
    const mps_alignment *alignment = &sender->row->alignment;
    mps_run run;
    if (!mps_pair_in_both(&sender->row->pair))
        return MPS_ARRIVED_UNDETERMINED;
    if (alignment->sent_outcomes[packet] != MPS_SENT_MATCHED)
        return alignment->sent_outcomes[packet] == MPS_SENT_LOST ? MPS_ARRIVED_NO
                                                                 : MPS_ARRIVED_UNDETERMINED;
    /* The rest of a segment that matches in part. */
    bool ambiguous = mps_runs_find(&sender->ambiguous, start, &run) && run.start < end;
    return ambiguous || alignment->incomplete ? MPS_ARRIVED_UNDETERMINED : MPS_ARRIVED_NO;
}

/* @param leaps  of the receiver's clock */
static void add_part(GArray *parts, const mps_sent *whole, uint64_t start, uint64_t end,
                     const mps_packet *received, const mps_leaps *leaps)
{
    mps_sent part = *whole;
    part.start = start;
    part.length = (uint32_t)(end - start);
    part.arrived = received ? MPS_ARRIVED_YES : whole->arrived;
    if (received)
        part.arrival = (mps_moment){received->time, mps_leaps_until(leaps, received->frame), 0};
    if (end > start)
        g_array_append_val(parts, part);
}

void mps_sent_parts(mps_sent_side *side, uint32_t sending, GArray *parts)
{
    const mps_sending *one = &g_array_index(side->sendings, mps_sending, sending);
    mps_sender *sender = &g_array_index(side->senders, mps_sender, one->sender);
    const mps_packet *packet = &sender->lists.sent[one->packet];
    const GArray *matches = sender->row->alignment.matches;
    const mps_trace *there = side->in_a ? side->comparison->b : side->comparison->a;
    const mps_leaps *leaps = mps_tracker_leaps(mps_trace_tracker(there));
    uint64_t at = one->ssn, end = one->ssn + packet->length;
    mps_sent whole = {.sending = sending, .sent = packet->time};
    g_array_set_size(parts, 0);
    for (; matches && sender->next_match < matches->len; sender->next_match++) {
        const mps_match *match = &g_array_index(matches, mps_match, sender->next_match);
        if (match->sent > one->packet)
            break;
        if (match->sent < one->packet || match->length == 0) /* without payload */
            continue;
        const mps_packet *received = &sender->lists.received[match->received];
        uint64_t start = place_of(sender->known, one->ssn, received->seq - sender->lists.seq_shift);
        uint64_t from = MAX(start, at), to = MIN(start + received->length, end);
        if (from >= to)
            continue;
        whole.arrived = arrived_without_match(sender, one->packet, at, from);
        add_part(parts, &whole, at, from, NULL, leaps);
        add_part(parts, &whole, from, to, received, leaps);
        at = to;
    }
    whole.arrived = arrived_without_match(sender, one->packet, at, end);
    add_part(parts, &whole, at, end, NULL, leaps);
}
