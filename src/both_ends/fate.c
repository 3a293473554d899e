/* fate.c: finds out what became of the transmissions that a critical path names.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "fate.h"

static const mps_comparison_row *row_at(const mps_fates *fates, guint row)
{
    return &g_array_index(fates->comparison->rows, mps_comparison_row, row);
}

/* @return the index of the first match of a sent segment, or of a later one */
static guint first_match(const GArray *matches, uint32_t sent)
{
    guint low = 0, high = matches->len;
    while (low < high) {
        const guint middle = low + (high - low) / 2;
        if (g_array_index(matches, mps_match, middle).sent < sent)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Of a segment that arrived at least in part: segmentation offload cuts it on its way. */
static mps_fate fate_of_matched(const mps_alignment *alignment, uint32_t sent, uint32_t length)
{
    uint64_t arrived = 0;
    for (guint i = first_match(alignment->matches, sent); i < alignment->matches->len; i++) {
        const mps_match *match = &g_array_index(alignment->matches, mps_match, i);
        if (match->sent != sent)
            break;
        arrived += match->length;
    }
    if (arrived >= length)
        return MPS_FATE_ARRIVED;
    return alignment->incomplete ? MPS_FATE_UNKNOWN : MPS_FATE_LOST;
}

/* @return the index of the packet with a frame number; `count`: there is none */
static size_t find_frame(const mps_packet *packets, size_t count, uint32_t frame)
{
    size_t low = 0, high = count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (packets[middle].frame < frame)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && packets[low].frame == frame ? low : count;
}

static mps_fate fate_of(const mps_critical_piece *piece, const void *data)
{
    const mps_fates *fates = data;
    for (guint i = 0; i < fates->pairs->len; i++) {
        const guint first = g_array_index(fates->pairs, guint, i);
        for (guint index = first; index < first + 2; index++) {
            const mps_comparison_row *row = row_at(fates, index);
            mps_align_lists lists;
            if (row->direction != (mps_direction)piece->direction)
                continue;
            mps_comparison_lists(fates->comparison, row, &lists);
            const size_t sent = find_frame(lists.sent, lists.sent_count, piece->from.frame);
            if (sent == lists.sent_count)
                continue;
            switch (row->alignment.sent_outcomes[sent]) {
            case MPS_SENT_LOST:
                return MPS_FATE_LOST;
            case MPS_SENT_MATCHED:
                return fate_of_matched(&row->alignment, (uint32_t)sent, lists.sent[sent].length);
            case MPS_SENT_MISSING_AT_RECEIVER:
                return MPS_FATE_ARRIVED;
            default:
                return MPS_FATE_UNKNOWN;
            }
        }
    }
    return MPS_FATE_UNKNOWN;
}

static bool lost_data(uint32_t subflow, const void *data)
{
    const mps_fates *fates = data;
    if (subflow == MPS_NONE)
        return false;
    const uint32_t number = g_array_index(fates->subflows, mps_critical_subflow, subflow).number;
    for (guint i = 0; i < fates->pairs->len; i++) {
        const guint first = g_array_index(fates->pairs, guint, i);
        const uint32_t own = row_at(fates, first)->subflow;
        if (own != number && own != MPS_NONE) /* MPS_NONE: plain TCP, the only one */
            continue;
        for (guint row = first; row < first + 2; row++)
            if (g_array_index(fates->resent, mps_resent_sum, row).necessity.needed > 0)
                return true;
    }
    return false;
}

mps_blame_evidence mps_fates_evidence(const mps_fates *fates)
{
    return (mps_blame_evidence){fate_of, lost_data, fates};
}
