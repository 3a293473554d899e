/* align_by_bytes.c: matches payload by its bytes where two captures cut it differently.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "align_overlaps.h"
#include "partners.h"

/* What is refused casts doubt on what shares bytes with it, and that on more: seldom so far. */
#define REFUSAL_ROUNDS 2

/* No byte of the range is of two that were found; those were refused else. */
static bool is_told(mps_overlaps *overlaps, mps_byte_range *received)
{
    uint64_t covered = received->end;
    for (unsigned i = 0; i < overlaps->count; i++) {
        if (overlaps->found[i]->end > covered && i > 0) {
            received->refused = true;
            overlaps->found[i]->refused = overlaps->found[i - 1]->refused = true;
        }
        covered = MIN(covered, overlaps->found[i]->start);
    }
    return !received->refused && overlaps->count > 0;
}

/* A match with the place of its bytes, to find those that were received twice. */
typedef struct {
    mps_match match;
    uint64_t start, end;
    mps_byte_range *sent, *received;
    bool repeated; /* all its bytes had arrived */
} mps_found;

static gint compare_found(gconstpointer a, gconstpointer b)
{
    const mps_found *x = a, *y = b;
    if (x->match.sent != y->match.sent)
        return x->match.sent < y->match.sent ? -1 : 1;
    return (x->match.received > y->match.received) - (x->match.received < y->match.received);
}

/* As compare_found(), but by the place of the bytes. */
static gint compare_places(gconstpointer a, gconstpointer b)
{
    const mps_found *x = a, *y = b;
    if (x->match.sent == y->match.sent && x->start != y->start)
        return x->start < y->start ? -1 : 1;
    return compare_found(a, b);
}

static void add_found(const mps_overlaps *overlaps, mps_byte_range *received, GArray *found)
{
    for (unsigned i = 0; i < overlaps->count; i++) {
        mps_byte_range *sent = overlaps->found[i];
        uint64_t start = MAX(sent->start, received->start), end = MIN(sent->end, received->end);
        bool piece = received->start >= sent->start && received->end <= sent->end;
        mps_found one = {
            .match = {sent->index, received->index, (uint32_t)(end - start),
                      mps_byte_range_same(sent, received) ? MPS_MATCH_EXACT
                      : piece                             ? MPS_MATCH_SPLIT
                                                          : MPS_MATCH_MERGED},
            .start = start,
            .end = end,
            .sent = sent,
            .received = received,
        };
        received->determined = true;
        g_array_append_val(found, one);
    }
}

/* Leave what arrived first to the earlier match. */
static void take_new_bytes(mps_found *one, const mps_found *earlier)
{
    if (earlier->start <= one->start && earlier->end >= one->end)
        one->repeated = true;
    else if (earlier->start <= one->start)
        one->start = earlier->end;
    else if (earlier->end >= one->end)
        one->end = earlier->start;
    else
        one->received->refused = true;
    one->match.length = (uint32_t)(one->end - one->start);
}

/* The same bytes of one transmission arrived twice: the path made a copy, or the sender's capture
 * missed another transmission. `all` are the matches of one sent segment. */
static void settle_repeated(mps_found *all, guint count, bool complete)
{
    for (guint i = 1; i < count; i++) {
        mps_found *one = &all[i];
        for (guint k = 0; k < i && !one->repeated; k++) {
            mps_found *earlier = &all[k];
            bool meets = one->start < earlier->end && earlier->start < one->end;
            if (!meets || earlier->repeated)
                continue;
            if (complete)
                take_new_bytes(one, earlier);
            else
                one->received->refused = earlier->received->refused = true;
        }
    }
}

static void settle_all_repeated(GArray *found, bool complete)
{
    guint first = 0;
    for (guint i = 1; i <= found->len; i++) {
        mps_found *start = &g_array_index(found, mps_found, first);
        if (i < found->len && g_array_index(found, mps_found, i).sent == start->sent)
            continue;
        if (i - first > MPS_OVERLAPS_MAX)
            start->sent->refused = true;
        else
            settle_repeated(start, i - first, complete);
        first = i;
    }
}

/* What was received of a refused transmission cannot be told, either. */
static void refuse_with_sender(const GArray *found)
{
    for (guint i = 0; i < found->len; i++) {
        const mps_found *one = &g_array_index(found, mps_found, i);
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

/* All matches of received ranges with what overlaps them, by sent segment and place. */
static GArray *find_all(const mps_align_state *state, mps_overlaps *sent, const GArray *received)
{
    GArray *found = g_array_new(FALSE, FALSE, sizeof(mps_found));
    for (guint i = 0; i < received->len; i++) {
        mps_byte_range *range = &g_array_index(received, mps_byte_range, i);
        if (!mps_overlaps_find(sent, range))
            range->refused = true;
        else if (state->pieces_doubtful)
            refuse_found(sent, range);
        else if (is_told(sent, range))
            add_found(sent, range, found);
    }
    g_array_sort(found, compare_found);
    if (found->len > 0)
        settle_all_repeated(found, state->complete[true]);
    refuse_with_sender(found);
    g_array_sort(found, compare_places);
    return found;
}

/* Are all bytes of a received range in those that overlap it? */
static bool is_explained(mps_overlaps *overlaps, const mps_byte_range *received)
{
    uint64_t from = received->end;
    if (!mps_overlaps_find(overlaps, received))
        return false;
    for (unsigned i = 0; i < overlaps->count && overlaps->found[i]->end >= from; i++)
        from = MIN(from, overlaps->found[i]->start);
    return from <= received->start;
}

/* A segment that matches as it is, and bytes of which arrived with another one, too, that no
 * segment without match explains: either may be the copy. Its match is taken back. @return by sent
 * segment: what it matched, or MPS_NONE */
static uint32_t *release_repeated(mps_align_state *state)
{
    uint32_t *released = mps_partners_new(state->sent_count);
    GArray *received = mps_byte_ranges_received(state, MPS_BYTE_RANGES_OPEN);
    mps_overlaps matched, open;
    mps_overlaps_init(&matched, state, MPS_BYTE_RANGES_MATCHED, NULL);
    mps_overlaps_init(&open, state, MPS_BYTE_RANGES_OPEN, NULL);
    for (guint i = 0; i < received->len; i++) {
        const mps_byte_range *range = &g_array_index(received, mps_byte_range, i);
        if (is_explained(&open, range))
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

/* A segment that matches as it is, and bytes of which may also have arrived with one that was
 * refused: which is the copy cannot be told. */
static void refuse_matched(mps_align_state *state, const mps_overlaps *matched)
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
    state->refused_count++;
}

/* What may have arrived with a received segment that was refused, whether it has a match or not. */
static void refuse_with_refused(mps_align_state *state)
{
    GArray *received = mps_byte_ranges_received(state, MPS_BYTE_RANGES_EXCLUDED);
    mps_overlaps matched, open;
    mps_overlaps_init(&matched, state, MPS_BYTE_RANGES_MATCHED, NULL);
    mps_overlaps_init(&open, state, MPS_BYTE_RANGES_OPEN, NULL);
    for (guint i = 0; i < received->len; i++) {
        const mps_byte_range *range = &g_array_index(received, mps_byte_range, i);
        if (state->excluded[range->index] == MPS_RECEIVED_DUPLICATED)
            continue;
        if (mps_overlaps_find(&matched, range))
            refuse_matched(state, &matched);
        mps_overlaps_find(&open, range);
    }
    for (guint i = 0; i < open.sent->len; i++) {
        const mps_byte_range *range = &g_array_index(open.sent, mps_byte_range, i);
        if (range->touched)
            refuse_sent(state, range);
    }
    mps_overlaps_clear(&open);
    mps_overlaps_clear(&matched);
    g_array_free(received, TRUE);
}

/* What was touched, and yet has no match, is not proven lost. */
static void settle_sent(mps_align_state *state, const GArray *sent)
{
    for (guint i = 0; i < sent->len; i++) {
        const mps_byte_range *range = &g_array_index(sent, mps_byte_range, i);
        if (range->refused || (range->touched && !range->matched))
            refuse_sent(state, range);
    }
}

static void settle_received(mps_align_state *state, const GArray *received)
{
    for (guint i = 0; i < received->len; i++) {
        const mps_byte_range *range = &g_array_index(received, mps_byte_range, i);
        if (range->refused) {
            state->excluded[range->index] = MPS_RECEIVED_AMBIGUOUS;
            state->received_refused++;
        } else if (range->determined && !range->matched) {
            state->excluded[range->index] = MPS_RECEIVED_DUPLICATED;
            state->duplicated++;
        }
    }
}

static bool any_withheld(const mps_align_state *state)
{
    for (size_t i = 0; i < state->received_count; i++)
        if (state->excluded[i] && state->lists->received[i].length > 0)
            return true;
    for (size_t i = 0; i < state->sent_count; i++)
        if (state->sent_excluded[i] && state->lists->sent[i].length > 0)
            return true;
    return false;
}

GArray *mps_align_by_bytes(mps_align_state *state)
{
    GArray *matches = g_array_new(FALSE, FALSE, sizeof(mps_match));
    for (unsigned round = 0; round < REFUSAL_ROUNDS && any_withheld(state); round++) {
        refuse_with_refused(state);
        mps_align_refuse_resent(state);
    }
    uint32_t *released = release_repeated(state);
    mps_overlaps sent;
    mps_overlaps_init(&sent, state, MPS_BYTE_RANGES_OPEN, released);
    GArray *received = mps_byte_ranges_received(state, MPS_BYTE_RANGES_OPEN);
    GArray *found = find_all(state, &sent, received);
    for (guint i = 0; i < found->len; i++) {
        const mps_found *one = &g_array_index(found, mps_found, i);
        if (!one->sent->refused && !one->received->refused && !one->repeated) {
            one->sent->matched = one->received->matched = true;
            g_array_append_val(matches, one->match);
        }
    }
    settle_sent(state, sent.sent);
    settle_received(state, received);
    g_free(released);
    g_array_free(found, TRUE);
    mps_overlaps_clear(&sent);
    g_array_free(received, TRUE);
    return matches;
}
