/* newdata.c: when new data came, and over which subflow.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "newdata.h"

/* The state: an array, by space_id, of arrays. */

static void *begin(void)
{
    return g_array_new(FALSE, TRUE, sizeof(GArray *));
}

static void end(void *state)
{
    GArray *spaces = state;
    for (guint i = 0; i < spaces->len; i++)
        if (g_array_index(spaces, GArray *, i))
            g_array_free(g_array_index(spaces, GArray *, i), TRUE);
    g_array_free(spaces, TRUE);
}

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
    GArray **arrivals = mps_analysis_slot(state, view->space_id);
    if (!*arrivals)
        *arrivals = g_array_new(FALSE, FALSE, sizeof(mps_new_data));
    g_array_append_val(*arrivals, arrival);
}

const mps_analysis_kind mps_new_data_analysis = {
    .need = MPS_NEED_INTERARRIVAL,
    .begin = begin,
    .segment = take,
    .end = end,
};

const GArray *mps_new_data_of(const mps_tracker *tracker, uint32_t space_id)
{
    const GArray *spaces = mps_analysis_state(tracker, &mps_new_data_analysis);
    return spaces && space_id < spaces->len ? g_array_index(spaces, GArray *, space_id) : NULL;
}
