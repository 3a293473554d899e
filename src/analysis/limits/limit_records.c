/* limit_records.c: keeps what the report "limits" needs of each segment.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "limit_records.h"

static void *begin(void)
{
    return g_array_new(FALSE, TRUE, sizeof(mps_limit_half));
}

/* @return the receive window in bytes, MPS_NONE if its scale is not known. The window in a SYN is
 * never scaled (RFC 7323 section 2.2). */
static uint32_t window_of(const mps_view *view)
{
    const mps_segment *segment = view->segment;
    uint32_t scale = view->flow->half[view->half].window_scale;
    if (segment->flags & MPS_TCP_SYN || segment->window == 0)
        return segment->window;
    return scale == MPS_NONE ? MPS_NONE
                             : (uint32_t)segment->window << MIN(scale, MPS_WINDOW_SCALE_MAX);
}

static void take_new_data(mps_limit_record *record, const mps_view *view)
{
    uint64_t offset = view->flow->connection->space[view->direction].offset;
    for (unsigned i = 0; i < view->piece_count; i++) {
        const mps_piece *piece = &view->pieces[i];
        if (piece->kind != MPS_PIECE_NEW)
            continue;
        uint64_t end = piece->dsn + offset + piece->length;
        if (record->data == 0 || (int64_t)(end - record->data_end) > 0)
            record->data_end = end;
        record->data += piece->length;
    }
}

static void take(void *state, const mps_view *view)
{
    const mps_segment *segment = view->segment;
    const mps_space *other = &view->flow->connection->space[!view->direction];
    mps_analysis_slot(state, view->half_id | 1); /* grow now: `half` must stay valid */
    mps_limit_half *half = mps_analysis_slot(state, view->half_id);
    if (segment->flags & MPS_TCP_SYN && segment->mss)
        half->mss = segment->mss;
    mps_limit_record record = {
        .time = segment->time,
        .ssn_end = view->ssn_end,
        .ack = view->ack,
        .data_ack = view->data_ack + other->offset,
        .frame = segment->frame,
        .length = view->has_ssn ? segment->length : 0,
        .window = window_of(view),
        .resent = view->verdict->retransmitted,
        .header = segment->header_length,
        .reinjected = view->verdict->reinjected > 0,
        .has_ack = view->has_ack && !(segment->flags & MPS_TCP_RST),
        .has_data_ack = view->has_data_ack,
    };
    take_new_data(&record, view);
    if (!half->records)
        half->records = g_array_new(FALSE, FALSE, sizeof(mps_limit_record));
    g_array_append_val(half->records, record);
}

static void end(void *state)
{
    GArray *halves = state;
    for (guint i = 0; i < halves->len; i++) {
        GArray *records = g_array_index(halves, mps_limit_half, i).records;
        if (records)
            g_array_free(records, TRUE);
    }
    g_array_free(halves, TRUE);
}

const mps_analysis_kind mps_limit_analysis = {
    .need = MPS_NEED_LIMITS,
    .begin = begin,
    .segment = take,
    .end = end,
};

const mps_limit_half *mps_limits_half(const mps_tracker *tracker, uint32_t half_id)
{
    const GArray *halves = mps_analysis_state(tracker, &mps_limit_analysis);
    if (!halves || half_id >= halves->len)
        return NULL;
    const mps_limit_half *half = &g_array_index(halves, mps_limit_half, half_id);
    return half->records ? half : NULL;
}
