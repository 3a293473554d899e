/* coverage.c: finds the segments that a capture cannot contain, because it began late, ended early
 * or lacks a direction or a subflow.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "compare_internal.h"
#include "match/partners.h"

/* The first three segments to arrive, and the last three, may have been overtaken: what was sent
 * between them may have passed before the capture began, or after it ended. Three cover reordering
 * by one or two places. */
#define EDGE_SEGMENTS 3u

/* Which sent segments a row's matches cover, by index, and whether the receiver's end has further
 * segments before or after all matches. */
typedef struct {
    uint32_t first_sent, last_sent;
    bool more_before, more_after;
} mps_row_reach;

/* @return the sent index of each received segment, or MPS_NONE; the caller frees it */
static uint32_t *senders_of(const mps_alignment *alignment)
{
    uint32_t *sender_of = mps_partners_new(alignment->received);
    for (guint i = 0; i < alignment->matches->len; i++) {
        const mps_match *match = &g_array_index(alignment->matches, mps_match, i);
        sender_of[match->received] = match->sent;
    }
    return sender_of;
}

static bool is_missing_at_sender(const mps_alignment *alignment, uint32_t received)
{
    return alignment->received_outcomes[received] == MPS_RECEIVED_MISSING_AT_SENDER;
}

static mps_row_reach reach_of(const mps_comparison_row *row)
{
    const mps_alignment *alignment = &row->alignment;
    uint32_t received = alignment->received, seen = 0;
    mps_row_reach reach = {alignment->sent, 0, received > 0, received > 0};
    if (alignment->matches->len == 0)
        return reach;
    uint32_t *sender_of = senders_of(alignment);
    reach.more_before = reach.more_after = false;
    reach.first_sent = 0;
    reach.last_sent = alignment->sent - 1;
    for (uint32_t i = 0; i < received && seen < EDGE_SEGMENTS; i++) {
        reach.more_before |= seen == 0 && is_missing_at_sender(alignment, i);
        if (sender_of[i] != MPS_NONE && ++seen)
            reach.first_sent = MAX(reach.first_sent, sender_of[i]);
    }
    seen = 0;
    for (uint32_t i = received; i-- > 0 && seen < EDGE_SEGMENTS;) {
        reach.more_after |= seen == 0 && is_missing_at_sender(alignment, i);
        if (sender_of[i] != MPS_NONE && ++seen)
            reach.last_sent = MIN(reach.last_sent, sender_of[i]);
    }
    g_free(sender_of);
    return reach;
}

/* Does the receiver's capture have no segment of a row, although its host acknowledges some? */
static bool receiver_lacks_direction(const mps_comparison *comparison,
                                     const mps_comparison_row *row)
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

/* @return how many of the segments that are lost are among indistinguishable ones, all of which are
 * ambiguous */
static uint32_t lost_among_equal(const mps_alignment *alignment)
{
    uint32_t lost = alignment->lost;
    for (uint32_t i = 0; i < alignment->sent; i++)
        lost -= alignment->sent_outcomes[i] == MPS_SENT_LOST;
    return lost;
}

/* Mark a segment that the receiver's capture cannot have, if it has no match. If it is one of
 * several indistinguishable segments, it is one of those that the capture lacks.
 * @param among_equal  lost_among_equal(), updated */
static void mark_outside(mps_alignment *alignment, uint32_t sent, uint32_t *among_equal)
{
    bool equal = alignment->sent_outcomes[sent] == MPS_SENT_AMBIGUOUS && *among_equal > 0;
    if (alignment->sent_outcomes[sent] != MPS_SENT_LOST && !equal)
        return;
    *among_equal -= equal;
    alignment->sent_outcomes[sent] = MPS_SENT_OUTSIDE_CAPTURE;
    alignment->outside++;
    alignment->lost--;
}

/* A capture of one direction did not lose the other one.
 * @return whether the receiver's capture is such a capture */
static bool mark_one_way(const mps_comparison *comparison, mps_comparison_row *row)
{
    bool one_way = receiver_lacks_direction(comparison, row);
    uint32_t among_equal = one_way ? lost_among_equal(&row->alignment) : 0;
    for (uint32_t i = 0; one_way && i < row->alignment.sent; i++)
        mark_outside(&row->alignment, i, &among_equal);
    return one_way;
}

/* Does the sender's capture have no segment of a row, although it has the other direction? Resets
 * do not count: another host may have sent them. */
static bool sender_lacks_direction(const mps_comparison *comparison, const mps_comparison_row *row,
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

/* A capture that began late or ended early did not lose the segments outside its time. The other
 * direction shows that it did so: there the other end has segments, before or after all that match,
 * which this capture does not have although its host sent them. */
static void mark_outside_time(mps_comparison_row *row, const mps_comparison_row *back)
{
    mps_row_reach own = reach_of(row), other = reach_of(back);
    mps_alignment *alignment = &row->alignment;
    uint32_t first = other.more_before ? own.first_sent : 0;
    uint32_t last = alignment->matched > 0 ? own.last_sent + 1 : 0;
    uint32_t end = other.more_after ? last : alignment->sent;
    if (first == 0 && end == alignment->sent)
        return;
    uint32_t among_equal = lost_among_equal(alignment);
    for (uint32_t i = 0; i < alignment->sent; i++)
        if (i < first || i >= end)
            mark_outside(alignment, i, &among_equal);
}

/* One capture does not have the subflow at all, although its host took part in it: the other
 * capture has an answer. A RST is no answer: a firewall may have sent it.
 * @return whether this is the case */
static bool mark_missing_subflow(const mps_comparison *comparison, mps_comparison_row *row,
                                 const mps_comparison_row *back)
{
    mps_align_lists lists;
    bool answered = false;
    mps_comparison_lists(comparison, back, &lists);
    for (size_t i = 0; i < lists.received_count; i++)
        answered |= (lists.received[i].flags & (MPS_TCP_ACK | MPS_TCP_RST)) == MPS_TCP_ACK;
    uint32_t among_equal = answered ? lost_among_equal(&row->alignment) : 0;
    for (uint32_t i = 0; answered && i < row->alignment.sent; i++)
        mark_outside(&row->alignment, i, &among_equal);
    return answered && row->alignment.sent > 0;
}

static void note_one_way(mps_comparison *comparison, unsigned count, const char *of)
{
    if (count > 0)
        g_ptr_array_add(comparison->notes,
                        g_strdup_printf("%s's capture has one direction only of %u TCP "
                                        "connection%s: the outcome of the other is not known.",
                                        of, count, count == 1 ? "" : "s"));
}

static void note_missing_subflows(mps_comparison *comparison, unsigned count, const char *of)
{
    if (count > 0)
        g_ptr_array_add(comparison->notes,
                        g_strdup_printf("%s's capture does not have %u subflow%s that its host "
                                        "took part in: the outcome of %s segments is not known.",
                                        of, count, count == 1 ? "" : "s",
                                        count == 1 ? "its" : "their"));
}

void mps_coverage_find(mps_comparison *comparison)
{
    unsigned one_way[2] = {0, 0}, missing[2] = {0, 0}; /* of A, of B */
    for (guint i = 0; i + 1 < comparison->rows->len; i += 2) {
        mps_comparison_row *there = &g_array_index(comparison->rows, mps_comparison_row, i);
        mps_comparison_row *back = &g_array_index(comparison->rows, mps_comparison_row, i + 1);
        if (!mps_pair_in_both(&there->pair)) {
            missing[there->pair.b == MPS_NONE] += mark_missing_subflow(comparison, there, back) ||
                                                  mark_missing_subflow(comparison, back, there);
            continue;
        }
        one_way[there->a_sends] += mark_one_way(comparison, there);
        one_way[back->a_sends] += mark_one_way(comparison, back);
        one_way[!there->a_sends] += sender_lacks_direction(comparison, there, back);
        one_way[!back->a_sends] += sender_lacks_direction(comparison, back, there);
        mark_outside_time(there, back);
        mark_outside_time(back, there);
    }
    note_missing_subflows(comparison, missing[false], "A");
    note_missing_subflows(comparison, missing[true], "B");
    note_one_way(comparison, one_way[false], "A");
    note_one_way(comparison, one_way[true], "B");
}
