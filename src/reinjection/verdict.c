/* verdict.c: what became of bytes that were sent again, by both ends' captures.
 *
 * Every byte has two histories: that of its subflow sequence number, which tells retransmissions,
 * and that of its data sequence number, which tells reinjections.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "analysis/analysis.h"
#include "analysis/data_ack.h"
#include "reinjection_internal.h"

typedef struct {
    mps_reinjection_side *side;
    GArray *ssn_pasts;     /* mps_past, of all by_ssn */
    GArray *by_ssn;        /* mps_history, by sender */
    GPtrArray *by_dsn;     /* mps_history, by space; NULL: none yet */
    GPtrArray *acks;       /* mps_data_acks(), by space; NULL: not asked for yet */
    GHashTable *pair_of;   /* from and to → index of mps_reinjection_pair, plus 1 */
    const mps_sender *now; /* who sent what is looked at */
    bool again;            /* under a subflow sequence number that was used before */
} judge;

/* How far the receiver's clock is ahead of the sender's about two moments, `sent` by the sender's
 * and `arrived` by the receiver's: bounds that hold for every clock that is possible.
 * @return false: not known */
static bool receiver_ahead(const mps_sent_side *side, int64_t sent, int64_t arrived, int64_t *low,
                           int64_t *high)
{
    const mps_clock_estimate *clock = &side->comparison->clock;
    int64_t from, to;
    if (!clock->has_offset)
        return false;
    mps_clock_bounds(clock, side->in_a ? sent : arrived, side->in_a ? arrived : sent, &from, &to);
    *low = side->in_a ? from : -to;
    *high = side->in_a ? to : -from;
    return true;
}

typedef enum { SURELY_NOT, PERHAPS, SURELY } answer;

/* Had an earlier transmission arrived (receiver's clock) when the bytes were sent (sender's)? */
static answer arrived_before(const judge *own, const mps_past *past, int64_t sent)
{
    int64_t low, high;
    if (past->arrivals == 0)
        return past->undetermined ? PERHAPS : SURELY_NOT;
    if (!receiver_ahead(&own->side->sent, sent, past->first, &low, &high))
        return PERHAPS;
    if (past->first - low < sent)
        return SURELY;
    return past->first - high < sent || past->undetermined ? PERHAPS : SURELY_NOT;
}

/* Did the bytes arrive, but behind an earlier transmission of them? */
static bool came_late(const mps_sent *sent, const mps_past *past)
{
    return sent->arrived == MPS_ARRIVED && past->arrivals > 0 && past->first <= sent->arrival;
}

static void judge_reinjected(const judge *own, const mps_sent *sent, const mps_past *past,
                             mps_reinjection_bytes *fates)
{
    bool arrived = sent->arrived == MPS_ARRIVED;
    bool late = came_late(sent, past);
    if (sent->arrived == MPS_NOT_TOLD || (arrived && !late && past->undetermined)) {
        fates->unknown += sent->length;
        return;
    }
    if (arrived && !late) {
        fates->useful += sent->length;
        return;
    }
    if (late)
        fates->redundant += sent->length;
    else
        fates->lost += sent->length;
    answer before = arrived_before(own, past, sent->sent);
    fates->spurious += before == SURELY ? sent->length : 0;
    fates->unsure += before == PERHAPS ? sent->length : 0;
}

static void judge_retransmitted(const judge *own, const mps_sent *sent, const mps_past *past,
                                mps_necessity *needs)
{
    needs->lost += sent->arrived == MPS_NOT_ARRIVED ? sent->length : 0;
    if (past->arrivals == 0 && past->undetermined)
        needs->unknown += sent->length;
    else if (past->arrivals == 0)
        needs->needed += sent->length;
    else
        needs->spurious += sent->length;
    if (past->arrivals == 0)
        return;
    answer before = arrived_before(own, past, sent->sent);
    needs->early += before == SURELY ? sent->length : 0;
    needs->unsure += before == PERHAPS ? sent->length : 0;
}

void mps_reinjection_bytes_add(mps_reinjection_bytes *sum, const mps_reinjection_bytes *fates)
{
    sum->useful += fates->useful;
    sum->redundant += fates->redundant;
    sum->lost += fates->lost;
    sum->unknown += fates->unknown;
    sum->spurious += fates->spurious;
    sum->unsure += fates->unsure;
    sum->advanced += fates->advanced;
}

static const GArray *acks_of(const judge *own)
{
    uint32_t space = own->now->space;
    if (space >= own->acks->len)
        g_ptr_array_set_size(own->acks, (gint)space + 1);
    if (!own->acks->pdata[space])
        own->acks->pdata[space] = mps_data_acks(mps_trace_tracker(own->side->sent.trace), space);
    return own->acks->pdata[space];
}

/* How many of the bytes were acknowledged when they were sent; -1: no DATA_ACK by then. */
static int64_t acked_bytes(const judge *own, const mps_sent *sent, uint32_t frame)
{
    uint64_t ack;
    if (!mps_data_acked(acks_of(own), sent->sent, frame, &ack))
        return -1;
    return ack > sent->start ? (int64_t)MIN(ack - sent->start, sent->length) : 0;
}

/* The row of the segment at hand, which is the last one if there is one yet. */
static mps_reinjection_row *fate_row(const judge *own, const mps_sent *sent)
{
    GArray *rows = own->side->rows;
    mps_reinjection_row *last =
        rows->len ? &g_array_index(rows, mps_reinjection_row, rows->len - 1) : NULL;
    if (last && last->sending == sent->sending)
        return last;
    mps_reinjection_row row = {.sending = sent->sending, .first = own->side->stretches->len};
    g_array_append_val(rows, row);
    return &g_array_index(rows, mps_reinjection_row, rows->len - 1);
}

static uint32_t pair_index(const judge *own, const mps_past *past, uint32_t sending)
{
    const mps_reinjection_side *side = own->side;
    mps_reinjection_pair pair = {
        .from = g_array_index(side->sent.sendings, mps_sending, past->sending).sender,
        .to = g_array_index(side->sent.sendings, mps_sending, sending).sender,
        .last_row = MPS_NONE,
    };
    gint64 key = (gint64)((uint64_t)pair.from << 32 | pair.to);
    gpointer found = g_hash_table_lookup(own->pair_of, &key);
    if (found)
        return GPOINTER_TO_UINT(found) - 1;
    g_array_append_val(side->pairs, pair);
    g_hash_table_insert(own->pair_of, g_memdup2(&key, sizeof key),
                        GUINT_TO_POINTER(side->pairs->len));
    return side->pairs->len - 1;
}

/* Take in bytes that are reinjected. @return their stretch */
static uint32_t take_reinjected(const judge *own, const mps_sent *sent, uint32_t index)
{
    mps_reinjection_side *side = own->side;
    const mps_past *past = &g_array_index(side->pasts, mps_past, index);
    mps_reinjection_row *row = fate_row(own, sent);
    mps_reinjected_stretch stretch = {sent->start, sent->length, index, side->rows->len - 1,
                                      pair_index(own, past, sent->sending)};
    mps_reinjection_pair *pair = &g_array_index(side->pairs, mps_reinjection_pair, stretch.pair);
    int64_t acked = acked_bytes(
        own, sent, g_array_index(side->sent.sendings, mps_sending, sent->sending).frame);
    mps_reinjection_bytes fates = {0};
    judge_reinjected(own, sent, past, &fates);
    g_array_append_val(side->stretches, stretch);
    row->count++;
    row->length += sent->length;
    row->acked = acked < 0 || row->acked < 0 ? -1 : row->acked + acked;
    pair->segments += pair->last_row != stretch.row;
    pair->last_row = stretch.row;
    mps_reinjection_bytes_add(&row->fates, &fates);
    mps_reinjection_bytes_add(&pair->fates, &fates);
    if (came_late(sent, past) && !past->undetermined)
        mps_reinjection_add_gain(side, side->stretches->len - 1, past->first - sent->arrival,
                                 sent->length);
    return side->stretches->len - 1;
}

/* Called for bytes by their data sequence numbers. */
static uint32_t take_data(const mps_sent *sent, uint32_t index, void *data)
{
    const judge *own = data;
    if (index == MPS_NONE)
        return MPS_NONE;
    const mps_past *past = &g_array_index(own->side->pasts, mps_past, index);
    uint32_t by = own->again ? MPS_NONE : take_reinjected(own, sent, index);
    bool overtakes = sent->arrived == MPS_ARRIVED && past->arrivals > 0 &&
                     sent->arrival < past->first && past->first_by != MPS_NONE;
    if (overtakes) /* a reinjection that would have been the first */
        mps_reinjection_add_gain(own->side, past->first_by, sent->arrival - past->first,
                                 sent->length);
    return by;
}

static mps_history *history_of_data(const judge *own)
{
    uint32_t space = own->now->space;
    if (space >= own->by_dsn->len)
        g_ptr_array_set_size(own->by_dsn, (gint)space + 1);
    if (!own->by_dsn->pdata[space]) {
        own->by_dsn->pdata[space] = g_new(mps_history, 1);
        mps_history_init(own->by_dsn->pdata[space], own->side->pasts);
    }
    return own->by_dsn->pdata[space];
}

/* Go on with what a part of a segment's payload is in the data sequence space. */
static void take_mapped(judge *own, const mps_sent *sent)
{
    uint64_t at = sent->start, end = sent->start + sent->length;
    mps_run map;
    while (own->now->space != MPS_NONE && at < end &&
           mps_runs_find(&own->now->known->maps, at, &map) && map.start < end) {
        uint64_t from = MAX(at, map.start), to = MIN(end, map.end);
        mps_sent mapped = *sent;
        mapped.start = from + map.offset;
        mapped.length = (uint32_t)(to - from);
        mps_history_add(history_of_data(own), &mapped, take_data, own);
        at = to;
    }
}

static void take_retransmitted(const judge *own, const mps_sent *sent, uint32_t index)
{
    GArray *needs = own->side->needs;
    const mps_past *past = &g_array_index(own->ssn_pasts, mps_past, index);
    int64_t before = mps_sent_packet(&own->side->sent, past->sending)->time;
    mps_retransmission_row *row =
        needs->len ? &g_array_index(needs, mps_retransmission_row, needs->len - 1) : NULL;
    if (!row || row->sending != sent->sending) {
        mps_run map;
        mps_retransmission_row fresh = {
            .sending = sent->sending, .ssn = sent->start, .delay = INT64_MAX};
        fresh.has_dsn = own->now->space != MPS_NONE &&
                        mps_runs_find(&own->now->known->maps, sent->start, &map) &&
                        map.start <= sent->start;
        if (fresh.has_dsn)
            fresh.dsn = sent->start + map.offset;
        g_array_append_val(needs, fresh);
        row = &g_array_index(needs, mps_retransmission_row, needs->len - 1);
    }
    row->length += sent->length;
    row->delay = MIN(row->delay, sent->sent - before);
    judge_retransmitted(own, sent, past, &row->needs);
}

/* Called for bytes by their subflow sequence numbers. */
static uint32_t take_payload(const mps_sent *sent, uint32_t index, void *data)
{
    judge *own = data;
    own->again = index != MPS_NONE;
    if (own->again)
        take_retransmitted(own, sent, index);
    take_mapped(own, sent);
    return MPS_NONE;
}

static void free_history(gpointer history)
{
    if (history)
        mps_history_clear(history);
    g_free(history);
}

static void free_acks(gpointer acks)
{
    if (acks)
        g_array_free(acks, TRUE);
}

static void judge_init(judge *own, mps_reinjection_side *side)
{
    *own = (judge){.side = side};
    own->ssn_pasts = g_array_new(FALSE, FALSE, sizeof(mps_past));
    own->by_ssn = g_array_new(FALSE, FALSE, sizeof(mps_history));
    g_array_set_size(own->by_ssn, side->sent.senders->len);
    for (guint i = 0; i < own->by_ssn->len; i++)
        mps_history_init(&g_array_index(own->by_ssn, mps_history, i), own->ssn_pasts);
    own->by_dsn = g_ptr_array_new_with_free_func(free_history);
    own->acks = g_ptr_array_new_with_free_func(free_acks);
    own->pair_of = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
}

static void judge_clear(judge *own)
{
    for (guint i = 0; i < own->by_ssn->len; i++)
        mps_history_clear(&g_array_index(own->by_ssn, mps_history, i));
    g_array_free(own->by_ssn, TRUE);
    g_array_free(own->ssn_pasts, TRUE);
    g_ptr_array_free(own->by_dsn, TRUE);
    g_ptr_array_free(own->acks, TRUE);
    g_hash_table_destroy(own->pair_of);
}

static void judge_all(mps_reinjection_side *side)
{
    judge own;
    GArray *parts = g_array_new(FALSE, FALSE, sizeof(mps_sent));
    judge_init(&own, side);
    for (guint i = 0; i < side->sent.sendings->len; i++) {
        uint32_t sender = g_array_index(side->sent.sendings, mps_sending, i).sender;
        own.now = &g_array_index(side->sent.senders, mps_sender, sender);
        mps_sent_parts(&side->sent, i, parts);
        for (guint k = 0; k < parts->len; k++)
            mps_history_add(&g_array_index(own.by_ssn, mps_history, sender),
                            &g_array_index(parts, mps_sent, k), take_payload, &own);
    }
    for (guint i = 0; i < own.by_dsn->len; i++)
        if (own.by_dsn->pdata[i])
            mps_reinjection_take_gains(side, i, own.by_dsn->pdata[i]);
    judge_clear(&own);
    g_array_free(parts, TRUE);
}

mps_reinjection_side *mps_reinjections_of(const mps_comparison *comparison, bool in_a)
{
    mps_reinjection_side *side = g_new0(mps_reinjection_side, 1);
    mps_sent_init(&side->sent, comparison, in_a);
    side->pasts = g_array_new(FALSE, FALSE, sizeof(mps_past));
    side->rows = g_array_new(FALSE, FALSE, sizeof(mps_reinjection_row));
    side->stretches = g_array_new(FALSE, FALSE, sizeof(mps_reinjected_stretch));
    side->pairs = g_array_new(FALSE, FALSE, sizeof(mps_reinjection_pair));
    side->gains = g_array_new(FALSE, FALSE, sizeof(mps_gain));
    side->needs = g_array_new(FALSE, FALSE, sizeof(mps_retransmission_row));
    judge_all(side);
    return side;
}

void mps_reinjections_free(mps_reinjection_side *side)
{
    mps_sent_clear(&side->sent);
    g_array_free(side->pasts, TRUE);
    g_array_free(side->rows, TRUE);
    g_array_free(side->stretches, TRUE);
    g_array_free(side->pairs, TRUE);
    g_array_free(side->gains, TRUE);
    g_array_free(side->needs, TRUE);
    g_free(side);
}
