/* kind_rtt.c: the plot "rtt": the samples of the report "rtt", each when its acknowledgement came.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "analysis/rtt.h"
#include "plot_internal.h"

static void add_samples(const mps_plot_subject *subject, const GArray *frames,
                        const GArray *samples, mps_curve *curve)
{
    for (guint i = 0; samples && i < samples->len; i++) {
        const mps_rtt_sample *sample = &g_array_index(samples, mps_rtt_sample, i);
        if (sample->data_frame == 0) /* none */
            continue;
        mps_curve_add(curve, mps_plot_time(subject, mps_plot_frame_at(frames, sample->frame)->time),
                      (double)sample->time, 0, sample->frame);
    }
    mps_curve_sort(curve);
}

static void draw_direction(const mps_plot_subject *subject, mps_panel *panel, const void *frames)
{
    const mps_curve points = {.style = MPS_CURVE_POINTS};
    const mps_curve of_data = {
        .style = MPS_CURVE_POINTS, .role = MPS_ROLE_CONNECTION, .index = MPS_NONE};
    const uint32_t connection = subject->connection.number;
    mps_curve *data = mps_panel_add(panel, &of_data, "data", g_strdup("data level (DATA_ACK)"));
    add_samples(subject, frames,
                mps_rtt_of_space(subject->tracker, mps_analysis_space(subject->tracker, connection,
                                                                      panel->direction)),
                data);
    GPtrArray *curves = mps_plot_subflow_curves(subject, panel, &points, "subflow");
    for (guint i = 0; i < curves->len; i++) {
        const uint32_t id = mps_tracker_subflow_id(subject->tracker, connection, i);
        const uint32_t half = mps_analysis_half(subject->tracker, id, panel->direction);
        add_samples(subject, frames, mps_rtt_of_half(subject->tracker, half), curves->pdata[i]);
    }
    g_ptr_array_free(curves, TRUE);
}

static void draw(const mps_plot_subject *subject, mps_picture *picture)
{
    GArray *frames = mps_plot_frames(subject->tracker);
    mps_plot_each_direction(subject, picture, draw_direction, frames);
    g_array_free(frames, TRUE);
}

const mps_plot_kind mps_plot_rtt = {
    .name = "rtt",
    .title = "Round-trip time",
    .about = "round-trip times of subflows and of data",
    .by_subflow = true,
    .has_xplot = true,
    .least = 1,
    .most = 1,
    .needs = MPS_NEED_RTT | MPS_NEED_SERIES,
    .over_time = true,
    .x = MPS_PLOT_TIME_AXIS,
    .y = {.quantity = MPS_QUANTITY_TIME, .label = "round-trip time", .column = "rtt"},
    .missing = "round-trip time that can be told",
    .draw = draw,
};
