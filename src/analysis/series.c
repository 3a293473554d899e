/* series.c: the progress that each segment shows; for reports per interval.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "series.h"
#include "rtt.h"

typedef struct {
    GArray *unscaled; /* bool, by half_id: its SYN had no window scale option */
    GArray *items;
} mps_series_state;

static void *begin(void)
{
    mps_series_state *series = g_new0(mps_series_state, 1);
    series->unscaled = g_array_new(FALSE, TRUE, sizeof(bool));
    series->items = g_array_new(FALSE, FALSE, sizeof(mps_series_item));
    return series;
}

static void end(void *state)
{
    mps_series_state *series = state;
    g_array_free(series->unscaled, TRUE);
    g_array_free(series->items, TRUE);
    g_free(series);
}

/* The receive window in a segment, bytes; MPS_NONE: unknown. It is scaled if both SYNs had the
 * window scale option (RFC 7323 section 2.2). */
static uint32_t window(mps_series_state *series, const mps_view *view)
{
    const mps_segment *segment = view->segment;
    bool *unscaled = mps_analysis_slot(series->unscaled, view->half_id);
    if (segment->flags & MPS_TCP_SYN)
        *unscaled = !segment->has_window_scale;
    bool any = *unscaled || *(bool *)mps_analysis_slot(series->unscaled, view->other_half_id);
    uint32_t scale = view->flow->half[view->half]->window_scale;
    if (segment->flags & MPS_TCP_RST)
        return MPS_NONE;
    if (segment->flags & MPS_TCP_SYN || any)
        return segment->window;
    if (scale == MPS_NONE)
        return MPS_NONE;
    return (uint32_t)segment->window << MIN(scale, MPS_WINDOW_SCALE_MAX);
}

static mps_series_progress subflow_progress(const mps_view *view)
{
    const mps_half *half = view->flow->half[view->half];
    bool answers = view->has_ack && !(view->segment->flags & MPS_TCP_RST);
    mps_series_progress progress = {
        .has_sent = view->has_ssn, .has_acked = answers, .has_start = half->isn_known};
    if (progress.has_sent)
        progress.sent = (uint32_t)view->ssn_end;
    if (progress.has_acked)
        progress.acked = (uint32_t)view->ack;
    if (progress.has_start)
        progress.start = (uint32_t)mps_half_near(half, half->isn + 1);
    return progress;
}

static mps_series_progress data_progress(const mps_view *view)
{
    const mps_space *space = view->flow->connection->space[view->direction];
    mps_series_progress progress = {.has_acked = view->has_data_ack,
                                    .has_start = space->initial_known};
    for (unsigned i = 0; i < view->piece_count; i++) {
        uint32_t end = (uint32_t)(view->pieces[i].dsn + view->pieces[i].length);
        if (!progress.has_sent || (int32_t)(end - progress.sent) > 0)
            progress.sent = end;
        progress.has_sent = true;
    }
    if (progress.has_acked)
        progress.acked = (uint32_t)view->data_ack;
    if (progress.has_start)
        progress.start = (uint32_t)(space->initial + 1);
    return progress;
}

static void take(void *state, const mps_view *view)
{
    mps_series_state *series = state;
    const mps_rtt_sample *sample = mps_rtt_of_segment(view->tracker);
    mps_series_item item = {
        .time = view->segment->time,
        .rtt = sample ? sample->time : MPS_NO_RTT,
        .frame = view->segment->frame,
        .half_id = view->half_id,
        .space_id = {view->space_id, view->other_space_id},
        .length = view->verdict->length,
        .retransmitted = view->verdict->retransmitted,
        .data = view->verdict->data,
        .reinjected = view->verdict->reinjected,
        .window = window(series, view),
        .data_level = !view->flow->connection->fallback,
        .subflow = subflow_progress(view),
        .data_step = data_progress(view),
    };
    g_array_append_val(series->items, item);
}

const mps_analysis_kind mps_series_analysis = {
    .need = MPS_NEED_SERIES,
    .begin = begin,
    .segment = take,
    .end = end,
};

const GArray *mps_series_items(const mps_tracker *tracker)
{
    const mps_series_state *series = mps_analysis_state(tracker, &mps_series_analysis);
    return series ? series->items : NULL;
}

GArray *mps_series_by_time(const mps_tracker *tracker)
{
    const GArray *items = mps_series_items(tracker);
    const mps_leaps *leaps = mps_tracker_leaps(tracker);
    GArray *places = g_array_sized_new(FALSE, FALSE, sizeof(mps_moment), items->len);
    bool ordered = true;
    for (guint i = 0; i < items->len; i++) {
        const mps_series_item *item = &g_array_index(items, mps_series_item, i);
        const mps_moment place = {item->time, mps_leaps_until(leaps, item->frame), i};
        ordered =
            ordered &&
            (i == 0 || mps_moment_compare(&g_array_index(places, mps_moment, i - 1), &place) < 0);
        g_array_append_val(places, place);
    }
    if (!ordered)
        g_array_sort(places, mps_moment_compare);
    return places;
}
