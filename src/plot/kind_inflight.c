/* kind_inflight.c: the plot "inflight": bytes in flight on the subflows, stacked, and at data
 * level, as the report "series" counts them, with the window.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "plot_internal.h"
#include "report/progress.h"
#include <math.h>

/* A direction that is drawn. */
typedef struct {
    const mps_plot_subject *subject;
    const mps_panel *panel;
    GPtrArray *curves; /* of the subflows */
    mps_curve *data, *room;
    mps_progress *halves; /* by number of the subflow */
    mps_progress space;
    uint32_t space_id;
    mps_plot_window_edge window;
} flight_panel;

/* Add what holds from a segment on, if that is new. @param bytes  MPS_NONE: not known */
static void add(const flight_panel *flight, mps_curve *curve, const mps_series_item *item,
                uint32_t bytes)
{
    const double y = bytes == MPS_NONE ? NAN : (double)bytes;
    const mps_dot *last = mps_curve_last(curve);
    if (last ? last->y == y || (isnan(last->y) && isnan(y)) : isnan(y))
        return;
    mps_curve_add(curve, mps_plot_time(flight->subject, item->time), y, 0, item->frame);
}

static void take_progress(mps_progress *progress, bool own, const mps_series_progress *step)
{
    if (own)
        mps_progress_sent(progress, step);
    else if (step->has_acked)
        mps_progress_acked(progress, step->acked);
}

/* Add how much data the receiver allows to be in flight: from what it acknowledged to the edge. */
static void take_window(flight_panel *flight, const mps_series_item *item)
{
    mps_plot_window_edge *window = &flight->window;
    mps_plot_window_take(window, flight->space.acked, item);
    if (!window->known || !flight->space.has_acked)
        return;
    const uint32_t room = (uint32_t)window->edge - flight->space.acked;
    const bool known =
        item->data_level && (int32_t)room >= 0; /* or else the edge is not the last */
    add(flight, flight->room, item, known ? room : MPS_NONE);
}

static void take(flight_panel *flight, const mps_series_item *item)
{
    const mps_plot_subject *subject = flight->subject;
    const uint32_t subflow = mps_plot_subflow(subject, item->half_id / 2);
    if (subflow == MPS_NONE)
        return;
    const bool own = mps_plot_half_is_of(subject, flight->panel, item->half_id);
    take_progress(&flight->halves[subflow], own, &item->subflow);
    take_progress(&flight->space, own, &item->data_step);
    add(flight, flight->curves->pdata[subflow], item,
        mps_progress_flight(&flight->halves[subflow]));
    add(flight, flight->data, item,
        item->data_level ? mps_progress_flight(&flight->space) : MPS_NONE);
    take_window(flight, item);
}

static void draw_direction(const mps_plot_subject *subject, mps_panel *panel, const void *order)
{
    const mps_curve stack = {.style = MPS_CURVE_STACK};
    const uint32_t number = subject->connection.number;
    const GArray *items = mps_series_items(subject->tracker);
    GPtrArray *curves = mps_plot_subflow_curves(subject, panel, &stack, "subflow");
    mps_curve *room = /* below the data that runs along it */
        mps_plot_line(panel, MPS_CURVE_STEPS, MPS_ROLE_LIMIT, "window", "window");
    mps_curve *data = mps_plot_line(panel, MPS_CURVE_STEPS, MPS_ROLE_CONNECTION, "data",
                                    "data level, until its DATA_ACK");
    flight_panel flight = {
        .subject = subject,
        .panel = panel,
        .curves = curves,
        .room = room,
        .data = data,
        .halves = g_new0(mps_progress, subject->connection.subflow_count),
        .window.space_id = mps_analysis_space(subject->tracker, number, panel->direction),
    };
    bool any = false;
    for (guint i = 0; i < items->len; i++) {
        take(&flight, mps_series_at(items, order, i));
        any |= flight.space.has_sent;
    }
    for (guint i = 0; i < flight.curves->len; i++)
        any |= flight.halves[i].has_sent;
    if (!any)
        mps_panel_clear(panel);
    g_free(flight.halves);
    g_ptr_array_free(flight.curves, TRUE);
}

static void draw(const mps_plot_subject *subject, mps_picture *picture)
{
    GArray *order = mps_series_by_time(subject->tracker);
    mps_plot_each_direction(subject, picture, draw_direction, order);
    g_array_free(order, TRUE);
}

const mps_plot_kind mps_plot_inflight = {
    .name = "inflight",
    .title = "Bytes in flight",
    .about = "bytes in flight on the subflows, stacked, and of the connection",
    .by_subflow = true,
    .has_xplot = true,
    .least = 1,
    .most = 1,
    .needs = MPS_NEED_SERIES | MPS_NEED_RTT,
    .over_time = true,
    .x = MPS_PLOT_TIME_AXIS,
    .y = {.quantity = MPS_QUANTITY_BYTES, .label = "in flight", .column = "bytes"},
    .missing = "payload",
    .draw = draw,
};
