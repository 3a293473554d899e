/* align_overlaps.c: finds the sent payload that overlaps a range of bytes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "align_overlaps.h"
#include "base/sorted.h"
#include "byte_cover.h"

/* A search gives up after this many sent ranges: a hostile capture must not take quadratic time. */
#define MPS_EXAMINED_MAX 1024u

/* @return mps_byte_range, the payload of one list in capture order.
 * @param released  as for mps_overlaps_init() */
static GArray *ranges_of(const mps_align_state *state, bool of_sent, unsigned which,
                         const uint32_t *released)
{
    const mps_align_lists *lists = state->lists;
    const mps_packet *packets = of_sent ? lists->sent : lists->received;
    size_t count = of_sent ? lists->sent_count : lists->received_count;
    const uint32_t *partner = of_sent ? state->receiver_of : state->sender_of;
    const uint8_t *excluded = of_sent ? state->sent_excluded : state->received_excluded;
    GArray *ranges = g_array_new(FALSE, FALSE, sizeof(mps_byte_range));
    mps_unwrap unwrap;
    mps_unwrap_init(&unwrap, lists->sent_count > 0 ? lists->sent[0].seq : 0);
    for (size_t i = 0; i < count; i++) {
        const mps_packet *packet = &packets[i];
        if (!mps_has_bytes(packet))
            continue;
        uint64_t at = mps_unwrap_next(&unwrap, packet->seq - (of_sent ? 0 : lists->seq_shift));
        unsigned own = partner[i] != MPS_NONE ? MPS_BYTE_RANGES_MATCHED
                       : excluded[i]          ? MPS_BYTE_RANGES_EXCLUDED
                                              : MPS_BYTE_RANGES_OPEN;
        if (!(own & which))
            continue;
        mps_byte_range range = {.start = at, .end = at + packet->length, .index = (uint32_t)i};
        range.released = released ? released[i] : MPS_NONE;
        range.ack = packet->ack - (of_sent ? 0 : lists->ack_shift);
        if (state->preserved[MPS_PATH_FIELD_TIMESTAMPS])
            range.timestamps = mps_path_field_value(packet, MPS_PATH_FIELD_TIMESTAMPS);
        g_array_append_val(ranges, range);
    }
    return ranges;
}

GArray *mps_byte_ranges_received(const mps_align_state *state, unsigned which)
{
    return ranges_of(state, false, which, NULL);
}

bool mps_byte_range_same(const mps_byte_range *a, const mps_byte_range *b)
{
    return a->start == b->start && a->end == b->end;
}

static gint compare_starts(gconstpointer a, gconstpointer b)
{
    const mps_byte_range *x = a, *y = b;
    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

void mps_overlaps_init(mps_overlaps *overlaps, const mps_align_state *state, unsigned which,
                       const uint32_t *released)
{
    GArray *sent = ranges_of(state, true, which, released);
    uint64_t highest = 0;
    *overlaps = (mps_overlaps){.sent = sent, .reach = g_new(uint64_t, sent->len + 1)};
    g_array_sort(sent, compare_starts);
    for (guint i = 0; i < sent->len; i++) {
        highest = MAX(highest, g_array_index(sent, mps_byte_range, i).end);
        overlaps->reach[i] = highest;
    }
}

void mps_overlaps_clear(mps_overlaps *overlaps)
{
    g_free(overlaps->reach);
    g_array_free(overlaps->sent, TRUE);
}

static bool starts_before(const void *element, const void *key)
{
    return ((const mps_byte_range *)element)->start < *(const uint64_t *)key;
}

bool mps_overlaps_find(mps_overlaps *overlaps, const mps_byte_range *received)
{
    unsigned examined = 0;
    overlaps->count = 0;
    for (guint i = mps_sorted_place(overlaps->sent, starts_before, &received->end);
         i-- > 0 && overlaps->reach[i] > received->start;) {
        mps_byte_range *sent = &g_array_index(overlaps->sent, mps_byte_range, i);
        if (examined++ == MPS_EXAMINED_MAX)
            return false;
        if (sent->end <= received->start || sent->timestamps != received->timestamps ||
            (mps_byte_range_same(sent, received) && sent->released != received->index))
            continue; /* same bytes: compared before as whole segments, and different */
        sent->overlapped = true;
        if (sent->ack != received->ack)
            continue;
        if (overlaps->count == MPS_OVERLAPS_MAX)
            return false;
        overlaps->found[overlaps->count++] = sent;
    }
    return true;
}

/* @return whether one of the sent ranges found is not distinguished by its IP ID. One that is, and
 * has a match, cannot be confused with another transmission of its bytes. */
static bool is_any_confusable(const mps_align_state *state, const mps_overlaps *overlaps)
{
    for (unsigned i = 0; i < overlaps->count; i++) {
        uint32_t sent = overlaps->found[i]->index;
        if (state->receiver_of[sent] == MPS_NONE || !mps_align_ip_id_is_unique(state, sent))
            return true;
    }
    return false;
}

void mps_align_release_resent(mps_align_state *state, uint32_t *released)
{
    mps_overlaps sent;
    mps_overlaps_init(&sent, state, MPS_BYTE_RANGES_OPEN | MPS_BYTE_RANGES_MATCHED, NULL);
    for (guint i = 0; i < sent.sent->len; i++) {
        const mps_byte_range *range = &g_array_index(sent.sent, mps_byte_range, i);
        uint32_t received = state->receiver_of[range->index];
        if (received == MPS_NONE || mps_align_ip_id_is_unique(state, range->index))
            continue;
        if (mps_overlaps_find(&sent, range) && !is_any_confusable(state, &sent))
            continue;
        released[range->index] = received;
        state->sender_of[received] = state->receiver_of[range->index] = MPS_NONE;
    }
    mps_overlaps_clear(&sent);
}

void mps_align_refuse_resent(mps_align_state *state)
{
    GArray *open = mps_byte_ranges_received(state, MPS_BYTE_RANGES_OPEN);
    mps_overlaps refused, matched;
    mps_overlaps_init(&refused, state, MPS_BYTE_RANGES_EXCLUDED, NULL);
    mps_overlaps_init(&matched, state, MPS_BYTE_RANGES_MATCHED, NULL);
    for (guint i = 0; i < matched.sent->len; i++) {
        const mps_byte_range *range = &g_array_index(matched.sent, mps_byte_range, i);
        bool determined = mps_overlaps_find(&refused, range) && refused.count == 0;
        if (!determined && !mps_align_ip_id_is_unique(state, range->index))
            mps_align_state_refuse_match(state, range->index);
    }
    for (guint i = 0; i < open->len; i++) {
        const mps_byte_range *range = &g_array_index(open, mps_byte_range, i);
        if (!mps_overlaps_find(&refused, range) || refused.count > 0)
            mps_align_state_refuse_received(state, range->index);
    }
    mps_overlaps_clear(&refused);
    mps_overlaps_clear(&matched);
    g_array_free(open, TRUE);
}

double mps_align_share_resent(const mps_align_state *state)
{
    guint resent = 0;
    mps_overlaps sent;
    mps_overlaps_init(&sent, state,
                      MPS_BYTE_RANGES_OPEN | MPS_BYTE_RANGES_MATCHED | MPS_BYTE_RANGES_EXCLUDED,
                      NULL);
    for (guint i = 0; i < sent.sent->len; i++) {
        bool found = mps_overlaps_find(&sent, &g_array_index(sent.sent, mps_byte_range, i));
        resent += !found || sent.count > 0;
    }
    double share = sent.sent->len > 0 ? (double)resent / sent.sent->len : 0;
    mps_overlaps_clear(&sent);
    return share;
}
