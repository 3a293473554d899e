/* new_data.c: when new data came, and over which subflow.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "new_data.h"

static void take(void *state, const mps_view *view)
{
    mps_new_data arrival = {
        .time = view->segment->time,
        .frame = view->segment->frame,
        .subflow = view->flow->id,
    };
    for (unsigned i = 0; i < view->piece_count; i++) {
        const mps_piece *piece = &view->pieces[i];
        if (piece->kind != MPS_PIECE_NEW)
            continue;
        if (piece->late) {
            arrival.late_bytes += piece->length;
            continue;
        }
        if (arrival.bytes == 0)
            arrival.dsn = piece->dsn;
        arrival.dsn_end = piece->dsn + piece->length;
        arrival.bytes += piece->length;
    }
    if (arrival.bytes + arrival.late_bytes == 0)
        return;
    GArray *arrivals = mps_analysis_array_slot(state, view->space_id, sizeof(mps_new_data));
    g_array_append_val(arrivals, arrival);
}

const mps_analysis_kind mps_new_data_analysis = {
    .need = MPS_NEED_INTERARRIVAL,
    .begin = mps_analysis_begin_arrays,
    .segment = take,
    .end = mps_analysis_end_arrays,
};

const GArray *mps_new_data_of(const mps_tracker *tracker, uint32_t space_id)
{
    return mps_analysis_array(tracker, &mps_new_data_analysis, space_id);
}
