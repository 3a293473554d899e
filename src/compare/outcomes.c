/* outcomes.c: gives the outcome of each sent segment: delay, loss, reordering, round trip.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "outcomes.h"
#include "base/sorted.h"
#include "base/times.h"

static mps_outcome matched_outcome(const mps_comparison *comparison, const mps_comparison_row *row,
                                   const mps_align_lists *lists, const mps_match *match)
{
    int64_t sent = lists->sent[match->sent].time;
    int64_t received = lists->received[match->received].time;
    mps_outcome outcome = {.time = row->a_sends ? sent : received,
                           .time_b = row->a_sends ? received : sent,
                           .sent = match->sent,
                           .received = match->received,
                           .kind = MPS_SENT_MATCHED,
                           .has_time = true};
    outcome.delay = mps_comparison_delay(comparison, row->a_sends, outcome.time, outcome.time_b);
    return outcome;
}

/* Mark the match that arrived last among the matches of one segment, which begin at `first`. */
static void mark_last(GArray *outcomes, guint first, const mps_align_lists *lists)
{
    mps_outcome *all = (mps_outcome *)outcomes->data;
    guint last = first;
    for (guint i = first + 1; i < outcomes->len; i++)
        if (lists->received[all[i].received].time >= lists->received[all[last].received].time)
            last = i;
    all[last].last = true;
}

/* Add the matches of a segment, from the match `next` on. @return the next segment's first match */
static guint add_matched(const mps_comparison *comparison, const mps_comparison_row *row,
                         const mps_align_lists *lists, guint next, GArray *outcomes)
{
    const GArray *matches = row->alignment.matches;
    uint32_t sent = g_array_index(matches, mps_match, next).sent;
    guint first = outcomes->len;
    for (; next < matches->len; next++) {
        const mps_match *match = &g_array_index(matches, mps_match, next);
        if (match->sent != sent)
            break;
        mps_outcome outcome = matched_outcome(comparison, row, lists, match);
        g_array_append_val(outcomes, outcome);
    }
    mark_last(outcomes, first, lists);
    return next;
}

/* A's time minus B's for a segment that B sends: clock offset and delay together. */
typedef struct {
    bool known;
    int64_t ahead;
} mps_clock_lead;

static mps_clock_lead lead_of(const mps_comparison_row *row, const mps_align_lists *lists,
                              guint match)
{
    const mps_match *from = &g_array_index(row->alignment.matches, mps_match, match);
    return (mps_clock_lead){
        true, mps_minus(lists->received[from->received].time, lists->sent[from->sent].time)};
}

static void add_unmatched(const mps_comparison_row *row, const mps_align_lists *lists,
                          uint32_t sent, const mps_clock_lead *lead, GArray *outcomes)
{
    int64_t time = lists->sent[sent].time;
    mps_outcome outcome = {.time = row->a_sends ? time : mps_plus(time, lead->ahead),
                           .sent = sent,
                           .kind = row->alignment.sent_outcomes[sent],
                           .last = true,
                           .has_time = row->a_sends || lead->known};
    g_array_append_val(outcomes, outcome);
}

static void add_outcomes(const mps_comparison *comparison, const mps_comparison_row *row,
                         const mps_align_lists *lists, GArray *outcomes)
{
    const GArray *matches = row->alignment.matches;
    mps_clock_lead lead = {comparison->clock.has_offset, mps_minus(0, comparison->clock.offset)};
    guint next = 0;
    if (matches->len > 0)
        lead = lead_of(row, lists, 0);
    for (uint32_t sent = 0; sent < row->alignment.sent; sent++) {
        if (next < matches->len && g_array_index(matches, mps_match, next).sent == sent) {
            lead = lead_of(row, lists, next);
            next = add_matched(comparison, row, lists, next, outcomes);
        } else {
            add_unmatched(row, lists, sent, &lead, outcomes);
        }
    }
}

/* RFC 4737 section 3.3, with the order of sending as the sequence number: a segment is reordered if
 * one that was sent later arrived before it or before a part of it. */
static void mark_reordered(GArray *outcomes)
{
    mps_outcome *all = (mps_outcome *)outcomes->data;
    uint32_t lowest = MPS_NONE; /* first place of arrival of the segments that were sent later */
    for (guint end = outcomes->len; end > 0;) {
        guint first = end - 1, last = first;
        uint32_t own = MPS_NONE, highest = 0;
        while (first > 0 && all[first - 1].sent == all[end - 1].sent)
            first--;
        for (guint i = first; i < end && all[i].kind == MPS_SENT_MATCHED; i++) {
            own = MIN(own, all[i].received);
            highest = MAX(highest, all[i].received);
            last = all[i].last ? i : last;
        }
        all[last].reordered = own != MPS_NONE && highest > lowest;
        lowest = MIN(lowest, own);
        end = first;
    }
}

/* A matched segment of the other direction: when the peer sent it, ns, and its match. */
typedef struct {
    int64_t time;
    guint match;
} mps_return;

static int compare_returns(const void *a, const void *b)
{
    const mps_return *x = a, *y = b;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    return (x->match > y->match) - (x->match < y->match);
}

/* All matches of the other direction, in the order of sending times. */
static GArray *returns_of(const mps_comparison_row *back, const mps_align_lists *lists)
{
    const GArray *matches = back->alignment.matches;
    GArray *returns = g_array_sized_new(FALSE, FALSE, sizeof(mps_return), matches->len);
    bool ordered = true;
    for (guint i = 0; i < matches->len; i++) {
        const mps_match *match = &g_array_index(matches, mps_match, i);
        mps_return one = {lists->sent[match->sent].time, i};
        ordered = ordered && (i == 0 || one.time >= g_array_index(returns, mps_return, i - 1).time);
        g_array_append_val(returns, one);
    }
    if (!ordered)
        g_array_sort(returns, compare_returns);
    return returns;
}

static bool sent_before(const void *element, const void *key)
{
    return ((const mps_return *)element)->time < *(const int64_t *)key;
}

/* @return the index of the first one that was sent at `time` or later; their number if none was */
static guint first_from(const GArray *returns, int64_t time)
{
    return mps_sorted_place(returns, sent_before, &time);
}

/* Pair each segment that arrived with the first segment that the peer sent after that and that
 * arrived, too. The sum of both delays is the round trip without the time the peer waited; the
 * offset of the clocks cancels out of it. */
static void add_round_trips(const mps_comparison *comparison, const mps_align_lists *lists,
                            const mps_comparison_row *back, GArray *outcomes)
{
    mps_align_lists back_lists;
    mps_comparison_lists(comparison, back, &back_lists);
    GArray *returns = returns_of(back, &back_lists);
    for (guint i = 0; i < outcomes->len; i++) {
        mps_outcome *outcome = &g_array_index(outcomes, mps_outcome, i);
        if (outcome->kind != MPS_SENT_MATCHED || !outcome->last)
            continue;
        guint found = first_from(returns, lists->received[outcome->received].time);
        if (found == returns->len)
            continue;
        guint number = g_array_index(returns, mps_return, found).match;
        mps_outcome returned =
            matched_outcome(comparison, back, &back_lists,
                            &g_array_index(back->alignment.matches, mps_match, number));
        outcome->rtt = mps_plus(outcome->delay, returned.delay);
        outcome->rtt_span = MAX(
            mps_minus(back_lists.received[returned.received].time, lists->sent[outcome->sent].time),
            0);
        outcome->has_rtt = true;
    }
    g_array_free(returns, TRUE);
}

GArray *mps_outcomes_of(const mps_comparison *comparison, guint number)
{
    const mps_comparison_row *row = &g_array_index(comparison->rows, mps_comparison_row, number);
    const mps_comparison_row *back =
        &g_array_index(comparison->rows, mps_comparison_row, number ^ 1);
    GArray *outcomes = g_array_sized_new(FALSE, FALSE, sizeof(mps_outcome), row->alignment.sent);
    mps_align_lists lists;
    mps_comparison_lists(comparison, row, &lists);
    add_outcomes(comparison, row, &lists, outcomes);
    mark_reordered(outcomes);
    add_round_trips(comparison, &lists, back, outcomes);
    return outcomes;
}
