/* kind_rtt.c: the plot "rtt": the samples of the report "rtt", each when its acknowledgement came.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "analysis/rtt.h"
#include "analysis/series.h"
#include "base/sorted.h"
#include "plot_internal.h"

/* When a frame was captured. */
typedef struct {
    uint32_t frame;
    int64_t time;
} frame_time;

static gint compare_frames(gconstpointer a, gconstpointer b)
{
    const frame_time *x = a, *y = b;
    return (x->frame > y->frame) - (x->frame < y->frame);
}

static bool is_before(const void *element, const void *key)
{
    return ((const frame_time *)element)->frame < *(const uint32_t *)key;
}

/* @return the times of all frames (frame_time), in their order; the caller frees the array */
static GArray *frame_times(const mps_tracker *tracker)
{
    const GArray *items = mps_series_items(tracker);
    GArray *times = g_array_sized_new(FALSE, FALSE, sizeof(frame_time), items->len);
    bool sorted = true;
    for (guint i = 0; i < items->len; i++) {
        const mps_series_item *item = &g_array_index(items, mps_series_item, i);
        const frame_time time = {item->frame, item->time};
        sorted = sorted && (i == 0 || g_array_index(times, frame_time, i - 1).frame <= item->frame);
        g_array_append_val(times, time);
    }
    if (!sorted)
        g_array_sort(times, compare_frames);
    return times;
}

static void add_samples(const mps_plot_subject *subject, const GArray *times, const GArray *samples,
                        mps_curve *curve)
{
    for (guint i = 0; samples && i < samples->len; i++) {
        const mps_rtt_sample *sample = &g_array_index(samples, mps_rtt_sample, i);
        if (sample->data_frame == 0) /* none */
            continue;
        const guint place = mps_sorted_place(times, is_before, &sample->frame);
        mps_curve_add(curve, mps_plot_time(subject, g_array_index(times, frame_time, place).time),
                      (double)sample->time, 0, sample->frame);
    }
    mps_curve_sort(curve);
}

static void draw_direction(const mps_plot_subject *subject, const GArray *times, mps_panel *panel)
{
    const mps_curve points = {.style = MPS_CURVE_POINTS};
    const mps_curve of_data = {
        .style = MPS_CURVE_POINTS, .role = MPS_ROLE_CONNECTION, .index = MPS_NONE};
    const uint32_t connection = subject->connection.number;
    mps_curve *data = mps_panel_add(panel, &of_data, "data", g_strdup("data level (DATA_ACK)"));
    add_samples(subject, times,
                mps_rtt_of_space(subject->tracker, mps_analysis_space(subject->tracker, connection,
                                                                      panel->direction)),
                data);
    GPtrArray *curves = mps_plot_subflow_curves(subject, panel, &points, "subflow");
    for (guint i = 0; i < curves->len; i++) {
        const uint32_t id = mps_tracker_subflow_id(subject->tracker, connection, i);
        const uint32_t half = mps_analysis_half(subject->tracker, id, panel->direction);
        add_samples(subject, times, mps_rtt_of_half(subject->tracker, half), curves->pdata[i]);
    }
    g_ptr_array_free(curves, TRUE);
}

static void draw(const mps_plot_subject *subject, mps_picture *picture)
{
    GArray *times = frame_times(subject->tracker);
    for (unsigned i = 0; i < 2; i++) {
        mps_panel *panel = mps_plot_panel(subject, picture, i);
        if (panel)
            draw_direction(subject, times, panel);
    }
    g_array_free(times, TRUE);
}

const mps_plot_kind mps_plot_rtt = {
    .name = "rtt",
    .title = "Round-trip time",
    .least = 1,
    .most = 1,
    .needs = MPS_NEED_RTT | MPS_NEED_SERIES,
    .over_time = true,
    .x = MPS_PLOT_TIME_AXIS,
    .y = {.quantity = MPS_QUANTITY_TIME, .label = "round-trip time", .column = "rtt"},
    .missing = "round-trip time that can be told",
    .draw = draw,
};
