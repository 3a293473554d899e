/* align_resent.c: payload that was sent twice, in segments that differ, and that nothing else tells
 * apart: either may have been cut, or merged, to what arrived.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "align_overlaps.h"

/* Is any of what was found not told by its IP ID? The bytes of the others are their own. */
static bool is_any_untold(const mps_work *work, const mps_overlaps *overlaps)
{
    for (unsigned i = 0; i < overlaps->count; i++) {
        uint32_t sent = overlaps->found[i]->index;
        if (work->receiver_of[sent] == MPS_NONE || !mps_told_by_ip_id(work, sent))
            return true;
    }
    return false;
}

void mps_release_resent(mps_work *work, uint32_t *released)
{
    mps_overlaps sent;
    mps_overlaps_init(&sent, work, MPS_RANGES_OPEN | MPS_RANGES_MATCHED, NULL);
    for (guint i = 0; i < sent.sent->len; i++) {
        const mps_range *range = &g_array_index(sent.sent, mps_range, i);
        uint32_t received = work->receiver_of[range->index];
        if (received == MPS_NONE || mps_told_by_ip_id(work, range->index))
            continue;
        if (mps_overlaps_find(&sent, range) && !is_any_untold(work, &sent))
            continue;
        released[range->index] = received;
        work->sender_of[received] = work->receiver_of[range->index] = MPS_NONE;
    }
    mps_overlaps_clear(&sent);
}

void mps_refuse_resent(mps_work *work)
{
    GArray *open = mps_ranges_received(work, MPS_RANGES_OPEN);
    mps_overlaps refused, matched;
    mps_overlaps_init(&refused, work, MPS_RANGES_WITHHELD, NULL);
    mps_overlaps_init(&matched, work, MPS_RANGES_MATCHED, NULL);
    for (guint i = 0; i < matched.sent->len; i++) {
        const mps_range *range = &g_array_index(matched.sent, mps_range, i);
        bool told = mps_overlaps_find(&refused, range) && refused.count == 0;
        if (!told && !mps_told_by_ip_id(work, range->index))
            mps_work_refuse_match(work, range->index);
    }
    for (guint i = 0; i < open->len; i++) {
        const mps_range *range = &g_array_index(open, mps_range, i);
        if (mps_overlaps_find(&refused, range) && refused.count == 0)
            continue;
        work->withheld[range->index] = MPS_RECEIVED_AMBIGUOUS;
        work->received_refused++;
    }
    mps_overlaps_clear(&refused);
    mps_overlaps_clear(&matched);
    g_array_free(open, TRUE);
}

double mps_share_resent(const mps_work *work)
{
    guint resent = 0;
    mps_overlaps sent;
    mps_overlaps_init(&sent, work, MPS_RANGES_OPEN | MPS_RANGES_MATCHED | MPS_RANGES_WITHHELD,
                      NULL);
    for (guint i = 0; i < sent.sent->len; i++) {
        bool found = mps_overlaps_find(&sent, &g_array_index(sent.sent, mps_range, i));
        resent += !found || sent.count > 0;
    }
    double share = sent.sent->len > 0 ? (double)resent / sent.sent->len : 0;
    mps_overlaps_clear(&sent);
    return share;
}
