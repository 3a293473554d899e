/* kind_window.c: the plot "window": the receive window as each subflow's segments announce it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "plot_internal.h"
#include <math.h>

/* End the lines of subflows that ended before the connection. */
static void end_lines(const mps_plot_subject *subject, const GPtrArray *curves)
{
    for (guint i = 0; i < curves->len; i++) {
        mps_curve *curve = curves->pdata[i];
        mps_subflow_info info;
        mps_tracker_subflow(subject->tracker,
                            mps_tracker_subflow_id(subject->tracker, subject->connection.number, i),
                            &info);
        if (curve->dots->len > 0 && info.state != MPS_SUBFLOW_OPEN &&
            info.end < subject->connection.end)
            mps_curve_add(curve, mps_plot_time(subject, info.end), NAN, 0, 0);
    }
}

/* Add the windows of a direction's data: a dot where that of a subflow changes. */
static void draw_direction(const mps_plot_subject *subject, mps_panel *panel, const void *order)
{
    const mps_curve steps = {.style = MPS_CURVE_STEPS};
    const GArray *items = mps_series_items(subject->tracker);
    GPtrArray *curves = mps_plot_subflow_curves(subject, panel, &steps, "window");
    for (guint i = 0; i < items->len; i++) {
        const mps_series_item *item = mps_series_at(items, order, i);
        const uint32_t subflow = mps_plot_subflow(subject, item->half_id / 2);
        if (subflow == MPS_NONE || item->window == MPS_NONE ||
            mps_plot_half_is_of(subject, panel, item->half_id))
            continue;
        mps_curve *curve = curves->pdata[subflow];
        const mps_dot *last = mps_curve_last(curve);
        if (!last || last->y != (double)item->window)
            mps_curve_add(curve, mps_plot_time(subject, item->time), item->window, 0, item->frame);
    }
    end_lines(subject, curves);
    g_ptr_array_free(curves, TRUE);
}

static void draw(const mps_plot_subject *subject, mps_picture *picture)
{
    GArray *order = mps_series_by_time(subject->tracker);
    mps_plot_each_direction(subject, picture, draw_direction, order);
    g_array_free(order, TRUE);
}

const mps_plot_kind mps_plot_window = {
    .name = "window",
    .title = "Receive window",
    .about = "the receive window that each subflow announces",
    .by_subflow = true,
    .least = 1,
    .most = 1,
    .needs = MPS_NEED_SERIES | MPS_NEED_RTT,
    .over_time = true,
    .x = MPS_PLOT_TIME_AXIS,
    .y = {.quantity = MPS_QUANTITY_BYTES,
          .label = "window announced by the receiver",
          .column = "window"},
    .missing = "window whose scale is known",
    .draw = draw,
};
