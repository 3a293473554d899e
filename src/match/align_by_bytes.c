/* align_by_bytes.c: matches payload by its bytes where the two captures cut it differently.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "align_overlaps.h"
#include "partners.h"

/* A refused match makes every match that shares bytes with it doubtful; the doubt spreads, but
 * rarely farther than this many steps. */
#define REFUSAL_ROUNDS 2

/* A match and the position of its bytes, to find bytes that were received twice. */
typedef struct {
    mps_match match;
    uint64_t start, end;
    mps_byte_range *sent, *received;
    bool duplicated; /* all its bytes had arrived before */
} mps_byte_match;

static gint compare_segments(gconstpointer a, gconstpointer b)
{
    const mps_byte_match *x = a, *y = b;
    if (x->match.sent != y->match.sent)
        return x->match.sent < y->match.sent ? -1 : 1;
    return (x->match.received > y->match.received) - (x->match.received < y->match.received);
}

/* By sent segment and the position of the bytes. */
static gint compare_positions(gconstpointer a, gconstpointer b)
{
    const mps_byte_match *x = a, *y = b;
    if (x->match.sent == y->match.sent && x->start != y->start)
        return x->start < y->start ? -1 : 1;
    return compare_segments(a, b);
}

/* @return whether something was found, and no two of the sent ranges found overlap within the
 * received range. Two that overlap are refused, together with the received range. */
static bool is_determined(mps_overlaps *overlaps, mps_byte_range *received)
{
    uint64_t covered = received->end; /* the found ranges cover the bytes from here on */
    for (unsigned i = 0; i < overlaps->count; i++) {
        if (overlaps->found[i]->end > covered && i > 0) {
            received->refused = true;
            overlaps->found[i]->refused = overlaps->found[i - 1]->refused = true;
        }
        covered = MIN(covered, overlaps->found[i]->start);
    }
    return !received->refused && overlaps->count > 0;
}

static mps_match_kind kind_of(const mps_byte_range *sent, const mps_byte_range *received)
{
    if (mps_byte_range_same(sent, received))
        return MPS_MATCH_EXACT;
    bool part = received->start >= sent->start && received->end <= sent->end;
    return part ? MPS_MATCH_SPLIT : MPS_MATCH_MERGED;
}

/* Add a match for each sent range that was found. */
static void add_matches(const mps_overlaps *overlaps, mps_byte_range *received, GArray *matches)
{
    for (unsigned i = 0; i < overlaps->count; i++) {
        mps_byte_range *sent = overlaps->found[i];
        uint64_t start = MAX(sent->start, received->start), end = MIN(sent->end, received->end);
        mps_byte_match one = {
            .match = {sent->index, received->index, (uint32_t)(end - start),
                      kind_of(sent, received)},
            .start = start,
            .end = end,
            .sent = sent,
            .received = received,
        };
        received->determined = true;
        g_array_append_val(matches, one);
    }
}

/* Remove from a match the bytes that arrived first with an earlier one. */
static void drop_duplicate_bytes(mps_byte_match *one, const mps_byte_match *earlier)
{
    if (earlier->start <= one->start && earlier->end >= one->end)
        one->duplicated = true;
    else if (earlier->start <= one->start)
        one->start = earlier->end;
    else if (earlier->end >= one->end)
        one->end = earlier->start;
    else /* new bytes on both sides of old ones */
        one->received->refused = true;
    one->match.length = (uint32_t)(one->end - one->start);
}

/* Settle bytes of one transmission that arrived twice: either the path duplicated them, or the
 * sender's capture missed another transmission. If that capture is complete, the later match loses
 * these bytes; otherwise both are refused.
 * @param all  the matches of one sent segment, in order of arrival */
static void settle_duplicates(mps_byte_match *all, guint count, bool complete)
{
    for (guint i = 1; i < count; i++) {
        mps_byte_match *one = &all[i];
        for (guint k = 0; k < i && !one->duplicated; k++) {
            mps_byte_match *earlier = &all[k];
            bool overlap = one->start < earlier->end && earlier->start < one->end;
            if (!overlap || earlier->duplicated)
                continue;
            if (complete)
                drop_duplicate_bytes(one, earlier);
            else
                one->received->refused = earlier->received->refused = true;
        }
    }
}

/* @param matches  by sent segment */
static void settle_all_duplicates(GArray *matches, bool complete)
{
    guint first = 0;
    for (guint i = 1; i <= matches->len; i++) {
        mps_byte_match *start = &g_array_index(matches, mps_byte_match, first);
        if (i < matches->len && g_array_index(matches, mps_byte_match, i).sent == start->sent)
            continue;
        if (i - first > MPS_OVERLAPS_MAX)
            start->sent->refused = true;
        else
            settle_duplicates(start, i - first, complete);
        first = i;
    }
}

/* Refuse what was received of a refused transmission. */
static void refuse_received_of_refused(const GArray *matches)
{
    for (guint i = 0; i < matches->len; i++) {
        const mps_byte_match *one = &g_array_index(matches, mps_byte_match, i);
        if (one->sent->refused)
            one->received->refused = true;
    }
}

static void refuse_found(mps_overlaps *overlaps, mps_byte_range *received)
{
    received->refused = overlaps->count > 0;
    for (unsigned i = 0; i < overlaps->count; i++)
        overlaps->found[i]->refused = true;
}

/* @return mps_byte_match, all matches of received ranges with the sent ranges that overlap them,
 * including those that are refused; by sent segment and position */
static GArray *find_matches(const mps_align_state *state, mps_overlaps *sent,
                            const GArray *received)
{
    GArray *matches = g_array_new(FALSE, FALSE, sizeof(mps_byte_match));
    for (guint i = 0; i < received->len; i++) {
        mps_byte_range *range = &g_array_index(received, mps_byte_range, i);
        if (!mps_overlaps_find(sent, range))
            range->refused = true;
        else if (state->bytes_unsafe)
            refuse_found(sent, range);
        else if (is_determined(sent, range))
            add_matches(sent, range, matches);
    }
    g_array_sort(matches, compare_segments);
    if (matches->len > 0)
        settle_all_duplicates(matches, state->complete[true]);
    refuse_received_of_refused(matches);
    g_array_sort(matches, compare_positions);
    return matches;
}

/* @return whether the sent ranges that overlap a received one hold all its bytes. */
static bool is_covered(mps_overlaps *overlaps, const mps_byte_range *received)
{
    uint64_t covered = received->end; /* the found ranges hold the bytes from here on */
    if (!mps_overlaps_find(overlaps, received))
        return false;
    for (unsigned i = 0; i < overlaps->count && overlaps->found[i]->end >= covered; i++)
        covered = MIN(covered, overlaps->found[i]->start);
    return covered <= received->start;
}

/* Take back the match of a segment whose bytes also arrived in another segment, if no unmatched
 * sent segment accounts for that one: either arrival may be the duplicate. Take back the matches of
 * segments whose bytes were sent twice as well. Matching by bytes then decides again.
 * @return by sent segment: the received one that it matched, or MPS_NONE; the caller frees it */
static uint32_t *release_duplicated(mps_align_state *state)
{
    uint32_t *released = mps_partners_new(state->sent_count);
    GArray *received = mps_byte_ranges_received(state, MPS_BYTE_RANGES_OPEN);
    mps_overlaps matched, open;
    mps_overlaps_init(&matched, state, MPS_BYTE_RANGES_MATCHED, NULL);
    mps_overlaps_init(&open, state, MPS_BYTE_RANGES_OPEN, NULL);
    for (guint i = 0; i < received->len; i++) {
        const mps_byte_range *range = &g_array_index(received, mps_byte_range, i);
        if (is_covered(&open, range))
            continue;
        bool all = mps_overlaps_find(&matched, range);
        for (unsigned k = 0; all && k < matched.count; k++) {
            uint32_t sent = matched.found[k]->index;
            if (state->receiver_of[sent] == MPS_NONE)
                continue;
            released[sent] = state->receiver_of[sent];
            state->sender_of[released[sent]] = state->receiver_of[sent] = MPS_NONE;
        }
    }
    if (received->len > 0)
        mps_align_release_resent(state, released);
    mps_overlaps_clear(&open);
    mps_overlaps_clear(&matched);
    g_array_free(received, TRUE);
    return released;
}

/* Refuse matches of segments whose bytes may also have arrived in a refused segment: either arrival
 * may be the duplicate. */
static void refuse_found_matches(mps_align_state *state, const mps_overlaps *matched)
{
    for (unsigned i = 0; i < matched->count; i++) {
        uint32_t sent = matched->found[i]->index;
        if (state->receiver_of[sent] != MPS_NONE && !mps_align_ip_id_is_unique(state, sent))
            mps_align_state_refuse_match(state, sent);
    }
}

static void refuse_sent(mps_align_state *state, const mps_byte_range *range)
{
    state->sent_excluded[range->index] = MPS_SENT_AMBIGUOUS;
    state->sent_ambiguous++;
}

/* Refuse sent segments, with a match or without, whose bytes may have arrived in a refused received
 * segment. */
static void refuse_sent_of_refused(mps_align_state *state)
{
    GArray *received = mps_byte_ranges_received(state, MPS_BYTE_RANGES_EXCLUDED);
    mps_overlaps matched, open;
    mps_overlaps_init(&matched, state, MPS_BYTE_RANGES_MATCHED, NULL);
    mps_overlaps_init(&open, state, MPS_BYTE_RANGES_OPEN, NULL);
    for (guint i = 0; i < received->len; i++) {
        const mps_byte_range *range = &g_array_index(received, mps_byte_range, i);
        if (state->received_excluded[range->index] == MPS_RECEIVED_DUPLICATED)
            continue;
        if (mps_overlaps_find(&matched, range))
            refuse_found_matches(state, &matched);
        mps_overlaps_find(&open, range); /* marks what overlaps */
    }
    for (guint i = 0; i < open.sent->len; i++) {
        const mps_byte_range *range = &g_array_index(open.sent, mps_byte_range, i);
        if (range->overlapped)
            refuse_sent(state, range);
    }
    mps_overlaps_clear(&open);
    mps_overlaps_clear(&matched);
    g_array_free(received, TRUE);
}

/* A sent segment of which some bytes arrived, but which has no match, is not proven lost. */
static void settle_sent(mps_align_state *state, const GArray *sent)
{
    for (guint i = 0; i < sent->len; i++) {
        const mps_byte_range *range = &g_array_index(sent, mps_byte_range, i);
        if (range->refused || (range->overlapped && !range->matched))
            refuse_sent(state, range);
    }
}

/* A received segment that is determined but brings no new bytes is a duplicate. */
static void settle_received(mps_align_state *state, const GArray *received)
{
    for (guint i = 0; i < received->len; i++) {
        const mps_byte_range *range = &g_array_index(received, mps_byte_range, i);
        if (range->refused) {
            mps_align_state_refuse_received(state, range->index);
        } else if (range->determined && !range->matched) {
            state->received_excluded[range->index] = MPS_RECEIVED_DUPLICATED;
            state->duplicated++;
        }
    }
}

static bool any_payload_excluded(const mps_align_state *state)
{
    for (size_t i = 0; i < state->received_count; i++)
        if (state->received_excluded[i] && state->lists->received[i].length > 0)
            return true;
    for (size_t i = 0; i < state->sent_count; i++)
        if (state->sent_excluded[i] && state->lists->sent[i].length > 0)
            return true;
    return false;
}

GArray *mps_align_by_bytes(mps_align_state *state)
{
    GArray *kept = g_array_new(FALSE, FALSE, sizeof(mps_match));
    for (unsigned round = 0; round < REFUSAL_ROUNDS && any_payload_excluded(state); round++) {
        refuse_sent_of_refused(state);
        mps_align_refuse_resent(state);
    }
    uint32_t *released = release_duplicated(state);
    mps_overlaps sent;
    mps_overlaps_init(&sent, state, MPS_BYTE_RANGES_OPEN, released);
    GArray *received = mps_byte_ranges_received(state, MPS_BYTE_RANGES_OPEN);
    GArray *matches = find_matches(state, &sent, received);
    for (guint i = 0; i < matches->len; i++) {
        const mps_byte_match *one = &g_array_index(matches, mps_byte_match, i);
        if (!one->sent->refused && !one->received->refused && !one->duplicated) {
            one->sent->matched = one->received->matched = true;
            g_array_append_val(kept, one->match);
        }
    }
    settle_sent(state, sent.sent);
    settle_received(state, received);
    g_free(released);
    g_array_free(matches, TRUE);
    mps_overlaps_clear(&sent);
    g_array_free(received, TRUE);
    return kept;
}
