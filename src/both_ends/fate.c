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

static mps_fate fate_of_sent(const mps_alignment *alignment, size_t sent, uint32_t length)
{
    switch (alignment->sent_outcomes[sent]) {
    case MPS_SENT_LOST:
        return MPS_FATE_LOST;
    case MPS_SENT_MATCHED:
        return fate_of_matched(alignment, (uint32_t)sent, length);
    case MPS_SENT_MISSING_AT_RECEIVER:
        return MPS_FATE_ARRIVED;
    default:
        return MPS_FATE_UNKNOWN;
    }
}

/* A segment that a host sent, as a key: `frame` is of its capture. */
static gpointer key_of(unsigned direction, uint32_t frame)
{
    return GSIZE_TO_POINTER((gsize)frame << 1 | direction);
}

/* Collect the transmissions that a path asks about. */
static void ask(mps_fates *fates, const mps_critical_path *path)
{
    for (guint i = 0; i < path->pieces->len; i++) {
        const mps_critical_piece *piece = &g_array_index(path->pieces, mps_critical_piece, i);
        if (piece->cause == MPS_CAUSE_RECOVERY)
            g_hash_table_insert(fates->known, key_of(piece->direction, piece->from.frame),
                                GINT_TO_POINTER(MPS_FATE_UNKNOWN));
    }
}

/* Find the fates of those that were sent in a row. */
static void answer(mps_fates *fates, const mps_comparison_row *row)
{
    mps_align_lists lists;
    mps_comparison_lists(fates->comparison, row, &lists);
    for (size_t i = 0; i < lists.sent_count; i++) {
        gpointer key = key_of(row->direction, lists.sent[i].frame);
        if (g_hash_table_contains(fates->known, key))
            g_hash_table_insert(
                fates->known, key,
                GINT_TO_POINTER(fate_of_sent(&row->alignment, i, lists.sent[i].length)));
    }
}

void mps_fates_init(mps_fates *fates, const mps_comparison *comparison, const GArray *pairs,
                    const GArray *resent, const mps_critical_path *path)
{
    *fates = (mps_fates){comparison, pairs, resent, g_hash_table_new(NULL, NULL)};
    ask(fates, path);
    if (g_hash_table_size(fates->known) == 0)
        return;
    for (guint i = 0; i < pairs->len; i++) {
        const guint first = g_array_index(pairs, guint, i);
        answer(fates, row_at(fates, first));
        answer(fates, row_at(fates, first + 1));
    }
}

void mps_fates_clear(mps_fates *fates)
{
    g_hash_table_destroy(fates->known);
}

static mps_fate fate_of(const mps_critical_piece *piece, const void *data)
{
    const mps_fates *fates = data;
    return (mps_fate)GPOINTER_TO_INT(
        g_hash_table_lookup(fates->known, key_of(piece->direction, piece->from.frame)));
}

/* The subflows of a path are in the order of the pairs. */
static bool lost_data(uint32_t subflow, mps_direction direction, const void *data)
{
    const mps_fates *fates = data;
    if (subflow >= fates->pairs->len)
        return false;
    guint row = g_array_index(fates->pairs, guint, subflow);
    if (row_at(fates, row)->direction != direction)
        row++;
    return g_array_index(fates->resent, mps_resent_sum, row).necessity.needed > 0;
}

mps_blame_evidence mps_fates_evidence(const mps_fates *fates)
{
    const mps_capture_gaps *gaps = fates->comparison->gaps;
    return (mps_blame_evidence){fate_of, lost_data, fates,
                                mps_capture_missed(&gaps[0]) || mps_capture_missed(&gaps[1])};
}
