/* coverage.c: what one capture was too late, or too early over, to have.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "compare_internal.h"
#include "match/partners.h"

/* Of so many that arrived first, or last, any may have been overtaken: what was sent between them
 * may have passed before the capture began, or after it ended. */
#define EDGE 3u

/* How far a row's matches reach into what was sent, and whether the receiver's end has more before
 * or behind them. */
typedef struct {
    uint32_t first_sent, last_sent;
    bool more_before, more_behind;
} mps_reach_of_row;

/* Which sent one each received one is, or MPS_NONE; to be freed by the caller. */
static uint32_t *senders_of(const mps_alignment *alignment)
{
    uint32_t *sender_of = mps_partners_new(alignment->received);
    for (guint i = 0; i < alignment->matches->len; i++) {
        const mps_match *match = &g_array_index(alignment->matches, mps_match, i);
        sender_of[match->received] = match->sent;
    }
    return sender_of;
}

static bool is_unseen_at(const mps_alignment *alignment, uint32_t received)
{
    return alignment->received_outcomes[received] == MPS_RECEIVED_MISSING_AT_SENDER;
}

static mps_reach_of_row reach_of(const mps_comparison_row *row)
{
    const mps_alignment *alignment = &row->alignment;
    uint32_t received = alignment->received, seen = 0;
    mps_reach_of_row reach = {alignment->sent, 0, received > 0, received > 0};
    if (alignment->matches->len == 0)
        return reach;
    uint32_t *sender_of = senders_of(alignment);
    reach.more_before = reach.more_behind = false;
    reach.first_sent = 0;
    reach.last_sent = alignment->sent - 1;
    for (uint32_t i = 0; i < received && seen < EDGE; i++) {
        reach.more_before |= seen == 0 && is_unseen_at(alignment, i);
        if (sender_of[i] != MPS_NONE && ++seen)
            reach.first_sent = MAX(reach.first_sent, sender_of[i]);
    }
    seen = 0;
    for (uint32_t i = received; i-- > 0 && seen < EDGE;) {
        reach.more_behind |= seen == 0 && is_unseen_at(alignment, i);
        if (sender_of[i] != MPS_NONE && ++seen)
            reach.last_sent = MIN(reach.last_sent, sender_of[i]);
    }
    g_free(sender_of);
    return reach;
}

/* Does the receiver's end have no segment of a row, though its host acknowledges what came? */
static bool is_one_way(const mps_comparison *comparison, const mps_comparison_row *row)
{
    mps_align_lists lists;
    if (row->alignment.sent == 0 || row->alignment.received > 0)
        return false;
    mps_comparison_lists(comparison, row, &lists);
    for (size_t i = 0; i < lists.answers_count; i++)
        if (lists.answers[i].flags & MPS_TCP_ACK)
            return true;
    return false;
}

static void take_out(mps_alignment *alignment, uint32_t sent)
{
    if (alignment->sent_outcomes[sent] != MPS_SENT_LOST)
        return;
    alignment->sent_outcomes[sent] = MPS_SENT_OUTSIDE_CAPTURE;
    alignment->outside++;
    alignment->lost--;
}

/* A capture of one direction has not lost the other. @return whether it is one */
static bool take_out_one_way(const mps_comparison *comparison, mps_comparison_row *row)
{
    bool one_way = is_one_way(comparison, row);
    for (uint32_t i = 0; one_way && i < row->alignment.sent; i++)
        take_out(&row->alignment, i);
    return one_way;
}

/* Does the sender's end have no segment of a row, though it has the way back? Resets may be
 * another's: then that host sent nothing. */
static bool is_unseen(const mps_comparison *comparison, const mps_comparison_row *row,
                      const mps_comparison_row *back)
{
    mps_align_lists lists;
    if (row->alignment.sent > 0 || row->alignment.received == 0 || back->alignment.matched == 0)
        return false;
    mps_comparison_lists(comparison, row, &lists);
    for (size_t i = 0; i < lists.received_count; i++)
        if (!(lists.received[i].flags & MPS_TCP_RST))
            return true;
    return false;
}

/* A capture that began late, or ended early, has not lost what went by without it. That it did
 * shows on the way back: there the other end has segments, before or behind all that match, which
 * this one did not capture when it sent them. */
static void take_out_what_is_outside(mps_comparison_row *row, const mps_comparison_row *back)
{
    mps_reach_of_row own = reach_of(row), other = reach_of(back);
    mps_alignment *alignment = &row->alignment;
    uint32_t first = other.more_before ? own.first_sent : 0;
    uint32_t last = alignment->matched > 0 ? own.last_sent + 1 : 0;
    uint32_t end = other.more_behind ? last : alignment->sent;
    for (uint32_t i = 0; i < alignment->sent; i++)
        if (i < first || i >= end)
            take_out(alignment, i);
}

/* One capture does not have the subflow at all, though its host took part in it: the other one has
 * what it answered. A RST may be a firewall's. @return whether that is so */
static bool take_out_missing(const mps_comparison *comparison, mps_comparison_row *row,
                             const mps_comparison_row *back)
{
    mps_align_lists lists;
    bool answered = false;
    mps_comparison_lists(comparison, back, &lists);
    for (size_t i = 0; i < lists.received_count; i++)
        answered |= (lists.received[i].flags & (MPS_TCP_ACK | MPS_TCP_RST)) == MPS_TCP_ACK;
    for (uint32_t i = 0; answered && i < row->alignment.sent; i++)
        take_out(&row->alignment, i);
    return answered && row->alignment.sent > 0;
}

static void note_one_way(mps_comparison *comparison, unsigned count, const char *of)
{
    if (count > 0)
        g_ptr_array_add(comparison->notes,
                        g_strdup_printf("%s's capture has one direction only of %u TCP "
                                        "connection%s: what became of the other is not told.",
                                        of, count, count == 1 ? "" : "s"));
}

static void note_missing(mps_comparison *comparison, unsigned count, const char *of)
{
    if (count > 0)
        g_ptr_array_add(comparison->notes,
                        g_strdup_printf("%s's capture does not have %u subflow%s that its host "
                                        "took part in: what became of %s segments is not told.",
                                        of, count, count == 1 ? "" : "s",
                                        count == 1 ? "its" : "their"));
}

void mps_coverage_find(mps_comparison *comparison)
{
    unsigned one_way[2] = {0, 0}, missing[2] = {0, 0}; /* A's, B's */
    for (guint i = 0; i + 1 < comparison->rows->len; i += 2) {
        mps_comparison_row *there = &g_array_index(comparison->rows, mps_comparison_row, i);
        mps_comparison_row *back = &g_array_index(comparison->rows, mps_comparison_row, i + 1);
        if (!mps_pair_in_both(&there->pair)) {
            missing[there->pair.b == MPS_NONE] += take_out_missing(comparison, there, back) ||
                                                  take_out_missing(comparison, back, there);
            continue;
        }
        one_way[there->a_sends] += take_out_one_way(comparison, there);
        one_way[back->a_sends] += take_out_one_way(comparison, back);
        one_way[!there->a_sends] += is_unseen(comparison, there, back);
        one_way[!back->a_sends] += is_unseen(comparison, back, there);
        take_out_what_is_outside(there, back);
        take_out_what_is_outside(back, there);
    }
    note_missing(comparison, missing[false], "A");
    note_missing(comparison, missing[true], "B");
    note_one_way(comparison, one_way[false], "A");
    note_one_way(comparison, one_way[true], "B");
}
