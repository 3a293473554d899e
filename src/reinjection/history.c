/* history.c: keeps the earlier transmissions of every byte of a number space, with arrivals.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "history.h"
#include <mptcpscope/tracker.h>

/* The most parts with pasts of their own that a transmission leaves behind. If there are more,
 * their pasts are forgotten. A segment of 64 kB that repeats small ones has about fifty parts. The
 * limit bounds the time that malicious input can take. */
#define MPS_PARTS_MAX 128u

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

static void add_arrival(mps_past *past, const mps_sent *sent, uint32_t by)
{
    if (past->arrivals == 0 || mps_moment_compare(&sent->arrival, &past->first) < 0) {
        past->second = past->first;
        past->first = sent->arrival;
        past->first_by = by;
    } else if (past->arrivals == 1 || mps_moment_compare(&sent->arrival, &past->second) < 0) {
        past->second = sent->arrival;
    }
    past->arrivals = (uint8_t)MIN(past->arrivals + 1, 2);
}

/* Append the past that follows the past `before` with one more transmission. */
static void append_past(const mps_history *history, uint32_t before, const mps_sent *sent,
                        uint32_t by)
{
    GArray *pasts = history->pasts;
    mps_past past = {.first_by = MPS_NONE, .first_sent = sent->sent};
    if (before != MPS_NONE)
        past = g_array_index(pasts, mps_past, before);
    past.sending = sent->sending;
    past.previous = before;
    past.incomplete |= history->incomplete;
    past.undetermined |= sent->arrived == MPS_ARRIVED_UNDETERMINED || history->incomplete;
    if (sent->arrived == MPS_ARRIVED_YES)
        add_arrival(&past, sent, by);
    g_array_append_val(pasts, past);
}

/* Add bytes of a transmission that have the same past.
 * @param all  they are all its bytes: the spans have them already */
static void add_part(mps_history *history, const mps_sent *part, uint32_t past, bool all,
                     mps_past_visitor visit, void *data)
{
    uint32_t by = visit(part, past, data);
    mps_span span = {part->start, part->length, history->pasts->len};
    append_past(history, past, part, by);
    if (!all)
        mps_spans_cover(&history->spans, &span, forget_replaced, NULL);
}

/* Forget the pasts of a transmission with too many parts. */
static void forget_parts(mps_history *history, const mps_sent *sent)
{
    mps_span span = {sent->start, sent->length, history->pasts->len};
    mps_past past = {.sending = sent->sending,
                     .previous = MPS_NONE,
                     .first_by = MPS_NONE,
                     .undetermined = true,
                     .incomplete = true,
                     .first_sent = sent->sent};
    g_array_append_val(history->pasts, past);
    mps_spans_cover(&history->spans, &span, forget_replaced, NULL);
}

static mps_sent cut(const mps_sent *sent, uint64_t start, uint64_t end)
{
    mps_sent part = *sent;
    part.start = start;
    part.length = (uint32_t)(end - start);
    return part;
}

void mps_history_add(mps_history *history, const mps_sent *sent, mps_past_visitor visit, void *data)
{
    GArray *replaced = history->replaced;
    uint64_t at = sent->start, end = sent->start + sent->length;
    mps_span whole = {sent->start, sent->length, history->pasts->len};
    g_array_set_size(replaced, 0);
    mps_spans_cover(&history->spans, &whole, keep_replaced, replaced);
    if (replaced->len == 0) { /* mps_spans_cover() has entered the next past, which is its own */
        add_part(history, sent, MPS_NONE, true, visit, data);
        return;
    }
    for (guint i = 0; i < replaced->len; i++) {
        const mps_span span = g_array_index(replaced, mps_span, i);
        mps_sent before = cut(sent, at, span.start);
        mps_sent part = cut(sent, span.start, span.start + span.length);
        if (before.length > 0)
            add_part(history, &before, MPS_NONE, false, visit, data);
        add_part(history, &part, span.item, span.length == sent->length, visit, data);
        at = span.start + span.length;
    }
    mps_sent after = cut(sent, at, end);
    if (after.length > 0)
        add_part(history, &after, MPS_NONE, false, visit, data);
    if (replaced->len > MPS_PARTS_MAX)
        forget_parts(history, sent);
}
