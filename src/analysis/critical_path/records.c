/* records.c: keeps what the critical path needs of each segment, of plain TCP as well.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "records.h"

static void *begin(void)
{
    return g_array_new(FALSE, TRUE, sizeof(mps_critical_half));
}

static void end(void *state)
{
    GArray *halves = state;
    for (guint i = 0; i < halves->len; i++) {
        const mps_critical_half *half = &g_array_index(halves, mps_critical_half, i);
        if (half->records)
            g_array_free(half->records, TRUE);
        if (half->sacks)
            g_array_free(half->sacks, TRUE);
    }
    g_array_free(halves, TRUE);
}

static void take_sacks(mps_critical_half *half, mps_critical_record *record, const mps_view *view)
{
    const mps_segment *segment = view->segment;
    if (segment->sack_blocks == 0 || !view->has_ack)
        return;
    if (!half->sacks)
        half->sacks = g_array_new(FALSE, FALSE, sizeof(mps_critical_sack));
    record->sacks = half->sacks->len;
    record->sack_count = segment->sack_blocks;
    for (unsigned i = 0; i < segment->sack_blocks; i++) {
        mps_critical_sack sack = {
            .left =
                mps_nearest(view->ack, segment->sack[i].left - segment->ack + (uint32_t)view->ack)};
        sack.right = sack.left + (segment->sack[i].right - segment->sack[i].left);
        g_array_append_val(half->sacks, sack);
    }
}

static void take(void *state, const mps_view *view)
{
    const mps_segment *segment = view->segment;
    const mps_half *own = view->flow->half[view->half];
    mps_critical_half *half = mps_analysis_slot(state, view->half_id);
    if (!half->records)
        half->records = g_array_new(FALSE, FALSE, sizeof(mps_critical_record));
    if (segment->flags & MPS_TCP_SYN && segment->mss)
        half->mss = segment->mss;
    const bool syn = segment->flags & MPS_TCP_SYN;
    mps_critical_record record = {
        .time = segment->time,
        .frame = segment->frame,
        .seq = syn             ? MPS_ANCHOR - 1
               : view->has_ssn ? view->ssn
                               : mps_half_near(own, segment->seq),
        .length = view->has_ssn ? segment->length : 0,
        .ack = view->ack,
        .has_ack = view->has_ack,
        .data_ack = view->data_ack,
        .has_data_ack = view->has_data_ack,
        .window = segment->window,
        .syn = syn,
        .rst = segment->flags & MPS_TCP_RST,
        .capable = mps_segment_option(segment, MPS_MP_CAPABLE),
        .join = mps_segment_option(segment, MPS_MP_JOIN),
        .add_addr = mps_segment_option(segment, MPS_ADD_ADDR),
    };
    take_sacks(half, &record, view);
    g_array_append_val(half->records, record);
}

const mps_analysis_kind mps_critical_analysis = {
    .need = MPS_NEED_CRITICAL_PATH,
    .plain = true,
    .begin = begin,
    .segment = take,
    .end = end,
};

const mps_critical_half *mps_critical_half_of(const mps_tracker *tracker, uint32_t half_id)
{
    const GArray *halves = mps_analysis_state(tracker, &mps_critical_analysis);
    if (!halves || half_id >= halves->len)
        return NULL;
    const mps_critical_half *half = &g_array_index(halves, mps_critical_half, half_id);
    return half->records ? half : NULL;
}
