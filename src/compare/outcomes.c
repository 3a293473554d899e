/* outcomes.c: what became of each segment that was sent.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "outcomes.h"
#include "base/sorted.h"

/* Times of a hostile capture may be further apart than 2^63 ns: differences wrap. */
static int64_t difference(int64_t to, int64_t from)
{
    return (int64_t)((uint64_t)to - (uint64_t)from);
}

static int64_t sum(int64_t time, int64_t distance)
{
    return (int64_t)((uint64_t)time + (uint64_t)distance);
}

static mps_outcome matched_point(const mps_comparison *comparison, const mps_comparison_row *row,
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

/* Of the matches of one segment, which begin at `first`, mark the one that arrived last. */
static void mark_last(GArray *outcomes, guint first, const mps_align_lists *lists)
{
    mps_outcome *all = (mps_outcome *)outcomes->data;
    guint last = first;
    for (guint i = first + 1; i < outcomes->len; i++)
        if (lists->received[all[i].received].time >= lists->received[all[last].received].time)
            last = i;
    all[last].last = true;
}

/* Add the matches of a segment. @return the number of the first match behind them */
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
        mps_outcome outcome = matched_point(comparison, row, lists, match);
        g_array_append_val(outcomes, outcome);
    }
    mark_last(outcomes, first, lists);
    return next;
}

/* By how much A's times are ahead of B's in a row that B sends, delay included. */
typedef struct {
    bool known;
    int64_t ahead;
} mps_clock_lead;

static mps_clock_lead shift_of(const mps_comparison_row *row, const mps_align_lists *lists,
                               guint match)
{
    const mps_match *from = &g_array_index(row->alignment.matches, mps_match, match);
    return (mps_clock_lead){
        true, difference(lists->received[from->received].time, lists->sent[from->sent].time)};
}

static void add_unmatched(const mps_comparison_row *row, const mps_align_lists *lists,
                          uint32_t sent, const mps_clock_lead *shift, GArray *outcomes)
{
    int64_t time = lists->sent[sent].time;
    mps_outcome outcome = {.time = row->a_sends ? time : sum(time, shift->ahead),
                           .sent = sent,
                           .kind = row->alignment.sent_outcomes[sent],
                           .last = true,
                           .has_time = row->a_sends || shift->known};
    g_array_append_val(outcomes, outcome);
}

static void add_points(const mps_comparison *comparison, const mps_comparison_row *row,
                       const mps_align_lists *lists, GArray *outcomes)
{
    const GArray *matches = row->alignment.matches;
    mps_clock_lead shift = {comparison->clock.has_offset, difference(0, comparison->clock.offset)};
    guint next = 0;
    if (matches->len > 0)
        shift = shift_of(row, lists, 0);
    for (uint32_t sent = 0; sent < row->alignment.sent; sent++) {
        if (next < matches->len && g_array_index(matches, mps_match, next).sent == sent) {
            shift = shift_of(row, lists, next);
            next = add_matched(comparison, row, lists, next, outcomes);
        } else {
            add_unmatched(row, lists, sent, &shift, outcomes);
        }
    }
}

/* RFC 4737 section 3.3 with the order of sending for a sequence number: a segment is reordered
 * where one that was sent later arrived before it, or before a piece of it. */
static void mark_reordered(GArray *outcomes)
{
    mps_outcome *all = (mps_outcome *)outcomes->data;
    uint32_t lowest = MPS_NONE; /* place of arrival of what was sent later */
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

/* A segment on the way back: when it left the peer, and its match. */
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

/* All matches of the way back, in the order of time. */
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

static bool left_before(const void *element, const void *key)
{
    return ((const mps_return *)element)->time < *(const int64_t *)key;
}

/* The first one that left at `time` or later, or the number of them. */
static guint first_from(const GArray *returns, int64_t time)
{
    return mps_sorted_place(returns, left_before, &time);
}

/* Pair each segment that arrived with the first one that the peer sent after that and that arrived:
 * the round trip but for what the peer waited, in which the clocks' difference cancels out. */
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
        mps_outcome there =
            matched_point(comparison, back, &back_lists,
                          &g_array_index(back->alignment.matches, mps_match, number));
        outcome->rtt = sum(outcome->delay, there.delay);
        outcome->rtt_span = (uint64_t)back_lists.received[there.received].time -
                            (uint64_t)lists->sent[outcome->sent].time;
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
    add_points(comparison, row, &lists, outcomes);
    mark_reordered(outcomes);
    add_round_trips(comparison, &lists, back, outcomes);
    return outcomes;
}
