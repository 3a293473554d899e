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

/* By time, but never across a leap of the clock. */
static gint compare_times(gconstpointer a, gconstpointer b, gpointer leaps)
{
    const mps_new_data *x = a, *y = b;
    return mps_leaps_compare(leaps, x->time, x->frame, y->time, y->frame);
}

GArray *mps_new_data_by_time(const mps_tracker *tracker, uint32_t space_id)
{
    const GArray *arrivals = mps_new_data_of(tracker, space_id);
    GArray *sorted = g_array_new(FALSE, FALSE, sizeof(mps_new_data));
    for (guint i = 0; arrivals && i < arrivals->len; i++)
        if (g_array_index(arrivals, mps_new_data, i).bytes > 0)
            g_array_append_val(sorted, g_array_index(arrivals, mps_new_data, i));
    g_array_sort_with_data(sorted, compare_times, (gpointer)mps_tracker_leaps(tracker));
    return sorted;
}
