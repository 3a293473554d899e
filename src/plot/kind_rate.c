/* kind_rate.c: the plot "rate": throughput of the subflows, stacked, and the connection's goodput;
 * by the rows of the report "series".
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "plot_internal.h"
#include <math.h>

/* Without --interval the picture has about so many intervals. */
#define INTERVALS 100

/* @return the length of intervals: 1, 2 or 5 times a power of ten ns */
static int64_t interval_of(const mps_plot_subject *subject)
{
    static const int64_t steps[] = {1, 2, 5};
    if (subject->choice.interval)
        return subject->choice.interval;
    const int64_t least = MAX(subject->connection.duration / INTERVALS, 1000000);
    for (int64_t power = 1;; power *= 10)
        for (unsigned i = 0; i < G_N_ELEMENTS(steps); i++)
            if (steps[i] * power >= least)
                return steps[i] * power;
}

/* End a curve with the interval of its last dot if that ends before `x`: no row says how it goes
 * on.
 */
static void end_interval(mps_curve *curve, double interval, double x)
{
    const mps_dot *last = mps_curve_last(curve);
    if (last && !isnan(last->y) && last->x + interval < x)
        mps_curve_add(curve, last->x + interval, NAN, 0, 0);
}

/* Add a row to a curve. */
static void add(mps_curve *curve, double interval, double x, double rate)
{
    end_interval(curve, interval, x);
    mps_curve_add(curve, x, rate, 0, 0);
}

/* Add goodput to the line of the connection: the subflows' rows of one interval follow each other.
 */
static void add_goodput(mps_curve *line, double interval, double x, double goodput)
{
    const mps_dot *last = mps_curve_last(line);
    if (last && last->x >= x)
        g_array_index(line->dots, mps_dot, line->dots->len - 1).y += goodput;
    else
        add(line, interval, x, goodput);
}

/* What the picture is made of. */
typedef struct {
    const mps_table *rows;
    double interval; /* ns */
} rate_rows;

static void draw_direction(const mps_plot_subject *subject, mps_panel *panel, const void *data)
{
    const mps_table *rows = ((const rate_rows *)data)->rows;
    const double interval = ((const rate_rows *)data)->interval;
    const mps_curve stack = {.style = MPS_CURVE_STACK};
    const mps_curve line = {
        .style = MPS_CURVE_STEPS, .role = MPS_ROLE_CONNECTION, .index = MPS_NONE};
    const unsigned start = mps_plot_column(rows, NULL, "start"),
                   subflow = mps_plot_column(rows, NULL, "subflow"),
                   throughput = mps_plot_column(rows, NULL, "throughput"),
                   goodput = mps_plot_column(rows, NULL, "goodput");
    GPtrArray *curves = mps_plot_subflow_curves(subject, panel, &stack, "throughput");
    mps_curve *all = mps_panel_add(panel, &line, "goodput", g_strdup("goodput of all"));
    bool any = false;
    for (unsigned row = 0; row < rows->row_count; row++) {
        if (!mps_plot_row_is_of(subject, panel, rows, row))
            continue;
        const double x = mps_plot_time(subject, mps_table_value(rows, row, start)->i);
        const double rate = mps_plot_value(rows, row, throughput);
        add(curves->pdata[mps_table_value(rows, row, subflow)->u], interval, x, rate);
        add_goodput(all, interval, x, mps_plot_value(rows, row, goodput));
        any |= rate > 0;
    }
    const double end = mps_plot_time(subject, subject->connection.end);
    for (guint i = 0; i < panel->curves->len; i++)
        end_interval(panel->curves->pdata[i], interval, end);
    if (!any)
        mps_panel_clear(panel);
    g_ptr_array_free(curves, TRUE);
}

static void draw(const mps_plot_subject *subject, mps_picture *picture)
{
    const int64_t interval = interval_of(subject);
    mps_report_set_interval(subject->report, interval, NULL);
    mps_table *rows = mps_report_table(subject->report, subject->tracker);
    const rate_rows data = {rows, (double)interval};
    mps_plot_each_direction(subject, picture, draw_direction, &data);
    mps_table_free(rows);
}

const mps_plot_kind mps_plot_rate = {
    .name = "rate",
    .title = "Throughput and goodput",
    .about = "throughput of the subflows, stacked, and the goodput",
    .by_subflow = true,
    .least = 1,
    .most = 1,
    .report = "series",
    .takes_interval = true,
    .over_time = true,
    .x = MPS_PLOT_TIME_AXIS,
    .y = {.quantity = MPS_QUANTITY_RATE, .label = "rate", .column = "rate"},
    .missing = "payload",
    .draw = draw,
};
