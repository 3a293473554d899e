/* align_resent.c: payload that was sent twice, in segments that differ, and that nothing else tells
 * apart: either may have been cut, or merged, to what arrived.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "align_overlaps.h"

/* Is any of what was found not told by its IP ID? The bytes of the others are their own. */
static bool is_any_untold(const mps_align_state *work, const mps_overlaps *overlaps)
{
    for (unsigned i = 0; i < overlaps->count; i++) {
        uint32_t sent = overlaps->found[i]->index;
        if (work->receiver_of[sent] == MPS_NONE || !mps_align_ip_id_is_unique(work, sent))
            return true;
    }
    return false;
}

void mps_align_release_resent(mps_align_state *work, uint32_t *released)
{
    mps_overlaps sent;
    mps_overlaps_init(&sent, work, MPS_BYTE_RANGES_OPEN | MPS_BYTE_RANGES_MATCHED, NULL);
    for (guint i = 0; i < sent.sent->len; i++) {
        const mps_byte_range *range = &g_array_index(sent.sent, mps_byte_range, i);
        uint32_t received = work->receiver_of[range->index];
        if (received == MPS_NONE || mps_align_ip_id_is_unique(work, range->index))
            continue;
        if (mps_overlaps_find(&sent, range) && !is_any_untold(work, &sent))
            continue;
        released[range->index] = received;
        work->sender_of[received] = work->receiver_of[range->index] = MPS_NONE;
    }
    mps_overlaps_clear(&sent);
}

void mps_align_refuse_resent(mps_align_state *work)
{
    GArray *open = mps_byte_ranges_received(work, MPS_BYTE_RANGES_OPEN);
    mps_overlaps refused, matched;
    mps_overlaps_init(&refused, work, MPS_BYTE_RANGES_EXCLUDED, NULL);
    mps_overlaps_init(&matched, work, MPS_BYTE_RANGES_MATCHED, NULL);
    for (guint i = 0; i < matched.sent->len; i++) {
        const mps_byte_range *range = &g_array_index(matched.sent, mps_byte_range, i);
        bool determined = mps_overlaps_find(&refused, range) && refused.count == 0;
        if (!determined && !mps_align_ip_id_is_unique(work, range->index))
            mps_align_state_refuse_match(work, range->index);
    }
    for (guint i = 0; i < open->len; i++) {
        const mps_byte_range *range = &g_array_index(open, mps_byte_range, i);
        if (mps_overlaps_find(&refused, range) && refused.count == 0)
            continue;
        work->excluded[range->index] = MPS_RECEIVED_AMBIGUOUS;
        work->received_refused++;
    }
    mps_overlaps_clear(&refused);
    mps_overlaps_clear(&matched);
    g_array_free(open, TRUE);
}

double mps_align_share_resent(const mps_align_state *work)
{
    guint resent = 0;
    mps_overlaps sent;
    mps_overlaps_init(&sent, work,
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
