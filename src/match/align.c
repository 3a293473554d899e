/* align.c: which sent segment is which received one: the whole of it, step by step.
 *
 * What is certain comes first: segments told by what they say (groups.c). They show how path and
 * captures behave (conduct.c), on which it depends what order may tell of those that say the same
 * (order.c). What remains may be cut differently at the two ends (ranges.c).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "align_internal.h"
#include <string.h>

/* Count matched segments that arrive behind one that was sent later (RFC 4737 section 3.3). The
 * pieces of one segment are not later than one another. */
static uint32_t count_reordered(const mps_align_state *work)
{
    uint32_t next = 0, reordered = 0;
    bool *behind = g_new0(bool, work->lists->sent_count + 1);
    for (size_t i = 0; i < work->lists->received_count; i++) {
        uint32_t sent = work->sender_of[i];
        if (sent == MPS_NONE)
            continue;
        if (sent + 1 < next && !behind[sent]) {
            behind[sent] = true;
            reordered++;
        }
        next = MAX(next, sent + 1);
    }
    g_free(behind);
    return reordered;
}

/* Put exact matches and those by ranges together, in the order of sending. */
static void list_matches(mps_align_state *work, const GArray *ranges, mps_alignment *result)
{
    guint next = 0;
    for (uint32_t i = 0; i < work->lists->sent_count; i++) {
        uint32_t length = work->lists->sent[i].length;
        result->sent_bytes += length;
        if (work->receiver_of[i] != MPS_NONE) {
            mps_match exact = {i, work->receiver_of[i], length, MPS_MATCH_EXACT};
            g_array_append_val(result->matches, exact);
            result->matched++;
            result->matched_bytes += length;
        }
        unsigned kinds = 0;
        for (; next < ranges->len && g_array_index(ranges, mps_match, next).sent == i; next++) {
            const mps_match *range = &g_array_index(ranges, mps_match, next);
            g_array_append_val(result->matches, *range);
            result->matched_bytes += range->length;
            work->sender_of[range->received] = i;
            kinds |= 1u << range->kind;
        }
        result->matched += kinds > 0;
        result->split += (kinds & 1u << MPS_MATCH_SPLIT) > 0;
        result->merged += kinds == 1u << MPS_MATCH_MERGED;
    }
}

/* What has no fate yet after refusals: it matches, or is lost, or unseen. */
static void complete_fates(const mps_align_state *work, mps_alignment *result)
{
    for (size_t i = 0; i < work->lists->sent_count; i++)
        if (work->sent_excluded[i])
            result->sent_outcomes[i] = work->sent_excluded[i];
    for (guint i = 0; i < result->matches->len; i++)
        result->sent_outcomes[g_array_index(result->matches, mps_match, i).sent] = MPS_SENT_MATCHED;
    for (size_t i = 0; i < work->lists->received_count; i++) {
        if (work->excluded[i])
            result->received_outcomes[i] = work->excluded[i];
        if (work->sender_of[i] != MPS_NONE)
            result->received_outcomes[i] = MPS_RECEIVED_MATCHED;
    }
}

static void count_all(const mps_align_state *work, mps_alignment *result)
{
    uint32_t arrived = 0;
    for (size_t i = 0; i < work->lists->received_count; i++)
        arrived += work->sender_of[i] != MPS_NONE;
    result->duplicated = work->duplicated;
    result->ambiguous = work->refused_count;
    result->uncaptured = mps_align_find_acked(work->lists, result->matches, result->sent_outcomes);
    result->lost = result->sent - result->matched - result->ambiguous - result->uncaptured;
    result->unseen = result->received - arrived - result->duplicated - work->received_refused;
    result->reordered = count_reordered(work);
}

/* Nothing at all matches, and a sequence number that the path may shift is not known at one end:
 * that proves no loss. */
static void doubt_shift(mps_alignment *result, const mps_align_lists *lists)
{
    if (!lists->shift_unknown || result->matched > 0 || result->sent == 0 || result->received == 0)
        return;
    result->ambiguous = result->sent;
    result->lost = result->unseen = result->uncaptured = 0;
    memset(result->sent_outcomes, MPS_SENT_AMBIGUOUS, result->sent);
    memset(result->received_outcomes, MPS_RECEIVED_AMBIGUOUS, result->received);
}

static void match_ranges(mps_align_state *work, mps_alignment *result)
{
    GArray *ranges = mps_align_by_bytes(work);
    list_matches(work, ranges, result);
    complete_fates(work, result);
    count_all(work, result);
    g_array_free(ranges, TRUE);
}

void mps_align(const mps_align_lists *lists, const mps_preserved_fields *prior,
               mps_alignment *alignment)
{
    mps_align_state work;
    mps_align_state_init(&work, lists, SIZE_MAX);
    *alignment = (mps_alignment){
        .sent = (uint32_t)lists->sent_count,
        .received = (uint32_t)lists->received_count,
        .matches = g_array_new(FALSE, FALSE, sizeof(mps_match)),
        .sent_outcomes = g_new(uint8_t, lists->sent_count + 1),
        .received_outcomes = g_new(uint8_t, lists->received_count + 1),
    };
    memset(alignment->sent_outcomes, MPS_SENT_LOST, lists->sent_count);
    memset(alignment->received_outcomes, MPS_RECEIVED_MISSING_AT_SENDER, lists->received_count);
    mps_path_model_learn(&work, prior);
    mps_align_unique(&work);
    mps_path_model_observe(&work);
    mps_path_model_refuse_doubtful(&work, &prior->conduct);
    mps_align_by_order(&work, &prior->conduct);
    match_ranges(&work, alignment);
    doubt_shift(alignment, lists);
    mps_align_state_clear(&work);
}

void mps_alignment_clear(mps_alignment *alignment)
{
    if (alignment->matches)
        g_array_free(alignment->matches, TRUE);
    g_free(alignment->sent_outcomes);
    g_free(alignment->received_outcomes);
    alignment->matches = NULL;
    alignment->sent_outcomes = alignment->received_outcomes = NULL;
}
