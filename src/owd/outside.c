/* outside.c: what one capture was too late, or too early over, to have.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "owd-internal.h"

/* How far a row's matches reach into what was sent, and whether the receiver's end has more before
 * or behind them. */
typedef struct {
    uint32_t first_sent, last_sent;
    bool more_before, more_behind;
} mps_reach_of_row;

static mps_reach_of_row reach_of(const mps_owd_row *row)
{
    const GArray *matches = row->alignment.matches;
    uint32_t first = MPS_NONE, last = 0;
    mps_reach_of_row reach = {row->alignment.sent, 0, false, false};
    for (guint i = 0; i < matches->len; i++) {
        const mps_match *match = &g_array_index(matches, mps_match, i);
        first = MIN(first, match->received);
        last = MAX(last, match->received);
    }
    if (matches->len > 0) {
        reach.first_sent = g_array_index(matches, mps_match, 0).sent;
        reach.last_sent = g_array_index(matches, mps_match, matches->len - 1).sent;
        reach.more_before = first > 0;
        reach.more_behind = last + 1 < row->alignment.received;
    } else {
        reach.more_before = row->alignment.received > 0;
    }
    return reach;
}

/* Does the receiver's end have no segment of a row, though its host acknowledges what came? */
static bool is_one_way(const mps_owd *owd, const mps_owd_row *row)
{
    mps_lists lists;
    if (row->alignment.sent == 0 || row->alignment.received > 0)
        return false;
    mps_owd_lists(owd, row, &lists);
    for (size_t i = 0; i < lists.answers_count; i++)
        if (lists.answers[i].flags & MPS_TCP_ACK)
            return true;
    return false;
}

static void take_out(mps_alignment *alignment, uint32_t sent)
{
    if (alignment->sent_fates[sent] != MPS_SENT_LOST)
        return;
    alignment->sent_fates[sent] = MPS_SENT_OUTSIDE;
    alignment->outside++;
    alignment->lost--;
}

/* A capture of one direction has not lost the other. @return whether it is one */
static bool take_out_one_way(const mps_owd *owd, mps_owd_row *row)
{
    bool one_way = is_one_way(owd, row);
    for (uint32_t i = 0; one_way && i < row->alignment.sent; i++)
        take_out(&row->alignment, i);
    return one_way;
}

/* Does the sender's end have no segment of a row, though it has the way back? Resets may be
 * another's: then that host sent nothing. */
static bool is_unseen(const mps_owd *owd, const mps_owd_row *row, const mps_owd_row *back)
{
    mps_lists lists;
    if (row->alignment.sent > 0 || row->alignment.received == 0 || back->alignment.matched == 0)
        return false;
    mps_owd_lists(owd, row, &lists);
    for (size_t i = 0; i < lists.received_count; i++)
        if (!(lists.received[i].flags & MPS_TCP_RST))
            return true;
    return false;
}

/* A capture that began late, or ended early, has not lost what went by without it. That it did
 * shows on the way back: there the other end has segments, before or behind all that match, which
 * this one did not capture when it sent them. */
static void take_out_what_is_outside(mps_owd_row *row, const mps_owd_row *back)
{
    mps_reach_of_row own = reach_of(row), other = reach_of(back);
    mps_alignment *alignment = &row->alignment;
    uint32_t first = other.more_before ? own.first_sent : 0;
    uint32_t end =
        other.more_behind && alignment->matched > 0 ? own.last_sent + 1 : alignment->sent;
    for (uint32_t i = 0; i < alignment->sent; i++)
        if (i < first || i >= end)
            take_out(alignment, i);
}

static void note_one_way(mps_owd *owd, unsigned count, const char *of)
{
    if (count > 0)
        g_ptr_array_add(owd->notes,
                        g_strdup_printf("%s's capture has one direction only of %u TCP "
                                        "connection%s: what became of the other is not told.",
                                        of, count, count == 1 ? "" : "s"));
}

void mps_owd_find_outside(mps_owd *owd)
{
    unsigned one_way[2] = {0, 0}; /* A's, B's */
    for (guint i = 0; i + 1 < owd->rows->len; i += 2) {
        mps_owd_row *there = &g_array_index(owd->rows, mps_owd_row, i);
        mps_owd_row *back = &g_array_index(owd->rows, mps_owd_row, i + 1);
        if (!mps_pair_in_both(&there->pair))
            continue;
        one_way[there->a_sends] += take_out_one_way(owd, there);
        one_way[back->a_sends] += take_out_one_way(owd, back);
        one_way[!there->a_sends] += is_unseen(owd, there, back);
        one_way[!back->a_sends] += is_unseen(owd, back, there);
        take_out_what_is_outside(there, back);
        take_out_what_is_outside(back, there);
    }
    note_one_way(owd, one_way[false], "A");
    note_one_way(owd, one_way[true], "B");
}
