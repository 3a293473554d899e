/* history.c: what was sent before of every byte of a number space, and when it arrived.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "history.h"
#include <mptcpscope/tracker.h>

/* A transmission leaves no more pieces with pasts of their own than this; beyond, what was before
 * is no longer told. Segments of 64 kB that repeat small ones take about fifty. It bounds the time
 * that input made for it can take. */
#define MPS_PIECES_MAX 128u

void mps_history_init(mps_history *history, GArray *pasts)
{
    *history = (mps_history){.pasts = pasts};
    history->replaced = g_array_new(FALSE, FALSE, sizeof(mps_span));
}

void mps_history_clear(mps_history *history)
{
    mps_spans_clear(&history->spans);
    g_array_free(history->replaced, TRUE);
}

static void keep_replaced(const mps_span *replaced, void *data)
{
    g_array_append_val((GArray *)data, *replaced);
}

static void forget_replaced(const mps_span *replaced, void *data)
{
    (void)replaced;
    (void)data;
}

static void add_arrival(mps_past *past, int64_t arrival, uint32_t by)
{
    if (past->arrivals == 0 || arrival < past->first) {
        past->second = past->first;
        past->first = arrival;
        past->first_by = by;
    } else if (past->arrivals == 1 || arrival < past->second) {
        past->second = arrival;
    }
    past->arrivals = (uint8_t)MIN(past->arrivals + 1, 2);
}

/* Append what the past becomes with one more transmission. */
static void go_on(GArray *pasts, uint32_t before, const mps_sent *sent, uint32_t by)
{
    mps_past past = {.first_by = MPS_NONE, .first_sent = sent->sent};
    if (before != MPS_NONE)
        past = g_array_index(pasts, mps_past, before);
    past.sending = sent->sending;
    past.previous = before;
    past.undetermined |= sent->arrived == MPS_NOT_TOLD;
    if (sent->arrived == MPS_ARRIVED)
        add_arrival(&past, sent->arrival, by);
    g_array_append_val(pasts, past);
}

/* Add bytes of `sent` that have one past. @param alone  they are all of it */
static void add_piece(mps_history *history, const mps_sent *piece, uint32_t past, bool alone,
                      mps_past_visitor visit, void *data)
{
    uint32_t by = visit(piece, past, data);
    mps_span span = {piece->start, piece->length, history->pasts->len};
    go_on(history->pasts, past, piece, by);
    if (!alone)
        mps_spans_cover(&history->spans, &span, forget_replaced, NULL);
}

/* So many pieces that they are not worth being kept apart. */
static void forget_pieces(mps_history *history, const mps_sent *sent)
{
    mps_span span = {sent->start, sent->length, history->pasts->len};
    mps_past past = {.sending = sent->sending,
                     .previous = MPS_NONE,
                     .first_by = MPS_NONE,
                     .undetermined = true,
                     .cut = true,
                     .first_sent = sent->sent};
    g_array_append_val(history->pasts, past);
    mps_spans_cover(&history->spans, &span, forget_replaced, NULL);
}

static mps_sent cut(const mps_sent *sent, uint64_t start, uint64_t end)
{
    mps_sent piece = *sent;
    piece.start = start;
    piece.length = (uint32_t)(end - start);
    return piece;
}

void mps_history_add(mps_history *history, const mps_sent *sent, mps_past_visitor visit, void *data)
{
    GArray *replaced = history->replaced;
    uint64_t at = sent->start, end = sent->start + sent->length;
    mps_span whole = {sent->start, sent->length, history->pasts->len};
    g_array_set_size(replaced, 0);
    mps_spans_cover(&history->spans, &whole, keep_replaced, replaced);
    if (replaced->len == 0) { /* the pasts' next is its own: mps_spans_cover() put that in */
        add_piece(history, sent, MPS_NONE, true, visit, data);
        return;
    }
    for (guint i = 0; i < replaced->len; i++) {
        const mps_span span = g_array_index(replaced, mps_span, i);
        mps_sent before = cut(sent, at, span.start);
        mps_sent piece = cut(sent, span.start, span.start + span.length);
        if (before.length > 0)
            add_piece(history, &before, MPS_NONE, false, visit, data);
        add_piece(history, &piece, span.item, span.length == sent->length, visit, data);
        at = span.start + span.length;
    }
    mps_sent behind = cut(sent, at, end);
    if (behind.length > 0)
        add_piece(history, &behind, MPS_NONE, false, visit, data);
    if (replaced->len > MPS_PIECES_MAX)
        forget_pieces(history, sent);
}
