/* kind_interarrival.c: the plot "interarrival": the distribution of the gaps between new data,
 * which the report "interarrival" describes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "analysis/new_data.h"
#include "base/times.h"
#include "plot_internal.h"

/* Colour of the gaps at switches: that of no subflow. */
#define SWITCH_COLOUR 9u

/* A gap counts with the later of its two segments. @param switches  gaps where that is on another
 * subflow than the one before */
static void add_gaps(const mps_plot_subject *subject, const GArray *sorted, mps_curve *all,
                     mps_curve *switches, const GPtrArray *curves)
{
    const mps_leaps *leaps = mps_tracker_leaps(subject->tracker);
    for (guint i = 1; i < sorted->len; i++) {
        const mps_new_data *arrival = &g_array_index(sorted, mps_new_data, i);
        const uint32_t subflow = mps_plot_subflow(subject, arrival->subflow);
        const double gap = (double)mps_minus(arrival->time, arrival[-1].time);
        if (mps_leaps_between(leaps, arrival[-1].frame, arrival->frame))
            continue;
        mps_curve_add(all, gap, 0, 0, arrival->frame);
        if (arrival->subflow != arrival[-1].subflow)
            mps_curve_add(switches, gap, 0, 0, arrival->frame);
        if (subflow != MPS_NONE)
            mps_curve_add(curves->pdata[subflow], gap, 0, 0, arrival->frame);
    }
}

static void draw_direction(const mps_plot_subject *subject, mps_panel *panel, const void *nothing)
{
    const mps_curve steps = {.style = MPS_CURVE_STEPS};
    const mps_curve of_switches = {
        .style = MPS_CURVE_STEPS, .role = MPS_ROLE_CAUSE, .index = SWITCH_COLOUR};
    GArray *sorted = mps_new_data_by_time(
        subject->tracker,
        mps_analysis_space(subject->tracker, subject->connection.number, panel->direction));
    mps_curve *all =
        mps_plot_line(panel, MPS_CURVE_STEPS, MPS_ROLE_CONNECTION, "gap", "all subflows");
    GPtrArray *curves = mps_plot_subflow_curves(subject, panel, &steps, "gap");
    mps_curve *switches =
        mps_panel_add(panel, &of_switches, "switch", g_strdup("at a switch of the subflow"));
    (void)nothing;
    add_gaps(subject, sorted, all, switches, curves);
    mps_panel_accumulate(panel);
    g_ptr_array_free(curves, TRUE);
    g_array_free(sorted, TRUE);
}

static void draw(const mps_plot_subject *subject, mps_picture *picture)
{
    mps_plot_each_direction(subject, picture, draw_direction, NULL);
}

const mps_plot_kind mps_plot_interarrival = {
    .name = "interarrival",
    .title = "Gaps between segments with new data",
    .about = "the distribution of the gaps between new data",
    .by_subflow = true,
    .least = 1,
    .most = 1,
    .needs = MPS_NEED_INTERARRIVAL,
    .x = {.quantity = MPS_QUANTITY_TIME,
          .label = "gap before the segment",
          .column = "gap",
          .logarithmic = true},
    .y = {.quantity = MPS_QUANTITY_SHARE,
          .label = "segments after at most this gap",
          .column = "share"},
    .missing = "two segments with new data",
    .draw = draw,
};
