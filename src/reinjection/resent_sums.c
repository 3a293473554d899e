/* resent_sums.c: sums the verdicts on bytes that were sent again, by direction of a subflow.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "reinjection_internal.h"

void mps_necessity_add(mps_necessity *sum, const mps_necessity *part)
{
    sum->needed += part->needed;
    sum->spurious += part->spurious;
    sum->unknown += part->unknown;
    sum->lost += part->lost;
    sum->early += part->early;
    sum->unsure += part->unsure;
}

void mps_resent_sum_add(mps_resent_sum *sum, const mps_resent_sum *part)
{
    sum->reinjections += part->reinjections;
    sum->retransmissions += part->retransmissions;
    sum->retransmitted += part->retransmitted;
    mps_reinjection_bytes_add(&sum->reinjected, &part->reinjected);
    mps_necessity_add(&sum->necessity, &part->necessity);
}

/* @return the sum of the row on which a segment was sent */
static mps_resent_sum *sum_of(GArray *sums, const mps_reinjection_side *side, uint32_t sending)
{
    const GArray *rows = side->sent.comparison->rows;
    const mps_comparison_row *row = mps_sender_of(&side->sent, sending)->row;
    const mps_comparison_row *first = &g_array_index(rows, mps_comparison_row, 0);
    return &g_array_index(sums, mps_resent_sum, row - first);
}

static void add_side(GArray *sums, const mps_reinjection_side *side)
{
    for (guint i = 0; i < side->reinjections->len; i++) {
        const mps_reinjection_row *row = &g_array_index(side->reinjections, mps_reinjection_row, i);
        mps_resent_sum *sum = sum_of(sums, side, row->sending);
        sum->reinjections++;
        mps_reinjection_bytes_add(&sum->reinjected, &row->bytes);
    }
    for (guint i = 0; i < side->retransmissions->len; i++) {
        const mps_retransmission_row *row =
            &g_array_index(side->retransmissions, mps_retransmission_row, i);
        mps_resent_sum *sum = sum_of(sums, side, row->sending);
        sum->retransmissions++;
        sum->retransmitted += row->length;
        mps_necessity_add(&sum->necessity, &row->necessity);
    }
}

GArray *mps_resent_sums_of(const mps_comparison *comparison)
{
    GArray *sums = g_array_new(FALSE, TRUE, sizeof(mps_resent_sum));
    g_array_set_size(sums, comparison->rows->len);
    for (unsigned i = 0; i < 2; i++) {
        mps_reinjection_side *side = mps_reinjections_of(comparison, i == 0);
        add_side(sums, side);
        mps_reinjections_free(side);
    }
    return sums;
}
