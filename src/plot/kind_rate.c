/* kind_rate.c: the plot "rate": throughput of the subflows, stacked, and the connection's goodput;
 * by the rows of the report "series".
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "plot_internal.h"

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

/* Add goodput to the line of the connection: the subflows' rows of one interval follow each other.
 */
static void add_goodput(mps_curve *line, double x, double goodput)
{
    GArray *dots = line->dots;
    if (dots->len > 0 && g_array_index(dots, mps_dot, dots->len - 1).x >= x)
        g_array_index(dots, mps_dot, dots->len - 1).y += goodput;
    else
        mps_curve_add(line, x, goodput, 0, 0);
}

static void draw_direction(const mps_plot_subject *subject, mps_panel *panel, const void *data)
{
    const mps_table *rows = data;
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
        mps_curve_add(curves->pdata[mps_table_value(rows, row, subflow)->u], x, rate, 0, 0);
        add_goodput(all, x, mps_plot_value(rows, row, goodput));
        any |= rate > 0;
    }
    if (!any)
        mps_panel_clear(panel);
    g_ptr_array_free(curves, TRUE);
}

static void draw(const mps_plot_subject *subject, mps_picture *picture)
{
    const int64_t interval = interval_of(subject);
    mps_report_set_interval(subject->report, interval, NULL);
    mps_table *rows = mps_report_table(subject->report, subject->tracker);
    mps_plot_each_direction(subject, picture, draw_direction, rows);
    mps_table_free(rows);
}

const mps_plot_kind mps_plot_rate = {
    .name = "rate",
    .title = "Throughput and goodput",
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
