/* verdict.c: passes the verdict on every byte that was sent again, by the captures of both ends.
 *
 * Every byte has two histories: the history of its subflow sequence number shows retransmissions,
 * the history of its data sequence number shows reinjections.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "analysis/analysis.h"
#include "analysis/data_ack.h"
#include "base/times.h"
#include "reinjection_internal.h"

typedef struct {
    mps_reinjection_side *side;
    GArray *ssn_pasts;        /* mps_past, of all by_ssn */
    GArray *by_ssn;           /* mps_history, by sender */
    GPtrArray *by_dsn;        /* mps_history, by space; NULL: none yet */
    GPtrArray *acks;          /* mps_data_acks_store() of the sender's capture */
    GHashTable *pair_of;      /* from and to → index of mps_reinjection_pair, plus 1 */
    const mps_sender *sender; /* of the current segment */
    bool retransmitted;       /* the current bytes' subflow sequence numbers were used before */
    unsigned repeated;        /* pieces of the current segment that are retransmitted */
} mps_judge;

/* Give bounds of the receiver's clock minus the sender's, ns, near two times: `sent` of the
 * sender's clock and `arrived` of the receiver's. They hold for all clocks within their bounds.
 * @return false: not known */
static bool receiver_ahead(const mps_sent_side *side, int64_t sent, int64_t arrived, int64_t *low,
                           int64_t *high)
{
    const mps_clock_estimate *clock = &side->comparison->clock;
    int64_t from, to;
    if (!clock->has_offset)
        return false;
    mps_clock_bounds(clock, side->in_a ? sent : arrived, side->in_a ? arrived : sent, &from, &to);
    *low = side->in_a ? from : mps_minus(0, to);
    *high = side->in_a ? to : mps_minus(0, from);
    return true;
}

/* Had an earlier transmission arrived (receiver's clock) when the bytes were sent (sender's)? */
static mps_arrived arrived_before(const mps_judge *judge, const mps_past *past, int64_t sent)
{
    int64_t low, high;
    if (past->arrivals == 0)
        return past->undetermined ? MPS_ARRIVED_UNDETERMINED : MPS_ARRIVED_NO;
    if (!receiver_ahead(&judge->side->sent, sent, past->first.time, &low, &high))
        return MPS_ARRIVED_UNDETERMINED;
    if (mps_minus(past->first.time, low) < sent)
        return MPS_ARRIVED_YES;
    return mps_minus(past->first.time, high) < sent || past->undetermined ? MPS_ARRIVED_UNDETERMINED
                                                                          : MPS_ARRIVED_NO;
}

/* Did the bytes arrive, but not before an earlier transmission of them? */
static bool came_late(const mps_sent *sent, const mps_past *past)
{
    return sent->arrived == MPS_ARRIVED_YES && past->arrivals > 0 &&
           mps_moment_compare(&past->first, &sent->arrival) <= 0;
}

static void judge_reinjected(const mps_judge *judge, const mps_sent *sent, const mps_past *past,
                             mps_reinjection_bytes *bytes)
{
    bool arrived = sent->arrived == MPS_ARRIVED_YES;
    bool late = came_late(sent, past);
    if (sent->arrived == MPS_ARRIVED_UNDETERMINED || (arrived && !late && past->undetermined)) {
        bytes->unknown += sent->length;
        return;
    }
    if (arrived && !late) {
        bytes->useful += sent->length;
        return;
    }
    if (late)
        bytes->redundant += sent->length;
    else
        bytes->lost += sent->length;
    mps_arrived before = arrived_before(judge, past, sent->sent);
    bytes->spurious += before == MPS_ARRIVED_YES ? sent->length : 0;
    bytes->unsure += before == MPS_ARRIVED_UNDETERMINED ? sent->length : 0;
}

static void judge_retransmitted(const mps_judge *judge, const mps_sent *sent, const mps_past *past,
                                mps_necessity *necessity)
{
    necessity->lost += sent->arrived == MPS_ARRIVED_NO ? sent->length : 0;
    if (past->arrivals == 0 && past->undetermined)
        necessity->unknown += sent->length;
    else if (past->arrivals == 0)
        necessity->needed += sent->length;
    else
        necessity->spurious += sent->length;
    if (past->arrivals == 0)
        return;
    mps_arrived before = arrived_before(judge, past, sent->sent);
    necessity->early += before == MPS_ARRIVED_YES ? sent->length : 0;
    necessity->unsure += before == MPS_ARRIVED_UNDETERMINED ? sent->length : 0;
}

void mps_reinjection_bytes_add(mps_reinjection_bytes *sum, const mps_reinjection_bytes *bytes)
{
    sum->useful += bytes->useful;
    sum->redundant += bytes->redundant;
    sum->lost += bytes->lost;
    sum->unknown += bytes->unknown;
    sum->spurious += bytes->spurious;
    sum->unsure += bytes->unsure;
    sum->advanced += bytes->advanced;
}

/* The DATA_ACKs of the current sender's data in its own capture. */
static const GArray *acks_of(const mps_judge *judge)
{
    return mps_data_acks_kept(judge->acks, mps_trace_tracker(judge->side->sent.trace),
                              judge->sender->space);
}

/* @return how many of the bytes were acknowledged before they were sent; -1: no DATA_ACK by then */
static int64_t acked_bytes(const mps_judge *judge, const mps_sent *sent, uint32_t frame)
{
    uint64_t ack;
    const mps_tracker *tracker = mps_trace_tracker(judge->side->sent.trace);
    const uint32_t leaps = mps_leaps_until(mps_tracker_leaps(tracker), frame);
    if (!mps_data_acked(acks_of(judge), leaps, sent->sent, frame, &ack))
        return -1;
    return ack > sent->start ? (int64_t)MIN(ack - sent->start, sent->length) : 0;
}

/* @return the row of a segment: the last row, or a new one. Valid until rows are added */
static mps_reinjection_row *row_of(const mps_judge *judge, const mps_sent *sent)
{
    GArray *rows = judge->side->reinjections;
    mps_reinjection_row *last =
        rows->len ? &g_array_index(rows, mps_reinjection_row, rows->len - 1) : NULL;
    if (last && last->sending == sent->sending)
        return last;
    mps_reinjection_row row = {.sending = sent->sending, .first = judge->side->ranges->len};
    g_array_append_val(rows, row);
    return &g_array_index(rows, mps_reinjection_row, rows->len - 1);
}

/* @return the index of the pair of subflows: who sent the bytes last, and who reinjects them */
static uint32_t pair_index(const mps_judge *judge, const mps_past *past, uint32_t sending)
{
    const mps_reinjection_side *side = judge->side;
    mps_reinjection_pair pair = {
        .from = g_array_index(side->sent.sendings, mps_sending, past->sending).sender,
        .to = g_array_index(side->sent.sendings, mps_sending, sending).sender,
        .last_row = MPS_NONE,
    };
    gint64 key = (gint64)((uint64_t)pair.from << 32 | pair.to);
    gpointer found = g_hash_table_lookup(judge->pair_of, &key);
    if (found)
        return GPOINTER_TO_UINT(found) - 1;
    g_array_append_val(side->pairs, pair);
    g_hash_table_insert(judge->pair_of, g_memdup2(&key, sizeof key),
                        GUINT_TO_POINTER(side->pairs->len));
    return side->pairs->len - 1;
}

/* Add reinjected bytes. @param index  of their past @return the index of their range */
static uint32_t add_reinjected(const mps_judge *judge, const mps_sent *sent, uint32_t index)
{
    mps_reinjection_side *side = judge->side;
    const mps_past *past = &g_array_index(side->pasts, mps_past, index);
    mps_reinjection_row *row = row_of(judge, sent);
    mps_reinjected_range range = {sent->start, sent->length, index, side->reinjections->len - 1,
                                  pair_index(judge, past, sent->sending)};
    mps_reinjection_pair *pair = &g_array_index(side->pairs, mps_reinjection_pair, range.pair);
    int64_t acked = acked_bytes(
        judge, sent, g_array_index(side->sent.sendings, mps_sending, sent->sending).frame);
    mps_reinjection_bytes bytes = {0};
    judge_reinjected(judge, sent, past, &bytes);
    g_array_append_val(side->ranges, range);
    row->count++;
    row->length += sent->length;
    row->acked = acked < 0 || row->acked < 0 ? -1 : row->acked + acked;
    pair->segments += pair->last_row != range.row;
    pair->last_row = range.row;
    mps_reinjection_bytes_add(&row->bytes, &bytes);
    mps_reinjection_bytes_add(&pair->bytes, &bytes);
    if (came_late(sent, past) && !past->undetermined && sent->arrival.leaps == past->first.leaps)
        mps_reinjection_add_gain(side, side->ranges->len - 1,
                                 mps_minus(past->first.time, sent->arrival.time), sent->length);
    return side->ranges->len - 1;
}

/* mps_past_visitor, by data sequence numbers: bytes with a past are reinjected or retransmitted. */
static uint32_t visit_data(const mps_sent *sent, uint32_t index, void *data)
{
    const mps_judge *judge = data;
    if (index == MPS_NONE)
        return MPS_NONE;
    const mps_past *past = &g_array_index(judge->side->pasts, mps_past, index);
    uint32_t by = judge->retransmitted ? MPS_NONE : add_reinjected(judge, sent, index);
    bool overtakes = sent->arrived == MPS_ARRIVED_YES && past->arrivals > 0 &&
                     mps_moment_compare(&sent->arrival, &past->first) < 0;
    /* a reinjection that would have been the first to arrive, by how much is known within a leap */
    if (overtakes && past->first_by != MPS_NONE && sent->arrival.leaps == past->first.leaps)
        mps_reinjection_add_gain(judge->side, past->first_by,
                                 mps_minus(sent->arrival.time, past->first.time), sent->length);
    return by;
}

static mps_history *history_of_data(const mps_judge *judge)
{
    uint32_t space = judge->sender->space;
    if (space >= judge->by_dsn->len)
        g_ptr_array_set_size(judge->by_dsn, (gint)space + 1);
    if (!judge->by_dsn->pdata[space]) {
        judge->by_dsn->pdata[space] = g_new(mps_history, 1);
        mps_history_init(judge->by_dsn->pdata[space], judge->side->pasts);
    }
    return judge->by_dsn->pdata[space];
}

/* Add a part of a segment's payload to the history of its data sequence numbers. */
static void add_mapped(mps_judge *judge, const mps_sent *sent)
{
    uint64_t at = sent->start, end = sent->start + sent->length;
    mps_run map;
    while (judge->sender->space != MPS_NONE && at < end &&
           mps_runs_find(&judge->sender->known->maps, at, &map) && map.start < end) {
        if (judge->retransmitted && ++judge->repeated > MPS_RETRANSMITTED_PIECES_MAX) {
            history_of_data(judge)->incomplete = true;
            return;
        }
        uint64_t from = MAX(at, map.start), to = MIN(end, map.end);
        mps_sent mapped = *sent;
        mapped.start = from + map.offset;
        mapped.length = (uint32_t)(to - from);
        mps_history_add(history_of_data(judge), &mapped, visit_data, judge);
        at = to;
    }
}

/* Add retransmitted bytes. @param index  of their past */
static void add_retransmitted(const mps_judge *judge, const mps_sent *sent, uint32_t index)
{
    GArray *rows = judge->side->retransmissions;
    const mps_past *past = &g_array_index(judge->ssn_pasts, mps_past, index);
    int64_t before = mps_sent_packet(&judge->side->sent, past->sending)->time;
    mps_retransmission_row *row =
        rows->len ? &g_array_index(rows, mps_retransmission_row, rows->len - 1) : NULL;
    if (!row || row->sending != sent->sending) {
        mps_run map;
        mps_retransmission_row fresh = {
            .sending = sent->sending, .ssn = sent->start, .delay = INT64_MAX};
        fresh.has_dsn = judge->sender->space != MPS_NONE &&
                        mps_runs_find(&judge->sender->known->maps, sent->start, &map) &&
                        map.start <= sent->start;
        if (fresh.has_dsn)
            fresh.dsn = sent->start + map.offset;
        g_array_append_val(rows, fresh);
        row = &g_array_index(rows, mps_retransmission_row, rows->len - 1);
    }
    row->length += sent->length;
    row->delay = MIN(row->delay, mps_minus(sent->sent, before));
    judge_retransmitted(judge, sent, past, &row->necessity);
}

/* mps_past_visitor, by subflow sequence numbers: bytes with a past are retransmitted. */
static uint32_t visit_payload(const mps_sent *sent, uint32_t index, void *data)
{
    mps_judge *judge = data;
    judge->retransmitted = index != MPS_NONE;
    if (judge->retransmitted)
        add_retransmitted(judge, sent, index);
    add_mapped(judge, sent);
    return MPS_NONE;
}

static void free_history(gpointer history)
{
    if (history)
        mps_history_clear(history);
    g_free(history);
}

static void judge_init(mps_judge *judge, mps_reinjection_side *side)
{
    *judge = (mps_judge){.side = side};
    judge->ssn_pasts = g_array_new(FALSE, FALSE, sizeof(mps_past));
    judge->by_ssn = g_array_new(FALSE, FALSE, sizeof(mps_history));
    g_array_set_size(judge->by_ssn, side->sent.senders->len);
    for (guint i = 0; i < judge->by_ssn->len; i++)
        mps_history_init(&g_array_index(judge->by_ssn, mps_history, i), judge->ssn_pasts);
    judge->by_dsn = g_ptr_array_new_with_free_func(free_history);
    judge->acks = mps_data_acks_store();
    judge->pair_of = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
}

static void judge_clear(mps_judge *judge)
{
    for (guint i = 0; i < judge->by_ssn->len; i++)
        mps_history_clear(&g_array_index(judge->by_ssn, mps_history, i));
    g_array_free(judge->by_ssn, TRUE);
    g_array_free(judge->ssn_pasts, TRUE);
    g_ptr_array_free(judge->by_dsn, TRUE);
    g_ptr_array_free(judge->acks, TRUE);
    g_hash_table_destroy(judge->pair_of);
}

static void judge_all(mps_reinjection_side *side)
{
    mps_judge judge;
    GArray *parts = g_array_new(FALSE, FALSE, sizeof(mps_sent));
    judge_init(&judge, side);
    for (guint i = 0; i < side->sent.sendings->len; i++) {
        uint32_t sender = g_array_index(side->sent.sendings, mps_sending, i).sender;
        judge.sender = &g_array_index(side->sent.senders, mps_sender, sender);
        judge.repeated = 0;
        mps_sent_parts(&side->sent, i, parts);
        for (guint k = 0; k < parts->len; k++)
            mps_history_add(&g_array_index(judge.by_ssn, mps_history, sender),
                            &g_array_index(parts, mps_sent, k), visit_payload, &judge);
    }
    for (guint i = 0; i < judge.by_dsn->len; i++)
        if (judge.by_dsn->pdata[i])
            mps_reinjection_take_gains(side, i, judge.by_dsn->pdata[i]);
    judge_clear(&judge);
    g_array_free(parts, TRUE);
}

mps_reinjection_side *mps_reinjections_of(const mps_comparison *comparison, bool in_a)
{
    mps_reinjection_side *side = g_new0(mps_reinjection_side, 1);
    mps_sent_init(&side->sent, comparison, in_a);
    side->pasts = g_array_new(FALSE, FALSE, sizeof(mps_past));
    side->reinjections = g_array_new(FALSE, FALSE, sizeof(mps_reinjection_row));
    side->ranges = g_array_new(FALSE, FALSE, sizeof(mps_reinjected_range));
    side->pairs = g_array_new(FALSE, FALSE, sizeof(mps_reinjection_pair));
    side->gains = g_array_new(FALSE, FALSE, sizeof(mps_gain));
    side->retransmissions = g_array_new(FALSE, FALSE, sizeof(mps_retransmission_row));
    judge_all(side);
    return side;
}

void mps_reinjections_free(mps_reinjection_side *side)
{
    mps_sent_clear(&side->sent);
    g_array_free(side->pasts, TRUE);
    g_array_free(side->reinjections, TRUE);
    g_array_free(side->ranges, TRUE);
    g_array_free(side->pairs, TRUE);
    g_array_free(side->gains, TRUE);
    g_array_free(side->retransmissions, TRUE);
    g_free(side);
}
